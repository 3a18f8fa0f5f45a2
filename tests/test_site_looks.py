"""The built site to look at: formulas and code are whole, numbers agree, every part of the menu has a name."""

import base64
import io
import re
from pathlib import Path

import pytest
import yaml
from conftest import LIGHT, SITE, launch, new_tab
from PIL import Image

pytestmark = [pytest.mark.site, pytest.mark.web]

ROOT = Path(__file__).parents[1]
NUMBERED = [
    chapter["file"].split("/")[1]
    for part in yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))["parts"]
    if part.get("numbered")
    for chapter in part["chapters"]
]
CHAPTERS = {chapter: number for number, chapter in enumerate(NUMBERED, 1)}  # a part goes on where the last one ends
STATEMENT = re.compile(
    r'<div class="proof (\w+) admonition" id="([\w-]+)">\s*<p class="admonition-title">'
    r'<span class="caption-number">(\w+ [\d.]+) </span>'
)

# Formulas that go on beyond their place, and whether one can scroll to the rest; a display may not run into its number
FORMULAS = """
() => {
  const found = [];
  for (const fold of document.querySelectorAll(".bd-article details")) fold.open = true;
  for (const formula of document.querySelectorAll(".bd-article mjx-container")) {
    const glyphs = formula.querySelector("mjx-math").getBoundingClientRect();
    if (!glyphs.width) continue;
    const display = formula.getAttribute("display") === "true";
    const place = formula.closest(display ? "div.math" : "span.math"), number = place.querySelector(".eqno");
    const box = place.getBoundingClientRect();
    let over = glyphs.right - Math.min(box.right, document.querySelector(".bd-article").getBoundingClientRect().right);
    if (number) {
      const words = number.getBoundingClientRect();
      if (glyphs.bottom > words.top && glyphs.top < words.bottom) over = Math.max(over, glyphs.right - words.left);
    }
    let scrolls = false;
    for (let at = formula; at && !at.matches("section"); at = at.parentElement)
      scrolls ||= ["auto", "scroll"].includes(getComputedStyle(at).overflowX) && at.scrollWidth > at.clientWidth;
    if (over > 2) found.push([display, Math.round(over), scrolls, formula.textContent.slice(0, 60)]);
  }
  return found;
}
"""
CODE = """
() => {
  for (const fold of document.querySelectorAll(".bd-article details")) fold.open = true;
  return [...document.querySelectorAll(".cell_input pre")].filter((pre) => pre.scrollWidth > pre.clientWidth + 1)
    .map((pre) => pre.innerText.slice(0, 60));
}
"""


def test_the_chapters_are_numbered():
    assert NUMBERED[0] == "generative-models"
    assert CHAPTERS["speed"] == 9
    assert "start" not in CHAPTERS


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_no_formula_is_cut(open_page, site, chapter):
    for width in (1280, 390, 320):
        page, _ = open_page(f"{site}book/{chapter}/index.html", width)
        found = page.evaluate(FORMULAS)
        assert [one for one in found if not one[2]] == [], width
        if width == 1280:
            assert found == []


@pytest.mark.emulates
def test_formulas_bring_no_scroll_bars_and_no_stops(browser, site):
    """Chromium hides scroll bars when a program drives it; most readers at a desk see them."""
    bars = launch(browser.browser_type, ignore_default_args=["--hide-scrollbars"])
    page, problems = new_tab(bars, site, 1280, "light")
    count = "[...document.querySelectorAll('.bd-article span.math')].filter((s) => s.offsetHeight - s.clientHeight > 1)"
    for chapter in CHAPTERS:
        page.goto(f"{site}book/{chapter}/index.html")
        assert page.evaluate(f"{count}.length") == 0, chapter
        assert page.evaluate("document.querySelectorAll('mjx-container[tabindex]').length") == 0, chapter
    page.add_style_tag(content=".bd-article mjx-assistive-mml { width: auto !important; max-width: none !important; }")
    assert page.evaluate(f"{count}.length") > 10  # the rule is what keeps them away
    assert problems == []
    bars.close()


