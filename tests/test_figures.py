"""The live figures: mathematics against the Python twins, every control moved in a browser, still pictures."""

import json
import re
import sys
from pathlib import Path

import numpy as np
import pytest
from py_mini_racer import MiniRacer

ROOT = Path(__file__).parents[1]
FIGURES = ROOT / "book" / "_figures"
sys.path.insert(0, str(ROOT / "scripts"))

import export_web  # noqa: E402
import live_figures  # noqa: E402

NAMES = live_figures.names()
LOOKS = [("file", 1280, "light"), ("http", 390, "dark")]


def plain(value):
    """Arrays and NumPy's numbers as JSON has them."""
    if isinstance(value, dict):
        return {key: plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple, np.ndarray)):
        return [plain(one) for one in value]
    return value.item() if isinstance(value, np.generic) else value


def differences(js, python, tolerance, path="numbers"):
    """Where two results differ, in words."""
    if isinstance(python, dict):
        if not isinstance(js, dict) or set(js) != set(python):
            return [f"{path} has {sorted(js)}, Python {sorted(python)}"]
        return [wrong for key in python for wrong in differences(js[key], python[key], tolerance, f"{path}.{key}")]
    if isinstance(python, list):
        if not isinstance(js, list) or len(js) != len(python):
            return [f"{path} has another length than in Python"]
        pairs = enumerate(zip(js, python, strict=True))
        return [wrong for i, (a, b) in pairs for wrong in differences(a, b, tolerance, f"{path}[{i}]")]
    if isinstance(python, (int, float)) and not isinstance(python, bool) and isinstance(js, (int, float)):
        close = abs(js - python) <= tolerance * max(1, abs(python))
        return [] if close else [f"{path}: {js} on the page, {python} in Python"]
    return [] if js == python or (js is None and python != python) else [f"{path}: {js!r} on the page, {python!r}"]


ATOB = """
globalThis.atob = (text) => { // a browser has it
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", bytes = [];
  let bits = 0, held = 0;
  for (const letter of text.replace(/=+$/, "")) {
    bits = ((bits << 6) | letters.indexOf(letter)) & 0xffffff;
    held += 6;
    if (held >= 8) { held -= 8; bytes.push(String.fromCharCode((bits >> held) & 255)); }
  }
  return bytes.join("");
};
"""


def later(script):
    """A script that a figure loads when a reader asks for it: one of the package's, or weights from the build."""
    if script.startswith("generator-"):
        return export_web.weights(script.removeprefix("generator-").removesuffix(".js"))
    return (ROOT / "gan_helpers" / "web" / script).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def engine():
    with MiniRacer() as engine:
        engine.eval("var window = globalThis;" + ATOB)
        engine.eval((FIGURES / "kit" / "numbers.js").read_text(encoding="utf-8"))
        for name in NAMES:
            for script in getattr(live_figures.twin_of(name), "LATER", ()):
                engine.eval(later(script))
            engine.eval(live_figures.data_of(name))
            engine.eval((FIGURES / name / "maths.js").read_text(encoding="utf-8"))
        yield engine


def on_the_page(engine, name, state):
    # An infinite number has no JSON; it would come as null.
    return json.loads(engine.eval(f"JSON.stringify(GanMaths[{json.dumps(name)}].numbers({json.dumps(plain(state))}))"))


CASES = [(name, i) for name in NAMES for i in range(len(live_figures.twin_of(name).STATES))]


@pytest.mark.parametrize(("name", "i"), CASES)
def test_mathematics_equal_the_twin(engine, name, i):
    twin = live_figures.twin_of(name)
    state = twin.STATES[i]
    assert set(state) == set(twin.START)
    tolerance = getattr(twin, "TOLERANCE", 1e-8)
    assert differences(on_the_page(engine, name, state), plain(twin.numbers(state)), tolerance) == []


@pytest.mark.parametrize("name", NAMES)
def test_states_differ_and_so_do_their_numbers(engine, name):
    twin = live_figures.twin_of(name)
    assert len(twin.STATES) >= 3
    assert twin.STATES[0] == twin.START
    seen = [json.dumps(on_the_page(engine, name, state)) for state in twin.STATES]
    assert len(set(seen)) > 1


