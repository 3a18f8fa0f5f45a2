"""The four models of the labs as recipes: settings, networks and step functions, for whatever trains them elsewhere.

On a GPU two lines change and the rest stays:

    recipe = recipe_for("dcgan", device)  # on the CPU the lab's settings, on a GPU larger ones
    generator, discriminator = (net.to(device) for net in build(recipe))
    d_step, g_step, _ = make_steps(recipe, generator, discriminator, speed=Speed.for_device(device))

No step reads a number back from the device, so a GPU is never made to wait. The GPU path is tested on the CPU: equal
results, no reading back, the right options. How fast it is on a GPU has not been measured.
"""

import dataclasses
import itertools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import softplus

from gan_helpers.checks import check_count, check_number
from gan_helpers.data import to_bytes
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
SAMPLES = 5000  # what a run writes for a judge

Batch = tuple[Tensor, Tensor]  # images (B, 1, 28, 28) float32 in [-1, 1] and labels (B,) int64
Step = Callable[[Batch], Tensor]  # updates one player and returns its loss, a scalar
Judge = Callable[[Tensor, Tensor], Tensor]  # images and labels to logits (B,)
Losses = tuple[Callable[[Tensor, Tensor, Tensor], Tensor], Callable[[Tensor, Tensor], Tensor]]


@dataclass(frozen=True)
class Recipe:
    """The settings of one lab, under the names that they have there, in lower case; those of `MINUTE` go further.

    What a model's players minimise with them is told by its own function below.

    Args:
        model: which networks and losses, a key of `RECIPES`.
        lab: the folder in `book/` whose settings, or in `MINUTE` whose networks, these are.
        latent_dim: length of a latent vector, at least 1.
        batch: images a step, at least 1; where the networks hold batch norm, at least 2.
        learning_rate: of both players' Adam, above 0.
        betas: of both players' Adam, each in [0, 1).
        width: feature maps of the convolutions, at least 1; 0 for the perceptrons, which have none.
        ema_decay: in [0, 1); 0 means that the generator of the last step draws.
        critic_steps: discriminator steps a generator step, at least 1.
        penalty: weight of the gradient penalty; "wgan-gp" only.
        penalty_every: discriminator steps from one penalty to the next, which then weighs as many times as much.
        same_fakes: both players learn from one draw, as in the lab on DCGAN; else each draws its own.
        instance_noise: standard deviation, on all that the discriminator sees; "dcgan" and "cgan" only.
        mismatch: weight of real images with wrong labels; "cgan" only.
        fall: the last share of a run of known length over which the learning rates sink to 0, in [0, 1].

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
    penalty_every: int = 1
    same_fakes: bool = False
    instance_noise: float = 0.0
    mismatch: float = 0.0
    fall: float = 0.0

    def __post_init__(self) -> None:
        if self.model not in _GAMES:
            raise ValueError(f"there is no model {self.model!r}; choose one of {', '.join(map(repr, _GAMES))}.")
        check_count("latent_dim", self.latent_dim)
        check_count("batch", self.batch, least=1 if self.model == "wgan-gp" else 2)
        check_count("width", self.width, least=0 if self.model == "mlp" else 1)
        check_count("critic_steps", self.critic_steps)
        check_count("penalty_every", self.penalty_every)
        check_number("learning_rate", self.learning_rate, above=0)
        for name in ("ema_decay", "penalty", "instance_noise", "mismatch", "fall"):
            check_number(name, getattr(self, name), least=0)
        if not isinstance(self.betas, tuple) or len(self.betas) != 2:
            raise TypeError(f"betas must be two numbers such as (0.5, 0.999), but {self.betas!r} came.")
        for beta in self.betas:
            check_number("a beta", beta, least=0)
        if max(self.betas) >= 1:
            raise ValueError(f"betas must lie in [0, 1), but {self.betas} came.")
        if self.ema_decay >= 1:
            raise ValueError(f"ema_decay must lie in [0, 1), but {self.ema_decay} came.")
        if self.fall > 1:
            raise ValueError(f"fall must lie in [0, 1], but {self.fall} came.")
        for name, owners in _OWNERS.items():
            if getattr(self, name) and self.model not in owners:
                raise ValueError(
                    f"{name} belongs to {' and '.join(map(repr, owners))} alone, but {self.model!r} came with "
                    f"{getattr(self, name)}."
                )


def _noisy(x: Tensor, std: float) -> Tensor:
    return x + std * torch.randn_like(x) if std else x


def _mlp(recipe: Recipe, judge: Judge) -> Losses:
    """Return the losses of the plain game, as in book/gan: of the discriminator, and of the generator."""

    def d_loss(real: Tensor, fake: Tensor, labels: Tensor) -> Tensor:
        return minimax_d(judge(real, labels), judge(fake, labels))

    def g_loss(fake: Tensor, labels: Tensor) -> Tensor:
        return non_saturating_g(judge(fake, labels))

    return d_loss, g_loss


def _dcgan(recipe: Recipe, judge: Judge) -> Losses:
    """Return the losses of book/dcgan: the discriminator sees nothing without noise."""

    def noisy(x: Tensor) -> Tensor:
        return _noisy(x, recipe.instance_noise)

    def d_loss(real: Tensor, fake: Tensor, labels: Tensor) -> Tensor:
        return minimax_d(judge(noisy(real), labels), judge(noisy(fake), labels))

    def g_loss(fake: Tensor, labels: Tensor) -> Tensor:
        return non_saturating_g(judge(noisy(fake), labels))

    return d_loss, g_loss


def _wgan_gp(recipe: Recipe, judge: Judge) -> Losses:
    """Return the losses of book/wgan; `make_steps` adds the penalty, which runs outside of `Speed`'s options."""

    def d_loss(real: Tensor, fake: Tensor, labels: Tensor) -> Tensor:
        return wasserstein_d(judge(real, labels), judge(fake, labels))

    def g_loss(fake: Tensor, labels: Tensor) -> Tensor:
        return wasserstein_g(judge(fake, labels))

    return d_loss, g_loss


