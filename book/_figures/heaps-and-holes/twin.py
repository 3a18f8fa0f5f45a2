"""Heaps and holes on a line: plan and prices from linear programmes, the landscape from the distribution functions."""

import numpy as np
from scipy.optimize import linprog
from scipy.spatial.distance import jensenshannon
from scipy.stats import wasserstein_distance
from twins import DISCRIMINATOR, FAKE, OTHER, REAL

TOLERANCE = 1e-6  # the linear programmes' own

START = {
    "x1": 1.0, "p1": 0.5, "x2": 6.0, "p2": 0.2, "x3": 10.0, "p3": 0.3,
    "y1": 3.0, "q1": 0.4, "y2": 4.5, "q2": 0.2, "y3": 8.0, "q3": 0.4, "shift": 0.0,
}  # fmt: skip
STATES = [
    START,
    START | {"shift": 4.0, "x1": 0.0, "x2": 0.5, "x3": 12.0},  # one after the other, and one far away
    START | {"x1": 3.0, "p1": 1.0, "x2": 3.0, "p2": 0.06, "p3": 0.0, "q2": 0.0},  # one heap, on a hole
    START | {"x1": 3.0, "x2": 4.5, "x3": 8.0, "p1": 0.4, "p3": 0.4},  # nothing to carry
    START | {"x1": 0.0, "p1": 0.5, "x2": 4.0, "p2": 0.5, "p3": 0.0}
    | {"y1": 1.0, "q1": 0.5, "y2": 3.0, "q2": 0.5, "q3": 0.0},
]  # fmt: skip


def numbers(state: dict) -> dict:
    """Return both laws, the plan that keeps the order, the landscape, and both totals."""
    sides = []
    for place, amount, shift in (("x", "p", 0.0), ("y", "q", state["shift"])):
        places = np.array([state[f"{place}{i}"] + shift for i in (1, 2, 3)])
        amounts = np.array([state[f"{amount}{i}"] for i in (1, 2, 3)])
        at, index = np.unique(places, return_inverse=True)
        shares = np.bincount(index, amounts / amounts.sum())
        sides.append((at[shares > 1e-9], shares[shares > 1e-9]))
    (x, p), (y, q) = sides
    n, m = len(x), len(y)
    sums = np.vstack([np.kron(np.eye(n), np.ones(m)), np.kron(np.ones(n), np.eye(m))])
    away = np.abs(x[:, None] - y)
    # Many plans are best for the distance; among them the squared distance picks the one that keeps the order.
    found = linprog(away.ravel() ** 2, A_eq=sums, b_eq=np.concatenate([p, q])).x.reshape(n, m)
    plan = [[x[i], y[j], found[i, j]] for i in range(n) for j in range(m) if found[i, j] > 1e-7]
    prices = linprog(-np.concatenate([p, q]), A_ub=sums.T, b_ub=away.ravel(), bounds=(None, None))
    at = np.union1d(x, y)
    masses = [np.array([(share * (places == t)).sum() for t in at]) for places, share in sides]
    ahead = np.round(np.cumsum(masses[1] - masses[0]), 9)[:-1]
    f = np.concatenate([[0], np.cumsum(np.sign(ahead) * np.diff(at))])
    f -= f.min()
    return {
        "p": np.column_stack([x, p]), "q": np.column_stack([y, q]), "plan": plan, "f": np.column_stack([at, f]),
        "w1": wasserstein_distance(x, y, p, q), "mean_real": masses[0] @ f, "mean_fake": masses[1] @ f,
        "gap": -prices.fun, "jsd": jensenshannon(*masses) ** 2,
    }  # fmt: skip


def alt(state: dict) -> str:
    """Say what the still picture shows."""
    now = numbers(state)
    return (
        f"Above, three blue heaps and three orange holes on a line, joined by {len(now['plan'])} arrows, the cheapest "
        f"way of carrying the earth; it costs {now['w1']:.2f}. Below, a green landscape of slopes 1, 0 and -1, high at "
        f"the heaps and low at the holes; its mean height is {now['mean_real']:.2f} at the heaps and "
        f"{now['mean_fake']:.2f} at the holes, which are {now['gap']:.2f} apart."
    )


def draw(state: dict) -> None:
    """Draw the still picture."""
    import matplotlib.pyplot as plt

    now = numbers(state)
    _, (earth, critic) = plt.subplots(2, 1, figsize=(6.5, 5), layout="constrained", sharex=True)
    earth.bar(*now["p"].T, width=0.6, color=REAL)
    earth.bar(now["q"][:, 0], -now["q"][:, 1], bottom=-0.75, width=0.6, fill=False, edgecolor=FAKE, linewidth=2)
    for x, y, mass in now["plan"]:
        earth.annotate(
            "", (y, -0.72), (x, -0.03), arrowprops={"arrowstyle": "->", "color": OTHER, "linewidth": 1 + 9 * mass}
        )
        earth.text((x + y) / 2, -0.38, f"{mass:.2f}", ha="center", va="center", backgroundcolor="white", fontsize=9)
    earth.text(-0.4, 0.75, "heaps (real)", color=REAL)
    earth.text(-0.4, -1.6, "holes (fake)", color=FAKE)
    earth.set(yticks=[], ylim=(-1.75, 1), xlim=(-0.5, 12.5))
    first, last = now["f"][0], now["f"][-1]
    critic.plot([-0.5, *now["f"][:, 0], 12.5], [first[1], *now["f"][:, 1], last[1]], color=DISCRIMINATOR)
    for places, colour in ((now["p"][:, 0], REAL), (now["q"][:, 0], FAKE)):
        critic.plot(places, np.interp(places, *now["f"].T), "o", color=colour)
    for height, words, colour, up in (
        (now["mean_real"], "mean at the heaps", REAL, "bottom"),
        (now["mean_fake"], "mean at the holes", FAKE, "top"),
    ):
        critic.axhline(height, color=colour, linestyle="--", linewidth=1)
        critic.text(12.4, height, words, color=colour, ha="right", va=up)
    critic.set(xlabel="place", ylabel="height f")
