"""Over the end of a partition as within one: one answer a comment, one bill a run, one delivery."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest

from local.stack import Database

# Each brings one key at a moment, counted from the first one of the second partition.
BRING = {
    "answers": (
        "insert into public.answers (file_key, comment_id, root_comment_id, author_figma_id,"
        " received_at) values ('F', 'c', 'c', 'a', %s + %s * interval '1 second')"
        " on conflict do nothing returning id"
    ),
    "usage_logs": (
        "insert into public.usage_logs (answer_id, run, feature, status, cost_state,"
        " cost_microusd, at) values ('00000000-0000-0000-0000-000000000001', 1, 'comment',"
        " 'answered', 'priced', 1, %s + %s * interval '1 second')"
        " on conflict do nothing returning id"
    ),
    "webhook_deliveries": (
        "insert into public.webhook_deliveries (webhook_id, event_type, event_key, outcome,"
        " payload, received_at) select id, 'PING', 'k', 'ping', '{}', %s + %s * interval '1 second'"
        " from public.user_webhooks on conflict do nothing returning id"
    ),
}
TURN = "select min(from_at) from private.partitions_of(%s) where from_at is not null"


def turn_of(connection: psycopg.Connection, name: str) -> Any:
    row = connection.execute(TURN, [name]).fetchone()
    assert row and row[0]
    return row[0]


@pytest.mark.parametrize("ends", ["commit", "rollback"])
@pytest.mark.parametrize("name", BRING)
def test_of_two_who_bring_one_key_the_second_waits_for_the_first(
    partitioned: Database, connect_to, until_blocked_in, name, ends
):
    sql = connect_to(partitioned)
    sql.switch_on(sql.sign_in("1"))
    with psycopg.connect(partitioned.admin_url) as first, ThreadPoolExecutor(1) as pool:
        turn = turn_of(first, name)
        first.commit()
        assert first.execute(BRING[name], [turn, -1]).rowcount == 1
        asked = pool.submit(sql.rows, BRING[name], turn, 1)
        until_blocked_in(partitioned, sql.connection, asked)
        assert not asked.done()
        first.execute(ends)
        assert len(asked.result()) == (0 if ends == "commit" else 1)
        assert first.execute(f"select count(*) from public.{name}").fetchone() == (1,)


def test_a_comment_that_is_delivered_in_both_months_is_one_answer(partitioned, connect_to):
    sql = connect_to(partitioned)
    webhook = sql.switch_on(sql.sign_in("1"))
    first = sql.ask(webhook, "c1")
    with psycopg.connect(partitioned.admin_url) as connection:
        for name in ("answers", "webhook_deliveries"):
            moved = connection.execute(
                f"update public.{name} set received_at = %s", [turn_of(connection, name)]
            )
            assert moved.rowcount == 1
    again = sql.ask(webhook, "c1")
    assert (again["outcome"], again["answer_id"]) == ("duplicate", first["answer_id"])
    assert (again["is_redelivery"], again["delivery_id"]) == (True, first["delivery_id"])
    assert sql.rows("select redelivered from public.webhook_deliveries") == [(1,)]
    assert sql.rows("select count(*) from public.answers") == [(1,)]


def test_a_run_that_was_billed_in_the_other_month_is_billed_once(partitioned, connect_to):
    sql = connect_to(partitioned)
    webhook = sql.switch_on(sql.sign_in("1"))
    answer = sql.ask(webhook, "c1")["answer_id"]
    sql.begin(answer)
    with psycopg.connect(partitioned.admin_url) as connection:
        connection.execute(
            "insert into public.usage_logs (answer_id, run, feature, status, cost_state,"
            " cost_microusd, at) values (%s, 1, 'comment', 'answered', 'priced', 1, %s)",
            [answer, turn_of(connection, "usage_logs")],
        )
    sql.settle(answer, "reply")
    assert sql.rows("select count(*) from public.usage_logs") == [(1,)]
    assert sql.rows("select sum(calls) from public.billing_usage") == [(1,)]


def test_a_reply_is_booked_for_one_answer_alone(partitioned, connect_to):
    sql = connect_to(partitioned)
    webhook = sql.switch_on(sql.sign_in("1"))
    first, second = (sql.ask(webhook, each)["answer_id"] for each in ("c1", "c2"))
    with psycopg.connect(partitioned.admin_url) as connection:
        connection.execute(
            "update public.answers set received_at = %s where id = %s",
            [turn_of(connection, "answers"), second],
        )
    for answer in (first, second):
        sql.begin(answer)
    sql.settle(first, "reply")
    with pytest.raises(psycopg.Error, match="reply_is_another_answers"):
        sql.settle(second, "reply")


def test_what_belongs_to_an_answer_goes_with_it_and_stays_when_it_moves(partitioned, connect_to):
    sql = connect_to(partitioned)
    webhook = sql.switch_on(sql.sign_in("1"))
    answer = sql.ask(webhook, "c1")["answer_id"]
    with psycopg.connect(partitioned.admin_url, autocommit=True) as connection:
        connection.execute(
            "insert into public.answer_previews (answer_id, webhook_id, until)"
            " values (%s, %s, now())",
            [answer, webhook],
        )
        connection.execute(
            "update public.answers set received_at = %s", [turn_of(connection, "answers")]
        )
        assert sql.rows("select count(*) from public.answer_previews") == [(1,)]
        connection.execute("delete from public.answers")
        assert sql.rows("select count(*) from public.answer_previews") == [(0,)]


@pytest.mark.parametrize(
    ("name", "column"),
    [("answers", "received_at"), ("usage_logs", "at"), ("webhook_deliveries", "received_at")],
)
def test_who_gives_a_time_reads_only_its_partition(partitioned, name, column):
    with psycopg.connect(partitioned.admin_url) as connection:
        turn = turn_of(connection, name)
        plan = connection.execute(
            f"explain select * from public.{name} where {column} >= %s and"
            f" {column} < %s + interval '1 hour'",
            [turn, turn],
        ).fetchall()
        leaves = connection.execute(
            "select partition::text from private.partitions_of(%s)", [name]
        ).fetchall()
    text = "\n".join(line for (line,) in plan)
    read = [leaf for (leaf,) in leaves if leaf.partition(".")[2] in text]
    assert len(read) == 1
