"""A Sphinx extension: formulas are set when the book is built, so that no page loads MathJax or waits for it.

MathJax itself, as sphinx-mathjax-offline carries it, runs in V8 (mini-racer) on its own small document model, with the
settings of `mathjax3_config`. Each formula becomes the HTML that it would make in a browser, beside it MathML for
screen readers. Words of that HTML which no rule reads are left out, since a chapter would be twice as long with them.
The style sheet and its fonts hold the signs of all pages; pages with a formula alone load them.
"""

import base64
import hashlib
import html
import json
import re
from collections.abc import Callable
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from docutils import nodes
from light import prune, signs_of, subset, used_classes
from py_mini_racer import MiniRacer
from sphinx.ext import mathjax
from sphinx.util import logging

MATHJAX = Path(find_spec("sphinx-mathjax-offline").origin).parent / "static" / "mathjax"
PARTS = ("loader", "core", "adaptors/liteDOM", "input/tex-full", "output/chtml", "output/chtml/fonts/tex")
FONTS = MATHJAX / "output" / "chtml" / "fonts" / "woff-v2"
START = """
const {mathjax} = MathJax._.mathjax, adaptor = MathJax._.adaptors.liteAdaptor.liteAdaptor();
MathJax._.a11y["assistive-mml"].AssistiveMmlHandler(MathJax._.handlers.html_ts.RegisterHTMLHandler(adaptor));
const quiet = ["noerrors", "noundefined"]; // they would set what is wrong in red, and say nothing
const packages = MathJax._.input.tex.AllPackages.AllPackages.filter((name) => !quiet.includes(name));
const formatError = (_, error) => { throw error; };
const InputJax = new MathJax._.input.tex_ts.TeX({...settings.tex, packages, formatError});
const font = new MathJax._.output.chtml.fonts.tex_ts.TeXFont({fontURL: "mathjax"});
const OutputJax = new MathJax._.output.chtml_ts.CHTML({...settings.chtml, font, adaptiveCSS: false});
const page = mathjax.document("", {InputJax, OutputJax});
const set = (formula, display) => {
  try { return adaptor.outerHTML(page.convert(formula, {display})); } catch (error) { return error.message; }
};
0
"""
SHEET = "formulas.css"
TAG = re.compile(r"<(mjx-[\w-]+|math|m[a-z]+)((?: [\w-]+=\"[^\"]*\")+)>")
ATTRIBUTE = re.compile(r' ([\w-]+)="([^"]*)"')
ALL_ALIKE = re.compile(r"font-size: [\d.]+%; position: relative;")  # of each formula; the style sheet says it once
HOW_IT_STRETCHES = ("xmlns", "stretchy", "fence", "minsize", "maxsize")  # of MathML that is heard and not seen
GLYPH = re.compile(r"\bmjx-c(?=[0-9A-F])")


