"""The built site in a real browser: every page, from a file and over http, wide and on a phone, light and dark."""

import json
import re
from pathlib import Path

import pytest

pytestmark = [pytest.mark.site, pytest.mark.web]

ROOT = Path(__file__).parents[1]
SITE = ROOT / "_build" / "html"
BUILT = sorted(page.relative_to(SITE).as_posix() for page in SITE.glob("book/**/*.html"))
PAGES = [*BUILT, "index.html", "search.html"]


def test_there_are_pages():
    assert len(PAGES) >= 11


@pytest.mark.parametrize("way", ["file", "http"])
@pytest.mark.parametrize("name", PAGES)
def test_page(open_page, site, http, name, way):
    page, problems = open_page((site if way == "file" else http) + name)
    assert problems == []
    assert page.title()
    assert page.locator("mjx-merror, [data-mjx-error]").count() == 0
    assert page.locator(".math").count() <= page.locator("mjx-container").count()
    broken = "imgs => imgs.filter(i => !i.alt || !(i.complete && i.naturalWidth)).map(i => i.src)"
    assert page.locator("img").evaluate_all(broken) == []
    page.close()


@pytest.mark.parametrize("name", PAGES)
def test_phone(open_page, site, name):
    page, _ = open_page(site + name, width=390)
    assert page.evaluate("document.documentElement.scrollWidth") <= 391
    page.close()


CONTRAST = """
elements => {
  const linear = v => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4;
  const light = c => { const [r, g, b] = c.map(v => linear(v / 255));
                       return .2126 * r + .7152 * g + .0722 * b };
  const parse = s => s.match(/[\\d.]+/g).map(Number);
  const ground = e => { for (; e; e = e.parentElement) { const c = parse(getComputedStyle(e).backgroundColor);
                        if (c.length < 4 || c[3] > .99) return c.slice(0, 3); } return [255, 255, 255] };
  return elements.filter(e => e.offsetParent && e.textContent.trim()).map(e => {
    const [a, b] = [light(parse(getComputedStyle(e).color).slice(0, 3)), light(ground(e))];
    return [(Math.max(a, b) + .05) / (Math.min(a, b) + .05), e.textContent.trim().slice(0, 40)] })
    .filter(([ratio]) => ratio < 4.5) }
"""


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", BUILT)
def test_legible(open_page, site, name, theme):
    page, _ = open_page(site + name, theme=theme)
    brightness = page.evaluate("getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)[0]")
    assert brightness < 60 if theme == "dark" else brightness > 200
    read = ".bd-article :is(p, li, td, h1, h2, pre span, label, button, output, figcaption), .admonition-title"
    assert page.locator(read).evaluate_all(CONTRAST) == []
    page.close()


@pytest.mark.parametrize("name", [name for name in BUILT if name.endswith("lab.html")])
def test_figures_of_labs(name):
    html = (SITE / name).read_text(encoding="utf-8")
    assert html.count("<figure") == html.count("<figcaption") >= 3


CHECKS = {
    path.parent.name: [c for c in json.loads(path.read_text(encoding="utf-8"))["cells"] if "check" in c["metadata"]]
    for path in sorted((ROOT / "book").glob("*/lab.ipynb"))
}


@pytest.mark.parametrize("chapter", CHECKS)
def test_every_check_shows_its_control(chapter):
    html = (SITE / "book" / chapter / "lab.html").read_text(encoding="utf-8")
    assert html.count("<details><summary><span>This check fails if ") == len(CHECKS[chapter])


def test_the_page_of_all_claims():
    html = (SITE / "book" / "claims.html").read_text(encoding="utf-8")
    rows = re.findall(r'<pre class="gan-printed literal-block">(.*?)</pre>', html, re.DOTALL)
    assert len(rows) == sum(map(len, CHECKS.values()))
    assert all(row.strip() for row in rows), "a check printed nothing"
    for chapter, checks in CHECKS.items():
        controls = sum(len(cell["metadata"]["check"]["controls"]) for cell in checks)
        assert f"{len(checks)} checks, {controls} controls." in html, chapter


@pytest.mark.parametrize("chapter", [chapter for chapter in CHECKS if chapter != "mistakes"])
def test_every_statement_links_to_its_check(chapter):
    html = (SITE / "book" / chapter / "index.html").read_text(encoding="utf-8")
    statements = re.findall(r'<div class="proof (?:theorem|lemma|proposition|corollary) ', html)
    assert len(statements) == html.count('<p class="gan-checked">') >= 2


def test_internal_links():
    anchors = {}
    for name in PAGES:
        html = (SITE / name).read_text(encoding="utf-8")
        anchors[(SITE / name).resolve()] = set(re.findall(r'\bid="([^"]+)"', html))
    for name in PAGES:
        html = (SITE / name).read_text(encoding="utf-8")
        for link in re.findall(r'<a [^>]*href="([^"]+)"', html):
            if re.match(r"[a-z]+:", link):
                continue
            path, _, anchor = link.partition("#")
            target = ((SITE / name).parent / path).resolve() if path else (SITE / name).resolve()
            assert target.is_file(), f"{name} links to {link}"
            if anchor and target in anchors and "=" not in anchor:  # settings of the playground are no place
                assert anchor in anchors[target], f"{name} links to {link}"


@pytest.mark.parametrize("chapter", sorted(path.parent.name for path in (ROOT / "book").glob("*/lab.ipynb")))
def test_executed_notebooks(chapter):
    notebook = json.loads((ROOT / "_build/jupyter_execute/book" / chapter / "lab.ipynb").read_text(encoding="utf-8"))
    outputs = [output for cell in notebook["cells"] for output in cell.get("outputs", [])]
    assert outputs
    assert [o for o in outputs if o["output_type"] == "error"] == []
    for output in outputs:
        if output.get("name") == "stderr":  # removed from the page, so nothing but progress bars may be there
            lines = [line for line in re.split(r"[\r\n]+", "".join(output["text"])) if line.strip()]
            assert all("step/s" in line or "?step" in line for line in lines), lines[-1]
