"""A Sphinx extension: what a reader takes away, and the buttons for it.

Before pages are written, `take-away/` of the site gets the wheel of gan_helpers, each lab and each student edition
under a name that says what it is, all of them in one zip, and the book as PDF and EPUB where `_build/` holds them. The
paragraph *Open in Colab* of a notebook becomes a row of buttons on its page. Links to Colab and Binder are made where
the repository has a public home. The directive

    ```{take-away} files        or notebooks, or commands, with lines that may name the {wheel}
    ```

lists what there is, with sizes.
"""

import io
import os
import posixpath
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from html import escape
from pathlib import Path
from typing import Any, NamedTuple

import nbformat
from docutils import nodes
from sphinx.errors import ExtensionError
from sphinx.util.docutils import SphinxDirective
from versions import version_of

FOLDER = "take-away"  # of the site
PAGE = "book/take-away"
BUNDLE = "gans-proved-and-run.zip"
BOOKS = {"book.pdf": "gans-proved-and-run.pdf", "book.epub": "gans-proved-and-run.epub"}  # in _build/, on the site
TIME = (1980, 1, 1, 0, 0, 0)  # of every file in an archive, so that the same files give the same bytes
COLAB = re.compile(r"\n+\[Open in Colab\]\(\S+\)\s*$")
LINK = re.compile(r"\[([^\[\]]+)\]\(([\w./-]+)\.(?:md|ipynb)(#[\w-]+)?\)")
README = """# {title}, edition {version}: labs and exercises

Labs and exercises stand here beside the wheel of `gan_helpers`, the module that they share, with its data. You need
Python 3.11 or newer and a package index, for PyTorch and JupyterLab. In this folder (on Windows,
in the Command Prompt, `py -m venv gans` first and `gans\\Scripts\\activate` second):

    python3 -m venv gans
    source gans/bin/activate
    python -m pip install "{wheel}[labs]"
    python -m jupyterlab

On Linux the index's PyTorch is the CUDA build, some 6 GB on disk. Without a GPU you want the small one; put this
before the third line:

    python -m pip install torch --index-url https://download.pytorch.org/whl/cpu

To use a notebook elsewhere (Colab, a server of your university), upload it and the wheel into one folder: its first
cell installs the wheel that lies beside it.
{home}
Code: MIT. Text: CC BY 4.0. Data: see DATA.md.
"""


class Notebook(NamedTuple):
    """A lab, or a student edition: its page in the book, its file in the repository, its name for the reader."""

    page: str
    file: str
    name: str


def notebooks(site_map: Any) -> dict[str, Notebook]:
    """Return labs and student editions by page, in the book's order; a name begins with its chapter's number."""
    found, number = {}, 0
    for part in site_map.root.subtrees:
        for chapter in part.files():
            number += bool(part.numbered)
            for page in (page for tree in site_map[chapter].subtrees for page in tree.files()):
                folder, kind = page.split("/")[-2:]
                name = f"{number:02}-{folder}-{kind}.ipynb" if part.numbered else f"{folder}-{kind}.ipynb"
                file = f"exercises/{folder}.ipynb" if kind == "exercises" else f"{page}.ipynb"
                found[page] = Notebook(page, file, name)
    return found


def has_home(root: Path, address: str) -> bool:
    """Say whether the repository is known to be public under its address (`make home`).

    So it is where GitHub itself builds it, and in a clone that has it as a remote.
    """
    name = address.removeprefix("https://github.com/")
    if os.environ.get("GITHUB_REPOSITORY", "").lower() == name.lower():
        return True
    try:
        command = ["git", "config", "--get-regexp", r"^remote\..*\.url$"]
        listed = subprocess.run(command, cwd=root, capture_output=True, text=True, encoding="utf-8").stdout
    except OSError:  # no git: a copy of the files
        return False
    return bool(re.search(rf"github\.com[:/]{re.escape(name)}(\.git)?/?$", listed, re.MULTILINE | re.IGNORECASE))


def launch(file: str, address: str) -> dict[str, str]:
    """Return where Colab and Binder open a file of the repository."""
    name = address.removeprefix("https://github.com/")
    return {
        "Colab": f"https://colab.research.google.com/github/{name}/blob/main/{file}",
        "Binder": f"https://mybinder.org/v2/gh/{name}/main?urlpath=lab/tree/{file}",
    }


def wheel_name(root: Path) -> str:
    """Return the name of the wheel of gan_helpers, with the version that pyproject.toml gives."""
    return f"gan_helpers-{version_of(root)}-py3-none-any.whl"


