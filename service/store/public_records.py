"""The records of what anybody may know: how the service is, and what it costs."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from service.store.record import Record

Component = Literal["comments", "analyses", "builds", "sign_in"]
State = Literal["ok", "degraded", "down"]
Level = Literal["ok", "degraded", "down", "none"]


@dataclass(frozen=True, slots=True)
class StatusDay(Record):
    """``none``: nobody used it, or it is not known."""

    day: str
    level: Level

    @property
    def date(self) -> date:
        return date.fromisoformat(self.day)


@dataclass(frozen=True, slots=True)
class ComponentStatus(Record):
    code: Component
    state: State
    days: tuple[StatusDay, ...]


@dataclass(frozen=True, slots=True)
class Incident(Record):
    """A time that the watch over the service raised an alarm. ``is_build``: about components."""

    kind: Literal["error_budget", "no_worker", "queue_stuck"]
    is_build: bool
    at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class PublicStatus(Record):
    at: datetime
    components: tuple[ComponentStatus, ...]
    incidents: tuple[Incident, ...]


@dataclass(frozen=True, slots=True)
class PublicPlan(Record):
    """A plan of the price list. Prices in millionths of a dollar."""

    code: str
    name: str
    price_microusd: int
    per: Literal["user", "seat"]
    uses: int
    period: Literal["lifetime", "month"]
    is_unlimited: bool
    overage_microusd: int
