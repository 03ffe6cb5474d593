"""What two requests must share to be the same: position, noise, order and ids do not matter."""

import copy
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.analysis import canonical
from service.analysis.canonical import prepare, swap_ids
from service.analysis.request import AnalysisRequest
from service.analysis.words import measured
from service.review import Facts, Options, measure
from tests.service.analysis.designs import (
    BRAND,
    GREY,
    body,
    clean_card,
    off_grid,
    pale_text,
    prepared,
    screen,
    small_targets,
)
from tests.service.review.golden.broken import BROKEN
from tests.service.review.golden.clean import CLEAN
from tests.service.review.golden.parts import Golden
from tests.service.review.nodes import box, frame, text_node

Change = Callable[[dict[str, Any]], object]
MAKERS = (pale_text, off_grid, small_targets, clean_card)


def layers(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for each in node.get("children", ()):
        yield from layers(each)


def key_of(given: dict[str, Any], **more: Any) -> str:
    return prepare(AnalysisRequest.model_validate(given), **more).cache_key


def every(given: dict[str, Any], change: Change) -> dict[str, Any]:
    """The body with a change of each layer."""
    given = copy.deepcopy(given)
    for root in [*given["data"]["elements"], *given["data"].get("ancestors", ())]:
        for layer in layers(root):
            change(layer)
    return given


def several() -> dict[str, Any]:
    return body(*(maker(100 * at) for at, maker in enumerate(MAKERS)))


@given(st.permutations(range(8)))
@settings(max_examples=40, deadline=None)
def test_the_order_of_the_selected_layers_does_not_matter(order: list[int]) -> None:
    roots = [MAKERS[at % 4](100 * at) for at in range(8)]
    before = prepared(*roots)
    after = prepared(*(roots[at] for at in order))
    assert after.cache_key == before.cache_key
    assert after.ids == before.ids
    assert after.facts == before.facts
    assert measured(after).to_json() == measured(before).to_json()


@given(
    st.integers(-40_000, 40_000).map(lambda quarter: quarter / 4),
    st.integers(-40_000, 40_000).map(lambda quarter: quarter / 4),
)
@settings(max_examples=40, deadline=None)
def test_where_the_selection_lies_does_not_matter(x: float, y: float) -> None:
    def move(layer: dict[str, Any]) -> None:
        place = layer["absoluteBoundingBox"]
        layer["absoluteBoundingBox"] = {**place, "x": place["x"] + x, "y": place["y"] + y}

    given = several()
    moved = every(given, move)
    assert key_of(moved) == key_of(given)


@given(st.floats(-0.004, 0.004), st.floats(-0.0004, 0.0004))
@settings(max_examples=40, deadline=None)
def test_float_noise_does_not_matter(px: float, share: float) -> None:
    def disturb(layer: dict[str, Any]) -> None:
        place = layer["absoluteBoundingBox"]
        layer["absoluteBoundingBox"] = {**place, "width": place["width"] + px}
        layer["opacity"] = min(0.5 + share, 1)
        for paint in layer.get("fills", ()):
            paint["color"] = {**paint["color"], "r": min(max(paint["color"]["r"] + share, 0), 1)}

    plain = every(several(), lambda layer: layer.update(opacity=0.5))
    assert key_of(every(plain, disturb)) == key_of(plain)


def renamed(given: dict[str, Any]) -> dict[str, Any]:
    """The same design, copied: every layer has another id."""

    def change(layer: dict[str, Any]) -> None:
        layer["id"] = ";".join(f"8{part}" for part in layer["id"].split(";"))

    return every(given, change)


def test_the_ids_of_layers_do_not_matter() -> None:
    given = several()
    assert key_of(renamed(given)) == key_of(given)


def test_which_layers_belong_to_one_component_matters() -> None:
    def with_ids(*ids: str) -> str:
        texts = [text_node(id=each, absoluteBoundingBox=box(0, 9 * at, 9, 9))
                 for at, each in enumerate(ids)]  # fmt: skip
        return key_of(body(frame(*texts)))

    assert with_ids("I1:5;2:2", "I1:6;2:2") == with_ids("I3:5;4:4", "I3:6;4:4")
    assert with_ids("I1:5;2:2", "I1:6;2:2") != with_ids("I1:5;2:2", "I1:6;2:3")
    assert with_ids("I1:5;2:2", "I1:6;2:2") != with_ids("1:5", "1:6")


@pytest.mark.parametrize(
    "change",
    [
        lambda given: given.update(type="color-suggestion"),
        lambda given: given.update(question="Is it fine?"),
        lambda given: given.update(context={"instructions": "Be brief."}),
        lambda given: given.update(context={"platform": "ios"}),
        lambda given: given["data"].update(palette=[GREY]),
        lambda given: given["data"].update(palette=[GREY, BRAND, {**GREY, "color": "#595950"}]),
        lambda given: given["data"].update(ignored=["0123456789abcdef"]),
        lambda given: given["data"].update(ancestors=[frame(id="77:1", name="Disabled")]),
        lambda given: given["data"]["elements"][0]["children"].reverse(),
        lambda given: given["data"]["elements"][0].update(name="Other"),
        lambda given: given["data"]["elements"][0]["children"][0].update(componentId="7:7"),
        lambda given: given["data"]["elements"][0]["fills"][0]["color"].update(r=0.9),
        lambda given: given["data"]["elements"][0].update(opacity=0.99),
        lambda given: given["data"]["elements"][0].update(absoluteBoundingBox=box(0, 0, 9, 9)),
    ],
)
def test_everything_else_matters(change: Change) -> None:
    given = body(screen())
    other = copy.deepcopy(given)
    change(other)
    assert key_of(other) != key_of(given)


def test_the_guidance_and_the_model_and_the_rules_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    given = body()
    keys = {
        key_of(given),
        key_of(given, context_version="7:3"),
        key_of(given, model="openai/gpt-5-mini"),
    }
    monkeypatch.setattr(canonical, "code_version", lambda: "other")
    keys.add(key_of(given))
    monkeypatch.setattr(canonical, "PROMPT_VERSION", "other")
    keys.add(key_of(given))
    assert len(keys) == 5


def test_the_order_of_palette_and_ignored_findings_does_not_matter() -> None:
    both, prints = [GREY, BRAND], ["0123456789abcdef", "fedcba9876543210"]
    one = body(data_palette=both, data_ignored=prints)
    other = body(data_palette=both[::-1], data_ignored=[*prints[::-1], prints[0]])
    assert key_of(one) == key_of(other)


def told(facts: Facts) -> list[tuple[str, ...]]:
    return sorted((each.rule, each.node_id, each.verdict, each.value) for each in facts.facts)


@pytest.mark.parametrize("design", [*BROKEN, *CLEAN], ids=lambda each: each.name)
def test_the_same_is_measured_as_in_a_comment(design: Golden) -> None:
    swatches = [
        {"id": key, "name": each["name"], "color": "#123456", "kind": "style"}
        for key, each in design.styles.items()
    ]
    whole = prepared(design.document, data_palette=swatches)
    options = Options(
        tokens={each["id"]: each["name"] for each in swatches},
        token_colours={each["id"]: each["color"] for each in swatches},
    )
    assert told(whole.facts) == told(measure(design.document, options=options))


def test_the_guidance_and_the_request_switch_rules_off_and_set_the_grid() -> None:
    request = AnalysisRequest.model_validate(
        body(off_grid(), context={"instructions": "Rules off: target-size"})
    )
    plain, strict = prepare(request), prepare(request, house_rules="Grid: 7\nRules off: text-size")
    assert plain.cache_key != strict.cache_key
    assert (strict.options.grid, strict.options.off) == (7, {"target-size", "text-size"})
    assert plain.screen.scale.grid == 4
    assert strict.screen.scale.to_json()["grid"] == 7


def test_the_layers_around_give_the_ground_and_no_findings_of_their_own() -> None:
    text = text_node("#777777", id="1:2", absoluteBoundingBox=box(50, 50, 60, 20))
    around = frame(
        fill="#888888", id="1:1", name="Row", layoutMode="HORIZONTAL", itemSpacing=7, paddingTop=3
    )
    del around["children"]
    found = prepared(text, data_ancestors=[around])
    assert [each.value for each in found.facts.of("contrast")] == ["1.26:1"]
    assert {each.node_id for each in found.facts.problems()} == {"1:2"}
    # Without them nothing is known, and white is assumed.
    assert prepared(text).facts.problems() == ()


def test_what_is_said_about_the_whole_is_told_of_a_selected_layer() -> None:
    for more in ({}, {"data_ancestors": [frame(id="77:1", name="Page 1")]}):
        found = prepared(pale_text(), off_grid(), **more)
        whole = [each for each in found.facts.facts if each.rule == "token-use"]
        assert {(each.node_id, each.node_name) for each in whole} == {(found.ids[0], "Selection")}


def test_where_the_selection_lies_in_a_layer_that_holds_it_does_not_matter() -> None:
    def at(x: float) -> str:
        text = text_node("#777777", absoluteBoundingBox=box(x, 50, 60, 20))
        return key_of(body(text, data_ancestors=[frame(id="1:1")]))

    assert at(50) == at(200)
    # Across its edge it is another design.
    assert at(50) != at(390)


def test_a_layer_that_holds_others_is_drawn_before_them() -> None:
    ground = frame(id="1:1", fill="#000000", children=[], absoluteBoundingBox=box(0, 0, 100, 100))
    text = text_node("#333333", id="1:2", absoluteBoundingBox=box(20, 20, 40, 20))
    for order in ((ground, text), (text, ground)):
        contrast = prepared(*order).facts.of("contrast")
        assert [(each.node_id, each.verdict) for each in contrast] == [("1:2", "problem")]


@pytest.mark.parametrize(
    ("kind", "topics"),
    [
        ("color-suggestion", {"contrast", "tokens"}),
        ("layout-optimization", {"target_size", "type_size", "spacing"}),
    ],
)
def test_the_type_says_what_is_measured(kind: str, topics: set[str]) -> None:
    found = {each.kind for each in prepared(screen(), type=kind).facts.facts}
    assert topics <= found
    allowed = canonical.TOPICS[kind]  # type: ignore[index]
    assert found <= allowed
    assert found < {each.kind for each in prepared(screen()).facts.facts}


def test_ids_are_replaced_where_they_stand_in_brackets() -> None:
    said = "The layer Card (1:2) lies on Row (I3:4;5:6), at 1:2, and on (9:9)."
    names = {"1:2": "7", "I3:4;5:6": "8"}
    assert swap_ids(said, names) == "The layer Card (7) lies on Row (8), at 1:2, and on (9:9)."
