"""Brings a database to this version of the product: `python -m sql.apply`, with DATABASE_URL set.

First the job queue's own schema (from the installed procrastinate package), then sql/baseline and
each file of sql/migrations once, then sql/functions whenever they or a migration changed. All of it
runs while the product is at work (docs/migrations.md). The user may be hosted Supabase's
`postgres`, which is no superuser. `--print` writes the SQL instead of running it.
"""

import argparse
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import psycopg

from service.config_checks import check_postgres_address
from sql.locks import GIVE_UP_SECONDS, LOCK_TIMEOUT_MS, PASSING, LockWatch, StillLocked, try_again
from sql.partition_indexes import partitioned_statements
from sql.scripts import (
    CONCURRENTLY,
    IN_BATCHES,
    ApplyError,
    Script,
    file_and_line,
    functions_scripts,
    index_of,
    migration_scripts,
    queue_scripts,
)

__all__ = [
    "DEPLOY_LOCK",
    "FOLDER",
    "ApplyError",
    "apply",
    "open_database",
    "print_sql",
    "take_deploy_lock",
]

FOLDER = Path(__file__).resolve().parent
# Any number will do, as long as every deploy of this product asks for the same lock.
DEPLOY_LOCK = 7_016_422_031

NOTHING_KEPT = "Nothing of it was kept"

BOOKKEEPING = """\
create schema if not exists private;
create schema if not exists queue;
create table if not exists private.schema_migrations (
    name text primary key,
    checksum text not null,
    applied_at timestamptz not null default now()
);
comment on table private.schema_migrations is
    'Every file of sql/migrations and of the job queue that was applied, and the functions as one.';
alter table private.schema_migrations enable row level security;
revoke all on private.schema_migrations from public;
"""


def apply(
    database_url: str,
    folder: Path = FOLDER,
    say: Callable[[str], None] = print,
    give_up_seconds: float = GIVE_UP_SECONDS,
) -> list[str]:
    """Apply what is missing and return the names applied, in order. Two deploys at once are safe.

    A script that does not get its locks is tried again for about `give_up_seconds`.
    """
    with open_database(database_url, "sql.apply") as connection:
        take_deploy_lock(connection, say)
        applied = []
        with LockWatch(database_url, connection, say) as watch:
            for script in _pending(connection, folder):
                run = partial(_run, connection, script, folder, give_up_seconds)
                _run_with_patience(script, run, watch, say, give_up_seconds)
                say(f"applied {script.name}")
                applied.append(script.name)
        if not applied:
            say("the database is up to date")
        # Also when nothing changed: an API server may have started before an earlier deploy ended.
        connection.execute("notify pgrst, 'reload schema'")
        # The server ends a closed session in its own time, and the next deploy would wait for that.
        connection.execute("select pg_advisory_unlock(%s)", [DEPLOY_LOCK])
        return applied


@contextmanager
def open_database(database_url: str, program: str) -> Iterator[psycopg.Connection]:
    """A session for changing the schema, in which each statement is a transaction."""
    with psycopg.connect(database_url, autocommit=True, application_name=program) as connection:
        # Hosted Supabase ends statements after two minutes; a migration or the wait may be longer.
        connection.execute("set statement_timeout = 0; set lock_timeout = 0")
        connection.execute("set client_min_messages = warning")
        yield connection


def take_deploy_lock(connection: psycopg.Connection, say: Callable[[str], None]) -> None:
    taken = connection.execute("select pg_try_advisory_lock(%s)", [DEPLOY_LOCK]).fetchone()
    if not (taken and taken[0]):
        say("waiting for another deploy to finish …")
        connection.execute("select pg_advisory_lock(%s)", [DEPLOY_LOCK])


def _pending(connection: psycopg.Connection, folder: Path) -> Iterator[Script]:
    """What to run, in order; every check is made before the first script is handed out."""
    # Run only where it is missing: even `if not exists` takes locks.
    found = connection.execute("select to_regnamespace('queue')").fetchone()
    if not (found and found[0] and _exists(connection, "private.schema_migrations")):
        with connection.transaction():
            connection.execute(BOOKKEEPING)
    done: dict[str, str] = dict(
        connection.execute("select name, checksum from private.schema_migrations")
    )
    is_installed = _exists(connection, "queue.procrastinate_jobs")
    migrations = migration_scripts(folder, done)
    scripts = queue_scripts(done, is_installed=is_installed) + migrations
    views = {
        name for (name,) in connection.execute("select schemaname || '.' || viewname from pg_views")
    }
    yield from scripts
    yield from functions_scripts(folder, done, views, is_due=bool(scripts))


def _exists(connection: psycopg.Connection, relation: str) -> bool:
    found = connection.execute("select to_regclass(%s)", [relation]).fetchone()
    return bool(found and found[0])


def _run_with_patience(
    script: Script,
    run: Callable[[], None],
    watch: LockWatch,
    say: Callable[[str], None],
    give_up_seconds: float,
) -> None:
    try:
        try_again(script.name, run, watch, say, give_up_seconds)
    except StillLocked as error:
        kept = "What it began is finished by the next try" if script.kind else NOTHING_KEPT
        raise ApplyError(
            f"{error}.\n  {kept}, and the product runs on as before. Wait until that process is "
            "done, or end it (select pg_terminate_backend(its number)), and run this again."
        ) from error


