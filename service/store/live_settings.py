"""Settings that founders change while the service runs: from the database, else from the
environment.

The web process reads them at most every other second, and not for each delivery. Workers read them
beside their jobs. While the database is away, the last values stay in force.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any, Protocol

import structlog

from service.config import Settings
from service.errors import ServiceError
from service.figma.addressing import Addressing
from service.store.upkeep_records import ChosenSettings

# How old the values of the web process may be. After that one thread reads again, and the others go
# on with the old values.
FRESH_SECONDS = 2.0
# If they are older than this, after a quiet time, all threads wait for that read.
STALE_SECONDS = 6.0
# The same two limits while the database is away, so that few deliveries wait for a failing read.
AWAY_SECONDS = 5.0
QUIET_SECONDS = 60.0

log = structlog.get_logger(__name__)


class ReadsSettings(Protocol):
    def live_settings(self) -> ChosenSettings: ...


@dataclass(frozen=True)
class LiveValues:
    """The values in force. Ranges are checked in SQL (``private.check_setting``)."""

    triggers: tuple[str, ...]
    guest_rule: str
    answers_per_minute: int
    loop_breaker_replies: int
    loop_breaker_window_seconds: int
    author_replies_per_day: int
    unbilled_microusd_per_day: int
    job_attempts: int
    model_cost_ceiling_microusd: int
    models_off: tuple[str, ...]
    service_microusd_per_day: int

    @cached_property
    def addressing(self) -> Addressing:
        return Addressing(self.triggers)


def defaults_of(settings: Settings) -> LiveValues:
    """The values from the environment."""
    return LiveValues(
        triggers=settings.buddy_triggers,
        guest_rule=settings.guest_rule,
        answers_per_minute=settings.answers_per_minute,
        loop_breaker_replies=settings.loop_breaker_replies,
        loop_breaker_window_seconds=settings.loop_breaker_window_seconds,
        author_replies_per_day=settings.author_replies_per_day,
        unbilled_microusd_per_day=settings.unbilled_microusd_per_day,
        job_attempts=settings.job_attempts,
        model_cost_ceiling_microusd=settings.model_cost_ceiling_microusd,
        models_off=settings.models_off,
        service_microusd_per_day=settings.service_microusd_per_day,
    )


def defaults_json(settings: Settings) -> dict[str, Any]:
    """The environment's values, for the dashboard."""
    values = defaults_of(settings)
    told = {field.name: getattr(values, field.name) for field in fields(values)}
    return told | {"triggers": list(values.triggers), "models_off": list(values.models_off)}


class LiveSettings:
    """Thread-safe; one per process.

    ``hasty`` reads the same as ``database`` with a shorter timeout, because deliveries wait for it.
    """

    def __init__(
        self,
        settings: Settings,
        database: ReadsSettings,
        hasty: ReadsSettings | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
    ):
        self._database = database
        self._hasty = hasty or database
        self._clock = clock
        self._defaults = defaults_of(settings)
        self._values = self._defaults
        self._looked_at = float("-inf")
        self._is_away = False
        self._was_read = False
        self._reading = threading.Lock()

    @property
    def values(self) -> LiveValues:
        """The last values read; makes no call."""
        return self._values

    def current(self) -> LiveValues:
        """The values, at most ``STALE_SECONDS`` old as long as the database answers."""
        if self._is_fresh():
            return self._values
        patience = QUIET_SECONDS if self._is_away else STALE_SECONDS
        if self._reading.acquire(blocking=self._age() >= patience):
            try:
                # A thread that waited for this read need not read again.
                if not self._is_fresh():
                    # The first read may be slow: it must not be replaced by the environment's
                    # values.
                    self._read(self._hasty if self._was_read else self._database)
            finally:
                self._reading.release()
        return self._values

    def _is_fresh(self) -> bool:
        return self._age() < (AWAY_SECONDS if self._is_away else FRESH_SECONDS)

    def _age(self) -> float:
        """Seconds since the last read, successful or not."""
        return self._clock() - self._looked_at

    def refresh(self) -> LiveValues:
        """Read now. Blocks; never raises."""
        with self._reading:
            self._read(self._database)
        return self._values

    def _read(self, database: ReadsSettings) -> None:
        try:
            values = self._merge(database.live_settings())
        except ServiceError as error:
            # Logged once per outage, because this runs every other second.
            if not self._is_away:
                log.warning("settings_not_read", reason=error.code)
            self._is_away = True
        else:
            self._is_away, self._was_read = False, True
            if values != self._values:
                # Unchanged values are kept, and with them their compiled triggers.
                self._values = values
                log.info("settings_in_force", **self._set_by_hand(values))
        self._looked_at = self._clock()

    def _merge(self, chosen: ChosenSettings) -> LiveValues:
        names = (field.name for field in fields(LiveValues))
        by_hand = {name: value for name in names if (value := getattr(chosen, name)) is not None}
        return replace(self._defaults, **by_hand)

    def _set_by_hand(self, values: LiveValues) -> dict[str, Any]:
        return {
            field.name: getattr(values, field.name)
            for field in fields(values)
            if getattr(values, field.name) != getattr(self._defaults, field.name)
        }
