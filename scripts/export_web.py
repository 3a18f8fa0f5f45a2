"""A Sphinx extension: give the built site the trained generators, and pictures for readers without scripts.

The files are made while the site is built, so the weights are kept once, in gan_helpers/embedded.
"""

import json
from pathlib import Path
from typing import Any

import gan_helpers as gh  # isort: skip  # first: it sets the waiting policy of threads before torch is imported
import matplotlib.pyplot as plt
import torch

from gan_helpers.browser import browser_network


def weights() -> str:
    """Return the text of generators.js."""
    networks = {
        name: browser_network(gh.load_pretrained(name), gh.load_images(name).classes) for name in ("mnist", "fashion")
    }
    return f"// Written by scripts/export_web.py.\nwindow.GAN_GENERATORS = {json.dumps(networks)};\n"


def draw_explorer(path: Path) -> None:
    """Draw ten digits and ten clothes for readers without scripts."""
    torch.manual_seed(1)
    z = torch.randn(2, 64)
    rows = []
    for name in ("mnist", "fashion"):
        generator = gh.load_pretrained(name)
        for latent in z:
            rows.append(generator(latent.expand(10, 64), torch.arange(10)))
    gh.plot_images(torch.cat(rows), columns=10)
    plt.savefig(path, dpi=120, bbox_inches="tight")
    plt.close()


def draw_playground(path: Path) -> None:
    """Train a short game on the ring and draw its board, as the playground does."""
    rng = gh.seed_everything(1)
    centres = gh.ring_centres(8)
    generator, discriminator = gh.MLPGenerator(4, (2,), hidden=(48, 48)), gh.MLPDiscriminator((2,), hidden=(48, 48))
    d_adam, g_adam = (
        torch.optim.Adam(net.parameters(), rate, (0.5, 0.999))
        for net, rate in ((discriminator, 4e-3), (generator, 2e-3))
    )
    for _ in range(600):
        real = gh.sample_mixture(96, centres, std=0.1, rng=rng)
        for adam in (d_adam, g_adam):
            fake_logits = discriminator(generator(torch.randn(96, 4)))
            is_d = adam is d_adam
            loss = gh.minimax_d(discriminator(real), fake_logits) if is_d else gh.non_saturating_g(fake_logits)
            d_adam.zero_grad()
            g_adam.zero_grad()
            loss.backward()
            adam.step()
    real = gh.sample_mixture(250, centres, std=0.1, rng=rng)
    _, ax = plt.subplots(figsize=(4.5, 4.5))
    gh.plot_discriminator(discriminator, limit=3, ax=ax)
    gh.plot_points(real, generator(torch.randn(250, 4)).detach(), limit=3, ax=ax)
    plt.savefig(path, dpi=120, bbox_inches="tight")
    plt.close()


def write(app: Any, exception: Exception | None) -> None:
    """Write the files beside the other static files of a finished build."""
    if exception is None and app.builder.format == "html":
        folder = Path(app.outdir) / "_static"
        (folder / "generators.js").write_text(weights(), encoding="utf-8")
        draw_explorer(folder / "explorer.png")
        draw_playground(folder / "playground.png")


def drop_widget_state(app: Any, env: Any) -> None:
    """Keep the state of widgets that only a kernel could move out of the pages; it is large and nothing reads it."""
    for page in getattr(env, "nb_metadata", {}).values():
        page.get("js_files", {}).pop("ipywidgets_state", None)


def setup(app: Any) -> dict[str, bool]:
    """Connect to Sphinx."""
    app.connect("env-updated", drop_widget_state)
    app.connect("build-finished", write)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
