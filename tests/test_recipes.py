"""Recipes on every device: faster variants take the same steps, larger settings train, and no step waits for a GPU."""

import copy
import dataclasses
import functools
import importlib
import subprocess
import sys

import pytest
import torch
from torch import Tensor, nn
from torch.testing import assert_close
from torch.utils._python_dispatch import TorchDispatchMode

import gan_helpers as gh
from gan_helpers import recipes
from gan_helpers.recipes import CLASSES, MINUTE, RECIPES, Recipe, Speed, build, make_steps, recipe_for, sample, settle

DATA = gh.load_images("mnist")
BFLOAT16, COMPILED = Speed(autocast=torch.bfloat16), Speed(compiled=True)
DCGAN = RECIPES["dcgan"]


def play(recipe: Recipe, speed: Speed) -> tuple[Tensor, list[nn.Module]]:
    """Train three steps from seed 1; return the losses (3, 2) and both networks."""
    gh.seed_everything(1)
    networks = build(recipe)
    d_step, g_step, _ = make_steps(recipe, *networks, speed=speed)
    batches = gh.BatchStream(DATA.images, DATA.labels, batch_size=recipe.batch, seed=1)
    game = gh.train_gan(d_step, g_step, batches, steps=3, d_steps_per_g=recipe.critic_steps, progress=False)
    return torch.tensor([[record.d_loss, record.g_loss] for record in game]), networks


def gradients(recipe: Recipe, speed: Speed) -> Tensor:
    """Return all gradients of a first step whose learning rate is too small to move anything."""
    gh.seed_everything(1)
    networks = build(recipe)
    d_step, g_step, _ = make_steps(dataclasses.replace(recipe, learning_rate=1e-12), *networks, speed=speed)
    batch = DATA.images[: recipe.batch], DATA.labels[: recipe.batch]
    d_step(batch)
    of_discriminator = [weight.grad.clone() for weight in networks[1].parameters()]
    g_step(batch)
    of_generator = [weight.grad for weight in networks[0].parameters()]
    assert all(grad.dtype == torch.float32 for grad in of_discriminator + of_generator)
    return torch.cat([grad.flatten() for grad in of_discriminator + of_generator])


def apart(model: str, speed: Speed, **changes) -> float:
    """Return how far the gradients of `speed`, or of a changed recipe, lie from the plain ones, as a share of them."""
    plain = gradients(RECIPES[model], Speed())
    return float((gradients(dataclasses.replace(RECIPES[model], **changes), speed) - plain).norm() / plain.norm())


def test_other_steps_lie_far_apart():
    """What the bounds below, 1e-4 for float32 and 0.15 for bfloat16, stand against."""
    assert apart("dcgan", Speed(), same_fakes=False) > 0.2
    assert apart("dcgan", Speed(), instance_noise=0.2) > 0.2
    assert apart("wgan-gp", Speed(), penalty=5.0) > 0.2


def test_a_lazy_penalty_comes_in_every_fourth_step():
    """Times four there, so that a first step whose weight is a quarter is the plain one."""
    assert apart("wgan-gp", Speed(), penalty=2.5, penalty_every=4) < 1e-6
    recipe = dataclasses.replace(MINUTE["wgan-gp"], batch=2)
    calls = []
    networks = build(recipe)
    networks[1].register_forward_hook(lambda *_: calls.append(1))
    d_step, _, _ = make_steps(recipe, *networks)
    counts = []
    for start in range(0, 10, 2):
        calls.clear()
        d_step((DATA.images[start : start + 2], DATA.labels[start : start + 2]))
        counts.append(len(calls))
    assert counts == [3, 2, 2, 2, 3]


