"""Train one of the labs' generators for a given time and write 5,000 samples, so that anybody can judge them.

    python -m benchmarks.train_and_sample --model dcgan --data mnist --seconds 60 --seed 1 --out samples.npz

The file holds `images`, uint8 (5000, 28, 28); `steps`, the generator steps taken; and for a conditional model `labels`,
uint8 (5000,), the classes asked for. Settings are those of the labs; a test holds them equal.
"""

import argparse
import copy
import math
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import gan_helpers as gh  # isort: skip  # first: it sets the waiting policy of threads before torch is imported
import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import softplus

SAMPLES = 5000
CLASSES = 10


@dataclass(frozen=True)
class Recipe:
    """The settings of one lab, under the names that they have there, in lower case."""

    lab: str
    latent_dim: int
    batch: int
    learning_rate: float
    betas: tuple[float, float]
    width: int = 0
    ema_decay: float = 0.0  # 0: the generator of the last step draws
    critic_steps: int = 1
    penalty: float = 0.0
    same_fakes: bool = False  # both players learn from one draw, as in the lab on DCGAN; else each draws its own
    instance_noise: float = 0.0  # standard deviation, on all that the discriminator sees
    mismatch: float = 0.0  # weight of real images with wrong labels; above 0 for the conditional pair only


RECIPES = {
    "mlp": Recipe("gan", latent_dim=64, batch=64, learning_rate=1e-3, betas=(0.5, 0.999)),
    "dcgan": Recipe(
        "dcgan", latent_dim=64, batch=32, learning_rate=2e-3, betas=(0.0, 0.9), width=16, ema_decay=0.995,
        same_fakes=True, instance_noise=0.3,
    ),
    "wgan-gp": Recipe(
        "wgan", latent_dim=64, batch=32, learning_rate=2e-3, betas=(0.0, 0.9), width=16, critic_steps=3, penalty=10.0
    ),
    "cgan": Recipe(
        "conditional", latent_dim=64, batch=32, learning_rate=2e-3, betas=(0.0, 0.9), width=16, ema_decay=0.995,
        mismatch=0.5,
    ),
}  # fmt: skip


def build(model: str) -> tuple[nn.Module, nn.Module]:
    """Return the generator and the discriminator of a recipe, freshly initialised."""
    r = RECIPES[model]
    if model == "mlp":
        generator = gh.MLPGenerator(r.latent_dim, (1, 28, 28), hidden=(256, 256), batch_norm=True, tanh=True)
        return generator, gh.MLPDiscriminator((1, 28, 28), hidden=(256, 256), dropout=0.3)
    if model == "cgan":
        return gh.ConditionalGenerator(r.latent_dim, width=r.width), gh.ConditionalDiscriminator(width=r.width)
    return gh.ConvGenerator(r.latent_dim, width=r.width), gh.ConvDiscriminator(
        width=r.width, batch_norm=model == "dcgan"
    )


def make_steps(
    r: Recipe, generator: nn.Module, discriminator: nn.Module
) -> tuple[Callable, Callable, list[torch.optim.Optimizer]]:
    """Return both step functions and their optimisers; a batch is a tuple of images (B, 1, 28, 28) and labels (B,)."""
    d_adam, g_adam = (
        torch.optim.Adam(net.parameters(), r.learning_rate, r.betas, fused=True) for net in (discriminator, generator)
    )
    d_loss_of, g_loss_of = (gh.wasserstein_d, gh.wasserstein_g) if r.penalty else (gh.minimax_d, gh.non_saturating_g)

    made: list[Tensor] = []  # of the last discriminator step, for `same_fakes`

    def draw(labels: Tensor) -> Tensor:
        z = torch.randn(len(labels), r.latent_dim, device=labels.device)
        return generator(z, labels) if r.mismatch else generator(z)

    def judge(x: Tensor, labels: Tensor) -> Tensor:
        if r.instance_noise:
            x = x + r.instance_noise * torch.randn_like(x)
        return discriminator(x, labels) if r.mismatch else discriminator(x)

    def d_step(batch: tuple[Tensor, Tensor]) -> Tensor:
        real, labels = batch
        with torch.set_grad_enabled(r.same_fakes):
            fake = draw(labels)
        made[:] = [fake]
        d_loss = d_loss_of(judge(real, labels), judge(fake.detach(), labels))
        if r.penalty:
            d_loss = d_loss + r.penalty * gh.gradient_penalty(discriminator, real, fake)
        if r.mismatch:
            wrong = (labels + torch.randint_like(labels, 1, CLASSES)) % CLASSES
            d_loss = d_loss + r.mismatch * softplus(judge(real, wrong)).mean()
        d_adam.zero_grad()
        d_loss.backward()
        d_adam.step()
        return d_loss

    def g_step(batch: tuple[Tensor, Tensor]) -> Tensor:
        discriminator.requires_grad_(False)
        labels = batch[1]
        g_loss = g_loss_of(judge(made[0] if r.same_fakes else draw(labels), labels))
        g_adam.zero_grad()
        g_loss.backward()
        g_adam.step()
        discriminator.requires_grad_(True)
        return g_loss

    return d_step, g_step, [d_adam, g_adam]


