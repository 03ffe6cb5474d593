"""What only the whole shows: forms, lists, tables, and several bars of links."""

from collections import Counter
from dataclasses import replace

from service.pipelines.spec.elements import Element
from service.pipelines.spec.surroundings import HEADING, Around, Known, accessible_name, merged


def settled(element: Element, around: Around, known: Known) -> Element:
    """Lists, labels, sections and tables, once the children have their tags."""
    if element.tag in ("ul", "ol"):
        return _listed(element, element.reason)
    if element.attribute("role") == "table":
        return _table(element)
    if element.tag in ("button", "a"):
        return _with_name(element)
    if element.tag == "form":
        return _with_submit(element)
    if element.tag == "nav":
        return element
    if element.tag != "div" or element.kind not in ("box", "slot"):
        return element
    tags = [each.tag for each in element.children]
    if _holds_label_and_field(element):
        return _labelled(element)
    repeated = {each.component for each in element.children if each.component}
    if len(tags) >= 3 and len(repeated) == 1 and all(each.component for each in element.children):
        listed = _listed(element, "three or more of the same component")
        if listed.tag == "ul":
            return listed
    if around.parent != "form" and not around.in_form and _is_form(element):
        named = merged(element.attributes, (("aria-label", _form_name(element)),))
        made = replace(element, tag="form", reason="fields and a button", attributes=named)
        return _with_submit(made)
    if tags and HEADING.match(tags[0]):
        return replace(element, tag="section", reason="a box that begins with a heading")
    return element


def _with_submit(form: Element) -> Element:
    """The last button of a form sends it."""
    buttons = [
        each.id for each in form.walk() if each.tag == "button" and not each.attribute("role")
    ]

    def inside(each: Element) -> Element:
        if each.tag == "button" and each.id == buttons[-1]:
            return replace(each, attributes=merged(each.attributes, (("type", "submit"),)))
        return replace(each, children=tuple(inside(part) for part in each.children))

    return inside(form) if buttons else form


def _form_name(element: Element) -> str:
    for each in element.walk():
        if HEADING.match(each.tag) and each.texts:
            return " ".join(each.texts[0].plain.split())
    return accessible_name(element)


def _is_form(element: Element) -> bool:
    inner = list(element.walk())
    fields = sum(each.tag == "input" for each in inner)
    buttons = sum(each.tag == "button" and not each.attribute("role") for each in inner)
    return fields >= 2 and buttons >= 1 and not any(each.tag == "form" for each in inner)


def _listed(element: Element, reason: str) -> Element:
    """A list, if each child can be an item of it."""
    able = {"div", "article", "section", "p", "li", "span"}
    if not element.children or not all(each.tag in able for each in element.children):
        return replace(element, tag="div", reason="a list of what cannot be list items")
    items = tuple(replace(each, tag="li", reason="an item of a list") for each in element.children)
    return replace(
        element, tag=element.tag if element.tag == "ol" else "ul", reason=reason, children=items
    )


def _table(element: Element) -> Element:
    rows: list[Element] = []
    for at, row in enumerate(element.children):
        role = "columnheader" if at == 0 else "cell"
        cells = tuple(
            replace(
                each,
                tag="div" if each.tag in ("section", "ul", "nav", "div") else each.tag,
                attributes=merged(each.attributes, (("role", role),)),
            )
            if each.tag in ("div", "p", "span", "section") or HEADING.match(each.tag)
            else each
            for each in row.children
        )
        if not all(each.attribute("role") for each in cells):
            return replace(element, attributes=())
        made = replace(row, tag="div", attributes=(("role", "row"),), children=cells)
        rows.append(replace(made, reason="a row of a table"))
    return replace(element, children=tuple(rows))


def _with_name(element: Element) -> Element:
    """A button or link that shows only a picture says its name."""
    has_words = any(each.kind == "text" for each in element.walk())
    if has_words or element.attribute("aria-label"):
        return element
    return replace(
        element, attributes=merged(element.attributes, (("aria-label", accessible_name(element)),))
    )


def _holds_label_and_field(element: Element) -> bool:
    if not 2 <= len(element.children) <= 3:
        return False
    first, second = element.children[:2]
    inputs = [each for each in element.walk() if each.tag == "input"]
    return (
        first.kind == "text"
        and len(inputs) == 1
        and second.tag in ("div", "input", "label")
        and all(each.tag not in ("button", "a") for each in element.walk())
        # A field that has no words of its own takes those before it.
        and not any(
            part.kind == "text"
            for each in element.walk()
            if each.tag == "label"
            for part in each.walk()
        )
    )


def _labelled(element: Element) -> Element:
    def inside(each: Element) -> Element:
        if each.tag == "input":
            kept = tuple(pair for pair in each.attributes if pair[0] != "aria-label")
            return replace(each, attributes=kept)
        tag = "span" if each.tag in ("div", "p", "label") or HEADING.match(each.tag) else each.tag
        return replace(each, tag=tag, children=tuple(inside(part) for part in each.children))

    return replace(
        element,
        tag="label",
        reason="a text and the field below it",
        children=tuple(inside(each) for each in element.children),
    )


def distinct_navs(root: Element) -> Element:
    """Several navigations on a page each need a name of their own."""
    total = sum(each.tag == "nav" for each in root.walk())
    if total < 2:
        return root
    seen: Counter[str] = Counter()

    def inside(each: Element) -> Element:
        attributes = each.attributes
        if each.tag == "nav":
            name = accessible_name(each)
            seen[name] += 1
            said = name if seen[name] == 1 else f"{name} {seen[name]}"
            attributes = merged(attributes, (("aria-label", said),))
        return replace(
            each, attributes=attributes, children=tuple(inside(part) for part in each.children)
        )

    return inside(root)
