"""Effects that change which colours are seen, and texts that are exempt or special."""

from typing import Any

import pytest

from service.review import measure
from tests.service.review.nodes import box, control, frame, only, solid, text_node

UNKNOWN = ("info", "not measurable")


def effect(kind: str, radius: float = 8, **more: Any) -> dict[str, Any]:
    return {"type": kind, "visible": True, "radius": radius, **more}


def plate(area: Any, colour: str = "#222222", **more: Any) -> dict[str, Any]:
    node = {"id": "1:3", "name": "Plate", "type": "RECTANGLE", "fills": [solid(colour)]}
    return node | {"absoluteBoundingBox": area} | more


def judged(*below: dict[str, Any], **more: Any) -> tuple[str, str]:
    fact = only(measure(frame(*below, **more)), "contrast")
    return fact.verdict, fact.value


@pytest.mark.parametrize("colour", ["#eeeeee", "#000000"])
@pytest.mark.parametrize(
    "more",
    [
        {"effects": [effect("DROP_SHADOW")]},
        {"effects": [effect("INNER_SHADOW")]},
        {"effects": [effect("LAYER_BLUR")]},
        {"effects": [effect("NOISE")]},
        {"strokes": [solid("#000000")], "strokeWeight": 1},
    ],
)
def test_letters_with_an_effect_are_not_measured_either_way(colour: str, more: Any) -> None:
    assert judged(text_node(colour, **more)) == UNKNOWN


def test_an_effect_that_is_switched_off_changes_nothing() -> None:
    off = [effect("DROP_SHADOW") | {"visible": False}]
    assert judged(text_node(effects=off)) == ("ok", "21.00:1")
    unseen = {"strokes": [solid("#000000")], "strokeWeight": 0}
    assert judged(text_node(**unseen)) == ("ok", "21.00:1")


def test_a_frame_without_a_fill_casts_the_shadow_of_its_text() -> None:
    group = frame(text_node(), id="1:2", fill=None, effects=[effect("DROP_SHADOW")])
    assert judged(group) == UNKNOWN
    card = group | {"fills": [solid("#ffffff")]}
    assert judged(card) == ("ok", "21.00:1")


def test_text_in_a_blurred_frame_is_not_measured() -> None:
    assert judged(frame(text_node(), id="1:2", effects=[effect("LAYER_BLUR")])) == UNKNOWN


def test_a_blur_reaches_beyond_its_layer() -> None:
    glow = plate(box(100, 20, 100, 100), effects=[effect("LAYER_BLUR", 40)])
    assert judged(glow, text_node()) == UNKNOWN
    assert judged(text_node(), glow) == UNKNOWN
    far = glow | {"absoluteBoundingBox": box(200, 200, 100, 100)}
    assert judged(far, text_node()) == ("ok", "21.00:1")
    card = frame(text_node(), id="1:2", absoluteBoundingBox=box(10, 10, 100, 50))
    assert judged(glow, card) == ("ok", "21.00:1")
    held = {"id": "1:5", "type": "GROUP", "absoluteBoundingBox": box(100, 20, 100, 100)}
    group = held | {"children": [glow | {"effects": []}], "effects": [effect("LAYER_BLUR", 40)]}
    assert judged(group, text_node()) == UNKNOWN


def test_glass_shows_what_nobody_can_tell() -> None:
    glass = plate(
        box(10, 10, 100, 50),
        fills=[solid("#ffffff", opacity=0.5)],
        effects=[effect("BACKGROUND_BLUR")],
    )
    assert judged(glass, text_node()) == UNKNOWN
    opaque = glass | {"fills": [solid("#ffffff")]}
    assert judged(opaque, text_node()) == ("ok", "21.00:1")
    assert judged(frame(text_node(), **(glass | {"type": "FRAME", "id": "1:2"}))) == UNKNOWN


def field(*below: dict[str, Any], **more: Any) -> dict[str, Any]:
    return frame(*below, id="1:2", name="Email field group", fill=None, **more)


def test_the_label_of_a_disabled_field_is_exempt_with_it() -> None:
    label = text_node("#bbbbbb", name="Email")
    off = control("Input", 200, 40, id="1:5", componentId="9:9")
    components = {"9:9": {"name": "State=Disabled"}}
    fact = only(measure(frame(field(label, off)), components), "contrast")
    assert fact.verdict == "info"
    assert "It labels a control that looks disabled" in fact.detail
    enabled = {"9:9": {"name": "State=Default"}}
    assert only(measure(frame(field(label, off)), enabled), "contrast").verdict == "problem"


