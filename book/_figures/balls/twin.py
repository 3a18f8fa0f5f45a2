"""Balls of precision and recall: eight real, eight fake points, one fake far away whose ball holds all that is real."""

import torch
from matplotlib.patches import Circle
from twins import FAKE, REAL, panels

from gan_helpers import density_coverage, precision_recall

REALS = [
    [-2.63, 0.41],
    [-1.87, -1.12],
    [-1.44, 1.53],
    [-0.52, -0.37],
    [0.31, 1.14],
    [0.72, -1.49],
    [1.58, 0.22],
    [2.04, -0.93],
]
FAKES = [
    [2.37, -1.71], [2.62, -1.33], [2.91, -1.52], [2.53, -1.98], [3.06, -1.87], [2.78, -2.17], [3.15, -1.21],
    [-3.71, 2.52],
]  # fmt: skip
START = {"k": 2, "chosen": "f8", "x": -3.71, "y": 2.52, "points": REALS + FAKES}
HOME = START | {"x": 2.3, "y": -1.4, "points": [*REALS, *FAKES[:7], [2.3, -1.4]]}
STATES = [
    START,
    HOME,
    HOME | {"k": 1},
    START | {"k": 5, "chosen": "r1", "x": 3.5, "y": 2.5, "points": [[3.5, 2.5], *REALS[1:], *FAKES]},
]


def numbers(state: dict) -> dict:
    """Return the balls, which points lie in one, and the four scores by the book's own functions."""
    real, fake = torch.tensor(state["points"], dtype=torch.float64).chunk(2)
    k = int(state["k"])
    reach, fake_reach = (torch.cdist(p, p).kthvalue(k + 1, dim=1).values for p in (real, fake))
    across = torch.cdist(real, fake)
    inside = across <= reach[:, None]
    two, balls = precision_recall(real, fake, k=k), density_coverage(real, fake, k=k)
    return {
        "radii": reach.tolist(), "fake_radii": fake_reach.tolist(), "fake_in": inside.any(dim=0).tolist(),
        "real_in": (across <= fake_reach).any(dim=1).tolist(), "held": inside.any(dim=1).tolist(),
        "precision": two.precision, "recall": two.recall, "density": balls.density, "coverage": balls.coverage,
    }  # fmt: skip


def alt(state: dict) -> str:
    """Say what the still picture shows."""
    now = numbers(state)
    return (
        "Twice the same eight real and eight fake points in the plane; seven fakes crowd at one corner, one lies "
        f"alone at the opposite corner. Left the balls of the real points, which hold {sum(now['fake_in'])} fakes; "
        f"right those of the fakes. The ball of the lonely fake is so large that {sum(now['real_in'])} of 8 real "
        f"points lie inside: recall {now['recall']:.2f}, while coverage is {now['coverage']:.2f}."
    )


def draw(state: dict) -> None:
    """Draw the still picture."""
    now = numbers(state)
    real, fake = state["points"][:8], state["points"][8:]
    _, axes = panels(2)
    sides = (
        (real, now["radii"], REAL, "balls of the real points"),
        (fake, now["fake_radii"], FAKE, "balls of the fakes"),
    )
    for ax, (centres, reach, colour, title) in zip(axes, sides, strict=True):
        for centre, radius in zip(centres, reach, strict=True):
            ax.add_patch(Circle(centre, radius, facecolor=colour, alpha=0.12, edgecolor=colour))
        ax.plot(*zip(*real, strict=True), "o", color=REAL)
        ax.plot(*zip(*fake, strict=True), "X", color=FAKE)
        ax.set(xlim=(-4, 4), ylim=(-3, 3), aspect="equal", xticks=[], yticks=[], title=title)
