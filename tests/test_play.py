"""The playground and the gallery of failures, moved by hand (their numbers: test_web.py, test_live.py)."""

import io
import json
import re

import numpy as np
import pytest
import torch
from conftest import FAILURES, PLAYGROUND, root_of
from PIL import Image
from test_web import THEATRE, as_torch, pixels

pytestmark = [pytest.mark.site, pytest.mark.web]

CHARTS = "document.querySelector('[data-gan-widget]').ganCharts"
STATE = """game => ({step: game.steps, losses: [game.lossD, game.lossG].map(String),
    weights: [game.generator, game.discriminator].map(n => n.layers.map(l => [[...l.weight], [...l.bias]]))})"""


def status(root, k=0):
    return root.locator(".gan-status").nth(k).inner_text()


def press(root, name):
    root.get_by_role("button", name=name, exact=True).click()


def enter(box, text):
    """Type as a person does: only that is a change for Firefox."""
    box.press("ControlOrMeta+a")
    box.press_sequentially(text)
    box.press("Enter")


def settings(page):
    return page.evaluate(f"{THEATRE}.game.settings")


def board(root, k=0):
    return root.locator("canvas.gan-board").nth(k)


def go(page, steps):
    """Take steps without waiting for frames."""
    page.evaluate(f"steps => {{ for (let k = 0; k < steps; k++) {THEATRE}.advance(1); }}", steps)


# ---- run, step, start again ----


def test_run_pause_step_start_again(playground):
    root = root_of(playground, "playground")
    before = pixels(board(root))
    press(root, "One step")
    assert pixels(board(root)) != before
    press(root, "Run")
    playground.wait_for_function(f"{THEATRE}.game.steps >= 60")
    press(root, "Pause")
    steps = playground.evaluate(f"{THEATRE}.game.steps")
    playground.wait_for_timeout(200)
    assert playground.evaluate(f"{THEATRE}.game.steps") == steps
    assert "modes" in status(root)
    assert "Wasserstein distance" in board(root).get_attribute("aria-label")
    press(root, "Start again")
    assert status(root).startswith("Step 0")
    assert pixels(board(root)) == before


def test_a_step_and_its_drawing_fit_thirty_times_into_a_second(playground):
    medians = playground.evaluate(
        """() => {
            const theatre = THEATRE, median = (work) => {
                const times = Array.from({length: 90}, () => {
                    const start = performance.now();
                    work();
                    return performance.now() - start;
                });
                return times.slice(30).sort((a, b) => a - b)[30]; // once it is compiled
            };
            return [median(() => theatre.game.step()), median(() => theatre.redraw())];
        }""".replace("THEATRE", THEATRE)
    )
    print(f"a step {medians[0]:.1f} ms, drawing {medians[1]:.1f} ms")
    assert sum(medians) < 1000 / 30


def test_a_run_that_breaks_says_so(playground):
    root = root_of(playground, "playground")
    playground.evaluate(f"{THEATRE}.game.generator.layers[0].weight[0] = NaN")
    press(root, "Run")
    root.get_by_role("alert").wait_for()
    assert "no longer a number" in root.get_by_role("alert").inner_text()
    press(root, "Start again")
    assert not root.get_by_role("alert").is_visible()
    press(root, "One step")
    assert not root.get_by_role("alert").is_visible()


