"""The pages that are alive without a kernel, moved by hand and compared with PyTorch."""

import numpy as np
import pytest
import torch
from conftest import EXPLORER, FAILURES, PLAYGROUND, root_of
from PIL import Image
from scipy.ndimage import zoom
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist
from scipy.stats import kstest

import gan_helpers as gh
from gan_helpers.browser import principal_directions

pytestmark = [pytest.mark.site, pytest.mark.web]

THEATRE = "document.querySelector('[data-gan-widget]').ganTheatre"
LOSSES = {
    "saturating": (gh.minimax_d, gh.minimax_g),
    "non-saturating": (gh.non_saturating_d, gh.non_saturating_g),
    "least-squares": (gh.least_squares_d, gh.least_squares_g),
    "wasserstein-clip": (gh.wasserstein_d, gh.wasserstein_g),
    "wasserstein-gp": (gh.wasserstein_d, gh.wasserstein_g),
}


def pixels(canvas):
    return canvas.evaluate("c => c.toDataURL()")


# ---- the explorer ----


def clothes_of(page):
    """The second explorer, which comes when a reader comes near."""
    root = page.locator('[data-generator="fashion"]')
    root.scroll_into_view_if_needed()
    root.locator("canvas").first.wait_for()
    return root


@pytest.mark.parametrize("name", ["mnist", "fashion"])
def test_the_browser_draws_what_pytorch_draws(explorer, name):
    clothes_of(explorer)
    generator = gh.load_pretrained(name)
    z = torch.randn(100, generator.latent_dim, generator=torch.Generator().manual_seed(1))
    labels = torch.arange(100) % 10
    drawn = explorer.evaluate(
        """([name, z, labels]) => {
            const generator = window.GanGenerator.makeGenerator(window.GAN_GENERATORS[name]);
            return z.map((one, i) => Array.from(generator.draw(Float32Array.from(one), labels[i])));
        }""",
        [name, z.tolist(), labels.tolist()],
    )
    expected = generator(z, labels).flatten(1)
    assert (torch.tensor(drawn) - expected).abs().max() <= 1 / 255


def test_a_frame_is_fast(explorer):
    times = explorer.evaluate(
        """() => {
            const generator = window.GanGenerator.makeGenerator(window.GAN_GENERATORS.mnist);
            return Array.from({length: 60}, () => {
                const z = new Float32Array(64).map(() => Math.random() - 0.5), start = performance.now();
                generator.draw(z, 3);
                return performance.now() - start;
            });
        }"""
    )
    assert sorted(times[20:])[20] < 16  # the median once it is compiled; a slower page would stutter under the hand


def unfold(root):
    while (folded := root.locator("details:not([open]) > summary")).count():
        folded.first.click()


def drawn(root):
    """The pictures on the explorer's canvas, one for each label, as bytes; smooth enlargement is switched off."""
    width, height, data = root.locator("canvas").first.evaluate(
        "c => [c.width, c.height, Array.from(c.getContext('2d').getImageData(0, 0, c.width, c.height).data)]"
    )
    return torch.tensor(data).view(height, width, 4)[..., 0].unflatten(1, (-1, 28)).movedim(1, 0)  # (N, 28, 28)


def expected(state, name="mnist"):
    labels = torch.tensor(state["labels"])
    images = gh.load_pretrained(name)(torch.tensor(state["latent"]).expand(len(labels), -1), labels)
    return gh.to_bytes(images)[:, 0].int()


