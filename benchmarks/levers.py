"""Measure, one by one, the levers that make a step of a GAN fast or slow on a processor, and what bounds a step.

    python -m benchmarks.levers                     # all that is missing: ten minutes or so on two idle cores
    python -m benchmarks.levers --only "batch"      # one lever

Writes levers.csv and bounds.csv in gan_helpers/embedded/results/. A lever is compared with the lab's own setting in
alternating blocks, round after round, so that the machine's moods meet both; the table holds the ratio's median and
quartiles, above 1 where the lever is faster. A lever that is in the table is not measured again; delete the file to
measure anew.
"""

import dataclasses
import functools
import itertools
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import gan_helpers as gh  # isort: skip  # first: it sets the waiting policy of threads before torch is imported
import numpy as np
import torch
from torch import nn
from torch.profiler import ProfilerActivity, profile
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import flop_registry

from benchmarks.speed import RESULTS
from benchmarks.tables import append, cores, machine, rows_of
from benchmarks.textbook import loader
from benchmarks.train_and_sample import Parser
from gan_helpers.recipes import RECIPES, Recipe, Speed, build, make_steps

ROOT = Path(__file__).parents[1]
COLUMNS = (
    "lever", "setting", "against", "model", "steps_ratio", "lower", "upper", "images_ratio", "rounds", "torch",
    "machine",
)  # fmt: skip
BOUNDS = ("model", "quantity", "value", "unit")
ROUNDS = 7
BLOCK = 0.5  # seconds of a block; some twenty steps or more
IMAGES = 8000
Step = Callable[[], object]  # one generator step with its discriminator steps and its batches
FLOAT = 4  # bytes
PLAIN = Speed()
CALM = ("PASSIVE", 1)  # waiting policy and threads of each of two notebooks; this is what the labs have
RESTLESS = (("PASSIVE", 2), ("unset", 2), ("ACTIVE", 2), ("ACTIVE", 1))


def play(
    recipe: Recipe,
    speed: Speed = PLAIN,
    *,
    optimizer: str = "fused",
    freeze: bool = True,
    item: bool = False,
    pictures: bool = False,
) -> Step:
    """Return a function that plays one whole step of a recipe, changed in the ways that are named.

    Args:
        recipe: batch, width, how often the penalty comes, and whether the players share their fakes.
        speed: what the machine may do to take the same steps faster.
        optimizer: which of torch's Adams, "fused", "foreach" or "loop".
        freeze: switch off the gradients of the discriminator's weights in the generator step.
        item: read both losses in every step.
        pictures: take the batches from a DataLoader over PIL images.
    """  # fmt: skip
    digits = gh.load_images("mnist")
    images, labels = digits.images[:IMAGES], digits.labels[:IMAGES]
    generator, discriminator = build(recipe)
    if not freeze:
        discriminator.requires_grad_ = lambda _: discriminator
    d_step, g_step, adams = make_steps(recipe, generator, discriminator, speed=speed)
    for group in (group for adam in adams for group in adam.param_groups):
        group["fused"], group["foreach"] = optimizer == "fused", optimizer == "foreach"
    if pictures:
        batches = loader(gh.to_bytes(images).squeeze(1).numpy(), labels, recipe.batch)
    else:
        batches = gh.BatchStream(images, labels, batch_size=recipe.batch, seed=1)

    def step() -> None:
        for _ in range(recipe.critic_steps):
            batch = next(batches)
            d_loss = d_step(batch)
        g_loss = g_step(batch)
        if item:
            d_loss.item(), g_loss.item()

    return step


def rate(step: Step, seconds: float) -> float:
    """Return steps a second over a block of at least this length."""
    start = time.perf_counter()
    for count in itertools.count(1):
        step()
        passed = time.perf_counter() - start
        if passed >= seconds:
            return count / passed


def alternate(lab: Step, lever: Step) -> list[float]:
    """Return, for each round, how many times faster the lever's block was than the lab's; the order swaps."""
    for step in (*[lab] * 3, *[lever] * 3):  # the first are slow, or compile
        step()
    ratios = []
    for turn in range(ROUNDS):
        order = ("lab", "lever") if turn % 2 else ("lever", "lab")
        found = {name: rate({"lab": lab, "lever": lever}[name], BLOCK) for name in order}
        ratios.append(found["lever"] / found["lab"])
    return ratios


