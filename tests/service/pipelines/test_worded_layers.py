"""Words of layers that are no texts, and words that were lost."""

from dataclasses import replace

import pytest

from service.pipelines.gate import GateRequest, Sandbox, check
from service.pipelines.spec import Spec
from tests.service.pipelines.fixtures.layers import row, shape, words
from tests.service.pipelines.gating import TOOLS
from tests.service.pipelines.reading import css, named, spec_of


@pytest.mark.parametrize(
    "kind", ["STICKY", "SHAPE_WITH_TEXT", "CONNECTOR", "TABLE_CELL", "TEXT_PATH", "UNHEARD_OF"]
)
def test_words_of_every_layer_are_built(kind: str) -> None:
    note = shape("Note", 200, 120, "#fde68a", kind, characters="Guests drop out")
    for document in (note, row("Board", {**note}, w=400, h=200)):
        spec = spec_of({**document})
        element = named(spec, "Note")
        assert (element.tag, element.texts[0].plain) == ("p", "Guests drop out")
        assert css(element)["color"] == "#1e1e1e"
        assert "height" not in css(element)
        assert dict(spec.renderings[0].texts) == {element.id: "Guests drop out"}
        assert spec.lost == ()
        assert any("Inter" in each for each in spec.notes)


def test_lost_words_are_told() -> None:
    inner = words("Too deep", id="9:9")
    for at in range(60):
        inner = row(f"Level {at}", inner)
    spec = spec_of(inner)
    assert spec.lost == ("9:9",)
    assert "9:9: its words are not in the component" in spec.notes
    assert Spec.from_json(spec.to_json()) == spec


def test_a_design_of_which_words_are_lost_is_not_proven() -> None:
    whole = spec_of(row("Root", words("Some words"), w=200, h=40))
    for lost, said in ((), set()), (("9:9",), {"9:9"}):
        # Without files nothing is run, and this is told all the same.
        request = GateRequest(replace(whole, lost=lost), {}, {})
        result = check(request, Sandbox(TOOLS), TOOLS)
        assert {each.node_id for each in result.failures if each.kind == "words"} == said
        assert not any(each.is_advice for each in result.failures)
