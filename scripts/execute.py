"""Run the book's notebooks, two at a time, those alone that changed; hand what they printed and drew to the build.

    python scripts/execute.py             run what has changed since it last ran, as the build does by itself
    python scripts/execute.py --controls  the same, with the controls of the checks, as make test does
    python scripts/execute.py --record    write what each notebook took to gan_helpers/embedded/results/notebooks.csv

nbval runs each cell (book/conftest.py keeps the outputs). What a notebook printed holds for a key: its own code,
gan_helpers with the data and tables that the notebook reads, and the versions of all packages. Text is no part of the
key. In Sphinx this module is an extension: it runs what has to be run, then gives each page its outputs.
"""

import argparse
import csv
import hashlib
import json
import os
import platform
import re
import subprocess
import sys
from functools import cache
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

import nbformat
from sphinx.errors import ExtensionError

ROOT = Path(__file__).parents[1]
EXECUTED = ROOT / "_build" / "executed"  # one executed notebook for each notebook, its keys in the metadata
RESULTS = ROOT / "gan_helpers" / "embedded" / "results"


def notebooks() -> list[Path]:
    """Return the notebooks of the book, relative to the project."""
    return sorted(path.relative_to(ROOT) for path in (ROOT / "book").glob("*/*.ipynb"))


def _hash(*parts: str | bytes) -> str:
    whole = hashlib.sha256()
    for part in parts:
        part = part.encode() if isinstance(part, str) else part
        whole.update(len(part).to_bytes(8, "big") + part)
    return whole.hexdigest()


def _versions() -> list[str]:
    return [sys.version, *sorted({f"{package.name} {package.version}" for package in distributions()})]


@cache
def _shared() -> str:
    """Hash what every notebook depends on: the module, its data, Python and all packages."""
    files = sorted(path for path in (ROOT / "gan_helpers").rglob("*") if path.is_file() and path.parent != RESULTS)
    kept = [path for path in files if path.suffix != ".pyc"]
    contents = [part for path in kept for part in (path.relative_to(ROOT).as_posix(), path.read_bytes())]
    return _hash(*_versions(), *contents)


def made_from(tables: list[str], *files: Path, code: str = "") -> str:
    """Return a key of something made with gan_helpers from these tables of results, files and code."""
    read = [RESULTS / f"{name}.csv" for name in sorted(set(tables))]
    return _hash(_shared(), code, *(path.read_bytes() for path in [*read, *files] if path.is_file()))


def keys_of(path: Path) -> dict[str, str]:
    """Return what a notebook's outputs hold for, and what the verdict on its controls holds for."""
    cells = json.loads((ROOT / path).read_text(encoding="utf-8"))["cells"]
    code = json.dumps([cell["source"] for cell in cells if cell["cell_type"] == "code"])
    tables = re.findall(r"""load_results\(\s*\\?["']([\w-]+)""", code)
    if code.count("load_results(") > len(tables):  # a name that is not written out: it may be any
        tables = [path.stem for path in RESULTS.glob("*.csv")]
    outputs = made_from(tables, code=code)
    controls = json.dumps([cell["metadata"].get("check") for cell in cells], sort_keys=True)
    return {"outputs": outputs, "controls": _hash(outputs, controls, (ROOT / "book" / "conftest.py").read_bytes())}


def stale(keys: dict[Path, dict[str, str]], kind: str) -> list[Path]:
    """Return the notebooks whose last run, if any, holds no longer."""
    return [path for path, wanted in keys.items() if last_run(path).get(kind) != wanted[kind]]


def expectations(path: Path) -> dict[str, float]:
    """Return how many code cells a notebook has and how many seconds it took before, here or when it was measured."""
    cells = sum(c["cell_type"] == "code" for c in json.loads((ROOT / path).read_text(encoding="utf-8"))["cells"])
    with open(RESULTS / "notebooks.csv", newline="", encoding="utf-8") as file:
        measured = {row["notebook"]: float(row["seconds"]) for row in csv.DictReader(file)}
    return {"cells": cells, "expected": last_run(path).get("seconds", measured.get(path.as_posix(), 10.0))}


def last_run(path: Path) -> dict[str, Any]:
    """Return the keys of a notebook's last run and its seconds, or nothing."""
    file = EXECUTED / path
    return json.loads(file.read_text(encoding="utf-8"))["metadata"]["executed"] if file.is_file() else {}


