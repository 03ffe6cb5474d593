"""The measured review: a reply written from facts by fixed rules, when no model answers."""

import re
from collections.abc import Sequence
from typing import Protocol

from service.review.facts import Fact, Facts

LABEL = "Measured by fixed rules, not by an AI model."
_MAX_PROBLEMS = 5
_MAX_HINTS = 3
_FOCUS_WORDS = {
    "contrast": r"contrast|colou?rs?|read(able|ability)?|legib\w*|wcag|a11y|accessib\w*|see",
    "size": r"targets?|tap|tappable|touch|click\w*|buttons?|hit|small|44|24",
    "spacing": r"spac\w+|padding|margins?|gaps?|grid|align\w*|layout|whitespace",
    "layout": r"layout|align\w*|overlap\w*|overflow\w*|cut.?off|clip\w*|fits?|radi(us|i)|corners?"
    r"|round(ed|ing)?|touching",
    "type": r"fonts?|type|typograph\w*|text|headings?|sizes?|hierarchy|read(able|ability)?|lines?",
    "colour": r"colou?rs?|palette|colou?r.?blind\w*|shades?|hues?|a11y|accessib\w*|image|photos?"
    r"|pictures?",
    "tokens": r"tokens?|variables?|styles?|design.?system|hard.?coded|librar\w+|consisten\w+",
    "layers": r"layers?|nam(e|es|ed|ing)|hidden|empty|clean.?up|tidy|detached|structure|hand.?off",
    "states": r"states?|hover\w*|disabled|pressed|variants?|focus.(state|ring|style)s?|keyboard",
}
_KINDS = {
    "contrast": ("contrast", "non_text_contrast"),
    "size": ("target_size",),
    "spacing": ("spacing",),
    "layout": ("layout",),
    "type": ("type_size",),
    "colour": ("colour",),
    "tokens": ("tokens",),
    "layers": ("layers",),
    "states": ("states",),
}
_TITLES = {
    "contrast": "contrast",
    "size": "tap targets",
    "spacing": "spacing",
    "layout": "layout",
    "type": "type sizes",
    "colour": "colour",
    "tokens": "token use",
    "layers": "layers",
    "states": "states",
}
# The topics for which the design's own scales are worth a line.
_SCALED = {"spacing", "layout", "type", "colour", "tokens"}


class HasFocus(Protocol):
    """Guidance that may name focus areas."""

    @property
    def focus(self) -> Sequence[str]: ...


def focus_of(question: str, guidance: HasFocus | None = None) -> tuple[str, ...]:
    """The topics in the question; else those in the guidance; else all of them."""
    asked = _topics(question)
    return asked or _topics(" ".join(guidance.focus) if guidance else "") or tuple(_KINDS)


def measured_review(
    question: str,
    facts: Facts | None,
    guidance: HasFocus | None = None,
    *,
    no_design_reason: str = "",
    would_pass: Sequence[str] = (),
    limit: int = 1500,
) -> str:
    """Write the facts for the question's topics as text, in at most ``limit`` characters.

    Without facts it says why (``no_design_reason``, a sentence) and what to do next.
    ``would_pass`` are sentences about colours that would pass. The text always begins by saying
    what it is: measured, no AI model. Layer names are included as people wrote them;
    ``compose_reply`` cleans the whole reply later.
    """
    lines = _no_design(no_design_reason) if not facts else _review(
        facts, focus_of(question, guidance), would_pass
    )  # fmt: skip
    return _fit(lines, limit)


def _fit(lines: Sequence[str], limit: int) -> str:
    """Join whole lines while they fit. A first line that is too long is cut, with an ellipsis."""
    kept: list[str] = []
    room = limit
    for line in lines:
        room -= len(line) + bool(kept)
        if room < 0:
            break
        kept.append(line)
    if not kept and lines:
        return lines[0][: max(limit - 1, 0)] + "…"
    return "\n".join(kept).strip()


def _topics(text: str) -> tuple[str, ...]:
    return tuple(
        topic
        for topic, words in _FOCUS_WORDS.items()
        if re.search(rf"\b(?:{words})\b", text, re.IGNORECASE)
    )


def _no_design(reason: str) -> list[str]:
    return [
        LABEL,
        reason.strip() or "I have no design data for this comment.",
        "What helps: pin the comment to a frame with text and layers in a Figma design file, then "
        "ask again.",
    ]


def _review(facts: Facts, topics: Sequence[str], would_pass: Sequence[str]) -> list[str]:
    kinds = tuple(kind for topic in topics for kind in _KINDS[topic])
    about = facts.of(*kinds)
    # Of all topics, those are named that there is something to say about.
    is_general = tuple(topics) == tuple(_KINDS)
    named = [each for each in topics if not is_general or _has(about, each)]
    titles = ", ".join(_TITLES[topic] for topic in named)
    problems = [fact for fact in about if fact.verdict == "problem"]
    broken = {fact.rule for fact in problems if fact.rule}
    # A summary of a rule adds nothing to the problems that it sums up.
    hints = [
        fact for fact in about if fact.verdict == "info" and (fact.cause or fact.rule not in broken)
    ]
    lines = [LABEL, _headline(titles, about, problems, facts.scope)]
    for fact in _spread(problems, topics)[:_MAX_PROBLEMS]:
        lines.append(f"- {_sentence(fact)}")
    if len(problems) > _MAX_PROBLEMS:
        lines.append(f"- …and {len(problems) - _MAX_PROBLEMS} more like these.")
    if would_pass:
        lines += ["What would pass:", *(f"- {each}" for each in would_pass)]
    if hints:
        told = _spread(hints, topics)[:_MAX_HINTS]
        lines += ["Worth a look:", *(f"- {_sentence(fact)}" for fact in told)]
    elsewhere = len(facts.problems()) - len(problems)
    if elsewhere:
        lines.append(f"Outside your question I also measured {_count(elsewhere, 'problem')}.")
    lines += facts.notes[:2]
    if facts.scale and _SCALED & set(topics):
        lines.append(f"This design has a {facts.scale}.")
    return lines


def _headline(
    titles: str,
    about: Sequence[Fact],
    problems: Sequence[Fact],
    scope: str,
) -> str:
    limit = f"; {scope}" if scope else ""
    if not about:
        return f"There is nothing to measure here{titles and f' for {titles}'}{limit}."
    passed = sum(fact.verdict == "ok" for fact in about)
    found = _count(len(problems), "problem") if problems else "No problem"
    checks = _count(len(about), "check")
    return f"{found} found in {checks}{titles and f' of {titles}'} ({passed} passed){limit}."


def _has(about: Sequence[Fact], topic: str) -> bool:
    return any(fact.kind in _KINDS[topic] for fact in about)


def _spread(told: Sequence[Fact], topics: Sequence[str]) -> list[Fact]:
    """The worst of each topic first, so that one topic cannot push out the others."""
    queues = [[fact for fact in told if fact.kind in _KINDS[topic]] for topic in topics]
    spread: list[Fact] = []
    while any(queues):
        spread += [queue.pop(0) for queue in queues if queue]
    return spread


def _sentence(fact: Fact) -> str:
    return f"{fact.where}: {fact.value}; expected {fact.expected} ({fact.source}). {fact.detail}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
