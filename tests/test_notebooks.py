"""The labs keep the rules of CONTRIBUTING.md, and what they define equals what gan_helpers hands on."""

import ast
import builtins
import re
import subprocess
import sys
import tomllib
from collections import Counter
from pathlib import Path
from statistics import median

import nbformat
import pytest
import torch
import yaml

import gan_helpers

ROOT = Path(__file__).parents[1]
LABS = sorted((ROOT / "book").glob("*/lab.ipynb"))
ADDRESS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["urls"]["Repository"]
SETUP = f"""try:
    import gan_helpers
except ModuleNotFoundError:  # not here yet: the wheel beside this, or the repository
    from glob import glob

    wheels = sorted(glob("gan_helpers-*.whl"))
    source = wheels[-1] if wheels else "git+{ADDRESS}"
    %pip install -q "{{source}}"
    try:
        import gan_helpers
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            f"{{error.name}} could not be installed; pip says why above. Another way: "
            "download gan_helpers-*.whl from the book's page 'Take it with you', put "
            "it beside this notebook, and run this cell again."
        ) from None"""
MYST = {
    "a directive": re.compile(r"^\s*(?::{3,}|`{3,}|~{3,})\s*\{", re.MULTILINE),
    "a role": re.compile(r"\{[A-Za-z][\w:.+-]*\}`"),
    "a label": re.compile(r"^\([\w-]+\)=\s*$", re.MULTILINE),
}
PUBLIC = {
    "gan_helpers": set(gan_helpers.__all__),
    "gan_helpers.fonts": {"make_font"},
    "gan_helpers.recipes": {"Speed", "build", "make_steps", "recipe_for"},
    "gan_helpers.widgets": {"LatentExplorer", "Scrubber"},
}
LOCAL = re.compile(r"(?:^|[\s\"'(`=])(?:/(?:home|root|Users|tmp|work|mnt|content|opt|usr|var)/|~/|file://|[A-Za-z]:\\)")


@pytest.fixture(params=LABS, ids=lambda path: path.parent.name)
def lab(request):
    return request.param, nbformat.read(request.param, as_version=nbformat.NO_CONVERT)


def code(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def text(notebook):
    return [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]


def lines(cell):
    return sum(bool(line.strip()) for line in cell.source.splitlines())


def figures(notebook):
    return [cell for cell in code(notebook) if "plt.show()" in cell.source]


def test_there_are_labs():
    assert len(LABS) >= 10
    notebooks = {path.name for path in (ROOT / "book").rglob("*.ipynb") if ".ipynb_checkpoints" not in path.parts}
    assert notebooks <= {"lab.ipynb", "exercises.ipynb"}


def test_valid_and_without_outputs(lab):
    path, notebook = lab
    nbformat.validate(notebook)
    assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)
    assert notebook.metadata.kernelspec.name == "python3"
    for cell in code(notebook):
        assert not cell.outputs
        assert cell.execution_count is None
        assert "execution" not in cell.metadata
    command = [sys.executable, "-m", "nbstripout", "--keep-id", "--verify", path]
    verdict = subprocess.run(command, capture_output=True, text=True)
    assert verdict.returncode == 0, verdict.stdout + verdict.stderr


def test_cells_are_short(lab):
    _, notebook = lab
    lengths = [lines(cell) for cell in code(notebook)]
    assert max(lengths) <= 30
    assert median(lengths) <= 6


def test_beginning(lab):
    path, notebook = lab
    assert notebook.cells[0].cell_type == "markdown"
    first = notebook.cells[0].source
    assert re.match(r"# \S", first)
    place = path.relative_to(ROOT).as_posix()
    home = ADDRESS.removeprefix("https://github.com/")
    assert f"[Open in Colab](https://colab.research.google.com/github/{home}/blob/main/{place})" in first
    assert "**Reading**" in first
    assert "**running**" in first
    assert code(notebook)[0].source == SETUP
    assert sum("gan_helpers\nexcept" in cell.source for cell in code(notebook)) == 1
    assert not [source for source in text(notebook)[1:] if re.search(r"^# ", source, re.MULTILINE)]  # one title


def test_plain_markdown(lab):
    _, notebook = lab
    for source in text(notebook):
        for what, pattern in MYST.items():
            assert not pattern.search(source), f"{what} of MyST, which Colab shows raw, in: {source}"


@pytest.mark.parametrize(
    ("what", "source"),
    [
        ("a directive", "```{note}\nx\n```"),
        ("a directive", ":::{prf:theorem} Name"),
        ("a role", "see {cite:p}`key`"),
        ("a role", "{prf:ref}`thm-x`"),
        ("a label", "(sec-x)=\n## Title"),
    ],
)
def test_myst_would_be_seen(what, source):
    assert MYST[what].search(source)