def first_view(browser, home, name, change=None):
    """The bytes that a reader's first view of a page loads, by address; `change` is made to the page's own HTML."""
    page, problems = new_tab(browser, home, 1280, "light")
    answers = []
    page.on("response", lambda answer: answers.append(answer))
    if change:
        page.route(f"{home}{name}", lambda route: route.fulfill(body=change(route.fetch().text())))
    page.goto(home + name)
    page.wait_for_load_state("networkidle")
    loaded = {answer.url: len(answer.body()) for answer in answers if answer.url.startswith(home)}
    set_by = page.evaluate(
        "[typeof MathJax, document.querySelectorAll('.math').length, document.querySelectorAll('mjx-container').length]"
    )
    page.close()
    assert problems == []
    return loaded, set_by


@pytest.mark.parametrize("name", ["intro", "gan/index", "minimax/index", "families/index"])
def test_the_first_view_of_a_page_is_light(browser, http, name):
    loaded, (mathjax, written, done) = first_view(browser, http, f"book/{name}.html")
    assert sum(loaded.values()) <= LIGHT, sorted(loaded.items(), key=lambda item: -item[1])[:8]
    assert mathjax == "undefined"  # set when the book was built
    assert written == done
    assert (done > 100) is (name != "intro")
    assert not [address for address in loaded if re.search(r"fontawesome.js|searchindex|mathjax.*\.js", address)]


def test_a_heavy_first_view_is_found(browser, http):
    for change in (lambda html: html + f"<!--{'x' * LIGHT}-->", lambda html: html + "<script>MathJax = {}</script>"):
        loaded, (mathjax, *_) = first_view(browser, http, "book/gan/index.html", change)
        assert (sum(loaded.values()) > LIGHT) is (mathjax == "undefined")


def test_pages_with_formulas_alone_load_what_formulas_need():
    pages = {path: path.read_text(encoding="utf-8") for path in SITE.glob("book/**/*.html")}
    for path, html in pages.items():
        assert ("<mjx-container" in html) is ("_static/formulas.css" in html), path
        assert not re.search(r"<script[^>]*mathjax|\bMathJax *=", html), path
    with_formulas = sum("<mjx-container" in html for html in pages.values())
    assert 10 <= with_formulas < len(pages)


BLOCKS = LIGHT / 4  # bytes of style sheets that the first text may wait for


@pytest.mark.parametrize("name", sorted(page.relative_to(SITE).as_posix() for page in SITE.glob("book/**/*.html")))
def test_text_waits_for_style_sheets_alone(name):
    html = (SITE / name).read_text(encoding="utf-8")
    scripts = re.findall(r"<script ([^>]*\bsrc=[^>]*)>", html)
    assert len(scripts) >= 10
    assert [script for script in scripts if not re.search(r"\b(?:defer|async)\b", script)] == []
    sheets = re.findall(r'<link (?=[^>]*rel="stylesheet")(?![^>]*media="print")[^>]*href="([^"?]+)', html)
    files = {((SITE / name).parent / sheet).resolve() for sheet in sheets}
    assert len(files) >= 10
    assert sum(file.stat().st_size for file in files) <= BLOCKS
    assert [file.name for file in files if "@import" in file.read_text(encoding="utf-8")] == []


@pytest.mark.chromium("it takes the picture while fonts are still awaited")
@pytest.mark.parametrize("name", ["gan/index", "minimax/lab"])
def test_text_and_formulas_can_be_read_before_a_script_or_font_comes(browser, http, name):
    page, _ = new_tab(browser, http, 1280, "light")
    held = []
    page.route(re.compile(r"\.(js|woff2?)(\?|$)"), lambda route: held.append(route))
    page.goto(f"{http}book/{name}.html", wait_until="commit")
    page.wait_for_function("performance.getEntriesByName('first-contentful-paint').length")
    formula = page.locator(".bd-article mjx-math").first
    formula.wait_for()
    assert page.locator(".bd-article h1").first.is_visible()
    page.wait_for_function("[...document.fonts].some((font) => font.status === 'loading')")
    formula.evaluate("e => e.scrollIntoView({block: 'center'})")
    box = formula.bounding_box()
    session = page.context.new_cdp_session(page)  # Playwright's own picture would wait for the fonts
    clip = {"x": box["x"], "y": box["y"] + page.evaluate("scrollY"), "width": box["width"], "height": box["height"]}
    shot = session.send("Page.captureScreenshot", {"clip": clip | {"scale": 1}})["data"]
    darkest = Image.open(io.BytesIO(base64.b64decode(shot))).convert("L").getextrema()[0]
    assert darkest < 100  # there are letters
    assert {bool(re.search(r"\.js", route.request.url)) for route in held} == {True, False}
    for route in held:
        route.abort()
    page.close()


