"""What an element is on a page, and why: from its name first, then from what it is made of.

A person can overrule each guess by the layer's id. Nothing that is not a button or a link can be
clicked, and nothing stands where HTML forbids it:
https://html.spec.whatwg.org/multipage/dom.html#content-models
"""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

from service.pipelines.spec.actions import tag_of_click
from service.pipelines.spec.elements import Declaration, Element
from service.pipelines.spec.fields import can_be_field, field_of, input_of
from service.pipelines.spec.lettering import has_letters
from service.pipelines.spec.overruling import CHOSEN, OVERRULING
from service.pipelines.spec.surroundings import HEADING, Around, Known, accessible_name, merged
from service.pipelines.spec.wholes import distinct_navs, settled

_NOUNS = {
    **dict.fromkeys(("button", "btn", "cta"), "button"),
    **dict.fromkeys(("link", "hyperlink", "anchor"), "a"),
    **dict.fromkeys(("input", "field", "textfield", "textbox", "searchbar", "textarea"), "field"),
    **dict.fromkeys(("checkbox", "switch", "toggle", "radio"), "choice"),
    **dict.fromkeys(("nav", "navbar", "navigation", "breadcrumb", "breadcrumbs"), "nav"),
    **dict.fromkeys(("header", "appbar", "topbar"), "header"),
    "footer": "footer",
    **dict.fromkeys(("aside", "sidebar"), "aside"),
    **dict.fromkeys(("card", "tile"), "article"),
    "list": "ul",
    **dict.fromkeys(("dialog", "modal"), "dialog"),
    "table": "table",
    "form": "form",
    **dict.fromkeys(("section", "hero", "features", "pricing", "testimonials"), "section"),
    "main": "main",
}
_BARS = {"nav": "nav", "navigation": "nav", "app": "header", "top": "header", "search": "field"}
_HEADINGS = {"heading", "title", "headline"}
# What a name says of layers that are clicked or typed into, which hold no other such layer.
_CONTROLS = {"button", "a", "field", "choice"}
_INTERACTIVE = {"button", "a", "input", "textarea"}
# What a text may be besides a heading.
_OF_TEXTS = {"a", "button", "div", "input", "label", "li", "p", "span"}
_PLAIN_NAME = re.compile(
    r"(frame|group|rectangle|ellipse|image|img|vector|picture|mask|layer|component|instance|union|line)"
    r"[\s_\-]*\d*\Z",
    re.IGNORECASE,
)
# Type that is so much larger than the body's is a heading.
_LARGER = 1.15
# If it is light, it takes this.
_MUCH_LARGER = 1.6


def words_of(name: str) -> list[str]:
    """The words of the first part of a name: "Button / primaryLarge" has one, "button"."""
    first = name.split("/")[0].split("=")[0]
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", first)
    return re.findall(r"[^\W\d_]+", spaced.lower())


def says_control(name: str) -> bool:
    """Whether a name is that of something to be clicked or typed into."""
    last = words_of(name)[-1:]
    return bool(last) and _NOUNS.get(last[0]) in _CONTROLS


def is_telling(name: str) -> bool:
    """Whether somebody chose the name, and not the editor."""
    return bool(name.strip()) and not _PLAIN_NAME.match(name.strip())


def give_meaning(
    root: Element,
    components: Mapping[str, str],
    overrides: Mapping[str, str],
    is_screen: bool,
    clicked: Mapping[str, tuple[str, str]],
) -> Element:
    """Every element with its tag, the attributes that this needs, and the reason."""
    levels, body = heading_levels(root, 1 if is_screen else 2)
    known = Known(components, overrides, levels, body, clicked)
    named = _tagged(root, Around(is_root=True), known)
    if is_screen and named.tag == "div":
        inside = {each.tag for each in named.children}
        if not inside & {"header", "footer", "main", "aside"}:
            named = replace(named, tag="main", reason="the whole screen")
    return distinct_navs(_distinct_landmarks(_without_gaps(named)))


def _without_gaps(root: Element) -> Element:
    """No heading is more than one level below the heading before it.

    https://www.w3.org/WAI/tutorials/page-structure/headings/
    """
    before = 0

    def inside(each: Element) -> Element:
        nonlocal before
        if HEADING.match(each.tag):
            level = int(each.tag[1])
            level = min(level, before + 1) if before else level
            before = level
            each = replace(each, tag=f"h{level}")
        return replace(each, children=tuple(inside(part) for part in each.children))

    return inside(root)


def _distinct_landmarks(root: Element) -> Element:
    """A page has one header and one footer of its own; others are those of a part, or boxes."""
    seen: set[str] = set()

    def inside(each: Element, is_outside: bool) -> Element:
        if each.tag in ("header", "footer"):
            if is_outside and each.tag in seen:
                each = replace(each, tag="div", reason=f"the page has a {each.tag} already")
            elif is_outside:
                seen.add(each.tag)
        closed = each.tag in ("header", "footer", "nav")
        outside = is_outside and each.tag not in ("article", "aside", "main", "section")
        parts = tuple(
            inside(_boxed(part) if closed else part, outside and not closed)
            for part in each.children
        )
        return replace(each, children=parts)

    return inside(root, True)


