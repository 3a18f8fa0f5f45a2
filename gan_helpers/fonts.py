"""A font file from one latent vector: the 26 capitals that a generator draws, traced and written as TrueType.

    python -m gan_helpers.fonts --code CODE --out my-font.ttf

CODE is what the page "Type your name in a font that does not exist" copies: the latent vector, in base64.
"""

import argparse
import base64
import binascii
import io
import math
import os
import string
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from gan_helpers.checks import check_finite
from gan_helpers.pretrained import load_pretrained

LETTERS = string.ascii_uppercase
PIXEL = 32  # units of the font in one pixel of the picture
EM = 1024  # units in the size of the font: the 28 pixels of a picture and four between lines
BEARING, SPACE = 1.5, 9.0  # pixels: empty at each side of a letter, and the width of a space; the page has the same
FAINT = -0.5  # in [-1, 1]: a row of pixels that is no darker holds no ink
FACTOR = 8  # how many times finer than its pixels a picture is traced
TOLERANCE = 0.06  # pixels that the outline may lie beside the traced line
CORNER = 45.0  # degrees: an outline that turns by more at once has a corner there
ROUND = 1.5  # pixels: how far from a softer turn its curve begins
SPECK = 0.4  # square pixels: smaller spots and holes are left out
LONGEST_NAME = 60  # characters


def make_font(generator: nn.Module, z: Any, path: str | Path, *, name: str = "Font of no foundry") -> Path:
    """Write the font of one latent vector as a TrueType file, and return its path.

    The 26 capitals are drawn, enlarged by a cubic kernel and traced where they are half black; small letters get the
    same outlines. All stand on the base line on which the middle letter stands, and are as wide as their ink and 3
    pixels more. The same vector gives the same file, byte for byte.

    Args:
        generator: of letters: `load_pretrained("letters")`, or another with `latent_dim` and 26 classes.
        z: one latent vector, (latent_dim,) or (1, latent_dim).
        path: of the file to write; one that is there is replaced.
        name: of the font, as programs will show it.

    Raises:
        TypeError: a generator without letters, a name that is no text.
        ValueError: a vector of another length or with NaN, an unusable name, a letter without ink.
        OSError: the file cannot be written there.
    """
    _check_generator(generator)
    z = _check_latent(generator, z)
    name = _check_name(name)
    path = _check_path(path)
    content = io.BytesIO()
    _build(draw_alphabet(generator, z), name, encode(z)).save(content)
    try:
        path.write_bytes(content.getvalue())
    except OSError as error:
        raise type(error)(f"the font cannot be written to {path}: {error.strerror or error}.") from error
    return path


@torch.no_grad()
def draw_alphabet(generator: nn.Module, z: Tensor) -> np.ndarray:
    """Return the capitals that a generator draws from one latent vector (latent_dim,), as (26, 28, 28) in [-1, 1]."""
    parameter = next(generator.parameters(), torch.zeros(1))
    z = z.to(parameter)
    pictures = generator(z.expand(26, -1), torch.arange(26, device=parameter.device)).float().cpu()
    if pictures.shape != (26, 1, 28, 28):
        raise ValueError(f"26 pictures of 28x28 are needed, but {tuple(pictures.shape)} came; a generator of letters?")
    check_finite("what the generator draws", pictures)
    return pictures[:, 0].numpy()


def encode(z: Tensor) -> str:
    """Return a latent vector as text: an f, then float16, little-endian, in base64 with - and _."""
    return "f" + base64.urlsafe_b64encode(z.detach().cpu().numpy().astype("<f2").tobytes()).decode("ascii").rstrip("=")


