"""Fills a database with a ledger of any size: the demo company, with many more questions.

All rows of a use are written as the service would write them, and the rollups are computed from
them. It inserts a month at a time, set-based, without the triggers and indexes that single writes
need. Those are restored before anything is timed.
"""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import psycopg
from psycopg import sql

from local.seed import rebuilds, seed

TABLES = (
    "usage_logs", "answers", "use_receipts", "activity", "model_calls", "advice_outcomes",
    "advice_rules", "answer_traces", "webhook_deliveries", "analysis_ends", "pipeline_history",
)  # fmt: skip
# One per core of a small machine: each sort or index build uses a whole core.
AT_ONCE = 2
SETTINGS = """
set session_replication_role = replica; set synchronous_commit = off; set jit = off;
set work_mem = '768MB'; set maintenance_work_mem = '1GB'; set max_parallel_workers_per_gather = 0
"""
SERVER = ("max_wal_size = '6GB'", "checkpoint_timeout = '1h'", "autovacuum = off")
INDEXES = """
select indexes.indexrelid::regclass::text, constraints.conname,
    pg_get_constraintdef(constraints.oid), pg_get_indexdef(indexes.indexrelid)
from pg_index as indexes
left join pg_constraint as constraints on constraints.conindid = indexes.indexrelid
    and constraints.conrelid = indexes.indrelid and constraints.contype in ('p', 'u')
where indexes.indrelid = %s::regclass
    -- What other tables refer to stays.
    and not exists (
        select from pg_constraint as others
        where others.conindid = indexes.indexrelid and others.contype = 'f'
    )
order by indexes.indisprimary desc, 1
"""


def fill(database_url: str, admin_url: str, rows: int, say: Callable[[str], None]) -> int:
    """Fill the ledger to `rows` rows (at least the demo data's); return its number of rows."""
    say("the demo company")
    seed(database_url)
    with _connected(admin_url) as connection:
        for setting in SERVER:
            connection.execute(sql.SQL("alter system set " + setting))
        connection.execute(
            "select pg_reload_conf(), set_config('bench.rows', %s, false)", (str(rows),)
        )
        connection.execute(Path(__file__).with_name("ledger_rows.sql").read_text(encoding="utf-8"))
        months = [
            row[0]
            for row in connection.execute(
                "select distinct date_trunc('month', day, 'UTC') from bench_seed.base order by 1"
            )
        ]
        for number, month in enumerate(months):
            connection.execute(
                sql.SQL(
                    "create unlogged table {} partition of bench_seed.used for values in ({})"
                ).format(sql.Identifier("bench_seed", f"used_{number}"), sql.Literal(month))
            )
    _at_once([lambda month=month: _draw(admin_url, month, say) for month in months])
    back = {table: _drop_indexes(admin_url, table) for table in TABLES}
    _at_once([lambda table=table: _fill(admin_url, table, months, say) for table in TABLES])
    _at_once(
        [lambda each=each: _run(admin_url, each, say) for table in TABLES for each in back[table]]
    )
    _run(admin_url, "select bench_seed.add_surroundings()", say)
    _run(admin_url, "analyze public.model_calls", say)
    _run(admin_url, "select bench_seed.add_bill()", say)
    _run(admin_url, "drop schema bench_seed cascade", say)
    with _connected(admin_url) as connection:
        names = rebuilds(connection)
    _at_once([lambda name=name: _run(admin_url, f"select private.{name}()", say) for name in names])
    _run(admin_url, "vacuum analyze", say)
    with _connected(admin_url) as connection:
        connection.execute("checkpoint")
        return connection.execute("select count(*) from public.usage_logs").fetchone()[0]


@contextmanager
def _connected(url: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(SETTINGS)
        yield connection


def _at_once(tasks: list[Callable[[], None]]) -> None:
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for done in [pool.submit(task) for task in tasks]:
            done.result()


def _draw(url: str, month: datetime, say: Callable[[str], None]) -> None:
    with _connected(url) as connection:
        connection.execute("select bench_seed.draw(%s)", (month,))
    say(f"drawn: {month:%b %Y}")


def _fill(url: str, table: str, months: list[datetime], say: Callable[[str], None]) -> None:
    began = time.monotonic()
    with _connected(url) as connection:
        for month in months:
            function = sql.Identifier("bench_seed", f"add_{table}")
            connection.execute(sql.SQL("select {}(%s)").format(function), (month,))
            say(f"{table}: {month:%b %Y}, {time.monotonic() - began:.0f} s")


def _drop_indexes(url: str, table: str) -> list[str]:
    """Drop every index of a table; return the statements that create them again."""
    back = []
    with _connected(url) as connection:
        name = sql.Identifier("public", table)
        for index, constraint, definition, statement in connection.execute(
            INDEXES, (f"public.{table}",)
        ).fetchall():
            if constraint is None:
                connection.execute(sql.SQL("drop index ") + sql.SQL(index))
                back.append(statement)
            else:
                own = sql.Identifier(constraint)
                connection.execute(sql.SQL("alter table {} drop constraint {}").format(name, own))
                again = sql.SQL("alter table {} add constraint {} ").format(name, own)
                back.append(again.as_string() + definition)
    return back


def _run(url: str, statement: str, say: Callable[[str], None]) -> None:
    began = time.monotonic()
    with _connected(url) as connection:
        connection.execute(sql.SQL(statement))
    say(f"{statement[:90]}: {time.monotonic() - began:.0f} s")
