"""What a reader takes away: the wheel, the zip, notebooks whose links lead somewhere, and buttons that do."""

import hashlib
import io
import json
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from html import unescape
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest
import yaml
from sphinx_external_toc.parsing import parse_toc_yaml

sys.path.insert(0, str(Path(__file__).parents[1] / "scripts"))

import take_away
import try_wheel

ROOT = Path(__file__).parents[1]
SITE = ROOT / "_build" / "html"
KNOWN = take_away.notebooks(parse_toc_yaml(ROOT / "_toc.yml"))
ADDRESS = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))["repository"]["url"]
NAME = ADDRESS.removeprefix("https://github.com/")
CELL = nbformat.v4.new_markdown_cell(
    "# A\n\n[the chapter](index.md), [section 2](../b/lab.ipynb#two), [out](https://c.org/d.md)\n\n[Open in Colab](https://x.y)"
)


def test_every_notebook_of_the_book_is_there_under_a_name_of_its_own():
    pages = {path.relative_to(ROOT).with_suffix("").as_posix() for path in (ROOT / "book").glob("*/*.ipynb")}
    assert set(KNOWN) == pages
    assert len({notebook.name for notebook in KNOWN.values()}) == len(pages)
    assert KNOWN["book/gan/lab"][1:] == ("book/gan/lab.ipynb", "03-gan-lab.ipynb")
    assert KNOWN["book/gan/exercises"][1:] == ("exercises/gan.ipynb", "03-gan-exercises.ipynb")
    assert KNOWN["book/start/lab"].name == "start-lab.ipynb"


@pytest.fixture
def no_github(monkeypatch):
    monkeypatch.delenv("GITHUB_REPOSITORY", raising=False)


@pytest.mark.parametrize(
    ("remote", "public"),
    [
        (f"https://github.com/{NAME}", True),
        (f"https://github.com/{NAME}.git", True),
        (f"git@github.com:{NAME}.git", True),
        (f"https://github.com/{NAME}-two", False),
        ("/somewhere/else", False),
        (None, False),
    ],
)
def test_a_home_is_public_where_the_clone_says_so(tmp_path, no_github, remote, public):
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    if remote:
        subprocess.run(["git", "remote", "add", "origin", remote], cwd=tmp_path, check=True)
    assert take_away.has_home(tmp_path, ADDRESS) is public


def test_a_home_is_public_where_github_builds_it(tmp_path, monkeypatch):
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    monkeypatch.setenv("GITHUB_REPOSITORY", "somebody/else")
    assert not take_away.has_home(tmp_path, ADDRESS)
    monkeypatch.setenv("GITHUB_REPOSITORY", NAME)
    assert take_away.has_home(tmp_path, ADDRESS)
    monkeypatch.setenv("PATH", "")  # no git at all
    monkeypatch.delenv("GITHUB_REPOSITORY")
    assert not take_away.has_home(tmp_path, ADDRESS)


def test_addresses_of_colab_and_binder():
    assert take_away.launch("exercises/gan.ipynb", "https://github.com/ada/book") == {
        "Colab": "https://colab.research.google.com/github/ada/book/blob/main/exercises/gan.ipynb",
        "Binder": "https://mybinder.org/v2/gh/ada/book/main?urlpath=lab/tree/exercises/gan.ipynb",
    }


