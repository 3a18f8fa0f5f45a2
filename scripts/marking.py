"""Mark a class: every notebook of a folder, two at a time, each in a locked kernel (scripts/locked_kernel.py).

For each notebook the original checks are put back, and each exercise gets its points or a reason: not answered, ran out
of time, failed with the check's own sentence, or the kernel died. After a dead kernel the marking goes on in a new one.
Each result is kept under a key of what it depends on in a folder beside the table, so that an interrupted marking goes
on where it stopped, and a second one marks what is new. First the book's own solutions are marked: they must get all
their points here, and the time they take sets the time that students have.
"""

import asyncio
import contextlib
import csv
import hashlib
import json
import os
import re
import secrets
import shutil
import sys
import time
import unicodedata
from dataclasses import asdict, dataclass, field, replace
from importlib import metadata
from pathlib import Path

import nbformat
from feedback import MADE_BY, page
from gradebooks import Refused, Roster, neutral, plain, student_of
from locked_kernel import RENEW, LockedKernel, Outcome, best_protection, protects, reached

ROOT = Path(__file__).parents[1]
LARGEST, MOST_CELLS = 20 * 2**20, 1000  # bytes of a notebook, whose outputs can be cleared, and its cells
MOST_PARTS = 500_000  # brackets and commas, so values in its JSON, of up to 250 bytes of memory each; a lab has 7,000
LEAST_SECONDS, TIMES = 30, 10  # for an exercise; and so many times what the solution takes, where that is more
LEAST_IN_ALL, TIMES_IN_ALL = 180, 5  # for a notebook
SETUP_SECONDS = 120  # for a cell of the set-up that nobody has changed
NOT_ANSWERED = "not answered"
UNPROTECTED = (
    "nothing keeps a notebook from your files, your other programs and your network; only the limits "
    "of time and output hold, those of memory and files approximately, and a program that it starts may outlive it."
)


@dataclass(frozen=True)
class Exercise:
    """One exercise: its names and points, the cells before its answer, the answer to fill in, its check."""

    name: str  # of the check, "check-1"
    answer: str  # the name of the answer's cell
    title: str
    points: float
    setup: tuple[str, ...]
    stub: str
    check: str


@dataclass(frozen=True)
class Chapter:
    """The exercises of a chapter, and its notebook with solutions."""

    name: str
    exercises: tuple[Exercise, ...]
    solved: nbformat.NotebookNode

    @property
    def points(self) -> float:
        """All that can be had."""
        return sum(exercise.points for exercise in self.exercises)


@dataclass
class Limits:
    """Seconds for each exercise, by name, and for a notebook in all."""

    each: dict[str, float]
    total: float


@dataclass
class Result:
    """What one notebook got: for each exercise a dictionary of name, title, points, of, reason, answer and printed."""

    exercises: list[dict]
    note: str = ""
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def points(self) -> float:
        """The sum."""
        return sum(exercise["points"] for exercise in self.exercises)


def graded(cell: nbformat.NotebookNode) -> dict:
    """Return what nbgrader wrote about a cell, an empty dictionary where that is nothing."""
    found = cell.get("metadata", {}).get("nbgrader", {})
    return found if isinstance(found, dict) else {}


def read_chapter(name: str, edition: Path, solved: Path) -> Chapter:
    """Read a chapter's student edition and its notebook with solutions."""
    exercises, setup, answer, title = [], [], None, ""
    for cell in nbformat.read(edition, as_version=4).cells:
        role = graded(cell)
        if cell.cell_type == "markdown" and (heading := re.match(r"## (\d+\. .+)", cell.source)):
            title = heading[1].strip()
        elif role.get("solution"):
            answer = cell
        elif role.get("grade"):
            names = role["grade_id"], graded(answer)["grade_id"]
            exercises.append(Exercise(*names, title, role["points"], tuple(setup), answer.source, cell.source))
            setup = []
        elif cell.cell_type == "code":
            setup.append(cell.source)
    return Chapter(name, tuple(exercises), nbformat.read(solved, as_version=4))


