"""Launching and running twelve operations, in closed form: between two waits the time is h + d + (k - 1) max(h, d)."""

import numpy as np
from twins import DISCRIMINATOR, REAL, panels

OPERATIONS = 12
START = {"h": 2.0, "d": 2.0, "every": 1}
STATES = [START, START | {"every": 0}, {"h": 0.7, "d": 3.1, "every": 5}, {"h": 4.0, "d": 0.5, "every": 12}]


def numbers(state: dict) -> dict:
    """Return when each operation is launched and run, and what waiting costs; times in milliseconds."""
    h, d, every = state["h"], state["d"], int(state["every"])
    slow = max(h, d)
    block = every or OPERATIONS  # operations between two waits

    def spans(k: int) -> float:
        return h + d + (k - 1) * slow

    launches, runs = [], []
    for i in range(OPERATIONS):
        begin, j = (i // block) * spans(block), i % block
        launches.append([begin + j * h, begin + (j + 1) * h])
        runs.append([begin + h + j * slow, begin + h + j * slow + d])
    time, free = runs[-1][1], spans(OPERATIONS)
    total = OPERATIONS * np.array([h, d])
    return {
        "launches": launches, "runs": runs, "free": free, "time": time, "slower": time / free, "least": total.max(),
        "most": total.sum(), "idle": 100 * (1 - total[1] / time),
    }  # fmt: skip


def alt(state: dict) -> str:
    """Say what the still picture shows."""
    now = numbers(state)
    return (
        f"Two lanes in time. Above, a program launches twelve operations of {state['h']:.0f} ms each and "
        "waits after every one; below, a "
        f"device runs each for {state['d']:.0f} ms. They take turns, and the work ends after {now['time']:.0f} "
        "ms; without waiting it would "
        f"end after {now['free']:.0f} ms, since launching and running would go on side by side."
    )


def draw(state: dict) -> None:
    """Draw the still picture."""
    now = numbers(state)
    _, [ax] = panels(height=2.1)
    for spans, y, colour in ((now["launches"], 1, REAL), (now["runs"], 0, DISCRIMINATOR)):
        ax.broken_barh([(a, b - a) for a, b in spans], (y - 0.3, 0.6), color=colour, edgecolor="white")
    ax.axvline(now["free"], color="0.5", linestyle=":")
    ax.text(now["free"] + 0.4, 1.45, "without waiting it ends here")
    ax.set(xlabel="time in ms", yticks=[0, 1], yticklabels=["device", "program"], ylim=(-0.6, 1.9))
