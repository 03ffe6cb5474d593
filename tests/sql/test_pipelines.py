"""The state machine of pipelines: whatever runners do, there is one result and one charge."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import psycopg
import pytest

from local.stack import Database
from tests.sql.conftest import Sql, refused
from tests.sql.pipeline_moves import (
    LEASE,
    balance,
    begin,
    end,
    jobs,
    key_of,
    lose_lease,
    receipts,
    run_through,
    start,
    state_of,
)
from tests.sql.results import MEASURED, stored


def test_a_run_that_passes_takes_one_use_and_each_stage_queues_the_next(sql: Sql) -> None:
    ada = sql.sign_in("1")
    started = start(sql, ada, key="k")
    assert (started["state"], started["is_new"], started["code"]) == ("read", True, "")
    assert start(sql, ada, key="k") == started | {"is_new": False}
    assert balance(sql, ada) == (0, 1)
    run_through(sql, started["id"])
    assert [(queue, stage) for queue, _, stage, _ in jobs(sql)] == [
        ("pipelines", "read"),
        ("builds", "spec"),
        ("pipelines", "generate"),
        ("builds", "test"),
        ("builds", "gate"),
        ("builds", "package"),
    ]
    shown = sql.call("show_pipeline", ada, started["id"])
    assert (shown["state"], shown["verdict"], shown["is_charged"]) == ("done", "passed", True)
    assert (balance(sql, ada), receipts(sql)) == ((1, 0), {"settled": 1})
    lines = sql.rows("select feature, status, receipt_id is not null from public.usage_logs")
    assert lines == [("pipeline_run", "answered", True)]


@pytest.mark.parametrize(
    ("quality", "verdict", "code"),
    [
        (None, "not_tested", "sandbox_unavailable"),
        ({**MEASURED, "is_passed": False, "is_chosen": True}, "not_passed", "not_gated"),
    ],
)
def test_what_is_not_proven_takes_no_use(
    sql: Sql, quality: dict | None, verdict: str, code: str
) -> None:
    ada = sql.sign_in("1")
    pipeline = start(sql, ada)["id"]
    run_through(sql, pipeline, "gate")
    task = begin(sql, pipeline)
    assert task
    end(sql, task, quality=quality, facts={"untested": "sandbox_unavailable"})
    run_through(sql, pipeline)
    shown = sql.call("show_pipeline", ada, pipeline)
    assert (shown["state"], shown["verdict"], shown["code"]) == ("done", verdict, code)
    assert (balance(sql, ada), receipts(sql)) == ((0, 0), {"released": 1})


def test_only_the_stage_that_is_next_is_begun_and_only_once_at_a_time(sql: Sql) -> None:
    pipeline = start(sql, sql.sign_in("1"))["id"]
    assert sql.call("begin_stage", pipeline, "spec", 0, LEASE, "a") is None
    first = begin(sql, pipeline, "a")
    # The call again, as its answer was lost; another runner gets nothing.
    assert begin(sql, pipeline, "a") == first
    assert begin(sql, pipeline, "b") is None
    assert first and end(sql, first) == {"state": "spec", "round": 0}
    # A late repetition changes nothing and queues nothing.
    assert end(sql, first) == {"state": "spec", "round": 0}
    assert [stage for _, _, stage, _ in jobs(sql)] == ["read", "spec"]
    with refused("cannot follow"):
        task = begin(sql, pipeline)
        assert task
        end(sql, task, "package")


def test_an_attempt_that_was_taken_for_lost_can_neither_end_nor_fail_the_stage(sql: Sql) -> None:
    pipeline = start(sql, sql.sign_in("1"))["id"]
    lost = begin(sql, pipeline)
    lose_lease(sql, pipeline)
    taken = begin(sql, pipeline)
    assert lost and taken and (taken["attempt"], taken["lost"]) == (2, 1)
    for act in (lambda: end(sql, lost), lambda: sql.call("fail_stage", *key_of(lost), "x")):
        with refused("taken over"):
            act()
    assert sql.call("beat_stage", *key_of(lost), LEASE) == {"is_mine": False, "is_cancelled": False}
    end(sql, taken)


def test_two_repairs_at_most(sql: Sql) -> None:
    ada = sql.sign_in("1")
    pipeline = start(sql, ada)["id"]
    failed = {**MEASURED, "is_passed": False}
    for round in range(3):
        run_through(sql, pipeline, "gate")
        task = begin(sql, pipeline)
        assert task and task["round"] == round
        quality = {**failed, "is_chosen": round != 1}
        if round < 2:
            end(sql, task, "repair", quality=quality)
        else:
            with refused("cannot follow"):
                end(sql, task, "repair", quality=quality)
            end(sql, task, "package", quality=quality)
    task = begin(sql, pipeline)
    assert task and task["chosen_round"] == 2
    shown = sql.call("show_pipeline", ada, pipeline)
    assert [each["is_chosen"] for each in shown["qualities"]] == [False, False, True]


def test_what_is_short_or_ends_a_run_does_not_wait_behind_first_gates(
    sql: Sql, database: Database
) -> None:
    ada = sql.sign_in("1")
    gated, waiting = start(sql, ada)["id"], start(sql, ada)["id"]
    run_through(sql, gated, "gate")
    run_through(sql, waiting, "gate")
    task = begin(sql, gated)
    assert task
    end(sql, task, "repair", quality={**MEASURED, "is_passed": False, "is_chosen": True})
    run_through(sql, gated, "gate")
    fresh = start(sql, ada)["id"]
    run_through(sql, fresh, "spec")
    with psycopg.connect(database.database_url, autocommit=True) as connection:
        connection.execute("set search_path = queue, public")
        # What has run is no job any more; here only the last of each run waits.
        connection.execute(
            "delete from procrastinate_jobs as old using procrastinate_jobs as later"
            " where later.id > old.id and later.args ->> 'pipeline_id' = old.args ->> 'pipeline_id'"
        )
        register = "select worker_id from procrastinate_register_worker_v1()"
        [(worker_id,)] = connection.execute(register).fetchall()
        order = connection.execute(
            "select args ->> 'stage', (args ->> 'round')::int, args ->> 'pipeline_id'"
            " from private.take_jobs('{builds}', %s, 10)",
            (worker_id,),
        ).fetchall()
    assert order == [("gate", 1, gated), ("spec", 0, fresh), ("gate", 0, waiting)]


def test_a_team_has_its_share_and_no_more_and_the_oldest_goes_on(sql: Sql) -> None:
    ada, jonas = sql.sign_in("1"), sql.sign_in("2")
    mine = [start(sql, ada, at_once=2) for _ in range(5)]
    assert [each["state"] for each in mine] == ["read", "read", "queued", "queued", "queued"]
    # Somebody else's do not wait for them.
    assert start(sql, jonas, at_once=2)["state"] == "read"
    task = begin(sql, mine[0]["id"])
    assert task
    sql.call("fail_stage", *key_of(task), "node_gone")
    assert state_of(sql, mine[2]["id"])[0] == "read"
    sql.call("cancel_pipeline", ada, mine[1]["id"])
    assert state_of(sql, mine[3]["id"])[0] == "read"
    run_through(sql, mine[2]["id"])
    assert state_of(sql, mine[4]["id"])[0] == "read"
    # Waiting ones are cancelled without ever having had a job.
    waiting = start(sql, ada, at_once=1)["id"]
    assert sql.call("cancel_pipeline", ada, waiting)["state"] == "cancelled"
    assert not [each for each in jobs(sql) if each[1] == waiting]


def test_a_hundred_at_once_are_accepted_and_more_refused(
    sql: Sql, connect: Callable[[], Sql]
) -> None:
    ada = sql.sign_in("1")
    sql.rows("update public.plans set uses = 1000 where code = 'trial' returning 1")
    lanes = [connect() for _ in range(8)]
    with ThreadPoolExecutor(len(lanes)) as pool:
        got = list(pool.map(lambda n: start(lanes[n % 8], ada), range(0, 104)))
    states = [each["state"] for each in got]
    assert (states.count("read"), states.count("queued"), states.count("refused")) == (3, 100, 1)
    assert {each["code"] for each in got} == {"", "too_many_pipelines"}
    assert balance(sql, ada) == (0, 103)


def test_refusals_say_why_and_take_nothing(sql: Sql) -> None:
    ada = sql.sign_in("1")
    sql.rows("update public.plans set uses = 1 where code = 'trial' returning 1")
    start(sql, ada)
    assert start(sql, ada)["code"] == "no_uses"
    sql.rows("update public.feature_flags set is_on = false where code = 'pipelines' returning 1")
    assert start(sql, ada)["code"] == "pipelines_off"
    sql.rows("update public.users set state = 'suspended' where id = %s returning 1", ada)
    refusal = start(sql, ada)
    assert (refusal["code"], refusal["id"], refusal["state"]) == ("suspended", None, "refused")
    with refused(""):
        start(sql, str(uuid4()))
    assert balance(sql, ada) == (0, 1)


def test_a_failed_run_goes_on_from_its_stage_with_a_use_of_its_own(sql: Sql) -> None:
    ada = sql.sign_in("1")
    pipeline = start(sql, ada)["id"]
    assert sql.call("retry_pipeline", ada, pipeline)["code"] == "pipeline_not_failed"
    run_through(sql, pipeline, "gate")
    task = begin(sql, pipeline)
    assert task
    sql.call("fail_stage", *key_of(task), "gate_timeout")
    assert sql.call("show_pipeline", ada, pipeline)["failed_stage"] == "gate"
    assert sql.call("retry_pipeline", ada, pipeline)["state"] == "gate"
    assert sql.call("retry_pipeline", ada, pipeline)["code"] == "pipeline_not_failed"
    again = begin(sql, pipeline)
    assert again and (again["attempt"], again["run"], again["failures"]) == (2, 2, 0)
    end(sql, again)
    run_through(sql, pipeline)
    assert (balance(sql, ada), receipts(sql)) == ((1, 0), {"released": 1, "settled": 1})


def test_a_push_that_fails_has_taken_the_use_and_its_retry_takes_no_other(sql: Sql) -> None:
    ada = sql.sign_in("1")
    pipeline = start(sql, ada)["id"]
    run_through(sql, pipeline, "package")
    task = begin(sql, pipeline)
    assert task
    end(sql, task, "push")
    push = begin(sql, pipeline)
    assert push
    sql.call("fail_stage", *key_of(push), "github_forbidden")
    assert (balance(sql, ada), receipts(sql)) == ((1, 0), {"settled": 1})
    sql.call("retry_pipeline", ada, pipeline)
    # Whoever cancels now has the component already.
    assert sql.call("cancel_pipeline", ada, pipeline)["state"] == "done"
    assert (balance(sql, ada), receipts(sql)) == ((1, 0), {"settled": 1})


def test_a_finished_run_is_pushed_later_and_stays_what_it_was(sql: Sql) -> None:
    ada = sql.sign_in("1")
    pipeline = start(sql, ada)["id"]
    assert sql.call("push_pipeline", ada, pipeline)["code"] == "nothing_to_push"
    run_through(sql, pipeline)
    as_it_was = kept(sql)
    for code, told in (("github_forbidden", "github_forbidden"), (None, None)):
        pushed = [sql.call("push_pipeline", ada, pipeline) for _ in range(2)]
        assert [(each["state"], each["is_new"]) for each in pushed] == [
            ("push", True),
            ("push", False),
        ]
        # Meanwhile it counts as what it is, and whoever asks for another push finds this one.
        assert kept(sql) == as_it_was and jobs(sql)[-1][2] == "push"
        task = begin(sql, pipeline)
        assert task and task["failures"] == 0 and task["queued_at"] > task["started_at"]
        if code:
            sql.call("fail_stage", *key_of(task), code)
        else:
            end(sql, task, "done", facts={"pull_request": {"url": "https://github.com/x"}})
        shown = sql.call("show_pipeline", ada, pipeline)
        assert (shown["state"], shown["verdict"], shown["code"]) == ("done", "passed", "")
        assert shown["facts"].get("push_failed", {}).get("code") == told
        assert kept(sql) == as_it_was
    sql.call("push_pipeline", ada, pipeline)
    assert sql.call("cancel_pipeline", ada, pipeline)["facts"]["push_failed"]["code"] == (
        "push_cancelled"
    )
    audit = sql.rows(
        "select before ->> 'state', after ->> 'state', reason from public.audit_log"
        " where table_name = 'pipelines'"
    )
    assert audit == [("done", "push", ada)] * 3
    # What has not passed is not pushed, and what is not kept neither.
    sql.rows("update public.pipelines set files_until = now() - interval '1 day' returning 1")
    assert sql.call("push_pipeline", ada, pipeline)["code"] == "files_are_gone"
    sql.rows("update public.pipelines set verdict = 'not_passed' returning 1")
    assert sql.call("push_pipeline", ada, pipeline)["code"] == "nothing_to_push"


def kept(sql: Sql) -> list:
    """What a push must not change: receipts, ledger, history and its sums."""
    return [
        receipts(sql),
        sql.rows("select count(*), sum(cost_microusd) from public.usage_logs"),
        sql.rows("select outcome, ended_at, run_ms, cost_microusd from public.pipeline_history"),
        sql.rows(
            "select outcome, pipelines from public.pipeline_hourly where pipelines > 0 order by 1"
        ),
    ]


def test_nobody_starts_what_figma_has_refused_for_days(sql: Sql) -> None:
    ada, ben = sql.sign_in("1"), sql.sign_in("2")
    sql.call("note_figma_limit", "1", "FILE", 1, 90_000, "starter", "low", "")
    assert 89_000 < sql.call("figma_limit_left", "1", "FILE", 1) <= 90_000
    assert sql.call("figma_limit_left", "1", "FILE", 2) is None
    plan = sql.call("forecast_pipeline", ada, "FILE")
    assert plan["limited"]["seconds"] > 89_000 and plan["known_layers"] == []
    refused = start(sql, ada)
    assert (refused["state"], refused["code"]) == ("refused", "figma_limited")
    assert refused["params"] == plan["limited"] and receipts(sql) == {}
    # A short one is waited for, another account is not concerned, and what was read may be known.
    assert start(sql, ben)["state"] == "read"
    sql.call("note_figma_limit", "1", "FILE", 1, 60, "starter", "low", "")
    pipeline = start(sql, ada)["id"]
    task = begin(sql, pipeline)
    assert task
    end(sql, task, facts={"file_version": "7"})
    sql.call("note_figma_limit", "1", "FILE", 1, 90_000, "starter", "low", "")
    assert sql.call("forecast_pipeline", ada, "FILE")["known_layers"] == ["1:2"]
    assert start(sql, ada)["state"] == "read"


def test_a_stage_that_lost_its_job_gets_another(sql: Sql) -> None:
    pipeline = start(sql, sql.sign_in("1"))["id"]
    nothing = {"stages": 0, "promoted": 0}
    assert sql.call("recover_stages", 60.0) == nothing
    sql.rows("delete from queue.procrastinate_jobs returning 1")
    assert sql.call("recover_stages", 60.0) == nothing
    sql.rows("update public.pipelines set moved_at = now() - interval '1 hour' returning 1")
    assert sql.call("recover_stages", 60.0) == {"stages": 1, "promoted": 0}
    assert [each[1:] for each in jobs(sql)] == [(pipeline, "read", 0)]
    # While a runner keeps its lease, it needs none.
    sql.rows("delete from queue.procrastinate_jobs returning 1")
    assert begin(sql, pipeline)
    assert sql.call("recover_stages", 60.0) == nothing


def test_teams_see_their_own_and_nobody_elses(sql: Sql) -> None:
    ada, jonas, mei = (sql.sign_in(each) for each in "123")
    [(team,)] = sql.rows("insert into public.teams (name) values ('T') returning id")
    sql.rows("update public.users set team_id = %s where id in (%s, %s) returning 1",
             team, ada, jonas)  # fmt: skip
    pipeline = start(sql, ada)["id"]
    task = begin(sql, pipeline)
    assert task and task["owner_id"] == str(team)
    end(sql, task, artifacts=[stored(str(team), pipeline, "design")])
    for person, sees in ((ada, True), (jonas, True), (mei, False)):
        assert [each["id"] for each in sql.call("list_pipelines", person)] == [pipeline] * sees
        assert (sql.call("show_pipeline", person, pipeline) is not None) is sees
        assert (sql.call("find_artifact", person, pipeline, "design") is not None) is sees
    for function in ("cancel_pipeline", "retry_pipeline"):
        with refused("no such run"):
            sql.call(function, mei, pipeline)
    # Whoever leaves the team leaves its pipelines.
    sql.rows("update public.users set team_id = null where id = %s returning 1", ada)
    assert sql.call("show_pipeline", ada, pipeline) is None
    assert sql.call("show_pipeline", jonas, pipeline)["artifacts"][0].get("path") is None


def test_a_file_lies_under_its_own_pipeline(sql: Sql) -> None:
    ada = sql.sign_in("1")
    mine, other = start(sql, ada)["id"], start(sql, ada)["id"]
    task = begin(sql, mine)
    assert task
    with refused("under the path"):
        end(sql, task, artifacts=[stored(ada, other, "design")])


def test_pages_of_the_list_follow_each_other(sql: Sql) -> None:
    ada = sql.sign_in("1")
    made = [start(sql, ada)["id"] for _ in range(5)]
    seen: list[str] = []
    before: tuple = (None, None)
    while page := sql.rows("select public.list_pipelines(%s, %s, %s, 2)", ada, *before)[0][0]:
        seen += [each["id"] for each in page]
        before = (page[-1]["created_at"], page[-1]["id"])
    assert seen == made[::-1]


def test_a_deleted_account_takes_its_pipelines_with_it(sql: Sql) -> None:
    ada = sql.sign_in("1")
    pipelines = [start(sql, ada, at_once=1)["id"] for _ in range(2)]
    task = begin(sql, pipelines[0])
    assert task
    end(sql, task, artifacts=[stored(ada, pipelines[0], "design")], facts={"file_name": "Secret"})
    sql.call("delete_account", ada, "hash-1")
    rows = sql.rows("select state, code, file_key, component, facts from public.pipelines")
    assert rows == [("cancelled", "account_deleted", "", "", {})] * 2
    assert receipts(sql) == {"released": 2}
    paths = sql.call("expire_artifacts", 10)
    assert len(paths) == 1
    assert sql.rows("select public.forget_artifacts(%s::text[])", paths) == [(1,)]
    sql.rows("update public.pipelines set ended_at = now() - interval '2 days' returning 1")
    assert sql.call("purge_expired")["pipelines"] == 2


def test_files_expire_when_their_team_no_longer_wants_them(sql: Sql) -> None:
    ada = sql.sign_in("1")
    pipeline = start(sql, ada)["id"]
    task = begin(sql, pipeline)
    assert task
    end(sql, task, artifacts=[stored(ada, pipeline, "design")])
    assert sql.call("expire_artifacts", 10) == []
    sql.call("cancel_pipeline", ada, pipeline)
    assert sql.call("expire_artifacts", 10) == []
    days = "select round(extract(epoch from files_until - ended_at) / 86400) from public.pipelines"
    assert sql.rows(days) == [(30,)]
    sql.rows("update public.pipelines set files_until = now() - interval '1 second' returning 1")
    assert len(sql.call("expire_artifacts", 10)) == 1
