"""One declaration as one Tailwind class: a step of a scale, a token, or the value in brackets."""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache

from service.pipelines.spec.elements import Declaration, Token
from service.pipelines.spec.scales import (
    BLURS,
    COLOURS,
    FONT_SIZES,
    RADII,
    WEIGHTS,
    length,
    tracking_step,
)
from service.pipelines.spec.tailwind_colours import PALETTE
from service.pipelines.spec.tokens import colour_difference, looks_like

SIDES = ("top", "right", "bottom", "left")
SPACING = {
    "width": "w", "height": "h", "min-width": "min-w", "min-height": "min-h", "max-width": "max-w",
    "max-height": "max-h", "left": "left", "right": "right", "top": "top", "bottom": "bottom",
    "row-gap": "gap-y", "column-gap": "gap-x",
    **{f"padding-{side}": f"p{side[0]}" for side in SIDES},
    **{f"margin-{side}": f"m{side[0]}" for side in SIDES},
}  # fmt: skip
_WORDS = {
    ("display", "flex"): "flex", ("display", "grid"): "grid",
    ("display", "contents"): "contents", ("flex-direction", "column"): "flex-col",
    ("flex-wrap", "wrap"): "flex-wrap", ("flex", "1 1 0%"): "flex-1", ("flex", "none"): "flex-none",
    ("flex-shrink", "0"): "shrink-0", ("isolation", "isolate"): "isolate",
    ("position", "absolute"): "absolute", ("position", "relative"): "relative",
    ("overflow", "hidden"): "overflow-hidden", ("overflow-x", "auto"): "overflow-x-auto",
    ("overflow-x", "clip"): "overflow-x-clip",
    ("white-space", "pre-wrap"): "whitespace-pre-wrap",
    ("white-space", "nowrap"): "whitespace-nowrap", ("overflow-wrap",
    "anywhere"): "wrap-anywhere",
    ("background-clip", "text"): "bg-clip-text", ("font-style", "italic"): "italic",
    ("text-decoration-line", "underline"): "underline", ("text-decoration-line",
    "none"): "no-underline",
    ("text-decoration-line", "line-through"): "line-through", ("border-style",
    "dashed"): "border-dashed",
    ("outline-style", "dashed"): "outline-dashed", ("border-style", "solid"): "",
    ("outline-style", "solid"): "", ("box-shadow", "none"): "shadow-none", ("filter",
    "none"): "blur-none",
    ("background-image", "none"): "bg-none", ("border-radius", "50%"): "rounded-[50%]",
    ("field-sizing", "content"): "field-sizing-content", ("grid-column", "auto"): "col-auto",
    ("grid-row", "auto"): "row-auto", ("translate-x", "-50%"): "-translate-x-1/2",
    ("translate-y", "-50%"): "-translate-y-1/2", ("flex-direction", "row"): "flex-row",
}  # fmt: skip
_PREFIXED = {
    "align-items": "items", "align-self": "self", "justify-content": "justify",
    "justify-items": "justify-items", "justify-self": "justify-self", "align-content": "content",
    "object-fit": "object", "mix-blend-mode": "mix-blend", "text-align": "text",
}  # fmt: skip
_SHORT = {"flex-start": "start", "flex-end": "end", "space-between": "between"}
_COLOURED = {
    "color": "text", "background-color": "bg", "border-color": "border", "outline-color": "outline",
}  # fmt: skip
_SHADES = {
    f"{base}{alpha:02x}": (name, alpha)
    for base, name in (("#ffffff", "white"), ("#000000", "black"))
    for alpha in range(255)
}


def single(each: Declaration, tokens: Mapping[str, Token]) -> str:
    """The class of one declaration; "" where none is needed."""
    known = _WORDS.get((each.property, each.value))
    if known is not None:
        return known
    if each.property in _COLOURED:
        return f"{_COLOURED[each.property]}-{shade(each)}"
    if each.property in _PREFIXED:
        return f"{_PREFIXED[each.property]}-{_SHORT.get(each.value, each.value)}"
    if each.property in SPACING:
        return spaced(SPACING[each.property], each)
    made = _MAKERS.get(each.property)
    if made is not None:
        return made(each)
    return f"[{each.property}:{bracketed(each.value)}]"


def shade(each: Declaration) -> str:
    """What stands after "bg-" and its like."""
    if each.token:
        return each.token
    if each.value in COLOURS:
        return COLOURS[each.value]
    if each.value in _SHADES:
        name, alpha = _SHADES[each.value]
        return f"{name}/{round(alpha / 255 * 100)}"
    return _own_shade(each.value) or f"[{each.value}]"


@lru_cache(maxsize=5_000)
def _own_shade(value: str) -> str:
    """Tailwind's own colour that looks the same, with the alpha in percent; "" if there is none."""
    solid, alpha = value[:7], value[7:]
    alike = [each for each in PALETTE if looks_like(each, solid)]
    if not alike:
        return ""
    near = min(alike, key=lambda each: colour_difference(each, solid))
    return f"{PALETTE[near]}/{round(int(alpha, 16) / 255 * 100)}" if alpha else PALETTE[near]


