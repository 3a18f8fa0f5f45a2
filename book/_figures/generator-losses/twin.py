"""Both losses of a generator at one fake, as the text writes them, and their slopes by torch's autograd."""

import numpy as np
import torch
from twins import DISCRIMINATOR, FAKE, OTHER, panels

START = {"l": -3.0, "propped": False}
STATES = [START, START | {"l": 0.0}, START | {"l": 10.0}, START | {"l": -30.0, "propped": True}]


def at(logits: np.ndarray) -> dict:
    """Return D, the losses, and by how much a step of the logit upwards lowers each."""
    values = {}
    forms = {
        "saturating": lambda opinion: torch.log(1 - opinion),
        "nonsaturating": lambda opinion: -torch.log(opinion),
        "propped": lambda opinion: -torch.log(opinion + 1e-8),
    }
    for name, form in forms.items():
        leaf = torch.tensor(logits, dtype=torch.float64, requires_grad=True)
        opinion = torch.sigmoid(leaf)
        loss = form(opinion)
        loss.sum().backward()
        values |= {"D": opinion.detach().numpy(), name: loss.detach().numpy(), f"{name}_pull": -leaf.grad.numpy()}
    return values


def numbers(state: dict) -> dict:
    """Return both losses and pulls at the logit, their ratio, and the curves."""
    line = np.linspace(-30, 10, 201)
    now = {key: value[0] for key, value in at(np.array([state["l"]])).items()}
    return {"l": line, **now, "ratio": now["nonsaturating_pull"] / now["saturating_pull"], "curves": at(line)}


def alt(state: dict) -> str:
    """Say what the still picture shows."""
    now = numbers(state)
    return (
        "Two charts over the discriminator's logit at a fake. Left, both losses of the generator fall: log(1 - D), "
        "dashed, is flat on the left, where D spots the fake, and minus log D is steep there. Right, how hard they "
        f"pull: D rises and 1 - D falls. At the logit {state['l']:.0f} the pulls are {now['saturating_pull']:.3f} and "
        f"{now['nonsaturating_pull']:.3f}."
    )


def draw(state: dict) -> None:
    """Draw the still picture."""
    now = numbers(state)
    _, [left, right] = panels(2)
    for ax, end in ((left, ""), (right, "_pull")):
        ax.plot(now["l"], now["curves"][f"saturating{end}"], color=FAKE, ls="--")
        ax.plot(now["l"], now["curves"][f"nonsaturating{end}"], color=FAKE)
        ax.axvline(state["l"], color=OTHER, lw=1, ls=":")
        for name in ("saturating", "nonsaturating"):
            ax.plot(state["l"], now[f"{name}{end}"], "o", color=FAKE)
        ax.set(xlabel="logit of D at the fake", xlim=(-8, 8))
    left.set_ylim(-8.5, 8.5)
    left.text(-6, 6.6, r"$-\log D$", color=FAKE)
    left.text(2, -5.6, r"$\log(1 - D)$", color=FAKE, ha="right")
    right.text(-7.5, 0.9, r"of $-\log D$", color=FAKE)
    right.text(7.5, 0.9, r"of $\log(1 - D)$", color=FAKE, ha="right")
    left.set(title="losses")
    right.set(title="pull upwards")
    right.plot([-8, 0], [-0.08, -0.08], color=DISCRIMINATOR, lw=4)
    right.text(-4, -0.05, "D spots the fake", color=DISCRIMINATOR, ha="center", va="bottom")
