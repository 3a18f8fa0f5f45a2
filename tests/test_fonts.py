"""Fonts from a latent vector: what is written is what was drawn, opens elsewhere, and stands where letters stand."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from fontTools.ttLib import TTFont
from matplotlib import font_manager
from PIL import Image, ImageDraw, ImageFont
from torch import nn

import gan_helpers as gh
from gan_helpers import fonts
from gan_helpers.fonts import LETTERS, PIXEL, area, decode, encode, make_font, trace

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "scripts"))
import letters_data  # noqa: E402

FINE = 16  # how many times finer than a picture's pixels letters are compared
KNOWN = Path(font_manager.findfont("DejaVu Sans"))  # travels with matplotlib


class Known(nn.Module):
    """A "generator" whose one font is known: it hands out the pictures of a true font."""

    latent_dim, classes = 4, 26

    def __init__(self, path=KNOWN):
        super().__init__()
        pixels = torch.from_numpy(letters_data.render(Path(path).read_bytes())).float()
        self.pictures = (pixels / 127.5 - 1)[:, None]

    def forward(self, z, labels):
        return self.pictures[labels]


@pytest.fixture(scope="module")
def known(tmp_path_factory):
    """The generator, the path of its font, and the font as fontTools reads it."""
    generator = Known()
    path = make_font(generator, torch.zeros(4), tmp_path_factory.mktemp("fonts") / "known.ttf", name="Known Again")
    return generator, path, TTFont(path)


def shots(path, boxes):
    """The letters of a font file, drawn by Pillow in the places of their pictures: (26, 448, 448) bool."""
    base = TTFont(path)["hhea"].ascent / PIXEL
    face = ImageFont.truetype(str(path), fonts.EM // PIXEL * FINE, layout_engine=ImageFont.Layout.BASIC)
    pictures = []
    for letter, left in zip(LETTERS, boxes, strict=True):
        canvas = Image.new("1", (28 * FINE, 28 * FINE))
        at = ((left - fonts.BEARING) * FINE, base * FINE)
        ImageDraw.Draw(canvas).text(at, letter, font=face, fill=1, anchor="ls")
        pictures.append(np.array(canvas))
    return np.stack(pictures)


def overlaps(path, alphabet):
    """Intersection over union of each letter of a font with each picture that was traced: (26, 26)."""
    lefts = [np.vstack(trace(picture))[:, 0].min() for picture in alphabet]
    fine = fonts.enlarge(alphabet, FINE)
    black = np.stack([picture > fonts.half(picture) for picture in fine]).reshape(26, -1).astype(np.float32)
    drawn = shots(path, lefts).reshape(26, -1).astype(np.float32)
    both = drawn @ black.T
    return both / (drawn.sum(1)[:, None] + black.sum(1) - both)


# ---- what is written is what was drawn ----


def test_each_letter_is_the_picture_that_was_traced(known):
    """Its own picture by far the best; letters that differ by a stroke (O and Q) come next."""
    generator, path, _ = known
    table = overlaps(path, generator.pictures[:, 0].numpy())
    own = table.diagonal().copy()
    np.fill_diagonal(table, 0)
    assert own.min() > 0.93
    assert (own - table.max(axis=1)).min() > 0.05


def test_so_is_each_letter_of_the_shipped_generator(tmp_path):
    generator = gh.load_pretrained("letters")
    for seed in range(3):
        z = torch.randn(64, generator=torch.Generator().manual_seed(seed))
        path = make_font(generator, z, tmp_path / "a.ttf")
        table = overlaps(path, fonts.draw_alphabet(generator, z))
        own = table.diagonal().copy()
        np.fill_diagonal(table, 0)
        assert own.min() > 0.85
        assert np.median(own) > 0.93
        assert (own > table.max(axis=1)).all()


def test_a_known_font_comes_back_from_28_pixels(known):
    """The truth is the font whose letters were drawn small: its own outlines, drawn large."""
    _, path, _ = known
    fine, letters_data.FINE = letters_data.FINE, FINE
    resize, Image.Image.resize = Image.Image.resize, lambda self, *_: self
    try:
        truth = letters_data.render(KNOWN.read_bytes()) > 127
    finally:
        letters_data.FINE, Image.Image.resize = fine, resize
    boxes = [np.flatnonzero(picture.any(axis=0))[0] / FINE for picture in truth]
    drawn = shots(path, boxes)
    ratio = (drawn & truth).sum((1, 2)) / (drawn | truth).sum((1, 2))
    assert np.median(ratio) > 0.85
    assert ratio.min() > 0.7


def test_holes(known):
    """A, D, O, P, Q and R have one hole, B has two; outlines turn to the right, holes to the left, as TrueType asks."""
    _, _, font = known
    for letter in LETTERS:
        glyph = font["glyf"][letter]
        points, ends, _ = glyph.getCoordinates(font["glyf"])
        starts = [0, *(end + 1 for end in ends[:-1])]
        turns = [area(np.array(points[start : end + 1])) for start, end in zip(starts, ends, strict=True)]
        holes = {"B": 2} | dict.fromkeys("ADOPQR", 1)
        assert sum(turn > 0 for turn in turns) == holes.get(letter, 0), letter
        assert sum(turn < 0 for turn in turns) == 1, letter
        assert min(turns) == max(turns, key=abs), letter  # the outline is the largest


def test_pillow_leaves_the_hole_of_an_o_white(known):
    _, path, _ = known
    face = ImageFont.truetype(str(path), 200)
    canvas = Image.new("L", (300, 300))
    ImageDraw.Draw(canvas).text((150, 200), "O", font=face, fill=255, anchor="ms")
    left, top, right, bottom = canvas.getbbox()
    assert canvas.getpixel(((left + right) // 2, (top + bottom) // 2)) == 0
    ImageDraw.floodfill(canvas, (0, 0), 128)
    assert canvas.getpixel(((left + right) // 2, (top + bottom) // 2)) == 0  # not reached from outside


# ---- metrics ----


def test_letters_stand_on_the_base_line(known):
    _, _, font = known
    glyphs = font["glyf"]
    for letter in "ABDEFHIKLMNPRTXZ":
        assert abs(glyphs[letter].yMin) < 0.3 * PIXEL, letter
        assert abs(glyphs[letter].yMax - font["OS/2"].sCapHeight) < 0.5 * PIXEL, letter
    assert glyphs["Q"].yMin < -PIXEL  # its tail hangs below
    assert font["head"].unitsPerEm == fonts.EM
    hhea = font["hhea"]
    assert hhea.ascent - hhea.descent + hhea.lineGap == fonts.EM
    assert all(hhea.descent <= glyphs[c].yMin < glyphs[c].yMax <= hhea.ascent for c in LETTERS)


def test_widths_follow_the_ink(known):
    _, _, font = known
    side = fonts.BEARING * PIXEL
    for letter in LETTERS:
        width, left = font["hmtx"][letter]
        glyph = font["glyf"][letter]
        assert left == glyph.xMin == pytest.approx(side, abs=1)
        assert width == pytest.approx(glyph.xMax + side, abs=2)
    assert font["hmtx"]["W"][0] > 2 * font["hmtx"]["I"][0]
    assert font["hmtx"]["space"][0] == fonts.SPACE * PIXEL


def test_characters_and_names(known):
    _, path, font = known
    table = font.getBestCmap()
    assert {chr(code) for code in table} == set(LETTERS) | set(LETTERS.lower()) | {" "}
    assert all(table[ord(c)] == table[ord(c.lower())] == c for c in LETTERS)
    assert font.getGlyphOrder()[0] == ".notdef"
    assert font["glyf"][".notdef"].numberOfContours == 2
    assert font["name"].getDebugName(1) == "Known Again"
    assert font["name"].getDebugName(6) == "KnownAgain-Regular"
    assert ImageFont.truetype(str(path), 20).getname() == ("Known Again", "Regular")
    assert encode(torch.zeros(4)) in font["name"].getDebugName(10)  # so that the font can be made again


def test_the_same_vector_gives_the_same_file(known, tmp_path):
    generator, path, _ = known
    again = make_font(generator, [0.0] * 4, str(tmp_path / "again.ttf"), name=" Known Again ")
    assert again.read_bytes() == path.read_bytes()
    assert make_font(generator, torch.zeros(1, 4), again).read_bytes() != path.read_bytes()  # another name
    assert path.stat().st_size < 40_000


# ---- parts ----


def test_simplify_keeps_corners_and_nothing_else():
    square = [(x, 0) for x in range(10)] + [(10, y) for y in range(10)]
    square += [(10 - x, 10) for x in range(10)] + [(0, 10 - y) for y in range(10)]
    corners = fonts.simplify(np.array(square, dtype=float), 0.1)
    assert sorted(map(tuple, corners)) == [(0, 0), (0, 10), (10, 0), (10, 10)]
    turn = np.linspace(0, 2 * np.pi, 400, endpoint=False)
    circle = np.stack([np.cos(turn), np.sin(turn)], 1) * 8
    kept = fonts.simplify(circle, 0.06)
    assert 12 < len(kept) < 60
    assert abs(area(kept)) == pytest.approx(np.pi * 64, rel=0.02)


def test_half_of_a_hairline_is_half_of_its_own_black():
    letter = np.full((28, 28), -1.0)
    letter[4:24, 10:16] = 1
    assert fonts.half(letter) == 0
    assert fonts.half(np.where(letter > 0, 0.0, -1.0)) == -0.5
    assert fonts.half(np.full((28, 28), -1.0)) == 0


def test_enlarging_keeps_what_is_even_and_meets_the_pages_kernel():
    assert np.allclose(fonts.enlarge(np.full((2, 28, 28), 0.3), 4), 0.3)
    spot = np.full((28, 28), -1.0)
    spot[14, 14] = 1
    across = (fonts.enlarge(spot, 1) + 1)[14, 12:17] / 2  # factor 1: the kernel at whole pixels, 8/9 and 1/18, twice
    assert np.allclose(across, np.array([0, 1 / 18, 8 / 9, 1 / 18, 0]) * 8 / 9)


def test_a_code_brings_the_vector_back():
    z = torch.randn(64, generator=torch.Generator().manual_seed(1))
    code = encode(z)
    assert code[0] == "f"  # never a minus sign, which a command line would take for an option
    assert len(code) == 172
    torch.testing.assert_close(decode(code), z.half().float(), atol=0, rtol=0)
    torch.testing.assert_close(decode(f" {code[:50]}\n{code[50:]} "), z.half().float(), atol=0, rtol=0)
    assert encode(decode(code)) == code


NOT_FINITE = encode(torch.tensor([float("nan")]))


@pytest.mark.parametrize("code", ["", "f", "hello!", "f???", "x" + "A" * 171, "fAA", NOT_FINITE, "f" * 100_000 + "!"])
def test_what_is_no_code(code):
    with pytest.raises(ValueError, match="is no code of a font; copy all of it from the page") as error:
        decode(code)
    assert len(str(error.value)) < 120


# ---- bad input ----


@pytest.mark.parametrize(
    ("z", "error", "words"),
    [
        (torch.zeros(5), ValueError, r"one vector of 4 numbers, but \(5,\) came"),
        (torch.zeros(2, 4), ValueError, r"one vector of 4 numbers, but \(2, 4\) came"),
        (torch.tensor(1.0), ValueError, r"one vector of 4 numbers, but \(\) came"),
        ([1.0, 2.0, float("nan"), 0.0], ValueError, "z must be finite"),
        ([1.0, 2.0, float("inf"), 0.0], ValueError, "z must be finite"),
        ("abcd", TypeError, "z must be a vector of 4 numbers, but str came"),
        (None, TypeError, "z must be a vector of 4 numbers"),
    ],
)
def test_vectors_that_are_none(known, tmp_path, z, error, words):
    with pytest.raises(error, match=words):
        make_font(known[0], z, tmp_path / "a.ttf")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["", "   ", "a" * 61, "two\nlines", "bell\x07"])
def test_names_that_are_none(known, tmp_path, name):
    with pytest.raises(ValueError, match="name of a font has 1 to 60 printable characters"):
        make_font(known[0], torch.zeros(4), tmp_path / "a.ttf", name=name)
    with pytest.raises(TypeError, match="must be text, but 3 came"):
        make_font(known[0], torch.zeros(4), tmp_path / "a.ttf", name=3)


@pytest.mark.parametrize("name", ["Größe", "文字", "'\"<&>"])
def test_unusual_names(known, tmp_path, name):
    path = make_font(known[0], torch.zeros(4), tmp_path / "a.ttf", name=name)
    assert TTFont(path)["name"].getDebugName(1) == name
    assert ImageFont.truetype(str(path), 20).getlength("AB") > 0


def test_paths_that_are_none(known, tmp_path):
    generator, z = known[0], torch.zeros(4)
    with pytest.raises(IsADirectoryError, match="is a folder; give the name of a file in it"):
        make_font(generator, z, tmp_path)
    with pytest.raises(FileNotFoundError, match="there is no folder"):
        make_font(generator, z, tmp_path / "gone" / "a.ttf")
    for path in ("", None, 3):
        with pytest.raises(TypeError, match="path must name the file to write"):
            make_font(generator, z, path)
    if Path("/dev/full").exists():
        with pytest.raises(OSError, match="cannot be written to /dev/full"):
            make_font(generator, z, "/dev/full")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_of_others(known, tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(PermissionError, match="cannot be written; choose a folder of your own"):
        make_font(known[0], torch.zeros(4), tmp_path / "a.ttf")


def test_generators_that_draw_no_letters(known, tmp_path):
    with pytest.raises(TypeError, match="26 capitals is needed, such as load_pretrained"):
        make_font(gh.load_pretrained("mnist"), torch.zeros(64), tmp_path / "a.ttf")
    with pytest.raises(TypeError, match="but NoneType came"):
        make_font(None, torch.zeros(4), tmp_path / "a.ttf")
    blank = Known()
    blank.pictures = blank.pictures.clone()
    blank.pictures[3] = -1
    with pytest.raises(ValueError, match="nothing is black in the letter D of this font"):
        make_font(blank, torch.zeros(4), tmp_path / "a.ttf")
    blank.pictures = torch.zeros(26, 1, 32, 32)
    with pytest.raises(ValueError, match="26 pictures of 28x28 are needed"):
        make_font(blank, torch.zeros(4), tmp_path / "a.ttf")
    blank.pictures = torch.full((26, 1, 28, 28), float("nan"))
    with pytest.raises(ValueError, match="must be finite"):
        make_font(blank, torch.zeros(4), tmp_path / "a.ttf")
    assert list(tmp_path.iterdir()) == []


# ---- the command ----


def test_the_command(tmp_path, capsys):
    z = torch.randn(64, generator=torch.Generator().manual_seed(2))
    out = tmp_path / "mine.ttf"
    assert fonts.main(["--code", encode(z), "--out", str(out), "--name", "Mine"]) == 0
    assert f"{out}: " in capsys.readouterr().out
    assert ImageFont.truetype(str(out), 20).getname()[0] == "Mine"
    assert (
        out.read_bytes()
        == make_font(gh.load_pretrained("letters"), z.half(), tmp_path / "b.ttf", name="Mine").read_bytes()
    )


@pytest.mark.parametrize(
    ("code", "out", "words"),
    [
        ("nonsense", "a.ttf", "'nonsense' is no code of a font"),
        (encode(torch.zeros(10)), "a.ttf", "one vector of 64 numbers, but (10,) came"),
        (encode(torch.zeros(64)), ".", "is a folder"),
        (encode(torch.zeros(64)), "gone/a.ttf", "there is no folder gone"),
    ],
)
def test_the_command_says_what_is_wrong(tmp_path, monkeypatch, capsys, code, out, words):
    monkeypatch.chdir(tmp_path)
    assert fonts.main(["--code", code, "--out", out]) == 1
    said = capsys.readouterr().err
    assert said.startswith("No font was written: ")
    assert words in said
    assert said.count("\n") == 1


def test_the_command_runs_as_a_module():
    done = subprocess.run(
        [sys.executable, "-m", "gan_helpers.fonts", "--code", "no"], capture_output=True, text=True, cwd=ROOT
    )
    assert done.returncode == 2
    assert "--out" in done.stderr
