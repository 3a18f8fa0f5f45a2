"""Generator and discriminator pairs, small enough for two cores: multilayer perceptrons and 28x28 convolutions.

A discriminator returns logits, never probabilities: the losses need them, and `torch.sigmoid` is one call away.
"""

import math
from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn


class MLPGenerator(nn.Module):
    """A multilayer perceptron from latent vectors to samples, for points (linear output) and images (tanh output).

    Args:
        latent_dim: length of a latent vector.
        out_shape: shape of one sample, (2,) for points or (1, 28, 28) for digits.
        hidden: widths of the hidden layers; each is followed by a ReLU.
        batch_norm: normalise each hidden layer over the batch, before its ReLU.
        tanh: end in tanh, so that samples lie in (-1, 1), the range of image data.

    Raises:
        TypeError: a size that is no whole number.
        ValueError: a size below 1.
    """

    def __init__(
        self,
        latent_dim: int,
        out_shape: Sequence[int],
        *,
        hidden: Sequence[int] = (128, 128),
        batch_norm: bool = False,
        tanh: bool = False,
    ) -> None:
        super().__init__()
        self.latent_dim, self.out_shape = latent_dim, tuple(out_shape)
        sizes = [latent_dim, *hidden]
        _check_sizes([*sizes, *self.out_shape])
        layers = []
        for n_in, n_out in pairwise(sizes):
            layers += [nn.Linear(n_in, n_out), nn.BatchNorm1d(n_out) if batch_norm else nn.Identity(), nn.ReLU()]
        layers += [nn.Linear(sizes[-1], math.prod(self.out_shape)), nn.Tanh() if tanh else nn.Identity()]
        self.layers = nn.Sequential(*layers)

    def forward(self, z: Tensor) -> Tensor:
        """Map z (B, latent_dim) to samples (B, *out_shape)."""
        _check_latent(z, self.latent_dim)
        return self.layers(z).unflatten(1, self.out_shape)  # (B, prod) -> (B, *out_shape)


class MLPDiscriminator(nn.Module):
    """A multilayer perceptron from samples to one logit each, with LeakyReLU(0.2) and optional dropout.

    Args:
        in_shape: shape of one sample, (2,) for points or (1, 28, 28) for digits.
        hidden: widths of the hidden layers.
        dropout: the share of hidden units switched off in training, in [0, 1).

    Raises:
        TypeError: a size that is no whole number.
        ValueError: a size below 1, no hidden layer, or a dropout outside [0, 1).
    """

    def __init__(self, in_shape: Sequence[int], *, hidden: Sequence[int] = (128, 128), dropout: float = 0.0) -> None:
        super().__init__()
        if not 0 <= dropout < 1:
            raise ValueError(f"dropout must lie in [0, 1), but {dropout} came.")
        if not hidden:
            raise ValueError("a discriminator needs at least one hidden layer, but hidden is empty.")
        self.in_shape = tuple(in_shape)
        _check_sizes([*self.in_shape, *hidden])
        layers = [nn.Flatten()]  # (B, *in_shape) -> (B, prod)
        for n_in, n_out in pairwise([math.prod(self.in_shape), *hidden]):
            layers += [nn.Linear(n_in, n_out), nn.LeakyReLU(0.2), nn.Dropout(dropout)]
        self.layers = nn.Sequential(*layers, nn.Linear(hidden[-1], 1))

    def forward(self, x: Tensor) -> Tensor:
        """Map samples (B, *in_shape) to logits (B,)."""
        _check_samples(x, self.in_shape)
        return self.layers(x).squeeze(1)  # (B, 1) -> (B,)


class ConvGenerator(nn.Module):
    """A DCGAN generator for 28x28 images: a linear layer to 7x7, then two transposed convolutions of stride 2.

    The kernel size 4 is divisible by the stride 2, which keeps checkerboards away; batch norm and ReLU everywhere but
    at the tanh output. Source: Radford et al. 2015, section 3, shrunk to 28x28.

    Args:
        latent_dim: length of a latent vector.
        channels: of the images, 1 for digits.
        width: feature maps at 14x14; twice as many at 7x7.
    """

    def __init__(self, latent_dim: int = 64, *, channels: int = 1, width: int = 32) -> None:
        super().__init__()
        _check_sizes([latent_dim, channels, width])
        self.latent_dim = latent_dim
        self.layers = nn.Sequential(
            nn.Linear(latent_dim, 2 * width * 7 * 7, bias=False),
            nn.Unflatten(1, (2 * width, 7, 7)),  # (B, 2w, 7, 7)
            nn.BatchNorm2d(2 * width),
            nn.ReLU(),
            nn.ConvTranspose2d(2 * width, width, kernel_size=4, stride=2, padding=1, bias=False),  # (B, w, 14, 14)
            nn.BatchNorm2d(width),
            nn.ReLU(),
            nn.ConvTranspose2d(width, channels, kernel_size=4, stride=2, padding=1),  # (B, C, 28, 28)
            nn.Tanh(),
        )
        init_dcgan(self)

    def forward(self, z: Tensor) -> Tensor:
        """Map z (B, latent_dim) to images (B, C, 28, 28) in (-1, 1)."""
        _check_latent(z, self.latent_dim)
        return self.layers(z)


