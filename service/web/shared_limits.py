"""Rate limits counted in the database, for all web processes together.

``limits`` has storages for Redis and others, but none for Postgres. This storage is a single SQL
function, ``count_hits``. If a process knows that a limit is used up, it refuses without a database
call. So refused requests cost the database nothing. While the database is away, each process counts
for itself: limits still hold, and nobody gets a 500.
"""

import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any, Protocol

import structlog
from cachetools import TTLCache
from flask import request
from limits.storage import MemoryStorage, Storage

from service.errors import ServiceError
from service.store.upkeep_records import Hits

SCHEME = "service-database"
# After a failed call the database is not called for this time.
AWAY_SECONDS = 5
# One household or machine has all of an IPv6 /64: https://www.rfc-editor.org/rfc/rfc6177
NETWORK_BITS = 64
MAX_USED_UP = 20_000
LONGEST_SECONDS = 86_400
# An address as some proxies write it, with the client's port.
_WITH_PORT = re.compile(r"(\d+\.\d+\.\d+\.\d+):\d+|\[([^]]+)\](?::\d+)?")

log = structlog.get_logger(__name__)


class CountsHits(Protocol):
    def count_hits(self, key_hash: str, seconds: int, amount: int) -> Hits: ...


@dataclass(frozen=True)
class Window:
    """The hits so far, and when the window ends by the monotonic clock."""

    hits: int
    ends_at: float


class SharedCounts(Storage):
    """A storage for ``limits``. Thread-safe. The database gets only ``keyed_hash`` of each key,
    because keys contain people's addresses."""

    STORAGE_SCHEME = [SCHEME]  # noqa: RUF012 the library's own form

    def __init__(
        self,
        uri: str | None = None,
        *,
        database: CountsHits,
        keyed_hash: Callable[[str], str],
        clock: Callable[[], float] = time.monotonic,
        **options: Any,
    ):
        super().__init__(uri, **options)
        self._database = database
        self._keyed_hash = keyed_hash
        self._clock = clock
        self._lock = threading.Lock()
        self._used_up: TTLCache[str, Window] = TTLCache(MAX_USED_UP, LONGEST_SECONDS, clock)
        self._here = MemoryStorage()
        self._ask_after = float("-inf")

    @property
    def base_exceptions(self) -> type[Exception]:
        return ServiceError

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        window = self._remembered(key)
        if window is None:
            window = self._ask(key, expiry, amount)
            return window.hits if window else self._here.incr(key, expiry, amount)
        return window.hits + amount

    def get(self, key: str) -> int:
        window = self._remembered(key) or self._ask(key, 0, 0)
        return window.hits if window else self._here.get(key)

    def get_expiry(self, key: str) -> float:
        window = self._remembered(key) or self._ask(key, 0, 0)
        if window is None:
            return self._here.get_expiry(key)
        return time.time() + max(0, window.ends_at - self._clock())

    def check(self) -> bool:
        return self._ask("", 0, 0) is not None

    def reset(self) -> int | None:
        raise NotImplementedError("The database forgets counts by itself when they are over.")

    def clear(self, key: str) -> None:
        raise NotImplementedError("The database forgets counts by itself when they are over.")

    def _remembered(self, key: str) -> Window | None:
        """The window of a used-up limit; None if it is not known or has ended."""
        with self._lock:
            window = self._used_up.get(key)
            if window is not None and window.ends_at <= self._clock():
                del self._used_up[key]
                return None
        return window

    def _ask(self, key: str, seconds: int, amount: int) -> Window | None:
        """None while the database is away."""
        if self._clock() < self._ask_after:
            return None
        try:
            told = self._database.count_hits(self._keyed_hash(f"limit:{key}"), seconds, amount)
        except ServiceError as error:
            self._ask_after = self._clock() + AWAY_SECONDS
            log.warning("limits_counted_by_each_process", reason=error.code)
            return None
        window = Window(told.hits, self._clock() + told.seconds_left)
        if key and window.hits >= _limit_of(key):
            with self._lock:
                self._used_up[key] = window
        return window


def _limit_of(key: str) -> int:
    """``limits`` puts the limit at the end of each key: "…/60/1/minute"."""
    return int(key.rsplit("/", 3)[1])


def client_key() -> str:
    """The key under which a request without a session is counted."""
    return network_of(request.remote_addr or "")


def network_of(address: str) -> str:
    """An IPv4 address unchanged, for IPv6 its /64. Anything else is returned unchanged."""
    found = _WITH_PORT.fullmatch(address)
    plain = (found[1] or found[2]) if found else address
    try:
        ip = ip_address(plain.partition("%")[0])
    except ValueError:
        return address
    if not isinstance(ip, IPv6Address):
        return str(ip)
    if ip.ipv4_mapped is not None:
        return str(ip.ipv4_mapped)
    return str(ip_network((ip, NETWORK_BITS), strict=False))
