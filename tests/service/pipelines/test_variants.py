"""A component set becomes one component with props, and states become pseudo-classes."""

from service.pipelines.generate import generate
from service.pipelines.spec import Spec, build_spec
from service.pipelines.spec.variants import split, state_prop
from tests.service.pipelines.fixtures.designs import DESIGNS
from tests.service.pipelines.fixtures.layers import Node, design, frame, row, words
from tests.service.pipelines.reading import css


def set_of(*members: Node, **more: object) -> Spec:
    return build_spec(design(frame("Chip", *members, kind="COMPONENT_SET", w=400, h=400, **more)))  # type: ignore[arg-type]


def member(name: str, fills: str = "#ffffff", label: str = "Chip", **more: object) -> Node:
    return row(name, words(label, name="Label"), kind="COMPONENT", pad=8, fills=fills, **more)  # type: ignore[arg-type]


def test_values_become_props_and_states_do_not() -> None:
    spec = build_spec(DESIGNS["button_set"]())
    kinds = {each.name: (each.kind, each.values, each.default) for each in spec.props}
    assert kinds["size"] == ("variant", ("sm", "lg"), "sm")
    assert kinds["tone"] == ("variant", ("primary", "plain", "danger"), "primary")
    assert kinds["disabled"][0] == "disabled"
    assert kinds["hasIcon"] == ("boolean", (), "true")
    assert kinds["label"] == ("text", (), "Save song")
    assert kinds["icon"][0] == "slot"
    assert "state" not in kinds


def test_a_state_changes_only_what_it_changes() -> None:
    spec = set_of(member("State=Default"), member("State=Hover", "#eeeeee"))
    assert css(spec.root, "hover") == {"background-color": "#eeeeee"}
    assert not spec.props[0].values if spec.props else True


def test_what_a_state_takes_away_is_said() -> None:
    spec = set_of(
        member("State=Default", stroke=("#112233", 1, "OUTSIDE")), member("State=Disabled")
    )
    assert css(spec.root, "disabled")["outline-width"] == "0px"


def test_a_state_that_no_pseudo_class_tells_stays_a_prop() -> None:
    spec = set_of(
        member("State=Default"), member("State=Hover", "#eeeeee"), member("State=Error", "#ffdddd")
    )
    told = [(each.name, each.values) for each in spec.props if each.kind == "variant"]
    assert told == [("state", ("default", "error"))]


def test_true_and_false_are_a_boolean() -> None:
    spec = set_of(member("Selected=True", "#eeeeee"), member("Selected=False"))
    files = generate(spec).files
    assert "selected?: boolean;" in files["types.ts"]
    assert "true: " in files["Chip.tsx"]


def test_a_hole_in_the_matrix_is_no_matter() -> None:
    spec = build_spec(DESIGNS["button_set"]())
    assert len(spec.renderings) == 5
    assert ("size", "lg") in spec.renderings[-1].props


def test_a_part_of_one_variant_is_shown_for_it_alone() -> None:
    spec = build_spec(DESIGNS["alert_set"]())
    shown = {each.name: each.shown for each in spec.root.walk() if each.shown}
    assert shown == {"Retry button": ((("kind", ("error",)),),)}
    assert '{kind === "error" && (' in generate(spec).files["Alert.tsx"]


def test_words_of_variants_are_chosen() -> None:
    spec = set_of(member("Kind=A", label="One"), member("Kind=B", label="Two"))
    assert '{kind === "a" ? "One" : "Two"}' in generate(spec).files["Chip.tsx"]


def test_the_fewest_props_tell_where_a_value_holds() -> None:
    combos = [(("size", s), ("tone", t)) for s in "ab" for t in "xyz"]
    by_tone = {combo: dict(combo)["tone"] == "x" for combo in combos}
    assert split(by_tone) == [((("tone", ("x",)),), True), ((("tone", ("y", "z")),), False)]
    by_both = {combo: combo == combos[0] for combo in combos}
    assert len(split(by_both)) == len(combos)


def test_only_a_property_with_a_resting_value_is_a_state() -> None:
    assert state_prop({"State": ["Default", "Hover"]}) == "State"
    assert state_prop({"Status": ["Active", "Inactive"]}) == "Status"
    assert state_prop({"Mode": ["Light", "Dark"]}) == ""


def test_two_variants_of_one_name_are_noted() -> None:
    spec = set_of(member("Kind=A"), member("Kind=A", "#eeeeee"), member("Kind=B"))
    assert any("the same properties" in note for note in spec.notes)
