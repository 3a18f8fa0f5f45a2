"""The built site in a real browser: every page, from a file and over http, wide and on a phone, light and dark."""

import json
import re
from pathlib import Path

import pytest
from conftest import LIGHT, bring

pytestmark = [pytest.mark.site, pytest.mark.web]

ROOT = Path(__file__).parents[1]
SITE = ROOT / "_build" / "html"
BUILT = sorted(page.relative_to(SITE).as_posix() for page in SITE.glob("book/**/*.html"))
PAGES = [*BUILT, "search.html"]
PIXEL = "data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw=="
LOADED = """
[...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")]
  .reduce((sum, entry) => sum + entry.decodedBodySize, 0)
"""
# Each page is opened wide and narrow; the second theme is set in place, as the button above each page does it.
LOOKS = [("file", 1280, "light"), ("http", 390, "dark")]
OTHER = {"light": "dark", "dark": "light"}
SWITCH = """
(theme) => {
  const still = document.createElement("style");
  still.textContent = "* { transition: none !important; animation: none !important; }";
  document.head.append(still);
  document.documentElement.dataset.theme = theme;
  return new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
}
"""

# Returns what is wrong with the page, in words. A text's ground is that of the next element around it which is not
# transparent; colours are worked out once for each element, since many pieces of text lie in one.
EXAMINE = """
({theme, width}) => {
  const wrong = [], all = (query) => [...document.querySelectorAll(query)];
  const parse = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const linear = (v) => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4;
  const light = ([r, g, b]) => .2126 * linear(r / 255) + .7152 * linear(g / 255) + .0722 * linear(b / 255);
  const grounds = new Map([[null, 1]]), lights = new Map();
  const lightOf = (colour) => lights.get(colour) ?? (lights.set(colour, light(parse(colour))), lights.get(colour));
  const ground = (element) => {
    if (!grounds.has(element)) {
      const colour = getComputedStyle(element).backgroundColor, [, , , alpha = 1] = parse(colour);
      grounds.set(element, alpha > .99 ? lightOf(colour) : ground(element.parentElement));
    }
    return grounds.get(element);
  };

  if (!document.title) wrong.push("no title");
  for (const e of all("mjx-merror, [data-mjx-error]")) wrong.push(`a formula is wrong: ${e.textContent}`);
  const [written, set] = [all(".math").length, all("mjx-container").length];
  if (written > set) wrong.push(`${set} of ${written} formulas are set`);
  for (const i of all("img")) {
    if (!i.alt) wrong.push(`no text for ${i.src}`);
    if (!i.complete || !i.naturalWidth) wrong.push(`no picture ${i.src}`);
  }
  const wide = document.documentElement.scrollWidth;
  if (wide > width + 1) wrong.push(`${wide} pixels wide on a screen of ${width}`);
  const brightness = parse(getComputedStyle(document.body).backgroundColor)[0];
  if (theme === "dark" ? brightness >= 60 : brightness <= 200) wrong.push(`brightness ${brightness} is not ${theme}`);
  const read = ".bd-article :is(p, li, td, h1, h2, pre span, label, button, output, figcaption), .admonition-title";
  for (const e of all(read)) {
    if (!e.offsetParent || !e.textContent.trim()) continue;
    const [a, b] = [lightOf(getComputedStyle(e).color), ground(e)];
    const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
    if (ratio < 4.5) wrong.push(`contrast ${ratio.toFixed(2)}: ${e.textContent.trim().slice(0, 40)}`);
  }
  return wrong;
}
"""


def faults(page, problems, width, theme):
    """Everything that is wrong with an open page, seen and heard until no request has come for half a second."""
    page.evaluate("for (const picture of document.images) picture.loading = 'eager'")  # not only what is near
    page.wait_for_function("[...document.images].every((picture) => picture.complete)")
    page.wait_for_load_state("networkidle")
    wrong = page.evaluate(EXAMINE, {"theme": theme, "width": width})
    page.wait_for_load_state("networkidle")
    return wrong + problems


def test_there_are_pages():
    assert len(PAGES) >= 11


@pytest.mark.parametrize(("way", "width", "theme"), LOOKS)
@pytest.mark.parametrize("name", PAGES)
def test_page(open_page, site, http, name, way, width, theme):
    page, problems = open_page((site if way == "file" else http) + name, width, theme)
    if way == "http":
        page.wait_for_load_state("networkidle")
        assert page.evaluate(LOADED) <= LIGHT
    bring(page)
    assert faults(page, problems, width, theme) == []
    page.evaluate(SWITCH, OTHER[theme])
    assert page.evaluate(EXAMINE, {"theme": OTHER[theme], "width": width}) + problems == []


@pytest.mark.parametrize(("name", "late"), [("explore", 1), ("start/lab", 1), ("conditional/lab", 1), ("dcgan/lab", 2)])
def test_what_comes_late_comes(open_page, http, name, late):
    page, problems = open_page(f"{http}book/{name}.html", fresh=True)
    page.wait_for_load_state("networkidle")
    roots = [root for root in page.query_selector_all("[data-gan-near]") if root.is_visible()]
    assert [root.query_selector("canvas") for root in roots] == [None] * late
    bring(page)
    assert all(root.query_selector("canvas") for root in roots)
    assert problems == []
    page.close()


