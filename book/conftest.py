"""Before nbval runs a check of a lab, its controls run: each must make the check fail.

A check is a code cell that asserts. Its metadata hold the claim and the controls, which
make the claim false (CONTRIBUTING.md has the format). For each control the kernel is
forked; the copy runs the control's lines and then the check, and must meet an
AssertionError. The kernel itself goes on untouched, its random numbers included.
"""

import ast
import inspect
import json
import os
import re
import tempfile
import time
import warnings
from pathlib import Path

import pytest

SECONDS = 120  # for one control; all controls of a lab together aim at 60
ASSERTING = (
    "assert_close",
    "assert_allclose",
    "assert_array_equal",
    "assert_equal",
    "assert_array_almost_equal",
)


def assertions(source):
    """Return the first and last line of each assertion of a cell."""
    tree = ast.parse(re.sub(r"^(\s*)[%!]\S.*$", r"\1pass", source, flags=re.MULTILINE))
    return [
        (node.lineno, node.end_lineno)
        for node in ast.walk(tree)
        if isinstance(node, ast.Assert)
        or (
            isinstance(node, ast.Call)
            and getattr(node.func, "attr", getattr(node.func, "id", "")) in ASSERTING
        )
    ]


def try_controls(check, controls, seconds, path):
    """Run in the kernel: write down what the check did under each control, as JSON."""
    import io
    import json
    import os
    import select
    import signal
    import sys
    import traceback

    from IPython import get_ipython

    def outcome(shell, control):
        names = shell.user_ns
        try:
            exec(compile(control, "control", "exec"), names)
        except BaseException:
            return "broken", [], traceback.format_exc()[-1500:]
        try:
            exec(compile(check, "check", "exec"), names)
        except AssertionError as error:
            frames = traceback.extract_tb(error.__traceback__)
            return (
                "fails",
                [frame.lineno for frame in frames if frame.filename == "check"],
                "",
            )
        except BaseException:
            return "stumbles", [], traceback.format_exc()[-1500:]
        return "passes", [], ""

    shell, verdicts = get_ipython(), []
    for control in controls:
        read, write = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                sys.stdout = sys.stderr = io.StringIO()
                shell.display_pub.publish = lambda *_, **__: (
                    None
                )  # the copy must not talk to the reader
                os.write(write, json.dumps(outcome(shell, control)).encode())
            finally:
                os._exit(0)
        os.close(write)
        if select.select([read], [], [], seconds)[0]:
            said = os.read(read, 1 << 16)
            verdicts.append(json.loads(said) if said else ["dies", [], ""])
        else:
            os.kill(child, signal.SIGKILL)
            verdicts.append(["hangs", [], ""])
        os.close(read)
        os.waitpid(child, 0)
    with open(path, "w", encoding="utf-8") as file:
        json.dump(verdicts, file)


COMPLAINTS = {
    "passes": "the check passes although its claim is false",
    "broken": "the control itself stops with an error before the check",
    "stumbles": "the check stops with another error than AssertionError",
    "dies": "the copy of the kernel died",
    "hangs": f"the check has not ended after {SECONDS} seconds",
}


def in_copies(kernel, check, controls):
    """Return what the check did under each control: a word, lines, an error's text."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "verdicts.json"
        source = inspect.getsource(try_controls)
        source += f"\ntry_controls{(check, controls, SECONDS, str(path))!r}"
        order = kernel.execute_cell_input(f"exec({source!r}, {{}})", allow_stdin=False)
        kernel.await_reply(order, timeout=SECONDS * (len(controls) + 1))
        kernel.await_idle(order, timeout=SECONDS)
        return json.loads(path.read_text(encoding="utf-8"))


def try_check(item):
    """Return what is wrong with a check's controls, and the lines they made fail."""
    check = item.cell.source
    entries = item.cell.metadata.get("check", {}).get("controls", [])
    hidden = [entry for entry in entries if not entry.get("shown")]
    if not entries:
        return ["this cell asserts, but has no control under which it must fail"], set()
    if len(hidden) < len(entries) and "assert not" not in check:
        return ['a control is said to be shown, but no "assert not" is'], set()
    codes = ["\n".join(entry["code"]) for entry in hidden]
    verdicts = in_copies(item.parent.kernel, check, codes)
    complaints, lines = [], set()
    for entry, (verdict, failed, details) in zip(hidden, verdicts, strict=True):
        lines |= set(failed)
        if verdict != "fails":
            sentence = f'"This check fails if {entry["fails_if"]}"'
            complaints.append(f"{sentence}: {COMPLAINTS[verdict]}.\n{details}")
    if len(hidden) < len(entries):
        lines |= set(range(1, check.count("\n") + 2))
    return complaints, lines


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    """Run the controls before the check; complain after it, so that the lab goes on."""
    places = assertions(item.cell.source) if item.path.name == "lab.ipynb" else []
    complaints = []
    if places and hasattr(os, "fork"):
        start = time.monotonic()
        complaints, lines = try_check(item)
        number = len(item.cell.metadata.get("check", {}).get("controls", []))
        item.user_properties.append(("controls", [time.monotonic() - start, number]))
        for first, last in places:
            if not complaints and not lines & set(range(first, last + 1)):
                words = item.cell.source.splitlines()[first - 1].strip()
                cell = f"{item.path.parent.name}, {item.cell.get('id', item.name)}"
                warnings.warn(f"{cell}: no control fails: {words}", stacklevel=1)
    result = yield
    if complaints:
        pytest.fail("\n".join(complaints), pytrace=False)
    return result


def pytest_terminal_summary(terminalreporter):
    """Say how many controls ran."""
    seen = [
        value
        for reports in terminalreporter.stats.values()
        for report in reports
        for name, value in getattr(report, "user_properties", [])
        if name == "controls" and report.when == "call"
    ]
    if seen:
        took, number = (sum(column) for column in zip(*seen, strict=True))
        terminalreporter.write_line(
            f"{number} controls of {len(seen)} checks, {took:.0f} s"
        )
