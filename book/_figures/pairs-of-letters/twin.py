"""Styles of two letters, best discriminators of one letter and of two: densities of scipy, sums over fine grids."""

import itertools
import math

import numpy as np
from matplotlib.colors import LinearSegmentedColormap
from scipy.integrate import quad
from scipy.stats import multivariate_normal, norm
from twins import DISCRIMINATOR, FAKE, REAL, Random, normal_density, panels, sigmoid, softplus

START = {"rho_r": 0.8, "rho_g": -0.8, "spread": 1.0, "a": -1.2, "b": 1.2, "seed": 95}
STATES = [
    START,
    START | {"rho_g": 0.8, "seed": 9},
    START | {"rho_r": 0.9, "rho_g": -0.9, "spread": 0.5, "a": 2.5, "b": -2.5},
    START | {"rho_r": 0.0, "rho_g": 0.9, "spread": 1.5, "a": 0.3, "b": 0.0},
    START | {"rho_r": 0.5, "rho_g": -0.5},
    START | {"rho_r": 0.6, "rho_g": 0.6, "spread": 1.4},
]
N, TOLERANCE = 60, 1e-7


def covariance(rho: float, spread: float) -> np.ndarray:
    """Return the covariance of two styles."""
    return spread**2 * np.array([[1, rho], [rho, 1]])


def log_odds(state: dict, points: np.ndarray) -> np.ndarray:
    """Return log p - log q of pairs of styles, (N, 2) -> (N,)."""
    real, fake = covariance(state["rho_r"], 1), covariance(state["rho_g"], state["spread"])
    return multivariate_normal([0, 0], real).logpdf(points) - multivariate_normal([0, 0], fake).logpdf(points)


def loss_of_two(state: dict) -> float:
    """Return the loss of the best discriminator of pairs, by a grid in the plane."""
    z = np.arange(-9, 9.01, 0.05)
    weights = np.outer(norm.pdf(z), norm.pdf(z)).ravel() * 0.05**2
    grid = np.stack(np.meshgrid(z, z, indexing="ij"), -1).reshape(-1, 2)
    laws = (covariance(state["rho_r"], 1), -1), (covariance(state["rho_g"], state["spread"]), 1)
    return sum(weights @ softplus(sign * log_odds(state, grid @ np.linalg.cholesky(c).T)) for c, sign in laws)


def right_of_two(state: dict) -> float:
    """Return its share of right verdicts: along one diagonal by quad, along the other by the normal distribution."""
    r, g, s = state["rho_r"], state["rho_g"], state["spread"]
    p, q = np.sqrt([1 + r, 1 - r]), s * np.sqrt([1 + g, 1 - g])
    A, B = (p**-2.0 - q**-2.0) / 2

    def gap(u: float) -> float:  # of P(l > 0, u) under the two laws
        rest = log_odds(state, np.array([[u, u]]) / math.sqrt(2)).item()  # then l = rest - B v^2
        if abs(B) < 1e-12:
            return (norm.pdf(u, 0, p[0]) - norm.pdf(u, 0, q[0])) * (rest > 0)
        edge = math.sqrt(max(0, rest / B))
        inside = 2 * np.array([norm.cdf(edge, 0, sd) for sd in (p[1], q[1])]) - 1
        shares = inside if B > 0 else 1 - inside
        return norm.pdf(u, 0, p[0]) * shares[0] - norm.pdf(u, 0, q[0]) * shares[1]

    k = log_odds(state, np.zeros((1, 2))).item()
    turn = math.sqrt(k / A) if abs(A) > 1e-12 and k / A > 0 else 1.0
    ends = sorted({0.0, turn, 12.0})
    total = sum(quad(gap, a, b, limit=200, epsabs=1e-11)[0] for a, b in itertools.pairwise(ends))
    return 0.5 + total  # both halves of the line, each half of the difference


def of_one(spread: float) -> tuple[float, float]:
    """Return loss and share of right verdicts of the best discriminator of one letter."""
    x = np.linspace(-14, 14, 7001)
    p, q = norm.pdf(x), norm.pdf(x, 0, spread)
    odds = norm.logpdf(x) - norm.logpdf(x, 0, spread)
    loss = (p * softplus(-odds) + q * softplus(odds)).sum() * (x[1] - x[0])
    if spread == 1:
        return loss, 0.5
    edge = math.sqrt(2 * math.log(spread) / (1 - spread**-2))
    return loss, 0.5 + abs(norm.cdf(edge) - norm.cdf(edge / spread))


