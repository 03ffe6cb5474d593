"""Flaws that are seen or felt: contrast, targets, colours."""

from collections.abc import Iterator
from itertools import pairwise

from bench.review.designs.drawing import Draft, frame
from bench.review.designs.kit import LIGHT
from bench.review.flaws.workshop import (
    Change,
    Nodes,
    Workshop,
    added,
    difference,
    faded_to,
    mixed,
    ratio,
    raw,
)

_OUTLINED = ("Input", "Select", "Search input")
# Told apart by hue alone: alike to people who do not see red or green, 30 or more apart to others.
_CONFUSED = (("#965030", "#646e30"), ("#a04630", "#646e30"), ("#b8402a", "#6b7a1e"),
             ("#964630", "#506e30"), ("#a33b2f", "#5d6b1f"))  # fmt: skip


def _threshold(node: Draft) -> float:
    size, weight = node["style"]["fontSize"], node["style"]["fontWeight"]
    return 3.0 if size >= 24 or (size >= 18.66 and weight >= 700) else 4.5


def grey_text(shop: Workshop) -> Iterator[Change]:
    for node in shop.texts():
        behind = shop.ground(node)
        if behind is None:
            continue
        wanted = shop.chance.uniform(1.5, _threshold(node) - 0.1)
        colour = faded_to(shop.colour(node), behind[0], wanted)

        def edit(nodes: Nodes, at: str = node["id"], colour: str = colour) -> None:
            nodes[at]["fills"] = [raw(colour)]

        yield Change("grey text", frozenset({node["id"]}), edit)


def see_through_text(shop: Workshop) -> Iterator[Change]:
    for node in shop.texts():
        behind = shop.ground(node)
        opacity = round(shop.chance.uniform(0.25, 0.5), 2)
        if behind is None:
            continue
        seen = mixed(behind[0], shop.colour(node), opacity)
        if ratio(seen, behind[0]) > _threshold(node) - 0.1:
            continue

        def edit(nodes: Nodes, at: str = node["id"], opacity: float = opacity) -> None:
            nodes[at]["opacity"] = opacity

        yield Change("see-through text", frozenset({node["id"]}), edit)


def darker_ground(shop: Workshop) -> Iterator[Change]:
    for node in shop.texts():
        behind = shop.ground(node)
        if behind is None:
            continue
        colour = faded_to(behind[0], shop.colour(node), _threshold(node) - 0.3)

        def edit(nodes: Nodes, at: str = behind[1], colour: str = colour) -> None:
            nodes[at]["fills"] = [raw(colour)]

        yield Change("another ground", frozenset({node["id"]}), edit)


def invisible_text(shop: Workshop) -> Iterator[Change]:
    for node in shop.texts():
        if behind := shop.ground(node):

            def edit(nodes: Nodes, at: str = node["id"], colour: str = behind[0]) -> None:
                nodes[at]["fills"] = [raw(colour)]

            yield Change("text in its ground's colour", frozenset({node["id"]}), edit)


def text_on_image(shop: Workshop) -> Iterator[Change]:
    for node in shop.texts():
        if behind := shop.ground(node):

            def edit(nodes: Nodes, at: str = behind[1]) -> None:
                nodes[at]["fills"] = [{"type": "IMAGE", "scaleMode": "FILL", "imageRef": "cd34"}]

            yield Change("a picture behind text", frozenset({node["id"], behind[1]}), edit)


def faint_edge(shop: Workshop) -> Iterator[Change]:
    """The edge of a field at 1.1 to 1.6:1, its fill the colour of what is behind."""
    for node in shop.nodes:
        behind = shop.ground(node)
        if node["name"] not in _OUTLINED or not node.get("strokes") or behind is None:
            continue
        ground = behind[0]
        edge = faded_to(shop.colour(node, "strokes"), ground, shop.chance.uniform(1.15, 1.6))

        def stroke(nodes: Nodes, at: str = node["id"], edge: str = edge,
                   ground: str = ground) -> None:  # fmt: skip
            nodes[at] |= {"strokes": [raw(edge)], "fills": [raw(ground)]}

        def fill(nodes: Nodes, at: str = node["id"], edge: str = edge) -> None:
            nodes[at] |= {"strokes": [], "fills": [raw(edge)]}

        yield Change("faint edge of a field", frozenset({node["id"]}), stroke)
        yield Change("field as a faint fill", frozenset({node["id"]}), fill)


def _controls(shop: Workshop) -> list[Draft]:
    names = ("Button", "Tab", "Chip", "Menu item", "Checkbox", "Radio", "Switch")
    return [
        node
        for node in shop.nodes
        if (node["name"] in names or node["name"].endswith(" button"))
        and node["type"] in ("INSTANCE", "FRAME")
        and not shop.is_inner(node)
    ]


