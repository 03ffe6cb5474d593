"""Hidden layers that nobody may need any more."""

from collections.abc import Iterator

from service.review.facts import Fact, Source
from service.review.roles import has_default_name
from service.review.rule import Rule
from service.review.screen import Screen
from service.review.tree import Place, children

MANY = 5


def measure(rule: Rule, screen: Screen) -> Iterator[Fact]:
    """One finding for all hidden layers: from five on, or for those without a name."""
    hidden = [
        Place(each, place, place.depth + 1, position=at)
        for place in screen.places
        if place.type != "INSTANCE" and place not in screen.in_instances and _may_hide(place)
        for at, each in enumerate(children(place.node))
        if each.get("visible") is False
    ]
    told = hidden if len(hidden) >= MANY else [e for e in hidden if has_default_name(e.node)]
    for each in told:
        # The count stands in the fact. The value does not change with it, so that the finding
        # stays the same.
        yield rule.fact(
            each,
            "hidden",
            "info",
            "Outside any instance, where hidden layers are switches of the component.",
            weight=0.1,
            cause="hidden layers",
        )


def _may_hide(place: Place) -> bool:
    """Hidden children with a property of the component are its switches."""
    return bool(place.node.get("children")) and not any(
        each.type in {"COMPONENT", "COMPONENT_SET"} for each in (place, *place.ancestors())
    )


RULE = Rule(
    id="hidden-layers",
    title="Hidden layers",
    kind="layers",
    measures="Layers that are switched off, outside instances and components.",
    threshold="fewer than 5, and each with a name",
    source=Source(
        "House rule",
        "https://help.figma.com/hc/en-us/articles/360041112614-Toggle-visibility-to-hide-layers",
    ),
    exemptions=("Layers in an instance or a component: they are its switches.",),
    sure="C",
    measuring=measure,
)