def test_a_difference_is_found():
    python = {"a": [1.0, 2.0], "b": "word"}
    assert differences({"a": [1.0, 2.0], "b": "word"}, python, 1e-8) == []
    assert len(differences({"a": [1.0, 2.1], "b": "other"}, python, 1e-8)) == 2
    assert len(differences({"a": [1.0], "b": "word"}, python, 1e-8)) == 1
    assert len(differences({"a": [1.0, 2.0]}, python, 1e-8)) == 1


def test_random_numbers_are_the_same_in_both(engine):
    js = json.loads(
        engine.eval("(() => { const r = GanNumbers.makeRandom(12); "
                    "return JSON.stringify([r.uniform(), r.normal(), r.normal(), r.uniform()]); })()")
    )  # fmt: skip
    random = sys.modules["twins"].Random(12)
    assert js == pytest.approx([random.uniform(), random.normal(), random.normal(), random.uniform()], abs=1e-12)


@pytest.mark.parametrize("name", NAMES)
def test_still_pictures(name):
    twin = live_figures.twin_of(name)
    path = live_figures.still_of(name)
    assert 2_000 < path.stat().st_size < 200_000
    alt = twin.alt(twin.START)
    assert len(alt) > 60
    assert alt.endswith(".")


# ---- in a browser ----

PAGES = {}
for source in sorted((ROOT / "book").glob("**/*.md")):
    for name in re.findall(r"^:::+\{live-figure\} ([\w-]+)$", source.read_text(encoding="utf-8"), re.MULTILINE):
        PAGES.setdefault(name, source.relative_to(ROOT).with_suffix(".html").as_posix())


def test_every_figure_stands_on_a_page():
    assert sorted(PAGES) == NAMES


def number(text):
    """The number that an output shows, and half a unit of its last digit."""
    text = text.replace("\u2212", "-")
    digits = len(text.partition("e")[0].partition(".")[2])
    power = int(text.partition("e")[2] or 0)
    return float(text), 0.5 * 10.0 ** (power - digits)


def wrong_outputs(root, twin):
    """The outputs of a figure that do not show what Python calculates from the figure's state."""
    state = root.evaluate("r => r.ganFigure.state")
    wanted = plain(twin.numbers(state))
    tolerance = getattr(twin, "TOLERANCE", 1e-8)
    wrong = []
    for name, text in root.evaluate("r => [...r.querySelectorAll('output[name]')].map(o => [o.name, o.textContent])"):
        if isinstance(wanted[name], str):
            if text != wanted[name]:
                wrong.append(f"{name} shows {text}, Python says {wanted[name]} at {state}")
        elif wanted[name] is None or not np.isfinite(wanted[name]):
            if text not in ("none", "\u221e", "\u2212\u221e"):
                wrong.append(f"{name} shows {text}, Python says {wanted[name]} at {state}")
        else:
            shown, half = number(text)
            if abs(shown - wanted[name]) > 1.001 * half + tolerance * max(1, abs(wanted[name])):
                wrong.append(f"{name} shows {text}, Python says {wanted[name]} at {state}")
    return wrong


SITE = [pytest.mark.site, pytest.mark.web]


def start(page, root):
    """Wait until a figure has started; press its button, if it waits for one."""
    page.wait_for_function("r => Boolean(r.ganFigure || r.ganAsk)", arg=root.element_handle())
    root.evaluate("r => r.ganAsk?.()")
    page.wait_for_function("r => Boolean(r.ganFigure)", arg=root.element_handle())
    root.scroll_into_view_if_needed()


@pytest.fixture
def figure(request, open_page, site, http):
    name, way, width, theme = request.param
    page, problems = open_page((site if way == "file" else http) + PAGES[name], width, theme)
    root = page.locator(f'[data-gan-figure="{name}"]').first
    start(page, root)
    root.evaluate("r => [...r.querySelectorAll('details')].forEach(d => { d.open = true; })")
    yield page, root, live_figures.twin_of(name)
    root.evaluate("r => r.ganFigure.stop()")
    assert problems == []


def everywhere(test):
    cases = [(name, *look) for name in NAMES for look in LOOKS]
    test = pytest.mark.parametrize("figure", cases, indirect=True, ids=lambda case: "-".join(map(str, case)))(test)
    return pytest.mark.site(pytest.mark.web(test))


