"""The review written by rules: labelled, focused on the question, short."""

from dataclasses import dataclass, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.figma.addressing import Addressing
from service.figma.replies import clean_reply_text
from service.review import Fact, Facts, measured_review
from service.review.scale import Scale, Swatch


@dataclass(frozen=True)
class Focus:
    focus: tuple[str, ...] = ()


def fact(kind: str, verdict: str = "problem", name: str = "Label", node_id: str = "1:9") -> Fact:
    values = (node_id, name, kind, "2.31:1", "at least 4.5:1", verdict)
    return Fact(*values, "WCAG 2.2 SC 1.4.3", "https://example.org", "Grey on white.")  # type: ignore[arg-type]


FACTS = Facts.ordered(
    [
        fact("contrast", name="Pay label"),
        fact("target_size", name="Close", node_id="1:2"),
        fact("spacing", name="Card", node_id="1:3"),
        fact("type_size", "ok", node_id="1:4"),
        fact("tokens", "info", name="Screen", node_id="1:5"),
        fact("layout", name="Row", node_id="1:6"),
        fact("colour", name="Dot", node_id="1:7"),
        fact("layers", "info", name="Old promo", node_id="1:8"),
        fact("states", name="Button set", node_id="1:10"),
    ],
    ["Only the first 10 layers were measured."],
)


def test_it_says_that_no_ai_model_wrote_it() -> None:
    assert measured_review("Is this fine?", FACTS).startswith(
        "Measured by fixed rules, not by an AI model."
    )


@pytest.mark.parametrize(
    ("question", "cited", "left_out"),
    [
        ("Is the contrast OK?", "Pay label (1:9)", "Close (1:2)"),
        ("are the tap targets big enough?", "Close (1:2)", "Pay label"),
        ("check the padding please", "Card (1:3)", "Close"),
        ("do we use our design tokens?", "Screen (1:5)", "Card"),
        ("does anything overflow?", "Row (1:6)", "Card"),
        ("are the corners fine?", "Row (1:6)", "Dot"),
        ("is our palette tidy enough?", "Dot (1:7)", "Card"),
        ("can colour-blind people use it?", "Dot (1:7)", "Card"),
        ("are there hidden layers?", "Old promo (1:8)", "Card"),
        ("which states are missing?", "Button set (1:10)", "Card"),
    ],
)
def test_it_answers_what_was_asked_and_cites_nodes(
    question: str, cited: str, left_out: str
) -> None:
    reply = measured_review(question, FACTS)
    assert cited in reply
    assert left_out not in reply
    assert "Outside your question" in reply


def test_a_general_question_covers_everything_and_a_context_can_narrow_it() -> None:
    reply = measured_review("What do you think?", FACTS)
    assert all(name in reply for name in ("Pay label", "Close", "Card", "Screen"))
    narrowed = measured_review("What do you think?", FACTS, Focus(("spacing",)))
    assert "Card" in narrowed
    assert "Pay label" not in narrowed


def test_one_topic_does_not_crowd_out_the_others() -> None:
    many = [fact("contrast", name=f"Text {at}", node_id=f"2:{at}") for at in range(20)]
    reply = measured_review("What do you think?", Facts.ordered([*many, *FACTS.facts]))
    assert "Close (1:2)" in reply
    assert "more like these" in reply


def test_without_design_data_it_says_why_and_what_to_do() -> None:
    reason = "Figma's quota for this file is used up until Monday."
    reply = measured_review("Is the contrast OK?", None, no_design_reason=reason)
    assert "not by an AI model" in reply
    assert reason in reply
    assert "pin the comment to a frame" in reply


def test_with_nothing_of_that_topic_it_says_so() -> None:
    facts = Facts((fact("contrast"),))
    assert "nothing to measure here for token use" in measured_review("tokens?", facts)


def test_what_was_not_read_is_said_with_what_was_found() -> None:
    note, scope = "Layers more than 4 levels …", "only the first 4 levels were read"
    clean = Facts.ordered([fact("spacing", "ok")], [note], scope)
    reply = measured_review("spacing?", clean)
    assert "No problem found in 1 check of spacing (1 passed); only the first 4 levels" in reply
    assert note in reply
    empty = measured_review("spacing?", Facts.ordered([], [note], scope))
    assert "nothing to measure here for spacing; only the first 4 levels were read." in empty
    assert note in empty


