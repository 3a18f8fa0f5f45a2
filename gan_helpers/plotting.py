"""Figures of the book: every function draws into an Axes and returns it; colours and markers keep their meaning.

Real is a blue circle, fake an orange cross, the discriminator a green line, in the palette of Okabe and Ito, which
colour-blind readers can tell apart. What it is handed must be finite; what it draws has fixed limits where it can.
Matplotlib is imported by the first figure, not by those who only train.

In a notebook, importing this module asks for figures with twice the pixels, sharp on a phone, and for the book's style:
no letter smaller than 10 points, no frame where two axes do. A reader who has set the inline backend keeps that.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Protocol

import torch
from torch import Tensor

from gan_helpers.checks import check_count, check_finite, check_number

if TYPE_CHECKING:
    from matplotlib.axes import Axes

REAL, FAKE, DISCRIMINATOR, OTHER = "#0072B2", "#D55E00", "#009E73", "#555555"
WIDTH = 6.0  # inches, at most: a phone shows this at 0.6 of its size, and 10 points stay readable
STYLE = {
    "figure.constrained_layout.use": True,
    "figure.figsize": (WIDTH, 3.2),
    "font.size": 10,
    "axes.titlesize": 10.5,
    "legend.fontsize": 10,
    "legend.frameon": False,
    "axes.spines.top": False,
    "axes.spines.right": False,
}


def _set_up_notebook() -> None:
    """Ask a notebook for fine pixels and the book's style, unless its reader has asked for something."""
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    if shell is None or "InlineBackend" in shell.config:
        return
    shell.config.InlineBackend.figure_formats = {"retina"}
    shell.config.InlineBackend.rc = STYLE
    settings = sys.modules.get("matplotlib_inline.config")
    if settings and settings.InlineBackend.initialized() and "matplotlib" in sys.modules:  # Colab is ahead of us
        settings.InlineBackend.instance().figure_formats = {"retina"}
        sys.modules["matplotlib"].rcParams.update(STYLE)


_set_up_notebook()


class Losses(Protocol):
    """A record of one step, as `train_gan` yields it."""

    step: int
    d_loss: Tensor
    g_loss: Tensor


