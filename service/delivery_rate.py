"""How many deliveries one webhook may bring: whoever knows its passcode can write them by hand."""

from limits import parse
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter


class DeliveryRate:
    """Counted in this process alone: no delivery waits for others to be counted.

    ``rate`` as in the package limits, such as "600/minute".
    """

    def __init__(self, rate: str):
        self._rate = parse(rate)
        self._limiter = FixedWindowRateLimiter(MemoryStorage())

    def allows(self, webhook_id: str) -> bool:
        """Count one delivery of a webhook; False when it has brought too many."""
        return self._limiter.hit(self._rate, webhook_id)
