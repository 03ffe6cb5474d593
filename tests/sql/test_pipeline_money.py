"""Model money of pipelines: reserved, booked once, and never above the ceiling."""

from tests.sql.conftest import Sql
from tests.sql.pipeline_moves import (
    LEASE,
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
)
from tests.sql.results import MEASURED


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
