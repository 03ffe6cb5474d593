"""Reads of the billing page: months, totals, statements, adjustments. Months are UTC."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from dashboard.access.auth import Operator
from dashboard.data.reads import cached, call, frame
from dashboard.exports.month import STATEMENT_PAGE
from dashboard.exports.writing import pages

STATEMENT_COLUMNS = [
    "payer_kind", "payer_id", "payer_name", "plans", "seats", "uses", "included", "overage_uses",
    "fee_microusd", "overage_microusd", "credits_microusd", "adjustments_microusd", "due_microusd",
    "ai_cost_microusd", "margin_microusd", "unpriced",
]  # fmt: skip
ADJUSTMENT_COLUMNS = [
    "id", "written_at", "dated", "for_month", "kind", "payer_kind", "payer_id", "payer_name",
    "amount_microusd", "uses", "cost_microusd", "actor", "reason",
]  # fmt: skip


@dataclass(frozen=True)
class MonthTotals:
    """A month's sums: money in micro-dollars. `closed_at` is None while it is open."""

    payers: int
    paying: int
    uses: int
    included: int
    overage_uses: int
    fee_microusd: int
    overage_microusd: int
    credits_microusd: int
    adjustments_microusd: int
    due_microusd: int
    ai_cost_microusd: int
    margin_microusd: int
    unpriced: int
    ledger_rows: int
    ledger_cost_microusd: int
    is_over: bool
    closed_at: str | None
    closed_by: str | None
    reason: str | None


@cached(ttl=15)
def read_totals(operator: Operator, month: date) -> MonthTotals:
    """SQL function `billing_totals`."""
    return MonthTotals(**call(operator, "billing_totals", {"p_month": f"{month}"}))


@cached(ttl=15)
def read_statements(operator: Operator, month: date) -> pd.DataFrame:
    """One row per payer, those who owe most first: SQL function `billing_statement`."""

    def read(after: str) -> list[dict[str, Any]]:
        parameters = {"p_month": f"{month}", "p_after": after, "p_limit": STATEMENT_PAGE}
        page: list[dict[str, Any]] = call(operator, "billing_statement", parameters)
        return page

    rows = list(pages(read, lambda row: row["key"], "", STATEMENT_PAGE))
    return frame(rows, STATEMENT_COLUMNS).sort_values(
        ["due_microusd", "ai_cost_microusd"], ascending=False, ignore_index=True
    )


@cached(ttl=15)
def read_adjustments(operator: Operator, month: date) -> pd.DataFrame:
    """What is booked in a month beside fees, newest first, at most 1000."""
    rows = call(operator, "billing_adjustment_list", {"p_month": f"{month}"})
    return frame(rows, ADJUSTMENT_COLUMNS, ("written_at",))
