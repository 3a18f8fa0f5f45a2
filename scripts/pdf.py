"""The whole book as one PDF, from the built site: `make pdf` writes `_build/book.pdf`.

Each entry of `_toc.yml` becomes one document, with its pages one after the other, and Chromium prints it; one document
for the whole book would take it far longer, since its time grows faster than the number of pages. pypdf then joins the
prints: a link to another page of the book leads to its place in the PDF, the bookmarks are the table of contents, and
the tags for screen readers go on. Nothing runs on paper, so what a page folds away is open here. But answers (of
quizzes, exercises, mistakes and recorded runs) stand in a part of their own near the end, away from their questions,
and code that only sets up or draws stays in the notebooks.
"""

import argparse
import html
import json
import os
import re
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from io import BytesIO
from itertools import groupby
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

import contents
import matplotlib
from contents import SCRIPTLESS, all_pages, cited, key_of, long_date, released
from formula_pictures import words as in_words
from lxml import etree
from lxml import html as lxml_html
from lxml.html.builder import E
from playwright.sync_api import Browser, sync_playwright
from playwright.sync_api import Error as PlaywrightError
from pypdf import PdfReader, PdfWriter
from pypdf.errors import PyPdfError
from pypdf.generic import (
    ArrayObject,
    BooleanObject,
    DictionaryObject,
    Fit,
    FloatObject,
    NameObject,
    NullObject,
    NumberObject,
    TextStringObject,
)

ROOT = Path(__file__).parents[1]
SITE = ROOT / "_build" / "html"
WORK = ROOT / "_build" / "pdf"
BOOK = ROOT / "_build" / "book.pdf"
STYLE = Path(__file__).with_suffix(".css")
FONTS = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
ELSEWHERE = "https://book.invalid/"  # stands in links to another print until the prints are joined
TITLE_PICTURE = Path("_static", "letters.png")
MADE_OF = "/MadeOf"  # in what the PDF says of itself
ANSWERS = "answers"
PARTS_AFTER_ANSWERS = "Look up"  # what a reader looks up stays at the end
CHINESE = re.compile(r"[\u3400-\u9fff]")
ANSWERING = ("Show the solution", "Show the check and what it printed", "Diagnosis", "The cure, and the run after it")
IN_NOTEBOOKS = re.compile(r"Show the (set-up|imports|drawing)")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]


class NoBook(Exception):
    """Something that the PDF needs is not there; the message says what, and what to do."""


@dataclass
class Entry:
    """One entry of the table of contents, and what stands below it."""

    key: str
    title: str
    level: int
    headings: list[tuple[str, str]] = field(default_factory=list)  # name and words of each section's heading


@dataclass
class Sheet:
    """What is printed at once."""

    key: str
    articles: list[tuple[Entry, Any]] = field(default_factory=list)  # with the HTML of each
    part: str = ""  # a part of the book that begins here


def sections() -> Iterator[tuple[str, list[tuple[str, int]]]]:
    """Yield the parts of the book: a title and the pages of each with their depth; the first page is as a chapter."""
    for part, pages in groupby(all_pages(), key=lambda page: page.part):
        yield part, [(page.name, max(page.depth, 1)) for page in pages]


def words_of(element: Any) -> str:
    """Return what a heading says, formulas in words."""
    copy = lxml_html.fromstring(lxml_html.tostring(element, with_tail=False))
    for unseen in copy.xpath(".//a[contains(@class, 'headerlink')]"):
        unseen.drop_tree()
    for formula in copy.xpath(".//mjx-container"):
        formula.addprevious(E.span(formula.get("aria-label")))
        formula.drop_tree()
    return " ".join(copy.text_content().split())


def has(name: str) -> str:
    """Return the XPath condition that an element has a class."""
    return f"contains(concat(' ', normalize-space(@class), ' '), ' {name} ')"


