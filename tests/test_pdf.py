"""The PDF of the book: a few pages printed here, and the whole book where `make pdf` has printed the present site."""

import re
import sys
import unicodedata
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from conftest import SITE
from lxml import html as lxml_html
from pypdf import PdfReader
from pypdf.generic import ArrayObject

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "scripts"))
import contents  # noqa: E402
import pdf  # noqa: E402

pytestmark = [
    pytest.mark.site,
    pytest.mark.web,
    pytest.mark.chromium("it prints the PDF"),
]

FEW = [
    ("", [("book/intro", 1)]),
    ("Play", [("book/playground", 1), ("book/letters", 1)]),
    ("Chapters", [("book/care/index", 1), ("book/care/lab", 2), ("book/care/exercises", 2)]),
    ("Look up", [("book/glossary", 1)]),
]
RAW = re.compile(
    r"\\(?:frac|mathbb|mathcal|operatorname|sqrt|sum|int|log|le|ge)\b|\{(?:prf:ref|cite|doc|ref|eq|set|live)"
)
A4 = (210 / 25.4 * 72, 297 / 25.4 * 72)


class Printed:
    """A PDF, the parts of the book that it should hold, and the documents it was printed from."""

    def __init__(self, reader, parts, folder):
        self.reader, self.parts, self.folder = reader, parts, folder
        self.texts = [page.extract_text() for page in reader.pages]
        self.number = {page.indirect_reference.idnum: i for i, page in enumerate(reader.pages)}
        self.front = reader.page_labels.index("1")
        self.marks = list(self.bookmarks(reader.outline, 0))
        self.entries = [pdf.Joiner(SITE, parts).read(page, level) for _, pages in parts for page, level in pages]

    def bookmarks(self, outline, depth):
        """Yield title, depth and page of each bookmark."""
        for mark in outline:
            if isinstance(mark, list):
                yield from self.bookmarks(mark, depth + 1)
            else:
                yield mark.title, depth, self.reader.get_destination_page_number(mark)

    def links(self, pages):
        """Yield page, target (a page, or an address) and place of each link."""
        for i in pages:
            for annotation in self.reader.pages[i].get("/Annots", []):
                mark = annotation.get_object()
                target = mark.get("/A", {}).get("/URI") or mark["/Dest"]
                where = self.number[list.__getitem__(target, 0).idnum] if isinstance(target, ArrayObject) else target
                yield i, where, mark["/Rect"]

    def between(self, title, after):
        """Return the text from a bookmark's page to the page before another's."""
        at = {name: page for name, _, page in self.marks}
        return "\n".join(self.texts[at[title] : at[after]])


@pytest.fixture(scope="module")
def few(site, tmp_path_factory):
    folder = tmp_path_factory.mktemp("pdf")
    with ThreadPoolExecutor(1) as thread:  # the browser of other tests leaves a loop in this one
        thread.submit(pdf.make, SITE, FEW, folder / "few.pdf", folder).result()
    return Printed(PdfReader(folder / "few.pdf"), FEW, folder)


@pytest.fixture(scope="module")
def whole(site):
    parts = list(pdf.sections())
    if not pdf.is_of(pdf.BOOK, SITE):
        pytest.skip("there is no PDF of the whole of this site; make pdf prints it")
    return Printed(PdfReader(pdf.BOOK), parts, pdf.WORK)


@pytest.fixture(scope="module", params=["few", "whole"])
def book(request):
    """What is looked at: the few pages, and the whole book where it was printed from the present site."""
    return request.getfixturevalue(request.param)


def squeezed(text):
    return re.sub(r"\W+", "", unicodedata.normalize("NFKC", text))  # fi may be one sign


def test_every_page_of_the_table_of_contents_is_there_under_its_title(book):
    marked = [(title, depth) for title, depth, _ in book.marks]
    for entry, _ in book.entries:
        depth = entry.level - 1 if entry.key == "intro" else entry.level
        assert (entry.title, depth) in marked, entry.key
        page = next(page for title, at, page in book.marks if (title, at) == (entry.title, depth))
        if "^" not in entry.title and "_" not in entry.title:  # a formula is bent there
            assert squeezed(entry.title) in squeezed(book.texts[page]), entry.key
    assert [title for title, depth, _ in book.marks if depth == 0][-2:] == ["Answers", "Look up"]


