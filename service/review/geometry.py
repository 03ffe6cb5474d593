"""The shapes of layers: boxes, boxes with round corners, ellipses, and all of them turned.

A bounding box says more than a shape covers. Text in the corner of a circle's box does not lie on
the circle, and a turned square is smaller than its box. Shapes are convex, and written as half
planes round their centre: where a point p has n · p <= d for each edge (n, d).
"""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from service.review.tree import Box, Node, Place, child, number

Edge = tuple[float, float, float]
# A curve is written as straight edges, one for each 11.25 degrees: 0.5 % of its radius too far out.
_STEP = math.pi / 16
# Below this sine a layer is not turned: a bar of 400 px is off by 0.2 px.
_UPRIGHT = 0.0005
# How much of a radius lies outside the square in a circle, on each side.
_ROUND = 1 - 1 / math.sqrt(2)
# Between these angles, a box belongs to many sizes of the turned shape. The squarest is assumed.
_UNSOLVED = 0.05
_OUTLINES = {"VECTOR", "STAR", "LINE", "REGULAR_POLYGON", "BOOLEAN_OPERATION"}
_FILLED = {"RECTANGLE", "ELLIPSE", "FRAME", "INSTANCE", "COMPONENT", "COMPONENT_SET", "GROUP"}
_OF_FRAMES = ("children", "clipsContent", "layoutMode")
_CORNERS = ("topLeft", "topRight", "bottomRight", "bottomLeft")


@dataclass(frozen=True)
class Shape:
    """A convex shape in its bounding box, in px. ``edges``: () for the box itself. ``core``: a box
    that it encloses, if that is known at once. ``is_guess``: the size of the turned shape cannot be
    worked out, and the one assumed is the largest."""

    box: Box
    edges: tuple[Edge, ...] = ()
    core: Box | None = None
    is_guess: bool = False

    def contains(self, other: Box, slack: float = 0.5) -> bool:
        """Whether a box lies in the shape with all its corners."""
        if self.core and self.core.contains(other, slack):
            return True
        return self.box.contains(other, slack) and all(
            towards + reach <= limit + slack for towards, reach, limit in self._along(other)
        )

    def overlaps(self, other: Box, slack: float = 0.5) -> bool:
        """Whether a box and the shape have some area in common."""
        return self.box.overlaps(other, slack) and all(
            towards - reach < limit - slack for towards, reach, limit in self._along(other)
        )

    def distance_to(self, x: float, y: float) -> float:
        """The distance from a point to the shape; 0 inside. Beside a corner it may be too small."""
        own_x, own_y = self.box.centre
        beyond = (
            across * (x - own_x) + down * (y - own_y) - limit for across, down, limit in self.edges
        )
        return max(self.box.distance_to(x, y), *beyond, 0.0)

    def _along(self, other: Box) -> Iterator[tuple[float, float, float]]:
        """For each edge, how far the other box's centre lies in its direction, how far the box
        reaches from there, and where the edge is."""
        if not self.edges:
            return
        (x, y), (own_x, own_y) = other.centre, self.box.centre
        x, y, half_width, half_height = x - own_x, y - own_y, other.width / 2, other.height / 2
        for across, down, limit in self.edges:
            towards = across * x + down * y
            yield towards, abs(across) * half_width + abs(down) * half_height, limit

    @property
    def is_turned(self) -> bool:
        """Whether its box is that of a turned layer, and so larger than itself."""
        return bool(self.edges) and self.core is None

    @property
    def largest_square(self) -> float:
        """The side of the largest upright square round the centre.

        https://www.w3.org/WAI/WCAG22/Understanding/target-size-minimum.html (the figures of targets
        that are not rectangles)
        """
        sides = (
            2 * limit / (abs(across) + abs(down))
            for across, down, limit in self.edges
            if across or down
        )
        return max(0.0, min(self.box.width, self.box.height, *sides))


def shape_of(place: Place) -> Shape | None:
    """The shape of a layer that fills its box or an ellipse; None for a layer without a box, for
    rings and wedges, and for drawn outlines."""
    box, node = place.box, place.node
    if box is None or not _is_filled(place):
        return None
    if place.type == "ELLIPSE":
        if not _is_whole_ellipse(node):
            return None
        width, height, is_guess = _turned_size(box, place.angle, node)
        edges = _ellipse(*_rounded(width, height, place.angle))
        is_upright = abs(math.sin(place.angle)) < _UPRIGHT
        core = _inset(box, _ROUND / 2 * width, _ROUND / 2 * height) if is_upright else None
        return Shape(box, edges, core, is_guess)
    radii = _radii(node)
    if not any(radii) and abs(math.sin(2 * place.angle)) < 2 * _UPRIGHT:
        return Shape(box)
    width, height, is_guess = _turned_size(box, place.angle, node)
    edges = _rectangle(*_rounded(width, height, place.angle), radii)
    by = _ROUND * min(max(radii), width / 2, height / 2)
    is_upright = abs(math.sin(place.angle)) < _UPRIGHT
    return Shape(box, edges, _inset(box, by, by) if is_upright else None, is_guess)


