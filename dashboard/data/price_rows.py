"""Price overrides and budgets, which Settings and AI cost both show."""

from dataclasses import dataclass

import pandas as pd

from dashboard import results
from dashboard.access.auth import Operator
from dashboard.data.reads import ask_rows, cached, call_all

PRICE_COLUMNS = (
    "id,provider,model,valid_from,valid_to,input_microusd_per_million,"
    "cached_input_microusd_per_million,cache_write_microusd_per_million,"
    "output_microusd_per_million,class_microusd_per_million,service_tier,source"
)


@dataclass(frozen=True)
class Given:
    """An alert that was sent, at this per cent of a budget."""

    threshold: int


@dataclass(frozen=True)
class Budget:
    """A budget in force, and this month's cost so far. `month` is the first day of the month.

    `scope` is global, plan, team or user; `name` is the plan's code, or the readable name.
    """

    scope: str
    scope_key: str
    version: int
    name: str
    month: str
    monthly_microusd: int
    spent_microusd: int
    alerts: list[Given]


@cached(ttl=30)
def read_prices(operator: Operator) -> pd.DataFrame:
    """The latest 500 price overrides, newest first."""
    rows = ask_rows(
        operator,
        lambda client: (
            client.table("model_prices")
            .select(PRICE_COLUMNS)
            .order("id", desc=True)
            .limit(500)
            .execute()
            .data
        ),
    )
    columns = PRICE_COLUMNS.split(",")
    return results.read_table(rows, columns, "model_prices", ("valid_from", "valid_to"))


@cached(ttl=30)
def read_budgets(operator: Operator) -> list[Budget]:
    """Budgets in force with this month's cost and alerts: SQL function `budget_standing`."""
    return call_all(operator, "budget_standing", Budget)
