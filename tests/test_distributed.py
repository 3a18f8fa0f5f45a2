"""Two processes do what one does on the same batch; wrong starts and deaths end in a sentence, and the run goes on."""

import copy
import csv
import errno
import os
import socket
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from ranks import BATCH, MISTAKES, SEED, STEPS, doubles, far, weights
from torch import nn
from torch.testing import assert_close

import gan_helpers as gh
from benchmarks import scaling
from gan_helpers import distributed
from gan_helpers.recipes import RECIPES, build, make_steps

ROOT = Path(__file__).parents[1]
RANKS = ROOT / "tests" / "ranks.py"
PATIENCE = 500  # seconds for anything, on a machine however busy
EXACT = {"rtol": 1e-9, "atol": 1e-9}  # of double precision


def start(*arguments: object, **variables: object) -> subprocess.Popen:
    """Start Python with none of torchrun's variables but those given."""
    ours = {name: value for name, value in os.environ.items() if name not in {*distributed._VARIABLES, "LOCAL_RANK"}}
    ours |= {"OMP_NUM_THREADS": "1"} | {name: str(value) for name, value in variables.items()}
    command = [sys.executable, *map(str, arguments)]
    return subprocess.Popen(command, cwd=ROOT, env=ours, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def end(*processes: subprocess.Popen) -> list[tuple[int, str, str]]:
    """Wait for each; return exit status, output and errors."""
    try:
        spoken = [process.communicate(timeout=PATIENCE) for process in processes]
    finally:
        for process in processes:
            process.kill()
    return [(process.returncode, *texts) for process, texts in zip(processes, spoken, strict=True)]


def torchrun(ranks: int, *arguments: object, restarts: int = 0, **variables: object) -> subprocess.Popen:
    options = ("--standalone", "--nproc-per-node", ranks, "--max-restarts", restarts)
    return start("-m", "torch.distributed.run", *options, *arguments, **variables)


def by_hand(rank: int, ranks: int, port: int, *arguments: object, **variables: object) -> subprocess.Popen:
    meeting = {"RANK": rank, "WORLD_SIZE": ranks, "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port}
    return start(*arguments, **meeting, **variables)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Where two ranks have run `compare`, which leaves 20 steps of training in `whole`."""
    folder = tmp_path_factory.mktemp("ranks")
    ((status, _, errors),) = end(torchrun(2, RANKS, "compare", folder))
    assert status == 0, errors
    return folder


@pytest.fixture(scope="module")
def found(folder):
    """What each of the two ranks saw."""
    return [torch.load(folder / f"rank-{rank}.pt", weights_only=True) for rank in (0, 1)]


@pytest.fixture
def double():
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


def alone(model: str) -> tuple[dict[str, torch.Tensor], torch.Tensor]:
    """Train as the labs do, in one process, with nothing from `gan_helpers.distributed`; return weights and losses."""
    recipe = replace(RECIPES[model], batch=BATCH)
    gh.seed_everything(SEED)
    generator, discriminator = build(recipe)
    average = copy.deepcopy(generator) if recipe.ema_decay else generator
    data = doubles()
    batches = gh.BatchStream(data.images, data.labels, batch_size=BATCH, seed=SEED)
    d_step, g_step, _ = make_steps(recipe, generator, discriminator)
    losses = []
    for record in gh.train_gan(d_step, g_step, batches, steps=STEPS, d_steps_per_g=recipe.critic_steps, progress=False):
        if recipe.ema_decay:
            gh.ema_update(average, generator, decay=recipe.ema_decay)
        losses.append([float(record.d_loss), float(record.g_loss)])
    return weights(generator, discriminator, average), torch.tensor(losses)


@pytest.mark.parametrize("model", RECIPES)
def test_two_processes_do_what_one_does(model, found, double):
    expected, losses = alone(model)
    for rank in found:
        play = rank["plays"][f"{model}, none"]
        assert play["equal"] == [True] * STEPS
        assert_close(play["losses"], losses, **EXACT)
        assert_close(play["weights"], expected, **EXACT)


@pytest.mark.parametrize("mistake", [mistake for mistake in MISTAKES if mistake != "none"])
@pytest.mark.parametrize("model", ["mlp", "dcgan"])
def test_each_part_is_needed(model, mistake, found, double):
    expected, losses = alone(model)
    play = found[0]["plays"][f"{model}, {mistake}"]
    assert not torch.allclose(play["losses"], losses, atol=1e-3)
    worst = max((play["weights"][name] - value).abs().max() for name, value in expected.items())
    assert worst > 1e-2
    assert play["equal"] == [mistake == "own draws"] * STEPS  # averaged gradients keep ranks equal, and equally wrong


@pytest.mark.parametrize(("name", "norm", "shape", "mean"), [
    ("flat", nn.BatchNorm1d, (BATCH, 4), 3.0), ("images", nn.BatchNorm2d, (BATCH, 4, 5, 6), 100.0),
])  # fmt: skip
def test_synced_batch_norm_is_batch_norm_on_the_whole_batch(name, norm, shape, mean, found, double):
    torch.manual_seed(SEED)
    inputs = {"flat": 3 + torch.randn(BATCH, 4), "images": 100 + torch.randn(BATCH, 4, 5, 6)}
    assert inputs[name].shape == shape
    x, plain = inputs[name].requires_grad_(), norm(4)
    y = plain(plain(x))
    (y * torch.sin(x.detach())).sum().backward()
    both = [rank["norms"][name] for rank in found]
    assert_close(torch.cat([one["y"] for one in both]), y.detach(), **EXACT)
    assert_close(torch.cat([one["x"] for one in both]), x.grad, **EXACT)
    for one in both:
        assert_close(one["weight"], plain.weight.grad, **EXACT)
        assert_close(one["bias"], plain.bias.grad, **EXACT)
        assert_close(one["statistics"], dict(plain.state_dict()), **EXACT)


def test_synced_batch_norm_keeps_its_digits_far_from_zero(found):
    x, plain = far().double(), nn.BatchNorm2d(4).double()
    expected = plain(plain(x)).detach()  # the second time the running mean is far from the batch's
    assert_close(torch.cat([rank["far"] for rank in found]).double(), expected, rtol=0, atol=1e-5)
    mean, square = far().mean((0, 2, 3)), far().square().mean((0, 2, 3))
    assert (square - mean.square() - 1).abs().max() > 0.5  # what sums around 0 would give


@pytest.mark.parametrize("options", [{"affine": False}, {"track_running_stats": False}, {"momentum": None}])
def test_a_batch_norm_that_cannot_be_synchronised_is_refused(options):
    with pytest.raises(ValueError, match=f"several processes needs .*{next(iter(options))}"):
        distributed.sync_batch_norm(nn.Sequential(nn.BatchNorm2d(4, **options)))


def test_synced_batch_norm_is_plain_when_it_draws():
    net = nn.Sequential(nn.Linear(3, 4), nn.Sequential(nn.BatchNorm1d(4, eps=0.1, momentum=0.3)))
    net(5 * torch.randn(20, 3))
    x = torch.randn(7, 3)
    expected = net.eval()(x)
    synced = distributed.sync_batch_norm(copy.deepcopy(net)).eval()
    assert isinstance(synced[1][0], distributed.SyncedBatchNorm)
    assert (synced[1][0].eps, synced[1][0].momentum) == (0.1, 0.3)
    assert_close(synced(x), expected)


def test_torch_has_no_synchronised_batch_norm_for_the_cpu(found):
    assert "GPU" in found[0]["torch's own"]


def test_draws_are_slices_of_one_draw(found):
    torch.manual_seed(SEED)
    ones = torch.ones(BATCH, 3)
    whole = {
        "randn": torch.randn(BATCH, 3), "rand": torch.rand(BATCH, 1), "randn_like": torch.randn_like(ones),
        "rand_like": torch.rand_like(ones), "randint_like": torch.randint_like(torch.ones(BATCH).long(), 1, 10),
        "dropout": nn.Dropout(0.3)(ones), "no dropout": ones,
    }  # fmt: skip
    outside = torch.rand(3)
    torch.manual_seed(SEED)
    drawn = [rank["draws"]["drawn"] for rank in found]
    for name, expected in whole.items():
        assert torch.equal(torch.cat([one[name] for one in drawn]), expected), name
    assert torch.equal(drawn[0]["outside"], outside)
    assert not torch.equal(drawn[0]["again"], drawn[1]["again"])
    assert [one["by name"].shape for one in drawn] == [one["again"].shape for one in drawn]


@pytest.mark.parametrize("draw", ["permutation", "in place", "unknown before known"])
def test_a_draw_that_cannot_be_shared_out_is_noticed(draw, found):
    for rank in found:
        assert "does not know" in rank["draws"]["refused"][draw]
        assert "images" in rank["draws"]["refused"]["other rows"]
        assert "shape ()" in rank["draws"]["refused"]["no rows"]


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ("another batch", "the ranks disagree: batch is 32 on rank 0 and 64 on rank 1"),
        ("another folder", "the ranks disagree: checkpoints is"),
        ("odd batch", "a batch of 33 cannot be shared out evenly to 2 processes"),
        ("too large a batch", "at most the 10000 samples there are, but 10002 came"),
        ("no batch", "batch must be at least 2, but 0 came"),
        ("no steps", "--steps must be at least 1, but 0 came"),
        ("no interval", "--every must be at least 1, but 0 came"),
        ("bad seed", "seed must lie in [0, 2**32), but -1 came"),
        ("no folder", "checkpoints cannot be written into"),
        ("no file", "cannot be written (No such file or directory)"),
        ("no npz", "a file name that ends in .npz"),
        ("other seed", "seed was 1 in the run of this folder and is 9 now"),
        ("other batch", "batch was 32 in the run of this folder and is 16 now"),
        ("other model", "model was 'dcgan' in the run of this folder and is 'mlp' now"),
        ("too few steps", "holds a run of 20 steps, so --steps 10 is too few"),
        ("too few GPUs", "needs a GPU of its own, but this is number 1 and 0 are here"),
        ("copied", "step-00000030.pt holds step 20, so its name should be step-00000020.pt"),
        ("foreign", "step-00000020.pt cannot be loaded ("),
        ("full", "the checkpoint of step 5 cannot be written to"),
        ("diverged", "d_loss became nan at step 7; the last good checkpoint is"),
    ],
)
def test_all_ranks_stop_with_the_same_sentence(wrong, sentence, found):
    said = [rank["refusals"][wrong] for rank in found]
    assert sentence in said[0]
    assert said[0] == said[1]
    assert "\n" not in said[0]


def state(folder: Path, step: int) -> dict:
    assert gh.training._is_whole(folder / f"step-{step:08d}.pt")
    return torch.load(folder / f"step-{step:08d}.pt", weights_only=True)["parts"]


def test_a_killed_rank_is_named_and_one_process_goes_on(folder, tmp_path):
    port, saved = free_port(), tmp_path / "saved"
    options = ("--model", "dcgan", "--device", "cpu", "--steps", 20, "--every", 5, "--checkpoints", saved)
    deaths = {"DIE_RANK": 0, "DIE_AT": 13}  # the writer of checkpoints, which is also where the ranks meet
    first, second = end(
        *(by_hand(rank, 2, port, RANKS, "train", *options, "--timeout", PATIENCE, **deaths) for rank in (0, 1))
    )
    assert first[0] == -9
    assert second[0] == 2
    assert second[2].splitlines() == [
        f"distributed: rank 1 lost another one, which died or hung; the last whole checkpoint is "
        f"{saved / 'step-00000010.pt'}; the same command goes on from it."
    ]
    assert [file.name for file in sorted(saved.glob("*"))] == ["step-00000005.pt", "step-00000010.pt"]
    expected = state(folder / "whole", 20)
    assert_close(state(saved, 10)["batches"]["position"], expected["batches"]["position"] // 2)
    out = tmp_path / "samples.npz"
    ((status, told, errors),) = end(torchrun(1, "-m", "gan_helpers.distributed", *options, "--out", out))
    assert status == 0, errors
    assert [line.split(":")[0] for line in told.splitlines()[:2]] == ["step 15 of 20", "step 20 of 20"]
    found = state(saved, 20)
    assert torch.equal(found["draws"]["states"][0], expected["draws"]["states"][0])
    assert torch.equal(found["batches"]["order"], expected["batches"]["order"])

    def apart(one: dict, other: dict) -> float:
        """The largest difference of a weight or statistic; the counter of batches would hide all others."""
        pairs = ((one[net][key], value) for net in NETS for key, value in other[net].items())
        return max((a - b).abs().max() for a, b in pairs if b.is_floating_point())

    assert apart(found, expected) < 0.3 * apart(state(saved, 15), expected)
    with np.load(out, allow_pickle=False) as arrays:
        assert arrays["images"].shape == (5000, 28, 28)
        assert int(arrays["steps"]) == 20


NETS = ("generator", "discriminator", "average")


def test_torchrun_replaces_a_killed_worker(folder, tmp_path):
    options = ("--model", "dcgan", "--device", "cpu", "--steps", 20, "--every", 5, "--checkpoints", tmp_path)
    run = torchrun(2, RANKS, "train", *options, "--timeout", PATIENCE, restarts=3, DIE_RANK=1, DIE_AT=13)
    ((status, told, errors),) = end(run)
    assert status == 0, errors
    assert "exitcode: -9" in errors
    assert [line.split()[1] for line in told.splitlines()] == ["5", "10", "15", "20"]
    expected, found = state(folder / "whole", 20), state(tmp_path, 20)
    for net in NETS:
        for name, value in expected[net].items():
            assert torch.equal(found[net][name], value), name


def test_wrong_starts_end_with_one_sentence():
    port, module = free_port(), ("-m", "gan_helpers.distributed", "--model", "mlp", "--device", "cpu")
    ends = end(
        *(by_hand(rank, 2, port, *module, "--seed", rank, "--timeout", PATIENCE) for rank in (0, 1)),
        by_hand(0, 2, free_port(), *module, "--timeout", 1),
        by_hand(1, 2, free_port(), *module, "--timeout", 1),
        start(*module),
        start(*module, "--timeout", "soon"),
    )
    assert [status for status, *_ in ends] == [2] * len(ends)
    assert "".join(output for _, output, _ in ends) == ""
    errors = [text.splitlines() for *_, text in ends]
    assert [len(lines) for lines in errors] == [1, 0, 1, 1, 1, 1]
    for lines, sentence in zip(
        [errors[0], *errors[2:]],
        [
            "the ranks disagree: seed is 0 on rank 0 and 1 on rank 1",
            "rank 0 did not meet all 2 ranks",
            "rank 1 did not meet all 2 ranks",
            "RANK, WORLD_SIZE, MASTER_ADDR, MASTER_PORT must be set",
            "--timeout: invalid float value: 'soon'",
        ],
        strict=True,
    ):
        assert sentence in lines[0]


@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        ({"RANK": ""}, "^RANK must be set, .* start with: torchrun --nproc-per-node 2 -m gan_helpers.distributed"),
        ({"RANK": "2"}, r"RANK must lie in \[0, 1\] for a WORLD_SIZE of 2, but 2 came"),
        ({"RANK": "-1"}, "RANK must be a whole number that torchrun sets, but '-1' came"),
        ({"RANK": "one"}, "RANK must be a whole number that torchrun sets, but 'one' came"),
        ({"WORLD_SIZE": "0"}, "WORLD_SIZE must be a whole number that torchrun sets, but '0' came"),
        ({"WORLD_SIZE": "9" * 20}, "WORLD_SIZE must be a whole number"),
        ({"MASTER_PORT": "99999"}, "MASTER_PORT must be a whole number that torchrun sets, but '99999' came"),
        ({}, "the port of 127.0.0.1:[0-9]+ is in use; set MASTER_PORT to a free one"),
    ],
)
def test_variables_that_make_no_sense(variables, sentence, monkeypatch):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        meeting = {"RANK": "0", "WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": taken.getsockname()[1]}
        for name, value in (meeting | variables).items():
            monkeypatch.setenv(name, str(value))
        monkeypatch.delenv("TORCHELASTIC_USE_AGENT_STORE", raising=False)
        with pytest.raises(distributed.Refused, match=sentence):
            distributed.join(5)


@pytest.mark.parametrize("seconds", ["0", "-1", "nan", "inf", "1e14"])
def test_a_timeout_that_makes_no_sense(seconds, capsys):
    with pytest.raises(SystemExit, match="2"):
        distributed.main(["--model", "mlp", "--timeout", seconds])
    assert "--timeout must be" in capsys.readouterr().err


def test_more_processes_than_gpus(monkeypatch):
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    monkeypatch.setenv("LOCAL_RANK", "1")
    with pytest.raises(ValueError, match="this is number 2 and 1 are here; start fewer, or use --device cpu"):
        distributed._pick_device("cuda")


def test_a_torch_without_nccl(monkeypatch):
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    monkeypatch.setattr(distributed.dist, "is_nccl_available", lambda: False)
    monkeypatch.setenv("LOCAL_RANK", "0")
    with pytest.raises(ValueError, match="has no NCCL"):
        distributed._pick_device("cuda")


def test_only_a_lost_connection_is_a_lost_rank():
    def fail(error: type) -> None:
        raise error("reason")

    with pytest.raises(distributed.LostRank, match="reason"):
        distributed._collective(fail, RuntimeError)
    with pytest.raises(torch.OutOfMemoryError):
        distributed._collective(fail, torch.OutOfMemoryError)


def test_samples_are_written_whole_or_not_at_all(tmp_path, monkeypatch):
    file = tmp_path / "samples.npz"
    distributed._write(file, {"steps": np.int64(1)})

    def full(stream: object, **arrays: object) -> None:
        stream.write(b"half")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(np, "savez_compressed", full)
    with pytest.raises(distributed.Refused, match=r"samples.npz \(No space left on device\)"):
        distributed._write(file, {"steps": np.int64(2)})
    assert list(tmp_path.iterdir()) == [file]
    with np.load(file, allow_pickle=False) as arrays:
        assert int(arrays["steps"]) == 1


def test_the_table_of_scaling_is_complete():
    rows = gh.load_results("scaling")
    assert tuple(rows[0]) == scaling.COLUMNS
    keys = [(int(row["width"]), int(row["batch"]), row["setting"]) for row in rows]
    assert keys == [
        (width, batch * (2 if "twice" in setting else 1), setting)
        for width in scaling.WIDTHS
        for batch in scaling.BATCHES
        for setting in scaling.SETTINGS
    ]
    for row in rows:
        together = row["processes"] == "2"
        assert (int(row["messages_a_step"]) > 0) == together
        assert bool(row["share_exchanging"]) == together
        assert float(row["lower"]) <= float(row["strong"] or row["weak"]) <= float(row["upper"])
        assert bool(row["weak"]) == ("twice" in row["setting"]) == (not row["strong"])
        generator, discriminator = build(replace(RECIPES["dcgan"], width=int(row["width"])))
        weights = sum(weight.numel() for net in (generator, discriminator) for weight in net.parameters())
        assert int(row["parameters"]) == weights
        if together:
            assert int(row["bytes_a_step"]) == bytes_a_step(generator, discriminator)


def bytes_a_step(generator: nn.Module, discriminator: nn.Module) -> int:
    """What each of two ranks sends in a step of DCGAN, by the formula of a ring: 2 (N - 1) / N = 1 of each message."""

    def channels(net: nn.Module) -> int:
        return sum(layer.num_features for layer in net.modules() if isinstance(layer, nn.modules.batchnorm._BatchNorm))

    def gradients(net: nn.Module) -> int:
        return sum(weight.numel() for weight in net.parameters())

    # The generator runs once, forward and back; the discriminator three times, on real, on fake and for the generator.
    sums = 2 * (2 * channels(generator) + 6 * channels(discriminator))
    return 4 * (gradients(generator) + gradients(discriminator) + sums + 2)  # and two losses


def test_scaling_measures(tmp_path):
    out = tmp_path / "new" / "scaling.csv"
    program = ("-m", "benchmarks.scaling", "--widths", 4, "--batches", 8, "--rounds", 1, "--out", out)
    ((status, _, errors),) = end(start(*program))
    assert status == 0, errors
    with open(out, newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["setting"] for row in rows] == list(scaling.SETTINGS)
    generator, discriminator = build(replace(RECIPES["dcgan"], width=4))
    for row in rows[3:]:
        assert int(row["bytes_a_step"]) == bytes_a_step(generator, discriminator)
        assert 0 < float(row["share_exchanging"]) < 1
    assert float(rows[0]["strong"]) == 1
    measured = out.read_bytes()
    ((status, told, errors),) = end(start(*program))  # nothing is missing
    assert (status, told, errors) == (0, "", "")
    assert out.read_bytes() == measured


def test_scaling_does_not_mix_tables(tmp_path, capsys):
    out = tmp_path / "scaling.csv"
    out.write_text("width,batch,setting\n4,8,plain\n")
    with pytest.raises(SystemExit, match="2"):
        scaling.main(["--out", str(out)])
    assert "delete it to measure anew" in capsys.readouterr().err


def test_scaling_sees_other_programs():
    if not Path("/proc/stat").is_file():
        assert np.isnan(scaling.busy())
        return
    before, own = scaling.busy(), time.process_time()
    while time.process_time() < own + 0.5:
        pass
    assert scaling.busy() - before > 0.4


@pytest.mark.parametrize("arguments", [["--batches", "31"], ["--rounds", "0"], ["--widths", "wide"]])
def test_wrong_lengths_of_measurement(arguments):
    with pytest.raises(SystemExit, match="2"):
        scaling.main(arguments)