def files_of(name: str) -> tuple[Path, Path]:
    """Return a chapter's student edition and its notebook with solutions."""
    return ROOT / "exercises" / f"{name}.ipynb", ROOT / "book" / name / "exercises.ipynb"


# ---- what a student handed in ----


class Unreadable(Exception):
    """A file that cannot be marked; says why."""


def read_notebook(path: Path) -> nbformat.NotebookNode:
    """Read what a student handed in; raise Unreadable with a sentence for the student."""
    try:
        if path.stat().st_size > LARGEST:
            raise Unreadable(f"it is larger than {LARGEST >> 20} MB: clear its outputs and hand it in again")
        text = path.read_text(encoding="utf-8-sig")
        if sum(map(text.count, "{[,")) > MOST_PARTS:  # before it is read, since reading is what takes the memory
            raise Unreadable("it holds too many parts: clear its outputs and hand it in again")
        notebook = nbformat.reads(text, as_version=4)
        if len(notebook.cells) > MOST_CELLS:
            raise Unreadable(f"it has more than {MOST_CELLS:,} cells: delete those that are not needed")
        for cell in notebook.cells:
            if not isinstance(cell.source, str) or not isinstance(cell.cell_type, str):
                raise TypeError("a cell without text")
            cell.source.encode()  # half a character, as "\ud800", cannot be sent to a kernel
    except RecursionError:
        raise Unreadable("this is no notebook that can be read (brackets in brackets without an end)") from None
    except (ValueError, OSError, KeyError, AttributeError, TypeError, nbformat.ValidationError) as error:
        why = "it is not JSON" if isinstance(error, nbformat.reader.NotJSONError) else str(error).splitlines()[0][:80]
        raise Unreadable(f"this is no notebook that can be read ({why})") from None
    return notebook


def sections(chapter: Chapter, notebook: nbformat.NotebookNode) -> list[list[str]]:
    """Return the student's code cells, checks left out, for each exercise.

    A check is known by its name or, where a program has thrown the names away, by its text; the cells before it belong
    to its exercise. Cells after the last check belong to none.
    """
    answers = {exercise.answer: at for at, exercise in enumerate(chapter.exercises)}
    checks = {exercise.name: at for at, exercise in enumerate(chapter.exercises)}
    texts = {exercise.check.strip(): at for at, exercise in enumerate(chapter.exercises)}
    found: list[list[str]] = [[] for _ in range(len(chapter.exercises) + 1)]
    place = 0
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        name = graded(cell).get("grade_id")
        name = name if isinstance(name, str) else None
        check = checks.get(name, texts.get(cell.source.strip()))
        if check is not None:
            place = check + 1
            continue
        place = answers.get(name, place)
        found[place].append(cell.source)
    return found[:-1]


def answer_of(exercise: Exercise, cells: list[str], setup: set[str]) -> str:
    """Return what a student wrote for an exercise: all cells of its section that the book did not write."""
    return "\n\n".join(cell for cell in cells if cell.strip() not in setup)


# ---- one notebook ----