def small_targets(shop: Workshop) -> Iterator[Change]:
    """Two neighbours of 14 to 20 px with hardly any room between them."""
    controls = {node["id"]: node for node in _controls(shop)}
    for parent in shop.nodes:
        for one, after in pairwise(parent.get("children", [])):
            if "layoutMode" not in parent or not {one["id"], after["id"]} <= set(controls):
                continue
            side = float(shop.chance.choice((14, 16, 18, 20)))

            def edit(nodes: Nodes, pair: tuple[str, str] = (one["id"], after["id"]),
                     parent: str = parent["id"], side: float = side) -> None:  # fmt: skip
                nodes[parent]["itemSpacing"] = 2.0
                is_row = nodes[parent]["layoutMode"] == "HORIZONTAL"
                for each in pair:
                    node = nodes[each]
                    node["size"] = (side, side) if is_row else (node["size"][0], side)
                    node |= dict.fromkeys(
                        ("paddingLeft", "paddingRight", "paddingTop", "paddingBottom"), 0.0
                    )

            yield Change("small targets side by side", frozenset({one["id"], after["id"]}), edit)


def close_in_chip(shop: Workshop) -> Iterator[Change]:
    """A tiny control of its own within another."""
    for node in _controls(shop):
        if node["name"] not in ("Chip", "Tab", "Menu item"):
            continue
        new = "9:901"

        def edit(nodes: Nodes, at: str = node["id"], new: str = new) -> None:
            close = frame("Close button", size=(14.0, 14.0), fills=[raw("#6e7781")], id=new,
                          interactions=_link())  # fmt: skip
            added(nodes, at, close)

        yield Change("tiny button in a control", frozenset({new, node["id"]}), edit)


def _link() -> list[Draft]:
    action = {"type": "NODE", "destinationId": "0:9", "navigation": "NAVIGATE"}
    return [{"trigger": {"type": "ON_CLICK"}, "actions": [action]}]


def covered_target(shop: Workshop) -> Iterator[Change]:
    """A later control leaves less than 24 px of one."""
    for node in _controls(shop):
        box, root = shop.box(node), shop.box(shop.root)
        left = float(shop.chance.choice((8, 12, 16, 20)))
        cover = frame(
            "Back to top button", size=(max(box["width"], 48.0) + 16, 64.0),
            fills=[LIGHT.paint("brand/fill")], id="9:902", interactions=_link(),
            at=(box["x"] - root["x"] - 8, box["y"] - root["y"] + left),
        )  # fmt: skip

        def edit(nodes: Nodes, top: str = shop.root["id"], cover: Draft = cover) -> None:
            added(nodes, top, dict(cover))

        yield Change("target under another", frozenset({node["id"]}), edit)


def hue_alone(shop: Workshop) -> Iterator[Change]:
    """Two dots that differ in hue alone, without a word beside them."""
    for node in shop.nodes:
        if not shop.is_own(node) or node.get("layoutMode") != "VERTICAL" or node is shop.root:
            continue
        colours = shop.chance.choice(_CONFUSED)
        dots = [
            {"name": f"Status {at}", "type": "ELLIPSE", "size": (16.0, 16.0), "id": f"9:91{at}",
             "fills": [raw(colour)]}
            for at, colour in enumerate(colours)
        ]  # fmt: skip
        holder = frame("Status", *dots, size=("hug", "hug"), layoutMode="HORIZONTAL",
                       itemSpacing=16.0, id="9:919")  # fmt: skip

        def edit(nodes: Nodes, at: str = node["id"], holder: Draft = holder) -> None:
            added(nodes, at, holder)

        ids = frozenset({"9:910", "9:911", "9:919"})
        yield Change("state by hue alone", ids, edit)


def nearly_a_token(shop: Workshop) -> Iterator[Change]:
    """A raw colour that is hardly to be told from a token, or from one that is often used."""
    for node in shop.nodes:
        for key in ("fills", "strokes"):
            paints = node.get(key) or []
            if not paints or paints[0]["type"] != "SOLID" or node["type"] in ("VECTOR", "LINE"):
                continue
            if not shop.design.tokens and _uses(shop, key, shop.colour(node, key)) < 4:
                continue
            near = _near(shop, shop.colour(node, key))

            def edit(nodes: Nodes, at: str = node["id"], key: str = key, near: str = near) -> None:
                nodes[at][key] = [raw(near)]

            yield Change("nearly the same colour", frozenset({node["id"]}), edit)


def _uses(shop: Workshop, key: str, colour: str) -> int:
    return sum(
        bool(node.get(key)) and node[key][0]["type"] == "SOLID"
        and shop.colour(node, key) == colour
        for node in shop.nodes
    )  # fmt: skip


def _near(shop: Workshop, colour: str) -> str:
    """A colour 0.3 to 1.7 away (CIEDE2000)."""
    while True:
        channels = [int(colour[at : at + 2], 16) + shop.chance.randint(-3, 3) for at in (1, 3, 5)]
        near = "#" + "".join(f"{min(max(each, 0), 255):02x}" for each in channels)
        if 0.3 < difference(near, colour) < 1.7:
            return near
