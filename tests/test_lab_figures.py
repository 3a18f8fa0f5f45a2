"""Figures of the labs can be read on a phone, and what stands in the way of ideas is folded."""

import ast
import base64
import io
import re
import sys
from itertools import pairwise
from pathlib import Path

import nbformat
import pytest
from PIL import Image

from gan_helpers.plotting import WIDTH

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "scripts"))

import lab_figures  # noqa: E402

LABS = sorted((ROOT / "book").glob("*/lab.ipynb"))
WITHOUT_WORDS = {"fig-dcgan-receptive", "fig-dcgan-checkerboard", "fig-wgan-waves"}  # so they may stand side by side
FOLDED_AT_THE_TOP = {"set-up", "imports", "imports from gan_helpers", "settings", "preparations"}
OWN_SCALES = {"fig-wgan-weights", "fig-evaluation-bias"}  # panels beside one another whose vertical axes differ


@pytest.fixture(params=LABS, ids=lambda path: path.parent.name)
def lab(request):
    return nbformat.read(request.param, as_version=4)


def code(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def tags(cell):
    return cell.metadata.get("tags", [])


def prompt(cell):
    return cell.metadata.get("mystnb", {}).get("code_prompt_show", "")


def calls(cell, *names):
    """Yield the calls of functions or methods of these names, with what they are given by name."""
    source = re.sub(r"^(\s*)[%!]\S.*$", r"\1pass", cell.source, flags=re.MULTILINE)
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) in names:
            yield node, {keyword.arg: keyword.value for keyword in node.keywords}


def the_exercises(notebook):
    """Return the index of the cell in which the exercises of a lab begin."""
    return next((i for i, cell in enumerate(notebook.cells) if "## Exercises" in cell.source), len(notebook.cells))


def number(node):
    return node.value if isinstance(node, ast.Constant) else None


def test_no_figure_is_wider_than_a_phone_can_show(lab):
    for cell in code(lab):
        for _, given in calls(cell, "subplots", "figure"):
            if "figsize" in given:
                assert number(given["figsize"].elts[0]) <= WIDTH, cell.source
        for _, given in calls(cell, "plot_images"):
            assert (number(given.get("columns")) or 10) <= 12, cell.source


def test_no_letter_is_smaller_than_ten_points(lab):
    for cell in code(lab):
        assert not re.search(r"size\s*=\s*[\"'](xx?-)?small", cell.source), cell.source
        for _, given in calls(cell, "annotate", "text", "legend", "set_title", "set_yticks", "set_xticks", "suptitle"):
            for size in (number(given.get(name)) for name in ("fontsize", "size", "labelsize")):
                assert size is None or size >= 10, cell.source


def test_panels_stand_in_two_columns_at_most_and_share_their_scale(lab):
    for cell in code(lab):
        name = cell.metadata.get("mystnb", {}).get("figure", {}).get("name")
        for call, given in calls(cell, "subplots"):
            columns = number(call.args[1]) if len(call.args) > 1 else 1
            assert columns <= 2 or name in WITHOUT_WORDS, cell.source
            if columns > 1 and name not in OWN_SCALES | {"fig-dcgan-checkerboard"}:
                assert "sharey" in given, f"{name}: panels beside one another share their vertical axis"


def test_set_up_is_folded(lab):
    beginning = next(i for i, cell in enumerate(lab.cells) if i and cell.cell_type == "markdown")
    assert beginning > 2
    for cell in lab.cells[1:beginning]:
        assert tags(cell) == ["hide-input"], cell.source
        assert prompt(cell).removeprefix("Show the ") in FOLDED_AT_THE_TOP


def test_drawings_are_folded(lab):
    for cell in code(lab):
        if "plt.show()" in cell.source:
            folded = "hide-input" in tags(cell) and prompt(cell) == "Show the drawing"
            assert folded or "hide-cell" in tags(cell), cell.source


def test_what_a_reader_is_to_predict_stands_behind_a_click(lab):
    asks = [
        i
        for i, cell in enumerate(lab.cells[: the_exercises(lab)])
        if cell.cell_type == "markdown" and re.search(r"\*\*[Pp]redict", cell.source)
    ]
    for here, there in pairwise([*asks, the_exercises(lab)]):
        folded = [cell for cell in lab.cells[here:there] if prompt(cell) == "Show what came out"]
        moved = any("LatentExplorer(" in cell.source for cell in lab.cells[here:there])  # by the reader's own hand
        assert folded or moved, f"the answer stands in the open: {lab.cells[here].source}"
        assert all(set(tags(cell)) & {"hide-output", "hide-cell"} for cell in folded)


