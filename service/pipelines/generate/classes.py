"""CSS declarations as Tailwind 4 classes: https://tailwindcss.com/docs/styling-with-utility-classes

Each class is a step of Tailwind's, a token of the theme, or, for a value used once, the value in
brackets.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from service.pipelines.spec.elements import Condition, Declaration, Element, Token
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

# Line heights in px that come with Tailwind's font sizes.
_LEADING = {12: 16, 14: 20, 16: 24, 18: 28, 20: 28, 24: 32, 30: 36, 36: 40}
_SIDES = ("top", "right", "bottom", "left")
_CORNERS = {"top-left": "tl", "top-right": "tr", "bottom-right": "br", "bottom-left": "bl"}
_SPACING = {
    "width": "w", "height": "h", "min-width": "min-w", "min-height": "min-h", "max-width": "max-w",
    "max-height": "max-h", "left": "left", "right": "right", "top": "top", "bottom": "bottom",
    "row-gap": "gap-y", "column-gap": "gap-x",
    **{f"padding-{side}": f"p{side[0]}" for side in _SIDES},
    **{f"margin-{side}": f"m{side[0]}" for side in _SIDES},
}  # fmt: skip
_WORDS = {
    ("display", "flex"): "flex", ("display", "grid"): "grid", ("flex-direction",
    "column"): "flex-col",
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
_TEXT_PARTS = ("line-height", "letter-spacing", "font-weight")


@dataclass(frozen=True)
class Styled:
    """A class with its variant ("hover:", "max-md:" …) and the declarations that it stands for."""

    name: str
    state: str
    when: Condition
    declarations: tuple[Declaration, ...]


def classes(declarations: Sequence[Declaration], tokens: Mapping[str, Token]) -> list[Styled]:
    """The classes of an element, those that hold always first."""
    groups: dict[tuple[Condition, str], list[Declaration]] = {}
    for each in declarations:
        groups.setdefault((each.when, each.state), []).append(each)
    found: list[Styled] = []
    everywhere = {each.property for each in declarations}
    for (when, state), group in sorted(
        groups.items(), key=lambda item: (item[0][0], bool(item[0][1]))
    ):
        for name, parts in _group(group, tokens, everywhere):
            found.append(Styled(name, state, when, tuple(parts)))
    return found


Made = tuple[str, list[Declaration]]


def _group(
    group: list[Declaration], tokens: Mapping[str, Token], everywhere: set[str]
) -> Iterable[Made]:
    by_name = {each.property: each for each in group}
    done: set[str] = set()
    for each in group:
        if each.property in done:
            continue
        joined = _joined(each, by_name, everywhere)
        if joined is not None:
            name, parts = joined
            done.update(part.property for part in parts)
            yield name, parts
            continue
        if each.property in _TEXT_PARTS and _is_said(each, by_name, tokens):
            continue
        done.add(each.property)
        name = single(each, tokens)
        if name:
            yield name, [each]


def _is_said(
    each: Declaration, by_name: Mapping[str, Declaration], tokens: Mapping[str, Token]
) -> bool:
    """Whether the class of the font size says this too."""
    size = by_name.get("font-size")
    if size is not None and size.token:
        return dict(tokens[f"fontSize:{size.token}"].parts).get(each.property) == each.value
    if each.property == "line-height" and size is not None:
        height = length(each.value)
        return height is not None and _LEADING.get(int(length(size.value) or 0)) == height
    # Regular is what a page has by itself.
    return (
        each.property == "font-weight"
        and each.value == "400"
        and not each.when
        and not each.state
        and size is not None
    )


def _joined(
    each: Declaration, by_name: Mapping[str, Declaration], everywhere: set[str]
) -> Made | None:
    """Several properties of the same value as one class."""
    name = each.property
    for start, shorts in (("padding", ("p", "px", "py")), ("margin", ("m", "mx", "my"))):
        if name.startswith(f"{start}-"):
            return _around(each, by_name, start, shorts)
    if name in ("row-gap", "column-gap"):
        other = by_name.get("row-gap" if name == "column-gap" else "column-gap")
        if other is not None and _same(each, other):
            return _spaced("gap", each), [each, other]
        if not {"row-gap", "column-gap"} <= everywhere:
            return _spaced("gap", each), [each]
        return None
    if name in ("width", "height"):
        wide, high = by_name.get("width"), by_name.get("height")
        if (
            wide
            and high
            and _same(wide, high)
            and (length(wide.value) is not None or wide.value == "100%")
        ):
            return ("size-full" if wide.value == "100%" else _spaced("size", wide)), [wide, high]
        return None
    if re.fullmatch(r"border-\w+-width", name):
        return _borders(by_name)
    if name in _SIDES:
        sides = [by_name[side] for side in _SIDES if side in by_name]
        if len(sides) == 4 and all(side.value == "0px" for side in sides):
            return "inset-0", sides
    if name.startswith("border-") and name.endswith("-radius") and name != "border-radius":
        return _corners(each, by_name)
    return None


def _same(first: Declaration, second: Declaration) -> bool:
    return (first.value, first.token) == (second.value, second.token)


def _around(
    each: Declaration, by_name: Mapping[str, Declaration], start: str, shorts: tuple[str, str, str]
) -> Made | None:
    sides = [by_name.get(f"{start}-{side}") for side in _SIDES]
    there = [side for side in sides if side is not None]
    if len(there) == 4 and all(_same(there[0], side) for side in there):
        return _spaced(shorts[0], there[0]), there
    axis = (
        (sides[1], sides[3]) if each.property.endswith(("left", "right")) else (sides[0], sides[2])
    )
    if axis[0] is not None and axis[1] is not None and _same(axis[0], axis[1]):
        short = shorts[1] if each.property.endswith(("left", "right")) else shorts[2]
        return _spaced(short, axis[0]), [axis[0], axis[1]]
    return None


def _borders(by_name: Mapping[str, Declaration]) -> Made:
    sides = [
        (side, by_name[f"border-{side}-width"])
        for side in _SIDES
        if f"border-{side}-width" in by_name
    ]
    parts = [each for _, each in sides]
    if len(sides) == 4 and len({each.value for each in parts}) == 1:
        return _border("border", parts[0].value), parts
    names = [_border(f"border-{side[0]}", each.value) for side, each in sides]
    return " ".join(names), parts


def _border(name: str, value: str) -> str:
    if value == "1px":
        return name
    wide = length(value) or 0.0
    return f"{name}-{round(wide)}" if wide.is_integer() else f"{name}-[{value}]"


def _corners(each: Declaration, by_name: Mapping[str, Declaration]) -> Made | None:
    corner = each.property.removeprefix("border-").removesuffix("-radius")
    partner = {
        "top-left": "top-right",
        "bottom-right": "bottom-left",
        "top-right": "top-left",
        "bottom-left": "bottom-right",
    }[corner]
    other = by_name.get(f"border-{partner}-radius")
    if other is not None and _same(each, other):
        return _rounded(f"rounded-{corner[0]}", each), [each, other]
    return _rounded(f"rounded-{_CORNERS[corner]}", each), [each]


def single(each: Declaration, tokens: Mapping[str, Token]) -> str:
    """The class of one declaration; "" where none is needed."""
    known = _WORDS.get((each.property, each.value))
    if known is not None:
        return known
    if each.property in _COLOURED:
        return f"{_COLOURED[each.property]}-{shade(each)}"
    if each.property in _PREFIXED:
        return f"{_PREFIXED[each.property]}-{_SHORT.get(each.value, each.value)}"
    if each.property in _SPACING:
        return _spaced(_SPACING[each.property], each)
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


def _spaced(name: str, each: Declaration) -> str:
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


def _rounded(name: str, each: Declaration) -> str:
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
    "border-radius": lambda each: _rounded("rounded", each),
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


# Pseudo-classes that a component's root has, and its parts follow.
STATES = {"hover", "active", "disabled", "focus-visible"}


def prefixed(styled: Styled, root: Element, is_root: bool) -> str:
    """The class with its variant, which for parts of the component is the state of the root."""
    state = styled.state
    if not state:
        return styled.name
    is_control = root.tag in ("button", "a", "input")
    if state == "disabled" and not (is_control and root.tag != "a"):
        state = "data-disabled"
    if state == "focus-visible" and not is_control:
        state = "focus-within"
    if not is_root and styled.state in STATES:
        state = f"group-{state}"
    return " ".join(f"{state}:{each}" for each in styled.name.split())


_WIDER = {
    **{f"p{side}": (f"p{axis}", "p") for side, axis in zip("trbl", "yxyx", strict=True)},
    **{f"m{side}": (f"m{axis}", "m") for side, axis in zip("trbl", "yxyx", strict=True)},
    "gap-x": ("gap",), "gap-y": ("gap",), "w": ("size",), "h": ("size",),
    "left": ("inset-x", "inset"), "right": ("inset-x", "inset"), "top": ("inset-y", "inset"),
    "bottom": ("inset-y", "inset"),
}  # fmt: skip


def ways(
    each: Declaration, tokens: Mapping[str, Token], around: Sequence[Declaration]
) -> list[str]:
    """The classes of which one is enough for a declaration; [] where none is needed.

    ``around``: the other declarations of the element. Several classes are joined with a space.
    """
    group = {
        one.property: one
        for one in around
        if one.state == each.state and one.when in ((), each.when)
    }
    if each.property in _TEXT_PARTS and _is_said(each, group, tokens):
        return []
    if found := re.fullmatch(r"border-(\w+)-width", each.property):
        side, axis = found[1][0], "x" if found[1] in ("left", "right") else "y"
        return [
            _border(name, each.value) for name in (f"border-{side}", f"border-{axis}", "border")
        ]
    if found := re.fullmatch(r"border-(\w+)-(\w+)-radius", each.property):
        corner = _CORNERS[f"{found[1]}-{found[2]}"]
        return [
            _rounded(name, each)
            for name in (
                f"rounded-{corner}",
                f"rounded-{corner[0]}",
                f"rounded-{corner[1]}",
                "rounded",
            )
        ]
    name = single(each, tokens)
    if not name:
        return []
    short = _SPACING.get(each.property, "")
    wider = [name.replace(short, each_wider, 1) for each_wider in _WIDER.get(short, ())]
    return [name, *wider]