def bracketed(value: str) -> str:
    """A value in brackets has no spaces."""
    return re.sub(r",\s*", ",", value).replace(" ", "_")


def spaced(name: str, each: Declaration) -> str:
    value = each.value
    if each.token:
        return f"{name}-{each.token}"
    if value in ("100%", "auto", "fit-content"):
        return f"{name}-{ {'100%': 'full', 'auto': 'auto', 'fit-content': 'fit'}[value] }"
    if "/" in value:
        sign = "-" if value.startswith("-") else ""
        return f"{sign}{name}-{value.lstrip('-')}"
    size = length(value)
    if size is None:
        return f"{name}-[{bracketed(value)}]"
    rounded = round(abs(size))
    sign = "-" if size < 0 and rounded else ""
    return f"{sign}{name}-{rounded / 4:g}" if rounded != 1 else f"{sign}{name}-px"


def rounded(name: str, each: Declaration) -> str:
    if each.token:
        return f"{name}-{each.token}"
    size = length(each.value)
    return f"{name}-{RADII[round(size)]}" if size in RADII else f"{name}-[{each.value}]"


def _font_size(each: Declaration) -> str:
    if each.token:
        return f"text-{each.token}"
    size = length(each.value)
    return (
        f"text-{FONT_SIZES[round(size)]}" if size in FONT_SIZES and size else f"text-[{each.value}]"
    )


def _leading(each: Declaration) -> str:
    height = length(each.value) or 0.0
    nearest = round(height)
    return f"leading-{nearest / 4:g}" if abs(height - nearest) <= 0.4 else f"leading-[{each.value}]"


def _tracking(each: Declaration) -> str:
    return f"tracking-{each.token or tracking_step(each.value) or f'[{each.value}]'}"


def _whole(name: str, unit: str = "") -> Callable[[Declaration], str]:
    """A class whose value is a whole number, negative ones with a minus before the name."""

    def make(each: Declaration) -> str:
        raw = each.value.removesuffix(unit)
        try:
            number = float(raw)
        except ValueError:
            return f"{name}-[{bracketed(each.value)}]"
        if not number.is_integer():
            return f"{name}-[{each.value}]"
        return f"{'-' if number < 0 else ''}{name}-{abs(round(number))}"

    return make


def _grid_line(name: str) -> Callable[[Declaration], str]:
    def make(each: Declaration) -> str:
        if each.value.startswith("span "):
            return f"{name}-span-{each.value[5:]}"
        return f"{name}-start-{each.value}"

    return make


def _tracks(name: str) -> Callable[[Declaration], str]:
    def make(each: Declaration) -> str:
        even = re.fullmatch(r"repeat\((\d+), minmax\(0, 1fr\)\)", each.value)
        return f"{name}-{even[1]}" if even else f"{name}-[{bracketed(each.value)}]"

    return make


def _blurred(name: str) -> Callable[[Declaration], str]:
    def make(each: Declaration) -> str:
        radius = each.value.removeprefix("blur(").removesuffix(")")
        size = length(radius)
        return f"{name}-{BLURS[round(size)]}" if size in BLURS and size else f"{name}-[{radius}]"

    return make


def _named_or(name: str) -> Callable[[Declaration], str]:
    """A token, or the value in brackets."""

    def make(each: Declaration) -> str:
        return f"{name}-{each.token}" if each.token else f"{name}-[{bracketed(each.value)}]"

    return make


def _weight(each: Declaration) -> str:
    return f"font-{WEIGHTS.get(int(each.value), f'[{each.value}]')}"


def _opacity(each: Declaration) -> str:
    return f"opacity-{round(float(each.value) * 100)}"


def _clamped(each: Declaration) -> str:
    return "truncate" if each.value == "1" else f"line-clamp-{each.value}"


def _blended(each: Declaration) -> str:
    return (
        f"bg-blend-{each.value}"
        if "," not in each.value
        else f"[background-blend-mode:{bracketed(each.value)}]"
    )


_MAKERS: dict[str, Callable[[Declaration], str]] = {
    "border-radius": lambda each: rounded("rounded", each),
    "font-size": _font_size,
    "line-height": _leading,
    "letter-spacing": _tracking,
    "font-weight": _weight,
    "font-family": lambda each: f"font-{each.token or 'sans'}",
    "text-transform": lambda each: each.value,
    "opacity": _opacity,
    "line-clamp": _clamped,
    "rotate": _whole("rotate", "deg"),
    "z-index": _whole("z"),
    "outline-width": _whole("outline", "px"),
    "outline-offset": _whole("outline-offset", "px"),
    "grid-column-start": _grid_line("col"),
    "grid-column-end": _grid_line("col"),
    "grid-row-start": _grid_line("row"),
    "grid-row-end": _grid_line("row"),
    "grid-template-columns": _tracks("grid-cols"),
    "grid-template-rows": _tracks("grid-rows"),
    "filter": _blurred("blur"),
    "backdrop-filter": _blurred("backdrop-blur"),
    "box-shadow": _named_or("shadow"),
    "text-shadow": _named_or("text-shadow"),
    "background-image": _named_or("bg"),
    "background-blend-mode": _blended,
}
