"""The exercises: stubs and plausible wrong answers fail their check with a sentence that teaches; a folder is marked.

That every solution passes its check is shown where all notebooks are executed.
"""

import ast
import csv
import json
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
import torch

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "scripts"))

from locked_kernel import best_protection  # noqa: E402

import exercises  # noqa: E402
from gan_helpers import set_threads  # noqa: E402
from gan_helpers.widgets import LatentExplorer, Panel  # noqa: E402

NOTEBOOKS = sorted((ROOT / "book").glob("*/exercises.ipynb"))
STUB = "...  # your answer here"
REGION = re.compile(r"^([ \t]*)### BEGIN SOLUTION\n.*?### END SOLUTION$", re.DOTALL | re.MULTILINE)
HEADING = re.compile(
    r"^## (\d+)\. (.+)\n\n\*(Predict|Change|Build|Find) · (\d+) minutes · (easy|medium|hard) · goals? ([\d, ]+)\*\n",
    re.M,
)


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.parent.name, scope="module")
def notebook(request):
    return nbformat.read(request.param, as_version=4)


def role(cell):
    marks = cell.metadata.get("nbgrader", {})
    return "check" if marks.get("grade") else "answer" if marks.get("solution") else "other"


def code(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def run(source, names):
    plain = re.sub(r"^(\s*)[%!]\S.*$", r"\1pass", source, flags=re.MULTILINE)
    exec(compile(ast.parse(plain), "exercise", "exec"), names)


def test_form(notebook):
    nbformat.validate(notebook)
    exercises = [HEADING.match(cell.source) for cell in notebook.cells if cell.cell_type == "markdown"]
    exercises = [found for found in exercises if found]
    assert len(exercises) >= 6
    assert [int(found[1]) for found in exercises] == list(range(1, len(exercises) + 1))
    assert {found[3] for found in exercises} == {"Predict", "Change", "Build", "Find"}
    answers = [cell for cell in code(notebook) if role(cell) == "answer"]
    checks = [cell for cell in code(notebook) if role(cell) == "check"]
    assert len(answers) == len(checks) == len(exercises)
    for cell in answers:
        assert len(REGION.findall(cell.source)) == 1
        assert "hide-cell" in cell.metadata.tags
    for cell in checks:
        assert cell.metadata.tags == ["hide-cell"]  # its answer is not given away on the site
        assert cell.metadata.mystnb.code_prompt_show == "Show the check and what it printed"  # not "the solution"
        assert cell.metadata.nbgrader.points > 0
        assert cell.metadata.nbgrader.locked
    names = [cell.metadata.nbgrader.grade_id for cell in answers + checks]
    assert len(names) == len(set(names))
    for cell in code(notebook)[:2]:  # a page begins with a question, not with imports
        assert "hide-input" in cell.metadata.tags
        assert cell.metadata.mystnb.code_prompt_show == "Show the set-up"
    for cell in code(notebook):
        if "plt.show()" in cell.source and role(cell) == "answer":
            assert len(cell.metadata.mystnb.image.alt) > 30  # else a reader's device speaks a file's name
        assert not cell.outputs
        assert max(map(len, cell.source.splitlines() or [""])) <= 88


def test_stubs_fail_with_a_sentence(notebook):
    cells = code(notebook)
    setup = {}
    for cell in cells:
        if role(cell) == "other":
            run(cell.source, setup)
    for answer, check in zip(
        [c for c in cells if role(c) == "answer"], [c for c in cells if role(c) == "check"], strict=True
    ):
        names = dict(setup)
        run(REGION.sub(rf"\1{STUB}", answer.source), names)
        with pytest.raises(AssertionError) as caught:
            run(check.source, names)
        assert len(str(caught.value)) > 40, answer.source


def test_wrong_answers_fail_with_the_message_that_teaches(notebook):
    """At least two a check, kept in its metadata: why somebody gives it, the code, and words of the message."""
    setup, wrong = {}, []
    for cell in code(notebook):
        if role(cell) == "other":
            run(cell.source, setup)
    for check in [cell for cell in code(notebook) if role(cell) == "check"]:
        answers, name = check.metadata.get("wrong", []), check.metadata.nbgrader.grade_id
        if len(answers) < 2:
            wrong.append(f"{name}: two plausible wrong answers are wanted, here are {len(answers)}")
        for answer in answers:
            names = dict(setup)
            set_threads(1)
            run("\n".join(answer["code"]), names)
            try:
                run(check.source, names)
            except AssertionError as error:
                if answer["says"] not in str(error) or len(answer["says"]) < 10:
                    wrong.append(f"{name}: {answer['why']}: the message says {str(error)!r}")
            else:
                wrong.append(f"{name}: {answer['why']}: the check lets it pass")
    assert not wrong, "\n".join(wrong)


def sliders_of(exercise):
    """Return the names and widgets that the cell before an answer makes."""
    return {name: w for name, w in exercise.items() if isinstance(w, Panel | LatentExplorer)}


def front_end(widget):
    """Return what the browser would send to bring a widget where it is: one message for each trait of each part."""
    if isinstance(widget, LatentExplorer):
        return [(widget, {"state": dict(widget.state)})]
    return [(slider, {"value": slider.value}) for slider in widget.children[:-1]]


def on_the_grid(widget, start):
    """Say whether a reader can bring the sliders to where the widget is."""
    if isinstance(widget, Panel):
        return all(
            abs((s.value - s.min) / s.step - round((s.value - s.min) / s.step)) < 1e-6 for s in widget.children[:-1]
        )
    rows = widget.directions  # orthonormal: sliders from -4 to 4 in steps of 0.05
    places = rows @ (widget.latent - start)
    left = widget.latent - start - places @ rows
    return (
        left.norm() < 1e-3 and places.abs().max() < 4.001 and (20 * places - (20 * places).round()).abs().max() < 0.02
    )


def test_solutions_are_found_with_the_sliders(notebook):
    """The state of a solution, sent by a front end, arrives and passes; so do the lines that the check prints."""
    setup, found, place = {}, [], 0
    cells = code(notebook)
    for cell in cells:
        if role(cell) == "other":
            before = set(setup)
            run(cell.source, setup)
            made = sliders_of({name: setup[name] for name in set(setup) - before})
            if made:
                answer, check = cells[cells.index(cell) + 1 : cells.index(cell) + 3]
                found.append((made, answer, check))
    assert found
    for made, answer, check in found:
        ((name, widget),) = made.items()
        start, begin = front_end(widget), widget.latent if isinstance(widget, LatentExplorer) else None
        set_threads(1)
        run(answer.source, names := dict(setup))
        assert on_the_grid(widget, begin), answer.source
        solved, lines = front_end(widget), widget.to_code(name)
        assert solved != start
        for part, message in start:
            part.set_state(message)
        with pytest.raises(AssertionError) as caught:
            run(check.source, names)
        assert len(str(caught.value)) > 40
        for part, message in solved:
            part.set_state(message)
        run(check.source, names)
        for part, message in start:
            part.set_state(message)
        run(lines, names)
        run(check.source, names)
        place += 1
    finds = [cell for cell in notebook.cells if cell.cell_type == "markdown" and "\n*Find · " in cell.source]
    assert place == len(finds)


def without_searching(explorer, start, label):
    """Yield (name, vector, label) of states that nobody has to look for: one press of a button, or a trick."""
    rng = torch.Generator().manual_seed(11)
    for z in torch.randn(50, len(start), generator=rng):
        yield "Random", z, label
    for scale in (0.0, 0.5, 2.0, 5.0, 20.0):
        yield f"the start times {scale}", scale * start, label
    for z in torch.randn(20, len(start), generator=rng):
        yield "a vector far out", 20 * z, label
    for other in range(len(explorer.about["classes"])):
        yield "a label alone", start, other
        yield "a label and a nudge", start + 0.05 * explorer.directions[0], other


@pytest.mark.parametrize("chapter", ["gan", "dcgan", "conditional", "evaluation"])
def test_no_trick_finds_what_is_asked_for(chapter):
    setup, cells = {}, code(nbformat.read(ROOT / "book" / chapter / "exercises.ipynb", as_version=4))
    explorers, passed, tried = [], {}, 0
    for cell in cells:
        if role(cell) == "other":
            before = set(setup)
            run(cell.source, setup)
            for widget in sliders_of({name: setup[name] for name in set(setup) - before}).values():
                if isinstance(widget, LatentExplorer):
                    explorers.append((widget, cells[cells.index(cell) + 2]))
    assert explorers
    set_threads(1)
    for widget, check in explorers:
        name = check.metadata.nbgrader.grade_id
        program = compile(check.source, name, "exec")
        start, label = widget.latent, widget.label
        for why, vector, drawn in without_searching(widget, start, label):
            widget.latent, widget.label = vector, drawn
            tried += 1
            try:
                exec(program, dict(setup))
            except AssertionError:
                continue
            passed.setdefault((name, why), []).append(drawn)
    assert tried >= 75
    assert not passed


def test_every_chapter_has_sliders_and_those_with_images_two():
    for path in NOTEBOOKS:
        count = path.read_text(encoding="utf-8").count("*Find · ")
        assert count >= (2 if path.parent.name in {"gan", "dcgan", "wgan", "conditional", "evaluation"} else 1)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.parent.name)
