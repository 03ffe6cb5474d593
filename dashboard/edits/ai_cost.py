"""Writes of the page AI cost."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from dashboard.auth import Operator
from dashboard.edits.sending import send
from dashboard.model_prices import Prices
from dashboard.queries import ai_cost, settings
from dashboard.queries.asking import cached


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
    parameters = ai_cost.repricing(provider, model, start, end, prices)
    return send(operator, "preview_repricing", parameters)


CLEARS = (
    ai_cost.read_costs,
    ai_cost.read_rows,
    ai_cost.read_hours,
    ai_cost.read_people,
    ai_cost.read_forecast,
    ai_cost.read_budgets,
    ai_cost.read_repricings,
    preview,
    settings.read_prices,
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