class Joiner:
    """Turns pages of the site into articles of the book."""

    def __init__(self, site: Path, parts: list[tuple[str, list[tuple[str, int]]]]) -> None:
        self.site = site
        self.pages = {page: key_of(page) for _, pages in parts for page, _ in pages}
        self.answers: list[tuple[Entry, list[Any]]] = []

    def read(self, page: str, level: int) -> tuple[Entry, Any]:
        """Return a page's entry and its article, fit for paper.

        Raises:
            NoBook: the site does not hold the page.
        """
        file = self.site / f"{page}.html"
        if not file.is_file():
            raise NoBook(f"{file} is missing: the built site does not hold the pages of _toc.yml. Run: make book")
        root = lxml_html.fromstring(file.read_bytes(), parser=lxml_html.HTMLParser(encoding="utf-8"))
        article = root.xpath(f"//article[{has('bd-article')}]")[0]
        home = (root.xpath("//link[@rel='canonical']/@href") or [""])[0]
        key = self.pages[page]
        self.anchor(article, key)
        self.aim(article, page, key)
        self.calm(article, page, home)
        title = words_of(article.xpath(".//h1")[0])
        entry = Entry(key, title, level)
        self.unfold(article, entry)
        for heading in article.xpath(".//h2[parent::section]"):
            entry.headings.append((heading.getparent().get("id"), words_of(heading)))
        article.tag = "div"
        article.set("id", key)
        return entry, article

    def anchor(self, article: Any, key: str) -> None:
        """Make ids unique in the whole book. Those inside drawings are used inside them only."""
        for element in article.xpath(".//*[@id][not(ancestor::svg)]"):
            element.set("id", f"{key}--{element.get('id')}")

    def aim(self, article: Any, page: str, key: str) -> None:
        """Lead links to their places in the book; pictures are found on the disk."""
        here = (self.site / f"{page}.html").as_uri()
        root = self.site.as_uri() + "/"
        for picture in article.xpath(".//img[@src] | .//image[@href]"):
            name = "src" if picture.get("src") else "href"
            picture.set(name, urljoin(here, picture.get(name)))
            picture.attrib.pop("loading", None)  # all of them now
        for link in article.xpath(".//a[@href]"):
            to, place = urldefrag(urljoin(here, link.get("href")))
            if not to.startswith(root):
                continue
            target = unquote(to.removeprefix(root)).removesuffix(".html")
            if target in self.pages:
                place = "" if "=" in place else place  # settings of the playground are no place
                link.set("href", f"#{self.pages[target]}" + (f"--{place}" if place else ""))
            else:  # the search page, a file to download
                link.drop_tag()

    def calm(self, article: Any, page: str, home: str) -> None:
        """Take away what needs a finger or a script, and say where it lives."""
        doomed = f".//script | .//link | .//source | .//noscript | .//*[{has('headerlink')} or {has('gan-live')}]"
        doomed += f" | .//*[{has('toctree-wrapper')}] | .//input | .//select"
        for element in article.xpath(doomed):
            element.drop_tree()
        for formula in article.xpath(".//mjx-container"):  # MathML has no place in the tags that Chromium writes
            formula.set("role", "img")
            mathml = etree.tostring(formula.find("mjx-assistive-mml/math"), encoding="unicode", with_tail=False)
            formula.set("aria-label", in_words(mathml))
            formula.find("mjx-math").attrib.pop("aria-hidden", None)
            formula.find("mjx-assistive-mml").drop_tree()
        for button in article.xpath(".//button"):
            if has_class(button, "gan-set"):
                button.drop_tag()
            else:
                button.drop_tree()
        figures = article.xpath(f".//figure[{has('gan-figure')}] | .//div[{has('gan-widget')}]//figure")
        for figure in figures:
            caption = figure.find("figcaption")
            if caption is None:
                raise NoBook(f"A figure of {page} that moves has no caption. See scripts/live_figures.py.")
            for text in caption.iter():
                text.text, text.tail = (SCRIPTLESS.sub("", words or "") for words in (text.text, text.tail))
            address = home or f"{page}.html"
            name = E.a(address, href=home) if home else E.code(address)
            note = E.span(" It moves on the site: ", name, ".")
            (caption.findall("p") or [caption])[-1].append(note)

    def unfold(self, article: Any, entry: Entry) -> None:
        """Open what is folded; move answers away from their questions; leave set-up and drawing to the notebooks."""
        moved: dict[Any, list[Any]] = {}
        for fold in article.xpath(".//details"):
            summary = fold.find("summary")
            said = words_of((summary.findall("p") or [summary])[0])
            if has_class(fold, "gan-option") or has_class(fold, "gan-statement"):
                self.move_words(fold, summary, moved)
            elif said in ANSWERING:
                whole = fold.getparent() if has_class(fold.getparent(), "cell") else fold
                summary.drop_tree()
                if whole is fold:
                    fold.insert(0, E.p(E.strong(f"{said}.")))
                after, boxes = whole.getnext(), moved.setdefault(question_of(whole), [])
                boxes.append(detached(whole))
                if after is not None and has_class(after, "gan-control"):  # it tells the answer, too
                    boxes.append(detached(after))
                open_box(fold)
            elif IN_NOTEBOOKS.match(said):
                fold.drop_tree()
            else:
                summary.tag = "p"
                summary.set("class", "gan-opened")
                if has_class(fold, "hide"):  # code with a prompt: the prompt is of no use on paper
                    summary.drop_tree()
                elif has_class(fold.getparent(), "gan-control"):  # each names itself in what follows
                    for child in list(summary):
                        summary.remove(child)
                    summary.text = "This check fails in each of these cases."
                open_box(fold)
        if moved:
            self.answer(article, entry, moved)

    @staticmethod
    def move_words(fold: Any, summary: Any, moved: dict[Any, list[Any]]) -> None:
        """Leave an option of a quiz, or a statement, where it stands; move what opens below it."""
        words = summary.xpath(f".//*[{has('sd-summary-text')}]")[0]
        option = has_class(fold, "gan-option")
        verdict = fold.find("div")
        place = E.p(**({"class": "gan-choice"} if option else {}))
        if fold.get("id"):
            place.set("id", fold.get("id"))
        place.text = words.text
        place.extend(list(words))
        answer = E.div(**{"class": "gan-verdict"})
        if option:
            answer.append(E.p(E.strong(place.text_content().split()[0]), **{"class": "gan-which"}))
            question = fold.getprevious()
            while question is not None and not has_class(question, "gan-question"):
                question = question.getprevious()
        else:
            answer.append(E.p(E.strong(place.find("strong").text_content()), **{"class": "gan-which"}))
            question = section_of(fold)
        answer.extend(list(verdict))
        place.tail = fold.tail
        fold.getparent().replace(fold, place)
        moved.setdefault(question, []).append(answer)

    def answer(self, article: Any, entry: Entry, moved: dict[Any, list[Any]]) -> None:
        """Write a section of answers for a page, with a link there and one back for each question."""
        found, quiz = [], None
        for number, (question, boxes) in enumerate(moved.items(), 1):
            name = f"{ANSWERS}-{entry.key}-{number}"
            if has_class(question, "gan-question"):
                heading = question.getparent()
                words = f"Quiz, question {question.find('strong').text_content().rstrip('.')}"
                question.set("id", f"{entry.key}--question-{number}")
                back = question.get("id")
                if heading is not quiz:
                    quiz = heading
                    first = heading.find("p")
                    if first.text_content().startswith("Choose before you open"):
                        first.clear()
                        first.text = "Choose before you look at "
                        first.append(E.a("the answers", href=f"#{name}"))
                        first[-1].tail = " near the end of the book."
            else:
                here = E.p(E.a("Answer" if len(boxes) == 1 else "Answers", href=f"#{name}"), **{"class": "gan-answer"})
                here[0].tail = ", near the end of the book"
                if question.tag == "p":
                    words = f"Exercise {question.find('strong').text_content()}"
                    question.set("id", f"{entry.key}--question-{number}")
                    question.addnext(here)
                else:
                    words = words_of(next(child for child in question if child.tag in ("h1", "h2", "h3", "h4")))
                    question.append(here)
                back = question.get("id")
            link = E.a(words, href=f"#{back}")
            found.append(E.div(E.h3(link, id=name), *boxes, **{"class": "gan-answered"}))
        self.answers.append((entry, found))

    def answer_sheets(self) -> Iterator[Sheet]:
        """Yield what is printed in the part Answers: a sheet for each page with answers, since many are long."""
        for entry, found in self.answers:
            key = f"{ANSWERS}-{entry.key}"
            box = E.div(E.h1(entry.title), *found, id=key)
            yield Sheet(key, [(Entry(key, entry.title, 1), box)])


