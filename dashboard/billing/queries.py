"""Reads of the billing page: months, totals, statements, adjustments. Months are UTC."""

from dataclasses import dataclass
from datetime import date

import pandas as pd

from dashboard.access.auth import Operator
from dashboard.data.reads import cached, call_one, call_pages, call_table
from dashboard.exports.month import STATEMENT_PAGE

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
    """A month's sums; money in micro-dollars. `closed_at` is None while the month is open."""

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
    return call_one(operator, "billing_totals", MonthTotals, {"p_month": f"{month}"})


@cached(ttl=15)
def read_statements(operator: Operator, month: date) -> pd.DataFrame:
    """One row per payer, highest amount owed first: SQL function `billing_statement`."""
    parameters = {"p_month": f"{month}"}
    rows = call_pages(operator, "billing_statement", STATEMENT_COLUMNS, parameters, STATEMENT_PAGE)
    return rows.sort_values(
        ["due_microusd", "ai_cost_microusd"], ascending=False, ignore_index=True
    )


@cached(ttl=15)
def read_adjustments(operator: Operator, month: date) -> pd.DataFrame:
    """Bookings of a month other than fees, newest first, at most 1000."""
    return call_table(
        operator, "billing_adjustment_list", ADJUSTMENT_COLUMNS, {"p_month": f"{month}"},
        ("written_at",),
    )  # fmt: skip
