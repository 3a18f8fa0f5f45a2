"""Draw the small pictures of the home page, book/_static/home/*.svg, once: `.venv/bin/python scripts/home_pictures.py`.

Each comes from true numbers: densities, trained networks, cells of a lab, or the tables of results. The colours lie
between those of the light and the dark page, so that one file is read on both; nothing is drawn behind them.
"""

import base64
import io
import json
import math
import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import mean
from typing import Any

import gan_helpers as gh  # isort: skip  # first: it sets the waiting policy of threads before torch is imported
import contourpy
import numpy as np
import torch
from PIL import Image
from scipy.stats import ttest_ind

sys.path.insert(0, str(Path(__file__).parent))

from hand import NAMES, hand_directions, ink
from lettering import alphabet_ink, letter_ink

BOOK = Path(__file__).parents[1] / "book"
FOLDER = BOOK / "_static" / "home"
REAL, FAKE, DISCRIMINATOR, GREY = "#2b8ccc", "#dd6b20", "#129a74", "#87919b"
WIDTH, HEIGHT = 240, 120
BEFORE = ("import matplotlib", "from gan_helpers import (", "SEED = 1", "set_threads(")  # a lab's imports and settings
RGB = {name: tuple(int(name[i : i + 2], 16) for i in (1, 3, 5)) for name in (REAL, FAKE, GREY)}


def n(value: float) -> str:
    """Return a number with one decimal and no more than that."""
    return f"{value:.1f}".removesuffix(".0")


def line(points: Sequence[tuple[float, float]], colour: str, more: str = "", *, width: float = 2.5) -> str:
    """Return a polyline; `more` are further attributes."""
    at = " ".join(f"{n(x)},{n(y)}" for x, y in points)
    style = f'fill="none" stroke="{colour}" stroke-width="{n(width)}" stroke-linejoin="round"'
    return f'<polyline points="{at}" {style} {more}/>'


def dots(points: Sequence[tuple[float, float]], colour: str, radius: float = 2) -> str:
    """Return round points, one path for all: real data."""
    steps = "".join(f"M{n(x)} {n(y)}h0" for x, y in points)
    return f'<path d="{steps}" stroke="{colour}" stroke-width="{n(2 * radius)}" stroke-linecap="round" fill="none"/>'


def crosses(points: Sequence[tuple[float, float]], colour: str, arm: float = 2) -> str:
    """Return crosses, one path for all: generated data."""
    steps = "".join(
        f"M{n(x - arm)} {n(y - arm)}l{n(2 * arm)} {n(2 * arm)}m0 {n(-2 * arm)}l{n(-2 * arm)} {n(2 * arm)}"
        for x, y in points
    )
    return f'<path d="{steps}" stroke="{colour}" stroke-width="1.3" fill="none"/>'


def word(x: float, y: float, text: str, colour: str, anchor: str = "start") -> str:
    """Return a label that stands beside what it names."""
    return (
        f'<text x="{n(x)}" y="{n(y)}" fill="{colour}" text-anchor="{anchor}" font-family="sans-serif" font-size="12" '
        f'font-weight="600">{text}</text>'
    )


def picture(pixels: np.ndarray, x: float, y: float, width: float, height: float) -> str:
    """Return an image (H, W, 4) of bytes as an element."""
    file = io.BytesIO()
    Image.fromarray(pixels.astype(np.uint8), "RGBA").save(file, format="PNG", optimize=True)
    data = base64.b64encode(file.getvalue()).decode("ascii")
    return f'<image x="{n(x)}" y="{n(y)}" width="{n(width)}" height="{n(height)}" href="data:image/png;base64,{data}"/>'


def coloured(alpha: np.ndarray, colour: str) -> np.ndarray:
    """Return ink (H, W) in [0, 1] as pixels (H, W, 4) of a colour, in sixteen levels, which make small files."""
    return np.stack([*(np.full_like(alpha, channel) for channel in RGB[colour]), (alpha * 15).round() * 17], axis=2)


def digits(images: torch.Tensor, columns: int, colour: str = FAKE, factor: int = 2) -> np.ndarray:
    """Return generated digits (N, 1, H, W) as coloured ink on nothing, (H, W, 4)."""
    alpha = ink(images, factor)[:, 0]
    return coloured(torch.cat([torch.cat(list(row), dim=1) for row in alpha.split(columns)]).numpy(), colour)


