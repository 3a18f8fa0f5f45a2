"""The labs keep the rules of CONTRIBUTING.md, and what they define equals what gan_helpers hands on."""

import ast
import re
import sys
from pathlib import Path
from statistics import median

import nbformat
import pytest
import torch
import yaml

import gan_helpers

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).parents[1]
LABS = sorted((ROOT / "book").glob("*/lab.ipynb"))
ADDRESS = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["urls"]["Repository"]
SETUP = f"""try:
    import gan_helpers
except ModuleNotFoundError:  # on Colab: fetch the book's helpers
    %pip install -q "git+{ADDRESS}"
    import gan_helpers"""


@pytest.fixture(params=LABS, ids=lambda path: path.parent.name)
def lab(request):
    return request.param, nbformat.read(request.param, as_version=4)


def code(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def text(notebook):
    return [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]


def test_there_are_labs():
    assert len(LABS) >= 3


def test_valid_and_without_outputs(lab):
    _, notebook = lab
    nbformat.validate(notebook)
    assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)
    assert notebook.metadata.kernelspec.name == "python3"
    for cell in code(notebook):
        assert not cell.outputs
        assert cell.execution_count is None
        assert "execution" not in cell.metadata


def test_cells_are_short(lab):
    _, notebook = lab
    lengths = [len(cell.source.splitlines()) for cell in code(notebook)]
    assert max(lengths) <= 30
    assert median(lengths) <= 6


def test_beginning(lab):
    path, notebook = lab
    first = text(notebook)[0]
    assert first.startswith("# ")
    place = path.relative_to(ROOT).as_posix()
    home = ADDRESS.removeprefix("https://github.com/")
    assert f"[Open in Colab](https://colab.research.google.com/github/{home}/blob/main/{place})" in first
    assert "**Reading**" in first
    assert "**running**" in first
    assert code(notebook)[0].source == SETUP


def test_plain_markdown(lab):
    _, notebook = lab
    for source in text(notebook):
        assert not re.search(r"^(:{3,}|`{3,})\s*\{", source, re.MULTILINE), source
        assert not re.search(r"\{[a-z:]+\}`", source), source


def test_figures_have_captions_and_alt_text(lab):
    _, notebook = lab
    names = []
    for cell in code(notebook):
        if "plt.show()" in cell.source:
            details = cell.metadata.mystnb
            names.append(details.figure.name)
            assert len(details.figure.caption) > 30
            assert len(details.image.alt) > 30
            assert cell.source.rstrip().endswith("plt.show()")
            assert cell.source.count("plt.show()") == 1
    assert names
    assert len(set(names)) == len(names)
    assert all(name.startswith("fig-") for name in names)


def test_there_are_checks_and_exercises(lab):
    _, notebook = lab
    assert sum("assert" in cell.source for cell in code(notebook)) >= 8
    whole = "\n".join(text(notebook))
    for kind in ("**1. Predict**", "**2. Change**", "**3. Build**"):
        assert kind in whole
    assert sum("hide-cell" in cell.metadata.get("tags", []) for cell in code(notebook)) >= 3


def python(cell):
    return ast.parse(re.sub(r"^(\s*)%\w.*$", r"\1pass", cell.source, flags=re.MULTILINE))


def test_only_public_names(lab):
    _, notebook = lab
    for cell in code(notebook):
        for node in ast.walk(python(cell)):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("gan_helpers"):
                assert node.module == "gan_helpers"
                assert {alias.name for alias in node.names} <= set(gan_helpers.__all__)
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "gan_helpers":
                assert node.attr in gan_helpers.__all__


def test_in_the_table_of_contents(lab):
    path, _ = lab
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text())
    chapters = [chapter for part in toc["parts"] for chapter in part["chapters"]]
    folder = f"book/{path.parent.name}"
    (chapter,) = [chapter for chapter in chapters if chapter["file"] == f"{folder}/index"]
    assert chapter["sections"] == [{"file": f"{folder}/lab"}]
    assert (path.parent / "index.md").is_file()


INPUTS = {  # a function that a lab teaches: arguments on which it must equal the helper's
    "minimax_d": lambda: (10 * torch.randn(50), 10 * torch.randn(60)),
    "minimax_g": lambda: (10 * torch.randn(50),),
    "non_saturating_g": lambda: (10 * torch.randn(50),),
}


def taught():
    """Every function or class that a lab defines under a public name of gan_helpers."""
    for path in LABS:
        for cell in code(nbformat.read(path, as_version=4)):
            for node in python(cell).body:
                if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and node.name in gan_helpers.__all__:
                    yield pytest.param(node, id=f"{path.parent.name}-{node.name}")


def test_something_is_taught():
    assert {param.values[0].name for param in taught()} == set(INPUTS)


@pytest.mark.parametrize("node", list(taught()))
def test_what_is_taught_is_what_is_handed_on(node):
    from torch.nn.functional import softplus

    names = {"torch": torch, "softplus": softplus}
    exec(compile(ast.Module([node], []), "lab", "exec"), names)
    for seed in range(3):
        torch.manual_seed(seed)
        arguments = INPUTS[node.name]()
        torch.testing.assert_close(names[node.name](*arguments), getattr(gan_helpers, node.name)(*arguments))
