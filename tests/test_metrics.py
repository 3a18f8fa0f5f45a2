from itertools import permutations

import numpy as np
import pytest
import scipy.linalg
import scipy.stats
import torch
from torch.testing import assert_close

from gan_helpers import (
    density_coverage,
    error_bar,
    frechet_distance,
    inception_score,
    kernel_distance,
    mode_coverage,
    precision_recall,
    ring_centres,
    wasserstein_distance,
)


def by_square_root(a, b):
    """The textbook formula through scipy's matrix square root."""
    a, b = a.double().numpy(), b.double().numpy()
    ca, cb = np.cov(a, rowvar=False), np.cov(b, rowvar=False)
    root = scipy.linalg.sqrtm(ca @ cb).real
    return np.square(a.mean(0) - b.mean(0)).sum() + np.trace(ca + cb - 2 * root)


@pytest.mark.parametrize("dim", [2, 5, 16])
def test_frechet_against_the_matrix_square_root(dim, rng):
    a = torch.randn(400, dim, generator=rng) @ torch.randn(dim, dim, generator=rng)
    b = torch.randn(300, dim, generator=rng) + 1
    assert frechet_distance(a, b) == pytest.approx(by_square_root(a, b), rel=1e-6)
    assert frechet_distance(a, b) == pytest.approx(frechet_distance(b, a), rel=1e-9)
    assert frechet_distance(a, a) == pytest.approx(0, abs=1e-6)


def test_frechet_of_known_gaussians(rng):
    a, b = torch.randn(200_000, 2, generator=rng), 3 * torch.randn(200_000, 2, generator=rng) + 1
    assert frechet_distance(a, b) == pytest.approx(2 * 1 + 2 * (3 - 1) ** 2, rel=0.02)


def test_frechet_in_one_dimension_and_with_fewer_samples_than_features(rng):
    a, b = torch.randn(50, 1, generator=rng), torch.randn(50, 1, generator=rng) + 2
    expected = (a.mean() - b.mean()) ** 2 + (a.std() - b.std()) ** 2
    assert frechet_distance(a, b) == pytest.approx(float(expected), rel=1e-5)
    few = torch.randn(5, 20, generator=rng)
    assert frechet_distance(few, few) == pytest.approx(0, abs=1e-6)
    assert frechet_distance(few, few + 1) == pytest.approx(20, rel=1e-5)


@pytest.mark.parametrize("n", [1, 2, 50])
def test_wasserstein_in_one_dimension(n, rng):
    a, b = torch.randn(n, generator=rng), torch.randn(n, generator=rng) + 1
    expected = scipy.stats.wasserstein_distance(a.numpy(), b.numpy())
    assert wasserstein_distance(a, b) == pytest.approx(expected, rel=1e-5)
    assert wasserstein_distance(a[:, None], b[:, None]) == pytest.approx(expected, rel=1e-5)


def test_wasserstein_in_two_dimensions(rng):
    a, b = torch.randn(6, 2, generator=rng), torch.randn(6, 2, generator=rng)
    brute = min((a - b[list(order)]).norm(dim=1).mean().item() for order in permutations(range(6)))
    assert wasserstein_distance(a, b) == pytest.approx(brute, rel=1e-5)
    assert wasserstein_distance(a, a + torch.tensor([3.0, 4.0])) == pytest.approx(5, rel=1e-5)
    assert wasserstein_distance(a, a.flip(0)) == pytest.approx(0, abs=1e-9)


def test_precision_recall_on_simple_layouts(rng):
    line = torch.arange(20.0)[:, None]
    same = precision_recall(line, line)
    assert (same.precision, same.recall) == (1, 1)
    apart = precision_recall(line, line + 1000)
    assert (apart.precision, apart.recall) == (0, 0)
    half = precision_recall(torch.cat([line, line + 1000]), line + 0.1)
    assert half.precision == 1
    assert half.recall == pytest.approx(0.5, abs=0.05)


def test_mode_coverage_by_hand():
    centres = torch.tensor([[0.0, 0.0], [10.0, 0.0], [0.0, 10.0]])
    samples = torch.cat([centres[:1].repeat(8, 1), centres[1:2] + 0.5, torch.full((1, 2), 50.0)])
    found = mode_coverage(samples, centres, radius=1.0)
    assert found.counts.tolist() == [8, 1, 0]
    assert (found.covered, found.good_share) == (2, pytest.approx(0.9))
    assert mode_coverage(samples, centres, radius=1.0, least_share=0.5).covered == 1


