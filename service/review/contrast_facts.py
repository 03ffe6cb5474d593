"""What a contrast ratio says: its verdict, remarks and printed form, for texts and for controls."""

import math

from service.review.controls import is_disabled
from service.review.facts import Verdict
from service.review.meeting import Meeting
from service.review.tree import Place


def verdict_of(
    place: Place, threshold: float, meeting: Meeting, *, is_off: bool = False
) -> Verdict:
    lowest, highest = meeting.range
    if is_off or is_disabled(place) or meeting.outside > 0.01:
        return "info"
    if lowest >= threshold:
        return "ok"
    # The position of the text along the gradient is not known.
    return "problem" if highest < threshold else "info"


def remarks_on(place: Place, threshold: float, meeting: Meeting, *, is_off: bool = False) -> str:
    remarks = ""
    lowest, highest = meeting.range
    if lowest < threshold <= highest:
        remarks += " Enough at a part of the gradient only; check by eye where it lies."
    if meeting.outside > 0.01:
        remarks += " Nothing opaque lies behind it in this selection; white is assumed."
    if is_off:
        remarks += " It labels a control that looks disabled, which the rule exempts."
    elif is_disabled(place):
        remarks += " It looks disabled, which the rule exempts."
    return remarks


def ratios_of(meeting: Meeting) -> str:
    lowest, highest = map(_ratio_text, meeting.range)
    return lowest if lowest == highest else f"from {lowest} to {highest} along the gradient"


def numbers_of(meeting: Meeting) -> tuple[float, ...]:
    return tuple(dict.fromkeys(map(_floor, meeting.range)))


def _floor(ratio: float) -> float:
    # Never rounded up: 4.499 must not read as a pass.
    return math.floor(ratio * 100 + 1e-9) / 100


def _ratio_text(ratio: float) -> str:
    return f"{_floor(ratio):.2f}:1"
