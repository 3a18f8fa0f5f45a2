r"""Train one of the labs' models with several processes, on one machine or many, as one would on the same batch.

    torchrun --nproc-per-node 2 -m gan_helpers.distributed --model dcgan --steps 500 --checkpoints runs/dcgan

Every process (a *rank*) holds both networks and calls the step functions of `gan_helpers.recipes`, unchanged. Four
things are added around them. Together they make N ranks with B / N images each take the step of one process with B:

- each rank takes its slice of every batch, and of every random draw (`SharedDraws`);
- gradients are averaged over the ranks before each optimiser's step (`average_gradients`);
- batch norm normalises over all ranks (`SyncedBatchNorm`);
- rank 0 writes the checkpoints and hands them to the others (`SharedCheckpoints`), so that no folder need be shared
  and a run can go on with another number of processes.

A run whose folder holds checkpoints goes on from the newest, so `torchrun --max-restarts 3 ...` survives a killed
worker. Tensors travel by gloo on the CPU and by NCCL on GPUs. Only gloo has been tried. With NCCL a lost rank is found
by torch's own watchdog, which ends the process without the sentence that names the last checkpoint.
"""

import argparse
import contextlib
import copy
import hashlib
import json
import os
import secrets
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.nn.functional import dropout
from torch.overrides import TorchFunctionMode

from gan_helpers.checks import check_count, check_number
from gan_helpers.data import BatchStream, ImageSet, load_images
from gan_helpers.recipes import RECIPES, Batch, Recipe, Step, build, make_steps, recipe_for, sample
from gan_helpers.seeding import pick_device, seed_everything
from gan_helpers.training import Checkpoints, TrainingDiverged, _is_whole, ema_update, train_gan

_VARIABLES = ("RANK", "WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT")
_LONGEST = 7 * 24 * 3600  # seconds
_groups: dict[str, dist.ProcessGroup] = {}  # by kind of device, where it is not gloo's, the default


class Refused(Exception):
    """This rank cannot go on; the message is one sentence for the one who started it."""


class AllRefused(Refused):
    """All ranks know of it and stop together, so rank 0 speaks for them."""


class LostRank(Exception):
    """Another rank did not answer: it died, or hung for longer than the timeout."""


def _collective(operation: Callable, *arguments: Any, **options: Any) -> Any:
    """Call an operation of all ranks; what can fail in it, given fitting tensors and memory, is the connection."""
    try:
        return operation(*arguments, **options)
    except torch.OutOfMemoryError:
        raise
    except RuntimeError as error:
        raise LostRank(str(error)) from error


def _total(x: Tensor) -> Tensor:
    """Return the sum of x over all ranks, bit for bit the same on each."""
    x = x.detach().clone(memory_format=torch.contiguous_format)
    _collective(dist.all_reduce, x, group=_groups.get(x.device.type))
    return x


def _my_share(x: Tensor) -> Tensor:
    """Return this rank's rows of x, which all ranks hold: (B, ...) -> (B / N, ...)."""
    rows = len(x) // dist.get_world_size()
    return x[dist.get_rank() * rows :][:rows]


class _Total(torch.autograd.Function):
    """`_total` with its gradient: what is asked of one rank's x is the sum of what all ranks ask of the total."""

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        return _total(x)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> Tensor:
        return _Total.apply(grad)


