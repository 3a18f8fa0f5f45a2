"""Imports inside gan_helpers run one way, and the package hands on exactly its public names."""

import ast
import inspect
import os
import subprocess
import sys
from pathlib import Path

import pytest

import gan_helpers

PACKAGE = Path(gan_helpers.__file__).parent
ALLOWED = {  # module: what it may import from gan_helpers
    "checks": set(),
    "seeding": set(),
    "data": {"checks"},
    "models": {"checks"},
    "losses": {"checks"},
    "metrics": {"checks"},
    "training": {"checks"},
    "plotting": {"checks"},
    "diagnosis": {"checks"},
    "pretrained": {"models"},
    "recipes": {"checks", "data", "losses", "models"},
    "browser": {"models"},
    "widgets": {"browser", "checks"},
    "fonts": {"checks", "pretrained"},
    "distributed": {"checks", "data", "recipes", "seeding", "training"},
}


def imported_modules(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add("gan_helpers." + (node.module or "") if node.level else node.module)
    return {name.split(".")[1] if "." in name else name for name in found if name.split(".")[0] == "gan_helpers"}


@pytest.mark.parametrize("path", sorted(PACKAGE.glob("*.py")), ids=lambda path: path.stem)
def test_layers(path):
    if path.stem == "__init__":
        tree = ast.parse(path.read_text(encoding="utf-8"))
        assert all(
            isinstance(node, (ast.ImportFrom, ast.Expr))
            or (isinstance(node, ast.Assign) and node.targets[0].id == "__all__")
            for node in tree.body
        ), "__init__ hands names on and holds no code"
        assert not imported_modules(path) & {"browser", "distributed", "fonts", "recipes", "widgets"}
    else:
        assert path.stem in ALLOWED, f"{path.name} has no place in the table of layers"
        assert imported_modules(path) <= ALLOWED[path.stem]


def test_all_is_what_is_imported():
    tree = ast.parse((PACKAGE / "__init__.py").read_text(encoding="utf-8"))
    names = [alias.name for node in tree.body if isinstance(node, ast.ImportFrom) for alias in node.names]
    assert sorted(names) == sorted(gan_helpers.__all__)


@pytest.mark.parametrize("name", gan_helpers.__all__)
def test_public_names_are_documented(name):
    thing = getattr(gan_helpers, name)
    if inspect.isclass(thing) or inspect.isfunction(thing):
        assert (thing.__doc__ or "").strip()


def test_openmp_policy_is_set_before_torch():
    code = (
        "import sys, os\n"
        "class Watch:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name == 'torch':\n"
        "            print('policy', os.environ.get('OMP_WAIT_POLICY'))\n"
        "sys.meta_path.insert(0, Watch())\n"
        "import gan_helpers\n"
    )
    environment = {name: value for name, value in os.environ.items() if name != "OMP_WAIT_POLICY"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=True)
    assert done.stdout.splitlines()[0] == "policy PASSIVE"


def test_heavy_libraries_wait_until_they_are_used():
    heavy = ["scipy", "matplotlib", "torchvision", "sklearn", "PIL", "IPython", "anywidget", "fontTools", "contourpy"]
    code = f"import sys, gan_helpers; print(sorted(set({heavy}) & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
