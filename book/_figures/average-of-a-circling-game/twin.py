"""The average of a circling game: closed forms by powers of the matrix of one round."""

import math

import numpy as np
from twins import DISCRIMINATOR, EXTRA, OTHER, panels

START = {"h": 0.2, "rho": 0.98, "t": 150}
STATES = [
    START,
    {"h": 0.5, "rho": 0.0, "t": 40},
    {"h": 1.0, "rho": 0.995, "t": 300},
    {"h": 0.1, "rho": 0.9, "t": 0},
    START | {"rho": 0.995, "t": 1200},
]


def numbers(state: dict) -> dict:
    """Return the places, their mean and their forgetting average after each round, by matrix powers."""
    h, rho, last = state["h"], state["rho"], int(state["t"])
    one, start = np.eye(2), np.array([1.0, 0.0])
    turn = np.array([[1, 0], [h, 1]]) @ np.array([[1, -h], [0, 1]])
    power = [np.linalg.matrix_power(turn, t) for t in range(last + 2)]
    path = [power[t] @ start for t in range(last + 1)]
    means = [np.linalg.solve(one - turn, (one - power[t + 1]) @ start) / (t + 1) for t in range(last + 1)]
    emas = [
        rho**t * start
        + (1 - rho) * turn @ np.linalg.solve(turn - rho * one, (power[t] - rho**t * one) @ start)
        for t in range(last + 1)
    ]  # fmt: skip
    distances = [np.linalg.norm(points, axis=1) for points in (path, means, emas)]
    angle = abs(np.angle(np.linalg.eigvals(turn)[0]))
    period = 2 * math.pi / angle
    last_turn = slice(-round(period), None)
    return {
        "path": path, "means": means, "emas": emas, "distances": distances, "now": distances[0][-1],
        "mean": distances[1][-1], "ema": distances[2][-1], "period": period,
        "share": distances[2][last_turn].mean() / distances[0][last_turn].mean(),
        "factor": (1 - rho) / abs(1 - rho * np.exp(-1j * angle)),
    }  # fmt: skip


def alt(state: dict) -> str:
    """Say what the still picture shows."""
    now = numbers(state)
    return (
        "Left: the places of the game x times y with alternating steps go round the centre; their running average "
        f"with decay {state['rho']} winds inwards. Right: distances from the centre against steps. After "
        f"{state['t']} steps the game is {now['now']:.2f} away, the mean of all places {now['mean']:.3f}, the "
        f"running average {now['ema']:.3f}."
    )


def draw(state: dict) -> None:
    """Draw the still picture."""
    now = numbers(state)
    _, [left, right] = panels(2)
    kinds = (("path", OTHER, "the game"), ("means", EXTRA, "mean of all"), ("emas", DISCRIMINATOR, "running average"))
    for (key, colour, word), distance in zip(kinds, now["distances"], strict=True):
        left.plot(*np.array(now[key]).T, color=colour)
        right.plot(distance, color=colour)
        right.annotate(word, (len(distance) * 0.45, distance[int(len(distance) * 0.45)] + 0.05), color=colour)
    left.set(xlim=(-1.3, 1.3), ylim=(-1.3, 1.3), aspect="equal", xlabel="x", ylabel="y")
    right.set(xlabel="steps", title="distance from the centre", ylim=(0, 1.3))
