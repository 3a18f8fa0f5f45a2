"""Choose the fonts of the letters: write scripts/letters/fonts.csv, from which scripts/letters_data.py makes the data.

    .venv/bin/python scripts/letters_choice.py [--debs FOLDER]

A font stays if its 26 capitals can be drawn, differ from one another and cover 3 to 50 % of their pictures with ink; if
no earlier font looks nearly the same; and if a classifier that has seen none of its family reads 20 of the 26.

Fonts are of one family if they come from one package (in fonts-aenigma, with hundreds of unlike fonts: if their names
begin with the same word), or if their letters are near each other, directly or from font to font: clones and redrawings
of one typeface lie in several packages. Whole families are held out, in the order of a hash of their names.
"""

import argparse
import csv
import hashlib
import io
import itertools
import sys
from pathlib import Path

import gan_helpers as gh  # isort: skip  # first: it sets the waiting policy of threads before torch is imported
import torch
from letters_data import FONTS, HERE, PACKAGES, fetch, font_files, read_table, render
from PIL import ImageFont
from torch import Tensor, nn

LEAST_INK, MOST_INK = 0.03, 0.50  # of a font's pictures, on average
DISTINCT = 0.01  # the root mean square by which the two letters most alike must differ, white being 1
SAME = 0.05  # fonts nearer than this, over all letters, look the same at 28 pixels: the first one stays
KIN = 0.09  # fonts nearer than this are of one family, whatever their packages
READ = 20  # letters of 26 that the classifier must read
FOLDS, EPOCHS = 4, 5
HELD_OUT = 0.25  # of the fonts


def candidates(debs: Path) -> tuple[list[dict[str, str]], Tensor]:
    """Return the fonts that can be drawn, and their letters (N, 26, 28, 28) in [0, 1]."""
    fonts, pictures = [], []
    for package in read_table(PACKAGES):
        if package["left_out"]:
            continue
        for path, content in font_files(fetch(package, debs)):
            drawn = render(content)
            if drawn is None:
                continue
            letters = torch.from_numpy(drawn) / 255
            if LEAST_INK <= letters.mean() <= MOST_INK and distances(letters.flatten(1)).min() >= DISTINCT:
                name = " ".join(part for part in ImageFont.truetype(io.BytesIO(content), 20).getname() if part)
                fonts.append(
                    {"package": package["package"], "path": path, "name": " ".join(name.split()) or Path(path).stem}
                )
                pictures.append(letters)
    return fonts, torch.stack(pictures)


def distances(rows: Tensor) -> Tensor:
    """Return the root mean square differences of rows (N, D), with infinity between a row and itself: (N, N)."""
    return (torch.cdist(rows, rows) / rows.shape[1] ** 0.5).fill_diagonal_(torch.inf)


def families(fonts: list[dict[str, str]], apart: Tensor) -> list[str]:
    """Return the name of each font's family: the first, by alphabet, of the packages or words that lead to it."""
    labels = []
    for font in fonts:
        label = font["package"].removeprefix("fonts-")
        labels.append(f"{label} {font['name'].split()[0].lower()}" if label == "aenigma" else label)
    chief = {label: label for label in labels}

    def find(label: str) -> str:
        while chief[label] != label:
            label = chief[label]
        return label

    for i, j in (apart < KIN).nonzero().tolist():
        first, second = sorted((find(labels[i]), find(labels[j])))
        chief[second] = first
    return [find(label) for label in labels]


def without_doubles(apart: Tensor) -> list[int]:
    """Return which fonts stay if each that is nearer than SAME to an earlier one goes."""
    kept: list[int] = []
    for i in range(len(apart)):
        if not kept or apart[i, kept].min() >= SAME:
            kept.append(i)
    return kept


def count_read(letters: Tensor, names: list[str]) -> Tensor:
    """Return how many letters of each font a classifier reads that has not seen the font's family: (N,)."""
    order = sorted(set(names), key=digest)
    fold = torch.tensor([order.index(name) % FOLDS for name in names])
    read = torch.zeros(len(letters), dtype=torch.int64)
    for part in range(FOLDS):
        net = train_reader(letters[fold != part], seed=part)
        with torch.no_grad():
            answers = net(letters[fold == part].flatten(0, 1)[:, None] * 2 - 1).argmax(1).unflatten(0, (-1, 26))
        read[fold == part] = (answers == torch.arange(26)).sum(1)
    return read


def train_reader(letters: Tensor, seed: int, epochs: int = EPOCHS) -> nn.Module:
    """Return a classifier of letters, trained on (N, 26, 28, 28) in [0, 1] with shifts of up to two pixels."""
    gh.seed_everything(seed)
    net = gh.ConvClassifier(26)
    images, labels = letters.flatten(0, 1)[:, None] * 2 - 1, torch.arange(26).repeat(len(letters))
    steps = epochs * (len(images) // 128)
    adam = torch.optim.Adam(net.parameters(), 2e-3)
    fall = torch.optim.lr_scheduler.OneCycleLR(adam, 2e-3, total_steps=steps)
    for x, y in itertools.islice(gh.BatchStream(images, labels, batch_size=128, seed=seed), steps):
        x = torch.roll(x, torch.randint(-2, 3, (2,)).tolist(), (2, 3))
        loss = nn.functional.cross_entropy(net(x), y)
        adam.zero_grad()
        loss.backward()
        adam.step()
        fall.step()
    return net.eval()


def digest(name: str) -> str:
    """Return the SHA-256 of a name, which orders families as if by chance and the same everywhere."""
    return hashlib.sha256(name.encode()).hexdigest()


def hold_out(names: list[str]) -> set[str]:
    """Return the families that are held out: the first by hash, until they have the share HELD_OUT of the fonts."""
    chosen: set[str] = set()
    for name in sorted(set(names), key=digest):
        if sum(map(names.count, chosen)) + names.count(name) <= HELD_OUT * len(names):
            chosen.add(name)
    return chosen


def main(arguments: list[str]) -> int:
    """Draw all, choose, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--debs", type=Path, default=HERE.parent / "data" / "debs", help="where the packages are kept")
    options = parser.parse_args(arguments)
    gh.set_threads(1)
    fonts, letters = candidates(options.debs)
    apart = distances(letters.flatten(1))
    names = families(fonts, apart)
    print(f"{len(fonts)} fonts with 26 capitals, {len(set(names))} families")
    stay = without_doubles(apart)
    print(f"{len(stay)} of them look different")
    read = count_read(letters[stay], [names[i] for i in stay])
    print(f"letters read: {read.sum() / 26 / len(read):.1%}; in {(read < READ).sum()} fonts fewer than {READ}")
    stay = [i for i, letters_read in zip(stay, read.tolist(), strict=True) if letters_read >= READ]
    held_out = hold_out([names[i] for i in stay])
    with open(FONTS, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["package", "path", "name", "family", "held_out"])
        for i in stay:
            writer.writerow(
                [fonts[i]["package"], fonts[i]["path"], fonts[i]["name"], names[i], int(names[i] in held_out)]
            )
    out = torch.tensor([names[i] in held_out for i in stay])
    across = apart[stay][:, stay][out][:, ~out].min(1).values  # of each held-out font to the nearest other one
    print(f"{len(stay)} fonts stay, of {len({names[i] for i in stay})} families")
    print(f"held out: {int(out.sum())} fonts, of {len(held_out)} families")
    print(f"from these to the nearest of the others: least {across.min():.3f}, median {across.median():.3f}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
