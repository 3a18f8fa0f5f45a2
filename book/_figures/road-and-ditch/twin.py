"""The road and the ditch: occupancies by a linear system, walks by powers of a matrix."""

import numpy as np
from scipy.spatial.distance import jensenshannon
from twins import FAKE, OTHER, REAL, panels

START = {"eps": 0.01, "back": 0.0, "gamma": 0.95}
STATES = [
    START,
    START | {"back": 1.0},
    START | {"eps": 0.1},
    START | {"eps": 0.0, "gamma": 0.99},
    START | {"eps": 0.3, "back": 0.35, "gamma": 0.5},
]
STEPS = 80


def flow(eps: float, back: float) -> np.ndarray:
    """Return the law (to, from) of the states road and ditch."""
    return np.array([[1 - eps, back], [eps, 1 - back]])


def occupancy(eps: float, back: float, gamma: float) -> np.ndarray:
    """Return the discounted shares of time: right on the road, wrong on the road, in the ditch."""
    road, ditch = np.linalg.solve(np.eye(2) - gamma * flow(eps, back), [1 - gamma, 0])
    return np.array([road * (1 - eps), road * eps, ditch])


def numbers(state: dict) -> dict:
    """Return the clone's walk, its occupancy, and how far that is from the expert's."""
    eps, back, gamma = state["eps"], state["back"], state["gamma"]
    clone, expert = (occupancy(error, back, gamma) for error in (eps, 0.0))
    errors = np.linspace(0, 0.3, 61)
    return {
        "way": [np.linalg.matrix_power(flow(eps, back), t)[0, 0] for t in range(STEPS + 1)],
        "fading": gamma ** np.arange(STEPS + 1),
        "ditch": clone[2], "ditch_percent": 100 * clone[2], "right": clone[0], "wrong": clone[1],
        "tv": np.abs(clone - expert).sum() / 2, "bound": eps * sum(gamma**t for t in range(10_000)),
        "jsd": jensenshannon(clone, expert) ** 2,
        "curve": [[error, np.abs(occupancy(error, back, gamma) - expert).sum() / 2] for error in errors],
    }  # fmt: skip


def alt(state: dict) -> str:
    """Say what the still picture shows."""
    now = numbers(state)
    return (
        "Left, the chance to be on the road over 80 steps: the expert's stays at 1, the clone's sinks slowly, to "
        f"{now['way'][-1]:.2f}. Right, the distance of the clone's occupancy from the expert's, against its errors a "
        "step: a curve that rises steeply from 0, at first just below a straight line, the bound, and then bends away "
        f"from it. At {state['eps']:g} errors a step the curve is at {now['tv']:.2f}, the bound at {now['bound']:.2f}."
    )


def draw(state: dict) -> None:
    """Draw the still picture."""
    now = numbers(state)
    _, (left, right) = panels(2, height=3.2, width=7.4)
    left.plot([0, STEPS], [1, 1], color=REAL)
    left.plot(now["way"], color=FAKE)
    left.plot(now["fading"], color=OTHER, ls=":")
    left.text(STEPS, 1.02, "expert", color=REAL, ha="right")
    left.text(STEPS, now["way"][-1] - 0.1, "clone", color=FAKE, ha="right")
    left.text(22, now["fading"][22], " what a step counts", color=OTHER)
    left.set(xlabel="step", ylabel="chance to be on the road", ylim=(0, 1.1))
    errors, apart = np.array(now["curve"]).T
    right.plot(errors, errors / (1 - state["gamma"]), "--", color=OTHER)
    right.plot(errors, apart, color=FAKE)
    right.plot(errors, errors, ":", color=OTHER)
    right.plot(state["eps"], now["tv"], "o", color=FAKE, ms=8)
    right.text(0.06, 1.03, "bound", color=OTHER)
    right.text(0.15, 0.68, "clone", color=FAKE)
    right.text(0.3, 0.13, "errors a step", color=OTHER, ha="right")
    right.set(xlabel="errors a step on the road", ylabel="distance of occupancies", ylim=(0, 1.1), xlim=(0, 0.3))
