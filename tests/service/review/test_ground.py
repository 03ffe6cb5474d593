"""What counts as the background of a text, and what makes it one that nobody can tell."""

from typing import Any

import pytest

from service.review import measure
from tests.service.review.nodes import box, frame, only, solid, text_node

PHOTO = {"type": "IMAGE", "imageRef": "abc", "scaleMode": "FILL"}


def plate(colour: str = "#222222", area: Any = None, **more: Any) -> dict[str, Any]:
    node = {
        "id": "1:3",
        "name": "Plate",
        "type": "RECTANGLE",
        "fills": [solid(colour)],
        "absoluteBoundingBox": area or box(10, 10, 100, 50),
    }
    return node | more


def group(*below: dict[str, Any], **more: Any) -> dict[str, Any]:
    node = {"id": "1:5", "name": "Group", "type": "GROUP", "fills": [], "children": list(below)}
    return node | {"absoluteBoundingBox": box(10, 10, 100, 50)} | more


def judged(*below: dict[str, Any], **more: Any) -> tuple[str, str]:
    """Verdict and value of the one text in a white screen."""
    fact = only(measure(frame(*below, **more)), "contrast")
    return fact.verdict, fact.value


UNKNOWN = ("info", "not measurable")
WHITE, BLACK = text_node("#ffffff"), text_node("#000000")


def test_an_earlier_sibling_that_encloses_the_text_is_its_background() -> None:
    assert judged(plate(), WHITE) == ("ok", "15.91:1")
    aside = plate(area=box(10, 100, 100, 50))
    assert judged(aside, BLACK) == ("ok", "21.00:1")


def test_a_translucent_sibling_lets_the_one_below_it_show_through() -> None:
    veil = plate(fills=[solid("#ffffff", opacity=0.5)])
    fact = only(measure(frame(plate("#000000"), veil, BLACK)), "contrast")
    assert "#000000 on #808080" in fact.detail


@pytest.mark.parametrize("holder", ["GROUP", "FRAME", "INSTANCE"])
def test_what_is_painted_inside_an_earlier_sibling_is_the_background(holder: str) -> None:
    assert judged(group(plate(), type=holder), WHITE) == ("ok", "15.91:1")
    nested = group(group(plate("#000000"), type=holder), type=holder)
    assert judged(nested, WHITE) == ("ok", "21.00:1")
    assert judged(group(plate(fills=[PHOTO]), type=holder), BLACK) == UNKNOWN


def test_the_opacity_of_an_earlier_group_fades_what_is_in_it() -> None:
    fact = only(measure(frame(group(plate("#000000"), opacity=0.5), BLACK)), "contrast")
    assert "#000000 on #808080" in fact.detail


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        ("VECTOR", {}),
        ("STAR", {}),
        ("BOOLEAN_OPERATION", {"children": [plate("#222222", box(30, 30, 5, 5))]}),
        ("VECTOR", {"fills": [], "strokes": [solid("#222222")]}),
        ("ELLIPSE", {"arcData": {"startingAngle": 0, "endingAngle": 6.2832, "innerRadius": 0.8}}),
        ("ELLIPSE", {"arcData": {"startingAngle": 0, "endingAngle": 3.14, "innerRadius": 0}}),
        ("RECTANGLE", {"rotation": 0.4}),
        ("RECTANGLE", {"blendMode": "MULTIPLY"}),
    ],
)
def test_a_ground_whose_shape_no_box_tells_is_not_measured(kind: str, more: Any) -> None:
    assert judged(plate(type=kind, **more), BLACK) == UNKNOWN
    card = frame(BLACK, id="1:2", absoluteBoundingBox=box(10, 10, 100, 50))
    assert judged(plate(type=kind, **more), card) == ("ok", "21.00:1")


def test_a_ground_behind_a_part_of_the_text_is_named_and_not_measured() -> None:
    half = plate(area=box(10, 10, 30, 50))
    fact = only(measure(frame(half, BLACK)), "contrast")
    assert (fact.verdict, fact.value) == UNKNOWN
    assert "meets the edge of the layer Plate (1:3)" in fact.detail


