"""Marks of a class: fair to honest notebooks, and held against those that loop, flood, delete, fork and pry."""

import asyncio
import contextlib
import csv
import json
import os
import shutil
import socket
import stat
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import nbformat
import psutil
import pytest

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "scripts"))

import feedback  # noqa: E402
import locked_kernel  # noqa: E402
import marking  # noqa: E402
from gradebooks import Refused, Roster, kept, neutral, student_of  # noqa: E402

HERE = [name for name in locked_kernel.PROTECTIONS if locked_kernel.protects(name, locked_kernel.reached(name))]
LOCKED = [name for name in HERE if name != "none"]
FILES = ["rb", "wb", "truncate", "modes"]  # what can be done to files outside
SETUP = "import os, subprocess, sys, time\nfrom pathlib import Path"
STUB = "...  # your answer here"
# What is asked in the three exercises of the chapter that these tests make, with right answers.
ASKED = [
    (
        "x = None",
        "x = 6 * 7",
        'assert x is not None, "A number is expected: multiply six by seven."\nassert x == 42, "Not 42."',
    )
]
ASKED += [("def double(n):", "    return 2 * n", 'assert double(4) == 8, "double(4) is not 8. What is twice four?"')]
ASKED += [("word = None", 'word = "gan"', 'assert word == "gan", "The word has three letters."')]


def a_cell(source, kind=None, name=None, points=0):
    cell = nbformat.v4.new_code_cell(source)
    if kind:
        about = {"grade": kind == "check", "solution": kind == "answer", "grade_id": name, "schema_version": 3}
        cell.metadata["nbgrader"] = about | {"locked": kind == "check", "task": False, "points": points}
    return cell


def apart(work, *args, **options):
    """What a function returns in a thread of its own: the browser's tests leave a loop running in this one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(work, *args, **options).result()


def run_apart(work):
    """Run a coroutine to its end in a thread of its own."""
    return apart(asyncio.run, work)


def notebook(answers, *, checks=None, names=True):
    """A notebook of the made chapter; `answers` are sources, None the stub."""
    cells = [nbformat.v4.new_markdown_cell("# Exercises"), a_cell(SETUP)]
    for at, (head, _, check) in enumerate(ASKED, 1):
        indent = "    " if head.endswith(":") else ""
        stub = f"{head}\n{indent}{STUB}"
        answer = answers[at - 1] if at <= len(answers) else None
        cells.append(nbformat.v4.new_markdown_cell(f"## {at}. Question {at}"))
        cells.append(a_cell(stub if answer is None else answer, "answer" if names else None, f"answer-{at}"))
        source = check if checks is None else checks
        cells.append(a_cell(source, "check" if names else None, f"check-{at}", points=at))
    return nbformat.v4.new_notebook(cells=cells)


RIGHT = [f"{head}\n{right}" for head, right, _ in ASKED]


@pytest.fixture
def chapter(tmp_path):
    nbformat.write(notebook([]), tmp_path / "edition.ipynb")
    nbformat.write(notebook(RIGHT), tmp_path / "solved.ipynb")
    return marking.read_chapter("made", tmp_path / "edition.ipynb", tmp_path / "solved.ipynb")


def marked(chapter, handed_in, protection=HERE[0], seconds=120.0, total=600.0):
    """Mark a notebook; return the result, and its points and reasons."""
    limits = marking.Limits({exercise.name: seconds for exercise in chapter.exercises}, total)
    result = run_apart(marking.mark(chapter, handed_in, protection, limits))
    return result, [row["points"] for row in result.exercises], [row["reason"] for row in result.exercises]


# ---- fair ----


def test_points_and_reasons(chapter):
    wrong = ["x = 41", "def double(n):\n    return 2 * m", None]
    result, points, reasons = marked(chapter, notebook(wrong))
    assert points == [0, 0, 0]
    assert reasons == ["failed with: Not 42.", "failed with NameError: name 'm' is not defined", "not answered"]
    assert [row["title"] for row in result.exercises] == ["1. Question 1", "2. Question 2", "3. Question 3"]
    assert result.exercises[0]["answer"] == "x = 41"
    _, points, reasons = marked(chapter, notebook(RIGHT))
    assert points == [1, 2, 3]
    assert reasons == ["", "", ""]


def test_an_edited_notebook_counts_as_it_was_meant(chapter):
    """Checks made to pass, cells deleted, doubled and added, names lost, set-up deleted."""
    _, points, _ = marked(chapter, notebook(["x = 1", RIGHT[1]], checks="pass"))
    assert points == [0, 2, 0]
    edited = notebook(RIGHT)
    helper = a_cell("six = 6")
    edited.cells[3].source = "x = six * 7"
    edited.cells.insert(3, helper)
    del edited.cells[9:11]  # the third answer and its check
    edited.cells.append(json.loads(json.dumps(edited.cells[7])))  # the second answer once more
    del edited.cells[1]  # the set-up
    _, points, reasons = marked(chapter, nbformat.from_dict(edited))
    assert points == [1, 2, 0]
    assert reasons[2] == "not answered: its cells are missing"
    _, points, _ = marked(chapter, notebook(RIGHT, names=False))
    assert points == [1, 2, 3]


def test_a_kernel_in_which_nothing_fails_gives_no_points(chapter):
    trick = (
        "import ast\nclass Without(ast.NodeTransformer):\n    def visit_Assert(self, node):\n"
        "        return ast.copy_location(ast.Pass(), node)\nget_ipython().ast_transformers.append(Without())"
    )
    _, points, reasons = marked(chapter, notebook([trick]))
    assert points == [0, 0, 0]
    assert all("no check can fail any more" in reason for reason in reasons)


# ---- held against ----

LOOPS = {
    "a loop": "while True:\n    pass",
    "a loop that goes on": "while True:\n    try:\n        time.sleep(1000)\n    except BaseException:\n        pass",
}
HOSTILE = {
    "600 MB of text": ('print("x" * 600_000_000)', "more than 1,000,000 characters were printed"),
    "text without an end": ('while True:\n    print("x" * 1000)', "more than 1,000,000 characters were printed"),
    "deletes and exits": (
        "import shutil\nshutil.rmtree(os.getcwd(), ignore_errors=True)\nos._exit(0)",
        "the kernel died: the kernel ended, as after exit() or a crash",
    ),
    "sys.exit": ("sys.exit()", "failed with SystemExit"),
    "all memory": ("hog = [bytearray(10**9) for _ in range(50)]", "failed with MemoryError"),
    "many open files": ('held = [open("few", "w") for _ in range(2000)]', "failed with OSError"),
    "a large file": ('open("large", "wb").write(bytes(10**9))', "failed with OSError"),
}


UNLIMITED = {"win32": ("all memory", "a large file", "many open files"), "darwin": ("all memory",)}


@pytest.mark.parametrize("protection", HERE)
@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_answers_cost_themselves_alone(chapter, name, protection):
    if name in UNLIMITED.get(sys.platform, ()):
        pytest.skip("this system does not set this limit")
    code, says = HOSTILE[name]
    _, points, reasons = marked(chapter, notebook([RIGHT[0], code, RIGHT[2]]), protection)
    assert points == [1, 0, 3], reasons
    assert says in reasons[1]


@pytest.mark.parametrize("protection", HERE)
@pytest.mark.parametrize("name", LOOPS)
def test_loops_run_out_of_time(chapter, name, protection):
    _, points, reasons = marked(chapter, notebook([RIGHT[0], LOOPS[name], RIGHT[2]]), protection, seconds=5)
    assert points == [1, 0, 3], reasons
    assert reasons[1] == "ran out of time (5 s)"


def test_a_check_that_a_students_function_holds_up(chapter):
    _, points, reasons = marked(
        chapter, notebook([RIGHT[0], "def double(n):\n    while True:\n        pass", RIGHT[2]]), seconds=5
    )
    assert points == [1, 0, 3]
    assert reasons[1] == "ran out of time (5 s)"


def test_a_notebook_has_so_much_time_in_all(chapter):
    _, points, reasons = marked(chapter, notebook([LOOPS["a loop"]] * 3), seconds=600, total=15)
    assert points == [0, 0, 0]
    assert reasons[0] == "ran out of time (15 s for the whole notebook)"
    assert reasons[2] == "not run: the exercises before it took all the time that a notebook has"


def test_many_cells_have_no_more_time(chapter):
    """Cells that resist their interruption: the first takes the notebook's time, the others are not run."""
    stubborn = notebook([LOOPS["a loop that goes on"]])
    stubborn.cells[4:4] = [a_cell(LOOPS["a loop that goes on"]) for _ in range(20)]
    began = time.monotonic()
    _, points, reasons = marked(chapter, stubborn, seconds=600, total=3)
    assert (
        time.monotonic() - began < 60
    )  # each of the others would take 5 s more for its interruption, and a new kernel
    assert points == [0, 0, 0]
    assert reasons[0] == "ran out of time (3 s for the whole notebook)"


