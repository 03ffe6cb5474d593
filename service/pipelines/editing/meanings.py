"""The spec, with the meaning that a candidate gives its layers.

Tests are written from the spec. Where a model found a better tag, a label or a group, the tests
have to ask for that: the candidate's layers are known by their ids, and only what a model may
change is taken over. Words, looks and props stay the design's.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from service.pipelines.editing.allowances import BOXES, LABELS, ROLES, TEXTS
from service.pipelines.editing.tsx_shape import below, is_group, part_roots
from service.pipelines.editing.tsx_tree import (
    Code,
    Node,
    Token,
    Unreadable,
    nodes_in,
    read_tsx,
    tokens_in,
)
from service.pipelines.spec import Spec
from service.pipelines.spec.elements import Bounds, Declaration, Element

REASON = "a model said so"
_TOLD = (*LABELS, "aria-current", "role")


@dataclass
class Meaning:
    """What a candidate says of its layers, by id: tags and attributes; and its groups from the
    outermost, with the layers that are in them."""

    tags: dict[str, str] = field(default_factory=dict)
    told: dict[str, dict[str, str]] = field(default_factory=dict)
    groups: list[tuple[str, str, frozenset[str]]] = field(default_factory=list)


def with_meaning(spec: Spec, files: Mapping[str, str]) -> Spec:
    """The spec with the tags, labels and groups of a candidate, whose files say their layers.

    For the draft of a spec it is the spec itself. A file that cannot be read says nothing.
    """
    try:
        code = read_tsx(files.get(f"{spec.name}.tsx", ""))
    except Unreadable:
        return spec
    meaning = meaning_of(code)
    root = _named(spec.root, meaning)
    for tag, label, ids in meaning.groups:
        root = _gathered(root, tag, label, ids)
    return replace(spec, root=root)


def meaning_of(code: Code) -> Meaning:
    """Read from the tree of a component's file."""
    found = Meaning()
    roots = part_roots(code)
    uses = {tag for node in nodes_in(code) if (tag := node.tag) in roots}
    for name, root in roots.items():
        # A part is read where it is used, as its layers are others there.
        if name not in uses:
            _read(root, _Use(), roots, found)
    return found


@dataclass(frozen=True)
class _Use:
    """Where a part is used: the ids of its layers, and the words that it is given."""

    nodes: tuple[str, ...] = ()
    words: Mapping[str, str] = field(default_factory=dict)


def _read(node: Node, use: _Use, roots: Mapping[str, Node], found: Meaning) -> None:
    if node.tag in roots:
        words = {name: said for name, value in node.attributes.items() if (said := _string(value))}
        ids = tuple(
            each.text
            for each in tokens_in(node.attributes.get("nodes", ()))
            if each.kind == "string"
        )
        _read(roots[node.tag], _Use(ids, words), roots, found)
        return
    if layer := _layer(node, use):
        found.tags[layer] = node.tag
        found.told[layer] = dict(_told(node, use))
    elif is_group(node):
        label = _string(node.attributes.get("aria-label", ()))
        found.groups.append((node.tag, label, frozenset(_layers(node, use, roots))))
    for each in below(node):
        _read(each, use, roots, found)


def _layers(node: Node, use: _Use, roots: Mapping[str, Node]) -> Iterator[str]:
    if node.tag in roots:
        values = node.attributes.get("nodes", ())
        yield from (each.text for each in tokens_in(values) if each.kind == "string")
        return
    if layer := _layer(node, use):
        yield layer
    for each in below(node):
        yield from _layers(each, use, roots)


def _layer(node: Node, use: _Use) -> str:
    """ "1:2", or what stands at the place in "nodes[2]"."""
    value = node.attributes.get("data-node", ())
    if said := _string(value):
        return said
    places = [
        int(each.text) for each in tokens_in(value) if each.kind == "number" and each.text.isdigit()
    ]
    return use.nodes[places[0]] if places and places[0] < len(use.nodes) else ""


def _told(node: Node, use: _Use) -> Iterator[tuple[str, str]]:
    for name in _TOLD:
        value = node.attributes.get(name, ())
        said = _string(value)
        if not said and len(value) == 1 and isinstance(value[0], Token) and value[0].kind == "name":
            said = use.words.get(value[0].text, "")
        if said:
            yield name, said


def _string(value: Code) -> str:
    if len(value) == 1 and isinstance(value[0], Token) and value[0].kind == "string":
        return value[0].text
    return ""


# --- Into the spec ---


def _named(element: Element, meaning: Meaning) -> Element:
    children = tuple(_named(each, meaning) for each in element.children)
    tag = meaning.tags.get(element.id, element.tag)
    may = any(tag in tags and element.tag in tags for tags in (BOXES, TEXTS))
    is_other = tag != element.tag and may and not element.attribute("role")
    made = replace(element, children=children)
    if is_other:
        made = replace(
            made, tag=tag, reason=f"{REASON}, instead of {element.tag}: {element.reason}"
        )
    told = meaning.told.get(element.id)
    return replace(made, attributes=_attributes(element, told)) if told else made


def _attributes(element: Element, told: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """The element's own, with other labels, and what it had none of."""
    given = dict(element.attributes)
    kept = tuple(
        (name, told.get(name, value) if name in LABELS else value)
        for name, value in element.attributes
    )
    more = tuple(
        (name, value)
        for name, value in told.items()
        if name not in given and name != "alt" and (name != "role" or value in ROLES)
    )
    return (*kept, *more)


def _gathered(element: Element, tag: str, label: str, ids: frozenset[str]) -> Element:
    """With a group around the children that are in it, if these are neighbours."""
    inside = [
        at
        for at, each in enumerate(element.children)
        # A group of a group lies inside of it, also if both hold the same.
        if not _is_gathered(each)
        and (own := {part.id for part in each.walk() if part.id})
        and own <= ids
    ]
    if not inside or inside != list(range(inside[0], inside[-1] + 1)):
        return replace(
            element, children=tuple(_gathered(each, tag, label, ids) for each in element.children)
        )
    first, last = inside[0], inside[-1] + 1
    members = element.children[first:last]
    group = Element(
        "",
        "Group",
        "box",
        tag,
        REASON,
        _around([each.bounds for each in members]),
        (Declaration("display", "contents"),),
        (("aria-label", label),) if label else (),
        children=members,
    )
    return replace(element, children=(*element.children[:first], group, *element.children[last:]))


def _is_gathered(element: Element) -> bool:
    return not element.id and element.reason == REASON


def _around(boxes: Sequence[Bounds]) -> Bounds:
    left, top = min(each.x for each in boxes), min(each.y for each in boxes)
    right = max(each.x + each.width for each in boxes)
    return Bounds(left, top, right - left, max(each.y + each.height for each in boxes) - top)
