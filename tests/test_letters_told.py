"""What the letters page says in numbers, against the tables and the generator."""

import sys
from pathlib import Path

import pytest
import torch

import gan_helpers as gh

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "scripts"))
import letter_hand  # noqa: E402

PAGE = (ROOT / "book" / "letters.md").read_text(encoding="utf-8")
ONE_LINE = " ".join(PAGE.split())
SCORES = {(row["measure"], row["subject"]): row for row in gh.load_results("letters")}
SLIDERS = gh.load_results("letter_directions")
ROWS = [[word.strip() for word in line.split("|")[1:-1]] for line in PAGE.splitlines() if line.startswith("| ")][2:]


def percent(measure, subject):
    return f"{100 * float(SCORES[measure, subject]['value']):.1f} %"


def test_what_the_judges_say():
    assert f"reads {percent('read', 'generated')} of the generated letters as asked, and" in ONE_LINE
    assert f"and {percent('read', 'held out')} of the letters of real fonts" in ONE_LINE
    assert f"of one latent vector for one font in {percent('same', 'generated')} of cases" in ONE_LINE
    assert f"of one real font in {percent('same', 'held out')}, and" in ONE_LINE
    assert f"of two latent vectors in {percent('same', 'two latent vectors')}; its threshold" in ONE_LINE
    assert "lets it be wrong for one in twenty pairs of two real families" in ONE_LINE
    assert SCORES["same", "two families"]["value"] == "0.0500"
    row = SCORES["nearer than one held-out font in twenty", "generated"]
    assert (float(row["value"]), row["count"]) == (0, "240")
    assert "of 240 generated alphabets none lies nearer" in ONE_LINE
    assert f"capitals of {len(gh.load_letters())} fonts" in ONE_LINE
    assert f"{letter_hand.COUNT:,} random alphabets" in ONE_LINE


def test_what_the_sliders_do():
    """The mean changes of the table, and that no other number changes by a third of its standard deviation."""
    generator = gh.load_pretrained("letters")
    assert [row[0].lower() for row in ROWS] == [slider["name"] for slider in SLIDERS] == list(letter_hand.NAMES)
    z = torch.randn(100, 64, generator=torch.Generator().manual_seed(21))
    spread = letter_hand.measure_alphabets(letter_hand.draw_alphabets(generator, z)).std(0)
    for i, (slider, row) in enumerate(zip(SLIDERS, ROWS, strict=True)):
        vector = torch.tensor([float(value) for value in slider["direction"].split()])
        low, high = (
            letter_hand.measure_alphabets(letter_hand.draw_alphabets(generator, z + by * vector)) for by in (-2.5, 2.5)
        )
        change = (high - low).mean(0)
        assert float(row[2]) == pytest.approx(float(slider[f"correlation with {slider['name']}"]), abs=0.0051)
        told = float(row[3].split()[0])
        assert told == pytest.approx(change[i].item() if i < 3 else change[i].exp().item(), abs=0.06)
        assert ((high - low)[:, i] > 0).sum() >= 94
        assert change[i] > 1.2 * spread[i]
        for other in set(range(5)) - {i}:
            assert abs(change[other]) < 0.3 * spread[other]
        if slider["name"] == "weight":
            serif = (high - low)[:, 4] / spread[4]
            for side in (serif > 1, serif < -1):
                assert 12 <= side.sum() <= 21  # of 100; 16 and 16 were counted
    assert "the serifs grow in about one font of six by more than" in ONE_LINE
    assert "Each number grew in at least 94 of the 100" in PAGE


def test_what_it_costs_to_leave_the_others_alone():
    weight = SLIDERS[0]
    told = f"A correlation of {float(weight['correlation with weight']):.2f} is low"
    assert f"{told}, and that is the price of leaving the others alone" in ONE_LINE
    assert f"fitted to weight alone has {float(weight['correlation alone']):.2f}, but it takes serifs away" in ONE_LINE
    generator = gh.load_pretrained("letters")
    z = torch.randn(560, 64, generator=torch.Generator().manual_seed(4))
    measured = letter_hand.measure_alphabets(letter_hand.draw_alphabets(generator, z[:500]))
    slope = torch.linalg.lstsq(z[:500], measured[:, :1] - measured[:, :1].mean()).solution[:, 0]
    low, high = (
        letter_hand.measure_alphabets(letter_hand.draw_alphabets(generator, z[500:] + by * slope / slope.norm()))
        for by in (-2.5, 2.5)
    )
    change = (high - low).mean(0) / measured.std(0)
    assert change[0] > 3  # 5.2 along this direction of more alphabets, 1.9 along the slider
    assert change[1] > 1
    assert change[4] < -1


def test_the_page_tells_the_limits_of_a_word():
    script = (ROOT / "book" / "_static" / "lettering.js").read_text(encoding="utf-8")
    assert "const MOST = 60;" in script
    assert "a word may have 60 characters" in PAGE