def _boxed(element: Element) -> Element:
    """In a header or footer there is none of either."""
    is_nested = element.tag in ("header", "footer")
    made = replace(element, tag="div", reason="a part of a header") if is_nested else element
    return replace(made, children=tuple(_boxed(each) for each in made.children))


def heading_levels(root: Element, top: int) -> tuple[dict[float, int], float]:
    """The level of each size that is larger than the body's, the largest first; and the body's."""
    letters: Counter[float] = Counter()
    for each in root.walk():
        if each.kind == "text" and each.texts:
            letters[_size(each)] += len(each.texts[0].plain)
    if len(letters) < 2:
        return {}, max(letters, default=0.0)
    body = max(letters, key=lambda size: (letters[size], -size))
    larger = sorted((size for size in letters if size >= body * _LARGER), reverse=True)
    return {size: min(6, top + position) for position, size in enumerate(larger)}, body


def _weight(element: Element) -> float:
    try:
        return float(element.value("font-weight") or 400)
    except ValueError:
        return 400.0


def _size(element: Element) -> float:
    try:
        return float(element.value("font-size").removesuffix("px"))
    except ValueError:
        return 0.0


def _tagged(element: Element, around: Around, known: Known) -> Element:
    tag, reason, attributes = _decide(element, around, known)
    if tag in ("field", "input"):
        return _field(element, reason, around, known)
    children_around = Around(
        phrasing=around.phrasing
        or tag in ("button", "a", "label", "span", "p")
        or HEADING.match(tag) is not None,
        interactive=around.interactive or tag in ("button", "a"),
        parent=tag,
        in_form=around.in_form or tag == "form",
    )
    inner: list[Element] = []
    label = ""
    for each in element.children:
        inner.append(_tagged(each, replace(children_around, label=label), known))
        label = each.texts[0].plain if each.kind == "text" and each.texts else label
    declarations = element.declarations
    if tag == "button" and element.kind == "text" and not element.value("text-align"):
        # The words of a button stand in its middle, if nothing is said.
        declarations = (*declarations, Declaration("text-align", "left"))
    made = replace(
        element,
        tag=tag,
        reason=reason,
        declarations=declarations,
        attributes=merged(element.attributes, attributes),
        children=tuple(inner),
    )
    return settled(made, around, known)


Decision = tuple[str, str, tuple[tuple[str, str], ...]]


def _decide(element: Element, around: Around, known: Known) -> Decision:
    if element.kind == "picture":
        return "svg", "an exported drawing", (("aria-hidden", "true"),)
    if element.kind == "image":
        alt = element.name.strip() if is_telling(element.name) else ""
        return "img", "an image", (("alt", alt),)
    if element.kind == "line":
        tag = "span" if around.phrasing else "hr"
        return tag, "a line", ()
    overruled = known.overrides.get(element.id, "")
    if overruled in OVERRULING and _may_stand(overruled, element, around):
        return overruled, CHOSEN, _needed(overruled, element)
    if element.kind == "text":
        return _text_tag(element, around, known)
    return _box_tag(element, around, known)


def _may_stand(tag: str, element: Element, around: Around) -> bool:
    """Whether HTML allows a tag there that somebody chose."""
    if tag == "input":
        is_free = not around.interactive and (element.kind == "text" or not around.phrasing)
        return is_free and (not element.children or can_be_field(element))
    if around.phrasing:
        return tag == "span" or (tag in _INTERACTIVE and not around.interactive)
    if element.kind == "text" and tag not in _OF_TEXTS and not HEADING.match(tag):
        return False
    if tag == "li":
        return around.parent in ("ul", "ol")
    if tag == "main":
        return around.is_root or around.parent in ("div", "")
    return not (tag == "form" and around.in_form)


def _needed(tag: str, element: Element) -> tuple[tuple[str, str], ...]:
    if tag == "button":
        return (("type", "button"),)
    if tag == "a" and not element.attribute("href"):
        return (("href", "#"),)
    return ()


def _text_tag(element: Element, around: Around, known: Known) -> Decision:
    plain = element.texts[0].plain if element.texts else ""
    words = words_of(element.name)
    if element.attribute("href"):
        if around.interactive:
            return "span", "a link cannot stand in a button or a link", ()
        return "a", "it has a link", ()
    is_list = any(paragraph.list for text in element.texts for paragraph in text.paragraphs)
    if is_list and not around.phrasing:
        return "div", "a text with a list in it", ()
    if around.phrasing:
        return "span", f"a text in a {around.parent}", ()
    if (clicked := _clicked(element, around, known)) is not None:
        return clicked
    is_short = len(plain) <= 120 and has_letters(plain)
    level = known.levels.get(_size(element))
    # A light text of some size, or a sentence with its full stop, introduces and heads nothing.
    is_strong = _weight(element) >= 500 or _size(element) >= known.body * _MUCH_LARGER
    if is_short and level and is_strong and not plain.rstrip().endswith("."):
        return f"h{level}", f"larger than the body: size step {level}", ()
    if is_short and words and words[-1] in _HEADINGS:
        return f"h{min(6, 1 + max(known.levels.values(), default=2))}", "its name says heading", ()
    if words and words[-1] == "link" and not around.interactive:
        return "a", "its name says link", (("href", "#"),)
    if around.parent == "nav" and not around.interactive and is_short:
        return "a", "a text in a navigation", (("href", "#"),)
    return "p", "a text", ()


