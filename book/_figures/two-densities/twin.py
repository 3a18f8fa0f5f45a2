"""Two normal laws on a line. By quadrature: V, JSD, W1; by autograd: slopes of the generator's losses by its mean."""

import math
from functools import cache

import numpy as np
import torch
from scipy.stats import norm
from twins import DISCRIMINATOR, EXTRA, FAKE, OTHER, REAL, normal_density, panels

START = {"real": -1.0, "fake": 1.5, "real_std": 1.0, "fake_std": 1.0}
STATES = [
    START,
    {"real": -4.0, "fake": 4.0, "real_std": 1.0, "fake_std": 1.0},
    {"real": 0.7, "fake": -0.4, "real_std": 0.4, "fake_std": 2.0},
    {"real": 0.0, "fake": 0.0, "real_std": 2.0, "fake_std": 0.4},
]
TOLERANCE = 1e-6


@cache
def at(apart: float, real_std: float, fake_std: float) -> dict:
    """Return what depends on the distance of the means; integrals on a grid of places, not of the noise."""
    x = np.linspace(-20, 28, 48_001)
    step = x[1] - x[0]
    log_p, log_q = norm.logpdf(x, 0, real_std), norm.logpdf(x, apart, fake_std)
    log_sum = np.logaddexp(log_p, log_q)
    p, q = np.exp(log_p), np.exp(log_q)
    value = step * (p * (log_p - log_sum) + q * (log_q - log_sum)).sum()
    w1 = step * np.abs(norm.cdf(x, 0, real_std) - norm.cdf(x, apart, fake_std)).sum()
    shift = torch.zeros((), dtype=torch.float64, requires_grad=True)
    z, weight = torch.tensor(x - apart), torch.tensor(step * q)  # fakes are z + apart + shift
    moved = z + apart + shift
    logit = math.log(fake_std / real_std) - moved**2 / (2 * real_std**2) + (moved - apart) ** 2 / (2 * fake_std**2)
    saturating = -(weight * torch.nn.functional.softplus(logit)).sum()
    nonsaturating = (weight * torch.nn.functional.softplus(-logit)).sum()
    slopes = [torch.autograd.grad(loss, shift, retain_graph=True)[0].item() for loss in (saturating, nonsaturating)]
    spread = abs(real_std - fake_std)
    return {
        "value": value, "jsd": (value + math.log(4)) / 2, "w1": w1, "saturating": slopes[0], "nonsaturating": slopes[1],
        "w1_slope": 2 * norm.cdf(apart / spread) - 1 if spread else 1.0,
    }  # fmt: skip


def numbers(state: dict) -> dict:
    """Return both densities, the best discriminator, V, JSD, W1, slopes, and all of these against the distance."""
    x, far = np.linspace(-6, 6, 241), np.linspace(0, 8, 41)
    real_std, fake_std = state["real_std"], state["fake_std"]
    p = normal_density(x, state["real"], real_std)
    q = normal_density(x, state["fake"], fake_std)
    ratio = norm.logpdf(x, state["fake"], fake_std) - norm.logpdf(x, state["real"], real_std)
    rows = [at(apart, real_std, fake_std) for apart in far]
    names = ("jsd", "w1", "saturating", "nonsaturating", "w1_slope")
    apart = abs(state["fake"] - state["real"])
    return {
        "apart": apart, **at(apart, real_std, fake_std), "x": x, "p": p, "q": q, "best": 1 / (1 + np.exp(ratio)),
        "curves": {name: np.array([far, [row[name] for row in rows]]).T for name in names},
    }  # fmt: skip


def alt(state: dict) -> str:
    """Say what the still picture shows."""
    now = numbers(state)
    return (
        f"Left: two bell curves on a line, blue for the data and orange for the fakes, their means {now['apart']:.1f} "
        "apart, and a green curve, the best discriminator, which falls from 1 to 0 and is one half where they cross. "
        "Right: against the distance of the means, the JSD rises to its ceiling log 2 and stays, while W1 grows in a "
        f"straight line. Here they are {now['jsd']:.3f} and {now['w1']:.2f}."
    )


def draw(state: dict) -> None:
    """Draw the still picture."""
    now = numbers(state)
    _, [left, right] = panels(2)
    for name, color in (("p", REAL), ("q", FAKE)):
        left.fill_between(now["x"], now[name] / 0.5, color=color, alpha=0.25)
        left.plot(now["x"], now[name] / 0.5, color=color)
    left.plot(now["x"], now["best"], color=DISCRIMINATOR, lw=2)
    left.text(-5.8, 1.02, "D*", color=DISCRIMINATOR)
    left.text(state["real"], 0.84, "data", color=REAL, ha="center")
    left.text(state["fake"], 0.84, "fakes", color=FAKE, ha="center")
    left.set(xlabel="x", ylim=(0, 1.1), yticks=[0, 0.5, 1])
    right.plot(*now["curves"]["jsd"].T, color=OTHER)
    right.plot(*now["curves"]["w1"].T, color=EXTRA)
    right.axhline(math.log(2), color=OTHER, ls="--", lw=1)
    right.axvline(now["apart"], color=OTHER, ls=":", lw=1)
    right.text(7.9, math.log(2) + 0.06, "log 2", color=OTHER, ha="right")
    right.text(3.1, 0.45, "JSD", color=OTHER)
    right.text(1.5, 2.0, "$W_1$", color=EXTRA)
    right.set(xlabel="distance of the means", ylim=(0, 3), xlim=(0, 8))