def has_class(element: Any, name: str) -> bool:
    """Tell whether an element has a class."""
    return name in (element.get("class") or "").split()


def section_of(element: Any) -> Any:
    """Return the section around an element."""
    return next(element.iterancestors("section"))


def question_of(element: Any) -> Any:
    """Return the numbered paragraph before an answer, as labs have it, or else the section around it."""
    for before in element.itersiblings(preceding=True):
        strong = before.find("strong") if before.tag == "p" and not (before.text or "").strip() else None
        if strong is not None and re.match(r"\d+\.", strong.text_content()):
            return before
    return section_of(element)


def detached(element: Any) -> Any:
    """Take an element out of its page, but not the text after it."""
    tail, parent, before = element.tail, element.getparent(), element.getprevious()
    element.tail = None
    parent.remove(element)
    if tail and before is not None:
        before.tail = (before.tail or "") + tail
    elif tail:
        parent.text = (parent.text or "") + tail
    return element


def open_box(fold: Any) -> None:
    """Turn a fold into a box that is always open."""
    fold.tag = "div"
    fold.set("class", "gan-open " + (fold.get("class") or "").replace("admonition", "").replace("hide", ""))


def sheets(site: Path, parts: list[tuple[str, list[tuple[str, int]]]]) -> Iterator[Sheet]:
    """Yield what is printed, in order: one sheet for each chapter with its lab and exercises.

    Raises:
        NoBook: the site does not hold a page.
    """
    joiner = Joiner(site, parts)
    for caption, pages in parts:
        if caption == PARTS_AFTER_ANSWERS:
            yield from part_of("Answers", joiner.answer_sheets())
        yield from part_of(caption, chapters(joiner, pages))
    if not any(caption == PARTS_AFTER_ANSWERS for caption, _ in parts):
        yield from part_of("Answers", joiner.answer_sheets())


