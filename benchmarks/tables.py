"""Tables of measurements that survive an interruption: rows are written whole, and the time that is left is told."""

import csv
import io
import multiprocessing
import os
import platform
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

Row = dict[str, object]


def machine() -> str:
    """Return the processor's name and how many cores this process may use."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.is_file() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return f"{names[0] if names else platform.processor() or platform.machine()}, {len(cores())} cores"


def cores() -> list[int]:
    """Return the numbers of the cores that this process may use."""
    return sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else list(range(os.cpu_count() or 1))


def rows_of(table: Path) -> list[dict[str, str]]:
    """Return the rows of a table that may not be there yet; a last line that was cut off is not one."""
    if not table.exists():
        return []
    text = table.read_text(encoding="utf-8")
    return list(csv.DictReader(io.StringIO(text[: text.rfind("\n") + 1])))


def append(table: Path, columns: Sequence[str], rows: Iterable[Row]) -> None:
    """Add rows to a table, all of them or none: in one write, after cutting off what an earlier one left half done.

    A table that is new gets its first line.
    """
    table.parent.mkdir(parents=True, exist_ok=True)
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, restval="", lineterminator="\n")
    with open(table, "ab+") as file:
        file.seek(0)
        whole = file.read().rfind(b"\n") + 1
        file.truncate(whole)
        if not whole:
            writer.writeheader()
        writer.writerows(rows)
        file.write(text.getvalue().encode())
        file.flush()
        os.fsync(file.fileno())


def measure_all(
    measure: Callable[[Any], list[Row]],
    jobs: Sequence[Any],
    table: Path,
    columns: Sequence[str],
    key: Sequence[str],
    *,
    processes: int,
    cost: Callable[[Any], float] = lambda job: 1.0,
) -> None:
    """Measure the jobs in `processes` processes, and write the rows of each as soon as it is done.

    Args:
        measure: makes a job and returns its rows, at least one; a function of a module, so that a new process finds it.
        jobs: in the order in which they shall start.
        table: the CSV file.
        columns: its first line.
        key: the columns that name a row; a row that is in the table already is not written again.
        processes: at least 1; ask for one thread each.
        cost: about how much a job takes, in any unit; used for the time that is left.
    """
    total, done, start = sum(map(cost, jobs)), 0.0, time.monotonic()
    with multiprocessing.get_context("spawn").Pool(processes, maxtasksperchild=50) as pool:
        for count, (job, rows) in enumerate(pool.imap_unordered(_Numbered(measure), jobs), 1):
            known = {tuple(row[name] for name in key) for row in rows_of(table)}
            append(table, columns, [row for row in rows if tuple(str(row[name]) for name in key) not in known])
            done += cost(job)
            left = (time.monotonic() - start) * (total - done) / done / 60
            short = (value for value in rows[-1].values() if len(str(value)) < 40)
            print(f"{count}/{len(jobs)}, about {left:.0f} minutes left:", *short, flush=True)


class _Numbered:
    """Hand the job back with its rows, so that results may come in any order."""

    def __init__(self, measure: Callable[[Any], list[Row]]) -> None:
        self.measure = measure

    def __call__(self, job: Any) -> tuple[Any, list[Row]]:
        return job, self.measure(job)
