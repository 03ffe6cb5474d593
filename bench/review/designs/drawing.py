"""Drafts of designs, and a small auto layout that turns a draft into the nodes that Figma gives.

A draft is a node with Figma's own fields, but with its size as it is set in Figma instead of a box:
``size`` is (width, height), each a number, "hug" or "fill"; ``at`` is the place of a layer that is
placed by hand. So a draft can be changed, and what is drawn fits the change.
"""

import copy
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any

Draft = dict[str, Any]
Size = float | str

# Half an em suits most letters of a sans serif; these are clearly narrower or wider.
_NARROW, _WIDE = set("iljtfrI.,:;'|!()[] "), set("mwMWQO@%&—")
_SIDES = ("paddingLeft", "paddingRight", "paddingTop", "paddingBottom")


@dataclass(frozen=True)
class Design:
    """A made-up design. ``tokens`` are the variables of its file, by id."""

    name: str
    draft: Draft
    components: dict[str, dict[str, Any]] = field(default_factory=dict)
    styles: dict[str, dict[str, Any]] = field(default_factory=dict)
    tokens: tuple[dict[str, Any], ...] = ()

    def document(self) -> dict[str, Any]:
        return drawn(self.draft)


def frame(name: str, *children: Draft, size: tuple[Size, Size] = ("hug", "hug"),
          **more: Any) -> Draft:  # fmt: skip
    """A frame in which the layers are placed by hand."""
    node = {"name": name, "type": "FRAME", "fills": [], "size": size, "children": list(children)}
    return node | more


def text_width(characters: str, font_size: float, weight: float = 400) -> float:
    """About as wide as these characters are in a sans serif."""
    ems = sum(
        0.28 if each in _NARROW else 0.85 if each in _WIDE else 0.66 if each.isupper() else 0.53
        for each in characters
    )
    return round(ems * font_size * (1.05 if weight >= 600 else 1), 2)


def lines_of(characters: str, width: float, font_size: float, weight: float = 400) -> int:
    """How many lines these characters take when they wrap at this width."""
    lines = 0
    for paragraph in characters.split("\n"):
        line = ""
        lines += 1
        for word in paragraph.split(" "):
            longer = f"{line} {word}".strip()
            if line and text_width(longer, font_size, weight) > width + 0.01:
                lines += 1
                longer = word
            line = longer
    return lines


def each_node(draft: Draft) -> Iterator[tuple[Draft, Draft | None]]:
    """Every node with its parent, in drawing order."""
    stack: list[tuple[Draft, Draft | None]] = [(draft, None)]
    while stack:
        node, parent = stack.pop()
        yield node, parent
        stack.extend((each, node) for each in reversed(node.get("children", [])))


def number(draft: Draft) -> Draft:
    """Give each node an id. Layers in instances of one component end alike, as in Figma."""
    numbers = count(1)

    def visit(node: Draft, instance: str, inner: Iterator[str]) -> None:
        own = f"{instance};{next(inner)}" if instance else f"1:{next(numbers)}"
        node.setdefault("id", own)
        if node["type"] == "INSTANCE":
            instance = node["id"] if instance else f"I{node['id']}"
            component = node["componentId"].partition(":")[2]
            inner = (f"{component}:{at}" for at in count(1))
        for each in node.get("children", []):
            visit(each, instance, inner)

    visit(draft, "", iter(()))
    return draft


def drawn(draft: Draft, x: float = 0, y: float = 0) -> dict[str, Any]:
    """The node tree of a draft, with a box for each layer."""
    node = copy.deepcopy(draft)
    _measure(node, None, None)
    _place(node, x, y)
    return node


def _flow(node: Draft) -> list[Draft]:
    return [each for each in node.get("children", []) if "at" not in each and _is_shown(each)]


def _is_shown(node: Draft) -> bool:
    return node.get("visible") is not False


def _padding(node: Draft) -> tuple[float, float, float, float]:
    left, right, top, bottom = (node.get(side, 0) for side in _SIDES)
    return left, right, top, bottom


def _measure(node: Draft, width: float | None, height: float | None) -> tuple[float, float]:
    """Set the layer's measured size. ``width`` and ``height``: what "fill" gets, if known."""
    wanted_width, wanted_height = node["size"]
    own_width = width if wanted_width == "fill" else wanted_width
    own_height = height if wanted_height == "fill" else wanted_height
    if node["type"] == "TEXT":
        node["_box"] = _measure_text(node, own_width, own_height)
        return node["_box"]
    left, right, top, bottom = _padding(node)
    inner_width = own_width - left - right if isinstance(own_width, int | float) else None
    inner_height = own_height - top - bottom if isinstance(own_height, int | float) else None
    is_row = node.get("layoutMode") == "HORIZONTAL"
    content = (_measure_row if is_row else _measure_column)(node, inner_width, inner_height)
    for each in node.get("children", []):
        if "at" in each or not _is_shown(each):
            _measure(each, inner_width, inner_height)
    if not isinstance(own_width, int | float):
        own_width = content[0] + left + right
    if not isinstance(own_height, int | float):
        own_height = content[1] + top + bottom
    node["_box"] = own_width, own_height
    _stretch(node, own_width - left - right, own_height - top - bottom)
    return node["_box"]


