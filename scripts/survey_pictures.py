"""Draw the pictures of the survey, book/_static/applications/*.svg: `.venv/bin/python scripts/survey_pictures.py`.

Diagrams in the style of the home page's pictures, and a plot of made-up data. Each stands on a light ground of its
own, so that one file is read on the light and on the dark page; letters are large enough for a phone.
"""

# ruff: noqa: E501, RUF001

import math
from pathlib import Path

import numpy as np

FOLDER = Path(__file__).parents[1] / "book" / "_static" / "applications"
REAL, FAKE, JUDGE, INK, PALE = "#0072B2", "#D55E00", "#00785a", "#333333", "#f1f4f6"
WIDTH = 360


def n(value: float) -> str:
    """Return a number with one decimal and no more than that."""
    return f"{value:.1f}".removesuffix(".0")


def word(x: float, y: float, text: str, colour: str = INK, anchor: str = "middle", *, bold: bool = False) -> str:
    """Return a line of text."""
    weight = ' font-weight="600"' if bold else ""
    return f'<text x="{n(x)}" y="{n(y)}" fill="{colour}" text-anchor="{anchor}"{weight}>{text}</text>'


def box(x: float, y: float, width: float, height: float, text: str, colour: str = INK) -> str:
    """Return a box with one or more lines of text, separated by |."""
    lines = text.split("|")
    top = y + height / 2 + 5 - 8 * (len(lines) - 1)
    shape = f'<rect x="{n(x)}" y="{n(y)}" width="{n(width)}" height="{n(height)}" rx="6" fill="{PALE}" stroke="{colour}" stroke-width="1.8"/>'
    return shape + "".join(word(x + width / 2, top + 16 * i, line, colour) for i, line in enumerate(lines))


def arrow(*points: tuple[float, float], colour: str = INK, dash: bool = False) -> str:
    """Return a polyline that ends in a tip."""
    at = " ".join(f"{n(x)},{n(y)}" for x, y in points)
    style = ' stroke-dasharray="5 4"' if dash else ""
    (x, y), (u, v) = points[-1], points[-2]
    length = math.hypot(x - u, y - v)
    a, b = (x - u) / length, (y - v) / length
    left, right = (x - 8 * a - 4 * b, y - 8 * b + 4 * a), (x - 8 * a + 4 * b, y - 8 * b - 4 * a)
    tip = " ".join(f"{n(p)},{n(q)}" for p, q in ((x, y), left, right))
    line = f'<polyline points="{at}" fill="none" stroke="{colour}" stroke-width="1.8"{style}/>'
    return line + f'<polygon points="{tip}" fill="{colour}"/>'


def curve(points: np.ndarray, colour: str, dash: str = "") -> str:
    """Return a line through points (N, 2)."""
    at = " ".join(f"{n(x)},{n(y)}" for x, y in points)
    style = f' stroke-dasharray="{dash}"' if dash else ""
    return f'<polyline points="{at}" fill="none" stroke="{colour}" stroke-width="2.2"{style}/>'


def faces() -> tuple[int, str]:
    """Return the parts of a generator that puts its latent vector in by layers."""
    parts = [box(8, 20, 52, 36, "z"), arrow((60, 38), (84, 38)), box(86, 20, 76, 36, "mapping"),
             arrow((162, 38), (186, 38)), box(188, 20, 44, 36, "w", JUDGE),
             word(242, 34, "the same w,", JUDGE, "start"), word(242, 51, "in each layer", JUDGE, "start")]  # fmt: skip
    for i, size in enumerate(("4×4", "8×8", "16×16", "…", "1024²")):
        x = 14 + 70 * i
        parts += [box(x, 116, 52, 34, size, FAKE), arrow((x + 26, 92), (x + 26, 114), colour=JUDGE)]
        if i < 4:
            parts.append(arrow((x + 52, 133), (x + 69, 133), colour=FAKE))
    parts += [curve(np.array([(40, 92), (320, 92)]), JUDGE), curve(np.array([(210, 56), (210, 66)]), JUDGE),
              curve(np.array([(186, 66), (210, 66)]), JUDGE), curve(np.array([(186, 66), (186, 92)]), JUDGE),
              word(14, 172, "pose, shape", INK, "start"), word(346, 172, "skin, hair", INK, "end")]  # fmt: skip
    return 184, "".join(parts)


def text_to_image() -> tuple[int, str]:
    """Return the three kinds of pairs that a judge of image and text is shown."""
    parts = [
        word(70, 22, "image", INK, bold=True),
        word(190, 22, "text", INK, bold=True),
        word(310, 22, "should say", bold=True),
    ]
    rows = (("real", REAL, "a red flower", "real", REAL), ("real", REAL, "a blue bird", "fake", FAKE),
            ("generated", FAKE, "a red flower", "fake", FAKE))  # fmt: skip
    for i, (image, colour, text, verdict, ink) in enumerate(rows):
        y = 34 + 44 * i
        parts += [box(14, y, 112, 34, image, colour), box(134, y, 112, 34, text),
                  arrow((246, y + 17), (276, y + 17)), box(278, y, 68, 34, verdict, ink)]  # fmt: skip
    parts.append(word(180, 178, "the middle row: look at the text"))
    return 190, "".join(parts)


