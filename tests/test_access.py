"""The built site for every reader: axe-core on each page, focus that is seen and comes back, formulas heard once."""

import io
import re

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from conftest import bring
from PIL import Image
from test_site import PAGES, SITE

pytestmark = [
    pytest.mark.site,
    pytest.mark.web,
    pytest.mark.chromium("its accessibility tree is what is read, and its order of focus"),
]

VIEWS = [(width, theme) for width in (1280, 390) for theme in ("light", "dark")]
KINDS = ["book/intro.html", "book/gan/index.html", "book/gan/lab.html", "book/playground.html", "search.html"]

# Folds are opened, so that what they hold is looked at as well. The glyphs of a formula are hidden from speech and have
# the colour of the text around them; axe would measure some thousand on a page one by one, so they are taken out, and
# their container keeps its size. Of the words of code, thousands too, the first of each kind keeps its colour.
OPEN = """
() => {
  for (const fold of document.querySelectorAll(".bd-article details")) fold.open = true;
  for (const glyphs of document.querySelectorAll("mjx-math[aria-hidden=true]")) {
    const { width, height } = glyphs.getBoundingClientRect();
    const size = parseFloat(getComputedStyle(glyphs).fontSize); // letters are larger on wide screens
    glyphs.style.cssText = `display: inline-block; width: ${width / size}em; height: ${height / size}em`;
    glyphs.replaceChildren();
  }
  const seen = new Set();
  for (const token of document.querySelectorAll(".bd-article .highlight pre span")) {
    const kind = [token.className, token.closest(".highlight").parentElement.className].join();
    if (seen.has(kind)) token.replaceWith(...token.childNodes);
    seen.add(kind);
  }
  const still = document.createElement("style");
  still.textContent = "* { transition: none !important; animation: none !important; }";
  document.head.append(still);
}
"""
AXE = """
async () => {
  await document.fonts.ready;
  await new Promise((done) => requestAnimationFrame(() => setTimeout(done, 300)));  // for what follows a new width
  const rules = { "label-content-name-mismatch": { enabled: true }, "target-size": { enabled: true } };
  const { violations } = await axe.run({ rules, resultTypes: ["violations"] });
  return violations.filter(({ impact }) => impact !== "minor").flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${target.join(" ")}: ${failureSummary}`));
}
"""
# What cannot be reached or read at the width of a phone, or at four times the letters on a screen of 1280 pixels
CUT = """
(width) => {
  const wrong = [], wide = document.documentElement.scrollWidth;
  if (wide > width + 1) wrong.push(`${wide} pixels wide on a screen of ${width}`);
  for (const e of document.querySelectorAll(".bd-article *, .bd-header-article *")) {
    if (e.scrollWidth <= e.clientWidth + 8 || e.clientWidth < 2) continue;
    if (e.closest("input, svg, mjx-container, .gan-spoken")) continue;
    const flow = getComputedStyle(e).overflowX, name = `${e.tagName} ${e.className} ${e.textContent.slice(0, 40)}`;
    if (["hidden", "clip"].includes(flow)) wrong.push(`cut: ${name}`);
    if (["auto", "scroll"].includes(flow) && e.tabIndex < 0 && !e.querySelector("a, button, input, [tabindex='0']"))
      wrong.push(`no key scrolls: ${name}`);
  }
  return wrong;
}
"""


@pytest.fixture(scope="module")
def tab(browser):
    """One tab for all pages: what is looked at is set in place."""
    page = browser.new_page()
    page.set_default_timeout(120_000)  # axe needs seconds for the largest pages, more beside other work
    page.set_default_navigation_timeout(120_000)
    yield page
    page.close()


def show(page, address, width=1280, theme="light"):
    """Open a page anew in a tab."""
    page.goto("about:blank")
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(address)
    page.evaluate("theme => { document.documentElement.dataset.theme = theme; }", theme)
    return page