def lab(chapter: str, *wanted: str) -> dict[str, Any]:
    """Run a lab's imports, its settings and the cells that hold one of some lines, and return what they define."""
    cells = json.loads((BOOK / chapter / "lab.ipynb").read_text(encoding="utf-8"))["cells"]
    codes = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    if missing := [line for line in wanted if not any(line in code for code in codes)]:
        raise ValueError(f"no cell of the lab {chapter} holds {missing}")
    names: dict[str, Any] = {}
    for code in codes:
        if any(line in code for line in BEFORE + wanted):
            exec(compile(code, f"{chapter}/lab.ipynb", "exec"), names)
    return names


def ring_game(moments: Sequence[int]) -> dict[int, tuple[torch.Tensor, torch.nn.Module]]:
    """Train the game of the playground's still picture; return the samples and the judge at some moments."""
    rng = gh.seed_everything(1)
    centres = gh.ring_centres(8)
    generator, judge = gh.MLPGenerator(4, (2,), hidden=(48, 48)), gh.MLPDiscriminator((2,), hidden=(48, 48))
    d_adam, g_adam = (
        torch.optim.Adam(net.parameters(), rate, (0.5, 0.999)) for net, rate in ((judge, 4e-3), (generator, 2e-3))
    )
    z, found = torch.randn(120, 4), {}
    for step in range(max(moments) + 1):
        if step in moments:
            with torch.no_grad():
                side = torch.linspace(-2.6, 2.6, 40)
                grid = torch.cartesian_prod(side, side)
                found[step] = (generator(z), torch.sigmoid(judge(grid)).view(40, 40).T)
        real = gh.sample_mixture(96, centres, std=0.1, rng=rng)
        for adam in (d_adam, g_adam):
            logits = judge(generator(torch.randn(96, 4)))
            loss = gh.minimax_d(judge(real), logits) if adam is d_adam else gh.non_saturating_g(logits)
            d_adam.zero_grad()
            g_adam.zero_grad()
            loss.backward()
            adam.step()
    return found


def on_board(points: torch.Tensor, x: float, y: float, size: float, limit: float = 2.6) -> list[tuple[float, float]]:
    """Return points of the plane as points of a square board with its corner at (x, y)."""
    inside = points[points.abs().amax(1) < limit]
    return [(x + (a + limit) / (2 * limit) * size, y + (limit - b) / (2 * limit) * size) for a, b in inside.tolist()]


def draw_start(game: dict) -> str:
    ring = gh.sample_mixture(64, gh.ring_centres(8), std=0.1, rng=torch.Generator().manual_seed(2))
    parts = []
    for i, (step, (samples, _)) in enumerate(sorted(game.items())[:3]):
        x = 4 + i * 80
        parts += [dots(on_board(ring, x, 12, 72), REAL, 1.3), crosses(on_board(samples[:70], x, 12, 72), FAKE, 1.5)]
        parts.append(word(x + 36, 104, f"step {step}", GREY, "middle"))
    return "".join(parts)


def draw_models() -> str:
    rng = torch.Generator().manual_seed(3)
    means = torch.tensor([[-1.1, -0.3], [1.2, 0.4]])
    roots = [torch.tensor([[0.9, 0.0], [0.35, 0.5]]), torch.tensor([[0.55, 0.0], [-0.25, 0.75]])]

    def to(points: np.ndarray) -> list[tuple[float, float]]:
        return [(120 + 34 * x, 60 - 27 * y) for x, y in points]

    side_x, side_y = np.linspace(-3.4, 3.4, 90), np.linspace(-2.1, 2.1, 60)
    grid = torch.tensor(np.stack(np.meshgrid(side_x, side_y), axis=-1), dtype=torch.float32)
    logs, parts = [], []
    for m, root, colour in zip(means, roots, (REAL, DISCRIMINATOR), strict=True):
        normal = torch.distributions.MultivariateNormal(m, scale_tril=root)
        logs.append(normal.log_prob(grid).numpy())
        turn = torch.linspace(0, 2 * math.pi, 48)
        for radius in (1, 2):
            ellipse = (radius * torch.stack([turn.cos(), turn.sin()], 1) @ root.T + m).numpy()
            parts.append(line(to(ellipse), colour, 'opacity="0.55"'))
        parts.append(dots(to((torch.randn(45, 2, generator=rng) @ root.T + m).numpy()), colour))
    for border in contourpy.contour_generator(side_x, side_y, logs[1] - logs[0]).lines(0):
        parts.append(line(to(border[::2]), GREY, 'stroke-dasharray="6 4"'))
    return "".join(parts)


