"""Student editions of the exercises, by nbgrader, and the marks of a class, by scripts/marking.py.

    python scripts/exercises.py release
    python scripts/exercises.py grade --chapter gan --submissions folder --out grades.csv

`release` writes exercises/<chapter>.ipynb from book/<chapter>/exercises.ipynb, without the solutions. `grade` marks
every notebook of a folder, named after its student or as Moodle and Canvas name it, and writes the points for each
exercise, the reasons, and a page for each student.
"""

import argparse
import os
import sys
import tempfile
import warnings
from pathlib import Path

import marking
import nbformat
from gradebooks import ROSTERS, Refused
from locked_kernel import PROTECTIONS
from nbgrader.apps import NbGraderAPI
from sqlalchemy.exc import SAWarning
from traitlets.config import Config

ROOT = Path(__file__).parents[1]
STUB = "...  # your answer here"


def sources() -> dict[str, Path]:
    """Return the exercises with solutions, by chapter."""
    return {path.parent.name: path for path in sorted((ROOT / "book").glob("*/exercises.ipynb"))}


def course(folder: Path, chapters: list[str]) -> NbGraderAPI:
    """Set up a course in an empty folder and make the student editions of some chapters there."""
    os.environ["PATH"] = (
        f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"  # nbgrader calls alembic by name
    )
    config = Config()
    config.CourseDirectory.root = str(folder)
    config.ClearSolutions.code_stub = {"python": STUB}
    config.GenerateAssignment.create_assignment = True
    api = NbGraderAPI(config=config)
    for chapter in chapters:
        place = folder / "source" / chapter
        place.mkdir(parents=True)
        (place / "exercises.ipynb").write_bytes(sources()[chapter].read_bytes())
        result = api.generate_assignment(chapter)
        if not result["success"]:
            raise RuntimeError(
                f"the exercises of {chapter} could not be released:\n{result.get('log', result.get('error'))}"
            )
    return api


def released(folder: Path, chapter: str) -> nbformat.NotebookNode:
    """Return a student edition; solutions are gone, so nothing is folded, and wrong answers are not told."""
    notebook = nbformat.read(folder / "release" / chapter / "exercises.ipynb", as_version=4)
    for cell in notebook.cells:
        for key in ("tags", "mystnb", "wrong"):
            cell.metadata.pop(key, None)
    return notebook


def release(target: Path) -> None:
    """Write all student editions."""
    target.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as place:
        course(Path(place), list(sources()))
        for chapter in sources():
            nbformat.write(released(Path(place), chapter), target / f"{chapter}.ipynb")


def at_least_one(text: str) -> int:
    """Read a whole number from 1 on."""
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"a whole number from 1 on is needed, but {text!r} came")
    return int(text)


def a_folder(text: str) -> Path:
    """Read the name of a folder that is there; no name is not the folder in which we are."""
    if not text or not Path(text).is_dir():
        raise argparse.ArgumentTypeError(f"no notebooks (*.ipynb) in {text!r}; it is no folder")
    return Path(text)


def main(arguments: list[str]) -> int:
    """Release, or grade."""
    warnings.simplefilter("ignore", SAWarning)  # nbgrader's own, of no use to a teacher
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parts = parser.add_subparsers(dest="what", required=True)
    parts.add_parser("release", help="write the student editions to exercises/")
    order = parts.add_parser("grade", help="mark a folder of notebooks")
    order.add_argument("--chapter", required=True, choices=list(sources()))
    order.add_argument(
        "--submissions", required=True, type=a_folder, help="a folder with one notebook for each student"
    )
    order.add_argument("--out", type=Path, default=Path("grades.csv"), help="a table, grades.csv if left out")
    order.add_argument(
        "--jobs", type=at_least_one, help="notebooks at a time; two if left out, and two cores are there"
    )
    order.add_argument(
        "--seconds", type=at_least_one, help="for an answer or a check; from the book's solutions if left out"
    )
    order.add_argument("--format", choices=ROSTERS, help="write a table for this system as well")
    order.add_argument("--roster", type=Path, help="the table that this system exports")
    order.add_argument("--column", help="the assignment's name in this system")
    order.add_argument("--sandbox", choices=PROTECTIONS, help="what protects; bubblewrap or landlock if left out")
    options = parser.parse_args(arguments)
    if options.what == "release":
        release(ROOT / "exercises")
        return 0
    if bool(options.format) != bool(options.roster):
        parser.error("a table for Moodle or Canvas needs both --format and --roster, the table that the system exports")
    try:
        marking.grade(
            options.chapter, options.submissions, options.out, jobs=options.jobs, seconds=options.seconds,
            sandbox=options.sandbox, system=options.format, roster=options.roster, column=options.column,
        )  # fmt: skip
    except Refused as error:
        parser.error(str(error))
    except (RuntimeError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
