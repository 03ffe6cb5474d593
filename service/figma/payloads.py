"""Figma's webhook payloads, parsed into one clean form, whatever fields are missing or added.

https://developers.figma.com/docs/rest-api/webhooks-events/
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Self

from service.errors import Unprocessable
from service.figma.addressing import Mention
from service.figma.clean_text import storable
from service.figma.records import Json, read_id, read_object, read_objects, read_time

MAX_TEXT_CHARS = 20_000
MAX_NAME_CHARS = 500
MAX_ID_CHARS = 128
MAX_DEPTH = 32
UNKNOWN_HANDLE = "someone"


class PayloadError(Unprocessable):
    """A webhook payload that cannot be read. The message names the field and the reason."""

    code = "unreadable_payload"


@dataclass(frozen=True)
class CommentEvent:
    """A comment that was just written. Names and texts contain nothing that Postgres refuses.

    ``parts`` are the comment's texts and the mentions between them. ``text`` is all of it.
    """

    webhook_id: str
    timestamp: datetime | None
    file_key: str
    file_name: str
    comment_id: str
    parent_id: str | None
    order_id: str | None
    created_at: datetime | None
    resolved_at: datetime | None
    parts: tuple[str | Mention, ...]
    mention_ids: tuple[str, ...]
    author_id: str
    author_handle: str
    retries: int = 0
    protocol_version: str | None = None
    event_type: Literal["FILE_COMMENT"] = "FILE_COMMENT"

    @property
    def text(self) -> str:
        """The readable comment, with mentions as "@handle"."""
        return "".join(map(str, self.parts))

    @property
    def root_id(self) -> str:
        """The first comment of the thread: replies are only possible to this one."""
        return self.parent_id or self.comment_id

    @classmethod
    def from_json(cls, body: object) -> Self:
        """Read a FILE_COMMENT payload; raises ``PayloadError``."""
        payload = _require_payload(body)
        author = read_object(payload, "triggered_by")
        fragments = _read_fragments(payload)
        retries = payload.get("retries")
        return cls(
            webhook_id=_require(payload, "webhook_id"),
            timestamp=read_time(payload, "timestamp"),
            file_key=_require(payload, "file_key"),
            file_name=_name(payload, "file_name"),
            comment_id=_require(payload, "comment_id"),
            parent_id=_id(payload, "parent_id"),
            order_id=_id(payload, "order_id"),
            created_at=read_time(payload, "created_at"),
            resolved_at=read_time(payload, "resolved_at"),
            parts=_cut(_read_parts(fragments, _read_handles(payload)), MAX_TEXT_CHARS),
            mention_ids=_read_mention_ids(fragments),
            author_id=_require(author, "id", "triggered_by.id"),
            author_handle=_name(author, "handle"),
            retries=retries if type(retries) is int and 0 <= retries < 1_000 else 0,
            protocol_version=_id(payload, "protocol_version"),
        )


@dataclass(frozen=True)
class OtherEvent:
    """A PING, or an event that the buddy has no use for."""

    event_type: str
    webhook_id: str
    timestamp: datetime | None

    @property
    def is_ping(self) -> bool:
        return self.event_type == "PING"


def read_event(body: object) -> CommentEvent | OtherEvent:
    """Read any webhook payload; raises ``PayloadError``."""
    payload = _require_payload(body)
    event_type = _require(payload, "event_type")
    if event_type == "FILE_COMMENT":
        return CommentEvent.from_json(payload)
    return OtherEvent(
        event_type=event_type,
        webhook_id=read_webhook_id(payload),
        timestamp=read_time(payload, "timestamp"),
    )


def read_webhook_id(body: object) -> str:
    """The webhook that a payload claims to come from, "" if it names none. Never raises."""
    return (_id(body, "webhook_id") or "") if isinstance(body, dict) else ""


def read_passcode(body: object) -> str:
    """The passcode of a payload, "" if there is none. Never raises.

    It is not part of the events, so that no log or error report can contain it.
    """
    passcode = body.get("passcode") if isinstance(body, dict) else None
    return storable(passcode) if isinstance(passcode, str) else ""


def payload_without_passcode(body: object) -> dict[str, Any]:
    """The payload in the form that may be stored: no passcode, and nothing that jsonb refuses.

    Nesting deeper than ``MAX_DEPTH`` levels is cut off. Anything that is not an object becomes {}.
    The author's id is the same as in the event: Postgres finds deliveries by it, and cannot index a
    value of unlimited length.
    """
    cleaned = _clean(body, MAX_DEPTH)
    if not isinstance(cleaned, dict):
        return {}
    author = cleaned.get("triggered_by")
    if isinstance(author, dict) and "id" in author:
        author["id"] = _id(author, "id")
    return cleaned


def _clean(value: object, depth: int) -> object:
    if isinstance(value, str):
        return storable(value, MAX_TEXT_CHARS)
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, dict | list) and depth == 0:
        return None
    if isinstance(value, dict):
        named = ((storable(str(key), MAX_NAME_CHARS), each) for key, each in value.items())
        return {key: _clean(each, depth - 1) for key, each in named if key != "passcode"}
    if isinstance(value, list):
        return [_clean(each, depth - 1) for each in value]
    return value


def _require_payload(body: object) -> Json:
    if not isinstance(body, dict):
        raise PayloadError("The payload is not a JSON object, so there is no event in it.")
    return body


def _id(body: Json, key: str) -> str | None:
    value = read_id(body, key)
    return (storable(value, MAX_ID_CHARS).strip() or None) if value else None


def _require(body: Json, key: str, name: str | None = None) -> str:
    value = _id(body, key)
    if value is None:
        raise PayloadError(f"The payload has no {name or key}, so the event cannot be placed.")
    return value


def _name(body: Json, key: str) -> str:
    value = body.get(key)
    return storable(value, MAX_NAME_CHARS) if isinstance(value, str) else ""


def _read_handles(payload: Json) -> dict[str, str]:
    people = [*read_objects(payload, "mentions"), read_object(payload, "triggered_by")]
    named = ((_id(person, "id"), _name(person, "handle")) for person in people)
    return {person_id: handle for person_id, handle in named if person_id and handle}


def _read_fragments(payload: Json) -> list[Json]:
    """The comment's fragments. A single fragment or a plain text counts as a list of one."""
    comment = payload.get("comment")
    if comment is None:
        return []
    fragments = comment if isinstance(comment, list) else [comment]
    if not all(isinstance(each, dict | str) for each in fragments):
        raise PayloadError(
            "The payload's comment is not a list of fragments, so its text is not known."
        )
    return [{"text": each} if isinstance(each, str) else each for each in fragments]


