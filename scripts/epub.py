"""Write the whole book as an EPUB 3 for e-readers and phones, from the built site: `make epub`.

    python scripts/epub.py                  reads _build/html, writes _build/book.epub
    python scripts/epub.py SITE BOOK.epub   the same with other places

An e-reader runs no scripts and folds nothing, so each thing of the site that does is told in another way: formulas are
pictures with words (`formula_pictures`), what lives is its still picture with the address where it lives, and what a
fold holds stands at the end of its page, with a link there and back; so no answer stands beside its question.
SOURCE_DATE_EPOCH sets when it was made; then the same site gives the same bytes.
"""

import argparse
import base64
import copy
import hashlib
import io
import os
import re
import sys
import time
import uuid
import zipfile
import zlib
from dataclasses import dataclass, field
from functools import cached_property
from html import escape
from itertools import takewhile
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import urldefrag, urljoin

import contents
import yaml
from bs4 import BeautifulSoup, Comment, Tag
from contents import SCRIPTLESS, all_pages, cited, key_of, long_date, released
from formula_pictures import FORMULA, Pictures
from PIL import Image
from set_home import pages_of
from take_away import entry

ROOT = Path(__file__).parents[1]
SITE, BOOK = ROOT / "_build" / "html", ROOT / "_build" / "book.epub"
STYLE, COVER = Path(__file__).with_name("epub.css"), Path(__file__).with_name("cover.png")
PART_BYTES = 200_000  # an e-reader opens a file as a whole
WIDEST = 1200  # pixels of a picture
ARTICLE = re.compile(r'<article class="bd-article">.*?</article>', re.DOTALL)
TYPES = {".png": "image/png", ".jpg": "image/jpeg", ".svg": "image/svg+xml", ".gif": "image/gif"}
DROP = "script, link, style, .headerlink, .toctree-wrapper, .sd-octicon, .sd-summary-state-marker, .gan-live, .expanded"
# Attributes that an e-reader needs; all others steer scripts and style sheets of the site.
KEPT = {"id", "class", "href", "src", "alt", "style", "lang", "start", "value", "colspan", "rowspan"}
IN_SVG = {name.lower(): name for name in ("viewBox", "markerWidth", "markerHeight", "refX", "refY")}
CLASSES = {
    "admonition", "admonition-title", "proof", "gan-proof", "gan-qed", "gan-hold", "gan-checked", "gan-question",
    "caption-number", "section-number", "eqno", "stream", "citation", "label", "fold", "behind",
    "option", "statement", "control", "lives", "card", "claim", "display", "contents", "back", "comment", "keyword",
    "line",
}  # fmt: skip
KINDS = {"c1": "comment", "sd": "comment", **dict.fromkeys(("k", "kc", "kn", "ow"), "keyword")}
BEHIND = "Solutions, answers, and code that the reading does not need, in the order of the page."
PLAIN = re.compile(r'<span class="(?!(?:c1|sd|k|kc|kn|ow)")(?:[a-z][a-z0-9]?)">([^<]*)</span>')  # code of no such kind
HEAD = """<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE html>
<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops" lang="en" xml:lang="en">
<head><meta charset="utf-8"/><title>{title}</title><link rel="stylesheet" type="text/css" href="book.css"/></head>
<body{more}>
{body}
</body>
</html>
"""

