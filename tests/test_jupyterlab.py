"""Student editions in a real JupyterLab: the sliders move, and the check reads where they stand."""

import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).parents[1]
SETTINGS = {  # nothing may ask the network or stand in the way, and every cell is there without scrolling
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False, "doNotDisturbMode": True},
    "notebook-extension/tracker": {"windowingMode": "none"},
}

pytestmark = pytest.mark.web


def find_exercise(chapter):
    """Return set-up, slider cell, answer and check of a chapter's first exercise with sliders, and its solution."""
    student = nbformat.read(ROOT / "exercises" / f"{chapter}.ipynb", as_version=4)
    solved = nbformat.read(ROOT / "book" / chapter / "exercises.ipynb", as_version=4)
    at = next(i for i, cell in enumerate(student.cells) if "\n*Find · " in cell.source)
    names = [cell.metadata.get("nbgrader", {}) for cell in student.cells]
    first = next(i for i, about in enumerate(names) if about)
    cells = [cell for cell in student.cells[:first] if cell.cell_type == "code"]
    student.cells = cells + student.cells[at : at + 4]
    return student, solved.cells[at + 2].source


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """A JupyterLab on this machine with a folder of its own; its address, up to the name of a notebook."""
    folder = tmp_path_factory.mktemp("lab")
    for chapter in ("gan", "minimax"):
        nbformat.write(find_exercise(chapter)[0], folder / f"{chapter}.ipynb")
    for name, values in SETTINGS.items():
        place = folder / "settings" / "@jupyterlab" / f"{name}.jupyterlab-settings"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(json.dumps(values), encoding="utf-8")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    home = f"http://127.0.0.1:{port}/"
    options = ["--no-browser", "--allow-root", f"--ServerApp.port={port}", "--ServerApp.port_retries=0"]
    options += [
        f"--ServerApp.root_dir={folder}",
        "--IdentityProvider.token=test",
        "--LabApp.expose_app_in_browser=True",
    ]
    here = {"HOME": str(folder), "JUPYTER_CONFIG_DIR": str(folder / "config"), "JUPYTER_DATA_DIR": str(folder / "data")}
    here |= {"JUPYTERLAB_SETTINGS_DIR": str(folder / "settings"), "JUPYTERLAB_WORKSPACES_DIR": str(folder / "spaces")}
    with open(folder / "lab.log", "w") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", *options], env=os.environ | here, stdout=log, stderr=log
        )
        try:
            for _ in range(600):
                try:
                    urllib.request.urlopen(f"{home}api?token=test").close()
                    break
                except OSError:
                    assert server.poll() is None, (folder / "lab.log").read_text()
                    time.sleep(0.2)
            yield f"{home}doc/tree/", home
        finally:
            server.terminate()
            server.wait(30)


@pytest.fixture
def opened(browser, lab):
    """Open a notebook in JupyterLab and run all its cells."""
    address, home = lab
    page = browser.new_page(viewport={"width": 1280, "height": 1600})
    page.set_default_timeout(180_000)  # the kernel imports torch, on a machine that has other things to do as well
    asked = []
    page.on("request", lambda r: r.url.startswith((home, "ws://127.0.0.1", "data:", "blob:")) or asked.append(r.url))

    def open_it(chapter):
        page.goto(f"{address}{chapter}.ipynb?token=test")
        page.wait_for_selector(".jp-Notebook .jp-CodeCell")
        page.wait_for_function("window.jupyterapp?.commands.hasCommand('notebook:run-all-cells')")
        kernel = "window.jupyterapp.shell.currentWidget?.sessionContext?.session?.kernel"
        page.wait_for_function(f"{kernel}?.connectionStatus === 'connected' && {kernel}.status === 'idle'")
        page.evaluate("jupyterapp.commands.execute('notebook:run-all-cells')")
        return page

    yield open_it
    assert asked == []
    page.close()


def check_says(page, text):
    """Run the check, the last cell, and wait for what it says."""
    page.locator(".jp-CodeCell").last.locator(".jp-InputArea-editor").click()
    page.evaluate("jupyterapp.commands.execute('notebook:run-cell')")
    heard(page, text)


def heard(page, text):
    """Wait for what the last cell says below itself."""
    page.locator(".jp-CodeCell").last.locator(".jp-OutputArea").get_by_text(text).first.wait_for()


def test_the_explorers_sliders_are_read_by_the_check(opened):
    page = opened("gan")
    heard(page, "The sliders stand where they started")
    root = page.locator('[data-gan-widget="latent-explorer"]')
    before = page.get_by_text(re.compile(r"^Distance to the given three: \d")).inner_text()
    root.get_by_text("more directions, temperature, pixels").click()
    steps = re.search(r"torch\.tensor\(\[([-\d., ]+)\]\)", find_exercise("gan")[1])[1].split(",")
    for at, step in enumerate(steps, 1):
        root.get_by_label(f"Direction {at}", exact=True).fill(f"{float(step):g}")  # a slider holds 4, not 4.0
    page.get_by_text(before, exact=True).wait_for(state="detached")  # the kernel has answered
    check_says(page, re.compile(r"Yes: \d+\.\d from the given three"))
    check_says(page, "near.latent = ")


def test_a_panels_sliders_are_read_by_the_check(opened):
    page = opened("minimax")
    heard(page, "Your fakes have the law of the data")
    values = json.loads(re.search(r"forger\.values = (\{.*\})", find_exercise("minimax")[1])[1])
    for at, (name, start, step) in enumerate([("mean", 0, 0.1), ("width", 1, 0.05)]):
        handle = page.locator(".jp-OutputArea .noUi-handle").nth(at)
        handle.focus()
        presses = round((values[name] - start) / step)
        for _ in range(abs(presses)):
            handle.press("ArrowRight" if presses > 0 else "ArrowLeft")
    page.locator(".jp-OutputArea img[alt*='discriminators: 0.00']").wait_for()  # the kernel has drawn the last of them
    check_says(page, "To hand it in, write into the answer cell")
    check_says(page, "forger.values = ")
