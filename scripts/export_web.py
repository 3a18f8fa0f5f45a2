"""A Sphinx extension: give the built site the trained generators, and a picture for readers without scripts.

Batch norm is folded into the layer before it, and weights become float16 in base64, in the order in which generator.js
reads them. Both files are made while the site is built, so the weights are kept once, in gan_helpers/embedded.
"""

import base64
import json
from pathlib import Path
from typing import Any

import gan_helpers as gh  # isort: skip  # first: it sets the waiting policy of threads before torch is imported
import matplotlib.pyplot as plt
import torch
from torch import Tensor, nn

DIRECTIONS = 6


def pack(weights: Tensor) -> str:
    """Return float16 bytes, little-endian, as base64 text."""
    return base64.b64encode(weights.detach().contiguous().numpy().astype("<f2").tobytes()).decode("ascii")


def fold(norm: nn.BatchNorm2d) -> tuple[Tensor, Tensor]:
    """Return scale and shift by channel that a batch norm applies in use."""
    scale = norm.weight / (norm.running_var + norm.eps).sqrt()
    return scale, norm.bias - norm.running_mean * scale


def export(name: str) -> dict:
    """Return the network of a trained generator as text for generator.js."""
    generator = gh.load_pretrained(name)
    layers = generator.net.layers
    channels = layers[4].in_channels
    scale, shift = fold(layers[2])
    first = layers[0].weight.T.reshape(-1, channels, 49) * scale[:, None]  # (inputs, C, 49)
    stages = []
    for convolution, norm in ((layers[4], layers[5]), (layers[7], layers[8]), (layers[10], None)):
        weight = convolution.weight  # (in, out, k, k)
        if norm is None:
            bias = convolution.bias
        else:
            factor, bias = fold(norm)
            weight = weight * factor[:, None, None]
        stages.append(
            {
                "in": convolution.in_channels,
                "out": convolution.out_channels,
                "kernel": convolution.kernel_size[0],
                "stride": convolution.stride[0],
                "padding": convolution.padding[0],
                "weight": pack(weight.permute(0, 2, 3, 1)),  # (in, k, k, out)
                "bias": pack(bias),
            }
        )
    # Directions that change the first layer most: right singular vectors of its latent part (Shen and Zhou 2021).
    _, _, vectors = torch.linalg.svd(layers[0].weight[:, : generator.latent_dim], full_matrices=False)
    directions = vectors[:DIRECTIONS]
    directions = directions * directions.sum(dim=1, keepdim=True).sign()  # one of the two signs, the same everywhere
    return {
        "latent": generator.latent_dim,
        "classes": list(gh.load_images(name).classes),
        "channels": channels,
        "first": pack(first.permute(0, 2, 1)),  # (inputs, 49, C)
        "shift": pack(shift),
        "stages": stages,
        "directions": pack(directions),
    }


def script() -> str:
    """Return the text of generators.js."""
    networks = {name: export(name) for name in ("mnist", "fashion")}
    note = "// Made by scripts/export_web.py from the weights in gan_helpers."
    return f"{note}\nwindow.GAN_GENERATORS = {json.dumps(networks)};\n"


def picture(path: Path) -> None:
    """Draw ten digits and ten clothes for readers without scripts."""
    torch.manual_seed(1)
    z = torch.randn(3, 64)
    rows = []
    for name in ("mnist", "fashion"):
        generator = gh.load_pretrained(name)
        for latent in z[:2]:
            rows.append(generator(latent.expand(10, 64), torch.arange(10)))
    gh.plot_images(torch.cat(rows), columns=10)
    plt.savefig(path, dpi=120, bbox_inches="tight")
    plt.close()


def write(app: Any, exception: Exception | None) -> None:
    """Write both files beside the other static files of a finished build."""
    if exception is None and app.builder.format == "html":
        folder = Path(app.outdir) / "_static"
        (folder / "generators.js").write_text(script(), encoding="utf-8")
        picture(folder / "explorer.png")


def setup(app: Any) -> dict[str, bool]:
    """Connect to Sphinx."""
    app.connect("build-finished", write)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
