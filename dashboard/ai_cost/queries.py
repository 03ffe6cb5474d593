"""Reads of the page AI cost. Money in micro-dollars; total = ledger + adjustments everywhere."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd

from dashboard.access.auth import Operator
from dashboard.data.reads import cached, call, frame
from dashboard.data.view import View
from dashboard.parts.model_prices import Prices

MEASURES = (
    "calls",
    "reported",
    "priced",
    "unpriced",
    "input_tokens",
    "cached_input_tokens",
    "output_tokens",
    "reasoning_tokens",
    "cache_write_tokens",
    "ledger_microusd",
    "adjustment_microusd",
    "total_microusd",
    "reported_microusd",
    "priced_microusd",
)
PEOPLE_MEASURES = tuple(
    each
    for each in MEASURES
    if each not in ("reported", "priced", "reported_microusd", "priced_microusd")
)
MONEY = tuple(each for each in MEASURES if each.endswith("_microusd"))
LISTS = ("model", "provider", "feature", "plan")
PAYERS = ("user", "team")
FORECAST = [
    "day", "is_over", "spent_microusd", "forecast_microusd", "low_microusd", "high_microusd",
]  # fmt: skip


@dataclass(frozen=True)
class Costs:
    """`total` has every measure; `course` one row per step (at, measures); `by` one frame per
    list (name, measures). Each frame adds up to `total`."""

    total: dict[str, int]
    course: pd.DataFrame
    by: dict[str, pd.DataFrame]

    @property
    def cached_share(self) -> float | None:
        """Cached input tokens / input tokens; None without input."""
        tokens = self.total["input_tokens"]
        return self.total["cached_input_tokens"] / tokens if tokens else None


@dataclass(frozen=True)
class Forecast:
    """The month so far and its likely end, in micro-dollars; None with too few finished days.

    `days` has the columns FORECAST, one row per day of the month, adding up to all of them.
    """

    month: str
    today: str
    spent_microusd: int
    days_left: int
    history_days: int
    forecast_microusd: int | None
    low_microusd: int | None
    high_microusd: int | None
    days: pd.DataFrame


@cached(ttl=30)
def read_costs(operator: Operator, view: View) -> Costs:
    """Totals, course and groupings of the view: SQL function `ai_cost`."""
    found = call(operator, "ai_cost", _bounds(view))
    columns = ["name", *MEASURES]
    return Costs(
        {measure: int(found["total"][measure]) for measure in MEASURES},
        frame(found["course"], ["at", *MEASURES], times=("at",)),
        {name: frame(found[name], columns) for name in LISTS},
    )


@cached(ttl=30)
def read_rows(operator: Operator, view: View) -> pd.DataFrame:
    """One row per step, provider, model, feature and plan: SQL function `ai_cost_rows`."""
    rows = call(operator, "ai_cost_rows", _bounds(view))
    columns = ["at", "provider", "model", "feature", "plan_code", *MEASURES]
    return frame(rows, columns, times=("at",))


def read_by(operator: Operator, view: View, by: str) -> pd.DataFrame:
    """Columns name and measures; `by` is one of LISTS or PAYERS, or hour (of the day)."""
    if by in PAYERS:
        return read_people(operator, view, by)
    if by == "hour":
        return read_hours(operator, view)
    return read_costs(operator, view).by[by]


@cached(ttl=30)
def read_hours(operator: Operator, view: View) -> pd.DataFrame:
    """One row per hour of the day: SQL function `ai_cost_hours`."""
    rows = call(operator, "ai_cost_hours", view.parameters())
    return frame(rows, ["name", *MEASURES])


@cached(ttl=30)
def read_people(operator: Operator, view: View, by: str) -> pd.DataFrame:
    """One row per person or team (`by`: user, team) of the view's whole days, dearest first."""
    parameters = {
        "p_first": view.first_day.isoformat(),
        "p_last": view.last_day.isoformat(),
        "p_plans": list(view.plans) or None,
        "p_team": view.team,
        "p_by": by,
    }
    rows = call(operator, "ai_cost_people", parameters)
    return frame(rows, ["name", "id", *PEOPLE_MEASURES])


@cached(ttl=60)
def read_forecast(operator: Operator) -> Forecast:
    """Where this month is heading: SQL function `ai_cost_forecast`."""
    found = call(operator, "ai_cost_forecast", {})
    return Forecast(**found | {"days": frame(found["days"], FORECAST)})


@cached(ttl=30)
def read_repricings(operator: Operator) -> list[dict[str, Any]]:
    """The last re-pricings, newest first: SQL function `repricing_list`."""
    return call(operator, "repricing_list", {})


def repricing(
    provider: str, model: str, start: datetime, end: datetime, prices: Prices
) -> dict[str, Any]:
    """The parameters that preview and applying have in common."""
    return {
        "p_provider": provider,
        "p_model": model,
        "p_from": start.isoformat(),
        "p_to": end.isoformat(),
        **prices.parameters(),
    }


def _bounds(view: View) -> dict[str, Any]:
    return view.parameters() | {"p_step": view.step}
