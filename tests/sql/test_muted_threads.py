"""Answers that were put off, in a thread in which somebody wrote "stop" meanwhile."""

import threading

import psycopg
import pytest
from psycopg.types.json import Jsonb

from tests.sql.conftest import LIMITS, Sql

LATER = "2099-01-01T00:00:00Z"
COUNTS = """
    select (select count(*) from public.use_receipts where state = 'reserved'),
        (select count(*) from public.use_receipts
            where state = 'released' and reason = 'thread_muted'),
        (select sum(reserved)::integer from public.use_balances),
        (select count(*) from public.usage_logs
            where status = 'refused' and error_code = 'thread_muted' and receipt_id is not null)
"""


@pytest.fixture
def webhook(sql: Sql) -> str:
    return sql.switch_on(sql.sign_in("1"))


def ask(sql: Sql, webhook: str, comment_id: str, command: str | None = None) -> str:
    return sql.ask(webhook, comment_id, root_comment_id="root", command=command)["answer_id"]


def put_off(sql: Sql, webhook: str, comment_id: str, command: str | None = None) -> str:
    answer = ask(sql, webhook, comment_id, command)
    begun = sql.begin(answer)
    sql.call("defer_answer", answer, begun["attempt"], LATER, "figma_rate_limited", None, None)
    return answer


def stop(sql: Sql, webhook: str) -> str:
    answer = ask(sql, webhook, "stop", "stop")
    assert sql.begin(answer)["decision"] == "command"
    return answer


def test_an_answer_that_was_put_off_is_ignored_once_its_thread_is_muted(sql, webhook):
    answer = put_off(sql, webhook, "c1")
    stop(sql, webhook)
    begun = sql.begin(answer)
    assert [begun[each] for each in ("decision", "state", "reason")] == [
        "ignore", "ignored", "thread_muted",
    ]  # fmt: skip
    assert sql.rows(COUNTS) == [(0, 1, 0, 1)]
    sql.begin(ask(sql, webhook, "resume", "resume"))
    assert sql.begin(answer)["decision"] == "done"
    assert sql.rows(COUNTS) == [(0, 1, 0, 1)]
    state = "select state, reason, deferred_until from public.answers where id = %s"
    assert sql.rows(state, answer) == [("ignored", "thread_muted", None)]
    with pytest.raises(psycopg.Error) as refusal:
        sql.settle(answer, "r1")
    assert refusal.value.sqlstate == "PT409"


def test_a_command_that_was_put_off_is_ignored_without_a_row_in_the_ledger(sql, webhook):
    answer = put_off(sql, webhook, "c1", "help")
    stop(sql, webhook)
    assert sql.begin(answer)["reason"] == "thread_muted"
    assert sql.rows("select count(*) from public.usage_logs") == [(0,)]


def test_a_thread_that_is_resumed_in_time_gets_the_answer_that_was_put_off(sql, webhook):
    answer = put_off(sql, webhook, "c1")
    stop(sql, webhook)
    sql.begin(ask(sql, webhook, "resume", "resume"))
    begun = sql.begin(answer)
    assert (begun["decision"], begun["is_muted"]) == ("answer", False)


def test_who_wrote_stop_is_told_so_however_often_it_takes(sql, webhook):
    answer = stop(sql, webhook)
    again = sql.begin(answer)
    assert (again["decision"], again["is_muted"]) == ("command", False)
    assert sql.settle(answer, "r1")["state"] == "answered"


def test_an_answer_that_may_have_been_posted_goes_on_and_is_told_of_the_mute(sql, webhook):
    answer = ask(sql, webhook, "c1")
    sql.call("start_posting", answer, sql.begin(answer)["attempt"], {"text": "hi"}, 30)
    stop(sql, webhook)
    begun = sql.begin(answer)
    assert (begun["decision"], begun["is_muted"]) == ("answer", True)
    # Its reply stands in the thread, or it does not.
    with sql.connection.transaction(force_rollback=True):
        assert sql.settle(answer, "r1")["state"] == "answered"
    usage = {"cost_state": "priced", "cost_microusd": 7, "provider": "one", "model": "m"}
    sql.call("release_use", answer, begun["attempt"], "thread_muted", "", usage)
    # The model had been paid by then: a use is taken.
    receipts = sql.rows("select state, reason from public.use_receipts")
    assert receipts == [("withdrawn", "thread_muted")]
    assert sql.rows("select used, reserved from public.use_balances") == [(1, 0)]
    assert sql.rows("select status, error_code from public.usage_logs") == [
        ("refused", "withdrawn")
    ]
    assert sql.rows("select sum(cost_microusd) from public.usage_logs") == [(7,)]


def test_a_replay_in_a_muted_thread_posts_nothing_also_when_it_was_put_off(sql, webhook):
    answer = ask(sql, webhook, "c1")
    sql.call("release_use", answer, sql.begin(answer)["attempt"], "figma_down", "Away.", {})
    sql.call("replay_answer", answer)
    begun = sql.begin(answer)
    sql.call("defer_answer", answer, begun["attempt"], LATER, "figma_rate_limited", None, None)
    stop(sql, webhook)
    assert sql.begin(answer)["reason"] == "thread_muted"
    rows = sql.rows("select run, status, error_code from public.usage_logs order by run")
    assert rows == [(1, "failed", "figma_down"), (2, "refused", "thread_muted")]


def test_two_workers_that_begin_muted_answers_in_opposite_order_end_without_a_deadlock(
    sql, webhook, database
):
    bob = sql.switch_on(sql.sign_in("2"), "OTHER")
    answers = [put_off(sql, webhook, f"c{n}") for n in range(4)]
    for number in range(4):
        more = {"file_key": "OTHER", "author_figma_id": "2", "root_comment_id": "root"}
        answer = sql.ask(bob, f"d{number}", **more)["answer_id"]
        sql.begin(answer)
        answers.append(answer)
    sql.rows("insert into public.thread_mutes values ('OTHER', 'root', '2') returning 1")
    stop(sql, webhook)
    before = sql.deadlocks()
    names = ("answers_per_minute", "loop_replies", "loop_window_seconds", "lease_seconds")
    limits = dict(zip(names, LIMITS, strict=True))

    def work(order: list[str]) -> None:
        steps = [{"step": "begin_answer", "answer_id": each, **limits} for each in order]
        with psycopg.connect(database.database_url, autocommit=True) as connection:
            connection.execute("select public.take_steps(%s)", [Jsonb(steps)])

    orders = (answers[:6], answers[:1:-1], answers)
    threads = [threading.Thread(target=work, args=(each,)) for each in orders]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sql.rows(COUNTS) == [(0, 8, 0, 8)]
    assert sql.deadlocks() == before