def test_the_time_that_is_told_is_the_time_that_was_given(chapter, monkeypatch):
    monkeypatch.setattr(marking, "SETUP_SECONDS", 1)
    slow = "import time\ntime.sleep(60)"
    made = marking.Chapter("made", (replace(chapter.exercises[0], setup=(slow,)),), chapter.solved)
    _, _, reasons = marked(made, notebook(["x = y"]), seconds=30)
    assert reasons == ["ran out of time (1 s)"]


def test_a_reply_that_lies_there_is_not_late():
    async def held_up():
        async with locked_kernel.LockedKernel(HERE[0]) as kernel:
            ident = kernel.client.execute("x = 1")
            time.sleep(5)  # as if another notebook held up this loop
            return await kernel.reply(ident, time.monotonic() - 1)

    assert run_apart(held_up()) is not None


def running(mark):
    found = []
    for process in psutil.process_iter():
        try:
            found += [process] if mark in process.cmdline() else []
        except psutil.Error:
            continue
    return found


@pytest.mark.skipif(sys.platform == "win32", reason="there is no program sleep")
@pytest.mark.parametrize("protection", HERE)
def test_what_a_notebook_leaves_running_is_ended(chapter, protection):
    mark = f"7{os.getpid()}"
    code = f'children = [subprocess.Popen(["sleep", "{mark}"], start_new_session=True) for _ in range(5)]'
    seen = run_apart(left_by(protection, f"import subprocess\n{code}", mark))
    assert seen == 5
    assert running(mark) == []
    many = code.replace("range(5)", f"range({locked_kernel.PROCESSES + 20})") + "\ntime.sleep(60)"
    _, points, reasons = marked(chapter, notebook([RIGHT[0], many, RIGHT[2]]), protection, seconds=30)
    assert points == [1, 0, 3]
    assert reasons[1] == f"the kernel died: it started more than {locked_kernel.PROCESSES} processes"
    assert running(mark) == []


@pytest.mark.parametrize("protection", LOCKED)
def test_what_ends_leftovers_cannot_be_ended_first(protection):
    if "signals" in locked_kernel.reached(protection):
        pytest.skip("this kernel's Landlock lets signals out, as the docstring of locked_kernel.py says")
    mark = f"8{os.getpid()}"
    code = f'subprocess.Popen(["sleep", "{mark}"], start_new_session=True)\ntry:\n    os.kill(os.getppid(), 9)'
    seen = run_apart(left_by(protection, f"import os, subprocess\n{code}\nexcept OSError:\n    pass", mark))
    assert seen == 1
    assert running(mark) == []


async def left_by(protection, code, mark):
    async with locked_kernel.LockedKernel(protection) as kernel:
        assert (await kernel.run(code, 10)).ending == "passed"
        return len(running(mark))


