"""One real and one fake sample through one step of D or of G; every gradient is torch's own."""

import torch
from torch.nn.functional import softplus
from twins import DISCRIMINATOR, FAKE, OTHER, REAL, panels

Z, REAL_X, B = 0.5, 2.0, -1.0
START = {"player": "D", "detach": True, "loss": "non-saturating", "theta": 0.0, "w": 1.0}
STATES = [
    START,
    START | {"detach": False},
    START | {"player": "G", "detach": False},
    START | {"player": "G", "detach": False, "loss": "saturating", "theta": -3.0, "w": 2.0},
    START | {"player": "G", "theta": 3.0, "w": -2.0, "loss": "saturating"},
]


def run(state: dict, *, both: bool = False) -> tuple[dict, dict]:
    """Run backward() for the player's loss, or for D's and then G's; return values and gradients."""
    leaf = {"theta": state["theta"], "w": state["w"], "b": B}
    leaf = {key: torch.tensor(float(value), dtype=torch.float64, requires_grad=True) for key, value in leaf.items()}
    made = leaf["theta"] + Z
    made.retain_grad()
    x = made.detach() if state["detach"] else made
    logit, real_logit = leaf["w"] * x + leaf["b"], leaf["w"] * REAL_X + leaf["b"]
    logit.retain_grad()
    real_logit.retain_grad()
    d_loss = softplus(-real_logit) + softplus(logit)
    seen = leaf["w"] * made + leaf["b"] if both else logit
    g_loss = -softplus(seen) if state["loss"] == "saturating" else softplus(-seen)
    wanted = [d_loss, g_loss] if both else [d_loss if state["player"] == "D" else g_loss]
    for loss in wanted:
        loss.backward(retain_graph=True)
    named = leaf | {"x": made, "l": logit, "l_real": real_logit, "loss": wanted[-1]}
    return {k: v.item() for k, v in named.items()}, {
        k: None if v.grad is None else v.grad.item() for k, v in named.items() if k != "loss"
    }


def numbers(state: dict) -> dict:
    """Return what flows forward, what flows back, and theta's gradient if both losses leave theirs there."""
    value, gradient = run(state)
    _, both = run(state, both=True)
    _, alone = run(state | {"player": "G", "detach": False})
    opinion = torch.sigmoid(torch.tensor([value["l"], value["l_real"]], dtype=torch.float64)).tolist()
    return {
        **{name: value[name] for name in ("x", "l", "l_real", "loss")}, "D": opinion[0], "D_real": opinion[1],
        **{f"d_{name}": gradient[name] for name in ("l", "w", "b", "x", "theta")}, "d_real": gradient["l_real"],
        "sum": both["theta"] if state["player"] == "D" else None, "alone": alone["theta"],
    }  # fmt: skip


def alt(state: dict) -> str:
    """Say what the still picture shows."""
    now = numbers(state)
    return (
        "Five boxes in a row: z, the generator G, the fake x, the discriminator D, the loss; a second path brings a "
        f"real x to D. Grey arrows lead to the loss, {now['loss']:.3f}. A green arrow leads back from the loss to D, "
        "whose weights get gradients. Between D and x the way back is cut: detach. The generator gets no gradient."
    )


def draw(state: dict) -> None:
    """Draw the still picture."""
    now = numbers(state)
    _, [ax] = panels(height=3)
    boxes = [
        ("z", 0, 1, OTHER),
        ("G", 1, 1, FAKE),
        ("x fake", 2, 1, FAKE),
        ("D", 3, 1, DISCRIMINATOR),
        ("loss", 4, 1, OTHER),
    ]
    for word, x, y, color in [*boxes, ("x real", 2, 2, REAL)]:
        style = {"boxstyle": "round,pad=0.5", "fc": "white", "ec": color, "lw": 2}
        ax.text(x, y, word, ha="center", va="center", bbox=style, color=color)
    for (x0, y0), (x1, y1), color in [
        *[((i + 0.3, 1.05), (i + 0.7, 1.05), OTHER) for i in range(4)], ((2.3, 1.95), (2.9, 1.3), OTHER),
        ((3.7, 0.8), (3.2, 0.8), DISCRIMINATOR),
    ]:  # fmt: skip
        ax.annotate("", (x1, y1), (x0, y0), arrowprops={"arrowstyle": "->", "color": color, "lw": 2})
    ax.plot([2.5, 2.5], [0.6, 1.0], color=FAKE, lw=2, ls="--")
    ax.text(2.5, 0.45, "detach", ha="center", color=FAKE)
    ax.text(3, 0.3, f"gradient of w: {now['d_w']:.2f}", color=DISCRIMINATOR)
    ax.set(xlim=(-0.4, 4.5), ylim=(0.1, 2.4))
    ax.axis("off")
