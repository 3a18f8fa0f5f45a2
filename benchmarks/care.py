"""Measure what becomes of a rare class in a GAN's samples, and where a detector of fakes fails: digits, three seeds.

    python -m benchmarks.care           # all that is missing: some twenty minutes on a core that does other work
    python -m benchmarks.care --part shares --seed 1     # one part, one seed

Writes gan_helpers/embedded/results/care.csv. What and Scores were written before the runs of the table. Nothing but the
author says so: protocol and table entered the repository together. All functions are the lab's own cells.

*What, shares.* About 4,000 of the first 8,000 digits of the embedded MNIST, in which one digit, 1 or 8, has the share
2, 5 or 10 per cent and the other nine are even (at 10 per cent all ten are, and both digits have the same runs: the
control). The seed draws the set, too. On them the book's DCGAN takes GAN_STEPS steps ("dcgan"). Two cures, at
2 per cent: the rare pictures are repeated until all classes are even ("repeated"); the book's conditional GAN is asked
for each class equally often ("conditional"). 4,000 samples each, drawn in four ways: plain; with latent vectors scaled
by 0.7 and by 0.5; and the half of 8,000 that the run's own discriminator likes best ("picked").

*Scores, shares.* "read" is the share of the rare digit as the judge (the labs' classifier, trained on the 8,000) reads
it; "corrected" takes out the judge's errors, which are measured on the 2,000 held-out digits; "sure" counts only the
samples of which the judge is at least 90 per cent sure, corrected in the same way. Frechet distance by the judge's
features, to the held-out digits weighted so that the rare digit has its share; "lost" is that distance after all
samples that are read as the rare digit have been taken out. Precision and recall (k = 3) of 150 samples of the rare
digit (asked for, or read as it), against 150 held-out pictures of it; empty if there are fewer.

*What, detector.* Per seed a network learns in DETECTOR_STEPS steps to tell 8,000 real digits from 8,000 fakes of one
generator: the shipped conditional one, a DCGAN of GAN_STEPS steps on all 8,000 digits, a small VAE of as many steps. It
is tested on the 2,000 held-out digits and 2,000 new fakes of each generator, of a second DCGAN with another seed
("dcgan 2"), and after changes. "dcgan changed" is the detector of the DCGAN that saw all changes in training, one in
each batch. Fakes are rounded to 256 greys as the real digits are. The AUC is for pictures that are all changed; hits at
the level that 5 per cent of the unchanged real pictures pass, for changed fakes; alarms for changed real pictures at
that level.

*Settings.* None was tuned: GAN recipes, judge and rates are those of earlier chapters, lengths fit the time. A detector
of 300 and one of 1,000 steps were tried on the shipped generator with seed 1 before the runs: AUC 0.56 and 0.65.

*Rows "real".* Nothing is trained: the distance between the held-out digits with the rare one at its share and the same
without it, and the distance of the skewed training sets themselves to the held-out digits.
"""

import functools
import sys
from pathlib import Path
from typing import Any

import gan_helpers as gh  # isort: skip  # first: it sets the waiting policy of threads before torch is imported
import torch
from torch import Tensor

from benchmarks.labs import definitions
from benchmarks.tables import Row, machine, measure_all, rows_of
from benchmarks.train_and_sample import Parser
from benchmarks.tricks import judge_of

ROOT = Path(gh.__file__).parents[1]
RESULTS = Path(gh.__file__).parent / "embedded" / "results" / "care.csv"
KEY = ("part", "model", "digit", "share", "seed", "draw", "change")
SCORES = ("read", "corrected", "sure", "frechet", "lost", "precision", "recall", "auc", "hits", "alarms")
COLUMNS = (*KEY, *SCORES, "torch", "threads", "machine")
PARTS, SEEDS, DIGITS, SHARES = ("shares", "detector", "real"), (1, 2, 3), (1, 8), (0.02, 0.05, 0.1)
MODELS = ("dcgan", "repeated", "conditional")
DRAWS = ("plain", "psi 0.7", "psi 0.5", "picked")
DETECTORS, TESTS = ("shipped", "dcgan", "vae", "dcgan changed"), ("shipped", "dcgan", "dcgan 2", "vae")
CHANGES = ("none", "blur", "halve", "squeeze", "noise")
GAN_STEPS, DETECTOR_STEPS, SAMPLES, FEW = 1000, 1000, 4000, 150
Job = tuple[str, str, int, float, int]  # part, model, digit, share, seed