def build_wheel(root: Path, target: Path) -> Path:
    """Build the wheel of gan_helpers, without a network, and return it; the same files give the same bytes.

    Raises:
        ExtensionError: pip could not build it; with pip's own words.
    """
    with tempfile.TemporaryDirectory() as place:
        for name in ("pyproject.toml", "LICENSE", "DATA.md"):
            shutil.copyfile(root / name, Path(place, name))
        shutil.copytree(root / "gan_helpers", Path(place, "gan_helpers"), ignore=shutil.ignore_patterns("__pycache__"))
        for path in Path(place).rglob("*"):  # a wheel keeps permissions, which differ from clone to clone
            path.chmod(0o755 if path.is_dir() else 0o644)
        command = [sys.executable, "-m", "pip", "--isolated", "--disable-pip-version-check", "wheel", "--quiet"]
        command += ["--no-index", "--no-deps", "--no-build-isolation", "--wheel-dir", str(target), place]
        settings = {"env": {**os.environ, "SOURCE_DATE_EPOCH": "315532800"}, "umask": 0o022}  # TIME
        done = subprocess.run(command, **settings, capture_output=True, text=True, encoding="utf-8")
    if done.returncode:
        raise ExtensionError(f"The wheel of gan_helpers could not be built; pip says:\n{done.stdout}{done.stderr}")
    return target / wheel_name(root)


def edition(source: Path, page: str, link: Callable[[str, str, str], str], end: str, keep_colab: bool) -> bytes:
    """Return a notebook for a folder of its own: links lead where `link` says, the first cell says where it is from."""
    notebook = nbformat.read(source, as_version=nbformat.NO_CONVERT)

    def lead(found: re.Match[str]) -> str:
        goal = posixpath.normpath(posixpath.join(posixpath.dirname(page), found[2]))
        return link(found[1], goal, found[3] or "")

    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = LINK.sub(lead, cell.source)
    first = notebook.cells[0]
    first.source = (first.source if keep_colab else COLAB.sub("", first.source)) + f"\n\n{end}"
    return (nbformat.writes(notebook) + "\n").encode()


def entry(name: str, time: tuple[int, ...] = TIME, packed: bool = True) -> zipfile.ZipInfo:
    """Return the head of a file in an archive, which tells nothing of this machine."""
    head = zipfile.ZipInfo(name, time)
    head.compress_type, head.external_attr = zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED, 0o644 << 16
    return head


def archive(contents: dict[str, bytes]) -> bytes:
    """Return a zip of files by name."""
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in sorted(contents.items()):
            file.writestr(entry(name), content)
    return whole.getvalue()


def pack(app: Any, env: Any) -> list[str]:
    """Fill the folder; have the page that lists it written again."""
    if app.builder.name != "html":
        return []
    root, target, config = Path(app.srcdir), Path(app.outdir, FOLDER), app.config
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    wheel = build_wheel(root, target)
    version, known = wheel.name.split("-")[1], notebooks(config.external_site_map)
    base = config.html_baseurl.rstrip("/") if config.home_is_public else ""
    end = f"*From the book {config.html_title}, edition {version}. "
    end += f"On the web: [{base}]({base}/).*" if base else "Names in “quotes” are pages of the book.*"

    def to_page(words: str, page: str, anchor: str) -> str:
        if base:
            return f"[{words}]({base}/{page}.html{anchor})"
        if page not in env.titles:
            raise ExtensionError(f"A notebook links to {page}, which is no page of the book.")
        title = env.titles[page].astext()
        return f"“{title}”" if words.lower() in title.lower() else f"{words} (“{title}”)"

    def to_neighbour(words: str, page: str, anchor: str) -> str:
        return f"[{words}]({known[page].name})" if page in known else to_page(words, page, anchor)

    bundle = {wheel.name: wheel.read_bytes(), "DATA.md": (root / "DATA.md").read_bytes()}
    for page, file, name in known.values():
        (target / name).write_bytes(edition(root / file, page, to_page, end, config.home_is_public))
        bundle[name] = edition(root / file, page, to_neighbour, end, config.home_is_public)
    home = f"\nThe book on the web: {base}/\n" if base else ""
    words = {"title": config.html_title, "version": version, "wheel": wheel.name, "home": home}
    bundle["README.md"] = README.format(**words).encode()
    (target / BUNDLE).write_bytes(archive(bundle))
    for made, name in BOOKS.items():
        if (root / "_build" / made).is_file():
            shutil.copyfile(root / "_build" / made, target / name)
    return [PAGE] if PAGE in env.found_docs else []


class take_away(nodes.General, nodes.Element):
    """Where a list goes, once the files are there."""


class TakeAway(SphinxDirective):
    """The directive: `files`, `notebooks` or `commands`."""

    required_arguments = 1
    has_content = True

    def run(self) -> list[nodes.Node]:
        """Leave a place for a list; put the wheel's name into commands."""
        what = self.arguments[0]
        if what == "commands":
            self.env.note_dependency(str(Path(self.env.srcdir, "pyproject.toml")))
            text = "\n".join(self.content).format(wheel=wheel_name(Path(self.env.srcdir)))
            return [nodes.literal_block(text, text, language="none")]
        if what not in ("files", "notebooks"):
            raise self.error(f"take-away takes files, notebooks or commands, not {what!r}.")
        return [take_away(what=what)]


def up(page: str) -> str:
    """Return the way from a page to the root of the site."""
    return "../" * page.count("/")


