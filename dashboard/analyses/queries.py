"""What the page Analyses reads. Each figure's formula is in the comment of its SQL function."""

from dataclasses import dataclass
from typing import Annotated

import pandas as pd

from dashboard import results
from dashboard.access.auth import Operator
from dashboard.data.call_records import Attempt, Line
from dashboard.data.reads import cached, call, call_table
from dashboard.data.view import View
from dashboard.results import Columns

COURSE = ["at", "type", "outcome", "reason", "analyses", "in_batches"]
TIMES = ["at", "analyses", "p50_ms", "p95_ms"]
COSTS = ["at", "provider", "model", "unpriced", "cost_microusd"]
BATCHES = [
    "at", "batch_id", "plan_code", "items", "model", "measured", "cached", "refused", "failed",
    "cancelled",
]  # fmt: skip
SUGGESTIONS = ["rule", "source", "shown", "with_change", "applied", "undone", "ignored"]
RUNS = (
    "run", "at", "status", "provider", "model", "error_code", "cost_microusd", "cost_state",
    "latency_ms",
)  # fmt: skip
SHOWN = ("ref", "rule", "severity", "sure", "layers", "has_change", "outcome", "decided_at")


@dataclass(frozen=True)
class Detail:
    """One analysis without its design and words; `runs`: RUNS, `suggestions`: SHOWN."""

    id: str
    user_id: str
    handle: str | None
    type: str
    state: str
    source: str | None
    is_cached: bool
    is_charged: bool
    leader_id: str | None
    batch_id: str | None
    batch_place: int | None
    reason: str
    failure_message: str
    plan_code: str
    context_version: int
    received_at: str
    settled_at: str | None
    provider: str
    model: str
    prompt_version: str
    request_id: str
    attempt: int
    elements: int | None
    runs: Annotated[pd.DataFrame, Columns(RUNS, ("at",))]
    suggestions: Annotated[pd.DataFrame, Columns(SHOWN, ("decided_at",))]
    ledger: list[Line]
    attempts: list[Attempt]


def _by_step(view: View) -> dict[str, object]:
    return view.step_parameters() | {"p_plans": list(view.plans) or None, "p_team": view.team}


@cached(ttl=30)
def read_course(operator: Operator, view: View) -> pd.DataFrame:
    """Columns COURSE, one row per step, type, outcome and reason: SQL `analysis_course`."""
    return call_table(operator, "analysis_course", COURSE, _by_step(view), ("at",))


@cached(ttl=30)
def read_times(operator: Operator, view: View) -> pd.DataFrame:
    """Columns TIMES; the row without `at` is the whole period: SQL `analysis_times`."""
    return call_table(operator, "analysis_times", TIMES, _by_step(view), ("at",))


@cached(ttl=30)
def read_costs(operator: Operator, view: View) -> pd.DataFrame:
    """Columns COSTS, for founders alone: SQL `analysis_costs`."""
    return call_table(operator, "analysis_costs", COSTS, _by_step(view), ("at",))


@cached(ttl=30)
def read_batches(operator: Operator, view: View) -> pd.DataFrame:
    """Columns BATCHES, newest first: SQL `analysis_batch_rows`."""
    return call_table(operator, "analysis_batch_rows", BATCHES, view.parameters(), ("at",))


@cached(ttl=30)
def read_suggestions(operator: Operator, view: View) -> pd.DataFrame:
    """Columns SUGGESTIONS: SQL `analysis_suggestions`."""
    return call_table(operator, "analysis_suggestions", SUGGESTIONS, view.parameters())


@cached(ttl=5)
def read_detail(operator: Operator, analysis_id: str) -> Detail | None:
    """One analysis: SQL `analysis_detail`; None if it is no longer kept."""
    found = call(operator, "analysis_detail", {"p_analysis_id": analysis_id})
    return None if found is None else results.read_one(Detail, found, "analysis_detail")
