"""Generator and discriminator pairs, small enough for two cores: multilayer perceptrons and 28x28 convolutions.

A discriminator returns logits, never probabilities: the losses need them, and `torch.sigmoid` is one call away.
"""

import math
from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn

from gan_helpers.checks import check_count, check_floats, check_number


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
        _check_sequence("out_shape", out_shape)
        _check_sequence("hidden", hidden)
        _check_sizes([latent_dim])
        self.latent_dim, self.out_shape = latent_dim, tuple(out_shape)
        sizes = [latent_dim, *hidden]
        layers = []
        for n_in, n_out in pairwise(sizes):
            layers += [nn.Linear(n_in, n_out), nn.BatchNorm1d(n_out) if batch_norm else nn.Identity(), nn.ReLU()]
        layers += [nn.Linear(sizes[-1], math.prod(self.out_shape)), nn.Tanh() if tanh else nn.Identity()]
        self.layers = nn.Sequential(*layers)

    def forward(self, z: Tensor) -> Tensor:
        """Map z (B, latent_dim) to samples (B, *out_shape)."""
        _check_latent(z, self.latent_dim, self)
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
        check_number("dropout", dropout, least=0)
        if dropout >= 1:
            raise ValueError(f"dropout must lie in [0, 1), but {dropout} came.")
        _check_sequence("in_shape", in_shape)
        _check_sequence("hidden", hidden)
        if not hidden:
            raise ValueError("a discriminator needs at least one hidden layer, but hidden is empty.")
        self.in_shape = tuple(in_shape)
        layers = [nn.Flatten()]  # (B, *in_shape) -> (B, prod)
        for n_in, n_out in pairwise([math.prod(self.in_shape), *hidden]):
            layers += [nn.Linear(n_in, n_out), nn.LeakyReLU(0.2), nn.Dropout(dropout)]
        self.layers = nn.Sequential(*layers, nn.Linear(hidden[-1], 1))

    def forward(self, x: Tensor) -> Tensor:
        """Map samples (B, *in_shape) to logits (B,)."""
        _check_samples(x, self.in_shape, self)
        return self.layers(x).squeeze(1)  # (B, 1) -> (B,)


