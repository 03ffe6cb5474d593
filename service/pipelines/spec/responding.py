"""What changes on screens narrower than the design: rows break or become columns, wide padding
shrinks.

A design has one width. What it says of others is a rule, and the rule is: nothing is cut off at 360
px.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from service.pipelines.spec.elements import Declaration, Element
from service.pipelines.spec.placing import NARROW, SMALL
from service.pipelines.spec.scales import PHONE

# Tailwind's steps, in px: https://tailwindcss.com/docs/responsive-design
# The first is ours, for designs that are hardly wider than a phone.
_STEPS = ((PHONE, "max-xs"), (640, "max-sm"), (768, "max-md"), (1024, "max-lg"), (1280, "max-xl"))
# The average width of a letter, in parts of its size.
_LETTER = 0.58
# Words of more letters may break, and narrower columns are no use, in px.
_LONGEST_WORD, _COLUMN = 14, 120
_WIDE_PADDING = 32
_TABLET = 768


@dataclass(frozen=True)
class Room:
    """What an element has on the narrowest screen, and how much lies outside of it, in px."""

    width: float
    outside: float
    designed: float


def respond(root: Element) -> Element:
    """The tree with declarations for narrower screens."""
    made = _respond(root, Room(float(NARROW), 0.0, root.bounds.width))
    return replace(made, declarations=(*made.declarations, *_cut_off(root)))


def _cut_off(root: Element) -> list[Declaration]:
    """What reaches out of the root must not make a page scroll that is as wide as the root."""
    wide = root.bounds.width
    over = max(
        max(each.bounds.x + each.bounds.width - wide, -each.bounds.x) for each in _seen(root)
    )
    if over <= 0.5 or _cuts(root):
        return []
    is_limited = bool(root.value("max-width")) or root.value("width") == "fit-content"
    # A component in the middle of a page has half of the rest on each side.
    step = next((name for width, name in _STEPS if width > wide + 2 * over), "")
    return [Declaration("overflow-x", "clip", state=step if is_limited else "")]


def _cuts(element: Element) -> bool:
    return bool(element.value("overflow") or element.value("overflow-x"))


def _seen(element: Element) -> Iterator[Element]:
    """The elements that no box below the root cuts off."""
    yield element
    for each in element.children:
        yield from [each] if _cuts(each) else _seen(each)


def _respond(element: Element, room: Room) -> Element:
    extra = _narrower_padding(element, room)
    sides = _padding(replace(element, declarations=(*element.declarations, *extra)), bool(extra))
    inside = Room(max(0.0, room.width - sides), room.outside + sides, room.designed)
    flow = [each for each in element.children if each.value("position") != "absolute"]
    children_extra: dict[int, tuple[Declaration, ...]] = {}
    display = element.value("display")
    is_row = display == "flex" and element.value("flex-direction") != "column"
    shared = inside.width
    if element.attribute("role") == "row":
        # A row of a table stays one: its cells come closer instead.
        shared = inside.width / max(1, len(flow))
        if _row_needs(element, flow) > inside.width:
            children_extra = {at: _closer(each) for at, each in enumerate(element.children)}
    elif is_row and element.value("flex-wrap") != "wrap" and len(flow) > 1:
        shared = max(0.0, inside.width / len(flow))
        needed = _row_needs(element, flow)
        if needed > inside.width and not _is_crowded(flow):
            step = _step(needed + inside.outside, room.designed)
            if step:
                shared = inside.width
                extra += _broken(flow, step)
                if extra and extra[-1].property == "flex-direction":
                    children_extra = {
                        at: _stacked_child(each, step) for at, each in enumerate(element.children)
                    }
    elif display == "grid" and len(flow) > 1:
        columns = _columns(element)
        if columns > 1:
            widest = max(needs(each) for each in flow)
            gap = _number(element.value("column-gap"))
            needed = columns * widest + (columns - 1) * gap
            shared = inside.width / columns
            if needed > inside.width and (step := _step(needed + inside.outside, room.designed)):
                shared = inside.width
                extra.append(
                    Declaration("grid-template-columns", "repeat(1, minmax(0, 1fr))", state=step)
                )
                children_extra = {
                    at: tuple(
                        Declaration(name, "auto", state=step)
                        for name in ("grid-column", "grid-row")
                        if any(d.property.startswith(name) for d in each.declarations)
                    )
                    for at, each in enumerate(element.children)
                }
    inner = []
    for at, each in enumerate(element.children):
        more = (*_shrinking(each, is_row, display), *children_extra.get(at, ()))
        made = replace(each, declarations=(*each.declarations, *more))
        inner.append(
            _respond(
                made,
                Room(
                    shared if is_row or display == "grid" else inside.width,
                    inside.outside,
                    room.designed,
                ),
            )
        )
    return replace(element, declarations=(*element.declarations, *extra), children=tuple(inner))


def _narrower_padding(element: Element, room: Room) -> list[Declaration]:
    left, right = (_number(element.value(f"padding-{side}")) for side in ("left", "right"))
    fitting = [(width, name) for width, name in _STEPS if width <= room.designed]
    if max(left, right) <= _WIDE_PADDING or not fitting:
        return []
    # From the width of a tablet on, or as soon as the padding leaves no room for what is in it.
    needed = max(room.outside + needs(element), min(_TABLET, fitting[-1][0]))
    step = next((name for width, name in fitting if width >= needed), fitting[-1][1])
    return [
        Declaration(f"padding-{side}", "16px", state=step)
        for side, wide in (("left", left), ("right", right))
        if wide > _WIDE_PADDING
    ]


def _shrinking(element: Element, is_row: bool, display: str) -> tuple[Declaration, ...]:
    """What hugs something wide may be narrower than it: a width that is at most 100 % of what
    hugs it counts in full for the least width of that.
    https://www.w3.org/TR/css-sizing-3/#min-content-contribution"""
    own = ("width", "flex", "max-width", "min-width")
    is_hugging = element.kind in ("box", "slot") and not any(map(element.value, own))
    is_held = "stretch" in (element.value("align-self"), element.value("justify-self"))
    if display != "flex" or not is_hugging or element.value("position") == "absolute":
        return ()
    is_wide = any(
        each.value("max-width") == "100%" and _number(each.value("width")) > SMALL
        for each in element.walk()
    )
    if not is_wide or (is_held and not is_row):
        return ()
    return (Declaration("min-width", "0px") if is_row else Declaration("max-width", "100%"),)


