"""make.py: each target does what its line says, and sets up .venv when it must; the Makefile hands all on to it."""

import ast
import functools
import importlib.util
import os
import re
import runpy
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
import venv
from pathlib import Path
from types import SimpleNamespace

import pytest

ROOT = Path(__file__).parents[1]
BIN = "Scripts" if os.name == "nt" else "bin"
MADE_FROM = ("requirements.txt", "constraints.txt", "pyproject.toml")
SETTINGS = runpy.run_path(str(ROOT / "make.py"))["SETTINGS"]
needs_make = pytest.mark.skipif(not shutil.which("make"), reason="make is not installed")
needs_signals = pytest.mark.skipif(os.name == "nt", reason="Windows sends no signal to a single process")


@pytest.fixture(autouse=True)
def unset(monkeypatch):
    """Take what whoever runs the tests has set out of their environment."""
    for name in ("MAKELEVEL", "PIP_EXTRA_INDEX_URL", "PYTHONNOUSERSITE", "PYTHONUTF8", *SETTINGS):
        monkeypatch.setenv(name, "")  # so that it is put back afterwards
        monkeypatch.delenv(name)


@pytest.fixture
def copy(tmp_path):
    """The root of a repository with a .venv that is ready, and nothing to build."""
    folder = tmp_path / "a copy"
    folder.mkdir()
    for name in ("make.py", "Makefile"):
        shutil.copy(ROOT / name, folder)
    for name in MADE_FROM:
        (folder / name).touch()
    venv.create(folder / ".venv", symlinks=os.name != "nt")
    (folder / ".venv" / "ready").write_text("constraints.txt", encoding="utf-8")
    return folder


@pytest.fixture
def make(copy, monkeypatch):
    """The module of that copy; its commands are noted in `ran` and not run, but for those in `statuses`, which fail."""
    monkeypatch.chdir(copy)
    spec = importlib.util.spec_from_file_location("make", copy / "make.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.ran, module.statuses = [], {}
    monkeypatch.setattr(module.shutil, "disk_usage", lambda folder: SimpleNamespace(free=20e9))

    def note(*command, says=True, needed=True, **environment):
        first = command[0] if command[0] == sys.executable else Path(command[0]).stem
        words = " ".join(map(str, [first, *command[1:]]))
        module.ran.append(words)
        module.environment = environment
        status = next((status for part, status in module.statuses.items() if part in words), 0)
        if status and needed:
            raise module.Stop(status=status)
        return status

    monkeypatch.setattr(module, "run", note)
    return module


def call(folder, *arguments, **environment):
    kept = {name: value for name, value in os.environ.items() if name not in ("MAKELEVEL", "MAKEFLAGS", "MFLAGS")}
    return subprocess.run(arguments, cwd=folder, env=kept | environment, capture_output=True, text=True, timeout=60)


def later(path):
    """Make a file newer than everything else."""
    stamp = time.time() + 60
    os.utime(path, (stamp, stamp))


# ---- what there is ----


def test_it_lists_every_target_and_setting(make, capsys):
    for words in ([], ["help"], ["book", "--help"]):
        assert make.main(words) == 0
        text = capsys.readouterr().out
        for name, work in make.TARGETS.items():
            assert re.search(rf"^  {name} +{re.escape(work.__doc__.splitlines()[0])}$", text, re.MULTILINE)
        assert "OUT         the table that grade writes (grades.csv)" in text
    assert make.ran == []


def test_every_target_of_the_texts_exists(make):
    texts = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "MAINTAINING.md", *(ROOT / "book").glob("*.md")]
    used = set()
    for path in texts:
        for code in re.findall(r"`[^`\n]+`|^```\n[^`]*```$", path.read_text(encoding="utf-8"), re.MULTILINE):
            for words in re.findall(r"(?:^|[\s`])make((?: [a-z][\w-]*)+)", code):
                used |= set(words.split())
    assert {"book", "test-site", "grade"} <= used
    assert used <= set(make.TARGETS), used - set(make.TARGETS)


@pytest.mark.parametrize("words", [["bok"], ["book", "bok"], ["book", "PROT=9000"]])
def test_what_it_does_not_know_is_told_before_anything_is_done(make, capsys, words):
    assert make.main(words) == 2
    assert f"There is no target or setting {words[-1].split('=')[0]!r}." in capsys.readouterr().err
    assert make.ran == []


