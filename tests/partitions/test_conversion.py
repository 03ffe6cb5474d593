"""A full table gets partitions while the product is at work, whatever kills the conversion."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count

import psycopg
import pytest

from local.stack import Database
from local.stack.stack import ROOT
from sql.apply import FOLDER, apply
from sql.partitions import PartitionError, partition, states
from sql.swap import LOCK_WAIT_MS
from tests.deploy.load import NO_LIMITS, Busy, Load
from tests.deploy.test_full_database import ROWS, _as_before, all_changed, full, product_with
from tests.exactly_once.scene import model, sandbox
from tests.partitions.shapes import TABLES, convert, shape_of
from tests.sql.conftest import Sql
from tests.sql.test_migration_rules import SAMPLES

__all__ = ["_as_before", "full", "model", "sandbox"]

BOOKS = """
select
    (select count(*) from public.usage_logs where request_id <> 'filled'),
    (select count(*) from (select distinct answer_id, run from public.usage_logs
        where request_id <> 'filled') as runs),
    (select sum(uses) from public.usage_hourly),
    (select sum(uses) from public.usage_daily),
    (select sum(answered + refused + failed) from public.usage_daily_users)
        + (select count(*) from public.usage_logs where user_id is null and request_id <> 'filled'),
    (select sum(calls) from public.billing_usage)
