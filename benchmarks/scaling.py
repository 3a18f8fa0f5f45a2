"""Measure one process against two on the same batch, and on twice the batch: gan_helpers/embedded/results/scaling.csv.

    python -m benchmarks.scaling            # five minutes on two cores, with nothing else running

Two ranks of `gan_helpers.distributed` are started once. They train together, or rank 0 trains alone while the other
sleeps; these settings take turns, and each number is a median over the rounds. The plain settings have none of that
module's parts, so they are the best that one process can do.
"""

import argparse
import csv
import itertools
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import gan_helpers as gh  # isort: skip  # first: it sets the waiting policy of threads before torch is imported
import torch
import torch.distributed as dist
from torch import Tensor

from gan_helpers import distributed
from gan_helpers.recipes import RECIPES, build, make_steps

RESULTS = Path(gh.__file__).parent / "embedded" / "results" / "scaling.csv"
COLUMNS = (
    "width", "batch", "setting", "processes", "threads", "rounds", "steps_a_second", "images_a_second", "strong",
    "weak", "share_exchanging", "messages_a_step", "bytes_a_step", "parameters", "torch", "python", "cores", "cpu",
)  # fmt: skip
WIDTHS = (16, 64)  # the lab's, and sixteen times the multiplications
BATCHES = (32, 128, 512)  # the lab's, and what gives a message more work to wait for
ROUNDS = 3
WARM, SECONDS = 1, 0.8  # steps that do not count; length of one measurement
SETTINGS = {  # processes and threads of each
    "plain": (1, 1),
    "plain, two threads": (1, 2),
    "plain, our batch norm": (1, 1),  # what that layer costs before a byte is sent
    "two ranks": (2, 1),
    "two ranks, twice the batch": (2, 1),
}
CPU = torch.device("cpu")


@dataclass
class Exchange:
    """What a rank hands to all-reduce.

    Args:
        seconds: spent in it, waiting for the other rank included.
        messages: how many.
        bytes: sent by this rank if the sum runs round a ring: 2 (N - 1) / N of each tensor.
    """

    seconds: float = 0.0
    messages: int = 0
    bytes: float = 0.0


@contextmanager
def watched(together: bool) -> Iterator[Exchange]:
    """Count and time every sum over ranks; when one process plays alone, leave the sum out."""
    total, exchange = distributed._total, Exchange()

    def timed(x: Tensor) -> Tensor:
        start = time.perf_counter()
        result = total(x) if together else x.detach().clone()
        exchange.seconds += time.perf_counter() - start
        exchange.messages += 1
        ranks = dist.get_world_size()
        exchange.bytes += 2 * (ranks - 1) / ranks * x.numel() * x.element_size()
        return result

    distributed._total = timed
    try:
        yield exchange
    finally:
        distributed._total = total


def steps_of(setting: str, width: int, batch: int, data: gh.ImageSet) -> tuple[Callable[[], None], int]:
    """Return a function that takes one step of DCGAN, and the number of weights."""
    recipe = replace(RECIPES["dcgan"], width=width, batch=batch)
    if setting.startswith("two ranks"):
        run = distributed.prepare(recipe, data, seed=1, device=CPU)
        nets, batches, d_step, g_step = (run.generator, run.discriminator), run.batches, run.d_step, run.g_step
    else:
        nets = build(recipe)
        if "our batch norm" in setting:
            nets = tuple(map(distributed.sync_batch_norm, nets))
        batches = gh.BatchStream(data.images, data.labels, batch_size=batch, seed=1)
        d_step, g_step, _ = make_steps(recipe, *nets)

    def step() -> None:
        real = next(batches)
        d_step(real)
        g_step(real)

    return step, sum(weight.numel() for net in nets for weight in net.parameters())


def measure(setting: str, width: int, batch: int, data: gh.ImageSet) -> dict[str, float]:
    """Time steps of a setting on the ranks that take part; all ranks call it, and return when all are done."""
    processes, threads = SETTINGS[setting]
    found = {}
    if dist.get_rank() < processes:
        gh.set_threads(threads)
        with watched(together=processes > 1) as exchange:
            step, parameters = steps_of(setting, width, batch, data)
            times = []
            for number in itertools.count():
                if number == WARM:
                    exchange.seconds, exchange.messages, exchange.bytes = 0.0, 0, 0.0
                start = time.perf_counter()
                step()
                times.append(time.perf_counter() - start)
                spent = sum(times[WARM:])
                if processes > 1:
                    spent = distributed._gather(spent)[0]  # rank 0's clock, so that both stop together
                if number > WARM and spent > SECONDS:
                    break
        count = len(times) - WARM
        found = {
            "seconds": statistics.mean(times[WARM:]),
            "share": exchange.seconds / sum(times[WARM:]),
            "messages": exchange.messages / count if processes > 1 else 0,
            "bytes": exchange.bytes / count if processes > 1 else 0,
            "parameters": parameters,
        }
        gh.set_threads(1)
    distributed._gather(None)
    return found


