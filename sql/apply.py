"""Brings a database to this version of the product: `python -m sql.apply`, with DATABASE_URL set.

First the job queue's own schema (from the installed procrastinate package), then each file of
sql/migrations once, then sql/functions whenever they or a migration changed. Works as hosted
Supabase's `postgres`, which is no superuser. `--print` writes the SQL instead of running it.
"""

import argparse
import hashlib
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
from procrastinate.schema import SchemaManager

from service.config_checks import check_postgres_address

FOLDER = Path(__file__).resolve().parent
# Any number will do, as long as every deploy of this product asks for the same lock.
DEPLOY_LOCK = 7_016_422_031

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
RECORD = """\
insert into private.schema_migrations (name, checksum) values ({name}, {checksum})
on conflict (name) do update set checksum = excluded.checksum, applied_at = now();
"""
QUEUE_PATH = "set local search_path = queue, public;\n"
FUNCTIONS = "functions"
UNCHECKED = "set local check_function_bodies = off;\n"
CHECKED = "set local check_function_bodies = on; \n"


class ApplyError(SystemExit):
    """A refusal or a failed file, as one sentence. Nothing of the failed file was kept."""


@dataclass(frozen=True)
class Script:
    """One transaction's worth of SQL, and the names under which it is recorded when done.

    The SQL is run once after each of the `setups`.
    """

    name: str
    sql: str
    records: tuple[tuple[str, str], ...]
    setups: tuple[str, ...] = ("",)

    def record(self) -> str:
        return "".join(
            RECORD.format(name=_quote(name), checksum=_quote(checksum))
            for name, checksum in self.records
        )

    def text(self) -> str:
        """The whole transaction on paper: once is enough there."""
        return f"begin;\n{self.setups[0]}{self.sql.rstrip()}\n{self.record()}commit;\n"


