"""The scripts in benchmarks/: settings equal to the labs', files as promised, wrong arguments met with a sentence."""

import ast
import copy
import dataclasses
import itertools
import math
import subprocess
import sys
from pathlib import Path

import nbformat
import numpy as np
import pytest
import torch
from torch.nn.functional import softplus
from torch.utils.flop_counter import FlopCounterMode

import gan_helpers as gh
from benchmarks import faults, levers, minute, speed, textbook, train_and_sample, tricks
from gan_helpers.recipes import RECIPES, build, make_steps, slow_down

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


def tricks_table() -> list[dict[str, str]]:
    return gh.load_results("tricks")


def test_the_table_of_tricks_is_complete():
    rows = tricks_table()
    assert tuple(rows[0]) == tricks.COLUMNS
    assert tricks.work_left(rows) == []
    keys = [tuple(row[name] for name in tricks.KEY) for row in rows]
    assert len(set(keys)) == len(keys)
    wanted = {job.key(steps) for job in tricks.jobs(rows) for steps in job.looks}
    averages = {key for key in keys if key[3:5] in tricks.AVERAGES}
    assert set(keys) - averages == wanted
    plain = {(*key[:3], key[5]) for key in keys if key[3] == "plain" and key[1] == str(tricks.all_images(key[0]))}
    assert {(*key[:3], key[5]) for key in averages} == plain
    assert all(row["torch"] and row["threads"] == "1" and row["machine"] for row in rows)


def test_control_groups_have_seeds_that_chose_nothing():
    assert all(min(control) > 10 > max(seeds) for seeds, control in tricks.SEEDS.values())
    assert max(tricks.MORE_SEEDS) < 10
    named = [trick for trick in tricks.TRICKS if "digits" in trick.matters]
    assert len(named) + 1 >= 10  # the average of the weights is the tenth: it needs no runs of its own
    assert len([trick for trick in tricks.TRICKS if "ring" in trick.matters]) + 1 >= 10


@pytest.mark.parametrize(("world", "column"), [("digits", "frechet"), ("ring", "good_share")])
def test_a_rerun_is_like_the_stored_row(world, column):
    """On one machine it is the same to the last digit; elsewhere training takes another path.

    So it is held to four standard deviations of the control group, of logarithms on digits.
    """
    images, steps = tricks.all_images(world), tricks.steps_of(world, "main")
    stored = [
        float(row[column])
        for row in tricks_table()
        if (row["world"], row["images"], row["steps"], row["trick"]) == (world, str(images), str(steps), "plain")
    ]
    job = tricks.Job(world, images, tricks.PLAIN, 11, (steps,))
    again = float(tricks.measure(job)[0][column])
    scores = np.array([*stored, again])
    if world == "digits":
        scores = np.log(scores)
    assert len(stored) >= 16
    assert abs(scores[-1] - scores[:-1].mean()) < 4 * scores[:-1].std(ddof=1)


def test_a_spread_asks_for_more_seeds():
    rows = [row for row in tricks_table() if row["variant"] == "beta1 = 0.9" and row["world"] == "digits"]
    trick = next(trick for trick in tricks.TRICKS if trick.variant == "beta1 = 0.9")
    for row, score in zip(rows, ("20", "21", "20", "19", "20"), strict=False):
        row["frechet"] = score
    assert not tricks.spreads(trick, rows[:5])
    rows[0]["frechet"] = "60"
    assert tricks.spreads(trick, rows[:5])
    assert not tricks.spreads(trick, rows[:4])


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
    with pytest.raises(ValueError, match=r"choose one of .*runs, .*tricks"):
        gh.load_results("nothing")


@pytest.mark.parametrize("trick", tricks.TRICKS, ids=lambda trick: f"{trick.name}: {trick.variant}")
def test_every_variant_trains_and_is_scored(trick):
    for world in trick.worlds:
        rows = tricks.measure(tricks.Job(world, 2000, trick, 1, (4, 8)))
        assert [row["steps"] for row in rows] == ["4", "8"]
        assert all(set(row) <= set(tricks.COLUMNS) and row["finite"] == 1 for row in rows)


