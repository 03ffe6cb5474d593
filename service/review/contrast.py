"""Contrast of text, and of the edges of form controls, against the colours behind them.

Text: WCAG 2.2 SC 1.4.3, 4.5:1, or 3:1 for large text (24 px, or 18.66 px and bold).
Controls: WCAG 2.2 SC 1.4.11, 3:1; only judged if a control's own fill or stroke marks its edge.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from service.review.controls import is_disabled, is_outlined_control
from service.review.facts import Fact, Source, Verdict
from service.review.ground import Ground
from service.review.layers import is_mask
from service.review.meeting import Meeting
from service.review.paint import Coat, coats_of
from service.review.tree import Node, Place, child, number, text

TEXT_SOURCE = Source(
    "WCAG 2.2 SC 1.4.3", "https://www.w3.org/WAI/WCAG22/Understanding/contrast-minimum.html"
)
CONTROL_SOURCE = Source(
    "WCAG 2.2 SC 1.4.11", "https://www.w3.org/WAI/WCAG22/Understanding/non-text-contrast.html"
)
LARGE_TEXT_PX = 24.0
LARGE_BOLD_PX = 18.66
BOLD_WEIGHT = 700
_MAX_RUNS = 8


@dataclass(frozen=True)
class Run:
    """A part of a text node with one style."""

    fills: tuple[Coat, ...]
    size: float
    weight: float

    @property
    def is_large(self) -> bool:
        bold = self.weight >= BOLD_WEIGHT
        return self.size >= LARGE_TEXT_PX or (bold and self.size >= LARGE_BOLD_PX)

    @property
    def threshold(self) -> float:
        return 3.0 if self.is_large else 4.5


def text_runs(node: Node) -> list[Run]:
    """The styles in a text node: its own, and the overrides that some characters have."""
    style, fills = child(node, "style"), coats_of(node)
    overrides = node.get("characterStyleOverrides")
    used = (
        [each for each in overrides if isinstance(each, int)] if isinstance(overrides, list) else []
    )
    characters = text(node, "characters")
    styles = [style] if 0 in used or len(used) < len(characters) else []
    table = child(node, "styleOverrideTable")
    styles += [child(table, str(key)) for key in sorted({key for key in used if key})[:_MAX_RUNS]]
    return [
        Run(
            coats_of(each) if isinstance(each.get("fills"), list) else fills,
            number(each, "fontSize", number(style, "fontSize")),
            number(each, "fontWeight", number(style, "fontWeight", 400)),
        )
        for each in styles
    ]


def measure_contrast(
    places: Sequence[Place], unread: Sequence[Place], limit: int
) -> tuple[list[Fact], int]:
    """The contrast facts in drawing order, and how many layers were left out.

    ``unread`` are layers of which only the box is known. The work stops after ``limit`` steps.
    """
    facts: list[Fact] = []
    ground = Ground([*places, *unread])
    for at, place in enumerate(places):
        facts += measure_text_contrast(place, ground)
        facts += measure_control_contrast(place, ground)
        if ground.steps > limit:
            return facts, len(places) - at - 1
    return facts, 0


def measure_text_contrast(place: Place, ground: Ground) -> Iterator[Fact]:
    """One fact for a text node: the run that misses its threshold by the most."""
    if place.type != "TEXT" or not text(place.node, "characters").strip():
        return
    if any(is_mask(step) for step in place.path()):
        return
    judged = []
    for run in text_runs(place.node):
        if run.fills and run.size > 0:
            meeting = ground.meeting_of(place, run.fills)
            judged.append((meeting.range[0] / run.threshold, run, meeting))
    if judged:
        _, run, meeting = min(judged, key=lambda each: (bool(each[2].obstacle), each[0]))
        yield _text_fact(place, run, meeting)


def measure_control_contrast(place: Place, ground: Ground) -> Iterator[Fact]:
    """The better of a control's fill and stroke against the background, if it has either."""
    if not is_outlined_control(place):
        return
    best: Meeting | None = None
    for key in ("fills", "strokes"):
        coats = coats_of(place.node, key)
        if coats and (key == "fills" or number(place.node, "strokeWeight", 1) > 0):
            meeting = ground.meeting_of(place, coats, at_edge=True)
            if meeting.obstacle == "" and (best is None or meeting.range > best.range):
                best = meeting
    if best is None:
        return
    yield Fact(
        place.id, place.name, "non_text_contrast", _ratios(best), "at least 3:1",
        _verdict(place, 3, best), CONTROL_SOURCE.name, CONTROL_SOURCE.url,
        f"Edge of the control {best.front()} on {best.behind()}." + _remarks(place, 3, best),
        _numbers(best), 3 / best.range[0],
    )  # fmt: skip


def _text_fact(place: Place, run: Run, meeting: Meeting) -> Fact:
    expected = f"at least {run.threshold:g}:1"
    kind = "large text" if run.is_large else "text"
    look = f"{run.size:g} px, weight {run.weight:g}"
    if meeting.obstacle:
        return Fact(
            place.id, place.name, "contrast", "not measurable", expected, "info",
            TEXT_SOURCE.name, TEXT_SOURCE.url,
            f"{kind.capitalize()} ({look}) meets {meeting.obstacle}; check it by eye.",
        )  # fmt: skip
    return Fact(
        place.id, place.name, "contrast", _ratios(meeting), expected,
        _verdict(place, run.threshold, meeting), TEXT_SOURCE.name, TEXT_SOURCE.url,
        f"{kind.capitalize()} {meeting.front()} on {meeting.behind()} ({look})."
        + _remarks(place, run.threshold, meeting),
        _numbers(meeting), run.threshold / meeting.range[0],
    )  # fmt: skip


def _verdict(place: Place, threshold: float, meeting: Meeting) -> Verdict:
    lowest, highest = meeting.range
    if is_disabled(place) or meeting.outside > 0.01:
        return "info"
    if lowest >= threshold:
        return "ok"
    # The position of the text along the gradient is not known.
    return "problem" if highest < threshold else "info"


def _remarks(place: Place, threshold: float, meeting: Meeting) -> str:
    remarks = ""
    lowest, highest = meeting.range
    if lowest < threshold <= highest:
        remarks += " Enough at a part of the gradient only; check by eye where it lies."
    if meeting.outside > 0.01:
        remarks += " Nothing opaque lies behind it in this selection; white is assumed."
    if is_disabled(place):
        remarks += " It looks disabled, which the rule exempts."
    return remarks


def _ratios(meeting: Meeting) -> str:
    lowest, highest = map(_ratio_text, meeting.range)
    return lowest if lowest == highest else f"from {lowest} to {highest} along the gradient"


def _numbers(meeting: Meeting) -> tuple[float, ...]:
    return tuple(dict.fromkeys(map(_floor, meeting.range)))


def _floor(ratio: float) -> float:
    # Never rounded up: 4.499 must not read as a pass.
    return math.floor(ratio * 100 + 1e-9) / 100


def _ratio_text(ratio: float) -> str:
    return f"{_floor(ratio):.2f}:1"
