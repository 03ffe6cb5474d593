"""The grid, the colours and the text sizes that a design follows by itself."""

import pytest

from service.review import Options, measure
from service.review.scale import Scale
from tests.service.review.golden.parts import (
    BRAND,
    INK,
    MUTED,
    PAPER,
    Node,
    label,
    numbered,
    raw,
    screen,
    shape,
    stack,
)

BOUND = {"boundVariables": {"itemSpacing": {"type": "VARIABLE_ALIAS", "id": "V:1"}}}


def scale_of(document: Node, **options: object) -> Scale:
    found = measure(numbered(document), options=Options(**options)).scale  # type: ignore[arg-type]
    assert found is not None
    return found


def lists(*gaps: float, **more: object) -> Node:
    each = [stack(label("One"), label("Two"), name="List", gap=gap, **more) for gap in gaps]  # type: ignore[arg-type]
    return {**stack(*each, name="Screen", gap=0, fill=PAPER), "layoutMode": "NONE"}


@pytest.mark.parametrize(
    ("gaps", "grid"),
    [
        ((), 4),
        ((8, 16), 4),  # too few to tell
        ((8,) * 12, 8),
        ((8, 16, 24) * 4, 8),
        ((8, 16, 24) * 4 + (4,) * 2, 4),
        ((4, 8, 12, 16) * 2, 4),
        ((6, 10, 14) * 2, 2),
        ((5, 7, 9, 11) * 2, 4),  # none
        ((8, 16, 24) * 4 + (13,), 8),  # an odd one does not change it
        ((4, 12) * 5 + (7, 9, 11, 13, 15), 4),  # nor do many, each of them used once
    ],
)
def test_the_grid_is_the_largest_that_the_most_frequent_values_obey(
    gaps: tuple[float, ...], grid: int
) -> None:
    assert scale_of(lists(*gaps)).grid == grid


def test_values_from_variables_decide_alone() -> None:
    mixed = stack(lists(6, 6, 6, 10, 10, 10), lists(8, 16, 8, 16, **BOUND), name="Both")
    assert scale_of(mixed).grid == 4
    unbound = stack(lists(6, 6, 6, 10, 10, 10), lists(8, 16, 8, 16), name="Both")
    assert scale_of(unbound).grid == 2


def test_a_person_can_set_the_grid() -> None:
    found = scale_of(lists(*(4, 12) * 5), grid=5)
    assert (found.grid, found.is_given) == (5, True)
    facts = measure(numbered(lists(4, 10)), options=Options(grid=5)).facts
    assert [each.value for each in facts if each.verdict == "problem"] == ["gap 4 px"]


def test_the_palette_has_the_most_used_colours_first_with_their_tokens() -> None:
    document = screen(
        label("One", colour=INK),
        label("Two", colour=INK),
        label("Three", fills=[raw("#123456")]),
        shape("RECTANGLE", 20, 20, fills=[raw("#000000", 0.3)]),
        shape("RECTANGLE", 20, 20, BRAND, styles={"fill": "S:1"}),
        name="Orders",
    )
    names = {"VariableID:1:1": "Text/Primary", "S:1": "Brand"}
    palette = scale_of(document, tokens=names).palette
    told = [(each.colour, each.count, each.bound, each.token) for each in palette]
    assert told == [
        (INK, 2, 2, "Text/Primary"),
        ("#123456", 1, 0, ""),
        (BRAND, 1, 1, "Brand"),
        (PAPER, 1, 1, "VariableID:1:3"),
    ]


def test_it_is_told_in_one_line_and_as_json() -> None:
    document = screen(label("One", 14, MUTED), label("Two", 20), label("Three", 20), name="Orders")
    found = scale_of(document)
    assert str(found) == "4 px grid, 3 colours, 2 text sizes"
    assert found.to_json() == {
        "grid": 4,
        "palette": [INK, MUTED, PAPER],
        "type_sizes": [14, 20],
    }
    assert measure(None).scale is None


def test_colours_of_the_file_that_are_not_in_use_count_too() -> None:
    document = numbered(screen(label("One", fills=[raw("#0d99fe")]), name="Orders"))
    colours = {"V:1": "#0d99ff", "V:2": "not a colour"}
    options = Options(tokens={"V:1": "Brand"}, token_colours=colours)
    (found,) = (
        each for each in measure(document, options=options).facts if each.kind == "colour"
        and each.rule == "near-duplicate-colour"
    )  # fmt: skip
    assert found.value == "#0d99fe beside #0d99ff" and "(Brand)" in found.detail
    assert not any(each.rule == found.rule for each in measure(document).facts)