@pytest.mark.emulates
def test_less_motion_is_drawn_less_often(browser, site):
    context = browser.new_context(viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
    page = context.new_page()
    page.goto(site + PLAYGROUND)
    root = root_of(page, "playground")
    frames = page.evaluate(f"{THEATRE}.frames")
    press(root, "Run")
    page.wait_for_function(f"{THEATRE}.game.steps >= 120")
    press(root, "Pause")
    drawn, steps = page.evaluate(f"[{THEATRE}.frames, {THEATRE}.game.steps]")
    assert drawn - frames < steps / 5
    for _ in range(4):  # quick presses leave one loop alive, not several
        press(root, "Run")
        press(root, "Pause")
    press(root, "Run")
    drawn, passed = page.evaluate(
        f"""() => new Promise((done) => {{
            const frames = {THEATRE}.frames, start = performance.now();
            setTimeout(() => done([{THEATRE}.frames - frames, performance.now() - start]), 2600);
        }})"""
    )
    assert 1 <= drawn <= passed / 500 + 2
    context.close()


def test_a_side_of_the_sheet_keeps_its_colour(playground):
    """Whichever side is the larger one; and a denser cell is stronger, up to 100."""
    hues = playground.evaluate(
        """() => [1, -1].map((side) => [10, 500].map((up) => {
            const fills = [], context = CanvasRenderingContext2D.prototype, fill = context.fill;
            context.fill = function (...all) { fills.push(this.fillStyle); return fill.apply(this, all); };
            const sheet = {corners: new Float64Array(2 * 25 * 25), density: new Float64Array(576).fill(1)};
            sheet.area = Float64Array.from({length: 576}, (_, k) => side * (k < up ? 1 : -1));
            const none = new Float64Array(0);
            window.GanBoard.makeBoard().draw({fabric: () => sheet}, {real: none, z: none}, ["fabric"]);
            context.fill = fill;
            return [fills[0], fills[575]];
        }))"""
    )
    (upright, turned), same = hues[0]
    assert upright != turned
    assert same == [upright, turned]
    assert hues[1] == [[turned, upright]] * 2
    strengths = playground.evaluate("[0, 0.01, 0.1, 1, 10, 100, 1e6].map(window.GanBoard.strength)")
    assert strengths[0] == strengths[1]
    assert strengths[5] == strengths[6]
    assert np.allclose(np.diff(strengths[1:6]), 0.15)


# ---- one step in its parts ----


def test_the_parts_of_a_step_are_shown_and_told(playground):
    root = root_of(playground, "playground")
    go(playground, 200)
    steps, seen, told = playground.evaluate(f"{THEATRE}.game.steps"), [pixels(board(root))], []
    for word in ("Draw", "Judge", "D's gradient", "D moves", "G's gradient", "G moves"):
        assert playground.evaluate(f"{THEATRE}.game.steps") == steps
        press(root, "Next part")
        seen.append(pixels(board(root)))
        told.append(root.locator(".gan-part-words").inner_text())
        assert told[-1].startswith(word)
        assert root.locator(".gan-parts [aria-current=step]").inner_text().lower() == word.lower()
    assert playground.evaluate(f"{THEATRE}.game.steps") == steps + 1
    assert len(set(seen)) == 7
    n_real, n_fake = map(int, re.findall(r"(\d+) of 96", told[1]))
    assert n_real + n_fake > 96  # D is better than a coin
    before, after = map(float, re.findall(r"batch was (\S+) and is now (\S+)\.", told[3])[0])
    assert after < before
    press(root, "Next part")
    assert "Shown: the batch's real points in blue" in board(root).get_attribute("aria-label")
    press(root, "One step")  # what is left of the step
    assert playground.evaluate(f"{THEATRE}.game.steps") == steps + 2
    assert not root.locator(".gan-parts").is_visible()  # the words of a part go with its picture
    assert "Shown: ground coloured by D, real points in blue" in board(root).get_attribute("aria-label")


@pytest.mark.parametrize("goes_on", ["Run", "Start again"])
def test_the_words_of_a_part_go_when_the_board_goes_on(playground, goes_on):
    root = root_of(playground, "playground")
    press(root, "Next part")
    press(root, "Next part")
    assert root.locator(".gan-part-words").inner_text().startswith("Judge")
    press(root, goes_on)
    playground.wait_for_function("!document.querySelector('.gan-parts').checkVisibility()")
    assert root.locator(".gan-parts [aria-current]").count() == 0
    assert root.locator(".gan-part-words").text_content() == ""


def test_words_have_the_step_of_the_board(playground):
    root = root_of(playground, "playground")
    go(playground, 47)
    assert status(root).startswith("Step 47 · at step 40: ")
    label = board(root).get_attribute("aria-label")
    assert label.startswith("Step 47.")
    assert "At step 40: " in label
    go(playground, 13)
    assert re.match(r"Step 60 · \d of 8 modes", status(root))
    for _ in range(6):
        press(root, "Next part")
    assert status(root).startswith("Step 61 · at step 60: ")
    press(root, "Run")
    playground.wait_for_function(f"{THEATRE}.game.steps >= 90")
    press(root, "Pause")
    step = playground.evaluate(f"{THEATRE}.game.steps")
    assert status(root).startswith(f"Step {step} ·")
    assert board(root).get_attribute("aria-label").startswith(f"Step {step}.")
    assert "a second" not in status(root)


def test_parts_by_hand_give_the_same_run(playground):
    root = root_of(playground, "playground")
    root.get_by_label("Loss", exact=True).select_option("wasserstein-gp")
    press(root, "Settings that suit this loss")
    root.get_by_role("checkbox", name="G's fabric").check()
    for _ in range(2 * (3 * 4 + 2)):
        press(root, "Next part")
    by_parts = playground.evaluate(f"() => ({STATE})({THEATRE}.game)")
    assert by_parts["step"] == 2
    press(root, "Start again")
    press(root, "One step")
    press(root, "One step")
    assert playground.evaluate(f"() => ({STATE})({THEATRE}.game)") == by_parts


# ---- controls ----


SEEN = {  # of each layer, in the board's text
    "what D thinks": "ground coloured by D",
    "where G's loss pulls": "arrows where G's loss pulls",
    "generated points": "generated points in orange",
    "real points": "real points in blue",
    "G's fabric": "G's fabric",
}


def test_every_control_of_the_playground(playground):
    root = root_of(playground, "playground")
    root.get_by_label("Data").select_option("moons")
    assert "modes" not in status(root)
    root.get_by_label("Loss", exact=True).select_option("wasserstein-gp")
    press(root, "Settings that suit this loss")
    assert settings(playground)["stepsD"] == 3
    for label, name in (
        ("Learning rate of D", "rateD"),
        ("Learning rate of G", "rateG"),
        ("Steps of D for one of G", "stepsD"),
    ):
        root.get_by_label(label).focus()
        before = settings(playground)[name]
        playground.keyboard.press("ArrowRight")
        assert settings(playground)[name] > before
        row = root.locator(".gan-row", has=playground.get_by_label(label))
        assert row.locator("output").inner_text() == str(settings(playground)[name])
    root.get_by_label("Momentum").select_option("0.9")
    assert settings(playground)["beta1"] == 0.9
    root.get_by_label("Latent numbers").select_option("2")
    assert playground.evaluate(f"{THEATRE}.game.generator.layers[0].nIn") == 2
    enter(root.get_by_label("Seed"), "7")
    assert settings(playground)["seed"] == 7
    for box in ("what D thinks", "where G's loss pulls", "generated points", "real points", "G's fabric"):
        before = pixels(board(root))
        root.get_by_role("checkbox", name=box).click()
        assert pixels(board(root)) != before, box
        ticked = root.get_by_role("checkbox", name=box).is_checked()
        assert (SEEN[box] in board(root).get_attribute("aria-label")) == ticked, box
    root.get_by_label("Speed").fill("9")
    row = root.locator(".gan-row", has=playground.get_by_label("Speed"))
    assert row.locator("output").inner_text() == "9"
    assert "speed=9" in playground.url
    assert "show=fabric" in playground.url


def test_the_fabric_is_where_pytorch_lays_it(playground):
    got = playground.evaluate(
        """() => {
            const G = window.GanGame, net = G.makeNetwork([4, 16, 12, 2], 0, G.makeRandom(3));
            const rows = ({nIn, nOut, weight}) =>
                Array.from({length: nOut}, (_, o) => Array.from(weight.slice(o * nIn, (o + 1) * nIn)));
            const plain = net.layers.map((layer) => [rows(layer), Array.from(layer.bias)]);
            const {corners, area, density} = G.fabricOf(net, 6, 1.5);
            return {plain, corners: [...corners], area: [...area], density: [...density]};
        }"""
    )
    ends = torch.linspace(-1.5, 1.5, 7, dtype=torch.float64)
    z = torch.zeros(7, 7, 4, dtype=torch.float64)
    z[..., 0], z[..., 1] = ends, ends[:, None]
    laid = as_torch(got["plain"], 0.0)(z).detach()
    np.testing.assert_allclose(got["corners"], laid.flatten().numpy(), rtol=1e-9, atol=1e-12)
    a, b, c, d = laid[:-1, :-1], laid[:-1, 1:], laid[1:, 1:], laid[1:, :-1]
    p, q = c - a, d - b  # half the cross product of the diagonals
    area = (p[..., 0] * q[..., 1] - p[..., 1] * q[..., 0]) / 2
    np.testing.assert_allclose(got["area"], area.flatten().numpy(), rtol=1e-7, atol=1e-12)
    middle = (ends[:-1] + ends[1:]) / 2
    mass = torch.exp(-(middle**2 + middle[:, None] ** 2) / 2) / (2 * torch.pi) * 0.25
    np.testing.assert_allclose(got["density"], (mass / area.abs()).flatten().numpy(), rtol=1e-6)


def test_the_page_says_what_the_fabric_is(playground):
    root = root_of(playground, "playground")
    root.get_by_role("checkbox", name="G's fabric").check()
    assert "the plane of the first two, the others at 0" in root.inner_text()
    root.get_by_label("Latent numbers").select_option("2")
    assert "the whole latent plane" in root.inner_text()


def test_a_change_on_the_way_is_marked(playground):
    root = root_of(playground, "playground")
    go(playground, 40)
    assert playground.evaluate(f"{CHARTS}.map(c => c.marks.length)") == [0, 0, 0]
    root.get_by_label("Learning rate of G").focus()
    playground.keyboard.press("ArrowRight")
    assert playground.evaluate(f"{THEATRE}.game.steps") == 40
    assert "Changed at step 40: start again to get what the link gives." in root.inner_text()
    assert playground.evaluate(f"{CHARTS}.map(c => c.marks.map(m => m.step))") == [[40]] * 3
    for k in range(3):
        chart = root.locator(".gan-chart svg").nth(k)
        assert "changed" in chart.text_content()
        word, edge = chart.locator("text", has_text="changed").bounding_box(), chart.bounding_box()
        assert word["x"] + word["width"] <= edge["x"] + edge["width"]
    go(playground, 20)
    root.get_by_label("Learning rate of D").focus()
    playground.keyboard.press("ArrowRight")
    assert "Changed at steps 40, 60:" in root.inner_text()
    press(root, "Start again")
    assert "Changed at step" not in root.inner_text()
    assert "changed" not in root.locator(".gan-chart svg").first.text_content()
    root.get_by_label("Momentum").select_option("0")  # nothing has been trained: nothing to mark
    assert "Changed at step" not in root.inner_text()
    go(playground, 20)
    root.get_by_label("Loss", exact=True).select_option("saturating")  # starts again
    assert status(root).startswith("Step 0")
    assert "Changed at step" not in root.inner_text()


# ---- charts ----


def test_charts_read_out_the_same_step(playground):
    root = root_of(playground, "playground")
    go(playground, 200)
    values = playground.evaluate(f"{CHARTS}.map(c => ({{steps: c.steps, values: c.values}}))")
    readout = root.locator(".gan-chart-box output")
    assert readout.nth(2).inner_text() == f"step 200: modes {values[2]['values'][0][-1]}"
    place = root.locator(".gan-chart").first
    place.scroll_into_view_if_needed()
    box = place.bounding_box()
    playground.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 60)
    at = int(readout.nth(0).inner_text().split()[1].rstrip(":"))
    assert 20 < at < 200
    assert readout.nth(2).inner_text() == f"step {at}: modes {values[2]['values'][0][values[2]['steps'].index(at)]}"
    playground.mouse.move(5, 5)
    assert readout.nth(0).inner_text().startswith("step 200")
    place.focus()
    playground.keyboard.press("Home")
    assert readout.nth(0).inner_text() == "step 0: none yet"
    assert readout.nth(1).inner_text().startswith("step 0: distance")
    playground.keyboard.press("ArrowRight")
    playground.keyboard.press("ArrowRight")
    assert place.get_attribute("aria-valuenow") == "40"
    assert place.get_attribute("aria-valuetext") == readout.nth(0).inner_text()
    for k, names in enumerate((["D", "G", "step"], ["distance", "step"], ["modes", "step"])):
        drawn = root.locator(".gan-chart svg").nth(k).locator("text").all_text_contents()
        assert {*names, "0", "200"} <= set(drawn)


