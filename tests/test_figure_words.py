"""The sentences that live figures say, in states where a careless sentence would be wrong."""

import json
import math
import re
import sys
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from py_mini_racer import MiniRacer

ROOT = Path(__file__).parents[1]
FIGURES = ROOT / "book" / "_figures"
sys.path.insert(0, str(ROOT / "scripts"))

import live_figures  # noqa: E402

NAMES = ["map-of-models", "one-dimensional-gan", "two-classes", "two-densities", "two-steps", "xy-game"]
STAND_IN = """
var window = globalThis, VIEWS = {};
window.GanFigure = new Proxy({
  define: (name, figure) => { VIEWS[name] = figure; },
  write: (value, digits = 2) => typeof value === "number" ? value.toFixed(digits) : String(value),
}, { get: (kit, key) => kit[key] || ((...parts) => parts) }); // a control is a list of what it was made from
const nothing = { get: (_, key) => key === "begin" ? (ranges) => { BEGUN.push(ranges); return chart; } : () => chart };
const chart = new Proxy({}, nothing);
let BEGUN = [];
"""


@pytest.fixture(scope="module")
def engine():
    with MiniRacer() as engine:
        engine.eval(STAND_IN + (FIGURES / "kit" / "numbers.js").read_text(encoding="utf-8"))
        for name in NAMES:
            for file in ("maths.js", "view.js"):
                engine.eval((FIGURES / name / file).read_text(encoding="utf-8"))
        yield engine


def start(name, **changes):
    twin = live_figures.twin_of(name)
    assert set(changes) <= set(twin.START)
    return twin.START | changes


def said(engine, name, **changes):
    state = json.dumps(start(name, **changes))
    return engine.eval(f"VIEWS[{json.dumps(name)}].say({state}, GanMaths[{json.dumps(name)}].numbers({state}))")


def numbers(name, **changes):
    return live_figures.twin_of(name).numbers(start(name, **changes))


SLOW = {"k": 1, "rateD": 0.1, "rateG": 0.5}


@pytest.mark.parametrize("settings", [{}, SLOW])
def test_one_half_everywhere_is_said_only_where_it_is_so(engine, settings):
    """The fakes may pass through the law of the data while D is far from one half."""
    rows = json.loads(
        engine.eval(f"""(() => {{
        const maths = GanMaths["one-dimensional-gan"], view = VIEWS["one-dimensional-gan"], rows = [];
        for (let t = 0; t <= 1200; t++) {{
          const state = {{...{json.dumps(start("one-dimensional-gan", **settings))}, t}}, now = maths.numbers(state);
          rows.push([view.say(state, now).includes("neither player"), Math.max(...now.D) - Math.min(...now.D),
                     Math.abs(now.D[80] - 0.5), now.push, now.mean - 1, now.std - 0.7]);
        }}
        return JSON.stringify(rows);
    }})()""")
    )
    told, spread, middle, push, mean, std = np.array(rows, dtype=float).T
    told = told.astype(bool)
    assert told[-1]
    assert spread[told].max() < 0.02
    assert middle[told].max() < 0.01
    assert np.abs(push[told]).max() < 0.001
    assert max(np.abs(mean[told]).max(), np.abs(std[told]).max()) < 0.01
    alike = (np.abs(mean) < 0.01) & (np.abs(std) < 0.01)
    assert (alike & ~told).any()
    if not settings:
        assert (spread[told].min(), middle[-1]) == pytest.approx((0, 0), abs=1e-6)
    else:  # "swing before they settle"
        assert np.abs(mean[1000:]).max() < 0.01
        turns = np.flatnonzero(np.diff(np.sign(mean)))
        assert len(turns) > 3


def test_fakes_off_the_picture_are_said_to_be_off(engine):
    state = {"rateD": 2.0, "rateG": 0.5, "k": 5, "t": 1200}
    assert abs(numbers("one-dimensional-gan", **state)["mean"]) > 4
    assert "left the picture" in said(engine, "one-dimensional-gan", **state)


def test_no_sentence_is_made_from_numbers_that_overflowed(engine):
    """All ends of the step sizes with all spreads and losses, early and late."""
    ends = {"k": (1, 2, 20), "rateD": (0.1, 1.5, 2.0), "rateG": (0.05, 0.3, 0.5), "spread": (0.3, 0.7, 1.2)}
    ends |= {"loss": ("saturating", "non-saturating"), "t": (100, 1200)}
    states = [start("one-dimensional-gan", **dict(zip(ends, at, strict=True))) for at in product(*ends.values())]
    rows = json.loads(
        engine.eval(f"""JSON.stringify({json.dumps(states)}.map((state) => {{
        const now = GanMaths["one-dimensional-gan"].numbers(state);
        return [VIEWS["one-dimensional-gan"].say(state, now), [now.mean, now.std, now.d_loss].every(Number.isFinite)];
    }}))""")
    )
    for sentence, finite in rows:
        assert not re.search("NaN|undefined|Infinity", sentence), sentence
        assert ("overflowed" in sentence) != finite, sentence
    assert {finite for _, finite in rows} == {True, False}


def test_nobody_moves_at_the_centre(engine):
    assert "nobody moves" in said(engine, "xy-game", x=0.0, y=0.0)
    assert "After one step " in said(engine, "xy-game", t=1)
    for h in (0.2, 1.0):
        now = numbers("xy-game", rule="alternating", h=h, t=400)
        steps = now["distances"]["alternating"][1:] / now["distances"]["alternating"][:-1]
        assert steps.min() < 0.99 < 1.01 < steps.max()  # no single step has the factor 1 ...
        assert now["growth"] == pytest.approx(1)  # ... that they have in the long run
        assert steps.prod() ** (1 / len(steps)) == pytest.approx(1, abs=2e-3)


