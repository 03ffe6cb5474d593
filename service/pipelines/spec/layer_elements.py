"""What the layouts share: notes, limits, and the element of a layer without its content."""

from collections.abc import Callable
from dataclasses import dataclass, field

from service.pipelines.spec.elements import Bounds, Declaration, Element
from service.pipelines.spec.lettering import clean
from service.pipelines.spec.placing import Spot, box_or_size
from service.review.tree import Box, Node, box_of, child, children, number, text

# Deeper or larger designs are cut off there, with a note.
DEEPEST = 40
MOST = 4000


@dataclass
class Reading:
    """What is noticed on the way, for one root."""

    origin: Box
    # Makes the element of a layer; layouts ask it for those of their children.
    assemble: "Assemble"
    # The component's own properties. Layers in an instance refer to those of other components.
    properties: frozenset[str] = frozenset()
    notes: list[str] = field(default_factory=list)
    count: int = 0

    def note(self, node: Node, words: str) -> None:
        line = f"{text(node, 'id')[:80]}: {words}"
        if line not in self.notes and len(self.notes) < 200:
            self.notes.append(line)

    def bounds(self, box: Box) -> Bounds:
        return Bounds(
            round(box.x - self.origin.x, 2) + 0.0,
            round(box.y - self.origin.y, 2) + 0.0,
            round(box.width, 2),
            round(box.height, 2),
        )


# A layer, its place, its parent, what is noticed on the way, and how deep it lies.
Assemble = Callable[[Node, Spot, Node | None, Reading, int], Element | None]


def plain_element(
    node: Node, kind: str, box: Box, declarations: list[Declaration], reading: Reading
) -> Element:
    """The element of a layer, without its tag and what is in it."""
    refers = child(node, "componentPropertyReferences")
    own = {key: text(refers, key) for key in refers if text(refers, key) in reading.properties}
    return Element(
        id=text(node, "id")[:80],
        name=clean(text(node, "name"))[:200],
        kind=kind,
        tag="",
        reason="",
        bounds=reading.bounds(box_of(node, "_seen") or box),
        declarations=last_of_each(_with_one_shadow(declarations)),
        visible_prop=own.get("visible", ""),
        prop=own.get("characters") or own.get("mainComponent") or own.get("slot") or "",
        component=text(node, "componentId")[:80] if text(node, "type") == "INSTANCE" else "",
    )


def _with_one_shadow(declarations: list[Declaration]) -> list[Declaration]:
    """A stroke that is drawn as a shadow stands in one list with the layer's shadows."""
    shadows = [each for each in declarations if each.property == "box-shadow"]
    if len(shadows) < 2:
        return declarations
    rest = [each for each in declarations if each.property != "box-shadow"]
    return [*rest, Declaration("box-shadow", ", ".join(each.value for each in shadows))]


def last_of_each(declarations: list[Declaration]) -> tuple[Declaration, ...]:
    """Each property once, with the value that was said last."""
    found: dict[tuple[str, str], Declaration] = {}
    for each in declarations:
        found.pop((each.property, each.state), None)
        found[each.property, each.state] = each
    return tuple(found.values())


def shown_children(node: Node, reading: Reading) -> list[Node]:
    """Children that are seen, or that a property of the component shows."""
    return [
        each
        for each in children(node)
        if (
            (each.get("visible") is not False and number(each, "opacity", 1.0) > 0)
            or text(child(each, "componentPropertyReferences"), "visible") in reading.properties
        )
        and box_or_size(each) is not None
    ]
