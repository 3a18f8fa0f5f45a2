"""benchmarks/care.py: the lab's own cells, a complete table, scores that do what their names say."""

import math

import pytest
import torch

import gan_helpers as gh
from benchmarks import care


@pytest.fixture(scope="module")
def lab():
    gh.set_threads(1)
    return care.definitions()


def test_the_labs_cells_hold_all_that_is_measured(lab):
    assert tuple(lab["CHANGES"]) == care.CHANGES
    assert "rng" not in lab, "only definitions run, no training"


def test_the_table_is_complete():
    rows = gh.load_results("care")
    assert tuple(rows[0]) == care.COLUMNS
    keys = [tuple(row[name] for name in care.KEY) for row in rows]
    assert sorted(keys) == sorted(key for job in care.jobs() for key in care.wanted(job))
    assert {row["threads"] for row in rows} == {"1"}


@pytest.mark.parametrize("job", [care.jobs()[0], *care.jobs()[6:7], ("shares", "conditional", 8, 0.02, 1)])
def test_a_job_gives_its_rows(monkeypatch, job):
    monkeypatch.setattr(care, "GAN_STEPS", 1)
    monkeypatch.setattr(care, "SAMPLES", 60)
    rows = care.measure(job)
    assert [tuple(row[name] for name in care.KEY) for row in rows] == care.wanted(job)
    for row in rows:
        assert set(row) <= set(care.COLUMNS)
        assert math.isfinite(float(row["lost"]))


def test_a_skewed_set_has_its_share(lab):
    data, rng = gh.load_images("mnist"), torch.Generator().manual_seed(1)
    _, labels = lab["skewed"](data.images, data.labels, 3, 0.05, 2000, rng)
    assert (labels == 3).double().mean() == pytest.approx(0.05, abs=0.001)
    _, even = lab["evened"](data.images[:200], data.labels[:200])
    assert len(set(even.bincount(minlength=10).tolist())) == 1
    with pytest.raises(ValueError, match="wanted"):
        lab["skewed"](data.images[:100], data.labels[:100], 3, 0.5, 2000, rng)


def test_the_distance_is_that_of_the_book(lab):
    torch.manual_seed(1)
    one, two = torch.randn(500, 8).double(), 1.3 * torch.randn(500, 8).double() + 0.2
    ours = lab["frechet"](lab["moments"](one), lab["moments"](two))
    assert ours == pytest.approx(gh.frechet_distance(one, two), rel=0.01)  # N in place of N - 1


def test_weights_make_the_share(lab):
    labels = torch.tensor([0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9])
    weights = lab["class_weights"](labels, 9, 0.02)
    assert weights.sum().item() == pytest.approx(1)
    assert weights[labels == 9].sum().item() == pytest.approx(0.02)


@pytest.mark.parametrize("change", care.CHANGES)
def test_changes_keep_the_shape(lab, change):
    images = gh.load_images("mnist").images[:5]
    assert lab["CHANGES"][change](images).shape == images.shape


@pytest.mark.parametrize(
    ("arguments", "reason"), [(["--part", "moon"], "invalid choice"), (["--seed", "9"], "invalid choice")]
)
def test_wrong_orders_get_a_sentence(arguments, reason, capsys):
    with pytest.raises(SystemExit, match="2"):
        care.main(arguments)
    assert reason in capsys.readouterr().err
