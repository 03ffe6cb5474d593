"""What is taken from a model's answer: nothing that it invented."""

import json
import random
import string
from typing import Any

import pytest
from pydantic import ValidationError

from service.analysis.answer import FORM, Written, clean_words, read
from service.analysis.briefing import Numbered, number_facts
from service.analysis.suggestions import suggestions_of
from service.figma.addressing import Addressing
from service.llm.json_answers import read_json
from tests.service.analysis.designs import prepared, screen

ADDRESSING = Addressing(("@buddy",))
SELECTION = prepared(screen())
NUMBERED: Numbered = number_facts(SELECTION)


def written(*items: tuple[Any, Any, Any], summary: str = "Fine.") -> Written:
    keys = ("ref", "fact", "words")
    suggestions = [dict(zip(keys, item, strict=True)) for item in items]
    return Written.model_validate({"summary": summary, "suggestions": suggestions})


def taken(*items: tuple[Any, Any, Any], summary: str = "Fine.") -> Any:
    return read(written(*items, summary=summary), NUMBERED.facts, NUMBERED.prompt.given, ADDRESSING)


def ref_of(number: int) -> int:
    return min(NUMBERED.facts[number - 1].refs)


def test_the_schema_is_in_the_strict_form() -> None:
    def check(schema: dict[str, Any]) -> None:
        if schema["type"] == "object":
            assert schema["additionalProperties"] is False
            assert schema["required"] == list(schema["properties"])
            for each in schema["properties"].values():
                check(each)
        if schema["type"] == "array":
            check(schema["items"])

    check(FORM.schema)  # type: ignore[arg-type]
    assert set(Written.model_fields) == set(FORM.schema["properties"])


def test_words_go_with_the_fact_that_they_name() -> None:
    found = taken((ref_of(1), 1, "Make it darker."), (ref_of(2), 2, "Give it room."))
    assert found.words == {1: "Make it darker.", 2: "Give it room."}
    assert (found.summary, found.dropped) == ("Fine.", {})


def test_unknown_facts_and_refs_and_repetitions_are_dropped_and_counted() -> None:
    most = len(NUMBERED.facts)
    found = taken(
        (1, 0, "a"), (1, -1, "b"), (1, most + 1, "c"), (10**30, 1, "d"), (-5, 1, "e"),
        (ref_of(1), 1, "Kept."), (ref_of(1), 1, "Again."), (ref_of(2), 2, "  "),
    )  # fmt: skip
    assert found.words == {1: "Kept."}
    assert found.dropped == {"unknown_fact": 3, "unknown_ref": 2, "repeated": 1, "empty": 1}


def test_the_layer_of_another_fact_is_an_unknown_one() -> None:
    other = next(at for at in range(1, 9) if not NUMBERED.facts[at - 1].refs & {ref_of(1)})
    assert taken((ref_of(other), 1, "Wrong layer.")).dropped == {"unknown_ref": 1}


@pytest.mark.parametrize(
    ("words", "is_taken"),
    [
        ("It has 2.09:1 and needs 4.5:1.", True),
        ("With #595959 it reaches 7.00:1.", True),
        ("Two steps: first the price, then the row.", True),
        ("It has 3.1:1.", False),
        ("Use #123456.", False),
        ("Make it 17 px.", False),
        ("It would reach 12:1.", False),
    ],
)
def test_words_with_a_number_that_was_not_measured_are_dropped(words: str, is_taken: bool) -> None:
    found = taken((ref_of(1), 1, words))
    assert found.words == ({1: words} if is_taken else {})
    assert found.dropped == ({} if is_taken else {"foreign_number": 1})


