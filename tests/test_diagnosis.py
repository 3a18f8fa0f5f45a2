import math

import pytest
import torch

from gan_helpers import StepRecord, diagnose, mode_coverage, ring_centres, sample_mixture

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
        ("records alone cannot tell", noisy(1.1), noisy(1.0)),
        ("discriminator has won", noisy(0.05), noisy(6.0)),
        ("generator has won", noisy(2.6), noisy(0.3)),
        ("generator has won", noisy(1.5), noisy(0.05)),
        ("records alone cannot tell", noisy(1.0), noisy(-0.5)),  # the saturating loss is negative
        ("coin flip", lambda i: LOG4 + 0.01 * (-1) ** i, lambda i: LOG2),
        ("coin flip", lambda i: LOG4 + 0.01 * (-1) ** i, lambda i: -LOG2),
        ("oscillation", lambda i: 1.0 + 0.3 * math.sin(i / 8), lambda i: 2 + 1.5 * math.cos(i / 8)),
    ],
)
def test_losses(expected, d_loss, g_loss):
    assert names(run(d_loss, g_loss)) == [expected]


def test_only_the_end_counts():
    found = names(run(lambda i: 0.05 if i < 150 else 1.1, lambda i: 6.0 if i < 150 else 1.0))
    assert found == ["records alone cannot tell"]


def test_what_was_not_looked_at_is_said(rng):
    healthy, points, logits = run(noisy(1.1), noisy(1.0)), torch.randn(100, 2, generator=rng), torch.zeros(9)
    samples, both = {"real": points, "fake": points}, {"train_logits": logits, "held_out_logits": logits}
    alone, with_samples, with_logits, with_all = (
        diagnose(healthy, **more)[0] for more in ({}, samples, both, samples | both)
    )
    assert alone.name == "records alone cannot tell"
    for words, finding in (("real and fake", with_logits), ("held_out_logits", with_samples)):
        assert finding.name == "nothing stands out"
        assert words in alone.advice
        assert words in finding.advice
    assert "pass" not in with_all.advice


def test_collapse_is_seen_in_samples_alone(rng):
    healthy, real = run(noisy(1.1), noisy(1.0)), torch.randn(500, 2, generator=rng)
    assert names(healthy, real=real, fake=0.3 * real) == ["collapse"]
    assert names(healthy, real=real, fake=torch.randn(300, 2, generator=rng)) == ["nothing stands out"]


@pytest.mark.parametrize("n", [100, 2000])
@pytest.mark.parametrize("modes", [[0], [0, 4], [0, 2, 5], [0, 2, 4, 6]])
def test_lost_modes_are_seen_without_their_places(rng, modes, n):
    centres = ring_centres(8)
    healthy, real = run(noisy(1.1), noisy(1.0)), sample_mixture(n, centres, std=0.1, rng=rng)
    fake = sample_mixture(n, centres[modes], std=0.1, rng=rng)
    assert mode_coverage(fake, centres, radius=0.3).covered == len(modes)
    if modes == [0, 4]:
        assert 0.9 < float(fake.var(dim=0).sum() / real.var(dim=0).sum()) < 1.1  # variance does not see it
    assert names(healthy, real=real, fake=fake) == ["collapse"]


def test_lost_classes_are_seen_among_many_features(rng):
    healthy, centres = run(noisy(1.1), noisy(1.0)), 4 * torch.eye(10, 64)
    real, fake = (sample_mixture(1000, some, std=0.5, rng=rng) for some in (centres, centres[:5]))
    assert names(healthy, real=real, fake=fake) == ["collapse"]


def test_samples_between_the_modes_are_no_collapse(rng):
    healthy, real = run(noisy(1.1), noisy(1.0)), sample_mixture(1000, ring_centres(8), std=0.05, rng=rng)
    turned = real @ torch.tensor([[0.924, 0.383], [-0.383, 0.924]])  # by 22.5 degrees
    assert names(healthy, real=real, fake=turned) == ["off the data"]
    some_good = torch.cat([turned[:500], real[500:]])
    assert names(healthy, real=real, fake=some_good) == ["nothing stands out"]


def test_samples_of_one_law_raise_no_alarm():
    """In few and in many dimensions, for equal and for unequal numbers: 400 pairs of samples, no finding."""
    healthy = run(noisy(1.1), noisy(1.0), steps=100)
    for seed in range(100):
        rng = torch.Generator().manual_seed(seed)
        scale = torch.rand(1, generator=rng) + 0.5
        for n, m, dim in ((50, 50, 2), (60, 300, 1), (300, 60, 20), (100, 100, 200)):
            real, fake = (scale * torch.randn(count, dim, generator=rng) for count in (n, m))
            assert names(healthy, real=real, fake=fake) == ["nothing stands out"], (seed, n, m, dim)


def test_a_draw_is_fair_when_the_samples_are_right(rng):
    draw, real = run(lambda i: LOG4 + 0.01 * (-1) ** i, lambda i: LOG2), torch.randn(200, 2, generator=rng)
    assert names(draw) == ["coin flip"]
    assert names(draw, real=real, fake=torch.randn(200, 2, generator=rng)) == ["nothing stands out"]
    assert names(draw, real=real, fake=real + 9) == ["off the data", "coin flip"]


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
    assert "0% of the variance" in str(found[0])


def test_flat_samples_and_losses_in_other_clothes(rng):
    healthy, real = run(noisy(1.1), noisy(1.0)), torch.randn(200, generator=rng)
    assert names(healthy, real=real, fake=torch.randn(200, generator=rng)) == ["nothing stands out"]
    assert names(healthy, real=real, fake=real / 9) == ["collapse"]
    for dress in (float, lambda loss: loss.reshape(1)):
        dressed = [StepRecord(r.step, dress(r.d_loss), dress(r.g_loss)) for r in healthy]
        assert [str(found) for found in diagnose(dressed)] == [str(found) for found in diagnose(healthy)]


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
