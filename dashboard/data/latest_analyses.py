"""The analyses that are still kept: the latest, and all in a state now."""

from typing import Any

import pandas as pd

from dashboard import results
from dashboard.access.auth import Operator
from dashboard.data.reads import Api, ask_rows, cached

LATEST = 100
# The API returns at most this many rows per request.
PAGE = 1000
COLUMNS = [
    "id", "received_at", "handle", "type", "state", "source", "is_cached", "batch_id", "reason",
    "failure_message", "provider", "model", "cost_microusd", "cost_state", "latency_ms",
]  # fmt: skip


@cached(ttl=5)
def read_analyses(operator: Operator) -> pd.DataFrame:
    """The latest analyses, newest first, at most LATEST: SQL function `latest_analyses`.

    The column cost_microusd is missing if the operator may not see what all analyses cost.
    """
    columns = columns_for(operator)

    def question(client: Api) -> Any:
        parameters: dict[str, Any] = {"p_limit": LATEST}
        # A read replica answers GET alone.
        query = client.rpc("latest_analyses", parameters, get=True)
        query = query.select(",".join(columns))
        return query.order("received_at", desc=True).limit(LATEST).execute().data

    rows = ask_rows(operator, question)
    return results.read_table(rows, columns, "latest_analyses", ("received_at",))


@cached(ttl=10)
def read_state(operator: Operator, state: str) -> pd.DataFrame:
    """All analyses in a state now that wait for no other one, newest first: `analysis_list`."""
    columns = columns_for(operator)

    def page(start: int) -> list[dict[str, Any]]:
        def question(client: Api) -> Any:
            query = client.table("analysis_list").select(",".join(columns)).eq("state", state)
            query = query.is_("leader_id", "null").order("received_at", desc=True).order("id")
            return query.range(start, start + PAGE - 1).execute().data

        found: list[dict[str, Any]] = ask_rows(operator, question)
        return found

    rows: list[dict[str, Any]] = []
    while more := page(len(rows)):
        rows += more
    return results.read_table(rows, columns, "analysis_list", ("received_at",))


def columns_for(operator: Operator) -> list[str]:
    if operator.may_see_costs_of_answers:
        return COLUMNS
    return [each for each in COLUMNS if each != "cost_microusd"]
