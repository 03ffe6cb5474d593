"""An end for those who send a request's body byte by byte: gunicorn itself waits for ever.

The time for the header is gunicorn's ``keepalive``: it ends the wait for a request, however much of
its header has come by then.
"""

import errno
import time
from typing import Any, Protocol

import gevent


class Reader(Protocol):
    def read(self, size: int) -> bytes: ...


class TimedReader:
    """Reads a body for at most so many seconds in all, from the first read on.

    Then each read is as one from a connection that was reset: the application learns that the body
    is not complete, and gunicorn closes the connection.
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
    """For gunicorn's request, before the application sees it."""
    request.body.reader = TimedReader(request.body.reader, seconds)
