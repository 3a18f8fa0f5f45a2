"""The book without a network: what a reader's device keeps, what it answers, and what happens when things fail."""

import json
import re
import sys
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from conftest import SITE, new_tab
from sphinx.errors import ExtensionError

sys.path.insert(0, str(Path(__file__).parents[1] / "scripts"))
import offline

pytestmark = [pytest.mark.site, pytest.mark.web]

CHAPTER, OTHER, LAB = "book/gan/index.html", "book/minimax/index.html", "book/gan/lab.html"
SHORT = "book/notation.html"
PANEL, KEEPS = ".gan-offline", ".gan-offline[data-kept]"
KEPT = """async (name) => (await (await caches.open(name)).keys()).map((key) => key.url)"""
WORKER = "offline-worker.js"


def test_what_a_page_loads_is_found(tmp_path):
    (tmp_path / "_static").mkdir()
    (tmp_path / "book").mkdir()
    sheet = "@import 'b.css';@font-face{src:url('f.woff')} b{background:url(data:x)}"
    needed = {
        "a.css": sheet,
        "b.css": "",
        "f.woff": "",
        "b.js": '"c.js"',
        "c.js": '"no.js"',
        "e f.png": "",
        "later.js": "",
        "2.png": "",
    }
    for name, text in needed.items():
        (tmp_path / "_static" / name).write_text(text, encoding="utf-8")
    page = tmp_path / "book" / "a.html"
    page.write_text(
        """<link rel="stylesheet" href="../_static/a.css?v=1"><link rel="next" href="b.html"><img src="data:a">
        <script src="../_static/b.js"></script><img alt=">" src="../_static/e%20f.png" srcset="../_static/2.png 2x">
        <a href="no.html">a</a><div data-gan-later="[&quot;../_static/later.js&quot;]"></div><script>1</script>""",
        encoding="utf-8",
    )
    assert offline.needs(tmp_path, "book/a.html", set()) == {f"_static/{name}" for name in needed}
    page.write_text('<img src="gone.png">', encoding="utf-8")
    with pytest.raises(ExtensionError, match=r"book/a.html loads gone.png"):
        offline.needs(tmp_path, "book/a.html", set())


class Host:
    """The built site below /name/, and below /name/v1.0/ as another edition; it can change, fail, wait, be away."""

    def __init__(self):
        self.changed, self.broken, self.held, self.asked = {}, set(), threading.Event(), []
        self.status = {}  # paths that the server answers with a status alone
        self.held.set()
        self.slow = set()
        host = self

        class Handler(SimpleHTTPRequestHandler):
            def __init__(self, *args):
                super().__init__(*args, directory=str(SITE))

            def log_message(self, *_):
                pass

            def end_headers(self):
                self.send_header("Cache-Control", "no-cache")  # what changes is seen at once
                super().end_headers()

            def do_GET(self):
                path = self.path.split("?")[0].removeprefix("/name/").removeprefix("v1.0/")
                host.asked.append(path)
                if path in host.broken or not self.path.startswith("/name/"):
                    return  # closes the connection: no answer
                if path in host.slow:
                    host.held.wait()
                if path in host.status:
                    self.send_error(host.status[path])
                elif path in host.changed:
                    self.send_response(200)
                    self.send_header("Content-Type", self.guess_type(path))
                    self.end_headers()
                    self.wfile.write(host.changed[path])
                else:
                    self.path = "/" + path
                    super().do_GET()

        class Server(ThreadingHTTPServer):
            request_queue_size, daemon_threads = 64, True

        self.make = lambda port: Server(("127.0.0.1", port), Handler)
        self.server = None
        self.start()

    def start(self):
        self.server = self.make(self.server.server_port if self.server else 0)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.home = f"http://127.0.0.1:{self.server.server_port}/name/"

    def stop(self):
        self.held.set()
        self.server.shutdown()
        self.server.server_close()

    def rebuild(self, **contents):
        """A new build, in which these files have changed."""
        book = book_of((SITE / WORKER).read_text(encoding="utf-8"))
        for path, content in contents.items():
            self.changed[path] = content
            book["files"][path] = [offline.hash_of(content), len(content)]
        rest = (SITE / WORKER).read_text(encoding="utf-8").split("\n", 1)[1]
        self.changed[WORKER] = f"const BOOK = {json.dumps(book)};\n{rest}".encode()