def _run(
    connection: psycopg.Connection, script: Script, folder: Path, give_up_seconds: float
) -> None:
    """One try. Raises ApplyError for a mistake in the script, and psycopg's for a lock."""
    try:
        if script.kind == CONCURRENTLY:
            _run_concurrently(connection, script, give_up_seconds)
        elif script.kind == IN_BATCHES:
            _run_in_batches(connection, script)
        else:
            _run_at_once(connection, script)
    except PASSING:
        raise
    except psycopg.Error as error:
        raise ApplyError(_explain(script, error, folder)) from error


def _run_at_once(connection: psycopg.Connection, script: Script) -> None:
    with connection.transaction():
        connection.execute(f"set local lock_timeout = {LOCK_TIMEOUT_MS}")
        # Our own files: no outside text reaches these statements.
        for setup in script.setups:
            connection.execute(setup + script.sql)
        connection.execute(script.record())


def _run_in_batches(connection: psycopg.Connection, script: Script) -> None:
    """Each batch is a transaction: others wait for its rows only until the batch ends."""
    changed = 1
    while changed:
        with connection.transaction():
            connection.execute(f"set local lock_timeout = {LOCK_TIMEOUT_MS}")
            changed = connection.execute(script.sql).rowcount
    connection.execute(script.record())


def _run_concurrently(
    connection: psycopg.Connection, script: Script, give_up_seconds: float
) -> None:
    """Each statement on its own: an interrupted one is started again, a finished one stays.

    A statement waits for the transactions that began before it, but nobody waits for the statement.
    So it may wait as long as the whole deploy, instead of building a large index again and again.
    """
    connection.execute(f"set lock_timeout = {round(give_up_seconds * 1000)}")
    try:
        for statement in script.statements():
            for each in partitioned_statements(connection, statement):
                _execute_alone(connection, each)
        connection.execute(script.record())
    finally:
        if not connection.closed:
            connection.execute("set lock_timeout = 0")


def _execute_alone(connection: psycopg.Connection, statement: str) -> None:
    if " concurrently " not in statement:
        # On a table with partitions, under a lock that others wait for.
        with connection.transaction():
            connection.execute(f"set local lock_timeout = {LOCK_TIMEOUT_MS}")
            connection.execute(statement)
        return
    index = index_of(statement)
    if index and _is_invalid(connection, index):
        connection.execute(f"drop index concurrently {index}")
    connection.execute(statement)


def _is_invalid(connection: psycopg.Connection, index: str) -> bool:
    """Whether an interrupted build left this index: it slows every write, and no query uses it."""
    found = connection.execute(
        "select from pg_index where indexrelid = to_regclass(%s) and not indisvalid", [index]
    )
    return found.fetchone() is not None


def _explain(script: Script, error: psycopg.Error, folder: Path) -> str:
    diag = error.diag
    # The position in a statement that is run on its own counts from its start, not its file's.
    position = None if script.kind == CONCURRENTLY else diag.statement_position
    place = file_and_line(script, position, folder)
    reason = diag.message_primary or str(error).strip()
    parts = [f"{place}: {reason} ({error.sqlstate or 'connection lost'})."]
    parts += [text for text in (diag.message_detail, diag.message_hint, diag.context) if text]
    kept = "What it did before that was kept" if script.kind else NOTHING_KEPT
    parts.append(f"{kept}. Correct it and run this again.")
    return "\n  ".join(parts)


def print_sql(folder: Path = FOLDER) -> str:
    """Everything for an empty database, in order, one transaction per file: for an SQL editor."""
    scripts = queue_scripts({}, is_installed=False) + migration_scripts(folder, {})
    scripts += functions_scripts(folder, {}, set(), is_due=True)
    texts = [f"-- bookkeeping\nbegin;\n{BOOKKEEPING}commit;\n"]
    for script in scripts:
        texts.append(f"-- {script.name}\n{script.text()}")
    return "\n".join([*texts, "notify pgrst, 'reload schema';\n"])


def main() -> None:
    parser = argparse.ArgumentParser(description="Apply sql/ to the database in DATABASE_URL.")
    parser.add_argument("--print", action="store_true", help="write the SQL to standard output")
    if parser.parse_args().print:
        sys.stdout.write(print_sql())
        return
    database_url = os.environ.get("DATABASE_URL", "")
    if not database_url:
        raise ApplyError(
            "DATABASE_URL is not set. Take it from Supabase → Connect → Session pooler (port 5432) "
            "and set it in the environment or in .env; for a local stack start `make run` "
            "first, in another terminal."
        )
    _apply_or_explain(database_url)


def _apply_or_explain(database_url: str) -> None:
    """Raises ApplyError for whatever fails, without the password."""
    try:
        check_postgres_address(database_url)
    except ValueError as error:
        raise ApplyError(f"DATABASE_URL: {error}.") from None
    try:
        apply(database_url)
    except psycopg.Error as error:
        is_away = isinstance(error, psycopg.OperationalError)
        if is_away and not isinstance(error, psycopg.errors.QueryCanceled):
            raise ApplyError(
                "The database does not answer. For the local stack start `make run` in another "
                f"terminal first; else check DATABASE_URL. ({str(error).strip()})"
            ) from error
        reason = error.diag.message_primary or str(error).strip()
        raise ApplyError(f"The database refuses: {reason} ({error.sqlstate}).") from error


if __name__ == "__main__":
    main()
