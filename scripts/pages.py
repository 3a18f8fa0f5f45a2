"""A Sphinx extension: what every page gets beyond its text.

Proofs with a beginning and an end, right options of a quiz told from wrong ones, statements of the page of mistakes as the
thing to open, punctuation that stays with its formula, names for the sidebar's arrows, and where a notebook opens.
"""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

PUNCTUATION = re.compile(r"[.,;:!?)\]\u2019\u201d]+")
STATEMENT = re.compile(r"M(\d+)\.$")
COPIES = "_sources/exercises"  # the student editions, beside the sources of the pages
INDEX = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta http-equiv="refresh" content="0; url={page}">
<title>{title}</title>
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
                first = paragraph[0] if paragraph.parent is section and len(paragraph) else None
                if isinstance(first, nodes.strong) and re.fullmatch(r"\d+\.", first.astext()):
                    paragraph["classes"].append("gan-question")


def open_statements(doctree: nodes.document) -> None:
    """Make each statement of the page of mistakes the title of its answer, with an anchor of its own."""
    for fold in list(dropdowns(doctree)):
        siblings, place = fold.parent, fold.parent.index(fold)
        first = place - 1
        while first > 0 and not named(siblings[first]):
            first -= 1
        paragraphs = siblings[first:place]
        if fold[0].astext() != "What is wrong?" or not all(isinstance(p, nodes.paragraph) for p in paragraphs):
            continue
        words = [child for i, p in enumerate(paragraphs) for child in [*([nodes.Text(" ")] if i else []), *p.children]]
        fold["container_classes"] = [*fold["container_classes"], "gan-statement"]
        fold[0].clear()
        fold[0].extend(words)
        fold[0]["ids"].append(f"m{named(paragraphs[0])}")
        for paragraph in paragraphs:
            siblings.remove(paragraph)


def named(node: nodes.Node) -> str:
    """Return the number of the statement that a paragraph begins, or nothing."""
    first = node[0] if isinstance(node, nodes.paragraph) and len(node) else None
    found = STATEMENT.match(first.astext()) if isinstance(first, nodes.strong) else None
    return found[1] if found else ""


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


def read(app: Any, doctree: nodes.document) -> None:
    """Change a page that has been read."""
    if app.env.docname == "book/mistakes":
        open_statements(doctree)
    mark_quiz(doctree)
    hold_punctuation(doctree)


def name_arrows(menu: Any) -> Any:
    """Say what each arrow of the sidebar unfolds."""
    for arrow in menu.select("summary"):
        link = arrow.parent.find_previous_sibling("a")
        if link:
            arrow["aria-label"] = f"Pages of {link.get_text(' ', strip=True)}"
    return menu


def dress(app: Any, page: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    """Name the sidebar's arrows; open and hand out the student edition of exercises."""
    build = context.get("generate_toctree_html")
    if build:
        context["generate_toctree_html"] = lambda *args, **kwargs: name_arrows(build(*args, **kwargs))
    if page.endswith("/exercises"):
        chapter = page.split("/")[1]
        for group in context.get("header_buttons", []):
            for button in group.get("buttons", []):
                if button["text"] == "Colab":
                    button["url"] = button["url"].replace(f"{page}.ipynb", f"exercises/{chapter}.ipynb")
                if button.get("label") == "download-source-button":
                    button["url"] = context["pathto"](f"{COPIES}/{chapter}.ipynb", 1)


def hand_out(app: Any, error: Exception | None) -> None:
    """Copy the student editions into the site, and lead from its first address to the book."""
    if not error and app.builder.format == "html":
        folder = Path(app.outdir, COPIES)
        folder.mkdir(parents=True, exist_ok=True)
        for path in Path(app.srcdir, "exercises").glob("*.ipynb"):
            shutil.copy2(path, folder)
        first = INDEX.format(page=f"{app.config.root_doc}.html", title=app.config.project)
        Path(app.outdir, "index.html").write_text(first, encoding="utf-8")


def setup(app: Any) -> dict[str, bool]:
    """Connect to Sphinx."""
    app.add_directive_to_domain("prf", "proof", Proof, override=True)
    app.connect("doctree-read", read)
    app.connect("html-page-context", dress, priority=900)  # after the theme
    app.connect("build-finished", hand_out)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
