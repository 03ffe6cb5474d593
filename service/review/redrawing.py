"""Changes of a design on paper: a screen as it would be with some values replaced.

Only what a rule reads is changed: a layer grows to the right and down, and its neighbours stay
where they are, as in a frame without auto layout.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from service.review.palette import Token, rgb
from service.review.screen import Screen
from service.review.tree import Node, Place, child, number, text

Value = str | float

_PAINT = re.compile(r"(fills|strokes)\[(\d+)\]\.color")
_STYLE_FIELDS = {"fontSize": "fontSize", "lineHeight": "lineHeightPx"}
_AXES = ("x", "y")
_STYLE_OF = {"fills": "fill", "strokes": "stroke"}
_SIDES = {
    "paddingLeft": "width", "paddingRight": "width",
    "paddingTop": "height", "paddingBottom": "height",
}  # fmt: skip


@dataclass(frozen=True)
class Change:
    """One value of one layer. ``property`` is Figma's name for it ("fills[0].color", "fontSize",
    "itemSpacing", "width", "x"), in px or "#rrggbb". With a ``token`` the layer is bound to it."""

    element_id: str
    property: str
    old: Value
    new: Value
    token: Token | None = None

    def to_json(self) -> dict[str, Any]:
        return {
            "element_id": self.element_id,
            "property": self.property,
            "old": _plain(self.old),
            "new": _plain(self.new),
            "token": vars(self.token) if self.token else None,
        }


Changes = tuple[Change, ...]


def changed(screen: Screen, changes: Iterable[Change]) -> Screen:
    """The screen with the changes, not measured yet. The one given stays as it is."""
    wanted = _by_layer(changes)
    moves = _moves(screen, wanted)
    nodes: dict[int, Node] = {}
    holders = set[Place]()
    # Those in a layer come after it, so from behind they are changed before it.
    for place in reversed(screen.places):
        node = place.node
        if place in holders:
            below = [nodes.get(id(each), each) for each in node["children"]]
            node = {**node, "children": below}
        if place in moves:
            node = _moved(node, *moves[place])
        for change in wanted.get(place.id, ()):
            node = _with(node, change)
        if node is not place.node:
            nodes[id(place.node)] = node
            if place.parent:
                holders.add(place.parent)
    places: dict[Place, Place] = {}
    for place in screen.places:
        parent = places[place.parent] if place.parent else None
        node = nodes.get(id(place.node), place.node)
        places[place] = replace(place, node=node, parent=parent)
    found = replace(screen.found, places=list(places.values()), notes=[])
    return Screen(found, screen.styles, screen.options)


def with_text_colours(screen: Screen, changes: Iterable[Change]) -> Screen:
    """The screen with other colours of texts. Nothing lies on a text, so of all texts only these
    are measured for contrast again, on the same ground."""
    wanted = _by_layer(changes)
    places, texts = [], []
    for place in screen.places:
        if place.id in wanted:
            node = place.node
            for change in wanted[place.id]:
                node = _with(node, change)
            place = replace(place, node=node)
            texts.append(place)
        places.append(place)
    redrawn = Screen(replace(screen.found, places=places, notes=[]), screen.styles, screen.options)
    # As if they had been worked out there.
    vars(redrawn).update(texts=texts, ground=screen.ground.anew())
    return redrawn


def _by_layer(changes: Iterable[Change]) -> dict[str, list[Change]]:
    found: dict[str, list[Change]] = {}
    for each in changes:
        found.setdefault(each.element_id, []).append(each)
    return found


def _moves(screen: Screen, wanted: Mapping[str, list[Change]]) -> dict[Place, tuple[float, float]]:
    """How far each layer moves: with the layers that it lies in."""
    found: dict[Place, tuple[float, float]] = {}
    if not any(each.property in _AXES for changes in wanted.values() for each in changes):
        return found
    for place in screen.places:
        x, y = found.get(place.parent, (0.0, 0.0)) if place.parent else (0.0, 0.0)
        for each in wanted.get(place.id, ()):
            if each.property in _AXES:
                by = float(each.new) - float(each.old)
                x, y = (x + by, y) if each.property == "x" else (x, y + by)
        if x or y:
            found[place] = (x, y)
    return found


def value_of(node: Node, name: str) -> float | None:
    """A number of a layer by Figma's name for it; None if the layer has none of its own."""
    if name in ("width", "height"):
        box = child(node, "absoluteBoundingBox")
        return number(box, name) if name in box else None
    if name in _STYLE_FIELDS:
        style = child(node, "style")
        return number(style, _STYLE_FIELDS[name]) if _STYLE_FIELDS[name] in style else None
    return number(node, name) if name in node or name in _SIDES else None


