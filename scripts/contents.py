"""What the editions of the book, site, PDF and EPUB, take from its settings: pages in their order, what is cited."""

import datetime
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import yaml

ROOT = Path(__file__).parents[1]
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
