"""Changes of colours that may remove a finding: the file's own palette first, its tokens kept."""

from collections.abc import Iterator, Sequence

from service.review.facts import Fact
from service.review.paint import RGB, coats_of
from service.review.palette import (
    PaletteColour,
    Token,
    TokenKind,
    adjusted_to_pass,
    passing_colours,
)
from service.review.redrawing import Change, Changes
from service.review.rules import contrast_control
from service.review.screen import Screen
from service.review.tree import Place, children, is_visible
from service.review.uses import ColourUse, colour_uses

# So many colours of the palette are tried.
_NEAREST = 4
# 7:1 where 4.5:1 is asked for: what just passes can be hard to read on a dark ground.
_CLEARLY = 7 / 4.5


def _painted(place: Place, field: str) -> ColourUse | None:
    """The one paint of a field, if it is solid."""
    shown = [each for each in children(place.node, field) if is_visible(each)]
    uses = [each for each in colour_uses(place) if each.field == field]
    return uses[0] if len(shown) == len(uses) == 1 else None


def _kind_of(use: ColourUse) -> TokenKind | None:
    """What gives the colour now."""
    if not use.is_bound:
        return None
    return "style" if use.is_style else "variable"


def _recolour(use: ColourUse, colour: str, token: Token | None) -> Change:
    return Change(use.place.id, f"{use.field}[{use.at}].color", use.colour, colour, token)


def _recoloured(
    uses: Sequence[ColourUse],
    against: Sequence[RGB],
    threshold: float,
    palette: Sequence[PaletteColour],
) -> Iterator[Changes]:
    """The nearest colours of the palette that pass, then the colour itself made to pass. What is
    bound to a token is only bound to another one."""
    first = uses[0]
    kind = _kind_of(first)
    if any((_kind_of(each), each.colour) != (kind, first.colour) for each in uses):
        return
    usable = [each for each in palette if kind is None or (each.token and each.token.kind == kind)]
    near = passing_colours(
        first.colour,
        against,
        threshold,
        usable,
        alpha=first.alpha,
        limit=_NEAREST,
        same_family=True,
    )
    for found in near:
        yield tuple(_recolour(each, found.colour, found.token) for each in uses)
    for wanted in (threshold, threshold * _CLEARLY) if kind is None else ():
        if adjusted := adjusted_to_pass(first.colour, tuple(against), wanted, first.alpha):
            yield tuple(_recolour(each, adjusted.colour, None) for each in uses)


def text_colour(
    fact: Fact, places: Sequence[Place], screen: Screen, palette: Sequence[PaletteColour]
) -> Iterator[Changes]:
    met = next((each for each in screen.text_meetings if each.place is places[0]), None)
    uses = [use for each in places if (use := _painted(each, "fills"))]
    # A text of several styles would need a patch for each run.
    if met is None or met.obstacle or len(uses) < len(places):
        return
    # Another colour changes nothing about what is disabled, or lies on something unknown.
    if fact.verdict != "problem" and (met.meeting.outside > 0.01 or not met.meeting.gradient):
        return
    if any(len(screen.runs.get(each, ())) != 1 for each in places):
        return
    behind = tuple(dict.fromkeys(pair[0] for pair in met.meeting.pairs))
    known = palette or colours_in_use(screen)
    yield from _recoloured(uses, behind, met.run.threshold, known)


def edge_colour(
    fact: Fact, places: Sequence[Place], screen: Screen, palette: Sequence[PaletteColour]
) -> Iterator[Changes]:
    """The stroke of a control if it has one, else its fill."""
    if fact.verdict != "problem":
        return
    for field in ("strokes", "fills"):
        uses = [use for each in places if (use := _painted(each, field))]
        if len(uses) < len(places):
            continue
        met = screen.ground.meeting_of(places[0], coats_of(places[0].node, field), at_edge=True)
        if not met.obstacle:
            behind = tuple(dict.fromkeys(pair[0] for pair in met.pairs))
            known = palette or colours_in_use(screen)
            yield from _recoloured(uses, behind, contrast_control.THRESHOLD, known)
            return


def one_of_two(
    fact: Fact, places: Sequence[Place], screen: Screen, palette: Sequence[PaletteColour]
) -> Iterator[Changes]:
    """The usual one of two colours that look the same, with the token that gives it."""
    colour, _, usual = fact.value.partition(" beside ")
    uses = _set_by_hand(places, screen, colour)
    known = [*palette, *colours_in_use(screen)]
    tokens = [each.token for each in known if each.colour == usual and each.token]
    for token in dict.fromkeys(tokens):
        yield tuple(_recolour(each, usual, token) for each in uses)
    if not tokens:
        yield tuple(_recolour(each, usual, None) for each in uses)


def bound_colour(
    fact: Fact, places: Sequence[Place], screen: Screen, palette: Sequence[PaletteColour]
) -> Iterator[Changes]:
    """The same colour, bound to the one token that has it. Of several, a person has to choose."""
    if fact.expected.endswith("one of them") or fact.numbers:
        return
    part, _, identity = fact.cause.partition(" ")
    known = [*palette, *colours_in_use(screen)]
    token = next((each.token for each in known if each.token and each.token.id == identity), None)
    if token is None and identity.startswith("VariableID:"):
        token = Token(identity, screen.token_name(identity) or identity, "variable")
    uses = _set_by_hand(places, screen, fact.value.rpartition(" ")[2])
    if token:
        yield tuple(_recolour(each, each.colour, token) for each in uses if each.part == part)


def _set_by_hand(places: Sequence[Place], screen: Screen, colour: str) -> list[ColourUse]:
    wanted = set(places)
    return [
        each
        for each in screen.colours
        if each.place in wanted and each.colour == colour and not each.is_bound and each.alpha >= 1
    ]


def colours_in_use(screen: Screen) -> list[PaletteColour]:
    """The opaque solid colours of a design, each with the token that gives it there."""
    found: dict[PaletteColour, None] = {}
    for use in screen.colours:
        if use.alpha < 1:
            continue
        token: Token | None = None
        if kind := _kind_of(use):
            name = screen.token_name(use.token) or use.token
            token = Token(use.token, name, kind) if use.token != "?" else None
        found[PaletteColour(use.colour, token)] = None
    return list(found)