"""
# By table: its key, and the rows that were there before.
KEYS = {
    "answers": ("file_key, comment_id", "request_id = 'filled'"),
    "usage_logs": ("answer_id, run", "request_id = 'filled'"),
    "webhook_deliveries": ("webhook_id, event_type, event_key", "event_key like 'filled-%'"),
}


class Everything(Busy):
    """The load of a deploy; and redeliveries, second settlements and people who leave."""

    def __init__(self, load: Load, database: Database):
        self._load = load
        self.sessions = [Sql(database.database_url) for _ in range(3)]
        self._numbers = count(1)
        self.asked: list[str] = []
        self._webhook = self.sessions[0].switch_on(self.sessions[0].sign_in("7"), "BUSY")
        acts = (load.answer_once, load.deliver_once, load.look_once)
        super().__init__(*acts, self.ask_and_ask_again, self.deliver_again, self.leave)

    def ask_and_ask_again(self) -> None:
        sql, number = self.sessions[0], next(self._numbers)
        asked = sql.ask(self._webhook, f"busy-{number}", file_key="BUSY", author_figma_id="7")
        assert asked["outcome"] == "queued" and not asked["is_redelivery"], asked
        if sql.begin(asked["answer_id"], *NO_LIMITS)["decision"] == "answer":
            for _ in range(2):
                sql.settle(asked["answer_id"], f"busy-reply-{number}")
        again = sql.ask(self._webhook, f"busy-{number}", file_key="BUSY", author_figma_id="7")
        assert again["answer_id"] == asked["answer_id"] and again["is_redelivery"], again
        self.asked.append(f"busy-{number}")

    def deliver_again(self) -> None:
        if self.asked:
            again = self.sessions[1].ask(self._webhook, self.asked[0], file_key="BUSY")
            assert (again["outcome"], again["is_redelivery"]) == ("duplicate", True), again

    def leave(self) -> None:
        sql, number = self.sessions[2], next(self._numbers)
        person = f"leaver-{number}"
        user = sql.sign_in(person)
        webhook = sql.switch_on(user, person)
        asked = sql.ask(webhook, "c", file_key=person, author_figma_id=person)
        sql.begin(asked["answer_id"], *NO_LIMITS)
        sql.call("delete_account", user, f"hash-{person}")

    def close(self) -> None:
        for sql in self.sessions:
            sql.connection.close()


@pytest.fixture
def database_of_its_own(fresh_database: Callable[..., Database]) -> Database:
    return fresh_database()


@pytest.fixture
def busy(full: tuple[Database, Load]) -> Iterator[tuple[Database, Everything]]:
    database, load = full
    everything = Everything(load, database)
    yield database, everything
    everything.close()


def look_at_books(database: Database, everything: Everything) -> None:
    """No row lost, none doubled, and the sums are those of the rows."""
    assert everything.failures == []
    with psycopg.connect(database.admin_url) as connection:
        for name, (key, filled) in KEYS.items():
            rows, keys = connection.execute(
                f"select count(*), count(distinct ({key})) from public.{name}"
            ).fetchone() or (0, 1)
            assert rows == keys, name
            kept = connection.execute(f"select count(*) from public.{name} where {filled}")
            assert kept.fetchone() == (ROWS,), name
        books = connection.execute(BOOKS).fetchone()
        assert books and len(set(books)) == 1 and books[0] > 0, books
        asked = connection.execute(
            "select count(*) from public.answers where comment_id = any (%s) and file_key = 'BUSY'",
            [everything.asked],
        ).fetchone()
        assert asked == (len(everything.asked),)
        words = connection.execute(
            "select count(*) from public.answers where author_figma_id like 'leaver-%'"
            " and exists (select from public.users where figma_user_id = author_figma_id"
            " and state = 'deleted')"
        ).fetchone()
        assert words == (0,)


def test_full_tables_get_partitions_while_the_product_is_at_work(busy):
    database, everything = busy
    told: list[str] = []
    with psycopg.connect(database.database_url, autocommit=True) as connection:
        before = {name: shape_of(connection, name) for name in TABLES}
        with everything.running():
            everything.wait_for_more()
            for name in TABLES:
                partition(database.database_url, name, say=told.append)
            everything.wait_for_more()
        after = {name: shape_of(connection, name) for name in TABLES}
        first = connection.execute(
            "select count(*) from private.partition_states() where is_partitioned and"
            " not has_strays and made_until > now() + interval '6 days'"
        ).fetchone()
    # For who measures: make test-partitions.
    sys.stdout.write("\n" + "\n".join(told) + "\n")
    look_at_books(database, everything)
    for name in TABLES:
        assert after[name] == before[name]
    assert first == (3,)


def start(database: Database, name: str, *more: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "sql.partitions", name, *more],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": database.database_url, "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def kill_when_it_says(process: subprocess.Popen[str], words: str) -> list[str]:
    """Kill it (SIGKILL) at the first line with these words: all that it said."""
    said = []
    assert process.stdout
    for line in process.stdout:
        said.append(line)
        if words in line:
            process.kill()
            process.wait()
            process.stdout.close()
            return said
    raise AssertionError(f"it did not say {words!r}: {said}")


@contextmanager
def held(database: Database, statement: str) -> Iterator[None]:
    """Somebody's transaction that is open meanwhile."""
    with psycopg.connect(database.admin_url, application_name="an export") as connection:
        connection.execute(statement)
        yield


# What keeps a check of all rows waiting, and nobody else.
CHECKED = "lock table public.{} in share update exclusive mode"


def leave_unchecked(database: Database, name: str) -> None:
    """Begin, and be kept from reading the rows: only the bound is there."""
    with psycopg.connect(database.admin_url) as other:

        def hear(line: str) -> None:
            if line.startswith("bound set"):
                other.execute(CHECKED.format(name))

        with pytest.raises(PartitionError, match="run this again"):
            partition(database.database_url, name, hear, give_up_seconds=0.1)


@pytest.mark.parametrize("name", TABLES)
def test_killed_in_each_phase_it_is_finished_by_the_next_call(busy, name):
    database, everything = busy
    reads = f"select count(*) from public.{name} where request_id = 'filled'"
    checks = CHECKED.format(name)
    with everything.running():
        with held(database, reads):
            kill_when_it_says(start(database, name), "trying again")
        leave_unchecked(database, name)
        with held(database, checks):
            kill_when_it_says(start(database, name), "checking")
        with held(database, reads):
            kill_when_it_says(start(database, name), "the swap waits for")
        with held(database, "select 1"):
            # No function is bound to rows of deliveries, so nothing is kept for a while.
            last_phase = "prepared" if name == "webhook_deliveries" else "waiting for the"
            kill_when_it_says(start(database, name), last_phase)
        everything.wait_for_more()
        last = start(database, name)
        assert "partitioned, made until" in last.communicate()[0]
        assert last.returncode == 0
        everything.wait_for_more()
    look_at_books(database, everything)
    with psycopg.connect(database.admin_url) as connection:
        kept = connection.execute(
            "select count(*) from pg_proc where proname like '%_before_%' and"
            " pronamespace = 'private'::regnamespace and prorettype::regtype::text ~ '_until_'"
        ).fetchone()
    assert kept == (0,)


