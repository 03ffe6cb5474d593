"""Type sizes in use: which, how often, and text that is too small to read easily."""

from collections import Counter
from collections.abc import Iterator

from service.review.facts import Fact, Source
from service.review.rule import Rule
from service.review.screen import Screen
from service.review.text_runs import text_runs
from service.review.tree import Place

SMALLEST_PX = 12.0
MANY_SIZES = 6
_MAX_LISTED = 12


def measure(rule: Rule, screen: Screen) -> Iterator[Fact]:
    """A fact for each text below 12 px, and one with all sizes in use."""
    sizes: Counter[float] = Counter()
    for place in screen.texts:
        used = {round(run.size, 2) for run in text_runs(place.node) if run.size > 0}
        sizes.update(used)
        if used and min(used) < SMALLEST_PX:
            yield _small_fact(rule, place, min(used))
    if sizes:
        yield _summary_fact(rule, screen.places[0], sizes)


def _small_fact(rule: Rule, place: Place, size: float) -> Fact:
    return rule.fact(
        place,
        f"{size:g} px",
        "info",
        "Small text is hard to read on most screens.",
        numbers=(size,),
        weight=SMALLEST_PX / max(size, 0.1),
    )


def _summary_fact(rule: Rule, place: Place, sizes: Counter[float]) -> Fact:
    ordered = sorted(sizes.items())
    listed = ", ".join(f"{size:g} px ({count}×)" for size, count in ordered[:_MAX_LISTED])
    left = f", and {len(ordered) - _MAX_LISTED} more" if len(ordered) > _MAX_LISTED else ""
    many = len(sizes) > MANY_SIZES
    return rule.fact(
        place,
        f"{len(sizes)} sizes: {listed}{left}",
        "info" if many else "ok",
        "Many sizes for one screen." if many else "A compact scale.",
        expected="a short, deliberate scale",
        numbers=tuple(size for size, _ in ordered[:_MAX_LISTED]),
        weight=len(sizes),
        cause="",
    )


RULE = Rule(
    id="text-size",
    title="Small text",
    kind="type_size",
    measures="The smallest size in each text, and all sizes of the screen.",
    threshold="at least 12 px",
    # WCAG sets no minimum size. 12 px is our own limit, near the vendors' minimum for body text.
    source=Source(
        "12 px house rule (WCAG sets no minimum)",
        "https://developer.apple.com/design/human-interface-guidelines/typography",
    ),
    exemptions=(),
    sure="C",
    measuring=measure,
)
