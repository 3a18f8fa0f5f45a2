"""benchmarks/inside.py: the lab's own cells, a complete table, processor time that is counted."""

import itertools
import math

import pytest
import torch

import gan_helpers as gh
from benchmarks import inside
from benchmarks.labs import definitions


def test_the_labs_cells_hold_what_is_measured():
    lab = definitions("inside")
    assert {"distil", "ddim"} <= set(lab)
    assert "teacher" not in lab, "only definitions run, no training"


def test_the_table_is_complete():
    rows = gh.load_results("inside")
    assert tuple(rows[0]) == inside.COLUMNS
    keys = [tuple(row[name] for name in inside.KEY) for row in rows]
    walks = [("teacher", "1", str(k)) for k in inside.COUNTS]
    students = [(name, str(seed), "1") for name, seed in itertools.product(inside.STUDENTS, inside.SEEDS)]
    assert sorted(keys) == sorted(walks + students)
    for row in rows:
        assert float(row["seconds"]) == (inside.TEACHER if row["model"] == "teacher" else inside.SECONDS)
        if row["model"] != "teacher":
            assert (float(row["rate"]), float(row["adversary"])) == inside.CHOSEN[row["model"]]
            assert inside.CHOSEN[row["model"]] in inside.TRIED[row["model"]]


def test_a_teacher_is_trained_and_kept(monkeypatch, tmp_path):
    monkeypatch.setattr(inside, "KEPT", tmp_path)
    monkeypatch.setattr(inside, "TEACHER", 0.05)
    first = inside.teacher.__wrapped__()
    assert first.batches >= 1
    again = inside.teacher.__wrapped__()
    assert all(torch.equal(one, other) for one, other in zip(first.parameters(), again.parameters(), strict=True))


class Still(torch.nn.Module):
    """A network that says the same whatever it sees."""

    def __init__(self):
        super().__init__()
        self.w = torch.nn.Parameter(torch.zeros(()))

    def forward(self, x, t):
        return 0 * x + self.w


@pytest.mark.parametrize("name", inside.STUDENTS)
def test_a_student_is_trained_by_its_own_losses(monkeypatch, name):
    z = torch.randn(40, 1, 28, 28)
    monkeypatch.setattr(inside, "POOL", 40)
    monkeypatch.setattr(inside, "pairs", lambda: (z, torch.zeros_like(z) + 0.5))
    monkeypatch.setattr(inside, "teacher", lambda: type("Teacher", (), {"net": Still()}))
    ticks = itertools.count()
    monkeypatch.setattr(inside.time, "process_time", lambda: float(next(ticks)))
    seen, whole = {}, definitions("inside")["distil"]

    def spy(student, judge, teach, share, rate, mix, noise):
        seen.update(rate=rate, mix=mix, noise=noise, first=teach()[0], own=isinstance(student, inside.OneStep))
        return whole(student, judge, teach, share, rate, mix, noise)

    monkeypatch.setitem(definitions("inside"), "distil", spy)
    rate, adversary = inside.CHOSEN[name]
    student, batches = inside.train(name, 1, 3, rate, adversary)
    assert batches == 2, "asked at 1, 2 and 3 after the start"
    assert student(z[:2]).shape == (2, 1, 28, 28)
    assert (seen["rate"], seen["noise"]) == (rate, 0.3)
    assert seen["mix"] == (float(name in ("pairs", "both")), adversary)
    assert (adversary > 0) == (name != "pairs")
    assert seen["own"] == (name != "GAN")
    known = [any(torch.equal(one, other) for other in z) for one in seen["first"]]
    assert set(known) == {name in ("pairs", "both")}, "noise of the teacher's pairs, or fresh noise"
    if name == "pairs":
        assert student.net.w.item() < 0, "its answer, -w, moves towards 0.5"
    assert math.isfinite(student(z[:2]).sum().item())


def test_one_step_is_the_first_answer_of_the_walk():
    net = torch.nn.Sequential()
    net.forward = lambda x, t: 0.3 * x + t.view(-1, 1, 1, 1)
    z = torch.randn(3, 1, 28, 28)
    walked = definitions("inside")["ddim"](net, z, 1)
    torch.testing.assert_close(inside.OneStep(net)(z), walked, atol=1e-5, rtol=0)
