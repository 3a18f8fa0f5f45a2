"""What captions, text and sentences of the applied chapters' live figures say, held against the figures."""

import itertools
import json
import re
import sys
from pathlib import Path

import pytest
from py_mini_racer import MiniRacer

ROOT = Path(__file__).parents[1]
FIGURES = ROOT / "book" / "_figures"
sys.path.insert(0, str(ROOT / "scripts"))

import live_figures  # noqa: E402

NAMES = ("soft-words", "invented-findings", "road-and-ditch")
KIT = """
var window = globalThis, FOUND = {};
var GanFigure = new Proxy({
  define: (name, figure) => { FOUND[name] = figure; },
  write: (value, digits = 2) => value.toFixed(digits).replace("-", "\u2212"),
}, { get: (kit, key) => kit[key] || (() => null) });
const told = (name, states) => JSON.stringify(states.map((state) => {
  const now = GanMaths[name].numbers(state);
  return [FOUND[name].say(state, now), now];
}));
"""


@pytest.fixture(scope="module")
def engine():
    with MiniRacer() as engine:
        engine.eval(KIT)
        engine.eval((FIGURES / "kit" / "numbers.js").read_text(encoding="utf-8"))
        for name in NAMES:
            for part in ("maths", "view"):
                engine.eval((FIGURES / name / f"{part}.js").read_text(encoding="utf-8"))
        yield engine


def told(engine, name, changes):
    start = live_figures.twin_of(name).START
    states = [start | change for change in changes]
    return json.loads(engine.eval(f"told({json.dumps(name)}, {json.dumps(states)})"))


def pressed(chapter, words):
    """The numbers of a figure when a reader presses these words, from its first state."""
    text = re.sub(r"\s+", " ", (ROOT / "book" / chapter / "index.md").read_text(encoding="utf-8"))
    [(name, values)] = re.findall(rf"\{{set\}}`{re.escape(words)} <([\w-]+)((?: \w+=[^ >]+)+)>`", text)
    twin = live_figures.twin_of(name)
    changes = {key: live_figures._value(value) for key, value in (part.split("=", 1) for part in values.split())}
    return twin.numbers(twin.START | changes)


def test_soft_words_point_the_wrong_way_until_they_are_cold():
    twin = live_figures.twin_of("soft-words")
    first, cold = twin.numbers(twin.START), pressed("sequences", "Cool the words to 0.2")
    assert first["p"] @ [1, 0, twin.START["cost"]] == pytest.approx(0.8)
    assert first["soft"] < -0.02 < 0.05 < first["truth"]
    assert 0.8 * cold["truth"] < cold["soft"] < cold["truth"]
    assert first["spread"] < first["score"] < 0.8 * cold["spread"]
    assert cold["way"] < 0.4 * first["way"]
    means = [mean for _, mean in first["curve"]]  # from cold to warm
    spreads = [spread for spread, _ in first["curve"]]
    assert spreads == sorted(spreads, reverse=True)
    assert means[:-1] == sorted(means[:-1], reverse=True)


def test_two_likely_words_give_a_sixth_and_a_quarter():
    now = pressed("sequences", "Two equally likely words")
    assert (now["soft"], now["truth"]) == pytest.approx((1 / 6, 1 / 4), abs=1e-6)
    assert now["score"] == pytest.approx(0, abs=1e-6)


def test_soft_words_say_what_holds(engine):
    grid = itertools.product((0.2, 1.0, 3.0), range(1, 19, 2), range(0, 19, 2), (0, 1, 2.5, 6))
    some = [{"tau": t, "cat": c / 20, "see": s / 20, "cost": cost} for t, c, s, cost in grid if c + s < 20]
    seen = set()
    for words, now in told(engine, "soft-words", some):
        wrong = "wrong way" in words
        seen.add(wrong)
        assert not re.search(r"NaN|undefined|\u22120\.000", words)
        if wrong or min(abs(now["truth"]), abs(now["soft"])) > 0.001:
            assert wrong == (now["truth"] * now["soft"] < 0), words
        if wrong:
            assert ("mean cost rises" in words) == (now["truth"] > 0)
    assert seen == {True, False}


def test_each_judge_wants_its_own_translator():
    twin = live_figures.twin_of("invented-findings")
    first = twin.numbers(twin.START)
    assert f"{first['gains_percent']:.0f}" == "44"
    assert (first["outputs"], first["pairs"]) == pytest.approx((0.5, 0.7))
    same = pressed("applications", "inputs and target hold the same share of ill pictures")
    assert (same["outputs"], same["pairs"]) == pytest.approx((0.5, 0.5))
    blind = pressed("applications", "a translator that ignores its input")
    assert (blind["outputs"], blind["pairs"]) == pytest.approx((0.5, 0.75))
    fewer = pressed("applications", "the target holds fewer ill")
    assert fewer["lost"] > 0.3
    assert fewer["invented"] == pytest.approx(0)


def test_who_can_only_guess_is_said(engine):
    tenths = range(1, 20, 3)
    grid = itertools.product((0, 0.35, 1), tenths, tenths, ("least", "random"))
    some = [{"go": go, "s": s / 20, "t": t / 20, "way": way} for go, s, t, way in grid]
    seen = set()
    for words, now in told(engine, "invented-findings", some):
        guess = (abs(now["outputs"] - 0.5) < 1e-9, abs(now["pairs"] - 0.5) < 1e-9)
        seen.add(guess)
        assert ("both judges can only guess" in words) == (guess == (True, True)), words
        assert ("output alone can only guess" in words) == (guess == (True, False)), words
        assert words.startswith("Nothing is changed") == (guess == (False, True)), words
        assert "NaN" not in words
    assert len(seen) == 4


def test_errors_add_up_where_nothing_leads_back(engine):
    twin = live_figures.twin_of("road-and-ditch")
    first = twin.numbers(twin.START)
    assert f"{first['tv']:.3f}" == "0.168"
    assert 0.8 * first["bound"] < first["tv"] < first["bound"]
    out = pressed("applications", "With a way out at once")
    assert out["tv"] < 0.02 < 0.11 * out["bound"]
    lost = pressed("applications", "With ten times the errors and no way out")
    assert lost["ditch"] == pytest.approx(2 / 3, abs=0.02)
    assert lost["bound"] > 1
    grid = itertools.product(range(0, 31, 3), (0, 0.05, 0.5, 1), (0.5, 0.9, 0.95, 0.99))
    some = [{"eps": e / 100, "back": back, "gamma": gamma} for e, back, gamma in grid]
    for words, now in told(engine, "road-and-ditch", some):
        assert now["tv"] <= now["bound"] + 1e-12
        assert now["tv"] == pytest.approx(1 - now["right"], abs=1e-12)
        assert ("promises nothing" in words) == (now["bound"] > 0.9999), words
        assert "NaN" not in words
