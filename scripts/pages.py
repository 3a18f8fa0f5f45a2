"""A Sphinx extension: what pages get beyond their text.

Proofs with a beginning and an end; right options of a quiz told from wrong ones; statements of the page of mistakes
as the thing to open; letters of the glossary; Chinese marked as such; punctuation that stays with its formula;
what a search engine shows.
"""

import html
import re
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.util.docutils import SphinxDirective

PUNCTUATION = re.compile(r"[.,;:!?)\]\u2019\u201d]+")
STATEMENT = re.compile(r"M(\d+)\.$")
CHINESE = re.compile(r"[\u3000-\u30ff\u3400-\u9fff\uff00-\uffef]+")
RUN = re.compile(r'<img src="(\S*/run-\d-\w+)\.png"[^>]*>')
NARROW = "(max-width: 600px)"
INDEX = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta http-equiv="refresh" content="0; url={page}">
{icon}<title>{title}</title>
<p><a href="{page}">{title}</a></p>
</html>
"""


class Proof(SphinxDirective):
    """`{prf:proof}`: begins with *Proof.* and ends with a mark, whatever it begins and ends with."""

    has_content = True

    def run(self) -> list[nodes.Node]:
        """Parse the proof as it stands, so that a list in it stays a list."""
        box = nodes.admonition(classes=["proof", "gan-proof"])
        self.state.nested_parse(self.content, self.content_offset, box)
        word = nodes.emphasis("", "Proof.", classes=["gan-proof-word"])
        if isinstance(box[0], nodes.paragraph):
            box[0].insert(0, [word, nodes.Text(" ")])
        else:
            box.insert(0, nodes.paragraph("", "", word, classes=["gan-proof-alone"]))
        last: Any = box[-1]
        while isinstance(last, (nodes.bullet_list, nodes.enumerated_list, nodes.list_item)):
            last = last[-1]
        if not isinstance(last, nodes.paragraph):
            last.parent.append(last := nodes.paragraph("", "", classes=["gan-qed-alone"]))
        last += nodes.inline("", " ∎", classes=["gan-qed"])
        return [box]


def dropdowns(doctree: nodes.Node) -> Iterator[nodes.container]:
    """Yield the folds of a page that have a title."""
    for node in doctree.findall(nodes.container):
        if node.get("design_component") == "dropdown" and node.get("has_title"):
            yield node


def lead(node: nodes.Node) -> str:
    """Return the bold words at the beginning of a paragraph."""
    words = [child for child in node.children if child.astext()] if isinstance(node, nodes.paragraph) else []
    return words[0].astext() if words and isinstance(words[0], nodes.strong) else ""


def mark_quiz(doctree: nodes.document) -> None:
    """Tell right options from wrong ones, and a question from the option before it."""
    for section in doctree.findall(nodes.section):
        if "quiz" in section["names"]:
            for option in section.findall(nodes.container):
                if option.get("design_component") == "dropdown":
                    right = option[1].astext().startswith("Yes")
                    option["container_classes"] = [*option["container_classes"], "gan-option"]
                    option["container_classes"] += ["gan-right" if right else "gan-wrong"]
            for paragraph in section.findall(nodes.paragraph):
                if paragraph.parent is section and re.fullmatch(r"\d+\.", lead(paragraph)):
                    paragraph["classes"].append("gan-question")


def open_statements(doctree: nodes.document) -> None:
    """Make each statement of the page of mistakes the title of its answer, with an anchor of its own."""
    for fold in list(dropdowns(doctree)):
        siblings, place = fold.parent, fold.parent.index(fold)
        first = place - 1
        while first > 0 and not STATEMENT.match(lead(siblings[first])):
            first -= 1
        paragraphs = siblings[first:place]
        if fold[0].astext() != "What is wrong?" or not all(isinstance(p, nodes.paragraph) for p in paragraphs):
            continue
        words = [child for i, p in enumerate(paragraphs) for child in [*([nodes.Text(" ")] if i else []), *p.children]]
        fold["container_classes"] = [*fold["container_classes"], "gan-statement"]
        fold[0].clear()
        fold[0].extend(words)
        fold[0]["ids"].append(f"m{STATEMENT.match(lead(paragraphs[0]))[1]}")
        for paragraph in paragraphs:
            siblings.remove(paragraph)


def hold_punctuation(doctree: nodes.document) -> None:
    """Keep the stop after a formula on the formula's line; a browser may break there otherwise."""
    for formula in list(doctree.findall(nodes.math)):
        after = formula.next_node(descend=False, siblings=True)
        found = PUNCTUATION.match(after.astext()) if isinstance(after, nodes.Text) else None
        if found:
            parent, rest = formula.parent, nodes.Text(after.astext()[found.end() :])
            place = parent.index(formula)
            held = nodes.inline("", "", formula, nodes.Text(found[0]), classes=["gan-hold"])
            parent[place : place + 2] = [held, rest]