def test_every_control_changes_picture_and_text(explorer):
    root = root_of(explorer, "latent-explorer")
    canvas = root.locator("canvas").first
    unfold(root)

    def shown():
        explorer.wait_for_timeout(30)
        return pixels(canvas), canvas.get_attribute("aria-label")

    for i in range(6):
        before = shown()
        root.get_by_label(f"Direction {i + 1}", exact=True).focus()
        for _ in range(20):
            explorer.keyboard.press("ArrowRight")  # native sliders move by keys
        after = shown()
        assert after[0] != before[0], f"slider {i + 1}"
        assert f"{i + 1} at 1" in after[1]
        row = root.locator(".gan-row", has_text=f"Direction {i + 1}")
        assert row.locator("output").inner_text() == "+1.00"
    before = shown()
    root.get_by_label("Temperature").fill("0.5")
    assert shown()[0] != before[0]
    assert root.locator(".gan-row", has_text="Temperature").locator("output").inner_text() == "0.50"
    before = shown()
    root.get_by_label("smooth enlargement").uncheck()
    assert shown()[0] != before[0]
    root.get_by_role("button", name="Reset sliders").click()
    assert "all directions at 0" in shown()[1]
    assert root.locator(".gan-row", has_text="Direction 1").locator("output").inner_text() == "0.00"
    before = shown()
    root.get_by_label("Write a number").fill("4")
    assert shown()[0] != before[0]
    assert "Generated 4," in shown()[1]


def test_at_first_sight_there_are_few_controls(explorer):
    root = root_of(explorer, "latent-explorer")
    seen = [c for c in root.locator("input, select, button").all() if c.is_visible()]
    assert len(seen) == 6  # the number, two buttons, three directions


@pytest.mark.parametrize("text", ["7", "2026", "0123456789"])
def test_a_number_is_written_in_one_hand(explorer, text):
    root = root_of(explorer, "latent-explorer")
    unfold(root)
    root.get_by_label("smooth enlargement").uncheck()
    root.get_by_label("Direction 2", exact=True).fill("1.5")
    number = root.get_by_label("Write a number")
    number.fill("")
    number.press_sequentially(text)
    explorer.wait_for_timeout(60)
    state = root.evaluate("root => root.ganExplorer.state()")
    assert state["labels"] == [int(digit) for digit in text]
    assert state["label"] == int(text[0])
    assert (drawn(root) - expected(state)).abs().max() <= 1
    assert f"Generated {text}," in root.locator("canvas").first.get_attribute("aria-label")


@pytest.mark.parametrize(
    ("text", "labels", "said"),
    [
        ("3a5!", [3, 5], "Only digits can be drawn; “a!” is left out."),
        ("seven", [4, 2], "is left out. Type a digit from 0 to 9."),
        ("", [4, 2], "Type a digit from 0 to 9."),
        ("-1.5 ", [1, 5], "“-.” is left out."),
        ("\uff17 8", [7, 8], ""),  # a digit as wide as a Chinese character, and a space
        ("1234567890123456", [1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1, 2], "The first 12 digits are drawn."),
    ],
)  # fmt: skip
def test_what_is_no_digit_is_answered_kindly(explorer, text, labels, said):
    root = root_of(explorer, "latent-explorer")
    status = root.locator(".gan-head [role=status]")
    root.get_by_label("Write a number").fill(text)
    assert root.evaluate("root => root.ganExplorer.state().labels") == labels
    assert said in status.inner_text() if said else status.inner_text() == ""
    root.get_by_label("Write a number").fill("8")
    assert status.inner_text() == ""


def test_several_clothes_in_a_row(explorer):
    root = clothes_of(explorer)
    unfold(root)
    root.get_by_label("smooth enlargement").uncheck()
    assert not root.get_by_label("coat", exact=True).is_visible()
    root.get_by_label("Draw a").select_option("several")
    for i, name in enumerate(gh.load_images("fashion").classes):
        if i not in (1, 4, 8):
            root.get_by_label(name, exact=True).uncheck()
    explorer.wait_for_timeout(60)
    state = root.evaluate("root => root.ganExplorer.state()")
    assert state["labels"] == [1, 4, 8]
    assert (drawn(root) - expected(state, "fashion")).abs().max() <= 1
    assert "trouser, coat, bag" in root.locator("canvas").first.get_attribute("aria-label")
    for name in ("trouser", "coat", "bag"):
        root.get_by_label(name, exact=True).uncheck()
    assert "Tick at least one." in root.inner_text()
    root.get_by_label("Draw a").select_option("3")
    assert root.evaluate("root => root.ganExplorer.state().labels") == [3]
    assert not root.get_by_label("coat", exact=True).is_visible()


