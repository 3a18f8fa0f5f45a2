import math

import pytest
import torch

from gan_helpers import StepRecord, diagnose

LOG4, LOG2 = math.log(4), math.log(2)


def run(d_loss, g_loss, steps=300):
    """Records with the losses that two functions of the step give."""
    return [StepRecord(i, torch.tensor(float(d_loss(i))), torch.tensor(float(g_loss(i)))) for i in range(1, steps + 1)]


def names(*args, **options):
    return [finding.name for finding in diagnose(*args, **options)]


def noisy(value):
    return lambda i: value + 0.15 * math.sin(12.9 * i) * math.cos(7.1 * i)


@pytest.mark.parametrize(
    ("expected", "d_loss", "g_loss"),
    [
        ("nothing stands out", noisy(1.1), noisy(1.0)),
        ("discriminator has won", noisy(0.05), noisy(6.0)),
        ("generator has won", noisy(2.6), noisy(0.3)),
        ("generator has won", noisy(1.5), noisy(0.05)),
        ("nothing stands out", noisy(1.0), noisy(-0.5)),  # the saturating loss is negative
        ("coin flip", lambda i: LOG4 + 0.01 * (-1) ** i, lambda i: LOG2),
        ("oscillation", lambda i: 1.0 + 0.3 * math.sin(i / 8), lambda i: 2 + 1.5 * math.cos(i / 8)),
    ],
)
def test_losses(expected, d_loss, g_loss):
    assert names(run(d_loss, g_loss)) == [expected]


def test_only_the_end_counts():
    assert names(run(lambda i: 0.05 if i < 150 else 1.1, lambda i: 6.0 if i < 150 else 1.0)) == ["nothing stands out"]


def test_collapse_is_seen_in_samples_alone(rng):
    healthy, real = run(noisy(1.1), noisy(1.0)), torch.randn(500, 2, generator=rng)
    assert names(healthy, real=real, fake=0.3 * real) == ["collapse"]
    assert names(healthy, real=real, fake=torch.randn(300, 2, generator=rng)) == ["nothing stands out"]


def test_memory_is_seen_in_logits(rng):
    healthy, logits = run(noisy(1.1), noisy(1.0)), torch.randn(100, generator=rng)
    assert names(healthy, train_logits=logits + 3, held_out_logits=logits) == ["discriminator memorises"]
    assert names(healthy, train_logits=logits, held_out_logits=logits + 3) == ["nothing stands out"]
    assert names(healthy, train_logits=logits, held_out_logits=logits) == ["nothing stands out"]


def test_memory_does_not_depend_on_the_scale_of_the_logits(rng):
    healthy, logits = run(noisy(1.1), noisy(1.0)), torch.randn(100, generator=rng)
    for scale in (0.01, 100):
        said = names(healthy, train_logits=scale * (logits + 3), held_out_logits=scale * logits)
        assert said == ["discriminator memorises"]
    assert names(healthy, train_logits=torch.zeros(9), held_out_logits=torch.zeros(5)) == ["nothing stands out"]


def test_several_findings_come_gravest_first(rng):
    real = torch.randn(50, 2, generator=rng)
    found = diagnose(run(noisy(0.05), noisy(6.0)), real=real, fake=real[:1].repeat(50, 1))
    assert [finding.name for finding in found] == ["collapse", "discriminator has won"]
    assert "0 % of the variance" in str(found[0]) or "0% of the variance" in str(found[0])


def test_wrong_input(rng):
    records = run(noisy(1), noisy(1))
    with pytest.raises(ValueError, match="at least 100 records, but 5 came"):
        diagnose(records[:5])
    with pytest.raises(ValueError, match="hand in both"):
        diagnose(records, real=torch.zeros(3, 2))
    with pytest.raises(ValueError, match="hand in both"):
        diagnose(records, held_out_logits=torch.zeros(3))
    with pytest.raises(ValueError, match="no logistic losses"):
        diagnose(run(noisy(-1), noisy(1)))
    with pytest.raises(ValueError, match="diverged"):
        diagnose([*records, StepRecord(301, torch.tensor(math.nan), torch.tensor(1.0))])
