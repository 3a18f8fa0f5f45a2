r"""Losses of the two players, in pairs `*_d` / `*_g`, on logits.

A logit $l$ is the discriminator's raw output, $D = \sigma(l)$. Typed in as it stands, $\log(1 - \sigma(l))$ is lost in
float32 from $l \approx 17$ on and $\log \sigma(l)$ somewhere below $l = -88$. So the code uses softplus,
$\log(1 + e^l)$: $-\log D = \mathrm{softplus}(-l)$ and $-\log(1 - D) = \mathrm{softplus}(l)$. Every loss is pure, takes
logits of shape (B,) or (B, 1), returns a scalar to be minimised, and raises TypeError or ValueError when no such
logits come. The two penalties take a network and samples instead.
"""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn.functional import relu, softplus

from gan_helpers.checks import check_floats


def minimax_d(real_logits: Tensor, fake_logits: Tensor) -> Tensor:
    r"""Discriminator's loss $-E[\log D(x)] - E[\log(1 - D(G(z)))]$.

    It is $2 \log 2 = 1.386$ when D says 1/2 everywhere. Source: Goodfellow et al. 2014, equation 1, negated.
    """
    _check_logits(real_logits, fake_logits)
    return softplus(-real_logits).mean() + softplus(fake_logits).mean()


def minimax_g(fake_logits: Tensor) -> Tensor:
    r"""Generator's saturating loss $E[\log(1 - D(G(z)))]$, whose gradient by the logit is $-D(G(z))$ a sample.

    It vanishes just when D rejects the samples. Source: Goodfellow et al. 2014, equation 1.
    """
    _check_logits(fake_logits)
    return -softplus(fake_logits).mean()


def non_saturating_d(real_logits: Tensor, fake_logits: Tensor) -> Tensor:
    """Discriminator's loss of the non-saturating game: the same as `minimax_d`."""
    return minimax_d(real_logits, fake_logits)


def non_saturating_g(fake_logits: Tensor) -> Tensor:
    r"""Generator's loss $-E[\log D(G(z))]$, whose gradient by the logit is $-(1 - D(G(z)))$ a sample.

    It is strongest just when D rejects the samples. Source: Goodfellow et al. 2014, end of section 3.
    """
    _check_logits(fake_logits)
    return softplus(-fake_logits).mean()


def least_squares_d(real_logits: Tensor, fake_logits: Tensor) -> Tensor:
    r"""Discriminator's least-squares loss $\frac12 E[(f(x) - 1)^2] + \frac12 E[f(G(z))^2]$.

    f is the raw output. Source: Mao et al. 2017, equation 9 (targets 1 and 0).
    """
    _check_logits(real_logits, fake_logits)
    return 0.5 * (real_logits - 1).square().mean() + 0.5 * fake_logits.square().mean()


def least_squares_g(fake_logits: Tensor) -> Tensor:
    r"""Generator's least-squares loss $\frac12 E[(f(G(z)) - 1)^2]$. Source: Mao et al. 2017, equation 9."""
    _check_logits(fake_logits)
    return 0.5 * (fake_logits - 1).square().mean()


def wasserstein_d(real_logits: Tensor, fake_logits: Tensor) -> Tensor:
    r"""Critic's loss $E[f(G(z))] - E[f(x)]$: the critic maximises the gap, so the loss is minus the estimated distance.

    Meaningful only while f is Lipschitz. Source: Arjovsky et al. 2017, equation 2 and algorithm 1, negated.
    """
    _check_logits(real_logits, fake_logits)
    return fake_logits.mean() - real_logits.mean()


def wasserstein_g(fake_logits: Tensor) -> Tensor:
    r"""Generator's loss $-E[f(G(z))]$. Source: Arjovsky et al. 2017, algorithm 1."""
    _check_logits(fake_logits)
    return -fake_logits.mean()


def hinge_d(real_logits: Tensor, fake_logits: Tensor) -> Tensor:
    r"""Discriminator's hinge loss $E[\max(0, 1 - f(x))] + E[\max(0, 1 + f(G(z)))]$.

    Source: Lim and Ye 2017; Miyato et al. 2018, equation 16, negated.
    """
    _check_logits(real_logits, fake_logits)
    return relu(1 - real_logits).mean() + relu(1 + fake_logits).mean()