@pytest.mark.parametrize("protection", LOCKED)
def test_nothing_outside_is_in_reach(tmp_path, protection):
    secret = tmp_path / "secret.txt"
    secret.write_text("the teacher's", encoding="utf-8")
    solution = ROOT / "book" / "gan" / "exercises.ipynb"
    ways = locked_kernel.reached(protection)
    pry = f"""
import os, signal, socket
got = []
for path in ({str(secret)!r}, {str(solution)!r}, "/etc/passwd", "/proc/{os.getpid()}/environ"):
    try:
        got.append(open(path).read())
    except OSError:
        pass
for act in (
    lambda: open({str(secret)!r}, "w"),
    lambda: os.unlink({str(secret)!r}),
    lambda: os.truncate({str(secret)!r}, 0),
    lambda: os.chmod({str(secret)!r}, 0) if "modes" not in {ways} else 1 / 0,
    lambda: os.utime({str(secret)!r}) if "modes" not in {ways} else 1 / 0,
    lambda: open({str(tmp_path / "new")!r}, "w"),
    lambda: os.kill({os.getpid()}, 0) if "signals" not in {ways} else 1 / 0,
    lambda: socket.create_connection(("127.0.0.1", {{port}}), 2),
):
    try:
        got.append(act())
    except (OSError, ZeroDivisionError):
        pass
assert not got, got
"""
    with socket.socket() as ear:
        ear.bind(("127.0.0.1", 0))
        ear.listen()
        outcome = run_apart(alone(protection, pry.replace("{port}", str(ear.getsockname()[1]))))
    assert (outcome.ending, outcome.message) == ("passed", "")
    assert secret.read_text(encoding="utf-8") == "the teacher's"
    assert [path.name for path in tmp_path.iterdir()] == ["secret.txt"]
    outcome = run_apart(alone(protection, "import gan_helpers; assert gan_helpers.load_images('mnist')"))
    assert (outcome.ending, outcome.message) == ("passed", "")


@pytest.mark.parametrize("protection", HERE)
def test_secrets_of_the_environment_stay_here(protection, monkeypatch):
    monkeypatch.setenv("TOKEN_OF_THE_TEACHER", "abc")
    outcome = run_apart(
        alone(protection, "import os; print(sorted(os.environ)); assert 'abc' not in os.environ.values()")
    )
    assert outcome.ending == "passed", outcome
    assert "TOKEN" not in outcome.printed


async def alone(protection, code):
    async with locked_kernel.LockedKernel(protection) as kernel:
        return await kernel.run(code, 60)


def test_rooms_are_taken_away(chapter, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "rooms"))
    (tmp_path / "rooms").mkdir()
    mess = 'Path("deep").mkdir()\nopen("deep/file", "w").close()\nos.chmod("deep", 0)\nos.symlink("/", "root")'
    marked(chapter, notebook([mess, None, "os._exit(1)"]))
    assert list((tmp_path / "rooms").iterdir()) == []
    assert Path("/").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows locks folders otherwise")
def test_locked_folders_are_taken_away_where_they_cannot_be_listed(tmp_path, monkeypatch):
    """As for everybody but root, whom the system lets list them."""
    scandir = os.scandir

    def strict(path="."):
        if stat.S_IMODE(os.stat(path).st_mode) & 0o700 != 0o700:
            raise PermissionError(path)
        return scandir(path)

    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr(os, "scandir", strict)
    (tmp_path / "outside").mkdir(mode=0o500)
    with locked_kernel.room() as place:
        (place / "one" / "two").mkdir(parents=True)
        (place / "one" / "two" / "file").touch()
        (place / "link").symlink_to(tmp_path / "outside")
        for locked in (place / "one" / "two", place / "one", place):
            locked.chmod(0)
    assert [path.name for path in tmp_path.iterdir()] == ["outside"]
    assert stat.S_IMODE((tmp_path / "outside").stat().st_mode) == 0o500


@pytest.mark.skipif(not hasattr(os, "fwalk"), reason="this system has no fwalk")
def test_no_path_is_too_long_to_be_counted(tmp_path, monkeypatch):
    kernel = locked_kernel.LockedKernel("none")
    kernel.place = tmp_path
    before = os.getcwd()
    os.chdir(tmp_path)
    try:
        for _ in range(20):
            os.mkdir("d" * 250)
            os.chdir("d" * 250)
        Path("file").write_bytes(bytes(12345))
    finally:
        os.chdir(before)
    assert kernel.written() == 12345
    monkeypatch.setattr(locked_kernel, "FILES", 20)
    assert kernel.written() > locked_kernel.DISK  # folders count too
    shutil.rmtree(tmp_path / ("d" * 250))


def test_what_is_tried_out_is_what_holds():
    """Without a protection the probe reaches everything that it is asked about, so it can find a leak."""
    sockets = {"socket"} if hasattr(socket, "AF_UNIX") else set()
    assert set(locked_kernel.reached("none")) == set(FILES) | {"network", "packets", "signals"} | sockets
    for protection in LOCKED:
        assert set(FILES) & set(locked_kernel.reached(protection)) == ({"modes"} if protection == "landlock" else set())
    version = locked_kernel.landlock_version()
    if "landlock" in LOCKED:  # what its docstring says of the kernel's versions
        open_ways = locked_kernel.reached("landlock")
        assert ("network" in open_ways, "signals" in open_ways) == (version < 4, version < 6)


def test_what_works_here_is_tested():
    """Without this, a bad option to a protection would only make these tests fewer."""
    plain = ["bwrap", "--unshare-all", "--ro-bind", "/", "/", "true"]
    works = shutil.which("bwrap") and subprocess.run(plain, capture_output=True, check=False).returncode == 0
    assert ("bubblewrap" in LOCKED) == bool(works)
    assert ("landlock" in LOCKED) == (locked_kernel.landlock_version() >= 3)  # before, it lets files be emptied


@pytest.mark.parametrize("system", ["win32", "darwin"])
def test_elsewhere_there_is_no_protection(monkeypatch, system):
    monkeypatch.setattr(sys, "platform", system)
    for protection in ("bubblewrap", "landlock"):
        with pytest.raises(OSError, match="on Linux alone"):
            locked_kernel.command(protection, Path(), ["python"])
        assert locked_kernel.reached(protection) is None


