"""Deliveries over time: days agree with the hours, whatever the zone and the step."""

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sql.apply import apply

# Neither hour is whole in every zone below, and Berlin changes to winter time in between.
FIRST = datetime(2026, 10, 20, tzinfo=UTC)
ZONES = ("UTC", "Europe/Berlin", "Asia/Kolkata", "America/Los_Angeles")
COUNTS = st.lists(
    st.tuples(
        st.integers(0, 1), st.integers(0, 12 * 24), st.sampled_from(["queued", "ignored"]),
        st.integers(1, 9), st.integers(0, 2),
    ),
    max_size=40, unique_by=lambda row: row[:3],
)  # fmt: skip


@pytest.fixture
def webhooks(sql) -> list[str]:
    owner = sql.sign_in("1")
    return [sql.switch_on(owner, "ONE"), sql.switch_on(owner, "TWO")]


@pytest.fixture
def set_zone(database):
    with psycopg.connect(database.admin_url, autocommit=True) as admin:
        yield lambda zone: admin.execute(
            "update public.reporting_settings set time_zone = %s", [zone]
        )


def starts_of(zone: str, first: date, steps: int, days: int) -> list[datetime]:
    """The first moments of ``steps`` steps of so many reporting days."""
    midnights = (first + timedelta(days=days * each) for each in range(steps))
    return [datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC) for day in midnights]


def count_days(sql) -> None:
    """As the purge does, which would in time forget these days."""
    sql.connection.execute("select private.count_webhook_days(private.reporting_zone())")


def add_hours(sql, rows, webhooks) -> list[tuple[datetime, str, str, int, int]]:
    hours = [
        (FIRST + timedelta(hours=hour), webhooks[which], outcome, deliveries, redelivered)
        for which, hour, outcome, deliveries, redelivered in rows
    ]
    for hour in hours:
        sql.connection.execute(
            "insert into public.webhook_hourly values (%s, %s, %s, %s, %s)", hour
        )
    return hours


def course_of(hours, starts, end, webhook) -> list[tuple[datetime, str, int, int]]:
    deliveries: Counter = Counter()
    redelivered: Counter = Counter()
    for hour, of, outcome, count, again in hours:
        if starts[0] <= hour < end and webhook in (None, of):
            step = max(start for start in starts if start <= hour)
            deliveries[step, outcome] += count
            redelivered[step, outcome] += again
    return [(*key, deliveries[key], redelivered[key]) for key in sorted(deliveries)]


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    rows=COUNTS, zone=st.sampled_from(ZONES), days=st.sampled_from([1, 3]),
    end=st.integers(1, 12 * 24), counted=st.booleans(),
)  # fmt: skip
def test_days_hours_and_one_webhook_add_up_in_every_zone(
    sql, set_zone, webhooks, rows, zone, days, end, counted
):
    sql.connection.execute("delete from public.webhook_hourly")
    sql.connection.execute("delete from public.webhook_daily")
    set_zone("UTC")
    hours = add_hours(sql, rows, webhooks)
    if counted:
        count_days(sql)
    set_zone(zone)
    last = FIRST + timedelta(hours=end)
    by_days = starts_of(zone, date(2026, 10, 20), 5, days)
    by_hours = [by_days[0] + timedelta(hours=each) for each in range(48)]
    for starts, to in (
        (by_days, max(last, by_days[-1])),
        (by_hours, by_hours[-1]),
        ([FIRST], last),
    ):
        for webhook in (None, *webhooks):
            assert sql.rows(
                "select * from public.delivery_course(%s, %s, %s)", starts, to, webhook
            ) == course_of(hours, starts, to, webhook)


def test_a_day_is_counted_once_and_only_when_it_is_over(sql, webhooks, new_comment):
    days = "select day, deliveries from public.webhook_daily where webhook_id = %s order by 1"
    yesterday = datetime.now(UTC) - timedelta(days=2)
    sql.connection.execute(
        "insert into public.webhook_hourly"
        " values (date_trunc('hour', %s, 'UTC'), %s, 'queued', 7, 1)",
        [yesterday, webhooks[0]],
    )
    sql.ask_all(new_comment(webhooks[0], "c1"), new_comment(webhooks[0], "c2"))
    for _ in range(2):
        sql.call("purge_expired")
        assert sql.rows(days, webhooks[0]) == [(yesterday.date(), 7)]
    starts = [datetime.combine(yesterday, time(), UTC) + timedelta(days=each) for each in range(3)]
    course = sql.rows("select * from public.delivery_course(%s, %s)", starts, datetime.now(UTC))
    assert [row[2:] for row in course] == [(7, 1), (2, 0)]
    listed = {row["id"]: row for row in sql.call("webhook_list")["rows"]}
    assert [listed[each]["deliveries_7d"] for each in webhooks] == [9, 0]


