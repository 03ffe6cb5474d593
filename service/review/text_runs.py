"""The styles in a text layer: one for each run of characters that look alike."""

import re
import unicodedata
from dataclasses import dataclass

from service.review.paint import Coat, coats_of
from service.review.tree import Node, child, number, text

LARGE_TEXT_PX = 24.0
LARGE_BOLD_PX = 18.66
BOLD_WEIGHT = 700
_MAX_RUNS = 8
_ICON_FONT = re.compile(r"icon|awesome|material symbols|glyph|sf symbols", re.IGNORECASE)
_CLOSING = re.compile(r"clos|dismiss|cancel|remove|delete|icon", re.IGNORECASE)


@dataclass(frozen=True)
class Run:
    """A part of a text node with one style."""

    fills: tuple[Coat, ...]
    size: float
    weight: float
    is_icon: bool = False

    @property
    def is_large(self) -> bool:
        bold = self.weight >= BOLD_WEIGHT
        return self.size >= LARGE_TEXT_PX or (bold and self.size >= LARGE_BOLD_PX)

    @property
    def kind(self) -> str:
        if self.is_large:
            return "Large text"
        return "Sign used as an icon" if self.is_icon else "Text"

    @property
    def look(self) -> str:
        return f"{self.size:g} px, weight {self.weight:g}"

    @property
    def threshold(self) -> float:
        return 3.0 if self.is_large or self.is_icon else 4.5


def is_glyph(node: Node) -> bool:
    """Whether a text is a sign used as an icon: from an icon font, or a single character that is no
    letter and no digit, or the letter x in a layer that is named for closing."""
    characters = text(node, "characters").strip()
    if _ICON_FONT.search(text(child(node, "style"), "fontFamily")):
        return True
    if len(characters.rstrip("\ufe0e\ufe0f")) != 1:
        return False
    if characters.casefold() == "x":
        return bool(_CLOSING.search(text(node, "name")))
    return unicodedata.category(characters[0])[0] in "SPC"


def text_runs(node: Node) -> list[Run]:
    """The styles in a text node: its own, and the overrides that some characters have."""
    style, fills = child(node, "style"), coats_of(node)
    overrides = node.get("characterStyleOverrides")
    used = (
        [each for each in overrides if isinstance(each, int)] if isinstance(overrides, list) else []
    )
    characters = text(node, "characters")
    is_icon = is_glyph(node)
    styles = [style] if 0 in used or len(used) < len(characters) else []
    table = child(node, "styleOverrideTable")
    styles += [child(table, str(key)) for key in sorted({key for key in used if key})[:_MAX_RUNS]]
    return [
        Run(
            coats_of(each) if isinstance(each.get("fills"), list) else fills,
            number(each, "fontSize", number(style, "fontSize")),
            number(each, "fontWeight", number(style, "fontWeight", 400)),
            is_icon,
        )
        for each in styles
    ]
