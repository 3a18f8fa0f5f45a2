"""What the text and the captions say of live figures, from the figures' twins."""

import math
import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "scripts"))

import live_figures  # noqa: E402


def at(name, **changes):
    twin = live_figures.twin_of(name)
    assert set(changes) <= set(twin.START)
    return twin.numbers(twin.START | changes)


def text(chapter):
    return re.sub(r"\s+", " ", (ROOT / "book" / chapter / "index.md").read_text(encoding="utf-8"))


def test_laws_that_part():
    """The JSD stops at log 2, the saturating slope dies, W1 and the other slope grow."""
    near, far = (at("two-densities", real=-d / 2, fake=d / 2) for d in (3.0, 6.0))
    assert f"{near['jsd']:.3f} to {far['jsd']:.3f}" in text("minimax")
    assert (near["w1"], far["w1"]) == pytest.approx((3, 6))
    assert 0.99 * math.log(2) < far["jsd"] < math.log(2)
    assert far["saturating"] < 0.1 * near["saturating"]
    assert far["nonsaturating"] > 1.9 * near["nonsaturating"]
    assert at("two-densities", real=0.0, fake=0.0)["value"] == pytest.approx(-math.log(4))
    narrow = at("two-densities", real=-3.0, fake=3.0, real_std=0.4, fake_std=0.4)
    assert narrow["jsd"] == pytest.approx(math.log(2), abs=1e-6)
    assert narrow["saturating"] == pytest.approx(0, abs=1e-6)


def test_slopes_are_those_of_the_divergences():
    """With D* held fixed the slopes are those of 2 JSD and of KL - 2 JSD (KL is half the squared distance here)."""
    h, d = 1e-3, 2.0
    before, after = (live_figures.twin_of("two-densities").at(d + by, 1.0, 1.0)["jsd"] for by in (-h, h))
    now, slope = live_figures.twin_of("two-densities").at(d, 1.0, 1.0), (after - before) / h
    assert now["saturating"] == pytest.approx(slope, abs=1e-5)
    assert now["nonsaturating"] == pytest.approx(d - slope, abs=1e-5)


def test_the_logit_and_the_two_pulls():
    spotted = at("generator-losses", l=-4.6)
    assert spotted["ratio"] == pytest.approx(99, abs=0.6)
    assert spotted["D"] == pytest.approx(0.01, abs=1e-4)
    assert spotted["saturating_pull"] + spotted["nonsaturating_pull"] == pytest.approx(1)
    assert at("generator-losses", l=0.0)["ratio"] == pytest.approx(1)


def test_the_line_gan_does_what_the_chapter_says():
    """Laws agree in the end; a slow D is overrun, with a loss near log 4; the saturating loss is slower."""
    words, end = text("gan"), at("one-dimensional-gan", t=1200)
    assert (end["mean"], end["std"], end["d_loss"]) == pytest.approx((1, 0.7, math.log(4)), abs=1e-3)
    slow = at("one-dimensional-gan", k=1, rateD=0.1, rateG=0.5, t=160)
    assert f"to {slow['mean']:.2f} at step 160" in words
    assert f"`d_loss` is {slow['d_loss']:.2f} while the fakes are {slow['mean'] - 1:.2f} off" in words
    mean = {loss: at("one-dimensional-gan", t=120, loss=loss)["mean"] for loss in ("saturating", "non-saturating")}
    assert f"at {mean['saturating']:.2f} after 20 rounds" in words
    assert f"brought them to {mean['non-saturating']:.2f}" in words


def test_detach_cuts_what_the_proposition_adds():
    """None with detach; without it D w, and both losses together leave (2 D - 1) w."""
    assert at("two-steps")["d_theta"] is None
    for state in ({"theta": 3.0}, {"theta": -1.0, "w": -2.0}):
        now = at("two-steps", detach=False, **state)
        w = state.get("w", 1.0)
        assert now["d_theta"] == pytest.approx(now["D"] * w)
        assert now["sum"] == pytest.approx((2 * now["D"] - 1) * w)
    assert at("two-steps", player="G", detach=True)["d_theta"] is None
    assert at("two-steps", player="G", detach=False)["d_theta"] < 0 < at("two-steps", detach=False)["d_theta"]


@pytest.mark.parametrize("seed", [1, 2, 3, 4, 5])
def test_a_far_point_moves_the_density_model_alone(seed):
    now = at("two-classes", seed=seed)
    assert now["density_turn"] > 5
    assert now["classifier_turn"] < 1
    assert at("two-classes", seed=seed, outlier=False)["density_turn"] == 0


def test_the_map_is_counted_rightly():
    twin = live_figures.twin_of("map-of-models")
    drawing = twin.numbers(twin.START)
    assert (drawing["count"], len(drawing["models"])) == (6, 11)
    none = [row[0] for row, lit in zip(drawing["models"], drawing["lit"], strict=True) if lit and row[1] == 3]
    assert none == ["GAN", "conditional GAN"]
    assert "Six of eleven models draw in one pass" in text("generative-models")