def _closer(cell: Element) -> tuple[Declaration, ...]:
    return tuple(
        Declaration(f"padding-{side}", "4px", state="max-md")
        for side in ("left", "right")
        if _number(cell.value(f"padding-{side}")) > 4
    )


def _padding(element: Element, is_narrowed: bool) -> float:
    total = 0.0
    for side in ("left", "right"):
        wide = _number(element.value(f"padding-{side}"))
        total += min(wide, 16.0) if is_narrowed and wide > _WIDE_PADDING else wide
        total += _number(element.value(f"border-{side}-width"))
    return total


def _broken(flow: list[Element], step: str) -> list[Declaration]:
    """Parts of a page go below each other; words and buttons wrap."""
    if any(each.value("flex") or _number(each.value("width")) > SMALL for each in flow):
        return [
            Declaration("align-items", "stretch", state=step),
            Declaration("flex-direction", "column", state=step),
        ]
    return [Declaration("flex-wrap", "wrap", state=step)]


def _stacked_child(element: Element, step: str) -> tuple[Declaration, ...]:
    found: list[Declaration] = []
    if element.value("position") == "absolute":
        return ()
    if _number(element.value("width")) > SMALL and element.kind in ("box", "slot"):
        found.append(Declaration("width", "100%", state=step))
    elif _number(element.value("width")) > SMALL:
        found.append(Declaration("max-width", "100%", state=step))
    if element.value("flex"):
        found.append(Declaration("flex", "none", state=step))
    if element.value("margin-left"):
        found.append(Declaration("margin-left", "0px", state=step))
    return tuple(found)


def _is_crowded(flow: list[Element]) -> bool:
    wide = [each for each in flow if _number(each.value("width")) > SMALL]
    return bool(wide) and all(each.value("flex-shrink") == "0" for each in wide)


def _row_needs(element: Element, flow: list[Element]) -> float:
    gap = _number(element.value("column-gap"))
    margins = sum(max(0.0, _number(each.value("margin-left"))) for each in flow)
    return sum(needs(each) for each in flow) + gap * (len(flow) - 1) + margins


def needs(element: Element) -> float:
    """The narrowest width at which an element is still of use, in px. An estimate."""
    fixed = _number(element.value("width"))
    if element.kind in ("picture", "image", "line"):
        return min(fixed or element.bounds.width, float(SMALL))
    if element.kind in ("text", "field"):
        return _text_needs(element)
    sides = _padding(element, False)
    flow = [each for each in element.children if each.value("position") != "absolute"]
    if not flow:
        return min(fixed or 0.0, float(SMALL)) + sides
    is_row = element.value("display") == "flex" and element.value("flex-direction") != "column"
    if is_row and element.value("flex-wrap") != "wrap" and not _is_crowded(flow):
        inner = _row_needs(element, flow)
    elif element.value("overflow-x") or _is_crowded(flow):
        inner = float(SMALL)
    else:
        inner = max(needs(each) for each in flow) * max(1, min(_columns(element), 6))
    wanted = inner + sides
    if element.value("flex") or fixed > SMALL:
        return (
            max(wanted, float(_COLUMN))
            if fixed == 0
            else min(max(wanted, _COLUMN), max(fixed, wanted))
        )
    return wanted


def _text_needs(element: Element) -> float:
    size = _number(element.value("font-size")) or 16.0
    words = [word for text in element.texts for word in text.plain.split()] or [""]
    longest = max(len(word) for word in words)
    if element.value("flex") or element.value("width"):
        longest = max(longest, 6)
    width = min(longest, _LONGEST_WORD) * size * _LETTER
    # Short labels look broken in two lines.
    total = max((len(text.plain) for text in element.texts), default=0)
    if total <= 24 and not element.value("flex"):
        width = max(width, total * size * _LETTER * 0.9)
    return min(width, max(element.bounds.width, 1.0))


def _columns(element: Element) -> int:
    template = element.value("grid-template-columns")
    if template.startswith("repeat("):
        count = template[7:].split(",")[0]
        return int(count) if count.isdigit() else 1
    return len(template.split()) if template else 1


def _step(needed: float, designed: float) -> str:
    """The first step at which the row has room, if the design itself is not narrower."""
    for width, name in _STEPS:
        if needed <= width <= designed:
            return name
    fitting = [name for width, name in _STEPS if width <= designed]
    return fitting[-1] if fitting and needed <= designed else ""


def _number(value: str) -> float:
    try:
        return float(value.removesuffix("px"))
    except ValueError:
        return 0.0
