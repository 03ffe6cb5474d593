"""Sizes of headings: nothing below a title should be larger than the title."""

import re
from collections.abc import Iterator, Mapping, Sequence

from service.review.controls import name_words
from service.review.facts import Fact, Source
from service.review.roles import is_in_a, is_named_by_its_text
from service.review.rule import Rule
from service.review.screen import Screen
from service.review.text_runs import Run
from service.review.tree import Place, text

_TITLES = {"title", "heading", "headline", "h1"}
_TITLE_PX = 18.0
# A title that has not its name is a guess: a large text below it has to be larger still.
_LARGER, _LARGER_THAN_GUESS = 1.1, 1.21
_LARGER_PX = 2.0
_INITIALS = 3
# A title without a name stands in the upper part of its screen.
_UPPER = 0.4
_PAGES = {"CANVAS", "DOCUMENT", "SECTION"}
# "€ 24", "98 %", "1.2k": figures are large on purpose.
_FIGURE = re.compile(r"\W*(?:[^\W\d]{1,3}\W*)?[\d.,:/%\s]*\d[\d.,:/%\s]*\W*(?:[^\W\d]{1,3}\W*)?")


def measure(rule: Rule, screen: Screen) -> Iterator[Fact]:
    """One fact for each screen in which a later text is larger than the title."""
    by_screen: dict[Place, list[Place]] = {}
    for place in screen.runs:
        if place.is_text and place.box is not None:
            by_screen.setdefault(_screen_of(place), []).append(place)
    for top, texts in by_screen.items():
        ordered = sorted(texts, key=lambda each: (each.box.y, each.box.x, each.id))  # type: ignore[union-attr]
        title = _title_of(top, ordered, screen.runs)
        if title is None:
            continue
        size = _size(title, screen.runs)
        if size <= 0:
            continue
        share = _LARGER if _is_named(title) else _LARGER_THAN_GUESS
        larger = [
            each
            for each in ordered[ordered.index(title) + 1 :]
            if _size(each, screen.runs) >= max(size * share, size + _LARGER_PX)
            and not _is_no_heading(each)
            and not is_in_a(each, "artwork", "chart", "bar")
        ]
        if larger:
            largest = max(larger, key=lambda each: (_size(each, screen.runs), each.id))
            yield rule.fact(
                largest,
                f"{_size(largest, screen.runs):g} px",
                "info",
                f"Larger than the title above it, {title.name} ({title.id}), of {size:g} px.",
                expected=f"at most {size:g} px, the size of the title",
                numbers=(_size(largest, screen.runs), size),
                weight=_size(largest, screen.runs) / size,
            )


def _is_no_heading(place: Place) -> bool:
    """A figure, or the initials of a person."""
    characters = text(place.node, "characters").strip()
    return len(characters) <= _INITIALS or bool(_FIGURE.fullmatch(characters))


def _is_named(place: Place) -> bool:
    return bool(_TITLES & set(name_words(place.name))) and not is_named_by_its_text(place)


def _screen_of(place: Place) -> Place:
    top = place
    for each in place.ancestors():
        if each.type in _PAGES:
            break
        top = each
    return top


def _size(place: Place, runs: Mapping[Place, list[Run]]) -> float:
    return max((run.size for run in runs[place]), default=0)


def _title_of(
    top: Place, ordered: Sequence[Place], runs: Mapping[Place, list[Run]]
) -> Place | None:
    """The first text that is named a title, or else the first in the upper part that is clearly
    larger than the text of the screen."""
    texts = [each for each in ordered if not is_in_a(each, "bar", "artwork")]
    for each in texts:
        if _is_named(each) and len(texts) > 1:
            return each
    sizes = sorted(_size(each, runs) for each in texts)
    if len(sizes) < 3 or top.box is None:
        return None
    usual = sizes[len(sizes) // 2]
    limit = top.box.y + top.box.height * _UPPER
    return next(
        (
            each
            for each in texts
            if each.box is not None
            and each.box.y <= limit
            and _size(each, runs) >= max(usual * 1.25, _TITLE_PX)
            and not _is_no_heading(each)
        ),
        None,
    )


RULE = Rule(
    id="heading-order",
    title="Order of headings",
    kind="type_size",
    measures="Whether a text further down is larger than the title of its screen.",
    threshold="sizes fall from the title to the text",
    # SC 1.3.1 is about the code. Sizes are how a drawing shows its structure.
    source=Source(
        "House rule (WCAG 2.2 SC 1.3.1 is about the code)",
        "https://www.w3.org/WAI/WCAG22/Understanding/info-and-relationships.html",
    ),
    exemptions=(
        "Prices and other figures.",
        "Initials of people.",
        "Navigation bars, logos, charts.",
    ),
    sure="C",
    measuring=measure,
)
