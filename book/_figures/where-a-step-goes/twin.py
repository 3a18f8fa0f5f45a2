"""The time of a training step on N processes, and by search the number that makes it shortest."""

import numpy as np
from scipy.optimize import minimize_scalar
from twins import DISCRIMINATOR, EXTRA, FAKE, OTHER, REAL, panels

TOLERANCE = 1e-5  # of the search

START = {
    "n": 10, "b": 11, "latency": 5, "bandwidth": 25, "messages": 2, "weights": 158.0, "fixed": 5.0, "sample": 10.0
}  # fmt: skip
STATES = [
    START,
    START | {"n": 0},
    START | {"n": 13, "latency": 200, "messages": 40, "bandwidth": 1},
    START | {"b": 5, "bandwidth": 1, "messages": 22, "weights": 0.1, "fixed": 4.5, "sample": 0.4, "n": 1},
    START | {"b": 14, "bandwidth": 100, "latency": 1, "messages": 1, "weights": 0.1, "fixed": 0.5, "n": 12},
    START | {"b": 4, "weights": 400.0, "bandwidth": 1, "sample": 0.1},  # no second process pays
    START | {"b": 4, "latency": 9, "sample": 0.1, "weights": 0.1, "messages": 40, "n": 1},  # a second one does, just
    START | {"b": 4, "latency": 1, "sample": 0.1, "weights": 0.1, "messages": 1, "fixed": 20.0, "n": 4},
]


def numbers(state: dict) -> dict:
    """Return the parts of a step in milliseconds, the speed-up, its ceiling, and the best number of processes."""
    a, c, batch = state["fixed"] / 1e3, state["sample"] / 1e3, 2 ** state["b"]  # seconds from here on
    tau = state["messages"] * state["latency"] * 1e-6
    wire = 4 * state["weights"] * 1e6 / (state["bandwidth"] * 1e9)

    def parts(n):
        return np.array([a + 0 * n, c * batch / n, 2 * (n - 1) * tau, 2 * (n - 1) / n * wire])

    def time(n):
        return parts(n).sum(axis=0)

    found = minimize_scalar(lambda e: time(np.exp(e)), bounds=(0, 20), method="bounded", options={"xatol": 1e-12})
    best = float(np.exp(found.x)) if found.fun < time(1.0) else 1.0
    whole = 1 + int(np.argmin(time(np.arange(1, 20_001))))
    n, sizes = 2 ** int(state["n"]), 2 ** np.linspace(0, 13, 53)
    return {
        "processes": n, "parts": 1e3 * parts(n), "time": 1e3 * time(n), "speedup": time(1) / time(n),
        "ceiling": time(1) / a, "best": best, "whole": whole, "best_speedup": time(1) / time(best),
        "curve": np.column_stack([sizes, time(1) / time(sizes)]),
    }  # fmt: skip


def alt(state: dict) -> str:
    """Say what the still picture shows."""
    now = numbers(state)
    fixed, arithmetic, latency, wire = now["parts"]
    return (
        f"Left, the parts of a step on {now['processes']} processes: fixed {fixed:.1f} ms, arithmetic "
        f"{arithmetic:.1f}, latency {latency:.1f}, wire {wire:.1f}. Right, the speed-up against the number of "
        f"processes, on logarithmic axes: it follows the diagonal at first, is largest, {now['best_speedup']:.0f}, "
        f"at {now['best']:.0f} processes, and falls beyond."
    )


def draw(state: dict) -> None:
    """Draw the still picture."""
    now = numbers(state)
    _, [step, curve] = panels(2)
    names = ["fixed", "arithmetic", "latency", "wire"]
    step.barh(names, now["parts"], color=[OTHER, REAL, FAKE, EXTRA])
    for i, part in enumerate(now["parts"]):
        step.text(part, i, f" {part:.1f} ms", va="center")
    step.set(xlabel=f"ms of a step on {now['processes']}", xlim=(0, 1.3 * max(now["parts"])))
    step.invert_yaxis()
    curve.loglog(*now["curve"].T, color=DISCRIMINATOR, linewidth=2.5)
    curve.loglog([1, 2000], [1, 2000], ":", color=OTHER)
    curve.axhline(now["ceiling"], color=OTHER, linestyle="--", linewidth=1)
    curve.text(1, now["ceiling"], "ceiling", va="bottom")
    curve.plot(now["processes"], now["speedup"], "o", color=DISCRIMINATOR)
    curve.set(xlabel="processes", ylabel="times as fast")