def examine(page, address):
    """What is wrong with a page, with the view, or the width alone, at which it is."""
    show(page, address)
    bring(page)  # first: what comes late has folds as well
    page.evaluate(OPEN)
    page.evaluate(AXE_SCRIPT)
    wrong = []
    for width, theme in VIEWS:
        page.set_viewport_size({"width": width, "height": 900})
        page.evaluate("theme => { document.documentElement.dataset.theme = theme; }", theme)
        wrong += [f"{width}, {theme}: {one}" for one in page.evaluate(AXE)]
    for width in (640, 320):
        page.set_viewport_size({"width": width, "height": 900})
        page.evaluate("() => new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
        wrong += [f"{width}: {one}" for one in page.evaluate(CUT, width)]
    return wrong


@pytest.mark.parametrize("name", PAGES)
def test_nothing_bars_the_way(tab, site, name):
    assert examine(tab, site + name) == []


SEEN = [f"{width}, {theme}" for width, theme in VIEWS]
NAMELESS = [f"{view}: button-name" for view in SEEN]
WIDE = f"<p style='width: 500px'>{'word ' * 99}</p>"
LATE = """<p style="height: 3000px">far above</p><div data-gan-near>near</div><script>
const near = document.querySelector("[data-gan-near]");
new IntersectionObserver((seen) => {
  if (seen.at(-1).isIntersecting && !near.firstElementChild) near.innerHTML =
    "<canvas></canvas><details><summary>fold</summary><button></button></details>";
}).observe(near);
</script>"""
BARRIERS = {
    "nothing": ("", []),
    "a button without a name": ("<button></button>", NAMELESS),
    "a name without the words": ("<button aria-label='Go'>Start</button>",
                                 [f"{view}: label-content" for view in SEEN]),
    "faint in the dark": ("<p style='color: #666'>words</p>",
                          ["1280, dark: color-contrast", "390, dark: color-contrast"]),
    "faint on a phone": ("<p class='narrow'>words</p>", ["390, light: color-contrast"]),
    "out of order": ("<h4>words</h4>", [f"{view}: heading-order" for view in SEEN]),
    "what no key scrolls": (f"<div style='overflow-x: auto'>{WIDE}</div>",
                            ["390, light: scrollable", "390, dark: scrollable", "320: no key scrolls"]),
    "cut": ("<div style='overflow: hidden'><p style='width: 500px'>words</p></div>", ["320: cut"]),
    "too wide": ("<p style='width: 500px'>words</p>", ["320: 500 pixels wide"]),
    "in a fold": ("<details><summary>fold</summary><button></button></details>",
                  NAMELESS),
    "in a fold that comes late": (LATE, NAMELESS),
}  # fmt: skip
SKELETON = """<!doctype html><html lang="en" data-theme="light"><title>page</title>
<meta name="viewport" content="width=device-width">
<style>
body {{ margin: 0; background: #fff; color: #000; }} .narrow {{ color: #eee; }}
[data-theme=dark] body {{ background: #222; color: #fff; }} [data-theme=dark] .narrow {{ color: #fff; }}
@media (min-width: 600px) {{ .narrow {{ display: none; }} }}
</style>
<main><article class="bd-article"><h1>title</h1>{}</article></main></html>"""


@pytest.mark.parametrize("name", BARRIERS)
def test_barriers_are_found(tab, tmp_path, name):
    body, found = BARRIERS[name]
    (tmp_path / "page.html").write_text(SKELETON.format(body), encoding="utf-8")
    wrong = examine(tab, (tmp_path / "page.html").as_uri())
    assert len(wrong) == len(found), wrong
    assert all(one.startswith(begin) for one, begin in zip(wrong, found, strict=True)), wrong


# ---- the keys ----

# What the focus is on: whether it is in view, nothing lies over it, and a ring is drawn around it or the card it fills
FOCUS = """
() => {
  const e = document.activeElement;
  if (!e || e === document.body || e.dataset.reached) return null;  // the end, or the beginning again
  e.dataset.reached = "yes";
  const words = (e.getAttribute("aria-label") ?? e.textContent).trim().slice(0, 40);
  const wrong = [], card = e.matches(".sd-stretched-link") ? e.closest(".sd-card") : e;
  const style = getComputedStyle(card), box = card.getBoundingClientRect();
  if (style.outlineStyle === "none" || parseFloat(style.outlineWidth) < 2) wrong.push("no ring");
  if (!card.checkVisibility({ opacityProperty: true, visibilityProperty: true })) wrong.push("not to be seen");
  if (box.width < 8 || box.height < 8) wrong.push(`${box.width} by ${box.height} pixels`);
  const middle = (from, to, end) => (Math.max(from, 0) + Math.min(to, end)) / 2;
  const [x, y] = [middle(box.left, box.right, innerWidth), middle(box.top, box.bottom, innerHeight)];
  if (box.bottom <= 0 || box.top >= innerHeight || box.right <= 0 || box.left >= innerWidth) wrong.push("out of view");
  else {
    const lines = [[x, y], ...[...e.getClientRects()].map((r) => [(r.left + r.right) / 2, (r.top + r.bottom) / 2])];
    const on = lines.map(([left, top]) => document.elementFromPoint(left, top)).filter(Boolean);
    const over = on.some((at) => card.contains(at) || at.contains(card)) ? null : on[0];
    if (over) wrong.push(`under ${over.tagName} ${over.className}`);
  }
  return [`${e.tagName} ${e.getAttribute('class') ?? ''} ${words}`, wrong];
}
"""
# What a mouse can press and no key has reached
MISSED = """
() => [...document.querySelectorAll("a[href], button, input, select, textarea, summary, [role=slider], [role=button]")]
  .filter((e) => !e.dataset.reached && !e.disabled && e.getClientRects().length && !e.closest("[inert]")
    && e.checkVisibility({ visibilityProperty: true })
    && !(e.type === "radio" && document.querySelector(`[type=radio][name="${e.name}"][data-reached]`))
    && !(e.matches("summary") && e !== e.parentElement.querySelector("summary")))
  .map((e) => `${e.tagName} ${e.className} ${e.textContent.trim().slice(0, 40)}`)
"""
WALKED = [
    ("book/intro.html", 1280, "light"),
    ("book/intro.html", 390, "dark"),
    ("book/gan/index.html", 1280, "dark"),
    ("book/gan/lab.html", 1280, "light"),
    ("book/gan/exercises.html", 390, "dark"),
    ("book/playground.html", 1280, "dark"),
    ("book/failures.html", 390, "light"),
    ("book/letters.html", 1280, "light"),
    ("book/explore.html", 1280, "dark"),
    ("book/mistakes.html", 390, "light"),
    ("book/runs.html", 1280, "dark"),
    ("book/glossary.html", 1280, "light"),
    ("book/notation.html", 390, "dark"),
    ("search.html", 1280, "light"),
]


def walk(page):
    """Press Tab through a page to its end; what is wrong on the way, and what was not reached."""
    page.add_style_tag(content="* { transition: none !important; scroll-behavior: auto !important; }")
    wrong, steps = [], 0
    while True:
        page.keyboard.press("Tab")
        steps += 1
        at = page.evaluate(FOCUS)
        if at is None or steps > 2000:
            break
        wrong += [f"{at[0]}: {one}" for one in at[1]]
    if steps > 2000:
        wrong.append("the keys do not come to the end of the page")
    return wrong + [f"not reached: {one}" for one in page.evaluate(MISSED)], steps


@pytest.mark.parametrize(("name", "width", "theme"), WALKED)
def test_tab_goes_through_the_page_and_is_seen(tab, site, name, width, theme):
    page = show(tab, site + name, width, theme)
    bring(page)  # what comes late would come while the walk is past its place
    wrong, steps = walk(page)
    assert wrong == []
    assert steps > 20


def test_steps_that_are_not_seen_are_found(tab, site):
    page = show(tab, f"{site}book/runs.html")
    page.add_style_tag(
        content="""
      button.btn-fullscreen-button:focus-visible { outline: 0 !important; }
      .btn-source-repository-button { opacity: 0; }
      .primary-toggle { position: fixed !important; left: -200px; }
    """
    )
    page.evaluate("document.querySelector('.gan-guess button').tabIndex = -1")
    wrong, _ = walk(page)
    found = ["not reached" if one.startswith("not reached") else one.rpartition(": ")[2] for one in wrong]
    assert found == ["out of view", "not to be seen", "no ring", "not reached"]


DRAWN = """
part => [
  getComputedStyle(document.querySelector(part)).backgroundColor, getComputedStyle(document.body).backgroundColor,
  ...[...document.querySelectorAll(`${part} *`)].map(e => getComputedStyle(e)).map(s => s.fill + s.stroke),
]
"""


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("intro", ".gan-strip"),
        ("intro", ".gan-map"),
        ("letters", ".gan-paper"),
        ("gan/index", ".gan-plot-place"),
        ("training-tricks/index", ".gan-interval"),
    ],
)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_drawings_keep_their_colours_where_the_reader_sets_those_of_text(browser, site, name, part, theme):
    told = {}
    for colours in ("none", "active"):
        page = browser.new_page(forced_colors=colours)
        show(page, f"{site}book/{name}.html", theme=theme)
        for figure in page.locator(".gan-figure").all():  # one starts when it is near
            figure.scroll_into_view_if_needed()
        page.wait_for_selector(part)
        told[colours] = page.evaluate(DRAWN, part)
        page.close()
    (_, paper, *drawn), (ground, _, *kept) = told["none"], told["active"]
    assert ground == paper
    assert kept == drawn


