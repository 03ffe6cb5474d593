"""A measuring rule: what it measures, by which threshold and source, and how sure it can be.

A rule is one small module in ``rules/``. Its ``RULE`` is listed there, shown at ``/docs/rules``,
and can be switched off by a context.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from service.review.facts import Fact, Kind, Source, Sure, Verdict
from service.review.tree import Place

if TYPE_CHECKING:
    from service.review.screen import Screen

Measuring = Callable[["Rule", "Screen"], Iterable[Fact]]


@dataclass(frozen=True)
class Rule:
    """One rule of the review.

    ``sure``: how sure a finding can be from the layers alone. A: near certain. B: with the
    ``exemptions``. C: a question, never a problem. ``kind`` is the topic that it belongs to.
    """

    id: str
    title: str
    kind: Kind
    measures: str
    threshold: str
    source: Source
    exemptions: tuple[str, ...]
    sure: Sure
    measuring: Measuring

    def measure(self, screen: "Screen") -> Iterable[Fact]:
        return self.measuring(self, screen)

    def fact(
        self,
        place: Place,
        value: str,
        verdict: Verdict,
        detail: str,
        *,
        expected: str = "",
        source: Source | None = None,
        sure: Sure | None = None,
        **more: Any,
    ) -> Fact:
        """A fact of this rule about one layer.

        ``sure`` and ``source`` may differ from the rule's for one form of it. A finding of sureness
        C is at most "info". ``more``: the other fields of Fact.
        """
        sure, source = sure or self.sure, source or self.source
        return Fact(
            node_id=place.id,
            node_name=place.name,
            kind=self.kind,
            value=value,
            expected=expected or self.threshold,
            verdict="info" if sure == "C" and verdict == "problem" else verdict,
            source=source.name,
            source_url=source.url,
            detail=detail,
            rule=self.id,
            sure=sure,
            **({} if verdict == "ok" else {"cause": place.cause}) | more,
        )
