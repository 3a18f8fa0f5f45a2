"""What `test_distributed.py` runs in each of several processes.

torchrun ... tests/ranks.py compare FOLDER           everything that needs two ranks and no end of a process
torchrun ... tests/ranks.py train OPTIONS            the program itself; rank DIE_RANK kills itself at step DIE_AT
"""

import contextlib
import copy
import errno
import hashlib
import os
import shutil
import signal
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from unittest import mock

import torch
import torch.distributed as dist
from torch import nn

import gan_helpers as gh
from gan_helpers import distributed
from gan_helpers.recipes import RECIPES, make_steps

BATCH, STEPS, SEED = 12, 5, 3
CPU = torch.device("cpu")


def doubles() -> SimpleNamespace:
    """Images in double precision, so that rounding hides no mistake."""
    data = gh.load_images("fashion")
    return SimpleNamespace(images=data.images[:200].double(), labels=data.labels[:200])


def weights(generator: nn.Module, discriminator: nn.Module, average: nn.Module) -> dict[str, torch.Tensor]:
    """All that two networks and the average hold, running statistics too."""
    nets = {"generator": generator, "discriminator": discriminator, "average": average}
    return {f"{net}.{name}": value.clone() for net in nets for name, value in nets[net].state_dict().items()}


def digest(run: distributed.Run) -> str:
    """A hash of all weights, statistics and moments."""
    tensors = list(weights(run.generator, run.discriminator, run.average).values())
    for adam in ("d_adam", "g_adam"):
        tensors += [t for state in run.state[adam].state_dict()["state"].values() for t in state.values()]
    return hashlib.sha256(b"".join(t.numpy().tobytes() for t in tensors)).hexdigest()


class OwnDraws(contextlib.nullcontext):
    """The mistake of letting each rank draw for itself."""

    def __init__(self, *_: object) -> None:
        super().__init__()
        torch.manual_seed(dist.get_rank() + 100)


MISTAKES = {
    "none": {},
    "gradients not averaged": {"average_gradients": lambda optimizer: None},
    "plain batch norm": {"sync_batch_norm": lambda net: net},
    "own draws": {"SharedDraws": OwnDraws},
}


@contextlib.contextmanager
def replaced(**parts: object):
    """Put other things under names of `gan_helpers.distributed`."""
    before = {name: getattr(distributed, name) for name in parts}
    vars(distributed).update(parts)
    yield
    vars(distributed).update(before)


def play(model: str, mistake: str) -> dict:
    """Train; return the weights after the last step, the losses, and whether all ranks were equal after each step."""
    recipe = replace(RECIPES[model], batch=BATCH)
    with replaced(**MISTAKES[mistake]):
        run = distributed.prepare(recipe, doubles(), seed=SEED, device=CPU)
    equal, losses = [], []
    for record in gh.train_gan(
        run.d_step, run.g_step, run.batches, steps=STEPS, d_steps_per_g=recipe.critic_steps, progress=False
    ):
        if recipe.ema_decay:
            gh.ema_update(run.average, run.generator, decay=recipe.ema_decay)
        equal.append(len(set(distributed._gather(digest(run)))) == 1)
        losses.append([float(record.d_loss), float(record.g_loss)])
    return {
        "weights": weights(run.generator, run.discriminator, run.average),
        "losses": torch.tensor(losses),
        "equal": equal,
    }


def far() -> torch.Tensor:
    """Images in single precision that lie thousands of standard deviations from 0, where running means start."""
    return 1e4 + torch.randn(BATCH, 4, 5, 6, generator=torch.Generator().manual_seed(SEED))


def normalise(x: torch.Tensor, norm: nn.Module) -> dict:
    """Two passes and a gradient through batch norm, of this rank's share of x; gradients of weights are summed."""
    synced = distributed.sync_batch_norm(nn.Sequential(copy.deepcopy(norm)))
    mine = distributed._my_share(x).clone().requires_grad_()
    y = synced(synced(mine))
    (y * distributed._my_share(torch.sin(x))).sum().backward()
    first = synced[0]
    return {
        "y": y.detach(), "x": mine.grad, "weight": distributed._total(first.weight.grad),
        "bias": distributed._total(first.bias.grad), "statistics": dict(first.state_dict()),
    }  # fmt: skip


def draws() -> dict:
    """What each rank draws, and what is refused."""
    rows = BATCH // dist.get_world_size()
    x = torch.ones(rows, 3)
    labels = torch.ones(rows, dtype=torch.int64)
    torch.manual_seed(SEED)
    shared = distributed.SharedDraws(BATCH, CPU)
    with shared:
        drawn = {
            "randn": torch.randn(rows, 3), "rand": torch.rand((rows, 1)), "randn_like": torch.randn_like(x),
            "rand_like": torch.rand_like(x), "randint_like": torch.randint_like(labels, 1, 10),
            "dropout": nn.Dropout(0.3)(x), "no dropout": nn.Dropout(0.3).eval()(x),
        }  # fmt: skip
    drawn["outside"] = torch.rand(3)
    with shared:
        drawn["by name"] = torch.randn(size=(rows, 3))
    with shared:
        drawn["again"] = torch.randn(rows, 3)
    refused = {}
    for name, draw in {
        "permutation": lambda: torch.randperm(5),
        "in place": lambda: x.clone().normal_(),
        "unknown before known": lambda: (torch.normal(x, 1.0), torch.randn(rows, 3)),
        "other rows": lambda: torch.rand(rows + 1),
        "no rows": lambda: torch.rand(()),
    }.items():
        try:
            with distributed.SharedDraws(BATCH, CPU):
                draw()
        except RuntimeError as error:
            refused[name] = str(error)
    return {"drawn": drawn, "refused": refused}


