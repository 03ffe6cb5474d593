"""`python -m bench.dashboard [rows …]`: each page's reads with ledgers of growing size.

Each size has its own stack, with the same people on the same days. The sizes are measured in turn,
so that other load on the machine affects all of them.
"""

import logging
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import date
from typing import Any

import psutil

from bench import results
from bench.browser import first_figures
from bench.ledger import fill
from bench.pages import Reads, operator, record
from bench.reading import milliseconds, slowest, work_of
from dashboard.data.reads import asker
from dashboard.exports.month import LEDGER
from dashboard.exports.writing import write
from local.stage import Stage, build_stage

SIZES = (100_000, 1_000_000, 10_000_000)
REPEATS = 9
EXPORTED = 1_000_000
MOST_MS = 300
MOST_GROWTH = 1.5


def main(sizes: list[int]) -> None:
    logging.disable(logging.WARNING)
    with ExitStack() as exits:
        stages = {size: exits.enter_context(build_stage(fast=True)) for size in sizes}
        for size, stage in stages.items():
            print(f"a ledger of {size:,} rows …", flush=True)
            fill(stage.settings.database_url.get_secret_value(), stage.admin_url, size, _say)
        measured = {"pages": measure_pages(stages)}
        results.print_table(measured["pages"])
        print(verdict(measured["pages"]))
        measured["browser"] = first_figures(next(iter(stages.values())))
        results.print_table(measured["browser"])
        measured["export"] = [export(stage, size) for size, stage in stages.items()]
        results.print_table(measured["export"])
    results.keep(measured)


def measure_pages(stages: dict[int, Stage]) -> list[dict[str, Any]]:
    """One row per page and period: for each size the API's median time, CPU time, and rows."""
    found: dict[tuple[str, str], dict[int, Reads]] = {}
    for size, stage in stages.items():
        for page, period, reads in record(stage):
            found.setdefault((page, period), {})[size] = reads
    return [_measure(stages, page, period, reads) for (page, period), reads in found.items()]


def _measure(
    stages: dict[int, Stage], page: str, period: str, reads_of: dict[int, Reads]
) -> dict[str, Any]:
    print(f"measuring {page}, {period or 'as it is'} …", flush=True)
    spent: dict[int, list[float]] = {size: [] for size in stages}
    for _ in range(REPEATS):
        for size, reads in reads_of.items():
            spent[size].append(milliseconds(reads))
    times = {size: statistics.median(each) for size, each in spent.items()}
    works = {size: work_of(stage, reads_of[size]) for size, stage in stages.items()}
    least, most = min(stages), max(stages)
    return {
        "page": page,
        "period": period,
        "reads": len(reads_of[most]),
        **{f"ms at {size:,}": round(each) for size, each in times.items()},
        "growth": round(times[most] / times[least], 2),
        **{f"cpu ms at {size:,}": round(each.cpu_ms) for size, each in works.items()},
        "cpu growth": round(works[most].cpu_ms / works[least].cpu_ms, 2),
        **{f"rows at {size:,}": each.rows for size, each in works.items()},
        "slowest read": slowest(reads_of[most]),
    }


def verdict(rows: list[dict[str, Any]]) -> str:
    """Which pages miss the targets for time and growth, in wall time."""
    missed = [
        f"{row['page']} {row['period']}".strip()
        for row in rows
        if row["growth"] >= MOST_GROWTH
        or any(each > MOST_MS for name, each in row.items() if name.startswith("ms "))
    ]
    asked = f"{MOST_MS} ms and grows by less than {MOST_GROWTH} times"
    return f"Over it: {'; '.join(missed)}" if missed else f"Every page takes at most {asked}."


def export(stage: Stage, size: int) -> dict[str, Any]:
    """Export the raw ledger as CSV, newest month first, up to a million rows."""
    months = stage.rows(
        "select distinct date_trunc('month', day)::date from public.usage_daily order by 1 desc"
    )
    ask = asker(operator(stage))
    rows, began = 0, time.monotonic()
    with tempfile.TemporaryFile() as file, memory() as grown:
        for (month,) in months:
            rows += write(LEDGER, ask, date(month.year, month.month, 1), file).rows
            if rows >= EXPORTED:
                break
        seconds, written = time.monotonic() - began, file.tell()
    return {
        "what": f"raw usage ledger as CSV, of {size:,} rows",
        "rows": rows,
        "rows_per_s": round(rows / seconds),
        "file_mb": round(written / 1e6),
        "peak_memory_mb": round(max(grown) / 1e6, 1),
    }


@contextmanager
def memory() -> Iterator[list[int]]:
    """How many bytes this process has grown inside the block, sampled 20 times a second."""
    process, done = psutil.Process(), threading.Event()
    start = process.memory_info().rss
    grown = [0]

    def watch() -> None:
        while not done.wait(0.05):
            grown.append(process.memory_info().rss - start)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield grown
    finally:
        done.set()
        watcher.join()


def _say(line: str) -> None:
    print(f"  {line}", flush=True)


if __name__ == "__main__":
    main([int(each.replace("_", "")) for each in sys.argv[1:]] or list(SIZES))
