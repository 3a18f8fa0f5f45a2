"""Figures of the book: every function draws into an Axes and returns it; colours and markers keep their meaning.

Real is a blue circle, fake an orange cross, the discriminator a green line, in the palette of Okabe and Ito, which
colour-blind readers can tell apart. What it is handed must be finite; what it draws has fixed limits where it can.
Matplotlib is imported by the first figure, not by those who only train.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Protocol

import torch
from torch import Tensor

from gan_helpers.checks import check_count, check_finite, check_number

if TYPE_CHECKING:
    from matplotlib.axes import Axes

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
        TypeError: points that are no floating-point tensor.
        ValueError: no points at all, points of another shape or not finite, or a limit not above 0.
    """
    if real is None and fake is None:
        raise ValueError("there is nothing to draw: hand in real points, fake points or both.")
    for name, points in (("real", real), ("fake", fake)):
        if points is not None:
            check_finite(f"{name} points", points)
            if points.ndim != 2 or points.shape[1] != 2 or not len(points):
                raise ValueError(f"{name} points must have the shape (N, 2), N > 0, but {tuple(points.shape)} came.")
    if limit is not None:
        check_number("limit", limit, above=0)
    ax = ax or _new_axes(4, 4)
    for points, name, colour, marker in ((real, "real", REAL, "o"), (fake, "fake", FAKE, "x")):
        if points is None:
            continue
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
        TypeError: images that are no floating-point tensor, or columns that are no whole number.
        ValueError: another shape or range, NaN, or no columns.
    """
    check_finite("images", images)
    check_count("columns", columns)
    if images.ndim != 4 or images.shape[1] not in (1, 3) or not images.numel():
        raise ValueError(f"images (N, 1 or 3, H, W) are needed, but {tuple(images.shape)} came.")
    images = images.detach().cpu()
    if not images.abs().max() <= 1:
        raise ValueError(f"images must lie in [-1, 1], but values up to {images.abs().max():.3g} came.")
    rows = -(-len(images) // columns)
    blank = images.new_ones(rows * columns - len(images), *images.shape[1:])
    grid = torch.cat([images, blank]).unflatten(0, (rows, columns))  # (rows, columns, C, H, W)
    grid = grid.permute(0, 3, 1, 4, 2).flatten(2, 3).flatten(0, 1)  # (rows * H, columns * W, C)
    ax = ax or _new_axes(0.6 * columns, 0.6 * rows + 0.3 * bool(title))
    ax.imshow((grid.numpy() + 1) / 2, cmap="gray", vmin=0, vmax=1, interpolation="nearest")
    ax.set_axis_off()
    ax.set_title(title, fontsize="medium")
    return ax


def plot_losses(
    records: Sequence[Losses], *, smooth: int = 25, chance: float | None = None, ax: Axes | None = None
) -> Axes:
    """Draw both losses of a run, each a running mean over `smooth` steps; `chance` adds D's loss at D = 1/2.

    Raises:
        TypeError: records without losses, or smooth or chance no number.
        ValueError: no records, or smooth below 1.
    """
    check_count("smooth", smooth)
    if not isinstance(records, Sequence) or not all(hasattr(record, "d_loss") for record in records):
        raise TypeError(f"a list of records as train_gan yields them is needed, but {records!r:.60} came.")
    if not records:
        raise ValueError("there is nothing to draw: the list of records is empty.")
    if chance is not None:
        check_number("chance", chance)
    ax = ax or _new_axes(6, 3)
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
        TypeError: no function, or limit or cells no number.
        ValueError: limit or cells not above 0, or logits of another shape.
    """
    from matplotlib.colors import LinearSegmentedColormap

    check_number("limit", limit, above=0)
    check_count("cells", cells)
    if not callable(discriminator):
        raise TypeError(f"a function of points is needed, but a {type(discriminator).__name__} came.")
    ticks = torch.linspace(-limit, limit, cells)
    points = torch.cartesian_prod(ticks, ticks)  # (cells^2, 2)
    logits = discriminator(points)
    if not isinstance(logits, Tensor) or logits.numel() != cells**2:
        came = tuple(logits.shape) if isinstance(logits, Tensor) else type(logits).__name__
        raise ValueError(f"one logit for each of {cells**2} points is needed, but {came} came.")
    ax = ax or _new_axes(4.6, 4)
    probability = torch.sigmoid(logits).reshape(cells, cells)
    scale = LinearSegmentedColormap.from_list("fake-real", [FAKE, "white", REAL])
    picture = ax.imshow(
        probability.T.numpy(), origin="lower", extent=(-limit, limit, -limit, limit), cmap=scale, vmin=0, vmax=1
    )
    ax.figure.colorbar(picture, ax=ax, label="$D(x)$", shrink=0.8)
    ax.set(xlabel="$x_1$", ylabel="$x_2$")
    return ax


def _new_axes(width: float, height: float) -> Axes:
    from matplotlib import pyplot

    return pyplot.subplots(figsize=(width, height))[1]
