"""Where elements stand and how large they are: auto layout, and layers that were only put
somewhere."""

import math

import pytest

from service.pipelines.spec.placing import angle_of, size_of
from service.review.tree import Box
from tests.service.pipelines.fixtures.layers import (
    absolute,
    fill,
    frame,
    pinned,
    row,
    shape,
    turned,
    words,
)
from tests.service.pipelines.reading import css, in_column, in_row, loose, named, spec_of


def box(name: str, w: float = 50, h: float = 40, **more: object) -> dict[str, object]:
    return shape(name, w, h, **more)  # type: ignore[arg-type]


def test_items_start_where_css_would_stretch_them() -> None:
    found = css(in_row(box("A")).root)
    assert (found["display"], found["align-items"]) == ("flex", "flex-start")


def test_a_spread_row_forgets_its_old_gap() -> None:
    found = css(in_row(box("A"), box("B"), main="SPACE_BETWEEN", gap=24).root)
    assert found["justify-content"] == "space-between"
    assert "column-gap" not in found


def test_a_negative_gap_is_a_margin_on_all_but_the_first() -> None:
    spec = in_row(box("A"), box("B"), gap=-8)
    assert "column-gap" not in css(spec.root)
    assert "margin-left" not in css(named(spec, "A"))
    assert css(named(spec, "B"))["margin-left"] == "-8px"


def test_the_first_stays_on_top_where_the_design_says_so() -> None:
    spec = in_row(box("A"), box("B"), gap=-8, itemReverseZIndex=True)
    assert (css(named(spec, "A"))["z-index"], css(named(spec, "B"))["z-index"]) == ("2", "1")
    assert css(spec.root)["isolation"] == "isolate"


def test_a_wrapping_row_has_two_gaps() -> None:
    found = css(in_row(box("A"), layoutWrap="WRAP", gap=8, counterAxisSpacing=12).root)
    assert (found["column-gap"], found["row-gap"]) == ("8px", "12px")
    spread = in_row(box("A"), layoutWrap="WRAP", counterAxisAlignContent="SPACE_BETWEEN")
    assert css(spread.root)["align-content"] == "space-between"


def test_what_fills_may_shrink_below_its_longest_word() -> None:
    found = css(named(in_row(fill(words("Words", w=10), "x")), "Words"))
    assert (found["flex"], found["min-width"]) == ("1 1 0%", "0px")
    across = css(named(in_column(fill(words("Words", w=10), "x")), "Words"))
    assert across["align-self"] == "stretch"
    assert "width" not in across


def test_older_layers_say_it_with_grow_and_stretch() -> None:
    grown = {**box("A"), "layoutGrow": 1, "layoutAlign": "STRETCH"}
    document = row("Root", grown, w=400, h=100)
    document["layoutSizingHorizontal"] = document["layoutSizingVertical"] = ""
    grown["layoutSizingHorizontal"] = grown["layoutSizingVertical"] = ""
    found = css(named(spec_of(document), "A"))
    assert (found["flex"], found["align-self"]) == ("1 1 0%", "stretch")


def test_the_width_of_the_root_is_a_limit() -> None:
    found = css(in_column(box("A")).root)
    assert (found["width"], found["max-width"]) == ("100%", "400px")


def test_a_whole_screen_is_as_wide_as_the_window() -> None:
    found = css(in_column(box("A"), w=1440, h=900).root)
    assert found["width"] == "100%"
    assert "max-width" not in found


def test_a_wide_box_may_shrink_and_an_icon_not() -> None:
    spec = in_row(box("Wide", 200), box("Icon", 24, 24))
    assert css(named(spec, "Wide"))["min-width"] == "0px"
    assert css(named(spec, "Icon"))["flex-shrink"] == "0"


def test_what_holds_words_grows_with_them() -> None:
    spec = in_column(row("Bar", words("Words"), w=200, h=60))
    assert css(named(spec, "Bar"))["min-height"] == "60px"
    assert "height" not in css(named(spec, "Bar"))


def test_what_scrolls_is_reached_by_the_keyboard() -> None:
    spec = in_row(box("A", 900), w=300, overflowDirection="HORIZONTAL_SCROLLING")
    assert css(spec.root)["overflow-x"] == "auto"
    assert spec.root.attribute("tabindex") == "0"
    assert css(named(spec, "A"))["flex-shrink"] == "0"


