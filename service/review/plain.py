"""Plain text for a comment thread: never a trigger word, never past its length."""

import re
from collections.abc import Iterable, Sequence

_ZERO_WIDTH = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")


def without_triggers(text: str, triggers: Iterable[str]) -> str:
    """Take the words that call the buddy out of a reply, so that it cannot answer itself.

    A trigger loses its "@" and any other leading sign ("@buddy" becomes "buddy"); one that has no
    sign is taken out. Invisible characters, which could hide a trigger, go first.
    """
    text = _ZERO_WIDTH.sub("", text)
    patterns = [
        re.compile(re.escape(each), re.IGNORECASE)
        for each in sorted({each.strip() for each in triggers} - {""}, key=len, reverse=True)
    ]
    while any(pattern.search(text) for pattern in patterns):
        for pattern in patterns:
            text = pattern.sub(lambda found: re.sub(r"^\W+", "", found[0]) if re.match(
                r"\W", found[0]) else "", text)  # fmt: skip
    return text


def fit(lines: Sequence[str], limit: int) -> str:
    """Join whole lines while they fit; a first line that is too long is cut with an ellipsis."""
    kept: list[str] = []
    room = limit
    for line in lines:
        room -= len(line) + bool(kept)
        if room < 0:
            break
        kept.append(line)
    if not kept and lines:
        return lines[0][: max(limit - 1, 0)] + "…"
    return "\n".join(kept).strip()