def test_a_protection_that_leaks_is_refused(tmp_path, monkeypatch):
    hand_in(tmp_path / "in", "Ada.ipynb", notebook([]))
    for open_ways in (["rb"], ["wb", "network"], ["truncate"], None):
        monkeypatch.setattr(marking, "reached", lambda _, found=open_ways: found)
        with pytest.raises(RuntimeError, match="landlock does not protect on this machine"):
            marking.grade("gan", tmp_path / "in", tmp_path / "grades.csv", sandbox="landlock")


def test_what_does_not_protect_is_said(monkeypatch):
    assert locked_kernel.best_protection()[0] == HERE[0]
    assert marking.warnings_for("none", [*FILES, "network", "packets", "socket", "signals"])[0].startswith(
        "WARNING: with SANDBOX=none nothing keeps"
    )
    assert "files outside their own folder are out of reach" in marking.warnings_for("bubblewrap", [])[0]
    changed = "cannot be opened, but a notebook can change their permissions and dates"
    assert changed in marking.warnings_for("landlock", ["modes"])[0]
    assert "there is no network" in marking.warnings_for("bubblewrap", [])[0]
    assert "reach the network from here." in marking.warnings_for("landlock", ["network", "packets"])[2]
    assert "by UDP, not by TCP" in marking.warnings_for("landlock", ["packets"])[2]
    assert "sockets" in marking.warnings_for("landlock", ["socket"])[2]
    assert "end your other programs" in marking.warnings_for("landlock", ["signals"])[2]
    assert not [said for said in marking.warnings_for("bubblewrap", []) if "Or mark in a container" in said]
    monkeypatch.setattr(locked_kernel, "reached", lambda name: ["rb"] if name == "bubblewrap" else [])
    monkeypatch.setattr(locked_kernel, "landlock_version", lambda: 0)
    locked_kernel.best_protection.cache_clear()
    assert locked_kernel.best_protection() == ("none", [])  # one that leaks is not taken for one that protects
    locked_kernel.best_protection.cache_clear()


@pytest.mark.parametrize(
    ("program", "best", "now", "advice"),
    [
        (None, "none", "none", "On Linux install bubblewrap"),
        (None, "landlock", "landlock", "On Linux install bubblewrap"),
        (None, "landlock", "none", "Leave SANDBOX= out: landlock works here."),
        ("/usr/bin/bwrap", "none", "none", "bubblewrap is installed but could not start here"),
        ("/usr/bin/bwrap", "bubblewrap", "bubblewrap", "This is the best that there is here"),
        ("/usr/bin/bwrap", "landlock", "landlock", "bubblewrap is installed but could not start here"),
        ("/usr/bin/bwrap", "bubblewrap", "none", "Leave SANDBOX= out: bubblewrap works here."),
        ("/usr/bin/bwrap", "bubblewrap", "landlock", "Leave SANDBOX= out: bubblewrap works here."),
    ],
)
def test_advice_is_for_what_works_and_is_installed(monkeypatch, program, best, now, advice):
    monkeypatch.setattr(shutil, "which", lambda _: program)
    monkeypatch.setattr(marking, "best_protection", lambda: (best, []))
    assert [said.startswith(advice) for said in marking.warnings_for(now, ["socket"])].count(True) == 1


def test_without_protection_a_teacher_has_to_say_so(tmp_path, quick, monkeypatch, capsys):
    hand_in(tmp_path / "in", "Ada.ipynb", notebook([]))
    monkeypatch.setattr(marking, "best_protection", lambda: ("none", FILES))
    with pytest.raises(RuntimeError, match=r"Not marked: on this machine nothing keeps .* add SANDBOX=none\.$"):
        marking.grade("gan", tmp_path / "in", tmp_path / "grades.csv")
    assert not (tmp_path / "grades.csv").exists()
    apart(marking.grade, "gan", tmp_path / "in", tmp_path / "grades.csv", sandbox="none")
    assert "WARNING: with SANDBOX=none nothing keeps" in capsys.readouterr().out


# ---- a class ----


def hand_in(folder, name, content):
    folder.mkdir(exist_ok=True)
    place = folder / name
    place.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(content, str | bytes):
        place.write_bytes(content if isinstance(content, bytes) else content.encode())
    else:
        nbformat.write(content, place)


def mark_folder(chapter, folder, kept, **more):
    students = marking.students_in(folder)
    settings = {"protection": HERE[0], "jobs": 2, "seconds": 120} | more
    run_apart(marking.mark_class(chapter, students, marking.Kept(kept, b"made"), **settings))
    return {student.name: student for student in students}


