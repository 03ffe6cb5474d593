"""Text from outside, made safe to store and to show."""

import re

# Postgres refuses both in jsonb: https://www.postgresql.org/docs/current/datatype-json.html
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
# All control characters but tab and newline, and the marks that turn the direction of text.
_UNSHOWABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def storable(text: str, limit: int | None = None) -> str:
    """Drop NUL, replace lone surrogates, and cut to ``limit`` characters.

    A pair of surrogates that spells one character (a sloppy JSON escape) becomes that character.
    """
    if _UNSTORABLE.search(text):
        joined = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        text = _UNSTORABLE.sub("", joined)
    return text[:limit]


def showable(text: str) -> str:
    """Keep what a comment can show: letters, tabs and newlines, no control characters."""
    return _UNSHOWABLE.sub("", storable(text).replace("\r\n", "\n").replace("\r", "\n"))
