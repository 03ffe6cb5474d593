"""What the parts of a variant say: their words, tags, and numbers among their like."""

from collections.abc import Iterator

from service.pipelines.spec.elements import Element
from service.pipelines.testing.outlines import SILENT, Part


def squeezed(there: list[Part]) -> str:
    """All words without spaces."""
    return "".join("".join(part.text.split()) for part in there)


def tags_of(there: list[Part]) -> list[str]:
    """The tags that say something, those inside texts too."""
    found: list[str] = []
    for part in there:
        if part.element.tag not in SILENT:
            found.append(part.element.tag)
        found += _inner_tags(part.element)
    return found


def _inner_tags(element: Element) -> Iterator[str]:
    """Tags that a text's runs and lists bring along."""
    if element.kind != "text" or not element.texts:
        return
    paragraphs = element.texts[0].paragraphs
    before = ""
    for paragraph in paragraphs:
        if paragraph.list and paragraph.list != before:
            yield paragraph.list
        if paragraph.list:
            yield "li"
        elif len(paragraphs) > 1 and paragraph is not paragraphs[-1]:
            yield "p"
        yield from (run.tag for run in paragraph.runs if run.text and run.tag not in ("", "span"))
        before = paragraph.list


def numbered(there: list[Part]) -> Iterator[tuple[Part, int]]:
    """Each part, with how many of its tag come before it."""
    seen: dict[str, int] = {}
    for part in there:
        tag = part.element.tag
        yield part, seen.get(tag, 0)
        seen[tag] = seen.get(tag, 0) + 1
        for inner in _all_inner(part.element):
            seen[inner] = seen.get(inner, 0) + 1


def _all_inner(element: Element) -> Iterator[str]:
    yield from _inner_tags(element)
    if element.kind == "text" and element.texts:
        for paragraph in element.texts[0].paragraphs:
            yield from (run.tag for run in paragraph.runs if run.tag == "span" and run.text)


def key_of(part: Part) -> str:
    """The layer of a part, else its place; of a field also what it says, which variants change."""
    key = part.element.id or "/".join(map(str, part.path))
    said = [part.element.attribute(name) for name in ("placeholder", "value")]
    return " ".join((key, *said)) if part.element.kind == "field" else key
