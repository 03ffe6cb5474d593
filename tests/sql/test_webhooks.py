"""One webhook for one place: who reserves it, and whose it is in the end."""

import time
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

WAITING = "select 1 from pg_locks where locktype = 'advisory' and not granted"


def start(sql, user_id, passcode):
    return sql.call("start_webhook", user_id, "file", "FILE", "", "invite", passcode, passcode)


def outwait(sql):
    sql.connection.execute(
        "update public.user_webhooks set created_at = now() - interval '2 minutes'"
    )


def test_a_place_where_somebody_is_making_one_is_reserved_for_nobody_else(sql):
    ada, jonas = sql.sign_in("1"), sql.sign_in("2")
    made = start(sql, ada, "a")
    assert made["is_mine"]
    assert start(sql, jonas, "b") == {"state": "creating", "is_mine": False}
    sql.call("confirm_webhook", made["id"], "figma-1")
    assert start(sql, jonas, "b")["is_mine"]


def test_one_whose_maker_died_keeps_nobody_out_for_longer_than_a_minute(sql):
    ada, jonas = sql.sign_in("1"), sql.sign_in("2")
    start(sql, ada, "a")
    [row] = sql.call("webhooks_of_context", "file", "FILE")
    assert row["is_being_made"]
    outwait(sql)
    [row] = sql.call("webhooks_of_context", "file", "FILE")
    assert not row["is_being_made"]
    assert start(sql, jonas, "b")["is_mine"]


def test_of_two_that_begin_together_one_waits(sql, connect):
    ada, jonas = sql.sign_in("1"), sql.sign_in("2")
    other = connect()
    with ThreadPoolExecutor(1) as pool:
        with sql.connection.transaction():
            assert start(sql, ada, "a")["is_mine"]
            second = pool.submit(start, other, jonas, "b")
            while not second.done() and not sql.rows(WAITING):
                time.sleep(0.01)
        assert second.result() == {"state": "creating", "is_mine": False}


def test_a_webhook_that_another_live_row_has_is_confirmed_for_nobody_else(sql):
    ada, jonas = sql.sign_in("1"), sql.sign_in("2")
    late = start(sql, ada, "a")
    outwait(sql)
    taken = start(sql, jonas, "b")
    sql.call("confirm_webhook", taken["id"], "figma-1")
    with pytest.raises(psycopg.Error) as refused:
        sql.call("confirm_webhook", late["id"], "figma-1")
    assert refused.value.sqlstate == "PT409"
    # A lost reply may be asked for again.
    assert sql.call("confirm_webhook", taken["id"], "figma-1")["state"] == "active"


@pytest.mark.parametrize(
    ("change", "contact"),
    [
        ("created_at = now()", "waiting"),
        ("created_at = now() - interval '2 minutes'", "none"),
        ("created_at = now() - interval '2 minutes', last_event_at = now()", "heard"),
        ("confirmed_at = now()", "heard"),
    ],
)
def test_any_event_says_that_figma_has_reached_us(sql, change, contact):
    sql.switch_on(sql.sign_in("1"))
    [(user_id,)] = sql.rows(f"update public.user_webhooks set {change} returning user_id")
    assert sql.call("list_webhooks", user_id)[0]["contact"] == contact