def _cgan(recipe: Recipe, judge: Judge) -> Losses:
    """Return the losses of book/conditional: a third kind of pair are real images with wrong labels."""

    def noisy(x: Tensor) -> Tensor:
        return _noisy(x, recipe.instance_noise)

    def d_loss(real: Tensor, fake: Tensor, labels: Tensor) -> Tensor:
        pairs = minimax_d(judge(noisy(real), labels), judge(noisy(fake), labels))
        wrong = (labels + torch.randint_like(labels, 1, CLASSES)) % CLASSES
        return pairs + recipe.mismatch * softplus(judge(noisy(real), wrong)).mean()

    def g_loss(fake: Tensor, labels: Tensor) -> Tensor:
        return non_saturating_g(judge(noisy(fake), labels))

    return d_loss, g_loss


_OWNERS = {"penalty": ("wgan-gp",), "mismatch": ("cgan",), "instance_noise": ("dcgan", "cgan")}
_GAMES = {"mlp": _mlp, "dcgan": _dcgan, "wgan-gp": _wgan_gp, "cgan": _cgan}

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

# What a minute of training wants otherwise than a lab: `benchmarks.train_and_sample` takes these. The labs keep what
# their figures were measured with, and what their text explains line by line.
MINUTE = {
    "mlp": dataclasses.replace(RECIPES["mlp"], ema_decay=0.995),
    "dcgan": RECIPES["dcgan"],
    "wgan-gp": dataclasses.replace(  # cheap critic steps: the generator moves more than twice as often
        RECIPES["wgan-gp"], critic_steps=1, penalty_every=4, same_fakes=True, ema_decay=0.995
    ),
    "cgan": dataclasses.replace(RECIPES["cgan"], same_fakes=True, instance_noise=0.3, fall=0.4),
}


