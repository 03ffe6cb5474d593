"""Stores webhook deliveries over a connection to Postgres of its own: the service's one call past
supabase's API.

It is the call that every comment waits for. Without the API in between it takes a fifth less
processor time, and comments are still taken in while only the API is away.
"""

import threading
from collections.abc import Sequence
from typing import Any, TypedDict

import psycopg
from psycopg.conninfo import make_conninfo
from psycopg.types.json import Jsonb

from service.config import Settings
from service.store.answer_records import Recorded
from service.store.sql_calls import read_result, refusal

_FUNCTION = "record_events"
# What Postgres calls a lost connection (https://www.postgresql.org/docs/current/errcodes-appendix.html).
_CONNECTION_FAILURE = "08006"
CALL_SECONDS = 10
_CONNECT_SECONDS = 5


class NewEvent(TypedDict, total=False):
    """One delivery as ``record_events`` takes it; all but a comment has the first ten alone.
    ``outcome`` where it is plain already, else None."""

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
    """Thread-safe; connects with the first call. Group commit has one call in flight at a time, so
    one connection serves a process."""

    def __init__(self, settings: Settings):
        self._conninfo = make_conninfo(
            settings.database_url.get_secret_value(),
            application_name="figma-ai-buddy-web",
            connect_timeout=_CONNECT_SECONDS,
            # A server that vanished without a word.
            tcp_user_timeout=CALL_SECONDS * 1000,
            keepalives_idle=10,
            keepalives_interval=5,
            keepalives_count=2,
        )
        self._lock = threading.Lock()
        self._connection: psycopg.Connection | None = None
        self._is_closed = False

    def record_events(self, events: Sequence[NewEvent]) -> list[Recorded]:
        """Store deliveries and queue their jobs: one result for each, as the SQL function tells.

        Raises Unavailable while the database is away. Safe to call again.
        """
        results = self._ask(f"select public.{_FUNCTION}(%s)", Jsonb(list(events)))
        return [read_result(Recorded.from_json, _FUNCTION, each) for each in results]

    def ping(self) -> None:
        """Raises as ``record_events`` does."""
        self._ask("select 1")

    def close(self) -> None:
        """For good: a request that outlives its server opens no connection that nobody closes."""
        with self._lock:
            self._is_closed = True
            self._disconnect()

    def _ask(self, statement: str, *values: Any) -> Any:
        with self._lock:
            if self._is_closed:
                raise refusal(_FUNCTION, _CONNECTION_FAILURE, "closed")
            is_kept = self._connection is not None
            try:
                try:
                    return self._execute(statement, *values)
                except psycopg.OperationalError as error:
                    # A connection that was kept may have been closed by the server meanwhile.
                    if not is_kept or isinstance(error, psycopg.errors.QueryCanceled):
                        raise
                    return self._execute(statement, *values)
            except psycopg.Error as error:
                code = error.sqlstate or _CONNECTION_FAILURE
                raise refusal(_FUNCTION, code, str(error)) from error

    def _execute(self, statement: str, *values: Any) -> Any:
        try:
            if self._connection is None:
                # Not prepared: a pooler between us and Postgres need not know prepared statements.
                self._connection = psycopg.connect(
                    self._conninfo, autocommit=True, prepare_threshold=None
                )
                self._connection.execute(f"set statement_timeout = '{CALL_SECONDS}s'")
            row = self._connection.execute(statement, values).fetchone()
        except BaseException:
            # Whatever state it was left in: the next call gets a new one.
            self._disconnect()
            raise
        assert row is not None
        return row[0]

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