def greys(part):
    """The darkest and the lightest pixel of what a part of a page shows."""
    return Image.open(io.BytesIO(part.screenshot())).convert("L").getextrema()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_written_letters_stand_out_where_the_reader_sets_the_colours(browser, site, theme):
    page = show(browser.new_page(forced_colors="active"), f"{site}book/letters.html", theme=theme)
    page.wait_for_selector(".gan-paper canvas")
    page.evaluate("for (const fold of document.querySelectorAll('details')) fold.open = true")
    for part in (".gan-paper canvas", ".gan-fonts canvas", ".gan-end canvas"):
        darkest, lightest = greys(page.locator(part).first)
        assert lightest - darkest > 150, part
    show(page, f"{site}book/intro.html", theme=theme)
    page.wait_for_selector(".gan-strip")
    darkest, lightest = greys(page.locator(".gan-strip").first)
    assert lightest - darkest > 150
    page.close()


@pytest.mark.emulates
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("name", "part"), [("letters", ".gan-paper canvas"), ("intro", ".gan-strip")])
def test_written_letters_are_ink_on_paper(browser, site, name, part, theme):
    page = show(browser.new_page(), f"{site}book/{name}.html", theme=theme)
    page.wait_for_selector(part)
    page.emulate_media(media="print")
    darkest, lightest = greys(page.locator(part).first)
    assert darkest < 60 < 240 < lightest
    page.close()


