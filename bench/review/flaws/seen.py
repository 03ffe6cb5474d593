"""Flaws that are seen or felt: contrast, targets, colours."""

import random
from collections.abc import Iterator
from functools import partial
from itertools import pairwise

from bench.review.designs.drawing import Draft, frame
from bench.review.designs.kit import LIGHT
from bench.review.flaws.workshop import (
    Change,
    Nodes,
    Workshop,
    difference,
    faded_to,
    mixed,
    put,
    ratio,
    raw,
    repaint,
    set_fields,
)

_OUTLINED = ("Input", "Select", "Search input")
_CONTROLS = ("Button", "Tab", "Chip", "Menu item", "Checkbox", "Radio", "Switch")
_PADDING = ("paddingLeft", "paddingRight", "paddingTop", "paddingBottom")
# Told apart by hue alone: alike to people who do not see red or green, far apart to others.
_CONFUSED = (
    ("#965030", "#646e30"),
    ("#a04630", "#646e30"),
    ("#b8402a", "#6b7a1e"),
    ("#964630", "#506e30"),
    ("#a33b2f", "#5d6b1f"),
)
_PICTURE = {"type": "IMAGE", "scaleMode": "FILL", "imageRef": "cd34"}


def _threshold(node: Draft) -> float:
    size, weight = node["style"]["fontSize"], node["style"]["fontWeight"]
    return 3.0 if size >= 24 or (size >= 18.66 and weight >= 700) else 4.5


def grey_text(shop: Workshop) -> Iterator[Change]:
    for node in shop.texts():
        wanted = shop.chance.uniform(1.5, _threshold(node) - 0.1)
        if behind := shop.ground(node):
            colour = partial(faded_to, shop.colour(node), behind.colour, wanted)
            edit = partial(repaint, at=node["id"], colour=colour)
            yield Change("grey text", frozenset({node["id"]}), edit)


def see_through_text(shop: Workshop) -> Iterator[Change]:
    for node in shop.texts():
        opacity = round(shop.chance.uniform(0.25, 0.5), 2)
        behind = shop.ground(node)
        if behind is None:
            continue
        seen = mixed(behind.colour, shop.colour(node), opacity)
        if ratio(seen, behind.colour) < _threshold(node) - 0.1:
            edit = partial(set_fields, at=node["id"], opacity=opacity)
            yield Change("see-through text", frozenset({node["id"]}), edit)


def darker_ground(shop: Workshop) -> Iterator[Change]:
    for node in shop.texts():
        if behind := shop.ground(node):
            wanted = _threshold(node) - 0.3
            colour = partial(faded_to, behind.colour, shop.colour(node), wanted)
            edit = partial(repaint, at=behind.layer, colour=colour)
            yield Change("another ground", frozenset({node["id"]}), edit)


def invisible_text(shop: Workshop) -> Iterator[Change]:
    for node in shop.texts():
        if behind := shop.ground(node):
            edit = partial(set_fields, at=node["id"], fills=[raw(behind.colour)])
            yield Change("text in its ground's colour", frozenset({node["id"]}), edit)


def text_on_image(shop: Workshop) -> Iterator[Change]:
    for node in shop.texts():
        if behind := shop.ground(node):
            edit = partial(set_fields, at=behind.layer, fills=[_PICTURE])
            expected = frozenset({node["id"], behind.layer})
            yield Change("a picture behind text", expected, edit)


def faint_edge(shop: Workshop) -> Iterator[Change]:
    """A field of 1.15 to 1.6:1: by its edge, with a fill like what is behind, or by its fill."""
    for node in shop.nodes:
        behind = shop.ground(node)
        if node["name"] not in _OUTLINED or not node.get("strokes") or behind is None:
            continue
        wanted = shop.chance.uniform(1.15, 1.6)
        faint = raw(faded_to(shop.colour(node, "strokes"), behind.colour, wanted))
        own = frozenset({node["id"]})
        change = partial(set_fields, at=node["id"])
        as_ground = [raw(behind.colour)]
        yield Change(
            "faint edge of a field", own, partial(change, strokes=[faint], fills=as_ground)
        )
        yield Change("field as a faint fill", own, partial(change, strokes=[], fills=[faint]))


def _controls(shop: Workshop) -> list[Draft]:
    return [
        node
        for node in shop.nodes
        if (node["name"] in _CONTROLS or node["name"].endswith(" button"))
        and node["type"] in ("INSTANCE", "FRAME")
        and not shop.is_inner(node)
    ]


