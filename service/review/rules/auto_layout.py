"""Rows and columns placed by hand in frames that could arrange them."""

from collections.abc import Callable, Iterator, Sequence

from service.review.facts import Fact, Source
from service.review.roles import is_in_a, is_shape
from service.review.rule import Rule
from service.review.screen import Screen
from service.review.spacings import LAYOUTS, gaps_between
from service.review.tree import Box, Place, text

_FEWEST, _MOST = 3, 20
# On this line or nearly so: a person placed them as one row.
_LINE_PX = 4.0
# Frames that hold whole screens are a canvas.
_SCREEN_PX = 320.0


def measure(rule: Rule, screen: Screen) -> Iterator[Fact]:
    """A fact for each frame with such a row or column."""
    for place in screen.of_type("FRAME", "COMPONENT"):
        below = screen.below.get(place, ())
        if not _FEWEST <= len(below) <= _MOST or place in screen.in_instances:
            continue
        if text(place.node, "layoutMode") in LAYOUTS or is_in_a(place, "chart", "artwork"):
            continue
        held = [each for each in below if not is_shape(each.node) and each.type != "RECTANGLE"]
        if len(held) >= _FEWEST and (shape := _shape_of(held)):
            yield rule.fact(
                place,
                f"{len(held)} layers in a {shape}",
                "info",
                "Placed by hand: they do not move when a text grows.",
                numbers=(len(held),),
                weight=len(held),
            )


def _shape_of(held: Sequence[Place]) -> str:
    boxes = [each.box for each in held if each.box is not None and each.box.width > 0]
    if len(boxes) < len(held) or all(min(box.width, box.height) >= _SCREEN_PX for box in boxes):
        return ""
    if _is_line(boxes, lambda box: (box.y, box.height), lambda box: (box.x, box.width)):
        return "column"
    if _is_line(boxes, lambda box: (box.x, box.width), lambda box: (box.y, box.height)):
        return "row"
    return ""


def _is_line(
    boxes: Sequence[Box],
    along: Callable[[Box], tuple[float, float]],
    across: Callable[[Box], tuple[float, float]],
) -> bool:
    """One after the other, without overlap, and with one edge or the centre in common."""
    spans = [along(box) for box in boxes]
    if not gaps_between([(start, start + length) for start, length in spans]):
        return False
    sides = [across(box) for box in boxes]
    return any(
        max(values) - min(values) <= _LINE_PX
        for values in (
            [start for start, _ in sides],
            [start + length for start, length in sides],
            [start + length / 2 for start, length in sides],
        )
    )


RULE = Rule(
    id="auto-layout",
    title="Auto layout",
    kind="layout",
    measures="Frames without auto layout whose texts, frames and instances stand in one row or "
    "column.",
    threshold="auto layout for three or more in a row or column",
    source=Source(
        "Figma auto layout",
        "https://help.figma.com/hc/en-us/articles/360040451373-Guide-to-auto-layout",
    ),
    exemptions=(
        "Shapes.",
        "Layers that overlap.",
        "Charts and illustrations.",
        "Layers in an instance.",
        "Frames that hold whole screens.",
    ),
    sure="C",
    measuring=measure,
)
