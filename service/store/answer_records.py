"""The records that SQL returns to a worker about one answer: its job, where to look for its
comment, and how each step ended."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, TypedDict

from service.figma.addressing import Command, Mention
from service.store.people_records import Flags, Usage
from service.store.record import Record
from service.store.secret_records import ActingToken

# What becomes of a draft: its webhook's owner looks first, has not decided yet, or has.
Preview = Literal["ask", "waiting", "post", "drop", "expired"]
Decision = Literal["answer", "command", "refuse", "invite", "ignore"]
# At most this many are read from one delivery.
_MAX_MENTIONS = 20


def _or_empty(value: str | None) -> str:
    return value or ""


def _read_claims(claims: Any) -> tuple[tuple[Mention, ...], ...]:
    return tuple([_read_mentions(each) for each in claims])


def _read_mentions(claimed: object) -> tuple[Mention, ...]:
    """Strangers can write claims, so anything that is not a mention is left out."""
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
    """Where to find a comment, and what its deliveries claim. ``since``: when it arrived, or was
    replayed. It comes from ``private.look_of``, also through a job of the queue.

    ``mentions`` has one list for each delivery with different claims. Claims tell picked names from
    typed ones, which Figma's API does not: a mention of a person called "Buddy Holly" does not call
    the buddy.
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
    """Nothing to do: the answer is closed. Or, with ``look``, Figma has to be asked first."""

    decision: Literal["done"]
    state: str
    reason: str
    look: Look | None = None


@dataclass(frozen=True, slots=True)
class FigmaLimit(Record):
    """A rate limit that Figma reported, for one account in one file."""

    figma_user_id: str
    file_key: str
    tier: int
    limited_until: datetime
    plan_tier: str
    limit_type: str
    upgrade_link: str
    refusals: int = 1
    updated_at: str = ""


@dataclass(frozen=True, slots=True)
class FigmaSeat(Record):
    """What Figma said of an account's quota in a file when it last refused a call."""

    figma_user_id: str
    limit_type: str
    plan_tier: str


class TraceJson(TypedDict, total=False):
    """What an attempt sent to models and what it took. ``rules`` is the hash of the first message,
    ``prompt`` the second one, ``followed`` what came after an answer. ``steps``: {step, ms since
    the attempt began}."""

    rules: str
    prompt: str
    followed: list[dict[str, str]] | None
    saw_picture: bool
    calls: list[dict[str, Any]]
    steps: list[dict[str, Any]]


class BookedUsage(TypedDict, total=False):
    """What an answer used, as it is booked and as drafts keep it. A draft may come from an older
    version.

    Calls that may have been billed, but whose usage is unknown, are only counted in
    ``unknown_calls``, with their state. Costs are in micro-dollars, None if unknown; times are in
    milliseconds.
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
    # Each call that was billed, or may have been.
    calls: list[dict[str, Any]]
    prompt_version: str
    node_id: str | None
    design_state: str
    facts: dict[str, Any] | None
    guidance: list[str]
    grounding: str | None
    # No use is taken: no model could be asked for a reason of ours, or none may be.
    is_free: bool
    # Of one that is free: model_sharing, or left out where the day's spend is reached.
    free_reason: str
    # Of a call for a pipeline: what it may have cost at most.
    most_microusd: int
    # Told where an attempt ends without a draft, and never kept with the usage.
    trace: TraceJson


class DraftJson(TypedDict, total=False):
    """A draft as ``start_posting`` keeps it."""

    body: str
    text: str
    decision: str
    reason: str
    run: int
    usage: BookedUsage
    links: list[str]
    # Not kept in the draft, but in a row of its own.
    trace: TraceJson


class ReplyJson(TypedDict):
    """The posted reply, as ``settle_answer`` takes it."""

    comment_id: str
    created_at: str | None


@dataclass(frozen=True, slots=True)
class StoredDraft(Record):
    """What an earlier attempt stored. A failed attempt may have stored only the cost of its model
    calls. In a dead letter ``usage`` is gone, and ``about`` is the part of it that is no cost."""

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
    """All that an attempt at an answer needs to know, from ``private.answer_job``. ``ignored`` are
    the fingerprints of findings that the payer's team ignores in this file. ``design_reads``: how
    many designs of the file were read in 28 days, by whichever account, at most 100."""

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
    ignored: tuple[str, ...]
    figma_seats: tuple[FigmaSeat, ...]
    design_reads: int
    preview: Preview | None = None


@dataclass(frozen=True, slots=True)
class WaitingDraft(Record):
    """A drafted reply that waits for the owner of its webhook, ``until`` at most."""

    answer_id: str
    author_handle: str
    question: str
    file_key: str
    file_name: str
    root_comment_id: str
    body: str
    links: tuple[str, ...]
    asked_at: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class WaitingMail(Record):
    """An owner who is to be told that ``drafts`` wait, the first of them ``until`` at most."""

    email: str = field(repr=False)
    drafts: int
    until: datetime


@dataclass(frozen=True, slots=True)
class Readers(Record):
    """Who may read a file for a webhook. ``is_covered``: whether Figma says that the webhook speaks
    for the file; None if that is not known."""

    file_key: str
    state: str
    figma_webhook_id: str | None
    is_covered: bool | None
    tokens: tuple[ActingToken, ...]
    figma_limits: tuple[FigmaLimit, ...]


@dataclass(frozen=True, slots=True)
class ClosedLook(Record):
    """``closed``: the answer is closed. ``is_paused``: its webhook is paused too."""

    closed: bool
    is_paused: bool | None


@dataclass(frozen=True, slots=True)
class Window(Record):
    """Whether this attempt may post now, and how long another attempt's window lasts."""

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
    """What became of one delivery. ``detail``: the SQLSTATE if it cannot be stored."""

    outcome: str
    answer_id: str | None = None
    delivery_id: int | None = None
    is_redelivery: bool = False
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Recovered(Record):
    """How many abandoned jobs, answers, analyses and rehearsals were recovered."""

    jobs: int
    answers: int
    analyses: int = 0
    rehearsals: int = 0


def read_begun(body: Any) -> Job | Closed:
    return Closed.from_json(body) if body["decision"] == "done" else Job.from_json(body)
