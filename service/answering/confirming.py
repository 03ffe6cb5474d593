"""Who wrote what: a delivery is a hint to look, and Figma's own thread says what stands there.

Whoever knows a webhook's passcode can write deliveries, and its owner does. So author, text, thread
and time of a comment are those that Figma's API gives; what a delivery says of them is never used.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from service.answering import wording
from service.answering.outcomes import NotConfirmed, NotYetVisible
from service.figma.addressing import Addressed, Addressing, Command, Mention, is_marked
from service.figma.clean_text import storable
from service.figma.payloads import MAX_NAME_CHARS, MAX_TEXT_CHARS
from service.figma.records import Comment
from service.store.answer_records import Look
from service.store.record import Record

# Figma's last retry comes 3 h 35 min after the comment, and it may have been away itself. An older
# comment was not just written: somebody plays an old delivery again.
OLDEST = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Confirmed(Record):
    """A comment as Figma has it: what ``private.confirm_comment`` takes."""

    author_figma_id: str
    author_handle: str
    root_comment_id: str
    question: str
    command: Command | None
    created_at: datetime | None


def confirm(
    comments: Sequence[Comment],
    look: Look,
    addressing: Addressing,
    *,
    marker: str,
    bot: Mention | None = None,
) -> Confirmed:
    """The comment as Figma has it and as the buddy reads it. ``bot`` is the account that a mention
    of addresses the buddy.

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
    return Confirmed(
        author_figma_id=comment.user_id,
        author_handle=storable(comment.user_handle, MAX_NAME_CHARS),
        root_comment_id=comment.root_id,
        question=storable(read.question),
        command=read.command,
        created_at=created_at,
    )


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