@pytest.mark.parametrize("b", [0, 1 / 3, 1])
def test_smooth_enlargement(explorer, b):
    picture = torch.rand(28, 28, generator=torch.Generator().manual_seed(2)).mul(2).sub(1).numpy()
    if 0 < b < 1:
        picture = picture[:1].repeat(28, axis=0)  # along one axis the kernels between are mixtures of the outer two
    large = explorer.evaluate(
        "([values, b]) => Array.from(GanGenerator.enlarge(Float32Array.from(values), [1, 28, 28], 5, b))",
        [picture.flatten().tolist(), b],
    )
    large = np.array(large).reshape(140, 140)
    if b == 0:
        oracle = np.array(Image.fromarray(picture).resize((140, 140), Image.Resampling.BICUBIC)).clip(-1, 1)
    else:
        oracle = zoom(picture, 5, order=3, prefilter=False, grid_mode=True, mode="nearest")
        sharp = np.array(Image.fromarray(picture).resize((140, 140), Image.Resampling.BICUBIC))
        oracle = (b * oracle + (1 - b) * sharp).clip(-1, 1)
    inner = slice(None) if b == 0 else slice(10, -10)  # scipy has another rule at the border
    np.testing.assert_allclose(large[inner, inner], oracle[inner, inner], atol=1e-5)
    flat = explorer.evaluate(
        "b => Array.from(GanGenerator.enlarge(new Float32Array(3 * 16).fill(0.4), [3, 4, 4], 3, b))", b
    )
    np.testing.assert_allclose(flat, 0.4, atol=1e-6)


def test_class_by_style(explorer):
    root = root_of(explorer, "latent-explorer")
    unfold(root)
    root.get_by_label("smooth enlargement").uncheck()
    explorer.wait_for_timeout(600)
    cells = root.locator(".gan-styles canvas")
    assert cells.count() == 50
    before = [pixels(cell) for cell in cells.all()]
    assert len(set(before)) == 50
    root.get_by_role("button", name="Go to 7 in style 2").click()
    explorer.wait_for_timeout(600)
    canvas = root.locator("canvas").first
    assert pixels(canvas) == before[27]
    assert root.get_by_label("Write a number").input_value() == "7"
    state = root.evaluate("root => root.ganExplorer.state()")
    assert (drawn(root) - expected(state)).abs().max() <= 1
    after = [pixels(cell) for cell in cells.all()]
    assert after[:10] == before[20:30]  # the first row is the present style
    assert after[10:] == before[10:]
    root.get_by_role("button", name="Other styles").click()
    explorer.wait_for_timeout(600)
    again = [pixels(cell) for cell in cells.all()]
    assert again[:10] == after[:10]
    assert not set(again[10:]) & set(after[10:])


def test_empty_places_are_empty(explorer):
    root = root_of(explorer, "latent-explorer")
    unfold(root)
    for letter in "ABC":
        place = root.get_by_role("img", name=f"{letter}: empty")
        assert place.inner_text() == letter
        assert place.evaluate("p => getComputedStyle(p).borderStyle") == "dashed"
        assert place.evaluate("p => getComputedStyle(p).backgroundColor") == "rgba(0, 0, 0, 0)"
        assert not place.locator("canvas").is_visible()
        root.get_by_role("button", name=f"Keep as {letter}").click()
        place = root.get_by_role("img", name=f"{letter}: a kept picture")
        assert place.locator("canvas").is_visible()
        assert place.inner_text() == ""


def test_the_first_latent_vectors_are_normal_and_can_be_had_again(explorer):
    z = explorer.evaluate("[5, 5, 6].map((seed) => Array.from(GanGenerator.normals(4000, seed)))")
    assert z[0] == z[1] != z[2]
    for sample in z:
        assert kstest(sample, "norm").pvalue > 0.001
    free = explorer.evaluate("[0, 1].map(() => Array.from(GanGenerator.normals(4000)))")
    assert free[0] != free[1]


