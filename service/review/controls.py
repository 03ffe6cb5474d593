"""Which layers look like something to tap, judged by their names and prototype links."""

import re
from functools import lru_cache
from itertools import pairwise

from service.review.tree import Place, text

_CONTROLS = {
    "button", "btn", "cta", "link", "checkbox", "radio", "switch", "toggle", "input", "textfield",
    "tab", "chip", "select", "dropdown", "combobox", "stepper", "slider", "fab", "menuitem",
    "accordion", "pagination",
}  # fmt: skip
_OUTLINED = {"input", "textfield", "checkbox", "radio", "switch", "toggle", "select", "dropdown"}
_PAIRS = {
    ("text", "field"): "textfield",
    ("menu", "item"): "menuitem",
    ("check", "box"): "checkbox",
}
_CONTAINERS = {"FRAME", "INSTANCE", "COMPONENT", "GROUP"}
_SINGLE = _CONTAINERS | {"RECTANGLE", "ELLIPSE", "VECTOR", "BOOLEAN_OPERATION"}
# "Button group" and "Tab bar" hold targets, they are none themselves.
_HOLDERS = {
    "group",
    "bar",
    "list",
    "row",
    "section",
    "container",
    "wrapper",
    "set",
    "label",
    "text",
}
_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")


@lru_cache(maxsize=4096)
def name_words(name: str) -> tuple[str, ...]:
    """The lower-case words of a layer name: "Icon/closeButton" gives icon, close, button."""
    words = [word.lower() for word in _WORDS.findall(name)]
    words += [_PAIRS[pair] for pair in pairwise(words) if pair in _PAIRS]
    return tuple(word[:-1] if word[:-1] in _CONTROLS else word for word in words)


def has_link(place: Place) -> bool:
    """True for a layer with a prototype connection."""
    listed = any(
        isinstance(place.node.get(key), list) and place.node[key]
        for key in ("interactions", "reactions")
    )
    return listed or bool(text(place.node, "transitionNodeID"))


def is_control(place: Place) -> bool:
    """Named as a control, or linked in the prototype."""
    if has_link(place) and place.type in _SINGLE:
        return True
    return place.type in _CONTAINERS and _is_named(place, _CONTROLS)


def is_icon(place: Place) -> bool:
    """Named as an icon: perhaps a target, perhaps decoration."""
    return place.type in _CONTAINERS and bool(
        {"icon", "icons", "ico"} & set(name_words(place.name))
    )


def is_outlined_control(place: Place) -> bool:
    """A form field or box that people know by its edge."""
    return place.type in _CONTAINERS | {"RECTANGLE", "ELLIPSE"} and _is_named(place, _OUTLINED)


def is_disabled(place: Place) -> bool:
    """It or a layer above it is named disabled or inactive."""
    return any(
        {"disabled", "inactive"} & {*name_words(step.name), *name_words(step.component)}
        for step in [place, *place.ancestors()]
    )


def _is_named(place: Place, kinds: set[str]) -> bool:
    own = set(name_words(place.name))
    return bool(kinds & (own | set(name_words(place.component)))) and not own & _HOLDERS
