"""Explorer, scrubber and sliders: what Python promises, what the browser draws, and how the two talk to one another."""

import json
import re
from pathlib import Path

import pytest
import torch
from torch import nn

import gan_helpers as gh
from gan_helpers.browser import UnsupportedLayer, browser_layers, browser_network, pack, principal_directions
from gan_helpers.widgets import LatentExplorer, Panel, Scrubber, Watched

WEB = Path(gh.__file__).parent / "web"


class Own(nn.Module):
    """A generator whose forward the browser cannot know."""

    latent_dim = 5

    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(5, 64)

    def forward(self, z):
        return torch.sin(self.layer(z)).unflatten(1, (1, 8, 8))


def chain(*layers, latent_dim=6):
    generator = nn.Sequential(*layers)
    generator.latent_dim = latent_dim
    return generator


def warmed(generator, conditional=False):
    """Give batch norms statistics and scales that are not those of the beginning."""
    torch.manual_seed(3)
    for parameter in generator.parameters():
        parameter.data.add_(0.2 * torch.randn_like(parameter))
    for _ in range(5):
        z = torch.randn(32, generator.latent_dim)
        generator(z, torch.arange(32) % 10) if conditional else generator(z)
    return generator.eval()


GENERATORS = {
    "mlp": lambda: gh.MLPGenerator(7, (1, 12, 12), hidden=(20, 30), batch_norm=True, tanh=True),
    "conv": lambda: gh.ConvGenerator(9, width=4),
    "conv in colour": lambda: gh.ConvGenerator(9, channels=3, width=4),
    "conditional": lambda: gh.ConditionalGenerator(9, width=4),
    "upsample and convolve": lambda: chain(
        nn.Linear(6, 5 * 4 * 4), nn.LeakyReLU(0.1), nn.Unflatten(1, (5, 4, 4)), nn.Upsample(scale_factor=2),
        nn.Conv2d(5, 4, 3, padding=1, bias=False), nn.BatchNorm2d(4), nn.ReLU(), nn.Dropout(0.5),
        nn.Sequential(nn.Conv2d(4, 3, 4, stride=2, padding=1), nn.Sigmoid()),
    ),
    "flatten in the middle": lambda: chain(
        nn.Unflatten(1, (6, 1, 1)), nn.ConvTranspose2d(6, 3, 4), nn.Flatten(), nn.Linear(48, 36), nn.Tanh(),
        nn.Unflatten(1, (1, 6, 6)),
    ),
}  # fmt: skip


@pytest.fixture
def blank(browser):
    """A page with the widgets' scripts and nothing else."""
    page = browser.new_page()
    page.goto("about:blank")
    for name in ("dom", "generator", "explorer", "scrubber"):
        page.add_script_tag(path=WEB / f"{name}.js")
    yield page
    page.close()


@pytest.mark.web
@pytest.mark.parametrize("name", GENERATORS)
def test_the_browser_runs_every_layer_as_pytorch_does(blank, name):
    conditional = name == "conditional"
    generator = warmed(GENERATORS[name](), conditional)
    network = browser_network(generator, [str(i) for i in range(10)] if conditional else ())
    z, labels = torch.randn(20, generator.latent_dim), torch.arange(20) % 10
    drawn = blank.evaluate(
        """([network, z, labels]) => {
            const generator = window.GanGenerator.makeGenerator(network);
            return z.map((one, i) => Array.from(generator.draw(Float32Array.from(one), labels[i])));
        }""",
        [network, z.tolist(), labels.tolist()],
    )
    expected = (generator(z, labels) if conditional else generator(z)).flatten(1)
    assert list(expected.shape[1:]) == [torch.tensor(network["shape"]).prod()]
    torch.testing.assert_close(torch.tensor(drawn), expected, atol=2e-5, rtol=1e-4)


