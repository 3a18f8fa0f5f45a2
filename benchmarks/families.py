"""Measure five families of generative models beside each other: as many weights, as much processor time, three seeds.

    python -m benchmarks.families                  # all that is missing: some twenty minutes on one idle core
    python -m benchmarks.families --world ring --seed 1     # one world, one seed

Writes gan_helpers/embedded/results/families.csv. Written down before the runs of the table:

*What.* GAN, VAE, diffusion, flow matching and an autoregressive model, as the lab of the chapter defines them (its own
cells are run here, so nothing is written twice), each with the same number of trained weights within 10 %, all that is
trained counted. A run trains for SECONDS of processor time on one thread, averages included; the
rate falls to 0 over the second half. "long" is digits again, four times as long, with seed 1 alone: no comparison,
but a look at how far the order depends on the time. Digits: the first 8,000 of the embedded MNIST; scores against the
other 2,000.

*Scores.* Ring: exact W1 of 1,000 samples to 1,000 held-out points, islands covered, share within three standard
deviations of one, mean of -log p of the held-out points. Digits, on 1,000 samples, by the features of a classifier that
learned from the 8,000: Frechet distance, precision and recall (k = 3). -log p in nats: of the points on the ring, of a
picture in eight greys on digits; exact (autoregressive), an upper bound (VAE), by the walk back (diffusion, flow; the
ring only), none (GAN). Processor time of one sample and of a thousand.

*Rows.* One for each way to draw: a diffusion with 1 to 32 steps, with chance (DDPM) and without (DDIM), a flow with 1
to 32 steps, a VAE drawn pixel by pixel and by its mean. The main way of a family is the first in DRAWS.

*Settings.* For each family the rate was the better of two, 0.002 and 0.005 on the ring and 0.002 and 0.004 on digits,
on seed 0, which is not in the table, after 4 and 12 seconds; batch, average and fall are the same for all.
"""

import copy
import json
import math
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gan_helpers as gh  # isort: skip  # first: it sets the waiting policy of threads before torch is imported
import torch
from torch import Tensor

from benchmarks.tables import Row, machine, measure_all, rows_of
from benchmarks.train_and_sample import Parser
from benchmarks.tricks import judge_of

ROOT = Path(gh.__file__).parents[1]
LAB = ROOT / "book" / "families" / "lab.ipynb"
RESULTS = Path(gh.__file__).parent / "embedded" / "results" / "families.csv"
KEY = ("world", "family", "seed", "draw")
SCORES = ("w1", "islands", "near", "frechet", "precision", "recall", "nll")
COLUMNS = (*KEY, "weights", "steps", "seconds", *SCORES, "one", "thousand", "torch", "threads", "machine")
WORLDS, SEEDS = ("ring", "digits", "long"), (1, 2, 3)
FAMILIES = ("GAN", "VAE", "diffusion", "flow", "autoregressive")
SECONDS = {"ring": 5, "digits": 20, "long": 80}  # of processor time
SAMPLES = 1000
COUNTS = (32, 8, 4, 2, 1)  # steps of diffusion and flow
DRAWS = {
    "GAN": ("plain",),
    "VAE": ("plain", "mean"),
    "diffusion": tuple(f"{name} {k}" for k in COUNTS for name in ("DDPM", "DDIM")),
    "flow": tuple(f"flow {k}" for k in COUNTS),
    "autoregressive": ("plain",),
}
Job = tuple[str, str, int]  # world, family, seed


def draws_of(world: str, family: str) -> tuple[str, ...]:
    """Return the ways to draw that are measured; points have no mean of grey levels."""
    if (world, family) == ("ring", "VAE") or world == "long":
        return DRAWS[family][:1]
    return DRAWS[family]


def seeds_of(world: str) -> tuple[int, ...]:
    """Return the seeds of a world."""
    return SEEDS[:1] if world == "long" else SEEDS


def definitions() -> dict[str, Any]:
    """Run the lab's imports, settings and definitions; return its names."""
    names: dict[str, Any] = {}
    for cell in json.loads(LAB.read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] == "code" and cell["id"].startswith(("imports-", "settings", "define-")):
            exec(compile("".join(cell["source"]), cell["id"], "exec"), names)
    return names


