"""Record the runs of the page "Diagnose this run": healthy and ill ones, and each cure, on points in the plane.

    python -m benchmarks.record_runs                  # what is missing, two runs at once
    python -m benchmarks.record_runs --processes 1

Writes runs.csv and floors.csv in gan_helpers/embedded/results/. A run is one row, written whole when the run is done,
so the script may be stopped at any moment and goes on with what is missing; to record anew, delete the file. All runs
take some minutes on two cores. The page shows runs by number, and of each the first seed; which is which stands in
RUNS. The settings were chosen on seeds 11 and 12; run 8 got lower rates after a first recording.
"""

import sys
from collections.abc import Iterable
from dataclasses import dataclass, fields
from pathlib import Path

import gan_helpers as gh  # isort: skip  # first: it sets the waiting policy of threads before torch is imported
import torch
from torch import Tensor

from benchmarks.tables import append, machine, measure_all, rows_of
from benchmarks.train_and_sample import Parser

RESULTS = Path(gh.__file__).parent / "embedded" / "results"
LATENT, BATCH, STEPS = 8, 128, 1000
LOSSES_EVERY, LOOK_EVERY = 4, 20  # steps
POINTS = 200  # of a distance, of a picture, and of what diagnose is given
LOSSES = ("d_loss", "g_loss")  # of each fourth step
LOOKS = ("d_real", "d_held_out", "d_fake", "gradient", "w1")  # of each twentieth step
LAST = ("held_out", "fake", "train_logits", "held_out_logits")  # at the end
COLUMNS = ("run", "part", "seed", "data", "steps", *LOSSES, *LOOKS, "pool", *LAST, "torch", "machine")
FLOORS = ("data", "points", "draws", "mean", "sd")


@dataclass(frozen=True)
class Settings:
    """A game on points; the defaults are healthy."""

    data: str = "ring"  # ring, blob or moons
    few: int = 0  # real points that are seen again and again; 0: always new ones
    loss: str = "non-saturating"  # or saturating
    d_lr: float = 1e-3
    g_lr: float = 1e-3
    beta1: float = 0.5
    d_steps: int = 2  # of the discriminator for each of the generator
    far: float = 0.0  # added to the generator's last bias at the start
    head_start: int = 0  # steps of the discriminator alone
    plain: bool = False  # gradient descent in place of Adam for the generator
    reach: float = 0.0  # above 0: the generator ends in reach * tanh
    twice: bool = False  # a sigmoid in the discriminator, and the logistic loss behind it


def parts(shown: dict, cured: dict, **more: dict) -> dict[str, Settings]:
    """Return the settings of each part; a cure names only what it changes."""
    return {name: Settings(**shown | changes) for name, changes in ({"shown": {}, "cured": cured} | more).items()}


FAR = {"loss": "saturating", "plain": True, "far": 4.0, "head_start": 600, "g_lr": 1e-2}
FAST = {"data": "blob", "beta1": 0.9, "d_lr": 3e-3, "g_lr": 3e-3, "d_steps": 1}
RUNS = {  # number on the page: (name, settings of its parts)
    1: ("discriminator that does not learn", parts({"d_lr": 0.0}, {"d_lr": 1e-3})),
    2: ("mode collapse", parts({"g_lr": 1e-4}, {"g_lr": 1e-3})),
    3: ("healthy", {"shown": Settings()}),
    4: ("output range too small", parts({"reach": 1.0}, {"reach": 0.0})),
    5: ("vanishing gradient", parts(FAR, {"loss": "non-saturating"}, adam={"plain": False})),
    6: ("sigmoid twice", parts({"twice": True}, {"twice": False})),
    7: ("memorising discriminator", parts({"data": "moons", "few": 8}, {"few": 0})),
    8: ("oscillation", parts(FAST, {"beta1": 0.0})),
}


def seeds(number: int) -> list[int]:
    """Return the three seeds of a run; each run has its own, and a cure those of its disease."""
    return [100 * number + i for i in (1, 2, 3)]


def changed(number: int, part: str) -> list[str]:
    """Return the settings in which a part differs from the run that the page shows."""
    ours, shown = RUNS[number][1][part], RUNS[number][1]["shown"]
    return [field.name for field in fields(Settings) if getattr(ours, field.name) != getattr(shown, field.name)]


def draw_real(data: str, n: int, rng: torch.Generator) -> Tensor:
    """Return real points (n, 2)."""
    if data == "moons":
        return 1.5 * gh.sample_two_moons(n, rng=rng)
    centres = gh.ring_centres(8) if data == "ring" else torch.ones(1, 2)
    return gh.sample_mixture(n, centres, std=0.1 if data == "ring" else 0.3, rng=rng)


