"""Two sets in the plane that agree in mean and covariance and in nothing else: a Fréchet distance of 0."""

import math

import numpy as np
import torch
from twins import FAKE, REAL, Random, panels

from gan_helpers import frechet_distance, kernel_distance, precision_recall

N, K = 120, 3
START = {"shape": "islands", "t": 1.0, "shift": 0.0, "spread": 1.0}
STATES = [
    START,
    START | {"t": 0.0},
    START | {"shape": "ring", "t": 0.6, "shift": 0.7},
    START | {"shape": "cross", "spread": 0.6},
    START | {"shape": "lines", "t": 0.9, "spread": 1.5, "shift": 2.0},
]


def whiten(points: np.ndarray) -> np.ndarray:
    """Move and stretch points (N, 2) so that their mean is 0 and their covariance the identity."""
    root = np.linalg.cholesky(np.cov(points, rowvar=False))
    return np.linalg.solve(root, (points - points.mean(axis=0)).T).T


def shape_of(name: str, noise: np.ndarray) -> np.ndarray:
    """Return a shape, (N, 2), before it is whitened."""
    i = np.arange(N)
    if name == "islands":
        return np.stack([np.cos(math.pi * i / 4), np.sin(math.pi * i / 4)], axis=1) + 0.05 * noise
    if name == "ring":
        return np.stack([np.cos(2 * math.pi * i / N), np.sin(2 * math.pi * i / N)], axis=1)
    if name == "lines":
        return np.stack([np.where(i % 2, 1.0, -1.0), noise[:, 0]], axis=1)
    axes = np.array([[1, 0], [0, 1], [-1, 0], [0, -1]])[i // 30]
    return axes * ((i % 30 + 1) / 30)[:, None]


def numbers(state: dict) -> dict:
    """Return both sets and four scores of them, by the book's own functions."""
    random = Random(5)
    clouds = [np.array([[random.normal(), random.normal()] for _ in range(N)]) for _ in range(3)]
    real, start, end = whiten(clouds[0]), whiten(clouds[1]), whiten(shape_of(state["shape"], clouds[2]))
    fake = state["spread"] * whiten((1 - state["t"]) * start + state["t"] * end) + np.array([state["shift"], 0])
    sets = torch.from_numpy(real), torch.from_numpy(fake)
    both = precision_recall(*sets, k=K)
    return {
        "real": real, "fake": fake, "frechet": frechet_distance(*sets), "kernel": kernel_distance(*sets),
        "precision": both.precision, "recall": both.recall,
    }  # fmt: skip


def alt(state: dict) -> str:
    """Say what the still picture shows."""
    now = numbers(state)
    return (
        f"A round cloud of {N} real points, and as many fakes on eight small islands in a ring. The means and "
        f"covariances of both sets agree, so their Fréchet distance is {now['frechet']:.3f}, although no one would "
        f"confuse them. Precision is {now['precision']:.2f}, recall {now['recall']:.2f}."
    )


def draw(state: dict) -> None:
    """Draw the still picture."""
    now = numbers(state)
    _, [ax] = panels(height=4.0, width=4.4)
    ax.plot(*now["real"].T, "o", color=REAL, markersize=4, alpha=0.6)
    ax.plot(*now["fake"].T, "x", color=FAKE)
    ax.set(xlim=(-3.2, 3.2), ylim=(-3.2, 3.2), aspect="equal", xticks=[], yticks=[])
    ax.set_title(f"Fréchet distance {now['frechet']:.3f}")