def test_what_the_theme_brings_and_no_page_asks_for_stays_away():
    assert [path for path in (SITE / "_static").rglob("*") if path.suffix in (".map", ".ttf", ".woff2")] == []


def test_icons_stand_in_every_page():
    for path in [*SITE.glob("book/**/*.html"), SITE / "search.html"]:
        html = path.read_text(encoding="utf-8")
        assert html.count('<svg class="svg-inline--fa ') >= 10, path
        assert not re.search(r'<(i|span) class="([^"]* )?fa[bs-]', html), path


def test_formulas_have_their_place_before_their_fonts_come(browser, http):
    sizes = []
    for fonts in (True, False):
        page, _ = new_tab(browser, http, 1280, "light")
        if not fonts:
            page.route("**/*.woff", lambda route: route.abort())
        page.goto(f"{http}book/minimax/index.html")
        page.wait_for_load_state("networkidle")
        sizes.append(page.evaluate(
            "[...document.querySelectorAll('.bd-article, mjx-container')].map((e) => [e.offsetWidth, e.offsetHeight])"
        ))  # fmt: skip
        page.close()
    assert sizes[0] == sizes[1]


@pytest.mark.parametrize("name", ["book/references.html", "book/evaluation/lab.html", "book/start.html"])
def test_no_page_is_wider_than_a_small_phone(open_page, site, name):
    page, _ = open_page(site + name, 320)
    assert page.evaluate("document.documentElement.scrollWidth") <= 321


def test_a_cut_formula_is_found(open_page, site):
    page, _ = open_page(f"{site}book/minimax/index.html", 390, fresh=True)
    page.add_style_tag(content=".bd-article .math, .bd-article mjx-container { overflow: hidden !important }")
    assert [one for one in page.evaluate(FORMULAS) if not one[2]] != []
    page.close()


def test_a_wide_table_fades_until_its_end(open_page, site):
    page, _ = open_page(f"{site}book/notation.html", 390, fresh=True)
    table = page.locator(".bd-article table").first
    page.wait_for_function("document.querySelector('.bd-article table').classList.contains('gan-more')")
    table.evaluate("e => e.scrollTo(e.scrollWidth, 0)")
    page.wait_for_function("!document.querySelector('.bd-article table').classList.contains('gan-more')")
    page.close()


@pytest.mark.parametrize("name", ["lab", "exercises"])
@pytest.mark.parametrize("chapter", CHAPTERS)
def test_code_fits_a_wide_page(open_page, site, chapter, name):
    page, _ = open_page(f"{site}book/{chapter}/{name}.html", 1280)
    assert page.evaluate(CODE) == []


def test_88_characters_fit_and_more_do_not(open_page, site):
    page, _ = open_page(f"{site}book/gan/lab.html", 1280, fresh=True)
    for length, fits in ((88, True), (110, False)):
        page.evaluate("length => document.querySelector('.cell_input pre').textContent = 'x'.repeat(length)", length)
        assert (page.evaluate(CODE) == []) is fits
    page.close()


def test_a_first_visit_starts_without_complaint(browser, site):
    page, problems = new_tab(browser, site, 1280, "light")
    page.close()
    page = browser.new_page()
    said = []
    page.on("console", lambda message: said.append(message.text))
    page.goto(f"{site}book/intro.html")
    page.wait_for_load_state("networkidle")
    assert any("mode" in line for line in said)
    assert [line for line in said if "invalid" in line.lower()] == problems == []
    page.close()


def test_statements_carry_the_number_of_their_chapter():
    """In their titles, and in every reference from another place."""
    titles = {}
    for chapter, number in CHAPTERS.items():
        html = (SITE / "book" / chapter / "index.html").read_text(encoding="utf-8")
        found = [(label, title) for kind, label, title in STATEMENT.findall(html) if kind != "algorithm"]
        numbers = [title.split()[1] for _, title in found]
        assert numbers == [f"{number}.{i}" for i in range(1, len(found) + 1)], chapter  # one row in each chapter
        titles |= dict(found)
    references = 0
    for path in SITE.glob("book/**/*.html"):
        html = path.read_text(encoding="utf-8")
        for label, words in re.findall(r'href="[^"]*#([\w-]+)">(?:<span[^>]*>)?(\w+ \d+\.\d+)<', html):
            if label in titles:
                references += 1
                assert words == titles[label], path
    assert len(titles) >= 50
    assert references >= 200
    claims = (SITE / "book/claims.html").read_text(encoding="utf-8")
    settled = re.findall(r'#((?:thm|lem|prop|cor)-[\w-]+)">(\w+ [\d.]+)', claims)
    assert len(settled) >= 50
    assert all(words == titles[label] for label, words in settled)


