"""A Sphinx extension: what a site has for those who come from elsewhere.

- The edition and its date below each page (the day of building would change all pages each day), and
  `_static/versions.js`, the list of editions, which publishing writes anew (scripts/versions.py).
- `404.html`, with the search and the way home, for an address that leads nowhere.
- The colour of the browser's frame.
- Once `html.baseurl` in _config.yml names the site's address (`make home`), and not before: each page's own address and
  picture for shared links (scripts/cards.py) and `sitemap.xml`; `robots.txt` where the site has a server's name for
  itself, as search engines read it there alone.

Descriptions and titles of pages come from scripts/pages.py; the canonical link is Sphinx's own.
"""

import hashlib
import html
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree

from cards import HEIGHT, WIDTH, described, drawn, painted, picture_of
from contents import released
from PIL import Image, PngImagePlugin
from set_home import SITE
from sphinx.errors import ExtensionError
from sphinx.util import logging
from versions import list_editions, version_of

LOG = logging.getLogger(__name__)
CARDS = "_static/cards"
COLOURS = {"light": "#ffffff", "dark": "#121212"}  # the grounds of the theme
LOST = """<h1>There is no page at this address</h1>
<p>It may have moved, or the link may hold a slip. Search the book, or begin at its first page.</p>
<form class="gan-lost" action="search.html" method="get" role="search">
<input type="search" name="q" aria-label="Search this book" placeholder="Search this book" autocomplete="off" required>
<button type="submit">Search</button>
</form>
<p><a href="{home}.html">To the first page of the book</a></p>
"""
SHARED = re.compile(r'<meta (?:name="(?:description|twitter:card)|property="og:[a-z_:]+)" content="[^"]*">')


def address_of(app: Any) -> str:
    """Return the site's address, which ends in a slash, or nothing while there is none.

    Raises:
        ExtensionError: what _config.yml holds is no such address.
    """
    base = app.config.html_baseurl or ""
    if base and not SITE.fullmatch(base):
        raise ExtensionError(
            f"html.baseurl in _config.yml must be an address as https://ada.github.io/gan-book/, with a slash at its "
            f"end, or empty; it is {base!r}. `make home` writes it."
        )
    return base


def meta(kind: str, name: str, content: str) -> str:
    return f'\n<meta {kind}="{name}" content="{html.escape(content)}">'


def dated(app: Any, env: Any, *_: Any) -> list[str]:
    """Have all pages written again when the line of the edition, which stands on each, has changed."""
    now = version_of(), released()
    before, env.gan_edition = getattr(env, "gan_edition", now), now
    return [] if now == before else list(env.found_docs)


def dress(app: Any, page: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    """Give a page its edition, the browser's colours, and, on a published site, its address and card."""
    context["edition"], context["released"] = version_of(), released()
    tags = "".join(
        f'\n<meta name="theme-color" media="(prefers-color-scheme: {theme})" content="{colour}">'
        for theme, colour in COLOURS.items()
    )
    base = address_of(app)
    if page == "404":
        context["pageurl"] = None
        tags += meta("name", "robots", "noindex")
    elif base and doctree:
        tags += meta("property", "og:url", f"{base}{page}.html")
        tags += meta("property", "og:site_name", app.config.html_title)
        tags += meta("property", "og:image", f"{base}{CARDS}/{page}.png")
        tags += meta("property", "og:image:width", str(WIDTH)) + meta("property", "og:image:height", str(HEIGHT))
        tags += meta("property", "og:image:alt", described()[picture_of(page)])
        tags += meta("name", "twitter:card", "summary_large_image")
    context["metatags"] = context.get("metatags", "") + tags


def lost(app: Any) -> Iterator[tuple[str, dict[str, Any], str]]:
    """Yield the page for an address that leads nowhere."""
    yield "404", {"title": "Page not found", "body": LOST.format(home=app.config.root_doc)}, "page.html"


def found_from_anywhere(text: str, base: str) -> str:
    """Return 404.html with links that hold at every depth, where a server shows it, and in a file that is opened."""
    root = f'<base href="{urlsplit(base).path}">'
    from_file = '<script>if (location.protocol === "file:") document.querySelector("base").remove();</script>'
    text = text.replace("<head>", f"<head>\n{root}{from_file}", 1)
    return text.replace('href="#', 'href="404.html#')  # a place on the page: the base would lead it away


def write_cards(app: Any, site: Path) -> None:
    """Draw the card of each page, unless it is there already, drawn from the same."""
    for page in sorted(app.env.found_docs):
        svg = drawn(app.env.titles[page].astext(), page, app.config.html_title)
        key, file = hashlib.sha256(svg.encode()).hexdigest(), site / CARDS / f"{page}.png"
        if file.is_file() and Image.open(file).info.get("drawn-from") == key:
            continue
        file.parent.mkdir(parents=True, exist_ok=True)
        note = PngImagePlugin.PngInfo()
        note.add_text("drawn-from", key)
        painted(svg).save(file, optimize=True, pnginfo=note)


def write_sitemap(pages: list[str], base: str, site: Path) -> None:
    """Write the list of all pages, and tell search engines of it, or the owner that they have to be told."""
    root = ElementTree.Element("urlset", xmlns="http://www.sitemaps.org/schemas/sitemap/0.9")
    for page in sorted(pages):
        ElementTree.SubElement(ElementTree.SubElement(root, "url"), "loc").text = f"{base}{page}.html"
    ElementTree.indent(root)
    ElementTree.ElementTree(root).write(site / "sitemap.xml", encoding="utf-8", xml_declaration=True)
    if urlsplit(base).path == "/":
        robots = f"User-agent: *\nAllow: /\n\nSitemap: {base}sitemap.xml\n"
        (site / "robots.txt").write_text(robots, encoding="utf-8")
    else:  # below a path no search engine looks for robots.txt
        LOG.info(f"Search engines find {base}sitemap.xml once its address is handed in to them.")


def finish(app: Any, error: Exception | None) -> None:
    """Write what stands beside the pages."""
    if error or app.builder.format != "html":
        return
    site, base = Path(app.outdir), address_of(app)
    list_editions(site, version_of())
    page = site / "404.html"
    if base:
        page.write_text(found_from_anywhere(page.read_text(encoding="utf-8"), base), encoding="utf-8")
        write_cards(app, site)
        write_sitemap(list(app.env.found_docs), base, site)
        said = "\n".join(SHARED.findall((site / f"{app.config.root_doc}.html").read_text(encoding="utf-8")))
        first = (site / "index.html").read_text(encoding="utf-8")  # who shares the site's own address shares this page
        link = f'<link rel="canonical" href="{base}{app.config.root_doc}.html">'
        (site / "index.html").write_text(first.replace("<title>", f"{said}\n{link}\n<title>", 1), encoding="utf-8")


def setup(app: Any) -> dict[str, bool]:
    """Connect to Sphinx; after pages.py, which writes the first page."""
    app.connect("env-get-outdated", dated)
    app.connect("html-collect-pages", lost)
    app.connect("html-page-context", dress, priority=910)
    app.connect("build-finished", finish, priority=510)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
