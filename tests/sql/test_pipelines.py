"""The state machine of pipelines: whatever runners do, there is one result and one charge."""

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from tests.sql.conftest import Sql, refused
from tests.sql.results import MEASURED, stored

NEXT = {
    "read": "spec",
    "spec": "generate",
    "generate": "test",
    "test": "gate",
    "gate": "package",
    "repair": "test",
    "package": "done",
}
ENDED = ("done", "failed", "cancelled")
LEASE = 600.0
BILLED = {"provider": "p", "model": "m", "cost_state": "priced", "price_name": "x"}


def start(sql: Sql, user: str, *, key: str | None = None, **more: Any) -> dict:
    named = "".join(f", p_{name} => {value}" for name, value in more.items())
    call = (
        "select public.start_pipeline(%s, 'api', 'FILE', '1:2', 'Card', '{}', 'request', '', %s"
        f"{named})"
    )
    return sql.rows(call, user, key)[0][0]


def state_of(sql: Sql, pipeline: str) -> tuple[str, int]:
    return sql.rows("select state, round from public.pipelines where id = %s", pipeline)[0]


def begin(sql: Sql, pipeline: str, runner: str = "") -> dict | None:
    state, round = state_of(sql, pipeline)
    return sql.call("begin_stage", pipeline, state, round, LEASE, runner or uuid4().hex)


def key_of(task: dict) -> tuple[str, str, int, int]:
    return task["id"], task["stage"], task["round"], task["attempt"]


def end(sql: Sql, task: dict, next_stage: str | None = None, **more: Any) -> dict:
    result = {"next": next_stage or NEXT[task["stage"]], **more}
    if task["stage"] == "gate" and "quality" not in result:
        result["quality"] = {**MEASURED, "is_chosen": True}
    return sql.call("end_stage", *key_of(task), result)


def run_through(sql: Sql, pipeline: str, until: str = "done") -> None:
    while (state := state_of(sql, pipeline)[0]) not in (*ENDED, until):
        task = begin(sql, pipeline)
        assert task, state
        end(sql, task)


def lose_lease(sql: Sql, pipeline: str) -> None:
    sql.rows(
        "update public.pipeline_stages set lease_until = now() - interval '1 hour'"
        " where pipeline_id = %s and state = 'running' returning 1",
        pipeline,
    )


def receipts(sql: Sql) -> dict[str, int]:
    return dict(sql.rows("select state, count(*)::int from public.use_receipts group by 1"))


def balance(sql: Sql, user: str) -> tuple[int, int]:
    rows = sql.rows("select used, reserved from public.use_balances where user_id = %s", user)
    return rows[0]


def jobs(sql: Sql) -> list[tuple]:
    return sql.rows(
        "select queue_name, args ->> 'pipeline_id', args ->> 'stage', (args ->> 'round')::int"
        " from queue.procrastinate_jobs where task_name = 'run_stage' and status = 'todo'"
        " order by id"
    )


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


def reserve(sql: Sql, task: dict, microusd: int) -> dict:
    return sql.call("reserve_stage_call", *key_of(task), microusd)


def book(sql: Sql, task: dict, number: int, cost: int | None, *, is_last: bool = False) -> dict:
    usage = {**BILLED, "cost_microusd": cost, "input_tokens": 10, "output_tokens": 5}
    if cost is None:
        usage["cost_state"] = "unpriced"
    return sql.call("book_stage_call", *key_of(task), number, "answered", usage, is_last)


def test_models_never_cost_more_than_the_ceiling_and_each_call_is_booked_once(sql: Sql) -> None:
    ada = sql.sign_in("1")
    pipeline = start(sql, ada, ceiling_microusd=1000)["id"]
    run_through(sql, pipeline, "generate")
    task = begin(sql, pipeline)
    assert task and task["left_microusd"] == 1000
    granted = {"granted_microusd": 1000, "left_microusd": 0, "is_mine": True}
    assert reserve(sql, task, 4000) == granted
    # The call again grants what was granted.
    assert reserve(sql, task, 4000) == granted
    assert book(sql, task, 1, 300)["is_booked"] is True
    assert book(sql, task, 1, 300)["is_booked"] is False
    end(sql, task)
    run_through(sql, pipeline, "gate")
    gate = begin(sql, pipeline)
    assert gate and gate["left_microusd"] == 700
    end(sql, gate, "repair", quality={**MEASURED, "is_passed": False, "is_chosen": True})
    repair = begin(sql, pipeline)
    assert repair and reserve(sql, repair, 500)["granted_microusd"] == 500
    # What nobody knows counts with all that was reserved for it.
    assert book(sql, repair, 1, None)["left_microusd"] == 200
    assert reserve(sql, repair, 500)["granted_microusd"] == 200
    assert book(sql, repair, 2, 200)["left_microusd"] == 0
    assert reserve(sql, repair, 500)["granted_microusd"] == 0
    shown = sql.call("show_pipeline", ada, pipeline)
    assert (shown["cost_microusd"], shown["unknown_calls"], shown["model_calls"]) == (500, 1, 3)
    lines = sql.rows(
        "select run, cost_microusd, user_id::text from public.usage_logs"
        " where feature = 'pipeline' order by run"
    )
    assert lines == [(1, 300, ada), (2, None, ada), (3, 200, ada)]


