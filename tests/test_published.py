"""What a site has for those who come from elsewhere (scripts/published.py, scripts/cards.py), on a small book."""

import html
import io
import re
import sys
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from xml.etree import ElementTree

import pytest
import yaml
from conftest import SITE, new_tab
from PIL import Image
from served import served
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError
from sphinx.util.docutils import docutils_namespace

sys.path.insert(0, str(Path(__file__).parents[1] / "scripts"))
import cards
import published
import versions

ROOT = Path(__file__).parents[1]
HOME = "https://ada.github.io/gan-book/"
WORDS = "A paragraph that is long enough to say in a list of <results> what this page is about."
TEXTS = {
    "book/intro": f"# A book\n\n{WORDS}\n\n```{{toctree}}\ngan/index\ngan/lab\nnotation\n```\n",
    "book/gan/index": f"# The *game* & 5 < 6\n\n{WORDS}\n",
    "book/gan/lab": f"# Lab: the game\n\n{WORDS}\n",
    "book/notation": f"# Notation\n\n{WORDS}\n",
}
EXTENSIONS = ["myst_parser", "sphinx_design", "sphinx_proof", "sphinx_book_theme"]
EXTENSIONS += ["pages", "published", "light", "access"]


def build(folder, home, icon=None):
    """Build a small book with the real theme, templates, scripts and styles; return the site."""
    for name, text in TEXTS.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / f"{name}.md").write_text(text, encoding="utf-8")
    settings = {
        "extensions": EXTENSIONS, "root_doc": "book/intro", "html_title": "A book", "html_baseurl": home,
        "html_favicon": icon,
        "html_theme": "sphinx_book_theme", "templates_path": [str(ROOT / "scripts/templates")],
        "html_static_path": [str(ROOT / "book/_static")], "html_js_files": ["versions.js", "edition.js"],
        "html_css_files": ["custom.css"], "html_context": {"default_mode": "auto"},
        "html_theme_options": {"footer_content_items": ["edition.html"], "navbar_persistent": []},
    }  # fmt: skip
    with docutils_namespace():
        Sphinx(folder, None, folder / "site", folder / "doctrees", "html", settings, None, warningiserror=True).build()
    return folder / "site"


@pytest.fixture(scope="module")
def at_home(tmp_path_factory):
    return build(tmp_path_factory.mktemp("home"), HOME, str(ROOT / "book/_static/favicon.svg"))


@pytest.fixture(scope="module")
def homeless(tmp_path_factory):
    return build(tmp_path_factory.mktemp("homeless"), "")


def tags(site, page):
    text = (site / f"{page}.html").read_text(encoding="utf-8")
    found = re.findall(r'<meta (?:name|property)="([^"]+)" content="([^"]*)">', text)
    return dict(found), re.findall(r'<link rel="canonical" href="([^"]+)"', text)


def test_each_page_says_where_it_is_and_what_it_shows(at_home):
    for page in TEXTS:
        said, canonical = tags(at_home, page)
        assert canonical == [said["og:url"]] == [f"{HOME}{page}.html"]
        assert said["description"] == said["og:description"] == html.escape(WORDS)
        assert said["og:image"] == f"{HOME}_static/cards/{page}.png"
        assert said["twitter:card"] == "summary_large_image"
        with Image.open(at_home / "_static/cards" / f"{page}.png") as card:
            assert card.size == (1200, 630) == (int(said["og:image:width"]), int(said["og:image:height"]))
    said, _ = tags(at_home, "book/gan/index")
    assert said["og:title"] == "The game &amp; 5 &lt; 6"
    assert said["og:image:alt"].startswith("Eight islands of real points on a ring")


def test_the_sites_own_address_is_described_like_its_first_page(at_home):
    said, canonical = tags(at_home, "index")
    first, _ = tags(at_home, "book/intro")
    assert said == {name: first[name] for name in said}
    assert {"description", "og:title", "og:image", "twitter:card"} <= set(said)
    assert canonical == [f"{HOME}book/intro.html"]


def test_the_sites_own_address_names_the_icon_if_there_is_one(at_home, homeless):
    """Without a link browsers ask for /favicon.ico, which is not there."""
    first = [(site / "index.html").read_text(encoding="utf-8") for site in (at_home, homeless)]
    assert '<link rel="icon" href="_static/favicon.svg">' in first[0]
    assert (at_home / "_static/favicon.svg").is_file()
    assert "icon" not in first[1]