class SyncedBatchNorm(nn.modules.batchnorm._BatchNorm):
    """Batch norm over the batches of all ranks together, which must be of one size, for (B, C) and (B, C, ...).

    Equal to `nn.BatchNorm1d` and `nn.BatchNorm2d` on the whole batch, with gradients and running statistics. Two sums a
    channel go over the wire, and two back. They are taken around the running mean, since the difference
    E[x^2] - E[x]^2 loses its digits where the mean is large. If the batch turns out to lie far from there, as the first
    may, they are taken once more around its own mean. `nn.SyncBatchNorm` refuses the CPU, where tests run.
    """

    def _check_input_dim(self, x: Tensor) -> None:
        pass

    def forward(self, x: Tensor) -> Tensor:
        """Map x (B, C, ...) to the same shape."""
        if not self.training:
            return super().forward(x)
        shape = (1, -1) + (1,) * (x.ndim - 2)
        axes = (0, *range(2, x.ndim))
        count = x.numel() // x.shape[1] * dist.get_world_size()

        def around(centre: Tensor) -> tuple[Tensor, Tensor, Tensor]:
            """Return x, the mean over all ranks and the variance, the first two measured from the centre."""
            away = x - centre.view(shape)
            sums = _Total.apply(torch.stack([away.sum(axes), away.square().sum(axes)]))  # (2, C)
            mean, square = sums / count
            return away, mean, (square - mean.square()).clamp(min=0)  # rounding leaves constant channels below 0

        centre = self.running_mean.clone()
        away, mean, variance = around(centre)
        if (mean.square() > 100 * (variance + self.eps)).any():  # the same on all ranks
            centre += mean.detach()
            away, mean, variance = around(centre)
        with torch.no_grad():
            self.num_batches_tracked += 1
            self.running_mean.lerp_(centre + mean, self.momentum)
            self.running_var.lerp_(variance * count / (count - 1), self.momentum)
        scale = self.weight * (variance + self.eps).rsqrt()
        return (away - mean.view(shape)) * scale.view(shape) + self.bias.view(shape)


def sync_batch_norm(net: nn.Module) -> nn.Module:
    """Replace each batch norm inside `net` by a `SyncedBatchNorm` with its weights and statistics; return `net`.

    Raises:
        ValueError: a batch norm without weights, running statistics or momentum.
    """
    for name, layer in net.named_children():
        if isinstance(layer, (nn.BatchNorm1d, nn.BatchNorm2d)):
            if not (layer.affine and layer.track_running_stats and layer.momentum):
                raise ValueError(
                    "a batch norm of several processes needs affine=True, track_running_stats=True and a momentum, "
                    f"but {layer} came."
                )
            synced = SyncedBatchNorm(layer.num_features, layer.eps, layer.momentum)
            synced.load_state_dict(layer.state_dict())
            setattr(net, name, synced)
        else:
            sync_batch_norm(layer)
    return net