def test_collapse_is_one_mode():
    centres = ring_centres(8)
    assert mode_coverage(centres[3:4].repeat(100, 1), centres, radius=0.3).covered == 1
    assert mode_coverage(centres.repeat(20, 1), centres, radius=0.3).covered == 8


@pytest.mark.parametrize("metric", [density_coverage, frechet_distance, wasserstein_distance, precision_recall])
def test_bad_samples(metric):
    good, bad = torch.randn(10, 2), torch.full((10, 2), float("nan"))
    with pytest.raises(ValueError, match="NaN or infinity"):
        metric(good, bad)
    with pytest.raises(ValueError, match="came"):
        metric(good, torch.randn(10, 3))
    with pytest.raises(ValueError, match="came"):
        metric(good[:0], good[:0])


def test_bad_settings():
    points = torch.randn(10, 2)
    with pytest.raises(ValueError, match="radius must be above 0"):
        mode_coverage(points, points, radius=0)
    with pytest.raises(ValueError, match="least_share"):
        mode_coverage(points, points, radius=1, least_share=2)
    with pytest.raises(ValueError, match="k must be at least 1"):
        precision_recall(points, points, k=0)
    with pytest.raises(ValueError, match="at least 4 samples"):
        precision_recall(points[:3], points)
    with pytest.raises(ValueError, match="at least 6 real samples"):
        density_coverage(points[:5], points)
    with pytest.raises(ValueError, match="at least 2 samples"):
        frechet_distance(points[:1], points)
    assert_close(mode_coverage(points, points, radius=1).counts.sum(), torch.tensor(10))


def test_kernel_distance_is_unbiased_and_sees_a_shift(rng):
    estimates = [
        kernel_distance(torch.randn(20, 4, generator=rng), torch.randn(30, 4, generator=rng)) for _ in range(400)
    ]
    mean, error = np.mean(estimates), np.std(estimates) / 20
    assert abs(mean) < 4 * error
    assert min(estimates) < 0  # an unbiased estimate of 0 has to fall below it
    assert kernel_distance(torch.randn(300, 4, generator=rng), torch.randn(300, 4, generator=rng) + 2) > 1


def test_kernel_distance_by_hand():
    real, fake = torch.tensor([[0.0], [1.0]]), torch.tensor([[1.0], [2.0]])
    # k(0,1) = 1, k(1,2) = 27, and across: k(0,1) = k(0,2) = 1, k(1,1) = 8, k(1,2) = 27
    assert kernel_distance(real, fake) == pytest.approx(1 + 27 - 2 * (1 + 1 + 8 + 27) / 4)


def test_inception_score_has_its_ends():
    certain = 100 * torch.eye(10)
    assert inception_score(certain) == pytest.approx(10, rel=1e-6)
    assert inception_score(certain[:1].repeat(50, 1)) == pytest.approx(1, rel=1e-6)
    assert inception_score(torch.zeros(5, 10)) == pytest.approx(1, rel=1e-6)


def test_inception_score_is_the_exponential_of_mutual_information(rng):
    p = torch.randn(40, 6, generator=rng).softmax(1).double()
    mean = p.mean(0)
    entropies = -(mean * mean.log()).sum(), -(p * p.log()).sum(1).mean()
    assert inception_score(p.log()) == pytest.approx(float((entropies[0] - entropies[1]).exp()), rel=1e-6)


@pytest.mark.parametrize("bad", [torch.zeros(3), torch.zeros(0, 3), torch.full((2, 3), torch.nan)])
def test_inception_score_wants_class_logits(bad):
    with pytest.raises(ValueError, match=r"class.logits"):
        inception_score(bad)


def test_kernel_distance_wants_two_samples():
    with pytest.raises(ValueError, match="at least 2"):
        kernel_distance(torch.zeros(1, 3), torch.zeros(5, 3))


def test_density_and_coverage_by_hand():
    real = torch.tensor([[0.0], [1.0], [3.0]])  # balls for k = 1: [-1, 1], [0, 2], [1, 5]
    found = density_coverage(real, torch.tensor([[1.5], [6.0]]), k=1)  # 1.5 lies in the last two, 6 in none
    assert (found.density, found.coverage) == (pytest.approx(1.0), pytest.approx(2 / 3))
    assert density_coverage(real, torch.tensor([[1.5]]), k=1).density == 2  # above 1, from a single sample


