"""Repeats the reads of a page: how long the API takes, and how many rows Postgres reads."""

import json
import math
import statistics
import time
from dataclasses import dataclass
from pathlib import Path

import httpx
import psycopg
from psycopg import sql
from psycopg.types.json import Json

from bench.pages import EMAIL, Reads
from dashboard.access import auth
from local.stage import Stage

# The types of a function's parameters, according to Postgres.
TYPES = """
select argument.name, format_type(argument.type, null)
from pg_proc as functions,
    unnest(functions.proargnames[:functions.pronargs], functions.proargtypes::oid[])
        as argument (name, type)
where functions.pronamespace = 'public'::regnamespace and functions.proname = %s
"""
# Rows read from tables in this transaction, not yet in the statistics. Index-only scans that touch
# no table do not count.
ROWS = """
select coalesce(sum(seq_tup_read + coalesce(idx_tup_fetch, 0)), 0) from pg_stat_xact_user_tables
"""


def milliseconds(reads: Reads) -> float:
    """How long the API takes for all reads of a page, sent one by one, as the page does."""
    began = time.perf_counter()
    for request in reads:
        auth.connections().send(request).raise_for_status()
    return (time.perf_counter() - began) * 1000


def slowest(reads: Reads, repeats: int = 3) -> str:
    """The slowest read, with its milliseconds."""
    medians = {
        f"{number} {_name(request)}": statistics.median(
            milliseconds([request]) for _ in range(repeats)
        )
        for number, request in enumerate(reads)
    }
    name = max(medians, key=lambda each: medians[each])
    return f"{name.split()[1]} {medians[name]:.0f}"


@dataclass(frozen=True)
class Work:
    """The work of Postgres for all reads of a page, under row level security."""

    rows: int
    cpu_ms: float


def work_of(stage: Stage, reads: Reads, repeats: int = 5) -> Work:
    """Run the reads without the API, on one connection, to count only their rows and CPU time.

    CPU time, unlike wall time, does not depend on how busy the machine is.
    """
    with psycopg.connect(stage.admin_url) as connection:
        found = connection.execute(
            "select user_id from public.operators where email = %s", (EMAIL,)
        ).fetchone()
        assert found is not None
        user_id = str(found[0])
        rows = sum(_rows_of(connection, user_id, request) for request in reads)
        began = _processor_ms(connection)
        for _ in range(repeats):
            for request in reads:
                _rows_of(connection, user_id, request)
        return Work(rows, (_processor_ms(connection) - began) / repeats)


def _processor_ms(connection: psycopg.Connection) -> float:
    """CPU time of this connection's backend so far. Linux counts it in nanoseconds.

    https://docs.kernel.org/scheduler/sched-stats.html
    """
    path = Path(f"/proc/{connection.info.backend_pid}/schedstat")
    return int(path.read_text().split()[0]) / 1e6 if path.exists() else math.nan


def _rows_of(connection: psycopg.Connection, user_id: str, request: httpx.Request) -> int:
    statement, values = _statement(connection, request)
    connection.rollback()
    before = _counted(connection)
    connection.execute(
        "select set_config('request.jwt.claim.sub', %s, true),"
        " set_config('request.jwt.claims', %s, true)",
        (user_id, json.dumps({"sub": user_id, "role": "authenticated"})),
    )
    connection.execute("set local role authenticated")
    connection.execute(statement, values)
    connection.execute("reset role")
    after = _counted(connection)
    connection.rollback()
    return after - before


def _counted(connection: psycopg.Connection) -> int:
    row = connection.execute(ROWS).fetchone()
    assert row is not None
    return int(row[0])


def _name(request: httpx.Request) -> str:
    return request.url.path.rsplit("/", 1)[-1]


def _statement(
    connection: psycopg.Connection, request: httpx.Request
) -> tuple[sql.Composed, list[object]]:
    if "/rpc/" not in request.url.path:
        return _select(request)
    name = _name(request)
    types = dict(connection.execute(TYPES, (name,)).fetchall())
    given = json.loads(request.content or b"{}")
    arguments = [
        sql.SQL("{} => %s::{}").format(sql.Identifier(each), sql.SQL(types[each])) for each in given
    ]
    call = sql.SQL("select * from {}({})").format(
        sql.Identifier("public", name), sql.SQL(", ").join(arguments)
    )
    values = [Json(each) if types[key] == "jsonb" else each for key, each in given.items()]
    return call, values


def _select(request: httpx.Request) -> tuple[sql.Composed, list[object]]:
    """SQL for a read of a table: the part of PostgREST's query language that the dashboard uses."""
    query = sql.SQL("select {} from {}").format(
        sql.SQL(request.url.params.get("select", "*")), sql.Identifier("public", _name(request))
    )
    values: list[object] = []
    words = {"eq": "=", "lte": "<="}
    wheres = []
    for column, condition in request.url.params.multi_items():
        operator, _, value = condition.partition(".")
        if operator in words:
            wheres.append(
                sql.SQL("{} {} %s").format(sql.Identifier(column), sql.SQL(words[operator]))
            )
            values.append(value)
    if wheres:
        query += sql.SQL(" where ") + sql.SQL(" and ").join(wheres)
    if order := request.url.params.get("order"):
        query += sql.SQL(" order by " + order.replace(".", " "))
    if limit := request.url.params.get("limit"):
        query += sql.SQL(" limit " + limit)
    return query, values
