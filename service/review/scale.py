"""The scales that a design follows by itself: its spacing grid, its colours, its text sizes."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from service.review.spacings import Spacing
from service.review.uses import ColourUse

# The largest that most values obey is the grid. https://m2.material.io/design/layout/spacing-methods.html
_BASES = (8, 4, 2)
USUAL_GRID = 4
_SHARE = 0.9
# Fewer values show no grid. For the coarse one, more have to agree.
_FEW_VALUES = 4
_MANY_VALUES = 10
_OPAQUE = 0.995


@dataclass(frozen=True)
class Swatch:
    """A colour in use: how often, how often bound, and the name or id of a token that gives it."""

    colour: str
    count: int
    bound: int
    token: str = ""


@dataclass(frozen=True)
class Scale:
    """``grid`` in px; ``is_given``: a person has set it. ``palette``: the opaque solid colours,
    the most used first. ``type_sizes``: how many texts have each size (px)."""

    grid: float
    is_given: bool
    palette: tuple[Swatch, ...]
    type_sizes: Mapping[float, int]

    def __str__(self) -> str:
        """For example "4 px grid, 23 colours, 6 text sizes"."""
        return (
            f"{self.grid:g} px grid, {_count(len(self.palette), 'colour')}, "
            f"{_count(len(self.type_sizes), 'text size')}"
        )

    def to_json(self) -> dict[str, Any]:
        grid = int(self.grid) if self.grid == int(self.grid) else self.grid
        sizes = [int(each) if each == int(each) else each for each in sorted(self.type_sizes)]
        return {
            "grid": grid,
            "palette": [each.colour for each in self.palette],
            "type_sizes": sizes,
        }


def grid_of(layers: Iterable[Iterable[Spacing]]) -> int:
    """The largest of 8, 4 and 2 that 90 % of the values obey: of those from variables, or else of
    those that several layers have. 4 if there are too few, or if they obey none."""
    found = [{(each.value, each.is_bound) for each in of if each.value > 0} for of in layers]
    chosen = [value for of in found for value, is_bound in of if is_bound]
    if len(chosen) < _FEW_VALUES:
        counts = Counter(value for of in found for value in {value for value, _ in of})
        chosen = [value for value in counts.elements() if counts[value] > 1]
    if len(chosen) < _FEW_VALUES:
        return USUAL_GRID
    for base in _BASES:
        obey = sum(Spacing("", value).is_on(base) for value in chosen)
        if obey >= _SHARE * len(chosen) and (base < 8 or len(chosen) >= _MANY_VALUES):
            return base
    return USUAL_GRID


def palette_of(uses: Sequence[ColourUse], name_of: Callable[[str], str]) -> tuple[Swatch, ...]:
    """The opaque solid colours, the most used first. ``name_of`` gives a token's name by its id."""
    counts: Counter[str] = Counter()
    bound: dict[str, Counter[str]] = {}
    for use in uses:
        if use.alpha < _OPAQUE:
            continue
        counts[use.colour] += 1
        if use.is_bound:
            bound.setdefault(use.colour, Counter())[use.token] += 1
    swatches = []
    for colour, count in counts.items():
        tokens = bound.get(colour, Counter())
        token = min(tokens, key=lambda each: (-tokens[each], each), default="")
        name = name_of(token) if token else ""
        swatches.append(Swatch(colour, count, tokens.total(), name or token))
    return tuple(sorted(swatches, key=lambda each: (-each.count, each.colour)))


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
