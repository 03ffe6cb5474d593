"""The layers of a design as they are drawn: their fills, their extent, their masks."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field

from service.review.paint import Coat, coats_of, has_plain_blend, is_opaque, unit
from service.review.tree import Box, Place, child, number, text

# These fill their box, except for round corners.
FULL_SHAPES = {
    "FRAME", "GROUP", "SECTION", "COMPONENT", "COMPONENT_SET", "INSTANCE", "RECTANGLE", "ELLIPSE",
    "CANVAS",
}  # fmt: skip


@dataclass(eq=False)
class Layer:
    """A layer as it is drawn. Text is not included: letters are no background.

    ``reach`` encloses everything that it and its children draw, None if that is nothing. ``mask``
    is the mask it shows through. ``unsure`` says why its box does not show what it draws.
    """

    place: Place
    fills: tuple[Coat, ...]
    has_outline: bool
    opacity: float
    unsure: str
    below: list["Layer"] = field(default_factory=list)
    masks: list["Layer"] = field(default_factory=list)
    reach: Box | None = None
    mask: "Layer | None" = None

    @classmethod
    def of(cls, place: Place) -> "Layer":
        node = place.node
        layer = cls(
            place,
            coats_of(node),
            bool(coats_of(node, "strokes")) and number(node, "strokeWeight", 1) > 0,
            unit(number(node, "opacity", 1.0)),
            "",
        )
        if place.is_cut_off:
            layer.unsure = f"the inside of {layer}, which was not read"
        elif not _fills_its_box(place):
            layer.unsure = f"the shape of {layer}"
        return layer

    def __str__(self) -> str:
        return f"the layer {self.place.name} ({self.place.id})"

    @property
    def draws(self) -> bool:
        return bool(self.fills or self.has_outline or self.place.is_cut_off)

    @property
    def clip(self) -> Box | None:
        """The box that clips its children."""
        return self.place.box if self.place.node.get("clipsContent") is True else None

    @property
    def scrolls(self) -> bool:
        return text(self.place.node, "overflowDirection").endswith("_SCROLLING")

    def order_of(self, below: Place) -> int:
        """A child's place in the drawing order. Auto layout can reverse that order."""
        is_turned = self.place.node.get("itemReverseZIndex") is True
        return -below.position if is_turned else below.position

    def mask_of(self, below: Place) -> "Layer | None":
        """The mask that a child shows through: the last one before it."""
        before = (each for each in self.masks if each.place.position < below.position)
        return max(before, key=lambda mask: mask.place.position, default=None)

    @property
    def is_plain_mask(self) -> bool:
        """Whether it shows everything in its box, at full opacity."""
        is_full = self.opacity >= 1 and has_plain_blend(self.place.node) and is_opaque(self.fills)
        return is_full and self.unsure == "" and self.place.box is not None

    def take_in(self) -> None:
        """Sort the layers below, assign their masks, and calculate the extent of all of them."""
        self.below = [each for each in self.below if each.reach]
        self.below.sort(key=lambda each: self.order_of(each.place))
        for each in self.below if self.masks else ():
            each.mask = self.mask_of(each.place)
        inner = _join(each.reach for each in self.below)
        if inner and self.clip:
            inner = self.clip.cut_to(inner)
        self.reach = _join([self.place.box if self.draws else None, inner])


def is_mask(place: Place) -> bool:
    """A mask cuts the siblings after it, and is never drawn itself."""
    return place.node.get("isMask") is True


def _fills_its_box(place: Place) -> bool:
    """False for other shapes, for rings and wedges, and for rotated layers."""
    if place.type not in FULL_SHAPES:
        return False
    arc = child(place.node, "arcData")
    sweep = abs(number(arc, "endingAngle", math.tau) - number(arc, "startingAngle"))
    is_whole = number(arc, "innerRadius") <= 0 and sweep > math.tau - 0.01
    return is_whole and abs(math.sin(2 * number(place.node, "rotation"))) < 0.01


def _join(boxes: Iterable[Box | None]) -> Box | None:
    joined: Box | None = None
    for box in boxes:
        if box is not None:
            joined = joined.joined_with(box) if joined else box
    return joined
