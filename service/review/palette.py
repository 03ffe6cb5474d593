"""Colours that would pass: the nearest ones of a file's own palette, else a lighter or darker one.

How near two colours are is CIE ΔE00. A contrast is always
calculated from the colours as they are stored, with eight bits a channel.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from coloraide import Color

from service.review.colour_distance import delta_e
from service.review.paint import RGB, composite, contrast, to_hex

TokenKind = Literal["variable", "style"]

# Exact distances are slow, so only the nearest by a simple distance get one.
_MEASURED = 12
# Below this chroma (CIELAB) a colour is a grey to the eye.
_GREY = 12.0
_GREYISH = 18.0
_SAME_HUE = 40.0
# Halvings of a range of lightness: to the step between two colours of eight bits a channel.
_HALVINGS = 8


@dataclass(frozen=True)
class Token:
    """What a layer can be bound to: a colour variable or a colour style of the file."""

    id: str
    name: str
    kind: TokenKind


@dataclass(frozen=True)
class PaletteColour:
    """A colour of the file as "#rrggbb", and the token that gives it, if one does."""

    colour: str
    token: Token | None = None


@dataclass(frozen=True)
class Passing:
    """A colour that reaches the threshold. ``ratio`` is the lowest contrast ratio that it has,
    ``distance`` the ΔE00 from the colour it would replace. Without a ``token`` it is a colour in
    use, or (``is_adjusted``) one that is only lighter or darker."""

    colour: str
    ratio: float
    distance: float
    token: Token | None = None
    is_adjusted: bool = False

    @property
    def ratio_text(self) -> str:
        """Never rounded up: 4.499 must not read as a pass."""
        return f"{math.floor(self.ratio * 100 + 1e-9) / 100:.2f}:1"


def passing_colours(
    colour: str,
    against: Sequence[RGB],
    threshold: float,
    palette: Iterable[PaletteColour],
    *,
    alpha: float = 1.0,
    limit: int = 3,
    same_family: bool = False,
) -> list[Passing]:
    """The nearest colours of the palette that reach the threshold against all of ``against``.

    ``alpha`` is the opacity of the paint. ``same_family``: only greys for a grey, and only colours
    of a like hue for a colour.
    """
    found: dict[str, tuple[float, PaletteColour]] = {}
    for each in palette:
        ratio = lowest_ratio(each.colour, against, alpha)
        if ratio < threshold or (same_family and not is_family(colour, each.colour)):
            continue
        known = found.get(each.colour)
        # Two tokens with one colour: the first one that is given.
        if known is None or (known[1].token is None and each.token is not None):
            found[each.colour] = (ratio, each)
    near = sorted(found, key=lambda other: (_rough_distance(colour, other), other))[:_MEASURED]
    exact = sorted((delta_e(colour, other), other) for other in near)
    return [
        Passing(other, found[other][0], apart, found[other][1].token)
        for apart, other in exact[:limit]
    ]


def nearest_passing(
    colour: str,
    against: Sequence[RGB],
    threshold: float,
    palette: Iterable[PaletteColour],
    *,
    alpha: float = 1.0,
) -> Passing | None:
    """The nearest passing colour of the palette, of the same family if there is one. If none of the
    palette passes, the colour itself, only as much lighter or darker as needed. None if nothing
    passes."""
    passing = [each for each in palette if lowest_ratio(each.colour, against, alpha) >= threshold]
    for is_narrow in (True, False) if passing else ():
        found = passing_colours(
            colour, against, threshold, passing, alpha=alpha, limit=1, same_family=is_narrow
        )
        if found:
            return found[0]
    return adjusted_to_pass(colour, tuple(against), threshold, alpha)


@lru_cache(maxsize=2048)
def adjusted_to_pass(
    colour: str, against: tuple[RGB, ...], threshold: float, alpha: float = 1.0
) -> Passing | None:
    """The colour with the lightness next to its own that passes; hue and chroma stay, as far as
    sRGB has them. None if neither black nor white passes."""
    start = _lightness_chroma_hue(colour)[0]
    found: list[Passing] = []
    for end in (0.0, 1.0):
        if lowest_ratio(_with_lightness(colour, end), against, alpha) < threshold:
            continue
        # Between a lightness that fails and one that passes.
        fails, passes = start, end
        for _ in range(_HALVINGS):
            middle = (fails + passes) / 2
            if lowest_ratio(_with_lightness(colour, middle), against, alpha) >= threshold:
                passes = middle
            else:
                fails = middle
        other = _with_lightness(colour, passes)
        ratio = lowest_ratio(other, against, alpha)
        if ratio >= threshold:
            found.append(Passing(other, ratio, delta_e(colour, other), is_adjusted=True))
    return min(found, key=lambda each: (each.distance, each.colour), default=None)


def lowest_ratio(colour: str, against: Iterable[RGB], alpha: float = 1.0) -> float:
    """The lowest contrast ratio of a colour, painted with ``alpha``, with each of ``against``."""
    front = rgb(colour)
    return min(
        (contrast(composite((*front, alpha), behind), behind) for behind in against), default=1.0
    )


@lru_cache(maxsize=20_000)
def is_family(one: str, other: str) -> bool:
    """Two greys, or two colours of a like hue."""
    (_, a, b), (_, c, d) = _lab(one), _lab(other)
    first, second = math.hypot(a, b), math.hypot(c, d)
    if first < _GREY:
        return second < _GREYISH
    if second < _GREY / 2:
        return False
    turn = math.degrees(math.atan2(b, a) - math.atan2(d, c)) % 360
    return min(turn, 360 - turn) <= _SAME_HUE


def rgb(colour: str) -> RGB:
    return (int(colour[1:3], 16) / 255, int(colour[3:5], 16) / 255, int(colour[5:7], 16) / 255)


@lru_cache(maxsize=4096)
def _lab(colour: str) -> tuple[float, float, float]:
    lightness, a, b = Color(colour).convert("lab-d65").coords(nans=False)
    return (lightness, a, b)


def _rough_distance(one: str, other: str) -> float:
    return math.dist(_lab(one), _lab(other))


@lru_cache(maxsize=4096)
def _lightness_chroma_hue(colour: str) -> tuple[float, float, float]:
    lightness, chroma, hue = Color(colour).convert("oklch").coords(nans=False)
    return (lightness, chroma, hue)


@lru_cache(maxsize=4096)
def _with_lightness(colour: str, lightness: float) -> str:
    _, chroma, hue = _lightness_chroma_hue(colour)
    fitted = Color("oklch", [lightness, chroma, hue]).convert("srgb").fit("srgb")
    red, green, blue = fitted.coords(nans=False)
    return to_hex((min(max(red, 0), 1), min(max(green, 0), 1), min(max(blue, 0), 1)))
