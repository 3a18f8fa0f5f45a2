"""benchmarks/care.py: the lab's own cells, a complete table, scores that do what their names say."""

import math

import pytest
import torch

import gan_helpers as gh
from benchmarks import care
from benchmarks.labs import definitions


@pytest.fixture(scope="module")
def lab():
    gh.set_threads(1)
    return definitions("care")


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


def test_the_correction_gives_the_share_back(lab):
    assert lab["corrected"](0.9 * 0.02 + 0.02 * 0.98, 0.9, 0.02) == pytest.approx(0.02)
    labels = torch.tensor([0, 0, 1, 1, 1, 1, *range(2, 10)])
    reads = torch.tensor([0, 3, 0, 1, 1, 1, *range(2, 10)])  # one of two is found; one of four ones is taken for a 0
    assert lab["rates"](reads, labels, 0) == pytest.approx((0.5, 0.25 / 9))


def test_a_detector_is_scored_by_order_and_level(lab):
    def net(x):
        return x.mean(dim=(1, 2, 3))

    low, high = (torch.linspace(a, a + 0.5, 200)[:, None, None, None].expand(200, 1, 4, 4) for a in (-0.9, 0.3))
    assert lab["tested"](net, low, high, lambda x: x) == pytest.approx((1, 1, 0.05))
    assert lab["tested"](net, high, low, lambda x: x) == pytest.approx((0, 0, 0.05))
    assert lab["tested"](net, low, low, lambda x: x)[0] == pytest.approx(0.5)
    auc, hits, alarms = lab["tested"](net, low, high, lambda x: 0 * x + 0.9)  # all pictures alike, above the level
    assert (auc, hits, alarms) == (0.5, 1, 1), "the level is that of unchanged pictures, and both sides are changed"


def test_changes_do_what_they_say(lab):
    dot, flat = torch.zeros(1, 1, 28, 28), torch.full((1, 1, 28, 28), 0.25)
    dot[0, 0, 14, 14] = 1
    kernel = torch.tensor([1.0, 2.0, 1.0]) / 4
    torch.testing.assert_close(lab["blur"](dot)[0, 0, 13:16, 13:16], torch.outer(kernel, kernel))
    torch.testing.assert_close(lab["halve"](flat), flat)
    assert lab["halve"](dot).max() < 0.3, "a dot is spread over its block of four"
    images = gh.load_images("mnist").images[:50]
    off = lab["squeeze"](images) - images
    step = 0.15 * (1 + torch.arange(7)[:, None] + torch.arange(7))
    assert 0.01 < off.square().mean().sqrt() < (step.square() / 12).mean().sqrt() * 1.2
    torch.manual_seed(1)
    assert (lab["noisy"](images) - images).std().item() == pytest.approx(0.2, rel=0.02)


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
