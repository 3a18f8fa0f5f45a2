"""Widgets for notebooks: a latent explorer and a training scrubber, alive on the static site as well, and sliders for
exercises.

The JavaScript under `web/` does the drawing in both places; a generator that it cannot run is drawn by the kernel.
`Panel` and `Watched` are made of plain ipywidgets (7 or 8); on a page without a kernel stands their picture.
"""

import base64
import copy
import html
import io
import json
import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import anywidget
import ipywidgets
import numpy as np
import torch
import traitlets
from PIL import Image
from torch import Tensor, nn

from gan_helpers.browser import UnsupportedLayer, browser_layers, pack, principal_directions, shrink
from gan_helpers.checks import check_count, check_finite, check_seed

LARGE = 200_000  # characters of a network's JSON, beyond which a page gets it in 8 bits


def _web(*names: str) -> str:
    """Return the text of files under web/, one after the other."""
    return "\n".join((Path(__file__).parent / "web" / name).read_text(encoding="utf-8") for name in names)


class LatentExplorer(anywidget.AnyWidget):
    """Sliders through the latent space of an image generator, with the picture that it draws there.

    There are sliders along the directions in which the first layer moves most (Shen and Zhou 2021), a class for a
    conditional generator, walks between kept pictures (straight and spherical), arithmetic on them, and a grid of
    neighbours. The weights are copied when the explorer is made: train on, and make a new one.

    Args:
        generator: maps z (B, latent_dim), or z and int64 labels (B,), to images (B, C, H, W) in [-1, 1], C 1 or 3. A
            copy of it draws, in `eval()` mode.
        latent_dim: length of a latent vector; `generator.latent_dim` if left out.
        classes: names of the classes of a conditional generator; 0, 1, ... up to `generator.classes` if left out.
        directions: (K, latent_dim), a slider for each row; principal directions if left out.
        seed: of the first latent vector.

    Raises:
        TypeError: no `torch.nn.Module`, or classes, directions or a seed that are none.
        ValueError: too many or too few names of classes, an unknown latent length, weights with NaN, images of a
            wrong shape or range, wrong directions, a negative seed.
    """

    network = traitlets.Dict(allow_none=True).tag(sync=True)
    about = traitlets.Dict().tag(sync=True)  # what the browser has to know when the kernel draws
    state = traitlets.Dict().tag(sync=True)  # {"latent": [...], "label": int}: one trait, so that both change at once

    def __init__(
        self,
        generator: nn.Module,
        *,
        latent_dim: int | None = None,
        classes: Sequence[str] | None = None,
        directions: Tensor | None = None,
        seed: int = 1,
    ) -> None:
        if not isinstance(generator, nn.Module):
            raise TypeError(f"a torch.nn.Module is needed, but {type(generator).__name__} came.")
        latent_dim = latent_dim if latent_dim is not None else getattr(generator, "latent_dim", None)
        if not isinstance(latent_dim, int) or latent_dim < 1:
            raise ValueError(f"latent_dim= must be a whole number of at least 1, but {latent_dim!r} came.")
        check_seed(seed)
        known = getattr(generator, "classes", 0)
        if isinstance(classes, str) or (classes is not None and not isinstance(classes, Sequence)):
            raise TypeError(f"classes must be a list of names, but {classes!r} came.")
        if classes is not None and isinstance(known, int) and known and len(classes) != known:
            raise ValueError(f"the generator draws {known} classes, but {len(classes)} names came.")
        if classes is None:
            classes = [str(i) for i in range(getattr(generator, "classes", 0))]
        for name, weight in generator.state_dict().items():
            if weight.is_floating_point() and not torch.isfinite(weight).all():
                raise ValueError(f"the weights of the generator hold NaN or infinity (in {name}); train it again.")
        self._generator = copy.deepcopy(generator).eval().cpu().requires_grad_(False)
        self._classes, self._latent_dim = list(classes), latent_dim
        z = torch.randn(latent_dim, generator=torch.Generator().manual_seed(seed))
        first = self._draw(z, 0)
        if first.ndim != 3 or first.shape[0] not in (1, 3):
            raise ValueError(f"images (B, 1 or 3, H, W) are needed, but (B, {', '.join(map(str, first.shape))}) came.")
        if not torch.isfinite(first).all() or first.abs().max() > 1.001:
            raise ValueError(f"images must lie in [-1, 1], but the largest value is {first.abs().max():.3g}.")
        rows = principal_directions(generator, latent_dim) if directions is None else directions
        check_finite("directions", rows)
        if rows.ndim != 2 or rows.shape[1] != latent_dim:
            raise ValueError(f"directions must have the shape (K, {latent_dim}), but {tuple(rows.shape)} came.")
        self._directions = rows.detach().float().cpu().clone()
        about = {
            "latent": latent_dim, "classes": self._classes, "shape": list(first.shape), "directions": pack(rows),
        }  # fmt: skip
        try:
            network, note = about | {"layers": browser_layers(self._generator)}, ""
        except UnsupportedLayer as error:
            network, note = None, f"Drawn by the kernel: {error}"
        super().__init__(
            network=network, about=about | {"note": note}, state={"latent": z.tolist(), "label": 0},
        )  # fmt: skip
        self.on_msg(self._answer)

    @property
    def latent(self) -> Tensor:
        """The latent vector (latent_dim,) of the picture that is shown; assign one to show its picture.

        Raises:
            ValueError: on assignment, a wrong shape or a number that is not finite.
        """
        return torch.tensor(self.state["latent"])

    @latent.setter
    def latent(self, z: Tensor | Sequence[float]) -> None:
        z = torch.as_tensor(z, dtype=torch.float32).detach().cpu()
        if tuple(z.shape) != (self._latent_dim,) or not torch.isfinite(z).all():
            raise ValueError(f"{self._latent_dim} finite numbers are needed, but the shape {tuple(z.shape)} came.")
        self.state = self.state | {"latent": z.tolist()}

    @property
    def label(self) -> int:
        """The class that is drawn, from 0; assign one to draw it.

        Raises:
            ValueError: on assignment, a class that there is not.
        """
        return self.state["label"]

    @label.setter
    def label(self, label: int) -> None:
        if label not in range(max(1, len(self._classes))):
            raise ValueError(f"a class from 0 to {max(1, len(self._classes)) - 1} is needed, but {label!r} came.")
        self.state = self.state | {"label": int(label)}

    @property
    def directions(self) -> Tensor:
        """The directions (K, latent_dim) of the sliders; a slider at s adds s times its row to the latent vector."""
        return self._directions.clone()

    @property
    def image(self) -> Tensor:
        """The picture (C, H, W) in [-1, 1] that the generator draws at `latent` with `label`."""
        return self._draw(self.latent, self.label)

    def to_code(self, name: str = "explorer") -> str:
        """Return lines of Python that bring an explorer of this name here again, to three decimals."""
        numbers = [f"{value + 0.0:.3f}" for value in self.latent.tolist()]
        rows = ["    " + ", ".join(numbers[i : i + 8]) + "," for i in range(0, len(numbers), 8)]
        lines = [f"{name}.latent = [", *rows, "]"] + ([f"{name}.label = {self.label}"] if self._classes else [])
        return "\n".join(lines)

    @property
    def note(self) -> str:
        """Why the kernel draws, or "" if the browser does."""
        return self.about["note"]

    @torch.no_grad()
    def _draw(self, z: Tensor, label: int) -> Tensor:
        inputs = (z[None], torch.tensor([label])) if self._classes else (z[None],)
        return self._generator(*inputs)[0]

    def _answer(self, _widget: Any, message: dict, _buffers: list) -> None:
        """Draw for a browser that cannot: {"id", "z", "label"} comes, {"id", "values" or "error"} goes."""
        reply = {"id": message.get("id")}
        try:
            z = torch.tensor(message["z"], dtype=torch.float32)
            reply["values"] = self._draw(z, message["label"]).flatten().tolist()
        except Exception as error:  # whatever a reader's own module raises is shown in the widget
            reply["error"] = f"{type(error).__name__}: {error}"
        self.send(reply)

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict, dict] | None:
        return _with_html(super()._repr_mimebundle_(**kwargs), self.to_html())

    def to_html(self) -> str:
        """Return the explorer as HTML that needs no kernel; without JavaScript, or layers to run, it is one picture.

        The weights of a large generator go in 8 bits a number, so that a page stays light.
        """
        picture = _image(self._draw(self.latent, self.label)[None])
        words = self.note or "With JavaScript switched on, sliders stand in this place."
        if self.network is None:
            words += " Open the notebook to move sliders."
        data = None if self.network is None else self.network | {"start": self.state}
        if data and len(json.dumps(data)) > LARGE:
            data["layers"] = shrink(data["layers"])
        return _page("latent-explorer", data, picture, "An image that the generator drew.", words)

    _css = _web("widgets.css")
    _esm = _web("dom.js", "generator.js", "explorer.js", "explorer.widget.js")