def draw_minimax() -> str:
    x = torch.linspace(-3.2, 3.2, 65)
    real, fake = (torch.distributions.Normal(m, s).log_prob(x).exp() for m, s in ((-0.9, 0.75), (1.0, 0.6)))
    best = real / (real + fake)

    def to(values: torch.Tensor, high: float) -> list[tuple[float, float]]:
        return [(120 + 36 * a, 104 - 88 * b / high) for a, b in zip(x.tolist(), values.tolist(), strict=True)]

    return "".join([
        line([(4, 104), (236, 104)], GREY, width=1), line(to(real, 0.75), REAL), line(to(fake, 0.75), FAKE),
        line(to(best, 1.0), DISCRIMINATOR, 'stroke-dasharray="6 4"'),
        word(8, 12, "D*", DISCRIMINATOR), word(44, 56, "real", REAL, "middle"), word(200, 34, "fake", FAKE, "middle"),
    ])  # fmt: skip


def draw_game(game: dict) -> str:
    samples, judged = game[max(game)]
    ring = gh.sample_mixture(120, gh.ring_centres(8), std=0.1, rng=torch.Generator().manual_seed(2))
    return (
        surface(judged, 62, 2, 116)
        + dots(on_board(ring, 62, 2, 116), REAL, 1.8)
        + crosses(on_board(samples, 62, 2, 116), FAKE)
    )


def surface(judged: torch.Tensor, x: float, y: float, size: float) -> str:
    """Return the judge's opinion as colour: blue where it says real, orange where it says fake."""
    alpha = (judged - 0.5).abs().mul(2 * 110).flip(0).numpy()
    colours = [np.where(judged.flip(0).numpy() > 0.5, a, b) for a, b in zip(RGB[REAL], RGB[FAKE], strict=True)]
    return picture(np.stack([*colours, alpha], axis=2), x, y, size, size)


def draw_dcgan() -> str:
    ones = torch.ones(1, 1, 6, 6)
    cover = torch.nn.functional.conv_transpose2d(ones, torch.ones(1, 1, 3, 3), stride=2)[
        0, 0
    ]  # (13, 13): 1, 2 or 4 stamps
    parts = []
    for i, row in enumerate(cover[:7].tolist()):
        for j, value in enumerate(row):
            box = f'x="{n(22 + 15.2 * j)}" y="{n(7 + 15.2 * i)}" width="14" height="14" rx="2"'
            parts.append(f'<rect {box} fill="{DISCRIMINATOR}" opacity="{n(value / 4.4)}"/>')
    return "".join(parts)


def draw_wgan() -> str:
    apart = np.linspace(0, 2.2, 45)  # of two heaps, uniform on intervals of length 1
    jsd = np.minimum(apart, 1) * math.log(2)

    def to(values: np.ndarray) -> list[tuple[float, float]]:
        return [(12 + 96 * a, 106 - 44 * b) for a, b in zip(apart, values, strict=True)]

    return "".join([
        line([(12, 6), (12, 106), (232, 106)], GREY, width=1), line(to(apart), DISCRIMINATOR), line(to(jsd), FAKE),
        word(178, 24, "W₁", DISCRIMINATOR, "end"), word(228, 94, "Jensen\u2013Shannon", FAKE, "end"),
    ])  # fmt: skip


def draw_conditional(generator: torch.nn.Module) -> str:
    z = torch.randn(3, 64, generator=torch.Generator().manual_seed(4)).repeat_interleave(6, dim=0)
    with torch.no_grad():
        images = generator(z, torch.arange(6).repeat(3))
    return picture(digits(images, 6), 6, 3, 228, 114)


