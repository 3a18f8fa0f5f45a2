"""The runner of notebooks: what has to run again, what the pages get, and that a failure stays a failure."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

ROOT = Path(__file__).parents[1]
CHECK = {"claim": "x is one.", "controls": [{"fails_if": "x is two", "code": ["x = 2"]}]}

pytestmark = pytest.mark.xdist_group("execute")


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A small project with the book's own runner: two notebooks, one table each, a module."""
    folder = tmp_path_factory.mktemp("project")
    (folder / "scripts").mkdir()
    shutil.copy(ROOT / "scripts" / "execute.py", folder / "scripts")
    (folder / "gan_helpers" / "embedded" / "results").mkdir(parents=True)
    (folder / "gan_helpers" / "__init__.py").write_text("ONE = 1\n")
    for name in ("first", "second"):
        (folder / "gan_helpers" / "embedded" / "results" / f"{name}.csv").write_text("a\n1\n")
        (folder / "book" / name).mkdir(parents=True)
        write(folder, name, "x = 1\nprint('x is', x)")
    shutil.copy(ROOT / "book" / "conftest.py", folder / "book")
    (folder / "gan_helpers" / "embedded" / "results" / "notebooks.csv").write_text("notebook,seconds\n")
    return folder


def write(project, name, code, text="Text.", check=CHECK):
    cells = [new_markdown_cell(text), new_code_cell(code), new_code_cell(f"assert x == 1  # load_results('{name}')")]
    cells[2].metadata["check"] = check
    nbformat.write(new_notebook(cells=cells), project / "book" / name / "lab.ipynb")


def ask(project, code):
    """Return, as JSON, what an expression with the runner `e` of that project says."""
    code = f"import json, sys; sys.path.insert(0, 'scripts'); import execute as e; print(json.dumps({code}))"
    done = subprocess.run([sys.executable, "-c", code], cwd=project, capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def run(project, *options):
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    command = [sys.executable, "scripts/execute.py", *options]
    return subprocess.run(command, cwd=project, capture_output=True, text=True, env=environment)


def waiting(project, kind):
    return ask(project, f"[str(p) for p in e.stale({{p: e.keys_of(p) for p in e.notebooks()}}, {kind!r})]")


def test_runs_once_and_again_only_what_changed(project):
    done = run(project, "--controls")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "2 controls of 2 checks" in done.stdout
    assert "(2 of 2 notebooks" in done.stdout
    assert "book/first/lab.ipynb runs (2 cells)" in done.stdout
    assert (waiting(project, "outputs"), waiting(project, "controls")) == ([], [])
    assert "All 2 notebooks have been run" in run(project).stdout

    write(project, "first", "x = 1\nprint('x is', x)", text="Other text.")
    assert (waiting(project, "outputs"), waiting(project, "controls")) == ([], [])
    source = (project / "book" / "first" / "lab.ipynb").read_text()
    page = ask(project, f"(s := [{source!r}]) and e.insert(None, 'book/first/lab', s) or json.loads(s[0])")
    assert page["cells"][0]["source"] == ["Other text."] or page["cells"][0]["source"] == "Other text."
    assert page["cells"][1]["outputs"][0]["text"] == ["x is 1\n"]

    other = {"claim": "x is one.", "controls": [{"fails_if": "x is three", "code": ["x = 3"]}]}
    write(project, "first", "x = 1\nprint('x is', x)", check=other)
    assert (waiting(project, "outputs"), waiting(project, "controls")) == ([], ["book/first/lab.ipynb"])
    write(project, "first", "x = 1\nprint('x is now', x)")
    assert waiting(project, "outputs") == ["book/first/lab.ipynb"]
    write(project, "first", "x = 1\nprint('x is', x)")
    assert waiting(project, "outputs") == []


@pytest.mark.parametrize(
    ("file", "content", "again"),
    [
        ("gan_helpers/embedded/results/second.csv", "a\n2\n", ["book/second/lab.ipynb"]),
        ("gan_helpers/embedded/results/third.csv", "a\n1\n", []),
        ("gan_helpers/__init__.py", "ONE = 2\n", ["book/first/lab.ipynb", "book/second/lab.ipynb"]),
        ("gan_helpers/embedded/data.npz", "bytes", ["book/first/lab.ipynb", "book/second/lab.ipynb"]),
    ],
)
def test_what_a_notebook_depends_on(project, file, content, again):
    path = project / file
    before = path.read_text() if path.is_file() else None
    path.write_text(content)
    try:
        assert waiting(project, "outputs") == again
    finally:
        path.unlink() if before is None else path.write_text(before)
    assert waiting(project, "outputs") == []


def test_other_versions_are_another_run(project):
    changed = "setattr(e, 'distributions', lambda: []) or [str(p) for p in e.notebooks() "
    changed += "if e.keys_of(p)['outputs'] != e.last_run(p)['outputs']]"
    assert len(ask(project, changed)) == 2


def test_a_failure_stops_the_build_and_is_never_taken_for_done(project):
    write(project, "second", "x = 1 / 0")
    code = "import sys; sys.path.insert(0, 'scripts'); import execute as e, sphinx.errors\n"
    code += "try:\n    e.bring_up_to_date(None)\nexcept sphinx.errors.ExtensionError as error:\n    print(error)"
    done = subprocess.run([sys.executable, "-c", code], cwd=project, capture_output=True, text=True)
    assert "ZeroDivisionError" in done.stdout
    assert "A notebook failed, so the book is not built" in done.stdout.splitlines()[-1]
    assert waiting(project, "outputs") == ["book/second/lab.ipynb"]
    assert "not run as they are: book/second/lab.ipynb" in run(project, "--record").stderr

    write(project, "second", "x = 1", check={"claim": "x is one.", "controls": []})
    assert run(project).returncode == 0  # the outputs are there ...
    done = run(project, "--controls")  # ... but the check has no control
    assert done.returncode == 1
    assert "has no control" in done.stdout
    assert waiting(project, "controls") == ["book/second/lab.ipynb"]
    assert run(project, "--record").returncode == 0
    rows = (project / "gan_helpers" / "embedded" / "results" / "notebooks.csv").read_text().splitlines()
    assert rows[0] == "notebook,cells,seconds,cores,machine"
    assert [row.split(",")[:2] for row in rows[1:]] == [[f"book/{name}/lab.ipynb", "2"] for name in ("first", "second")]
