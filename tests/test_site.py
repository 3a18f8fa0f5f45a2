"""The built site in a real browser: every page, from a file and over http, wide and on a phone, light and dark."""

import functools
import json
import re
import shutil
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import torch
from playwright.sync_api import sync_playwright

import gan_helpers

pytestmark = pytest.mark.site

ROOT = Path(__file__).parents[1]
SITE = ROOT / "_build" / "html"
BUILT = sorted(page.relative_to(SITE).as_posix() for page in SITE.glob("book/**/*.html"))
PAGES = [*BUILT, "index.html", "search.html"]
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))), None)
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


@pytest.fixture(scope="session")
def browser():
    assert (SITE / "index.html").is_file(), "There is no built site; run: make book"
    assert CHROMIUM, "No Chromium is installed; on Debian and Ubuntu: apt-get install chromium"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def http():
    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(SITE))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def open_page(browser, address, width=1280, theme="light"):
    """Open a page and return it with everything that went wrong on the way."""
    page = browser.new_page(viewport={"width": width, "height": 900})
    page.add_init_script(f"localStorage.setItem('mode', '{theme}'); localStorage.setItem('theme', '{theme}')")
    home, problems = address.split("book/")[0].rsplit("/", 1)[0], []
    page.on("request", lambda r: r.url.startswith((home, "data:", "blob:")) or problems.append(f"asks {r.url}"))
    page.on("requestfailed", lambda r: problems.append(f"failed {r.url}"))
    page.on("response", lambda r: r.status < 400 or problems.append(f"{r.status} {r.url}"))
    page.on("console", lambda m: m.type == "error" and problems.append(f"console: {m.text}"))
    page.on("pageerror", lambda e: problems.append(f"error: {e}"))
    page.goto(address)
    page.wait_for_load_state("networkidle")
    if page.locator(".math").count():
        page.wait_for_selector("mjx-container", timeout=20_000)
        page.evaluate("MathJax.startup.promise")
    return page, problems


def test_there_are_pages():
    assert len(PAGES) >= 11


@pytest.mark.parametrize("way", ["file", "http"])
@pytest.mark.parametrize("name", PAGES)
def test_page(browser, http, name, way):
    page, problems = open_page(browser, (SITE.as_uri() + "/" if way == "file" else http) + name)
    assert problems == []
    assert page.title()
    assert page.locator("mjx-merror, [data-mjx-error]").count() == 0
    assert page.locator(".math").count() <= page.locator("mjx-container").count()
    broken = "imgs => imgs.filter(i => !i.alt || !(i.complete && i.naturalWidth)).map(i => i.src)"
    assert page.locator("img").evaluate_all(broken) == []
    page.close()


@pytest.mark.parametrize("name", PAGES)
def test_phone(browser, name):
    page, _ = open_page(browser, f"{SITE.as_uri()}/{name}", width=390)
    assert page.evaluate("document.documentElement.scrollWidth") <= 391
    page.close()


CONTRAST = """
elements => {
  const linear = v => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4;
  const light = c => { const [r, g, b] = c.map(v => linear(v / 255));
                       return .2126 * r + .7152 * g + .0722 * b };
  const parse = s => s.match(/[\\d.]+/g).map(Number);
  const ground = e => { for (; e; e = e.parentElement) { const c = parse(getComputedStyle(e).backgroundColor);
                        if (c.length < 4 || c[3] > .99) return c.slice(0, 3); } return [255, 255, 255] };
  return elements.filter(e => e.offsetParent && e.textContent.trim()).map(e => {
    const [a, b] = [light(parse(getComputedStyle(e).color).slice(0, 3)), light(ground(e))];
    return [(Math.max(a, b) + .05) / (Math.min(a, b) + .05), e.textContent.trim().slice(0, 40)] })
    .filter(([ratio]) => ratio < 4.5) }
"""


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", BUILT)
def test_legible(browser, name, theme):
    page, _ = open_page(browser, f"{SITE.as_uri()}/{name}", theme=theme)
    brightness = page.evaluate("getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)[0]")
    assert brightness < 60 if theme == "dark" else brightness > 200
    read = ".bd-article :is(p, li, td, h1, h2, pre span), figcaption span, .admonition-title"
    assert page.locator(read).evaluate_all(CONTRAST) == []
    page.close()


@pytest.mark.parametrize("name", [name for name in BUILT if name.endswith("lab.html")])
def test_figures_of_labs(name):
    html = (SITE / name).read_text(encoding="utf-8")
    assert html.count("<figure") == html.count("<figcaption") >= 3


