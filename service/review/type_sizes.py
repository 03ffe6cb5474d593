"""Type sizes in use: which, how often, and text that is too small to read easily."""

from collections import Counter
from collections.abc import Iterator, Sequence

from service.review.contrast import text_runs
from service.review.facts import Fact, Source
from service.review.tree import Place, text

SMALLEST_PX = 12.0
MANY_SIZES = 6
# WCAG sets no minimum size. 12 px is our own limit, near the vendors' minimum for body text.
SOURCE = Source(
    "12 px house rule (WCAG sets no minimum)",
    "https://developer.apple.com/design/human-interface-guidelines/typography",
)
_MAX_LISTED = 12


def measure_type_sizes(places: Sequence[Place]) -> Iterator[Fact]:
    """A fact for each text below 12 px, and one with all sizes in use."""
    sizes: Counter[float] = Counter()
    for place in places:
        if place.type != "TEXT" or not text(place.node, "characters").strip():
            continue
        used = {round(run.size, 2) for run in text_runs(place.node) if run.size > 0}
        sizes.update(used)
        if used and min(used) < SMALLEST_PX:
            yield _small_fact(place, min(used))
    if sizes:
        yield _summary_fact(places[0], sizes)


def _small_fact(place: Place, size: float) -> Fact:
    return Fact(
        place.id, place.name, "type_size", f"{size:g} px", "at least 12 px", "problem",
        SOURCE.name, SOURCE.url, "Small text is hard to read on most screens.",
        (size,), SMALLEST_PX / max(size, 0.1),
    )  # fmt: skip


def _summary_fact(place: Place, sizes: Counter[float]) -> Fact:
    ordered = sorted(sizes.items())
    listed = ", ".join(f"{size:g} px ({count}×)" for size, count in ordered[:_MAX_LISTED])
    left = f", and {len(ordered) - _MAX_LISTED} more" if len(ordered) > _MAX_LISTED else ""
    many = len(sizes) > MANY_SIZES
    return Fact(
        place.id, place.name, "type_size", f"{len(sizes)} sizes: {listed}{left}",
        "a short, deliberate scale", "info" if many else "ok", SOURCE.name, SOURCE.url,
        "Many sizes for one screen." if many else "A compact scale.",
        tuple(size for size, _ in ordered[:_MAX_LISTED]), len(sizes),
    )  # fmt: skip
