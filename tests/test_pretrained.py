"""The generators that travel with the package: what they draw, what their cards claim, and files that are not right."""

import json
import shutil

import numpy as np
import pytest
import torch

import gan_helpers as gh
from benchmarks import train_pretrained
from gan_helpers import pretrained

NAMES = sorted(path.stem for path in pretrained._FOLDER.glob("*.json"))
IMAGES = ["fashion", "mnist"]  # those of benchmarks/train_pretrained.py; tests/test_letter_generator.py has the other


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A copy of the files that a test may spoil."""
    copy = tmp_path / "pretrained"
    shutil.copytree(pretrained._FOLDER, copy)
    monkeypatch.setattr(pretrained, "_FOLDER", copy)
    return copy


@pytest.mark.parametrize("name", NAMES)
def test_small_and_ready(name):
    generator = gh.load_pretrained(name)
    assert (pretrained._FOLDER / f"{name}.npz").stat().st_size < 1_000_000
    assert not generator.training
    assert not any(weight.requires_grad for weight in generator.parameters())
    images = generator(torch.randn(4, generator.latent_dim), torch.arange(4))
    assert images.shape == (4, 1, 28, 28)
    gh.check_images(images)


@pytest.mark.parametrize("name", IMAGES)
def test_the_scores_of_the_card_are_found_again(name):
    card = gh.pretrained_card(name)
    data = gh.load_images(name)
    again = train_pretrained.score(gh.load_pretrained(name), data, seed=11)  # other samples than the card's
    claimed = card["scores"]
    assert set(again) == set(claimed)
    assert again["frechet"] == pytest.approx(claimed["frechet"], rel=0.4, abs=3)  # a judge of one's own, other samples
    assert again["read_as_asked"] == pytest.approx(claimed["read_as_asked"], abs=0.03)
    assert f"--data {name} --steps" in card["command"]
    assert card["minutes_wall_clock"] > 0


def test_digits_are_good():
    scores = gh.pretrained_card("mnist")["scores"]
    assert scores["frechet"] <= 8
    assert scores["read_as_asked"] >= 0.97


def test_unknown_name():
    with pytest.raises(ValueError, match="choose one of 'fashion', 'letters', 'mnist'"):
        gh.load_pretrained("faces")


def test_missing_weights(folder):
    (folder / "mnist.npz").unlink()
    with pytest.raises(FileNotFoundError, match=r"mnist\.npz is missing; install gan_helpers again"):
        gh.load_pretrained("mnist")


def test_damaged_weights(folder):
    file = folder / "mnist.npz"
    file.write_bytes(file.read_bytes()[:5000])
    with pytest.raises(ValueError, match="damaged"):
        gh.load_pretrained("mnist")


def test_weights_with_nan(folder):
    with np.load(folder / "mnist.npz", allow_pickle=False) as arrays:
        weights = dict(arrays)
    next(iter(weights.values()))[0] = np.nan
    np.savez(folder / "mnist.npz", **weights)
    with pytest.raises(ValueError, match="NaN or infinity"):
        gh.load_pretrained("mnist")


def test_weights_of_another_network(folder):
    card = json.loads((folder / "mnist.json").read_text(encoding="utf-8"))
    card["network"]["width"] = 8
    (folder / "mnist.json").write_text(json.dumps(card), encoding="utf-8")
    with pytest.raises(ValueError, match="does not fit"):
        gh.load_pretrained("mnist")
