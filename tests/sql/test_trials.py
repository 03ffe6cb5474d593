"""The trial counted by hand: standing, survival, conversion, time to convert, whom to talk to."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

NOW = datetime.now(UTC)
LONG_AGO, SOON = NOW - timedelta(days=400), NOW + timedelta(days=1)


def ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


def trial(
    sql, name: str, *answers: float, signed_up: float | None = None, paid: float | None = None
):
    """A person whose free answers were so many days ago, and who pays since so many days ago."""
    first_seen = ago(signed_up if signed_up is not None else max(answers, default=0) + 0.1)
    user = sql.rows(
        "insert into public.users (figma_user_id, handle, first_seen_at) values (%s, %s, %s)"
        " returning id::text",
        f"{name}-{uuid4()}", name, first_seen,
    )[0][0]  # fmt: skip
    for days in answers:
        sql.connection.execute(
            "insert into public.usage_logs (answer_id, at, feature, status, user_id, plan_code,"
            " cost_state, cost_microusd) values (%s, %s, 'comment', 'answered', %s, 'trial',"
            " 'priced', 1)",
            (uuid4(), ago(days), user),
        )
    if answers:
        sql.connection.execute(
            "insert into public.use_balances (user_id, plan_code, period_start, used)"
            " values (%s, 'trial', '-infinity', %s)",
            (user, len(answers)),
        )
    if paid is not None:
        sql.connection.execute(
            "insert into public.subscriptions (user_id, plan_code, starts_at)"
            " values (%s, 'pro', %s)",
            (user, ago(paid)),
        )
    return user


def names(rows: list[dict], **wanted: object) -> list[str]:
    return sorted(r["handle"] for r in rows if all(r[key] == wanted[key] for key in wanted))


def test_everybody_stands_at_their_number_of_free_uses(sql):
    trial(sql, "New", signed_up=1)
    trial(sql, "Two", 3, 2)
    trial(sql, "Gone", 50, 45)
    trial(sql, "Full", *range(10, 0, -1))
    trial(sql, "Paid", 20, 19, paid=5)
    trial(sql, "Never on trial", signed_up=90, paid=89)
    standing = sql.call("trial_standing")
    places = {p["uses"]: (p["inside"], p["left"], p["paid"]) for p in standing["places"]}
    assert len(places) == 11
    assert (places[0], places[2], places[10]) == ((1, 0, 0), (1, 1, 1), (1, 0, 0))
    assert (standing["people"], standing["on_trial"], standing["paid"]) == (5, 3, 1)
    rows = sql.call("trial_standing_rows")
    assert len(rows) == 5
    assert names(rows, outcome="left") == ["Gone"]


def test_survival_leaves_out_those_still_inside(sql):
    """Five began. After use 1: Ada left, four went on: 4/5. After use 2: Ben left, Cleo is still
    inside and not counted, Dora and Eve went on: 2/3. After use 3: Dora left, Eve paid: 1/2."""
    trial(sql, "Ada", 60)
    trial(sql, "Ben", 60, 59)
    trial(sql, "Cleo", 6, 5)
    trial(sql, "Dora", 60, 59, 58)
    trial(sql, "Eve", 60, 59, 58, paid=50)
    survival = sql.call("trial_survival", LONG_AGO, SOON)
    steps = survival["steps"]
    told = [(s["went_on"], s["stopped"], s["inside"]) for s in steps[:4]]
    assert survival["started"] == 5
    assert told == [(4, 1, 0), (2, 1, 1), (1, 1, 0), (1, 0, 0)]
    expected = [4 / 5, 4 / 5 * 2 / 3, 4 / 5 * 2 / 3 / 2]
    assert [s["survival"] for s in steps[:3]] == pytest.approx(expected)
    assert steps[9]["survival"] == pytest.approx(expected[2])
    # 4/5 of five: variance 1/(5·4) = 0.05; 0.8^exp(±1.96 · √0.05 / |ln 0.8|).
    assert (steps[0]["low"], steps[0]["high"]) == pytest.approx((0.2038, 0.9692), abs=1e-4)


def test_survival_ends_where_nobody_has_come_to_and_falls_to_nothing_when_all_left(sql):
    trial(sql, "Ada", 6)
    steps = sql.call("trial_survival", LONG_AGO, SOON)["steps"]
    assert [s["survival"] for s in steps] == [None] * 10
    trial(sql, "Ben", 60)
    steps = sql.call("trial_survival", LONG_AGO, SOON)["steps"]
    assert [s["survival"] for s in steps] == [0] + [None] * 9


def test_one_set_of_people_gives_three_conversion_rates(sql):
    """In 30 days four trials start and one of them pays; two older ones pay or are used up."""
    for number in range(3):
        trial(sql, f"Starter {number}", 5)
    trial(sql, "Quick", 20, paid=2)
    trial(sql, "Late", 50, paid=3)
    trial(sql, "Full", *range(50, 39, -1)[:9], 10)
    trial(sql, "Ended before", 90)
    found = sql.call("trial_conversion", NOW)
    assert found == {"started": 4, "converted": 2, "converted_of_started": 1, "ended": 3}
    rows = sql.call("trial_conversion_rows", NOW)
    assert names(rows, has_ended=True) == ["Full", "Late", "Quick"]
    assert names(rows, has_converted=True) == ["Late", "Quick"]
    assert names(rows, is_converted_starter=True) == ["Quick"]
    assert "Ended before" not in names(rows)


def test_a_trial_without_an_answer_for_thirty_days_has_ended_then(sql):
    trial(sql, "Silent", 40)
    assert sql.call("trial_conversion", NOW)["ended"] == 1
    assert sql.call("trial_conversion", ago(11))["ended"] == 0


def test_days_and_uses_until_people_pay(sql):
    trial(sql, "One", 10, 9.5, paid=9)
    trial(sql, "Five", 10, 9, 8, 7, paid=5)
    trial(sql, "Nine", 10, paid=1)
    trial(sql, "Not yet", 10)
    found = sql.call("trial_time_to_convert", ago(30), NOW)
    assert found["converted"] == 3
    assert found["median_days"] == pytest.approx(5, abs=0.01)
    assert (found["quarter_days"], found["three_quarters_days"]) == pytest.approx((3, 7), abs=0.01)
    assert found["median_uses"] == 2
    assert sum(each["people"] for each in found["spread"]) == 3
    assert len(sql.call("trial_convert_rows", ago(30), NOW)) == 3


def test_a_team_that_pays_pays_for_its_people(sql):
    user = trial(sql, "Ada", 5)
    team = sql.rows("insert into public.teams (name) values ('Team') returning id::text")[0][0]
    sql.connection.execute("update public.users set team_id = %s where id = %s", (team, user))
    sql.connection.execute(
        "insert into public.subscriptions (team_id, plan_code, starts_at)"
        " values (%s, 'enterprise', %s)",
        (team, ago(2)),
    )
    assert sql.call("trial_conversion", NOW)["converted"] == 1
    assert sql.call("trial_conversion", NOW, team)["converted"] == 1
    assert sql.call("trial_conversion", NOW, str(uuid4()))["started"] == 0


def test_each_person_to_talk_to_has_one_reason_and_the_most_pressing_comes_first(sql):
    trial(sql, "Never", signed_up=2)
    trial(sql, "Too early", signed_up=0.5)
    trial(sql, "Quiet", 12, 11, 10)
    trial(sql, "Nearly", *[1 + n / 10 for n in range(8)])
    trial(sql, "Full", *[1 + n / 10 for n in range(10)])
    trial(sql, "Payer", *[1 + n / 10 for n in range(10)], paid=0.5)
    trial(sql, "Busy", 2, 1)
    failed = trial(sql, "Failed", 1)
    sql.connection.execute(
        "insert into public.usage_daily_users (day, user_id, plan_code, failed)"
        " values (private.reporting_day(now()), %s, 'trial', 2)",
        (failed,),
    )
    rows = sql.call("trial_talk_today")
    assert [(r["handle"], r["reason"]) for r in rows] == [
        ("Failed", "failed"), ("Full", "used_up"), ("Nearly", "nearly_used_up"),
        ("Quiet", "went_quiet"), ("Never", "never_asked"),
    ]  # fmt: skip
    assert rows[0]["failed"] == 2


PEOPLE = st.lists(
    st.tuples(st.integers(1, 10), st.integers(0, 90), st.none() | st.integers(0, 80)), max_size=8
)


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(people=PEOPLE)
def test_every_trial_figure_is_the_number_of_its_rows(sql, people):
    sql.connection.execute("truncate public.user_features, public.use_balances")
    sql.connection.execute("delete from public.subscriptions; delete from public.users")
    for number, (uses, last, paid) in enumerate(people):
        answers = [last + (uses - each) / 10 for each in range(uses)]
        trial(sql, f"P{number}", *answers, paid=None if paid is None else min(paid, last))
    standing, rows = sql.call("trial_standing"), sql.call("trial_standing_rows")
    assert standing["people"] == len(rows) == sum(
        place[part] for place in standing["places"] for part in ("inside", "left", "paid")
    )  # fmt: skip
    sets, rates = sql.call("trial_conversion_rows", NOW), sql.call("trial_conversion", NOW)
    for figure, flag in (
        ("started", "has_started"), ("ended", "has_ended"), ("converted", "has_converted"),
        ("converted_of_started", "is_converted_starter"),
    ):  # fmt: skip
        assert rates[figure] == len(names(sets, **{flag: True}))
    assert rates["converted_of_started"] <= rates["converted"] <= rates["ended"]
    survival = sql.call("trial_survival", LONG_AGO, SOON)
    assert survival["started"] == len(sql.call("trial_survival_rows", LONG_AGO, SOON))
    curve = [step["survival"] for step in survival["steps"] if step["survival"] is not None]
    assert curve == sorted(curve, reverse=True)
    converts = sql.call("trial_convert_rows", LONG_AGO, SOON)
    times = sql.call("trial_time_to_convert", LONG_AGO, SOON)
    assert times["converted"] == len(converts)
    assert sum(span["people"] for span in times["spread"]) == len(converts)
