"""A circuit breaker for concurrent calls in one event loop.

After ``threshold`` failures in a row a provider is skipped for a cool-down time. Then exactly one
call probes it. The libraries that were tried (pybreaker, asyncbreaker, purgatory) let all waiting
calls through when half open. With hundreds of open calls, that is no probe.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

MAX_COOL_DOWN_SECONDS = 600.0


@dataclass(frozen=True)
class Permit:
    """Permission for one call. Return it with ``succeed``, ``fail``, ``trip`` or ``abandon``."""

    round: int
    is_probe: bool


class Breaker:
    """Closed, open until a time, or open with one running probe."""

    def __init__(
        self,
        threshold: int = 5,
        cool_down_seconds: float = 30.0,
        clock: Callable[[], float] = time.monotonic,
    ):
        self.threshold = threshold
        self.cool_down_seconds = cool_down_seconds
        self._clock = clock
        self._failures = 0
        self._open_until: float | None = None
        self._probe: Permit | None = None
        self._round = 0

    @property
    def is_open(self) -> bool:
        return self._open_until is not None

    def acquire(self) -> Permit | None:
        """A permit, or None while the provider must not be called."""
        if self._open_until is None:
            return Permit(self._round, is_probe=False)
        if self._probe is not None or self._clock() < self._open_until:
            return None
        self._probe = Permit(self._round, is_probe=True)
        return self._probe

    def succeed(self, permit: Permit) -> None:
        """The provider answered. Only the probe closes an open circuit, not an earlier call."""
        if permit is self._probe:
            self._open_until = self._probe = None
            self._round += 1
        if self._open_until is None and permit.round == self._round:
            self._failures = 0

    def fail(self, permit: Permit, retry_after: float = 0.0) -> None:
        """The provider failed. ``retry_after``: the seconds it asked for, at most ten minutes."""
        if permit is self._probe:
            self._open(retry_after)
        elif self._open_until is None and permit.round == self._round:
            self._failures += 1
            if self._failures >= self.threshold:
                self._open(retry_after)

    def trip(self, permit: Permit, retry_after: float = 0.0) -> bool:
        """Open at once, for a failure that the next call would get too.

        False if an earlier call had already opened it.
        """
        if permit is self._probe or (self._open_until is None and permit.round == self._round):
            self._open(retry_after)
            return True
        return False

    def abandon(self, permit: Permit) -> None:
        """The call says nothing about the provider (cancelled, or refused for its content)."""
        if permit is self._probe:
            self._probe = None

    def _open(self, retry_after: float) -> None:
        pause = max(self.cool_down_seconds, min(retry_after, MAX_COOL_DOWN_SECONDS))
        self._open_until = self._clock() + pause
        self._failures = 0
        self._probe = None
        self._round += 1
