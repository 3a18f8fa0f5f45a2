"""Train one of the labs' generators for a given time and write 5,000 samples, so that anybody can judge them.

    python -m benchmarks.train_and_sample --model dcgan --data mnist --seconds 60 --seed 1 --out samples.npz

The file holds `images`, uint8 (5000, 28, 28); `steps`, the generator steps taken; and for a conditional model `labels`,
uint8 (5000,), the classes asked for. Settings are `MINUTE` of `gan_helpers.recipes`.
"""

import argparse
import copy
import math
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import gan_helpers as gh  # isort: skip  # first: it sets the waiting policy of threads before torch is imported
import numpy as np
import torch
from torch import Tensor, nn
from tqdm import tqdm

from gan_helpers.recipes import MINUTE, Speed, build, make_steps, sample, settle, slow_down


def train(
    model: str,
    images: Tensor,
    labels: Tensor,
    *,
    seconds: float,
    seed: int,
    device: torch.device,
    clock: Callable[[], float] = time.perf_counter,
) -> tuple[nn.Module, int]:
    """Train for `seconds` of the clock, at least one step; return the generator for drawing and the steps.

    On a terminal a bar tells the time that is left.

    Args:
        model: a key of `MINUTE`.
        images: (N, 1, 28, 28) float32 in [-1, 1].
        labels: (N,) int64.
        seconds: training alone; building, loading and drawing do not count.
        seed: of weights, latent vectors and batches.
        device: where to train.
        clock: returns seconds. With `time.process_time` other programs on the machine take no time away.

    Raises:
        TrainingDiverged: a loss became NaN or infinite.
    """
    recipe = MINUTE[model]
    gh.seed_everything(seed)
    generator, discriminator = (net.to(device) for net in build(recipe))
    d_step, g_step, optimizers = make_steps(recipe, generator, discriminator, speed=Speed(channels_last=True))
    average = copy.deepcopy(generator)
    batches = gh.BatchStream(images, labels, batch_size=recipe.batch, seed=seed, device=device)
    game = gh.train_gan(
        d_step, g_step, batches, steps=sys.maxsize, d_steps_per_g=recipe.critic_steps,
        progress=False,
    )  # fmt: skip
    start, passed = clock(), 0.0
    with tqdm(total=seconds, disable=None, bar_format="{percentage:3.0f} % |{bar}| {remaining} left", ncols=60) as bar:
        while passed < seconds:
            record = next(game)
            gh.ema_update(average, generator, decay=recipe.ema_decay)
            passed = clock() - start
            slow_down(recipe, optimizers, min(1.0, passed / seconds))
            bar.update(min(passed, seconds) - bar.n)
    return settle(recipe, average), record.step


class Parser(argparse.ArgumentParser):
    """Say what is wrong in one sentence, without the usage lines."""

    def error(self, message: str) -> NoReturn:
        """Leave with status 2."""
        self.exit(2, f"{self.prog}: {message} (--help lists the options)\n")


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
    parser = Parser(prog="train_and_sample", description=__doc__.splitlines()[0])
    parser.add_argument("--model", required=True, choices=MINUTE)
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
    images, labels = (part.numpy() for part in sample(MINUTE[options.model], generator))
    arrays = {"images": images, "steps": np.int64(steps)} | ({"labels": labels} if options.model == "cgan" else {})
    np.savez_compressed(options.out, **arrays)
    print(f"{options.out}: {len(images):,} images after {steps:,} steps in {options.seconds:g} s on {device}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