def part_of(caption: str, found: Iterator[Sheet]) -> Iterator[Sheet]:
    """Give the first sheet of a part its title."""
    for number, sheet in enumerate(found):
        sheet.part = caption if number == 0 else ""
        yield sheet


def chapters(joiner: Joiner, pages: list[tuple[str, int]]) -> Iterator[Sheet]:
    """Yield the sheets of a part's chapters."""
    sheet = None
    for page, level in pages:
        if level == 1 and sheet:
            yield sheet
        if level == 1:
            sheet = Sheet(key_of(page))
        sheet.articles.append(joiner.read(page, level))
    yield sheet


def style_of(site: Path, some_page: Path) -> str:
    """Return the style sheets of a page of the site and the book's own, as a document's head names them."""
    tags = "".join(f'<link rel="stylesheet" href="{html.escape(link)}">' for link in style_sheets(site, some_page))
    css = STYLE.read_text(encoding="utf-8").replace("FONTS", FONTS.as_uri())
    return f"{tags}<style>{css}</style>"


def style_sheets(site: Path, some_page: Path) -> list[str]:
    """Return the addresses of the style sheets that a page of the site loads, and of those for single pages."""
    root = lxml_html.fromstring(some_page.read_bytes(), parser=lxml_html.HTMLParser(encoding="utf-8"))
    links = [urljoin(some_page.as_uri(), href) for href in root.xpath("//head/link[@rel='stylesheet']/@href")]
    own = ["formulas.css", "print.css", "home.css", "play.css", "letters.css"]
    have = [link.split("?")[0].rpartition("/")[2] for link in links]
    return links + [(site / "_static" / name).as_uri() for name in own if name not in have]


def heads(sheet: Sheet, first_page: int) -> str:
    """Return the rules for the running heads of a sheet and the number of its first page."""
    rules = [f"html {{ counter-reset: page {first_page - 1}; }}"]
    for entry, _ in sheet.articles:
        head = json.dumps(("Answers: " if sheet.key.startswith(ANSWERS) else "") + entry.title, ensure_ascii=False)
        rules.append(f"@page {entry.key} {{ @top-left {{ content: {head}; }} }}")
        rules.append(f"article.gan-of-{entry.key} {{ page: {entry.key}; }}")
    return "<style>" + "\n".join(rules).replace("<", "\\3C ") + "</style>"


