"""Drafts of all designs in Chromium, beside what was designed: boxes, texts, styles, widths."""

import re
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from playwright.sync_api import Browser

from service.pipelines.gate.cases import props_of
from service.pipelines.gate.comparing import misplaced
from service.pipelines.spec import Spec, build_spec
from tests.service.pipelines import rendering
from tests.service.pipelines.fixtures.designs import DESIGNS
from tests.service.pipelines.fixtures.layers import without_auto_layout
from tests.service.pipelines.fixtures.trees import any_design

WIDTHS = (360, 768, 1200, 1920)
TREES = 24
NAMES = [
    *DESIGNS,
    *(f"loose_{name}" for name in DESIGNS),
    *(f"tree{at}" for at in range(TREES)),
]


@pytest.fixture(scope="module")
def specs() -> dict[str, Spec]:
    found = {name: build_spec(make()) for name, make in DESIGNS.items()}
    for name, make in DESIGNS.items():
        answer = make()
        answer["document"] = without_auto_layout(answer["document"])
        found[f"loose_{name}"] = build_spec(answer)
    return found | {f"tree{at}": build_spec(any_design(Random(at))) for at in range(TREES)}


@pytest.fixture(scope="module")
def stage(
    browser: Browser, specs: dict[str, Spec], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[rendering.Stage]:
    work: Path = tmp_path_factory.mktemp("rendered")
    rendering.bundle(specs, work)
    stage = rendering.Stage(browser, work)
    yield stage
    stage.page.close()


@pytest.mark.parametrize("name", NAMES)
def test_a_draft_says_and_looks_as_its_spec_demands(
    name: str, specs: dict[str, Spec], stage: rendering.Stage
) -> None:
    spec = specs[name]
    for each in spec.renderings:
        props = props_of(spec, each)
        shown = stage.show(name, props, rendering.designed_width(spec, each))
        assert shown.errors == ()
        assert {key: shown.boxes[key]["text"] for key, _ in each.texts} == dict(each.texts)
        assert rendering.unlike(stage.page, spec, each) == []


@pytest.mark.parametrize("name", NAMES)
def test_a_draft_makes_no_page_scroll_sideways(
    name: str, specs: dict[str, Spec], stage: rendering.Stage
) -> None:
    overflow = {width: stage.show(name, {}, width).shares["overflow"] for width in WIDTHS}
    assert overflow == dict.fromkeys(WIDTHS, 0)


def test_what_is_delivered_is_what_was_compared(
    browser: Browser, specs: dict[str, Spec], stage: rendering.Stage, tmp_path: Path
) -> None:
    """But for the layers' ids, traced and delivered drafts make the same page."""
    ours = {name: specs[name] for name in DESIGNS}
    rendering.bundle(ours, tmp_path, traced=False)
    delivered = rendering.Stage(browser, tmp_path)
    for name in ours:
        stage.show(name, {}, 1200)
        delivered.show(name, {}, 1200)
        traced = re.sub(r' data-node="[^"]*"', "", stage.page.inner_html("#root"))
        assert delivered.page.inner_html("#root") == traced
    delivered.page.close()


@pytest.mark.parametrize("how", ["", "loose_"])
def test_elements_are_where_they_were_designed(
    how: str, specs: dict[str, Spec], stage: rendering.Stage
) -> None:
    """As the designer laid them out, and found by sight where all were put somewhere by hand."""
    total, wrong = 0, list[str]()
    for name in (f"{how}{each}" for each in DESIGNS):
        for each in specs[name].renderings:
            props = props_of(specs[name], each)
            shown = stage.show(name, props, rendering.designed_width(specs[name], each))
            total += len(each.bounds)
            wrong += [f"{name} {row}" for row in misplaced(each, shown.boxes)]
    assert len(wrong) <= 0.05 * total, "\n".join(wrong)


def test_code_is_no_transcript_of_coordinates(
    specs: dict[str, Spec], stage: rendering.Stage
) -> None:
    """Absolute places, values in brackets, telling tags, and tokens that are used once."""
    sums: dict[str, int] = {}
    for name in DESIGNS:
        for key, value in stage.show(name, {}, 1200).shares.items():
            if isinstance(value, int):
                sums[key] = sums.get(key, 0) + value
    assert sums["absolute"] < 0.03 * sums["elements"]
    assert sums["odd"] < 0.03 * sums["classes"]
    assert sums["telling"] > 0.29 * sums["elements"]
    tokens = [each for name in DESIGNS for each in specs[name].tokens if each.type != "fontFamily"]
    once = [each for each in tokens if each.uses == 1 and each.origin == "role"]
    assert len(once) <= 0.1 * len(tokens)
