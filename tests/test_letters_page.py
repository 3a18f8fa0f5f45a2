"""The page that writes a word in generated fonts: each control moved, each promise compared with PyTorch or NumPy."""

import base64
import io
import re
import sys
from pathlib import Path
from urllib.parse import parse_qs, urlencode

import numpy as np
import pytest
import torch
from conftest import root_of
from PIL import Image

import gan_helpers as gh
from gan_helpers import fonts

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "scripts"))
import lettering  # noqa: E402

pytestmark = [pytest.mark.site, pytest.mark.web]

PAGE, NAME = "book/letters.html", "letters"
EIGHT_BITS = 0.25  # by which a pixel in [-1, 1] may differ: the page has the weights in 8 bits, PyTorch in 16


@pytest.fixture
def letters(open_page, site):
    page, problems = open_page(site + PAGE)
    start(page)
    yield page
    assert problems == []


def start(page):
    root = root_of(page, NAME)
    page.wait_for_function("document.querySelector('[data-gan-widget=letters]').ganLetters?.state()")
    return root


def settle(page):
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")


def state(page):
    settle(page)
    return page.evaluate("document.querySelector('[data-gan-widget=letters]').ganLetters.state()")


def latent(page):
    return torch.tensor(state(page)["latent"])


def alt(page):
    settle(page)
    return page.locator(".gan-paper canvas").get_attribute("aria-label")


def pixels(page):
    settle(page)
    return page.locator(".gan-paper canvas").evaluate("c => c.toDataURL()")


def unfold(page):
    while (folded := page.locator(".gan-letters details:not([open]) > summary")).count():
        folded.first.click()


def told(page):
    settle(page)
    return [p.inner_text() for p in page.locator(".gan-letters p[role=status]").all()]


def drawn(z, labels):
    with torch.no_grad():
        return gh.load_pretrained("letters")(z.expand(len(labels), -1), torch.tensor(labels))[:, 0]


def directions(page):
    hand = page.evaluate("window.GAN_LETTER_HAND")
    return {name: torch.tensor(entry["direction"], dtype=torch.float32) for name, entry in hand.items()}


# ---- what is drawn ----


def test_the_browsers_letters_are_pytorchs(letters):
    generator = gh.load_pretrained("letters")
    z = torch.randn(104, 64, generator=torch.Generator().manual_seed(1))
    labels = torch.arange(104) % 26
    on_page = letters.evaluate(
        """([z, labels]) => {
            const generator = document.querySelector('[data-gan-widget=letters]').ganLetters.generator;
            return z.map((one, i) => Array.from(generator.draw(Float32Array.from(one), labels[i])));
        }""",
        [z.tolist(), labels.tolist()],
    )
    with torch.no_grad():
        expected = generator(z, labels).flatten(1)
    off = (torch.tensor(on_page) - expected).abs()
    assert off.max() < EIGHT_BITS
    assert off.mean() < 0.005
    other = (torch.tensor(on_page) - expected.roll(1, 0)).abs()  # the control: the letter before
    assert other.mean() > 0.1


def test_the_page_inks_what_the_font_file_outlines(letters):
    """The same level, the same edges: what is black on the page is what is traced, but for the smallest specks."""
    z = latent(letters)
    wide = letters.evaluate(
        """z => {
            const { generator } = document.querySelector('[data-gan-widget=letters]').ganLetters;
            const font = GanLettering.makeFont(generator, Float32Array.from(z), 8);
            return [...GanLettering.ALPHABET].map(c => {
                const { canvas, left, right, values } = font.letter(c);
                const data = canvas.getContext('2d').getImageData(0, 0, 224, 224).data;
                return {left, right, values: Array.from(values), alpha: Array.from(data).filter((_, i) => i % 4 === 3)};
            });
        }""",
        z.tolist(),
    )
    for letter in wide:
        picture = np.array(letter["values"]).reshape(28, 28)
        fine = fonts.enlarge(picture, 8)
        black = fine > fonts.half(fine)
        assert ((np.array(letter["alpha"]).reshape(224, 224) > 127) != black).mean() < 0.002
        columns = np.flatnonzero(black.any(axis=0))
        assert (letter["left"], letter["right"]) == (columns[0] / 8, (columns[-1] + 1) / 8)
        ink = lettering.letter_ink(picture[None], 8)[0] * 255
        assert np.abs(np.array(letter["alpha"]).reshape(224, 224) - ink).max() < 2


