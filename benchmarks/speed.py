"""Train the labs' four models and their textbook rivals side by side, and write quality against time.

    python -m benchmarks.speed                            # all that is missing: 35 minutes or so on two cores
    python -m benchmarks.speed --pair dcgan --seed 1      # one pair, two minutes and a half

Writes gan_helpers/embedded/results/speed.csv. Of each pair both programs run at the same time, one thread and one core
each, so that the machine's moods meet both; the seed decides who gets which core. Seconds are those that the core
spent on training, on an idle machine those of the clock: other programs, drawing and judging do not count. Both learn
from the first 8,000 embedded digits; the judge, which learned from the same 8,000 and no generated image, compares
5,000 samples with the last 2,000. A run that is in the table is not repeated; delete the file to measure anew. First
it writes waiting.csv: what a learner waits for before anything trains, in fresh processes.
"""

import copy
import multiprocessing
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier
from pathlib import Path

import gan_helpers as gh  # isort: skip  # first: it sets the waiting policy of threads before torch is imported
import numpy as np
import torch
from torch import Tensor

from benchmarks.tables import append, cores, machine, rows_of
from benchmarks.train_and_sample import Parser
from benchmarks.tricks import judge_of
from gan_helpers.recipes import CLASSES, RECIPES, build, make_steps

RESULTS = Path(gh.__file__).parent / "embedded" / "results"
COLUMNS = (
    "pair", "program", "model", "seed", "seconds", "steps", "images_seen", "frechet", "read_as_asked", "covered",
    "precision", "recall", "peak_mb", "torch", "threads", "machine",
)  # fmt: skip
PAIRS = {  # name: our model, the rival's name in the table
    "mlp": ("mlp", "textbook"),
    "dcgan": ("dcgan", "textbook"),
    "wgan-gp": ("wgan-gp", "textbook"),
    "cgan": ("cgan", "textbook"),
    "source 003": ("mlp", "source 003"),
}
SEEDS = (1, 2, 3)
MARKS = (15.0, 30.0, 60.0, 120.0)  # seconds of training
TRAIN, SAMPLES = 8000, 5000
WAITING_COLUMNS = ("what", "seconds", "lower", "upper", "times_import_torch", "rounds", "machine")
WAITS = {  # each a whole process, from its start to its end
    "import torch and NumPy": "import torch, numpy",
    "import gan_helpers": "import gan_helpers",
    "import as tutorials do": "import torch, torchvision, numpy, matplotlib.pyplot",
    "load 10,000 digits": "import gan_helpers as gh; gh.load_images('mnist')",
    "first figure": "import gan_helpers as gh, io; gh.plot_images(gh.load_images('mnist').images[:20])"
    ".figure.savefig(io.BytesIO())",
}
ROUNDS = 9


def peak_mb() -> str:
    """Return the most memory this process has held, libraries included, in 10^6 bytes; nothing where Linux is not.

    Not `ru_maxrss`: at its start that counts what the parent held.
    """
    status = Path("/proc/self/status")
    lines = status.read_text(encoding="utf-8").splitlines() if status.is_file() else []
    return "".join(f"{int(line.split()[1]) * 1.024e-3:.0f}" for line in lines if line.startswith("VmHWM"))


def ours(model: str, images: Tensor, labels: Tensor, seed: int) -> tuple[Iterator[int], Callable[[Tensor], Tensor]]:
    """Return the game of a recipe, which yields the real images of each step, and what draws for given labels."""
    recipe = RECIPES[model]
    generator, discriminator = build(recipe)
    average = copy.deepcopy(generator).eval()
    d_step, g_step, _ = make_steps(recipe, generator, discriminator)
    batches = gh.BatchStream(images, labels, batch_size=recipe.batch, seed=seed)

    def game() -> Iterator[int]:
        turns = gh.train_gan(
            d_step, g_step, batches, steps=sys.maxsize, d_steps_per_g=recipe.critic_steps, progress=False
        )
        for _ in turns:
            if recipe.ema_decay:
                gh.ema_update(average, generator, decay=recipe.ema_decay)
            yield recipe.batch * recipe.critic_steps

    def draw(asked: Tensor) -> Tensor:
        if not recipe.ema_decay:
            average.load_state_dict(generator.state_dict())
        z = torch.randn(len(asked), recipe.latent_dim)
        return average(z, asked) if model == "cgan" else average(z)

    return game(), draw


def train(pair: str, program: str, seed: int, marks: tuple[float, ...]) -> list[tuple[float, int, int, Tensor]]:
    """Train one program and return (mark, steps, images seen, 5,000 samples) at each mark, in the core's seconds."""
    digits = gh.load_images("mnist")
    images, labels = digits.images[:TRAIN], digits.labels[:TRAIN]
    gh.seed_everything(seed)
    if program == "ours":
        game, draw = ours(PAIRS[pair][0], images, labels, seed)
    else:
        from benchmarks import textbook  # here: its libraries are no part of our memory

        pixels = torch.cat([gh.to_bytes(part).squeeze(1) for part in images.split(500)]).numpy()
        del digits, images  # floats are no part of the rival's memory
        game, draw = textbook.PROGRAMS[pair](pixels, labels)
    asked = torch.arange(SAMPLES) % CLASSES
    looks, trained, steps, seen = [], 0.0, 0, 0
    for mark in marks:
        while trained < mark:
            start = time.process_time()
            seen += next(game)
            trained += time.process_time() - start
            steps += 1
        with torch.no_grad():
            looks.append((mark, steps, seen, torch.cat([draw(part) for part in asked.split(500)])))
    return looks