def test_every_goal_has_exercises(path):
    found = {}
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "markdown" and (heading := HEADING.match(cell.source)):
            for goal in heading[6].split(","):
                found.setdefault(int(goal), []).append(int(heading[1]))
    page = path.with_name("index.md").read_text(encoding="utf-8")
    box = re.search(r"After this chapter you can\n:class: tip\n(.*?)\n:::", page, re.DOTALL)[1]
    goals = [int(number) for number in re.findall(r"^(\d+)\. ", box, re.MULTILINE)]
    table = re.search(r"\| Goal \| Exercises \|\n\| --- \| --- \|\n((?:\|.*\n)+)", page)[1]
    rows = dict(re.findall(r"\| (\d+) \| ([\d, ]+) \|", table))
    assert goals == list(range(1, len(goals) + 1))
    assert {int(goal): [int(n) for n in numbers.split(",")] for goal, numbers in rows.items()} == found
    assert set(found) == set(goals)


def test_every_chapter_has_exercises_and_a_quiz():
    chapters = {path.parent.name for path in (ROOT / "book").glob("*/index.md")}
    assert {path.parent.name for path in NOTEBOOKS} == chapters
    for chapter in chapters:
        page = (ROOT / "book" / chapter / "index.md").read_text(encoding="utf-8")
        quiz = page.split("## Quiz")[1].split("\n## ")[0]
        questions = re.split(r"\n\*\*\d+\.\*\* ", quiz)[1:]
        assert len(questions) >= 5
        for question in questions:
            verdicts = re.findall(r":::\{dropdown\} [A-D]\. .+\n\*\*(Yes|No)\.\*\* \S", question)
            assert len(verdicts) == 4
            assert verdicts.count("Yes") == 1