def decode(code: str) -> Tensor:
    """Return the latent vector of a code, float32.

    Raises:
        TypeError: something else than text.
        ValueError: a text that is no code, or one that holds NaN.
    """
    if not isinstance(code, str):
        raise TypeError(f"the code of a font is text, but {type(code).__name__} came.")
    code = "".join(code.split())
    body = code[1:] if code[:1] == "f" else "!"
    try:
        data = base64.b64decode(body + "=" * (-len(body) % 4), altchars=b"-_", validate=True)
        z = torch.from_numpy(np.frombuffer(data, "<f2").astype(np.float32))
    except (binascii.Error, ValueError):
        z = torch.empty(0)
    if not len(z) or not torch.isfinite(z).all():
        shown = code if len(code) <= 40 else code[:37] + "..."
        raise ValueError(f"{shown!r} is no code of a font; copy all of it from the page.")
    return z


# ---- from pixels to outlines ----


def enlarge(pictures: np.ndarray, factor: int) -> np.ndarray:
    """Return pictures (..., H, W) enlarged as `enlarge` of web/generator.js does it, by the kernel of Mitchell and
    Netravali 1988 with B = C = 1/3: (..., H * factor, W * factor)."""
    for axis in (-2, -1):
        size = pictures.shape[axis]
        far = np.abs((np.arange(size * factor)[:, None] + 0.5) / factor - 0.5 - np.arange(size))  # (out, in)
        near = (7 * far**3 - 12 * far**2 + 16 / 3) / 6
        tail = (-7 / 3 * far**3 + 12 * far**2 - 20 * far + 32 / 3) / 6
        weights = np.where(far < 1, near, np.where(far < 2, tail, 0.0))
        weights /= weights.sum(axis=1, keepdims=True)
        pictures = np.moveaxis(np.moveaxis(pictures, axis, -1) @ weights.T, -1, axis)
    return np.clip(pictures, -1.0, 1.0)


def half(fine: np.ndarray) -> float:
    """Return the level half-way between paper, -1, and the black of an enlarged letter (H, W).

    Its black is the median of the darkest values of its rows: hairlines, thinner than a pixel, are never more than
    grey.
    """
    darkest = fine.max(axis=1)
    rows = darkest[darkest > FAINT]
    return (float(np.median(rows)) - 1) / 2 if len(rows) else 0.0


def trace(picture: np.ndarray) -> list[np.ndarray]:
    """Return the outlines of the ink in a picture (28, 28): polygons (N, 2) in pixels, x to the right and y down.

    The last point is joined to the first. Seen in the picture, ink lies to the right of the way round.
    """
    import contourpy  # only who makes fonts waits for it

    fine = enlarge(picture, FACTOR)
    ink = np.pad(fine, 1, constant_values=-1.0)  # every outline closes
    at = (np.arange(len(ink)) - 0.5) / FACTOR  # the centres of the fine pixels
    outlines = []
    for line in contourpy.contour_generator(at, at, ink).lines(half(fine)):
        corners = simplify(line[:-1], TOLERANCE)
        if len(corners) > 2 and abs(area(corners)) >= SPECK:
            outlines.append(corners)
    return outlines


def area(polygon: np.ndarray) -> float:
    """Return the signed area of a polygon (N, 2): positive if x, y, and the way round turn the same way."""
    x, y = polygon.T
    return float(x @ np.roll(y, -1) - y @ np.roll(x, -1)) / 2


def simplify(polygon: np.ndarray, tolerance: float) -> np.ndarray:
    """Return the corners of a closed polygon (N, 2) that keep it within `tolerance`.

    Source: Douglas and Peucker 1973, from two points that lie far apart.
    """
    first = int(np.argmax(((polygon - polygon.mean(axis=0)) ** 2).sum(axis=1)))
    polygon = np.roll(polygon, -first, axis=0)
    second = int(np.argmax(((polygon - polygon[0]) ** 2).sum(axis=1)))
    closed = np.vstack([polygon, polygon[:1]])
    kept, open_ = {0, second}, [(0, second), (second, len(polygon))]
    while open_:
        start, end = open_.pop()
        if end - start < 2:
            continue
        line, inside = closed[end] - closed[start], closed[start + 1 : end] - closed[start]
        length = math.hypot(*line)
        off = np.abs(inside[:, 0] * line[1] - inside[:, 1] * line[0]) / length if length else np.hypot(*inside.T)
        if off.max() > tolerance:
            middle = start + 1 + int(off.argmax())
            kept.add(middle)
            open_ += [(start, middle), (middle, end)]
    return polygon[sorted(kept)]


