"""A Sphinx extension: a page loads what it uses, and little else.

- Icons stand in the page as SVG, drawn from the theme's own fontawesome.js (1.5 MB), which no page loads any more.
- The search index, which is read on the search page alone, is loaded there alone.
- Of the large style sheets the site gets the rules whose classes some page or script names; none waits for another.
- Scripts wait until the text stands, in the same order. Pictures after the first and what widgets of labs need wait
  until a reader comes near (book/_static/near.js).
- Fonts hold the signs that style sheets write with them (`subset`, for scripts/formulas.py as well).

scripts/templates/layout.html sends the theme's pages through `without` and `icons`.
"""

import hashlib
import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import myst_nb
import pydata_sphinx_theme
import sphinx_design
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from PIL import Image
from py_mini_racer import MiniRacer
from sphinx.errors import ExtensionError

THEME = Path(pydata_sphinx_theme.__file__).parent / "theme" / "pydata_sphinx_theme" / "static"
SHEETS = {
    "styles/pydata-sphinx-theme.css": THEME / "styles" / "pydata-sphinx-theme.css",
    "mystnb.*.css": Path(myst_nb.__file__).parent / "static" / "mystnb.css",
    "sphinx-design.min.css": Path(sphinx_design.__file__).parent / "static" / "sphinx-design.min.css",
}
UNUSED = (
    "scripts/fontawesome.js",
    "*/*.map",
    "vendor/fontawesome/webfonts/*.ttf",
    "vendor/fontawesome/webfonts/*.woff2",
)
ICON = re.compile(r'<(i|span) class="([^"]*\b(?:fa[bsr]|fa-(?:brands|solid|regular))\s[^"]*)"([^>]*)></\1>')
FAMILY = {"fa-brands": "fab", "fa-solid": "fas", "fa-regular": "far"}
TITLE = re.compile(r'\stitle="([^"]*)"')
DRAWN = (
    '<svg class="svg-inline--fa {classes}"{more} viewBox="0 0 {width} {height}">{said}'
    '<path fill="currentColor" d="{path}"/></svg>'
)
TOKEN = re.compile(r"/\*.*?\*/|\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'|url\([^\"')]*\)|[{};]|[^{};/\"'u]+|.", re.DOTALL)
SELECTOR = re.compile(r"(?:[^,()]|\((?:[^()]|\([^()]*\))*\))+")
BRACKETS = re.compile(r"\(.*\)|\[.*?\]|\\.", re.DOTALL)
CLASS = re.compile(r"\.(-?[A-Za-z_][\w-]*)")
WORD = re.compile(r"[A-Za-z_][\w-]*")
ICON_BY_FONT = re.compile(r"^\.fa-[\w-]+::?before$")
SIGN = re.compile(r'(?:content|--[\w-]+):\s*"((?:\\[0-9a-fA-F]+ ?|[^"\\])+)"')
CODE = re.compile(r"\\([0-9a-fA-F]+) ?")
PICTURE = re.compile(r'<img(?=(?:[^>"]|"[^"]*")*?\bsrc="([^":]+\.(?:png|jpe?g|webp|gif))")((?:[^>"]|"[^"]*")*?)\s*/?>')
LIVE = re.compile(r'data-gan-later="[^"]*"></div>\s*$')  # before the still picture, which gives way to a live figure
WIDGET = re.compile(
    r'<div class="gan-widget" data-gan-widget="([\w-]+)">((?:(?!<script|<div).)*)'
    r'<script type="application/json">([^<]*)</script></div><style>[^<]*</style><script>(.*?)</script>',
    re.DOTALL,
)
SMALL = 20_000  # characters of a widget's data that may stand in the page
NEAR = """(() => {{
  const root = document.querySelector('[data-gan-near$="{name}"][data-gan-started="later"]');
  root.append(Object.assign(document.createElement("script"), {{ type: "application/json", textContent: {data} }}));
  delete root.dataset.ganStarted;
}})();
{code}
"""
FACE = re.compile(r"url\(([^)]*?)(fa-[a-z]+-\d+)\.woff2\) format\(\"woff2\"\),url\([^)]*\) format\(\"truetype\"\)")


def without(html: str, *names: str) -> str:
    """Return a piece of a page without the scripts of these names; each has to be there."""
    for name in names:
        html, count = re.subn(rf'\s*<script [^>]*src="[^"]*\b{re.escape(name)}[^"]*"></script>', "", html)
        if count != 1:
            raise ExtensionError(f"The theme loads {name} {count} times, not once; see scripts/light.py.")
    return html


