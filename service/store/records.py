"""What SQL tells of people, their webhooks, plans and secrets, of settings and alerts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from service.figma.records import Context
from service.store.reading import Record

GuestRule = Literal["invite", "owner_pays", "ignore"]


def or_empty(value: str | None) -> str:
    return value or ""


# People


@dataclass(frozen=True, slots=True)
class SignedIn(Record):
    user_id: str
    is_new: bool


@dataclass(frozen=True, slots=True)
class KnownSession(Record):
    """A session that holds, and whose it is."""

    session_id: str
    kind: Literal["browser", "plugin"]
    user_id: str
    figma_user_id: str
    handle: str
    email: str | None
    image_url: str | None
    state: str


@dataclass(frozen=True, slots=True)
class OpenSession(Record):
    """One of a person's sessions. ``ends_at``: if it is not used again."""

    id: str
    kind: Literal["browser", "plugin"]
    label: str
    created_at: datetime
    last_used_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class User(Record):
    user_id: str
    figma_user_id: str
    handle: str
    email: str | None
    image_url: str | None
    state: Literal["active", "suspended"]
    first_seen_at: datetime


@dataclass(frozen=True, slots=True)
class Usage(Record):
    """A plan and what is left of it, in uses. Without a limit ``limit`` and ``left`` are None;
    ``resets_at`` is when the count starts again, None for never."""

    plan_code: str
    plan_name: str
    limit: int | None
    is_unlimited: bool
    used: int
    reserved: int
    left: int | None
    resets_at: datetime | None


@dataclass(frozen=True, slots=True)
class Flags(Record):
    """What is switched on for a team."""

    design_reading: bool
    model_answers: bool
    model_choice: bool
    guest_invitations: bool


@dataclass(frozen=True, slots=True)
class SavedContext(Record):
    """The guidance in force, and the model asked for."""

    version: int
    updated_at: datetime
    instructions: str
    tone: str
    brand: str
    design_system_rules: str
    language: str
    focus_areas: tuple[str, ...]
    model: str
    shared_with_guests: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ContextVersion(Record):
    """The same as it was in one version, which may be older than a field."""

    version: int
    instructions: str = ""
    tone: str = ""
    brand: str = ""
    design_system_rules: str = ""
    language: str = ""
    focus_areas: tuple[str, ...] = ()
    model: str = ""
    shared_with_guests: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LatestAnswer(Record):
    """One of the last answers that a person asked for or paid."""

    id: str
    file_key: str
    file_name: str
    question: str
    command: str | None
    state: str
    decision: str | None
    reason: str
    failure_message: str
    received_at: datetime
    settled_at: datetime | None
    root_comment_id: str
    reply_comment_id: str | None
    context_version: int | None
    reply: str | None
    is_withdrawn: bool


# Webhooks


@dataclass(frozen=True, slots=True)
class UserWebhook(Record):
    """Where somebody has switched the buddy on, from ``private.webhook_json``. ``contact``: whether
    Figma has reached us for it."""

    id: str
    user_id: str
    figma_webhook_id: str | None
    context: Context
    context_id: str
    label: str
    state: Literal["creating", "active", "paused", "deleted"]
    guest_rule: GuestRule
    created_at: datetime
    confirmed_at: datetime | None
    last_event_at: datetime | None
    is_paused_by_operator: bool
    paused_because: Literal["operator", "unconfirmed_deliveries"] | None
    contact: Literal["heard", "waiting", "none"]


@dataclass(frozen=True, slots=True)
class FoundWebhook(UserWebhook):
    """With the passcode that its deliveries carry."""

    passcode_encrypted: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class PlacedWebhook(UserWebhook):
    """One of all those in a place."""

    owner_handle: str
    is_being_made: bool


@dataclass(frozen=True, slots=True)
class StartedWebhook(UserWebhook):
    """``is_mine``: the row was made by this call, and not found."""

    is_mine: bool


@dataclass(frozen=True, slots=True)
class BeingMade(Record):
    """Somebody else makes one in that place right now."""

    state: Literal["creating"]
    is_mine: bool


