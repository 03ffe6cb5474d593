"""Which values get a name: those that the designer named, and those that are used more than once.

A value that Tailwind has a step for needs no token. Colours that no eye tells apart are one
(https://en.wikipedia.org/wiki/Color_difference#CIEDE2000: below 1).
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import lru_cache

from coloraide import Color

from service.pipelines.spec.code_names import distinct
from service.pipelines.spec.elements import Declaration, Element, Token
from service.pipelines.spec.scales import COLOURS, FONT_SIZES, RADII, length, tracking_step
from service.pipelines.spec.token_names import (
    Use,
    all_names,
    clear_name,
    designers_names,
    role_name,
    same_names,
)

SAME_COLOUR = 1.0
# Channels of colours that look the same differ by less, of 255: what saves most of the comparisons.
_FAR = 16
# More colours than this are compared by value alone.
_COMPARED = 120
_PROPERTIES = {
    **dict.fromkeys(("color", "background-color", "border-color", "outline-color"), "color"),
    "font-family": "fontFamily",
    "font-size": "fontSize",
    **dict.fromkeys(
        (
            "border-radius",
            *(f"border-{a}-{b}-radius" for a in ("top", "bottom") for b in ("left", "right")),
        ),
        "radius",
    ),
    "box-shadow": "shadow",
    "background-image": "gradient",
    "letter-spacing": "letterSpacing",
    **dict.fromkeys(
        (
            "row-gap",
            "column-gap",
            *(f"padding-{side}" for side in ("top", "right", "bottom", "left")),
        ),
        "spacing",
    ),
}
_TEXT_PARTS = ("line-height", "letter-spacing", "font-weight")
_FAMILY = re.compile(r"[^A-Za-z0-9 _-]")


def name_tokens(
    root: Element, styles: Mapping[str, str], variables: Mapping[str, str]
) -> tuple[Element, tuple[Token, ...]]:
    """The tree whose declarations say their token, and the tokens, sorted by name."""
    names = all_names(styles, variables)
    same = same_names(names)
    # Two styles or variables of one name are one: a library's copy beside the file's own.
    root = _renamed(root, lambda each: replace(each, origin=same.get(each.origin, "")))
    uses = _merged(list(_collect(root, names)), names)
    tokens: dict[tuple[str, str, str], Token] = {}
    taken: set[str] = set()
    called = designers_names(uses, names)
    for use in sorted(
        uses, key=lambda each: (names.get(each.origin, "") == "", -each.count, each.value)
    ):
        said = called.get(id(use), "")
        # There is no class for a font without a token.
        if use.type != "fontFamily" and not said and (use.count < 2 or _on_scale(use)):
            continue
        name = distinct(clear_name(said or role_name(use), use.type), taken, "-")
        taken.add(name)
        origin = ("style" if use.origin.startswith("S:") else "variable") if said else "role"
        tokens[use.type, use.value, use.origin if said else ""] = Token(
            name, use.type, use.value, origin, use.count, use.parts
        )
    tagged = _hoisted(_renamed(root, lambda each: _token_of(each, tokens, names)))
    return tagged, tuple(sorted(tokens.values(), key=lambda each: (each.type, each.name)))


def _declared(root: Element) -> Iterator[tuple[Element, Declaration, tuple[Declaration, ...]]]:
    for element in root.walk():
        for each in element.declarations:
            yield element, each, element.declarations
        for text in element.texts:
            for paragraph in text.paragraphs:
                for run in paragraph.runs:
                    for each in run.declarations:
                        yield element, each, run.declarations


def _collect(root: Element, names: Mapping[str, str]) -> Iterator[Use]:
    found: dict[tuple[str, str, str], Use] = {}
    for element, each, around in _declared(root):
        kind = _PROPERTIES.get(each.property)
        if kind is None or (each.value in COLOURS and not names.get(each.origin)):
            continue
        if each.value in ("none", "transparent", "inherit"):
            continue
        origin = each.origin if names.get(each.origin) else ""
        if kind == "spacing" and not origin:
            continue
        key = (kind, each.value, origin)
        use = found.setdefault(key, Use(kind, each.value, origin))
        use.properties[each.property] += 1
        use.on_button += element.tag == "button"
        if kind == "fontSize":
            # A size that no style names has its usual line, but no weight.
            said = _TEXT_PARTS if origin else ("line-height",)
            parts = tuple(
                (name, value) for name in said if (value := _plain(around, name, each.when))
            )
            # What texts of the style do not share is theirs alone.
            is_first = use.count == 1
            use.parts = parts if is_first else tuple(part for part in use.parts if part in parts)
    yield from found.values()


def _plain(around: tuple[Declaration, ...], name: str, when: object) -> str:
    return next(
        (
            each.value
            for each in around
            if each.property == name and not each.state and each.when in ((), when)
        ),
        "",
    )


def _merged(uses: list[Use], names: Mapping[str, str]) -> list[Use]:
    """Colours that look the same are one: the designer's, or the one used most."""
    colours = sorted(
        (each for each in uses if each.type == "color"),
        key=lambda each: (each.origin == "", -each.count, each.value),
    )
    others = [each for each in uses if each.type != "color"]
    kept: list[Use] = []
    for each in colours:
        same = next(
            (
                one
                for one in kept
                if not each.origin and _look_alike(one.value, each.value, len(colours))
            ),
            None,
        )
        if same is None:
            kept.append(each)
            continue
        same.properties.update(each.properties)
        same.on_button += each.on_button
    return [*kept, *others]


