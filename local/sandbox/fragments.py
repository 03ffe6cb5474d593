"""Splits a comment's text into Figma's fragments: text, emoji shortcodes, mentions of people."""

import re
from collections.abc import Iterable, Mapping

Fragment = dict[str, str]
EMOJI = re.compile(r"(:(?:[+-]1|100|[a-z][a-z0-9_-]*):(?:skin-tone-[2-6]:)?)")


def split_text(text: str, people: Mapping[str, str]) -> list[Fragment]:
    """Split ``text`` into fragments; ``people`` maps each mentionable handle to a user id.

    ``@Handle`` becomes ``{"mention": id}``, an emoji shortcode its own ``{"text": ":eyes:"}``.
    Joined again, with each mention written as ``@handle``, the fragments are equal to ``text``.
    https://developers.figma.com/docs/rest-api/webhooks-events/
    """
    fragments: list[Fragment] = []
    for part in _split_mentions(text, people):
        if part.startswith("@") and part[1:] in people:
            fragments.append({"mention": people[part[1:]]})
        else:
            fragments.extend({"text": piece} for piece in EMOJI.split(part) if piece)
    return fragments


def _split_mentions(text: str, people: Mapping[str, str]) -> list[str]:
    if not people:
        return [text]
    # Longest first, so that "Ada Okafor" matches before "Ada".
    names = "|".join(re.escape(name) for name in sorted(people, key=len, reverse=True))
    return re.split(rf"(@(?:{names})(?!\w))", text)


def join_text(fragments: Iterable[Fragment], handles: Mapping[str, str]) -> str:
    """The plain text of a comment; ``handles`` maps user id to handle."""
    return "".join(
        each["text"] if "text" in each else "@" + handles[each["mention"]] for each in fragments
    )
