"""Write the address of the book's repository into every file that names it: `make home REPO=owner/name`."""

import os
import re
import subprocess
import sys
from pathlib import Path

ADDRESS = re.compile(r'^Repository = "https://github\.com/([^/"]+/[^/"]+)"$', re.MULTILINE)
NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})/[A-Za-z0-9._-]{1,100}")


def set_home(root: Path, repository: str) -> list[str]:
    """Replace the old owner/name by `repository` in all files that git tracks below `root`; return their names.

    The old address is the one in pyproject.toml.

    Raises:
        ValueError: `repository` is not of the form owner/name, or pyproject.toml names no address.
    """
    if not NAME.fullmatch(repository):
        raise ValueError(f"REPO must be owner/name, as in make home REPO=ada/gan-book, but {repository!r} came.")
    found = ADDRESS.search((root / "pyproject.toml").read_text(encoding="utf-8"))
    if not found:
        raise ValueError("pyproject.toml names no Repository address under [project.urls].")
    old, changed = found.group(1), []
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=root, capture_output=True, text=True, check=True).stdout
    for name in filter(None, tracked.split("\0")):
        file = root / name
        if file.suffix in {".npz", ".png"} or not file.is_file():
            continue
        text = file.read_text(encoding="utf-8")
        new = text.replace(f"github.com/{old}", f"github.com/{repository}").replace(
            f"colab.research.google.com/github/{old}", f"colab.research.google.com/github/{repository}"
        )
        if new != text:
            file.write_text(new, encoding="utf-8")
            changed.append(name)
    return changed


if __name__ == "__main__":
    try:
        for name in set_home(Path(__file__).parents[1], os.environ.get("REPO", "")):
            print(name)
    except ValueError as error:
        sys.exit(f"set_home: {error}")
