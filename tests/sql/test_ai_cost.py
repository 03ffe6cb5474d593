"""AI cost: rollups, groupings, forecast and budgets, each against sums worked out by hand."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

MEASURES = ["calls", "reported", "priced", "unpriced", "input_tokens", "cached_input_tokens"]
MEASURES += ["output_tokens", "reasoning_tokens", "ledger_microusd", "adjustment_microusd"]
MEASURES += ["cache_write_tokens"]
MEASURES += ["total_microusd", "reported_microusd", "priced_microusd"]
LISTS = ("course", "plan", "feature", "provider", "model")


def write(sql, at, cost=None, state="priced", **fields):
    """One ledger row, as settle_answer leaves it."""
    row = {
        "answer_id": str(uuid4()), "feature": "comment", "status": "answered", "plan_code": "pro",
        "provider": "openai", "model": "gpt-5-mini", "input_tokens": 1000, "output_tokens": 100,
        "cost_microusd": None if state == "unpriced" else cost, "cost_state": state, "at": at,
        **fields,
    }  # fmt: skip
    places = ", ".join(["%s"] * len(row))
    return sql.rows(
        f"insert into public.usage_logs ({', '.join(row)}) values ({places}) returning id",
        *row.values(),
    )


def adjust(sql, for_at, amount, newly_priced=0, key=None, **fields):
    row = {
        "kind": "ai_cost", "for_at": for_at, "plan_code": "pro", "feature": "comment",
        "provider": "openai", "model": "gpt-5-mini", "amount_microusd": amount,
        "newly_priced": newly_priced, "key": key or str(uuid4()), "actor": "a@example.test",
        "reason": "test", **fields,
    }  # fmt: skip
    places = ", ".join(["%s"] * len(row))
    return sql.rows(
        f"insert into public.adjustments ({', '.join(row)}) values ({places}) returning id",
        *row.values(),
    )


def set_zone(sql, zone):
    sql.rows("update public.reporting_settings set time_zone = %s returning 1", zone)


def test_the_three_states_add_up_and_unpriced_is_never_zero_dollars(sql):
    write(
        sql, "2026-03-02T10:00Z", 1200, "reported", cached_input_tokens=400, cache_write_tokens=90
    )
    write(sql, "2026-03-02T10:30Z", 800, model="gpt-5")
    write(sql, "2026-03-02T11:00Z", state="unpriced", reasoning_tokens=50)
    write(sql, "2026-03-02T11:00Z", 0, provider="", model="", status="refused", input_tokens=0)
    adjust(sql, "2026-03-02T11:00Z", 450, newly_priced=1)
    total = sql.call("ai_cost", "2026-03-02T00:00Z", "2026-03-03T00:00Z")["total"]
    assert total == {
        "calls": 3, "reported": 1, "priced": 2, "unpriced": 0, "input_tokens": 3000,
        "cached_input_tokens": 400, "output_tokens": 300, "reasoning_tokens": 50,
        "cache_write_tokens": 90,
        "ledger_microusd": 2000, "adjustment_microusd": 450, "total_microusd": 2450,
        "reported_microusd": 1200, "priced_microusd": 1250,
    }  # fmt: skip


def test_an_empty_period_is_zeros_and_empty_lists(sql):
    found = sql.call("ai_cost", "2026-03-02T00:00Z", "2026-03-03T00:00Z")
    assert set(found["total"].values()) == {0}
    assert [found[each] for each in LISTS] == [[]] * 5
    assert sql.call("ai_cost_hours", "2026-03-02T00:00Z", "2026-03-03T00:00Z") == []
    assert sql.call("ai_cost_rows", "2026-03-02T00:00Z", "2026-03-03T00:00Z") == []
    assert sql.call("ai_cost_people", "2026-03-02", "2026-03-03") == []


def test_people_and_teams_are_those_of_the_moment_and_nobody_has_a_row_too(sql):
    ada = sql.sign_in("1")
    ((team,),) = sql.rows("insert into public.teams (name) values ('Ink') returning id::text")
    write(sql, "2026-03-02T10:00Z", 700, user_id=ada, team_id=team)
    write(sql, "2026-03-02T10:00Z", 50, user_id=ada)
    write(sql, "2026-03-02T10:00Z", 5)
    people = sql.call("ai_cost_people", "2026-03-02", "2026-03-02")
    assert [(each["name"], each["total_microusd"]) for each in people] == [
        ("Person 1", 750), ("Nobody (no account)", 5),
    ]  # fmt: skip
    teams = sql.call("ai_cost_people", "2026-03-02", "2026-03-02", None, None, "team")
    assert [(each["name"], each["total_microusd"]) for each in teams] == [
        ("Ink", 700), ("No team", 55),
    ]  # fmt: skip


def test_a_plan_filter_narrows_every_figure(sql):
    write(sql, "2026-03-02T10:00Z", 700)
    write(sql, "2026-03-02T10:00Z", 50, plan_code="trial")
    period = ("2026-03-02T00:00Z", "2026-03-03T00:00Z")
    found = sql.rows("select public.ai_cost(%s, %s, '{trial}')", *period)[0][0]
    assert found["total"]["total_microusd"] == 50
    assert [each["name"] for each in found["plan"]] == ["trial"]
    assert sql.rows(
        "select public.ai_cost_people('2026-03-02', '2026-03-02', '{trial}')"
    )[0][0][0]["total_microusd"] == 50  # fmt: skip


TEAMS = ["00000000-0000-0000-0000-00000000000a", "00000000-0000-0000-0000-00000000000b", None]
CALLS = st.lists(
    st.fixed_dictionaries(
        {
            "hour": st.integers(0, 95),
            "state": st.sampled_from(["reported", "priced", "unpriced"]),
            "cost": st.integers(0, 10**9),
            "model": st.sampled_from(["gpt-5", "gpt-5-mini"]),
            "provider": st.sampled_from(["openai", "azure"]),
            "plan_code": st.sampled_from(["pro", "trial"]),
            "team_id": st.sampled_from(TEAMS),
            "cached_input_tokens": st.integers(0, 1000),
            "cache_write_tokens": st.integers(0, 1000),
        }
    ),
    max_size=10,
)
CHANGES = st.lists(
    st.tuples(st.integers(0, 95), st.integers(-(10**6), 10**6), st.sampled_from(TEAMS)), max_size=4
)


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(calls=CALLS, changes=CHANGES, case=st.integers(0, 10**9))
def test_every_list_adds_up_to_the_total_and_to_ledger_plus_adjustments(sql, calls, changes, case):
    """Four days round a clock change in spring, in its zone; examples have years of their own."""
    year = 2027 + case % 60
    change = max(date(year, 3, day) for day in range(25, 32) if date(year, 3, day).weekday() == 6)
    start = datetime(change.year, 3, change.day, tzinfo=UTC) - timedelta(days=1, hours=1)
    set_zone(sql, "Europe/Berlin")
    period = (start, start + timedelta(hours=95))
    old = sql.call("ai_cost", *period)["total"]
    for call in calls:
        fields = {**call}
        at = start + timedelta(hours=fields.pop("hour") % 95)
        write(sql, at, fields.pop("cost"), fields.pop("state"), **fields)
    for hour, amount, team in changes:
        adjust(sql, start + timedelta(hours=hour % 95), amount, team_id=team)
    ((ledger, unpriced),) = sql.rows(
        "select coalesce(sum(cost_microusd), 0)::bigint, count(*) - count(cost_microusd)"
        " from public.usage_logs where at >= %s and at < %s", *period,
    )  # fmt: skip
    ((changed,),) = sql.rows(
        "select coalesce(sum(amount_microusd), 0)::bigint from public.adjustments"
        " where for_at >= %s and for_at < %s", *period,
    )  # fmt: skip
    hours = sql.call("ai_cost_hours", *period)
    for step in ("hour", "day", "week", "month"):
        found = sql.call("ai_cost", *period, None, None, step)
        rows = sql.call("ai_cost_rows", *period, None, None, step)
        assert found["total"]["total_microusd"] == ledger + changed
        assert found["total"]["unpriced"] == unpriced
        assert found["total"]["calls"] - old["calls"] == len(calls)
        for measure in MEASURES:
            sums = {sum(each[measure] for each in found[name]) for name in LISTS}
            sums |= {sum(each[measure] for each in listed) for listed in (rows, hours)}
            assert sums == {found["total"][measure]}, measure
    for by in ("user", "team"):
        days = (change - timedelta(days=1), change + timedelta(days=2))
        people = sql.call("ai_cost_people", *days, None, None, by)
        assert sum(each["total_microusd"] for each in people) == ledger + changed
    for team in TEAMS[:2]:
        ((mine,),) = sql.rows(
            "select coalesce(sum(amount), 0)::bigint from ("
            "select cost_microusd as amount, at, team_id from public.usage_logs"
            " union all select amount_microusd, for_at, team_id from public.adjustments) as facts"
            " where team_id = %s and at >= %s and at < %s",
            team, *period,
        )  # fmt: skip
        narrowed = sql.call("ai_cost", *period, None, team, "day")
        listed = sql.call("ai_cost_people", *days, None, team)
        assert narrowed["total"]["total_microusd"] == mine
        assert sum(each["total_microusd"] for each in narrowed["course"]) == mine
        assert sum(each["total_microusd"] for each in listed) == mine
    before = rollups(sql)
    sql.rows("select private.rebuild_ai_cost()")
    assert rollups(sql) == before


def rollups(sql):
    """The rollups, whole."""
    return [
        sql.rows(f"select * from public.{table} as kept order by kept")
        for table in (
            "ai_cost_hourly",
            "ai_cost_daily",
            "ai_cost_hourly_teams",
            "ai_cost_daily_users",
        )
    ]


def test_another_reporting_zone_counts_the_days_of_people_anew(sql):
    write(sql, "2026-03-02T23:30Z", 700)
    assert sql.rows("select day from public.ai_cost_daily_users") == [(date(2026, 3, 2),)]
    set_zone(sql, "Europe/Berlin")
    assert sql.rows("select day from public.ai_cost_daily_users") == [(date(2026, 3, 3),)]
    write(sql, "2026-03-02T23:30Z", 1)
    assert sql.rows("select cost_microusd from public.ai_cost_daily_users") == [(701,)]


def test_the_forecast_adds_the_mean_of_the_same_weekdays_to_the_finished_days(sql):
    """14 finished days: weekdays cost 100 then 300, weekends nothing. Today is Monday 16 March."""
    for day in range(2, 16):
        at = datetime(2026, 3, day, 12, tzinfo=UTC)
        if at.weekday() < 5:
            write(sql, at, 100 if day < 9 else 300)
        else:
            write(sql, at, 0)
    write(sql, "2026-03-16T08:00Z", 250)
    found = sql.call("ai_cost_forecast", "2026-03-16T12:00Z")
    assert found["history_days"] == 14
    assert found["spent_microusd"] == 5 * 100 + 5 * 300 + 250
    # 16 to 31 March: 12 weekdays of 200 on average (today has cost 250), 4 weekend days of 0.
    assert found["forecast_microusd"] == 2000 + 250 + 11 * 200
    # Quantiles of {100, 300}: 10 % is 120, 90 % is 280.
    assert found["low_microusd"] == 2000 + 250 + 11 * 120
    assert found["high_microusd"] == 2000 + 280 + 11 * 280


def test_no_forecast_is_made_from_less_than_fourteen_finished_days(sql):
    for day in range(3, 16):
        write(sql, datetime(2026, 3, day, 12, tzinfo=UTC), 100)
    found = sql.call("ai_cost_forecast", "2026-03-16T12:00Z")
    assert (found["history_days"], found["forecast_microusd"]) == (13, None)
    assert found["spent_microusd"] == 1300


@pytest.mark.parametrize(("spent", "said"), [(499, []), (500, [50]), (900, [80]),
                                             (1000, [100])])  # fmt: skip
def test_each_alert_of_a_budget_is_given_once_a_month(sql, spent, said):
    sql.rows(
        "insert into public.budgets (scope, monthly_microusd) values ('global', 1000) returning 1"
    )
    write(sql, datetime.now(UTC), spent)
    assert [each["threshold"] for each in sql.call("check_budgets")] == said
    assert sql.call("check_budgets") == []
    standing = sql.call("budget_standing")[0]
    assert [each["threshold"] for each in standing["alerts"]] == said
    assert standing["spent_microusd"] == spent


def test_a_budget_counts_only_its_own_people_plan_team_or_model(sql):
    ada, bob = sql.sign_in("1"), sql.sign_in("2")
    ((team,),) = sql.rows("insert into public.teams (name) values ('Ink') returning id::text")
    model = ("model", "openai/gpt-5-mini")
    for scope, key in (("user", ada), ("team", team), ("plan", "pro"), model, ("global", "")):
        sql.rows(
            "insert into public.budgets (scope, scope_key, monthly_microusd)"
            " values (%s, %s, 1000) returning 1", scope, key,
        )  # fmt: skip
    now = datetime.now(UTC)
    write(sql, now, 1, user_id=ada)
    write(sql, now, 10, user_id=bob, team_id=team, plan_code="trial")
    write(sql, now, 100, user_id=bob)
    write(sql, now, 10_000, user_id=bob, plan_code="trial", model="another")
    adjust(sql, now, 1000, user_id=ada)
    spent = {each["scope"]: each["spent_microusd"] for each in sql.call("budget_standing")}
    assert spent == {"user": 1001, "team": 10, "plan": 1101, "model": 1111, "global": 11_111}


def test_workers_at_once_write_each_alert_once_and_a_changed_budget_is_not_said_again(connect):
    """Eight workers look at the same moment; then the cost falls, rises, and the budget changes."""
    sql = connect()
    sql.rows(
        "insert into public.budgets (scope, monthly_microusd) values ('global', 1000) returning 1"
    )
    now = datetime.now(UTC)
    write(sql, now, 850)
    workers = [connect() for _ in range(8)]
    with ThreadPoolExecutor(len(workers)) as pool:
        said = list(pool.map(lambda worker: worker.call("check_budgets"), workers))
    assert sorted(each["threshold"] for batch in said for each in batch) == [80]
    adjust(sql, now, -500)
    assert sql.call("check_budgets") == []
    adjust(sql, now, 500)
    assert sql.call("check_budgets") == []
    sql.rows("update public.budgets set monthly_microusd = 800, version = 2 returning 1")
    assert [each["threshold"] for each in sql.call("check_budgets")] == [100]
    kept = sql.rows("select month, threshold from public.budget_alerts order by threshold")
    assert kept == [(now.date().replace(day=1), threshold) for threshold in (80, 100)]


def test_the_forecast_is_the_sum_of_its_days(sql):
    for day in range(1, 22):
        write(sql, datetime(2026, 3, day, 12, tzinfo=UTC), 97 * day + day % 5)
    found = sql.call("ai_cost_forecast", "2026-03-21T18:00Z")
    days = found["days"]
    assert [len(days), sum(each["is_over"] for each in days)] == [31, 20]
    for measure in ("spent", "forecast", "low", "high"):
        name = f"{measure}_microusd"
        assert sum(each[name] for each in days) == found[name]
    for each in days:
        if each["is_over"]:
            assert each["low_microusd"] == each["forecast_microusd"] == each["spent_microusd"]
        assert each["low_microusd"] <= each["high_microusd"]
