"""Waiting for the end of analyses: one LISTEN connection for a whole web process.

A notification can be lost while the connection is. So every few seconds all that are waited for are
looked up together, in one call. A request that waits costs no call of its own.
"""

import contextlib
import threading
import time
from collections.abc import Callable

import psycopg
import structlog
from cachetools import TTLCache

from service.config import Settings
from service.errors import ServiceError
from service.store.direct_connection import direct_conninfo

CHANNEL = "analysis_ended"
POLL_SECONDS = 3.0
# How soon a listener notices that its process ends.
_TURN_SECONDS = 0.5
RECONNECT_SECONDS = 1.0
# A notification may be faster than the answer of the call that asked for the analysis.
_LATELY_SECONDS = 60
_MOST = 10_000

log = structlog.get_logger(__name__)


class Endings:
    """Thread-safe. Listens from the first wait on. ``ended_of`` says which of these ids are over,
    and raises ServiceError while the database is away."""

    def __init__(self, settings: Settings, ended_of: Callable[[list[str]], list[str]]):
        self._conninfo = direct_conninfo(settings, is_session=True)
        self._ended_of = ended_of
        self._lock = threading.Lock()
        self._waiting: dict[str, list[threading.Event]] = {}
        self._lately: TTLCache[str, bool] = TTLCache(_MOST, _LATELY_SECONDS)
        self._listener: threading.Thread | None = None
        self._is_closed = threading.Event()

    def wait(self, analysis_id: str, seconds: float) -> bool:
        """Wait until the analysis has ended. False if it has not within this time."""
        ended = threading.Event()
        with self._lock:
            if analysis_id in self._lately:
                return True
            self._waiting.setdefault(analysis_id, []).append(ended)
            if self._listener is None:
                self._listener = threading.Thread(target=self._listen, name="endings", daemon=True)
                self._listener.start()
        try:
            return ended.wait(seconds)
        finally:
            with self._lock:
                left = self._waiting.get(analysis_id, [])
                if ended in left:
                    left.remove(ended)
                if not left:
                    self._waiting.pop(analysis_id, None)

    def close(self) -> None:
        """Stop listening. Nobody may wait after that."""
        self._is_closed.set()
        if self._listener is not None:
            self._listener.join(2 * POLL_SECONDS)

    def _listen(self) -> None:
        while not self._is_closed.is_set():
            try:
                self._listen_once()
            except psycopg.Error as error:
                # psycopg's text may name hosts and users, so only the type is logged.
                log.warning("endings_not_heard", error=type(error).__name__)
                self._poll()
                self._is_closed.wait(RECONNECT_SECONDS)

    def _listen_once(self) -> None:
        with psycopg.connect(self._conninfo, autocommit=True) as connection:
            connection.execute(f"listen {CHANNEL}")
            while not self._is_closed.is_set():
                # What ended before the LISTEN, or was lost, is found by the poll.
                self._poll()
                again_at = time.monotonic() + POLL_SECONDS
                while time.monotonic() < again_at and not self._is_closed.is_set():
                    for told in connection.notifies(timeout=_TURN_SECONDS):
                        self._tell(told.payload)

    def _poll(self) -> None:
        with self._lock:
            waiting = list(self._waiting)
        with contextlib.suppress(ServiceError):
            for analysis_id in self._ended_of(waiting) if waiting else []:
                self._tell(analysis_id)

    def _tell(self, analysis_id: str) -> None:
        with self._lock:
            self._lately[analysis_id] = True
            for event in self._waiting.pop(analysis_id, []):
                event.set()
