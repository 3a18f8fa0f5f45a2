"""Run the book's notebooks, two at a time, those alone that changed; hand what they printed and drew to the build.

    python scripts/execute.py             run what has changed since it last ran, as the build does by itself
    python scripts/execute.py --controls  the same, with the controls of the checks, as make test does (on Linux)
    python scripts/execute.py --record    add what the others took to gan_helpers/embedded/results/notebooks.csv

nbval runs each cell (book/conftest.py keeps the outputs). What a notebook printed holds for a key: its own code,
gan_helpers with the data and tables that the notebook reads, the versions of the packages that it may import or that
run it, and the runner. Text is no part of the key. In Sphinx this module is an extension: it runs what has to be run,
then gives each page its outputs.
"""

import argparse
import ast
import base64
import csv
import hashlib
import io
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
from PIL import Image
from sphinx.errors import ExtensionError

ROOT = Path(__file__).parents[1]
EXECUTED = ROOT / "_build" / "executed"  # one executed notebook for each notebook, its keys in the metadata
UNFINISHED = ROOT / "_build" / "unfinished"  # there while the site is built, and after a build that did not end well
RESULTS = ROOT / "gan_helpers" / "embedded" / "results"
# What notebooks import and what runs them; the packages that make pages are no part of what a notebook printed.
RUN_WITH = ("gan-helpers", "torchvision", "scikit-learn", "threadpoolctl", "ipywidgets", "ipykernel", "nbval")


def notebooks() -> list[Path]:
    """Return the notebooks of the book, relative to the project."""
    return sorted(path.relative_to(ROOT) for path in (ROOT / "book").glob("[!.]*/*.ipynb"))


def _hash(*parts: str | bytes) -> str:
    whole = hashlib.sha256()
    for part in parts:
        part = part.encode() if isinstance(part, str) else part
        whole.update(len(part).to_bytes(8, "big") + part)
    return whole.hexdigest()


def _name(requirement: str) -> str:
    return re.sub(r"[-_.]+", "-", re.match(r"[\w.-]+", requirement)[0]).lower()


def _versions(roots: tuple[str, ...] = ()) -> list[str]:
    """Return the versions of Python and of all packages, or of these packages and all that they need."""
    installed = {_name(package.name): package for package in distributions()}
    wanted, waiting = set(), list(roots or installed)
    while waiting:
        if (name := waiting.pop()) in installed and name not in wanted:
            wanted.add(name)
            waiting += [_name(need) for need in installed[name].requires or [] if "extra ==" not in need]
    return [sys.version, *(f"{name} {installed[name].version}" for name in sorted(wanted))]


@cache
def _shared() -> str:
    """Hash what every notebook depends on: the module, its data, Python and the packages it runs with, the runner."""
    files = sorted(path for path in (ROOT / "gan_helpers").rglob("*") if path.is_file() and path.parent != RESULTS)
    kept = [path for path in files if path.suffix not in (".pyc", ".md")]
    kept += [Path(__file__), ROOT / "book" / "conftest.py"]
    contents = [part for path in kept for part in (path.relative_to(ROOT).as_posix(), path.read_bytes())]
    return _hash(*_versions(RUN_WITH), *contents)


def made_from(tables: set[str], *files: Path, code: str = "") -> str:
    """Return a key of something made with gan_helpers from these tables of results, files and code."""
    read = [RESULTS / f"{name}.csv" for name in sorted(tables)]
    return _hash(_shared(), code, *(path.read_bytes() for path in [*read, *files] if path.is_file()))


def _code_cells(path: Path) -> list[dict[str, Any]]:
    cells = json.loads((ROOT / path).read_text(encoding="utf-8"))["cells"]
    return [cell for cell in cells if cell["cell_type"] == "code"]


def _tables(codes: list[str]) -> set[str]:
    """Return the tables of results that cells load: all there are, where a name is not written out."""
    found, written_out = set(), set()
    whole = "\n".join(re.sub(r"^(\s*)[%!].*$", r"\1pass", code, flags=re.MULTILINE) for code in codes)
    every = {path.stem for path in RESULTS.glob("*.csv")}
    try:
        tree = ast.parse(whole)
    except SyntaxError:
        return every
    for node in ast.walk(tree):  # a call comes before its parts
        named = getattr(node, "attr", getattr(node, "id", None)) == "load_results"
        if isinstance(node, ast.Call) and len(node.args) == 1 and isinstance(node.args[0], ast.Constant):
            written_out.add(node.func)
            if getattr(node.func, "attr", getattr(node.func, "id", None)) == "load_results":
                found.add(str(node.args[0].value))
        elif (named and node not in written_out) or (
            isinstance(node, ast.alias) and node.name == "load_results" and node.asname
        ):
            return every
    return found