def test_sitemap_and_robots(at_home, tmp_path):
    space = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
    found = ElementTree.parse(at_home / "sitemap.xml").findall(f"{space}url/{space}loc")
    assert [place.text for place in found] == sorted(f"{HOME}{page}.html" for page in TEXTS)
    assert not (at_home / "robots.txt").exists()  # below a path nobody reads it
    published.write_sitemap(["a"], "https://gans.example/", tmp_path)
    assert "\nSitemap: https://gans.example/sitemap.xml\n" in (tmp_path / "robots.txt").read_text(encoding="utf-8")


def test_a_card_has_the_title_as_it_stands(tmp_path, monkeypatch):
    title, asked = "If a < b and c > d", []
    monkeypatch.setattr(published, "drawn", lambda *words: asked.append(words[0]) or "<svg/>")
    monkeypatch.setattr(published, "painted", lambda _: Image.new("P", (1, 1)))
    titles = {"a": SimpleNamespace(astext=lambda: title)}
    app = SimpleNamespace(env=SimpleNamespace(found_docs={"a"}, titles=titles), config=SimpleNamespace(html_title=""))
    published.write_cards(app, tmp_path)
    assert asked == [title]


def test_a_build_that_writes_one_page_forgets_none(tmp_path):
    build(tmp_path, HOME)
    (tmp_path / "site/book/notation.html").unlink()
    before = {card: card.stat().st_mtime_ns for card in tmp_path.rglob("cards/**/*.png")}
    TEXTS_NEW = TEXTS["book/notation"].replace("# Notation", "# Other signs")
    (tmp_path / "book/notation.md").write_text(TEXTS_NEW, encoding="utf-8")
    old, TEXTS["book/notation"] = TEXTS["book/notation"], TEXTS_NEW
    try:
        build(tmp_path, HOME)
    finally:
        TEXTS["book/notation"] = old
    assert (tmp_path / "site/sitemap.xml").read_text().count("<loc>") == len(TEXTS)
    drawn = [card.stem for card, at in before.items() if card.stat().st_mtime_ns != at]
    assert drawn == ["notation"]  # the others are as they were


def test_without_an_address_nothing_claims_one(homeless):
    for page in [*TEXTS, "index", "404", "search"]:
        text = (homeless / f"{page}.html").read_text(encoding="utf-8")
        assert not re.search(r'og:url|og:image|twitter:card|rel="canonical"|<base', text), page
    assert not [name for name in ("sitemap.xml", "robots.txt", "_static/cards") if (homeless / name).exists()]
    assert tags(homeless, "book/intro")[0]["description"]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_browsers_frame_has_the_colour_of_the_page(at_home, theme):
    for page in [*TEXTS, "404", "search"]:
        text = (at_home / f"{page}.html").read_text(encoding="utf-8")
        wanted = f'media="(prefers-color-scheme: {theme})" content="{published.COLOURS[theme]}">'
        assert text.count(f'<meta name="theme-color" {wanted}') == 1


