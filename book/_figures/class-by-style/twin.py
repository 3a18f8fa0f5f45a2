"""One latent vector under ten labels: the trained generator of digits, with labels that may be mixed."""

from functools import cache

import numpy as np
import torch
from torch import nn
from twins import Random, panels

from gan_helpers import load_pretrained

HANDS, CLASSES, LATENT = 4, 10, 64
TOLERANCE = 2e-4  # of float32 numbers, added up in another order
LATER = ["generator.js", "generator-mnist.js"]
SOURCES = ["gan_helpers/embedded/pretrained/mnist.npz"]
START = {"seed": 6, "other": "3", "mix": 0.0}
STATES = [START, START | {"mix": 0.5}, {"seed": 11, "other": "8", "mix": 0.8}, {"seed": 2, "other": "0", "mix": 1.0}]


@cache
def network() -> nn.Module:
    """Return the trained generator, as a function of a latent vector with label weights beside it."""
    return load_pretrained("mnist").net


def pictures(state: dict) -> np.ndarray:
    """Return the grid of pictures, (HANDS, CLASSES, 784), in [-1, 1]."""
    random = Random(int(state["seed"]))
    z = torch.tensor([[random.normal() for _ in range(LATENT)] for _ in range(HANDS)], dtype=torch.float32)
    one_hot = torch.eye(CLASSES)
    labels = torch.lerp(one_hot, one_hot[int(state["other"])].expand(CLASSES, -1), state["mix"])
    both = torch.cat([z.repeat_interleave(CLASSES, dim=0), labels.repeat(HANDS, 1)], dim=1)
    return network()(both).flatten(1).unflatten(0, (HANDS, CLASSES)).double().numpy()


def numbers(state: dict) -> dict:
    """Return the pictures, their ink, and how alike the ink of the hands is under two labels."""
    rows = pictures(state)
    ink = (rows.mean(axis=2) + 1) / 2
    hand = ink.mean(axis=1)
    alike = np.corrcoef(ink.T)[np.triu_indices(CLASSES, 1)].mean()
    change = np.abs(rows - pictures(state | {"mix": 0.0})).mean() / 2
    return {
        "rows": rows, "ink": ink, "hand": hand, "boldest": hand.max(), "finest": hand.min(), "alike": alike,
        "change": change,
    }  # fmt: skip


def alt(state: dict) -> str:
    """Say what the still picture shows."""
    now = numbers(state)
    return (
        f"A grid of generated digits, {HANDS} rows for latent vectors and ten columns for the labels 0 to 9. The "
        f"row that is boldest under one label is so under all: it has {now['boldest']:.2f} of the paper inked on "
        f"average, the finest {now['finest']:.2f}."
    )


def draw(state: dict) -> None:
    """Draw the still picture."""
    rows = numbers(state)["rows"].reshape(HANDS, CLASSES, 28, 28)
    _, [ax] = panels(height=3.0)
    ax.imshow(np.pad(rows, ((0, 0), (0, 0), (1, 1), (1, 1))).transpose(0, 2, 1, 3).reshape(HANDS * 30, -1), cmap="gray")
    ax.set(xticks=[30 * y + 15 for y in range(CLASSES)], xticklabels=range(CLASSES), yticks=[], xlabel="label")
    ax.set_ylabel("latent vector")
