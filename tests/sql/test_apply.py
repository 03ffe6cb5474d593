"""The migration runner, on real databases that know nothing of the product yet."""

import re
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from local.stack import Database, Stack
from sql.apply import DEPLOY_LOCK, ApplyError, apply, main, print_sql


@pytest.fixture
def empty(stack: Stack) -> Iterator[Database]:
    database = stack.create_database("apply_test")
    yield database
    stack.drop_database(database.name)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small product: one table, one function reading it."""
    (tmp_path / "migrations").mkdir()
    (tmp_path / "functions").mkdir()
    write(tmp_path, "migrations/0001_notes.sql", "create table public.notes (body text);\n")
    write(tmp_path, "functions/notes.sql", count_notes("count(*)"))
    return tmp_path


def write(folder: Path, name: str, text: str) -> None:
    (folder / name).write_text(text)


def count_notes(expression: str) -> str:
    return f"""create or replace function public.count_notes() returns bigint
language sql set search_path = '' as $$
    select {expression} from public.notes
$$;
"""


def query(database: Database, statement: str) -> list[tuple]:
    with psycopg.connect(database.database_url) as connection:
        return connection.execute(statement.encode()).fetchall()


def silent(_: str) -> None:
    return None


def test_everything_is_applied_in_order_to_an_empty_database(empty, folder):
    said: list[str] = []
    names = apply(empty.database_url, folder, said.append)
    assert names == ["queue/schema.sql", "migrations/0001_notes.sql", "functions"]
    assert said == [f"applied {name}" for name in names]
    assert query(empty, "select public.count_notes()") == [(0,)]
    assert query(empty, "select count(*) from queue.procrastinate_jobs") == [(0,)]


def test_a_second_deploy_changes_nothing(empty, folder):
    apply(empty.database_url, folder, silent)
    said: list[str] = []
    assert apply(empty.database_url, folder, said.append) == []
    assert said == ["the database is up to date"]


def test_only_what_is_new_is_applied(empty, folder):
    apply(empty.database_url, folder, silent)
    write(folder, "migrations/0002_tags.sql", "create table public.tags (word text);\n")
    names = apply(empty.database_url, folder, silent)
    assert names == ["migrations/0002_tags.sql", "functions"]


def test_changed_functions_are_applied_again(empty, folder):
    apply(empty.database_url, folder, silent)
    write(folder, "functions/notes.sql", count_notes("count(*) + 7"))
    assert apply(empty.database_url, folder, silent) == ["functions"]
    assert query(empty, "select public.count_notes()") == [(7,)]


def test_a_function_may_call_one_of_a_later_file(empty, folder):
    caller = count_notes("public.zero() + count(*)")
    write(folder, "functions/a.sql", caller)
    write(folder, "functions/notes.sql", "select 1;\n")
    zero = "create or replace function public.zero() returns bigint language sql"
    write(folder, "functions/z.sql", f"{zero} as 'select 0::bigint';")
    apply(empty.database_url, folder, silent)
    assert query(empty, "select public.count_notes()") == [(0,)]


def test_two_deploys_at_once_apply_each_file_once(empty, folder):
    slow = "select pg_sleep(0.3);\ncreate table public.slow (id int);\n"
    write(folder, "migrations/0002_slow.sql", slow)
    results: list[list[str]] = []
    deploys = [
        threading.Thread(target=lambda: results.append(apply(empty.database_url, folder, silent)))
        for _ in range(2)
    ]
    for deploy in deploys:
        deploy.start()
    for deploy in deploys:
        deploy.join()
    assert sorted(len(names) for names in results) == [0, 4]


def test_a_changed_migration_is_refused_before_anything_runs(empty, folder):
    apply(empty.database_url, folder, silent)
    write(folder, "migrations/0001_notes.sql", "create table public.notes (body text, at date);\n")
    write(folder, "migrations/0002_tags.sql", "create table public.tags (word text);\n")
    with pytest.raises(ApplyError, match=r"0001_notes\.sql was changed after it was applied"):
        apply(empty.database_url, folder, silent)
    assert query(empty, "select to_regclass('public.tags')") == [(None,)]


def test_a_deleted_migration_is_refused(empty, folder):
    apply(empty.database_url, folder, silent)
    (folder / "migrations" / "0001_notes.sql").unlink()
    with pytest.raises(ApplyError, match=r"no longer in .*: 0001_notes"):
        apply(empty.database_url, folder, silent)


def test_two_migrations_with_one_number_are_refused(empty, folder):
    write(folder, "migrations/0001_other.sql", "select 1;\n")
    with pytest.raises(ApplyError, match="0001_notes and 0001_other share one number"):
        apply(empty.database_url, folder, silent)


def test_a_broken_migration_is_named_with_its_line_and_leaves_nothing(empty, folder):
    text = "create table public.half (id int);\n\n-- ümlaut\nselect nonsense from public.half;\n"
    write(folder, "migrations/0002_half.sql", text)
    with pytest.raises(ApplyError, match=re.escape("migrations/0002_half.sql:4: ")):
        apply(empty.database_url, folder, silent)
    assert query(empty, "select to_regclass('public.half')") == [(None,)]
    write(folder, "migrations/0002_half.sql", "create table public.half (id int);\n")
    assert apply(empty.database_url, folder, silent) == ["migrations/0002_half.sql", "functions"]


@pytest.mark.parametrize(("name", "line"), [("b.sql", 1), ("y.sql", 1), ("notes.sql", 1)])
def test_a_broken_function_is_named_with_its_file_and_line(empty, folder, name, line):
    write(folder, "functions/b.sql", "select 1;\n\nselect 2;\n")
    write(folder, "functions/y.sql", "select 3;\n")
    write(folder, f"functions/{name}", "select nonsense;\n")
    with pytest.raises(ApplyError, match=re.escape(f"functions/{name}:{line}: ")):
        apply(empty.database_url, folder, silent)


def test_a_function_calling_something_missing_is_refused_with_its_line(empty, folder):
    write(folder, "functions/a.sql", "select 1;\n")
    write(folder, "functions/notes.sql", count_notes("public.missing()"))
    with pytest.raises(ApplyError, match=re.escape("functions/notes.sql:3: ")):
        apply(empty.database_url, folder, silent)


def test_a_newer_queue_is_upgraded_by_its_own_migrations(empty, folder):
    apply(empty.database_url, folder, silent)
    last = "03.04.00_50_post_add_retry_failed_job_procedure.sql"
    with psycopg.connect(empty.database_url) as connection:
        connection.execute(
            "delete from private.schema_migrations where name = %s", [f"queue/{last}"]
        )
    assert apply(empty.database_url, folder, silent) == [f"queue/{last}", "functions"]


def test_a_queue_somebody_else_made_is_refused(empty, folder):
    with psycopg.connect(empty.database_url) as connection:
        connection.execute("create schema queue; create table queue.procrastinate_jobs (id int)")
    with pytest.raises(ApplyError, match="did not make"):
        apply(empty.database_url, folder, silent)
    with psycopg.connect(empty.database_url) as connection:
        connection.execute("drop schema queue cascade")
    assert apply(empty.database_url, folder, silent)[0] == "queue/schema.sql"


def test_the_printed_sql_does_what_the_runner_does(empty, folder):
    with psycopg.connect(empty.database_url, autocommit=True) as connection:
        connection.execute(print_sql(folder).encode())
    assert query(empty, "select public.count_notes()") == [(0,)]
    assert apply(empty.database_url, folder, silent) == []


@pytest.fixture
def other_deploy(empty: Database) -> Iterator[psycopg.Connection]:
    """Holds the lock of deploys, and sees who waits for it."""
    with psycopg.connect(empty.admin_url, autocommit=True) as connection:
        connection.execute("select pg_advisory_lock(%s)", [DEPLOY_LOCK])
        yield connection


def waiting(other_deploy: psycopg.Connection, deploy: Future, seconds: float) -> int:
    """The process of a deploy once it has waited for so long by the database's own clock."""
    query = """
        select pid from pg_stat_activity
        where application_name = 'sql.apply' and wait_event_type = 'Lock'
            and clock_timestamp() - query_start >= make_interval(secs => %s)
    """
    while not deploy.done():
        if found := other_deploy.execute(query, [seconds]).fetchone():
            return found[0]
    raise AssertionError("it did not wait") from deploy.exception()


