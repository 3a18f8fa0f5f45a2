"""What site, PDF and EPUB take from the settings: pages in their order, what is cited; and what a book is made of."""

import datetime
import hashlib
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote

import yaml

ROOT = Path(__file__).parents[1]
OF_ITSELF = "book/take-away"  # its first table lists PDF and EPUB, so that it differs once they are there
TABLE = re.compile(r'<table class="table">.*?</table>', re.DOTALL)
PICTURE = re.compile(r'<img\b[^>]*?\ssrc="([^"]+)"')
CANONICAL = re.compile(r'<link rel="canonical" href="[^"]*"')
SCRIPTLESS = re.compile(r"\s*With JavaScript switched on,[^.]*\.")  # in a caption, of what takes the picture's place


class Listed(NamedTuple):
    """A page of `_toc.yml`: its name there, how deep it lies, its part of the book and the title that it has there."""

    name: str
    depth: int
    part: str = ""
    title: str = ""


def key_of(page: str) -> str:
    """Return the name of a page inside the book: book/gan/lab is gan-lab, book/gan/index is gan."""
    return page.removeprefix("book/").removesuffix("/index").replace("/", "-")


def all_pages(root: Path = ROOT) -> Iterator[Listed]:
    """Yield the pages of the table of contents in their order."""

    def below(entries: list[dict[str, Any]], depth: int, part: str) -> Iterator[Listed]:
        for entry in entries:
            yield Listed(entry["file"], depth, part, entry.get("title", ""))
            yield from below(entry.get("sections", []), depth + 1, part)

    toc = yaml.safe_load((root / "_toc.yml").read_text(encoding="utf-8"))
    yield Listed(toc["root"], 0)
    for part in toc["parts"]:
        yield from below(part["chapters"], 1, part["caption"])


def cited(root: Path = ROOT) -> dict[str, Any]:
    """Return what CITATION.cff says of this edition."""
    return yaml.safe_load((root / "CITATION.cff").read_text(encoding="utf-8"))


def released(root: Path = ROOT) -> str:
    """Return when this edition was released, and whether what is here has changed since, as CHANGELOG.md says."""
    changes = (root / "CHANGELOG.md").read_text(encoding="utf-8")
    since = ", with the changes since" if re.search(r"^## Unreleased\n+- ", changes, re.MULTILINE) else ""
    return long_date(cited(root)["date-released"]) + since


def long_date(date: str) -> str:
    """Return a date, 2026-01-01, as 1 January 2026."""
    return f"{datetime.date.fromisoformat(date):%d %B %Y}".lstrip("0")


def made_of(site: Path, pages: Iterable[str], files: Iterable[Path], *words: str) -> str:
    """Return a hash of what a PDF or an EPUB is made of: by it a file is known to be that of a site.

    Args:
        site: the built site
        pages: what stands in the book; of each the article and its pictures count, and its address, but not the table
            that lists the book itself
        files: what else the book is made from
        words: what else tells one book from another

    Raises:
        FileNotFoundError: the site lacks a page or a picture.
    """
    made, files = hashlib.sha256(repr((released(), *words)).encode()), list(files)
    for page in pages:
        text = (site / f"{page}.html").read_text(encoding="utf-8")
        article = text[text.index("<article") : text.index("</article>")]
        if page == OF_ITSELF:
            article = TABLE.sub("", article, count=1)
        made.update("".join([*CANONICAL.findall(text), article]).encode())
        pictures = [unquote(name) for name in PICTURE.findall(article)]
        files += [(site / page).parent / name for name in pictures if not name.startswith("data:")]
    for file in dict.fromkeys(file.resolve() for file in files):
        made.update(file.read_bytes())
    return made.hexdigest()
