"""Measures clean designs and the flaws seeded into them: what is found, and what is said for
nothing."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from bench.review.designs import Design
from bench.review.flaws import OPERATORS, Flaw, seeded
from service.review import Fact, Facts, measure
from service.review.rules import RULES
from service.review.screen import Options

MOST = 60
_SURE = {rule.id: rule.sure for rule in RULES}


@dataclass
class RuleTally:
    """Of one rule: how many flaws were seeded and found, and how many of these as a problem.

    ``loud``: in the same designs, problems of rules that may only ask (C).
    """

    rule: str
    sure: str
    seeded: int = 0
    found: int = 0
    problems: int = 0
    loud: int = 0
    missed: list[dict[str, Any]] = field(default_factory=list)

    @property
    def share(self) -> float:
        return self.found / self.seeded if self.seeded else 0.0


@dataclass
class CleanTally:
    """What the review says of one clean design: ``findings`` are problems and hints."""

    design: str
    problems: int
    hints: int
    findings: list[dict[str, Any]]


def measured(design: Design, document: dict[str, Any]) -> Facts:
    """The facts of one of our designs, clean or changed."""
    options = Options(
        tokens={token["id"]: token["name"] for token in design.tokens},
        token_colours={token["id"]: token["color"] for token in design.tokens},
    )
    return measure(document, design.components, design.styles, options=options)


def measure_clean(designs: Sequence[Design]) -> list[CleanTally]:
    """What is said of designs that have no flaw."""
    tallies = []
    for design in designs:
        told = [
            fact
            for fact in measured(design, design.document()).facts
            if fact.verdict == "problem" or _is_hint(fact)
        ]
        problems = sum(fact.verdict == "problem" for fact in told)
        findings = [
            {
                "rule": fact.rule, "verdict": fact.verdict, "where": fact.where,
                "value": fact.value, "detail": fact.detail,
            }
            for fact in told
        ]  # fmt: skip
        tallies.append(CleanTally(design.name, problems, len(told) - problems, findings))
    return tallies


def _is_hint(fact: Fact) -> bool:
    """Something to look at. Facts about the whole design and exemptions ask for nothing."""
    return fact.verdict == "info" and bool(fact.cause) and "exempt" not in fact.detail


def measure_flaws(designs: Sequence[Design], most: int = MOST) -> list[RuleTally]:
    """A tally for each rule that flaws are seeded for."""
    clean = {design.name: _told(measured(design, design.document())) for design in designs}
    tallies = []
    for rule in OPERATORS:
        tally = RuleTally(rule, _SURE[rule])
        for flaw in seeded(rule, designs, most):
            _count(tally, flaw, clean[flaw.design.name])
        tallies.append(tally)
    return tallies


def _count(tally: RuleTally, flaw: Flaw, before: set[tuple[str, str, str]]) -> None:
    facts = measured(flaw.design, flaw.document()).facts
    expected = flaw.change.expected
    found = [
        fact
        for fact in facts
        if fact.rule == flaw.rule and fact.verdict != "ok"
        for node in fact.node_ids or (fact.node_id,)
        if (node in expected or not expected) and (fact.rule, node, fact.value) not in before
    ]
    tally.seeded += 1
    tally.loud += sum(fact.sure == "C" and fact.verdict == "problem" for fact in facts)
    tally.found += bool(found)
    tally.problems += any(fact.verdict == "problem" for fact in found)
    if not found:
        said = [
            f"{fact.verdict} {fact.value} {fact.detail}"
            for fact in facts
            if fact.rule == flaw.rule and expected & {fact.node_id, *fact.node_ids}
        ]
        tally.missed.append(
            {"design": flaw.design.name, "what": flaw.change.what, "layers": sorted(expected),
             "said": said}
        )  # fmt: skip


def _told(facts: Facts) -> set[tuple[str, str, str]]:
    """What is said already, by rule, layer and value."""
    return {
        (fact.rule, node, fact.value)
        for fact in facts.facts
        if fact.verdict != "ok"
        for node in fact.node_ids or (fact.node_id,)
    }
