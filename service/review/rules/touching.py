"""Filled layers of different kinds that stand edge to edge."""

from collections.abc import Iterator, Sequence

from service.review.facts import Fact, Source
from service.review.paint import visible_paints
from service.review.roles import is_a, is_in_a, is_shape
from service.review.rule import Rule
from service.review.screen import Screen
from service.review.spacings import is_icon_sized
from service.review.tree import Box, Place, text

_SMALLEST_PX = 16.0
_SAME_PX = 0.26
_MAX_CHILDREN = 40


def measure(rule: Rule, screen: Screen) -> Iterator[Fact]:
    """A fact for each second layer of such a pair."""
    for parent, below in screen.below.items():
        if not 2 <= len(below) <= _MAX_CHILDREN or parent in screen.in_instances:
            continue
        if parent.type in {"INSTANCE", "CANVAS", "SECTION", "DOCUMENT"} or is_icon_sized(parent):
            continue
        filled = [each for each in below if _is_filled(each)]
        if len(filled) >= 2 and not is_in_a(parent, "rows", "chart", "artwork", "bar"):
            yield from _pairs(rule, parent, filled)


def _is_filled(place: Place) -> bool:
    box = place.box
    return (
        box is not None
        and not (place.is_text or is_shape(place.node))
        and min(box.width, box.height) >= _SMALLEST_PX
        and any(text(each, "type") == "SOLID" for each in visible_paints(place.node))
        and not is_a(place, "spacer", "rows")
    )


def _pairs(rule: Rule, parent: Place, filled: Sequence[Place]) -> Iterator[Fact]:
    for at, one in enumerate(filled):
        for other in filled[at + 1 :]:
            if one.box and other.box and _are_unlike(one, other) and _touch(one.box, other.box):
                # Sections of a page and panels of a screen fill it.
                if _are_panels(parent, one.box, other.box):
                    continue
                first, second = sorted((one, other), key=lambda each: each.id)
                yield rule.fact(
                    second,
                    "0 px between them",
                    "info",
                    f"It touches {first.name} ({first.id}).",
                    weight=0.3,
                )
                break


def _are_unlike(one: Place, other: Place) -> bool:
    same = one.node.get("componentId")
    if same and same == other.node.get("componentId"):
        return False
    return one.name.rstrip("0123456789 ") != other.name.rstrip("0123456789 ")


def _touch(one: Box, other: Box) -> bool:
    """An edge in common, for more than half of the shorter side."""
    across = min(one.x + one.width, other.x + other.width) - max(one.x, other.x)
    down = min(one.y + one.height, other.y + other.height) - max(one.y, other.y)
    beside = abs(across) <= _SAME_PX and down > min(one.height, other.height) / 2
    stacked = abs(down) <= _SAME_PX and across > min(one.width, other.width) / 2
    return beside or stacked


def _are_panels(parent: Place, *boxes: Box) -> bool:
    """Whether each of them lies at two edges of the frame or more."""
    around = parent.box
    return around is not None and all(
        sum(
            abs(distance) <= 1
            for distance in (
                box.x - around.x,
                box.y - around.y,
                box.x + box.width - around.x - around.width,
                box.y + box.height - around.y - around.height,
            )
        )
        >= 2
        for box in boxes
    )


RULE = Rule(
    id="touching",
    title="Layers that touch",
    kind="layout",
    measures="Neighbours of different kinds, both filled, without any space between them.",
    threshold="some space between things that do not belong together",
    source=Source(
        "House rule, after the law of proximity",
        "https://www.nngroup.com/articles/gestalt-proximity/",
    ),
    exemptions=(
        "Lists, tables, tabs, toolbars and segmented controls.",
        "Layers of one component or name.",
        "Sections and panels: what lies at two edges of its frame or more.",
    ),
    sure="C",
    measuring=measure,
)
