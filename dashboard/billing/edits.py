"""Finance's writes: closing a month, credits and charges. Audited."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from dashboard.access.auth import Operator
from dashboard.billing import queries
from dashboard.data import billing_months
from dashboard.data.writes import send, send_for

READS = (
    billing_months.read_calendar,
    queries.read_totals,
    queries.read_statements,
    queries.read_adjustments,
)


@dataclass(frozen=True)
class Booked:
    """The open month in which an adjustment is booked, by its first day."""

    month: date


def close_month(operator: Operator, month: date, reason: str) -> None:
    """Freeze a month permanently. Raises Refused if it is not over or is already closed."""
    send(operator, "close_month", {"p_month": f"{month}", "p_reason": reason}, clears=READS)


def add_adjustment(
    operator: Operator,
    key: str,
    payer: tuple[str, str],
    kind: str,
    amount_microusd: int,
    dated: date,
    reason: str,
) -> date:
    """Book a credit or charge for (kind of payer, id); return the month it is booked in.

    `key` is a UUID for idempotency: a second call with it books nothing.
    """
    parameters: dict[str, Any] = {
        "p_id": key,
        "p_payer_kind": payer[0],
        "p_payer_id": payer[1],
        "p_kind": kind,
        "p_amount_microusd": amount_microusd,
        "p_dated": f"{dated}",
        "p_reason": reason,
    }
    return send_for(operator, "add_billing_adjustment", Booked, parameters, clears=READS).month