def test_equations_carry_the_number_of_their_chapter():
    for chapter, number in CHAPTERS.items():
        html = (SITE / "book" / chapter / "index.html").read_text(encoding="utf-8")
        numbers = re.findall(r'<span class="eqno">\(([\d.]+)\)', html)
        assert numbers == [f"{number}.{i}" for i in range(1, len(numbers) + 1)]


@pytest.mark.parametrize("page", ["intro", "minimax/lab", "glossary"])
def test_the_menu_shows_chapters_and_unfolds_the_present_one(page):
    html = (SITE / "book" / f"{page}.html").read_text(encoding="utf-8")
    menu = re.search(r'<nav class="bd-links.*?</nav>', html, re.DOTALL)[0]
    arrows = re.findall(r"<details([^>]*)><summary([^>]*)>", menu)
    assert len(arrows) >= 10
    names = [re.search(r'aria-label="Pages of ([^"]+)"', arrow)[1] for _, arrow in arrows]
    assert len(set(names)) == len(names)
    opened = [name for (state, _), name in zip(arrows, names, strict=True) if "open" in state]
    assert opened == (["2. The minimax objective"] if page == "minimax/lab" else [])


def test_the_arrows_of_the_menu_show_their_focus(open_page, site):
    page, _ = open_page(f"{site}book/intro.html", fresh=True)
    page.locator(".bd-sidebar-primary summary").first.focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Shift+Tab")
    shown = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"
    assert shown == "solid"
    page.close()


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_each_question_of_a_quiz_has_one_right_option(chapter):
    html = (SITE / "book" / chapter / "index.html").read_text(encoding="utf-8")
    quiz = html[html.index('<section id="quiz">') :]
    questions = re.split(r'class="gan-question"', quiz)[1:]
    assert len(questions) >= 4
    for question in questions:
        options = re.findall(r"gan-option (gan-\w+)", question)
        assert len(options) >= 3
        assert options.count("gan-right") == 1


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_each_proof_begins_and_ends(chapter):
    html = (SITE / "book" / chapter / "index.html").read_text(encoding="utf-8")
    source = (ROOT / "book" / chapter / "index.md").read_text(encoding="utf-8")
    proofs = len(re.findall(r"^:{3,}\{prf:proof\}", source, re.MULTILINE))
    assert html.count('class="gan-proof-word"') == html.count("∎") == proofs >= 2


def test_mistakes_are_opened_and_counted(open_page, site):
    page, problems = open_page(f"{site}book/mistakes.html#m17", fresh=True)
    assert page.locator("details.gan-statement").count() == 81
    page.wait_for_function("document.activeElement.closest('details')?.id === 'm17'")
    counter = page.locator(".gan-counter output")
    assert counter.inner_text() == "0 of 81 opened"
    page.keyboard.press("Enter")
    page.wait_for_function("document.querySelector('.gan-counter output').textContent === '1 of 81 opened'")
    assert page.locator("#m17").get_attribute("open") is not None
    page.get_by_role("button", name="One at random").click()
    drawn = page.evaluate("document.activeElement.closest('details').id")
    assert re.fullmatch(r"m\d+", drawn)
    assert drawn != "m17"
    assert problems == []
    page.close()


def test_runs_ask_before_they_tell(open_page, site):
    page, problems = open_page(f"{site}book/runs.html", fresh=True)
    asked = page.locator(".gan-guess")
    assert asked.count() == 8
    first = asked.nth(0)
    assert first.get_by_role("button").count() == 8
    first.get_by_role("button", name="Mode collapse").click()
    assert first.locator("output").inner_text().startswith("✗ No. A discriminator that does not learn")
    second = asked.nth(1)
    second.get_by_role("button", name="Mode collapse").click()
    assert second.locator("output").inner_text().startswith("✓ Yes")
    assert page.locator("details[open]").filter(has_text="Mode collapse").count() == 1
    assert problems == []
    page.close()


