"""Instances that were detached from their component."""

from collections.abc import Iterator, Mapping

from service.review.facts import Fact, Source
from service.review.rule import Rule
from service.review.screen import Screen
from service.review.tree import Place, text


def measure(rule: Rule, screen: Screen) -> Iterator[Fact]:
    """A fact for each layer that says it was an instance. Only the plugin can know."""
    for place in screen.places:
        info = place.node.get("detachedInfo")
        if not isinstance(info, Mapping) or not info or _is_in_library(place):
            continue
        component = text(info, "componentId") or text(info, "componentKey")
        is_local = text(info, "type") == "local"
        yield rule.fact(
            place,
            "detached",
            "problem",
            f"Changes of its component{' in this file' if is_local else ''} no longer reach it.",
            weight=1,
            cause=component or place.cause,
        )


def _is_in_library(place: Place) -> bool:
    """Components are often made from other ones that were detached."""
    return any(each.type in {"COMPONENT", "COMPONENT_SET"} for each in (place, *place.ancestors()))


RULE = Rule(
    id="detached",
    title="Detached instances",
    kind="layers",
    measures="Figma's own mark on a layer that was detached from its component. Answers in "
    "comments do not have it.",
    threshold="an instance of its component",
    source=Source(
        "Figma: detach an instance",
        "https://help.figma.com/hc/en-us/articles/360038665754-Detach-an-instance-from-the-component",
    ),
    exemptions=("Layers in a component of the library itself.",),
    sure="A",
    measuring=measure,
)
