"""Reads of the page Webhooks."""

from typing import Any

import pandas as pd
from supabase import Client

from dashboard import results
from dashboard.access.auth import Operator
from dashboard.data.reads import ask, cached, call_pages

WEBHOOK_ROWS = [
    "owner", "label", "context", "context_id", "state", "guest_rule", "created_at",
    "last_event_at", "is_paused_by_operator", "is_silent",
]  # fmt: skip
DELIVERIES = [
    "received_at", "event_type", "outcome", "redelivered", "last_received_at", "answer_id",
    "request_id",
]  # fmt: skip
DELIVERIES_SHOWN = 100
PAGE = 1000


@cached(ttl=8)
def read_webhook_rows(
    operator: Operator, states: tuple[str, ...] = (), only_silent: bool = False
) -> pd.DataFrame:
    """Columns WEBHOOK_ROWS, one row per counted webhook, no limit: SQL function `webhook_rows`."""
    parameters = {"p_states": list(states) or None, "p_only_silent": only_silent}
    times = ("created_at", "last_event_at")
    return call_pages(operator, "webhook_rows", WEBHOOK_ROWS, parameters, PAGE, times)


@cached(ttl=8)
def read_deliveries(operator: Operator, webhook_id: str) -> pd.DataFrame:
    """Columns DELIVERIES of one webhook, newest first, at most DELIVERIES_SHOWN."""

    def question(client: Client) -> Any:
        query = client.table("webhook_deliveries").select(",".join(DELIVERIES))
        query = query.eq("webhook_id", webhook_id).order("received_at", desc=True)
        return query.limit(DELIVERIES_SHOWN).execute().data

    rows = ask(operator.sign_in, question)
    times = ("received_at", "last_received_at")
    return results.read_table(rows, DELIVERIES, "webhook_deliveries", times)
