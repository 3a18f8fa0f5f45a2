"""Measure what generated digits bring to a classifier that has few labelled ones: 50, 100 or 500, five seeds.

    python -m benchmarks.augmentation                  # all that is missing: ten minutes or so on one idle core
    python -m benchmarks.augmentation --seed 1         # one seed

Writes gan_helpers/embedded/results/augmentation.csv. Written down before the runs of the table:

*What.* A seed draws n labelled digits, n / 10 of each class, from the first 8,000 images of the embedded MNIST, and
sets all first weights and batches. From them the labs' classifier learns in 300 batches, on nine diets. Each batch
holds 32 real digits, the same for all diets, and where there are fakes another 32 of those. The score is the accuracy
on the last 2,000 images, which nothing else has seen.

    real              the n digits
    plain             the n digits, each turned, moved and scaled a little each time
    own               real, and fakes of a conditional generator that was trained on the same n digits alone
    own and plain     plain, and the same fakes
    many              real, and fakes of the shipped conditional generator, which saw 8,000 labelled digits
    many and plain    plain, and the same fakes
    unlabelled        plain, and fakes of a DCGAN that saw 8,000 digits without labels, labelled by "plain"'s classifier
    unlabelled real   plain, and those 8,000 digits themselves, labelled by "plain"'s classifier
    all               the 8,000 labelled digits, plain; for n = 8000

*Comparisons.* For each n, over the five seeds, the paired differences own - real, plain - real, own and plain - plain,
many - real, many and plain - plain, unlabelled - plain, unlabelled - unlabelled real: mean and 95 % interval of Student
(four degrees of freedom). The interval is for new labelled digits and new weights, with these 2,000 test images and
this shipped generator. An interval that holds 0 settles nothing. Settings were chosen on seed 0, not in the table.
Looked at afterwards, in the same way: unlabelled real - plain.
"""

import copy
import functools
import math
import sys
from pathlib import Path

import gan_helpers as gh  # isort: skip  # first: it sets the waiting policy of threads before torch is imported
import torch
from torch import Tensor
from torch.nn.functional import affine_grid, cross_entropy, grid_sample

from benchmarks.tables import Row, machine, measure_all, rows_of
from benchmarks.train_and_sample import Parser
from benchmarks.tricks import TRAIN, judge_of
from gan_helpers.recipes import RECIPES, build, make_steps, sample, settle

RESULTS = Path(gh.__file__).parent / "embedded" / "results" / "augmentation.csv"
COLUMNS = ("seed", "labelled", "diet", "accuracy", "labels_right", "torch", "threads", "machine")
KEY = COLUMNS[:3]
DIETS = ("real", "plain", "own", "own and plain", "many", "many and plain", "unlabelled", "unlabelled real")
SEEDS = (1, 2, 3, 4, 5)
LABELLED = (50, 100, 500)
BATCH = 32  # real digits in a batch of the classifier, and as many fakes where there are any
STEPS = 300  # of the classifier
FAKES = 2000  # a pool from which batches are drawn
GAN_STEPS = 300  # of each generator that is trained here
Job = tuple[int, int]  # seed, labelled; 8,000 stands for all


def jobs() -> list[Job]:
    """Return all jobs, seed by seed, so that an early stop leaves whole rounds."""
    return [(seed, n) for seed in SEEDS for n in (*LABELLED, TRAIN)]


@functools.cache
def digits() -> gh.ImageSet:
    """Return the embedded digits, read once."""
    return gh.load_images("mnist")


