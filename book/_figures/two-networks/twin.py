"""The shapes and weights of the book's own DCGAN, read off the real modules of gan_helpers."""

import math

import torch
from torch import nn
from twins import DISCRIMINATOR, FAKE, panels

from gan_helpers import ConvDiscriminator, ConvGenerator

START = {"who": "generator", "layer": 1, "width": 16}
STATES = [
    START,
    *[START | {"who": who, "layer": layer} for who in ("generator", "discriminator") for layer in (1, 2, 3, 4)],
    START | {"width": 4, "layer": 4},
    START | {"width": 32, "who": "discriminator", "layer": 3},
]
KINDS = (nn.Linear, nn.Conv2d, nn.ConvTranspose2d)


def _words(shape: tuple, sign: str = " \u00d7 ") -> str:
    return sign.join(map(str, shape)) if len(shape) > 1 else str(shape[0])


def numbers(state: dict) -> dict:
    """Return the shapes between the layers, the weights of each, and what the formulas say of the chosen one."""
    width, generator = int(state["width"]), state["who"] == "generator"
    with torch.random.fork_rng():
        pair = [ConvGenerator(width=width), ConvDiscriminator(width=width)]
    net = pair[0 if generator else 1]
    given = torch.zeros(2, 64) if generator else torch.zeros(2, 1, 28, 28)
    modules = [m for m in net.modules() if isinstance(m, (*KINDS, nn.BatchNorm2d))]
    shapes, all_weights = [tuple(given.shape[1:])], []
    for module in modules:
        count = sum(weight.numel() for weight in module.parameters())
        if isinstance(module, KINDS):
            module.register_forward_hook(lambda _m, _in, out: shapes.append(tuple(out.shape[1:])))
            all_weights.append(count)
        else:
            all_weights[-1] += count  # batch norm counts with the layer below it
    with torch.no_grad():
        net(given)
    if generator:
        shapes[1] = (2 * width, 7, 7)  # the next module folds the dense layer's numbers into maps
    i = int(state["layer"]) - 1
    layer = [m for m in modules if isinstance(m, KINDS)][i]
    if isinstance(layer, nn.Linear):
        name = "dense"
        size = (
            f"{2 * width}·7·7 = {layer.out_features}" if generator
            else f"{_words(shapes[i], '·')} = {layer.in_features} in, {layer.out_features} out"
        )  # fmt: skip
    else:
        (k, _), (s, _), (p, _) = layer.kernel_size, layer.stride, layer.padding
        kind = "transposed convolution" if generator else "convolution"
        name = f"{kind}, kernel {k}, stride {s}, padding {p}"
        n, out = shapes[i][1], shapes[i + 1][1]
        size = (
            f"({n} \u2212 1)·{s} \u2212 2·{p} + {k} = {out}" if generator
            else f"\u230a({n} + 2·{p} \u2212 {k}) / {s}\u230b + 1 = {out}"
        )  # fmt: skip
    total = sum(weight.numel() for weight in net.parameters())
    of_pair = sum(weight.numel() for one in pair for weight in one.parameters())
    return {
        "shapes": [[shape[0], shape[1] if len(shape) > 1 else 1] for shape in shapes],
        "all": all_weights, "total": total, "pair": of_pair,
        "weights": all_weights[i], "share": 100 * all_weights[i] / total,
        "name": name, "size": size, "shape": f"{_words(shapes[i])} \u2192 {_words(shapes[i + 1])}",
    }  # fmt: skip


def alt(state: dict) -> str:
    """Say what the still picture shows."""
    lines = []
    for who in ("generator", "discriminator"):
        now = numbers(state | {"who": who})
        steps = ", ".join(f"{maps} of {side} by {side}" for maps, side in now["shapes"])
        lines.append(f"The {who}: {steps}; its layers hold {', '.join(map(str, now['all']))} weights.")
    return "Feature maps as blocks, as wide as there are maps and as high as they have pixels. " + " ".join(lines)


def draw(state: dict) -> None:
    """Draw the still picture: both networks, one above the other."""
    _, [ax] = panels(height=3.6)
    ax.axis("off")
    for row, (who, colour) in enumerate((("generator", FAKE), ("discriminator", DISCRIMINATOR))):
        now, x = numbers(state | {"who": who}), 0
        for maps, side in now["shapes"]:
            ax.bar(x, side, maps, -45 * row - side / 2, align="edge", color=colour)
            label = f"{maps} \u00d7 {side}²" if side > 1 else f"{maps}"
            ax.text(x + maps / 2, -45 * row - math.ceil(side / 2) - 2, label, ha="center", va="top", fontsize=9)
            x += maps + 26
        ax.text(0, -45 * row + 16, f"{who}, {now['total']:,} weights", color=colour)
    ax.set(xlim=(-8, 270), ylim=(-66, 24))