def deferred(html: str) -> str:
    """Return a piece of a page whose scripts wait until the page is read, and run in the same order."""
    html = re.sub(r"<script (?=[^>]*\bsrc=)(?![^>]*\b(?:defer|async)\b)", "<script defer ", html)
    return html.replace("<script>DOCUMENTATION_OPTIONS.", '<script type="module">DOCUMENTATION_OPTIONS.')


@cache
def _drawings() -> dict[str, dict[str, list[Any]]]:
    """Return Font Awesome's icons, by family and name: width, height, other names, code point, path."""
    browser = MiniRacer()
    browser.eval("var window = globalThis")
    browser.eval((THEME / "scripts" / "fontawesome.js").read_text(encoding="utf-8") + "\n;0")
    return json.loads(browser.eval("JSON.stringify(___FONT_AWESOME___.styles)"))


def draw(icon: re.Match[str]) -> str:
    """Return the drawing of an icon, as Font Awesome's script would put it into the page."""
    _, words, more = icon.groups()
    classes = words.split()
    family = next(FAMILY.get(word, word) for word in classes if word in (*FAMILY, *FAMILY.values()))
    name = next((word[3:] for word in classes if word[3:] in _drawings()[family] and word.startswith("fa-")), None)
    if name is None:
        raise ExtensionError(f"A page asks for an icon that Font Awesome does not hold: {words}")
    width, height, _, _, path = _drawings()[family][name]
    title = TITLE.search(more)
    said = f"<title>{title[1]}</title>" if title else ""
    more = TITLE.sub("", more).rstrip() + (' role="img"' if title else ' aria-hidden="true"')
    left = " ".join(word for word in classes if word not in (*FAMILY, *FAMILY.values()))
    return DRAWN.format(classes=left, more=more, width=width, height=height, said=said, path=path)


def icons(html: str) -> str:
    """Return a piece of a page with its icons drawn."""
    return ICON.sub(draw, html)


def blocks(css: str) -> Iterator[tuple[str, str | None]]:
    """Yield the outermost rules of a style sheet: what stands before the braces and within, or a statement and None."""
    depth, before, within = 0, "", ""
    for token in TOKEN.findall(css):
        if token.startswith("/*"):
            continue
        if token == "}":
            depth -= 1
            if depth == 0:
                yield before.strip(), within
                before = within = ""
                continue
        if depth:
            within += token
        elif token == ";":
            yield before.strip(), None
            before = ""
        elif token != "{":
            before += token
        depth += token == "{"


def prune(css: str, used: set[str]) -> str:
    """Leave out the selectors with a class that nothing uses. Classes in brackets, as of :not(), are no reason.

    Nor are those that Bootstrap's script puts together, bs-tooltip-top and such.
    """
    kept = []
    for selectors, within in blocks(css):
        if within is None:
            kept.append(f"{selectors};")
        elif selectors.startswith(("@media", "@supports")):
            if rules := prune(within, used):
                kept.append(f"{selectors}{{{rules}}}")
        elif selectors.startswith("@"):
            kept.append(f"{selectors}{{{within}}}")
        else:
            asked = [(part, CLASS.findall(BRACKETS.sub("", part))) for part in SELECTOR.findall(selectors)]
            left = [part for part, names in asked if all(name in used or name.startswith("bs-") for name in names)]
            if left:
                kept.append(f"{','.join(left)}{{{within}}}")
    return "".join(kept)


@cache
def used_classes(site: Path) -> set[str]:
    """Return the classes that pages have, and every word of a script that might become one."""
    used, scripts = set(), [path.read_text(encoding="utf-8") for path in (site / "_static").rglob("*.js")]
    for page in site.rglob("*.html"):
        html = page.read_text(encoding="utf-8")
        scripts += re.findall(r"<script[^>]*>(.*?)</script>", html, re.DOTALL)
        for _, classes in re.findall(r"""\bclass=(["'])(.*?)\1""", html):
            used.update(classes.split())
    return used.union(*(WORD.findall(script) for script in scripts))


def subset(font: Path, signs: str, target: Path) -> None:
    """Write a font with these signs alone."""
    small = TTFont(font)
    options = Options(layout_features=[])
    options.drop_tables += ["FFTM"]  # when it was made
    cutter = Subsetter(options)
    cutter.populate(text=signs)
    cutter.subset(small)
    small.flavor = "woff"
    small.save(target)


