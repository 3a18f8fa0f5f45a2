"""The published site with its editions (scripts/versions.py), from releases as GitHub keeps them, and in a browser."""

import hashlib
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from conftest import needs_scripts, new_tab
from served import served

sys.path.insert(0, str(Path(__file__).parents[1] / "scripts"))
import versions

ROOT = Path(__file__).parents[1]

PAGE = """<!doctype html><html lang="en" data-content_root="../"><title>{name}</title>
<link rel="icon" href="data:,"><script>DOCUMENTATION_OPTIONS = {{pagename: "book/{name}"}};</script>
<script defer src="../_static/versions.js"></script><script defer src="../_static/edition.js"></script>
<article class="bd-article"><h1>{name} of {version}</h1></article><p class="gan-edition">Edition {version}</p></html>"""
GH = f"""#!{sys.executable}
import json, os, pathlib, shutil, sys
words, store = sys.argv[1:], pathlib.Path(os.environ["STORE"])
with open(store / "asked", "a") as asked:
    asked.write(json.dumps(words) + "\\n")
if words[:2] == ["release", "list"]:
    print((store / "list.json").read_text())
elif words[:2] == ["release", "view"]:
    names = sorted(path.name for path in (store / words[2]).iterdir())
    print(json.dumps({{"assets": [{{"name": name}} for name in names]}}))
elif words[:2] == ["release", "download"]:
    to = pathlib.Path(words[words.index("--dir") + 1])
    to.mkdir(parents=True)
    for name in (words[i + 1] for i, word in enumerate(words) if word == "--pattern"):
        shutil.copy(store / words[2] / name, to)
elif words[:2] == ["release", "create"]:
    known = json.loads((store / "list.json").read_text())
    if words[2] in [one["tagName"] for one in known if not one["isDraft"]]:
        sys.exit("a release with the same tag name already exists: " + words[2])
    known.append({{"tagName": words[2], "isDraft": False, "isPrerelease": False}})
    (store / "list.json").write_text(json.dumps(known))
elif words[:2] == ["workflow", "run"]:
    if (store / "no-workflow").exists():
        sys.exit("HTTP 502: Bad Gateway")
else:
    sys.exit("gh knows no such thing")
"""


def site(folder, version, *names):
    """A site as the build leaves it, of two pages or of some others."""
    for name in names or ("intro", "gan"):
        (folder / "book").mkdir(parents=True, exist_ok=True)
        page = PAGE.format(name=name, version=version)
        if name == "search":  # as the theme has it
            page = page.replace('article class="bd-article"', 'div class="bd-search-container"').replace(
                "article", "div"
            )
        (folder / "book" / f"{name}.html").write_text(page, encoding="utf-8")
    (folder / "index.html").write_text(f"<title>{version}</title>", encoding="utf-8")
    versions.list_editions(folder, version)
    worker = {"hashed": 10, "files": {versions.LIST: ["00", 1], "index.html": ["01", 2]}}
    (folder / versions.WORKER).write_text(f"const BOOK = {json.dumps(worker)};\n// and\n// so on\n", encoding="utf-8")
    (folder / "_static" / "edition.js").write_bytes((ROOT / "book/_static/edition.js").read_bytes())
    return folder


def release(folder, place, version, *names, claims=None):
    """A release's files: the zipped site, and the sums."""
    built, kept = site(place / f"built-{version}", claims or version, *names), folder / f"v{version}"
    kept.mkdir(parents=True)
    file = kept / f"site-{version}.zip"
    with zipfile.ZipFile(file, "w") as packed:
        for path in built.rglob("*"):
            packed.write(path, path.relative_to(built))
    (kept / "SHA256SUMS").write_text(versions.sums([file]), encoding="utf-8")
    return file


def known(folder):
    return json.loads((folder / versions.LIST).read_text(encoding="utf-8").partition(" = ")[2].rstrip(";\n"))