def focused(page):
    """The class of what has the focus."""
    return page.evaluate("document.activeElement.className")


@pytest.mark.parametrize(
    ("width", "opener", "dialog"),
    [(1280, ".search-button-field", "#pst-search-dialog"), (390, ".primary-toggle", "#pst-primary-sidebar-modal")],
)
def test_escape_closes_and_gives_the_focus_back(tab, site, width, opener, dialog):
    page = show(tab, f"{site}book/gan/lab.html", width)
    for way in ("keys", "mouse"):
        button = page.locator(f"{opener}:visible").first
        if way == "mouse":
            button.click()
        else:
            button.focus()
            page.keyboard.press("Enter")
        page.wait_for_selector(f"{dialog}[open]")
        page.wait_for_function(f"document.querySelector('{dialog}').contains(document.activeElement)")
        page.keyboard.press("Escape")
        page.wait_for_selector(f"{dialog}:not([open])", state="attached")
        page.wait_for_function("document.activeElement !== document.body")
        assert page.evaluate(f"document.activeElement.matches('{opener}')"), f"{way}: {focused(page)}"


def test_a_menu_of_the_header_opens_and_closes_by_keys(tab, site):
    page = show(tab, f"{site}book/gan/lab.html")
    button = page.locator(".dropdown-download-buttons > button")
    button.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowDown")
    page.wait_for_function("document.activeElement.matches('.dropdown-menu a')")
    page.keyboard.press("Escape")
    page.wait_for_function("document.activeElement.matches('.dropdown-download-buttons > button')")
    assert button.get_attribute("aria-expanded") == "false"


