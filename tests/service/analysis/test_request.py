"""What the body of an analysis may hold, and what is said about one that is wrong."""

import ast
import math
import re
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

import service.review
from service.analysis import nodes
from service.analysis.request import AnalysisRequest, field_problems, path_of
from tests.service.analysis.designs import body, pale_text, screen
from tests.service.review.nodes import frame, text_node


def problems(given: Any) -> dict[str, str]:
    with pytest.raises(ValidationError) as caught:
        AnalysisRequest.model_validate(given)
    return {each["path"]: each["message"] for each in field_problems(caught.value)}


def test_a_body_is_taken_with_what_measuring_reads_and_without_the_rest() -> None:
    given = screen()
    given["secret"] = {"token": "x"}
    given["children"][0]["children"][0]["pluginData"] = {"a": "b"}
    taken = AnalysisRequest.model_validate(body(given, question="  Is it e\u0301asy?  "))
    assert "secret" not in taken.model_dump_json() and "pluginData" not in taken.model_dump_json()
    assert taken.question == "Is it \u00e9asy?"
    assert taken.data.elements[0]["children"][0]["name"] == "Card"


def test_each_bad_field_is_named_by_its_path() -> None:
    given = body(pale_text(), pale_text(5), question="x" * 2001)
    root = given["data"]["elements"][1]
    root["fills"][0]["color"]["r"] = "red"
    root["children"][0]["absoluteBoundingBox"]["x"] = math.nan
    root["children"][0]["style"]["fontSize"] = "12"
    root["opacity"] = 7
    given["data"]["palette"] = [{"id": "1", "name": "a", "color": "red", "kind": "variable"}]
    given["data"]["ignored"] = ["nonsense"]
    given["type"] = "other"
    assert set(problems(given)) == {
        "type",
        "question",
        "data.elements[1].fills[0].color.r",
        "data.elements[1].children[0].absoluteBoundingBox.x",
        "data.elements[1].children[0].style.fontSize",
        "data.elements[1].opacity",
        "data.palette[0].color",
        "data.ignored[0]",
    }


def test_a_path_is_written_as_people_write_it() -> None:
    assert (
        path_of(("data", "elements", 3, "fills", 0, "color")) == "data.elements[3].fills[0].color"
    )
    assert path_of(("data", "styleOverrideTable", "1")) == "data.styleOverrideTable['1']"


@pytest.mark.parametrize("elements", [[], None, {}, [None], ["x"], [[]]])
def test_something_else_than_layers_is_refused(elements: Any) -> None:
    given = body()
    given["data"]["elements"] = elements
    assert all(path.startswith("data.elements") for path in problems(given))


@pytest.mark.parametrize("given", [None, [], "x", {}, {"type": "design-analysis"}])
def test_something_else_than_a_body_is_refused(given: Any) -> None:
    assert problems(given)


def test_fifty_elements_are_taken_and_fifty_one_refused_with_one_message() -> None:
    AnalysisRequest.model_validate(body(*(pale_text(each) for each in range(50))))
    told = problems(body(*(pale_text(each) for each in range(51))))
    assert told == {"data.elements": "At most 50 are allowed, and there are 51."}


def test_two_thousand_layers_are_taken_and_one_more_is_refused() -> None:
    texts = [text_node(id=f"7:{at}") for at in range(1999)]
    AnalysisRequest.model_validate(body(frame(*texts)))
    told = problems(body(frame(*texts, text_node(id="7:2000"))))
    assert told == {"data.elements": "At most 2000 layers are allowed, and there are 2001."}


@pytest.mark.parametrize(("levels", "is_fine"), [(60, True), (61, False), (200, False)])
def test_layers_may_lie_sixty_levels_deep(levels: int, is_fine: bool) -> None:
    node = text_node(id="5:0")
    for level in range(1, levels):
        node = frame(node, id=f"5:{level}")
    if is_fine:
        AnalysisRequest.model_validate(body(node))
    else:
        assert len(problems(body(node))) <= 20


def test_a_layer_has_an_id_of_its_own() -> None:
    nameless = pale_text()
    del nameless["children"][0]["id"]
    assert problems(body(nameless)) == {"data.elements": "Each layer needs its id."}
    told = problems(body(pale_text(), pale_text()))
    assert told["data.elements"].endswith("is there twice.")


@pytest.mark.parametrize("around", [{"name": "Page"}, {"id": "0:2"}])
def test_a_layer_around_has_an_id_that_no_other_has(around: dict[str, Any]) -> None:
    assert set(problems(body(pale_text(), data_ancestors=[around]))) == {"data.ancestors"}
    twice = [{"id": "7:7"}, {"id": "7:7"}]
    assert set(problems(body(pale_text(), data_ancestors=twice))) == {"data.ancestors"}


def test_a_long_name_is_cut_and_a_type_nobody_knows_is_taken() -> None:
    given = body(pale_text())
    root = given["data"]["elements"][0]
    root["name"], root["type"] = "n" * 5000, "HOLOGRAM"
    taken = AnalysisRequest.model_validate(given).data.elements[0]
    assert (len(taken["name"]), taken["type"]) == (200, "HOLOGRAM")


def test_bindings_and_connections_are_kept_as_far_as_they_are_read() -> None:
    alias = {"type": "VARIABLE_ALIAS", "id": "VariableID:1:2", "more": "x" * 9}
    given = body(pale_text(
        boundVariables={"fills": [alias], "size": {"x": alias}, "odd": 7},
        interactions=[{"trigger": {"type": "ON_CLICK"}, "actions": [{"url": "https://x.example"}]}],
        inferredVariables={"fills": [[alias]]},
        componentProperties={"Label": {"type": "TEXT", "value": "Pay", "odd": {}}, "bad": 3},
        detachedInfo={"type": "library", "componentKey": "k", "odd": 1},
        writable=False,
    ))  # fmt: skip
    taken = AnalysisRequest.model_validate(given).data.elements[0]
    kept = {"type": "VARIABLE_ALIAS", "id": "VariableID:1:2"}
    assert taken["boundVariables"] == {"fills": [kept], "size": {"x": kept}}
    assert taken["interactions"] == [{"trigger": {"type": "ON_CLICK"}}]
    assert taken["inferredVariables"] == {"fills": [[kept]]}
    assert taken["componentProperties"] == {"Label": {"type": "TEXT", "value": "Pay"}}
    assert taken["detachedInfo"] == {"type": "library", "componentKey": "k"}
    assert taken["writable"] is False


def test_every_field_that_a_rule_reads_is_taken() -> None:
    """A field that is dropped here would be measured in comments and not in analyses."""
    shapes = [each for each in vars(nodes).values() if hasattr(each, "__total__")]
    taken = {name for shape in shapes for name in shape.__annotations__}
    # Keys of what we make ourselves, of variables, and of the answers around a node.
    taken |= {"trigger", "value", "defaultValue", "variantOptions", "text", "fill", "stroke"}
    taken |= {"valuesByMode", "scopes", "remote", "url", "description", "document"}
    unread = {}
    for path in Path(service.review.__file__).parent.rglob("*.py"):
        for call in ast.walk(ast.parse(path.read_text())):
            if not isinstance(call, ast.Call):
                continue
            called = getattr(call.func, "id", getattr(call.func, "attr", ""))
            if called not in ("number", "text", "child", "children", "box_of"):
                continue
            for each in call.args[1:2]:
                if isinstance(each, ast.Constant) and re.fullmatch(r"[a-zA-Z]+", str(each.value)):
                    unread.setdefault(each.value, path.name)
    assert {name: place for name, place in unread.items() if name not in taken} == {}