@pytest.mark.parametrize(
    "layer",
    [
        nn.Softplus(),
        nn.ConvTranspose2d(5, 4, 4, output_padding=1, stride=2),
        nn.Conv2d(5, 5, 3, groups=5),
        nn.Conv2d(5, 5, 3, padding="same"),
        nn.Conv2d(5, 5, (3, 5)),
        nn.Upsample(scale_factor=2, mode="bilinear"),
        nn.BatchNorm2d(5, track_running_stats=False),
        nn.Flatten(2),
    ],
    ids=str,
)
def test_a_layer_that_the_browser_cannot_run_is_named(layer):
    generator = chain(nn.Linear(6, 80), nn.Unflatten(1, (5, 4, 4)), layer)
    with pytest.raises(UnsupportedLayer, match=re.escape(type(layer).__name__)):
        browser_layers(generator)


def test_a_subclass_may_have_a_forward_of_its_own():
    class Twist(gh.ConvGenerator):
        def forward(self, z):
            return super().forward(z.flip(1))

    with pytest.raises(UnsupportedLayer, match="Twist"):
        browser_layers(Twist(4, width=2))


def test_packing_loses_nothing():
    assert set(pack(torch.tensor([0.5, -2.0]))) == {"f16"}
    assert set(pack(torch.tensor([0.1]))) == {"f32"}
    assert set(pack(torch.tensor([1e6]))) == {"f32"}
    assert pack(None) is None


def test_principal_directions_are_singular_vectors():
    generator = gh.ConvGenerator(9, width=4)
    directions = principal_directions(generator, 9)
    torch.testing.assert_close(directions @ directions.T, torch.eye(6), atol=1e-5, rtol=0)
    moves = (directions @ generator.layers[0].weight.T).norm(dim=1)
    torch.testing.assert_close(moves, torch.linalg.svdvals(generator.layers[0].weight)[:6], rtol=1e-4, atol=0)
    assert principal_directions(gh.MLPGenerator(3, (2,)), 3).shape == (3, 3)
    assert torch.equal(principal_directions(nn.Tanh(), 4), torch.eye(4))


# ---- Python's side of the explorer ----


def test_latent_and_label_can_be_read_and_set():
    explorer = LatentExplorer(gh.ConditionalGenerator(9, width=4))
    assert explorer.latent.shape == (9,)
    assert explorer.note == ""
    z = torch.randn(9)
    explorer.latent = z
    torch.testing.assert_close(explorer.latent, z)
    explorer.label = 7
    assert explorer.label == 7
    torch.testing.assert_close(explorer.latent, z)
    same = LatentExplorer(gh.ConditionalGenerator(9, width=4), seed=4).latent
    torch.testing.assert_close(LatentExplorer(gh.ConditionalGenerator(9, width=4), seed=4).latent, same)


def test_the_generator_is_left_alone():
    generator = gh.ConvGenerator(9, width=4).train()
    before = {name: value.clone() for name, value in generator.state_dict().items()}
    LatentExplorer(generator)
    assert generator.training
    assert all(torch.equal(before[name], value) for name, value in generator.state_dict().items())


def nan_generator():
    generator = gh.ConvGenerator(9, width=4)
    generator.layers[4].weight.data[0, 0, 0, 0] = torch.nan
    return generator


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: LatentExplorer("mnist"), TypeError, r"a torch\.nn\.Module is needed, but str came"),
        (lambda: LatentExplorer(nn.Linear(3, 4)), ValueError, "latent_dim= must be a whole number"),
        (lambda: LatentExplorer(nn.Linear(3, 4), latent_dim=0), ValueError, "but 0 came"),
        (lambda: LatentExplorer(nan_generator()), ValueError, r"hold NaN or infinity \(in layers\.4\.weight\)"),
        (lambda: LatentExplorer(gh.MLPGenerator(3, (2,))), ValueError, r"but \(B, 2\) came"),
        (lambda: LatentExplorer(gh.ConvGenerator(3, channels=2, width=2)), ValueError, r"\(B, 2, 28, 28\) came"),
        (
            lambda: LatentExplorer(chain(nn.Linear(6, 16), nn.Unflatten(1, (1, 4, 4)), nn.Upsample(scale_factor=2),
                                         nn.BatchNorm2d(1), nn.ConvTranspose2d(1, 1, 3, bias=True)).apply(make_loud)),
            ValueError, r"must lie in \[-1, 1\]",
        ),
        (
            lambda: LatentExplorer(gh.ConvGenerator(9, width=2), directions=torch.eye(4)),
            ValueError, r"\(K, 9\), but \(4, 4\) came",
        ),
    ],
)  # fmt: skip
def test_bad_generators_get_a_sentence(make, error, message):
    with pytest.raises(error, match=message):
        make()


