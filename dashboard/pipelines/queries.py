"""What the page Pipelines reads. Each figure's formula is in the comment of its SQL function."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, NamedTuple

import pandas as pd

from dashboard import results
from dashboard.access.auth import Operator
from dashboard.data.reads import cached, call, call_table
from dashboard.data.view import View
from dashboard.results import Columns

COURSE = ["at", "outcome", "cause", "stage", "pipelines", "with_model"]
MEASURES = ["at", "measure", "cases", "total", "mean", "p50", "p95"]
COSTS = ["at", "provider", "model", "calls", "unpriced", "cost_microusd"]
QUEUE = ["owner_id", "team_id", "name", "waiting", "running", "waits_since"]
RUNS = [
    "id", "started_at", "ended_at", "state", "cause", "stage", "with_model", "source", "component",
    "user_id", "handle", "team", "plan_code", "rounds", "calls", "run_ms", "cost_microusd",
    "unpriced",
]  # fmt: skip
# Rows of the list on the page.
PAGE = 50
STAGES = (
    "stage", "round", "attempt", "run", "state", "began_at", "ended_at", "retry_at", "code",
    "params", "cost_microusd", "runner",
)  # fmt: skip
ARTIFACTS = ("kind", "round", "name", "bytes", "sha256", "media_type", "created_at")
LEDGER = (
    "row", "at", "feature", "status", "error_code", "provider", "model", "cost_microusd",
    "cost_state", "latency_ms",
)  # fmt: skip
AUDIT = ("at", "actor", "operation", "before", "after", "reason")


class Filter(NamedTuple):
    """What the list of runs is narrowed to; empty: everything."""

    states: tuple[str, ...] = ()
    causes: tuple[str, ...] = ()
    person: str = ""

    def parameters(self) -> dict[str, Any]:
        return {
            "p_states": list(self.states) or None,
            "p_causes": list(self.causes) or None,
            "p_person": self.person,
        }


@dataclass(frozen=True)
class Detail:
    """One run without its design and code; each table is of the columns above.

    `quality` has a row per round, with the figures of the gate by name.
    """

    id: str
    user_id: str
    handle: str | None
    team: str | None
    source: str
    component: str
    file_key: str
    node_id: str
    state: str
    outcome: str | None
    run: int
    round: int
    code: str
    params: dict[str, Any]
    with_model: bool
    is_charged: bool
    plan_code: str
    created_at: str
    queued_at: str
    started_at: str | None
    ended_at: str | None
    files_until: str | None
    ceiling_microusd: int
    spent_microusd: int
    cost_microusd: int
    unknown_calls: int
    model_calls: int
    input_tokens: int
    output_tokens: int
    request_id: str
    trace_id: str
    stages: Annotated[pd.DataFrame, Columns(STAGES, ("began_at", "ended_at", "retry_at"))]
    quality: list[dict[str, Any]]
    artifacts: Annotated[pd.DataFrame, Columns(ARTIFACTS, ("created_at",))]
    ledger: Annotated[pd.DataFrame, Columns(LEDGER, ("at",))]
    audit: Annotated[pd.DataFrame, Columns(AUDIT, ("at",))]


def _by_step(view: View) -> dict[str, object]:
    return view.step_parameters() | {"p_plans": list(view.plans) or None, "p_team": view.team}


@cached(ttl=30)
def read_course(operator: Operator, view: View) -> pd.DataFrame:
    """Columns COURSE, one row per step, outcome, cause and stage: SQL `pipeline_course`."""
    return call_table(operator, "pipeline_course", COURSE, _by_step(view), ("at",))


@cached(ttl=30)
def read_measures(operator: Operator, view: View) -> pd.DataFrame:
    """Columns MEASURES; rows without `at` are the whole period: SQL `pipeline_measures`."""
    return call_table(operator, "pipeline_measures", MEASURES, _by_step(view), ("at",))


@cached(ttl=30)
def read_costs(operator: Operator, view: View) -> pd.DataFrame:
    """Columns COSTS, for founders alone: SQL `pipeline_costs`."""
    return call_table(operator, "pipeline_costs", COSTS, _by_step(view), ("at",))


@cached(ttl=5)
def read_queue(operator: Operator) -> pd.DataFrame:
    """Columns QUEUE, who waits longest first: SQL `pipeline_queue`."""
    return call_table(operator, "pipeline_queue", QUEUE, {}, ("waits_since",))


@cached(ttl=10)
def read_runs(
    operator: Operator, view: View, narrowed: Filter, after: tuple[datetime, str] | None
) -> pd.DataFrame:
    """Columns RUNS, at most PAGE + 1 rows after the given one: SQL `pipeline_rows`."""
    at, run = after or (None, None)
    parameters = view.parameters() | narrowed.parameters()
    parameters |= {"p_before": at.isoformat() if at else None, "p_before_id": run}
    parameters |= {"p_limit": PAGE + 1}
    return call_table(operator, "pipeline_rows", RUNS, parameters, ("started_at", "ended_at"))


@cached(ttl=5)
def read_detail(operator: Operator, pipeline_id: str) -> Detail | None:
    """One run: SQL `pipeline_detail`; None if it is not kept."""
    found = call(operator, "pipeline_detail", {"p_pipeline_id": pipeline_id})
    return None if found is None else results.read_one(Detail, found, "pipeline_detail")