def test_an_old_python_can_read_it(make, monkeypatch, capsys):
    """3.6 knows neither := nor match nor X | Y; list[str] it stumbles over when it runs."""
    source = (ROOT / "make.py").read_text(encoding="utf-8")
    tree = ast.parse(source, feature_version=(3, 6))
    for node in ast.walk(tree):
        for hint in (getattr(node, "annotation", None), getattr(node, "returns", None)):
            assert hint is None or isinstance(hint, ast.Name | ast.Constant), ast.unparse(node)
    monkeypatch.setattr(sys, "version_info", (3, 6, 8, "final", 0))
    later("requirements.txt")
    assert make.main(["book"]) == 1
    said = "Python 3.11 or newer is needed, but Python 3.6.8 is here. Try: python3.12 make.py book\n"
    assert capsys.readouterr().err == said
    assert make.ran == []


# ---- .venv ----


def test_a_venv_that_is_ready_is_left_alone(make):
    make.ready()
    assert make.ran == []


@pytest.mark.parametrize("name", MADE_FROM)
def test_the_venv_follows_what_it_is_made_from(make, name):
    later(name)
    make.ready()
    install = "python -m pip install --disable-pip-version-check -c constraints.txt -r requirements.txt -e .[test]"
    assert make.ran == [f"{sys.executable} -m venv .venv", install]
    os.utime(name, (0, 0))
    make.ready()
    assert len(make.ran) == 2


def test_other_versions_when_asked_for(make, monkeypatch):
    monkeypatch.setenv("CONSTRAINTS", "newest")
    make.ready()
    make.ready()
    assert len(make.ran) == 2
    assert "--upgrade --upgrade-strategy eager -r requirements.txt" in make.ran[1]
    Path("oldest.txt").touch()
    monkeypatch.setenv("CONSTRAINTS", "oldest.txt")
    make.ready()
    assert "-c oldest.txt -r requirements.txt" in make.ran[3]
    monkeypatch.setenv("CONSTRAINTS", "none.txt")
    with pytest.raises(make.Stop, match=r"There is no file none\.txt"):
        make.ready()


def test_a_set_up_that_failed_is_tried_again(make, capsys):
    later("requirements.txt")
    make.statuses["pip"] = 3
    assert make.main(["lint"]) == 3
    assert make.main(["lint"]) == 3
    assert sum("pip" in command for command in make.ran) == 2
    assert not any("ruff" in command for command in make.ran)
    make.statuses = {"venv": 1}
    assert make.main(["lint"]) == 1
    said = (
        "If Python's module venv is missing, on Debian and Ubuntu: apt-get install python3-venv. "
        "Free on the disk here: 20.0 GB.\n"
    )
    assert capsys.readouterr().err == f".venv cannot be renewed. Delete .venv and try again. {said}"
    shutil.rmtree(".venv")
    assert make.main(["lint"]) == 1
    assert capsys.readouterr().err == f"No .venv could be made. {said}"


@pytest.mark.parametrize(
    ("system", "status", "here", "meanwhile", "told"),
    [
        ("linux", 1, 13.1, 3.6, False),
        ("linux", 1, 12.9, 3.6, True),
        ("linux", 1, 13.1, 3.4, True),  # temporary files in memory, as some distributions keep them
        ("linux", 130, 5, 5, False),  # Ctrl-C
        ("linux", 137, 5, 5, False),  # killed
        ("win32", 1, 5, 2, False),  # the index's PyTorch is the small one there
    ],
)
def test_too_little_room_is_told(make, monkeypatch, capsys, system, status, here, meanwhile, told):
    there = "/mnt/meanwhile"
    free = {make.ROOT: here * 1e9, there: meanwhile * 1e9}
    monkeypatch.setattr(make.shutil, "disk_usage", lambda folder: SimpleNamespace(free=free[folder]))
    monkeypatch.setattr(make.tempfile, "gettempdir", lambda: there)
    monkeypatch.setattr(make.sys, "platform", system)
    later("requirements.txt")
    make.statuses["pip"] = status
    assert make.main(["lint"]) == status
    said = (
        "If pip says 'No space left on device': PyTorch for CUDA takes some 13 GB while it is installed, 3.5 of them "
        f"in {there}. Free are {here:.1f} GB here and {meanwhile:.1f} GB there. Without a GPU the small PyTorch will "
        "do: delete .venv, and put before what you typed\n"
        "  PIP_EXTRA_INDEX_URL=https://download.pytorch.org/whl/cpu\n"
        "After anything else that pip says, keep .venv and try again.\n"
    )
    assert capsys.readouterr().err == (said if told else "")
    monkeypatch.setenv("PIP_EXTRA_INDEX_URL", "https://download.pytorch.org/whl/cpu")
    assert make.main(["lint"]) == status
    assert capsys.readouterr().err == ""


