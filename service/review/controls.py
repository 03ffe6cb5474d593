"""Finds layers that look like something to tap, by their names and prototype links."""

import re
from functools import lru_cache
from itertools import pairwise

from service.review.tree import Place, text

_CONTROLS = {
    "button", "btn", "cta", "link", "checkbox", "radio", "switch", "toggle", "input", "textfield",
    "tab", "chip", "select", "dropdown", "combobox", "stepper", "slider", "fab", "menuitem",
    "accordion",
}  # fmt: skip
_OUTLINED = {"input", "textfield", "checkbox", "radio", "switch", "toggle", "select", "dropdown"}
_PAIRS = {
    ("text", "field"): "textfield",
    ("menu", "item"): "menuitem",
    ("check", "box"): "checkbox",
}
_CONTAINERS = {"FRAME", "INSTANCE", "COMPONENT", "GROUP"}
_SINGLE = _CONTAINERS | {"RECTANGLE", "ELLIPSE", "VECTOR", "BOOLEAN_OPERATION"}
_ICONS = {"icon", "icons", "ico"}
# "Button group" and "Tab bar" contain targets, but are not targets themselves.
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
_OFF = {"false", "no", "off", "none"}


@lru_cache(maxsize=4096)
def name_words(name: str) -> tuple[str, ...]:
    """The lower-case words of a layer name: "Icon/closeButton" gives icon, close, button.

    In a variant's name ("Type=Primary, Disabled=False"), properties that are switched off do not
    count.
    """
    words = [word.lower() for word in _WORDS.findall(_without_off(name))]
    words += [_PAIRS[pair] for pair in pairwise(words) if pair in _PAIRS]
    return tuple(one if (one := word.removesuffix("s")) in _CONTROLS else word for word in words)


def _without_off(name: str) -> str:
    if "=" not in name:
        return name
    parts = (part.partition("=") for part in name.split(","))
    return ", ".join(
        f"{key}={value}" for key, _, value in parts if value.strip().casefold() not in _OFF
    )


def has_link(place: Place) -> bool:
    """True for a layer with a prototype connection."""
    listed = any(
        isinstance(place.node.get(key), list) and place.node[key]
        for key in ("interactions", "reactions")
    )
    return listed or bool(text(place.node, "transitionNodeID"))


def control_kinds(place: Place) -> set[str]:
    """The kinds of control in a layer's name: {"button"} for a "Primary button"."""
    if place.type not in _CONTAINERS or not _is_named(place, _CONTROLS):
        return set()
    return _CONTROLS & {*name_words(place.name), *name_words(place.component)}


def is_linked(place: Place) -> bool:
    """A layer that leads somewhere in the prototype."""
    return place.type in _SINGLE and has_link(place)


def is_icon(place: Place) -> bool:
    """Named as an icon: perhaps a target, perhaps decoration."""
    return (
        place.type in _CONTAINERS
        and bool(_ICONS & set(name_words(place.name)))
        and not _names_several(place, {"icon"})
    )


def is_outlined_control(place: Place) -> bool:
    """A form field or box that people recognise by its edge."""
    return place.type in _CONTAINERS | {"RECTANGLE", "ELLIPSE"} and _is_named(place, _OUTLINED)


def is_disabled(place: Place) -> bool:
    """Whether it or a layer above it is named disabled or inactive."""
    return any(
        {"disabled", "inactive"} & {*name_words(step.name), *name_words(step.component)}
        for step in [place, *place.ancestors()]
    )


def _is_named(place: Place, kinds: set[str]) -> bool:
    own = set(name_words(place.name))
    if own & _HOLDERS or _names_several(place, kinds):
        return False
    return bool(kinds & (own | set(name_words(place.component))))


def _names_several(place: Place, kinds: set[str]) -> bool:
    """ "Tabs" and "Footer/Links" contain several controls; "Buttons/Primary" is a single one."""
    last = (word.lower() for word in _WORDS.findall(place.name.rpartition("/")[2]))
    return any(word not in kinds and word.removesuffix("s") in kinds for word in last)
