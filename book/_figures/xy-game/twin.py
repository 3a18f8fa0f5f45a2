"""The xy game: two players, one step size, three rules. Each is a matrix; its largest eigenvalue is the growth."""

import math

import numpy as np
from twins import DISCRIMINATOR, FAKE, OTHER, REAL, panels

START = {"x": 1.0, "y": 0.0, "h": 0.2, "rule": "simultaneous", "t": 60, "mean": True}
STATES = [
    START,
    START | {"rule": "alternating", "h": 1.0, "t": 100},
    START | {"rule": "extragradient", "y": -0.7, "h": 0.45, "t": 37},
]


def numbers(state: dict) -> dict:
    """Return the path of the players, its mean, and how far both are from the centre."""
    x, y, h = state["x"], state["y"], state["h"]
    both = np.array([[1, -h], [h, 1]])
    rules = {
        "simultaneous": both,
        "alternating": np.array([[1, 0], [h, 1]]) @ np.array([[1, -h], [0, 1]]),
        "extragradient": np.eye(2) + (both - np.eye(2)) @ both,
    }
    powers = {
        name: [np.linalg.matrix_power(rule, k) for k in range(int(state["t"]) + 1)] for name, rule in rules.items()
    }
    paths = {name: np.array(list_) @ [x, y] for name, list_ in powers.items()}
    path = paths[state["rule"]]
    radius, mean = math.hypot(*path[-1]), np.mean(path, axis=0)
    return {
        "path": path, "distances": {name: np.linalg.norm(way, axis=1) for name, way in paths.items()},
        "mean": mean, "radius": radius, "mean_radius": math.hypot(*mean),
        "ratio": radius / math.hypot(x, y) if x or y else math.nan,
        "product": path[-1].prod(), "growth": np.abs(np.linalg.eigvals(rules[state["rule"]])).max(),
    }  # fmt: skip


def alt(state: dict) -> str:
    """Say what the still picture shows."""
    now = numbers(state)
    return (
        "A plane, the first player's number across, the second's upwards. The path of the game x times y, both players "
        f"stepping at once with step size {state['h']}, spirals away from the centre: after {state['t']} steps it is "
        f"{now['ratio']:.2f} times as far away as at the start; the mean of its places stays nearer."
    )


def draw(state: dict) -> None:
    """Draw the still picture."""
    now = numbers(state)
    _, [ax] = panels(height=4.2, width=4.6)
    ax.plot(*now["path"].T, ".-", color=OTHER)
    ax.plot(*now["path"][0], "o", color=REAL)
    ax.plot(*now["path"][-1], "o", color=FAKE)
    ax.plot(*now["mean"], "x", color=DISCRIMINATOR)
    for place, word in (
        (now["path"][0], "start"),
        (now["path"][-1], "now"),
        (now["mean"], "mean"),
    ):
        ax.annotate(word, place, textcoords="offset points", xytext=(8, 6))
    ax.set(
        xlim=(-3.5, 3.5),
        ylim=(-3.5, 3.5),
        aspect="equal",
        xlabel="x, who minimises xy",
        ylabel="y, who maximises xy",
    )
