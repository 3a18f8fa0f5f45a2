"""Draw the still pictures of the chapter on sequences: `.venv/bin/python scripts/sequences_pictures.py`.

They are book/_static/sequences-*.svg. Each curve is a formula of the chapter.
"""

import math
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np

FOLDER = Path(__file__).parents[1] / "book" / "_static"
REAL, FAKE, GREEN, GREY = "#0072B2", "#D55E00", "#009E73", "#555555"


def save(figure: plt.Figure, name: str) -> None:
    """Write a figure as an SVG whose words stay words and whose bytes are the same each time."""
    figure.savefig(FOLDER / f"sequences-{name}.svg", metadata={"Date": None, "Creator": None})
    plt.close(figure)


def stairs() -> None:
    """Draw the cost of single draws over theta, and their mean."""
    figure, axes = plt.subplots(figsize=(5.4, 2.7), layout="constrained")
    theta = np.linspace(-4, 4, 400)
    for u, style in ((0.15, "-"), (0.5, "--"), (0.8, ":")):
        edge = math.log(u / (1 - u))
        axes.plot([-4, edge, edge, 4], [0, 0, 1, 1], style, color=FAKE, linewidth=1.4)
        axes.annotate(f"u = {u}", (edge + 0.08, 0.06), color=FAKE)
    axes.plot(theta, 1 / (1 + np.exp(-theta)), color=REAL, linewidth=2.4)
    axes.annotate("mean cost", (-3.9, 0.12), color=REAL)
    axes.set(xlabel="θ", ylabel="cost", xlim=(-4, 4), ylim=(-0.05, 1.08), yticks=[0, 1])
    save(figure, "stairs")


def ar() -> None:
    """Draw autocorrelation and spectrum of the lab's series."""
    first, second, size = 1.2, -0.8, math.sqrt(0.2)
    r = [1, first / (1 - second)]
    while len(r) < 21:
        r.append(first * r[-1] + second * r[-2])
    figure, (left, right) = plt.subplots(1, 2, figsize=(6, 2.5), layout="constrained")
    left.axhline(0, color=GREY, linewidth=0.8)
    left.stem(range(21), r, linefmt=REAL, markerfmt="o", basefmt=" ")
    left.set(xlabel="lag", ylabel="autocorrelation", xticks=range(0, 21, 5))
    f = np.linspace(0, 0.5, 400)
    wave = np.exp(-2j * math.pi * f)
    right.plot(f, size**2 / abs(1 - first * wave - second * wave**2) ** 2, color=REAL)
    right.set(xlabel="swings a step", ylabel="spectrum", xlim=(0, 0.5), ylim=(0, None))
    save(figure, "ar")


if __name__ == "__main__":
    mpl.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "sequences", "font.size": 11})
    stairs()
    ar()