def rows(widths: list[int], batches: list[int], rounds: int) -> list[dict]:
    """Measure everything in turn, `rounds` times; on rank 0 return the rows of the table."""
    data = gh.load_images("mnist")
    jobs = [
        (width, batch * (2 if "twice" in setting else 1), setting)
        for width in widths
        for batch in batches
        for setting in SETTINGS
    ]
    found: dict[tuple, list[dict]] = {job: [] for job in jobs}
    for number in range(rounds):
        for width, batch, setting in jobs:
            found[width, batch, setting].append(measure(setting, width, batch, data))
        if not dist.get_rank():
            print(f"round {number + 1} of {rounds}", flush=True)
    if dist.get_rank():
        return []

    def median(job: tuple, name: str) -> float:
        return statistics.median(entry[name] for entry in found[job])

    def faster(job: tuple, base: tuple) -> str:
        """Images a second as a multiple of those of `base`, round by round."""
        if base not in found:
            return ""
        pairs = zip(found[job], found[base], strict=True)
        return f"{statistics.median(b['seconds'] / a['seconds'] * job[1] / base[1] for a, b in pairs):.3f}"

    return [
        {
            "width": width, "batch": batch, "setting": setting, "processes": SETTINGS[setting][0],
            "threads": SETTINGS[setting][1], "rounds": rounds,
            "steps_a_second": f"{1 / median(job, 'seconds'):.3g}",
            "images_a_second": f"{batch / median(job, 'seconds'):.4g}",
            "strong": "" if "twice" in setting else faster(job, (width, batch, "plain")),
            "weak": faster(job, (width, batch // 2, "plain")) if "twice" in setting else "",
            "share_exchanging": f"{median(job, 'share'):.3f}" if SETTINGS[setting][0] > 1 else "",
            "messages_a_step": round(median(job, "messages")), "bytes_a_step": round(median(job, "bytes")),
            "parameters": median(job, "parameters"), "torch": torch.__version__,
            "python": platform.python_version(), "cores": os.cpu_count(), "cpu": _cpu(),
        }
        for job in jobs
        for width, batch, setting in [job]
    ]  # fmt: skip


def _cpu() -> str:
    """Return the processor's name and, as a name can hide the kind, what Linux tells of family and model."""
    try:
        told = dict(line.split(":", 1) for line in Path("/proc/cpuinfo").read_text().splitlines() if ":" in line)
    except OSError:
        return platform.processor() or platform.machine()
    told = {name.strip(): value.strip() for name, value in told.items()}
    return f"{told.get('model name', platform.machine())} (model {told.get('model', '?')})"


def main(arguments: list[str]) -> int:
    """Start two ranks of this program, or be one of them."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scaling", description=__doc__.splitlines()[0])
    parser.add_argument("--widths", type=int, nargs="+", default=WIDTHS, help="feature maps of DCGAN")
    parser.add_argument("--batches", type=int, nargs="+", default=BATCHES, help="even numbers of images")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--out", type=Path, default=RESULTS)
    options = parser.parse_args(arguments)
    if min(*options.widths, *options.batches, options.rounds) < 1 or any(batch % 2 for batch in options.batches):
        parser.error("widths and rounds must be at least 1, and batches even numbers of at least 2")
    if "RANK" not in os.environ:
        torchrun = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", "-m", "benchmarks.scaling"]
        return subprocess.run(
            [sys.executable, *torchrun, *arguments], env=os.environ | {"OMP_NUM_THREADS": "1"}
        ).returncode
    distributed.join(600)
    table = rows(list(options.widths), list(options.batches), options.rounds)
    if table:
        with open(options.out, "w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
            writer.writeheader()
            writer.writerows(table)
        print(f"{options.out}: {len(table)} rows")
    dist.destroy_process_group()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
