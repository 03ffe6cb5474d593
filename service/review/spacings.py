"""The spacing of a layer: gaps and padding of auto layout, and gaps placed by hand."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from service.review.tree import Node, Place, box_of, children, is_visible, number, text
from service.review.uses import is_bound

LAYOUTS = {"HORIZONTAL", "VERTICAL", "GRID"}
# Strokes in icons follow another grid.
ICON_PX = 48.0
MAX_DRAWN = 50
# More between two layers placed by hand is what was left free, and less is float noise.
_FREE_PX, _NOISE_PX, _FLOAT_PX = 96.0, 0.26, 0.05
# Figma's field, and the name for it in a fact.
_PADDING = {
    "paddingLeft": "left padding",
    "paddingTop": "top padding",
    "paddingRight": "right padding",
    "paddingBottom": "bottom padding",
}
_SHAPES = {
    "VECTOR", "LINE", "ELLIPSE", "RECTANGLE", "STAR", "REGULAR_POLYGON", "BOOLEAN_OPERATION",
    "POLYGON",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Spacing:
    """One spacing value of a layer: its name, its size in px (0 is left out), and whether it comes
    from a variable. ``field`` is Figma's name, "" for a gap placed by hand."""

    name: str
    value: float
    field: str = ""
    is_bound: bool = False

    def is_on(self, grid: float) -> bool:
        return is_multiple(self.value, grid)


def spacings_of(place: Place) -> list[Spacing]:
    """The spacing of a layer between and around its children."""
    node = place.node
    if text(node, "layoutMode") not in LAYOUTS:
        return _drawn_gaps(place) if node.get("children") else []
    if _is_icon(place):
        return []
    fields = {**_gap_fields(node), **_PADDING}
    return [
        Spacing(name, value, key, is_bound(node, key))
        for key, name in fields.items()
        if key in node and (value := round(number(node, key), 2))
    ]


def is_multiple(value: float, grid: float) -> bool:
    rest = abs(value) % grid
    return min(rest, grid - rest) < 0.01


def in_flow(node: Node) -> list[Node]:
    """The children that auto layout arranges."""
    return [
        each
        for each in children(node)
        if is_visible(each) and text(each, "layoutPositioning") != "ABSOLUTE"
    ]


def gaps_between(spans: list[tuple[float, float]]) -> list[float]:
    """The distances between spans in order; [] if any two overlap."""
    gaps = [round(after[0] - before[1], 2) for before, after in pairwise(sorted(spans))]
    return gaps if all(gap >= 0 for gap in gaps) else []


def is_icon_sized(place: Place) -> bool:
    box = place.box
    return box is not None and max(box.width, box.height) <= ICON_PX


def _is_icon(place: Place) -> bool:
    """Small, and nothing but shapes in it."""
    below = children(place.node)
    return (
        bool(below)
        and is_icon_sized(place)
        and all(text(each, "type") in _SHAPES for each in below)
    )


def _gap_fields(node: Node) -> dict[str, str]:
    """The fields for gaps between children, with their names."""
    flowing = in_flow(node)
    if len(flowing) < 2:
        return {}
    if text(node, "layoutMode") == "GRID":
        has_rows, has_columns = (
            number(node, key, 2) > 1 for key in ("gridRowCount", "gridColumnCount")
        )
        rows = {"gridRowGap": "vertical gap"} if has_rows else {}
        return rows | ({"gridColumnGap": "horizontal gap"} if has_columns else {})
    fields = {}
    # With SPACE_BETWEEN the children share the free space, and the value is not used.
    if text(node, "primaryAxisAlignItems") != "SPACE_BETWEEN":
        fields["itemSpacing"] = "gap"
    if text(node, "counterAxisAlignContent") != "SPACE_BETWEEN" and _is_wrapped(node, flowing):
        fields["counterAxisSpacing"] = "vertical gap"
    return fields


def _is_wrapped(node: Node, flowing: Sequence[Node]) -> bool:
    """Whether the children form more than one row."""
    if text(node, "layoutWrap") != "WRAP":
        return False
    boxes = [box for each in flowing if (box := box_of(each)) is not None]
    return any(box.y >= boxes[0].y + boxes[0].height for box in boxes)


def _drawn_gaps(place: Place) -> list[Spacing]:
    """Gaps between children placed by hand, if they clearly form one column or one row."""
    if place.type not in {"FRAME", "COMPONENT", "INSTANCE"} or is_icon_sized(place):
        return []
    boxes = [
        box
        for each in children(place.node)[: MAX_DRAWN + 1]
        if is_visible(each) and (box := box_of(each)) is not None and box.width * box.height > 0
    ]
    if not 3 <= len(boxes) <= MAX_DRAWN:
        return []
    column = gaps_between([(box.y, box.y + box.height) for box in boxes])
    row = gaps_between([(box.x, box.x + box.width) for box in boxes])
    gaps, name = (column, "gap between rows") if column else (row, "gap between columns")
    whole = (round(gap) if abs(gap - round(gap)) <= _FLOAT_PX else gap for gap in gaps)
    return [Spacing(name, gap) for gap in whole if _NOISE_PX < gap <= _FREE_PX]