CONTAINER = """<?xml version="1.0" encoding="utf-8"?>
<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">
<rootfiles><rootfile full-path="EPUB/package.opf" media-type="application/oebps-package+xml"/></rootfiles>
</container>
"""
SUMMARY = (
    "Every picture has a text alternative, every formula is a picture that grows with the text and has words. "
    "Headings, lists and tables are marked as such. Nothing moves, sounds or flashes."
)
OPF = """<?xml version="1.0" encoding="utf-8"?>
<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="number" xml:lang="en"
 prefix="schema: http://schema.org/ dcterms: http://purl.org/dc/terms/">
<metadata xmlns:dc="http://purl.org/dc/elements/1.1/">
<dc:identifier id="number">urn:uuid:{number}</dc:identifier>
<dc:title>{title}</dc:title>
<dc:creator>{author}</dc:creator>
<dc:language>en</dc:language>
<dc:date>{date}</dc:date>
<dc:rights>{rights}</dc:rights>
<dc:source>{source}</dc:source>
<dc:subject>Generative adversarial networks</dc:subject>
<meta property="dcterms:modified">{modified}</meta>
<meta property="dcterms:license">{licence}</meta>
<meta property="schema:accessMode">textual</meta>
<meta property="schema:accessMode">visual</meta>
<meta property="schema:accessModeSufficient">textual</meta>
<meta property="schema:accessibilityFeature">alternativeText</meta>
<meta property="schema:accessibilityFeature">describedMath</meta>
<meta property="schema:accessibilityFeature">displayTransformability</meta>
<meta property="schema:accessibilityFeature">readingOrder</meta>
<meta property="schema:accessibilityFeature">structuralNavigation</meta>
<meta property="schema:accessibilityFeature">tableOfContents</meta>
<meta property="schema:accessibilityHazard">none</meta>
<meta property="schema:accessibilitySummary">{summary}</meta>
<meta name="cover" content="{cover}"/>
<meta name="gan-made-of" content="{made}"/>
</metadata>
<manifest>
{items}
</manifest>
<spine toc="ncx">
{order}
</spine>
</package>
"""
MADE_OF = re.compile(r'<meta name="gan-made-of" content="(\w+)"/>')
NCX = """<?xml version="1.0" encoding="utf-8"?>
<ncx xmlns="http://www.daisy.org/z3986/2005/ncx/" version="2005-1" xml:lang="en">
<head><meta name="dtb:uid" content="urn:uuid:{number}"/></head>
<docTitle><text>{title}</text></docTitle>
<navMap>{points}</navMap>
</ncx>
"""
FRONT = """<section class="front">
<h1>{title}</h1>
<p>{author}</p>
<p>Edition {version} of {released}; made on {date}</p>
<p>{place} its figures can be moved, its networks train in the page, and its notebooks open.
This copy for reading has every page of it. What the site folds away stands at the end of each
page here, with a link there and back.</p>
<p>{rights}. <a href="{licence}">CC BY 4.0</a></p>
</section>"""
PLACE = 'The book lives at <a href="{home}">{home}</a>, where'
NO_PLACE = """The book is written at <a href="{source}">{source}</a>. Its site has no address yet; links to it lead to
where GitHub would publish it, <a href="{home}">{home}</a>. There"""
COVER_ALT = "GANs, Proved and Run."


@dataclass
class Page:
    """A page of the site: its name as in _toc.yml, how deep it lies, and what becomes of it."""

    name: str
    depth: int
    part: str = ""
    title: str = ""  # in the table of contents
    article: Tag | None = None
    formulas: list[str] = field(default_factory=list)
    files: dict[str, Tag] = field(default_factory=dict)

    @property
    def stem(self) -> str:
        """The name of its files."""
        return key_of(self.name)


def new(name: str, text: str = "", **attributes: str) -> Tag:
    """Return an element."""
    tag = BeautifulSoup("", "html.parser").new_tag(name, attrs={k.rstrip("_"): v for k, v in attributes.items()})
    if text:
        tag.string = text
    return tag


def wrap(name: str, children: list[Any], **attributes: str) -> Tag:
    """Return an element around others, which leave their place."""
    tag = new(name, **attributes)
    tag.extend(children)
    return tag


def is_tag(node: Any, selector: str) -> bool:
    """Say whether a node is an element that a selector means."""
    return isinstance(node, Tag) and node.css.match(selector)


def say_where_it_lives(article: Tag, address: str) -> None:
    """Below the still picture of what lives on the site: where it does; the same in the place of a sound."""
    for sound in article.select("audio"):
        sound.replace_with(wrap("span", [new("a", "Listen on the book's site", href=address)], class_="lives"))
    for live in article.select("figure.gan-figure, .gan-widget"):
        caption, what = live.figcaption, "This figure moves" if live.name == "figure" else "This is alive"
        for text in caption.find_all(string=SCRIPTLESS):
            text.replace_with(SCRIPTLESS.sub("", text))
        line = new("p", class_="lives")
        line.append(
            new("a", f"{what} on the book's site", href=f"{address}#{live['id']}" if live.get("id") else address)
        )
        caption.append(line)


