"""A Sphinx extension: beside each check its control, between statement and check a link, and one page of all claims.

All of it comes from the metadata of the labs' check cells (claim, settles, controls; see CONTRIBUTING.md) and from what
these cells print in the build, so nothing is written twice.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

PAGE = "book/claims"
INLINE = re.compile(r"\$([^$]+)\$|`([^`]+)`")
STATEMENT = re.compile(r":{3,}\{prf:(theorem|lemma|proposition|corollary)\} ?(.*)\n:label: ([\w-]+)")
HEADING = re.compile(r"^## (?:(\d+)\.|(Exercises)$)?", re.MULTILINE)


class claims(nodes.General, nodes.Element):
    """The place of a table of claims, filled when all labs have been read."""


class statement(nodes.Inline, nodes.Element):
    """The place of a link to a statement, filled when the statements have their numbers."""


class Claims(SphinxDirective):
    """`{claims} chapter`: one row for each check of the chapter's lab."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Leave the place."""
        return [claims(chapter=self.arguments[0])]


def inline(text: str) -> list[nodes.Node]:
    """Turn a sentence with $formulas$ and `code` into nodes."""
    found, end = [], 0
    for match in INLINE.finditer(text):
        found.append(nodes.Text(text[end : match.start()]))
        kind = nodes.math if match[1] else nodes.literal
        found.append(kind("", match[1] or match[2]))
        end = match.end()
    return [*found, nodes.Text(text[end:])]


def collect(app: Any) -> None:
    """Read the labs' checks and the names of the statements, before any page."""
    book = Path(app.srcdir) / "book"
    app.env.gan_before = [getattr(app.env, name, None) for name in ("gan_statements", "gan_checks")]
    app.env.gan_statements = {
        label: (f"book/{page.parent.name}/index", kind, name)
        for page in sorted(book.glob("*/index.md"))
        for kind, name, label in STATEMENT.findall(page.read_text(encoding="utf-8"))
    }
    app.env.gan_checks = {}
    for path in sorted(book.glob("*/lab.ipynb")):
        rows, section = [], ""
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            if cell["cell_type"] == "markdown":
                found = ["".join(names) for names in HEADING.findall("".join(cell["source"]))]
                section = next((name for name in reversed(found) if name), section if not found else "")
            elif "check" in cell["metadata"]:
                rows.append({**cell["metadata"]["check"], "id": anchor(cell["id"]), "section": section})
        app.env.gan_checks[path.parent.name] = rows


def place_of(row: dict[str, Any]) -> str:
    """Return where in its lab a check stands, in words."""
    return {"": "at its beginning", "Exercises": "its exercises"}.get(row["section"], f"section {row['section']}")


def anchor(cell_id: str) -> str:
    """Return the place of a check on its page."""
    return cell_id if cell_id.startswith("check-") else f"check-{cell_id}"


def link(app: Any, here: str, there: str, place: str, words: list[nodes.Node]) -> nodes.reference:
    """Link from a page to a place on another."""
    return nodes.reference("", "", *words, internal=True, refuri=f"{app.builder.get_relative_uri(here, there)}#{place}")


def statements(labels: list[str]) -> Iterator[nodes.Node]:
    """Leave the places of links to the statements that a check settles."""
    for i, label in enumerate(labels):
        yield nodes.Text(", " if i else "")
        yield statement(label=label)


def number_statements(app: Any, doctree: nodes.document, docname: str) -> None:
    """Name, number and link statements: Theorem 5.2 (Duality)."""
    for place in list(doctree.findall(statement)):
        page, kind, name = app.env.gan_statements[place["label"]]
        rows = app.env.toc_fignumbers[page].values()
        number = next(".".join(map(str, row[place["label"]])) for row in rows if place["label"] in row)
        words: list[nodes.Node] = [nodes.Text(f"{kind.title()} {number}")]
        words += [nodes.Text(" ("), *inline(name), nodes.Text(")")] if name else []
        place.replace_self(link(app, docname, page, place["label"], words))


def fails_if(controls: list[dict[str, Any]]) -> list[nodes.Node]:
    """Say in one sentence under what a check fails."""
    words = []
    for i, control in enumerate(controls):
        words += [nodes.Text("; if " if i else ""), *inline(control["fails_if"])]
    return [*words, nodes.Text(".")]


def fold(check: dict[str, Any]) -> nodes.container:
    """Show a check's controls, folded away."""
    box = nodes.container(classes=["gan-control"])
    box += nodes.raw("", "<details><summary>", format="html")
    box += nodes.inline("", "", nodes.Text("This check fails if "), *fails_if(check["controls"]))
    box += nodes.raw("", "</summary>", format="html")
    for control in check["controls"]:
        case = [nodes.Text("If "), *inline(control["fails_if"]), nodes.Text(":")]
        if control.get("shown"):
            shown = [nodes.Text(" the cell shows it itself, in its lines with "), nodes.literal("", "assert not")]
            box += nodes.paragraph("", "", *case, *shown, nodes.Text("."))
        else:
            box += nodes.paragraph("", "", *case)
            box += nodes.literal_block("", "\n".join(control["code"]), language="python")
    if check.get("settles"):
        box += nodes.paragraph("", "", nodes.Text("It settles "), *statements(check["settles"]), nodes.Text("."))
    box += nodes.raw("", "</details>", format="html")
    return box


