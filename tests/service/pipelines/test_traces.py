"""What is delivered says nothing of layers."""

import re
from random import Random

import pytest

from service.pipelines.generate import generate
from service.pipelines.generate.traces import without_traces
from service.pipelines.spec import build_spec
from tests.service.pipelines.fixtures.designs import DESIGNS
from tests.service.pipelines.fixtures.trees import any_design


def squeezed(files: dict[str, str]) -> dict[str, str]:
    """Without what only the breaking of lines makes different."""
    return {
        path: re.sub(r"\s+(?=[<{/>])|(?<=[>}])\s+|\n\s*", "", text) for path, text in files.items()
    }


@pytest.mark.parametrize("name", DESIGNS)
def test_a_draft_without_its_traces_is_the_draft_that_had_none(name: str) -> None:
    spec = build_spec(DESIGNS[name]())
    traced, plain = generate(spec, traced=True).files, generate(spec).files
    bare = without_traces(traced)
    assert squeezed(bare) == squeezed(dict(plain))
    assert without_traces(bare) == bare


@pytest.mark.parametrize("seed", range(40))
def test_so_it_is_for_trees_of_chance(seed: int) -> None:
    spec = build_spec(any_design(Random(seed)))
    bare = without_traces(generate(spec, traced=True).files)
    assert squeezed(bare) == squeezed(dict(generate(spec).files))


def test_traces_on_lines_of_their_own_go_too() -> None:
    """A model may have broken the lines."""
    text = '<p\n  data-node="1:2"\n  className="p-4"\n>\n  {"data-node=1:2"}\n</p>'
    (bare,) = without_traces({"A.tsx": text}).values()
    assert bare == '<p\n  className="p-4"\n>\n  {"data-node=1:2"}\n</p>'


def test_words_that_look_like_traces_stay() -> None:
    text = '<p data-node="1:2" title={" data-node=\\"1:2\\""}>{" nodes={[\\"1\\"]}"}</p>'
    (bare,) = without_traces({"A.tsx": text}).values()
    assert bare == text.replace(' data-node="1:2" title', " title")


def test_a_part_that_uses_its_nodes_in_another_way_keeps_them() -> None:
    text = (
        "function Row({ nodes }: { nodes: string[] }) {\n"
        "  return <p data-node={nodes[0]}>{nodes.length}</p>;\n}\n"
        '<Row nodes={["1:2"]} />'
    )
    assert without_traces({"A.tsx": text}) == {"A.tsx": text}


def test_only_components_are_touched() -> None:
    text = ' data-node="1:2"'
    assert without_traces({"theme.css": text, "types.ts": text}) == {
        "theme.css": text,
        "types.ts": text,
    }
