"""What answers cost when the truth is +1 with chance c, else -1: by bias and variance, and by the chapter's table."""

import numpy as np
from twins import FAKE, OTHER, REAL, panels

START = {"c": 0.7, "a": -0.2, "error": "squared"}
STATES = [
    START,
    START | {"c": 0.5, "a": 1.0},
    START | {"c": 0.9, "a": -0.3, "error": "absolute"},
    START | {"c": 0.0, "a": -1.0},
    START | {"c": 1.0, "a": -1.0, "error": "absolute"},
]


def table(c: np.ndarray, error: str) -> dict:
    """Return the errors of the mean, of the likelier value and of a draw, given the chance c."""
    spread, less = 4 * c * (1 - c), np.minimum(c, 1 - c)
    if error == "squared":  # the spread of the truth, and twice that for a draw
        return {"mean": spread, "likelier": 4 * less, "draw": 2 * spread}
    return {"mean": spread, "likelier": 2 * less, "draw": spread}  # a draw errs by 2 where it differs from the truth


def error_of(c: float, a: np.ndarray, error: str) -> np.ndarray:
    """Return the error of the answer a, in [-1, 1]."""
    best = 2 * c - 1
    return 4 * c * (1 - c) + (a - best) ** 2 if error == "squared" else 1 - a * best


def numbers(state: dict) -> dict:
    """Return the errors of all answers at one chance, and of three rules at all chances."""
    c, error = state["c"], state["error"]
    answers, chances, now = np.linspace(-1, 1, 41), np.linspace(0, 1, 51), table(c, error)
    every = {f"{rule}s": np.column_stack([chances, costs]) for rule, costs in table(chances, error).items()}
    return {
        "best": c - (1 - c), "ink": np.interp(state["a"], [-1, 1], [0, 100]),
        "yours": error_of(c, state["a"], error), "ends": error_of(c, np.array([-1, 1]), error), **now, **every,
        "bowl": np.column_stack([answers, error_of(c, answers, error)]),
    }  # fmt: skip


def alt(state: dict) -> str:
    """Say what the still picture shows."""
    now = numbers(state)
    return (
        f"Two panels; a nine has the chance {state['c']}. Left, the squared error against the answer, from 4 to 9, is "
        f"a bowl with its lowest point, {now['mean']:.2f}, at the mean, {now['best']:.1f}, between the two values that "
        f"occur. Straight above, on the line that joins the bowl's ends, a draw costs {now['draw']:.2f}; the likelier "
        f"value, at the right end, {now['likelier']:.2f}. Right, the errors against the chance: an arch for the mean, "
        "one twice as high for a draw, and between them a tent for the likelier value."
    )


def draw(state: dict) -> None:
    """Draw the still picture."""
    now = numbers(state)
    _, [left, right] = panels(2, height=3.4, width=7)
    left.plot(*now["bowl"].T, color=OTHER)
    left.plot([-1, 1], now["ends"], ls="--", color=OTHER, lw=1)
    left.plot([now["best"]] * 2, [now["mean"], now["draw"]], ls=":", color=FAKE)
    for x, key, word, shift in (
        (now["best"], "mean", "mean", (0, -16)),
        (now["best"], "draw", "a draw", (22, 6)),
        (1, "likelier", "likelier", (18, -15)),
    ):
        left.plot(x, now[key], "o", color=FAKE)
        left.annotate(word, (x, now[key]), textcoords="offset points", xytext=shift, ha="center", color=FAKE)
    left.plot([-1, 1], [0, 0], "s", color=REAL, clip_on=False)
    left.set(
        xlabel="answer", ylabel="squared error", xlim=(-1.5, 1.5), ylim=(0, 4.2), xticks=[-1, 0, 1],
        xticklabels=["-1: a 4", "0", "+1: a 9"],
    )  # fmt: skip
    for key, style, word, place in (
        ("means", "-", "mean", (0.5, 0.86)),
        ("likeliers", ":", "likelier", (0.5, 1.5)),
        ("draws", "--", "a draw", (0.5, 2.06)),
    ):
        right.plot(*now[key].T, style, color=FAKE)
        right.text(*place, word, ha="center", color=FAKE)
    right.axvline(state["c"], color=OTHER, lw=1, ls=":")
    right.set(xlabel="c, the chance of a 9", xlim=(0, 1), ylim=(0, 2.3))