_LARGER_BATCH, _LARGER_WIDTH = 8, 4  # times the lab's, on a GPU: those of the labs are cut to two cores


def recipe_for(model: str, device: torch.device | str) -> Recipe:
    r"""Return the lab's recipe, or on a CUDA device a larger one: 8 times the batch, 4 times the feature maps.

    With $k$ times the batch the learning rate grows by $\sqrt k$, as the noise of the mean gradient falls by that much
    (Malladi et al. 2022; their change of betas would make the first one negative, so betas stay). With $m$ times the
    feature maps it falls by $m$, as each output sums $m$ times as many weights, each of which Adam moves by the same
    amount (Yang et al. 2021). The decay $\rho$ of the averaged weights becomes $\rho^k$, so that the average covers as
    many images (Busbridge et al. 2023). These rules come from supervised learning; how far they carry in a game, and
    what these settings reach on a GPU, has not been measured. One run of "dcgan" on the CPU was rough at first (the
    discriminator's loss rose to 8.5 at step 2) and had settled near 2 by step 40.

    Args:
        model: a key of `RECIPES`.
        device: where the networks will train.

    Raises:
        ValueError: an unknown model, or no name of a device.
    """
    if not isinstance(model, str) or model not in RECIPES:
        raise ValueError(f"there is no model {model!r}; choose one of {', '.join(map(repr, RECIPES))}.")
    recipe = RECIPES[model]
    if _device(device).type != "cuda":
        return recipe
    return dataclasses.replace(
        recipe,
        batch=_LARGER_BATCH * recipe.batch,
        width=_LARGER_WIDTH * recipe.width,
        learning_rate=recipe.learning_rate * _LARGER_BATCH**0.5 / (_LARGER_WIDTH if recipe.width else 1),
        ema_decay=recipe.ema_decay**_LARGER_BATCH,
    )


@dataclass(frozen=True)
class Speed:
    """What a machine may do to take the same steps faster; a recipe says which steps, and no option changes them.

    Args:
        autocast: torch.bfloat16 runs the networks' layers in it, or None. Weights, losses, optimisers and the whole
            gradient penalty stay float32: the penalty asks how far a norm is from 1, and between 1 and 2 bfloat16
            has steps of 1/128.
        compiled: fuse the operations of drawing and judging with `torch.compile`; the first steps then take a minute
            or so. The gradient penalty stays as it is: `torch.compile` leaves out a double backward. A process holds
            eight variants of a step; `torch.compiler.reset()` makes room for more.
        channels_last: store weights and feature maps channels last, which some convolutions prefer.
        graphs: record what was compiled as CUDA graphs, so that a step costs few launches; small networks spend most
            of their time on launches. Needs `compiled` and a CUDA device.

    Raises:
        TypeError: a flag that is neither True nor False.
        ValueError: another autocast than bfloat16, or graphs without compiled.
    """

    autocast: torch.dtype | None = None
    compiled: bool = False
    channels_last: bool = False
    graphs: bool = False

    def __post_init__(self) -> None:
        for name in ("compiled", "channels_last", "graphs"):
            if not isinstance(getattr(self, name), bool):
                raise TypeError(f"{name} must be True or False, but {getattr(self, name)!r} came.")
        if self.autocast not in (None, torch.bfloat16):
            raise ValueError(
                f"autocast must be torch.bfloat16 or None, but {self.autocast!r} came (float16 needs scaled losses)."
            )
        if self.graphs and not self.compiled:
            raise ValueError("graphs record what was compiled, so graphs=True needs compiled=True.")

    @classmethod
    def for_device(cls, device: torch.device | str) -> "Speed":
        """Return all that a CUDA device and its compiler can do; on every other device nothing, the plain steps.

        Raises:
            ValueError: no name of a device.
        """
        device = _device(device)
        if device.type != "cuda":
            return cls()
        compiled = not _failure_to_compile(device)
        return cls(torch.bfloat16 if _has_bfloat16(device) else None, compiled, channels_last=True, graphs=compiled)