def test_a_page_names_its_edition(at_home):
    text = (at_home / "book/gan/lab.html").read_text(encoding="utf-8")
    line = re.search(r'<p class="gan-edition">Edition (.*) of (.*?)(, with the changes since)?</p>', text)
    assert line[1] == versions.version_of()
    date = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))["date-released"]
    assert f"{datetime.strptime(line[2], '%d %B %Y'):%Y-%m-%d}" == date
    assert bool(line[3]) == ("## Unreleased\n\n-" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"))
    assert versions.version_in(at_home) == versions.version_of()


def test_another_edition_is_written_below_all_pages(monkeypatch):
    connected = []
    published.setup(SimpleNamespace(connect=lambda *event, **_: connected.append(event)))
    assert ("env-get-outdated", published.dated) in connected
    env, pages = SimpleNamespace(found_docs={"a", "b"}), []
    for version, date in (("1.0.0", "May"), ("1.0.0", "May"), ("1.0.0", "June"), ("1.1.0", "June"), ("1.1.0", "June")):
        monkeypatch.setattr(published, "released", lambda date=date: date)
        monkeypatch.setattr(published, "version_of", lambda version=version: version)
        pages.append(sorted(published.dated(None, env, set(), set(), set())))
    assert pages == [[], [], ["a", "b"], ["a", "b"], []]


@pytest.mark.parametrize(
    "address", ["http://ada.github.io/b/", "https://ada.github.io/b", "ada.github.io", 'https://a/"']
)
def test_a_wrong_address_stops_the_build(address):
    with pytest.raises(ExtensionError, match="make home"):
        published.address_of(SimpleNamespace(config=SimpleNamespace(html_baseurl=address)))


def examine(browser, home, address, width, theme):
    """Open the page for lost readers; return it, and what is wrong with it."""
    page, problems = new_tab(browser, home, width, theme)
    page.goto(address)
    page.wait_for_load_state("networkidle")
    expected = [f"404 {address}", "console: Failed to load resource: the server responded with a status of 404 ()"]
    expected.append("console: Failed to load resource: the server responded with a status of 404 (Not Found)")
    return page, [problem for problem in problems if problem not in expected]


@pytest.mark.web
@pytest.mark.parametrize(
    ("place", "width", "theme"),
    [("gone.html", 390, "light"), ("book/gan/older/page.html", 1280, "light"), ("v1.0.0/book/", 390, "dark")],
)
def test_a_lost_reader_finds_home_at_every_depth(browser, at_home, place, width, theme):
    with served(at_home, "gan-book") as home:
        page, problems = examine(browser, home, home + place, width, theme)
        assert page.inner_text("article h1") == "There is no page at this address"
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.locator(".gan-lost").evaluate("e => getComputedStyle(e).display") == "flex"  # the styles are there
        links = page.evaluate("[...document.links].map((a) => a.href).filter((a) => !a.includes('#'))")
        assert {f"{home}book/intro.html", f"{home}book/gan/lab.html"} <= set(links)
        for link in set(links):
            assert link.startswith(home), link
            assert (at_home / link.removeprefix(home).partition("?")[0]).is_file(), link
        page.fill("main [name=q]", "notation")
        page.press("main [name=q]", "Enter")
        page.wait_for_url(f"{home}search.html?q=notation")
        page.wait_for_selector("#search-results li a")
        page.close()
        assert problems == []


@pytest.mark.web
def test_the_skip_link_of_the_lost_page_stays_on_a_page(browser, at_home):
    with served(at_home, "gan-book") as home:
        page, _ = examine(browser, home, f"{home}a/b/c.html", 1280, "light")
        assert page.evaluate("document.querySelector('#pst-skip-link a').href") == f"{home}404.html#main-content"
        page.close()


@pytest.mark.web
def test_the_lost_page_opens_as_a_file(browser, at_home, homeless):
    for site in (at_home, homeless):
        page, problems = examine(browser, f"{site.as_uri()}/", f"{site.as_uri()}/404.html", 390, "light")
        assert page.locator(".gan-lost").evaluate("e => getComputedStyle(e).display") == "flex"
        page.click("text=To the first page of the book")
        page.wait_for_url(f"{site.as_uri()}/book/intro.html")
        page.close()
        assert site == at_home or problems == []  # Chromium looks ahead, and asks in vain before the base is gone


def test_search_engines_leave_the_lost_page_out(at_home):
    said, canonical = tags(at_home, "404")
    assert said["robots"] == "noindex"
    assert canonical == []


PAGES = ["book/care/index", "book/care/lab", "book/playground", "book/glossary", "book/intro", "book/no-such/page"]


@pytest.mark.parametrize("page", PAGES)
def test_a_card_shows_the_picture_of_its_chapter(page):
    picture = cards.picture_of(page)
    own = {"book/care/index": "care", "book/care/lab": "care", "book/playground": "playground"}
    assert picture == own.get(page, "gan")
    assert picture in cards.described()


def test_every_picture_is_described():
    assert set(cards.described()) == {path.stem for path in cards.PICTURES.glob("*.svg")}


LONG = "Filling in: super-resolution, inpainting, missing values"
TITLES = {"GANs": 1, LONG: 2, " ".join(["word"] * 30): 4, "W" * 60: 1}  # and how many lines each takes


@pytest.mark.parametrize("title", TITLES)
def test_titles_fit(title):
    size, lines = cards.fitted(title)
    assert " ".join(lines) == title
    assert len(lines) == TITLES[title]
    wide = cards.WIDTH - 2 * cards.MARGIN
    assert all(cards.bold(size).getlength(line) <= wide or " " not in line for line in lines)
    assert (size == cards.TITLE_SIZES[0]) is (len(title) < 60)  # no smaller than it must be


def dark(card, box):
    """How many dark pixels there are in a part of a card."""
    return sum(card.convert("L").crop(box).histogram()[:80])


def test_a_card_is_drawn_with_its_own_fonts_and_small():
    long, short = (cards.painted(cards.drawn(title, "book/gan/index", "A book")) for title in ("Mind <i> & co", "Co"))
    file = io.BytesIO()
    long.save(file, format="PNG", optimize=True)
    assert len(file.getvalue()) < 80_000
    assert long.convert("RGB").getpixel((5, 5)) == (255, 255, 255)
    title = (0, 120, 1200, 200)
    assert dark(long, title) > 2 * dark(short, title) > 1000  # letters, and as many as the title has


@pytest.mark.site
def test_the_built_site_has_its_editions_and_its_lost_page():
    assert versions.version_in(SITE) == versions.version_of()
    assert "There is no page at this address" in (SITE / "404.html").read_text(encoding="utf-8")
