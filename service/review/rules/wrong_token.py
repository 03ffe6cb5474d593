"""Tokens on a property that they are not made for, by their names."""

from collections.abc import Iterator

from service.review.controls import name_words
from service.review.facts import Fact, Source
from service.review.roles import is_shape
from service.review.rule import Rule
from service.review.screen import Screen
from service.review.tree import Place, child, text
from service.review.uses import ColourUse

_FRONT = {"text", "foreground", "fg", "on", "content", "label", "icon", "icons", "font", "ink"}
_BACK = {"background", "backgrounds", "bg", "surface", "surfaces", "canvas"}
_LINE = {"border", "borders", "stroke", "strokes", "outline", "divider", "separator"}
_THIN_PX = 4.0
_RADIUS = {"radius", "radii", "corner", "rounded"}
_SPACE = {"space", "spacing", "spaces", "gap", "padding", "margin"}
_SPACE_FIELDS = (
    "itemSpacing", "paddingLeft", "paddingTop", "paddingRight", "paddingBottom",
    "counterAxisSpacing",
)  # fmt: skip
_RADIUS_FIELDS = ("cornerRadius", "topLeftRadius", "rectangleCornerRadii")


def measure(rule: Rule, screen: Screen) -> Iterator[Fact]:
    """A fact for each token whose name says that it is for something else."""
    for use in screen.colours:
        name = screen.token_name(use.token) if use.is_bound else ""
        if name and (wrong := _misuse(use, name)):
            yield rule.fact(
                use.place,
                name,
                "problem",
                f"{wrong}.",
                weight=1,
                cause=f"{use.part} {use.token}",
            )
    for place in screen.places if screen.options.tokens else ():
        if "boundVariables" in place.node:
            yield from _number_facts(rule, screen, place)


def _misuse(use: ColourUse, name: str) -> str:
    words = set(name_words(name))
    is_front, is_back, is_line = (bool(words & each) for each in (_FRONT, _BACK, _LINE))
    # "Text on background" is for texts, and "Background/Border" may be for both.
    if is_front + is_back + is_line != 1:
        return ""
    if use.part == "text" and (is_back or is_line):
        return f"A token for {'backgrounds' if is_back else 'borders'} colours a text"
    if is_shape(use.place.node):
        return ""
    if use.part == "fill" and (is_front or (is_line and not _is_thin(use.place))):
        return f"A token for {'texts' if is_front else 'borders'} fills a frame"
    if use.part == "stroke" and is_front:
        return "A token for texts colours a border"
    return ""


def _is_thin(place: Place) -> bool:
    """A line that is drawn as a filled box."""
    box = place.box
    return box is None or min(box.width, box.height) <= _THIN_PX


def _number_facts(rule: Rule, screen: Screen, place: Place) -> Iterator[Fact]:
    bindings = child(place.node, "boundVariables")
    for fields, wrong, what in (
        (_SPACE_FIELDS, _RADIUS, "A token for corners sets a spacing."),
        (_RADIUS_FIELDS, _SPACE, "A token for spacing sets a corner."),
    ):
        for field in fields:
            token = text(bindings.get(field), "id")
            name = screen.token_name(token)
            words = set(name_words(name))
            if words & wrong and not words & (_SPACE if wrong is _RADIUS else _RADIUS):
                yield rule.fact(place, name, "problem", what, cause=f"{field} {token}")


RULE = Rule(
    id="wrong-token",
    title="Tokens on the wrong property",
    kind="tokens",
    measures="The names of styles and variables against what they are used for: text, fill, "
    "border, spacing, corner.",
    threshold="a token made for this property",
    source=Source(
        "Variable scopes, Figma",
        "https://help.figma.com/hc/en-us/articles/15145852043927-Create-and-manage-variables-and-collections",
    ),
    exemptions=(
        "A token whose name says nothing, or several things.",
        "Shapes and icons.",
        "Lines drawn as a thin box, for tokens of borders.",
        "A token for backgrounds on a border: the ring of an avatar.",
        "Variables whose names are not known.",
    ),
    sure="B",
    measuring=measure,
)