def code_lines(block: Tag) -> Tag:
    """Return a piece of code line by line, so that a long line goes on with an indent; comments and keywords differ."""
    pieces = [
        (KINDS.get(" ".join(text.parent.get("class", []))), part)
        for text in block.find_all(string=True)
        for part in text.splitlines(keepends=True)
    ]
    lines: list[Tag] = [new("span", class_="line")]
    for kind, part in pieces:
        lines[-1].append(new("span", part, class_=kind) if kind else part)
        if part.endswith("\n"):
            lines.append(new("span", class_="line"))
    return wrap("pre", [wrap("code", [line for line in lines if line.contents])])


def simplify(article: Tag) -> None:
    """Put plain elements in the place of those that need the site's style sheets and scripts."""
    for button in article.select("button"):
        button.unwrap()
    for picture in article.select("picture"):
        picture.replace_with(picture.img)  # the one for phones is longer than an e-reader's page
    for card in article.select(".sd-card:is(div)"):
        link, title = card.select_one(".sd-stretched-link"), card.select_one(".sd-card-title")
        title.replace_with(wrap("p", [wrap("a", [title.get_text(" ", strip=True)], href=link["href"])]))
        link.decompose()
        card["class"] = ["card"]
    for block in article.select(".highlight pre"):
        inside_output = block.find_parent(class_="cell_output") or block.find_parent(class_="gan-printed")
        block.parent.replace_with(
            wrap("pre", list(block.children), class_="stream") if inside_output else code_lines(block)
        )
    for table in article.select("table.gan-claims"):
        claims = [
            wrap("div", [n for cell in row.find_all("td") for n in list(cell.children)], class_="claim")
            for row in table.tbody.find_all("tr", recursive=False)
        ]
        table.replace_with(wrap("div", claims))
    for drawing in article.select("svg"):
        drawing["xmlns"] = "http://www.w3.org/2000/svg"
        for shape in drawing.select("rect, path"):
            shape.attrs |= {"fill": "none", "stroke": "currentColor", "stroke-width": "1.5"}
        for text in drawing.select("text"):
            text.attrs |= {"fill": "currentColor", "font-size": "12.5", "text-anchor": "middle"}
        for way in drawing.select(".gan-way"):
            way["marker-end"] = "url(#gan-tip)"
    for formula in article.select("div.math"):
        formula["class"] = ["display"]
        if number := formula.select_one(".eqno"):
            formula.append(number)


def name_of(fold: Tag) -> str:
    """Return what a fold holds, in words: Show the solution becomes The solution."""
    words = fold.summary.get_text(" ", strip=True).removeprefix("Show ")
    return words[0].upper() + words[1:]


def place_of(fold: Tag) -> str:
    """Return the heading under which a fold stands."""
    heading = fold.find_previous(["h1", "h2", "h3"])
    return heading.get_text().strip()


def unfold(article: Tag) -> None:
    """Leave a link where a fold is, and put what it holds at the end of the page."""
    end = wrap("section", [new("h2", "Behind the folds"), new("p", BEHIND)], id="behind-the-folds")
    article.section.append(end)
    number = 0
    while fold := article.find("details"):
        number += 1
        here, there = f"fold-{number}", f"behind-{number}"
        link = new("a", id=here, href=f"#{there}", class_="fold")
        back = new("a", f"Back to: {place_of(fold)}", href=f"#{here}")
        kind, together = fold.get("class", []), [fold]
        if "gan-option" in kind:  # the four answers of a question stay together
            question = fold.find_previous(class_="gan-question")
            name, link.string = f"Question {question.strong.get_text().strip(' .')}", "The answer"
            together += takewhile(lambda one: is_tag(one, ".gan-option"), fold.find_next_siblings())
            shown = [wrap("p", list(one.select_one(".sd-summary-text").children), class_="option") for one in together]
            shown.append(new("p"))
        elif "gan-statement" in kind:
            name, link.string = fold.summary.strong.get_text(), "What is wrong?"
            shown = [wrap("p", list(fold.select_one(".sd-summary-text").children), class_="statement", id=fold["id"])]
        elif fold.find_parent(class_="gan-control"):
            name, link.string = "The control", "How"
            shown = [wrap("p", list(fold.summary.span.children), class_="control")]
        else:
            name = link.string = name_of(fold)
            shown = [new("p")]
        entry = wrap("section", [new("h3", name), wrap("p", [back], class_="back")], id=there, class_="behind")
        for i, one in enumerate(together):
            if "gan-option" in kind:
                entry.append(copy.copy(shown[i]))
            one.summary.decompose()
            entry.extend(list(one.children))
        shown[-1].extend([" ", link])
        fold.insert_before(*shown)
        for one in together:
            one.decompose()
        end.append(entry)
    if not number:
        end.decompose()


