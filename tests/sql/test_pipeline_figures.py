"""Figures about pipelines: what their ends tell, each against a count of its own."""

import itertools
import random
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from postgrest.exceptions import APIError
from psycopg.types.json import Jsonb

from tests.sql.building import Builder
from tests.sql.conftest import Sql
from tests.sql.helping import call, edit, operator, story, support

__all__ = ["operator", "support"]

# The history keeps what an example wrote, so none has the year of another.
YEARS = itertools.count(2027)
TEAM = "00000000-0000-0000-0000-00000000000a"


@pytest.fixture
def ada(sql: Sql) -> str:
    sql.rows("insert into queue.procrastinate_workers default values returning 1")
    return sql.sign_in("1")


@pytest.fixture
def builder(sql: Sql) -> Builder:
    return Builder(sql.call)


def period() -> tuple[list[str], str]:
    now = datetime.now(UTC)
    return [(now - timedelta(days=2)).isoformat()], (now + timedelta(hours=1)).isoformat()


def course(sql: Sql) -> dict[tuple[str, str, str], int]:
    """How many started and ended, by outcome, cause and stage."""
    found = sql.rows("select * from public.pipeline_course(%s, %s)", *period())
    return {(outcome, cause, stage): count for _, outcome, cause, stage, count, _ in found}


def measures(sql: Sql) -> dict[str, tuple[Any, ...]]:
    """Cases, total, mean, p50 and p95 of the whole period, by measure."""
    found = sql.rows("select * from public.pipeline_measures(%s, %s)", *period())
    return {row[1]: row[2:] for row in found if row[0] is None}


def test_each_pipeline_counts_once_with_how_it_ended(sql: Sql, ada: str, builder: Builder) -> None:
    builder.build(ada)
    builder.build(ada, with_call=False, is_passed=False)
    builder.unproven(ada)
    builder.fail(builder.start(ada), "read", "figma_forbidden")
    builder.fail(builder.start(ada), "read", "unexpected")
    sql.call("cancel_pipeline", ada, builder.start(ada))
    builder.start(ada)
    assert course(sql) == {
        ("started", "", ""): 7, ("gated", "", ""): 1, ("not_passed", "not_gated", ""): 1,
        ("untested", "sandbox_unavailable", ""): 1, ("refused", "figma_forbidden", "read"): 1,
        ("failed", "unexpected", "read"): 1, ("cancelled", "cancelled", ""): 1,
    }  # fmt: skip
    [(with_model,)] = sql.rows(
        "select sum(with_model)::int from public.pipeline_course(%s, %s)", *period()
    )
    assert with_model == 1


def test_a_retry_takes_the_failure_back(sql: Sql, ada: str, builder: Builder) -> None:
    pipeline = builder.start(ada)
    builder.end(pipeline, "read", "spec")
    builder.fail(pipeline, "spec", "worker_lost")
    assert course(sql)["failed", "worker_lost", "spec"] == 1
    sql.call("retry_pipeline", ada, pipeline)
    assert course(sql) == {("started", "", ""): 1}
    assert measures(sql) == {}
    builder.finish(pipeline, "spec")
    assert course(sql) == {("started", "", ""): 1, ("gated", "", ""): 1}


