"""What holds for the rules on any design: they never raise, and the order of the roots, what else
is selected, and names that nobody chose do not matter."""

import json
import random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from service.review import Facts, Options, measure
from tests.service.review.golden.broken import BROKEN
from tests.service.review.golden.clean import CLEAN
from tests.service.review.golden.parts import Golden, Node, moved

DESIGNS = (*CLEAN, *BROKEN)
junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)
numbers = st.floats() | st.integers(-50, 500)
boxes = st.fixed_dictionaries({key: numbers for key in ("x", "y", "width", "height")}) | junk
alias = st.fixed_dictionaries({"id": st.sampled_from(["V:1", "V:2"])}) | junk
paints = st.lists(
    st.fixed_dictionaries(
        {"type": st.sampled_from(["SOLID", "IMAGE", "GRADIENT_LINEAR"]) | junk},
        optional={
            "color": st.fixed_dictionaries({key: st.floats(0, 1) | junk for key in "rgb"}) | junk,
            "opacity": st.floats(0, 1) | junk,
            "visible": st.booleans() | junk,
            "boundVariables": st.fixed_dictionaries({"color": alias}) | junk,
        },
    )
    | junk,
    max_size=2,
)
TYPES = [
    *("FRAME", "TEXT", "INSTANCE", "COMPONENT", "COMPONENT_SET", "GROUP", "SLOT", "CANVAS"),
    *("RECTANGLE", "ELLIPSE", "VECTOR", "LINE", "SECTION", "TEXT_PATH", "MADE_UP"),
]
NAMES = [
    *("Frame 1", "Title", "Status dot", "Button", "Chart", "List row", "Badge", "Slider / Knob"),
    *("State=Focus", "Rectangle 4", "", "Logo", "Code"),
]
SIZES = ("cornerRadius", "rotation", "strokeWeight", "opacity")
SPACES = ("itemSpacing", "paddingLeft", "paddingTop", "counterAxisSpacing", "gridRowGap")


def node_like(below: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.fixed_dictionaries(
        {"type": st.sampled_from(TYPES) | junk},
        optional={
            "id": st.sampled_from(["1:1", "1:2", "I1:3;4:5"]) | junk,
            "name": st.sampled_from(NAMES) | junk,
            "visible": st.booleans() | junk,
            "characters": st.text(max_size=400) | junk,
            "style": st.fixed_dictionaries(
                {},
                optional={
                    "fontSize": numbers | junk,
                    "lineHeightPx": numbers | junk,
                    "lineHeightUnit": st.sampled_from(["PIXELS", "INTRINSIC_%"]) | junk,
                    "textAutoResize": st.sampled_from(["HEIGHT", "NONE"]) | junk,
                    "fontFamily": junk,
                },
            )
            | junk,
            "styles": st.fixed_dictionaries({"fill": junk, "text": junk}) | junk,
            "fills": paints | junk,
            "strokes": paints | junk,
            "boundVariables": st.dictionaries(st.sampled_from(SPACES), alias | junk) | junk,
            "inferredVariables": st.dictionaries(
                st.sampled_from([*SPACES, "fills"]), st.lists(alias | junk, max_size=2) | junk
            )
            | junk,
            "detachedInfo": junk,
            "componentPropertyDefinitions": junk,
            "layoutMode": st.sampled_from(["VERTICAL", "HORIZONTAL", "GRID", "NONE"]) | junk,
            "layoutWrap": st.sampled_from(["WRAP"]) | junk,
            "clipsContent": st.booleans() | junk,
            "overflowDirection": junk,
            "rectangleCornerRadii": junk,
            "exportSettings": junk,
            "effects": junk,
            "absoluteBoundingBox": boxes,
            "absoluteRenderBounds": boxes,
            **{key: numbers | junk for key in (*SIZES, *SPACES)},
            "children": st.lists(below, max_size=5) | junk,
        },
    )


@settings(max_examples=300, deadline=None)
@given(st.recursive(junk, node_like, max_leaves=12), junk)
def test_no_node_tree_makes_a_rule_raise(document: Any, styles: Any) -> None:
    options = Options(tokens={"V:1": "Surface", "V:2": "Radius"}, token_colours={"V:1": "#ffffff"})
    facts = measure(document, styles=styles, options=options)
    assert json.loads(json.dumps(facts.to_json(), allow_nan=False)) == facts.to_json()
    assert facts.scale is None or json.dumps(facts.scale.to_json(), allow_nan=False)


def page(designs: list[Node]) -> Node:
    """Screens beside each other on a page."""
    at, placed = 0.0, []
    for each in designs:
        placed.append(moved(each, at - each["absoluteBoundingBox"]["x"], 0))
        at += each["absoluteBoundingBox"]["width"] + 100
    return {"id": "0:1", "name": "Page 1", "type": "CANVAS", "children": placed}


def own_ids(node: Node, prefix: str) -> Node:
    """The same with ids that no other design has."""
    waiting = [node]
    while waiting:
        each = waiting.pop()
        identity = each["id"]
        each["id"] = f"I{prefix}{identity[1:]}" if identity.startswith("I") else prefix + identity
        waiting += each.get("children", ())
    return node


@settings(max_examples=30, deadline=None)
@given(st.lists(st.sampled_from(DESIGNS), min_size=2, max_size=4), st.randoms())
def test_the_order_of_the_roots_does_not_matter(
    designs: list[Golden], chance: random.Random
) -> None:
    roots = [own_ids(moved(each.document, 0, 0), f"{at}") for at, each in enumerate(designs)]
    whole = page(roots)
    mixed = list(whole["children"])
    chance.shuffle(mixed)
    assert said(measure(whole)) == said(measure(whole | {"children": mixed}))


def said(facts: Facts) -> list[object]:
    return [facts.to_json(), facts.scale.to_json() if facts.scale else None]


# These ask the whole design: its scale, its usual sizes and colours, how many there are.
WHOLE = {
    *("type-scale", "near-duplicate-colour", "unbound-value", "spacing-grid", "radii", "apca"),
    *("hidden-layers", "naming"),
}


@settings(max_examples=30, deadline=None)
@given(st.sampled_from(DESIGNS), st.sampled_from(DESIGNS))
def test_a_fingerprint_stays_whatever_else_is_selected(one: Golden, other: Golden) -> None:
    alone = {each.fingerprint for each in measure(one.document).facts if each.rule not in WHOLE}
    both = page([one.document, own_ids(moved(other.document, 0, 0), "7")])
    assert alone - {""} <= {each.fingerprint for each in measure(both).facts}


@given(st.sampled_from([each for each in BROKEN if each.problems or each.hints]), st.data())
@settings(max_examples=60, deadline=None)
def test_every_finding_can_be_ignored_and_nothing_else_goes_with_it(
    design: Golden, data: st.DataObject
) -> None:
    before = measure(design.document, styles=design.styles)
    found = [each for each in before.facts if each.fingerprint]
    one = data.draw(st.sampled_from(found))
    options = Options(ignored=frozenset({one.fingerprint}))
    after = measure(design.document, styles=design.styles, options=options)
    left = [each for each in before.facts if each.fingerprint != one.fingerprint]
    assert list(after.facts) == left
    assert any("ignored in this file" in each for each in after.notes)


def test_findings_about_layers_have_a_fingerprint_of_their_own() -> None:
    for design in BROKEN:
        facts = measure(design.document, styles=design.styles).facts
        marks = [each.fingerprint for each in facts if each.fingerprint]
        assert len(marks) == len(set(marks)), design.name
        assert all(each.fingerprint for each in facts if each.verdict == "problem")
