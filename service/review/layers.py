"""The layers of a design as they are drawn: their fills, their extent, their masks."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from service.review.effects import blurs_background, has_unknown_effect, layer_blur
from service.review.geometry import Shape, shape_of
from service.review.paint import Coat, coats_of, has_plain_blend, is_opaque, page_coat, unit
from service.review.tree import Box, Place, number, text

# So many children are sorted by the rows of the canvas, each of this height in px. A layer that
# reaches over more than so many rows is looked at each time.
MANY = 24
_ROW_PX = 64.0
_TALL = 32


@dataclass(eq=False)
class Layer:
    """A layer as it is drawn. Text is not included: letters are no background.

    ``reach`` encloses everything that it and its children draw, None if that is nothing. ``mask``
    is the mask it shows through. ``unsure`` says why its shape does not show what it draws.
    ``blur`` is how far it and everything in it is blurred, in px.
    """

    place: Place
    fills: tuple[Coat, ...]
    has_outline: bool
    opacity: float
    unsure: str
    blur: float = 0.0
    below: list["Layer"] = field(default_factory=list)
    masks: list["Layer"] = field(default_factory=list)
    rows: "Rows | None" = None
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
        if not layer.fills and place.box is None:
            layer.fills = page_coat(node)
        if "effects" in node:
            layer.blur = layer_blur(node)
        layer.unsure = layer._doubt()
        return layer

    def _doubt(self) -> str:
        node = self.place.node
        if self.place.is_cut_off:
            return f"the inside of {self}, which was not read"
        if self.repeats:
            return f"the copies that {self} makes"
        if self.shape is None and not self.is_page:
            return f"the shape of {self}"
        if "effects" not in node:
            return ""
        if has_unknown_effect(node):
            return f"an effect of {self}"
        if blurs_background(node) and not is_opaque(self.fills):
            return f"the background blur of {self}"
        return ""

    @cached_property
    def shape(self) -> Shape | None:
        return shape_of(self.place)

    @property
    def is_page(self) -> bool:
        """A page has no edges, and lies behind everything on it."""
        return self.place.box is None and self.place.parent is None

    @property
    def repeats(self) -> bool:
        """A transform group draws its children more than once, at places that Figma does not tell.
        https://help.figma.com/hc/en-us/articles/31440394517143
        """
        return self.place.type == "TRANSFORM_GROUP"

    def __str__(self) -> str:
        return f"the layer {self.place.name} ({self.place.id})"

    @property
    def draws(self) -> bool:
        return bool(self.fills or self.has_outline or self.place.is_cut_off or self.repeats)

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
        self.rows = Rows(self.below) if len(self.below) >= MANY else None
        inner = _join(each.reach for each in self.below)
        if inner and self.clip:
            inner = self.clip.cut_to(inner)
        self.reach = _join([self.place.box if self.draws else None, inner])
        if self.reach and self.blur:
            self.reach = self.reach.grown(self.blur)


class Rows:
    """Many layers by the rows of the canvas that they reach, so that those near a spot are found
    without looking at all."""

    def __init__(self, layers: Sequence[Layer]):
        self._all = layers
        self._rows: dict[int, list[int]] = {}
        self._tall: list[int] = []
        for at, layer in enumerate(layers):
            first, last = _rows_of(layer.reach) if layer.reach else (0, -1)
            if last - first >= _TALL:
                self._tall.append(at)
                continue
            for row in range(first, last + 1):
                self._rows.setdefault(row, []).append(at)

    def near(self, box: Box) -> list[Layer]:
        """The layers that may overlap a box, in drawing order."""
        first, last = _rows_of(box)
        if last - first >= _TALL:
            return list(self._all)
        found = set(self._tall)
        for row in range(first, last + 1):
            found.update(self._rows.get(row, ()))
        return [self._all[at] for at in sorted(found)]


def _rows_of(box: Box) -> tuple[int, int]:
    return int(box.y // _ROW_PX), int((box.y + box.height) // _ROW_PX)


def is_mask(place: Place) -> bool:
    """A mask cuts the siblings after it, and is never drawn itself."""
    return place.node.get("isMask") is True


def _join(boxes: Iterable[Box | None]) -> Box | None:
    joined: Box | None = None
    for box in boxes:
        if box is not None:
            joined = joined.joined_with(box) if joined else box
    return joined
