"""Contrast of text against the colours behind it: 4.5:1, or 3:1 for large text (24 px, or 18.66 px
and bold)."""

from collections.abc import Iterator

from service.review.contrast_facts import numbers_of, ratios_of, remarks_on, verdict_of
from service.review.facts import NOT_MEASURABLE, Fact, Source
from service.review.layers import is_mask
from service.review.meeting import Meeting
from service.review.rule import Rule
from service.review.screen import Screen
from service.review.text_runs import Run, text_runs
from service.review.tree import Place

# Fills that are painted under texts: 600 texts, on ten each.
MAX_STEPS = 6000


def measure(rule: Rule, screen: Screen) -> Iterator[Fact]:
    """One fact for each text: the run that misses its threshold by the most."""
    for at, place in enumerate(screen.texts):
        yield from _measure_text(rule, screen, place)
        if screen.ground.steps > MAX_STEPS and at + 1 < len(screen.texts):
            left = len(screen.texts) - at - 1
            screen.leave_out(
                f"Contrast of the last {left} texts was not measured: too many layers."
            )
            return


def _measure_text(rule: Rule, screen: Screen, place: Place) -> Iterator[Fact]:
    if place.type != "TEXT":
        return
    if any(is_mask(step) for step in place.path()):
        return
    judged = []
    for run in text_runs(place.node):
        if run.fills and run.size > 0:
            meeting = screen.ground.meeting_of(place, run.fills)
            judged.append((meeting.range[0] / run.threshold, run, meeting))
    if judged:
        _, run, meeting = min(judged, key=lambda each: (bool(each[2].obstacle), each[0]))
        yield _fact(rule, place, run, meeting)


def _fact(rule: Rule, place: Place, run: Run, meeting: Meeting) -> Fact:
    expected = f"at least {run.threshold:g}:1"
    kind = "large text" if run.is_large else "text"
    look = f"{run.size:g} px, weight {run.weight:g}"
    if meeting.obstacle:
        return rule.fact(
            place,
            NOT_MEASURABLE,
            "info",
            f"{kind.capitalize()} ({look}) meets {meeting.obstacle}; check it by eye.",
            expected=expected,
        )
    return rule.fact(
        place,
        ratios_of(meeting),
        verdict_of(place, run.threshold, meeting),
        f"{kind.capitalize()} {meeting.front()} on {meeting.behind()} ({look})."
        + remarks_on(place, run.threshold, meeting),
        expected=expected,
        numbers=numbers_of(meeting),
        weight=run.threshold / meeting.range[0],
    )


RULE = Rule(
    id="contrast-text",
    title="Contrast of text",
    kind="contrast",
    measures="The contrast ratio (L1 + 0.05) / (L2 + 0.05) of each text with what is drawn behind "
    "it, at the worst place and for the worst run of characters.",
    threshold="at least 4.5:1, or 3:1 from 24 px, or from 18.66 px if bold",
    source=Source(
        "WCAG 2.2 SC 1.4.3", "https://www.w3.org/WAI/WCAG22/Understanding/contrast-minimum.html"
    ),
    exemptions=("Text of a disabled control.",),
    sure="A",
    measuring=measure,
)