def make_loud(layer):
    if isinstance(layer, nn.ConvTranspose2d):
        layer.bias.data.fill_(7.0)


def test_bad_latents_and_labels_get_a_sentence():
    explorer = LatentExplorer(gh.ConditionalGenerator(9, width=4))
    for bad in (torch.zeros(8), torch.full((9,), torch.nan), [0.0] * 10):
        with pytest.raises(ValueError, match="9 finite numbers are needed"):
            explorer.latent = bad
    for bad in (10, -1, "3"):
        with pytest.raises(ValueError, match="a class from 0 to 9 is needed"):
            explorer.label = bad


def test_the_kernel_draws_what_the_browser_cannot():
    generator = Own()
    explorer = LatentExplorer(generator)
    assert explorer.note.startswith("Drawn by the kernel: the browser cannot run Own")
    sent = []
    explorer.send = lambda content, buffers=None: sent.append(content)
    z = torch.randn(5)
    explorer._answer(explorer, {"id": 4, "z": z.tolist(), "label": 0}, [])
    assert sent[-1]["id"] == 4
    torch.testing.assert_close(torch.tensor(sent[-1]["values"]), generator(z[None]).flatten())
    explorer._answer(explorer, {"id": 5, "z": [0.0] * 3, "label": 0}, [])
    assert sent[-1]["id"] == 5
    assert "RuntimeError" in sent[-1]["error"]


# ---- HTML for pages without a kernel, and the adapter for notebooks, in a browser ----


@pytest.mark.web
def test_the_html_of_an_explorer_lives_by_itself(browser, tmp_path):
    generator = warmed(gh.ConditionalGenerator(9, width=4), conditional=True)
    explorer = LatentExplorer(generator)
    two = explorer.to_html() + LatentExplorer(gh.MLPGenerator(4, (1, 9, 9), tanh=True)).to_html()
    file = tmp_path / "page.html"
    file.write_text(f"<!doctype html><meta charset='utf-8'>{two}", encoding="utf-8")
    page, problems = browser.new_page(), []
    page.on("pageerror", lambda e: problems.append(str(e)))
    page.on("request", lambda r: r.url.startswith(("file:", "data:")) or problems.append(r.url))
    page.goto(file.as_uri())
    page.wait_for_selector("canvas")
    assert page.locator('[data-gan-widget="latent-explorer"] canvas.gan-picture').count() == 2
    page.get_by_text("more directions, temperature, pixels").first.click()
    page.get_by_label("smooth enlargement").first.uncheck()
    drawn = page.locator("canvas").first.evaluate(
        "c => Array.from(c.getContext('2d').getImageData(0, 0, 28, 28).data).filter((_, i) => i % 4 === 0)"
    )
    expected = gh.to_bytes(generator(explorer.latent[None], torch.tensor([0]))).flatten()
    assert (torch.tensor(drawn) - expected.int()).abs().max() <= 1
    ids = page.locator("[id]").evaluate_all("nodes => nodes.map(n => n.id)")
    assert len(ids) == len(set(ids))
    assert problems == []
    page.close()


def test_html_without_a_kernel_says_so_where_it_needs_one():
    text = LatentExplorer(Own()).to_html()
    assert "Drawn by the kernel" in text
    assert "Open the notebook" in text
    assert "<script" not in text


def test_notebooks_store_the_html_beside_the_widget():
    data, _ = LatentExplorer(gh.ConvGenerator(3, width=2))._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in data
    assert 'data-gan-widget="latent-explorer"' in data["text/html"]
    assert (
        "</script" not in json.loads(json.dumps(data["text/html"])).split("application/json")[1].split("</script>")[0]
    )


