"""Webhooks and their deliveries over time, for the pages Webhooks and Reliability."""

from dataclasses import dataclass
from typing import Annotated

import pandas as pd

from dashboard.access.auth import Operator
from dashboard.data.reads import cached, call_one, call_table
from dashboard.data.view import View
from dashboard.results import Columns

WEBHOOKS = (
    "id", "owner", "label", "context", "context_id", "state", "guest_rule", "created_at",
    "last_event_at", "is_paused_by_operator", "is_silent", "longest_pause_seconds",
    "deliveries_7d", "answers_7d", "problems_7d", "unconfirmed", "last_unconfirmed_at",
    "paused_because",
)  # fmt: skip
WEBHOOKS_SHOWN = 300


@dataclass(frozen=True)
class Webhooks:
    """How many there are, by state, and the latest of them: columns WEBHOOKS."""

    total: int
    active: int
    paused: int
    silent: int
    rows: Annotated[
        pd.DataFrame, Columns(WEBHOOKS, ("created_at", "last_event_at", "last_unconfirmed_at"))
    ]


@cached(ttl=8)
def read_webhooks(
    operator: Operator,
    search: str = "",
    states: tuple[str, ...] = (),
    only_silent: bool = False,
) -> Webhooks:
    """SQL function `webhook_list`."""
    parameters = {
        "p_search": search,
        "p_states": list(states) or None,
        "p_only_silent": only_silent,
        "p_limit": WEBHOOKS_SHOWN,
    }
    return call_one(operator, "webhook_list", Webhooks, parameters)


DELIVERIES = ["at", "outcome", "deliveries", "redeliveries"]


@cached(ttl=30)
def read_deliveries(operator: Operator, view: View, webhook_id: str | None = None) -> pd.DataFrame:
    """Columns DELIVERIES, of one webhook or of all: SQL function `delivery_course`."""
    parameters = {**view.step_parameters(), "p_webhook_id": webhook_id}
    return call_table(operator, "delivery_course", DELIVERIES, parameters, ("at",))
