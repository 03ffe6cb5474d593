"""How a reply is put together, and how the buddy knows its own again.

First line: the marker. Last line: the footer and a reference to the answer, which is the same on
every attempt, so that a reply whose receipt got lost is found instead of posted twice.
"""

import re
from collections.abc import Iterable
from hashlib import sha256
from uuid import UUID

from service.figma.addressing import JOINER, Addressing
from service.figma.clean_text import showable
from service.figma.records import Comment

MAX_REPLY_CHARS = 3_500
MAX_FOOTER_CHARS = 500
REFERENCE_CHARS = 10
_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def reply_reference(answer_id: UUID) -> str:
    """Ten characters of Crockford's base 32 (https://www.crockford.com/base32.html), 50 bits."""
    number = int.from_bytes(sha256(answer_id.bytes).digest()[:8]) >> 14
    digits = (number >> 5 * place & 31 for place in reversed(range(REFERENCE_CHARS)))
    return "".join(_CROCKFORD[digit] for digit in digits)


def compose_reply(
    marker: str, body: str, footer: str, reference: str, *, addressing: Addressing
) -> str:
    """A reply of at most ``MAX_REPLY_CHARS`` without any trigger; only ``body`` is cut short."""
    footer = _shorten(_one_line(footer), MAX_FOOTER_CHARS)
    last_line = f"{footer} · ref {reference}" if footer else f"ref {reference}"
    body = showable(body).strip()
    room = MAX_REPLY_CHARS
    while True:
        parts = (_one_line(marker), _shorten(body, room), last_line)
        reply = addressing.defuse("\n\n".join(part for part in parts if part))
        if len(reply) <= MAX_REPLY_CHARS or not room:
            return reply
        room = max(0, min(room, len(body)) - (len(reply) - MAX_REPLY_CHARS))


def find_own_reply(comments: Iterable[Comment], root_id: str, reference: str) -> Comment | None:
    """The reply with this reference in the thread, if it was posted before."""
    ending = re.compile(rf"(?:^|[\s·])ref {re.escape(reference)}$")
    for comment in comments:
        lines = comment.message.replace(JOINER, "").strip().splitlines()
        if comment.root_id == root_id and lines and ending.search(lines[-1].rstrip()):
            return comment
    return None


def _one_line(text: str) -> str:
    return " ".join(showable(text).split())


def _shorten(text: str, limit: int) -> str:
    """Cut at the last space that keeps most of the text, and say so with "…"."""
    if len(text) <= limit:
        return text
    cut = text[: max(0, limit - 2)]
    at_space = re.sub(r"\s+\S*$", "", cut)
    kept = at_space if len(at_space) > len(cut) * 3 // 4 else cut
    return f"{kept.rstrip()} …" if kept.strip() else ""
