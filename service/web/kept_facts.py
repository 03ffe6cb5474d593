"""What the public pages read of the database, kept for a moment in each process: whoever loads them
again and again asks it nothing more."""

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

from service.errors import ServiceError

T = TypeVar("T")


class KeptFact(Generic[T]):
    """The last answer of ``read``, at most ``seconds`` old. While the database is away it is tried
    again after a few seconds, and the last answer is given with ``is_away``."""

    RETRY_SECONDS = 5.0

    def __init__(self, read: Callable[[], T], seconds: float):
        self._read, self._seconds = read, seconds
        self._lock = threading.Lock()
        self._next = 0.0
        self._last: T | None = None
        self._is_away = False

    def get(self) -> tuple[T | None, bool]:
        """(what is known; None if nothing ever was, whether the database is away)."""
        with self._lock:
            if time.monotonic() >= self._next:
                try:
                    self._last, self._is_away = self._read(), False
                    self._next = time.monotonic() + self._seconds
                except ServiceError:
                    self._is_away = True
                    self._next = time.monotonic() + self.RETRY_SECONDS
            return self._last, self._is_away