def test_limits_are_kept() -> None:
    found = css(named(in_row({**box("A"), "minWidth": 40, "maxWidth": 300}), "A"))
    assert (found["min-width"], found["max-width"]) == ("40px", "300px")


def test_a_grid_has_its_columns_and_spans() -> None:
    cell = box("A", gridColumnAnchorIndex=1, gridRowAnchorIndex=0, gridColumnSpan=2)
    spec = spec_of(
        frame("Root", cell, mode="GRID", w=400, gridColumnCount=3, gridRowCount=1, gridColumnGap=8)
    )
    assert css(spec.root)["grid-template-columns"] == "repeat(3, minmax(0, 1fr))"
    found = css(named(spec, "A"))
    assert (found["grid-column-start"], found["grid-column-end"]) == ("2", "span 2")


def test_a_stroke_inside_is_taken_off_the_padding() -> None:
    found = css(in_row(box("A"), pad=16, stroke=("#112233", 2, "INSIDE")).root)
    assert (found["border-top-width"], found["padding-top"]) == ("2px", "14px")


def test_a_stroke_that_is_laid_out_takes_its_room() -> None:
    more = {"stroke": ("#112233", 2, "INSIDE"), "strokesIncludedInLayout": True}
    found = css(in_row(box("A"), pad=16, **more).root)
    assert (found["border-top-width"], found["padding-top"]) == ("2px", "16px")


def test_a_stroke_thicker_than_the_padding_is_drawn_inwards() -> None:
    found = css(in_row(box("A"), pad=1, stroke=("#112233", 4, "INSIDE")).root)
    assert (found["outline-width"], found["outline-offset"]) == ("4px", "-4px")
    assert found["padding-top"] == "1px"


@pytest.mark.parametrize(("align", "offset"), [("OUTSIDE", "0px"), ("CENTER", "-1px")])
def test_a_stroke_further_out_takes_no_room(align: str, offset: str) -> None:
    found = css(in_row(box("A"), pad=8, stroke=("#112233", 2, align)).root)
    assert (found["outline-width"], found["outline-offset"]) == ("2px", offset)


def test_a_line_on_one_side_without_padding_takes_no_room() -> None:
    sides = {"top": 0, "right": 0, "bottom": 1, "left": 0}
    more = {"stroke": ("#112233", 1, "INSIDE"), "individualStrokeWeights": sides}
    found = css(in_row(box("A"), **more).root)
    assert found["box-shadow"] == "inset 0px -1px 0px #112233"


@pytest.mark.parametrize(
    ("sides", "wanted"),
    [
        (("LEFT", "TOP"), {"left": "20px", "top": "10px", "width": "50px"}),
        (("RIGHT", "BOTTOM"), {"right": "330px", "bottom": "50px"}),
        (("LEFT_RIGHT", "TOP_BOTTOM"), {"left": "20px", "right": "330px", "bottom": "50px"}),
        (("CENTER", "CENTER"), {"left": "1/2", "translate-x": "-50%", "margin-left": "-155px"}),
        (("SCALE", "SCALE"), {"left": "20/400", "width": "50/400", "top": "10/100"}),
    ],
)
def test_absolute_layers_keep_to_their_sides(
    sides: tuple[str, str], wanted: dict[str, str]
) -> None:
    spec = in_row(absolute(box("A", x=20, y=10), *sides))
    found = css(named(spec, "A"))
    assert css(spec.root)["position"] == "relative"
    assert found["position"] == "absolute"
    assert {key: found.get(key) for key in wanted} == wanted
    assert ("width" in found) == (sides[0] != "LEFT_RIGHT")


def test_loose_layers_below_each_other_are_a_column() -> None:
    spec = loose(box("A", x=20, y=20), box("B", x=20, y=80), box("C", x=20, y=140))
    found = css(spec.root)
    assert (found["flex-direction"], found["row-gap"]) == ("column", "20px")
    assert (found["padding-top"], found["padding-left"]) == ("20px", "20px")
    assert not any(css(each).get("position") == "absolute" for each in spec.root.walk())


def test_uneven_distances_are_margins() -> None:
    spec = loose(box("A", x=0, y=0), box("B", x=0, y=50), box("C", x=0, y=150))
    assert "row-gap" not in css(spec.root)
    assert css(named(spec, "B"))["margin-top"] == "10px"
    assert css(named(spec, "C"))["margin-top"] == "60px"