ADAPTER = """
async ([source, state]) => {
  const module = await import('data:text/javascript;charset=utf-8,' + encodeURIComponent(source));
  const listeners = {}, model = {
    state, sent: [], saved: 0,
    get: (name) => model.state[name],
    set: (name, value) => { model.state[name] = value; },
    save_changes: () => { model.saved += 1; },
    send: (content) => { model.sent.push(content); },
    on: (event, f) => { listeners[event] = f; },
  };
  const el = document.createElement('div');
  document.body.append(el);
  module.default.render({model, el});
  window.model = model;
  window.listeners = listeners;
  await new Promise((done) => setTimeout(done, 100));
}
"""


def state_of(widget, *names):
    return {name: getattr(widget, name) for name in names}


@pytest.mark.web
def test_in_a_notebook_latent_goes_both_ways(browser):
    generator = warmed(gh.ConditionalGenerator(9, width=4), conditional=True)
    explorer = LatentExplorer(generator)
    page = browser.new_page()
    page.goto("about:blank")
    page.evaluate(ADAPTER, [explorer._esm, state_of(explorer, "network", "about", "state")])
    root = page.locator('[data-gan-widget="latent-explorer"]')
    start = page.evaluate("model.state.state.latent")
    torch.testing.assert_close(torch.tensor(start), explorer.latent)
    root.get_by_label("Direction 1", exact=True).fill("2")
    moved = torch.tensor(page.evaluate("model.state.state.latent"))
    torch.testing.assert_close(moved, explorer.latent + 2 * principal_directions(generator, 9)[0], atol=1e-5, rtol=0)
    assert page.evaluate("model.saved") >= 2
    z = torch.randn(9)
    page.evaluate(
        "z => { model.state.state = {latent: z, label: 6}; listeners['change:state'](); }", z.tolist()
    )  # as when Python assigns
    page.wait_for_timeout(50)
    assert "Generated 6" in root.locator("canvas").first.get_attribute("aria-label")
    torch.testing.assert_close(torch.tensor(page.evaluate("model.state.state.latent")), z)
    page.evaluate("z => { model.state.state = {latent: z, label: 0}; listeners['change:state'](); }", [0.0] * 3)
    assert "A latent vector of 9 numbers is needed, but 3 came." in root.get_by_role("alert").inner_text()
    page.close()


@pytest.mark.web
def test_in_a_notebook_the_kernel_is_asked(browser):
    explorer = LatentExplorer(Own())
    page = browser.new_page()
    page.goto("about:blank")
    page.evaluate(ADAPTER, [explorer._esm, state_of(explorer, "network", "about", "state")])
    root = page.locator('[data-gan-widget="latent-explorer"]')
    assert "Drawn by the kernel" in root.inner_text()
    asked = page.evaluate("model.sent")
    assert len(asked) == 1  # one at a time, however fast the slider moves
    for value in ("1", "2", "3"):
        root.get_by_label("Direction 1", exact=True).fill(value)
    assert len(page.evaluate("model.sent")) == 1
    page.evaluate("id => listeners['msg:custom']({id, values: new Array(64).fill(1)})", asked[0]["id"])
    page.wait_for_timeout(50)
    assert len(page.evaluate("model.sent")) == 2  # only the newest wish
    corner = "c => Array.from(c.getContext('2d').getImageData(0, 0, 1, 1).data)"
    assert root.locator("canvas").first.evaluate(corner) == [255, 255, 255, 255]
    page.evaluate("id => listeners['msg:custom']({id, error: 'RuntimeError: shapes'})", 2)
    page.wait_for_timeout(50)
    assert "RuntimeError: shapes" in root.get_by_role("alert").inner_text()
    page.close()


# ---- the scrubber ----


def frames(count=3):
    return [torch.full((4, 1, 5, 5), value) for value in torch.linspace(-1, 1, count)]