def test_the_colours_change_by_keys_and_the_button_says_to_what(tab, site):
    page = show(tab, f"{site}book/gan/index.html")
    page.locator(".theme-switch-button").focus()
    heard = set()
    for _ in range(3):
        page.keyboard.press("Enter")
        page.wait_for_function("document.activeElement.matches('.theme-switch-button')")
        heard |= {one["name"]["value"] for one in tree(page) if role(one) == "button" and "Color" in name_of(one)}
    assert heard == {"Color mode: light", "Color mode: dark", "Color mode: as the system"}


def test_folds_open_by_keys(tab, site):
    for name, kinds in (("book/gan/index.html", ("gan-option",)), ("book/gan/lab.html", ("hide", "gan-control"))):
        page = show(tab, site + name)
        for kind in kinds:
            fold = page.locator(f".bd-article details.{kind}, .bd-article .{kind} details").first
            fold.locator("summary").first.focus()
            for key, state in (("Enter", True), ("Space", False)):
                page.keyboard.press(key)
                assert fold.evaluate("fold => fold.open") is state, (kind, key)


@pytest.mark.parametrize("name", ["book/notation.html", "book/minimax/index.html", "book/letters.html"])
def test_keys_scroll_what_goes_beyond_its_edge(tab, site, name):
    page = show(tab, site + name, 320)
    page.wait_for_selector(".gan-more")
    reached = page.locator(".bd-article [tabindex='0']:is(table, pre, mjx-container, span.math)")
    assert reached.count() > 0
    reached.first.focus()
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    page.wait_for_function("document.activeElement.scrollLeft > 0")
    page.set_viewport_size({"width": 4000, "height": 900})  # nothing goes on any more, so no key need stop there
    page.wait_for_function("!document.querySelector('.bd-article :is(table, mjx-container, span.math)[tabindex]')")


# ---- speech ----


def tree(page):
    """Chromium's accessibility tree, as a list: what a screen reader is given."""
    session = page.context.new_cdp_session(page)
    nodes = session.send("Accessibility.getFullAXTree")["nodes"]
    session.detach()
    return [node for node in nodes if not node["ignored"]]


def role(node):
    return node["role"]["value"]


def name_of(node):
    return node.get("name", {}).get("value", "")


def formulas(page):
    """The formulas that are shown, those that speech meets as formulas, and the loose signs that it meets besides."""
    session = page.context.new_cdp_session(page)
    found, stack = set(), [session.send("DOM.getDocument", {"depth": -1})["root"]]
    while stack:
        node = stack.pop()
        stack += node.get("children", [])
        if node["nodeName"] == "MJX-MATH":
            found.add(node["backendNodeId"])
    every = {node["nodeId"]: node for node in session.send("Accessibility.getFullAXTree")["nodes"]}
    session.detach()

    def drawn(node):
        return node and (node.get("backendDOMNodeId") in found or drawn(every.get(node.get("parentId"))))

    heard = [node for node in every.values() if not node["ignored"]]
    shown = page.locator("mjx-container").evaluate_all("all => all.filter(one => one.checkVisibility()).length")
    told = sum(role(node) == "MathMLMath" for node in heard)
    return shown, told, [name_of(node) for node in heard if role(node) == "StaticText" and drawn(node)]