def test_a_link_sets_the_explorer_up(open_page, site):
    link = "#data=mnist&write=2026&seed=3&direction1=2.5&direction5=-1&temperature=0.5&open=styles"
    page, problems = open_page(site + EXPLORER + link)
    root = root_of(page, "latent-explorer")
    assert root.get_by_label("Write a number").input_value() == "2026"
    assert root.get_by_label("Direction 5", exact=True).is_visible()
    assert root.get_by_role("button", name="Go to 7 in style 2").is_visible()
    latent = np.array(root.evaluate("root => root.ganExplorer.state().latent"))
    base = page.evaluate("Array.from(GanGenerator.normals(64, 3))")
    directions = principal_directions(gh.load_pretrained("mnist"), 64).numpy()
    np.testing.assert_allclose(latent, 0.5 * np.array(base) + 2.5 * directions[0] - directions[4], atol=1e-5)
    page.evaluate("location.hash = '#data=fashion&write=all'")
    clothes = page.locator('[data-generator="fashion"]')
    clothes.locator("canvas").first.wait_for()  # a link does not wait for a reader to come near
    assert clothes.evaluate("root => root.ganExplorer.state().labels") == list(range(10))
    assert root.get_by_label("Write a number").input_value() == "2026"
    page.evaluate("location.hash = '#what-are-the-directions'")
    page.wait_for_timeout(100)
    assert root.get_by_label("Write a number").input_value() == "2026"
    assert problems == []


@pytest.mark.parametrize("width", [1280, 390])
def test_clothes_come_when_a_reader_comes_near(open_page, site, width):
    page, problems = open_page(site + EXPLORER, width, fresh=True)
    root_of(page, "latent-explorer")
    clothes = page.locator('[data-generator="fashion"]')
    page.wait_for_timeout(300)
    assert clothes.locator("canvas").count() == 0
    assert "fashion" not in page.evaluate("Object.keys(window.GAN_GENERATORS)")
    clothes_of(page)
    assert problems == []
    page.close()


def test_clothes_that_do_not_come_say_so(open_page, http):
    page, _ = open_page(http + EXPLORER, fresh=True)
    page.route("**/generator-fashion.js", lambda route: route.abort())
    page.locator('[data-generator="fashion"]').scroll_into_view_if_needed()
    page.wait_for_selector('[data-generator="fashion"] [role="alert"]:has-text("reload the page")')
    assert page.locator('[data-generator="fashion"] img').is_visible()  # the picture stays
    page.close()


def test_on_a_phone_the_picture_stays_in_view(open_page, site):
    page, _ = open_page(site + EXPLORER, 390)
    root = root_of(page, "latent-explorer")
    unfold(root)
    for control in ("Direction 1", "Direction 6", "Walk", "Step between them"):
        slider = root.get_by_label(control, exact=True)
        slider.evaluate("s => s.scrollIntoView({block: 'center', behavior: 'instant'})")
        page.wait_for_timeout(50)
        top, bottom, under, header = page.evaluate(
            """() => {
                const box = document.querySelector('canvas.gan-picture').getBoundingClientRect();
                const under = document.elementFromPoint(box.x + box.width / 2, box.y + 5);
                const header = document.querySelector('.bd-header-article').offsetHeight;
                return [box.top, box.bottom, under.className, header];
            }"""
        )
        assert top >= header - 1, control
        assert bottom < slider.bounding_box()["y"], control
        assert under.startswith("gan-picture"), control
    buttons = [root.get_by_role("button", name=f"Keep as {c}").bounding_box()["y"] for c in "ABC"]
    assert max(buttons) - min(buttons) < 1  # none wraps alone