def book_of(worker):
    return json.loads(worker.split("\n", 1)[0].removeprefix("const BOOK = ").removesuffix(";"))


@pytest.fixture(scope="module")
def book(site):
    return book_of((SITE / WORKER).read_text(encoding="utf-8"))


@pytest.fixture
def host(site):
    host = Host()
    yield host
    host.stop()


@pytest.fixture
def visit(browser, host):
    """Open a page of the host in a profile of its own; give `cheap` for a connection on which chapters come unasked."""
    opened = []

    def open_it(name, cheap=False, scope="", script=""):
        page, problems = new_tab(browser, host.home, 1280, "light", workers="allow")
        link = json.dumps({"effectiveType": "4g", "saveData": not cheap})
        page.add_init_script(
            f"Object.defineProperty(navigator, 'connection', {{value: {link}, configurable: true}}); {script}"
        )
        page.goto(host.home + scope + name)
        opened.append(page)
        return page, problems

    yield open_it
    for page in opened:
        page.close()


def kept(page, host, scope=""):
    """The paths that a device keeps, each with its hash."""
    found = page.evaluate(KEPT, "book at " + re.sub(r"^https?://[^/]+", "", host.home) + scope)
    return {address.removeprefix(host.home + scope) for address in found}


def wanted(book, *pages):
    """The same of what these pages need."""
    paths = {path for page in pages for path in (page, *book["pages"][page]["needs"])}
    return {f"{path}?{book['files'][path][0]}" for path in paths}


def until(page, condition):
    """Wait for something that is looked up here."""
    for _ in range(600):
        if condition():
            return
        page.wait_for_timeout(100)
    raise AssertionError("it did not come about within a minute")


def test_one_visit_keeps_the_page_and_the_chapters(visit, host, book):
    page, problems = visit(CHAPTER, cheap=True)
    page.wait_for_selector(KEEPS, state="attached")
    assert kept(page, host) >= wanted(book, CHAPTER)
    until(page, lambda: kept(page, host) >= wanted(book, *book["chapters"]))
    assert kept(page, host) == wanted(book, CHAPTER, *book["chapters"])
    host.stop()
    for name in (CHAPTER, OTHER, "book/intro.html"):
        page.goto(host.home + name)
        assert page.locator(".bd-article h1").first.is_visible()
        page.wait_for_load_state("networkidle")
        assert page.evaluate("[...document.images].every((image) => image.loading === 'lazy' || image.naturalWidth)")
    page.goto(f"{host.home}search.html?q=detach")
    page.wait_for_function("document.querySelectorAll('#search-results li').length >= 10")
    page.wait_for_selector("#search-results li p")
    page.wait_for_load_state("networkidle")
    assert problems == []
    answer = page.goto(host.home + LAB)
    assert answer.status == 503
    assert page.get_by_role("heading").inner_text() == "This page is not on this device"
    page.get_by_role("link", name="3. The GAN game").click()
    page.wait_for_url(f"**/{CHAPTER}")
    host.start()
    page.goto(host.home + LAB)
    assert "Lab" in page.title()


def test_live_figures_move_without_a_network(visit, host):
    page, problems = visit(CHAPTER)
    page.wait_for_selector(KEEPS, state="attached")
    host.stop()
    page.reload()
    figure = page.locator(".gan-live").first
    slider = figure.locator("input[type=range]").first
    slider.scroll_into_view_if_needed()
    before = figure.inner_html()
    slider.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    assert figure.inner_html() != before
    assert page.evaluate("[...document.fonts].filter((font) => font.status === 'error').length") == 0
    assert problems == []