def test_a_round_ellipse_and_an_outline_are_what_they_seem() -> None:
    arc = {"startingAngle": 0.0, "endingAngle": 6.2831854820251465, "innerRadius": 0.0}
    assert judged(plate(type="ELLIPSE", arcData=arc), WHITE) == ("ok", "15.91:1")
    outline = plate(fills=[], strokes=[solid("#222222")])
    assert judged(outline, BLACK) == judged(BLACK, outline) == ("ok", "21.00:1")
    crossing = outline | {"absoluteBoundingBox": box(10, 10, 30, 50)}
    assert judged(crossing, BLACK) == judged(BLACK, crossing) == UNKNOWN


def test_a_text_that_hangs_out_of_its_parent_is_not_judged_on_its_fill() -> None:
    avatar = frame(BLACK, id="1:2", fill="#111111", absoluteBoundingBox=box(20, 0, 60, 16))
    assert judged(avatar) == ("ok", "21.00:1")
    crossing = avatar | {"absoluteBoundingBox": box(20, 0, 60, 30)}
    assert judged(crossing) == UNKNOWN


def test_a_parent_that_cuts_the_text_lies_behind_all_that_is_seen_of_it() -> None:
    crossing = frame(
        WHITE, id="1:2", fill="#111111", absoluteBoundingBox=box(20, 0, 60, 30), clipsContent=True
    )
    assert judged(crossing) == ("ok", "18.88:1")


def test_text_that_is_cut_off_is_judged_only_where_its_ground_is_sure() -> None:
    beyond = {"absoluteBoundingBox": box(0, 100, 400, 50), "clipsContent": True, "id": "1:2"}
    assert judged(frame(BLACK, **beyond)) == UNKNOWN
    card = frame(BLACK, id="1:4", absoluteBoundingBox=box(10, 10, 100, 50))
    assert judged(frame(card, fill="#111111", **beyond)) == ("ok", "21.00:1")
    scroller = frame(WHITE, fill="#111111", overflowDirection="VERTICAL_SCROLLING", **beyond)
    bar = plate(area=box(0, 90, 400, 100), id="1:7")
    assert judged(scroller, bar) == ("ok", "18.88:1")


def test_what_a_frame_cuts_off_lies_behind_nothing() -> None:
    small = group(plate(), type="FRAME", absoluteBoundingBox=box(10, 10, 5, 5), clipsContent=True)
    assert judged(small, BLACK) == ("ok", "21.00:1")
    half = small | {"absoluteBoundingBox": box(10, 10, 30, 50)}
    assert judged(half, BLACK) == UNKNOWN


def test_a_mask_is_never_drawn_and_cuts_what_comes_after_it() -> None:
    mask = plate("#000000", id="1:8", isMask=True)
    assert judged(mask, BLACK) == ("ok", "21.00:1")
    assert judged(group(mask, plate("#222222", box(0, 0, 400, 90))), WHITE) == ("ok", "15.91:1")
    narrow = mask | {"absoluteBoundingBox": box(10, 10, 30, 50)}
    assert judged(group(narrow, plate()), BLACK) == UNKNOWN
    away = mask | {"absoluteBoundingBox": box(200, 200, 30, 50)}
    assert judged(group(away, plate()), BLACK) == ("ok", "21.00:1")


def test_what_a_mask_of_an_unknown_shape_shows_is_not_measured() -> None:
    blob = plate(id="1:8", isMask=True, type="VECTOR")
    assert judged(group(blob, plate()), WHITE) == UNKNOWN
    assert judged(blob, BLACK) == UNKNOWN
    assert judged(BLACK, blob) == ("ok", "21.00:1")


def test_text_that_is_a_mask_is_not_drawn() -> None:
    assert measure(frame(text_node("#eeeeee", isMask=True))).of("contrast") == ()


@pytest.mark.parametrize(
    "cover",
    [
        plate(fills=[solid("#000000", opacity=0.9)]),
        plate(fills=[PHOTO]),
        plate(area=box(70, 10, 100, 50)),
        group(plate()),
        group(group(plate()), absoluteBoundingBox=box(0, 0, 1, 1)),
        plate(type="VECTOR", fills=[], strokes=[solid("#222222")]),
    ],
)
def test_text_with_something_drawn_over_it_is_not_measured(cover: dict[str, Any]) -> None:
    assert judged(WHITE, cover) == UNKNOWN
    assert judged(group(WHITE), cover) == UNKNOWN
    fact = only(measure(frame(WHITE, cover)), "contrast")
    assert "Plate (1:3), which is drawn over it" in fact.detail


