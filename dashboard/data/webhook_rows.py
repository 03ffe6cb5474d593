"""Webhooks and their deliveries over time, as the pages Webhooks and Reliability read them."""

import pandas as pd

from dashboard.access.auth import Operator
from dashboard.data.reads import cached, call, frame
from dashboard.data.view import View

WEBHOOKS = [
    "id", "owner", "label", "context", "context_id", "state", "guest_rule", "created_at",
    "last_event_at", "is_paused_by_operator", "is_silent", "longest_pause_seconds",
    "deliveries_7d", "answers_7d", "problems_7d", "unconfirmed", "last_unconfirmed_at",
    "paused_because",
]  # fmt: skip
WEBHOOKS_SHOWN = 300


@cached(ttl=8)
def read_webhooks(
    operator: Operator,
    search: str = "",
    states: tuple[str, ...] = (),
    only_silent: bool = False,
) -> tuple[dict[str, int], pd.DataFrame]:
    """(total, active, paused, silent) and columns WEBHOOKS: SQL function `webhook_list`."""
    parameters = {
        "p_search": search,
        "p_states": list(states) or None,
        "p_only_silent": only_silent,
        "p_limit": WEBHOOKS_SHOWN,
    }
    found = call(operator, "webhook_list", parameters)
    rows = frame(
        found.pop("rows"), WEBHOOKS, times=("created_at", "last_event_at", "last_unconfirmed_at")
    )
    return found, rows


DELIVERIES = ["at", "outcome", "deliveries", "redeliveries"]


@cached(ttl=30)
def read_deliveries(operator: Operator, view: View, webhook_id: str | None = None) -> pd.DataFrame:
    """Columns DELIVERIES, of one webhook or of all: SQL function `delivery_course`."""
    parameters = {**view.step_parameters(), "p_webhook_id": webhook_id}
    return frame(call(operator, "delivery_course", parameters), DELIVERIES, times=("at",))
