import matplotlib
import pytest

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import torch

from gan_helpers import set_threads


@pytest.fixture(autouse=True)
def fresh():
    """One thread, one seed, no figure left open."""
    set_threads(1)
    torch.manual_seed(0)
    yield
    plt.close("all")


@pytest.fixture
def rng():
    return torch.Generator().manual_seed(0)
