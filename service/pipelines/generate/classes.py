"""CSS declarations as Tailwind 4 classes: https://tailwindcss.com/docs/styling-with-utility-classes

Each class is a step of Tailwind's, a token of the theme, or, for a value used once, the value in
brackets.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from service.pipelines.generate.single_classes import SIDES, SPACING, rounded, single, spaced
from service.pipelines.spec.elements import Condition, Declaration, Element, Token
from service.pipelines.spec.scales import (
    length,
)

# Line heights in px that come with Tailwind's font sizes.
_LEADING = {12: 16, 14: 20, 16: 24, 18: 28, 20: 28, 24: 32, 30: 36, 36: 40}
_CORNERS = {"top-left": "tl", "top-right": "tr", "bottom-right": "br", "bottom-left": "bl"}
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
            return spaced("gap", each), [each, other]
        if not {"row-gap", "column-gap"} <= everywhere:
            return spaced("gap", each), [each]
        return None
    if name in ("width", "height"):
        wide, high = by_name.get("width"), by_name.get("height")
        if (
            wide
            and high
            and _same(wide, high)
            and (length(wide.value) is not None or wide.value == "100%")
        ):
            return ("size-full" if wide.value == "100%" else spaced("size", wide)), [wide, high]
        return None
    if re.fullmatch(r"border-\w+-width", name):
        return _borders(by_name)
    if name in SIDES:
        sides = [by_name[side] for side in SIDES if side in by_name]
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
    sides = [by_name.get(f"{start}-{side}") for side in SIDES]
    there = [side for side in sides if side is not None]
    if len(there) == 4 and all(_same(there[0], side) for side in there):
        return spaced(shorts[0], there[0]), there
    axis = (
        (sides[1], sides[3]) if each.property.endswith(("left", "right")) else (sides[0], sides[2])
    )
    if axis[0] is not None and axis[1] is not None and _same(axis[0], axis[1]):
        short = shorts[1] if each.property.endswith(("left", "right")) else shorts[2]
        return spaced(short, axis[0]), [axis[0], axis[1]]
    return None


def _borders(by_name: Mapping[str, Declaration]) -> Made:
    sides = [
        (side, by_name[f"border-{side}-width"])
        for side in SIDES
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
        return rounded(f"rounded-{corner[0]}", each), [each, other]
    return rounded(f"rounded-{_CORNERS[corner]}", each), [each]


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
            rounded(name, each)
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
    short = SPACING.get(each.property, "")
    wider = [name.replace(short, each_wider, 1) for each_wider in _WIDER.get(short, ())]
    return [name, *wider]
