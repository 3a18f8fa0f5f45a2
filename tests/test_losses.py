"""Values and gradients against closed forms and torch's own cross-entropy, also where float32 ends."""

import pytest
import torch
from torch.nn.functional import binary_cross_entropy_with_logits as bce
from torch.testing import assert_close

import gan_helpers as gh

REAL = torch.tensor([-100.0, -30.0, -1.0, 0.0, 2.0, 30.0, 100.0], dtype=torch.float64)
FAKE = torch.tensor([30.0, 100.0, 0.5, -2.0, -30.0, 1.0, -100.0], dtype=torch.float64)
ORACLES_D = {
    "minimax_d": lambda r, f: bce(r, torch.ones_like(r)) + bce(f, torch.zeros_like(f)),
    "non_saturating_d": lambda r, f: bce(r, torch.ones_like(r)) + bce(f, torch.zeros_like(f)),
    "least_squares_d": lambda r, f: ((r - 1) ** 2).mean() / 2 + (f**2).mean() / 2,
    "wasserstein_d": lambda r, f: f.mean() - r.mean(),
    "hinge_d": lambda r, f: (1 - r).clamp(min=0).mean() + (1 + f).clamp(min=0).mean(),
}
ORACLES_G = {
    "minimax_g": lambda f: -bce(f, torch.zeros_like(f)),
    "non_saturating_g": lambda f: bce(f, torch.ones_like(f)),
    "least_squares_g": lambda f: ((f - 1) ** 2).mean() / 2,
    "wasserstein_g": lambda f: -f.mean(),
    "hinge_g": lambda f: -f.mean(),
}


def value_and_gradients(loss, *logits):
    logits = [logit.clone().requires_grad_() for logit in logits]
    value = loss(*logits)
    return value.detach(), torch.autograd.grad(value, logits)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("column", [False, True])
@pytest.mark.parametrize("name", ORACLES_D)
def test_discriminator_losses(name, column, dtype):
    logits = [x.to(dtype).reshape(-1, 1) if column else x.to(dtype) for x in (REAL, FAKE)]
    assert_close(value_and_gradients(getattr(gh, name), *logits), value_and_gradients(ORACLES_D[name], *logits))
    assert getattr(gh, name)(*logits).shape == ()
    assert not torch.isclose(getattr(gh, name)(*logits), getattr(gh, name)(*logits[::-1]))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("name", ORACLES_G)
def test_generator_losses(name, dtype):
    logits = FAKE.to(dtype)
    assert_close(value_and_gradients(getattr(gh, name), logits), value_and_gradients(ORACLES_G[name], logits))


@pytest.mark.parametrize("logit", [-100.0, -30.0, -4.6, 0.0, 4.6, 30.0, 100.0])
def test_gradients_by_the_logit(logit):
    x = torch.tensor([logit])
    d = torch.sigmoid(torch.tensor(logit, dtype=torch.float64)).float()
    opposite = torch.sigmoid(torch.tensor(-logit, dtype=torch.float64)).float()
    assert_close(value_and_gradients(gh.minimax_g, x)[1][0], -d.reshape(1))
    assert_close(value_and_gradients(gh.non_saturating_g, x)[1][0], -opposite.reshape(1))


def test_value_at_chance():
    zero = torch.zeros(8)
    assert_close(gh.minimax_d(zero, zero), torch.tensor(4.0).log())
    assert_close(gh.non_saturating_g(zero), torch.tensor(2.0).log())


@pytest.mark.parametrize("bad", [torch.zeros(3, 2), torch.zeros(0), torch.zeros(2, 1, 1), torch.tensor(1.0)])
def test_shape_of_logits(bad):
    with pytest.raises(ValueError, match="logits must have the shape"):
        gh.minimax_g(bad)
    with pytest.raises(ValueError, match="logits must have the shape"):
        gh.hinge_d(torch.zeros(3), bad)


@pytest.mark.parametrize("bad", [[0.0], None, torch.zeros(3, dtype=torch.int64)])
def test_type_of_logits(bad):
    with pytest.raises(TypeError, match="logits must be a floating-point tensor"):
        gh.wasserstein_g(bad)


@pytest.mark.parametrize("batch", [1, 2, 7, 64])
@pytest.mark.parametrize("norm", [0.5, 1.0, 3.0])
def test_gradient_penalty_of_a_linear_critic(batch, norm):
    weight = torch.randn(12)
    weight = norm * weight / weight.norm()
    penalty = gh.gradient_penalty(lambda x: x.flatten(1) @ weight, torch.randn(batch, 3, 4), torch.randn(batch, 3, 4))
    assert_close(penalty, torch.tensor((norm - 1) ** 2), atol=1e-6, rtol=1e-5)


def test_gradient_penalty_reaches_the_critic_and_not_the_generator():
    critic, generator = torch.nn.Linear(2, 1), torch.nn.Linear(2, 2)
    gh.gradient_penalty(critic, torch.randn(5, 2), generator(torch.randn(5, 2))).backward()
    w = critic.weight.detach()
    assert_close(critic.weight.grad, 2 * (w.norm() - 1) * w / w.norm())
    assert generator.weight.grad is None


def test_gradient_penalty_lies_between_real_and_fake():
    seen = []

    def critic(x):
        seen.append(x.detach())
        return x.sum(dim=(1, 2))

    gh.gradient_penalty(critic, torch.ones(200, 3, 2), torch.zeros(200, 3, 2))
    (points,) = seen
    assert_close(points, points[:, :1, :1].expand_as(points))  # one u a sample
    assert points.min() >= 0
    assert points.max() <= 1
    assert points.std() > 0.2  # uniform: 0.29


def test_gradient_penalty_wants_equal_shapes():
    with pytest.raises(ValueError, match="must agree in shape"):
        gh.gradient_penalty(lambda x: x, torch.zeros(3, 2), torch.zeros(2, 2))


@pytest.mark.parametrize("batch", [1, 2, 7])
def test_r1_of_a_linear_discriminator(batch):
    weight = torch.randn(12)
    penalty = gh.r1_penalty(lambda x: x.flatten(1) @ weight, torch.randn(batch, 3, 4))
    assert_close(penalty, weight.square().sum())


def test_r1_of_a_quadratic_and_its_gradient():
    a, x = torch.tensor(3.0, requires_grad=True), torch.randn(50, 2)
    penalty = gh.r1_penalty(lambda x: a * x.square().sum(dim=1) / 2, x)
    assert_close(penalty, 9 * x.square().sum(dim=1).mean())
    penalty.backward()
    assert_close(a.grad, 6 * x.square().sum(dim=1).mean())
    assert not x.requires_grad


def test_r1_wants_samples():
    with pytest.raises(ValueError, match="at least one real sample"):
        gh.r1_penalty(lambda x: x.sum(1), torch.zeros(0, 2))
