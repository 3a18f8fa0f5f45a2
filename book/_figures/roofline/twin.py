"""The roofline of a machine, and an operation under it."""

import numpy as np
from twins import DISCRIMINATOR, FAKE, panels

START = {"p": 2.0, "r": 1.0, "n": 10, "what": "product"}
STATES = [
    START,
    START | {"what": "sum"},
    {"p": 5.0, "r": 0.5, "n": 3, "what": "product"},
    {"p": 1.0, "r": 4.0, "n": 13, "what": "sum"},
]


def numbers(state: dict) -> dict:
    """Return what is counted and what it bounds, times in milliseconds."""
    n, peak, rate = 2 ** int(state["n"]), 10 ** state["p"], 10 ** state["r"]
    outputs = n * n
    flops = outputs * (2 * n if state["what"] == "product" else 1)  # each output of a product: n products, n sums
    moved = 3 * np.zeros((1,), np.float32).itemsize * outputs  # two matrices in, one out
    seconds = {"arithmetic": flops / (peak * 1e9), "memory": moved / (rate * 1e9)}
    bound = max(seconds, key=seconds.get)
    reached = min(peak, rate * flops / moved)
    return {
        "rows": n, "flops": flops, "bytes": moved, "peak": peak, "rate": rate, "ridge": peak / rate,
        "intensity": flops / moved,
        "arithmetic": 1e3 * seconds["arithmetic"], "memory": 1e3 * seconds["memory"], "time": 1e3 * seconds[bound],
        "reached": reached, "share": 100 * reached / peak, "bound": bound,
    }  # fmt: skip


def alt(state: dict) -> str:
    """Say what the still picture shows."""
    now = numbers(state)
    return (
        "A chart with logarithmic axes, flops for each byte across and billions of flops a second "
        "upwards. A line rises and, from "
        f"{now['ridge']:.0f} flops a byte on, stays level at {now['peak']:.0f}, like a roof. "
        f"The product of two matrices with {now['rows']} rows "
        f"stands at {now['intensity']:.0f} flops a byte, on the level part."
    )


def draw(state: dict) -> None:
    """Draw the still picture."""
    now = numbers(state)
    _, [ax] = panels(height=3.6, width=5.6)
    at = np.geomspace(0.01, 3000, 200)
    ax.loglog(at, np.minimum(now["peak"], now["rate"] * at), color=DISCRIMINATOR)
    ax.plot(now["intensity"], now["reached"], "o", color=FAKE)
    ax.annotate(f"product of two matrices,\n{now['rows']} rows", (now["intensity"], now["reached"]),
                ha="center", va="top", xytext=(0, -8), textcoords="offset points")  # fmt: skip
    ax.set(xlabel="flops for each byte", ylabel="Gflop/s", ylim=(0.02, 1000))