def test_seeds_and_codes_are_the_same_in_python(letters):
    on_page = letters.evaluate("[0, 7, 999999].map(s => Array.from(GanLettering.rounded(GanGenerator.normals(64, s))))")
    for seed, z in zip((0, 7, 999_999), on_page, strict=True):
        torch.testing.assert_close(torch.tensor(z), lettering.page_latent(seed), atol=2e-3, rtol=0)
    z = torch.randn(50, 64, generator=torch.Generator().manual_seed(3)) * torch.logspace(-8, 4, 50)[:, None]
    z[0, :4] = torch.tensor([0.0, -0.0, 2.0**-25, 65504.0])
    codes = letters.evaluate("z => z.map(one => GanLettering.encode(Float32Array.from(one)))", z.tolist())
    assert codes[1:] == [fonts.encode(one) for one in z[1:]]
    assert codes[0] == fonts.encode(z[0])
    back = letters.evaluate("codes => codes.map(code => Array.from(GanLettering.decode(code, 64)))", codes)
    assert torch.equal(torch.tensor(back), torch.stack([fonts.decode(code) for code in codes]))
    wrong = ["", "f", "x", codes[0][:-2], codes[0] + "AA", codes[0].replace(codes[0][5:8], "é!?"), "f" + "A" * 10_000]
    assert letters.evaluate("codes => codes.map(code => GanLettering.decode(code, 64))", wrong) == [None] * len(wrong)


# ---- words ----


@pytest.mark.parametrize(
    ("typed", "word", "said"),
    [
        ("hello", "HELLO", ""),
        ("  two   words ", "TWO WORDS", ""),
        ("José Größe", "JOSE GROSSE", ""),
        ("Zoë 2!", "ZOE", "Only the letters A to Z can be written; “2!” are left out."),
        ("A-B", "AB", "“-” is left out."),
        ("", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "Here stands the alphabet until you type a letter."),
        ("   ", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "Here stands the alphabet"),
        ("Привет 😀", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "are left out. Here stands the alphabet"),
        ("<b>&amp;\x00\u202e", "BAMP", "left out"),
    ],
)
def test_words(letters, typed, word, said):
    letters.get_by_label("Your word").fill(typed)
    found = state(letters)
    assert found["word"] == word
    assert set(found["pictures"]) == set(word) - {" "}
    assert said in told(letters)[0] and bool(said) == bool(told(letters)[0])  # noqa: PT018
    assert alt(letters).startswith(f"{word} in a generated font: font number ")


@pytest.mark.parametrize("typed", ["abcdefghij" * 1000, "a b " * 2500, "ß" * 10_000, "é1" * 5000, "\n" * 10_000 + "x"])
def test_ten_thousand_characters(letters, typed):
    letters.get_by_label("Your word").fill(typed)
    found = state(letters)
    assert len(found["word"]) <= 60
    if "\n" not in typed:
        assert "The first 60 characters are written." in told(letters)[0]
    assert letters.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert letters.locator(".gan-paper canvas").bounding_box()["height"] < 500


def test_lines_are_broken_at_spaces_and_fit(letters):
    letters.get_by_label("Your word").fill("A FONT THAT DOES NOT EXIST AND A LONGWORDWITHOUTANYSPACESATALLX")
    found = state(letters)
    assert len(found["lines"]) > 1
    assert " ".join(found["lines"]).replace(" ", "") == found["word"].replace(" ", "")
    short = letters.evaluate("GanLettering.breakLines('AB CD EFGHIJ', c => 10, 45)")
    assert short == ["AB", "CD", "EFGH", "IJ"]
    assert letters.evaluate("GanLettering.breakLines('AB CD EF', c => c === ' ' ? 5 : 10, 45)") == ["AB CD", "EF"]


