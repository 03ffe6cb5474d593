"""The records that SQL returns about people: sessions, plans, guidance, the account page."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from service.model_sharing import ModelSharing
from service.store.record import Record
from service.store.webhook_records import UserWebhook


@dataclass(frozen=True, slots=True)
class SignedIn(Record):
    user_id: str
    is_new: bool


@dataclass(frozen=True, slots=True)
class KnownSession(Record):
    """A valid session, and its user."""

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
    """One of a person's sessions. ``ends_at``: when it ends if it is not used again."""

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
    """A plan and what is left of it, in uses. Without a limit, ``limit`` and ``left`` are None.
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
    """What is switched on for a team. ``model_sharing`` is what it lets out to providers of models;
    what it does not is off in the flags too."""

    design_reading: bool
    model_answers: bool
    model_choice: bool
    guest_invitations: bool
    design_pictures: bool = False
    pipelines: bool = True
    model_sharing: ModelSharing = "texts_and_pictures"


@dataclass(frozen=True, slots=True)
class SavedContext(Record):
    """The guidance in force, and the chosen model."""

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
    """The same fields in one version. The version may be older than a field."""

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
    """One of the latest answers that a person asked for or paid for."""

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


@dataclass(frozen=True, slots=True)
class Sharing(Record):
    """What may leave for providers of models. ``is_team``: it is chosen for the whole team.
    ``set_by``: a name, "support", or empty. ``may_widen``: this person may let more out again, up
    to ``widest``."""

    level: ModelSharing
    is_team: bool
    set_by: str
    set_at: datetime | None
    may_widen: bool
    widest: ModelSharing


@dataclass(frozen=True, slots=True)
class Account(Record):
    """All that the account page shows. ``waiting_for_sign_in`` counts questions."""

    user: User
    usage: Usage
    flags: Flags
    sharing: Sharing
    context: SavedContext | None
    webhooks: tuple[UserWebhook, ...]
    waiting_for_sign_in: int
    needs_sign_in: bool
    answers: tuple[LatestAnswer, ...]