def test_walks_and_arithmetic(explorer):
    root = root_of(explorer, "latent-explorer")
    canvas = root.locator("canvas").first
    unfold(root)
    kept = {}
    root.get_by_label("Show").select_option("sum")
    assert "Keep a picture as A and B and C first" in root.inner_text()
    root.get_by_label("Show").select_option("sliders")
    for name in "ABC":
        root.get_by_role("button", name="Random").click()
        explorer.wait_for_timeout(30)
        root.get_by_role("button", name=f"Keep as {name}").click()
        kept[name] = pixels(canvas)
    assert len(set(kept.values())) == 3
    root.get_by_label("Walk", exact=True).fill("1")
    explorer.wait_for_timeout(30)
    assert pixels(canvas) == kept["B"]
    root.get_by_label("Walk", exact=True).fill("0.5")
    explorer.wait_for_timeout(30)
    sphere = pixels(canvas)
    root.get_by_label("Walk goes").select_option("line")
    explorer.wait_for_timeout(30)
    assert pixels(canvas) != sphere
    assert "50 % of the way from A to B" in canvas.get_attribute("aria-label")
    root.get_by_label("Show").select_option("sum")
    explorer.wait_for_timeout(30)
    assert "A minus B plus C" in canvas.get_attribute("aria-label")
    assert pixels(canvas) not in kept.values()
    summed = root.evaluate("root => root.ganExplorer.state().latent")
    root.get_by_label("Direction 1", exact=True).fill("2")  # goes on from what is seen
    moved = root.evaluate("root => root.ganExplorer.state().latent")
    assert np.linalg.norm(np.subtract(moved, summed)) == pytest.approx(2, abs=1e-4)


def test_a_slider_moved_in_a_walk_goes_on_from_the_walk(explorer):
    """Also when sliders stood away from 0 before: their values are in the kept pictures already."""
    root = root_of(explorer, "latent-explorer")
    unfold(root)

    def latent():
        return np.array(root.evaluate("root => root.ganExplorer.state().latent"))

    first, second = (root.get_by_label(f"Direction {i}", exact=True) for i in (1, 2))
    first.fill("3")
    second.fill("-2")
    root.get_by_role("button", name="Keep as A").click()
    root.get_by_role("button", name="Random").click()
    root.get_by_role("button", name="Keep as B").click()
    before = latent()
    root.get_by_label("Walk", exact=True).fill("0.5")
    assert (first.input_value(), second.input_value()) == ("0", "0")  # they say nothing of a walk
    root.get_by_label("Show").select_option("sliders")  # back: all is as it was
    assert (first.input_value(), second.input_value()) == ("3", "-2")
    np.testing.assert_allclose(latent(), before, atol=1e-6)
    root.get_by_label("Show").select_option("walk")
    seen = latent()
    first.focus()
    explorer.keyboard.press("ArrowRight")
    assert root.get_by_label("Show").input_value() == "sliders"
    assert (first.input_value(), second.input_value()) == ("0.05", "0")
    assert np.linalg.norm(latent() - seen) == pytest.approx(0.05, abs=1e-4)


def test_walks_end_where_they_should(explorer):
    walks = explorer.evaluate(
        """() => [window.GanExplorer.lerp, window.GanExplorer.slerp].map((walk) =>
            [0, 0.5, 1].map((t) => Array.from(walk([3, 0], [0, 1], t))))"""
    )
    np.testing.assert_allclose(walks[0], [[3, 0], [1.5, 0.5], [0, 1]], atol=1e-12)
    np.testing.assert_allclose(
        walks[1], [[3, 0], [2**0.5, 2**0.5], [0, 1]], atol=1e-12
    )  # half way: length 2, 45 degrees


def test_neighbours(explorer):
    root = root_of(explorer, "latent-explorer")
    unfold(root)
    root.get_by_label("smooth enlargement").uncheck()
    root.get_by_label("Write a number").fill("6")
    explorer.wait_for_timeout(900)
    cells = root.locator(".gan-neighbours canvas")
    assert cells.count() == 25
    assert len({pixels(cell) for cell in cells.all()}) == 25
    wanted = pixels(cells.nth(0))
    root.locator(".gan-neighbours button").nth(0).click()
    explorer.wait_for_timeout(100)
    assert pixels(root.locator("canvas").first) == wanted
    before = pixels(cells.nth(0))
    root.get_by_label("Step between them").fill("1.6")
    explorer.wait_for_timeout(600)
    assert pixels(cells.nth(0)) != before