def test_a_phone_gets_the_runs_one_panel_below_the_other(open_page, site):
    page, _ = open_page(f"{site}book/runs.html", 390, fresh=True)
    page.evaluate("for (const picture of document.images) picture.loading = 'eager'")
    page.wait_for_function("[...document.images].every((picture) => picture.complete)")
    shapes = page.evaluate(
        "[...document.querySelectorAll('picture img')].map(i => [i.currentSrc, i.naturalHeight > i.naturalWidth])"
    )
    assert len(shapes) == 16
    assert all(source.endswith("-narrow.png") and tall for source, tall in shapes)
    page.close()


def test_the_glossary_filters(open_page, site):
    page, problems = open_page(f"{site}book/glossary.html", fresh=True)
    everything = page.locator("dl.glossary dt:visible").count()
    page.get_by_label("Filter").fill("mode collapse")
    assert 1 <= page.locator("dl.glossary dt:visible").count() < everything / 10
    page.get_by_label("Filter").fill("")
    assert page.locator("dl.glossary dt:visible").count() == everything
    letters = page.locator(".gan-letters a")
    assert letters.count() >= 20
    letters.nth(3).click()
    assert (
        page.evaluate("document.querySelector(':target').textContent[0].toUpperCase()") == letters.nth(3).inner_text()
    )
    assert page.locator('dl.glossary [lang="zh-Hans"]').count() >= everything
    assert problems == []
    page.close()


def test_search_puts_explanations_first(open_page, http):
    page, _ = open_page(f"{http}search.html?q=detach", fresh=True)
    page.wait_for_function("document.querySelectorAll('#search-results li').length >= 10")
    page.wait_for_load_state("networkidle")
    found = page.evaluate("[...document.querySelectorAll('#search-results li a')].map(a => a.getAttribute('href'))")
    first = [link.split("?")[0].split("#")[0] for link in found[:10]]
    assert "book/gan/index.html" in first
    page.close()


@pytest.mark.emulates
@pytest.mark.parametrize("name", ["minimax/index", "gan/lab"])
def test_paper_is_light_and_whole(open_page, site, name):
    page, _ = open_page(f"{site}book/{name}.html", 720, "dark", fresh=True)
    page.emulate_media(media="print")
    page.wait_for_timeout(200)
    assert [one for one in page.evaluate(FORMULAS) if one[1] > 2] == []
    for query in ("body", ".bd-article p", ".bd-article .highlight pre"):
        if page.locator(query).count():
            colours = page.locator(query).first.evaluate(
                "e => [getComputedStyle(e).color, getComputedStyle(e).backgroundColor]"
            )
            assert colours[0] == "rgb(0, 0, 0)", query
    code = "[...document.querySelectorAll('.bd-article pre')].filter(e => e.scrollWidth > e.clientWidth + 1).length"
    assert page.evaluate(code) == 0
    assert page.locator(".gan-live:visible, .gan-guess:visible").count() == 0
    page.close()


def test_the_first_page_is_described():
    html = (SITE / "book/intro.html").read_text(encoding="utf-8")
    assert re.search(r"<title>GANs, Proved and Run</title>", html)
    for name in ('name="description"', 'property="og:title"', 'property="og:description"'):
        assert len(re.search(rf'<meta {name} content="([^"]+)"', html)[1]) > 15
    first = (SITE / "index.html").read_text(encoding="utf-8")
    assert '<a href="book/intro.html">' in first


def test_each_page_names_an_icon():
    """A page without one makes browsers ask for /favicon.ico, which is not there."""
    pages = [page for page in SITE.rglob("*.html") if "_static" not in page.relative_to(SITE).parts]
    assert {SITE / "index.html", SITE / "404.html", SITE / "search.html", SITE / "book" / "intro.html"} <= set(pages)
    for page in pages:
        icon = re.search(r'<link rel="icon" href="([^"]+)"', page.read_text(encoding="utf-8"))
        assert icon, page
        assert (page.parent / icon[1]).is_file(), page


def test_no_page_names_the_next_as_something_to_fetch():
    """Firefox fetches the whole page that rel="next" or rel="prefetch" names."""
    following = re.compile(r"""<link\b[^>]*\brel=(["']?)[^"'>]*\b(?<!-)(next|prefetch)\b""")
    assert following.search('<link rel="next" title="Contents" href="intro.html" />')
    pages = list(SITE.rglob("*.html"))
    assert pages
    for page in pages:
        assert not following.search(page.read_text(encoding="utf-8")), page


def test_the_address_of_the_book_has_its_title():
    first = (SITE / "index.html").read_text(encoding="utf-8")
    assert "GANs, Proved and Run" in first
    assert "Project name not set" not in first
