"""The editions of the book, on GitHub and on the published site. Needs Python alone, for GitHub its program gh too.

`versions.py publish` hands the files that scripts/release.py made to GitHub, `fetch` takes the sites of all releases
from there, and `assemble` makes _build/public: the site that was just built at the root, each released one in a folder
v<version>. book/_static/edition.js shows the list on the pages.
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
SITE, MADE, RELEASES, PUBLIC = (ROOT / "_build" / name for name in ("html", "release", "releases", "public"))
TAG = re.compile(r"v(\d+\.\d+\.\d+)")
ZIP = "site-{}.zip"
SUMS, NOTES = "SHA256SUMS", "NOTES.md"
LIST, WORKER = "_static/versions.js", "offline-worker.js"
HASHED = 10  # bytes of a file's SHA-256 that the worker compares; a released one keeps its own number
ROOM = 1_000_000_000  # bytes; GitHub Pages takes no larger site


def by_age(version: str) -> tuple[int, ...]:
    """Return what orders versions."""
    return tuple(map(int, version.split(".")))


def version_of(root: Path = ROOT) -> str:
    """Return the version that pyproject.toml gives the book."""
    return re.search(r'^version = "(.+)"$', (root / "pyproject.toml").read_text(encoding="utf-8"), re.MULTILINE)[1]


def pages(site: Path) -> list[str]:
    """Return the names of a site's pages, as book/gan/lab.html."""
    return sorted(path.relative_to(site).as_posix() for path in (site / "book").rglob("*.html"))


def list_editions(
    site: Path,
    version: str,
    *,
    newest: str = "",
    released: Sequence[str] = (),
    root: str = "",
    kept: Sequence[str] = (),
) -> None:
    """Write the list that the pages of a site read: a script, since a page that is opened as a file may read no other.

    Args:
        site: its folder
        version: of that site
        newest: the version at the root of the published site; without it this site stands alone
        released: versions with a folder of their own there
        root: the way from this site's folder to the root: nothing, or ../
        kept: names of pages that the newest edition has as well, where this one is older
    """
    newest = newest or version
    editions = [{"name": f"{newest}, the newest", "path": ""}]
    editions += [{"name": f"{old}, as released", "path": f"v{old}/"} for old in released]
    known = {"version": version, "newest": newest, "root": root, "editions": editions, "kept": list(kept)}
    (site / LIST).parent.mkdir(parents=True, exist_ok=True)
    (site / LIST).write_text(f"window.ganVersions = {json.dumps(known)};\n", encoding="utf-8")
    tell_worker(site)


def hash_of(content: bytes, length: int = HASHED) -> str:
    """Return the hash of a file by which the worker knows it, in hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()[: 2 * length]


def worker_of(book: dict[str, Any], program: str) -> str:
    """Return the worker: what it knows in its first line, then its program."""
    return f"const BOOK = {json.dumps(book, ensure_ascii=False, separators=(',', ':'))};\n{program}"


def tell_worker(site: Path) -> None:
    """Give the worker that keeps pages on a device the present list's hash: it keeps no file that has another one."""
    if (site / WORKER).is_file():
        book, program = (site / WORKER).read_text(encoding="utf-8").split("\n", 1)
        known, content = json.loads(book.removeprefix("const BOOK = ").removesuffix(";")), (site / LIST).read_bytes()
        known["files"][LIST] = [hash_of(content, known["hashed"]), len(content)]
        (site / WORKER).write_text(worker_of(known, program), encoding="utf-8")


def version_in(site: Path) -> str:
    """Return the version of a built site.

    Raises:
        ValueError: no site was built there.
    """
    if not (site / LIST).is_file() or not (site / "index.html").is_file():
        raise ValueError(f"There is no built site in {site}; run: make book")
    return json.loads((site / LIST).read_text(encoding="utf-8").removeprefix("window.ganVersions = ").rstrip(";\n"))[
        "version"
    ]


def sums(files: Sequence[Path]) -> str:
    """Return the SHA-256 of files, as sha256sum prints them."""
    return "".join(f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.name}\n" for file in files)


def released_sites(folder: Path) -> dict[str, Path]:
    """Return the zipped sites of releases by version, the newest first, each compared with its sum.

    Args:
        folder: holds a folder v<version> for each release; without it there are none

    Raises:
        ValueError: a file is not the one that was released.
    """
    found = {}
    for place in folder.iterdir() if folder.is_dir() else ():
        tag = TAG.fullmatch(place.name)
        file = place / ZIP.format(tag[1] if tag else "")
        if tag and file.is_file():
            listed = (place / SUMS).read_text(encoding="utf-8") if (place / SUMS).is_file() else ""
            if sums([file]) not in listed:
                raise ValueError(
                    f"{file} is not the file that was released: {SUMS} beside it has no line\n{sums([file])}"
                    f"Fetch it again; if that does not help, it was changed after its release."
                )
            found[tag[1]] = file
    return {version: found[version] for version in sorted(found, key=by_age, reverse=True)}


