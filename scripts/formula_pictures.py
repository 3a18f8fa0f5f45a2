"""A formula of the built site as a picture that grows with the text, and in words: for readers that know no MathJax.

The picture is SVG with every sign as an outline: it needs no font and takes the colour of the text, by night as well.
The words are made from the MathML beside each formula of a page.
"""

# ruff: noqa: RUF001  # signs that look like letters are what this is about

import hashlib
import json
import re
import unicodedata
import xml.etree.ElementTree as ET
from collections.abc import Iterable
from html import escape
from pathlib import Path
from typing import Any

from formulas import MATHJAX
from py_mini_racer import MiniRacer

FORMULA = re.compile(r"<mjx-container.*?</mjx-container>", re.DOTALL)
MATHML = re.compile(r"<math.*?</math>", re.DOTALL)
PARTS = ("loader", "core", "adaptors/liteDOM", "input/tex-full", "output/svg", "output/svg/fonts/tex")
START = """
const {mathjax} = MathJax._.mathjax, adaptor = MathJax._.adaptors.liteAdaptor.liteAdaptor();
MathJax._.handlers.html_ts.RegisterHTMLHandler(adaptor);
const quiet = ["noerrors", "noundefined"]; // they would draw what is wrong, and say nothing
const packages = MathJax._.input.tex.AllPackages.AllPackages.filter((name) => !quiet.includes(name));
const formatError = (_, error) => { throw error; };
const font = new MathJax._.output.svg.fonts.tex_ts.TeXFont();
const InputJax = new MathJax._.input.tex_ts.TeX({...settings, packages, formatError});
const OutputJax = new MathJax._.output.svg_ts.SVG({font, fontCache: "none"});
const page = mathjax.document("", {InputJax, OutputJax});
const draw = (formula, display) => {
  try { return adaptor.outerHTML(page.convert(formula, {display})); } catch (error) { return error.message; }
};
0
"""
SVG = re.compile(
    r'<svg style="vertical-align: (-?[\d.]+)(?:ex)?;" xmlns="[^"]*" width="([\d.]+)ex" height="([\d.]+)ex"[^>]* '
    r'(viewBox="[^"]*")>(.*)</svg>',
    re.DOTALL,
)
NOT_SEEN = re.compile(r' data-[\w-]+="[^"]*"')
PLAIN_GROUP = re.compile(r"<g>((?:(?!</?g[ >]).)*)</g>", re.DOTALL)
EM = 0.442 * 1.05  # of MathJax's ex; letters a little larger than the text's, as on the site

LETTERS = {"E": "expectation", "R": "the real numbers"}  # in double-struck type
SIGNS = {
    "(": "open", ")": "close", "[": "open square", "]": "close square", "{": "open brace", "}": "close brace",
    "⟨": "open angle", "⟩": "close angle", "⌊": "open floor", "⌋": "close floor", "⌈": "open ceiling",
    "⌉": "close ceiling", "|": "bar", "∣": "bar", "‖": "double bar", "∥": "double bar", "−": "minus", "+": "plus",
    "±": "plus or minus", "∓": "minus or plus", "=": "equals", "≠": "is not", "≈": "is about", "≡": "is identical to",
    "=:": "defines", "∝": "is proportional to", "<": "is less than", ">": "is greater than", "≤": "is at most",
    "≥": "is at least", "/": "over", "⋅": "times", "×": "times", "∗": "star", "∘": "after", "∼": "is drawn from",
    "→": "to", "←": "becomes", "↦": "maps to", "∈": "in", "∉": "not in", "⊂": "within", "⊆": "within", "∪": "or",
    "∑": "sum", "∏": "product", "∫": "integral", "∞": "infinity", "∂": "partial", "∇": "gradient", "⊤": "top",
    "′": "prime", "″": "double prime", "°": "degrees", "…": "and so on", "⋯": "and so on", "ℓ": "l", "%": "per cent",
    ".": "", ",": ",", ";": ";", ":": ":", "\u2061": "",
}  # fmt: skip
ABOVE = {"^": "hat", "¯": "bar", "~": "tilde", "˙": "dot", "→": "arrow", "⏟": "brace"}
POWERS = {"2": "squared", "3": "cubed", "′": "prime", "″": "double prime", "∗": "star", "T": "transposed",
          "⊤": "transposed"}  # fmt: skip


def _token(element: ET.Element) -> str:
    """Say a sign, a letter or a name."""
    text = (element.text or "").strip("\xa0 ")
    if element.tag in ("mtext", "mn"):
        return text
    if element.get("mathvariant") == "double-struck":
        return LETTERS.get(text, f"double-struck {text}")
    if text in SIGNS:
        return SIGNS[text]
    if len(text) == 1 and not text.isascii():
        words = unicodedata.name(text).split()
        if "LETTER" in words:  # GREEK SMALL LETTER THETA
            name = words[words.index("LETTER") + 1].lower().replace("lamda", "lambda")  # Unicode's own spelling
            return f"capital {name}" if "CAPITAL" in words else name
        return " ".join(words[1:] if words[-1] == "SYMBOL" else words).lower().removesuffix(" symbol")
    return f"capital {text}" if len(text) == 1 and text.isupper() else text


def _enclosed(element: ET.Element, start: str, end: str) -> str:
    """Say a part, with a word at its end where it has more than one sign."""
    several = sum(1 for child in element.iter() if len(child) == 0) > 1
    return f"{start} {_words(element)} {end if several else ''}"


