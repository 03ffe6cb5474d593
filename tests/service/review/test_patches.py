"""Patches: what is offered removes its finding and adds none, and what cannot be written is not
offered."""

import copy
import random
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import pytest

from bench.review.designs import all_designs
from bench.review.flaws import OPERATORS, seeded
from service.review.facts import Fact, Facts
from service.review.measure import look_at, measure_screen
from service.review.palette import PaletteColour, Token
from service.review.patch_sizes import next_step
from service.review.patches import MAX_FACTS, Patch, patches_for
from service.review.redrawing import Change, changed
from service.review.screen import Options, Screen
from tests.service.review.golden.broken import BROKEN
from tests.service.review.golden.clean import CLEAN
from tests.service.review.golden.parts import Golden
from tests.service.review.nodes import box, control, frame, solid, text_node

ALIAS = {"type": "VARIABLE_ALIAS", "id": "V:0"}


def variable(colour: str, number: int = 1) -> PaletteColour:
    return PaletteColour(colour, Token(f"V:{number}", f"Grey {number}", "variable"))


def style(colour: str) -> PaletteColour:
    return PaletteColour(colour, Token("S:1", "Style", "style"))


PALETTE = [variable("#595959"), variable("#1e1e1e", 2)]


def patch_for(fact: Fact, screen: Screen, palette: Sequence[PaletteColour]) -> Patch | None:
    """The patch of one finding by itself."""
    return patches_for(Facts((fact,)), screen, palette).get(fact)


def offered(
    document: dict[str, Any], rule: str, palette: Iterable[PaletteColour] = PALETTE
) -> Patch | None:
    """The patch of the only finding of a rule. It is tried on the way."""
    screen = look_at(document)
    facts = measure_screen(screen)
    (fact,) = [each for each in facts.facts if each.rule == rule and each.verdict == "problem"]
    patch = patches_for(facts, screen, list(palette)).get(fact)
    assert patch == patch_for(fact, screen, list(palette))
    if patch:
        assert holds(document, fact, patch)
    return patch


Worst = dict[tuple[str, str], int]
ORDER = {"problem": 0, "info": 1, "ok": 2}


def worst_of(facts: Facts) -> Worst:
    """The worst that each rule says of each layer."""
    worst: Worst = {}
    for fact in facts.facts:
        for each in fact.node_ids or (fact.node_id,):
            worst[fact.rule, each] = min(ORDER[fact.verdict], worst.get((fact.rule, each), 2))
    return worst


def removes(fact: Fact, before: Worst, after: Worst) -> bool:
    """Whether the finding is gone and nothing became worse."""
    keys = [(fact.rule, each) for each in fact.node_ids]
    return all(after[key] >= before.get(key, 2) for key in after) and all(
        after.get(key, 2) > before[key] for key in keys
    )


def holds(
    document: dict[str, Any], fact: Fact, patch: Patch, styles: dict[str, Any] | None = None
) -> bool:
    """Whether the patch alone removes the finding and makes nothing worse, measured anew."""
    screen = look_at(copy.deepcopy(document), styles=styles)
    before = worst_of(measure_screen(screen))
    return removes(fact, before, worst_of(measure_screen(changed(screen, patch.changes))))


def test_a_pale_text_gets_the_nearest_token_that_passes() -> None:
    patch = offered(frame(text_node("#b3b3b3")), "contrast-text")
    assert patch is not None
    assert patch.to_json() == {
        "changes": [{
            "element_id": "1:9", "property": "fills[0].color", "old": "#b3b3b3", "new": "#595959",
            "token": {"id": "V:1", "name": "Grey 1", "kind": "variable"},
        }],
        "measured": {"value": "7.00:1"},
    }  # fmt: skip


def test_without_a_palette_the_colours_in_use_come_first_and_then_a_darker_one() -> None:
    used = frame(text_node("#b3b3b3"), text_node("#555555", id="1:8"))
    patch = offered(used, "contrast-text", [])
    assert patch and (patch.changes[0].new, patch.changes[0].token) == ("#555555", None)
    alone = offered(frame(text_node("#b3b3b3")), "contrast-text", [])
    assert alone and (alone.changes[0].new, alone.value) == ("#767676", "4.54:1")