@pytest.mark.parametrize(
    "box", [{"wide": 1120, "high": 700, "largest": 12}, {"wide": 330, "high": 220}, {"wide": 700, "high": 230}]
)
def test_a_word_is_broken_only_where_it_must_be(letters, box):
    lines = letters.evaluate(
        """box => ['ADA LOVELACE', 'A LONGWORDWITHOUTANYSPACESATALLINIT', 'AB'].map(word => {
            const { generator } = document.querySelector('[data-gan-widget=letters]').ganLetters;
            const canvas = document.createElement('canvas');
            const font = GanLettering.makeFont(generator, GanGenerator.normals(64, 12));
            return GanLettering.write(canvas, font, word, box).lines;
        })""",
        box,
    )
    assert lines[0] in (["ADA", "LOVELACE"], ["ADA LOVELACE"])
    assert "".join(lines[1]).replace(" ", "") == "ALONGWORDWITHOUTANYSPACESATALLINIT"
    assert len(lines[1]) > 1
    assert lines[2] == ["AB"]


def test_ink_stays_within_the_canvas(letters):
    letters.get_by_label("Your word").fill("WWW MMM QQQ JJJ")
    settle(letters)
    data = letters.locator(".gan-paper canvas").evaluate("c => c.toDataURL()").split(",")[1]
    alpha = np.asarray(Image.open(io.BytesIO(base64.b64decode(data))))[..., 3]
    assert alpha.max() == 255
    assert alpha[:, [0, -1]].max() < 128


# ---- sliders and buttons ----


def test_each_slider_follows_its_direction(letters):
    vectors = directions(letters)
    assert 3 <= len(vectors) <= 6
    base, before = latent(letters), pixels(letters)
    for name, vector in vectors.items():
        assert vector.norm() == pytest.approx(1, abs=1e-3)
        slider = letters.get_by_label(name.capitalize(), exact=True)
        slider.focus()
        for _ in range(20):
            letters.keyboard.press("ArrowRight")  # native sliders move by keys
        assert slider.input_value() == "1"
        torch.testing.assert_close(latent(letters), base + vector, atol=4e-3, rtol=0)
        assert f"{name} +1.00" in alt(letters)
        assert (
            letters.locator(".gan-hand .gan-row", has_text=name.capitalize()).locator("output").inner_text() == "+1.00"
        )
        assert pixels(letters) != before
        slider.fill("-2.5")
        assert f"{name} \u22122.50" in alt(letters)
        slider.fill("0")
    assert torch.equal(latent(letters), base)


def test_new_font_and_reset(letters):
    first, picture = latent(letters), pixels(letters)
    letters.get_by_label("Your word").fill("ABC")
    letters.get_by_role("button", name="New font").click()
    second = latent(letters)
    assert (first - second).norm() > 4
    number = int(re.search(r"font number (\d+)", alt(letters))[1])
    torch.testing.assert_close(second, lettering.page_latent(number), atol=2e-3, rtol=0)
    letters.get_by_label("Your word").fill("YOUR NAME")
    name = next(iter(directions(letters))).capitalize()
    letters.get_by_label(name, exact=True).fill("1")
    letters.get_by_role("button", name="Reset", exact=True).click()
    assert torch.equal(latent(letters), first)
    assert pixels(letters) == picture
    assert "All is as at first" in told(letters)[1]


# ---- walk ----


