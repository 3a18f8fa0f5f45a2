"""Try what a reader takes away: each notebook of the site's zip, in an environment like Colab's, far from here.

    python scripts/try_wheel.py                                    torch and what it needs from this environment
    python scripts/try_wheel.py --torch 2.11.0                     a torch of its own (for CPUs, 200 MB)
    python3.13 scripts/try_wheel.py --torch 2.11.0 --only gan      another Python; notebooks with "gan" in their name

The environment is fresh and has the versions of tests/colab.txt. Of each lab the cells before its second section run,
of exercises those before the first question. gan_helpers is not in the environment: the first notebook has to install
the wheel that lies beside it, without an index, and the others find it (their set-up cells are the same, as a test
demands). First of all comes a notebook without its wheel, last the widgets. It needs .venv, the built site (make book)
and a package index; the environment stays in _build/try_wheel for the next time.
"""

import argparse
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import venv
import zipfile
from concurrent.futures import ThreadPoolExecutor
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ZIP = ROOT / "_build" / "html" / "take-away" / "gans-proved-and-run.zip"
COLAB = ROOT / "tests" / "colab.txt"
JUPYTER = ROOT / ".venv" / ("Scripts/jupyter-execute.exe" if os.name == "nt" else "bin/jupyter-execute")
EXTRA = re.compile(r"""extra == ['"]([\w.-]+)['"]""")
CPU = "https://download.pytorch.org/whl/cpu"
PLACE = f"""import sys
from importlib.metadata import version
from pathlib import Path

import gan_helpers

place = Path(gan_helpers.__file__)
assert Path(sys.prefix) in place.parents, f"gan_helpers comes from {{place}}, not from the wheel"
assert not [path for path in sys.path if Path(path) == Path({str(ROOT)!r})], "the repository is on the path"
print("TRIED", place, *(f"{{name}} {{version(name)}}" for name in ("torch", "ipywidgets", "gan-helpers")))"""
WIDGETS = """from gan_helpers import load_pretrained
from gan_helpers.widgets import LatentExplorer, Panel, Scrubber, Watched

explorer = LatentExplorer(load_pretrained("mnist"))
frames = [explorer.image[None], -explorer.image[None]]
panel = Panel(lambda figure, slope: f"slope {slope}", {"slope": (0.0, 2.0, 0.5, 1.0)})
for widget in (explorer, Scrubber(frames, [0, 1]), panel, Watched(explorer, lambda image: f"mean {image.mean():.2f}")):
    display(widget)"""


def name_of(requirement: str) -> str:
    """Return the name in a requirement, in the form that pip compares."""
    for end in " ;<>=!~[(":
        requirement = requirement.split(end)[0]
    return requirement.lower().replace("_", "-").replace(".", "-")


def needed(root: str) -> dict[str, metadata.Distribution]:
    """Return an installed package of this environment and all that it needs, by name."""
    here = {name_of(package.name): package for package in metadata.distributions()}
    found, seen, waiting = {}, set(), [(root, "")]
    while waiting:  # pairs of a package and one of its extras, or none
        name, extra = waiting.pop()
        if name not in here or (name, extra) in seen:
            continue
        seen.add((name, extra))
        found[name] = here[name]
        for need in here[name].requires or []:
            wanted = EXTRA.search(need)
            if (wanted[1] if wanted else "") == extra:
                extras = need.partition(";")[0].partition("[")[2].partition("]")[0]
                waiting += [(name_of(need), one.strip()) for one in ["", *extras.split(",")]]
    return found


def borrow(place: Path, packages: Path) -> None:
    """Show an environment the torch of this one: links to its folders, and to no others, behind its own packages."""
    links = place / "borrowed"
    links.mkdir()
    for package in needed("torch").values():
        for name in {file.parts[0] for file in package.files or [] if file.parts[0] not in ("..", "__pycache__")}:
            link, goal = links / name, Path(package.locate_file(name)).resolve()
            if not (packages / name).exists() and not link.exists():
                link.symlink_to(goal, target_is_directory=goal.is_dir())
    (packages / "borrowed.pth").write_text(f"{links}\n", encoding="utf-8")


