"""Write the address of the book's repository into every file that names it: `make home REPO=owner/name`."""

import os
import re
import subprocess
import sys
from pathlib import Path

ADDRESS = re.compile(r'^Repository = "https://github\.com/([^/"]+/[^/"]+)"$', re.MULTILINE)
NAME = re.compile(r"[A-Za-z0-9](?:-?[A-Za-z0-9]){0,38}/(?!\.{1,2}$)[A-Za-z0-9._-]{1,100}")


def set_home(root: Path, repository: str) -> list[str]:
    """Replace the old owner/name by `repository` in all text files that git tracks below `root`; return their names.

    The old address is the one in pyproject.toml. That file is written last: a run that was cut short can be repeated.

    Raises:
        ValueError: `repository` is not of the form owner/name, pyproject.toml names no address, or git knows no files.
    """
    if not NAME.fullmatch(repository) or repository.endswith(".git"):
        raise ValueError(f"REPO must be owner/name, as in make home REPO=ada/gan-book, but {repository!r} came.")
    found = ADDRESS.search((root / "pyproject.toml").read_text(encoding="utf-8"))
    if not found:
        raise ValueError("pyproject.toml names no Repository address under [project.urls].")
    # The whole name only: after owner/book comes neither book-two nor book.js, but a full stop may end a sentence.
    old = re.compile(rf"(?<![\w.-]){re.escape(found.group(1))}(?![\w-]|\.(?!git\b)\w)")
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
    """Take owner/name from the command line, or else from the variable REPO, where make leaves it."""
    if len(arguments) > 1:
        print("set_home: one owner/name is enough, as in make home REPO=ada/gan-book.", file=sys.stderr)
        return 2
    try:
        changed = set_home(Path(__file__).parents[1], arguments[0] if arguments else os.environ.get("REPO", ""))
    except ValueError as error:
        print(f"set_home: {error}", file=sys.stderr)
        return 2
    for name in changed:
        print(f"changed {name}")
    print(f"{len(changed)} files changed." if changed else "Nothing to change: that address is in place already.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
