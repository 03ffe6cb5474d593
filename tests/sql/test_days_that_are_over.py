"""Analyses and pipelines by day: counted once that is over, what comes late, a new zone."""

import random
from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.sql import test_analysis_figures as analyses
from tests.sql import test_pipeline_figures as pipelines
from tests.sql.conftest import Sql

BERLIN, NEW_YORK = "Europe/Berlin", "America/New_York"
# Berlin's clocks change in the night between the second and the third of these days.
FIRST = {3: date(2024, 3, 29), 10: date(2024, 10, 25)}
EXAMPLES = settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture
def owner(database):
    with psycopg.connect(database.database_url, autocommit=True) as connection:
        yield connection


def midnights(first: date, zone: str) -> list[datetime]:
    days = (first + timedelta(days=each) for each in range(5))
    return [datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC) for day in days]


def periods(first: date, zone: str, chance: random.Random) -> list[tuple[list[datetime], datetime]]:
    """Whole days, days that begin and end within one, and hours."""
    days = midnights(first, zone)
    begin = days[0] + timedelta(hours=chance.randrange(1, 20))
    return [
        (days[:4], days[4]),
        ([begin, *days[1:4]], days[3] + timedelta(hours=chance.randrange(1, 20))),
        ([begin + timedelta(hours=each) for each in range(60)], begin + timedelta(hours=60)),
    ]


def within(found: list[dict[str, Any]], starts: list[datetime], to: datetime) -> list[dict]:
    return [each for each in found if starts[0] <= each["at"] < to]


def count_all(sql: Sql, what: str, zone: str) -> None:
    """As upkeep does: a few days at a time, those that are over."""
    while sql.rows(f"select private.count_{what}_days(%s, 2)", zone) == [(True,)]:
        continue


@EXAMPLES
@given(ends=analyses.ENDS, case=st.integers(0, 10**9), month=st.sampled_from([3, 10]))
def test_analyses_by_day_are_what_a_count_by_hand_gives(
    sql: Sql, owner: psycopg.Connection, ends: list[dict[str, Any]], case: int, month: int
) -> None:
    chance, first = random.Random(case), FIRST[month]
    begin = midnights(first, BERLIN)[0]
    for each in ends:
        each["at"] = begin + timedelta(hours=each["hour"], minutes=chance.randrange(60))
    told = tell(sql, owner, ends, chance, BERLIN)
    for zone in (BERLIN, NEW_YORK):
        owner.execute("update public.reporting_settings set time_zone = %s", [zone])
        for starts, to in periods(first, zone, chance):
            for plan, team in ((None, None), ("pro", None), (None, f"{analyses.NOBODY[:-1]}a")):
                mine = [
                    each for each in within(ends, starts, to)
                    if plan in (None, each["plan_code"]) and team in (None, each["team_id"])
                ]  # fmt: skip
                narrowed = (starts, to, [plan] if plan else None, team)
                analyses.check_course(sql, narrowed, mine, 0)
                analyses.check_times(sql, narrowed, mine)
                whole = [each for each in mine if each["shown"]]
                if not plan and not team and len(whole) == sum(bool(e["shown"]) for e in ends):
                    analyses.check_suggestions(sql, (starts[0], *narrowed[1:]), mine, told)
        check_rebuilt(owner, zone)


