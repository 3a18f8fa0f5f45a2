import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
spec = importlib.util.spec_from_file_location("set_home", ROOT / "scripts" / "set_home.py")
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
set_home = module.set_home
OLD = module.ADDRESS.search((ROOT / "pyproject.toml").read_text(encoding="utf-8")).group(1)
NEW = "ada-test/gan-book.2"  # somebody who publishes a copy runs these tests under another address
FILES = ["README.md", "_config.yml", "CITATION.cff", "book/minimax/lab.ipynb", "pyproject.toml"]
WRONG = [
    "", "ada", "ada/gan book", "ada/b;rm", "https://github.com/ada/b", "-a/b", "a-/b", "a--a/b", "a/b/c", "a/..",
    "a/b.git", "a/b\n", "$(touch pwned)/b",
]  # fmt: skip


@pytest.fixture
def copy(tmp_path):
    """A small repository with every kind of file that names the address."""
    for name in [*FILES, "scripts/set_home.py"]:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    subprocess.run(["git", "add", "-A"], cwd=tmp_path, check=True)
    return tmp_path


def contents(folder):
    return {
        file.relative_to(folder).as_posix(): file.read_bytes()
        for file in folder.rglob("*")
        if file.is_file() and ".git" not in file.parts
    }


def run(folder, *arguments, **environment):
    return subprocess.run(
        [sys.executable, "scripts/set_home.py", *arguments],
        cwd=folder,
        env={**os.environ, "REPO": "", "GIT_CEILING_DIRECTORIES": str(folder.parent), **environment},
        capture_output=True,
        text=True,
    )


def test_every_file_gets_the_new_address(copy):
    before = contents(copy)
    assert sorted(set_home(copy, NEW)) == sorted(FILES)
    assert not [name for name, content in contents(copy).items() if OLD.encode() in content]
    lab = (copy / "book/minimax/lab.ipynb").read_text(encoding="utf-8")
    assert f"https://colab.research.google.com/github/{NEW}/blob/main/book/minimax/lab.ipynb" in lab
    assert f"git+https://github.com/{NEW}" in lab
    assert set_home(copy, NEW) == []
    assert sorted(set_home(copy, OLD)) == sorted(FILES)  # and back again, to the byte
    assert contents(copy) == before


def test_whole_names_only_and_line_endings_stay(copy):
    kept = f"github.com/{OLD}-two github.com/{OLD}.js x{OLD} other.{OLD}"
    (copy / "notes.md").write_bytes(f"{kept}\r\nSee https://github.com/{OLD}.\r\n{OLD}.git {OLD}@main\r\n".encode())
    (copy / "picture.png").write_bytes(b"\x89PNG\xff" + OLD.encode())
    (copy / "untracked.md").write_text(OLD)
    subprocess.run(["git", "add", "notes.md", "picture.png"], cwd=copy, check=True)
    set_home(copy, NEW)
    expected = f"{kept}\r\nSee https://github.com/{NEW}.\r\n{NEW}.git {NEW}@main\r\n".encode()
    assert (copy / "notes.md").read_bytes() == expected
    assert (copy / "picture.png").read_bytes() == b"\x89PNG\xff" + OLD.encode()
    assert (copy / "untracked.md").read_text() == OLD


@pytest.mark.parametrize("name", WRONG)
def test_wrong_names(copy, name):
    before = contents(copy)
    with pytest.raises(ValueError, match="REPO must be owner/name"):
        set_home(copy, name)
    assert contents(copy) == before


def test_no_address_to_replace(copy):
    (copy / "pyproject.toml").write_text("[project]\n")
    with pytest.raises(ValueError, match=r"project\.urls"):
        set_home(copy, NEW)


def test_command_line(copy):
    done = run(copy, REPO=NEW)  # as make calls it
    assert (done.returncode, done.stderr) == (0, "")
    assert sorted(done.stdout.splitlines()) == sorted([*(f"changed {name}" for name in FILES), "5 files changed."])
    again = run(copy, NEW)
    assert (again.returncode, again.stdout) == (0, "Nothing to change: that address is in place already.\n")
    wrong = run(copy, "ada")
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert wrong.stderr == "set_home: REPO must be owner/name, as in make home REPO=ada/gan-book, but 'ada' came.\n"
    assert run(copy).returncode == run(copy, "a/b", "c/d").returncode == 2


def test_outside_a_clone(copy):
    shutil.rmtree(copy / ".git")
    done = run(copy, NEW)
    assert done.returncode == 2
    assert done.stderr.startswith("set_home: git could not list the files of")
    assert len(done.stderr.splitlines()) == 1
