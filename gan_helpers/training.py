"""The loop that alternates two step functions, its records, and checkpoints that survive a kill at any moment."""

import copy
import os
import pickle
import random
import warnings
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor, nn
from tqdm import tqdm

from gan_helpers.checks import check_count, check_number

_LOOK_EVERY = 25  # steps between two looks at the losses: one transfer from the device instead of fifty


class TrainingDiverged(RuntimeError):
    """A loss is no longer finite.

    Args:
        step: the first step, counted from 1, whose loss is NaN or infinite.
        loss: "d_loss" or "g_loss".
        value: what it was.
        checkpoint: the last good checkpoint, or None.
    """

    def __init__(self, step: int, loss: str, value: float, checkpoint: Path | None) -> None:
        self.step, self.loss, self.value, self.checkpoint = step, loss, value, checkpoint
        rescue = f"the last good checkpoint is {checkpoint}" if checkpoint else "there is no checkpoint to go back to"
        super().__init__(
            f"{loss} became {value} at step {step}; {rescue}. Lower the learning rates, use the losses on logits, "
            "or look for a logarithm or a division that meets zero."
        )


@dataclass(frozen=True)
class StepRecord:
    """What one step of training left behind.

    Args:
        step: counted from 1.
        d_loss: scalar, of the last discriminator step; still on its device, so `float(record.d_loss)` may wait.
        g_loss: scalar, of the generator step.
    """

    step: int
    d_loss: Tensor
    g_loss: Tensor


class Stateful(Protocol):
    """Anything with `state_dict` and `load_state_dict`: modules, optimisers, batch streams."""

    def state_dict(self) -> dict: ...

    def load_state_dict(self, state: dict) -> Any: ...


class Checkpoints:
    """A folder of checkpoints that holds everything a run needs to go on as if it had never stopped.

    A checkpoint is written under another name and moved into place only when it is whole, so a kill leaves the one
    before it. Beside the parts it keeps the states of the random generators of torch, NumPy and Python. Loading
    verifies the file's checksums and uses `weights_only=True`, which is built to refuse code.

    Args:
        folder: made if missing.
        every: steps between two checkpoints, at least 1; the last step is saved as well.
        keep: how many of the newest files stay, at least 1.
        parts: by name, everything that changes in training: modules, optimisers, the batch stream, and each
            `torch.Generator` of your own.

    Raises:
        TypeError: a part has no state to save, a count is no whole number, or the folder is no path.
        ValueError: no part, `every` or `keep` below 1, or a folder that cannot be written to.
    """

    def __init__(self, folder: str | Path, *, every: int, keep: int = 2, **parts: Stateful | torch.Generator) -> None:
        check_count("every", every)
        check_count("keep", keep)
        if not isinstance(folder, (str, Path)):
            raise TypeError(f"folder must be a path, but {folder!r} came.")
        if not parts:
            raise ValueError("name what to save: Checkpoints(folder, every=500, generator=generator, ...).")
        for name, part in parts.items():
            if not isinstance(part, torch.Generator) and not hasattr(part, "load_state_dict"):
                raise TypeError(f"{name} is a {type(part).__name__}, which has no state_dict to save.")
        self.folder, self.every, self.keep, self._parts = Path(folder), every, keep, parts
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            probe = self.folder / f".probe-{os.getpid()}"
            probe.write_bytes(b"")
            probe.unlink()
        except OSError as error:
            raise ValueError(
                f"checkpoints cannot be written into {self.folder} ({error.strerror}); choose another folder."
            ) from error

    def files(self) -> list[Path]:
        """Return the checkpoints in the folder, oldest first; a half-written file is never among them."""
        return sorted(self.folder.glob("step-*.pt"))

    def save(self, step: int) -> Path:
        """Write the state after `step` steps and return the file; older files beyond `keep` go."""
        state = {
            "step": step,
            "torch": str(torch.__version__),  # a plain string: weights_only refuses torch's own class
            "threads": torch.get_num_threads(),
            "random": _random_states(),
            "parts": {name: _state_of(part) for name, part in self._parts.items()},
        }
        file = self.folder / f"step-{step:08d}.pt"
        unfinished = file.with_suffix(f".unfinished-{os.getpid()}")
        with open(unfinished, "wb") as stream:
            torch.save(state, stream)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(unfinished, file)
        for old in self.files()[: -self.keep]:
            old.unlink()
        for left in self.folder.glob("*.unfinished-*"):
            left.unlink()
        return file

    def load(self, file: str | Path | None = None) -> int:
        """Put every part back into its saved state and return the step; the newest whole file unless one is named.

        A newest file that is damaged is passed over with a warning. If anything does not fit, all parts stay as they
        were.

        Raises:
            FileNotFoundError: there is no such file, or none in the folder.
            ValueError: the named file (or every file) is damaged, or belongs to other parts or another architecture.
        """
        candidates = [Path(file)] if file is not None else self.files()[::-1]
        if not candidates or not candidates[0].is_file():
            raise FileNotFoundError(f"there is no checkpoint {candidates[0] if candidates else f'in {self.folder}'}.")
        for candidate in candidates:
            if _is_whole(candidate):
                break
            if len(candidates) > 1:
                warnings.warn(f"{candidate} is damaged; the checkpoint before it is used.", stacklevel=2)
        else:
            raise ValueError(f"{candidates[-1]} is damaged or cut short; delete it and start from an older one.")
        try:
            state = torch.load(candidate, map_location="cpu", weights_only=True)
        except (pickle.UnpicklingError, RuntimeError) as error:
            raise ValueError(f"{candidate} is no checkpoint of this book: it holds more than numbers.") from error
        if not isinstance(state, dict) or not {"step", "random", "parts"} <= set(state):
            raise ValueError(f"{candidate} is no checkpoint of this book; Checkpoints.save writes them.")
        self._restore(state, candidate)
        return state["step"]

    def _restore(self, state: dict, file: Path) -> None:
        if set(state["parts"]) != set(self._parts):
            raise ValueError(
                f"{file} holds {', '.join(sorted(state['parts']))}, but {', '.join(sorted(self._parts))} "
                "are to be restored; name the same parts as when it was saved."
            )
        before = {name: copy.deepcopy(_state_of(part)) for name, part in self._parts.items()}
        try:
            for name, part in self._parts.items():
                _set_state(part, state["parts"][name])
        except (RuntimeError, ValueError, KeyError) as error:
            for changed, old in before.items():
                _set_state(self._parts[changed], old)
            reason = " ".join(str(error).split())
            raise ValueError(
                f"{file} does not fit the part {name!r}: another architecture or setting ({reason[:300]}). "
                "Build the parts as they were when it was saved."
            ) from error
        _set_random_states(state["random"])
        here = (str(torch.__version__), torch.get_num_threads())
        if here != (state["torch"], state["threads"]):
            warnings.warn(
                f"saved by torch {state['torch']} on {state['threads']} threads, resumed by torch {here[0]} on "
                f"{here[1]}: the run goes on, but not bit for bit.",
                stacklevel=4,
            )