@EXAMPLES
@given(
    ends=analyses.ENDS,
    case=st.integers(0, 10**9),
    zone=st.sampled_from([BERLIN, NEW_YORK, "Asia/Kolkata"]),
)
def test_the_hours_of_a_day_that_goes_on_are_what_a_count_by_hand_gives(
    sql: Sql, owner: psycopg.Connection, ends: list[dict[str, Any]], case: int, zone: str
) -> None:
    chance, now = random.Random(case), datetime.now(UTC)
    for each in ends:
        each["at"] = now - timedelta(hours=each["hour"] / 2, minutes=chance.randrange(29))
    told = tell(sql, owner, ends, chance, zone)
    end = now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    days = midnights(now.astimezone(ZoneInfo(zone)).date() - timedelta(days=3), zone)[:4]
    within_a_day = days[3] + timedelta(hours=chance.randrange(1, 5))
    for starts, to in [
        (days, end),
        (days[3:], end),
        (days[:2], days[2]),
        (days, end - timedelta(hours=chance.randrange(1, 5))),
        ([days[0] + timedelta(hours=5), *days[1:]], end),
        ([within_a_day, within_a_day + timedelta(hours=2)], end),
    ]:
        if starts[0] >= to:
            continue
        mine = within(ends, starts, to)
        narrowed = (starts, to, None, None)
        analyses.check_course(sql, narrowed, mine, 0)
        analyses.check_times(sql, narrowed, mine)
        if sum(bool(e["shown"]) for e in mine) == sum(bool(e["shown"]) for e in ends):
            analyses.check_suggestions(sql, (starts[0], *narrowed[1:]), mine, told)
    check_rebuilt(owner, zone)


def tell(
    sql: Sql,
    owner: psycopg.Connection,
    ends: list[dict[str, Any]],
    chance: random.Random,
    zone: str,
) -> Counter[tuple[str, str]]:
    """Write these ends, half of them once what is over was counted, and change what was said of
    their suggestions: how often each was said at last, by rule and outcome."""
    owner.execute("update public.reporting_settings set time_zone = %s", [zone])
    for table in ("analysis_ends", "suggestion_outcomes"):
        owner.execute(f"delete from public.{table}")
    owner.execute("select private.forget_analysis_days()")
    ((user,),) = sql.rows(
        "insert into public.users (figma_user_id, handle) values (gen_random_uuid()::text, 'Ada')"
        " returning id::text"
    )
    told: Counter[tuple[str, str]] = Counter()
    batches = [f"{analyses.NOBODY[:-1]}{each}" for each in (1, 2)]
    for place, each in enumerate(ends):
        each["batch"] = chance.choice(batches) if each["is_in_batch"] else None
        each["shown"] = {}
        if each["end"] in ("model", "cached"):
            for rule in chance.sample(["contrast-text", "naming", "radii"], chance.randrange(3)):
                shown = chance.randrange(1, 4)
                each["shown"][rule] = [shown, chance.randrange(shown + 1)]
        analyses.insert(sql, each, user, chance, told)
        if place == len(ends) // 2:
            # What comes from here on comes after its day was counted.
            count_all(sql, "analysis", zone)
    said = sql.rows("select analysis_id, ref, rule, outcome from public.suggestion_outcomes")
    for analysis, ref, rule, before in said:
        after = chance.choice(["applied", "undone", "ignored"])
        told[rule, before] -= 1
        told[rule, after] += 1
        sql.rows(
            "update public.suggestion_outcomes set outcome = %s, reason = ''"
            " where analysis_id = %s and ref = %s returning 1",
            after, analysis, ref,
        )  # fmt: skip
    return told


def check_rebuilt(owner: psycopg.Connection, zone: str) -> None:
    """Counted step by step, the rollups of analyses have what they have when counted at once."""

    def counted() -> list[list[Any]]:
        tables = ("analysis_daily", "analysis_times_daily", "analysis_rules_daily")
        found = [owner.execute(f"select * from public.{table}").fetchall() for table in tables]
        return [sorted(rows, key=str) for rows in found]

    # In one transaction it is the same moment all the while.
    with owner.transaction():
        step = owner.execute("select private.count_analysis_days(%s, 2)", [zone])
        while step.fetchone() == (True,):
            step = owner.execute("select private.count_analysis_days(%s, 2)", [zone])
        before = counted()
        owner.execute("select private.rebuild_analyses()")
        assert counted() == before