def fitting(site: Path, zips: Mapping[str, Path], room: int = ROOM) -> list[str]:
    """Return the versions that fit beside the site, the newest first: all, or as many as there is room for."""
    left = room - sum(file.stat().st_size for file in site.rglob("*") if file.is_file())
    fit = []
    for version, file in zips.items():
        with zipfile.ZipFile(file) as packed:
            left -= sum(member.file_size for member in packed.infolist())
        if left < 0:
            break
        fit.append(version)
    return fit


def assemble(site: Path, releases: Path, public: Path, room: int = ROOM) -> list[str]:
    """Make the published site in the folder `public`, which is made anew; return the versions in folders.

    Raises:
        ValueError: no site was built, or a release holds something else than was released.
    """
    newest, zips = version_in(site), released_sites(releases)
    fit = fitting(site, zips, room)
    shutil.rmtree(public, ignore_errors=True)
    shutil.copytree(site, public)
    (public / ".nojekyll").touch()  # Pages would leave out folders that begin with _
    list_editions(public, newest, released=fit)
    for version in fit:
        folder = public / f"v{version}"
        with zipfile.ZipFile(zips[version]) as packed:
            packed.extractall(folder)  # drops what would lead out of the folder
        if version_in(folder) != version:
            raise ValueError(f"{zips[version]} holds edition {version_in(folder)}, not {version}.")
        older = by_age(version) < by_age(newest)
        kept = sorted({*pages(folder)} & {*pages(site)}) if older else []
        list_editions(folder, version, newest=newest, released=fit, root="../", kept=kept)
    return fit


def ask(*arguments: str) -> str:
    """Return what GitHub's program answers.

    Raises:
        ValueError: it is missing, or failed.
    """
    try:
        done = subprocess.run(["gh", *arguments], capture_output=True, text=True, encoding="utf-8")
    except FileNotFoundError as error:
        raise ValueError("GitHub's program gh is missing; see https://cli.github.com/") from error
    if done.returncode:
        raise ValueError(f"gh {' '.join(arguments)} failed: {done.stderr.strip()}")
    return done.stdout


def releases() -> list[dict[str, Any]]:
    """Return what GitHub knows of all releases: tagName, isDraft and isPrerelease of each."""
    return json.loads(ask("release", "list", "--limit", "1000", "--json", "tagName,isDraft,isPrerelease"))


def fetch(folder: Path) -> list[str]:
    """Take the zipped sites of all releases from GitHub into a folder that is made anew; return their tags.

    Drafts, trial releases, and releases that hold no site are left out.
    """
    shutil.rmtree(folder, ignore_errors=True)
    found = []
    for release in releases():
        tag = TAG.fullmatch(release["tagName"])
        if tag and not release["isDraft"] and not release["isPrerelease"]:
            held = {asset["name"] for asset in json.loads(ask("release", "view", tag[0], "--json", "assets"))["assets"]}
            if ZIP.format(tag[1]) in held:
                wanted = ["--pattern", ZIP.format(tag[1]), "--pattern", SUMS]
                ask("release", "download", tag[0], *wanted, "--dir", str(folder / tag[0]))
                found.append(tag[0])
    return found


def publish(tag: str, made: Path) -> None:
    """Make a release of files and notes at a tag that was pushed, and have the site built with its edition.

    A release that is there already stays as it is, so that a run that failed after it can be repeated.

    Raises:
        ValueError: the tag is not that of the site among the files, or GitHub refused.
    """
    files = sorted(str(path) for path in made.iterdir() if path.name != NOTES) if made.is_dir() else []
    version = TAG.fullmatch(tag)
    if not version or str(made / ZIP.format(version[1])) not in files:
        raise ValueError(f"{made} holds no files for the tag {tag!r}; run make release, then push the tag v<version>.")
    if not any(release["tagName"] == tag and not release["isDraft"] for release in releases()):
        words = ("--title", f"Edition {version[1]}", "--notes-file", str(made / NOTES))
        ask("release", "create", tag, "--verify-tag", *words, *files)
    ask("workflow", "run", "pages.yml", "--ref", "main")


def main(arguments: list[str]) -> int:
    """Publish, fetch or assemble."""
    try:
        if arguments == ["publish"]:
            tag = os.environ.get("GITHUB_REF_NAME", "") if os.environ.get("GITHUB_REF_TYPE") == "tag" else ""
            publish(tag, MADE)
            print(f"Published {tag}.")
            return 0
        if arguments == ["fetch"]:
            found = fetch(RELEASES)
            print(f"Sites of {len(found)} releases: {', '.join(found) or 'none yet'}.")
        elif arguments == ["assemble"]:
            kept = assemble(SITE, RELEASES, PUBLIC)
            print(f"{PUBLIC}: the newest edition at the root; in folders: {', '.join(kept) or 'none'}.")
            if left := [version for version in released_sites(RELEASES) if version not in kept]:
                print(f"Left out, since a site may hold {ROOM:,} bytes: {', '.join(left)}. Their releases keep them.")
        else:
            print("usage: versions.py publish | fetch | assemble", file=sys.stderr)
            return 2
    except ValueError as error:
        print(f"versions: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