def test_it_keeps_whole_lines_within_its_length() -> None:
    reply = measured_review("What do you think?", FACTS, limit=300)
    assert len(reply) <= 300
    assert reply.splitlines()[-1].endswith(".")


pieces = st.sampled_from(
    ["@buddy", "@BUD\u200bDY", "@b@buddyuddy", "✦ Buddy", "<b>", "https://evil.example", " ", "x"]
)


@given(st.lists(pieces, max_size=6).map("".join))
def test_what_a_layer_or_a_reason_is_called_leaves_as_harmless_words(text: str) -> None:
    addressing = Addressing(["@buddy"])
    for review in (
        measured_review(text, Facts((fact("contrast", name=text),))),
        measured_review(text, None, no_design_reason=text),
    ):
        left = clean_reply_text(review, addressing=addressing)
        assert "not by an AI model" in left
        assert not any(each in left for each in ("@", "✦", "<b>", "evil.example", "\u200b"))
        assert not addressing.read(left).is_addressed


def test_a_general_answer_stays_short_problems_first_and_few_hints() -> None:
    kinds = ("tokens", "layers", "type_size", "spacing")
    hints = [
        fact(kind, "info", name=f"Hint {kind} {at}", node_id=f"3:{at}")
        for kind in kinds
        for at in range(5)
    ]
    many = [fact("contrast", name=f"Text {at}", node_id=f"2:{at}") for at in range(20)]
    lines = measured_review("?", Facts.ordered([*many, *hints]), limit=9000).splitlines()
    assert lines[1] == (
        "20 problems found in 40 checks of contrast, spacing, type sizes, token use, layers "
        "(0 passed)."
    )
    at = lines.index("Worth a look:")
    assert at == 8 and len(lines) == at + 4
    # A hint of each topic before a second one of any.
    assert len({line.split()[2] for line in lines[at + 1 :]}) == 3


def test_the_designs_own_scale_is_told_where_it_matters() -> None:
    scale = Scale(4, False, (Swatch("#ffffff", 2, 0),), {16: 3, 24: 1})
    facts = Facts.ordered(FACTS.facts, scale=scale)
    told = "This design has a 4 px grid, 1 colour, 2 text sizes."
    assert told in measured_review("check the spacing", facts)
    assert told not in measured_review("is the contrast fine?", facts)
    assert f"[scale] {scale}" in facts.as_prompt_lines()
    assert scale.to_json() == {"grid": 4, "palette": ["#ffffff"], "type_sizes": [16, 24]}


def test_a_prompt_has_the_worst_of_every_rule() -> None:
    def of(rule: str, verdict: str, count: int) -> list[Fact]:
        return [replace(fact("contrast", verdict, node_id=f"{rule}:{at}"), rule=rule, weight=-at)
                for at in range(count)]  # fmt: skip

    facts = Facts.ordered([*of("a", "problem", 60), *of("b", "problem", 2), *of("c", "info", 9)])
    lines = facts.as_prompt_lines()
    assert len(lines) == 40
    assert lines[-1] == "[note] 32 more facts are left off."
    told = "\n".join(lines)
    assert all(f"({each})" in told for each in ("a:0", "b:0", "b:1"))
    assert told.count("[problem]") == 39
    few = Facts.ordered([*of("a", "problem", 30), *of("c", "info", 20), *of("d", "info", 3)])
    told = "\n".join(few.as_prompt_lines())
    assert told.count("(d:") == 3 and told.count("(a:") == 30


def test_a_summary_is_no_hint_beside_the_problems_that_it_sums_up() -> None:
    one = replace(fact("spacing", name="Card"), rule="spacing-grid", cause="1:9")
    summary = replace(fact("spacing", "info", name="Screen"), rule="spacing-grid")
    assert "Worth a look" not in measured_review("spacing?", Facts.ordered([one, summary]))
    assert "Worth a look" in measured_review("spacing?", Facts.ordered([summary]))