@pytest.fixture
def published(tmp_path):
    """The newest edition, 1.10.0, and three released ones, of which the oldest had a page that is gone."""
    site(tmp_path / "html", "1.10.0")
    for version, names in (("1.9.0", ()), ("0.9.0", ("intro", "gone", "search")), ("1.10.0", ())):
        release(tmp_path / "releases", tmp_path, version, *names)
    assert versions.assemble(tmp_path / "html", tmp_path / "releases", tmp_path / "public") == [
        "1.10.0",
        "1.9.0",
        "0.9.0",
    ]
    return tmp_path / "public"


def test_the_newest_at_the_root_and_each_release_in_its_folder(published):
    assert (published / "index.html").read_text() == "<title>1.10.0</title>"
    assert (published / "v0.9.0/index.html").read_text() == "<title>0.9.0</title>"
    paths = ["", "v1.10.0/", "v1.9.0/", "v0.9.0/"]
    for path in paths:
        assert [edition["path"] for edition in known(published / path)["editions"]] == paths
        assert known(published / path)["root"] == ("../" if path else "")
    assert known(published)["version"] == known(published / "v0.9.0")["newest"] == "1.10.0"
    assert known(published / "v0.9.0")["kept"] == ["book/intro.html"]
    assert known(published / "v1.10.0")["kept"] == []  # it is as new as the root: its readers are sent nowhere


def test_the_worker_knows_the_list_that_is_there(published):
    for path in ("", "v0.9.0/"):
        book, program = (published / path / versions.WORKER).read_text(encoding="utf-8").split("\n", 1)
        content = (published / path / versions.LIST).read_bytes()
        files = json.loads(book.removeprefix("const BOOK = ").removesuffix(";"))["files"]
        assert files == {
            versions.LIST: [hashlib.sha256(content).hexdigest()[:20], len(content)],
            "index.html": ["01", 2],
        }
        assert program == "// and\n// so on\n"


def test_without_releases_the_site_stands_alone(tmp_path):
    site(tmp_path / "html", "1.0.0")
    assert versions.assemble(tmp_path / "html", tmp_path / "none", tmp_path / "public") == []
    assert len(known(tmp_path / "public")["editions"]) == 1


def test_what_is_no_release_is_passed_over(tmp_path):
    release(tmp_path / "releases", tmp_path, "1.0.0")
    for name in ("v2", "nightly", "v1.0.0-rc1", "v3.0.0"):  # the last one without a site
        (tmp_path / "releases" / name).mkdir()
    assert list(versions.released_sites(tmp_path / "releases")) == ["1.0.0"]


def test_a_changed_file_is_refused(tmp_path):
    site(tmp_path / "html", "1.1.0")
    file = release(tmp_path / "releases", tmp_path, "1.0.0")
    with zipfile.ZipFile(file, "a") as packed:
        packed.writestr("book/added.html", "<script>alert()</script>")
    with pytest.raises(ValueError, match="not the file that was released"):
        versions.assemble(tmp_path / "html", tmp_path / "releases", tmp_path / "public")
    (file.parent / "SHA256SUMS").unlink()
    with pytest.raises(ValueError, match="not the file that was released"):
        versions.released_sites(tmp_path / "releases")
    assert not (tmp_path / "public").exists()


def test_a_zip_of_another_edition_is_refused(tmp_path):
    site(tmp_path / "html", "1.1.0")
    release(tmp_path / "releases", tmp_path, "1.0.0", claims="0.9.0")
    with pytest.raises(ValueError, match=r"holds edition 0\.9\.0, not 1\.0\.0"):
        versions.assemble(tmp_path / "html", tmp_path / "releases", tmp_path / "public")


def test_a_zip_writes_into_its_folder_alone(tmp_path):
    site(tmp_path / "html", "1.1.0")
    file = release(tmp_path / "releases", tmp_path, "1.0.0")
    with zipfile.ZipFile(file, "a") as packed:
        packed.writestr("../../out.html", "out")
    (file.parent / "SHA256SUMS").write_text(versions.sums([file]), encoding="utf-8")
    versions.assemble(tmp_path / "html", tmp_path / "releases", tmp_path / "public")
    assert (tmp_path / "public/v1.0.0/out.html").is_file()
    assert not (tmp_path / "out.html").exists()


