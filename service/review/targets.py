"""Size of tap targets: WCAG 2.2 SC 2.5.8 (24 x 24 px, with its spacing exception), 44 advised."""

from collections.abc import Iterator, Sequence

from service.review.controls import has_link, is_control, is_disabled, is_icon
from service.review.facts import Fact, Source
from service.review.tree import Box, Place, box_of

MINIMUM_PX = 24.0
ADVISED_PX = 44.0
MINIMUM_SOURCE = Source(
    "WCAG 2.2 SC 2.5.8", "https://www.w3.org/WAI/WCAG22/Understanding/target-size-minimum.html"
)
ADVISED_SOURCE = Source(
    "WCAG 2.2 SC 2.5.5 (AAA)",
    "https://www.w3.org/WAI/WCAG22/Understanding/target-size-enhanced.html",
)
_MAX_TARGETS = 300


def find_targets(places: Sequence[Place]) -> list[tuple[Place, Box]]:
    """The outermost interactive-looking layers that have a size."""
    found: list[tuple[Place, Box]] = []
    inside: set[int] = set()
    for place in places:
        if place.parent is not None and id(place.parent) in inside:
            inside.add(id(place))
            continue
        if is_control(place) or is_icon(place):
            # A link on the whole screen does not stop the search inside it.
            if place.depth or not has_link(place):
                inside.add(id(place))
            box = box_of(place.node)
            if box is not None and box.width > 0 and box.height > 0:
                found.append((place, box))
    return found


def measure_targets(places: Sequence[Place]) -> Iterator[Fact]:
    targets = find_targets(places)[:_MAX_TARGETS]
    boxes = [box for _, box in targets]
    for place, box in targets:
        yield _target_fact(place, box, boxes)


def count_left_out(places: Sequence[Place]) -> int:
    return max(len(find_targets(places)) - _MAX_TARGETS, 0)


def _target_fact(place: Place, box: Box, boxes: Sequence[Box]) -> Fact:
    size = f"{box.width:.4g}×{box.height:.4g} px"
    smallest = min(box.width, box.height)
    numbers = (round(box.width, 2), round(box.height, 2))
    # Canvas coordinates carry float noise; 23.996 is drawn as 24.
    if smallest >= MINIMUM_PX - 0.01:
        is_wide = smallest >= ADVISED_PX - 0.01
        detail = "Large enough." if is_wide else "Passes; 44×44 is easier to hit by finger."
        return Fact(
            place.id, place.name, "target_size", size, "24×24 px, 44×44 advised",
            "ok" if is_wide else "info", ADVISED_SOURCE.name, ADVISED_SOURCE.url, detail,
            numbers, ADVISED_PX / smallest,
        )  # fmt: skip
    only_named = is_icon(place) and not is_control(place)
    verdict = "problem"
    detail = "Too small to hit reliably."
    if is_disabled(place):
        verdict, detail = "info", "Small, but it looks disabled."
    elif only_named:
        verdict, detail = "info", "Too small if it can be tapped on its own."
    elif _is_spaced(box, boxes):
        verdict, detail = "info", "Small, but passes by the free space around it."
    return Fact(
        place.id, place.name, "target_size", size, "at least 24×24 px, 44×44 advised",
        verdict, MINIMUM_SOURCE.name, MINIMUM_SOURCE.url, detail,  # type: ignore[arg-type]
        numbers, MINIMUM_PX / max(smallest, 0.1),
    )  # fmt: skip


def _is_spaced(box: Box, boxes: Sequence[Box]) -> bool:
    """The exception: a 24 px circle on its centre meets no other target, nor such a circle."""
    x, y = box.centre
    for other in boxes:
        if other is box:
            continue
        if other.distance_to(x, y) < MINIMUM_PX / 2:
            return False
        centre_x, centre_y = other.centre
        is_small = min(other.width, other.height) < MINIMUM_PX
        if is_small and (x - centre_x) ** 2 + (y - centre_y) ** 2 < MINIMUM_PX**2:
            return False
    return True
