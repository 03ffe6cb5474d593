"""Flaws of layout and type: spacing, alignment, corners, sizes, overflow."""

from collections import Counter
from collections.abc import Iterator

from bench.review.designs.drawing import Draft
from bench.review.designs.web import LOREM, STORY
from bench.review.flaws.workshop import Change, Nodes, Workshop, raw, set_type, unbind

_CORNERS = ("topLeftRadius", "topRightRadius", "bottomLeftRadius", "bottomRightRadius")


def _field(shop: Workshop, what: str, node: Draft, keys: tuple[str, ...], value: float) -> Change:
    """Set number fields to a raw value."""

    def edit(nodes: Nodes) -> None:
        nodes[node["id"]] |= dict.fromkeys(keys, value)
        unbind(nodes[node["id"]], *keys)

    return Change(what, frozenset({node["id"]}), edit)


def off_grid_gap(shop: Workshop) -> Iterator[Change]:
    for node in shop.nodes:
        if node.get("itemSpacing") and not shop.is_inner(node):
            value = node["itemSpacing"] + shop.chance.choice((-3, -1, 1, 2, 3))
            yield _field(shop, "gap off the grid", node, ("itemSpacing",), value)


def off_grid_padding(shop: Workshop) -> Iterator[Change]:
    for node in shop.nodes:
        sides = [key for key in ("paddingLeft", "paddingTop") if node.get(key)]
        if sides and not shop.is_inner(node):
            key = shop.chance.choice(sides)
            value = node[key] + shop.chance.choice((-3, -1, 1, 3, 5))
            yield _field(shop, "padding off the grid", node, (key,), value)


def off_by_a_pixel(shop: Workshop) -> Iterator[Change]:
    """One of three or more that stand in line, 1 to 2 px beside it."""
    for parent in shop.nodes:
        by_hand = [each for each in parent.get("children", []) if "at" in each]
        if "layoutMode" in parent or shop.is_inner(parent) or parent["type"] != "FRAME":
            continue
        for axis in (0, 1):
            inline = Counter(each["at"][axis] for each in by_hand)
            for node in by_hand:
                if inline[node["at"][axis]] < 3:
                    continue
                shift = shop.chance.choice((-2, -1.5, -1, 1, 1.5, 2))
                at = list(node["at"])
                at[axis] += shift

                def edit(nodes: Nodes, own: str = node["id"], at: list[float] = at) -> None:
                    nodes[own]["at"] = tuple(at)

                expected = frozenset({node["id"], parent["id"]})
                yield Change("off by a pixel or two", expected, edit)


def odd_radius(shop: Workshop) -> Iterator[Change]:
    """One of three or more of a kind has corners 1 or 2 px rounder or sharper."""
    kinds = Counter((node["name"], node.get("cornerRadius")) for node in shop.nodes)
    for node in shop.nodes:
        radius = node.get("cornerRadius", 0)
        if not 0 < radius < 100 or kinds[node["name"], radius] < 3 or shop.is_inner(node):
            continue
        value = radius + shop.chance.choice((-2, -1, 1, 2))

        def edit(nodes: Nodes, at: str = node["id"], value: float = value) -> None:
            nodes[at]["cornerRadius"] = value
            unbind(nodes[at], *_CORNERS)

        yield Change("one radius of a kind differs", frozenset({node["id"]}), edit)


def nested_corners(shop: Workshop) -> Iterator[Change]:
    """Inner corners rounder than the outer ones less the padding."""
    for node in shop.nodes:
        below = node.get("children", [])
        if not shop.is_own(node) or node.get("cornerRadius") != 16 or not below:
            continue
        inner = below[0]
        if not inner.get("fills") or inner["type"] == "TEXT":
            continue

        def edit(nodes: Nodes, outer: str = node["id"], inner: str = inner["id"]) -> None:
            sides = ("paddingLeft", "paddingRight", "paddingTop", "paddingBottom")
            nodes[outer] |= dict.fromkeys(sides, 4.0)
            unbind(nodes[outer], *sides)
            nodes[inner]["cornerRadius"] = 16.0
            unbind(nodes[inner], *_CORNERS)

        expected = frozenset({node["id"], inner["id"]})
        yield Change("inner corners too round", expected, edit)


def tight_lines(shop: Workshop) -> Iterator[Change]:
    for node in shop.texts():
        size = node["style"]["fontSize"]
        if shop.lines(node) >= 2 and size < 24:
            for share in (1.0, 1.05, 1.1, 1.15):

                def edit(nodes: Nodes, at: str = node["id"], line: float = size * share) -> None:
                    set_type(nodes[at], lineHeightPx=round(line, 2))

                yield Change("tight lines", frozenset({node["id"]}), edit)


def long_lines(shop: Workshop) -> Iterator[Change]:
    for node in shop.texts():
        if shop.lines(node) < 2 or shop.is_inner(node):
            continue

        def edit(nodes: Nodes, at: str = node["id"]) -> None:
            nodes[at] |= {"characters": " ".join((LOREM, STORY, LOREM)), "size": (1100.0, "hug")}

        yield Change("long lines", frozenset({node["id"]}), edit)