def document(sheet: Sheet, style: str, wanted: set[str], first_page: int) -> str:
    """Return a sheet as HTML. `wanted` are the places to which some page of the book links."""
    articles = [article for _, article in sheet.articles]
    ids = {name for article in articles for name in article.xpath("descendant-or-self::*/@id")}
    for link in (link for article in articles for link in article.xpath(".//a[starts-with(@href, '#')]")):
        if link.get("href")[1:] not in ids:
            link.set("href", ELSEWHERE + link.get("href"))
    # Chromium notes the places of links that it finds; these are found and not seen.
    here = {entry.key for entry, _ in sheet.articles} | ids & wanted
    page = ""
    if sheet.part:
        here.add(f"part-{sheet.key}")
        page = f'<section class="gan-part" id="part-{sheet.key}"><p>{html.escape(sheet.part)}</p></section>'
    for entry, article in sheet.articles:
        text = lxml_html.tostring(article, encoding="unicode")
        page += f'<article class="bd-article gan-of-{entry.key}">{text}</article>'
    places = "".join(f'<a href="#{html.escape(place)}"></a>' for place in sorted(here))
    return whole(sheet.key, style + heads(sheet, first_page), f"<nav hidden>{places}</nav>{page}")


def whole(name: str, style: str, body: str) -> str:
    """Return a document as Chromium prints it."""
    return (
        f'<!doctype html><html lang="en" data-theme="light"><head><meta charset="utf-8"><title>{name}</title>{style}'
        f'</head><body class="gan-book"><div class="bd-main"><div class="bd-content">'
        f'<div class="bd-article-container">{body}</div></div></div></body></html>'
    )


def chromium(playwright: Any) -> Browser:
    """Start the Chromium, Chrome or Edge of this machine.

    Raises:
        NoBook: there is none, or it does not start.
    """
    names = ("chromium", "chromium-browser", "google-chrome", "chrome")
    path = next(filter(None, map(shutil.which, names)), None)
    for way in [{"executable_path": path}] if path else [{"channel": "chrome"}, {"channel": "msedge"}, {}]:
        try:
            return playwright.chromium.launch(args=FLAGS, **way)
        except PlaywrightError as error:
            if path:
                raise NoBook(f"{path} does not start: {str(error).splitlines()[0]}") from error
    raise NoBook(
        "This needs Chromium, Chrome or Edge, and none is installed here. "
        "On Debian: apt-get install chromium; elsewhere: make browser"
    )


class Press:
    """Prints HTML with the browser of this machine."""

    def __init__(self, browser: Browser, folder: Path) -> None:
        self.page, self.folder, self.missing = browser.new_page(), folder, []
        self.page.set_default_timeout(0)  # a long chapter on a busy machine
        self.page.on("requestfailed", lambda request: self.missing.append(request.url))

    def printed(self, name: str, text: str) -> PdfReader:
        """Return a document as PDF.

        Raises:
            NoBook: a file that it names could not be read.
        """
        file = self.folder / f"{name}.html"
        file.write_text(text, encoding="utf-8")
        self.page.goto(file.as_uri())
        self.page.evaluate("Promise.allSettled([...document.fonts].map((font) => font.load())).then(() => true)")
        if self.missing:
            raise NoBook(f"The site does not hold {self.missing[0]}. Run: make clean book")
        return PdfReader(BytesIO(self.page.pdf(prefer_css_page_size=True, print_background=True, tagged=True)))

    def can_write(self, signs: str) -> None:
        """See whether a font of this machine has these signs.

        Raises:
            NoBook: some are missing.
        """
        reader = self.printed("signs", f'<!doctype html><meta charset="utf-8"><p lang="zh-Hans">{signs}</p>')
        lost = sorted(set(signs) - set("".join(page.extract_text() for page in reader.pages)))
        if lost:
            raise NoBook(
                f"The book has {len(set(signs))} Chinese signs, and no font of this machine has {''.join(lost[:9])}. "
                "On Debian and Ubuntu: apt-get install fonts-droid-fallback"
            )


