"""The home page: the name that it writes, its cards, its map and its weight; and the hand that writes digits."""

import inspect
import json
import re
import sys
from pathlib import Path
from statistics import NormalDist
from xml.etree import ElementTree

import numpy as np
import pytest
import torch
import yaml
from PIL import Image

import gan_helpers as gh
from benchmarks.tricks import train_judge
from gan_helpers.browser import principal_directions

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "scripts"))

import export_web  # noqa: E402
import home_pictures  # noqa: E402
import letter_hand  # noqa: E402
from hand import NAMES, extent, hand_directions, ink, measure  # noqa: E402
from lettering import page_latent  # noqa: E402

HOME, FIRST = "book/intro.html", "book/start.html"
INTRO, START, EXPLORE = (
    (ROOT / "book" / f"{name}.md").read_text(encoding="utf-8") for name in ("intro", "start", "explore")
)
TOC = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
PARTS = {part["caption"]: [chapter["file"] for chapter in part["chapters"]] for part in TOC["parts"]}
CHAPTERS = [file.removeprefix("book/") for part in ("Chapters", "Applications", "GANs today") for file in PARTS[part]]
WIDGET, NAME = '[data-gan-widget="digit-writer"]', '[data-gan-widget="name-writer"]'
ENDS = (-2.5, 2.5)  # of each slider


# ---- what the sliders are called ----


@pytest.fixture(scope="module")
def directions():
    return hand_directions(gh.load_pretrained("mnist"), 64)


@pytest.fixture(scope="module")
def moves(directions):
    """How 1,000 new pictures change from the middle to both ends of each slider, and how they differ anyway."""
    generator = gh.load_pretrained("mnist")
    z, labels = torch.randn(1000, 64, generator=torch.Generator().manual_seed(11)), torch.arange(1000) % 10

    @torch.no_grad()
    def told(latent):
        images = generator(latent, labels)
        return torch.cat([measure(images), extent(images)[:, None]], dim=1)

    middle = told(z)
    return {(i, by): told(z + by * directions[i]) - middle for i in range(3) for by in ENDS}, middle.std(0)


@pytest.mark.parametrize(("at", "least", "share"), [(0, 40, 0.99), (1, 1.8, 0.99), (2, 7, 0.9)], ids=NAMES)
def test_a_slider_does_what_its_name_says(moves, at, least, share):
    """To either end the quantity changes, by much and in nearly all pictures; the others hardly, but for a pair."""
    change, noise = moves
    grown = (change[at, ENDS[1]] - change[at, ENDS[0]])[:, at]
    assert grown.mean() > least
    assert (grown > 0).float().mean() > share
    assert grown.mean() / noise[at] > 1.5
    for by in ENDS:
        shift = change[at, by].mean(0) / noise
        assert shift[at] * by > 1.5  # so at least 0.75
        for other in {0, 1, 2} - {at}:
            if (NAMES[at], NAMES[other]) == ("slant", "width"):
                assert 0.4 < shift[other] < 0.9  # to both sides: what leans is wider across, and the page says so
            else:
                assert abs(shift[other]) < 0.35


def test_the_width_that_is_told_grows_with_its_slider_and_at_both_ends_of_slant(moves):
    wider = {key: change[:, 3] for key, change in moves[0].items()}
    left, right = ENDS
    assert wider[2, right].mean() > 3 > -3 > wider[2, left].mean()
    assert 1.5 < wider[0, left].mean() < 2.5
    assert 1.5 < wider[0, right].mean() < 2.5
    assert 6.5 < wider[0, right][torch.arange(1000) % 10 == 1].mean() < 8
    assert max(abs(wider[1, by].mean()) for by in ENDS) < 0.8  # little, on average
    assert "at the ends by about two pixels on average, a 1 that leans to the right by seven" in " ".join(START.split())


