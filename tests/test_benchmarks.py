"""The scripts in benchmarks/: settings equal to the labs', files as promised, wrong arguments met with a sentence."""

import ast
import csv
import subprocess
import sys
from pathlib import Path

import nbformat
import numpy as np
import pytest
import torch

import gan_helpers as gh
from benchmarks import faults, record_runs, train_and_sample, tricks
from gan_helpers.recipes import RECIPES

ROOT = Path(__file__).parents[1]


def settings_of(lab: str) -> dict[str, list]:
    """Every constant that the lab assigns to a name in capitals."""
    found: dict[str, list] = {}
    for cell in nbformat.read(ROOT / "book" / lab / "lab.ipynb", as_version=4).cells:
        if cell.cell_type != "code" or cell.source.startswith("try:"):
            continue
        for node in ast.parse(cell.source).body:
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id.isupper():
                try:
                    found.setdefault(node.targets[0].id, []).append(ast.literal_eval(node.value))
                except ValueError:
                    continue
    return found


@pytest.mark.parametrize("model", RECIPES)
def test_recipes_are_the_settings_of_the_labs(model):
    recipe = RECIPES[model]
    settings = settings_of(recipe.lab)
    for name in ("latent_dim", "batch", "learning_rate", "betas"):
        assert settings[name.upper()] == [getattr(recipe, name)], name
    for name in ("width", "ema_decay", "penalty", "instance_noise", "mismatch"):
        if getattr(recipe, name):
            assert settings[name.upper()] == [getattr(recipe, name)], name
    if recipe.critic_steps > 1:
        assert settings["CRITIC_STEPS"] == [recipe.critic_steps]


@pytest.mark.parametrize("model", RECIPES)
def test_train_and_sample(model, tmp_path, capsys):
    out = tmp_path / "samples.npz"
    arguments = ["--model", model, "--data", "fashion", "--seconds", "0.5", "--seed", "3", "--out", str(out)]
    assert train_and_sample.main(arguments) == 0
    with np.load(out, allow_pickle=False) as arrays:
        assert arrays["images"].shape == (5000, 28, 28)
        assert arrays["images"].dtype == np.uint8
        assert arrays["images"].std() > 0
        assert int(arrays["steps"]) >= 1
        assert f"{int(arrays['steps']):,} steps" in capsys.readouterr().out
        assert ("labels" in arrays) == (model == "cgan")
        if model == "cgan":
            assert arrays["labels"].dtype == np.uint8
            assert np.bincount(arrays["labels"]).tolist() == [500] * 10


