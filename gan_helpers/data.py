"""Data in memory: two-dimensional samplers whose truth is known, the embedded image sets, and a stream of batches.

Images keep one contract everywhere: float32, channels first (N, C, H, W), values in [-1, 1], the range of a tanh
generator. Samplers take a `torch.Generator`, so that a figure can be drawn again.
"""

import csv
import hashlib
import io
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from gan_helpers.checks import check_count, check_finite, check_floats, check_number, check_rng, check_seed

_EMBEDDED = Path(__file__).parent / "embedded"
_STRIDE = 3877  # prime to 10,000, so a walk with it visits each image once and any slice is a fair sample
_SETS = {  # file, SHA-256, class of torchvision.datasets, names of the labels
    "mnist": (
        "mnist-10k.npz",
        "0217e13bd0668deb198aa7d305edbf0331eb89f8a6e7dd226e03d1aa3a9bd4ef",
        "MNIST",
        tuple("0123456789"),
    ),
    "fashion": (
        "fashion-mnist-10k.npz",
        "bb6d9abe062b5a05557a33002ea6a74865182decb8076e1890ae0bb54127d14e",
        "FashionMNIST",
        ("T-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot"),
    ),
}
_LETTERS = ("letters.npz", "c539175931eb3afa6ecbcc0c44f5f3a44deb18c4234978288015e0883550d3dc")


@dataclass(frozen=True)
class ImageSet:
    """Images and their labels, checked once when they are made.

    Args:
        images: (N, C, H, W) float32 in [-1, 1], finite.
        labels: (N,) int64 in [0, len(classes)).
        classes: the name of each label.

    Raises:
        TypeError: images or labels are no tensors of these types.
        ValueError: a wrong shape, range or label, an empty set, or NaN in the images.
    """

    images: Tensor
    labels: Tensor
    classes: tuple[str, ...]

    def __post_init__(self) -> None:
        check_images(self.images)
        if not isinstance(self.labels, Tensor) or self.labels.dtype != torch.int64:
            raise TypeError("labels must be an int64 tensor; convert them with labels.long().")
        if self.labels.shape != self.images.shape[:1]:
            raise ValueError(
                f"{len(self.images)} images need as many labels, but shape {tuple(self.labels.shape)} came."
            )
        low, high = int(self.labels.min()), int(self.labels.max())
        if low < 0 or high >= len(self.classes):
            raise ValueError(f"labels must lie in [0, {len(self.classes) - 1}], but values from {low} to {high} came.")

    def __len__(self) -> int:
        return len(self.images)


@dataclass(frozen=True)
class LetterSet:
    """The 26 capitals of many fonts, as `load_letters` returns them.

    Args:
        images: (F, 26, 1, 28, 28) float32 in [-1, 1]: font by font, A to Z; the letter is 1, the ground -1.
        names: of the F fonts, family and style; two fonts may have one name.
        families: of the F fonts. Fonts that look alike, or come from one package, are of one family.
        packages: of the F fonts, Debian's; DATA.md and scripts/letters/packages.csv give their licences.
        held_out: (F,) bool: fonts that no shipped network is trained on. A family is held out whole or not at all.
        classes: the names of the 26 labels, "A" to "Z".
    """

    images: Tensor
    names: tuple[str, ...]
    families: tuple[str, ...]
    packages: tuple[str, ...]
    held_out: Tensor
    classes: tuple[str, ...] = tuple("ABCDEFGHIJKLMNOPQRSTUVWXYZ")

    def __len__(self) -> int:
        return len(self.names)

    def flat(self, fonts: Tensor) -> tuple[ImageSet, Tensor]:
        """Return the letters of some fonts one by one, and the font of each.

        Args:
            fonts: (F,) bool, such as `~letters.held_out`, or whole numbers, each below F.

        Returns:
            An `ImageSet` of shape (N, 1, 28, 28) with labels 0 to 25, and each image's font, (N,) int64 below F.

        Raises:
            TypeError: fonts that are no tensor of truth values or whole numbers.
            ValueError: a mask of another length, a number that no font has, or no font at all.
        """
        if not isinstance(fonts, Tensor) or fonts.dtype not in (torch.bool, torch.int64):
            came = fonts.dtype if isinstance(fonts, Tensor) else type(fonts).__name__
            raise TypeError(f"fonts must be a tensor of bool or int64, such as ~letters.held_out, but {came} came.")
        if fonts.dtype == torch.bool and fonts.shape != (len(self),):
            raise ValueError(f"a mask of fonts must have the shape ({len(self)},), but {tuple(fonts.shape)} came.")
        chosen = torch.arange(len(self))[fonts] if fonts.dtype == torch.bool else fonts.flatten()
        if not len(chosen) or not 0 <= int(chosen.min()) <= int(chosen.max()) < len(self):
            raise ValueError(f"at least one font is needed, and each must lie in [0, {len(self) - 1}].")
        count = len(self.classes)
        images = ImageSet(self.images[chosen].flatten(0, 1), torch.arange(count).repeat(len(chosen)), self.classes)
        return images, chosen.repeat_interleave(count)