def hugs(node: Node, side: str) -> bool:
    """Whether auto layout makes the layer as wide ("width") or as high as what is in it."""
    if text(node, "layoutMode") not in ("HORIZONTAL", "VERTICAL"):
        return False
    sizing = text(node, f"layoutSizing{'Horizontal' if side == 'width' else 'Vertical'}")
    if sizing:
        return sizing == "HUG"
    is_primary = (text(node, "layoutMode") == "HORIZONTAL") == (side == "width")
    mode = text(node, "primaryAxisSizingMode" if is_primary else "counterAxisSizingMode")
    return mode != "FIXED"


def _with(node: Node, change: Change) -> Node:
    if paint := _PAINT.fullmatch(change.property):
        return _with_colour(node, paint[1], int(paint[2]), str(change.new), change.token)
    if change.property in _AXES:
        return node
    new = float(change.new)
    if change.property in _STYLE_FIELDS:
        style = {**child(node, "style"), _STYLE_FIELDS[change.property]: new}
        if change.property == "lineHeight":
            style["lineHeightUnit"] = "PIXELS"
        return {**node, "style": style}
    if change.property in ("width", "height"):
        return _grown(node, change.property, new - (value_of(node, change.property) or 0.0))
    if side := _SIDES.get(change.property):
        by = new - number(node, change.property)
        node = {**node, change.property: new}
        return _grown(node, side, by) if hugs(node, side) else node
    if change.property == "cornerRadius":
        rest = {key: value for key, value in node.items() if key != "rectangleCornerRadii"}
        return {**rest, "cornerRadius": new}
    return {**node, change.property: new}


def _with_colour(node: Node, field: str, at: int, colour: str, token: Token | None) -> Node:
    paints = list(node[field])
    red, green, blue = rgb(colour)
    old = paints[at]
    paint = {**old, "color": {**child(old, "color"), "r": red, "g": green, "b": blue}}
    more: dict[str, Any] = {}
    if token and token.kind == "variable":
        alias = {"type": "VARIABLE_ALIAS", "id": token.id}
        paint["boundVariables"] = {**child(old, "boundVariables"), "color": alias}
    elif token:
        more["styles"] = {**child(node, "styles"), _STYLE_OF[field]: token.id}
    paints[at] = paint
    return {**node, field: paints, **more}


def _moved(node: Node, x: float, y: float) -> Node:
    more: dict[str, Any] = {}
    for key in ("absoluteBoundingBox", "absoluteRenderBounds"):
        if old := child(node, key):
            more[key] = {**old, "x": number(old, "x") + x, "y": number(old, "y") + y}
    return {**node, **more}


def _grown(node: Node, side: str, by: float) -> Node:
    axis = "x" if side == "width" else "y"
    more: dict[str, Any] = {}
    for key, name in (
        ("absoluteBoundingBox", side),
        ("absoluteRenderBounds", side),
        ("size", axis),
    ):
        old: Mapping[str, Any] = child(node, key)
        if name in old:
            more[key] = {**old, name: number(old, name) + by}
    return {**node, **more}


def _plain(value: Value) -> Value:
    """Whole numbers without ".0"."""
    return int(value) if isinstance(value, float) and value.is_integer() else value
