"""A release: checked, made and tried on this machine, from which nothing goes out: `make release`.

`make edition VERSION=1.2.3` writes a new version where it has to stand. A tag v1.2.3, once pushed, has GitHub do what
`make release` does, and publish the files (.github/workflows/release.yml).
"""

import argparse
import datetime
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import tempfile
import venv
import zipfile
from pathlib import Path

import yaml
from sphinx.errors import ExtensionError

sys.path.insert(0, str(Path(__file__).parent))

import epub
import pdf
from set_home import repository_of
from take_away import BOOKS, BUNDLE, FOLDER, build_wheel, entry
from versions import NOTES, SUMS, TAG, ZIP, assemble, by_age, sums, version_in, version_of

ROOT = Path(__file__).parents[1]
HEAD = re.compile(r"^## (?P<name>\S+)(?: \((?P<date>[\d-]+)\))?$", re.MULTILINE)
TRIAL = """
import importlib.metadata, pathlib, sys
import gan_helpers
at = pathlib.Path(gan_helpers.__file__).resolve()
assert at.is_relative_to(pathlib.Path(sys.prefix).resolve()), f"gan_helpers came from {at}, not from the wheel"
images = gan_helpers.load_images("mnist").images
weights = sum(p.numel() for p in gan_helpers.load_pretrained("mnist").parameters())
rows = len(gan_helpers.load_results("tricks"))
print(importlib.metadata.version("gan-helpers"), f"{len(images):,} images, {weights:,} weights, {rows:,} results")
"""


def read(root: Path, name: str) -> str:
    """Return the text of a file of the repository."""
    return (root / name).read_text(encoding="utf-8")


def git(root: Path, *arguments: str) -> str:
    """Return what git answers; nothing where it knows no answer.

    Raises:
        ValueError: there is no git.
    """
    try:
        done = subprocess.run(["git", *arguments], cwd=root, capture_output=True, text=True, encoding="utf-8")
    except FileNotFoundError as error:
        raise ValueError("A release is made from a clone, with git, which is missing here.") from error
    return done.stdout if done.returncode == 0 else ""


def sections(changelog: str) -> dict[str, tuple[str, str]]:
    """Return date and text of each section of the changelog by its name, the newest first."""
    heads = list(HEAD.finditer(changelog))
    ends = [head.start() for head in heads[1:]] + [len(changelog)]
    return {
        head["name"]: (head["date"] or "", changelog[head.end() : end].strip())
        for head, end in zip(heads, ends, strict=True)
    }


def faults(root: Path, site: Path, tag: str, repository: str) -> list[str]:
    """Return, in sentences, everything that forbids this release.

    Args:
        root: the clone
        site: the built site
        tag: that was pushed; nothing before one is
        repository: owner/name where this runs on GitHub; nothing elsewhere

    Raises:
        ValueError: pyproject.toml names no repository.
    """
    found = []
    version, address = version_of(root), repository_of(root)
    if changed := git(root, "status", "--porcelain"):
        found.append(f"These files are not committed; commit or delete them:\n{changed.rstrip()}")
    if not TAG.fullmatch(f"v{version}"):
        found.append(f"A version is three numbers, as 1.2.3; pyproject.toml has {version!r}.")
    if tag and tag != f"v{version}":
        found.append(f"The tag is {tag}, but pyproject.toml has version {version}, whose tag is v{version}.")
    place = git(root, "rev-parse", "-q", "--verify", f"refs/tags/v{version}^{{commit}}")
    if place and place != git(root, "rev-parse", "HEAD"):
        found.append(f"The tag v{version} stands at another commit already; make edition VERSION=... writes a new one.")
    citation = yaml.safe_load(read(root, "CITATION.cff"))
    if citation["version"] != version:
        found.append(f"CITATION.cff has version {citation['version']}, pyproject.toml {version}.")
    known = sections(read(root, "CHANGELOG.md"))
    date, words = known.get(version, ("", ""))
    if version not in known:
        found.append(f"CHANGELOG.md has no section '## {version} (date)'.")
    elif not date or not words:
        found.append(f"CHANGELOG.md: the section {version} needs a date in its title, and a text.")
    elif str(citation["date-released"]) != date:
        found.append(f"CITATION.cff was released on {citation['date-released']}, {version} in CHANGELOG.md on {date}.")
    if known.get("Unreleased", ("", ""))[1]:
        found.append("CHANGELOG.md has lines under 'Unreleased'; they belong to this edition or to none.")
    if repository and repository.lower() != address.lower():
        found.append(f"This runs in {repository}, but all links lead to {address}; run: make home REPO={repository}")
    if repository and not yaml.safe_load(read(root, "_config.yml"))["html"].get("baseurl"):
        found.append(f"_config.yml holds no address of the site; run: make home REPO={repository}")
    return found + site_faults(site, version)


