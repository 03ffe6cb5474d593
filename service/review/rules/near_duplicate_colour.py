"""Colours set by hand that can hardly be told from a token or from a colour used far more often."""

import re
from collections.abc import Iterator, Mapping, Sequence

from service.review.colour_distance import delta_e, lightness
from service.review.facts import Fact, Source
from service.review.roles import is_drawn
from service.review.rule import Rule
from service.review.scale import Swatch
from service.review.screen import Screen

ALIKE = 2.0
_TINT = 1.0
_ENDS = {"#ffffff", "#000000"}
_MUCH_MORE = 3
# ΔE00 weights a difference in lightness by at most 1.75.
_LIGHTNESS = ALIKE * 1.75
_MAX_COLOURS = 100
_HEX = re.compile(r"#[0-9a-f]{6}")


def measure(rule: Rule, screen: Screen) -> Iterator[Fact]:
    """A fact for each layer with such a colour; all of one colour are joined later."""
    palette = screen.scale.palette
    bound = {each.colour for each in palette if each.bound}
    unused = [
        Swatch(colour, 1, 1, screen.token_name(token))
        for token, colour in screen.options.token_colours.items()
        if _HEX.fullmatch(colour) and colour not in bound
    ]
    likenesses = dict(_likenesses(palette, unused))
    if not likenesses:
        return
    for use in screen.colours:
        other = likenesses.get(use.colour)
        if other is None or use.is_bound or use.alpha < 1 or is_drawn(use.place):
            continue
        distance = delta_e(use.colour, other.colour)
        token = f" ({other.token})" if other.token else ""
        yield rule.fact(
            use.place,
            f"{use.colour} beside {other.colour}",
            "problem",
            f"ΔE00 is {distance:.1f}: they look the same. {other.colour}{token} is the usual one.",
            expected="one of them",
            numbers=(round(distance, 2),),
            weight=1 + ALIKE - distance,
            cause=f"{use.colour} {other.colour}",
        )


def _likenesses(
    palette: Sequence[Swatch], unused: Sequence[Swatch]
) -> Iterator[tuple[str, Swatch]]:
    """Each colour set by hand, and the one that it could be: also a token that is not in use."""
    raw = [each for each in palette if each.bound < each.count][:_MAX_COLOURS]
    models = [each for each in palette if each.bound or each.count >= _MUCH_MORE][:_MAX_COLOURS]
    models += unused[:_MAX_COLOURS]
    light: Mapping[str, float] = {each.colour: lightness(each.colour) for each in (*raw, *models)}
    exact = {each.colour for each in unused}
    for one in raw:
        near = [
            other
            for other in models
            if other.colour != one.colour
            and (other.bound or other.count >= _MUCH_MORE * one.count)
            and abs(light[one.colour] - light[other.colour]) <= _LIGHTNESS
            and delta_e(one.colour, other.colour) <= _limit(one, other)
        ]
        # A colour that is itself a token somewhere is no near duplicate of another.
        if near and not one.bound and one.colour not in exact:
            yield (
                one.colour,
                min(near, key=lambda each: (not each.bound, delta_e(one.colour, each.colour))),
            )


def _limit(one: Swatch, other: Swatch) -> float:
    """In a file without tokens, a tint of white is the ground of white cards."""
    return _TINT if not other.bound and _ENDS & {one.colour, other.colour} else ALIKE


RULE = Rule(
    id="near-duplicate-colour",
    title="Colours that nearly match",
    kind="colour",
    measures="The distance ΔE00 of each colour set by hand from the tokens in use, and from "
    "colours used at least three times as often.",
    threshold="the same colour, or ΔE00 above 2",
    source=Source(
        "CIE ΔE00 (ISO/CIE 11664-6)",
        "https://cie.co.at/publications/colorimetry-part-6-ciede2000-colour-difference-formula-1",
    ),
    exemptions=(
        "Two colours from tokens.",
        "Gradients and pictures.",
        "Translucent colours.",
        "Tints of white and shades of black from ΔE00 1, where these are no tokens.",
        "Illustrations and logos.",
    ),
    sure="B",
    measuring=measure,
)