def _quote(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _checksum(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _sql_files(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.sql"), key=lambda path: path.name)


def queue_scripts(done: dict[str, str], *, is_installed: bool) -> list[Script]:
    """What the job queue still needs: its whole schema when absent, else its newer migrations.

    `done` maps recorded names to checksums.
    """
    files = _sql_files(Path(SchemaManager.get_migrations_path()))
    texts = {f"queue/{path.name}": path.read_text(encoding="utf-8") for path in files}
    marks = {name: (name, _checksum(text)) for name, text in texts.items()}
    if not is_installed:
        schema = SchemaManager.get_schema()
        return [Script("queue/schema.sql", schema, tuple(marks.values()), (QUEUE_PATH,))]
    if not any(name in done for name in texts):
        raise ApplyError(
            "The schema `queue` already holds job tables that this program did not make, so it "
            "cannot tell their version. Drop the schema if nothing needs it, and run this again."
        )
    return [
        Script(name, text, (marks[name],), (QUEUE_PATH,))
        for name, text in texts.items()
        if name not in done
    ]


def migration_scripts(folder: Path, done: dict[str, str]) -> list[Script]:
    """The files of `folder`/migrations not yet applied, in the order of their numbers.

    Raises ApplyError when an applied file has changed or disappeared, or two share a number.
    """
    scripts = []
    names = set()
    numbers: dict[str, str] = {}
    for path in _sql_files(folder / "migrations"):
        name, text = path.stem, path.read_text(encoding="utf-8")
        number, _, title = name.partition("_")
        if not (number.isdigit() and title):
            raise ApplyError(f"migrations/{path.name} is not named NNNN_name.sql: rename it.")
        if number in numbers:
            raise ApplyError(f"{numbers[number]} and {name} share one number: renumber the newer.")
        numbers[number] = name
        names.add(name)
        _refuse_changed(path, done.get(name), _checksum(text))
        if name not in done:
            scripts.append(Script(f"migrations/{path.name}", text, ((name, _checksum(text)),)))
    gone = [name for name in done if name not in names and not _is_ours_by_rule(name)]
    if gone:
        raise ApplyError(
            f"Applied before, but no longer in {folder / 'migrations'}: {', '.join(sorted(gone))}. "
            "This checkout is older than the database, or a file was deleted: restore it."
        )
    return scripts


def _is_ours_by_rule(name: str) -> bool:
    return name == FUNCTIONS or name.startswith("queue/")


def _refuse_changed(path: Path, applied: str | None, checksum: str) -> None:
    if applied not in (None, checksum):
        raise ApplyError(
            f"{path.name} was changed after it was applied to this database. Migrations are never "
            "edited: put the file back as it was and write the change as a new one."
        )


def functions_script(folder: Path) -> Script | None:
    """All of `folder`/functions as one transaction, or None when there are none.

    Everything is created twice: unchecked, so that a file may call what a later one makes, then
    checked, so that a call of something missing is refused.
    """
    files = _sql_files(folder / "functions")
    if not files:
        return None
    text = "\n".join(
        f"-- functions/{path.name}\n{path.read_text(encoding='utf-8').rstrip()}\n" for path in files
    )
    return Script(FUNCTIONS, text, ((FUNCTIONS, _checksum(text)),), (UNCHECKED, CHECKED))


def apply(
    database_url: str, folder: Path = FOLDER, say: Callable[[str], None] = print
) -> list[str]:
    """Apply what is missing and return the names applied, in order. Two at once are safe."""
    with psycopg.connect(database_url, autocommit=True, application_name="sql.apply") as connection:
        # Hosted Supabase ends statements after two minutes; a migration or the wait may be longer.
        connection.execute("set statement_timeout = 0")
        _take_lock(connection, say)
        applied = []
        for script in _pending(connection, folder):
            _run(connection, script, folder)
            say(f"applied {script.name}")
            applied.append(script.name)
        if not applied:
            say("the database is up to date")
        # Also when nothing changed: an API server may have started before an earlier deploy ended.
        connection.execute("notify pgrst, 'reload schema'")
        return applied


def _take_lock(connection: psycopg.Connection, say: Callable[[str], None]) -> None:
    taken = connection.execute("select pg_try_advisory_lock(%s)", [DEPLOY_LOCK]).fetchone()
    if not (taken and taken[0]):
        say("waiting for another deploy to finish …")
        connection.execute("select pg_advisory_lock(%s)", [DEPLOY_LOCK])


def _pending(connection: psycopg.Connection, folder: Path) -> Iterator[Script]:
    """What to run, in order; every check is made before the first script is handed out."""
    with connection.transaction():
        connection.execute("set local client_min_messages = warning")
        connection.execute(BOOKKEEPING)
    done: dict[str, str] = dict(
        connection.execute("select name, checksum from private.schema_migrations")
    )
    probe = connection.execute("select to_regclass('queue.procrastinate_jobs')").fetchone()
    migrations = migration_scripts(folder, done)
    scripts = queue_scripts(done, is_installed=bool(probe and probe[0])) + migrations
    functions = functions_script(folder)
    if functions and (scripts or done.get(FUNCTIONS) != functions.records[0][1]):
        scripts.append(functions)
    yield from scripts


def _run(connection: psycopg.Connection, script: Script, folder: Path) -> None:
    try:
        with connection.transaction():
            connection.execute("set local client_min_messages = warning")
            # Our own files: no outside text reaches these statements.
            for setup in script.setups:
                connection.execute(setup + script.sql)
            connection.execute(script.record())
    except psycopg.Error as error:
        raise ApplyError(_explain(script, error, folder)) from error


def _explain(script: Script, error: psycopg.Error, folder: Path) -> str:
    diag = error.diag
    place = _place(script, diag.statement_position, folder)
    reason = diag.message_primary or str(error).strip()
    parts = [f"{place}: {reason} ({error.sqlstate or 'connection lost'})."]
    parts += [text for text in (diag.message_detail, diag.message_hint, diag.context) if text]
    parts.append("Nothing of it was kept. Correct it and run this again.")
    return "\n  ".join(parts)


def _place(script: Script, position: str | None, folder: Path) -> str:
    """`file:line` where Postgres names a position, which counts characters of the whole text."""
    if position is None:
        return script.name
    # Positions count from the start of the setup; all setups of one script are equally long.
    setup = script.setups[-1]
    line = (setup + script.sql)[: int(position)].count("\n") + 1 - setup.count("\n")
    if script.name != FUNCTIONS:
        return f"{script.name}:{line}"
    for path in _sql_files(folder / "functions"):
        # One line of ours stands before each file, and one between two.
        length = path.read_text(encoding="utf-8").rstrip().count("\n") + 3
        if line <= length:
            return f"functions/{path.name}:{line - 1}"
        line -= length
    return script.name


def print_sql(folder: Path = FOLDER) -> str:
    """Everything for an empty database, in order, one transaction per file: for an SQL editor."""
    scripts = queue_scripts({}, is_installed=False) + migration_scripts(folder, {})
    functions = functions_script(folder)
    texts = [f"-- bookkeeping\nbegin;\n{BOOKKEEPING}commit;\n"]
    for script in [*scripts, *([functions] if functions else [])]:
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
            "and set it in the environment; for the local stack use `make migrate`."
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
            raise ApplyError(f"The database does not answer: {str(error).strip()}") from error
        reason = error.diag.message_primary or str(error).strip()
        raise ApplyError(f"The database refuses: {reason} ({error.sqlstate}).") from error


if __name__ == "__main__":
    main()