# ---- two games ----


def test_a_race_is_two_single_games(playground):
    root = root_of(playground, "playground")
    root.get_by_label("Race").check()
    root.get_by_label("It differs in").select_option("beta1")
    root.get_by_label("and has there").select_option("0.9")
    assert "race=beta1%3A0.9" in playground.url
    assert board(root, 1).is_visible()
    go(playground, 40)
    both = playground.evaluate(f"() => {THEATRE}.games.map({STATE})")
    alone = playground.evaluate(
        f"""() => [0.5, 0.9].map((beta1) => {{
            const game = window.GanGame.makeGame({{...window.GanPlayground.START, beta1}});
            for (let k = 0; k < 40; k++) game.step();
            return ({STATE})(game);
        }})"""
    )
    assert both == alone
    assert both[0]["weights"] != both[1]["weights"]
    assert [len(v) for v in playground.evaluate(f"{CHARTS}.map(c => c.values)")] == [4, 2, 2]
    assert status(root, 1).startswith("Step 40")
    assert "momentum 0.9" in board(root, 1).get_attribute("aria-label")


def test_a_race_goes_on_with_a_change_for_both_or_for_one(playground):
    root = root_of(playground, "playground")
    root.get_by_label("Race").check()
    root.get_by_label("It differs in").select_option("rateG")
    root.get_by_label("and has there").select_option("0.008")
    go(playground, 20)
    root.get_by_label("Momentum").select_option("0")
    both = playground.evaluate(f"{THEATRE}.games.map(g => g.settings)")
    assert [s["beta1"] for s in both] == [0, 0]
    assert [s["rateG"] for s in both] == [0.002, 0.008]
    for name, value in (("loss", "least-squares"), ("latent", "2"), ("seed", "5"), ("rateD", "0.001"), ("stepsD", "4")):
        root.get_by_label("It differs in").select_option(name)
        root.get_by_label("and has there").select_option(value)
        both = playground.evaluate(f"{THEATRE}.games.map(g => g.settings)")
        assert [str(s[name]) == value for s in both] == [False, True]
    root.get_by_label("Race").uncheck()
    assert playground.evaluate(f"{THEATRE}.games.length") == 1
    assert not board(root, 1).is_visible()


