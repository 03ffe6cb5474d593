"""The overview's figures: tile = rows = CSV = ledger, over a change of the clock, at random."""

import csv
import io
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pandas as pd
import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dashboard.data.periods import span_of, steps
from dashboard.exports import csv_export
from tests.sql.acting import Act, act

__all__ = ["act"]

# Berlin's clocks go back in the night to Sunday, 25 October 2026.
FIRST = datetime(2026, 10, 23, 20, tzinfo=UTC)
NOW = datetime(2026, 10, 26, 11, 30, tzinfo=UTC)
PEOPLE = [UUID(int=n) for n in range(1, 4)]
USES = st.lists(
    st.fixed_dictionaries(
        {
            "minutes": st.integers(0, 60 * 62),
            "person": st.sampled_from(PEOPLE),
            "plan": st.sampled_from(["trial", "pro"]),
            "status": st.sampled_from(["answered", "answered", "refused", "failed"]),
            "cost": st.none() | st.integers(0, 10**12),
            "ms": st.integers(0, 100_000),
        }
    ),
    max_size=15,
)
DEALS = st.lists(
    st.tuples(
        st.sampled_from(PEOPLE),
        st.integers(-60, 60),
        st.none() | st.integers(1, 90),
        st.integers(1, 9),
    ),
    max_size=4,
)

# Later corrections, as re-pricing writes them: (person, whole hours after FIRST, micro-dollars).
CHANGES = st.lists(
    st.tuples(st.sampled_from(PEOPLE), st.integers(0, 62), st.integers(-(10**9), 10**9)), max_size=4
)
ROLLUPS = ("usage_daily", "usage_hourly", "usage_teams", "reliability", "ai_cost", "billing")


@pytest.fixture
def owner(database):
    with psycopg.connect(database.database_url, autocommit=True) as connection:
        connection.execute("update public.reporting_settings set time_zone = 'Europe/Berlin'")
        connection.execute("insert into public.teams (id, name) values (%s, 'Harbor')", [uuid4()])
        for n, person in enumerate(PEOPLE):
            connection.execute(
                "insert into public.users (id, figma_user_id, handle, team_id) values"
                " (%s, %s, %s, case when %s = 0 then (select id from public.teams) end)",
                [person, f"p{n}", f"=Person {n}", n],
            )
        yield connection


def fill(owner, uses, deals, changes=()):
    """Use, subscriptions and corrections, and the rollups counted from them."""
    for table in ("usage_logs", "adjustments"):
        owner.execute(f"alter table public.{table} disable trigger user")
    for table in ("usage_logs", "subscriptions", "adjustments"):
        owner.execute(f"delete from public.{table}")
    for use in uses:
        owner.execute(
            "insert into public.usage_logs (at, answer_id, feature, status, user_id, team_id,"
            " plan_code, cost_microusd, cost_state, latency_ms, receipt_id) values (%s,"
            " gen_random_uuid(), 'comment', %s, %s,"
            " (select team_id from public.users where id = %s), %s, %s, %s, %s,"
            " gen_random_uuid())",
            [FIRST + timedelta(minutes=use["minutes"]), use["status"], use["person"], use["person"],
             use["plan"], use["cost"], "unpriced" if use["cost"] is None else "priced", use["ms"]],
        )  # fmt: skip
    for person, begins, lasts, seats in deals:
        starts = FIRST + timedelta(hours=begins)
        owner.execute(
            "insert into public.subscriptions (user_id, plan_code, seats, starts_at, ends_at)"
            " values (%s, 'pro', %s, %s, %s)",
            [person, seats, starts, lasts and starts + timedelta(hours=lasts)],
        )
    for person, hours, amount in changes:
        owner.execute(
            "insert into public.adjustments (kind, for_at, user_id, team_id, plan_code, provider,"
            " model, amount_microusd, key, actor, reason) values ('ai_cost', %s, %s,"
            " (select team_id from public.users where id = %s), 'pro', 'openai', 'm', %s,"
            " gen_random_uuid(), 'a', 'b')",
            [FIRST + timedelta(hours=hours), person, person, amount],
        )
    for table in ("usage_logs", "adjustments"):
        owner.execute(f"alter table public.{table} enable trigger user")
    for each in ROLLUPS:
        owner.execute(f"select private.rebuild_{each}()")