def test_a_walk_goes_from_a_to_b(letters):
    unfold(letters)
    a, b = map(torch.tensor, letters.evaluate("document.querySelector('[data-gan-widget=letters]').ganLetters.ends()"))
    walk = letters.get_by_label("From A to B")
    walk.fill("0")
    walk.fill("1")
    torch.testing.assert_close(latent(letters), b, atol=4e-3, rtol=0)
    walk.fill("0")
    torch.testing.assert_close(latent(letters), a, atol=4e-3, rtol=0)
    walk.fill("0.5")
    middle = latent(letters)
    assert "50 % of the way from font A to font B" in alt(letters)
    assert torch.nn.functional.cosine_similarity(middle, a + b, dim=0) > 0.99
    assert middle.norm() == pytest.approx((a.norm() + b.norm()).item() / 2, rel=0.01)  # along the sphere
    name, vector = next(iter(directions(letters).items()))
    letters.get_by_label(name.capitalize(), exact=True).fill("1")
    torch.testing.assert_close(latent(letters), middle + vector, atol=6e-3, rtol=0)
    seen = latent(letters)
    letters.get_by_role("button", name="Keep this font as A").click()
    assert torch.equal(latent(letters), seen)  # what is kept stays in sight
    ends = letters.evaluate("document.querySelector('[data-gan-widget=letters]').ganLetters.ends()")
    assert torch.equal(torch.tensor(ends[0]), seen)
    assert torch.equal(torch.tensor(ends[1]), b)
    assert "This font is now A." in told(letters)[1]


def test_nothing_moves_unless_play_is_pressed(letters):
    unfold(letters)
    letters.screenshot()  # the first differs from later ones by one grey level in a few pixels
    letters.wait_for_timeout(300)
    before = letters.screenshot()
    letters.wait_for_timeout(600)
    assert letters.screenshot() == before
    letters.get_by_role("button", name="Play", exact=True).click()
    letters.wait_for_function("Number(document.querySelector('.gan-letters details input[type=range]').value) > 0.1")
    letters.get_by_role("button", name="Pause", exact=True).click()
    at = letters.get_by_label("From A to B").input_value()
    letters.wait_for_timeout(300)
    assert letters.get_by_label("From A to B").input_value() == at
    assert 0.1 < float(at) < 1
    letters.get_by_role("button", name="Play", exact=True).click()
    letters.get_by_role("button", name="New font").click()  # anything else stops it
    assert letters.get_by_role("button", name="Play", exact=True).is_visible()


@pytest.mark.emulates
def test_with_less_motion_the_walk_goes_in_still_steps(browser, site):
    context = browser.new_context(reduced_motion="reduce")
    page = context.new_page()
    page.goto(site + PAGE)
    start(page)
    unfold(page)
    page.evaluate(
        """() => {
            window.seen = [];
            const note = () => { seen.push(document.querySelector('.gan-letters details input[type=range]').value); };
            new MutationObserver(note).observe(document.querySelector('.gan-paper canvas'), {attributes: true});
        }"""
    )
    page.get_by_role("button", name="Play", exact=True).click()
    page.wait_for_timeout(2500)
    page.get_by_role("button", name="Pause", exact=True).click()
    steps = sorted(set(page.evaluate("seen")), key=float)
    assert 2 <= len(steps) <= 4
    assert all(float(value) * 10 == pytest.approx(round(float(value) * 10)) for value in steps)
    context.close()


# ---- breeding ----


def grid(page):
    return torch.tensor(page.evaluate("document.querySelector('[data-gan-widget=letters]').ganLetters.fonts()"))