def draw_tricks() -> str:
    rows = [
        row
        for row in gh.load_results("tricks")
        if (row["world"], row["images"], row["steps"]) == ("digits", "8000", "500")
    ]
    logs: dict[tuple[str, str], list[float]] = {}
    for row in rows:
        logs.setdefault((row["trick"], row["variant"]), []).append(math.log(float(row["frechet"])))
    chosen = [
        ("larger batch", "twice, equal steps"), ("R1", "gamma 1"), ("label smoothing", "one-sided, 0.9"),
        ("label noise", "5 % flipped"), ("kernel", "3, stride 2"), ("weight averaging", "EMA"),
        ("augmentation", "shift and cut"), ("batch norm", "none in G"),
    ]  # fmt: skip
    found = []
    for trick in chosen:  # the logarithm of the ratio of scores, with its 95 % interval after Welch
        interval = ttest_ind(logs[trick], logs["plain", "plain"], equal_var=False).confidence_interval()
        found.append(((interval.low + interval.high) / 2, (interval.high - interval.low) / 2))
    parts = [line([(96, 4), (96, 116)], GREY, 'stroke-dasharray="3 3"', width=1)]
    for i, (middle, half) in enumerate(sorted(found)):
        y = 12 + 13.8 * i
        at = [96 + 62 * min(2.1, max(-1.4, v)) for v in (middle - half, middle, middle + half)]
        colour = DISCRIMINATOR if middle + half < 0 else FAKE if middle - half > 0 else GREY
        parts += [line([(at[0], y), (at[2], y)], colour), dots([(at[1], y)], colour, 3.6)]
    return "".join(parts)


def draw_evaluation() -> str:
    rng, sizes = torch.Generator().manual_seed(5), [100, 200, 400, 800, 1600, 3200]
    reference = torch.randn(20000, 16, generator=rng)
    scores = [
        [gh.frechet_distance(reference, torch.randn(size, 16, generator=rng)) for _ in range(12)] for size in sizes
    ]
    high = max(map(max, scores))

    def to(size: int, value: float) -> tuple[float, float]:
        return 20 + 38 * math.log2(size / 100) + 10, 106 - 94 * value / high

    parts = [line([(12, 6), (12, 106), (232, 106)], GREY, width=1)]
    parts += [dots([to(size, value) for value in some], FAKE, 1.8) for size, some in zip(sizes, scores, strict=True)]
    parts.append(line([to(size, mean(some)) for size, some in zip(sizes, scores, strict=True)], FAKE))
    return "".join(
        [*parts, word(228, 22, "same distribution,", GREY, "end"), word(228, 38, "more samples →", GREY, "end")]
    )


def draw_speed() -> str:
    rows = [row for row in gh.load_results("minute") if row["data"] == "mnist"]
    parts = [line([(12, 6), (12, 106), (232, 106)], GREY, width=1)]
    for model, colour in (("mlp", GREY), ("wgan-gp", DISCRIMINATOR), ("dcgan", REAL), ("cgan", FAKE)):
        points = []
        for x, seconds in ((40, "30"), (150, "60")):
            middle = mean(
                math.log(float(r["frechet"])) for r in rows if r["model"] == model and r["seconds"] == seconds
            )
            points.append((x, 106 - 27 * (middle - 0.9)))
        y = points[1][1] + (-4 if model == "mlp" else 4)  # two names would lie on one another
        parts += [line(points, colour), dots(points, colour, 3.4), word(160, y, model.upper(), colour)]
    return "".join([*parts, word(40, 118, "30 s", GREY, "middle"), word(150, 118, "60 s", GREY, "middle")])


def draw_playground(game: dict) -> str:
    samples, judged = game[max(game)]
    parts = [surface(judged, 6, 4, 112), crosses(on_board(samples, 6, 4, 112), FAKE)]
    steps = sorted(game)
    spread = [float((game[step][0].norm(dim=1) - 2).abs().mean()) for step in steps]  # from the ring
    at = [
        (136 + 96 * step / steps[-1], 106 - 92 * value / max(spread)) for step, value in zip(steps, spread, strict=True)
    ]
    return "".join([*parts, line([(134, 6), (134, 106), (234, 106)], GREY, width=1), line(at, FAKE),
                    word(232, 20, "distance", GREY, "end"), word(232, 34, "from the ring", GREY, "end")])  # fmt: skip