def test_internal_links():
    anchors = {}
    for name in PAGES:
        html = (SITE / name).read_text(encoding="utf-8")
        anchors[(SITE / name).resolve()] = set(re.findall(r'\bid="([^"]+)"', html))
    for name in PAGES:
        html = (SITE / name).read_text(encoding="utf-8")
        for link in re.findall(r'<a [^>]*href="([^"]+)"', html):
            if re.match(r"[a-z]+:", link):
                continue
            path, _, anchor = link.partition("#")
            target = ((SITE / name).parent / path).resolve() if path else (SITE / name).resolve()
            assert target.is_file(), f"{name} links to {link}"
            if anchor and target in anchors:
                assert anchor in anchors[target], f"{name} links to {link}"


@pytest.mark.parametrize("chapter", sorted(path.parent.name for path in (ROOT / "book").glob("*/lab.ipynb")))
def test_executed_notebooks(chapter):
    notebook = json.loads((ROOT / "_build/jupyter_execute/book" / chapter / "lab.ipynb").read_text(encoding="utf-8"))
    outputs = [output for cell in notebook["cells"] for output in cell.get("outputs", [])]
    assert outputs
    assert [o for o in outputs if o["output_type"] == "error"] == []
    for output in outputs:
        if output.get("name") == "stderr":  # removed from the page, so nothing but progress bars may be there
            lines = [line for line in re.split(r"[\r\n]+", "".join(output["text"])) if line.strip()]
            assert all("step/s" in line or "?step" in line for line in lines), lines[-1]


EXPLORER = "book/explore.html"


@pytest.fixture
def explorer(browser):
    page, problems = open_page(browser, f"{SITE.as_uri()}/{EXPLORER}")
    page.wait_for_selector('[data-gan-widget="latent-explorer"] canvas')
    yield page
    assert problems == []
    page.close()


@pytest.mark.parametrize("name", ["mnist", "fashion"])
def test_the_browser_draws_what_pytorch_draws(explorer, name):
    generator = gan_helpers.load_pretrained(name)
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
    assert (torch.tensor(drawn) - expected).abs().max() <= 2 / 255  # one grey level: [-1, 1] is 255 of them wide


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


def test_every_control_changes_picture_and_text(explorer):
    root = explorer.locator('[data-gan-widget="latent-explorer"]').first
    canvas = root.locator("canvas")

    def shown():
        pixels = canvas.evaluate("c => Array.from(c.getContext('2d').getImageData(0, 0, 28, 28).data).join()")
        return pixels, canvas.get_attribute("aria-label")

    sliders = root.locator('input[type="range"]')
    assert sliders.count() == 7
    for i in range(6):
        before = shown()
        sliders.nth(i).focus()
        for _ in range(20):
            explorer.keyboard.press("ArrowRight")  # native sliders move by keys
        after = shown()
        assert after[0] != before[0], f"slider {i + 1}"
        assert f"{i + 1} at 1" in after[1]
    start = shown()
    root.get_by_text("Pin this one").click()
    root.get_by_text("Another hand").click()
    other = shown()
    assert other[0] != start[0]
    sliders.nth(6).fill("1")
    assert shown()[0] == start[0]  # the end of the walk is the pinned picture
    root.get_by_text("Sliders to 0").click()
    assert "all directions at 0" in shown()[1]
    before = shown()
    root.locator("select").select_option("4")
    assert shown()[0] != before[0]
    assert "Generated 4" in shown()[1]


def test_controls_have_labels(explorer):
    for control in explorer.locator("[data-gan-widget] :is(input, select)").all():
        assert explorer.locator(f'label[for="{control.get_attribute("id")}"]').count() == 1


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        ("window.GAN_GENERATORS = undefined", "weights of this generator are missing"),
        ("window.GAN_GENERATORS.mnist.shift = btoa('\\xff\\x7f'.repeat(32))", "hold NaN"),
    ],
)
def test_bad_weights_leave_the_page_alone(explorer, damage, message):
    said = explorer.evaluate(
        f"""() => {{ {damage};
            try {{ window.GanGenerator.makeGenerator((window.GAN_GENERATORS || {{}}).mnist); }}
            catch (error) {{ return error.message; }} }}"""
    )
    assert message in said


def test_wrong_latent_and_class(explorer):
    said = explorer.evaluate(
        """() => [[63, 0], [64, 10]].map(([n, label]) => {
            const generator = window.GanGenerator.makeGenerator(window.GAN_GENERATORS.mnist);
            try { generator.draw(new Float32Array(n), label); } catch (error) { return error.message; }
        })"""
    )
    assert said == ["A latent vector of 64 numbers is needed, but 63 came.", "There is no class 10."]


def test_without_javascript_a_picture_stands_there(browser):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{SITE.as_uri()}/{EXPLORER}")
    assert page.locator('[data-gan-widget="latent-explorer"] img').first.is_visible()
    assert "JavaScript" in page.locator('[data-gan-widget="latent-explorer"] figcaption').first.inner_text()
    context.close()
