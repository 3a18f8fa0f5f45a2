"""What keeps pages light (scripts/light.py, scripts/formulas.py): icons, style sheets, formulas without a browser."""

import re
import shutil
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from PIL import Image
from sphinx.errors import ExtensionError

from gan_helpers.widgets import Scrubber

sys.path.insert(0, str(Path(__file__).parents[1] / "scripts"))
import formulas
import light

ASSISTIVE = re.compile(r"<mjx-assistive-mml.*?</mjx-assistive-mml>")


def test_an_icon_is_drawn_and_keeps_its_words():
    drawn = light.icons('<p><i class="theme-switch fa-solid fa-sun   fa-lg" data-mode="light" title="Light"></i></p>')
    assert drawn.startswith('<p><svg class="svg-inline--fa theme-switch fa-sun fa-lg" data-mode="light" role="img" ')
    assert "<title>Light</title><path " in drawn
    assert 'aria-hidden="true"' in light.icons('<span class="fab fa-github"></span>')
    assert light.icons('<i class="other">a</i>') == '<i class="other">a</i>'


@pytest.mark.parametrize("words", ["fa-solid fa-no-such-icon", "fas fa-github", "fab"])
def test_an_unknown_icon_stops_the_build(words):
    with pytest.raises(ExtensionError, match="does not hold"):
        light.icons(f'<i class="{words} fa-lg"></i>')


def test_scripts_are_left_out_and_have_to_be_there():
    html = '<script src="_static/a.js?v=1"></script><script defer src="b.js"></script>'
    assert light.without(html, "a.js") == '<script defer src="b.js"></script>'
    for wrong in (html.replace("a.js", "c.js"), html + html):
        with pytest.raises(ExtensionError, match="loads a"):
            light.without(wrong, "a.js")


def test_scripts_wait_in_their_order():
    html = """<script src="a.js"></script><script>let b;</script><script defer src="c.js"></script>
    <script async src="d.js"></script><script id="e" src="e.js"></script>
    <script>DOCUMENTATION_OPTIONS.pagename = 'f';</script>"""
    found = light.deferred(html)
    assert re.findall(r"<script[^>]*>", found) == [
        '<script defer src="a.js">', "<script>", '<script defer src="c.js">', '<script async src="d.js">',
        '<script defer id="e" src="e.js">', '<script type="module">',
    ]  # fmt: skip


def test_a_style_sheet_holds_what_it_imports(tmp_path):
    (tmp_path / "styles").mkdir()
    (tmp_path / "a.css").write_text("b{background:url(c.png)}d{background:url('data:x')}", encoding="utf-8")
    sheet = tmp_path / "styles" / "e.css"
    sheet.write_text('/* f */@import "../a.css";g{h:i}', encoding="utf-8")
    for _ in range(2):
        light.unchain(sheet)
        assert (
            sheet.read_text(encoding="utf-8") == "/* f */b{background:url(../c.png)}d{background:url('data:x')}g{h:i}"
        )


def test_pictures_have_a_size_and_wait(tmp_path):
    Image.new("L", (30, 20)).save(tmp_path / "a b.png")
    page, image = tmp_path / "page.html", '<img alt="a > b" src="a%20b.png"/>'
    live = '<div data-gan-later="[]"></div>\n'
    page.write_text(f'<img src="a.svg"/>{image}{image}<img src="a%20b.png" width="15">{live}{image}', encoding="utf-8")
    size, waits = 'width="30" height="20"', 'loading="lazy"'
    for _ in range(2):  # once is enough
        light.pictures_wait(page)
        assert page.read_text(encoding="utf-8") == (
            f'<img src="a.svg"/><img alt="a > b" src="a%20b.png" {size} />'
            f'<img alt="a > b" src="a%20b.png" {size} {waits} />'
            f'<img src="a%20b.png" width="15" {waits} />{live}<img alt="a > b" src="a%20b.png" {size} {waits} />'
        )
    page.write_text(f"{live}{image}", encoding="utf-8")
    light.pictures_wait(page)
    assert waits in page.read_text(encoding="utf-8")  # it gives way to the live figure


