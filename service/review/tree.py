"""Walking a Figma node tree of unknown shape: visible nodes, bounded, with safe typed reads.

Field names and defaults: https://developers.figma.com/docs/rest-api/file-node-types/
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from service.review.facts import short_name

Node = Mapping[str, Any]
_LARGEST = 1e7


def number(node: object, key: str, default: float = 0.0) -> float:
    """A finite number of the node, else ``default``; booleans and text do not count."""
    value = node.get(key) if isinstance(node, Mapping) else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return default
    return float(value) if -_LARGEST < value < _LARGEST else default


def text(node: object, key: str) -> str:
    value = node.get(key) if isinstance(node, Mapping) else None
    return value if isinstance(value, str) else ""


def children(node: object, key: str = "children") -> list[Node]:
    """The objects of a list field; anything else in it, or in its place, is left out."""
    value = node.get(key) if isinstance(node, Mapping) else None
    return [each for each in value if isinstance(each, Mapping)] if isinstance(value, list) else []


def child(node: object, key: str) -> Node:
    value = node.get(key) if isinstance(node, Mapping) else None
    return value if isinstance(value, Mapping) else {}


def is_visible(node: Node) -> bool:
    return node.get("visible") is not False and number(node, "opacity", 1.0) > 0


@dataclass(frozen=True)
class Box:
    """A bounding box in CSS pixels of the canvas."""

    x: float
    y: float
    width: float
    height: float

    def contains(self, other: "Box", slack: float = 0.5) -> bool:
        return (
            self.x <= other.x + slack
            and self.y <= other.y + slack
            and self.x + self.width >= other.x + other.width - slack
            and self.y + self.height >= other.y + other.height - slack
        )

    def distance_to(self, x: float, y: float) -> float:
        """From a point to the nearest edge; 0 inside."""
        dx = max(self.x - x, 0, x - (self.x + self.width))
        dy = max(self.y - y, 0, y - (self.y + self.height))
        return math.hypot(dx, dy)

    @property
    def centre(self) -> tuple[float, float]:
        return self.x + self.width / 2, self.y + self.height / 2


def box_of(node: Node) -> Box | None:
    """The node's ``absoluteBoundingBox``, or None where Figma gives none (or half of one)."""
    raw = child(node, "absoluteBoundingBox")
    values = [number(raw, key, math.nan) for key in ("x", "y", "width", "height")]
    if any(math.isnan(value) for value in values) or min(values[2:]) < 0:
        return None
    return Box(*values)


@dataclass(frozen=True, eq=False)
class Place:
    """A visible node with its way up to the document: ``place.parent.parent …``.

    ``component`` is the name of the component that an instance stands for, where it is known;
    ``position`` is the place among the parent's children, drawn later the higher it is.
    """

    node: Node
    parent: "Place | None" = None
    depth: int = 0
    component: str = ""
    position: int = 0

    @property
    def id(self) -> str:
        return text(self.node, "id")[:80] or "?"

    @property
    def name(self) -> str:
        return short_name(self.node.get("name"))

    @property
    def type(self) -> str:
        return text(self.node, "type")

    def path(self) -> list["Place"]:
        """From the document down to this node."""
        steps: list[Place] = []
        place: Place | None = self
        while place is not None:
            steps.append(place)
            place = place.parent
        return steps[::-1]

    def ancestors(self) -> Iterator["Place"]:
        place = self.parent
        while place is not None:
            yield place
            place = place.parent


@dataclass
class Walk:
    """The visible nodes of a document in drawing order, and what the limits left out."""

    places: list[Place] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def walk(document: object, components: object, max_nodes: int, max_depth: int) -> Walk:
    """Visit visible nodes depth first, without recursion, within both limits."""
    found = Walk()
    if not isinstance(document, Mapping):
        return found
    known = components if isinstance(components, Mapping) else {}
    stack = [Place(document, component=_component_name(document, known))]
    too_deep = False
    while stack:
        place = stack.pop()
        if not is_visible(place.node):
            continue
        if len(found.places) >= max_nodes:
            found.notes.append(f"Only the first {max_nodes} layers were measured.")
            break
        found.places.append(place)
        below = children(place.node)
        if below and place.depth >= max_depth:
            too_deep = True
            continue
        stack.extend(
            Place(below[at], place, place.depth + 1, _component_name(below[at], known), at)
            for at in reversed(range(len(below)))
        )
    if too_deep:
        found.notes.append(f"Layers nested deeper than {max_depth} levels were not measured.")
    return found


def _component_name(node: Node, components: Mapping[str, Any]) -> str:
    identity = text(node, "componentId")
    return text(components.get(identity), "name")[:120] if identity else ""