def run(*command: object, **settings: object) -> subprocess.CompletedProcess[str]:
    """Run a program and return what it printed."""
    words = [str(word) for word in command]
    return subprocess.run(words, text=True, encoding="utf-8", errors="replace", **settings)


def environment(torch: str | None) -> Path:
    """Return the folder of an environment with Colab's versions; make it unless it is there.

    Raises:
        SystemExit: pip could not install something; it says what.
    """
    pins = COLAB.read_text(encoding="utf-8")
    seen = torch or metadata.version("torch")
    key = hashlib.sha256(f"{pins}{seen}{bool(torch)}{sys.version}{sys.executable}".encode()).hexdigest()[:12]
    place = ROOT / "_build" / "try_wheel" / key
    if (place / "ready").is_file():
        return place
    shutil.rmtree(place, ignore_errors=True)
    venv.create(place, with_pip=True, symlinks=os.name != "nt")
    command = [program(place, "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", COLAB]
    if torch:
        command += [f"torch=={torch}", "--extra-index-url", CPU]
    else:  # the one thing that torch needs and a fresh environment has already, perhaps too old
        command += [f"setuptools=={metadata.version('setuptools')}"]
    if run(*command).returncode:
        raise SystemExit("try_wheel: the environment could not be made; pip says why above.")
    if not torch:
        code = "import sysconfig; print(sysconfig.get_path('purelib'))"
        packages = run(program(place, "python"), "-c", code, capture_output=True, check=True).stdout.strip()
        borrow(place, Path(packages))
    (place / "ready").touch()
    return place


def program(place: Path, name: str) -> Path:
    """Return a program of an environment."""
    return place / ("Scripts" if os.name == "nt" else "bin") / name


def beginning(notebook: dict, sections: int) -> dict:
    """Return a notebook up to its section of this number, counted from 1, or all of it if there are fewer."""
    seen, cells = 0, []
    for cell in notebook["cells"]:
        seen += cell["cell_type"] == "markdown" and "".join(cell["source"]).startswith("## ")
        if seen == sections:
            break
        cells.append(cell)
    return notebook | {"cells": cells}


def cell(code: str) -> dict:
    """Return a code cell."""
    made = {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": [], "source": code}
    return made | {"id": hashlib.sha256(code.encode()).hexdigest()[:8]}


def outside(home: Path) -> dict[str, str]:
    """Return the variables of a machine that knows nothing of this one, and whose pip and git reach no network."""
    kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT", "TEMP", "TMP") if name in os.environ}
    folders = {name: str(home) for name in ("HOME", "USERPROFILE", "IPYTHONDIR", "JUPYTER_CONFIG_DIR")}
    alone = {"PYTHONNOUSERSITE": "1", "PIP_NO_INDEX": "1", "PIP_CONFIG_FILE": os.devnull, "GIT_ALLOW_PROTOCOL": "none"}
    return kept | folders | alone | {"MPLBACKEND": "agg", "LANG": "C.UTF-8", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}


def name_kernel(place: Path, home: Path) -> None:
    """Make an environment's kernel known to Jupyter under the name colab.

    What speaks with it is the Jupyter of .venv: Colab's jupyter_client can hang as it leaves a kernel.
    """
    folder = home / "kernels" / "colab"
    folder.mkdir(parents=True)
    words = [str(program(place, "python")), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    told = {"argv": words, "display_name": "Colab", "language": "python"}
    (folder / "kernel.json").write_text(json.dumps(told), encoding="utf-8")


def execute(notebook: dict, folder: Path, home: Path, name: str) -> tuple[str, str]:
    """Run a notebook in a folder; return what its cells printed, and what went wrong."""
    (folder / f"{name}-tried.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    command = [JUPYTER, "--kernel_name=colab", f"--output={name}-done"]
    where = outside(home) | {"JUPYTER_PATH": str(home)}
    done = run(*command, "--timeout=600", f"{name}-tried.ipynb", cwd=folder, env=where, capture_output=True)
    if done.returncode:
        return "", "\n".join((done.stdout + done.stderr).splitlines()[-30:])
    ran = json.loads((folder / f"{name}-done.ipynb").read_text(encoding="utf-8"))
    printed = [output for one in ran["cells"] for output in one.get("outputs", []) if output.get("name") == "stdout"]
    return "".join("".join(output["text"]) for output in printed), ""


def tries(folder: Path, only: str) -> list[tuple[str, dict]]:
    """Return what to run beside the wheel: the beginnings of all notebooks, and all widgets."""
    found = []
    for path in sorted(folder.glob("*.ipynb")):
        notebook = json.loads(path.read_text(encoding="utf-8"))
        part = beginning(notebook, 1 if "-exercises" in path.name else 2)
        found.append((path.stem, part | {"cells": [*part["cells"], cell(PLACE)]}))
    found.append(("widgets", found[0][1] | {"cells": [set_up(found[0][1]), cell(WIDGETS), cell(PLACE)]}))
    return [(name, notebook) for name, notebook in found if only in name]


def set_up(notebook: dict) -> dict:
    """Return a notebook's set-up cell, its first with code."""
    return next(one for one in notebook["cells"] if one["cell_type"] == "code")


def main(arguments: list[str]) -> int:
    """Try all notebooks; say of each how long it took, or what went wrong."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--torch", default=os.environ.get("TORCH"), help="a version to install; else this environment's"
    )
    parser.add_argument("--zip", type=Path, default=ZIP, help="the zip of the built site, if left out")
    parser.add_argument("--only", default="", help="a part of the names of the notebooks to try")
    options = parser.parse_args(arguments)
    if not options.zip.is_file():
        parser.error(f"there is no {options.zip}; make book makes it.")
    if not JUPYTER.is_file():
        parser.error(f"there is no {JUPYTER}, which runs the notebooks; make test-wheel sets up .venv.")
    with tempfile.TemporaryDirectory() as temporary:
        folder, home, bare = (Path(temporary, name) for name in ("labs", "home", "bare"))
        for one in (home, bare):
            one.mkdir()
        with zipfile.ZipFile(options.zip) as whole:
            whole.extractall(folder)
        chosen = tries(folder, options.only)
        if not chosen:
            parser.error(f"no notebook has {options.only!r} in its name.")
        place, failed = environment(options.torch or None), []
        fresh = [program(place, "python"), "-I", "-m", "pip", "uninstall", "--yes", "--quiet", "gan_helpers"]
        run(*fresh, cwd=home, env=outside(home), capture_output=True)
        name_kernel(place, home)

        alone = chosen[0][1] | {"cells": [set_up(chosen[0][1])]}
        trouble = execute(alone, bare, home, "alone")[1]
        told = "put it beside this notebook" in trouble
        print("without its wheel a notebook says what to do" if told else f"without its wheel: FAILED\n{trouble}")
        failed += [] if told else ["without its wheel"]

        def attempt(one: tuple[str, dict]) -> None:
            start, (printed, trouble) = time.monotonic(), execute(one[1], folder, home, one[0])
            said = next((line for line in printed.splitlines() if line.startswith("TRIED ")), "")
            failed.extend([] if said else [one[0]])
            result = (
                f"{time.monotonic() - start:.0f} s, {said.removeprefix('TRIED ')}" if said else f"FAILED\n{trouble}"
            )
            print(f"{one[0]}: {result}", flush=True)

        attempt(chosen[0])  # this one installs the wheel
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(attempt, chosen[1:]))
    print(f"{len(failed)} failed: {', '.join(failed)}" if failed else f"All {len(chosen)} ran from the wheel.")
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