def test_until_the_swap_it_is_taken_back(database_of_its_own):
    database = database_of_its_own
    with psycopg.connect(database.database_url, autocommit=True) as connection:
        before = shape_of(connection, "answers")
        leave_unchecked(database, "answers")
        assert states(connection)["answers"].begun_until is not None
        partition(database.database_url, "answers", undo=True)
        assert states(connection)["answers"].begun_until is None
        assert shape_of(connection, "answers") == before


def test_what_it_refuses_is_said_with_what_to_do(database_of_its_own):
    database = database_of_its_own
    url = database.database_url
    with pytest.raises(PartitionError, match="only answers, usage_logs, webhook_deliveries"):
        partition(url, "users")
    with psycopg.connect(database.admin_url, autocommit=True) as connection:
        connection.execute("create table public.others (id uuid references public.answers (id))")
        with pytest.raises(PartitionError, match=r"others refers to answers"):
            partition(url, "answers")
        connection.execute("drop table public.others")
        connection.execute("create publication told for table public.answers")
        with pytest.raises(PartitionError, match=r"answers is published \(told\)"):
            partition(url, "answers")
        connection.execute("drop publication told")
        connection.execute(
            "insert into public.answers (file_key, comment_id, root_comment_id, author_figma_id,"
            " received_at) values ('F', 'c', 'c', 'a', now() + interval '1 year')"
        )
        with pytest.raises(PartitionError, match="does not keep to answers_partition_bound"):
            partition(url, "answers", say=lambda _: None)
        partition(url, "answers", undo=True)
        connection.execute("delete from public.answers")
    with (
        held(database, "lock table public.answers"),
        pytest.raises(PartitionError, match="kept by"),
    ):
        partition(url, "answers", say=lambda _: None, give_up_seconds=0.1)
    partition(url, "answers")
    with pytest.raises(PartitionError, match="is partitioned already"):
        partition(url, "answers", undo=True)
    # Once more does nothing.
    partition(url, "answers")


def test_a_deploy_of_every_kind_of_change_finds_its_way_among_partitions(
    database_of_its_own, tmp_path
):
    database = database_of_its_own
    convert(database)
    ours = sorted((FOLDER / "migrations").glob("*.sql"))
    samples = sorted(SAMPLES.glob("*.sql"))
    folder = product_with(tmp_path, *ours, *samples, text=all_changed())
    names = apply(database.database_url, folder, say=lambda _: None)
    assert [name for name in names if name.startswith("migrations/")] == [
        f"migrations/{path.name}" for path in samples
    ]
    with psycopg.connect(database.admin_url) as connection:
        indexes = connection.execute(
            "select relname, indisvalid, (select count(*) from pg_inherits where inhparent = oid)"
            " from pg_index join pg_class on oid = indexrelid where relname like 'sample%'"
            " and relnamespace = 'public'::regnamespace and relkind = 'I' order by 1"
        ).fetchall()
    assert [(name, valid) for name, valid, _ in indexes] == [
        ("sample_answers", True),
        ("sample_deliveries", True),
    ]
    assert all(parts > 3 for _, _, parts in indexes)


def test_whoever_waits_for_the_swap_is_never_the_one_to_be_ended(database):
    with psycopg.connect(database.admin_url) as connection:
        [(limit,)] = connection.execute(
            "select setting::int from pg_settings where name = 'deadlock_timeout'"
        ).fetchall()
    assert limit > LOCK_WAIT_MS