@pytest.mark.web
def test_the_scrubber_shows_each_moment(browser, tmp_path):
    scrubber = Scrubber(frames(), [1, 50, 100], columns=2, label="Squares")
    file = tmp_path / "page.html"
    file.write_text(f"<!doctype html><meta charset='utf-8'>{scrubber.to_html()}", encoding="utf-8")
    page = browser.new_page()
    page.goto(file.as_uri())
    canvas = page.locator('[data-gan-widget="scrubber"] canvas')
    canvas.wait_for()
    for at, (step, grey) in enumerate([(1, 0), (50, 128), (100, 255)]):
        page.get_by_label("Training step").fill(str(at))
        page.wait_for_timeout(60)
        assert f"Squares at step {step}" in canvas.get_attribute("aria-label")
        pixel = canvas.evaluate("c => [c.width, c.height, c.getContext('2d').getImageData(3, 3, 1, 1).data[0]]")
        assert pixel == [10, 10, grey]
    page.get_by_role("button", name="Play").click()
    assert "at step 1," in canvas.get_attribute("aria-label")
    page.wait_for_timeout(1300)
    assert "at step 100," in canvas.get_attribute("aria-label")
    page.close()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([], []), "0 frames and 0 steps came"),
        ((frames(), [1, 2]), "3 frames and 2 steps came"),
        (([torch.zeros(4, 1, 5, 5), torch.zeros(3, 1, 5, 5)], [1, 2]), "frames of one shape"),
        (([torch.zeros(4, 25)], [1]), "frames of one shape"),
        (([torch.zeros(4, 2, 5, 5)], [1]), "frames of one shape"),
    ],
)
def test_bad_frames_get_a_sentence(arguments, message):
    with pytest.raises(ValueError, match=message):
        Scrubber(*arguments)


# ---- what exercises use: the explorer's place as code, sliders with a figure, an explorer that is watched ----


def test_an_explorers_place_is_code():
    explorer = LatentExplorer(gh.ConditionalGenerator(9, width=4), seed=3)
    explorer.label = 4
    place = explorer.latent.clone()
    lines = explorer.to_code("mine")
    assert max(map(len, lines.splitlines())) <= 88
    again = LatentExplorer(gh.ConditionalGenerator(9, width=4), seed=8)
    exec(lines, {"mine": again})
    torch.testing.assert_close(again.latent, place, atol=6e-4, rtol=0)
    assert again.label == 4
    assert "label" not in LatentExplorer(gh.ConvGenerator(9, width=4)).to_code()


def test_an_explorers_image_and_directions():
    generator = warmed(gh.ConditionalGenerator(9, width=4), conditional=True)
    explorer = LatentExplorer(generator)
    explorer.label = 6
    expected = generator(explorer.latent[None], torch.tensor([6]))[0]
    torch.testing.assert_close(explorer.image, expected)
    torch.testing.assert_close(explorer.directions, principal_directions(generator, 9))
    explorer.directions.zero_()  # a copy: the sliders do not change
    assert explorer.directions.norm() > 1


def bent(figure, level, long_way):
    figure.subplots().plot([0, 1], [level, long_way])
    return f"from {level:g} to {long_way:g}"


def panel(**more):
    return Panel(bent, {"level": (-3, 3, 0.1, 0.5), "long_way": (0, 64, 1, 32)}, **more)


def test_a_panel_follows_its_sliders():
    box = panel()
    assert box.values == {"level": 0.5, "long_way": 32}
    level, long_way, shown = box.children
    assert (level.description, long_way.description) == ("level", "long way")
    assert (level.readout_format, long_way.readout_format) == (".1f", ".0f")
    assert 'alt="from 0.5 to 32"' in shown.value
    before = shown.value
    level.set_state({"value": -1.2})  # what arrives when a reader moves the slider
    assert box.values["level"] == -1.2
    assert 'alt="from -1.2 to 32"' in shown.value
    assert shown.value.split("alt")[0] != before.split("alt")[0]  # another picture
    seen = []
    shown.observe(seen.append, "value")
    box.values = {"level": 2, "long_way": 7}
    assert (level.value, long_way.value) == (2, 7)
    assert len(seen) == 1  # one drawing for two sliders


def test_a_panels_place_is_code():
    box, other = panel(), panel()
    box.values = {"level": -0.7, "long_way": 3}
    assert box.to_code("other") == 'other.values = {"level": -0.7, "long_way": 3}'
    exec(box.to_code("other"), {"other": other})
    assert other.values == box.values
    many = Panel(lambda figure, **values: "nothing", {f"a_long_name_{i}": (0, 1, 0.01, 0.5) for i in range(6)})
    assert max(map(len, many.to_code("many").splitlines())) <= 88


