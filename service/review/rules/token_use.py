"""Token use: the share of colours and text styles that come from styles or variables."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from service.review.facts import Fact, Source, short_name
from service.review.paint import paint_colours, to_hex, visible_paints
from service.review.rule import Rule
from service.review.screen import Screen
from service.review.tree import Node, Place, child, text

_GOOD_SHARE = 0.9
_MAX_LISTED = 5
_STYLE_KEYS = {"fills": ("fill", "fills"), "strokes": ("stroke", "strokes")}
_TEXT_FIELDS = ("fontSize", "fontFamily", "fontStyle", "typography", "lineHeight", "fontWeight")


@dataclass(frozen=True)
class Use:
    """One place where a token could be used: bound to one, or hard-coded as ``value``."""

    place: Place
    value: str
    bound: bool
    style_id: str = ""


def colour_uses(place: Place) -> Iterator[Use]:
    """The solid fills and strokes of a layer."""
    for key, style_keys in _STYLE_KEYS.items():
        style_id = _style_id(place.node, style_keys)
        bound = bool(style_id) or bool(child(place.node, "boundVariables").get(key))
        for paint in visible_paints(place.node, key):
            colours = paint_colours(paint) if text(paint, "type") == "SOLID" else ()
            if colours:
                by_paint = bool(child(paint, "boundVariables").get("color"))
                yield Use(place, to_hex(colours[0][:3]), bound or by_paint, style_id)


def text_uses(place: Place) -> Iterator[Use]:
    """The type style of a text layer."""
    if not place.is_text:
        return
    style = child(place.node, "style")
    style_id = _style_id(place.node, ("text",))
    bindings = {**child(place.node, "boundVariables"), **child(style, "boundVariables")}
    bound = bool(style_id) or any(bindings.get(key) for key in _TEXT_FIELDS)
    family = short_name(style.get("fontFamily"))
    size = style.get("fontSize")
    label = f"{family} {size:g}" if isinstance(size, int | float) else family
    yield Use(place, label, bound, style_id)


def measure(rule: Rule, screen: Screen) -> Iterator[Fact]:
    """One fact for colours, one for text styles. Each hard-coded value is listed with one layer."""
    colours = [use for place in screen.places for use in colour_uses(place)]
    texts = [use for place in screen.places for use in text_uses(place)]
    if colours:
        yield _fact(rule, screen, "colours", colours)
    if texts:
        yield _fact(rule, screen, "text styles", texts)


def _fact(rule: Rule, screen: Screen, what: str, uses: Sequence[Use]) -> Fact:
    bound = sum(use.bound for use in uses)
    share = bound / len(uses)
    first: dict[str, Place] = {}
    for use in uses:
        if not use.bound:
            first.setdefault(use.value, use.place)
    listed = ", ".join(
        f"{value} on {place.name} ({place.id})"
        for value, place in list(first.items())[:_MAX_LISTED]
    )
    detail = f"Hard-coded: {listed}." if first else "Nothing is hard-coded."
    names = sorted({_style_name(use.style_id, screen.styles) for use in uses} - {""})
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


def _style_id(node: Node, keys: Sequence[str]) -> str:
    styles = child(node, "styles")
    return next((text(styles, key) for key in keys if text(styles, key)), "")


def _style_name(style_id: str, styles: Mapping[str, object]) -> str:
    style = styles.get(style_id) if style_id else None
    return short_name(style.get("name")) if isinstance(style, Mapping) else ""


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
