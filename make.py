"""Everything that can be done with this repository: `python make.py` lists it, `python make.py book` does it.

Where make is installed, `make book` is the same. Settings follow as NAME=value, or come from the environment. A target
sets up .venv by itself when it is missing or when what it is made from has changed. Here stands the standard library
alone, in words that an old Python reads too: so it gets a sentence and no SyntaxError.
"""

import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent
WINDOWS = os.name == "nt"
BIN = Path(".venv", "Scripts" if WINDOWS else "bin")
PYTHON = BIN / ("python.exe" if WINDOWS else "python")
READY = Path(".venv", "ready")  # holds the name of the constraints that .venv was set up with
SITE = Path("_build", "html", "index.html")
MAKE = "make" if "MAKELEVEL" in os.environ else "python make.py"  # what the reader has typed
SETTINGS = {
    "PORT": ("8000", "where serve listens"),
    "CHAPTER": ("", "whose exercises grade marks, such as gan"),
    "SUBMISSIONS": ("", "the folder of notebooks that grade marks"),
    "OUT": ("grades.csv", "the table that grade writes"),
    "TORCH": ("", "the version that test-wheel installs; empty: that of .venv serves"),
    "JOBS": ("", "how many notebooks grade marks at a time; empty: two, if there are two cores"),
    "SECONDS": ("", "what an answer or a check may take in grade; empty: ten times the solution, 30 at least"),
    "FORMAT": ("", "moodle or canvas: grade writes a table for it as well"),
    "ROSTER": ("", "the table that this system exports"),
    "COLUMN": ("", "what the assignment is called there"),
    "SANDBOX": ("", "bubblewrap, landlock or none: what protects from notebooks; empty: one of the first two"),
    "REPO": ("", "owner/name for home"),
    "SITE": ("", "the site's address for home, where it is not that of GitHub Pages"),
    "VERSION": ("", "of a new edition, such as 1.2.3"),
    "CONSTRAINTS": ("constraints.txt", "the exact versions for .venv; newest: whatever is newest"),
    "ENGINE": ("chromium", "the browser of the tests: chromium, firefox or webkit"),
}
NEEDED = (13, 3.5)  # GB, here with pip's cache, and 3.5 of them among the temporary files, while CUDA is installed
TARGETS = {}


class Stop(Exception):
    """Nothing more to do; a sentence for the reader, and an exit status."""

    def __init__(self, words: str = "", status: int = 1):
        super().__init__(words)
        self.status = status


def target(work):
    """Add a function to the targets; the first line of its docstring is its help."""
    TARGETS[work.__name__.replace("_", "-")] = work
    return work


def setting(name: str) -> str:
    """Return a setting from the environment, or else its default."""
    return os.environ.get(name, SETTINGS[name][0])


def run(*command, says: bool = True, needed: bool = True, **environment) -> int:
    """Run a command in the root and return its status; a status other than 0 ends everything where it is needed."""
    words = [str(word) for word in command]
    if says:
        print(" ".join(map(shlex.quote, words)), flush=True)
    try:
        process = subprocess.Popen(words, cwd=str(ROOT), env=dict(os.environ, **environment))
    except OSError as error:
        raise Stop(f"{words[0]} cannot be run ({error.strerror}). Delete .venv and try again.") from None
    signal.signal(signal.SIGTERM, lambda *_: process.terminate())
    interrupted = False
    while True:  # Ctrl-C reaches the command too; it ends in its own way and is waited for
        try:
            status = process.wait()
            break
        except KeyboardInterrupt:
            interrupted = True
    if interrupted:
        raise Stop(status=130)
    if status and needed:
        raise Stop(status=status if status > 0 else 128 - status)
    return status


def python(*arguments, **options) -> int:
    """Run the Python of .venv."""
    return run(PYTHON, *arguments, **options)


def tests(kind: str, **environment) -> int:
    """Run the tests of a kind, two side by side with one thread each."""
    return python("-m", "pytest", "tests", "-m", kind, "-n", "2", OMP_NUM_THREADS="1", **environment)


def cramped() -> str:
    """Return what to do where PyTorch for CUDA may have found too little room, and nothing elsewhere.

    With PyTorch 2.15 for CUDA 6.9 GB stay in .venv. The wheels, 2.8 GB, lie among the temporary files meanwhile, with a
    second copy of the one that comes, and for good in pip's cache, where the index lets it, as PyPI does.
    """
    try:
        there = tempfile.gettempdir()
    except OSError:  # no folder has room for even a few letters
        there = str(ROOT)
    free = [shutil.disk_usage(folder).free / 1e9 for folder in (ROOT, there)]
    small = "whl/cpu" in os.environ.get("PIP_EXTRA_INDEX_URL", "")
    if (free[0] > NEEDED[0] and free[1] > NEEDED[1]) or sys.platform != "linux" or small:
        return ""
    return (
        f"If pip says 'No space left on device': PyTorch for CUDA takes some {NEEDED[0]} GB while it is installed, "
        f"{NEEDED[1]} of them in {there}. Free are {free[0]:.1f} GB here and {free[1]:.1f} GB there. "
        "Without a GPU the small PyTorch will do: delete .venv, and put before what you typed\n"
        "  PIP_EXTRA_INDEX_URL=https://download.pytorch.org/whl/cpu\n"
        "After anything else that pip says, keep .venv and try again."
    )