def test_a_deploy_may_wait_and_work_for_longer_than_a_statement_usually_may(
    empty, folder, other_deploy
):
    other_deploy.execute(f"alter database {empty.name} set statement_timeout = '250ms'")
    told = "create table public.told as select current_setting('statement_timeout') as timeout;\n"
    write(folder, "migrations/0002_told.sql", told)
    with ThreadPoolExecutor(1) as pool:
        deploy = pool.submit(apply, empty.database_url, folder, silent)
        waiting(other_deploy, deploy, 0.5)
        other_deploy.execute("select pg_advisory_unlock_all()")
    assert deploy.result()[-1] == "functions"
    assert query(empty, "select timeout from public.told") == [("0",)]


def test_a_deploy_that_is_cancelled_does_not_say_that_the_database_is_away(
    monkeypatch, empty, other_deploy
):
    with ThreadPoolExecutor(1) as pool:
        deploy = pool.submit(run_main, monkeypatch, empty.database_url)
        process = waiting(other_deploy, deploy, 0)
        other_deploy.execute("select pg_cancel_backend(%s)", [process])
    assert deploy.result().startswith("The database refuses: canceling statement due to user")


@pytest.fixture
def powerless(empty: Database) -> Iterator[str]:
    """The empty database's address for somebody who may do nothing there."""
    with psycopg.connect(empty.admin_url, autocommit=True) as connection:
        connection.execute("create role powerless login password 's3cret'")
        parts = urlsplit(empty.database_url)
        yield parts._replace(netloc=f"powerless:s3cret@{parts.netloc.rpartition('@')[2]}").geturl()
        connection.execute("drop role powerless")