class Run:
    """A notebook that runs, in one kernel after another where one dies."""

    def __init__(self, protection: str, seconds: float) -> None:
        self.protection = protection
        self.seconds = seconds
        self.end = time.monotonic() + seconds
        self.kernel: LockedKernel | None = None
        self.done: list[tuple[str, float]] = []  # cells to run again in a new kernel, and their seconds

    async def __aenter__(self) -> "Run":
        return self

    async def __aexit__(self, *_: object) -> None:
        if self.kernel is not None:
            await self.kernel.end()

    @property
    def left(self) -> float:
        """The seconds that are left for this notebook."""
        return self.end - time.monotonic()

    async def awake(self) -> LockedKernel:
        """Return a kernel in which all that was run is known, a new one where the last has died."""
        if self.kernel is not None and self.kernel.why_dead:
            await self.kernel.end()
            self.kernel = None
        if self.kernel is None:
            self.kernel = await LockedKernel(self.protection).__aenter__()
            for code, seconds in list(self.done):
                if self.left <= 0:
                    break
                outcome = await self.kernel.run(code, max(0.1, min(seconds, self.left)))
                if outcome.ending in ("time", "died"):
                    self.done.remove((code, seconds))
                if outcome.ending == "died":
                    return await self.awake()
        return self.kernel

    async def cell(self, code: str, seconds: float, *, again: bool = True) -> Outcome:
        """Run a cell within the time that is left, not at all if none is; `again`: a new kernel has to run it too."""
        outcome, allowed = Outcome("time"), f"{self.seconds:.0f} s for the whole notebook"
        if self.left > 0:
            kernel = await self.awake()
            allowed = f"{seconds:.0f} s" if seconds <= self.left else allowed
            outcome = await kernel.run(code, max(0.1, min(seconds, self.left)))
        if outcome.ending == "time":
            return replace(outcome, message=allowed)
        if again and outcome.ending != "died":
            self.done.append((code, seconds))
        return outcome

    async def can_still_fail(self) -> bool:
        """Say whether a check that is false fails in this kernel."""
        word, kernel = secrets.token_hex(8), await self.awake()
        outcome = await kernel.run(f'assert 1 == 2, "{word}"', 10)  # also where the notebook's time ends just now
        return (outcome.ending, outcome.name, outcome.message) == ("error", "AssertionError", word)


async def mark(chapter: Chapter, notebook: nbformat.NotebookNode, protection: str, limits: Limits) -> Result:
    """Mark a notebook, exercise by exercise."""
    known = {cell.strip() for exercise in chapter.exercises for cell in exercise.setup}
    result = Result([])
    began = time.monotonic()
    async with Run(protection, limits.total) as run:
        for exercise, cells in zip(chapter.exercises, sections(chapter, notebook), strict=True):
            result.exercises.append(
                await mark_exercise(run, exercise, cells, known, limits.each[exercise.name], result)
            )
    result.seconds["in all"] = round(time.monotonic() - began, 2)
    return result


async def mark_exercise(
    run: Run, exercise: Exercise, cells: list[str], known: set[str], seconds: float, result: Result
) -> dict:
    """Mark one exercise; return its row."""
    answer = answer_of(exercise, cells, known)
    row = {"name": exercise.name, "title": exercise.title, "points": 0, "of": exercise.points, "reason": ""}
    row |= {"answer": answer, "printed": ""}
    if run.left <= 0:
        return row | {"reason": "not run: the exercises before it took all the time that a notebook has"}
    await run.cell(RENEW, 10, again=False)
    theirs = {cell.strip() for cell in cells}
    troubles, printed, began = [], [], time.monotonic()
    for code in [*(cell for cell in exercise.setup if cell.strip() not in theirs), *cells]:
        is_setup = code.strip() in known
        outcome = await run.cell(code, SETUP_SECONDS if is_setup else seconds)
        began = time.monotonic() if is_setup else began
        if not is_setup:
            printed.append(outcome.printed)
        if outcome.ending != "passed":
            troubles.append(why(outcome))
    outcome = await run.cell(exercise.check, seconds, again=False)
    result.seconds[exercise.name] = round(time.monotonic() - began, 2)
    row["printed"] = "".join([*printed, outcome.printed])
    if outcome.ending == "passed":
        if await run.can_still_fail():
            return row | {"points": exercise.points}
        row["reason"] = (
            "no check can fail any more in this kernel, so this one counts for nothing: look at the notebook"
        )
    elif not answer.strip() or answer.strip() == exercise.stub.strip():
        row["reason"] = NOT_ANSWERED if answer.strip() else f"{NOT_ANSWERED}: its cells are missing"
    elif outcome.ending == "error" and outcome.name == "AssertionError":
        late = [trouble for trouble in troubles if trouble.startswith(("ran out", "the kernel died"))]
        row["reason"] = late[0] if late else why(outcome)
    else:
        row["reason"] = (troubles or [why(outcome)])[0]
    return row


