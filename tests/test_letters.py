"""The data set of letters: what the loader promises, where the fonts come from, and how they were chosen and drawn."""

import csv
import hashlib
import io
import sys
import tarfile
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import torch
from matplotlib import font_manager

import gan_helpers as gh
from gan_helpers import data

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "scripts"))
import letters_choice  # noqa: E402
import letters_data  # noqa: E402

PACKAGES, FONTS = letters_data.read_table(letters_data.PACKAGES), letters_data.read_table(letters_data.FONTS)
A_FONT = Path(font_manager.findfont("DejaVu Sans"))  # travels with matplotlib


@pytest.fixture(scope="module")
def letters():
    return gh.load_letters()


def test_shapes_and_ranges(letters):
    assert letters.images.shape == (len(letters), 26, 1, 28, 28)
    gh.check_images(letters.images.flatten(0, 1))
    assert len(letters.names) == len(letters.families) == len(letters.packages) == len(letters.held_out) == len(letters)
    assert "".join(letters.classes) == "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    assert (data._EMBEDDED / "letters.npz").stat().st_size < 6_000_000


def test_flat(letters):
    images, font = letters.flat(letters.held_out)
    assert len(images) == len(font) == 26 * int(letters.held_out.sum())
    for at in (0, 27, len(images) - 1):
        assert torch.equal(images.images[at], letters.images[font[at], images.labels[at]])
    images, font = letters.flat(torch.tensor([5, 2]))
    assert torch.equal(font.unique_consecutive(), torch.tensor([5, 2]))
    assert torch.equal(images.images[26:], letters.images[2])


@pytest.mark.parametrize(
    ("fonts", "error", "message"),
    [
        ([1, 2], TypeError, "list came"),
        (torch.tensor([0.5]), TypeError, "float32 came"),
        (torch.ones(3, dtype=torch.bool), ValueError, r"\(954,\), but \(3,\) came"),
        (torch.zeros(954, dtype=torch.bool), ValueError, "at least one font"),
        (torch.tensor([954]), ValueError, r"\[0, 953\]"),
        (torch.tensor([-1]), ValueError, r"\[0, 953\]"),
    ],
)
def test_fonts_that_are_not_there(letters, fonts, error, message):
    with pytest.raises(error, match=message):
        letters.flat(fonts)


def test_a_damaged_file(tmp_path, monkeypatch):
    monkeypatch.setattr(data, "_EMBEDDED", tmp_path)
    with pytest.raises(FileNotFoundError, match="install gan_helpers again"):
        gh.load_letters()
    (tmp_path / "letters.npz").write_bytes(b"half")
    with pytest.raises(ValueError, match=r"letters.npz is damaged .* install gan_helpers again"):
        gh.load_letters()


def test_families_are_held_out_whole_and_far(letters):
    seen = {family for family, out in zip(letters.families, letters.held_out, strict=True) if not out}
    unseen = {family for family, out in zip(letters.families, letters.held_out, strict=True) if out}
    assert not seen & unseen
    assert 0.2 < letters.held_out.float().mean() < 0.3
    pixels = (letters.images.flatten(1) + 1) / 2
    apart = torch.cdist(pixels[letters.held_out], pixels[~letters.held_out]) / pixels.shape[1] ** 0.5
    assert apart.min() >= letters_choice.KIN
    within = letters_choice.distances(pixels)
    assert within.min() >= letters_choice.SAME - 1e-3  # no font twice
    assert within.min() < letters_choice.KIN  # the control: families hold fonts nearer than the split allows


def test_the_lists_agree(letters):
    assert [font["name"] for font in FONTS] == list(letters.names)
    assert [font["package"] for font in FONTS] == list(letters.packages)
    assert [font["held_out"] == "1" for font in FONTS] == letters.held_out.tolist()
    assert letters_choice.hold_out([font["family"] for font in FONTS]) == {
        font["family"] for font in FONTS if font["held_out"] == "1"
    }


def test_every_package_has_a_licence_and_no_copyleft_without_exception():
    used = {font["package"] for font in FONTS}
    notes = (ROOT / "DATA.md").read_text(encoding="utf-8")
    counts = Counter(font["package"] for font in FONTS)
    for package in PACKAGES:
        name = package["package"].removeprefix("fonts-")
        assert package["licence"], name
        assert package["copyright"], name
        assert len(package["sha256"]) == 64
        assert f"| {package['licence']} |" in notes
        if package["left_out"]:
            assert package["package"] not in used
            assert f"| {name} | {package['licence']} | {package['left_out']} |" in notes
        elif package["package"] in used:
            assert f" {name} {counts[package['package']]}" in notes
            choice = package["licence"].split(" or ")
            assert not all("GPL" in licence and "font exception" not in licence for licence in choice), name
    assert f"{len(used)} font packages" in notes
    assert f"({len(FONTS)}, 26, 28, 28)" in notes


def test_drawing_a_font():
    pictures = letters_data.render(A_FONT.read_bytes())
    assert (pictures.shape, pictures.dtype) == ((26, 28, 28), np.uint8)
    ink = pictures > 20
    heights = [np.flatnonzero(letter.any(1)) for letter in ink]
    widths = [np.flatnonzero(letter.any(0)) for letter in ink]
    assert max(h[-1] - h[0] + 1 for h in heights) <= letters_data.TALLEST + 1
    assert max(w[-1] - w[0] + 1 for w in widths) <= letters_data.WIDEST + 1
    assert max(h[-1] for h in heights) - min(h[0] for h in heights) + 1 <= letters_data.REACH + 1
    feet = {heights[ord(letter) - 65][-1] for letter in "AEFHIKLMNTVXZ"}
    assert len(feet) == 1  # one base line
    assert all(abs((w[0] + w[-1]) / 2 - 13.5) <= 1 for w in widths)  # each in the middle