def test_a_race_keeps_its_difference(playground):
    root = root_of(playground, "playground")
    root.get_by_label("Race").check()
    root.get_by_label("Loss", exact=True).select_option(playground.evaluate(f"{THEATRE}.games[1].settings.loss"))
    both = playground.evaluate(f"{THEATRE}.games.map(g => g.settings.loss)")
    assert both[0] != both[1]


def test_a_race_says_when_no_difference_is_left(playground):
    root = root_of(playground, "playground")
    root.get_by_label("Race").check()
    root.get_by_label("It differs in").select_option("rateG")
    root.get_by_label("and has there").select_option("0.004")
    go(playground, 20)
    assert "No difference is left" not in root.inner_text()
    root.get_by_role("slider", name="Learning rate of G").focus()
    playground.keyboard.press("ArrowRight")
    assert playground.evaluate(f"{THEATRE}.games.map(g => g.settings.rateG)") == [0.004, 0.004]
    assert "both games have the same learning rate of G" in root.inner_text()
    assert root.get_by_label("and has there").input_value() == "0.004"
    root.get_by_label("and has there").select_option("0.001")
    assert "No difference is left" not in root.inner_text()


def test_a_link_to_two_games_alike_is_no_race(playground):
    for link, wrong, race in (
        ("#race=loss:non-saturating", ["alike"], None),
        ("#preset=speed&seed=3", ["alike"], None),
        ("#race=rateG:0.008", [], {"name": "rateG", "value": 0.008}),
    ):
        read = playground.evaluate("link => window.GanPlayground.readLink(link)", link)
        assert (read["wrong"], read["settings"]["race"]) == (wrong, race)
    playground.evaluate("() => { location.hash = '#preset=speed&seed=3'; }")
    told = root_of(playground, "playground").get_by_text("two games that are alike; here is the one game")
    told.wait_for()
    assert "does not know" not in told.inner_text()