@everywhere
def test_every_control_moves_and_the_numbers_are_pythons(figure):
    page, root, twin = figure
    state = "r => JSON.stringify(r.ganFigure.state)"
    assert wrong_outputs(root, twin) == []
    assert json.loads(root.evaluate(state)) == plain(twin.START)
    said = root.locator(".gan-say")
    moved = 0

    def after(what, before):
        nonlocal moved
        assert root.evaluate(state) != before, f"{what} changed nothing"
        assert wrong_outputs(root, twin) == [], what
        assert said.inner_text().strip()
        moved += 1

    for control in root.locator('input[type="range"]').all():
        name = control.get_attribute("name")
        assert control.evaluate("c => c.labels.length"), f"{name} has no label"
        before, value = root.evaluate(state), float(control.input_value())
        low, high = float(control.get_attribute("min")), float(control.get_attribute("max"))
        control.focus()
        page.keyboard.press("ArrowRight" if value < high else "ArrowLeft")
        after(f"an arrow key on {name}", before)
        for end, key in ((high, "End"), (low, "Home")):
            page.keyboard.press(key)
            assert json.loads(root.evaluate(state))[name] == pytest.approx(end)
            assert wrong_outputs(root, twin) == [], f"{name} at {end}"
        control.fill(str(value).removesuffix(".0"))  # a slider holds 4, not 4.0
        assert json.loads(root.evaluate(state))[name] == pytest.approx(value)
    for control in root.locator("select").all():
        first = control.input_value()
        for option in control.locator("option").evaluate_all("list => list.map(o => o.value)"):
            if option != control.input_value():
                before = root.evaluate(state)
                control.select_option(option)
                after(f"choice {option}", before)
        control.select_option(first)
    for control in root.locator('input[type="checkbox"]').all():
        before = root.evaluate(state)
        control.click()
        after(control.get_attribute("name"), before)
        control.click()
    for handle in root.locator(".gan-grip").all():
        assert handle.get_attribute("aria-label")
        assert handle.get_attribute("aria-valuetext")
        before = root.evaluate(state)
        handle.focus()
        for key in ("ArrowLeft", "ArrowDown"):
            page.keyboard.press(key)
        if root.evaluate(state) == before:  # it stood at the end of its way
            for key in ("ArrowRight", "ArrowUp"):
                page.keyboard.press(key)
        after("keys on a handle", before)
    root.get_by_role("button", name="Reset", exact=True).click()
    assert json.loads(root.evaluate(state)) == plain(twin.START)
    for handle in root.locator(".gan-grip").all():
        handle.evaluate("h => h.scrollIntoView({ block: 'center' })")  # Reset may stand a screen below it
        box, before = handle.locator(".gan-grip-dot").bounding_box(), root.evaluate(state)
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x - 30, y - 22, steps=3)
        page.mouse.up()
        if root.evaluate(state) == before:
            page.mouse.move(x, y)
            page.mouse.down()
            page.mouse.move(x + 30, y + 22, steps=3)
            page.mouse.up()
        after("dragging a handle", before)
    for press in root.get_by_role("button").all():
        name = press.inner_text()
        if name == "Reset":
            continue
        root.evaluate("r => r.ganFigure.stop()")
        root.get_by_role("button", name="Reset", exact=True).click()
        before = root.evaluate(state)
        press.click()
        page.wait_for_function("([r, before]) => JSON.stringify(r.ganFigure.state) !== before",
                               arg=[root.element_handle(), before], timeout=15_000)  # fmt: skip
        root.evaluate("r => r.ganFigure.stop()")
        after(f"the button {name}", before)
    root.get_by_role("button", name="Reset", exact=True).click()
    assert json.loads(root.evaluate(state)) == plain(twin.START)
    assert moved, "nothing can be moved"


BROKEN = """r => [...r.querySelectorAll('.gan-outputs output')].filter(output => {
  const range = document.createRange();
  range.selectNodeContents(output);
  return /^[-\u2212\\d.,e]+$/.test(output.textContent) && new Set([...range.getClientRects()].map(b => b.top)).size > 1;
}).map(output => `${output.name} ${output.textContent}`)"""