def test_averaged_weights_get_their_own_moments():
    """Without `settle` the moments are those that were copied, here of a network with other weights."""
    gh.seed_everything(1)
    generator = build(DCGAN)[0]
    generator.layers[0].weight.data.mul_(3)  # batch norm's moments after this layer no longer fit
    assert settle(DCGAN, generator) is generator
    assert not generator.training
    seen = []
    generator.layers[2].register_forward_hook(lambda layer, inputs, output: seen.append(output))
    with torch.no_grad():
        generator(torch.randn(2000, DCGAN.latent_dim))
    scale, shift = (part[None, :, None, None] for part in (generator.layers[2].weight, generator.layers[2].bias))
    normed = (seen[0] - shift) / scale
    assert_close(normed.mean(dim=(0, 2, 3)), torch.zeros(32), atol=0.1, rtol=0)
    assert_close(normed.std(dim=(0, 2, 3)), torch.ones(32), atol=0.1, rtol=0)


@pytest.mark.parametrize("model", RECIPES)
def test_a_minute_has_the_networks_of_the_lab(model):
    """`MINUTE` changes how often a player moves, what the discriminator sees and the last rates; never the networks."""
    changed = {
        name
        for name, value in dataclasses.asdict(MINUTE[model]).items()
        if value != dataclasses.asdict(RECIPES[model])[name]
    }
    assert changed <= {"ema_decay", "critic_steps", "penalty_every", "same_fakes", "instance_noise", "fall"}
    assert MINUTE[model].ema_decay > 0


@pytest.fixture
def traced(monkeypatch):
    """All of torch.compile but its code generator, so that no compiler is needed: trace, split off backward, run."""
    torch.compiler.reset()  # it holds eight variants of a step
    monkeypatch.setattr(torch, "compile", functools.partial(torch.compile, backend="aot_eager", fullgraph=True))


@pytest.mark.parametrize("model", RECIPES)
def test_compiled_steps_are_the_plain_ones(model, traced):
    assert apart(model, COMPILED) < 1e-4


@pytest.mark.parametrize("model", RECIPES)
def test_channels_last_steps_are_the_plain_ones(model):
    assert apart(model, Speed(channels_last=True)) < 1e-4
    losses, networks = play(RECIPES[model], Speed(channels_last=True))
    assert_close(losses, play(RECIPES[model], Speed())[0], rtol=1e-3, atol=1e-3)
    kernels = [weight for net in networks for weight in net.parameters() if weight.ndim == 4]
    assert all(kernel.is_contiguous(memory_format=torch.channels_last) for kernel in kernels)
    assert bool(kernels) == (model != "mlp")


@pytest.mark.parametrize("model", RECIPES)
def test_bfloat16_steps_are_close_and_weights_stay_float32(model, monkeypatch):
    inside = []

    def penalty(critic, real, fake):
        inside.append((torch.is_autocast_enabled("cpu"), real.dtype, fake.dtype))
        return gh.gradient_penalty(critic, real, fake)

    monkeypatch.setattr(recipes, "gradient_penalty", penalty)
    assert 1e-3 < apart(model, BFLOAT16) < 0.15
    losses, networks = play(RECIPES[model], BFLOAT16)
    assert losses.dtype == torch.float32
    assert_close(losses[0], play(RECIPES[model], Speed())[0][0], rtol=2**-6, atol=2**-6)
    assert all(weight.dtype == torch.float32 for net in networks for weight in net.parameters())
    assert set(inside) == ({(False, torch.float32, torch.float32)} if model == "wgan-gp" else set())


@pytest.mark.parametrize("model", ["dcgan", "wgan-gp"])
def test_all_options_together(model, traced):
    assert apart(model, Speed(torch.bfloat16, compiled=True, channels_last=True)) < 0.15


def test_recorded_steps_keep_their_losses(monkeypatch):
    """Graphs overwrite what they returned, so each step hands out a copy and says where a round begins."""
    began = []
    plain, trained = play(RECIPES["wgan-gp"], Speed())
    monkeypatch.setattr(recipes, "_check_speed", lambda speed, device: None)
    monkeypatch.setattr(torch, "compile", lambda part, **options: part)
    monkeypatch.setattr(torch.compiler, "cudagraph_mark_step_begin", lambda: began.append(1))
    losses, networks = play(RECIPES["wgan-gp"], Speed(compiled=True, graphs=True))
    assert torch.equal(losses, plain)
    for net, other in zip(networks, trained, strict=True):
        assert all(torch.equal(a, b) for a, b in zip(net.parameters(), other.parameters(), strict=True))
    assert len(began) == 3 * RECIPES["wgan-gp"].critic_steps


