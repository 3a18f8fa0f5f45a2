"""The picture that shows when somebody shares a link to a page: its title above the small picture of its chapter."""

import html
import io
import re
from functools import cache
from pathlib import Path

import matplotlib
import resvg_py
from PIL import Image, ImageFont

BOOK = Path(__file__).parents[1] / "book"
PICTURES = BOOK / "_static" / "home"  # 2:1, made by scripts/home_pictures.py
LOGO = BOOK / "_static" / "favicon.svg"
FONTS = Path(matplotlib.get_data_path(), "fonts", "ttf")  # on every machine the same
WIDTH, HEIGHT, MARGIN = 1200, 630, 64
TITLE_SIZES = (62, 54, 46, 40)
REST = "gan"  # the picture of pages that have none of their own
INK, QUIET, GROUND = "#14181c", "#55606a", "#ffffff"


def picture_of(page: str) -> str:
    """Return the name of a page's picture: that of its folder, as book/gan/lab, or its own, as book/playground."""
    own = page.removeprefix("book/").split("/")[0]
    return own if (PICTURES / f"{own}.svg").is_file() else REST


@cache
def described() -> dict[str, str]:
    """Return what each picture shows, in the words of the home page."""
    cards = re.findall(r":img-top: _static/home/([\w-]+)\.svg\n:img-alt: (.+)", (BOOK / "intro.md").read_text("utf-8"))
    return dict(cards)


@cache
def bold(size: int) -> ImageFont.FreeTypeFont:
    """Return the font of titles, to measure with."""
    return ImageFont.truetype(str(FONTS / "DejaVuSans-Bold.ttf"), size)


def broken(title: str, size: int, width: int) -> list[str]:
    """Return a title in lines that are at most `width` pixels wide; a word that is wider alone stays whole."""
    lines = [""]
    for word in title.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and bold(size).getlength(longer) > width:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def fitted(title: str) -> tuple[int, list[str]]:
    """Return the largest size at which a title takes two lines, and these; the last size takes what it needs."""
    for size in TITLE_SIZES:
        lines = broken(title, size, WIDTH - 2 * MARGIN)
        if len(lines) <= 2 and max(map(bold(size).getlength, lines)) <= WIDTH - 2 * MARGIN:
            break
    return size, lines


def inner(file: Path, x: int, y: int, width: int, height: int) -> str:
    """Return an SVG file as a part of another one."""
    return file.read_text("utf-8").replace("<svg ", f'<svg x="{x}" y="{y}" width="{width}" height="{height}" ', 1)


def drawn(title: str, page: str, book: str) -> str:
    """Return the card of a page as SVG.

    Args:
        title: plain text, without tags
        page: its name, as book/gan/lab
        book: the title of the book
    """
    size, lines = fitted(title)
    texts = [
        f'<text x="{MARGIN}" y="{184 + i * size * 1.22:.0f}" font-size="{size}" font-weight="700" fill="{INK}">'
        f"{html.escape(line)}</text>"
        for i, line in enumerate(lines)
    ]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="DejaVu Sans">'
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="{GROUND}"/>'
        f"{inner(LOGO, MARGIN, 48, 60, 60)}"
        f'<text x="{MARGIN + 78}" y="88" font-size="29" fill="{QUIET}">{html.escape(book)}</text>'
        f"{''.join(texts)}"
        f"{inner(PICTURES / f'{picture_of(page)}.svg', WIDTH - MARGIN - 620, 290, 620, 310)}"
        "</svg>"
    )


def painted(svg: str) -> Image.Image:
    """Return a card as a picture of 1200 by 630 pixels, in 256 colours, which make a small file."""
    png = resvg_py.svg_to_bytes(
        svg_string=svg, width=WIDTH, skip_system_fonts=True, sans_serif_family="DejaVu Sans",
        font_files=[str(FONTS / name) for name in ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf")],
    )  # fmt: skip
    return Image.open(io.BytesIO(png)).convert("RGB").quantize(256)