def with_threads(step: Step, threads: int) -> Step:
    """Return the step on so many threads."""

    def threaded() -> None:
        torch.set_num_threads(threads)
        step()

    return threaded


_NOTEBOOK = """
import sys, torch  # before gan_helpers, which would set a waiting policy that is unset
from benchmarks import levers
levers.notebook(*map(float, sys.argv[1:]))
"""


def notebook(seconds: float, threads: float) -> None:
    """Play DCGAN as one of two notebooks: wait for a line, play for so many seconds, print steps a second."""
    gh.set_threads(int(threads))
    step = play(RECIPES["dcgan"])
    rate(step, 0.5)
    print("ready", flush=True)
    sys.stdin.readline()
    print(rate(step, seconds), flush=True)


def side_by_side(policy: str, threads: int, seconds: float) -> float:
    """Return the steps a second of two processes at the same time, together."""
    command = [sys.executable, "-c", _NOTEBOOK, str(seconds), str(threads)]
    environment = {**os.environ, "OMP_WAIT_POLICY": policy, "OMP_NUM_THREADS": str(threads)}
    if policy == "unset":
        del environment["OMP_WAIT_POLICY"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "env": environment, "cwd": ROOT}
    with subprocess.Popen(command, **pipes) as one, subprocess.Popen(command, **pipes) as other:
        for process in (one, other):
            process.stdout.readline()
        for process in (one, other):
            process.stdin.write("go\n")
            process.stdin.flush()
        found = [process.stdout.readline() for process in (one, other)]
    if not all(found):
        raise RuntimeError("one of two notebooks side by side ended without a result.")
    return sum(map(float, found))


@functools.cache
def notebooks() -> dict[tuple[str, int], list[float]]:
    """Return the steps a second of two notebooks together, by waiting policy and threads of each, round by round."""
    found = {setting: [] for setting in (CALM, *RESTLESS)}
    for _ in range(ROUNDS):
        for setting, rates in found.items():
            rates.append(side_by_side(*setting, seconds=4 * BLOCK))
    return found


# lever, setting, the lab's setting, model, images of a step over the lab's, what measures the ratios
Lever = tuple[str, str, str, str, float, Callable[[], list[float]]]


def levers() -> Iterator[Lever]:
    """Yield every lever; nothing is measured before its last entry is called."""

    def change(recipe: Recipe, other: Recipe | None = None, **changes: object) -> Callable[[], list[float]]:
        return lambda: alternate(play(recipe), play(other or recipe, **changes))

    for model in ("dcgan", "mlp"):
        r = RECIPES[model]
        yield "data", "DataLoader over PIL images", "one tensor", model, 1, change(r, pictures=True)
        yield "optimiser", "plain loop", "fused", model, 1, change(r, optimizer="loop")
        yield "optimiser", "foreach", "fused", model, 1, change(r, optimizer="foreach")
        yield "discriminator in the generator step", "not frozen", "frozen", model, 1, change(r, freeze=False)
        yield "reading losses", "each step", "every 25 steps or never", model, 1, change(r, item=True)
        yield "threads", "two", "one", model, 1, (
            lambda r=r: alternate(with_threads(play(r), 1), with_threads(play(r), 2))
        )  # fmt: skip
        yield "number format", "bfloat16 autocast", "float32", model, 1, change(r, speed=Speed(torch.bfloat16))
        for batch in (16, 32, 64, 128, 256):
            if batch != r.batch:
                other = dataclasses.replace(r, batch=batch)
                yield "batch", str(batch), str(r.batch), model, batch / r.batch, change(r, other)
    r = RECIPES["dcgan"]
    yield "fakes", "fresh for each player", "shared", "dcgan", 1, change(r, dataclasses.replace(r, same_fakes=False))
    yield "memory format", "channels last", "channels first", "dcgan", 1, change(r, speed=Speed(channels_last=True))
    for width in (8, 32, 64):
        yield "width", str(width), str(r.width), "dcgan", 1, change(r, dataclasses.replace(r, width=width))
    critic = RECIPES["wgan-gp"]
    for every in (4, 16):
        yield "gradient penalty", f"every {every} critic steps", "every critic step", "wgan-gp", 1, change(
            critic, dataclasses.replace(critic, penalty_every=every)
        )  # fmt: skip
    for policy, threads in RESTLESS:
        setting = f"waiting policy {policy}, threads each: {threads}"
        yield "two notebooks side by side", setting, "waiting policy PASSIVE, threads each: 1", "dcgan", 1, (
            lambda other=(policy, threads): [
                one / two for one, two in zip(notebooks()[other], notebooks()[CALM], strict=True)
            ]
        )  # fmt: skip
    for model in ("dcgan", "mlp"):  # last: the compiler stays in the process
        yield "torch.compile", "drawing and judging", "none", model, 1, change(
            RECIPES[model], speed=Speed(compiled=True)
        )  # fmt: skip


