import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
spec = importlib.util.spec_from_file_location("set_home", ROOT / "scripts" / "set_home.py")
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
set_home = module.set_home
OLD = module.ADDRESS.search((ROOT / "pyproject.toml").read_text(encoding="utf-8")).group(1)
HERE = module.SITE.search((ROOT / "_config.yml").read_text(encoding="utf-8"))  # nothing before there is a site
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
        env={**os.environ, "REPO": "", "SITE": "", "GIT_CEILING_DIRECTORIES": str(folder.parent), **environment},
        capture_output=True,
        text=True,
    )


def test_every_file_gets_the_new_address(copy):
    set_home(copy, OLD, HERE[0] if HERE else "")  # from nowhere to an address there is no way back
    before = contents(copy)
    assert sorted(set_home(copy, NEW)) == sorted(FILES)
    assert not [name for name, content in contents(copy).items() if OLD.encode() in content]
    lab = (copy / "book/minimax/lab.ipynb").read_text(encoding="utf-8")
    assert f"https://colab.research.google.com/github/{NEW}/blob/main/book/minimax/lab.ipynb" in lab
    assert f"git+https://github.com/{NEW}" in lab
    assert set_home(copy, NEW) == []
    assert sorted(set_home(copy, OLD, HERE[0] if HERE else "")) == sorted(FILES)  # and back again, to the byte
    assert contents(copy) == before


def site_in(folder):
    """The site's address as the settings and the citation file have it, which must agree."""
    address = yaml.safe_load((folder / "_config.yml").read_text(encoding="utf-8"))["html"]["baseurl"]
    assert yaml.safe_load((folder / "CITATION.cff").read_text(encoding="utf-8"))["url"] == address
    return address


@pytest.mark.parametrize(
    ("repository", "address"),
    [
        ("ada/gan-book", "https://ada.github.io/gan-book/"),
        ("Ada/GAN.Book", "https://ada.github.io/GAN.Book/"),
        ("Ada/ada.github.io", "https://ada.github.io/"),
    ],
)
def test_the_site_is_where_github_shows_it(copy, repository, address):
    set_home(copy, repository)
    assert site_in(copy) == address


def test_the_site_may_stand_elsewhere(copy):
    assert run(copy, REPO="ada/gan-book", SITE="https://gans.example.org/book/").returncode == 0
    assert site_in(copy) == "https://gans.example.org/book/"
    settings = (copy / "_config.yml").read_text(encoding="utf-8")
    assert settings.count("gans.example.org") == settings.count("  baseurl: ") == 1
    assert run(copy, REPO="ada/gan-book").returncode == 0
    assert site_in(copy) == "https://ada.github.io/gan-book/"


@pytest.mark.parametrize("written", ['"https://old.example/"', "https://old.example/", "", '""'])
@pytest.mark.parametrize("comment", ["", " # the site's address"])
def test_an_address_is_replaced_however_it_is_written(copy, written, comment):
    settings = copy / "_config.yml"
    line = f"  baseurl: {written}{comment}".replace("  #", " #")
    settings.write_text(f"html:\n{line}\n  favicon: a.svg\n", encoding="utf-8")
    set_home(copy, "ada/gan-book")
    text = settings.read_text(encoding="utf-8")
    assert text.splitlines()[1].rstrip() == f'  baseurl: "https://ada.github.io/gan-book/"{comment}'
    assert text.count("baseurl") == 1
    assert site_in(copy) == "https://ada.github.io/gan-book/"


def test_a_file_without_a_place_for_the_address_is_told_and_nothing_written(copy):
    citation = copy / "CITATION.cff"
    text = re.sub(r"(?m)^url: .*\n", "", citation.read_text(encoding="utf-8"))
    citation.write_text(text.replace("license: MIT\n", 'license: "MIT"\n'), encoding="utf-8")
    before = contents(copy)
    done = run(copy, "ada/gan-book")
    assert done.returncode == 2
    assert done.stderr == (
        "set_home: CITATION.cff has no line 'license: MIT' after which the site's address could stand.\n"
    )
    assert contents(copy) == before


@pytest.mark.parametrize(
    "address",
    ["http://a.org/", "https://a.org", "https://a/", "https://A.org/", 'https://a.org/"\nx: "/', "https://-a.org/"],
)
def test_wrong_sites(copy, address):
    before = contents(copy)
    with pytest.raises(ValueError, match="SITE must be an address as"):
        set_home(copy, "ada/gan-book", address)
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
