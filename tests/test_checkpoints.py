"""Killed at any moment and resumed, a run ends with the same bits; no damaged or foreign file is ever taken."""

import copy
import os
import pickle
import random
import subprocess
import sys
import textwrap
import time

import pytest
import torch
from torch import nn

from gan_helpers import Checkpoints, MLPDiscriminator, MLPGenerator, train_gan

SCRIPT = textwrap.dedent(
    """
    import copy, sys, time
    import torch
    import gan_helpers as gh

    folder, out, steps = sys.argv[1], sys.argv[2], int(sys.argv[3])
    gh.set_threads(1)
    rng = gh.seed_everything(3)
    data = gh.sample_mixture(200, gh.ring_centres(), std=0.1, rng=rng)
    generator = gh.MLPGenerator(4, (2,), hidden=(16,), batch_norm=True)
    average = copy.deepcopy(generator)
    discriminator = gh.MLPDiscriminator((2,), hidden=(16,), dropout=0.3)
    g_optimizer = torch.optim.Adam(generator.parameters(), lr=1e-3)
    d_optimizer = torch.optim.Adam(discriminator.parameters(), lr=1e-3)
    batches = gh.BatchStream(data, batch_size=32, seed=3)

    def d_step(real):
        real = real + 0.01 * torch.randn(real.shape, generator=rng)
        fake = generator(torch.randn(len(real), 4)).detach()
        loss = gh.minimax_d(discriminator(real), discriminator(fake))
        d_optimizer.zero_grad(); loss.backward(); d_optimizer.step()
        return loss

    def g_step(real):
        loss = gh.non_saturating_g(discriminator(generator(torch.randn(len(real), 4))))
        g_optimizer.zero_grad(); loss.backward(); g_optimizer.step()
        return loss

    checkpoints = gh.Checkpoints(
        folder, every=7, generator=generator, discriminator=discriminator, average=average,
        g_optimizer=g_optimizer, d_optimizer=d_optimizer, batches=batches, rng=rng,
    )
    print("ready", flush=True)
    for record in gh.train_gan(
        d_step, g_step, batches, steps=steps, checkpoints=checkpoints, resume=True, progress=False
    ):
        gh.ema_update(average, generator, decay=0.9)
        print(record.step, flush=True)
        time.sleep(0.001)
    parts = {"generator": generator, "discriminator": discriminator, "average": average}
    torch.save({name: part.state_dict() for name, part in parts.items()}, out)
    """
)
STEPS = 240


def start(folder, out, script):
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    return subprocess.Popen(
        [sys.executable, str(script), str(folder), str(out), str(STEPS)],
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    )


def test_killed_and_resumed_ends_with_the_same_bits(tmp_path):
    script = tmp_path / "run.py"
    script.write_text(SCRIPT)
    whole = start(tmp_path / "whole", tmp_path / "whole.pt", script)
    whole.communicate(timeout=120)
    assert whole.returncode == 0

    killed, chance = 0, random.Random(5)
    while not (tmp_path / "parts.pt").exists():
        run = start(tmp_path / "parts", tmp_path / "parts.pt", script)
        assert run.stdout.readline() == "ready\n"
        if killed < 4:
            for _ in range(chance.randint(20, 60)):  # so many records later, and a random moment within a step
                if not run.stdout.readline():
                    break
            time.sleep(chance.uniform(0, 0.005))
            run.kill()
            killed += 1
            run.communicate(timeout=120)
        else:
            run.communicate(timeout=120)
            assert run.returncode == 0
    assert killed == 4
    expected, found = (torch.load(tmp_path / name, weights_only=True) for name in ("whole.pt", "parts.pt"))
    for part, weights in expected.items():
        for name, weight in weights.items():
            assert torch.equal(weight, found[part][name]), (part, name)


@pytest.fixture
def saved(tmp_path):
    """A folder with two checkpoints, and the parts that they belong to."""
    net = nn.Linear(3, 2)
    optimizer = torch.optim.Adam(net.parameters())
    checkpoints = Checkpoints(tmp_path / "run", every=1, net=net, optimizer=optimizer)
    for step in (1, 2):
        net(torch.randn(4, 3)).sum().backward()
        optimizer.step()
        checkpoints.save(step)
    return checkpoints, net


def test_round_trip(saved):
    checkpoints, net = saved
    weight = net.weight.detach().clone()
    drawn = torch.rand(3), random.random()
    torch.manual_seed(99)
    random.seed(99)
    with torch.no_grad():
        net.weight.zero_()
    assert checkpoints.load() == 2
    assert torch.equal(net.weight, weight)
    assert torch.equal(torch.rand(3), drawn[0])
    assert random.random() == drawn[1]
    assert checkpoints.load(checkpoints.files()[0]) == 1


def test_only_the_newest_stay(saved):
    checkpoints, _ = saved
    checkpoints.save(3)
    assert [file.name for file in checkpoints.files()] == ["step-00000002.pt", "step-00000003.pt"]


@pytest.mark.parametrize("share", [0, 0.01, 0.3, 0.7, 0.99, 0.9999])
def test_a_cut_file_is_passed_over(saved, share):
    checkpoints, _ = saved
    newest = checkpoints.files()[-1]
    content = newest.read_bytes()
    newest.write_bytes(content[: int(share * len(content))])
    with pytest.warns(UserWarning, match="is damaged; the checkpoint before it is used"):
        assert checkpoints.load() == 1
    with pytest.raises(ValueError, match="is damaged or cut short"):
        checkpoints.load(newest)


