"""What the other modules ask of their arguments: each failure is one sentence that says what came and what to do."""

import math
from typing import Any

import numpy as np
import torch
from torch import Tensor


def check_count(name: str, value: Any, *, least: int = 1) -> None:
    """Raise TypeError or ValueError unless `value` is a whole number of at least `least`."""
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)):
        raise TypeError(f"{name} must be a whole number, but {value!r} came.")
    if value < least:
        raise ValueError(f"{name} must be at least {least}, but {value} came.")


def check_number(name: str, value: Any, *, least: float = -math.inf, above: float = -math.inf) -> None:
    """Raise TypeError or ValueError unless `value` is one finite number, at least `least` and above `above`."""
    if isinstance(value, (bool, str)) or not isinstance(value, (int, float, np.number, Tensor)):
        raise TypeError(f"{name} must be a number, but {value!r} came.")
    if isinstance(value, Tensor) and value.numel() != 1:
        raise TypeError(f"{name} must be one number, but a tensor of the shape {tuple(value.shape)} came.")
    if not (math.isfinite(value) and value >= least and value > above):
        wanted = f"at least {least:g}" if least > -math.inf else f"above {above:g}" if above > -math.inf else "finite"
        raise ValueError(f"{name} must be {wanted}, but {value} came.")


def check_floats(name: str, value: Any) -> None:
    """Raise TypeError unless `value` is a floating-point tensor."""
    if not isinstance(value, Tensor):
        came = f"{type(value).__name__} came; torch.as_tensor makes one."
        raise TypeError(f"{name} must be a floating-point tensor, but {came}")
    if not value.is_floating_point():
        raise TypeError(f"{name} must be a floating-point tensor, but {value.dtype} came; use .float().")


def check_finite(name: str, value: Any) -> None:
    """Raise TypeError or ValueError unless `value` is a floating-point tensor without NaN and infinity."""
    check_floats(name, value)
    if not torch.isfinite(value).all():
        raise ValueError(f"{name} must be finite, but NaN or infinity came; a run that diverged is the usual cause.")


def check_rng(rng: Any) -> None:
    """Raise TypeError unless `rng` is a generator of random numbers on the CPU."""
    if not isinstance(rng, torch.Generator) or rng.device.type != "cpu":
        came = f"one on {rng.device}" if isinstance(rng, torch.Generator) else repr(rng)
        raise TypeError(f"rng must be a torch.Generator on the CPU, such as seed_everything(1), but {came} came.")


def check_seed(seed: Any) -> None:
    """Raise TypeError or ValueError unless `seed` is a whole number in [0, 2**63)."""
    check_count("seed", seed, least=0)
    if seed >= 2**63:
        raise ValueError(f"seed must be below 2**63, but {seed} came.")
