"""Our scores against those that papers report: each comparison runs where the other package is installed.

None of them is needed for the book, so none is in the requirements. Seen to pass with pytorch-fid 0.3.0,
torch-fidelity 0.4.0, prdc 0.2 and POT 0.9.7.post1.
"""

import math

import numpy as np
import pytest
import torch

from gan_helpers import (
    density_coverage,
    frechet_distance,
    inception_score,
    kernel_distance,
    precision_recall,
    wasserstein_distance,
)


def public(name):
    """Return a module of a public package, or leave the comparison out where that is not installed."""
    return pytest.importorskip(name, reason=f"compares with {name.split('.')[0]}, which is not installed here")


@pytest.fixture
def features(rng):
    """Return 400 real and 400 fake features of 16 dimensions."""
    mix = torch.randn(16, 16, generator=rng)
    real = torch.randn(400, 16, generator=rng) @ mix
    return real.double(), (0.9 * torch.randn(400, 16, generator=rng) @ mix + 0.5).double()


def test_frechet_is_that_of_pytorch_fid(features):
    theirs = public("pytorch_fid.fid_score").calculate_frechet_distance
    statistics = [part for x in features for part in (x.numpy().mean(axis=0), np.cov(x.numpy(), rowvar=False))]
    assert frechet_distance(*features) == pytest.approx(theirs(*statistics), rel=1e-8)


def test_frechet_is_that_of_torch_fidelity(features):
    fid = public("torch_fidelity.metric_fid")
    theirs = fid.fid_statistics_to_metric(*(fid.fid_features_to_statistics(x) for x in features), verbose=False)
    assert frechet_distance(*features) == pytest.approx(theirs["frechet_inception_distance"], rel=1e-8)


def test_kernel_distance_is_that_of_torch_fidelity(features):
    kid = public("torch_fidelity.metric_kid")
    theirs = kid.kid_features_to_metric(*features, kid_subsets=1, kid_subset_size=400, verbose=False)
    assert kernel_distance(*features) == pytest.approx(theirs["kernel_inception_distance_mean"], rel=1e-9)


def test_inception_score_is_that_of_torch_fidelity(features):
    isc = public("torch_fidelity.metric_isc")
    theirs = isc.isc_features_to_metric(features[0], splits=1)["inception_score_mean"]
    assert inception_score(features[0]) == pytest.approx(theirs, rel=1e-9)


def test_precision_and_recall_are_those_of_torch_fidelity(features):
    prc = public("torch_fidelity.metric_prc")
    real, fake = features
    theirs = prc.prc_features_to_metric(fake, real, prc_neighborhood=3, verbose=False)
    ours = precision_recall(real, fake, k=3)
    assert (ours.precision, ours.recall) == pytest.approx((theirs["precision"], theirs["recall"]))


@pytest.mark.parametrize("k", [1, 5])
def test_precision_recall_density_and_coverage_are_those_of_prdc(features, k):
    theirs = public("prdc").compute_prdc(*(x.numpy() for x in features), nearest_k=k)
    first, second = precision_recall(*features, k=k), density_coverage(*features, k=k)
    ours = {**vars(first), **vars(second)}
    assert ours == pytest.approx(theirs)


def test_wasserstein_is_that_of_pot(features):
    ot = public("ot")
    cost = ot.dist(*(x.numpy() for x in features), metric="euclidean")
    assert math.isclose(wasserstein_distance(*features), ot.emd2([], [], cost), rel_tol=1e-9)
