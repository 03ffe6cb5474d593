"""Flaws in how a file is kept: tokens, components, states, layers, names."""

from collections.abc import Iterator
from functools import partial
from itertools import combinations
from typing import Any

from bench.review.designs.drawing import frame
from bench.review.designs.kit import alias
from bench.review.flaws.workshop import Change, Nodes, Workshop, put, raw, set_fields

_SHAPES = ("VECTOR", "LINE", "ELLIPSE")
# A layer's field, and tokens that are meant for others.
_STRANGE = {
    ("TEXT", "fills"): ("surface/card", "surface/page", "border/control", "border/line"),
    ("FRAME", "fills"): ("text/on-brand", "text/primary", "border/line"),
    ("FRAME", "strokes"): ("text/secondary", "surface/tint"),
}


def raw_colour(shop: Workshop) -> Iterator[Change]:
    """A raw colour that is the very value of a variable, as Figma itself infers."""
    for node in shop.nodes:
        for key in ("fills", "strokes"):
            bound = [paint for paint in node.get(key) or [] if "boundVariables" in paint]
            if bound and node["type"] not in _SHAPES:
                fields: dict[str, Any] = {
                    key: [raw(shop.colour(node, key))],
                    "inferredVariables": {key: [[bound[0]["boundVariables"]["color"]]]},
                }
                edit = partial(set_fields, at=node["id"], **fields)
                yield Change("raw colour of a variable", frozenset({node["id"]}), edit)


def raw_space(shop: Workshop) -> Iterator[Change]:
    for node in shop.nodes:
        for key in ("itemSpacing", "paddingLeft"):
            variable = node.get("boundVariables", {}).get(key)
            if variable:
                fields = {key: node[key], "inferredVariables": {key: [variable]}}
                edit = partial(set_fields, at=node["id"], **fields)
                yield Change("raw spacing of a variable", frozenset({node["id"]}), edit)


def wrong_token(shop: Workshop) -> Iterator[Change]:
    """A token of another kind."""
    tokens = {token["name"]: token for token in shop.design.tokens}
    for node in shop.nodes if tokens else ():
        for key in ("fills", "strokes"):
            kind = "TEXT" if node["type"] == "TEXT" else "FRAME"
            if not shop.colour(node, key) or node["type"] in _SHAPES:
                continue
            token = tokens[shop.chance.choice(_STRANGE[kind, key])]
            paint = raw(token["color"], boundVariables={"color": alias(token["id"])})
            fields: dict[str, Any] = {key: [paint]}
            edit = partial(set_fields, at=node["id"], **fields)
            yield Change("token of another kind", frozenset({node["id"]}), edit)


def detached(shop: Workshop) -> Iterator[Change]:
    for node in shop.nodes:
        if node["type"] == "INSTANCE" and not shop.is_inner(node):
            local = {"type": "local", "componentId": node["componentId"]}
            info = shop.chance.choice((local, {"type": "library", "componentKey": "8f2c"}))
            edit = partial(_detach, layer=node["id"], info=info)
            yield Change("detached instance", frozenset({node["id"]}), edit)


def _detach(nodes: Nodes, layer: str, info: dict[str, Any]) -> None:
    set_fields(nodes, layer, type="FRAME", detachedInfo=info)
    del nodes[layer]["componentId"]


def missing_states(shop: Workshop) -> Iterator[Change]:
    for node in shop.nodes:
        if "State" not in node.get("componentPropertyDefinitions", {}):
            continue
        for count in (1, 2, 3):
            for gone in combinations(("Focus", "Disabled", "Pressed"), count):
                edit = partial(_forget, layer=node["id"], gone=gone)
                what = f"no {' and '.join(gone).lower()}"
                yield Change(what, frozenset({node["id"]}), edit)


def _forget(nodes: Nodes, layer: str, gone: tuple[str, ...]) -> None:
    own = nodes[layer]
    names = {f"State={each}" for each in gone}
    own["children"] = [each for each in own["children"] if each["name"] not in names]
    state = own["componentPropertyDefinitions"]["State"]
    state["variantOptions"] = [each for each in state["variantOptions"] if each not in gone]


def hidden_layers(shop: Workshop) -> Iterator[Change]:
    for node in shop.nodes:
        if shop.is_own(node) and "layoutMode" in node:
            left = [
                frame(f"Frame {at + 3}", size=(80.0, 40.0), visible=False, fills=[raw("#ffffff")],
                      id=f"9:93{at}")
                for at in range(shop.chance.randint(5, 8))
            ]  # fmt: skip
            edit = partial(put, at=node["id"], layers=left)
            yield Change("hidden layers left behind", frozenset(), edit)


def empty_layer(shop: Workshop) -> Iterator[Change]:
    empty = frame("Frame 12", size=(120.0, 40.0), id="9:940")
    flat = empty | {"type": "RECTANGLE", "size": (120.0, 0.0), "fills": [raw("#6e7781")]}
    del flat["children"]
    for node in shop.nodes:
        if shop.is_own(node) and node.get("layoutMode") == "VERTICAL":
            for what, layer in (("empty frame", empty), ("layer without height", flat)):
                edit = partial(put, at=node["id"], layers=[layer])
                yield Change(what, frozenset({"9:940"}), edit)


def default_name(shop: Workshop) -> Iterator[Change]:
    """Of a frame that leads somewhere or is the screen, or is exported now."""
    for node in shop.nodes:
        if not shop.is_own(node):
            continue
        fields: dict[str, Any] = {
            "name": shop.chance.choice(("Frame 12", "Frame 1000004", "Group 3"))
        }
        if not node.get("interactions") and node is not shop.root:
            fields["exportSettings"] = [{"format": "PNG", "suffix": ""}]
        edit = partial(set_fields, at=node["id"], **fields)
        yield Change("default name", frozenset({node["id"]}), edit)
