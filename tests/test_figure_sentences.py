"""What captions, text and sentences of live figures say holds, wherever a reader moves the controls."""

import json
import math
import re
import sys
from itertools import product
from pathlib import Path

import pytest
from py_mini_racer import MiniRacer

ROOT = Path(__file__).parents[1]
FIGURES = ROOT / "book" / "_figures"
sys.path.insert(0, str(ROOT / "scripts"))

import live_figures  # noqa: E402

NAMES = (
    "base-rate", "critic-on-a-line", "heaps-and-holes", "invented-findings", "noise-on-the-way", "noise-to-data",
    "pairs-of-letters", "perfect-pairs", "queue", "receptive-fields", "road-and-ditch", "roofline", "share-of-drawing",
    "soft-words", "stamp", "two-answers", "two-networks", "where-a-step-goes", "whose-row",
)  # fmt: skip

KIT = """
var window = globalThis, FOUND = {};
var GanFigure = {
  define: (name, figure) => { FOUND[name] = figure; },
  write: (value, digits = 2) =>
    typeof value === "number" ? value.toFixed(digits).replace("-", "\u2212") : String(value),
  slider: (name, words, low, high) => ({ name, options: [low, high] }),
  action: (name) => ({ name, options: [] }),
  choice: (name, words, list) => ({ name, options: list.map((entry) => entry[0]) }),
};
const told = (name, states) => JSON.stringify(states.map((state) => {
  const now = GanMaths[name].numbers(state);
  return [FOUND[name].say(state, now), now];
}));
const settled = (name, state, all) => JSON.stringify(all.map((changes) => { // as the kit does with what is moved
  const { settle } = FOUND[name];
  return { ...state, ...(settle ? settle(state, changes) : changes) };
}));
function dragged(name, state, key, to) { // what a handle proposes
  let wanted = null;
  const chart = new Proxy({}, { get: (_, mark) => (...given) => {
    if (mark === "handle" && given[0] === key) given[2].move(...to);
    return chart;
  } });
  const charts = Object.fromEntries(Object.keys(FOUND[name].charts).map((place) => [place, chart]));
  FOUND[name].draw(charts, state, GanMaths[name].numbers(state), (changes) => { wanted = changes; });
  return JSON.stringify(wanted);
}
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


def told(engine, name, states):
    """The sentence and the numbers at each of these states."""
    return json.loads(engine.eval(f"told({json.dumps(name)}, {json.dumps(states)})"))


def ends(engine, name):
    """Every pair of controls at all of their ends or choices, the others as at the start."""
    start = live_figures.twin_of(name).START
    controls = json.loads(engine.eval(f"JSON.stringify(FOUND[{json.dumps(name)}].controls)"))
    changes = [{}]
    for i, one in enumerate(controls):
        for other in controls[:i]:
            pairs = product(one["options"], other["options"])
            changes += [{one["name"]: a, other["name"]: b} for a, b in pairs]
    return json.loads(engine.eval(f"settled({json.dumps(name)}, {json.dumps(start)}, {json.dumps(changes)})"))


@pytest.mark.parametrize("name", NAMES)
def test_every_state_has_a_whole_sentence(engine, name):
    said = {sentence for sentence, _ in told(engine, name, ends(engine, name))}
    assert len(said) > 1
    for sentence in said:
        assert re.fullmatch(r"[A-Z\d].+\.", sentence), sentence
        assert not re.search(r"NaN|undefined|null|Infinity|\b1 (lie|are|pixels)\b", sentence), sentence


def test_critics_read_what_their_class_allows(engine):
    """A ramp is best exactly where W1 is the distance of the means: then one law lies wholly to one side."""
    start, places = live_figures.twin_of("critic-on-a-line").START, (-3, -1, -0.5, 1, 2.5)
    points = [dict(zip(("x1", "x2", "y1", "y2"), at, strict=True)) for at in product(places, repeat=4)]
    states = [start | at | {"way": "spectral", "m": 40} for at in points]
    less = {True: 0, False: 0}
    for state, (sentence, now) in zip(states, told(engine, "critic-on-a-line", states), strict=True):
        means = abs(state["x1"] + state["x2"] - state["y1"] - state["y2"]) / 2
        if now["w1"] < 1e-9:
            assert {state["x1"], state["x2"]} == {state["y1"], state["y2"]}
            assert "so is every reading" in sentence
            assert [now[key] for key in ("penalty", "clipping", "spectral")] == pytest.approx([0, 0, 0], abs=1e-9)
            continue
        assert now["spectral"] <= now["w1"] + 1e-9
        assert now["penalty"] > now["w1"] + 1e-9
        ramp = means > now["w1"] - 1e-9
        assert ("one ramp is a best critic" in sentence) == ramp == (now["spectral"] > now["w1"] - 1e-9), state
        assert ("steepest fall add up to at most 1" in sentence) != ramp
        less[now["clipping"] < now["w1"]] += 1
    assert min(less.values()) > 20  # clipping reads less here and more there
    doubled = told(engine, "critic-on-a-line", [state | {"m": 2 * state["m"]} for state in states])
    usual = told(engine, "critic-on-a-line", states)
    assert [b["clipping"] for _, b in doubled] == pytest.approx([2 * a["clipping"] for _, a in usual])


def test_what_a_unit_does_not_read_has_its_reason(engine):
    """Skipped only over a kernel smaller than the stride, lost to padding only where a layer between is padded."""
    start, kernels = live_figures.twin_of("receptive-fields").START, (1, 2, 3, 5)
    states = [
        start | {"layer": layer, "k1": k1, "k2": k2, "k3": k3, "s": s, "p": p, "at": at}
        for layer, k1, k2, k3 in product((1, 2, 3), kernels, kernels, kernels)
        for s, p, at in product((1, 2, 3), (0, 1, 2), (0, 50, 100))
    ]
    seen = {"skipped": 0, "padded": 0}
    for state, (sentence, now) in zip(states, told(engine, "receptive-fields", states), strict=True):
        if now["top"] < state["layer"]:
            assert "cannot be built" in sentence
            continue
        assert now["reads"] + now["outside"] + now["skipped"] + now["padded"] == now["window"]
        assert min(now[key] for key in ("reads", "outside", "skipped", "padded")) >= 0, state
        small = any(state[f"k{i}"] < state["s"] for i in range(1, state["layer"]))
        assert small or not now["skipped"], state
        assert now["padded"] == 0 or (state["p"] > 0 and state["layer"] > 1), state
        assert ("smaller than the stride" in sentence) == (now["skipped"] > 0)
        assert ("padding of a layer between" in sentence) == (now["padded"] > 0)
        for key in seen:
            seen[key] += now[key] > 0
    assert min(seen.values()) > 20


def test_a_step_and_its_largest_part(engine):
    """Name and share of the largest part, the best whole number, and a ceiling that no speed-up passes."""
    name = "where-a-step-goes"
    small = [
        {"n": 1, "b": 4, "latency": latency, "sample": 0.1, "weights": 0.1, "messages": 40}
        for latency in range(1, 40)
    ]  # fmt: skip
    fixed = {"n": 4, "b": 4, "latency": 1, "sample": 0.1, "weights": 0.1, "messages": 1, "fixed": 20.0}
    start = live_figures.twin_of(name).START
    states = [*ends(engine, name), *(start | {"n": n} for n in range(14)), *(start | s for s in [*small, fixed])]
    names = ("the fixed part", "arithmetic", "waiting for messages", "bytes on the wire")
    best_of = set()
    for state, (sentence, now) in zip(states, told(engine, name, states), strict=True):
        a, work = state["fixed"], state["sample"] * 2 ** state["b"]
        wire, round_ = 4 * state["weights"] / state["bandwidth"], state["messages"] * state["latency"] / 1000

        def time(n, a=a, work=work, wire=wire, round_=round_):
            return a + work / n + 2 * (n - 1) * round_ + 2 * (n - 1) / n * wire

        share, why = re.search(r"largest part of a step, (\d+) %, is ([a-z ]+)\.", sentence).groups()
        assert float(share) == pytest.approx(100 * max(now["parts"]) / now["time"], abs=0.51)
        assert now["parts"][names.index(why)] == max(now["parts"])
        beyond, above = re.search(r"Beyond (\d+) more", sentence), re.search(r"no number is ([\d.]+) times", sentence)
        assert bool(beyond) == bool(above) == (time(2) < time(1)), sentence
        best = int(beyond[1]) if beyond else 1
        assert time(best) <= time(best + 1) * (1 + 1e-12)
        assert best == 1 or time(best) <= time(best - 1) * (1 + 1e-12)
        assert above is None or float(above[1]) >= now["ceiling"] - 1e-9 > time(1) / time(best) - 1e-9
        best_of.add(min(best, 3))
    assert best_of == {1, 2, 3}


def wanted_place(key):
    return {"p": "x", "q": "y"}[key[0]] + key[1]


def test_a_heap_takes_the_share_that_a_reader_drags_it_to(engine):
    start = live_figures.twin_of("heaps-and-holes").START
    for key, to in (("p1", [2, 0.9]), ("p1", [2, 0.3]), ("q3", [9, -0.75 - 0.8])):
        wanted = json.loads(engine.eval(f"dragged('heaps-and-holes', {json.dumps(start)}, '{key}', {json.dumps(to)})"))
        now, letter = start | wanted, key[0]
        amounts = [now[f"{letter}{i}"] for i in (1, 2, 3)]
        assert max(amounts) <= 5  # as far as the sliders go: the page proposes what it can take
        assert {k: v for k, v in now.items() if k not in (key, wanted_place(key))} == {
            k: v for k, v in start.items() if k not in (key, wanted_place(key))
        }
        share = to[1] if letter == "p" else -0.75 - to[1]
        assert now[key] / math.fsum(amounts) == pytest.approx(share)


def test_bounds_of_a_roof_are_told_with_enough_digits(engine):
    for sentence, now in told(engine, "roofline", ends(engine, "roofline")):
        does, corner = (float(word) for word in re.findall(r"([\d.]+)(?: flops for each| at the corner)", sentence))
        assert (does, corner) == pytest.approx((now["intensity"], now["ridge"]), rel=0.06)
        assert does >= corner if now["bound"] == "arithmetic" else does <= corner


def test_a_pair_is_called_perfect_and_true_where_it_is(engine):
    start = live_figures.twin_of("perfect-pairs").START
    axes = {"turn": range(-180, 181, 15), "truth": (-180, 0, 60, 180), "mirror": ("plain", "mirrored"),
            "stretch": (0.7, 1.0, 1.4), "slip": (-60, 0, 5)}  # fmt: skip
    states = [start | dict(zip(axes, values, strict=True)) for values in product(*axes.values())]
    true = 0
    for state, (sentence, now) in zip(states, told(engine, "perfect-pairs", states), strict=True):
        assert ("laws are wrong" in sentence) == (now["laws"] > 1e-9), state
        assert ("does not undo" in sentence) == (now["cycle"] > 1e-9), state
        perfect = now["laws"] + now["cycle"] < 1e-9
        assert perfect == ("perfect" in sentence), state
        same = all(math.dist(*both) < 1e-9 for both in zip(now["sent"], now["partners"], strict=True))
        assert (perfect and same) == ("is the true one" in sentence), state
        if "moves points least" in sentence:
            assert now["moved"] <= min(value for _, value in now["curves"]["moved"]) + 1e-9
            assert f"{now['error']:.2f}" in sentence
        heights = [value for _, value in now["curves"]["judged"]]
        assert max(heights) - min(heights) < 1e-9
        true += perfect and same
    assert true > 4


def test_an_attack_is_outside_the_region_where_a_ratio_says_so(engine):
    start = live_figures.twin_of("whose-row").START
    axes = {"share": (0, 0.15, 1), "noise": (0, 0.005, 0.1), "rows": (20, 200), "radius": (0, 0.01, 0.12),
            "epsilon": (0, 1.1, 3), "seed": (1, 19, 99)}  # fmt: skip
    states = [start | dict(zip(axes, values, strict=True)) for values in product(*axes.values())]
    for state, (sentence, now) in zip(states, told(engine, "whose-row", states), strict=True):
        assert (now["copies"] == 0) == sentence.startswith("No row is made from a patient"), state
        if now["copies"] == 0:
            continue
        hits, alarms, odds = now["hits"], now["alarms"], math.exp(state["epsilon"])
        pairs = ((hits, alarms), (alarms, hits), (1 - alarms, 1 - hits), (1 - hits, 1 - alarms))
        assert ("is outside" in sentence) == any(a > odds * b + 1e-9 for a, b in pairs), state
        assert ("more than e^" in sentence) == (hits > odds * alarms), state
        assert ("Some made rows are copies" in sentence) == (state["noise"] == 0), state
        assert ("no nearer" in sentence) == (now["made_median"] >= now["held_median"]), state
        assert ("chance alone" in sentence) == (now["best"] < now["chance"]), state


def test_rows_near_patients_give_them_away_in_most_draws(engine):
    start = live_figures.twin_of("whose-row").START
    drawn = [now for _, now in told(engine, "whose-row", [start | {"seed": seed} for seed in range(1, 100)])]
    honest = [now for _, now in told(engine, "whose-row", [start | {"seed": s, "share": 0} for s in range(1, 100)])]
    assert min(now["closest"] for now in drawn) > 0
    assert sum(now["beyond"] for now in drawn) > 80
    assert sum(now["best"] > now["chance"] for now in drawn) > 90
    assert sum(now["best"] > now["chance"] for now in honest) < 12  # one in twenty, by chance


# ---- what the chapters say of them ----


def started(name, changes):
    """States that differ from the first one by these changes."""
    return [live_figures.twin_of(name).START | change for change in changes]


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
    grid = product((0.2, 1.0, 3.0), range(1, 19, 2), range(0, 19, 2), (0, 1, 2.5, 6))
    some = [{"tau": t, "cat": c / 20, "see": s / 20, "cost": cost} for t, c, s, cost in grid if c + s < 20]
    seen = set()
    for words, now in told(engine, "soft-words", started("soft-words", some)):
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
    grid = product((0, 0.35, 1), tenths, tenths, ("least", "random"))
    some = [{"go": go, "s": s / 20, "t": t / 20, "way": way} for go, s, t, way in grid]
    seen = set()
    for words, now in told(engine, "invented-findings", started("invented-findings", some)):
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
    grid = product(range(0, 31, 3), (0, 0.05, 0.5, 1), (0.5, 0.9, 0.95, 0.99))
    some = [{"eps": e / 100, "back": back, "gamma": gamma} for e, back, gamma in grid]
    for words, now in told(engine, "road-and-ditch", started("road-and-ditch", some)):
        assert now["tv"] <= now["bound"] + 1e-12
        assert now["tv"] == pytest.approx(1 - now["right"], abs=1e-12)
        assert ("promises nothing" in words) == (now["bound"] > 0.9999), words
        assert "NaN" not in words


def test_a_share_of_drawing_costs_its_square(engine):
    """Caption, buttons and sentence: half of the way halves the distance, for a quarter more error."""
    twin = live_figures.twin_of("share-of-drawing")
    half = twin.numbers(twin.START)
    none, whole = pressed("inside", "no share"), pressed("inside", "all of it")
    assert (half["ratio"], half["w2"]) == pytest.approx((1.25, none["w2"] / 2))
    assert len(none["points"]) == 2
    assert (whole["ratio"], whole["w2"]) == pytest.approx((2, 0), abs=1e-9)
    assert pressed("inside", "four bits")["least"] < 0.1 * none["least"]
    grid = product((0, 0.05, 0.5, 0.95, 1), range(5), (1.2, 2, 3), (0.2, 0.5, 0.9))
    some = [{"share": share, "bits": bits, "place": place, "width": width} for share, bits, place, width in grid]
    shown = told(engine, "share-of-drawing", started("share-of-drawing", some))
    for state, (words, now) in zip(some, shown, strict=True):
        share, far = state["share"], math.sqrt(now["least"])
        assert (now["ratio"], now["w2"]) == pytest.approx((1 + share**2, (1 - share) * far), abs=1e-9)
        assert words.startswith("No code at all" if state["bits"] == 0 else f"{2 ** state['bits']} codes")
        assert ("with the least error" in words) == (share == 0)
        assert ("twice the least" in words) == (share == 1)
        if 0 < share < 1:
            assert f"{100 * share:.0f} % of the way" in words
            assert f"leave {100 * (1 - share):.0f} %" in words
            assert f"at {1 + share**2:.2f} times" in words
        middle = now["density"][60]
        assert max(now["density"]) > 1.05 * middle, "two peaks at every setting"


def test_an_alarm_is_worth_what_bayes_says(engine):
    """Caption, buttons and sentence; the figure's own button leads to one in two where a tenth is found."""
    twin = live_figures.twin_of("base-rate")
    assert twin.numbers(twin.START)["worth"] == pytest.approx(16.1, abs=0.05)
    assert pressed("care", "With as many fakes as real pictures")["worth"] == pytest.approx(95)
    assert pressed("care", "At one in a thousand")["worth"] < 2
    assert pressed("care", "False alarms of one in a thousand")["worth"] > 90
    some = [dict(zip(("base", "hits"), at, strict=True)) for at in product((0.1, 1, 20, 34.6, 50), (10, 60, 99.9))]
    halves = [{**state, "alarms": state["base"] * state["hits"] / (100 - state["base"])} for state in some]
    tried = some + halves
    shown = told(engine, "base-rate", started("base-rate", tried))
    for state, (words, now) in zip(tried, shown, strict=True):
        full = twin.START | state
        fakes, real = 10 * full["base"] * full["hits"] / 100, 10 * (100 - full["base"]) * full["alarms"] / 100
        assert now["worth"] == pytest.approx(100 * fakes / (fakes + real))
        if "says nothing" in words:
            assert full["hits"] <= full["alarms"] + 1e-9
        elif abs(now["worth"] - 50) > 0.05:
            assert ("more likely right than wrong" in words) == (now["worth"] > 50), words
    for state, (words, now) in zip(halves, shown[len(some) :], strict=True):
        assert now["worth"] == pytest.approx(50)
        assert ("as many right as wrong" in words) != ("says nothing" in words), words
        assert 0.0099 < state["alarms"] < 99.9001, "the slider reaches it"
