"""Measure training tricks one at a time over seeds, one row a run in gan_helpers/embedded/results/tricks.csv.

Run `make tricks` (under an hour on two cores), or `python -m benchmarks.tricks --only momentum`. A run that is in
the table already is not repeated; delete its row, or the file, to measure again.
"""

import argparse
import copy
import csv
import functools
import multiprocessing
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import gan_helpers as gh  # isort: skip  # first: it sets the waiting policy of threads before torch is imported
import torch
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy
from torch.nn.utils.parametrizations import spectral_norm

RESULTS = Path(gh.__file__).parent / "embedded" / "results" / "tricks.csv"
COLUMNS = (
    "world", "trick", "variant", "seed", "frechet", "covered", "good_share", "precision", "recall", "checkerboard",
    "train_logit", "held_out_logit", "finite",
)  # fmt: skip
SEEDS = (1, 2, 3, 4, 5)
LATENT_DIM = 64
BATCH = 32  # small batches leave time for more steps
DIGIT_STEPS = 1000  # four passes over 8,000 digits
RING_STEPS = 1000
ADAM = {"digits": (2e-3, 0.0, 0.9), "ring": (1e-3, 0.5, 0.999)}  # lr, beta1, beta2: those of the labs
STD = 0.1  # of each of the ring's eight Gaussians
EMA_DECAY = 0.995  # of digits; a memory of about 200 steps


@dataclass(frozen=True)
class Settings:
    """One variant: everything that a trick may change, with the values of the plain program as defaults."""

    output: str = "tanh"  # "sigmoid" is rescaled to [-1, 1]; "sigmoid, no rescaling" cannot reach -1
    latent: str = "normal"
    g_kernel: int = 4
    g_norm: bool = True
    d_leak: float = 0.2
    d_pool: bool = False
    d_dropout: float = 0.0
    d_norm: str = "batch"  # or "none", "spectral"
    d_batch_std: bool = False
    flip: float = 0.0  # share of the discriminator's labels that are turned round
    real_target: float = 1.0
    fake_target: float = 0.0
    g_loss: str = "non-saturating"
    noise: float = 0.0  # standard deviation, on everything that the discriminator sees
    r1: float = 0.0  # gamma
    g_pace: float = 1.0  # factor of the learning rate
    d_pace: float = 1.0
    beta1: float | None = None  # None takes the world's own
    average: bool = False
    init: bool = True


@dataclass(frozen=True)
class Trick:
    """A named change, and the worlds in which it makes sense."""

    name: str
    variant: str
    settings: Settings = field(default_factory=Settings)
    worlds: tuple[str, ...] = ("digits", "ring")


DIGITS = ("digits",)
TRICKS = (
    Trick("plain", "plain"),
    Trick("output", "sigmoid, rescaled", Settings(output="sigmoid"), DIGITS),
    Trick("output", "sigmoid, data left in [-1, 1]", Settings(output="sigmoid, no rescaling"), DIGITS),
    Trick("output", "linear, clipped", Settings(output="linear"), DIGITS),
    Trick("latent", "uniform", Settings(latent="uniform")),
    Trick("dropout in D", "0.3", Settings(d_dropout=0.3)),
    Trick("label noise", "5 % flipped", Settings(flip=0.05)),
    Trick("downsampling", "max-pooling in D", Settings(d_pool=True), DIGITS),
    Trick("activation", "ReLU in D", Settings(d_leak=0.0)),
    Trick("kernel", "3, stride 2", Settings(g_kernel=3), DIGITS),
    Trick("kernel", "5, stride 2", Settings(g_kernel=5), DIGITS),
    Trick("label smoothing", "one-sided, 0.9", Settings(real_target=0.9)),
    Trick("label smoothing", "two-sided, 0.9 and 0.1", Settings(real_target=0.9, fake_target=0.1)),
    Trick("feature matching", "instead of the loss", Settings(g_loss="feature matching")),
    Trick("minibatch std", "one feature", Settings(d_batch_std=True)),
    Trick("two time-scales", "D four times faster", Settings(g_pace=0.5, d_pace=2.0)),
    Trick("two time-scales", "G four times faster", Settings(g_pace=2.0, d_pace=0.5)),
    Trick("weight averaging", "EMA", Settings(average=True)),
    Trick("instance noise", "0.3", Settings(noise=0.3)),
    Trick("R1", "gamma 0.1", Settings(r1=0.1)),
    Trick("R1", "gamma 1", Settings(r1=1.0)),
    Trick("spectral norm", "instead of batch norm in D", Settings(d_norm="spectral")),
    Trick("batch norm", "none in D", Settings(d_norm="none"), DIGITS),
    Trick("batch norm", "none in G", Settings(g_norm=False), DIGITS),
    Trick("momentum", "beta1 = 0", Settings(beta1=0.0), ("ring",)),
    Trick("momentum", "beta1 = 0.5", Settings(beta1=0.5), DIGITS),
    Trick("momentum", "beta1 = 0.9", Settings(beta1=0.9)),
    Trick("initialisation", "PyTorch's own", Settings(init=False), DIGITS),
)


