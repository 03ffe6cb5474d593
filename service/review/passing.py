"""What would pass: for a text that is too faint, the nearest colour that reaches the threshold.

Either the letters or what they stand on gets another colour, whichever changes less to the eye. A
colour of the design itself comes first, with the name of its style where it has one; only then one
that is merely lighter or darker. Each ratio is calculated for the colours that were measured.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from service.review.facts import Fact, Facts, short_name
from service.review.paint import composite, to_hex
from service.review.palette import PaletteColour, Passing, Token, nearest_passing, rgb
from service.review.screen import Screen
from service.review.text_meetings import TextMeeting
from service.review.tree import Node, Place, child, children, is_visible, number, text

MOST = 3
# In a design with hundreds of problems the others are left alone.
_TRIED = 20
# One step of eight bits a channel, and its rounding.
_SAME = 1.5 / 255
# Contrast itself, and asking for something better, in the languages most questions are in.
_ASKS = re.compile(
    r"\b(?:[ck]ontrast\w*|wcag|a11y|accessib\w*|legib\w*|readab\w*|colou?rs?|farbe\w*|couleurs?"
    r"|pass(?:es)?|instead|alternativ\w*|suggest\w*|better|darker|lighter|fix(?:es)?|lesbar\w*)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class WouldPass:
    """``fact`` is the problem. ``part`` gets the colour instead of ``old``; ``name`` is that of the
    colour's style, if it has one."""

    fact: Fact
    part: str
    old: str
    colour: str
    ratio: str
    name: str = ""
    is_adjusted: bool = False

    @property
    def sentence(self) -> str:
        """For a reply: what to change, and what is measured then."""
        need = self.fact.expected
        return f"{self.fact.where}: with {self._change} it has {self.ratio}; {need} is needed."

    def as_line(self) -> str:
        """One line for a prompt."""
        return f"[would pass] {self.fact.kind}: {self.sentence}"

    @property
    def _change(self) -> str:
        note = "" if self.name else " (used here already)"
        if self.is_adjusted:
            note = " (no colour of this design would do)"
        colour = f"{self.name} ({self.colour})" if self.name else self.colour
        return f"{self.part} in {colour}{note} instead of {self.old}"


def asks_what_passes(question: str) -> bool:
    """Whether an answer to the question is better with colours that would pass."""
    return bool(_ASKS.search(question))


def what_would_pass(facts: Facts, screen: Screen) -> tuple[WouldPass, ...]:
    """For the worst texts whose contrast is a problem, each pair of colours once."""
    meetings = {met.place.id: met for met in screen.text_meetings if not met.obstacle}
    palette = palette_of(screen)
    found: dict[tuple[str, str], WouldPass] = {}
    problems = [fact for fact in facts.of("contrast") if fact.verdict == "problem"]
    for fact in problems[:_TRIED]:
        met = meetings.get(fact.node_id)
        if met is None or len(found) >= MOST:
            continue
        best = min(_ways(fact, met, palette, screen), key=_cost, default=None)
        if best:
            found.setdefault((best[0].part + best[0].old, best[0].colour), best[0])
    return tuple(found.values())


def palette_of(screen: Screen) -> list[PaletteColour]:
    """The opaque colours of the design, with the names of their styles where they have one."""
    found: dict[str, PaletteColour] = {}
    for place in screen.places:
        solid = _solid(place.node)
        if solid is None or solid[1] < 1:
            continue
        token = _style_of(place.node, screen)
        if token or solid[0] not in found:
            found[solid[0]] = PaletteColour(solid[0], token)
    return list(found.values())


def _ways(
    fact: Fact, met: TextMeeting, palette: list[PaletteColour], screen: Screen
) -> Iterator[tuple[WouldPass, Passing]]:
    """Other letters, or another ground."""
    solid = _solid(met.place.node)
    if solid is None:
        return
    colour, alpha = solid
    behind = tuple(dict.fromkeys(pair[0] for pair in met.meeting.pairs))
    # Letters in a faded group or of several styles are not what their own paint says.
    if not all(
        _is_same(composite((*rgb(colour), alpha), back), top) for back, top in met.meeting.pairs
    ):
        return
    threshold = met.run.threshold
    letters = nearest_passing(colour, behind, threshold, palette, alpha=alpha)
    if letters:
        yield _way(fact, "letters", colour, letters), letters
    if len(behind) == 1 and alpha == 1 and _is_alone_on(met.place, to_hex(behind[0]), screen):
        ground = nearest_passing(to_hex(behind[0]), (rgb(colour),), threshold, palette)
        if ground:
            yield _way(fact, "the ground", to_hex(behind[0]), ground), ground


def _way(fact: Fact, part: str, old: str, found: Passing) -> WouldPass:
    name = found.token.name if found.token else ""
    return WouldPass(fact, part, old, found.colour, found.ratio_text, name, found.is_adjusted)


def _cost(way: tuple[WouldPass, Passing]) -> tuple[bool, float]:
    return way[1].is_adjusted, way[1].distance


def _is_alone_on(place: Place, colour: str, screen: Screen) -> bool:
    """Whether the layer around the text that has this colour holds no other text."""
    for around in place.ancestors():
        solid = _solid(around.node)
        if solid and solid[1] == 1:
            others = (each for each in screen.texts if each is not place)
            return solid[0] == colour and not any(around in each.ancestors() for each in others)
    return False


def _solid(node: Node) -> tuple[str, float] | None:
    """The colour and opacity of the one paint of a layer, if it is a solid one."""
    paints = [each for each in children(node, "fills") if is_visible(each)]
    if len(paints) != 1 or text(paints[0], "type") != "SOLID":
        return None
    colour = child(paints[0], "color")
    channels = [min(max(number(colour, key), 0.0), 1.0) for key in "rgb"]
    alpha = number(paints[0], "opacity", 1.0) * number(colour, "a", 1.0)
    return to_hex((channels[0], channels[1], channels[2])), min(max(alpha, 0.0), 1.0)


def _style_of(node: Node, screen: Screen) -> Token | None:
    styles = child(node, "styles")
    style_id = text(styles, "fill") or text(styles, "fills")
    style = screen.styles.get(style_id) if style_id else None
    name = text(style, "name")
    return Token(style_id, short_name(name), "style") if name else None


def _is_same(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return all(abs(a - b) <= _SAME for a, b in zip(one, other, strict=True))
