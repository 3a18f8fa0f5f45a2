"""Train the generators that travel with the package, and write weights, recipe and scores to gan_helpers/embedded.

    python -m benchmarks.train_pretrained --data mnist
    python -m benchmarks.train_pretrained --data fashion

Each takes some minutes on one core. The weights are stored as float16, and the scores are those of the stored
weights, by the judge of the chapter on evaluation, which never sees a generated image. Judge and generators learn from
the first 8,000 images alone; the last 2,000 are kept for the scores.
"""

import argparse
import copy
import dataclasses
import json
import sys
import time
from pathlib import Path

import gan_helpers as gh  # isort: skip  # first: it sets the waiting policy of threads before torch is imported
import numpy as np
import torch
from torch import nn

from benchmarks.tricks import train_judge
from gan_helpers.recipes import RECIPES, make_steps

FOLDER = Path(gh.__file__).parent / "embedded" / "pretrained"
RECIPE = dataclasses.replace(RECIPES["cgan"], same_fakes=True, instance_noise=0.3, ema_decay=0.999)
TRAINING_IMAGES = 8_000  # the rest is for the scores
STEPS = 9_000
SEED = 1


def train(data: gh.ImageSet, steps: int, seed: int) -> nn.Module:
    """Return the averaged generator after `steps` steps; the learning rates sink to zero over the last half."""
    gh.seed_everything(seed)
    generator = gh.ConditionalGenerator(RECIPE.latent_dim, width=RECIPE.width)
    discriminator = gh.ConditionalDiscriminator(width=2 * RECIPE.width)  # only the generator has to travel
    average = copy.deepcopy(generator)
    batches = gh.BatchStream(
        data.images[:TRAINING_IMAGES], data.labels[:TRAINING_IMAGES], batch_size=RECIPE.batch, seed=seed
    )
    d_step, g_step, optimizers = make_steps(RECIPE, generator, discriminator)
    for record in gh.train_gan(d_step, g_step, batches, steps=steps):
        gh.ema_update(average, generator, decay=RECIPE.ema_decay)
        for optimizer in optimizers:
            for group in optimizer.param_groups:
                group["lr"] = RECIPE.learning_rate * min(1.0, 2 - 2 * record.step / steps)
    return average.eval()


@torch.no_grad()
def score(generator: nn.Module, data: gh.ImageSet, seed: int) -> dict[str, float]:
    """Return the share of 2,000 samples read as asked, and their Fréchet distance to 2,000 unseen images."""
    with torch.enable_grad():
        judge = train_judge(data.images[:TRAINING_IMAGES], data.labels[:TRAINING_IMAGES])
    torch.manual_seed(seed)
    asked = torch.arange(10).repeat(200)
    images = generator(torch.randn(2000, generator.latent_dim), asked)
    real = judge.features(data.images[TRAINING_IMAGES:])
    accuracy = (judge(data.images[TRAINING_IMAGES:]).argmax(1) == data.labels[TRAINING_IMAGES:]).float().mean()
    return {
        "frechet": round(gh.frechet_distance(real, judge.features(images)), 2),
        "frechet_of_real_images": round(gh.frechet_distance(real, judge.features(data.images[:2000])), 2),
        "read_as_asked": round(float((judge(images).argmax(1) == asked).float().mean()), 4),
        "judge_accuracy_on_real_images": round(float(accuracy), 4),
    }


def main(arguments: list[str]) -> int:
    """Train, store, score."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.train_pretrained", description=__doc__.splitlines()[0])
    parser.add_argument("--data", required=True, choices=("mnist", "fashion"))
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--seed", type=int, default=SEED)
    options = parser.parse_args(arguments)
    gh.set_threads(1)
    data = gh.load_images(options.data)
    start = time.perf_counter()
    generator = train(data, options.steps, options.seed)
    seconds = time.perf_counter() - start
    FOLDER.mkdir(parents=True, exist_ok=True)
    weights = {
        name: value.half().numpy() for name, value in generator.state_dict().items() if value.is_floating_point()
    }
    np.savez_compressed(FOLDER / f"{options.data}.npz", **weights)
    card = {
        "command": f"python -m benchmarks.train_pretrained --data {options.data} "
        f"--steps {options.steps} --seed {options.seed}",
        "network": {"latent_dim": RECIPE.latent_dim, "classes": 10, "channels": 1, "width": RECIPE.width},
        "minutes_wall_clock": round(seconds / 60, 1),
    }
    file = FOLDER / f"{options.data}.json"
    file.write_text(json.dumps(card), encoding="utf-8")
    card["scores"] = score(gh.load_pretrained(options.data), data, options.seed)  # of the weights as they are stored
    file.write_text(json.dumps(card, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(card, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
