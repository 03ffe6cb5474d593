"""Growth counted by hand: activity, lifecycle, retention, activation and feature use."""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

DAY_ONE = date(2026, 3, 2)  # a Monday
SUMS = """
    select step, period, sum(active), sum(new), sum(kept), sum(resurrected), sum(kept_from),
        sum(week_change), sum(month_change)
    from public.growth_counts group by step, period
    having (sum(active), sum(week_change), sum(month_change), sum(kept_from)) <> (0, 0, 0, 0)
    order by step, period
"""


def day(number: int) -> date:
    """Day 1 is Monday, 2 March 2026."""
    return DAY_ONE + timedelta(days=number - 1)


def noon(number: int) -> datetime:
    return datetime.combine(day(number), datetime.min.time(), UTC) + timedelta(hours=12)


def person(sql, name: str, at: datetime, team: str | None = None) -> str:
    return sql.rows(
        "insert into public.users (figma_user_id, handle, first_seen_at, team_id)"
        " values (%s, %s, %s, %s) returning id::text",
        name, name, at, team,
    )[0][0]  # fmt: skip


def use(sql, user: str, at: datetime, plan: str = "trial", feature: str = "comment", team=None):
    sql.connection.execute(
        "insert into public.usage_logs (answer_id, at, feature, status, user_id, team_id,"
        " plan_code, cost_state, cost_microusd)"
        " values (%s, %s, %s, 'answered', %s, %s, %s, 'priced', 1)",
        (uuid4(), at, feature, user, team, plan),
    )


@pytest.fixture
def three(sql) -> dict[str, str]:
    """Ada asks on days 1, 2 and 9; Ben on day 2 and 40; Cleo, who pays, on day 9."""
    people = {name: person(sql, name, noon(1)) for name in ("Ada", "Ben", "Cleo")}
    for name, days in (("Ada", (1, 2, 9)), ("Ben", (2, 40)), ("Cleo", (9,))):
        for number in days:
            use(sql, people[name], noon(number), "pro" if name == "Cleo" else "trial")
    return people


def test_active_people_of_a_day_a_week_and_thirty_days(sql, three):
    days = sql.call("growth_active_days", day(1), day(42))
    found = {each["day"]: (each["dau"], each["wau"], each["mau"]) for each in days}
    assert len(found) == 42
    assert found[str(day(1))] == (1, 1, 1)
    assert found[str(day(2))] == (2, 2, 2)
    assert found[str(day(8))] == (0, 2, 2)
    assert found[str(day(9))] == (2, 2, 3)
    assert found[str(day(31))] == (0, 0, 3)
    assert found[str(day(32))] == (0, 0, 2)
    assert found[str(day(40))] == (1, 1, 1)
    assert days[8]["stickiness"] == pytest.approx((1 + 2 + 2) / 30 / 3)


def test_active_people_by_plan_add_up_to_all(sql, three):
    def mau(plans):
        days = sql.rows(
            "select public.growth_active_days(%s, %s, %s)", day(9), day(9), plans
        )[0][0]  # fmt: skip
        return days[0]["mau"]

    assert (mau(["pro"]), mau(["trial"]), mau(None)) == (1, 2, 3)


def test_new_kept_resurrected_and_lost(sql, three):
    weeks = sql.call("growth_lifecycle", "week", day(1), day(42))
    told = [(w["new"], w["kept"], w["resurrected"], w["lost"]) for w in weeks]
    assert told == [(2, 0, 0, 0), (1, 1, 0, 1), (0, 0, 0, 2), (0,) * 4, (0,) * 4, (0, 0, 1, 0)]
    months = sql.call("growth_lifecycle", "month", day(1), day(42))
    assert [(m["new"], m["kept"], m["lost"]) for m in months] == [(3, 0, 0), (0, 1, 2)]


def test_lifecycle_opens_exactly_the_people_it_counts(sql, three):
    for step in ("day", "week", "month"):
        shown = sql.call("growth_lifecycle", step, day(1), day(42))
        rows = sql.call("growth_lifecycle_rows", step, day(1), day(42))
        for period in shown:
            for state in ("new", "kept", "resurrected", "lost"):
                here = [r for r in rows if (r["period"], r["state"]) == (period["period"], state)]
                assert len(here) == period[state], (step, period, state)


