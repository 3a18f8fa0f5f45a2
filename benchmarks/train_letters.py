"""Train the generator of alphabets that travels with the package, write weights and card, and have it judged.

    python -m benchmarks.train_letters

The generator is the book's conditional one: the label is the letter, the latent vector is the font. What keeps an
alphabet in one style is its discriminator, which sees two letters of one font as the two channels of an image
(Donahue et al. 2018, SD-GAN: pairs of one identity), and both labels by projection. Besides pairs drawn from one
latent vector it learns to refuse real pairs with wrong labels, and pairs whose letters come from two fonts. Held-out
fonts are never seen. With --keep the weights of every 500th step stay in a folder, from which a run goes on; the
card then has the minutes of the last part. (The stored run had three; their sum, 21.6, was put on its card by hand.)
"""

import argparse
import copy
import itertools
import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import gan_helpers as gh  # isort: skip  # first: it sets the waiting policy of threads before torch is imported
import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import softplus

from benchmarks import judge_letters

FOLDER = Path(gh.__file__).parent / "embedded" / "pretrained"
NETWORK = {"latent_dim": 64, "classes": 26, "channels": 1, "width": 24}
WIDTH = 24  # of the discriminator
BATCH = 32  # pairs
LEARNING_RATE, BETAS = 1.5e-3, (0.0, 0.9)
NOISE = 0.1  # standard deviation, on all that the discriminator sees
WRONG_LABEL, TWO_FONTS = 0.5, 0.5  # weights of the two further kinds of pairs that it learns to refuse
DECAY = 0.999  # of the averaged weights
STEPS = 7_000
SEED = 1

Pairs = tuple[Tensor, Tensor, Tensor]  # letters of one font and of two, both (B, 2, 28, 28), and labels (B, 2)


class PairDiscriminator(nn.Module):
    r"""A discriminator of two letters by projection on both labels: $l = (e_a + e'_b + w) \cdot \phi(x_a, x_b) + c$."""

    def __init__(self, width: int, classes: int = 26) -> None:
        super().__init__()
        self.net = gh.ConvDiscriminator(channels=2, width=width)
        self.embeddings = nn.ModuleList(nn.Embedding(classes, self.net.head.in_features) for _ in range(2))
        for embedding in self.embeddings:
            nn.init.normal_(embedding.weight, 0.0, 0.02)

    def forward(self, pairs: Tensor, *labels: Tensor) -> list[Tensor]:
        """Map pairs (B, 2, 28, 28) and, one after the other, some labels (B, 2) to a list of logits (B,)."""
        features = self.net.features(pairs)
        plain = self.net.head(features).squeeze(1)
        first, second = self.embeddings
        return [plain + ((first(y[:, 0]) + second(y[:, 1])) * features).sum(1) for y in labels]


def draw_pairs(images: Tensor, rng: torch.Generator) -> Iterator[Pairs]:
    """Yield batches of pairs of two different letters, from images (F, 26, 1, 28, 28)."""
    count = len(images)
    while True:
        font, shift = torch.randint(count, (BATCH,), generator=rng), torch.randint(1, count, (BATCH,), generator=rng)
        first, step = torch.randint(26, (BATCH,), generator=rng), torch.randint(1, 26, (BATCH,), generator=rng)
        labels = torch.stack([first, (first + step) % 26], dim=1)
        one = images[font[:, None], labels].squeeze(2)
        other = images[(font + shift) % count, labels[:, 1]]
        yield one, torch.cat([one[:, :1], other], dim=1), labels


def wrong(labels: Tensor) -> Tensor:
    """Return labels (B, 2) of which one of the two, chosen by chance, is another letter."""
    side = torch.randint(2, (len(labels), 1))
    step = torch.randint(1, 26, (len(labels), 1))
    return (labels + step * torch.cat([side, 1 - side], dim=1)) % 26


