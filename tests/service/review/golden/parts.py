"""Parts to build believable screens of: each has its size, and stacks put them in their place.

Colours of the house are bound to variables, texts have styles, so that a clean screen is really
clean. Any other colour is raw. Ids are given at the end, in drawing order.
"""

import copy
from dataclasses import dataclass, field
from typing import Any

Node = dict[str, Any]
INK, MUTED, PAPER, MIST = "#1c1a22", "#5c5766", "#ffffff", "#f4f2f7"
BRAND, LINE, FIELD = "#4b2fd6", "#dcd8e3", "#7d7788"
GOOD, BAD = "#0b6b45", "#a81d2b"
TOKENS = {
    INK: "VariableID:1:1", MUTED: "VariableID:1:2", PAPER: "VariableID:1:3", MIST: "VariableID:1:4",
    BRAND: "VariableID:1:5", LINE: "VariableID:1:6", FIELD: "VariableID:1:7",
    GOOD: "VariableID:1:8", BAD: "VariableID:1:9",
}  # fmt: skip
TEXT_STYLES = {
    12: "S:caption", 14: "S:small", 16: "S:body", 20: "S:lead", 24: "S:heading", 32: "S:title",
}  # fmt: skip


@dataclass(frozen=True)
class Golden:
    """A design and its findings: "rule: layer", for problems and for hints. Summaries of a whole
    screen are not counted, and neither is that a target could be larger than it must."""

    name: str
    document: Node
    problems: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()
    styles: dict[str, Any] = field(default_factory=dict)


def raw(colour: str, alpha: float = 1.0) -> Node:
    """A colour set by hand."""
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return {"type": "SOLID", "color": {"r": red, "g": green, "b": blue, "a": alpha}}


def paint(colour: str) -> Node:
    """A colour, bound if it is one of the house."""
    token = TOKENS.get(colour)
    bound = {"boundVariables": {"color": {"type": "VARIABLE_ALIAS", "id": token}}} if token else {}
    return raw(colour) | bound


def box(x: float, y: float, width: float, height: float) -> dict[str, float]:
    return {"x": x, "y": y, "width": width, "height": height}


def label(
    words: str,
    size: float = 16,
    colour: str = INK,
    *,
    width: float | None = None,
    lines: int = 1,
    height: float | None = None,
    weight: int = 400,
    name: str = "",
    **more: Any,
) -> Node:
    """A text. ``height`` is that of a line, 1.5 times its size if not told."""
    height = height or round(size * 1.5)
    style = TEXT_STYLES.get(int(size)) if size == int(size) else None
    node: Node = {
        "name": name or words[:30],
        "type": "TEXT",
        "characters": words,
        "style": {
            "fontFamily": "Inter",
            "fontSize": size,
            "fontWeight": weight,
            "lineHeightPx": height,
            "textAutoResize": "HEIGHT" if lines > 1 else "WIDTH_AND_HEIGHT",
        },
        "fills": [paint(colour)],
        "absoluteBoundingBox": box(0, 0, width or round(len(words) * size * 0.5), height * lines),
    }
    return node | ({"styles": {"text": style}} if style else {}) | more


def shape(kind: str, width: float, height: float, colour: str | None = MIST, **more: Any) -> Node:
    node = {
        "name": kind.capitalize(),
        "type": kind,
        "fills": [paint(colour)] if colour else [],
        "absoluteBoundingBox": box(0, 0, width, height),
    }
    return node | more


def icon(name: str = "Icon / star", size: float = 24, colour: str = INK, **more: Any) -> Node:
    inner = moved(shape("VECTOR", size - 4, size - 4, colour, name="Vector"), 2, 2)
    node = {
        "name": name,
        "type": "FRAME",
        "fills": [],
        "absoluteBoundingBox": box(0, 0, size, size),
        "children": [inner],
    }
    return node | more


def picture(width: float, height: float, **more: Any) -> Node:
    photo = {"type": "IMAGE", "imageRef": "abc", "scaleMode": "FILL"}
    return shape("RECTANGLE", width, height, None, name="Photo") | {"fills": [photo]} | more


