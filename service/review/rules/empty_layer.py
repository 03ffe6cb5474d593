"""Layers that draw nothing: empty frames, and layers with a side of 0."""

from collections.abc import Iterator

from service.review.controls import has_link
from service.review.facts import Fact, Source
from service.review.layers import is_mask
from service.review.paint import visible_paints
from service.review.roles import is_a, is_shape
from service.review.rule import Rule
from service.review.screen import Screen
from service.review.tree import Place, children

_EMPTY = ("FRAME", "GROUP", "COMPONENT", "SECTION")
_SIZED = (*_EMPTY, "RECTANGLE", "INSTANCE", "TEXT")


def measure(rule: Rule, screen: Screen) -> Iterator[Fact]:
    """A fact for each empty layer of one's own."""
    for place in screen.of_type(*_SIZED):
        if place.is_cut_off or place in screen.in_instances:
            continue
        what = _emptiness(place)
        if what and not (is_a(place, "spacer") or has_link(place) or is_mask(place)):
            yield rule.fact(
                place,
                what,
                "info",
                "It can be deleted, unless it is there for its space.",
                weight=0.2,
            )


def _emptiness(place: Place) -> str:
    box = place.box
    if box is not None and box.width * box.height == 0 and not is_shape(place.node):
        return f"{box.width:g}×{box.height:g} px"
    has_children = bool(place.node.get("children"))
    if place.type not in _EMPTY or has_children or place.node.get("exportSettings"):
        return ""
    draws = any(visible_paints(place.node, key) for key in ("fills", "strokes"))
    return "" if draws or children(place.node, "effects") else "no children, no paint"


RULE = Rule(
    id="empty-layer",
    title="Empty layers",
    kind="layers",
    measures="Frames and groups without children and without paint, and layers with a width or "
    "height of 0.",
    threshold="something to draw",
    source=Source(
        "House rule", "https://help.figma.com/hc/en-us/articles/360041539473-Frames-in-Figma-Design"
    ),
    exemptions=(
        "Slots.",
        "Spacers, by their name.",
        "Lines and vectors.",
        "Layers in an instance, and layers that were not read.",
        "Areas with a prototype link.",
    ),
    sure="B",
    measuring=measure,
)
