import importlib.util
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
spec = importlib.util.spec_from_file_location("set_home", ROOT / "scripts" / "set_home.py")
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
set_home = module.set_home


@pytest.fixture
def copy(tmp_path):
    """A small repository with every kind of file that names the address."""
    for name in ("pyproject.toml", "_config.yml", "README.md", "CITATION.cff", "book/minimax/lab.ipynb"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    subprocess.run(["git", "add", "-A"], cwd=tmp_path, check=True)
    return tmp_path


def test_every_file_gets_the_new_address(copy):
    assert len(set_home(copy, "ada/gan-book")) == 5
    for file in copy.rglob("*"):
        if file.is_file() and ".git" not in file.parts:
            assert "gans-proved-and-run/book" not in file.read_text()
    lab = (copy / "book/minimax/lab.ipynb").read_text()
    assert "https://colab.research.google.com/github/ada/gan-book/blob/main/book/minimax/lab.ipynb" in lab
    assert "git+https://github.com/ada/gan-book" in lab
    assert len(set_home(copy, "bob/other")) == 5  # and again from there


@pytest.mark.parametrize("name", ["", "ada", "ada/gan book", "ada/b;rm", "https://github.com/ada/b", "-a/b", "a/b/c"])
def test_wrong_names(copy, name):
    before = (copy / "README.md").read_text()
    with pytest.raises(ValueError, match="REPO must be owner/name"):
        set_home(copy, name)
    assert (copy / "README.md").read_text() == before
