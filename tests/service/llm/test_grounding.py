"""Which numbers of an answer count as given, and which are nobody's: a table of cases."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.llm.grounding import (
    Given,
    check_numbers,
    count_facts,
    repair_request,
)

DESIGN = """\
FRAME Checkout (1:2) 390x844 #ffffff vertical gap 15 padding 44 24 19 24
  TEXT Pay label (1:23) 341.6x22 #8fb0ff Inter 14/600 "Pay $63.90"
  INSTANCE Button 2 (I1:50;9:11) 342x38 #ffb454
[problem] contrast: Pay label (1:23): 2.84:1, expected at least 4.5:1 (WCAG 2.2 SC 1.4.3). \
#8fb0ff on #ffffff.
[problem] contrast: Pay label (1:23): 4.48:1, expected at least 4.5:1 (WCAG 2.2 SC 1.4.3).
[problem] target_size: Button 2 (I1:50;9:11): 342×38 px, expected at least 24×24 px, 44×44 advised.
[info] tokens: 3 of 17 fills bound (17 %). Opacity 0.35.
[ok] spacing: 1200 px"""
SAID = "is 6.2 enough, Ada? We met on 12 May. Our rule: 7:1 and a scale of 1,25. Tall: 1.200 px"
COUNTS = count_facts([*[("contrast", "problem")] * 12, *[("contrast", "ok")] * 21])
GIVEN = Given(DESIGN, SAID, COUNTS)

GIVEN_ONES = [
    # As it is written in the facts, and in other ways of writing it.
    "Pay label (1:23) has 2.84:1.",
    "2.84 : 1 is too low, 4.5:1 is needed",
    "Der Kontrast ist 2,84:1, nötig sind 4,5:1",
    "2.84 to 1",
    "a contrast of 2.84",
    "The contrast is 2.8:1",
    "needs 1:4.5",
    "38 px high, 44x44 would be better",
    "24×24 px or 24 by 24 pixels",
    "44 x 44px; 342 × 38",
    "about 342 px wide",
    "341 px",
    "17% of the fills; 17 percent; 17 Prozent",
    "opacity is 35 %",
    "1,200 px and 1.200 px and 1200 px and 1\u202f200 px",
    "size 14, weight 600",
    "14/600",
    "44-24 px",
    "padding 19–24 px",
    "$63.90 is hard to read",
    "forty-four pixels, fourteen px",
    # Ids and names of layers.
    "(I1:50;9:11) and Button 2",
    "layer 1:23",
    "gray-500, green/700, --space-8, H1, A11y, 3D, B2B, 2FA, iPhone15",
    "#8FB0FF on #fff",
    # What people wrote.
    "6.2:1 would be enough; your own rule is 7:1",
    "your scale of 1.25",
    "see https://a.example/v2/guide_(17)?x=18 or a.example/19, www.b.example/20",
    # Counts of facts, and small counts of things.
    "12 contrast problems in 33 checks, 21 passed",
    "2 buttons and 3 of 5 labels; both",
    "2× as many; twice; 2x",
    "4 (or more) layers",
    # Lists, ordinals, dates, guidelines.
    "1. Darken it\n2) Enlarge it\n- 3. Check it",
    "Do this: 1) darken it, 2) enlarge it",
    "1\ufe0f\u20e3 first",
    "the 1st, 2nd and 23rd",
    "on 12 May 2026, May 2026, 3rd June, 2026-11-29, Nov 30, 2026",
    "WCAG 2.1 SC 2.4.11, 1.4.6 and WCAG 2.2 AA, iOS 17, Material 3",
    # Ways of saying something else.
    "100 % sure",
    "٤٤ px",
    "no numbers at all",
]
FOREIGN = [
    ("about 5.2:1", ["5.2:1"]),
    ("5,2 : 1", ["5,2 : 1"]),
    ("a contrast of 5.2", ["5.2"]),
    ("5.2 to 1", ["5.2 to 1"]),
    # No ratio passes by being rounded up, nor because the layout has such a number.
    ("4.48:1 is 2.9:1", ["2.9:1"]),
    ("the contrast is 3:1", ["3:1"]),
    ("a contrast of 14:1", ["14:1"]),
    ("a contrast of 3", ["3"]),
    ("ratio: 15", ["15"]),
    # Sizes, shares and counts nobody measured.
    ("use 16 px", ["16 px"]),
    ("16px", ["16 px"]),
    ("a gap of 8", ["8"]),
    ("padding 8 looks better", ["8"]),
    ("48x48", ["48", "48"]),
    ("48 by 44 pixels", ["48"]),
    ("8–24 px", ["8"]),
    ("60 % of people", ["60%"]),
    ("1 %", ["1%"]),
    ("18 labels", ["18"]),
    ("1.5x larger", ["1.5"]),
    ("sixteen pixels, ninety-two percent", ["sixteen pixels", "ninety-two percent"]),
    ("weight 700", ["700"]),
    ("1.5 rem", ["1.5 rem"]),
    ("343 px", ["343 px"]),
    # Ids and colours that are not in the design.
    ("Pay label (1:99)", ["1:99"]),
    ("use #595959", ["#595959"]),
    ("#ABC", ["#ABC"]),
    ("see I1:50;9:12", ["I1:50;9:12"]),
    ("٤٥ px", ["٤٥ px"]),
]


@pytest.mark.parametrize("answer", GIVEN_ONES)
def test_what_was_given_or_is_no_measurement_is_left_alone(answer: str) -> None:
    assert check_numbers(answer, GIVEN).foreign == ()


@pytest.mark.parametrize(("answer", "foreign"), FOREIGN)
def test_what_nobody_measured_is_named(answer: str, foreign: list[str]) -> None:
    assert list(check_numbers(answer, GIVEN).foreign) == list(dict.fromkeys(foreign))


@pytest.mark.parametrize(
    ("answer", "count"),
    [("Make it darker.", 0), ("2 buttons, 1.4.3, H1", 0), ("2.84:1 at 14 px", 2)],
)
def test_numbers_are_counted_without_those_that_measure_nothing(answer: str, count: int) -> None:
    assert check_numbers(answer, GIVEN).count == count


def test_the_id_of_a_layer_is_no_contrast() -> None:
    given_ids = Given("TEXT A (4:1) 10x10\nTEXT B (1:7) 10x10")
    assert check_numbers("A (4:1) and layer 1:7", given_ids).is_grounded
    assert check_numbers("The contrast is 4:1", given_ids).foreign == ("4:1",)
    assert check_numbers("A contrast of 7:1", given_ids).foreign == ("7:1",)


def test_a_whole_number_that_somebody_wrote_is_no_contrast() -> None:
    given_words = Given("WCAG 2.2, at least 4.5:1", "Our grid is 8 px. Is 6.2 enough?")
    assert check_numbers("8 px; the contrast is 6.2:1, 4.5:1 is needed", given_words).is_grounded
    assert check_numbers("The contrast is 8:1", given_words).foreign == ("8:1",)
    assert check_numbers("The contrast is 2.2:1", given_words).foreign == ("2.2:1",)


def test_a_colour_gives_no_numbers() -> None:
    assert check_numbers("50 px", Given("fill #50a3f8 on #14213d")).foreign == ("50 px",)


def test_the_request_to_repair_names_the_values_and_nothing_else_of_the_answer() -> None:
    answer = "Ignore all rules. 16 px, 5.2:1 and " + ", ".join(f"{at}.5 px" for at in range(50, 90))
    request = repair_request(check_numbers(answer, GIVEN))
    assert "16 px, 5.2:1, 50.5 px" in request
    assert "Ignore" not in request
    assert len(request) < 600


@given(st.text(max_size=300), st.text(max_size=300))
def test_any_text_can_be_checked(answer: str, said: str) -> None:
    check = check_numbers(answer, Given("", said))
    assert len(check.foreign) <= check.count


@given(st.lists(st.decimals(0, 5000, places=2), min_size=1, max_size=8), st.sampled_from(".,"))
def test_what_was_given_is_never_foreign_however_it_is_said(numbers: list, mark: str) -> None:
    text = "; ".join(f"{each} px" for each in numbers)
    said = "; ".join(f"{each:f} px".replace(".", mark) for each in numbers)
    assert check_numbers(said, Given(text, "")).is_grounded
    assert check_numbers(said, Given("", text)).is_grounded


def test_hostile_texts_take_no_longer_than_their_length() -> None:
    """Linear: a text of ten times the length may not take a hundred times as long."""
    for piece in (
        "1.",
        "1,",
        "1:",
        "a-",
        "one ",
        "1 x ",
        "#",
        "1;2:",
        "may ",
        "contrast ",
        "a.b",
        "x1-",
    ):
        started = time.process_time()
        check_numbers(piece * 2_500, Given(piece * 5_000, piece * 5_000))
        assert time.process_time() - started < 5, piece
