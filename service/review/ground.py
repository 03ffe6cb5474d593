"""What is drawn under a layer and over it, worked out from the boxes of all layers of a design.

A background counts only if it is clearly behind the whole layer. If something is behind only a part
of it, has a shape that its box does not show, or is drawn over it, that is an obstacle.
"""

from collections.abc import Iterator, Sequence
from copy import copy
from dataclasses import dataclass, replace

from service.review.geometry import Shape
from service.review.layers import Layer, is_mask
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

# This many comparisons of two boxes take as long as one fill.
_COMPARISONS = 400


@dataclass(frozen=True)
class Spot:
    """The box being examined. ``is_whole``: no mask or clip on the way cuts it. ``is_seen``: no
    frame hides it completely. Layers that lie wholly ``inside`` are skipped."""

    box: Box
    inside: Box | None = None
    is_whole: bool = True
    is_seen: bool = True

    def passes_over(self, reach: Box) -> bool:
        return self.inside is not None and self.inside.contains(reach)

    def through(self, window: Box | Shape | None, *, is_plain: bool = True) -> "Spot | None":
        """The part of it that a window shows; None if it shows nothing."""
        if window is None or (is_plain and window.contains(self.box)):
            return self
        if not window.overlaps(self.box):
            return None
        area = window.box if isinstance(window, Shape) else window
        part = area.cut_to(self.box)
        return replace(self, box=part, is_whole=False) if part else None

    def outside(self, clip: Box | None) -> "Spot":
        """The spot as seen from outside a frame. A part that is cut off (to be scrolled to, for
        example) may appear anywhere in the frame."""
        if clip is None or clip.contains(self.box):
            return self
        part = clip.cut_to(self.box)
        return replace(self, box=part or clip, is_seen=self.is_seen and part is not None)


