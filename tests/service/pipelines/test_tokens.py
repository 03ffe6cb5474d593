"""Which values get a name, and how they are written down."""

import json

from service.pipelines.generate import generate
from service.pipelines.generate.theme import theme_css, tokens_json
from service.pipelines.spec import Spec, build_spec
from tests.service.pipelines.fixtures.designs import DESIGNS
from tests.service.pipelines.fixtures.layers import shape, solid, words
from tests.service.pipelines.reading import in_column, in_row, named, spec_of


def tokens(spec: Spec, kind: str = "color") -> dict[str, str]:
    return {each.name: each.value for each in spec.tokens if each.type == kind}


def test_a_style_gives_its_name() -> None:
    node = words("Words", fills="#123456", styles={"fill": "1:9"})
    spec = in_column(node)
    assert tokens(spec) == {}
    styles = {"1:9": {"name": "Ink / Strong", "styleType": "FILL"}}
    document = words("Words", fills="#123456", styles={"fill": "1:9"})
    from tests.service.pipelines.fixtures.layers import column

    named_spec = spec_of(column("Root", document, w=400), styles=styles)
    assert tokens(named_spec) == {"ink-strong": "#123456"}
    assert [each.origin for each in named_spec.tokens if each.type == "color"] == ["style"]


def test_a_value_used_twice_gets_the_name_of_its_role() -> None:
    spec = in_column(words("One", fills="#123456"), words("Two", fills="#123456"))
    assert tokens(spec) == {"ink": "#123456"}


def test_a_value_used_once_gets_none() -> None:
    assert tokens(in_column(words("One", fills="#123456"))) == {}


def test_colours_that_look_the_same_are_one() -> None:
    spec = in_column(words("One", fills="#123456"), words("Two", fills="#123457"))
    assert tokens(spec) == {"ink": "#123456"}
    apart = in_column(words("One", fills="#123456"), words("Two", fills="#224466"))
    assert tokens(apart) == {}


def test_a_variable_whose_name_is_known_gives_it() -> None:
    from service.pipelines.spec import build_spec
    from tests.service.pipelines.fixtures.layers import column, design

    answer = design(column("Root", words("A", fills=[solid("#123456", variable="V1")]), w=400))
    spec = build_spec(answer, variables={"V1": "brand/primary"})
    assert tokens(spec) == {"brand-primary": "#123456"}


def test_names_make_no_class_that_means_something_else() -> None:
    from tests.service.pipelines.fixtures.layers import column

    names = ("sm", "center", "shadow-card", "500", "x-2", "Überschrift", "色")
    styles = {f"1:{at}": {"name": name} for at, name in enumerate(names)}
    texts = [
        words(f"Text {at}", fills=f"#1{at}3456", styles={"fill": f"1:{at}"})
        for at in range(len(names))
    ]
    spec = spec_of(column("Root", *texts, w=400), styles=styles)
    assert set(tokens(spec)) == {
        "tone-sm", "tone-center", "tone-shadow-card", "tone-500", "tone-x-2", "uberschrift",
    }  # fmt: skip


def test_a_name_does_not_say_what_its_class_says_already() -> None:
    from tests.service.pipelines.fixtures.layers import column

    def named_as(*pairs: tuple[str, str]) -> set[str]:
        styles = {f"1:{at}": {"name": name} for at, (name, _) in enumerate(pairs)}
        texts = [
            words(f"Text {at}", fills=ink, styles={"fill": f"1:{at}"})
            for at, (_, ink) in enumerate(pairs)
        ]
        return set(tokens(spec_of(column("Root", *texts, w=400), styles=styles)))

    assert named_as(("Text/Primary", "#123456")) == {"primary"}
    assert named_as(("Colors/Brand/500", "#123456")) == {"brand-500"}
    # Two that would have one name keep theirs; a word alone is a name.
    both = ("Text/Primary", "#123456"), ("fg/Primary", "#823456"), ("Text", "#127456")
    assert named_as(*both) == {"text-primary", "fg-primary", "text"}
    # "bg-text-strong" says something.
    box = shape("Box", 40, 40, "#123456", styles={"fill": "1:0"})
    text = words("A", fills="#123456", styles={"fill": "1:0"})
    spec = spec_of(column("Root", box, text, w=400), styles={"1:0": {"name": "Text/Strong"}})
    assert set(tokens(spec)) == {"text-strong"}


def test_sizes_off_the_scale_become_tokens_when_used_again() -> None:
    spec = in_column(words("One", 13), words("Two", 13), words("Three", 14), words("Four", 14))
    assert tokens(spec, "fontSize") == {"size-13": "13px"}


def test_a_text_style_is_one_class() -> None:
    spec = build_spec(DESIGNS["card"]())
    heading = next(each for each in spec.tokens if each.name == "heading-small")
    assert (heading.value, dict(heading.parts)["line-height"]) == ("20px", "28px")
    assert "text-heading-small text-ink-strong" in generate(spec).files["TripCard.tsx"]


def test_the_font_of_most_texts_stands_at_the_root() -> None:
    spec = in_column(words("One"), words("Two", style={"fontFamily": "Lora"}))
    other = named(spec, "Two")
    assert other.value("font-family") or spec.root.value("font-family")
    assert set(tokens(spec, "fontFamily")) == {"inter", "lora"}


def test_the_theme_is_one_block_and_the_json_says_the_same() -> None:
    spec = in_row(shape("A", 8, 8, "#123456"), shape("B", 8, 8, "#123456"), cornerRadius=10)
    assert theme_css(spec.tokens) == "@theme {\n  --color-surface: #123456;\n}\n"
    said = json.loads(tokens_json(spec.tokens))["color"]["surface"]
    assert said["$type"] == "color"
    assert said["$value"] == {
        "colorSpace": "srgb", "components": [0.0706, 0.2039, 0.3373], "hex": "#123456",
    }  # fmt: skip
    assert said["$extensions"]["buddy"] == {"origin": "role", "uses": 2}


def test_a_size_off_the_scale_has_the_line_that_all_its_texts_have() -> None:
    same = in_column(words("One", 11, 600, 15.4), words("Two", 11, 400, 15.4))
    [size] = [each for each in same.tokens if each.type == "fontSize"]
    assert (size.name, size.parts) == ("size-11", (("line-height", "15.4px"),))
    assert "--text-size-11--line-height: 15.4px" in theme_css(same.tokens)
    assert "leading-" not in generate(same).files[f"{same.name}.tsx"]
    apart = in_column(words("One", 11, 600, 15.4), words("Two", 11, 400, 17.3))
    [size] = [each for each in apart.tokens if each.type == "fontSize"]
    assert size.parts == ()


def test_a_name_is_numbered_only_for_two_values() -> None:
    from tests.service.pipelines.fixtures.layers import column

    def named_by(*said: tuple[str, str]) -> dict[str, str]:
        styles = {f"1:{at}": {"name": name} for at, (name, _) in enumerate(said)}
        texts = [
            words(f"Text {at}", fills=colour, styles={"fill": f"1:{at}"})
            for at, (_, colour) in enumerate(said)
        ]
        return tokens(spec_of(column("Root", *texts, w=400), styles=styles))

    # A library's copy of a style has the name of the file's own.
    copies = named_by(("text/primary", "#123456"), ("Text / Primary", "#123456"))
    assert copies == {"primary": "#123456"}
    apart = named_by(("ink", "#123456"), ("Ink", "#654321"))
    assert apart == {"ink": "#123456", "ink-2": "#654321"}