def test_the_title_of_a_form_is_no_label_of_its_disabled_button() -> None:
    title = text_node("#bbbbbb", name="Payment")
    button = control("Button disabled", 200, 40, id="1:5")
    assert judged(field(title, button))[0] == "problem"
    two = control("Input", 200, 40, id="1:6")
    off = control("Input disabled", 200, 40, id="1:5")
    assert judged(field(title, off, two))[0] == "problem"


@pytest.mark.parametrize(
    ("properties", "verdict"),
    [
        ({"State": {"type": "VARIANT", "value": "Disabled"}}, "info"),
        ({"Disabled#12:0": {"type": "BOOLEAN", "value": True}}, "info"),
        ({"Disabled#12:0": {"type": "BOOLEAN", "value": False}}, "problem"),
        ({"State": {"type": "VARIANT", "value": "Default"}}, "problem"),
        ({"State": None}, "problem"),
    ],
)
def test_a_property_of_an_instance_can_disable_it(properties: Any, verdict: str) -> None:
    more = {"type": "INSTANCE", "name": "Button", "componentProperties": properties}
    button = frame(text_node("#bbbbbb"), id="1:2", **more)
    assert judged(button)[0] == verdict


def test_the_words_of_a_text_do_not_disable_it() -> None:
    assert judged(text_node("#bbbbbb", name="Helper, error, disabled"))[0] == "problem"


@pytest.mark.parametrize(
    ("characters", "more", "is_icon"),
    [
        ("×", {}, True),
        ("→", {}, True),
        ("X", {"name": "Close"}, True),
        ("x", {"name": "x"}, False),
        ("A", {}, False),
        ("3", {}, False),
        ("home", {"style": {"fontFamily": "Material Symbols Rounded", "fontSize": 20}}, True),
        ("Go", {}, False),
    ],
)
def test_a_single_sign_used_as_an_icon_needs_three_to_one(
    characters: str, more: Any, is_icon: bool
) -> None:
    fact = only(measure(frame(text_node("#888888", characters=characters, **more))), "contrast")
    assert fact.verdict == ("ok" if is_icon else "problem")
    assert fact.source == ("WCAG 2.2 SC 1.4.11" if is_icon else "WCAG 2.2 SC 1.4.3")


def test_text_in_the_colour_of_its_ground_is_invisible_and_said_once() -> None:
    facts = measure(frame(text_node("#ffffff")))
    (fact,) = facts.of("contrast")
    assert (fact.rule, fact.verdict) == ("invisible-text", "info")


@pytest.mark.parametrize(
    "name", ["Slider thumb", "Input border", "Switch/track", "Tab indicator", "Select arrow"]
)
def test_parts_named_like_controls_are_no_targets(name: str) -> None:
    assert measure(frame(control(name, 10, 10))).of("target_size") == ()
    assert measure(frame(control("Arrow button", 10, 10))).of("target_size")


def covered(*later: dict[str, Any]) -> list[Any]:
    button = control("Button", 100, 40, x=0, id="1:7")
    return [each for each in measure(frame(button, *later)).facts if each.rule == "target-overlap"]


def test_a_target_that_a_later_layer_covers_is_as_wide_as_what_is_left() -> None:
    (fact,) = covered(control("Link", 100, 30, x=0, id="1:8"))
    assert (fact.node_id, fact.verdict, fact.value) == ("1:7", "problem", "10 px left")
    (by_plate,) = covered(plate(box(0, 110, 400, 100)))
    assert by_plate.value == "10 px left"


def test_what_leaves_enough_or_only_marks_a_target_is_no_finding() -> None:
    assert covered(control("Link", 70, 40, x=0, id="1:8")) == []
    assert covered(plate(box(90, 95, 12, 12))) == []
    assert covered(plate(box(0, 0, 400, 400))) == []
    dialog = frame(text_node(), id="1:4", absoluteBoundingBox=box(0, 110, 400, 100))
    assert covered(dialog) == []
    behind = control("Button", 100, 40, x=0, id="1:7")
    facts = measure(frame(plate(box(0, 110, 400, 100)), behind)).facts
    assert [each for each in facts if each.rule == "target-overlap"] == []


def test_stacked_avatars_are_a_question() -> None:
    linked = {"interactions": [{"trigger": {"type": "ON_CLICK"}}]}
    stack = [control("Avatar", 40, 40, x=at * 20, id=f"2:{at}", **linked) for at in range(3)]
    found = [each for each in measure(frame(*stack)).facts if each.rule == "target-overlap"]
    assert [(each.verdict, each.sure) for each in found] == [("info", "C"), ("info", "C")]
