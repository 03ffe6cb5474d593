"""What a draft consists of: code, drawings, images, parts that are written once."""

import re

import pytest

from service.pipelines.generate import generate
from service.pipelines.generate.drawings import drawing
from service.pipelines.generate.markup import literal
from service.pipelines.spec import Spec, build_spec
from service.pipelines.spec.code_names import camel, distinct, kebab, pascal
from tests.service.pipelines.fixtures.designs import DESIGNS
from tests.service.pipelines.fixtures.layers import (
    column,
    design,
    frame,
    icon,
    image,
    row,
    shape,
    words,
)
from tests.service.pipelines.reading import in_column, named

PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)


def code_of(spec: Spec, **more: object) -> str:
    return generate(spec, **more).files[f"{spec.name}.tsx"]  # type: ignore[arg-type]


def test_a_draft_has_its_files() -> None:
    files = generate(build_spec(DESIGNS["card"]())).files
    assert list(files) == [
        "TripCard.stories.tsx", "TripCard.tsx", "theme.css", "tokens.json", "types.ts",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        ("Trip card", "TripCard"), ("trip-card / mobile", "TripCardMobile"),
        ("合唱団", "Component"), ("</script>", "Script"), ("default", "Default"),
        ("Object", "ObjectPart"), ("12 columns", "Component12Columns"), ("", "Component"),
        ("${process}", "Process"), ("Überschrift", "Uberschrift"),
    ],
)  # fmt: skip
def test_names_are_letters_and_digits_alone(raw: str, name: str) -> None:
    assert pascal(raw) == name


def test_identifiers_are_no_words_of_the_language() -> None:
    assert camel("class") == "classValue"
    assert camel("On click") == "onClickValue"
    assert camel("12") == "prop12"
    assert distinct("size", {"size", "size2"}) == "size3"
    assert kebab("色") == ""


def test_a_text_ends_no_script_and_no_comment() -> None:
    said = literal('</script> <!-- "x" \\ \u2028')
    assert said == '"<\\/script> <\\!-- \\"x\\" \\\\ \\u2028"'


def test_only_a_traced_draft_says_its_layers() -> None:
    spec = build_spec(DESIGNS["instances"]())
    assert "data-node" not in code_of(spec)
    traced = code_of(spec, traced=True)
    assert "data-node={nodes[0]}" in traced
    assert 'data-node="1:1"' in traced


def test_instances_of_a_component_are_written_once() -> None:
    code = code_of(build_spec(DESIGNS["instances"]()))
    assert code.count("function SongRow(") == 1
    assert code.count("<SongRow ") == 4
    assert '<SongRow text={"Snow on the sound"} />' in code


def test_an_instance_that_was_changed_is_written_out() -> None:
    def item(code: str) -> dict[str, object]:
        return row("Row", words("Words", fills=code), kind="INSTANCE", componentId="7:1")

    code = code_of(in_column(item("#111111"), item("#ff0000")))
    assert "function " not in code.replace("export function", "")


def test_parts_follow_the_state_of_the_root() -> None:
    def member(state: str, ink: str) -> dict[str, object]:
        return row(f"State={state}", words("Save", fills=ink, name="L"), kind="COMPONENT", pad=8)

    members = [member("Default", "#000000"), member("Hover", "#ffffff")]
    answer = design(frame("Button", *members, kind="COMPONENT_SET", w=400, h=400))
    code = code_of(build_spec(answer))
    assert '"group ' in code
    assert "group-hover:text-white" in code


SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8" viewBox="0 0 8 8" onload="zqx()">'
    '<script>zqx()</script><style>*{fill:url(zqx)}</style><image href="https://zqx.example"/>'
    '<a href="javascript:zqx()"><path d="M0 0"/></a><foreignObject><b>zqx</b></foreignObject>'
    '<path d="M0 0h8v8z" fill="#112233" stroke="url(#g)" style="zqx" onclick="zqx()"/>'
    '<linearGradient id="g"><stop offset="0" stop-color="#fff"/></linearGradient></svg>'
)


def test_a_drawing_keeps_shapes_and_paint_alone() -> None:
    made = drawing(SVG, ' aria-hidden="true"', "d1", "#112233", "")
    assert made is not None
    assert "zqx" not in made
    assert '<svg viewBox="0 0 8 8" fill="none" aria-hidden="true">' in made
    assert '<path d="M0 0h8v8z" fill="currentColor" stroke="url(#d1-g)" />' in made
    assert 'id="d1-g"' in made


@pytest.mark.parametrize(
    "svg",
    [
        "", "<svg", "<html></html>", "<svg></svg>",
        '<!DOCTYPE svg [<!ENTITY a "b">]><svg viewBox="0 0 1 1">&a;</svg>',
        '<svg viewBox="0 0 1 1" >' + "<g>" * 700 + "</g>" * 700 + "</svg>",
        '<svg viewBox="0 0 1 1">' + " " * 70_000 + "</svg>",
    ],
)  # fmt: skip
def test_what_is_no_drawing_is_left_out(svg: str) -> None:
    assert drawing(svg, "", "d", "", "") is None


def test_exports_take_their_place() -> None:
    spec = in_column(icon("Arrow", code="#112233"), shape("Harbour", 100, 50, [image()]))
    arrow, photo = named(spec, "Arrow"), named(spec, "Harbour")
    draft = generate(spec, {arrow.id: SVG.encode(), photo.id: PNG})
    code = draft.files["Root.tsx"]
    assert 'd="M0 0h8v8z"' in code
    assert 'import { harbourImage } from "./assets";' in code
    assert "src={harbourImage}" in code
    assert "data:image/png;base64," in draft.files["assets.ts"]


def test_an_image_that_is_too_large_is_noted() -> None:
    spec = in_column(shape("Harbour", 100, 50, [image()]))
    photo = named(spec, "Harbour")
    draft = generate(spec, {photo.id: PNG + bytes(300_000)})
    assert any("too large" in note for note in draft.notes)
    assert "assets.ts" not in draft.files
    assert "src={blankImage}" in draft.files["Root.tsx"]


def test_a_handler_is_a_prop_and_a_form_is_sent_by_its_button() -> None:
    code = code_of(build_spec(DESIGNS["form"]()))
    assert "onSubmit={(event) => { event.preventDefault(); onSubmit?.(); }}" in code
    assert "onChange={(event) => onFullNameChange?.(event.target.value)}" in code
    assert "onClick={onSignUp}" in code


def test_lists_in_a_text_are_lists() -> None:
    code = code_of(build_spec(DESIGNS["lists"]()))
    assert code.count("<ul ") == code.count("<ol ") == 1
    assert code.count("<li>") == 6


def test_values_off_the_scale_are_rounded_by_less_than_a_pixel() -> None:
    """Tailwind takes quarters of a step, which are whole pixels."""
    spec = build_spec(design(column("Root", words("A"), w=400, pad=13.4, gap=0)))
    assert re.search(r"\bp-3\.25\b", code_of(spec))
