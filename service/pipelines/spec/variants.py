"""The variants of a component set as one tree: what differs says for which variants it holds.

State is no prop: what a pointer or the keyboard changes becomes a pseudo-class. A set may lack some
combinations; what would hold for them is not known, and nothing is said of them.
"""

import re
from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import TypeVar

from service.pipelines.spec.elements import Condition, Declaration, Element, Text
from service.pipelines.spec.semantics import is_telling

PSEUDO = {
    **dict.fromkeys(("hover", "hovered", "mouseover"), "hover"),
    **dict.fromkeys(("focus", "focused", "keyboardfocus", "focusvisible"), "focus-visible"),
    **dict.fromkeys(("pressed", "press", "active", "clicked", "down"), "active"),
    **dict.fromkeys(("disabled", "inactive"), "disabled"),
}
_RESTING = {"default", "rest", "resting", "enabled", "normal", "idle", "base"}
_STATE_NAMES = {"state", "states", "status", "interaction", "pseudostate"}
# What a pseudo-class may change, and what it is without.
_WITHOUT = {
    "background-color": "transparent", "background-image": "none", "border-color": "transparent",
    "outline-width": "0px", "outline-color": "transparent", "box-shadow": "none", "opacity": "1",
    "color": "inherit", "text-decoration-line": "none", "filter": "none",
}  # fmt: skip
_PAINT = {*_WITHOUT, "outline-style", "outline-offset", "text-shadow"}
T = TypeVar("T", bound=Hashable)


@dataclass(frozen=True)
class Variant:
    """One member of a set. ``combo``: its props without its state, a pseudo-class or ""."""

    node_id: str
    combo: tuple[tuple[str, str], ...]
    state: str
    root: Element


def squeezed(value: str) -> str:
    return re.sub(r"[^a-z]", "", value.lower())


def state_prop(options: Mapping[str, Sequence[str]]) -> str:
    """The property that is a pseudo-state: it has a resting value, and one for a pointer or
    keyboard."""
    for name, values in options.items():
        found = {squeezed(each) for each in values}
        if found & set(PSEUDO) and (
            found & _RESTING or (squeezed(name) in _STATE_NAMES and len(found) > 1)
        ):
            return name
    return ""


def pseudo_of(value: str) -> str:
    return PSEUDO.get(squeezed(value), "")


def is_resting(value: str) -> bool:
    return squeezed(value) in _RESTING


def joined(variants: Sequence[Variant], places: "Places", default: int = 0) -> Element:
    """One tree for all. ``default``: the variant whose ids, names and order the tree has.
    ``places`` is filled: for each combination, which element of the tree is which layer there."""
    plain = [each for each in variants if not each.state]
    first = variants[default] if not variants[default].state else (plain or variants)[0]
    resting = [first, *(each for each in plain if each is not first)]
    states = [each for each in variants if each.state]
    return _join(
        [(each.combo, each.root) for each in resting],
        [(each.combo, each.state, each.root) for each in states],
        [each.combo for each in resting],
        places,
    )


Combo = tuple[tuple[str, str], ...]
Present = list[tuple[Combo, Element]]
States = list[tuple[Combo, str, Element]]
Places = dict[Combo, list[tuple[str, Element]]]


def _join(present: Present, states: States, everywhere: list[Combo], places: Places) -> Element:
    first = present[0][1]
    for combo, each in present:
        if first.id:
            places.setdefault(combo, []).append((first.id, each))
    here = [combo for combo, _ in present]
    declarations = _declarations(present)
    declarations += _state_declarations(present, states)
    return replace(
        first,
        declarations=tuple(declarations),
        texts=_texts(present),
        children=tuple(_children(present, states, places)),
        shown=() if len(here) == len(everywhere) else conditions(here, everywhere),
    )


def _declarations(present: Present) -> list[Declaration]:
    found: list[Declaration] = []
    names: dict[tuple[str, str], None] = {}
    for _, element in present:
        names.update(dict.fromkeys((said.property, said.state) for said in element.declarations))
    for name, state in names:
        values: dict[Combo, Declaration | None] = {}
        for combo, element in present:
            values[combo] = next(
                (
                    each
                    for each in element.declarations
                    if each.property == name and each.state == state
                ),
                None,
            )
        for when, each in split(values):
            if each is not None:
                found.append(replace(each, when=when))
    return found


