"""Token use: the share of colours and text styles that come from styles or variables."""

from collections import Counter
from collections.abc import Iterator, Sequence

from service.review.facts import Fact, Source
from service.review.rule import Rule
from service.review.screen import Screen
from service.review.tree import Place
from service.review.uses import ColourUse, TextUse

_GOOD_SHARE = 0.9
_MAX_LISTED = 5


def measure(rule: Rule, screen: Screen) -> Iterator[Fact]:
    """One fact for colours, one for text styles. Each hard-coded value is listed with one layer."""
    if screen.colours:
        yield _fact(rule, screen, "colours", screen.colours)
    if screen.text_styles:
        yield _fact(rule, screen, "text styles", screen.text_styles)


def _fact(
    rule: Rule, screen: Screen, what: str, uses: Sequence[ColourUse] | Sequence[TextUse]
) -> Fact:
    bound = sum(use.is_bound for use in uses)
    share = bound / len(uses)
    counts: Counter[str] = Counter()
    first: dict[str, Place] = {}
    for use in uses:
        if not use.is_bound:
            value = use.colour if isinstance(use, ColourUse) else use.value
            counts[value] += 1
            first[value] = min(first.get(value, use.place), use.place, key=lambda each: each.id)
    order = sorted(counts, key=lambda value: (-counts[value], value))
    listed = ", ".join(
        f"{value} on {first[value].name} ({first[value].id})" for value in order[:_MAX_LISTED]
    )
    detail = f"Hard-coded: {listed}." if first else "Nothing is hard-coded."
    tokens = {use.token for use in uses if use.token}
    names = sorted({screen.token_name(each) for each in tokens} - {""})
    if names:
        detail += f" Styles in use: {', '.join(names[:_MAX_LISTED])}."
    return rule.fact(
        screen.places[0],
        f"{bound} of {len(uses)} {what} bound ({int(share * 100)} %)",
        "ok" if share >= _GOOD_SHARE else "info",
        detail,
        numbers=(bound, len(uses)),
        weight=1 - share,
        cause="",
    )


RULE = Rule(
    id="token-use",
    title="Use of tokens",
    kind="tokens",
    measures="The share of colours and text styles that come from styles or variables.",
    threshold="at least 90 % from styles or variables",
    source=Source(
        "Figma styles and variables",
        "https://help.figma.com/hc/en-us/articles/15339657135383-Guide-to-variables-in-Figma",
    ),
    exemptions=(),
    sure="C",
    measuring=measure,
)
