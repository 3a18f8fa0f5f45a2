"""Seeds, devices and threads: what must be settled before anything random or heavy happens."""

import os

# A waiting OpenMP thread spins by default and steals a core from its neighbour. The passive policy costs nothing
# alone and doubles the speed of two notebooks side by side, but it counts only when set before torch is imported.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import random

import numpy as np
import torch

_MOST_USEFUL_THREADS = 4  # the networks of this book are too small to feed more


def seed_everything(seed: int) -> torch.Generator:
    """Seed Python, NumPy and torch, and return a fresh CPU generator for samplers.

    The same seed gives the same numbers on the same machine, torch version and number of threads; PyTorch promises
    no more than that (its notes on reproducibility).

    Args:
        seed: an integer in [0, 2**32), the range that NumPy accepts.

    Returns:
        A `torch.Generator` on the CPU seeded with `seed`, to hand to samplers as `rng`.

    Raises:
        TypeError: `seed` is no integer.
        ValueError: `seed` is outside [0, 2**32).
    """
    if isinstance(seed, bool) or not isinstance(seed, (int, np.integer)):
        raise TypeError(f"seed must be an integer, but {seed!r} came. Try seed_everything(1).")
    if not 0 <= seed < 2**32:
        raise ValueError(f"seed must lie in [0, 2**32), but {seed} came.")
    random.seed(int(seed))
    np.random.seed(int(seed))
    torch.manual_seed(int(seed))
    return torch.Generator().manual_seed(int(seed))


def pick_device(name: str | None = None) -> torch.device:
    """Return the fastest device there is: cuda, else mps, else cpu; on the CPU set the threads on purpose.

    Args:
        name: a device to insist on, such as "cpu" or "cuda:1"; None picks.

    Returns:
        The `torch.device`. When it is the CPU, `set_threads()` has been called.

    Raises:
        ValueError: the named device is unknown or absent on this machine.
    """
    if name is None:
        name = "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu"
    try:
        device = torch.device(name)
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError, TypeError) as error:
        raise ValueError(
            f"the device {name!r} cannot be used here; pick_device() without a name chooses one."
        ) from error
    if device.type == "cpu":
        set_threads()
    return device


def set_threads(threads: int | None = None) -> int:
    """Set how many CPU threads torch uses for one operation, and return that number.

    Args:
        threads: at least 1. None takes OMP_NUM_THREADS where it is set (one a notebook when several run side by
            side), else the cores that this process may use, at most four.

    Raises:
        ValueError: `threads` is below 1 or no whole number.
    """
    if threads is None:
        wish = os.environ.get("OMP_NUM_THREADS", "")
        usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        threads = int(wish) if wish.isdigit() and int(wish) > 0 else min(usable, _MOST_USEFUL_THREADS)
    if isinstance(threads, bool) or not isinstance(threads, int) or threads < 1:
        raise ValueError(f"threads must be a whole number of at least 1, but {threads!r} came.")
    torch.set_num_threads(threads)
    return threads