class Ground:
    """All layers of a design. ``steps`` counts the work done so far."""

    def __init__(self, places: Sequence[Place]):
        self._fills = 0
        self._comparisons = 0
        self._layers = {each: Layer.of(each) for each in places if not each.is_text}
        for place in reversed(places):
            if layer := self._layers.get(place):
                layer.take_in()
                parent = self._layers.get(place.parent) if place.parent else None
                # Only the result of a boolean operation is drawn.
                if parent and parent.place.type != "BOOLEAN_OPERATION":
                    (parent.masks if is_mask(place) else parent.below).append(layer)

    def anew(self) -> "Ground":
        """The same layers, with no work done yet."""
        other = copy(self)
        other._fills = other._comparisons = 0
        return other

    @property
    def steps(self) -> int:
        return self._fills + self._comparisons // _COMPARISONS

    def meeting_of(
        self,
        place: Place,
        coats: Sequence[Coat],
        *,
        at_edge: bool = False,
        area: Box | None = None,
    ) -> Meeting:
        """Draw everything under a layer, then the layer's own ``coats``, and pair the colours.

        A group's opacity applies to the finished group. So the surface before each group is kept,
        and at the end both colours of a pair are mixed with it. ``at_edge``: layers inside the
        layer do not matter. ``area``: where the layer draws, if that is not its whole box.
        """
        if place.box is None:
            return Meeting(((WHITE, WHITE),), 1, False, "a place that Figma does not tell")
        steps = place.path()
        surface, before, obstacle = Surface(), [], ""
        box = self._seen_of(place, area or place.box)
        spots = self._spots(steps, Spot(box, place.box if at_edge else None))
        for step, following, spot in zip(steps, steps[1:], spots, strict=False):
            before.append((surface, unit(number(step.node, "opacity", 1.0))))
            if layer := self._layers.get(step):
                if layer.blur:
                    obstacle = obstacle or f"the blur of {layer}"
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

    def drawn_over(self, place: Place) -> Iterator[Place]:
        """The layers with a fill that are drawn on a layer's box after it and its children."""
        if place.box is None:
            return
        steps = place.path()
        for step, following, spot in zip(
            steps, steps[1:], self._spots(steps, Spot(place.box)), strict=False
        ):
            layer = self._layers.get(step)
            if layer is None or not spot.is_seen:
                continue
            order = layer.order_of(following)
            for sibling in self._near(layer, spot):
                if layer.order_of(sibling.place) > order:
                    yield from self._filled(sibling, spot)

    def _filled(self, layer: Layer, spot: Spot) -> Iterator[Place]:
        shown = _behind_mask(layer, spot)
        if shown is None:
            return
        self._fills += 1
        if layer.fills and _touches(layer, shown):
            yield layer.place
        if inner := shown.through(layer.clip):
            for each in self._near(layer, inner):
                yield from self._filled(each, inner)

    def is_cut_off(self, place: Place) -> bool:
        """Whether a frame cuts it off wholly, and nobody can scroll to it."""
        if place.box is None:
            return False
        for around in place.ancestors():
            layer = self._layers.get(around)
            if layer is None or layer.clip is None:
                continue
            if layer.scrolls:
                return False
            if not layer.clip.overlaps(place.box):
                return True
        return False

    def _seen_of(self, place: Place, box: Box) -> Box:
        """The part of a layer that the frames round it show. What a frame lets people scroll to
        counts as seen, and a layer that is wholly cut off counts as a whole."""
        for around in place.ancestors():
            layer = self._layers.get(around)
            if layer is None or layer.clip is None:
                continue
            if layer.scrolls:
                break
            part = layer.clip.cut_to(box)
            if part is None:
                break
            box = part
        return box

    def _spots(self, steps: Sequence[Place], spot: Spot) -> list[Spot]:
        """The spot as seen inside each layer around it, from the document down."""
        spots = []
        for step in reversed(steps[:-1]):
            spots.append(spot)
            layer = self._layers.get(step)
            spot = spot.outside(layer.clip) if layer else spot
        return spots[::-1]

    def _paint_parent(self, surface: Surface, layer: Layer, spot: Spot) -> Surface:
        """Paint a layer around the spot. It counts only where the spot lies within it."""
        self._fills += 1
        box, shape = layer.place.box, layer.shape
        is_sure = shape is not None or layer.is_page
        if box and not box.contains(spot.box):
            if box.overlaps(spot.box):
                is_sure = is_sure and layer.clip is not None
            elif layer.clip is None:
                return surface
            elif not layer.scrolls:
                return surface.behind(f"the edge of {layer}, which cuts it off")
        elif shape and shape.edges and not shape.contains(spot.box):
            # What lies outside a round corner is cut off with it, or lies on what is behind.
            is_sure = layer.clip is not None
            if not is_sure and not shape.overlaps(spot.box):
                return surface
        if layer.fills and not is_sure:
            return surface.behind(f"the edge of {layer}")
        if layer.fills and layer.unsure:
            return surface.behind(layer.unsure)
        return paint_over(surface, layer.fills)

    def _paint_siblings(
        self, surface: Surface, parent: Layer, place: Place, spot: Spot
    ) -> tuple[Surface, str]:
        """Paint everything drawn before ``place`` over the surface. Also return what hides a part
        of the spot after that."""
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
        below = layer.rows.near(spot.box) if layer.rows else layer.below
        self._comparisons += len(below)
        for each in below:
            reach = each.reach
            if reach and reach.overlaps(spot.box) and not spot.passes_over(reach):
                yield each

    def _draw(self, surface: Surface, layer: Layer, spot: Spot) -> Surface:
        """Paint a layer and everything in it over the surface."""
        shown = _behind_mask(layer, spot)
        if shown is None:
            return surface
        if layer.blur:
            return surface.behind(f"the blur of {layer}")
        self._fills += 1 + sum(len(coat.colours) for coat in layer.fills) // MAX_COLOURS
        painted = _fill(surface, layer, shown)
        if inner := shown.through(layer.clip):
            for each in self._near(layer, inner):
                painted = self._draw(painted, each, inner)
        if not has_plain_blend(layer.place.node):
            painted = painted.behind("a blend mode")
        return surface.mixed_with(painted, layer.opacity)

    def _find_drawn(self, layer: Layer, spot: Spot) -> str:
        """What a layer, or a layer in it, draws over the spot."""
        shown = _behind_mask(layer, spot)
        if shown is None:
            return ""
        self._fills += 1
        if layer.blur or _touches(layer, shown):
            return f"{layer}, which is drawn over it"
        inner = shown.through(layer.clip)
        drawn = (
            (self._find_drawn(each, inner) for each in self._near(layer, inner)) if inner else ()
        )
        return next(filter(None, drawn), "")


def _behind_mask(layer: Layer, spot: Spot) -> Spot | None:
    if layer.mask is None:
        return spot
    mask = layer.mask
    return spot.through(mask.shape or mask.place.box, is_plain=mask.is_plain_mask)


def _touches(layer: Layer, spot: Spot) -> bool:
    """Whether the layer itself draws anything on the spot. An outline around the spot does not."""
    extent = layer.shape or layer.place.box
    if extent is None or not extent.overlaps(spot.box):
        return False
    is_round_it = not layer.unsure and extent.contains(spot.box)
    return bool(layer.fills) or (layer.draws and not is_round_it)


def _fill(surface: Surface, layer: Layer, spot: Spot) -> Surface:
    if not _touches(layer, spot):
        return surface
    extent = layer.shape
    if layer.unsure or extent is None:
        return surface.behind(layer.unsure)
    if not spot.is_whole or not extent.contains(spot.box):
        return surface.behind(f"the edge of {layer}")
    return paint_over(surface, layer.fills)