def say_chinese(doctree: nodes.document) -> None:
    """Tell speech and fonts which words are Chinese."""
    for text in list(doctree.findall(nodes.Text)):
        if CHINESE.search(text) and not isinstance(text.parent, (nodes.title, nodes.literal, nodes.raw, nodes.image)):
            parts, end = [], 0
            for found in CHINESE.finditer(text):
                parts += [nodes.Text(text[end : found.start()]), nodes.raw("", '<span lang="zh-Hans">', format="html")]
                parts += [nodes.Text(found[0]), nodes.raw("", "</span>", format="html")]
                end = found.end()
            place = text.parent.index(text)
            text.parent[place : place + 1] = [*parts, nodes.Text(text[end:])]


def add_letters(doctree: nodes.document) -> None:
    """Put before the glossary one link for each letter, to its first term."""
    terms = next(doctree.findall(addnodes.glossary))
    first = {}
    for term in terms.findall(nodes.term):
        first.setdefault(term.astext()[0].upper(), term["ids"][0])
    links = [nodes.reference("", letter, internal=True, refid=place) for letter, place in sorted(first.items())]
    words = [word for link in links for word in (link, nodes.Text(" "))]
    terms.parent.insert(terms.parent.index(terms), nodes.paragraph("", "", *words[:-1], classes=["gan-letters"]))


def narrow_runs(doctree: nodes.document) -> None:
    """Give a phone the recorded runs with one panel below the other."""
    for raw in doctree.findall(nodes.raw):
        source = f'<source media="{NARROW}" srcset="\\1-narrow.png">'
        raw[0] = nodes.Text(RUN.sub(rf"<picture>{source}\g<0></picture>", raw.astext()))


def read(app: Any, doctree: nodes.document) -> None:
    """Change a page that has been read."""
    page = app.env.docname
    if page == "book/mistakes":
        open_statements(doctree)
    if page == "book/glossary":
        add_letters(doctree)
    if page == "book/runs":
        narrow_runs(doctree)
    say_chinese(doctree)
    mark_quiz(doctree)
    hold_punctuation(doctree)


def dress(app: Any, page: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    """Describe the page."""
    if "body" in context:
        context["body"] = context["body"].replace(' id="proof-content"', "")  # sphinx-proof gives it to each statement
    if page == app.config.root_doc:
        context["docstitle"] = ""  # its title is the book's
    words = next((p.astext() for p in doctree.findall(nodes.paragraph) if len(p.astext()) > 60), "") if doctree else ""
    if words:
        said = html.escape(textwrap.shorten(words, 200, placeholder=" ..."))
        title = html.escape(html.unescape(re.sub("<[^>]+>", "", context["title"])))
        context["metatags"] += (
            f'\n<meta name="description" content="{said}">\n<meta property="og:type" content="article">'
        )
        context["metatags"] += f'\n<meta property="og:title" content="{title}">'
        context["metatags"] += f'\n<meta property="og:description" content="{said}">'


def welcome(app: Any, error: Exception | None) -> None:
    """Lead from the site's first address to the book."""
    if not error and app.builder.format == "html":
        icon = app.config.html_favicon or ""  # without a link to one, browsers ask for /favicon.ico
        place = icon if "://" in icon else f"_static/{Path(icon).name}"
        icon = icon and f'<link rel="icon" href="{html.escape(place)}">\n'
        first = INDEX.format(page=f"{app.config.root_doc}.html", icon=icon, title=app.config.html_title)
        Path(app.outdir, "index.html").write_text(first, encoding="utf-8")


def setup(app: Any) -> dict[str, bool]:
    """Connect to Sphinx."""
    app.add_directive_to_domain("prf", "proof", Proof, override=True)
    app.connect("doctree-read", read)
    app.connect("html-page-context", dress, priority=900)  # after the theme
    app.connect("build-finished", welcome)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