def play(s: Settings, seed: int) -> dict[str, list[float]]:
    """Train; return what was logged and what is there at the end."""
    rng = gh.seed_everything(seed)
    own = torch.Generator().manual_seed(seed)  # what is drawn to look must not change the game
    generator, discriminator = gh.MLPGenerator(LATENT, (2,)), gh.MLPDiscriminator((2,))
    with torch.no_grad():
        generator.layers[-2].bias += s.far
    adams = [
        torch.optim.Adam(net.parameters(), rate, (s.beta1, 0.999), fused=True)
        for net, rate in ((discriminator, s.d_lr), (generator, s.g_lr))
    ]
    d_optimizer, g_optimizer = adams[0], torch.optim.SGD(generator.parameters(), s.g_lr) if s.plain else adams[1]
    g_loss_of = gh.minimax_g if s.loss == "saturating" else gh.non_saturating_g
    pool = draw_real(s.data, s.few, rng) if s.few else torch.empty(0, 2)

    def training_points(n: int, rng: torch.Generator) -> Tensor:
        return pool[torch.randint(len(pool), (n,), generator=rng)] if s.few else draw_real(s.data, n, rng)

    def make(n: int, rng: torch.Generator) -> Tensor:
        points = generator(torch.randn(n, LATENT, generator=rng))
        return s.reach * torch.tanh(points) if s.reach else points

    def judge(x: Tensor) -> Tensor:
        return torch.sigmoid(discriminator(x)) if s.twice else discriminator(x)

    def train_d() -> Tensor:
        with torch.no_grad():
            both = torch.cat([training_points(BATCH, rng), make(BATCH, rng)])
        loss = gh.minimax_d(*judge(both).chunk(2))
        d_optimizer.zero_grad()
        loss.backward()
        d_optimizer.step()
        return loss.detach()

    def train_g() -> Tensor:
        discriminator.requires_grad_(False)
        loss = g_loss_of(judge(make(BATCH, rng)))
        g_optimizer.zero_grad()
        loss.backward()
        g_optimizer.step()
        discriminator.requires_grad_(True)
        return loss.detach()

    def look() -> dict[str, Tensor]:
        held_out, fake = draw_real(s.data, POINTS, own), make(POINTS, own).detach().requires_grad_()
        (pull,) = torch.autograd.grad(g_loss_of(judge(fake)), fake)
        with torch.no_grad():
            train_logits, held_out_logits = judge(training_points(POINTS, own)), judge(held_out)
            probabilities = [torch.sigmoid(logits).mean() for logits in (train_logits, held_out_logits, judge(fake))]
        gradient = (POINTS * pull).norm(dim=1).mean()
        w1 = torch.tensor(gh.wasserstein_distance(held_out, fake.detach()))
        last = (held_out, fake.detach(), judge(pool).detach() if s.few else train_logits, held_out_logits)
        return dict(zip((*LOOKS, *LAST), (*probabilities, gradient, w1, *last), strict=True))

    for _ in range(s.head_start):
        train_d()
    log: dict[str, list[float]] = {name: [] for name in (*LOSSES, *LOOKS)}
    for step in range(1, STEPS + 1):
        for _ in range(s.d_steps):
            d_loss = train_d()
        losses = dict(zip(LOSSES, (d_loss, train_g()), strict=True))
        seen = look() if step % LOOK_EVERY == 0 else {}
        for name, value in (losses | seen if step % LOSSES_EVERY == 0 else seen).items():
            if name in log:
                log[name].append(float(value))
    return log | {"pool": pool.flatten().tolist()} | {name: seen[name].flatten().tolist() for name in LAST}


def measure(job: tuple[int, str, int]) -> list[dict[str, object]]:
    """Record one run; return its row."""
    gh.set_threads(1)
    number, part, seed = job
    found = play(RUNS[number][1][part], seed)
    text = {name: " ".join(f"{value:.4g}" for value in values) for name, values in found.items()}
    return [
        {
            "run": number,
            "part": part,
            "seed": seed,
            "data": RUNS[number][1][part].data,
            "steps": STEPS,
            **text,
            "torch": torch.__version__,
            "machine": machine(),
        }
    ]


def series(row: dict[str, str], name: str) -> Tensor:
    """Return a series of a row: numbers (n,), or points (n, 2) where the column holds points."""
    values = torch.tensor([float(word) for word in row[name].split()])
    return values.unflatten(0, (-1, 2)) if name in ("pool", "held_out", "fake") else values


def diagnosis(row: dict[str, str]) -> list[str]:
    """Return the names of what `diagnose` finds in a row of runs.csv, given all that it asks for."""
    losses = zip(series(row, "d_loss"), series(row, "g_loss"), strict=True)
    records = [gh.StepRecord(LOSSES_EVERY * i, d, g) for i, (d, g) in enumerate(losses, 1)]
    held_out, fake, train_logits, held_out_logits = (series(row, name) for name in LAST)
    found = gh.diagnose(records, real=held_out, fake=fake, train_logits=train_logits, held_out_logits=held_out_logits)
    return [finding.name for finding in found]


def floors(draws: int = 100) -> Iterable[dict[str, object]]:
    """Yield, for each kind of data, the distance between two real samples: what a perfect generator would have."""
    for data in ("ring", "moons", "blob"):
        rng = torch.Generator().manual_seed(1)
        pairs = ([draw_real(data, POINTS, rng) for _ in range(2)] for _ in range(draws))
        found = torch.tensor([gh.wasserstein_distance(*pair) for pair in pairs])
        yield {
            "data": data, "points": POINTS, "draws": draws, "mean": f"{found.mean():.4f}", "sd": f"{found.std():.4f}"
        }  # fmt: skip


def main(arguments: list[str]) -> int:
    """Record what is missing."""
    parser = Parser(prog="record_runs", description=__doc__.splitlines()[0])
    parser.add_argument("--processes", type=int, default=2, help="runs side by side, one thread each")
    options = parser.parse_args(arguments)
    if options.processes < 1:
        parser.error(f"--processes must be at least 1, but {options.processes} came.")
    gh.set_threads(1)
    if not rows_of(RESULTS / "floors.csv"):
        append(RESULTS / "floors.csv", FLOORS, floors())
    done = {(int(row["run"]), row["part"], int(row["seed"])) for row in rows_of(RESULTS / "runs.csv")}
    jobs = [
        job
        for i in range(3)
        for number, (_, settings) in RUNS.items()
        for part in settings
        if (job := (number, part, seeds(number)[i])) not in done
    ]
    measure_all(measure, jobs, RESULTS / "runs.csv", COLUMNS, COLUMNS[:3], processes=options.processes)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
