"""Whatever a request may hold, it is refused with a path or answered: nothing in between."""

import copy
import json
import random
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import ValidationError

from service.analysis.briefing import number_facts
from service.analysis.canonical import prepare
from service.analysis.request import AnalysisRequest, field_problems
from service.analysis.suggestions import from_stored, to_stored
from service.analysis.words import measured
from tests.service.analysis.designs import body, off_grid, pale_text
from tests.service.review.golden.broken import BROKEN
from tests.service.review.golden.clean import CLEAN
from tests.service.review.nodes import frame

VALUES: list[Any] = [
    None, True, False, 0, -1, 1, 0.5, 1e6, -1e6, 1e7, "", "x", "TEXT", "FRAME", "HOLOGRAM", "GRID",
    [], {}, [{}], [[]], "#123456", {"id": "V:1"}, [{"id": "V:1"}], {"r": 1, "g": 0, "b": 0},
    "I1:2;3:4", "\ue0001", "n" * 300, {"x": 0, "y": 0, "width": 0, "height": 0}, [0, 0, 0, 0],
]  # fmt: skip
FIELDS = (
    "opacity", "cornerRadius", "rectangleCornerRadii", "effects", "layoutMode", "itemSpacing",
    "isMask", "clipsContent", "rotation", "style", "boundVariables", "inferredVariables", "styles",
    "detachedInfo", "writable", "componentId", "children", "fills", "strokes", "strokeWeight",
    "absoluteBoundingBox", "absoluteRenderBounds", "characters", "name", "type", "visible",
    "layoutSizingHorizontal", "arcData", "relativeTransform", "size", "characterStyleOverrides",
    "styleOverrideTable", "interactions", "layoutPositioning", "componentProperties", "blendMode",
)  # fmt: skip


def layers(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        yield node
        for each in node.get("children") or ():
            yield from layers(each)


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every place in a body that holds a value."""
    if isinstance(value, dict | list):
        for key, each in value.items() if isinstance(value, dict) else enumerate(value):
            yield value, key
            yield from places(each)


def disturbed(given: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    """The body with some other value, of a field of a layer or anywhere."""
    given = copy.deepcopy(given)
    roots = given["data"]["elements"]
    if chance.random() < 0.6 and isinstance(roots, list) and roots:
        found = [each for root in roots for each in layers(root)]
        if found:
            chance.choice(found)[chance.choice(FIELDS)] = copy.deepcopy(chance.choice(VALUES))
            return given
    holder, key = chance.choice(list(places(given["data"])))
    holder[key] = copy.deepcopy(chance.choice(VALUES))
    return given


@pytest.mark.parametrize("seed", range(8))
def test_any_body_is_refused_by_name_or_answered(seed: int) -> None:
    chance = random.Random(seed)
    kinds = ("design-analysis", "color-suggestion", "layout-optimization")
    answered = refused = 0
    while answered < 12:
        design = chance.choice([*BROKEN, *CLEAN])
        given = body(design.document, type=chance.choice(kinds))
        if chance.random() < 0.5:
            given["data"]["elements"] += [pale_text(500), off_grid(600)]
        if chance.random() < 0.3:
            given["data"]["ancestors"] = [frame(id="77:1", children=[])]
        for _ in range(chance.randrange(1, 6)):
            other = disturbed(given, chance)
            try:
                request = AnalysisRequest.model_validate(other)
            except ValidationError as error:
                refused += 1
                assert all(each["path"].startswith("data") for each in field_problems(error))
            else:
                given = other
        request = AnalysisRequest.model_validate(given)
        selection = prepare(request)
        answer = measured(selection).to_json()
        number_facts(selection)
        stored = json.loads(json.dumps(to_stored(answer, selection)))
        assert from_stored(stored, selection) == answer
        answered += 1
    assert refused > 0
