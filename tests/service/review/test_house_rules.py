"""What people write among their design-system rules about measuring."""

import pytest

from service.review import Options, measure, with_house_rules
from tests.service.review.nodes import frame, text_node


@pytest.mark.parametrize(
    ("text", "off"),
    [
        ("Rules off: line-length", {"line-length"}),
        ("Rule off: line-length", {"line-length"}),
        ("rules OFF :  Line-Length , apca.", {"line-length", "apca"}),
        (
            "Body text 16 px.\n- Rules off: apca\n- Rules off: naming and states",
            {"apca", "naming", "states"},
        ),
        ("We switch no rules off", set()),
        ("", set()),
    ],
)
def test_rules_are_switched_off_by_a_line_of_its_own(text: str, off: set[str]) -> None:
    assert with_house_rules(Options(), text).off == off


@pytest.mark.parametrize(
    ("text", "grid"),
    [
        ("Grid: 8", 8),
        ("grid: 4 px", 4),
        ("* Spacing grid: 5px.", 5),
        ("Grid: 2,5", 2.5),
        ("Grid: 8\nGrid: 4", 4),
        ("Grid: 0", None),
        ("Grid: 12 columns", None),
        ("Spacing in steps of 8", None),
    ],
)
def test_a_grid_is_set_by_a_line_of_its_own(text: str, grid: float | None) -> None:
    assert with_house_rules(Options(), text).grid == grid


def test_what_the_asker_sets_goes_before_the_guidance() -> None:
    options = Options(grid=6, off=frozenset({"apca"}), platform="ios")
    found = with_house_rules(options, "Grid: 8\nRules off: naming")
    assert (found.grid, found.platform) == (6, "ios")
    assert found.off == {"apca", "naming"}


def test_the_facts_say_what_is_switched_off_and_what_no_rule_is_called() -> None:
    options = with_house_rules(Options(), "Rules off: contrast-text, line-lenght")
    facts = measure(frame(text_node("#aaaaaa")), options=options)
    assert facts.of("contrast") == ()
    assert "Switched off by the guidance: contrast-text." in facts.notes
    assert "The guidance switches off line-lenght, but no rule has this name." in facts.notes
    assert measure(frame(text_node("#aaaaaa"))).notes == ()