_PLAIN = Speed()


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
    recipe: Recipe, generator: nn.Module, discriminator: nn.Module, *, speed: Speed = _PLAIN
) -> tuple[Step, Step, list[torch.optim.Optimizer]]:
    """Return both step functions, for `train_gan`, and the optimisers of discriminator and generator, in this order.

    Args:
        recipe: the settings.
        generator: as `build` returns it, on the device where it is to train.
        discriminator: on the same device.
        speed: options of the machine; the default takes the steps of the labs, operation by operation.

    Raises:
        TypeError: no `Recipe` or no `Speed`.
        ValueError: networks on two devices, or `speed` asks for what the device or its compiler cannot do.
    """
    _check_recipe(recipe)
    device = next(generator.parameters()).device
    if next(discriminator.parameters()).device != device:
        raise ValueError("generator and discriminator lie on two devices; move both with .to(device).")
    _check_speed(speed, device)
    if speed.channels_last:  # images of one channel lie the same either way, so batches need no copy
        for net in (generator, discriminator):
            net.to(memory_format=torch.channels_last)
    d_adam, g_adam = (
        torch.optim.Adam(net.parameters(), recipe.learning_rate, recipe.betas, fused=True)
        for net in (discriminator, generator)
    )
    made: list[Tensor] = []  # of the last discriminator step, for `same_fakes`
    turns = itertools.count()

    def run(net: nn.Module, x: Tensor, labels: Tensor) -> Tensor:
        inputs = (x, labels) if recipe.model == "cgan" else (x,)
        if speed.autocast is None:
            return net(*inputs)
        with torch.autocast(device.type, speed.autocast):
            return net(*inputs).float()

    def draw(labels: Tensor) -> Tensor:
        return run(generator, torch.randn(len(labels), recipe.latent_dim, device=labels.device), labels)

    def judge(x: Tensor, labels: Tensor) -> Tensor:
        return run(discriminator, x, labels)

    d_loss_of, g_loss_of = _GAMES[recipe.model](recipe, judge)
    if speed.compiled:
        mode = "reduce-overhead" if speed.graphs else None
        draw, d_loss_of, g_loss_of = (
            torch.compile(part, dynamic=False, mode=mode) for part in (draw, d_loss_of, g_loss_of)
        )

    def kept(loss: Tensor) -> Tensor:
        return loss.detach().clone() if speed.graphs else loss

    def d_step(batch: Batch) -> Tensor:
        real, labels = batch
        if speed.graphs:
            torch.compiler.cudagraph_mark_step_begin()  # graphs may now overwrite what the last round left
        with torch.set_grad_enabled(recipe.same_fakes):
            fake = draw(labels)
        made[:] = [fake]
        d_loss = d_loss_of(real, fake.detach(), labels)
        if recipe.penalty and next(turns) % recipe.penalty_every == 0:
            weight = recipe.penalty * recipe.penalty_every
            d_loss = d_loss + weight * gradient_penalty(discriminator, real, fake)
        d_adam.zero_grad()
        d_loss.backward()
        d_adam.step()
        return kept(d_loss)

    def g_step(batch: Batch) -> Tensor:
        discriminator.requires_grad_(False)
        labels = batch[1]
        g_loss = g_loss_of(made[0] if recipe.same_fakes else draw(labels), labels)
        g_adam.zero_grad()
        g_loss.backward()
        g_adam.step()
        discriminator.requires_grad_(True)
        return kept(g_loss)

    return d_step, g_step, [d_adam, g_adam]


