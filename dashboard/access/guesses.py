"""Limits guesses of passwords and codes, without locking out people who do not guess.

All operators may share one address, and a stranger may know an operator's e-mail address. So the
tight limit counts an account *from one address*. The limits per address, and per account from
anywhere, are wide. A browser that was signed in to the account before has a counter of its own:
nobody else can use up its attempts. All counters are kept in this process.
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

# Three windows: the longer somebody keeps guessing, the fewer guesses per hour they get.
TIGHT = parse_many("5/5 minutes; 15/hour; 40/day")
PER_ADDRESS = parse_many("120/hour")
PER_ACCOUNT = parse_many("60/hour")
KNOWN_DAYS = 30

Counted = tuple[RateLimitItem, tuple[str, ...]]


class TooManyGuesses(Exception):
    """Nothing was checked. The message says when to try again."""

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
    """The account that is tried, the network, and the browser (`visit` is None: no cookies)."""

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
        """Count an attempt before it is made. If it raises TooManyGuesses, it counted nothing."""
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
        """The attempt succeeded: take it back, and remember its browser as known."""
        with self._lock:
            for item, names in self._counted(guesser):
                self._storage.decr(item.key_for(*names))
            for item, names in self._tight(guesser):
                self._storage.clear(item.key_for(*names))
            if guesser.visit:
                self._known[_account(guesser), guesser.visit] = True

    def was_not_made(self, guesser: Guesser) -> None:
        """The attempt revealed nothing, for instance because the service is down: take it back."""
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
    """A hash, so that the key has the same length whatever somebody types."""
    return hashlib.sha256(guesser.account.strip().lower().encode()).hexdigest()


guesses = Guesses()