def small_targets(shop: Workshop) -> Iterator[Change]:
    """Two neighbours of 14 to 20 px with hardly any room between them."""
    controls = {node["id"] for node in _controls(shop)}
    for parent in shop.nodes:
        for one, after in pairwise(parent.get("children", [])):
            pair = frozenset({one["id"], after["id"]})
            if "layoutMode" in parent and pair <= controls:
                side = float(shop.chance.choice((14, 16, 18, 20)))
                edit = partial(_shrink, pair=pair, parent=parent["id"], side=side)
                yield Change("small targets side by side", pair, edit)


def _shrink(nodes: Nodes, pair: frozenset[str], parent: str, side: float) -> None:
    set_fields(nodes, parent, itemSpacing=2.0)
    is_row = nodes[parent]["layoutMode"] == "HORIZONTAL"
    for each in pair:
        size = (side, side) if is_row else (nodes[each]["size"][0], side)
        set_fields(nodes, each, size=size, **dict.fromkeys(_PADDING, 0.0))


def close_in_chip(shop: Workshop) -> Iterator[Change]:
    """A tiny control of its own within another."""
    close = frame(
        "Close button", size=(14.0, 14.0), fills=[raw("#6e7781")], id="9:901", interactions=_link()
    )
    for node in _controls(shop):
        if node["name"] in ("Chip", "Tab", "Menu item"):
            expected = frozenset({"9:901", node["id"]})
            edit = partial(put, at=node["id"], layers=[close])
            yield Change("tiny button in a control", expected, edit)


def _link() -> list[Draft]:
    action = {"type": "NODE", "destinationId": "0:9", "navigation": "NAVIGATE"}
    return [{"trigger": {"type": "ON_CLICK"}, "actions": [action]}]


def covered_target(shop: Workshop) -> Iterator[Change]:
    """A later control leaves 8 to 20 px of one."""
    root = shop.box(shop.root)
    for node in _controls(shop):
        box = shop.box(node)
        left = float(shop.chance.choice((8, 12, 16, 20)))
        cover = frame(
            "Back to top button",
            size=(max(box["width"], 48.0) + 16, 64.0),
            fills=[LIGHT.paint("brand/fill")],
            id="9:902",
            interactions=_link(),
            at=(box["x"] - root["x"] - 8, box["y"] - root["y"] + left),
        )
        edit = partial(put, at=shop.root["id"], layers=[cover])
        yield Change("target under another", frozenset({node["id"]}), edit)


def hue_alone(shop: Workshop) -> Iterator[Change]:
    """Two dots that differ in hue alone, without a word beside them."""
    for node in shop.nodes:
        if not shop.is_own(node) or node.get("layoutMode") != "VERTICAL" or node is shop.root:
            continue
        dots = [
            {
                "name": f"Status {at}",
                "type": "ELLIPSE",
                "size": (16.0, 16.0),
                "id": f"9:91{at}",
                "fills": [raw(colour)],
            }
            for at, colour in enumerate(shop.chance.choice(_CONFUSED))
        ]
        holder = frame("Status", *dots, layoutMode="HORIZONTAL", itemSpacing=16.0, id="9:919")
        edit = partial(put, at=node["id"], layers=[holder])
        yield Change("state by hue alone", frozenset({"9:910", "9:911", "9:919"}), edit)


def nearly_a_token(shop: Workshop) -> Iterator[Change]:
    """A raw colour that is hardly to be told from a token, or from one that is often used."""
    for node in shop.nodes:
        for key in ("fills", "strokes"):
            colour = shop.colour(node, key)
            if not colour or node["type"] in ("VECTOR", "LINE"):
                continue
            if not shop.design.tokens and _uses(shop, key, colour) < 4:
                continue
            near = partial(_near, shop.chance.random(), colour)
            edit = partial(repaint, at=node["id"], key=key, colour=near)
            yield Change("nearly the same colour", frozenset({node["id"]}), edit)


def _uses(shop: Workshop, key: str, colour: str) -> int:
    return sum(shop.colour(node, key) == colour for node in shop.nodes)


def _near(seed: float, colour: str) -> str:
    """A colour 0.3 to 1.7 away (CIEDE2000)."""
    chance = random.Random(seed)
    while True:
        channels = [int(colour[at : at + 2], 16) + chance.randint(-3, 3) for at in (1, 3, 5)]
        near = "#" + "".join(f"{min(max(each, 0), 255):02x}" for each in channels)
        if 0.3 < difference(near, colour) < 1.7:
            return near
