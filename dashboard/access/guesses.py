"""Limits guesses of passwords and codes, without locking out who does not guess.

All operators may share one address, and a stranger may know an operator's e-mail address. So what
is tight counts an account *from one address*; what counts an address, or an account from anywhere,
is wide. A browser that was signed in to the account before is counted for itself alone: nobody else
can use its attempts up. Everything is kept in this process.
"""

import hashlib
import math
import threading
import time
from dataclasses import dataclass, field

from cachetools import TTLCache
from limits import RateLimitItem, parse_many
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

# Ever slower for who goes on.
TIGHT = parse_many("5/5 minutes; 15/hour; 40/day")
PER_ADDRESS = parse_many("120/hour")
PER_ACCOUNT = parse_many("60/hour")
KNOWN_DAYS = 30

Counted = tuple[RateLimitItem, tuple[str, ...]]


class TooManyGuesses(Exception):
    """Nothing was checked; the text says when it may be tried again."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"Too many attempts. Try again in {in_words(seconds)}.")


def in_words(seconds: float) -> str:
    """A waiting time, rounded up: "1 minute", "5 minutes", "3 hours"."""
    minutes = max(1, math.ceil(seconds / 60))
    if minutes < 120:
        return f"{minutes} minute{'s' if minutes > 1 else ''}"
    return f"{math.ceil(minutes / 60)} hours"


@dataclass(frozen=True)
class Guesser:
    """Whose account is tried, from which network, and in which browser (None: no cookies)."""

    account: str
    network: str
    visit: str | None


@dataclass
class Guesses:
    """The counters of one process. Thread-safe."""

    _storage: MemoryStorage = field(default_factory=MemoryStorage)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _known: TTLCache[tuple[str, str], bool] = field(
        default_factory=lambda: TTLCache(maxsize=10_000, ttl=KNOWN_DAYS * 86400)
    )

    def take(self, guesser: Guesser) -> None:
        """Count an attempt before it is made. Raises TooManyGuesses, then it is not counted."""
        limiter = FixedWindowRateLimiter(self._storage)
        with self._lock:
            counted = self._counted(guesser)
            full = [each for each in counted if not limiter.test(each[0], *each[1])]
            if full:
                ends = [limiter.get_window_stats(item, *names).reset_time for item, names in full]
                raise TooManyGuesses(max(ends) - time.time())
            for item, names in counted:
                limiter.hit(item, *names)

    def was_right(self, guesser: Guesser) -> None:
        """The attempt succeeded: it does not count, and its browser is known from now on."""
        with self._lock:
            for item, names in self._counted(guesser):
                self._storage.decr(item.key_for(*names))
            for item, names in self._tight(guesser):
                self._storage.clear(item.key_for(*names))
            if guesser.visit:
                self._known[_account(guesser), guesser.visit] = True

    def was_not_made(self, guesser: Guesser) -> None:
        """Nothing was learnt from the attempt, for instance while the service is away."""
        with self._lock:
            for item, names in self._counted(guesser):
                self._storage.decr(item.key_for(*names))

    def _counted(self, guesser: Guesser) -> list[Counted]:
        tight = self._tight(guesser)
        if self._is_known(guesser):
            return tight
        return [
            *tight,
            *((item, ("address", guesser.network)) for item in PER_ADDRESS),
            *((item, ("account", _account(guesser))) for item in PER_ACCOUNT),
        ]

    def _tight(self, guesser: Guesser) -> list[Counted]:
        own = ("browser", guesser.visit) if self._is_known(guesser) else ("from", guesser.network)
        return [(item, (_account(guesser), *map(str, own))) for item in TIGHT]

    def _is_known(self, guesser: Guesser) -> bool:
        return guesser.visit is not None and (_account(guesser), guesser.visit) in self._known


def _account(guesser: Guesser) -> str:
    """Of one length, whatever somebody types."""
    return hashlib.sha256(guesser.account.strip().lower().encode()).hexdigest()


guesses = Guesses()