def read_started(body: Any) -> StartedWebhook | BeingMade:
    return StartedWebhook.from_json(body) if "id" in body else BeingMade.from_json(body)


@dataclass(frozen=True, slots=True)
class Account(Record):
    """All that the account page shows. ``waiting_for_sign_in`` counts questions."""

    user: User
    usage: Usage
    flags: Flags
    context: SavedContext
    webhooks: tuple[UserWebhook, ...]
    waiting_for_sign_in: int
    needs_sign_in: bool
    answers: tuple[LatestAnswer, ...]


# Secrets, all of them encrypted


@dataclass(frozen=True, slots=True)
class StoredToken(Record):
    """A person's connection to Figma. ``version`` counts its renewals."""

    user_id: str
    access_token_encrypted: str = field(repr=False)
    expires_at: datetime
    version: int
    is_revoked: bool


@dataclass(frozen=True, slots=True)
class FigmaTokenRow(StoredToken):
    figma_user_id: str
    scopes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ActingToken(FigmaTokenRow):
    """One that may act for an answer: the webhook's owner's, or the author's."""

    is_owner: bool | None


@dataclass(frozen=True, slots=True)
class TokenClaim(Record):
    """Who may renew a token now. Without a token all but the outcome is None."""

    outcome: Literal["claimed", "fresh", "busy", "revoked"]
    version: int | None
    access_token_encrypted: str | None = field(repr=False)
    refresh_token_encrypted: str | None = field(repr=False)
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class TokenSecrets(Record):
    user_id: str
    version: int
    access_token_encrypted: str = field(repr=False)
    refresh_token_encrypted: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class PasscodeSecret(Record):
    webhook_id: str
    user_id: str
    state: str
    passcode_encrypted: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ChannelSeal(Record):
    channel_id: str
    sealed: str = field(repr=False)


# Departures


@dataclass(frozen=True, slots=True)
class DepartingWebhook(Record):
    id: str
    figma_webhook_id: str
    tries: int


@dataclass(frozen=True, slots=True)
class Departing(Record):
    """What somebody has left to be removed at Figma, and with which connection."""

    token: StoredToken | None
    webhooks: tuple[DepartingWebhook, ...]


# Settings, prices, limits and upkeep


@dataclass(frozen=True, slots=True)
class ChosenSettings(Record):
    """What founders have set; None for what is as the environment says."""

    triggers: tuple[str, ...] | None = None
    guest_rule: GuestRule | None = None
    answers_per_minute: int | None = None
    loop_breaker_replies: int | None = None
    loop_breaker_window_seconds: int | None = None
    author_replies_per_day: int | None = None
    unbilled_microusd_per_day: int | None = None
    job_attempts: int | None = None
    model_cost_ceiling_microusd: int | None = None


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
    """How often so far, and for how long they are counted on."""

    hits: int
    seconds_left: float


@dataclass(frozen=True, slots=True)
class QueueStatus(Record):
    """How many answers wait and are worked at; ``oldest_seconds`` is how long the oldest does."""

    queued: int
    working: int
    deferred: int
    dead_letters: int
    oldest_seconds: float
    workers: int
    figma_limits: int


@dataclass(frozen=True, slots=True)
class Purged(Record):
    """How many rows of each kind are gone. ``is_more``: some are left."""

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


# Alerts


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


@dataclass(frozen=True, slots=True)
class Alert(Record):
    """``at`` and ``ended_at`` as receivers get them."""

    id: str
    kind: str
    title: str
    detail: str
    at: str
    ended_at: str | None


@dataclass(frozen=True, slots=True)
class AlertDelivery(Record):
    """One attempt to bring an alert to a channel, which nobody else makes meanwhile."""

    go: Literal[True]
    id: str
    attempt: int
    channel_id: str
    channel_kind: str
    sealed: str | None = field(repr=False)
    alert: Alert


@dataclass(frozen=True, slots=True)
class HeldDelivery(Record):
    """Not now: another is at it for so long; None where there is nothing to do."""

    go: Literal[False]
    wait_seconds: float | None


def read_delivery(body: Any) -> AlertDelivery | HeldDelivery:
    return AlertDelivery.from_json(body) if body["go"] else HeldDelivery.from_json(body)