def test_a_dear_connection_brings_what_is_read_alone(visit, host, book):
    page, problems = visit(CHAPTER)
    page.wait_for_selector(KEEPS, state="attached")
    page.goto(host.home + SHORT)
    page.wait_for_selector(KEEPS, state="attached")
    assert kept(page, host) == wanted(book, CHAPTER, SHORT)
    assert problems == []


def test_a_new_build_replaces_what_changed_and_fetches_nothing_else(visit, host, book):
    page, problems = visit(CHAPTER)
    page.wait_for_selector(KEEPS, state="attached")
    sheet = (SITE / "_static/custom.css").read_bytes() + b"\nh1 { text-indent: 17px }"
    html = (SITE / CHAPTER).read_bytes().replace(b"<h1>", b"<h1>New: ")
    host.rebuild(**{CHAPTER: html, "_static/custom.css": sheet})
    host.asked.clear()
    page.reload()
    heading = page.locator(".bd-article h1").first
    assert heading.inner_text().startswith("New: ")
    assert heading.evaluate("e => getComputedStyle(e).textIndent") == "17px"
    changed = {f"{path}?{offline.hash_of(content)}" for path, content in host.changed.items() if path != WORKER}
    until(page, lambda: kept(page, host) >= changed)
    until(page, lambda: len(kept(page, host)) == len(wanted(book, CHAPTER)))  # the old ones are gone
    host.asked.clear()
    page.goto(host.home + SHORT)
    page.wait_for_selector(KEEPS, state="attached")
    shared = set(book["pages"][CHAPTER]["needs"]) & set(book["pages"][SHORT]["needs"])
    twice = {path for path in shared if host.asked.count(path) > 1}
    assert len(shared) > 20
    assert twice == set()  # once by the page itself, never to keep it
    host.stop()
    page.goto(host.home + CHAPTER)
    assert heading.inner_text().startswith("New: ")
    assert heading.evaluate("e => getComputedStyle(e).textIndent") == "17px"
    assert problems == []


FULL = pytest.param("full", marks=pytest.mark.chromium("no other engine lets a test say how much room there is"))


@pytest.mark.parametrize("how", ["no answer", 503, 429, 404, FULL])
def test_an_update_that_breaks_off_leaves_the_old_build_whole(visit, host, book, how):
    page, problems = visit(CHAPTER)
    page.wait_for_selector(KEEPS, state="attached")
    before = kept(page, host)
    script = (SITE / "_static/edges.js").read_bytes() + b"\nwindow.ganNew = true;"
    host.rebuild(**{CHAPTER: (SITE / CHAPTER).read_bytes() + b"<!-- new -->", "_static/edges.js": script})
    page.evaluate("window.old = navigator.serviceWorker.controller")
    if how == "no answer":
        host.broken = {"_static/edges.js"}
    elif how == "full":
        session, quota = page.context.new_cdp_session(page), {"origin": host.home.removesuffix("/name/")}
        session.send("Storage.overrideQuotaForOrigin", {**quota, "quotaSize": 1000})
    else:
        host.status = {"_static/edges.js": how}
    host.asked.clear()
    page.evaluate("navigator.serviceWorker.getRegistration().then((one) => one.update())")
    until(page, lambda: "_static/edges.js" in host.asked)
    page.wait_for_function("navigator.serviceWorker.getRegistration().then((one) => !one.installing && !one.waiting)")
    assert page.evaluate("navigator.serviceWorker.controller === window.old")
    assert kept(page, host) >= before
    host.broken, host.status = set(), {}
    if how == "full":
        session.send("Storage.overrideQuotaForOrigin", quota)
    page.reload()  # the network is back: the new build comes
    until(page, lambda: f"_static/edges.js?{offline.hash_of(script)}" in kept(page, host))
    host.stop()
    page.goto(host.home + CHAPTER)
    assert page.evaluate("window.ganNew")
    assert problems == []


def test_a_request_that_fails_is_tried_again_and_the_page_goes_on(visit, host, book):
    host.broken = {"_static/favicon.svg"}  # which a page can miss
    page, problems = visit(CHAPTER)
    until(page, lambda: host.asked.count("_static/favicon.svg") >= 2)
    assert page.locator(".gan-live input").first.is_visible()
    assert page.locator(KEEPS).count() == 0
    host.broken = set()
    page.wait_for_selector(KEEPS, state="attached")
    assert kept(page, host) == wanted(book, CHAPTER)
    assert [problem for problem in problems if "favicon" not in problem and "ERR_EMPTY_RESPONSE" not in problem] == []