def test_what_is_old_is_forgotten_a_bounded_number_of_rows_at_a_time(sql, webhooks, new_comment):
    sql.ask_all(*(new_comment(webhooks[0], f"c{number}") for number in range(5)))
    sql.connection.execute(
        "update public.webhook_deliveries set received_at = now() - interval '31 days'"
    )
    sql.connection.execute(
        "insert into public.sessions (token_hash, user_id, expires_at)"
        " select 'old-' || n, id, now() - interval '1 day'"
        " from public.users, generate_series(1, 3) as n"
    )
    sql.ask(webhooks[0], "kept")
    left = "select count(*)::integer from public.webhook_deliveries"
    told = [sql.call("purge_expired", 2) for _ in range(3)]
    assert [each["deliveries"] for each in told] == [2, 2, 1]
    assert [each["sessions"] for each in told] == [2, 1, 0]
    assert [each["is_more"] for each in told] == [True, True, False]
    assert sql.rows(left) == [(1,)]


def test_what_is_left_of_a_busy_webhook_of_a_deleted_person_goes_in_parts(
    sql, webhooks, new_comment
):
    other = sql.switch_on(sql.sign_in("2"), "THREE")
    payload = {"comment": "words"}
    for webhook in (*webhooks, other):
        sql.ask_all(*(new_comment(webhook, f"c{n}", payload=payload) for n in range(3)))
    sql.connection.execute("update public.users set state = 'deleted' where figma_user_id = '1'")
    told = [sql.call("purge_expired", 4) for _ in range(2)]
    assert [(each["payloads"], each["is_more"]) for each in told] == [(4, True), (2, False)]
    kept = sql.rows("select distinct webhook_id::text from public.webhook_deliveries"
                    " where payload <> '{}'")  # fmt: skip
    assert kept == [(other,)]


def test_two_workers_purge_at_once(sql, connect, webhooks, new_comment):
    sql.ask_all(*(new_comment(webhooks[0], f"c{number}") for number in range(6)))
    sql.connection.execute(
        "update public.webhook_deliveries set received_at = now() - interval '31 days'"
    )
    first = connect()
    first.connection.autocommit = False
    assert first.call("purge_expired", 3)["deliveries"] == 3
    sql.connection.execute("set statement_timeout = '5s'")
    assert sql.call("purge_expired", 2)["deliveries"] == 2
    first.connection.commit()


def test_old_days_are_forgotten(sql, webhooks):
    sql.connection.execute(
        "insert into public.webhook_daily"
        " select %s, current_date - age, 'queued', 1, 0 from unnest(array[80, 100]) as age",
        [webhooks[1]],
    )
    sql.call("purge_expired")
    assert sql.rows("select current_date - day from public.webhook_daily") == [(80,)]


def test_a_new_zone_or_a_deploy_counts_anew(sql, database, set_zone, webhooks):
    everything = "select * from public.webhook_daily as kept order by kept"
    add_hours(sql, [(0, hour, "queued", 2, 0) for hour in range(0, 100, 7)], webhooks)
    count_days(sql)
    kept = sql.rows(everything)
    assert {str(row[0]) for row in kept} == {webhooks[0], "00000000-0000-0000-0000-000000000000"}
    set_zone("America/Los_Angeles")
    elsewhere = sql.rows(everything)
    assert elsewhere != kept
    assert sum(row[3] for row in elsewhere) == sum(row[3] for row in kept) == 60
    with psycopg.connect(database.database_url, autocommit=True) as owner:
        owner.execute("delete from public.webhook_daily")
        owner.execute("delete from private.schema_migrations where name = 'functions'")
    apply(database.database_url, say=lambda _: None)
    assert sql.rows(everything) == elsewhere