def test_flipped_bytes_are_found(saved):
    checkpoints, _ = saved
    newest = checkpoints.files()[-1]
    content = newest.read_bytes()
    where = content.index(b"step-00000002") if b"step-00000002" in content[100:] else len(content) // 2
    for position in (where, len(content) // 3):
        broken = bytearray(content)
        for offset in range(8):
            broken[position + offset] ^= 0xFF
        newest.write_bytes(broken)
        try:
            with pytest.warns(UserWarning, match="is damaged"):
                assert checkpoints.load() == 1
        except pytest.fail.Exception:  # the bytes lay in padding: then the whole content must still be right
            assert checkpoints.load(newest) == 2


def test_an_unfinished_file_is_never_a_checkpoint(saved):
    checkpoints, _ = saved
    (checkpoints.folder / "step-00000009.unfinished-123").write_bytes(b"half")
    assert checkpoints.load() == 2
    checkpoints.save(3)
    assert not list(checkpoints.folder.glob("*.unfinished-*"))


def test_a_failed_write_leaves_the_last_one(saved, monkeypatch):
    checkpoints, _ = saved

    def full_disk(state, stream):
        stream.write(b"half a che")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(torch, "save", full_disk)
    with pytest.raises(OSError, match="No space left"):
        checkpoints.save(3)
    assert checkpoints.load() == 2


class Evil:
    """Leaves a trace when a file that holds it is unpickled."""

    def __init__(self, trace):
        self.trace = str(trace)

    def __reduce__(self):
        return os.mkdir, (self.trace,)


@pytest.mark.parametrize("form", ["pickle", "torch"])
def test_no_code_runs_from_a_file(saved, form, tmp_path):
    checkpoints, _ = saved
    evil = Evil(tmp_path / "was here")
    file = checkpoints.folder / "step-00000005.pt"
    if form == "pickle":
        file.write_bytes(pickle.dumps(evil))
    else:
        torch.save({"step": 5, "parts": evil}, file)
    with pytest.raises(ValueError, match=r"damaged or cut short|no checkpoint of this book"):
        checkpoints.load(file)
    assert not (tmp_path / "was here").exists()
    if form == "pickle":
        pickle.loads(file.read_bytes())  # it would have left one
        assert (tmp_path / "was here").exists()


def test_another_zip_is_no_checkpoint(saved):
    checkpoints, _ = saved
    file = checkpoints.folder / "weights.pt"
    torch.save([1, 2, 3], file)
    with pytest.raises(ValueError, match="no checkpoint of this book"):
        checkpoints.load(file)


def test_another_architecture_changes_nothing(saved):
    checkpoints, _ = saved
    first, wide = nn.Linear(3, 2), nn.Linear(3, 5)
    other = Checkpoints(checkpoints.folder, every=1, net=wide, optimizer=torch.optim.Adam(wide.parameters()))
    before = copy.deepcopy(wide.state_dict())
    with pytest.raises(ValueError, match="does not fit the part 'net': another architecture"):
        other.load()
    assert all(torch.equal(before[name], value) for name, value in wide.state_dict().items())

    small = torch.optim.Adam([first.weight])  # the network fits, its optimizer does not: both must stay
    other = Checkpoints(checkpoints.folder, every=1, net=first, optimizer=small)
    before = copy.deepcopy(first.state_dict())
    with pytest.raises(ValueError, match="does not fit the part 'optimizer'"):
        other.load()
    assert all(torch.equal(before[name], value) for name, value in first.state_dict().items())


def test_other_parts(saved):
    checkpoints, net = saved
    with pytest.raises(ValueError, match="holds net, optimizer, but net are to be restored"):
        Checkpoints(checkpoints.folder, every=1, net=net).load()


def test_a_busy_folder_is_not_overwritten(saved):
    checkpoints, _ = saved
    run = {"steps": 5, "checkpoints": checkpoints, "progress": False}
    with pytest.raises(ValueError, match=r"already holds step-00000002.pt; pass resume=True"):
        train_gan(lambda b: torch.tensor(1.0), lambda b: torch.tensor(1.0), iter(range(9)), **run)
    records = list(
        train_gan(lambda b: torch.tensor(1.0), lambda b: torch.tensor(1.0), iter(range(9)), resume=True, **run)
    )
    assert [record.step for record in records] == [3, 4, 5]


def test_missing_files(tmp_path):
    checkpoints = Checkpoints(tmp_path / "new", every=1, net=nn.Linear(1, 1))
    with pytest.raises(FileNotFoundError, match="there is no checkpoint in"):
        checkpoints.load()
    with pytest.raises(FileNotFoundError, match=r"there is no checkpoint .*nowhere.pt"):
        checkpoints.load(tmp_path / "nowhere.pt")


def test_an_unwritable_folder(tmp_path):
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(ValueError, match=r"checkpoints cannot be written into .*choose another folder"):
        Checkpoints(tmp_path / "file" / "run", every=1, net=nn.Linear(1, 1))


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"every": 0}, ValueError, "every must be at least 1"),
        ({"every": 1.5}, TypeError, "every must be a whole number"),
        ({"every": 1, "keep": 0}, ValueError, "keep must be at least 1"),
        ({"every": 1}, ValueError, "name what to save"),
        ({"every": 1, "net": 3}, TypeError, "net is a int, which has no state_dict"),
    ],
)
def test_bad_settings(arguments, error, message, tmp_path):
    with pytest.raises(error, match=message):
        Checkpoints(tmp_path, **arguments)


def test_another_thread_count_is_told(saved):
    checkpoints, _ = saved
    torch.set_num_threads(2)
    with pytest.warns(UserWarning, match="not bit for bit"):
        checkpoints.load()


def test_networks_of_the_book_fit(tmp_path):
    parts = {"g": MLPGenerator(4, (2,), batch_norm=True), "d": MLPDiscriminator((2,))}
    Checkpoints(tmp_path, every=1, **parts).save(1)
    assert Checkpoints(tmp_path, every=1, **parts).load() == 1
