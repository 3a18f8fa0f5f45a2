"""The generator of alphabets: its judges, what its card and tables claim, its sliders, and what a page gets of it."""

import sys
from pathlib import Path

import pytest
import torch
from py_mini_racer import MiniRacer
from test_figures import ATOB

import gan_helpers as gh
from benchmarks import judge_letters, train_letters

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "scripts"))
import export_web  # noqa: E402
import letter_hand  # noqa: E402

TABLE = {(row["measure"], row["subject"]): float(row["value"]) for row in gh.load_results("letters")}
SLIDERS = {row["name"]: row for row in gh.load_results("letter_directions")}


@pytest.fixture(scope="module")
def letters():
    return gh.load_letters()


@pytest.fixture(scope="module")
def generator():
    return gh.load_pretrained("letters")


@pytest.fixture(scope="module")
def alphabets(generator):
    return judge_letters.draw(generator, 60, seed=7)


# ---- how it was trained ----


def test_pairs_for_training(letters):
    images, rng = letters.images[:5], torch.Generator().manual_seed(1)
    one, two, labels = next(train_letters.draw_pairs(images, rng))
    assert one.shape == two.shape == (train_letters.BATCH, 2, 28, 28)
    assert (labels[:, 0] != labels[:, 1]).all()
    for pair, mixed, (a, b) in zip(one, two, labels, strict=True):
        fonts = [i for i in range(5) if torch.equal(pair, images[i, [a, b], 0])]
        assert fonts
        assert torch.equal(mixed[0], pair[0])
        assert not any(torch.equal(mixed[1], images[i, b, 0]) for i in fonts)  # another font


def test_wrong_labels_are_wrong_once():
    labels = torch.randint(26, (200, 2))
    assert ((train_letters.wrong(labels) != labels).sum(1) == 1).all()


def test_a_step_moves_both_players(letters, tmp_path):
    train_letters.train(letters, steps=2, seed=1, keep=tmp_path)
    again = train_letters.train(letters, steps=2, seed=1)
    other = train_letters.train(letters, steps=2, seed=2)
    z, labels = torch.randn(2, 64), torch.arange(2)
    assert torch.equal(again(z, labels), train_letters.train(letters, steps=2, seed=1)(z, labels))
    assert not torch.equal(again(z, labels), other(z, labels))


# ---- the judges ----


def test_no_round_teaches_what_it_tries(letters):
    parts = judge_letters.rounds(letters)
    assert sorted(torch.cat(parts).tolist()) == letters.held_out.nonzero()[:, 0].tolist()
    families = [{letters.families[i] for i in part} for part in parts]
    for i, one in enumerate(families):
        assert one
        assert all(not one & other for other in families[:i])


def test_pairs_for_the_judge(letters):
    images, rng = letters.images[:6], torch.Generator().manual_seed(1)
    families = ["a", "a", "a", "b", "c", "c"]
    found = {}
    for same in (True, False):
        for pair in judge_letters.draw_pairs(images, families, 40, same, rng):
            places = [(images[:, :, 0] == letter).all(dim=(2, 3)).nonzero()[0].tolist() for letter in pair]
            (one, first), (two, second) = places
            assert first != second
            found.setdefault(same, set()).add((one == two, families[one] == families[two]))
    assert found == {True: {(True, True)}, False: {(False, False)}}


def test_copies_are_near():
    fonts = torch.rand(4, 26, 1, 28, 28) * 2 - 1
    far = judge_letters.nearest(torch.cat([fonts[2:3], -fonts[:1]]), fonts)
    assert far[0] < 1e-3  # the control
    assert far[1] > 0.1
    white, black = torch.ones(1, 26, 1, 28, 28), -torch.ones(1, 26, 1, 28, 28)
    assert judge_letters.nearest(white, black) == pytest.approx(1)


def test_the_card_tells_what_the_table_holds():
    assert gh.pretrained_card("letters")["scores"] == judge_letters.scores(gh.load_results("letters"))


def test_one_round_finds_the_scores_again(letters, alphabets):
    """Judges from other seeds, other alphabets, one round of four."""
    parts = judge_letters.rounds(letters)
    taught = torch.cat(parts[1:])
    reader = judge_letters.train_reader(letters.images[taught], seed=999)
    right = judge_letters.answers(reader, alphabets) == torch.arange(26)
    assert right.float().mean() == pytest.approx(TABLE["read", "generated"], abs=0.04)
    families = [letters.families[i] for i in taught]
    style = judge_letters.train_style_judge(letters.images[taught], families, seed=999, steps=400)
    rng = torch.Generator().manual_seed(1)
    one, two = (style(judge_letters.draw_pairs(alphabets, list("ab" * 30), 2000, same, rng)) for same in (True, False))
    assert (one > two.quantile(0.95)).float().mean() > 0.5  # one vector, one style; chance would give 0.05