class Binder:
    """Joins prints: pages, links, tags and bookmarks."""

    def __init__(self) -> None:
        self.writer = PdfWriter()
        self.places: dict[str, tuple[int, float]] = {}  # name: number of the page, height on it
        self.tags, self.nums, self.next_key = ArrayObject(), ArrayObject(), 0
        self.heads: dict[Any, Any] = {}  # of tables: what a cell calls them, and their tags
        self.root = self.writer._add_object(DictionaryObject({NameObject("/Type"): NameObject("/StructTreeRoot")}))

    def add(self, reader: PdfReader) -> None:
        """Append a print.

        Raises:
            NoBook: it calls a head of a table as another print does.
        """
        first = len(self.writer.pages)
        catalog = reader.trailer["/Root"]
        number = {page.indirect_reference.idnum: first + i for i, page in enumerate(reader.pages)}
        for page in reader.pages:
            new = self.writer.add_page(page)
            if "/StructParents" in page:  # a page on which nothing but its number stands has no tags
                new[NameObject("/StructParents")] = NumberObject(page["/StructParents"] + self.next_key)
            new[NameObject("/Tabs")] = NameObject("/S")
            for annotation in new.get("/Annots", []):
                mark = annotation.get_object()
                if "/StructParent" in mark:
                    mark[NameObject("/StructParent")] = NumberObject(mark["/StructParent"] + self.next_key)
        for name, target in catalog.get("/Dests", {}).items():
            self.places[unquote(name[1:])] = number[list.__getitem__(target, 0).idnum], float(target[3])
        tree = catalog["/StructTreeRoot"].clone(self.writer)
        self.number(tree["/ParentTree"])
        self.next_key += int(tree["/ParentTreeNextKey"])
        self.name_heads(tree.get("/IDTree", {}))
        top = tree["/K"]
        for tag in top if isinstance(top, ArrayObject) else [top]:
            tag.get_object()[NameObject("/P")] = self.root
            self.tags.append(tag.get_object().indirect_reference)

    def number(self, tree: Any) -> None:
        """Go on with the numbers of the tags of a print."""
        for kid in tree.get("/Kids", []):
            self.number(kid.get_object())
        nums = tree.get("/Nums", ArrayObject())
        for i in range(0, len(nums), 2):
            self.nums += [NumberObject(nums[i] + self.next_key), list.__getitem__(nums, i + 1)]

    def name_heads(self, tree: Any) -> None:
        """Go on with the names of the heads of tables, by which a screen reader finds a cell's."""
        for kid in tree.get("/Kids", []):
            self.name_heads(kid.get_object())
        names = tree.get("/Names", ArrayObject())
        for i in range(0, len(names), 2):
            if names[i] in self.heads:
                raise NoBook(f"Two prints call the head of a table {names[i]}. Run make pdf again.")
            self.heads[names[i]] = list.__getitem__(names, i + 1)

    def where(self, name: str) -> ArrayObject:
        """Return a place as a destination."""
        number, height = self.places[name]
        page = self.writer.pages[number].indirect_reference
        return ArrayObject([page, NameObject("/XYZ"), NullObject(), FloatObject(height), NullObject()])

    def link(self) -> None:
        """Lead every link within the book to its place.

        Raises:
            NoBook: a link leads nowhere.
        """
        for number, page in enumerate(self.writer.pages):
            for annotation in page.get("/Annots", []):
                mark = annotation.get_object()
                address = mark.get("/A", {}).get("/URI", "")
                name = unquote(mark["/Dest"][1:]) if "/Dest" in mark else address.removeprefix(f"{ELSEWHERE}#")
                if "/Dest" not in mark and not address.startswith(ELSEWHERE):
                    continue
                if name not in self.places:
                    raise NoBook(f"Page {number + 1} of the PDF links to {name}, which is not in the book.")
                mark.pop("/A", None)
                mark[NameObject("/Dest")] = self.where(name)

    def bookmark(self, title: str, place: str, parent: Any, unfolded: bool = False) -> Any:
        """Add a bookmark."""
        number, height = self.places[place]
        return self.writer.add_outline_item(
            title=title, page_number=number, parent=parent, fit=Fit.xyz(None, height, None), is_open=unfolded
        )

    def finish(self, front: int, about: dict[str, str]) -> None:
        """Write what a reader's program shows, and the tags' table."""
        root, catalog = self.root.get_object(), self.writer.root_object
        root[NameObject("/K")] = self.tags
        root[NameObject("/ParentTree")] = self.writer._add_object(DictionaryObject({NameObject("/Nums"): self.nums}))
        root[NameObject("/ParentTreeNextKey")] = NumberObject(self.next_key)
        named = ArrayObject([part for name in sorted(self.heads) for part in (name, self.heads[name])])
        root[NameObject("/IDTree")] = self.writer._add_object(DictionaryObject({NameObject("/Names"): named}))
        catalog[NameObject("/StructTreeRoot")] = self.root
        catalog[NameObject("/MarkInfo")] = DictionaryObject({NameObject("/Marked"): BooleanObject(True)})
        catalog[NameObject("/Lang")] = TextStringObject("en")
        catalog[NameObject("/ViewerPreferences")] = DictionaryObject(
            {NameObject("/DisplayDocTitle"): BooleanObject(True)}
        )
        self.writer.page_mode = "/UseOutlines"
        self.writer.set_page_label(0, front - 1, style="/r")
        self.writer.set_page_label(front, len(self.writer.pages) - 1, style="/D", start=1)
        self.writer.add_metadata(about)