def test_a_loose_row_in_a_column_gets_a_wrapper() -> None:
    spec = loose(box("A", x=0, y=0), box("B", x=60, y=0), box("C", x=0, y=60))
    wrapper = spec.root.children[0]
    assert (wrapper.id, [each.name for each in wrapper.children]) == ("", ["A", "B"])
    assert css(wrapper)["column-gap"] == "10px"


def test_what_keeps_to_the_right_is_pushed_there() -> None:
    spec = loose(box("A", x=0, y=0), pinned(box("B", x=350, y=0), "RIGHT"))
    assert css(named(spec, "B"))["margin-left"] == "auto"


def test_what_overlaps_is_a_stack_and_not_absolute() -> None:
    spec = loose(box("Back", 300, 200, x=0, y=0), box("Front", 100, 60, x=20, y=20))
    assert css(spec.root)["display"] == "grid"
    assert css(named(spec, "Back"))["grid-row-start"] == "1"
    assert not any(css(each).get("position") == "absolute" for each in spec.root.walk())


def test_a_group_has_no_element_of_its_own() -> None:
    group = frame("Group", box("A", x=20, y=20), box("B", x=20, y=80), kind="GROUP", w=50, h=100)
    spec = loose({**group, "_x": 20, "_y": 20})
    assert [each.name for each in spec.root.walk()] == ["Root", "A", "B"]


def test_a_group_that_fades_fades_as_a_whole() -> None:
    group = frame("Group", box("A", x=20, y=20), box("B", x=40, y=20), kind="GROUP", w=70, h=40)
    spec = loose({**group, "_x": 20, "_y": 20, "opacity": 0.5})
    assert css(named(spec, "Group"))["opacity"] == "0.5"
    assert "opacity" not in css(named(spec, "A"))


def test_a_turned_layer_takes_the_room_of_the_box_round_it() -> None:
    found = css(named(in_row(turned(box("A", 100, 40), 90)), "A"))
    assert (found["rotate"], found["width"], found["height"]) == ("90deg", "100px", "40px")
    assert (found["margin-left"], found["margin-top"]) == ("-30px", "30px")


def test_a_turned_layer_keeps_its_distance_from_the_corner_it_is_pinned_to() -> None:
    # 40 x 20 turned a quarter: its box is 20 x 40, 14 px from the top.
    ribbon = pinned(turned(box("A", 40, 20, x=30, y=14), 90), "LEFT", "TOP")
    spec = loose(box("Photo", 200, 120), ribbon, w=200, h=200)
    found = css(named(spec, "A"))
    assert (found["margin-left"], found["margin-top"]) == ("20px", "24px")


def test_an_angle_in_radians_is_turned_the_other_way() -> None:
    assert angle_of({"rotation": math.radians(30)}) == -30.0
    assert angle_of({"relativeTransform": [[0, -1, 0], [1, 0, 0]], "rotation": 9}) == 90.0


def test_the_size_of_a_layer_at_45_degrees_is_not_divided_by_zero() -> None:
    width, height = size_of({"rotation": math.radians(45)}, Box(0, 0, 141.4, 141.4))
    assert (round(width), round(height)) == (100, 100)


def test_a_mask_cuts_off_what_follows_it() -> None:
    mask = shape("Mask", 100, 60, "#000000", x=20, y=20, isMask=True, cornerRadius=8)
    group = frame("Masked", mask, box("A", 200, 90, x=0, y=0), kind="GROUP", w=100, h=60)
    found = css(named(loose({**group, "_x": 20, "_y": 20}), "Mask"))
    assert (found["overflow"], found["height"], found["border-radius"]) == (
        "hidden",
        "60px",
        "8px",
    )


def test_rows_break_where_the_screen_is_too_narrow() -> None:
    cards = [fill(row(f"Card {at}", words("Some words", 16, w=90), pad=16)) for at in range(4)]
    spec = spec_of(row("Root", *cards, w=1200, h=200, gap=24))
    found = {
        each.state: each.value
        for each in spec.root.declarations
        if each.property == "flex-direction"
    }
    assert found == {"max-sm": "column"}


def test_wide_padding_shrinks_on_narrow_screens() -> None:
    spec = in_column(words("Words"), w=1200, h=900, pad=120)
    assert css(spec.root, "max-md")["padding-left"] == "16px"