def test_a_slow_network_shows_the_kept_page_with_its_own_files(visit, host):
    page, problems = visit(CHAPTER)
    page.wait_for_selector(KEEPS, state="attached")
    host.changed["_static/custom.css"] = b"h1 { text-indent: 17px }"  # of a build whose page does not come
    host.slow, before = {CHAPTER}, len(host.asked)
    host.held.clear()
    page.goto(host.home + CHAPTER)
    assert page.locator(".bd-article h1").first.evaluate("e => getComputedStyle(e).textIndent") != "17px"
    assert "_static/custom.css" not in host.asked[before:]
    host.held.set()
    assert problems == []


def test_once_the_network_is_back_a_link_leads_to_the_new_build(visit, host):
    page, problems = visit(CHAPTER)
    page.wait_for_selector(KEEPS, state="attached")
    page.goto(host.home + SHORT)
    page.wait_for_selector(KEEPS, state="attached")
    host.stop()
    page.goto(host.home + CHAPTER)
    page.wait_for_load_state("networkidle")
    host.changed[SHORT] = (SITE / SHORT).read_bytes().replace(b"<h1>", b"<h1>New: ")
    host.changed["_static/custom.css"] = b"h1 { text-indent: 17px }"
    host.start()
    page.evaluate("(address) => { location.href = address; }", host.home + SHORT)
    page.wait_for_url(f"**/{SHORT}")
    heading = page.locator(".bd-article h1").first
    assert heading.inner_text().startswith("New: ")
    assert heading.evaluate("e => getComputedStyle(e).textIndent") == "17px"
    assert problems == []


def test_a_page_from_the_network_waits_for_its_own_files(visit, host):
    page, problems = visit(CHAPTER)
    page.wait_for_selector(KEEPS, state="attached")
    host.changed["_static/custom.css"] = b"h1 { text-indent: 17px }"
    host.slow = {"_static/custom.css"}
    host.held.clear()
    threading.Timer(5, host.held.set).start()  # longer than a page is waited for
    page.reload()
    assert page.locator(".bd-article h1").first.evaluate("e => getComputedStyle(e).textIndent") == "17px"
    assert problems == []


def test_two_editions_of_one_server_keep_to_themselves(visit, host, book):
    page, problems = visit(CHAPTER)
    page.wait_for_selector(KEEPS, state="attached")
    page.goto(f"{host.home}v1.0/{OTHER}")
    page.wait_for_selector(KEEPS, state="attached")
    assert kept(page, host) == wanted(book, CHAPTER)
    assert kept(page, host, "v1.0/") == wanted(book, OTHER)
    scopes = page.evaluate("navigator.serviceWorker.getRegistrations().then((all) => all.map((one) => one.scope))")
    assert sorted(scopes) == [host.home, f"{host.home}v1.0/"]
    host.stop()
    page.reload()
    assert page.locator(".bd-article h1").first.is_visible()
    place = page.locator(PANEL)
    place.locator("summary").click()
    place.get_by_role("button", name="Remove").click()
    page.wait_for_selector(f"{PANEL}:has-text('Removed.')", state="attached")
    assert kept(page, host, "v1.0/") == set()
    assert kept(page, host) == wanted(book, CHAPTER)
    page.goto(host.home + CHAPTER)  # without a network still, and with a word and a button of its own
    page.wait_for_selector(f"{PANEL}:has-text('are on this device')", state="attached")
    place.locator("summary").click()
    assert place.get_by_role("button", name="Remove").is_visible()
    assert problems == []


