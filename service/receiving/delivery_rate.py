"""How many deliveries one webhook may send: anyone who knows its passcode can write them."""

import time
from collections.abc import Callable

from cachetools import LRUCache
from limits import parse

MAX_WEBHOOKS = 20_000


class DeliveryRate:
    """Counted only in this process, and without a lock, so that no delivery waits for another. A
    miscount of one or two is harmless. The in-memory storage of the package limits is not used: it
    starts a thread for each hit, which takes longer than all the rest of a delivery.

    ``rate`` has the format of that package, such as "600/minute".
    """

    def __init__(self, rate: str, *, clock: Callable[[], float] = time.monotonic):
        item = parse(rate)
        self._most, self._seconds = item.amount, item.get_expiry()
        self._clock = clock
        self._windows: LRUCache[str, list[float]] = LRUCache(MAX_WEBHOOKS)

    def allows(self, webhook_id: str) -> bool:
        """Count one delivery of a webhook. False if it has sent too many."""
        now = self._clock()
        window = self._windows.get(webhook_id)
        if window is None or now >= window[0]:
            window = self._windows[webhook_id] = [now + self._seconds, 0]
        window[1] += 1
        return window[1] <= self._most