def list_sections(article: Tag) -> None:
    """Begin a long page with links to its sections."""
    sections = [s for s in article.section.find_all("section", id=True, recursive=False) if s.h2]
    if len(sections) >= 3:
        items = [
            wrap("li", [wrap("a", [copy.copy(node) for node in s.h2.children], href=f"#{s['id']}")]) for s in sections
        ]
        article.h1.insert_after(wrap("ul", items, class_="contents"))


def clean(article: Tag) -> None:
    """Leave out what only the site's scripts and style sheets read."""
    drawn = {id(part) for drawing in article.find_all("svg") for part in (drawing, *drawing.find_all(True))}
    for tag in article.find_all(True):
        if id(tag) in drawn:
            tag.attrs = {IN_SVG.get(key, key): value for key, value in tag.attrs.items() if not key.startswith("data-")}
            continue
        classes = [one for one in tag.get("class", []) if one in CLASSES or one.startswith("formula-")]
        tag.attrs = {key: value for key, value in tag.attrs.items() if key in KEPT} | {"class": classes}
        if tag.get("lang"):
            tag["xml:lang"] = tag["lang"]
        if not classes:
            del tag["class"]
        if tag.name in ("div", "span") and not tag.attrs:
            tag.unwrap()


class Ebook:
    """The book between site and file."""

    def __init__(self, site: Path) -> None:
        self.site = site
        self.config = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
        self.cited = cited(ROOT)
        self.pages = [Page(*page) for page in all_pages(ROOT)]
        repository, base = self.config["repository"]["url"], self.config["html"].get("baseurl")
        # The site; as long as it has no address, where GitHub would publish it
        self.home = base or pages_of(repository.removeprefix("https://github.com/"))
        self.source = base or repository
        self.images: dict[str, bytes] = {}
        self.places: dict[tuple[str, str], str] = {}  # (page, anchor): file

    @cached_property
    def when(self) -> time.struct_time:
        """The date of the book, in universal time."""
        return time.gmtime(int(os.environ.get("SOURCE_DATE_EPOCH", time.time())))

    def read(self) -> None:
        """Read the built pages and draw their formulas.

        Raises:
            FileNotFoundError: a page of the table of contents has not been built.
        """
        for page in self.pages:
            file = self.site / f"{page.name}.html"
            if not file.is_file():
                raise FileNotFoundError(f"{file} is missing: the EPUB is made from the built site; run: make book")

            def keep(formula: re.Match[str], page: Page = page) -> str:
                page.formulas.append(formula[0])
                return f'<i class="formula-{len(page.formulas) - 1}"></i>'

            article = ARTICLE.search(file.read_text(encoding="utf-8"))[0]
            page.article = BeautifulSoup(PLAIN.sub(r"\1", FORMULA.sub(keep, article)), "html.parser").article
        settings = self.config["sphinx"]["config"].get("mathjax3_config", {}).get("tex", {})
        self.pictures = Pictures(self.site.parent / "formulas.json", settings)
        self.pictures.draw({formula for page in self.pages for formula in page.formulas})

    def convert(self) -> None:
        """Turn every page into the files of the book."""
        for page in self.pages:
            article = page.article
            heading = article.h1.get_text().removesuffix("#").strip()
            page.title = page.title or re.sub(r"^(\d+)\. ", r"\1 · ", heading)
            for comment in article.find_all(string=lambda text: isinstance(text, Comment)):
                comment.extract()
            for tag in article.select(DROP):
                tag.decompose()
            say_where_it_lives(article, f"{self.home}{page.name}.html")
            simplify(article)
            unfold(article)
            list_sections(article)
            self.link_images(page)
            clean(article)
            self.split(page)
        for page in self.pages:  # now that each place has its file
            for outer in page.files.values():
                for link in outer.find_all("a", href=True):
                    link["href"] = self.target(page, link["href"])

    def link_images(self, page: Page) -> None:
        """Give each picture its place in the book."""
        for image in page.article.find_all("img"):
            content = self.content_of(page, image["src"])
            file = PurePosixPath("drawn.png" if image["src"].startswith("data:") else image["src"])
            name = f"images/{file.stem[:40]}-{hashlib.sha256(content).hexdigest()[:8]}{file.suffix}"
            self.images[name], image["src"] = content, name
            width = re.search(r"width: ?(\d+)px", image.get("style", "")) or re.match(r"(\d+)", image.get("width", ""))
            image.attrs = {key: image[key] for key in ("src", "alt", "id", "class") if image.get(key)}
            if width:  # the reader's letters are the measure
                image["style"] = f"width: {int(width[1]) / 16:g}em"

    def content_of(self, page: Page, source: str) -> bytes:
        """Return a picture of a page, which is a file or stands in the page itself, as a widget's does."""
        if source.startswith("data:"):
            return base64.b64decode(source.partition(",")[2])
        return (self.site / f"{page.name}.html").parent.joinpath(source).resolve().read_bytes()

    def split(self, page: Page) -> None:
        """Cut a long page before sections, and note where each anchor is."""
        main = page.article.find("section", recursive=False)
        parts: list[list[Any]] = [[]]
        size = 0
        for node in list(main.children):
            text = str(node)
            formulas = (page.formulas[int(n)] for n in re.findall(r'class="formula-(\d+)"', text))
            weight = len(text) + sum(len(self.pictures.drawn[one]) for one in formulas)
            if size and size + weight > PART_BYTES and is_tag(node, "section"):
                parts.append([])
                size = 0
            parts[-1].append(node)
            size += weight
        main.clear()
        kind = {"book/glossary": "glossary", "book/references": "bibliography"}.get(page.name, "chapter")
        for number, nodes in enumerate(parts, 1):
            name = f"{page.stem}{f'-{number}' if number > 1 else ''}.xhtml"
            outer = wrap("section", nodes, **{"epub:type": kind} if number == 1 else {})
            outer["id" if number == 1 else "class"] = main["id"] if number == 1 else "continued"
            for anchor in [outer, *outer.find_all(id=True)]:
                if anchor.get("id"):
                    self.places.setdefault((page.name, anchor["id"]), name)
            page.files[name] = outer
        self.places[page.name, ""] = next(iter(page.files))

    def text_of(self, page: Page, outer: Tag) -> str:
        """Return a file of a page, with its formulas as pictures."""
        body = outer.decode(formatter="minimal")
        body = re.sub(r'<i class="formula-(\d+)"></i>', lambda n: self.pictures.drawn[page.formulas[int(n[1])]], body)
        return HEAD.format(title=escape(page.title), more="", body=body)

    def target(self, page: Page, address: str) -> str:
        """Return the address in the book of what a page links to; what is not in the book, on the site."""
        if re.match(r"[a-z]+:", address):
            return address
        path, anchor = urldefrag(urljoin(f"/{page.name}.html", address))
        name = path.removeprefix("/").removesuffix(".html")
        file = self.places.get((name, anchor))
        if file:
            return f"{file}#{anchor}" if anchor else file
        if (
            name,
            "",
        ) in self.places and "=" not in anchor:  # an = sets the playground, which is alive on the site alone
            raise ValueError(f"{page.name} links to {address}, but that page of the EPUB has no place {anchor!r}.")
        return f"{self.home}{path.removeprefix('/')}{'#' if anchor else ''}{anchor}"

    def place(self) -> str:
        """Return where the book lives, as the title page says it before what can be done there."""
        return (PLACE if self.source == self.home else NO_PLACE).format(home=self.home, source=self.source)

    def package(self) -> dict[str, bytes]:
        """Return all files of the book by their names, in the order in which they lie in it."""
        texts = {name: self.text_of(page, outer) for page in self.pages for name, outer in page.files.items()}
        title, author = self.config["title"], self.config["author"]
        rights = Path(ROOT, "LICENSE-content").read_text(encoding="utf-8")
        licence = re.search(r"(https://creativecommons\.org/licenses/\S+/)legalcode", rights)[1]
        front = FRONT.format(
            title=escape(title), author=escape(author), version=self.cited["version"], place=self.place(),
            rights=escape(self.config["copyright"]), date=long_date(time.strftime("%Y-%m-%d", self.when)),
            licence=licence, released=released(),
        )  # fmt: skip
        cover = f'<img src="{COVER.name}" alt="{escape(COVER_ALT)}"/>'
        texts = {
            "cover.xhtml": HEAD.format(title="Cover", more=' class="cover" epub:type="cover"', body=cover),
            "title.xhtml": HEAD.format(title=escape(title), more=' epub:type="titlepage"', body=front),
            **texts,
        }
        pictures = {name: small(picture) if name.endswith(".png") else picture for name, picture in self.images.items()}
        pictures[COVER.name] = COVER.read_bytes()
        items = ['<item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>',
                 '<item id="ncx" href="toc.ncx" media-type="application/x-dtbncx+xml"/>',
                 '<item id="style" href="book.css" media-type="text/css"/>']  # fmt: skip
        for name, text in texts.items():
            drawn = ' properties="svg"' if "<svg" in text else ""
            items.append(f'<item id="{ident(name)}" href="{name}" media-type="application/xhtml+xml"{drawn}/>')
        for name in pictures:
            is_cover = ' properties="cover-image"' if name == COVER.name else ""
            kind = TYPES[PurePosixPath(name).suffix]
            items.append(f'<item id="{ident(name)}" href="{name}" media-type="{kind}"{is_cover}/>')
        order = [ident(name) for name in texts]
        order.insert(2, "nav")  # after cover and title
        number = uuid.uuid5(uuid.NAMESPACE_URL, f"{self.config['repository']['url']}#{self.cited['version']}")
        opf = OPF.format(
            title=escape(title), author=escape(author), number=number, rights=escape(self.config["copyright"]),
            licence=licence, source=self.source, date=self.cited["date-released"], cover=ident(COVER.name),
            modified=time.strftime("%Y-%m-%dT%H:%M:%SZ", self.when), items="\n".join(items), summary=escape(SUMMARY),
            order="\n".join(f'<itemref idref="{name}"/>' for name in order),
            made=made_of(self.site, [page.name for page in self.pages]),
        )  # fmt: skip
        files = {
            "META-INF/container.xml": CONTAINER,
            "EPUB/package.opf": opf,
            "EPUB/nav.xhtml": HEAD.format(title="Contents", more="", body=self.nav()),
            "EPUB/toc.ncx": self.ncx(number),
            "EPUB/book.css": STYLE.read_text(encoding="utf-8"),
            **{f"EPUB/{name}": text for name, text in texts.items()},
        }
        return {name: text.encode() for name, text in files.items()} | {f"EPUB/{n}": p for n, p in pictures.items()}

    def tree(self) -> list[tuple[str, str, list[Any]]]:
        """Return the table of contents: title, file and entries below, for parts, chapters and their pages."""
        tree: list[tuple[str, str, list[Any]]] = []
        for page in self.pages:
            entry = (page.title, next(iter(page.files)), [])
            if page.depth == 0:
                tree.append(entry)
            elif page.depth == 1:
                if not tree or tree[-1][0] != page.part:
                    tree.append((page.part, entry[1], []))
                tree[-1][2].append(entry)
            else:
                tree[-1][2][-1][2].append(entry)
        return tree

    def nav(self) -> str:
        """Return the table of contents and the landmarks."""

        def items(entries: list[Any]) -> str:
            rows = (f'<li><a href="{file}">{escape(title)}</a>{items(below)}</li>' for title, file, below in entries)
            return f"<ol>{''.join(rows)}</ol>" if entries else ""

        first = next(iter(self.pages[0].files))
        marks = {"cover": ("cover.xhtml", "Cover"), "toc": ("nav.xhtml", "Contents"),
                 "bodymatter": (first, "Beginning"),
                 "glossary": (self.places["book/glossary", ""], "Glossary"),
                 "bibliography": (self.places["book/references", ""], "References")}  # fmt: skip
        rows = (f'<li><a epub:type="{kind}" href="{file}">{name}</a></li>' for kind, (file, name) in marks.items())
        return (
            f'<nav epub:type="toc" id="toc" role="doc-toc"><h1>Contents</h1>{items(self.tree())}</nav>\n'
            f'<nav epub:type="landmarks" hidden="hidden"><h2>Landmarks</h2><ol>{"".join(rows)}</ol></nav>'
        )

    def ncx(self, number: uuid.UUID) -> str:
        """Return the table of contents as readers of EPUB 2 know it."""
        count = 0

        def points(entries: list[Any]) -> str:
            nonlocal count
            rows = []
            for title, file, below in entries:
                count += 1
                label = f"<navLabel><text>{escape(title)}</text></navLabel>"
                rows.append(f'<navPoint id="p{count}">{label}<content src="{file}"/>{points(below)}</navPoint>')
            return "".join(rows)

        return NCX.format(number=number, title=escape(self.config["title"]), points=points(self.tree()))

    def write(self, target: Path) -> None:
        """Write the book."""
        target.parent.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(target, "w") as archive:
            for name, content in {"mimetype": b"application/epub+zip", **self.package()}.items():
                packed = name != "mimetype" and not name.endswith(".png")
                archive.writestr(entry(name, self.when[:6], packed), content)


