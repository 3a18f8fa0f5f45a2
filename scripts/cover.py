"""Draw the cover of the EPUB, scripts/cover.png, once: `.venv/bin/python scripts/cover.py`.

The title is set in an alphabet that the book's generator drew; below it a GAN on eight islands, as the playground
trains one: real points, generated crosses, and the discriminator's opinion as colour.
"""

import sys
from pathlib import Path

import gan_helpers as gh  # isort: skip  # first: it sets the waiting policy of threads before torch is imported
import matplotlib
import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFont

sys.path.insert(0, str(Path(__file__).parent))

from home_pictures import FAKE, REAL, RGB, ring_game
from lettering import word_ink

COVER = Path(__file__).with_name("cover.png")
SIZE, BOARD, FINE = (1600, 2560), (120, 990, 1360), 2  # the board's left, top and side; drawn twice as fine
GROUND, PAPER = (16, 27, 38), "#f4f1ea"
SEED, STEP, LIMIT = 7, 600, 2.6  # the alphabet of the home page; the step of the playground's still picture
TITLE = (
    ("GANS", 120, 330, FAKE),
    ("PROVED", 510, 200, PAPER),
    ("AND RUN", 750, 200, PAPER),
)  # words, top, height, colour
BELOW = ("An open book about generative adversarial networks", "in which every claim runs")


def put_word(cover: Image.Image, word: str, top: int, height: int, colour: str) -> None:
    """Put a word in the generated alphabet on the cover, as wide as the board at most."""
    ink = Image.fromarray((word_ink(word, SEED, 10) * 255).astype(np.uint8))
    ink = ink.crop(ink.getbbox())
    scale = min(height / ink.height, BOARD[2] / ink.width)
    ink = ink.resize((round(ink.width * scale), round(ink.height * scale)), Image.Resampling.LANCZOS)
    cover.paste(colour, (BOARD[0], top + height - ink.height, BOARD[0] + ink.width, top + height), ink)


def board() -> Image.Image:
    """Return the game: the judge's opinion, the data, and what is generated."""
    samples, judged = ring_game([STEP])[STEP]
    side = BOARD[2] * FINE
    strength = (judged - 0.5).abs().mul(2).flip(0).numpy()[..., None]
    colour = np.where(judged.flip(0).numpy()[..., None] > 0.5, RGB[REAL], RGB[FAKE])
    ground = Image.fromarray((np.array(GROUND) * (1 - 0.75 * strength) + colour * 0.75 * strength).astype(np.uint8))
    picture = ground.resize((side, side), Image.Resampling.BICUBIC)
    pen = ImageDraw.Draw(picture)
    real = gh.sample_mixture(240, gh.ring_centres(8), std=0.1, rng=torch.Generator().manual_seed(2))
    for points, radius, is_real in ((real, 11 * FINE, True), (samples, 13 * FINE, False)):
        for x, y in ((points * torch.tensor([1.0, -1.0]) + LIMIT) / (2 * LIMIT) * side).tolist():
            if is_real:
                pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill="#bfe3ff")
            else:
                pen.line((x - radius, y - radius, x + radius, y + radius), fill="#ffd9b8", width=6 * FINE)
                pen.line((x - radius, y + radius, x + radius, y - radius), fill="#ffd9b8", width=6 * FINE)
    return picture.resize((BOARD[2], BOARD[2]), Image.Resampling.LANCZOS)


def main() -> None:
    """Draw the cover."""
    cover = Image.new("RGB", SIZE, GROUND)
    for word in TITLE:
        put_word(cover, *word)
    cover.paste(board(), BOARD[:2])
    letters = ImageFont.truetype(Path(matplotlib.get_data_path(), "fonts", "ttf", "DejaVuSans.ttf"), 44)
    pen = ImageDraw.Draw(cover)
    for i, words in enumerate(BELOW):
        pen.text((BOARD[0], 2385 + i * 62), words, fill=PAPER, font=letters)
    cover.quantize(256, dither=Image.Dither.NONE).save(COVER, "PNG", optimize=True)
    print(f"{COVER.name}: {COVER.stat().st_size} bytes")


if __name__ == "__main__":
    main()
