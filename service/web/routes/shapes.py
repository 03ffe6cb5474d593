"""The JSON of the API as pydantic models: they validate the input and document everything."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from service import guidance
from service.guidance import CHARS
from service.model_sharing import ModelSharing
from service.store.webhook_records import WebhookPreview

# Postgres stores any text but the NUL character.
_NO_NUL = r"^[^\x00]*$"


def text(limit: int) -> Any:
    return Annotated[str, StringConstraints(max_length=limit, pattern=_NO_NUL)]


Instructions, Tone, Brand = text(CHARS["instructions"]), text(CHARS["tone"]), text(CHARS["brand"])
DesignSystemRules, Language = text(CHARS["design_system_rules"]), text(CHARS["language"])
Model, FocusArea = text(CHARS["model"]), text(guidance.AREA_CHARS)
GuestRule = Literal["invite", "owner_pays", "ignore"]
UUID = r"^[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}$"
Id = Annotated[str, StringConstraints(pattern=UUID)]


def _distinct(areas: list[str]) -> list[str]:
    """Each area once, whatever its case, and none that is empty."""
    kept: dict[str, str] = {}
    for area in areas:
        if area.strip():
            kept.setdefault(area.strip().casefold(), area.strip())
    return list(kept.values())


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ErrorAnswer(BaseModel):
    error: str = Field(description="A code for programs.")
    message: str = Field(description="A sentence for people.")
    request_id: str = Field(description="Names this request in the logs.")


class ContextIn(Strict):
    """The whole guidance. Fields that are left out become empty."""

    instructions: Instructions = ""  # type: ignore[valid-type]
    tone: Tone = ""  # type: ignore[valid-type]
    brand: Brand = ""  # type: ignore[valid-type]
    design_system_rules: DesignSystemRules = ""  # type: ignore[valid-type]
    language: Language = ""  # type: ignore[valid-type]
    focus_areas: Annotated[list[FocusArea], AfterValidator(_distinct)] = Field(  # type: ignore[valid-type]
        default=[], max_length=guidance.MOST_AREAS
    )
    model: Model = Field(default="", description="Empty: the service chooses.")  # type: ignore[valid-type]
    shared_with_guests: list[guidance.Field] = Field(
        default=[],
        max_length=len(guidance.FIELDS),
        description="Fields that the buddy may use where guests ask and you pay (`owner_pays`). "
        "Whoever can comment in such a file can find out what they say. Left out: none.",
    )


class ContextOut(BaseModel):
    version: int
    updated_at: datetime
    instructions: str
    tone: str
    brand: str
    design_system_rules: str
    language: str
    focus_areas: list[str]
    model: str
    shared_with_guests: list[guidance.Field] = Field(
        description="In order of the alphabet, each once; what guests' answers may use."
    )


class StaleAnswer(ErrorAnswer):
    current: ContextOut = Field(description="What is in force now; its version is the one to send.")


class User(BaseModel):
    user_id: str
    figma_user_id: str = Field(description="Text: the number is larger than JSON's are exact.")
    handle: str
    email: str | None
    image_url: str | None
    state: Literal["active", "suspended"]
    first_seen_at: datetime


class Usage(BaseModel):
    plan_code: str
    plan_name: str
    limit: int | None
    is_unlimited: bool
    used: int
    reserved: int
    left: int | None
    resets_at: datetime | None = Field(description="When the count starts again; null: never.")


class ModelSharingState(BaseModel):
    level: ModelSharing = Field(
        description="What of questions and designs may leave for providers of AI models: "
        "texts_and_pictures, texts, or nothing (then everything is measured by rules, and free)."
    )
    is_team: bool = Field(description="It is chosen for the whole team.")
    set_by: str = Field(description="Who chose it: a name, `support`, or empty where nobody did.")
    set_at: datetime | None
    may_widen: bool = Field(
        description="Whether this person may let more out again: whoever chose the present level."
    )
    widest: ModelSharing = Field(
        description="The most that this person may let out: what others in the team, or support, "
        "chose to keep in stays in."
    )


class ModelSharingIn(Strict):
    level: ModelSharing


class Me(BaseModel):
    user: User
    usage: Usage
    model_sharing: ModelSharing = Field(
        description="What may leave for providers of AI models, by the person's team or by them."
    )
    needs_sign_in: bool = Field(description="Figma no longer accepts the stored connection.")


class Webhook(BaseModel):
    id: str | None = Field(description="Null when it is another person's.")
    context: Literal["team", "project", "file"]
    context_id: str
    label: str
    state: Literal["creating", "active", "paused"]
    guest_rule: GuestRule
    preview: WebhookPreview = Field(
        description="Whether I look at answers before they are posted: off, first (at the first "
        "one of each file) or always."
    )
    created_at: datetime
    confirmed_at: datetime | None = Field(description="When Figma's first PING arrived.")
    last_event_at: datetime | None
    is_paused_by_operator: bool = Field(
        description="Paused by the team that runs the service: its owner cannot resume it."
    )
    paused_because: Literal["operator", "unconfirmed_deliveries"] | None = Field(
        description="Why it is paused by the service: by its team, or by itself, since it "
        "delivered too much that Figma does not confirm."
    )
    contact: Literal["heard", "waiting", "none"] = Field(
        description="Whether Figma has reached this service for it: heard; waiting, in the first "
        "minute; or none."
    )
    is_mine: bool
    owner_handle: str | None = Field(description="Whose it is, when it is not mine.")


class WebhookIn(Strict):
    link: str = Field(
        min_length=1, max_length=2048, pattern=_NO_NUL, description="A file, project or team link."
    )
    guest_rule: GuestRule | None = Field(
        default=None,
        description="What to do for people without an account of their own; left out: as this "
        "service does it by default. With `owner_pays` their questions take your uses, and get of "
        "your guidance only what `shared_with_guests` names.",
    )


class WebhookMade(BaseModel):
    status: Literal["created", "already_on"]
    message: str
    webhook: Webhook


class WebhookList(BaseModel):
    webhooks: list[Webhook]


class WebhookChange(Strict):
    id: Id
    state: Literal["active", "paused"] | None = None
    guest_rule: GuestRule | None = None
    preview: WebhookPreview | None = None


class WebhookName(BaseModel):
    id: Id | None = Field(default=None, description="Or in a JSON body.")


_REFUSED_AT_FIGMA = "What Figma did not let us do as well, and why; null when all is done."


class WebhookChanged(BaseModel):
    webhook: Webhook
    message: str | None = Field(description=_REFUSED_AT_FIGMA)


class WebhookDeleted(BaseModel):
    status: Literal["deleted"] = "deleted"
    message: str | None = Field(description=_REFUSED_AT_FIGMA)


class WebhookLeft(BaseModel):
    label: str
    reason: str
    is_tried: bool = Field(description="Whether we go on trying to remove it, for seven days.")


class AccountDeleted(BaseModel):
    status: Literal["deleted"] = "deleted"
    webhooks_deleted: int
    webhooks_left: list[WebhookLeft] = Field(
        description="Those Figma did not let us remove; they answer nobody any more."
    )


class SignedOut(BaseModel):
    status: Literal["signed_out"] = "signed_out"


class OwnSession(BaseModel):
    id: str
    kind: Literal["browser", "plugin"]
    label: str = Field(description="The device in a few words; empty when it is not known.")
    created_at: datetime
    last_used_at: datetime = Field(description="To within ten minutes.")
    ends_at: datetime = Field(description="When it ends if it is not used again.")
    is_this: bool = Field(description="The one this request came with.")


class SessionList(BaseModel):
    sessions: list[OwnSession]


class SessionPath(BaseModel):
    id: Id


class SessionEnded(BaseModel):
    status: Literal["ended"] = "ended"


class SessionsEnded(SessionEnded):
    ended: int = Field(description="How many.")


class PluginSecret(Strict):
    secret: str = Field(
        min_length=32, max_length=200, pattern=r"^[!-~]+$", description="The plugin's own secret."
    )


class PluginSession(BaseModel):
    token: str = Field(description="Send as `Authorization: Bearer …`.")
    expires_at: datetime


class PluginWaiting(BaseModel):
    status: Literal["waiting"] = "waiting"


class Delivery(BaseModel):
    """What Figma sends. More fields may come; all but webhook_id and passcode may be missing."""

    webhook_id: str
    passcode: str
    event_type: str = "FILE_COMMENT"
    timestamp: str = ""
    file_key: str = ""
    file_name: str = ""
    comment: list[dict[str, Any]] = Field(default=[], description="Fragments: text or mention.")
    comment_id: str = ""
    parent_id: str = ""
    order_id: str = ""
    created_at: str = ""
    resolved_at: str = ""
    mentions: list[dict[str, Any]] = []
    triggered_by: dict[str, Any] = {}


class DeliveryTaken(BaseModel):
    status: Literal[
        "queued", "duplicate", "ignored", "own_reply", "ping", "paused", "other_event",
        "unreadable", "gone", "unstorable", "foreign_file",
    ]  # fmt: skip


class Health(BaseModel):
    status: Literal["ok"] = "ok"


class Readiness(BaseModel):
    status: Literal["ready", "not_ready"]
    checks: dict[str, str] = Field(description="Each dependency: ok, or what is wrong.")


def answers(*codes: int, **more: Any) -> dict[int | str, Any]:
    """The error responses of a route, all in one shape. Where a session is needed, whoever tries
    too many that are none is told to wait."""
    limits = (429,) if 401 in codes else ()
    stated: dict[int | str, Any] = dict.fromkeys((*codes, *limits), ErrorAnswer)
    stated.update({int(code.removeprefix("s")): model for code, model in more.items()})
    return stated