# What a GPU gets. There is none where these tests run, so the device is a pretended one.


@pytest.mark.parametrize("model", RECIPES)
def test_one_line_chooses_larger_settings(model):
    lab, large = RECIPES[model], recipe_for(model, "cuda:1")
    assert recipe_for(model, "cpu") is lab
    assert recipe_for(model, torch.device("mps")) is lab
    assert (large.batch, large.width) == (8 * lab.batch, 4 * lab.width)
    assert large.learning_rate == pytest.approx(lab.learning_rate * 8**0.5 / (4 if lab.width else 1))
    assert large.ema_decay == pytest.approx(lab.ema_decay**8)
    changed = {name for name, value in dataclasses.asdict(large).items() if value != getattr(lab, name)}
    assert changed <= {"batch", "width", "learning_rate", "ema_decay"}


@pytest.mark.parametrize("model", RECIPES)
def test_larger_settings_train(model):
    recipe = recipe_for(model, "cuda")
    gh.seed_everything(1)
    networks = build(recipe)
    before = copy.deepcopy(networks)
    d_step, g_step, _ = make_steps(recipe, *networks)
    batches = gh.BatchStream(DATA.images, DATA.labels, batch_size=recipe.batch, seed=1)
    losses = [step(next(batches)) for step in (d_step, g_step)]
    assert torch.isfinite(torch.stack(losses)).all()
    for net, old in zip(networks, before, strict=True):
        assert all(not torch.equal(a, b) for a, b in zip(net.parameters(), old.parameters(), strict=True) if a.ndim > 1)


@pytest.mark.parametrize("bfloat16", [True, False])
@pytest.mark.parametrize("compiler", [True, False])
def test_speed_for_a_pretended_gpu(bfloat16, compiler, monkeypatch):
    asked = []
    monkeypatch.setattr(
        torch.cuda, "is_bf16_supported", lambda including_emulation: bfloat16 and not including_emulation
    )
    monkeypatch.setattr(recipes, "_failure_to_compile", lambda device: "" if compiler else "no compiler")
    monkeypatch.setattr(torch, "compile", lambda part, **options: asked.append(options) or part)
    speed = Speed.for_device("cuda")
    assert speed == Speed(torch.bfloat16 if bfloat16 else None, compiler, channels_last=True, graphs=compiler)
    monkeypatch.setattr(recipes, "_check_speed", lambda speed, device: None)
    networks = build(DCGAN)
    make_steps(DCGAN, *networks, speed=speed)
    assert asked == [{"dynamic": False, "mode": "reduce-overhead"}] * 3 * compiler
    assert networks[0].layers[4].weight.is_contiguous(memory_format=torch.channels_last)


def test_other_devices_take_the_labs_own_steps():
    assert Speed.for_device("cpu") == Speed.for_device(torch.device("mps")) == Speed()


class NoTransfers(TorchDispatchMode):
    """Refuses copies between devices; tensors on "meta" refuse by themselves to be read back."""

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        result = function(*args, **(kwargs or {}))
        if function in (torch.ops.aten._to_copy.default, torch.ops.aten.copy_.default):
            source = args[1] if function is torch.ops.aten.copy_.default else args[0]
            if source.device != result.device:
                raise RuntimeError(f"copied from {source.device} to {result.device}")
        return result


