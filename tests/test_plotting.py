import subprocess
import sys
from itertools import pairwise

import matplotlib.pyplot as plt
import pytest
import torch

import gan_helpers as gh


def record(step):
    return gh.StepRecord(step, torch.tensor(1.0 + step), torch.tensor(0.5))


def test_points():
    ax = plt.subplots()[1]
    assert gh.plot_points(torch.randn(5, 2), torch.randn(7, 2), limit=3, ax=ax) is ax
    assert [len(c.get_offsets()) for c in ax.collections] == [5, 7]
    assert (ax.get_xlim(), ax.get_ylim()) == ((-3, 3), (-3, 3))
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["real", "fake"]
    assert gh.plot_points(torch.randn(5, 2), legend=False).get_legend() is None


def test_images():
    ax = gh.plot_images(torch.linspace(-1, 1, 7 * 4).view(7, 1, 2, 2), columns=3, title="seven")
    picture = ax.images[0].get_array()
    assert picture.shape == (6, 6)
    assert picture.min() == 0
    assert picture[4:, 2:].min() == 1  # the blank rest of the last row
    assert ax.get_title() == "seven"
    assert gh.plot_images(torch.zeros(2, 3, 4, 4), columns=2).images[0].get_array().shape == (4, 8, 3)


def test_image_order():
    images = torch.stack([torch.full((1, 2, 2), value) for value in (-1.0, 0.0, 1.0, 0.5)])
    picture = gh.plot_images(images, columns=2).images[0].get_array()
    assert [float(picture[0, 0]), float(picture[0, 2]), float(picture[2, 0])] == [0, 0.5, 1]


def test_losses():
    ax = gh.plot_losses([record(step) for step in range(1, 11)], smooth=4, chance=1.386)
    steps, values = ax.lines[0].get_data()
    assert list(steps) == list(range(4, 11))
    assert values[0] == pytest.approx(3.5)
    assert [line.get_label() for line in ax.lines] == ["d_loss", "g_loss", "d_loss at\nD = 1/2"]
    assert [text.get_text() for text in ax.texts] == ["g_loss", "d_loss at\nD = 1/2", "d_loss"]  # from below
    assert ax.get_legend() is None


def test_names_stand_at_the_ends_of_their_lines_and_clear_of_one_another():
    ax = plt.subplots(figsize=(6, 3))[1]
    for i, end in enumerate((0.5, 0.5, 0.51, 3.0)):
        ax.plot([0, 1, 2], [0, end, 9], label=f"line {i}")
    ax.axhline(0.9, label="level")
    ax.plot([0, 1], [0, 1])  # nameless
    ax.set(xlim=(0, 1), ylim=(0, 1))
    assert gh.label_lines(gh.label_lines(ax)) is ax
    assert len(ax.texts) == 5
    ax.figure.canvas.draw()
    boxes = {text.get_text(): text.get_window_extent() for text in ax.texts}
    ordered = sorted(boxes.values(), key=lambda box: box.y0)
    assert all(low.y1 <= high.y0 + 0.5 for low, high in pairwise(ordered))
    middle = {name: (box.y0 + box.y1) / 2 for name, box in boxes.items()}
    to_pixel = lambda y: ax.transData.transform((0, y))[1]  # noqa: E731
    assert abs(middle["line 1"] - to_pixel(0.5)) < 20
    assert middle["line 3"] > middle["level"] > middle["line 2"]  # line 3 leaves through the top
    assert all(box.x0 > ax.bbox.x1 for box in boxes.values())
    ax.set_ylim(0, 2)
    ax.figure.canvas.draw()
    (level,) = [text for text in ax.texts if text.get_text() == "level"]
    assert abs(level.get_window_extent().y0 - to_pixel(0.9)) < 25  # follows when limits change
    with pytest.raises(ValueError, match="has a name"):
        gh.label_lines(plt.subplots()[1])


def test_rows_of_images_have_names():
    ax = gh.plot_images(torch.zeros(6, 1, 4, 4), columns=2, rows=["one", "two", "three"])
    assert [text.get_text() for text in ax.get_yticklabels()] == ["one", "two", "three"]
    assert list(ax.get_yticks()) == [1.5, 5.5, 9.5]  # the middle of each row
    with pytest.raises(ValueError, match="one name a row"):
        gh.plot_images(torch.zeros(6, 1, 4, 4), columns=2, rows=["one", "two"])


@pytest.mark.parametrize(("columns", "rows"), [(10, ()), (15, ()), (12, ("a long name of a row",))])
def test_no_figure_of_images_is_wider_than_a_phone_can_show(columns, rows):
    figure = gh.plot_images(torch.zeros(columns, 1, 4, 4), columns=columns, rows=rows).figure
    assert figure.get_size_inches()[0] <= gh.plotting.WIDTH + 1e-6


NOTEBOOK = """
import sys
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
{own}
import gan_helpers
assert "matplotlib" not in sys.modules
from matplotlib_inline.config import InlineBackend
settings = InlineBackend.instance(parent=shell)
print(sorted(settings.figure_formats), settings.rc.get("font.size"))
"""


@pytest.mark.parametrize(
    ("own", "said"),
    [("", "['retina'] 10"), ("shell.config.InlineBackend.figure_formats = {'svg'}", "['svg'] None")],
    ids=["the book's", "the reader's own"],
)
def test_notebooks_get_sharp_figures(own, said):
    done = subprocess.run([sys.executable, "-c", NOTEBOOK.format(own=own)], capture_output=True, text=True)
    assert done.stdout.strip() == said, done.stderr


def test_discriminator():
    ax = gh.plot_discriminator(lambda x: 100 * x[:, 0], limit=2, cells=10)
    picture = ax.images[0].get_array()
    assert picture[:, 0].max() < 0.01  # left: fake
    assert picture[:, -1].min() > 0.99  # right: real
    assert len(ax.figure.axes) == 2
    assert len(gh.plot_discriminator(lambda x: x[:, 0], limit=2, cells=10, bar=False).figure.axes) == 1


@pytest.mark.parametrize("images", [torch.zeros(3, 28, 28), torch.zeros(0, 1, 2, 2), torch.zeros(1, 2, 4, 4)])
def test_images_of_a_wrong_shape(images):
    with pytest.raises(ValueError, match=r"images \(N, 1 or 3, H, W\)"):
        gh.plot_images(images)


@pytest.mark.parametrize("value", [255.0, float("nan")])
def test_images_of_a_wrong_range(value):
    with pytest.raises(ValueError, match=r"images must (lie in \[-1, 1\]|be finite)"):
        gh.plot_images(torch.full((1, 1, 2, 2), value))


def test_other_bad_input():
    with pytest.raises(ValueError, match="fake points must have the shape"):
        gh.plot_points(torch.zeros(3, 2), torch.zeros(3, 3))
    with pytest.raises(ValueError, match="list of records is empty"):
        gh.plot_losses([])
    with pytest.raises(ValueError, match="smooth must be at least 1"):
        gh.plot_losses([record(1)], smooth=0)
    with pytest.raises(ValueError, match="limit must be above 0"):
        gh.plot_discriminator(lambda x: x[:, 0], limit=0)