def test_a_seed_gives_the_same_first_step():
    data = gh.load_images("mnist")
    runs = [
        train_and_sample.train("dcgan", data.images, data.labels, seconds=1e-9, seed=seed, device=torch.device("cpu"))
        for seed in (1, 1, 2)
    ]
    weights = [torch.cat([w.flatten() for w in generator.parameters()]) for generator, _ in runs]
    assert [steps for _, steps in runs] == [1, 1, 1]
    assert torch.equal(weights[0], weights[1])
    assert not torch.equal(weights[0], weights[2])


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ([], "--model"),
        (["--model", "vae"], "invalid choice: 'vae'"),
        (["--model", "mlp", "--data", "cifar"], "invalid choice: 'cifar'"),
        (["--model", "mlp", "--seconds", "-1"], "a number of seconds above 0 is needed, but '-1' came"),
        (["--model", "mlp", "--seconds", "nan"], "a number of seconds above 0"),
        (["--model", "mlp", "--seconds", "soon"], "a number of seconds above 0"),
        (["--model", "mlp", "--seed", "-3"], "a whole number from 0 to 4294967295"),
        (["--model", "mlp", "--seed", "1.5"], "a whole number from 0 to 4294967295"),
        (["--model", "mlp", "--out", "samples.txt"], "a file name that ends in .npz"),
        (["--model", "mlp", "--out", "nowhere/samples.npz"], "the folder 'nowhere' does not exist"),
    ],
)
def test_wrong_arguments_get_one_sentence(arguments, reason):
    command = [sys.executable, "-m", "benchmarks.train_and_sample", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert reason in done.stderr


def test_the_table_of_tricks_is_complete():
    with open(tricks.RESULTS, newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert tuple(rows[0]) == tricks.COLUMNS
    keys = [(row["world"], row["trick"], row["variant"], int(row["seed"])) for row in rows]
    wanted = [(world, trick.name, trick.variant, seed) for world, trick, seed in tricks.jobs(set(), None)]
    assert sorted(keys) == sorted(wanted)
    assert len(tricks.SEEDS) >= 5
    assert gh.load_results("tricks") == rows


def test_recorded_runs_are_complete_and_ill_as_told(monkeypatch):
    rows = gh.load_results("runs")
    assert tuple(rows[0]) == record_runs.LOGGED
    parts = {(int(row["run"]), row["part"]) for row in rows}
    assert parts == {
        (n, part) for n, run in record_runs.RUNS.items() for part in ("ill", "cured") if run[2] or part == "ill"
    }
    assert {(int(row["run"]), row["part"]) for row in gh.load_results("run_samples")} == parts
    last = {(int(row["run"]), row["part"]): {k: float(row[k]) for k in record_runs.LOGGED[2:]} for row in rows}
    for number, (name, _, cured) in record_runs.RUNS.items():
        if cured:
            assert last[number, "cured"]["w1"] < 0.7 * last[number, "ill"]["w1"], name
    names = {run[0]: last[number, "ill"] for number, run in record_runs.RUNS.items()}
    assert names["lazy discriminator"]["d_loss"] > 2
    assert names["output range too small"]["gradient"] > 1 > names["vanishing gradient"]["gradient"]
    assert abs(names["sigmoid twice"]["d_fake"] - 0.5) < 0.001
    assert names["memorising discriminator"]["d_real"] > names["memorising discriminator"]["d_held_out"] + 0.05
    monkeypatch.setattr(record_runs, "STEPS", 2)
    log, real, fake = record_runs.play(record_runs.HEALTHY)
    assert set(log[0]) == set(record_runs.LOGGED[2:])
    assert real.shape == fake.shape == (record_runs.SHOWN, 2)


def test_the_page_of_recorded_runs_reads_its_tables_rightly():
    """Numbers of book/runs.md, from the recorded tables."""
    runs = {}
    for row in gh.load_results("runs"):
        numbers = {key: float(row[key]) for key in record_runs.LOGGED[2:]}
        runs.setdefault((int(row["run"]), row["part"]), []).append(numbers)
    ends = {}
    for row in gh.load_results("run_samples"):
        ends.setdefault((int(row["run"]), row["part"], row["kind"]), []).append([float(row["x"]), float(row["y"])])
    fake = {key[:2]: torch.tensor(points) for key, points in ends.items() if key[2] == "fake"}

    def column(run, name, part="ill"):
        return np.array([entry[name] for entry in runs[run, part]])

    def modes(run, part="ill"):
        return gh.mode_coverage(fake[run, part], gh.ring_centres(8), radius=0.3)

    assert column(1, "d_real").min() > 0.5 > 0.53 - column(1, "d_real").max()
    assert column(1, "d_loss")[-1] > np.log(4)
    assert modes(2).counts.sum() == 0
    assert abs(column(2, "d_loss")[26:].mean() - np.log(4)) < 0.03
    assert modes(3).covered == 7
    assert sorted(modes(3).counts.tolist())[:2] == [1, 4]
    assert modes(3).good_share == pytest.approx(0.68, abs=0.01)
    assert all(runs[run, "cured"] == runs[3, "ill"] for run in (1, 2, 4, 6))
    assert 25 < column(4, "gradient").max() < 35
    assert column(5, "gradient").max() < 0.005
    w1 = dict(zip(column(5, "step", "cured"), column(5, "w1", "cured"), strict=True))
    assert (round(w1[460], 1), round(w1[1000], 1)) == (0.8, 1.4)
    late = column(6, "step") > 400
    assert abs(column(6, "d_loss")[late] - np.log(4)).max() < 0.001
    apart = (column(7, "d_real") - column(7, "d_held_out"))[column(7, "step") > 100]
    assert apart.mean() == pytest.approx(0.14, abs=0.01)
    assert column(8, "d_loss").max() - column(8, "d_loss").min() > 1
    assert np.ptp(column(8, "d_loss", "cured")) < 0.1


def test_the_table_of_faults_is_complete():
    rows = gh.load_results("faults")
    assert tuple(rows[0]) == faults.COLUMNS
    keys = {(r["d_unit"], r["g_unit"], float(r["beta1"]), int(r["seed"]), int(r["steps"])) for r in rows}
    assert keys == {(*job, steps) for job in faults.jobs(set()) for steps in faults.LOOKS}
    assert len(rows) == len(keys)
    train = gh.load_images("mnist").images[:8000]
    _, samples, *_ = next(faults.play(("sigmoid", "tanh", 0.9, 1), train, looks=(2,)))
    assert samples.shape == (faults.SAMPLES, 1, 28, 28)


def test_unknown_results():
    with pytest.raises(ValueError, match=r"choose one of .*runs, tricks"):
        gh.load_results("nothing")


def test_a_measured_row_has_the_columns(monkeypatch):
    monkeypatch.setattr(tricks, "RING_STEPS", 5)
    trick = next(trick for trick in tricks.TRICKS if trick.settings.r1)
    row = tricks.measure(("ring", trick, 1))
    assert set(row) <= set(tricks.COLUMNS)
    assert (row["trick"], row["finite"]) == ("R1", 1)


def test_rescaled_sigmoid_stays_in_the_range_of_tanh():
    x = torch.linspace(-8, 8, 50)
    torch.testing.assert_close(tricks.Scaled()(x), torch.tanh(x / 2))


@pytest.mark.parametrize("trick", tricks.TRICKS, ids=lambda trick: f"{trick.name}: {trick.variant}")
def test_every_variant_builds_digits(trick):
    generator, discriminator = tricks.build_digits(trick.settings)
    fake = generator(torch.randn(4, tricks.LATENT_DIM))
    assert fake.shape == (4, 1, 28, 28)
    assert discriminator(fake).shape == (4,)


def test_wrong_trick_or_count():
    for arguments in (["--only", "magic"], ["--processes", "0"]):
        with pytest.raises(SystemExit, match="2"):
            tricks.main(arguments)