@everywhere
def test_the_text_alternative_follows(figure):
    page, root, twin = figure
    label = "r => r.querySelector('svg.gan-plot').getAttribute('aria-label')"
    for plot in root.locator("svg.gan-plot").all():
        assert root.locator(".gan-say").inner_text() in plot.get_attribute("aria-label")
    before, said = root.evaluate(label), set()
    for state in twin.STATES:
        root.evaluate("(r, s) => r.ganFigure.set(s)", plain(state))
        assert wrong_outputs(root, twin) == []
        assert root.evaluate(BROKEN) == [], "a number stands on two lines"
        said.add(root.locator(".gan-say").inner_text())
    assert len(said) > 1
    assert root.evaluate(label) != before
    spoken = "r => r.querySelector('[role=status]').textContent === r.querySelector('.gan-say').textContent"
    page.wait_for_function(spoken, arg=root.element_handle())
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"] + 1


@pytest.mark.parametrize("figure", [("heaps-and-holes", "file", 390, "dark")], indirect=True)
@pytest.mark.parametrize(("name", "key"), [("second heap", "p2"), ("third hole", "q3")])
@pytest.mark.site
@pytest.mark.web
def test_a_heap_goes_up_and_comes_back(figure, name, key):
    """The others keep their earth all the way."""
    page, root, twin = figure
    handle = root.get_by_role("slider", name=f"The {name}: ")
    seen = []
    up, down = ("ArrowUp", "ArrowDown") if key[0] == "p" else ("ArrowDown", "ArrowUp")
    handle.focus()
    for press in [up] * 12 + [down] * 9:
        page.keyboard.press(press)
        now = root.evaluate("r => r.ganFigure.state")
        assert {k: v for k, v in now.items() if k != key} == {k: v for k, v in twin.START.items() if k != key}
        seen.append(now[key] / sum(now[f"{key[0]}{i}"] for i in (1, 2, 3)))
    assert seen[:12] == sorted(seen[:12])
    assert max(seen) > 0.8
    assert seen[12:] == sorted(seen[12:], reverse=True)
    assert min(seen) < 0.1


SET = sorted({page for page in PAGES.values()})


@pytest.mark.site
@pytest.mark.web
@pytest.mark.parametrize("name", SET)
def test_buttons_in_the_text_set_their_figure(open_page, site, name):
    page, problems = open_page(site + name)
    for press in page.locator("button[data-gan-for]").all():
        root = page.locator(f'[data-gan-figure="{press.get_attribute("data-gan-for")}"]').first
        page.wait_for_function("r => Boolean(r.ganFigure || r.ganAsk)", arg=root.element_handle())
        wanted = json.loads(press.get_attribute("data-gan-set"))
        press.evaluate("b => b.click()")
        page.wait_for_function("r => Boolean(r.ganFigure)", arg=root.element_handle())
        reached = "([r, w]) => Object.entries(w).every(([key, value]) => r.ganFigure.state[key] === value)"
        page.wait_for_function(reached, arg=[root.element_handle(), wanted])
        now = root.evaluate("r => r.ganFigure.state")
        assert {key: now[key] for key in wanted} == wanted
    assert problems == []


@pytest.mark.emulates
@pytest.mark.site
@pytest.mark.web
@pytest.mark.parametrize("name", NAMES)
def test_without_scripts_and_on_paper_the_still_picture_stands(browser, site, name):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(site + PAGES[name])
    image = page.locator(f'figure:has([data-gan-figure="{name}"]) img')
    assert image.is_visible()
    assert image.evaluate("i => i.naturalWidth") > 400
    assert not page.locator(f'[data-gan-figure="{name}"]').is_visible()
    context.close()
    context = browser.new_context()
    page = context.new_page()
    page.goto(site + PAGES[name])
    image = page.locator(f'figure:has([data-gan-figure="{name}"]) img')
    start(page, page.locator(f'[data-gan-figure="{name}"]').first)
    page.wait_for_selector(f'figure.gan-started [data-gan-figure="{name}"]')
    assert not image.is_visible()
    page.emulate_media(media="print")
    assert image.is_visible()
    context.close()
