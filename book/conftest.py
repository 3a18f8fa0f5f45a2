"""What happens round nbval's run of a notebook: controls run, outputs are kept.

Before nbval runs a check of a lab, its controls run: each must make the check fail, and
at each assertion one of them must stop, unless a control is shown in the cell. A check
is a code cell that asserts. Its metadata hold the claim and the controls, which make
the claim false (CONTRIBUTING.md has the format). For each control the kernel is forked;
the copy runs the control's lines and then the check, and must meet an AssertionError.
The kernel itself goes on untouched, its random numbers included.

With --executed, as scripts/execute.py runs it, a notebook that went through is written
down with its outputs and the keys that they hold for, and the run tells how far it is.
"""

import ast
import inspect
import json
import os
import re
import sys
import tempfile
import time
from pathlib import Path

import nbformat
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
    """Return what is wrong with a check's controls."""
    check = item.cell.source
    entries = item.cell.metadata.get("check", {}).get("controls", [])
    hidden = [entry for entry in entries if not entry.get("shown")]
    if not entries:
        return ["this cell asserts, but has no control under which it must fail"]
    if len(hidden) < len(entries) and "assert not" not in check:
        return ['a control is said to be shown, but no "assert not" is']
    codes = ["\n".join(entry["code"]) for entry in hidden]
    verdicts = in_copies(item.parent.kernel, check, codes)
    complaints, lines = [], set()
    for entry, (verdict, failed, details) in zip(hidden, verdicts, strict=True):
        lines |= set(failed)
        if verdict != "fails":
            sentence = f'"This check fails if {entry["fails_if"]}"'
            complaints.append(f"{sentence}: {COMPLAINTS[verdict]}.\n{details}")
    if complaints or len(hidden) < len(entries):
        return complaints
    return [
        f"no control stops at: {check.splitlines()[first - 1].strip()}"
        for first, last in assertions(check)
        if not lines & set(range(first, last + 1))
    ]


def pytest_addoption(parser):
    """Add the options that scripts/execute.py gives."""
    group = parser.getgroup("notebooks")
    group.addoption(
        "--executed", type=Path, help="a plan; executed notebooks go beside it"
    )
    group.addoption("--without-controls", action="store_true", help="run no control")


def pytest_configure(config):
    """Let the process that talks to the reader tell how far the run is."""
    plan = config.getoption("--executed")
    if plan and not hasattr(config, "workerinput"):
        config.pluginmanager.register(Progress(plan, config))


class Progress:
    """Say when a notebook begins and ends, and how much is left."""

    def __init__(self, plan, config):
        plan = json.loads(plan.read_text(encoding="utf-8"))
        self.cells = {name: entry["cells"] for name, entry in plan.items()}
        self.expected = {name: entry["expected"] for name, entry in plan.items()}
        self.config, self.done, self.began, self.took = config, {}, {}, {}

    def say(self, words):
        """Print a line of its own."""
        reporter = self.config.pluginmanager.get_plugin("terminalreporter")
        reporter.write_line(words)

    def pytest_report_teststatus(self, report):
        """Keep the dots away: a line a notebook says more."""
        if report.passed:
            return ("passed" if report.when == "call" else ""), "", ""
        return None

    def pytest_runtest_logreport(self, report):
        """Count a notebook's cells."""
        name = report.nodeid.split("::")[0]
        if name not in self.began:
            self.began[name] = time.monotonic()
            self.say(f"{name} runs ({self.cells[name]} cells)")
        if report.when == "teardown":
            self.done[name] = self.done.get(name, 0) + 1
            if self.done[name] == self.cells[name]:
                self.took[name] = time.monotonic() - self.began[name]
                ended = f"{len(self.took)} of {len(self.cells)} notebooks"
                took = f"{name} took {self.took[name]:.0f} s"
                self.say(f"{took} ({ended}, about {self.left()} left)")

    def left(self):
        """Return how long the rest will take, from what it took before."""
        pace = sum(self.took.values()) / sum(self.expected[name] for name in self.took)
        rest = sum(
            seconds * (1 - self.done.get(name, 0) / self.cells[name])
            for name, seconds in self.expected.items()
        )
        side_by_side = int(self.config.getoption("numprocesses", None) or 1)
        seconds = pace * rest / side_by_side
        return f"{seconds / 60:.0f} min" if seconds > 90 else f"{seconds:.0f} s"


def keep(item, seconds):
    """Write the notebook with its outputs when its last cell has gone through."""
    notebook, plan = item.parent.nb, item.config.getoption("--executed")
    if plan is None:
        return
    item.cell.outputs = item.test_outputs
    item.parent.seconds = getattr(item.parent, "seconds", 0) + seconds
    item.parent.kept = getattr(item.parent, "kept", 0) + 1
    codes = [cell for cell in notebook.cells if cell.cell_type == "code"]
    if item.parent.kept == len(codes):
        name = item.path.relative_to(item.config.rootpath)
        keys = json.loads(plan.read_text(encoding="utf-8"))
        entry = dict(keys[name.as_posix()], seconds=item.parent.seconds)
        if item.config.getoption("--without-controls") or sys.platform != "linux":
            del entry["controls"]
        notebook.metadata.executed = entry
        file = plan.parent / name
        file.parent.mkdir(parents=True, exist_ok=True)
        unfinished = file.with_suffix(f".unfinished-{os.getpid()}")
        nbformat.write(notebook, unfinished)
        os.replace(unfinished, file)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    """Run the controls before the check; complain after it, so that the lab goes on."""
    tries = not item.config.getoption("--without-controls") and sys.platform == "linux"
    complaints = []
    if tries and item.path.name == "lab.ipynb" and assertions(item.cell.source):
        start = time.monotonic()
        complaints = try_check(item)
        number = len(item.cell.metadata.get("check", {}).get("controls", []))
        item.user_properties.append(("controls", [time.monotonic() - start, number]))
    start = time.monotonic()
    result = yield
    if complaints:
        pytest.fail("\n".join(complaints), pytrace=False)
    keep(item, time.monotonic() - start)
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
