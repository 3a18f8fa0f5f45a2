"""Receptive fields by torch: what a unit sees is where its gradient is not zero."""

import torch
from torch.nn.functional import conv1d
from twins import DISCRIMINATOR, OTHER, REAL, panels

N, LONG, MIDDLE = 28, 400, 8  # pixels; a row long enough to have no border, and a unit far from its ends
START = {"layer": 3, "at": 34, "k1": 4, "k2": 4, "k3": 3, "s": 2, "p": 1}
STATES = [
    START,
    START | {"layer": 2, "at": 0},
    START | {"layer": 2, "k1": 1, "k2": 2, "p": 0, "at": 50},  # a window with a hole
    START | {"k1": 5, "k2": 5, "k3": 5, "s": 3, "p": 0},  # layer 3 does not fit
    START | {"k1": 2, "k2": 2, "k3": 2, "s": 3, "p": 2, "at": 100},
    START | {"layer": 1, "s": 1, "k1": 5, "p": 2, "at": 20},
    START | {"k3": 1, "at": 0},  # the unit reads padding alone
    START | {"k1": 2, "k2": 3, "k3": 1, "s": 3, "p": 2, "at": 100},
]


def _stack(state: dict, pixels: int, padding: int) -> list[torch.Tensor]:
    """Return the row of pixels and the rows of all layers that can be built, with kernels of ones."""
    rows = [torch.ones(1, 1, pixels, requires_grad=True)]
    for layer in range(1, int(state["layer"]) + 1):
        kernel = torch.ones(1, 1, int(state[f"k{layer}"]))
        try:
            rows.append(conv1d(rows[-1], kernel, stride=int(state["s"]), padding=padding))
        except RuntimeError:  # the kernel is larger than what it should slide over
            break
    return rows


def _reads(rows: list[torch.Tensor], layer: int, unit: int, below: int) -> list[int]:
    """Return the units of row `below` on which a unit depends."""
    (slope,) = torch.autograd.grad(rows[layer][0, 0, unit], rows[below], retain_graph=True)
    return slope[0, 0].nonzero()[:, 0].tolist()


def numbers(state: dict) -> dict:
    """Return the sizes of all rows, the windows of their units, and what the chosen unit reads."""
    p = int(state["p"])
    rows = _stack(state, N, p)
    top, sizes = len(rows) - 1, [row.shape[2] for row in rows]
    unit = int(state["at"] / 100 * (sizes[top] - 1) + 0.5)
    long, r, jump, first, here = _stack(state, LONG, 0), [1], [1], [0], [0]
    for layer in range(1, top + 1):
        here, there = (_reads(long, layer, i, 0) for i in (MIDDLE, MIDDLE + 1))
        r.append(here[-1] - here[0] + 1)
        jump.append(there[0] - here[0])
        first.append(-p * sum(jump[:layer]))
    start = first[top] + unit * jump[top]
    seen = [_reads(rows, top, unit, row) if row < top else [unit] for row in range(top + 1)]
    inside = {i for i in range(start, start + r[top]) if 0 <= i < N}
    reach = inside & {start + i - here[0] for i in here}  # without any border
    parts = [f"{(r[i + 1] - r[i]) // jump[i]}·{jump[i]}" for i in range(top)]
    return {
        "sizes": sizes, "r": r, "jump": jump, "first": first, "top": top, "unit": unit, "seen": seen,
        "from": start, "to": start + r[top] - 1, "window": r[top], "reads": len(seen[0]),
        "outside": r[top] - len(inside), "skipped": len(inside - reach), "padded": len(reach - set(seen[0])),
        "size_row": " \u2192 ".join(map(str, sizes)),
        "sum": f"{' + '.join(['1', *parts])} = {r[top]}",
    }  # fmt: skip


def alt(state: dict) -> str:
    """Say what the still picture shows."""
    now = numbers(state)
    return (
        f"Four rows of cells, one above the other: {now['size_row'].replace(' → ', ', ')} of them, the pixels at the "
        f"bottom. From one unit of the third layer a green fan widens downwards to {now['reads']} neighbouring pixels, "
        f"marked blue."
    )


def draw(state: dict) -> None:
    """Draw the still picture."""
    now = numbers(state)
    _, [ax] = panels(height=3.2)
    r, jump, first, s, p = now["r"], now["jump"], now["first"], state["s"], state["p"]

    def centre(layer, i):
        return first[layer] + i * jump[layer] + (r[layer] - 1) / 2

    for layer in range(1, now["top"] + 1):
        for i in now["seen"][layer]:
            low = s * i - p
            high = low + state[f"k{layer}"] - 1
            x = [centre(layer - 1, low), centre(layer, i), centre(layer - 1, high)]
            ax.fill(x, [layer - 0.8, layer - 0.2, layer - 0.8], color=DISCRIMINATOR, alpha=0.16, linewidth=0)
    for layer, size in enumerate(now["sizes"]):
        for i in range(size):
            mine, width = i in now["seen"][layer], 0.8 * min(jump[layer], 1.6)
            colour = (DISCRIMINATOR if layer else REAL) if mine else OTHER
            ax.bar(centre(layer, i), 0.36, width, layer - 0.18, fill=mine, color=colour, edgecolor=colour)
    names = ["pixels", *(f"layer {layer}" for layer in range(1, now["top"] + 1))]
    ax.set(yticks=range(now["top"] + 1), yticklabels=names, xlabel="pixel")