def _is_filled(place: Place) -> bool:
    """Whether its fills cover it as a rectangle or an ellipse. A type that is not known does if it
    behaves like a frame: it holds layers, lays them out, or cuts them off."""
    if place.type in _OUTLINES or place.is_text:
        return False
    return place.type in _FILLED or any(key in place.node for key in _OF_FRAMES)


def _is_whole_ellipse(node: Node) -> bool:
    arc = child(node, "arcData")
    sweep = abs(number(arc, "endingAngle", math.tau) - number(arc, "startingAngle"))
    return number(arc, "innerRadius") <= 0 and sweep > math.tau - 0.01


def _radii(node: Node) -> tuple[float, ...]:
    """The radii of the four corners in px, clockwise from the top left."""
    each = node.get("rectangleCornerRadii")
    if isinstance(each, list) and len(each) == len(_CORNERS):
        values = {str(at): value for at, value in enumerate(each)}
        return tuple(max(0.0, number(values, str(at))) for at in range(len(_CORNERS)))
    return (max(0.0, number(node, "cornerRadius")),) * len(_CORNERS)


def _turned_size(box: Box, angle: float, node: Node) -> tuple[float, float, bool]:
    """Width and height before the layer was turned, and whether that is a guess.

    A shape w × h turned by an angle has a box of w |cos| + h |sin| by w |sin| + h |cos|. Figma
    gives the size itself only with ``geometry=paths``. (For an ellipse that box is a little too
    large.)
    """
    across, down = abs(math.cos(angle)), abs(math.sin(angle))
    if down < _UPRIGHT:
        return box.width, box.height, False
    size = child(node, "size")
    if number(size, "x") > 0 and number(size, "y") > 0:
        return number(size, "x"), number(size, "y"), False
    difference = across**2 - down**2
    if abs(difference) < _UNSOLVED:
        side = (box.width + box.height) / 2 / (across + down)
        return side, side, True
    width = (box.width * across - box.height * down) / difference
    height = (box.height * across - box.width * down) / difference
    return max(width, 0.0), max(height, 0.0), False


def _inset(box: Box, across: float, down: float) -> Box:
    return Box(box.x + across, box.y + down, box.width - 2 * across, box.height - 2 * down)


def _rounded(width: float, height: float, angle: float) -> tuple[float, float, float]:
    """So that layers of one size share their edges."""
    return round(width, 2), round(height, 2), round(angle, 5)


@lru_cache(maxsize=2000)
def _rectangle(
    width: float, height: float, angle: float, radii: tuple[float, ...]
) -> tuple[Edge, ...]:
    """Four sides, and in each round corner the tangents of its circle."""
    return tuple(_edges(width, height, angle, radii))


def _edges(width: float, height: float, angle: float, radii: Iterable[float]) -> Iterator[Edge]:
    half_width, half_height = width / 2, height / 2
    for way in (1.0, -1.0):
        yield _turned(way, 0.0, half_width, angle)
        yield _turned(0.0, way, half_height, angle)
    smaller = min(half_width, half_height)
    for (right, below), radius in zip(((-1, -1), (1, -1), (1, 1), (-1, 1)), radii, strict=True):
        round_by = min(radius, smaller)
        if not round_by:
            continue
        for at in range(1, 8):
            across, down = right * math.cos(at * _STEP), below * math.sin(at * _STEP)
            centre = abs(across) * (half_width - round_by) + abs(down) * (half_height - round_by)
            yield _turned(across, down, centre + round_by, angle)


@lru_cache(maxsize=500)
def _ellipse(width: float, height: float, angle: float) -> tuple[Edge, ...]:
    return tuple(_tangents(width, height, angle))


def _tangents(width: float, height: float, angle: float) -> Iterator[Edge]:
    for step in range(32):
        at = step * _STEP
        across, down = math.cos(at), math.sin(at)
        limit = math.hypot(across * width / 2, down * height / 2)
        yield _turned(across, down, limit, angle)


def _turned(across: float, down: float, limit: float, angle: float) -> Edge:
    """An edge turned counter-clockwise, as Figma counts, with y pointing down."""
    cos, sin = math.cos(angle), math.sin(angle)
    return across * cos + down * sin, down * cos - across * sin, limit