def test_a_class_with_odd_files(chapter, tmp_path, capsys):
    folder = tmp_path / "in"
    hand_in(folder, "Ada.ipynb", notebook(RIGHT))
    hand_in(folder, "Ada (1).ipynb", notebook(["x = 0"]))
    hand_in(folder, "Łukasz 'x'; $(rm -rf ~) \u202e.ipynb", notebook(RIGHT[:1]))
    hand_in(folder, "=cmd'C calc'!A0.ipynb", notebook([]))
    hand_in(folder, "Cleo.ipynb", '{"cells": [')
    hand_in(folder, "Dan.ipynb", b"\xff\xfe\x00binary")
    hand_in(folder, "Eve.ipynb", "[" * 100_000)
    hand_in(folder, "Fay.ipynb", '{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [{"cell_type": 3}]}')
    for name, change in (("Guy", {"source": "\ud800"}), ("Hal", {"metadata": {"nbgrader": {"grade_id": [1]}}})):
        strange = notebook(RIGHT)
        strange.cells[1].update(change)
        hand_in(folder, f"{name}.ipynb", json.dumps(strange))
    many = notebook([])
    many.cells += [a_cell("") for _ in range(marking.MOST_CELLS)]
    hand_in(folder, "Ivy.ipynb", many)
    hand_in(folder, "Jo.ipynb", json.dumps(many).replace("cell_type", "cell\\u005ftype"))
    hand_in(folder, "Kim.ipynb", json.dumps(notebook([]) | {"metadata": {"a": [{}] * (marking.MOST_PARTS // 2)}}))
    hand_in(folder, ".ipynb_checkpoints/Ada-checkpoint.ipynb", notebook([]))
    hand_in(folder, "Gus.pdf", "no notebook")
    with contextlib.suppress(OSError):  # Windows lets not everybody make one
        (folder / "Ida.ipynb").symlink_to("/etc/passwd")
    found = mark_folder(chapter, folder, tmp_path / "kept")
    points = {name: student.result.points for name, student in found.items()}
    odd = "Łukasz 'x'; $(rm -rf ~) \u202e"
    none = dict.fromkeys(["=cmd'C calc'!A0", "Cleo", "Dan", "Eve", "Fay", "Guy", "Ivy", "Jo", "Kim"], 0)
    assert points == {"Ada": 6, odd: 1, "Hal": 6} | none
    assert "2 notebooks came (Ada (1).ipynb, Ada.ipynb)" in found["Ada"].result.note
    assert "it is not JSON" in found["Cleo"].result.note
    assert "more than 1,000 cells" in found["Ivy"].result.note
    assert "more than 1,000 cells" in found["Jo"].result.note
    assert "too many parts" in found["Kim"].result.note
    for name in ("Dan", "Eve", "Fay", "Guy"):
        assert "no notebook that can be read" in found[name].result.note
    students = list(found.values())
    marking.write_table(chapter, students, tmp_path / "grades.csv")
    marking.report(students)
    shown = capsys.readouterr().out
    assert "\u202e" not in shown
    assert "left)" in shown
    with open(tmp_path / "grades.csv", newline="", encoding="utf-8-sig") as file:
        rows = {row["student"]: row for row in csv.DictReader(file)}
    assert not [cell for row in rows.values() for cell in row.values() if cell[:1] in tuple("=+-@")]
    assert rows["'=cmd'C calc'!A0"]["check-1: why"] == "not answered"
    assert rows["Ada"]["check-3"] == "3"
    marking.write_feedback(chapter, students, folder, tmp_path / "feedback")
    assert len(list((tmp_path / "feedback").glob("*.html"))) == 12


def test_one_notebook_that_cannot_be_marked_stops_no_other(chapter, tmp_path, monkeypatch):
    hand_in(tmp_path / "in", "Ada.ipynb", notebook(["x = 1 / 0"]))
    hand_in(tmp_path / "in", "Ben.ipynb", notebook(RIGHT))
    plain, readers, read = marking.mark, [], marking.read_notebook

    async def fragile(chapter, handed_in, *rest):
        if "1 / 0" in handed_in.cells[3].source:
            raise KeyError("something nobody thought of")
        return await plain(chapter, handed_in, *rest)

    def seen(file):
        readers.append(threading.current_thread())
        return read(file)

    async def loop():
        students = marking.students_in(tmp_path / "in")
        settings = {"protection": HERE[0], "jobs": 2, "seconds": 120}
        await marking.mark_class(chapter, students, marking.Kept(tmp_path / "kept", b"made"), **settings)
        assert threading.current_thread() not in readers  # a large file would hold up the other notebook
        return students

    monkeypatch.setattr(marking, "mark", fragile)
    monkeypatch.setattr(marking, "read_notebook", seen)
    ada, ben = run_apart(loop())
    assert "not marked, try again: KeyError" in ada.result.note
    assert ben.result.points == 6
    monkeypatch.setattr(marking, "mark", plain)
    ada = mark_folder(chapter, tmp_path / "in", tmp_path / "kept")["Ada"]
    assert ada.result.exercises[0]["reason"].startswith("failed with ZeroDivisionError")


def test_names_that_two_students_may_have(tmp_path):
    """A name alone, a date that looks like Canvas's numbers, folders of students, and what cannot be told apart."""
    for name in (
        "2026_11_22_Ada",
        "2026_11_22_Ben",
        "Cy_12_assignsubmission_file_/a",
        "Cy_12_assignsubmission_file_/b",
    ):
        hand_in(tmp_path / "one", f"{name}.ipynb", "{}")
    found = {student.name: len(student.files) for student in marking.students_in(tmp_path / "one")}
    assert found == {"2026_11_22_Ada": 1, "2026_11_22_Ben": 1, "Cy": 2}
    hand_in(tmp_path / "canvas", "eve_111_222_Ada_31415_assignsubmission_file_.ipynb", "{}")
    (eve,) = marking.students_in(tmp_path / "canvas", "canvas")
    assert (eve.name, eve.number) == ("eve", "111")
    for name in ("Cleo/gan", "Cleo/gan (1)", "Dan/gan/gan"):
        hand_in(tmp_path / "two", f"{name}.ipynb", "{}")
    found = {student.name: len(student.files) for student in marking.students_in(tmp_path / "two")}
    assert found == {"Cleo": 2, "Dan": 1}
    hand_in(tmp_path / "two", "Eve.ipynb", "{}")
    with pytest.raises(Refused, match=r"'gan' lie in more than one folder \(Cleo, Dan\)"):
        marking.students_in(tmp_path / "two")


@pytest.fixture
def quick(monkeypatch):
    """A marking that runs nothing: every notebook gets no points."""

    async def done(chapter, students, kept, **_):
        for student in students:
            student.result = marking.nothing(chapter, "")

    monkeypatch.setattr(marking, "mark_class", done)


def test_pages_of_one_table_are_the_pages_of_its_students(tmp_path, quick):
    for folder, names in (("in", ("Ada", "Ben")), ("less", ("Ada",))):
        for name in names:
            hand_in(tmp_path / folder, f"{name}.ipynb", notebook([]))
    (tmp_path / "feedback").mkdir()
    (tmp_path / "feedback" / "mine.html").write_text("the teacher's", encoding="utf-8")

    def pages(folder, out):
        apart(marking.grade, "gan", tmp_path / folder, tmp_path / out, sandbox="none")
        return {place.name: sorted(page.stem for page in place.iterdir()) for place in tmp_path.glob("*feedback")}

    assert pages("in", "grades.csv") == {"feedback": ["Ada", "Ben", "mine"]}
    assert pages("in", "wgan.csv") == {"feedback": ["Ada", "Ben", "mine"], "wgan-feedback": ["Ada", "Ben"]}
    assert pages("less", "grades.csv") == {"feedback": ["Ada", "mine"], "wgan-feedback": ["Ada", "Ben"]}


def test_a_table_that_cannot_be_written_is_told_before_the_marking(tmp_path, quick):
    hand_in(tmp_path / "in", "Ada.ipynb", notebook([]))
    (tmp_path / "a folder.csv").mkdir()
    (tmp_path / "grades-moodle.csv").mkdir()
    (tmp_path / "worksheet.csv").write_text(WORKSHEET, encoding="utf-8")
    with pytest.raises(Refused, match=r"a folder.csv' cannot be written"):
        marking.grade("gan", tmp_path / "in", tmp_path / "a folder.csv", sandbox="none")
    to = {"system": "moodle", "roster": tmp_path / "worksheet.csv", "sandbox": "none"}
    with pytest.raises(Refused, match=r"grades-moodle.csv' cannot be written"):
        marking.grade("gan", tmp_path / "in", tmp_path / "grades.csv", **to)
    assert not (tmp_path / "grades.csv").exists()


def test_a_notebook_that_cannot_be_opened_is_told_its_student(chapter, tmp_path, monkeypatch):
    hand_in(tmp_path / "in", "Ada.ipynb", notebook(RIGHT))
    hand_in(tmp_path / "in", "Ben.ipynb", notebook(RIGHT))
    read_bytes, read_text = Path.read_bytes, Path.read_text

    def refused(plain):
        def read(path, *rest, **more):
            if path.name == "Ben.ipynb":
                raise PermissionError(13, "Permission denied")
            return plain(path, *rest, **more)

        return read

    monkeypatch.setattr(Path, "read_bytes", refused(read_bytes))
    monkeypatch.setattr(Path, "read_text", refused(read_text))
    found = mark_folder(chapter, tmp_path / "in", tmp_path / "kept")
    assert found["Ada"].result.points == 6
    assert "Permission denied" in found["Ben"].result.note
    assert len(marking.content_of(tmp_path / "in" / "Ada.ipynb")) == 32  # no whole notebooks in memory


def test_marks_are_kept_for_what_they_depend_on(tmp_path, monkeypatch):
    for name in ("exercises/gan.ipynb", "book/gan/exercises.ipynb", "gan_helpers/__init__.py", "gan_helpers/web/a.js"):
        hand_in(tmp_path, name, "before")
    for name in ("marking", "locked", "locked_kernel"):
        hand_in(tmp_path, f"scripts/{name}.py", "before")
    monkeypatch.setattr(marking, "ROOT", tmp_path)
    seen = [marking.depends_on("gan", None, "none")]
    assert marking.depends_on("gan", None, "none") == seen[0]
    seen += [marking.depends_on("gan", None, "landlock"), marking.depends_on("gan", 60, "none")]
    for file in [path for path in tmp_path.rglob("*") if path.is_file()]:
        file.write_text("after", encoding="utf-8")
        seen.append(marking.depends_on("gan", None, "none"))
    monkeypatch.setattr(marking.metadata, "distributions", list)
    seen.append(marking.depends_on("gan", None, "none"))
    assert len({str(parts) for parts in seen}) == len(seen) == 11


def test_one_reason_for_all_is_told(chapter, capsys):
    student = marking.Student("Ada", "", [], marking.nothing(chapter, "not answered"))
    student.result.note = ""
    marking.report([student])
    assert "all: not answered" in capsys.readouterr().out


def test_a_second_marking_marks_what_is_new(chapter, tmp_path, monkeypatch):
    folder, kept = tmp_path / "in", tmp_path / "kept"
    hand_in(folder, "Ada.ipynb", notebook(RIGHT))
    hand_in(folder, "Ben.ipynb", notebook(RIGHT[:1]))
    ran, plain = [], marking.mark

    async def counted(chapter, handed_in, *rest):
        ran.append(handed_in.cells[3].source)
        return await plain(chapter, handed_in, *rest)

    monkeypatch.setattr(marking, "mark", counted)
    first = mark_folder(chapter, folder, kept)
    assert len(ran) == 3  # the solutions and two students
    again = mark_folder(chapter, folder, kept)
    assert len(ran) == 3
    assert {n: s.result for n, s in again.items()} == {n: s.result for n, s in first.items()}
    hand_in(folder, "Ben.ipynb", notebook(["x = 5"]))
    assert mark_folder(chapter, folder, kept)["Ben"].result.points == 0
    assert ran[3:] == ["x = 5"]
    for file in kept.glob("*.json"):
        file.write_text(file.read_text(encoding="utf-8")[:-9], encoding="utf-8")  # cut off
    assert mark_folder(chapter, folder, kept)["Ada"].result.points == 6
    assert len(ran) == 7


def test_an_interrupted_marking_keeps_what_is_done(chapter, tmp_path, monkeypatch):
    folder, kept = tmp_path / "in", tmp_path / "kept"
    for name in ("Ada", "Ben", "Cleo"):
        hand_in(folder, f"{name}.ipynb", notebook([f"x = 42  # {name}"]))
    plain, ran = marking.mark, []

    async def interrupted(chapter, handed_in, *rest):
        ran.append(handed_in.cells[3].source)
        if "Cleo" in handed_in.cells[3].source and len(ran) < 5:
            raise KeyboardInterrupt
        return await plain(chapter, handed_in, *rest)

    monkeypatch.setattr(marking, "mark", interrupted)
    with pytest.raises(KeyboardInterrupt):
        mark_folder(chapter, folder, kept, jobs=1)
    assert len(ran) == 4
    found = mark_folder(chapter, folder, kept, jobs=1)
    assert ran[4:] == ["x = 42  # Cleo"]
    assert [student.result.points for student in found.values()] == [1, 1, 1]


def test_unfair_machines_are_refused(chapter, tmp_path):
    hand_in(tmp_path / "in", "Ada.ipynb", notebook(RIGHT))
    chapter.solved.cells[3].source = "x = 43"
    with pytest.raises(RuntimeError, match=r"own solution of '1. Question 1' gets no points .* failed with: Not 42"):
        mark_folder(chapter, tmp_path / "in", tmp_path / "kept")


def test_limits_follow_the_solutions(chapter):
    taken = {"check-1": 0.1, "check-2": 12.0, "check-3": 1.0, "in all": 20.0}
    limits = marking.limits_from(chapter, taken, None)
    assert limits.each == {"check-1": 30, "check-2": 120, "check-3": 30}
    assert limits.total == 360
    assert set(marking.limits_from(chapter, taken, 7).each.values()) == {7}


# ---- feedback ----


def rows_with(text):
    row = {
        "name": "check-1",
        "title": f"1. {text}",
        "points": 0,
        "of": 2,
        "reason": text,
        "answer": text,
        "printed": text,
    }
    return [row]


ATTACK = "<script>document.title = 'pwned'</script><img src=x onerror=\"document.title = 'pwned'\"></pre>&amp;"


@pytest.mark.web
def test_nothing_of_a_students_runs_in_a_teachers_browser(browser, tmp_path):
    file = tmp_path / "page.html"
    file.write_text(feedback.page("Exercises", ATTACK, rows_with(ATTACK), ATTACK), encoding="utf-8")
    page, asked = browser.new_page(), []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(file.as_uri())
    page.wait_for_timeout(200)
    assert page.title() == f"Exercises: {ATTACK}"
    assert page.locator("script, img").count() == 0
    assert page.locator("pre").all_inner_texts() == [ATTACK, ATTACK]
    assert asked == [file.as_uri()]
    page.evaluate(
        "text => { document.body.innerHTML += text; }", ATTACK
    )  # were it not escaped, the policy would still hold
    page.wait_for_timeout(200)
    assert page.title() == f"Exercises: {ATTACK}"
    page.close()


# ---- Moodle and Canvas ----


@pytest.mark.parametrize(
    ("system", "file", "student"),
    [
        ("moodle", "Ada Lovelace_31415_assignsubmission_file/gan.ipynb", ("Ada Lovelace", "31415")),
        (None, "Ada Lovelace_31415_assignsubmission_file_/my work/gan.ipynb", ("Ada Lovelace", "31415")),
        (None, "Ada Lovelace_31415_assignsubmission_file_gan_2.ipynb", ("Ada Lovelace", "31415")),
        ("moodle", "eve_111_222_gan.ipynb", ("eve_111_222_gan", "")),
        ("canvas", "lovelaceada_271828_1618033_gan.ipynb", ("lovelaceada", "271828")),
        ("canvas", "lovelaceada_LATE_271828_1618033_gan-1.ipynb", ("lovelaceada", "271828")),
        ("canvas", "eve_111_222_Ada_31415_assignsubmission_file_.ipynb", ("eve", "111")),
        (None, "2026_11_22_Ada.ipynb", ("2026_11_22_Ada", "")),
        (None, "Ada Lovelace.ipynb", ("Ada Lovelace", "")),
        ("canvas", "group 1/Ada Lovelace (2).ipynb", ("Ada Lovelace", "")),
        ("moodle", "ada_lovelace.ipynb", ("ada_lovelace", "")),
    ],
)
def test_whose_file_it_is(system, file, student):
    assert student_of(Path(file), system) == student


WORKSHEET = """Identifier,"Full name","Email address",Status,Grade,"Maximum Grade","Grade can be changed","Last modified (submission)","Last modified (grade)","Feedback comments"
"Participant 31415","Ada Lovelace",ada@example.org,"Submitted for grading",,100.00,Yes,"Monday, 9 November 2026, 9:41 AM",-,
"Participant 27182","Ben ""B"" O'Neil",ben@example.org,"Submitted for grading",50.00,100.00,Yes,"Monday, 9 November 2026, 9:42 AM",-,"So, so"
"Participant 16180","Cleo Ng",cleo@example.org,"No submission",,100.00,Yes,-,-,
"""  # noqa: E501 - Moodle's own lines
GRADEBOOK = """Student,ID,SIS User ID,SIS Login ID,Section,Exercises: made (4711),Quiz (4712),Current Score
    Points Possible,,,,,12.00,5.00,(read only)
"Lovelace, Ada",271828,s1,ada,Group A,,4,80.0
"=HYPERLINK(""http://x""), Ben",314159,s2,ben,Group A,3,5,90.0
"Student, Test",99,,abc,Group A,,,
"""


def read_back(file, separator=","):
    with open(file, newline="", encoding="utf-8") as table:
        return list(csv.reader(table, delimiter=separator))


def test_moodles_worksheet_goes_there_and_back(tmp_path):
    """What mod/assign/feedback/offline reads: Identifier, Grade, Last modified (grade); all else stays as it was."""
    (tmp_path / "worksheet.csv").write_text("\ufeff" + WORKSHEET, encoding="utf-8")
    roster = Roster.read("moodle", tmp_path / "worksheet.csv")
    marks = [("Ada Lovelace", "31415", 4.5, 6.0), ("Ben O'Neil", "", 6.0, 6.0), ("Zoe", "", 1.0, 6.0)]
    troubles = roster.write(tmp_path / "out.csv", "unused", marks)
    assert len(troubles) == 2  # Ben's file is not called as his name is
    assert "Zoe is not, or more than once, in worksheet.csv" in troubles[1]
    before, after = read_back(tmp_path / "worksheet.csv"), read_back(tmp_path / "out.csv")
    before[0][0] = "Identifier"
    before[1][4] = "75"
    assert after == before


def test_two_notebooks_for_one_row_are_told(tmp_path):
    (tmp_path / "worksheet.csv").write_text(WORKSHEET, encoding="utf-8")
    marks = [("Ada Lovelace", "31415", 6.0, 6.0), ("Lovelace Ada", "", 0.0, 6.0)]
    (trouble,) = Roster.read("moodle", tmp_path / "worksheet.csv").write(tmp_path / "out.csv", "", marks)
    assert trouble.startswith("Lovelace Ada: another notebook has this row of worksheet.csv already")
    assert read_back(tmp_path / "out.csv")[1][4] == "100"


def test_a_teachers_comments_stay_and_a_students_formulas_do_not(tmp_path):
    comment = "- good: loss\r\n- mend: code"
    text = WORKSHEET.replace('"So, so"', f'"{comment}"').replace("Cleo Ng", "=1+1 \u2028 Ng")
    (tmp_path / "worksheet.csv").write_bytes(text.encode())
    Roster.read("moodle", tmp_path / "worksheet.csv").write(tmp_path / "out.csv", "", [("A", "31415", 1.0, 6.0)])
    rows = read_back(tmp_path / "out.csv")
    assert rows[2][-1] == comment
    assert rows[3][1] == "'=1+1 \u2028 Ng"


def test_moodles_gradebook_gets_a_column(tmp_path):
    export = (
        "First name;Last name;ID number;Email address\nAda;Lovelace;007;ada@example.org\nBo;Li;008;+49@example.org\n"
    )
    (tmp_path / "grades.csv").write_text(export, encoding="utf-8")
    roster = Roster.read("moodle", tmp_path / "grades.csv")
    marks = [("lovelace ada", "", 4.0, 6.0), ("008", "", 5.0, 6.0)]
    assert roster.write(tmp_path / "out.csv", "Exercises: made", marks) == []
    rows = read_back(tmp_path / "out.csv", ";")
    assert rows[0] == ["First name", "Last name", "ID number", "Email address", "Exercises: made"]
    assert rows[1] == ["Ada", "Lovelace", "007", "ada@example.org", "4"]
    assert rows[2] == ["Bo", "Li", "008", "'+49@example.org", "5"]
    numbered = Roster.read("moodle", tmp_path / "grades.csv")  # files as Moodle names them, and no numbers here
    assert numbered.write(tmp_path / "out.csv", "Exercises: made", [("Ada Lovelace", "31415", 3.0, 6.0)]) == []
    assert read_back(tmp_path / "out.csv", ";")[1][-1] == "3"


def as_canvas_reads(rows):
    """Return what lib/gradebook_importer.rb takes from a table: points possible, and the grade of each student's ID."""
    head, *rest = rows
    assert "Student" in head[0]
    assert "ID" in head[1]
    student_columns = 3
    if "SIS Login ID" in head[2]:
        student_columns = 4
    elif "SIS User ID" in head[2] and "SIS Login ID" in head[3]:
        student_columns = 5
    assert "Section" in head[student_columns - 1]
    (column,) = head[student_columns:]
    at = head.index(column)
    possible = [row[at] for row in rest if "Points Possible" in row[0]]
    return column, possible, {int(row[1]): row[at] for row in rest if "Points Possible" not in row[0]}


def test_canvas_gradebook_goes_there_and_back(tmp_path):
    (tmp_path / "gradebook.csv").write_text(GRADEBOOK, encoding="utf-8")
    roster = Roster.read("canvas", tmp_path / "gradebook.csv")
    marks = [("lovelaceada", "271828", 3.0, 6.0), ("ben", "", 6.0, 6.0), ("somebody", "5", 6.0, 6.0)]
    troubles = roster.write(tmp_path / "out.csv", "Exercises: made", marks)
    assert ["somebody" in trouble for trouble in troubles] == [True]
    rows = read_back(tmp_path / "out.csv")
    assert as_canvas_reads(rows) == ("Exercises: made (4711)", ["12.00"], {271828: "6", 314159: "12"})
    assert rows[3][0].startswith("'=HYPERLINK")
    roster = Roster.read("canvas", tmp_path / "gradebook.csv")
    roster.write(tmp_path / "new.csv", "A new one", marks[:1])
    assert as_canvas_reads(read_back(tmp_path / "new.csv")) == ("A new one", ["6"], {271828: "3"})


@pytest.mark.parametrize(
    ("system", "text", "message"),
    [
        ("moodle", "a,b\n1,2\n", "Download|download the assignment's grading worksheet"),
        ("canvas", WORKSHEET, "export the gradebook"),
        ("canvas", "", "has none"),
        ("moodle", b"\xff\xfe\x00", "cannot be read as a table in UTF-8"),
        ("moodle", "Identifier,Grade\n" + "x" * 200_000, "cannot be read as a table in UTF-8"),
    ],
)
def test_other_tables_are_refused(tmp_path, system, text, message):
    file = tmp_path / "roster.csv"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(Refused, match=message):
        Roster.read(system, file)


def test_a_scale_of_words_is_refused(tmp_path):
    (tmp_path / "worksheet.csv").write_text(WORKSHEET.replace("100.00", "Scale"), encoding="utf-8")
    roster = Roster.read("moodle", tmp_path / "worksheet.csv")
    with pytest.raises(Refused, match="maximum must be a positive number"):
        roster.write(tmp_path / "out.csv", "unused", [("Ada", "31415", 1.0, 6.0)])


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\uff1d1", "|x", "  =1"])
def test_no_cell_is_a_formula(text):
    assert neutral(text).startswith("'")
    assert neutral(-1.5) == -1.5
    assert neutral("plain") == "plain"


@pytest.mark.parametrize("text", ["Error: ;=cmd|' /C calc'!A0;", "a,\t+x", "a; +2+x", 'a;"=1"', "a; \uff1d1", "x;=A1"])
def test_no_part_of_a_cell_is_a_formula_to_another_separator(text):
    for mended in (neutral(text), kept(text)):
        for separator in ";,":
            assert not [part for part in mended.split(separator) if part.strip(' \t"')[:1] in tuple("=+\uff1d")]
    for mend in (neutral, kept):
        assert mend("a; b, c: (1, -2.5); -3") == "a; b, c: (1, -2.5); -3"
    assert kept("-2,5") == "-2,5"


# ---- the launcher ----


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has none of these limits")
def test_the_launcher_wants_its_settings():
    done = subprocess.run(
        [sys.executable, str(ROOT / "scripts" / "locked.py"), "{}", "python"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "locked.py needs SETTINGS -- program" in done.stderr