class BatchStd(nn.Module):
    """Append to flat features (B, F) their standard deviation over the batch, averaged: (B, F + 1)."""

    def forward(self, features: Tensor) -> Tensor:
        spread = features.var(dim=0, unbiased=False).add(1e-8).sqrt().mean()
        return torch.cat([features, spread.expand(len(features), 1)], dim=1)


class Scaled(nn.Module):
    """Map a sigmoid's [0, 1] to [-1, 1]."""

    def forward(self, x: Tensor) -> Tensor:
        return 2 * torch.sigmoid(x) - 1


class Discriminator(nn.Module):
    """A body of features and a head of one logit."""

    def __init__(self, body: nn.Sequential, head: nn.Module) -> None:
        super().__init__()
        self.body, self.head = body, head

    def forward(self, x: Tensor) -> Tensor:
        """Map samples to logits (B,)."""
        return self.head(self.body(x)).squeeze(1)


def build_digits(s: Settings) -> tuple[nn.Module, Discriminator]:
    """Return the convolutional pair of the chapter on DCGAN with what the variant changes."""
    ends = {"tanh": nn.Tanh(), "sigmoid": Scaled(), "sigmoid, no rescaling": nn.Sigmoid(), "linear": nn.Identity()}

    def norm(maps: int, wanted: bool) -> nn.Module:
        return nn.BatchNorm2d(maps) if wanted else nn.Identity()

    def grow(n_in: int, n_out: int) -> nn.Module:  # doubles the side for each of the kernels 3, 4 and 5
        padding, extra = {3: (1, 1), 4: (1, 0), 5: (2, 1)}[s.g_kernel]
        return nn.ConvTranspose2d(n_in, n_out, s.g_kernel, stride=2, padding=padding, output_padding=extra)

    def shrink(n_in: int, n_out: int, kernel: int) -> list[nn.Module]:
        if s.d_pool:
            return [nn.Conv2d(n_in, n_out, 3, padding=1), nn.MaxPool2d(2, ceil_mode=True)]
        return [nn.Conv2d(n_in, n_out, kernel, stride=2, padding=1)]

    generator = nn.Sequential(
        nn.Linear(LATENT_DIM, 32 * 49),
        nn.Unflatten(1, (32, 7, 7)),
        norm(32, s.g_norm),
        nn.ReLU(),
        nn.ConvTranspose2d(32, 32, 3, padding=1),
        norm(32, s.g_norm),
        nn.ReLU(),
        grow(32, 16),
        norm(16, s.g_norm),
        nn.ReLU(),
        grow(16, 1),
        ends[s.output],
    )
    body = nn.Sequential(
        *shrink(1, 16, 4),  # (B, 16, 14, 14)
        nn.LeakyReLU(s.d_leak),
        nn.Dropout(s.d_dropout),
        *shrink(16, 32, 4),  # (B, 32, 7, 7)
        norm(32, s.d_norm == "batch"),
        nn.LeakyReLU(s.d_leak),
        nn.Dropout(s.d_dropout),
        *shrink(32, 64, 3),  # (B, 64, 4, 4)
        norm(64, s.d_norm == "batch"),
        nn.LeakyReLU(s.d_leak),
        nn.Dropout(s.d_dropout),
        nn.Flatten(),
        BatchStd() if s.d_batch_std else nn.Identity(),
    )
    discriminator = Discriminator(body, nn.Linear(64 * 16 + s.d_batch_std, 1))
    if s.init:
        gh.init_dcgan(generator)
        gh.init_dcgan(discriminator)
    return generator, discriminator