class SharedDraws(TorchFunctionMode):
    """Inside, a draw for this rank's images is this rank's slice of one draw for the whole batch.

    All ranks hold the same stream of random numbers, draw from it for everybody and keep their part: so N ranks see
    the latent vectors, noise and dropout masks of one process, whatever N is. Step functions need not know of it.
    `rand`, `randn`, `rand_like`, `randn_like`, `randint_like` and `dropout` can be shared out. Anything else that
    moves one of torch's generators is noticed and raises. Outside, the generators go on from where the stream stands.

    Args:
        batch: images of all ranks together.
        device: where the steps run.

    Raises:
        RuntimeError: in use, a draw that cannot be shared out.
    """

    def __init__(self, batch: int, device: torch.device) -> None:
        super().__init__()
        self._batch, self._device = batch, device
        self._states = self._look()

    def _look(self) -> list[Tensor]:
        cuda = [torch.cuda.get_rng_state(self._device)] if self._device.type == "cuda" else []
        return [torch.get_rng_state(), *cuda]

    def _check(self) -> None:
        if not all(map(torch.equal, self._states, self._look())):
            raise RuntimeError(
                "a step drew random numbers by a function that SharedDraws does not know, so ranks would see the same "
                "ones; draw with torch.rand, randn, rand_like, randn_like, randint_like or dropout."
            )

    def __enter__(self) -> "SharedDraws":
        torch.set_rng_state(self._states[0])
        if self._device.type == "cuda":
            torch.cuda.set_rng_state(self._states[1], self._device)
        return super().__enter__()

    def __exit__(self, kind: type | None, error: BaseException | None, trace: Any) -> None:
        super().__exit__(kind, error, trace)
        if kind is None:
            self._check()

    def __torch_function__(self, function: Callable, types: Any, args: tuple = (), kwargs: dict | None = None) -> Any:
        kwargs = kwargs or {}
        if function in (torch.rand, torch.randn):
            size = args or (kwargs["size"],)
            kwargs = {name: value for name, value in kwargs.items() if name != "size"}
            size = size if isinstance(size[0], int) else size[0]
            return self._draw(size, lambda whole: function(whole, **kwargs))
        if function in (torch.rand_like, torch.randn_like, torch.randint_like):
            like, *rest = args
            return self._draw(like.shape, lambda whole: function(like.new_empty(whole), *rest, **kwargs))
        if function is dropout and kwargs["training"]:
            x, p = args[0], kwargs["p"]
            return x * self._draw(x.shape, lambda whole: dropout(x.new_ones(whole), p, training=True))
        return function(*args, **kwargs)

    def _draw(self, size: tuple[int, ...], draw: Callable[[tuple[int, ...]], Tensor]) -> Tensor:
        self._check()
        rows = self._batch // dist.get_world_size()
        if not size or size[0] != rows:
            raise RuntimeError(f"a draw of the shape {tuple(size)} does not belong to a rank's {rows} images.")
        whole = draw((self._batch, *size[1:]))
        self._states = self._look()
        return _my_share(whole)

    def state_dict(self) -> dict:
        """Return where the stream stands, for a checkpoint."""
        return {"states": self._states}

    def load_state_dict(self, state: dict) -> None:
        """Go on from a state that `state_dict` returned on the same kind of device."""
        self._states = state["states"]


def average_gradients(optimizer: torch.optim.Optimizer) -> None:
    """Before each of its steps, replace the gradients by their average over all ranks: one flat message a step.

    Every rank must have gradients for the same weights; those without any are left alone.
    """

    def average(optimizer: torch.optim.Optimizer, *_: Any) -> None:
        weights = [weight for group in optimizer.param_groups for weight in group["params"]]
        grads = [weight.grad for weight in weights if weight.grad is not None]
        means = _total(torch.cat([grad.flatten() for grad in grads])) / dist.get_world_size()
        parts = means.split([grad.numel() for grad in grads])
        for grad, part in zip(grads, parts, strict=True):
            grad.copy_(part.view_as(grad))

    optimizer.register_step_pre_hook(average)


@dataclass(frozen=True)
class Run:
    """One rank's part of a training run, for `train_gan`.

    Args:
        generator: on the device, with synchronised batch norm.
        discriminator: likewise.
        average: the running average of the generator's weights; the generator itself where the recipe has none.
        d_step: takes this rank's share of a batch, returns the loss over all ranks.
        g_step: likewise.
        batches: endless, of this rank's shares.
        state: by name, all that changes, for `SharedCheckpoints`; the same on every rank.
    """

    generator: nn.Module
    discriminator: nn.Module
    average: nn.Module
    d_step: Step
    g_step: Step
    batches: Iterator[Batch]
    state: dict[str, Any]


