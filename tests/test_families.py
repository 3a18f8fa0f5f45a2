"""benchmarks/families.py: the lab's own cells, a complete table, about as many weights and as much time for all."""

import itertools
import math

import pytest
import torch

import gan_helpers as gh
from benchmarks import families
from benchmarks.labs import definitions


@pytest.fixture(scope="module")
def lab():
    gh.set_threads(1)
    return definitions("families")


def test_the_labs_cells_hold_all_that_is_measured(lab):
    for name in ("RING", "RING_RATES", "DIGITS", "RATES"):
        assert tuple(lab[name]) == families.FAMILIES
    assert "ring" not in lab, "only definitions run, no training"


@pytest.mark.parametrize("world", ["RING", "DIGITS"])
def test_all_have_about_as_many_weights(lab, world):
    sizes = [sum(p.numel() for p in build().parameters()) for build in lab[world].values()]
    assert max(sizes) <= 1.1 * min(sizes)


@pytest.mark.parametrize(("world", "family"), [*itertools.product(families.WORLDS, families.FAMILIES)])
def test_a_run_gives_each_way_to_draw_its_row(monkeypatch, world, family):
    monkeypatch.setitem(families.SECONDS, world, 0.05)
    monkeypatch.setattr(families, "SAMPLES", 20)
    monkeypatch.setattr(families, "judge_of", lambda name: gh.ConvClassifier())
    monkeypatch.setitem(families.DRAWS, "diffusion", ("DDPM 2", "DDIM 1"))
    monkeypatch.setitem(families.DRAWS, "flow", ("flow 2", "flow 1"))
    rows = families.measure((world, family, 1, 0.003))
    assert [row["draw"] for row in rows] == list(families.draws_of(world, family))
    for i, row in enumerate(rows):
        assert row["rate"] == 0.003
        assert set(row) <= set(families.COLUMNS)
        assert math.isfinite(float(row["w1" if world == "ring" else "frechet"]))
        says = family not in ("GAN",) and (world == "ring" or family in ("VAE", "autoregressive"))
        assert ("nll" in row) == (says and i == 0)


def test_the_table_is_complete(lab):
    rows = gh.load_results("families")
    assert tuple(rows[0]) == families.COLUMNS
    keys = [tuple(row[name] for name in families.KEY) for row in rows]
    wanted = [
        (world, family, str(seed), str(rate), draw)
        for world in (*families.WORLDS, "reference")
        for family in families.families_of(world)
        for seed in families.seeds_of(world)
        for rate in families.rates_of(lab, world, family, rows)
        for draw in families.draws_of(world, family)
    ]
    assert sorted(keys) == sorted(wanted)
    for world, seconds in families.SECONDS.items():
        here = [row for row in rows if row["world"] == world]
        weights = [int(row["weights"]) for row in here]
        assert max(weights) <= 1.1 * min(weights)
        assert {float(row["seconds"]) for row in here} == {seconds}
        assert {row["threads"] for row in here} == {"1"}


def test_the_labs_rates_are_those_of_the_smallest_distance_among_the_tried(lab):
    rows = [row for row in gh.load_results("families") if row["world"] == "choice"]
    for family in families.FAMILIES:
        far = {float(row["rate"]): float(row["frechet"]) for row in rows if row["family"] == family}
        assert set(families.CHOICES) <= set(far)
        assert lab["RATES"][family] == min(far, key=far.__getitem__)


@pytest.mark.parametrize(
    ("distances", "further"),
    [((1, 2, 3, 4), (0.0005,)), ((2, 1, 3, 4), ()), ((4, 3, 1, 2), ()), ((4, 3, 2, 1), (0.016,)), ((4, 3, 2), ())],
)
def test_one_further_rate_is_tried_where_the_best_lies_at_an_edge(lab, distances, further):
    rows = [
        {"world": "choice", "family": "flow", "rate": str(rate), "frechet": str(distance)}
        for rate, distance in zip(families.CHOICES, distances, strict=False)
    ]
    other = [row | {"family": "GAN", "frechet": str(9 - float(row["frechet"]))} for row in rows]
    found = families.rates_of(lab, "choice", "flow", other + rows)
    assert found == families.CHOICES + further
    beyond = [{**rows[0], "rate": str(rate), "frechet": "0"} for rate in further]
    assert families.rates_of(lab, "choice", "flow", other + rows + beyond) == found, "one further rate, no more"


class Line(torch.nn.Module):
    """One weight with the gradient 1: plain descent would lower it by the rate."""

    betas = (0.9, 0.999)

    def __init__(self):
        super().__init__()
        self.w = torch.nn.Parameter(torch.zeros(()))

    def players(self):
        return (self,)

    def losses(self, real):
        yield self.w * real


def test_training_averages_the_weights_and_lets_the_rate_fall(lab):
    model = Line()
    average, steps = lab["fit"](model, lambda: torch.ones(()), lambda k: k / 4, 0.1, 0.9)
    assert steps == 4
    assert not average.w.requires_grad
    weight, mean = 0.0, 0.0
    for rate in (0.1, 0.1, 0.1, 0.05):  # Adam's step for a constant gradient is the rate
        weight -= rate
        mean = 0.9 * mean + 0.1 * weight
    assert model.w.item() == pytest.approx(weight, abs=1e-5)
    assert average.w.item() == pytest.approx(mean, abs=1e-5)


@pytest.mark.parametrize("world", ["ring", "digits"])
def test_a_run_counts_processor_time(lab, monkeypatch, world):
    ticks = itertools.count()
    monkeypatch.setattr(families.time, "process_time", lambda: float(next(ticks)))
    assert families.train(lab, (world, "GAN", 1, 0.001), 3)[1] == 2, "asked at 1, 2 and 3 after the start"


def test_scores_compare_with_images_that_no_family_learned_from(lab, monkeypatch):
    asked = []

    class Judge:
        def features(self, images):
            asked.append(images)
            return images.flatten(1)[:, ::50]

    monkeypatch.setattr(families, "judge_of", lambda name: Judge())
    held = gh.load_images("mnist").images[lab["TRAIN"] :]
    families.scores(lab, "digits", None, torch.randn(50, 1, 28, 28), first=False)
    assert torch.equal(asked[0], held)


def test_references_are_scored(monkeypatch):
    monkeypatch.setattr(families, "SAMPLES", 20)
    monkeypatch.setattr(families, "judge_of", lambda name: gh.ConvClassifier())
    for name in families.REFERENCES:
        (row,) = families.measure(("reference", name, 1, math.nan))
        assert set(row) <= set(families.COLUMNS)
        assert math.isfinite(float(row["frechet"]))


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [(["--world", "moon"], "invalid choice"), (["--seed", "9"], "invalid choice"), (["x"], "unrecognized")],
)
def test_wrong_orders_get_a_sentence(arguments, reason, capsys):
    with pytest.raises(SystemExit, match="2"):
        families.main(arguments)
    said = capsys.readouterr().err
    assert len(said.splitlines()) == 1
    assert reason in said