def ask(owner, function, *values):
    places = ", ".join(["%s"] * len(values))
    return owner.execute(f"select public.{function}({places})", values).fetchone()[0]


def footer_of(frame, footer):
    """The last line of the CSV, by column, as numbers."""
    text = csv_export.to_csv(frame, footer).decode("utf-8-sig")
    lines = list(csv.DictReader(io.StringIO(text, newline="")))
    return {name: int(lines[-1][name]) for name in footer}


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(uses=USES, deals=DEALS, changes=CHANGES,
       choice=st.sampled_from(["24 hours", "7 days", "This month"]),
       plans=st.sampled_from([None, ["pro"]]), is_team=st.booleans())  # fmt: skip
def test_a_tile_its_rows_and_its_csv_are_the_ledger_to_the_micro_dollar(
    owner, uses, deals, changes, choice, plans, is_team
):
    fill(owner, uses, deals, changes)
    span = span_of(choice, "Europe/Berlin", NOW)
    team = owner.execute("select id from public.teams").fetchone()[0] if is_team else None
    found = ask(owner, "overview", span.start, span.end, plans, team, span.step)
    totals, rows = found["totals"], pd.DataFrame(found["steps"])
    ledger = owner.execute(
        "select count(*) filter (where status = 'answered') as answers,"
        " count(*) filter (where status = 'refused') as refused,"
        " count(*) filter (where status = 'failed') as failed,"
        " coalesce(sum(cost_microusd), 0)::bigint as cost_microusd,"
        " count(*) filter (where cost_state = 'unpriced') as unpriced"
        " from public.usage_logs where at >= %s and at < %s"
        " and (%s::text[] is null or plan_code = any (%s)) and (%s::uuid is null or team_id = %s)",
        [span.start, span.end, plans, plans, team, team],
    ).fetchone()
    corrected = owner.execute(
        "select coalesce(sum(amount_microusd), 0)::bigint from public.adjustments"
        " where for_at >= %s and for_at < %s and (%s::text[] is null or plan_code = any (%s))"
        " and (%s::uuid is null or team_id = %s)",
        [span.start, span.end, plans, plans, team, team],
    ).fetchone()
    names = ["answers", "refused", "failed", "cost_microusd", "unpriced"]
    counted = dict(zip(names, ledger, strict=True))
    counted["cost_microusd"] += corrected[0]
    assert {name: totals[name] for name in names} == counted
    costs = ask(owner, "ai_cost", span.start, span.end, plans, team, span.step)
    assert costs["total"]["total_microusd"] == totals["cost_microusd"]
    summed = [*names, "revenue_microusd"]
    footer = {name: totals[name] for name in summed}
    assert {name: rows[name].sum() for name in summed} == footer
    assert footer_of(rows[["at", *summed]], footer) == footer
    at = pd.to_datetime(rows["at"], utc=True, format="ISO8601").dt.tz_convert("Europe/Berlin")
    assert list(at) == list(steps(span, "Europe/Berlin", "monday"))
    check_people_and_subscriptions(owner, span, plans, team, totals)


@pytest.mark.parametrize("days", [1, 3])
def test_founders_are_told_the_same_through_row_level_security_of_whole_and_of_begun_days(
    owner: psycopg.Connection, act: Act, days: int
) -> None:
    use = {"person": PEOPLE[0], "plan": "pro", "status": "answered", "cost": 5, "ms": 900}
    fill(owner, [{**use, "minutes": 60 * hours} for hours in (1, 20, 30, 60)], [])
    first = datetime(2026, 10, 23, 22, tzinfo=UTC)
    for team in (None, owner.execute("select id from public.teams").fetchone()[0]):
        for last in (first + timedelta(days=days), NOW):
            asked = ("overview", first, last, None, team, "day")
            told = act("founder", *asked)
            assert told["totals"]["answers"] > 0
            assert told == ask(owner, *asked)
            for role in ("support", "finance"):
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    act(role, *asked)


