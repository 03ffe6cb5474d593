"""What elements are, why, and that a person may overrule it."""

from typing import Any

import pytest

from service.pipelines.spec import BadOverride, Spec, build_spec, read_overrides
from service.pipelines.spec.overruling import OVERRULING
from service.pipelines.spec.surroundings import HEADING
from tests.service.pipelines.fixtures.designs import DESIGNS
from tests.service.pipelines.fixtures.layers import Node, column, design, fill, icon, row, words
from tests.service.pipelines.reading import in_column, named, spec_of


def tags(spec: Spec) -> list[str]:
    return [each.tag for each in spec.root.walk()]


@pytest.mark.parametrize(
    ("name", "tag"),
    [
        ("Button", "button"), ("Primary Button", "button"), ("Button/Primary/Large", "button"),
        ("navButton", "button"), ("Link", "a"), ("Nav bar", "nav"), ("App bar", "header"),
        ("Footer", "footer"), ("Product card", "article"), ("Hero", "section"),
        ("Button group", "div"), ("Frame 12", "div"), ("按钮", "div"),
    ],
)  # fmt: skip
def test_the_name_says_what_a_layer_is(name: str, tag: str) -> None:
    element = named(in_column(row(name, words("Words", name="Label"), pad=8)), name)
    assert element.tag == tag
    assert element.reason


def test_the_component_says_it_before_the_layer() -> None:
    instance = row("Anything", words("Save"), kind="INSTANCE", componentId="7:1", pad=8)
    spec = spec_of(
        column("Root", instance, w=400),
        components={"7:1": {"name": "Size=md", "componentSetId": "7:0"}},
        componentSets={"7:0": {"name": "Button"}},
    )
    button = named(spec, "Anything")
    assert (button.tag, button.reason) == ("button", "its component's name says button")


def test_a_person_may_overrule_each_guess() -> None:
    answer = design(column("Root", row("Button", words("Save"), pad=8, id="5:5"), w=400))
    spec = build_spec(answer, overrides={"5:5": "a"})
    assert (named(spec, "Button").tag, named(spec, "Button").reason) == ("a", "somebody said so")


def test_overrides_are_read_as_they_come_from_an_address() -> None:
    assert read_overrides(None) == {}
    assert read_overrides({"1-23": "nav", "I1:2;3:4": "h2"}) == {"1:23": "nav", "I1:2;3:4": "h2"}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ([], "an object of layer ids and tags"), ("nav", "an object of layer ids and tags"),
        ({"1:23": "script"}, 'A layer cannot become "script". Choose one of: a, article,'),
        ({"1:23": "<b>"}, 'cannot become "b"'), ({"1:23": None}, 'cannot become "None"'),
        ({"1:23": ["nav"]}, "cannot become"), ({"Button": "a"}, '"Button" is no id of a layer'),
        ({1: "a"}, '"1" is no id of a layer'),
        ({f"1:{at}": "a" for at in range(201)}, "At most 200 layers"),
    ],
)  # fmt: skip
def test_overrides_that_cannot_be_taken_are_refused_with_a_sentence(
    given: object, said: str
) -> None:
    with pytest.raises(BadOverride) as refused:
        read_overrides(given)
    assert said in str(refused.value)


def test_a_choice_that_cannot_be_followed_is_noted() -> None:
    inner = words("Save", name="Label", id="5:6")
    plain = words("Some words", id="5:7")
    answer = design(column("Root", row("Button", inner, pad=8, id="5:5"), plain, w=400))
    wanted: Any = {"5:6": "h2", "5:7": "ul", "5:9": "nav", "5:5": "button", "1:1": ["nav"]}
    spec = build_spec(answer, overrides=wanted)
    assert spec.notes == (
        "5:6: it cannot be h2 there, and stays span: a text in a button",
        "5:7: it cannot be ul there, and stays p: a text",
        "5:9: there is no element of this id that could become nav",
    )


@pytest.mark.parametrize("tag", sorted(OVERRULING))
@pytest.mark.parametrize("make", [DESIGNS["card"], DESIGNS["form"], DESIGNS["instances"]])
def test_whatever_a_person_chooses_stands_where_html_allows_it(make: Any, tag: str) -> None:
    answer = make()
    for layer in [each.id for each in build_spec(answer).root.walk() if each.id]:
        root = build_spec(answer, overrides={layer: tag}).root
        for each in root.walk():
            inside = {part.tag for part in each.walk() if part is not each}
            if each.tag in ("p", "span", "label", "button", "a") or HEADING.match(each.tag):
                assert inside <= {"span", "svg", "img", "input", "a", "button"}
            if each.tag in ("ul", "ol"):
                assert {part.tag for part in each.children} <= {"li"}
            assert each.tag in ("ul", "ol") or "li" not in {part.tag for part in each.children}


