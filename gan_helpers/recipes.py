"""The four models of the labs as recipes: settings, networks and step functions, for whatever trains them elsewhere."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import softplus

from gan_helpers.checks import check_count, check_number
from gan_helpers.losses import gradient_penalty, minimax_d, non_saturating_g, wasserstein_d, wasserstein_g
from gan_helpers.models import (
    ConditionalDiscriminator,
    ConditionalGenerator,
    ConvDiscriminator,
    ConvGenerator,
    MLPDiscriminator,
    MLPGenerator,
)

CLASSES = 10
_LOSSES = {  # of discriminator and generator
    "mlp": (minimax_d, non_saturating_g),
    "dcgan": (minimax_d, non_saturating_g),
    "wgan-gp": (wasserstein_d, wasserstein_g),
    "cgan": (minimax_d, non_saturating_g),
}

Batch = tuple[Tensor, Tensor]  # images (B, 1, 28, 28) float32 in [-1, 1] and labels (B,) int64
Step = Callable[[Batch], Tensor]  # updates one player and returns its loss, a scalar


@dataclass(frozen=True)
class Recipe:
    """The settings of one lab, under the names that they have there, in lower case.

    Args:
        model: which networks and losses, a key of `RECIPES`.
        lab: the folder in `book/` whose settings these are.
        latent_dim: length of a latent vector, at least 1.
        batch: images a step, at least 1; where the networks hold batch norm, at least 2.
        learning_rate: of both players' Adam, above 0.
        betas: of both players' Adam, each in [0, 1).
        width: feature maps of the convolutions, at least 1; 0 for the perceptrons, which have none.
        ema_decay: in [0, 1); 0 means that the generator of the last step draws.
        critic_steps: discriminator steps a generator step, at least 1.
        penalty: weight of the gradient penalty; "wgan-gp" only.
        same_fakes: both players learn from one draw, as in the lab on DCGAN; else each draws its own.
        instance_noise: standard deviation, on all that the discriminator sees.
        mismatch: weight of real images with wrong labels; "cgan" only.

    Raises:
        TypeError: a number that is none.
        ValueError: an unknown model, a number outside its range, or a setting that the model does not have.
    """

    model: str
    lab: str
    latent_dim: int
    batch: int
    learning_rate: float
    betas: tuple[float, float]
    width: int = 0
    ema_decay: float = 0.0
    critic_steps: int = 1
    penalty: float = 0.0
    same_fakes: bool = False
    instance_noise: float = 0.0
    mismatch: float = 0.0

    def __post_init__(self) -> None:
        if self.model not in _LOSSES:
            raise ValueError(f"there is no model {self.model!r}; choose one of {', '.join(map(repr, _LOSSES))}.")
        check_count("latent_dim", self.latent_dim)
        check_count("batch", self.batch, least=1 if self.model == "wgan-gp" else 2)
        check_count("width", self.width, least=0 if self.model == "mlp" else 1)
        check_count("critic_steps", self.critic_steps)
        check_number("learning_rate", self.learning_rate, above=0)
        for name in ("ema_decay", "penalty", "instance_noise", "mismatch"):
            check_number(name, getattr(self, name), least=0)
        if self.ema_decay >= 1:
            raise ValueError(f"ema_decay must lie in [0, 1), but {self.ema_decay} came.")
        for name, owner in (("penalty", "wgan-gp"), ("mismatch", "cgan")):
            if getattr(self, name) and self.model != owner:
                raise ValueError(
                    f"{name} belongs to {owner!r} alone, but {self.model!r} came with {getattr(self, name)}."
                )


RECIPES = {
    "mlp": Recipe("mlp", "gan", latent_dim=64, batch=64, learning_rate=1e-3, betas=(0.5, 0.999)),
    "dcgan": Recipe(
        "dcgan", "dcgan", latent_dim=64, batch=32, learning_rate=2e-3, betas=(0.0, 0.9), width=16, ema_decay=0.995,
        same_fakes=True, instance_noise=0.3,
    ),
    "wgan-gp": Recipe(
        "wgan-gp", "wgan", latent_dim=64, batch=32, learning_rate=2e-3, betas=(0.0, 0.9), width=16, critic_steps=3,
        penalty=10.0,
    ),
    "cgan": Recipe(
        "cgan", "conditional", latent_dim=64, batch=32, learning_rate=2e-3, betas=(0.0, 0.9), width=16,
        ema_decay=0.995, mismatch=0.5,
    ),
}  # fmt: skip


def build(recipe: Recipe) -> tuple[nn.Module, nn.Module]:
    """Return the generator and the discriminator of a recipe, freshly initialised on the CPU.

    Raises:
        TypeError: no `Recipe`.
    """
    _check_recipe(recipe)
    latent_dim, width = recipe.latent_dim, recipe.width
    if recipe.model == "mlp":
        generator = MLPGenerator(latent_dim, (1, 28, 28), hidden=(256, 256), batch_norm=True, tanh=True)
        return generator, MLPDiscriminator((1, 28, 28), hidden=(256, 256), dropout=0.3)
    if recipe.model == "cgan":
        return ConditionalGenerator(latent_dim, classes=CLASSES, width=width), ConditionalDiscriminator(
            classes=CLASSES, width=width
        )
    generator = ConvGenerator(latent_dim, width=width)
    return generator, ConvDiscriminator(width=width, batch_norm=recipe.model == "dcgan")


def make_steps(
    recipe: Recipe, generator: nn.Module, discriminator: nn.Module
) -> tuple[Step, Step, list[torch.optim.Optimizer]]:
    """Return both step functions, for `train_gan`, and the optimisers of discriminator and generator, in this order.

    Raises:
        TypeError: no `Recipe`.
    """
    _check_recipe(recipe)
    d_adam, g_adam = (
        torch.optim.Adam(net.parameters(), recipe.learning_rate, recipe.betas, fused=True)
        for net in (discriminator, generator)
    )
    conditional = recipe.model == "cgan"
    d_loss_of, g_loss_of = _LOSSES[recipe.model]
    made: list[Tensor] = []  # of the last discriminator step, for `same_fakes`

    def draw(labels: Tensor) -> Tensor:
        z = torch.randn(len(labels), recipe.latent_dim, device=labels.device)
        return generator(z, labels) if conditional else generator(z)

    def judge(x: Tensor, labels: Tensor) -> Tensor:
        if recipe.instance_noise:
            x = x + recipe.instance_noise * torch.randn_like(x)
        return discriminator(x, labels) if conditional else discriminator(x)

    def d_step(batch: Batch) -> Tensor:
        real, labels = batch
        with torch.set_grad_enabled(recipe.same_fakes):
            fake = draw(labels)
        made[:] = [fake]
        d_loss = d_loss_of(judge(real, labels), judge(fake.detach(), labels))
        if recipe.penalty:
            d_loss = d_loss + recipe.penalty * gradient_penalty(discriminator, real, fake)
        if recipe.mismatch:
            wrong = (labels + torch.randint_like(labels, 1, CLASSES)) % CLASSES
            d_loss = d_loss + recipe.mismatch * softplus(judge(real, wrong)).mean()
        d_adam.zero_grad()
        d_loss.backward()
        d_adam.step()
        return d_loss

    def g_step(batch: Batch) -> Tensor:
        discriminator.requires_grad_(False)
        labels = batch[1]
        g_loss = g_loss_of(judge(made[0] if recipe.same_fakes else draw(labels), labels))
        g_adam.zero_grad()
        g_loss.backward()
        g_adam.step()
        discriminator.requires_grad_(True)
        return g_loss

    return d_step, g_step, [d_adam, g_adam]


def _check_recipe(recipe: Recipe) -> None:
    if not isinstance(recipe, Recipe):
        raise TypeError(f'a Recipe is needed, such as RECIPES["dcgan"], but {recipe!r:.60} came.')
