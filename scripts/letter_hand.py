"""How an alphabet looks, by five numbers, and the latent directions that change one of them: for the letters page.

    .venv/bin/python scripts/letter_hand.py      writes gan_helpers/embedded/results/letter_directions.csv

The page names its sliders after these numbers, so they are measured here and held by tests; nothing in the generator's
training knew of them.
"""

import csv
import sys
from collections.abc import Callable
from pathlib import Path

import gan_helpers as gh  # isort: skip  # first: it sets the waiting policy of threads before torch is imported
import torch
from hand import extent, measure, unmixed
from torch import Tensor

TABLE = Path(gh.__file__).parent / "embedded" / "results" / "letter_directions.csv"

NAMES = ("weight", "width", "slant", "contrast", "serif")
COUNT = 2000  # alphabets from which the directions come
LEAST = 0.02  # of ink, so that the ratios below have a value in any picture


def measure_alphabets(alphabets: Tensor) -> Tensor:
    """Return weight, width, slant, contrast and serif, (N, 5), of alphabets (N, 26, 1, 28, 28) in [-1, 1].

    Weight is the mean ink in percent, width how many columns a letter takes, slant its shear in degrees to the right,
    all three as means over the 26 letters. Contrast is the logarithm of how much thicker the O is at its sides than at
    its top and bottom. Serif is the logarithm of how much wider F, I, P, T and Y are at their feet than a little above.
    """
    ink = (alphabets[:, :, 0] + 1) / 2  # (N, 26, 28, 28)
    flat = alphabets.flatten(0, 1)
    width, slant = (
        extent(flat).float().unflatten(0, (-1, 26)).mean(1),
        measure(flat)[:, 0].unflatten(0, (-1, 26)).mean(1),
    )
    ring = ink[:, ord("O") - ord("A")]
    sides, ends = _middle(ring, 1), _middle(ring, 2)  # ink of the rows, or columns, through the middle
    contrast = ((sides + LEAST) / (ends + LEAST)).log()
    stems = ink[:, [ord(letter) - ord("A") for letter in "FIPTY"]].sum(3)  # (N, 5, 28), ink of each row
    rows = torch.arange(28)
    foot = torch.where(stems > 0.5 * stems.amax(2, keepdim=True).clamp(max=2), rows, 0).amax(
        2, keepdim=True
    )  # last row
    below, above = (_window(stems, rows, foot - far) for far in (1, 5))
    serif = ((below + LEAST) / (above + LEAST)).log().mean(1)
    return torch.stack([100 * ink.mean((1, 2, 3)), width, slant, contrast, serif], dim=1)


def _middle(ring: Tensor, dim: int) -> Tensor:
    """Return the mean ink of the four rows (dim 1) or columns (2) round the middle of the ink, of rings (N, H, W)."""
    share = ring.sum(3 - dim)  # along the other axis
    places = torch.arange(share.shape[1])
    centre = (share * places).sum(1, keepdim=True) / share.sum(1, keepdim=True).clamp(min=LEAST)
    near = (1 - ((places - centre).abs() - 1.5).clamp(min=0)).clamp(min=0)  # four places, softly
    return (share * near).sum(1) / near.sum(1)


def _window(stems: Tensor, rows: Tensor, at: Tensor) -> Tensor:
    """Return the mean ink of the three rows round `at` (N, K, 1), of stems (N, K, H)."""
    near = ((rows - at).abs() <= 1).float()
    return (stems * near).sum(2) / near.sum(2)


@torch.no_grad()
def draw_alphabets(draw: Callable[[Tensor, Tensor], Tensor], z: Tensor) -> Tensor:
    """Return the alphabets (N, 26, 1, 28, 28) of latent vectors z (N, latent)."""
    return torch.stack([draw(one.expand(26, -1), torch.arange(26)) for one in z])


def letter_directions(
    draw: Callable[[Tensor, Tensor], Tensor], latent: int, *, count: int = COUNT
) -> tuple[Tensor, Tensor, Tensor]:
    """Return unit vectors (5, latent), one for each name, and how well they tell the numbers, (5, 5) and (5,).

    The numbers of `count` random alphabets are regressed on their latent vectors; each direction is the
    coefficients' part at right angles to those of the other four. The second result are the correlations of each number
    (row) with where other alphabets, as many, lie along each direction (column). The third are those of each number
    with what its regression says, before the others are taken out.
    """
    z = torch.randn(2 * count, latent, generator=torch.Generator().manual_seed(0))
    measured = measure_alphabets(draw_alphabets(draw, z))
    told = (measured - measured.mean(0)) / measured.std(0)
    slopes = torch.linalg.lstsq(z[:count], told[:count]).solution  # (latent, 5)
    directions, fresh, k = unmixed(slopes), told[count:], len(NAMES)
    along, alone = (
        torch.corrcoef(torch.cat([fresh, z[count:] @ vectors], dim=1).T)[:k, k:] for vectors in (directions.T, slopes)
    )
    return directions, along, alone.diag()


def main() -> int:
    """Measure the generator that travels with the package, and write the table."""
    gh.set_threads(1)
    generator = gh.load_pretrained("letters")
    directions, correlations, alone = letter_directions(generator, generator.latent_dim)
    with open(TABLE, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["name", *(f"correlation with {name}" for name in NAMES), "correlation alone", "direction"])
        for i, name in enumerate(NAMES):
            told = [f"{value:.3f}" for value in [*correlations[:, i].tolist(), alone[i].item()]]
            writer.writerow([name, *told, " ".join(f"{value:.5f}" for value in directions[i].tolist())])
            print(name, *told)
    return 0


if __name__ == "__main__":
    sys.exit(main())
