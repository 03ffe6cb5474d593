"""The styles in a text layer: one for each run of characters that look alike."""

from dataclasses import dataclass

from service.review.paint import Coat, coats_of
from service.review.tree import Node, child, number, text

LARGE_TEXT_PX = 24.0
LARGE_BOLD_PX = 18.66
BOLD_WEIGHT = 700
_MAX_RUNS = 8


@dataclass(frozen=True)
class Run:
    """A part of a text node with one style."""

    fills: tuple[Coat, ...]
    size: float
    weight: float

    @property
    def is_large(self) -> bool:
        bold = self.weight >= BOLD_WEIGHT
        return self.size >= LARGE_TEXT_PX or (bold and self.size >= LARGE_BOLD_PX)

    @property
    def threshold(self) -> float:
        return 3.0 if self.is_large else 4.5


def text_runs(node: Node) -> list[Run]:
    """The styles in a text node: its own, and the overrides that some characters have."""
    style, fills = child(node, "style"), coats_of(node)
    overrides = node.get("characterStyleOverrides")
    used = (
        [each for each in overrides if isinstance(each, int)] if isinstance(overrides, list) else []
    )
    characters = text(node, "characters")
    styles = [style] if 0 in used or len(used) < len(characters) else []
    table = child(node, "styleOverrideTable")
    styles += [child(table, str(key)) for key in sorted({key for key in used if key})[:_MAX_RUNS]]
    return [
        Run(
            coats_of(each) if isinstance(each.get("fills"), list) else fills,
            number(each, "fontSize", number(style, "fontSize")),
            number(each, "fontWeight", number(style, "fontWeight", 400)),
        )
        for each in styles
    ]
