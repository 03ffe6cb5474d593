"""Steps of many answers in one call, and jobs of the queue taken together."""

import threading

import psycopg
import pytest
from psycopg.types.json import Jsonb

from tests.sql.conftest import LIMITS, as_at_figma, comment

DRAFT = {"text": "hi"}


@pytest.fixture
def ada(sql):
    return sql.sign_in("1")


@pytest.fixture
def webhook(sql, ada):
    return sql.switch_on(ada)


def begin(answer_id: str, **fields: str) -> dict:
    names = ("answers_per_minute", "loop_replies", "loop_window_seconds", "lease_seconds")
    limits = dict(zip(names, LIMITS, strict=True))
    told = as_at_figma(comment("", answer_id, **fields))
    return {"step": "begin_answer", "answer_id": answer_id, "comment": told, **limits}


def post(answer_id: str, attempt: int) -> dict:
    more = {"attempt": attempt, "draft": DRAFT, "seconds": 30}
    return {"step": "start_posting", "answer_id": answer_id, **more}


def settle(answer_id: str, reply_id: str) -> dict:
    usage = {"cost_state": "priced", "cost_microusd": 7}
    reply = {"comment_id": reply_id, "created_at": "2026-11-22T10:00:02Z"}
    return {"step": "settle_answer", "answer_id": answer_id, "reply": reply, "usage": usage}


def test_steps_of_many_answers_are_taken_as_if_each_came_alone(sql, webhook):
    one, two, three = (sql.ask(webhook, f"c{n}")["answer_id"] for n in range(3))
    begun = sql.call("take_steps", [begin(one), begin(two)])
    assert [each["value"]["decision"] for each in begun] == ["answer", "answer"]
    assert [each["value"]["id"] for each in begun] == [one, two]
    mixed = sql.call("take_steps", [settle(one, "r1"), begin(three), post(two, 1)])
    settled, asked, window = (each["value"] for each in mixed)
    assert settled == {"state": "answered", "reply_comment_id": "r1"}
    assert (asked["id"], asked["attempt"], window["may_post"]) == (three, 1, True)
    assert sql.rows("select sum(used), sum(reserved) from public.use_balances") == [(1, 2)]


def test_a_step_that_is_refused_leaves_the_others_alone(sql, webhook):
    one, two = (sql.ask(webhook, f"c{n}")["answer_id"] for n in range(2))
    sql.begin(one)
    sql.begin(two)
    gone = "00000000-0000-0000-0000-000000000000"
    steps = [settle(one, "r1"), post(two, 9), begin(gone), {"step": "else", "answer_id": two}]
    settled, late, missing, unknown = sql.call("take_steps", [*steps])
    assert settled["value"]["state"] == "answered"
    assert late["refused"]["code"] == "PT409"
    assert missing["refused"] == {"code": "PT404", "message": "no_such_answer"}
    assert unknown["refused"]["code"] == "20000"
    # What was done before the refusal was found is done once.
    assert sql.rows("select count(*), sum(cost_microusd) from public.usage_logs") == [(1, 7)]
    assert sql.rows("select sum(uses) from public.usage_hourly") == [(1,)]


def test_drafts_kept_together_open_the_windows_that_they_would_open_alone(sql, webhook):
    one, two, three = (sql.ask(webhook, f"c{n}")["answer_id"] for n in range(3))
    sql.call("take_steps", [begin(each) for each in (one, two, three)])
    sql.call("take_steps", [post(one, 1)])
    sql.begin(one)
    later = post(two, 1) | {"draft": {"text": "better"}}
    steps = [post(two, 1), post(one, 2), later, post(three, 1)]
    windows = [each["value"] for each in sql.call("take_steps", steps)]
    assert [each["may_post"] for each in windows] == [True, False, True, True]
    assert [each["wait_ms"] > 0 for each in windows] == [False, True, False, False]
    drafts = "select draft ->> 'text', draft ->> 'attempt' from public.answers order by comment_id"
    assert sql.rows(drafts) == [("hi", "1"), ("better", "1"), ("hi", "1")]
    results = sql.call("take_steps", [post(one, 1), post(two, 1), post(three, 2)])
    assert [each.get("refused", {}).get("code") for each in results] == ["PT409", None, "PT409"]


def test_drafts_wait_for_nobody_who_holds_a_balance(sql, webhook, database):
    answer = sql.ask(webhook, "c0")["answer_id"]
    sql.begin(answer)
    sql.connection.execute("set lock_timeout = '500ms'")
    with psycopg.connect(database.database_url) as other:
        other.execute("select from public.use_balances for update")
        (posted,) = sql.call("take_steps", [post(answer, 1)])
        with pytest.raises(psycopg.errors.LockNotAvailable):
            sql.call("take_steps", [settle(answer, "r1")])
    assert posted["value"]["may_post"]


def test_the_last_use_is_reserved_once_within_one_call(sql, ada, webhook):
    answers = [sql.ask(webhook, f"c{n}")["answer_id"] for n in range(12)]
    steps = [begin(each) | {"answers_per_minute": 100} for each in answers]
    decisions = [each["value"]["decision"] for each in sql.call("take_steps", steps)]
    assert decisions == ["answer"] * 10 + ["refuse"] * 2


def test_batches_of_two_workers_in_opposite_order_end_without_a_deadlock(sql, webhook, database):
    bob = sql.sign_in("2")
    other = sql.switch_on(bob, "OTHER")
    mine = [sql.ask(webhook, f"c{n}")["answer_id"] for n in range(8)]
    theirs = [
        sql.ask(other, f"d{n}", file_key="OTHER", author_figma_id="2")["answer_id"]
        for n in range(8)
    ]
    for each in mine + theirs:
        sql.begin(each)
    before = sql.deadlocks()
    orders = (mine[:4] + theirs[:4], theirs[4:] + mine[4:])

    def work(answers: list[str]) -> None:
        with psycopg.connect(database.database_url, autocommit=True) as connection:
            steps = [settle(each, f"r-{each}") for each in answers]
            query = "select public.take_steps(%s)"
            results = connection.execute(query, [Jsonb(steps)]).fetchone()[0]
            assert all("value" in each for each in results)

    threads = [threading.Thread(target=work, args=(each,)) for each in orders]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sql.rows("select count(*) from public.answers where state = 'answered'") == [(16,)]
    assert sql.deadlocks() == before


def test_jobs_are_taken_together_in_order_and_one_of_each_thread(sql, webhook, database):
    for number in range(5):
        sql.ask(webhook, f"c{number}", root_comment_id="c0" if number < 2 else f"c{number}")
    with psycopg.connect(database.database_url, autocommit=True) as connection:
        connection.execute("set search_path = queue, public")
        register = "select worker_id from procrastinate_register_worker_v1()"
        [(worker_id,)] = connection.execute(register).fetchall()
        take = "select id, status::text, worker_id from private.take_jobs('{answers}', %s, %s)"
        first = connection.execute(take, (worker_id, 3)).fetchall()
        second = connection.execute(take, (worker_id, 3)).fetchall()
        third = connection.execute(take, (worker_id, 3)).fetchall()
    taken = [row[0] for row in first + second]
    assert (len(first), len(second), third) == (3, 1, [])
    assert taken == sorted(taken)
    assert {row[1:] for row in first + second} == {("doing", worker_id)}
