"""Gives a full table partitions by time: `python -m sql.partitions TABLE`, with DATABASE_URL set.

For `answers`, `usage_logs` and `webhook_deliveries`, while the product is at work; docs/scaling.md
says when it is worth it. No row is copied: the table as it is becomes the first partition of a new
one that takes its name.

1. A bound: from a moment on, a week or more ahead, the table takes no rows. Not checked yet.
2. Every row is read once to see that it holds. Nobody waits for that.
3. The swap, one short transaction that is tried until it gets its locks.
4. What calls in flight still needed of the old table is dropped, and partitions are made ahead.

Killed anywhere, it is finished by the next call. Until the swap `--undo` takes it back. Without a
table it says how each stands.
"""

import argparse
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

import psycopg
from psycopg import sql

from sql.apply import DEPLOY_LOCK, ApplyError, open_database, take_deploy_lock
from sql.locks import GIVE_UP_SECONDS, LOCK_TIMEOUT_MS, LockWatch, StillLocked, try_again
from sql.swap import Swap

# The last moment of the table as it is lies at least so far ahead: time enough for the rest.
BOUND_AHEAD = "7 days"
# With less left, a new bound is set first. Workers take an older one away at two days.
BOUND_LEFT = "3 days"
LOOK_SECONDS = 0.5

_STATES = """
select name, is_partitioned, made_until, begun_until, has_strays,
    coalesce(begun_until < now() + %s::interval, false)
from private.partition_states()
"""
_KIND = """
select at_column, (
    select date_trunc(unit, now() + %(ahead)s::interval, 'UTC') + step
    from (select case when step < interval '28 days' then 'day' else 'month' end as unit) as units
) from private.partition_kinds() where name = %(name)s
"""
# The transactions of others that may have begun before the swap.
_IN_FLIGHT = """
select array_agg(virtualtransaction) from pg_locks
where locktype = 'virtualxid' and granted and pid <> pg_backend_pid()
    and pid in (select pid from pg_stat_activity where datname = current_database())
"""
_STILL = """
select count(*) from pg_locks where locktype = 'virtualxid' and virtualtransaction = any (%s)
"""
# Functions that take or give rows of a partition: they were those of the table before the swap.
_LEFT_OVER = """
select p.oid::regprocedure::text from pg_proc as p
where p.pronamespace in ('public'::regnamespace, 'private'::regnamespace) and exists (
    select from private.partitions_of(%s) as parts
    join pg_type as t on t.typrelid = parts.partition
    where array[t.oid, t.typarray] && (p.proargtypes::oid[] || p.prorettype)
)
"""


class PartitionError(SystemExit):
    """Why a table was not given partitions, and what to do, in a sentence or two."""


@dataclass(frozen=True)
class State:
    """How a table stands. ``begun_until``: until when it takes rows, while it is being done."""

    name: str
    is_partitioned: bool
    made_until: datetime | None
    begun_until: datetime | None
    has_strays: bool
    is_bound_near: bool

    def told(self) -> str:
        if self.is_partitioned:
            strays = " Rows without a partition wait for the next one." if self.has_strays else ""
            return f"partitioned, made until {self.made_until:%Y-%m-%d}.{strays}"
        if self.begun_until:
            return (
                f"begun: it takes rows until {self.begun_until:%Y-%m-%d}. Run this again to "
                "finish it, or with --undo."
            )
        return "one table."


def states(connection: psycopg.Connection) -> dict[str, State]:
    """How each table that may have partitions stands, by name."""
    try:
        rows = connection.execute(_STATES, [BOUND_LEFT]).fetchall()
    except (psycopg.errors.UndefinedFunction, psycopg.errors.InvalidSchemaName):
        raise PartitionError(
            "This database is not at this version of the product: run `make migrate` first. "
            "Nothing was changed."
        ) from None
    return {row[0]: State(*row) for row in rows}