def peaks() -> tuple[float, float]:
    """Return what one thread reaches here: FLOP/s of a large float32 matrix product, bytes/s read and written."""
    a, b = torch.randn(2, 1024, 1024)
    source, target = torch.empty(2, 2**25)  # 128 MiB each, beyond every cache
    products = rate(lambda: torch.mm(a, b), 2.0)
    copies = rate(lambda: target.copy_(source), 2.0)
    return products * 2 * 1024**3, copies * 2 * FLOAT * source.numel()


class FlopCounter(TorchDispatchMode):
    """Count the floating-point operations of matrix products and convolutions by torch's own formulas.

    As `FlopCounterMode` does, whose hooks on modules refuse the inner gradient of a gradient penalty.
    """

    flops = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        out = func(*args, **(kwargs or {}))
        if formula := flop_registry.get(func._overloadpacket):
            self.flops += formula(*args, **(kwargs or {}), out_val=out)
        return out


def touched(recipe: Recipe) -> int:
    """Estimate the bytes that one step has to read and write, were nothing kept in a cache.

    A layer's output is written and read once; where gradients are needed it is read again, and its gradient written
    and read: five passes in place of two. Weights are read forwards and backwards, and their gradient is written.
    Adam reads weight, gradient and both moments and writes all but the gradient: seven passes. The second backward
    pass of a gradient penalty is not counted.
    """
    generator, discriminator = build(recipe)
    floats = 0

    def count(layer: nn.Module, inputs: tuple, output: torch.Tensor) -> None:
        nonlocal floats
        passes = (5, 3) if output.requires_grad else (2, 1)
        floats += passes[0] * output.numel() + passes[1] * sum(w.numel() for w in layer.parameters())

    for layer in (*generator.modules(), *discriminator.modules()):
        if not list(layer.children()) and not isinstance(layer, (nn.Identity, nn.Flatten, nn.Unflatten)):  # views
            layer.register_forward_hook(count)
    d_step, g_step, adams = make_steps(recipe, generator, discriminator)
    batch = torch.zeros(recipe.batch, 1, 28, 28), torch.zeros(recipe.batch, dtype=torch.int64)
    for _ in range(recipe.critic_steps):
        d_step(batch)
    g_step(batch)
    for turns, adam in zip((recipe.critic_steps, 1), adams, strict=True):
        floats += 7 * turns * sum(w.numel() for group in adam.param_groups for w in group["params"])
    return FLOAT * floats