def plot_points(
    real: Tensor | None = None,
    fake: Tensor | None = None,
    *,
    limit: float | None = None,
    legend: bool = True,
    ax: Axes | None = None,
) -> Axes:
    """Scatter real and generated points (N, 2) with equal scales, the axes from -limit to limit if it is given.

    Without `legend` nothing says which is which: for panels beside one that does.

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
    if legend:
        look = {"frameon": True, "edgecolor": "none", "borderpad": 0.2, "borderaxespad": 0.2, "handletextpad": 0.1}
        ax.legend(loc="upper right", **look)
    return ax


def plot_images(
    images: Tensor, *, columns: int = 10, rows: Sequence[str] = (), title: str = "", ax: Axes | None = None
) -> Axes:
    """Draw images (N, 1 or 3, H, W) in [-1, 1] as one grid, row by row; `rows` are names to stand before the rows.

    Raises:
        TypeError: images that are no floating-point tensor, or columns that are no whole number.
        ValueError: another shape or range, NaN, no columns, or another number of names than of rows.
    """
    check_finite("images", images)
    check_count("columns", columns)
    if images.ndim != 4 or images.shape[1] not in (1, 3) or not images.numel():
        raise ValueError(f"images (N, 1 or 3, H, W) are needed, but {tuple(images.shape)} came.")
    images = images.detach().cpu()
    if not images.abs().max() <= 1:
        raise ValueError(f"images must lie in [-1, 1], but values up to {images.abs().max():.3g} came.")
    number = -(-len(images) // columns)
    if rows and len(rows) != number:
        raise ValueError(f"one name a row is needed, but {len(rows)} came for {number} rows of {columns} images.")
    blank = images.new_ones(number * columns - len(images), *images.shape[1:])
    grid = torch.cat([images, blank]).unflatten(0, (number, columns))  # (rows, columns, C, H, W)
    grid = grid.permute(0, 3, 1, 4, 2).flatten(2, 3).flatten(0, 1)  # (rows * H, columns * W, C)
    words = 0.075 * max((len(line) for name in rows for line in name.split("\n")), default=0)  # inches
    side = min(0.6, (WIDTH - words) / columns)
    ax = ax or _new_axes(words + side * columns, side * number + 0.3 * bool(title))
    ax.imshow((grid.numpy() + 1) / 2, cmap="gray", vmin=0, vmax=1, interpolation="nearest")
    if rows:
        height = images.shape[2]
        ax.set_yticks([height * (i + 0.5) - 0.5 for i in range(number)], rows)
        ax.set_xticks([])
        ax.tick_params(length=0)
        ax.spines[:].set_visible(False)
    else:
        ax.set_axis_off()
    ax.set_title(title)
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
        ax.axhline(chance, color=OTHER, linewidth=1, linestyle=":", label="d_loss at\nD = 1/2")
    ax.set(xlabel="step", ylabel=f"loss (mean of {smooth})")
    label_lines(ax)
    return ax


def label_lines(ax: Axes) -> Axes:
    """Write the name of each labelled line beside its right end, in its colour, instead of a legend.

    Names keep clear of one another. Call it with the limits set; called again, it writes them anew.

    Raises:
        ValueError: no line has a label.
    """
    lines = [line for line in ax.lines if not str(line.get_label()).startswith("_")]
    if not lines:
        raise ValueError('no line here has a name: draw it with label="...".')
    for text in [text for text in ax.texts if text.get_gid() == "line-name"]:
        text.remove()
    ax.figure.draw_without_rendering()  # only now the layout, and so the height, is known
    points = ax.bbox.height / ax.figure.dpi * 72
    names = []
    for line in lines:
        ends = ax.transAxes.inverted().transform(line.get_transform().transform(line.get_xydata()))
        seen = [(x, y) for x, y in ends if -0.001 <= x <= 1.001 and -1e9 < y < 1e9]
        size = 12.5 * (1 + str(line.get_label()).count("\n"))  # points
        end = min(max(max(seen)[1] if seen else 1.0, 0.0), 1.0)
        names.append([end * points, size, end, line])
    names.sort(key=lambda name: name[0])
    for _ in range(100):
        for low, high in pairwise(names):
            overlap = (low[1] + high[1]) / 2 - (high[0] - low[0])
            if overlap > 0:
                low[0], high[0] = low[0] - overlap / 2, high[0] + overlap / 2
    for place, _, end, line in names:
        y = ax.transData.inverted().transform(ax.transAxes.transform((1, end)))[1]  # stays right when limits change
        ax.annotate(
            line.get_label(), (1, y), xycoords=("axes fraction", "data"), xytext=(5, place - end * points),
            textcoords="offset points", va="center", color=_ink(line.get_color()), annotation_clip=False,
            gid="line-name",
        )  # fmt: skip
    return ax


@torch.no_grad()
def plot_discriminator(
    discriminator: Callable[[Tensor], Tensor],
    *,
    limit: float,
    cells: int = 100,
    bar: bool = True,
    ax: Axes | None = None,
) -> Axes:
    """Colour the square [-limit, limit]^2 by D(x) = sigmoid(logit): orange says fake, blue says real, white says 1/2.

    Args:
        discriminator: maps points (N, 2) to logits (N,) or (N, 1), on the CPU.
        limit: half the side of the square, above 0.
        cells: grid cells a side.
        bar: whether a bar beside the square says what the colours mean.

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
    ax.spines[:].set_visible(True)
    if bar:
        ax.figure.colorbar(picture, ax=ax, label="$D(x)$", shrink=0.8)
    ax.set(xlabel="$x_1$", ylabel="$x_2$")
    return ax


def _ink(colour: str) -> tuple[float, float, float]:
    """Return a colour darkened until letters of it can be read on white."""
    from matplotlib.colors import to_rgb

    return tuple(0.77 * part for part in to_rgb(colour))


def _new_axes(width: float, height: float) -> Axes:
    from matplotlib import pyplot

    return pyplot.subplots(figsize=(width, height))[1]