def prepare(recipe: Recipe, data: ImageSet, *, seed: int, device: torch.device) -> Run:
    """Build this rank's networks and steps; all ranks call it with the same arguments.

    Args:
        recipe: its `batch` counts the images of all ranks together and is a multiple of their number.
        data: all images; every rank holds them and takes its slice of each batch.
        seed: of weights, latent vectors and batches.
        device: of this rank.

    Raises:
        ValueError: a batch that cannot be shared out evenly or exceeds the data, or a seed outside [0, 2**32).
    """
    ranks = dist.get_world_size()
    if recipe.batch % ranks:
        raise ValueError(f"a batch of {recipe.batch} cannot be shared out evenly to {ranks} processes.")
    seed_everything(seed)
    generator, discriminator = (sync_batch_norm(net).to(device) for net in build(recipe))
    average = copy.deepcopy(generator) if recipe.ema_decay else generator
    stream = BatchStream(data.images, data.labels, batch_size=recipe.batch, seed=seed, device=device)
    d_step, g_step, (d_adam, g_adam) = make_steps(recipe, generator, discriminator)
    for optimizer in (d_adam, g_adam):
        average_gradients(optimizer)
    draws = SharedDraws(recipe.batch, device)

    def shared(step: Step) -> Step:
        def of_all_ranks(batch: Batch) -> Tensor:
            with draws:
                loss = step(batch)
            return _total(loss) / ranks  # so that a loss that is not finite stops all ranks at the same step

        return of_all_ranks

    return Run(
        generator, discriminator, average, shared(d_step), shared(g_step),
        batches=(tuple(map(_my_share, batch)) for batch in stream),
        state={
            "generator": generator, "discriminator": discriminator, "average": average, "d_adam": d_adam,
            "g_adam": g_adam, "batches": stream, "draws": draws,
        },
    )  # fmt: skip


class _Settings:
    """Settings as a part of a checkpoint: saved with it, compared when it is loaded."""

    def __init__(self, settings: dict[str, Any]) -> None:
        self._settings = settings

    def state_dict(self) -> dict:
        return self._settings

    def load_state_dict(self, state: dict) -> None:
        for name in self._settings:
            if state.get(name) != self._settings[name]:
                raise Refused(
                    f"{name} was {state.get(name)!r} in the run of this folder and is {self._settings[name]!r} now; "
                    "take the old value, or another folder for a new run."
                )


class SharedCheckpoints(Checkpoints):
    """Checkpoints that rank 0 alone writes, into a folder that no other rank needs to see.

    Args:
        folder: rank 0's.
        every: steps between two checkpoints.
        parts: as for `Checkpoints`; rank 0's state is everybody's.

    Raises:
        ValueError: on rank 0, a folder that cannot be written to.
    """

    def __init__(self, folder: str | Path, *, every: int, **parts: Any) -> None:
        self.home, self.last = Path(folder), None
        if dist.get_rank():
            self._copies = tempfile.TemporaryDirectory()  # of what rank 0 loads; gone with this object
            folder = self._copies.name
        super().__init__(folder, every=every, **parts)

    def share(self) -> int:
        """Hand rank 0's newest whole checkpoint to all ranks, which can then load it; return its step, 0 if none."""
        step, content, problem = 0, b"", None
        if not dist.get_rank() and self.files():
            file = next(filter(_is_whole, self.files()[::-1]), self.files()[0])
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")  # they come when it is loaded again, for training
                    step = self.load()
                if file != self._file(step):
                    raise Refused(
                        f"{file} holds step {step}, so its name should be {self._file(step).name}; "
                        "give it back that name, or delete it if it is a copy."
                    )
                content = file.read_bytes()
            except (ValueError, Refused) as error:
                problem = str(error)
            except (OSError, TypeError, AttributeError) as error:
                problem = f"{file} cannot be loaded ({error}); delete it or take another folder."
        _agree(problem)
        step = _gather(step)[0]
        content = _from_rank_0(content)
        if step and dist.get_rank():
            try:
                self._file(step).write_bytes(content)
            except OSError as error:
                problem = f"the checkpoint cannot be copied to {self.folder} ({error.strerror})."
        _agree(problem)
        self.last = self.home / self._file(step).name if step else None
        return step

    def save(self, step: int) -> Path:
        """Write on rank 0; return on every rank when the file is whole.

        Raises:
            AllRefused: on every rank, a file that could not be written.
        """
        problem = None
        if not dist.get_rank():
            try:
                super().save(step)
            except (OSError, RuntimeError) as error:  # torch's writer tells of a full disk by the latter
                rescue = f"the last whole one is {self.last}" if self.last else "none was saved before"
                problem = f"the checkpoint of step {step} cannot be written to {self.home} ({error}); {rescue}."
        _agree(problem)
        self.last = self.home / self._file(step).name
        return self.last

    def _file(self, step: int) -> Path:
        return self.folder / f"step-{step:08d}.pt"


