"""A thousand pictures and a detector. The shares come from a joint table of truth and alarm."""

import numpy as np
from twins import DISCRIMINATOR, FAKE, OTHER, REAL, panels

START = {"base": 1.0, "hits": 95.0, "alarms": 5.0}
STATES = [
    START,
    {"base": 50.0, "hits": 95.0, "alarms": 5.0},
    {"base": 0.1, "hits": 99.9, "alarms": 0.1},
    {"base": 7.3, "hits": 60.0, "alarms": 12.4},
    {"base": 20.0, "hits": 5.0, "alarms": 30.0},
]
BASES = [0.1, 0.15, 0.2, 0.3, 0.5, 0.7, 1, 1.5, 2, 3, 5, 7, 10, 15, 20, 30, 40, 50]


def table(base: float, hits: float, alarms: float) -> np.ndarray:
    """Return the joint law of truth (fake, real) and answer (alarm, quiet)."""
    truth, h, f = np.array([base, 100 - base]) / 100, hits / 100, alarms / 100
    return truth[:, None] * np.array([[h, 1 - h], [f, 1 - f]])


def numbers(state: dict) -> dict:
    """Return counts in a thousand pictures, and what an alarm is worth."""
    base, hits, alarms = state["base"], state["hits"], state["alarms"]
    joint = table(base, hits, alarms)
    found, fakes, called = (int(np.floor(1000 * v + 0.5 + 1e-9)) for v in (joint[0, 0], joint[0].sum(), joint[1, 0]))
    by_answer = joint / joint.sum(axis=0)
    curve = []
    for b in BASES:
        column = table(b, hits, alarms)[:, 0]
        curve.append([b, 100 * column[0] / column.sum()])
    return {
        "fakes": 1000 * joint[0].sum(), "right": 1000 * joint[0, 0], "wrong": 1000 * joint[1, 0],
        "worth": 100 * by_answer[0, 0], "needed": 100 * joint[0, 0] / joint[1].sum(), "unseen": 100 * by_answer[0, 1],
        "dots": [found, fakes - found, called, 1000 - fakes - called], "curve": curve,
    }  # fmt: skip


def alt(state: dict) -> str:
    """Say what the still picture shows."""
    now = numbers(state)
    found, missed, called, _ = now["dots"]
    return (
        f"Left, a thousand dots: {found} large orange ones, fakes with an alarm, {missed} orange rings, fakes without, "
        f"{called} blue ones, real pictures with an alarm, and small grey ones, the rest. Right, a curve that rises "
        "from left below to right above: the share of right alarms by the share of fakes; a point on it at "
        f"{state['base']:g} and {now['worth']:.0f} percent."
    )


def draw(state: dict) -> None:
    """Draw the still picture."""
    now = numbers(state)
    _, (left, right) = panels(2, height=3.0, width=7.4)
    at = np.array([[i % 40, i // 40] for i in range(1000)])
    found, missed, called, _ = now["dots"]
    ends = np.cumsum([0, found, missed, called, 1000 - found - missed - called])
    looks = [
        {"s": 14, "c": FAKE}, {"s": 12, "facecolors": "none", "edgecolors": FAKE}, {"s": 14, "c": REAL},
        {"s": 1.5, "c": OTHER},
    ]  # fmt: skip
    for start, end, look in zip(ends[:-1], ends[1:], looks, strict=True):
        left.scatter(*at[start:end].T, **look)
    left.invert_yaxis()
    left.set_axis_off()
    right.semilogx(*np.array(now["curve"]).T, color=DISCRIMINATOR)
    right.axhline(50, color=OTHER, ls="--", lw=1)
    right.plot(state["base"], now["worth"], "o", color=DISCRIMINATOR)
    right.set_xticks([0.1, 1, 10, 50], ["0.1", "1", "10", "50"])
    right.set(xlabel="fakes among the pictures, %", ylabel="alarms that are right, %", ylim=(0, 105))
