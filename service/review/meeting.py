"""The colours in front and behind where a layer is drawn, and their contrast ratios."""

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
    """The pairs (colour behind, colour in front) where a layer is drawn.

    ``outside`` is how much of the area outside the document shines through (assumed to be white).
    ``obstacle`` says why the pairs cannot be trusted, or is empty.
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
            # Lighter than the background here and darker there: in between they are equal.
            if min(steps) < 0 < max(steps):
                ratios.append(1.0)
        return min(ratios), max(ratios)

    def behind(self) -> str:
        """The colour behind, or the darkest and the lightest if there are several."""
        return _spread([behind for behind, _ in self.pairs])

    def front(self) -> str:
        return _spread([front for _, front in self.pairs])


def meet(surface: Surface, coats: Sequence[Coat]) -> tuple[tuple[Pair, ...], Surface]:
    """Pair each colour behind with what ``coats`` make of it. Also return the painted surface."""
    pairs = [
        (behind, top)
        for behind in surface.colours
        for top in paint_over(Surface((behind,)), coats).colours
    ]
    front = paint_over(surface, coats)
    # An opaque fill covers an obstacle, but the colour behind remains unknown.
    obstacle = surface.obstacle or front.obstacle
    gradient = surface.gradient or front.gradient
    return _telling(pairs), Surface(front.colours, front.cover, gradient, obstacle)


def faded(pairs: Iterable[Pair], below: Surface, opacity: float) -> tuple[Pair, ...]:
    """The pairs of a group after its opacity has mixed them with what is below the group."""
    return _telling(
        (composite((*behind, opacity), under), composite((*top, opacity), under))
        for under in below.colours
        for behind, top in pairs
    )


def _telling(pairs: Iterable[Pair]) -> tuple[Pair, ...]:
    """The decisive pairs: the two furthest apart, one in each direction, and the closest."""
    distinct = sorted(set(pairs))
    if len(distinct) <= MAX_COLOURS:
        return tuple(distinct)
    distinct.sort(key=_step)
    closest = sorted(distinct[1:-1], key=lambda pair: abs(_step(pair)))
    return (distinct[0], *closest[: MAX_COLOURS - 2], distinct[-1])


def _step(pair: Pair) -> float:
    """How much lighter the colour in front is; negative if it is darker."""
    behind, front = pair
    return math.log((luminance(front) + 0.05) / (luminance(behind) + 0.05))


def _spread(colours: Sequence[RGB]) -> str:
    ordered = sorted(set(colours), key=luminance)
    ends = dict.fromkeys(map(to_hex, (ordered[0], ordered[-1])))
    return " to ".join(ends)