def keys_of(path: Path) -> dict[str, str]:
    """Return what a notebook's outputs hold for, and what the verdict on its controls holds for."""
    cells = _code_cells(path)
    codes = ["".join(cell["source"]) for cell in cells]
    tags = [cell["metadata"].get("tags", []) for cell in cells]
    outputs = made_from(_tables(codes), code=json.dumps([codes, tags]))
    checks = json.dumps([cell["metadata"].get("check") for cell in cells], sort_keys=True)
    return {"outputs": outputs, "controls": _hash(outputs, checks)}


def stale(keys: dict[Path, dict[str, str]], kind: str) -> list[Path]:
    """Return the notebooks whose last run, if any, holds no longer."""
    return [path for path, wanted in keys.items() if last_run(path).get(kind) != wanted[kind]]


def _measured() -> dict[str, dict[str, str]]:
    """Return the rows of notebooks.csv by notebook, none where there is no such file."""
    if not (RESULTS / "notebooks.csv").is_file():
        return {}
    with open(RESULTS / "notebooks.csv", newline="", encoding="utf-8") as file:
        return {row["notebook"]: row for row in csv.DictReader(file)}


def expectations(path: Path) -> dict[str, float]:
    """Return how many code cells a notebook has and how many seconds it took before, here or when it was measured."""
    measured = float(_measured().get(path.as_posix(), {"seconds": 10})["seconds"])
    return {"cells": len(_code_cells(path)), "expected": last_run(path).get("seconds", measured)}


def last_run(path: Path) -> dict[str, Any]:
    """Return the keys of a notebook's last run and its seconds, or nothing."""
    file = EXECUTED / path
    return json.loads(file.read_text(encoding="utf-8"))["metadata"]["executed"] if file.is_file() else {}


def record() -> int:
    """Add the notebooks that notebooks.csv lacks: the seconds in their cells, without controls, in their last run."""
    rows, runs = _measured(), {path.as_posix(): last_run(path) for path in notebooks()}
    if missing := [name for name in runs if name not in rows and not runs[name]]:
        print(f"execute: not run yet: {', '.join(missing)}; run python scripts/execute.py first.", file=sys.stderr)
        return 1
    with open(RESULTS / "notebooks.csv", "w", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, ("notebook", "cells", "seconds", "cores", "machine"), lineterminator="\n")
        table.writeheader()
        for name, run in runs.items():
            here = {"cores": os.cpu_count(), "machine": platform.machine()}
            row = rows.get(name) or {"cells": run["cells"], "seconds": round(run["seconds"], 1), **here}
            table.writerow({"notebook": name, **row})
    return 0


def execute(controls: bool = False) -> int:
    """Run what is stale; return 0 when every notebook has then been run as it is."""
    kind = "controls" if controls else "outputs"
    keys = {path: keys_of(path) for path in notebooks()}
    waiting = stale(keys, kind)
    if waiting:
        EXECUTED.mkdir(parents=True, exist_ok=True)
        plan = {path.as_posix(): keys[path] | expectations(path) for path in waiting}
        file = EXECUTED / f"plan-{os.getpid()}.json"  # for book/conftest.py
        file.write_text(json.dumps(plan), encoding="utf-8")
        longest_first = sorted(plan, key=lambda name: -plan[name]["expected"])
        # Two notebooks side by side, one thread each: two threads each would spend their time waiting for one another.
        command = [
            sys.executable, "-m", "pytest", "--nbval-lax", "--nbval-cell-timeout=300", f"--rootdir={ROOT}",
            "-n", str(min(2, len(plan))), "--dist", "loadfile", "--no-loadscope-reorder", f"--executed={file}",
            *([] if controls else ["--without-controls"]), *longest_first,
        ]  # fmt: skip
        kept = {name: value for name, value in os.environ.items() if name != "PYTEST_ADDOPTS"}
        try:
            status = subprocess.run(command, cwd=ROOT, env=kept | {"OMP_NUM_THREADS": "1"}).returncode
        finally:
            file.unlink(missing_ok=True)
        if status:
            return status
        _shared.cache_clear()
        if left := stale({path: keys_of(path) for path in notebooks()}, kind):
            names = ", ".join(path.as_posix() for path in left)
            print(
                f"execute: changed while notebooks ran, or not run to the end: {names}; start again.", file=sys.stderr
            )
            return 1
    else:
        print(f"All {len(keys)} notebooks have been run as they are.")
    return 0