def train(
    model: str, images: Tensor, labels: Tensor, *, seconds: float, seed: int, device: torch.device
) -> tuple[nn.Module, int]:
    """Train for `seconds` of wall-clock time, at least one step; return the generator for drawing and the steps.

    Args:
        model: a key of `RECIPES`.
        images: (N, 1, 28, 28) float32 in [-1, 1].
        labels: (N,) int64.
        seconds: training alone; building, loading and drawing do not count.
        seed: of weights, latent vectors and batches.
        device: where to train.

    Raises:
        TrainingDiverged: a loss became NaN or infinite.
    """
    r = RECIPES[model]
    gh.seed_everything(seed)
    generator, discriminator = (net.to(device) for net in build(model))
    average = copy.deepcopy(generator)
    batches = gh.BatchStream(images, labels, batch_size=r.batch, seed=seed, device=device)
    d_step, g_step, _ = make_steps(r, generator, discriminator)
    game = gh.train_gan(
        d_step, g_step, batches, steps=sys.maxsize, d_steps_per_g=r.critic_steps,
        progress=False,
    )  # fmt: skip
    start, steps = time.perf_counter(), 0
    for record in game:
        steps = record.step
        if r.ema_decay:
            gh.ema_update(average, generator, decay=r.ema_decay)
        if time.perf_counter() - start >= seconds:
            break
    return (average if r.ema_decay else generator).eval(), steps


@torch.no_grad()
def sample(generator: nn.Module, *, conditional: bool, device: torch.device) -> tuple[np.ndarray, np.ndarray]:
    """Return images, uint8 (5000, 28, 28), and labels asked for, uint8 (5000,), each class equally often."""
    labels = torch.arange(SAMPLES, device=device) % CLASSES
    parts = []
    for chosen in labels.split(500):
        z = torch.randn(len(chosen), generator.latent_dim, device=device)
        parts.append(gh.to_bytes(generator(z, chosen) if conditional else generator(z)).cpu())
    return torch.cat(parts).squeeze(1).numpy(), labels.cpu().numpy().astype(np.uint8)


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """Say what is wrong in one sentence, without the usage lines."""
        self.exit(2, f"train_and_sample: {message} (--help lists the options)\n")


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not (math.isfinite(value) and value > 0):
        raise argparse.ArgumentTypeError(f"a number of seconds above 0 is needed, but {text!r} came")
    return value


def _seed(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) < 2**32):
        raise argparse.ArgumentTypeError(f"a whole number from 0 to 4294967295 is needed, but {text!r} came")
    return int(text)


def _out(text: str) -> Path:
    path = Path(text)
    if path.suffix != ".npz" or path.is_dir():
        raise argparse.ArgumentTypeError(f"a file name that ends in .npz is needed, but {text!r} came")
    if not path.absolute().parent.is_dir():
        raise argparse.ArgumentTypeError(f"the folder {str(path.parent)!r} does not exist; make it first")
    try:
        with open(path, "ab"):
            pass
    except OSError as error:
        raise argparse.ArgumentTypeError(f"{text!r} cannot be written ({error.strerror})") from error
    if not path.stat().st_size:
        path.unlink()
    return path


def main(arguments: list[str]) -> int:
    """Train, draw, write."""
    parser = _Parser(prog="python -m benchmarks.train_and_sample", description=__doc__.splitlines()[0])
    parser.add_argument("--model", required=True, choices=RECIPES)
    parser.add_argument("--data", default="mnist", choices=("mnist", "fashion"))
    parser.add_argument("--seconds", type=_seconds, default=60.0, help="of training alone")
    parser.add_argument("--seed", type=_seed, default=1)
    parser.add_argument("--out", type=_out, default="samples.npz", help="an .npz file; it is replaced")
    options = parser.parse_args(arguments)
    device = gh.pick_device()
    gh.set_threads(1)  # as in the labs: layers of this size are slower on two
    data = gh.load_images(options.data)
    try:
        generator, steps = train(
            options.model, data.images, data.labels, seconds=options.seconds, seed=options.seed, device=device
        )
    except gh.TrainingDiverged as error:
        print(f"train_and_sample: {error}", file=sys.stderr)
        return 1
    conditional = options.model == "cgan"
    images, labels = sample(generator, conditional=conditional, device=device)
    arrays = {"images": images, "steps": np.int64(steps)} | ({"labels": labels} if conditional else {})
    np.savez_compressed(options.out, **arrays)
    print(f"{options.out}: {len(images):,} images after {steps:,} steps in {options.seconds:g} s on {device}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
