"""Walks a Figma node tree of unknown shape: visible nodes only, with limits and type-safe reads.

Field names and defaults: https://developers.figma.com/docs/rest-api/file-node-types/
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from service.review.facts import short_name

Node = Mapping[str, Any]
# The plain dict first: a check for Mapping takes ten times as long.
_OBJECT = (dict, Mapping)
_LARGEST = 1e7
# Layers that never have others in them. Any other type may, also one that nobody has heard of yet.
_LEAVES = {
    "RECTANGLE", "ELLIPSE", "VECTOR", "LINE", "STAR", "REGULAR_POLYGON", "TEXT", "TEXT_PATH",
    "SLICE", "STICKY", "SHAPE_WITH_TEXT", "CONNECTOR", "WASHI_TAPE", "EMBED", "LINK_UNFURL",
}  # fmt: skip
# Their children are turned with the frame round them.
_LOOSE = {"GROUP", "BOOLEAN_OPERATION"}


def number(node: object, key: str, default: float = 0.0) -> float:
    """A finite number from the node, else ``default``. Booleans and text do not count."""
    value = node.get(key) if isinstance(node, _OBJECT) else None
    # Most values are of these very types; a subclass of one, such as a boolean, is none of them.
    if type(value) is not float and type(value) is not int:
        return default
    return float(value) if -_LARGEST < value < _LARGEST else default


def text(node: object, key: str) -> str:
    value = node.get(key) if isinstance(node, _OBJECT) else None
    return value if isinstance(value, str) else ""


def children(node: object, key: str = "children") -> list[Node]:
    """The objects in a list field. Everything else is ignored."""
    value = node.get(key) if isinstance(node, _OBJECT) else None
    return [each for each in value if isinstance(each, _OBJECT)] if isinstance(value, list) else []


def child(node: object, key: str) -> Node:
    value = node.get(key) if isinstance(node, _OBJECT) else None
    return value if isinstance(value, _OBJECT) else {}


def is_visible(node: Node) -> bool:
    return node.get("visible") is not False and number(node, "opacity", 1.0) > 0


@dataclass(frozen=True)
class Box:
    """A bounding box in CSS pixels of the canvas."""

    x: float
    y: float
    width: float
    height: float

    def grown(self, by: float) -> "Box":
        """The box with a margin on all sides."""
        return Box(self.x - by, self.y - by, self.width + 2 * by, self.height + 2 * by)

    def contains(self, other: "Box", slack: float = 0.5) -> bool:
        return (
            self.x <= other.x + slack
            and self.y <= other.y + slack
            and self.x + self.width >= other.x + other.width - slack
            and self.y + self.height >= other.y + other.height - slack
        )

    def overlaps(self, other: "Box", slack: float = 0.5) -> bool:
        return (
            self.x + slack < other.x + other.width
            and other.x + slack < self.x + self.width
            and self.y + slack < other.y + other.height
            and other.y + slack < self.y + self.height
        )

    def cut_to(self, other: "Box") -> "Box | None":
        """The intersection of both boxes; None if they do not overlap."""
        if not self.overlaps(other):
            return None
        return _between(
            max(self.x, other.x),
            max(self.y, other.y),
            min(self.x + self.width, other.x + other.width),
            min(self.y + self.height, other.y + other.height),
        )

    def joined_with(self, other: "Box") -> "Box":
        """The smallest box around both."""
        return _between(
            min(self.x, other.x),
            min(self.y, other.y),
            max(self.x + self.width, other.x + other.width),
            max(self.y + self.height, other.y + other.height),
        )

    def distance_to(self, x: float, y: float) -> float:
        """The distance from a point to the nearest edge; 0 inside."""
        dx = max(self.x - x, 0, x - (self.x + self.width))
        dy = max(self.y - y, 0, y - (self.y + self.height))
        return math.hypot(dx, dy)

    @property
    def centre(self) -> tuple[float, float]:
        return self.x + self.width / 2, self.y + self.height / 2


def _between(left: float, top: float, right: float, bottom: float) -> Box:
    return Box(left, top, right - left, bottom - top)


def box_of(node: Node, key: str = "absoluteBoundingBox") -> Box | None:
    """A box of the node, or None if Figma gives none (or an incomplete one)."""
    raw = child(node, key)
    values = [number(raw, key, math.nan) for key in ("x", "y", "width", "height")]
    if any(math.isnan(value) for value in values) or min(values[2:]) < 0:
        return None
    return Box(*values)


@dataclass(frozen=True, eq=False)
class Place:
    """A visible node with its parents up to the document: ``place.parent.parent …``.

    ``component`` is the name of an instance's component, if known. ``position`` is the place among
    the parent's children; a higher one is drawn later. ``is_cut_off``: it may have children that
    were not read.
    """

    node: Node
    parent: "Place | None" = None
    depth: int = 0
    component: str = ""
    position: int = 0
    is_cut_off: bool = False

    @property
    def id(self) -> str:
        return text(self.node, "id")[:80] or "?"

    @cached_property
    def name(self) -> str:
        return short_name(self.node.get("name"))

    @cached_property
    def type(self) -> str:
        return text(self.node, "type")

    @cached_property
    def box(self) -> Box | None:
        return box_of(self.node)

    @cached_property
    def angle(self) -> float:
        """How far it is turned on the canvas, in radians, counter-clockwise.

        Figma gives the angle to the nearest frame; a group passes its own on to its children.
        """
        around = self.parent
        while around is not None and around.type in _LOOSE:
            around = around.parent
        return number(self.node, "rotation") + (around.angle if around else 0.0)

    @cached_property
    def is_text(self) -> bool:
        """A layer whose fills are the colours of its letters: TEXT, TEXT_PATH."""
        return self.type.startswith("TEXT")

    @property
    def cause(self) -> str:
        """What a finding on this layer comes from: the component, the layer in a component, or the
        layer itself. All instances share it.

        The id of a layer in an instance is "I", the instance's id, and the layer's id in its
        component: "I1:2;3:4".
        """
        return text(self.node, "componentId") or self.id.rpartition(";")[2]

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
    """The visible nodes of a document in drawing order, and what the limits left out.

    ``unread`` are the first nodes beyond the node limit. ``scope`` says what was covered.
    """

    places: list[Place] = field(default_factory=list)
    unread: list[Place] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    scope: str = ""

    def stops(self, note: str, scope: str) -> None:
        self.notes.append(note)
        self.scope = self.scope or scope


def walk(
    document: object, components: object, max_nodes: int, max_depth: int, levels: int | None = None
) -> Walk:
    """Visit visible nodes depth first, without recursion, within both limits.

    ``levels`` is how many levels below the document were requested, None for all.
    """
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
            rest = [place, *(each for each in reversed(stack) if is_visible(each.node))]
            found.unread = [replace(each, is_cut_off=True) for each in rest]
            break
        below = children(place.node)
        if below and place.depth >= max_depth:
            too_deep = True
            place, below = replace(place, is_cut_off=True), []
        elif not below and place.depth == levels and place.type not in _LEAVES:
            # Figma leaves out the children of the last level without saying so.
            place = replace(place, is_cut_off=True)
        found.places.append(place)
        stack.extend(
            Place(below[at], place, place.depth + 1, _component_name(below[at], known), at)
            for at in reversed(range(len(below)))
        )
    _note_limits(found, max_nodes, max_depth if too_deep else None, levels)
    return found


def _note_limits(found: Walk, max_nodes: int, max_depth: int | None, levels: int | None) -> None:
    if any(place.is_cut_off and place.depth == levels for place in found.places):
        note = f"Layers more than {levels} levels below this frame were not read."
        found.stops(note, f"only the first {levels} levels were read")
    if max_depth is not None:
        note = f"Layers nested deeper than {max_depth} levels were not measured."
        found.stops(note, f"only the first {max_depth} levels were measured")
    if found.unread:
        note = f"Only the first {max_nodes} layers were measured."
        found.stops(note, f"only the first {max_nodes} layers were measured")


def _component_name(node: Node, components: Mapping[str, Any]) -> str:
    identity = text(node, "componentId")
    return text(components.get(identity), "name")[:120] if identity else ""
