"""What happens now: the queue, and the latest answers."""

from dataclasses import dataclass
from typing import Any

import pandas as pd

from dashboard import results
from dashboard.access.auth import Operator
from dashboard.data.reads import Api, ask_rows, cached, call_one

LATEST = 100
# The API returns at most this many rows per request.
PAGE = 1000
COLUMNS = [
    "id", "received_at", "state", "command", "reason", "failure_message", "author_handle",
    "file_key", "file_name", "provider", "model", "cost_microusd", "cost_state", "latency_ms",
]  # fmt: skip


@dataclass(frozen=True)
class QueueStatus:
    """The queue now: answers by open state, the longest wait, and live workers.

    The wait is how many seconds ago the oldest answer, queued or in work, became ready to be taken.
    `builds_…`: stages of components that are for builders.
    """

    queued: int
    working: int
    deferred: int
    dead_letters: int
    oldest_seconds: float
    workers: int
    figma_limits: int
    builds_waiting: int
    builds_working: int
    builds_oldest_seconds: float
    builders: int


@cached(ttl=2)
def read_queue(operator: Operator) -> QueueStatus:
    """The queue now: SQL function `queue_status`."""
    return call_one(operator, "queue_status", QueueStatus)


@cached(ttl=2)
def read_answers(operator: Operator, states: tuple[str, ...] = ()) -> pd.DataFrame:
    """The latest answers, newest first, at most LATEST: SQL function `latest_answers`.

    `states` narrows to these; empty means all. Money in micro-dollars, times in milliseconds.
    The column cost_microusd is missing if the operator may not see what all answers cost.
    """
    columns = _columns(operator)

    def question(client: Api) -> Any:
        parameters: dict[str, Any] = {"p_limit": LATEST}
        if states:
            parameters["p_states"] = list(states)
        # A read replica answers GET alone.
        query = client.rpc("latest_answers", parameters, get=True)
        query = query.select(",".join(columns))
        return query.order("received_at", desc=True).limit(LATEST).execute().data

    rows = ask_rows(operator, question)
    return results.read_table(rows, columns, "latest_answers", ("received_at",))


@cached(ttl=10)
def read_state(operator: Operator, state: str) -> pd.DataFrame:
    """All answers in a state now, newest first, columns as above: view `answer_list`."""
    columns = _columns(operator)

    def page(start: int) -> list[dict[str, Any]]:
        def question(client: Api) -> Any:
            query = client.table("answer_list").select(",".join(columns)).eq("state", state)
            query = query.order("received_at", desc=True).order("id")
            return query.range(start, start + PAGE - 1).execute().data

        found: list[dict[str, Any]] = ask_rows(operator, question)
        return found

    rows: list[dict[str, Any]] = []
    while more := page(len(rows)):
        rows += more
    return results.read_table(rows, columns, "answer_list", ("received_at",))


def _columns(operator: Operator) -> list[str]:
    if operator.may_see_costs_of_answers:
        return COLUMNS
    return [each for each in COLUMNS if each != "cost_microusd"]
