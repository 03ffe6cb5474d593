"""What SQL tells a worker of one answer: its job, where to look for its comment, and how each step
ended."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, TypedDict

from service.figma.addressing import Command, Mention
from service.store.people_records import Flags, Usage
from service.store.record import Record
from service.store.secret_records import ActingToken

Decision = Literal["answer", "command", "refuse", "invite", "ignore"]
# Of one delivery as many are read.
_MAX_MENTIONS = 20


def _or_empty(value: str | None) -> str:
    return value or ""


def _read_claims(claims: Any) -> tuple[tuple[Mention, ...], ...]:
    return tuple([_read_mentions(each) for each in claims])


def _read_mentions(claimed: object) -> tuple[Mention, ...]:
    """A claim is whatever a stranger wrote: what is no mention is left out."""
    found = claimed if isinstance(claimed, list) else []
    return tuple(
        Mention(each["id"], each["handle"])
        for each in found[:_MAX_MENTIONS]
        if isinstance(each, dict)
        and isinstance(each.get("id"), str)
        and isinstance(each.get("handle"), str)
    )


@dataclass(frozen=True, slots=True)
class Look(Record):
    """Where a comment is to be found, and what its deliveries claim. ``since``: when it arrived, or
    was replayed. From ``private.look_of``, also through a job of the queue.

    ``mentions`` has one list for each delivery that claims something else. They tell picked names
    from typed ones, which Figma's API does not: a mention of a person called "Buddy Holly" is no
    call.
    """

    webhook_id: str = field(metadata={"read": _or_empty})
    context: str = field(metadata={"read": _or_empty})
    file_key: str
    comment_id: str
    root_comment_id: str
    received_at: datetime
    since: datetime
    request_id: str
    trace_parent: str
    mentions: tuple[tuple[Mention, ...], ...] = field(metadata={"read": _read_claims})


@dataclass(frozen=True, slots=True)
class Closed(Record):
    """Nothing to do: the answer is over, or, with ``look``, Figma has to be asked before."""

    decision: Literal["done"]
    state: str
    reason: str
    look: Look | None = None


@dataclass(frozen=True, slots=True)
class FigmaLimit(Record):
    """A quota that Figma said is used up, for one account in one file."""

    figma_user_id: str
    file_key: str
    tier: int
    limited_until: datetime
    plan_tier: str
    limit_type: str
    upgrade_link: str
    refusals: int = 1
    updated_at: str = ""


class BookedUsage(TypedDict, total=False):
    """What an answer used, as it is booked and as drafts keep it, maybe those of an older version.

    Of calls that may have been billed and say nothing of it there is ``unknown_calls`` alone, with
    their state. Costs in micro-dollars, None where they are not known; times in milliseconds.
    """

    unknown_calls: int
    provider: str
    model: str
    input_tokens: int
    cached_input_tokens: int
    output_tokens: int
    reasoning_tokens: int
    cache_write_tokens: int
    token_classes: dict[str, int]
    service_tier: str
    cost_microusd: int | None
    cost_state: str
    price_name: str
    model_latency_ms: int
    figma_latency_ms: int
    fallbacks: int
    attempts: list[dict[str, Any]]
    prompt_version: str
    node_id: str | None
    design_state: str
    facts: dict[str, Any] | None
    guidance: list[str]


class DraftJson(TypedDict):
    """A draft as ``start_posting`` keeps it."""

    body: str
    text: str
    decision: str
    reason: str
    run: int
    usage: BookedUsage
    links: list[str]
    about: BookedUsage


class ReplyJson(TypedDict):
    """The posted reply, as ``settle_answer`` takes it."""

    comment_id: str
    created_at: str | None


@dataclass(frozen=True, slots=True)
class StoredDraft(Record):
    """What an earlier attempt left. Of a failed one, that may be what a model has cost alone; of a
    dead letter ``usage`` is gone and ``about`` stays."""

    run: int
    attempt: int | None = None
    body: str = ""
    text: str = ""
    decision: str = ""
    reason: str = ""
    usage: BookedUsage | None = None
    about: BookedUsage | None = None
    links: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Job(Record):
    """All that an attempt at an answer needs to know, from ``private.answer_job``."""

    id: str
    decision: Decision
    state: str
    reason: str
    run: int
    attempt: int
    failures: int
    excused: int
    file_key: str
    file_name: str
    comment_id: str
    root_comment_id: str
    author_figma_id: str
    author_handle: str
    question: str
    command: Command | None
    asked_at: str | None
    received_at: datetime
    decided_at: datetime
    request_id: str
    trace_parent: str
    draft: StoredDraft | None
    notice_comment_id: str | None
    context_user_id: str | None
    context_version: int | None
    payer_id: str | None
    author_is_connected: bool
    usage: Usage | None
    flags: Flags
    replies_in_thread: int
    is_muted: bool
    thread_is_told: bool
    tokens: tuple[ActingToken, ...]
    figma_limits: tuple[FigmaLimit, ...]


@dataclass(frozen=True, slots=True)
class Readers(Record):
    """Who may read a file on account of a webhook. ``is_covered``: whether Figma says that it
    speaks for the file; None where that is not known."""

    file_key: str
    state: str
    figma_webhook_id: str | None
    is_covered: bool | None
    tokens: tuple[ActingToken, ...]
    figma_limits: tuple[FigmaLimit, ...]


@dataclass(frozen=True, slots=True)
class ClosedLook(Record):
    """``closed``: the answer is over. ``is_paused``: and so is its webhook, for now."""

    closed: bool
    is_paused: bool | None


@dataclass(frozen=True, slots=True)
class Window(Record):
    """Whether this attempt may post now, and what it waits for another's window to end."""

    may_post: bool
    wait_ms: int
    is_muted: bool = False


@dataclass(frozen=True, slots=True)
class Settled(Record):
    state: str
    reply_comment_id: str | None


@dataclass(frozen=True, slots=True)
class StepRefusal(Record):
    """Why a step was not taken, by its SQLSTATE."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Recorded(Record):
    """What became of one delivery. ``detail`` is the SQLSTATE of one that cannot be stored."""

    outcome: str
    answer_id: str | None = None
    delivery_id: int | None = None
    is_redelivery: bool = False
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Recovered(Record):
    """How many jobs and answers nobody was at any more."""

    jobs: int
    answers: int


def read_begun(body: Any) -> Job | Closed:
    return Closed.from_json(body) if body["decision"] == "done" else Job.from_json(body)