def cells(doctree: nodes.document) -> Iterator[tuple[nodes.container, dict[str, Any]]]:
    """Yield the check cells of a page."""
    for node in doctree.findall(nodes.container):
        check = (node.get("cell_metadata") or {}).get("check") if node.get("nb_element") == "cell_code" else None
        if check:
            yield node, check


def annotate(app: Any, doctree: nodes.document) -> None:
    """Give each check of a lab its anchor and its fold, each statement its links."""
    here = app.env.docname
    if here.endswith("/lab"):
        rows = iter(app.env.gan_checks[here.split("/")[1]])
        for node, check in list(cells(doctree)):
            node["ids"].append(next(rows)["id"])
            node.parent.insert(node.parent.index(node) + 1, fold(check))
        app.env.get_domain("math").data["has_equations"][here] = True  # formulas may stand in folds alone
    for node in doctree.findall(lambda n: "label" in getattr(n, "attributes", {}) and "proof" in n.get("classes", [])):
        settled = [
            (chapter, row)
            for chapter, rows in app.env.gan_checks.items()
            for row in rows
            if node["label"] in row.get("settles", [])
        ]
        settled.sort(key=lambda pair: not here.startswith(f"book/{pair[0]}/"))  # the chapter's own lab first
        if settled:
            words: list[nodes.Node] = [nodes.Text("Checked in the lab: ")]
            for i, (chapter, row) in enumerate(settled):
                words.append(nodes.Text(", " if i else ""))
                name = place_of(row) + ("" if here.startswith(f"book/{chapter}/") else f" ({chapter})")
                if (chapter, place_of(row)) in [(c, place_of(other)) for c, other in settled[:i]]:
                    name = "another " + ("" if name.startswith("at") else "in ") + name
                words.append(link(app, here, f"book/{chapter}/lab", row["id"], [nodes.Text(name)]))
            node.children[-1].append(nodes.paragraph("", "", *words, nodes.Text("."), classes=["gan-checked"]))


def printed(app: Any, chapter: str) -> dict[str, str]:
    """Return what the checks of a lab printed in this build."""
    found = {}
    for node, _ in cells(app.env.get_doctree(f"book/{chapter}/lab")):
        streams = [n.astext() for n in node.findall(nodes.literal_block) if "stream" in n["classes"]]
        found[node["ids"][-1]] = "\n".join(streams).strip()
    return found


def row_of(app: Any, chapter: str, check: dict[str, Any], said: str) -> nodes.row:
    """One claim: the sentence and its links, what was printed, the control."""
    place = link(app, PAGE, f"book/{chapter}/lab", check["id"], [nodes.Text("check")])
    sentence = nodes.paragraph("", "", *inline(check["claim"]), nodes.Text(" ("), place)
    if check.get("settles"):
        sentence += [nodes.Text("; "), *statements(check["settles"])]
    sentence += nodes.Text(")")
    numbers = nodes.literal_block("", said, language="none", classes=["gan-printed"])
    control = nodes.paragraph("", "", nodes.Text("fails if "), *fails_if(check["controls"]))
    return nodes.row("", *(nodes.entry("", cell) for cell in (sentence, numbers, control)))


def fill(app: Any, doctree: nodes.document, docname: str) -> None:
    """Put the rows into the page of all claims."""
    for place in list(doctree.findall(claims)):
        chapter = place["chapter"]
        rows = app.env.gan_checks[chapter]
        said = printed(app, chapter)
        group = nodes.tgroup("", *(nodes.colspec(colwidth=width) for width in (45, 30, 25)), cols=3)
        titles = ("Claim", "Printed in this build", "Control")
        group += nodes.thead("", nodes.row("", *(nodes.entry("", nodes.paragraph("", t)) for t in titles)))
        group += nodes.tbody("", *(row_of(app, chapter, check, said[check["id"]]) for check in rows))
        number = sum(len(check["controls"]) for check in rows)
        count = nodes.paragraph("", f"{len(rows)} checks, {number} controls.")
        place.replace_self([count, nodes.table("", group, classes=["gan-claims"])])


def changed(app: Any, env: Any, *_: Any) -> list[str]:
    """Read theory and labs again when a statement, a check or a link between them has changed."""
    same = env.gan_before == [env.gan_statements, env.gan_checks]
    return [] if same else [name for name in env.found_docs if name.endswith(("/index", "/lab"))]


def again(app: Any, env: Any) -> list[str]:
    """Write the page of all claims in every build, since any lab may have changed."""
    return [PAGE] if PAGE in env.found_docs else []


def setup(app: Any) -> dict[str, bool]:
    """Connect to Sphinx."""
    app.add_node(claims)
    app.add_node(statement)
    app.add_directive("claims", Claims)
    app.connect("builder-inited", collect)
    app.connect("env-get-outdated", changed)
    app.connect("doctree-read", annotate)
    app.connect("doctree-resolved", fill)
    app.connect("doctree-resolved", number_statements)  # after the page of all claims is filled
    app.connect("env-updated", again)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