def test_times_costs_and_quality_are_those_of_the_runs_that_ended(
    sql: Sql, ada: str, builder: Builder
) -> None:
    builder.build(ada)
    builder.build(ada, with_call=False, geometry_share=0.91, behaviour_killed=8)
    builder.build(ada, with_call=False, is_passed=False, geometry_share=0.1)
    found = measures(sql)
    assert {"run", "read", "spec", "generate", "test", "gate", "package"} <= set(found)
    assert (found["run"][0], found["gate"][0], found["cost"][:2]) == (3, 3, (3, 40_000))
    assert found["cost"][3] == 0
    assert abs(found["cost"][4] - 40_000) < 0.19 * 40_000
    # Of gated ones alone.
    assert found["geometry_share"][:3] == pytest.approx((2, 1.88, 0.94))
    assert found["behaviour_killed"][:3] == pytest.approx((20, 17, 0.85))
    assert found["style_killed"][:2] == (40, 34)
    starts, end = period()
    [(cost,)] = sql.rows(
        "select sum(cost_microusd)::int from public.pipeline_costs(%s, %s)", starts, end
    )
    assert cost == 40_000
    # The end of a run is no call of a model.
    by_feature = sql.rows("select feature, sum(calls)::int from public.ai_cost_hourly group by 1")
    assert by_feature == [("pipeline", 1)]


def test_a_call_of_a_model_is_no_use_of_anybody(sql: Sql, ada: str, builder: Builder) -> None:
    """Neither one that answered nor one that failed; the end of a run is."""
    pipeline = builder.start(ada)
    builder.end(pipeline, "read", "spec")
    builder.end(pipeline, "spec", "generate")
    attempt = builder.begin(pipeline, "generate")
    key = (pipeline, "generate", 0, attempt)
    usage = {"provider": "openai", "model": "m", "cost_microusd": 7, "cost_state": "priced"}
    sql.call("reserve_stage_call", *key, 100)
    sql.call("book_stage_call", *key, 1, "timeout", usage)
    sql.call("book_stage_call", *key, 2, "answered", usage, True)
    counted = "select answered, refused, failed, cost_microusd from public.usage_daily_users"
    assert sql.rows(counted) == [(0, 0, 0, 14)]
    sql.call("fail_stage", *key, "unexpected")
    assert sql.rows(counted) == [(0, 0, 1, 14)]
    assert sql.rows("select count(*) from public.active_periods") == [(0,)]


def test_what_was_counted_is_what_the_history_counts(sql: Sql, ada: str, builder: Builder) -> None:
    for number in range(3):
        builder.build(ada, with_call=number == 0)
    failed = builder.start(ada)
    builder.fail(failed, "read", "unexpected")
    sql.call("retry_pipeline", ada, failed)
    builder.fail(failed, "read", "unexpected")
    tables = [
        "select * from public.pipeline_hourly where pipelines <> 0 order by 1, 2, 3, 4, 5",
        "select hour, plan_code, measure, bucket, cases, round(total::numeric, 6)"
        " from public.pipeline_measures_hourly where cases <> 0 order by 1, 2, 3, 4",
    ]
    counted = [sql.rows(each) for each in tables]
    sql.rows("select private.rebuild_pipelines()")
    assert [sql.rows(each) for each in tables] == counted


def test_many_that_end_at_once_are_all_counted_and_wait_for_nobody_in_a_ring(
    sql: Sql, ada: str, connect: Callable[[], Sql]
) -> None:
    people = [ada, *(sql.sign_in(str(number)) for number in range(2, 5))]
    before = sql.deadlocks()

    def live(place: int) -> None:
        mine = connect()
        builder = Builder(mine.call)
        for number in range(3):
            builder.build(people[place], with_call=number == 0)
        failed = builder.start(people[place])
        builder.fail(failed, "read", "unexpected")
        mine.call("retry_pipeline", people[place], failed)
        mine.call("cancel_pipeline", people[place], failed)
        if place:
            mine.rows("select private.delete_person(%s, %s)", people[place], f"hash-{place}")

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(live, range(4)))
    ended = course(sql)
    assert ended == {("started", "", ""): 16, ("gated", "", ""): 12,
                     ("cancelled", "cancelled", ""): 4}  # fmt: skip
    assert sql.deadlocks() == before


