"""Judge the generator of alphabets by networks that know neither it nor the fonts it learned from; write letters.csv.

    python -m benchmarks.judge_letters

Both judges learn from held-out fonts alone, in four rounds: three quarters of the held-out families teach them, the
real letters that they are tried on are those of the last quarter, and each round tries a quarter of the generated
alphabets. So real and generated letters are both new to a judge, and the generator has seen no font of the judges.

- Read: a classifier names the letter that was asked for. Control: letters asked for under the next one's name.
- Same: a judge of two different letters says that they are of one font. Its threshold, in each round, is the one at
  which it says so of one in twenty real pairs of two families. Control: two letters from two latent vectors.
- Nearest: root mean square of the difference between an alphabet and the nearest font that the generator learned from,
  black being 0 and white 1, against that of held-out fonts. Control: copies of those fonts with a little noise.
"""

import argparse
import csv
import hashlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import gan_helpers as gh  # isort: skip  # first: it sets the waiting policy of threads before torch is imported
import torch
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy

FOLDER = Path(gh.__file__).parent / "embedded"
ROUNDS = 4
ALPHABETS = 240  # that are judged
READER_STEPS, STYLE_STEPS = 1200, 1000
BATCH = 64
FALSE_ALARMS = 0.05  # pairs of two families that the judge of styles calls one font
COPY_NOISE = 0.02  # of the control of the nearest-font check, black being 0 and white 1
COLUMNS = ("measure", "subject", "value", "count")


class StyleJudge(nn.Module):
    """Two letters to a logit that they are of one font: the distance between what one network sees in each."""

    def __init__(self) -> None:
        super().__init__()
        self.features = gh.ConvClassifier(32)
        self.scale = nn.Parameter(torch.tensor([-1.0, 1.0]))

    def forward(self, pairs: Tensor) -> Tensor:
        """Map pairs (B, 2, 28, 28) to logits (B,)."""
        one, two = self.features(pairs.flatten(0, 1)[:, None]).unflatten(0, (-1, 2)).unbind(1)
        return self.scale[0].exp() * -(one - two).square().sum(1) + self.scale[1]


def rounds(letters: gh.LetterSet) -> list[Tensor]:
    """Return the held-out fonts of each round, (n,) int64: whole families, in the order of a hash of their names."""
    held = torch.arange(len(letters))[letters.held_out].tolist()
    names = sorted({letters.families[i] for i in held}, key=lambda name: hashlib.sha256(name.encode()).hexdigest())
    return [
        torch.tensor([i for i in held if names.index(letters.families[i]) % ROUNDS == part]) for part in range(ROUNDS)
    ]


def shifted(images: Tensor) -> Tensor:
    """Return images that are all moved by up to two pixels: a judge shall not mind where a letter stands."""
    return torch.roll(images, torch.randint(-2, 3, (2,)).tolist(), (2, 3))


def fit(net: nn.Module, losses: Iterator[Tensor], steps: int) -> nn.Module:
    """Minimise losses, one a step, with a learning rate that rises and falls."""
    adam = torch.optim.Adam(net.parameters(), 2e-3, fused=True)
    rate = torch.optim.lr_scheduler.OneCycleLR(adam, 2e-3, total_steps=steps)
    for _ in range(steps):
        adam.zero_grad()
        next(losses).backward()
        adam.step()
        rate.step()
    return net.requires_grad_(False).eval()


def train_reader(alphabets: Tensor, seed: int, steps: int = READER_STEPS) -> nn.Module:
    """Return a classifier of letters that learned from alphabets (F, 26, 1, 28, 28)."""
    gh.seed_everything(seed)
    net = gh.ConvClassifier(26)

    def losses() -> Iterator[Tensor]:
        while True:
            labels = torch.randint(26, (BATCH,))
            yield cross_entropy(net(shifted(alphabets[torch.randint(len(alphabets), (BATCH,)), labels])), labels)

    return fit(net, losses(), steps)


def train_style_judge(alphabets: Tensor, families: list[str], seed: int, steps: int = STYLE_STEPS) -> nn.Module:
    """Return a judge of whether two letters are of one font, from alphabets (F, 26, 1, 28, 28)."""
    rng = gh.seed_everything(seed)
    net = StyleJudge()

    def losses() -> Iterator[Tensor]:
        while True:
            pairs = torch.cat([draw_pairs(alphabets, families, BATCH, same, rng) for same in (True, False)])
            yield binary_cross_entropy_with_logits(net(shifted(pairs)), (torch.arange(2 * BATCH) < BATCH).float())

    return fit(net, losses(), steps)


def draw_pairs(alphabets: Tensor, families: list[str], count: int, same: bool, rng: torch.Generator) -> Tensor:
    """Return pairs of two different letters, (count, 2, 28, 28): of one alphabet, or of two families."""
    one, two = torch.randint(len(alphabets), (2, count), generator=rng)
    if same:
        two = one
    else:
        names = torch.tensor([sorted(set(families)).index(name) for name in families])
        while (clash := names[one] == names[two]).any():
            two[clash] = torch.randint(len(alphabets), (int(clash.sum()),), generator=rng)
    first = torch.randint(26, (count,), generator=rng)
    second = (first + torch.randint(1, 26, (count,), generator=rng)) % 26
    return torch.cat([alphabets[one, first], alphabets[two, second]], dim=1)


