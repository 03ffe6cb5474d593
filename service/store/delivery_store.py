"""Stores webhook deliveries over its own connection to Postgres, past supabase's API.

Every comment waits for this call. Without the API in between it takes a fifth less CPU time, and
comments are still accepted while only the API is down.
"""

from collections.abc import Sequence
from typing import Any, TypedDict

from psycopg.types.json import Jsonb

from service.config import Settings
from service.store.answer_records import Recorded
from service.store.direct_connection import DirectConnection
from service.store.sql_calls import read_result

_FUNCTION = "record_events"


class NewEvent(TypedDict, total=False):
    """One delivery as ``record_events`` takes it. An event that is not a comment has only the first
    ten keys. ``outcome``: the outcome if it is known already, else None."""

    webhook_id: str
    figma_webhook_id: str
    payload: Any
    request_id: str
    trace_parent: str
    event_type: str
    event_key: str
    is_addressed: bool
    mention_ids: list[str]
    outcome: str | None
    file_key: str
    file_name: str
    comment_id: str
    root_comment_id: str
    author_figma_id: str
    asked_at: str
    mentions: list[dict[str, str]]


class DeliveryStore:
    """Thread-safe; connects at the first call. Group commit has only one call in flight at a time,
    so one connection is enough for a process."""

    def __init__(self, settings: Settings):
        self._direct = DirectConnection(settings)

    def record_events(self, events: Sequence[NewEvent]) -> list[Recorded]:
        """Store deliveries and queue their jobs. Returns one result for each from the SQL function.

        Raises Unavailable while the database is away. Safe to call again.
        """
        statement = f"select public.{_FUNCTION}(%s)"
        results = self._direct.ask(_FUNCTION, statement, Jsonb(list(events)))
        return [read_result(Recorded.from_json, _FUNCTION, each) for each in results]

    def ping(self) -> None:
        """Raises as ``record_events`` does."""
        self._direct.ask(_FUNCTION, "select 1")

    def close(self) -> None:
        self._direct.close()