def ident(name: str) -> str:
    """Return an identifier for a file."""
    return "f-" + re.sub(r"[^\w.-]", "-", name)


def small(picture: bytes) -> bytes:
    """Return a PNG as an e-reader needs it: no wider than its page, in 256 colours."""
    image, made = Image.open(io.BytesIO(picture)), io.BytesIO()
    if image.width <= WIDEST and image.mode == "P":
        return picture
    image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image.convert("RGBA")).convert("RGB")
    if image.width > WIDEST:
        image = image.resize((WIDEST, round(image.height * WIDEST / image.width)), Image.Resampling.LANCZOS)
    image.quantize(256, dither=Image.Dither.NONE).save(made, "PNG", optimize=True)
    return made.getvalue()


def made_of(site: Path, pages: list[str]) -> str:
    """Return a hash of what an EPUB of these pages of a site is made of.

    Raises:
        FileNotFoundError: the site lacks a page or a picture.
    """
    beside = [Path(__file__).with_name(name) for name in ("contents.py", "formula_pictures.py")]
    about = [ROOT / name for name in ("CITATION.cff", "LICENSE-content", "_config.yml", "_toc.yml")]
    return contents.made_of(site, pages, [Path(__file__), STYLE, COVER, *beside, *about])


def is_of(book: Path, site: Path) -> bool:
    """Say whether a file is the EPUB of this site as it is, and whole."""
    try:
        with zipfile.ZipFile(book) as packed:
            whole = packed.testzip() is None
            said = MADE_OF.search(packed.read("EPUB/package.opf").decode(errors="replace"))
        return whole and bool(said) and said[1] == made_of(site, [page.name for page in all_pages(ROOT)])
    except (OSError, EOFError, KeyError, ValueError, RuntimeError, zipfile.BadZipFile, zlib.error):  # of zipfile
        return False


def make(site: Path, target: Path) -> Ebook:
    """Make the book from a built site."""
    book = Ebook(site)
    book.read()
    book.convert()
    book.write(target)
    return book


def main(arguments: list[str]) -> int:
    """Write the book and say how large it is."""
    parser = argparse.ArgumentParser(prog="python scripts/epub.py", description=__doc__.splitlines()[0])
    parser.add_argument("site", nargs="?", type=Path, default=SITE)
    parser.add_argument("book", nargs="?", type=Path, default=BOOK)
    options = parser.parse_args(arguments)
    try:
        book = make(options.site.resolve(), options.book)
    except (FileNotFoundError, ValueError) as error:
        print(f"epub: {error}", file=sys.stderr)
        return 1
    size = options.book.stat().st_size / 1e6
    print(f"{options.book}: {len(book.pages)} pages of the site, {len(book.images)} pictures, {size:.1f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