def _gather(value: Any) -> list[Any]:
    """Return every rank's value, by rank; they travel as JSON, which holds no code."""
    text = torch.frombuffer(bytearray(json.dumps(value).encode()), dtype=torch.uint8)
    sizes = [torch.zeros(1, dtype=torch.int64) for _ in range(dist.get_world_size())]
    _collective(dist.all_gather, sizes, torch.tensor([len(text)]))
    texts = [torch.zeros(int(max(sizes)), dtype=torch.uint8) for _ in sizes]
    _collective(dist.all_gather, texts, torch.cat([text, texts[0][len(text) :]]))
    return [json.loads(bytes(text[:size].tolist())) for text, size in zip(texts, sizes, strict=True)]


def _from_rank_0(content: bytes) -> bytes:
    text = torch.zeros(_gather(len(content))[0], dtype=torch.uint8)
    if not dist.get_rank() and content:
        text = torch.frombuffer(bytearray(content), dtype=torch.uint8)
    _collective(dist.broadcast, text, src=0)
    return text.numpy().tobytes()


def _agree(problem: str | None) -> None:
    """Stop all ranks with the first one's problem, if any has one."""
    for rank, text in enumerate(_gather(problem)):
        if text:
            text = " ".join(text.split())  # torch's own may have several lines
            raise AllRefused(f"rank {rank}: {text}" if rank else text)


def _agree_on(settings: dict[str, Any]) -> None:
    """Stop all ranks if one was started with other settings than rank 0."""
    first, *others = _gather(settings)
    for rank, theirs in enumerate(others, start=1):
        for name in first:
            if theirs.get(name) != first[name]:
                raise AllRefused(
                    f"the ranks disagree: {name} is {first[name]!r} on rank 0 and {theirs.get(name)!r} on rank {rank}; "
                    "start all with the same settings."
                )


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep off the screen what torch's C++ writes to stderr about a connection; the exception says it too."""
    sys.stderr.flush()
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def _fresh(store: dist.Store, rank: int, ranks: int, timeout: float) -> dist.Store:
    """Return a part of the store that only this start of all ranks uses.

    After a restart torchrun may lend the same store, where gloo would find addresses of workers that are dead. So each
    rank writes a token, and the name of the part is made of all tokens. A rank that sees the same name from all knows
    that each has read its own fresh token, hence is alive.
    """
    tokens, names = ([f"gan_helpers/{kind}/{number}" for number in range(ranks)] for kind in ("token", "name"))
    store.set(tokens[rank], secrets.token_hex(8))
    until = time.monotonic() + timeout
    while time.monotonic() < until:
        if store.check(tokens):
            name = hashlib.sha256(b"".join(store.multi_get(tokens))).hexdigest()
            store.set(names[rank], name)
            if store.check(names) and set(store.multi_get(names)) == {name.encode()}:
                return dist.PrefixStore(name, store)
        time.sleep(0.05)
    raise RuntimeError("the others did not answer")