def _state_declarations(present: Present, states: States) -> list[Declaration]:
    resting = dict(present)
    found: list[Declaration] = []
    changed: dict[tuple[str, str], dict[Combo, Declaration | None]] = {}
    for combo, state, element in states:
        base = resting.get(combo)
        if base is None:
            continue
        before = {each.property: each for each in base.declarations if not each.state}
        after = {each.property: each for each in element.declarations if not each.state}
        for name in {**before, **after}:
            if name not in _PAINT:
                continue
            old, new = before.get(name), after.get(name)
            if new is None and name in _WITHOUT:
                new = Declaration(name, _WITHOUT[name])
            if new is not None and (old is None or old.value != new.value):
                changed.setdefault((name, state), {})[combo] = replace(new, state=state)
    for key, values in changed.items():
        existing = {combo for combo, state, _ in states if state == key[1] and combo in resting}
        full: dict[Combo, Declaration | None] = {
            combo: values.get(combo) for combo, _ in present if combo in existing
        }
        found += [
            replace(each, when=when)
            for when, each in split(full, list(resting))
            if each is not None
        ]
    return found


def _texts(present: Present) -> tuple[Text, ...]:
    values = {combo: element.texts[0] if element.texts else None for combo, element in present}
    return tuple(replace(each, when=when) for when, each in split(values) if each is not None)


def _children(present: Present, states: States, places: Places) -> list[Element]:
    """Children that are the same part of the component, in the order of the first variant that has
    them."""
    keys: list[tuple[str, ...]] = []
    parts: dict[tuple[str, ...], Present] = {}
    key_of = _key_maker([element for _, element in present])
    for combo, element in present:
        seen: Counter[tuple[str, ...]] = Counter()
        previous = -1
        for position, each in enumerate(element.children):
            key = key_of(each, position)
            seen[key] += 1
            key = (*key, str(seen[key]))
            if key not in parts:
                keys.insert(previous + 1, key)
                parts[key] = []
            previous = keys.index(key)
            parts[key].append((combo, each))
    changed: dict[tuple[str, ...], States] = {}
    for combo, state, element in states:
        seen = Counter()
        for position, each in enumerate(element.children):
            key = key_of(each, position)
            seen[key] += 1
            changed.setdefault((*key, str(seen[key])), []).append((combo, state, each))
    everywhere = [combo for combo, _ in present]
    return [_join(parts[key], changed.get(key, []), everywhere, places) for key in keys]


def _key_maker(elements: list[Element]) -> Callable[[Element, int], tuple[str, ...]]:
    """By place where all have the same kinds of children, else by kind and name."""
    shapes = {tuple(child.kind for child in each.children) for each in elements}
    names = {tuple(child.name for child in each.children) for each in elements}
    pictures = any(child.kind == "picture" for each in elements for child in each.children)
    if len(shapes) == 1 and (len(names) == 1 or not pictures):
        return lambda each, position: (each.kind, str(position))
    return lambda each, position: (each.kind, _chosen_name(each))


def _chosen_name(element: Element) -> str:
    """A layer's name, if somebody gave it: one that repeats the words, or counts, tells nothing."""
    said = element.texts[0].plain if element.texts else ""
    repeats = bool(said) and said.startswith(element.name[:20])
    return element.name if is_telling(element.name) and not repeats else ""


def split(
    values: Mapping[Combo, T], everywhere: list[Combo] | None = None
) -> list[tuple[Condition, T]]:
    """Each value, with the fewest props that tell where it holds.

    ``everywhere``: the combinations that there are, if ``values`` has only some of them.
    """
    if not values:
        return []
    combos = list(values)
    if len(set(values.values())) == 1 and (everywhere is None or len(everywhere) == len(combos)):
        return [((), values[combos[0]])]
    names = [name for name, _ in combos[0]]
    for size in range(1, len(names) + 1):
        for chosen in combinations(names, size):
            found = _told_by(chosen, values, everywhere)
            if found is not None:
                return found
    return [(tuple((name, (value,)) for name, value in combo), values[combo]) for combo in combos]


def _told_by(
    chosen: tuple[str, ...], values: Mapping[Combo, T], everywhere: list[Combo] | None
) -> list[tuple[Condition, T]] | None:
    told: dict[tuple[str, ...], T] = {}
    for combo, value in values.items():
        part = tuple(dict(combo)[name] for name in chosen)
        if part in told and told[part] != value:
            return None
        told[part] = value
    if everywhere is not None:
        outside = {
            tuple(dict(combo)[name] for name in chosen)
            for combo in everywhere
            if combo not in values
        }
        if outside & set(told):
            return None
    if len(chosen) > 1:
        return [
            (tuple((name, (each,)) for name, each in zip(chosen, part, strict=True)), value)
            for part, value in told.items()
        ]
    grouped: dict[T, list[str]] = {}
    for part, value in told.items():
        grouped.setdefault(value, []).append(part[0])
    return [(((chosen[0], tuple(parts)),), value) for value, parts in grouped.items()]


def conditions(here: list[Combo], everywhere: list[Combo]) -> tuple[Condition, ...]:
    """Where something is, among all the combinations that there are."""
    values = {combo: combo in here for combo in everywhere}
    return tuple(when for when, is_here in split(values) if is_here)