def _measure_text(node: Draft, width: Size | None, height: Size | None) -> tuple[float, float]:
    style, characters = node["style"], node["characters"]
    natural = text_width(characters, style["fontSize"], style["fontWeight"])
    lines = 1 + characters.count("\n")
    if isinstance(width, int | float):
        lines = lines_of(characters, width, style["fontSize"], style["fontWeight"])
    own_width = width if isinstance(width, int | float) else natural
    own_height = height if isinstance(height, int | float) else lines * style["lineHeightPx"]
    grows = "HEIGHT" if isinstance(width, int | float) else "WIDTH_AND_HEIGHT"
    style["textAutoResize"] = "NONE" if isinstance(height, int | float) else grows
    return own_width, own_height


def _measure_column(node: Draft, width: float | None, height: float | None) -> tuple[float, float]:
    flow = _flow(node)
    gaps = node.get("itemSpacing", 0) * max(len(flow) - 1, 0)
    sizes = [_measure(each, width, None) for each in flow]
    return max((size[0] for size in sizes), default=0), sum(size[1] for size in sizes) + gaps


def _measure_row(node: Draft, width: float | None, height: float | None) -> tuple[float, float]:
    flow = _flow(node)
    gaps = node.get("itemSpacing", 0) * max(len(flow) - 1, 0)
    filling = [each for each in flow if each["size"][0] == "fill"]
    sizes = {id(each): _measure(each, None, height) for each in flow if each not in filling}
    taken = sum(size[0] for size in sizes.values()) + gaps
    share = (width - taken) / len(filling) if filling and width is not None else None
    sizes |= {id(each): _measure(each, share, height) for each in filling}
    return (
        sum(size[0] for size in sizes.values()) + gaps,
        max((size[1] for size in sizes.values()), default=0),
    )


def _stretch(node: Draft, width: float, height: float) -> None:
    """Give layers that fill the other direction the room that there is."""
    flow = _flow(node)
    if node.get("layoutMode") == "VERTICAL":
        filling = [each for each in flow if each["size"][1] == "fill"]
        gaps = node.get("itemSpacing", 0) * max(len(flow) - 1, 0)
        taken = sum(each["_box"][1] for each in flow if each not in filling) + gaps
        for each in flow:
            own = (height - taken) / len(filling) if each in filling else None
            if each["size"][0] == "fill" or own is not None:
                _measure(each, width, own)
    elif node.get("layoutMode") == "HORIZONTAL":
        for each in flow:
            if each["size"][1] == "fill":
                _measure(each, each["_box"][0], height)


def _place(node: Draft, x: float, y: float) -> None:
    width, height = node.pop("_box")
    node["absoluteBoundingBox"] = {
        "x": round(x, 2), "y": round(y, 2), "width": round(width, 2), "height": round(height, 2)
    }  # fmt: skip
    for axis, sizing in zip(("Horizontal", "Vertical"), node.pop("size"), strict=True):
        kind = sizing.upper() if isinstance(sizing, str) else "FIXED"
        node[f"layoutSizing{axis}"] = kind
    node.pop("at", None)
    left, _right, top, _bottom = _padding(node)
    for each, at in zip(node.get("children", []), _spots(node, width, height), strict=True):
        if at is None:
            by_hand = each.get("at", (left, top))
            if "at" in each and "layoutMode" in node:
                each["layoutPositioning"] = "ABSOLUTE"
            _place(each, x + by_hand[0], y + by_hand[1])
        else:
            _place(each, x + at[0], y + at[1])


def _spots(node: Draft, width: float, height: float) -> Iterator[tuple[float, float] | None]:
    """The place of each child in the flow; None for the others."""
    left, right, top, bottom = _padding(node)
    is_row = node.get("layoutMode") == "HORIZONTAL"
    flow = _flow(node)
    inner = width - left - right if is_row else height - top - bottom
    room = (height - top - bottom) if is_row else (width - left - right)
    along = [each["_box"][0 if is_row else 1] for each in flow]
    gap = node.get("itemSpacing", 0)
    free = inner - sum(along) - gap * max(len(flow) - 1, 0)
    main, cross = node.get("primaryAxisAlignItems"), node.get("counterAxisAlignItems")
    if main == "SPACE_BETWEEN" and len(flow) > 1:
        gap += free / (len(flow) - 1)
    start = {"CENTER": free / 2, "MAX": free}.get(str(main), 0)
    at = (left if is_row else top) + start
    spots = {}
    for each, length in zip(flow, along, strict=True):
        rest = room - each["_box"][1 if is_row else 0]
        other = {"CENTER": rest / 2, "MAX": rest}.get(str(cross), 0)
        other += top if is_row else left
        spots[id(each)] = (at, other) if is_row else (other, at)
        at += length + gap
    for each in node.get("children", []):
        yield spots.get(id(each))
