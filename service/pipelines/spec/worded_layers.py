"""Layers that hold words without being texts: FigJam's notes, shapes, cells and connectors.

Figma tells their ``characters``, and of most of them no type:
https://developers.figma.com/docs/rest-api/file-node-types/
"""

from collections.abc import Iterator
from dataclasses import replace

from service.pipelines.spec.elements import Declaration, Element
from service.pipelines.spec.layer_elements import Reading, plain_element
from service.pipelines.spec.lettering import (
    has_own_words,
    is_right_to_left,
    letters,
    link,
    set_text,
    type_style,
)
from service.pipelines.spec.paints import (
    backgrounds,
    colour,
    corners,
    effects,
    fading,
    px,
    strokes,
    visible_paints,
)
from service.pipelines.spec.placing import Spot, placed, size_of
from service.review.paint import contrast
from service.review.tree import Box, Node, child, children, number, text

# What FigJam writes with, as far as that is known.
_TYPE = {
    "fontFamily": "Inter", "fontWeight": 400, "fontSize": 16, "lineHeightPx": 24,
}  # fmt: skip
_INK, _LIGHT = "#1e1e1e", "#ffffff"
_SQUARE = {"", "SQUARE", "ROUNDED_RECTANGLE"}


def has_words(node: Node) -> bool:
    """Whether a layer that is no text says something by itself."""
    return text(node, "type") != "TEXT" and has_own_words(node) and not children(node)


def worded(node: Node, spot: Spot, parent: Node | None, box: Box, reading: Reading) -> Element:
    """The layer as a text with a ground of its own, as high as its words need."""
    kind, told = text(node, "type"), child(node, "style")
    is_line = kind == "CONNECTOR"
    width, height = size_of(node, box)
    own = Box(box.x, box.y, width, height)
    found = [
        replace(each, property="min-height") if each.property == "height" else each
        for each in placed(node, spot, box, parent, False)
    ]
    style = {**_TYPE, **told}
    if not is_line:
        found += _ground(node, own)
    found += type_style(style)
    found += [Declaration("color", _ink(node, is_line)), Declaration("text-align", "center")]
    found.append(Declaration("align-content", "center"))
    words = letters(node)
    if "\n" in words or "  " in words or words != words.strip():
        found.append(Declaration("white-space", "pre-wrap"))
    found += [*effects(node), *fading(node)]
    attributes = (("dir", "rtl"),) if is_right_to_left(words) else ()
    if href := link(told):
        attributes = (*attributes, ("href", href))
    for note in _losses(node):
        reading.note(node, note)
    element = plain_element(node, "text", box, found, reading)
    return replace(element, texts=(set_text(node),), attributes=attributes)


def _ground(node: Node, own: Box) -> Iterator[Declaration]:
    room = 16 if min(own.width, own.height) >= 96 else 4 if min(own.width, own.height) >= 32 else 0
    if room:
        yield from (Declaration(f"padding-{side}", px(room)) for side in ("top", "right"))
        yield from (Declaration(f"padding-{side}", px(room)) for side in ("bottom", "left"))
    yield from backgrounds(node, own)
    yield from strokes(node, None)[0]
    if text(node, "shapeType") == "ELLIPSE":
        yield Declaration("border-radius", "9999px")
    else:
        yield from corners(node, own)


def _ink(node: Node, is_line: bool) -> str:
    """Dark, or light where only that can be read."""
    paints = [] if is_line else visible_paints(node)
    if not paints or text(paints[-1], "type") != "SOLID":
        return _INK
    ground = _rgb(colour(paints[-1]))
    return max(_INK, _LIGHT, key=lambda each: contrast(_rgb(each), ground))


def _rgb(value: str) -> tuple[float, float, float]:
    red, green, blue = (int(value[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return red, green, blue


def _losses(node: Node) -> Iterator[str]:
    kind = text(node, "type")
    if kind == "TEXT_PATH":
        yield "its letters stand in a line, and do not follow the path"
    elif kind == "CONNECTOR":
        yield "its line is not drawn, only the words on it"
    elif text(node, "shapeType") not in {*_SQUARE, "ELLIPSE"}:
        yield "its shape is drawn as a rectangle"
    if not number(child(node, "style"), "fontSize"):
        yield "Figma does not tell how its words are set: they are Inter, 16 px"
