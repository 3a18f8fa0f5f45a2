"""How a drawn digit leans, how wide are its strokes and it itself, and the latent directions that change one of these.

The home page names its sliders after them, so they are measured here and held by tests; nothing in the generator's
training knew of them.
"""

import math
from collections.abc import Callable

import torch
from torch import Tensor

NAMES = ("slant", "stroke", "width")
PEN = -0.1  # a pixel above it is drawn more than half black; see `ink`


def measure(images: Tensor) -> Tensor:
    """Return slant (degrees to the right), width of strokes and spread (pixels), (N, 3), of images (N, 1, H, W).

    Slant is the shear that the second moments of the ink tell; the width of strokes is twice the ink over the length of
    its outline, the sum of the gradient's norm; the spread of a digit is four standard deviations of the ink across,
    which is its width if it is a bar, more if it is a ring: what a reader calls its width is its `extent`.
    """
    ink = (images[:, 0] + 1) / 2  # (N, H, W)
    total = ink.sum((1, 2))
    y, x = torch.meshgrid(torch.arange(ink.shape[1]), torch.arange(ink.shape[2]), indexing="ij")
    x, y = ((c - (ink * c).sum((1, 2), keepdim=True) / total[:, None, None]) for c in (x, y))  # (N, H, W) each
    xx, yy, xy = ((ink * c).sum((1, 2)) / total for c in (x * x, y * y, x * y))
    across, down = ink[:, 1:, 1:] - ink[:, 1:, :-1], ink[:, 1:, 1:] - ink[:, :-1, 1:]
    outline = torch.sqrt(across**2 + down**2).sum((1, 2))
    return torch.stack([torch.rad2deg(torch.atan(-xy / yy)), 2 * total / outline, 4 * xx.sqrt()], dim=1)


def extent(images: Tensor) -> Tensor:
    """Return how many columns (N,) lie between the first and the last that the pen blackens, of images (N, 1, H, W)."""
    black = (images[:, 0] > PEN).any(dim=1)  # (N, W)
    column = torch.arange(black.shape[1])
    last, first = torch.where(black, column, -1).amax(1), torch.where(black, column, black.shape[1]).amin(1)
    return (last - first + 1).clamp(min=0)


@torch.no_grad()
def hand_directions(draw: Callable[[Tensor, Tensor], Tensor], latent: int, *, count: int = 6000) -> Tensor:
    """Return unit vectors (3, latent), one for each name: along it that quantity grows, and the other two do not.

    That is so on average and near the middle. Farther out a digit that leans, to either side, is wider across as well.

    The quantities of `count` random pictures, less the mean of their class, are regressed on the latent vectors; each
    direction is the coefficients' part at right angles to those of the other two.
    """
    z = torch.randn(count, latent, generator=torch.Generator().manual_seed(0))
    labels = torch.arange(count) % 10
    measured = torch.cat([measure(draw(z[i : i + 500], labels[i : i + 500])) for i in range(0, count, 500)])
    for label in range(10):
        measured[labels == label] -= measured[labels == label].mean(0)
    return unmixed(torch.linalg.lstsq(z, measured).solution)


def unmixed(slopes: Tensor) -> Tensor:
    """Return unit vectors (K, latent): of each column of slopes (latent, K) the part at right angles to the others."""
    rows = []
    for i in range(slopes.shape[1]):
        others, _ = torch.linalg.qr(slopes[:, [j for j in range(slopes.shape[1]) if j != i]])
        rest = slopes[:, i] - others @ (others.T @ slopes[:, i])
        rows.append(rest / rest.norm())
    return torch.stack(rows)


def enlarge(images: Tensor, factor: int) -> Tensor:
    """Return images (N, 1, H, W) enlarged with the cubic B-spline, as `enlarge` of generator.js does with b = 1."""
    for dim in (2, 3):
        size = images.shape[dim]
        at = (torch.arange(size * factor) + 0.5) / factor - 0.5
        far = (at[:, None] - torch.arange(size)).abs()  # (size * factor, size)
        weights = torch.where(far < 1, (4 - 6 * far**2 + 3 * far**3) / 6, (2 - far).clamp(min=0) ** 3 / 6)
        images = (weights / weights.sum(1, keepdim=True) @ images.movedim(dim, -2)).movedim(-2, dim)
    return images.clamp(-1, 1)


def ink(images: Tensor, factor: int) -> Tensor:
    """Return how dark the home page draws them, in [0, 1]: enlarged, and the edge made steep, like a pen's."""
    empty, full = math.tanh(-2.6), math.tanh(3.2)
    return ((torch.tanh(3 * (enlarge(images, factor) + 0.1)) - empty) / (full - empty)).clamp(0, 1)