def check_images(images: Tensor) -> None:
    """Raise unless `images` keeps the book's contract: (N, C, H, W) float32 in [-1, 1], finite, at least one.

    Raises:
        TypeError: no float32 tensor.
        ValueError: a wrong shape or range, no image at all, or NaN or infinity among the values.
    """
    if not isinstance(images, Tensor) or images.dtype != torch.float32:
        came = images.dtype if isinstance(images, Tensor) else type(images).__name__
        raise TypeError(f"images must be a float32 tensor, but {came} came; see to_model_range for bytes.")
    if images.ndim != 4 or not images.numel():
        raise ValueError(f"images must have the shape (N, C, H, W) with N > 0, but {tuple(images.shape)} came.")
    low, high = images.aminmax()
    if not torch.isfinite(low + high):
        raise ValueError("images hold NaN or infinity; find them with torch.isnan(images).nonzero().")
    if low < -1 or high > 1:
        raise ValueError(
            f"images must lie in [-1, 1], but values from {low:.3g} to {high:.3g} came; "
            "to_model_range scales bytes, 2 * x - 1 scales [0, 1]."
        )


def to_model_range(pixels: np.ndarray | Tensor) -> Tensor:
    r"""Scale bytes to the range of a tanh generator: $x = p / 127.5 - 1$.

    Args:
        pixels: uint8 of any shape, 0 to 255.

    Returns:
        float32 of the same shape in [-1, 1].

    Raises:
        TypeError: `pixels` is not uint8 (scaling twice is the usual cause).
    """
    pixels = torch.as_tensor(pixels)
    if pixels.dtype != torch.uint8:
        raise TypeError(f"to_model_range scales uint8 bytes, but {pixels.dtype} came. Has it been scaled already?")
    return pixels.float() / 127.5 - 1


def to_bytes(images: Tensor) -> Tensor:
    """Undo `to_model_range`: float in [-1, 1] to the nearest uint8; values beyond the range are clipped.

    Raises:
        TypeError: no floating-point tensor.
        ValueError: NaN or infinity.
    """
    check_finite("images", images)
    return ((images.detach() + 1) * 127.5).round().clamp(0, 255).to(torch.uint8)


