"""Moves of pipelines as workers and builders make them, and what they leave."""

from typing import Any
from uuid import uuid4

from tests.sql.conftest import Sql
from tests.sql.results import MEASURED

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


def reserve(sql: Sql, task: dict, microusd: int) -> dict:
    return sql.call("reserve_stage_call", *key_of(task), microusd)


def book(sql: Sql, task: dict, number: int, cost: int | None, *, is_last: bool = False) -> dict:
    usage = {**BILLED, "cost_microusd": cost, "input_tokens": 10, "output_tokens": 5}
    if cost is None:
        usage["cost_state"] = "unpriced"
    return sql.call("book_stage_call", *key_of(task), number, "answered", usage, is_last)
