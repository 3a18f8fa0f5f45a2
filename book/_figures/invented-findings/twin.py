"""A translator and two judges: the least change is a linear programme, each judge the best of all its answers."""

from functools import lru_cache
from itertools import product

import numpy as np
from scipy.optimize import linprog
from twins import DISCRIMINATOR, FAKE, OTHER, REAL, panels

START = {"s": 0.1, "t": 0.5, "go": 1.0, "way": "least"}
STATES = [
    START,
    START | {"go": 0.0},
    START | {"way": "random", "go": 0.35},
    START | {"s": 0.7, "t": 0.2, "go": 0.6},
    START | {"s": 0.95, "t": 0.05, "go": 1.0, "way": "random"},
    START | {"s": 0.4, "t": 0.4},
]


@lru_cache
def plan(s: float, t: float, way: str) -> np.ndarray:
    """Return the joint law (input healthy or ill, output healthy or ill) of a translator that matches the target."""
    before, after = np.array([1 - s, s]), np.array([1 - t, t])
    if way == "random":
        return np.outer(before, after)
    sums = [[1, 1, 0, 0], [0, 0, 1, 1], [1, 0, 1, 0], [0, 1, 0, 1]]
    return linprog([0, 1, 1, 0], A_eq=sums, b_eq=[*before, *after], method="highs").x.reshape(2, 2)


def best_judge(real: np.ndarray, fake: np.ndarray) -> float:
    """Return how often the best judge is right, over all ways to answer, if real and fake come equally often."""
    answers = np.array(list(product([0, 1], repeat=real.size)))
    return 0.5 * (answers @ real.ravel() + (1 - answers) @ fake.ravel()).max()


def judged(state: dict, go: float) -> tuple:
    """Return the joint law of input and output, and how often each judge is right."""
    s, t = state["s"], state["t"]
    honest = np.diag([1 - s, s])
    joint = (1 - go) * honest + go * plan(s, t, state["way"])
    return joint, best_judge(np.array([1 - t, t]), joint.sum(axis=0)), best_judge(honest, joint)


def numbers(state: dict) -> dict:
    """Return what becomes of the findings, and what each judge can tell."""
    joint, outputs, pairs = judged(state, state["go"])
    (_, invented), (lost, kept) = joint
    ends = [judged(state, go) for go in (0, 1)]
    rows = 100 * joint / joint.sum(axis=1, keepdims=True)
    return {
        "kept": kept, "lost": lost, "invented": invented, "ill": joint[:, 1].sum(), "outputs": outputs, "pairs": pairs,
        "outputs_line": [end[1] for end in ends], "pairs_line": [end[2] for end in ends],
        "gains_percent": rows[0, 1], "loses_percent": rows[1, 0],
        "outputs_percent": 100 * outputs, "pairs_percent": 100 * pairs, "true_percent": 100 * kept / joint[:, 1].sum(),
    }  # fmt: skip


def alt(state: dict) -> str:
    """Say what the still picture shows."""
    now = numbers(state)
    return (
        "Left, a wide column of healthy inputs, filled in orange up to "
        f"{now['gains_percent']:.0f} percent, and a narrow one of ill inputs, filled in blue to the top; beside them "
        "two bars of the same height, one half: the ill outputs, mostly orange, and the target's. Right, two straight "
        "lines over how far the translator goes: the judge of outputs falls from "
        f"{100 * now['outputs_line'][0]:.0f} to {100 * now['outputs_line'][1]:.0f} percent right, the judge of pairs "
        f"rises from {100 * now['pairs_line'][0]:.0f} to {100 * now['pairs_line'][1]:.0f}."
    )


def draw(state: dict) -> None:
    """Draw the still picture."""
    now, s, t = numbers(state), state["s"], state["t"]
    _, (left, right) = panels(2, height=3.2, width=7.4)
    left.bar(0, 1, 1 - s, align="edge", fill=False, ec=OTHER)
    left.bar(1 - s, 1, s, align="edge", fill=False, ec=OTHER)
    left.bar(0, now["gains_percent"] / 100, 1 - s, align="edge", color=FAKE, alpha=0.6)
    left.bar(1 - s, 1 - now["loses_percent"] / 100, s, align="edge", color=REAL)
    left.text((1 - s) / 2, now["gains_percent"] / 200, "invented", ha="center", va="center")
    left.bar(1.3, now["kept"], 0.3, color=REAL)
    left.bar(1.3, now["invented"], 0.3, bottom=now["kept"], color=FAKE, alpha=0.6)
    left.bar(1.7, t, 0.3, color=REAL, alpha=0.6)
    left.set_xticks([(1 - s) / 2, 1 - s / 2, 1.3, 1.7], ["healthy", "ill", "outputs", "target"])
    left.set_yticks([0, 0.5, 1], ["0", "50 %", "100 %"])
    left.set(ylabel="share that is ill")
    for key, word, at, align in (
        ("outputs", "of outputs", 0, "left"),
        ("pairs", "of pairs", 1, "right"),
    ):
        right.plot([0, 1], now[f"{key}_line"], color=DISCRIMINATOR)
        right.annotate(
            word, (at, now[f"{key}_line"][at]), textcoords="offset points", xytext=(0, 6), ha=align, color=DISCRIMINATOR
        )
        right.plot(state["go"], now[key], "o", color=DISCRIMINATOR)
    right.set_yticks([0.5, 0.75, 1], ["50 %", "75 %", "100 %"])
    right.set(xlabel="how far the translator goes", ylabel="how often the judge is right", ylim=(0.45, 1))
