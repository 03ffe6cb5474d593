"""What can be clicked although no name says so: by connections, places and looks."""

from typing import Any

import pytest

from service.pipelines.generate.drafts import type_of
from service.pipelines.spec import build_spec
from tests.service.pipelines.fixtures.layers import Node, column, design, row, shape, words
from tests.service.pipelines.reading import named, spec_of

BLUE = "#1d4ed8"


def body() -> Node:
    return words("A text that most of the letters are in", 16)


@pytest.mark.parametrize(
    ("said", "ink", "weight", "tag"),
    [
        ("Apply", BLUE, 600, "button"), ("Change", BLUE, 600, "button"),
        ("Learn more", BLUE, 500, "a"), ("Continue shopping", BLUE, 600, "a"),
        ("Apply", "#475467", 600, "p"), ("Apply", BLUE, 400, "p"),
        ("Change is what we all want", BLUE, 600, "p"), ("Blue words", BLUE, 600, "p"),
    ],
)  # fmt: skip
def test_a_short_command_in_the_colour_of_links_can_be_clicked(
    said: str, ink: str, weight: int, tag: str
) -> None:
    spec = spec_of(column("Root", words(said, 14, weight, fills=ink, name="Text"), body(), w=400))
    found = named(spec, "Text")
    assert found.tag == tag
    handlers = [each for each in spec.props if each.kind == "handler"]
    assert [type_of(each) for each in handlers] == ["() => void"] * (tag == "button")


def test_a_mark_in_a_bar_is_a_button_by_its_name() -> None:
    marks = [shape(name, 20, 20, kind="ELLIPSE") for name in ("Back", "Avatar")]
    spec = spec_of(column("Root", row("Header", *marks), shape("Back", 20, 20), w=400))
    assert [each.tag for each in spec.root.walk()] == ["div", "header", "button", "div", "div"]
    assert named(spec, "Back").attribute("aria-label") == "Back"


@pytest.mark.parametrize(
    ("action", "tag", "href"),
    [
        ({"type": "URL", "url": "https://choir.example/"}, "a", "https://choir.example/"),
        ({"type": "URL", "url": "javascript:alert(1)"}, "a", "#"),
        ({"type": "NODE", "navigation": "NAVIGATE", "destinationId": "9:9"}, "a", "#"),
        ({"type": "NODE", "navigation": "OVERLAY", "destinationId": "9:9"}, "button", ""),
        ({"type": "BACK"}, "button", ""),
    ],
)
def test_what_a_prototype_leads_on_from_can_be_clicked(
    action: dict[str, Any], tag: str, href: str
) -> None:
    click = [{"trigger": {"type": "ON_CLICK"}, "actions": [action]}]
    for layer in (
        words("Some words", name="Layer", interactions=click),
        row("Layer", words("Some words"), pad=8, interactions=click),
    ):
        found = named(build_spec(design(column("Root", layer, body(), w=400))), "Layer")
        assert (found.tag, found.attribute("href")) == (tag, href)
