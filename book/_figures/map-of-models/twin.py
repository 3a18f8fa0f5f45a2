"""The map of models: families, and sets of the models that have a property."""

from twins import DISCRIMINATOR, FAKE, OTHER, panels

FAMILIES = {
    "explicit: p(x) by a formula": ["naive Bayes", "Gaussian mixture", "autoregressive", "normalising flow"],
    "explicit: a bound on p(x)": ["VAE", "diffusion model", "deep belief net"],
    "explicit: p(x) up to a constant": ["Boltzmann (RBM)"],
    "implicit: no p(x), it only draws": ["GAN", "conditional GAN"],
    "no model of x: a classifier": ["logistic regression"],
}
MODELS = [name for family in FAMILIES.values() for name in family]
HAVE = {
    "exact": set(FAMILIES["explicit: p(x) by a formula"]),
    "draw": {"naive Bayes", "Gaussian mixture", "normalising flow", "VAE", "GAN", "conditional GAN"},
    "labels": {"naive Bayes", "conditional GAN", "logistic regression"},
    "book": set(MODELS) - {"normalising flow", "deep belief net", "Boltzmann (RBM)"},
}
HAVE["without"] = {"GAN", "conditional GAN", "logistic regression"}
HAVE |= {"none": set(MODELS), "no-labels": set(MODELS) - HAVE["labels"]}
START = {"ask": "draw", "also": "none"}
STATES = [
    START,
    {"ask": "exact", "also": "draw"},
    {"ask": "labels", "also": "no-labels"},
    {"ask": "book", "also": "exact"},
    {"ask": "exact", "also": "no-labels"},
    {"ask": "draw", "also": "without"},
]


def numbers(state: dict) -> dict:
    """Return the table, and the models that have both properties."""
    both = HAVE[state["ask"]] & HAVE[state["also"]]
    rows = [
        [name, i, *(name in HAVE[key] for key in ("exact", "draw", "labels", "book"))]
        for i, members in enumerate(FAMILIES.values())
        for name in members
    ]
    names = [name for name in MODELS if name in both]
    return {
        "families": list(FAMILIES), "models": rows, "lit": [name in both for name in MODELS],
        "count": len(names), "names": names,
    }  # fmt: skip


def alt(state: dict) -> str:
    """Say what the still picture shows."""
    now = numbers(state)
    return (
        f"A list of {len(MODELS)} models in five families: {'; '.join(FAMILIES)}. For each, filled dots say whether it "
        "gives p(x) exactly, draws in one pass, needs labels, and is trained in this book. In bold, those that draw in "
        f"one pass: {', '.join(now['names'])}."
    )


def draw(state: dict) -> None:
    """Draw the still picture."""
    now = numbers(state)
    _, [ax] = panels(height=4.6)
    y, last = 0.0, -1
    for (name, family, *has), lit in zip(now["models"], now["lit"], strict=True):
        if family != last:
            ax.text(0, y, now["families"][family], color=OTHER)
            y, last = y + 1, family
        ax.text(0.4, y, name, color=FAKE if lit else OTHER, weight="bold" if lit else "normal")
        for x, yes in zip((4.5, 5.7, 6.9, 8.1), has, strict=True):
            ax.plot(x, y - 0.25, "o", color=DISCRIMINATOR, mfc=DISCRIMINATOR if yes else "none")
        y += 1
    for x, word in zip((4.5, 5.7, 6.9, 8.1), ("p(x) exactly", "one pass", "labels", "in this book"), strict=True):
        ax.text(x, -1.1, word, ha="center")
    ax.set(xlim=(-0.1, 9), ylim=(16, -1.8))
    ax.axis("off")
