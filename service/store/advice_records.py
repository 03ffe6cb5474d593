"""The records that SQL returns about later looks at the threads of answers."""

from dataclasses import dataclass
from datetime import datetime

from service.store.answer_records import FigmaSeat, Readers
from service.store.record import Record


@dataclass(frozen=True, slots=True)
class Finding(Record):
    """A problem that an answer told of. Whatever its value is later, it is the same finding."""

    rule: str
    cause: str


@dataclass(frozen=True, slots=True)
class DueAnswer(Record):
    """An answer whose thread is to be looked at again. ``round``: 1 or 7 days after the reply.
    ``scope`` is that of the facts measured then."""

    answer_id: str
    round: int
    node_id: str | None
    root_comment_id: str
    reply_comment_id: str
    replied_at: datetime
    context_user_id: str | None
    context_version: int
    author_is_connected: bool
    scope: str
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class DueFile(Record):
    """A file and what is due in it. ``may_measure``: frames may be read too, where an account is
    known to have many calls: ``figma_seats`` and ``design_reads`` as of a job."""

    file_key: str
    due: tuple[DueAnswer, ...]
    may_measure: bool
    readers: Readers | None
    figma_seats: tuple[FigmaSeat, ...]
    design_reads: int


@dataclass(frozen=True, slots=True)
class Tended(Record):
    """How many answers began to be followed, and of how many a new word was counted."""

    followed: int
    rated: int
    is_more: bool
