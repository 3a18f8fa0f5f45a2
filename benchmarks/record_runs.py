"""Record the runs of the page "Diagnose this run": healthy and ill ones, and each cure, on points in the plane.

    python -m benchmarks.record_runs

Writes runs.csv (what was logged every 20 steps) and run_samples.csv (points at the end), beside tricks.csv.
The page shows the runs by number; which is which stands in RUNS. A minute or two on one core.
"""

import csv
import math
import sys
from dataclasses import dataclass
from pathlib import Path

import gan_helpers as gh  # isort: skip  # first: it sets the waiting policy of threads before torch is imported
import torch
from torch import Tensor

FOLDER = Path(gh.__file__).parent / "embedded" / "results"
LATENT, BATCH, STEPS, EVERY, SHOWN, SEED = 8, 128, 1000, 20, 120, 1
LOGGED = ("run", "part", "step", "d_loss", "g_loss", "d_real", "d_held_out", "d_fake", "gradient", "w1")


@dataclass(frozen=True)
class Settings:
    """A game on points; the defaults are healthy."""

    data: str = "ring"  # ring, blob or moons
    few: int = 0  # real points that are seen again and again; 0: always new ones
    loss: str = "non-saturating"  # or saturating
    d_lr: float = 1e-3
    g_lr: float = 1e-3
    beta1: float = 0.5
    r1: float = 0.0
    d_steps: int = 1
    far: float = 0.0  # added to the generator's last bias at the start
    head_start: int = 0  # steps of the discriminator alone
    plain: bool = False  # gradient descent in place of Adam for the generator
    reach: float = 0.0  # above 0: the generator ends in reach * tanh
    twice: bool = False  # a sigmoid in the discriminator, and the logistic loss behind it


HEALTHY = Settings()
RUNS = {  # number on the page: (name, ill, cured)
    1: ("lazy discriminator", Settings(d_lr=1e-6), HEALTHY),
    2: ("mode collapse", Settings(g_lr=4e-3, d_lr=2.5e-4), HEALTHY),
    3: ("healthy", HEALTHY, None),
    4: ("output range too small", Settings(reach=1.0), HEALTHY),
    5: (
        "vanishing gradient",
        Settings(loss="saturating", plain=True, far=2.2, head_start=600, g_lr=1e-2),
        Settings(loss="non-saturating", plain=True, far=2.2, head_start=600, g_lr=1e-2),
    ),
    6: ("sigmoid twice", Settings(twice=True), HEALTHY),
    7: (
        "memorising discriminator",
        Settings(data="moons", few=12, d_steps=3, d_lr=2e-3),
        Settings(data="moons", d_steps=3, d_lr=2e-3),
    ),
    8: (
        "oscillation",
        Settings(data="blob", beta1=0.9, d_lr=5e-3, g_lr=5e-3),
        Settings(data="blob", beta1=0.0, r1=0.3),
    ),
}


def draw_real(data: str, n: int, rng: torch.Generator) -> Tensor:
    """Return real points (n, 2)."""
    if data == "moons":
        return 1.5 * gh.sample_two_moons(n, rng=rng)
    centres = gh.ring_centres(8) if data == "ring" else torch.ones(1, 2)
    return gh.sample_mixture(n, centres, std=0.1 if data == "ring" else 0.3, rng=rng)


def play(s: Settings, seed: int = SEED) -> tuple[list[dict], Tensor, Tensor]:
    """Train; return what was logged, real and generated points (SHOWN, 2)."""
    rng = gh.seed_everything(seed)
    generator, discriminator = gh.MLPGenerator(LATENT, (2,)), gh.MLPDiscriminator((2,))
    with torch.no_grad():
        generator.layers[-2].bias += s.far
    d_adam = torch.optim.Adam(discriminator.parameters(), s.d_lr, (s.beta1, 0.999))
    g_step = (
        torch.optim.SGD(generator.parameters(), s.g_lr)
        if s.plain
        else torch.optim.Adam(generator.parameters(), s.g_lr, (s.beta1, 0.999))
    )
    g_loss_of = gh.minimax_g if s.loss == "saturating" else gh.non_saturating_g
    pool = draw_real(s.data, s.few, rng) if s.few else None

    def real_points(n: int) -> Tensor:
        return draw_real(s.data, n, rng) if pool is None else pool[torch.randint(len(pool), (n,))]

    def make(n: int) -> Tensor:
        points = generator(torch.randn(n, LATENT))
        return s.reach * torch.tanh(points) if s.reach else points

    def judge(x: Tensor) -> Tensor:
        return torch.sigmoid(discriminator(x)) if s.twice else discriminator(x)

    def train_d() -> Tensor:
        real = real_points(BATCH)
        with torch.no_grad():
            fake = make(BATCH)
        loss = gh.minimax_d(judge(real), judge(fake))
        if s.r1:
            loss = loss + s.r1 / 2 * gh.r1_penalty(discriminator, real)
        d_adam.zero_grad()
        loss.backward()
        d_adam.step()
        return loss.detach()

    def look(step: int, d_loss: Tensor) -> dict:
        fake = make(512).detach().requires_grad_()
        g_loss = g_loss_of(judge(fake))
        (pull,) = torch.autograd.grad(g_loss, fake)
        held_out = draw_real(s.data, 512, rng)
        with torch.no_grad():
            shares = [torch.sigmoid(judge(x)).mean().item() for x in (real_points(512), held_out, fake)]
        gradient = (512 * pull).norm(dim=1).mean().item()
        w1 = gh.wasserstein_distance(held_out[:200], fake[:200].detach())
        return dict(zip(LOGGED[2:], [step, d_loss.item(), g_loss.item(), *shares, gradient, w1], strict=True))

    for _ in range(s.head_start):
        train_d()
    log = []
    for step in range(1, STEPS + 1):
        for _ in range(s.d_steps):
            d_loss = train_d()
        g_loss = g_loss_of(judge(make(BATCH)))
        g_step.zero_grad()
        g_loss.backward()
        g_step.step()
        if step % EVERY == 0 or step == 1:
            log.append(look(step, d_loss))
    with torch.no_grad():
        return log, pool if pool is not None else real_points(SHOWN), make(SHOWN)


def main() -> int:
    """Record all runs."""
    gh.set_threads(1)
    rows, points = [], []
    for number, (name, ill, cured) in RUNS.items():
        for part, settings in (("ill", ill), ("cured", cured)):
            if settings is None:
                continue
            log, real, fake = play(settings)
            for entry in log:
                numbers = {key: entry[key] if key == "step" else f"{entry[key]:.4g}" for key in LOGGED[2:]}
                rows.append({"run": number, "part": part, **numbers})
            for kind, cloud in (("real", real), ("fake", fake)):
                points += [[number, part, kind, f"{x:.3f}", f"{y:.3f}"] for x, y in cloud.tolist()]
            last = log[-1]
            print(number, name, part, {key: round(last[key], 3) for key in LOGGED[3:] if math.isfinite(last[key])})
    for file, head, body in (
        ("runs.csv", LOGGED, [list(row.values()) for row in rows]),
        ("run_samples.csv", ("run", "part", "kind", "x", "y"), points),
    ):
        with open(FOLDER / file, "w", newline="", encoding="utf-8") as table:
            csv.writer(table, lineterminator="\n").writerows([head, *body])
    return 0


if __name__ == "__main__":
    sys.exit(main())