def test_checks_stay_in_the_open(lab):
    for cell in lab.cells[: the_exercises(lab)]:
        if "check" in cell.metadata:
            assert not set(tags(cell)) & {"hide-input", "hide-cell"}, cell.source


SIZES = """
() => [...document.querySelectorAll(".cell_output figure.align-default img")].filter(i => !i.closest(".gan-widget"))
  .filter(i => i.complete && i.naturalWidth && i.getBoundingClientRect().width)
  .map(i => ({own: i.naturalWidth / i.naturalHeight, shown: i.clientWidth / i.clientHeight,
              dense: i.naturalWidth / i.clientWidth, width: i.clientWidth, alt: i.alt}))
"""


@pytest.mark.site
@pytest.mark.web
@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("chapter", [path.parent.name for path in LABS])
def test_figures_are_sharp_and_keep_their_shape(open_page, site, chapter, width):
    page, _ = open_page(f"{site}book/{chapter}/lab.html", width)
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    figures = page.evaluate(SIZES)
    assert figures
    for figure in figures:
        assert figure["own"] == pytest.approx(figure["shown"], rel=0.06), figure  # a frame may add a few pixels
        assert figure["width"] <= 100 * WIDTH + 30, figure
        if figure["width"] > 300:
            assert figure["dense"] > 1.8, figure
        assert len(figure["alt"]) > 30, figure
        assert not re.search(r"\.png|/", figure["alt"]), figure


@pytest.mark.site
@pytest.mark.web
@pytest.mark.parametrize("chapter", [path.parent.name for path in sorted((ROOT / "book").glob("*/exercises.ipynb"))])
def test_no_check_of_an_exercise_gives_its_answer_away(open_page, site, chapter):
    page, _ = open_page(f"{site}book/{chapter}/exercises.html")
    assert page.locator("summary", has_text="Show the check and what it printed").count() >= 6
    assert page.locator(".cell_output .output.stream").filter(visible=True).count() == 0
    for alt in page.evaluate("[...document.querySelectorAll('.bd-article img')].map(i => i.alt)"):
        assert not alt.endswith((".png", ".svg")), alt


def test_a_chapter_shows_what_its_lab_drew(tmp_path, monkeypatch):
    monkeypatch.setattr(lab_figures, "EXECUTED", tmp_path / "executed")
    monkeypatch.setattr(lab_figures, "LABS", tmp_path)
    with pytest.raises(ValueError, match="has not been run"):
        lab_figures.drawn("book/topic", "fig-topic-two")
    cells = []
    for name, colour in (("fig-topic-one", "red"), ("fig-topic-two", "blue")):
        png = io.BytesIO()
        Image.new("RGB", (3, 2), colour).save(png, "PNG")
        data = {"image/png": base64.b64encode(png.getvalue()).decode()}
        about = {"figure": {"name": name, "caption": "."}, "image": {"alt": f"A {colour} ground."}}
        cell = nbformat.v4.new_code_cell("draw()", metadata={"mystnb": about})
        cell.outputs = [nbformat.v4.new_output("display_data", data=data)]
        cells.append(cell)
    for folder in (tmp_path / "executed" / "book" / "topic", tmp_path / "book" / "topic"):
        folder.mkdir(parents=True)
        nbformat.write(nbformat.v4.new_notebook(cells=cells), folder / "lab.ipynb")
        cells[1].metadata["mystnb"]["image"]["alt"] = "Blue all over."  # new words, and no new run
    picture, alt = lab_figures.drawn("book/topic", "fig-topic-two")
    assert Image.open(io.BytesIO(picture)).convert("RGB").getpixel((0, 0)) == (0, 0, 255)
    assert alt == "Blue all over."
    with pytest.raises(ValueError, match="no cell"):
        lab_figures.drawn("book/topic", "fig-topic-three")


def test_chapters_name_figures_that_their_labs_have():
    found = 0
    for chapter in sorted((ROOT / "book").glob("*/index.md")):
        for name in re.findall(r"^[`:]{3,}\{lab-figure\} (\S+)$", chapter.read_text(encoding="utf-8"), re.MULTILINE):
            cells = nbformat.read(chapter.with_name("lab.ipynb"), as_version=4).cells
            about = [cell.metadata.get("mystnb", {}) for cell in cells]
            assert [a["image"]["alt"] for a in about if a.get("figure", {}).get("name") == name], f"{chapter}: {name}"
            found += 1
    assert found