def spoil(folder: Path) -> None:
    """Beside the folder `whole`, make `copied`, whose newest file has another name, and `foreign`, of other things."""
    for name in ("copied", "foreign"):
        (folder / name).mkdir()
    whole = folder / "whole" / "step-00000020.pt"
    shutil.copy(whole, folder / "copied" / "step-00000030.pt")
    state = torch.load(whole, weights_only=True)
    state["parts"] = dict.fromkeys(state["parts"], 1)
    torch.save(state, folder / "foreign" / whole.name)


def diverging(*arguments: object) -> tuple:
    """Steps whose loss is NaN at the seventh step of rank 1 alone."""
    d_step, *others = make_steps(*arguments)
    taken = []

    def broken(batch: tuple) -> torch.Tensor:
        taken.append(d_step(batch))
        return taken[-1] * (float("nan") if dist.get_rank() == 1 and len(taken) == 7 else 1)

    return broken, *others


def full(checkpoints: gh.Checkpoints, step: int) -> Path:
    """What saving does on a full disk."""
    raise OSError(errno.ENOSPC, "No space left on device")


def refusals(folder: Path) -> dict[str, str]:
    """Run 20 steps to the end, then return the sentence that this rank gives for each wrong start."""
    rank = dist.get_rank()
    (folder / "file").touch()
    good = ["--model", "dcgan", "--device", "cpu", "--every", "5"]
    held = [*good, "--checkpoints", str(folder / "whole")]
    distributed.train(distributed._parse([*held, "--steps", "20"]))
    if not rank:
        spoil(folder)
    starts = {
        "another batch": [*good, "--batch", ("32", "64")[rank]],
        "another folder": [*good, "--checkpoints", str(folder / f"of-{rank}")],
        "odd batch": [*good, "--batch", "33"],
        "too large a batch": [*good, "--batch", "10002"],
        "no batch": [*good, "--batch", "0"],
        "no steps": [*good, "--steps", "0"],
        "no interval": [*good, "--every", "0"],
        "bad seed": [*good, "--seed", "-1"],
        "no folder": [*good, "--checkpoints", str(folder / "file" / "below")],
        "no file": [*good, "--out", str(folder / "nowhere" / "a.npz")],
        "no npz": [*good, "--out", str(folder / "a.txt")],
        "other seed": [*held, "--seed", "9"],
        "other batch": [*held, "--batch", "16"],
        "other model": [*held, "--model", "mlp"],
        "too few steps": [*held, "--steps", "10"],
        "too few GPUs": [*good, "--device", "cuda"],
        "copied": [*good, "--checkpoints", str(folder / "copied")],
        "foreign": [*good, "--checkpoints", str(folder / "foreign")],
        "full": [*good, "--checkpoints", str(folder / "full")],
        "diverged": [*good, "--checkpoints", str(folder / "diverged")],
    }
    torch.cuda.device_count = lambda: 0
    said = {}
    for name, arguments in starts.items():
        try:
            with contextlib.ExitStack() as planted:
                if name == "diverged":
                    planted.enter_context(replaced(make_steps=diverging))
                if name == "full":
                    planted.enter_context(mock.patch.object(gh.Checkpoints, "save", full))
                distributed.train(distributed._parse(arguments))
        except (distributed.Refused, gh.TrainingDiverged) as error:
            said[name] = str(error)
    return said


def compare(folder: Path) -> None:
    """Write what each rank saw to FOLDER/rank-R.pt."""
    gh.set_threads(1)
    distributed.join(600)
    found = {"draws": draws(), "refusals": refusals(folder)}
    try:
        nn.SyncBatchNorm(4)(torch.ones(3, 4))
    except ValueError as error:
        found["torch's own"] = str(error)
    found["far"] = normalise(far(), nn.BatchNorm2d(4))["y"]
    torch.set_default_dtype(torch.float64)
    torch.manual_seed(SEED)
    found["norms"] = {
        "flat": normalise(3 + torch.randn(BATCH, 4), nn.BatchNorm1d(4)),
        "images": normalise(100 + torch.randn(BATCH, 4, 5, 6), nn.BatchNorm2d(4)),
    }
    found["plays"] = {f"{model}, none": play(model, "none") for model in RECIPES}
    found["plays"] |= {f"{model}, {m}": play(model, m) for m in MISTAKES if m != "none" for model in ("mlp", "dcgan")}
    torch.save(found, folder / f"rank-{dist.get_rank()}.pt")
    dist.destroy_process_group()


def train(options: list[str]) -> int:
    """Run the program; die in it where the environment says so, at the first start only."""
    if os.environ.get("DIE_RANK") == os.environ["RANK"] and os.environ.get("TORCHELASTIC_RESTART_COUNT", "0") == "0":
        steps = distributed.train_gan

        def deadly(*arguments: object, **settings: object):
            for record in steps(*arguments, **settings):
                if record.step == int(os.environ["DIE_AT"]):
                    os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))  # Windows has one end for all
                yield record

        distributed.train_gan = deadly
    return distributed.main(options)


if __name__ == "__main__":
    if sys.argv[1] == "compare":
        compare(Path(sys.argv[2]))
    else:
        sys.exit(train(sys.argv[2:]))