def draw_failures() -> str:
    parts = []
    for i, part in enumerate(("shown", "cured")):
        row = next(r for r in gh.load_results("runs") if (r["run"], r["part"], r["seed"]) == ("2", part, "203"))
        real, fake = (
            torch.tensor([float(w) for w in row[k].split()]).unflatten(0, (-1, 2)) for k in ("held_out", "fake")
        )
        x = 8 + i * 120
        parts += [dots(on_board(real[:100], x, 2, 102), REAL, 1.5), crosses(on_board(fake, x, 2, 102), FAKE, 1.5)]
        parts.append(word(x + 51, 118, ("ill", "treated")[i], GREY, "middle"))
    return "".join(parts)


def draw_explorer(generator: torch.nn.Module) -> str:
    slant = hand_directions(generator, 64)[NAMES.index("slant")]
    z = torch.randn(64, generator=torch.Generator().manual_seed(2))
    moves = torch.linspace(-2.5, 2.5, 6)
    with torch.no_grad():
        images = torch.cat([generator((z + m * slant)[None], torch.tensor([7])) for m in moves])
    knob = f'<circle cx="158" cy="98" r="7" fill="{REAL}"/>'
    return picture(digits(images, 6, factor=3), 6, 26, 228, 38) + line([(14, 98), (226, 98)], GREY) + knob


def draw_letters() -> str:
    rows = [np.concatenate(list(alphabet_ink(seed, 2)[:8]), axis=1) for seed in (7, 3, 31)]
    return picture(coloured(np.concatenate(rows), FAKE), 6, 14, 228, 85.5)


def draw_applications() -> str:
    names = lab(
        "applications", "FIELD =", "def transition_law", "law = transition_law(", "def occupancy", "def soft_optimal",
        "expert = soft_optimal(", "def jsd", "def play(", "played, judged, apart =",
    )  # fmt: skip
    imitated = names["occupancy"](names["played"][0])
    torch.set_default_dtype(torch.float32)  # the lab has set another
    parts = []
    for x, colour, name, table in ((6, REAL, "expert", names["true"]), (128, FAKE, "imitator", imitated)):
        for state, share in enumerate(table.sum(dim=1).tolist()):
            row, column = divmod(state, 8)
            at = x + 6.5 + 13 * column, 7.5 + 12.4 * row
            if names["FIELD"][row][column] == "~":
                wave = f"M{n(at[0] - 5)} {n(at[1])}q2.5 -5 5 0t5 0"
                parts.append(f'<path d="{wave}" stroke="{GREY}" stroke-width="1.6" fill="none"/>')
            if share > 1e-3:
                parts.append(dots([at], colour, min(6.0, 22 * share**0.5)))
        parts.append(word(x + 52, 116, name, colour, "middle"))
    return "".join(parts)


def draw_alphabets() -> str:
    names = lab(
        "alphabets", "letters = load_letters(", "def draw(", "seen = torch.tensor(", "def completion_loss",
        "def invert", "found = invert(whole", "def error(",
    )  # fmt: skip
    whole, made = names["whole"], names["draw"](names["found"])
    ranks = names["error"](made).argsort()[[2, 12, 28]]  # as in the lab: a good one, a middling one, a bad one
    rest = [ord(letter) - ord("A") for letter in "ABEMX"]
    parts = []
    for some, letters, x in ((whole, names["seen"], 6), (made, rest, 6 + 3 * 28.5)):
        rows = [np.concatenate(list(letter_ink(font[letters, 0].numpy(), 2)), axis=1) for font in some[ranks]]
        colour = REAL if some is whole else FAKE
        parts.append(picture(coloured(np.concatenate(rows), colour), x, 14, 28.5 * len(letters), 85.5))
    return "".join(parts)


