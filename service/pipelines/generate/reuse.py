"""Instances of one component, written once: a function with props for what differs.

Only what is the same but for words, attributes, handlers and the place in the parent is written
once. Where an instance was changed in another way, each is written out.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from service.pipelines.spec.code_names import distinct, pascal
from service.pipelines.spec.elements import Declaration, Element, Text

# An element of fewer parts is shorter than its use.
_FEWEST_PARTS = 2


@dataclass
class Hole:
    """What of an element is given from outside: the names of the props. ``number``: its place in
    ``nodes``."""

    number: int
    text: str = ""
    attributes: dict[str, str] = field(default_factory=dict)
    handler: str = ""
    image: str = ""
    takes_class: bool = False


@dataclass
class Part:
    """A component that is used several times. ``holes`` are by the identity of the template's
    elements."""

    name: str
    instances: list[Element]
    holes: dict[int, Hole]
    types: dict[str, str]
    shared: tuple[Declaration, ...]

    @property
    def template(self) -> Element:
        return self.instances[0]

    def own(self, instance: Element) -> tuple[Declaration, ...]:
        """The declarations that only this instance has at its outermost element."""
        return tuple(each for each in instance.declarations if each not in self.shared)


def reused(
    root: Element,
    names: Mapping[str, str],
    handlers: Mapping[str, str],
    pictures: Mapping[str, str],
    taken: Iterable[str],
) -> list[Part]:
    """The parts that are worth a function. ``names``: of components by id; ``pictures``: what is
    shown for a node; ``taken``: identifiers that the file has already."""
    found: list[Part] = []
    used, covered = set(taken), set[int]()
    groups: dict[str, list[Element]] = {}
    for each in root.walk():
        if each.component and each is not root:
            groups.setdefault(each.component, []).append(each)
    for component, instances in groups.items():
        free = [each for each in instances if id(each) not in covered]
        if len(free) < 2 or not _are_alike(free, pictures):
            continue
        name = distinct(pascal(names.get(component, "") or free[0].name, "Part"), used)
        used.add(name)
        found.append(_part(name, free, handlers, pictures))
        covered.update(id(inner) for each in free for inner in each.walk())
    return found


def _are_alike(instances: list[Element], pictures: Mapping[str, str]) -> bool:
    first = list(instances[0].walk())
    if len(first) < _FEWEST_PARTS:
        return False
    for instance in instances:
        walked = list(instance.walk())
        if len(walked) != len(first) or not _is_plain(walked):
            return False
        for at, (one, other) in enumerate(zip(first, walked, strict=True)):
            if not _is_alike(one, other, at == 0, pictures):
                return False
    return True


def _is_plain(walked: list[Element]) -> bool:
    """Whether nothing in it depends on the props of the whole component."""
    return not any(
        each.prop or (each.visible_prop) or each.shown or each.kind == "slot"
        or len(each.texts) > 1
        or any(said.when or said.state in _PSEUDO for said in each.declarations)
        for each in walked
    )  # fmt: skip


_PSEUDO = {"hover", "active", "disabled", "focus-visible"}


def _is_alike(one: Element, other: Element, is_root: bool, pictures: Mapping[str, str]) -> bool:
    if (one.kind, one.tag, len(one.children)) != (other.kind, other.tag, len(other.children)):
        return False
    if [name for name, _ in one.attributes] != [name for name, _ in other.attributes]:
        return False
    if not is_root and one.declarations != other.declarations:
        return False
    if one.texts != other.texts and not (_is_simple(one.texts) and _is_simple(other.texts)):
        return False
    return one.kind != "picture" or _shown(one, pictures) == _shown(other, pictures)


def _is_simple(texts: tuple[Text, ...]) -> bool:
    """One string without runs of their own."""
    return (
        len(texts) == 1
        and len(texts[0].paragraphs) == 1
        and not texts[0].paragraphs[0].list
        and not any(run.tag for run in texts[0].paragraphs[0].runs)
    )


def _shown(element: Element, pictures: Mapping[str, str]) -> str:
    return pictures.get(element.asset.node_id, "") if element.asset else ""


def _part(
    name: str, instances: list[Element], handlers: Mapping[str, str], pictures: Mapping[str, str]
) -> Part:
    holes: dict[int, Hole] = {}
    types: dict[str, str] = {}

    def named(wanted: str, kind: str) -> str:
        made = distinct(wanted, types)
        types[made] = kind
        return made

    for number, same in enumerate(zip(*(each.walk() for each in instances), strict=True)):
        hole = Hole(number)
        first = same[0]
        # What stands in an input is one of its attributes.
        if first.kind == "text" and len({each.texts for each in same}) > 1:
            is_label = instances[0].tag == "label" and "label" not in types
            plain = "label" if is_label else "text"
            hole.text = named("title" if first.tag.startswith("h") else plain, "string")
        for attribute, _ in first.attributes:
            if len({each.attribute(attribute) for each in same}) > 1:
                hole.attributes[attribute] = named(_PROPS.get(attribute, "label"), "string")
        if first.id in handlers:
            kind = "(value: string) => void" if first.tag == "input" else "() => void"
            hole.handler = named(_HEARD.get(first.tag, "onSend"), f"({kind}) | undefined")
        if len({_shown(each, pictures) for each in same}) > 1:
            hole.image = named("image", "string")
        holes[id(first)] = hole
    shared = tuple(
        each
        for each in instances[0].declarations
        if all(each in other.declarations for other in instances)
    )
    holes[id(instances[0])].takes_class = any(
        set(each.declarations) != set(shared) for each in instances
    )
    return Part(name, instances, holes, types, shared)


_HEARD = {"button": "onPress", "input": "onValue"}
_PROPS = {
    "alt": "alt",
    "href": "href",
    "placeholder": "placeholder",
    "value": "value",
    "dir": "dir",
}


def with_holes(part: Part, instance: Element) -> Iterator[tuple[Hole, Element]]:
    """Each hole of a part, with the instance's element that fills it."""
    for one, other in zip(part.template.walk(), instance.walk(), strict=True):
        yield part.holes[id(one)], other
