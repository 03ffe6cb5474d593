"""Fields: which layer people type into, what stands in it, and what it is called.

A field is drawn in one of three ways: a frame with its text in it, a box with a text drawn over it,
or a box with nothing in it. The texts beside it are its label and its hint.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from service.pipelines.spec.code_names import words
from service.pipelines.spec.elements import Bounds, Condition, Declaration, Element, Text
from service.pipelines.spec.surroundings import merged
from service.review.paint import contrast

# A box takes at least so much of its field's width; what is narrower is a mark or a button in it.
_WIDE = 0.6
# The lowest box that people can type into, and the highest field, in px.
_LOWEST, _HIGHEST = 20, 200
# From this contrast on, letters on their ground are a value; placeholders are paler.
_CLEAR = 7.0
_KINDS = (("mail", "email"), ("password", "password"), ("search", "search"), ("phone", "tel"))
_PLACEHOLDERS = {"placeholder", "hint", "prompt"}
_VALUES = {"value", "filled", "entered", "typed", "completed"}
# Names of variants in which nothing has been typed yet.
_EMPTY = {"empty", "unfilled", "blank"}
_BESIDE = {"label", "helper", "error", "caption", "hint", "counter", "description"}
# Where a layer stands in a stack, which does not hold inside of a frame.
_PLACE = {
    "grid-column-start", "grid-row-start", "justify-self", "align-self", "width", "max-width",
    "margin-left", "margin-right", "margin-top", "margin-bottom",
}  # fmt: skip
_MOVED = {"position", "left", "right", "top", "bottom", "translate", "rotate"}

Inner = Callable[[Element], Element]


def can_be_field(element: Element) -> bool:
    """Whether a layer has a box to type into, and not more words than label, value and hint."""
    texts = [each for each in element.walk() if each.kind == "text"]
    is_edged = any(_has_edge(each) for each in element.walk())
    return 1 <= len(texts) <= 4 and is_edged and element.bounds.height <= _HIGHEST


def field_of(element: Element, called: str, reason: str, tag_other: Inner) -> Element:
    """A field with its input. ``called``: the text before it, "" if there is none. ``tag_other``
    gives pictures and lines in it their tags.

    All of it is a ``label``: a click beside the letters goes into the input, too. The words of its
    own label name the input.
    """
    typed, box = _typed_into(element)
    texts = [each for each in element.walk() if each.kind == "text" and each is not typed]
    own = next((each for each in texts if _is_before(each, typed)), None)
    named = _plain(own) if own else ""
    # With a hint in it, too, the label would say more than the name.
    is_told = own is not None and (own.prop or len(texts) == 1)
    told = "" if is_told else " ".join((named or called).split())
    entry = _input(typed, element.name, named or called, told, box, own)

    def inside(each: Element) -> Element:
        if each is typed:
            return entry
        if each.kind in ("text", "box", "slot"):
            return replace(
                each,
                tag="span",
                reason="what the field is called" if each is own else "a part of a field",
                children=tuple(inside(part) for part in each.children),
            )
        return tag_other(each)

    if typed is element:
        return entry
    made = replace(
        element,
        tag="label",
        reason=reason,
        children=tuple(inside(each) for each in element.children),
    )
    return _framed(made, box.id, entry) if box is not None and box is not typed else made


def input_of(element: Element) -> Element:
    """A text or an empty box by itself as an input."""
    return _input(element, element.name, "", "", None, None)


def _has_edge(element: Element) -> bool:
    return element.kind in ("box", "slot") and any(
        element.value(name)
        for name in ("border-color", "outline-color", "background-color", "box-shadow")
    )


def _typed_into(element: Element) -> tuple[Element, Element | None]:
    """The layer that becomes the input, and the box that is drawn round it.

    The box is an inner one, as wide as the field; else the field itself.
    """
    texts = [each for each in element.walk() if each.kind == "text"]
    wide = element.bounds.width * _WIDE
    boxes = [
        each
        for each in element.walk()
        if each is not element and _has_edge(each) and each.bounds.width >= wide
    ]
    inside = {id(box): [each for each in texts if _holds(box, each)] for box in boxes}
    filled = [box for box in boxes if inside[id(box)]]
    if filled:
        box = min(filled, key=lambda each: each.bounds.width * each.bounds.height)
        return _typed_of(inside[id(box)]), box
    empty = [box for box in boxes if not box.children and box.bounds.height >= _LOWEST]
    if empty:
        return empty[-1], empty[-1]
    return _typed_of(texts), element


def _typed_of(texts: Sequence[Element]) -> Element:
    """Of several texts in a box, the one that people type over: by its name, else the lower."""
    named = [each for each in texts if _last_word(each) in _PLACEHOLDERS | _VALUES | {"input"}]
    if named:
        return named[0]
    free = [each for each in texts if _last_word(each) not in _BESIDE] or list(texts)
    first = free[0]
    below = [each for each in free[1:] if _is_before(first, each, aside=False)]
    return below[0] if below else first


def _last_word(element: Element) -> str:
    return (words(element.name) or [""])[-1].lower()


def _is_before(one: Element, other: Element, *, aside: bool = True) -> bool:
    """Whether a layer stands above another, or at its left."""
    a, b = one.bounds, other.bounds
    return a.y + a.height <= b.y + 1 or (aside and a.x + a.width <= b.x + 1)


def _holds(box: Element, inner: Element) -> bool:
    a, b = box.bounds, inner.bounds
    return (
        a.x <= b.x + 1
        and a.y <= b.y + 1
        and a.x + a.width >= b.x + b.width - 1
        and a.y + a.height >= b.y + b.height - 1
    )


def _plain(element: Element) -> str:
    return element.texts[0].plain if element.texts else ""


# --- The input ---


def _input(
    element: Element, name: str, label: str, told: str, box: Element | None, own: Element | None
) -> Element:
    said = _plain(element)
    texts = tuple(
        replace(each, typed=_is_typed(element, each, box, own) if each.plain else False)
        for each in element.texts
    )
    is_value = bool(texts) and texts[0].typed
    hints = f"{name} {said} {label}".lower()
    kind = next((kind for word, kind in _KINDS if word in hints), "text")
    attributes = [("type", kind)]
    for typed, attribute in ((False, "placeholder"), (True, "value")):
        first = next((each.plain for each in texts if each.typed == typed and each.plain), "")
        if first:
            attributes.append((attribute, first))
    if told or own is None:
        spare = name if is_value or not said else said
        attributes.append(("aria-label", told or " ".join(spare.split()) or "Input"))
    declarations = [
        each
        for each in element.declarations
        if each.property not in ("white-space", "align-content", "line-clamp")
    ]
    if element.kind == "text" and not element.value("flex") and not element.value("width"):
        declarations.append(Declaration("field-sizing", "content"))
        declarations.append(Declaration("min-width", "0px"))
    if any(not each.typed for each in texts):
        inks = [each for each in declarations if each.property == "color" and not each.state]
        declarations += [replace(each, state="placeholder") for each in inks]
    if not said:
        why = "an empty box of a field"
    elif is_value:
        why = "what was typed into a field"
    else:
        why = "the text that people type over"
    return replace(
        element,
        kind="field",
        tag="input",
        reason=why,
        declarations=tuple(declarations),
        attributes=merged(element.attributes, attributes),
        texts=texts,
    )


def _is_typed(element: Element, text: Text, box: Element | None, own: Element | None) -> bool:
    """Whether a text is what somebody typed: by its variant, its name, its words, or its ink.

    Placeholders are paler than values, and than labels: https://www.w3.org/TR/WCAG22/ asks 7:1 for
    text that everybody can read.
    """
    said, last = text.plain.strip().lower(), _last_word(element)
    variant = {value for _, values in text.when for value in values}
    if variant & (_PLACEHOLDERS | _VALUES | _EMPTY):
        return bool(variant & _VALUES)
    if last in _PLACEHOLDERS | _VALUES:
        return last in _VALUES
    if said.endswith(("…", "...")) or said.startswith(("enter ", "type ", "search", "e.g.")):
        return False
    ground = box.value("background-color") if box is not None else ""
    clear = _clearness(_ink(element, text.when), ground)
    return clear >= _CLEAR and (own is None or clear >= 0.9 * _clearness(_ink(own, ()), ground))


def _ink(element: Element, when: Condition) -> str:
    """The colour of letters in the variants of a condition."""
    here = dict(when)
    for each in element.declarations:
        is_ink = each.property == "color" and not each.state and each.when != ()
        if is_ink and all(set(here.get(name, ("",))) <= set(values) for name, values in each.when):
            return each.value
    return element.value("color")


def _clearness(colour: str, ground: str) -> float:
    """The contrast of letters on a ground, white where it is not known; 0 for no plain colour."""
    ink, behind = _rgb(colour), _rgb(ground) or (1.0, 1.0, 1.0)
    return contrast(ink, behind) if ink else 0.0


def _rgb(value: str) -> tuple[float, float, float] | None:
    if len(value) != 7 or not value.startswith("#"):
        return None
    red, green, blue = (int(value[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return red, green, blue


# --- The box round it ---


def _framed(element: Element, box_id: str, entry: Element) -> Element:
    """With the input inside of the box that it was only drawn over, so that both grow together."""
    if len(element.children) == 2:
        box, over = element.children
        if over is entry and box.id == box_id and not box.children:
            made = _around(element, box, entry)
            if made is not None:
                return made
    return replace(
        element, children=tuple(_framed(each, box_id, entry) for each in element.children)
    )


def _around(stack: Element, box: Element, entry: Element) -> Element | None:
    """The stack with the input in the box; None where this would not be the same."""
    placed = [*box.declarations, *entry.declarations]
    if stack.value("display") != "grid" or any(
        each.property in _MOVED or (each.property in _PLACE and (each.when or each.state))
        for each in placed
    ):
        return None
    outer, inner = box.bounds, entry.bounds
    width = {side: _px(box.value(f"border-{side}-width")) for side in ("top", "left", "right")}
    left = inner.x - outer.x - width["left"]
    right = outer.x + outer.width - inner.x - inner.width - width["right"]
    above = inner.y - outer.y
    below = outer.y + outer.height - inner.y - inner.height
    if min(left, right, above - width["top"], below) < 0:
        return None
    is_middle = abs(above - below) <= 2
    look = [each for each in box.declarations if each.property not in _PLACE]
    look += [
        Declaration("display", "flex"),
        Declaration("align-items", "center" if is_middle else "flex-start"),
        Declaration("padding-left", f"{round(left, 2):g}px"),
        Declaration("padding-right", f"{round(right, 2):g}px"),
    ]
    if not is_middle:
        look.append(Declaration("padding-top", f"{round(above - width['top'], 2):g}px"))
    typed = replace(
        entry,
        declarations=(
            *(
                each
                for each in entry.declarations
                if each.property not in {*_PLACE, "min-width", "field-sizing"}
            ),
            Declaration("flex", "1 1 0%"),
            Declaration("min-width", "0px"),
        ),
    )
    spans = _spans(stack.bounds, outer)
    if spans and not stack.id and stack.tag != "label":
        # Nobody drew the stack: the box takes its place.
        keeps = [
            each
            for each in stack.declarations
            if each.property not in ("display", "grid-template-columns", "min-height")
        ]
        return replace(box, declarations=(*keeps, *look), children=(typed,))
    place = [
        each
        for each in box.declarations
        if each.property in _PLACE
        and not (spans and each.property in ("width", "max-width", "justify-self"))
    ]
    if spans:
        place.append(Declaration("justify-self", "stretch"))
    framed = replace(box, declarations=(*place, *look), children=(typed,))
    return replace(stack, children=(framed,))


def _spans(outer: Bounds, inner: Bounds) -> bool:
    return abs(outer.x - inner.x) <= 1 and abs(outer.width - inner.width) <= 2


def _px(value: str) -> float:
    try:
        return float(value.removesuffix("px") or 0)
    except ValueError:
        return 0.0
