"""One connection to Postgres past supabase's API, for calls that somebody waits for: without the
API in between, a call takes a few milliseconds less."""

import threading
from typing import Any

import psycopg
from psycopg.conninfo import make_conninfo

from service.config import Settings
from service.store.sql_calls import refusal

# The SQLSTATE of a lost connection
# (https://www.postgresql.org/docs/current/errcodes-appendix.html).
CONNECTION_FAILURE = "08006"
CALL_SECONDS = 10
_CONNECT_SECONDS = 5
_TIMEOUT = f"statement_timeout = '{CALL_SECONDS}s'"


def direct_conninfo(settings: Settings, *, is_session: bool = False) -> str:
    """``is_session``: past the transaction pooler, if there is one."""
    pooler = None if is_session else settings.database_pooler_url
    return make_conninfo(
        (pooler or settings.database_url).get_secret_value(),
        application_name="figma-ai-buddy-web",
        connect_timeout=_CONNECT_SECONDS,
        # This notices a dead server.
        tcp_user_timeout=CALL_SECONDS * 1000,
        keepalives_idle=10,
        keepalives_interval=5,
        keepalives_count=2,
    )


class DirectConnection:
    """Thread-safe; one call after the other. Connects at the first call, and again after a failed
    one."""

    def __init__(self, settings: Settings):
        self._conninfo = direct_conninfo(settings)
        # A transaction pooler would give what is set for a session to others.
        self._is_pooled = settings.database_pooler_url is not None
        self._lock = threading.Lock()
        self._connection: psycopg.Connection | None = None
        self._is_closed = False

    def ask(self, function: str, statement: str, *values: Any) -> Any:
        """The one value of the one row that a statement gives. ``function`` is the SQL function
        that it calls, for errors.

        Raises Unavailable while the database is away. A statement whose answer was lost is sent
        once more.
        """
        with self._lock:
            if self._is_closed:
                raise refusal(function, CONNECTION_FAILURE, "closed")
            is_kept = self._connection is not None
            try:
                try:
                    return self._execute(statement, *values)
                except psycopg.OperationalError as error:
                    # The server may have closed a kept connection meanwhile.
                    if not is_kept or isinstance(error, psycopg.errors.QueryCanceled):
                        raise
                    return self._execute(statement, *values)
            except psycopg.Error as error:
                code = error.sqlstate or CONNECTION_FAILURE
                said = error.diag.message_primary or str(error)
                raise refusal(function, code, said, error.diag.message_detail) from error

    def close(self) -> None:
        """Close for good. A request that runs longer than its server must not open a new
        connection, which nobody would close."""
        with self._lock:
            self._is_closed = True
            self._disconnect()

    def _execute(self, statement: str, *values: Any) -> Any:
        try:
            if self._connection is None:
                # No prepared statements: a pooler between us and Postgres may not support them.
                self._connection = psycopg.connect(
                    self._conninfo, autocommit=True, prepare_threshold=None
                )
                if not self._is_pooled:
                    self._connection.execute(f"set {_TIMEOUT}")
            row = self._fetch(self._connection, statement, values)
        except (psycopg.DataError, psycopg.ProgrammingError, psycopg.IntegrityError):
            # Postgres refused what was asked, and the connection is as before.
            raise
        except BaseException:
            # The connection's state is unknown, so the next call gets a new one.
            self._disconnect()
            raise
        assert row is not None
        return row[0]

    def _fetch(self, connection: psycopg.Connection, statement: str, values: Any) -> Any:
        if not self._is_pooled:
            return connection.execute(statement, values).fetchone()
        with connection.transaction():
            connection.execute(f"set local {_TIMEOUT}")
            return connection.execute(statement, values).fetchone()

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