def test_the_figures_outlive_the_account(sql: Sql, ada: str, builder: Builder) -> None:
    builder.build(ada)
    before = course(sql), measures(sql)
    sql.rows("select private.delete_person(%s, 'hash')", ada)
    sql.rows("delete from public.pipelines returning 1")
    assert (course(sql), measures(sql)) == before
    starts, end = period()
    [row] = sql.rows(
        "select handle, component, state from public.pipeline_rows(%s, %s)", *starts, end
    )
    assert row == ("", "", "gated")


def test_who_waits_longest_comes_first(sql: Sql, ada: str, builder: Builder) -> None:
    ines = sql.sign_in("2")
    for _ in range(5):
        builder.start(ada)
    builder.start(ines)
    rows = sql.rows("select owner_id::text, name, waiting, running from public.pipeline_queue()")
    assert rows == [(ada, rows[0][1], 2, 3), (ines, rows[1][1], 0, 1)]


def rows_of(sql: Sql, **named: Any) -> list[tuple[Any, ...]]:
    starts, end = period()
    more = "".join(f", p_{name} => %s" for name in named)
    return sql.rows(
        f"select id::text, state, cause from public.pipeline_rows(%s, %s{more})",
        *starts, end, *named.values(),
    )  # fmt: skip


def test_runs_are_narrowed_and_turned_page_by_page(sql: Sql, ada: str, builder: Builder) -> None:
    ines = sql.sign_in("2")
    made = [builder.build(ada, with_call=False), builder.start(ines), builder.start(ada)]
    builder.fail(made[2], "read", "unexpected")
    assert {row[0] for row in rows_of(sql)} == set(made)
    assert [row[0] for row in rows_of(sql, states=["running"])] == [made[1]]
    assert [row[0] for row in rows_of(sql, causes=["unexpected"])] == [made[2]]
    assert [row[0] for row in rows_of(sql, person=ines)] == [made[1]]
    assert rows_of(sql, person="nobody like that") == []
    [(handle,)] = sql.rows("select handle from public.users where id = %s", ines)
    assert made[1] in [row[0] for row in rows_of(sql, person=handle[:2])]
    seen: list[str] = []
    where: dict[str, Any] = {}
    while page := sql.rows(
        "select started_at, id::text from public.pipeline_rows(%s, %s, p_before => %s,"
        " p_before_id => %s, p_limit => 1)",
        period()[0][0], period()[1], where.get("at"), where.get("id"),
    ):  # fmt: skip
        where = {"at": page[0][0], "id": page[0][1]}
        seen.append(page[0][1])
    assert seen == [row[0] for row in rows_of(sql)]


def test_a_run_is_opened_whole_without_its_design(
    sql: Sql, ada: str, builder: Builder, request: pytest.FixtureRequest
) -> None:
    make = request.getfixturevalue("operator")
    pipeline = builder.build(ada)
    reader = make("support")
    found = call(reader, "pipeline_detail", pipeline_id=pipeline)
    assert [each["stage"] for each in found["stages"]] == [
        "read", "spec", "generate", "test", "gate", "package",
    ]  # fmt: skip
    assert (found["outcome"], found["with_model"], found["is_charged"]) == ("gated", True, True)
    assert [each["feature"] for each in found["ledger"]] == ["pipeline", "pipeline_run"]
    assert [(each["round"], each["is_chosen"]) for each in found["quality"]] == [(0, True)]
    assert (found["user_id"], len(found["trace_id"]), found["audit"]) == (ada, 32, [])
    finance = make("finance")
    for function, more in (
        ("pipeline_detail", {}),
        ("operator_cancel_pipeline", {"reason": "why"}),
    ):
        with pytest.raises(APIError, match="42501"):
            call(finance, function, pipeline_id=pipeline, **more)


