"""How a reply is built, and how the buddy recognises its own replies.

First line: the marker. Last line: the footer and a reference to the answer. The reference is the
same on every attempt, so that a reply whose receipt was lost is found instead of posted twice. The
text in between comes from models, layers and people. It is cleaned: it becomes plain text that
mentions nobody, has no unknown links and does not look like a second reply.
"""

import re
from collections.abc import Callable, Iterable
from hashlib import sha256
from uuid import UUID

from service.figma.addresses import (
    SCALE,
    Address,
    address_key,
    address_keys,
    find_addresses,
)
from service.figma.addressing import (
    JOINER,
    MARK,
    REFERENCE_CHARS,
    REFERENCE_DIGITS,
    Addressing,
)
from service.figma.clean_text import showable
from service.figma.plain_text import decode_entities, without_markup
from service.figma.records import Comment

MAX_REPLY_CHARS = 3_500
MAX_FOOTER_CHARS = 500
REMOVED = "(link removed)"
# The most passes of cleaning until nothing changes. Markdown in entities in tags needs three.
_TURNS = 6
# A placeholder for an allowed address while the rest is cleaned. showable() removes these
# characters from any input.
_FIRST_PLACE, _PLACES = 0xE000, 0x1000
_PLACE = re.compile("[\ue000-\uefff]")

_REMOVED_TWICE = re.compile(r"\(\(link removed\)\)|\(link removed\) ?\(link removed\)")
_AT = re.compile("[@＠﹫]")
_NAMING = re.compile(rf"[@＠﹫]+(?!{SCALE}|[\s.,;:!?)\]}}\"'”’»…/|-]|\Z)")
_MORE_AT = re.compile("[@＠﹫]{2,}")
_SENTENCE_STARTS = frozenset(re.findall(r"\w+", "It Is In No So To Me My Be Do At As Am Us By"))
_REFERENCE = re.compile(rf"(?<!\w)ref\s+[{REFERENCE_DIGITS}]{{{REFERENCE_CHARS}}}(?!\w)")
# A line that counts uses in the same form as the footer (wording.footer).
_COUNT_LINE = re.compile(
    r"^[^\w\n]*\d+ of \d+ (?:free )?uses left(?: this month)?[^\w\n]*(?:·[^\n]*)?(?:\n|\Z)", re.M
)
_ACTIVE = re.compile(r"[^\w\s,]|_")


def reply_reference(answer_id: UUID) -> str:
    """Ten characters of Crockford's base 32, 50 bits."""
    number = int.from_bytes(sha256(answer_id.bytes).digest()[:8]) >> 14
    digits = (number >> 5 * place & 31 for place in reversed(range(REFERENCE_CHARS)))
    return "".join(REFERENCE_DIGITS[digit] for digit in digits)


def compose_reply(
    marker: str,
    body: str,
    footer: str,
    reference: str,
    *,
    addressing: Addressing,
    allowed_links: Iterable[str] = (),
) -> str:
    """A reply of at most ``MAX_REPLY_CHARS``; only ``body`` is shortened.

    ``body`` may be anything, and is cleaned (``clean_reply_text``). ``marker`` and ``footer`` are
    our own words. Marker and reference stay whole, even if they contain a trigger: a text in the
    form of a reply addresses nobody.
    """
    allowed = address_keys(allowed_links)

    def clean(text: str) -> str:
        return _clean(text, addressing, allowed)

    footer = _shorten(addressing.defuse(_one_line(footer)), MAX_FOOTER_CHARS)
    body = clean(body)
    room = MAX_REPLY_CHARS
    while True:
        said = _cut_clean(body, room, clean)
        # Once more together: the last word of one and the first of the other can form a trigger.
        counted = addressing.defuse(f"{said}\n\n{footer}".strip()) if footer else said
        last_line = f"{' · ' if footer else ''}ref {reference}"
        separator = "" if footer or not counted else "\n\n"
        reply = f"{_one_line(marker)}\n\n{counted}{separator}{last_line}"
        if len(reply) <= MAX_REPLY_CHARS or not room:
            return reply
        room = max(0, min(room, len(body)) - (len(reply) - MAX_REPLY_CHARS))


