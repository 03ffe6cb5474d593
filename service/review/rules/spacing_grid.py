"""Spacing on the design's own grid: auto-layout gaps and padding, and gaps placed by hand."""

from collections import Counter
from collections.abc import Iterator, Sequence

from service.review.facts import Fact, Source
from service.review.roles import is_a
from service.review.rule import Rule
from service.review.screen import Screen
from service.review.spacings import Spacing
from service.review.tree import Place

_MAX_LISTED = 8
_BADGE_PX, _OPTICAL_PX = 24.0, 2.0
# On an 8 px grid, small parts are set in half steps.
_COARSE, _HALF, _LARGEST_HALF_PX = 8, 4, 12


def measure(rule: Rule, screen: Screen) -> Iterator[Fact]:
    """A fact for each layer off the grid, and one for the whole."""
    scale = screen.scale
    everything: list[Spacing] = []
    passing = 0
    for place, found in screen.spacings:
        everything += found
        off = [each for each in found if not each.is_on(scale.grid)]
        if not off:
            passing += len(found)
            continue
        wrong = [each for each in off if not _is_excused(place, each, scale.grid, scale.is_given)]
        passing += len(found) - len(wrong)
        if wrong:
            yield _layer_fact(rule, place, wrong, scale.grid)
    if everything:
        yield _summary_fact(rule, screen.places[0], everything, passing, scale.grid)


def _is_excused(place: Place, spacing: Spacing, grid: float, is_given: bool) -> bool:
    if spacing.is_bound:
        return True
    if grid == _COARSE and not is_given and spacing.is_on(_HALF):
        return abs(spacing.value) <= _LARGEST_HALF_PX
    box = place.box
    is_small = is_a(place, "badge") or (box is not None and box.height <= _BADGE_PX)
    return is_small and abs(spacing.value) <= _OPTICAL_PX


def _layer_fact(rule: Rule, place: Place, off: Sequence[Spacing], grid: float) -> Fact:
    # Equal gaps of one row are one value.
    told = list(dict.fromkeys((each.name, each.value) for each in off))[:_MAX_LISTED]
    values = ", ".join(f"{name} {value:g}" for name, value in told)
    return rule.fact(
        place,
        f"{values} px",
        "problem",
        f"Off the {grid:g} px grid.",
        expected=f"multiples of {grid:g} px",
        numbers=tuple(dict.fromkeys(value for _, value in told)),
        weight=len(off),
    )


def _summary_fact(
    rule: Rule, place: Place, found: Sequence[Spacing], passing: int, grid: float
) -> Fact:
    on_grid = sum(each.is_on(grid) for each in found)
    on_eight = sum(each.is_on(8) for each in found)
    off = Counter(each.value for each in found if not each.is_on(grid))
    order = sorted(off, key=lambda value: (-off[value], value))
    listed = ", ".join(f"{value:g} px ({off[value]}×)" for value in order[:_MAX_LISTED])
    share = on_grid / len(found)
    return rule.fact(
        place,
        f"{on_grid} of {len(found)} values on the {grid:g} px grid ({int(share * 100)} %)"
        + ("" if grid == 8 else f", {on_eight} on the 8 px grid"),
        "info" if passing < len(found) else "ok",
        f"Off the grid: {listed}." if off else "Every value is on the grid.",
        expected="one spacing scale",
        numbers=(on_grid, on_eight, len(found)),
        weight=1 - share,
        cause="",
    )


RULE = Rule(
    id="spacing-grid",
    title="Spacing on the grid",
    kind="spacing",
    measures="Gaps and padding of auto layout, and gaps between layers placed by hand in one row "
    "or column, on the design's own grid: the largest of 8, 4 and 2 px that 90 % of its values "
    "from variables obey, or else of its most frequent values.",
    threshold="multiples of the design's own grid, 4 px if it has none",
    source=Source(
        "4 px grid, Material Design",
        "https://m2.material.io/design/layout/spacing-methods.html",
    ),
    exemptions=(
        "A value from a variable.",
        "Gaps in icons of up to 48 px.",
        "1 or 2 px in a badge or another part of up to 24 px.",
        "Half steps up to 12 px on an 8 px grid that nobody has set.",
        "Children that share the free space.",
        "Free space above 96 px between layers placed by hand.",
    ),
    sure="B",
    measuring=measure,
)
