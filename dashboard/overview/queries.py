"""Figures of the overview and the rows behind each. Formulas: sql/functions/overview.sql."""

from dataclasses import dataclass
from typing import Any

import pandas as pd

from dashboard.access.auth import Operator
from dashboard.data.reads import cached, call, frame
from dashboard.data.view import View


@dataclass(frozen=True)
class Totals:
    """Sums over a period; money in micro-dollars, times in milliseconds.

    `paying` and `mrr_microusd` are those at its end, or now.
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
        """failed ÷ (answers + failed), None without either: comments that were to be answered."""
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
    """Totals, and `steps`: columns at (start of the step, in the zone) and most of the totals."""

    totals: Totals
    steps: pd.DataFrame


@dataclass(frozen=True)
class Attention:
    """How many of each kind need somebody now."""

    dead_letters: int
    unpriced: int
    figma_limits: int
    nearly_used: int
    costly: int


@cached(ttl=20)
def read_overview(operator: Operator, view: View) -> Overview:
    """SQL function `overview`."""
    answer = call(operator, "overview", {**view.parameters(), "p_step": view.step})
    steps = pd.DataFrame(answer["steps"])
    steps["at"] = pd.to_datetime(steps["at"], utc=True, format="ISO8601").dt.tz_convert(view.zone)
    steps.insert(0, "at", steps.pop("at"))
    steps["error_rate"] = steps["failed"] / (steps["answers"] + steps["failed"])
    revenue, spent = steps["revenue_microusd"], steps["cost_microusd"]
    steps["gross_profit_microusd"] = revenue - spent
    return Overview(Totals(**answer["totals"]), steps)


@cached(ttl=20)
def read_people(operator: Operator, view: View) -> pd.DataFrame:
    """One row per active user: user_id, handle, team, answered, cost_microusd."""
    columns = ["user_id", "handle", "team", "answered", "cost_microusd"]
    return frame(call(operator, "overview_people", view.parameters()), columns)


@cached(ttl=20)
def read_subscriptions(operator: Operator, view: View) -> pd.DataFrame:
    """One row per paid subscription at the period's end, or now."""
    columns = ["subscription_id", "payer", "plan_code", "since", "seats", "price_microusd"]
    rows = call(operator, "overview_subscriptions", _without(view, "p_from"))
    return frame(rows, [*columns, "mrr_microusd"], times=("since",))


@cached(ttl=20)
def read_trials(operator: Operator, view: View) -> pd.DataFrame:
    """One row per person whose trial began in the period; paid_at is empty until they pay."""
    rows = call(operator, "overview_trials", _without(view, "p_plans"))
    return frame(
        rows, ["user_id", "handle", "started_at", "paid_at"], times=("started_at", "paid_at")
    )


@cached(ttl=20)
def read_attention(operator: Operator) -> Attention:
    """SQL function `overview_attention`."""
    return Attention(**call(operator, "overview_attention"))


@cached(ttl=20)
def read_costly(operator: Operator) -> pd.DataFrame:
    """Payers whose AI cost of 30 days exceeds their MRR."""
    rows = call(operator, "overview_costly")
    return frame(rows, ["payer", "plan_code", "mrr_microusd", "cost_microusd"])


@cached(ttl=20)
def read_nearly_used(operator: Operator) -> pd.DataFrame:
    """People with at least nine tenths of their monthly uses taken."""
    rows = call(operator, "overview_nearly_used")
    return frame(rows, ["user_id", "handle", "plan_code", "used", "uses"])


@cached(ttl=20)
def read_unpriced(operator: Operator) -> pd.DataFrame:
    """Calls without a price in the last 30 days, by provider and model."""
    rows = call(operator, "overview_unpriced")
    return frame(rows, ["provider", "model", "unpriced", "first_day", "last_day"])


def _without(view: View, name: str) -> dict[str, Any]:
    return {key: value for key, value in view.parameters().items() if key != name}


def _share(part: float, whole: float) -> float | None:
    return part / whole if whole else None