def command(*arguments):
    return subprocess.run(
        [sys.executable, str(ROOT / "scripts" / "exercises.py"), *map(str, arguments)], capture_output=True, text=True
    )


def test_student_editions_are_those_of_the_sources():
    released = {path.stem: path for path in (ROOT / "exercises").glob("*.ipynb")}
    assert set(released) == {path.parent.name for path in NOTEBOOKS}
    for path in NOTEBOOKS:
        source, student = (nbformat.read(p, as_version=4) for p in (path, released[path.parent.name]))
        wanted = [REGION.sub(rf"\1{STUB}", cell.source) for cell in source.cells]
        assert [cell.source for cell in student.cells] == wanted, "run: .venv/bin/python scripts/exercises.py release"
        assert "SOLUTION" not in json.dumps(student)
        assert not [cell for cell in student.cells if "wrong" in cell.metadata]


def test_a_folder_is_marked_with_one_command(tmp_path):
    """One real chapter from files to tables, in the names that Moodle gives them."""
    chapter = "families"
    source = nbformat.read(ROOT / "book" / chapter / "exercises.ipynb", as_version=4)
    student = nbformat.read(ROOT / "exercises" / f"{chapter}.ipynb", as_version=4)
    folder = tmp_path / "handed in"
    folder.mkdir()
    half = nbformat.from_dict(json.loads(json.dumps(student)))
    places = [i for i, cell in enumerate(source.cells) if role(cell) == "answer"]
    solved = places[: len(places) // 2]
    for i in solved:
        half.cells[i].source = source.cells[i].source
    for i, cell in enumerate(half.cells):  # a check that was made to pass is put back
        if role(cell) == "check" and i - 1 not in solved:
            cell.source = "pass"
    nbformat.write(half, folder / "Ben_12_assignsubmission_file_work.ipynb")
    (folder / "Cleo_13_assignsubmission_file_work.ipynb").write_text('{"cells": [', encoding="utf-8")
    roster = tmp_path / "worksheet.csv"
    roster.write_text("Identifier,Grade,Maximum Grade\nParticipant 12,,10\nParticipant 13,,10\n", encoding="utf-8")
    out = tmp_path / "grades.csv"
    order = ["grade", "--chapter", chapter, "--submissions", folder, "--out", out]
    order += ["--sandbox", "none"] if best_protection()[0] == "none" else []
    done = command(*order, "--format", "moodle", "--roster", roster)
    assert done.returncode == 0, done.stderr
    with open(out, newline="", encoding="utf-8") as file:
        ben, cleo = csv.DictReader(file)
    points = {c.metadata.nbgrader.grade_id: c.metadata.nbgrader.points for c in source.cells if role(c) == "check"}
    earned = [name for name in points if int(name.split("-")[1]) <= len(solved)]
    assert {name: float(ben[name]) for name in points} == {n: points[n] if n in earned else 0 for n in points}
    assert {ben[f"{name}: why"] for name in points} == {"", "not answered"}
    assert (float(cleo["points"]), "no notebook that can be read" in cleo["note"]) == (0, True)
    with open(tmp_path / "grades-moodle.csv", newline="", encoding="utf-8") as file:
        grades = [float(row["Grade"]) for row in csv.DictReader(file)]
    assert grades == pytest.approx([10 * sum(points[n] for n in earned) / sum(points.values()), 0], abs=0.005)
    assert (tmp_path / "feedback" / "Ben_12_assignsubmission_file_work.html").is_file()
    again = command(*order)
    assert "2 are marked already" in again.stdout
    assert "not answered" in again.stdout


def test_a_fault_of_the_system_is_a_sentence(tmp_path, monkeypatch, capsys):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(exercises.marking, "grade", full)
    assert exercises.main(["grade", "--chapter", "gan", "--submissions", str(tmp_path)]) == 1
    assert "No space left on device" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["grade", "--chapter", "gan", "--submissions", "nowhere"], "no notebooks (*.ipynb) in 'nowhere'"),
        (["grade", "--chapter", "gan", "--submissions", ""], "no notebooks (*.ipynb) in ''"),
        (["grade", "--chapter", "vae", "--submissions", "."], "invalid choice: 'vae'"),
        (["grade", "--chapter", "gan", "--submissions", "tests"], "no notebooks (*.ipynb) in 'tests'"),
        (
            ["grade", "--chapter", "gan", "--submissions", "tests", "--jobs", "0"],
            "a whole number from 1 on is needed, but '0' came",
        ),
        (
            ["grade", "--chapter", "gan", "--submissions", "tests", "--format", "moodle"],
            "needs both --format and --roster",
        ),
        ([], "what"),
    ],
)
def test_wrong_orders_get_a_sentence(arguments, message):
    done = command(*arguments)
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_the_teaching_page_counts_the_exercises():
    checks = sum(role(cell) == "check" for path in NOTEBOOKS for cell in code(nbformat.read(path, as_version=4)))
    assert f"check themselves, {checks} in all" in (ROOT / "book" / "teaching.md").read_text(encoding="utf-8")