def test_fonts_are_bred_by_keyboard(letters):
    unfold(letters)
    letters.get_by_role("button", name="Breed", exact=True).click()
    assert "Choose two fonts first." in told(letters)[1]
    before = grid(letters)
    assert before.shape == (12, 64)
    for number in (3, 8):
        cell = letters.get_by_role("button", name=f"Font {number}", exact=True)
        cell.focus()
        letters.keyboard.press("Space")
        letters.wait_for_selector(f'button[aria-label="Font {number}"][aria-pressed="true"]')
        torch.testing.assert_close(latent(letters), before[number - 1], atol=0, rtol=0)  # it writes the word
    assert "Fonts 3 and 8 are chosen: press Breed." in told(letters)[1]
    mate = letters.get_by_role("button", name="Breed", exact=True)
    mate.focus()
    letters.keyboard.press("Enter")
    after = grid(letters)
    assert torch.equal(after[:2], before[[2, 7]])
    assert "Ten children of fonts 3 and 8" in told(letters)[1]
    mother, father = after[:2]
    for child in after[2:]:
        others = torch.cat([before[:2], before[3:7], before[8:]])
        near = torch.nn.functional.cosine_similarity(child[None], torch.stack([mother, father]), dim=1)
        far = torch.nn.functional.cosine_similarity(child[None], others, dim=1)
        assert near.max() > max(0.4, far.max())
        assert near.sum() > 0.6  # of both: strangers have about 0
        assert 5 < child.norm() < 11
    crossed = after[7:]
    nearer = torch.minimum((crossed - mother).abs(), (crossed - father).abs())
    assert nearer.mean() < 0.3 < 0.5 < (after[4:5] - mother).abs().mean()
    assert letters.get_by_role("button", name="Font 1, a parent of the others").is_visible()
    assert len({tuple(row.tolist()) for row in after}) == 12
    letters.get_by_role("button", name="Twelve other fonts").click()
    assert not torch.equal(grid(letters), before)


def test_breeding_ends_where_a_link_ends(open_page, site):
    page, problems = open_page(site + PAGE + "#word=HI&bred=" + ".".join(["1-2"] * 199) + "&chosen=1-2")
    start(page)
    mate = page.get_by_role("button", name="Breed", exact=True)
    mate.click()
    last = grid(page)
    assert "Ten children" in told(page)[1]
    mate.click()
    assert "After 200 generations" in told(page)[1]
    assert torch.equal(grid(page), last)
    link = link_of(page)
    open_page(link)
    start(page)
    assert "".join(page.locator(".gan-letters [role=alert]").all_inner_texts()) == ""
    assert torch.equal(grid(page), last)
    assert problems == []


def test_a_third_choice_lets_the_first_go(letters):
    unfold(letters)
    for number in (1, 2, 3):
        letters.get_by_role("button", name=f"Font {number}", exact=True).click()
    pressed = letters.locator('.gan-fonts button[aria-pressed="true"]').all_inner_texts()
    assert pressed == ["2", "3"]
    letters.get_by_role("button", name="Font 3", exact=True).click()
    assert letters.locator('.gan-fonts button[aria-pressed="true"]').all_inner_texts() == ["2"]


# ---- links ----


def link_of(page):
    settle(page)
    return page.get_by_label("A link to all this").input_value()


def everything(page):
    page.wait_for_timeout(50)
    return state(page) | {
        "fonts": grid(page).tolist(),
        "ends": page.evaluate("document.querySelector('[data-gan-widget=letters]').ganLetters.ends()"),
        "chosen": page.locator('.gan-fonts button[aria-pressed="true"]').count(),
        "sliders": [s.input_value() for s in page.locator(".gan-letters input[type=range]").all()],
    }


def change_word_and_sliders(page):
    page.get_by_label("Your word").fill("Hello & co")
    page.get_by_role("button", name="New font").click()
    for i, name in enumerate(directions(page)):
        page.get_by_label(name.capitalize(), exact=True).fill(str(0.5 * i - 0.75))


def change_walk(page):
    page.get_by_role("button", name="New font").click()
    page.get_by_label(next(iter(directions(page))).capitalize(), exact=True).fill("1.5")
    page.get_by_role("button", name="Keep this font as B").click()
    page.get_by_label("From A to B").fill("0.37")
    page.get_by_label(next(iter(directions(page))).capitalize(), exact=True).fill("-1")


def change_breeding(page):
    page.get_by_role("button", name="Twelve other fonts").click()
    for pair in ((4, 9), (1, 12)):
        page.locator('.gan-fonts button[aria-pressed="true"]').evaluate_all("all => all.forEach(b => b.click())")
        for number in pair:
            page.locator(".gan-fonts button").nth(number - 1).click()
        page.get_by_role("button", name="Breed", exact=True).click()
    page.locator(".gan-fonts button").nth(6).click()


