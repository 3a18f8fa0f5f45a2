"""What the text and the captions say of live figures, from the figures' twins."""

import csv
import math
import re
import sys
from pathlib import Path

import numpy as np
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


def pressed(chapter, words, **moved):
    """The numbers of a figure after a reader has moved it and then presses these words of the text."""
    found = re.findall(rf"\{{set\}}`{re.escape(words)} <([\w-]+)((?: \w+=[^ >]+)+)>`", text(chapter))
    assert len(found) == 1, words
    name, values = found[0]
    changes = {key: live_figures._value(value) for key, value in (part.split("=", 1) for part in values.split())}
    return at(name, **(moved | changes))


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
    assert at("generator-losses", l=-30.0, propped=True)["propped_pull"] == pytest.approx(9e-6, rel=0.1)


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


def test_the_heaps_and_holes_of_the_chapter():
    """Plan and landscape agree, moving all holes leaves the divergence, and the chapter's example costs 1."""
    now = at("heaps-and-holes")
    press, away = "with all heaps to the left of all holes", {f"{k}{i}": 1.0 for k in "xypq" for i in (1, 2, 3)}
    before = pressed("wgan", press, shift=4.0, **away)
    assert max(before["p"][:, 0]) < min(before["q"][:, 0])
    sides = {}
    for place, mass in (("x", "p"), ("y", "q")):
        for i, (at_, share) in enumerate(before[mass], 1):
            sides |= {f"{place}{i}": at_, f"{mass}{i}": share}
    assert min(np.diff(before["p"][:, 0])) >= 1  # the handles of the heaps stand apart on a phone, too
    moved = at("heaps-and-holes", shift=4.0, **sides)
    assert (moved["w1"], moved["gap"]) == pytest.approx((before["w1"] + 4, before["gap"] + 4))
    assert "which of the three numbers grow when all holes move to the right?" in text("wgan")
    assert now["w1"] == pytest.approx(now["gap"]) == pytest.approx(now["mean_real"] - now["mean_fake"])
    assert now["jsd"] == pytest.approx(math.log(2)) == pytest.approx(moved["jsd"])
    assert before["jsd"] == pytest.approx(math.log(2))
    example = live_figures.twin_of("heaps-and-holes").STATES[-1]
    assert at("heaps-and-holes", **example)["w1"] == pytest.approx(1)
    assert sorted(height for _, height in at("heaps-and-holes", **example)["f"]) == pytest.approx([0, 0, 1, 1])


@pytest.mark.parametrize("points", [{}, {"y1": 2.5, "y2": 3.0}, {"x1": 0.5, "y2": -1.5}])
def test_no_network_of_one_layer_reads_more_than_one_unit(points):
    """Random networks under clipping, and under norms of at most 1, stay below what the figure calls their best."""
    rng, m, c = np.random.default_rng(1), 6, 0.5
    state = live_figures.twin_of("critic-on-a-line").START | points | {"m": m, "c": c}
    best = at("critic-on-a-line", **state)
    real, fake = ([state[f"{side}{i}"] for i in (1, 2)] for side in "xy")

    def gaps(w, b, v):  # of many networks (n, m) at once
        means = [np.maximum(w[..., None] * points + b[..., None], 0).mean(-1) for points in (real, fake)]
        return np.abs((v * (means[0] - means[1])).sum(-1))

    w, b, v = np.clip(rng.normal(size=(3, 20_000, m)), -c, c)
    assert 0.3 * best["clipping"] < gaps(w, b, v).max() <= best["clipping"] + 1e-9
    w, v = (a / np.linalg.norm(a, axis=-1, keepdims=True) for a in rng.normal(size=(2, 20_000, m)))
    assert 0.3 * best["spectral"] < gaps(w, 3 * w * rng.uniform(-1, 1, w.shape), v).max() <= best["spectral"] + 1e-9