def test_the_moral_of_the_far_point_needs_its_finding(engine):
    assert "densities have to explain" in said(engine, "two-classes")
    axis = {"ox": 5.5, "oy": 0.0}
    assert numbers("two-classes", **axis)["density_turn"] < 2
    assert "hardly turns either" in said(engine, "two-classes", **axis)
    for seed in range(1, 20):
        for place in ({}, axis, {"oy": -5.5}, {"ox": -3.0}, {"ox": 0.0}):
            now = numbers("two-classes", seed=seed, **place)
            moral = now["density_turn"] > 5 and now["classifier_turn"] < 2
            assert ("densities have to explain" in said(engine, "two-classes", seed=seed, **place)) == moral
    close = numbers("two-classes", outlier=False, x0=1.2)
    words = said(engine, "two-classes", outlier=False, x0=1.2)
    assert close["density_errors"] > 5
    assert f"leaves {close['density_errors']} on" in words
    assert words.endswith(f"classifier's {close['classifier_errors']}.")


def test_the_picture_of_the_far_point_shows_what_its_caption_says():
    """Without the far point both borders are near the true one, which is upright; the point turns one of them."""
    now = numbers("two-classes")
    angles = [math.degrees(math.atan2(*now[key]["w"][::-1])) for key in ("before", "classifier", "density")]
    assert max(map(abs, angles[:2])) < 10 < abs(angles[2])
    assert now["classifier_errors"] < now["density_errors"]
    assert numbers("two-classes", outlier=False)["before"] is None


def ranges_of(engine, state):
    return json.loads(
        engine.eval(f"""(() => {{
        const state = {json.dumps(state)}, now = GanMaths["two-densities"].numbers(state);
        BEGUN = [];
        VIEWS["two-densities"].draw({{ laws: chart, far: chart, pull: chart }}, state, now, () => 0);
        return JSON.stringify(BEGUN.map((one) => one.y));
    }})()""")
    )


@pytest.mark.parametrize("stds", [(0.4, 0.4), (1.0, 1.0), (2.0, 2.0), (0.4, 2.0), (2.0, 0.4)])
def test_points_move_on_charts_whose_scales_rest(engine, stds):
    """The scales are the same at every distance, and every point has room on them."""
    apart = (0.0, 2.5, 3.0, 6.0, 8.0)
    states = [start("two-densities", real=-d / 2, fake=d / 2, real_std=stds[0], fake_std=stds[1]) for d in apart]
    begun = [ranges_of(engine, state) for state in states]
    assert all(len(ranges) == 3 and ranges[1:] == begun[0][1:] for ranges in begun)
    for state, ranges in zip(states, begun, strict=True):
        room_of_points(ranges, live_figures.twin_of("two-densities").numbers(state))


def room_of_points(ranges, now):
    assert ranges[1][0] <= min(now["w1"], now["jsd"] + 1e-9)
    assert max(now["w1"], now["jsd"]) < 0.97 * ranges[1][1]
    slopes = [now[key] for key in ("w1_slope", "saturating", "nonsaturating")]
    assert ranges[2][0] < min(slopes)
    assert max(slopes) < 0.95 * ranges[2][1]


def test_equal_laws_have_no_divergence(engine):
    assert numbers("two-densities", real=0.0, fake=0.0)["jsd"] == pytest.approx(0, abs=1e-9)
    assert "agree" in said(engine, "two-densities", real=0.0, fake=0.0)


def test_only_gans_draw_in_one_pass_and_have_no_density(engine):
    assert numbers("map-of-models", ask="draw", also="without")["names"] == ["GAN", "conditional GAN"]
    assert "GAN, conditional GAN" in said(engine, "map-of-models", ask="draw", also="without")
    families = {row[0]: row[1] for row in numbers("map-of-models")["models"]}
    assert families["deep belief net"] == families["VAE"]  # p(x) is out of reach even without its constant


def test_what_both_losses_leave_depends_on_detach(engine):
    with_it, without = (numbers("two-steps", detach=detach) for detach in (True, False))
    assert with_it["sum"] == pytest.approx(with_it["alone"])
    assert without["sum"] == pytest.approx(without["alone"] + without["D"])
    assert numbers("two-steps", player="G", detach=False)["sum"] is None
    assert "D has not moved yet" in said(engine, "two-steps", detach=False)


def links():
    for source in sorted((ROOT / "book").glob("*/index.md")):
        for link in re.findall(r'href="\.\./(playground|failures)\.html#([^"]+)"', source.read_text(encoding="utf-8")):
            yield source.parent.name, *link


@pytest.mark.site
@pytest.mark.web
def test_links_of_the_chapters_are_read_without_a_fault(open_page, site):
    page, problems = open_page(site + "book/playground.html")
    seen = list(links())
    gallery, faults = open_page(site + "book/failures.html")
    diseases = gallery.evaluate("Object.keys(GanDiseases)")
    assert {chapter for chapter, *_ in seen} >= {"generative-models", "minimax", "gan"}
    for chapter, place, words in seen:
        words = words.replace("&amp;", "&")
        if place == "playground":
            assert page.evaluate("h => GanPlayground.readLink('#' + h).wrong", words) == [], (chapter, words)
        for name in re.findall(r"(?:^|&)(\w+)=", words):
            known = {
                "preset",
                "data",
                "loss",
                "rateD",
                "rateG",
                "stepsD",
                "beta1",
                "seed",
                "latent",
                "race",
                "show",
                "speed",
            }
            assert name in (known if place == "playground" else {"disease", "seed"}), (chapter, words)
        if place == "failures":
            assert re.search(r"(?:^|&)disease=(\w+)", words)[1] in diseases, (chapter, words)
    assert problems == faults == []
