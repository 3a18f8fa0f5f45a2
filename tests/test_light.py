"""What keeps pages light (scripts/light.py, scripts/formulas.py): icons, style sheets, formulas without a browser."""

import re
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from sphinx.errors import ExtensionError

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