class Partitioning:
    """One table on its way to partitions. Each step may be called again."""

    def __init__(
        self,
        connection: psycopg.Connection,
        watch: LockWatch,
        name: str,
        say: Callable[[str], None],
        give_up_seconds: float,
    ):
        self._connection, self._watch, self._say = connection, watch, say
        self._name, self._give_up = name, give_up_seconds
        self._bound = sql.Identifier(f"{name}_partition_bound")
        self._table = sql.Identifier("public", name)

    def run(self) -> None:
        """Raises PartitionError with what is left as it was."""
        if not self._state().is_partitioned:
            self._refuse_what_cannot_be()
            self._set_bound()
            self._check_rows()
            self._swap()
        self._make_ahead()
        self._drop_left_over()
        self._say(f"{self._name}: {self._state().told()}")

    def undo(self) -> None:
        state = self._state()
        if state.is_partitioned:
            raise PartitionError(
                f"{self._name} is partitioned already, and later rows may be in partitions of "
                "their own: that is not taken back. Nothing was changed."
            )
        if state.begun_until is None:
            self._say(f"{self._name}: nothing was begun.")
            return
        self._patiently("taking the bound away", self._drop_bound)
        self._say(f"{self._name}: as it was before.")

    def _state(self) -> State:
        return states(self._connection)[self._name]

    def _one(self, statement: Any, *values: Any) -> Any:
        row = self._connection.execute(statement, values).fetchone()
        return row and row[0]

    def _refuse_what_cannot_be(self) -> None:
        published = self._one(
            "select string_agg(pubname, ', ') from pg_publication_tables"
            " where schemaname = 'public' and tablename = %s",
            self._name,
        )
        if published:
            raise PartitionError(
                f"{self._name} is published ({published}), and a publication would go on with the "
                "first partition alone. Take it out of the publication first. Nothing was changed."
            )
        referring = self._one(
            "select string_agg(conrelid::regclass::text, ', ') from pg_constraint"
            " where confrelid = to_regclass('public.' || %s) and confdeltype <> 'c'",
            self._name,
        )
        if referring:
            raise PartitionError(
                f"{referring} refers to {self._name}, and no foreign key can refer to a "
                "partitioned table by its id alone. Drop the foreign key first. Nothing was "
                "changed."
            )

    def _set_bound(self) -> None:
        state = self._state()
        if state.begun_until and not state.is_bound_near:
            return
        self._patiently("setting the bound", self._add_bound)
        state = self._state()
        self._say(
            f"bound set: {self._name} takes rows until {state.begun_until:%Y-%m-%d %H:%M} UTC as "
            "it is"
        )

    def _add_bound(self) -> None:
        with self._connection.transaction():
            self._briefly()
            column, until = self._kind()
            statement = sql.SQL("alter table {} drop constraint if exists {}").format(
                self._table, self._bound
            )
            self._connection.execute(statement)
            # Named with its column and its moment: private.partition_states reads it there.
            statement = sql.SQL(
                "alter table {} add constraint {} check ({} < {}) not valid"
            ).format(
                self._table, self._bound, sql.Identifier(column), sql.Literal(until.isoformat())
            )
            self._connection.execute(statement)

    def _drop_bound(self) -> None:
        with self._connection.transaction():
            self._briefly()
            rest = sql.Identifier("private", f"{self._name}_rest")
            self._connection.execute(sql.SQL("drop table if exists {}").format(rest))
            statement = sql.SQL("alter table {} drop constraint if exists {}")
            self._connection.execute(statement.format(self._table, self._bound))

    def _kind(self) -> tuple[str, datetime]:
        found = {"name": self._name, "ahead": BOUND_AHEAD}
        row = self._connection.execute(_KIND, found).fetchone()
        assert row
        return row

    def _check_rows(self) -> None:
        """The bound, and whatever else was never checked: a partition's checks must all be."""
        rows = self._connection.execute(
            "select conname from pg_constraint where conrelid = to_regclass('public.' || %s)"
            " and not convalidated order by conname",
            [self._name],
        ).fetchall()
        for (constraint,) in rows:
            self._say(f"reading {self._name} to check {constraint}")
            began = time.monotonic()
            self._patiently(f"checking {constraint}", partial(self._validate, constraint))
            self._say(f"checked {constraint} in {time.monotonic() - began:.1f} s")

    def _validate(self, constraint: str) -> None:
        statement = sql.SQL("alter table {} validate constraint {}").format(
            self._table, sql.Identifier(constraint)
        )
        try:
            with self._connection.transaction():
                self._briefly()
                self._connection.execute(statement)
        except (psycopg.errors.CheckViolation, psycopg.errors.ForeignKeyViolation) as error:
            raise PartitionError(
                f"Some row of {self._name} does not keep to {constraint}: "
                f"{error.diag.message_primary}. Correct it and run this again, or run it with "
                "--undo. The product runs on as before."
            ) from error

    def _swap(self) -> None:
        until = self._state().begun_until
        assert until
        swap = Swap(self._connection, self._name, self._kind()[0], until)
        self._patiently("the partition of the rest", swap.prepare)
        self._patiently("the swap", swap.run)
        self._say(
            f"swapped: {self._name} has partitions; its locks were held for "
            f"{swap.locked_seconds * 1000:.0f} ms"
        )

    def _drop_left_over(self) -> None:
        """Calls that began before the swap know the old functions until they end."""
        old = self._connection.execute(_LEFT_OVER, [self._name]).fetchall()
        if not old:
            return
        self._say("waiting for the transactions that began before the swap")
        in_flight, began = self._one(_IN_FLIGHT), time.monotonic()
        while in_flight and self._one(_STILL, in_flight):
            if time.monotonic() - began > self._give_up:
                raise PartitionError(
                    f"{self._name} has partitions, and the product runs on. A transaction that "
                    "began before still lasts, so old functions are kept for it: run this again "
                    "when it is over."
                )
            time.sleep(LOOK_SECONDS)
        with self._connection.transaction():
            for (function,) in old:
                self._connection.execute(f"drop function {function}")

    def _make_ahead(self) -> None:
        is_more = True
        while is_more:
            did = self._one("select public.tend_partitions()")
            is_more = did["is_more"]
            if did["did"]:
                self._say(f"{did['did']} {did['name']}")
        # Autovacuum looks at each partition, and never at all of them together.
        self._connection.execute(sql.SQL("analyze {}").format(self._table))

    def _briefly(self) -> None:
        self._connection.execute(f"set local lock_timeout = {LOCK_TIMEOUT_MS}")

    def _patiently(self, what: str, attempt: Callable[[], None]) -> None:
        name = f"{self._name}: {what}"
        try:
            try_again(name, attempt, self._watch, self._say, self._give_up)
        except StillLocked as error:
            raise PartitionError(
                f"{error}.\n  The product runs on as before. Wait until that process is done, or "
                "end it (select pg_terminate_backend(its number)), and run this again."
            ) from error


