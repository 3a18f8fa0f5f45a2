"""Write the addresses of repository and site into every file that names them: `make home REPO=owner/name`.

The site is that of GitHub Pages, https://owner.github.io/name/, or the one that SITE=https://book.example.org/ gives.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

ADDRESS = re.compile(r'^Repository = "https://github\.com/([^/"]+/[^/"]+)"$', re.MULTILINE)
NAME = re.compile(r"[A-Za-z0-9](?:-?[A-Za-z0-9]){0,38}/(?!\.{1,2}$)[A-Za-z0-9._-]{1,100}")
SITE = re.compile(
    r"https://[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+/(?:[A-Za-z0-9._~-]+/)*"
)
LINES = {  # where the address of the site stands, and what it follows where it is missing
    "_config.yml": (re.compile(r'(?m)^  baseurl:(?:[ \t]+(?:"[^"]*"|[^\s#]+))?'), '  baseurl: "{}"', "html:\n"),
    "CITATION.cff": (re.compile(r"(?m)^url: .*$"), "url: {}", "license: MIT\n"),
}


def pages_of(repository: str) -> str:
    """Return where GitHub Pages shows the site of owner/name."""
    owner, name = repository.split("/")
    host = f"{owner.lower()}.github.io"
    return f"https://{host}/" if name.lower() == host else f"https://{host}/{name}/"


def repository_of(root: Path) -> str:
    """Return the owner/name that pyproject.toml gives the repository.

    Raises:
        ValueError: it gives none.
    """
    found = ADDRESS.search((root / "pyproject.toml").read_text(encoding="utf-8"))
    if not found:
        raise ValueError("pyproject.toml names no Repository address under [project.urls].")
    return found[1]


def with_site(name: str, text: str, site: str) -> str:
    """Return the text of a file of LINES with the site's address in it.

    Raises:
        ValueError: there is no place for it.
    """
    line, form, before = LINES[name]
    new = form.format(site)
    if line.search(text):
        return line.sub(lambda _: new, text, count=1)
    if before not in text:
        raise ValueError(f"{name} has no line {before.strip()!r} after which the site's address could stand.")
    return text.replace(before, f"{before}{new}\n", 1)


def set_home(root: Path, repository: str, site: str = "") -> list[str]:
    """Replace the old owner/name by `repository` in all text files that git tracks below `root`; return their names.

    The old address is the one in pyproject.toml. That file is written last: a run that was cut short can be repeated.

    Args:
        root: the clone
        repository: owner/name on GitHub
        site: where readers find the pages; without it, where GitHub Pages shows them

    Raises:
        ValueError: `repository` is not of the form owner/name, or `site` no https address that ends in a slash;
            pyproject.toml names no address, a file has no place for the site's, or git knows no files.
    """
    if site and not SITE.fullmatch(site):
        raise ValueError(
            f"SITE must be an address as https://book.example.org/, with a slash at its end; {site!r} came."
        )
    if not NAME.fullmatch(repository) or repository.endswith(".git"):
        raise ValueError(f"REPO must be owner/name, as in make home REPO=ada/gan-book, but {repository!r} came.")
    # The whole name only: after owner/book comes neither book-two nor book.js, but a full stop may end a sentence.
    old = re.compile(rf"(?<![\w.-]){re.escape(repository_of(root))}(?![\w-]|\.(?!git\b)\w)")
    changed = {}
    for name in tracked(root):
        file = root / name
        if file.is_symlink() or not file.is_file():
            continue
        content = file.read_bytes()
        try:
            text = content.decode("utf-8")
        except UnicodeDecodeError:  # a picture or an array, no text
            continue
        new = old.sub(repository, text)
        if name in LINES:
            new = with_site(name, new, site or pages_of(repository))
        if new != text:
            changed[name] = new.encode("utf-8")  # bytes, so that no line ending changes
    for name in sorted(changed, key=lambda name: name == "pyproject.toml"):
        (root / name).write_bytes(changed[name])
    return list(changed)


def tracked(root: Path) -> list[str]:
    """Return the names of all files that git tracks below `root`."""
    try:
        command = ["git", "ls-files", "-z"]
        listed = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True, encoding="utf-8").stdout
    except (OSError, subprocess.CalledProcessError) as error:
        raise ValueError(f"git could not list the files of {root}; this works in a clone of the repository.") from error
    return [name for name in listed.split("\0") if name]


def main(arguments: list[str]) -> int:
    """Take owner/name from the command line, or else from the variable REPO, where make leaves it, as it does SITE."""
    if len(arguments) > 1:
        print("set_home: one owner/name is enough, as in make home REPO=ada/gan-book.", file=sys.stderr)
        return 2
    try:
        repository = arguments[0] if arguments else os.environ.get("REPO", "")
        changed = set_home(Path(__file__).parents[1], repository, os.environ.get("SITE", ""))
    except ValueError as error:
        print(f"set_home: {error}", file=sys.stderr)
        return 2
    for name in changed:
        print(f"changed {name}")
    print(f"{len(changed)} files changed." if changed else "Nothing to change: that address is in place already.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
