"""Uploading, replacing and removing bills, and what people say about their names. Audited."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

from dashboard.access.auth import Operator
from dashboard.data.writes import send
from dashboard.provider_bills import queries
from dashboard.provider_bills.bill_reading import Bill
from dashboard.provider_bills.hand_mapped import Mapping

READS = (queries.read_bills, queries.read_totals, queries.read_rows, queries.read_lines)
# Below what one call of the database takes, and well below its time limit.
LINES_AT_ONCE = 10_000


def upload(
    operator: Operator,
    provider: str,
    bill: Bill,
    replaces: list[str],
    reason: str,
    tell: Callable[[float], object] = lambda share: None,
) -> str:
    """Send a bill line by line and compare it from then on; returns its id.

    Raises Refused: nothing counts before all has arrived. `tell` hears the share that was sent.
    """
    key = str(uuid4())
    about: dict[str, Any] = {
        "provider": provider,
        "format": bill.format,
        "first_day": f"{bill.first_day}",
        "last_day": f"{bill.last_day}",
        "tells": list(bill.tells),
        "credits_microusd": bill.credits_microusd,
        "tax_microusd": bill.tax_microusd,
        "left_out_lines": bill.left_out,
        "left_out_microusd": bill.left_out_microusd,
        "file_hash": bill.file_hash,
    }
    send(operator, "start_bill", {"p_id": key, "p_bill": about, "p_replaces": replaces})
    rows = list(bill.rows())
    for start in range(0, len(rows), LINES_AT_ONCE):
        lines = rows[start : start + LINES_AT_ONCE]
        send(operator, "add_bill_lines", {"p_id": key, "p_line": start, "p_lines": lines})
        tell((start + len(lines)) / len(rows))
    done = {"p_id": key, "p_lines": len(rows), "p_replaces": replaces, "p_reason": reason}
    send(operator, "finish_bill", done, clears=READS)
    return key


def remove(operator: Operator, key: str, reason: str) -> None:
    send(operator, "remove_bill", {"p_id": key, "p_reason": reason}, clears=READS)


def match(operator: Operator, provider: str) -> None:
    """Look for calls by their ids again: those that were booked meanwhile."""
    send(operator, "match_bills", {"p_provider": provider}, clears=READS)


def name_model(operator: Operator, provider: str, billed: str, model: str, reason: str) -> None:
    """`billed`, a name on the bill, is our `model`; with an empty `model` it is none of ours."""
    parameters = {
        "p_provider": provider,
        "p_billed": billed,
        "p_model": model,
        "p_reason": reason,
    }
    send(operator, "set_bill_model", parameters, clears=READS)


def keep_mapping(operator: Operator, code: str, mapping: Mapping, reason: str) -> None:
    """Remember what the columns of files with this header mean."""
    parameters = {"p_code": code, "p_columns": mapping.to_json(), "p_reason": reason}
    send(operator, "set_bill_header", parameters, clears=(queries.read_bills,))
