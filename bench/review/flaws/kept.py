"""Flaws in how a file is kept: tokens, components, states, layers, names."""

from collections.abc import Iterator
from itertools import combinations
from typing import Any

from bench.review.designs.drawing import Draft, frame
from bench.review.designs.kit import alias
from bench.review.flaws.workshop import Change, Nodes, Workshop, added, hex_of, raw, unbind

_SHAPES = ("VECTOR", "LINE", "ELLIPSE")


def raw_colour(shop: Workshop) -> Iterator[Change]:
    """A raw colour that is the very value of a variable, as Figma itself infers."""
    for node in shop.nodes:
        for key in ("fills", "strokes"):
            bound = [paint for paint in node.get(key) or [] if "boundVariables" in paint]
            if not bound or node["type"] in _SHAPES:
                continue
            variable = bound[0]["boundVariables"]["color"]

            def edit(nodes: Nodes, at: str = node["id"], key: str = key,
                     variable: Any = variable) -> None:  # fmt: skip
                own = nodes[at]
                own[key] = [raw(hex_of(own[key][0]))]
                own["inferredVariables"] = {key: [[variable]]}

            yield Change("raw colour of a variable", frozenset({node["id"]}), edit)


def raw_space(shop: Workshop) -> Iterator[Change]:
    for node in shop.nodes:
        for key in ("itemSpacing", "paddingLeft"):
            variable = node.get("boundVariables", {}).get(key)
            if variable is None:
                continue

            def edit(nodes: Nodes, at: str = node["id"], key: str = key,
                     variable: Any = variable) -> None:  # fmt: skip
                unbind(nodes[at], key)
                nodes[at]["inferredVariables"] = {key: [variable]}

            yield Change("raw spacing of a variable", frozenset({node["id"]}), edit)


def wrong_token(shop: Workshop) -> Iterator[Change]:
    """A token of another kind that has nearly the right colour."""
    tokens = {token["name"]: token for token in shop.design.tokens}
    swaps = {
        ("TEXT", "fills"): ("surface/card", "surface/page", "border/control", "border/line"),
        ("FRAME", "fills"): ("text/on-brand", "text/primary", "border/line"),
        ("FRAME", "strokes"): ("text/secondary", "surface/tint"),
    }
    for node in shop.nodes if tokens else ():
        for key in ("fills", "strokes"):
            kind = "TEXT" if node["type"] == "TEXT" else "FRAME"
            if not node.get(key) or node["type"] in _SHAPES or "color" not in node[key][0]:
                continue
            token = tokens[shop.chance.choice(swaps.get((kind, key), ("surface/card",)))]

            def edit(nodes: Nodes, at: str = node["id"], key: str = key,
                     token: Any = token) -> None:  # fmt: skip
                paint = raw(token["color"], boundVariables={"color": alias(token["id"])})
                nodes[at][key] = [paint]

            yield Change("token of another kind", frozenset({node["id"]}), edit)


def detached(shop: Workshop) -> Iterator[Change]:
    for node in shop.nodes:
        if node["type"] != "INSTANCE" or shop.is_inner(node):
            continue
        info = shop.chance.choice(
            (
                {"type": "local", "componentId": node["componentId"]},
                {"type": "library", "componentKey": "8f2c"},
            )
        )

        def edit(nodes: Nodes, at: str = node["id"], info: Any = info) -> None:
            own = nodes[at]
            own |= {"type": "FRAME", "detachedInfo": info}
            del own["componentId"]

        yield Change("detached instance", frozenset({node["id"]}), edit)


def missing_states(shop: Workshop) -> Iterator[Change]:
    for node in shop.nodes:
        if "State" not in node.get("componentPropertyDefinitions", {}):
            continue
        for count in (1, 2, 3):
            for gone in combinations(("Focus", "Disabled", "Pressed"), count):

                def edit(nodes: Nodes, at: str = node["id"],
                         gone: tuple[str, ...] = gone) -> None:  # fmt: skip
                    own = nodes[at]
                    left = {f"State={each}" for each in gone}
                    own["children"] = [each for each in own["children"] if each["name"] not in left]
                    state = own["componentPropertyDefinitions"]["State"]
                    state["variantOptions"] = [
                        each for each in state["variantOptions"] if each not in gone
                    ]

                yield Change(f"no {' and '.join(gone).lower()}", frozenset({node["id"]}), edit)


def hidden_layers(shop: Workshop) -> Iterator[Change]:
    for node in shop.nodes:
        if not shop.is_own(node) or "layoutMode" not in node:
            continue
        count = shop.chance.randint(5, 8)

        def edit(nodes: Nodes, at: str = node["id"], count: int = count) -> None:
            for number in range(count):
                rest = frame(f"Frame {number + 3}", size=(80.0, 40.0), visible=False,
                             fills=[raw("#ffffff")], id=f"9:93{number}")  # fmt: skip
                added(nodes, at, rest)

        yield Change("hidden layers left behind", frozenset(), edit)


def empty_layer(shop: Workshop) -> Iterator[Change]:
    for node in shop.nodes:
        if not shop.is_own(node) or node.get("layoutMode") != "VERTICAL":
            continue
        flat: Draft = {"name": "Rectangle 4", "type": "RECTANGLE", "size": (120.0, 0.0),
                       "fills": [raw("#6e7781")], "id": "9:940"}  # fmt: skip
        for what, layer in (
            ("empty frame", frame("Frame 12", size=(120.0, 40.0), id="9:940")),
            ("layer without height", flat),
        ):

            def edit(nodes: Nodes, at: str = node["id"], layer: Draft = layer) -> None:
                added(nodes, at, dict(layer))

            yield Change(what, frozenset({"9:940"}), edit)


def default_name(shop: Workshop) -> Iterator[Change]:
    for node in shop.nodes:
        if not shop.is_own(node):
            continue
        name = shop.chance.choice(("Frame 12", "Frame 1000004", "Group 3"))
        is_linked = bool(node.get("interactions")) or node is shop.root

        def edit(nodes: Nodes, at: str = node["id"], name: str = name,
                 is_linked: bool = is_linked) -> None:  # fmt: skip
            nodes[at]["name"] = name
            if not is_linked:
                nodes[at]["exportSettings"] = [{"format": "PNG", "suffix": ""}]

        yield Change("default name", frozenset({node["id"]}), edit)