@pytest.mark.parametrize("page", [EXPLORER, PLAYGROUND, FAILURES])
def test_controls_have_names(open_page, site, page):
    opened, _ = open_page(site + page)
    opened.wait_for_selector("[data-gan-widget] canvas")
    if page == EXPLORER:
        clothes_of(opened)
    ids = opened.locator("[data-gan-widget] [id]").evaluate_all("nodes => nodes.map(n => n.id)")
    assert len(ids) == len(set(ids))
    for control in opened.locator("[data-gan-widget] :is(input, select)").all():
        named = control.evaluate("c => c.labels.length > 0 || c.getAttribute('aria-label')")
        assert named, control.evaluate("c => c.outerHTML")
    for canvas in opened.locator("[data-gan-widget] canvas[role=img]").all():
        assert canvas.get_attribute("aria-label")


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        ("window.GAN_GENERATORS = undefined", "weights of this generator are missing"),
        ("window.GAN_GENERATORS.mnist.layers[0].weight = {f16: btoa('\\xff\\x7f'.repeat(32))}", "hold NaN"),
        ("window.GAN_GENERATORS.mnist.layers[1].kind = 'softplus'", 'layer of the kind "softplus"'),
    ],
)
def test_bad_weights_leave_the_page_alone(explorer, damage, message):
    explorer.evaluate(
        f"""() => {{ {damage};
            for (const root of document.querySelectorAll('[data-gan-widget]')) {{ delete root.dataset.ganStarted; }}
            const again = document.createElement('script');
            again.src = document.querySelector('script[src*="explorer.js"]').src + '?again';
            document.body.append(again); }}"""
    )
    explorer.wait_for_selector('[role="alert"]')
    assert message in explorer.locator('[role="alert"]').first.inner_text()
    assert explorer.get_by_role("heading", level=1).is_visible()


def test_wrong_latent_and_class(explorer):
    said = explorer.evaluate(
        """() => [[63, 0], [64, 10]].map(([n, label]) => {
            const generator = window.GanGenerator.makeGenerator(window.GAN_GENERATORS.mnist);
            try { generator.draw(new Float32Array(n), label); } catch (error) { return error.message; }
        })"""
    )
    assert said == ["A latent vector of 64 numbers is needed, but 63 came.", "There is no class 10."]


@pytest.mark.parametrize(
    ("page", "name"),
    [(EXPLORER, "latent-explorer"), (PLAYGROUND, "playground"), (FAILURES, "failure-gallery")],
)
@pytest.mark.emulates
def test_without_javascript_a_picture_stands_there(browser, site, page, name):
    context = browser.new_context(java_script_enabled=False)
    opened = context.new_page()
    opened.goto(site + page)
    assert opened.locator(f'[data-gan-widget="{name}"] img').first.is_visible()
    assert "JavaScript" in opened.locator(f'[data-gan-widget="{name}"] figcaption').first.inner_text()
    context.close()


@pytest.mark.parametrize("page", [EXPLORER, PLAYGROUND, FAILURES])
def test_a_page_stays_light(open_page, http, page):
    sizes = {}
    opened, _ = open_page(http + "search.html", fresh=True)
    opened.on("response", lambda r: sizes.update({r.url: len(r.body())}))
    opened.goto(http + page)
    opened.wait_for_load_state("networkidle")
    ours = (
        "dom.js",
        "generator.js",
        "mnist.js",
        "fashion.js",
        "explorer.js",
        "numbers.js",
        "game.js",
        "play-settings.js",
        "parts.js",
        "board.js",
        "theatre.js",
        "run-chart.js",
        "save.js",
        "diseases.js",
        "gallery.js",
        "figure.js",
        "playground.js",
        ".png",
    )
    assert sum(size for url, size in sizes.items() if url.split("?")[0].endswith(ours)) < 1_000_000
    opened.close()


# ---- the playground: numbers against PyTorch ----


def as_torch(network, slope):
    """A perceptron of the browser as a PyTorch module in float64."""
    layers = []
    for weight, bias in network:
        linear = torch.nn.Linear(len(weight[0]), len(weight)).double()
        linear.weight.data, linear.bias.data = (
            torch.tensor(weight, dtype=torch.float64),
            torch.tensor(bias, dtype=torch.float64),
        )
        layers += [linear, torch.nn.LeakyReLU(slope)]
    return torch.nn.Sequential(*layers[:-1])