def test_what_comes_unasked_and_fails_hinders_no_removal(visit, host):
    fails = """if (isSecureContext) { // an empty page is not, and has no workers
            const post = ServiceWorker.prototype.postMessage;
            ServiceWorker.prototype.postMessage = function (words, ...rest) {
                if (words.of === "this" && window.ganFails) throw new Error("no answer");
                return post.call(this, words, ...rest);
            };
            window.ganFails = sessionStorage.getItem("fails");
        }"""
    page, problems = visit(SHORT, script=fails)
    page.wait_for_selector(KEEPS, state="attached")
    page.evaluate("sessionStorage.setItem('fails', 'yes')")
    page.reload()
    page.wait_for_selector(f"{PANEL}:has-text('no answer')", state="attached")
    page.locator(f"{PANEL} summary").click()
    page.locator(PANEL).get_by_role("button", name="Remove").click()
    page.wait_for_selector(f"{PANEL}:has-text('Removed.')", state="attached")
    assert kept(page, host) == set()
    assert problems == []


def test_a_file_that_a_new_build_no_longer_has_is_no_failing_network(visit, host):
    page, problems = visit(SHORT)
    page.wait_for_selector(KEEPS, state="attached")
    asked = """(paths) => new Promise((answer) => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = (event) => answer(event.data);
        navigator.serviceWorker.controller.postMessage({ ask: "keep", paths }, [port2]);
    })"""
    assert page.evaluate(asked, ["_static/gone.js", "toString"]) == "other"
    assert page.evaluate(asked, [SHORT]) == ""
    assert problems == []


def test_the_whole_book_is_kept_stopped_and_removed(visit, host, book):
    asked = """if (isSecureContext) navigator.storage.persist = () => {
        window.askedForRoom = true;
        return new Promise(() => {});  // no answer
    };"""
    page, problems = visit(SHORT, script=asked)
    page.wait_for_selector(KEEPS, state="attached")
    place = page.locator(PANEL)
    place.locator("summary").click()
    press = place.get_by_role("button", name=re.compile("Keep the whole book"))
    page.evaluate(
        "(place) => { window.told = []; const said = document.querySelector(place);"
        " new MutationObserver(() => told.push(said.textContent)).observe(said, {childList: true}); }",
        f"{PANEL} [role=status]",
    )
    host.slow = {LAB}
    host.held.clear()
    press.click()
    stop = place.get_by_role("button", name="Stop")
    until(page, lambda: LAB in host.asked)
    assert page.evaluate("window.askedForRoom")
    assert 0 < place.locator("progress").evaluate("e => e.value") < 1
    assert re.fullmatch(r"[\d.]+ MB of \d+ MB are here\.", place.locator("progress + span").inner_text())
    assert page.evaluate("told") == ["The book is coming."]  # a screen reader is not told each step
    stop.click()
    host.held.set()
    page.wait_for_selector(f"{PANEL}:has-text('Stopped.')", state="attached")
    part = kept(page, host)
    assert wanted(book, SHORT) < part < wanted(book, *book["pages"])
    host.asked.clear()
    press.click()
    page.wait_for_selector(f"{PANEL}:has-text('The whole book is on')", state="attached")
    assert kept(page, host) == wanted(book, *book["pages"])
    assert not {path for path in host.asked if f"{path}?{book['files'].get(path, [0])[0]}" in part}  # it went on
    assert press.count() == 0
    host.stop()
    page.goto(host.home + "book/wgan/lab.html")
    assert page.locator(".bd-article h1").first.is_visible()
    page.goto(host.home + SHORT)
    place.locator("summary").click()
    page.evaluate("() => { navigator.serviceWorker.getRegistrations = () => Promise.reject(new Error('not now')); }")
    place.get_by_role("button", name="Remove").click()
    page.wait_for_selector(f"{PANEL}:has-text('It could not be removed: not now')", state="attached")
    host.start()
    page.reload()  # the wish is what it was: the page does not say that nothing is kept
    page.wait_for_selector(f"{PANEL}:has-text('are on this device')", state="attached")
    page.wait_for_selector(KEEPS, state="attached")
    assert kept(page, host) >= wanted(book, SHORT)
    place.locator("summary").click()
    place.get_by_role("button", name="Remove").click()
    page.wait_for_selector(f"{PANEL}:has-text('Removed.')", state="attached")
    assert kept(page, host) == set()
    page.goto(host.home + CHAPTER)
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(1500)
    assert kept(page, host) == set()
    assert page.evaluate("navigator.serviceWorker.getRegistrations().then((all) => all.length)") == 0
    assert problems == []