def test_figures_have_captions_and_alt_text(lab):
    _, notebook = lab
    assert figures(notebook)
    for cell in figures(notebook):
        details = cell.metadata.mystnb
        assert details.figure.name.startswith("fig-")
        assert len(details.figure.caption) > 30
        assert len(details.image.alt) > 30
        assert cell.source.rstrip().endswith("plt.show()")
        assert cell.source.count("plt.show()") == 1


def test_plain_widgets_leave_no_trace_on_the_page(lab):
    _, notebook = lab
    for cell in code(notebook):
        if "interact(" in cell.source:
            assert "remove-output" in cell.metadata.get("tags", []), cell.source


def test_the_classroom_has_sliders():
    sources = "\n".join(path.read_text(encoding="utf-8") for path in LABS)
    for knob in ("temperature=(", "digit=(", "seed=(", "step=SelectionSlider"):
        assert knob in sources


def test_names_of_figures_are_unique_in_the_book():
    notebooks = [nbformat.read(path, as_version=4) for path in LABS]
    names = Counter(cell.metadata.mystnb.figure.name for notebook in notebooks for cell in figures(notebook))
    assert [name for name, times in names.items() if times > 1] == []


LABELLED = re.compile(r"\{prf:(theorem|lemma|proposition|corollary)\}[^\n]*\n:label: ([\w-]+)")
STATEMENTS = {
    label
    for page in sorted((ROOT / "book").glob("*/index.md"))
    for _, label in LABELLED.findall(page.read_text("utf-8"))
}


def checks(notebook):
    """Return the cells that assert."""
    return [
        cell
        for cell in code(notebook)
        if any(isinstance(node, ast.Assert) for node in ast.walk(python(cell)))
        or re.search(r"\bassert_(close|allclose|array)", cell.source)
    ]


def test_every_check_has_its_claim_and_its_control(lab):
    """Where the controls run, and must fail, is book/conftest.py; here only their form is looked at."""
    path, notebook = lab
    wrong = []
    for cell in checks(notebook):
        details = cell.metadata.get("check", {})
        controls = details.get("controls", [])
        if not (details.get("claim", "").endswith((".", "?")) and controls and "print(" in cell.source):
            wrong.append(f"{cell.get('id')}: no claim, no control or nothing printed: {cell.source[:60]!r}")
        if set(details) - {"claim", "settles", "controls"} or set(details.get("settles", [])) - STATEMENTS:
            wrong.append(f"{cell.get('id')}: unknown label or key in {details}")
        for control in controls:
            fits = all(len(line) <= 88 for line in control.get("code", []))
            if not (control.get("fails_if") and bool(control.get("code")) != bool(control.get("shown")) and fits):
                wrong.append(f"{cell.get('id')}: each control has fails_if, and code (lines up to 88) or shown")
            compile("\n".join(control.get("code", [])), str(path), "exec")
    assert not wrong, "\n".join(wrong)
    others = [cell for cell in notebook.cells if "check" in cell.metadata and cell not in checks(notebook)]
    assert not others, "a cell that asserts nothing carries a check"


def test_every_statement_is_settled():
    settled = {
        label
        for path in LABS
        for cell in code(nbformat.read(path, as_version=4))
        for label in cell.metadata.get("check", {}).get("settles", [])
    }
    assert len(STATEMENTS) >= 54
    assert sorted(STATEMENTS - settled) == []


def test_the_first_page_shows_the_program_of_its_lab():
    page = (ROOT / "book" / "start.md").read_text(encoding="utf-8")
    shown = re.findall(r"^```python\n(.*?)\n```$", page, re.MULTILINE | re.DOTALL)
    notebook = nbformat.read(ROOT / "book" / "start" / "lab.ipynb", as_version=4)
    assert shown
    assert all(source in [cell.source for cell in code(notebook)] for source in shown)


def test_ids_are_unique(lab):
    _, notebook = lab
    ids = [cell.id for cell in notebook.cells]
    assert len(set(ids)) == len(ids)


def test_there_are_checks_and_exercises(lab):
    path, notebook = lab
    if path.parent.name == "start":  # fifteen minutes: three claims, and then things to break
        assert len(checks(notebook)) == 3
        return
    assert sum("assert" in cell.source for cell in code(notebook)) >= 8
    whole = "\n".join(text(notebook))
    for kind in ("**1. Predict**", "**2. Change**", "**3. Build**"):
        assert kind in whole
    assert sum("hide-cell" in cell.metadata.get("tags", []) for cell in code(notebook)) >= 3


def test_nothing_is_let_off(lab):
    """No cell that the build or the tests would pass over, or whose failure they would accept."""
    _, notebook = lab
    for cell in notebook.cells:
        tags = set(cell.metadata.get("tags", []))
        assert not tags & {"skip-execution", "raises-exception", "nbval-skip", "nbval-raises-exception"}, cell.source
        assert not re.search(r"(?i)#\s*nbval", cell.source), cell.source


def test_no_path_of_one_machine(lab):
    _, notebook = lab
    for cell in notebook.cells:
        assert not LOCAL.search(cell.source), cell.source