def test_the_oldest_editions_make_room(tmp_path):
    built = site(tmp_path / "html", "1.2.0")
    for version in ("1.0.0", "1.1.0"):
        release(tmp_path / "releases", tmp_path, version)
    zips = versions.released_sites(tmp_path / "releases")
    size = sum(path.stat().st_size for path in built.rglob("*") if path.is_file())
    assert versions.fitting(built, zips, 3 * size) == ["1.1.0", "1.0.0"]
    assert versions.fitting(built, zips, 2 * size) == ["1.1.0"]
    assert versions.fitting(built, zips, size) == []


def test_no_site_was_built(tmp_path):
    with pytest.raises(ValueError, match=r"There is no built site in .*; run: make book"):
        versions.assemble(tmp_path / "html", tmp_path / "releases", tmp_path / "public")


@pytest.fixture
def github(tmp_path, monkeypatch):
    """A stand-in for GitHub's program, on the path, with three releases, a draft and a trial."""
    store = tmp_path / "store"
    for version in ("1.0.0", "1.1.0"):
        release(store, tmp_path, version)
    (store / "v0.9.0").mkdir()
    (store / "v0.9.0" / "gan_helpers-0.9.0-py3-none-any.whl").touch()
    (store / "list.json").write_text(
        json.dumps([
            {"tagName": tag, "isDraft": tag == "v2.0.0", "isPrerelease": tag == "v1.5.0"}
            for tag in ("v2.0.0", "v1.5.0", "v1.1.0", "v1.0.0", "v0.9.0", "data")
        ])
    )  # fmt: skip
    program = tmp_path / "bin" / "gh"
    program.parent.mkdir()
    program.write_text(GH)
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("STORE", str(store))
    return store


def asked(github):
    return [json.loads(line) for line in (github / "asked").read_text().splitlines()]


@needs_scripts
def test_sites_of_releases_are_fetched(github, tmp_path):
    (tmp_path / "releases/v0.1.0").mkdir(parents=True)  # of a release that was taken back
    assert versions.fetch(tmp_path / "releases") == ["v1.1.0", "v1.0.0"]
    assert list(versions.released_sites(tmp_path / "releases")) == ["1.1.0", "1.0.0"]
    assert {words[1] for words in asked(github)} == {"list", "view", "download"}  # nothing is written there


@needs_scripts
def test_what_github_says_is_handed_on(github, tmp_path):
    with pytest.raises(ValueError, match="gh issue list failed: gh knows no such thing"):
        versions.ask("issue", "list")
    (tmp_path / "bin/gh").unlink()
    os.environ["PATH"] = str(tmp_path / "bin")  # monkeypatch has noted the old one
    with pytest.raises(ValueError, match="GitHub's program gh is missing"):
        versions.ask("release", "list")


@needs_scripts
def test_a_release_is_published_with_its_files_and_notes(github, tmp_path):
    made = release(tmp_path / "made", tmp_path, "3.0.0").parent
    (made / "NOTES.md").write_text("- New.")
    versions.publish("v3.0.0", made)
    listed, words, then = asked(github)
    assert listed[:2] == ["release", "list"]
    assert words[:4] == ["release", "create", "v3.0.0", "--verify-tag"]
    assert words[-2:] == [str(made / "SHA256SUMS"), str(made / "site-3.0.0.zip")]
    assert words[words.index("--notes-file") + 1] == str(made / "NOTES.md")
    for tag in ("v3.0.1", "", "main"):
        with pytest.raises(ValueError, match="holds no files for the tag"):
            versions.publish(tag, made)
    assert then == ["workflow", "run", "pages.yml", "--ref", "main"]
    assert len(asked(github)) == 3


