"""How long it took until all was well again after a fault. Pure functions over moments."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

# What a quiet queue looks like: nothing waits longer than this.
NORMAL_SECONDS = 10.0


@dataclass(frozen=True)
class Struck:
    """A fault as it happened; moments in seconds since the epoch."""

    name: str
    begin: float
    end: float


@dataclass(frozen=True)
class Sample:
    """How long the oldest answer waited at a moment; None: the database did not say."""

    at: float
    oldest_seconds: float | None


@dataclass(frozen=True)
class Recovery:
    """Seconds from a fault's end to the first answer to a comment that came after it, and to the
    first look at which the queue was as usual; None: neither came. ``during``: answers while it
    lasted."""

    name: str
    lasted: float
    answer: float | None
    queue: float | None
    during: int


def recoveries(
    struck: Sequence[Struck], answers: Sequence[tuple[float, float]], samples: Sequence[Sample]
) -> list[Recovery]:
    """``answers``: when each arrived and when it was settled."""
    return [
        Recovery(
            name=each.name,
            lasted=round(each.end - each.begin, 1),
            answer=_after(each.end, (end for came, end in answers if came >= each.end)),
            queue=_after(
                each.end,
                (
                    one.at
                    for one in samples
                    if one.at >= each.end
                    and one.oldest_seconds is not None
                    and one.oldest_seconds <= NORMAL_SECONDS
                ),
            ),
            during=sum(each.begin <= end < each.end for _, end in answers),
        )
        for each in struck
    ]


def worst(found: Sequence[Recovery]) -> list[dict[str, object]]:
    """One row for each fault, with the longest of its recoveries."""
    rows = []
    for name in dict.fromkeys(each.name for each in found):
        mine = [each for each in found if each.name == name]
        rows.append(
            {
                "fault": name,
                "times": len(mine),
                "lasted_s": max(each.lasted for each in mine),
                "answers_meanwhile": sum(each.during for each in mine),
                "first_answer_s": _longest([each.answer for each in mine]),
                "queue_normal_s": _longest([each.queue for each in mine]),
            }
        )
    return rows


def _after(end: float, moments: object) -> float | None:
    first = min(moments, default=math.inf)  # type: ignore[call-overload]
    return None if math.isinf(first) else round(first - end, 1)


def _longest(values: Sequence[float | None]) -> object:
    known = [each for each in values if each is not None]
    return max(known) if len(known) == len(values) else "never"