def slow_down(recipe: Recipe, optimizers: list[torch.optim.Optimizer], passed: float) -> None:
    """Set the learning rates for the moment when the share `passed`, in [0, 1], of the run is over.

    Raises:
        TypeError: no `Recipe`.
    """
    _check_recipe(recipe)
    if recipe.fall:
        for group in (group for optimizer in optimizers for group in optimizer.param_groups):
            group["lr"] = recipe.learning_rate * min(1.0, max(0.0, 1 - passed) / recipe.fall)


@torch.no_grad()
def settle(recipe: Recipe, generator: nn.Module) -> nn.Module:
    """Give averaged weights the moments of their own features, and return the generator, in place, ready to draw.

    `ema_update` copies the batch norms' running moments from the weights of the last step. Those belong to another
    network and to few batches; the moments over 5,000 fresh latent vectors take their place (Izmailov et al. 2018,
    section 3.2, do so for averaged classifiers).

    Args:
        recipe: that the generator was built from.
        generator: on any device.

    Raises:
        TypeError: no `Recipe`.
    """
    _check_recipe(recipe)
    for layer in generator.modules():
        if isinstance(layer, nn.BatchNorm1d | nn.BatchNorm2d):
            layer.reset_running_stats()
            layer.momentum = None  # the plain mean over all that it will see
    sample(recipe, generator.train())
    return generator.eval()


@torch.no_grad()
def sample(recipe: Recipe, generator: nn.Module, n: int = SAMPLES) -> tuple[Tensor, Tensor]:
    """Draw n images in parts of 500, and return them with the classes that were asked for, each about equally often.

    Args:
        recipe: that the generator was built from.
        generator: on any device; hand it over after `.eval()` or `settle`.
        n: at least 1.

    Returns:
        Images (n, 28, 28) and classes (n,), both uint8 and on the CPU; the classes mean nothing unless it is "cgan".

    Raises:
        TypeError: no `Recipe`, or n no whole number.
        ValueError: n below 1.
    """
    _check_recipe(recipe)
    check_count("n", n)
    device = next(generator.parameters()).device
    labels = torch.arange(n, device=device) % CLASSES
    parts = []
    for chosen in labels.split(500):
        z = torch.randn(len(chosen), recipe.latent_dim, device=device)
        parts.append(to_bytes(generator(z, chosen) if recipe.model == "cgan" else generator(z)).cpu())
    return torch.cat(parts).squeeze(1), labels.to(torch.uint8).cpu()


def _check_recipe(recipe: Any) -> None:
    if not isinstance(recipe, Recipe):
        raise TypeError(f'a Recipe is needed, such as RECIPES["dcgan"], but {recipe!r:.60} came.')


def _check_speed(speed: Any, device: torch.device) -> None:
    if not isinstance(speed, Speed):
        raise TypeError(f"speed must be a Speed, such as Speed.for_device(device), but {speed!r:.60} came.")
    if speed.autocast and not _has_bfloat16(device):
        raise ValueError(f"{device} does not calculate in bfloat16; pass Speed(autocast=None, ...).")
    if speed.graphs and device.type != "cuda":
        raise ValueError(
            f"CUDA graphs need a CUDA device, but the networks lie on {device}; pass Speed(graphs=False, ...)."
        )
    if speed.compiled and (failure := _failure_to_compile(device)):
        raise ValueError(
            f"torch.compile does not work on {device} here ({failure}); install what it names, or pass "
            "Speed(compiled=False, ...)."
        )


def _device(device: torch.device | str) -> torch.device:
    try:
        return torch.device(device)
    except (RuntimeError, TypeError) as error:
        raise ValueError(f"there is no device {device!r}; pick_device() chooses one.") from error


def _has_bfloat16(device: torch.device) -> bool:
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    return device.type == "cpu"


def _failure_to_compile(device: torch.device) -> str:
    """Compile one operation for the device; return why that failed, in one line, or nothing."""
    try:
        torch.compile(torch.neg)(torch.zeros(1, device=device))
    except RuntimeError as error:
        return str(error).strip().splitlines()[0]
    return ""
