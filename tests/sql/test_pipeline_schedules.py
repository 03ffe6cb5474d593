"""Pipelines under random schedules and many runners at once: one result, one charge."""

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from tests.sql.conftest import Sql
from tests.sql.pipeline_moves import (
    ENDED,
    LEASE,
    NEXT,
    balance,
    begin,
    book,
    end,
    key_of,
    lose_lease,
    receipts,
    reserve,
    run_through,
    start,
    state_of,
)


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