def test_a_plain_run_brings_its_averages_and_a_look_changes_nothing():
    short, long = (
        tricks.measure(tricks.Job("digits", tricks.TRAIN, tricks.PLAIN, 1, looks)) for looks in ((4,), (2, 4))
    )
    assert [row["variant"] for row in short] == ["plain", *(variant for _, variant in tricks.AVERAGES)]
    assert long[3:] == short


def test_a_run_that_diverges_keeps_its_row(monkeypatch):
    def diverge(*_, **__):
        raise gh.TrainingDiverged(1, "d_loss", math.nan, {})
        yield

    monkeypatch.setattr(tricks, "train", diverge)
    rows = tricks.measure(tricks.Job("ring", 640, tricks.PLAIN, 1, (2, 4)))
    assert [(row["steps"], row["finite"], row.get("good_share")) for row in rows] == [("2", 0, None), ("4", 0, None)]


def test_augmentation_shifts_cuts_and_adapts():
    torch.manual_seed(1)
    always, adaptive = tricks.Augment("always"), tricks.Augment("adaptive")
    white = torch.ones(2000, 1, 28, 28, requires_grad=True)
    seen = always(white)
    assert seen.shape == white.shape
    assert set(seen.unique().tolist()) == {-1.0, 1.0}
    assert (seen == -1).float().mean() > 0.15  # a hole of a quarter, partly outside, and the borders
    seen.sum().backward()
    assert set(white.grad.unique().tolist()) == {0.0, 1.0}  # gradients pass where a pixel is seen
    assert torch.equal(adaptive(white), white)  # at p = 0
    for _ in range(100):
        adaptive.watch(torch.ones(32))
    assert adaptive.p == pytest.approx(100 * 32 / tricks.ADA_RAMP)
    for _ in range(500):
        adaptive.watch(-torch.ones(32))
    assert adaptive.p == 0


def test_rates_fall_as_the_theory_asks(monkeypatch):
    seen = []
    adam = torch.optim.Adam

    class Watched(adam):
        def step(self, *args, **kwargs):
            seen.append((id(self), self.param_groups[0]["lr"]))
            return super().step(*args, **kwargs)

    monkeypatch.setattr(torch.optim, "Adam", Watched)
    settings = tricks.Settings(d_decay=0.6, g_decay=0.9)
    generator, discriminator = tricks.build_ring(settings)
    data = torch.randn(600, 2)
    for _ in tricks.train(settings, generator, discriminator, data, (101,), 1):
        pass
    d_rates, g_rates = ([rate for who, rate in seen if who == one] for one in dict.fromkeys(who for who, _ in seen))
    assert d_rates[0] == g_rates[0] == 1e-3
    assert d_rates[100] == pytest.approx(1e-3 / 2**0.6)
    assert g_rates[100] == pytest.approx(1e-3 / 2**0.9)


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
    for arguments in (["--only", "magic"], ["--world", "moon"], ["--processes", "0"]):
        with pytest.raises(SystemExit, match="2"):
            tricks.main(arguments)


@pytest.fixture(scope="module")
def some_digits():
    digits = gh.load_images("mnist")
    return gh.to_bytes(digits.images[:640]).squeeze(1).numpy(), digits.labels[:640], digits.images[:640]


def test_textbook_pictures_are_the_embedded_ones(some_digits):
    pixels, labels, images = some_digits
    shown, label = textbook.Pictures(pixels, labels)[7]
    torch.testing.assert_close(shown, images[7], atol=1e-6, rtol=0)
    assert label == int(labels[7])