def why(outcome: Outcome) -> str:
    """Say in words why a cell did not pass."""
    if outcome.ending == "time":
        return f"ran out of time ({outcome.message})"
    if outcome.ending == "died":
        return f"the kernel died: {outcome.message}"
    if outcome.name == "AssertionError":
        return f"failed with: {outcome.message}"
    return f"failed with {outcome.name}: {outcome.message}"


async def solutions_here(chapter: Chapter, protection: str) -> Result:
    """Mark the book's own solutions; raise RuntimeError where one does not get its points on this machine."""
    patient = Limits({exercise.name: 600.0 for exercise in chapter.exercises}, 1800.0)
    result = await mark(chapter, chapter.solved, protection, patient)
    for row in result.exercises:
        if row["points"] < row["of"]:
            raise RuntimeError(
                f"the book's own solution of {row['title']!r} gets no points on this machine, so no mark would be "
                f"fair: {row['reason']}"
            )
    return result


def limits_from(chapter: Chapter, taken: dict[str, float], seconds: float | None) -> Limits:
    """Return the limits for students from the seconds that the solutions took, or from a teacher's wish."""
    each = {e.name: seconds or max(LEAST_SECONDS, TIMES * taken[e.name]) for e in chapter.exercises}
    return Limits(each, max(LEAST_IN_ALL, TIMES_IN_ALL * taken["in all"], 3 * max(each.values())))


# ---- a class ----


@dataclass
class Student:
    """A student with the notebooks that came, and the result that counts."""

    name: str
    number: str  # in the names of a system's files, or empty
    files: list[Path] = field(default_factory=list)
    result: Result | None = None


def students_in(folder: Path, system: str | None = None) -> list[Student]:
    """Return the students whose notebooks, named as a system does, lie in a folder or below, each with all of them.

    Where all notebooks have one name and lie in several folders, the folders are called after the students. Raises
    Refused where only some of them do: notebooks of one name may come from two students.
    """
    came, folders = [], {}
    for file in sorted(folder.rglob("*")):
        inside = file.relative_to(folder)
        if file.suffix.lower() != ".ipynb" or not file.is_file() or file.is_symlink():
            continue
        if any(part.startswith(".") or part == "__MACOSX" for part in inside.parts):
            continue
        name, number = student_of(inside, system)
        top = inside.parts[0] if len(inside.parts) > 1 else ""
        came.append((file, top, name, number))
        if not number:
            folders.setdefault(same(name), set()).add(top)
    one_name = len(folders) == 1 and all(top and not number for _, top, _, number in came)
    found: dict[tuple[str, str], Student] = {}
    for file, top, name, number in came:
        if not number and len(several := folders[same(name)]) > 1:
            if not one_name:
                raise Refused(
                    f"notebooks called {name!r} lie in more than one folder ({', '.join(sorted(several))[:80]}) and "
                    "may be of two students; name each after its student, or put a student's into one folder"
                )
            name = top
        found.setdefault((same(name), number), Student(name, number)).files.append(file)
    return list(found.values())


def same(name: str) -> str:
    """Return a name in the form in which two that are spelt alike are the same."""
    return unicodedata.normalize("NFKC", name).casefold()


def depends_on(name: str, *settings: object) -> list[bytes]:
    """Return what the marks of a chapter depend on besides the notebook and the machine.

    That is the settings, the chapter, the code that marks, gan_helpers, Python, and the versions of all packages.
    """
    files = [*files_of(name)]
    files += [ROOT / "scripts" / f"{part}.py" for part in ("marking", "locked", "locked_kernel")]
    files += sorted(f for f in (ROOT / "gan_helpers").rglob("*") if f.is_file() and f.suffix != ".pyc")
    packages = sorted(f"{package.name} {package.version}" for package in metadata.distributions())
    words = [repr(settings), sys.version, *packages, *(str(file.relative_to(ROOT)) for file in files)]
    return [*map(str.encode, words), *(file.read_bytes() for file in files)]


