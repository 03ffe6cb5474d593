"""Colours that would pass: from the palette first, else only lighter or darker."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.review.colour_distance import delta_e
from service.review.palette import (
    PaletteColour,
    Token,
    adjusted_to_pass,
    is_family,
    lowest_ratio,
    nearest_passing,
    passing_colours,
    rgb,
)

WHITE, BLACK = (1.0, 1.0, 1.0), (0.0, 0.0, 0.0)
COLOURS = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


def palette(*colours: str) -> list[PaletteColour]:
    return [PaletteColour(each, Token(f"V:{each}", each, "variable")) for each in colours]


def test_the_nearest_passing_colours_come_first_with_their_ratios() -> None:
    found = passing_colours(
        "#b3b3b3", [WHITE], 4.5, palette("#1e1e1e", "#999999", "#767676", "#595959")
    )
    assert [(each.colour, each.ratio_text) for each in found] == [
        ("#767676", "4.54:1"), ("#595959", "7.00:1"), ("#1e1e1e", "16.67:1"),
    ]  # fmt: skip
    assert found[0].token == Token("V:#767676", "#767676", "variable")
    assert found[0].distance == pytest.approx(20.1, abs=0.1)


def test_a_ratio_is_never_rounded_up() -> None:
    (found,) = passing_colours("#b3b3b3", [WHITE], 4.47, palette("#777777"))
    assert found.ratio_text == "4.47:1"
    assert passing_colours("#b3b3b3", [WHITE], 4.5, palette("#777777")) == []


def test_a_grey_stays_a_grey_and_a_blue_a_blue() -> None:
    known = palette("#0044cc", "#1e1e1e", "#117733")
    assert nearest_passing("#b3b3b3", [WHITE], 4.5, known).colour == "#1e1e1e"  # type: ignore[union-attr]
    assert nearest_passing("#66aaff", [WHITE], 4.5, known).colour == "#0044cc"  # type: ignore[union-attr]
    assert is_family("#b3b3b3", "#1e1e1e")
    assert not is_family("#b3b3b3", "#0044cc")
    assert not is_family("#cc0000", "#0044cc")


def test_without_a_fitting_palette_the_colour_itself_becomes_darker_or_lighter() -> None:
    on_white = nearest_passing("#66aaff", [WHITE], 4.5, [])
    on_black = nearest_passing("#003366", [BLACK], 4.5, palette("#cc0000"))
    assert on_white and on_black
    assert on_white.is_adjusted and on_black.is_adjusted
    assert is_family("#66aaff", on_white.colour) and is_family("#003366", on_black.colour)
    # As near to the threshold as eight bits allow.
    assert on_white.ratio < 4.65 and on_black.ratio < 4.65


def test_a_colour_has_to_pass_against_all_that_may_be_behind() -> None:
    grounds = [WHITE, rgb("#888888")]
    found = nearest_passing("#b3b3b3", grounds, 4.5, palette("#595959", "#111111"))
    assert found and found.colour == "#111111"
    assert nearest_passing("#b3b3b3", [WHITE, BLACK], 4.6, palette("#595959")) is None


def test_a_paint_that_shines_through_counts_as_it_is_drawn() -> None:
    assert lowest_ratio("#000000", [WHITE], 0.5) == pytest.approx(3.98, abs=0.01)
    assert passing_colours("#333333", [WHITE], 4.5, palette("#000000"), alpha=0.5) == []


def test_of_two_entries_with_one_colour_the_token_is_taken() -> None:
    known = [PaletteColour("#595959"), *palette("#595959")]
    (found,) = passing_colours("#b3b3b3", [WHITE], 4.5, known)
    assert found.token is not None


@given(COLOURS, COLOURS, st.sampled_from([3.0, 4.5, 7.0]))
@settings(max_examples=150, deadline=None)
def test_whatever_is_found_passes(colour: str, ground: str, threshold: float) -> None:
    against = (rgb(ground),)
    adjusted = adjusted_to_pass(colour, against, threshold)
    best = max(lowest_ratio("#000000", against), lowest_ratio("#ffffff", against))
    if adjusted is None:
        assert best < threshold
    else:
        assert lowest_ratio(adjusted.colour, against) >= threshold
        assert adjusted.ratio == lowest_ratio(adjusted.colour, against)
        assert adjusted.distance == delta_e(colour, adjusted.colour)
