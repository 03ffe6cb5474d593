"""Definitions of the figures about whether advice helped."""

from dashboard.parts.formats import SMALL_SAMPLE
from dashboard.parts.metric import Definition, Explanation, Metric
from dashboard.parts.shared_definitions import GROUNDED

COUNTED = (
    "Counted by when the answer was posted; may change for a week after, and with each word in "
    "its thread. Trials of a guidance are left out."
)
OF_KNOWN = (
    "Taken ÷ (taken + ignored + disputed), with its 95 % interval (Wilson). Unknown is in no share."
)

QUALITY: dict[str, Definition] = {
    "quality.grounded": Metric(
        "grounded_share",
        "Grounded answers",
        f"{GROUNDED} As on Reliability.",
        source="grounding",
        unit="share",
    ),
    "quality.taken_share": Metric(
        "taken_share",
        "Advice taken",
        f"{OF_KNOWN} Below {SMALL_SAMPLE} known outcomes the cases are shown. {COUNTED}",
        source="advice_course",
        unit="share",
    ),
    "quality.taken": Metric(
        "taken",
        "Taken",
        "A problem that was measured then was gone when the frame was measured again, one day or "
        "seven days later. Where nothing was measured again: the thread was resolved after the "
        f"reply. Nobody disputed it. {COUNTED}",
        source="advice_course",
    ),
    "quality.ignored": Metric(
        "ignored",
        "Ignored",
        "The frame was measured again after seven days, and every problem was still there, "
        f"resolved or not. {COUNTED}",
        source="advice_course",
        better="down",
    ),
    "quality.disputed": Metric(
        "disputed",
        "Disputed",
        "Somebody's last word on it in the thread is “bad”, or the reply has a thumb down. What "
        f"else is known does not matter then. {COUNTED}",
        source="advice_course",
        better="down",
    ),
    "quality.unknown": Metric(
        "unknown",
        "Unknown",
        "All other answers: no problem was measured, the frame was not measured again because "
        "the account may have few calls at Figma, or it is too early to tell. Never counted as "
        f"anything else. {COUNTED}",
        source="advice_course",
        better="neither",
    ),
    "quality.course": Explanation(
        "What became of advice per step",
        f"Answers by what became of their advice. {COUNTED}",
        "advice_course",
    ),
    "quality.rule": Explanation(
        "By rule",
        "An answer counts once for each rule of the problems it told of, by what became of that "
        f"rule's. {OF_KNOWN} Flagged: advice that nobody takes: at least 20 known outcomes, and "
        "the upper end of the interval below 10 %.",
        "advice_by",
    ),
    "quality.model": Explanation(
        "By model",
        f"By the model that wrote the answer. {OF_KNOWN}",
        "advice_by",
    ),
    "quality.context": Explanation(
        "By context version",
        "By the version of the guidance that the answer went by; version 0: none. The 200 with "
        f"the most known outcomes; those with none are left out. {OF_KNOWN}",
        "advice_by",
    ),
    "quality.disputes": Explanation(
        "Disputes",
        "The disputed answers of the period. Each opens the answer whole, and the comment that "
        "says “bad”; words are shown there behind a reason.",
        "advice_disputes",
    ),
}
