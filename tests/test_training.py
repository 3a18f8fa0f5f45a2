import copy

import pytest
import torch
from torch import nn
from torch.testing import assert_close

from gan_helpers import Checkpoints, StepRecord, TrainingDiverged, ema_update, train_gan


class Counter:
    """Step functions that count, on endless batches of numbers."""

    def __init__(self):
        self.calls = []
        self.batches = iter(range(10**9))

    def d_step(self, batch):
        self.calls.append(("d", batch))
        return torch.tensor(1.0 + batch)

    def g_step(self, batch):
        self.calls.append(("g", batch))
        return torch.tensor(0.5)


def test_one_record_a_step():
    count = Counter()
    records = list(train_gan(count.d_step, count.g_step, count.batches, steps=3, progress=False))
    assert [record.step for record in records] == [1, 2, 3]
    assert [float(record.d_loss) for record in records] == [1, 2, 3]
    assert count.calls == [("d", 0), ("g", 0), ("d", 1), ("g", 1), ("d", 2), ("g", 2)]
    with pytest.raises(AttributeError):
        records[0].step = 5


def test_several_discriminator_steps():
    count = Counter()
    records = list(train_gan(count.d_step, count.g_step, count.batches, steps=2, d_steps_per_g=3, progress=False))
    assert count.calls == [("d", 0), ("d", 1), ("d", 2), ("g", 2), ("d", 3), ("d", 4), ("d", 5), ("g", 5)]
    assert float(records[-1].d_loss) == 6


def test_nothing_runs_before_the_loop_does():
    count = Counter()
    run = train_gan(count.d_step, count.g_step, count.batches, steps=5, progress=False)
    assert count.calls == []
    next(run)
    assert len(count.calls) == 2


def test_losses_carry_no_graph():
    weight = torch.ones(1, requires_grad=True)
    run = train_gan(lambda b: (2 * weight).sum(), lambda b: weight, iter([0]), steps=1, progress=False)
    record = next(run)
    assert not record.d_loss.requires_grad
    assert record.g_loss.shape == ()


def test_losses_are_read_rarely(monkeypatch):
    reads = []
    for name in ("item", "tolist", "cpu", "__float__", "__bool__", "numpy"):
        original = getattr(torch.Tensor, name)

        def spy(tensor, *args, _original=original, _name=name, **kwargs):
            reads.append(_name)
            return _original(tensor, *args, **kwargs)

        monkeypatch.setattr(torch.Tensor, name, spy)
    count = Counter()
    for _ in train_gan(count.d_step, count.g_step, count.batches, steps=200):
        pass
    assert 0 < len(reads) <= 200 / 25 * 6  # a handful for each look, and one look every 25 steps


def test_the_bar_shows_losses_and_speed(capsys):
    count = Counter()
    list(train_gan(count.d_step, count.g_step, count.batches, steps=50))
    shown = capsys.readouterr().err
    assert "50/50" in shown
    assert "d_loss=50.000" in shown
    assert "g_loss=0.500" in shown
    assert "step/s" in shown
    list(train_gan(count.d_step, count.g_step, count.batches, steps=5, progress=False))
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), -float("inf")])
@pytest.mark.parametrize("step", [1, 24, 25, 26, 60])
@pytest.mark.parametrize("player", ["d_loss", "g_loss"])
def test_divergence_names_the_step_and_the_loss(player, step, bad):
    calls = {"d_loss": 0, "g_loss": 0}

    def loss(name):
        def run(batch):
            calls[name] += 1
            return torch.tensor(bad if name == player and calls[name] >= step else 1.0)

        return run

    with pytest.raises(TrainingDiverged, match=f"{player} became .* at step {step}; there is no checkpoint") as caught:
        list(train_gan(loss("d_loss"), loss("g_loss"), iter(range(100)), steps=60, progress=False))
    assert (caught.value.step, caught.value.loss, caught.value.checkpoint) == (step, player, None)
    assert calls["d_loss"] <= step + 25


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"steps": 0}, ValueError, "steps must be at least 1"),
        ({"steps": -5}, ValueError, "steps must be at least 1"),
        ({"steps": 2.0}, TypeError, "steps must be a whole number"),
        ({"steps": 2, "d_steps_per_g": 0}, ValueError, "d_steps_per_g must be at least 1"),
        ({"steps": 2, "resume": True}, ValueError, "resume=True needs checkpoints"),
        ({"steps": 2, "d_step": 3}, TypeError, "d_step must be a function of a batch, but a int came"),
        ({"steps": 2, "g_step": None}, TypeError, "g_step must be a function"),
    ],
)
def test_bad_arguments_are_refused_at_the_call(arguments, error, message):
    count = Counter()
    steps = {"d_step": count.d_step, "g_step": count.g_step, "batches": count.batches}
    with pytest.raises(error, match=message):
        train_gan(**(steps | arguments))


@pytest.mark.parametrize(
    ("returned", "message"), [(None, "NoneType"), (1.5, "float"), (torch.zeros(3), r"shape \(3,\)")]
)
def test_a_step_that_forgets_its_loss(returned, message):
    run = train_gan(lambda batch: returned, lambda batch: torch.tensor(1.0), iter([1]), steps=1, progress=False)
    with pytest.raises(TypeError, match=f"d_step must return its loss, a scalar tensor, but {message} came"):
        next(run)


def test_batches_that_end():
    count = Counter()
    with pytest.raises(ValueError, match="the batches ended at step 4 of 10; hand in an endless stream"):
        list(train_gan(count.d_step, count.g_step, [1, 2, 3], steps=10, progress=False))


def test_a_bad_state_is_never_saved(tmp_path):
    net, calls = nn.Linear(1, 1), []

    def d_step(batch):
        calls.append(batch)
        return torch.tensor(float("nan") if len(calls) >= 7 else 1.0)

    checkpoints = Checkpoints(tmp_path, every=2, net=net)
    with pytest.raises(TrainingDiverged, match="the last good checkpoint is") as caught:
        list(train_gan(d_step, lambda b: torch.tensor(0.0), iter(range(99)), steps=20, checkpoints=checkpoints))
    assert caught.value.step == 7
    assert caught.value.checkpoint == checkpoints.files()[-1]
    assert [file.name for file in checkpoints.files()] == ["step-00000004.pt", "step-00000006.pt"]


def test_ema():
    average, current = nn.BatchNorm1d(3), nn.BatchNorm1d(3)
    with torch.no_grad():
        average.weight.fill_(1.0)
        current.weight.fill_(2.0)
        current.running_mean.fill_(5.0)
    ema_update(average, current, decay=0.75)
    assert_close(average.weight, torch.full((3,), 1.25))
    assert_close(average.running_mean, torch.full((3,), 5.0))
    assert_close(current.weight, torch.full((3,), 2.0))


def test_ema_refuses():
    with pytest.raises(ValueError, match=r"decay must lie in \[0, 1\)"):
        ema_update(nn.Linear(1, 1), nn.Linear(1, 1), decay=1.0)
    with pytest.raises(ValueError, match="same architecture"):
        ema_update(nn.Linear(1, 2), nn.Linear(1, 3))
    net = nn.Linear(2, 2)
    twin = copy.deepcopy(net)
    ema_update(twin, net, decay=0.5)
    assert_close(twin.weight, net.weight)


def test_a_record_is_plain():
    record = StepRecord(1, torch.tensor(1.0), torch.tensor(2.0))
    assert (record.step, float(record.d_loss), float(record.g_loss)) == (1, 1, 2)
