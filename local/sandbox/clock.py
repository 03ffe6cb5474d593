"""A clock for webhook retries that can run faster than real time."""

import threading
import time
from datetime import UTC, datetime


class Clock:
    """Seconds since start, ``speed`` times as fast as the wall clock; speed may change any time."""

    def __init__(self, speed: float = 1.0):
        self._lock = threading.Lock()
        self._speed = speed
        self._reached, self._since = 0.0, time.monotonic()

    @property
    def speed(self) -> float:
        return self._speed

    @speed.setter
    def speed(self, speed: float) -> None:
        with self._lock:
            self._reached, self._since = self._read(), time.monotonic()
            self._speed = speed

    def now(self) -> float:
        with self._lock:
            return self._read()

    def _read(self) -> float:
        return self._reached + (time.monotonic() - self._since) * self._speed


def timestamp() -> str:
    """The current time in UTC, to the millisecond, as in Figma's events and responses."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