def run(
    pair: str, program: str, seed: int, core: int, marks: tuple[float, ...], together: Barrier, result: Connection
) -> None:
    """Train in a process of its own, on one core, and send the looks and the peak of memory."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {core})
    gh.set_threads(1)
    together.wait(timeout=600)  # torch takes its time on a busy machine
    looks = train(pair, program, seed, marks)
    result.send(([(*numbers, images.numpy()) for *numbers, images in looks], peak_mb()))


def judged(images: Tensor) -> dict[str, object]:
    """Return the scores of 5,000 images, of which every tenth was asked to be a 0, a 1 and so on.

    The scores of a run that has ended in numbers that are none stay empty.
    """
    if not images.isfinite().all():
        return {}
    digits, judge = gh.load_images("mnist"), judge_of("mnist")
    with torch.no_grad():
        seen = gh.to_model_range(gh.to_bytes(images))
        real, fake, read = judge.features(digits.images[TRAIN:]), judge.features(seen), judge(seen).argmax(dim=1)
    both = gh.precision_recall(real, fake[: len(real)])
    return {
        "frechet": f"{gh.frechet_distance(real, fake):.2f}",
        "read_as_asked": f"{float((read == torch.arange(len(read)) % CLASSES).float().mean()):.4f}",
        "covered": int((read.bincount(minlength=CLASSES) >= 0.1 * len(read) / CLASSES).sum()),
        "precision": f"{both.precision:.3f}",
        "recall": f"{both.recall:.3f}",
    }


def measure(pair: str, seed: int, marks: tuple[float, ...] = MARKS) -> list[dict[str, object]]:
    """Run both programs of a pair at the same time and return their rows.

    Raises:
        RuntimeError: a program ended without a result.
    """
    model, rival = PAIRS[pair]
    context = multiprocessing.get_context("spawn")
    together = context.Barrier(2)
    running = {}
    for program, core in zip(("ours", rival), cores()[:2] if seed % 2 else cores()[1::-1], strict=True):
        here, there = context.Pipe(duplex=False)
        process = context.Process(target=run, args=(pair, program, seed, core, marks, together, there))
        process.start()
        there.close()  # so that a dead program is noticed
        running[program] = (process, here)
    try:
        results = {program: here.recv() for program, (_, here) in running.items()}  # both, before anything is judged
    except EOFError:
        for process, _ in running.values():
            process.terminate()
        raise RuntimeError(f"a program of the pair {pair}, seed {seed}, ended without a result; see above.") from None
    rows = []
    for program, (looks, peak) in results.items():
        running[program][0].join()
        for mark, steps, seen, images in looks:
            numbers = judged(torch.from_numpy(images))
            if model != "cgan":
                numbers.pop("read_as_asked", None)
            rows.append({
                "pair": pair, "program": program, "model": model, "seed": seed, "seconds": f"{mark:g}",
                "steps": steps, "images_seen": seen, **numbers, "peak_mb": peak, "torch": str(torch.__version__),
                "threads": 1, "machine": machine(),
            })  # fmt: skip
    return rows


def waits(rounds: int = ROUNDS) -> list[dict[str, object]]:
    """Time whole processes in turn, round after round, and return the medians, quartiles and ratios."""
    found: dict[str, list[float]] = {what: [] for what in WAITS}
    for _ in range(rounds):
        for what, code in WAITS.items():
            start = time.perf_counter()
            subprocess.run([sys.executable, "-c", code], check=True, env={**os.environ, "OMP_NUM_THREADS": "1"})
            found[what].append(time.perf_counter() - start)
    base = found["import torch and NumPy"]
    rows = []
    for what, seconds in found.items():
        lower, upper = np.quantile(seconds, [0.25, 0.75])
        ratio = statistics.median(own / torchs for own, torchs in zip(seconds, base, strict=True))
        numbers = (statistics.median(seconds), lower, upper, ratio)
        rows.append(dict(zip(WAITING_COLUMNS, (what, *(f"{x:.2f}" for x in numbers), rounds, machine()), strict=True)))
    return rows


def jobs(done: set[tuple[str, int]]) -> list[tuple[str, int]]:
    """Return the (pair, seed) that are not done yet, seed by seed, so that an early stop leaves whole rounds."""
    return [(pair, seed) for seed in SEEDS for pair in PAIRS if (pair, seed) not in done]


def main(arguments: list[str]) -> int:
    """Measure what is missing and append it to the tables."""
    parser = Parser(prog="speed", description=__doc__.splitlines()[0])
    parser.add_argument("--pair", choices=PAIRS, help="this pair alone")
    parser.add_argument("--seed", type=int, choices=SEEDS, help="this seed alone")
    options = parser.parse_args(arguments)
    if len(cores()) < 2:
        print("speed: two cores are needed, one for each program of a pair, but one is here.", file=sys.stderr)
        return 1
    table, waiting = RESULTS / "speed.csv", RESULTS / "waiting.csv"
    if not waiting.exists():
        append(waiting, WAITING_COLUMNS, waits())
    done = {(row["pair"], int(row["seed"])) for row in rows_of(table)}
    missing = [job for job in jobs(done) if options.pair in (None, job[0]) and options.seed in (None, job[1])]
    for count, (pair, seed) in enumerate(missing, 1):
        left = (len(missing) - count + 1) * MARKS[-1] / 60
        print(f"{count}/{len(missing)}: {pair}, seed {seed}; at least {left:.0f} minutes left", flush=True)
        rows = measure(pair, seed)
        append(table, COLUMNS, rows)
        for row in rows:
            print(*(row.get(name, "") for name in COLUMNS[:9]), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
