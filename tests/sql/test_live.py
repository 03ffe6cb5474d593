"""What the Live page asks every few seconds: the age of the queue, and answers in a few states."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from local.stack import Database, Stack
from sql.apply import apply
from tests.sql.old_migrations import write_old_migrations

NEW = "0026_cases_and_queue_age.sql"
ROWS_READ = (
    "select coalesce(sum(seq_tup_read + coalesce(idx_tup_fetch, 0)), 0)::integer"
    " from pg_stat_xact_user_tables where relname = 'answers'"
)


@pytest.fixture
def webhook(sql: Any) -> str:
    return sql.switch_on(sql.sign_in("1"))


@pytest.fixture
def empty(stack: Stack) -> Iterator[Database]:
    database = stack.create_database("live_test")
    yield database
    stack.drop_database(database.name)


def old_answer(sql: Any, webhook: str) -> str:
    """An answer that arrived twenty days ago and is still queued."""
    answer_id = sql.ask(webhook, "c1")["answer_id"]
    sql.rows("update public.answers set received_at = now() - interval '20 days',"
             " queued_at = now() - interval '20 days' returning 1")  # fmt: skip
    return answer_id


def days_old(sql: Any) -> float:
    """The oldest answer of the queue, as the tile and as the sample tell it."""
    oldest = sql.call("queue_status")["oldest_seconds"]
    sql.rows("delete from public.queue_samples returning 1")
    sql.call("sample_queue")
    [(sampled,)] = sql.rows("select oldest_seconds from public.queue_samples")
    assert int(sampled / 86_400) == int(oldest / 86_400)
    return oldest / 86_400


def test_an_answer_is_as_old_as_its_wait(sql: Any, webhook: str) -> None:
    assert days_old(sql) == 0
    answer_id = old_answer(sql, webhook)
    assert int(days_old(sql)) == 20
    sql.begin(answer_id)
    assert int(days_old(sql)) == 20


def test_a_replayed_dead_letter_waits_since_its_replay(sql: Any, webhook: str) -> None:
    answer_id = old_answer(sql, webhook)
    begun = sql.begin(answer_id)
    sql.call("release_use", answer_id, begun["attempt"], "figma_down", "Figma is down.", {})
    assert days_old(sql) == 0
    sql.call("replay_answer", answer_id)
    assert days_old(sql) < 1
    sql.begin(answer_id)
    assert days_old(sql) < 1
    sql.settle(answer_id, "reply")
    # The person waited for all that time.
    assert sql.rows("select max(latency_ms) > 1000000000 from public.usage_logs") == [(True,)]


@pytest.mark.parametrize(("until", "days"), [("-3 days", 3), ("1 hour", 0)])
def test_an_answer_put_off_waits_since_it_could_be_tried_again(
    sql: Any, webhook: str, until: str, days: int
) -> None:
    answer_id = old_answer(sql, webhook)
    begun = sql.begin(answer_id)
    [(moment,)] = sql.rows("select now() + %s::interval", until)
    sql.call("defer_answer", answer_id, begun["attempt"], moment, "quota", None, None)
    assert days_old(sql) == 0
    sql.begin(answer_id)
    assert int(days_old(sql)) == days


def fill(sql: Any) -> None:
    """Five thousand answered, and before them one in each of the other states."""
    sql.rows(
        "insert into public.answers (file_key, comment_id, root_comment_id, author_figma_id,"
        " received_at, state) select 'FILE', n::text, n::text, '1',"
        " timestamptz '2026-11-22T10:00Z' - make_interval(secs => n), coalesce((array['queued',"
        " 'working', 'deferred', 'refused', 'ignored', 'failed'])[n - 5000], 'answered')"
        " from generate_series(1, 5006) as n returning 1"
    )


@pytest.mark.parametrize("states", [
    ["refused"], ["ignored"], ["refused", "ignored"], ["refused", "failed", "failed"],
    ["ignored", "queued", "working", "deferred"],
])  # fmt: skip
def test_the_latest_answers_of_rare_states_are_found_without_reading_others(
    sql: Any, states: list[str]
) -> None:
    asked = "select state from public.latest_answers(%s, 100)"
    # Undone with its statistics, which would mislead the plans of other tests.
    with sql.connection.transaction(force_rollback=True):
        fill(sql)
        sql.analyze("public.answers")
        before = sql.rows(ROWS_READ)[0][0]
        # Again and again over one connection, as the page does.
        found = [sql.rows(asked, states) for _ in range(8)]
        read = sql.rows(ROWS_READ)[0][0] - before
    assert all(sorted(each) == sorted((state,) for state in set(states)) for each in found)
    # The three open states share an index.
    assert read <= 8 * 3 * len(set(states))


def test_the_latest_answers_are_the_newest_of_each_state_or_of_all(sql: Any) -> None:
    fill(sql)
    newest = "select comment_id from public.answers where id in (select id from {}) order by 1"
    both = sql.rows(newest.format("public.latest_answers(array['answered', 'failed'], 2)"))
    assert both == [("1",), ("2",), ("5006",)]
    assert sql.rows(newest.format("public.latest_answers(null, 3)")) == [("1",), ("2",), ("3",)]


def test_an_upgrade_keeps_the_age_of_what_waits_and_rewrites_no_table(
    empty: Database, tmp_path: Path
) -> None:
    write_old_migrations(tmp_path, until=NEW)
    apply(empty.database_url, tmp_path, lambda _: None)
    table = "select pg_relation_filenode('public.answers')"
    ages = "select state, (queued_at - received_at)::text from public.answers order by state"
    with psycopg.connect(empty.database_url, autocommit=True) as owner:
        owner.execute(
            "insert into public.answers (file_key, comment_id, root_comment_id, author_figma_id,"
            " received_at, state, deferred_until) select 'FILE', state, state, '1',"
            " now() - interval '2 days', state, case state when 'deferred' then now() end"
            " from unnest(array['queued', 'working', 'deferred', 'failed']) as state"
        )
        owner.execute("update public.reliability_targets set threshold_ms = 3600000"
                      " where code = 'in_time'")  # fmt: skip
        before = owner.execute(table).fetchall()
        write_old_migrations(tmp_path)
        apply(empty.database_url, tmp_path, lambda _: None)
        assert owner.execute(table).fetchall() == before
        assert owner.execute(ages).fetchall() == [
            ("deferred", "2 days"), ("failed", None), ("queued", "00:00:00"),
            ("working", "00:00:00"),
        ]  # fmt: skip
        limits = "select threshold_ms from public.reliability_targets where code = 'in_time'"
        assert owner.execute(limits).fetchone() == (1_440_000,)
        log = "select reason from public.audit_log order by id desc"
        assert owner.execute(log).fetchone() == (
            "Times of more than 24 minutes are not told apart.",
        )