def test_a_summary_with_a_foreign_number_is_not_shown() -> None:
    found = taken(summary="Everything has at least 5.31:1.")
    assert (found.summary, found.dropped) == ("", {"foreign_number": 1})
    assert taken(summary="The price has 2.09:1 only.").summary == "The price has 2.09:1 only."


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("Ask @Ada Lovelace or @buddy.", "Ask Ada Lovelace or buddy."),
        ("See https://evil.example/x?y or [this](http://evil.example).", "See (link removed)"),
        ("**Bold** and `code`\n- list", "Bold and code"),
        ("✦ Buddy says so", "✧ Buddy says so"),
        ("a\u202eb\u200bc\x00d", "abcd"),
        ("<b>big</b> &lt;i&gt;", "big"),
    ],
)
def test_words_are_plain(words: str, shown: str) -> None:
    cleaned = clean_words(words, 500, ADDRESSING)
    assert cleaned.startswith(shown)
    assert not ADDRESSING.read(cleaned).is_addressed
    assert "evil.example" not in cleaned


def test_words_are_limited_and_lose_the_short_numbers_of_layers() -> None:
    assert len(clean_words("word " * 500, 500, ADDRESSING)) <= 500
    name = NUMBERED.facts[0].name
    found = taken((ref_of(1), 1, f"Look at {name} ({ref_of(1)}) first."))
    assert found.words == {1: f"Look at {name} first."}


@pytest.mark.parametrize(
    "value",
    [
        {},
        {"summary": "x"},
        {"summary": 3, "suggestions": []},
        {"summary": "x", "suggestions": {}},
        {"summary": "x", "suggestions": [{"ref": 1, "fact": 1}]},
        {"summary": "x", "suggestions": [{"ref": True, "fact": 1, "words": "x"}]},
        {"summary": "x", "suggestions": [{"ref": 1.5, "fact": 1, "words": "x"}]},
        {"summary": "x", "suggestions": [None]},
        {"summary": "x" * 30_000, "suggestions": []},
    ],
)
def test_another_form_is_refused_so_that_it_can_be_repaired(value: Any) -> None:
    with pytest.raises(ValidationError):
        FORM.read(value)


def test_in_ten_thousand_random_answers_nothing_unknown_reaches_anybody() -> None:
    chance = random.Random(11)
    names = [*SELECTION.ids, "1:2", "99:99", "I1:2;3:4", "#1", "0", "null", "-1"]
    refs: list[Any] = [*range(-3, len(SELECTION.ids) + 5), 2**70, *names]
    facts: list[Any] = [*range(-3, len(NUMBERED.facts) + 5), 10**9, *names]
    known = set(SELECTION.ids) | set(SELECTION.around)
    read_answers = 0
    for _ in range(10_000):
        letters = "".join(chance.choices(string.printable + "✦@é:#", k=chance.randrange(40)))
        items = [
            {
                "ref": chance.choice(refs),
                "fact": chance.choice(facts),
                "words": chance.choice(["Fine.", letters, f"See {chance.choice(names)}", ""]),
                "element_id": chance.choice(names),
                "patch": {"property": "fills", "new": letters},
            }
            for _ in range(chance.randrange(6))
        ]
        text = json.dumps({"summary": letters, "suggestions": items, "id": "99:99"})
        cut = text[: chance.randrange(len(text))] if chance.random() < 0.2 else text
        try:
            value, _ = read_json(cut, FORM)
        except ValueError:
            continue
        read_answers += 1
        found = read(value, NUMBERED.facts, NUMBERED.prompt.given, ADDRESSING)
        assert set(found.words) <= set(range(1, len(NUMBERED.facts) + 1))
        words = {NUMBERED.findings[at - 1]: said for at, said in found.words.items()}
        shown, blind, _left = suggestions_of(SELECTION.facts.facts, SELECTION.patches, words)
        told = [each.to_json() for each in (*shown, *blind)]
        assert {one for each in told for one in each["element_ids"]} <= known
        assert [each["ref"] for each in told] == list(range(1, len(told) + 1))
        assert {each.fact for each in shown} >= set(SELECTION.facts.problems())
        assert all(each.get("patch") == _patch(each, shown) for each in told)
    assert read_answers > 1_000


def _patch(told: dict[str, Any], shown: Any) -> Any:
    patch = next((each.patch for each in shown if each.ref == told["ref"]), None)
    return patch.to_json() if patch else None
