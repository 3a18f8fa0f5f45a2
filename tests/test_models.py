import pytest
import torch
from torch import nn
from torch.testing import assert_close

import gan_helpers as gh

PAIRS = {
    "points": (lambda: gh.MLPGenerator(4, (2,)), lambda: gh.MLPDiscriminator((2,)), (2,)),
    "digits": (
        lambda: gh.MLPGenerator(4, (1, 28, 28), hidden=(32,), batch_norm=True, tanh=True),
        lambda: gh.MLPDiscriminator((1, 28, 28), hidden=(32, 16), dropout=0.3),
        (1, 28, 28),
    ),
    "convolutions": (
        lambda: gh.ConvGenerator(4, channels=3, width=8),
        lambda: gh.ConvDiscriminator(channels=3, width=8),
        (3, 28, 28),
    ),
}


@pytest.mark.parametrize("pair", PAIRS)
def test_shapes_and_gradients(pair):
    make_generator, make_discriminator, shape = PAIRS[pair]
    generator, discriminator = make_generator(), make_discriminator()
    fake = generator(torch.randn(6, 4))
    logits = discriminator(fake)
    assert fake.shape == (6, *shape)
    assert logits.shape == (6,)
    logits.square().sum().backward()
    for net in (generator, discriminator):
        for name, weight in net.named_parameters():
            assert weight.grad is not None, name
            assert torch.isfinite(weight.grad).all(), name
            assert weight.grad.abs().sum() > 0 or name.endswith("bias"), name


@pytest.mark.parametrize("pair", PAIRS)
def test_discriminators_end_in_logits(pair):
    _, make_discriminator, shape = PAIRS[pair]
    discriminator = make_discriminator().eval()
    last = [layer for layer in discriminator.modules() if isinstance(layer, nn.Linear)][-1]
    with torch.no_grad():
        last.bias.fill_(7.0)
        assert_close(discriminator(torch.zeros(2, *shape)).mean().item(), 7.0, atol=2, rtol=0)
        last.bias.fill_(-7.0)
        assert_close(discriminator(torch.zeros(2, *shape)).mean().item(), -7.0, atol=2, rtol=0)


def test_images_lie_in_the_range_of_tanh():
    for generator in (gh.MLPGenerator(4, (1, 8, 8), tanh=True), gh.ConvGenerator(4)):
        images = generator(100 * torch.randn(20, 4))
        assert images.abs().max() <= 1
    points = gh.MLPGenerator(4, (2,))(1000 * torch.randn(50, 4))
    assert points.abs().max() > 1


def test_options():
    def count(net, kind):
        return sum(isinstance(layer, kind) for layer in net.modules())

    assert count(gh.MLPGenerator(4, (2,), hidden=(8, 8, 8), batch_norm=True), nn.BatchNorm1d) == 3
    assert count(gh.MLPGenerator(4, (2,), hidden=(8, 8, 8)), nn.BatchNorm1d) == 0
    assert count(gh.ConvDiscriminator(), nn.BatchNorm2d) == 2
    assert count(gh.ConvDiscriminator(batch_norm=False), nn.BatchNorm2d) == 0
    dropout = [layer.p for layer in gh.MLPDiscriminator((2,), dropout=0.3).modules() if isinstance(layer, nn.Dropout)]
    assert dropout == [0.3, 0.3]


def test_batch_norm_keeps_the_usual_eps_and_momentum():
    for net in (gh.ConvGenerator(), gh.ConvDiscriminator(), gh.MLPGenerator(4, (2,), batch_norm=True)):
        for layer in net.modules():
            if isinstance(layer, (nn.BatchNorm1d, nn.BatchNorm2d)):
                assert (layer.eps, layer.momentum) == (1e-5, 0.1)


def test_init_dcgan():
    net = nn.Sequential(nn.Conv2d(16, 64, 4), nn.BatchNorm2d(64), nn.Linear(200, 200))
    gh.init_dcgan(net)
    for layer, mean in zip(net, (0.0, 1.0, 0.0), strict=True):
        assert_close(layer.weight.mean().item(), mean, atol=0.01, rtol=0)
        assert_close(layer.weight.std().item(), 0.02, atol=0.006, rtol=0)
        assert layer.bias.abs().max() == 0


def test_classifier():
    judge = gh.ConvClassifier(7)
    images = torch.rand(5, 1, 28, 28)
    assert judge(images).shape == (5, 7)
    assert judge.features(images).shape == (5, 64)
    assert_close(judge.head(judge.features(images)), judge(images))