def test_the_contents_tell_the_right_pages(book):
    labels, said = book.reader.page_labels, []
    for i, target, place in book.links(range(1, book.front)):
        if place[3] - place[1] < 3:  # points: the first pixel of a line that stands on the next page
            continue
        parts = []

        def note(text, at, within, *_, parts=parts, place=place):
            height = within[4] * at[1] + within[5] * at[3] + at[5]
            if place[1] <= height <= place[3]:
                parts.append(text)

        book.reader.pages[i].extract_text(visitor_text=note)
        said.append((labels[target], re.findall(r"\d+", " ".join(parts))[-1]))
    front = lxml_html.parse(str(book.folder / "front.html")).getroot()
    assert len(said) == len(front.findall(".//nav/p/a")) >= len(book.entries) + len(book.parts)
    assert [one for one in said if one[0] != one[1]] == []
    heads = sorted((squeezed(f"{way}{entry.title}") for entry, _ in book.entries for way in ("", "Answers: ")), key=len)
    heads.reverse()  # the longest that fits
    for number, text in enumerate(book.texts[book.front :], 1):
        assert str(number) in text.split(), f"page {number} does not show its number"
        own = squeezed(text)
        own = own.removeprefix(next(filter(own.startswith, heads), ""))
        assert own != str(number), f"page {number} holds nothing but its head and number"


def test_links_lead_to_places_in_the_book_or_to_the_outside(book):
    inside, outside = 0, []
    for i, target, _ in book.links(range(len(book.reader.pages))):
        if isinstance(target, int):
            inside += 1
        else:
            assert re.match(r"(https?|mailto):", target), f"page {i + 1} links to {target}"
            outside.append(target)
    assert inside > 10 * len(book.entries)
    assert outside
    assert [link for link in outside if link.startswith(pdf.ELSEWHERE)] == []


def spoken(element):
    """The formulas in an element, as MathML."""
    return [lxml_html.tostring(maths) for maths in element.findall(".//mjx-container//math")]


def test_no_formula_is_lost(book):
    written = 0
    for page in (page for _, pages in book.parts for page, _ in pages):
        article = lxml_html.parse(str(SITE / f"{page}.html")).getroot().find(".//article")
        written += len(article.findall(".//mjx-container"))
        # The line above the cases in which a check fails names them, and each of them names itself below it.
        for fold in article.xpath(f".//*[{pdf.has('gan-control')}]/details"):
            all_of_it, twice = spoken(fold), spoken(fold.find("summary"))
            assert not Counter(twice) - (Counter(all_of_it) - Counter(twice)), page
            written -= len(twice)
    printed = [file for file in book.folder.glob("*.html") if file.stem not in ("front", "signs")]
    texts = [file.read_text(encoding="utf-8") for file in printed]
    assert sum(text.count("<mjx-container") for text in texts) == written > 100
    assert sum(text.count('role="img" aria-label=""') for text in texts) == 0


def test_no_source_text_is_left(book):
    for entry, _ in book.entries:
        if "-" in entry.key and entry.key.endswith(("-lab", "-exercises")):
            continue  # their code may speak of TeX
        pages = [page for title, _, page in book.marks if title == entry.title]
        later = [page for _, _, page in book.marks if page > pages[0]]
        text = "\n".join(book.texts[pages[0] : min(later, default=pages[0] + 1)])
        assert RAW.findall(text) == [], entry.key


def test_what_moves_is_a_picture_and_says_where_it_lives(book, few):
    for file in book.folder.glob("*.html"):
        tree = lxml_html.parse(str(file)).getroot()
        assert tree.xpath(f"//*[{pdf.has('gan-live')}] | //script | //button | //canvas") == []
        for figure in tree.xpath(f"//figure[{pdf.has('gan-figure')}]"):
            assert figure.xpath(".//img")
            assert "It moves on the site" in figure.text_content()
    at = {title: page for title, _, page in few.marks}
    pictures = [image for page in few.reader.pages[at["Playground: train a GAN here"] :][:1] for image in page.images]
    assert len(pictures) == 1


def test_pages_are_a4_and_nothing_runs_over_their_edge(book, few, browser):
    for page in book.reader.pages:
        assert (float(page.mediabox.width), float(page.mediabox.height)) == pytest.approx(A4, abs=1)
    page = browser.new_page(viewport={"width": round(160 / 25.4 * 96), "height": 900})  # the text's width
    page.emulate_media(media="print")
    for name in ("care", "glossary", "answers-care-exercises"):
        page.goto((few.folder / f"{name}.html").as_uri())
        page.evaluate("document.fonts.ready.then(() => true)")
        over = "e => e.getBoundingClientRect().right > innerWidth + 2 && !e.closest('mjx-container, svg, nav')"
        wide = page.evaluate(
            f"[...document.querySelectorAll('body *')].filter({over}).map(e => e.outerHTML.slice(0, 90))"
        )
        assert wide == []
        cut = page.evaluate(
            "[...document.querySelectorAll('pre')].filter(e => e.scrollWidth > e.clientWidth + 1).length"
        )
        assert cut == 0
    page.close()