def test_what_is_claimed_of_it():
    assert TABLE["read", "asked for the next letter"] < 0.05
    assert TABLE["read", "generated"] >= TABLE["read", "held out"]
    assert TABLE["same", "generated"] >= 0.95 * TABLE["same", "held out"]
    assert TABLE["same", "two latent vectors"] < TABLE["same", "generated"] / 2
    assert TABLE["nearest, median", "copies"] < TABLE["nearest, least", "generated"]
    assert TABLE["nearer than one held-out font in twenty", "copies"] == 1


# ---- sliders ----


def test_what_is_measured_is_known_for_bars():
    """Each letter a bar of four columns; then one that is wider, one that leans, and a foot."""
    plain = torch.full((1, 26, 1, 28, 28), -1.0)
    plain[..., 4:24, 12:16] = 1
    wide, leaning, footed = plain.clone(), torch.full_like(plain, -1.0), plain.clone()
    wide[..., 4:24, 10:18] = 1
    footed[..., 21:24, 8:20] = 1
    for row in range(4, 24):
        shift = round((14 - row) / 2)
        leaning[..., row, 12 + shift : 16 + shift] = 1
    weight, width, slant, _, serif = letter_hand.measure_alphabets(torch.cat([plain, wide, leaning, footed])).T
    assert weight[:2].tolist() == pytest.approx([100 * 80 / 784, 100 * 160 / 784])
    assert width[:2].tolist() == [4, 8]
    assert slant[0] == pytest.approx(0, abs=1e-3)
    assert slant[2] == pytest.approx(26.57, abs=1.5)
    assert serif[0] == pytest.approx(0, abs=1e-3)
    assert serif[3] == pytest.approx(torch.tensor(3.0).log().item(), abs=0.1)


def test_contrast_of_rings():
    y, x = torch.meshgrid(torch.arange(28) - 13.5, torch.arange(28) - 13.5, indexing="ij")
    even = (torch.hypot(x, y) < 10) & (torch.hypot(x, y) > 7)
    stressed = (torch.hypot(x, y) < 10) & (torch.hypot(x / 6, y / 9) > 1)  # thick at the sides, thin at top and bottom
    rings = torch.stack([torch.where(ring, 1.0, -1.0).expand(26, 1, 28, 28) for ring in (even, stressed)])
    contrast = letter_hand.measure_alphabets(rings)[:, 3]
    assert contrast[0] == pytest.approx(0, abs=1e-3)
    assert contrast[1] > 0.8


@pytest.mark.parametrize("name", letter_hand.NAMES)
def test_a_slider_does_what_its_name_says(generator, name):
    """From -3 to 3 the number grows in nearly all alphabets; the others move less."""
    direction = torch.tensor([float(value) for value in SLIDERS[name]["direction"].split()])
    assert direction.norm() == pytest.approx(1, abs=1e-3)
    z = torch.randn(80, generator.latent_dim, generator=torch.Generator().manual_seed(3))
    low, middle, high = (
        letter_hand.measure_alphabets(letter_hand.draw_alphabets(generator, z + by * direction)) for by in (-3, 0, 3)
    )
    moved = (high - low) / middle.std(0)
    at = letter_hand.NAMES.index(name)
    assert moved[:, at].mean() > 1
    assert (moved[:, at] > 0).float().mean() > 0.9
    assert moved.mean(0).abs().argmax() == at


def test_the_correlations_are_found_again(generator):
    _, found, alone = letter_hand.letter_directions(generator, generator.latent_dim, count=300)
    for i, name in enumerate(letter_hand.NAMES):
        told = float(SLIDERS[name][f"correlation with {name}"])
        assert found[i, i] == pytest.approx(told, abs=0.15)
        assert alone[i] == pytest.approx(float(SLIDERS[name]["correlation alone"]), abs=0.15)
        assert alone[i] > found[i, i] + 0.05  # what it costs to leave the others alone


# ---- on a page ----


def test_the_page_draws_nearly_what_pytorch_draws(generator):
    """Its weights have 8 bits, so not quite."""
    z = torch.randn(3, generator.latent_dim, generator=torch.Generator().manual_seed(1))
    with MiniRacer() as engine:
        engine.eval("var window = globalThis;" + ATOB)
        engine.eval((ROOT / "gan_helpers" / "web" / "generator.js").read_text(encoding="utf-8"))
        text = export_web.weights("letters")
        assert len(text) < 500_000
        engine.eval(text)
        engine.eval("var made = GanGenerator.makeGenerator(GAN_GENERATORS.letters);")
        engine.eval("function drawn(z, letter) { return Array.from(made.draw(Float32Array.from(z), letter)); }")
        assert engine.eval("made.classes.join('')") == "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
        for one in z:
            drawn = [engine.call("drawn", one.tolist(), letter) for letter in (0, 12, 25)]
            expected = generator(one.expand(3, -1), torch.tensor([0, 12, 25])).flatten(1)
            assert (torch.tensor(drawn) - expected).abs().mean() < 0.02
        engine.eval(export_web.letter_hand())
        assert engine.eval("Object.keys(GAN_LETTER_HAND).join()") == ",".join(letter_hand.NAMES)
        assert engine.eval("GAN_LETTER_HAND.slant.direction.length") == generator.latent_dim
