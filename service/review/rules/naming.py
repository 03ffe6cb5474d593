"""Frames that are handed over without a name of their own."""

from collections.abc import Iterator

from service.review.controls import has_link
from service.review.facts import Fact, Source
from service.review.roles import has_default_name
from service.review.rule import Rule
from service.review.screen import Screen
from service.review.tree import Place

_NAMED = ("FRAME", "GROUP", "COMPONENT", "COMPONENT_SET", "SECTION", "RECTANGLE")
_PAGES = {"CANVAS", "DOCUMENT", "SECTION"}


def measure(rule: Rule, screen: Screen) -> Iterator[Fact]:
    """One finding for all layers of one's own that others see the name of."""
    for place in screen.of_type(*_NAMED):
        if not has_default_name(place.node) or place in screen.in_instances:
            continue
        why = _why_seen(place)
        if why:
            yield rule.fact(
                place, "default name", "info", "Others see this name.", weight=0.1,
                cause="default names",
            )  # fmt: skip


def _why_seen(place: Place) -> bool:
    """Exported, linked, or at the top: its name is read by others."""
    is_top = place.type != "RECTANGLE" and (place.parent is None or place.parent.type in _PAGES)
    return is_top or bool(place.node.get("exportSettings")) or has_link(place)


RULE = Rule(
    id="naming",
    title="Names of layers",
    kind="layers",
    measures='Default names ("Frame 12") of frames that are exported, linked or at the top.',
    threshold="a name that says what it is",
    source=Source(
        "House rule",
        "https://help.figma.com/hc/en-us/articles/360039958934-Rename-layers",
    ),
    exemptions=("Layers in an instance.", "Vectors.", "Texts: their text is their name."),
    sure="C",
    measuring=measure,
)