def test_fonts_are_in_the_file(book):
    seen = set()
    for page in book.reader.pages:
        for font in page["/Resources"].get("/Font", {}).values():
            font = font.get_object()
            if font["/Subtype"] == "/Type3":  # drawn in the file itself
                continue
            inner = font["/DescendantFonts"][0].get_object() if "/DescendantFonts" in font else font
            assert any(key.startswith("/FontFile") for key in inner["/FontDescriptor"]), font["/BaseFont"]
            seen.add(str(font["/BaseFont"]).split("+")[-1])
    assert {"STIXGeneral-Regular", "DejaVuSansMono"} <= seen


def test_answers_stand_away_from_their_questions(few):
    chapter, answers = few.between("Chapters", "Answers"), few.between("Answers", "Look up")
    assert "Quiz" in chapter
    for verdict in ("Yes.", "No."):
        assert verdict in answers
    assert not re.search(r"^\s*(Yes|No)\.", chapter, re.MULTILINE)
    assert "### BEGIN SOLUTION" not in chapter
    assert "### BEGIN SOLUTION" in answers


def test_chinese_terms_can_be_read(few):
    wanted = set(pdf.CHINESE.findall((ROOT / "book/glossary.md").read_text(encoding="utf-8")))
    assert len(wanted) > 200
    assert wanted - set("".join(few.texts)) == set()


def test_screen_readers_get_tags_with_words_for_pictures_and_formulas(few):
    root = few.reader.trailer["/Root"]
    assert root["/Lang"] == "en"
    assert root["/MarkInfo"]["/Marked"]
    nums = root["/StructTreeRoot"]["/ParentTree"]["/Nums"]
    assert list(nums[::2]) == sorted(set(nums[::2]))
    words, ahead, kinds, called = [], [root["/StructTreeRoot"]], set(), []
    while ahead:
        tag = ahead.pop()
        kinds.add(tag.get("/S"))
        words.append(tag.get("/Alt", ""))
        about = resolved(tag.get("/A", ArrayObject()))
        for some in map(resolved, about if isinstance(about, ArrayObject) else [about]):
            called += some.get("/Headers", [])
        kids = tag.get("/K", [])
        ahead += [
            kid for kid in map(resolved, kids if isinstance(kids, ArrayObject) else [kids]) if hasattr(kid, "get")
        ]
    assert {"/H1", "/H2", "/P", "/Figure", "/Link", "/Table"} <= kinds
    names = root["/StructTreeRoot"]["/IDTree"]["/Names"]
    heads = dict(zip(names[::2], names[1::2], strict=True))
    assert list(heads) == sorted(heads)
    assert {resolved(heads[name])["/ID"] for name in called} == set(called) != set()
    alternatives = [image.get("alt") for _, article in few.entries for image in article.xpath(".//img")]
    assert len(alternatives) > 10
    assert [alt for alt in alternatives if alt not in words] == []
    for page in few.reader.pages:
        assert page["/StructParents"] in nums[::2]


def resolved(thing):
    return thing.get_object() if hasattr(thing, "get_object") else thing


def test_who_wrote_it_and_how_it_opens(book):
    assert book.reader.metadata.title == "GANs, Proved and Run"
    assert book.reader.metadata.author
    assert book.reader.trailer["/Root"]["/PageMode"] == "/UseOutlines"
    assert "CC BY 4.0" in book.texts[0]
    assert "To cite" in book.texts[0]