def jobs() -> list[Job]:
    """Return all jobs, seed by seed, so that an early stop leaves whole rounds."""
    found: list[Job] = [("real", "real", digit, share, 1) for digit in DIGITS for share in SHARES]
    for seed in SEEDS:
        found += [("shares", "dcgan", digit, share, seed) for digit in DIGITS for share in SHARES]
        found += [("shares", model, digit, SHARES[0], seed) for digit in DIGITS for model in MODELS[1:]]
        found.append(("detector", "all", 0, 0.0, seed))
    return found


def wanted(job: Job) -> list[tuple[str, ...]]:
    """Return the keys of the rows that a job gives."""
    part, model, digit, share, seed = job
    if part == "real":
        return [(part, model, str(digit), str(share), "1", draw, "") for draw in ("law", "sample")]
    if part == "shares":
        draws = DRAWS[:1] if model == "conditional" else DRAWS
        return [(part, model, str(digit), str(share), str(seed), draw, "") for draw in draws]
    return [(part, name, "", "", str(seed), test, change) for name in DETECTORS for test in TESTS for change in CHANGES]


@functools.cache
def digits() -> gh.ImageSet:
    """Return the embedded digits, read once."""
    return gh.load_images("mnist")


@torch.no_grad()
def seen_by(judge: Any, images: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Return features, what the judge reads, and how sure it is."""
    features = torch.cat([judge.features(part) for part in images.split(1000)])
    sure, read = judge.head(features).softmax(dim=1).max(dim=1)
    return features, read, sure


@functools.cache
def held_out() -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Return features, labels, what the judge reads and how sure it is, of the held-out digits."""
    train = definitions("care")["TRAIN"]
    return (*seen_by(judge_of("mnist"), digits().images[train:]), digits().labels[train:])


def about(key: tuple[str, ...], **scores: float | None) -> Row:
    """Return a row of the table."""
    told = {name: f"{value:.4f}" for name, value in scores.items() if value is not None}
    return dict(zip(KEY, key, strict=True)) | told | {
        "torch": str(torch.__version__), "threads": 1, "machine": machine(),
    }  # fmt: skip


def share_scores(images: Tensor, digit: int, share: float, asked: Tensor | None) -> dict[str, float | None]:
    """Return all scores of samples of a generator that learned from a skewed set."""
    lab, judge = definitions("care"), judge_of("mnist")
    real, real_read, real_sure, labels = held_out()
    features, read, sure = seen_by(judge, images)
    seen, firm, real_firm = read == digit, sure >= lab["KEPT"], real_sure >= lab["KEPT"]
    hits, alarms = lab["rates"](real_read, labels, digit)
    firm_hits, firm_alarms = lab["rates"](real_read[real_firm], labels[real_firm], digit)
    law = lab["moments"](real, lab["class_weights"](labels, digit, share))
    mine = features[seen if asked is None else asked == digit][:FEW]
    near = gh.precision_recall(real[labels == digit][:FEW], mine) if len(mine) == FEW else None
    return {
        "read": seen.double().mean().item(),
        "corrected": lab["corrected"](seen.double().mean().item(), hits, alarms),
        "sure": lab["corrected"](seen[firm].double().mean().item(), firm_hits, firm_alarms),
        "frechet": lab["frechet"](law, lab["moments"](features)),
        "lost": lab["frechet"](law, lab["moments"](features[~seen])),
        "precision": near and near.precision, "recall": near and near.recall,
    }  # fmt: skip


def measure_shares(job: Job) -> list[Row]:
    """Train once on a skewed set and return a row for each way to draw."""
    lab, (_, model, digit, share, seed) = definitions("care"), job
    data, n = digits(), lab["TRAIN"]
    rng = torch.Generator().manual_seed(seed)
    x, y = lab["skewed"](data.images[:n], data.labels[:n], digit, share, lab["PICTURES"], rng)
    if model == "repeated":
        x, y = lab["evened"](x, y)
    recipe = "cgan" if model == "conditional" else "dcgan"
    generator, discriminator = lab["train"](x, y, recipe, GAN_STEPS, seed)
    rows = []
    for key in wanted(job):
        torch.manual_seed(seed)
        way, _, psi = key[5].partition(" ")
        asked = torch.arange(SAMPLES) % 10 if model == "conditional" else None
        if way == "picked":
            many = lab["draw"](generator, 2 * SAMPLES)
            with torch.no_grad():
                images = many[discriminator(many).topk(SAMPLES).indices]
        else:
            images = lab["draw"](generator, SAMPLES, float(psi or 1), asked)
        rows.append(about(key, **share_scores(images, digit, share, asked)))
    return rows


def measure_detector(job: Job) -> list[Row]:
    """Train three generators and four detectors, and test each detector on each generator and after each change."""
    lab, seed = definitions("care"), job[-1]
    data, n = digits(), lab["TRAIN"]
    real, held = data.images[:n], data.images[n:]
    classes = torch.arange(n) % 10
    sources = {
        "shipped": lambda k: lab["draw"](gh.load_pretrained("mnist"), k, 1.0, classes[:k]),
        "dcgan": functools.partial(lab["draw"], lab["train"](real, data.labels[:n], "dcgan", GAN_STEPS, seed)[0]),
        "dcgan 2": functools.partial(
            lab["draw"], lab["train"](real, data.labels[:n], "dcgan", GAN_STEPS, 10 + seed)[0]
        ),
        "vae": functools.partial(lab["draw"], lab["train_vae"](real, GAN_STEPS, seed)),
    }
    torch.manual_seed(seed)
    fakes = {name: source(n) for name, source in sources.items()}
    fresh = {name: source(len(held)) for name, source in sources.items()}
    nets = {
        name: lab["train_detector"](real, fakes[name.split()[0]], seed, DETECTOR_STEPS, name == "dcgan changed")
        for name in DETECTORS
    }
    rows = []
    for key in wanted(job):
        torch.manual_seed(seed)
        auc, hits, alarms = lab["tested"](nets[key[1]], held, fresh[key[5]], lab["CHANGES"][key[6]])
        rows.append(about(key, auc=auc, hits=hits, alarms=alarms))
    return rows


def measure_real(job: Job) -> list[Row]:
    """Return the distance that losing the class makes for real digits, and that of the training sets themselves."""
    lab, (_, _, digit, share, _) = definitions("care"), job
    real, _, _, labels = held_out()
    law = lab["moments"](real, lab["class_weights"](labels, digit, share))
    without = lab["moments"](real, lab["class_weights"](labels, digit, 0.0))
    data, n = digits(), lab["TRAIN"]
    rng = torch.Generator().manual_seed(1)
    x, _ = lab["skewed"](data.images[:n], data.labels[:n], digit, share, lab["PICTURES"], rng)
    keys = wanted(job)
    return [about(keys[0], lost=lab["frechet"](law, without)), about(keys[1], **share_scores(x, digit, share, None))]


def measure(job: Job) -> list[Row]:
    """Make one job and return its rows."""
    gh.set_threads(1)
    return {"shares": measure_shares, "detector": measure_detector, "real": measure_real}[job[0]](job)


def main(arguments: list[str]) -> int:
    """Measure what is missing and append it to the table."""
    parser = Parser(prog="care", description=__doc__.splitlines()[0])
    parser.add_argument("--part", choices=PARTS, help="measure this alone")
    parser.add_argument("--seed", type=int, choices=SEEDS, help="measure this alone")
    options = parser.parse_args(arguments)
    done = {tuple(row[name] for name in KEY) for row in rows_of(RESULTS)}
    missing = [
        job
        for job in jobs()
        if options.part in (None, job[0])
        and options.seed in (None, job[-1])
        and any(key not in done for key in wanted(job))
    ]
    measure_all(measure, missing, RESULTS, COLUMNS, KEY, processes=1)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
