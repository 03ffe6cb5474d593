"""Figma's API responses as small frozen records. Missing fields become empty."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, Self, TypeVar, cast

Context = Literal["team", "project", "file"]
Json = Mapping[str, Any]
Record = TypeVar("Record")
# Figma was founded in 2012, so none of its times is earlier. A time too far in the future, more
# than clocks and time zones differ, is not a real time of an event.
EARLIEST = datetime(2010, 1, 1, tzinfo=UTC)
MOST_AHEAD = timedelta(days=1)


@dataclass(frozen=True)
class FigmaToken:
    """A token and its origin: OAuth, or a personal access token. Its repr hides it."""

    value: str = field(repr=False)
    kind: Literal["oauth", "pat"] = "oauth"


@dataclass(frozen=True)
class Person:
    id: str
    handle: str
    img_url: str | None = None
    email: str | None = None

    @classmethod
    def from_json(cls, body: Json) -> Self:
        return cls(
            id=require_id(body, "id"),
            handle=read_text(body, "handle") or "",
            img_url=read_text(body, "img_url"),
            email=read_text(body, "email"),
        )


@dataclass(frozen=True)
class Comment:
    """A comment of a file. ``parent_id`` is None for the first comment of a thread. ``reactions``
    are the emojis that people put on it, one for each person."""

    id: str
    parent_id: str | None
    user_id: str
    user_handle: str
    message: str
    created_at: datetime | None
    resolved_at: datetime | None = None
    order_id: str | None = None
    node_id: str | None = None
    client_meta: dict[str, Any] | None = None
    file_key: str = ""
    reactions: tuple[str, ...] = ()

    @property
    def root_id(self) -> str:
        return self.parent_id or self.id

    @property
    def is_resolved(self) -> bool:
        return self.resolved_at is not None

    @classmethod
    def from_json(cls, body: Json) -> Self:
        user = read_object(body, "user")
        pin = read_object(body, "client_meta")
        return cls(
            id=require_id(body, "id"),
            parent_id=read_id(body, "parent_id"),
            user_id=read_id(user, "id") or "",
            user_handle=read_text(user, "handle") or "",
            message=read_text(body, "message") or "",
            created_at=read_time(body, "created_at"),
            resolved_at=read_time(body, "resolved_at"),
            order_id=read_id(body, "order_id"),
            node_id=_read_pinned_node(pin),
            client_meta=dict(pin) or None,
            file_key=read_text(body, "file_key") or "",
            reactions=tuple(
                read_text(each, "emoji") or "" for each in read_objects(body, "reactions")
            ),
        )


@dataclass(frozen=True)
class FileMeta:
    """A file, and the role of the token's owner in it (``role``: owner, editor, viewer)."""

    name: str
    role: str | None = None
    editor_type: str | None = None
    version: str | None = None
    url: str | None = None

    @classmethod
    def from_json(cls, body: Json) -> Self:
        file = read_object(body, "file")
        if not file:
            raise ValueError("there is no file")
        return cls(
            name=read_text(file, "name") or "",
            role=read_text(file, "role"),
            editor_type=read_text(file, "editorType"),
            version=read_id(file, "version"),
            url=read_text(file, "url"),
        )


@dataclass(frozen=True)
class NodeResult:
    """One node with its children, and the names of its components and styles. ``version`` is that
    of the file, "" if Figma did not say."""

    document: dict[str, Any]
    components: dict[str, Any]
    styles: dict[str, Any]
    file_name: str = ""
    version: str = ""

    @classmethod
    def from_json(cls, file: Json, node: Json) -> Self | None:
        document = read_object(node, "document")
        if not document:
            return None
        return cls(
            document=dict(document),
            components=dict(read_object(node, "components")),
            styles=dict(read_object(node, "styles")),
            file_name=read_text(file, "name") or "",
            version=read_id(file, "version") or "",
        )


