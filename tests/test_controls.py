"""The runner of controls itself: it accepts a check with teeth and nothing else."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

ROOT = Path(__file__).parents[1]
SUM, ONE = "assert x.sum() == 0", {"fails_if": "x is one", "code": ["x = x + 1"]}
CASES = {  # name: check, controls, complaint
    "a control that fails": (SUM, [ONE], None),
    "assert_close": ("torch.testing.assert_close(x, torch.zeros(3))", [ONE], None),
    "shown": (f"{SUM}\nassert not (x + 1).sum() == 0", [{"fails_if": "one is added", "shown": True}], None),
    "untouched": (
        "torch.manual_seed(0)\nassert x.sum() == 0\nassert abs(torch.rand(1) - 0.4963) < 1e-3",
        [ONE, {"fails_if": "the seed is 1", "code": ["torch.manual_seed = lambda _: None", "torch.rand(5)"]}],
        None,
    ),
    "half": (f"{SUM}\nassert len(x) == 3", [ONE], "no control stops at: assert len(x) == 3"),
    "both": (
        f"{SUM}\nassert len(x) == 3",
        [ONE, {"fails_if": "there are four", "code": ["x = torch.zeros(4)"]}],
        None,
    ),
    "no metadata": (SUM, None, "has no control"),
    "no control": (SUM, [], "has no control"),
    "another name": (SUM, [{"fails_if": "y", "code": ["y = 1"]}], "the check passes although its claim is false"),
    "broken": (SUM, [{"fails_if": "y", "code": ["x = y"]}], "the control itself stops with an error"),
    "stumbles": (SUM, [{"fails_if": "no x", "code": ["x = None"]}], "another error than AssertionError"),
    "dies": (SUM, [{"fails_if": "end", "code": ["import os", "os._exit(3)"]}], "the copy of the kernel died"),
    "not shown": (SUM, [{"fails_if": "it is shown", "shown": True}], 'no "assert not" is'),
    "the kernel goes on": ("assert len(x) == 3 and x.sum() == 0", [ONE], None),
}

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="controls fork the kernel, which is tried on Linux alone"),
]


@pytest.fixture(scope="module")
def said(tmp_path_factory):
    """What nbval says of a lab with all cases, run as make test does."""
    folder = tmp_path_factory.mktemp("lab")
    cells = [new_code_cell("import torch\nx = torch.zeros(3)")]
    for check, controls, _ in CASES.values():
        cells.append(new_code_cell(check))
        if controls is not None:
            cells[-1].metadata["check"] = {"claim": "x is zero.", "controls": controls}
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(new_notebook(cells=cells, metadata={"kernelspec": kernel}), folder / "lab.ipynb")
    shutil.copy(ROOT / "book" / "conftest.py", folder)
    (folder / "pytest.ini").write_text("[pytest]\n")
    command = [sys.executable, "-m", "pytest", "--nbval-lax", "-v", "-p", "no:cacheprovider", "lab.ipynb"]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, env=environment).stdout


@pytest.mark.parametrize("name", CASES)
def test_a_check_needs_a_control_that_fails(said, name):
    number, complaint = list(CASES).index(name) + 1, CASES[name][2]
    (verdict,) = re.findall(rf"::Cell {number} (PASSED|FAILED)", said)
    assert verdict == ("FAILED" if complaint else "PASSED"), said
    if complaint:
        report = said.split(f"lab.ipynb::Cell {number} __")[1].split("\n____")[0]
        assert complaint in report


def test_controls_are_counted(said):
    assert f"{sum(len(case[1] or []) for case in CASES.values())} controls of {len(CASES)} checks" in said