def test_support_cancels_and_retries_with_a_reason_that_is_kept(
    sql: Sql, ada: str, builder: Builder, support: Any
) -> None:
    failed, running = builder.start(ada), builder.start(ada)
    builder.fail(failed, "read", "unexpected")
    assert edit(support, "operator_retry_pipeline", pipeline_id=failed)["state"] == "read"
    again = edit(support, "operator_retry_pipeline", pipeline_id=failed)
    assert again["code"] == "pipeline_not_failed"
    assert edit(support, "operator_cancel_pipeline", pipeline_id=running)["state"] == "cancelled"
    with pytest.raises(APIError, match="pipeline_has_ended"):
        edit(support, "operator_cancel_pipeline", pipeline_id=running)
    with pytest.raises(APIError, match="reason_too_short"):
        call(support, "operator_cancel_pipeline", pipeline_id=failed, reason=" ")
    for pipeline, before, after in ((failed, "failed", "queued"), (running, "read", "cancelled")):
        [log] = call(support, "pipeline_detail", pipeline_id=pipeline)["audit"]
        assert (log["before"], log["after"], log["reason"]) == (before, after, "ticket 4711")
        assert log["actor"] == "support@example.test"
    # The story of the person tells it too, and no call of a model.
    told = story(support, ada)
    edits = {each["detail"]["row_key"] for each in told if each["what"] == "pipelines"}
    assert edits == {failed, running}
    assert "pipeline" not in {each["detail"].get("feature") for each in told}


def test_founders_set_the_limits_of_a_team_and_what_they_saw_counts(
    sql: Sql, ada: str, request: pytest.FixtureRequest
) -> None:
    make = request.getfixturevalue("operator")
    [(team,)] = sql.rows("insert into public.teams (name) values ('Umbrella') returning id::text")
    founder, wanted = make("founder"), {
        "team_id": team, "at_once": 1, "most_queued": 5, "ceiling_microusd": 50_000,
        "retention_days": 7, "model": "openai/gpt-5-mini",
    }  # fmt: skip
    made = edit(founder, "set_pipeline_limits", **wanted, version=0)
    assert (made["at_once"], made["version"]) == (1, 1)
    with pytest.raises(APIError, match="pipeline_limits_changed_meanwhile"):
        edit(founder, "set_pipeline_limits", **wanted, version=0)
    for unfit in ({"at_once": 0}, {"model": "no provider"}, {"retention_days": 4000}):
        with pytest.raises(APIError, match="pipeline_limits_unfit"):
            edit(founder, "set_pipeline_limits", **wanted | unfit, version=1)
    with pytest.raises(APIError, match="42501"):
        edit(make("support"), "set_pipeline_limits", **wanted, version=1)
    # They are in force.
    sql.rows("update public.users set team_id = %s where id = %s returning 1", team, ada)
    builder = Builder(sql.call)
    first, second = builder.start(ada), builder.start(ada)
    states = dict(sql.rows("select id::text, state from public.pipelines"))
    assert (states[first], states[second]) == ("read", "queued")
    log = "select row_key, operation, reason from public.audit_log where table_name = %s"
    assert sql.rows(log, "pipeline_limits") == [(team, "INSERT", "ticket 4711")]


ENDS = st.lists(
    st.fixed_dictionaries(
        {
            "hour": st.integers(0, 94),
            "outcome": st.sampled_from(
                ["gated", "gated", "not_passed", "untested", "failed", "refused", "cancelled", None]
            ),
            "plan_code": st.sampled_from(["pro", "trial"]),
            "team_id": st.sampled_from([TEAM, f"{TEAM[:-1]}b", None]),
            "run_ms": st.integers(0, 400_000),
            "gate_ms": st.integers(0, 60_000),
            "cost": st.integers(0, 400_000),
            "geometry": st.floats(0, 1),
            "mutants": st.integers(0, 60),
        }
    ),
    max_size=12,
)


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(ends=ENDS, case=st.integers(0, 10**9))
def test_every_figure_is_what_a_count_by_hand_gives(
    sql: Sql, ends: list[dict[str, Any]], case: int
) -> None:
    """Four days in steps of chance; examples have years of their own."""
    chance = random.Random(case)
    start = datetime(next(YEARS), 3, 1, tzinfo=UTC)
    end = start + timedelta(hours=95)
    starts = [
        start,
        *(start + timedelta(hours=each) for each in sorted(chance.sample(range(1, 95), 3))),
    ]
    for each in ends:
        each["at"] = start + timedelta(hours=each["hour"], minutes=chance.randrange(60))
        insert(sql, each)
    sql.rows("select private.rebuild_pipelines()")
    for plan, team in ((None, None), ("pro", None), (None, TEAM)):
        mine = [
            each for each in ends
            if plan in (None, each["plan_code"]) and team in (None, each["team_id"])
        ]  # fmt: skip
        narrowed = (starts, end, [plan] if plan else None, team)
        check_course(sql, narrowed, mine)
        check_measures(sql, narrowed, mine)


