"""Layers placed by hand that miss a common line of their neighbours by a pixel or two."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from service.review.facts import Fact, Source
from service.review.roles import is_in_a, is_shape
from service.review.rule import Rule
from service.review.screen import Screen
from service.review.spacings import LAYOUTS, is_icon_sized
from service.review.tree import Box, Place, text

_LEAST_PX, _MOST_PX = 0.5, 2.5
# Canvas coordinates have float noise.
_SAME_PX = 0.26
_AGREE = 2
_MAX_CHILDREN = 60
_NOT_PLACED = {"INSTANCE", "COMPONENT_SET", "CANVAS", "DOCUMENT", "BOOLEAN_OPERATION"}


@dataclass(frozen=True)
class _Line:
    """An edge or a centre that siblings can share."""

    name: str
    of: Callable[[Box], float]


_ACROSS = (
    _Line("left edge", lambda box: box.x),
    _Line("right edge", lambda box: box.x + box.width),
    _Line("centre", lambda box: box.x + box.width / 2),
)
_DOWN = (
    _Line("top edge", lambda box: box.y),
    _Line("bottom edge", lambda box: box.y + box.height),
    _Line("middle", lambda box: box.y + box.height / 2),
)


def measure(rule: Rule, screen: Screen) -> Iterator[Fact]:
    """A fact for each layer that nearly lies on a line of its siblings."""
    for parent, below in screen.below.items():
        if not _AGREE < len(below) <= _MAX_CHILDREN or parent in screen.in_instances:
            continue
        if (
            parent.type in _NOT_PLACED
            or text(parent.node, "layoutMode") in LAYOUTS
            or is_icon_sized(parent)
        ):
            continue
        placed = [each for each in below if _is_aligned(each)]
        if len(placed) > _AGREE and not is_in_a(parent, "artwork", "chart"):
            for place in placed:
                yield from _judge(rule, place, placed)


def _is_aligned(place: Place) -> bool:
    """Whether it can be out of line: no drawing, not turned, not tiny."""
    box = place.box
    if is_shape(place.node) or box is None or min(box.width, box.height) < 4:
        return False
    return abs(math.sin(2 * place.angle)) <= 0.01


def _judge(rule: Rule, place: Place, placed: Sequence[Place]) -> Iterator[Fact]:
    found = [
        miss
        for lines, others in ((_ACROSS, placed), (_DOWN, _on_one_row(place, placed)))
        if (miss := _miss(place, lines, others))
    ]
    if found:
        line, distance, agreeing = min(found, key=lambda each: (-each[2], each[1]))
        yield rule.fact(
            place,
            f"{line} {distance:.2g} px off",
            "problem",
            f"{agreeing} layers beside it share that line.",
            numbers=(round(distance, 2), agreeing),
            weight=agreeing,
        )


def _on_one_row(place: Place, placed: Sequence[Place]) -> list[Place]:
    """Those whose tops can be compared: texts of other sizes stand on one baseline instead."""
    box = place.box
    return [
        each
        for each in placed
        if (each.is_text) == (place.is_text)
        and (
            not place.is_text
            or (each.box is not None and box is not None
                and abs(each.box.height - box.height) <= _SAME_PX)
        )
    ]  # fmt: skip


def _miss(
    place: Place, lines: Sequence[_Line], placed: Sequence[Place]
) -> tuple[str, float, int] | None:
    """The line that a layer misses, by how much, and how many are on it; None if it shares one."""
    own = place.box
    boxes = [each.box for each in placed if each is not place and each.box is not None]
    if own is None or len(boxes) < _AGREE:
        return None
    missed: list[tuple[str, float, int]] = []
    for line in lines:
        at = line.of(own)
        near = [value for box in boxes if abs((value := line.of(box)) - at) <= _MOST_PX]
        # Centres of an odd and of an even width differ by half a pixel.
        same = _LEAST_PX + 0.01 if line is lines[2] else _SAME_PX
        if any(abs(value - at) <= same for value in near):
            return None
        for value in near:
            agreeing = sum(abs(each - value) <= _SAME_PX for each in near)
            distance = abs(value - at)
            if agreeing >= _AGREE and distance >= _LEAST_PX:
                missed.append((line.name, distance, agreeing))
    return min(missed, key=lambda each: (-each[2], each[1]), default=None)


RULE = Rule(
    id="alignment",
    title="Alignment",
    kind="layout",
    measures="The edges and centres of layers placed by hand beside each other.",
    threshold="on the same line as its neighbours",
    source=Source(
        "House rule: off by 0.5 to 2.5 px while others agree",
        "https://help.figma.com/hc/en-us/articles/360039956914-Adjust-alignment-rotation-position-and-dimensions",
    ),
    exemptions=(
        "Auto layout.",
        "Layers in an instance.",
        "Rotated layers, vectors, icons, charts and illustrations.",
        "A layer that shares another edge or the centre.",
        "Centres of odd and even sizes, 0.5 px apart.",
        "The tops of texts of different sizes.",
    ),
    sure="B",
    measuring=measure,
)
