"""Mend the copied MNIST program of the chapter on the GAN game in every combination, one row a run and length.

    python -m benchmarks.faults

Writes gan_helpers/embedded/results/faults.csv: each combination of the discriminator's hidden unit, the generator's
hidden unit and Adam's beta1, over SEEDS, looked at after each number of steps in LOOKS. The data, the judge and the
reference images are those of the lab, book/gan/lab.ipynb, section 5. Two runs go side by side. It can be stopped at any
moment and goes on where it stopped; delete a run's rows, or the file, to measure again. Ten minutes or so on one core.
"""

import itertools
import sys
from pathlib import Path

import gan_helpers as gh  # isort: skip  # first: it sets the waiting policy of threads before torch is imported
import torch
from torch import Tensor, nn

from benchmarks.tables import Row, measure_all, rows_of
from benchmarks.tricks import TRAIN, judge_of

RESULTS = Path(gh.__file__).parent / "embedded" / "results" / "faults.csv"
COLUMNS = ("d_unit", "g_unit", "beta1", "seed", "steps", "frechet", "covered", "d_loss", "g_loss")
D_UNITS = {"sigmoid": nn.Sigmoid, "leaky": lambda: nn.LeakyReLU(0.2)}  # as found, mended
G_UNITS = {"tanh": nn.Tanh, "relu": nn.ReLU}  # as found, mended
BETA1 = (0.9, 0.5)  # as found, mended
SEEDS = (1, 2, 3)
LOOKS = (650, 2600)  # steps; five and twenty-one passes over the data
BATCH = 64
LEARNING_RATE = 2e-4
SAMPLES = 2000  # images that the judge reads


def jobs(done: set[tuple]) -> list[tuple[str, str, float, int]]:
    """Return the runs that are not done yet: (d_unit, g_unit, beta1, seed)."""
    everything = itertools.product(D_UNITS, G_UNITS, BETA1, SEEDS)
    return sorted((job for job in everything if job not in done), key=lambda job: job[-1])


def copied_networks(d_unit: str, g_unit: str) -> tuple[nn.Module, nn.Module]:
    """Return the copied program's generator and discriminator with these hidden units; the latter gives logits."""
    generator = nn.Sequential(nn.Linear(100, 256), G_UNITS[g_unit](), nn.Linear(256, 784), nn.Tanh())
    return generator, nn.Sequential(nn.Linear(784, 256), D_UNITS[d_unit](), nn.Linear(256, 1))


def play(job: tuple[str, str, float, int], images: Tensor, looks: tuple[int, ...] = LOOKS):
    """Train one combination and yield (steps, 2,000 images, mean d_loss, mean g_loss of the last 50) at each look."""
    d_unit, g_unit, beta1, seed = job
    gh.seed_everything(seed)
    generator, discriminator = copied_networks(d_unit, g_unit)
    d_adam, g_adam = (
        torch.optim.Adam(net.parameters(), LEARNING_RATE, (beta1, 0.999), fused=True)
        for net in (discriminator, generator)
    )
    batches = gh.BatchStream(images.flatten(1), batch_size=BATCH, seed=seed)

    def d_step(real: Tensor) -> Tensor:
        fake = generator(torch.randn(len(real), 100))
        d_loss = gh.minimax_d(discriminator(real), discriminator(fake.detach()))
        d_adam.zero_grad()
        d_loss.backward()
        d_adam.step()
        return d_loss

    def g_step(real: Tensor) -> Tensor:
        g_loss = gh.non_saturating_g(discriminator(generator(torch.randn(len(real), 100))))
        g_adam.zero_grad()
        g_loss.backward()
        g_adam.step()
        return g_loss

    own = torch.Generator().manual_seed(seed)  # what is drawn to look must not change the game
    last = []
    for record in gh.train_gan(d_step, g_step, batches, steps=max(looks), progress=False):
        last = [*last[-49:], (float(record.d_loss), float(record.g_loss))]
        if record.step in looks:
            with torch.no_grad():
                samples = generator(torch.randn(SAMPLES, 100, generator=own)).unflatten(1, (1, 28, 28))
            d_loss, g_loss = torch.tensor(last).mean(dim=0).tolist()
            yield record.step, samples, d_loss, g_loss


def verdict(judge: nn.Module, reference: Tensor, images: Tensor) -> tuple[float, int]:
    """Return the Fréchet distance to the reference images and how many digits are covered."""
    counts = judge(images).argmax(dim=1).bincount(minlength=10)
    covered = int((counts >= 0.1 * len(images) / 10).sum())
    return gh.frechet_distance(judge.features(reference), judge.features(images)), covered


def measure(job: tuple[str, str, float, int]) -> list[Row]:
    """Make one run and return a row a look."""
    gh.set_threads(1)
    images, judge = gh.load_images("mnist").images, judge_of("mnist")
    rows = []
    for steps, samples, d_loss, g_loss in play(job, images[:TRAIN]):
        distance, covered = verdict(judge, images[TRAIN:], samples)
        numbers = (*job, steps, f"{distance:.1f}", covered, f"{d_loss:.3f}", f"{g_loss:.3f}")
        rows.append(dict(zip(COLUMNS, numbers, strict=True)))
    return rows


def main() -> int:
    """Record every run that is missing."""
    done = {(r["d_unit"], r["g_unit"], float(r["beta1"]), int(r["seed"])) for r in rows_of(RESULTS)}
    measure_all(measure, jobs(done), RESULTS, COLUMNS, COLUMNS[:5], processes=2)
    return 0


if __name__ == "__main__":
    sys.exit(main())
