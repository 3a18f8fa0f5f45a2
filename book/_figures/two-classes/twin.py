"""Two clouds in the plane: scikit-learn's logistic regression beside Gaussians fitted by NumPy."""

import math
import warnings

import numpy as np
from scipy.stats import multivariate_normal
from sklearn.linear_model import LogisticRegression
from twins import DISCRIMINATOR, EXTRA, FAKE, REAL, Random, panels

N, NEW, PENALTY = 15, 40, 0.01
START = {
    "x0": -1.2, "y0": 0.0, "x1": 1.2, "y1": 0.0, "s0": 0.8, "s1": 0.8, "rho": 0.0,
    "outlier": True, "ox": 5.5, "oy": 5.5, "shapes": "shared", "fresh": False, "seed": 5,
}  # fmt: skip
STATES = [
    START,
    START | {"outlier": False, "fresh": True, "rho": 0.7},
    START | {"shapes": "own", "s0": 0.4, "s1": 1.5, "fresh": True, "seed": 5, "oy": -5.0},
    START | {"x0": -4.0, "y0": 3.0, "x1": 4.0, "y1": -3.0, "s0": 0.3, "s1": 0.3, "rho": -0.9, "seed": 9},
    START | {"x0": 0.0, "x1": 0.0, "ox": -5.0, "rho": 0.9},
]
TOLERANCE = 1e-6


def draw_from(random: Random, mean: np.ndarray, covariance: np.ndarray) -> np.ndarray:
    """Return one point of a normal law."""
    return np.asarray(mean) + np.linalg.cholesky(covariance) @ np.array([random.normal(), random.normal()])


def packed(covariance: np.ndarray) -> list[float]:
    """Return both variances and, between them, the covariance."""
    return [covariance[0, 0], covariance[0, 1], covariance[1, 1]]


def models(every: list, shapes: str) -> dict:
    """Fit Gaussians (their log odds as a quadratic function) and logistic regression to two clouds."""
    means, covs = [c.mean(0) for c in every], [np.cov(c.T, bias=True) for c in every]
    shares = np.array([len(c) for c in every]) / sum(len(c) for c in every)
    if shapes == "shared":
        covs = [np.tensordot(shares, covs, 1)] * 2
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        logistic = LogisticRegression(C=1 / PENALTY, tol=1e-12, max_iter=2000, solver="newton-cholesky")
        logistic.fit(np.vstack(every), np.repeat([0, 1], [len(c) for c in every]))
    laws = [multivariate_normal(m, c) for m, c in zip(means, covs, strict=True)]

    def log_odds(points: np.ndarray) -> np.ndarray:
        return laws[1].logpdf(points) - laws[0].logpdf(points) + math.log(shares[1] / shares[0])

    # A quadratic function is known by its values at 0, at the unit vectors and their opposites, and at (1, 1).
    at = log_odds(np.array([[0, 0], [1, 0], [-1, 0], [0, 1], [0, -1], [1, 1]]))
    w = np.array([at[1] - at[2], at[3] - at[4]]) / 2
    a, c = (at[1] + at[2]) / 2 - at[0], (at[3] + at[4]) / 2 - at[0]
    square = [a, (at[5] - at[0] - w.sum() - a - c) / 2, c]
    return {
        "means": means, "covs": covs, "shares": shares, "log_odds": log_odds, "logistic": logistic,
        "density": {"square": square, "w": w, "b": at[0]},
    }  # fmt: skip


def turn(u: np.ndarray, v: np.ndarray) -> float:
    """Return the angle between two vectors in degrees."""
    return abs(math.degrees(np.angle(complex(*u) / complex(*v))))


def numbers(state: dict) -> dict:
    """Return the samples, both models, their errors on the clouds without the far point, and new samples."""
    random, shape = Random(state["seed"]), np.array([[1, state["rho"]], [state["rho"], 1]])
    zero, one = (
        np.array([draw_from(random, (state[f"x{k}"], state[f"y{k}"]), state[f"s{k}"] ** 2 * shape) for _ in range(N)])
        for k in (0, 1)
    )
    far = np.vstack([one, [state["ox"], state["oy"]]]) if state["outlier"] else one
    fit, without = models([zero, far], state["shapes"]), models([zero, one], state["shapes"])
    logistic, log_odds = fit["logistic"], fit["log_odds"]
    again, made = Random(state["seed"] + 1000), []
    for _ in range(NEW if state["fresh"] else 0):
        k = 0 if again.uniform() < fit["shares"][0] else 1
        made.append([k, *draw_from(again, fit["means"][k], fit["covs"][k])])
    shared = state["shapes"] == "shared"
    return {
        "zero": zero, "one": one, "means": fit["means"], "covs": [packed(c) for c in fit["covs"]],
        "density": fit["density"], "before": without["density"] if state["outlier"] else None,
        "classifier": {"w": logistic.coef_[0], "b": logistic.intercept_[0]},
        "made": made, "drawn": len(made),
        "density_errors": (log_odds(zero) > 0).sum() + (log_odds(one) <= 0).sum(),
        "classifier_errors": (logistic.predict(zero) == 1).sum() + (logistic.predict(one) == 0).sum(),
        "density_turn": turn(fit["density"]["w"], without["density"]["w"]) if shared else math.nan,
        "classifier_turn": turn(logistic.coef_[0], without["logistic"].coef_[0]),
    }  # fmt: skip


def alt(state: dict) -> str:
    """Say what the still picture shows."""
    now = numbers(state)
    return (
        "A plane with two clouds of points, blue on the left and purple on the right, and one purple point far off at "
        "the top right. Two lines part the clouds: the classifier's, green, runs between them; the density model's, "
        f"orange, has been turned by {now['density_turn']:.0f} degrees by the far point, which stretches its ellipses. "
        "A thin broken line shows where it would be without this point."
    )


def draw(state: dict) -> None:
    """Draw the still picture."""
    now = numbers(state)
    _, [ax] = panels(height=4.4, width=5)
    ax.plot(*now["zero"].T, "o", color=REAL, ms=4)
    ax.plot(*now["one"].T, "o", color=EXTRA, ms=4)
    ax.plot(state["ox"], state["oy"], "s", color=EXTRA, ms=7)
    turn = np.linspace(0, 2 * np.pi, 80)
    for mean, (a, b, c) in zip(now["means"], now["covs"], strict=True):
        rim = 2 * np.linalg.cholesky([[a, b], [b, c]]) @ [np.cos(turn), np.sin(turn)]
        ax.plot(mean[0] + rim[0], mean[1] + rim[1], color=FAKE, lw=1, ls="--")
    y = np.array([-6, 6])
    (u, v), b = now["before"]["w"], now["before"]["b"]
    ax.plot(-(v * y + b) / u, y, color=FAKE, lw=1, ls=":")
    ax.text(-(v * 5.5 + b) / u, 5.5, "without it ", color=FAKE, ha="right")
    for model, color, word in (("density", FAKE, "density model "), ("classifier", DISCRIMINATOR, " classifier")):
        (u, v), b = now[model]["w"], now[model]["b"]
        x = -(v * y + b) / u
        ax.plot(x, y, color=color, lw=2)
        ax.text(x[0], -5.8, word, color=color, ha="right" if model == "density" else "left")
    ax.set(xlim=(-6, 6), ylim=(-6, 6), aspect="equal")