def test_nobody_may_say_script() -> None:
    answer = design(column("Root", row("Button", words("Save"), pad=8, id="5:5"), w=400))
    spec = build_spec(answer, overrides={"5:5": "script"})
    assert named(spec, "Button").tag == "button"


def test_larger_text_is_a_heading_a_level_for_each_size() -> None:
    spec = in_column(
        words("Largest", 32),
        words("Large", 24, 600),
        words("A text that most of the letters are in", 16),
    )
    assert tags(spec) == ["section", "h2", "h3", "p"]


def test_a_light_introduction_is_no_heading() -> None:
    body = words("A text that most of the letters are in", 16)
    spec = in_column(words("Largest", 32), words("Some light words", 20), body)
    assert tags(spec) == ["section", "h2", "p", "p"]


def test_no_level_of_headings_is_left_out() -> None:
    body = words("A text that most of the letters are in", 16)
    sizes = ((48, 700), (20, 600), (32, 600))
    spec = in_column(*(words(f"Title {size}", size, weight) for size, weight in sizes), body)
    assert tags(spec) == ["section", "h2", "h3", "h3", "p"]


def test_a_page_has_one_header() -> None:
    bar = row("Header", row("Header", words("Inner")), pad=4)
    spec = in_column(
        bar, row("Header", words("Other"), pad=4), row("Card", row("Header", words("B")))
    )
    assert [each.tag for each in spec.root.walk() if each.name == "Header"] == [
        "header", "div", "div", "header",
    ]  # fmt: skip


def test_a_number_is_no_heading() -> None:
    spec = in_column(words("49", 40), words("A text that most of the letters are in", 16))
    assert "h2" not in tags(spec)


def test_nothing_that_can_be_clicked_stands_in_another() -> None:
    inner = row("Button", words("Inner"), pad=4)
    spec = in_column(row("Button", inner, words("Outer"), pad=8))
    assert tags(spec).count("button") == 1
    assert tags(spec) == ["div", "button", "span", "span", "span"]


def test_a_row_of_links_is_a_navigation() -> None:
    spec = in_column(row("Frame 3", words("A", name="Link"), words("B", name="Link"), gap=8))
    assert tags(spec)[1:] == ["nav", "a", "a"]


def test_three_of_the_same_component_are_a_list() -> None:
    items = [row("Row", words(each), kind="INSTANCE", componentId="7:1") for each in "ABC"]
    spec = in_column(column("Rows", *items))
    assert tags(spec)[1:] == ["ul", "li", "p", "li", "p", "li", "p"]


def test_a_field_is_an_input_with_its_label() -> None:
    field = row(
        "Input", fill(words("you@a.example", name="Hint")), pad=8, stroke=("#112233", 1, "INSIDE")
    )
    spec = in_column(column("E-mail field", words("E-mail"), fill(field), gap=4))
    label = named(spec, "E-mail field")
    assert [each.tag for each in label.walk()] == ["label", "span", "span", "input"]
    assert named(spec, "Hint").attribute("type") == "email"
    assert named(spec, "Hint").attribute("placeholder") == "you@a.example"


def test_a_button_with_only_a_picture_says_its_name() -> None:
    spec = in_column(row("Close button", icon("Cross"), pad=8))
    assert named(spec, "Close button").attribute("aria-label") == "Close button"


def test_fields_and_a_button_are_a_form_that_the_button_sends() -> None:
    spec = build_spec(DESIGNS["form"]())
    assert spec.root.tag == "form"
    assert named(spec, "Button").attribute("type") == "submit"


def test_rows_of_as_many_cells_are_a_table() -> None:
    spec = build_spec(DESIGNS["table"]())
    roles = [each.attribute("role") for each in spec.root.walk()]
    assert roles.count("row") == 4
    assert (roles.count("columnheader"), roles.count("cell")) == (4, 12)


@pytest.mark.parametrize("make", DESIGNS.values(), ids=list(DESIGNS))
def test_only_phrases_stand_in_phrases(make: object) -> None:
    """https://html.spec.whatwg.org/multipage/dom.html#phrasing-content"""
    spec = build_spec(make())  # type: ignore[operator]
    allowed = {"span", "svg", "img", "input", "a", "button"}
    for each in spec.root.walk():
        if each.tag in ("button", "a", "label", "span", "p", "h1", "h2", "h3"):
            inside = {part.tag for part in each.walk() if part is not each}
            assert inside <= allowed
        if each.tag in ("ul", "ol"):
            assert {part.tag for part in each.children} <= {"li"}


def test_reasons_are_given_for_every_element() -> None:
    answers: list[Node] = [make() for make in DESIGNS.values()]
    for answer in answers:
        for each in build_spec(answer).root.walk():
            assert each.tag
            assert each.reason or each is build_spec(answer).root or not each.id
