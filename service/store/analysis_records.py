"""The records that SQL returns about analyses: how one stands, a worker's job, batches, limits."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from service.store.answer_records import BookedUsage
from service.store.people_records import Flags, Usage
from service.store.record import Record

Source = Literal["model", "measured"]


@dataclass(frozen=True, slots=True)
class LimitWindow(Record):
    """A person's window after a request. ``seconds``: until it counts anew or, where the request
    was refused, until there is room again."""

    is_allowed: bool
    left: int
    seconds: int


@dataclass(frozen=True, slots=True)
class Standing(Record):
    """How an analysis stands, from ``private.analysis_standing``.

    ``leader_id`` is the analysis that is worked on: its own id, or that of an equal one. ``result``
    has canonical positions, and ``refs`` makes them the asker's. ``request`` and ``house_rules``
    are there where there is no result to show: it can be measured again, by the asker's
    design-system rules.
    """

    id: str
    type: str
    leader_id: str
    state: Literal["queued", "working", "done", "refused", "failed", "cancelled"]
    source: Source | None
    reason: str
    is_cached: bool
    is_charged: bool
    refs: Any
    result: Any
    request: Any
    provider: str
    model: str
    usage: Usage
    house_rules: str | None = None
    window: LimitWindow | None = None


@dataclass(frozen=True, slots=True)
class OverLimit(Record):
    """The request was refused: there are too many of this person's."""

    state: Literal["limited"]
    window: LimitWindow


@dataclass(frozen=True, slots=True)
class Measuring(Record):
    """A measuring without words was counted, or refused."""

    window: LimitWindow
    usage: Usage
    house_rules: str


@dataclass(frozen=True, slots=True)
class PlacedBatch(Record):
    """``known``: its key was used before, for the same body if ``is_same``."""

    state: Literal["begun", "known", "limited"]
    id: str | None
    window: LimitWindow | None
    is_same: bool


@dataclass(frozen=True, slots=True)
class Batch(Record):
    id: str
    is_cancelled: bool
    items: tuple[Standing, ...]


@dataclass(frozen=True, slots=True)
class AnalysisOver(Record):
    """There is nothing to do for a worker."""

    is_over: Literal[True]
    state: str


@dataclass(frozen=True, slots=True)
class AnalysisTask(Record):
    """All that an attempt at an analysis needs to know. ``request`` is None once its asker has
    deleted the account."""

    is_over: Literal[False]
    state: str
    id: str
    user_id: str
    request: Any
    run: int
    attempt: int
    failures: int
    excused: int
    received_at: datetime
    queued_at: datetime
    context_version: int
    kept_usage: BookedUsage | None
    request_id: str
    trace_parent: str
    flags: Flags


@dataclass(frozen=True, slots=True)
class IgnoredFinding(Record):
    fingerprint: str
    rule: str
    reason: str
    element_name: str
    ignored_at: datetime


def read_requested(body: Any) -> Standing | OverLimit:
    return OverLimit.from_json(body) if body["state"] == "limited" else Standing.from_json(body)


def read_task(body: Any) -> AnalysisTask | AnalysisOver:
    return AnalysisOver.from_json(body) if body["is_over"] else AnalysisTask.from_json(body)