def run_main(monkeypatch: pytest.MonkeyPatch, url: str) -> str:
    monkeypatch.setenv("DATABASE_URL", url)
    monkeypatch.setattr(sys, "argv", ["sql.apply"])
    with pytest.raises(ApplyError) as refused:
        main()
    return str(refused.value)


def test_a_database_that_refuses_is_a_sentence_without_the_password(monkeypatch, powerless):
    said = run_main(monkeypatch, powerless)
    assert said.startswith("The database refuses: permission denied for database")
    assert "s3cret" not in said


def test_a_database_that_is_away_is_a_sentence_without_the_password(monkeypatch):
    said = run_main(monkeypatch, "postgresql://postgres:s3cret@127.0.0.1:9/postgres")
    assert (
        said.startswith("The database does not answer. For the local stack start `make run`")
        and "s3cret" not in said
    )


def test_the_runner_needs_no_superuser(empty):
    with psycopg.connect(empty.database_url) as connection:
        found = connection.execute("select rolsuper from pg_roles where rolname = current_user")
        assert found.fetchone() == (False,)


def test_our_own_sql_is_applied_twice_over(stack: Stack, fresh_database: Callable[..., Database]):
    applied = fresh_database()
    assert apply(applied.database_url, say=silent) == []
    with psycopg.connect(applied.database_url) as connection:
        connection.execute("delete from private.schema_migrations where name = 'functions'")
    assert apply(applied.database_url, say=silent) == ["functions"]


def test_our_own_printed_sql_may_be_pasted(empty):
    with psycopg.connect(empty.database_url, autocommit=True) as connection:
        connection.execute(print_sql().encode())
    assert apply(empty.database_url, say=silent) == []