def python(cell):
    return ast.parse(re.sub(r"^(\s*)[%!]\S.*$", r"\1pass", cell.source, flags=re.MULTILINE))


def test_only_public_names(lab):
    _, notebook = lab
    for cell in code(notebook):
        for node in ast.walk(python(cell)):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("gan_helpers"):
                assert node.module in PUBLIC
                assert {alias.name for alias in node.names} <= PUBLIC[node.module]
            if isinstance(node, ast.Import):
                assert not [alias.name for alias in node.names if alias.name.startswith("gan_helpers.")]
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "gan_helpers":
                assert node.attr in gan_helpers.__all__


def names(cells, context):
    """Return the names that cells read (ast.Load) or bind (ast.Store, with imports, functions and arguments)."""
    found = set()
    for node in (node for cell in cells for node in ast.walk(python(cell))):
        if isinstance(node, ast.Name) and isinstance(node.ctx, context):
            found.add(node.id)
        if context is ast.Store and isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            found.add(node.name)
        if context is ast.Store and isinstance(node, ast.arg):
            found.add(node.arg)
        if context is ast.Store and isinstance(node, ast.alias):
            found.add((node.asname or node.name).split(".")[0])
    return found


def statements(notebook):
    """Return the set-up of the lab on mistakes, and the code cells of each statement or exercise."""
    groups = [[]]
    for cell in notebook.cells:
        if cell.cell_type == "markdown" and re.search(r"\*\*(M\d+|[123])\. ?\w*\*\*", cell.source):
            groups.append([])
        groups[-1] += [cell] * (cell.cell_type == "code")
    return groups[0], [group for group in groups[1:] if group]


def test_a_mistake_needs_the_set_up_alone():
    """As the lab promises, a reader may jump to any statement once the set-up has run."""
    notebook = nbformat.read(ROOT / "book" / "mistakes" / "lab.ipynb", as_version=nbformat.NO_CONVERT)
    set_up, groups = statements(notebook)
    assert len(groups) >= 60
    given = names(set_up, ast.Store) | set(dir(builtins))
    for group in groups:
        assert names(group, ast.Load) - names(group, ast.Store) - given == set(), group[0].source


def test_in_the_table_of_contents(lab):
    path, _ = lab
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    chapters = [chapter for part in toc["parts"] for chapter in part["chapters"]]
    folder = f"book/{path.parent.name}"
    (chapter,) = [chapter for chapter in chapters if chapter["file"] in (f"{folder}/index", folder)]
    assert chapter["sections"][0]["file"] == f"{folder}/lab"
    assert (ROOT / f"{chapter['file']}.md").is_file()


def logits(*shape):
    return (10 * torch.randn(*shape)).requires_grad_()


INPUTS = {  # a function that a lab teaches: arguments on which it must equal the helper's
    "minimax_d": lambda: (logits(50), logits(60)),
    "minimax_g": lambda: (logits(50),),
    "non_saturating_g": lambda: (logits(50),),
    "wasserstein_d": lambda: (logits(50), logits(60)),
    "wasserstein_g": lambda: (logits(50),),
    "gradient_penalty": lambda: (gan_helpers.MLPDiscriminator((3,)), torch.randn(40, 3), torch.randn(40, 3)),
}


def taught():
    """Every function or class that a lab defines under a public name of gan_helpers, with the lab's own imports."""
    for path in LABS:
        imports = []
        for cell in code(nbformat.read(path, as_version=4)):
            for node in python(cell).body:
                if isinstance(node, (ast.Import, ast.ImportFrom)):
                    imports.append(node)
                named = isinstance(node, (ast.FunctionDef, ast.ClassDef))
                if named and node.name in gan_helpers.__all__:
                    yield pytest.param(node.name, [*imports, node], id=f"{path.parent.name}-{node.name}")


def test_every_taught_name_is_compared():
    names = {param.values[0] for param in taught()}
    assert names - set(INPUTS) == set(), "add the arguments to compare on to INPUTS"
    assert set(INPUTS) - names == set(), "no lab defines these any more"


@pytest.mark.parametrize(("name", "nodes"), list(taught()))
def test_what_is_taught_is_what_is_handed_on(name, nodes):
    names = {}
    exec(compile(ast.Module(nodes, []), "lab", "exec"), names)
    taught, helper = names[name], getattr(gan_helpers, name)
    assert taught is not helper
    for seed in range(3):
        torch.manual_seed(seed)
        arguments = INPUTS[name]()
        is_net = isinstance(arguments[0], torch.nn.Module)
        inputs = [p for p in arguments[0].parameters() if p.ndim > 1] if is_net else arguments
        values = []
        for function in (taught, helper):
            torch.manual_seed(seed)  # where a function draws, both draw the same
            values.append(function(*arguments))
        torch.testing.assert_close(*values)
        torch.testing.assert_close(*(torch.autograd.grad(value, inputs) for value in values))
