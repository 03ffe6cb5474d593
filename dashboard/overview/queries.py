"""Figures of the overview and the rows behind each. Formulas: sql/functions/overview.sql."""

from dataclasses import dataclass, replace
from typing import Annotated, Any

import pandas as pd

from dashboard.access.auth import Operator
from dashboard.data.reads import cached, call_one, call_table
from dashboard.data.view import View
from dashboard.results import Columns

STEPS = Columns(
    (
        "at", "answers", "refused", "failed", "cost_microusd", "unpriced", "latency_p95_ms",
        "active_users", "paying", "mrr_microusd", "revenue_microusd", "trials_started",
        "trials_converted",
    ),
    times=("at",),
)  # fmt: skip


@dataclass(frozen=True)
class Totals:
    """Sums over a period; money in micro-dollars, times in milliseconds.

    `paying` and `mrr_microusd` are values at its end, or now.
    """

    answers: int
    refused: int
    failed: int
    cost_microusd: int
    unpriced: int
    latency_p95_ms: int | None
    active_users: int
    paying: int
    mrr_microusd: int
    revenue_microusd: int
    trials_started: int
    trials_converted: int

    @property
    def error_rate(self) -> float | None:
        """failed ÷ (answers + failed): of comments that needed an answer. None without any."""
        return _share(self.failed, self.answers + self.failed)

    @property
    def gross_margin(self) -> float | None:
        """(revenue - AI cost) ÷ revenue, None without revenue."""
        return _share(self.revenue_microusd - self.cost_microusd, self.revenue_microusd)

    @property
    def revenue_per_cost(self) -> float | None:
        """Revenue ÷ AI cost, None without cost."""
        return _share(self.revenue_microusd, self.cost_microusd)

    @property
    def conversion(self) -> float | None:
        return _share(self.trials_converted, self.trials_started)

    @property
    def is_empty(self) -> bool:
        return self.answers + self.refused + self.failed == 0


@dataclass(frozen=True)
class Overview:
    """Totals, and `steps`: the columns STEPS (at: start of the step, in the zone), error_rate and
    gross_profit_microusd."""

    totals: Totals
    steps: Annotated[pd.DataFrame, STEPS]


@dataclass(frozen=True)
class Attention:
    """How many of each kind need attention now."""

    dead_letters: int
    pipelines: int
    unpriced: int
    figma_limits: int
    nearly_used: int
    costly: int


@cached(ttl=20)
def read_overview(operator: Operator, view: View) -> Overview:
    """SQL function `overview`."""
    parameters = {**view.parameters(), "p_step": view.step}
    found = call_one(operator, "overview", Overview, parameters)
    steps = found.steps
    return replace(
        found,
        steps=steps.assign(
            at=steps["at"].dt.tz_convert(view.zone),
            error_rate=steps["failed"] / (steps["answers"] + steps["failed"]),
            gross_profit_microusd=steps["revenue_microusd"] - steps["cost_microusd"],
        ),
    )


@cached(ttl=20)
def read_analyses(operator: Operator, view: View) -> pd.DataFrame:
    """Analyses that ended, per step, type, outcome and reason: SQL function `analysis_course`."""
    columns = ["at", "type", "outcome", "reason", "analyses", "in_batches"]
    narrowed = {"p_plans": list(view.plans) or None, "p_team": view.team}
    parameters = view.step_parameters() | narrowed
    return call_table(operator, "analysis_course", columns, parameters, ("at",))


@cached(ttl=20)
def read_pipelines(operator: Operator, view: View) -> pd.DataFrame:
    """Pipelines that started and ended, per step, outcome and cause: SQL `pipeline_course`."""
    columns = ["at", "outcome", "cause", "stage", "pipelines", "with_model"]
    narrowed = {"p_plans": list(view.plans) or None, "p_team": view.team}
    parameters = view.step_parameters() | narrowed
    return call_table(operator, "pipeline_course", columns, parameters, ("at",))


@cached(ttl=20)
def read_people(operator: Operator, view: View) -> pd.DataFrame:
    """One row per active user: user_id, handle, team, answered, cost_microusd."""
    columns = ["user_id", "handle", "team", "answered", "cost_microusd"]
    return call_table(operator, "overview_people", columns, view.parameters())


@cached(ttl=20)
def read_subscriptions(operator: Operator, view: View) -> pd.DataFrame:
    """One row per paid subscription at the period's end, or now."""
    columns = [
        "subscription_id", "payer", "plan_code", "since", "seats", "price_microusd", "mrr_microusd",
    ]  # fmt: skip
    parameters = _without(view, "p_from")
    return call_table(operator, "overview_subscriptions", columns, parameters, ("since",))


@cached(ttl=20)
def read_trials(operator: Operator, view: View) -> pd.DataFrame:
    """One row per person whose trial began in the period; paid_at is empty before they pay."""
    columns, times = ["user_id", "handle", "started_at", "paid_at"], ("started_at", "paid_at")
    return call_table(operator, "overview_trials", columns, _without(view, "p_plans"), times)


@cached(ttl=20)
def read_attention(operator: Operator) -> Attention:
    """SQL function `overview_attention`."""
    return call_one(operator, "overview_attention", Attention)


@cached(ttl=20)
def read_costly(operator: Operator) -> pd.DataFrame:
    """Payers whose AI cost in 30 days exceeds their MRR."""
    columns = ["payer", "plan_code", "mrr_microusd", "cost_microusd"]
    return call_table(operator, "overview_costly", columns)


@cached(ttl=20)
def read_nearly_used(operator: Operator) -> pd.DataFrame:
    """People who have used at least 90 % of their monthly uses."""
    columns = ["user_id", "handle", "plan_code", "used", "uses"]
    return call_table(operator, "overview_nearly_used", columns)


@cached(ttl=20)
def read_failed_pipelines(operator: Operator) -> pd.DataFrame:
    """Pipelines of the last seven days that ended without a component, the newest first."""
    columns = ["pipeline_id", "ended_at", "cause", "stage", "handle"]
    return call_table(operator, "overview_failed_pipelines", columns, times=("ended_at",))


@cached(ttl=20)
def read_unpriced(operator: Operator) -> pd.DataFrame:
    """Calls without a price in the last 30 days, by provider and model."""
    columns = ["provider", "model", "unpriced", "first_day", "last_day"]
    return call_table(operator, "overview_unpriced", columns)


def _without(view: View, name: str) -> dict[str, Any]:
    return {key: value for key, value in view.parameters().items() if key != name}


def _share(part: float, whole: float) -> float | None:
    return part / whole if whole else None