def build_ring(s: Settings) -> tuple[nn.Module, Discriminator]:
    """Return the multilayer perceptrons of the chapter on the GAN game, 128 units in two hidden layers."""
    generator = nn.Sequential(nn.Linear(8, 128), nn.ReLU(), nn.Linear(128, 128), nn.ReLU(), nn.Linear(128, 2))
    body = nn.Sequential(
        nn.Linear(2, 128),
        nn.LeakyReLU(s.d_leak),
        nn.Dropout(s.d_dropout),
        nn.Linear(128, 128),
        nn.LeakyReLU(s.d_leak),
        nn.Dropout(s.d_dropout),
        BatchStd() if s.d_batch_std else nn.Identity(),
    )
    return generator, Discriminator(body, nn.Linear(128 + s.d_batch_std, 1))


def train(s: Settings, generator: nn.Module, discriminator: Discriminator, data: Tensor, steps: int, seed: int) -> None:
    """Train the pair in place; with `average`, leave the averaged weights in the generator."""
    if s.d_norm == "spectral":
        for layer in discriminator.modules():
            if isinstance(layer, (nn.Linear, nn.Conv2d)):
                spectral_norm(layer)
    batch = BATCH if data.ndim == 4 else 256
    latent_dim = generator[0].in_features
    lr, beta1, beta2 = ADAM["digits" if data.ndim == 4 else "ring"]
    betas = (beta1 if s.beta1 is None else s.beta1, beta2)
    g_adam = torch.optim.Adam(generator.parameters(), s.g_pace * lr, betas, fused=True)
    d_adam = torch.optim.Adam(discriminator.parameters(), s.d_pace * lr, betas, fused=True)
    average = copy.deepcopy(generator)

    def draw() -> Tensor:
        return latent(s, batch, latent_dim)

    def seen(x: Tensor) -> Tensor:
        return x + s.noise * torch.randn_like(x) if s.noise else x

    def targets(value: float) -> Tensor:
        wanted = torch.full((batch,), value)
        return torch.where(torch.rand(batch) < s.flip, 1 - wanted, wanted) if s.flip else wanted

    def d_step(real: Tensor) -> Tensor:
        with torch.no_grad():
            fake = generator(draw())
        real_logits, fake_logits = discriminator(seen(real)), discriminator(seen(fake))
        d_loss = binary_cross_entropy_with_logits(real_logits, targets(s.real_target))
        d_loss = d_loss + binary_cross_entropy_with_logits(fake_logits, targets(s.fake_target))
        if s.r1:
            d_loss = d_loss + s.r1 / 2 * gh.r1_penalty(discriminator, real)
        d_adam.zero_grad()
        d_loss.backward()
        d_adam.step()
        return d_loss

    def g_step(real: Tensor) -> Tensor:
        discriminator.requires_grad_(False)
        fake = generator(draw())
        if s.g_loss == "feature matching":
            with torch.no_grad():
                wanted = discriminator.body(real).mean(dim=0)
            g_loss = (discriminator.body(fake).mean(dim=0) - wanted).square().sum()
        else:
            g_loss = gh.non_saturating_g(discriminator(seen(fake)))
        g_adam.zero_grad()
        g_loss.backward()
        g_adam.step()
        discriminator.requires_grad_(True)
        return g_loss

    stream = gh.BatchStream(data, batch_size=batch, seed=seed)
    decay = EMA_DECAY if data.ndim == 4 else 0.99
    for _ in gh.train_gan(d_step, g_step, stream, steps=steps, progress=False):
        if s.average:
            gh.ema_update(average, generator, decay=decay)
    if s.average:
        generator.load_state_dict(average.state_dict())


def latent(s: Settings, n: int, dim: int) -> Tensor:
    """Draw latent vectors of unit variance, (n, dim)."""
    return torch.randn(n, dim) if s.latent == "normal" else (2 * torch.rand(n, dim) - 1) * 3**0.5


def checkerboard(images: Tensor) -> float:
    """Return the share of an image's energy at the highest frequency of either axis, averaged, in per mille."""
    power = torch.fft.fft2(images.squeeze(1) - images.mean()).abs().square().mean(dim=0)  # (28, 28)
    return float(1000 * (power[14, :].sum() + power[:, 14].sum() - power[14, 14]) / power.sum())


@functools.cache
def judge_of_digits() -> gh.ConvClassifier:
    """Return the judge that every run of this process shares."""
    digits = gh.load_images("mnist")
    return train_judge(digits.images[:8000], digits.labels[:8000])


def train_judge(images: Tensor, labels: Tensor) -> gh.ConvClassifier:
    """Train the labs' classifier for four passes over 8,000 digits."""
    torch.manual_seed(1)
    judge = gh.ConvClassifier()
    adam = torch.optim.Adam(judge.parameters(), lr=2e-3, fused=True)
    stream = gh.BatchStream(images, labels, batch_size=100, seed=1)
    for _ in range(320):
        x, y = next(stream)
        loss = cross_entropy(judge(x), y)
        adam.zero_grad()
        loss.backward()
        adam.step()
    return judge.requires_grad_(False).eval()