@pytest.mark.parametrize("moved", [change_word_and_sliders, change_walk, change_breeding])
def test_a_link_brings_everything_back(letters, open_page, moved):
    unfold(letters)
    moved(letters)
    link, before = link_of(letters), everything(letters)
    assert len(link) < 1500
    open_page(link)  # in the same tab
    start(letters)
    assert everything(letters) == before
    unfold(letters)
    assert link_of(letters) == link
    letters.get_by_role("button", name="New font").click()
    link = link_of(letters)
    assert letters.url == link  # the address goes along once it holds settings


def test_a_second_link_on_the_same_page(letters):
    letters.evaluate("location.hash = '#word=two&seed=5'")
    letters.wait_for_function("document.querySelector('.gan-letters input').value === 'two'")
    assert state(letters)["word"] == "TWO"
    torch.testing.assert_close(latent(letters), lettering.page_latent(5), atol=2e-3, rtol=0)


@pytest.mark.parametrize(
    ("asked", "wrong"),
    [
        ({"seed": "-1"}, "seed"), ({"seed": "1e9"}, "seed"), ({"font": "hello"}, "font"), ({"walk": "2"}, "walk"),
        ({"walk": "x"}, "walk"), ({"weight": "NaN"}, "weight"), ({"weight": "9"}, "weight"), ({"bred": "1-1"}, "bred"),
        ({"bred": "1-2." * 300 + "1-2"}, "bred"), ({"bred": "1-13"}, "bred"), ({"chosen": "0"}, "chosen"),
        ({"a": "?"}, "a"), ({"colour": "red"}, "colour"), ({"grid": "x"}, "grid"), ({"<i>" * 500: "1"}, "<i>"),
        ({"": "1"}, "an empty name"),
    ],
)  # fmt: skip
def test_links_that_hold_nonsense(open_page, site, asked, wrong):
    page, problems = open_page(site + PAGE + "#" + urlencode({"word": "HI"} | asked))
    start(page)
    alert = page.locator(".gan-letters [role=alert]")
    assert f"does not know, for {wrong}" in alert.inner_text()
    assert len(alert.inner_text()) < 250
    assert state(page)["word"] == "HI"
    assert problems == []


def test_a_link_with_a_very_long_word(open_page, site):
    page, problems = open_page(site + PAGE + "#word=" + "x" * 10_000)
    start(page)
    assert state(page)["word"] == "X" * 60
    assert parse_qs(link_of(page).split("#")[1])["word"] == ["X" * 60]
    assert problems == []


# ---- to take along ----


def test_the_code_makes_the_font_that_is_seen(letters, tmp_path):
    unfold(letters)
    letters.get_by_role("button", name="New font").click()
    settle(letters)
    code = letters.get_by_label("The font's code").input_value()
    z = fonts.decode(code)
    assert torch.equal(z, latent(letters))
    command = letters.get_by_label("A font file, by Python").input_value()
    assert command == f"python -m gan_helpers.fonts --code {code} --out my-font.ttf"
    out = tmp_path / "my-font.ttf"
    assert fonts.main([*command.split()[3:5], "--out", str(out)]) == 0
    assert out.stat().st_size > 5000


@pytest.mark.parametrize("what", ["Copy the link", "Copy the font's code", "Copy the command"])
def test_copying_is_told(letters, what):
    unfold(letters)
    letters.get_by_role("button", name=what).click()
    letters.wait_for_function("/is (copied|marked)/.test(document.querySelector('.gan-letters').innerText)")


@pytest.mark.emulates
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_picture_that_is_saved(open_page, site, theme):
    page, problems = open_page(site + PAGE, theme=theme)
    start(page)
    page.get_by_label("Your word").fill("Save me")
    settle(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="Save a picture").click()
    assert download.value.suggested_filename == "save-me.png"
    picture = Image.open(download.value.path()).convert("L")
    assert picture.width == 1200
    values = np.asarray(picture)
    paper, ink = (255, 40) if theme == "light" else (24, 222)
    assert abs(int(values[0, 0]) - paper) < 3
    share = (np.abs(values.astype(int) - ink) < 8).mean()
    assert 0.02 < share < 0.5
    assert "Saved as save-me.png." in told(page)[1]
    assert problems == []


