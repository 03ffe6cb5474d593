"""Contrast of text against the colours behind it: 4.5:1, or 3:1 for large text (24 px, or 18.66 px
and bold) and for signs used as icons."""

from collections.abc import Iterator

from service.review.contrast_facts import numbers_of, ratios_of, remarks_on, verdict_of
from service.review.facts import NOT_MEASURABLE, Fact
from service.review.rule import Rule
from service.review.screen import Screen
from service.review.sources import CONTRAST, NON_TEXT_CONTRAST
from service.review.text_meetings import TextMeeting
from service.review.text_runs import Run
from service.review.tree import Place


def measure(rule: Rule, screen: Screen) -> Iterator[Fact]:
    """One fact for each text: the run that misses its threshold by the most."""
    for met in screen.text_meetings:
        if met.obstacle:
            yield _unknown(rule, met.place, met.run, met.obstacle)
        elif not met.is_invisible:
            yield _fact(rule, met, is_off=met.place in screen.disabled_labels)
    for place in screen.texts:
        if not place.is_text:
            yield rule.fact(
                place,
                NOT_MEASURABLE,
                "info",
                f"Figma does not tell the colour of the letters in a {_kind(place)}; check it by "
                "eye.",
            )


def _kind(place: Place) -> str:
    return f"layer of type {place.type.lower().replace('_', ' ') or 'unknown'}"


def _unknown(rule: Rule, place: Place, run: Run, obstacle: str) -> Fact:
    return rule.fact(
        place,
        NOT_MEASURABLE,
        "info",
        f"{run.kind} ({run.look}) meets {obstacle}; check it by eye.",
        expected=f"at least {run.threshold:g}:1",
    )


def _fact(rule: Rule, met: TextMeeting, *, is_off: bool) -> Fact:
    place, run, meeting = met.place, met.run, met.meeting
    return rule.fact(
        place,
        ratios_of(meeting),
        verdict_of(place, run.threshold, meeting, is_off=is_off),
        f"{run.kind} {meeting.front()} on {meeting.behind()} ({run.look})."
        + remarks_on(place, run.threshold, meeting, is_off=is_off),
        expected=f"at least {run.threshold:g}:1",
        source=NON_TEXT_CONTRAST if run.is_icon and not run.is_large else None,
        numbers=numbers_of(meeting),
        weight=run.threshold / meeting.range[0],
    )


RULE = Rule(
    id="contrast-text",
    title="Contrast of text",
    kind="contrast",
    measures="The contrast ratio (L1 + 0.05) / (L2 + 0.05) of each text with what is drawn behind "
    "it, at the worst place and for the worst run of characters.",
    threshold="at least 4.5:1, or 3:1 from 24 px, from 18.66 px if bold, and for icons",
    source=CONTRAST,
    exemptions=(
        "Text of a disabled control, and the label beside one.",
        "A single sign used as an icon: 3:1 (SC 1.4.11).",
        "Letters with a shadow, a glow or a stroke, on pictures, or under a blur: not measurable.",
        "Letters in the very colour of what is behind them: see invisible-text.",
    ),
    sure="A",
    measuring=measure,
)