def test_the_embedded_letters_are_those_of_the_script(letters):
    """DejaVu Sans Oblique travels with matplotlib, in the version of Debian's package."""
    at = letters.names.index("DejaVu Sans Oblique")
    again = letters_data.render(A_FONT.with_name("DejaVuSans-Oblique.ttf").read_bytes())
    stored = gh.to_bytes(letters.images[at, :, 0]).numpy()
    assert np.abs(again.astype(int) - stored.astype(int)).max() <= 8  # versions of FreeType may differ a little


def deb(files, name="data.tar.xz"):
    """A Debian package with these files and nothing else."""
    inner = io.BytesIO()
    with tarfile.open(fileobj=inner, mode="w:xz") as archive:
        for path, content in files.items():
            entry = tarfile.TarInfo(path)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    packed = inner.getvalue()
    header = f"{name:<16}{0:<12}{0:<6}{0:<6}{'100644':<8}{len(packed):<10}`\n".encode()
    return b"!<arch>\n" + header + packed + b"\n" * (len(packed) % 2)


def test_reading_a_package():
    package = deb({"./usr/share/fonts/b.ttf": b"b", "./usr/share/fonts/a.OTF": b"a", "./usr/bin/run": b"no"})
    assert list(letters_data.font_files(package)) == [("a.OTF", b"a"), ("b.ttf", b"b")]


@pytest.mark.parametrize("content", [b"", b"no package", deb({}, name="data.tar.zst")])
def test_what_is_no_package(content):
    with pytest.raises(ValueError, match=r"no Debian package with a data\.tar\.xz"):
        list(letters_data.font_files(content))


def test_a_package_with_another_hash(tmp_path):
    package = {"pool": "pool/x.deb", "sha256": hashlib.sha256(b"right").hexdigest()}
    (tmp_path / "x.deb").write_bytes(b"right")
    assert letters_data.fetch(package, tmp_path) == b"right"
    (tmp_path / "x.deb").write_bytes(b"wrong")
    with pytest.raises(ValueError, match="another SHA-256"):
        letters_data.fetch(package, tmp_path)


def test_no_network(tmp_path, monkeypatch):
    monkeypatch.setattr(letters_data, "POOLS", ("http://127.0.0.1:9/",))
    with pytest.raises(ConnectionError, match=r"pool/x\.deb could not be downloaded from http://127"):
        letters_data.fetch({"pool": "pool/x.deb", "sha256": ""}, tmp_path)


def test_the_whole_script_on_one_package(tmp_path, monkeypatch):
    content = deb({"./usr/share/fonts/sans.ttf": A_FONT.read_bytes()})
    (tmp_path / "x.deb").write_bytes(content)
    tables = {
        "PACKAGES": [{"package": "x", "pool": "pool/x.deb", "sha256": hashlib.sha256(content).hexdigest()}],
        "FONTS": [{"package": "x", "path": "sans.ttf", "name": "Sans", "family": "x", "held_out": "1"}],
    }
    for name, rows in tables.items():
        with open(tmp_path / f"{name}.csv", "w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, rows[0])
            writer.writeheader()
            writer.writerows(rows)
        monkeypatch.setattr(letters_data, name, tmp_path / f"{name}.csv")
    letters_data.main(["--debs", str(tmp_path), "--out", str(tmp_path / "out.npz")])
    with np.load(tmp_path / "out.npz", allow_pickle=False) as arrays:
        assert arrays["images"].shape == (1, 26, 28, 28)
        assert (arrays["name"].tolist(), arrays["held_out"].tolist()) == (["Sans"], [True])
    (tmp_path / "FONTS.csv").write_text("package,path,name,family,held_out\nx,serif.ttf,Serif,x,0\n")
    with pytest.raises(ValueError, match=r"leads to no file \('x', 'serif.ttf'\)"):
        letters_data.main(["--debs", str(tmp_path), "--out", str(tmp_path / "out.npz")])


def test_how_families_are_found():
    names = ["one A", "two B", "aenigma Cube Bold", "aenigma Cube Thin", "aenigma Dot", "six F"]
    fonts = [dict(zip(("package", "name"), f"fonts-{name}".split(" ", 1), strict=True)) for name in names]
    apart = torch.full((6, 6), 0.5)
    apart[0, 5] = apart[5, 0] = letters_choice.KIN / 2
    assert letters_choice.families(fonts, apart) == ["one", "two", "aenigma cube", "aenigma cube", "aenigma dot", "one"]


def test_doubles_go():
    rows = torch.tensor([[0.0], [letters_choice.SAME / 2], [1.0], [letters_choice.SAME * 0.9]])
    assert letters_choice.without_doubles(letters_choice.distances(rows)) == [0, 2]


def test_half_a_font_cannot_be_read(letters):
    """The reader of the choice reads new fonts, and not letters under wrong names."""
    chosen = letters.images[:60, :, 0] / 2 + 0.5
    net = letters_choice.train_reader(chosen, seed=1, epochs=8)
    fresh = letters.images[letters.held_out][:40]
    with torch.no_grad():
        answers = net(fresh.flatten(0, 1)).argmax(1).unflatten(0, (-1, 26))
    right = (answers == torch.arange(26)).float().mean()
    assert right > 0.6
    assert (answers == torch.arange(26).roll(1)).float().mean() < 0.1
