"""The Fréchet distance of a normal law to itself, from N samples on each side: it falls like one over N, not to 0."""

import math

import numpy as np
import torch
from twins import DISCRIMINATOR, FAKE, OTHER, REAL, Random, panels

from gan_helpers import frechet_distance

SIZES, REDRAWS = (10, 20, 50, 200), 12
START = {"n": 30, "d": 4, "seed": 1}
STATES = [START, {"n": 10, "d": 8, "seed": 3}, {"n": 200, "d": 2, "seed": 7}, {"n": 55, "d": 5, "seed": 2}]


def normals(random: Random, n: int, d: int) -> np.ndarray:
    """Return n samples of the standard normal law in d dimensions, (n, d)."""
    return np.array([[random.normal() for _ in range(d)] for _ in range(n)])


def score(one: np.ndarray, two: np.ndarray) -> float:
    """Return the book's own Fréchet distance of two sets."""
    return frechet_distance(torch.from_numpy(one), torch.from_numpy(two))


def ellipse(sample: np.ndarray) -> np.ndarray:
    """Return points twice a standard deviation from the mean, of the first two coordinates, (49, 2)."""
    root = np.linalg.cholesky(np.cov(sample[:, :2], rowvar=False))
    angle = np.arange(49) * math.pi / 24
    return sample[:, :2].mean(axis=0) + 2 * np.stack([np.cos(angle), np.sin(angle)], axis=1) @ root.T


def numbers(state: dict) -> dict:
    """Return two sets of samples, their distance, and distances of redrawn sets at several sizes."""
    random, n, d = Random(int(state["seed"])), int(state["n"]), int(state["d"])
    one, two = normals(random, n, d), normals(random, n, d)

    def redraws(source: Random, size: int) -> list[float]:
        return [score(normals(source, size, d), normals(source, size, d)) for _ in range(REDRAWS)]

    again, factor, other = redraws(random, n), 2 * d + d * (d + 1) / 2, Random(1000 + int(state["seed"]))
    return {
        "one": one[:, :2], "two": two[:, :2], "ellipses": [ellipse(one), ellipse(two)], "distance": score(one, two),
        "means": float(np.square(one.mean(axis=0) - two.mean(axis=0)).sum()), "again": again,
        "average": float(np.mean(again)), "line": factor / n, "bound": 2 * d / n, "factor": factor,
        "sizes": [[size, float(np.mean(redraws(other, size)))] for size in SIZES],
    }  # fmt: skip


def alt(state: dict) -> str:
    """Say what the still picture shows."""
    now = numbers(state)
    return (
        f"Left: two sets of {state['n']} samples of one normal law in {state['d']} dimensions, and an ellipse fitted "
        "to each; the ellipses differ by chance. Right: the Fréchet distance against N on an axis even in 1/N. The "
        f"true distance is 0; {REDRAWS} redraws with N = {state['n']} have {now['average']:.2f} on average, and the "
        f"means for other N lie near a line through 0, {now['factor']:.0f} / N."
    )


def draw(state: dict) -> None:
    """Draw the still picture."""
    now = numbers(state)
    _, [left, right] = panels(2)
    for points, oval, colour, marker in zip(("one", "two"), now["ellipses"], (REAL, FAKE), "ox", strict=True):
        left.plot(*now[points].T, marker, color=colour, markersize=4, alpha=0.7)
        left.plot(*oval.T, color=colour)
    left.set(xlim=(-3.6, 3.6), ylim=(-3.6, 3.6), aspect="equal", title="two sets of one law", xticks=[], yticks=[])
    right.plot([0, 0.1], [0, now["factor"] / 10], color=DISCRIMINATOR)
    right.plot([1 / size for size, _ in now["sizes"]], [value for _, value in now["sizes"]], "o", color=OTHER)
    right.plot([1 / state["n"]] * REDRAWS, now["again"], "x", color=FAKE, alpha=0.7)
    right.set(xlabel="N, evenly in 1/N", title="Fréchet distance; the truth is 0", ylim=(0, None))
    right.set_xticks([0, 0.02, 0.05, 0.1], ["\u221e", "50", "20", "10"])
