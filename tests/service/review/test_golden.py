"""Whole screens, good and broken: exactly what a designer would want to be told, and no more."""

import pytest

from service.review import Fact, measure
from tests.service.review.golden.broken import BROKEN
from tests.service.review.golden.clean import CLEAN
from tests.service.review.golden.parts import Golden


def findings(design: Golden, verdict: str) -> list[str]:
    """What is found, each as "rule: layer", without the summaries."""
    facts = measure(design.document, styles=design.styles).facts
    return sorted(
        f"{each.rule}: {each.node_name}"
        for each in facts
        if each.verdict == verdict and each.cause and not is_advice(each)
    )


def is_advice(fact: Fact) -> bool:
    """A target that could be larger than it must, or a control that is exempt as disabled."""
    return fact.detail.startswith("Passes;") or "looks disabled" in fact.detail


@pytest.mark.parametrize("design", CLEAN, ids=lambda each: each.name)
def test_a_clean_screen_has_no_problem_and_hardly_a_hint(design: Golden) -> None:
    assert findings(design, "problem") == []
    assert len(findings(design, "info")) <= 1, findings(design, "info")


@pytest.mark.parametrize("design", BROKEN, ids=lambda each: each.name)
def test_a_broken_screen_has_exactly_the_findings_of_a_careful_designer(design: Golden) -> None:
    assert findings(design, "problem") == list(design.problems)
    assert findings(design, "info") == list(design.hints)
