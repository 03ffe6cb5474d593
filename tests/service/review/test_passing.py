"""Colours that would pass: of the design first, measured, for the letters or for their ground."""

import re
from pathlib import Path
from typing import Any

import pytest

import service.web
from service.llm import build_prompt, check_numbers
from service.review import WouldPass, asks_what_passes, measured_review, what_would_pass
from service.review.measure import look_at, measure_screen
from tests.service.review.nodes import box, frame, solid, text_node

GREEN, DARK_GREEN = "#22a658", "#2a7a50"
STYLES = {
    "S:700": {"name": "green/700", "styleType": "FILL"},
    "S:ink": {"name": "Text/Primary", "styleType": "FILL"},
}


def swatch(colour: str, style: str = "", **more: Any) -> dict[str, Any]:
    """A layer by which a colour belongs to the design."""
    node = {
        "id": f"9:{int(colour[1:3], 16)}", "name": "Line", "type": "RECTANGLE",
        "fills": [solid(colour)], "absoluteBoundingBox": box(0, 700, 400, 2),
        **({"styles": {"fill": style}} if style else {}),
    }  # fmt: skip
    return node | more


def button(ground: str, letters: str = "#ffffff", **more: Any) -> dict[str, Any]:
    label = text_node(letters, 14, id="1:9", absoluteBoundingBox=box(30, 110, 60, 20))
    node = {
        "id": "1:8", "name": "Button", "type": "INSTANCE", "fills": [solid(ground)],
        "absoluteBoundingBox": box(20, 100, 120, 40), "children": [label],
    }  # fmt: skip
    return node | more


def passing(document: dict[str, Any]) -> tuple[WouldPass, ...]:
    screen = look_at(document, None, STYLES)
    return what_would_pass(measure_screen(screen), screen)


def test_faint_letters_get_the_nearest_colour_of_the_design_that_passes() -> None:
    grey = text_node("#b8bfca")
    (found,) = passing(frame(grey, swatch("#6b7280"), swatch("#14213d", "S:ink")))
    assert found.sentence == (
        "Label (1:9): with letters in #6b7280 (used here already) instead of #b8bfca it has "
        "4.83:1; at least 4.5:1 is needed."
    )


def test_a_colour_with_a_style_is_named_by_it() -> None:
    (found,) = passing(frame(text_node("#b8bfca"), swatch("#14213d", "S:ink")))
    assert (found.colour, found.name, found.ratio) == ("#14213d", "Text/Primary", "15.97:1")


def test_a_button_gets_another_ground_if_that_changes_less() -> None:
    design = frame(button(GREEN), swatch(DARK_GREEN, "S:700"), swatch("#14213d", "S:ink"))
    (found,) = passing(design)
    assert found.sentence == (
        "Label (1:9): with the ground in green/700 (#2a7a50) instead of #22a658 it has 5.25:1; at "
        "least 4.5:1 is needed."
    )


def test_a_ground_under_several_texts_stays() -> None:
    other = text_node("#000000", 14, id="1:10", absoluteBoundingBox=box(95, 110, 30, 20))
    two = button(GREEN)
    two["children"] = [*two["children"], other]
    (found,) = passing(frame(two, swatch(DARK_GREEN, "S:700"), swatch("#14213d", "S:ink")))
    # White letters: black is of their family, ink is not.
    assert (found.part, found.colour) == ("letters", "#000000")


def test_without_such_a_colour_its_own_is_darkened_and_called_so() -> None:
    (found,) = passing(frame(text_node("#8fb0ff"), swatch("#ffd0d0")))
    assert found.is_adjusted and "no colour of this design would do" in found.sentence
    assert float(found.ratio.partition(":")[0]) >= 4.5


@pytest.mark.parametrize(
    "design",
    [
        frame(text_node("#14213d")),
        frame(text_node("#b8bfca", fills=[])),
        frame(text_node("#b8bfca", opacity=0.5), swatch("#14213d")),
        frame(text_node(fills=[{"type": "IMAGE"}]), swatch("#14213d")),
        {"type": "odd", "children": "none"},
    ],
)
def test_nothing_is_said_where_nothing_is_wrong_or_known(design: dict[str, Any]) -> None:
    assert passing(design) == ()


def test_of_many_problems_a_few_are_answered_and_the_same_colours_once() -> None:
    faint = [
        text_node(colour, id=f"2:{at}", absoluteBoundingBox=box(20, 20 * at, 60, 20))
        for at, colour in enumerate(["#b8bfca", "#b8bfca", "#c4cad4", "#c0c6d0", "#d0d0d0"])
    ]
    found = passing(frame(*faint, swatch("#6b7280")))
    assert len(found) == 3
    assert len({each.old for each in found}) == 3


@pytest.mark.parametrize(
    ("question", "asks"),
    [
        ("is the contrast of this button ok?", True),
        ("What would pass?", True),
        ("which colour instead?", True),
        ("Ist der Kontrast gut?", True),
        ("le contraste est-il bon ?", True),
        ("can you suggest something better", True),
        ("how is the spacing?", False),
        ("what do you think?", False),
    ],
)
def test_it_is_asked_for_in_many_ways(question: str, asks: bool) -> None:
    assert asks_what_passes(question) is asks


def test_the_measured_review_says_what_would_pass() -> None:
    screen = look_at(frame(button(GREEN), swatch(DARK_GREEN, "S:700")), None, STYLES)
    facts = measure_screen(screen)
    told = [each.sentence for each in what_would_pass(facts, screen)]
    text = measured_review("is the contrast ok?", facts, would_pass=told)
    assert f"What would pass:\n- {told[0]}" in text


def test_the_example_on_the_start_page_is_an_answer_that_can_be_given() -> None:
    """Each of its numbers is measured in a design like the one it speaks of."""
    page = (Path(service.web.__file__).parent / "templates" / "start.html").read_text("utf-8")
    (said,) = re.findall(r"<strong>Buddy</strong><br>(.*?)</p>", page, re.DOTALL)
    answer = re.sub(r"</?code>", "", " ".join(said.split()))
    question = "is the contrast of this button ok?"
    assert question in page and asks_what_passes(question)
    document = frame(button(GREEN), swatch(DARK_GREEN, "S:700"))
    screen = look_at(document, None, STYLES)
    facts = measure_screen(screen)
    told = [each.as_line() for each in what_would_pass(facts, screen)]
    prompt = build_prompt(question, facts=facts, would_pass=told, document=document)
    assert "green/700" in answer and "green/700" in prompt.messages[1]["content"]
    check = check_numbers(answer, prompt.given)
    assert (check.count, check.foreign) == (4, ())
