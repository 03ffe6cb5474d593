"""Fields: what is typed into, what stands in it, and what names it."""

from typing import Any

import pytest

from service.pipelines.generate import generate
from service.pipelines.spec import Element, Spec, build_spec
from service.pipelines.testing.behaviour_tests import behaviour_tests
from tests.service.pipelines.fixtures.designs import DESIGNS
from tests.service.pipelines.fixtures.layers import (
    Node,
    column,
    design,
    fill,
    frame,
    row,
    shape,
    words,
)
from tests.service.pipelines.reading import css, in_column, named, spec_of


def tags(spec: Spec) -> list[str]:
    return [each.tag for each in spec.root.walk()]


def drawn_field(label: str, value: str, *, ink: str = "#101828", **more: Any) -> Node:
    """A label, a box below it, and what stands in the box: three layers without auto layout."""
    parts = [words(label, 14, fills="#475467", w=300, h=20, name="Label")]
    parts.append(shape("Box", 300, 48, "#ffffff", y=24, stroke=("#98a2b3", 1, "INSIDE")))
    if value:
        parts.append(words(value, fills=ink, w=268, h=24, x=16, y=36, name="Text"))
    return frame("Input", *parts, w=300, h=72, **more)


def entry(spec: Spec) -> Element:
    return next(each for each in spec.root.walk() if each.tag == "input")


def test_the_box_of_a_field_is_typed_into_and_its_label_names_it() -> None:
    spec = spec_of(drawn_field("Full name", "Ada Okafor"))
    assert tags(spec) == ["label", "span", "span", "input"]
    field, box = entry(spec), named(spec, "Box")
    assert dict(field.attributes) == {"type": "text", "value": "Ada Okafor"}
    assert box.children == (field,)
    assert css(box)["padding-left"] == "15px"
    assert "width" not in css(box)
    assert "width" not in css(field)
    assert [each.name for each in spec.props] == ["onFullNameChange"]
    assert {text for _, text in spec.renderings[0].texts} == {"Full name", "Ada Okafor"}
    code = generate(spec).files[f"{spec.name}.tsx"]
    assert 'defaultValue="Ada Okafor"' in code
    tests = behaviour_tests(spec)
    assert 'toHaveBeenCalledWith("Ada Okafor7")' in tests
    assert 'expect(said(nth(container, "label", 0))).toBe("Fullname");' in tests


@pytest.mark.parametrize(
    ("said", "ink", "name", "attribute"),
    [
        ("Ada Okafor", "#101828", "Text", "value"),
        ("Your name", "#98a2b3", "Text", "placeholder"),
        ("Your name", "#101828", "Placeholder", "placeholder"),
        ("Ada Okafor", "#98a2b3", "Value", "value"),
        ("Search the choir …", "#101828", "Text", "placeholder"),
    ],
)
def test_what_stands_in_a_field_is_a_value_or_a_placeholder(
    said: str, ink: str, name: str, attribute: str
) -> None:
    document = drawn_field("Name", said, ink=ink)
    document["children"][-1]["name"] = name
    field = entry(spec_of(document))
    assert field.attribute(attribute) == said
    assert not field.attribute({"value": "placeholder"}.get(attribute, "value"))


def test_an_empty_box_is_typed_into() -> None:
    spec = spec_of(drawn_field("Full name", ""))
    assert tags(spec) == ["label", "span", "input"]
    assert (entry(spec).name, dict(entry(spec).attributes)) == ("Box", {"type": "text"})


def test_a_hint_is_not_a_part_of_a_field_s_name() -> None:
    box = row(
        "Box", fill(words("Ada", name="Value")), pad=8, stroke=("#112233", 1, "INSIDE"), w=200
    )
    spec = spec_of(column("Input", words("Name"), box, words("As on your passport"), w=200))
    assert entry(spec).attribute("aria-label") == "Name"
    alone = row("Input", words("Find", fills="#98a2b3"), pad=8, stroke=("#112233", 1, "INSIDE"))
    assert entry(in_column(alone)).attribute("aria-label") == "Find"


def test_a_person_may_say_input_where_one_can_be_made() -> None:
    document = drawn_field("Full name", "Ada", id="5:5")
    document["name"] = "Frame 7"
    answer = design(column("Root", document, words("Some words", id="5:6"), w=400))
    assert "input" not in tags(build_spec(answer))
    spec = build_spec(answer, overrides={"5:5": "input", "5:6": "input"})
    assert tags(spec) == ["div", "label", "span", "span", "input", "input"]
    assert spec.notes == ()


def test_the_only_words_of_a_component_are_a_prop() -> None:
    spec = spec_of(row("Button", words("Save", name="L"), kind="COMPONENT", pad=8))
    assert [(each.name, each.default) for each in spec.props] == [
        ("onClick", ""),
        ("label", "Save"),
    ]
    assert '{label ?? "Save"}' in generate(spec).files["Button.tsx"]
    assert spec_of(row("Button", words("Save"), pad=8)).props[0].name == "onClick"


@pytest.mark.parametrize(
    ("said", "ink", "written"),
    [
        ("Ada", "#101828", 'defaultValue={defaultValue ?? "Ada"}'),
        ("Your name…", "#98a2b3", "defaultValue={defaultValue}"),
    ],
)
def test_who_uses_a_field_says_what_stands_in_it_at_first(
    said: str, ink: str, written: str
) -> None:
    box = row("Box", fill(words(said, fills=ink)), pad=8, stroke=("#112233", 1, "INSIDE"), w=200)
    spec = spec_of(column("Input", words("Name"), box, w=200, kind="COMPONENT"))
    assert [each.name for each in spec.props] == ["label", "defaultValue", "onNameChange"]
    files = generate(spec).files
    assert written in files["Input.tsx"]
    assert "defaultValue?: string;" in files["types.ts"]
    assert 'defaultValue="Other words" />' in behaviour_tests(spec)


def test_what_stands_in_a_field_follows_its_variant() -> None:
    spec = build_spec(DESIGNS["field_set"]())
    field = entry(spec)
    said = {(each.plain, each.typed) for each in field.texts}
    assert said == {("you@example.com", False), ("ada@okafor.example", True), ("ada@", True)}
    code = generate(spec).files[f"{spec.name}.tsx"]
    (line,) = [each for each in code.splitlines() if "<input" in each]
    assert '"ada@okafor.example"' in line.split("defaultValue={")[1].split("}")[0]
    assert '"you@example.com"' in line.split("placeholder={")[1].split("}")[0]
    assert "placeholder:" in code
    tests = behaviour_tests(spec)
    assert 'getAttribute("placeholder")).toBe("you@example.com")' in tests
    assert 'getAttribute("value")).toBe("ada@okafor.example")' in tests
    assert 'getAttribute("value")).toBe("ada@")' in tests
