"""make links: with the book's own settings, Sphinx finds every link to another site and says which page is gone."""

import json
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
SETTINGS = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
OURS = {name: value for name, value in SETTINGS["sphinx"]["config"].items() if name.startswith("linkcheck_")}
ANSWERS = {"/here": 200, "/moved": 301, "/gone": 404, "/broken": 500, "/get-only": 200, "/busy": 200, "/bare": 200}
VISITED = set()
PAGE = """# Links

[a link](HOME/here), [another](HOME/moved), a place [inside](HOME/here#no-such-place), <HOME/get-only>, HOME/bare,
[busy](HOME/busy), and a reference[^1]. {FAULTS}

[^1]: Ada, [a note](HOME/here?note).
"""


class Site(BaseHTTPRequestHandler):
    """A site where some pages have moved, one knows GET alone, and one asks a first visitor to wait."""

    def answer(self):
        path = self.path.split("?")[0]
        status = ANSWERS[path]
        if path == "/get-only" and self.command == "HEAD":
            status = 405
        if path == "/busy" and path not in VISITED:
            VISITED.add(path)
            status = 429
        self.send_response(status)
        if status == 301:
            self.send_header("Location", "/here")
        if status == 429:
            self.send_header("Retry-After", "1")
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_GET = do_HEAD = answer

    def log_message(self, *_):
        pass


@pytest.fixture
def check(tmp_path):
    """Build a page with the builder of `make links`; return the exit status and what it says of each address."""
    (tmp_path / "conf.py").write_text(
        f"extensions = ['myst_parser']\nmyst_enable_extensions = {SETTINGS['parse']['myst_enable_extensions']}\n"
        + "".join(f"{name} = {value!r}\n" for name, value in OURS.items()),
        encoding="utf-8",
    )

    def checked(faults=""):
        VISITED.clear()
        with ThreadingHTTPServer(("127.0.0.1", 0), Site) as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            home = f"http://127.0.0.1:{server.server_port}"
            text = PAGE.replace("{FAULTS}", faults).replace("HOME", home)
            (tmp_path / "index.md").write_text(text, encoding="utf-8")
            done = subprocess.run(
                [sys.executable, "-m", "sphinx", "-q", "-E", "-b", "linkcheck", str(tmp_path), str(tmp_path / "out")],
                capture_output=True,
                text=True,
            )
            server.shutdown()
        lines = (tmp_path / "out" / "output.json").read_text(encoding="utf-8").splitlines()
        said = {line["uri"].removeprefix(home): line["status"] for line in map(json.loads, lines)}
        return done.returncode, said

    return checked


def test_links_that_hold(check):
    status, said = check()
    assert status == 0
    assert said.pop("/moved") == "redirected"
    assert said == dict.fromkeys(
        ["/here", "/here#no-such-place", "/get-only", "/bare", "/busy", "/here?note"], "working"
    )


def test_a_page_that_is_gone_fails_the_run(check):
    status, said = check("[gone](HOME/gone), ![a picture](HOME/broken)")
    assert status != 0
    assert {path for path, what in said.items() if what == "broken"} == {"/gone", "/broken"}