def play_far_away(monkeypatch, recipe: Recipe, extra=lambda batch: None) -> None:
    """Take 24 steps on a device whose numbers nobody can read, as if it were busy for ever; `extra` joins a d_step."""
    optimizer = importlib.import_module("torch.optim.optimizer")
    fused = optimizer._get_fused_kernels_supported_devices()
    monkeypatch.setattr(optimizer, "_get_fused_kernels_supported_devices", lambda: [*fused, "meta"])
    generator, discriminator = (net.to("meta") for net in build(recipe))
    average = copy.deepcopy(generator)
    step, g_step, _ = make_steps(recipe, generator, discriminator)
    batches = gh.BatchStream(DATA.images, DATA.labels, batch_size=recipe.batch, seed=1, device="meta")

    def d_step(batch):
        extra(batch)
        return step(batch)

    game = gh.train_gan(d_step, g_step, batches, steps=100, d_steps_per_g=recipe.critic_steps, progress=False)
    with NoTransfers():
        for record in game:
            gh.ema_update(average, generator, decay=0.9)
            if record.step == 24:  # the next one would look at the losses
                return


@pytest.mark.parametrize("model", RECIPES)
def test_no_step_waits_for_the_device(model, monkeypatch):
    play_far_away(monkeypatch, RECIPES[model])


@pytest.mark.parametrize(
    ("wait", "message"),
    [
        (lambda batch: batch[1].sum().item(), r"item\(\)"),
        (lambda batch: int(batch[1].max()), r"item\(\)"),
        (lambda batch: batch[0].mean() > 0 and None, r"item\(\)"),
        (lambda batch: batch[0].cpu(), "meta"),
        (lambda batch: batch[0][batch[0] > 0], "nonzero|meta"),
        (lambda batch: torch.arange(4).to(batch[0].device), "copied from cpu to meta"),
    ],
    ids=["item", "int", "if", "cpu", "mask", "indices"],
)
def test_a_step_that_waits_is_found(wait, message, monkeypatch):
    with pytest.raises(RuntimeError, match=message):
        play_far_away(monkeypatch, DCGAN, extra=wait)


def test_labels_are_looked_at_on_the_cpu_alone():
    generator = build(RECIPES["cgan"])[0]
    wrong = torch.tensor([CLASSES])
    with pytest.raises(ValueError, match=r"labels must lie in \[0, 9\]"):
        generator(torch.zeros(1, 64), wrong)
    assert generator.to("meta")(torch.zeros(1, 64, device="meta"), wrong.to("meta")).shape == (1, 1, 28, 28)


# Samples, and what is asked wrongly


def test_sample():
    generator = build(RECIPES["cgan"])[0].eval()
    torch.manual_seed(1)
    images, labels = sample(RECIPES["cgan"], generator, 730)
    assert images.shape == (730, 28, 28)
    assert images.dtype == labels.dtype == torch.uint8
    assert labels.bincount().tolist() == [73] * CLASSES
    torch.manual_seed(1)
    asked = torch.arange(500) % CLASSES
    with torch.no_grad():
        assert torch.equal(images[:500], gh.to_bytes(generator(torch.randn(500, 64), asked)).squeeze(1))


def steps(speed: Speed, device: str = "cpu"):
    return make_steps(DCGAN, *(net.to(device) for net in build(DCGAN)), speed=speed)