class ConvDiscriminator(nn.Module):
    """A DCGAN discriminator for 28x28 images: two convolutions of stride 2, LeakyReLU(0.2), one logit.

    No batch norm on the first layer. Source: Radford et al. 2015, section 3, shrunk to 28x28.

    Args:
        channels: of the images, 1 for digits.
        width: feature maps at 14x14; twice as many at 7x7.
    """

    def __init__(self, *, channels: int = 1, width: int = 32) -> None:
        super().__init__()
        _check_sizes([channels, width])
        self.in_shape = (channels, 28, 28)
        self.layers = nn.Sequential(
            nn.Conv2d(channels, width, kernel_size=4, stride=2, padding=1),  # (B, w, 14, 14)
            nn.LeakyReLU(0.2),
            nn.Conv2d(width, 2 * width, kernel_size=4, stride=2, padding=1, bias=False),  # (B, 2w, 7, 7)
            nn.BatchNorm2d(2 * width),
            nn.LeakyReLU(0.2),
            nn.Flatten(),
            nn.Linear(2 * width * 7 * 7, 1),
        )
        init_dcgan(self)

    def forward(self, x: Tensor) -> Tensor:
        """Map images (B, C, 28, 28) to logits (B,)."""
        _check_samples(x, self.in_shape)
        return self.layers(x).squeeze(1)  # (B, 1) -> (B,)


class ConvClassifier(nn.Module):
    """A small classifier of 28x28 images: the independent judge of generated digits, and a source of features.

    Args:
        classes: how many labels there are.
        channels: of the images, 1 for digits.
    """

    def __init__(self, classes: int = 10, *, channels: int = 1) -> None:
        super().__init__()
        _check_sizes([classes, channels])
        self.in_shape = (channels, 28, 28)
        self.body = nn.Sequential(
            nn.Conv2d(channels, 16, kernel_size=5, stride=2, padding=2),  # (B, 16, 14, 14)
            nn.ReLU(),
            nn.Conv2d(16, 32, kernel_size=5, stride=2, padding=2),  # (B, 32, 7, 7)
            nn.ReLU(),
            nn.Flatten(),
            nn.Linear(32 * 7 * 7, 64),
            nn.ReLU(),
        )
        self.head = nn.Linear(64, classes)

    def features(self, x: Tensor) -> Tensor:
        """Map images (B, C, 28, 28) to the last hidden layer (B, 64), the space in which samples are compared."""
        _check_samples(x, self.in_shape)
        return self.body(x)

    def forward(self, x: Tensor) -> Tensor:
        """Map images (B, C, 28, 28) to class logits (B, classes)."""
        return self.head(self.features(x))


@torch.no_grad()
def init_dcgan(module: nn.Module) -> None:
    """Set weights to N(0, 0.02^2), batch-norm scales to N(1, 0.02^2) and every bias to 0, in place.

    Source: Radford et al. 2015, section 4 for the weights; the batch-norm scale follows the paper's own code.
    """
    for layer in module.modules():
        if isinstance(layer, (nn.Linear, nn.Conv2d, nn.ConvTranspose2d)):
            nn.init.normal_(layer.weight, 0.0, 0.02)
        elif isinstance(layer, nn.BatchNorm2d):
            nn.init.normal_(layer.weight, 1.0, 0.02)
        else:
            continue
        if layer.bias is not None:
            nn.init.zeros_(layer.bias)


def _check_sizes(sizes: Sequence[int]) -> None:
    for size in sizes:
        if isinstance(size, bool) or not isinstance(size, int):
            raise TypeError(f"sizes must be whole numbers, but {size!r} came.")
        if size < 1:
            raise ValueError(f"sizes must be at least 1, but {size} came.")


def _check_latent(z: Tensor, latent_dim: int) -> None:
    if z.ndim != 2 or z.shape[1] != latent_dim:
        raise ValueError(f"z must have the shape (B, {latent_dim}), but {tuple(z.shape)} came.")


def _check_samples(x: Tensor, in_shape: tuple[int, ...]) -> None:
    if tuple(x.shape[1:]) != in_shape:
        wanted = ", ".join(map(str, in_shape))
        raise ValueError(f"samples must have the shape (B, {wanted}), but {tuple(x.shape)} came.")
