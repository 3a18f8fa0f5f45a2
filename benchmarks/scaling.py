"""Measure one process against two on the same batch, and on twice the batch: gan_helpers/embedded/results/scaling.csv.

    python -m benchmarks.scaling            # what is missing: some five minutes on two cores with nothing else running

Two ranks of `gan_helpers.distributed` are started once. They train together, or rank 0 trains alone while the other
sleeps; the settings of one width and batch take turns, round after round. The table holds medians, and the quartiles
of the ratio (`strong` or `weak`). "plain" has none of that module's parts, so it is the best that one process can do.
The column `others` tells how many cores other programs kept busy meanwhile: above a few hundredths, distrust the rows.
A width and batch that are in the table are not measured again; delete the file to measure anew.
"""

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
import numpy as np
import torch
import torch.distributed as dist
from torch import Tensor

from benchmarks.speed import RESULTS
from benchmarks.tables import append, cores, machine, rows_of
from benchmarks.train_and_sample import Parser
from gan_helpers import distributed
from gan_helpers.recipes import RECIPES, build, make_steps

COLUMNS = (
    "width", "batch", "setting", "processes", "threads", "rounds", "steps_a_second", "images_a_second", "strong",
    "weak", "lower", "upper", "share_exchanging", "messages_a_step", "bytes_a_step", "parameters", "others", "torch",
    "python", "cores", "cpu",
)  # fmt: skip
WIDTHS = (16, 64)  # the lab's, and sixteen times the multiplications
BATCHES = (32, 128, 512)  # the lab's, and what gives a message more work to wait for
ROUNDS = 5
WARM, SECONDS = 1, 0.8  # steps that do not count; length of one measurement
SETTINGS = {  # processes and threads of each
    "plain": (1, 1),
    "plain, two threads": (1, 2),
    "plain, our batch norm": (1, 1),  # what that layer of `gan_helpers.distributed` costs before a byte is sent
    "two ranks": (2, 1),
    "two ranks, twice the batch": (2, 1),
}
BUSY = 0.1  # cores that other programs may use before the reader is told
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
    """Count and time every sum over ranks; one process alone plays as if the others had the same numbers."""
    total, exchange, ranks = distributed._total, Exchange(), dist.get_world_size()

    def timed(x: Tensor) -> Tensor:
        start = time.perf_counter()
        result = total(x) if together else ranks * x.detach()
        exchange.seconds += time.perf_counter() - start
        exchange.messages += 1
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


def busy() -> float:
    """Return the seconds that all cores together have worked so far, for whichever program; nan where Linux is not."""
    stat = Path("/proc/stat")
    if not stat.is_file():
        return float("nan")
    user, nice, system, _, _, irq, softirq, steal = map(int, stat.read_text().split("\n", 1)[0].split()[1:9])
    return (user + nice + system + irq + softirq + steal) / os.sysconf("SC_CLK_TCK")


def measure(setting: str, width: int, batch: int, data: gh.ImageSet) -> dict[str, float]:
    """Time steps of a setting on the ranks that take part; all ranks call it, and return when all are done."""
    processes, threads = SETTINGS[setting]
    found = {}
    if dist.get_rank() < processes:
        gh.set_threads(threads)
        with watched(together=processes > 1) as exchange:
            step, parameters = steps_of(setting, width, batch, data)
            times, begun = [], (busy(), time.process_time(), time.perf_counter())
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
        worked, own, passed = (
            now - then for now, then in zip((busy(), time.process_time(), time.perf_counter()), begun, strict=True)
        )
        count = len(times) - WARM
        found = {
            "seconds": statistics.mean(times[WARM:]),
            "share": exchange.seconds / sum(times[WARM:]),
            "messages": exchange.messages / count if processes > 1 else 0,
            "bytes": exchange.bytes / count if processes > 1 else 0,
            "parameters": parameters,
            "others": max(0.0, worked - own) / passed,  # means something where one process plays alone
        }
        gh.set_threads(1)
    distributed._gather(None)
    return found