class Formulas:
    """MathJax without a browser, and what it has set before."""

    def start(self, app: Any) -> None:
        """Read what earlier builds set with the same settings and the same program."""
        chosen = {part: (app.config.mathjax3_config or {}).get(part, {}) for part in ("tex", "chtml")}
        self.settings = json.dumps(chosen)
        self.scale = chosen["chtml"].get("scale", 1)
        self.delimiters = re.compile(
            "|".join(
                rf"{re.escape(start)}(.*?){re.escape(end)}"
                for start, end in (app.config.mathjax_inline, app.config.mathjax_display)
            ),
            re.DOTALL,
        )
        made_with = self.settings.encode() + Path(__file__).read_bytes() + (MATHJAX / "core.js").read_bytes()
        self.key = hashlib.sha256(made_with).hexdigest()
        self.file = Path(app.outdir).parent / "formulas.json"
        kept = json.loads(self.file.read_text(encoding="utf-8")) if self.file.is_file() else {}
        self.kept = kept["formulas"] if kept.get("key") == self.key else {}

    @cached_property
    def browser(self) -> MiniRacer:
        """MathJax, ready."""
        browser = MiniRacer()
        browser.eval("var window = globalThis, MathJax = {loader: {load: []}}; 0")
        for part in (*PARTS, "a11y/assistive-mml"):
            browser.eval((MATHJAX / f"{part}.js").read_text(encoding="utf-8") + "\n;0")
        browser.eval(f"const settings = {self.settings};{START}")
        return browser

    @cached_property
    def css(self) -> str:
        """The whole style sheet of MathJax, for formulas as `lean` leaves them."""
        css = self.browser.eval("adaptor.textContent(OutputJax.styleSheet(page))")
        css = css.replace('mjx-container[jax="CHTML"]', ":root mjx-container")  # as strong a selector, without the word
        css = css.replace(".MJX-TEX", "mjx-math")
        css = re.sub(r"@font-face[^{]*\{", "@font-face { font-display: swap;", css)  # readable before its fonts come
        return f"mjx-container {{ font-size: {self.scale:.0%}; position: relative; }}\n{GLYPH.sub('c', css)}"

    @cached_property
    def read(self) -> tuple[set[str], set[str]]:
        """The classes and attributes that some rule of the style sheet reads."""
        return set(re.findall(r"\.(-?[A-Za-z][\w-]*)", self.css)), set(re.findall(r"\[([\w-]+)", self.css))

    def lean(self, formula: str) -> str:
        """Return a formula without what no rule reads and no reader hears."""
        classes, attributes = self.read

        def word(tag: str, name: str, value: str) -> str:
            seen = tag.startswith("mjx-")
            if name == "class":
                value = " ".join(one for one in GLYPH.sub("c", value).split() if one in classes)
            elif name == "style":
                value = ALL_ALIKE.sub("", value).strip()
            elif name.startswith("data-mjx") or (
                name not in (*attributes, "aria-hidden") if seen else name in HOW_IT_STRETCHES
            ):
                value = ""
            return f' {name}="{value}"' if value else ""

        def lean_tag(tag: re.Match[str]) -> str:
            return f"<{tag[1]}{''.join(word(tag[1], *found) for found in ATTRIBUTE.findall(tag[2]))}>"

        return TAG.sub(lean_tag, formula).replace('<mjx-assistive-mml display="inline">', "<mjx-assistive-mml>")

    def set(self, tex: str, display: bool, node: nodes.Node) -> str:
        """Return a formula as HTML; where it is wrong, warn and return its source."""
        name = f"{'display' if display else 'inline'} {tex}"
        if name not in self.kept:
            done = self.browser.eval(f"set({json.dumps(tex)}, {json.dumps(display)})")
            if not done.startswith("<mjx-container"):
                logging.getLogger(__name__).warning(f"A formula is wrong, {done}: {tex}", location=node)
                return html.escape(tex)
            self.kept[name] = self.lean(done)
        return self.kept[name]

    def visitor(self, visit: Callable[[Any, Any], None]) -> Callable[[Any, Any], None]:
        """Return Sphinx's function for MathJax in a page, with each formula set where it leaves TeX in delimiters."""

        def visit_and_set(translator: Any, node: nodes.Node) -> None:
            start = len(translator.body)
            try:
                visit(translator, node)
            finally:
                written = "".join(translator.body[start:])
                translator.body[start:] = [self.delimiters.sub(lambda found: self.within(found, node), written)]

        return visit_and_set

    def within(self, found: re.Match[str], node: nodes.Node) -> str:
        """Set what stands between delimiters."""
        display = found[1] is None
        return self.set(html.unescape(found[2] if display else found[1]).strip(), display, node)

    def link(self, app: Any, page: str, template: str, context: dict[str, Any], doctree: Any) -> None:
        """Give a page that has a formula the style sheet."""
        if "<mjx-container" in context.get("body", ""):
            app.add_css_file(SHEET, priority=900)

    def finish(self, app: Any, error: Exception | None) -> None:
        """Write the style sheet with the signs that pages use, its fonts, and what was set."""
        if error or app.builder.format != "html":
            return
        static = Path(app.outdir, "_static")
        css = re.sub(r"([{:;])\s+", r"\1", prune(self.css, used_classes(Path(app.outdir))))
        zero = base64.b64encode((FONTS / "MathJax_Zero.woff").read_bytes()).decode()
        # The font of lines that have no height stands in the sheet: formulas would move when it came
        css = css.replace("mathjax/MathJax_Zero.woff", f"data:font/woff;base64,{zero}")
        (static / "mathjax").mkdir(exist_ok=True)
        for font in set(re.findall(r"mathjax/([\w-]+\.woff)", css)):
            subset(FONTS / font, signs_of(css), static / "mathjax" / font)
        (static / SHEET).write_text(css, encoding="utf-8")
        self.file.write_text(json.dumps({"key": self.key, "formulas": self.kept}), encoding="utf-8")


def setup(app: Any) -> dict[str, bool]:
    """Connect to Sphinx. Pages are not written side by side: each process would keep what it sets to itself."""
    formulas = Formulas()
    inline, display = map(formulas.visitor, (mathjax.html_visit_math, mathjax.html_visit_displaymath))
    app.add_html_math_renderer("formulas", (inline, None), (display, None))
    app.connect("builder-inited", formulas.start)
    app.connect("html-page-context", formulas.link)
    app.connect("build-finished", formulas.finish)
    return {"parallel_read_safe": True, "parallel_write_safe": False}