@torch.no_grad()
def score_digits(s: Settings, generator: nn.Module, discriminator: nn.Module, seed: int) -> dict[str, float]:
    """Score 2,000 samples against the 2,000 held-out digits, with the generator's running averages."""
    digits = gh.load_images("mnist")
    with torch.enable_grad():
        judge = judge_of_digits()
    torch.manual_seed(1000 + seed)
    generator.eval()
    images = torch.cat([generator(latent(s, 500, LATENT_DIM)) for _ in range(4)]).clamp(-1, 1)
    real, fake = judge.features(digits.images[8000:]), judge.features(images)
    both = gh.precision_recall(real, fake)
    counts = judge(images).argmax(dim=1).bincount(minlength=10)
    discriminator.eval()
    return {
        "frechet": gh.frechet_distance(real, fake),
        "covered": int((counts >= 20).sum()),
        "precision": both.precision,
        "recall": both.recall,
        "checkerboard": checkerboard(images),
        "train_logit": float(discriminator(digits.images[:2000]).mean()),
        "held_out_logit": float(discriminator(digits.images[8000:]).mean()),
    }


@torch.no_grad()
def score_ring(s: Settings, generator: nn.Module) -> dict[str, float]:
    """Count the modes and the samples near one."""
    samples = generator(latent(s, 2000, 8))
    found = gh.mode_coverage(samples, gh.ring_centres(8), radius=3 * STD)
    return {"covered": found.covered, "good_share": found.good_share}


def measure(job: tuple[str, Trick, int]) -> dict[str, object]:
    """Make one run and return its row; a run that diverges gets a row that says so."""
    world, trick, seed = job
    gh.set_threads(1)
    row = {"world": world, "trick": trick.name, "variant": trick.variant, "seed": seed, "finite": 1}
    rng = gh.seed_everything(seed)
    if world == "digits":
        generator, discriminator = build_digits(trick.settings)
        data, steps = gh.load_images("mnist").images[:8000], DIGIT_STEPS
    else:
        generator, discriminator = build_ring(trick.settings)
        data, steps = gh.sample_mixture(20_000, gh.ring_centres(8), std=STD, rng=rng), RING_STEPS
    try:
        train(trick.settings, generator, discriminator, data, steps, seed)
    except gh.TrainingDiverged:
        return {**row, "finite": 0}
    if world == "digits":
        scores = score_digits(trick.settings, generator, discriminator, seed)
    else:
        scores = score_ring(trick.settings, generator)
    return {**row, **{name: f"{value:.6g}" for name, value in scores.items()}}


def jobs(done: set[tuple[str, ...]], only: str | None) -> Iterator[tuple[str, Trick, int]]:
    """Yield what is still to be measured, seed by seed, so that an early stop leaves whole rounds."""
    for seed in SEEDS:
        for trick in TRICKS:
            for world in trick.worlds:
                key = (world, trick.name, trick.variant, str(seed))
                if key not in done and only in (None, trick.name):
                    yield world, trick, seed


def main(arguments: list[str]) -> int:
    """Measure what is missing and append it to the table."""
    names = sorted({trick.name for trick in TRICKS})
    parser = argparse.ArgumentParser(prog="python -m benchmarks.tricks", description=__doc__.splitlines()[0])
    parser.add_argument("--only", choices=names, help="measure this trick alone")
    parser.add_argument("--processes", type=int, default=2, help="runs side by side, one thread each")
    options = parser.parse_args(arguments)
    if options.processes < 1:
        parser.error(f"--processes must be at least 1, but {options.processes} came.")
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    done: set[tuple[str, ...]] = set()
    if RESULTS.exists():
        with open(RESULTS, newline="", encoding="utf-8") as file:
            done = {tuple(row[name] for name in COLUMNS[:4]) for row in csv.DictReader(file)}
    else:
        RESULTS.write_text(",".join(COLUMNS) + "\n", encoding="utf-8")
    missing = list(jobs(done, options.only))
    with multiprocessing.get_context("spawn").Pool(options.processes) as pool:
        for count, row in enumerate(pool.imap(measure, missing), 1):
            with open(RESULTS, "a", newline="", encoding="utf-8") as file:
                csv.DictWriter(file, COLUMNS, restval="", lineterminator="\n").writerow(row)
            print(f"{count}/{len(missing)}", row, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