def site_faults(site: Path, version: str) -> list[str]:
    """Return, in sentences, what the built site lacks."""
    try:
        built = version_in(site)
    except ValueError as error:
        return [str(error)]
    found = []
    if built != version or (site.parent / "unfinished").exists():
        found.append(f"The site in {site} is of version {built}, or its build did not end; run: make book")
    kinds = {BOOKS["book.pdf"]: pdf, BOOKS["book.epub"]: epub}
    for name in (BUNDLE, *kinds):
        if not (site / FOLDER / name).is_file():
            found.append(f"The site has no {FOLDER}/{name}; run: make book pdf epub, then make book")
        elif name in kinds and not kinds[name].is_of(site / FOLDER / name, site):
            found.append(f"{FOLDER}/{name} is not of this site as it is; run: make book pdf epub, then make book")
    return found


def unwrapped(text: str) -> str:
    """Return Markdown with each point on one line: GitHub breaks a release's notes where their lines end."""
    return re.sub(r"\n +(?=\S)", " ", text)


def zip_site(site: Path, target: Path) -> None:
    """Pack a site; the same files give the same bytes."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed:
        for file in sorted(path for path in site.rglob("*") if path.is_file() and path.name != ".buildinfo"):
            packed.writestr(entry(file.relative_to(site).as_posix()), file.read_bytes())


def run(*command: str | Path, **options: object) -> str:
    """Run a program and return what it prints.

    Raises:
        ValueError: it failed; with its own words.
    """
    words = [str(word) for word in command]
    done = subprocess.run(words, capture_output=True, text=True, encoding="utf-8", **options)
    if done.returncode:
        raise ValueError(f"{' '.join(words[:6])} ... failed:\n{done.stdout}{done.stderr}")
    return done.stdout


def wheel_of(root: Path, target: Path) -> Path:
    """Build the wheel of gan_helpers in a folder.

    Raises:
        ValueError: pip could not build it; with pip's own words.
    """
    try:
        return build_wheel(root, target)
    except ExtensionError as error:
        raise ValueError(str(error)) from error


def build_packages(root: Path, out: Path) -> list[Path]:
    """Make wheel and source archive of gan_helpers; see that the archive gives the wheel, and what an index would say.

    Raises:
        ValueError: one could not be built, they differ, or an index would refuse them.
    """
    wheel = wheel_of(root, out)
    with tempfile.TemporaryDirectory() as place:
        clone = Path(place, "clone")  # setuptools writes beside the sources; here it may
        for name in git(root, "ls-files", "-z").split("\0"):
            if name and (root / name).is_file() and not (root / name).is_symlink():
                (clone / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(root / name, clone / name)
        run(sys.executable, "-m", "build", "--sdist", "--no-isolation", "--outdir", out, clone)
        (source,) = out.glob("*.tar.gz")
        with tarfile.open(source) as packed:
            packed.extractall(place, filter="data")
        again = wheel_of(Path(place, source.name.removesuffix(".tar.gz")), Path(place))
        if again.read_bytes() != wheel.read_bytes():
            raise ValueError(f"{source.name} gives another wheel than the repository does: it lacks files.")
    run(sys.executable, "-m", "twine", "check", "--strict", wheel, source)
    return [wheel, source]


def try_wheel(wheel: Path) -> str:
    """Install a wheel into an environment of its own and use it there; PyTorch and the like come from this one.

    Raises:
        ValueError: it does not install, or does not run.
    """
    with tempfile.TemporaryDirectory() as place:
        venv.create(place)
        python = Path(place, "Scripts", "python.exe") if os.name == "nt" else Path(place, "bin", "python")
        pip = (sys.executable, "-m", "pip", "--isolated", "--disable-pip-version-check", "--python", python)
        run(*pip, "install", "--quiet", "--no-index", "--no-deps", wheel)
        (library,) = (path.parent for path in Path(place).rglob("site-packages/gan_helpers"))
        (library / "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
        return run(python, "-I", "-c", TRIAL, cwd=place).strip()


def make(root: Path, site: Path, out: Path, public: Path) -> list[Path]:
    """Make all files of a release in the folder `out`, which is made anew, and the published site; return the files.

    Raises:
        ValueError: something could not be made, or does not hold.
    """
    version = version_of(root)
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    wheel, _ = build_packages(root, out)
    shown = site / FOLDER / wheel.name
    if not shown.is_file() or shown.read_bytes() != wheel.read_bytes():
        raise ValueError(f"The wheel on the site is not that of these sources; run: make book\n{shown}")
    said = try_wheel(wheel)
    if not said.startswith(f"{version} "):
        raise ValueError(f"The wheel calls itself {said}, and should be {version}.")
    print(f"The wheel runs in an environment of its own: {said}.")
    for name in (BUNDLE, *BOOKS.values()):
        shutil.copyfile(site / FOLDER / name, out / name)
    zip_site(site, out / ZIP.format(version))
    files = sorted(out.iterdir())
    (out / SUMS).write_text(sums(files), encoding="utf-8")
    (out / NOTES).write_text(unwrapped(sections(read(root, "CHANGELOG.md"))[version][1]) + "\n", encoding="utf-8")
    with tempfile.TemporaryDirectory() as place:  # as it will be once this release is among those that GitHub keeps
        kept = root / "_build" / "releases"
        for folder in kept.iterdir() if kept.is_dir() else ():
            shutil.copytree(folder, Path(place, folder.name))
        new = Path(place, f"v{version}")
        new.mkdir(exist_ok=True)
        for name in (ZIP.format(version), SUMS):
            shutil.copyfile(out / name, new / name)
        print(
            f"The site with its editions is in {public}: {', '.join(assemble(site, Path(place), public))} in folders."
        )
    return [*files, out / SUMS]


def write_edition(root: Path, version: str, date: str) -> None:
    """Write a new version into pyproject.toml, CITATION.cff and CHANGELOG.md, where it takes what was unreleased.

    Raises:
        ValueError: it is no version, not a newer one, or nothing has changed since the last one.
    """
    old, project, changelog = version_of(root), read(root, "pyproject.toml"), read(root, "CHANGELOG.md")
    if not TAG.fullmatch(f"v{version}") or by_age(version) <= by_age(old):
        raise ValueError(f"VERSION must be three numbers, as 1.2.3, and more than {old}, but {version!r} came.")
    if not sections(changelog).get("Unreleased", ("", ""))[1]:
        raise ValueError("CHANGELOG.md has nothing under '## Unreleased': say there what a reader finds.")
    citation = re.sub(r"(?m)^version: .*$", f"version: {version}", read(root, "CITATION.cff"))
    new = {
        "CHANGELOG.md": changelog.replace("## Unreleased", f"## {version} ({date})", 1),
        "CITATION.cff": re.sub(r"(?m)^date-released: .*$", f'date-released: "{date}"', citation),
        "pyproject.toml": project.replace(f'\nversion = "{old}"\n', f'\nversion = "{version}"\n', 1),
    }
    for name, text in new.items():
        (root / name).write_text(text, encoding="utf-8", newline="\n")


def main(arguments: list[str], root: Path = ROOT) -> int:
    """Check and make a release, or begin an edition."""
    parser = argparse.ArgumentParser(prog="release.py", description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=["make", "edition"], nargs="?", default="make")
    parser.add_argument("--version", default=os.environ.get("VERSION", ""), help="of the new edition")
    options = parser.parse_args(arguments)
    tag = os.environ.get("GITHUB_REF_NAME", "") if os.environ.get("GITHUB_REF_TYPE") == "tag" else ""
    version, built = version_of(root), root / "_build"
    try:
        if options.what == "edition":
            write_edition(root, options.version, datetime.date.today().isoformat())
            print(
                f"Edition {options.version}. Commit it, and go on with the steps that MAINTAINING.md gives a release."
            )
        else:
            if found := faults(root, built / "html", tag, os.environ.get("GITHUB_REPOSITORY", "")):
                raise ValueError("no release yet.\n- " + "\n- ".join(found))
            files = make(root, built / "html", built / "release", built / "public")
            print(f"A tag v{version} would publish:")
            for file in files:
                print(f"  {file.stat().st_size / 1e6:7.1f} MB  {file.name}")
            print(f"with the notes in {built / 'release' / NOTES}. Nothing has left this machine.")
            if not yaml.safe_load(read(root, "_config.yml"))["html"].get("baseurl"):
                print("The site has no address yet, so GitHub would refuse; first: make home REPO=owner/name")
    except ValueError as error:
        print(f"release: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