def test_a_disk_without_room_for_a_letter(make, monkeypatch, capsys):
    def full():
        raise FileNotFoundError("No usable temporary directory found")

    monkeypatch.setattr(make.shutil, "disk_usage", lambda folder: SimpleNamespace(free=0))
    monkeypatch.setattr(make.tempfile, "gettempdir", full)
    monkeypatch.setattr(make.sys, "platform", "linux")
    later("requirements.txt")
    make.statuses["pip"] = 1
    assert make.main(["lint"]) == 1
    assert f"3.5 of them in {make.ROOT}. Free are 0.0 GB here and 0.0 GB there." in capsys.readouterr().err


def test_other_versions_that_were_broken_off_leave_nothing_that_counts_as_ready(make, monkeypatch):
    monkeypatch.setenv("CONSTRAINTS", "newest")
    make.statuses["pip"] = 130
    assert make.main(["lint"]) == 130
    monkeypatch.delenv("CONSTRAINTS")
    make.statuses.clear()
    assert make.main(["lint"]) == 0
    assert sum(" pip install " in command for command in make.ran) == 2


def test_the_python_of_the_venv_is_not_written_over(make, monkeypatch):
    monkeypatch.setattr(sys, "prefix", str(Path(".venv").resolve()))
    later("requirements.txt")
    make.ready()
    assert [command.split()[2] for command in make.ran] == ["pip"]


@pytest.mark.parametrize("due", [False] if os.name == "nt" else [False, True])
def test_a_broken_venv(copy, due):
    """The Python that .venv was made from has been removed."""
    for program in (copy / ".venv" / BIN).glob("python*"):
        program.unlink()
        if os.name != "nt":
            program.symlink_to("/nowhere/python")
    if due:
        later(copy / "requirements.txt")
    done = call(copy, sys.executable, "make.py", "exercises")
    assert done.returncode == 1
    told = r"\.venv cannot be renewed" if due else r"python\S* cannot be run \(.+\)"
    assert re.search(rf"{told}\. Delete \.venv and try again\.", done.stderr)


# ---- what the targets do ----


@pytest.mark.parametrize(
    ("target", "commands"),
    [
        ("book", ["jupyter-book build . -n -W --keep-going"]),
        (
            "lint",
            [
                "ruff check .",
                "ruff format --check .",
                "check-jsonschema --builtin-schema vendor.github-workflows",
                "zizmor --offline --quiet",
            ],
        ),
        ("exercises", ["python scripts/exercises.py release"]),
        ("home", ["python scripts/set_home.py"]),
        ("tricks", ["python -m benchmarks.tricks"]),
        ("links", ["jupyter-book build . --builder linkcheck --path-output " + str(Path("_build", "links"))]),
    ],
)
def test_plain_targets(make, target, commands):
    assert make.main([target]) == 0
    assert make.ran == commands


def test_a_command_that_fails_ends_all(make):
    make.statuses["ruff check"] = 7
    assert make.main(["lint", "exercises"]) == 7
    assert make.ran == ["ruff check ."]


@pytest.mark.parametrize("system", ["linux", "darwin", "win32"])
def test_controls_run_on_linux_alone(make, monkeypatch, capsys, system):
    monkeypatch.setattr(sys, "platform", system)
    assert make.main(["test"]) == 0
    assert make.ran[-2:] == [
        "python -m pytest tests -m not site -n 2",
        "python scripts/execute.py" + (" --controls" if system == "linux" else ""),
    ]
    said = "the controls of their checks not: these copy a kernel, which is tried on Linux alone."
    assert (said in capsys.readouterr().out) != (system == "linux")


def test_the_site_is_built_before_its_tests(make):
    assert make.main(["test-site"]) == 0
    assert make.ran[0].startswith("jupyter-book build")
    make.SITE.parent.mkdir(parents=True)
    make.SITE.touch()
    make.ran.clear()
    assert make.main(["test-site"]) == 0
    assert make.ran == ["python -m pytest tests -m site -n 2"]
    Path("_build/unfinished").touch()
    assert make.main(["test-site"]) == 0
    assert make.ran[1].startswith("jupyter-book build")


def test_the_epub_wants_a_built_site(make, capsys):
    assert make.main(["epub"]) == 1
    assert "There is no built site yet" in capsys.readouterr().err
    make.SITE.parent.mkdir(parents=True)
    make.SITE.touch()
    assert make.main(["epub"]) == 0
    assert make.ran == ["python scripts/epub.py"]


