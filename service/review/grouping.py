"""Findings with one cause are one finding with a count: the same rule, the same value, and the same
component, layer in a component, or token."""

import hashlib
from collections.abc import Iterable
from dataclasses import replace

from service.review.facts import Fact


def grouped(facts: Iterable[Fact], ignored: frozenset[str]) -> tuple[list[Fact], int]:
    """The facts with a fingerprint, those of one cause joined, and how many findings somebody has
    ignored. What passes stays one fact a layer: nothing has to be done about it."""
    kept: dict[object, Fact] = {}
    left_out = 0
    for at, fact in enumerate(facts):
        if fact.verdict == "ok" or not fact.cause:
            kept[at] = fact
            continue
        key = (fact.rule, fact.cause, fact.value, fact.expected, fact.verdict, fact.detail)
        first = kept.get(key)
        if first is not None:
            ids = (*first.node_ids, fact.node_id)
            kept[key] = replace(first, node_ids=ids, count=first.count + fact.count)
            continue
        told = replace(fact, node_ids=(fact.node_id,), fingerprint=fingerprint_of(fact))
        if told.fingerprint in ignored:
            left_out += 1
        else:
            kept[key] = told
    return list(kept.values()), left_out


def fingerprint_of(fact: Fact) -> str:
    """16 hex digits that stay the same while a finding does: its rule, its cause and its value.

    Moving or renaming a layer changes nothing, nor does what else was selected with it.
    """
    told = "\x1f".join((fact.rule, fact.cause, fact.value))
    return hashlib.sha256(told.encode()).hexdigest()[:16]