@torch.no_grad()
def draw(generator: nn.Module, count: int, seed: int) -> Tensor:
    """Return alphabets (count, 26, 1, 28, 28), each of one random latent vector."""
    z = torch.randn(count, generator.latent_dim, generator=torch.Generator().manual_seed(seed))
    return torch.stack([generator(one.expand(26, -1), torch.arange(26)) for one in z])


def nearest(alphabets: Tensor, fonts: Tensor) -> Tensor:
    """Return how far each alphabet is from the nearest of some fonts, both (n, 26, 1, 28, 28) in [-1, 1]: (n,)."""
    one, two = (alphabet.flatten(1) / 2 for alphabet in (alphabets, fonts))
    return torch.cdist(one, two).min(1).values / one.shape[1] ** 0.5


def judge(generator: nn.Module, letters: gh.LetterSet, seed: int = 1) -> list[dict[str, object]]:
    """Return the rows of letters.csv."""
    generated = draw(generator, ALPHABETS, seed)
    asked = torch.arange(26)
    read: dict[str, list[Tensor]] = {"held out": [], "generated": [], "asked for the next letter": []}
    same: dict[str, list[Tensor]] = {"held out": [], "generated": [], "two latent vectors": [], "two families": []}
    rng = torch.Generator().manual_seed(seed)
    parts = rounds(letters)
    for part, fresh in enumerate(parts):
        taught = torch.cat([fonts for other, fonts in enumerate(parts) if other != part])
        names = [[letters.families[i] for i in fonts] for fonts in (taught, fresh)]
        reader = train_reader(letters.images[taught], seed=100 * seed + part)
        style = train_style_judge(letters.images[taught], names[0], seed=100 * seed + 50 + part)
        real, made = letters.images[fresh], generated[part::ROUNDS]
        read["held out"].append(answers(reader, real) == asked)
        read["generated"].append(answers(reader, made) == asked)
        read["asked for the next letter"].append(answers(reader, made) == asked.roll(-1))
        pairs = {
            "two families": draw_pairs(real, names[1], 4000, False, rng),
            "held out": draw_pairs(real, names[1], 4000, True, rng),
            "generated": draw_pairs(made, [], 4000, True, rng),
            "two latent vectors": draw_pairs(made, [str(i) for i in range(len(made))], 4000, False, rng),
        }
        logits = {name: style(pair) for name, pair in pairs.items()}
        threshold = logits["two families"].quantile(1 - FALSE_ALARMS)
        for name, values in logits.items():
            same[name].append(values > threshold)
    rows = [row("read", name, torch.cat(found)) for name, found in read.items()]
    for name in ("held out", "generated"):
        found = torch.cat(read[name])  # (fonts, 26)
        rows += [row(f"read {letter}", name, found[:, i]) for i, letter in enumerate(letters.classes)]
    rows += [row("same", name, torch.cat(found)) for name, found in same.items()]
    known = letters.images[~letters.held_out]
    copies = known[torch.randperm(len(known), generator=rng)[:ALPHABETS]]
    copies = (copies + 2 * COPY_NOISE * torch.randn(copies.shape, generator=rng)).clamp(-1, 1)
    far = {
        "held out": nearest(letters.images[letters.held_out], known),
        "generated": nearest(generated, known),
        "copies": nearest(copies, known),
    }
    near = far["held out"].quantile(0.05)
    for name, values in far.items():
        rows.append({"measure": "nearest, median", "subject": name, "value": values.median(), "count": len(values)})
        rows.append({"measure": "nearest, least", "subject": name, "value": values.min(), "count": len(values)})
        rows.append(row("nearer than one held-out font in twenty", name, values < near))
    return [{**entry, "value": f"{float(entry['value']):.4f}"} for entry in rows]


@torch.no_grad()
def answers(reader: nn.Module, alphabets: Tensor) -> Tensor:
    """Return what the classifier reads in alphabets (F, 26, 1, 28, 28): (F, 26)."""
    return reader(alphabets.flatten(0, 1)).argmax(1).unflatten(0, (-1, 26))


def row(measure: str, subject: str, found: Tensor) -> dict[str, object]:
    """Return a row that tells the share of what was found true."""
    return {"measure": measure, "subject": subject, "value": found.float().mean(), "count": found.numel()}


def scores(rows: list[dict[str, object]]) -> dict[str, float]:
    """Return what the card tells, from the rows of letters.csv."""
    values = {(entry["measure"], entry["subject"]): float(entry["value"]) for entry in rows}
    return {
        "read_as_asked": values["read", "generated"],
        "read_of_held_out_fonts": values["read", "held out"],
        "same_font": values["same", "generated"],
        "same_font_of_held_out_fonts": values["same", "held out"],
        "same_font_of_two_latent_vectors": values["same", "two latent vectors"],
        "nearest_font": values["nearest, median", "generated"],
        "nearest_font_of_held_out_fonts": values["nearest, median", "held out"],
    }


def main(arguments: list[str]) -> int:
    """Judge the generator that is stored, and write the table and the card's scores."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.judge_letters", description=__doc__.splitlines()[0])
    parser.parse_args(arguments)
    gh.set_threads(1)
    rows = judge(gh.load_pretrained("letters"), gh.load_letters())
    with open(FOLDER / "results" / "letters.csv", "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    card = gh.pretrained_card("letters") | {"scores": scores(rows)}
    (FOLDER / "pretrained" / "letters.json").write_text(json.dumps(card, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(card, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
