"""What the seeding of flaws works with: one clean design, where its layers are and what is behind
them, and changes to copies of it."""

import copy
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

from coloraide import Color

from bench.review.designs.drawing import Design, Draft, drawn, each_node
from bench.review.designs.kit import rgb

Nodes = dict[str, Draft]
# A change to the nodes of a copy, by id.
Edit = Callable[[Nodes], None]


@dataclass(frozen=True)
class Change:
    """One flaw that could be seeded: ``what`` it is, and the layers of which a finding may speak;
    none if it may speak of any."""

    what: str
    expected: frozenset[str]
    edit: Edit


@dataclass(frozen=True)
class Flaw:
    """One seeded flaw: the changed design, drawn."""

    rule: str
    design: Design
    change: Change

    def document(self) -> dict[str, Any]:
        draft = copy.deepcopy(self.design.draft)
        self.change.edit({node["id"]: node for node, _ in each_node(draft)})
        return drawn(draft)


@dataclass
class Workshop:
    """A clean design on the bench. ``chance`` is the same in each run."""

    design: Design
    chance: random.Random

    @cached_property
    def nodes(self) -> list[Draft]:
        """Every visible layer, in drawing order."""
        return [node for node, _ in each_node(self.design.draft)]

    @cached_property
    def root(self) -> Draft:
        return self.design.draft

    @cached_property
    def _parents(self) -> dict[str, Draft | None]:
        return {node["id"]: parent for node, parent in each_node(self.design.draft)}

    @cached_property
    def _boxes(self) -> dict[str, dict[str, float]]:
        return {
            node["id"]: node["absoluteBoundingBox"] for node, _ in each_node(self.design.document())
        }

    def box(self, node: Draft) -> dict[str, float]:
        """Where the layer is in the clean design."""
        return self._boxes[node["id"]]

    def parent(self, node: Draft) -> Draft | None:
        return self._parents[node["id"]]

    def above(self, node: Draft) -> Iterator[Draft]:
        parent = self.parent(node)
        while parent is not None:
            yield parent
            parent = self.parent(parent)

    def is_inner(self, node: Draft) -> bool:
        """Within an instance, or a component that is being drawn."""
        return any(each["type"] in ("INSTANCE", "COMPONENT") for each in self.above(node))

    def is_own(self, node: Draft) -> bool:
        """A frame of this file: neither an instance nor in one, nor a component."""
        return node["type"] == "FRAME" and not self.is_inner(node)

    def texts(self) -> list[Draft]:
        """Texts that the rules for text apply to: not those of disabled controls."""
        return [
            node
            for node in self.nodes
            if node["type"] == "TEXT"
            and not any("Disabled" in each["name"] for each in self.above(node))
        ]

    def has_words(self, node: Draft) -> bool:
        return any(each["type"] == "TEXT" for each, _ in each_node(node))

    def lines(self, node: Draft) -> int:
        return round(self.box(node)["height"] / node["style"]["lineHeightPx"])

    def ground(self, node: Draft) -> "Ground | None":
        """What is behind a layer; None if it is not one colour."""
        for each in self.above(node):
            if each.get("fills"):
                colour = self.colour(each)
                return Ground(colour, each["id"]) if colour else None
        return None

    def colour(self, node: Draft, key: str = "fills") -> str:
        """The layer's colour, "" if it has none or a picture."""
        paints = node.get(key) or []
        if not paints or "color" not in paints[0]:
            return ""
        return "#" + "".join(f"{round(paints[0]['color'][each] * 255):02x}" for each in "rgb")


@dataclass(frozen=True)
class Ground:
    """A colour and the id of the layer that is filled with it."""

    colour: str
    layer: str


def raw(colour: str, **more: Any) -> Draft:
    """A paint that is bound to nothing."""
    return {"type": "SOLID", "color": rgb(colour), **more}


@cache
def ratio(one: str, other: str) -> float:
    """The contrast ratio by WCAG, from a library: independent of the review."""
    return Color(one).contrast(other, method="wcag21")


def difference(one: str, other: str) -> float:
    return Color(one).delta_e(other, method="2000")


@cache
def mixed(one: str, other: str, share: float) -> str:
    """``share`` of the other colour over the one."""
    colour: str = Color(one).mix(other, share, space="srgb").to_string(hex=True)
    return colour


def faded_to(ink: str, ground: str, wanted: float) -> str:
    """The ink mixed with its ground until their ratio is just below the wanted one."""
    low, high = 0.0, 1.0
    for _ in range(20):
        middle = (low + high) / 2
        if ratio(mixed(ink, ground, middle), ground) > wanted:
            low = middle
        else:
            high = middle
    return mixed(ink, ground, high)


def unbind(node: Draft, *keys: str) -> None:
    """Take the variables from these fields."""
    bound = node.get("boundVariables", {})
    for key in keys:
        bound.pop(key, None)
    if not bound:
        node.pop("boundVariables", None)


# ---- Edits, once all but their first parameter is filled in --------------------------------------


def set_fields(nodes: Nodes, at: str, **fields: Any) -> None:
    """Set fields of a layer to raw values."""
    nodes[at] |= fields
    unbind(nodes[at], *fields)


def set_type(nodes: Nodes, at: str, **style: float) -> None:
    """Change the type of a text, which leaves its text style then."""
    nodes[at]["style"] |= style
    nodes[at].pop("styles", None)


def repaint(nodes: Nodes, at: str, colour: Callable[[], str], key: str = "fills") -> None:
    """Give a layer one raw colour."""
    nodes[at][key] = [raw(colour())]


def put(nodes: Nodes, at: str, layers: Sequence[Draft]) -> None:
    """Put new layers on top of those in a layer; they bring their own ids."""
    nodes[at]["children"].extend(copy.deepcopy(list(layers)))
