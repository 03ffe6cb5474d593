"""What colour lies under a layer: Figma's paints composited in the order they are drawn.

A surface holds every colour that may be there (each stop of a gradient is one), so that a ratio
can be taken at the worst place. Pictures and blend modes make it unmeasurable until something
opaque covers them.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from coloraide import Color

from service.review.tree import Box, Node, Place, box_of, child, children, is_visible, number, text

RGB = tuple[float, float, float]
RGBA = tuple[float, float, float, float]

WHITE: RGB = (1.0, 1.0, 1.0)
_MAX_COLOURS = 6
_MAX_SURFACES = 200
_MAX_ENCLOSING = 8
_PLAIN_BLENDS = {"", "NORMAL", "PASS_THROUGH"}
_SOLID_SHAPES = {
    "FRAME", "GROUP", "SECTION", "COMPONENT", "COMPONENT_SET", "INSTANCE", "RECTANGLE",
    "BOOLEAN_OPERATION", "ELLIPSE", "CANVAS",
}  # fmt: skip


@dataclass(frozen=True)
class Surface:
    """The colours that may show at one place.

    ``cover`` is how much of what lies outside the document is hidden (1 = all of it).
    """

    colours: tuple[RGB, ...] = (WHITE,)
    cover: float = 0.0
    gradient: bool = False
    obstacle: str = ""

    def mixed_with(self, other: "Surface", share: float) -> "Surface":
        """This surface with ``share`` of ``other`` laid over it, as node opacity does."""
        if share >= 1:
            return other
        pairs = [composite((*top, share), below) for below in self.colours for top in other.colours]
        return Surface(
            _distinct(pairs),
            self.cover + (other.cover - self.cover) * share,
            self.gradient or other.gradient,
            other.obstacle or self.obstacle,
        )


def composite(top: RGBA, below: RGB) -> RGB:
    """Source-over on an opaque colour, in sRGB as Figma and browsers do.

    https://www.w3.org/TR/compositing-1/#simplealphacompositing (one line here: through the colour
    library it is twenty times slower, and a design has thousands of layers).
    """
    alpha = top[3]
    red, green, blue = (
        round(front * alpha + back * (1 - alpha), 6)
        for front, back in zip(top, below, strict=False)
    )
    return (red, green, blue)


@lru_cache(maxsize=20_000)
def contrast(one: RGB, other: RGB) -> float:
    """WCAG 2 contrast ratio, 1 to 21. https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio"""
    return float(Color("srgb", list(one)).contrast(Color("srgb", list(other)), method="wcag21"))


def to_hex(colour: RGB) -> str:
    return "#" + "".join(f"{round(channel * 255):02x}" for channel in colour)


def paint_colours(paint: Node) -> tuple[RGBA, ...]:
    """The colours of a SOLID or gradient paint; () for a picture, pattern or broken paint."""
    opacity = _unit(number(paint, "opacity", 1.0))
    if text(paint, "type") == "SOLID":
        stops = [paint]
    elif text(paint, "type").startswith("GRADIENT_"):
        stops = children(paint, "gradientStops")[:_MAX_COLOURS]
    else:
        return ()
    return tuple(_rgba(child(stop, "color"), opacity) for stop in stops)


def visible_paints(node: Node, key: str = "fills") -> list[Node]:
    return [each for each in children(node, key) if is_visible(each)]


def paint_over(surface: Surface, paints: Iterable[Node]) -> Surface:
    """Lay paints, bottom first, over a surface."""
    for paint in paints:
        surface = _one_paint(surface, paint)
    return surface


@dataclass(frozen=True)
class Meeting:
    """The pairs (colour behind, colour in front) that meet where a node is drawn.

    ``outside`` is the share of what lies outside the document that shines through (white is
    assumed there); ``obstacle`` says why the pairs cannot be trusted, or is empty.
    """

    pairs: tuple[tuple[RGB, RGB], ...]
    outside: float
    gradient: bool
    obstacle: str

    def worst(self) -> tuple[float, RGB, RGB]:
        """The lowest contrast ratio of all pairs, with its two colours."""
        return min((contrast(behind, front), behind, front) for behind, front in self.pairs)


def meeting_of(place: Place, paints: Iterable[Node]) -> Meeting:
    """Draw everything under a node, then ``paints`` of the node itself, and pair the two.

    Under it are its ancestors' fills and those earlier siblings that enclose it. A group's
    opacity applies to the finished group, so the surface before each group is kept and both
    colours of a pair are mixed with it on the way out.
    """
    box, steps = box_of(place.node), place.path()
    surface, before = Surface(), []
    for step, following in pairwise(steps):
        before.append((surface, _unit(number(step.node, "opacity", 1.0))))
        painted = paint_over(surface, visible_paints(step.node))
        surface = _paint_siblings(_blend_note(painted, step.node), step, following.position, box)
    before.append((surface, _unit(number(place.node, "opacity", 1.0))))
    pairs, front = _meet(surface, list(paints))
    obstacle, cover = _blend_note(front, place.node).obstacle, surface.cover
    for below, opacity in reversed(before):
        if opacity < 1:
            pairs = _worst_pairs(
                (composite((*behind, opacity), under), composite((*top, opacity), under))
                for under in below.colours
                for behind, top in pairs
            )
            obstacle = obstacle or below.obstacle
            cover = below.cover + (cover - below.cover) * opacity
    return Meeting(tuple(pairs), 1 - cover, front.gradient, obstacle)


def _meet(surface: Surface, paints: list[Node]) -> tuple[list[tuple[RGB, RGB]], Surface]:
    """Each colour behind with what ``paints`` make of it; also the surface with them on."""
    pairs = [
        (behind, top)
        for behind in surface.colours
        for top in paint_over(Surface((behind,)), paints).colours
    ]
    front = paint_over(surface, paints)
    # An opaque fill hides an obstacle from sight, but the colour behind stays unknown.
    obstacle = surface.obstacle or front.obstacle
    gradient = surface.gradient or front.gradient
    return _worst_pairs(pairs), Surface(front.colours, front.cover, gradient, obstacle)


def _worst_pairs(pairs: Iterable[tuple[RGB, RGB]]) -> list[tuple[RGB, RGB]]:
    distinct = sorted(set(pairs))
    if len(distinct) <= _MAX_COLOURS:
        return distinct
    # The closest in plain lightness: near enough to choose by, and free of colour conversions.
    return sorted(distinct, key=lambda pair: abs(_lightness(pair[0]) - _lightness(pair[1])))[
        :_MAX_COLOURS
    ]


def _lightness(colour: RGB) -> float:
    return 0.2126 * colour[0] + 0.7152 * colour[1] + 0.0722 * colour[2]


def _paint_siblings(surface: Surface, parent: Place, until: int, box: Box | None) -> Surface:
    """Draw the children of ``parent`` before ``until`` that enclose ``box``, bottom first."""
    if box is None:
        return surface
    enclosing: list[Node] = []
    below = [each for each in _painted_children(parent) if each[0] < until]
    for _, around, sibling in reversed(below[-_MAX_SURFACES:]):
        if around.contains(box):
            enclosing.append(sibling)
            # Nothing shows through an opaque sibling.
            if _is_opaque(sibling) or len(enclosing) == _MAX_ENCLOSING:
                break
    for sibling in reversed(enclosing):
        painted = _blend_note(paint_over(surface, visible_paints(sibling)), sibling)
        surface = surface.mixed_with(painted, _unit(number(sibling, "opacity", 1.0)))
    return surface


def _painted_children(parent: Place) -> list[tuple[int, Box, Node]]:
    """(position, box, node) of the children with a fill of their own; kept with the place."""
    known: list[tuple[int, Box, Node]] | None = parent.__dict__.get("painted_children")
    if known is None:
        known = [
            (at, box, each)
            for at, each in enumerate(children(parent.node))
            if text(each, "type") in _SOLID_SHAPES
            and is_visible(each)
            and (box := box_of(each)) is not None
            and visible_paints(each)
        ]
        parent.__dict__["painted_children"] = known
    return known


def _is_opaque(node: Node) -> bool:
    if number(node, "opacity", 1.0) < 1 or text(node, "blendMode") not in _PLAIN_BLENDS:
        return False
    return any(
        text(paint, "type") == "SOLID"
        and text(paint, "blendMode") in _PLAIN_BLENDS
        and paint_colours(paint)[0][3] >= 1
        for paint in visible_paints(node)
    )


def _one_paint(surface: Surface, paint: Node) -> Surface:
    colours = paint_colours(paint)
    if not colours:
        kind = text(paint, "type").lower() or "unknown"
        return Surface(surface.colours, 1.0, surface.gradient, f"a fill of type {kind}")
    if text(paint, "blendMode") not in _PLAIN_BLENDS:
        return Surface(surface.colours, surface.cover, surface.gradient, "a blend mode")
    opaque = min(colour[3] for colour in colours)
    mixed = [composite(top, below) for below in surface.colours for top in colours]
    is_gradient = len(colours) > 1
    hides_all = opaque >= 1
    return Surface(
        _distinct(mixed),
        surface.cover + (1 - surface.cover) * opaque,
        is_gradient or (surface.gradient and not hides_all),
        "" if hides_all else surface.obstacle,
    )


def _blend_note(surface: Surface, node: Node) -> Surface:
    if text(node, "blendMode") in _PLAIN_BLENDS:
        return surface
    return Surface(surface.colours, surface.cover, surface.gradient, "a blend mode")


def _distinct(colours: list[RGB]) -> tuple[RGB, ...]:
    """At most six colours, with the lightest and the darkest among them."""
    unique = sorted(set(colours), key=sum)
    if len(unique) <= _MAX_COLOURS:
        return tuple(unique)
    step = (len(unique) - 1) / (_MAX_COLOURS - 1)
    return tuple(unique[round(index * step)] for index in range(_MAX_COLOURS))


def _rgba(colour: Node, opacity: float) -> RGBA:
    red, green, blue = (_unit(number(colour, key)) for key in "rgb")
    return (red, green, blue, round(_unit(number(colour, "a", 1.0)) * opacity, 6))


def _unit(value: float) -> float:
    return min(max(value, 0.0), 1.0)