class _Still(ipywidgets.VBox):
    """A box of widgets that leaves a picture and a sentence on pages without a kernel; `_shown()` is the picture."""

    _shown: Callable[[], str]

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict, dict] | None:  # of ipywidgets 8; 7 shows itself
        bundle = super()._repr_mimebundle_(**kwargs)
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle, {})
        return data | {"text/html": self.to_html()}, metadata

    def to_html(self) -> str:
        """Return what stands on a page without a kernel: the picture as it is now."""
        return f"{self._shown()}<p><em>The sliders move where the notebook runs.</em></p>"


class Panel(_Still):
    """Sliders, and under them a figure and a line of words that follow: for exercises whose answer is found by hand.

    Args:
        draw: `draw(figure, **values)` draws on an empty matplotlib figure and returns words that say what is seen.
        sliders: for each name of a value (lowest, highest, step, start). The name, with blanks for underscores, is
            the slider's label.
        size: of the figure in inches.

    Raises:
        ValueError: no sliders, or one that starts outside its range.
    """

    def __init__(
        self,
        draw: Callable[..., str],
        sliders: Mapping[str, tuple[float, float, float, float]],
        *,
        size: tuple[float, float] = (6.3, 3.2),
    ) -> None:
        if not sliders:
            raise ValueError("at least one slider is needed, as {name: (lowest, highest, step, start)}.")
        self._drawing, self._size, self._moving = draw, size, False
        self._sliders = {name: _slider(name, *numbers) for name, numbers in sliders.items()}
        self._figure = ipywidgets.HTML()
        super().__init__([*self._sliders.values(), self._figure])
        for slider in self._sliders.values():
            slider.observe(self._follow, "value")
        self._follow()

    @property
    def values(self) -> dict[str, float]:
        """Where the sliders stand; assign a dictionary with some or all of the names to move them.

        Raises:
            ValueError: on assignment, an unknown name, or a number outside the slider's range.
        """
        return {name: slider.value for name, slider in self._sliders.items()}

    @values.setter
    def values(self, wanted: Mapping[str, float]) -> None:
        for name, value in wanted.items():
            if name not in self._sliders:
                raise ValueError(f"there is no slider {name!r}; choose from {', '.join(map(repr, self._sliders))}.")
            slider = self._sliders[name]
            if not slider.min <= value <= slider.max:
                raise ValueError(f"{name} must lie from {slider.min:g} to {slider.max:g}, but {value!r} came.")
        self._moving = True  # one drawing, however many sliders move
        try:
            for name, value in wanted.items():
                self._sliders[name].value = value
        finally:
            self._moving = False
        self._follow()

    def to_code(self, name: str = "panel") -> str:
        """Return Python that brings the sliders of a panel of this name here again."""
        pairs = [f'"{key}": {round(value, 6):g}' for key, value in self.values.items()]
        line = f"{name}.values = {{{', '.join(pairs)}}}"
        return line if len(line) <= 88 else "\n".join([f"{name}.values = {{", *(f"    {p}," for p in pairs), "}"])

    def _follow(self, _change: Any = None) -> None:
        if not self._moving:
            self._figure.value = self._shown()

    def _shown(self) -> str:
        from matplotlib.figure import Figure  # no pyplot: nothing is left open, whatever the notebook's backend

        figure = Figure(figsize=self._size, layout="constrained")
        words = self._drawing(figure, **self.values)
        file = io.BytesIO()
        figure.savefig(file, format="png", dpi=100)
        return _figure(_png(file), words, f"max-width: {100 * self._size[0]:.0f}px; width: 100%")


