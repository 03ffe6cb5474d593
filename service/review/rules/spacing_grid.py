"""Spacing on the 4 and 8 px grid: auto-layout gaps and padding, and gaps placed by hand."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from service.review.facts import Fact, Source
from service.review.rule import Rule
from service.review.screen import Screen
from service.review.tree import Node, Place, box_of, children, is_visible, number, text

_LAYOUTS = {"HORIZONTAL", "VERTICAL", "GRID"}
# Figma's field, and the name for it in a fact.
_PADDING = {
    "paddingLeft": "left padding",
    "paddingTop": "top padding",
    "paddingRight": "right padding",
    "paddingBottom": "bottom padding",
}
# Strokes in icons follow another grid.
_ICON_PX = 48.0
_MAX_LISTED = 8
_MAX_DRAWN = 50


@dataclass(frozen=True)
class Spacing:
    """One spacing value of a layer: its name, and its size in px (0 is left out)."""

    name: str
    value: float

    @property
    def is_on(self) -> bool:
        return _is_multiple(self.value, 4)


def spacings_of(node: Node) -> list[Spacing]:
    """The spacing of a layer between and around its children."""
    if text(node, "layoutMode") not in _LAYOUTS:
        return _drawn_gaps(node)
    fields = {**_gap_fields(node), **_PADDING}
    found = [Spacing(name, round(number(node, key), 2)) for key, name in fields.items()]
    return [each for each in found if each.value]


def _gap_fields(node: Node) -> dict[str, str]:
    """The fields for gaps between children, with their names."""
    in_flow = [
        each
        for each in children(node)
        if is_visible(each) and text(each, "layoutPositioning") != "ABSOLUTE"
    ]
    if len(in_flow) < 2:
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
    if text(node, "counterAxisAlignContent") != "SPACE_BETWEEN" and _is_wrapped(node, in_flow):
        fields["counterAxisSpacing"] = "vertical gap"
    return fields


def _is_wrapped(node: Node, in_flow: Sequence[Node]) -> bool:
    """Whether the children form more than one row."""
    boxes = [box for each in in_flow if (box := box_of(each)) is not None]
    return text(node, "layoutWrap") == "WRAP" and any(
        box.y >= boxes[0].y + boxes[0].height for box in boxes
    )


def measure(rule: Rule, screen: Screen) -> Iterator[Fact]:
    """A fact for each layer off the 4 px grid, and one for the whole."""
    everything: list[Spacing] = []
    for place in screen.places:
        found = spacings_of(place.node)
        everything += found
        off = [each for each in found if not each.is_on]
        if off:
            yield _layer_fact(rule, place, off)
    if everything and screen.places:
        yield _summary_fact(rule, screen.places[0], everything)


def _layer_fact(rule: Rule, place: Place, off: Sequence[Spacing]) -> Fact:
    values = ", ".join(f"{each.name} {each.value:g}" for each in off[:_MAX_LISTED])
    return rule.fact(
        place,
        f"{values} px",
        "problem",
        "Off the 4 px grid.",
        numbers=tuple(each.value for each in off[:_MAX_LISTED]),
        weight=len(off),
    )


def _summary_fact(rule: Rule, place: Place, found: Sequence[Spacing]) -> Fact:
    on_four = sum(each.is_on for each in found)
    on_eight = sum(_is_multiple(each.value, 8) for each in found)
    off = Counter(each.value for each in found if not each.is_on)
    listed = ", ".join(f"{value:g} px ({count}×)" for value, count in off.most_common(_MAX_LISTED))
    share = on_four / len(found)
    return rule.fact(
        place,
        f"{on_four} of {len(found)} values on the 4 px grid ({int(share * 100)} %), "
        f"{on_eight} on the 8 px grid",
        "info" if off else "ok",
        f"Off the grid: {listed}." if off else "Every value is on the grid.",
        expected="one spacing scale",
        numbers=(on_four, on_eight, len(found)),
        weight=1 - share,
        cause="",
    )


def _drawn_gaps(node: Node) -> list[Spacing]:
    """Gaps between children placed by hand, if they clearly form one column or one row."""
    boxes = [
        box
        for each in children(node)[: _MAX_DRAWN + 1]
        if is_visible(each) and (box := box_of(each)) is not None and box.width * box.height > 0
    ]
    if text(node, "type") not in {"FRAME", "COMPONENT", "INSTANCE"} or _is_icon_sized(node):
        return []
    if not 3 <= len(boxes) <= _MAX_DRAWN:
        return []
    column = _gaps([(box.y, box.y + box.height) for box in boxes])
    row = _gaps([(box.x, box.x + box.width) for box in boxes])
    gaps, name = (column, "gap between rows") if column else (row, "gap between columns")
    return [Spacing(name, gap) for gap in gaps if gap]


def _is_icon_sized(node: Node) -> bool:
    box = box_of(node)
    return box is not None and max(box.width, box.height) <= _ICON_PX


def _gaps(spans: list[tuple[float, float]]) -> list[float]:
    """The distances between spans in order; [] if any two overlap."""
    gaps = [round(after[0] - before[1], 2) for before, after in pairwise(sorted(spans))]
    return gaps if all(gap >= 0 for gap in gaps) else []


def _is_multiple(value: float, grid: int) -> bool:
    rest = abs(value) % grid
    return min(rest, grid - rest) < 0.01


RULE = Rule(
    id="spacing-grid",
    title="Spacing on the grid",
    kind="spacing",
    measures="Gaps and padding of auto layout, and gaps between layers placed by hand in one row "
    "or column.",
    threshold="multiples of 4 px",
    source=Source(
        "4 px grid, Material Design",
        "https://m2.material.io/design/layout/spacing-methods.html",
    ),
    exemptions=("Gaps in icons.", "Children that share the free space."),
    sure="B",
    measuring=measure,
)
