"""What is drawn under a layer, and what over it, told by the boxes of all layers of a design.

A ground counts only where it plainly lies behind the whole layer. What reaches behind a part of
it, has a shape that no box tells, or is drawn over it leaves an obstacle instead.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from service.review.layers import FULL_SHAPES, Layer, is_mask
from service.review.meeting import Meeting, faded, meet
from service.review.paint import (
    MAX_COLOURS,
    WHITE,
    Coat,
    Surface,
    has_plain_blend,
    paint_over,
    unit,
)
from service.review.tree import Box, Place, number

# So many comparisons of two boxes take as long as one fill.
_COMPARISONS = 400


@dataclass(frozen=True)
class Spot:
    """The box that is looked at. ``is_whole``: no window on the way cuts it; ``is_seen``: no frame
    cuts it off. What lies wholly ``inside`` is passed over."""

    box: Box
    inside: Box | None = None
    is_whole: bool = True
    is_seen: bool = True

    def passes_over(self, reach: Box) -> bool:
        return self.inside is not None and self.inside.contains(reach)

    def through(self, window: Box | None, *, is_plain: bool = True) -> "Spot | None":
        """What of it a window shows; None where that is nothing."""
        if window is None or (is_plain and window.contains(self.box)):
            return self
        part = window.cut_to(self.box)
        return replace(self, box=part, is_whole=False) if part else None

    def outside(self, clip: Box | None) -> "Spot":
        """As it is seen from outside a frame: what is cut off (to be scrolled to, say) may come
        anywhere in it."""
        if clip is None or clip.contains(self.box):
            return self
        part = clip.cut_to(self.box)
        return replace(self, box=part or clip, is_seen=self.is_seen and part is not None)


class Ground:
    """All layers of a design. ``steps`` counts the work done so far."""

    def __init__(self, places: Sequence[Place]):
        self._fills = 0
        self._comparisons = 0
        self._layers = {each: Layer.of(each) for each in places if each.type != "TEXT"}
        for place in reversed(places):
            if layer := self._layers.get(place):
                layer.take_in()
                parent = self._layers.get(place.parent) if place.parent else None
                # Of a boolean operation only the outcome is drawn.
                if parent and parent.place.type != "BOOLEAN_OPERATION":
                    (parent.masks if is_mask(place) else parent.below).append(layer)

    @property
    def steps(self) -> int:
        return self._fills + self._comparisons // _COMPARISONS

    def meeting_of(self, place: Place, coats: Sequence[Coat], *, at_edge: bool = False) -> Meeting:
        """Draw everything under a layer, then ``coats`` of the layer itself, and pair the two.

        A group's opacity applies to the finished group, so the surface before each group is kept
        and both colours of a pair are mixed with it on the way out. ``at_edge``: what lies inside
        the layer does not matter.
        """
        if place.box is None:
            return Meeting(((WHITE, WHITE),), 1, False, "a place that Figma does not tell")
        steps = place.path()
        surface, before, obstacle = Surface(), [], ""
        spots = self._spots(steps, Spot(place.box, place.box if at_edge else None))
        for step, following, spot in zip(steps, steps[1:], spots, strict=False):
            before.append((surface, unit(number(step.node, "opacity", 1.0))))
            if layer := self._layers.get(step):
                surface = self._paint_parent(surface, layer, spot)
                surface, over = self._paint_siblings(surface, layer, following, spot)
                obstacle = obstacle or over
        before.append((surface, unit(number(place.node, "opacity", 1.0))))
        pairs, front = meet(surface, coats)
        if not all(has_plain_blend(step.node) for step in steps):
            obstacle = obstacle or "a blend mode"
        obstacle, cover, gradient = obstacle or front.obstacle, surface.cover, front.gradient
        for under, opacity in reversed(before):
            if opacity < 1:
                pairs = faded(pairs, under, opacity)
                obstacle, gradient = obstacle or under.obstacle, gradient or under.gradient
                cover = under.cover + (cover - under.cover) * opacity
        return Meeting(pairs, 1 - cover, gradient, obstacle)

    def _spots(self, steps: Sequence[Place], spot: Spot) -> list[Spot]:
        """The spot as each layer round it has it inside, from the document down."""
        spots = []
        for step in reversed(steps[:-1]):
            spots.append(spot)
            layer = self._layers.get(step)
            spot = spot.outside(layer.clip) if layer else spot
        return spots[::-1]

    def _paint_parent(self, surface: Surface, layer: Layer, spot: Spot) -> Surface:
        """A layer round the spot shows behind it only where the spot is not hanging out."""
        self._fills += 1
        box = layer.place.box
        is_sure = box is not None and layer.place.type in FULL_SHAPES
        if box and not box.contains(spot.box):
            if box.overlaps(spot.box):
                is_sure = is_sure and layer.clip is not None
            elif layer.clip is None:
                return surface
            elif not layer.scrolls:
                return surface.behind(f"the edge of {layer}, which cuts it off")
        if layer.fills and not is_sure:
            return surface.behind(f"the edge of {layer}")
        return paint_over(surface, layer.fills)

    def _paint_siblings(
        self, surface: Surface, parent: Layer, place: Place, spot: Spot
    ) -> tuple[Surface, str]:
        """Lay what is drawn before ``place`` over the surface, and tell what hides a part of the
        spot after that."""
        over, order = "", parent.order_of(place)
        mask = parent.mask_of(place) if parent.masks else None
        if mask and not mask.is_plain_mask:
            over = f"the mask {mask.place.name} ({mask.place.id})"
        for sibling in self._near(parent, spot):
            if parent.order_of(sibling.place) < order:
                surface = self._draw(surface, sibling, spot)
            elif sibling.place is not place and spot.is_seen:
                over = over or self._find_drawn(sibling, spot)
        return surface, over

    def _near(self, layer: Layer, spot: Spot) -> Iterator[Layer]:
        self._comparisons += len(layer.below)
        for each in layer.below:
            reach = each.reach
            if reach and reach.overlaps(spot.box) and not spot.passes_over(reach):
                yield each

    def _draw(self, surface: Surface, layer: Layer, spot: Spot) -> Surface:
        """Lay a layer with all that lies below it over the surface."""
        shown = _behind_mask(layer, spot)
        if shown is None:
            return surface
        self._fills += 1 + sum(len(coat.colours) for coat in layer.fills) // MAX_COLOURS
        painted = _fill(surface, layer, shown)
        if inner := shown.through(layer.clip):
            for each in self._near(layer, inner):
                painted = self._draw(painted, each, inner)
        if not has_plain_blend(layer.place.node):
            painted = painted.behind("a blend mode")
        return surface.mixed_with(painted, layer.opacity)

    def _find_drawn(self, layer: Layer, spot: Spot) -> str:
        """What a layer or one in it draws over the spot."""
        shown = _behind_mask(layer, spot)
        if shown is None:
            return ""
        self._fills += 1
        if _touches(layer, shown):
            return f"{layer}, which is drawn over it"
        inner = shown.through(layer.clip)
        drawn = (
            (self._find_drawn(each, inner) for each in self._near(layer, inner)) if inner else ()
        )
        return next(filter(None, drawn), "")


def _behind_mask(layer: Layer, spot: Spot) -> Spot | None:
    if layer.mask is None:
        return spot
    return spot.through(layer.mask.place.box, is_plain=layer.mask.is_plain_mask)


def _touches(layer: Layer, spot: Spot) -> bool:
    """Whether the layer itself draws anything on the spot. An outline round it does not."""
    box = layer.place.box
    if box is None or not box.overlaps(spot.box):
        return False
    is_round_it = not layer.unsure and box.contains(spot.box)
    return bool(layer.fills) or (layer.draws and not is_round_it)


def _fill(surface: Surface, layer: Layer, spot: Spot) -> Surface:
    box = layer.place.box
    if box is None or not _touches(layer, spot):
        return surface
    if layer.unsure:
        return surface.behind(layer.unsure)
    if not spot.is_whole or not box.contains(spot.box):
        return surface.behind(f"the edge of {layer}")
    return paint_over(surface, layer.fills)
