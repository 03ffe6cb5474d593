"""The months of the books, open and closed. Months are UTC."""

from dataclasses import dataclass
from datetime import date

from dashboard.access.auth import Operator
from dashboard.data.reads import cached, call_all


@dataclass(frozen=True)
class Month:
    """A month by its first day; `closed_at` is None while it is open.

    `later_*`: facts that came after it was closed, which its closed figures do not have.
    """

    month: date
    closed_at: str | None
    later_facts: int = 0
    later_cost_microusd: int = 0
    later_amount_microusd: int = 0


@cached(ttl=30)
def read_calendar(operator: Operator) -> list[Month]:
    """Every month since the first use, newest first: SQL function `billing_calendar`."""
    return call_all(operator, "billing_calendar", Month)
