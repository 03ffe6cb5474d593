"""Deleting an account while workers, web and operators are at what belongs to it."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import psycopg
import pytest

from local.stack import Database
from service.alert_sentences import alert_words
from tests.sql.conftest import LIMITS, Sql, as_at_figma, comment

SUPPORT = "00000000-0000-4000-8000-000000000005"
WHY = "ticket 4711"
NAMES = ("answers_per_minute", "loop_replies", "loop_window_seconds", "lease_seconds")
Meanwhile = Callable[..., AbstractContextManager[None]]


@pytest.fixture
def ada(sql: Sql) -> str:
    return sql.sign_in("1")


@pytest.fixture
def webhook(sql: Sql, ada: str) -> str:
    return sql.switch_on(ada)


@pytest.fixture
def busy(connect: Callable[[], Sql]) -> Sql:
    """Somebody in the middle of a transaction, until `busy.connection.commit()`."""
    made = connect()
    made.connection.autocommit = False
    return made


@pytest.fixture
def meanwhile(connect: Callable[[], Sql], until_blocked: Any) -> Meanwhile:
    """Calls a function elsewhere until it has to wait; the end of the block is after its end."""

    @contextmanager
    def start(function: str, *arguments: Any, as_support: bool = False) -> Iterator[None]:
        other = connect()
        # Only so that a test that fails does not wait for itself.
        other.connection.execute("set lock_timeout = '30s'")
        if as_support:
            other.call("set_operator", SUPPORT, "support@example.test", "support")
            other.rows("select set_config('request.jwt.claim.sub', %s, false)", SUPPORT)
            other.connection.execute("set role authenticated")
        with ThreadPoolExecutor(1) as pool:
            asked = pool.submit(other.call, function, *arguments)
            until_blocked(other.connection, asked)
            assert not asked.done(), "it had to wait for nothing"
            yield
            asked.result()

    return start


def begin(answer_id: str) -> dict[str, Any]:
    limits = dict(zip(NAMES, LIMITS, strict=True))
    told = as_at_figma(comment("", answer_id))
    return {"step": "begin_answer", "answer_id": answer_id, "comment": told, **limits}


def author(sql: Sql) -> list[tuple]:
    return sql.rows("select author_handle, question from public.answers order by comment_id")


def written_by_ada(webhook: str, comment_id: str) -> dict[str, Any]:
    return comment(webhook, comment_id, payload={"triggered_by": {"id": "1"}, "file_key": "FILE"})


def test_a_worker_at_an_answer_of_theirs_goes_on_and_its_words_are_forgotten_after_it(
    sql: Sql, busy: Sql, meanwhile: Meanwhile, ada: str, webhook: str
) -> None:
    answer = sql.ask(webhook, "c1")["answer_id"]
    busy.rows("select from public.answers where id = %s for update", answer)
    with meanwhile("delete_account", ada, "hash"):
        [begun] = busy.call("take_steps", [begin(answer)])
        busy.connection.commit()
    assert begun["value"]["decision"] == "answer"
    assert author(sql) == [("Deleted user", "")]


def test_their_answers_are_not_held_up_while_their_deliveries_are_forgotten(
    sql: Sql, busy: Sql, meanwhile: Meanwhile, ada: str, webhook: str
) -> None:
    [asked] = sql.ask_all(written_by_ada(webhook, "c1"))
    busy.rows("select from public.webhook_deliveries for update")
    with meanwhile("delete_account", ada, "hash"):
        sql.connection.execute("set lock_timeout = '5s'")
        [begun] = sql.call("take_steps", [begin(asked["answer_id"])])
        assert begun["value"]["decision"] == "answer"
        sql.settle(asked["answer_id"], "r1")
        busy.connection.commit()
    assert author(sql) == [("Deleted user", "")]


def test_comments_that_arrive_and_come_again_are_stored_during_a_deletion(
    sql: Sql, busy: Sql, meanwhile: Meanwhile, ada: str, webhook: str
) -> None:
    sql.ask_all(written_by_ada(webhook, "c1"))
    sql.connection.execute("update public.user_webhooks set last_event_at = '2020-01-01'")
    busy.ask_all(written_by_ada(webhook, "c2"))
    with meanwhile("delete_account", ada, "hash"):
        [again] = busy.ask_all(written_by_ada(webhook, "c1"))
        busy.connection.commit()
    assert (again["outcome"], again["is_redelivery"]) == ("duplicate", True)
    assert sql.rows("select distinct payload from public.webhook_deliveries") == [({},)]


def test_a_comment_that_comes_again_elsewhere_and_a_deletion_take_webhooks_in_one_order(
    sql: Sql, busy: Sql, meanwhile: Meanwhile, ada: str, webhook: str
) -> None:
    elsewhere = "00000000-0000-4000-8000-000000000000"
    sql.switch_on(sql.sign_in("2"), "OTHER")
    sql.connection.execute(
        "update public.user_webhooks set id = %s where context_id = 'OTHER'", [elsewhere]
    )
    sql.connection.execute("update public.user_webhooks set last_event_at = '2020-01-01'")
    sql.ask_all(written_by_ada(elsewhere, "c1"))
    busy.ask_all(written_by_ada(elsewhere, "c1"))
    with meanwhile("delete_account", ada, "hash"):
        busy.ask_all(written_by_ada(webhook, "c2"))
        busy.connection.commit()
    assert sql.rows("select distinct payload from public.webhook_deliveries") == [({},)]


def test_an_operator_who_replays_their_dead_letter_and_a_deletion_both_come_to_an_end(
    sql: Sql, busy: Sql, meanwhile: Meanwhile, ada: str, webhook: str
) -> None:
    answer = sql.ask(webhook, "c1")["answer_id"]
    attempt = sql.begin(answer)["attempt"]
    sql.call("release_use", answer, attempt, "figma_down", "Figma is down.", {})
    busy.rows("select from public.answers where id = %s for update", answer)
    with meanwhile("delete_account", ada, "hash"):
        assert busy.call("replay_answer", answer)["queued"]
        busy.connection.commit()
    assert author(sql) == [("Deleted user", "")]


def test_an_owner_who_pauses_a_webhook_and_an_operator_who_deletes_the_account_both_finish(
    sql: Sql, busy: Sql, meanwhile: Meanwhile, ada: str, webhook: str
) -> None:
    sql.rows(
        "insert into public.subscriptions (user_id, plan_code) values (%s, 'pro') returning 1", ada
    )
    busy.rows("select from public.user_webhooks where id = %s for update", webhook)
    with meanwhile("operator_delete_account", ada, WHY, as_support=True):
        assert busy.call("change_webhook", ada, webhook, "paused", None)["state"] == "paused"
        busy.connection.commit()
    assert sql.rows("select state from public.user_webhooks") == [("deleted",)]
    assert sql.rows("select ends_at is null from public.subscriptions") == [(False,)]


def test_a_person_and_an_operator_who_save_the_context_at_once_both_get_an_answer(
    sql: Sql, busy: Sql, meanwhile: Meanwhile, ada: str
) -> None:
    texts = dict.fromkeys(("instructions", "tone", "brand", "design_system_rules"), "warm")
    content = {**texts, "language": "", "focus_areas": [], "model": ""}
    busy.rows("select from public.user_contexts where user_id = %s for update", ada)
    with meanwhile("operator_save_context", ada, 1, content, WHY, as_support=True):
        assert busy.call("save_context", ada, 1, content, "user", "")["version"] == 2
        busy.connection.commit()
    assert sql.rows("select version from public.user_contexts") == [(2,)]


def test_two_workers_that_give_removals_at_figma_up_take_them_in_one_order(
    sql: Sql, busy: Sql, meanwhile: Meanwhile, ada: str
) -> None:
    low, high = sorted(sql.switch_on(ada, key) for key in ("ONE", "TWO"))
    for webhook in (high, low):
        sql.connection.execute(
            "insert into public.webhook_removals (id, user_id, asked_at)"
            " values (%s, %s, now() - interval '8 days')",
            [webhook, ada],
        )
    lock = "select from public.webhook_removals where id = %s for update"
    busy.rows(lock, low)
    with meanwhile("departing_webhooks", ada):
        busy.rows(lock, high)
        busy.connection.commit()
    assert sql.rows("select distinct outcome from public.webhook_removals") == [("left",)]


EVERY_TABLE = """
    select format('%I.%I', schemaname, tablename) from pg_tables
    where schemaname in ('public', 'private', 'queue') order by 1