@pytest.mark.parametrize(("way", "width", "theme"), LOOKS)
def test_the_first_page_leads_to_the_book(open_page, site, http, way, width, theme):
    start = site if way == "file" else http
    page, problems = open_page(start + "book/intro.html", width, theme)
    page.wait_for_load_state("networkidle")  # what is broken off on leaving would count as failed
    page.goto(start + "index.html")
    page.wait_for_url("**/book/intro.html")
    assert faults(page, problems, width, theme) == []


FAULTS = {
    "no request leaves the page": ("<script>fetch('data:,here')</script>", []),
    "another server": ("<img src='http://127.0.0.1:9/a.png' alt='a'>",
                       ["asks http", "failed http", "console", "no picture"]),
    "later, another server": ("<script>setTimeout(() => new Image().src = 'http://127.0.0.1:9/a.png', 300)</script>",
                              ["asks http", "failed http", "console"]),
    "a missing file": ("<img src='gone.png' alt='a'>", ["failed file", "console", "no picture"]),
    "an error": ("<script>undefined.x</script>", ["error: "]),
    "a complaint": ("<script>console.error('no')</script>", ["console: no"]),
    "a picture without a text": (f"<img src='{PIXEL}'>", ["no text for data:"]),
    "a picture with a text": (f"<img src='{PIXEL}' alt='a'>", []),
    "too wide": ("<div style='width: 392px'>a</div>", ["392 pixels wide on a screen of 390"]),
    "just as wide": ("<div style='width: 391px'>a</div>", []),
    "a formula that is wrong": ("<mjx-container><mjx-merror>x</mjx-merror></mjx-container>", ["a formula is wrong: x"]),
    "a formula that is not set": ("<b class='math'></b><b class='math'></b><mjx-container></mjx-container>",
                                  ["1 of 2 formulas are set"]),
    "the other theme": ("<style>body { background: #111 !important }</style>", ["brightness 17 is not light"]),
    "faint": ("<p style='color: #777'>a</p>", ["contrast 4.48: a"]),
    "just strong enough": ("<p style='color: #767676'>a</p>", []),
    "faint on the ground of one around": ("<div style='background: #ccc'><div><p style='color: #555'>a</p>"
                                          "<p style='color: #666'>b</p></div></div>", ["contrast 3.58: b"]),
    "faint code": ("<pre><span>a</span><span style='color: #999'>b</span></pre>", ["contrast 2.85: b"]),
    "faint and folded away": ("<p style='color: #777; display: none'>a</p>", []),
}  # fmt: skip


TOLD = pytest.mark.emulates  # what a file asks for


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=TOLD if "server" in name or "file" in name else ()) for name in FAULTS]
)
def test_faults_are_found(open_page, tmp_path, name):
    body, found = FAULTS[name]
    start = "<!doctype html><title>a</title><body style='background: #fff; margin: 0'><article class='bd-article'>"
    (tmp_path / "page.html").write_text(start + body, encoding="utf-8")
    page, problems = open_page((tmp_path / "page.html").as_uri(), 390, fresh=True)
    wrong = faults(page, problems, 390, "light")
    page.close()
    assert len(wrong) == len(found), wrong
    for one in found:
        assert any(fault.startswith(one) for fault in wrong), (one, wrong)


def test_a_page_without_a_title(open_page, tmp_path):
    (tmp_path / "page.html").write_text("<!doctype html>", encoding="utf-8")
    page, problems = open_page((tmp_path / "page.html").as_uri(), 390, fresh=True)
    assert "no title" in faults(page, problems, 390, "light")
    page.close()


@pytest.mark.parametrize("name", [name for name in BUILT if name.endswith("lab.html")])
def test_figures_of_labs(name):
    html = (SITE / name).read_text(encoding="utf-8")
    assert html.count("<figure") == html.count("<figcaption") >= 3


@pytest.mark.parametrize("name", BUILT)
def test_an_id_is_given_once(name):
    html = re.sub(r"(?s)<script.*?</script>|<svg.*?</svg>", "", (SITE / name).read_text(encoding="utf-8"))
    ids = re.findall(r'\sid="([^"]+)"', html)
    assert sorted(ids) == sorted(set(ids))


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


@pytest.mark.parametrize("chapter", [chapter for chapter in CHECKS if (ROOT / "book" / chapter / "index.md").is_file()])
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
    notebook = json.loads((ROOT / "_build/executed/book" / chapter / "lab.ipynb").read_text(encoding="utf-8"))
    outputs = [output for cell in notebook["cells"] for output in cell.get("outputs", [])]
    assert outputs
    assert [o for o in outputs if o["output_type"] == "error"] == []
    for output in outputs:
        if output.get("name") == "stderr":  # removed from the page, so nothing but progress bars may be there
            lines = [line for line in re.split(r"[\r\n]+", "".join(output["text"])) if line.strip()]
            assert all("step/s" in line or "?step" in line for line in lines), lines[-1]