class Kept:
    """Results on disk, each in a file of its own under a key of the notebook and of parts that are given."""

    def __init__(self, folder: Path, *parts: bytes) -> None:
        self.folder = folder
        self.about = hashlib.sha256()
        for part in parts:
            self.about.update(hashlib.sha256(part).digest())

    def file(self, content: bytes) -> Path:
        """Return where the result of a notebook is or will be."""
        key = self.about.copy()
        key.update(content)
        return self.folder / f"{key.hexdigest()}.json"

    def load(self, content: bytes) -> Result | None:
        """Return a result that is kept; a file that was cut off counts for nothing."""
        with contextlib.suppress(FileNotFoundError, ValueError, TypeError):
            return Result(**json.loads(self.file(content).read_text(encoding="utf-8")))
        return None

    def save(self, content: bytes, result: Result) -> None:
        """Keep a result, whole or not at all."""
        self.folder.mkdir(parents=True, exist_ok=True)
        place = self.file(content)
        draft = place.with_suffix(f".{os.getpid()}.new")
        draft.write_text(json.dumps(asdict(result)), encoding="utf-8")
        os.replace(draft, place)


def nothing(chapter: Chapter, note: str) -> Result:
    """Return the result of a file that cannot be marked."""
    rows = [
        {"name": e.name, "title": e.title, "points": 0, "of": e.points, "reason": note, "answer": "", "printed": ""}
        for e in chapter.exercises
    ]
    return Result(rows, note)


def say(text: str) -> None:
    """Print a line at once, whatever signs a terminal knows."""
    code = sys.stdout.encoding or "utf-8"
    print(text.encode(code, "replace").decode(code), flush=True)


def content_of(file: Path) -> bytes:
    """Return a short word for what a file holds; of one that is too large, for its size and time."""
    try:
        about = file.stat()
        whole = file.read_bytes() if about.st_size <= LARGEST else f"{about.st_size} {about.st_mtime_ns}".encode()
    except OSError as error:
        whole = str(error).encode(errors="replace")  # its student is told; the others are marked
    return hashlib.sha256(whole).digest()


async def mark_class(
    chapter: Chapter, students: list[Student], kept: Kept, *, protection: str, jobs: int, seconds: float | None
) -> None:
    """Mark all that is not kept, some at a time, and give each student the best result of the notebooks that came."""
    contents = {file: content_of(file) for student in students for file in student.files}
    waiting = {content: file for file, content in contents.items() if kept.load(content) is None}
    there = f"{sum(kept.load(content) is not None for content in contents.values())} are marked already"
    say(f"{len(contents)} notebooks of {len(students)} students; {there}.")
    failed = {}
    if waiting:
        model = Kept(kept.folder, kept.about.digest(), b"the solutions")
        taken = model.load(b"")
        if taken is None:
            say("The book's own solutions come first: what they take sets the time that students have.")
            taken = await solutions_here(chapter, protection)
            model.save(b"", taken)
        limits = limits_from(chapter, taken.seconds, seconds)
        failed = await mark_waiting(chapter, waiting, kept, protection, limits, jobs)
    for student in students:
        results = [kept.load(contents[file]) or failed[contents[file]] for file in student.files]
        student.result = max(results, key=lambda result: result.points)
        if len(student.files) > 1:
            names = ", ".join(file.name for file in student.files)
            note = f"{len(student.files)} notebooks came ({names}); the one with the most points counts."
            student.result.note = f"{student.result.note} {note}".strip()


