"""benchmarks/today.py: the lab's own cells, a complete table, the choice that it says, and the words of the chapter."""

import json
import re
from collections import Counter
from pathlib import Path

import pytest
import torch

import gan_helpers as gh
from benchmarks import today
from benchmarks.labs import definitions

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "book" / "today" / "index.md").read_text(encoding="utf-8")


def test_the_recipe_is_the_labs_and_both_have_about_as_many_weights():
    made = definitions("today")
    assert made["ModernGenerator"]()(torch.zeros(2, 64)).shape == (2, 1, 28, 28)
    assert made["ModernDiscriminator"]()(torch.zeros(2, 1, 28, 28)).shape == (2,)
    counts = [today.weights(recipe) for recipe in today.SETTINGS]
    assert max(counts) < 1.1 * min(counts)
    assert all(f"{count:,}" in TEXT for count in counts)


@pytest.mark.parametrize("recipe", today.SETTINGS)
def test_a_run_of_no_time_takes_one_step(recipe):
    images = gh.load_images("mnist").images[:64]
    generator, steps = today.train(recipe, images, 1, 0.0, today.SETTINGS[recipe][0])
    assert steps == 1
    drawn = today.samples(generator, 10)
    assert drawn.shape == (10, 1, 28, 28)
    assert drawn.abs().max() <= 1


def test_the_table_is_complete_and_the_best_settings_went_on():
    rows = gh.load_results("today")
    assert Counter((row["part"], row["recipe"]) for row in rows) == {
        ("choice", "dcgan"): 6, ("choice", "modern"): 9, ("minute", "dcgan"): 3, ("minute", "modern"): 6,
    }  # fmt: skip
    for recipe, tried in today.SETTINGS.items():
        mine = [row for row in rows if row["recipe"] == recipe]
        choice = [row for row in mine if row["part"] == "choice"]
        assert sorted(row["settings"] for row in choice) == sorted(map(json.dumps, tried))
        limit = today.LEVEL * min(float(row["frechet"]) for row in choice)
        best = {row["settings"] for row in choice if float(row["frechet"]) <= limit}
        minute = [row for row in mine if row["part"] == "minute"]
        assert {(row["settings"], row["seed"]) for row in minute} == {(text, seed) for text in best for seed in "123"}
        assert {row["seconds"] for row in minute} == {"60"}
        assert {row["weights"] for row in mine} == {str(today.weights(recipe))}


def test_the_table_of_the_minute_says_what_was_measured():
    rows = [row for row in gh.load_results("today") if row["part"] == "minute"]
    columns = [("dcgan", 0.002), ("modern", 0.002), ("modern", 0.004)]
    names = {
        "steps": ("steps", 0), "Fréchet distance": ("frechet", 1), "by a second judge": ("second_frechet", 1),
        "precision": ("precision", 2), "recall": ("recall", 2),
    }  # fmt: skip
    for name, (column, digits) in names.items():
        cells = re.search(rf"^\| {name} \| (.+) \|$", TEXT, re.MULTILINE)[1].split(" | ")
        for (recipe, rate), cell in zip(columns, cells, strict=True):
            mine = [row for row in rows if row["recipe"] == recipe and json.loads(row["settings"])["rate"] == rate]
            found = [float(row[column]) for row in mine]
            for said, value in zip(cell.split(" to "), (min(found), max(found)), strict=True):
                places = min(digits, len(said.partition(".")[2]))
                assert float(said.replace(",", "")) == pytest.approx(value, abs=0.51 * 10**-places)


def test_each_entry_of_the_timeline_is_in_the_references():
    sources = {row["source"] for row in gh.load_results("timeline")}
    known = (ROOT / "book" / "references.bib").read_text(encoding="utf-8")
    assert [source for source in sources if source not in known] == []
    for row in gh.load_results("timeline"):
        assert re.fullmatch(r"20(1[4-9]|2[0-6])-(0[1-9]|1[0-2])", row["when"])
        assert row["checked"]