def _look_alike(first: str, second: str, many: int) -> bool:
    if first[7:] != second[7:]:
        return False
    if first == second:
        return True
    return many <= _COMPARED and looks_like(first[:7], second[:7])


def looks_like(first: str, second: str) -> bool:
    """Whether no eye tells two opaque colours apart, "#rrggbb"."""
    if any(
        abs(int(first[at : at + 2], 16) - int(second[at : at + 2], 16)) > _FAR for at in (1, 3, 5)
    ):
        return False
    return colour_difference(first, second) < SAME_COLOUR


@lru_cache(maxsize=20_000)
def colour_difference(first: str, second: str) -> float:
    """CIEDE2000 between two opaque colours, "#rrggbb"."""
    return float(Color(first).delta_e(Color(second), method="2000"))


def _on_scale(use: Use) -> bool:
    size = length(use.value)
    if use.type == "fontSize":
        return size in FONT_SIZES
    if use.type == "radius":
        return size in RADII or use.value == "50%"
    if use.type == "letterSpacing":
        return bool(tracking_step(use.value))
    return use.type == "color" and use.value in COLOURS


def _token_of(
    each: Declaration, tokens: Mapping[tuple[str, str, str], Token], names: Mapping[str, str]
) -> Declaration:
    kind = _PROPERTIES.get(each.property, "")
    origin = each.origin if names.get(each.origin) else ""
    token = tokens.get((kind, each.value, origin))
    if token is None and kind == "color" and not origin and each.value.startswith("#"):
        alike = [
            one
            for (type_, value, _), one in tokens.items()
            if type_ == "color" and _look_alike(value, each.value, len(tokens))
        ]
        token = min(
            alike, key=lambda one: (one.origin == "role", -one.uses, one.name), default=None
        )
    return replace(each, token=token.name if token else "", origin="")


def _renamed(element: Element, change: Callable[[Declaration], Declaration]) -> Element:
    texts = tuple(
        replace(
            text,
            paragraphs=tuple(
                replace(
                    paragraph,
                    runs=tuple(
                        replace(run, declarations=tuple(map(change, run.declarations)))
                        for run in paragraph.runs
                    ),
                )
                for paragraph in text.paragraphs
            ),
        )
        for text in element.texts
    )
    return replace(
        element,
        declarations=tuple(map(change, element.declarations)),
        texts=texts,
        children=tuple(_renamed(each, change) for each in element.children),
    )


def _hoisted(root: Element) -> Element:
    """The font that most texts have stands at the root, and only the others say theirs."""
    families: Counter[Declaration] = Counter()
    for element in root.walk():
        for each in element.declarations:
            if each.property == "font-family" and not each.when and not each.state:
                families[each] += 1
    if not families:
        return root
    usual = max(families, key=lambda each: (families[each], each.value))

    def inside(element: Element) -> Element:
        kept = tuple(each for each in element.declarations if each != usual)
        return replace(
            element, declarations=kept, children=tuple(inside(each) for each in element.children)
        )

    bare = inside(root)
    if any(each.property == "font-family" for each in bare.declarations):
        return root
    return replace(bare, declarations=(*bare.declarations, usual))


def font_stack(family: str) -> str:
    """A font family as CSS, with what stands in where it is not installed."""
    name = _FAMILY.sub("", family).strip()
    if not name:
        return "ui-sans-serif, system-ui, sans-serif"
    is_mono, is_serif = (
        "mono" in name.lower(),
        "serif" in name.lower() and "sans" not in name.lower(),
    )
    rest = (
        "ui-monospace, monospace"
        if is_mono
        else "ui-serif, serif"
        if is_serif
        else "ui-sans-serif, system-ui, sans-serif"
    )
    return f'"{name}", "{name} Variable", {rest}'
