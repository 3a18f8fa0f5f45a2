"""One seed and one thread for every test; a browser and the built site for those that open pages."""

import functools
import os
import shutil
from pathlib import Path

import matplotlib
import pytest
from playwright.sync_api import sync_playwright
from served import served
from xdist.scheduler import LoadScopeScheduling

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import torch

from gan_helpers import set_threads

SITE = Path(__file__).parents[1] / "_build" / "html"
EXPLORER, PLAYGROUND, FAILURES = "book/explore.html", "book/playground.html", "book/failures.html"
LIGHT = 1_200_000  # bytes that the first view of a page may load, before compression
ENGINE = os.environ.get("ENGINE") or "chromium"
PROGRAMS = {  # the system's own browsers
    "chromium": ("chromium", "chromium-browser", "google-chrome", "chrome"),
    "firefox": ("firefox-esr", "firefox"),
    "webkit": (),  # Playwright drives its own build alone
}
NO_BROWSER = {
    "chromium": "no Chromium is installed (on Debian: apt-get install chromium; else: make browser)",
    "firefox": "no Firefox is installed (on Debian: apt-get install firefox-esr; else: make browser ENGINE=firefox)",
    "webkit": "Playwright's WebKit is not installed (make browser ENGINE=webkit)",
}.get(ENGINE)
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip

# One worker runs each of these files as a whole: its tests share what takes long to make, or would starve one another.
# (xdist's own marks for groups are lost since pytest 9.2.)
TOGETHER = {f"test_{name}.py" for name in ("controls", "distributed", "epub", "execute", "jupyterlab", "pdf")}

needs_scripts = pytest.mark.skipif(
    os.name == "nt", reason="the stand-in for gh is a script, which Windows cannot start"
)


@functools.cache
def own_build():
    """Whether Playwright's own build of the engine is installed."""
    with sync_playwright() as playwright:
        return Path(getattr(playwright, ENGINE).executable_path).is_file()


# The system's browser goes before Playwright's own build; but of Firefox the latter, with which Playwright does more.
PROGRAM = next(filter(None, map(shutil.which, PROGRAMS.get(ENGINE, ()))), None)
PROGRAM = None if PROGRAM and ENGINE == "firefox" and own_build() else PROGRAM


def launch(kind, **options):
    """Start the browser of a kind, the one of ENGINE."""
    if PROGRAM:
        options["executable_path"] = PROGRAM
    if PROGRAM and ENGINE == "firefox":
        options["channel"] = "moz-firefox"  # Playwright then speaks WebDriver BiDi, as a plain Firefox does
    if ENGINE == "chromium":
        options["args"] = FLAGS
    return kind.launch(**options)


class Together(LoadScopeScheduling):
    """Hands out tests one by one, and some files as a whole."""

    def _split_scope(self, nodeid):
        file = nodeid.split("::")[0]
        return file if Path(file).name in TOGETHER else nodeid


@pytest.hookimpl(optionalhook=True)  # xdist may be switched off (-p no:xdist)
def pytest_xdist_make_scheduler(config, log):
    """Schedule tests that run side by side, whatever --dist asks for."""
    return Together(config, log)


def pytest_collection_modifyitems(items):
    """Skip the tests in a browser where there is none, with one sentence; stop where one is required."""
    if ENGINE not in PROGRAMS:
        raise pytest.UsageError(f"ENGINE must be one of {', '.join(PROGRAMS)}, but {ENGINE!r} came.")
    items = [item for item in items if item.get_closest_marker("web")]
    if ENGINE != "chromium":
        for item in items:
            if marker := item.get_closest_marker("chromium"):
                item.add_marker(pytest.mark.skip(f"Chromium alone: {marker.args[0]}"))
    if PROGRAM and ENGINE == "firefox":
        for item in items:
            if item.get_closest_marker("emulates"):
                item.add_marker(pytest.mark.skip("Playwright does not do this with the system's Firefox"))
    if not items or PROGRAM or own_build():
        return
    if os.environ.get("BROWSER_REQUIRED"):
        raise pytest.UsageError(NO_BROWSER)
    for item in items:
        item.add_marker(pytest.mark.skip(NO_BROWSER))


