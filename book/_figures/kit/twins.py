"""What the Python twins of live figures share: random numbers, a few functions, the style of the book."""

import math

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from gan_helpers import DISCRIMINATOR, FAKE, OTHER, REAL

EXTRA = "#7B3F9D"  # a further colour, where none of the book's four fits

__all__ = [
    "DISCRIMINATOR",
    "EXTRA",
    "FAKE",
    "OTHER",
    "REAL",
    "Random",
    "normal_density",
    "panels",
    "sigmoid",
    "softplus",
]


class Random:
    """Mulberry32 and the method of Box and Muller: number for number what `makeRandom` of kit/numbers.js gives."""

    def __init__(self, seed: int) -> None:
        self._state, self._spare = seed & 0xFFFFFFFF, None

    def uniform(self) -> float:
        """Return a number in [0, 1)."""
        self._state = (self._state + 0x6D2B79F5) & 0xFFFFFFFF
        state = self._state
        t = ((state ^ (state >> 15)) * (1 | state)) & 0xFFFFFFFF
        t = ((t + (((t ^ (t >> 7)) * (61 | t)) & 0xFFFFFFFF)) ^ t) & 0xFFFFFFFF
        return ((t ^ (t >> 14)) & 0xFFFFFFFF) / 4294967296

    def normal(self) -> float:
        """Return a number from the standard normal distribution."""
        if self._spare is not None:
            value, self._spare = self._spare, None
            return value
        radius, angle = (
            math.sqrt(-2 * math.log(1 - self.uniform())),
            2 * math.pi * self.uniform(),
        )
        self._spare = radius * math.sin(angle)
        return radius * math.cos(angle)


def normal_density(x: np.ndarray, mean: float, std: float) -> np.ndarray:
    """Return the density of a normal distribution at x, any shape."""
    return np.exp(-0.5 * ((x - mean) / std) ** 2) / (std * math.sqrt(2 * math.pi))


def sigmoid(t: np.ndarray) -> np.ndarray:
    """Return 1 / (1 + exp(-t)) without overflow."""
    return 0.5 * (1 + np.tanh(0.5 * np.asarray(t, dtype=float)))


def softplus(t: np.ndarray) -> np.ndarray:
    """Return log(1 + exp(t)) without overflow."""
    return np.logaddexp(0, t)


def panels(columns: int = 1, *, height: float = 3.4, width: float = 6.5) -> tuple[Figure, list]:
    """Return a new figure, `width` x `height` inches, and its axes, `columns` side by side."""
    figure, axes = plt.subplots(1, columns, figsize=(width, height), layout="constrained", squeeze=False)
    return figure, list(axes[0])