def test_a_person_who_changed_plan_is_lost_nowhere(sql):
    ada = person(sql, "Ada", noon(1))
    use(sql, ada, noon(1), "trial")
    use(sql, ada, noon(8), "pro")
    query = "select public.growth_lifecycle('week', %s, %s, %s)"
    trial = sql.rows(query, day(1), day(14), ["trial"])[0][0]
    pro = sql.rows(query, day(1), day(14), ["pro"])[0][0]
    assert [(w["new"], w["kept"], w["lost"]) for w in trial] == [(1, 0, 0), (0, 0, 0)]
    assert [(w["new"], w["kept"], w["lost"]) for w in pro] == [(0, 0, 0), (0, 1, 0)]


def test_retention_in_a_period_and_in_it_or_later(sql, three):
    cells = sql.call("growth_cohorts", "week", day(1), day(42))
    table = {(c["cohort"], c["number"]): (c["size"], c["bounded"], c["unbounded"]) for c in cells}
    first, second = str(day(1)), str(day(8))
    assert [table[first, n] for n in range(6)] == [
        (2, 2, 2), (2, 1, 2), (2, 0, 1), (2, 0, 1), (2, 0, 1), (2, 1, 1),
    ]  # fmt: skip
    assert [table[second, n] for n in range(2)] == [(1, 1, 1), (1, 0, 0)]
    rows = sql.call("growth_cohort_rows", "week", day(1), day(42))
    assert sum(r["periods"] for r in rows) == sum(c["bounded"] for c in cells)
    assert len(rows) == 3


@pytest.mark.parametrize("step", ["day", "week", "month"])
def test_every_cell_of_the_retention_is_counted_from_its_rows(sql, three, step):
    cells = sql.call("growth_cohorts", step, day(1), day(42))
    rows = sql.call("growth_cohort_rows", step, day(1), day(42))
    assert cells and rows
    periods = {
        (cell["cohort"], cell["number"]): sql.rows(
            f"select (%s::date + %s * interval '1 {step}')::date::text",
            cell["cohort"], cell["number"],
        )[0][0]
        for cell in cells
    }  # fmt: skip
    for cell in cells:
        place = cell["cohort"], cell["number"]
        members = [row for row in rows if row["cohort"] == cell["cohort"]]
        assert len(members) == cell["size"]
        bounded = [row for row in members if cell["number"] in row["active_in"]]
        later = [row for row in members if row["last_period"] >= periods[place]]
        assert (len(bounded), len(later)) == (cell["bounded"], cell["unbounded"]), place


def test_a_cohort_cell_of_a_period_under_way_is_not_called_over(sql):
    now = datetime.now(UTC)
    ada = person(sql, "Ada", now - timedelta(days=40))
    use(sql, ada, now - timedelta(days=32))
    cells = sql.call("growth_cohorts", "month", (now - timedelta(days=32)).date(), now.date())
    assert [c["is_over"] for c in cells] == [True] * (len(cells) - 1) + [False]


def test_activation_is_an_answer_within_a_day_and_waits_for_the_day_to_be_over(sql):
    now = datetime.now(UTC)
    quick = person(sql, "Quick", now - timedelta(days=3))
    use(sql, quick, now - timedelta(days=3) + timedelta(hours=23))
    slow = person(sql, "Slow", now - timedelta(days=3))
    use(sql, slow, now - timedelta(days=3) + timedelta(hours=25))
    person(sql, "Silent", now - timedelta(days=3))
    fresh = person(sql, "Fresh", now - timedelta(hours=2))
    use(sql, fresh, now - timedelta(hours=1))
    totals = sql.call("growth_sign_ups", now - timedelta(days=9), now)
    assert (totals["sign_ups"], totals["due"], totals["activated"]) == (4, 3, 1)
    rows = sql.call("growth_sign_up_rows", now - timedelta(days=9), now)
    assert [r["handle"] for r in rows if r["is_activated"]] == ["Quick"]
    assert sum(each["sign_ups"] for each in totals["course"]) == len(rows) == 4


