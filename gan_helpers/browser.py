"""Generators as JSON for the browser: what `web/generator.js` reads and runs without a kernel."""

import base64
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from gan_helpers.models import ConditionalGenerator, ConvGenerator, MLPGenerator

DIRECTIONS = 6


class UnsupportedLayer(ValueError):
    """A generator has a layer that `web/generator.js` cannot run."""


def browser_network(generator: nn.Module, classes: Sequence[str] = ()) -> dict:
    """Return a generator as the JSON that `web/generator.js` runs: sizes, directions, and layers with packed weights.

    Args:
        generator: with `latent_dim`, in the image range; conditional ones append a one-hot label to z.
        classes: names of the classes; none for an unconditional generator.

    Raises:
        UnsupportedLayer: for anything but a chain of the usual layers.
    """
    latent = generator.latent_dim
    layers = browser_layers(generator)
    with torch.no_grad():
        inputs = (torch.zeros(1, latent), *([torch.tensor([0])] if classes else []))
        shape = list(generator(*inputs).shape[1:])
    directions = pack(principal_directions(generator, latent))
    return {"latent": latent, "classes": list(classes), "shape": shape, "directions": directions, "layers": layers}


def browser_layers(generator: nn.Module) -> list[dict]:
    """Return the layers of a generator, one dictionary each, or raise `UnsupportedLayer`."""
    chain = _chain(generator)
    layers = [entry for layer in chain for entry in _LAYERS.get(type(layer), _unsupported)(layer)]
    if (out_shape := getattr(generator, "out_shape", None)) is not None:  # an MLPGenerator folds its output at the end
        channels, *sides = out_shape
        if len(sides) != 2 or sides[0] != sides[1]:
            raise UnsupportedLayer(f"samples of the shape {tuple(out_shape)}; square images are needed.")
        layers.append({"kind": "unflatten", "channels": channels, "side": sides[0]})
    return layers


def principal_directions(generator: nn.Module, latent_dim: int, count: int = DIRECTIONS) -> Tensor:
    """Return unit vectors (count, latent_dim) along which the first layer moves most; fewer for a short latent vector.

    They are the first right singular vectors of its weights. A generator whose first weights do not act on z gets the
    first axes. Source: Shen and Zhou 2021 (SeFa), section 3.2.
    """
    weights = [layer.weight for layer in generator.modules() if isinstance(layer, nn.Linear | nn.ConvTranspose2d)]
    count = min(count, latent_dim)
    if not weights:
        return torch.eye(latent_dim)[:count]
    first = weights[0].detach().float().cpu()
    first = first if first.ndim == 2 else first.flatten(1).T  # (out, in); a transposed convolution has (in, out, k, k)
    if first.shape[1] < latent_dim:
        return torch.eye(latent_dim)[:count]
    _, _, vectors = torch.linalg.svd(first[:, :latent_dim], full_matrices=False)
    vectors = vectors[:count]
    signs = vectors.sum(dim=1, keepdim=True).sign()  # one of the two signs, the same on every machine
    return vectors * torch.where(signs == 0, 1.0, signs)


def _chain(generator: nn.Module) -> list[nn.Module]:
    """Return the layers in the order in which they are applied, if the module is one of ours or a plain chain."""
    if type(generator) is ConditionalGenerator:
        generator = generator.net
    if type(generator) in (ConvGenerator, MLPGenerator):
        generator = generator.layers
    if type(generator) is not nn.Sequential:  # a forward of one's own may do anything
        raise UnsupportedLayer(f"the browser cannot run {type(generator).__name__}, whose forward is its own.")
    return [part for child in generator for part in (_chain(child) if type(child) is nn.Sequential else [child])]


def _unsupported(layer: nn.Module) -> list[dict]:
    raise UnsupportedLayer(f"the browser cannot run a layer {layer}.")


def _require(layer: nn.Module, wanted: bool) -> None:
    if not wanted:
        _unsupported(layer)


def _linear(layer: nn.Linear) -> list[dict]:
    return [
        {"kind": "linear", "in": layer.in_features, "out": layer.out_features,
         "weight": pack(layer.weight.T), "bias": pack(layer.bias)}
    ]  # fmt: skip


