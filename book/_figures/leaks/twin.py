"""Four ways to lie, a change as a matrix: what is seen of a difference, and the least factor by NumPy's eigenvalues."""

import numpy as np
from twins import DISCRIMINATOR, FAKE, OTHER, REAL, panels

DATA = np.array([0.7, 0.1, 0.1, 0.1])
QUARTER = np.roll(np.eye(4), 1, axis=0)
CHANGES = {"half": QUARTER @ QUARTER, "quarter": QUARTER, "any": np.full((4, 4), 0.25)}
BASIS = np.linalg.qr(np.array([[1, 1, 0, 0], [1, 0, 1, 0], [1, 0, 0, 1], [1, 0, 0, 0]]))[0][:, 1:]  # sums to 0
START = {"p": 0.5, "change": "half", "turn": "2", "share": 1.0}
STATES = [
    START,
    START | {"p": 0.3, "share": 0.45},
    START | {"change": "quarter", "turn": "1"},
    START | {"change": "any", "p": 0.9, "turn": "1", "share": 0.2},
    START | {"change": "any", "p": 1.0},
    START | {"change": "quarter", "p": 0.75, "share": 0.0},
]


def numbers(state: dict) -> dict:
    """Return the laws as they are and as they are seen, their differences, and the least factor on differences."""
    p, change = state["p"], CHANGES[state["change"]]
    wrong = np.linalg.matrix_power(QUARTER, int(state["turn"])) @ DATA
    fake = DATA + state["share"] * (wrong - DATA)

    def seen(q: float) -> np.ndarray:
        return (1 - q) * np.eye(4) + q * change

    def apart(q: float) -> float:
        return np.linalg.norm(seen(q) @ (fake - DATA), 1) / 2

    least = np.abs(np.linalg.eigvals(BASIS.T @ seen(p) @ BASIS)).min()
    least = 0.0 if least < 1e-12 else least
    return {
        "real": DATA, "fake": fake, "real_seen": seen(p) @ DATA, "fake_seen": seen(p) @ fake, "before": apart(0),
        "after": apart(p), "least": least, "bound": max(0, 1 - 2 * p) * apart(0), "leaks": bool(least < 1e-9),
        "curve": [[q, apart(q)] for q in np.arange(41) / 40],
    }  # fmt: skip


def alt(state: dict) -> str:
    """Say what the still picture shows."""
    now = numbers(state)
    return (
        "Bars for four ways in which a picture may lie. As they are, the data are mostly upright and the fakes mostly "
        "upside down. As the discriminator sees them, with half a turn at probability "
        f"{state['p']}, data and fakes have equal bars: of the difference {now['before']:.1f}, "
        f"{abs(now['after']):.1f} is left. A curve shows that the difference falls to 0 at one half and rises again."
    )


def draw(state: dict) -> None:
    """Draw the still picture."""
    now = numbers(state)
    _, axes = panels(3, height=2.8)
    for ax, real, fake, title in (
        (axes[0], now["real"], now["fake"], "as they are"),
        (axes[1], now["real_seen"], now["fake_seen"], "as D sees them"),
    ):
        places = np.arange(4)
        ax.bar(places - 0.2, real, 0.36, color=REAL)
        ax.bar(places + 0.2, fake, 0.36, color=FAKE)
        ax.set(ylim=(0, 0.85), title=title)
        ax.set_xticks(places, ["up", "left", "down", "right"])
    axes[0].set(ylabel="share")
    axes[2].plot([0, 0.5, 1], [now["before"], 0, 0], "--", color=OTHER)
    axes[2].plot(*np.transpose(now["curve"]), color=DISCRIMINATOR)
    axes[2].plot(state["p"], now["after"], "o", color=DISCRIMINATOR)
    axes[2].set(xlabel="probability p", title="difference seen", ylim=(-0.02, 0.7))
