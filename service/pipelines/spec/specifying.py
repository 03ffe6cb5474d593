"""Figma's answer for a node becomes a spec. Odd input gives a poor spec, never an error."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from service.pipelines.spec import code_names
from service.pipelines.spec.actions import connections
from service.pipelines.spec.assembling import assemble
from service.pipelines.spec.code_names import camel, distinct, kebab, pascal
from service.pipelines.spec.elements import (
    Bounds,
    Condition,
    Element,
    Prop,
    Rendering,
    Spec,
)
from service.pipelines.spec.layer_elements import Reading, shown_children
from service.pipelines.spec.lettering import all_texts, clean, has_own_words
from service.pipelines.spec.overruling import not_followed
from service.pipelines.spec.placing import Spot, box_or_size, is_screen
from service.pipelines.spec.responding import respond
from service.pipelines.spec.semantics import give_meaning
from service.pipelines.spec.tokens import name_tokens
from service.pipelines.spec.variants import (
    Places,
    Variant,
    is_resting,
    joined,
    pseudo_of,
    state_prop,
)
from service.review.tree import Box, Node, child, children, text

# A set of more variants is cut off there, with a note.
_MOST_VARIANTS = 64
# More layers without their words are not told.
_MOST_LOST = 200
_TRUE, _FALSE = {"true", "yes", "on"}, {"false", "no", "off"}
_NOWHERE = Box(0.0, 0.0, 0.0, 0.0)


@dataclass(frozen=True)
class Named:
    """The properties of a component: raw name to identifier, and raw values to those in code.

    ``state``: the raw name of the one that says hover, disabled and the like; ``resting``: its
    value in code while nothing of this is so.
    """

    names: Mapping[str, str]
    values: Mapping[tuple[str, str], str]
    state: str = ""
    resting: str = "default"


def build_spec(
    answer: Mapping[str, object],
    *,
    overrides: Mapping[str, str] | None = None,
    variables: Mapping[str, str] | None = None,
) -> Spec:
    """The spec of one node of ``GET /v1/files/:key/nodes`` (``document``, ``components`` …).

    ``overrides``: the tag of a layer, by its id (see ``read_overrides``); what cannot be followed
    is noted. ``variables``: names of variables by id, where known.
    https://developers.figma.com/docs/rest-api/file-endpoints/#get-file-nodes-endpoint
    """
    document = _root_of(child(answer, "document"))
    definitions = child(document, "componentPropertyDefinitions")
    notes: list[str] = []
    variants = _variants_of(document, notes)
    named = _named(definitions, variants)
    places: Places = {}
    whole = _own_name(document)
    read = [
        Variant(
            text(each, "id"), _combo(each, named), _state(each, named), replace(element, name=whole)
        )
        for each in variants
        if (element := _read(each, frozenset(definitions), notes)) is not None
    ]
    every = [each.root for each in read]
    read = _telling(_unique(read, notes))
    if not read:
        read = [Variant(text(document, "id"), (), "", _empty(document))]
        notes.append("There is nothing to build: the layer has no place on the canvas.")
    lost = _lost(variants, every, frozenset(definitions), notes)
    root = joined(read, places, _default(read, definitions, named))
    screen = is_screen(document, box_or_size(document) or _NOWHERE)
    chosen = {layer: tag for layer, tag in (overrides or {}).items() if isinstance(tag, str)}
    names = _component_names(answer)
    root = give_meaning(root, names, chosen, screen, connections(document))
    notes += not_followed(root, chosen)
    root = respond(root)
    root, tokens = name_tokens(root, _style_names(answer), variables or {})
    props = _props(document, definitions, named, read)
    is_component = text(document, "type") in ("COMPONENT", "COMPONENT_SET")
    worded, entered = (_only_words(root), _only_field(root)) if is_component else ("", "")
    root, props = _connected(root, props, named, worded, entered)
    name = pascal(whole.split("/")[0] if code_names.words(whole.split("/")[0]) else whole)
    assets = {each.asset.node_id: each.asset for each in root.walk() if each.asset}
    used = {each.component for each in root.walk() if each.component}
    return Spec(
        name=name,
        root=root,
        props=props,
        tokens=tokens,
        assets=tuple(assets[key] for key in sorted(assets)),
        renderings=_renderings(read, places, root, props),
        components=tuple(
            (key, clean(label))
            for key, label in sorted(_component_names(answer).items())
            if key in used
        ),
        notes=tuple(notes),
        lost=lost,
    )


def _root_of(document: Node) -> Node:
    """A page or a whole file stands for the first frame on it."""
    for _ in range(3):
        if text(document, "type") not in ("DOCUMENT", "CANVAS"):
            break
        inner = children(document)
        if not inner:
            break
        document = inner[0]
    return document


def _own_name(document: Node) -> str:
    name = clean(text(document, "name")).strip()
    return name or "Component"


def _variants_of(document: Node, notes: list[str]) -> list[Node]:
    if text(document, "type") == "COMPONENT_SET":
        found = [each for each in children(document) if text(each, "type") == "COMPONENT"]
        if len(found) > _MOST_VARIANTS:
            notes.append(f"Only the first {_MOST_VARIANTS} of {len(found)} variants are built.")
        if found:
            return found[:_MOST_VARIANTS]
    return [document]


def _read(node: Node, properties: frozenset[str], notes: list[str]) -> Element | None:
    box = box_or_size(node)
    if box is None:
        return None
    reading = Reading(box, assemble, properties, notes)
    return assemble(node, Spot("root", box), None, reading, 0)


def _lost(
    variants: Sequence[Node], read: Sequence[Element], properties: frozenset[str], notes: list[str]
) -> tuple[str, ...]:
    """The layers whose words nobody will read in the component, each with a note."""
    said = {each.id for root in read for each in root.walk() if each.texts}
    drawn = {each.id for root in read for each in root.walk() if each.kind == "picture"}
    found: list[str] = []
    below = [*variants]
    while below:
        node = below.pop()
        identity = text(node, "id")[:80]
        if identity in drawn:
            if any(True for _ in all_texts(node)):
                notes.append(f"{identity}: its words are drawn, and nobody can read them aloud")
            continue
        if has_own_words(node) and identity not in said:
            found.append(identity)
            if len(found) <= _MOST_LOST:
                notes.append(f"{identity}: its words are not in the component")
        below += reversed(shown_children(node, Reading(_NOWHERE, assemble, properties)))
    return tuple(found[:_MOST_LOST])


def _empty(document: Node) -> Element:
    return Element(
        text(document, "id")[:80],
        clean(text(document, "name"))[:200],
        "box",
        "div",
        "",
        Bounds(0, 0, 0, 0),
    )


def _unique(read: list[Variant], notes: list[str]) -> list[Variant]:
    """Two variants of the same name: the first counts."""
    seen: dict[object, Variant] = {}
    for each in read:
        if (each.combo, each.state) in seen:
            notes.append(f"{each.node_id}: a variant of the same properties as another is left out")
        seen.setdefault((each.combo, each.state), each)
    return list(seen.values())


def _telling(read: list[Variant]) -> list[Variant]:
    """Without the properties that are the same in all variants."""
    told = [dict(each.combo) for each in read]
    varying = {name for one in told for name in one if len({each.get(name) for each in told}) > 1}
    return [
        replace(each, combo=tuple(pair for pair in each.combo if pair[0] in varying))
        for each in read
    ]


# --- Properties ---


def _pairs(node: Node) -> dict[str, str]:
    """ "Size=md, State=Hover" as a dictionary."""
    found: dict[str, str] = {}
    for part in clean(text(node, "name")).split(","):
        name, is_there, value = part.partition("=")
        if is_there and name.strip():
            found[name.strip()] = value.strip()
    return found


def _named(definitions: Node, variants: Sequence[Node]) -> Named:
    options: dict[str, list[str]] = {}
    if len(variants) > 1 or text(variants[0], "type") == "COMPONENT":
        shared = set.intersection(*({*_pairs(each)} for each in variants))
        for each in variants:
            for name, value in _pairs(each).items():
                if name in shared and value not in options.setdefault(name, []):
                    options[name].append(value)
    names: dict[str, str] = {}
    values: dict[tuple[str, str], str] = {}
    for raw in [*options, *(key for key in definitions if key not in options)]:
        names[raw] = distinct(camel(clean(raw).split("#")[0]), set(names.values()))
    state = state_prop({key: found for key, found in options.items() if len(found) > 1})
    for raw, found in options.items():
        taken: set[str] = set()
        for value in found:
            made = distinct(_value(value), taken, "-")
            taken.add(made)
            values[raw, value] = made
    return Named(names, values, state, _resting(options.get(state, ()), values, state, definitions))


def _resting(
    found: Sequence[str], values: Mapping[tuple[str, str], str], state: str, definitions: Node
) -> str:
    """In a set without a "default", a disabled variant is that which a designer begins with."""
    others = [each for each in found if not pseudo_of(each)]
    if not others or any(is_resting(each) for each in others):
        return "default"
    first = text(child(definitions, state), "defaultValue")
    return values[state, first if first in others else others[0]]


def _value(raw: str) -> str:
    lowered = raw.strip().lower()
    if lowered in _TRUE | _FALSE:
        return "true" if lowered in _TRUE else "false"
    return kebab(raw) or clean(raw)[:40] or "empty"


def _combo(node: Node, named: Named) -> tuple[tuple[str, str], ...]:
    found: list[tuple[str, str]] = []
    for raw, value in _pairs(node).items():
        if (raw, value) not in named.values:
            continue
        if raw == named.state:
            # A state that no pseudo-class tells (error, loading …) stays a prop.
            rests = pseudo_of(value) or is_resting(value)
            kept = named.resting if rests else named.values[raw, value]
            if _has_other_states(named):
                found.append((named.names[raw], kept))
            continue
        found.append((named.names[raw], named.values[raw, value]))
    return tuple(sorted(found))


def _has_other_states(named: Named) -> bool:
    return any(
        raw == named.state and not pseudo_of(value) and not is_resting(value)
        for raw, value in named.values
    )


def _state(node: Node, named: Named) -> str:
    return pseudo_of(_pairs(node).get(named.state, "")) if named.state else ""


def _default(read: list[Variant], definitions: Node, named: Named) -> int:
    wanted = {
        named.names[raw]: named.values.get((raw, text(child(definitions, raw), "defaultValue")), "")
        for raw in definitions
        if raw in named.names
    }

    def fits(each: Variant) -> tuple[bool, int]:
        return not each.state, sum(wanted.get(name) == value for name, value in each.combo)

    return max(range(len(read)), key=lambda at: (fits(read[at]), -at))


def _props(
    document: Node, definitions: Node, named: Named, read: Sequence[Variant]
) -> tuple[Prop, ...]:
    found: list[Prop] = []
    first = dict(read[_default(list(read), definitions, named)].combo)
    raw_names = {name: raw for raw, name in named.names.items()}
    for name in dict(read[0].combo):
        values = tuple(dict.fromkeys(dict(each.combo).get(name, "") for each in read))
        if len(values) > 1:
            found.append(Prop(name, "variant", values, first[name], clean(raw_names.get(name, ""))))
    for raw in definitions:
        said = child(definitions, raw)
        name, kind, source = named.names[raw], text(said, "type"), clean(raw.split("#")[0])
        if kind == "BOOLEAN":
            is_on = said.get("defaultValue") is not False
            found.append(Prop(name, "boolean", (), "true" if is_on else "false", source))
        elif kind == "TEXT":
            found.append(Prop(name, "text", (), clean(text(said, "defaultValue")), source))
        elif kind in ("INSTANCE_SWAP", "SLOT"):
            found.append(Prop(name, "slot", (), "", source))
    if any(each.state == "disabled" for each in read):
        found.append(Prop("disabled", "disabled", (), "false", clean(named.state)))
    return tuple(found)


def _connected(
    root: Element, props: tuple[Prop, ...], named: Named, worded: str, entered: str
) -> tuple[Element, tuple[Prop, ...]]:
    """Elements that say the identifiers of their props, slots and handlers; and only props that are
    used. ``worded``: a text that instances say in words of their own; ``entered``: a field whose
    value they give."""
    taken = {each.name for each in props}
    kinds = {each.name: each.kind for each in props}
    added: list[Prop] = []
    used: set[str] = set()
    slots = sum(each.kind == "slot" for each in root.walk())

    def inside(element: Element, is_root: bool, label: str = "") -> Element:
        visible = named.names.get(element.visible_prop, "")
        prop = named.names.get(element.prop, "")
        if kinds.get(visible) != "boolean":
            visible = ""
        if kinds.get(prop) not in ("text", "slot") or (kinds.get(prop) == "text") != (
            element.kind in ("text", "field")
        ):
            prop = ""
        if element.kind == "slot" and not prop:
            prop = "children" if slots == 1 else distinct(camel(element.name, "slot"), taken)
            taken.add(prop)
            added.append(Prop(prop, "slot", (), "", element.name, element.id))
        if worded and element.id == worded:
            prop = distinct("label" if root.tag in ("button", "a", "label") else "text", taken)
            taken.add(prop)
            added.append(Prop(prop, "text", (), element.texts[0].plain, element.name))
        if entered and element.id == entered and not (prop and element.attribute("value")):
            entry = distinct("defaultValue", taken)
            taken.add(entry)
            added.append(Prop(entry, "entry", (), "", element.name, entered))
        used.update((visible, prop))
        if element.tag == "label":
            texts = (
                each.texts[0].plain for each in element.walk() if each.kind == "text" and each.texts
            )
            label = next((each for each in texts if kebab(each)), "")
        if handler := _handler(element, is_root, label):
            handler = distinct(handler, taken)
            taken.add(handler)
            added.append(Prop(handler, "handler", (), "", element.name, element.id))
        return replace(
            element,
            visible_prop=visible,
            prop=prop,
            children=tuple(inside(each, False, label) for each in element.children),
        )

    made = inside(root, True)
    kept = [each for each in props if each.kind in ("variant", "disabled") or each.name in used]
    return made, (*kept, *added)


def _only_words(root: Element) -> str:
    """The only text of a component, if it is one string and no property of its own.

    Designers overwrite it in instances; a component without it would always say the same.
    """
    found = [each for each in root.walk() if each.kind == "text"]
    if len(found) != 1 or found[0].prop or len(found[0].texts) != 1 or found[0] is root:
        return ""
    paragraphs = found[0].texts[0].paragraphs
    is_plain = len(paragraphs) == 1 and not paragraphs[0].list
    return found[0].id if is_plain and not any(run.tag for run in paragraphs[0].runs) else ""


def _only_field(root: Element) -> str:
    """The only field of a component: who uses it wants to say what stands in it at first."""
    found = [each for each in root.walk() if each.kind == "field"]
    return found[0].id if len(found) == 1 else ""


def _handler(element: Element, is_root: bool, label: str) -> str:
    """The name of a handler; "" for what is not listened to. ``label``: the words round it."""
    words = next((t.plain for each in element.walk() for t in each.texts if t.plain.strip()), "")
    if element.tag == "button":
        if is_root:
            return "onClick"
        name = f"on{pascal(words, 'Action') if kebab(words) else pascal(element.name, 'Action')}"
        # By this ending, types know the handlers of fields.
        return f"{name}Press" if name.endswith("Change") else name
    if element.tag == "input":
        label = element.attribute("aria-label") or label or element.attribute("placeholder")
        return f"on{pascal(label, 'Field')}Change"
    if element.tag == "form":
        return "onSubmit"
    return ""


# --- Names and renderings ---


def _component_names(answer: Mapping[str, object]) -> dict[str, str]:
    """By component id; a variant has the name of its set."""
    sets = child(answer, "componentSets")
    found: dict[str, str] = {}
    for key, each in child(answer, "components").items():
        if isinstance(each, Mapping):
            owner = child(sets, text(each, "componentSetId"))
            found[key] = text(owner, "name") or text(each, "name")
    return found


def _style_names(answer: Mapping[str, object]) -> dict[str, str]:
    return {
        key: clean(text(each, "name"))
        for key, each in child(answer, "styles").items()
        if isinstance(each, Mapping)
    }


def _renderings(
    read: Sequence[Variant], places: Places, root: Element, props: tuple[Prop, ...]
) -> tuple[Rendering, ...]:
    hidden = _hidden(root, {each.name for each in props if each.default == "false"})
    by_id = {each.id: each for each in root.walk()}
    found: list[Rendering] = []
    for each in read:
        if each.state:
            continue
        here = [(key, layer) for key, layer in places.get(each.combo, []) if key not in hidden]
        found.append(
            Rendering(
                each.node_id,
                each.combo,
                tuple((key, layer.bounds) for key, layer in here),
                tuple(
                    (key, layer.texts[0].plain)
                    for key, layer in here
                    if layer.texts and key in by_id
                ),
            )
        )
    return tuple(found)


def _hidden(root: Element, off: set[str]) -> set[str]:
    found: set[str] = set()
    for each in root.walk():
        if each.visible_prop in off:
            found.update(inner.id for inner in each.walk())
    return found


def holds(when: Condition, props: Mapping[str, str]) -> bool:
    """Whether a condition holds for a variant."""
    return all(props.get(name) in values for name, values in when)
