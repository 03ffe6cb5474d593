"""Shapes against their boxes: by points on a fine grid, and in whole designs."""

import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.review import measure
from service.review.geometry import Shape, shape_of
from service.review.tree import Box, Place
from tests.service.review.nodes import box, control, frame, only, solid, text_node

LENGTHS = st.floats(4, 400)
ANGLES = st.floats(-math.pi, math.pi)


def turned(width: float, height: float, angle: float, **more: Any) -> dict[str, Any]:
    """A layer as Figma gives it: the box of the turned shape, and its angle."""
    across, down = abs(math.cos(angle)), abs(math.sin(angle))
    area = box(0, 0, width * across + height * down, width * down + height * across)
    node = {"id": "1:3", "name": "Plate", "type": "RECTANGLE", "rotation": angle}
    return node | {"absoluteBoundingBox": area, "size": {"x": width, "y": height}} | more


def shape(node: dict[str, Any]) -> Shape:
    found = shape_of(Place(node))
    assert found is not None
    return found


def is_in(x: float, y: float, width: float, height: float, radius: float, angle: float) -> bool:
    """Whether a point, from the centre, lies in a turned rectangle with round corners."""
    cos, sin = math.cos(angle), math.sin(angle)
    along, below = abs(x * cos - y * sin), abs(x * sin + y * cos)
    if along > width / 2 or below > height / 2:
        return False
    dx, dy = along - (width / 2 - radius), below - (height / 2 - radius)
    return dx <= 0 or dy <= 0 or math.hypot(dx, dy) <= radius


@settings(max_examples=200, deadline=None)
@given(LENGTHS, LENGTHS, ANGLES, st.floats(0, 1), st.floats(-0.6, 0.6), st.floats(-0.6, 0.6))
def test_a_point_lies_in_a_shape_or_beside_it(
    width: float, height: float, angle: float, rounding: float, x: float, y: float
) -> None:
    radius = rounding * min(width, height) / 2
    plate = shape(turned(width, height, angle, cornerRadius=radius))
    centre_x, centre_y = plate.box.centre
    x, y = x * plate.box.width, y * plate.box.height
    at = Box(centre_x + x, centre_y + y, 0, 0)
    slack = 0.02 * max(width, height) + 0.01
    if is_in(x, y, width, height, radius, angle):
        assert plate.contains(at, slack)
    # Far enough outside: also outside the shape grown on all sides.
    grown = width + 4 * slack, height + 4 * slack
    if not is_in(x, y, *grown, radius + 2 * slack, angle):
        assert not plate.contains(at, 0)


@settings(max_examples=200, deadline=None)
@given(LENGTHS, LENGTHS, ANGLES)
def test_the_largest_upright_square_lies_in_the_shape(
    width: float, height: float, angle: float
) -> None:
    plate = shape(turned(width, height, angle))
    half = plate.largest_square / 2

    def fits(side: float) -> bool:
        corners = [(side, side), (side, -side), (-side, side), (-side, -side)]
        return all(is_in(x, y, width, height, 0, angle) for x, y in corners)

    # A layer that is turned by less than a fifth of a pixel counts as upright.
    assert fits(half * 0.99 - 0.2)
    assert not fits(half * 1.02 + 0.2)


@pytest.mark.parametrize(
    ("node", "side"),
    [
        (turned(24, 24, math.pi / 4), 16.97),
        (turned(60, 10, math.pi / 4), 7.07),
        (turned(20, 40, math.pi / 2), 20),
        (turned(24, 24, 0, type="ELLIPSE"), 16.97),
        (turned(32, 32, 0, cornerRadius=16), 22.63),
        (turned(100, 24, 0, cornerRadius=12), 24),
        (turned(40, 40, 0), 40),
    ],
)
def test_largest_squares(node: dict[str, Any], side: float) -> None:
    assert shape(node).largest_square == pytest.approx(side, rel=0.01)


