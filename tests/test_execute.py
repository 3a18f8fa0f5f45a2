"""The runner of notebooks: what has to run again, what the pages get, and that a failure stays a failure."""

import base64
import io
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import matplotlib.pyplot as plt
import nbformat
import numpy as np
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from PIL import Image

ROOT = Path(__file__).parents[1]
LINUX = sys.platform == "linux"  # elsewhere controls do not run
CHECK = {"claim": "x is one.", "controls": [{"fails_if": "x is two", "code": ["x = 3"]}]}


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
    for name in ("_toc.yml", "_config.yml", "book/references.bib"):
        (folder / name).write_text("")
    return folder


@pytest.fixture(scope="module")
def first_run(project):
    """What the runner says of notebooks that never ran."""
    done = run(project, *["--controls"] * LINUX)
    assert done.returncode == 0, done.stdout + done.stderr
    shutil.copytree(project / "_build", project / "kept")
    return done.stdout


@pytest.fixture
def ran(project, first_run):
    """The project with both notebooks as they ran."""
    yield project
    for name in ("first", "second"):
        write(project, name, "x = 1\nprint('x is', x)")
    shutil.rmtree(project / "_build")
    shutil.copytree(project / "kept", project / "_build")


def write(project, name, code, text="Text.", check=CHECK, tags=(), more=False):
    cells = [
        new_markdown_cell(text),
        new_code_cell(code),
        new_code_cell(f"if x == 2:\n    load_results({name!r})\nassert x == 1"),
    ]
    cells[1].metadata["tags"] = list(tags)
    cells[2].metadata["check"] = check
    cells += [new_markdown_cell("More.")] if more else []
    nbformat.write(new_notebook(cells=cells), project / "book" / name / "lab.ipynb")


def ask(project, code, before=""):
    """Return, as JSON, what an expression with the runner `e` of that project says."""
    code = f"import json, sys\nsys.path.insert(0, 'scripts')\nimport execute as e\n{before}\nprint(json.dumps({code}))"
    done = subprocess.run([sys.executable, "-c", code], cwd=project, capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def run(project, *options):
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    command = [sys.executable, "scripts/execute.py", *options]
    return subprocess.run(command, cwd=project, capture_output=True, text=True, env=environment)


def waiting(project, kind):
    return ask(project, f"[p.as_posix() for p in e.stale({{p: e.keys_of(p) for p in e.notebooks()}}, {kind!r})]")


def test_runs_once_and_again_only_what_changed(ran, first_run):
    never = [] if LINUX else ["book/first/lab.ipynb", "book/second/lab.ipynb"]
    assert ("2 controls of 2 checks" in first_run) == LINUX
    assert "(2 of 2 notebooks" in first_run
    assert "book/first/lab.ipynb runs (2 cells)" in first_run
    assert (waiting(ran, "outputs"), waiting(ran, "controls")) == ([], never)
    assert "All 2 notebooks have been run" in run(ran).stdout

    write(ran, "first", "x = 1\nprint('x is', x)", text="Other text.", more=True)
    assert (waiting(ran, "outputs"), waiting(ran, "controls")) == ([], never)
    other = {"claim": "x is one.", "controls": [{"fails_if": "x is three", "code": ["x = 3"]}]}
    write(ran, "first", "x = 1\nprint('x is', x)", check=other)
    assert (waiting(ran, "outputs"), waiting(ran, "controls")) == ([], never or ["book/first/lab.ipynb"])
    for change in (
        {"code": "x = 1\nprint('x is now', x)"},
        {"code": "x = 1\nprint('x is', x)", "tags": ["raises-exception"]},
    ):
        write(ran, "first", **change)
        assert waiting(ran, "outputs") == ["book/first/lab.ipynb"]


def test_pages_get_what_ran(ran):
    write(ran, "first", "x = 1\nprint('x is', x)", text="Other text.")
    source = (ran / "book" / "first" / "lab.ipynb").read_text()
    page = ask(ran, f"(s := [{source!r}]) and e.insert(None, 'book/first/lab', s) or json.loads(s[0])")
    assert "".join(page["cells"][0]["source"]) == "Other text."
    assert page["cells"][1]["outputs"][0]["text"] == ["x is 1\n"]
    source = source.replace("x is", "y is")
    with pytest.raises(subprocess.CalledProcessError) as error:
        ask(ran, f"e.insert(None, 'book/first/lab', [{source!r}])")
    assert "book/first/lab.ipynb changed while the book was built" in error.value.stderr


def test_pictures_weigh_less_and_look_the_same(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "scripts"))
    from execute import light

    figure, axes = plt.subplots(1, 2, dpi=200)
    axes[0].scatter(*np.random.default_rng(1).normal(size=(2, 300)), alpha=0.5)
    axes[1].imshow(np.linspace(0, 1, 400).reshape(20, 20), cmap="RdBu")
    file = io.BytesIO()
    figure.savefig(file)
    drawn = Image.open(file).convert("RGB")
    output = {"data": {"image/png": base64.b64encode(file.getvalue()).decode()}, "metadata": {"width": 640}}
    data = base64.b64decode(light(output)["data"]["image/png"])
    shown = Image.open(io.BytesIO(data)).convert("RGB")
    assert len(data) < 0.6 * len(file.getvalue())
    assert shown.size == drawn.size
    assert np.abs(np.asarray(shown, dtype=float) - np.asarray(drawn, dtype=float)).mean() < 1
    text = {"name": "stdout", "text": "unchanged"}
    assert light(dict(text)) == text


