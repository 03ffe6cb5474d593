"""Where a design uses a colour or a text style: bound to a token, or hard-coded."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from service.review.facts import short_name
from service.review.paint import to_hex, unit
from service.review.tree import Node, Place, child, children, number, text

_STYLE_KEYS = {"fills": ("fill", "fills"), "strokes": ("stroke", "strokes")}
_TEXT_FIELDS = ("fontSize", "fontFamily", "fontStyle", "typography", "lineHeight", "fontWeight")
_EMPTY: Node = {}


@dataclass(frozen=True, eq=False, slots=True)
class ColourUse:
    """One solid paint of a layer. ``field`` is "fills" or "strokes", ``at`` its place there.

    ``colour`` is a hex value; ``alpha`` is below 1 where something shines through. ``token`` is the
    id of its style or variable, "" if it is hard-coded; ``is_style`` says which of both.
    """

    place: Place
    field: str
    at: int
    colour: str
    alpha: float
    token: str
    is_style: bool

    @property
    def is_bound(self) -> bool:
        return self.token != ""

    @property
    def part(self) -> str:
        """What is coloured: tokens are made for one of these."""
        if self.field == "strokes":
            return "stroke"
        return "text" if self.place.is_text else "fill"


@dataclass(frozen=True, eq=False, slots=True)
class TextUse:
    """The type style of a text layer. ``token`` is the id of its text style, if it has one."""

    place: Place
    value: str
    is_bound: bool
    token: str


def colour_uses(place: Place) -> Iterator[ColourUse]:
    """The solid fills and strokes of a layer that can be seen."""
    node = place.node
    for field, style_keys in _STYLE_KEYS.items():
        paints = node.get(field)
        if not isinstance(paints, list) or not paints:
            continue
        if field == "strokes" and number(node, "strokeWeight", 1) <= 0:
            continue
        style = _style_id(node, style_keys)
        on_layer = child(node, "boundVariables").get(field)
        for at, paint in enumerate(children(node, field)):
            if paint.get("type") != "SOLID" or paint.get("visible") is False:
                continue
            colour = child(paint, "color")
            alpha = unit(number(paint, "opacity", 1.0)) * unit(number(colour, "a", 1.0))
            if alpha > 0:
                channels = (unit(number(colour, key)) for key in "rgb")
                token = style or _variable(paint, on_layer, at)
                yield ColourUse(place, field, at, _hex(*channels), alpha, token, bool(style))


def text_use(place: Place) -> TextUse:
    """The type style of a text layer."""
    style = child(place.node, "style")
    style_id = _style_id(place.node, ("text",))
    bindings = {**child(place.node, "boundVariables"), **child(style, "boundVariables")}
    is_bound = bool(style_id) or any(bindings.get(key) for key in _TEXT_FIELDS)
    family = short_name(style.get("fontFamily"))
    size = style.get("fontSize")
    label = f"{family} {size:g}" if isinstance(size, int | float) else family
    return TextUse(place, label, is_bound, style_id)


def is_bound(node: Node, *fields: str) -> bool:
    """Whether one of these fields of a layer comes from a variable."""
    bindings = node.get("boundVariables")
    return isinstance(bindings, Mapping) and any(bindings.get(field) for field in fields)


def style_name(token: str, styles: Mapping[str, object]) -> str:
    """The name of a style, "" if it is not known."""
    style = styles.get(token) if token else None
    return short_name(style.get("name")) if isinstance(style, Mapping) else ""


def _variable(paint: Node, on_layer: Any, at: int) -> str:
    """The id of the variable that colours a paint; "?" if it has no id."""
    if alias := child(paint, "boundVariables").get("color"):
        return text(alias, "id") or "?"
    if not on_layer:
        return ""
    listed = on_layer[at] if isinstance(on_layer, list) and at < len(on_layer) else on_layer
    return text(listed, "id") or "?"


def _style_id(node: Node, keys: Sequence[str]) -> str:
    styles = child(node, "styles") if "styles" in node else _EMPTY
    return next((text(styles, key) for key in keys if text(styles, key)), "")


@lru_cache(maxsize=4096)
def _hex(red: float, green: float, blue: float) -> str:
    return to_hex((red, green, blue))
