"""A Sphinx extension: give the built site the trained generators, and pictures for readers without scripts.

The files are made while the site is built, so the weights are kept once, in gan_helpers/embedded.
"""

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import gan_helpers as gh  # isort: skip  # first: it sets the waiting policy of threads before torch is imported
import matplotlib.pyplot as plt
import numpy as np
import torch
from execute import made_from
from hand import NAMES, hand_directions, ink
from lettering import alphabet_ink, word_ink
from PIL import Image

from gan_helpers.browser import browser_network, shrink
from gan_helpers.fonts import LETTERS

HAND_SEED = 2  # of the hand in which the home page writes at first
WRITTEN = "2014"  # what it writes then; book/intro.md says the same
WORD, WORD_SEED = "YOUR NAME", 7  # what the home page writes in letters at first, and in which font
ALPHABETS = (7, 26, 5, 3, 31, 29)  # seeds of the letters page, in its still picture
REAL_OF = {True: "pool", False: "held_out"}  # real points in the picture of a run: its training points, where few


def weights(name: str) -> str:
    """Return the text of generator-<name>.js: one file for each data set, so that a page loads what it draws.

    The letters' generator, the largest, has its weights in 8 bits.
    """
    classes = tuple(LETTERS) if name == "letters" else gh.load_images(name).classes
    network = browser_network(gh.load_pretrained(name), classes)
    if name == "letters":
        network["layers"] = shrink(network["layers"])
    return f"// Written by scripts/export_web.py.\n(window.GAN_GENERATORS ||= {{}}).{name} = {json.dumps(network)};\n"


def letter_hand() -> str:
    """Return the text of letter-hand.js: for each slider of the letters page its direction and its correlation."""
    sliders = {
        row["name"]: {
            "direction": [float(value) for value in row["direction"].split()],
            "correlation": float(row[f"correlation with {row['name']}"]),
        }
        for row in gh.load_results("letter_directions")
    }
    return f"// Written by scripts/export_web.py.\nwindow.GAN_LETTER_HAND = {json.dumps(sliders)};\n"


def hand() -> dict[str, list[float]]:
    """Return the first hand of the home page, and the direction of each of its sliders."""
    generator = gh.load_pretrained("mnist")
    start = torch.randn(generator.latent_dim, generator=torch.Generator().manual_seed(HAND_SEED))
    directions = hand_directions(generator, generator.latent_dim)
    rows = dict(zip(NAMES, directions, strict=True)) | {"start": start}
    return {name: [round(value, 5) for value in row.tolist()] for name, row in rows.items()}


def draw_written(path: Path, start: list[float]) -> None:
    """Draw what stands on the home page before a reader touches it: ink on nothing, for light and dark paper."""
    labels = torch.tensor([int(digit) for digit in WRITTEN])
    with torch.no_grad():
        images = gh.load_pretrained("mnist")(torch.tensor(start).expand(len(labels), -1), labels)
    alpha = torch.cat(list(ink(images, 8)[:, 0]), dim=1).mul(255).round().byte().numpy()  # (H, N * W)
    black = Image.new("L", alpha.shape[::-1])
    Image.merge("LA", (black, Image.fromarray(alpha))).save(path, optimize=True)


def draw_alphabets(path: Path, seeds: Sequence[int]) -> None:
    """Draw an alphabet of each seed, one below the other, for readers of the letters page without scripts."""
    save_ink(np.concatenate([np.concatenate(list(alphabet_ink(seed, 2)[:, :, 2:-2]), axis=1) for seed in seeds]), path)


def save_ink(ink: np.ndarray, path: Path) -> None:
    """Write ink (H, W) in [0, 1] as a picture, on nothing, for light and dark paper; 16 levels make a small file."""
    alpha = Image.fromarray((ink * 15).round().astype(np.uint8) * 17)
    Image.merge("LA", (Image.new("L", alpha.size), alpha)).save(path, optimize=True)


def draw_explorer(path: Path) -> None:
    """Draw ten digits and ten clothes for readers without scripts."""
    torch.manual_seed(1)
    z = torch.randn(2, 64)
    rows = []
    for name in ("mnist", "fashion"):
        generator = gh.load_pretrained(name)
        for latent in z:
            rows.append(generator(latent.expand(10, 64), torch.arange(10)))
    gh.plot_images(torch.cat(rows), columns=10)
    plt.savefig(path, dpi=120, bbox_inches="tight")
    plt.close()


def draw_playground(path: Path) -> None:
    """Train a short game on the ring and draw its board, as the playground does."""
    rng = gh.seed_everything(1)
    centres = gh.ring_centres(8)
    generator, discriminator = gh.MLPGenerator(4, (2,), hidden=(48, 48)), gh.MLPDiscriminator((2,), hidden=(48, 48))
    d_adam, g_adam = (
        torch.optim.Adam(net.parameters(), rate, (0.5, 0.999))
        for net, rate in ((discriminator, 4e-3), (generator, 2e-3))
    )
    for _ in range(600):
        real = gh.sample_mixture(96, centres, std=0.1, rng=rng)
        for adam in (d_adam, g_adam):
            fake_logits = discriminator(generator(torch.randn(96, 4)))
            is_d = adam is d_adam
            loss = gh.minimax_d(discriminator(real), fake_logits) if is_d else gh.non_saturating_g(fake_logits)
            d_adam.zero_grad()
            g_adam.zero_grad()
            loss.backward()
            adam.step()
    real = gh.sample_mixture(250, centres, std=0.1, rng=rng)
    _, ax = plt.subplots(figsize=(4.5, 4.5))
    gh.plot_discriminator(discriminator, limit=3, ax=ax)
    gh.plot_points(real, generator(torch.randn(250, 4)).detach(), limit=3, ax=ax)
    plt.savefig(path, dpi=120, bbox_inches="tight")
    plt.close()


