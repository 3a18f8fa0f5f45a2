"""A release whole, in a clone of its own with a small site (scripts/release.py), and everything that forbids one."""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest
import yaml

sys.path.insert(0, str(Path(__file__).parents[1] / "scripts"))
import release
import take_away
import versions

ROOT = Path(__file__).parents[1]
NEW = "90.1.0"
NOBODY = {f"GIT_{who}_{what}": "a@b.c" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
# Run in the clone: pages as short as can be, and a PDF and an EPUB that say that they are of them.
PRINT = """
import sys, zipfile
from pathlib import Path
sys.path.insert(0, "scripts")
import contents, epub, pdf
from pypdf import PdfWriter
site = Path("_build/html").resolve()
pages = [page.name for page in contents.all_pages()]
for page in pages:
    (site / page).parent.mkdir(parents=True, exist_ok=True)
    (site / f"{page}.html").write_text("<html><head></head><article></article></html>")
sheets = [Path(name).name for name in pdf.style_sheets(site, site / f"{pages[0]}.html")]
for name in (*sheets, pdf.TITLE_PICTURE.name):
    (site / "_static").mkdir(exist_ok=True)
    (site / "_static" / name).touch()
book = PdfWriter()
book.add_blank_page(9, 9)
book.add_metadata({pdf.MADE_OF: pdf.made_of(site, list(pdf.sections()))})
book.write("_build/html/take-away/gans-proved-and-run.pdf")
with zipfile.ZipFile("_build/html/take-away/gans-proved-and-run.epub", "w") as book:
    book.writestr("EPUB/package.opf", f'<meta name="gan-made-of" content="{epub.made_of(site, pages)}"/>')
"""
NOWHERE = {"GITHUB_REPOSITORY": "", "GITHUB_REF_TYPE": "", "GITHUB_REF_NAME": "", "VERSION": ""}


def git(clone, *words):
    command = ["git", "-c", "commit.gpgsign=false", *words]
    done = subprocess.run(command, cwd=clone, env={**os.environ, **NOBODY}, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def run(clone, *words, **environment):
    return subprocess.run(
        [sys.executable, "scripts/release.py", *words],
        cwd=clone,
        env={**os.environ, **NOWHERE, **environment},
        capture_output=True,
        text=True,
    )


def change(clone, name, old, new):
    text = (clone / name).read_text(encoding="utf-8")
    assert old in text
    (clone / name).write_text(text.replace(old, new, 1), encoding="utf-8")


def small_site(clone, version):
    """What a release takes from the built site; the wheel is the true one."""
    site = clone / "_build" / "html"
    for folder in ("book", "take-away"):
        (site / folder).mkdir(parents=True, exist_ok=True)
    (site / "index.html").write_text(version)
    (site / "book" / "intro.html").write_text(version)
    (site / ".buildinfo").write_text("of this machine")
    versions.list_editions(site, version)
    for name in (take_away.BUNDLE, *take_away.BOOKS.values()):
        (site / "take-away" / name).write_text(name)
    return site


@pytest.fixture(scope="module")
def clone(tmp_path_factory):
    """A repository of the files as they are here, its next edition written by the command and committed."""
    clone = tmp_path_factory.mktemp("release") / "clone"
    names = git(ROOT, "ls-files", "-co", "--exclude-standard", "-z").split("\0")
    for name in (name for name in names if name and (ROOT / name).is_file() and not (ROOT / name).is_symlink()):
        (clone / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, clone / name)
    if "## Unreleased\n" not in (clone / "CHANGELOG.md").read_text(encoding="utf-8"):
        change(clone, "CHANGELOG.md", "# Changelog\n", "# Changelog\n\n## Unreleased\n\n- One line that\n  goes on.\n")
    git(clone, "init", "-q", "-b", "main")
    done = run(clone, "edition", VERSION=NEW)
    assert (done.returncode, done.stderr) == (0, "")
    git(clone, "add", "-A")
    git(clone, "commit", "-q", "-m", "An edition")
    take_away.build_wheel(clone, small_site(clone, NEW) / "take-away")
    return clone


@pytest.fixture(autouse=True)
def as_it_was(request):
    """After each test the clone is as the fixture made it."""
    yield
    if "clone" in request.fixturenames:
        clone = request.getfixturevalue("clone")
        git(clone, "checkout", "-q", "-f", "main")
        git(clone, "clean", "-q", "-f", "-d")
        small_site(clone, NEW)


def test_a_new_edition_is_written_where_it_has_to_stand(clone):
    citation = yaml.safe_load((clone / "CITATION.cff").read_text(encoding="utf-8"))
    date, words = release.sections((clone / "CHANGELOG.md").read_text(encoding="utf-8"))[NEW]
    assert versions.version_of(clone) == citation["version"] == NEW
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", date)
    assert date == citation["date-released"]
    assert words.startswith("- ")
    changed = git(clone, "show", "--format=", "--name-only", "HEAD").splitlines()
    assert {"CHANGELOG.md", "CITATION.cff", "pyproject.toml"} <= set(changed)


NO_EDITION = {
    "90.1": "three numbers",
    NEW: f"more than {NEW}",
    "9.0.0": "more than",
    "91.0.0": "nothing under",
    "": "VERSION",
}


@pytest.mark.parametrize("version", NO_EDITION)
def test_no_such_edition(clone, capsys, version):
    assert release.main(["edition", "--version", version], clone) == 1
    assert NO_EDITION[version] in capsys.readouterr().err
    assert git(clone, "status", "--porcelain") == ""


def test_a_release_is_made_whole(clone):
    subprocess.run([sys.executable, "-c", PRINT], cwd=clone, check=True)
    head = git(clone, "rev-parse", "HEAD")
    done = run(clone)
    assert (done.returncode, done.stderr) == (0, "")
    assert f"The wheel runs in an environment of its own: {NEW} " in done.stdout
    assert f"A tag v{NEW} would publish:" in done.stdout
    assert "Nothing has left this machine." in done.stdout
    out = clone / "_build/release"
    wheel, source, site = (f"gan_helpers-{NEW}-py3-none-any.whl", f"gan_helpers-{NEW}.tar.gz", f"site-{NEW}.zip")
    files = {wheel, source, site, take_away.BUNDLE, *take_away.BOOKS.values(), "SHA256SUMS"}
    assert {path.name for path in out.iterdir()} == files | {"NOTES.md"}
    assert all(name in done.stdout for name in files)
    listed = dict(reversed(line.split("  ")) for line in (out / "SHA256SUMS").read_text().splitlines())
    assert listed == {name: hashlib.sha256((out / name).read_bytes()).hexdigest() for name in files - {"SHA256SUMS"}}
    assert (out / "NOTES.md").read_text(encoding="utf-8").startswith("- ")
    with zipfile.ZipFile(out / site) as packed:
        assert {"index.html", "book/intro.html", versions.LIST} <= set(packed.namelist())
        assert ".buildinfo" not in packed.namelist()
    with tarfile.open(out / source) as packed:
        assert f"gan_helpers-{NEW}/LICENSE" in packed.getnames()
    assert (clone / f"_build/public/v{NEW}/book/intro.html").is_file()
    assert git(clone, "status", "--porcelain") == ""
    assert (git(clone, "rev-parse", "HEAD"), git(clone, "tag")) == (head, "")


def test_books_of_another_site_are_no_part_of_a_release(clone):
    subprocess.run([sys.executable, "-c", PRINT], cwd=clone, check=True)
    (clone / "_build/html/book/care/index.html").write_text("<head></head><article>one word more</article>")
    done = run(clone)
    names = take_away.BOOKS.values()
    says = [f"\n- take-away/{name} is not of this site as it is; run: make book pdf epub" for name in names]
    assert (done.returncode, done.stderr.count("\n- ")) == (1, 2)
    assert [words for words in says if words not in done.stderr] == []


@pytest.fixture
def printed(monkeypatch):
    """For what calls the module: PDF and EPUB count as those of the site."""
    for kind in (release.pdf, release.epub):
        monkeypatch.setattr(kind, "is_of", lambda *_: True)


@pytest.fixture
def refused(clone, printed, capsys, monkeypatch):
    """Asks for a release and holds the answer to these sentences and no more."""

    def ask(*says, **environment):
        for name, value in {**NOWHERE, **environment}.items():
            monkeypatch.setenv(name, value)
        assert release.main([], clone) == 1
        out, said = capsys.readouterr()
        assert out == ""
        assert said.startswith("release: no release yet.\n- ")
        assert [words for words in says if words not in said] == []
        assert said.count("\n- ") == len(says), said

    return ask


def test_files_that_are_not_committed(clone, refused):
    (clone / "notes.txt").touch()
    change(clone, "LICENSE", "MIT", "My")
    refused("These files are not committed; commit or delete them:\n M LICENSE\n?? notes.txt")


def commit(clone, *changes):
    git(clone, "checkout", "-q", "--detach")
    for name, old, new in changes:
        change(clone, name, old, new)
    git(clone, "commit", "-q", "-a", "-m", "Wrong")


def test_versions_that_differ(clone, refused):
    commit(clone, ("CITATION.cff", f"version: {NEW}", "version: 90.0.9"))
    refused(f"CITATION.cff has version 90.0.9, pyproject.toml {NEW}.")


def test_a_version_that_is_none(clone, refused):
    for name in ("CITATION.cff", "CHANGELOG.md"):
        commit(clone, (name, NEW, "90.1rc1"))
    commit(clone, ("pyproject.toml", f'"{NEW}"', '"90.1rc1"'))
    refused("three numbers, as 1.2.3; pyproject.toml has '90.1rc1'", "_build/html is of version")


def test_a_changelog_without_the_edition(clone, refused):
    commit(clone, ("CHANGELOG.md", f"## {NEW} (", "## 90.0.0 ("))
    refused(f"CHANGELOG.md has no section '## {NEW} (date)'")


WRONG_DATES = [("", "needs a date"), (" (2020-01-01)", f"{NEW} in CHANGELOG.md on 2020-01-01")]


@pytest.mark.parametrize(("name", "says"), WRONG_DATES)
def test_a_changelog_without_its_date(clone, refused, name, says):
    text = (clone / "CHANGELOG.md").read_text(encoding="utf-8")
    commit(clone, ("CHANGELOG.md", re.search(rf"## {NEW}.*", text)[0], f"## {NEW}{name}"))
    refused(says)


def test_lines_that_belong_to_no_edition(clone, refused):
    commit(clone, ("CHANGELOG.md", "# Changelog\n", "# Changelog\n\n## Unreleased\n\n- More.\n"))
    refused("CHANGELOG.md has lines under 'Unreleased'")


def test_a_tag_at_another_commit(clone, refused):
    git(clone, "tag", f"v{NEW}")
    try:
        commit(clone, ("LICENSE", "MIT", "My"))
        refused(f"The tag v{NEW} stands at another commit already")
    finally:
        git(clone, "tag", "-d", f"v{NEW}")


def test_what_github_would_refuse(clone, refused):
    tag = {"GITHUB_REF_TYPE": "tag", "GITHUB_REF_NAME": "v1.0.0"}
    says = [f"The tag is v1.0.0, but pyproject.toml has version {NEW}", "make home REPO=eve/copy"]
    if not yaml.safe_load((clone / "_config.yml").read_text(encoding="utf-8"))["html"]["baseurl"]:
        says.append("_config.yml holds no address of the site")
    refused(*says, GITHUB_REPOSITORY="eve/copy", **tag)


def test_a_site_that_is_missing_or_of_another_edition(clone, refused):
    site = clone / "_build/html"
    (site / "take-away" / take_away.BUNDLE).unlink()
    refused(f"The site has no take-away/{take_away.BUNDLE}; run: make book pdf epub, then make book")
    small_site(clone, "90.0.0")
    refused("is of version 90.0.0")
    (site / "index.html").unlink()
    refused("There is no built site in")


def test_a_wheel_on_the_site_that_is_not_this_one(clone, printed, capsys, monkeypatch):
    for name in NOWHERE:
        monkeypatch.delenv(name, raising=False)
    (wheel,) = (clone / "_build/html/take-away").glob("*.whl")
    content = wheel.read_bytes()
    try:
        wheel.write_bytes(content + b"more")
        assert release.main([], clone) == 1
        assert "The wheel on the site is not that of these sources; run: make book" in capsys.readouterr().err
    finally:
        wheel.write_bytes(content)


def test_a_site_without_the_wheel_is_told_in_a_sentence(clone, printed, capsys, monkeypatch, tmp_path):
    for name in NOWHERE:
        monkeypatch.delenv(name, raising=False)
    (wheel,) = (clone / "_build/html/take-away").glob("*.whl")
    shutil.move(wheel, tmp_path)
    try:
        assert release.main([], clone) == 1
        assert "The wheel on the site is not that of these sources; run: make book" in capsys.readouterr().err
    finally:
        shutil.move(tmp_path / wheel.name, wheel)


def test_a_wheel_that_pip_cannot_build_is_told_in_its_words(clone, printed, capsys, monkeypatch):
    for name in NOWHERE:
        monkeypatch.delenv(name, raising=False)
    commit(clone, ("pyproject.toml", "[build-system]", "[build-system"))
    assert release.main([], clone) == 1
    assert "release: The wheel of gan_helpers could not be built; pip says:" in capsys.readouterr().err


def test_an_address_that_is_missing_is_told(clone, printed, capsys, monkeypatch):
    for name in NOWHERE:
        monkeypatch.delenv(name, raising=False)
    commit(clone, ("pyproject.toml", "\nRepository = ", "\nHome = "))
    assert release.main([], clone) == 1
    assert capsys.readouterr().err == "release: pyproject.toml names no Repository address under [project.urls].\n"


def test_a_wheel_that_lacks_its_data(clone, tmp_path):
    (wheel,) = (clone / "_build/html/take-away").glob("*.whl")
    with zipfile.ZipFile(wheel) as full, zipfile.ZipFile(tmp_path / wheel.name, "w") as less:
        for member in full.infolist():
            if not member.filename.endswith("mnist-10k.npz"):
                less.writestr(member, full.read(member))
    with pytest.raises(ValueError, match=r"(?s)failed:.*mnist-10k\.npz"):
        release.try_wheel(tmp_path / wheel.name)


def test_notes_have_a_line_for_each_point():
    assert release.unwrapped("- One\n  goes on.\n- Two.\n\nText.\n") == "- One goes on.\n- Two.\n\nText.\n"
    known = release.sections("# Changelog\n\n## Unreleased\n\n## 1.0.0 (2026-01-02)\n\n- A.\n\n## 0.1.0\nB.\n")
    assert known == {"Unreleased": ("", ""), "1.0.0": ("2026-01-02", "- A."), "0.1.0": ("", "B.")}