def partition(
    database_url: str,
    name: str,
    say: Callable[[str], None] = print,
    *,
    undo: bool = False,
    give_up_seconds: float = GIVE_UP_SECONDS,
) -> None:
    """Give the table partitions, or take back what was begun. Raises PartitionError."""
    with open_database(database_url, "sql.partitions") as connection:
        connection.execute("set timezone = 'UTC'")
        known = states(connection)
        if name not in known:
            raise PartitionError(
                f"There is nothing to do for {name!r}: only {', '.join(sorted(known))} may have "
                "partitions. Nothing was changed."
            )
        take_deploy_lock(connection, say)
        with LockWatch(database_url, connection, say) as watch:
            work = Partitioning(connection, watch, name, say, give_up_seconds)
            work.undo() if undo else work.run()
        connection.execute("notify pgrst, 'reload schema'")
        connection.execute("select pg_advisory_unlock(%s)", [DEPLOY_LOCK])


def main() -> None:
    parser = argparse.ArgumentParser(description="Give a full table partitions by time.")
    parser.add_argument("table", nargs="?", help="answers, usage_logs or webhook_deliveries")
    parser.add_argument("--undo", action="store_true", help="take back what was begun")
    given = parser.parse_args()
    database_url = os.environ.get("DATABASE_URL", "")
    if not database_url:
        raise PartitionError("DATABASE_URL is not set: see docs/settings.md.")
    if given.undo and not given.table:
        raise PartitionError("Say of which table: python -m sql.partitions TABLE --undo.")
    try:
        if given.table:
            partition(database_url, given.table, partial(print, flush=True), undo=given.undo)
        else:
            with open_database(database_url, "sql.partitions") as connection:
                for state in states(connection).values():
                    sys.stdout.write(f"{state.name}: {state.told()}\n")
    except ApplyError:
        raise
    except psycopg.OperationalError as error:
        raise PartitionError(
            f"The database does not answer: {str(error).strip()}. Run this again: it goes on where "
            "it was."
        ) from error
    except psycopg.Error as error:
        reason = error.diag.message_primary or str(error).strip()
        raise PartitionError(
            f"The database refuses: {reason} ({error.sqlstate}). What was done before is kept; run "
            "this again, or with --undo."
        ) from error


if __name__ == "__main__":
    main()