def test_a_pdf_tells_of_which_site_it_is(few, tmp_path, monkeypatch):
    assert few.reader.metadata[pdf.MADE_OF] == pdf.made_of(SITE, FEW)
    pages = ("book/intro", "book/care/index", contents.OF_ITSELF)
    parts = [("", [(page, 1) for page in pages])]
    (tmp_path / "book/care").mkdir(parents=True)
    table = '<table class="table"><td>{}</td></table>'
    text = "<head></head><article>{}<img alt='' src=\"../a%20b.png\"></article><footer>"
    for page in pages:
        (tmp_path / f"{page}.html").write_text(text.format("one"), encoding="utf-8")
    style = pdf.style_sheets(tmp_path, tmp_path / "book/intro.html")
    sheets = [tmp_path / "_static" / Path(address).name for address in style]
    for file in (tmp_path / pdf.TITLE_PICTURE, tmp_path / "a b.png", tmp_path / "book/a b.png", *sheets):
        file.parent.mkdir(exist_ok=True)
        file.write_text("one", encoding="utf-8")
    first = pdf.made_of(tmp_path, parts)
    changes = {"index.html": True, "book/care/index.html": False, f"{contents.OF_ITSELF}.html": False}
    changes |= {"_static/print.css": False, "book/a b.png": False, pdf.TITLE_PICTURE: False}
    for name, same in changes.items():
        before = pdf.made_of(tmp_path, parts)
        (tmp_path / name).write_text(text.format("two"), encoding="utf-8")
        assert (pdf.made_of(tmp_path, parts) == before) is same, name
        (tmp_path / name).write_text("one" if ".html" not in str(name) else text.format("one"), encoding="utf-8")
    (tmp_path / "book/care/index.html").write_text(text.format("one").removesuffix("<footer>"), encoding="utf-8")
    assert pdf.made_of(tmp_path, parts) == first  # only what is printed counts
    for page, listed in ((contents.OF_ITSELF, True), ("book/care/index", False)):
        keys = {}
        for sizes in (("82 MB", "one"), ("83 MB", "one"), ("82 MB", "two")):
            tables = "".join(table.format(size) for size in sizes)
            (tmp_path / f"{page}.html").write_text(text.format(tables), encoding="utf-8")
            keys[sizes] = pdf.made_of(tmp_path, parts)
        assert (keys["82 MB", "one"] == keys["83 MB", "one"]) is listed, page  # the table that lists the PDF itself
        assert keys["82 MB", "one"] != keys["82 MB", "two"], page
        (tmp_path / f"{page}.html").write_text(text.format("one"), encoding="utf-8")
    assert pdf.made_of(tmp_path, [("Part", parts[0][1])]) != first
    with monkeypatch.context() as patch:
        patch.setattr(contents, "released", lambda: "1 January 2026")
        assert pdf.made_of(tmp_path, parts) != first
    home = '<link rel="canonical" href="https://ada.github.io/b/"></head>'
    (tmp_path / "book/care/index.html").write_text(text.format("one").replace("</head>", home), encoding="utf-8")
    assert pdf.made_of(tmp_path, parts) != first


def test_what_is_missing_is_said_to_people(tmp_path, monkeypatch, capsys):
    with pytest.raises(pdf.NoBook, match=r"book/intro\.html is missing.* make book"):
        pdf.make(tmp_path, FEW, tmp_path / "a.pdf", tmp_path)
    monkeypatch.setattr(pdf, "SITE", tmp_path)
    assert pdf.main([]) == 1
    assert "there is no built site yet" in capsys.readouterr().err


def test_a_font_without_the_signs_is_told(browser, tmp_path):
    with pytest.raises(pdf.NoBook, match="no font of this machine has"):
        pdf.Press(browser, tmp_path).can_write("\ue123\U0010fffd")


def test_a_machine_without_a_browser_is_told(monkeypatch):
    class Nothing:
        class chromium:
            @staticmethod
            def launch(**_):
                raise pdf.PlaywrightError("no such channel")

    monkeypatch.setattr(pdf.shutil, "which", lambda name: None)
    with pytest.raises(pdf.NoBook, match="apt-get install chromium"):
        pdf.chromium(Nothing)


def test_formulas_in_words(tmp_path):
    formula = """<mjx-container><mjx-math aria-hidden="true"></mjx-math><mjx-assistive-mml><math><msup><mi>x</mi>
        <mrow><mi>n</mi><mo>&minus;</mo><mn>1</mn></mrow></msup></math></mjx-assistive-mml></mjx-container>"""
    page = f'<article class="bd-article"><section id="a"><h1>What {formula} is</h1><p>It is {formula}.</p></section>'
    (tmp_path / "a.html").write_text(f"{page}</article>", encoding="utf-8")
    entry, article = pdf.Joiner(tmp_path, [("", [("a", 1)])]).read("a", 1)
    words = "x to the power n minus 1 end power"
    assert article.xpath(".//mjx-container/@aria-label") == [words, words]  # and where the power ends
    assert entry.title == f"What {words} is"
