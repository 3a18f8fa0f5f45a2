"""One seed and one thread for every test; a browser and the built site for those that open pages."""

import functools
import os
import shutil
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import matplotlib
import pytest
from playwright.sync_api import sync_playwright

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import torch

from gan_helpers import set_threads

SITE = Path(__file__).parents[1] / "_build" / "html"
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))), None)
NO_CHROMIUM = "no Chromium is installed (on Debian and Ubuntu: apt-get install chromium)"
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


def pytest_collection_modifyitems(items):
    """Skip the tests in a browser where there is none, with one sentence; stop where one is required."""
    items = [] if CHROMIUM else [item for item in items if item.get_closest_marker("web")]
    if items and os.environ.get("CHROMIUM_REQUIRED"):
        raise pytest.UsageError(NO_CHROMIUM)
    for item in items:
        item.add_marker(pytest.mark.skip(NO_CHROMIUM))


def pytest_terminal_summary(terminalreporter):
    """Say in one line what was skipped for want of a browser."""
    skipped = sum(NO_CHROMIUM in str(report.longrepr) for report in terminalreporter.stats.get("skipped", []))
    if skipped:
        terminalreporter.write_line(f"{skipped} tests in a browser were skipped: {NO_CHROMIUM}")


@pytest.fixture(autouse=True)
def fresh():
    """One thread, one seed, no figure left open."""
    set_threads(1)
    torch.manual_seed(0)
    yield
    plt.close("all")


@pytest.fixture
def rng():
    return torch.Generator().manual_seed(0)


@pytest.fixture(scope="session")
def browser():
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def site():
    assert (SITE / "index.html").is_file(), "There is no built site; run: make book"
    return SITE.as_uri() + "/"


@pytest.fixture(scope="session")
def http(site):
    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(SITE))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@pytest.fixture(scope="session")
def open_page(browser):
    def open_it(address, width=1280, theme="light"):
        """Open a page and return it with everything that went wrong on the way."""
        page = browser.new_page(viewport={"width": width, "height": 900})
        page.add_init_script(f"localStorage.setItem('mode', '{theme}'); localStorage.setItem('theme', '{theme}')")
        home, problems = address.split("book/")[0].rsplit("/", 1)[0], []
        page.on("request", lambda r: r.url.startswith((home, "data:", "blob:")) or problems.append(f"asks {r.url}"))
        page.on("requestfailed", lambda r: problems.append(f"failed {r.url}"))
        page.on("response", lambda r: r.status < 400 or problems.append(f"{r.status} {r.url}"))
        page.on("console", lambda m: m.type == "error" and problems.append(f"console: {m.text}"))
        page.on("pageerror", lambda e: problems.append(f"error: {e}"))
        page.goto(address)
        page.wait_for_load_state("networkidle")
        if page.locator(".math").count():
            page.wait_for_selector("mjx-container", state="attached", timeout=20_000)  # the first may be folded away
            page.evaluate("MathJax.startup.promise")
        return page, problems

    return open_it