def small_text(shop: Workshop) -> Iterator[Change]:
    for node in shop.texts():
        size = float(shop.chance.choice((8, 9, 10, 11)))

        def edit(nodes: Nodes, at: str = node["id"], size: float = size) -> None:
            set_type(nodes[at], fontSize=size)

        yield Change("small text", frozenset({node["id"]}), edit)


def one_off_size(shop: Workshop) -> Iterator[Change]:
    """A size used once, 1 px beside one that is used often."""
    texts = shop.texts()
    sizes = Counter(node["style"]["fontSize"] for node in texts)
    for node in texts:
        size = node["style"]["fontSize"]
        if sizes[size] < 4 or size >= 32:
            continue
        value = size + shop.chance.choice((-1, 1))

        def edit(nodes: Nodes, at: str = node["id"], value: float = value) -> None:
            set_type(nodes[at], fontSize=value)

        yield Change("one-off size", frozenset({node["id"]}), edit)


def cut_text(shop: Workshop) -> Iterator[Change]:
    """More lines than the fixed height has room for."""
    for node in shop.texts():
        lines, line = shop.lines(node), node["style"]["lineHeightPx"]
        parent = shop.parent(node)
        if lines < 2 or parent is None or parent is shop.root:
            continue

        def edit(nodes: Nodes, at: str = node["id"], parent: str = parent["id"],
                 height: float = shop.box(parent)["height"] - line) -> None:  # fmt: skip
            nodes[parent] |= {"size": (nodes[parent]["size"][0], height), "clipsContent": True}

        yield Change("text cut by its frame", frozenset({node["id"], parent["id"]}), edit)


def wide_child(shop: Workshop) -> Iterator[Change]:
    """A child wider than the frame that clips it."""
    for node in shop.nodes:
        width = shop.box(node)["width"]
        below = node.get("children", [])
        if not shop.is_own(node) or not below or node is shop.root or width < 80:
            continue
        if not node.get("fills"):
            continue
        child = shop.chance.choice(below)
        over = width + shop.chance.choice((24, 48, 96))
        if child["type"] in ("VECTOR", "LINE", "ELLIPSE"):
            continue

        def edit(nodes: Nodes, outer: str = node["id"], inner: str = child["id"],
                 own: float = width, over: float = over) -> None:  # fmt: skip
            nodes[outer] |= {"clipsContent": True, "size": (own, nodes[outer]["size"][1])}
            nodes[inner]["size"] = (over, nodes[inner]["size"][1])

        yield Change("child wider than its frame", frozenset({node["id"], child["id"]}), edit)


def no_auto_layout(shop: Workshop) -> Iterator[Change]:
    for node in shop.nodes:
        below = [each for each in node.get("children", []) if each["type"] in
                 ("FRAME", "INSTANCE", "TEXT")]  # fmt: skip
        if not shop.is_own(node) or len(below) < 3 or "layoutMode" not in node:
            continue

        def edit(nodes: Nodes, own: str = node["id"]) -> None:
            frame = nodes[own]
            box = shop.box(frame)
            for each in frame["children"]:
                place = shop.box(each)
                each["at"] = (place["x"] - box["x"], place["y"] - box["y"])
                each["size"] = (place["width"], place["height"])
            frame["size"] = (box["width"], box["height"])
            for key in [key for key in frame if key.startswith(("padding", "layout"))]:
                del frame[key]
            for key in ("itemSpacing", "primaryAxisAlignItems", "counterAxisAlignItems"):
                frame.pop(key, None)
            frame.pop("boundVariables", None)

        yield Change("placed by hand", frozenset({node["id"]}), edit)


def touching(shop: Workshop) -> Iterator[Change]:
    for node in shop.nodes:
        filled = [each for each in node.get("children", []) if each.get("fills")
                  and each["type"] in ("FRAME", "INSTANCE") and "at" not in each]  # fmt: skip
        if not shop.is_own(node) or len(filled) < 2 or not node.get("itemSpacing"):
            continue
        ids = frozenset({node["id"], *(each["id"] for each in filled)})

        def edit(nodes: Nodes, own: str = node["id"], second: str = filled[1]["id"]) -> None:
            nodes[own]["itemSpacing"] = 0.0
            nodes[second]["fills"] = [raw("#e8d7b0")]

        yield Change("unlike neighbours that touch", ids, edit)


def large_later(shop: Workshop) -> Iterator[Change]:
    """A text far down larger than the title."""
    texts = [node for node in shop.texts() if node["characters"][:1].isalpha()]
    title = max(texts, key=lambda node: node["style"]["fontSize"], default=None)
    if title is None or title["style"]["fontSize"] < 20:
        return
    for node in texts[texts.index(title) + 1 :]:
        if shop.is_inner(node) or shop.box(node)["y"] <= shop.box(title)["y"] + 40:
            continue
        size = title["style"]["fontSize"] + 8

        def edit(nodes: Nodes, at: str = node["id"], size: float = size) -> None:
            set_type(nodes[at], fontSize=size, lineHeightPx=size * 1.25, fontWeight=700)

        yield Change("later text larger than the title", frozenset({node["id"], title["id"]}), edit)
