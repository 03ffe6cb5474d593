"""States that differ in hue alone: some people cannot tell red from green."""

from collections.abc import Iterator, Mapping, Sequence

from service.review.colour_distance import Sight, delta_e, seen_with
from service.review.controls import name_words
from service.review.facts import Fact, Source
from service.review.roles import is_in_a
from service.review.rule import Rule
from service.review.screen import Screen
from service.review.tree import Place
from service.review.uses import ColourUse

_ALIKE = 10.0
_LARGEST_PX = 40.0
_STATES = set(
    [
        "status",
        "state",
        "indicator",
        "dot",
        "presence",
        "online",
        "offline",
        "availability",
        "error",
        "success",
        "warning",
        "severity",
        "priority",
        "health",
        "valid",
        "invalid",
    ]
)
_SIGHTS: Mapping[Sight, str] = {
    "deutan": "without green cones (deuteranopia)",
    "protan": "without red cones (protanopia)",
}
_MAX_MARKS = 100
# More colours than that are no states.
_MAX_COLOURS = 16


def measure(rule: Rule, screen: Screen) -> Iterator[Fact]:
    """A fact for each mark whose colour looks like another state's."""
    marks: list[ColourUse] = []
    colours: dict[Place, ColourUse] = {}
    for use in screen.colours:
        if use.field == "fills" and use.alpha >= 1:
            colours[use.place] = use
    labelled: dict[Place | None, bool] = {}
    for place in colours:
        if not _is_mark(place) or is_in_a(place, "chart", "artwork"):
            continue
        if place.parent not in labelled:
            labelled[place.parent] = _has_label(screen, place.parent)
        if not labelled[place.parent] and not _has_label(screen, place):
            marks.append(colours[place])
    if 1 < len({mark.colour for mark in marks[:_MAX_MARKS]}) <= _MAX_COLOURS:
        yield from _pairs(rule, marks[:_MAX_MARKS])


def _is_mark(place: Place) -> bool:
    """A small thing without words that stands for a state."""
    box = place.box
    if place.is_text or box is None or not 0 < max(box.width, box.height) <= _LARGEST_PX:
        return False
    return bool(_STATES & {*name_words(place.name), *name_words(place.component)})


def _has_label(screen: Screen, around: Place | None) -> bool:
    """Whether a text or an icon in it says the same."""
    below = screen.below.get(around, ()) if around is not None else ()
    return any(
        each.is_text or ("icon" in name_words(each.name) and not _is_mark(each)) for each in below
    )


def _pairs(rule: Rule, marks: Sequence[ColourUse]) -> Iterator[Fact]:
    ordered = sorted({mark.colour for mark in marks})
    for mark in marks:
        for other in ordered:
            if other == mark.colour or delta_e(mark.colour, other) < _ALIKE:
                continue
            seen = {
                sight: delta_e(seen_with(sight, mark.colour), seen_with(sight, other))
                for sight in _SIGHTS
            }
            sight = min(_SIGHTS, key=lambda each: seen[each])
            if seen[sight] < _ALIKE:
                first, second = sorted((mark.colour, other))
                yield rule.fact(
                    mark.place,
                    f"{first} and {second}",
                    "info",
                    f"People {_SIGHTS[sight]} see them with ΔE00 {seen[sight]:.1f}; say the state "
                    "with a word or a shape too.",
                    numbers=(round(seen[sight], 2),),
                    weight=_ALIKE - seen[sight],
                    cause=f"{first} {second}",
                )
                break


RULE = Rule(
    id="colour-alone",
    title="Colour alone",
    kind="colour",
    measures="Small marks that are named for a state, as people see them who lack red or green "
    "cones (Machado 2009).",
    threshold="ΔE00 of at least 10 for everybody, or a word or an icon beside it",
    source=Source(
        "WCAG 2.2 SC 1.4.1", "https://www.w3.org/WAI/WCAG22/Understanding/use-of-color.html"
    ),
    exemptions=(
        "A text or an icon beside it.",
        "Charts and illustrations.",
        "Marks of more than 16 colours.",
    ),
    sure="C",
    measuring=measure,
)
