"""Figures of the book: every function draws into an Axes and returns it; colours and markers keep their meaning.

Real is a blue circle, fake an orange cross, the discriminator a green line, in the palette of Okabe and Ito, which
colour-blind readers can tell apart. What it is handed must be finite; what it draws has fixed limits where it can.
"""

from collections.abc import Callable, Sequence
from typing import Protocol

import matplotlib.pyplot as plt
import torch
from matplotlib.axes import Axes
from torch import Tensor

REAL, FAKE, DISCRIMINATOR, OTHER = "#0072B2", "#D55E00", "#009E73", "#555555"


class Losses(Protocol):
    """A record of one step, as `train_gan` yields it."""

    step: int
    d_loss: Tensor
    g_loss: Tensor


def plot_points(
    real: Tensor | None = None, fake: Tensor | None = None, *, limit: float | None = None, ax: Axes | None = None
) -> Axes:
    """Scatter real and generated points (N, 2) with equal scales, the axes from -limit to limit if it is given.

    Raises:
        ValueError: points of another shape.
    """
    ax = ax or plt.subplots(figsize=(4, 4))[1]
    for points, name, colour, marker in ((real, "real", REAL, "o"), (fake, "fake", FAKE, "x")):
        if points is None:
            continue
        if points.ndim != 2 or points.shape[1] != 2:
            raise ValueError(f"{name} points must have the shape (N, 2), but {tuple(points.shape)} came.")
        x, y = points.detach().cpu().numpy().T
        ax.scatter(x, y, s=9, c=colour, marker=marker, alpha=0.5, linewidths=0.8, label=name)
    ax.set(aspect="equal", xlabel="$x_1$", ylabel="$x_2$")
    if limit is not None:
        ax.set(xlim=(-limit, limit), ylim=(-limit, limit))
    ax.legend(loc="upper right", fontsize="small")
    return ax


def plot_images(images: Tensor, *, columns: int = 10, title: str = "", ax: Axes | None = None) -> Axes:
    """Draw images (N, 1 or 3, H, W) in [-1, 1] as one grid, row by row.

    Raises:
        ValueError: another shape or range, or no columns.
    """
    if images.ndim != 4 or images.shape[1] not in (1, 3) or not len(images) or columns < 1:
        raise ValueError(
            f"images (N, 1 or 3, H, W) and columns of at least 1 are needed, but "
            f"{tuple(images.shape)} and {columns} came."
        )
    images = images.detach().cpu()
    if not images.abs().max() <= 1:
        raise ValueError(f"images must lie in [-1, 1], but values up to {images.abs().max():.3g} came.")
    rows = -(-len(images) // columns)
    blank = images.new_ones(rows * columns - len(images), *images.shape[1:])
    grid = torch.cat([images, blank]).unflatten(0, (rows, columns))  # (rows, columns, C, H, W)
    grid = grid.permute(0, 3, 1, 4, 2).flatten(2, 3).flatten(0, 1)  # (rows * H, columns * W, C)
    ax = ax or plt.subplots(figsize=(0.6 * columns, 0.6 * rows + 0.3 * bool(title)))[1]
    ax.imshow((grid.numpy() + 1) / 2, cmap="gray", vmin=0, vmax=1, interpolation="nearest")
    ax.set_axis_off()
    ax.set_title(title, fontsize="medium")
    return ax


def plot_losses(
    records: Sequence[Losses], *, smooth: int = 25, chance: float | None = None, ax: Axes | None = None
) -> Axes:
    """Draw both losses of a run, each a running mean over `smooth` steps; `chance` adds D's loss at D = 1/2.

    Raises:
        ValueError: no records, or smooth below 1.
    """
    if not records or smooth < 1:
        raise ValueError(f"records and smooth of at least 1 are needed, but {len(records)} and {smooth} came.")
    ax = ax or plt.subplots(figsize=(6, 3))[1]
    smooth = min(smooth, len(records))
    steps = [record.step for record in records][smooth - 1 :]
    for name, colour, style in (("d_loss", DISCRIMINATOR, "-"), ("g_loss", FAKE, "--")):
        values = torch.stack([getattr(record, name) for record in records]).float().cpu()  # (n,)
        ax.plot(steps, values.unfold(0, smooth, 1).mean(dim=1).numpy(), style, color=colour, label=name)
    if chance is not None:
        ax.axhline(chance, color=OTHER, linewidth=1, linestyle=":", label="d_loss at D = 1/2")
    ax.set(xlabel="step", ylabel=f"loss (mean of {smooth})")
    ax.legend(fontsize="small")
    return ax


@torch.no_grad()
def plot_discriminator(
    discriminator: Callable[[Tensor], Tensor], *, limit: float, cells: int = 100, ax: Axes | None = None
) -> Axes:
    """Colour the square [-limit, limit]^2 by D(x) = sigmoid(logit): orange says fake, blue says real, white says 1/2.

    Args:
        discriminator: maps points (N, 2) to logits (N,) or (N, 1), on the CPU.
        limit: half the side of the square, above 0.
        cells: grid cells a side.

    Raises:
        ValueError: limit or cells not above 0.
    """
    if not limit > 0 or cells < 1:
        raise ValueError(f"limit and cells must be above 0, but {limit} and {cells} came.")
    ax = ax or plt.subplots(figsize=(4.6, 4))[1]
    ticks = torch.linspace(-limit, limit, cells)
    points = torch.cartesian_prod(ticks, ticks)  # (cells^2, 2)
    probability = torch.sigmoid(discriminator(points)).reshape(cells, cells)
    scale = plt.matplotlib.colors.LinearSegmentedColormap.from_list("fake-real", [FAKE, "white", REAL])
    picture = ax.imshow(
        probability.T.numpy(), origin="lower", extent=(-limit, limit, -limit, limit), cmap=scale, vmin=0, vmax=1
    )
    ax.figure.colorbar(picture, ax=ax, label="$D(x)$", shrink=0.8)
    ax.set(xlabel="$x_1$", ylabel="$x_2$")
    return ax
