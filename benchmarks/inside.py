"""Distil one diffusion model of digits into one step: with and without a discriminator, three seeds.

    python -m benchmarks.inside                 # all that is missing: some ten minutes on one idle core
    python -m benchmarks.inside --tune          # the runs of seed 0 by which the settings were chosen

Writes gan_helpers/embedded/results/inside.csv. What, Scores and Rows were written before the runs of seeds 1 to 3.

*What.* One teacher: the diffusion model of the chapter Five ways to draw, on the same 8,000 digits, by that lab's own
cells, for TEACHER seconds of processor time (five times as long as in that chapter's table). POOL pairs of noise and
what the teacher makes of it in WALK steps without chance (DDIM). The students' training is SECONDS of processor time
each, one thread, by the cell `distil` of the lab of the chapter GANs inside other models; the teacher's time and that
for the pairs are not counted, for any of them. The students:

- pairs: the teacher's network and weights, squared error to the teacher's answers;
- adversarial: the same network and weights, the discriminator alone, no pairs;
- both: the same network and weights, both losses;
- GAN: the book's DCGAN from scratch, the discriminator alone. It never meets the teacher.

The discriminator is DCGAN's for all, with the noise 0.3 on what it sees.

*Scores.* As in benchmarks/families.py: Frechet distance, precision and recall of 1,000 samples against the other 2,000
digits, by the features of a classifier that learned from the 8,000. "gap" is the mean squared difference per pixel to
what the teacher makes of the same 1,000 noises in WALK steps.

*Rows.* The teacher in 1 to 32 steps (there is one teacher, and one set of noises for its walks), and each student with
three seeds.

*Settings.* Chosen with seed 0, which is not in the table, after TRIAL seconds, by the smaller Frechet distance; what
was tried is TRIED, three settings for each student (distances after TRIAL seconds: pairs 303, 273, 298; adversarial
712, 617, 363; both 440, 473, 439; GAN 334, 197, 158). The rates of adversarial, both and GAN, and the weight of both,
lie at the edge of what was tried, and "both" is hardly told apart by its settings.
"""

import copy
import functools
import sys
import time
from pathlib import Path
from typing import Any

import gan_helpers as gh  # isort: skip  # first: it sets the waiting policy of threads before torch is imported
import torch
from torch import Tensor, nn

from benchmarks import families
from benchmarks.labs import definitions
from benchmarks.tables import Row, machine, measure_all, rows_of
from benchmarks.train_and_sample import Parser

ROOT = Path(gh.__file__).parents[1]
KEPT = ROOT / "_build" / "inside"
RESULTS = Path(gh.__file__).parent / "embedded" / "results" / "inside.csv"
KEY = ("model", "seed", "steps")
COLUMNS = (
    *KEY, "weights", "batches", "seconds", "frechet", "precision", "recall", "gap", "rate", "adversary", "torch",
    "threads", "machine",
)  # fmt: skip
SEEDS, SAMPLES = (1, 2, 3), 1000
TEACHER, SECONDS, TRIAL = 300, 20, 6  # seconds of processor time
POOL, WALK, COUNTS = 5000, 16, (1, 2, 4, 8, 16, 32)
STUDENTS = ("pairs", "adversarial", "both", "GAN")
TRIED = {  # rate and weight of the discriminator's word
    "pairs": ((1e-3, 0.0), (2e-3, 0.0), (4e-3, 0.0)),
    "adversarial": ((1e-3, 1.0), (2e-3, 1.0), (4e-3, 1.0)),
    "both": ((2e-3, 0.03), (2e-3, 0.3), (4e-3, 0.03)),
    "GAN": ((2e-3, 1.0), (4e-3, 1.0), (8e-3, 1.0)),
}
CHOSEN = {"pairs": (2e-3, 0.0), "adversarial": (4e-3, 1.0), "both": (4e-3, 0.03), "GAN": (8e-3, 1.0)}


class OneStep(nn.Module):
    """A network of a mixture and a time, used once, where the mixture is noise."""

    def __init__(self, net: nn.Module) -> None:
        super().__init__()
        self.net = net

    def forward(self, z: Tensor) -> Tensor:
        return -self.net(z, torch.ones(len(z)))


class FromScratch(nn.Module):
    """The book's DCGAN on the first 64 of the noise's numbers."""

    def __init__(self) -> None:
        super().__init__()
        self.net = gh.ConvGenerator(64)

    def forward(self, z: Tensor) -> Tensor:
        return self.net(z.flatten(1)[:, :64])


@functools.cache
def teacher() -> Any:
    """Return the teacher; train it where no earlier run has left one."""
    lab, kept = definitions("families"), KEPT / "teacher.pt"
    model = lab["DIGITS"]["diffusion"]()
    if not kept.exists():
        job = "digits", "diffusion", 1, lab["RATES"]["diffusion"]
        trained, steps = families.train(lab, job, TEACHER)
        KEPT.mkdir(parents=True, exist_ok=True)
        torch.save({"weights": trained.state_dict(), "steps": steps}, kept)
    saved = torch.load(kept, weights_only=True)
    model.load_state_dict(saved["weights"])
    model.batches = saved["steps"]
    return model.requires_grad_(False).eval()