def test_feature_use_tells_who_tried_what_and_how_often(sql):
    ada, ben = (person(sql, name, noon(1)) for name in ("Ada", "Ben"))
    use(sql, ada, noon(2))
    use(sql, ada, noon(9))
    use(sql, ben, noon(9), feature="command")
    sql.connection.execute(
        "insert into public.activity (user_id, kind, at) values (%s, 'context_saved', %s)",
        (ada, noon(9)),
    )
    found = sql.call("growth_features", noon(8), noon(10))
    assert found["people"] == 2
    assert found["features"] == [
        {"feature": "command", "ever": 1, "first_time": 1, "uses": 1},
        {"feature": "comment", "ever": 1, "first_time": 0, "uses": 1},
        {"feature": "context_saved", "ever": 1, "first_time": 1, "uses": 1},
    ]
    rows = sql.call("growth_feature_rows", noon(10))
    assert len(rows) == sum(each["ever"] for each in found["features"])


def test_a_team_is_counted_by_itself(sql):
    team = sql.rows("insert into public.teams (name) values ('Team') returning id")[0][0]
    ada, ben = person(sql, "Ada", noon(1), team), person(sql, "Ben", noon(1))
    use(sql, ada, noon(1), team=team)
    use(sql, ben, noon(1))
    query = "select public.growth_active_days(%s, %s, null, %s)"
    assert sql.rows(query, day(1), day(1), team)[0][0][0]["dau"] == 1
    assert sql.rows("select public.growth_sign_ups(%s, %s, null, %s)", noon(0), noon(2), team)[0][
        0
    ]["sign_ups"] == 1  # fmt: skip


USES = st.lists(
    st.tuples(st.integers(0, 3), st.integers(1, 75), st.sampled_from(["trial", "pro"])), max_size=25
)


@settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(uses=USES, zone=st.sampled_from(["UTC", "Europe/Berlin"]))
def test_counting_as_it_happens_in_any_order_equals_counting_anew(sql, database, uses, zone):
    """Over the change to daylight saving on 29 March 2026 (day 28)."""
    with psycopg.connect(database.admin_url) as admin:
        admin.execute("set session_replication_role = replica")
        admin.execute("delete from public.usage_logs; delete from public.users")
        admin.execute("update public.reporting_settings set time_zone = %s", [zone])
    sql.connection.execute("select private.rebuild_growth()")
    people = [person(sql, f"P{n}", noon(1)) for n in range(4)]
    for who, number, plan in uses:
        use(sql, people[who], noon(number) + timedelta(hours=11, minutes=30), plan)
    counted = sql.rows(SUMS)
    queries = [
        "select * from public.user_features order by 1, 2, 3",
        "select * from public.feature_days order by 1, 2, 3",
        "select user_id, step, period, answers from public.active_periods order by 1, 2, 3",
    ]
    kept = [sql.rows(query) for query in queries]
    totals = {}
    for number in (1, 7, 30):
        rows = sql.call("growth_active_rows", day(60), number)
        totals[number] = len(rows)
    last = sql.call("growth_active_days", day(60), day(60))[0]
    assert totals == {1: last["dau"], 7: last["wau"], 30: last["mau"]}
    for step in ("day", "week", "month"):
        shown = sql.call("growth_lifecycle", step, day(1), day(77))
        rows = sql.call("growth_lifecycle_rows", step, day(1), day(77))
        states = ("new", "kept", "resurrected", "lost")
        assert sum(period[state] for period in shown for state in states) == len(rows)
    sql.connection.execute("select private.rebuild_growth()")
    assert [sql.rows(query) for query in queries] == kept
    # Numbers that went up and down again stay as rows of zeros.
    assert sql.rows(SUMS) == [row for row in counted if any(row[2:])]


def test_another_week_start_makes_other_weeks(sql, three, database):
    with psycopg.connect(database.admin_url) as admin:
        admin.execute("update public.reporting_settings set week_start = 'sunday'")
    weeks = sql.call("growth_lifecycle", "week", day(1), day(14))
    assert [w["period"] for w in weeks] == [str(day(0)), str(day(7)), str(day(14))]
    assert [(w["new"], w["kept"]) for w in weeks] == [(2, 0), (1, 1), (0, 0)]
