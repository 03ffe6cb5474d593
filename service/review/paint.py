"""Applies Figma's paints to a surface, composited in drawing order.

A surface has every colour that may be there (along a gradient there are many), so that the ratio
can be taken at the worst place. Pictures and blend modes make it unmeasurable until something
opaque covers them.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from itertools import pairwise

from coloraide import Color

from service.review.tree import Node, child, children, is_visible, number, text

RGB = tuple[float, float, float]
RGBA = tuple[float, float, float, float]

WHITE: RGB = (1.0, 1.0, 1.0)
MAX_COLOURS = 6
_MAX_STOPS = 16
# For example, red to blue is darker halfway than at either end.
_BETWEEN_STOPS = (0.25, 0.5, 0.75)
_PLAIN_BLENDS = {"", "NORMAL", "PASS_THROUGH"}


@dataclass(frozen=True)
class Coat:
    """One paint: its colour, or those along its gradient. ``flaw`` says why they are unknown."""

    colours: tuple[RGBA, ...] = ()
    flaw: str = ""

    @cached_property
    def thinnest(self) -> float:
        return min((colour[3] for colour in self.colours), default=0)

    @property
    def thickest(self) -> float:
        return max((colour[3] for colour in self.colours), default=0)


@dataclass(frozen=True)
class Surface:
    """The possible colours at one place.

    ``cover`` is how much of the area outside the document is hidden (1 = all of it).
    """

    colours: tuple[RGB, ...] = (WHITE,)
    cover: float = 0.0
    gradient: bool = False
    obstacle: str = ""

    def behind(self, obstacle: str) -> "Surface":
        """This surface with something unknown on it."""
        return replace(self, obstacle=obstacle)

    def mixed_with(self, other: "Surface", share: float) -> "Surface":
        """This surface with ``share`` of ``other`` painted over it, like the opacity of a node."""
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
    """Source-over on an opaque colour, in sRGB as in Figma and browsers.

    https://www.w3.org/TR/compositing-1/#simplealphacompositing (our own code: the colour library is
    twenty times slower, and a design has thousands of layers).
    """
    red, green, blue, alpha = top
    rest = 1 - alpha
    return (
        round(red * alpha + below[0] * rest, 6),
        round(green * alpha + below[1] * rest, 6),
        round(blue * alpha + below[2] * rest, 6),
    )


@lru_cache(maxsize=20_000)
def luminance(colour: RGB) -> float:
    """https://www.w3.org/TR/WCAG22/#dfn-relative-luminance"""
    return max(0.0, float(Color("srgb", list(colour)).luminance()))


def contrast(one: RGB, other: RGB) -> float:
    """WCAG 2 contrast ratio, 1 to 21. https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio"""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def to_hex(colour: RGB) -> str:
    red, green, blue = colour
    return f"#{round(red * 255):02x}{round(green * 255):02x}{round(blue * 255):02x}"


def paint_colours(paint: Node) -> tuple[RGBA, ...]:
    """The colours of a SOLID paint or along a gradient; () for a picture or an invalid paint."""
    opacity = unit(number(paint, "opacity", 1.0))
    if text(paint, "type") == "SOLID":
        return (_rgba(child(paint, "color"), opacity),)
    stops = children(paint, "gradientStops")
    if not text(paint, "type").startswith("GRADIENT_") or len(stops) > _MAX_STOPS:
        return ()
    colours = [_rgba(child(stop, "color"), opacity) for stop in stops]
    between = [
        _between(one, other, share) for one, other in pairwise(colours) for share in _BETWEEN_STOPS
    ]
    return tuple(dict.fromkeys([*colours, *between]))


def visible_paints(node: Node, key: str = "fills") -> list[Node]:
    return [each for each in children(node, key) if is_visible(each)]


def coats_of(node: Node, key: str = "fills") -> tuple[Coat, ...]:
    """The visible paints of a node, bottom first."""
    if not node.get(key):
        # Most layers have no strokes.
        return ()
    coats = (_coat(each) for each in visible_paints(node, key))
    return tuple(coat for coat in coats if coat.flaw or coat.thickest > 0)


def page_coat(node: Node) -> tuple[Coat, ...]:
    """The background colour of a page, which has no fills in Figma's answers."""
    colour = child(node, "backgroundColor")
    return (Coat((_rgba(colour, 1.0),)),) if colour else ()


def has_plain_blend(node: Node) -> bool:
    return text(node, "blendMode") in _PLAIN_BLENDS


def is_opaque(coats: Iterable[Coat]) -> bool:
    """Whether one of them hides everything under it."""
    return any(not coat.flaw and coat.thinnest >= 1 for coat in coats)


def paint_over(surface: Surface, coats: Iterable[Coat]) -> Surface:
    """Paint coats over a surface, bottom first."""
    for coat in coats:
        surface = _one_coat(surface, coat)
    return surface


def _coat(paint: Node) -> Coat:
    colours = paint_colours(paint)
    if not colours:
        kind = text(paint, "type").lower().replace("_", " ") or "unknown"
        return Coat(flaw=f"a fill of type {kind}")
    return Coat(colours, "" if has_plain_blend(paint) else "a blend mode")


def _one_coat(surface: Surface, coat: Coat) -> Surface:
    if coat.flaw:
        cover = surface.cover if coat.colours else 1.0
        return Surface(surface.colours, cover, surface.gradient, coat.flaw)
    mixed = [composite(top, below) for below in surface.colours for top in coat.colours]
    is_gradient = len(coat.colours) > 1
    hides_all = coat.thinnest >= 1
    return Surface(
        _distinct(mixed),
        surface.cover + (1 - surface.cover) * coat.thinnest,
        is_gradient or (surface.gradient and not hides_all),
        "" if hides_all else surface.obstacle,
    )


def _distinct(colours: list[RGB]) -> tuple[RGB, ...]:
    """At most six colours, including the lightest and the darkest."""
    unique = sorted(set(colours))
    if len(unique) <= MAX_COLOURS:
        return tuple(unique)
    unique.sort(key=luminance)
    step = (len(unique) - 1) / (MAX_COLOURS - 1)
    return tuple(unique[round(index * step)] for index in range(MAX_COLOURS))


def _between(one: RGBA, other: RGBA, share: float) -> RGBA:
    red, green, blue, alpha = (
        round(first + (second - first) * share, 6) for first, second in zip(one, other, strict=True)
    )
    return (red, green, blue, alpha)


def _rgba(colour: Node, opacity: float) -> RGBA:
    return (
        unit(number(colour, "r")),
        unit(number(colour, "g")),
        unit(number(colour, "b")),
        round(unit(number(colour, "a", 1.0)) * opacity, 6),
    )


def unit(value: float) -> float:
    return min(max(value, 0.0), 1.0)
