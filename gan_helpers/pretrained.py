"""Small trained generators that travel with the package: digits, clothes and letters, drawn as asked."""

import json
import zipfile
from pathlib import Path

import numpy as np
import torch

from gan_helpers.models import ConditionalGenerator

_FOLDER = Path(__file__).parent / "embedded" / "pretrained"


def load_pretrained(name: str = "mnist") -> ConditionalGenerator:
    """Return a trained `ConditionalGenerator`, in `eval()` mode and without gradients.

    Args:
        name: "mnist" (digits), "fashion" (clothes) or "letters" (capitals; one latent vector draws one alphabet).

    Raises:
        ValueError: an unknown name, or a file that is damaged or holds NaN.
        FileNotFoundError: the weights are missing.
    """
    network = pretrained_card(name)["network"]
    path = _FOLDER / f"{name}.npz"
    if not path.is_file():
        raise FileNotFoundError(f"{path} is missing; install gan_helpers again.")
    try:
        with np.load(path, allow_pickle=False) as arrays:
            weights = {key: torch.from_numpy(arrays[key].astype(np.float32)) for key in arrays.files}
    except (ValueError, OSError, zipfile.BadZipFile) as error:
        raise ValueError(f"{path} is damaged; install gan_helpers again.") from error
    if not all(torch.isfinite(weight).all() for weight in weights.values()):
        raise ValueError(f"{path} holds NaN or infinity; install gan_helpers again.")
    generator = ConditionalGenerator(
        network["latent_dim"], classes=network["classes"], channels=network["channels"], width=network["width"]
    )
    whole = {key: value for key, value in generator.state_dict().items() if not value.is_floating_point()}
    try:
        generator.load_state_dict(weights | whole)  # batch norm's counters are not stored
    except RuntimeError as error:
        raise ValueError(f"{path} does not fit the network of its card; install gan_helpers again.") from error
    return generator.requires_grad_(False).eval()


def pretrained_card(name: str = "mnist") -> dict:
    """Return how a generator was made and what it scored: command, network, minutes, scores.

    The minutes are wall clock on a machine that did other work meanwhile. The scores are those of the stored weights,
    against images that the generator was not trained on: 2,000, or for "letters" all held-out fonts
    (benchmarks/judge_letters.py says how).

    Raises:
        ValueError: an unknown name.
    """
    names = sorted(path.stem for path in _FOLDER.glob("*.json"))
    if not isinstance(name, str) or name not in names:
        raise ValueError(f"there is no trained generator {name!r}; choose one of {', '.join(map(repr, names))}.")
    return json.loads((_FOLDER / f"{name}.json").read_text(encoding="utf-8"))