def _read_mention_ids(fragments: list[Json]) -> tuple[str, ...]:
    found = (_id(fragment, "mention") for fragment in fragments)
    return tuple(dict.fromkeys(each for each in found if each))


def _read_parts(fragments: list[Json], handles: Mapping[str, str]) -> list[str | Mention]:
    """Texts, and the mentions between them. Adjacent texts and emoji become one text.

    There is always a text first, last, and between two mentions. A space is added where a text
    would otherwise merge with a mention.
    """
    runs, mentions = [list[str]()], list[Mention]()
    for fragment in fragments:
        mentioned = _id(fragment, "mention")
        if mentioned:
            mentions.append(Mention(mentioned, handles.get(mentioned, UNKNOWN_HANDLE)))
            runs.append([])
        else:
            runs[-1].append(_read_piece(fragment))
    texts = [storable("".join(run)) for run in runs]
    for place in range(len(mentions)):
        if texts[place][-1:].isalnum() or (place and not texts[place]):
            texts[place] += " "
        if texts[place + 1][:1].isalnum():
            texts[place + 1] = f" {texts[place + 1]}"
    pairs = zip(mentions, texts[1:], strict=True)
    return [texts[0], *(part for pair in pairs for part in pair)]


def _cut(parts: list[str | Mention], limit: int) -> tuple[str | Mention, ...]:
    """Parts with at most ``limit`` characters in total. A mention is kept whole or not at all."""
    kept = list[str | Mention]()
    for part in parts:
        length = len(str(part))
        if length > limit:
            return (*kept, part[:limit]) if isinstance(part, str) else tuple(kept)
        kept.append(part)
        limit -= length
    return tuple(kept)


def _read_piece(fragment: Json) -> str:
    for key in ("text", "emoji"):
        value = fragment.get(key)
        if isinstance(value, str):
            return value
    return ""