def draw_outline(pen: Any, polygon: np.ndarray) -> None:
    """Draw a closed polygon (N, 2) in units of the font: sharp turns stay corners, softer ones become curves."""
    steps = []  # (point,) for a corner; (where the curve begins, what it bends to, where it ends)
    for before, here, after in zip(np.roll(polygon, 1, axis=0), polygon, np.roll(polygon, -1, axis=0), strict=True):
        arriving, leaving = here - before, after - here
        turn = abs(math.atan2(arriving[0] * leaving[1] - arriving[1] * leaving[0], arriving @ leaving))
        if math.degrees(turn) > CORNER:
            steps.append((here,))
        else:
            back, on = (min(0.5, ROUND * PIXEL / math.hypot(*side)) for side in (arriving, leaving))
            steps.append((here - back * arriving, here, here + on * leaving))
    rounded = [[tuple(map(round, point)) for point in step] for step in steps]
    pen.moveTo(rounded[0][0])
    for i, step in enumerate(rounded):
        if i:
            pen.lineTo(step[0])
        if len(step) == 3:
            pen.qCurveTo(*step[1:])
    pen.closePath()


# ---- the file ----


def _build(alphabet: np.ndarray, name: str, code: str) -> Any:
    """Return the font of an alphabet (26, 28, 28), as fontTools has it."""
    from fontTools.fontBuilder import FontBuilder
    from fontTools.pens.ttGlyphPen import TTGlyphPen

    traced = [trace(picture) for picture in alphabet]
    if empty := [letter for letter, outlines in zip(LETTERS, traced, strict=True) if not outlines]:
        raise ValueError(f"nothing is black in the letter {empty[0]} of this font; choose one nearer to the middle.")
    boxes = np.array([[*np.vstack(outlines).min(axis=0), *np.vstack(outlines).max(axis=0)] for outlines in traced])
    base, top = float(np.median(boxes[:, 3])), float(np.median(boxes[:, 1]))  # feet and heads of the letters

    glyphs, widths = {}, {}

    def add(glyph: str, outlines: Sequence[np.ndarray], width: float) -> None:
        pen = TTGlyphPen(None)
        for outline in outlines:
            draw_outline(pen, outline)
        glyphs[glyph] = pen.glyph()
        glyphs[glyph].recalcBounds(None)
        widths[glyph] = (round(width * PIXEL), glyphs[glyph].xMin)

    height = base - top
    box = np.array([[2.0, 0.0], [2.0, height], [12.0, height], [12.0, 0.0]]) * PIXEL
    hole = np.array([[4.0, 2.0], [10.0, 2.0], [10.0, height - 2], [4.0, height - 2]]) * PIXEL
    add(".notdef", (box, hole) if height > 5 else (box,), 14)
    add("space", (), SPACE)
    for letter, outlines, (left, _, right, _) in zip(LETTERS, traced, boxes, strict=True):
        moved = [
            (outline - (left - BEARING, base)) * (PIXEL, -PIXEL) for outline in outlines
        ]  # y up from the base line
        add(letter, moved, right - left + 2 * BEARING)

    font = FontBuilder(EM, isTTF=True)
    font.setupGlyphOrder(list(glyphs))
    font.setupCharacterMap(
        {32: "space"} | {ord(c): c for c in LETTERS} | {ord(c.lower()): c for c in LETTERS},
    )
    font.setupGlyf(glyphs)
    font.setupHorizontalMetrics(widths)
    ascent, descent = round(base * PIXEL), round((28 - base) * PIXEL)
    font.setupHorizontalHeader(ascent=ascent, descent=-descent, lineGap=EM - ascent - descent)
    plain = "".join(c for c in name if c.isascii() and c.isalnum()) or "Font"
    font.setupNameTable({
        "familyName": name, "styleName": "Regular", "uniqueFontIdentifier": f"{plain} {code}", "fullName": name,
        "psName": f"{plain}-Regular", "version": "Version 1.000",
        "description": f"Drawn by a neural network from one latent vector, and traced. Code: {code}",
    })  # fmt: skip
    font.setupOS2(
        sTypoAscender=ascent, sTypoDescender=-descent, sTypoLineGap=EM - ascent - descent, usWinAscent=ascent,
        usWinDescent=descent, sCapHeight=round(height * PIXEL), sxHeight=round(height * PIXEL), fsType=0,
        fsSelection=64,
    )  # fmt: skip
    font.setupPost()
    font.font["head"].created = font.font["head"].modified = (
        3_800_000_000  # one moment in 2024, so that files can be compared
    )
    font.font.recalcTimestamp = False
    return font