@pytest.mark.web
def test_a_widgets_data_come_when_a_reader_comes_near(open_page, tmp_path):
    frames = [torch.rand(16, 1, 28, 28, generator=torch.Generator().manual_seed(step)) * 2 - 1 for step in range(2)]
    (tmp_path / "_static").mkdir()
    shutil.copy(Path(__file__).parents[1] / "book" / "_static" / "near.js", tmp_path / "_static")
    (tmp_path / "book").mkdir()
    page_file, static = tmp_path / "book" / "page.html", tmp_path / "_static"
    few, many = (Scrubber([images[:n] for images in frames], [1, 2]).to_html() for n in (1, 16))
    start = '<!doctype html><title>a</title><body><div style="height: 9000px"></div>'
    page_file.write_text(f"{start}{few}{many}</body>", encoding="utf-8")
    light.widgets_wait(page_file, static)
    html = page_file.read_text(encoding="utf-8")
    assert html.count('<script type="application/json">') == 1  # of the small one
    assert html.count("near.js") == 1
    light.widgets_wait(page_file, static)
    assert page_file.read_text(encoding="utf-8") == html
    page, problems = open_page(page_file.as_uri(), fresh=True)
    roots = page.locator(".gan-widget")
    assert roots.nth(0).locator("canvas").count() == 1
    assert roots.nth(1).locator("canvas").count() == 0
    page.mouse.wheel(0, 9000)
    roots.nth(1).locator("canvas").wait_for()
    assert roots.nth(1).locator("output").inner_text() == "step 2"
    (script,) = (static / "widgets").glob("*.js")
    script.unlink()
    page.reload()
    page.mouse.wheel(0, 9000)
    page.wait_for_selector("figcaption:has-text('reload the page')")
    assert [problem for problem in problems if script.name not in problem and "console" not in problem] == []
    page.close()


@pytest.mark.parametrize(
    ("css", "left"),
    [
        (".a{x:1}.b{x:2}", ".a{x:1}"),
        (".a,.b{x:1}", ".a{x:1}"),
        ("p.b,.a .b,q{x:1}", "q{x:1}"),
        (".a:not(.b,.c:is(.d,.e)){x:1}", ".a:not(.b,.c:is(.d,.e)){x:1}"),
        ("@media print{.b{x:1}}@media (min-width:1px){.a{x:1}.b{x:1}}", "@media (min-width:1px){.a{x:1}}"),
        ('@charset "a;b";/* .c{} */.a:after{content:"}.b{"}', '@charset "a;b";.a:after{content:"}.b{"}'),
        ("@font-face{src:url(a.b)}@keyframes b{0%{x:1}}.b{}", "@font-face{src:url(a.b)}@keyframes b{0%{x:1}}"),
        (".bs-tooltip-top .a{x:1}", ".bs-tooltip-top .a{x:1}"),
        ('[href$=".b"]{x:1}', '[href$=".b"]{x:1}'),
    ],
)  # fmt: skip
def test_rules_that_nothing_uses_are_left_out(css, left):
    assert light.prune(css, {"a"}) == left


def test_signs_are_read_from_a_style_sheet():
    assert light.signs_of('a{content:"\\3A3"}b{content: "("}c{--x:"\\f05a";d:"no"}') == "\u03a3(\uf05a"


@pytest.fixture
def maths(tmp_path):
    config = SimpleNamespace(
        mathjax3_config={"chtml": {"scale": 1.05, "matchFontHeight": False}, "tex": {"macros": {"law": ["P_{#1}", 1]}}},
        mathjax_inline=[r"\(", r"\)"],
        mathjax_display=[r"\[", r"\]"],
    )
    setter = formulas.Formulas()
    setter.start(SimpleNamespace(config=config, outdir=tmp_path / "html"))
    return setter


def test_a_formula_is_set_for_eyes_and_ears(maths):
    found = maths.set(r"\law{g} > \tfrac12", False, None)
    seen = ASSISTIVE.sub("", found)
    assert seen.count("<mjx-c ") == 5
    assert "<msub><mi>P</mi><mrow><mi>g</mi></mrow></msub><mo>&gt;</mo>" in ASSISTIVE.search(found)[0]
    assert "105%" in maths.css
    assert "105%" not in found
    assert '<mjx-container display="true">' in maths.set("x", True, None)
    assert all(f".{name}" in maths.css for name in " ".join(re.findall(r'class="([^"]*)"', found)).split())


def test_a_wrong_formula_is_told(maths, caplog):
    assert maths.set(r"\nothing < 1", False, None) == r"\nothing &lt; 1"
    assert "Undefined control sequence" in caplog.text
