"""The records that SQL returns about rehearsals of a guidance."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from service.store.people_records import Flags
from service.store.record import Record

# The most that the model calls of one rehearsal may cost: 20 questions with a model of middle price
# cost a tenth. As in public.operator_start_rehearsal.
CEILING_MICROUSD = 500_000

RehearsalState = Literal["queued", "working", "done"]
RehearsedState = Literal["waiting", "asking", "done", "failed"]
RehearsalSource = Literal["model", "measured"]


@dataclass(frozen=True, slots=True)
class RehearsalOffer(Record):
    """How many rehearsals are left in these 24 hours, and what each of the latest questions cost to
    answer, latest first, in micro-dollars; None: no cost is known."""

    left: int
    costs_microusd: tuple[int | None, ...]

    @property
    def questions(self) -> int:
        return len(self.costs_microusd)

    def cost_of(self, questions: int) -> int | None:
        """What so many would cost, by what they cost before; None if that is not known."""
        costs = self.costs_microusd[:questions]
        known = [each for each in costs if each is not None]
        return sum(known) if known and len(known) == len(costs) else None


@dataclass(frozen=True, slots=True)
class RehearsedAnswer(Record):
    """One question: what was said, and what would be said. ``said_version`` is the version of the
    context of then. ``cost_microusd`` None: not known, or not yet."""

    number: int
    answer_id: str
    state: RehearsedState
    code: str
    question: str
    asked_at: datetime
    file_name: str
    said: str
    said_version: int
    said_model: str
    would_say: str
    source: RehearsalSource | None
    provider: str
    model: str
    cost_microusd: int | None
    latency_ms: int


@dataclass(frozen=True, slots=True)
class Rehearsal(Record):
    """A rehearsal as its asker sees it. ``unpriced``: answers whose cost is not known."""

    id: str
    state: RehearsalState
    created_at: datetime
    ended_at: datetime | None
    ceiling_microusd: int
    cost_microusd: int
    unpriced: int
    answers: tuple[RehearsedAnswer, ...]


@dataclass(frozen=True, slots=True)
class RehearsalQuestion(Record):
    """A question that waits, with what was measured for its answer. ``id``: its key in the
    ledger. ``flags``: as they are for its file."""

    id: str
    number: int
    question: str
    author_handle: str
    file_name: str
    node_id: str | None
    design_state: str
    facts: Mapping[str, Any] | None
    flags: Flags


@dataclass(frozen=True, slots=True)
class RehearsalTask(Record):
    """What a worker needs for its attempt at a rehearsal."""

    id: str
    is_over: bool
    attempt: int
    content: Mapping[str, Any]
    request_id: str
    flags: Flags
    questions: tuple[RehearsalQuestion, ...]


@dataclass(frozen=True, slots=True)
class TakenQuestion(Record):
    """``is_mine`` false: another attempt has taken over. ``left_microusd`` may still be spent."""

    is_mine: bool
    left_microusd: int