@pytest.mark.parametrize(("n", "m", "k"), [(40, 40, 5), (30, 60, 3)])
def test_density_and_coverage_of_equal_laws_are_known(n, m, k, rng):
    found = [
        density_coverage(torch.randn(n, 3, generator=rng), torch.randn(m, 3, generator=rng), k=k) for _ in range(400)
    ]
    missed = np.prod([(n - i) / (n + m - i) for i in range(1, k + 1)])  # the k nearest of the others are all real
    for values, expected in (([x.density for x in found], 1), ([x.coverage for x in found], 1 - missed)):
        assert abs(np.mean(values) - expected) < 4 * np.std(values) / 20


def test_one_outlier_moves_precision_more_than_density(rng):
    crowd, strangers = torch.randn(300, 2, generator=rng), 50 + torch.randn(300, 2, generator=rng)
    real = torch.cat([crowd, torch.tensor([[100.0, 100.0]])])
    assert precision_recall(real, strangers).precision == 1
    found = density_coverage(real, strangers)
    assert (found.density, found.coverage) == (pytest.approx(1 / 5), pytest.approx(1 / 301))


def test_the_error_bar_of_a_mean_is_its_standard_error(rng):
    sample = torch.randn(501, generator=rng).double()
    found = error_bar(lambda x: float(x.mean()), sample, rounds=4000, rng=rng)
    assert found.value == pytest.approx(float(sample.mean()))
    assert (found.high - found.low) / 2 == pytest.approx(1.96 * float(sample.std()) / 501**0.5, rel=0.05)
    assert abs(found.shift) < 0.1 * (found.high - found.low)


def test_the_shift_is_the_bias_where_that_falls_like_one_over_n(rng):
    sample = torch.randn(400, generator=rng).double()  # the variance with divisor N: bias -1 / N
    shifts = [error_bar(lambda x: float(x.var(correction=0)), sample, rounds=4000, rng=rng).shift for _ in range(4)]
    assert np.mean(shifts) == pytest.approx(-float(sample.var()) / 400, rel=0.5)


@pytest.mark.parametrize(
    "score",
    [
        frechet_distance,
        kernel_distance,
        wasserstein_distance,
        lambda real, fake: inception_score(fake),
        lambda real, fake: precision_recall(real, fake).precision,
        lambda real, fake: precision_recall(real, fake).recall,
        lambda real, fake: density_coverage(real, fake).density,
        lambda real, fake: density_coverage(real, fake).coverage,
    ],
    ids=["frechet", "kernel", "wasserstein", "inception", "precision", "recall", "density", "coverage"],
)
def test_error_bars_cover_the_mean_score(score, rng):
    def draw():
        return torch.randn(60, 3, generator=rng), 0.3 + 0.7 * torch.randn(60, 3, generator=rng)

    scores = np.array([score(*draw()) for _ in range(300)])
    bars = [error_bar(score, *draw(), rounds=30, rng=rng) for _ in range(60)]
    hits = [bar.low < scores.mean() < bar.high for bar in bars]
    assert np.mean(hits) > 0.8  # 0.95 is meant; 60 trials scatter by 0.03
    variance = np.mean([((bar.high - bar.low) / 2 / 1.96) ** 2 for bar in bars])
    assert variance < 2.5 * scores.var()  # a wide bar hits always; these are 0.9 to 1.9


def test_error_bars_compare_two_generators_against_the_same_real_samples(rng):
    real, one, two = (torch.randn(300, 2, generator=rng) + shift for shift in (0, 1, 1.5))
    bar = error_bar(lambda r, a, b: frechet_distance(r, b) - frechet_distance(r, a), real, one, two, rounds=50, rng=rng)
    assert bar.low > 0
    assert bar.value == pytest.approx(frechet_distance(real, two) - frechet_distance(real, one))


def test_error_bars_are_the_same_for_the_same_generator():
    sample = torch.arange(10.0)
    one, two = (error_bar(lambda x: float(x.mean()), sample, rng=torch.Generator().manual_seed(3)) for _ in range(2))
    assert one == two