def video() -> tuple[int, str]:
    """Return a generator of clips: one code for the content, a chain of codes for the motion."""
    parts = [box(8, 14, 84, 34, "content z", JUDGE), curve(np.array([(92, 31), (336, 31)]), JUDGE)]
    for i in range(4):
        x = 108 + 62 * i
        parts += [arrow((x + 24, 31), (x + 24, 108), colour=JUDGE), box(x - 8, 62, 26, 28, f"m<tspan dy='3' font-size='10'>{i + 1}</tspan>"),
                  arrow((x + 5, 90), (x + 5, 108)), box(x - 6, 110, 46, 32, f"x<tspan dy='3' font-size='10'>{i + 1}</tspan>", FAKE)]  # fmt: skip
        if i < 3:
            parts.append(arrow((x + 18, 76), (x + 53, 76)))
    parts += [word(8, 81, "motion", INK, "start"), word(8, 131, "frames", FAKE, "start"),
              curve(np.array([(103, 152), (103, 158), (334, 158), (334, 152)]), REAL), word(218, 176, "one judge for the clip,", REAL),
              word(218, 193, "one for single frames", REAL)]  # fmt: skip
    return 204, "".join(parts)


def speech() -> tuple[int, str]:
    """Return a made-up wave, folded at its period and beside it: rows of a picture for a convolution."""
    parts = []
    period, rows = 24, 9
    t = np.arange(period * rows + rows)
    wave = np.sin(2 * math.pi * t / period) + 0.45 * np.sin(4 * math.pi * t / period + 0.6)
    high = np.abs(wave).max()
    x = 12 + 336 * t / t[-1]
    parts.append(curve(np.stack([x, 34 - 20 * wave / high], 1), INK))
    for left, fold, name in ((14, period, "folded at its period"), (194, period + 1, "folded one step off")):
        side = 152 / fold
        for row in range(rows):
            for column in range(fold):
                value = wave[row * fold + column] / high
                grey = round(150 - 95 * value)
                shape = f'x="{n(left + side * column)}" y="{n(70 + 11 * row)}" width="{n(side + 0.4)}" height="11.3"'
                parts.append(f'<rect {shape} fill="rgb({grey},{grey},{grey})"/>')
        parts.append(word(left + 76, 188, name))
    return 200, "".join(parts)


def art() -> tuple[int, str]:
    """Return three ways to change a picture's style, by what the style is given as."""
    parts = []
    rows = (("one picture", "statistics of|its features", "optimise|one image"), ("one picture", "the same, as|a loss", "train a net|once"),
            ("a set of|pictures", "a judge that|learns", "train a net:|a GAN"))  # fmt: skip
    for x, head in ((62, "style given as"), (184, "compared by"), (304, "to do")):
        parts.append(word(x, 20, head, bold=True))
    for i, row in enumerate(rows):
        y = 32 + 56 * i
        colour = FAKE if i == 2 else INK
        for x, text in zip((10, 130, 254), row, strict=True):
            parts.append(box(x, y, 104 if x < 250 else 98, 46, text, colour))
        parts += [
            arrow((114, y + 23), (129, y + 23), colour=colour),
            arrow((234, y + 23), (253, y + 23), colour=colour),
        ]
    return 204, "".join(parts)


def imitation() -> tuple[int, str]:
    """Return the loop of generative adversarial imitation."""
    parts = [box(10, 20, 96, 44, "expert", REAL), box(10, 108, 96, 44, "policy|(generator)", FAKE), box(134, 108, 74, 44, "world"),
             box(248, 58, 100, 52, "D: whose|step is it?", JUDGE), arrow((106, 42), (250, 42), (280, 57), colour=REAL),
             arrow((106, 130), (133, 130), colour=FAKE), arrow((208, 130), (256, 130), (284, 111), colour=FAKE),
             word(176, 34, "(s, a)", REAL), word(232, 124, "(s, a)", FAKE),
             arrow((320, 110), (320, 182), (58, 182), (58, 153), colour=JUDGE, dash=True), word(190, 176, "reward −log(1 − D)", JUDGE)]  # fmt: skip
    return 194, "".join(parts)


def main() -> None:
    """Draw them all."""
    FOLDER.mkdir(exist_ok=True)
    for make in (faces, text_to_image, video, speech, art, imitation):
        height, inside = make()
        head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{1.5 * WIDTH:.0f}" height="{1.5 * height:.0f}"'
        ground = f'<rect width="{WIDTH}" height="{height}" rx="8" fill="#ffffff"/>'
        text = f'{head} font-family="sans-serif" font-size="13.5"><!-- Made by scripts/survey_pictures.py. -->{ground}{inside}</svg>\n'
        (FOLDER / f"{make.__name__.replace('_', '-')}.svg").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