"""


def everything(database: Database) -> dict[str, str]:
    """Every row of every table as text."""
    with psycopg.connect(database.admin_url) as connection:
        return {
            table: str(connection.execute(f"select each::text from {table} as each").fetchall())
            for (table,) in connection.execute(EVERY_TABLE).fetchall()
        }


def a_persons_life(sql: Sql) -> str:
    """Answered, muting a thread, over Figma's quota and a budget of their own; their id."""
    person = sql.sign_in("4711-ada")
    webhook = sql.switch_on(person)
    payload = {"triggered_by": {"id": "4711-ada", "handle": "Person 4711-ada"}}
    who = {"author_figma_id": "4711-ada", "author_handle": "Person 4711-ada", "payload": payload}
    answered = sql.ask(webhook, "c1", **who)["answer_id"]
    sql.begin(answered)
    sql.settle(answered, "r1", cost_state="priced", cost_microusd=90)
    sql.begin(sql.ask(webhook, "c2", **who, command="stop")["answer_id"])
    sql.ask(webhook, "c3", **who, is_addressed=False)
    sql.call("note_figma_limit", "4711-ada", "FILE", 1, 90_000, "starter", "low", "")
    sql.rows(
        "insert into public.budgets (scope, scope_key, monthly_microusd)"
        " values ('user', %s, 100) returning 1",
        person,
    )
    sql.call("check_budgets")
    return person


