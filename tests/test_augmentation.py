"""benchmarks/augmentation.py: equal chances for all diets, a complete table, and the same program as the lab's."""

import ast
import itertools
from pathlib import Path

import nbformat
import pytest
import torch

import gan_helpers as gh
from benchmarks import augmentation

ROOT = Path(__file__).parents[1]


def test_digits_are_chosen_evenly_and_from_the_first_8000():
    images, labels = augmentation.choose(50, 3)
    assert torch.bincount(labels).tolist() == [5] * 10
    assert not torch.equal(images, augmentation.choose(50, 4)[0])
    known = {tuple(image.flatten().tolist()) for image in augmentation.digits().images[: augmentation.TRAIN]}
    assert all(tuple(image.flatten().tolist()) in known for image in images)


def test_moves_are_small_and_keep_the_range():
    torch.manual_seed(1)
    images = augmentation.digits().images[:200]
    moved = augmentation.moved(images)
    assert moved.shape == images.shape
    assert moved.min() >= -1
    assert moved.max() <= 1.0001
    assert 0.05 < (moved - images).square().mean() < 0.5
    assert (moved.mean() - images.mean()).abs() < 0.02  # ink is neither lost nor made


def test_all_diets_see_the_same_real_digits(monkeypatch):
    seen = []
    monkeypatch.setattr(augmentation, "moved", lambda x: seen.append(x.clone()) or torch.rand_like(x) * 2 - 1)
    real = augmentation.choose(50, 1)
    fake = torch.zeros(10, 1, 28, 28), torch.arange(10)
    for diet in (None, fake):
        augmentation.classifier(real, diet, 1, plain=True, steps=3)
    assert len(seen) == 6
    assert all(torch.equal(seen[i], seen[i + 3]) for i in range(3))


def test_the_table_is_complete():
    rows = gh.load_results("augmentation")
    assert tuple(rows[0]) == augmentation.COLUMNS
    keys = [tuple(row[name] for name in augmentation.KEY) for row in rows]
    wanted = list(itertools.product(augmentation.SEEDS, augmentation.LABELLED, augmentation.DIETS))
    wanted += [(seed, augmentation.TRAIN, "all") for seed in augmentation.SEEDS]
    assert sorted(keys) == sorted(tuple(map(str, key)) for key in wanted)
    for row in rows:
        assert 0.3 < float(row["accuracy"]) < 1
        fed = row["diet"] not in ("real", "plain", "all")
        assert bool(row["labels_right"]) == fed


def test_settings_are_those_of_the_lab():
    settings = {}
    for cell in nbformat.read(ROOT / "book" / "data" / "lab.ipynb", as_version=4).cells:
        if cell.cell_type == "code" and not cell.source.startswith("try:"):
            for node in ast.parse(cell.source).body:
                if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                    settings[node.targets[0].id] = node.value
    pairs = {
        "TRAIN": augmentation.TRAIN, "CLASSIFIER_STEPS": augmentation.STEPS, "GAN_STEPS": augmentation.GAN_STEPS,
        "BATCH": augmentation.BATCH,
    }  # fmt: skip
    for name, value in pairs.items():
        assert ast.literal_eval(settings[name]) == value, name


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [(["--seed", "9"], "invalid choice: 9"), (["--seed", "one"], "invalid int value"), (["x"], "unrecognized")],
)
def test_wrong_orders_get_a_sentence(arguments, reason, capsys):
    with pytest.raises(SystemExit, match="2"):
        augmentation.main(arguments)
    said = capsys.readouterr().err
    assert len(said.splitlines()) == 1
    assert reason in said