def signs_of(css: str) -> str:
    """Return the characters that a style sheet writes."""
    plain = (CODE.sub(lambda code: chr(int(code[1], 16)), written) for written in SIGN.findall(css))
    return "".join(plain)


def lighten(app: Any, error: Exception | None) -> None:
    """Write the style sheets as far as pages use them, and the fonts of their signs."""
    if error or app.builder.format != "html":
        return
    static = Path(app.outdir, "_static")
    for page in Path(app.outdir, "book").rglob("*.html"):
        pictures_wait(page)
        widgets_wait(page, static)
    for pattern in UNUSED:
        for file in static.glob(pattern):
            file.unlink()
    unchain(static / "styles" / "theme.css")
    used = used_classes(Path(app.outdir))
    for name, source in SHEETS.items():
        css = source.read_text(encoding="utf-8")
        css = "".join(f"{a};" if b is None else f"{a}{{{b}}}" for a, b in blocks(css) if not ICON_BY_FONT.match(a))
        css = prune(css, used)
        for folder, font in set(FACE.findall(css)):
            target = static / "styles" / folder / f"{font}.woff"
            subset(THEME / "vendor" / "fontawesome" / "webfonts" / f"{font}.ttf", signs_of(css), target)
        for sheet in static.glob(name):
            sheet.write_text(FACE.sub(r'url(\1\2.woff) format("woff")', css), encoding="utf-8")


def pictures_wait(page: Path) -> None:
    """Have a page ask for its pictures, but for the first, when a reader comes near; sizes keep the text where it is.

    A still picture that gives way to a live figure waits as well, and so is not asked for where scripts run.
    """
    html = page.read_text(encoding="utf-8")
    first = next((found.start() for found in PICTURE.finditer(html)), 0)

    def with_size(found: re.Match[str]) -> str:
        source, words = found.groups()
        if not re.search(r"\swidth=", words):
            with Image.open(page.parent / unquote(source)) as picture:
                words += f' width="{picture.width}" height="{picture.height}"'
        gives_way = LIVE.search(html[max(0, found.start() - 2000) : found.start()])
        if (found.start() > first or gives_way) and not re.search(r"\sloading=", words):
            words += ' loading="lazy"'
        return f"<img{words} />"

    changed = PICTURE.sub(with_size, html)
    if changed != html:
        page.write_text(changed, encoding="utf-8")


def widgets_wait(page: Path, static: Path) -> None:
    """Move what a lab's widgets need out of the page into files, which book/_static/near.js fetches."""
    html = page.read_text(encoding="utf-8")
    up = "../" * (len(page.relative_to(static.parent).parts) - 1) + static.name

    def moved(found: re.Match[str]) -> str:
        widget, picture, data, code = found.groups()
        if len(data) <= SMALL:
            return found[0]
        name = f"{hashlib.sha256(f'{data}{code}'.encode()).hexdigest()[:16]}.js"
        (static / "widgets").mkdir(exist_ok=True)
        said = NEAR.format(name=name, data=json.dumps(data), code=code)
        (static / "widgets" / name).write_text(said, encoding="utf-8")
        near = f'data-gan-near="{up}/widgets/{name}" data-gan-started="later"'
        return f'<div class="gan-widget" data-gan-widget="{widget}" {near}>{picture}</div>'

    changed = WIDGET.sub(moved, html)
    if changed != html:
        script = f'<script defer src="{up}/near.js"></script>\n</body>'
        page.write_text(changed.replace("</body>", script), encoding="utf-8")


def unchain(sheet: Path) -> None:
    """Put into a style sheet what it imports: a browser would ask for that when it has read the first."""

    def imported(found: re.Match[str]) -> str:
        folder, name = found.groups()
        css = (sheet.parent / folder / name).read_text(encoding="utf-8")
        return re.sub(r"url\((?![\"']?(?:data:|/|[a-z]+:))([\"']?)", rf"url(\1{folder}", css)

    css = re.sub(r'@import "((?:\.\./)*)([\w.-]+)";', imported, sheet.read_text(encoding="utf-8"))
    sheet.write_text(css, encoding="utf-8")


def add_filters(app: Any) -> None:
    """Give the templates what layout.html calls."""
    if app.builder.format == "html":
        app.builder.templates.environment.filters.update(without=without, deferred=deferred, icons=icons)


def setup(app: Any) -> dict[str, bool]:
    """Connect to Sphinx."""
    app.connect("builder-inited", add_filters)
    app.connect("build-finished", lighten)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