def test_what_a_killed_runner_may_have_spent_counts_and_is_not_booked_twice(sql: Sql) -> None:
    ada = sql.sign_in("1")
    pipeline = start(sql, ada, ceiling_microusd=1000)["id"]
    run_through(sql, pipeline, "generate")
    lost = begin(sql, pipeline)
    assert lost
    reserve(sql, lost, 600)
    lose_lease(sql, pipeline)
    taken = begin(sql, pipeline)
    assert taken and taken["left_microusd"] == 400
    # The runner was alive after all. Its call is in the ledger already, with a cost nobody knows.
    assert book(sql, lost, 1, 100)["is_booked"] is False
    lines = sql.rows("select status, error_code, unknown_calls from public.usage_logs")
    assert lines == [("failed", "worker_lost", 1)]


def test_what_a_stopped_runner_had_reserved_counts_too(sql: Sql) -> None:
    pipeline = start(sql, sql.sign_in("1"), ceiling_microusd=1000)["id"]
    run_through(sql, pipeline, "generate")
    task = begin(sql, pipeline)
    assert task
    reserve(sql, task, 600)
    # Given back in the middle of a call: whether it is billed nobody knows.
    soon = "select public.fail_stage(%s, %s, %s, %s, 'runner_stopped', '{}', now(), true)"
    sql.rows(soon, *key_of(task))
    again = begin(sql, pipeline)
    assert again and (again["left_microusd"], again["failures"]) == (400, 0)
    [(state, code)] = sql.rows(
        "select state, code from public.pipeline_stages where stage = 'generate' and attempt = 1"
    )
    assert (state, code) == ("failed", "runner_stopped")


def test_a_call_of_a_cancelled_run_is_booked_and_its_use_goes_back(sql: Sql) -> None:
    ada = sql.sign_in("1")
    pipeline = start(sql, ada)["id"]
    run_through(sql, pipeline, "generate")
    task = begin(sql, pipeline)
    assert task
    reserve(sql, task, 5000)
    assert sql.call("cancel_pipeline", ada, pipeline)["state"] == "cancelled"
    assert sql.call("beat_stage", *key_of(task), LEASE) == {"is_mine": False, "is_cancelled": True}
    assert end(sql, task)["state"] == "cancelled"
    assert book(sql, task, 1, 70, is_last=True)["is_booked"] is True
    assert (balance(sql, ada), receipts(sql)) == ((0, 0), {"released": 1})
    spent = "select scope, cost_microusd from public.unbilled_spending"
    assert sql.rows(spent) == [("author", 70)]
    # One whose runner was killed too is booked when its lease is over.
    other = start(sql, ada)["id"]
    run_through(sql, other, "generate")
    task = begin(sql, other)
    assert task
    reserve(sql, task, 5000)
    sql.call("cancel_pipeline", ada, other)
    sql.rows("update public.pipeline_stages set lease_until = '2020-01-01' returning 1")
    sql.call("recover_stages", 60.0)
    sql.call("recover_stages", 60.0)
    lines = sql.rows("select cost_microusd from public.usage_logs where feature = 'pipeline'")
    assert lines == [(70,), (None,)]


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
        with refused("no such pipeline"):
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