@dataclass(frozen=True)
class WholeNode:
    """One node as Figma gives it: ``answer`` has document, components, componentSets, styles.
    ``version`` is that of the file, "" if Figma did not say."""

    answer: dict[str, Any]
    file_name: str
    version: str

    @classmethod
    def from_json(cls, file: Json, node: Json) -> Self | None:
        if not read_object(node, "document"):
            return None
        name, version = read_text(file, "name") or "", read_id(file, "version") or ""
        return cls(dict(node), name, version)


@dataclass(frozen=True)
class Webhook:
    """A webhook as Figma stores it. Its passcode is left out on purpose."""

    id: str
    event_type: str
    context: Context
    context_id: str
    status: str
    endpoint: str
    team_id: str | None = None
    client_id: str | None = None
    description: str | None = None

    @classmethod
    def from_json(cls, body: Json) -> Self:
        return cls(
            id=require_id(body, "id"),
            event_type=read_text(body, "event_type") or "",
            context=_read_context(read_text(body, "context")),
            context_id=read_id(body, "context_id") or read_id(body, "team_id") or "",
            status=read_text(body, "status") or "",
            endpoint=read_text(body, "endpoint") or "",
            team_id=read_id(body, "team_id"),
            client_id=read_id(body, "client_id"),
            description=read_text(body, "description"),
        )


@dataclass(frozen=True)
class SentEvent:
    """An event in Figma's own log of what it sent for a webhook. A missing field is "".

    https://developers.figma.com/docs/rest-api/webhooks-endpoints/
    """

    file_key: str
    comment_id: str

    @classmethod
    def from_json(cls, body: Json) -> Self:
        payload = read_object(read_object(body, "request_info"), "payload")
        return cls(read_id(payload, "file_key") or "", read_id(payload, "comment_id") or "")


def read_text(body: Json, key: str) -> str | None:
    value = body.get(key)
    return value if isinstance(value, str) and value else None


def read_id(body: Json, key: str) -> str | None:
    """An id as text. Figma documents numbers and sends strings; "" means none."""
    value = body.get(key)
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**40:
        return str(value)
    return (value.strip() or None) if isinstance(value, str) else None


def require_id(body: Json, key: str) -> str:
    """A required id. Raises ``ValueError`` if it is missing."""
    value = read_id(body, key)
    if value is None:
        raise ValueError(f"there is no {key}")
    return value


def read_object(body: Json, key: str) -> Json:
    value = body.get(key)
    return value if isinstance(value, dict) else {}


def read_objects(body: Json, key: str) -> list[Json]:
    value = body.get(key)
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def read_list(read: Callable[[Json], Record], body: Json, key: str) -> list[Record]:
    """Every record that can be read. A broken entry is skipped."""
    if not isinstance(body.get(key), list):
        raise ValueError(f"there is no list of {key}")
    return [read(each) for each in read_objects(body, key) if read_id(each, "id")]


def read_time(body: Json, key: str) -> datetime | None:
    """An ISO 8601 time in UTC. A time without a zone counts as UTC.

    Anything else is None. So is a time outside the range in which something can have happened at
    Figma: at the edge of the calendar it could be neither converted nor stored.
    """
    try:
        read = datetime.fromisoformat(body.get(key) or "")
        at = read.astimezone(UTC) if read.tzinfo else read.replace(tzinfo=UTC)
    except (TypeError, ValueError, OverflowError):
        return None
    return at if EARLIEST <= at <= datetime.now(UTC) + MOST_AHEAD else None


def _read_pinned_node(pin: Json) -> str | None:
    # Older comments have a list with one id here.
    value = pin.get("node_id")
    first = value[0] if isinstance(value, list) and value else value
    return first if isinstance(first, str) and first else None


def _read_context(word: str | None) -> Context:
    # Figma now sometimes calls a project a folder.
    name = (word or "team").lower()
    known = {"folder": "project", "team": "team", "project": "project", "file": "file"}
    return cast(Context, known.get(name, "team"))
