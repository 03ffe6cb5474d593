"""Reads of the page AI cost. Money in micro-dollars; total = ledger + adjustments everywhere."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

import pandas as pd

from dashboard.access.auth import Operator
from dashboard.data.reads import cached, call_all, call_one, call_table
from dashboard.data.view import View
from dashboard.parts.model_prices import Prices
from dashboard.results import Columns

# In the order of `Measures`.
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
FORECAST = (
    "day", "is_over", "spent_microusd", "forecast_microusd", "low_microusd", "high_microusd",
)  # fmt: skip
GROUP = Columns(("name", *MEASURES))


@dataclass(frozen=True)
class Measures:
    """Sums of calls, tokens and micro-dollars; `reported`, `priced`, `unpriced` count calls."""

    calls: int
    reported: int
    priced: int
    unpriced: int
    input_tokens: int
    cached_input_tokens: int
    output_tokens: int
    reasoning_tokens: int
    cache_write_tokens: int
    ledger_microusd: int
    adjustment_microusd: int
    total_microusd: int
    reported_microusd: int
    priced_microusd: int


@dataclass(frozen=True)
class Costs:
    """`course` has one row per step (at, measures); the others have one per name (name, measures).
    Each adds up to `total`."""

    total: Measures
    course: Annotated[pd.DataFrame, Columns(("at", *MEASURES), ("at",))]
    model: Annotated[pd.DataFrame, GROUP]
    provider: Annotated[pd.DataFrame, GROUP]
    feature: Annotated[pd.DataFrame, GROUP]
    plan: Annotated[pd.DataFrame, GROUP]

    @property
    def cached_share(self) -> float | None:
        """Cached input tokens / input tokens; None without input."""
        tokens = self.total.input_tokens
        return self.total.cached_input_tokens / tokens if tokens else None

    def by(self, name: str) -> pd.DataFrame:
        """One of LISTS."""
        return {each: getattr(self, each) for each in LISTS}[name]


@dataclass(frozen=True)
class Forecast:
    """The month so far and its expected total, in micro-dollars; None: too few finished days.

    `days` has the columns FORECAST and one row per day of the month; rows add up to the totals.
    """

    month: str
    today: str
    spent_microusd: int
    days_left: int
    history_days: int
    forecast_microusd: int | None
    low_microusd: int | None
    high_microusd: int | None
    days: Annotated[pd.DataFrame, Columns(FORECAST)]


@dataclass(frozen=True)
class Repricing:
    """A re-pricing of a past period, finished or interrupted; prices per million tokens."""

    id: str
    provider: str
    model: str
    from_at: str
    to_at: str
    input_microusd_per_million: int
    cached_input_microusd_per_million: int | None
    output_microusd_per_million: int
    cache_write_microusd_per_million: int | None
    service_tier: str
    class_microusd_per_million: dict[str, int]
    calls: int
    newly_priced: int
    amount_microusd: int
    finished_at: str | None
    actor: str
    reason: str
    created_at: str


@cached(ttl=30)
def read_costs(operator: Operator, view: View) -> Costs:
    """Totals, course and groupings of the view: SQL function `ai_cost`."""
    return call_one(operator, "ai_cost", Costs, _bounds(view))


@cached(ttl=30)
def read_calls(operator: Operator, view: View) -> pd.DataFrame:
    """Calls of models per step, provider and model, of everybody: SQL `model_call_counts`."""
    columns = ["at", "provider", "model", "answered", "failed"]
    rows = call_table(operator, "model_call_counts", columns, view.step_parameters(), ("at",))
    return rows.assign(calls=rows["answered"] + rows["failed"])


@cached(ttl=30)
def read_rows(operator: Operator, view: View) -> pd.DataFrame:
    """One row per step, provider, model, feature and plan: SQL function `ai_cost_rows`."""
    columns = ["at", "provider", "model", "feature", "plan_code", *MEASURES]
    return call_table(operator, "ai_cost_rows", columns, _bounds(view), ("at",))


def read_by(operator: Operator, view: View, by: str) -> pd.DataFrame:
    """Columns name and measures; `by` is one of LISTS or PAYERS, or hour (of the day)."""
    if by in PAYERS:
        return read_people(operator, view, by)
    if by == "hour":
        return read_hours(operator, view)
    return read_costs(operator, view).by(by)


@cached(ttl=30)
def read_hours(operator: Operator, view: View) -> pd.DataFrame:
    """One row per hour of the day: SQL function `ai_cost_hours`."""
    return call_table(operator, "ai_cost_hours", ["name", *MEASURES], view.parameters())


@cached(ttl=30)
def read_people(operator: Operator, view: View, by: str) -> pd.DataFrame:
    """One row per person or team (`by`: user, team), whole days only, highest cost first."""
    parameters = {
        "p_first": view.first_day.isoformat(),
        "p_last": view.last_day.isoformat(),
        "p_plans": list(view.plans) or None,
        "p_team": view.team,
        "p_by": by,
    }
    columns = ["name", "id", *PEOPLE_MEASURES]
    return call_table(operator, "ai_cost_people", columns, parameters)


@cached(ttl=60)
def read_forecast(operator: Operator) -> Forecast:
    """The forecast of this month's cost: SQL function `ai_cost_forecast`."""
    return call_one(operator, "ai_cost_forecast", Forecast)


@cached(ttl=30)
def read_repricings(operator: Operator) -> list[Repricing]:
    """The last re-pricings, newest first: SQL function `repricing_list`."""
    return call_all(operator, "repricing_list", Repricing)


def repricing(
    provider: str, model: str, start: datetime, end: datetime, prices: Prices
) -> dict[str, Any]:
    """The parameters that the preview and the write share."""
    return {
        "p_provider": provider,
        "p_model": model,
        "p_from": start.isoformat(),
        "p_to": end.isoformat(),
        **prices.parameters(),
    }


def _bounds(view: View) -> dict[str, Any]:
    return view.parameters() | {"p_step": view.step}
