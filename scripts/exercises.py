"""Student editions and marks of the exercises, both by nbgrader.

    python scripts/exercises.py release
    python scripts/exercises.py grade --chapter gan --submissions folder --out grades.csv

`release` writes exercises/<chapter>.ipynb from book/<chapter>/exercises.ipynb, without the solutions. `grade` marks
every notebook of a folder, one a student, named after the student: it puts the original checks back, runs the notebook,
and writes the points for each exercise. It runs what students wrote, on this machine, with your rights.
"""

import argparse
import csv
import json
import os
import sys
import tempfile
import warnings
from pathlib import Path

import nbformat
from nbgrader.api import Gradebook
from nbgrader.apps import NbGraderAPI
from sqlalchemy.exc import SAWarning
from traitlets.config import Config

ROOT = Path(__file__).parents[1]
STUB = "...  # your answer here"
SECONDS = 120  # for a single cell of a student


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
    config.Execute.timeout = SECONDS
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


def trouble_in(path: Path, original: nbformat.NotebookNode) -> str:
    """Say why a file cannot be marked, or nothing."""
    try:
        notebook = nbformat.read(path, as_version=4)
        nbformat.validate(notebook)
    except (ValueError, OSError, KeyError, AttributeError, nbformat.ValidationError) as error:
        reason = "it is not JSON" if isinstance(error, json.JSONDecodeError) else str(error).splitlines()[0][:80]
        return f"this is no notebook that can be read ({reason})"
    here = {cell.metadata.get("nbgrader", {}).get("grade_id") for cell in notebook.cells}
    wanted = {cell.metadata.nbgrader.grade_id for cell in original.cells if "nbgrader" in cell.metadata}
    missing = sorted(wanted - here)
    return f"cells of the exercises are missing: {', '.join(missing)}" if missing else ""


def grade(chapter: str, submissions: Path, out: Path) -> list[dict]:
    """Mark every notebook of a folder and write a table; return its rows."""
    files = sorted(submissions.glob("*.ipynb"))
    original = nbformat.read(sources()[chapter], as_version=4)
    checks = [c.metadata.nbgrader for c in original.cells if c.metadata.get("nbgrader", {}).get("grade")]
    rows = []
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        api = course(folder, [chapter])
        for file in files:
            row = {"student": file.stem, "points": 0, "of": sum(c.points for c in checks), "note": ""}
            row |= {c.grade_id: 0 for c in checks}
            row["note"] = trouble_in(file, original)
            if not row["note"]:
                handed_in = folder / "submitted" / file.stem / chapter
                handed_in.mkdir(parents=True)
                (handed_in / "exercises.ipynb").write_bytes(file.read_bytes())
                result = api.autograde(chapter, file.stem)
                if result["success"]:
                    row |= marks(folder, chapter, file.stem, [c.grade_id for c in checks])
                else:
                    row["note"] = "it could not be run to its end; open it and run it by hand"
            rows.append(row)
    with open(out, "w", newline="", encoding="utf-8") as table:
        writer = csv.DictWriter(table, rows[0] if rows else ["student"])
        writer.writeheader()
        writer.writerows(rows)
    return rows


def marks(folder: Path, chapter: str, student: str, checks: list[str]) -> dict:
    """Return the points of a student, in all and for each check."""
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}") as book:
        notebook = book.find_submission_notebook("exercises", chapter, student)
        scores = {g.cell.name: g.score for g in notebook.grades}
    return {"points": sum(scores.values())} | {name: scores.get(name, 0) for name in checks}


def main(arguments: list[str]) -> int:
    """Release, or grade."""
    warnings.simplefilter("ignore", SAWarning)  # nbgrader's own, of no use to a teacher
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parts = parser.add_subparsers(dest="what", required=True)
    parts.add_parser("release", help="write the student editions to exercises/")
    marking = parts.add_parser("grade", help="mark a folder of notebooks")
    marking.add_argument("--chapter", required=True, choices=sources())
    marking.add_argument("--submissions", required=True, type=Path, help="a folder with one notebook for each student")
    marking.add_argument("--out", type=Path, default=Path("grades.csv"), help="a table, grades.csv if left out")
    options = parser.parse_args(arguments)
    if options.what == "release":
        release(ROOT / "exercises")
        return 0
    if not list(options.submissions.glob("*.ipynb")):
        parser.error(f"no notebooks (*.ipynb) in {str(options.submissions)!r}; name each after its student")
    for row in grade(options.chapter, options.submissions, options.out):
        print(f"{row['student']}: {row['points']:g} of {row['of']:g} points{'  ' + row['note'] if row['note'] else ''}")
    print(f"The points for each exercise are in {options.out}.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
