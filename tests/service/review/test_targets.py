"""Which layers are tap targets, and how large they have to be."""

from typing import Any

import pytest

from service.review import measure
from tests.service.review.nodes import box, control, frame, only, text_node

LINK = {"interactions": [{"trigger": {"type": "ON_CLICK"}}]}


def sizes(*below: dict[str, Any], **screen: Any) -> dict[str, str]:
    """Verdict by id of all targets in a screen."""
    facts = measure(frame(*below, **screen))
    return {fact.node_id: fact.verdict for fact in facts.of("target_size")}


def row(name: str, size: float, count: int = 3, **more: Any) -> list[dict[str, Any]]:
    return [control(name, size, size, x=size * at, id=f"2:{at}", **more) for at in range(count)]


@pytest.mark.parametrize(
    ("width", "height", "verdict"),
    [(48, 44, "ok"), (48, 43, "info"), (24, 24, "info"), (20, 23, "problem")],
)
def test_tap_targets_are_measured_against_24_and_44(
    width: float, height: float, verdict: str
) -> None:
    neighbour = control("Button", 100, 44, x=width + 1, id="1:8")
    fact = only(measure(frame(control("Primary Button", width, height), neighbour)), "target_size")
    assert (fact.verdict, fact.numbers) == (verdict, (width, height))


def test_a_small_target_close_to_another_fails_and_a_lone_one_passes_by_spacing() -> None:
    small, close = control("Checkbox", 16, 16), control("Checkbox", 16, 16, x=18, id="1:8")
    assert only(measure(frame(small, close)), "target_size").verdict == "problem"
    far = close | {"absoluteBoundingBox": box(200, 100, 16, 16)}
    lone = only(measure(frame(small, far)), "target_size")
    assert (lone.verdict, "free space" in lone.detail) == ("info", True)


def test_only_the_outermost_target_counts_and_plain_frames_do_not() -> None:
    icon = control("icon/close", 16, 16, id="1:7")
    button = control("Button", 48, 48, children=[icon])
    table = control("Table", 20, 20, id="1:6")
    group = control("Button group", 20, 20, id="1:5")
    found = [fact.node_id for fact in measure(frame(button, table, group)).of("target_size")]
    assert found == ["1:9"]


def test_a_component_name_or_a_prototype_link_makes_a_target() -> None:
    instance = control("Frame 12", 48, 48, componentId="9:9")
    components = {"9:9": {"name": "Button/Primary"}}
    assert measure(frame(instance)).of("target_size") == ()
    assert measure(frame(instance), components).of("target_size")
    linked = control("Card", 48, 48, interactions=[{"trigger": {"type": "ON_CLICK"}}])
    assert measure(frame(linked)).of("target_size")


@pytest.mark.parametrize(
    ("holder", "held"),
    [
        ("Links", "Link"),
        ("Footer/Links", "Link"),
        ("Tabs", "Tab item"),
        ("Tab", "Tab"),
        ("Pagination", "Page button"),
        ("Stepper", "Button"),
        ("Buttons/Stepper", "Button"),
        ("Icons", "Icon button"),
        ("Icon buttons", "icon/close button"),
    ],
)
def test_a_control_that_holds_controls_is_not_judged_in_their_place(holder: str, held: str) -> None:
    below = row(held, 16)
    frame_of_them = control(holder, 200, 160, children=below)
    assert sizes(frame_of_them) == dict.fromkeys(["2:0", "2:1", "2:2"], "problem")


@pytest.mark.parametrize("name", ["Links", "Tabs", "Pagination", "Icons"])
def test_a_name_of_several_things_is_no_target(name: str) -> None:
    assert sizes(control(name, 200, 160, children=[text_node()])) == {}
    library = control("Buttons/Primary", 48, 48), control("icons/close", 20, 20, id="1:8")
    assert sizes(*library) == {"1:9": "ok", "1:8": "info"}


