"""Make gan_helpers/embedded/letters.npz: the 26 capitals of the fonts in scripts/letters/fonts.csv, 28x28 pixels each.

    .venv/bin/python scripts/letters_data.py [--debs FOLDER] [--out FILE]

Each package of scripts/letters/packages.csv is downloaded from Debian's pool at the version given there, checked by its
SHA-256 and read in memory: no script of a package runs, and nothing is installed. Packages that stay in FOLDER
are not downloaded again. Which fonts are taken is decided once, by scripts/letters_choice.py.
"""

import argparse
import csv
import hashlib
import io
import lzma
import sys
import tarfile
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

HERE = Path(__file__).resolve().parent
PACKAGES, FONTS = HERE / "letters" / "packages.csv", HERE / "letters" / "fonts.csv"
EMBEDDED = HERE.parent / "gan_helpers" / "embedded" / "letters.npz"
POOLS = ("http://deb.debian.org/debian/", "http://archive.debian.org/debian/")  # what is checked is the SHA-256
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
SIDE, FINE = 28, 4  # pixels of a picture, and how many times as fine it is drawn
TALLEST, WIDEST, REACH = 22, 24, 26  # pixels: of one letter, and of the lines that all 26 touch


def read_table(path: Path) -> list[dict[str, str]]:
    """Return the rows of a CSV file."""
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def fetch(package: dict[str, str], folder: Path) -> bytes:
    """Return a package's file, from `folder` or from Debian's pool.

    Raises:
        ConnectionError: no pool hands it out.
        ValueError: it has another SHA-256 than packages.csv says.
    """
    path = folder / Path(package["pool"]).name
    content = path.read_bytes() if path.is_file() else _download(package["pool"])
    if hashlib.sha256(content).hexdigest() != package["sha256"]:
        raise ValueError(f"{path.name} has another SHA-256 than {PACKAGES.name} says; delete {path} and run again.")
    if not path.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return content


def _download(pool_path: str) -> bytes:
    for pool in POOLS:
        try:
            with urllib.request.urlopen(pool + urllib.parse.quote(pool_path), timeout=60) as answer:
                return answer.read()
        except (urllib.error.URLError, TimeoutError) as error:
            reason = error
    raise ConnectionError(f"{pool_path} could not be downloaded from {' or '.join(POOLS)}: {reason}.")


def font_files(deb: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield path and content of each TrueType and OpenType file in a Debian package, in the order of their paths.

    Raises:
        ValueError: no Debian package whose files are packed with xz.
    """
    data = dict(_members(deb)).get("data.tar.xz")
    if data is None:
        raise ValueError("this is no Debian package with a data.tar.xz; look at its name in packages.csv.")
    with tarfile.open(fileobj=io.BytesIO(lzma.decompress(data))) as files:
        for member in sorted(files.getmembers(), key=lambda member: member.name):
            if member.isfile() and member.name.lower().endswith((".ttf", ".otf")):
                yield member.name.removeprefix("./usr/share/fonts/"), files.extractfile(member).read()


def _members(archive: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield name and content of what an ar archive holds, the outer format of a Debian package."""
    at = 8 if archive.startswith(b"!<arch>\n") else len(archive)
    while at + 60 <= len(archive):
        name, size = archive[at : at + 16].decode("ascii").strip().rstrip("/"), int(archive[at + 48 : at + 58])
        yield name, archive[at + 60 : at + 60 + size]
        at += 60 + size + size % 2


def render(font: bytes) -> np.ndarray | None:
    """Draw the capitals of a font, white on black: uint8 (26, 28, 28), or None if a letter has no ink.

    One scale serves all letters, at which the tallest has 22 pixels, the widest 24 and all together reach over 26, or
    less where another of the three binds. They stand on one base line, each in the middle of its picture.
    The base line is where the middle letter in height stands in the middle, unless a tail would leave the picture.
    """
    boxes = _boxes(ImageFont.truetype(io.BytesIO(font), 200))
    if boxes is None:
        return None
    left, top, right, bottom = boxes
    limits = (TALLEST / (bottom - top).max(), WIDEST / (right - left).max(), REACH / (bottom.max() - top.min()))
    scale = FINE * min(limits)  # pixels of the fine picture in one of the boxes' units
    face = ImageFont.truetype(io.BytesIO(font), 200 * scale)
    side, edge = SIDE * FINE, FINE * (SIDE - REACH) // 2
    base = side / 2 - scale * np.median(top) / 2
    base = min(max(base, edge - scale * top.min()), side - edge - scale * bottom.max())
    boxes, pictures = _boxes(face), []
    for letter, x0, x1 in zip(LETTERS, boxes[0], boxes[2], strict=True):
        picture = Image.new("L", (side, side))
        ImageDraw.Draw(picture).text((side / 2 - (x0 + x1) / 2, base), letter, fill=255, font=face, anchor="ls")
        pictures.append(np.asarray(picture.resize((SIDE, SIDE), Image.Resampling.LANCZOS)))
    return np.stack(pictures)


def _boxes(face: ImageFont.FreeTypeFont) -> np.ndarray | None:
    """Return the ink's left, top, right and bottom of each letter, (4, 26), from its place on the base line."""
    boxes = []
    for letter in LETTERS:
        mask, (x, y) = face.getmask2(letter, mode="L", anchor="ls")  # getbbox would count the room around a letter too
        if (box := mask.getbbox()) is None:
            return None
        boxes.append((x + box[0], y + box[1], x + box[2], y + box[3]))
    return np.array(boxes, dtype=float).T


def main(arguments: list[str]) -> int:
    """Download, draw, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--debs", type=Path, default=HERE.parent / "data" / "debs", help="where the packages are kept")
    parser.add_argument("--out", type=Path, default=EMBEDDED)
    options = parser.parse_args(arguments)
    fonts = read_table(FONTS)
    wanted = {(font["package"], font["path"]): font for font in fonts}
    images = {}
    for package in read_table(PACKAGES):
        if any(font["package"] == package["package"] for font in fonts):
            for path, content in font_files(fetch(package, options.debs)):
                if (package["package"], path) in wanted:
                    images[package["package"], path] = render(content)
    if missing := sorted(set(wanted) - set(images)):
        raise ValueError(f"{PACKAGES.name} leads to no file {missing[0]}; run scripts/letters_choice.py again.")
    np.savez_compressed(
        options.out,
        images=np.stack([images[key] for key in wanted]),
        **{name: np.array([font[name] for font in fonts]) for name in ("name", "family", "package")},
        held_out=np.array([font["held_out"] == "1" for font in fonts]),
    )
    content = options.out.read_bytes()
    print(f"{options.out}: {len(fonts)} fonts, {len(content):,} bytes, SHA-256 {hashlib.sha256(content).hexdigest()}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