def train(lab: dict[str, Any], world: str, family: str, seed: int, seconds: float) -> tuple[Any, int]:
    """Train one family for some seconds of processor time; return the averaged model and its steps."""
    torch.manual_seed(seed)
    if world == "ring":
        rng = torch.Generator().manual_seed(seed)
        model, rate = lab["RING"][family](), lab["RING_RATES"][family]

        def draw() -> Tensor:
            return gh.sample_mixture(lab["RING_BATCH"], lab["CENTRES"], std=lab["STD"], rng=rng)
    else:
        data, n = gh.load_images("mnist"), lab["TRAIN"]
        batches = iter(gh.BatchStream(data.images[:n], data.labels[:n], batch_size=lab["BATCH"], seed=seed))
        model, rate = lab["DIGITS"][family](), lab["RATES"][family]

        def draw() -> Tensor:
            return next(batches)[0]

    lab["fit"](copy.deepcopy(model), draw, float, rate)  # one step: what PyTorch loads at the first is no training
    start = time.process_time()
    return lab["fit"](model, draw, lambda steps: (time.process_time() - start) / seconds, rate)


def sampler(model: Any, draw: str) -> Callable[[int], Tensor]:
    """Return what draws n samples in the way that is named."""
    name, _, steps = draw.partition(" ")
    if name == "mean":
        return lambda n: model.pixels.mean(model.decoder(torch.randn(n, model.latent)))
    if name == "plain":
        return model.sample
    if name == "flow":
        return lambda n: model.sample(n, int(steps))
    return lambda n: model.sample(n, int(steps), eta=float(name == "DDPM"))


def timed(sample: Callable[[int], Tensor], n: int, times: int) -> tuple[Tensor, float]:
    """Return n samples and the processor time that they took, the mean of some times."""
    sample(n if n < 10 else 1)  # warm
    start = time.process_time()
    for _ in range(times):
        x = sample(n)
    return x, (time.process_time() - start) / times


def scores(lab: dict[str, Any], world: str, model: Any, x: Tensor, *, first: bool) -> dict[str, str]:
    """Return the scores of samples, and for the main way to draw what the model says of held-out data."""
    if world == "ring":
        rng = torch.Generator().manual_seed(0)
        held = gh.sample_mixture(SAMPLES, lab["CENTRES"], std=lab["STD"], rng=rng)
        far, islands, near = lab["ring_scores"](x, held)
        said = lab["surprise"](model, held) if first else math.nan
        found = {"w1": f"{far:.4f}", "islands": str(islands), "near": f"{near:.4f}"}
        return found | ({} if math.isnan(said) else {"nll": f"{said:.4f}"})
    held, judge = gh.load_images("mnist").images[lab["TRAIN"] :], judge_of("mnist")
    with torch.no_grad():
        real, fake = (judge.features(images.clamp(-1, 1)) for images in (held, x))
        near = gh.precision_recall(real[:SAMPLES], fake)
        found = {
            "frechet": f"{gh.frechet_distance(real, fake):.2f}", "precision": f"{near.precision:.4f}",
            "recall": f"{near.recall:.4f}",
        }  # fmt: skip
        if first and hasattr(model, "nll"):
            found["nll"] = f"{model.nll(held).mean():.2f}"
        if first and hasattr(model, "bound"):
            found["nll"] = f"{-model.bound(held).mean():.2f}"
    return found


def measure(job: Job) -> list[Row]:
    """Train one family once and return a row for each way to draw."""
    world, family, seed = job
    gh.set_threads(1)
    lab = definitions()
    model, steps = train(lab, world, family, seed, SECONDS[world])
    rows: list[Row] = []
    for draw in draws_of(world, family):
        torch.manual_seed(seed)
        sample = sampler(model, draw)
        with torch.no_grad():
            x, thousand = timed(sample, SAMPLES, 1)
            _, one = timed(sample, 1, 3)
        rows.append({
            "world": world, "family": family, "seed": seed, "draw": draw, "weights": lab["weights"](model),
            "steps": steps, "seconds": SECONDS[world], "one": f"{one:.5f}", "thousand": f"{thousand:.4f}",
            **scores(lab, world, model, x, first=not rows),
            "torch": str(torch.__version__), "threads": 1, "machine": machine(),
        })  # fmt: skip
    return rows


def main(arguments: list[str]) -> int:
    """Measure what is missing and append it to the table."""
    parser = Parser(prog="families", description=__doc__.splitlines()[0])
    parser.add_argument("--world", choices=WORLDS, help="measure this alone")
    parser.add_argument("--seed", type=int, choices=SEEDS, help="measure this alone")
    parser.add_argument("--family", choices=FAMILIES, help="measure this alone")
    options = parser.parse_args(arguments)
    done = {tuple(row[name] for name in KEY) for row in rows_of(RESULTS)}
    missing = [
        (world, family, seed)
        for world in WORLDS
        for seed in seeds_of(world)
        for family in FAMILIES
        if options.world in (None, world)
        and options.seed in (None, seed)
        and options.family in (None, family)
        and any((world, family, str(seed), draw) not in done for draw in draws_of(world, family))
    ]
    measure_all(measure, missing, RESULTS, COLUMNS, KEY, processes=1)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