async def mark_waiting(
    chapter: Chapter, waiting: dict[bytes, Path], kept: Kept, protection: str, limits: Limits, jobs: int
) -> dict[bytes, Result]:
    """Mark notebooks, `jobs` at a time, and keep the results; say after each how it went and how long the rest takes.

    Returns what takes the place of results that could not be had, as where no kernel started or the disk is full.
    """
    gate, began, done, failed = asyncio.Semaphore(jobs), time.monotonic(), 0, {}

    async def one(content: bytes, file: Path) -> None:
        nonlocal done
        async with gate:
            try:
                try:
                    notebook = await asyncio.to_thread(read_notebook, file)  # slow reading must not hold up others
                    result = await mark(chapter, notebook, protection, limits)
                except Unreadable as error:
                    result = nothing(chapter, str(error))
                kept.save(content, result)
            except Exception as error:  # whatever one notebook brings about, the others are marked
                words = str(error) if isinstance(error, RuntimeError) else f"{type(error).__name__}: {error}"
                result = failed[content] = nothing(chapter, f"not marked, try again: {words}")
        done += 1
        left = (time.monotonic() - began) / done * (len(waiting) - done)
        rest = f", about {left / 60:.0f} min left" if left >= 45 else f", about {left:.0f} s left" if left else ""
        say(f"{plain(file.name)}: {result.points:g} of {chapter.points:g} points ({done} of {len(waiting)}{rest})")

    await asyncio.gather(*(one(content, file) for content, file in waiting.items()))
    return failed


def write_table(chapter: Chapter, students: list[Student], out: Path) -> None:
    """Write a row for each student: points in all and for each exercise, and beside each why points are lost."""
    names = [part for exercise in chapter.exercises for part in (exercise.name, f"{exercise.name}: why")]
    with open(out, "w", newline="", encoding="utf-8-sig") as file:  # Excel knows UTF-8 by its first sign alone
        writer = csv.writer(file)
        writer.writerow(["student", "points", "of", "note", *names])
        for student in students:
            cells = [value for row in student.result.exercises for value in (row["points"], row["reason"])]
            line = [student.name, student.result.points, chapter.points, student.result.note, *cells]
            writer.writerow([neutral(value) for value in line])


def write_feedback(chapter: Chapter, students: list[Student], submissions: Path, folder: Path) -> None:
    """Write each student's page, in folders and under names as the notebooks came, so that a system takes them back.

    Pages of an earlier marking are taken away first; other files stay.
    """
    for old in sorted(folder.rglob("*.html")):
        if old.is_file() and MADE_BY in old.read_text(encoding="utf-8", errors="replace"):
            old.unlink()
    for student in students:
        file = student.files[-1]
        place = folder / file.relative_to(submissions).with_suffix(".html")
        place.parent.mkdir(parents=True, exist_ok=True)
        text = page(f"Exercises of {chapter.name}", student.name, student.result.exercises, student.result.note)
        place.write_text(text, encoding="utf-8", errors="replace")


def report(students: list[Student]) -> None:
    """Say for each student which exercises brought no points, and why."""
    for student in students:
        lost = [row for row in student.result.exercises if row["points"] < row["of"]]
        note = f"  {plain(student.result.note)}" if student.result.note else ""
        say(f"{plain(student.name)}: {student.result.points:g} points{note}")
        if len(lost) == len(student.result.exercises) and len({row["reason"] for row in lost}) == 1:
            if lost[0]["reason"] not in student.result.note:
                say(f"    all: {plain(lost[0]['reason'])[:160]}")
            continue
        for row in lost:
            say(f"    {row['title'].split('.')[0]}: {plain(row['reason'])[:160]}")


def more_protection(protection: str) -> str:
    """Say how to have more than a protection: the best that works here, bubblewrap, or other ways."""
    best = best_protection()[0]
    if best not in (protection, "none"):
        first = f"Leave SANDBOX= out: {best} works here."
    elif best == "bubblewrap":
        first = "This is the best that there is here."
    elif not shutil.which("bwrap"):
        first = "On Linux install bubblewrap (Debian, Ubuntu: apt-get install bubblewrap)."
    else:
        first = (
            "bubblewrap is installed but could not start here; on Ubuntu 24.04, for one, it needs an AppArmor profile "
            "that allows it user namespaces."
        )
    return f"{first} Or mark in a container without network, or under an account in which nothing can be lost."