def ready() -> None:
    """Set up .venv where it is missing or older than what it is made from."""
    constraints = setting("CONSTRAINTS")
    sources = [Path("requirements.txt"), Path("pyproject.toml")]
    sources += [] if constraints == "newest" else [Path(constraints)]
    for source in sources:
        if not source.is_file():
            raise Stop(f"There is no file {source}; CONSTRAINTS names one, or is the word newest.")
    if (
        READY.is_file()
        and READY.read_text(encoding="utf-8") == constraints
        and all(source.stat().st_mtime <= READY.stat().st_mtime for source in sources)
    ):
        return
    if sys.version_info < (3, 11):  # noqa: UP036, the reader's Python and not the one of .venv
        another = "make PYTHON=python3.12 book" if MAKE == "make" else "python3.12 make.py book"
        here = ".".join(map(str, sys.version_info[:3]))
        raise Stop(f"Python 3.11 or newer is needed, but Python {here} is here. Try: {another}")
    within = (
        Path(sys.prefix).resolve() == (ROOT / ".venv").resolve()
    )  # called with the Python of .venv, which cannot write over itself
    old = Path(".venv").exists()
    if not within and run(sys.executable, "-m", "venv", ".venv", says=False, needed=False):
        free = shutil.disk_usage(ROOT).free / 1e9
        missing = "If Python's module venv is missing, on Debian and Ubuntu: apt-get install python3-venv."
        what = ".venv cannot be renewed. Delete .venv and try again." if old else "No .venv could be made."
        raise Stop(f"{what} {missing} Free on the disk here: {free:.1f} GB.")
    newest = ["--upgrade", "--upgrade-strategy", "eager"]
    versions = newest if constraints == "newest" else ["-c", constraints]
    pip = ("-m", "pip", "install", "--disable-pip-version-check")
    if READY.is_file():  # broken off half-way, what is installed is neither the old nor the new
        READY.unlink()
    try:
        python(*pip, *versions, "-r", "requirements.txt", "-e", ".[test]")
    except Stop as stop:
        raise Stop(str(stop) or ("" if stop.status >= 128 else cramped()), stop.status) from None
    READY.write_text(constraints, encoding="utf-8")


def site() -> None:
    """Ask for a built site."""
    if not SITE.is_file():
        raise Stop(f"There is no built site yet; run: {MAKE} book")


@target
def book() -> None:
    """run the notebooks that changed, build the site

    Two notebooks at a time (scripts/execute.py), and the pages that changed; all pages after a build that did not end
    well. From nothing: clean, then book.
    """
    ready()
    run(BIN / "jupyter-book", "build", ".", "-n", "-W", "--keep-going")
    print(f"\nThe book is built. Open it in a browser:  {(ROOT / SITE).as_uri()}")
    print(f"or serve it to this machine:              {MAKE} serve")


@target
def serve() -> None:
    """open the built site to this machine, at 127.0.0.1"""
    ready()
    site()
    port = setting("PORT")
    another = f"stop with Ctrl-C; another port: {MAKE} serve PORT=9000"
    print(f"The book is at http://127.0.0.1:{port}/  ({another})", flush=True)
    python("-m", "http.server", "--bind", "127.0.0.1", "--directory", SITE.parent, port, says=False)


@target
def test() -> None:
    """lint, the unit tests, and every notebook, on Linux with the controls of its checks"""
    lint()
    tests("not site")
    if sys.platform == "linux":
        python("scripts/execute.py", "--controls")
    else:
        python("scripts/execute.py")
        print(
            "The notebooks ran, the controls of their checks not: these copy a kernel, which is tried on Linux alone."
        )


@target
def test_site() -> None:
    """open every page of the built site in a browser, which it needs: test-site [ENGINE=firefox]"""
    ready()
    if not SITE.is_file() or Path("_build", "unfinished").exists():
        book()
    tests("site", BROWSER_REQUIRED="1")


@target
def browser() -> None:
    """install Playwright's own build of a browser for the tests: browser [ENGINE=webkit]"""
    ready()
    needs = ["--with-deps"] if sys.platform == "linux" else []
    python("-m", "playwright", "install", *needs, setting("ENGINE"))


@target
def links() -> None:
    """ask every other site that the book links to whether the page is there"""
    ready()
    run(BIN / "jupyter-book", "build", ".", "--builder", "linkcheck", "--path-output", Path("_build", "links"))


