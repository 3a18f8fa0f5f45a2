"""benchmarks/families.py: the lab's own cells, a complete table, as many weights and as much time for all."""

import itertools
import math

import pytest
import torch

import gan_helpers as gh
from benchmarks import families


@pytest.fixture(scope="module")
def lab():
    gh.set_threads(1)
    return families.definitions()


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
    rows = families.measure((world, family, 1))
    assert [row["draw"] for row in rows] == list(families.draws_of(world, family))
    for i, row in enumerate(rows):
        assert set(row) <= set(families.COLUMNS)
        assert math.isfinite(float(row["w1" if world == "ring" else "frechet"]))
        says = family not in ("GAN",) and (world == "ring" or family in ("VAE", "autoregressive"))
        assert ("nll" in row) == (says and i == 0)


def test_the_table_is_complete():
    rows = gh.load_results("families")
    assert tuple(rows[0]) == families.COLUMNS
    keys = [tuple(row[name] for name in families.KEY) for row in rows]
    wanted = [
        (world, family, str(seed), draw)
        for world, family in itertools.product(families.WORLDS, families.FAMILIES)
        for seed in families.seeds_of(world)
        for draw in families.draws_of(world, family)
    ]
    assert sorted(keys) == sorted(wanted)
    for world, seconds in families.SECONDS.items():
        here = [row for row in rows if row["world"] == world]
        weights = [int(row["weights"]) for row in here]
        assert max(weights) <= 1.1 * min(weights)
        assert {float(row["seconds"]) for row in here} == {seconds}
        assert {row["threads"] for row in here} == {"1"}


def test_training_averages_and_stops_by_its_clock(lab):
    torch.manual_seed(1)
    model, steps = lab["fit"](lab["RING"]["flow"](), lambda: torch.randn(8, 2), lambda k: k / 7, 1e-3)
    assert steps == 7
    assert not any(p.requires_grad for p in model.parameters())


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
