"""Gaps and padding against the 4 px grid, told in Figma's own words."""

from typing import Any

import pytest

from service.review import measure
from tests.service.review.nodes import box, frame


def tile(x: float, y: float, width: float = 100, height: float = 40, **more: Any) -> dict[str, Any]:
    node = {"id": f"2:{x}:{y}", "type": "RECTANGLE"}
    return node | {"absoluteBoundingBox": box(x, y, width, height)} | more


TWO = (tile(0, 0), tile(0, 53))


def off_grid(*below: dict[str, Any], **layout: Any) -> list[str]:
    """What is called off the grid in one frame."""
    facts = measure(frame(*below, **layout)).of("spacing")
    return [fact.value for fact in facts if fact.verdict == "problem"]


def test_spacing_is_judged_on_the_4_px_grid_with_its_share() -> None:
    layout = {"layoutMode": "VERTICAL", "itemSpacing": 13, "paddingLeft": 16, "paddingTop": 12}
    facts = measure(frame(*TWO, **layout)).of("spacing")
    assert [fact.verdict for fact in facts] == ["problem", "info"]
    assert facts[0].value == "gap 13 px"
    assert facts[1].numbers == (2, 1, 3)
    assert "13 px (1×)" in facts[1].detail


def test_padding_is_named_after_its_side() -> None:
    sides = {f"padding{side}": 5 for side in ("Left", "Top", "Right", "Bottom")}
    assert off_grid(layoutMode="HORIZONTAL", **sides) == [
        "left padding 5, top padding 5, right padding 5, bottom padding 5 px"
    ]


@pytest.mark.parametrize(
    "below",
    [
        (),
        (tile(0, 0),),
        (tile(0, 0), tile(0, 53, visible=False)),
        (tile(0, 0), tile(0, 53, layoutPositioning="ABSOLUTE")),
    ],
)
def test_a_gap_between_fewer_than_two_children_is_none(below: Any) -> None:
    for mode in ("VERTICAL", "HORIZONTAL", "GRID"):
        gaps = {"itemSpacing": 13, "gridRowGap": 13, "gridColumnGap": 13}
        assert off_grid(*below, layoutMode=mode, **gaps) == []


def test_spread_out_children_have_no_gap_of_their_own() -> None:
    layout = {"layoutMode": "HORIZONTAL", "itemSpacing": 13, "paddingLeft": 8}
    layout["primaryAxisAlignItems"] = "SPACE_BETWEEN"
    facts = measure(frame(*TWO, **layout)).of("spacing")
    assert [fact.verdict for fact in facts] == ["ok"]


def test_the_gap_between_rows_counts_only_where_children_wrap() -> None:
    layout = {"layoutMode": "HORIZONTAL", "layoutWrap": "WRAP", "counterAxisSpacing": 13}
    assert off_grid(*TWO, **layout) == ["vertical gap 13 px"]
    assert off_grid(tile(0, 0), tile(113, 0), **layout) == []
    assert off_grid(*TWO, **layout, counterAxisAlignContent="SPACE_BETWEEN") == []
    assert off_grid(*TWO, **layout | {"layoutWrap": "NO_WRAP"}) == []


def test_the_gaps_of_a_grid_count_between_its_rows_and_its_columns() -> None:
    layout = {"layoutMode": "GRID", "gridRowGap": 13, "gridColumnGap": 15, "itemSpacing": 7}
    assert off_grid(*TWO, **layout) == ["vertical gap 13, horizontal gap 15 px"]
    assert off_grid(*TWO, **layout, gridColumnCount=1) == ["vertical gap 13 px"]


def test_gaps_drawn_by_hand_are_measured_in_a_plain_column() -> None:
    rows = [tile(0, at * 50, height=37) for at in range(3)]
    assert off_grid(*rows) == ["gap between rows 13 px"]


def test_the_strokes_of_an_icon_have_no_grid() -> None:
    bars = [tile(3, at * 7, 18, 2) for at in range(3)]
    assert off_grid(*bars, absoluteBoundingBox=box(0, 0, 48, 48)) == []
    assert off_grid(*bars, absoluteBoundingBox=box(0, 0, 49, 48)) != []
