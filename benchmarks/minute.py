"""Measure what a minute of `benchmarks.train_and_sample` buys: four models, three seeds, digits and clothes.

    python -m benchmarks.minute                    # all that is missing: a quarter of an hour or so on two idle cores
    python -m benchmarks.minute --processes 1      # one run at a time

Writes gan_helpers/embedded/results/minute.csv: runs of a minute, and on digits of half of it. Seconds are those that
one core spent on training, on an idle machine those of the clock: drawing, judging and other programs do not count,
though the latter slow a core down. The generators learn from the first 8,000 images; 5,000 samples are compared with
the last 2,000 by two judges, neither of which has seen a generated image: that of `benchmarks.speed`, and a second one,
which had no part in choosing the settings, nor had the seeds. A run that is in the table is not repeated; delete the
file to measure anew.
"""

import functools
import itertools
import sys
import time
from pathlib import Path

import gan_helpers as gh  # isort: skip  # first: it sets the waiting policy of threads before torch is imported
import torch

from benchmarks.tables import Row, cores, machine, measure_all, rows_of
from benchmarks.train_and_sample import Parser, train
from benchmarks.tricks import TRAIN, judge_of, train_judge
from gan_helpers.recipes import MINUTE, sample

RESULTS = Path(gh.__file__).parent / "embedded" / "results" / "minute.csv"
COLUMNS = (
    "model", "data", "seed", "seconds", "steps", "frechet", "second_frechet", "read_as_asked", "torch", "threads",
    "machine",
)  # fmt: skip
KEY = COLUMNS[:4]
SECONDS = (30.0, 60.0)  # of training
SEEDS = (1, 2, 3)
Job = tuple[str, int, str, float]  # data, seed, model, seconds


def jobs() -> list[Job]:
    """Return all runs, digits first, and seed by seed, so that an early stop leaves whole rounds."""
    digits = itertools.product(("mnist",), SEEDS, MINUTE, SECONDS)
    return [*digits, *itertools.product(("fashion",), SEEDS, MINUTE, SECONDS[-1:])]


@functools.cache
def second_judge(data: str) -> gh.ConvClassifier:
    """Return a judge with other first weights, batches and learning rate than `judge_of` has."""
    known = gh.load_images(data)
    return train_judge(known.images[:TRAIN], known.labels[:TRAIN], seed=20, rate=1e-3, batch=50, steps=800)


def measure(job: Job) -> list[Row]:
    """Train one model and return its row."""
    data, seed, model, seconds = job
    gh.set_threads(1)
    known = gh.load_images(data)
    generator, steps = train(
        model, known.images[:TRAIN], known.labels[:TRAIN], seconds=seconds, seed=seed, device=torch.device("cpu"),
        clock=time.process_time,
    )  # fmt: skip
    images, asked = sample(MINUTE[model], generator)
    seen, real = gh.to_model_range(images.unsqueeze(1)), known.images[TRAIN:]
    judges = judge_of(data), second_judge(data)
    far = [gh.frechet_distance(judge.features(real), judge.features(seen)) for judge in judges]
    as_asked = (judges[0](seen).argmax(dim=1) == asked).float().mean()
    return [{
        "model": model, "data": data, "seed": seed, "seconds": f"{seconds:g}", "steps": steps,
        "frechet": f"{far[0]:.2f}", "second_frechet": f"{far[1]:.2f}",
        "read_as_asked": f"{as_asked:.4f}" if model == "cgan" else "",
        "torch": str(torch.__version__), "threads": 1, "machine": machine(),
    }]  # fmt: skip


def main(arguments: list[str]) -> int:
    """Measure what is missing and append it to the table."""
    parser = Parser(prog="minute", description=__doc__.splitlines()[0])
    parser.add_argument("--processes", type=int, default=len(cores()), help="runs side by side, one thread each")
    options = parser.parse_args(arguments)
    if options.processes < 1:
        parser.error(f"--processes must be at least 1, but {options.processes} came.")
    done = {tuple(row[name] for name in KEY) for row in rows_of(RESULTS)}
    missing = [
        (data, seed, model, seconds)
        for data, seed, model, seconds in jobs()
        if (model, data, str(seed), f"{seconds:g}") not in done
    ]
    measure_all(measure, missing, RESULTS, COLUMNS, KEY, processes=options.processes, cost=lambda job: job[-1])
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