def test_pages_to_read_again(ran):
    """Other outputs, other settings, and a build that did not end well."""
    names = ["book/first/lab", "book/second/lab"]
    order = f"""
from types import SimpleNamespace as S
html, links = S(name="html"), S(name="linkcheck")
app, env, said = S(gan_whole=True, outdir="html", _warncount=0, builder=html), S(found_docs={names}), []
app.env = env
said.append(e.changed(app, env)); said.append(e.changed(app, env))
env.gan_executed["book/second/lab"] = "before"; said.append(e.changed(app, env))
env.gan_executed["all"] = "before"; said.append(e.changed(app, env))
def build(warnings, error):
    e.bring_up_to_date(app); said.append(e.changed(app, env)); app._warncount = warnings; e.finish(app, error)
e.UNFINISHED.unlink(missing_ok=True)
for warnings, error in ((0, None), (1, None), (0, None), (0, RuntimeError()), (0, None), (0, None)):
    build(warnings, error)
app.builder = links
for there in (False, True):  # a build of something else says nothing of the site
    e.UNFINISHED.touch() if there else e.UNFINISHED.unlink(missing_ok=True)
    build(0, None); said.append(e.UNFINISHED.exists())
"""
    pages = ask(ran, "said", order)
    assert pages[:4] == [names, [], names[1:], names]
    assert pages[4:10] == [[], [], names, [], names, []]  # all again after a warning, and after an error
    assert pages[11::2] == [False, True]


def test_a_notebook_that_changes_meanwhile(ran):
    """Its run counts for what it was; what it has become has not been run."""
    path = ran / "book" / "second" / "lab.ipynb"
    write(
        ran, "second", f"x = 1\np = {str(path)!r}\ns = open(p).read()\nopen(p, 'w').write(s.replace('x = 1', 'x  = 1'))"
    )
    done = run(ran)
    assert done.returncode == 1
    assert "changed while notebooks ran, or not run to the end: book/second/lab.ipynb" in done.stderr


@pytest.mark.parametrize(
    ("code", "tables"),
    [
        (
            "from gan_helpers import load_results\nload_results('first')\nload_results(\n  \"second\")",
            ["first", "second"],
        ),
        ("gh.load_results('first')", ["first"]),
        ("%matplotlib inline\nload_results('first')", ["first"]),
        ("print('first')", []),
        ("name = 'first'\nload_results(name)", "all"),
        ("map(load_results, ['first'])", "all"),
        ("from gan_helpers import load_results as table\ntable('first')", "all"),
        ("load_results('first' if x else 'second')", "all"),
        ("this is no code", "all"),
    ],
)
def test_which_tables_a_notebook_loads(ran, code, tables):
    every = ask(ran, "sorted(path.stem for path in e.RESULTS.glob('*.csv'))")
    assert ask(ran, f"sorted(e._tables([{code!r}]))") == (every if tables == "all" else tables)