@pytest.mark.parametrize(
    ("more", "palette", "new"),
    [
        ({"boundVariables": {"fills": [ALIAS]}}, [variable("#595959")], "#595959"),
        ({"boundVariables": {"fills": [ALIAS]}}, [style("#595959")], None),
        ({"boundVariables": {"fills": [ALIAS]}}, [], None),
        ({"styles": {"fill": "S:0"}}, [style("#595959")], "#595959"),
        ({"styles": {"fill": "S:0"}}, [variable("#595959")], None),
        ({"fills": [solid("#b3b3b3", boundVariables={"color": ALIAS})]}, [], None),
        ({"fills": [solid("#b3b3b3", boundVariables={"color": ALIAS})]}, PALETTE, "#595959"),
    ],
)
def test_what_is_bound_to_a_token_is_only_bound_to_another_of_its_kind(
    more: dict[str, Any], palette: list[PaletteColour], new: str | None
) -> None:
    patch = offered(frame(text_node("#b3b3b3", **more)), "contrast-text", palette)
    assert (patch.changes[0].new if patch else None) == new
    assert not patch or patch.changes[0].token


@pytest.mark.parametrize(
    "more",
    [
        {"writable": False},
        {"locked": True},
        {"fills": [solid("#b3b3b3"), solid("#b3b3b3", opacity=0.5)]},
        {
            "characterStyleOverrides": [1, 1],
            "styleOverrideTable": {"1": {"fills": [solid("#cccccc")]}},
        },
    ],
)
def test_what_cannot_be_written_in_one_step_has_no_patch(more: dict[str, Any]) -> None:
    assert offered(frame(text_node("#b3b3b3", **more)), "contrast-text") is None


def test_layers_with_one_cause_are_patched_together() -> None:
    texts = [
        text_node("#b3b3b3", id=f"I1:{at};5:5", absoluteBoundingBox=box(20, 30 * at, 60, 20))
        for at in range(3)
    ]
    patch = offered(frame(*texts), "contrast-text")
    assert patch and [each.element_id for each in patch.changes] == [
        "I1:0;5:5",
        "I1:1;5:5",
        "I1:2;5:5",
    ]
    texts[1]["writable"] = False
    assert offered(frame(*texts), "contrast-text") is None


def test_a_text_that_shines_through_gets_a_colour_that_passes_as_drawn() -> None:
    pale = text_node(fills=[solid("#666666", opacity=0.7)])
    patch = offered(frame(pale), "contrast-text", [])
    assert patch and float(patch.value.removesuffix(":1")) >= 4.5


def test_the_edge_of_a_field_becomes_visible() -> None:
    field = control("Input", 200, 44, strokes=[solid("#dddddd")], strokeWeight=1, fills=[])
    patch = offered(frame(field), "contrast-control")
    assert patch and (patch.changes[0].property, patch.changes[0].new) == (
        "strokes[0].color", "#595959",
    )  # fmt: skip


@pytest.mark.parametrize("design", [*BROKEN, *CLEAN], ids=lambda each: each.name)
def test_each_patch_of_a_whole_screen_holds_by_itself(design: Golden) -> None:
    screen = look_at(design.document, styles=design.styles)
    facts = measure_screen(screen)
    for fact, patch in patches_for(facts, screen, PALETTE, before=facts).items():
        assert holds(design.document, fact, patch, design.styles), (fact, patch)


