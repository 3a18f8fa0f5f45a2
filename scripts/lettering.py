"""Words in a generated font as book/_static/lettering.js draws them: for the pictures that stand there first."""

import math

import gan_helpers as gh  # isort: skip  # first: it sets the waiting policy of threads before torch is imported
import numpy as np
import torch
from torch import Tensor

from gan_helpers.fonts import BEARING, LETTERS, SPACE, draw_alphabet, enlarge, half

EDGE = 5  # how fast paper becomes ink


def page_latent(seed: int, length: int = 64) -> Tensor:
    """Return the latent vector (length,) that a page makes of a seed: `normals` of generator.js, in half precision."""
    state, uniform = seed, []
    for _ in range(2 * length):  # Mulberry32
        state = (state + 0x6D2B79F5) % 2**32
        t = (state ^ state >> 15) * (state | 1) % 2**32
        t = ((t + (t ^ t >> 7) * (t | 61)) ^ t) % 2**32
        uniform.append((t ^ t >> 14) / 2**32)
    pairs = zip(uniform[::2], uniform[1::2], strict=True)  # Box and Muller
    numbers = [math.sqrt(-2 * math.log(1 - u)) * math.cos(2 * math.pi * v) for u, v in pairs]
    return torch.tensor(numbers).half().float()


def letter_ink(pictures: np.ndarray, factor: int) -> np.ndarray:
    """Return how dark pictures (N, 28, 28) are drawn, in [0, 1]: (N, 28 * factor, 28 * factor)."""
    fine = enlarge(pictures, factor)
    return np.clip(0.5 + EDGE * (fine - np.array([half(one) for one in fine])[:, None, None]), 0, 1)


def alphabet_ink(seed: int, factor: int) -> np.ndarray:
    """Return the ink of the alphabet that a page draws from a seed: (26, 28 * factor, 28 * factor)."""
    return letter_ink(draw_alphabet(gh.load_pretrained("letters"), page_latent(seed)), factor)


def word_ink(word: str, seed: int, factor: int) -> np.ndarray:
    """Return the ink of a word in one line, letters set as wide as their black: (28 * factor, W)."""
    alphabet, parts = alphabet_ink(seed, factor), []
    for letter in word:
        if letter == " ":
            parts.append(np.zeros((28 * factor, round(SPACE * factor))))
            continue
        picture = alphabet[LETTERS.index(letter)]
        columns = np.flatnonzero((picture > 0.5).any(axis=0))
        side = round(BEARING * factor)
        parts.append(np.pad(picture, ((0, 0), (side, side)))[:, columns[0] : columns[-1] + 1 + 2 * side])
    return np.concatenate(parts, axis=1)