def rows(width: int, batch: int, rounds: int, data: gh.ImageSet) -> list[dict]:
    """Measure the settings of one width and batch in turn, `rounds` times; on rank 0 return their rows."""
    batches = {setting: batch * (2 if "twice" in setting else 1) for setting in SETTINGS}
    found: dict[str, list[dict]] = {setting: [] for setting in SETTINGS}
    for _ in range(rounds):
        for setting in SETTINGS:
            found[setting].append(measure(setting, width, batches[setting], data))
    if dist.get_rank():
        return []

    def median(setting: str, name: str) -> float:
        return statistics.median(entry[name] for entry in found[setting])

    others = np.median(
        [entry["others"] for name, entries in found.items() if SETTINGS[name][0] == 1 for entry in entries]
    )
    table = []
    for setting, (processes, threads) in SETTINGS.items():
        pairs = zip(found[setting], found["plain"], strict=True)
        ratios = [b["seconds"] / a["seconds"] * batches[setting] / batch for a, b in pairs]  # of images a second
        lower, ratio, upper = (f"{x:.3f}" for x in np.quantile(ratios, [0.25, 0.5, 0.75]))
        seconds = median(setting, "seconds")
        table.append({
            "width": width, "batch": batches[setting], "setting": setting, "processes": processes,
            "threads": threads, "rounds": rounds, "steps_a_second": f"{1 / seconds:.3g}",
            "images_a_second": f"{batches[setting] / seconds:.4g}", "weak" if "twice" in setting else "strong": ratio,
            "lower": lower, "upper": upper,
            "share_exchanging": f"{median(setting, 'share'):.3f}" if processes > 1 else "",
            "messages_a_step": round(median(setting, "messages")), "bytes_a_step": round(median(setting, "bytes")),
            "parameters": found[setting][0]["parameters"], "others": "" if np.isnan(others) else f"{others:.2f}",
            "torch": str(torch.__version__), "python": platform.python_version(), "cores": len(cores()),
            "cpu": machine(),
        })  # fmt: skip
    return table


def main(arguments: list[str]) -> int:
    """Start two ranks of this program, or be one of them: measure what is missing and append it to the table."""
    parser = Parser(prog="scaling", description=__doc__.splitlines()[0])
    parser.add_argument("--widths", type=int, nargs="+", default=WIDTHS, help="feature maps of DCGAN")
    parser.add_argument("--batches", type=int, nargs="+", default=BATCHES, help="even numbers of images")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--out", type=Path, default=RESULTS / "scaling.csv")
    options = parser.parse_args(arguments)
    if min(*options.widths, *options.batches, options.rounds) < 1 or any(batch % 2 for batch in options.batches):
        parser.error("widths and rounds must be at least 1, and batches even numbers of at least 2")
    if len(cores()) < 2:
        print("scaling: two cores are needed, one for each rank, but one is here.", file=sys.stderr)
        return 1
    there = rows_of(options.out)
    if there and tuple(there[0]) != COLUMNS:
        parser.error(f"{options.out} has other columns than this program writes; delete it to measure anew")
    done = {(int(row["width"]), int(row["batch"])) for row in there if row["setting"] == "plain"}
    missing = [job for job in itertools.product(options.widths, options.batches) if job not in done]
    if not missing:
        return 0
    if "RANK" not in os.environ:
        torchrun = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", "-m", "benchmarks.scaling"]
        return subprocess.run(
            [sys.executable, *torchrun, *arguments], env=os.environ | {"OMP_NUM_THREADS": "1"}
        ).returncode
    distributed.join(600)
    data = gh.load_images("mnist")
    for count, (width, batch) in enumerate(missing, 1):
        table = rows(width, batch, options.rounds, data)
        if table:
            append(options.out, COLUMNS, table)
            print(f"{count}/{len(missing)}: {width} maps, batch {batch}", flush=True)
            for row in table:
                print("   ", row["setting"], row.get("strong") or row.get("weak"), flush=True)
            if float(table[0]["others"] or 0) > BUSY:
                print(
                    f"scaling: other programs kept {table[0]['others']} cores busy meanwhile; delete these rows and "
                    "measure them on an idle machine.",
                    file=sys.stderr,
                )
    dist.destroy_process_group()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
