"""Prints measurements as a table and saves them as JSON in bench/results."""

import json
import os
import platform
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).with_name("results")


def print_table(rows: list[dict[str, Any]]) -> None:
    """Print one line per row, and one column for every key in any row."""
    columns = list(dict.fromkeys(name for row in rows for name in row))
    cells = [[str(row.get(name, "")) for name in columns] for row in rows]
    widths = [max(map(len, column)) for column in zip(columns, *cells, strict=True)]
    for line in [columns, *cells]:
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)))


def keep(
    measured: dict[str, list[dict[str, Any]]], path: Path | None = None, *, quietly: bool = False
) -> Path:
    """Write the measurements, the time and the machine to a new file, or to that of an earlier call
    of the same measurement. Returns its path."""
    FOLDER.mkdir(exist_ok=True)
    now = datetime.now(UTC)
    path = path or FOLDER / f"{now:%Y-%m-%dT%H%M%SZ}.json"
    machine = {
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "load": os.getloadavg(),
    }
    path.write_text(json.dumps({"at": now.isoformat(), "machine": machine, **measured}, indent=2))
    if not quietly:
        print(f"kept in {path.relative_to(FOLDER.parent.parent)}")
    return path