def record() -> int:
    """Write how long each notebook's last run took, without its controls: two at a time, one thread each."""
    runs = {path: last_run(path) for path in notebooks()}
    missing = [path.as_posix() for path, run in runs.items() if run.get("outputs") != keys_of(path)["outputs"]]
    if missing:
        print(
            f"execute: not run as they are: {', '.join(missing)}; run python scripts/execute.py first.", file=sys.stderr
        )
        return 1
    with open(RESULTS / "notebooks.csv", "w", newline="", encoding="utf-8") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(("notebook", "cells", "seconds", "cores", "machine"))
        for path, run in runs.items():
            table.writerow(
                (path.as_posix(), run["cells"], round(run["seconds"], 1), os.cpu_count(), platform.machine())
            )
    return 0


def execute(controls: bool = False) -> int:
    """Run what is stale and return nbval's exit status, 0 when there is nothing to run."""
    keys = {path: keys_of(path) for path in notebooks()}
    waiting = stale(keys, "controls" if controls else "outputs")
    if not waiting:
        print(f"All {len(keys)} notebooks have been run as they are.")
        return 0
    EXECUTED.mkdir(parents=True, exist_ok=True)
    plan = {path.as_posix(): keys[path] | expectations(path) for path in waiting}
    file = EXECUTED / f"plan-{os.getpid()}.json"  # for book/conftest.py
    file.write_text(json.dumps(plan), encoding="utf-8")
    longest_first = sorted(plan, key=lambda name: -plan[name]["expected"])
    # Two notebooks side by side with one thread each: two threads each would spend their time waiting for one another.
    command = [
        sys.executable, "-m", "pytest", "--nbval-lax", "--nbval-cell-timeout=300", f"--rootdir={ROOT}",
        "-n", str(min(2, len(plan))), "--dist", "loadfile", "--no-loadscope-reorder", f"--executed={file}",
        *([] if controls else ["--without-controls"]), *longest_first,
    ]  # fmt: skip
    try:
        return subprocess.run(command, cwd=ROOT, env=os.environ | {"OMP_NUM_THREADS": "1"}).returncode
    finally:
        file.unlink()


def bring_up_to_date(app: Any) -> None:
    """Before the build: run what is stale, and stop if a notebook fails."""
    if execute():
        raise ExtensionError("A notebook failed, so the book is not built; what went wrong stands above.")


def changed(app: Any, env: Any, *_: Any) -> list[str]:
    """Name the pages to read again: those whose notebook ran, and all when what they share has changed."""
    scripts = [path.read_bytes() for path in sorted((ROOT / "scripts").glob("*.py"))]
    settings = [(ROOT / name).read_bytes() for name in ("_toc.yml", "_config.yml", "book/references.bib")]
    now = {path.with_suffix("").as_posix(): keys_of(path)["outputs"] for path in notebooks()}
    now["all"] = _hash(*_versions(), *scripts, *settings)
    before, env.gan_executed = getattr(env, "gan_executed", {}), now
    return [name for name in env.found_docs if any(before.get(key) != now.get(key) for key in ("all", name))]


def insert(app: Any, docname: str, source: list[str]) -> None:
    """Give the cells of a notebook what they printed and drew."""
    file = EXECUTED / f"{docname}.ipynb"
    if file.is_file() and source[0].lstrip().startswith("{"):
        notebook = nbformat.reads(source[0], as_version=4)
        ran = [cell for cell in nbformat.read(file, as_version=4).cells if cell.cell_type == "code"]
        codes = [cell for cell in notebook.cells if cell.cell_type == "code"]
        for cell, done in zip(codes, ran, strict=True):
            cell.outputs, cell.execution_count = done.outputs, done.execution_count
        source[0] = nbformat.writes(notebook)


def remove_old_pages(app: Any, exception: Exception | None) -> None:
    """Delete the pages of an earlier build whose source is gone."""
    for page in Path(app.outdir, "book").rglob("*.html"):
        if exception is None and page.relative_to(app.outdir).with_suffix("").as_posix() not in app.env.found_docs:
            page.unlink()


def setup(app: Any) -> dict[str, bool]:
    """Connect to Sphinx."""
    app.connect("builder-inited", bring_up_to_date)
    app.connect("env-get-outdated", changed)
    app.connect("source-read", insert)
    app.connect("build-finished", remove_old_pages)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python scripts/execute.py", description=__doc__.splitlines()[0])
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--controls", action="store_true", help="run the controls of the checks as well")
    what.add_argument("--record", action="store_true", help="write notebooks.csv from the last runs")
    options = parser.parse_args()
    sys.exit(record() if options.record else execute(options.controls))