@pytest.mark.parametrize(
    ("file", "content", "again"),
    [
        ("gan_helpers/embedded/results/second.csv", "a\n2\n", ["book/second/lab.ipynb"]),
        ("gan_helpers/embedded/results/third.csv", "a\n1\n", []),
        ("gan_helpers/__init__.py", "ONE = 2\n", ["book/first/lab.ipynb", "book/second/lab.ipynb"]),
        ("gan_helpers/embedded/data.npz", "bytes", ["book/first/lab.ipynb", "book/second/lab.ipynb"]),
    ],
)
def test_what_a_notebook_depends_on(ran, file, content, again):
    path = ran / file
    before = path.read_text() if path.is_file() else None
    path.write_text(content)
    try:
        assert waiting(ran, "outputs") == again
    finally:
        path.unlink() if before is None else path.write_text(before)
    assert waiting(ran, "outputs") == []


def test_other_versions_are_another_run(ran):
    changed = "setattr(e, 'distributions', lambda: []) or [str(p) for p in e.notebooks() "
    changed += "if e.keys_of(p)['outputs'] != e.last_run(p)['outputs']]"
    assert len(ask(ran, changed)) == 2


@pytest.mark.parametrize(("package", "again"), [("sphinx", 0), ("playwright", 0), ("numpy", 2), ("ipykernel", 2)])
def test_only_packages_that_notebooks_run_with_matter(ran, package, again):
    without = f"[d for d in e.distributions() if d.name.lower() != {package!r}]"
    changed = f"setattr(e, 'distributions', lambda kept={without}: kept) or [str(p) for p in e.notebooks() "
    changed += "if e.keys_of(p)['outputs'] != e.last_run(p)['outputs']]"
    assert len(ask(ran, changed)) == again


@pytest.mark.parametrize("system", ["darwin", "win32"])
def test_controls_off_linux_are_refused_in_a_sentence(ran, system):
    code = f"import runpy, sys; sys.platform, sys.argv[1:] = {system!r}, ['--controls']"
    code += "; runpy.run_path('scripts/execute.py', run_name='__main__')"
    done = subprocess.run([sys.executable, "-c", code], cwd=ran, capture_output=True, text=True)
    assert done.returncode == 2
    assert "controls copy a running kernel, which is tried on Linux alone; run it without --controls" in done.stderr


def test_a_failure_stops_the_build_and_is_never_taken_for_done(ran):
    write(ran, "second", "x = 1 / 0")
    code = "import sys; sys.path.insert(0, 'scripts'); import execute as e, sphinx.errors, types\n"
    code += "try:\n    e.bring_up_to_date(types.SimpleNamespace(builder=types.SimpleNamespace(name='html')))\n"
    code += "except sphinx.errors.ExtensionError as error:\n    print(error)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ran, capture_output=True, text=True)
    assert "ZeroDivisionError" in done.stdout
    assert "so the book is not built" in done.stdout.splitlines()[-1]
    assert waiting(ran, "outputs") == ["book/second/lab.ipynb"]

    write(ran, "second", "x = 1", check={"claim": "x is one.", "controls": []})
    assert run(ran).returncode == 0  # the outputs are there ...
    done = run(ran, "--controls")  # ... but the check has no control
    assert done.returncode == (1 if LINUX else 2)
    assert "has no control" in done.stdout if LINUX else "Linux alone" in done.stderr
    never = ["book/second/lab.ipynb"] if LINUX else ["book/first/lab.ipynb", "book/second/lab.ipynb"]
    assert waiting(ran, "controls") == never
    assert run(ran, "--record").returncode == 0
    assert run(ran, "--record").returncode == 0  # again changes nothing
    rows = (ran / "gan_helpers" / "embedded" / "results" / "notebooks.csv").read_text().splitlines()
    assert rows[0] == "notebook,cells,seconds,cores,machine"
    assert [row.split(",")[:2] for row in rows[1:]] == [[f"book/{name}/lab.ipynb", "2"] for name in ("first", "second")]
