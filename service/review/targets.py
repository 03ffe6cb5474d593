"""Size of tap targets: WCAG 2.2 SC 2.5.8 (24 x 24 px, with its spacing exception); 44 is
advised."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from service.review.controls import control_kinds, is_disabled, is_icon, is_linked
from service.review.facts import Fact, Source, Verdict
from service.review.tree import Box, Place

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


@dataclass(frozen=True, eq=False)
class Target:
    """``doubt``: an icon may be decoration; a part of a control may be no separate target."""

    place: Place
    box: Box
    doubt: Literal["", "icon", "part"] = ""

    @property
    def smallest(self) -> float:
        return min(self.box.width, self.box.height)


def find_targets(places: Sequence[Place]) -> list[Target]:
    """The layers that look interactive and have a size, in drawing order."""
    inside: dict[Place | None, list[Target]] = {}
    for place in reversed(places):
        found = _targets_of(place, inside.pop(place, []))
        inside.setdefault(place.parent, []).extend(found)
    return inside.get(None, [])[::-1]


def measure_targets(places: Sequence[Place]) -> tuple[list[Fact], int]:
    """A fact for each tap target, and how many targets were left out."""
    targets = find_targets(places)
    judged = targets[:_MAX_TARGETS]
    boxes = [each.box for each in judged if each.doubt != "part"]
    return [_target_fact(each, boxes) for each in judged], len(targets) - len(judged)


def _targets_of(place: Place, inner: list[Target]) -> list[Target]:
    """The targets of a layer and the layers in it, last one first.

    A control that contains several controls is a target only if it has a link itself. A single
    control inside another is most likely a part of it.
    """
    kinds, leads = control_kinds(place), is_linked(place)
    is_named = bool(kinds) or is_icon(place)
    box = place.box
    if not (is_named or leads) or box is None or not box.width * box.height:
        return inner
    own = Target(place, box, "" if kinds or leads else "icon")
    controls = [each for each in inner if each.doubt == ""]
    apart = _apart(controls)
    if own.doubt:
        return inner if controls or len(_apart(inner)) > 1 else [own]
    if leads and not kinds and place.parent is None:
        # A link on the whole screen does not affect the targets in it.
        return inner or [own]
    if len(apart) > 1:
        held = [each if each in apart else replace(each, doubt="part") for each in controls]
        return [*held, own] if leads else [*held, *(each for each in inner if each.doubt)]
    return [*_parts(controls, kinds), own]


def _apart(targets: Sequence[Target]) -> set[Target]:
    """The targets that overlap no other: a knob on its track is a part, two tabs are two."""
    few = targets[:_MAX_TARGETS]
    return {
        one
        for one in few
        if not any(one is not other and one.box.overlaps(other.box, slack=2) for other in few)
    }


def _parts(controls: Iterable[Target], kinds: set[str]) -> Iterable[Target]:
    """The controls inside a control that may be targets: those with a link, and small ones of
    another kind ("Button" in a "Chip", but not "Button base" in a "Button")."""
    for each in controls:
        if is_linked(each.place):
            yield each
        elif each.smallest < MINIMUM_PX and not kinds & control_kinds(each.place):
            yield replace(each, doubt="part")


def _target_fact(target: Target, boxes: Sequence[Box]) -> Fact:
    place, box, smallest = target.place, target.box, target.smallest
    size = f"{box.width:.4g}×{box.height:.4g} px"
    numbers = (round(box.width, 2), round(box.height, 2))
    # Canvas coordinates have float noise; 23.996 is drawn as 24.
    if smallest >= MINIMUM_PX - 0.01:
        is_wide = smallest >= ADVISED_PX - 0.01
        detail = "Large enough." if is_wide else "Passes; 44×44 is easier to hit by finger."
        return Fact(
            place.id, place.name, "target_size", size, "24×24 px, 44×44 advised",
            "ok" if is_wide else "info", ADVISED_SOURCE.name, ADVISED_SOURCE.url, detail,
            numbers, ADVISED_PX / smallest,
        )  # fmt: skip
    verdict: Verdict = "info"
    if is_disabled(place):
        detail = "Small, but it looks disabled."
    elif target.doubt:
        detail = "Too small if it can be tapped on its own."
    elif _is_spaced(box, boxes):
        detail = "Small, but passes by the free space around it."
    else:
        verdict, detail = "problem", "Too small to hit reliably."
    return Fact(
        place.id, place.name, "target_size", size, "at least 24×24 px, 44×44 advised",
        verdict, MINIMUM_SOURCE.name, MINIMUM_SOURCE.url, detail,
        numbers, MINIMUM_PX / max(smallest, 0.1),
    )  # fmt: skip


def _is_spaced(box: Box, boxes: Sequence[Box]) -> bool:
    """The exception: a 24 px circle on its centre touches no other target and no such circle."""
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
