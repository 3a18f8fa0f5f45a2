"""A GAN on a line, three numbers in D and two in G, trained by torch's autograd and SGD on the same averages."""

import math
from functools import lru_cache

import numpy as np
import torch
from scipy.stats import norm
from torch.nn.functional import softplus
from twins import DISCRIMINATOR, FAKE, OTHER, REAL, panels

CENTRE = 1.0
START = {"t": 17, "loss": "non-saturating", "k": 5, "rateD": 1.0, "rateG": 0.1, "start": -1.0, "spread": 0.7}
STATES = [
    START,
    START | {"t": 0, "start": 2.0, "spread": 1.2},
    START | {"t": 300, "k": 1, "rateD": 0.1, "rateG": 0.5},
    START | {"t": 118, "loss": "saturating", "k": 12},
    START | {"t": 1200, "start": -2.0},
]
TOLERANCE = 1e-6


class Game:
    """The two players, their optimizers, and the averages over z as weighted sums."""

    def __init__(self, state: dict) -> None:
        self.z = torch.linspace(-4, 4, 33, dtype=torch.float64)
        self.weight = torch.softmax(-(self.z**2) / 2, 0)
        self.real = CENTRE + state["spread"] * self.z
        self.saturating = state["loss"] == "saturating"
        self.g = torch.tensor([state["start"], math.log(0.5)], dtype=torch.float64, requires_grad=True)
        self.d = torch.zeros(3, dtype=torch.float64, requires_grad=True)
        self.optimizers = torch.optim.SGD([self.d], lr=state["rateD"]), torch.optim.SGD([self.g], lr=state["rateG"])

    def logit(self, x: torch.Tensor) -> torch.Tensor:
        """Return the discriminator's logit at x."""
        powers = torch.stack([torch.ones_like(x), x - CENTRE, (x - CENTRE) ** 2])
        return (self.d[:, None] * powers).sum(0)

    def fake(self) -> torch.Tensor:
        """Return what the generator makes of the grid of z."""
        return self.g[0] + self.g[1].exp() * self.z

    def losses(self) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the discriminator's loss, with the fakes detached, and the generator's."""
        caught = softplus(self.logit(self.fake().detach()))
        d_loss = self.weight @ (softplus(-self.logit(self.real)) + caught)
        logit = self.logit(self.fake())
        return d_loss, self.weight @ (-softplus(logit) if self.saturating else softplus(-logit))

    def step(self, player: int) -> None:
        """Move one player: 0 is the discriminator."""
        for optimizer in self.optimizers:
            optimizer.zero_grad()
        self.losses()[player].backward()
        self.optimizers[player].step()


@lru_cache(maxsize=4)
def play(settings: tuple) -> tuple:
    """Play all steps; return the game and the generator's numbers on the way."""
    state = dict(settings)
    game, path = Game(state), []
    for t in range(state["t"] + 1):
        path.append((game.g[0].item(), math.exp(game.g[1].item())))
        if t < state["t"]:
            game.step(int(t % (state["k"] + 1) == state["k"]))
    return game, path


def numbers(state: dict) -> dict:
    """Return densities, D, the best D, the losses, the pull on the mean and the generator's way."""
    t, k = int(state["t"]), int(state["k"])
    game, path = play(tuple((state | {"t": t, "k": k}).items()))
    mean, std = path[-1]
    x = np.linspace(-4, 4, 161)
    log_p, log_q = norm.logpdf(x, CENTRE, state["spread"]), norm.logpdf(x, mean, std)
    d_loss, g_loss = game.losses()
    pull = -torch.autograd.grad(g_loss, game.g)[0][0]
    every = max(1, math.ceil(len(path) / 200))
    kept = [i for i in range(len(path)) if i % every == 0 or i == t]
    opinion = torch.sigmoid(game.logit(torch.tensor(x))).detach().numpy()
    turn = "nobody yet" if t == 0 else "G" if t % (k + 1) == 0 else "D"
    return {
        "x": x, "p": np.exp(log_p), "q": np.exp(log_q), "D": opinion, "off": np.abs(opinion - 0.5).max(),
        "best": 1 / (1 + np.exp(log_q - log_p)),
        "mean": mean, "std": std, "d_loss": d_loss.item(), "g_loss": g_loss.item(), "push": pull.item(), "turn": turn,
        "means": [[i, path[i][0]] for i in kept], "stds": [[i, path[i][1]] for i in kept],
    }  # fmt: skip


def alt(state: dict) -> str:
    """Say what the still picture shows."""
    now = numbers(state)
    return (
        "A line with two bell curves: blue data around 1 and, to their left, orange fakes around "
        f"{now['mean']:.2f}. The green curve of the discriminator is low at the fakes and high at the data. Below, "
        "arrows lead from evenly spaced latent numbers z to the places x where the generator puts them."
    )


def draw(state: dict) -> None:
    """Draw the still picture."""
    now = numbers(state)
    _, [ax] = panels(height=3.8)
    for name, color in (("p", REAL), ("q", FAKE)):
        ax.fill_between(now["x"], now[name], color=color, alpha=0.25)
        ax.plot(now["x"], now[name], color=color)
    ax.plot(now["x"], now["D"], color=DISCRIMINATOR, lw=2)
    ax.plot(now["x"], now["best"], color=DISCRIMINATOR, lw=1, ls="--")
    for z in np.linspace(-2, 2, 9):
        ends = {"xy": (now["mean"] + now["std"] * z, -0.05), "xytext": (z, -0.5)}
        ax.annotate("", **ends, arrowprops={"arrowstyle": "->", "color": OTHER})
    for x, y, word, color in ((1.6, 0.45, "data", REAL), (-1.4, 0.6, "fakes", FAKE), (2.6, 0.9, "D", DISCRIMINATOR)):
        ax.text(x, y, word, color=color)
    ax.text(-3.9, -0.5, "z")
    ax.text(-3.9, -0.08, "x = G(z)", va="top")
    ax.set(ylim=(-0.55, 1.05), yticks=[0, 0.5, 1], xlim=(-4, 4))
