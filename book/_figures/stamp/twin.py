"""The stamps of a transposed convolution, by torch: its output, its gradient, and a convolution after a resize."""

import torch
from torch.nn.functional import conv1d, conv_transpose1d, interpolate
from twins import EXTRA, OTHER

N = 7  # inputs
START = {"k": 3, "s": 2, "p": 0, "taps": "equal", "at": 43}
STATES = [
    START,
    START | {"k": 4, "p": 1, "at": 20},
    START | {"taps": "tent", "at": 0},
    START | {"k": 4, "taps": "uneven"},
    START | {"k": 6, "s": 3, "p": 2, "at": 100, "taps": "uneven"},
    START | {"k": 6, "s": 1, "p": 0},
    START | {"k": 1, "s": 3, "p": 2, "at": 34},
]


def numbers(state: dict) -> dict:
    """Return what each output place gets from seven ones, and what the chosen place gets from which input."""
    k, s, p = int(state["k"]), int(state["s"]), int(state["p"])
    t = torch.arange(k)
    uneven = torch.tensor([2] + [1] * (k - 2) + [0]) if k > 2 else torch.tensor([2, 1][:k])
    w = {"equal": torch.ones(k), "tent": torch.minimum(t + 1, k - t), "uneven": uneven}[state["taps"]].double()

    def grow(x, taps):
        return conv_transpose1d(x[None, None], taps[None, None], stride=s, padding=p)[0, 0]

    ones = torch.ones(N, dtype=torch.double, requires_grad=True)
    values, coverage = grow(ones, w), grow(ones, torch.ones(k, dtype=torch.double))
    size = len(values)
    place = int(state["at"] / 100 * (size - 1) + 0.5)
    # The gradient of one output by the inputs tells which of them it adds up, and numbers as taps tell with which tap.
    (which,) = torch.autograd.grad(grow(ones, torch.arange(1.0, k + 1).double())[place], ones)
    parts = [(i, int(w[int(tap) - 1])) for i, tap in enumerate(which.tolist()) if tap]
    # A place is inside if a longer row of ones gives it no more stamps.
    longer = conv_transpose1d(
        torch.ones(1, 1, N + 20, dtype=torch.double), torch.ones(1, 1, k, dtype=torch.double), stride=s
    )[0, 0, p + 10 * s :]
    whole = [o for o in range(size) if coverage[o] == longer[o]]
    larger = interpolate(ones.detach()[None, None], scale_factor=s)
    inside = values[whole]
    return {
        "row": ", ".join(str(int(tap)) for tap in w), "size": size, "place": place, "whole": whole,
        "values": values.tolist(), "coverage": coverage.tolist(),
        "resized": conv1d(larger, w[None, None], padding=(k - 1) // 2)[0, 0].tolist(),
        "sources": [i for i, _ in parts], "count": len(parts), "value": values[place].item(),
        "sum": " + ".join(f"x{i}·{tap}" for i, tap in parts) or "nothing",
        "size_sum": f"({N} \u2212 1)·{s} \u2212 2·{p} + {k} = {size}",
        "sums": ", ".join(str(int(w[r::s].sum())) for r in range(s)),
        "low": inside.min().item(), "high": inside.max().item(),
    }  # fmt: skip


def alt(state: dict) -> str:
    """Say what the still picture shows."""
    now = numbers(state)
    return (
        f"Seven inputs print stamps of {state['k']} equal taps onto a row of {now['size']} places, {state['s']} places "
        f"apart; where stamps overlap they add up. Bars below show the output for inputs of 1: inside they go up and "
        f"down between {now['low']:.0f} and {now['high']:.0f}. After a resize the kernel makes all bars inside equal."
    )


def draw(state: dict) -> None:
    """Draw the still picture."""
    import matplotlib.pyplot as plt

    now, k, s, p = numbers(state), state["k"], state["s"], state["p"]
    _, axes = plt.subplots(3, 1, figsize=(6.5, 4.6), layout="constrained", sharex=True, height_ratios=[1.4, 1, 1])
    stamps = axes[0]
    for i in range(N):
        left, mine = s * i - p - 0.5, i in now["sources"]
        colour, middle = EXTRA if mine else OTHER, left + k / 2
        stamps.fill(
            [left, middle - 0.5, middle + 0.5, left + k], [0.2, 0.8, 0.8, 0.2],
            color=colour, alpha=0.45 if mine else 0.2, linewidth=0,
        )  # fmt: skip
        stamps.bar(middle, 0.18, bottom=0.8, width=0.9, color=colour)
    for o in range(now["size"]):
        edge = EXTRA if o == now["place"] else OTHER
        stamps.bar(o, 0.16, bottom=0.03, width=0.9, fill=False, edgecolor=edge, linewidth=1.5)
    stamps.set(yticks=[0.1, 0.9], yticklabels=["output", "input"], ylim=(0, 1))
    shift = (now["size"] - len(now["resized"])) / 2
    for ax, values, by, words in (
        (axes[1], now["values"], 0, "stamps"),
        (axes[2], now["resized"], shift, "resize, then convolve"),
    ):
        ax.bar([o + by for o in range(len(values))], values, width=0.8, color=OTHER)
        ax.set_title(words, loc="left", fontsize=10)
        ax.set(yticks=[0, max(values)], xticks=[])
