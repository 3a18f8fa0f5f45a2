"""Soft words: means over all noise by sums over differences of three Gumbel numbers, slopes by PyTorch's autograd."""

from functools import lru_cache

import numpy as np
import torch
from scipy.optimize import minimize_scalar
from scipy.spatial.distance import cdist
from scipy.stats import gumbel_r
from twins import FAKE, OTHER, REAL, Random, panels

TOLERANCE = 1e-5  # of the sums on both sides
N = 120
TAUS = (0.2, 0.25, 0.3, 0.4, 0.5, 0.7, 1, 1.5, 2, 3)
START = {"tau": 1.0, "cat": 0.3, "see": 0.1, "cost": 5.0, "seed": 1}
STATES = [
    START,
    START | {"tau": 0.2, "seed": 7},
    START | {"tau": 1.0, "cat": 0.5, "see": 0.0, "cost": 3.0},
    START | {"tau": 3.0, "cat": 0.05, "see": 0.9, "cost": 6.0, "seed": 99},
    START | {"tau": 0.4, "cat": 0.9, "see": 0.05, "cost": 0.0, "seed": 12},
]


def soft_and_slopes(noise: np.ndarray, p: tuple, cost: float, tau: float) -> tuple[np.ndarray, np.ndarray]:
    """Return soft words (n, 3) of noise (n, 3), and the slope of each one's cost by the first logit, by autograd."""
    logits = torch.tensor(p, dtype=torch.float64).log().expand(len(noise), 3).clone().requires_grad_()
    y = torch.softmax((logits + torch.from_numpy(noise)) / tau, dim=1)
    (slopes,) = torch.autograd.grad((y @ torch.tensor([1.0, 0.0, cost], dtype=torch.float64)).sum(), logits)
    return y.detach().numpy(), slopes[:, 0].numpy()


@lru_cache(maxsize=512)
def law(p: tuple, cost: float, tau: float) -> tuple:
    """Return mean and spread of the slope and the mean soft word, by the law of g1 - g3 and g2 - g3."""
    h = min(0.5, 0.8 * tau)
    a, b = np.meshgrid(np.arange(-24, 24, h), np.arange(-24, 24, h))
    weights = 2 * np.exp(-a - b - 3 * np.logaddexp(0, np.logaddexp(-a, -b))) * h * h
    keep = weights > 1e-14
    weights = weights[keep]
    noise = np.stack([a[keep], b[keep], np.zeros(keep.sum())], 1)
    y, slopes = soft_and_slopes(noise, p, cost, tau)
    mean = weights @ slopes
    return mean, np.sqrt(weights @ (slopes - mean) ** 2), weights @ y


def numbers(state: dict) -> dict:
    """Return the drawn soft words, their slopes, and the means over all noise."""
    tau, cost, random = state["tau"], state["cost"], Random(state["seed"])
    p = np.array([state["cat"], 1 - state["cat"] - state["see"], state["see"]])
    noise = gumbel_r.isf([[random.uniform() for _ in range(3)] for _ in range(N)])
    words, slopes = soft_and_slopes(noise, tuple(p), cost, tau)
    costs = np.array([1, 0, cost])
    truth = softmax_slope(p, costs)
    scores = np.array([1, 0, 0]) - p[0]
    best = minimize_scalar(lambda b: p @ ((costs - b) * scores) ** 2, (0, 1))
    soft, spread, mean = law(tuple(p), cost, tau)
    return {
        "p": p, "words": words, "slopes": slopes, "way": cdist(words, np.eye(3)).min(axis=1).mean(), "truth": truth,
        "score": np.sqrt(max(0, best.fun - truth**2)), "curve": [law(tuple(p), cost, heat)[1::-1] for heat in TAUS],
        "soft": soft, "spread": spread, "mean": mean,
    }  # fmt: skip


def softmax_slope(p: np.ndarray, costs: np.ndarray) -> float:
    """Return the slope of the mean cost by the first logit, by PyTorch."""
    logits = torch.tensor(p).log().requires_grad_()
    (slope,) = torch.autograd.grad(torch.softmax(logits, 0) @ torch.tensor(costs, dtype=torch.float64), logits)
    return slope[0].item()


def alt(state: dict) -> str:
    """Say what the still picture shows."""
    now = numbers(state)
    return (
        "Left, a triangle whose corners are the words cat, cats and see, with orange dots inside: soft words at "
        f"temperature {state['tau']:g}, none in a corner. Right, the mean slope against the spread of one draw. A line "
        f"marks the true slope, {now['truth']:.3f}, with the score function on it. The orange curve of the soft words "
        "comes near the line only far to the right, at low temperatures; to the left it runs below zero, and at "
        f"temperature {state['tau']:g} it says {now['soft']:.3f}.".replace("-", "\u2212")
    )


def draw(state: dict) -> None:
    """Draw the still picture."""
    now = numbers(state)
    _, (left, right) = panels(2, height=3.4, width=7.4)
    corners = np.array([[0, 0], [1, 0], [0.5, np.sqrt(0.75)]])
    left.plot(*corners[[0, 1, 2, 0]].T, color=OTHER, lw=1)
    left.scatter(
        *(now["words"] @ corners).T, s=(4 + 12 * np.sqrt(np.abs(now["slopes"]))) ** 2 / 4, color=FAKE, alpha=0.6, lw=0
    )
    left.plot(*corners.T, "o", color=REAL, ms=7)
    for corner, word, dy in zip(
        corners, ("cat: costs 1", "cats: costs 0", f"see: costs {state['cost']:g}"), (-18, -18, 9), strict=True
    ):
        left.annotate(word, corner, textcoords="offset points", xytext=(0, dy), ha="center", color=REAL)
    left.set(xlim=(-0.25, 1.25), ylim=(-0.2, 1.05), aspect="equal")
    left.axis("off")
    spreads, means = np.array(now["curve"]).T
    right.axhline(now["truth"], color=REAL, ls="--", lw=1.2)
    right.axhline(0, color=OTHER, ls=":", lw=1)
    right.annotate("true slope", (0, now["truth"]), textcoords="offset points", xytext=(0, 4), color=REAL)
    right.plot(spreads, means, color=FAKE)
    right.plot(now["spread"], now["soft"], "o", color=FAKE, ms=8)
    right.annotate(
        f"soft, τ = {state['tau']:g}",
        (now["spread"], now["soft"]),
        textcoords="offset points",
        xytext=(9, -7),
        color=FAKE,
    )
    right.plot(now["score"], now["truth"], "s", color=REAL, ms=7)
    right.annotate(
        "score function",
        (now["score"], now["truth"]),
        textcoords="offset points",
        xytext=(0, 8),
        ha="center",
        color=REAL,
    )
    right.plot(0, 0, "kx")
    right.annotate("hard word", (0, 0), textcoords="offset points", xytext=(6, 5))
    low, high = min(0, means.min()), max(0, now["truth"], means.max())
    room = 0.2 * (high - low)
    right.set(xlabel="spread of one draw", ylabel="mean slope", ylim=(low - room, high + room))