# ---- the page itself ----


def test_every_control_has_a_name(letters):
    unfold(letters)
    nameless = letters.locator(".gan-letters :is(input, button)").evaluate_all(
        "all => all.filter(c => !(c.labels?.length || c.getAttribute('aria-label') || c.innerText.trim())).length"
    )
    assert nameless == 0
    small = letters.locator(".gan-letters :is(input, button, summary)").evaluate_all(
        "all => all.filter(c => c.getBoundingClientRect().height < 24).map(c => c.outerHTML.slice(0, 80))"
    )
    assert small == []


def test_at_first_sight_there_are_few_controls(letters):
    seen = [c for c in letters.locator(".gan-letters :is(input, button)").all() if c.is_visible()]
    assert len(seen) == 4 + len(directions(letters))  # the word, three buttons, sliders


@pytest.mark.parametrize("width", [1280, 390, 320])
def test_nothing_goes_over_the_edge(open_page, site, width):
    page, problems = open_page(site + PAGE, width)
    start(page)
    unfold(page)
    page.get_by_label("Your word").fill("WIDE WORDS")
    settle(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    box, paper = (page.locator(s).bounding_box() for s in (".gan-paper canvas", ".gan-letters"))
    assert paper["x"] <= box["x"]
    assert box["x"] + box["width"] <= paper["x"] + paper["width"]
    assert problems == []


def test_what_the_page_weighs(open_page, http):
    page, problems = open_page(http + "search.html", fresh=True)
    sizes = {}
    page.on("response", lambda r: sizes.update({r.url.split("?")[0].rsplit("/", 1)[-1]: len(r.body())}))
    page.goto(http + PAGE)
    start(page)
    page.wait_for_load_state("networkidle")
    own = (
        "generator-letters.js",
        "letter-hand.js",
        "generator.js",
        "lettering.js",
        "save.js",
        "letters.js",
        "letters.css",
    )
    assert set(own) <= set(sizes)
    assert sum(sizes[name] for name in own) < 550_000
    assert sizes["generator-letters.js"] < 450_000
    assert not {"generator-mnist.js", "explorer.js"} & set(sizes)
    assert problems == []  # among them: a request to another server
    page.close()


@pytest.mark.emulates
def test_without_javascript_there_are_alphabets(browser, site):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(site + PAGE)
    still = page.locator(".gan-letters img")
    assert still.is_visible()
    path = Path(site.removeprefix("file://")) / "_static" / "letters.png"
    width, height = Image.open(path).size
    assert (still.get_attribute("width"), still.get_attribute("height")) == (str(width), str(height))
    assert path.stat().st_size < 60_000
    assert "JavaScript" in page.locator(".gan-letters figcaption").inner_text()
    context.close()


def test_a_frame_is_fast_enough_for_a_slider(letters):
    times = letters.evaluate(
        """() => {
            const { generator } = document.querySelector('[data-gan-widget=letters]').ganLetters;
            const canvas = document.createElement('canvas');
            return Array.from({length: 30}, () => {
                const z = GanGenerator.normals(64), start = performance.now();
                GanLettering.write(canvas, GanLettering.makeFont(generator, z), 'YOUR NAME', {wide: 700, high: 230});
                return performance.now() - start;
            });
        }"""
    )
    assert sorted(times[10:])[10] < 300  # the median of eight letters, once compiled, on a machine that does other work


@pytest.mark.emulates
def test_paper_shows_the_word_and_no_controls(letters):
    letters.emulate_media(media="print")
    widget = letters.locator("[data-gan-widget=letters]")
    assert widget.locator(".gan-paper canvas").first.is_visible()
    assert widget.locator(":is(button, input, label):visible").count() == 0
    letters.emulate_media(media="screen")
