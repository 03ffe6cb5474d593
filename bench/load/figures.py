"""What a run of the crowd means: ratios, memory that stays flat, sizes that are as computed."""

import statistics
from collections.abc import Sequence
from typing import Any, NamedTuple

from bench.parts import Memory

Row = dict[str, Any]
EMPTY, EMPTY_SIGNED_IN = "empty route", "empty route, signed in"
# Of these parts memory is judged. The API and the stand-ins are not what we ship.
JUDGED = ("web", "worker", "postgres")
MOST_GROWTH = 0.05
# Below this a difference of two samples is the allocator's.
LEAST_BYTES = 4_000_000
# How far a size may be from the computed one.
MOST_DEVIATION = 0.25
MIB = 1 << 20


class Sample(NamedTuple):
    """A moment of a run: seconds, CPU seconds of each part until then, and its memory."""

    at: float
    cpu: dict[str, float]
    memory: dict[str, Memory]


class Growth(NamedTuple):
    """Of one part's own memory, from the second quarter of a run to its last."""

    part: str
    before: float
    after: float

    @property
    def share(self) -> float:
        return self.after / self.before - 1

    @property
    def is_flat(self) -> bool:
        return self.share <= MOST_GROWTH or self.after - self.before < LEAST_BYTES


def times(entries: Sequence[Row], seconds: float) -> list[Row]:
    """One row for each kind of request, with its median beside that of the empty route in the same
    run. Entries in brackets are parts of others."""
    base = {each["name"]: each["p50_ms"] for each in entries}.get(EMPTY)
    return [
        {
            "what": each["name"],
            "requests": each["requests"],
            "a_minute": round(each["requests"] * 60 / seconds, 1),
            **{name: round(each[name]) for name in ("p50_ms", "p95_ms", "p99_ms")},
            "errors": each["errors"],
            "p50_to_empty": round(each["p50_ms"] / base, 1) if base else "",
        }
        for each in sorted(entries, key=lambda each: str(each["name"]))
        if not each["name"].startswith("(")
    ]


def processes(samples: Sequence[Sample]) -> list[Row]:
    """CPU and memory of each part over the run. 100 % is one core."""
    first, last = samples[0], samples[-1]
    grown = {each.part: each for each in growths(samples)}
    return [
        {
            "part": part,
            "processes": last.memory[part].processes,
            "cpu_%": round(
                (spent - first.cpu.get(part, 0.0)) * 100 / max(last.at - first.at, 1e-9), 1
            ),
            "memory_mb": max(s.memory[part].share for s in samples if part in s.memory) // MIB,
            "own_mb": round(grown[part].after / MIB) if part in grown else "",
            "own_growth_%": round(grown[part].share * 100, 1) if part in grown else "",
        }
        for part, spent in sorted(last.cpu.items())
        if part in last.memory
    ]  # fmt: skip


def growths(samples: Sequence[Sample]) -> list[Growth]:
    """The first quarter is the warm-up: caches fill, connections open, plans are made. Medians, as
    one sample may hold a garbage collector's leavings or a vacuum that runs just then."""
    quarter = len(samples) // 4
    if not quarter:
        return []
    found = []
    for part in sorted(samples[-1].memory):
        own = [s.memory[part].own if part in s.memory else 0 for s in samples]
        before = statistics.median(own[quarter : 2 * quarter])
        if before:
            found.append(Growth(part, before, statistics.median(own[-quarter:])))
    return found


def compare(found: dict[str, float], computed: dict[str, float]) -> list[Row]:
    """Sizes as they are beside those that the capacity model computes, in kilobytes."""
    return [
        {
            "what": name,
            "found_kb": round(found.get(name, 0.0) / 1024),
            "computed_kb": round(size / 1024),
            "ratio": round(found.get(name, 0.0) / size, 2) if size else "",
        }
        for name, size in computed.items()
    ]


def complaints(
    entries: Sequence[Row],
    unbalanced: Sequence[str],
    samples: Sequence[Sample],
    *,
    is_soak: bool,
    sizes: Sequence[Row] = (),
) -> list[str]:
    """Why a run has failed; nothing if it has not. Memory and sizes are judged in a soak alone:
    they need time."""
    said = [
        f"{each['name']}: {each['errors']} of {each['requests']} failed"
        for each in entries
        if each["errors"]
    ]
    said += unbalanced
    if is_soak:
        said += [
            f"memory of {each.part} grew by {each.share:.1%} after the warm-up"
            for each in growths(samples)
            if each.part in JUDGED and not each.is_flat
        ]
        said += [
            f"{each['what']}: {each['found_kb']} KB, and {each['computed_kb']} KB were computed"
            for each in sizes
            if each["ratio"] != "" and abs(each["ratio"] - 1) > MOST_DEVIATION
        ]
    return said