def test_bad_panels_get_a_sentence():
    box = panel()
    with pytest.raises(ValueError, match="there is no slider 'height'; choose from 'level', 'long_way'"):
        box.values = {"height": 1}
    with pytest.raises(ValueError, match="level must lie from -3 to 3, but 4 came"):
        box.values = {"long_way": 1, "level": 4}
    assert box.values == {"level": 0.5, "long_way": 32}
    with pytest.raises(ValueError, match="level must start between 0 and 1, but 2 came"):
        Panel(bent, {"level": (0, 1, 0.1, 2)})
    with pytest.raises(ValueError, match="at least one slider is needed"):
        Panel(bent, {})


def test_a_watched_explorer_says_what_is_seen():
    explorer = LatentExplorer(warmed(gh.ConditionalGenerator(9, width=4), conditional=True))
    box = Watched(explorer, lambda image: f"light {image.mean():.3f} & more", beside=torch.ones(1, 28, 28))
    line = box.children[1]
    assert f"light {explorer.image.mean():.3f} &amp; more" in line.value
    z = torch.randn(9)
    explorer.set_state({"state": {"latent": z.tolist(), "label": 2}})  # what the browser sends
    torch.testing.assert_close(explorer.latent, z)
    assert f"light {explorer.image.mean():.3f}" in line.value
    assert box.to_html().count("<img") == 2


@pytest.mark.parametrize(
    "make", [panel, lambda: Watched(LatentExplorer(gh.ConvGenerator(3, width=2)), lambda image: "a")]
)
def test_boxes_leave_a_picture_where_no_kernel_answers(make):
    data, _ = make()._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in data
    assert "The sliders move where the notebook runs." in data["text/html"]
    assert "data:image/png;base64," in data["text/html"]
    assert len(data["text/html"]) < 60_000  # no weights


@pytest.mark.web
def test_what_a_slider_sets_in_a_browser_arrives_in_python(browser):
    explorer = LatentExplorer(warmed(gh.ConditionalGenerator(9, width=4), conditional=True))
    start, seen = explorer.latent.clone(), []
    Watched(explorer, lambda image: seen.append(image) or "seen")
    page = browser.new_page()
    page.goto("about:blank")
    page.evaluate(ADAPTER, [explorer._esm, state_of(explorer, "network", "about", "state")])
    root = page.locator('[data-gan-widget="latent-explorer"]')
    root.get_by_label("Direction 2", exact=True).fill("-1.5")
    explorer.set_state({"state": page.evaluate("model.state.state")})  # as the comm does
    torch.testing.assert_close(explorer.latent, start - 1.5 * explorer.directions[1], atol=1e-5, rtol=0)
    torch.testing.assert_close(seen[-1], explorer.image)
    page.close()


@pytest.mark.web
def test_a_page_gets_a_large_generator_in_eight_bits(browser, tmp_path):
    generator = gh.load_pretrained("mnist")
    explorer = LatentExplorer(generator, classes=[str(i) for i in range(10)])
    explorer.label = 5
    text = explorer.to_html()
    data = text.split('type="application/json">')[1].split("</script>")[0]
    assert len(data) < 200_000 < len(json.dumps(explorer.network))
    file = tmp_path / "page.html"
    file.write_text(f"<!doctype html><meta charset='utf-8'>{text}", encoding="utf-8")
    page = browser.new_page()
    page.goto(file.as_uri())
    page.wait_for_selector("canvas")
    drawn = page.evaluate(
        "([network, z]) => Array.from(window.GanGenerator.makeGenerator(network).draw(Float32Array.from(z), 5))",
        [json.loads(data), explorer.latent.tolist()],
    )
    difference = (torch.tensor(drawn) - explorer.image.flatten()).abs()
    assert difference.mean() < 0.01  # a grey level of 255 is 0.008
    assert difference.max() < 0.3  # a pixel at an edge
    page.close()
