"""The records that SQL returns about webhooks: where somebody has switched the buddy on."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from service.figma.records import Context
from service.store.record import Record

GuestRule = Literal["invite", "owner_pays", "ignore"]
# Whether its owner looks at answers before they are posted: never, at the first one of each file,
# or at each.
WebhookPreview = Literal["off", "first", "always"]


@dataclass(frozen=True, slots=True)
class UserWebhook(Record):
    """A place where somebody has switched the buddy on, from ``private.webhook_json``. ``contact``:
    whether Figma has reached us for it."""

    id: str
    user_id: str
    figma_webhook_id: str | None
    context: Context
    context_id: str
    label: str
    state: Literal["creating", "active", "paused", "deleted"]
    guest_rule: GuestRule
    preview: WebhookPreview
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
    """One of all webhooks in a place."""

    owner_handle: str
    is_being_made: bool


@dataclass(frozen=True, slots=True)
class StartedWebhook(UserWebhook):
    """``is_mine``: this call made the row, it did not exist before."""

    is_mine: bool


@dataclass(frozen=True, slots=True)
class BeingMade(Record):
    """Somebody else is making a webhook in that place right now."""

    state: Literal["creating"]
    is_mine: bool


def read_started(body: Any) -> StartedWebhook | BeingMade:
    return StartedWebhook.from_json(body) if "id" in body else BeingMade.from_json(body)
