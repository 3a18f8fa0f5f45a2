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
    assert [line.get_label() for line in ax.lines] == ["d_loss", "g_loss", "d_loss at D = 1/2"]


def test_discriminator():
    ax = gh.plot_discriminator(lambda x: 100 * x[:, 0], limit=2, cells=10)
    picture = ax.images[0].get_array()
    assert picture[:, 0].max() < 0.01  # left: fake
    assert picture[:, -1].min() > 0.99  # right: real


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
