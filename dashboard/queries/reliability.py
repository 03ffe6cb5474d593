"""What the reliability page reads. Each figure's formula is in the comment of its SQL function."""

from dataclasses import dataclass
from typing import Any

import pandas as pd

from dashboard.auth import Operator
from dashboard.filters import View
from dashboard.queries.asking import cached, call, frame

COURSE = [
    "at", "answered", "failed", "total_p50_ms", "total_p95_ms", "model_p95_ms", "figma_p95_ms",
]  # fmt: skip
LATENCIES = ["kind", "calls", "p50_ms", "p90_ms", "p95_ms", "p99_ms"]
PROVIDERS = ["provider", "model", "outcome", "reason", "calls", "latency_ms_sum"]
QUEUE = ["at", "waiting", "deferred", "dead_letters", "oldest_seconds", "workers", "samples"]
DELIVERIES = ["at", "outcome", "deliveries", "redeliveries"]
SLO = ["code", "target", "threshold_ms", "hours", "cases", "good", "burn_rate"]
QUOTAS = [
    "figma_user_id", "handle", "file_key", "file_name", "tier", "plan_tier", "limit_type",
    "limited_until", "refusals", "upgrade_link", "updated_at", "reads_7d", "put_off",
]  # fmt: skip
# Fine enough to see a short jam, and at most a few hundred points in a chart of hours.
QUEUE_STEP = "15min"


@dataclass(frozen=True)
class Totals:
    """Comments answered, failed, and answered from measured facts alone."""

    answered: int
    failed: int
    without_model: int

    @property
    def cases(self) -> int:
        return self.answered + self.failed

    @property
    def error_rate(self) -> float | None:
        return self.failed / self.cases if self.cases else None


@cached(ttl=30)
def read_totals(operator: Operator, view: View) -> Totals:
    """SQL function `reliability_totals`."""
    return Totals(**call(operator, "reliability_totals", _period(view)))


@cached(ttl=30)
def read_causes(operator: Operator, view: View) -> pd.DataFrame:
    """Columns error_code, failed: SQL function `reliability_causes`."""
    rows = call(operator, "reliability_causes", _period(view))
    return frame(rows, ["error_code", "failed"])


@cached(ttl=30)
def read_latencies(operator: Operator, view: View) -> pd.DataFrame:
    """Columns LATENCIES, one row per kind that has any: SQL function `reliability_latencies`."""
    return frame(call(operator, "reliability_latencies", _period(view)), LATENCIES)


@cached(ttl=30)
def read_course(operator: Operator, view: View) -> pd.DataFrame:
    """Columns COURSE, one row per step with any use: SQL function `reliability_course`."""
    parameters = {**_steps(view, view.buckets()), "p_plans": view.parameters()["p_plans"]}
    return frame(call(operator, "reliability_course", parameters), COURSE, times=("at",))


@cached(ttl=30)
def read_providers(operator: Operator, view: View) -> pd.DataFrame:
    """Columns PROVIDERS: SQL function `provider_calls`. Not by plan."""
    period = view.parameters()
    bounds = {"p_from": period["p_from"], "p_to": period["p_to"]}
    return frame(call(operator, "provider_calls", bounds), PROVIDERS)


@cached(ttl=30)
def read_queue_course(operator: Operator, view: View) -> pd.DataFrame:
    """Columns QUEUE, one row per step with samples: SQL function `queue_course`."""
    steps = view.buckets()
    if view.step == "hour":
        steps = pd.date_range(view.start, view.end, freq=QUEUE_STEP, inclusive="left")
    return frame(call(operator, "queue_course", _steps(view, steps)), QUEUE, times=("at",))


@cached(ttl=30)
def read_deliveries(operator: Operator, view: View, webhook_id: str | None = None) -> pd.DataFrame:
    """Columns DELIVERIES, of one webhook or of all: SQL function `delivery_course`."""
    parameters = {**_steps(view, view.buckets()), "p_webhook_id": webhook_id}
    return frame(call(operator, "delivery_course", parameters), DELIVERIES, times=("at",))


@cached(ttl=30)
def read_objectives(operator: Operator) -> pd.DataFrame:
    """Columns SLO, one row per objective and window: SQL function `slo_windows`."""
    return frame(call(operator, "slo_windows", {}), SLO)


@cached(ttl=30)
def read_quotas(operator: Operator) -> pd.DataFrame:
    """Columns QUOTAS: SQL function `figma_quota_list`."""
    rows = call(operator, "figma_quota_list", {})
    return frame(rows, QUOTAS, times=("limited_until", "updated_at"))


def _period(view: View) -> dict[str, Any]:
    """The filters these figures know: team is not one of their dimensions."""
    return {key: value for key, value in view.parameters().items() if key != "p_team"}


def _steps(view: View, starts: pd.DatetimeIndex) -> dict[str, Any]:
    # The first step may begin before the period, which is not counted.
    return {
        "p_starts": [max(start, pd.Timestamp(view.start)).isoformat() for start in starts],
        "p_to": view.parameters()["p_to"],
    }