def bring_up_to_date(app: Any) -> None:
    """Before the build: see whether the last one ended well, run what is stale, and stop if a notebook fails."""
    app.gan_whole = not UNFINISHED.exists()
    if app.builder.name == "html":  # what make links builds says nothing of the site
        UNFINISHED.parent.mkdir(exist_ok=True)
        UNFINISHED.touch()
    if execute():
        raise ExtensionError(
            "A notebook failed or changed meanwhile, so the book is not built; the reason stands above."
        )


def changed(app: Any, env: Any, *_: Any) -> list[str]:
    """Name the pages to read again: those whose notebook ran, and all when what they share has changed."""
    scripts = [path.read_bytes() for path in sorted((ROOT / "scripts").glob("*.py"))]
    settings = [(ROOT / name).read_bytes() for name in ("_toc.yml", "_config.yml", "book/references.bib")]
    now = {path.with_suffix("").as_posix(): last_run(path).get("outputs") for path in notebooks()}
    now["all"] = _hash(*_versions(), *scripts, *settings)
    before, env.gan_executed = getattr(env, "gan_executed", {}), now
    everything = not app.gan_whole or before.get("all") != now["all"]
    return [name for name in env.found_docs if everything or before.get(name) != now.get(name)]


def light(output: Any) -> Any:
    """Give a picture 256 colours of its own: less than half as many bytes, and no difference that an eye would see."""
    if "image/png" in output.get("data", {}):
        picture = Image.open(io.BytesIO(base64.b64decode(output["data"]["image/png"]))).convert("RGB")
        small = io.BytesIO()
        picture.quantize(256, dither=Image.Dither.NONE).save(small, "PNG", optimize=True)
        output["data"]["image/png"] = base64.b64encode(small.getvalue()).decode()
    return output


def insert(app: Any, docname: str, source: list[str]) -> None:
    """Give the cells of a notebook what they printed and drew."""
    file = EXECUTED / f"{docname}.ipynb"
    if file.is_file() and source[0].lstrip().startswith("{"):
        notebook = nbformat.reads(source[0], as_version=4)
        ran = [cell for cell in nbformat.read(file, as_version=4).cells if cell.cell_type == "code"]
        codes = [cell for cell in notebook.cells if cell.cell_type == "code"]
        if [cell.source for cell in codes] != [cell.source for cell in ran]:
            raise ExtensionError(f"{docname}.ipynb changed while the book was built; build it again.")
        for cell, done in zip(codes, ran, strict=True):
            cell.outputs, cell.execution_count = [light(output) for output in done.outputs], done.execution_count
        source[0] = nbformat.writes(notebook)


def finish(app: Any, exception: Exception | None) -> None:
    """Delete the pages of an earlier build whose source is gone; after a warning, the next build reads all again."""
    if exception is None and app.builder.name == "html":
        for page in Path(app.outdir, "book").rglob("*.html"):
            if page.relative_to(app.outdir).with_suffix("").as_posix() not in app.env.found_docs:
                page.unlink()
        if not app._warncount:
            UNFINISHED.unlink()


def setup(app: Any) -> dict[str, bool]:
    """Connect to Sphinx."""
    app.connect("builder-inited", bring_up_to_date)
    app.connect("env-get-outdated", changed)
    app.connect("source-read", insert)
    app.connect("build-finished", finish, priority=900)  # after all others
    return {"parallel_read_safe": True, "parallel_write_safe": True}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python scripts/execute.py", description=__doc__.splitlines()[0])
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--controls", action="store_true", help="run the controls of the checks as well")
    what.add_argument("--record", action="store_true", help="add the notebooks that notebooks.csv lacks")
    options = parser.parse_args()
    if options.controls and sys.platform != "linux":
        parser.error("controls copy a running kernel, which is tried on Linux alone; run it without --controls")
    sys.exit(record() if options.record else execute(options.controls))
