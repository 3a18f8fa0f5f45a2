"""Critics on a line: W1 from scipy, penalised slopes by minimising, networks of one layer by search over one unit."""

from itertools import pairwise

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.stats import wasserstein_distance
from twins import DISCRIMINATOR, FAKE, OTHER, REAL, panels

TOLERANCE = 1e-5  # of the minimiser
GRID = np.linspace(-3.5, 3.5, 57)

START = {"x1": -2.0, "x2": 2.0, "y1": -1.0, "y2": 0.5, "way": "spectral", "lambda": 2.0, "c": 0.2, "m": 16}
STATES = [
    START,
    *[START | {"way": way} for way in ("truth", "penalty", "clipping")],
    START | {"y1": -1.0, "y2": 1.0, "way": "penalty", "lambda": 0.5},
    START | {"y1": 3.0, "y2": 2.5, "x2": -3.0, "way": "clipping", "c": 1.0, "m": 64},
    START | {"x1": 1.5, "x2": 3.0, "y1": -3.0, "y2": 3.0, "way": "clipping", "m": 5},
    START | {"x1": 0.0, "x2": 0.0, "y1": 0.0, "y2": 0.0, "way": "penalty"},
    START | {"x1": 2.0, "x2": -2.0, "y1": -2.0, "y2": 2.0, "way": "penalty"},
]


def _gap(f, real, fake):
    return f(real).mean() - f(fake).mean()


def _from_slopes(edges, slopes):
    """Return the function with these slopes between the edges, and flat outside."""
    heights = np.concatenate([[0], np.cumsum(slopes * np.diff(edges))])
    return lambda x: np.interp(x, edges, heights)


def _best_unit(real, fake, box):
    """Search `box` for the unit relu(w x + b) with the largest gap; of equals the kink nearest to 0."""
    w, b = box
    apart = np.maximum(np.outer(real, w) + b, 0).mean(0) - np.maximum(np.outer(fake, w) + b, 0).mean(0)
    if np.abs(apart).max() < 1e-9:
        return 0.0, 0.0, 0.0
    ties = np.flatnonzero(np.abs(apart) > np.abs(apart).max() - 1e-9)
    kinks = -b[ties] / w[ties]
    first = ties[np.lexsort([w[ties] < 0, np.round(kinks, 9), np.round(np.abs(kinks), 9)])[0]]
    return w[first], b[first], apart[first]


def numbers(state: dict) -> dict:
    """Return the critics on a grid, what each of them reads, and the steepest slope of the chosen one."""
    real, fake = np.array([state["x1"], state["x2"]]), np.array([state["y1"], state["y2"]])
    edges = np.arange(-3.5, 3.51, 0.25)
    middle = (edges[1:] + edges[:-1]) / 2
    ahead = (fake <= middle[:, None]).mean(1) - (real <= middle[:, None]).mean(1)
    pairs = np.array([(min(x, y), max(x, y)) for x in real for y in fake if x != y]).reshape(-1, 2)
    between = (pairs[:, 0] < middle[:, None]) & (middle[:, None] < pairs[:, 1])
    density = (between / (pairs[:, 1] - pairs[:, 0])).sum(1) / 4
    strength, slopes = state["lambda"], []
    for d, h in zip(ahead, density, strict=True):
        if d:  # the gap gains s |d|, the penalty takes lambda h (s - 1)^2
            lost = minimize_scalar(lambda s, d=d, h=h: strength * h * (s - 1) ** 2 - s * abs(d), tol=1e-12)
            slopes.append(np.sign(d) * lost.x)
        else:
            slopes.append(0.0)
    # Where nothing is carried, but the penalty asks, the slope is -1 and then 1 between two neighbouring points.
    points = np.unique([*real, *fake])
    for a, b in pairwise(points):
        for i in np.flatnonzero((middle > a) & (middle < b) & (ahead == 0) & (density > 0)):
            slopes[i] = -1.0 if middle[i] < (a + b) / 2 else 1.0
    c, m = state["c"], int(state["m"])
    steps = np.unique(np.round([*np.linspace(-1, 1, 201), *(1 / np.arange(1, 3.51, 0.25))], 12))
    sides = [(np.full_like(steps, sign), steps) for sign in (1, -1)]  # one of both is at its end
    caps = [(sign * steps[steps != 0], np.full((steps != 0).sum(), end)) for sign in (1, -1) for end in (1, -1)]
    w, b = (c * np.concatenate(part) for part in zip(*sides, *caps, strict=True))
    clip_w, clip_b, clip_gap = _best_unit(real, fake, (w, b))
    kinks = np.tile(np.arange(-3.5, 3.51, 0.125), 2)
    facing = np.repeat([1.0, -1.0], len(kinks) // 2)
    unit_w, unit_b, unit_gap = _best_unit(real, fake, (facing, -facing * kinks))
    critics = {
        "truth": _from_slopes(edges, np.sign(ahead)),
        "penalty": _from_slopes(edges, np.array(slopes)),
        "clipping": lambda x: np.sign(clip_gap) * m * c * np.maximum(clip_w * x + clip_b, 0),
        "spectral": lambda x: np.sign(unit_gap) * np.maximum(unit_w * x + unit_b, 0),
    }
    f = critics[state["way"]]
    steepest = {
        "truth": np.abs(np.sign(ahead)).max(), "penalty": np.abs(slopes).max(),
        "clipping": m * c * abs(clip_w), "spectral": abs(unit_w),
    }  # fmt: skip
    best = critics["truth"]
    return {
        "f": f(GRID) - f(fake).mean(), "best": best(GRID) - best(fake).mean(), "w1": wasserstein_distance(real, fake),
        "penalty": _gap(critics["penalty"], real, fake), "clipping": m * c * abs(clip_gap), "spectral": abs(unit_gap),
        "reading": _gap(f, real, fake), "slope": steepest[state["way"]],
    }  # fmt: skip


def alt(state: dict) -> str:
    """Say what the still picture shows."""
    now = numbers(state)
    return (
        f"Two real and two fake points on a line. The dashed best critic of slope at most 1 falls to the fakes, rises "
        f"behind them and reads {now['w1']:.2f}; the green one, the best network of one hidden layer with norms at "
        f"most 1, is a ramp with one bend and reads {now['spectral']:.2f}."
    )


def draw(state: dict) -> None:
    """Draw the still picture."""
    now = numbers(state)
    _, [ax] = panels()
    ax.plot(GRID, now["best"], "--", color=OTHER)
    ax.plot(GRID, now["f"], color=DISCRIMINATOR, linewidth=2.5)
    low = min(now["f"].min(), now["best"].min())
    for keys, colour in ((("x1", "x2"), REAL), (("y1", "y2"), FAKE)):
        ax.plot([state[key] for key in keys], [low - 0.3] * 2, "o", color=colour)
    for height, words, colour, side in (
        (now["reading"], "mean at the real points", REAL, "bottom"),
        (0, "mean at the fakes", FAKE, "top"),
    ):
        ax.axhline(height, color=colour, linestyle=":", linewidth=1)
        ax.text(-3.4, height, words, color=colour, va=side)
    ax.set(xlabel="place", ylabel="height f", xlim=(-3.5, 3.5))