def train_gan(
    d_step: Callable[[Any], Tensor],
    g_step: Callable[[Any], Tensor],
    batches: Iterable[Any],
    *,
    steps: int,
    d_steps_per_g: int = 1,
    checkpoints: Checkpoints | None = None,
    resume: bool = False,
    progress: bool = True,
) -> Iterator[StepRecord]:
    """Alternate discriminator and generator steps, yielding one record a step; nothing runs until you iterate.

    One step calls `d_step` on `d_steps_per_g` fresh batches, then `g_step` on the last of them. The loop knows
    nothing of networks, losses or optimisers: your two functions do the work and return their loss. It reads losses
    every 25 steps only, so a GPU is never made to wait in between; a loss that is not finite is reported at the
    latest then, with the exact step, and never saved. Source: Goodfellow et al. 2014, algorithm 1.

    Args:
        d_step: takes a batch, updates the discriminator, returns its loss (a scalar tensor).
        g_step: takes a batch (often only for its size), updates the generator, returns its loss.
        batches: an endless stream, such as `BatchStream`.
        steps: how many generator steps the whole run has, at least 1, those before a resumption counted.
        d_steps_per_g: discriminator steps before each generator step, at least 1.
        checkpoints: where to save; what your loop body does on a record is part of what is saved after it.
        resume: go on from the newest checkpoint, or start if there is none.
        progress: show a bar with the losses and the steps a second.

    Returns:
        An iterator of `StepRecord`, from step 1 or from the one after the checkpoint to `steps`.

    Raises:
        TypeError: a step is no function or returns no scalar tensor, a count is no whole number, batches cannot be
            iterated over, or checkpoints are none.
        ValueError: a count below 1, batches that end too soon, `resume` without `checkpoints`, or a folder that
            holds another run's checkpoints when `resume` is False.
        TrainingDiverged: a loss became NaN or infinite.
    """
    check_count("steps", steps)
    check_count("d_steps_per_g", d_steps_per_g)
    for name, step in (("d_step", d_step), ("g_step", g_step)):
        if not callable(step):
            raise TypeError(f"{name} must be a function of a batch, but a {type(step).__name__} came.")
    if not isinstance(batches, Iterable):
        raise TypeError(f"batches must be a stream such as BatchStream, but a {type(batches).__name__} came.")
    if checkpoints is not None and not isinstance(checkpoints, Checkpoints):
        raise TypeError(f"checkpoints must be Checkpoints(folder, every=..., ...), but {checkpoints!r:.60} came.")
    if resume and checkpoints is None:
        raise ValueError("resume=True needs checkpoints=Checkpoints(folder, ...), to know what to go on from.")
    start = 0
    if checkpoints and checkpoints.files():
        if not resume:
            raise ValueError(
                f"{checkpoints.folder} already holds {checkpoints.files()[-1].name}; pass resume=True to go on from "
                "it, or name another folder, so that no work is overwritten."
            )
        start = checkpoints.load()
    return _run(d_step, g_step, iter(batches), range(start + 1, steps + 1), d_steps_per_g, checkpoints, progress)