def warnings_for(protection: str, open_ways: list[str]) -> list[str]:
    """Return what a teacher has to know before strangers' code runs, from what was tried out."""
    if protection == "none":
        return [f"WARNING: with SANDBOX=none {UNPROTECTED}", more_protection(protection)]
    files = "are out of reach"
    if "modes" in open_ways:
        files = "cannot be opened, but a notebook can change their permissions and dates"
    closed = "" if {"network", "packets"} & set(open_ways) else ", and there is no network"
    says = [f"Notebooks run under {protection}; tried: files outside their own folder {files}{closed}."]
    says.append("The limits of memory and files are approximate.")
    if closed == "":
        way = "" if "network" in open_ways else " by UDP, not by TCP"
        says.append(f"WARNING: notebooks can reach the network from here{way}.")
    if "socket" in open_ways:
        says.append(
            "WARNING: notebooks can talk to other programs' sockets from here (a desktop's among them), which may "
            "act for them."
        )
    if "signals" in open_ways:
        says.append(
            "WARNING: notebooks can end your other programs from here, by signals, and leave programs running; on "
            "Linux 6.12 or newer they cannot."
        )
    if len(says) > 2:
        says.append(more_protection(protection))
    if os.name == "posix" and os.getuid() == 0:
        says.append("You are root: the system does not limit how many processes root starts. Another account is safer.")
    return says


def grade(
    name: str, submissions: Path, out: Path, *, jobs: int | None = None, seconds: float | None = None,
    sandbox: str | None = None, system: str | None = None, roster: Path | None = None, column: str | None = None,
) -> list[Student]:  # fmt: skip
    """Mark a folder and write table, feedback, and the table for a system; return the students with their results.

    Raises Refused for orders that cannot be carried out, RuntimeError where this machine cannot mark.
    """
    table = Roster.read(system, roster) if system else None
    target = out.with_name(f"{out.stem}-{system}.csv")
    pages = out.with_name("feedback" if out.stem == "grades" else f"{out.stem}-feedback")
    for file in [out, target] if table else [out]:
        try_to_write(file)
    chapter = read_chapter(name, *files_of(name))
    students = students_in(submissions, system)
    if not students:
        raise Refused(f"no notebooks (*.ipynb) in {str(submissions)!r}; name each after its student")
    protection, open_ways = (sandbox, reached(sandbox)) if sandbox else best_protection()
    if not protects(protection, open_ways):
        raise RuntimeError(f"{sandbox} does not protect on this machine; leave SANDBOX= out to have the best that does")
    if protection == "none" and not sandbox:
        raise RuntimeError(
            f"Not marked: on this machine {UNPROTECTED} {more_protection(protection)} "
            "To mark all the same, add SANDBOX=none."
        )
    for sentence in warnings_for(protection, open_ways):
        say(sentence)
    kept = Kept(out.parent / f".{out.stem}.kept", *depends_on(name, seconds, protection))
    try:
        asyncio.run(
            mark_class(chapter, students, kept, protection=protection, jobs=jobs or most_jobs(), seconds=seconds)
        )
    except KeyboardInterrupt:
        say("Stopped. What is marked is kept; the same command goes on from here.")
        raise
    report(students)
    write_table(chapter, students, out)
    write_feedback(chapter, students, submissions, pages)
    say(f"The points and reasons are in {out}, a page for each student in {pages}.")
    if table:
        marks = [(s.name, s.number, s.result.points, chapter.points) for s in students]
        for trouble in table.write(target, column or f"Exercises: {name}", marks):
            say(trouble)
        say(f"The table for {system.title()} is {target}.")
    return students


def try_to_write(table: Path) -> None:
    """Raise Refused where a table cannot be written, before a class is marked for it."""
    is_new = not table.exists()
    try:
        table.parent.mkdir(parents=True, exist_ok=True)
        open(table, "ab").close()
    except OSError as error:
        raise Refused(f"the table {str(table)!r} cannot be written: {error.strerror}") from None
    if is_new:
        table.unlink()


def most_jobs() -> int:
    """Return how many notebooks run at once where nobody says: two, or the cores that there are."""
    return min(2, os.cpu_count() or 1)
