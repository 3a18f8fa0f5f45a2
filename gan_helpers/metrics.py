"""Numbers that compare real with fake samples, from counted modes to the Wasserstein distance, and their error bars.

SciPy takes longer to import than a first figure takes to draw, so each function that needs it imports it itself.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from gan_helpers.checks import check_count, check_finite, check_number, check_rng


@dataclass(frozen=True)
class ModeCoverage:
    """What `mode_coverage` found.

    Args:
        covered: how many modes have enough good samples.
        good_share: share of samples within the radius of some mode, in [0, 1].
        counts: (K,) int64, good samples for each mode.
    """

    covered: int
    good_share: float
    counts: Tensor


@dataclass(frozen=True)
class PrecisionRecall:
    """Shares in [0, 1]: fake samples inside the real manifold (precision), real inside the fake one (recall)."""

    precision: float
    recall: float


@dataclass(frozen=True)
class DensityCoverage:
    """What `density_coverage` found.

    Args:
        density: real balls round a fake sample over k, on average; at least 0, 1 on average for equal laws.
        coverage: share of real balls that hold a fake sample, in [0, 1]; about 1 - 2**-k for equal laws and N = M.
    """

    density: float
    coverage: float


@dataclass(frozen=True)
class ErrorBar:
    """What `error_bar` found.

    Args:
        value: the score of all samples.
        low, high: ends of the interval for the *mean* of such scores, over new samples of these sizes.
        shift: mean score of random halves, less `value`: near 0 for a score without bias. Where the bias falls like
            one over the number of samples, `shift` estimates the bias of `value`, and `value - shift` the true score.
    """

    value: float
    low: float
    high: float
    shift: float


def mode_coverage(samples: Tensor, centres: Tensor, *, radius: float, least_share: float = 0.1) -> ModeCoverage:
    """Count the modes that samples reach; a sample is good within `radius` of its nearest centre.

    A mode counts as covered when it holds at least `least_share` of its fair share, len(samples) / K. The usual
    radius is three standard deviations of a mode. Source: after Metz et al. 2017 (unrolled GAN) and Srivastava et
    al. 2017 (VEEGAN), section 4.1, who count a mode at a single good sample; a share is harder to reach by luck.

    Args:
        samples: (N, dim), N > 0.
        centres: (K, dim), K > 0.
        radius: above 0.
        least_share: in (0, 1].

    Raises:
        TypeError: no floating-point tensors, or a radius or share that is no number.
        ValueError: a shape, radius or share outside these, or NaN in the samples.
    """
    _check_features(samples, centres)
    check_number("radius", radius, above=0)
    check_number("least_share", least_share, above=0)
    if least_share > 1:
        raise ValueError(f"least_share must lie in (0, 1], but {least_share} came.")
    distance, nearest = torch.cdist(samples.detach().cpu(), centres.cpu()).min(dim=1)  # (N,), (N,)
    good = distance <= radius
    counts = torch.bincount(nearest[good], minlength=len(centres))  # (K,)
    enough = max(1.0, least_share * len(samples) / len(centres))
    return ModeCoverage(int((counts >= enough).sum()), float(good.float().mean()), counts)


def frechet_distance(real_features: Tensor, fake_features: Tensor) -> float:
    r"""Fréchet distance $\lVert m - m' \rVert^2 + \mathrm{tr}(C + C' - 2 (C C')^{1/2})$ between two fitted Gaussians.

    Computed in float64 through the singular values of the product of the two square roots, which needs no square
    root of a matrix that is not symmetric. Source: Dowson and Landau 1982; Heusel et al. 2017, equation 6.

    Args:
        real_features: (N, d), N > 1.
        fake_features: (M, d), M > 1.

    Returns:
        A number at least 0, in squared units of the features. Biased upwards for few samples, and not equally for all
        generators: compare only values with the same features and N, with N well above d.

    Raises:
        TypeError: no floating-point tensors.
        ValueError: another shape, fewer than two samples, or NaN.
    """
    from scipy.linalg import eigh, svdvals

    _check_features(real_features, fake_features, least=2)
    means, roots = [], []
    for features in (real_features, fake_features):
        array = features.detach().cpu().double().numpy()
        means.append(array.mean(axis=0))
        values, vectors = eigh(np.atleast_2d(np.cov(array, rowvar=False)))
        roots.append(vectors * np.sqrt(values.clip(min=0)))  # root @ root.T is the covariance
    shift = np.square(means[0] - means[1]).sum()
    spread = sum(np.square(root).sum() for root in roots)
    cross = svdvals(roots[0].T @ roots[1]).sum()
    return float(max(0.0, shift + spread - 2 * cross))


def kernel_distance(real_features: Tensor, fake_features: Tensor) -> float:
    r"""Unbiased squared maximum mean discrepancy with the kernel $k(a, b) = (a \cdot b / d + 1)^3$.

    Near 0 it may be negative: an unbiased estimate of 0 has to be, at times. The kernel is a cubic polynomial, so
    laws that agree in all moments up to the third have distance 0. Source: Binkowski et al. 2018, section 4
    (the kernel inception distance, when the features are those of Inception).

    Args:
        real_features: (N, d), N > 1.
        fake_features: (M, d), M > 1.

    Raises:
        TypeError: no floating-point tensors.
        ValueError: another shape, fewer than two samples, or NaN.
    """
    _check_features(real_features, fake_features, least=2)
    real, fake = (features.detach().cpu().double() for features in (real_features, fake_features))

    def kernel(a: Tensor, b: Tensor) -> Tensor:
        return (a @ b.T / a.shape[1] + 1) ** 3

    def without_itself(a: Tensor) -> Tensor:
        whole = kernel(a, a)
        return (whole.sum() - whole.trace()) / (len(a) * (len(a) - 1))

    return float(without_itself(real) + without_itself(fake) - 2 * kernel(real, fake).mean())


def inception_score(class_logits: Tensor) -> float:
    r"""$\exp E[\mathrm{KL}(p(y \mid x) \,\|\, p(y))]$, from 1 to the number of classes; real data is never asked.

    Source: Salimans et al. 2016, section 4, with the classifier that you bring.

    Args:
        class_logits: (N, K), a classifier's outputs before the softmax, N > 0.

    Raises:
        TypeError: no floating-point tensors.
        ValueError: another shape, or NaN.
    """
    check_finite("class_logits", class_logits)
    if class_logits.ndim != 2 or not class_logits.numel():
        raise ValueError(f"finite class logits (N, K) are needed, but the shape {tuple(class_logits.shape)} came.")
    log_p = class_logits.detach().cpu().double().log_softmax(dim=1)  # (N, K)
    log_mean = log_p.logsumexp(dim=0) - math.log(len(log_p))  # (K,)
    return float((log_p.exp() * (log_p - log_mean)).sum(dim=1).mean().exp())


def precision_recall(real_features: Tensor, fake_features: Tensor, *, k: int = 3) -> PrecisionRecall:
    """Improved precision and recall: a manifold is the union of balls that reach each sample's k-th neighbour.

    Source: Kynkäänniemi et al. 2019, equations 1 and 2. Memory and time grow with N * M.

    Args:
        real_features: (N, d), N > k.
        fake_features: (M, d), M > k.
        k: which neighbour sets the radius, at least 1.

    Raises:
        TypeError: no floating-point tensors, or a k that is no whole number.
        ValueError: another shape, too few samples for k, or NaN.
    """
    from scipy.spatial.distance import cdist

    check_count("k", k)
    _check_features(real_features, fake_features, least=k + 1)
    real, fake = (features.detach().cpu().double().numpy() for features in (real_features, fake_features))
    across = cdist(real, fake)  # (N, M)
    precision = (across <= _radii(real, k)[:, None]).any(axis=0).mean()
    recall = (across <= _radii(fake, k)[None, :]).any(axis=1).mean()
    return PrecisionRecall(float(precision), float(recall))


def density_coverage(real_features: Tensor, fake_features: Tensor, *, k: int = 5) -> DensityCoverage:
    """Density and coverage: how many real balls hold each fake sample, and how many real balls hold any.

    The balls are those of `precision_recall`. Density counts them all, so that one huge ball adds little; coverage
    uses real balls alone, so that strange fakes cannot widen them. Source: Naeem et al. 2020, section 3.

    Args:
        real_features: (N, d), N > k.
        fake_features: (M, d), M > 0.
        k: which neighbour sets the radius, at least 1.

    Raises:
        TypeError: no floating-point tensors, or a k that is no whole number.
        ValueError: another shape, too few real samples for k, or NaN.
    """
    from scipy.spatial.distance import cdist

    check_count("k", k)
    _check_features(real_features, fake_features)
    if len(real_features) <= k:
        raise ValueError(f"at least {k + 1} real samples are needed for k = {k}, but {len(real_features)} came.")
    real, fake = (features.detach().cpu().double().numpy() for features in (real_features, fake_features))
    inside = cdist(real, fake) <= _radii(real, k)[:, None]  # (N, M)
    return DensityCoverage(float(inside.sum() / (k * len(fake))), float(inside.any(axis=1).mean()))


def wasserstein_distance(real: Tensor, fake: Tensor) -> float:
    r"""Exact Wasserstein-1 distance of two samples of equal size: the mean way of the cheapest one-to-one matching.

    In one dimension the sorted samples are matched; else the assignment problem is solved, in time growing as N^3
    (1,000 points take well under a second).

    Args:
        real: (N,) or (N, dim), N > 0.
        fake: the same shape.

    Returns:
        The mean Euclidean distance that a unit of mass travels, in the units of the samples.

    Raises:
        TypeError: no floating-point tensors.
        ValueError: shapes that differ, no samples, or NaN.
    """
    from scipy.optimize import linear_sum_assignment
    from scipy.spatial.distance import cdist

    check_finite("real", real)
    check_finite("fake", fake)
    if real.shape != fake.shape or real.ndim not in (1, 2):
        raise ValueError(
            f"two samples (N,) or (N, dim) of one shape are needed, but {tuple(real.shape)} and "
            f"{tuple(fake.shape)} came."
        )
    if real.ndim == 1:
        real, fake = real[:, None], fake[:, None]
    real, fake = (sample.detach().cpu().double() for sample in (real, fake))
    _check_features(real, fake)
    if real.shape[1] == 1:
        return float((real.sort(dim=0).values - fake.sort(dim=0).values).abs().mean())
    cost = cdist(real.numpy(), fake.numpy())  # (N, N)
    return float(cost[linear_sum_assignment(cost)].mean())


def error_bar(score: Callable[..., float], *samples: Tensor, rounds: int = 100, rng: torch.Generator) -> ErrorBar:
    r"""How far a score would move with new samples: 95 % interval from random halves, drawn without repetition.

    The spread of a score over random halves of its samples is, to first order, its spread over new sets of full size:
    $\sigma^2 / (N/2)$ less what the halves share, $\sigma^2 / N$. The interval is `value` plus and minus 1.96 of
    that. Where first order vanishes (Fréchet and kernel distance of equal laws) the interval comes out too wide, up to
    sqrt(3) times. A bootstrap would draw *with* repetition: then samples meet themselves, at distance 0, which moves
    every score that compares samples with each other. Source: Shao and Wu 1989 (the jackknife that deletes half).

    The interval is no interval for the true score of a biased estimate, and it knows nothing of other seeds.

    Args:
        score: takes as many tensors as there are `samples` and returns a number. To compare two generators, take
            three samples and `lambda real, one, two: ...` with the difference of two scores.
        samples: (N, ...) each, N > 3, sizes may differ; rows of one tensor are independent of each other.
        rounds: how many halves are drawn, at least 2; with 100 the width of the interval varies by about 7 %.
        rng: draws the halves.

    Raises:
        TypeError: another kind of argument, or a score that returns no number.
        ValueError: fewer than four samples, fewer than two rounds, NaN, and what `score` raises.
    """
    if not callable(score):
        raise TypeError(f"score must be a function of samples, such as frechet_distance, but {score!r} came.")
    check_count("rounds", rounds, least=2)
    check_rng(rng)
    if not samples:
        raise ValueError("at least one tensor of samples is needed after the score, but none came.")
    for sample in samples:
        check_finite("each tensor of samples", sample)
        if not sample.ndim or len(sample) < 4:
            raise ValueError(f"at least 4 samples (N, ...) are needed, but the shape {tuple(sample.shape)} came.")

    def scored(*parts: Tensor) -> float:
        found = score(*parts)
        check_number("what score returns", found)
        return float(found)

    def half(sample: Tensor) -> Tensor:
        return sample[torch.randperm(len(sample), generator=rng)[: len(sample) // 2].to(sample.device)]

    value = scored(*samples)
    halves = np.array([scored(*(half(sample) for sample in samples)) for _ in range(rounds)])
    reach = 1.96 * float(halves.std(ddof=1))
    return ErrorBar(value, value - reach, value + reach, float(halves.mean()) - value)


def _radii(points: np.ndarray, k: int) -> np.ndarray:
    """Return each point's distance to its k-th neighbour; (N, d) to (N,)."""
    from scipy.spatial.distance import cdist

    return np.partition(cdist(points, points), k, axis=1)[:, k]  # entry 0 is the point itself


def _check_features(real: Tensor, fake: Tensor, least: int = 1) -> None:
    check_finite("the first samples", real)
    check_finite("the second samples", fake)
    if real.ndim != 2 or fake.ndim != 2 or real.shape[1] != fake.shape[1] or not real.shape[1]:
        raise ValueError(
            f"two matrices with as many columns are needed, but {tuple(real.shape)} and {tuple(fake.shape)} came."
        )
    if min(len(real), len(fake)) < least:
        raise ValueError(f"at least {least} samples on each side are needed, but {len(real)} and {len(fake)} came.")
