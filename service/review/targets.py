"""Finds what can be tapped: which layers are targets of their own, and how large they are."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

from service.review.controls import control_kinds, is_icon, is_linked
from service.review.geometry import Shape, shape_of
from service.review.tree import Box, Place

MINIMUM_PX = 24.0
MAX_TARGETS = 300


@dataclass(frozen=True, eq=False)
class Target:
    """``doubt``: an icon may be decoration; a part of a control may be no separate target."""

    place: Place
    box: Box
    doubt: Literal["", "icon", "part"] = ""

    @cached_property
    def shape(self) -> Shape:
        return shape_of(self.place) or Shape(self.box)

    @cached_property
    def smallest(self) -> float:
        """The side of the largest upright square in it, in px; for a rectangle its shorter side."""
        return self.shape.largest_square


def find_targets(places: Sequence[Place]) -> list[Target]:
    """The layers that look interactive and have a size, in drawing order."""
    inside: dict[Place | None, list[Target]] = {}
    for place in reversed(places):
        found = _targets_of(place, inside.pop(place, []))
        inside.setdefault(place.parent, []).extend(found)
    return inside.get(None, [])[::-1]


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
    few = targets[:MAX_TARGETS]
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