def load_images(name: str = "mnist", *, full: bool = False, folder: str | Path = "data") -> ImageSet:
    """Load MNIST or Fashion-MNIST: 10,000 images embedded in the package, or all 60,000 through torchvision.

    Args:
        name: "mnist" or "fashion".
        full: take all 60,000 training images; torchvision downloads them once and checks them by hash.
        folder: where torchvision keeps the full set; not used by the embedded one.

    Returns:
        An `ImageSet` of shape (N, 1, 28, 28), N = 10,000 or 60,000, in a fixed order. In the embedded sets every
        slice of 100 images holds all classes.

    Raises:
        ValueError: an unknown name, or a file that is damaged.
        FileNotFoundError: the embedded file is missing.
        ConnectionError: the full set is not cached and cannot be downloaded.
    """
    if not isinstance(name, str) or name not in _SETS:
        raise ValueError(f"there is no image set {name!r}; choose one of {', '.join(map(repr, _SETS))}.")
    file, digest, torchvision_name, classes = _SETS[name]
    if full:
        pixels, labels = _load_full(name, torchvision_name, Path(folder))
    else:
        pixels, labels = _load_embedded(_EMBEDDED / file, digest)
    return ImageSet(to_model_range(pixels).unsqueeze(1), labels.long(), classes)  # (N, 28, 28) -> (N, 1, 28, 28)


def load_letters() -> LetterSet:
    """Load the capitals of the fonts that are embedded in the package, drawn from Debian's font packages.

    Returns:
        A `LetterSet` of shape (F, 26, 1, 28, 28); a quarter of the fonts, by whole families, is marked as held out.
        DATA.md names the packages and tells how the fonts were chosen.

    Raises:
        FileNotFoundError: the embedded file is missing.
        ValueError: it is damaged.
    """
    file, digest = _LETTERS
    with np.load(io.BytesIO(_read_embedded(_EMBEDDED / file, digest)), allow_pickle=False) as arrays:
        images = to_model_range(arrays["images"]).unsqueeze(2)  # (F, 26, 28, 28) -> (F, 26, 1, 28, 28)
        names, families, packages = (tuple(arrays[key].tolist()) for key in ("name", "family", "package"))
        return LetterSet(images, names, families, packages, torch.from_numpy(arrays["held_out"]))