def hinge_g(fake_logits: Tensor) -> Tensor:
    r"""Generator's loss beside `hinge_d`: $-E[f(G(z))]$. Source: Miyato et al. 2018, equation 17."""
    return wasserstein_g(fake_logits)


def gradient_penalty(critic: Callable[[Tensor], Tensor], real: Tensor, fake: Tensor) -> Tensor:
    r"""Penalty $E[(\lVert \nabla f(\hat x) \rVert_2 - 1)^2]$ at $\hat x = u x + (1 - u) G(z)$, $u \sim U[0, 1]$.

    One u and one norm for each sample; multiply by the weight (10 in the paper) yourself. The critic must treat
    samples one by one, so it must hold no batch norm. Source: Gulrajani et al. 2017, equation 3 and algorithm 1.

    Args:
        critic: maps (B, ...) to (B,) or (B, 1).
        real: (B, ...).
        fake: (B, ...), the same shape; its graph to the generator is not kept.

    Returns:
        A scalar, differentiable in the critic's weights.

    Raises:
        TypeError: real or fake is no floating-point tensor.
        ValueError: real and fake differ in shape or are empty, or the critic's output has another shape or does not
            depend on its input.
    """
    check_floats("real", real)
    check_floats("fake", fake)
    if real.shape != fake.shape or not real.numel():
        raise ValueError(f"real and fake must agree in shape, but {tuple(real.shape)} and {tuple(fake.shape)} came.")
    u = torch.rand(len(real), *[1] * (real.ndim - 1), dtype=real.dtype, device=real.device)  # (B, 1, ...)
    between = (u * real.detach() + (1 - u) * fake.detach()).requires_grad_()
    slope = _slope(critic, between)  # (B, ...)
    return (slope.flatten(1).norm(dim=1) - 1).square().mean()


def r1_penalty(discriminator: Callable[[Tensor], Tensor], real: Tensor) -> Tensor:
    r"""Penalty $E[\lVert \nabla l(x) \rVert_2^2]$ at real samples; multiply by gamma / 2 yourself.

    Like `gradient_penalty` it wants a discriminator that treats samples one by one, without batch norm.

    Source: Mescheder et al. 2018, equation 9.

    Args:
        discriminator: maps (B, ...) to logits (B,) or (B, 1).
        real: (B, ...).

    Returns:
        A scalar, differentiable in the discriminator's weights.

    Raises:
        TypeError: real is no floating-point tensor.
        ValueError: no samples, or the discriminator's output has another shape or does not depend on its input.
    """
    check_floats("real", real)
    if not real.numel():
        raise ValueError(f"at least one real sample is needed, but shape {tuple(real.shape)} came.")
    at = real.detach().requires_grad_()
    slope = _slope(discriminator, at)  # (B, ...)
    return slope.flatten(1).square().sum(dim=1).mean()


def _slope(function: Callable[[Tensor], Tensor], at: Tensor) -> Tensor:
    """Return the gradient of each sample's output by that sample, (B, ...), with its graph."""
    heights = function(at)
    _check_logits(heights)
    if len(heights) != len(at):
        raise ValueError(f"one output a sample is needed, but {len(at)} samples gave the shape {tuple(heights.shape)}.")
    slope = None
    if heights.requires_grad:
        (slope,) = torch.autograd.grad(heights.sum(), at, create_graph=True, allow_unused=True)
    if slope is None:
        raise ValueError("the output does not depend on the samples, so it has no slope; is there a detach on the way?")
    return slope


def _check_logits(*all_logits: Tensor) -> None:
    for logits in all_logits:
        check_floats("logits", logits)
        if not logits.numel() or logits.ndim not in (1, 2) or logits.shape[1:] not in ((), (1,)):
            raise ValueError(f"logits must have the shape (B,) or (B, 1) with B > 0, but {tuple(logits.shape)} came.")
