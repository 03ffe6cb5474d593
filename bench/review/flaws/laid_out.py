"""Flaws of layout and type: spacing, alignment, corners, sizes, overflow."""

from collections import Counter
from collections.abc import Iterator
from functools import partial
from itertools import pairwise

from bench.review.designs.drawing import Draft
from bench.review.designs.web import LOREM, STORY
from bench.review.flaws.workshop import Change, Nodes, Workshop, raw, set_fields, set_type, unbind

_CORNERS = ("topLeftRadius", "topRightRadius", "bottomLeftRadius", "bottomRightRadius")
_PADDING = ("paddingLeft", "paddingRight", "paddingTop", "paddingBottom")
_AUTO_LAYOUT = ("itemSpacing", "layoutMode", "primaryAxisAlignItems", "counterAxisAlignItems")


def off_grid_gap(shop: Workshop) -> Iterator[Change]:
    for node in shop.nodes:
        if node.get("itemSpacing") and not shop.is_inner(node):
            value = node["itemSpacing"] + shop.chance.choice((-3, -1, 1, 2, 3))
            edit = partial(set_fields, at=node["id"], itemSpacing=value)
            yield Change("gap off the grid", frozenset({node["id"]}), edit)


def off_grid_padding(shop: Workshop) -> Iterator[Change]:
    for node in shop.nodes:
        sides = [key for key in ("paddingLeft", "paddingTop") if node.get(key)]
        if sides and not shop.is_inner(node):
            side = shop.chance.choice(sides)
            value = node[side] + shop.chance.choice((-3, -1, 1, 3, 5))
            edit = partial(set_fields, at=node["id"], **{side: value})
            yield Change("padding off the grid", frozenset({node["id"]}), edit)


def off_by_a_pixel(shop: Workshop) -> Iterator[Change]:
    """One of three or more that stand in line, 1 to 2 px beside it."""
    for parent in shop.nodes:
        if "layoutMode" in parent or not shop.is_own(parent):
            continue
        by_hand = [each for each in parent["children"] if "at" in each]
        for axis in (0, 1):
            in_line = Counter(each["at"][axis] for each in by_hand)
            for node in by_hand:
                if in_line[node["at"][axis]] < 3:
                    continue
                at = list(node["at"])
                at[axis] += shop.chance.choice((-2, -1.5, -1, 1, 1.5, 2))
                edit = partial(_move, layer=node["id"], x=at[0], y=at[1])
                expected = frozenset({node["id"], parent["id"]})
                yield Change("off by a pixel or two", expected, edit)


def _move(nodes: Nodes, layer: str, x: float, y: float) -> None:
    nodes[layer]["at"] = (x, y)


def odd_radius(shop: Workshop) -> Iterator[Change]:
    """One of three or more of a kind has corners 1 or 2 px rounder or sharper."""
    kinds = Counter((node["name"], node.get("cornerRadius")) for node in shop.nodes)
    for node in shop.nodes:
        radius = node.get("cornerRadius", 0)
        if not 0 < radius < 100 or kinds[node["name"], radius] < 3 or shop.is_inner(node):
            continue
        edit = partial(_round, layer=node["id"], radius=radius + shop.chance.choice((-2, -1, 1, 2)))
        yield Change("one radius of a kind differs", frozenset({node["id"]}), edit)


def _round(nodes: Nodes, layer: str, radius: float) -> None:
    set_fields(nodes, layer, cornerRadius=radius)
    unbind(nodes[layer], *_CORNERS)


def nested_corners(shop: Workshop) -> Iterator[Change]:
    """Inner corners rounder than the outer ones less the padding."""
    for node in shop.nodes:
        if not shop.is_own(node) or node.get("cornerRadius") != 16:
            continue
        inner = node["children"][0]
        if inner.get("fills") and inner["type"] != "TEXT":
            edit = partial(_nest, outer=node["id"], inner=inner["id"])
            expected = frozenset({node["id"], inner["id"]})
            yield Change("inner corners too round", expected, edit)


def _nest(nodes: Nodes, outer: str, inner: str) -> None:
    set_fields(nodes, outer, **dict.fromkeys(_PADDING, 4.0))
    _round(nodes, inner, 16.0)


def tight_lines(shop: Workshop) -> Iterator[Change]:
    for node in shop.texts():
        size = node["style"]["fontSize"]
        if shop.lines(node) < 2 or size >= 24:
            continue
        for share in (1.0, 1.05, 1.1, 1.15):
            edit = partial(set_type, at=node["id"], lineHeightPx=round(size * share, 2))
            yield Change("tight lines", frozenset({node["id"]}), edit)


def long_lines(shop: Workshop) -> Iterator[Change]:
    words = " ".join((LOREM, STORY, LOREM))
    for node in shop.texts():
        if shop.lines(node) >= 2 and not shop.is_inner(node):
            edit = partial(set_fields, at=node["id"], characters=words, size=(1100.0, "hug"))
            yield Change("long lines", frozenset({node["id"]}), edit)