def insert(sql: Sql, each: dict[str, Any]) -> None:
    quality = {
        "geometry_share": each["geometry"], "behaviour_mutants": each["mutants"],
        "behaviour_killed": each["mutants"] // 2,
    }  # fmt: skip
    is_over = each["outcome"] is not None
    sql.rows(
        "insert into public.pipeline_history (pipeline_id, started_at, ended_at, outcome,"
        " plan_code, team_id, run_ms, cost_microusd, stage_ms, quality)"
        " values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s) returning 1",
        uuid4(), each["at"], each["at"] if is_over else None, each["outcome"], each["plan_code"],
        each["team_id"], each["run_ms"], each["cost"], Jsonb({"gate": each["gate_ms"]}),
        Jsonb(quality),
    )  # fmt: skip


def check_course(sql: Sql, narrowed: tuple[Any, ...], mine: list[dict[str, Any]]) -> None:
    rows = sql.rows("select * from public.pipeline_course(%s, %s, %s, %s)", *narrowed)
    expected: Counter[tuple[Any, str]] = Counter()
    for each in mine:
        step = max(at for at in narrowed[0] if at <= each["at"])
        expected[step, "started"] += 1
        if each["outcome"]:
            expected[step, each["outcome"]] += 1
    assert {(row[0], row[1]): row[4] for row in rows} == dict(expected)


def check_measures(sql: Sql, narrowed: tuple[Any, ...], mine: list[dict[str, Any]]) -> None:
    rows = sql.rows("select * from public.pipeline_measures(%s, %s, %s, %s)", *narrowed)
    whole = {row[1]: row[2:] for row in rows if row[0] is None}
    over = [each for each in mine if each["outcome"]]
    gated = [each for each in over if each["outcome"] == "gated"]
    built = [each for each in over if each["outcome"] in ("gated", "not_passed", "untested")]
    expected = {
        "gate": [each["gate_ms"] for each in over], "cost": [each["cost"] for each in over],
        "run": [each["run_ms"] for each in built],
        "geometry_share": [each["geometry"] for each in gated],
    }  # fmt: skip
    for measure, values in expected.items():
        if not values:
            assert measure not in whole
            continue
        assert whole[measure][:2] == pytest.approx((len(values), sum(values)))
        assert sum(row[2] for row in rows if row[0] and row[1] == measure) == len(values)
        if measure != "geometry_share":
            check_quantile(sorted(values), 0.5, whole[measure][3])
            check_quantile(sorted(values), 0.95, whole[measure][4])
    mutants = sum(each["mutants"] for each in gated)
    killed = sum(each["mutants"] // 2 for each in gated)
    if mutants:
        assert whole["behaviour_killed"][:3] == pytest.approx((mutants, killed, killed / mutants))
    else:
        assert "behaviour_killed" not in whole


def check_quantile(values: list[int], share: float, found: int) -> None:
    """Within 2 % of the value of this rank."""
    rank = next(
        value for place, value in enumerate(values, start=1) if place / len(values) >= share - 1e-12
    )
    assert abs(found - rank) <= max(1, rank * 0.02)