def _check_generator(generator: Any) -> None:
    if not (hasattr(generator, "latent_dim") and getattr(generator, "classes", None) == 26):
        raise TypeError(
            f"a generator of the 26 capitals is needed, such as load_pretrained('letters'), but "
            f"{type(generator).__name__} came."
        )


def _check_latent(generator: nn.Module, z: Any) -> Tensor:
    """Return z as (latent_dim,), or raise."""
    try:
        z = torch.as_tensor(z, dtype=torch.float32)
    except (TypeError, ValueError, RuntimeError) as error:
        raise TypeError(
            f"z must be a vector of {generator.latent_dim} numbers, but {type(z).__name__} came."
        ) from error
    if z.shape not in ((generator.latent_dim,), (1, generator.latent_dim)):
        raise ValueError(f"a font is one vector of {generator.latent_dim} numbers, but {tuple(z.shape)} came.")
    check_finite("z", z)
    return z.flatten()


def _check_name(name: Any) -> str:
    if not isinstance(name, str):
        raise TypeError(f"the name of a font must be text, but {name!r} came.")
    name = name.strip()
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        shown = name if len(name) <= 20 else name[:17] + "..."
        raise ValueError(f"the name of a font has 1 to {LONGEST_NAME} printable characters, but {shown!r} came.")
    return name


def _check_path(path: Any) -> Path:
    """Return the path if a file can be written there, before any work is lost."""
    if not isinstance(path, (str, Path)) or not str(path).strip():
        raise TypeError(f"path must name the file to write, such as 'my-font.ttf', but {path!r} came.")
    path = Path(path)
    if path.is_dir():
        raise IsADirectoryError(f"{path} is a folder; give the name of a file in it, such as {path / 'my-font.ttf'}.")
    if not path.parent.is_dir():
        raise FileNotFoundError(f"there is no folder {path.parent}; make it first.")
    if not os.access(path if path.exists() else path.parent, os.W_OK):
        raise PermissionError(f"{path} cannot be written; choose a folder of your own.")
    return path


def main(arguments: Sequence[str]) -> int:
    """Read the command line, write the font, say where."""
    parser = argparse.ArgumentParser(prog="python -m gan_helpers.fonts", description=__doc__.splitlines()[0])
    parser.add_argument("--code", required=True, help="the code that the page copies")
    parser.add_argument("--out", required=True, help="the file to write, such as my-font.ttf")
    parser.add_argument("--name", default="Font of no foundry", help="the name that programs will show")
    options = parser.parse_args(arguments)
    try:
        path = make_font(load_pretrained("letters"), decode(options.code), options.out, name=options.name)
    except (TypeError, ValueError, OSError) as error:
        print(f"No font was written: {error}", file=sys.stderr)
        return 1
    print(f"{path}: {path.stat().st_size:,} bytes. Install it by opening it.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
