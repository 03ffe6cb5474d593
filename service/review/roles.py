"""What a layer is by its name: a chart, a list, an illustration. Only for exemptions: a name can
excuse a layer, and never accuses it."""

import re
from functools import lru_cache
from typing import Literal

from service.review.controls import name_words
from service.review.tree import Node, Place, text

Role = Literal["artwork", "chart", "rows", "code", "legal", "badge", "bar", "spacer", "carousel"]

# What a layer with such a name is. Only the last word tells: a "Chart card" is a card.
_ROLES: dict[Role, frozenset[str]] = {
    "artwork": frozenset(
        {"illustration", "artwork", "logo", "logotype", "brand", "drawing", "emoji", "flag"}
        | {"map", "pattern", "mascot"}
    ),
    "chart": frozenset(
        {"chart", "graph", "axis", "tick", "plot", "sparkline", "legend", "histogram"}
        | {"heatmap", "diagram"}
    ),
    "rows": frozenset(
        {"list", "table", "row", "cell", "segmented", "segment", "tab", "tabs", "toolbar"}
        | {"pagination", "calendar", "keyboard", "keypad", "stepper", "split", "swatch"}
        | {"palette", "progress"}
    ),
    "code": frozenset({"code", "table", "cell", "terminal", "log", "snippet", "console"}),
    "legal": frozenset({"legal", "terms", "copyright", "footnote", "disclaimer", "imprint"}),
    "badge": frozenset(
        {"badge", "counter", "count", "chip", "tag", "pill", "dot", "notification", "indicator"}
    ),
    "bar": frozenset(
        {"nav", "navbar", "navigation", "tab", "status", "menu", "sidebar", "statusbar"}
        | {"logo", "brand", "breadcrumb", "toolbar"}
    ),
    "spacer": frozenset(
        {"spacer", "space", "gap", "divider", "separator", "placeholder", "slot", "hotspot"}
    ),
    "carousel": frozenset(
        {"carousel", "slider", "scroll", "scroller", "swiper", "gallery", "marquee", "ticker"}
        | {"knob", "thumb", "handle"}
    ),
}
# Words after which the one before still tells: "Code block", "Legal line", "Segmented control".
_NEUTRAL = frozenset(
    {"block", "area", "track", "graphic", "image", "mark", "label", "labels", "item", "line"}
    | {"text", "note", "control", "bar", "number", "value", "wrapper", "container", "view"}
)
_PARTS = re.compile(r"[/,]")
_SHAPES = frozenset(
    ["VECTOR", "LINE", "STAR", "REGULAR_POLYGON", "POLYGON", "BOOLEAN_OPERATION", "ELLIPSE"]
)
_DEFAULT_NAME = re.compile(
    r"(?:Frame|Group|Rectangle|Ellipse|Component|Section|Line|Vector|Polygon|Star|Image|Union"
    r"|Subtract|Intersect|Exclude|Mask group)(?: \d+)?"
)


def is_a(place: Place, *roles: Role) -> bool:
    """Whether its name, or that of its component, calls it one of these."""
    words = _words_of(place)
    return any(words & _ROLES[role] for role in roles)


def _words_of(place: Place) -> set[str]:
    if is_named_by_its_text(place):
        return set()
    return set(_telling_words(place.name)) | set(_telling_words(place.component))


@lru_cache(maxsize=4096)
def _telling_words(name: str) -> tuple[str, ...]:
    """The last word of each part of a name: "Chart / Sales by month" gives chart and month."""
    found: list[str] = []
    for part in _PARTS.split(name):
        for word in reversed(name_words(part)):
            found += [word, word.removesuffix("s")]
            if word not in _NEUTRAL:
                break
    return tuple(found)


def is_named_by_its_text(place: Place) -> bool:
    """Figma names a text after what it says, if nobody else does."""
    if not place.is_text:
        return False
    said = " ".join(text(place.node, "characters").split())
    return said.startswith(place.name.removesuffix("…").strip())


def is_in_a(place: Place, *roles: Role) -> bool:
    """Whether it or a layer around it is one of these."""
    return is_a(place, *roles) or any(is_a(each, *roles) for each in place.ancestors())


def is_shape(node: Node) -> bool:
    """A drawn shape: no frame, no text."""
    return text(node, "type") in _SHAPES


def is_drawn(place: Place) -> bool:
    """A part of an illustration or a logo, by its name or because it is one of many shapes."""
    if is_in_a(place, "artwork"):
        return True
    parent = place.parent
    if not is_shape(place.node) or parent is None:
        return False
    around = parent.node.get("children")
    return isinstance(around, list) and sum(is_shape(each) for each in around[:50]) >= 8


def has_default_name(node: Node) -> bool:
    """ "Frame 12": nobody has named it."""
    name = node.get("name")
    return not isinstance(name, str) or bool(_DEFAULT_NAME.fullmatch(name.strip()))