def test_afterwards_no_table_knows_their_name_or_figma_id(sql: Sql, database: Database) -> None:
    person = a_persons_life(sql)
    sql.rows(
        "with day as (insert into public.unbilled_spending values"
        " ((now() at time zone 'UTC')::date, 'author', '4711-ada', 3, 1000000))"
        " insert into public.author_limits values ('FILE', '4711-ada', gen_random_uuid())"
        " returning 1"
    )
    raised = sql.call("check_alerts")
    assert {alert_words(each["kind"], each["parameters"], "", "")[0] for each in raised} >= {
        "Figma's quota is used up for Person 4711-ada",
        "80 % of a budget reached: Person 4711-ada",
    }
    sql.call("delete_account", person, "kept")
    assert [table for table, rows in everything(database).items() if "4711-ada" in rows] == []
    alerts = sql.rows(
        "select subject like 'deleted:%%', kind, parameters, title, detail, ended_at is null"
        " from public.alerts where kind in ('budget', 'figma_quota')"
    )
    said = [(gone, alert_words(*alert)[0], is_open) for gone, *alert, is_open in alerts]
    assert sorted(said, reverse=True) == [
        (True, "Figma's quota is used up for Deleted user", False),
        (False, "80 % of a budget reached: Deleted user", True),
    ]
    about = sql.rows(
        "select kind, parameters, title, detail from public.alerts"
        " where kind in ('author_limit', 'unbilled')"
    )
    assert [alert_words(*each)[1] for each in about] == ["About a deleted user."] * 2
    assert sql.call("check_alerts") == []


def test_alerts_of_an_older_version_hold_the_name_in_their_words_and_lose_it(sql: Sql) -> None:
    person = sql.sign_in("4711-ada")
    budget = sql.rows(
        "insert into public.budgets (scope, scope_key, monthly_microusd)"
        " values ('user', %s, 100) returning id",
        person,
    )[0][0]
    said = sql.rows(
        "insert into public.budget_alerts (budget_id, month, threshold, spent_microusd,"
        " monthly_microusd) values (%s, '2026-11-01', 50, 50, 100) returning id::text",
        budget,
    )[0][0]
    for kind, subject, title, detail in (
        ("figma_quota", "4711-ada 1", "Figma's quota is used up for Ada", "Until 10:00 UTC"),
        ("author_limit", "4711-ada FILE", "Replies are drawn", "Figma user 4711-ada in FILE"),
        ("unbilled", "author 4711-ada", "Models were paid", "For the author 4711-ada"),
        ("budget", said, "50 % of a budget reached: Ada", "AI cost"),
    ):
        sql.rows(
            "insert into public.alerts (kind, subject, title, detail) values (%s, %s, %s, %s)"
            " returning 1",
            *(kind, subject, title, detail),
        )
    sql.call("delete_account", person, "kept")
    alerts = sql.rows("select kind, parameters, title, detail from public.alerts order by kind")
    assert [alert_words(*each) for each in alerts] == [
        ("Replies are drawn", "Deleted user"),
        ("50 % of a budget reached: Deleted user", "AI cost"),
        ("Figma's quota is used up for Deleted user", "Until 10:00 UTC"),
        ("Models were paid", "Deleted user"),
    ]
