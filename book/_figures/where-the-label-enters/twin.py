"""Four places for the label in a discriminator of two features; gradients by PyTorch."""

import math

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy, softplus
from twins import DISCRIMINATOR, EXTRA, OTHER, panels

START = {"way": "late", "a": 1.0, "b": -1.0}
STATES = [
    START,
    START | {"way": "projection"},
    START | {"way": "input", "a": 0.3, "b": 1.2},
    START | {"way": "helper", "a": -0.4, "b": 0.1},
    START | {"a": -1.7, "b": -2.0},
]
LOOKS = torch.tensor([0.7, 0.7], dtype=torch.float64)
VECTORS = torch.tensor([[1.0, -1.0], [-1.0, 1.0]], dtype=torch.float64)  # one row for 3, one for 7
SHIFTS = torch.tensor([0.0, -2.0], dtype=torch.float64)
HIDDEN = torch.tensor([[0.5, -0.5, 2, -2], [0.5, -0.5, -2, 2], [0.7, 0.7, 0, 0]], dtype=torch.float64)
HIDDEN_BIAS = torch.tensor([-2.0, -2.0, 0.0], dtype=torch.float64)
LAST = torch.tensor([2.0, -2.0, 0.4], dtype=torch.float64)


def logit(way: str, features: Tensor, y: int) -> Tensor:
    """Return the discriminator's logit for features (2,) and label number 0 (a 3) or 1 (a 7)."""
    if way == "input":
        one_hot = torch.eye(2, dtype=torch.float64)[y]
        return LAST @ torch.tanh(HIDDEN @ torch.cat([features, one_hot]) + HIDDEN_BIAS)
    extra = {"late": SHIFTS[y], "projection": VECTORS[y] @ features, "helper": torch.zeros(())}[way]
    return LOOKS @ features + extra


def numbers(state: dict) -> dict:
    """Return logits and pulls, minus the gradient of the generator's loss by the features, for both orders."""
    logits, pulls = [], []
    for y in (0, 1):
        features = torch.tensor([state["a"], state["b"]], dtype=torch.float64, requires_grad=True)
        found = logit(state["way"], features, y)
        loss = softplus(-found)
        if state["way"] == "helper":
            loss = loss + cross_entropy(VECTORS @ features, torch.tensor(y))
        loss.backward()
        logits.append(found.item())
        pulls.append(-features.grad)
    plain = torch.tensor([state["a"], state["b"]], dtype=torch.float64)
    match = VECTORS @ plain
    cosine = torch.cosine_similarity(*pulls, dim=0).clamp(-1, 1).item()
    return {
        "l3": logits[0], "l7": logits[1], "pull3": pulls[0].tolist(), "pull7": pulls[1].tolist(),
        "length3": pulls[0].norm().item(), "length7": pulls[1].norm().item(),
        "angle": round(math.degrees(math.acos(cosine)), 3),
        "looks": (LOOKS @ plain).item(), "match3": match[0].item(), "match7": match[1].item(),
        "read3": match.softmax(dim=0)[0].item(),
    }  # fmt: skip


def alt(state: dict) -> str:
    """Say what the still picture shows."""
    now = numbers(state)
    return (
        "A plane of two features, how like a 3 and how like a 7. From the place of a clear 3 two arrows show where "
        "the generator is pulled if a 3 and if a 7 was asked for, when the label is added at the end. Both point in "
        f"the same direction; their lengths are {now['length3']:.2f} and {now['length7']:.2f}."
    )


def draw(state: dict) -> None:
    """Draw the still picture: the pulls of the late label and of the projection, side by side."""
    _, axes = panels(2)
    for ax, way, title in zip(axes, ("late", "projection"), ("label at the end", "projection"), strict=True):
        now = numbers(state | {"way": way})
        for pull, colour, word in ((now["pull7"], OTHER, "a 7 asked"), (now["pull3"], EXTRA, "a 3 asked")):
            end = (state["a"] + pull[0], state["b"] + pull[1])
            ax.annotate("", end, (state["a"], state["b"]), arrowprops={"arrowstyle": "->", "color": colour, "lw": 2})
            ax.annotate(word, end, textcoords="offset points", xytext=(4, 4), color=colour)
        ax.plot(state["a"], state["b"], "o", color=DISCRIMINATOR)
        ax.set(xlim=(-2.4, 2.4), ylim=(-2.4, 2.4), aspect="equal", title=title, xlabel="like a 3", ylabel="like a 7")