def test_what_draws_nothing_hides_nothing() -> None:
    clear = plate(fills=[solid("#000000", opacity=0)], id="1:6")
    without_colour = plate(id="1:7")
    without_colour["fills"][0]["color"]["a"] = 0
    hidden, beside = plate(visible=False), plate(area=box(80, 10, 100, 50))
    empty = group(id="1:8")
    assert judged(BLACK, clear, without_colour, hidden, beside, empty) == ("ok", "21.00:1")


def test_auto_layout_can_draw_the_first_child_on_top() -> None:
    turned = {"layoutMode": "VERTICAL", "itemReverseZIndex": True}
    assert judged(WHITE, plate(), **turned) == ("ok", "15.91:1")
    assert judged(plate(), WHITE, **turned) == UNKNOWN


def test_a_blend_mode_of_a_group_round_the_text_is_not_measured() -> None:
    card = frame(BLACK, id="1:2", absoluteBoundingBox=box(10, 10, 100, 50))
    assert judged(group(card, blendMode="MULTIPLY")) == UNKNOWN


def test_text_without_a_place_is_not_measured() -> None:
    assert judged(text_node(absoluteBoundingBox=None)) == UNKNOWN


def gradient(*colours: str, **more: Any) -> dict[str, Any]:
    stops = [
        {"position": at / len(colours), "color": solid(each)["color"]}
        for at, each in enumerate(colours)
    ]
    return {"type": "GRADIENT_LINEAR", "gradientStops": stops, **more}


def test_a_gradient_passes_or_fails_where_all_of_it_does() -> None:
    fact = only(measure(frame(WHITE, fills=[gradient("#000000", "#666666")])), "contrast")
    assert (fact.verdict, fact.numbers) == ("ok", (5.74, 21.0))
    assert fact.value == "from 5.74:1 to 21.00:1 along the gradient"
    assert "#ffffff on #000000 to #666666" in fact.detail
    assert judged(WHITE, fills=[gradient("#cccccc", "#eeeeee")])[0] == "problem"


def test_a_gradient_that_passes_in_part_is_left_to_the_eye() -> None:
    fact = only(measure(frame(WHITE, fills=[gradient("#000000", "#888888")])), "contrast")
    assert (fact.verdict, fact.numbers) == ("info", (3.54, 21.0))
    assert "at a part of the gradient only" in fact.detail


def test_text_as_light_as_some_place_of_a_gradient_is_lost_there() -> None:
    grey = text_node("#767676")
    value = "from 1.00:1 to 4.62:1 along the gradient"
    assert judged(grey, fills=[gradient("#000000", "#ffffff")]) == ("info", value)
    sunk = ("problem", "from 1.00:1 to 1.95:1 along the gradient")
    assert judged(grey, fills=[gradient("#555555", "#aaaaaa")]) == sunk
    # The same the other way round: a gradient in the letters.
    faded = text_node(fills=[gradient("#000000", "#ffffff")])
    assert judged(faded, fill="#767676") == ("info", value)


def test_every_stop_of_a_gradient_counts() -> None:
    many = gradient(*["#000000"] * 8, "#ffffff")
    assert judged(WHITE, fills=[many])[1] == "from 1.00:1 to 21.00:1 along the gradient"
    assert judged(WHITE, fills=[gradient(*["#000000"] * 200)]) == UNKNOWN


def test_a_gradient_can_be_darker_between_its_stops_than_at_them() -> None:
    between = only(measure(frame(BLACK, fills=[gradient("#ff0000", "#0000ff")])), "contrast")
    # The stops alone have 5.25 and 2.44.
    assert between.numbers[0] < 2.44


def test_a_gradient_below_a_translucent_group_still_counts() -> None:
    card = frame(WHITE, id="1:2", fill="#000000", opacity=0.5)
    below = [gradient("#000000", "#ffffff")]
    assert "along the gradient" in judged(card, fills=below)[1]


def test_only_the_edge_of_a_form_field_meets_its_background() -> None:
    field = plate("#ffffff", id="1:9", name="Input", strokes=[solid("#666666")])
    inside = plate("#eeeeee", box(20, 20, 10, 10), type="VECTOR")
    found = only(measure(frame(field, inside)), "non_text_contrast")
    assert found.verdict == "ok"
    over = plate(area=box(90, 0, 100, 100))
    assert measure(frame(field, over)).of("non_text_contrast") == ()
