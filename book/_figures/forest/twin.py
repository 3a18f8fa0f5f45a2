"""The forest plot of the chapter on tricks: measured runs, reduced by the very functions of its lab."""

import json
from functools import cache
from pathlib import Path

from twins import FAKE, OTHER, REAL, panels

ROOT = Path(__file__).parents[3]
LAB = "book/training-tricks/lab.ipynb"
SOURCES = [LAB, "gan_helpers/embedded/results/tricks.csv"]
TABLES = {
    "digits": ("digits", "main"), "digits-long": ("digits", "long"), "ring": ("ring", "main"),
    "ring-long": ("ring", "long"), "clothing": ("fashion", "main"),
}  # fmt: skip
START = {"world": "digits", "score": "main", "seeds": 8, "show": "verdict", "chosen": "momentum: beta1 = 0.9"}
STATES = [
    START,
    START | {"seeds": 3, "show": "all", "chosen": "larger batch: twice, equal steps"},
    START | {"seeds": 2, "score": "recall"},
    START | {"world": "digits-long", "show": "all", "chosen": "weight averaging: EMA"},
    START | {"world": "ring", "show": "open", "seeds": 5, "chosen": ""},
    START | {"world": "ring-long", "score": "precision"},
    START | {"world": "clothing", "score": "precision", "show": "all", "chosen": "plain: plain"},
]
VARIANTS = range(1, 11)  # their seeds; control runs have those from 11 on


@cache
def lab() -> dict:
    """Return the names that section 2 of the lab defines, up to its verdicts."""
    cells = json.loads((ROOT / LAB).read_text(encoding="utf-8"))["cells"]
    code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    first = next(i for i, text in enumerate(code) if text.startswith('rows = load_results("tricks")'))
    last = next(i for i, text in enumerate(code) if text.startswith("effects, verdicts = read_tables()"))
    imports = next(text for text in code if text.startswith("import copy"))
    names = {"print": lambda *_, **__: None}
    helpers = next(text for text in code if text.startswith("from gan_helpers import"))
    exec("\n".join([imports, helpers, *code[first:last]]), names)  # our own notebook
    return names


def column_of(world: str, score: str) -> str:
    """Return the column of the table in which a score stands."""
    return lab()["WORLDS"][world][1] if score == "main" else score


def data() -> dict:
    """Return for each table its base runs and variants: name, base, and the scores of each seed."""
    found = {}
    for name, table in TABLES.items():
        scores = ["main"] if table[0] == "ring" else ["main", "precision", "recall"]
        runs = {score: lab()["runs_of"](*table, column_of(table[0], score)) for score in scores}
        rows = []
        for key in runs["main"]:
            row = {"name": ": ".join(key), "base": ": ".join(lab()["base_of"](key, table[0]))}
            row["paired"] = key[0] == lab()["AVERAGING"]
            for score in scores:
                row[score] = [[seed, float(f"{value:.6g}")] for seed, value in sorted(runs[score][key].items())]
            rows.append(row)
        found[name] = rows
    return found


def used(runs: dict, state: dict, paired: bool) -> list[int]:
    """Return the seeds that count: of a variant the first ones; averages are made in the control runs and use "
    "all."""
    return sorted(runs) if paired else sorted(set(runs) & set(VARIANTS))[: int(state["seeds"])]


def numbers(state: dict) -> dict:
    """Return the effects of one table with at most so many seeds a variant, and the seeds of the chosen row."""
    table, names = TABLES[state["world"]], lab()
    if table[0] == "ring" and state["score"] != "main":
        return {
            "rows": [],
            "helps": 0,
            "open": 0,
            "hurts": 0,
            "ours": [],
            "base": [],
            "neutral": 0,
            "logs": False,
            "most": 0,
        }
    runs = names["runs_of"](*table, column_of(table[0], state["score"]))
    logs = state["score"] == "main" and table[0] != "ring"
    effects = {}
    for key in runs:
        paired = key[0] == names["AVERAGING"]
        ours = {seed: runs[key][seed] for seed in used(runs[key], state, paired)}
        base = runs[names["base_of"](key, table[0])]
        if key != names["PLAIN"]:
            effects[key] = names["compare"](ours, base, logs, paired)
    verdicts = names["verdicts_of"](effects, lower_is_better=logs)
    words = {"helps": "helps", "hurts": "hurts", "no difference seen": "open"}
    rows = [
        {"name": ": ".join(key), "size": e.size, "low": e.low, "high": e.high, "verdict": words[verdicts[key]]}
        for key, e in effects.items()
    ]
    counts = {word: sum(row["verdict"] == word for row in rows) for word in words.values()}
    wanted = {"all": set(words.values()), "verdict": {"helps", "hurts"}, "open": {"open"}}[state["show"]]
    rows = [row for row in rows if row["verdict"] in wanted]
    chosen = next((key for key in runs if ": ".join(key) == state["chosen"] and key != names["PLAIN"]), None)
    ours, base = [], []
    if chosen:
        group = runs[names["base_of"](chosen, table[0])]
        ours = [runs[chosen][seed] for seed in used(runs[chosen], state, chosen[0] == names["AVERAGING"])]
        base = [group[seed] for seed in sorted(group) if seed not in VARIANTS]
    variants = [runs[key] for key in effects if key[0] != names["AVERAGING"]]
    return {
        "rows": rows, **counts, "ours": ours, "base": base, "neutral": 1 if logs else 0, "logs": logs,
        "most": max(len(used(scores, state, paired=False)) for scores in variants),
    }  # fmt: skip


def alt(state: dict) -> str:
    """Say what the still picture shows."""
    now = numbers(state)
    worst = max(now["rows"], key=lambda row: row["size"])
    return (
        f"A forest plot of the tricks with a verdict on digits after 500 steps: {now['hurts']} hurt, {now['helps']} "
        f"help, for {now['open']} further ones no difference is seen. Each row is a trick with the factor of its "
        f"Fréchet distance and a 95 % interval; the largest is {worst['size']:.0f}, for {worst['name']}."
    )


def draw(state: dict) -> None:
    """Draw the still picture."""
    rows = numbers(state)["rows"]
    _, [ax] = panels(height=0.34 * len(rows) + 1.0)
    for y, row in enumerate(rows):
        colour = {"helps": REAL, "hurts": FAKE, "open": OTHER}[row["verdict"]]
        ax.plot([row["low"], row["high"]], [y, y], "-", color=colour, linewidth=2)
        ax.plot(row["size"], y, "o", color=colour)
        ax.annotate(
            f"{row['size']:.2f}", (row["size"], y), textcoords="offset points", xytext=(0, 6), ha="center", size=8
        )
    ax.axvline(1, color="black", linewidth=0.8)
    ax.set(
        xscale="log",
        xticks=[0.5, 1, 2, 4, 8, 16, 32],
        xticklabels=["0.5", "1", "2", "4", "8", "16", "32"],
        yticks=range(len(rows)),
        yticklabels=[row["name"] for row in rows],
        xlabel="factor of the Fréchet distance (right of 1 is worse)",
    )
    ax.minorticks_off()
    ax.invert_yaxis()
    ax.set_ylim(len(rows) - 0.5, -0.8)