@pytest.mark.parametrize(
    ("model", "seen", "learning_rate", "betas"),
    [
        ("mlp", 100, 2e-4, None),
        ("dcgan", 128, 2e-4, (0.5, 0.999)),
        ("wgan-gp", 320, 1e-4, (0.0, 0.9)),
        ("cgan", 64, 2e-4, (0.5, 0.999)),
        ("source 003", 64, 2e-4, None),
    ],
)
def test_textbook_programs_are_what_they_say(model, seen, learning_rate, betas, some_digits, monkeypatch):
    pixels, labels, _ = some_digits
    losses, settings = [], []

    class Watched(torch.nn.BCELoss):
        def forward(self, probability, target):
            losses.append((probability.detach(), target, super().forward(probability, target)))
            return losses[-1][2]

    class Adam(torch.optim.Adam):
        def __init__(self, parameters, **given):
            settings.append(given)
            super().__init__(parameters, **given)

    monkeypatch.setattr(torch.nn, "BCELoss", Watched)
    monkeypatch.setattr(torch.optim, "Adam", Adam)
    torch.manual_seed(1)
    game, draw = textbook.PROGRAMS[model](pixels, labels)
    assert [next(game), next(game)] == [seen, seen]
    assert settings == [{"lr": learning_rate} | ({"betas": betas} if betas else {})] * 2
    images = draw(torch.arange(20) % 10)
    assert images.shape == (20, 1, 28, 28)
    assert images.abs().max() <= 1
    targets = [float(target.mean()) for _, target, _ in losses]
    assert targets == ([] if model in ("wgan-gp", "source 003") else [1, 0, 1] * 2)  # real, fake, generator
    for probability, target, loss in losses:
        sign = 1 - 2 * target  # the textbook's logarithms are our softplus on logits
        torch.testing.assert_close(loss, softplus(sign * torch.logit(probability)).mean(), atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("batch", [1, 5])
@pytest.mark.parametrize(("norm", "wanted"), [(1.0, 0.0), (3.0, 4.0)])
def test_textbook_penalty(batch, norm, wanted):
    direction = torch.nn.functional.normalize(torch.randn(784), dim=0) * norm
    real, fake = torch.randn(2, batch, 1, 28, 28)
    found = textbook.penalty(lambda x: x.flatten(1) @ direction, real, fake)
    torch.testing.assert_close(found, torch.tensor(wanted), atol=1e-4, rtol=1e-4)


def test_our_side_of_speed_is_the_labs_program():
    digits, recipe = gh.load_images("mnist"), RECIPES["dcgan"]
    gh.seed_everything(3)
    generator, discriminator = build(recipe)
    average = copy.deepcopy(generator).eval()
    d_step, g_step, _ = make_steps(recipe, generator, discriminator)
    stream = gh.BatchStream(digits.images, digits.labels, batch_size=32, seed=3)
    list(gh.train_gan(d_step, g_step, stream, steps=1, progress=False))
    gh.ema_update(average, generator, decay=0.995)
    gh.seed_everything(3)
    game, draw = speed.ours("dcgan", digits.images, digits.labels, 3)
    assert next(game) == 32
    torch.manual_seed(1)
    z = torch.randn(10, 64)
    torch.manual_seed(1)
    assert torch.equal(draw(torch.arange(10)), average(z))


def test_a_minute_is_measured(monkeypatch):
    monkeypatch.setattr(minute, "judge_of", lambda data: gh.ConvClassifier().eval().requires_grad_(False))
    monkeypatch.setattr(minute, "second_judge", minute.judge_of)
    (row,) = minute.measure(("fashion", 3, "cgan", 0.02))
    assert [row[name] for name in minute.KEY] == ["cgan", "fashion", 3, "0.02"]
    assert row["steps"] >= 1
    assert set(row) == set(minute.COLUMNS)
    assert 0 <= float(row["read_as_asked"]) <= 1


def test_the_table_of_a_minute_holds_all_runs_on_digits():
    rows = gh.load_results("minute")
    assert tuple(rows[0]) == minute.COLUMNS
    found = [(row["data"], int(row["seed"]), row["model"], float(row["seconds"])) for row in rows]
    assert len(found) == len(set(found))
    assert {job for job in minute.jobs() if job[0] == "mnist"} <= set(found) <= set(minute.jobs())
    assert all(bool(row["read_as_asked"]) == (row["model"] == "cgan") for row in rows)


def test_the_learning_rate_ends_with_the_run():
    recipe = dataclasses.replace(RECIPES["mlp"], fall=0.4)
    adam = torch.optim.Adam([torch.zeros(1)], recipe.learning_rate)
    rates = []
    for passed in (0.0, 0.5, 0.6, 0.8, 1.0):
        slow_down(recipe, [adam], passed)
        rates.append(adam.param_groups[0]["lr"] / recipe.learning_rate)
    assert rates == pytest.approx([1, 1, 1, 0.5, 0])
    slow_down(RECIPES["mlp"], [adam], 0.9)  # which has no fall
    assert adam.param_groups[0]["lr"] == 0


def test_a_pair_runs_side_by_side(monkeypatch):
    core = speed.cores()[0]  # one will do
    monkeypatch.setattr(speed, "cores", lambda: [core, core])
    monkeypatch.setattr(speed, "judged", lambda images: {"frechet": "1.00", "read_as_asked": f"{images.std():.1f}"})
    rows = speed.measure("mlp", 2, (0.01, 0.02))
    assert [(row["program"], row["seconds"]) for row in rows] == list(
        itertools.product(("ours", "textbook"), ("0.01", "0.02"))
    )
    assert all(
        row["steps"] >= 1 and row["images_seen"] == row["steps"] * (64, 100)[i // 2] for i, row in enumerate(rows)
    )
    assert all(set(row) | {"covered", "precision", "recall", "read_as_asked"} == set(speed.COLUMNS) for row in rows)
    assert not any("read_as_asked" in row for row in rows)  # for conditional models alone


def test_a_program_that_dies_is_named(monkeypatch, capfd):
    core = speed.cores()[0]
    monkeypatch.setattr(speed, "cores", lambda: [core, core])
    with pytest.raises(RuntimeError, match=r"the pair mlp, seed 1, ended without a result"):
        speed.measure("mlp", 1, ("no number",))
    assert "TypeError" in capfd.readouterr().err


def test_what_the_judge_says():
    digits = gh.load_images("mnist")
    by_class = digits.labels[:6000].argsort(stable=True)
    images = torch.stack([digits.images[by_class[digits.labels[by_class] == i % 10][i // 10]] for i in range(2000)])
    real = speed.judged(images)
    noise = speed.judged(torch.rand_like(images) * 2 - 1)
    assert float(real["frechet"]) < 20 < 1000 < float(noise["frechet"])
    assert float(real["read_as_asked"]) > 0.9 > 0.3 > float(noise["read_as_asked"])
    assert (real["covered"], float(real["precision"]) > 0.8, float(real["recall"]) > 0.8) == (10, True, True)
    assert speed.judged(images * torch.nan) == {}


def test_tables_of_speed_are_complete():
    rows = gh.load_results("speed")
    assert tuple(rows[0]) == speed.COLUMNS
    wanted = {
        (pair, program, str(seed), f"{mark:g}")
        for pair, (_, rival) in speed.PAIRS.items()
        for program in ("ours", rival)
        for seed in speed.SEEDS
        for mark in speed.MARKS
    }
    assert {(row["pair"], row["program"], row["seed"], row["seconds"]) for row in rows} == wanted
    assert len(rows) == len(wanted)
    for row in rows:
        assert row["model"] == speed.PAIRS[row["pair"]][0]
        assert bool(row["read_as_asked"]) == (row["model"] == "cgan")
    waiting = gh.load_results("waiting")
    assert tuple(waiting[0]) == speed.WAITING_COLUMNS
    assert [row["what"] for row in waiting] == list(speed.WAITS)


def test_speed_goes_on_where_it_stopped(tmp_path, monkeypatch, capsys):
    measured = []

    def measure(pair, seed):
        measured.append((pair, seed))
        return [{"pair": pair, "seed": seed, "program": "ours"}]

    monkeypatch.setattr(speed, "RESULTS", tmp_path)
    monkeypatch.setattr(speed, "WAITS", {"import torch and NumPy": "pass", "import gan_helpers": "pass"})
    monkeypatch.setattr(speed, "cores", lambda: [0, 1])
    monkeypatch.setattr(speed, "measure", measure)
    assert speed.main(["--pair", "mlp", "--seed", "2"]) == 0
    assert speed.main(["--pair", "mlp"]) == 0
    assert measured == [("mlp", 2), ("mlp", 1), ("mlp", 3)]
    assert "2/2: mlp, seed 3" in capsys.readouterr().out
    assert speed.rows_of(tmp_path / "waiting.csv")[0]["times_import_torch"] == "1.00"
    monkeypatch.setattr(speed, "cores", lambda: [0])
    assert speed.main([]) == 1
    assert "two cores are needed" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("script", "arguments", "reason"),
    [
        (speed, ["--pair", "vae"], "invalid choice: 'vae'"),
        (speed, ["--seed", "one"], "invalid int value: 'one'"),
        (speed, ["--seed", "9"], "invalid choice: 9"),
        (levers, ["--only", "magic"], "invalid choice: 'magic'"),
        (minute, ["--processes", "0"], "--processes must be at least 1, but 0 came"),
    ],
)
def test_wrong_arguments_of_measurements(script, arguments, reason, capsys):
    with pytest.raises(SystemExit, match="2"):
        script.main(arguments)
    said = capsys.readouterr().err
    assert len(said.splitlines()) == 1
    assert reason in said


def test_tables_of_levers_are_complete():
    rows = gh.load_results("levers")
    assert tuple(rows[0]) == levers.COLUMNS
    keys = [tuple(row[name] for name in levers.COLUMNS[:4]) for row in rows]
    assert sorted(keys) == sorted(job[:4] for job in levers.levers())
    assert len(keys) == len(set(keys))
    for row in rows:
        assert 0 < float(row["lower"]) <= float(row["steps_ratio"]) <= float(row["upper"])
        assert int(row["rounds"]) >= 7
    bounds = gh.load_results("bounds")
    assert tuple(bounds[0]) == levers.BOUNDS
    assert {row["model"] for row in bounds} == {"machine", *RECIPES}
    assert all(0 <= float(row["value"]) <= 1.2 for row in bounds if row["unit"] == "share")


def test_levers_alternate_and_go_on_where_they_stopped(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(levers, "RESULTS", tmp_path)
    monkeypatch.setattr(levers, "cores", lambda: [0, 1])
    monkeypatch.setattr(levers, "ROUNDS", 2)
    monkeypatch.setattr(levers, "BLOCK", 0.01)
    assert levers.main(["--only", "optimiser"]) == 0
    rows = levers.rows_of(tmp_path / "levers.csv")
    assert [(row["setting"], row["model"]) for row in rows] == [
        ("plain loop", "dcgan"), ("foreach", "dcgan"), ("plain loop", "mlp"), ("foreach", "mlp")
    ]  # fmt: skip
    assert "1/4" in capsys.readouterr().out
    assert levers.main(["--only", "optimiser"]) == 0
    assert capsys.readouterr().out == ""
    turns = []

    def lab(): ...

    def lever(): ...

    monkeypatch.setattr(levers, "rate", lambda step, seconds: turns.append(step) or {lab: 2.0, lever: 3.0}[step])
    assert levers.alternate(lab, lever) == [1.5, 1.5]
    assert turns == [lever, lab, lab, lever]


@pytest.mark.parametrize(
    "changes",
    [{"pictures": True}, {"optimizer": "loop"}, {"freeze": False}, {"item": True}],
    ids=lambda changes: next(iter(changes)),
)
def test_changed_steps_run(changes):
    step = levers.play(RECIPES["mlp"], **changes)
    step()
    step()


def test_floating_point_operations_and_bytes():
    recipe = RECIPES["dcgan"]
    step = levers.play(recipe)
    with levers.FlopCounter() as ours:
        step()
    with FlopCounterMode(display=False) as theirs:
        step()
    assert ours.flops == theirs.get_total_flops() > 0
    one, two, three = (levers.touched(dataclasses.replace(recipe, batch=batch)) for batch in (8, 16, 24))
    assert two - one == three - two > 0
    weights = sum(w.numel() for net in levers.build(recipe) for w in net.parameters())
    assert 2 * one - two >= 7 * 4 * weights  # what is left without a batch holds at least Adam's passes