@pytest.mark.parametrize("public", [True, False])
def test_exercises_open_the_student_edition(public):
    """Wherever the book lives; without a public home the buttons tell how to upload."""
    theme = {"repository_url": ADDRESS}
    site_map = parse_toc_yaml(ROOT / "_toc.yml")
    config = SimpleNamespace(home_is_public=public, html_theme_options=theme, external_site_map=site_map)
    app, notebook = SimpleNamespace(config=config), KNOWN["book/gan/exercises"]
    row = unescape(take_away.buttons(app, notebook))
    links = take_away.launch("exercises/gan.ipynb", ADDRESS)
    told = {name: f"../../book/take-away.html#on-{name.lower()}" for name in links}
    assert dict(re.findall(r'href="([^"]+)">(Colab|Binder)<', row)) == {
        goal: name for name, goal in (links if public else told).items()
    }
    names = [{"text": name, "url": f"https://{name}/book/gan/exercises.ipynb"} for name in links]
    source = {"text": ".ipynb", "label": "download-source-button", "url": "_sources/book/gan/exercises.ipynb"}
    take_away.head(app, notebook.page, "", {"header_buttons": [{"buttons": names}, {"buttons": [source]}]}, None)
    assert {button["text"]: button["url"] for button in names} == links
    assert source["url"] == f"../../take-away/{notebook.name}"


def test_an_edition_has_the_links_that_it_is_told_and_the_code_that_there_was(tmp_path):
    code = nbformat.v4.new_code_cell("a = b[0](c.md)")
    notebook = nbformat.v4.new_notebook(cells=[CELL.copy(), code])
    nbformat.write(notebook, tmp_path / "lab.ipynb")
    made = take_away.edition(tmp_path / "lab.ipynb", "book/a/lab", "<{}|{}|{}>".format, "*From B.*", False)
    first, last = nbformat.reads(made.decode(), as_version=4).cells
    shown = "# A\n\n<the chapter|book/a/index|>, <section 2|book/b/lab|#two>, [out](https://c.org/d.md)\n\n*From B.*"
    assert first.source == shown
    assert last == code
    kept = take_away.edition(tmp_path / "lab.ipynb", "book/a/lab", "{}".format, "*From B.*", True)
    assert b"[Open in Colab](https://x.y)" in kept