def test_drawn_points_outlive_a_preset(playground):
    root = root_of(playground, "playground")
    press(root, "Draw")
    board(root).scroll_into_view_if_needed()
    before = pixels(board(root))
    board(root).focus()
    playground.keyboard.press("ArrowRight")
    playground.keyboard.press(" ")
    assert pixels(board(root)) != before
    own = settings(playground)["own"]
    assert len(own) == 1
    for name in ("Momentum", "Draw"):
        press(root.locator(".gan-presets"), name)
        assert settings(playground)["own"] == own
    playground.locator('a[href="#preset=drawing"]').click()
    playground.wait_for_timeout(100)
    assert settings(playground)["own"] == own


# ---- presets ----


def test_presets_set_everything_up_and_wait(playground):
    root = root_of(playground, "playground")
    presets = playground.evaluate("window.GanPlayground.PRESETS")
    assert len(presets) >= 7
    for key, preset in presets.items():
        press(root.locator(".gan-presets"), preset["name"])
        now = settings(playground)
        for name, value in preset["set"].items():
            if name not in ("race", "show"):
                assert now[name] == value
        assert playground.evaluate(f"{THEATRE}.games.length") == (2 if preset["set"].get("race") else 1)
        assert preset["ask"] in root.inner_text()
        assert status(root).startswith("Step 0")
        assert f"preset={key}" in playground.url
        pressed = root.locator(".gan-presets [aria-pressed=true]")
        assert pressed.all_inner_texts() == [preset["name"]]
        assert playground.locator(f'a[href="#preset={key}"]').count() == 1  # the text explains each
    root.get_by_label("Momentum").select_option("0.9")
    assert root.locator(".gan-presets [aria-pressed=true]").count() == 0
    playground.locator('a[href="#preset=clipping"]').click()
    playground.wait_for_function(f"{THEATRE}.games.length === 2")
    assert root.get_by_role("button", name="Run", exact=True).is_visible()


# ---- links ----


def test_a_link_brings_back_the_settings(playground, open_page):
    root = root_of(playground, "playground")
    root.get_by_label("Data").select_option("own")
    board(root).scroll_into_view_if_needed()
    box = board(root).bounding_box()
    playground.mouse.move(box["x"] + 100, box["y"] + 100)
    playground.mouse.down()
    playground.mouse.move(box["x"] + 250, box["y"] + 180, steps=6)
    playground.mouse.up()
    board(root).focus()
    for key in ("ArrowRight", "ArrowUp", " "):
        playground.keyboard.press(key)
    own = settings(playground)["own"]
    assert len(own) >= 4
    assert own[-1] == pytest.approx([0.2, 0.2])
    root.get_by_label("Loss", exact=True).select_option("least-squares")
    link = root.get_by_label("Link to these settings").input_value()
    assert link == playground.url
    other, problems = open_page(link, fresh=True)
    root_of(other, "playground")
    again = settings(other)
    assert again["loss"] == "least-squares"
    np.testing.assert_allclose(again["own"], own, atol=0.02)
    assert problems == []
    other.close()