GRADIENTS = """
({loss, r1, seed}) => {
  const G = window.GanGame, random = G.makeRandom(seed), n = 40, settings = {loss, r1};
  const generator = G.makeNetwork([4, 16, 12, 2], 0, random);
  const discriminator = G.makeNetwork([2, 16, 12, 1], 0.2, random);
  const real = G.samplePoints('ring', n, random), mixed = random.normals(2 * n), z = random.normals(4 * n);
  const fake = G.forward(generator, z, n).output;
  const plain = (net) => net.layers.map(({nIn, nOut, weight, bias}) =>
    [Array.from({length: nOut}, (_, o) => Array.from(weight.slice(o * nIn, (o + 1) * nIn))), Array.from(bias)]);
  const flat = (gradients) => gradients.flatMap(({weight, bias}) => [...weight, ...bias]);
  const d = G.discriminatorGradients(discriminator, settings, real, fake, mixed);
  const g = G.generatorGradients(generator, discriminator, settings, z);
  return {generator: plain(generator), discriminator: plain(discriminator),
          real: [...real], mixed: [...mixed], z: [...z], pull: [...g.pull],
          d: [d.value, flat(d.gradients)], g: [g.value, flat(g.gradients)]};
}
"""


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize(("loss", "r1"), [*((name, 0) for name in LOSSES), ("non-saturating", 0.7)])
def test_gradients_equal_pytorchs(playground, loss, r1, seed):
    got = playground.evaluate(GRADIENTS, {"loss": loss, "r1": r1, "seed": seed})
    generator, discriminator = as_torch(got["generator"], 0.0), as_torch(got["discriminator"], 0.2)
    real, mixed = (torch.tensor(got[k], dtype=torch.float64).reshape(-1, 2) for k in ("real", "mixed"))
    fake = generator(torch.tensor(got["z"], dtype=torch.float64).reshape(-1, 4))
    d_of, g_of = LOSSES[loss]

    d_loss = d_of(discriminator(real), discriminator(fake.detach()))

    def slope_norms(x):
        x = x.clone().requires_grad_()
        (slope,) = torch.autograd.grad(discriminator(x).sum(), x, create_graph=True)
        return slope.norm(dim=1)

    if loss == "wasserstein-gp":
        d_loss = d_loss + ((slope_norms(mixed) - 1) ** 2).mean()
    if r1:
        d_loss = d_loss + r1 / 2 * (slope_norms(real) ** 2).mean()
    g_loss = g_of(discriminator(fake))
    for value, net, (got_value, got_gradient) in (
        (d_loss, discriminator, got["d"]),
        (g_loss, generator, got["g"]),
    ):
        expected = torch.autograd.grad(value, list(net.parameters()), retain_graph=True, allow_unused=True)
        flat = torch.cat([
            torch.zeros_like(p).flatten() if e is None else e.flatten()
            for e, p in zip(expected, net.parameters(), strict=True)
        ])  # fmt: skip
        assert got_value == pytest.approx(value.item(), rel=1e-9, abs=1e-12)
        np.testing.assert_allclose(got_gradient, flat.numpy(), rtol=1e-7, atol=1e-12)
    (pull,) = torch.autograd.grad(g_loss, fake)
    np.testing.assert_allclose(got["pull"], pull.flatten().numpy(), rtol=1e-7, atol=1e-12)


def test_adam_equals_pytorchs(playground):
    got = playground.evaluate(
        """() => {
            const G = window.GanGame, net = G.makeNetwork([3, 2], 0, G.makeRandom(5)), step = G.makeAdam(net);
            const start = [...net.layers[0].weight], weight = [], gradients = [];
            for (let t = 0; t < 5; t++) {
                const g = G.makeRandom(t).normals(6);
                gradients.push([...g]);
                step([{weight: g, bias: new Float64Array(2)}], 0.01, 0.5);
                weight.push([...net.layers[0].weight]);
            }
            return {start, weight, gradients};
        }"""
    )
    parameter = torch.tensor(got["start"], dtype=torch.float64, requires_grad=True)
    adam = torch.optim.Adam([parameter], 0.01, (0.5, 0.999))
    for gradient, weight in zip(got["gradients"], got["weight"], strict=True):
        parameter.grad = torch.tensor(gradient, dtype=torch.float64)
        adam.step()
        np.testing.assert_allclose(weight, parameter.detach().numpy(), rtol=1e-9)