class Watched(_Still):
    """A latent explorer with a line of words that follows it, and perhaps a picture beside which to hold its own.

    Args:
        explorer: the explorer.
        words: `words(image)` says something about the picture (C, H, W) in [-1, 1] that is shown.
        beside: a picture of the same kind.
    """

    def __init__(self, explorer: LatentExplorer, words: Callable[[Tensor], str], beside: Tensor | None = None) -> None:
        self._explorer, self._words, self._beside = explorer, words, beside
        self._line = ipywidgets.HTML()
        super().__init__([explorer, self._line])
        explorer.observe(self._follow, "state")
        self._follow()

    def _follow(self, _change: Any = None) -> None:
        said = f'<p role="status">{html.escape(self._words(self._explorer.image))}</p>'
        self._line.value = said + self._given()

    def _given(self) -> str:
        if self._beside is None:
            return ""
        return _figure(_image(self._beside[None]), "The given picture.", "width: 224px; image-rendering: pixelated")

    def _shown(self) -> str:
        image = self._explorer.image
        style = "width: 224px; image-rendering: pixelated"
        return _figure(_image(image[None]), self._words(image), style) + self._given()


class Scrubber(anywidget.AnyWidget):
    """One slider through what a generator drew while it learned.

    Args:
        frames: one tensor of images (N, C, H, W) in [-1, 1] for each moment, all of the same shape, C 1 or 3.
        steps: the training step of each, as many as frames.
        columns: of the grid in which the N images of a moment stand.
        label: what the pictures show, for readers who do not see them.

    Raises:
        TypeError: frames that are no floating-point tensors, or columns that are no whole number.
        ValueError: no frames, shapes that differ, values out of [-1, 1] or NaN, more or fewer steps than frames, or
            columns below 1.
    """

    data = traitlets.Dict().tag(sync=True)

    def __init__(
        self, frames: Sequence[Tensor], steps: Sequence[int], *, columns: int = 8, label: str = "Generated images"
    ) -> None:
        check_count("columns", columns)
        if isinstance(frames, Tensor):
            frames = list(frames)
        for frame in frames:
            check_finite("each frame", frame)
        if not frames or len(frames) != len(steps):
            raise ValueError(f"a step for each frame is needed, but {len(frames)} frames and {len(steps)} steps came.")
        shapes = {tuple(frame.shape) for frame in frames}
        if len(shapes) > 1 or len(frames[0].shape) != 4 or frames[0].shape[1] not in (1, 3):
            raise ValueError(f"frames of one shape (N, 1 or 3, H, W) are needed, but {sorted(shapes)} came.")
        largest = max(float(frame.abs().max()) for frame in frames)
        if largest > 1.001:
            raise ValueError(f"frames must lie in [-1, 1], but the largest value is {largest:.3g}.")
        images = [{"step": int(step), "image": _image(f, columns)} for f, step in zip(frames, steps, strict=True)]
        super().__init__(data={"frames": images, "label": label})

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict, dict] | None:
        return _with_html(super()._repr_mimebundle_(**kwargs), self.to_html())

    def to_html(self) -> str:
        """Return the scrubber as HTML that needs no kernel; without JavaScript it is the last picture."""
        last = self.data["frames"][-1]
        words = f"Step {last['step']}. With JavaScript switched on, a slider goes back to the beginning."
        return _page("scrubber", self.data, last["image"], f"{self.data['label']} at the last step.", words)

    _css = _web("widgets.css")
    _esm = _web("dom.js", "scrubber.js", "scrubber.widget.js")


