"""The months of the books, open and closed. Months are UTC."""

from typing import Any

from dashboard.access.auth import Operator
from dashboard.data.reads import cached, call


@cached(ttl=30)
def read_calendar(operator: Operator) -> list[dict[str, Any]]:
    """Every month since the first use, newest first: SQL function `billing_calendar`."""
    months: list[dict[str, Any]] = call(operator, "billing_calendar")
    return months
