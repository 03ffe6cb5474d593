"""Length of lines: above 80 characters (40 in Chinese, Japanese, Korean), eyes lose the line."""

from collections.abc import Iterator

from service.review.facts import Fact, Source
from service.review.lines import lines_of
from service.review.roles import is_in_a
from service.review.rule import Rule
from service.review.screen import Screen
from service.review.tree import Place, child, text

LONGEST, LONGEST_CJK = 80, 40
_FEWEST_LINES = 3
_CODE_FONTS = ("mono", "code", "courier", "consolas", "menlo")


def measure(rule: Rule, screen: Screen) -> Iterator[Fact]:
    """A fact for each text of three lines or more whose lines are too long."""
    for place in screen.of_type("TEXT"):
        if len(text(place.node, "characters")) <= LONGEST_CJK * _FEWEST_LINES:
            continue
        lines = lines_of(place)
        if lines is None or lines.count < _FEWEST_LINES:
            continue
        longest = LONGEST_CJK if lines.is_cjk else LONGEST
        if lines.length > longest and not _is_code(place):
            yield rule.fact(
                place,
                f"about {lines.length:.0f} characters a line",
                "info",
                f"In {lines.count} lines; the eye loses its line.",
                expected=f"at most {longest} characters a line",
                numbers=(round(lines.length),),
                weight=lines.length / longest,
            )


def _is_code(place: Place) -> bool:
    font = text(child(place.node, "style"), "fontFamily").casefold()
    return any(each in font for each in _CODE_FONTS) or is_in_a(place, "code")


RULE = Rule(
    id="line-length",
    title="Length of lines",
    kind="type_size",
    measures="Characters in a full line of a text of at least three lines.",
    threshold="at most 80 characters a line, 40 in Chinese, Japanese and Korean",
    source=Source(
        "WCAG 2.2 SC 1.4.8 (AAA)",
        "https://www.w3.org/WAI/WCAG22/Understanding/visual-presentation.html",
    ),
    exemptions=("Code.", "Tables."),
    sure="C",
    measuring=measure,
)
