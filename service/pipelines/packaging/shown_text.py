"""A stranger's words, as they are shown in a report: one line, not too long, and nothing unseen."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

LONGEST = 300
# Marks that turn the reading direction around make a line say something else than it seems to.
_TURNING = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def shown(text: str, longest: int = LONGEST) -> str:
    """The text on one line, without controls and marks of direction. It still has to be escaped."""
    # Far more than is shown need not be looked at.
    plain = _TURNING.sub("", text[: longest * 8])
    letters = (" " if unicodedata.category(each).startswith("C") else each for each in plain)
    line = " ".join("".join(letters).split())
    return line if len(line) <= longest else line[: longest - 1].rstrip() + "…"


@dataclass(frozen=True)
class Rows:
    """The first rows of a long list, and how many more there are."""

    shown: tuple[object, ...]
    more: int


def first(rows: Sequence[object], most: int) -> Rows:
    return Rows(tuple(rows[:most]), max(0, len(rows) - most))