def load_results(name: str) -> list[dict[str, str]]:
    """Return the rows of a table that a script in `benchmarks/` has written, one dict a row, as text.

    Raises:
        ValueError: there is no such table.
    """
    tables = {path.stem: path for path in (_EMBEDDED / "results").glob("*.csv")}
    if not isinstance(name, str) or name not in tables:
        raise ValueError(f"there are no results {name!r}; choose one of {', '.join(sorted(tables))}.")
    with open(tables[name], newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _read_embedded(path: Path, digest: str) -> bytes:
    if not path.is_file():
        raise FileNotFoundError(f"{path} is missing; install gan_helpers again.")
    content = path.read_bytes()
    if hashlib.sha256(content).hexdigest() != digest:
        raise ValueError(f"{path} is damaged ({len(content):,} bytes, wrong SHA-256); install gan_helpers again.")
    return content


def _load_embedded(path: Path, digest: str) -> tuple[Tensor, Tensor]:
    with np.load(io.BytesIO(_read_embedded(path, digest)), allow_pickle=False) as arrays:
        pixels, labels = torch.from_numpy(arrays["images"]), torch.from_numpy(arrays["labels"])
    order = torch.arange(len(labels)) * _STRIDE % len(labels)  # mnist-10k.npz is sorted by digit
    return pixels[order], labels[order]


def _load_full(name: str, torchvision_name: str, folder: Path) -> tuple[Tensor, Tensor]:
    from torchvision import datasets  # here, because importing it takes a second and most readers never need it
    from torchvision.datasets.utils import check_integrity

    kind = getattr(datasets, torchvision_name)
    raw = folder / torchvision_name / "raw"
    for archive, md5 in kind.resources:
        if (raw / archive).exists() and not check_integrity(str(raw / archive), md5):
            raise ValueError(f"{raw / archive} is damaged (wrong hash); delete the folder {raw} to download it again.")
    try:
        whole = kind(str(folder), train=True, download=True)
    except (RuntimeError, OSError) as error:
        raise ConnectionError(
            f"The full {torchvision_name} could not be downloaded into {folder}, so use the 10,000 images that are "
            f"embedded, load_images({name!r})."
        ) from error
    if whole.data.shape != (60_000, 28, 28):
        raise ValueError(f"{raw} holds {tuple(whole.data.shape)}, not 60,000 images; delete it to download it again.")
    return whole.data, whole.targets


def ring_centres(modes: int = 8, radius: float = 2.0) -> Tensor:
    """Return the centres of `modes` Gaussians evenly on a circle, the first on the x axis: (modes, 2) float32.

    Raises:
        TypeError: `modes` is no whole number or `radius` no number.
        ValueError: `modes` below 1, or `radius` negative or NaN.
    """
    check_count("modes", modes)
    check_number("radius", radius, least=0)
    angles = torch.arange(modes) * (2 * math.pi / modes)
    return radius * torch.stack([angles.cos(), angles.sin()], dim=1)  # (modes, 2)


def grid_centres(side: int = 5, spacing: float = 1.0) -> Tensor:
    """Return the centres of a square grid of Gaussians around the origin: (side * side, 2) float32.

    Raises:
        TypeError: `side` is no whole number or `spacing` no number.
        ValueError: `side` below 1, or `spacing` negative or NaN.
    """
    check_count("side", side)
    check_number("spacing", spacing, least=0)
    ticks = (torch.arange(side) - (side - 1) / 2) * spacing
    return torch.cartesian_prod(ticks, ticks).reshape(-1, 2)


def sample_mixture(n: int, centres: Tensor, *, std: float, rng: torch.Generator) -> Tensor:
    r"""Draw from an even mixture of round Gaussians, $p(x) = \frac1K \sum_k N(x; c_k, \sigma^2 I)$.

    Args:
        n: how many points, at least 1.
        centres: (K, dim) float32, finite.
        std: the standard deviation of each Gaussian, at least 0.
        rng: a CPU generator.

    Returns:
        (n, dim) float32.

    Raises:
        TypeError: centres that are no floating-point tensor, an n or a std that is no number, an rng that is none.
        ValueError: n below 1, a std that is negative or NaN, or centres of a wrong shape or with NaN.
    """
    check_count("n", n)
    check_finite("centres", centres)
    if centres.ndim != 2 or not centres.numel():
        raise ValueError(f"centres must have the shape (K, dim), but {tuple(centres.shape)} came.")
    check_number("std", std, least=0)
    check_rng(rng)
    chosen = centres[torch.randint(len(centres), (n,), generator=rng)]  # (n, dim)
    return chosen + std * torch.randn(chosen.shape, generator=rng)


def _check_draw(n: int, noise: float, rng: torch.Generator) -> None:
    check_count("n", n)
    check_number("noise", noise, least=0)
    check_rng(rng)


def sample_swiss_roll(n: int, *, noise: float = 0.05, rng: torch.Generator) -> Tensor:
    """Draw from a two-dimensional spiral of one and a half turns, scaled to about [-2, 2]: (n, 2) float32.

    Raises:
        TypeError: `n` is no whole number, `noise` no number, or `rng` no CPU generator.
        ValueError: `n` below 1, or `noise` negative or NaN.
    """
    _check_draw(n, noise, rng)
    angle = 1.5 * math.pi * (1 + 2 * torch.rand(n, generator=rng))
    points = torch.stack([angle * angle.cos(), angle * angle.sin()], dim=1) / 7
    return points + noise * torch.randn(n, 2, generator=rng)


def sample_two_moons(n: int, *, noise: float = 0.05, rng: torch.Generator) -> Tensor:
    """Draw from two interleaved half circles, centred on the origin: (n, 2) float32.

    Raises:
        TypeError: `n` is no whole number, `noise` no number, or `rng` no CPU generator.
        ValueError: `n` below 1, or `noise` negative or NaN.
    """
    _check_draw(n, noise, rng)
    angle = math.pi * torch.rand(n, generator=rng)
    lower = torch.rand(n, generator=rng) < 0.5
    x = torch.where(lower, 1 - angle.cos(), angle.cos()) - 0.5
    y = torch.where(lower, 0.5 - angle.sin(), angle.sin()) - 0.25
    return torch.stack([x, y], dim=1) + noise * torch.randn(n, 2, generator=rng)


class BatchStream:
    """An endless stream of shuffled batches from tensors in memory, which a checkpoint can save and restore.

    Each pass over the data is a fresh permutation; the rest that does not fill a batch is left for the next pass's
    shuffle. A batch is one tensor, or a tuple of them when labels came too.

    Args:
        data: (N, ...) float, finite.
        labels: (N,) or None.
        batch_size: in [1, N].
        seed: of the shuffle; the stream keeps its own generator.
        device: where batches are used; the data is moved there once.

    Raises:
        TypeError: `data` is no floating-point tensor, `labels` no tensor, or batch size or seed no whole number.
        ValueError: NaN or infinity in the data, a batch size outside [1, N], another number of labels than data, a
            negative seed, or an unknown device.
    """

    def __init__(
        self,
        data: Tensor,
        labels: Tensor | None = None,
        *,
        batch_size: int,
        seed: int,
        device: torch.device | str = "cpu",
    ) -> None:
        check_floats("data", data)
        if data.ndim < 1 or not torch.isfinite(data).all():
            raise ValueError("data holds NaN or infinity; find them with torch.isnan(data).nonzero().")
        if labels is not None and not isinstance(labels, Tensor):
            raise TypeError(f"labels must be a tensor, but a {type(labels).__name__} came; use torch.as_tensor.")
        if labels is not None and labels.shape[:1] != data.shape[:1]:
            raise ValueError(f"{len(data)} samples need as many labels, but {tuple(labels.shape)} came.")
        check_count("batch_size", batch_size)
        check_seed(seed)
        if batch_size > len(data):
            raise ValueError(f"batch_size must be at most the {len(data)} samples there are, but {batch_size} came.")
        try:
            self._tensors = [tensor.to(device) for tensor in (data, labels) if tensor is not None]
        except (RuntimeError, AssertionError, TypeError) as error:
            raise ValueError(f"the device {device!r} cannot be used here; pick_device() chooses one.") from error
        self._batch_size = batch_size
        self._rng = torch.Generator().manual_seed(seed)
        self._shuffle()

    def _shuffle(self) -> None:
        self._stand(torch.randperm(len(self._tensors[0]), generator=self._rng), 0)

    def _stand(self, order: Tensor, position: int) -> None:
        self._order, self._position = order, position
        self._picks = order.to(self._tensors[0].device)  # once a pass: a transfer for each batch would make a GPU wait

    def __iter__(self) -> Iterator[Tensor | tuple[Tensor, ...]]:
        return self

    def __next__(self) -> Tensor | tuple[Tensor, ...]:
        if self._position + self._batch_size > len(self._order):
            self._shuffle()
        chosen = self._picks[self._position : self._position + self._batch_size]
        self._position += self._batch_size
        batch = tuple(tensor[chosen] for tensor in self._tensors)
        return batch if len(batch) > 1 else batch[0]

    def state_dict(self) -> dict:
        """Return where the stream stands, for a checkpoint."""
        return {"rng": self._rng.get_state(), "order": self._order.clone(), "position": self._position}

    def load_state_dict(self, state: dict) -> None:
        """Go on from a state that `state_dict` returned for data of the same length.

        Raises:
            ValueError: the state belongs to another number of samples.
        """
        if len(state["order"]) != len(self._order):
            raise ValueError(f"the saved stream had {len(state['order'])} samples, this one has {len(self._order)}.")
        self._rng.set_state(state["rng"])
        self._stand(state["order"].clone(), state["position"])