class ConvGenerator(nn.Module):
    """A DCGAN generator for 28x28 images: a linear layer to 7x7, then three transposed convolutions.

    The strides are 1, 2 and 2 and divide the kernel sizes 3, 4 and 4, so every pixel receives equally many stamps.
    That evens the coverage, but does not by itself rule out checkerboards (see the chapter on DCGAN). Batch norm and
    ReLU everywhere but at the tanh output. Source: Radford et al. 2016, section 3, shrunk to 28x28.

    Args:
        latent_dim: length of a latent vector.
        channels: of the images, 1 for digits.
        width: feature maps at 14x14; twice as many at 7x7.
    """

    def __init__(self, latent_dim: int = 64, *, channels: int = 1, width: int = 16) -> None:
        super().__init__()
        _check_sizes([latent_dim, channels, width])
        self.latent_dim = latent_dim
        self.layers = nn.Sequential(
            nn.Linear(latent_dim, 2 * width * 7 * 7, bias=False),
            nn.Unflatten(1, (2 * width, 7, 7)),  # (B, 2w, 7, 7)
            nn.BatchNorm2d(2 * width),
            nn.ReLU(),
            nn.ConvTranspose2d(2 * width, 2 * width, kernel_size=3, stride=1, padding=1, bias=False),
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
        _check_latent(z, self.latent_dim, self)
        return self.layers(z)


class ConvDiscriminator(nn.Module):
    """A DCGAN discriminator for 28x28 images: three convolutions of stride 2, LeakyReLU(0.2), one logit.

    No batch norm on the first layer. The third convolution has kernel 3 and stride 2, so the gradient at its 7x7
    inputs has a checkerboard; the kernels of 4 below even it out (lab on DCGAN). Source: Radford et al. 2016,
    section 3, shrunk to 28x28.

    Args:
        channels: of the images, 1 for digits.
        width: feature maps at 14x14; two and four times as many at 7x7 and 4x4.
        batch_norm: normalise the other layers; switch it off for a critic with gradient penalty.
    """

    def __init__(self, *, channels: int = 1, width: int = 16, batch_norm: bool = True) -> None:
        super().__init__()
        _check_sizes([channels, width])
        self.in_shape = (channels, 28, 28)

        def norm(maps: int) -> nn.Module:
            return nn.BatchNorm2d(maps) if batch_norm else nn.Identity()

        self.body = nn.Sequential(
            nn.Conv2d(channels, width, kernel_size=4, stride=2, padding=1),  # (B, w, 14, 14)
            nn.LeakyReLU(0.2),
            nn.Conv2d(width, 2 * width, kernel_size=4, stride=2, padding=1, bias=not batch_norm),  # (B, 2w, 7, 7)
            norm(2 * width),
            nn.LeakyReLU(0.2),
            nn.Conv2d(2 * width, 4 * width, kernel_size=3, stride=2, padding=1, bias=not batch_norm),  # (B, 4w, 4, 4)
            norm(4 * width),
            nn.LeakyReLU(0.2),
            nn.Flatten(),
        )
        self.head = nn.Linear(4 * width * 4 * 4, 1)
        init_dcgan(self)

    def features(self, x: Tensor) -> Tensor:
        """Map images (B, C, 28, 28) to what the last layer sees (B, 64 * width)."""
        _check_samples(x, self.in_shape, self)
        return self.body(x)

    def forward(self, x: Tensor) -> Tensor:
        """Map images (B, C, 28, 28) to logits (B,)."""
        return self.head(self.features(x)).squeeze(1)  # (B, 1) -> (B,)


class ConditionalGenerator(nn.Module):
    """A DCGAN generator that draws the class it is asked for: the one-hot label is appended to the latent vector.

    The first layer turns the label into its own row of weights, which is an embedding. Source: Mirza and Osindero
    2014, section 3, with the network of `ConvGenerator`.

    Args:
        latent_dim: length of a latent vector, without the label.
        classes: how many labels there are.
        channels: of the images, 1 for digits.
        width: as for `ConvGenerator`.
    """

    def __init__(self, latent_dim: int = 64, *, classes: int = 10, channels: int = 1, width: int = 16) -> None:
        super().__init__()
        _check_sizes([latent_dim, classes])
        self.latent_dim, self.classes = latent_dim, classes
        self.net = ConvGenerator(latent_dim + classes, channels=channels, width=width)

    def forward(self, z: Tensor, labels: Tensor) -> Tensor:
        """Map z (B, latent_dim) and labels (B,) int64 in [0, classes) to images (B, C, 28, 28) in (-1, 1)."""
        _check_latent(z, self.latent_dim, self)
        _check_labels(labels, len(z), self.classes)
        return self.net(torch.cat([z, nn.functional.one_hot(labels, self.classes).to(z.dtype)], dim=1))


class ConditionalDiscriminator(nn.Module):
    r"""A DCGAN discriminator of pairs (image, label) by projection: $l(x, y) = (e_y + w) \cdot \phi(x) + b$.

    Source: Miyato and Koyama 2018, section 3, with the network of `ConvDiscriminator`.

    Args:
        classes: how many labels there are.
        channels: of the images, 1 for digits.
        width: as for `ConvDiscriminator`.
        batch_norm: as for `ConvDiscriminator`.
    """

    def __init__(self, *, classes: int = 10, channels: int = 1, width: int = 16, batch_norm: bool = True) -> None:
        super().__init__()
        _check_sizes([classes])
        self.classes = classes
        self.net = ConvDiscriminator(channels=channels, width=width, batch_norm=batch_norm)
        self.embedding = nn.Embedding(classes, self.net.head.in_features)
        nn.init.normal_(self.embedding.weight, 0.0, 0.02)

    def forward(self, x: Tensor, labels: Tensor) -> Tensor:
        """Map images (B, C, 28, 28) and labels (B,) int64 in [0, classes) to logits (B,)."""
        _check_samples(x, self.net.in_shape, self)
        _check_labels(labels, len(x), self.classes)
        features = self.net.features(x)  # (B, F)
        match = (self.embedding(labels) * features).sum(dim=1)
        return match + self.net.head(features).squeeze(1)


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
        _check_samples(x, self.in_shape, self)
        return self.body(x)

    def forward(self, x: Tensor) -> Tensor:
        """Map images (B, C, 28, 28) to class logits (B, classes)."""
        return self.head(self.features(x))


@torch.no_grad()
def init_dcgan(module: nn.Module) -> None:
    """Set weights to N(0, 0.02^2), batch-norm scales to N(1, 0.02^2) and every bias to 0, in place.

    Source: Radford et al. 2016, section 4 for the weights; the batch-norm scale follows the paper's own code.

    Raises:
        TypeError: no `torch.nn.Module`.
    """
    if not isinstance(module, nn.Module):
        raise TypeError(f"a torch.nn.Module is needed, but a {type(module).__name__} came.")
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
        check_count("a size", size)


def _check_sequence(name: str, sizes: Sequence[int]) -> None:
    if isinstance(sizes, str) or not isinstance(sizes, Sequence):
        raise TypeError(f"{name} must be a sequence of whole numbers such as (2,), but {sizes!r} came.")
    _check_sizes(sizes)


def _check_input(name: str, x: Tensor, net: nn.Module) -> None:
    """Raise unless x is a tensor that the weights can be multiplied with."""
    check_floats(name, x)
    weight = next(net.parameters())
    if x.device != weight.device:
        raise ValueError(f"{name} lies on {x.device}, the network on {weight.device}; move one with .to(...).")
    if x.dtype != weight.dtype and not torch.is_autocast_enabled(x.device.type):
        raise TypeError(f"{name} holds {x.dtype}, the network's weights {weight.dtype}; convert one of them.")


def _check_latent(z: Tensor, latent_dim: int, net: nn.Module) -> None:
    _check_input("z", z, net)
    if z.ndim != 2 or z.shape[1] != latent_dim:
        raise ValueError(f"z must have the shape (B, {latent_dim}), but {tuple(z.shape)} came.")


def _check_labels(labels: Tensor, batch: int, classes: int) -> None:
    if not isinstance(labels, Tensor) or labels.dtype != torch.int64 or tuple(labels.shape) != (batch,):
        came = f"{labels.dtype} {tuple(labels.shape)}" if isinstance(labels, Tensor) else type(labels).__name__
        raise ValueError(f"labels must be an int64 tensor of the shape ({batch},), but {came} came.")
    if labels.device.type != "cpu" or torch.compiler.is_compiling():
        return  # to look at the values would make a GPU wait for all work before it, and cannot be compiled
    if batch and not 0 <= int(labels.min()) <= int(labels.max()) < classes:
        low, high = int(labels.min()), int(labels.max())
        raise ValueError(f"labels must lie in [0, {classes - 1}], but values from {low} to {high} came.")


def _check_samples(x: Tensor, in_shape: tuple[int, ...], net: nn.Module) -> None:
    _check_input("a batch", x, net)
    if tuple(x.shape[1:]) != in_shape:
        wanted = ", ".join(map(str, in_shape))
        raise ValueError(f"samples must have the shape (B, {wanted}), but {tuple(x.shape)} came.")
