"""Perfect pairs of linear maps between two Gaussians: by a singular value decomposition, the losses by matrices."""

import math

import numpy as np
from scipy.linalg import sqrtm
from twins import DISCRIMINATOR, FAKE, OTHER, REAL, Random, panels

A, B = np.array([[1.0, 0.3], [0.3, 0.5]]), np.array([[0.5, 0.4], [0.4, 1.4]])
LETTER = np.array([[0, 0], [0.25, 0], [0.25, 0.4], [0.55, 0.4], [0.55, 0.62],
                   [0.25, 0.62], [0.25, 0.78], [0.7, 0.78], [0.7, 1], [0, 1]])  # an F  # fmt: skip
START = {"turn": -110, "mirror": "plain", "stretch": 1.0, "slip": 0, "truth": 60}
STATES = [
    START,
    START | {"mirror": "mirrored", "turn": 35, "stretch": 1.4, "slip": -60, "truth": -180},
    START | {"turn": 60},
    START | {"turn": 0, "slip": 25, "stretch": 0.7, "truth": 0},
    START | {"turn": 180, "mirror": "mirrored", "truth": 180},
]


def turned(degrees: float) -> np.ndarray:
    """Return the rotation by an angle."""
    t = math.radians(degrees)
    return np.array([[math.cos(t), -math.sin(t)], [math.sin(t), math.cos(t)]])


def second_moment(gap: np.ndarray, law: np.ndarray) -> float:
    """Return the mean squared length of gap @ x, x from N(0, law)."""
    return np.trace(gap @ law @ gap.T)


def numbers(state: dict) -> dict:
    """Return where points go and come back to, both losses, and the distances from the points and from the truth."""
    a, b = (np.real(sqrtm(law)) for law in (A, B))
    u, _, vh = np.linalg.svd(b @ a)
    signs = np.diag([1.0, -1.0 if state["mirror"] == "mirrored" else 1.0])
    right = b @ turned(state["truth"]) @ u @ vh @ np.linalg.inv(a)

    def play(turn: float) -> dict:
        orthogonal = turned(turn) @ u @ signs @ vh
        there = state["stretch"] * b @ orthogonal @ np.linalg.inv(a)
        back = a @ turned(-state["slip"]) @ orthogonal.T @ np.linalg.inv(b) / state["stretch"]
        laws = np.linalg.norm(there @ A @ there.T - B) ** 2 + np.linalg.norm(back @ B @ back.T - A) ** 2
        cycle = second_moment(back @ there - np.eye(2), A) + second_moment(there @ back - np.eye(2), B)
        return {
            "there": there, "back": back, "laws": laws, "cycle": cycle, "judged": laws + cycle,
            "moved": second_moment(there - np.eye(2), A), "error": second_moment(there - right, A),
        }  # fmt: skip

    points = (1.5 * LETTER + np.array([0.5, 0.1])) @ a
    walk = range(-180, 181, 5)
    every, now, random = [play(t) for t in walk], play(state["turn"]), Random(4)
    sent = points @ now["there"].T
    return {
        "points": points, "sent": sent, "returned": sent @ now["back"].T, "partners": points @ right.T,
        "cloud": [b @ [random.normal(), random.normal()] for _ in range(160)],
        "curves": {
            key: [[t, one[key]] for t, one in zip(walk, every, strict=True)] for key in ("judged", "moved", "error")
        },
        "chance": 2 * np.trace(B), **{key: now[key] for key in ("laws", "cycle", "judged", "moved", "error")},
    }  # fmt: skip


def alt(state: dict) -> str:
    """Say what the still picture shows."""
    now = numbers(state)
    return (
        "On the left a grey cloud and three letters F: a blue one, drawn in X; an orange one at the bottom, where G "
        "sends it; and a blue broken outline at the top, where it belongs. On the right three curves against the turn "
        "of G: laws plus cycle is a flat line at 0; the move is least at 0 degrees, the distance from the truth at "
        f"{state['truth']}. At the turn shown, {state['turn']} degrees, the latter is {now['error']:.1f}."
    )


def draw(state: dict) -> None:
    """Draw the still picture."""
    now = numbers(state)
    _, [plane, ways] = panels(2, height=3.4, width=6.8)
    plane.plot(*np.array(now["cloud"]).T, ".", color="0.75", ms=3)
    for key, colour, dash, word in (
        ("points", REAL, "-", "in X"),
        ("sent", FAKE, "-", "G"),
        ("partners", REAL, "--", "truth"),
    ):
        plane.plot(*now[key][[*range(10), 0]].T, dash, color=colour)
        if dash == "-":
            plane.fill(*now[key].T, color=colour, alpha=0.3)
        middle = now[key].mean(0)
        plane.text(*(middle + 1.25 * middle / np.linalg.norm(middle)), word, color=colour, ha="center", va="center")
    start, end = now["points"].mean(0), now["sent"].mean(0)
    plane.annotate("", end, start, arrowprops={"arrowstyle": "->", "color": OTHER})
    plane.set(xlim=(-3.3, 3.3), ylim=(-3.3, 3.3), xticks=[], yticks=[], aspect="equal")
    for key, colour, word, at in (
        ("judged", DISCRIMINATOR, "laws + cycle", (-60, 0.2)),
        ("moved", OTHER, "move", (135, 6.7)),
        ("error", FAKE, "from the truth", (-175, 7.8)),
    ):
        ways.plot(*np.array(now["curves"][key]).T, color=colour)
        ways.plot(state["turn"], now[key], "o", color=colour)
        ways.text(*at, word, color=colour)
    ways.set(xlim=(-180, 180), ylim=(-0.5, 8.5), xticks=range(-180, 181, 90), xlabel="turn of G (degrees)")
    ways.set_title("mean squared distance", fontsize=10, loc="left")