def check_people_and_subscriptions(owner, span, plans, team, totals):
    people = pd.DataFrame(ask(owner, "overview_people", span.start, span.end, plans, team))
    assert len(people) == totals["active_users"]
    paid = pd.DataFrame(
        ask(owner, "overview_subscriptions", span.end, plans, team),
        columns=["payer", "seats", "mrr_microusd"],
    )
    footer = {"seats": totals["paying"], "mrr_microusd": totals["mrr_microusd"]}
    assert {name: paid[name].sum() for name in footer} == footer
    assert footer_of(paid, footer) == footer


def test_a_month_costs_the_same_on_every_page(owner):
    owner.execute("update public.reporting_settings set time_zone = 'UTC'")
    use = {"minutes": 30, "person": PEOPLE[0], "plan": "pro", "status": "answered", "ms": 5}
    fill(owner, [use | {"cost": 7_000_001}, use | {"cost": 5}], [], [(PEOPLE[0], 1, -2_000_003)])
    month = (datetime(2026, 10, 1, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC))
    cost = ask(owner, "overview", *month, None, None, "month")["totals"]["cost_microusd"]
    assert cost == 5_000_003
    assert ask(owner, "ai_cost", *month, None, None, "month")["total"]["total_microusd"] == cost
    billed = owner.execute(
        "select sum(ai_cost_microusd) from private.billing_lines('2026-10-01')"
    ).fetchone()
    assert billed == (cost,)


def test_the_hours_of_one_past_day_are_shown_by_hour(owner):
    use = {"person": PEOPLE[0], "plan": "pro", "status": "answered", "cost": 3, "ms": 5}
    fill(owner, [use | {"minutes": minutes} for minutes in (10 * 60, 15 * 60)], [])
    owner.execute("update public.reporting_settings set time_zone = 'UTC'")
    day = (datetime(2026, 10, 24, tzinfo=UTC), datetime(2026, 10, 25, tzinfo=UTC))
    found = ask(owner, "overview", *day, None, None, "hour")["steps"]
    assert [each["answers"] for each in found] == [0] * 6 + [1] + [0] * 4 + [1] + [0] * 12
    assert sum(each["cost_microusd"] for each in found) == 6


def test_a_paid_day_of_twenty_five_hours_earns_what_every_day_does(owner):
    fill(owner, [], [(PEOPLE[0], -60, None, 2)])
    span = span_of("7 days", "Europe/Berlin", NOW)
    found = ask(owner, "overview", span.start, span.end, None, None, "day")
    # Two seats of $10, in a month of 31 days; nothing before the first whole day.
    paid = [each["revenue_microusd"] for each in found["steps"]]
    assert paid == [0, 0, 645_161, 645_161, 645_161, 645_161, 645_161]
    assert found["totals"]["revenue_microusd"] == 5 * 645_161


def test_a_price_that_changes_changes_mrr_from_then_on(owner):
    fill(owner, [], [(PEOPLE[0], -60, None, 3)])
    owner.execute(
        "insert into public.plans (code, valid_from, name, price_microusd, per, uses, period)"
        " values ('pro', %s, 'Pro', 12000000, 'user', 500, 'month')",
        [FIRST],
    )
    moments = [FIRST - timedelta(seconds=1), FIRST]
    found = owner.execute(
        "select mrr_microusd, paying from private.paid_at(%s, null, null) order by at", [moments]
    ).fetchall()
    assert found == [(30_000_000, 3), (36_000_000, 3)]