def bounds() -> Iterator[tuple[str, str, str, str]]:
    """Yield the rows of bounds.csv: of the machine, then of each model."""
    gh.set_threads(1)
    flops_peak, bytes_peak = peaks()
    yield "machine", "matrix product, float32, one thread", f"{flops_peak / 1e9:.1f}", "GFLOP/s"
    yield "machine", "copy, read and written, one thread", f"{bytes_peak / 1e9:.1f}", "GB/s"
    yield "machine", "ridge", f"{flops_peak / bytes_peak:.1f}", "FLOP/byte"
    for model, recipe in RECIPES.items():
        step = play(recipe)
        with FlopCounter() as counter:
            step()
        flops, size = counter.flops, touched(recipe)
        steps = statistics.median(rate(step, 1.0) for _ in range(5))
        yield model, "floating-point operations a step", f"{flops / 1e6:.2f}", "MFLOP"
        yield model, "bytes a step, estimated", f"{size / 1e6:.2f}", "MB"
        yield model, "arithmetic intensity", f"{flops / size:.1f}", "FLOP/byte"
        yield model, "steps a second", f"{steps:.1f}", "1/s"
        yield model, "share of the peak of arithmetic", f"{steps * flops / flops_peak:.3f}", "share"
        yield model, "share of the peak of memory", f"{steps * size / bytes_peak:.3f}", "share"
        yield model, "share of a step that does not grow with the batch", f"{fixed_share(recipe):.3f}", "share"
        yield from profiled(model, step)


def fixed_share(recipe: Recipe) -> float:
    """Fit a line to the time of a step against its batch; return the intercept over the time at the lab's batch.

    It is what Python, the launch of operators and the optimiser cost whatever the batch.
    """
    batches = [recipe.batch // 4, recipe.batch // 2, recipe.batch]
    games = [play(dataclasses.replace(recipe, batch=batch)) for batch in batches]
    for game in games:
        rate(game, 0.3)
    times = 1 / np.median([[rate(game, 0.4) for game in games] for _ in range(5)], axis=0)
    slope, intercept = np.polyfit(batches, times, 1)
    return float(intercept / (intercept + slope * recipe.batch))


def profiled(model: str, step: Step) -> Iterator[tuple[str, str, str, str]]:
    """Yield the share of the optimisers and of the five operators that take most of the profiled time themselves."""
    rate(step, 0.3)
    with profile(activities=[ProfilerActivity.CPU]) as profiler:
        for _ in range(20):
            step()
    events = profiler.key_averages()
    whole = sum(event.self_cpu_time_total for event in events)
    adam = sum(event.cpu_time_total for event in events if event.key.startswith("Optimizer.step"))
    yield model, "profiler: both optimisers", f"{adam / whole:.3f}", "share"
    for event in sorted(events, key=lambda event: -event.self_cpu_time_total)[:5]:
        yield model, f"profiler: {event.key}", f"{event.self_cpu_time_total / whole:.3f}", "share"


def main(arguments: list[str]) -> int:
    """Measure what is missing and append it to the tables."""
    everything = list(levers())
    names = list(dict.fromkeys(lever for lever, *_ in everything))
    parser = Parser(prog="levers", description=__doc__.splitlines()[0])
    parser.add_argument("--only", choices=[*names, "bounds"], help="measure this alone")
    options = parser.parse_args(arguments)
    if len(cores()) < 2:
        print("levers: two cores are needed, but one is here.", file=sys.stderr)
        return 1
    table, bound = RESULTS / "levers.csv", RESULTS / "bounds.csv"
    done = {tuple(row[name] for name in COLUMNS[:4]) for row in rows_of(table)}
    missing = [job for job in everything if job[:4] not in done and options.only in (None, job[0])]
    for count, (*key, images, measure) in enumerate(missing, 1):
        gh.set_threads(1)
        print(f"{count}/{len(missing)}: {', '.join(key)}", flush=True)
        try:
            ratios = measure()
        except ValueError as error:
            if key[0] != "torch.compile":  # which says in one sentence that there is no compiler
                raise
            print(f"levers: {key[0]} is left out: {error}", file=sys.stderr)
            continue
        lower, middle, upper = np.quantile(ratios, [0.25, 0.5, 0.75])
        numbers = [f"{x:.3f}" for x in (middle, lower, upper, middle * images)]
        row = [*key, *numbers, len(ratios), str(torch.__version__), machine()]
        append(table, COLUMNS, [dict(zip(COLUMNS, row, strict=True))])
        print("   ", *numbers, flush=True)
    if options.only in (None, "bounds") and not bound.exists():
        append(bound, BOUNDS, [dict(zip(BOUNDS, row, strict=True)) for row in bounds()])
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