CASES = {
    "model": (lambda: recipe_for("vae", "cpu"), ValueError, "no model 'vae'; choose one of 'mlp', 'dcgan'"),
    "model: list": (lambda: recipe_for(["mlp"], "cpu"), ValueError, "no model"),
    "device": (lambda: recipe_for("mlp", "gpu"), ValueError, "no device 'gpu'; pick_device"),
    "device: none": (lambda: Speed.for_device(None), ValueError, "no device None"),
    "recipe: name": (lambda: build("dcgan"), TypeError, r'such as RECIPES\["dcgan"\], but \'dcgan\' came'),
    "recipe: steps": (lambda: make_steps("dcgan", *build(DCGAN)), TypeError, "a Recipe is needed"),
    "recipe: sample": (lambda: sample(None, build(DCGAN)[0]), TypeError, "a Recipe is needed"),
    "recipe: model": (lambda: dataclasses.replace(DCGAN, model="vae"), ValueError, "no model 'vae'"),
    "recipe: batch": (lambda: dataclasses.replace(DCGAN, batch=0), ValueError, "batch must be at least 2, but 0 came"),
    "recipe: batch norm": (lambda: dataclasses.replace(DCGAN, batch=1), ValueError, "batch must be at least 2"),
    "recipe: critic": (lambda: dataclasses.replace(RECIPES["wgan-gp"], batch=0), ValueError, "at least 1, but 0 came"),
    "recipe: half": (lambda: dataclasses.replace(DCGAN, batch=32.0), TypeError, "batch must be a whole number"),
    "recipe: width": (lambda: dataclasses.replace(DCGAN, width=0), ValueError, "width must be at least 1"),
    "recipe: rate": (lambda: dataclasses.replace(DCGAN, learning_rate=0), ValueError, "learning_rate must be above 0"),
    "recipe: betas": (lambda: dataclasses.replace(DCGAN, betas=(0.5, 1.0)), ValueError, "betas must lie in"),
    "recipe: one beta": (lambda: dataclasses.replace(DCGAN, betas=0.5), TypeError, "betas must be two numbers"),
    "recipe: decay": (lambda: dataclasses.replace(DCGAN, ema_decay=1), ValueError, "ema_decay must lie in"),
    "recipe: penalty": (lambda: dataclasses.replace(DCGAN, penalty=10), ValueError, "belongs to 'wgan-gp' alone"),
    "recipe: mismatch": (lambda: dataclasses.replace(DCGAN, mismatch=1), ValueError, "belongs to 'cgan' alone"),
    "recipe: noise": (lambda: dataclasses.replace(RECIPES["mlp"], instance_noise=1), ValueError, "and 'cgan' alone"),
    "recipe: lazy": (lambda: dataclasses.replace(DCGAN, penalty_every=0), ValueError, "penalty_every must be at least"),
    "recipe: fall": (lambda: dataclasses.replace(DCGAN, fall=2), ValueError, r"fall must lie in \[0, 1\], but 2 came"),
    "recipe: settle": (lambda: settle("dcgan", build(DCGAN)[0]), TypeError, "a Recipe is needed"),
    "speed: text": (lambda: steps("fast"), TypeError, "such as Speed.for_device"),
    "speed: flag": (lambda: Speed(compiled="yes"), TypeError, "compiled must be True or False, but 'yes' came"),
    "speed: float16": (lambda: Speed(autocast=torch.float16), ValueError, "bfloat16 or None, but torch.float16 came"),
    "speed: graphs alone": (lambda: Speed(graphs=True), ValueError, "needs compiled=True"),
    "speed: graphs": (lambda: steps(Speed(compiled=True, graphs=True)), ValueError, "need a CUDA device"),
    "speed: bfloat16": (lambda: steps(BFLOAT16, "meta"), ValueError, "meta does not calculate in bfloat16"),
    "devices": (lambda: make_steps(DCGAN, build(DCGAN)[0].to("meta"), build(DCGAN)[1]), ValueError, "on two devices"),
    "sample: none": (lambda: sample(DCGAN, build(DCGAN)[0], 0), ValueError, "n must be at least 1"),
}


@pytest.mark.parametrize("case", CASES)
def test_bad_input_gets_one_sentence(case):
    call, error, words = CASES[case]
    with pytest.raises(error, match=words) as caught:
        call()
    assert len(str(caught.value).splitlines()) == 1


def test_without_a_compiler(tmp_path):
    """A machine with nothing on its path gets the sentence when it asks for compiled steps, before it takes any."""
    code = (
        "from gan_helpers.recipes import RECIPES, Speed, build, make_steps\n"
        "try:\n"
        "    make_steps(RECIPES['mlp'], *build(RECIPES['mlp']), speed=Speed(compiled=True))\n"
        "except ValueError as error:\n"
        "    print(error)\n"
    )
    environment = {"PATH": str(tmp_path), "TORCHINDUCTOR_CACHE_DIR": str(tmp_path), "HOME": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=True)
    assert done.stdout.startswith("torch.compile does not work on cpu here (")
    assert done.stdout.endswith("install what it names, or pass Speed(compiled=False, ...).\n")
    assert len(done.stdout.splitlines()) == 1
