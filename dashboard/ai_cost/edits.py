"""Writes of the page AI cost."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dashboard.access.auth import Operator
from dashboard.ai_cost import queries
from dashboard.data import price_rows
from dashboard.data.reads import cached
from dashboard.data.writes import send_for
from dashboard.parts.model_prices import Prices


@dataclass(frozen=True)
class PersonChange:
    """What a re-pricing would change for one person."""

    name: str
    calls: int
    newly_priced: int
    before_microusd: int
    after_microusd: int
    change_microusd: int


@dataclass(frozen=True)
class Preview:
    """What a re-pricing would change: `calls`, and the unchanged calls by reason.

    `seen`: how many re-pricings of the model exist already.
    """

    calls: int
    reported: int
    no_tokens: int
    mixed: int
    other_tier: int
    unpriced_before: int
    unpriced_after: int
    before_microusd: int
    after_microusd: int
    seen: int
    people: list[PersonChange]


@dataclass(frozen=True)
class Progress:
    """How far a re-pricing is written, and its result so far."""

    finished: bool
    done_to: str
    amount_microusd: int


@cached(ttl=300)
def preview(
    operator: Operator,
    provider: str,
    model: str,
    start: datetime,
    end: datetime,
    prices: Prices,
) -> Preview:
    """Before and after per person; writes nothing.

    Raises Refused for an invalid period or invalid prices, and if calls have tokens of a kind
    without a price.
    """
    parameters = queries.repricing(provider, model, start, end, prices)
    return send_for(operator, "preview_repricing", Preview, parameters)


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
    on_batch: Callable[[Progress], None] = lambda done: None,
) -> Progress:
    """Write a whole re-pricing, batch by batch; return its result.

    `parameters`: those of `queries.repricing`, plus p_key and p_seen. Each batch is one
    transaction, so an interrupted re-pricing can be continued with the same key.
    """
    while True:
        told = parameters | {"p_reason": reason}
        done = send_for(operator, "apply_repricing", Progress, told, clears=CLEARS)
        on_batch(done)
        if done.finished:
            return done
