"""Suggestions: facts with words and patches, in the form in which they are stored and sent.

Every problem is a suggestion, whatever a model wrote. One without its words has fixed words.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from service.analysis.briefing import describe
from service.analysis.canonical import PLACE_MARK, Prepared, swap_ids
from service.review.facts import Fact
from service.review.grouping import fingerprint
from service.review.patches import Patch

Severity = Literal["problem", "hint", "info"]

# Every problem is told; of the rest so many.
MAX_HINTS = 100
_FIXED = "{value}; expected {expected}. {detail}"
_FIXED_PATCH = " With {change} it measures {value}."


@dataclass(frozen=True)
class Suggestion:
    """One finding: ``ref`` is its number in this answer."""

    ref: int
    fact: Fact
    words: str
    patch: Patch | None = None

    @property
    def severity(self) -> Severity:
        """Hints are about layers, infos about the whole."""
        if self.fact.verdict == "problem":
            return "problem"
        return "hint" if self.fact.cause else "info"

    def to_json(self) -> dict[str, Any]:
        fact = self.fact
        told = {
            "ref": self.ref,
            "element_id": fact.node_id,
            "element_name": fact.node_name,
            "element_ids": list(fact.node_ids or (fact.node_id,)),
            "count": fact.count,
            "rule": fact.rule,
            "kind": fact.kind,
            "severity": self.severity,
            "sure": fact.sure,
            "fact": {
                "value": fact.value,
                "threshold": fact.expected,
                "source": fact.source,
                "source_url": fact.source_url,
                "detail": fact.detail,
            },
            "words": self.words,
            "fingerprint": fact.fingerprint,
        }
        if fact.is_measurable:
            told["patch"] = self.patch.to_json() if self.patch else None
        return told


def suggestions_of(
    facts: Sequence[Fact], patches: Mapping[Fact, Patch], words: Mapping[Fact, str]
) -> tuple[list[Suggestion], list[Suggestion], int]:
    """The suggestions, what could not be measured, and how many hints were left out. What is worst
    comes first."""
    found = [each for each in facts if each.verdict != "ok"]
    problems = [each for each in found if each.verdict == "problem"]
    hints = [each for each in found if each.verdict != "problem" and each.is_measurable]
    blind = [each for each in found if each.verdict != "problem" and not each.is_measurable]
    # What a model found worth words is kept before other hints.
    chosen = sorted(hints, key=lambda each: (each not in words, not each.cause))[:MAX_HINTS]
    kept = set(chosen)
    shown = [*problems, *(each for each in hints if each in kept)]
    shown.sort(key=lambda each: (each.verdict != "problem", not each.cause))
    told = [
        Suggestion(
            ref, fact, words.get(fact) or fixed_words(fact, patches.get(fact)), patches.get(fact)
        )
        for ref, fact in enumerate([*shown, *blind[:MAX_HINTS]], 1)
    ]
    left_out = len(hints) - len(chosen) + max(len(blind) - MAX_HINTS, 0)
    return told[: len(shown)], told[len(shown) :], left_out


def fixed_words(fact: Fact, patch: Patch | None = None) -> str:
    """What is said about a finding without a model."""
    said = _FIXED.format(value=fact.value, expected=fact.expected, detail=fact.detail).strip()
    if patch:
        said += _FIXED_PATCH.format(change=describe(patch), value=patch.value)
    return said


# --- The same answer for somebody else: their layers have other ids.


def to_stored(answer: Mapping[str, Any], prepared: Prepared) -> dict[str, Any]:
    """The answer with positions for the asker's ids, so that an equal request can have it too.

    Fingerprints that come from an id are left out; ``from_stored`` works them out again.
    """
    places = {identity: f"{PLACE_MARK}{ref}" for identity, ref in prepared.refs.items()}
    places |= {identity: f"{PLACE_MARK}0" for identity in prepared.around}
    own = {each.fingerprint for each in prepared.facts.facts if each.cause == _cause(each.node_id)}

    def unsigned(told: Mapping[str, Any]) -> str | None:
        return None if told["fingerprint"] in own else told["fingerprint"]

    return _readdressed(answer, places, unsigned)


class Addresses(Protocol):
    """The ids of an asker's layers: their positions, and the outermost one."""

    @property
    def refs(self) -> Mapping[str, int]: ...

    @property
    def root(self) -> str: ...


def from_stored(stored: Mapping[str, Any], asker: Addresses) -> dict[str, Any]:
    """A stored answer for this asker: with the ids of their layers, and their fingerprints."""
    ids = {f"{PLACE_MARK}{ref}": identity for identity, ref in asker.refs.items()}
    ids[f"{PLACE_MARK}0"] = asker.root

    def signed(told: Mapping[str, Any]) -> str | None:
        if told["fingerprint"] is not None:
            return str(told["fingerprint"])
        cause = _cause(ids.get(told["element_id"], ""))
        return fingerprint(told["rule"], cause, told["fact"]["value"])

    return _readdressed(stored, ids, signed)


def _cause(node_id: str) -> str:
    """The layer in its component, by the last part of its id: see ``Place.cause``."""
    return node_id.rpartition(";")[2]


def _readdressed(
    answer: Mapping[str, Any],
    names: Mapping[str, str],
    sign: Callable[[Mapping[str, Any]], str | None],
) -> dict[str, Any]:
    def one(told: Mapping[str, Any]) -> dict[str, Any]:
        fact = {key: swap_ids(value, names) for key, value in told["fact"].items()}
        changed = {
            "element_id": names.get(told["element_id"], told["element_id"]),
            "element_ids": [names.get(each, each) for each in told["element_ids"]],
            "fact": fact,
            "words": swap_ids(told["words"], names),
            "fingerprint": sign(told),
        }
        if told.get("patch"):
            changes = [
                {**each, "element_id": names.get(each["element_id"], each["element_id"])}
                for each in told["patch"]["changes"]
            ]
            changed["patch"] = {**told["patch"], "changes": changes}
        return {**told, **changed}

    return {
        **answer,
        "summary": swap_ids(answer["summary"], names),
        "notes": [swap_ids(each, names) for each in answer["notes"]],
        "suggestions": [one(each) for each in answer["suggestions"]],
        "not_measurable": [one(each) for each in answer["not_measurable"]],
    }
