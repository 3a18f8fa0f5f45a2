"""Bad input to every public function gets one sentence of our own, before anything is lost."""

import re
import traceback
from pathlib import Path
from types import SimpleNamespace

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from torch import nn

import gan_helpers as gh
from gan_helpers.widgets import LatentExplorer, Scrubber

PACKAGE = str(Path(gh.__file__).parent)
NAN, RNG = float("nan"), torch.Generator()
POINTS, IMAGES, WHOLE = torch.randn(8, 2), torch.zeros(4, 1, 28, 28), torch.arange(16).reshape(8, 2)
MANY = torch.randn(60, 2)
BAD = POINTS.clone()
BAD[3, 1] = NAN
CENTRES = gh.ring_centres(8)
NET, DIGITS = gh.MLPDiscriminator((2,), hidden=(4,)), gh.ConvDiscriminator(width=2)
GENERATOR, CONDITIONAL = gh.ConvGenerator(4, width=2), gh.ConditionalGenerator(4, width=2)
RECORDS = [gh.StepRecord(i, torch.tensor(1.3), torch.tensor(0.7)) for i in range(1, 121)]
LOGITS = torch.randn(6)


def step(batch):
    return torch.tensor(1.0)


def train(**changes):
    settings = {"d_step": step, "g_step": step, "batches": iter([POINTS] * 9), "steps": 2, "progress": False} | changes
    return list(gh.train_gan(**settings))