def small_text(shop: Workshop) -> Iterator[Change]:
    """Small words, but not the ticks of a chart or the word in a badge."""
    for node in shop.texts():
        size = float(shop.chance.choice((8, 9, 10, 11)))
        if not any(each["name"] in ("Month", "Badge") for each in shop.above(node)):
            edit = partial(set_type, at=node["id"], fontSize=size)
            yield Change("small text", frozenset({node["id"]}), edit)


def one_off_size(shop: Workshop) -> Iterator[Change]:
    """A size used once, 1 px beside one that is used often."""
    texts = shop.texts()
    sizes = Counter(node["style"]["fontSize"] for node in texts)
    for node in texts:
        size = node["style"]["fontSize"]
        if sizes[size] >= 4 and size < 32:
            edit = partial(set_type, at=node["id"], fontSize=size + shop.chance.choice((-1, 1)))
            yield Change("one-off size", frozenset({node["id"]}), edit)


def cut_text(shop: Workshop) -> Iterator[Change]:
    """A frame with a fixed height that cuts off the last line of the words in it."""
    for parent in shop.nodes:
        below = parent.get("children", [])
        if not below or "layoutMode" not in parent or not shop.is_own(parent):
            continue
        last = below[-1]
        if last["type"] != "TEXT" or parent is shop.root:
            continue
        box = shop.box(last)
        inside = box["y"] + box["height"] - shop.box(parent)["y"]
        size = (parent["size"][0], inside - 0.75 * last["style"]["lineHeightPx"])
        edit = partial(set_fields, at=parent["id"], size=size, clipsContent=True)
        yield Change("text cut by its frame", frozenset({last["id"], parent["id"]}), edit)


def wide_child(shop: Workshop) -> Iterator[Change]:
    """A child with words wider than the frame that clips it."""
    for node in shop.nodes:
        width = shop.box(node)["width"]
        if not shop.is_own(node) or node is shop.root or width < 80 or not node["fills"]:
            continue
        worded = [each for each in node["children"] if shop.has_words(each)]
        over = width + shop.chance.choice((24, 48, 96))
        if worded:
            child = shop.chance.choice(worded)
            edit = partial(_widen, outer=node["id"], width=width, inner=child["id"], over=over)
            yield Change("child wider than its frame", frozenset({node["id"], child["id"]}), edit)


def _widen(nodes: Nodes, outer: str, width: float, inner: str, over: float) -> None:
    set_fields(nodes, outer, clipsContent=True, size=(width, nodes[outer]["size"][1]))
    set_fields(nodes, inner, size=(over, nodes[inner]["size"][1]))


def no_auto_layout(shop: Workshop) -> Iterator[Change]:
    """Three or more layers in a row or column, where they were, but placed by hand."""
    for node in shop.nodes:
        solid = [
            each
            for each in node.get("children", [])
            if each["type"] in ("FRAME", "INSTANCE", "TEXT")
        ]
        if shop.is_own(node) and len(solid) >= 3 and "layoutMode" in node:
            edit = partial(_place_by_hand, shop=shop, layer=node["id"])
            yield Change("placed by hand", frozenset({node["id"]}), edit)


def _place_by_hand(nodes: Nodes, shop: Workshop, layer: str) -> None:
    own = nodes[layer]
    box = shop.box(own)
    for each in own["children"]:
        place = shop.box(each)
        each["at"] = (place["x"] - box["x"], place["y"] - box["y"])
        each["size"] = (place["width"], place["height"])
    own["size"] = (box["width"], box["height"])
    for key in (*_AUTO_LAYOUT, *_PADDING):
        own.pop(key, None)
        unbind(own, key)


def touching(shop: Workshop) -> Iterator[Change]:
    for node in shop.nodes:
        if not shop.is_own(node) or not node.get("itemSpacing"):
            continue
        for one, other in pairwise(node["children"]):
            if _is_box(one) and _is_box(other) and one["name"] != other["name"]:
                expected = frozenset({node["id"], one["id"], other["id"]})
                edit = partial(_join, parent=node["id"], one=one["id"], other=other["id"])
                yield Change("unlike neighbours that touch", expected, edit)


def _is_box(node: Draft) -> bool:
    return node["type"] in ("FRAME", "INSTANCE") and "at" not in node


def _join(nodes: Nodes, parent: str, one: str, other: str) -> None:
    set_fields(nodes, parent, itemSpacing=0.0)
    set_fields(nodes, one, fills=[raw("#d7e3f4")])
    set_fields(nodes, other, fills=[raw("#e8d7b0")])


def large_later(shop: Workshop) -> Iterator[Change]:
    """A text far down larger than the title."""
    texts = [node for node in shop.texts() if node["characters"][:1].isalpha()]
    title = max(texts, key=lambda node: node["style"]["fontSize"])
    size = title["style"]["fontSize"] + 8
    for node in texts[texts.index(title) + 1 :]:
        is_below = shop.box(node)["y"] > shop.box(title)["y"] + 40
        if is_below and size >= 28 and not shop.is_inner(node):
            big = {"fontSize": size, "lineHeightPx": size * 1.25, "fontWeight": 700}
            expected = frozenset({node["id"], title["id"]})
            edit = partial(set_type, at=node["id"], **big)
            yield Change("later text larger than the title", expected, edit)