def test_the_wasserstein_distance_is_exact(playground):
    rng = np.random.default_rng(1)
    for n in (1, 2, 17, 128):
        a, b = rng.normal(size=(n, 2)), 0.3 + rng.normal(size=(n, 2))
        got = playground.evaluate(
            "([a, b]) => window.GanGame.wassersteinDistance(Float64Array.from(a), Float64Array.from(b))",
            [a.flatten().tolist(), b.flatten().tolist()],
        )
        cost = cdist(a, b)
        assert got == pytest.approx(cost[linear_sum_assignment(cost)].mean(), rel=1e-9)


@pytest.mark.parametrize(("kind", "centres", "std"), [("ring", gh.ring_centres(8), 0.1), ("grid", None, 0.08)])
def test_modes_are_counted_like_mode_coverage(playground, kind, centres, std):
    if centres is None:
        centres = torch.cartesian_prod(torch.arange(-2.0, 3), torch.arange(-2.0, 3))
    found = playground.evaluate(f"window.GanGame.CENTRES.{kind}")
    assert {tuple(np.round(c, 4) + 0.0) for c in found} == {
        tuple(np.round(c, 4) + 0.0) for c in centres.double().tolist()
    }
    half = centres[: len(centres) // 2]
    points = half.repeat(30, 1) + 0.15 * torch.randn(30 * len(half), 2, generator=torch.Generator().manual_seed(1))
    got = playground.evaluate(
        f"points => window.GanGame.modeCoverage(Float64Array.from(points), '{kind}')", points.flatten().tolist()
    )
    expected = gh.mode_coverage(points, centres, radius=3 * std)
    assert (got["covered"], got["modes"]) == (expected.covered, len(centres))
    assert got["good"] == pytest.approx(expected.good_share, abs=0.02)


def test_random_numbers(playground):
    normals = playground.evaluate("[...window.GanGame.makeRandom(3).normals(20000)]")
    uniform = playground.evaluate(
        "() => { const r = window.GanGame.makeRandom(3); return Array.from({length: 20000}, r.uniform); }"
    )
    assert abs(np.mean(normals)) < 0.03
    assert np.std(normals) == pytest.approx(1, abs=0.03)
    assert 0 <= min(uniform) <= max(uniform) < 1
    assert np.var(uniform) == pytest.approx(1 / 12, rel=0.05)


def train(page, steps, **settings):
    return page.evaluate(
        """([steps, settings]) => {
            const game = window.GanGame.makeGame({...window.GanPlayground.START, ...settings});
            for (let i = 0; i < steps; i++) game.step();
            return {...game.scores(), lossD: game.lossD, weight: game.generator.layers[0].weight[0]};
        }""",
        [steps, settings],
    )


@pytest.mark.parametrize("loss", LOSSES)
def test_every_loss_comes_nearer_with_settings_that_suit_it(playground, loss):
    suited = playground.evaluate(f"window.GanPlayground.SUITS('{loss}')")
    before = train(playground, 1, loss=loss, **suited)["w1"]
    after = train(playground, 500, loss=loss, **suited)["w1"]
    assert after < 0.6 * before


def test_the_same_seed_gives_the_same_run(playground):
    first, again, other = (train(playground, 30, seed=seed) for seed in (5, 5, 6))
    assert first == again
    assert other["weight"] != first["weight"]


def test_wrong_settings(playground):
    said = playground.evaluate(
        """() => [{loss: 'hinge'}, {data: 'spiral'}].map((s) => {
            try { window.GanGame.makeGame(s); } catch (error) { return error.message; } })"""
    )
    assert said[0].startswith('There is no loss "hinge"; choose one of saturating')
    assert said[1].startswith('There is no data set "spiral"; choose one of ring')