CASES = {
    # tensors that are none
    "losses: list": (lambda: gh.minimax_d([1.0], LOGITS), TypeError, "torch.as_tensor"),
    "losses: NumPy": (lambda: gh.hinge_g(np.ones(3)), TypeError, "torch.as_tensor"),
    "losses: whole": (lambda: gh.non_saturating_g(torch.arange(3)), TypeError, r"\.float\(\)"),
    "losses: shape": (lambda: gh.wasserstein_d(torch.ones(3, 2), LOGITS), ValueError, r"\(3, 2\) came"),
    "losses: nothing": (lambda: gh.least_squares_d(torch.ones(0), LOGITS), ValueError, "B > 0"),
    "network: list": (lambda: NET([[1.0, 2.0]]), TypeError, "torch.as_tensor"),
    "network: NumPy": (lambda: NET(np.ones((3, 2))), TypeError, "torch.as_tensor"),
    "network: whole": (lambda: NET(WHOLE), TypeError, r"\.float\(\)"),
    "network: float64": (lambda: NET(POINTS.double()), TypeError, "convert one of them"),
    "network: device": (lambda: NET(POINTS.to("meta")), ValueError, r"move one with \.to"),
    "network: shape": (lambda: NET(torch.randn(8, 3)), ValueError, r"\(B, 2\)"),
    "network: images": (lambda: DIGITS(torch.zeros(4, 28, 28)), ValueError, r"\(B, 1, 28, 28\)"),
    "network: bytes": (lambda: DIGITS(IMAGES.to(torch.uint8)), TypeError, r"\.float\(\)"),
    "generator: list": (lambda: GENERATOR([[0.0] * 4]), TypeError, "torch.as_tensor"),
    "generator: whole": (lambda: GENERATOR(torch.ones(2, 4, dtype=torch.int64)), TypeError, r"\.float\(\)"),
    "generator: length": (lambda: GENERATOR(torch.randn(2, 5)), ValueError, r"\(B, 4\)"),
    "generator: labels": (lambda: CONDITIONAL(torch.randn(2, 4), torch.ones(2)), ValueError, "int64"),
    "generator: class": (lambda: CONDITIONAL(torch.randn(1, 4), torch.tensor([10])), ValueError, r"\[0, 9\]"),
    "pairs: list": (
        lambda: gh.ConditionalDiscriminator(width=2)([1], torch.tensor([1])), TypeError, "torch.as_tensor",
    ),
    "judge: list": (lambda: gh.ConvClassifier().features([1.0]), TypeError, "torch.as_tensor"),
    "frechet: NumPy": (lambda: gh.frechet_distance(np.ones((4, 2)), POINTS), TypeError, "torch.as_tensor"),
    "frechet: whole": (lambda: gh.frechet_distance(WHOLE, POINTS), TypeError, r"\.float\(\)"),
    "frechet: no columns": (lambda: gh.frechet_distance(torch.ones(4, 0), torch.ones(4, 0)), ValueError, "columns"),
    "frechet: NaN": (lambda: gh.frechet_distance(POINTS, BAD), ValueError, "NaN"),
    "frechet: one sample": (lambda: gh.frechet_distance(POINTS[:1], POINTS), ValueError, "at least 2"),
    "kernel: list": (lambda: gh.kernel_distance([[1.0]], POINTS), TypeError, "torch.as_tensor"),
    "kernel: no columns": (lambda: gh.kernel_distance(torch.ones(4, 0), torch.ones(4, 0)), ValueError, "columns"),
    "inception: list": (lambda: gh.inception_score([[1.0]]), TypeError, "torch.as_tensor"),
    "inception: whole": (lambda: gh.inception_score(WHOLE), TypeError, r"\.float\(\)"),
    "inception: nothing": (lambda: gh.inception_score(torch.ones(0, 3)), ValueError, r"\(0, 3\)"),
    "precision: k": (lambda: gh.precision_recall(POINTS, POINTS, k=2.5), TypeError, "whole number"),
    "precision: k True": (lambda: gh.precision_recall(POINTS, POINTS, k=True), TypeError, "whole number"),
    "precision: few": (lambda: gh.precision_recall(POINTS[:3], POINTS), ValueError, "at least 4"),
    "precision: no columns": (lambda: gh.precision_recall(torch.ones(8, 0), torch.ones(8, 0)), ValueError, "columns"),
    "density: k": (lambda: gh.density_coverage(POINTS, POINTS, k=2.5), TypeError, "whole number"),
    "density: few": (lambda: gh.density_coverage(POINTS[:5], POINTS), ValueError, "at least 6 real samples"),
    "density: nothing": (lambda: gh.density_coverage(POINTS, POINTS[:0]), ValueError, "at least 1"),
    "density: list": (lambda: gh.density_coverage([[1.0]], POINTS), TypeError, "torch.as_tensor"),
    "bar: no score": (lambda: gh.error_bar(POINTS, POINTS, rng=RNG), TypeError, "a function"),
    "bar: no samples": (lambda: gh.error_bar(gh.inception_score, rng=RNG), ValueError, "none came"),
    "bar: list": (lambda: gh.error_bar(gh.inception_score, [[1.0]], rng=RNG), TypeError, "torch.as_tensor"),
    "bar: NaN": (lambda: gh.error_bar(gh.inception_score, BAD, rng=RNG), ValueError, "NaN"),
    "bar: few": (lambda: gh.error_bar(gh.inception_score, POINTS[:3], rng=RNG), ValueError, "at least 4"),
    "bar: rounds": (lambda: gh.error_bar(gh.inception_score, POINTS, rounds=1, rng=RNG), ValueError, "rounds"),
    "bar: rng": (lambda: gh.error_bar(gh.inception_score, POINTS, rng=1), TypeError, "torch.Generator"),
    "bar: answer": (lambda: gh.error_bar(lambda x: x, POINTS, rng=RNG), TypeError, "one number"),
    "bar: PrecisionRecall": (lambda: gh.error_bar(gh.precision_recall, POINTS, POINTS, rng=RNG), TypeError, "a number"),
    "transport: list": (lambda: gh.wasserstein_distance([1.0], [2.0]), TypeError, "torch.as_tensor"),
    "transport: sizes": (lambda: gh.wasserstein_distance(POINTS, POINTS[:3]), ValueError, "one shape"),
    "transport: none": (lambda: gh.wasserstein_distance(torch.ones(0), torch.ones(0)), ValueError, "at least 1"),
    "modes: list": (lambda: gh.mode_coverage([[1.0, 2.0]], CENTRES, radius=1), TypeError, "torch.as_tensor"),
    "modes: radius NaN": (lambda: gh.mode_coverage(POINTS, CENTRES, radius=NAN), ValueError, "radius must be above 0"),
    "modes: radius text": (lambda: gh.mode_coverage(POINTS, CENTRES, radius="1"), TypeError, "a number"),
    "modes: share": (lambda: gh.mode_coverage(POINTS, CENTRES, radius=1, least_share=2), ValueError, "least_share"),
    "bytes: list": (lambda: gh.to_bytes([0.5]), TypeError, "torch.as_tensor"),
    "bytes: NaN": (lambda: gh.to_bytes(BAD), ValueError, "NaN"),
    "range: floats": (lambda: gh.to_model_range(torch.ones(3)), TypeError, "scaled already"),
    "images: list": (lambda: gh.check_images([1.0]), TypeError, "list"),
    # samplers
    "mixture: list": (lambda: gh.sample_mixture(5, [[0.0, 1.0]], std=1, rng=RNG), TypeError, "torch.as_tensor"),
    "mixture: whole": (lambda: gh.sample_mixture(5, WHOLE, std=1, rng=RNG), TypeError, r"\.float\(\)"),
    "mixture: std NaN": (lambda: gh.sample_mixture(5, CENTRES, std=NAN, rng=RNG), ValueError, "std must be at least 0"),
    "mixture: std negative": (lambda: gh.sample_mixture(5, CENTRES, std=-1, rng=RNG), ValueError, "at least 0"),
    "mixture: std infinite": (lambda: gh.sample_mixture(5, CENTRES, std=float("inf"), rng=RNG), ValueError, "std"),
    "mixture: n": (lambda: gh.sample_mixture(2.5, CENTRES, std=1, rng=RNG), TypeError, "whole number"),
    "mixture: rng": (lambda: gh.sample_mixture(5, CENTRES, std=1, rng=1), TypeError, "torch.Generator"),
    "mixture: centres NaN": (lambda: gh.sample_mixture(5, BAD, std=1, rng=RNG), ValueError, "NaN"),
    "roll: noise NaN": (lambda: gh.sample_swiss_roll(5, noise=NAN, rng=RNG), ValueError, "noise must be at least 0"),
    "roll: rng": (lambda: gh.sample_swiss_roll(5, rng=None), TypeError, "torch.Generator"),
    "moons: noise": (lambda: gh.sample_two_moons(5, noise=-0.1, rng=RNG), ValueError, "at least 0"),
    "moons: n": (lambda: gh.sample_two_moons(0, rng=RNG), ValueError, "at least 1"),
    "ring: radius NaN": (lambda: gh.ring_centres(8, radius=NAN), ValueError, "radius must be at least 0"),
    "ring: radius negative": (lambda: gh.ring_centres(8, radius=-2), ValueError, "radius must be at least 0"),
    "ring: modes": (lambda: gh.ring_centres("8"), TypeError, "whole number"),
    "grid: spacing": (lambda: gh.grid_centres(3, spacing=NAN), ValueError, "spacing must be at least 0"),
    # seeds and devices that are none
    "seed: text": (lambda: gh.seed_everything("1"), TypeError, "integer"),
    "seed: large": (lambda: gh.seed_everything(2**32), ValueError, "2\\*\\*32"),
    "device: number": (lambda: gh.pick_device(3.5), ValueError, "cannot be used here"),
    "device: name": (lambda: gh.pick_device("gpu"), ValueError, "cannot be used here"),
    "threads: text": (lambda: gh.set_threads("2"), ValueError, "whole number"),
    "stream: seed": (lambda: gh.BatchStream(POINTS, batch_size=2, seed="a"), TypeError, "seed"),
    "stream: negative seed": (lambda: gh.BatchStream(POINTS, batch_size=2, seed=-1), ValueError, "seed"),
    "stream: large seed": (lambda: gh.BatchStream(POINTS, batch_size=2, seed=2**64), ValueError, "seed"),
    "stream: device": (lambda: gh.BatchStream(POINTS, batch_size=2, seed=1, device="gpu"), ValueError, "pick_device"),
    "stream: list": (lambda: gh.BatchStream([1.0, 2.0], batch_size=1, seed=1), TypeError, "torch.as_tensor"),
    "stream: whole": (lambda: gh.BatchStream(WHOLE, batch_size=1, seed=1), TypeError, r"\.float\(\)"),
    "stream: labels": (lambda: gh.BatchStream(POINTS, [1] * 8, batch_size=1, seed=1), TypeError, "labels"),
    "stream: batch": (lambda: gh.BatchStream(POINTS, batch_size=9, seed=1), ValueError, "at most the 8"),
    "load: list": (lambda: gh.load_images([]), ValueError, "no image set"),
    "load: number": (lambda: gh.load_images(3), ValueError, "no image set"),
    "results": (lambda: gh.load_results(["tricks"]), ValueError, "no results"),
    "pretrained": (lambda: gh.load_pretrained(None), ValueError, "no trained generator"),
    # penalties
    "penalty: constant": (lambda: gh.gradient_penalty(lambda x: torch.zeros(8), POINTS, POINTS), ValueError, "slope"),
    "penalty: detached": (lambda: gh.gradient_penalty(lambda x: NET(x.detach()), POINTS, POINTS), ValueError, "slope"),
    "penalty: shape": (lambda: gh.gradient_penalty(lambda x: x, POINTS, POINTS), ValueError, r"\(8, 2\) came"),
    "penalty: one number": (lambda: gh.gradient_penalty(lambda x: x.sum()[None], POINTS, POINTS), ValueError, "8 sam"),
    "penalty: list": (lambda: gh.gradient_penalty(NET, [1.0], POINTS), TypeError, "torch.as_tensor"),
    "penalty: whole": (lambda: gh.gradient_penalty(NET, WHOLE, WHOLE), TypeError, r"\.float\(\)"),
    "penalty: shapes": (lambda: gh.gradient_penalty(NET, POINTS, POINTS[:3]), ValueError, "agree in shape"),
    "R1: constant": (lambda: gh.r1_penalty(lambda x: torch.zeros(len(x)), POINTS), ValueError, "slope"),
    "R1: shape": (lambda: gh.r1_penalty(lambda x: x, POINTS), ValueError, r"\(8, 2\) came"),
    "R1: whole": (lambda: gh.r1_penalty(NET, WHOLE), TypeError, r"\.float\(\)"),
    "R1: nothing": (lambda: gh.r1_penalty(NET, POINTS[:0]), ValueError, "at least one"),
    # networks that cannot be built
    "sizes: text": (lambda: gh.MLPGenerator(2, "ab"), TypeError, "sequence"),
    "sizes: number": (lambda: gh.MLPGenerator(2, 3), TypeError, "sequence"),
    "sizes: zero": (lambda: gh.MLPGenerator(0, (2,)), ValueError, "at least 1"),
    "sizes: float": (lambda: gh.MLPGenerator(2.0, (2,)), TypeError, "whole number"),
    "hidden: number": (lambda: gh.MLPDiscriminator((2,), hidden=64), TypeError, "sequence"),
    "hidden: none": (lambda: gh.MLPDiscriminator((2,), hidden=()), ValueError, "at least one hidden"),
    "dropout: NaN": (lambda: gh.MLPDiscriminator((2,), dropout=NAN), ValueError, "dropout"),
    "dropout: text": (lambda: gh.MLPDiscriminator((2,), dropout="half"), TypeError, "dropout"),
    "init: none": (lambda: gh.init_dcgan(None), TypeError, "torch.nn.Module"),
    # training
    "train: checkpoints": (lambda: train(checkpoints="folder"), TypeError, "Checkpoints\\(folder"),
    "train: checkpoints number": (lambda: train(checkpoints=5), TypeError, "Checkpoints\\(folder"),
    "train: batches": (lambda: train(batches=None), TypeError, "BatchStream"),
    "train: number": (lambda: train(batches=5), TypeError, "BatchStream"),
    "train: step": (lambda: train(d_step=3), TypeError, "d_step must be a function"),
    "train: loss": (lambda: train(g_step=lambda batch: 1.0), TypeError, "g_step must return its loss"),
    "train: no loss": (lambda: train(g_step=lambda batch: None), TypeError, "return loss"),
    "train: steps": (lambda: train(steps=2.5), TypeError, "whole number"),
    "train: end": (lambda: train(steps=20), ValueError, "the batches ended"),
    "train: resume": (lambda: train(resume=True), ValueError, "needs checkpoints"),
    "checkpoints: folder": (lambda: gh.Checkpoints(None, every=1, net=NET), TypeError, "path"),
    "checkpoints: part": (lambda: gh.Checkpoints("x", every=1, net=3), TypeError, "no state_dict"),
    "average: none": (lambda: gh.ema_update(None, NET), TypeError, "average"),
    "average: other": (lambda: gh.ema_update(DIGITS, NET), ValueError, "same architecture"),
    "average: decay": (lambda: gh.ema_update(NET, NET, decay=NAN), ValueError, "decay"),
    # diagnosis
    "diagnose: number": (lambda: gh.diagnose(3), TypeError, "train_gan"),
    "diagnose: other": (lambda: gh.diagnose([1.0] * 200), TypeError, "train_gan"),
    "diagnose: few": (lambda: gh.diagnose(RECORDS[:5]), ValueError, "at least 100"),
    "diagnose: half": (lambda: gh.diagnose(RECORDS, real=POINTS), ValueError, "both or neither"),
    "diagnose: lists": (lambda: gh.diagnose(RECORDS, real=[1.0], fake=[1.0]), TypeError, "torch.as_tensor"),
    "diagnose: NaN": (lambda: gh.diagnose(RECORDS, real=POINTS, fake=BAD), ValueError, "NaN"),
    "diagnose: constant": (
        lambda: gh.diagnose(RECORDS, real=torch.ones(60, 2), fake=MANY), ValueError, "no variety",
    ),
    "diagnose: few samples": (lambda: gh.diagnose(RECORDS, real=MANY, fake=POINTS), ValueError, "at least 50"),
    "diagnose: shapes": (
        lambda: gh.diagnose(RECORDS, real=MANY, fake=MANY[:, :1]), ValueError, r"one shape .*\(60, 1\) came",
    ),
    "diagnose: nothing": (
        lambda: gh.diagnose(RECORDS, train_logits=LOGITS[:0], held_out_logits=LOGITS), ValueError, "at least one",
    ),
    "diagnose: no shape": (lambda: gh.diagnose(RECORDS, real=MANY[0, 0], fake=MANY[0, 0]), ValueError, "at least 50"),
    "diagnose: half a record": (
        lambda: gh.diagnose([SimpleNamespace(step=1, d_loss=torch.tensor(1.0))] * 200), TypeError, "train_gan",
    ),
    "diagnose: many losses": (
        lambda: gh.diagnose([gh.StepRecord(1, torch.ones(3), torch.ones(3))] * 200), TypeError, "one number each",
    ),
    # plots of nothing
    "plot: nothing": (lambda: gh.plot_points(), ValueError, "nothing to draw"),
    "plot: no points": (lambda: gh.plot_points(POINTS[:0]), ValueError, "N > 0"),
    "plot: list": (lambda: gh.plot_points([[1.0, 2.0]]), TypeError, "torch.as_tensor"),
    "plot: NaN": (lambda: gh.plot_points(BAD), ValueError, "NaN"),
    "plot: limit": (lambda: gh.plot_points(POINTS, limit=-1), ValueError, "limit"),
    "plot: images list": (lambda: gh.plot_images([1.0]), TypeError, "torch.as_tensor"),
    "plot: no images": (lambda: gh.plot_images(IMAGES[:0]), ValueError, "are needed"),
    "plot: range": (lambda: gh.plot_images(IMAGES + 2), ValueError, r"\[-1, 1\]"),
    "plot: columns": (lambda: gh.plot_images(IMAGES, columns=2.5), TypeError, "whole number"),
    "plot: no columns": (lambda: gh.plot_images(IMAGES, columns=0), ValueError, "at least 1"),
    "plot: no records": (lambda: gh.plot_losses([]), ValueError, "nothing to draw"),
    "plot: records": (lambda: gh.plot_losses(3), TypeError, "train_gan"),
    "plot: smooth": (lambda: gh.plot_losses(RECORDS, smooth=0), ValueError, "smooth"),
    "plot: no function": (lambda: gh.plot_discriminator(None, limit=2), TypeError, "function"),
    "plot: logits": (lambda: gh.plot_discriminator(lambda x: x, limit=2, cells=3), ValueError, "one logit"),
    "plot: limit NaN": (lambda: gh.plot_discriminator(NET, limit=NAN), ValueError, "limit"),
    # widgets
    "explorer: no module": (lambda: LatentExplorer(lambda z: z), TypeError, "torch.nn.Module"),
    "explorer: few names": (lambda: LatentExplorer(CONDITIONAL, classes=["a", "b"]), ValueError, "2 names"),
    "explorer: text": (lambda: LatentExplorer(CONDITIONAL, classes="0123456789"), TypeError, "list of names"),
    "explorer: length": (lambda: LatentExplorer(nn.Identity()), ValueError, "latent_dim"),
    "explorer: directions": (lambda: LatentExplorer(GENERATOR, directions=[[1.0] * 4]), TypeError, "torch.as_tensor"),
    "explorer: directions NaN": (
        lambda: LatentExplorer(GENERATOR, directions=torch.full((2, 4), NAN)), ValueError, "NaN",
    ),
    "explorer: seed": (lambda: LatentExplorer(GENERATOR, seed=-1), ValueError, "seed"),
    "explorer: seed text": (lambda: LatentExplorer(GENERATOR, seed="1"), TypeError, "seed"),
    "scrubber: range": (lambda: Scrubber([IMAGES + 3], [1]), ValueError, r"\[-1, 1\]"),
    "scrubber: NaN": (lambda: Scrubber([IMAGES * NAN], [1]), ValueError, "NaN"),
    "scrubber: columns": (lambda: Scrubber([IMAGES], [1], columns=0), ValueError, "columns must be at least 1"),
    "scrubber: whole": (lambda: Scrubber([IMAGES.to(torch.uint8)], [1]), TypeError, r"\.float\(\)"),
    "scrubber: list": (lambda: Scrubber([[1.0]], [1]), TypeError, "torch.as_tensor"),
    "scrubber: steps": (lambda: Scrubber([IMAGES], [1, 2]), ValueError, "a step for each frame"),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_one_sentence_of_our_own(name):
    call, kind, words = CASES[name]
    with pytest.raises(kind, match=words) as caught:
        call()
    assert type(caught.value) is kind
    last = traceback.extract_tb(caught.value.__traceback__)[-1]
    assert last.filename.startswith(PACKAGE), f"the error comes from {last.filename}"
    assert re.search(r"[a-z].*[.?)]$", str(caught.value)), "a sentence"
    assert not plt.get_fignums(), "an empty figure is left behind"


def test_good_input_of_the_same_kinds_passes():
    gh.diagnose(RECORDS, real=MANY, fake=MANY, train_logits=LOGITS, held_out_logits=LOGITS)
    gh.sample_mixture(np.int64(5), CENTRES, std=np.float32(0.1), rng=RNG)
    gh.sample_mixture(5, CENTRES, std=torch.tensor(0.1), rng=RNG)
    gh.plot_losses([SimpleNamespace(step=i, d_loss=torch.tensor(1.0), g_loss=torch.tensor(1.0)) for i in range(3)])
    assert len(LatentExplorer(CONDITIONAL, classes=list("abcdefghij"))._classes) == 10
    assert Scrubber([IMAGES, IMAGES], [1, 2], columns=2).data["frames"][1]["step"] == 2
    with torch.autocast("cpu"):
        assert NET(POINTS.bfloat16()).shape == (8,)