@needs_scripts
@pytest.mark.parametrize("tag", ["v3.0.0", "v2.0.0"])  # the second one stands there as a draft, which is no release
def test_a_publication_that_broke_off_can_be_repeated(github, tmp_path, tag):
    made = release(tmp_path / "made", tmp_path, tag[1:]).parent
    (made / "NOTES.md").write_text("- New.")
    (github / "no-workflow").touch()
    with pytest.raises(ValueError, match=r"gh workflow run .* failed: HTTP 502"):
        versions.publish(tag, made)
    (github / "no-workflow").unlink()
    versions.publish(tag, made)
    assert [words[:2] for words in asked(github)].count(["release", "create"]) == 1
    assert asked(github)[-1][:2] == ["workflow", "run"]


def test_command_line(tmp_path):
    (tmp_path / "scripts").mkdir()
    (tmp_path / "scripts/versions.py").write_bytes((ROOT / "scripts/versions.py").read_bytes())
    site(tmp_path / "_build/html", "1.1.0")
    release(tmp_path / "_build/releases", tmp_path, "1.0.0")
    no_tag = {**os.environ, "GITHUB_REF_NAME": "main", "GITHUB_REF_TYPE": "branch"}

    def run(*words):
        command = [sys.executable, "-I", "-S", "scripts/versions.py", *words]  # with Python's own modules alone
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, env=no_tag)

    done = run("assemble")
    assert (done.returncode, done.stderr) == (0, "")
    assert "in folders: 1.0.0" in done.stdout
    assert run().returncode == run("assemble", "again").returncode == 2
    assert "holds no files for the tag ''" in run("publish").stderr


def follow(browser, home):
    """Read an old edition as a reader would."""
    page, problems = new_tab(browser, home, 390, "light")
    page.goto(f"{home}v0.9.0/book/intro.html")
    assert page.locator(".gan-old-edition").inner_text() == "This is edition 0.9.0 of the book. Read edition 1.10.0."
    page.click("summary")
    links = page.locator("details.gan-edition a").evaluate_all("all => all.map((a) => [a.textContent, a.href])")
    assert links == [
        ["1.10.0, the newest", f"{home}index.html"], ["1.10.0, as released", f"{home}v1.10.0/index.html"],
        ["1.9.0, as released", f"{home}v1.9.0/index.html"], ["0.9.0, as released", f"{home}v0.9.0/index.html"],
    ]  # fmt: skip
    page.click(".gan-old-edition a")
    page.wait_for_url(f"{home}book/intro.html")  # the same page of the newest edition
    assert page.locator(".gan-old-edition").count() == 0
    assert page.locator("details.gan-edition summary").inner_text() == "Edition 1.10.0"
    page.goto(f"{home}v0.9.0/book/search.html")  # without an article
    assert page.locator("div .gan-old-edition").inner_text().startswith("This is edition 0.9.0")
    page.goto(f"{home}v0.9.0/book/gone.html")
    assert page.get_attribute(".gan-old-edition a", "href") == "../../index.html"  # it is in no newer edition
    page.goto(f"{home}v1.10.0/book/gan.html")
    assert page.locator(".gan-old-edition").count() == 0
    page.close()
    assert problems == []


@pytest.mark.web
def test_readers_of_files_find_the_editions(browser, published):
    follow(browser, f"{published.as_uri()}/")


@pytest.mark.web
def test_readers_on_the_web_find_the_editions(browser, published):
    with served(published, "gan-book") as home:
        follow(browser, home)


@pytest.mark.web
def test_a_site_that_stands_alone_is_silent(browser, tmp_path):
    home = f"{site(tmp_path, '1.0.0').as_uri()}/"
    page, problems = new_tab(browser, home, 390, "light")
    page.goto(f"{home}book/intro.html")
    page.wait_for_load_state("networkidle")
    assert page.locator("p.gan-edition").inner_text() == "Edition 1.0.0"
    assert page.locator("details, .gan-old-edition").count() == 0
    page.close()
    assert problems == []
