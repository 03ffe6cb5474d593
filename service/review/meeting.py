"""The colours that meet where a layer is drawn, and the contrast ratios between them."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from service.review.paint import (
    MAX_COLOURS,
    RGB,
    Coat,
    Surface,
    composite,
    contrast,
    luminance,
    paint_over,
    to_hex,
)

Pair = tuple[RGB, RGB]


@dataclass(frozen=True)
class Meeting:
    """The pairs (colour behind, colour in front) that meet where a layer is drawn.

    ``outside`` is the share of what lies outside the document that shines through (white is
    assumed there); ``obstacle`` says why the pairs cannot be trusted, or is empty.
    """

    pairs: tuple[Pair, ...]
    outside: float
    gradient: bool
    obstacle: str

    @cached_property
    def range(self) -> tuple[float, float]:
        """The lowest and the highest contrast ratio that may occur."""
        ratios = [contrast(*pair) for pair in self.pairs]
        if self.gradient:
            steps = [_step(pair) for pair in self.pairs]
            # Lighter than the ground here and darker there: somewhere between they are alike.
            if min(steps) < 0 < max(steps):
                ratios.append(1.0)
        return min(ratios), max(ratios)

    def behind(self) -> str:
        """The colour behind, or the darkest and the lightest of them."""
        return _spread([behind for behind, _ in self.pairs])

    def front(self) -> str:
        return _spread([front for _, front in self.pairs])


def meet(surface: Surface, coats: Sequence[Coat]) -> tuple[tuple[Pair, ...], Surface]:
    """Each colour behind with what ``coats`` make of it; also the surface with them on."""
    pairs = [
        (behind, top)
        for behind in surface.colours
        for top in paint_over(Surface((behind,)), coats).colours
    ]
    front = paint_over(surface, coats)
    # An opaque fill hides an obstacle from sight, but the colour behind stays unknown.
    obstacle = surface.obstacle or front.obstacle
    gradient = surface.gradient or front.gradient
    return _telling(pairs), Surface(front.colours, front.cover, gradient, obstacle)


def faded(pairs: Iterable[Pair], below: Surface, opacity: float) -> tuple[Pair, ...]:
    """The pairs of a group as its opacity mixes them with what lies below the group."""
    return _telling(
        (composite((*behind, opacity), under), composite((*top, opacity), under))
        for under in below.colours
        for behind, top in pairs
    )


def _telling(pairs: Iterable[Pair]) -> tuple[Pair, ...]:
    """The pairs that decide: furthest apart either way, and the closest."""
    distinct = sorted(set(pairs))
    if len(distinct) <= MAX_COLOURS:
        return tuple(distinct)
    distinct.sort(key=_step)
    closest = sorted(distinct[1:-1], key=lambda pair: abs(_step(pair)))
    return (distinct[0], *closest[: MAX_COLOURS - 2], distinct[-1])


def _step(pair: Pair) -> float:
    """How much lighter the colour in front is; negative where it is darker."""
    behind, front = pair
    return math.log((luminance(front) + 0.05) / (luminance(behind) + 0.05))


def _spread(colours: Sequence[RGB]) -> str:
    ordered = sorted(set(colours), key=luminance)
    ends = dict.fromkeys(map(to_hex, (ordered[0], ordered[-1])))
    return " to ".join(ends)
