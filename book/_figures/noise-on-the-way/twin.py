"""A hidden colour under noise: what is left by the pixels' covariance, a bound by information, belief by Bayes."""

import math

import numpy as np
from scipy.stats import multivariate_normal, norm
from twins import DISCRIMINATOR, EXTRA, OTHER, REAL, Random, panels

AXIS, WAY = np.linspace(-3, 3, 121), np.geomspace(0.01, 2, 81)
START = {"side": 10, "shade": 0.05, "noise": 0.05, "colour": 1.2, "seed": 3}
STATES = [
    START,
    START | {"noise": 0.5},
    START | {"side": 1, "shade": 0.01, "noise": 2.0, "colour": -2.0, "seed": 99},
    START | {"side": 16, "shade": 0.2, "noise": 0.01, "colour": 0.0},
]
TOLERANCE = 1e-7


def numbers(state: dict) -> dict:
    """Return the picture on its way, F's guess and belief, and the mean squared errors that noise leaves."""
    d, shade, noise, random = state["side"] ** 2, state["shade"], state["noise"], Random(state["seed"])
    signs = np.array([-1 if random.uniform() < 0.5 else 1 for _ in range(d)])
    code = shade * signs
    seen = state["colour"] * code + noise * np.array([random.normal() for _ in range(d)])

    def regression(
        size: float,
    ) -> np.ndarray:  # the weights of the best linear guess, from the covariance of the pixels
        return np.linalg.solve(np.outer(code, code) + size**2 * np.eye(d), code)

    def bound(size: float) -> float:  # information of at most d/2 log(1 + (shade / size)^2)
        return math.exp(-2 * d / 2 * math.log1p((shade / size) ** 2))

    weights = regression(noise)
    likely = norm.logpdf(seen, np.outer(AXIS, code), noise).sum(1) + norm.logpdf(AXIS)
    evidence = multivariate_normal(np.zeros(d), np.outer(code, code) + noise**2 * np.eye(d)).logpdf(seen)
    return {
        "d": d, "sent": state["colour"] * code, "seen": seen, "guess": weights @ seen, "left": 1 - weights @ code,
        "least": bound(noise), "cure": math.sqrt(d) * shade, "times": noise / shade,
        "belief": np.stack([AXIS, np.exp(likely - evidence)], 1), "before": np.stack([AXIS, norm.pdf(AXIS)], 1),
        "plain": [[s, 1 - regression(s) @ code] for s in WAY], "bound": [[s, bound(s)] for s in WAY],
    }  # fmt: skip


def alt(state: dict) -> str:
    """Say what the still picture shows."""
    now = numbers(state)
    return (
        f"Three pictures of {now['d']} grey pixels: flat, with a faint pattern, with noise upon it. Beside them F's "
        f"belief about the colour, a narrow peak near the true one, {state['colour']}. Then two curves that rise with "
        "the noise: what the plain code leaves, and below it what no code gets below. At the noise shown, as large as "
        f"the shading, the upper one is at {now['left']:.2f}."
    )


def draw(state: dict) -> None:
    """Draw the still picture."""
    now = numbers(state)
    _, [place, belief, way] = panels(3, height=2.9, width=8)
    side = state["side"]
    gap = np.ones((side, 1))
    parts = [np.zeros((side, side)), gap, now["sent"].reshape(side, side), gap, now["seen"].reshape(side, side)]
    place.imshow(np.hstack(parts), cmap="gray", vmin=-1, vmax=1)
    place.set(xticks=[side / 2, 1.5 * side + 1, 2.5 * side + 2], yticks=[])
    place.set_xticklabels(["honest", "with code", "F sees"], fontsize=9)
    belief.plot(*np.array(now["before"]).T, color=OTHER)
    belief.plot(*np.array(now["belief"]).T, color=DISCRIMINATOR)
    belief.axvline(state["colour"], color=REAL, ls="--")
    belief.set(xlim=(-3, 3), ylim=(0, None), yticks=[], xlabel="colour c")
    belief.set_title("F's belief", fontsize=10, loc="left")
    way.plot(*np.array(now["plain"]).T, color=DISCRIMINATOR)
    way.plot(*np.array(now["bound"]).T, color=EXTRA)
    way.plot(state["noise"], now["left"], "o", color=DISCRIMINATOR)
    way.text(0.45, 0.62, "plain code ", color=DISCRIMINATOR, ha="right")
    way.text(0.6, 0.2, "bound", color=EXTRA)
    way.set(xscale="log", xlim=(0.01, 2), ylim=(0, 1.05), xlabel="noise s")
    way.set_title("error left (1: blind)", fontsize=10, loc="left")
