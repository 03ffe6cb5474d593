"""Writes of the page Reliability."""

from decimal import Decimal

from dashboard.access.auth import Operator
from dashboard.data.writes import send
from dashboard.reliability import queries


def set_target(
    operator: Operator, code: str, percent: float, threshold_ms: int | None, reason: str
) -> None:
    """Change an objective (answered, in_time); only in_time has a limit. Raises Refused."""
    # In binary 99.9 / 100 is not 0.999: compute with the decimals as typed.
    target = Decimal(str(round(percent, 3))) / 100
    parameters = {
        "p_code": code,
        "p_target": str(target),
        "p_threshold_ms": threshold_ms,
        "p_reason": reason,
    }
    clears = (queries.read_objectives, queries.read_budget)
    send(operator, "set_reliability_target", parameters, clears=clears)