LINKS = [
    {},
    {"data": "grid", "loss": "wasserstein-clip", "rateD": 0.0002, "rateG": 0.016, "stepsD": 5, "beta1": 0, "seed": 99},
    {"latent": 2, "show": ["fabric"], "speed": 10},
    {"show": []},
    {"race": {"name": "loss", "value": "saturating"}},
    {"race": {"name": "seed", "value": 77}, "data": "roll"},
    *({"preset": name} for name in ("silent", "far", "clipping", "modes", "speed", "momentum", "drawing", "fabric")),
]


@pytest.mark.parametrize("changes", LINKS, ids=lambda c: json.dumps(c)[:40])
def test_links_hold_everything(playground, changes):
    start, again = playground.evaluate(
        """changes => {
            const {START, linkOf, preset, readLink} = window.GanPlayground;
            const start = {...START, ...(changes.preset ? preset(changes.preset) : {}), ...changes};
            return [{settings: start, wrong: []}, readLink(linkOf(start))];
        }""",
        changes,
    )
    assert again == start


def test_a_preset_with_a_layer_switched_off_keeps_it_off(playground):
    root = root_of(playground, "playground")
    press(root, "Fabric")
    root.get_by_role("checkbox", name="real points").uncheck()
    read = playground.evaluate("window.GanPlayground.readLink(location.hash).settings")
    assert (read["preset"], read["show"]) == ("fabric", ["fabric"])


def test_a_careless_link_and_seed(open_page, site):
    game, view = "#data=cube&rateD=-1&loss=least-squares&seed=x", "&race=beta1:7&show=sound&preset=toString&speed=0"
    page, problems = open_page(site + PLAYGROUND + game + view + "&latent=3&points=%25")
    root = root_of(page, "playground")
    said = root.get_by_role("alert").inner_text()
    assert "for data, rateD, seed, race, show, preset, speed, latent, points;" in said
    assert root.get_by_label("Loss", exact=True).input_value() == "least-squares"
    enter(root.get_by_label("Seed"), "-4")
    assert 'whole number from 0 to 999999999, but "-4" came' in root.get_by_role("alert").inner_text()
    assert root.get_by_label("Seed").input_value() == "1"
    assert problems == []


# ---- look ----


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (1366, 768)])
def test_picture_controls_and_charts_share_one_view(open_page, site, width, height):
    page, _ = open_page(site + PLAYGROUND, fresh=True)
    page.set_viewport_size({"width": width, "height": height})
    root = root_of(page, "playground")
    run = root.get_by_role("button", name="Run", exact=True).bounding_box()
    picture = board(root).bounding_box()
    assert run["y"] + run["height"] <= height
    assert 0 <= run["y"] - (picture["y"] + picture["height"]) < 30
    charts = [chart.bounding_box() for chart in root.locator(".gan-chart").all()]
    for chart in charts:
        assert chart["x"] > picture["x"] + picture["width"]
        assert chart["y"] + chart["height"] <= height
    for label in ("Data", "Learning rate of D", "Seed"):
        control = root.get_by_label(label).first.bounding_box()
        assert picture["x"] + picture["width"] < control["x"] < charts[0]["x"]
        assert control["y"] + control["height"] <= height
    root.get_by_label("Race").check()
    pair = [board(root, k).bounding_box() for k in (0, 1)]
    assert pair[0]["y"] == pytest.approx(pair[1]["y"], abs=1)
    assert pair[0]["x"] + pair[0]["width"] < pair[1]["x"]
    run = root.get_by_role("button", name="Run", exact=True).bounding_box()
    assert run["y"] + run["height"] <= height
    page.close()


def test_on_a_phone_the_board_stays_while_controls_pass(open_page, site):
    page, _ = open_page(site + PLAYGROUND, width=390, fresh=True)
    page.set_viewport_size({"width": 390, "height": 844})
    root = root_of(page, "playground")
    root.get_by_label("Seed").evaluate("e => e.scrollIntoView({block: 'end'})")
    for part in (board(root), root.get_by_role("button", name="Run", exact=True), root.get_by_label("Seed")):
        box = part.bounding_box()
        assert 0 <= box["y"] <= box["y"] + box["height"] <= 845
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.close()