def draw_pictures() -> str:
    names = lab(
        "pictures", "def step(", "digits = load_images(", "judge = ConvClassifier(", "writer = load_pretrained(",
        "def search", "def is_as_asked",
    )  # fmt: skip
    upper = names["held_out"][337].clone()  # of the lab's three
    made = names["search"](upper[:, :14])
    gap = names["misfit"](made, upper[:, :14])
    good = names["is_as_asked"](made) & (gap < names["misfit"](names["train"], upper[:, :14]).min() / 5)
    best = {int(names["wanted"][i]): i for i in gap.argsort(descending=True).tolist() if good[i]}  # the last is kept
    labels = sorted(best, key=lambda label: gap[best[label]])[:3]
    upper[:, 14:] = -1
    parts = [line([(6, 46.5), (234, 46.5)], GREY, 'stroke-dasharray="3 3"', width=1)]
    for i, (image, name) in enumerate([(upper, "seen"), *((made[best[k]], f"a {k}?") for k in labels)]):
        colour = FAKE if i else REAL
        parts.append(picture(coloured(ink(image[None], 3)[0, 0].numpy(), colour), 6 + 57 * i, 18, 57, 57))
        parts.append(word(34.5 + 57 * i, 98, name, colour, "middle"))
    return "".join(parts)


def draw_translation() -> str:
    names = lab(
        "translation", "garments = load_images(", "def outline", "class Draw", "def adam", "def update", "def far",
        "def train_draw",
    )  # fmt: skip
    truth = names["held_out"][:5]
    lines = names["outline"](truth)
    answer = names["train_draw"](1, adversarial=True)(lines)
    shown = [("outline", lines, GREY), ("drawn", answer, FAKE), ("truth", truth, REAL)]
    parts = []
    for i, (name, images, colour) in enumerate(shown):
        alpha = torch.cat(list((images[:, 0] + 1) / 2), dim=1).detach().numpy()
        parts += [word(6, 25 + 38 * i, name, colour), picture(coloured(alpha, colour), 56, 3 + 38 * i, 180, 36)]
    return "".join(parts)


def draw_data() -> str:
    rows = [row for row in gh.load_results("augmentation") if row["labelled"] == "50"]
    shown = [("real", "50 digits", GREY), ("own", "+ own fakes", FAKE), ("plain", "turned, moved", REAL),
             ("many", "+ fakes of 8,000", FAKE)]  # fmt: skip
    parts = []
    for i, (diet, name, colour) in enumerate(shown):
        y, accuracies = 16 + 29 * i, [float(row["accuracy"]) for row in rows if row["diet"] == diet]
        at = [110 + 300 * (value - 0.65) for value in accuracies]
        parts += [word(4, y + 4, name, colour), dots([(x, y) for x in at], colour, 2.6)]
        parts.append(line([(mean(at), y - 9), (mean(at), y + 9)], colour))
        parts.append(word(236, y + 4, f"{mean(accuracies):.0%}".replace("%", " %"), colour, "end"))
    return "".join(parts)


def draw_sequences() -> str:
    names = lab(
        "sequences", "NAMES = [", "def harmonics", "def shape", "def pluck", "INSTRUMENTS =", "def play", "def record",
        "= record(200)", "ORDER = 8", "def order", "class Multiplied", "def adams", "def descend", "def sound_game",
        "z = torch.randn(8", "def scale",
    )  # fmt: skip
    generator = names["sound_game"](names["Multiplied"], 1)
    waves = names["play"]("reed", 0, 1)[0], names["scale"](generator, 1)[0]
    period = names["RATE"] / names["HERTZ"][0].item()
    parts = [
        line([(x, 4), (x, 116)], GREY, 'stroke-dasharray="3 3"', width=1)
        for x in (6 + 3 * period * i for i in range(10))
    ]
    for wave, middle, colour in zip(waves, (32, 88), (REAL, FAKE), strict=True):
        parts.append(line([(6 + 3 * t, middle - 26 * v) for t, v in enumerate(wave[:77].tolist())], colour, width=2))
    return "".join(parts)


def draw_today() -> str:
    flow = lab("today", "def flow")["flow"]
    parts = []
    for middle, gamma, colour, name in ((62, 0.0, GREY, "pairs"), (178, 0.3, FAKE, "with R1, R2")):
        at, way = np.array([0.0, 1.0]), []
        for _ in range(700):
            way.append((middle + 46 * at[0], 52 - 46 * at[1]))
            half = at + 0.02 * flow(at, gamma)  # the midpoint rule: Euler's would leave the circle
            at = at + 0.04 * flow(half, gamma)
        parts += [line(way[::5], colour, width=2), dots(way[:1], REAL, 3.5), word(middle, 116, name, colour, "middle")]
    return "".join(parts)


