import random

import numpy as np
import pytest
import torch

from gan_helpers import pick_device, seed_everything, set_threads


def test_the_same_seed_gives_the_same_numbers():
    def numbers():
        rng = seed_everything(7)
        return random.random(), np.random.rand(), torch.rand(1).item(), torch.rand(1, generator=rng).item()

    assert numbers() == numbers()
    assert numbers() != (seed_everything(8), random.random(), np.random.rand(), torch.rand(1).item())[1:]


@pytest.mark.parametrize("seed", [1.5, "1", None, True])
def test_a_seed_is_an_integer(seed):
    with pytest.raises(TypeError, match="seed must be an integer"):
        seed_everything(seed)


@pytest.mark.parametrize("seed", [-1, 2**32])
def test_a_seed_lies_in_range(seed):
    with pytest.raises(ValueError, match="seed must lie in"):
        seed_everything(seed)


def test_device():
    assert pick_device("cpu").type == "cpu"
    wanted = "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu"
    assert pick_device().type == wanted


@pytest.mark.parametrize("name", ["tpu9", "", "cuda:99"])
def test_unknown_device(name):
    with pytest.raises(ValueError, match=r"pick_device\(\) without a name"):
        pick_device(name)


def test_threads(monkeypatch):
    assert set_threads(2) == torch.get_num_threads() == 2
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    assert set_threads() == torch.get_num_threads() == 1
    monkeypatch.setenv("OMP_NUM_THREADS", "many")
    assert 1 <= set_threads() <= 4


@pytest.mark.parametrize("threads", [0, -1, 1.5, True])
def test_threads_must_be_whole_and_positive(threads):
    with pytest.raises(ValueError, match="threads must be a whole number"):
        set_threads(threads)