def test_what_is_measured_is_known_for_bars():
    """A bar three pixels wide; upright, and leaning by two pixels in four."""
    upright, leaning = torch.full((1, 1, 28, 28), -1.0), torch.full((1, 1, 28, 28), -1.0)
    upright[:, :, 4:24, 12:15] = 1
    for row in range(4, 24):
        shift = round((14 - row) / 2)
        leaning[:, :, row, 12 + shift : 15 + shift] = 1
    slant, stroke, width = measure(upright)[0]
    assert abs(slant) < 1e-3
    assert stroke == pytest.approx(3, rel=0.15)  # the ends are outline as well
    assert width == pytest.approx(4 * (2 / 3) ** 0.5, rel=1e-4)  # a standard deviation of -1, 0, 1
    slant, _, width = measure(leaning)[0]
    assert slant == pytest.approx(26.57, abs=1.5)  # the arctangent of a half
    assert width > 8
    assert extent(torch.cat([upright, leaning])).tolist() == [3, 12]
    assert extent(torch.full((1, 1, 28, 28), -1.0)).tolist() == [0]


def test_the_width_of_a_ring_is_its_outer_width():
    y, x = torch.meshgrid(torch.arange(28) - 14.0, torch.arange(28) - 14.0, indexing="ij")
    far = torch.hypot(x, y)[None, None]
    ring = torch.where((far <= 8.2) & (far > 6), 1.0, -1.0)
    assert extent(ring).tolist() == [17]
    assert measure(ring)[0, 2] > 19  # four standard deviations are no width


# ---- the hand ----


@pytest.fixture
def hand(open_page, site):
    page, problems = open_page(site + FIRST)
    page.wait_for_selector(f"{WIDGET} input")
    yield page
    assert problems == []


@pytest.fixture
def home(open_page, site):
    page, problems = open_page(site + HOME)
    page.wait_for_selector(f"{NAME} input")
    yield page
    assert problems == []


def on_site(test):
    return pytest.mark.site(pytest.mark.web(test))


def drawn(page):
    state = page.locator(WIDGET).evaluate("root => root.ganWriter.state()")
    pictures = torch.tensor(state["pictures"]).view(-1, 1, 28, 28)
    with torch.no_grad():
        expected = gh.load_pretrained("mnist")(
            torch.tensor(state["latent"]).expand(len(pictures), -1), torch.tensor(state["labels"])
        )
    assert (pictures - expected).abs().max() <= 1 / 255
    return state, expected


def alpha(page, widget=WIDGET):
    width, height, data = page.locator(f"{widget} canvas").evaluate(
        "c => [c.width, c.height, Array.from(c.getContext('2d').getImageData(0, 0, c.width, c.height).data)]"
    )
    return torch.tensor(data).view(height, width, 4)[..., 3]