def choose(n: int, seed: int) -> tuple[Tensor, Tensor]:
    """Return n labelled digits of the first 8,000, as many of each class."""
    data, rng = digits(), torch.Generator().manual_seed(seed)
    order = torch.randperm(TRAIN, generator=rng)
    chosen = torch.cat([order[data.labels[order] == digit][: n // 10] for digit in range(10)])
    return data.images[chosen], data.labels[chosen]


def moved(images: Tensor) -> Tensor:
    """Turn by up to 12 degrees, scale by up to a tenth, shift by up to two pixels; paper flows in at the edges."""
    n = len(images)
    angle = (2 * torch.rand(n) - 1) * math.radians(12)
    scale = 0.9 + 0.2 * torch.rand(n)
    shift = (2 * torch.rand(n, 2) - 1) * 2 / 14
    turn = torch.stack([angle.cos(), -angle.sin(), angle.sin(), angle.cos()], dim=1).view(n, 2, 2)
    maps = torch.cat([turn / scale.view(n, 1, 1), shift.unsqueeze(2)], dim=2)  # (n, 2, 3)
    return grid_sample(images + 1, affine_grid(maps, images.shape, align_corners=False), align_corners=False) - 1


def classifier(
    real: tuple[Tensor, Tensor], fake: tuple[Tensor, Tensor] | None, seed: int, *, plain: bool, steps: int = STEPS
) -> gh.ConvClassifier:
    """Train the labs' classifier on a diet."""
    torch.manual_seed(seed)
    net = gh.ConvClassifier()
    adam = torch.optim.Adam(net.parameters(), lr=1e-3, fused=True)
    rng = torch.Generator().manual_seed(seed)  # so that all diets get the same real digits
    for _ in range(steps):
        chosen = torch.randint(len(real[0]), (BATCH,), generator=rng)
        x, y = real[0][chosen], real[1][chosen]
        if plain:
            x = moved(x)
        if fake is not None:
            chosen = torch.randint(len(fake[0]), (BATCH,))
            x, y = torch.cat([x, fake[0][chosen]]), torch.cat([y, fake[1][chosen]])
        loss = cross_entropy(net(x), y)
        adam.zero_grad()
        loss.backward()
        adam.step()
    return net.requires_grad_(False).eval()


def fakes_of(model: str, images: Tensor, labels: Tensor, seed: int, steps: int = GAN_STEPS) -> tuple[Tensor, Tensor]:
    """Train a lab's recipe on these images alone; return fakes and the classes that were asked for."""
    recipe = RECIPES[model]
    gh.seed_everything(seed)
    generator, discriminator = build(recipe)
    d_step, g_step, _ = make_steps(recipe, generator, discriminator)
    average = copy.deepcopy(generator)
    batches = gh.BatchStream(images, labels, batch_size=recipe.batch, seed=seed)
    for _ in gh.train_gan(d_step, g_step, batches, steps=steps, progress=False):
        gh.ema_update(average, generator, decay=recipe.ema_decay)
    return drawn(recipe, settle(recipe, average))


def drawn(recipe, generator) -> tuple[Tensor, Tensor]:
    """Return the pool of fakes in the range of the book, and their classes."""
    images, asked = sample(recipe, generator, FAKES)
    return gh.to_model_range(images.unsqueeze(1)), asked.long()


@functools.cache
def unlabelled(seed: int) -> Tensor:
    """Return fakes of a DCGAN that saw 8,000 digits without labels; it does not depend on n."""
    data = digits()
    return fakes_of("dcgan", data.images[:TRAIN], data.labels[:TRAIN], seed)[0]


def shipped(seed: int) -> tuple[Tensor, Tensor]:
    """Return fakes of the shipped conditional generator."""
    torch.manual_seed(seed)
    return drawn(RECIPES["cgan"], gh.load_pretrained("mnist"))


@torch.no_grad()
def read(net: gh.ConvClassifier, images: Tensor) -> Tensor:
    """Return what a classifier reads."""
    return torch.cat([net(part).argmax(dim=1) for part in images.split(1000)])


def measure(job: Job) -> list[Row]:
    """Train every diet of a seed and a number of labelled digits; return a row for each."""
    seed, n = job
    gh.set_threads(1)
    data = digits()
    judge = judge_of("mnist")  # reads whether a fake is what its label says; it has learned from the 8,000
    rows = []

    def row(diet: str, net: gh.ConvClassifier, fake: tuple[Tensor, Tensor] | None) -> None:
        right = (read(net, data.images[TRAIN:]) == data.labels[TRAIN:]).double().mean()
        named = "" if fake is None else f"{(read(judge, fake[0]) == fake[1]).double().mean():.4f}"
        rows.append({
            "seed": seed, "labelled": n, "diet": diet, "accuracy": f"{right:.4f}", "labels_right": named,
            "torch": str(torch.__version__), "threads": 1, "machine": machine(),
        })  # fmt: skip

    if n == TRAIN:
        row("all", classifier((data.images[:TRAIN], data.labels[:TRAIN]), None, seed, plain=True), None)
        return rows
    real = choose(n, seed)
    own, many = fakes_of("cgan", *real, seed), shipped(seed)
    teacher = classifier(real, None, seed, plain=True)
    named = [(images, read(teacher, images)) for images in (unlabelled(seed), data.images[:TRAIN])]
    row("real", classifier(real, None, seed, plain=False), None)
    row("plain", teacher, None)
    row("own", classifier(real, own, seed, plain=False), own)
    row("own and plain", classifier(real, own, seed, plain=True), own)
    row("many", classifier(real, many, seed, plain=False), many)
    row("many and plain", classifier(real, many, seed, plain=True), many)
    row("unlabelled", classifier(real, named[0], seed, plain=True), named[0])
    row("unlabelled real", classifier(real, named[1], seed, plain=True), named[1])
    return rows


def main(arguments: list[str]) -> int:
    """Measure what is missing and append it to the table."""
    parser = Parser(prog="augmentation", description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, choices=SEEDS, help="measure this alone")
    options = parser.parse_args(arguments)
    done = {tuple(row[name] for name in KEY) for row in rows_of(RESULTS)}
    missing = [
        (seed, n)
        for seed, n in jobs()
        if options.seed in (None, seed)
        and any((str(seed), str(n), diet) not in done for diet in (DIETS if n != TRAIN else ("all",)))
    ]
    measure_all(measure, missing, RESULTS, COLUMNS, KEY, processes=1)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