def test_the_wheel_is_the_same_twice_and_holds_what_the_labs_need(tmp_path):
    wheels = []
    for folder, mask in (("one", 0o022), ("two", 0o077)):
        (tmp_path / folder).mkdir()
        before = os.umask(mask)
        try:
            wheels.append(take_away.build_wheel(ROOT, tmp_path / folder))
        finally:
            os.umask(before)
    assert len({hashlib.sha256(wheel.read_bytes()).hexdigest() for wheel in wheels}) == 1
    with zipfile.ZipFile(wheels[0]) as whole:
        names = set(whole.namelist())
        (about,) = (whole.read(name).decode() for name in names if name.endswith("METADATA"))
    package = ROOT / "gan_helpers"
    files = [path for path in package.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    said = (package / "README.md").read_text(encoding="utf-8")
    assert {path.relative_to(ROOT).as_posix() for path in files if path.name != "README.md"} <= names
    assert {Path(name).name for name in names if "/licenses/" in name} == {"LICENSE", "DATA.md"}
    assert about.endswith(said)  # what an index shows: no link of it may be relative
    assert all(link.startswith("https://") for link in re.findall(r"\]\(([^)]+)\)", said))
    exec(re.search(r"```python\n(.*?)```", said, re.DOTALL)[1])
    needs = {try_wheel.name_of(line[15:]) for line in about.splitlines() if line.startswith("Requires-Dist: ")}
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
    assert set(map(try_wheel.name_of, wanted)) <= needs


def test_what_labs_import_comes_with_the_wheel():
    """An uploaded lab has what the wheel asks for, and Jupyter."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    modules_of = {"pillow": "PIL", "scikit-learn": "sklearn"}
    names = [try_wheel.name_of(requirement) for requirement in project["dependencies"]]
    needs = {modules_of.get(name, name) for name in names} | {"gan_helpers"}
    for notebook in KNOWN.values():
        cells = nbformat.read(ROOT / notebook.file, as_version=4).cells
        source = "\n".join(cell.source for cell in cells if cell.cell_type == "code")
        modules = set(re.findall(r"^(?:from|import) (\w+)", source, re.MULTILINE))
        assert modules <= needs | set(sys.stdlib_module_names) | {"IPython"}, notebook.file


def test_a_wheel_that_cannot_be_built_says_why(tmp_path):
    for name in ("LICENSE", "DATA.md"):
        (tmp_path / name).touch()
    (tmp_path / "gan_helpers").mkdir()
    (tmp_path / "pyproject.toml").write_text('[build-system]\nrequires = []\nbuild-backend = "nothing"\n')
    with pytest.raises(take_away.ExtensionError, match=r"pip says:(.|\n)*nothing"):
        take_away.build_wheel(tmp_path, tmp_path)


def test_an_archive_is_the_same_twice():
    contents = {"b": b"2", "a": b"1"}
    assert take_away.archive(contents) == take_away.archive(dict(sorted(contents.items())))
    with zipfile.ZipFile(io.BytesIO(take_away.archive(contents))) as whole:
        assert {name: whole.read(name) for name in whole.namelist()} == contents


def test_beginnings_of_notebooks():
    """What scripts/try_wheel.py runs of a notebook."""
    sources = ["# Lab", 1, "## 1", 2, "## 2", 3]
    cells = [{"cell_type": "code" if isinstance(x, int) else "markdown", "source": [f"{x}"]} for x in sources]
    assert try_wheel.beginning({"cells": cells}, 1)["cells"] == cells[:2]
    assert try_wheel.beginning({"cells": cells, "x": 1}, 2) == {"cells": cells[:4], "x": 1}
    assert try_wheel.beginning({"cells": cells}, 3)["cells"] == cells


def test_try_wheel_asks_for_the_zip(tmp_path, capsys):
    with pytest.raises(SystemExit):
        try_wheel.main(["--zip", str(tmp_path / "none.zip")])
    assert "make book makes it" in capsys.readouterr().err


def test_try_wheel_asks_for_jupyter(tmp_path, monkeypatch, capsys):
    (tmp_path / "some.zip").touch()
    monkeypatch.setattr(try_wheel, "JUPYTER", tmp_path / "jupyter-execute")
    with pytest.raises(SystemExit):
        try_wheel.main(["--zip", str(tmp_path / "some.zip")])
    assert "make test-wheel sets up .venv" in capsys.readouterr().err


def test_try_wheel_knows_its_notebooks_before_it_installs(tmp_path, monkeypatch, capsys):
    cells = [{"cell_type": "code", "metadata": {}, "source": ["1"], "outputs": [], "execution_count": None}]
    with zipfile.ZipFile(tmp_path / "some.zip", "w") as whole:
        whole.writestr("gan-lab.ipynb", json.dumps({"cells": cells}))
    monkeypatch.setattr(try_wheel, "environment", lambda _: pytest.fail("it installs before it looks"))
    monkeypatch.setattr(try_wheel, "JUPYTER", Path(sys.executable))
    with pytest.raises(SystemExit):
        try_wheel.main(["--zip", str(tmp_path / "some.zip"), "--only", "gann"])
    assert "no notebook has 'gann' in its name" in capsys.readouterr().err


def the_zip():
    return zipfile.ZipFile(SITE / take_away.FOLDER / take_away.BUNDLE)


@pytest.mark.site
def test_the_zip_holds_every_notebook_and_the_wheel_of_the_site():
    with the_zip() as whole:
        names = set(whole.namelist())
        wheel = take_away.wheel_name(ROOT)
        assert names == {notebook.name for notebook in KNOWN.values()} | {wheel, "README.md", "DATA.md"}
        assert whole.read(wheel) == (SITE / take_away.FOLDER / wheel).read_bytes()
        assert f'pip install "{wheel}[labs]"' in whole.read("README.md").decode()


@pytest.mark.site
@pytest.mark.parametrize("notebook", KNOWN.values(), ids=lambda notebook: notebook.name)
def test_a_notebook_to_take_has_the_repository_s_code_and_no_dead_link(notebook):
    alone = (SITE / take_away.FOLDER / notebook.name).read_bytes()
    with the_zip() as whole:
        names, packed = set(whole.namelist()), whole.read(notebook.name)
    source = nbformat.read(ROOT / notebook.file, as_version=4)
    for content, near in ((alone, set()), (packed, names)):
        edition = nbformat.reads(content.decode(), as_version=4)
        nbformat.validate(edition)
        kinds = [cell.cell_type for cell in edition.cells]
        assert kinds == [cell.cell_type for cell in source.cells]
        codes = [[cell.source for cell in one.cells if cell.cell_type == "code"] for one in (edition, source)]
        assert codes[0] == codes[1]
        text = "\n".join(cell.source for cell in edition.cells if cell.cell_type == "markdown")
        goals = re.findall(r"\]\(([^()\s]*\.(?:ipynb|md|html)(?:#[\w-]+)?)\)", text)
        assert [goal for goal in goals if not goal.startswith("https://") and goal not in near] == []
        solutions = "BEGIN SOLUTION" in content.decode()
        assert not solutions


@pytest.mark.site
@pytest.mark.parametrize("notebook", KNOWN.values(), ids=lambda notebook: notebook.name)
def test_a_page_s_buttons_open_the_notebook_of_the_reader(notebook):
    """Above the page and in it; of exercises the student edition."""
    page = SITE / f"{notebook.page}.html"
    html = page.read_text(encoding="utf-8")
    (row,) = re.findall(r'<p class="gan-run">.*?</p>', html)
    goals = {name: unescape(goal) for goal, name in re.findall(r'href="([^"]+)"[^>]*>(\w+)</a>', row)}
    copies = {goals["Download"], *re.findall(r'href="([^"]+\.ipynb)"[^>]*title="Download source file"', html)}
    (copy,) = {(page.parent / goal).resolve() for goal in copies}
    assert copy == (SITE / take_away.FOLDER / notebook.name).resolve()
    assert copy.is_file()
    assert f"<code>jupyter lab {notebook.file}</code>" in row
    above = {name: unescape(goal) for goal, name in re.findall(r'href="([^"]+)"[^>]*title="Launch on (\w+)"', html)}
    links = take_away.launch(notebook.file, ADDRESS)
    if take_away.has_home(ROOT, ADDRESS):
        assert above == links
        assert {name: goals[name] for name in links} == links
    else:
        assert above == {}
        told = (SITE / "book" / "take-away.html").read_text(encoding="utf-8")
        for name in links:
            place, _, anchor = goals[name].partition("#")
            assert (page.parent / place).resolve() == (SITE / "book" / "take-away.html").resolve()
            assert f'id="{anchor}"' in told
    assert "Open in Colab</a>" not in html


@pytest.mark.site
def test_the_page_lists_every_file_with_its_size():
    html = (SITE / "book" / "take-away.html").read_text(encoding="utf-8")
    files = {path.name: path for path in (SITE / take_away.FOLDER).iterdir()}
    linked = set(re.findall(r'href="\.\./take-away/([^"]+)" download', html))
    assert linked == set(files)
    for name, path in files.items():
        if path.suffix != ".ipynb":
            row = next(row for row in html.split("<tr>") if f">{name}</a>" in row)
            assert f"<td>{path.stat().st_size / 1e6:.1f}\N{NO-BREAK SPACE}MB</td>" in row
    assert take_away.wheel_name(ROOT) in re.sub(r"<[^>]+>", "", html.split("On a laptop", 2)[2])


@pytest.mark.emulates
@pytest.mark.site
@pytest.mark.web
@pytest.mark.parametrize("width", [390, 1280])
def test_a_click_on_download_saves_the_notebook(open_page, http, width):
    page, problems = open_page(f"{http}book/gan/exercises.html", width=width, fresh=True)
    with page.expect_download() as waiting:
        page.locator(".gan-run").get_by_role("link", name="Download").click()
    assert waiting.value.suggested_filename == KNOWN["book/gan/exercises"].name
    saved = json.loads(Path(waiting.value.path()).read_text(encoding="utf-8"))
    assert saved["cells"]
    assert problems == []
    page.close()