@on_site
@pytest.mark.parametrize("text", ["2014", "7", "0123456789"])
def test_a_typed_number_is_drawn_digit_by_digit(hand, text):
    assert hand.locator(f"{WIDGET} img").is_visible()
    number = hand.get_by_label("Number", exact=True)
    number.fill("")
    number.press_sequentially(text)
    hand.wait_for_selector(f"{WIDGET} canvas:not([hidden])")
    hand.wait_for_timeout(100)
    state, expected = drawn(hand)
    assert state["labels"] == [int(digit) for digit in text]
    on_page = alpha(hand)
    wanted = ink(expected, on_page.shape[0] // 28).mul(255)
    assert (on_page - torch.cat(list(wanted[:, 0]), dim=1)).abs().max() <= 4  # the pen's edge is steep
    assert not hand.locator(f"{WIDGET} img").is_visible()
    label = hand.locator(f"{WIDGET} canvas").get_attribute("aria-label")
    assert f"by a generator: {text}." in label
    slant, stroke, _ = measure(expected).mean(0).tolist()
    width = extent(torch.tensor(state["pictures"]).view(-1, 1, 28, 28)).double().mean() + 1e-9  # halves go up
    assert f"leans about {abs(round(slant))}° to the {'left' if slant < -0.5 else 'right'}" in label
    assert f"strokes are {stroke:.1f} and digits {width:.0f} of 28 pixels" in label


@on_site
def test_the_still_picture_is_what_is_drawn_first(hand):
    picture = hand.locator(f"{WIDGET} img")
    picture.scroll_into_view_if_needed()  # it is loaded when it is near
    hand.wait_for_function("img => img.naturalWidth", arg=picture.element_handle())
    assert picture.evaluate("img => [img.naturalWidth, img.naturalHeight]") == [896, 224]
    start = torch.tensor(export_web.hand()["start"])
    hand.get_by_label("Number", exact=True).fill("2014")
    hand.wait_for_selector(f"{WIDGET} canvas:not([hidden])")
    state, _ = drawn(hand)
    torch.testing.assert_close(torch.tensor(state["latent"]), start, atol=1e-5, rtol=0)
    assert f'data-write="{export_web.WRITTEN}"' in START


@on_site
def test_sliders_and_button_change_the_hand(hand, directions):
    root = hand.locator(WIDGET)
    root.get_by_label("Number", exact=True).fill("358")
    hand.wait_for_selector(f"{WIDGET} canvas:not([hidden])")
    before, first = drawn(hand)
    for i, name in enumerate(("Slant", "Stroke", "Width")):
        slider = root.get_by_label(name, exact=True)
        slider.focus()
        for _ in range(20):
            hand.keyboard.press("ArrowRight")
        assert root.locator(".gan-hand output").nth(i).inner_text() == "+2.0"
        hand.wait_for_timeout(100)
        state, images = drawn(hand)
        moved = torch.tensor(state["latent"]) - torch.tensor(before["latent"])
        torch.testing.assert_close(moved, 2 * directions[i], atol=1e-3, rtol=0)
        assert measure(images)[:, i].mean() > measure(first)[:, i].mean()
        slider.fill("0")
    root.get_by_label("Slant", exact=True).fill("-1.5")
    assert root.locator("output").first.inner_text() == "\u22121.5"  # with a true minus sign
    root.get_by_role("button", name="New hand").click()
    hand.wait_for_timeout(100)
    state, _ = drawn(hand)
    assert state["labels"] == [3, 5, 8]
    assert [root.get_by_label(name, exact=True).input_value() for name in ("Slant", "Stroke", "Width")] == ["0"] * 3
    assert (torch.tensor(state["latent"]) - torch.tensor(before["latent"])).norm() > 4


@on_site
def test_what_is_no_digit_is_answered_kindly(hand):
    root = hand.locator(WIDGET)
    root.get_by_label("Number", exact=True).fill("2x")
    hand.wait_for_selector(f"{WIDGET} canvas:not([hidden])")
    assert "“x” is left out" in root.locator("p[role=status]").inner_text()
    root.get_by_label("Number", exact=True).fill("hello")
    assert "Type a digit from 0 to 9." in root.locator("p[role=status]").inner_text()
    assert drawn(hand)[0]["labels"] == [2]
    root.get_by_label("Number", exact=True).fill("9")
    assert root.locator("p[role=status]").inner_text() == ""


@on_site
@pytest.mark.parametrize(
    ("address", "widget", "label", "file"),
    [(FIRST, WIDGET, "Number", "generator-mnist.js"), (HOME, NAME, "Name", "generator-letters.js")],
)
def test_a_network_that_does_not_come_is_told(open_page, http, address, widget, label, file):
    page, _ = open_page(http + address, fresh=True)
    page.route(f"**/{file}", lambda route: route.abort())
    page.get_by_label(label, exact=True).fill("12")
    page.wait_for_selector(f"{widget} [role=alert]")
    assert "could not be fetched" in page.locator(f"{widget} [role=alert]").inner_text()
    assert page.locator(f"{widget} img").is_visible()
    page.close()


@on_site
def test_nothing_is_fetched_or_moved_before_a_touch(open_page, http):
    sizes = {}
    page, _ = open_page(http + "search.html", fresh=True)
    page.on("response", lambda r: sizes.update({r.url.split("?")[0]: len(r.body())}))
    page.goto(http + HOME)
    page.wait_for_load_state("networkidle")
    ours = ("dom.js", "name.js", "writing.js", "home.css", "name.png", "hand.js", "generator.js", "lettering.js",
            "-letters.js")  # fmt: skip
    own = {url: size for url, size in sizes.items() if url.endswith(ours) or "/_images/" in url}
    assert sum(own.values()) < 160_000
    assert not any(url.endswith(("-letters.js", "lettering.js", "writer.js")) for url in sizes)
    before = page.screenshot()
    page.wait_for_timeout(700)
    assert page.screenshot() == before
    page.get_by_label("Slant", exact=True).fill("1")
    page.wait_for_selector(f"{NAME} canvas:not([hidden])")
    assert any(url.endswith("-letters.js") for url in sizes)
    page.close()


@pytest.mark.emulates
@on_site
@pytest.mark.parametrize(("address", "widget"), [(FIRST, WIDGET), (HOME, NAME)])
def test_without_javascript_there_is_a_picture(browser, site, address, widget):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(site + address)
    assert page.locator(f"{widget} img").is_visible()
    assert "JavaScript" in page.locator(f"{widget} figcaption").inner_text()
    context.close()


@on_site
@pytest.mark.parametrize("size", [(1280, 800), (390, 844)])
def test_one_screen_shows_what_this_is(browser, site, size):
    page = browser.new_page(viewport={"width": size[0], "height": size[1]})
    page.goto(site + HOME)
    page.wait_for_selector(f"{NAME} input")
    for part in (f"{NAME} img", f"{NAME} input[type=text]", f"{NAME} button", ".gan-doors a >> nth=0",
                 ".gan-doors a >> nth=1"):  # fmt: skip
        box = page.locator(part).bounding_box()
        assert box["y"] + box["height"] <= size[1], part
    page.close()


@on_site
@pytest.mark.parametrize("wide", [320, 360, 390])
@pytest.mark.parametrize(
    ("start", "field", "long"),
    [
        (HOME, f"{NAME} input.gan-name", "A LONGER NAME THAN FITS"),
        (FIRST, f"{WIDGET} input.gan-number", "20262026202620262026"),
    ],
)
def test_what_stands_there_is_read_whole(browser, site, wide, start, field, long):
    page = browser.new_page(viewport={"width": wide, "height": 844})
    page.goto(site + start)
    written = page.wait_for_selector(field)
    assert written.evaluate("field => field.scrollWidth <= field.clientWidth")
    written.evaluate("(field, long) => { field.value = long; }", long)
    assert not written.evaluate("field => field.scrollWidth <= field.clientWidth")
    page.close()


@on_site
@pytest.mark.parametrize(("wide", "start"), [(360, HOME), (390, HOME), (360, FIRST)])
def test_the_button_stays_beside_what_is_written(browser, site, wide, start):
    page = browser.new_page(viewport={"width": wide, "height": 844})
    page.goto(site + start)
    row, button = (page.wait_for_selector(f".gan-writer .gan-head {part}") for part in (".gan-row", "button"))
    assert button.bounding_box()["y"] < row.bounding_box()["y"] + row.bounding_box()["height"]
    page.close()


# ---- the name ----


def lettered(page):
    """What the home page has drawn last, compared with PyTorch (the page has the weights in 8 bits)."""
    page.wait_for_selector(f"{NAME} canvas:not([hidden])")
    page.wait_for_timeout(100)
    state = page.locator(NAME).evaluate("root => root.ganName.state()")
    asked = torch.tensor([ord(c) - ord("A") for c in state["word"] if c != " "])
    with torch.no_grad():
        expected = gh.load_pretrained("letters")(torch.tensor(state["latent"]).expand(len(asked), -1), asked)
    off = (torch.tensor(state["pictures"]).view(-1, 1, 28, 28) - expected).abs()
    assert off.max() < 0.25
    assert off.mean() < 0.01
    return state, expected


@on_site
def test_a_typed_name_is_drawn_in_one_font(home):
    assert home.locator(f"{NAME} img").is_visible()
    name = home.get_by_label("Name", exact=True)
    name.fill("")
    name.press_sequentially("Ada")
    state, _ = lettered(home)
    assert state["word"] == "ADA"
    assert state["pictures"][0] == state["pictures"][2] != state["pictures"][1]
    label = home.locator(f"{NAME} canvas").get_attribute("aria-label")
    assert label.startswith("ADA in a font by a generator. Measured in this picture: ink covers ")
    assert not home.locator(f"{NAME} img").is_visible()
    assert home.locator(f"{NAME} a").get_attribute("href") == "letters.html#word=ADA&seed=7"


@on_site
def test_the_still_name_is_what_is_drawn_first(home, site):
    path = Path(site.removeprefix("file://")) / "_static" / "name.png"
    still = torch.from_numpy(np.array(Image.open(path))[..., 1]) / 255
    home.get_by_label("Name", exact=True).press("End")
    home.get_by_label("Name", exact=True).fill("YOUR  NAME")
    state, _ = lettered(home)
    torch.testing.assert_close(torch.tensor(state["latent"]), page_latent(export_web.WORD_SEED), atol=2e-3, rtol=0)
    drawn = alpha(home, NAME) / 255
    assert state["word"] == export_web.WORD
    assert f'data-word="{export_web.WORD}" data-seed="{export_web.WORD_SEED}"' in INTRO

    def cut(ink):
        rows, columns = (ink > 0.5).any(1).nonzero(), (ink > 0.5).any(0).nonzero()
        box = ink[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
        return torch.nn.functional.interpolate(box[None, None], (40, 360), mode="area")[0, 0]

    assert (cut(still) - cut(drawn)).abs().mean() < 0.06
    assert (cut(still) - cut(drawn).flip(1)).abs().mean() > 0.2  # the control: the name backwards


@on_site
def test_sliders_and_button_change_the_font(home):
    root = home.locator(NAME)
    root.get_by_label("Name", exact=True).fill("RAG")
    before, _ = lettered(home)
    hand = home.evaluate("window.GAN_LETTER_HAND")
    for i, key in enumerate(("weight", "width", "slant")):
        slider = root.get_by_label(key.capitalize(), exact=True)
        slider.focus()
        for _ in range(20):
            home.keyboard.press("ArrowRight")
        assert root.locator(".gan-hand output").nth(i).inner_text() == "+2.0"
        state, _ = lettered(home)
        moved = torch.tensor(state["latent"]) - torch.tensor(before["latent"])
        direction = torch.tensor(hand[key]["direction"], dtype=torch.float32)
        torch.testing.assert_close(moved, 2 * direction, atol=8e-3, rtol=0)
        assert f"&seed=7&{key}=2" in root.locator("a").get_attribute("href")
        slider.fill("0")
    root.get_by_label("Slant", exact=True).fill("-1.5")
    assert root.locator("output").nth(2).inner_text() == "\u22121.5"  # with a true minus sign
    root.get_by_role("button", name="New font").click()
    state, _ = lettered(home)
    assert state["word"] == "RAG"
    assert [root.get_by_label(k, exact=True).input_value() for k in ("Weight", "Width", "Slant")] == ["0"] * 3
    assert (torch.tensor(state["latent"]) - torch.tensor(before["latent"])).norm() > 4


@on_site
def test_what_is_no_letter_is_answered_kindly(home):
    root, name = home.locator(NAME), home.get_by_label("Name", exact=True)
    for typed, word, said in (
        ("R2D2", "RD", "“2” is left out."), ("", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "Here stands the alphabet"),
        ("x" * 10_000, "X" * 24, "The first 24 characters are written."), ("Zoë", "ZOE", ""),
    ):  # fmt: skip
        name.fill(typed)
        assert lettered(home)[0]["word"] == word
        sentence = root.locator("p[role=status]").inner_text()
        assert said in sentence and bool(said) == bool(sentence)  # noqa: PT018
    assert home.evaluate("document.documentElement.scrollWidth <= innerWidth")


@on_site
def test_the_link_leads_to_the_same_word(home):
    home.get_by_label("Name", exact=True).fill("Ada Lovelace")
    home.locator(NAME).get_by_label("Weight", exact=True).fill("1.5")
    state, _ = lettered(home)
    home.get_by_role("link", name="Walk, breed, take the font along").click()
    home.wait_for_function("document.querySelector('[data-gan-widget=letters]')?.ganLetters?.state()")
    there = home.evaluate("document.querySelector('[data-gan-widget=letters]').ganLetters.state()")
    assert there["word"] == state["word"] == "ADA LOVELACE"
    assert there["latent"] == state["latent"]


@on_site
@pytest.mark.parametrize("width", [1280, 390])
def test_cards_stand_under_the_text(open_page, site, width):
    page, _ = open_page(site + HOME, width)
    boxes = page.locator(".gan-cards .sd-card").evaluate_all(
        "cards => cards.map(c => { const b = c.getBoundingClientRect(); return [b.left, b.right, Math.round(b.top)]; })"
    )
    widget = page.locator(NAME).bounding_box()
    assert min(b[0] for b in boxes) == pytest.approx(widget["x"], abs=1.5)
    rows = {top: max(b[1] for b in boxes if b[2] == top) for top in {b[2] for b in boxes}}
    for right in rows.values():  # no row has a hole at its end
        assert right == pytest.approx(widget["x"] + widget["width"], abs=1.5)


@on_site
def test_links_of_the_map_lead_to_pages(home, site):
    links = home.locator("svg.gan-map a").evaluate_all("all => all.map(a => a.href.baseVal)")
    assert len(links) == 1 + len(CHAPTERS)
    folder = Path(site.removeprefix("file://")) / "book"
    for link in links:
        assert (folder / link).is_file(), link


# ---- cards and map in the source ----


def test_a_card_for_each_chapter_with_its_number_and_picture():
    cards = re.findall(
        r":::\{grid-item-card\} (.*)\n:link: (\S+)\n:link-type: doc\n:img-top: (\S+)\n:img-alt: (.+)", INTRO
    )
    linked = [link for _, link, _, _ in cards]
    assert linked == ["start", *CHAPTERS, *(file.removeprefix("book/") for file in PARTS["Play"])]
    for number, (title, link, _, _) in enumerate(cards[1 : 1 + len(CHAPTERS)], start=1):
        whole = re.search(r"^# (.+)", (ROOT / "book" / f"{link}.md").read_text(encoding="utf-8"), re.MULTILINE)[1]
        assert title.partition(" · ")[2] in (whole, whole.partition(":")[0])
        assert title.startswith(f"{number} · ")
    for _, _, picture, alt in cards:
        path = ROOT / "book" / picture
        assert len(alt) > 30
        assert path.stat().st_size < 15_000
        assert "scripts/home_pictures.py" in path.read_text(encoding="utf-8")
        ElementTree.parse(path)  # a browser shows nothing of a picture that is not well formed
    assert {path.name for path in (ROOT / "book" / "_static" / "home").iterdir()} == {Path(c[2]).name for c in cards}


def chapter_text(chapter):
    folder = (ROOT / "book" / chapter).parent
    text = (folder / "index.md").read_text(encoding="utf-8")
    for name in ("lab", "exercises"):
        cells = json.loads((folder / f"{name}.ipynb").read_text(encoding="utf-8"))["cells"]
        text += "".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")
    return text


def test_the_map_tells_which_chapter_builds_on_which():
    """A reference or a link bears out each arrow; each reference back to a statement lies on a way along arrows."""
    texts = {str(number): chapter_text(chapter) for number, chapter in enumerate(CHAPTERS, start=1)}
    home_of = {}
    for number, text in texts.items():
        for label in re.findall(r":label: (\S+)", text) + re.findall(r"^\(([a-z-]+)\)=", text, re.MULTILINE):
            home_of[label] = number
    folders = {chapter.split("/")[0]: str(number) for number, chapter in enumerate(CHAPTERS, start=1)}
    statements, mentions = set(), set()
    for number, text in texts.items():
        used = {home_of.get(label) for label in re.findall(r"\{(?:prf:ref|eq|ref)\}`(?:[^`<]*<)?([a-z0-9-]+)>?`", text)}
        statements |= {(before, number) for before in used if before and int(before) < int(number)}
        linked = {folders.get(name) for name in re.findall(r"\]\((?:\.\./)?([a-z-]+)/(?:index\.md|\w+\.ipynb)", text)}
        mentions |= {(before, number) for before in linked if before and int(before) < int(number)}
    drawn = re.findall(r'data-from="(\w+)" data-to="([\w ]+)"', INTRO)
    arrows = {(before, number) for before, numbers in drawn for number in numbers.split()}
    assert arrows - statements - mentions == {("start", "1")}
    reached = set(arrows)
    for _ in CHAPTERS:
        reached |= {(a, d) for a, b in reached for c, d in arrows if b == c}
    assert statements - reached == set()


def test_each_frame_of_the_map_holds_its_part():
    numbers_of = r'x="(\d+)" y="(\d+)" width="(\d+)" height="(\d+)"'
    frames = re.findall(rf'<rect class="gan-frame" {numbers_of}.+?>([^<]+)</text>', INTRO)
    boxes = re.findall(rf'<a href="(.+?)\.html"[^>]*><rect {numbers_of}', INTRO)
    for *numbers, part in frames:
        left, top, width, height = map(int, numbers)
        inside = []
        for link, *sides in boxes:
            x, y, wide, high = map(int, sides)
            if y + high > top and y < top + height:
                assert (x > left, y > top, x + wide < left + width, y + high < top + height) == (True,) * 4, link
                inside.append(link)
        assert inside == [file.removeprefix("book/") for file in PARTS[part]]
    files = [file.removeprefix("book/") for file in PARTS["Applications"]]
    into = " ".join(str(CHAPTERS.index(file) + 1) for file in files)
    top = int(frames[0][1])
    assert f'data-from="6" data-to="{into}" d="M134 420V{top - 2}"' in INTRO


def test_the_page_counts_rightly():
    assert "Each chapter has three parts" in INTRO
    assert "found by measuring 6,000 of its digits" in START
    assert inspect.signature(hand_directions).parameters["count"].default == 6000
    assert f"found by measuring {letter_hand.COUNT:,} of its alphabets" in INTRO


def test_pictures_whose_text_counts_islands():
    centres = gh.ring_centres(8)
    rows = {row["part"]: row for row in gh.load_results("runs") if (row["run"], row["seed"]) == ("2", "203")}
    ill, treated = (
        gh.mode_coverage(torch.tensor([float(w) for w in rows[part]["fake"].split()]).view(-1, 2), centres, radius=0.3)
        for part in ("shown", "cured")
    )
    assert (ill.covered, ill.good_share) == (1, 1)
    assert treated.covered == 8
    assert treated.good_share == pytest.approx(2 / 3, abs=0.03)
    assert "Left, all generated points on one of eight islands; right, after treatment, some on each" in INTRO
    game = home_pictures.ring_game([800])
    assert gh.mode_coverage(game[800][0], centres, radius=0.3).covered == 8
    assert "at step 800 on all eight islands" in INTRO


def drawn_in(name):
    """The words, paths and lines of a picture of the home page."""
    root = ElementTree.parse(home_pictures.FOLDER / f"{name}.svg").getroot()
    return {tag: list(root.iter(f"{{http://www.w3.org/2000/svg}}{tag}")) for tag in ("text", "path", "polyline")}


def test_the_imitator_walks_where_the_expert_walks():
    paths = drawn_in("applications")["path"]
    assert "eight ditches, twice" in INTRO
    assert sum(path.get("stroke") == home_pictures.GREY for path in paths) == 16
    boards = []
    for colour, corner in ((home_pictures.REAL, 6), (home_pictures.FAKE, 128)):
        at = [(p.get("d")[1:-2].split(), p.get("stroke-width")) for p in paths if p.get("stroke") == colour]
        boards.append({(round(float(x) - corner, 1), float(y)): float(wide) for (x, y), wide in at})
    expert, imitator = boards
    assert len(expert) > 20
    assert expert == pytest.approx(imitator, abs=0.3)


def test_what_the_picture_of_made_data_says():
    rows = [row for row in gh.load_results("augmentation") if row["labelled"] == "50"]

    def accuracy(diet):
        return f"{np.mean([float(row['accuracy']) for row in rows if row['diet'] == diet]):.0%}".replace("%", " %")

    told = [accuracy(diet) for diet in ("real", "own", "plain", "many")]
    assert [text.text for text in drawn_in("data")["text"]][1::2] == told
    assert told[0] == told[1]
    assert (
        f"{told[0]} alone and with fakes of their own generator, {told[2]} turned and moved, {told[3]} with fakes"
        in INTRO
    )


def test_the_waves_of_the_picture_swing_alike():
    *_, real, fake = drawn_in("sequences")["polyline"]
    assert (real.get("stroke"), fake.get("stroke")) == (home_pictures.REAL, home_pictures.FAKE)
    for wave in (real, fake):
        y = np.array([float(point.split(",")[1]) for point in wave.get("points").split()])
        y = y - y.mean()
        alike = [np.corrcoef(y[lag:], y[:-lag])[0, 1] for lag in range(8, 26)]  # in samples, of 4,000 a second
        best = 8 + int(np.argmax(alike))
        assert max(alike) > 0.8
        assert round(len(y) / best) == 5
        assert best == round(4000 / 261.63)  # a C
    assert "a real one above and a generated one below: in each five swings of equal length" in INTRO


def test_the_digits_of_the_picture_are_those_of_its_text():
    words = [(text.text, text.get("fill")) for text in drawn_in("pictures")["text"]]
    assert words[0] == ("seen", home_pictures.REAL)
    assert words[1:] == [(f"a {digit}?", home_pictures.FAKE) for digit in (7, 2, 3)]
    assert "three whole digits in orange that begin like it: a 7, a 2 and a 3" in INTRO


def test_a_lab_that_has_changed_is_told():
    with pytest.raises(ValueError, match=r"no cell of the lab sequences holds \['def no such thing'\]"):
        home_pictures.lab("sequences", "def no such thing")


# ---- what the explorer's page says of its directions ----


def test_what_the_ends_of_a_slider_are():
    generator = gh.load_pretrained("mnist")
    rows = principal_directions(generator, 64)
    z = torch.randn(100_000, 64, generator=torch.Generator().manual_seed(1))
    far = (z + 4 * rows[0]).norm(dim=1)
    assert (round(far.mean().item(), 1), round(z.norm(dim=1).mean().item(), 1)) == (8.9, 8.0)
    assert (far <= z.norm(dim=1).quantile(0.95)).float().mean() == pytest.approx(0.63, abs=0.01)
    assert "8.9 on average in place of 8, and 63 %" in EXPLORE
    assert 1 / (2 * NormalDist().cdf(-4)) == pytest.approx(16_000, rel=0.02)
    digits = gh.load_images("mnist")
    judge = train_judge(digits.images[:8000], digits.labels[:8000])
    z, asked = torch.randn(1000, 64, generator=torch.Generator().manual_seed(5)), torch.arange(1000) % 10

    @torch.no_grad()
    def read(latent):
        return (judge(generator(latent, asked)).argmax(1) == asked).float().mean().item()

    assert read(z) > 0.98
    ends = [read(z + by * row) for row in rows for by in (-4, 4)]
    assert 0.72 < min(ends) < 0.83 < 0.97 < max(ends)  # the page says 78 to 99 %, with this judge


@torch.no_grad()
def test_the_first_direction_leans_all_digits():
    generator = gh.load_pretrained("mnist")
    first = principal_directions(generator, 64)[0]
    z, leans, wider = torch.randn(300, 64, generator=torch.Generator().manual_seed(11)), [], []
    for label in range(10):
        low, high = (generator(z + by * first, torch.full((300,), label)) for by in (-2, 2))
        leans.append((measure(high) - measure(low)).mean(0)[0].item())
        wider.append((extent(high) - extent(low)).double().mean().item())
    assert (round(leans[1]), round(leans[8])) == (46, 42)
    assert "turns a 1 by 46 degrees to the right, an 8 by 42, and each of the ten by 35 to 51" in EXPLORE
    assert 35 < min(leans) < max(leans) < 51
    assert (round(wider[1]), wider[8] < 3, round(wider[9])) == (6, True, -1)