@pytest.mark.parametrize("net", [gh.MLPGenerator(4, (2,)), gh.ConvGenerator(4)], ids=["mlp", "conv"])
@pytest.mark.parametrize("shape", [(3,), (3, 5), (3, 4, 1)])
def test_wrong_latent(net, shape):
    with pytest.raises(ValueError, match=r"z must have the shape \(B, 4\)"):
        net(torch.zeros(shape))


@pytest.mark.parametrize(
    "net", [gh.MLPDiscriminator((1, 28, 28)), gh.ConvDiscriminator(), gh.ConvClassifier()], ids=["mlp", "conv", "judge"]
)
@pytest.mark.parametrize("shape", [(3, 784), (3, 3, 28, 28), (1, 28, 28)])
def test_wrong_samples(net, shape):
    with pytest.raises(ValueError, match=r"samples must have the shape \(B, 1, 28, 28\)"):
        net(torch.zeros(shape))


def test_wrong_sizes():
    with pytest.raises(ValueError, match="at least 1"):
        gh.MLPGenerator(0, (2,))
    with pytest.raises(ValueError, match="at least 1"):
        gh.ConvGenerator(width=-1)
    with pytest.raises(TypeError, match="a whole number"):
        gh.MLPDiscriminator((2,), hidden=(1.5,))
    with pytest.raises(ValueError, match="dropout must lie in"):
        gh.MLPDiscriminator((2,), dropout=1.0)
    with pytest.raises(ValueError, match="at least one hidden layer"):
        gh.MLPDiscriminator((2,), hidden=())


def conditional_pair():
    return gh.ConditionalGenerator(4, classes=3, width=8), gh.ConditionalDiscriminator(classes=3, width=8)


def test_conditional_pair_shapes_and_gradients():
    generator, discriminator = conditional_pair()
    labels = torch.tensor([0, 1, 2, 2, 1, 0])
    fake = generator(torch.randn(6, 4), labels)
    logits = discriminator(fake, labels)
    assert fake.shape == (6, 1, 28, 28)
    assert logits.shape == (6,)
    logits.square().sum().backward()
    for net in (generator, discriminator):
        for name, weight in net.named_parameters():
            assert weight.grad is not None, name
            assert weight.grad.abs().sum() > 0 or name.endswith("bias"), name


def test_labels_change_images_and_the_ranking_of_images():
    generator, discriminator = (net.eval() for net in conditional_pair())
    z, x = torch.randn(5, 4), torch.randn(5, 1, 28, 28).clamp(-1, 1)
    first, second = torch.zeros(5, dtype=torch.int64), torch.ones(5, dtype=torch.int64)
    assert not torch.allclose(generator(z, first), generator(z, second))
    difference = discriminator(x, first) - discriminator(x, second)
    assert difference.std() > 0  # a label that is only added would shift all logits alike


def test_projection_by_its_formula():
    _, discriminator = conditional_pair()
    discriminator.eval()
    x, labels = torch.randn(5, 1, 28, 28).clamp(-1, 1), torch.tensor([0, 1, 2, 1, 0])
    features = discriminator.net.features(x)
    expected = discriminator.net(x) + torch.einsum("bf,bf->b", features, discriminator.embedding.weight[labels])
    assert_close(discriminator(x, labels), expected)


@pytest.mark.parametrize(
    "labels",
    [torch.tensor([0, 3]), torch.tensor([-1, 0]), torch.tensor([0.0, 1.0]), torch.tensor([0]), [0, 1]],
    ids=["high", "negative", "float", "few", "list"],
)
def test_wrong_labels(labels):
    generator, discriminator = conditional_pair()
    with pytest.raises(ValueError, match="labels must"):
        generator(torch.randn(2, 4), labels)
    with pytest.raises(ValueError, match="labels must"):
        discriminator(torch.zeros(2, 1, 28, 28), labels)


def test_a_critic_without_batch_norm_treats_samples_one_by_one():
    x = torch.randn(4, 1, 28, 28, requires_grad=True)
    (slope,) = torch.autograd.grad(gh.ConvDiscriminator(width=8, batch_norm=False)(x)[0], x)
    assert slope[0].abs().sum() > 0
    assert slope[1:].abs().sum() == 0
    (slope,) = torch.autograd.grad(gh.ConvDiscriminator(width=8)(x)[0], x)
    assert slope[1:].abs().sum() > 0
