"""What all rules have in common: their description, their sureness, grouping, ignoring."""

import re

import pytest

from service.review import Options, measure
from service.review.rule import Rule
from service.review.rules import RULES
from tests.service.review.nodes import box, frame, text_node


def test_every_rule_has_an_id_of_its_own() -> None:
    ids = [rule.id for rule in RULES]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", each) for each in ids)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_every_rule_says_what_it_does_and_where_that_is_published(rule: Rule) -> None:
    assert rule.title and rule.measures and rule.threshold
    assert rule.source.name and rule.source.url.startswith("https://")
    assert all(each.endswith(".") for each in (rule.measures, *rule.exemptions))


def test_facts_name_their_rule() -> None:
    facts = measure(frame(text_node("#aaaaaa", size=9))).facts
    assert {fact.rule for fact in facts} <= {rule.id for rule in RULES}
    assert "contrast-text" in {fact.rule for fact in facts}


def test_a_question_is_never_a_problem() -> None:
    facts = measure(frame(text_node("#aaaaaa", size=9))).facts
    assert [each for each in facts if each.sure == "C"]
    assert not [each for each in facts if each.sure == "C" and each.verdict == "problem"]


def instance(at: int, component: str = "5:1") -> dict[str, object]:
    label = text_node("#aaaaaa", id=f"I1:{at};5:2", absoluteBoundingBox=box(20, 40 * at, 60, 20))
    more = {"absoluteBoundingBox": box(0, 40 * at, 400, 40), "componentId": component}
    return frame(label, id=f"1:{at}", type="INSTANCE", name="Row", **more)


def test_findings_of_one_component_are_one_finding_with_a_count() -> None:
    facts = measure(frame(*(instance(at) for at in range(2, 6)), id="1:1"))
    (found,) = [each for each in facts.of("contrast") if each.verdict == "problem"]
    assert found.count == 4
    assert found.node_ids == tuple(f"I1:{at};5:2" for at in range(2, 6))
    assert "Label (I1:2;5:2) and 3 more like it" in found.as_line()


def test_layers_that_share_nothing_stay_apart() -> None:
    facts = measure(frame(text_node("#aaaaaa", id="1:8"), text_node("#aaaaaa", id="1:7")))
    assert [each.count for each in facts.of("contrast")] == [1, 1]


def test_a_fingerprint_does_not_depend_on_what_else_is_measured() -> None:
    alone = measure(text_node("#aaaaaa") | {"fills": [], "children": []})
    assert alone.of("contrast") == ()
    small = measure(frame(text_node("#aaaaaa"), fill="#ffffff"))
    moved = text_node("#aaaaaa", name="Renamed", absoluteBoundingBox=box(50, 90, 60, 20))
    large = measure(frame(frame(moved, id="1:3"), instance(19), id="9:1"))
    kept = {each.fingerprint for each in small.problems()}
    assert len(kept) == 1
    assert kept < {each.fingerprint for each in large.problems()}


def test_an_ignored_finding_is_left_out_and_counted() -> None:
    screen = frame(text_node("#aaaaaa"), text_node("#bbbbbb", id="1:8"))
    (worst, other) = measure(screen).problems()
    facts = measure(screen, options=Options(ignored=frozenset({worst.fingerprint})))
    assert [each.node_id for each in facts.problems()] == [other.node_id]
    assert "1 finding is ignored in this file." in facts.notes


def test_a_rule_can_be_switched_off() -> None:
    screen = frame(text_node("#aaaaaa"))
    facts = measure(screen, options=Options(off=frozenset({"contrast-text"})))
    assert measure(screen).of("contrast") and not facts.of("contrast")