def _raised(base: str, power: ET.Element) -> str:
    said = "".join(power.itertext()).strip()
    if said.strip("′"):
        return f"{base} {POWERS[said]}" if said in POWERS else f"{base} {_enclosed(power, 'to the power', 'end power')}"
    return f"{base}{' prime' * len(said)}"


def _words(element: ET.Element) -> str:
    tag, parts = element.tag, list(element)
    if tag == "mspace":  # a thin one is no pause
        return "," if float(element.get("width", "0em").removesuffix("em")) >= 1 else ""
    if not parts:
        return _token(element)
    if tag == "mfrac":
        few = all(sum(1 for one in part.iter() if len(one) == 0) == 1 for part in parts)
        over = f"{_words(parts[0])} over {_words(parts[1])}"
        return over if few else f"fraction {over} end fraction"
    if tag == "msqrt":
        return f"square root of {' '.join(map(_words, parts))} end root"
    if tag == "msub":
        return f"{_words(parts[0])} {_enclosed(parts[1], 'sub', 'end sub')}"
    if tag == "msup":
        return _raised(_words(parts[0]), parts[1])
    if tag == "msubsup" and "".join(parts[0].itertext()) != "∫":
        return _raised(f"{_words(parts[0])} {_enclosed(parts[1], 'sub', 'end sub')}", parts[2])
    if tag in ("munderover", "msubsup"):
        return f"{_words(parts[0])} from {_words(parts[1])} to {_words(parts[2])} of"
    if tag == "mover":
        above = "".join(parts[1].itertext())
        return f"{_words(parts[0])} {ABOVE[above]}" if above in ABOVE else f"{_words(parts[0])} {_words(parts[1])}"
    if tag == "munder":
        below = "".join(parts[1].itertext())
        over = "" if below in ABOVE else f"over {_words(parts[1])} of"
        return f"{_words(parts[0])} {over}"
    if tag == "mtable":
        return "; ".join(f"row {i}: {_words(row)}" for i, row in enumerate(parts, 1))
    if tag == "mtr":
        return ", ".join(said for cell in parts if (said := _words(cell).strip()))
    return " ".join(map(_words, parts))


def words(mathml: str) -> str:
    """Return a formula in English words, from its MathML."""
    said = re.sub(r"\s+", " ", _words(ET.fromstring(mathml)))
    return re.sub(r"( ?[,;:])+", lambda found: found[0].strip()[-1], said).strip(" ,;")


class Pictures:
    """The formulas of a built site, drawn; what was drawn before is kept beside the site.

    `kept` is the file in which the build keeps what it has set, `formulas.json`; it tells the TeX of each formula.
    """

    def __init__(self, kept: Path, settings: dict[str, Any]) -> None:
        written = json.loads(kept.read_text(encoding="utf-8"))["formulas"] if kept.is_file() else {}
        self.tex = {shown: name.split(" ", 1) for name, shown in written.items()}
        self.settings = json.dumps(settings)
        made_with = self.settings.encode() + Path(__file__).read_bytes() + (MATHJAX / "core.js").read_bytes()
        self.key = hashlib.sha256(made_with).hexdigest()
        self.file = kept.with_name("formula-pictures.json")
        before = json.loads(self.file.read_text(encoding="utf-8")) if self.file.is_file() else {}
        self.drawn = before["pictures"] if before.get("key") == self.key else {}

    def draw(self, formulas: Iterable[str]) -> None:
        """Draw these formulas, each as it stands in a page, unless they have been drawn before.

        Raises:
            ValueError: a formula's TeX is not known, since the page is older or newer than what the build keeps; or
                MathJax cannot draw it.
        """
        new = sorted(set(formulas) - set(self.drawn))
        if unknown := [formula for formula in new if formula not in self.tex]:
            raise ValueError(
                f"{len(unknown)} formulas of the built site are not in {self.file.with_name('formulas.json')}, as "
                f"{words(MATHML.search(unknown[0])[0])!r}; build the book again: make clean book"
            )
        if new:
            with MiniRacer() as browser:
                browser.eval("var window = globalThis, MathJax = {loader: {load: []}}; 0")
                for part in PARTS:
                    browser.eval((MATHJAX / f"{part}.js").read_text(encoding="utf-8") + "\n;0")
                browser.eval(f"const settings = {self.settings};{START}")
                for formula in new:
                    style, tex = self.tex[formula]
                    picture = browser.eval(f"draw({json.dumps(tex)}, {json.dumps(style == 'display')})")
                    if not SVG.search(picture) or "<text" in picture:  # letters that its fonts lack
                        raise ValueError(f"MathJax cannot draw {tex!r} as outlines: {picture[:200]}")
                    self.drawn[formula] = self.lean(picture, words(MATHML.search(formula)[0]))
            self.file.write_text(json.dumps({"key": self.key, "pictures": self.drawn}), encoding="utf-8")

    @staticmethod
    def lean(picture: str, said: str) -> str:
        """Return MathJax's SVG with its size in em, since readers differ in what an ex is, and without empty words."""
        below, width, height, box, body = SVG.search(picture).groups()
        body = NOT_SEEN.sub("", body).replace("></path>", "/>").replace("></rect>", "/>")
        while (shorter := PLAIN_GROUP.sub(r"\1", body)) != body:
            body = shorter
        below, width, height = (f"{float(value) * EM:.3f}em" for value in (below, width, height))
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" class="formula" role="img" aria-label="{escape(said)}" '
            f'width="{width}" height="{height}" style="vertical-align: {below}" {box}>{body}</svg>'
        )
