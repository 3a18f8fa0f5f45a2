"""What captions of live figures say in words, held against the figures' twins."""

import itertools
import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "scripts"))

import live_figures


def at(name, **changes):
    twin = live_figures.twin_of(name)
    return twin.numbers(twin.START | changes)


def verdicts(**changes):
    return {row["name"]: row["verdict"] for row in at("forest", show="all", **changes)["rows"]}


def test_twelve_tricks_hurt_and_with_two_runs_the_list_is_another():
    whole, few = verdicts(), verdicts(seeds=2)
    told = {name for name, word in whole.items() if word != "open"}
    assert len(whole) == 46
    assert {whole[name] for name in told} == {"hurts"}
    assert len(told) == 12
    left = {name for name, word in few.items() if word != "open"}
    assert (len(left & told), len(left - told)) == (3, 3)
    factor = {row["name"]: row["size"] for row in at("forest", show="all")["rows"]}
    assert max(factor[name] for name in left - told) == factor["batch norm: none in G"]
    assert f"{factor['batch norm: none in G']:.1f}" == "2.1"


def test_other_pairs_of_seeds_give_other_verdicts():
    twin = live_figures.twin_of("forest")
    names, told = twin.lab(), {name for name, word in verdicts().items() if word != "open"}
    runs = names["runs_of"](*twin.TABLES["digits"], twin.column_of("digits", "main"))
    kept, new = [], []
    for pair in itertools.combinations(range(1, 6), 2):
        effects = {}
        for key, scores in runs.items():
            if key != names["PLAIN"]:
                paired = key[0] == names["AVERAGING"]
                ours = scores if paired else {seed: scores[seed] for seed in pair}
                effects[key] = names["compare"](ours, runs[names["base_of"](key, "digits")], True, paired)
        found = names["verdicts_of"](effects, lower_is_better=True)
        left = {": ".join(key) for key, word in found.items() if word != "no difference seen"}
        kept.append(len(left & told))
        new.append(len(left - told))
    assert (kept[0], new[0]) == (3, 3)
    assert (min(kept[1:]), max(kept[1:]), min(new[1:]), max(new[1:])) == (4, 8, 0, 5)


def test_the_slider_of_runs_counts_variants_and_averages_keep_all():
    average = at("forest", seeds=2, chosen="weight averaging: EMA")
    assert (average["most"], len(average["ours"])) == (2, 16)
    assert [at("forest", world=world)["most"] for world in ("digits", "digits-long", "clothing")] == [8, 3, 4]


def test_the_stray_fake_makes_recall_and_not_coverage():
    twin = live_figures.twin_of("balls")
    stray, home = twin.numbers(twin.START), twin.numbers(twin.HOME)
    assert (stray["recall"], home["recall"]) == (1, 0)
    assert stray["coverage"] == home["coverage"] < 0.5
    assert (stray["fake_in"][7], home["fake_in"][7]) == (False, True)
    assert stray["held"] == home["held"]
    assert stray["radii"] == home["radii"]


def test_unlike_shapes_with_equal_moments_fool_two_distances():
    for shape in ("islands", "ring", "cross", "lines"):
        found, same = at("fooling-a-score", shape=shape), at("fooling-a-score", shape=shape, t=0.0)
        assert found["frechet"] < 1e-9
        assert -1.5 * abs(same["kernel"]) < found["kernel"] < 0
        assert found["recall"] < 0.3 < 0.9 < same["recall"]
    moved = at("fooling-a-score", shift=1.0)
    assert moved["frechet"] == pytest.approx(1)
    assert moved["kernel"] > 4
    assert moved["precision"] >= at("fooling-a-score")["precision"]


def test_the_mean_of_redraws_falls_like_one_over_n():
    for d in (2, 8):
        runs = [at("bias-of-n", d=d, n=10, seed=seed) for seed in range(1, 21)]
        size, average = np.mean([run["sizes"] for run in runs], axis=0).T
        assert average == pytest.approx(runs[0]["factor"] / size, rel=0.12)
        assert np.polyfit(np.log(size), np.log(average), 1)[0] == pytest.approx(-1, abs=0.05)
    assert at("bias-of-n", n=30)["bound"] < at("bias-of-n", n=30)["average"]


def test_a_late_label_pulls_every_order_in_one_direction():
    places = [(a, b) for a in np.arange(-2, 2.1, 0.5) for b in np.arange(-2, 2.1, 0.5)]
    angles = {
        way: [at("where-the-label-enters", way=way, a=a, b=b)["angle"] for a, b in places]
        for way in ("late", "input", "projection", "helper")
    }
    assert max(angles["late"]) == 0
    assert min(angles["projection"] + angles["helper"]) > 60
    assert at("where-the-label-enters", way="input")["angle"] > 60
    assert min(angles["input"]) < 0.5  # so the sentence must say "at this place"


def test_who_writes_boldly_writes_most_digits_boldly():
    ink = at("class-by-style")["ink"]
    assert len(set(ink.argmax(axis=0))) == len(set(ink.argmin(axis=0))) == 1
    found = [at("class-by-style", seed=seed) for seed in range(1, 100)]
    assert np.mean([now["alike"] for now in found]) == pytest.approx(0.84, abs=0.005)
    assert min(now["alike"] for now in found) < 0.3  # not of every draw
    random = np.random.default_rng(1)
    shuffled = [random.permuted(now["ink"], axis=0) for now in found]
    pairs = [np.corrcoef(rows, rowvar=False)[np.triu_indices(10, 1)].mean() for rows in shuffled]
    assert abs(np.mean(pairs)) < 0.1


def test_the_running_average_settles_at_the_factor_of_the_proposition():
    for h in (0.2, 1.0):
        for rho in (0.8, 0.98):
            found = at("average-of-a-circling-game", h=h, rho=rho, t=400)
            assert found["share"] == pytest.approx(found["factor"], rel=0.02)
    assert at("average-of-a-circling-game", rho=0.995)["share"] > 0.3
    found = at("average-of-a-circling-game", rho=0.995, t=1200)  # the link to a long memory
    assert found["share"] == pytest.approx(found["factor"], rel=0.03)