@pytest.mark.chromium("no other engine lets a test say how much room there is")
def test_a_full_device_says_so(visit, host, book):
    page, problems = visit(SHORT)
    page.wait_for_selector(KEEPS, state="attached")
    whole = sum(size for _, size in book["files"].values())
    session = page.context.new_cdp_session(page)
    origin = host.home.removesuffix("/name/")
    session.send("Storage.overrideQuotaForOrigin", {"origin": origin, "quotaSize": whole // 3})
    place = page.locator(PANEL)
    place.locator("summary").click()
    place.get_by_role("button", name=re.compile("Keep the whole book")).click()
    page.wait_for_selector(f"{PANEL}:has-text('no more room')", state="attached")
    assert kept(page, host) >= wanted(book, SHORT)
    page.goto(host.home + CHAPTER)
    assert page.locator(".bd-article h1").first.is_visible()
    assert problems == []


NO_WORD, POINTER = (
    "Object.defineProperty(navigator, 'connection', {value: undefined});",
    "const old = matchMedia; window.matchMedia = (words) => words.includes('pointer') ? {matches: FINE} : old(words);",
)


@pytest.mark.parametrize("touch", [False, True])
def test_where_the_browser_does_not_speak_of_the_connection_a_computer_gets_the_chapters(visit, host, book, touch):
    page, problems = visit(SHORT, script=NO_WORD + POINTER.replace("FINE", "false" if touch else "true"))
    page.wait_for_selector(KEEPS, state="attached")
    if touch:
        page.wait_for_timeout(2000)
        assert kept(page, host) == wanted(book, SHORT)
    else:
        until(page, lambda: kept(page, host) >= wanted(book, *book["chapters"]))
    words = (
        "where the browser says that the connection is neither metered nor slow, or, if it says nothing, on a computer"
    )
    assert words in " ".join(page.locator(PANEL).evaluate("e => e.textContent").split())
    assert problems == []


def test_a_browser_that_stores_nothing_says_so_and_the_site_goes_on(visit, host):
    no = "() => Promise.reject(new DOMException('not allowed here'))"
    refuse = f"if (isSecureContext) navigator.serviceWorker.register = {no}"  # an empty page has no workers
    page, problems = visit(SHORT, script=refuse)
    page.wait_for_selector(f"{PANEL}:has-text('not allowed here')", state="attached")
    assert problems == []


def test_from_files_nothing_is_registered_and_nothing_said(browser, site):
    page, problems = new_tab(browser, site, 1280, "light", workers="allow")
    said = []
    page.on("console", lambda message: said.append(message.text))
    page.goto(site + SHORT)
    page.wait_for_load_state("networkidle")
    assert page.evaluate("window.isSecureContext && 'serviceWorker' in navigator")  # it could be asked
    assert page.locator(PANEL).count() == 0
    assert page.evaluate("document.querySelectorAll('link[rel=manifest]').length") == 0
    assert [line for line in said if "worker" in line.lower()] == problems == []
    page.close()


@pytest.mark.parametrize("name", ["intro", "explore", "letters", "start", "evaluation/lab", "runs"])
def test_the_list_names_all_that_a_page_asks_for(browser, http, book, name):
    page, problems = new_tab(browser, http, 1280, "light")
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{http}book/{name}.html")
    for _ in range(40):  # pictures that wait until they are near
        page.mouse.wheel(0, 2000)
        page.wait_for_timeout(20)
    page.wait_for_load_state("networkidle")
    paths = {address.removeprefix(http).split("?")[0] for address in asked if address.startswith(http)}
    known = {f"book/{name}.html", *book["pages"][f"book/{name}.html"]["needs"]}
    assert paths <= known
    assert len(paths) > 15
    assert problems == []
    page.close()
