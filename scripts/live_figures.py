"""A Sphinx extension: figures that live on the page, each with a still picture for paper and for lack of scripts.

    :::{live-figure} xy-game
    :name: fig-xy-game
    The finding. Then: move this, watch that.
    :::

A figure is a folder of `book/_figures`: `maths.js` (pure functions), `view.js` (controls and drawing) and `twin.py`,
which says the same in NumPy: START (the first state), STATES (states at which the tests compare), `numbers(state)`,
`alt(state)` and `draw(state)`. A twin may have more: `data()`, what `maths.js` finds in GanData[name]; LATER, files
of _static that are loaded when a reader asks for the figure; SOURCES, further files, below the root, from which its
still picture is made.

The role {set}`words <xy-game h=1 rule=simultaneous>` makes a button in the text that sets a figure.
"""

import hashlib
import html
import importlib.util
import json
import re
import shutil
import sys
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.directives.patches import Figure
from sphinx.util.docutils import SphinxRole

ROOT = Path(__file__).parents[1]
FIGURES = ROOT / "book" / "_figures"
STILLS = ROOT / "_build" / "stills"
KIT = ("dom.js", "figures/kit/numbers.js", "figures/kit/figure.js")

sys.path.insert(0, str(FIGURES / "kit"))  # the twins share one module


def names() -> list[str]:
    """Return the names of all live figures."""
    return sorted(path.parent.name for path in FIGURES.glob("*/twin.py"))


@cache
def twin_of(name: str) -> ModuleType:
    """Return the Python twin of a figure.

    Raises:
        ValueError: there is no such figure.
    """
    if name not in names():
        raise ValueError(f"there is no live figure {name!r}; there are {', '.join(names())}.")
    spec = importlib.util.spec_from_file_location(f"twin_{name.replace('-', '_')}", FIGURES / name / "twin.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def still_of(name: str) -> Path:
    """Return the still picture of a figure's first state; draw it if the twin has changed since it was drawn."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    more = [ROOT / source for source in getattr(twin_of(name), "SOURCES", ())]
    sources = [FIGURES / name / "twin.py", FIGURES / "kit" / "twins.py", Path(__file__), *more]
    key = hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()[:12]
    path = STILLS / f"{name}-{key}.png"
    if not path.is_file():
        STILLS.mkdir(parents=True, exist_ok=True)
        for old in STILLS.glob(f"{name}-????????????.png"):
            old.unlink()
        with plt.style.context({"font.size": 10, "axes.spines.top": False, "axes.spines.right": False}):
            twin = twin_of(name)
            twin.draw(twin.START)
            plt.savefig(path, dpi=150, metadata={"Software": None})
            plt.close("all")
    return path


def data_of(name: str) -> str:
    """Return the text of a figure's data.js; none if its twin has no data."""
    twin = twin_of(name)
    if not hasattr(twin, "data"):
        return ""
    words = json.dumps(twin.data(), separators=(",", ":"))
    return f"// Written by scripts/live_figures.py.\n(window.GanData ||= {{}})[{json.dumps(name)}] = {words};\n"


def _up(docname: str) -> str:
    return "../" * docname.count("/")


class LiveFigure(Figure):
    """The directive: the live part, which starts empty, and the still picture, which gives way when it has started."""

    option_spec: ClassVar = {"name": directives.unchanged}

    def run(self) -> list[nodes.Node]:
        name = self.arguments[0]
        try:
            twin = twin_of(name)
        except ValueError as error:
            raise self.error(str(error)) from error
        env = self.state.document.settings.env
        for file in (FIGURES / name / "twin.py", FIGURES / "kit" / "twins.py", Path(__file__)):
            env.note_dependency(str(file))
        self.arguments[0] = "/" + still_of(name).relative_to(ROOT).as_posix()
        self.options |= {"alt": twin.alt(twin.START), "figclass": ["gan-figure"]}
        found = super().run()
        state = html.escape(json.dumps(twin.START), quote=True)
        static = _up(env.docname) + "_static/"
        later = html.escape(json.dumps([static + script for script in getattr(twin, "LATER", ())]), quote=True)
        live = (
            f'<div class="gan-live" data-gan-figure="{name}" data-gan-state="{state}" data-gan-later="{later}"></div>'
        )
        found[0].insert(0, nodes.raw("", live, format="html"))
        data = [f"figures/{name}/data.js"] if hasattr(twin, "data") else []
        scripts = [*KIT, *data, f"figures/{name}/maths.js", f"figures/{name}/view.js"]
        tags = "".join(f'<script defer src="{static}{src}"></script>' for src in scripts)
        style = f'<link rel="stylesheet" href="{static}figures/kit/figure.css">'
        return [*found, nodes.raw("", style + tags, format="html")]


def _value(word: str) -> Any:
    try:
        return json.loads(word)
    except ValueError:
        return word


class SetRole(SphinxRole):
    """The role {set}: a button in the text that brings a figure into a state."""

    def run(self) -> tuple[list[nodes.Node], list]:
        match = re.fullmatch(r"(.+?)\s*<([\w-]+)((?: \w+=[^ >]+)*)>", self.text, re.DOTALL)
        known = match and match[2] in names()
        wanted = dict(part.split("=", 1) for part in match[3].split()) if known else {}
        wrong = [key for key in wanted if key not in twin_of(match[2]).START] if known else []
        if not known or wrong or not wanted:
            says = "{set} needs `words <figure key=value ...>` with a live figure and keys of its state"
            message = self.inliner.reporter.error(f"{says}, but {self.text!r} came.", line=self.lineno)
            return [self.inliner.problematic(self.rawtext, self.rawtext, message)], [message]
        values = html.escape(json.dumps({key: _value(value) for key, value in wanted.items()}), quote=True)
        words = html.escape(match[1])
        button = (
            f'<button type="button" class="gan-set" data-gan-for="{match[2]}" data-gan-set="{values}">{words}</button>'
        )
        return [nodes.raw("", button, format="html")], []


def copy(app: Any, exception: Exception | None) -> None:
    """Put the scripts of the figures beside the other static files."""
    if exception is None and app.builder.format == "html":
        target = Path(app.outdir) / "_static" / "figures"
        data = {name: text for name in names() if (text := data_of(name))}  # first: this takes a second or two
        shutil.rmtree(target, ignore_errors=True)
        for file in [*FIGURES.glob("*/*.js"), *FIGURES.glob("*/*.css")]:
            (target / file.parent.name).mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, target / file.parent.name / file.name)
        for name, text in data.items():
            (target / name).mkdir(parents=True, exist_ok=True)
            (target / name / "data.js").write_text(text, encoding="utf-8")


def setup(app: Any) -> dict[str, bool]:
    """Connect to Sphinx."""
    app.add_directive("live-figure", LiveFigure)
    app.add_role("set", SetRole())
    app.connect("build-finished", copy)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