def _run(
    d_step: Callable,
    g_step: Callable,
    batches: Iterator,
    steps: range,
    d_steps_per_g: int,
    checkpoints: Checkpoints | None,
    progress: bool,
) -> Iterator[StepRecord]:
    unread: list[StepRecord] = []
    last_good = checkpoints.files()[-1] if checkpoints and checkpoints.files() else None
    with tqdm(total=steps.stop - 1, initial=steps.start - 1, disable=not progress, unit="step", ncols=80) as bar:
        for step in steps:
            for _ in range(d_steps_per_g):
                try:
                    batch = next(batches)
                except StopIteration:
                    raise ValueError(
                        f"the batches ended at step {step} of {steps.stop - 1}; hand in an endless stream such as "
                        "BatchStream."
                    ) from None
                d_loss = _scalar("d_step", d_step(batch))
            record = StepRecord(step, d_loss, _scalar("g_step", g_step(batch)))
            unread.append(record)
            yield record
            saves = checkpoints is not None and (step % checkpoints.every == 0 or step == steps[-1])
            if saves or len(unread) == _LOOK_EVERY or step == steps[-1]:
                bar.set_postfix(_read(unread, last_good), refresh=False)
                bar.update(len(unread))
                unread.clear()
            if saves:
                last_good = checkpoints.save(step)


def _read(records: list[StepRecord], last_good: Path | None) -> dict[str, str]:
    losses = torch.stack([torch.stack([record.d_loss, record.g_loss]) for record in records]).float().cpu()  # (n, 2)
    bad = (~torch.isfinite(losses)).nonzero()
    if len(bad):
        row, column = bad[0].tolist()
        name = ("d_loss", "g_loss")[column]
        raise TrainingDiverged(records[row].step, name, float(losses[row, column]), last_good)
    return {"d_loss": f"{losses[-1, 0]:.3f}", "g_loss": f"{losses[-1, 1]:.3f}"}


def _scalar(name: str, loss: Any) -> Tensor:
    if not isinstance(loss, Tensor) or loss.numel() != 1:
        came = f"shape {tuple(loss.shape)}" if isinstance(loss, Tensor) else type(loss).__name__
        raise TypeError(f"{name} must return its loss, a scalar tensor, but {came} came. Does it end in `return loss`?")
    return loss.detach().reshape(())


@torch.no_grad()
def ema_update(average: nn.Module, current: nn.Module, *, decay: float = 0.999) -> None:
    r"""Move the weights of `average` towards `current`, $a \leftarrow \rho a + (1 - \rho) w$; copy the buffers.

    Args:
        average: a copy of the generator, made with `copy.deepcopy`; changed in place.
        current: the generator in training.
        decay: rho, in [0, 1).

    Raises:
        TypeError: a network that is no `torch.nn.Module`.
        ValueError: a decay outside [0, 1), or networks that differ.
    """
    for name, net in (("average", average), ("current", current)):
        if not isinstance(net, nn.Module):
            raise TypeError(f"{name} must be a torch.nn.Module, but a {type(net).__name__} came.")
    check_number("decay", decay)
    if not 0 <= decay < 1:
        raise ValueError(f"decay must lie in [0, 1), but {decay} came.")
    shapes = [[(name, value.shape) for name, value in net.state_dict().items()] for net in (average, current)]
    if shapes[0] != shapes[1]:
        raise ValueError("average and current must have the same architecture; make the first with copy.deepcopy.")
    for mean, weight in zip(average.parameters(), current.parameters(), strict=True):
        mean.lerp_(weight, 1 - decay)
    for mean, buffer in zip(average.buffers(), current.buffers(), strict=True):
        mean.copy_(buffer)


def _random_states() -> dict:
    numpy_name, keys, position, has_gauss, gauss = np.random.get_state()
    return {
        "torch": torch.get_rng_state(),
        "cuda": torch.cuda.get_rng_state_all() if torch.cuda.is_available() else [],
        "numpy": (numpy_name, keys.tolist(), position, has_gauss, gauss),
        "python": random.getstate(),
    }


def _set_random_states(states: dict) -> None:
    torch.set_rng_state(states["torch"])
    if states["cuda"] and torch.cuda.device_count() == len(states["cuda"]):
        torch.cuda.set_rng_state_all(states["cuda"])
    np.random.set_state(states["numpy"])
    version, internal, gauss = states["python"]
    random.setstate((version, tuple(internal), gauss))


def _state_of(part: Stateful | torch.Generator) -> dict:
    return {"rng": part.get_state()} if isinstance(part, torch.Generator) else part.state_dict()


def _set_state(part: Stateful | torch.Generator, state: dict) -> None:
    if isinstance(part, torch.Generator):
        part.set_state(state["rng"])
    else:
        part.load_state_dict(state)


def _is_whole(file: Path) -> bool:
    try:
        with zipfile.ZipFile(file) as archive:
            return archive.testzip() is None
    except (zipfile.BadZipFile, OSError, EOFError):
        return False