@target
def test_wheel() -> None:
    """the notebooks to take away, begun from the wheel with the packages that Colab brings: test-wheel [TORCH=2.11.0]

    Far from the repository, in an environment of its own, which scripts/try_wheel.py makes and needs a network for.
    Python, and PyTorch without TORCH, are those of .venv.
    """
    ready()
    site()
    python("scripts/try_wheel.py")


@target
def bench() -> None:
    """measure speed: what is not in the tables yet

    To measure a table anew, delete its file in gan_helpers/embedded/results first.
    """
    ready()
    for name in ("speed", "minute", "levers", "scaling"):
        python("-m", f"benchmarks.{name}")
    python("scripts/execute.py")
    python("scripts/execute.py", "--record")


@target
def tricks() -> None:
    """measure the training tricks: what is not in the table yet"""
    ready()
    python("-m", "benchmarks.tricks")


@target
def exercises() -> None:
    """write the student editions, from book/*/exercises.ipynb"""
    ready()
    python("scripts/exercises.py", "release")


@target
def grade() -> None:
    """mark a class's notebooks: grade CHAPTER=gan SUBMISSIONS=folder [OUT=grades.csv] [FORMAT=moodle ROSTER=file]"""
    for name in ("CHAPTER", "SUBMISSIONS"):
        if not setting(name):
            raise Stop(f"{name} is missing, {SETTINGS[name][1]}: {MAKE} grade CHAPTER=gan SUBMISSIONS=folder")
    ready()
    named = ["CHAPTER", "SUBMISSIONS", "OUT"]
    named += [name for name in ("JOBS", "SECONDS", "FORMAT", "ROSTER", "COLUMN", "SANDBOX") if setting(name)]
    given = [word for name in named for word in ("--" + name.lower(), setting(name))]
    python("scripts/exercises.py", "grade", *given, says=False)


@target
def lint() -> None:
    """faults and format of the code, faults of the workflows"""
    ready()
    run(BIN / "ruff", "check", ".")
    run(BIN / "ruff", "format", "--check", ".")
    workflows = sorted(Path(".github", "workflows").glob("*.yml"))
    run(BIN / "check-jsonschema", "--builtin-schema", "vendor.github-workflows", *workflows)
    run(BIN / "zizmor", "--offline", "--quiet", *workflows)


@target
def home() -> None:
    """write the address of your repository into every file that names it: home REPO=owner/name"""
    ready()
    python("scripts/set_home.py", says=False)  # REPO comes through the environment


@target
def pdf() -> None:
    """the whole book as one PDF, from the built site; the next book carries it"""
    ready()
    site()
    python("scripts/pdf.py")


@target
def epub() -> None:
    """the whole book as EPUB, from the built site; the next book carries it"""
    ready()
    site()
    python("scripts/epub.py")


@target
def edition() -> None:
    """begin an edition: its version and date where they have to stand: edition VERSION=1.2.3"""
    ready()
    python("scripts/release.py", "edition", says=False)  # VERSION comes through the environment


@target
def release() -> None:
    """check, make and try what a tag would publish; nothing leaves this machine"""
    ready()
    python("scripts/release.py", says=False)


@target
def public() -> None:
    """the site with all released editions, which GitHub's program gh fetches"""
    ready()
    site()
    for step in ("fetch", "assemble"):
        python("scripts/versions.py", step, says=False)


@target
def clean() -> None:
    """delete what was built, but not .venv"""
    for name in ("_build", ".pytest_cache", ".ruff_cache"):
        path = Path(name)
        if path.is_symlink():
            path.unlink()
        elif path.exists():
            shutil.rmtree(name)


def usage() -> str:
    """Return all targets and settings, a line each."""
    lines = [f"{MAKE} TARGET [NAME=value]", "", "Targets"]
    lines += [f"  {name:<12}{work.__doc__.splitlines()[0]}" for name, work in TARGETS.items()]
    lines += ["", "Settings"]
    lines += [f"  {name:<12}{what}{f' ({default})' if default else ''}" for name, (default, what) in SETTINGS.items()]
    return "\n".join(lines)


def main(arguments: list) -> int:
    """Set the settings, then make the targets in turn."""
    os.chdir(str(ROOT))
    os.environ["PYTHONNOUSERSITE"] = "1"  # a user's own settings of Jupyter and Sphinx must not change what is built
    os.environ["PYTHONUTF8"] = "1"  # what is printed and read is the same everywhere
    names = [word for word in arguments if "=" not in word]
    given = dict(word.split("=", 1) for word in arguments if "=" in word)
    if not names or {"help", "-h", "--help"} & set(names):
        print(usage())
        return 0
    for word in [*(name for name in names if name not in TARGETS), *(name for name in given if name not in SETTINGS)]:
        print(f"There is no target or setting {word!r}.\n\n{usage()}", file=sys.stderr)
        return 2
    os.environ.update(given)
    try:
        for name in names:
            TARGETS[name]()
    except Stop as stop:
        if str(stop):
            print(stop, file=sys.stderr)
        return stop.status
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
