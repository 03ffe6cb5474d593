"""The reporting zone: who changes it, what is refused, and that every day is counted anew."""

import psycopg
import pytest
from psycopg import sql as names

from tests.sql.conftest import refused


@pytest.fixture
def as_operator(database):
    """Calls set_reporting as a signed-in operator of a role."""
    with psycopg.connect(database.admin_url, autocommit=True) as connection:

        def call(role, *values):
            person = "00000000-0000-4000-8000-000000000001"
            connection.execute("delete from public.operators")
            connection.execute(
                "insert into public.operators (user_id, email, role) values (%s, 'f@x.test', %s)",
                [person, role],
            )
            with connection.transaction():
                connection.execute("select set_config('request.jwt.claim.sub', %s, true)", [person])
                connection.execute("set local role authenticated")
                return connection.execute(
                    "select public.set_reporting(%s, %s, %s)", values
                ).fetchone()[0]

        yield call


@pytest.mark.parametrize(
    ("role", "zone", "week", "reason", "sentence"),
    [
        ("support", "Europe/Berlin", "monday", "we moved", "Only founders"),
        ("founder", "Europe/Berlin", "monday", " x ", "Say why"),
        ("founder", "Mars/Olympus", "monday", "we moved", "no time zone called Mars"),
        ("founder", "Asia/Kolkata", "monday", "we moved", "whole UTC hour"),
        ("founder", "Europe/Berlin", "friday", "we moved", "monday or sunday"),
    ],
)
def test_a_change_that_makes_no_sense_is_refused(as_operator, role, zone, week, reason, sentence):
    with refused(sentence):
        as_operator(role, zone, week, reason)


def test_a_new_zone_counts_every_day_anew_and_is_audited(as_operator, sql):
    ada = sql.sign_in("1")
    webhook = sql.switch_on(ada)
    answer = sql.ask(webhook, "c1")["answer_id"]
    sql.begin(answer)
    sql.settle(answer, "r1", cost_microusd=7, cost_state="priced")
    for zone in ("Pacific/Kiritimati", "Pacific/Pago_Pago"):
        as_operator("founder", zone, "sunday", "we moved")
        day = names.Literal(zone).as_string()
        for table in ("usage_daily", "usage_daily_users"):
            assert sql.rows(
                f"select d.day = (l.at at time zone {day})::date, d.cost_microusd"
                f" from public.{table} as d, public.usage_logs as l"
            ) == [(True, 7)]
    # Kiritimati and Pago Pago are always a day apart: the two above were not the same day.
    assert sql.rows("select private.reporting_week('2026-11-25')::text") == [("2026-11-22",)]
    assert sql.rows(
        "select actor, reason, after ->> 'time_zone' from public.audit_log"
        " where table_name = 'reporting_settings' order by id desc limit 1"
    ) == [("f@x.test", "we moved", "Pacific/Pago_Pago")]


def test_rollups_kept_one_by_one_are_those_counted_at_once(sql, database):
    ada = sql.sign_in("1")
    webhook = sql.switch_on(ada)
    for number in range(3):
        answer = sql.ask(webhook, f"c{number}")["answer_id"]
        sql.begin(answer)
        sql.settle(answer, f"r{number}", cost_microusd=number, cost_state="priced",
                   model_latency_ms=90 * number, figma_latency_ms=40)  # fmt: skip
    tables = ("usage_hourly", "usage_daily", "usage_daily_users", "usage_hourly_teams")
    in_order = [f"select * from public.{table} as kept order by kept" for table in tables]
    kept = [sql.rows(query) for query in in_order]
    for each in ("usage_daily", "usage_hourly", "usage_teams"):
        sql.rows(f"select private.rebuild_{each}()")
    assert [sql.rows(query) for query in in_order] == kept
