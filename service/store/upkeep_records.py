"""The other records from SQL: settings, prices, limits, the queue's state and alerts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from service.alert_sentences import alert_words
from service.store.record import Record
from service.store.webhook_records import GuestRule


@dataclass(frozen=True, slots=True)
class ChosenSettings(Record):
    """What founders have set. None: the environment's value is in force."""

    triggers: tuple[str, ...] | None = None
    guest_rule: GuestRule | None = None
    answers_per_minute: int | None = None
    loop_breaker_replies: int | None = None
    loop_breaker_window_seconds: int | None = None
    author_replies_per_day: int | None = None
    unbilled_microusd_per_day: int | None = None
    job_attempts: int | None = None
    model_cost_ceiling_microusd: int | None = None
    models_off: tuple[str, ...] | None = None
    service_microusd_per_day: int | None = None


@dataclass(frozen=True, slots=True)
class ModelPrice(Record):
    """A price set by hand, in micro-dollars per million tokens."""

    id: int
    provider: str
    model: str
    valid_from: datetime
    valid_to: datetime | None
    input_microusd_per_million: int
    cached_input_microusd_per_million: int | None
    output_microusd_per_million: int
    source: str
    created_at: datetime
    cache_write_microusd_per_million: int | None
    class_microusd_per_million: Mapping[str, int]
    service_tier: str


@dataclass(frozen=True, slots=True)
class Hits(Record):
    """The hits so far, and the seconds until the count restarts."""

    hits: int
    seconds_left: float


@dataclass(frozen=True, slots=True)
class QueueStatus(Record):
    """How many answers wait or are in work. ``oldest_seconds``: the time of the oldest one.
    ``builds_…``: stages that are for builders."""

    queued: int
    working: int
    deferred: int
    dead_letters: int
    oldest_seconds: float
    workers: int
    figma_limits: int
    builds_waiting: int
    builds_working: int
    builds_oldest_seconds: float
    builders: int


@dataclass(frozen=True, slots=True)
class Purged(Record):
    """How many rows of each kind were deleted. ``is_more``: some are left."""

    deliveries: int
    sessions: int
    windows: int
    handovers: int
    quotas: int
    samples: int
    hours: int
    refusals: int
    files: int
    limits: int
    spending: int
    days: int
    alerts: int
    payloads: int
    is_more: bool
    analyses: int = 0
    batches: int = 0
    claims: int = 0
    counters: int = 0
    outcomes: int = 0
    ends: int = 0
    end_days: int = 0
    time_days: int = 0
    rule_days: int = 0
    limited: int = 0
    pipelines: int = 0
    runs: int = 0
    built: int = 0
    measures: int = 0
    built_days: int = 0
    measure_days: int = 0
    rehearsals: int = 0
    calls: int = 0
    uploads: int = 0
    traces: int = 0
    analysis_traces: int = 0
    reservations: int = 0
    stops: int = 0
    advice: int = 0
    advice_hours: int = 0
    advice_days: int = 0
    context_days: int = 0
    thumbs: int = 0
    renewals: int = 0
    facts: int = 0


@dataclass(frozen=True, slots=True)
class TendedPartition(Record):
    """``did``: prepared, made, dropped, gave_up (an attempt to make partitions that nobody went on
    with), or empty. ``removed``: about how many rows went with what was dropped."""

    did: str
    name: str
    removed: int
    is_more: bool


@dataclass(frozen=True, slots=True)
class ReservedSpend(Record):
    """Whether model calls may begin, within what all models may cost today."""

    is_granted: bool
    left_microusd: int


@dataclass(frozen=True, slots=True)
class BudgetReached(Record):
    """``threshold`` in percent."""

    scope: str
    threshold: int
    spent_microusd: int
    monthly_microusd: int


@dataclass(frozen=True, slots=True)
class RaisedAlert(Record):
    kind: str
    title: str
    parameters: Mapping[str, Any] | None

    @property
    def headline(self) -> str:
        return alert_words(self.kind, self.parameters, self.title, "")[0]


@dataclass(frozen=True, slots=True)
class Alert(Record):
    """``at`` and ``ended_at`` are in the form that receivers get."""

    id: str
    kind: str
    title: str
    detail: str
    parameters: Mapping[str, Any] | None
    at: str
    ended_at: str | None

    @property
    def words(self) -> tuple[str, str]:
        """Title and detail for people."""
        return alert_words(self.kind, self.parameters, self.title, self.detail)

    @property
    def occurrence(self) -> tuple[str, str]:
        """Id and kind of what it is about: of an alert that is over, that alert's."""
        over = (self.parameters or {}).get("over") if self.kind == "recovered" else None
        return (over["id"], over["kind"]) if over else (self.id, self.kind)


@dataclass(frozen=True, slots=True)
class AlertDelivery(Record):
    """One attempt to deliver an alert to a channel. Nobody else makes one meanwhile."""

    go: Literal[True]
    id: str
    attempt: int
    channel_id: str
    channel_kind: str
    sealed: str | None = field(repr=False)
    alert: Alert


@dataclass(frozen=True, slots=True)
class HeldDelivery(Record):
    """Not now: another attempt holds it for ``wait_seconds``. None if there is nothing to do."""

    go: Literal[False]
    wait_seconds: float | None


def read_delivery(body: Any) -> AlertDelivery | HeldDelivery:
    return AlertDelivery.from_json(body) if body["go"] else HeldDelivery.from_json(body)


@dataclass(frozen=True, slots=True)
class Canary(Record):
    """A designer of the watch over isolation, and the session that was opened for them."""

    user_id: str
    session_id: str


@dataclass(frozen=True, slots=True)
class IsolationRun(Record):
    """A run of the watch that has begun, with its two designers."""

    id: int
    people: tuple[Canary, ...]


@dataclass(frozen=True, slots=True)
class IsolationRows(Record):
    """All rows of one such designer, to be compared; ``sessions`` is their number."""

    user: dict[str, Any] | None
    context: dict[str, Any] | None
    versions: list[dict[str, Any]] | None
    sessions: int
