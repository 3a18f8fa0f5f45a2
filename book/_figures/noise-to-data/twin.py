"""From noise to two peaks on a line. Mean velocities by the slope of the log density, quantiles by SciPy."""

import numpy as np
from scipy.optimize import brentq
from scipy.stats import norm
from twins import FAKE, OTHER, REAL, normal_density, panels

START = {"steps": 2, "start": 0.5, "place": 2.0, "width": 0.4, "right": 0.5}
STATES = [
    START,
    {"steps": 1, "start": -1.0, "place": 2.0, "width": 0.4, "right": 0.7},
    {"steps": 13, "start": 1.2, "place": 1.3, "width": 0.7, "right": 0.2},
    {"steps": 64, "start": -0.1, "place": 3.0, "width": 0.3, "right": 0.6},
    {"steps": 32, "start": 0.0, "place": 2.0, "width": 0.4, "right": 0.5},  # stays in the middle, on no peak
]
TOLERANCE = 1e-6
STARTS, SHOWN, BIN = 200, 16, 0.25


def velocity(x: np.ndarray, t: float, state: dict) -> np.ndarray:
    """Return E[data - noise | mixture = x]: by the slope of the log density of the mixture (Tweedie)."""
    place, width, right = state["place"], state["width"], state["right"]
    if t == 0:
        return (2 * right - 1) * place - x
    spread = np.sqrt((1 - t) ** 2 + (t * width) ** 2)
    low, high = (np.log(w) + norm.logpdf(x, t * m, spread) for w, m in ((1 - right, -place), (right, place)))
    log_p = np.logaddexp(low, high)
    slope = (np.exp(low - log_p) * (-t * place - x) + np.exp(high - log_p) * (t * place - x)) / spread**2
    return (x + (1 - t) * slope) / t  # E[noise] = -(1 - t) slope, and E[data] = (x - (1 - t) E[noise]) / t


def walk(x: np.ndarray, state: dict) -> np.ndarray:
    """Return the places at all times, (steps + 1, starts)."""
    path = [np.asarray(x, dtype=float)]
    for i in range(state["steps"]):
        path.append(path[-1] + velocity(path[-1], i / state["steps"], state) / state["steps"])
    return np.array(path)


def numbers(state: dict) -> dict:
    """Return distance, strays, paths, landings and the density of the data."""
    place, width, right = state["place"], state["width"], state["right"]
    levels = (np.arange(STARTS) + 0.5) / STARTS
    ends = walk(norm.ppf(levels), state)[-1]

    def below(x: float) -> float:
        return (1 - right) * norm.cdf(x, -place, width) + right * norm.cdf(x, place, width)

    wanted = [brentq(lambda x, p=p: below(x) - p, -12, 12, xtol=1e-12) for p in levels]
    own = walk(np.array([state["start"]]), state)[:, 0]
    counts, edges = np.histogram(ends, bins=48, range=(-6.013, 5.987))
    x = np.linspace(-6, 6, 121)
    return {
        "w1": np.abs(np.sort(ends) - wanted).mean(),
        "stray": (np.minimum(np.abs(ends - place), np.abs(ends + place)) > 3 * width + 1e-6).mean(),
        "landed": own[-1], "mean": (2 * right - 1) * place, "own": own,
        "paths": walk(norm.ppf((np.arange(SHOWN) + 0.5) / SHOWN), state).T,
        "x": x, "density": (1 - right) * normal_density(x, -place, width) + right * normal_density(x, place, width),
        "bins": np.array([edges[:-1], counts / STARTS / BIN]).T,
    }  # fmt: skip


def alt(state: dict) -> str:
    """Say what the still picture shows."""
    now = numbers(state)
    return (
        f"Left: sixteen orange paths, broken lines of {state['steps']} steps, lead from noise at time 0 to places at "
        "time 1; they draw together and then part. Right: a blue density with two peaks, and orange bars where 200 "
        f"starts land. {now['stray']:.0%} of the starts land more than three widths from both peaks; W1 is "
        f"{now['w1']:.3f}."
    )


def draw(state: dict) -> None:
    """Draw the still picture."""
    now = numbers(state)
    _, [left, right] = panels(2)
    times = np.linspace(0, 1, state["steps"] + 1)
    left.plot(times, now["paths"].T, color=FAKE, lw=1)
    left.plot(times, now["own"], color="black", lw=2.5)
    left.axhline(now["mean"], color=OTHER, ls="--", lw=1)
    left.set(xlabel="time, from noise to data", ylabel="place", ylim=(-5, 5))
    right.bar(now["bins"][:, 0], now["bins"][:, 1], width=BIN, align="edge", color=FAKE, alpha=0.5)
    right.plot(now["x"], now["density"], color=REAL)
    right.set(xlabel="place at time 1", ylabel="density", xlim=(-5, 5))