def draw_run(path: Path, row: dict[str, str], floor: dict[str, str], *, narrow: bool = False) -> None:
    """Draw one recorded run: losses, opinions of the discriminator, gradient at the samples, samples at the end.

    A narrow picture, for phones, has its four panels one below the other.
    """

    def values(name: str) -> list[float]:
        return [float(word) for word in row[name].split()]

    def draw(ax: Any, name: str, style: str, color: str, label: str = "") -> None:
        every = int(row["steps"]) // len(values(name))
        ax.plot(
            range(every, int(row["steps"]) + 1, every), values(name), style, color=color, label=label, linewidth=1.2
        )

    grid, size = ((4, 1), (3.9, 11.2)) if narrow else ((2, 2), (8.4, 5.6))
    _, axes = plt.subplots(*grid, figsize=size, layout="constrained")
    axes = axes.reshape(2, 2)
    draw(axes[0, 0], "d_loss", "-", gh.DISCRIMINATOR, "discriminator")
    draw(axes[0, 0], "g_loss", "--", gh.FAKE, "generator")
    axes[0, 0].axhline(math.log(4), color="black", linewidth=0.8, linestyle=":")
    axes[0, 0].set(title="losses (dotted: log 4)", xlabel="step")
    draw(axes[0, 1], "d_real", "-", gh.REAL, "training points")
    draw(axes[0, 1], "d_held_out", ":", gh.REAL, "new real points")
    draw(axes[0, 1], "d_fake", "--", gh.FAKE, "generated points")
    axes[0, 1].set(title="mean of D", xlabel="step", ylim=(-0.03, 1.03))
    draw(axes[1, 0], "gradient", "-", gh.OTHER)
    lowest = max(1e-8, min(values("gradient")) / 2)  # a gradient of 0 has no place on the axis
    axes[1, 0].set(title="gradient at the generated points", xlabel="step", yscale="log", ylim=(lowest, None))
    real, fake = (torch.tensor(values(name)).unflatten(0, (-1, 2)) for name in (REAL_OF[bool(row["pool"])], "fake"))
    limit = 4 if fake.abs().max() < 4 else 8
    gh.plot_points(real, fake, limit=limit, ax=axes[1, 1])
    outside = int((fake.abs().amax(dim=1) > limit).sum())
    beyond = f"; {outside} of {len(fake)} outside" if outside else ""
    noise = f"two real samples: {float(floor['mean']):.2f} ± {float(floor['sd']):.2f}"
    title = f"samples at the end, $W_1$ = {values('w1')[-1]:.2f}\n({noise}{beyond})"
    axes[1, 1].set_title(title, fontsize="medium")
    for ax in axes[0]:
        ax.legend(fontsize="small")
    plt.savefig(path, dpi=160)
    plt.close()


def write(app: Any, exception: Exception | None) -> None:
    """Write the files beside the other static files of a finished build, unless an earlier build made the same."""
    folder = Path(app.outdir) / "_static"
    if exception is None and app.builder.format == "html" and app.gan_draw:
        (folder / "letter-hand.js").write_text(letter_hand(), encoding="utf-8")
        for name in ("mnist", "fashion", "letters"):
            (folder / f"generator-{name}.js").write_text(weights(name), encoding="utf-8")
        first_hand = hand()
        text = f"// Written by scripts/export_web.py.\nwindow.GAN_HAND = {json.dumps(first_hand)};\n"
        (folder / "hand.js").write_text(text, encoding="utf-8")
        draw_written(folder / "written.png", first_hand["start"])
        draw_explorer(folder / "explorer.png")
        draw_alphabets(folder / "letters.png", ALPHABETS)
        save_ink(word_ink(WORD, WORD_SEED, 8), folder / "name.png")
        draw_playground(folder / "playground.png")
        floors = {floor["data"]: floor for floor in gh.load_results("floors")}
        runs = sorted(gh.load_results("runs"), key=lambda row: -int(row["seed"]))
        for row in {(row["run"], row["part"]): row for row in runs}.values():  # the lowest seed of each
            name, floor = f"run-{row['run']}-{row['part']}", floors[row["data"]]
            draw_run(folder / f"{name}.png", row, floor)
            draw_run(folder / f"{name}-narrow.png", row, floor, narrow=True)


def compare(app: Any, env: Any, *_: Any) -> list[str]:
    """Find out whether what the files are made from has changed since the last build."""
    beside = [Path(__file__).with_name(name) for name in ("hand.py", "lettering.py")]
    now = made_from({"runs", "floors", "letter_directions"}, Path(__file__), *beside)
    there = (Path(app.outdir) / "_static" / "hand.js").is_file()
    app.gan_draw = not (app.gan_whole and there and getattr(env, "gan_drawn", None) == now)
    env.gan_drawn = now
    return []


def drop_widget_state(app: Any, env: Any) -> None:
    """Keep the state of widgets that only a kernel could move out of the pages; it is large and nothing reads it."""
    for page in getattr(env, "nb_metadata", {}).values():
        page.get("js_files", {}).pop("ipywidgets_state", None)


def setup(app: Any) -> dict[str, bool]:
    """Connect to Sphinx."""
    app.connect("env-get-outdated", compare)
    app.connect("env-updated", drop_widget_state)
    app.connect("build-finished", write)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