def test_what_three_ways_of_holding_the_slope_read():
    now = at("critic-on-a-line")
    assert max(now["clipping"], now["spectral"]) < now["w1"] < now["penalty"]
    assert at("critic-on-a-line", c=0.4)["clipping"] > now["w1"]  # what clipping reads may be less or more
    assert at("critic-on-a-line", m=64)["clipping"] > now["w1"]
    valley = at("critic-on-a-line", x1=-2.0, x2=2.0, y1=0.0, y2=0.0)  # one bend would do, but it falls and rises
    assert (valley["spectral"], valley["w1"]) == pytest.approx((1, 2))
    slide = at("critic-on-a-line", x1=1.0, x2=2.0, y1=-1.0, y2=-2.0)  # a ramp is a best critic
    assert slide["spectral"] == pytest.approx(slide["w1"])
    assert slide["clipping"] < slide["w1"] < slide["penalty"]
    for strength in (0.5, 10.0):  # the chapter's formula, for its example shifted by 2
        example = at("critic-on-a-line", y1=-1.0, y2=1.0, **{"lambda": strength})
        assert example["penalty"] == pytest.approx(1 + 3 / (4 * strength))


def test_networks_stamps_and_windows_of_the_chapter_on_dcgan():
    words, pair = text("dcgan"), [at("two-networks", who=who) for who in ("generator", "discriminator")]
    assert f"{pair[0]['all'][0]:,} of the pair's {pair[0]['total'] + pair[1]['total']:,} weights" in words
    assert pair[0]["pair"] == pair[1]["pair"] == pair[0]["total"] + pair[1]["total"]
    assert at("receptive-fields")["reads"] == 18
    assert "window of 18 pixels" in words
    assert at("receptive-fields", layer=2)["window"] == 10
    hole = at("receptive-fields", layer=2, k1=1, k2=2, p=0, at=50)
    assert (hole["window"], hole["reads"]) == (3, 2)
    stamps = {taps: at("stamp", k=k, taps=taps) for k, taps in ((3, "equal"), (3, "tent"), (4, "uneven"))}
    assert {taps: now["sums"] for taps, now in stamps.items()} == {"equal": "2, 1", "tent": "2, 2", "uneven": "3, 1"}
    assert [now["low"] == now["high"] for now in stamps.values()] == [False, True, False]
    assert set(at("stamp")["resized"][1:-1]) == {3.0}


def test_where_more_processes_stop_paying():
    words, now = text("speed"), at("where-a-step-goes")
    assert f"{round(now['best']):,}".replace(",", "{,}") in words
    assert f"{now['speedup']:.0f} times as fast as on one" in words
    fixed, arithmetic, latency, wire = now["parts"]
    assert latency + wire == pytest.approx(0.75 * now["time"], rel=0.02)
    assert "three quarters of the step are the exchange" in words
    assert arithmetic == pytest.approx(0.2 * now["time"], rel=0.1)
    assert fixed == 5
    rows = list(csv.DictReader((ROOT / "gan_helpers/embedded/results/scaling.csv").open(encoding="utf-8")))
    plain = [r for r in rows if (r["width"], r["setting"]) == ("16", "plain")]
    batch, rate = (np.array([float(r[key]) for r in plain]) for key in ("batch", "steps_a_second"))
    sample, start = 1e3 * np.polyfit(batch, 1 / rate, 1, w=rate)
    assert (round(2 * start) / 2, round(sample, 1)) == (4.5, 0.4)


def test_the_roof_of_the_chapter():
    """Large products reach the level part, small ones and sums the slope, wherever the reader had moved the figure."""
    assert at("roofline")["bound"] == "arithmetic"
    assert f"{at('roofline')['intensity']:.0f} flops a byte" in text("speed")
    elsewhere = {"p": 1.0, "r": 4.0}
    assert pressed("speed", "Make the matrices small", what="sum", n=13, **elsewhere)["bound"] == "memory"
    added = pressed("speed", "add large ones instead", n=3, **elsewhere)
    assert (added["bound"], added["share"] < 1, added["rows"]) == ("memory", True, 1024)
    assert "at under one percent of the peak" in text("speed")


def test_what_waiting_costs_in_the_chapter():
    words, now = text("speed"), at("queue")
    assert now["idle"] == pytest.approx(50)
    assert sum(end - start for start, end in now["launches"]) == pytest.approx(0.5 * now["time"])
    assert "here half of the time" in words
    for every in (3, 4, 6):
        assert at("queue", every=every)["slower"] - 1 < 0.4 * (now["slower"] - 1)  # "already costs much less"
    cost = pressed("speed", "waiting after each", every=4, h=4.0, d=0.5)["slower"] - 1
    assert f"costs {100 * cost:.0f} %." in words
