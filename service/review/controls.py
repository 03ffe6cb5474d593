"""Finds layers that look like something to tap, by their names and prototype links."""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from itertools import pairwise

from service.review.tree import Place, child, text

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
# "Slider thumb" and "Input border" are parts of a control; "Arrow button" is a control.
_PARTS = {
    "knob", "thumb", "handle", "track", "indicator", "tick", "dot", "arrow", "caret", "chevron",
    "border", "background", "bg", "overlay", "divider", "underline", "outline", "ring", "shadow",
    "content", "inner", "outer", "placeholder", "value", "hint", "helper", "title", "header",
}  # fmt: skip
# Controls with a label beside them, not in them.
_LABELLED = _OUTLINED | {"combobox", "stepper", "slider"}
_DISABLED = {"disabled", "inactive"}
_MAX_LABELS = 3
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
    """Whether it or a layer above it is named disabled or inactive, or has such a property."""
    return any(_is_off(step) for step in [place, *place.ancestors()])


def disabled_labels(places: Iterable[Place]) -> set[Place]:
    """The texts beside a form field or box that is disabled: its label and its hint. WCAG exempts
    them with it. The field must be the only control there, or the text may belong to another."""
    fields: dict[Place, list[Place]] = {}
    texts: dict[Place, list[Place]] = {}
    for place in places:
        if place.parent is None:
            continue
        if place.is_text:
            texts.setdefault(place.parent, []).append(place)
        elif control_kinds(place):
            fields.setdefault(place.parent, []).append(place)
    return {
        each
        for around, controls in fields.items()
        if len(controls) == 1 and control_kinds(controls[0]) & _LABELLED and _is_off(controls[0])
        if len(texts.get(around, ())) <= _MAX_LABELS
        for each in texts.get(around, ())
    }


def _is_off(place: Place) -> bool:
    if place.is_text:
        # Figma names a text by its characters: "Helper, error, disabled".
        return False
    words = {*name_words(place.name), *name_words(place.component)}
    return bool(_DISABLED & (words | _property_words(place)))


def _property_words(place: Place) -> set[str]:
    """The words of an instance's properties that are not switched off.
    https://developers.figma.com/docs/rest-api/component-types/#component-property-type
    """
    properties = child(place.node, "componentProperties")
    if not properties:
        return set()
    words: set[str] = set()
    for name, given in properties.items():
        value = given.get("value") if isinstance(given, Mapping) else None
        if isinstance(value, str | bool):
            words.update(name_words(f"{str(name).partition('#')[0]}={value}"))
    return words


def _is_named(place: Place, kinds: set[str]) -> bool:
    words = name_words(place.name.rpartition("/")[2])
    own = set(name_words(place.name))
    if own & _HOLDERS or _names_several(place, kinds) or (words and words[-1] in _PARTS):
        return False
    return bool(kinds & (own | set(name_words(place.component))))


def _names_several(place: Place, kinds: set[str]) -> bool:
    """ "Tabs" and "Footer/Links" contain several controls; "Buttons/Primary" is a single one."""
    last = (word.lower() for word in _WORDS.findall(place.name.rpartition("/")[2]))
    return any(word not in kinds and word.removesuffix("s") in kinds for word in last)