def join(timeout: float) -> None:
    """Meet the other ranks where the variables that torchrun sets say.

    Args:
        timeout: seconds to wait for the others, now and in every later exchange.

    Raises:
        Refused: variables that are missing or wrong, a port in use, or ranks that do not come.
    """
    missing = [name for name in _VARIABLES if not os.environ.get(name)]
    if missing:
        raise Refused(
            f"{', '.join(missing)} must be set, and torchrun does it; start with: "
            "torchrun --nproc-per-node 2 -m gan_helpers.distributed --model dcgan"
        )
    for name, most in (("RANK", 2**31), ("WORLD_SIZE", 2**31), ("MASTER_PORT", 65535)):
        text = os.environ[name]
        if not (text.isascii() and text.isdigit() and (name == "RANK" or int(text)) and int(text) <= most):
            raise Refused(f"{name} must be a whole number that torchrun sets, but {text!r} came.")
    rank, ranks = int(os.environ["RANK"]), int(os.environ["WORLD_SIZE"])
    address = f"{os.environ['MASTER_ADDR']}:{os.environ['MASTER_PORT']}"
    if rank >= ranks:
        raise Refused(f"RANK must lie in [0, {ranks - 1}] for a WORLD_SIZE of {ranks}, but {rank} came.")
    try:
        with _quiet():
            wait = timedelta(seconds=timeout)
            store, *_ = next(dist.rendezvous("env://", timeout=wait))
            store = _fresh(store, rank, ranks, timeout)
            dist.init_process_group("gloo", store=store, rank=rank, world_size=ranks, timeout=wait)
    except RuntimeError as error:
        if "EADDRINUSE" in str(error) or "address already in use" in str(error).lower():
            raise Refused(f"the port of {address} is in use; set MASTER_PORT to a free one, on all ranks.") from error
        raise Refused(
            f"rank {rank} did not meet all {ranks} ranks at {address} within {timeout:g} s "
            f"({str(error).splitlines()[0][:200].rstrip('.')}); start one process for each RANK below WORLD_SIZE, with "
            "this address, or raise --timeout."
        ) from error


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """Say what is wrong in one sentence, without the usage lines."""
        self.exit(2, f"distributed: {message} (--help lists the options)\n")


def _parse(arguments: list[str]) -> argparse.Namespace:
    parser = _Parser(prog="torchrun ... -m gan_helpers.distributed", description=__doc__.splitlines()[0])
    parser.add_argument("--model", required=True, choices=RECIPES)
    parser.add_argument("--data", default="mnist", choices=("mnist", "fashion"))
    parser.add_argument("--steps", type=int, default=500, help="of the generator, those before a resumption counted")
    parser.add_argument("--batch", type=int, help="images of all processes together; the model's own if not given")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--checkpoints", help="rank 0's folder; a run that it holds goes on")
    parser.add_argument("--every", type=int, default=100, help="steps between two checkpoints and two lines of losses")
    parser.add_argument("--out", help="an .npz file for 5,000 samples; it is replaced")
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--timeout", type=float, default=60.0, help="seconds to wait for another process")
    options = parser.parse_args(arguments)
    try:
        check_number("--timeout", options.timeout, above=0)
        if options.timeout > _LONGEST:
            raise ValueError(f"--timeout must be at most {_LONGEST:,} s, a week, but {options.timeout:g} came.")
    except ValueError as error:
        parser.error(str(error))
    return options


def _pick_device(kind: str) -> torch.device:
    if kind == "cpu":
        return pick_device("cpu")
    local, here = int(os.environ.get("LOCAL_RANK") or dist.get_rank()), torch.cuda.device_count()
    if local >= here:
        raise ValueError(
            f"each process on a machine needs a GPU of its own, but this is number {local + 1} and {here} are here; "
            "start fewer, or use --device cpu."
        )
    if not dist.is_nccl_available():
        raise ValueError("this build of torch has no NCCL, by which GPUs exchange tensors; use --device cpu.")
    torch.cuda.set_device(local)
    return pick_device(f"cuda:{local}")


def _check_out(path: Path) -> None:
    if path.suffix != ".npz":
        raise ValueError(f"--out needs a file name that ends in .npz, but {str(path)!r} came.")
    try:
        with open(path, "ab"):
            pass
    except OSError as error:
        raise ValueError(f"--out {str(path)!r} cannot be written ({error.strerror}).") from error
    if not path.stat().st_size:
        path.unlink()


def _write(path: Path, arrays: dict[str, np.ndarray]) -> None:
    """Write an .npz file that is there only when it is whole."""
    unfinished = path.with_suffix(f".unfinished-{os.getpid()}")
    try:
        with open(unfinished, "wb") as file:
            np.savez_compressed(file, **arrays)
        os.replace(unfinished, path)
    except OSError as error:
        with contextlib.suppress(OSError):
            unfinished.unlink()
        raise Refused(f"the samples cannot be written to {path} ({error.strerror}).") from error


