"""Holds the review against axe on public HTML pages: "held out", as no threshold is ever chosen by
them. axe's verdict on an element is the label; what is measured is the node tree of its page.

What the verdicts mean: https://github.com/dequelabs/axe-core/blob/develop/doc/API.md#results-object
"""

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from bench.review.browsing import Judged, Verdict
from bench.review.pixels import Claim
from service.review import Fact, Facts, measure

Outcome = Literal["problem", "declared", "silent"]
# axe's rule, and the rules of the review that judge the same.
MATCHES = {
    "color-contrast": ("contrast-text", "invisible-text"),
    "target-size": ("target-size", "target-overlap"),
}
# A page is measured whole, however long it is.
ALL_NODES = 20_000


@dataclass(frozen=True)
class Example:
    """One verdict that the review does not share."""

    page: str
    what: str
    html: str
    axe: str
    ours: str


@dataclass
class Tally:
    """What the review says where one rule of axe says something.

    Violations are ``found`` (called a problem), ``declared`` (said to be not measurable) or
    ``missed``. ``false``: a problem where axe passes; ``doubted``: not measurable there.
    ``called``: a problem where axe does not decide (``undecided``). ``unmapped``: elements that no
    node stands for, ``unmapped_violations`` among them. Labels that do not count: ``unseen``, of
    elements out of view, and ``disputed``, of round targets that axe passes by their box.
    ``agreed``, ``differed``: how often both measured a contrast ratio, and it was the same within
    0.05 or 1 %, or not. ``claims``: the texts called a problem where axe measured no ratio;
    some were ``looked_at``, and the pixels show another contrast of those in ``refuted``.
    """

    found: int = 0
    declared: int = 0
    missed: int = 0
    passes: int = 0
    false: int = 0
    doubted: int = 0
    undecided: int = 0
    called: int = 0
    unseen: int = 0
    disputed: int = 0
    unmapped: int = 0
    unmapped_violations: int = 0
    agreed: int = 0
    differed: int = 0
    claims: list[Claim] = field(default_factory=list)
    looked_at: int = 0
    refuted: list[tuple[Claim, float]] = field(default_factory=list)
    examples: list[Example] = field(default_factory=list)

    @property
    def violations(self) -> int:
        return self.found + self.declared + self.missed


def compare(pages: Sequence[tuple[str, Judged]]) -> dict[str, Tally]:
    """A tally for each rule of axe, over pages with their names."""
    tallies = {rule: Tally() for rule in MATCHES}
    for name, page in pages:
        facts = measure(page.document, max_nodes=ALL_NODES)
        by_node, nodes = _by_node(facts), dict(_each(page.document))
        for verdict in page.verdicts:
            told = [
                fact
                for node in _nodes_of(verdict)
                for fact in by_node[node]
                if fact.rule in MATCHES[verdict.rule]
            ]
            outcome = _outcome(told, is_whole=not facts.scope)
            if verdict.is_seen and _is_disputed(verdict, nodes):
                tallies[verdict.rule].disputed += 1
                continue
            _count(tallies[verdict.rule], name, verdict, outcome, told)
            if verdict.verdict == "incomplete" and verdict.is_seen and not verdict.ratio:
                tallies[verdict.rule].claims += [
                    Claim(name, nodes[text]["absoluteBoundingBox"], _threshold(fact))
                    for text in verdict.texts
                    for fact in by_node[text]
                    if fact.rule == "contrast-text" and fact.verdict == "problem"
                ]
    return tallies


def _threshold(fact: Fact) -> float:
    return 3.0 if fact.expected == "at least 3:1" else 4.5


def _each(node: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    yield node["id"], node
    for below in node.get("children", []):
        yield from _each(below)


def _is_disputed(verdict: Verdict, nodes: dict[str, dict[str, Any]]) -> bool:
    """Whether axe passes a target by its box although no square of 24 px fits between its corners:
    WCAG calls it undersized (Understanding SC 2.5.8, the figure of a circle)."""
    node = nodes.get(verdict.box or "", {})
    if verdict.rule != "target-size" or verdict.verdict != "passes" or not node:
        return False
    box = node["absoluteBoundingBox"]
    side = min(box["width"], box["height"])
    return side >= 24 > side - 2 * node.get("cornerRadius", 0) * (1 - math.sqrt(0.5))


def _nodes_of(verdict: Verdict) -> tuple[str, ...]:
    if verdict.rule == "color-contrast":
        return verdict.texts
    return (verdict.box,) if verdict.box else ()


def _by_node(facts: Facts) -> dict[str, list[Fact]]:
    found: dict[str, list[Fact]] = defaultdict(list)
    for fact in facts.facts:
        for node in fact.node_ids or (fact.node_id,):
            found[node].append(fact)
    return found


def _outcome(facts: Sequence[Fact], *, is_whole: bool) -> Outcome:
    if any(fact.verdict == "problem" for fact in facts):
        return "problem"
    if any(map(_is_doubtful, facts)) or (not facts and not is_whole):
        return "declared"
    return "silent"


def _is_doubtful(fact: Fact) -> bool:
    """Whether the fact says itself that it cannot tell. An exemption is no doubt."""
    if fact.verdict != "info" or "disabled" in fact.detail:
        return False
    doubts = ("by eye", "is assumed", "if it can be tapped")
    return (
        not fact.is_measurable
        or fact.rule == "invisible-text"
        or any(doubt in fact.detail for doubt in doubts)
    )


def _count(
    tally: Tally, page: str, verdict: Verdict, outcome: Outcome, facts: Sequence[Fact]
) -> None:
    if not verdict.is_seen:
        tally.unseen += 1
        return
    if not _nodes_of(verdict):
        tally.unmapped += 1
        tally.unmapped_violations += verdict.verdict == "violations"
        return
    what = ""
    if verdict.ratio:
        _compare_ratios(tally, verdict.ratio, facts)
    if verdict.verdict == "violations":
        tally.found += outcome == "problem"
        tally.declared += outcome == "declared"
        tally.missed += outcome == "silent"
        what = {"problem": "", "declared": "declared", "silent": "missed"}[outcome]
    elif verdict.verdict == "passes":
        tally.passes += 1
        tally.false += outcome == "problem"
        tally.doubted += outcome == "declared"
        what = "false" if outcome == "problem" else ""
    else:
        tally.undecided += 1
        tally.called += outcome == "problem"
        what = "called" if outcome == "problem" else ""
    if what:
        ours = "; ".join(f"{fact.node_id}: {fact.value}. {fact.detail}" for fact in facts)
        axe = f"{verdict.verdict} {verdict.reason} {verdict.ratio or ''}"
        example = Example(page, f"{verdict.rule} {what}", verdict.html, axe, ours or "no fact")
        tally.examples.append(example)


def _compare_ratios(tally: Tally, ratio: float, facts: Sequence[Fact]) -> None:
    ours = [fact.numbers[0] for fact in facts if fact.rule == "contrast-text" and fact.numbers]
    if ours:
        is_same = min(abs(each - ratio) for each in ours) <= max(0.05, ratio * 0.01)
        tally.agreed += is_same
        tally.differed += not is_same
