"""Findings with one cause are one finding with a count: the same rule, the same value, and the same
component, layer in a component, or token."""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import replace

from service.review.facts import Fact


def grouped(facts: Iterable[Fact], ignored: frozenset[str]) -> tuple[list[Fact], int]:
    """The facts with a fingerprint, those of one cause joined, and how many findings somebody has
    ignored. What passes stays one fact a layer: nothing has to be done about it.

    A finding is told on the layer with the lowest id, whatever the order of the layers.
    """
    kept: list[Fact] = []
    alike: dict[tuple[str, ...], list[Fact]] = {}
    for fact in facts:
        if fact.verdict == "ok" or not fact.cause:
            kept.append(fact)
        else:
            key = (fact.rule, fact.cause, fact.value, fact.expected, fact.verdict, fact.detail)
            alike.setdefault(key, []).append(fact)
    left_out = 0
    for group in alike.values():
        if len(group) > 1:
            group.sort(key=lambda fact: _natural(fact.node_id))
        fingerprint = fingerprint_of(group[0])
        if fingerprint in ignored:
            left_out += 1
            continue
        ids, count = tuple(fact.node_id for fact in group), sum(fact.count for fact in group)
        kept.append(replace(group[0], node_ids=ids, count=count, fingerprint=fingerprint))
    return kept, left_out


def _natural(identity: str) -> list[tuple[int, str]]:
    """Sorts 1:9 before 1:10."""
    return [
        (int(each[:9]), each) if each.isdecimal() else (0, each)
        for each in re.split(r"(\d+)", identity)
    ]


def fingerprint_of(fact: Fact) -> str:
    """16 hex digits that stay the same while a finding does: its rule, its cause and its value.

    Moving or renaming a layer changes nothing, nor does what else was selected with it.
    """
    return fingerprint(fact.rule, fact.cause, fact.value)


def fingerprint(rule: str, cause: str, value: str) -> str:
    told = "\x1f".join((rule, cause, value))
    return hashlib.sha256(told.encode()).hexdigest()[:16]
