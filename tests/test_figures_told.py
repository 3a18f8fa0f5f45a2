"""What captions of live figures say in words, held against the figures' twins."""

import sys
from pathlib import Path

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


def test_the_stray_fake_makes_recall_and_not_coverage():
    twin = live_figures.twin_of("balls")
    stray, home = twin.numbers(twin.START), twin.numbers(twin.HOME)
    assert (stray["recall"], home["recall"]) == (1, 0)
    assert stray["coverage"] == home["coverage"] < 0.5


def test_unlike_shapes_with_equal_moments_fool_two_distances():
    for shape in ("islands", "ring", "cross", "lines"):
        found, same = at("fooling-a-score", shape=shape), at("fooling-a-score", shape=shape, t=0.0)
        assert found["frechet"] < 1e-9
        assert abs(found["kernel"]) < 1.5 * abs(same["kernel"])
        assert found["recall"] < 0.3 < 0.9 < same["recall"]
    assert at("fooling-a-score", shift=1.0)["frechet"] == pytest.approx(1)


def test_redraws_lie_about_the_line():
    for d in (2, 4, 8):
        found = at("bias-of-n", d=d, n=200)
        for size, average in found["sizes"]:
            assert average == pytest.approx(found["factor"] / size, rel=0.4)
    assert at("bias-of-n", n=30)["bound"] < at("bias-of-n", n=30)["average"]


def test_a_late_label_pulls_every_order_in_one_direction():
    for a in (-2.0, 0.3, 1.0):
        assert at("where-the-label-enters", a=a)["angle"] == 0
    for way in ("input", "projection", "helper"):
        assert at("where-the-label-enters", way=way)["angle"] > 60


def test_who_writes_boldly_writes_every_digit_boldly():
    ink = at("class-by-style")["ink"]
    assert len(set(ink.argmax(axis=0))) == len(set(ink.argmin(axis=0))) == 1
    assert sum(at("class-by-style", seed=seed)["alike"] for seed in range(1, 11)) / 10 > 0.7


def test_the_running_average_settles_at_the_factor_of_the_proposition():
    for rho in (0.8, 0.98):
        found = at("average-of-a-circling-game", rho=rho, t=400)
        turn = slice(-round(found["period"]), None)
        far, near = (found["distances"][i][turn].mean() for i in (0, 2))
        assert near / far == pytest.approx(found["factor"], rel=0.02)
