"""Corner radii: nearly the same on things of one kind, and corners that do not nest."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from service.review.facts import Fact, Source
from service.review.roles import has_default_name, is_drawn
from service.review.rule import Rule
from service.review.screen import Screen
from service.review.tree import Place, is_visible, number
from service.review.uses import is_bound

_NEAR_PX, _NOISE_PX = 2.0, 0.1
_CORNERS = ("topLeftRadius", "topRightRadius", "bottomLeftRadius", "bottomRightRadius")
# Up to this height, things of one kind have one height; cards may grow.
_SMALL_PX = 64.0
_MAX_CHILDREN = 60


def measure(rule: Rule, screen: Screen) -> Iterator[Fact]:
    """A fact for each radius that differs a little from its kind, and each corner in a corner."""
    rounded = {
        place: radius
        for place in screen.places
        if ("cornerRadius" in place.node or "rectangleCornerRadii" in place.node)
        and (radius := _radius_of(place))
        and place not in screen.in_instances
    }
    kinds: dict[object, list[Place]] = {}
    for place in rounded:
        if kind := _kind_of(place):
            kinds.setdefault(kind, []).append(place)
    for alike in kinds.values():
        yield from _differing(rule, alike, rounded)
    for place in rounded:
        yield from _nested(rule, place, screen.below.get(place, ())[:_MAX_CHILDREN], rounded)


def _radius_of(place: Place) -> float:
    """One radius for all corners; 0 for none, several, or a pill."""
    radius = number(place.node, "cornerRadius")
    listed = place.node.get("rectangleCornerRadii")
    if isinstance(listed, list) and listed:
        if any(each != listed[0] for each in listed):
            return 0
        radius = radius or number({"radius": listed[0]}, "radius")
    if radius <= 0 or place.box is None or _is_pill(place, radius):
        return 0
    return round(radius, 2)


def _is_decided(place: Place) -> bool:
    """A radius from a token."""
    return is_bound(place.node, "cornerRadius", "rectangleCornerRadii", *_CORNERS)


def _is_pill(place: Place, radius: float) -> bool:
    box = place.box
    return box is not None and radius >= min(box.width, box.height) / 2 - 0.5


def _kind_of(place: Place) -> object:
    """What makes layers the same kind of thing: their component, or their name and height."""
    box = place.box
    if component := place.node.get("componentId"):
        return str(component)
    if has_default_name(place.node) or box is None or is_drawn(place):
        return None
    name = re.sub(r"[\s\d_#-]+$", "", place.name).casefold()
    return (name, round(box.height / 4) if box.height <= _SMALL_PX else "tall") if name else None


def _differing(
    rule: Rule, alike: Sequence[Place], rounded: Mapping[Place, float]
) -> Iterator[Fact]:
    counts = Counter(rounded[each] for each in alike)
    if len(counts) < 2:
        return
    decided = {rounded[each] for each in alike if _is_decided(each)}
    for place in alike:
        radius = rounded[place]
        if radius in decided:
            continue
        usual = [
            each
            for each, count in counts.items()
            if _NOISE_PX < abs(each - radius) <= _NEAR_PX
            and (each in decided or (count, -each) > (counts[radius], -radius))
        ]
        if usual:
            common = min(usual, key=lambda each: (-counts[each], each))
            yield rule.fact(
                place,
                f"radius {radius:g} px",
                "problem",
                f"{counts[common]} more of its kind have {common:g} px.",
                expected=f"{common:g} px, as on others of its kind",
                numbers=(radius, common),
                weight=1,
            )


def _nested(
    rule: Rule, outer: Place, below: Sequence[Place], rounded: Mapping[Place, float]
) -> Iterator[Fact]:
    around = outer.box
    for inner in below:
        box = inner.box
        if inner not in rounded or box is None or around is None or not _has_edge(inner, outer):
            continue
        if _is_decided(inner):
            continue
        left, top = box.x - around.x, box.y - around.y
        largest = rounded[outer] - max(left, top)
        # Only corners that lie in a corner nest: the same padding on both sides, and less than the
        # outer radius.
        if min(left, top) < 0.5 or abs(left - top) > 1 or largest <= 0:
            continue
        if rounded[inner] > largest + 0.5:
            yield rule.fact(
                inner,
                f"radius {rounded[inner]:g} px in {rounded[outer]:g} px",
                "info",
                f"With {max(left, top):g} px between them, the corners do not run in parallel.",
                expected=f"at most {largest:g} px, the outer radius less the padding",
                numbers=(rounded[inner], rounded[outer], round(max(left, top), 2)),
                weight=0.5,
            )


def _has_edge(*places: Place) -> bool:
    """Whether each of them is filled or outlined, so that its corners can be seen."""
    return all(
        any(
            isinstance(each, dict) and is_visible(each)
            for key in ("fills", "strokes")
            if isinstance(paints := place.node.get(key), list)
            for each in paints
        )
        for place in places
    )


RULE = Rule(
    id="radii",
    title="Corner radii",
    kind="layout",
    measures="The radii of things of one kind (the same component, or the same name and height), "
    "and of a corner that lies in a corner.",
    threshold="one radius for each kind; an inner radius of at most the outer one less the padding",
    source=Source(
        "House rule, after Material's shape scale",
        "https://m3.material.io/styles/shape/corner-radius-scale",
    ),
    exemptions=(
        "Pills, whose radius is half their height.",
        "A radius from a variable.",
        "Layers in an instance.",
        "Radii that differ by more than 2 px.",
    ),
    sure="B",
    measuring=measure,
)