class Runners:
    """Several runners at one pipeline, each step of each chosen by chance."""

    def __init__(self, sql: Sql, user: str, seed: int):
        self.sql = sql
        self.user = user
        self.chance = random.Random(seed)
        self.pipeline = start(sql, user, ceiling_microusd=1000)["id"]
        self.held: list[dict] = []
        self.calls: set[tuple] = set()
        self.cancelled = False

    def play(self) -> None:
        for _ in range(400):
            if state_of(self.sql, self.pipeline)[0] in ENDED and not self._goes_on():
                break
            self._step()
        else:
            # Nobody is killed any more.
            lose_lease(self.sql, self.pipeline)
            run_through(self.sql, self.pipeline)
        # Those that were taken for dead come back.
        for task in self.held:
            self._try(lambda task=task: end(self.sql, task))

    def _goes_on(self) -> bool:
        state = state_of(self.sql, self.pipeline)[0]
        if state == "failed" and self.chance.random() < 0.7:
            self.sql.call("retry_pipeline", self.user, self.pipeline)
            return True
        return False

    def _step(self) -> None:
        act = self.chance.choices(
            ("begin", "end", "fail", "retry", "beat", "lose", "call", "recover", "cancel"),
            (8, 8, 0.3, 1, 2, 2, 3, 1, 0.05),
        )[0]
        task = self.chance.choice(self.held) if self.held else None
        if act == "begin":
            found = begin(self.sql, self.pipeline)
            self.held += [found] if found else []
        elif act == "lose":
            lose_lease(self.sql, self.pipeline)
        elif act == "recover":
            self.sql.call("recover_stages", 0.0)
        elif act == "cancel":
            self.sql.call("cancel_pipeline", self.user, self.pipeline)
        elif task is None:
            return
        elif act == "end":
            self._try(lambda: end(self.sql, task, self._next(task)))
        elif act == "fail":
            self._try(lambda: self.sql.call("fail_stage", *key_of(task), "unexpected"))
        elif act == "retry":
            soon = "select public.fail_stage(%s, %s, %s, %s, 'slow', '{}', now())"
            self._try(lambda: self.sql.rows(soon, *key_of(task)))
        elif act == "beat":
            self.sql.call("beat_stage", *key_of(task), LEASE)
        elif task["stage"] in ("generate", "repair"):
            self._call(task)

    def _next(self, task: dict) -> str:
        if task["stage"] == "gate" and task["round"] < 2 and self.chance.random() < 0.4:
            return "repair"
        return NEXT[task["stage"]]

    def _call(self, task: dict) -> None:
        granted = reserve(self.sql, task, 300)["granted_microusd"]
        if granted:
            number = self.chance.randint(1, 3)
            cost = self.chance.choice((None, granted, granted // 2))
            for _ in range(self.chance.randint(0, 2)):
                if book(self.sql, task, number, cost)["is_booked"]:
                    assert (key_of(task), number) not in self.calls
                    self.calls.add((key_of(task), number))

    def _try(self, act: Callable[[], Any]) -> None:
        try:
            act()
        except psycopg.Error as error:
            assert "another_attempt" in str(error), error


@pytest.mark.parametrize("seed", range(0, 200, 25))
def test_two_hundred_random_schedules_end_in_one_result_and_one_charge(sql: Sql, seed: int) -> None:
    sql.rows("update public.plans set uses = 100000 where code = 'trial' returning 1")
    ada = sql.sign_in("1")
    for each in range(seed, seed + 25):
        before = balance(sql, ada) if each > seed else (0, 0)
        runners = Runners(sql, ada, each)
        runners.play()
        shown = sql.call("show_pipeline", ada, runners.pipeline)
        assert shown["state"] in ENDED, each
        is_done = shown["state"] == "done"
        assert shown["is_charged"] is is_done, each
        assert balance(sql, ada) == (before[0] + is_done, 0), each
        states = sql.rows(
            "select count(*) filter (where state = 'settled'),"
            " count(*) filter (where state = 'reserved') from public.use_receipts"
            " where answer_id = %s",
            runners.pipeline,
        )
        assert states == [(int(is_done), 0)], each
        [(spent, reserved, ceiling)] = sql.rows(
            "select spent_microusd, reserved_microusd, ceiling_microusd from public.pipelines"
            " where id = %s",
            runners.pipeline,
        )
        assert spent + reserved <= ceiling, each
        [(calls, runs)] = sql.rows(
            "select count(*) filter (where feature = 'pipeline' and error_code <> 'worker_lost'),"
            " count(*) filter (where feature = 'pipeline_run' and receipt_id is not null)"
            " from public.usage_logs where answer_id = %s",
            runners.pipeline,
        )
        assert (calls, runs) == (len(runners.calls), int(is_done)), each
        done = [one for one in shown["stages"] if one["state"] == "done"]
        assert len({(one["stage"], one["round"], one["run"]) for one in done}) == len(done), each


def test_many_runners_at_once_share_the_stages(sql: Sql, connect: Callable[[], Sql]) -> None:
    """Real concurrency: eight runners on ten pipelines, each of which takes whatever there is."""
    people = [sql.sign_in(str(number)) for number in range(1, 4)]
    pipelines = [start(sql, people[n % 3])["id"] for n in range(10)]
    lanes = [connect() for _ in range(8)]

    def work(lane: Sql) -> None:
        open_ones = list(pipelines)
        while open_ones:
            for pipeline in list(open_ones):
                state, round = state_of(lane, pipeline)
                if state in ENDED:
                    open_ones.remove(pipeline)
                elif state != "queued":
                    task = lane.call("begin_stage", pipeline, state, round, LEASE, uuid4().hex)
                    if task:
                        end(lane, task)

    before = sql.deadlocks()
    with ThreadPoolExecutor(len(lanes)) as pool:
        list(pool.map(work, lanes))
    assert sql.deadlocks() == before
    assert receipts(sql) == {"settled": 10}
    [(attempts,)] = sql.rows("select count(*) from public.pipeline_stages")
    assert attempts == 60