def edition() -> dict[str, str]:
    """Return what CITATION.cff says of this edition: title, version, date, repository and authors."""
    about = cited()
    names = [one.get("name") or f"{one['given-names']} {one['family-names']}" for one in about["authors"]]
    return {
        "title": about["title"],
        "authors": ", ".join(names),
        "edition": f"Edition {about['version']} of {released()}; printed {long_date(date.today().isoformat())}",
        "cite": f"{', '.join(names)}: {about['title']}, version {about['version']}, {about['date-released']}.",
        "repository": about["repository-code"],
    }


def front_matter(site: Path, found: list[Sheet], places: dict[str, tuple[int, float]], style: str) -> str:
    """Return title page and table of contents; places hold the pages as they are counted from the first chapter."""
    about = edition()
    link = E.a(about["repository"], href=about["repository"])
    title = E.section(
        E.p(E.img(src=(site / TITLE_PICTURE).as_uri(), alt="Letters that a generator of this book drew.")),
        E.h1(about["title"]),
        E.p("Generative adversarial networks: theory with proofs, and labs in which every claim is tested"),
        E.p(about["authors"]),
        E.p(about["edition"]),
        E.div(
            E.p("Text and figures: CC BY 4.0. Code: MIT."),
            E.p("To cite: ", about["cite"], " ", link),
            E.p(
                "What moves on the site is a still picture here. Answers to quizzes, exercises, mistakes and recorded "
                "runs stand in the part Answers. Code that only sets up, imports or draws is left to the notebooks."
            ),
        ),
        **{"class": "gan-title"},
    )
    listed = E.nav(E.h1("Contents"), **{"class": "gan-contents"})
    for sheet in found:
        if sheet.part:
            listed.append(line(sheet.part, f"part-{sheet.key}", places, 0))
        for entry, _ in sheet.articles:
            listed.append(line(entry.title, entry.key, places, entry.level))
            if entry.level == 1 and any(other.level == 2 for other, _ in sheet.articles):
                listed.extend(line(words, place, places, 3) for place, words in entry.headings)
    pages = "".join(lxml_html.tostring(element, encoding="unicode") for element in (title, listed))
    return whole("front", style, f'<div class="bd-article">{pages}</div>')


def line(words: str, place: str, places: dict[str, tuple[int, float]], level: int) -> Any:
    """Return a line of the table of contents."""
    number = E.span(str(places[place][0] + 1))
    link = E.a(E.span(words), E.i(), number, href=f"{ELSEWHERE}#{place}")
    return E.p(link, **{"class": f"gan-level-{level}"})


