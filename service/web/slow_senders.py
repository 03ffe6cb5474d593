"""A time limit for clients that send a request's body byte by byte: gunicorn itself has none.

The time limit for the header is gunicorn's ``keepalive``: it ends the wait for a request, even if a
part of its header has arrived.
"""

import errno
import time
from typing import Any, Protocol

import gevent


class Reader(Protocol):
    def read(self, size: int) -> bytes: ...


class TimedReader:
    """Reads a body for at most ``seconds`` in total, counted from the first read.

    After that each read fails like one on a connection that was reset. So the application learns
    that the body is incomplete, and gunicorn closes the connection.
    """

    def __init__(self, reader: Reader, seconds: float):
        self._reader = reader
        self._seconds = seconds
        self._ends_at: float | None = None

    def read(self, size: int) -> bytes:
        now = time.monotonic()
        if self._ends_at is None:
            self._ends_at = now + self._seconds
        too_slow = ConnectionResetError(errno.ECONNRESET, "The body did not arrive in time")
        if now >= self._ends_at:
            raise too_slow
        with gevent.Timeout(self._ends_at - now, too_slow):
            return self._reader.read(size)


def limit_body(request: Any, seconds: float) -> None:
    """Applied to gunicorn's request, before the application sees it."""
    request.body.reader = TimedReader(request.body.reader, seconds)
