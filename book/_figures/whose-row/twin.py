"""Whose row was it? A membership attack by distance, with SciPy's distances and sorted lists in place of counting."""

import math

import numpy as np
from scipy.spatial import cKDTree
from scipy.stats import kstwobign
from twins import DISCRIMINATOR, FAKE, REAL, Random, panels

N, MOST, CUTS, FAR = 60, 300, 120, 0.3
START = {"share": 0.15, "noise": 0.005, "rows": 200, "radius": 0.01, "epsilon": 1.1, "seed": 19}
STATES = [
    START,
    START | {"share": 0.0, "noise": 0.1, "rows": 20, "radius": 0.12, "epsilon": 0.0, "seed": 7},
    START | {"share": 1.0, "noise": 0.0, "rows": 60, "radius": 0.0, "epsilon": 3.0, "seed": 99},
    START | {"share": 0.55, "rows": 300, "radius": 0.06, "epsilon": 0.3},
]


def numbers(state: dict) -> dict:
    """Return patients and made rows, the attack's rates, what an epsilon allows, and the report of medians."""
    random = Random(state["seed"])

    def pair() -> list[float]:
        return [random.uniform(), random.uniform()]

    inside, outside = (np.array([pair() for _ in range(N)]) for _ in range(2))
    copies, made = math.floor(state["share"] * state["rows"] + 0.5), []
    for i in range(MOST):
        whose, noise, fresh = int(N * random.uniform()), np.array([random.normal(), random.normal()]), np.array(pair())
        made.append(inside[whose] + state["noise"] * noise if i < copies else fresh)
    made = np.array(made[: state["rows"]])
    a, b = (np.sort(cKDTree(made).query(people)[0]) for people in (inside, outside))

    def rates(cut: float | np.ndarray) -> tuple:
        return tuple(np.searchsorted(one, cut, side="right") / N for one in (b, a))

    alarms, hits = rates(state["radius"])
    every = rates(np.concatenate([a, b]))
    corner = [1 / (1 + math.exp(state["epsilon"])), 1 / (1 + math.exp(-state["epsilon"]))]
    low, high = sorted((alarms, hits))
    gap = cKDTree(inside).query(made)[0]
    return {
        "inside": inside, "outside": outside, "made": made, "copies": copies,
        "curve": np.transpose(rates(np.linspace(0, FAR, CUTS + 1))),
        "caught": [cKDTree(made).query(people)[0] <= state["radius"] for people in (inside, outside)],
        "hits": hits, "alarms": alarms, "advantage": hits - alarms, "best": max(every[1] - every[0]),
        "chance": kstwobign.isf(0.05) * math.sqrt(2 / N), "bound": math.tanh(state["epsilon"] / 2), "corner": corner,
        "beyond": bool(high > np.interp(low, [0, corner[0], 1], [0, corner[1], 1]) + 1e-12),
        "made_median": np.median(gap), "held_median": np.median(cKDTree(inside).query(outside)[0]), "closest": min(gap),
    }  # fmt: skip


def alt(state: dict) -> str:
    """Say what the still picture shows."""
    now = numbers(state)
    return (
        "On the left a cloud of blue dots (patients in the training set), blue rings (patients out of it) and orange "
        "crosses (made rows), a few of them close to dots. On the right a square, false alarms to the right and hits "
        f"upwards: the green curve of the attack leaves the grey region of an epsilon of {state['epsilon']}. "
        f"At the distance {state['radius']} it has {now['hits']:.2f} hits and {now['alarms']:.2f} false alarms."
    )


def draw(state: dict) -> None:
    """Draw the still picture."""
    now = numbers(state)
    _, [plane, square] = panels(2, height=3.4, width=6.8)
    plane.plot(*now["inside"].T, "o", color=REAL, ms=4)
    plane.plot(*now["outside"].T, "o", color=REAL, ms=4, mfc="none")
    plane.plot(*now["made"].T, "x", color=FAKE, ms=4)
    plane.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02), aspect="equal", xticks=[], yticks=[])
    (c, d), alarms, hits = now["corner"], now["alarms"], now["hits"]
    square.fill([0, c, 1, d], [0, d, 1, c], color="0.88")
    square.plot([0, 1], [0, 1], "--", color="0.5", lw=1)
    square.plot(*now["curve"].T, color=DISCRIMINATOR)
    square.plot([alarms, alarms], [alarms, hits], color=DISCRIMINATOR, lw=3)
    square.plot(alarms, hits, "o", color=DISCRIMINATOR)
    square.text(c + 0.03, d - 0.08, f"ε = {state['epsilon']}")
    square.text(0.53, 0.47, "knows nothing")
    square.text(alarms + 0.04, hits - 0.02, "attack", color=DISCRIMINATOR)
    square.set(xlim=(-0.02, 1), ylim=(0, 1.02), aspect="equal", xlabel="false alarms", ylabel="hits")