def train(letters: gh.LetterSet, steps: int, seed: int, keep: Path | None = None) -> nn.Module:
    """Return the averaged generator after `steps` steps; the learning rates sink to zero over the last half."""
    rng = gh.seed_everything(seed)
    generator = gh.ConditionalGenerator(NETWORK["latent_dim"], classes=26, width=NETWORK["width"])
    discriminator = PairDiscriminator(WIDTH)
    average = copy.deepcopy(generator)
    d_adam, g_adam = (
        torch.optim.Adam(net.parameters(), LEARNING_RATE, BETAS, fused=True) for net in (discriminator, generator)
    )
    made: list[Tensor] = []  # both players learn from the same drawn letters

    def noisy(pairs: Tensor) -> Tensor:
        return pairs + NOISE * torch.randn_like(pairs)

    def d_step(batch: Pairs) -> Tensor:
        one, two, labels = batch
        z = torch.randn(len(labels), NETWORK["latent_dim"])
        made[:] = [generator(z.repeat(2, 1), labels.T.flatten()).unflatten(0, (2, -1)).squeeze(2).transpose(0, 1)]
        real, mislabelled = discriminator(noisy(one), labels, wrong(labels))
        (fake,) = discriminator(noisy(made[0].detach()), labels)
        (mixed,) = discriminator(noisy(two), labels)
        loss = gh.minimax_d(real, fake)
        loss = loss + WRONG_LABEL * softplus(mislabelled).mean() + TWO_FONTS * softplus(mixed).mean()
        d_adam.zero_grad()
        loss.backward()
        d_adam.step()
        return loss

    def g_step(batch: Pairs) -> Tensor:
        discriminator.requires_grad_(False)
        loss = gh.non_saturating_g(discriminator(noisy(made[0]), batch[2])[0])
        g_adam.zero_grad()
        loss.backward()
        g_adam.step()
        discriminator.requires_grad_(True)
        return loss

    parts = {"generator": generator, "discriminator": discriminator, "average": average}
    parts |= {"d_adam": d_adam, "g_adam": g_adam, "rng": rng, "default": torch.default_generator}
    checkpoints = keep and gh.Checkpoints(keep, every=500, keep=100, **parts)
    pairs = draw_pairs(letters.images[~letters.held_out], rng)
    for record in gh.train_gan(d_step, g_step, pairs, steps=steps, checkpoints=checkpoints, resume=bool(keep)):
        gh.ema_update(average, generator, decay=DECAY)
        for group in itertools.chain(d_adam.param_groups, g_adam.param_groups):
            group["lr"] = LEARNING_RATE * min(1.0, 2 - 2 * record.step / steps)
    return settle(average)


@torch.no_grad()
def settle(generator: nn.Module, count: int = 5200) -> nn.Module:
    """Give averaged weights the moments of their own features (see `gan_helpers.recipes.settle`), in place."""
    for layer in generator.modules():
        if isinstance(layer, nn.BatchNorm2d):
            layer.reset_running_stats()
            layer.momentum = None  # the plain mean over all that it will see
    generator.train()
    for labels in (torch.arange(count) % 26).split(520):
        generator(torch.randn(len(labels), generator.latent_dim), labels)
    return generator.eval()


def main(arguments: list[str]) -> int:
    """Train and store."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.train_letters", description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--keep", type=Path, help="a folder for checkpoints, from which a stopped run goes on")
    options = parser.parse_args(arguments)
    gh.set_threads(1)
    start = time.perf_counter()
    generator = train(gh.load_letters(), options.steps, options.seed, options.keep)
    minutes = round((time.perf_counter() - start) / 60, 1)
    floats = {name: value for name, value in generator.state_dict().items() if value.is_floating_point()}
    np.savez_compressed(FOLDER / "letters.npz", **{name: value.half().numpy() for name, value in floats.items()})
    card = {
        "command": f"python -m benchmarks.train_letters --steps {options.steps} --seed {options.seed}",
        "network": NETWORK,
        "minutes_wall_clock": minutes,
    }
    (FOLDER / "letters.json").write_text(json.dumps(card, indent=2) + "\n", encoding="utf-8")
    return judge_letters.main([])  # which adds the scores


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
