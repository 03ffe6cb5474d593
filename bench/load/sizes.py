"""How large tables and logs are, and how large the capacity model says that they should be."""

from dataclasses import dataclass
from typing import Any

from bench.capacity_inputs import LOG_BYTES, ROW_BYTES
from local.stage import Stage

_TABLES = """
select c.oid::regclass::text, pg_total_relation_size(c.oid)
from pg_class as c
where c.relnamespace in ('public'::regnamespace, 'queue'::regnamespace) and c.relkind in ('r', 'p')
"""
LOGS = ("web", "worker")
# Smaller growth is a page or two.
WORTH_TELLING = 65_536


@dataclass(frozen=True)
class Sizes:
    """Bytes of tables with their indexes, and of logs, and rows of each table."""

    tables: dict[str, int]
    rows: dict[str, int]
    logs: dict[str, int]
    requests: int = 0


def read_sizes(stage: Stage) -> Sizes:
    tables = {name.removeprefix("public."): size for name, size in stage.rows(_TABLES)}
    rows = {
        name: int(stage.rows(f"select count(*) from {_full(name)}")[0][0])  # type: ignore[arg-type]
        for name in tables
    }
    logs = {name: (stage.folder / f"{name}.log").stat().st_size for name in LOGS}
    return Sizes(tables, rows, logs)


def _full(name: str) -> str:
    return name if "." in name else f"public.{name}"


def grown_tables(before: Sizes, after: Sizes) -> list[dict[str, Any]]:
    """The tables that grew, the largest growth first: rows and bytes of one, with its indexes."""
    found = []
    for name, size in after.tables.items():
        grown, rows = size - before.tables.get(name, 0), after.rows[name] - before.rows.get(name, 0)
        if grown >= WORTH_TELLING:
            a_row = round(grown / rows) if rows > 0 else ""
            found.append({"table": name, "rows": rows, "kb": grown // 1024, "bytes_a_row": a_row})
    return sorted(found, key=lambda each: -each["kb"])


def computed_sizes(before: Sizes, after: Sizes) -> tuple[dict[str, float], dict[str, float]]:
    """(bytes by which each has grown, bytes by which it should have)."""
    found = {name: float(after.tables[name] - before.tables[name]) for name in ROW_BYTES}
    computed = {name: (after.rows[name] - before.rows[name]) * each
                for name, each in ROW_BYTES.items()}  # fmt: skip
    answers = after.rows["answers"] - before.rows["answers"]
    found |= {f"log of {name}": float(after.logs[name] - before.logs[name]) for name in LOGS}
    computed["log of worker"] = LOG_BYTES["worker, an answer"] * answers
    computed["log of web"] = LOG_BYTES["web, a request"] * (after.requests - before.requests)
    return found, computed
