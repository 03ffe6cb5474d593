"""Figma's rate limits: a leaky bucket per person, plan of the resource, app and tier.

Numbers: https://developers.figma.com/docs/rest-api/rate-limits/ (in force since 2025-11-17).
"""

import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from local.sandbox.errors import FigmaError
from local.sandbox.people import Person, Plan

MINUTE, MONTH = 60.0, 30 * 86_400.0
LOW = {1: (20, MONTH), 2: (5, MINUTE), 3: (10, MINUTE)}
HIGH = {
    "pro": {1: (10, MINUTE), 2: (25, MINUTE), 3: (50, MINUTE)},
    "org": {1: (15, MINUTE), 2: (50, MINUTE), 3: (100, MINUTE)},
    "enterprise": {1: (20, MINUTE), 2: (100, MINUTE), 3: (150, MINUTE)},
}
TIERS = {"getFileNodes": 1, "getImages": 1, "getFileMeta": 3, "getMe": 3}


def tier_of(operation_id: str) -> int:
    """1 reads designs, 3 is light; comments, reactions and webhooks are 2."""
    return TIERS.get(operation_id, 2)


def kind_of(person: Person, plan: Plan) -> str:
    """``high`` for a Full or Dev seat in this same plan, unless it is a Starter plan."""
    has_seat = person.seats.get(plan.id) in ("full", "dev")
    return "high" if has_seat and plan.tier in HIGH else "low"


@dataclass
class Quota:
    """A quota set by hand: so many requests, then 429 until it is removed."""

    remaining: int
    retry_after: int


class RateLimits:
    """``take`` counts one request, or refuses it with Figma's 429 and its four headers."""

    def __init__(self, now: Callable[[], float] = time.monotonic):
        self.enabled = True
        self.quotas: dict[tuple[str, int], Quota] = {}
        self._levels: dict[tuple[str, str, str, int], tuple[float, float]] = {}
        self._lock = threading.Lock()
        self._now = now

    def reset(self) -> None:
        with self._lock:
            self.enabled = True
            self.quotas.clear()
            self._levels.clear()

    def take(self, person: Person, plan: Plan, app: str, tier: int) -> None:
        with self._lock:
            quota = self.quotas.get((person.id, tier))
            if quota is not None:
                if quota.remaining <= 0:
                    raise too_many(person, plan, quota.retry_after)
                quota.remaining -= 1
            elif self.enabled:
                self._pour(person, plan, app, tier)

    def _pour(self, person: Person, plan: Plan, app: str, tier: int) -> None:
        limits = HIGH[plan.tier] if kind_of(person, plan) == "high" else LOW
        size, period = limits[tier]
        key = (person.id, plan.id, app, tier)
        level, since = self._levels.get(key, (0.0, self._now()))
        now = self._now()
        level = max(0.0, level - (now - since) * size / period)
        if level + 1 > size + 1e-9:
            self._levels[key] = (level, now)
            raise too_many(person, plan, math.ceil((level + 1 - size) * period / size))
        self._levels[key] = (level + 1, now)


def too_many(person: Person, plan: Plan, retry_after: int) -> FigmaError:
    """Figma's 429; ``retry_after`` in seconds (days are possible)."""
    headers = {
        "Retry-After": str(retry_after),
        "X-Figma-Plan-Tier": plan.tier,
        "X-Figma-Rate-Limit-Type": kind_of(person, plan),
        "X-Figma-Upgrade-Link": "https://www.figma.com/pricing?api_paywall=true",
    }
    return FigmaError(429, "Rate limit exceeded", headers)
