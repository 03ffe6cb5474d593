"""What the dead letter and webhook pages read."""

from typing import Any

import pandas as pd
from supabase import Client

from dashboard.auth import Operator
from dashboard.exports.writing import pages
from dashboard.queries.asking import ask, cached, call, frame

CAUSES = ["reason", "letters", "oldest_at", "newest_at"]
LETTERS = [
    "id", "received_at", "settled_at", "author_handle", "file_key", "file_name", "command",
    "reason", "failure_message", "run", "attempt", "plan_code", "spent_microusd", "request_id",
]  # fmt: skip
WEBHOOKS = [
    "id", "owner", "label", "context", "context_id", "state", "guest_rule", "created_at",
    "last_event_at", "is_paused_by_operator", "is_silent", "longest_pause_seconds",
    "deliveries_7d", "answers_7d", "problems_7d", "unconfirmed", "last_unconfirmed_at",
    "paused_because",
]  # fmt: skip
WEBHOOK_ROWS = [
    "owner", "label", "context", "context_id", "state", "guest_rule", "created_at",
    "last_event_at", "is_paused_by_operator", "is_silent",
]  # fmt: skip
DELIVERIES = [
    "received_at", "event_type", "outcome", "redelivered", "last_received_at", "answer_id",
    "request_id",
]  # fmt: skip
LETTERS_SHOWN = 200
DELIVERIES_SHOWN = 100
WEBHOOKS_SHOWN = 300
PAGE = 1000


@cached(ttl=8)
def read_causes(operator: Operator) -> pd.DataFrame:
    """Columns CAUSES, most letters first: SQL function `dead_letter_causes`."""
    rows = call(operator, "dead_letter_causes", {})
    return frame(rows, CAUSES, times=("oldest_at", "newest_at"))


@cached(ttl=8)
def read_letters(operator: Operator, reasons: tuple[str, ...] = ()) -> pd.DataFrame:
    """Columns LETTERS, newest first, at most LETTERS_SHOWN: SQL function `dead_letters`."""
    parameters = {"p_reasons": list(reasons) or None, "p_limit": LETTERS_SHOWN}
    rows = call(operator, "dead_letters", parameters)
    return frame(rows, LETTERS, times=("received_at", "settled_at"))


@cached(ttl=8)
def read_plan(operator: Operator, answer_ids: tuple[str, ...]) -> list[dict[str, Any]]:
    """What a replay of each answer would do: SQL function `plan_replay`."""
    plans: list[dict[str, Any]] = call(operator, "plan_replay", {"p_answer_ids": list(answer_ids)})
    return plans


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


@cached(ttl=8)
def read_webhook_rows(
    operator: Operator, states: tuple[str, ...] = (), only_silent: bool = False
) -> pd.DataFrame:
    """Columns WEBHOOK_ROWS of all that are counted, however many: SQL function `webhook_rows`."""

    def read(after: str) -> list[dict[str, Any]]:
        parameters = {
            "p_states": list(states) or None,
            "p_only_silent": only_silent,
            "p_after": after,
            "p_limit": PAGE,
        }
        page: list[dict[str, Any]] = call(operator, "webhook_rows", parameters)
        return page

    rows = list(pages(read, lambda row: row["key"], ""))
    return frame(rows, WEBHOOK_ROWS, times=("created_at", "last_event_at"))


@cached(ttl=8)
def read_deliveries(operator: Operator, webhook_id: str) -> pd.DataFrame:
    """Columns DELIVERIES of one webhook, newest first, at most DELIVERIES_SHOWN."""

    def question(client: Client) -> Any:
        query = client.table("webhook_deliveries").select(",".join(DELIVERIES))
        query = query.eq("webhook_id", webhook_id).order("received_at", desc=True)
        return query.limit(DELIVERIES_SHOWN).execute().data

    rows = ask(operator.sign_in, question)
    return frame(rows, DELIVERIES, times=("received_at", "last_received_at"))