@pytest.mark.parametrize("page", [PLAYGROUND, FAILURES])
@pytest.mark.parametrize("width", [1280, 390, 320])
def test_targets_are_large_enough(open_page, site, page, width):
    opened, _ = open_page(site + page, width=width)
    opened.wait_for_selector(".gan-play canvas")
    assert opened.evaluate("document.documentElement.scrollWidth") <= width
    small = opened.locator(".gan-play :is(button, input, select)").evaluate_all(
        """nodes => nodes.filter((n) => n.offsetParent)
            .map((n) => [n.outerHTML.slice(0, 80), n.getBoundingClientRect()])
            .filter(([, box]) => box.width < 24 || box.height < 24).map(([text]) => text)"""
    )
    assert small == []


def test_boards_are_sharp(browser, site):
    context = browser.new_context(viewport={"width": 1280, "height": 800}, device_scale_factor=2)
    page = context.new_page()
    page.goto(site + PLAYGROUND)
    canvas = board(root_of(page, "playground"))
    assert canvas.evaluate("c => c.width") == pytest.approx(2 * canvas.bounding_box()["width"], abs=6)
    context.close()


def test_a_small_playground_stands_in_a_page_of_text(playground):
    """The board and one chart, set up by its own link, whatever the page's address says."""
    playground.evaluate(
        """() => {
            const root = document.querySelector('[data-gan-widget]'), again = document.createElement('script');
            root.dataset.ganCompact = '#data=grid&seed=4';
            delete root.dataset.ganStarted;
            again.src = document.querySelector('script[src*="playground.js"]').src + '?again';
            document.body.append(again);
        }"""
    )
    playground.wait_for_function("!document.querySelector('.gan-controls')")
    root = root_of(playground, "playground")
    assert settings(playground)["data"] == "grid"
    names = [button.inner_text() for button in root.get_by_role("button").all()]
    assert names == ["Run", "One step", "Start again"]
    assert root.locator(".gan-chart").count() == 1
    press(root, "Run")
    playground.wait_for_function(f"{THEATRE}.game.steps >= 20")
    press(root, "Pause")
    assert "of 25 modes" in status(root)
    assert "#" not in playground.url


def test_points_off_the_board_are_counted(playground):
    root = root_of(playground, "playground")
    playground.evaluate(f"{THEATRE}.game.generator.layers[2].bias.fill(9)")
    go(playground, 20)
    off = re.search(r"(\d+) of 200 drawn points are off the board", status(root))
    assert int(off[1]) == playground.evaluate(
        f"""() => {{
            const random = window.GanGame.makeRandom(1 + 4242), {{fake}} = {THEATRE}.game.arrows(random.normals(800));
            return Array.from({{length: 200}}, (_, k) => Math.max(Math.abs(fake[2 * k]), Math.abs(fake[2 * k + 1])))
                .filter((far) => far > 3).length;
        }}"""
    )


# ---- to take along ----


@pytest.mark.emulates
def test_a_picture_can_be_saved(playground):
    root = root_of(playground, "playground")
    go(playground, 40)
    with playground.expect_download() as waiting:
        press(root, "Save a picture")
    assert waiting.value.suggested_filename == "gan-ring-seed-1-step-40.png"
    image = Image.open(io.BytesIO(waiting.value.path().read_bytes())).convert("RGB")
    assert image.width == 1200
    left, right = image.crop((24, 24, 588, 588)), image.crop((612, 24, 1176, 588))
    assert len(left.getcolors(1 << 20)) > 1000  # the board
    assert len(right.getcolors(1 << 20)) > 20  # the charts
    assert "Saved as" in root.inner_text()


@pytest.mark.emulates
def test_a_film_can_be_saved(playground):
    root = root_of(playground, "playground")
    press(root, "Record a film")
    press(root, "Run")
    playground.wait_for_function(f"{THEATRE}.game.steps >= 60")
    playground.wait_for_timeout(700)
    with playground.expect_download() as waiting:
        press(root, "Stop and save the film")
    assert waiting.value.suggested_filename.endswith(".webm")
    film = waiting.value.path().read_bytes()
    assert film[:4] == b"\x1a\x45\xdf\xa3"  # EBML, the head of a WebM
    assert len(film) > 5000


def test_a_browser_that_cannot_film_says_so(browser, site):
    page = browser.new_page()
    page.add_init_script("delete window.MediaRecorder")
    page.goto(site + PLAYGROUND)
    root = root_of(page, "playground")
    press(root, "Record a film")
    assert "cannot record a film" in root.inner_text()
    page.close()


# ---- the gallery of failures (that sick is sick and cured is cured: tests/test_live.py) ----

NAMES = ("Mode collapse", "Vanishing gradient", "Oscillation", "Memorising discriminator")


