"""Line height of text that wraps: too tight below 1.2 times its size."""

from collections.abc import Iterator

from service.review.facts import Fact, Source
from service.review.lines import Lines, lines_of
from service.review.rule import Rule
from service.review.screen import Screen
from service.review.tree import Place, child, text

TIGHT = 1.2
COMFORTABLE = 1.5
HEADING_PX = 24.0
_PARAGRAPH = 3


def measure(rule: Rule, screen: Screen) -> Iterator[Fact]:
    """A fact for each wrapped text that is set tight."""
    for place in screen.of_type("TEXT"):
        if "style" not in place.node or (lines := lines_of(place)) is None:
            continue
        if lines.count >= 2 and lines.height > 0 and lines.size < HEADING_PX:
            yield from _judge(rule, place, lines)


def _judge(rule: Rule, place: Place, lines: Lines) -> Iterator[Fact]:
    ratio = round(lines.height / lines.size, 3)
    is_tight = ratio < TIGHT
    if ratio >= COMFORTABLE or not (is_tight or lines.count >= _PARAGRAPH):
        return
    # The font's own height is what browsers take too.
    is_sure = is_tight and not lines.is_auto
    style = text(child(place.node, "styles"), "text")
    yield rule.fact(
        place,
        f"{ratio:.3g} × {lines.size:g} px",
        "problem" if is_sure else "info",
        "The lines stand too close to be read easily."
        if is_tight
        else "Paragraphs read more easily with more space between their lines.",
        expected=f"at least {TIGHT:g} times its size"
        if is_tight
        else f"about {COMFORTABLE:g} times its size",
        sure="B" if is_sure else "C",
        numbers=(ratio, lines.size),
        weight=COMFORTABLE / max(ratio, 0.1),
        cause=style or place.cause,
    )


RULE = Rule(
    id="line-height",
    title="Line height",
    kind="type_size",
    measures="The line height of text that wraps, in multiples of its size.",
    threshold="at least 1.2 times its size; about 1.5 reads best",
    # SC 1.4.12 asks that text can be spaced out to 1.5, not that it is designed so.
    source=Source(
        "1.2 house rule (WCAG sets no line height)",
        "https://www.w3.org/WAI/WCAG22/Understanding/text-spacing.html",
    ),
    exemptions=(
        "Text on one line.",
        "Headings from 24 px.",
        "The hint below 1.5: text of fewer than three lines.",
        "A line height left to the font is a hint at most.",
    ),
    sure="B",
    measuring=measure,
)
