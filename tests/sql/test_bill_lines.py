"""Which of our calls a bill has: kept with the call, whatever becomes of bills, and found so."""

import random
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg.types.json import Jsonb

from tests.sql.conftest import Sql

FIRST = date(2026, 10, 5)
DAYS = 4
# Both sides without a counterpart, counted from lines and calls themselves.
UNSEEN = """
    select lines.call_id from public.provider_bill_lines as lines
    join public.provider_bills as bills on bills.id = lines.bill_id
    where bills.state = 'ready' and bills.provider = 'openai' and lines.call_id <> ''
        and lines.day between %(first)s and %(last)s
        and not exists (
            select from public.model_calls as calls where calls.id = lines.model_call_id)
    order by 1
"""
UNBILLED = """
    select calls.call_id from public.model_calls as calls
    where calls.provider = 'openai'
        and (calls.at at time zone 'UTC')::date between %(first)s and %(last)s
        and not exists (
            select from public.provider_bill_lines as lines where lines.model_call_id = calls.id)
        and exists (
            select from public.provider_bills as bills
            where bills.state = 'ready' and bills.provider = 'openai'
                and (calls.at at time zone 'UTC')::date between bills.first_day and bills.last_day
                and exists (
                    select from public.provider_bill_lines as lines
                    where lines.bill_id = bills.id and lines.model_call_id is not null))
    order by 1
"""
CALLS = st.lists(
    st.fixed_dictionaries(
        {
            "hour": st.integers(0, DAYS * 24 - 1),
            "seen": st.sampled_from(["by both", "by both", "by both", "by us", "by them"]),
            "is_late": st.booleans(),
            "provider": st.sampled_from(["openai", "openai", "azure"]),
        }
    ),
    max_size=20,
)


def book(sql: Sql, number: int, call: dict[str, Any]) -> None:
    sql.rows(
        "insert into public.model_calls (at, usage_id, answer_id, feature, provider, model,"
        " call_id, cost_state, cost_microusd)"
        " values (%s, 1, gen_random_uuid(), 'comment', %s, 'm', %s, 'priced', 1) returning 1",
        datetime(2026, 10, 5, tzinfo=UTC) + timedelta(hours=call["hour"]),
        call["provider"], f"call-{number}",
    )  # fmt: skip


def upload(
    sql: Sql, first: int, last: int, calls: list[tuple[int, dict[str, Any]]], others: list[str]
) -> str:
    """A bill of these days with a line for each call that the provider saw; it replaces others."""
    bill = str(uuid4())
    days = [f"{FIRST + timedelta(days=each)}" for each in (first, last)]
    told: dict[str, Any] = {
        "provider": "openai", "format": "openrouter_calls", "tells": ["calls", "cost"],
    }  # fmt: skip
    told |= {"first_day": days[0], "last_day": days[1]}
    sql.rows("select public.start_bill(%s, %s, %s::uuid[])", bill, Jsonb(told), others)
    lines = [
        [f"{FIRST + timedelta(days=call['hour'] // 24)}", None, f"call-{number}", "m", "",
         1, 1, 0, 0, 1, 1]
        for number, call in calls
        if call["seen"] != "by us" and first <= call["hour"] // 24 <= last
    ]  # fmt: skip
    sql.call("add_bill_lines", bill, 1, lines)
    sql.rows("select public.finish_bill(%s, %s, %s::uuid[], 'the bill')", bill, len(lines), others)
    return bill


def check(sql: Sql) -> None:
    told = sql.rows(
        "select calls.is_billed, exists (select from public.provider_bill_lines as lines"
        " where lines.model_call_id = calls.id) from public.model_calls as calls"
    )
    assert [row[0] for row in told] == [row[1] for row in told]
    for first in range(DAYS):
        span = {"first": FIRST + timedelta(days=first), "last": FIRST + timedelta(days=DAYS - 1)}
        lines = sql.call("bill_lines", "openai", *span.values(), None, True)
        for side, expected in (("billed", UNSEEN), ("ours", UNBILLED)):
            found = sorted(line["call_id"] for line in lines if line["side"] == side)
            assert found == [row[0] for row in sql.connection.execute(expected, span)]
        every = sql.call("bill_lines", "openai", *span.values(), None, False)
        ours = sql.connection.execute(
            "select call_id, not is_billed from public.model_calls where provider = 'openai'"
            " and (at at time zone 'UTC')::date between %(first)s and %(last)s order by 1", span,
        ).fetchall()  # fmt: skip
        assert ours == sorted(
            (line["call_id"], line["is_unmatched"]) for line in every if line["side"] == "ours"
        )


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(calls=CALLS, case=st.integers(0, 10**9))
def test_what_has_no_counterpart_is_what_lines_and_calls_tell(
    sql: Sql, calls: list[dict[str, Any]], case: int
) -> None:
    for table in ("provider_bills", "model_calls"):
        sql.connection.execute(f"delete from public.{table}")
    chance = random.Random(case)
    known = list(enumerate(calls))
    for number, call in known:
        if call["seen"] != "by them" and not call["is_late"]:
            book(sql, number, call)
    middle = chance.randrange(1, DAYS)
    first = upload(sql, 0, middle - 1, known, [])
    second = upload(sql, middle, DAYS - 1, known, [])
    check(sql)
    for number, call in known:
        if call["seen"] != "by them" and call["is_late"]:
            book(sql, number, call)
    check(sql)
    sql.rows("select public.match_bills('openai')")
    check(sql)
    whole = upload(sql, 0, DAYS - 1, chance.sample(known, len(known) // 2), [first, second])
    check(sql)
    sql.call("remove_bill", whole, "a wrong file")
    check(sql)
    assert sql.rows("select count(*) from public.model_calls where is_billed") == [(0,)]
