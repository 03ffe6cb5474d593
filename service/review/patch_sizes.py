"""Changes of sizes, distances and places that may remove a finding."""

import math
from collections.abc import Iterable, Iterator, Sequence

from service.review.facts import Fact
from service.review.palette import PaletteColour
from service.review.redrawing import Change, Changes, hugs, value_of
from service.review.rules import line_height, text_size
from service.review.screen import Screen
from service.review.targets import MINIMUM_PX
from service.review.tree import Node, Place, child, text


def spacing_step(
    fact: Fact, places: Sequence[Place], screen: Screen, _palette: Sequence[PaletteColour]
) -> Iterator[Changes]:
    """The next step of the grid for each value that is off it. Gaps placed by hand are left."""
    wanted = set(places)
    changes = []
    for place, found in screen.spacings:
        for each in found if place in wanted else ():
            if each.is_bound or round(each.value, 2) not in fact.numbers:
                continue
            if not each.field:
                return
            step = next_step(each.value, screen.scale.grid)
            changes.append(Change(place.id, each.field, each.value, step))
    yield tuple(changes)


def next_step(value: float, grid: float) -> float:
    """The multiple of the grid next to a value, the larger one of two; never 0."""
    return max(math.floor(value / grid + 0.5), 1) * grid


def larger_target(
    fact: Fact, places: Sequence[Place], _screen: Screen, _palette: Sequence[PaletteColour]
) -> Iterator[Changes]:
    """More padding where auto layout makes the size, else the size itself."""
    if fact.verdict != "problem":
        return
    changes: list[Change] = []
    for place in places:
        for side, pads in (
            ("width", ("paddingLeft", "paddingRight")),
            ("height", ("paddingTop", "paddingBottom")),
        ):
            size = value_of(place.node, side)
            if size is None:
                return
            if size >= MINIMUM_PX - 0.01:
                continue
            if hugs(place.node, side):
                changes += _padded(place, pads, MINIMUM_PX - size)
            else:
                changes.append(Change(place.id, side, size, MINIMUM_PX))
    if not any(_is_bound(places, each.property) for each in changes):
        yield tuple(changes)


def _padded(place: Place, names: Sequence[str], missing: float) -> Iterator[Change]:
    """Half of what is missing on each side, on the grid where the padding was."""
    for name in names:
        old = value_of(place.node, name) or 0.0
        wanted = old + missing / 2
        step = 4.0 if old % 4 == 0 else 1.0
        yield Change(place.id, name, old, math.ceil(wanted / step - 0.001) * step)


def font_size(
    fact: Fact, places: Sequence[Place], screen: Screen, _palette: Sequence[PaletteColour]
) -> Iterator[Changes]:
    """The usual size nearby, or the smallest that reads well."""
    size = fact.numbers[1] if fact.rule == "type-scale" else text_size.SMALLEST_PX
    yield from _restyled(places, screen, "fontSize", size)


def taller_lines(
    fact: Fact, places: Sequence[Place], screen: Screen, _palette: Sequence[PaletteColour]
) -> Iterator[Changes]:
    yield from _restyled(
        places, screen, "lineHeight", math.ceil(line_height.COMFORTABLE * fact.numbers[1])
    )


def _restyled(places: Sequence[Place], screen: Screen, name: str, new: float) -> Iterator[Changes]:
    """Another size for texts of one style each."""
    if any(len(screen.runs.get(each, ())) != 1 for each in places) or _is_bound(places, name):
        return
    yield tuple(Change(each.id, name, value_of(each.node, name) or 0.0, new) for each in places)


def radius(
    fact: Fact, places: Sequence[Place], _screen: Screen, _palette: Sequence[PaletteColour]
) -> Iterator[Changes]:
    """The radius of others of its kind, or the outer one less the padding."""
    old, other, *padding = fact.numbers
    new = other - padding[0] if padding else other
    yield tuple(Change(each.id, "cornerRadius", old, new) for each in places)


# How far along its side each line of a layer lies: its edges and its centre.
_LINES = {"left": 0.0, "right": 1.0, "centre": 0.5, "top": 0.0, "bottom": 1.0, "middle": 0.5}


def lined_up(
    fact: Fact, places: Sequence[Place], screen: Screen, _palette: Sequence[PaletteColour]
) -> Iterator[Changes]:
    """Onto the line that it misses, on the side where its neighbours have it."""
    line = fact.value.split()[0]
    axis, side = ("x", "width") if line in ("left", "right", "centre") else ("y", "height")

    def at(place: Place) -> float:
        box = place.box
        return getattr(box, axis) + _LINES[line] * getattr(box, side) if box else math.nan

    changes = []
    for place in places:
        around = screen.below.get(place.parent, ()) if place.parent else ()
        ways = {by: sum(abs(at(each) - at(place) - by) < 0.3 for each in around)
                for by in (fact.numbers[0], -fact.numbers[0])}  # fmt: skip
        by = max(ways, key=lambda way: ways[way])
        old = _offset(place, axis)
        if old is None or not ways[by]:
            return
        changes.append(Change(place.id, axis, old, round(old + by, 2)))
    yield tuple(changes)


def _offset(place: Place, axis: str) -> float | None:
    """The place in the frame around, as Figma tells it: groups have no origin of their own."""
    around = next((each for each in place.ancestors() if each.type != "GROUP"), None)
    if place.box is None or around is None or around.box is None:
        return None
    return round(float(getattr(place.box, axis) - getattr(around.box, axis)), 2)


def _is_bound(places: Iterable[Place], name: str) -> bool:
    """Whether a token gives this value: then it is a decision."""
    return any(_binds(each.node, name) for each in places)


def _binds(node: Node, name: str) -> bool:
    if name in ("fontSize", "lineHeight") and text(child(node, "styles"), "text"):
        return True
    style = child(child(node, "style"), "boundVariables")
    return bool(child(node, "boundVariables").get(name) or style.get(name))
