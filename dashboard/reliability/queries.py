"""What the reliability page reads. Each figure's formula is in the comment of its SQL function."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

import pandas as pd

from dashboard.access.auth import Operator
from dashboard.data.reads import cached, call_all, call_one, call_table
from dashboard.data.view import View
from dashboard.results import Columns

COURSE = (
    "at", "answered", "failed", "without_model", "total_p50_ms", "total_p95_ms", "model_p95_ms",
    "figma_p95_ms",
)  # fmt: skip
LATENCIES = ("kind", "calls", "p50_ms", "p90_ms", "p95_ms", "p99_ms")
PROVIDERS = ["provider", "model", "outcome", "reason", "calls", "latency_ms_sum"]
QUEUE = ["at", "waiting", "deferred", "dead_letters", "oldest_seconds", "workers", "samples"]
SLO = ["code", "target", "threshold_ms", "hours", "cases", "good", "burn_rate"]
BUDGET = ["code", "day", "cases", "good", "bad", "budget_left"]
# Fine enough to show a short backlog; at most a few hundred points in a chart of hours.
QUEUE_STEP = "15min"


@dataclass(frozen=True)
class Reliability:
    """Cases: answered, failed, and answered by a measured review; and how long it took.

    `causes`: error_code, failed. `latencies`: LATENCIES, one row per kind with measurements.
    `course`: COURSE, one row per step with any use. Causes and course add up to the totals.
    """

    answered: int
    failed: int
    without_model: int
    causes: Annotated[pd.DataFrame, Columns(("error_code", "failed"))]
    latencies: Annotated[pd.DataFrame, Columns(LATENCIES)]
    course: Annotated[pd.DataFrame, Columns(COURSE, ("at",))]

    @property
    def cases(self) -> int:
        return self.answered + self.failed

    @property
    def error_rate(self) -> float | None:
        return self.failed / self.cases if self.cases else None


@dataclass(frozen=True)
class Removal:
    """A kind of what is removed after its time: when that last ran, and what it removed."""

    name: str
    since: datetime
    last_at: datetime
    removed_at: datetime | None
    removed: int
    total: int


@cached(ttl=30)
def read_removals(operator: Operator) -> list[Removal]:
    """SQL function `retention_list`."""
    return call_all(operator, "retention_list", Removal)


@cached(ttl=30)
def read_reliability(operator: Operator, view: View) -> Reliability:
    """SQL function `reliability`."""
    narrowed = {"p_plans": list(view.plans) or None, "p_team": view.team}
    parameters = view.step_parameters() | narrowed
    return call_one(operator, "reliability", Reliability, parameters)


@cached(ttl=30)
def read_providers(operator: Operator, view: View) -> pd.DataFrame:
    """Columns PROVIDERS: SQL function `provider_calls`. Always for all people."""
    period = view.parameters()
    bounds = {"p_from": period["p_from"], "p_to": period["p_to"]}
    return call_table(operator, "provider_calls", PROVIDERS, bounds)


@cached(ttl=30)
def read_queue_course(operator: Operator, view: View) -> pd.DataFrame:
    """Columns QUEUE, one row per step with samples: SQL function `queue_course`."""
    steps = view.buckets()
    if view.step == "hour":
        steps = pd.date_range(view.start, view.end, freq=QUEUE_STEP, inclusive="left")
    return call_table(operator, "queue_course", QUEUE, view.step_parameters(steps), ("at",))


@cached(ttl=30)
def read_objectives(operator: Operator) -> pd.DataFrame:
    """Columns SLO, one row per objective and window: SQL function `slo_windows`."""
    return call_table(operator, "slo_windows", SLO)


@cached(ttl=60)
def read_budget(operator: Operator) -> pd.DataFrame:
    """Columns BUDGET, one row per objective and day of the last 30: SQL function `slo_course`."""
    return call_table(operator, "slo_course", BUDGET)