def test_a_size_that_no_box_tells_is_the_squarest_one() -> None:
    hidden = turned(60, 10, math.pi / 4) | {"size": None}
    assert shape(hidden).is_guess
    assert shape(hidden).largest_square == pytest.approx(24.75, rel=0.01)
    assert not shape(turned(60, 10, 0.3) | {"size": None}).is_guess


def plate(area: Any, colour: str = "#222222", **more: Any) -> dict[str, Any]:
    node = {"id": "1:3", "name": "Plate", "type": "RECTANGLE", "fills": [solid(colour)]}
    return node | {"absoluteBoundingBox": area} | more


def judged(*below: dict[str, Any], **more: Any) -> tuple[str, str]:
    fact = only(measure(frame(*below, **more)), "contrast")
    return fact.verdict, fact.value


WHITE, BLACK = text_node("#ffffff"), text_node("#000000")
UNKNOWN = ("info", "not measurable")
# The text stands at 20, 20 and is 60 x 20.
ROUND = {"type": "ELLIPSE"}


def test_a_text_in_the_corner_of_a_circles_box_does_not_lie_on_it() -> None:
    assert judged(plate(box(0, 0, 700, 700), **ROUND), BLACK) == ("ok", "21.00:1")
    assert judged(plate(box(-200, -200, 500, 500), **ROUND), WHITE) == ("ok", "15.91:1")
    assert judged(plate(box(18, 0, 200, 60), **ROUND), BLACK) == UNKNOWN


def test_a_text_across_a_round_corner_is_not_measured() -> None:
    card = plate(box(10, 10, 200, 200), cornerRadius=100)
    assert judged(card, BLACK) == UNKNOWN
    assert judged(card | {"cornerRadius": 8}, WHITE) == ("ok", "15.91:1")
    one_corner = card | {"cornerRadius": None, "rectangleCornerRadii": [0, 0, 100, 0]}
    assert judged(one_corner, WHITE) == ("ok", "15.91:1")


def test_a_turned_layer_is_not_its_box() -> None:
    bar = turned(300, 20, 0.5, fills=[solid("#222222")])
    below = text_node(absoluteBoundingBox=box(5, 5, 60, 20))
    assert judged(bar, below) == ("ok", "21.00:1")
    middle = text_node("#ffffff", absoluteBoundingBox=box(135, 75, 6, 6))
    assert judged(bar, middle) == ("ok", "15.91:1")


def test_a_layer_in_a_turned_frame_is_turned_with_it() -> None:
    inner = plate(box(0, 0, 100, 100))
    holder = {"type": "FRAME", "id": "1:5", "rotation": math.pi / 4, "children": [inner]}
    corner = text_node(absoluteBoundingBox=box(2, 2, 10, 10))
    area = {"absoluteBoundingBox": box(0, 0, 100, 100)}
    assert judged(holder | area, corner) == ("ok", "21.00:1")
    # A group passes its angle on to its children, so theirs counts alone.
    group = holder | area | {"type": "GROUP"}
    assert judged(group, text_node("#ffffff", absoluteBoundingBox=box(2, 2, 10, 10))) == (
        "ok",
        "15.91:1",
    )


def test_an_ellipse_as_a_mask_shows_what_lies_in_it() -> None:
    mask = plate(box(-200, -200, 500, 500), "#000000", id="1:8", isMask=True, **ROUND)
    photo = plate(box(0, 0, 400, 400))
    group = {"id": "1:5", "type": "GROUP", "absoluteBoundingBox": box(0, 0, 400, 400)}
    assert judged(group | {"children": [mask, photo]}, WHITE) == ("ok", "15.91:1")
    away = mask | {"absoluteBoundingBox": box(0, 0, 700, 700)}
    assert judged(group | {"children": [away, photo]}, BLACK) == ("ok", "21.00:1")
    across = mask | {"absoluteBoundingBox": box(18, 0, 200, 60)}
    assert judged(group | {"children": [across, photo]}, BLACK) == UNKNOWN