def draws(random: Random, rho: float, spread: float) -> np.ndarray:
    """Return N pairs of styles."""
    z = np.array([[random.normal(), random.normal()] for _ in range(N)])
    return z @ np.linalg.cholesky(covariance(rho, spread)).T


def numbers(state: dict) -> dict:
    """Return the samples, the log odds as polynomials, verdicts on one font, losses and shares of right verdicts."""
    random, s = Random(state["seed"]), state["spread"]
    real, fake = draws(random, state["rho_r"], 1), draws(random, state["rho_g"], s)
    at = log_odds(state, np.array([[0, 0], [1, 0], [1, 1]]))  # a polynomial from three of its values
    f = at[0] - at[1]
    letter = norm.logpdf([0, 1]) - norm.logpdf([0, 1], 0, s)
    single = [letter[0], letter[0] - letter[1]]
    verdicts = sigmoid(norm.logpdf([state["a"], state["b"]]) - norm.logpdf([state["a"], state["b"]], 0, s))
    loss, right = of_one(s)
    return {
        "real": real, "fake": fake, "single": single, "double": [at[0], f, at[2] - at[0] + 2 * f],
        "D_a": verdicts[0], "D_b": verdicts[1],
        "D_pair": round(sigmoid(log_odds(state, [[state["a"], state["b"]]])).item(), 4),  # as it is shown
        "loss_one": loss, "loss_two": loss_of_two(state),
        "right_one": 100 * right, "right_two": 100 * right_of_two(state),
    }  # fmt: skip


def alt(state: dict) -> str:
    """Say what the still picture shows."""
    now = numbers(state)
    return (
        "Two panels. Left, the style of letter A alone, from thin to bold: the bell curves of real and of generated "
        "letters lie on each other, and the discriminator says one half everywhere. Right, a plane, the styles of A "
        "and B: real fonts lie along the rising diagonal, both thin or both bold, generated ones along the falling "
        "one. The ground is blue and orange like them; where A or B is regular, on two green lines, the best "
        f"discriminator of pairs says one half. It is right in {now['right_two']:.0f} % of cases."
    )


def draw(state: dict) -> None:
    """Draw the still picture."""
    now, x = numbers(state), np.linspace(-3, 3, 121)
    _, [left, right] = panels(2, height=3.6, width=7)
    left.fill_between(x, normal_density(x, 0, 1), color=REAL, alpha=0.25)
    left.plot(x, normal_density(x, 0, state["spread"]), "--", color=FAKE, lw=2)
    left.plot(x, sigmoid(now["single"][0] - now["single"][1] * x**2), color=DISCRIMINATOR, lw=2)
    left.text(-2.9, 0.53, "D of one letter", color=DISCRIMINATOR)
    left.text(1.3, 0.2, "real", color=REAL)
    left.text(-1.3, 0.2, "generated", color=FAKE, ha="right")
    marks = {"xlim": (-3, 3), "xticks": [-2, 0, 2], "xticklabels": ["thin", "regular", "bold"]}
    left.set(**marks, ylim=(0, 1), xlabel="style of A")
    field = np.stack(np.meshgrid(x, x), -1).reshape(-1, 2)
    verdict = sigmoid(log_odds(state, field)).reshape(len(x), -1)
    ground = LinearSegmentedColormap.from_list("verdict", [FAKE, "white", REAL])
    right.contourf(x, x, verdict, np.linspace(0, 1, 21), cmap=ground, alpha=0.5)
    right.contour(x, x, verdict, [0.5], colors=DISCRIMINATOR)
    right.plot(*now["real"].T, "o", color=REAL, ms=4)
    right.plot(*now["fake"].T, "x", color=FAKE, ms=5)
    right.text(2.9, 2.6, "real", color=REAL, ha="right")
    right.text(-2.9, 2.6, "generated", color=FAKE)
    right.set(
        **marks, ylim=(-3, 3), yticks=[-2, 0, 2], yticklabels=["thin", "", "bold"], aspect="equal",
        xlabel="style of A", ylabel="style of B",
    )  # fmt: skip