@pytest.mark.parametrize("name", NAMES)
def test_the_gallery_by_hand(failures, name):
    root = root_of(failures, "failure-gallery")
    root.get_by_role("button", name=name).click()
    assert root.locator(".gan-tabs [aria-pressed=true]").inner_text() == name
    press(root, "Run")
    failures.wait_for_function(f"{THEATRE}.game.steps >= 20")
    press(root, "Pause")
    assert "sick" in status(root)
    assert not board(root, 1).is_visible()
    press(root, "Apply the cure")
    steps = failures.evaluate(f"{THEATRE}.game.steps")
    both = failures.evaluate(f"() => {THEATRE}.games.map({STATE})")
    assert both[0] == both[1]  # the treated game goes on from the sick weights
    assert f"under treatment since step {steps}" in status(root, 1)
    assert "untreated" in status(root)
    assert "cured" not in root.inner_text()
    assert "The cure." in root.inner_text()
    assert "And waiting?" in root.inner_text()
    assert "cure" in root.locator(".gan-chart svg").text_content()
    press(root, "Run")
    failures.wait_for_function(f"{THEATRE}.game.steps >= {steps + 20}")
    press(root, "Pause")
    both = failures.evaluate(f"() => {THEATRE}.games.map({STATE})")
    assert both[0]["step"] == both[1]["step"]
    assert both[0]["weights"] != both[1]["weights"]
    assert len(failures.evaluate(f"{CHARTS}()[0].values")) == (4 if name == "Oscillation" else 2)
    assert root.get_by_role("button", name="Apply the cure").is_disabled()
    press(root, "Start again")
    assert ("D trains alone" if name == "Vanishing gradient" else "sick") in status(root)
    assert "The cure." not in root.inner_text()


def test_the_untreated_game_is_the_one_that_was_never_asked(failures):
    root = root_of(failures, "failure-gallery")
    go(failures, 30)
    press(root, "Apply the cure")
    go(failures, 30)
    both = failures.evaluate(f"() => {THEATRE}.games.map({STATE})")
    alone = failures.evaluate(
        f"""() => [false, true].map((treat) => {{
            const {{sick, cure}} = window.GanDiseases.collapse;
            const game = window.GanGame.makeGame({{...window.GanGame.DEFAULTS, ...sick}});
            for (let k = 0; k < 60; k++) {{ if (treat && k === 30) Object.assign(game.settings, cure); game.step(); }}
            return ({STATE})(game);
        }})"""
    )
    assert both == alone


def test_the_cured_board_shows_the_new_data(failures):
    root = root_of(failures, "failure-gallery")
    root.get_by_role("button", name="Memorising discriminator").click()
    go(failures, 7)
    assert status(root).startswith("Step 7, sick · at step 0: ")
    press(root, "Apply the cure")
    points = failures.evaluate(f"{THEATRE}.shown.map(({{real}}) => [...real])")
    assert [len(p) for p in points] == [2 * 12, 2 * 200]
    root.get_by_role("button", name="Mode collapse").click()
    press(root, "Apply the cure")
    assert failures.evaluate(f"{THEATRE}.shown[0].real === {THEATRE}.shown[1].real")


def test_the_vanishing_gradient_lets_d_train_first_and_the_page_live(failures):
    root = root_of(failures, "failure-gallery")
    root.get_by_role("button", name="Vanishing gradient").click()
    press(root, "Apply the cure")
    assert "Press Run first" in root.get_by_role("alert").inner_text()
    press(root, "Run")
    failures.wait_for_function("/steps to go/.test(document.querySelector('.gan-status').textContent)")
    press(root, "Pause")
    press(root, "One step")
    failures.wait_for_function(f"{THEATRE}.game.steps === 1")
    failures.wait_for_timeout(200)
    assert failures.evaluate(f"{THEATRE}.game.steps") == 1
    expected = failures.evaluate(
        f"""() => {{
            const game = window.GanGame.makeGame({{...window.GanGame.DEFAULTS, ...window.GanDiseases.vanishing.sick}});
            game.step();
            return ({STATE})(game);
        }}"""
    )
    assert failures.evaluate(f"() => ({STATE})({THEATRE}.game)") == expected


def test_links_and_seeds_of_the_gallery(open_page, site):
    page, problems = open_page(site + FAILURES + "#disease=memorising&seed=3")
    root = root_of(page, "failure-gallery")
    assert root.locator(".gan-tabs [aria-pressed=true]").inner_text() == "Memorising discriminator"
    assert settings(page)["seed"] == 3
    enter(root.get_by_label("Seed"), "1.5")
    assert "whole number" in root.get_by_role("alert").inner_text()
    root.get_by_role("button", name="Oscillation").click()
    assert page.url.endswith("#disease=oscillation&seed=3")
    page, problems = open_page(site + FAILURES + "#disease=plague&seed=1e9")
    root = root_of(page, "failure-gallery")
    assert "for disease, seed;" in root.get_by_role("alert").inner_text()
    assert root.locator(".gan-tabs [aria-pressed=true]").inner_text() == "Mode collapse"
    assert problems == []