@pytest.mark.parametrize("name", ["book/minimax/index.html", "book/evaluation/lab.html", "book/mistakes.html"])
def test_a_formula_is_heard_once_and_whole(tab, site, name):
    page = show(tab, site + name)
    shown, told, loose = formulas(page)
    assert shown == told > 30
    assert loose == []
    page.evaluate("for (const e of document.querySelectorAll('mjx-math')) e.removeAttribute('aria-hidden')")
    assert len(formulas(page)[2]) > 100
    page.evaluate("for (const e of document.querySelectorAll('mjx-assistive-mml')) e.remove()")
    assert formulas(page)[1] == 0


def properties(node):
    return {one["name"]: one["value"].get("value") for one in node.get("properties", [])}


@pytest.mark.parametrize("name", KINDS)
def test_a_page_begins_with_its_title_and_has_one_main_part(tab, site, name):
    heard = tree(show(tab, site + name))
    levels = [properties(node)["level"] for node in heard if role(node) == "heading"]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert [role(node) for node in heard].count("main") == 1
    lists = [name_of(node) for node in heard if role(node) == "list"]
    assert {"Start", "Play", "Chapters"} <= set(lists)  # parts of the menu


def test_pages_have_a_language_and_titles_of_their_own():
    titles = {}
    for name in PAGES:
        html = (SITE / name).read_text(encoding="utf-8")
        assert re.search(r'<html lang="en"', html), name
        titles.setdefault(re.search(r"<title>(.*?)</title>", html, re.DOTALL)[1].strip(), []).append(name)
    assert {title: names for title, names in titles.items() if len(names) > 1} == {}


# What speaks by itself: changes of the parts that a screen reader reads aloud without being asked
LISTEN = """
() => {
  window.spoken = [];
  for (const e of document.querySelectorAll("[role=status], [role=alert], [aria-live], output")) {
    if (e.ariaLive === "off") continue;
    const told = { childList: true, characterData: true, subtree: true };
    new MutationObserver(() => window.spoken.push(e.textContent)).observe(e, told);
  }
}
"""


# How often the page speaks: the letters are pictures, and the slider itself says its number
@pytest.mark.parametrize(
    ("name", "times"), [("book/gan/index.html", 1), ("book/letters.html", 0), ("book/minimax/index.html", 1)]
)
def test_a_slider_that_moves_is_told_once_it_rests(tab, site, name, times):
    page = show(tab, site + name)
    slider = page.locator(".bd-article input[type=range]:visible").first
    slider.focus()
    page.evaluate(LISTEN)
    for _ in range(6):
        page.keyboard.press("ArrowRight")
    page.wait_for_timeout(1500)
    assert len(page.evaluate("window.spoken")) == times
    page.evaluate("for (const e of document.querySelectorAll('output')) e.removeAttribute('aria-live')")
    page.evaluate(LISTEN)
    page.keyboard.press("ArrowLeft")
    page.wait_for_timeout(1500)
    assert len(page.evaluate("window.spoken")) >= 2  # the sentence, and a number that nobody asked for


def test_nothing_moves_for_who_wants_it_still(tab, site):
    tab.emulate_media(reduced_motion="reduce")
    moving = (
        "document.getAnimations().length + (getComputedStyle(document.documentElement).scrollBehavior === 'smooth')"
    )
    for name in KINDS:
        page = show(tab, site + name)
        assert page.evaluate(moving) == 0, name
    page.add_style_tag(content="@keyframes on { to { opacity: 0.5 } } h1 { animation: on 1s infinite; }")
    assert page.evaluate(moving) == 1
    tab.emulate_media(reduced_motion="no-preference")