def draw_families() -> str:
    rows = [row for row in gh.load_results("families") if row["world"] == "digits"]

    def at(calls: int, family: str, draw: str = "plain") -> tuple[float, float]:
        scores = [float(row["frechet"]) for row in rows if (row["family"], row["draw"]) == (family, draw)]
        return 16 + 21 * math.log2(calls), 90 - 44 * math.log10(mean(scores) / 20)

    gan, vae, pixels = at(1, "GAN"), at(1, "VAE"), at(28 * 28, "autoregressive")
    return "".join([
        line([at(calls, "diffusion", f"DDIM {calls}") for calls in (1, 2, 4, 8, 32)], FAKE),
        crosses([gan, vae, pixels], FAKE, 4), word(gan[0] + 10, gan[1] + 4, "GAN", FAKE),
        word(vae[0] + 10, vae[1] + 6, "VAE", FAKE), word(pixels[0] + 6, pixels[1] - 10, "pixel by pixel", FAKE, "end"),
        word(92, 22, "diffusion", FAKE), word(92, 94, "60 s of training", GREY), word(4, 114, "1 call", GREY),
        word(pixels[0] + 8, 114, "784", GREY, "middle"), word(121, 114, "32", GREY, "middle"),
    ])  # fmt: skip


def draw_inside() -> str:
    curve = [(shares / 20, 1 + (shares / 20) ** 2) for shares in range(21)]

    def at(share: float, error: float) -> tuple[float, float]:
        return 30 + 180 * (1 - share), 150 - 62 * error

    return "".join([
        line([at(*point) for point in curve], FAKE), crosses([at(0, 1), at(0.5, 1.25), at(1, 2)], FAKE, 4),
        word(42, 26, "draw: error 2", FAKE), word(226, 103, "mean: error 1", FAKE, "end"),
        word(130, 66, "half way: 1.25", FAKE), word(4, 114, "near to the data", GREY),
        word(236, 114, "far", GREY, "end"),
    ])  # fmt: skip


def draw_care() -> str:
    places = [(3 + 6 * (i % 40), 8 + 4 * (i // 40)) for i in range(1000)]  # 1 % fakes, a detector right on 95 in 100
    rows = [
        f'<path d="M3 {8 + 4 * row}h235" stroke="{GREY}" stroke-dasharray="1.2 4.8" stroke-width="1.2"/>'
        for row in range(1, 25)
    ]
    for start, stop, colour in ((0, 10, FAKE), (10, 60, REAL)):
        path = "".join(f"M{x} {y}h.1" for x, y in places[start:stop])
        rows.append(f'<path d="{path}" stroke="{colour}" stroke-width="3.4" stroke-linecap="round" fill="none"/>')
    return "".join(rows)


def main() -> None:
    """Draw them all."""
    gh.set_threads(1)
    game = ring_game([0, 150, 800])
    long_game = ring_game(list(range(0, 1001, 20)))
    generator = gh.load_pretrained("mnist")
    pictures = {
        "start": draw_start(game), "generative-models": draw_models(), "minimax": draw_minimax(),
        "gan": draw_game(game), "dcgan": draw_dcgan(), "wgan": draw_wgan(), "conditional": draw_conditional(generator),
        "training-tricks": draw_tricks(), "evaluation": draw_evaluation(), "speed": draw_speed(),
        "playground": draw_playground(long_game), "failures": draw_failures(), "letters": draw_letters(),
        "explore": draw_explorer(generator), "applications": draw_applications(), "alphabets": draw_alphabets(),
        "pictures": draw_pictures(), "translation": draw_translation(), "data": draw_data(),
        "sequences": draw_sequences(), "today": draw_today(),
        "families": draw_families(), "inside": draw_inside(), "care": draw_care(),
    }  # fmt: skip
    FOLDER.mkdir(exist_ok=True)
    for name, inside in pictures.items():
        head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}">'
        text = f"{head}<!-- Made by scripts/home_pictures.py. -->{inside}</svg>\n"
        (FOLDER / f"{name}.svg").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
