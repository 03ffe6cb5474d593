"""Values set by hand that are exactly those of a variable or a style."""

from collections import Counter
from collections.abc import Iterator, Mapping

from service.review.facts import Fact, Source, Sure
from service.review.roles import is_drawn
from service.review.rule import Rule
from service.review.screen import Screen
from service.review.tree import Node, Place, child, number, text
from service.review.uses import ColourUse, is_bound

# Figma's fields that take a number from a variable, and their names in a fact.
_NUMBERS = {
    "itemSpacing": "gap",
    "counterAxisSpacing": "vertical gap",
    "paddingLeft": "left padding",
    "paddingTop": "top padding",
    "paddingRight": "right padding",
    "paddingBottom": "bottom padding",
    "cornerRadius": "radius",
    "topLeftRadius": "radius",
    "fontSize": "text size",
    "lineHeight": "line height",
    "strokeWeight": "stroke",
}


def measure(rule: Rule, screen: Screen) -> Iterator[Fact]:
    """A fact for each value that a token has too."""
    known = _tokens_by_colour(screen)
    for use in screen.colours:
        if not use.is_bound and use.alpha >= 1:
            yield from _colour_fact(rule, screen, use, known)
    for place in screen.places:
        if "inferredVariables" in place.node:
            yield from _number_facts(rule, screen, place)


def _tokens_by_colour(screen: Screen) -> Mapping[tuple[str, str], Counter[tuple[str, bool]]]:
    """The tokens in use for each colour and each part: text, fill or stroke."""
    found: dict[tuple[str, str], Counter[tuple[str, bool]]] = {}
    for use in screen.colours:
        if use.is_bound and use.alpha >= 1:
            key = (use.part, use.colour)
            found.setdefault(key, Counter())[use.token, use.is_style] += 1
    return found


def _colour_fact(
    rule: Rule,
    screen: Screen,
    use: ColourUse,
    known: Mapping[tuple[str, str], Counter[tuple[str, bool]]],
) -> Iterator[Fact]:
    inferred = _inferred(use.place.node, use.field, use.at)
    if inferred is not None:
        tokens = inferred
        sure: Sure = "A"
    else:
        counted = known.get((use.part, use.colour), Counter())
        tokens = sorted({token for token, _ in counted})
        # A style says by its value alone that it is meant. A variable may be for something else.
        sure = "A" if any(is_style for _, is_style in counted) else "B"
    if not tokens or is_drawn(use.place):
        return
    names = [_name(each, screen) for each in tokens]
    is_one = len(tokens) == 1
    yield rule.fact(
        use.place,
        f"{use.part} {use.colour}",
        "problem" if is_one else "info",
        f"{names[0]} has exactly this colour."
        if is_one
        else f"{len(tokens)} tokens have exactly this colour: {', '.join(names[:3])}.",
        expected=f"bound to {names[0]}" if is_one else "bound to one of them",
        sure=sure,
        weight=1,
        cause=f"{use.part} {tokens[0]}",
    )


def _number_facts(rule: Rule, screen: Screen, place: Place) -> Iterator[Fact]:
    for field, name in _NUMBERS.items():
        tokens = _inferred(place.node, field)
        value = number(place.node, field) or number(child(place.node, "style"), field)
        if not tokens or not value or is_bound(place.node, field):
            continue
        names = [_name(each, screen) for each in tokens]
        yield rule.fact(
            place,
            f"{name} {value:g} px",
            "info",
            f"{' or '.join(names[:3])} has exactly this value.",
            expected=f"bound to {names[0]}" if len(tokens) == 1 else "bound to one of them",
            numbers=(value,),
            weight=0.5,
            cause=f"{field} {tokens[0]}",
        )


def _inferred(node: Node, field: str, at: int | None = None) -> list[str] | None:
    """The ids of the variables that Figma itself proposes for a value; None if it was not asked."""
    inferred = node.get("inferredVariables")
    if not isinstance(inferred, Mapping):
        return None
    listed = inferred.get(field)
    if at is not None:
        listed = listed[at] if isinstance(listed, list) and at < len(listed) else []
    if isinstance(listed, Mapping):
        listed = [listed]
    if not isinstance(listed, list):
        return []
    return list(dict.fromkeys(filter(None, (text(each, "id") for each in listed))))


def _name(token: str, screen: Screen) -> str:
    known = screen.token_name(token)
    return known or ("the variable in use elsewhere" if token == "?" else f"the token {token}")


RULE = Rule(
    id="unbound-value",
    title="Values without their token",
    kind="tokens",
    measures="Colours and sizes set by hand that equal a style or a variable: one that Figma "
    "proposes for this very property, or one that the same kind of layer has elsewhere.",
    threshold="bound to the token that has this value",
    source=Source(
        "Figma variables",
        "https://help.figma.com/hc/en-us/articles/15343107263511-Apply-variables-to-designs",
    ),
    exemptions=(
        "A file without tokens.",
        "Illustrations, logos and pictures.",
        "A value that no token has.",
        "Sizes, and values of several tokens, are a hint at most.",
    ),
    sure="A",
    measuring=measure,
)