def _norm(layer: nn.BatchNorm1d | nn.BatchNorm2d) -> list[dict]:
    _require(layer, layer.running_mean is not None)
    return [
        {"kind": "norm", "epsilon": layer.eps, "mean": pack(layer.running_mean), "variance": pack(layer.running_var),
         "weight": pack(layer.weight), "bias": pack(layer.bias)}
    ]  # fmt: skip


def _convolution(kind: str, order: tuple[int, ...]) -> Callable[[nn.Module], list[dict]]:
    def entry(layer: nn.Conv2d | nn.ConvTranspose2d) -> list[dict]:
        (kernel, other), (stride, _), padding = layer.kernel_size, layer.stride, layer.padding
        _require(layer, not isinstance(padding, str) and layer.padding_mode == "zeros" and layer.groups == 1)
        _require(layer, layer.dilation == (1, 1) and layer.output_padding == (0, 0) and kernel == other)
        _require(layer, layer.stride == (stride, stride) and padding[0] == padding[1])
        return [
            {"kind": kind, "in": layer.in_channels, "out": layer.out_channels, "kernel": kernel, "stride": stride,
             "padding": padding[0], "weight": pack(layer.weight.permute(order)), "bias": pack(layer.bias)}
        ]  # fmt: skip

    return entry


def _unflatten(layer: nn.Unflatten) -> list[dict]:
    sizes = tuple(layer.unflattened_size)
    _require(layer, layer.dim == 1 and len(sizes) == 3 and sizes[1] == sizes[2])
    return [{"kind": "unflatten", "channels": sizes[0], "side": sizes[1]}]


def _flatten(layer: nn.Flatten) -> list[dict]:
    _require(layer, (layer.start_dim, layer.end_dim) == (1, -1))
    return [{"kind": "flatten"}]


def _upsample(layer: nn.Upsample) -> list[dict]:
    factor = layer.scale_factor
    _require(layer, layer.mode == "nearest" and isinstance(factor, int | float) and float(factor).is_integer())
    return [{"kind": "upsample", "factor": int(factor)}]


_LAYERS: dict[type, Callable[[Any], list[dict]]] = {
    nn.Linear: _linear,
    nn.BatchNorm1d: _norm,
    nn.BatchNorm2d: _norm,
    nn.ConvTranspose2d: _convolution("transposed", (0, 2, 3, 1)),  # to (in, k, k, out)
    nn.Conv2d: _convolution("convolution", (1, 2, 3, 0)),
    nn.Unflatten: _unflatten,
    nn.Flatten: _flatten,
    nn.Upsample: _upsample,
    nn.ReLU: lambda layer: [{"kind": "leaky", "slope": 0}],
    nn.LeakyReLU: lambda layer: [{"kind": "leaky", "slope": layer.negative_slope}],
    nn.Tanh: lambda layer: [{"kind": "tanh"}],
    nn.Sigmoid: lambda layer: [{"kind": "sigmoid"}],
    nn.Identity: lambda layer: [],
    nn.Dropout: lambda layer: [],  # idle in eval mode
}


def shrink(layers: list[dict]) -> list[dict]:
    """Return layers with their weights in 8 bits, for a page: a scale for each output, rounded to the nearest step."""
    return [
        entry | {"weight": _eight_bits(entry["weight"], entry["out"])} if {"weight", "out"} <= entry.keys() else entry
        for entry in layers
    ]


def _eight_bits(packed: dict[str, str], outputs: int) -> dict:
    """Return packed weights, whose last axis holds the outputs, as int8 in base64 and a scale for each output."""
    ((kind, text),) = packed.items()
    values = np.frombuffer(base64.b64decode(text), {"f16": "<f2", "f32": "<f4"}[kind]).astype(np.float32)
    rows = values.reshape(-1, outputs)
    scale = np.maximum(np.abs(rows).max(axis=0), 1e-30) / 127
    steps = np.rint(rows / scale).astype(np.int8)
    return {"i8": base64.b64encode(steps.tobytes()).decode("ascii"), "scale": pack(torch.from_numpy(scale))}


def pack(weights: Tensor | None) -> dict[str, str] | None:
    """Return little-endian float16 in base64 where that loses nothing, else float32."""
    if weights is None:
        return None
    values = weights.detach().float().cpu().contiguous().numpy()
    with np.errstate(over="ignore"):
        half = values.astype("<f2")
    kind, array = ("f16", half) if np.array_equal(half.astype(np.float32), values) else ("f32", values.astype("<f4"))
    return {kind: base64.b64encode(array.tobytes()).decode("ascii")}