def made_of(site: Path, parts: list[tuple[str, list[tuple[str, int]]]]) -> str:
    """Return a hash of what a PDF of these pages of a site is made of.

    Raises:
        FileNotFoundError: the site lacks a page, a picture or a style sheet.
    """
    beside = [Path(__file__).with_name(name) for name in ("contents.py", "formula_pictures.py")]
    files = [Path(__file__), STYLE, *beside, ROOT / "CITATION.cff", site / TITLE_PICTURE]
    sheets = style_sheets(site, site / f"{parts[0][1][0][0]}.html")
    files += [Path(unquote(urlsplit(address).path)) for address in sheets]
    return contents.made_of(site, (page for _, pages in parts for page, _ in pages), files, repr(parts))


def is_of(book: Path, site: Path) -> bool:
    """Say whether a file is the PDF of this site as it is."""
    try:
        return (PdfReader(book).metadata or {}).get(MADE_OF) == made_of(site, list(sections()))
    except (FileNotFoundError, PyPdfError):
        return False


def make(site: Path, parts: list[tuple[str, list[tuple[str, int]]]], target: Path, folder: Path) -> PdfWriter:
    """Print these pages of a site as one book.

    Raises:
        NoBook: the site lacks a page, a picture or the target of a link, or this machine a browser or a font.
    """
    folder.mkdir(parents=True, exist_ok=True)
    found = list(sheets(site, parts))
    texts = [article for sheet in found for _, article in sheet.articles]
    ids = {name for text in texts for name in text.xpath("descendant-or-self::*/@id")}
    wanted = {href[1:] for text in texts for href in text.xpath(".//a/@href") if href.startswith("#")}
    if lost := sorted(wanted - ids):
        raise NoBook(
            f"Pages link to {len(lost)} places that are not in the book, the first is {lost[0]}. Run: make book"
        )
    wanted |= {place for sheet in found for entry, _ in sheet.articles for place, _ in entry.headings}
    style = style_of(site, site / f"{parts[0][1][0][0]}.html")
    with sync_playwright() as playwright:
        press = Press(chromium(playwright), folder)
        signs = "".join(sorted({sign for text in texts for sign in CHINESE.findall(text.text_content())}))
        if signs:
            press.can_write(signs)
        body = Binder()
        prints = []
        for sheet in found:
            first = sum(len(reader.pages) for reader in prints) + 1
            prints.append(press.printed(sheet.key, document(sheet, style, wanted, first)))
            print(f"{sheet.key}: {len(prints[-1].pages)} pages", flush=True)
            for name, to in prints[-1].trailer["/Root"].get("/Dests", {}).items():
                body.places[unquote(name[1:])] = first - 1 + prints[-1].get_page_number(to[0].get_object()), 0
        front = press.printed("front", front_matter(site, found, body.places, style))
    book = Binder()
    for reader in (front, *prints):
        book.add(reader)
    book.link()
    above: list[Any] = [None]  # the last bookmark of each depth: part, chapter, lab or exercises
    for sheet in found:
        if sheet.part:
            above = [book.bookmark(sheet.part, f"part-{sheet.key}", None, unfolded=True)]
        for entry, _ in sheet.articles:
            above[entry.level :] = [book.bookmark(entry.title, entry.key, above[entry.level - 1])]
            for place, words in entry.headings:
                book.bookmark(words, place, above[entry.level])
    about = edition()
    said = {"/Title": about["title"], "/Author": about["authors"], "/Subject": about["edition"]}
    book.finish(len(front.pages), {**said, MADE_OF: made_of(site, parts)})
    unfinished = target.with_suffix(".unfinished")
    book.writer.write(unfinished)
    os.replace(unfinished, target)
    return book.writer


def main(arguments: list[str]) -> int:
    """Make the PDF; say in a sentence why not."""
    argparse.ArgumentParser(prog="python scripts/pdf.py", description=__doc__.splitlines()[0]).parse_args(arguments)
    if not (SITE / "index.html").is_file() or (ROOT / "_build" / "unfinished").is_file():
        print("pdf: there is no built site yet, or its last build did not end well. Run: make book", file=sys.stderr)
        return 1
    try:
        writer = make(SITE, list(sections()), BOOK, WORK)
    except NoBook as error:
        print(f"pdf: {error}", file=sys.stderr)
        return 1
    print(f"\nThe book is printed, {len(writer.pages)} pages, {BOOK.stat().st_size / 1e6:.0f} MB: {BOOK}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