def test_conversion_counts_trials_of_the_period_that_pay_before_its_end(owner):
    fill(owner, [], [(PEOPLE[0], 5, None, 1), (PEOPLE[1], -60, None, 1)])
    for person in PEOPLE:
        owner.execute(
            "insert into public.activity (at, user_id, kind) values (%s, %s, 'first_answer')",
            [FIRST, person],
        )
    until = FIRST + timedelta(hours=8)
    found = ask(owner, "overview", FIRST, until, None, None, "hour")
    totals, steps = found["totals"], found["steps"]
    # The second paid from the start: that was no trial.
    assert (totals["trials_started"], totals["trials_converted"]) == (2, 1)
    assert [(each["trials_started"], each["trials_converted"]) for each in steps] == [
        (2, 1), *[(0, 0)] * 7,
    ]  # fmt: skip
    early = ask(owner, "overview", FIRST, FIRST + timedelta(hours=4), None, None, "hour")["totals"]
    assert (early["trials_started"], early["trials_converted"]) == (2, 0)


def balance(owner: psycopg.Connection, person: UUID, used: int) -> None:
    owner.execute(
        "insert into public.use_balances (user_id, plan_code, period_start, used)"
        " values (%s, 'pro', date_trunc('month', now() at time zone 'UTC')::date, %s)",
        [person, used],
    )


def person_on_pro(
    owner: psycopg.Connection, name: str, used: int, *, state: str = "active",
    ended: bool = False, granted: int = 0, taken_back: int = 0,
) -> None:  # fmt: skip
    """Somebody named, who took so many of the 500 uses of this month, with grants on top."""
    person = uuid4()
    owner.execute(
        "insert into public.users (id, figma_user_id, handle, state) values (%s, %s, %s, %s)",
        [person, name, name, state],
    )
    balance(owner, person, used)
    owner.execute(
        "insert into public.subscriptions (user_id, plan_code, starts_at, ends_at) values (%s,"
        " 'pro', now() - interval '40 days', case when %s then now() - interval '1 second' end)",
        [person, ended],
    )
    owner.execute(
        "insert into public.use_grants (user_id, plan_code, period_start, uses, reason, granted_by,"
        " revoked_at) select user_id, plan_code, period_start, uses, 'x', 'x', revoked_at"
        " from public.use_balances, (values (%s, null), (%s, now())) as each (uses, revoked_at)"
        " where user_id = %s and uses > 0",
        [granted, taken_back, person],
    )


def test_near_the_end_of_a_month_is_who_has_little_left_of_plan_and_grants(
    owner: psycopg.Connection, act: Act
) -> None:
    person_on_pro(owner, "near", 450)
    person_on_pro(owner, "not yet", 449)
    person_on_pro(owner, "granted", 460, granted=100)
    person_on_pro(owner, "granted and near", 545, granted=100, taken_back=30)
    person_on_pro(owner, "no longer", 490, ended=True)
    person_on_pro(owner, "suspended", 490, state="suspended")
    # Of a team on the plan.
    balance(owner, PEOPLE[0], 500)
    owner.execute("insert into public.subscriptions (team_id, plan_code) select id, 'pro'"
                  " from public.teams")  # fmt: skip
    found = act("founder", "overview_nearly_used")
    assert [(each["handle"], each["used"], each["uses"]) for each in found] == [
        ("=Person 0", 500, 500), ("granted and near", 545, 600), ("near", 450, 500),
    ]  # fmt: skip
    assert act("founder", "overview_attention")["nearly_used"] == 3


def test_the_days_of_unpriced_calls_are_those_that_still_have_some(
    owner: psycopg.Connection, act: Act
) -> None:
    for age, unpriced, newly_priced in ((5, 3, 3), (3, 2, 0), (2, 4, 1), (1, 1, 1)):
        owner.execute(
            "insert into public.ai_cost_daily (day, plan_code, feature, provider, model, calls,"
            " unpriced, newly_priced) values (private.reporting_day(now()) - %s, 'pro', 'comment',"
            " 'openai', 'm', %s, %s, %s)",
            [age, unpriced, unpriced, newly_priced],
        )
    [today] = owner.execute("select private.reporting_day(now())").fetchone() or [None]
    assert act("founder", "overview_unpriced") == [
        {
            "provider": "openai", "model": "m", "unpriced": 5,
            "first_day": str(today - timedelta(days=3)), "last_day": str(today - timedelta(days=2)),
        }
    ]  # fmt: skip
