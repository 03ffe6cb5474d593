"""Records about a person: search results, the card, the story, versions of the context."""

from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field


@dataclass(frozen=True)
class Hit:
    """A search result; `matched` says which field matched. The e-mail address is masked."""

    user_id: str
    handle: str
    figma_user_id: str | None
    email: str | None
    state: str
    matched: str
    team: str | None
    plan: str
    last_seen_at: str


@dataclass(frozen=True)
class Found:
    """The best hits, and whether there are more."""

    people: list[Hit]
    has_more: bool


@dataclass(frozen=True)
class RehearsalOffer:
    """How many trials of a guidance are left in these 24 hours, and what each of the latest
    questions cost to answer, in micro-dollars; None: not known."""

    left: int
    costs_microusd: list[int | None]


@dataclass(frozen=True)
class RehearsedAnswer:
    """What was said to one question with `said_version` of the context, and what would be said."""

    number: int
    state: str
    code: str
    question: str
    said: str
    said_version: int
    would_say: str
    source: str | None
    cost_microusd: int | None


@dataclass(frozen=True)
class Rehearsal:
    """A trial of a guidance. `unpriced`: answers whose cost is not known."""

    id: str
    state: str
    cost_microusd: int
    unpriced: int
    answers: list[RehearsedAnswer]


@dataclass(frozen=True)
class Usage:
    """The uses of a plan's current period; `resets_at` is None if the period never ends."""

    plan_code: str
    plan_name: str
    limit: int
    used: int
    reserved: int
    left: int
    resets_at: str | None


@dataclass(frozen=True)
class PersonTotals:
    """Totals of all time, from the ledger."""

    answered: int
    failed: int
    cost_microusd: int
    unpriced: int


@dataclass(frozen=True)
class Grant:
    """Uses granted by an operator; `revoked_at` is None unless they were revoked."""

    id: str
    plan_code: str
    uses: int
    reason: str
    granted_by: str
    granted_at: str
    revoked_at: str | None


@dataclass(frozen=True)
class Note:
    """An operator's note on a person; `changed_at` is None if it was never changed."""

    id: str
    user_id: str
    text: str
    version: int
    written_by: str
    written_at: str
    changed_by: str | None
    changed_at: str | None


@dataclass(frozen=True)
class Removal:
    """The removal of a webhook at Figma; `outcome` is None while it is in progress."""

    outcome: str | None
    tries: int
    problem: str


@dataclass(frozen=True)
class OwnWebhook:
    """A webhook of the person; `context` is file, project or team."""

    figma_webhook_id: str | None
    context: str
    context_id: str
    label: str
    state: str
    guest_rule: str
    preview: str
    last_event_at: str | None
    removal: Removal | None


@dataclass(frozen=True)
class Card:
    """One person; the e-mail address is masked. `plans` maps codes of all plans to their names."""

    user_id: str
    handle: str
    figma_user_id: str | None
    email: str | None
    state: str
    first_seen_at: str
    team: str | None
    usage: Usage
    plans: dict[str, str]
    needs_sign_in: bool
    totals: PersonTotals
    grants: list[Grant]
    webhooks: list[OwnWebhook]


@dataclass(frozen=True)
class Detail:
    """Details of an event. Each kind of event fills only some of these fields."""

    answer_id: str | None = None
    file_key: str | None = None
    file_name: str | None = None
    state: str = ""
    reason: str | None = None
    # The handle of a guest for whom the person paid.
    guest: str | None = None
    # comment, command, invite, analysis or pipeline_run; the type of an analysis, and who wrote it:
    # model, measured or cached.
    feature: str = ""
    type: str | None = None
    source: str | None = None
    run: int = 1
    error_code: str | None = None
    failure_message: str | None = None
    provider: str = ""
    model: str = ""
    cost_microusd: int | None = None
    latency_ms: int | None = None
    context_version: int | None = None
    guidance: list[str] | None = None
    plan_code: str | None = None
    closed_at: str | None = None
    version: int | None = None
    actor: str | None = None
    operation: str = ""
    # Fields of a changed row and their values.
    before: dict[str, Any] | None = None
    after: dict[str, Any] | None = None
    outcome: str = ""
    redelivered: int = 0
    by: str | None = None
    old_plan: Annotated[str, Field(validation_alias="from")] = "?"
    new_plan: Annotated[str, Field(validation_alias="to")] = "?"


@dataclass(frozen=True)
class Event:
    """One line of a story. It is sorted by (at, key); `what` is the kind within `kind`."""

    at: str
    key: str
    kind: str
    what: str
    detail: Detail


@dataclass(frozen=True)
class Version:
    """A version of a context; `content` maps names of fields to their values."""

    version: int
    content: dict[str, Any]
    saved_by: str
    reason: str
    saved_at: str