def test_a_browser_is_installed_with_what_it_needs(make, monkeypatch):
    for system, needs in (("linux", "--with-deps "), ("darwin", ""), ("win32", "")):
        monkeypatch.setattr(sys, "platform", system)
        assert make.main(["browser", "ENGINE=webkit"]) == 0
        assert make.ran[-1] == f"python -m playwright install {needs}webkit"


def test_settings_stay_whole_words(make, monkeypatch, capsys):
    monkeypatch.setenv("CHAPTER", "wgan")
    assert make.main(["grade", "SUBMISSIONS=my class; $(touch x)", "CHAPTER=gan"]) == 0
    command = "python scripts/exercises.py grade --chapter gan --submissions my class; $(touch x) --out grades.csv"
    assert make.ran == [command]
    assert make.main(["grade", "FORMAT=moodle", "ROSTER=a b.csv", "JOBS=3"]) == 0
    assert make.ran[1].endswith("--out grades.csv --jobs 3 --format moodle --roster a b.csv")
    for name in ("CHAPTER", "SUBMISSIONS"):
        assert make.main(["grade", "CHAPTER=gan", "SUBMISSIONS=folder", f"{name}="]) == 1
        assert f"{name} is missing" in capsys.readouterr().err
    assert len(make.ran) == 2
    assert make.main(["home", "REPO=ada/book"]) == 0
    assert os.environ["REPO"] == "ada/book"
    assert os.environ["PYTHONNOUSERSITE"] == "1"


@needs_make
def test_settings_come_through_make_as_they_were_typed():
    """A program in Python's place prints the setting, in which make finds nothing to replace."""
    words = "class $50 (a), $(HOME) $$ 'b'"
    order = ["make", "--no-print-directory", "PYTHON=printenv COLUMN;:", f"COLUMN={words}", "help"]
    done = subprocess.run(order, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == f"{words}\n"


def test_clean(make):
    for name in ("_build/html", ".ruff_cache"):
        Path(name).mkdir(parents=True)
    assert make.main(["clean"]) == make.main(["clean"]) == 0
    assert not Path("_build").exists()
    assert not Path(".ruff_cache").exists()
    assert Path(".venv/ready").is_file()


# ---- real processes ----


def test_no_site_to_serve(copy):
    done = call(copy, sys.executable, str(copy / "make.py"), "serve")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "There is no built site yet; run: python make.py book\n"


@needs_signals
@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM])
def test_serve_until_told_to_stop(copy, end):
    (copy / "_build" / "html").mkdir(parents=True)
    (copy / "_build" / "html" / "index.html").write_text("A page", encoding="utf-8")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, str(copy / "make.py"), "serve", f"PORT={port}"]
    heard = functools.partial(signal.signal, signal.SIGINT, signal.SIG_DFL)  # tests in the background ignore it
    options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "cwd": copy.parent}
    serving = subprocess.Popen(command, start_new_session=True, preexec_fn=heard, **options)
    try:
        assert serving.stdout.readline().startswith(f"The book is at http://127.0.0.1:{port}/")
        for _ in range(600):
            try:
                page = urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=60).read()
                break
            except OSError:
                time.sleep(0.1)
        assert page == b"A page"
        if end == signal.SIGINT:
            os.killpg(serving.pid, end)  # as a terminal does
        else:
            serving.send_signal(end)
        _, errors = serving.communicate(timeout=60)
        assert serving.returncode == 128 + end
        assert "Traceback" not in errors
        with pytest.raises(OSError, match="refused"):
            urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=60)
    finally:
        if serving.poll() is None:
            os.killpg(serving.pid, signal.SIGKILL)


@needs_make
def test_make_hands_everything_on(copy):
    (copy / "make.py").write_text(
        "import os, sys\nprint(sys.argv[1:], os.environ.get('PORT'), os.environ.get('SUBMISSIONS'))\n", encoding="utf-8"
    )
    (copy / "book").mkdir()  # a goal that is a folder too
    done = call(copy, "make", f"PYTHON={sys.executable}", "book", "test-site", "PORT=9000", "SUBMISSIONS=a b", "-j4")
    assert done.stdout.splitlines() == ["['book'] 9000 a b", "['test-site'] 9000 a b"], done.stderr
    assert call(copy, "make", f"PYTHON={sys.executable}", PORT="1").stdout == "['help'] 1 None\n"


@needs_make
def test_make_says_make_and_fails_with_it(copy):
    done = call(copy, "make", f"PYTHON={sys.executable}", "serve")
    assert done.returncode == 2
    assert done.stderr.startswith("There is no built site yet; run: make book\n")
