"""A Sphinx extension: where the site is served, pages that a reader keeps open without a network.

When all else is written, the site's root gets offline-worker.js: scripts/offline-worker.js behind a list of the files
that pages use, each with a hash of its content and its size, and of what each page needs. book/_static/offline.js
starts it, keeps pages and has the buttons. site.webmanifest lets a phone show the book among its apps.
"""

import html
import json
import posixpath
import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from sphinx.errors import ExtensionError
from versions import HASHED, hash_of, worker_of

WORKER = Path(__file__).with_name("offline-worker.js")
TAG = re.compile(r"<(?:img|script|source|link|video|audio|iframe|embed|object|div)\b(?:[^>\"]|\"[^\"]*\")*>")
ATTRIBUTE = re.compile(r'\s(src|href|srcset|poster|data|data-gan-later|data-gan-near)="([^"]*)"')
LOADED = re.compile(r'\brel="(?:stylesheet|icon|manifest|shortcut icon)"')
URL = re.compile(r"(?:url\(\s*[\"']?|@import\s+[\"'])(?!data:)([^\"')#?]+)")
NAMED = re.compile(r"\"([\w.-]+\.(?:js|css|png|svg))\"")  # in a script of ours, a file that it loads when asked
TITLE = re.compile(r"<title>(.*?)(?: &#8212; [^<]*)?</title>", re.DOTALL)


def links_of(page: str) -> list[str]:
    """Return the addresses of the files that a page's HTML loads, now or later, as they stand there."""
    found = []
    for tag in TAG.findall(page):
        for name, value in ATTRIBUTE.findall(tag):
            value = html.unescape(value)
            if name == "srcset":
                found += [part.split()[0] for part in value.split(",") if part.strip()]
            elif name == "data-gan-later":
                found += json.loads(value)
            elif name != "href" or (tag.startswith("<link") and LOADED.search(tag)):
                found.append(value)
    return found


def needs(site: Path, path: str, seen: set[str]) -> set[str]:
    """Add to `seen` the files of the site that a page, a style sheet or a script loads, and those that they load.

    Raises:
        ExtensionError: a file is not there.
    """
    text = (site / path).read_text(encoding="utf-8")
    if path.endswith(".js"):
        links = [name for name in NAMED.findall(text) if (site / "_static" / name).is_file()]
    else:
        links = URL.findall(text) if path.endswith(".css") else links_of(text)
    for link in links:
        if re.match(r"[a-z]+:|//|#|$", link):
            continue
        file = posixpath.normpath(posixpath.join(posixpath.dirname(path), unquote(re.split("[?#]", link)[0])))
        if file in seen:
            continue
        if not (site / file).is_file():
            raise ExtensionError(f"{path} loads {link}, which is not in the site.")
        seen.add(file)
        if file.endswith(".css") or (file.endswith(".js") and posixpath.dirname(file) == "_static"):
            needs(site, file, seen)
    return seen


def contents(site: Path, chapters: list[str]) -> dict[str, Any]:
    """Return what the worker knows: files with hash and size, pages with title and files, the pages kept unasked."""
    pages = {}
    for page in sorted(
        path.relative_to(site).as_posix() for path in [*site.glob("*.html"), *site.glob("book/**/*.html")]
    ):
        title = TITLE.search((site / page).read_text(encoding="utf-8"))
        more = {"searchindex.js"} if page == "search.html" else set()
        pages[page] = {"title": title[1].strip() if title else page, "needs": sorted(needs(site, page, more))}
    files = {}
    for path in sorted({*pages, *(file for page in pages.values() for file in page["needs"])}):
        content = (site / path).read_bytes()
        files[path] = [hash_of(content), len(content)]
    return {"hashed": HASHED, "chapters": chapters, "files": files, "pages": pages}


def write(app: Any, error: Exception | None) -> None:
    """Write the worker, and what a device asks that shows the book among its apps."""
    if not error and app.builder.format == "html":
        site = Path(app.outdir)
        read = [f"{page}.html" for page in sorted(app.env.found_docs) if page.endswith("/index")]
        chapters = ["index.html", f"{app.config.root_doc}.html", *read, "search.html"]
        worker = worker_of(contents(site, chapters), WORKER.read_text(encoding="utf-8"))
        (site / WORKER.name).write_text(worker, encoding="utf-8")
        app_of = {
            "name": app.config.html_title,
            "short_name": "GANs",
            "start_url": f"{app.config.root_doc}.html",
            "scope": "./",
            "display": "minimal-ui",  # with a way back
            "icons": [{"src": "_static/favicon.svg", "sizes": "any", "type": "image/svg+xml"}],
        }
        (site / "site.webmanifest").write_text(json.dumps(app_of, indent=1), encoding="utf-8")


def setup(app: Any) -> dict[str, bool]:
    """Connect to Sphinx, after all that writes files of the site or deletes some."""
    app.connect("build-finished", write, priority=950)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
