"""Text that is too small to read easily."""

import re
from collections.abc import Iterator

from service.review.facts import Fact, Source
from service.review.roles import is_in_a
from service.review.rule import Rule
from service.review.screen import Screen
from service.review.tree import Place, child, text

SMALLEST_PX = 12.0
_FIGURE = re.compile(r"[+-]?\d{1,3}\+?")


def measure(rule: Rule, screen: Screen) -> Iterator[Fact]:
    """A fact for each text below 12 px."""
    for place, runs in screen.runs.items():
        sizes = [round(run.size, 2) for run in runs if not run.is_icon]
        size = min(sizes, default=SMALLEST_PX)
        if size < SMALLEST_PX and not _is_small_by_its_nature(place):
            yield rule.fact(
                place,
                f"{size:g} px",
                "info",
                "Small text is hard to read on most screens.",
                numbers=(size,),
                weight=SMALLEST_PX / max(size, 0.1),
                cause=text(child(place.node, "styles"), "text") or place.cause,
            )


def _is_small_by_its_nature(place: Place) -> bool:
    characters = text(place.node, "characters").strip()
    is_legal = "©" in characters or is_in_a(place, "legal")
    is_figure = bool(_FIGURE.fullmatch(characters))
    return is_legal or is_in_a(place, "chart") or (is_figure and is_in_a(place, "badge"))


RULE = Rule(
    id="text-size",
    title="Small text",
    kind="type_size",
    measures="The smallest size in each text.",
    threshold="at least 12 px",
    # WCAG sets no minimum size. 12 px is our own limit, near the vendors' minimum for body text.
    source=Source(
        "12 px house rule (WCAG sets no minimum)",
        "https://developer.apple.com/design/human-interface-guidelines/typography",
    ),
    exemptions=(
        "The legal line.",
        "Ticks and labels of a chart.",
        "The number in a badge.",
        "A sign used as an icon.",
    ),
    sure="C",
    measuring=measure,
)
