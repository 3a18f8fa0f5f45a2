"""Film three live pages of the built site, side by side, for the README: writes .github/tour.gif.

    python scripts/tour.py

Left, a GAN trains in the playground. Right, a figure of the chapter on the minimax objective is moved, and one
generator writes a word while its slider for weight goes to and fro. Needs a built site and Chromium.
"""

import io
import math
import sys
from pathlib import Path

from pdf import NoBook, chromium
from PIL import Image
from playwright.sync_api import Locator, Page, sync_playwright

ROOT = Path(__file__).parents[1]
SITE = ROOT / "_build" / "html"
FILM = ROOT / ".github" / "tour.gif"
FRAMES, PAUSE = 60, 120  # milliseconds
TALL, WIDE, GAP = 360, 500, 12
MOVE = "(slider, value) => { slider.value = value; slider.dispatchEvent(new Event('input', {bubbles: true})); }"


def picture(part: Locator) -> Image.Image:
    """Return what a part of a page looks like now."""
    return Image.open(io.BytesIO(part.screenshot())).convert("RGB")


def slide(slider: Locator, share: float) -> None:
    """Bring a slider to a share, 0 to 1, of its way."""
    low, high = float(slider.get_attribute("min")), float(slider.get_attribute("max"))
    slider.evaluate(MOVE, str(low + share * (high - low)))


def train(page: Page) -> list[Image.Image]:
    """Film a GAN that learns eight islands."""
    page.get_by_role("button", name="Run", exact=True).click()
    board, shots = page.locator(".gan-board").first, []
    for _ in range(FRAMES):
        page.wait_for_timeout(PAUSE)
        shots.append(picture(board))
    return shots


def compare(page: Page) -> list[Image.Image]:
    """Film two densities: the fake one walks over the real one and back."""
    figure = page.locator('[data-gan-figure="two-densities"]')
    slider = figure.locator('input[name="fake"]')
    shots = []
    for i in range(FRAMES):
        slide(slider, 0.5 - 0.45 * math.cos(2 * math.pi * i / FRAMES))
        shots.append(picture(figure.locator("svg").first))
    return shots


def write(page: Page) -> list[Image.Image]:
    """Film a word, typed and then drawn from thin to bold and back."""
    page.get_by_label("Your word").fill("")
    line, weight, shots = page.locator(".gan-line").first, page.get_by_role("slider", name="Weight"), []
    word = "GENERATE"
    for i in range(FRAMES):
        if i < 2 * len(word):
            page.get_by_label("Your word").fill(word[: 1 + i // 2])
        else:
            slide(weight, 0.5 + 0.5 * math.sin(2 * math.pi * (i - 2 * len(word)) / (FRAMES - 2 * len(word))))
        page.wait_for_timeout(30)
        shots.append(picture(line))
    return shots


def fitted(shot: Image.Image, width: int, height: int) -> Image.Image:
    """Return a picture brought into a box on white."""
    share = min(width / shot.width, height / shot.height)
    small = shot.resize((round(shot.width * share), round(shot.height * share)), Image.Resampling.LANCZOS)
    box = Image.new("RGB", (width, height), "white")
    box.paste(small, ((width - small.width) // 2, (height - small.height) // 2))
    return box


def main() -> int:
    """Film, join, write."""
    if not (SITE / "index.html").is_file():
        print("tour: this films the built site; run make book.", file=sys.stderr)
        return 1
    scenes = {"book/playground": train, "book/minimax/index": compare, "book/letters": write}
    films = {}
    with sync_playwright() as play:
        try:
            browser = chromium(play)
        except NoBook as error:
            print(f"tour: {error}", file=sys.stderr)
            return 1
        for name, scene in scenes.items():
            page = browser.new_page(viewport={"width": 720, "height": 900}, color_scheme="light")
            page.goto((SITE / f"{name}.html").as_uri())
            page.locator("article input").first.wait_for(state="attached")
            films[name] = scene(page)
            page.close()
        browser.close()
    low = TALL // 3
    frames = []
    for board, curves, word in zip(*films.values(), strict=True):
        frame = Image.new("RGB", (TALL + GAP + WIDE, TALL), "white")
        frame.paste(fitted(board, TALL, TALL), (0, 0))
        frame.paste(fitted(curves, WIDE, TALL - low - GAP), (TALL + GAP, 0))
        frame.paste(fitted(word, WIDE, low), (TALL + GAP, TALL - low))
        frames.append(frame)
    colours = frames[-1].quantize(64, dither=Image.Dither.NONE)  # one palette, so that nothing flickers
    frames = [frame.quantize(palette=colours, dither=Image.Dither.NONE) for frame in frames]
    frames[0].save(FILM, save_all=True, append_images=frames[1:], duration=PAUSE, loop=0, optimize=True)
    print(f"{FILM.relative_to(ROOT)}: {len(frames)} frames, {FILM.stat().st_size / 1e6:.1f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
