"""`python -m bench [webhook] [idle] [calls] [flight]`: measure, print tables, keep JSON."""

import json
import os
import platform
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench import answers, calls, webhook
from local.stage import build_stage

RESULTS = Path(__file__).with_name("results")
BENCHMARKS = {
    "webhook": webhook.measure,
    "idle": answers.measure_idle,
    "calls": calls.measure,
    "flight": answers.measure_flight,
}


def main(names: list[str]) -> None:
    unknown = set(names) - set(BENCHMARKS)
    if unknown:
        raise SystemExit(
            f"There is no benchmark {', '.join(unknown)}; choose from {', '.join(BENCHMARKS)}."
        )
    measured = {}
    for name in names or list(BENCHMARKS):
        print(f"measuring {name} …", flush=True)
        with build_stage() as stage:
            measured[name] = BENCHMARKS[name](stage)
        print_table(measured[name])
    RESULTS.mkdir(exist_ok=True)
    now = datetime.now(UTC)
    path = RESULTS / f"{now:%Y-%m-%dT%H%M%SZ}.json"
    machine = {
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "load": os.getloadavg(),
    }
    path.write_text(json.dumps({"at": now.isoformat(), "machine": machine, **measured}, indent=2))
    print(f"kept in {path.relative_to(RESULTS.parent.parent)}")


def print_table(rows: list[dict[str, Any]]) -> None:
    columns = list(dict.fromkeys(name for row in rows for name in row))
    cells = [[str(row.get(name, "")) for name in columns] for row in rows]
    widths = [max(map(len, column)) for column in zip(columns, *cells, strict=True)]
    for line in [columns, *cells]:
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)))


if __name__ == "__main__":
    main(sys.argv[1:])
