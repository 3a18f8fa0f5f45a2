"""A Sphinx extension: a figure of a lab, in its chapter as well.

    ```{lab-figure} fig-translation-outline
    :name: fig-theory-translation-outline
    :width: 640px
    The caption.
    ```

The picture is what the cell of that name drew when `scripts/execute.py` last ran the lab of the same folder; the
alternative text is the cell's own.
"""

import base64
import hashlib
import json
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from execute import EXECUTED, ROOT, light
from sphinx.directives.patches import Figure

LABS = ROOT
PICTURES = ROOT / "_build" / "stills"


def drawn(folder: str, name: str) -> tuple[bytes, str]:
    """Return what a cell of a folder's lab drew, as PNG, and the alternative text.

    Raises:
        ValueError: the lab has not run, or none of its cells draws a figure of this name.
    """
    file = EXECUTED / folder / "lab.ipynb"
    if not file.is_file():
        raise ValueError(f"{folder}/lab.ipynb has not been run; scripts/execute.py runs it.")
    ran, written = (
        [cell for cell in json.loads(path.read_text(encoding="utf-8"))["cells"] if cell["cell_type"] == "code"]
        for path in (file, LABS / folder / "lab.ipynb")
    )
    for cell, source in zip(ran, written, strict=True):
        about = source["metadata"].get("mystnb", {})  # the lab's own: a change of words alone does not run it again
        if about.get("figure", {}).get("name") == name:
            for output in cell["outputs"]:
                if "image/png" in output.get("data", {}):
                    return base64.b64decode(light(output)["data"]["image/png"]), about["image"]["alt"]
    raise ValueError(f"no cell of {folder}/lab.ipynb draws a figure of the name {name!r}.")


class LabFigure(Figure):
    """The directive: a figure whose picture the lab has drawn."""

    option_spec: ClassVar = {"name": directives.unchanged, "width": directives.length_or_percentage_or_unitless}

    def run(self) -> list[nodes.Node]:
        env, name = self.state.document.settings.env, self.arguments[0]
        folder = env.docname.rpartition("/")[0]
        try:
            picture, alt = drawn(folder, name)
        except ValueError as error:
            raise self.error(str(error)) from error
        for root in (EXECUTED, LABS):
            env.note_dependency(str(root / folder / "lab.ipynb"))
        path = PICTURES / f"{name}-{hashlib.sha256(picture).hexdigest()[:12]}.png"
        PICTURES.mkdir(parents=True, exist_ok=True)
        for old in PICTURES.glob(f"{name}-????????????.png"):
            if old != path:
                old.unlink()
        path.write_bytes(picture)
        self.arguments[0] = "/" + path.relative_to(ROOT).as_posix()
        self.options["alt"] = alt
        return super().run()


def setup(app: Any) -> dict[str, bool]:
    """Connect to Sphinx."""
    app.add_directive("lab-figure", LabFigure)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