def clean_reply_text(
    text: str, *, addressing: Addressing, allowed_links: Iterable[str] = ()
) -> str:
    """``text`` in the form that may be posted: plain, fully visible, and without triggers,
    "@names", the marks of a reply, and addresses other than ``allowed_links``. Cleaning it again
    changes nothing."""
    return _clean(text, addressing, address_keys(allowed_links))


def find_own_reply(comments: Iterable[Comment], root_id: str, reference: str) -> Comment | None:
    """The reply with this reference in the thread, if it was already posted.

    A quoted reference does not count: a real reply has it at the end and also begins with the mark.
    """
    ending = re.compile(rf"(?:^|[\s·])ref {re.escape(reference)}$")
    for comment in comments:
        lines = comment.message.replace(JOINER, "").strip().splitlines()
        if comment.root_id != root_id or len(lines) < 2 or not lines[0].startswith(MARK):
            continue
        if ending.search(lines[-1].rstrip()):
            return comment
    return None


def _clean(text: str, addressing: Addressing, allowed: frozenset[str]) -> str:
    for _ in range(_TURNS):
        cleaned = _clean_once(text, addressing, allowed)
        if cleaned == text:
            return text
        text = cleaned
    # Only a deliberate attempt needs more passes. Keep the words, and nothing that acts.
    words = " ".join(_ACTIVE.sub(" ", showable(text)).split())
    return addressing.defuse(_REFERENCE.sub("(reference removed)", words))


def _clean_once(text: str, addressing: Addressing, allowed: frozenset[str]) -> str:
    kept: list[str] = []
    text = showable(decode_entities(text))
    if allowed:
        text = _hide_allowed(text, allowed, kept)
    text = _without_addresses(without_markup(text), allowed)
    if "ref" in text:
        text = _REFERENCE.sub("(reference removed)", text)
    if " uses left" in text:
        text = _COUNT_LINE.sub("", text)
    if _AT.search(text):
        text = _MORE_AT.sub("@", _NAMING.sub("", text))
    text = text.replace(MARK, "✧")
    if kept:
        text = _PLACE.sub(lambda place: kept[ord(place[0]) - _FIRST_PLACE], text)
    return addressing.defuse(text).strip()


def _hide_allowed(text: str, allowed: frozenset[str], kept: list[str]) -> str:
    """Protect allowed addresses from the markup rules: "_" and "*" may be part of them."""

    def hide(found: Address) -> str:
        if len(kept) >= _PLACES or address_key(found.text) not in allowed:
            return found.text
        kept.append(found.text)
        return chr(_FIRST_PLACE + len(kept) - 1)

    return _replace_addresses(text, hide)


def _without_addresses(text: str, allowed: frozenset[str]) -> str:
    def remove(found: Address) -> str:
        if allowed and address_key(found.text) in allowed:
            return found.text
        return _loosen(found.text) if found.is_vague else REMOVED

    replaced = _replace_addresses(text, remove)
    return _REMOVED_TWICE.sub(REMOVED, replaced) if replaced != text else text


def _replace_addresses(text: str, replace: Callable[[Address], str]) -> str:
    pieces, at = [], 0
    for found in find_addresses(text):
        pieces += [text[at : found.start], replace(found)]
        at = found.end
    return "".join([*pieces, text[at:]]) if pieces else text


def _loosen(name: str) -> str:
    """Add a space to text that is hardly meant as an address. It stays readable and is no address:
    "Toast .info", "good. It"."""
    host = re.split(r"[:：/／?#\\]", name, maxsplit=1)[0]
    dot = max(map(host.rfind, ".．｡"))
    at = dot + 1 if host[dot + 1 :] in _SENTENCE_STARTS else dot
    return f"{name[:at]} {name[at:]}"


def _cut_clean(body: str, room: int, clean: Callable[[str], str]) -> str:
    cut = _shorten(body, room)
    # A cut text may have a new meaning, so it is cleaned again.
    return body if cut == body else clean(cut)


def _one_line(text: str) -> str:
    return " ".join(showable(text).split())


def _shorten(text: str, limit: int) -> str:
    """Cut at the last space that keeps most of the text, and add "…"."""
    if len(text) <= limit:
        return text
    cut = text[: max(0, limit - 2)]
    at_space = re.sub(r"\s+\S*$", "", cut)
    kept = at_space if len(at_space) > len(cut) * 3 // 4 else cut
    return f"{kept.rstrip()} …" if kept.strip() else ""