def size(path: Path) -> str:
    """Return a file's size in words."""
    return f"{path.stat().st_size / 1e6:.1f}\N{NO-BREAK SPACE}MB"


def files(target: Path) -> Iterator[tuple[str, str]]:
    """Yield the files of the folder that are no single notebook, with what they are."""
    yield next(target.glob("*.whl")).name, "the module behind the labs, with its data and trained generators: for pip"
    yield BUNDLE, "all labs, all exercises (without solutions), the wheel, and the commands that run them"
    for name, what in zip(BOOKS.values(), ("the book on pages", "the book for a reading device"), strict=True):
        if (target / name).is_file():
            yield name, what


def listed(app: Any, page: str, what: str) -> str:
    """Return the list of what there is to take, as HTML."""
    target = Path(app.outdir, FOLDER)

    def link(name: str) -> str:
        return f'<a href="{up(page)}{FOLDER}/{escape(name)}" download>{escape(name)}</a>'

    if what == "files":
        head = ("File", "What it is", "Size")
        rows = [(link(name), escape(about), size(target / name)) for name, about in files(target)]
    else:
        head, pairs = ("Chapter", "Lab", "Exercises"), {}
        for notebook in notebooks(app.config.external_site_map).values():
            folder, kind = notebook.page.rsplit("/", 1)
            pairs.setdefault(folder, {})[kind] = link(notebook.name)
        owners = {folder: folder if folder in app.env.found_docs else f"{folder}/index" for folder in pairs}
        titles = {folder: escape(app.env.titles[owner].astext()) for folder, owner in owners.items()}
        rows = [(titles[folder], pair.get("lab", ""), pair.get("exercises", "")) for folder, pair in pairs.items()]
    top = "".join(f"<th>{cell}</th>" for cell in head)
    cells = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return f'<table class="table"><thead><tr>{top}</tr></thead><tbody>{cells}</tbody></table>'


def buttons(app: Any, notebook: Notebook) -> str:
    """Return the row of buttons of a notebook's page, as HTML."""
    page, config = f"{up(notebook.page)}{PAGE}.html", app.config
    goals = {"Colab": f"{page}#on-colab", "Binder": f"{page}#on-binder"}
    if config.home_is_public:
        goals = launch(notebook.file, config.html_theme_options["repository_url"])
    row = [f'<a class="gan-button" href="{escape(goal)}">{name}</a>' for name, goal in goals.items()]
    row.append(f'<a class="gan-button" href="{up(notebook.page)}{FOLDER}/{notebook.name}" download>Download</a>')
    return (
        f'<p class="gan-run"><span>Run it:</span> {" ".join(row)} '
        f'<span>in a clone <code>jupyter lab {notebook.file}</code></span> <a href="{page}">all ways</a></p>'
    )


def fill(app: Any, doctree: nodes.document, page: str) -> None:
    """Put the lists and the buttons where they belong; on paper neither is of use."""
    site, known = app.builder.name == "html", notebooks(app.config.external_site_map)
    for node in list(doctree.findall(take_away)):
        said = nodes.paragraph("", "The site of the book lists them here, with their sizes.")
        node.replace_self(nodes.raw("", listed(app, page, node["what"]), format="html") if site else said)
    if page in known:
        paragraph = next((p for p in doctree.findall(nodes.paragraph) if p.astext() == "Open in Colab"), None)
        if paragraph is None:
            raise ExtensionError(
                f"The first cell of {page}.ipynb lacks the paragraph that is the link *Open in Colab*."
            )
        if site:
            paragraph.replace_self(nodes.raw("", buttons(app, known[page]), format="html"))
        elif not app.config.home_is_public:
            paragraph.parent.remove(paragraph)


def head(app: Any, page: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    """Have the buttons above a page open and hand out what the row of buttons does."""
    notebook = notebooks(app.config.external_site_map).get(page)
    for group in context.get("header_buttons", []) if notebook else []:
        for button in group.get("buttons", []):
            if button["text"] in ("Colab", "Binder"):
                button["url"] = launch(notebook.file, app.config.html_theme_options["repository_url"])[button["text"]]
            if button.get("label") == "download-source-button":
                button["url"] = f"{up(page)}{FOLDER}/{notebook.name}"


def settle(app: Any, config: Any) -> None:
    """Find out whether links to the repository lead anywhere; without a home the theme gets no launch buttons."""
    config.home_is_public = has_home(Path(app.srcdir), config.html_theme_options["repository_url"])
    if not config.home_is_public:
        config.html_theme_options.pop("launch_buttons", None)


def setup(app: Any) -> dict[str, bool]:
    """Connect to Sphinx."""
    app.add_config_value("home_is_public", False, "env")
    app.add_node(take_away)
    app.add_directive("take-away", TakeAway)
    app.connect("config-inited", settle)
    app.connect("env-updated", pack)
    app.connect("doctree-resolved", fill)
    app.connect("html-page-context", head, priority=901)  # after the theme
    return {"parallel_read_safe": True, "parallel_write_safe": True}
