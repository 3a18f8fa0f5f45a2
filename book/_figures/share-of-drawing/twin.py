"""A share of the way from the mean to a draw. Quantiles by SciPy, errors and distances by formulas."""

import numpy as np
from scipy.optimize import brentq
from scipy.stats import norm
from twins import FAKE, OTHER, REAL, normal_density, panels

START = {"share": 0.5, "bits": 1, "place": 2.0, "width": 0.4}
STATES = [
    START,
    {"share": 0.0, "bits": 0, "place": 2.0, "width": 0.4},
    {"share": 1.0, "bits": 2, "place": 1.3, "width": 0.7},
    {"share": 0.25, "bits": 4, "place": 3.0, "width": 0.3},
    {"share": 0.8, "bits": 3, "place": 1.2, "width": 0.9},
]
TOLERANCE = 1e-6
COUNT, BIN, FIRST = 1024, 0.25, -6.013


def numbers(state: dict) -> dict:
    """Return errors, distances, the law of the answers and the curve of the trade."""
    share, place, width = state["share"], state["place"], state["width"]
    levels = (np.arange(COUNT) + 0.5) / COUNT

    def below(x: float) -> float:
        return 0.5 * (norm.cdf(x, -place, width) + norm.cdf(x, place, width))

    x = np.array([brentq(lambda v, p=p: below(v) - p, -12, 12, xtol=1e-12) for p in levels])
    parts = x.reshape(2 ** state["bits"], -1)
    points = parts.mean(axis=1)
    least = parts.var(axis=1).mean()
    answers = ((1 - share) * points[:, None] + share * parts).ravel()
    counts, edges = np.histogram(answers, bins=48, range=(FIRST, FIRST + 48 * BIN))
    grid, shares = np.linspace(-6, 6, 121), np.linspace(0, 1, 41)
    return {
        "least": least, "error": (1 + share**2) * least, "ratio": 1 + share**2,
        "w1": (1 - share) * np.abs(parts - points[:, None]).mean(), "w2": (1 - share) * np.sqrt(least),
        "points": points,
        "x": grid,
        "density": 0.5 * (normal_density(grid, -place, width) + normal_density(grid, place, width)),
        "bins": np.array([edges[:-1], counts / COUNT / BIN]).T,
        "curve": np.array([(1 - shares) * np.sqrt(least), (1 + shares**2) * least]).T,
    }  # fmt: skip


def alt(state: dict) -> str:
    """Say what the still picture shows."""
    now = numbers(state)
    return (
        f"Left: a blue density with two peaks and narrower orange bars round {len(now['points'])} means. Right: a "
        "falling curve of squared error against distance, from the draw at distance 0 to the mean; an orange point on "
        f"it marks {state['share']:.0%} of the way to a draw, at {now['ratio']:.2f} times the least error and W2 "
        f"{now['w2']:.3f}."
    )


def draw(state: dict) -> None:
    """Draw the still picture."""
    now = numbers(state)
    _, [left, right] = panels(2)
    left.bar(now["bins"][:, 0], now["bins"][:, 1], width=BIN, align="edge", color=FAKE, alpha=0.5)
    left.plot(now["x"], now["density"], color=REAL)
    left.plot(now["points"], np.zeros(len(now["points"])), "o", color="black", clip_on=False)
    left.set(xlabel="answer", ylabel="density", xlim=(-5, 5))
    right.plot(*now["curve"].T, color=OTHER)
    right.plot(*now["curve"][[0, -1]].T, "o", color="black")
    right.plot(now["w2"], now["error"], "o", color=FAKE, ms=9)
    right.set(xlabel="W2 to the data", ylabel="squared error")
