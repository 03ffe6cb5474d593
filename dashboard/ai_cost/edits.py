"""Writes of the page AI cost."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from dashboard.access.auth import Operator
from dashboard.ai_cost import queries
from dashboard.data import price_rows
from dashboard.data.reads import cached
from dashboard.data.writes import send
from dashboard.parts.model_prices import Prices


@cached(ttl=300)
def preview(
    operator: Operator,
    provider: str,
    model: str,
    start: datetime,
    end: datetime,
    prices: Prices,
) -> dict[str, Any]:
    """Before and after per person; writes nothing. Raises Refused for a period or prices without
    sense, and where calls hold tokens of a kind without a price."""
    parameters = queries.repricing(provider, model, start, end, prices)
    return send(operator, "preview_repricing", parameters)


CLEARS = (
    queries.read_costs,
    queries.read_rows,
    queries.read_hours,
    queries.read_people,
    queries.read_forecast,
    price_rows.read_budgets,
    queries.read_repricings,
    preview,
    price_rows.read_prices,
)


def apply_repricing(
    operator: Operator,
    parameters: dict[str, Any],
    reason: str,
    on_batch: Callable[[dict[str, Any]], None] = lambda done: None,
) -> dict[str, Any]:
    """Write a re-pricing to its end, batch by batch; what it came to.

    `parameters`: those of `queries.ai_cost.repricing`, and p_key and p_seen. Each batch is one
    transaction, so one that is broken off can be continued with the same key.
    """
    while True:
        done = send(operator, "apply_repricing", parameters | {"p_reason": reason}, clears=CLEARS)
        on_batch(done)
        if done["finished"]:
            return done
