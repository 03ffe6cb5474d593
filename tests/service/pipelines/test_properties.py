"""What holds for any tree of layers, however odd."""

import json
import re
from random import Random
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.pipelines.generate import generate
from service.pipelines.generate.drafts import LARGEST
from service.pipelines.spec import Spec, build_spec
from service.pipelines.testing import computed_styles, write_tests
from tests.service.pipelines.fixtures.trees import any_design

usual = settings(deadline=None, max_examples=60, suppress_health_check=list(HealthCheck))
chance = st.randoms(use_true_random=False)
keys = st.sampled_from(
    ["id", "name", "type", "children", "fills", "strokes", "effects", "style", "characters",
    "layoutMode",
     "absoluteBoundingBox", "x", "y", "width", "height", "size", "relativeTransform", "rotation",
     "visible",
     "opacity", "constraints", "boundVariables", "styles", "gradientStops",
     "gradientHandlePositions", "color",
     "characterStyleOverrides", "styleOverrideTable", "lineTypes", "componentPropertyDefinitions",
     "componentPropertyReferences", "isMask", "cornerRadius", "rectangleCornerRadii",
     "strokeWeight"]
)  # fmt: skip
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
    | st.sampled_from(["FRAME", "TEXT", "COMPONENT_SET", "COMPONENT", "GROUP", "VECTOR",
    "VERTICAL", "GRID", "SOLID"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=8),
    max_leaves=40,
)  # fmt: skip
# Words of the language and of the library that a draft may use, beside its own names.
_LANGUAGE = {
    "import", "type", "from", "const", "export", "function", "return", "cva", "cx", "class",
    "variants", "compoundVariants", "className", "true", "false", "undefined", "event",
    "preventDefault", "target", "value", "string", "void", "data", "disabled", "nodes",
    "blankImage", "interface",
}  # fmt: skip
_MARKUP = {
    "div", "span", "section", "article", "header", "footer", "nav", "main", "form", "aside",
    "ul", "ol", "li", "p", "h1", "h2", "h3", "h4", "h5", "h6", "a", "button", "input",
    "label", "svg", "path", "img", "hr", "strong", "em", "viewBox", "fill", "aria", "hidden",
    "checked", "role", "src", "alt", "href", "placeholder", "dir", "onClick", "onChange",
    "onSubmit", "rtl", "d", "node", "data", "defaultValue", "tabIndex",
}  # fmt: skip


@usual
@given(chance)
def test_a_spec_comes_back_from_json_and_is_the_same_twice(random: Random) -> None:
    answer = any_design(random)
    spec = build_spec(answer)
    assert Spec.from_json(spec.to_json()) == spec
    again = build_spec(json.loads(json.dumps(answer)))
    assert again.to_json() == spec.to_json()
    assert generate(again).files == generate(spec).files
    assert write_tests(again) == write_tests(spec)


@usual
@given(
    st.dictionaries(st.sampled_from(["document", "components", "componentSets", "styles"]), values)
)
def test_nothing_that_figma_may_answer_raises(answer: dict[str, Any]) -> None:
    spec = build_spec(answer)
    assert Spec.from_json(spec.to_json()) == spec
    files = {**generate(spec).files, **write_tests(spec)}
    assert all(len(text) <= LARGEST for text in files.values())
    for rendering in spec.renderings:
        computed_styles(spec, rendering)


@usual
@given(chance, st.booleans())
def test_no_name_and_no_text_becomes_code(random: Random, traced: bool) -> None:
    """Without its strings and the words between its tags, a component consists of the language and
    its own names."""
    spec = build_spec(any_design(random))
    draft = generate(spec, traced=traced)
    code = draft.files[f"{spec.name}.tsx"]
    bare = re.sub(r'"(?:[^"\\\n]|\\.)*"', '""', code)
    # Between tags nothing is code but what braces hold.
    bare = re.sub(r">[^<>{}&]*(?=<)", ">", bare)
    assert not set(bare) & set("`'\\#@~^%$*\x00\u2028\u2029")
    own = {spec.name, f"{spec.name}Props", *(each.name for each in spec.props)}
    own |= set(re.findall(r"\b(?:const|function) ([A-Za-z0-9]+)", bare))
    found = set(re.findall(r"[A-Za-z_][A-Za-z0-9_]*", bare))
    assert found <= _LANGUAGE | _MARKUP | own | _DRAWN
    assert all(re.fullmatch(r"[A-Za-z][A-Za-z0-9]*", each) for each in own)


# Of the blank drawing: "currentColor", "none" and the path are strings; a part's props are these.
_DRAWN = {"title", "text", "alt", "label", "onPress", "onSend", "image", "rect", "width", "height"}


@usual
@given(chance)
def test_files_are_named_by_letters_alone(random: Random) -> None:
    spec = build_spec(any_design(random))
    for path in [*generate(spec).files, *write_tests(spec)]:
        assert re.fullmatch(
            r"[A-Za-z][A-Za-z0-9]*(\.(stories|test|style\.test))?\.(tsx?|json|css)", path
        )


@usual
@given(chance)
def test_the_theme_holds_only_values(random: Random) -> None:
    spec = build_spec(any_design(random), variables={"V": "}</style><script>"})
    theme = generate(spec).files["theme.css"]
    assert theme.startswith("@theme {\n")
    assert theme.count("{") == theme.count("}") == 1
    assert "<" not in theme
    assert "url(" not in theme


def test_a_design_that_is_too_deep_or_too_large_is_cut_off_with_a_note() -> None:
    box = {"x": 0, "y": 0, "width": 9, "height": 9}
    deep: dict[str, Any] = {"id": "0", "type": "FRAME", "absoluteBoundingBox": box}
    for at in range(300):
        deep = {"id": f"1:{at}", "type": "FRAME", "absoluteBoundingBox": box, "children": [deep]}
    spec = build_spec({"document": deep})
    assert any("too deep" in note for note in spec.notes)
    assert Spec.from_json(spec.to_json()) == spec
    many = [
        {"id": f"2:{at}", "type": "RECTANGLE", "absoluteBoundingBox": box} for at in range(6000)
    ]
    wide = {**deep, "children": many, "layoutMode": "VERTICAL"}
    assert sum(1 for _ in build_spec({"document": wide}).root.walk()) <= 4001