@EXAMPLES
@given(ends=pipelines.ENDS, case=st.integers(0, 10**9), month=st.sampled_from([3, 10]))
def test_pipelines_by_day_are_what_a_count_by_hand_gives(
    sql: Sql, owner: psycopg.Connection, ends: list[dict[str, Any]], case: int, month: int
) -> None:
    chance, first = random.Random(case), FIRST[month]
    owner.execute("update public.reporting_settings set time_zone = %s", [BERLIN])
    owner.execute("delete from public.pipeline_history")
    owner.execute("select private.rebuild_pipelines()")
    for place, each in enumerate(ends):
        each["at"] = midnights(first, BERLIN)[0] + timedelta(
            hours=each["hour"], minutes=chance.randrange(60), seconds=place
        )
        pipelines.insert(sql, each)
        if place == len(ends) // 2:
            sql.rows("select private.rebuild_pipelines()")
        elif place > len(ends) // 2:
            sql.rows(
                "select"
                " private.count_pipeline_at(h.started_at, plan_code, 'started', '', '', 1, 0),"
                " private.count_pipeline(h, 1) from public.pipeline_history as h"
                " where started_at = %s", each["at"],
            )  # fmt: skip
    for each in chance.sample(ends, len(ends) // 3):
        # It goes on after all.
        each["outcome"] = None
        sql.rows(
            "select private.count_pipeline(h, -1) from public.pipeline_history as h"
            " where started_at = %s", each["at"],
        )  # fmt: skip
        owner.execute(
            "update public.pipeline_history set outcome = null, ended_at = null"
            " where started_at = %s",
            [each["at"]],
        )
    for zone in (BERLIN, NEW_YORK):
        owner.execute("update public.reporting_settings set time_zone = %s", [zone])
        for starts, to in periods(first, zone, chance):
            for plan, team in ((None, None), ("pro", None), (None, pipelines.TEAM)):
                mine = [
                    each for each in within(ends, starts, to)
                    if plan in (None, each["plan_code"]) and team in (None, each["team_id"])
                ]  # fmt: skip
                narrowed = (starts, to, [plan] if plan else None, team)
                pipelines.check_course(sql, narrowed, mine)
                pipelines.check_measures(sql, narrowed, mine)
        count_all(sql, "pipeline", zone)
        tables = (
            "select * from public.pipeline_daily where pipelines <> 0 order by 1, 2, 3, 4, 5",
            "select plan_code, day, measure, cases, round(total::numeric, 6), buckets, uses, p50,"
            " p95 from public.pipeline_measures_daily order by 1, 2, 3",
        )
        counted = [sql.rows(each) for each in tables]
        sql.rows("select private.rebuild_pipelines()")
        assert [sql.rows(each) for each in tables] == counted


def test_upkeep_counts_days_that_are_over_and_no_other(sql: Sql) -> None:
    now = datetime.now(UTC)
    for age in (0, 2, 200):
        at = now - timedelta(days=age)
        sql.rows(
            "insert into public.analysis_ends (analysis_id, run, at, type, state, source, shown)"
            " values (gen_random_uuid(), 1, %s, 'design-analysis', 'done', 'model', '{}')"
            " returning 1", at,
        )  # fmt: skip
        sql.rows(
            "insert into public.pipeline_history (pipeline_id, started_at)"
            " values (gen_random_uuid(), %s) returning 1", at,
        )  # fmt: skip
        sql.rows("select private.count_pipeline_at(%s, 'pro', 'started', '', '', 1, 0)", at)
    while sql.call("purge_expired")["is_more"]:
        continue
    expected = [((now - timedelta(days=age)).date(),) for age in (200, 2)]
    assert sql.rows("select day from public.analysis_daily order by 1") == expected
    days = "select day from public.pipeline_daily where plan_code = '*' order by 1"
    assert sql.rows(days) == expected
    starts, end = [now - timedelta(days=210), now - timedelta(days=100)], now + timedelta(hours=1)
    course = sql.rows("select * from public.analysis_course(%s, %s)", starts, end)
    assert [(row[0], row[4]) for row in course] == [(starts[0], 1), (starts[1], 2)]
    built = sql.rows("select * from public.pipeline_course(%s, %s)", starts, end)
    assert [(row[0], row[4]) for row in built] == [(starts[0], 1), (starts[1], 2)]