def _start(options: argparse.Namespace) -> tuple[Recipe, Run, SharedCheckpoints | None]:
    """Check everything before the first step; a problem of one rank stops all."""
    _agree_on(vars(options) | {"torch": str(torch.__version__)})
    checkpoints, problem = None, None
    try:
        check_count("--steps", options.steps)
        check_count("--every", options.every)
        device = _pick_device(options.device)
        recipe = recipe_for(options.model, device)
        if options.batch is not None:
            recipe = replace(recipe, batch=options.batch)
        if options.out and not dist.get_rank():
            _check_out(Path(options.out))
        run = prepare(recipe, load_images(options.data), seed=options.seed, device=device)
        if options.checkpoints:
            settings = asdict(recipe) | {"data": options.data, "seed": options.seed, "device": options.device}
            checkpoints = SharedCheckpoints(
                options.checkpoints, every=options.every, settings=_Settings(settings), **run.state
            )
    except (ValueError, OSError) as error:
        problem = str(error)
    _agree(problem)
    if options.device == "cuda":
        wait = timedelta(seconds=options.timeout)
        _groups["cuda"] = _collective(dist.new_group, backend="nccl", timeout=wait)
    if checkpoints:
        step = checkpoints.share()
        if step > options.steps:
            raise AllRefused(
                f"{options.checkpoints} holds a run of {step} steps, so --steps {options.steps} is too few."
            )
    return recipe, run, checkpoints


def train(options: argparse.Namespace) -> None:
    """Train and, on rank 0, report and write the samples."""
    recipe, run, checkpoints = _start(options)
    speaks = dist.get_rank() == 0
    try:
        for record in train_gan(
            run.d_step, run.g_step, run.batches, steps=options.steps, d_steps_per_g=recipe.critic_steps,
            checkpoints=checkpoints, resume=checkpoints is not None, progress=False,
        ):  # fmt: skip
            if recipe.ema_decay:
                ema_update(run.average, run.generator, decay=recipe.ema_decay)
            if speaks and record.step % options.every == 0:
                losses = f"d_loss {float(record.d_loss):.3f}, g_loss {float(record.g_loss):.3f}"
                print(f"step {record.step:,} of {options.steps:,}: {losses}", flush=True)
    except LostRank as error:
        last = checkpoints.last if checkpoints else None
        rescue = (
            f"the last whole checkpoint is {last}; the same command goes on from it" if last else "nothing was saved"
        )
        raise Refused(f"rank {dist.get_rank()} lost another one, which died or hung; {rescue}.") from error
    if speaks and options.out:
        images, labels = sample(recipe, run.average.eval())
        arrays = {"images": images.numpy(), "steps": np.int64(options.steps)}  # as benchmarks.train_and_sample writes
        if recipe.model == "cgan":
            arrays["labels"] = labels.numpy()
        _write(Path(options.out), arrays)
        print(
            f"{options.out}: {len(images):,} images after {options.steps:,} steps of {dist.get_world_size()} processes"
        )


def main(arguments: list[str]) -> int:
    """Join, train, leave; return the exit status."""
    options = _parse(arguments)
    try:
        join(options.timeout)
        train(options)
    except (AllRefused, TrainingDiverged) as error:
        if not dist.get_rank():
            _say(str(error))
        with contextlib.suppress(LostRank):  # stay until rank 0 has spoken: torchrun ends all when the first has ended
            _total(torch.zeros(1))
        return 2
    except Refused as error:
        _say(str(error))
        return 2
    except LostRank:
        _say("another rank died or hung before the first step.")
        return 2
    dist.destroy_process_group()
    return 0


def _say(problem: str) -> None:
    print(f"distributed: {problem}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