def pytest_terminal_summary(terminalreporter):
    """Say in one line what was skipped for want of a browser."""
    skipped = sum(NO_BROWSER in str(report.longrepr) for report in terminalreporter.stats.get("skipped", []))
    if skipped:
        terminalreporter.write_line(f"{skipped} tests in a browser were skipped: {NO_BROWSER}")


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
        opened = launch(getattr(playwright, ENGINE))
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def site():
    assert (SITE / "index.html").is_file(), "There is no built site; run: make book"
    return SITE.as_uri() + "/"


@pytest.fixture(scope="session")
def http(site):
    with served(SITE) as home:
        yield home


def new_tab(browser, home, width, theme, workers="block"):
    """A tab with a profile of its own, and the list to which it adds what goes wrong in it.

    Give "allow" for the worker that keeps pages on a device; each profile would fetch its files anew.
    """
    page = browser.new_page(viewport={"width": width, "height": 900}, service_workers=workers)
    page.set_default_timeout(60_000)  # for a machine that has other things to do as well
    remember = f"localStorage.setItem('mode', '{theme}'); localStorage.setItem('theme', '{theme}')"
    # An empty page may remember nothing.
    page.add_init_script(f"if (/^(file|http)/.test(location.href)) {{ {remember} }}")
    problems = []
    page.on("request", lambda r: r.url.startswith((home, "data:", "blob:")) or problems.append(f"asks {r.url}"))
    aborted = {"net::ERR_ABORTED", "NS_BINDING_ABORTED"}  # by leaving the page, as a slow machine may have to
    page.on("requestfailed", lambda r: r.failure in aborted or problems.append(f"failed {r.url}"))
    page.on("response", lambda r: r.status < 400 or problems.append(f"{r.status} {r.url}"))
    page.on("console", lambda m: m.type == "error" and problems.append(f"console: {m.text}"))
    # Firefox draws a page while it arrives, and then complains of a formula that has come in half; it is whole later.
    half = "Incorrect number of children for <" if ENGINE == "firefox" else None
    page.on("pageerror", lambda e: (half and half in str(e)) or problems.append(f"error: {e}"))
    return page, problems


@pytest.fixture(scope="session")
def open_page(browser):
    """Open a page with its fonts; return it and what goes wrong, now and later. Give `fresh` for a new profile.

    Pages that are looked at in the same way share a tab, one after the other: a new one costs as much as the page.
    """
    tabs = {}

    def open_it(address, width=1280, theme="light", fresh=False):
        look = (address.split("book/")[0].rsplit("/", 1)[0], width, theme)
        if fresh or look not in tabs:
            page, problems = new_tab(browser, *look)
            if not fresh:
                tabs[look] = page, problems
        else:
            page, problems = tabs[look]
            page.goto("about:blank")  # also between two addresses that differ after the # alone
            problems.clear()
        page.goto(address)
        page.evaluate("document.fonts.ready.then(() => true)")
        return page, problems

    return open_it


def bring(page):
    """Wait for what comes to a page when a reader comes near it."""
    for root in page.query_selector_all("[data-gan-near]"):
        if root.is_visible():
            root.evaluate("root => root.scrollIntoView()")
            root.wait_for_selector("canvas")
    page.evaluate("scrollTo(0, 0)")


def root_of(page, name):
    """The part of a page that is alive, once it has drawn."""
    page.wait_for_selector(f'[data-gan-widget="{name}"] canvas')
    return page.locator(f'[data-gan-widget="{name}"]').first


def alive(address, name):
    """A fixture: the page at an address, where nothing may go wrong until the test ends."""

    @pytest.fixture
    def opened(open_page, site):
        page, problems = open_page(site + address)
        root_of(page, name)
        yield page
        assert problems == []

    return opened


explorer = alive(EXPLORER, "latent-explorer")
playground = alive(PLAYGROUND, "playground")
failures = alive(FAILURES, "failure-gallery")