def flawed(document: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    """The design with up to five things made worse."""
    document = copy.deepcopy(document)
    below = [document]
    for each in below:
        below.extend(each.get("children", ()))
    for node in chance.choices(below, k=chance.randrange(1, 6)):
        place, style = node.get("absoluteBoundingBox", {}), node.get("style", {})
        size = style.get("fontSize", 0)
        flaws: list[dict[str, Any]] = [
            {"fills": [solid(f"#{chance.randrange(1 << 24):06x}")]},
            {"itemSpacing": node.get("itemSpacing", 0) + 3},
            {"absoluteBoundingBox": {**place, "x": place.get("x", 0) + 1.5}},
            {"absoluteBoundingBox": {**place, "width": 16, "height": 16}},
            {"cornerRadius": node.get("cornerRadius", 0) + 1.5},
            {"opacity": 0.4},
        ]
        if size:
            flaws.append({"style": {**style, "fontSize": size - 5}, "styles": {}})
            flaws.append({"style": {**style, "lineHeightPx": size * 1.05}, "styles": {}})
        node.update(chance.choice(flaws))
    return document


def test_each_patch_of_a_flawed_screen_holds_by_itself() -> None:
    chance = random.Random(7)
    rules: set[str] = set()
    for _ in range(80):
        design = chance.choice([*BROKEN, *CLEAN])
        document = flawed(design.document, chance)
        screen = look_at(document, styles=design.styles)
        facts = measure_screen(screen)
        known = chance.choice([[], PALETTE])
        for fact, patch in patches_for(facts, screen, known, before=facts).items():
            assert holds(document, fact, patch, design.styles), (design.name, fact, patch)
            rules.add(fact.rule)
    assert len(rules) >= 8


def test_each_patch_of_a_seeded_flaw_holds_by_itself() -> None:
    """The flaws of ``make measure-review``, in designs with tokens of their own."""
    designs = all_designs()
    patched: Counter[str] = Counter()
    for rule in OPERATORS:
        for flaw in seeded(rule, designs, 3):
            design, document = flaw.design, flaw.document()
            tokens = {each["id"]: each["name"] for each in design.tokens}
            colours = {each["id"]: each["color"] for each in design.tokens}
            options = Options(tokens=tokens, token_colours=colours)
            palette = [
                PaletteColour(colour, Token(each, tokens[each], "variable"))
                for each, colour in colours.items()
            ]
            screen = look_at(document, design.components, design.styles, options=options)
            facts = measure_screen(screen)
            before = worst_of(facts)
            for fact, patch in patches_for(facts, screen, palette, before=facts).items():
                after = worst_of(measure_screen(changed(screen, patch.changes)))
                assert removes(fact, before, after), (design.name, fact, patch)
                patched[fact.rule] += 1
    assert len(patched) >= 10


def test_the_broken_screens_get_patches_for_what_can_be_patched() -> None:
    found: set[str] = set()
    for design in BROKEN:
        screen = look_at(design.document, styles=design.styles)
        found |= {each.rule for each in patches_for(measure_screen(screen), screen, [])}
    assert found == {
        "alignment", "contrast-control", "contrast-text", "near-duplicate-colour", "radii",
        "spacing-grid", "target-size", "text-size", "type-scale", "unbound-value",
    }  # fmt: skip


def row(**more: Any) -> dict[str, Any]:
    texts = [text_node(id=f"2:{at}", absoluteBoundingBox=box(60 * at, 0, 50, 20)) for at in (1, 2)]
    given = {"id": "2:0", "name": "Row", "layoutMode": "HORIZONTAL", "itemSpacing": 7}
    return frame(*texts, **{**given, "absoluteBoundingBox": box(0, 0, 200, 40), **more})


def test_a_line_height_that_no_style_gives_becomes_comfortable() -> None:
    words = "Some words that need two lines in this box, or even three of them at this size."
    style = {"fontFamily": "Inter", "fontSize": 16, "fontWeight": 400, "lineHeightPx": 17,
             "lineHeightUnit": "PIXELS", "textAutoResize": "HEIGHT"}  # fmt: skip
    place = box(20, 20, 200, 51)
    tight = text_node(characters=words, style=style, absoluteBoundingBox=place)
    patch = offered(frame(tight), "line-height")
    assert patch and [(each.property, each.old, each.new) for each in patch.changes] == [
        ("lineHeight", 17, 24)
    ]
    assert offered(frame({**tight, "styles": {"text": "S:1"}}), "line-height") is None


@pytest.mark.parametrize("several", [False, True])
def test_a_value_is_bound_to_its_token_if_there_is_one_only(several: bool) -> None:
    tokens = [{"type": "VARIABLE_ALIAS", "id": f"V:{at}"} for at in range(1 + several)]
    document = frame(text_node("#595959", inferredVariables={"fills": [tokens]}))
    options = Options(tokens={"V:0": "Text/Quiet"})
    screen = look_at(document, options=options)
    facts = measure_screen(screen)
    (fact,) = [each for each in facts.facts if each.rule == "unbound-value"]
    palette = [variable("#595959", 0)]
    patch = patches_for(facts, screen, palette).get(fact)
    assert (patch is None) is several
    if patch:
        (change,) = patch.changes
        assert (change.old, change.new, change.token) == ("#595959", "#595959", palette[0].token)


def test_a_layer_is_moved_onto_its_line_with_all_in_it() -> None:
    def part(at: int, x: float) -> dict[str, Any]:
        inner = text_node(id=f"6:{at}1", absoluteBoundingBox=box(x + 8, 60 * at + 8, 60, 20))
        place = box(x, 60 * at, 120 + 20 * at, 40)
        return frame(inner, id=f"6:{at}", name="Box", absoluteBoundingBox=place)

    document = frame(part(0, 20), part(1, 21.5), part(2, 20))
    patch = offered(document, "alignment")
    assert patch and patch.to_json()["changes"] == [
        {"element_id": "6:1", "property": "x", "old": 21.5, "new": 20, "token": None}
    ]
    moved = changed(look_at(document), patch.changes)
    boxes = {place.id: place.box.x for place in moved.places if place.box}
    assert (boxes["6:1"], boxes["6:11"], boxes["6:2"]) == (20, 28, 20)


def test_spacing_goes_to_the_next_step_of_the_grid() -> None:
    patch = offered(frame(row(paddingLeft=5, paddingTop=8)), "spacing-grid")
    assert patch and [(each.property, each.old, each.new) for each in patch.changes] == [
        ("itemSpacing", 7, 8), ("paddingLeft", 5, 4),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("value", "step"), [(1, 4), (2, 4), (5, 4), (6, 8), (7, 8), (0.5, 4), (13.9, 12)]
)
def test_the_next_step_is_never_nothing(value: float, step: float) -> None:
    assert next_step(value, 4) == step


def test_a_small_target_grows() -> None:
    small = [control("Button", 20, 20, x=80, id="3:1"), control("Button", 40, 40, x=40, id="3:2")]
    patch = offered(frame(*small), "target-size")
    assert patch and [(each.property, each.old, each.new) for each in patch.changes] == [
        ("width", 20, 24), ("height", 20, 24),
    ]  # fmt: skip


def test_a_target_that_hugs_its_text_gets_padding() -> None:
    small = control(
        "Button", 60, 20, x=80, layoutMode="HORIZONTAL", paddingTop=2, paddingBottom=2,
        primaryAxisSizingMode="AUTO", counterAxisSizingMode="AUTO", type="FRAME",
    )  # fmt: skip
    above = control("Button", 60, 40, id="3:2", absoluteBoundingBox=box(80, 59, 60, 40))
    patch = offered(frame(small, above), "target-size")
    assert patch and {(each.property, each.new) for each in patch.changes} == {
        ("paddingTop", 4), ("paddingBottom", 4),
    }  # fmt: skip


def test_what_an_instance_does_not_let_override_has_no_patch() -> None:
    document = frame(row(id="I1:2;3:4"), text_node("#b3b3b3", id="I1:2;3:9"))
    assert offered(document, "spacing-grid") is None
    assert offered(document, "contrast-text") is not None


def test_a_patch_that_would_break_something_else_is_not_offered() -> None:
    # Side by side: to grow, each would have to lie over the other.
    left, right = (control("Button", 20, 20, x=20 * at, id=f"3:{at}") for at in range(2))
    document = frame(left, right)
    screen = look_at(document)
    facts = measure_screen(screen)
    for fact, patch in patches_for(facts, screen, PALETTE).items():
        assert holds(document, fact, patch)
    assert patch_for(facts.problems()[0], screen, PALETTE) is None


def test_the_design_that_is_measured_stays_as_it_was() -> None:
    document = frame(text_node("#b3b3b3"), row())
    kept = copy.deepcopy(document)
    screen = look_at(document)
    patches_for(measure_screen(screen), screen, PALETTE)
    changed(screen, [Change("1:9", "fills[0].color", "#b3b3b3", "#000000")])
    assert document == kept


def test_the_work_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """A design in which every patch meets another one is measured a limited number of times."""
    from service.review import patches

    passes = []

    def counted(*given: Any) -> Facts:
        passes.append(1)
        return measure_screen(*given)

    monkeypatch.setattr(patches, "measure_screen", counted)
    pale = [
        text_node("#b3b3b3", id=f"4:{at}", absoluteBoundingBox=box(0, 30 * at, 60, 20))
        for at in range(150)
    ]
    small = [control("Button", 20, 20, x=20 * at, id=f"5:{at}") for at in range(150)]
    screen = look_at(frame(*pale, *small))
    facts = measure_screen(screen)
    found = patches_for(facts, screen, PALETTE, before=facts)
    assert len(found) <= MAX_FACTS
    assert len(passes) <= 20
