"""Who wrote what: a delivery is a hint to look, and Figma's own thread says what stands there.

Whoever knows a webhook's passcode can write deliveries, and its owner does. So author, text, thread
and time of a comment are those that Figma's API gives; what a delivery says of them is never used.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Self

from service.answering import wording
from service.answering.outcomes import NotConfirmed, NotYetVisible
from service.figma.addressing import Addressed, Addressing, Mention, is_marked
from service.figma.clean_text import storable
from service.figma.payloads import MAX_NAME_CHARS, MAX_TEXT_CHARS
from service.figma.records import Comment

Json = dict[str, Any]
# Figma's last retry comes 3 h 35 min after the comment, and it may have been away itself. An older
# comment was not just written: somebody plays an old delivery again.
OLDEST = timedelta(days=1)


@dataclass(frozen=True)
class Look:
    """Where a comment is to be found, and what its deliveries claim. ``since``: when it arrived, or
    was replayed.

    ``mentions`` has one list for each delivery that claims something else. They tell picked names
    from typed ones, which Figma's API does not: a mention of a person called "Buddy Holly" is no
    call.
    """

    webhook_id: str
    context: str
    file_key: str
    comment_id: str
    root_comment_id: str
    received_at: datetime
    since: datetime
    request_id: str
    trace_parent: str
    mentions: tuple[tuple[Mention, ...], ...]

    @classmethod
    def from_json(cls, look: Json) -> Self:
        """Read what ``private.look_of`` gives."""
        return cls(
            webhook_id=look["webhook_id"] or "",
            context=look["context"] or "",
            file_key=look["file_key"],
            comment_id=look["comment_id"],
            root_comment_id=look["root_comment_id"],
            received_at=datetime.fromisoformat(look["received_at"]),
            since=datetime.fromisoformat(look["since"]),
            request_id=look["request_id"],
            trace_parent=look["trace_parent"],
            mentions=tuple(map(_read_mentions, look["mentions"])),
        )


def confirm(
    comments: Sequence[Comment],
    look: Look,
    addressing: Addressing,
    *,
    marker: str,
    bot: Mention | None = None,
) -> Json:
    """The comment as Figma has it and as the buddy reads it: what ``private.confirm_comment``
    takes. ``bot`` is the account that a mention of addresses the buddy.

    Raises NotYetVisible when Figma does not list it, NotConfirmed when it is none to answer.
    """
    comment = next((each for each in comments if each.id == look.comment_id), None)
    if comment is None or not comment.user_id:
        raise NotYetVisible(wording.NOT_AT_FIGMA)
    created_at = comment.created_at
    if created_at and look.received_at - created_at > OLDEST:
        raise NotConfirmed("not_confirmed", wording.TOO_OLD)
    if is_marked(comment.message, marker):
        raise NotConfirmed("not_confirmed", wording.OWN_REPLY)
    read = _read(comment.message[:MAX_TEXT_CHARS], look.mentions, addressing, bot)
    if read is None:
        raise NotConfirmed("not_confirmed", wording.NOT_ADDRESSED)
    return {
        "author_figma_id": comment.user_id,
        "author_handle": storable(comment.user_handle, MAX_NAME_CHARS),
        "root_comment_id": comment.root_id,
        "question": storable(read.question),
        "command": read.command,
        "created_at": created_at.isoformat() if created_at else None,
    }


def _read(
    text: str,
    claims: Iterable[Iterable[Mention]],
    addressing: Addressing,
    bot: Mention | None,
) -> Addressed | None:
    """How the comment is read, by the first of the claims under which it calls the buddy."""
    bot_id = bot.person_id if bot else ""
    for claimed in claims:
        read = addressing.read(part_mentions(text, claimed, bot), bot_id)
        if read.is_addressed:
            return read
    return None


def part_mentions(
    text: str, claimed: Iterable[Mention], bot: Mention | None = None
) -> list[str | Mention]:
    """``text`` in parts: what was typed, and the claimed mentions that do stand in it.

    The bot goes by the name that Figma gives it, not by the one a delivery does.
    """
    named = {each.handle: each for each in claimed if each.handle and not (bot and _is(each, bot))}
    if bot and bot.handle and any(_is(each, bot) for each in claimed):
        named[bot.handle] = bot
    if not named:
        return [text]
    longest_first = sorted(named, key=len, reverse=True)
    pieces = re.split(rf"@({'|'.join(map(re.escape, longest_first))})", text)
    return [named[piece] if place % 2 else piece for place, piece in enumerate(pieces)]


def _is(one: Mention, other: Mention) -> bool:
    return one.person_id == other.person_id


def _read_mentions(claimed: object) -> tuple[Mention, ...]:
    """A claim is whatever a stranger wrote: what is no mention is left out."""
    found = claimed if isinstance(claimed, list) else []
    return tuple(
        Mention(each["id"], each["handle"])
        for each in found[:20]
        if isinstance(each, dict)
        and isinstance(each.get("id"), str)
        and isinstance(each.get("handle"), str)
    )
