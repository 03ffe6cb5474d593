"""The lines of a text as it is set: how many there are, how high and how long they are."""

import math
import re
from dataclasses import dataclass

from service.review.tree import Place, child, number, text

# The average width of a character, in sizes of the type: Latin text and Chinese, Japanese, Korean.
_LATIN, _CJK = 0.5, 1.0
_CJK_CHARS = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]")
_BREAKS = re.compile(r"[\n\r\u2028\u2029]+")


@dataclass(frozen=True)
class Lines:
    """``height`` of a line in px, 0 if Figma does not tell; ``is_auto``: it is the font's own.
    ``length`` is how many characters a full line holds. ``paragraphs``: parts between breaks."""

    count: int
    size: float
    height: float
    is_auto: bool
    length: float
    paragraphs: int
    is_cjk: bool


def lines_of(place: Place) -> Lines | None:
    """The lines of a text; None if its size or its box is not known."""
    style, box = child(place.node, "style"), place.box
    size, characters = number(style, "fontSize"), text(place.node, "characters").strip()
    if size <= 0 or box is None or box.width <= 0 or not characters:
        return None
    height = number(style, "lineHeightPx")
    is_auto = text(style, "lineHeightUnit") == "INTRINSIC_%"
    parts = [each for each in _BREAKS.split(characters) if each.strip()]
    is_cjk = len(_CJK_CHARS.findall(characters)) * 2 > len(characters)
    held = box.width / (size * (_CJK if is_cjk else _LATIN))
    count = _count(place, box.height, height or size * 1.2, parts, held)
    # The last line of a paragraph is half full on average.
    full = max(count - len(parts) / 2, 1)
    length = max(sum(map(len, parts)) / max(count, 1), min(sum(map(len, parts)) / full, held))
    return Lines(count, size, height, is_auto, length, len(parts), is_cjk)


def _count(place: Place, box: float, height: float, parts: list[str], held: float) -> int:
    resize = text(child(place.node, "style"), "textAutoResize")
    if resize == "WIDTH_AND_HEIGHT":
        return len(parts)
    by_height = max(round(box / height), 1)
    if resize == "HEIGHT":
        return by_height
    # A box of fixed size may be higher than its text.
    by_width = sum(max(math.ceil(len(each) / held), 1) for each in parts)
    return min(by_height, by_width)
