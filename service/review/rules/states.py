"""States that a component set of a control lacks: focus, disabled, pressed."""

from collections.abc import Iterator

from service.review.controls import name_words
from service.review.facts import Fact, Source
from service.review.rule import Rule
from service.review.screen import Screen
from service.review.tree import Place, child, children, text

_CONTROLS = set(
    [
        "button",
        "btn",
        "cta",
        "link",
        "checkbox",
        "radio",
        "switch",
        "toggle",
        "input",
        "textfield",
        "tab",
        "chip",
        "select",
        "dropdown",
        "combobox",
        "stepper",
        "slider",
        "fab",
        "menuitem",
        "accordion",
    ]
)
# "Button group" and "Tab bar" hold controls.
_HOLDERS = {"group", "bar", "list", "section", "container", "wrapper", "badge", "icon", "label"}
_STATES = {
    "focus": {"focus", "focused", "focusvisible", "keyboard"},
    "disabled": {"disabled", "inactive", "unavailable"},
    "pressed": {"pressed", "press", "active", "down", "tapped"},
}


def measure(rule: Rule, screen: Screen) -> Iterator[Fact]:
    """A fact for each set of a control that has not all of them."""
    for place in screen.of_type("COMPONENT_SET"):
        own = set(name_words(place.name))
        if not own & _CONTROLS or own & _HOLDERS or place.is_cut_off:
            continue
        words = _words_of(place)
        lacking = [state for state, known in _STATES.items() if not words & known]
        if lacking:
            is_focus = "focus" in lacking and screen.options.platform == "web"
            yield rule.fact(
                place,
                f"no {' and no '.join(lacking)} state",
                "problem" if is_focus else "info",
                "Whoever uses a keyboard cannot see where they are."
                if is_focus
                else "Drawn nowhere, so whoever builds it has to invent it.",
                numbers=(len(lacking),),
                weight=len(lacking),
            )


def _words_of(place: Place) -> set[str]:
    """All words in the names of its variants and properties."""
    words: set[str] = set()
    for each in children(place.node):
        words.update(name_words(text(each, "name").replace("-", "")))
    for name, definition in child(place.node, "componentPropertyDefinitions").items():
        words.update(name_words(name.partition("#")[0]))
        options = definition.get("variantOptions") if isinstance(definition, dict) else None
        for option in options if isinstance(options, list) else ():
            words.update(name_words(str(option)))
    return words


RULE = Rule(
    id="states",
    title="States of a control",
    kind="states",
    measures="The names of the variants of a component set that is named as a control.",
    threshold="focus, disabled and pressed",
    source=Source(
        "WCAG 2.2 SC 2.4.7", "https://www.w3.org/WAI/WCAG22/Understanding/focus-visible.html"
    ),
    exemptions=(
        "Components that only show something: badges, avatars, cards.",
        "Single components and instances.",
        "Focus on iOS and Android is a hint at most.",
    ),
    sure="B",
    measuring=measure,
)