def _image(images: Tensor, columns: int = 1) -> str:
    """Return images (N, C, H, W) in [-1, 1] as one PNG grid, as a data address."""
    images = images.detach().cpu()
    count, channels, height, width = images.shape
    columns = max(1, min(columns, count))
    rows = -(-count // columns)
    grid = np.zeros((rows * height, columns * width, channels), dtype=np.uint8)
    pixels = ((images.clamp(-1, 1) + 1) * 127.5).round().to(torch.uint8).permute(0, 2, 3, 1).numpy()  # (N, H, W, C)
    for i, image in enumerate(pixels):
        top, left = i // columns * height, i % columns * width
        grid[top : top + height, left : left + width] = image
    file = io.BytesIO()
    Image.fromarray(grid.squeeze(2) if channels == 1 else grid).save(file, format="PNG", optimize=True)
    return _png(file)


def _png(file: io.BytesIO) -> str:
    """Return a PNG as a data address."""
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode("ascii")


def _figure(picture: str, words: str, style: str) -> str:
    """Return a picture with words below it, which are its alternative text as well."""
    said = html.escape(words)
    image = f'<img src="{picture}" alt="{said}" style="{style}">'
    return f'<figure style="margin: 0.5em 0">{image}<figcaption role="status">{said}</figcaption></figure>'


def _slider(name: str, lowest: float, highest: float, step: float, start: float) -> ipywidgets.FloatSlider:
    """Return a slider with a label; its width leaves room on a phone."""
    if not lowest <= start <= highest:
        raise ValueError(f"{name} must start between {lowest:g} and {highest:g}, but {start!r} came.")
    decimals = max(0, math.ceil(-math.log10(step) - 1e-9))
    return ipywidgets.FloatSlider(
        value=start, min=lowest, max=highest, step=step, description=name.replace("_", " "),
        readout_format=f".{decimals}f", style={"description_width": "9em"}, layout={"width": "min(100%, 32em)"},
    )  # fmt: skip


def _with_html(bundle: tuple[dict, dict] | None, text: str) -> tuple[dict, dict] | None:
    """Add HTML to what a notebook stores, for the static site, where no kernel answers."""
    if bundle is None:
        return None
    data, metadata = bundle
    return data | {"text/html": text}, metadata


def _page(name: str, data: dict | None, picture: str, alt: str, words: str) -> str:
    """Return a widget's root with a picture in it, and, if there are data, the scripts that bring it to life."""
    image = f'<img src="{picture}" alt="{html.escape(alt)}" width="224">'
    figure = f"<figure>{image}<figcaption>{html.escape(words)}</figcaption></figure>"
    if data is None:
        return f'<div class="gan-widget" data-gan-widget="{name}" data-gan-started="no">{figure}</div>'
    code = _web(
        *{"latent-explorer": ("dom.js", "generator.js", "explorer.js"), "scrubber": ("dom.js", "scrubber.js")}[name]
    )
    stored = json.dumps(data).replace("</", "<\\/")
    return (
        f'<div class="gan-widget" data-gan-widget="{name}">{figure}'
        f'<script type="application/json">{stored}</script></div>'
        f"<style>{_web('widgets.css')}</style><script>{code}</script>"
    )
