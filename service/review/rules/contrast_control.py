"""Contrast of the edges of form controls against what is behind them: 3:1. It is judged only if a
control's own fill or stroke marks its edge."""

from collections.abc import Iterator

from service.review.contrast_facts import numbers_of, ratios_of, remarks_on, verdict_of
from service.review.controls import is_outlined_control
from service.review.facts import Fact
from service.review.meeting import Meeting
from service.review.paint import coats_of
from service.review.rule import Rule
from service.review.screen import Screen
from service.review.sources import NON_TEXT_CONTRAST
from service.review.tree import Place, number

THRESHOLD = 3.0
# Fills that are painted under controls, beside those under texts.
MAX_STEPS = 2000


def measure(rule: Rule, screen: Screen) -> Iterator[Fact]:
    """The better of a control's fill and stroke against the background, if it has either."""
    controls = [each for each in screen.places if is_outlined_control(each)]
    begun = screen.ground.steps
    for at, place in enumerate(controls):
        yield from _measure_control(rule, screen, place)
        if screen.ground.steps - begun > MAX_STEPS and at + 1 < len(controls):
            left = len(controls) - at - 1
            screen.leave_out(
                f"Contrast of the last {left} controls was not measured: too many layers."
            )
            return


def _measure_control(rule: Rule, screen: Screen, place: Place) -> Iterator[Fact]:
    best: Meeting | None = None
    for key in ("fills", "strokes"):
        coats = coats_of(place.node, key)
        if coats and (key == "fills" or number(place.node, "strokeWeight", 1) > 0):
            meeting = screen.ground.meeting_of(place, coats, at_edge=True)
            if meeting.obstacle == "" and (best is None or meeting.range > best.range):
                best = meeting
    if best is None:
        return
    yield rule.fact(
        place,
        ratios_of(best),
        verdict_of(place, THRESHOLD, best),
        f"Edge of the control {best.front()} on {best.behind()}."
        + remarks_on(place, THRESHOLD, best),
        numbers=numbers_of(best),
        weight=THRESHOLD / best.range[0],
    )


RULE = Rule(
    id="contrast-control",
    title="Contrast of controls",
    kind="non_text_contrast",
    measures="The contrast ratio of the edge of a form field or box with what is behind it: the "
    "better one of its fill and its stroke.",
    threshold="at least 3:1",
    source=NON_TEXT_CONTRAST,
    exemptions=("A disabled control.", "A control without an edge of its own."),
    sure="B",
    measuring=measure,
)