def test_a_card_that_leads_somewhere_and_the_buttons_in_it_are_all_targets() -> None:
    card = control("Card", 300, 200, children=row("Icon button", 16, 2), **LINK)
    assert sizes(card) == {"1:9": "ok", "2:0": "problem", "2:1": "problem"}
    plain = control("Card", 300, 200, children=row("Icon button", 16, 2))
    assert sizes(plain) == {"2:0": "problem", "2:1": "problem"}


@pytest.mark.parametrize(
    ("name", "part", "verdicts"),
    [
        ("Button", control("Button base", 16, 16, id="2:0"), {"1:9": "ok"}),
        ("Button", control("icon/close", 16, 16, id="2:0"), {"1:9": "ok"}),
        ("Chip", control("Close button", 16, 16, id="2:0"), {"1:9": "ok", "2:0": "info"}),
        ("Chip", control("Close button", 40, 40, id="2:0"), {"1:9": "ok"}),
        ("Chip", control("Close", 16, 16, id="2:0", **LINK), {"1:9": "ok", "2:0": "problem"}),
    ],
)
def test_one_control_in_another_is_a_part_of_it_unless_it_leads_somewhere(
    name: str, part: dict[str, Any], verdicts: dict[str, str]
) -> None:
    assert sizes(control(name, 48, 48, children=[part])) == verdicts


def test_parts_that_lie_over_each_other_make_one_control() -> None:
    track = control("slider-track", 200, 4, id="2:0")
    knobs = [control("slider-thumb", 16, 16, x=at, id=f"2:{at + 1}") for at in (0, 100)]
    assert sizes(control("Slider", 200, 44, children=[track, *knobs])) == {"1:9": "ok"}


def test_a_link_on_the_whole_screen_takes_nothing_from_what_is_in_it() -> None:
    assert sizes(control("Button", 20, 20), **LINK) == {"1:9": "info"}
    assert sizes(text_node(), **LINK) == {"1:1": "ok"}


@pytest.mark.parametrize(
    ("variant", "verdict"),
    [
        ("Type=Primary, Disabled=False", "problem"),
        ("Type=Primary, Disabled = no ,Icon=None", "problem"),
        ("Type=Primary, Inactive=off", "problem"),
        ("Type=Primary, Disabled=True", "info"),
        ("Type=Primary, State=Disabled", "info"),
        ("disabled", "info"),
    ],
)
def test_a_property_that_is_off_says_nothing_of_a_variant(variant: str, verdict: str) -> None:
    label = text_node("#cccccc")
    button = frame(label, id="1:2", name="Button", type="INSTANCE", componentId="9:9")
    facts = measure(frame(button), {"9:9": {"name": variant}})
    assert only(facts, "contrast").verdict == verdict


def test_a_property_that_is_off_makes_no_control() -> None:
    for value, is_control in (("False", False), ("None", False), ("True", True)):
        components = {"9:9": {"name": f"Size=Small, Link={value}"}}
        facts = measure(frame(control("Card", 48, 48, componentId="9:9")), components)
        assert bool(facts.of("target_size")) is is_control


def test_the_advised_size_is_that_of_the_box_and_one_finding_for_one_height() -> None:
    round_button = control("Button", 48, 48, cornerRadius=24)
    assert only(measure(frame(round_button)), "target_size").verdict == "ok"
    chips = [
        control("Chip", 60 + at, 32, x=100 * at, id=f"2:{at}", componentId="9:9") for at in range(3)
    ]
    (found,) = measure(frame(*chips)).of("target_size")
    assert (found.value, found.count) == ("32 px high", 3)


def test_what_a_frame_cuts_off_is_no_target_and_no_neighbour() -> None:
    small, beside = control("Checkbox", 16, 16), control("Link", 20, 16, x=18, id="1:8")
    assert sizes(small, beside) == {"1:9": "problem", "1:8": "problem"}
    cut = frame(beside, id="1:5", clipsContent=True, absoluteBoundingBox=box(0, 300, 40, 40))
    assert sizes(small, cut) == {"1:9": "info"}
    scrolled = cut | {"overflowDirection": "HORIZONTAL_SCROLLING"}
    assert sizes(small, scrolled) == {"1:9": "problem", "1:8": "problem"}
