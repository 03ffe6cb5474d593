"""Every rule of the measured review, on small node trees in Figma's own shape."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.review import measure
from service.review.facts import hash_of
from tests.service.review.nodes import box, control, frame, only, solid, text_node


@pytest.mark.parametrize(
    ("colour", "size", "weight", "ratio", "expected", "verdict"),
    [
        ("#000000", 16, 400, 21.0, "at least 4.5:1", "ok"),
        ("#767676", 16, 400, 4.54, "at least 4.5:1", "ok"),
        ("#777777", 16, 400, 4.47, "at least 4.5:1", "problem"),
        ("#949494", 24, 400, 3.03, "at least 3:1", "ok"),
        ("#949494", 23.9, 400, 3.03, "at least 4.5:1", "problem"),
        ("#949494", 18.66, 700, 3.03, "at least 3:1", "ok"),
        ("#949494", 18.66, 600, 3.03, "at least 4.5:1", "problem"),
        ("#fefefe", 16, 400, 1.0, "at least 4.5:1", "problem"),
    ],
)
def test_text_contrast_is_judged_by_size_and_weight(
    colour: str, size: float, weight: int, ratio: float, expected: str, verdict: str
) -> None:
    style = {"fontSize": size, "fontWeight": weight}
    fact = only(measure(frame(text_node(colour, style=style))), "contrast")
    assert (fact.numbers, fact.expected, fact.verdict) == ((ratio,), expected, verdict)
    assert fact.source == "WCAG 2.2 SC 1.4.3"
    assert fact.source_url.startswith("https://www.w3.org/")


def test_text_opacity_is_composited_on_the_background() -> None:
    fact = only(measure(frame(text_node(opacity=0.5))), "contrast")
    # An sRGB value of 0.5 has a luminance of 0.2140, so 1.05 / 0.2640.
    assert (fact.numbers, fact.verdict) == ((3.97,), "problem")


def test_paint_alpha_and_paint_opacity_multiply() -> None:
    paint = solid("#000000", opacity=0.5)
    paint["color"]["a"] = 0.5
    quarter = only(measure(frame(text_node(fills=[paint]))), "contrast")
    same = only(measure(frame(text_node(fills=[solid("#000000", opacity=0.25)]))), "contrast")
    assert quarter.numbers == same.numbers
    assert quarter.numbers[0] < 2


def test_group_opacity_fades_text_and_its_background_together() -> None:
    # Inside a group at 50 % over white: black text turns #808080, its white card stays white.
    card = frame(text_node(), id="1:2", opacity=0.5, fill="#ffffff")
    fact = only(measure(frame(card)), "contrast")
    assert "#808080 on #ffffff" in fact.detail
    # On a black card both fade: the card turns #808080 and white text stays white.
    dark = frame(text_node("#ffffff"), id="1:2", opacity=0.5, fill="#000000")
    assert "#ffffff on #808080" in only(measure(frame(dark)), "contrast").detail


def test_invisible_layers_are_skipped() -> None:
    hidden = text_node("#ffffff", visible=False)
    inside_hidden = frame(text_node("#ffffff"), id="1:2", visible=False)
    see_through = text_node("#ffffff", opacity=0)
    assert measure(frame(hidden, inside_hidden, see_through)).of("contrast") == ()


def test_a_picture_behind_the_text_is_not_measurable_until_something_covers_it() -> None:
    photo = {"type": "IMAGE", "imageRef": "abc", "scaleMode": "FILL"}
    facts = measure(frame(text_node("#ffffff"), fills=[solid("#ffffff"), photo]))
    fact = only(facts, "contrast")
    assert (fact.value, fact.verdict) == ("not measurable", "info")
    assert "Contrast of 1 text layers could not be measured." in facts.notes
    card = frame(text_node("#000000"), id="1:2", fill="#ffffff")
    assert only(measure(frame(card, fills=[photo])), "contrast").verdict == "ok"


def test_without_any_background_white_is_assumed_and_nothing_is_blamed() -> None:
    fact = only(measure(text_node("#ffffff")), "contrast")
    assert fact.verdict == "info"
    assert "white is assumed" in fact.detail


def test_the_worst_run_of_a_text_decides() -> None:
    node = text_node(
        characterStyleOverrides=[0, 0, 7],
        styleOverrideTable={"7": {"fills": [solid("#eeeeee")]}},
    )
    fact = only(measure(frame(node)), "contrast")
    assert fact.verdict == "problem"
    assert "#eeeeee" in fact.detail


def test_disabled_controls_are_exempt() -> None:
    button = frame(text_node("#cccccc"), id="1:2", name="Button / disabled")
    assert only(measure(frame(button)), "contrast").verdict == "info"


def test_the_edge_of_a_form_field_needs_three_to_one() -> None:
    field = control("Input", 200, 48, fills=[solid("#ffffff")], strokes=[solid("#dddddd")])
    fact = only(measure(frame(field)), "non_text_contrast")
    assert (fact.verdict, fact.expected) == ("problem", "at least 3:1")
    dark = control("Input", 200, 48, strokes=[solid("#666666")])
    assert only(measure(frame(dark)), "non_text_contrast").verdict == "ok"


def test_type_sizes_are_listed_and_tiny_text_is_a_hint() -> None:
    facts = measure(frame(text_node(), text_node(size=11, id="1:8"), text_node(id="1:7")))
    small, summary = facts.of("type_size")
    assert (small.node_id, small.value, small.verdict) == ("1:8", "11 px", "info")
    assert summary.value == "2 sizes: 11 px (1×), 16 px (2×)"


def test_token_use_counts_styles_and_variables_against_hard_coded_values() -> None:
    bound = solid("#000000", boundVariables={"color": {"type": "VARIABLE_ALIAS", "id": "v"}})
    facts = measure(
        frame(
            text_node(fills=[bound], styles={"text": "S:1"}),
            text_node("#123456", id="1:8"),
            fills=[],
        ),
        styles={"S:1": {"name": "Body/Large", "styleType": "TEXT"}},
    )
    colours, texts = sorted(facts.of("tokens"), key=lambda fact: fact.value)
    assert colours.numbers == texts.numbers == (1, 2)
    assert "#123456 on Label (1:8)" in colours.detail
    assert "Body/Large" in texts.detail


def test_facts_are_ordered_by_severity_and_hash_only_what_was_measured() -> None:
    design = frame(text_node("#cccccc"), control("Button", 60, 30), itemSpacing=7)
    facts = measure(design)
    order = ["problem", "info", "ok"]
    ranks = [order.index(fact.verdict) for fact in facts.facts]
    assert ranks == sorted(ranks)
    again = measure(design | {"pluginData": {"x": 1}})
    assert hash_of(facts.to_json()) == hash_of(again.to_json())
    other = measure(frame(text_node("#cccccb")))
    assert hash_of(facts.to_json()) != hash_of(other.to_json())
    assert json.loads(json.dumps(facts.to_json())) == facts.to_json()
    assert len(facts.as_prompt_lines(2)) == 2


def test_limits_are_stated_when_they_are_hit() -> None:
    wide = frame(*[text_node(id=f"3:{at}") for at in range(30)])
    assert "Only the first 10 layers were measured." in measure(wide, max_nodes=10).notes
    deep: dict[str, Any] = text_node()
    for at in range(3000):
        deep = {"id": f"4:{at}", "type": "GROUP", "children": [deep]}
    assert any("nested deeper than 60" in note for note in measure(deep).notes)


def test_containers_at_the_last_level_that_was_read_may_have_been_cut() -> None:
    def nested(inmost: dict[str, Any]) -> dict[str, Any]:
        return frame(frame(inmost, id="1:2"), id="1:1")

    note = "Layers more than 2 levels below this frame were not read."
    cut = measure(nested(control("Button", 48, 48, children=[])), levels=2)
    assert note in cut.notes and cut.scope == "only the first 2 levels were read"
    assert f"[note] {note}" in cut.as_prompt_lines(2)
    for whole in (nested(text_node()), frame(frame(id="1:2", children=[]))):
        facts = measure(whole, levels=2)
        assert (facts.notes, facts.scope) == ((), "")


def test_text_over_or_under_a_layer_that_was_not_read_is_not_measured() -> None:
    unread = control("Photo", 400, 800, id="1:2") | {"absoluteBoundingBox": box(0, 0, 400, 800)}
    for below in ((unread, text_node()), (text_node(), unread)):
        fact = only(measure(frame(*below), levels=1), "contrast")
        assert fact.value == "not measurable"
    beyond = [frame(text_node("#ffffff", id=f"3:{at}"), id=f"2:{at}") for at in range(9)]
    first = only(measure(frame(text_node(), *beyond), max_nodes=2), "contrast")
    assert first.value == "not measurable"


junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)
colour_like = st.fixed_dictionaries({"r": st.floats() | junk, "g": junk, "b": st.floats(0, 1)})
paint_like = st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from(["SOLID", "GRADIENT_LINEAR", "IMAGE", "VIDEO", "?"]) | junk,
        "color": colour_like | junk,
        "opacity": st.floats() | junk,
        "gradientStops": st.lists(st.fixed_dictionaries({"color": colour_like}) | junk, max_size=3),
        "boundVariables": junk,
    },
)
kinds = ["FRAME", "TEXT", "INSTANCE", "GROUP", "RECTANGLE", "VECTOR"]
names = ["Button", "icon/x", "Input disabled", "Tab bar", ""]


def node_like(below: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.fixed_dictionaries(
        {"type": st.sampled_from(kinds) | junk},
        optional={
            "id": st.text(max_size=5) | junk,
            "name": st.sampled_from(names) | junk,
            "visible": st.booleans() | junk,
            "opacity": st.floats(0, 1) | junk,
            "blendMode": st.sampled_from(["NORMAL", "MULTIPLY"]) | junk,
            "fills": st.lists(paint_like | junk, max_size=3) | junk,
            "strokes": st.lists(paint_like, max_size=2) | junk,
            "characters": st.text(max_size=5) | junk,
            "style": st.fixed_dictionaries({"fontSize": st.floats() | junk}) | junk,
            "styles": junk,
            "boundVariables": junk,
            "characterStyleOverrides": st.lists(st.integers(-1, 3) | junk, max_size=3) | junk,
            "styleOverrideTable": st.dictionaries(st.sampled_from("123"), junk) | junk,
            "absoluteBoundingBox": st.fixed_dictionaries(
                {key: st.floats() | st.integers() for key in ("x", "y", "width", "height")}
            )
            | junk,
            "layoutMode": st.sampled_from(["VERTICAL", "GRID", "NONE"]) | junk,
            "itemSpacing": st.floats() | junk,
            "paddingLeft": st.integers() | junk,
            "interactions": junk,
            "componentId": st.text(max_size=3) | junk,
            "children": st.lists(below, max_size=4) | junk,
        },
    )


@settings(max_examples=300, deadline=None)
@given(st.recursive(junk, node_like, max_leaves=12), junk, junk)
def test_no_node_tree_makes_it_raise(document: Any, components: Any, styles: Any) -> None:
    facts = measure(document, components, styles)
    assert json.loads(json.dumps(facts.to_json(), allow_nan=False)) == facts.to_json()
    again = measure(document, components, styles)
    assert hash_of(facts.to_json()) == hash_of(again.to_json())


def test_contrast_work_is_bounded_and_what_is_left_out_is_said() -> None:
    deep: dict[str, Any] = text_node()
    for at in range(50):
        below = [deep, *[text_node(id=f"5:{at}:{each}") for each in range(8)]]
        deep = frame(*below, id=f"4:{at}")
    facts = measure(deep)
    assert 0 < len(facts.of("contrast")) < 401
    assert any("not measured for contrast: too many layers" in each for each in facts.notes)