def stack(
    *parts: Node,
    name: str,
    gap: float = 16,
    padding: float = 0,
    sides: float | None = None,
    fill: str | None = None,
    across: bool = False,
    width: float | None = None,
    height: float | None = None,
    **more: Any,
) -> Node:
    """A frame with auto layout around its parts; ``across``: in a row."""
    aside = padding if sides is None else sides
    at, placed = (aside if across else padding), []
    for part in parts:
        dx, dy = (at, padding) if across else (aside, at)
        placed.append(moved(part, dx, dy))
        size = part["absoluteBoundingBox"]
        at += (size["width"] if across else size["height"]) + gap
    at -= gap if parts else 0
    widest = max((each["absoluteBoundingBox"]["width"] for each in parts), default=0)
    highest = max((each["absoluteBoundingBox"]["height"] for each in parts), default=0)
    own = (at + aside, highest + 2 * padding) if across else (widest + 2 * aside, at + padding)
    node: Node = {
        "name": name,
        "type": "FRAME",
        "fills": [paint(fill)] if fill else [],
        "layoutMode": "HORIZONTAL" if across else "VERTICAL",
        "itemSpacing": gap,
        "paddingLeft": aside,
        "paddingRight": aside,
        "paddingTop": padding,
        "paddingBottom": padding,
        "absoluteBoundingBox": box(0, 0, width or own[0], height or own[1]),
        "children": placed,
    }
    return node | more


def group(
    *parts: tuple[float, float, Node],
    name: str,
    width: float,
    height: float,
    fill: str | None = None,
    **more: Any,
) -> Node:
    """A frame whose parts are placed by hand: x, y and part."""
    node: Node = {
        "name": name,
        "type": "FRAME",
        "fills": [paint(fill)] if fill else [],
        "absoluteBoundingBox": box(0, 0, width, height),
        "children": [moved(part, x, y) for x, y, part in parts],
    }
    return node | more


def screen(*parts: Node, name: str, fill: str = PAPER, width: float = 375, **more: Any) -> Node:
    return stack(*parts, name=name, padding=24, sides=16, gap=24, fill=fill, width=width, **more)


def button(words: str = "Continue", *, colour: str = PAPER, fill: str = BRAND, **more: Any) -> Node:
    text = label(words, colour=colour, weight=600)
    own = {"type": "INSTANCE", "componentId": "9:1", "cornerRadius": 8, "name": "Button"}
    return stack(text, name="Button", padding=12, sides=24, fill=fill, across=True) | own | more


def text_field(title: str = "Email", edge: str = FIELD, **more: Any) -> Node:
    inner = stack(label("you@example.com", colour=MUTED, name="Placeholder"), name="Input",
                  padding=12, sides=16, width=343, across=True, fill=PAPER)  # fmt: skip
    inner |= {"strokes": [paint(edge)], "strokeWeight": 1, "cornerRadius": 8, "type": "INSTANCE",
              "componentId": "9:2"}  # fmt: skip
    return stack(label(title, 14), inner, name="Field", gap=8) | more


def card(*parts: Node, name: str = "Card", **more: Any) -> Node:
    own = {"cornerRadius": 12, "strokes": [paint(LINE)], "strokeWeight": 1}
    return stack(*parts, name=name, padding=16, gap=8, fill=PAPER, width=343) | own | more


def moved(node: Node, dx: float, dy: float) -> Node:
    """A copy of a layer and all in it, elsewhere."""
    node = copy.deepcopy(node)
    waiting = [node]
    while waiting:
        each = waiting.pop()
        for key in ("absoluteBoundingBox", "absoluteRenderBounds"):
            if key in each:
                each[key]["x"] += dx
                each[key]["y"] += dy
        waiting += each.get("children", ())
    return node


def numbered(document: Node) -> Node:
    """Give every layer that has none an id; those in instances get the id of their component's."""
    document = copy.deepcopy(document)
    waiting: list[tuple[Node, str]] = [(document, "")]
    count = 0
    while waiting:
        node, instance = waiting.pop()
        count += 1
        node.setdefault("id", f"I{instance};8:{count}" if instance else f"1:{count}")
        if node["type"] == "INSTANCE":
            instance = node["id"].removeprefix("I")
        waiting += [(each, instance) for each in reversed(node.get("children", ()))]
    return document