def noun_of(element: Element, known: Known) -> tuple[str, str]:
    """What the name says it is, and which name: that of its component, or its own."""
    for name, whose in (
        (known.components.get(element.component, ""), "component's name"),
        (element.name, "name"),
    ):
        words = words_of(name)
        if not words:
            continue
        if words[-1] == "bar" and len(words) > 1 and words[-2] in _BARS:
            return _BARS[words[-2]], f"its {whose} says {words[-2]} bar"
        # "Input" and "Inputs" are the same noun, "nav link" is a link.
        if noun := _NOUNS.get(words[-1]):
            return noun, f"its {whose} says {words[-1]}"
    return "", ""


def _box_tag(element: Element, around: Around, known: Known) -> Decision:
    noun, reason = noun_of(element, known)
    texts = [each for each in element.walk() if each.kind == "text"]
    if around.phrasing:
        return "span", f"a part of a {around.parent}", ()
    if noun == "field" and can_be_field(element) and not around.interactive:
        return "field", reason, ()
    if noun in ("button", "a") and not around.interactive and _is_small(element):
        named = () if texts else (("aria-label", accessible_name(element)),)
        return noun, reason, (*_needed(noun, element), *named)
    if noun == "choice" and not around.interactive and not _wide_choice(element):
        kind = "switch" if words_of(element.name)[-1:] in (["switch"], ["toggle"]) else "checkbox"
        named = () if texts else (("aria-label", around.label or accessible_name(element)),)
        return "button", reason, (
            ("type", "button"), ("role", kind), ("aria-checked", "false"), *named,
        )  # fmt: skip
    if noun == "dialog":
        title = texts[0].texts[0].plain if texts and texts[0].texts else accessible_name(element)
        return "section", reason, (("role", "dialog"), ("aria-label", title.strip() or "Dialog"))
    if noun == "table" and _is_table(element):
        return "div", reason, (("role", "table"), ("aria-label", accessible_name(element)))
    if noun in ("nav", "header", "footer", "aside", "article", "section", "main", "form", "ul"):
        if noun == "main" and not around.is_root and around.parent not in ("div", ""):
            noun = "section"
        if noun == "aside" and around.parent in ("main", "article", "section"):
            noun = "section"
        if not (noun == "ul" and not element.children):
            named = (("aria-label", accessible_name(element)),) if noun == "form" else ()
            return noun, reason, named
    if (clicked := _clicked(element, around, known)) is not None:
        return clicked
    if _is_link_row(element, known) and not around.interactive:
        return "nav", "a row of links", ()
    return "div", "a box", ()


def _clicked(element: Element, around: Around, known: Known) -> Decision | None:
    """A button or link that no name tells of."""
    if around.interactive or around.is_root or not _is_small(element):
        return None
    tag, reason, href = tag_of_click(element, around.parent, known.clicked)
    if not tag or any(noun_of(each, known)[0] in _CONTROLS for each in element.walk()):
        return None
    return tag, reason, (("href", href),) if tag == "a" else _needed(tag, element)


def _is_small(element: Element) -> bool:
    """A button or link holds a few words, not a page."""
    return sum(1 for _ in element.walk()) <= 16 and element.bounds.height <= 160


def _wide_choice(element: Element) -> bool:
    return element.bounds.height > 80 or sum(1 for _ in element.walk()) > 12


def _is_table(element: Element) -> bool:
    rows = [each for each in element.children if each.kind in ("box", "slot")]
    counts = {len(each.children) for each in rows}
    return len(rows) == len(element.children) >= 2 and len(counts) == 1 and counts.pop() >= 2


def _is_link_row(element: Element, known: Known) -> bool:
    if element.value("display") != "flex" or element.value("flex-direction") == "column":
        return False
    links = [each for each in element.children if _is_link(each, known)]
    return len(links) >= 2 and len(links) == len(element.children)


def _is_link(element: Element, known: Known) -> bool:
    words = words_of(element.name)
    is_named = bool(words) and words[-1] in ("link", "hyperlink")
    return is_named or noun_of(element, known)[0] == "a" or bool(element.attribute("href"))


def _field(element: Element, reason: str, around: Around, known: Known) -> Element:
    if element.kind == "text" or not any(each.kind == "text" for each in element.walk()):
        return replace(input_of(element), reason=reason)

    def tag_other(each: Element) -> Element:
        tag, why, attributes = _decide(each, Around(phrasing=True, parent="label"), known)
        return replace(each, tag=tag, reason=why, attributes=merged(each.attributes, attributes))

    return field_of(element, around.label, reason, tag_other)