@functools.cache
def pairs() -> tuple[Tensor, Tensor]:
    """Return noise and what the teacher makes of it; draw them where no earlier run has."""
    kept = KEPT / "pairs.pt"
    if not kept.exists():
        z = torch.randn(POOL, 1, 28, 28, generator=torch.Generator().manual_seed(0))
        walk = definitions("inside")["ddim"]
        torch.save((z, torch.cat([walk(teacher().net, part, WALK) for part in z.split(500)])), kept)
    return torch.load(kept, weights_only=True)


def train(name: str, seed: int, seconds: float, rate: float, adversary: float) -> tuple[nn.Module, int]:
    """Train one student for some seconds of processor time; return its averaged copy and the batches."""
    data, lab = gh.load_images("mnist"), definitions("families")
    z, answers = pairs()
    torch.manual_seed(seed)
    images = data.images[: lab["TRAIN"]]
    real = iter(gh.BatchStream(images, data.labels[: lab["TRAIN"]], batch_size=lab["BATCH"], seed=seed))
    student = FromScratch() if name == "GAN" else OneStep(copy.deepcopy(teacher().net).requires_grad_(True))

    def teach() -> tuple[Tensor, Tensor, Tensor]:
        if name in ("adversarial", "GAN"):  # no pairs: fresh noise, and no answer
            fresh = torch.randn(lab["BATCH"], 1, 28, 28)
            return fresh, fresh, next(real)[0]
        i = torch.randint(POOL, (lab["BATCH"],))
        return z[i], answers[i], next(real)[0]

    mix = float(name in ("pairs", "both")), adversary

    def fit(share: Any) -> tuple[nn.Module, int]:
        distil = definitions("inside")["distil"]
        return distil(copy.deepcopy(student), gh.ConvDiscriminator(), teach, share, rate, mix, noise=0.3)

    fit(float)  # one step: what PyTorch loads at the first is no training
    start = time.process_time()
    return fit(lambda steps: (time.process_time() - start) / seconds)


@functools.cache
def noises(seed: int) -> tuple[Tensor, Tensor]:
    """Return a thousand noises that no pair has, and what the teacher makes of them."""
    z = torch.randn(SAMPLES, 1, 28, 28, generator=torch.Generator().manual_seed(100 + seed))
    return z, definitions("inside")["ddim"](teacher().net, z, WALK)


def judged(x: Tensor) -> dict[str, str]:
    """Return the scores of a thousand pictures."""
    with torch.enable_grad():
        families.judge_of("mnist")  # trained where it is first asked for
    found = families.scores(definitions("families"), "digits", None, x, first=False)
    return {name: found[name] for name in ("frechet", "precision", "recall")}


@torch.no_grad()
def measure(job: tuple[str, int]) -> list[Row]:
    """Return the rows of the teacher's walks, or of one student."""
    name, seed = job
    gh.set_threads(1)
    (z, end), walk, net = noises(seed), definitions("inside")["ddim"], teacher().net
    about = {"torch": str(torch.__version__), "threads": 1, "machine": machine()}
    size = definitions("families")["weights"]
    rows: list[Row] = []
    if name == "teacher":
        for k in COUNTS:
            x = walk(net, z, k)
            gap = f"{(x - end).square().mean():.5f}"
            rows.append({"model": name, "seed": seed, "steps": k, "weights": size(net), "batches": teacher().batches,
                         "seconds": TEACHER, **judged(x), "gap": gap, **about})  # fmt: skip
        return rows
    with torch.enable_grad():
        student, batches = train(name, seed, SECONDS, *CHOSEN[name])
    x = student(z)
    gap = "" if name == "GAN" else f"{(x - end).square().mean():.5f}"
    rate, adversary = CHOSEN[name]
    return [{"model": name, "seed": seed, "steps": 1, "weights": size(student), "batches": batches,
             "seconds": SECONDS, **judged(x), "gap": gap, "rate": rate, "adversary": adversary, **about}]  # fmt: skip


def tune() -> None:
    """Print what each setting reaches with seed 0."""
    gh.set_threads(1)
    z = torch.randn(SAMPLES, 1, 28, 28, generator=torch.Generator().manual_seed(100))
    for name, settings in TRIED.items():
        for rate, adversary in settings:
            student, batches = train(name, 0, TRIAL, rate, adversary)
            with torch.no_grad():
                print(name, rate, adversary, batches, judged(student(z)), flush=True)


def main(arguments: list[str]) -> int:
    """Measure what is missing and append it to the table."""
    parser = Parser(prog="inside", description=__doc__.splitlines()[0])
    parser.add_argument("--tune", action="store_true", help="print the runs by which the settings were chosen")
    parser.add_argument("--seed", type=int, choices=SEEDS, help="measure this alone")
    options = parser.parse_args(arguments)
    if options.tune:
        tune()
        return 0
    done = {(row["model"], row["seed"]) for row in rows_of(RESULTS)}
    jobs = [
        (name, seed)
        for seed in SEEDS
        if options.seed in (None, seed)
        for name in ("teacher", *STUDENTS)
        if (name, str(seed)) not in done and (name, seed) not in (("teacher", 2), ("teacher", 3))
    ]
    pairs()
    measure_all(measure, jobs, RESULTS, COLUMNS, KEY, processes=1)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