@pytest.mark.parametrize(
    "kind",
    ["SLOT", "SLIDE", "SLIDE_GRID", "TRANSFORM_GROUP", "SECTION", "TABLE", "SOMETHING_NEW"],
)
def test_what_holds_layers_is_a_frame_whatever_it_is_called(kind: str) -> None:
    holder = frame(WHITE, id="1:2", type=kind, fill="#222222")
    fact = only(measure(frame(holder)), "contrast")
    if kind == "TRANSFORM_GROUP":
        assert "the copies that the layer Screen (1:2) makes" in fact.detail
    else:
        assert (fact.verdict, fact.value) == ("ok", "15.91:1")


def test_a_layer_of_an_unknown_type_is_no_ground_that_anybody_knows() -> None:
    fact = only(measure(frame(plate(box(0, 0, 200, 200), type="SOMETHING_NEW"), BLACK)), "contrast")
    assert fact.value == "not measurable"
    assert "the shape of the layer Plate (1:3)" in fact.detail


@pytest.mark.parametrize("kind", ["SLOT", "SOMETHING_NEW"])
def test_a_holder_at_the_last_level_may_have_been_cut_whatever_it_is_called(kind: str) -> None:
    holder = {"id": "1:2", "type": kind, "absoluteBoundingBox": box(0, 0, 40, 40)}
    assert measure(frame(holder), levels=1).scope == "only the first 1 levels were read"
    shape_without_children = holder | {"type": "VECTOR"}
    assert measure(frame(shape_without_children), levels=1).scope == ""


def test_text_on_a_path_is_text() -> None:
    curved = text_node("#cccccc", size=9, type="TEXT_PATH")
    facts = measure(frame(curved))
    assert only(facts, "contrast").value == "1.60:1"
    assert only(facts, "type_size").value == "9 px"


@pytest.mark.parametrize("kind", ["STICKY", "SHAPE_WITH_TEXT", "SOMETHING_NEW"])
def test_letters_whose_colour_figma_does_not_tell_are_said_to_be_not_measurable(kind: str) -> None:
    note = text_node("#ffe299", type=kind)
    fact = only(measure(frame(note)), "contrast")
    assert fact.value == "not measurable"
    assert "Figma does not tell the colour of the letters" in fact.detail


def test_the_page_lies_behind_everything_on_it() -> None:
    card = frame(text_node("#ffffff"), fill=None, id="1:2")
    page = {"id": "0:1", "type": "CANVAS", "name": "Page", "children": [card]}
    page["backgroundColor"] = solid("#1e1e1e")["color"]
    assert only(measure(page), "contrast").verdict == "ok"
    assert only(measure(page | {"backgroundColor": None}), "contrast").verdict == "info"


def test_only_what_shows_of_a_text_counts() -> None:
    area = box(20, 20, 900, 20)
    long = text_node("#b0b0b0", absoluteBoundingBox=area)
    card = frame(long, id="1:2", fill="#f5f5f5", absoluteBoundingBox=box(10, 10, 100, 100))
    assert judged(card | {"clipsContent": True}) == ("problem", "1.98:1")
    assert judged(card) == UNKNOWN
    short_ink = long | {"absoluteRenderBounds": box(20, 22, 60, 15)}
    assert judged(card | {"children": [short_ink]}) == ("problem", "1.98:1")


def test_a_disc_offers_less_than_its_box() -> None:
    disc = control("Close button", 24, 24, cornerRadius=12)
    fact = only(measure(frame(disc)), "target_size")
    assert fact.value == "16.97×16.97 px"
    assert "its box is 24×24 px" in fact.detail


def test_turned_bars_that_lie_close_are_as_thin_as_they_are_apart() -> None:
    def bar(at: float, name: str) -> dict[str, Any]:
        area = box(at, at, 49.5, 49.5)
        return control(name, 0, 0, id=name, rotation=math.pi / 4, absoluteBoundingBox=area)

    facts = measure(frame(bar(175, "Button A"), bar(187, "Button B"))).of("target_size")
    assert [each.verdict for each in facts] == ["problem", "problem"]
    assert {each.value for each in facts} == {"12×12 px"}
    alone = measure(frame(bar(175, "Button A"))).of("target_size")
    assert [each.verdict for each in alone] == ["info"]
