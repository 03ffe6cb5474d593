"""Who wrote what. A delivery is only a hint to look; Figma's own thread says what is really there.

Anyone who knows a webhook's passcode can write deliveries, and the webhook's owner knows it. So
author, text, thread and time of a comment come from Figma's API. What a delivery says about them is
never used.
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

# Figma's last retry comes 3 h 35 min after the comment, and Figma may have been down itself. An
# older comment is not new: somebody is replaying an old delivery.
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
    """The comment as Figma has it and as the buddy reads it. ``bot`` is the account whose mention
    addresses the buddy.

    Raises NotYetVisible if Figma does not list the comment, NotConfirmed if it must not be
    answered.
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
    """Read the comment with the first of the claims under which it addresses the buddy."""
    bot_id = bot.person_id if bot else ""
    for claimed in claims:
        read = addressing.read(part_mentions(text, claimed, bot), bot_id)
        if read.is_addressed:
            return read
    return None


def part_mentions(
    text: str, claimed: Iterable[Mention], bot: Mention | None = None
) -> list[str | Mention]:
    """``text`` in parts: the typed text, and those claimed mentions that are really in it.

    The bot's name is the one that Figma gives, not the one in a delivery.
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
