"""Fills, gradients, corners, shadows and pictures."""

import pytest

from service.pipelines.spec.paints import css_gradient
from service.review.tree import Box
from tests.service.pipelines.fixtures.layers import (
    frame,
    gradient,
    icon,
    image,
    shadow,
    shape,
    solid,
    words,
)
from tests.service.pipelines.reading import css, in_row, named


def painted(*fills: object, **more: object) -> dict[str, str]:
    return css(named(in_row(shape("A", 100, 50, list(fills), **more)), "A"))  # type: ignore[arg-type]


def test_several_fills_are_one_background_the_last_on_top() -> None:
    paint = gradient("LINEAR", [(0, 0.5), (1, 0.5)], (0, "#ff0000"), (1, "#0000ff"))
    found = painted(solid("#ffffff"), paint, solid("#00ff00", 0.5))
    assert found["background-color"] == "#ffffff"
    assert found["background-image"] == (
        "linear-gradient(#00ff0080, #00ff0080), linear-gradient(90deg, #ff0000 0%, #0000ff 100%)"
    )


def test_plain_colours_on_top_of_each_other_are_mixed() -> None:
    assert painted(solid("#000000"), solid("#ffffff", 0.5))["background-color"] == "#808080"


def test_what_is_not_seen_is_not_painted() -> None:
    hidden = {**solid("#ff0000"), "visible": False}
    assert painted(solid("#ffffff"), hidden)["background-color"] == "#ffffff"


@pytest.mark.parametrize(
    ("width", "height", "angle"),
    [(100, 100, "135deg"), (200, 100, "116.6deg"), (100, 200, "153.4deg")],
)
def test_the_angle_of_a_gradient_depends_on_the_shape_of_its_box(
    width: float, height: float, angle: str
) -> None:
    """From corner to corner, without a third handle: at right angles to that line, in px."""
    paint = gradient("LINEAR", [(0, 0), (1, 1)], (0, "#000000"), (1, "#ffffff"))
    found = css_gradient(paint, Box(0, 0, width, height))
    assert found.startswith(f"linear-gradient({angle},")


def test_the_third_handle_says_where_one_colour_runs() -> None:
    """Turned in units of the box, the colours run from corner to corner: the other diagonal."""
    handles = [(0.0, 0.0), (1.0, 1.0), (-0.5, 0.5)]
    paint = gradient("LINEAR", handles, (0, "#000000"), (1, "#ffffff"))
    found = css_gradient(paint, Box(0, 0, 200, 100))
    assert found == "linear-gradient(153.4deg, #000000 0%, #ffffff 100%)"


def test_radial_and_angular_gradients_keep_their_middle() -> None:
    handles = [(0.5, 0.5), (1.0, 0.5), (0.5, 1.0)]
    stops = ((0.0, "#000000"), (1.0, "#ffffff"))
    box = Box(0, 0, 200, 100)
    assert css_gradient(gradient("RADIAL", handles, *stops), box) == (
        "radial-gradient(50% 50% at 50% 50%, #000000 0%, #ffffff 100%)"
    )
    assert css_gradient(gradient("ANGULAR", handles, *stops), box).startswith(
        "conic-gradient(from 90deg at 50% 50%"
    )


def test_a_diamond_is_exported_as_a_picture() -> None:
    paint = gradient("DIAMOND", [(0.5, 0.5), (1, 0.5)], (0, "#000000"), (1, "#ffffff"))
    spec = in_row(shape("A", 100, 50, [paint]))
    assert [asset.node_id for asset in spec.assets] == [named(spec, "A").id]


def test_corners_go_round_clockwise() -> None:
    found = painted(solid("#ffffff"), rectangleCornerRadii=[1, 2, 3, 4])
    assert found["border-top-left-radius"] == "1px"
    assert found["border-bottom-right-radius"] == "3px"
    assert found["border-bottom-left-radius"] == "4px"


def test_a_pill_stays_a_pill() -> None:
    assert painted(solid("#ffffff"), cornerRadius=25)["border-radius"] == "9999px"


def test_several_shadows_are_one_list() -> None:
    found = painted(
        solid("#ffffff"),
        effects=[shadow(0, 1, 2, 0.5), shadow(0, 4, 8, 0.5, "INNER_SHADOW", spread=1)],
    )
    assert found["box-shadow"] == "inset 0px 4px 8px 1px #10182880, 0px 1px 2px #10182880"


def test_a_blur_has_half_of_figmas_radius() -> None:
    effect = {"type": "LAYER_BLUR", "visible": True, "radius": 8}
    assert painted(solid("#ffffff"), effects=[effect])["filter"] == "blur(4px)"


def test_opacity_belongs_to_the_layer_as_a_whole() -> None:
    found = painted(solid("#ffffff"), opacity=0.37)
    assert (found["opacity"], found["background-color"]) == ("0.37", "#ffffff")


def test_an_image_keeps_its_file_and_a_cropped_one_is_exported() -> None:
    spec = in_row(
        shape("Whole", 100, 50, [image("ref")]), shape("Part", 100, 50, [image("ref", "STRETCH")])
    )
    formats = {asset.name: asset.format for asset in spec.assets}
    assert formats == {"Whole": "fill", "Part": "png"}
    assert named(spec, "Whole").tag == "img"


def test_an_icon_is_one_picture_with_one_colour() -> None:
    spec = in_row(icon("Arrow", code="#112233"))
    arrow = named(spec, "Arrow")
    assert (arrow.kind, arrow.children, css(arrow)["color"]) == ("picture", (), "#112233")


def test_an_icon_of_two_colours_keeps_them() -> None:
    parts = [shape("V", 8, 8, code, "VECTOR") for code in ("#112233", "#445566")]
    arrow = named(in_row(frame("Arrow", *parts, w=24, h=24)), "Arrow")
    assert "color" not in css(arrow)


def test_an_image_behind_layers_is_an_element_of_its_own() -> None:
    spec = in_row(frame("Card", shape("Dot", 8, 8), w=100, h=50, fills=[image("ref")]))
    back = named(spec, "Card").children[0]
    assert (back.kind, css(back)["z-index"]) == ("image", "-1")


def test_what_gets_lost_is_noted() -> None:
    node = frame("Card", words("Words"), w=100, h=50, cornerSmoothing=0.6, strokeDashes=[2, 2])
    notes = in_row({**node, "stroke": None}).notes
    assert any("not smoothed" in each for each in notes)
    assert any("dashes" in each for each in notes)
