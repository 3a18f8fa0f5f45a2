"""What a lab defines, for the benchmark of its chapter: its own cells run, so nothing is written twice."""

import functools
import json
from pathlib import Path
from typing import Any

BOOK = Path(__file__).parents[1] / "book"


@functools.cache
def definitions(chapter: str) -> dict[str, Any]:
    """Run the imports, settings and definitions of a lab, the cells with these words in their ids; return its names."""
    lab, names = BOOK / chapter / "lab.ipynb", {}
    for cell in json.loads(lab.read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] == "code" and cell["id"].startswith(("imports-", "settings", "define-")):
            exec(compile("".join(cell["source"]), f"{chapter}/{cell['id']}", "exec"), names)
    return names
