"""Price overrides and budgets, which Settings and AI cost both show."""

from typing import Any

import pandas as pd

from dashboard.access.auth import Operator
from dashboard.data.reads import ask, cached, call, frame

PRICE_COLUMNS = (
    "id,provider,model,valid_from,valid_to,input_microusd_per_million,"
    "cached_input_microusd_per_million,cache_write_microusd_per_million,"
    "output_microusd_per_million,class_microusd_per_million,service_tier,source"
)


@cached(ttl=30)
def read_prices(operator: Operator) -> pd.DataFrame:
    """The latest 500 price overrides, newest first."""
    rows = ask(
        operator.sign_in,
        lambda client: (
            client.table("model_prices")
            .select(PRICE_COLUMNS)
            .order("id", desc=True)
            .limit(500)
            .execute()
            .data
        ),
    )
    return frame(rows, PRICE_COLUMNS.split(","), times=("valid_from", "valid_to"))


@cached(ttl=30)
def read_budgets(operator: Operator) -> list[dict[str, Any]]:
    """Budgets in force with this month's cost and alerts: SQL function `budget_standing`."""
    return call(operator, "budget_standing", {})
