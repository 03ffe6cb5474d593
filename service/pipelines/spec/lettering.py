"""Texts: their runs, lists and type, as the letters were set.

A word's own style stands in ``styleOverrideTable`` under the number that
``characterStyleOverrides`` has for each letter:
https://developers.figma.com/docs/rest-api/file-property-types/#typestyle-type
"""

import re
import unicodedata
from collections.abc import Iterator
from itertools import groupby
from typing import Any

from service.pipelines.spec.elements import Declaration, Paragraph, Run, Text
from service.pipelines.spec.paints import bound, colour, css_gradient, px, visible_paints
from service.review.tree import Box, Node, child, children, number, text

_CASES = {"UPPER": "uppercase", "LOWER": "lowercase", "TITLE": "capitalize"}
_DECORATIONS = {"UNDERLINE": "underline", "STRIKETHROUGH": "line-through"}
_ALIGNED = {"CENTER": "center", "RIGHT": "right", "JUSTIFIED": "justify"}
SAFE_LINK = re.compile(r"(https?://|mailto:)[^\s\"'<>\\`{}]+\Z", re.IGNORECASE)
_LONE = re.compile("[\ud800-\udfff]")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def letters(node: Node) -> str:
    """A text's characters. Figma's line separators are line breaks; what no page can hold is
    replaced."""
    raw = text(node, "characters").replace("\u2028", "\n").replace("\u2029", "\n")
    return clean(raw.replace("\r\n", "\n").replace("\r", "\n"))


def clean(raw: str) -> str:
    return _CONTROL.sub("\ufffd", _LONE.sub("\ufffd", raw))


def link(style: Node) -> str:
    """The address of a hyperlink; "" for what is none, or none that a page should have."""
    url = text(child(style, "hyperlink"), "url")
    return url if SAFE_LINK.match(url) and len(url) < 2000 else ""


def is_right_to_left(words: str) -> bool:
    """By the first letter with a direction: https://www.unicode.org/reports/tr9/#P2"""
    for letter in words:
        kind = unicodedata.bidirectional(letter)
        if kind in ("R", "AL"):
            return True
        if kind == "L":
            return False
    return False


def set_text(node: Node) -> Text:
    """The runs of a text, as list items where it is a list."""
    raw = text(node, "characters")
    words = letters(node)
    base = child(node, "style")
    table = child(node, "styleOverrideTable")
    numbers = node.get("characterStyleOverrides")
    marks: list[Any] = numbers if isinstance(numbers, list) and len(words) == len(raw) else []
    lines = words.split("\n")
    kinds = node.get("lineTypes")
    types = kinds if isinstance(kinds, list) else []
    levels = node.get("lineIndentations")
    indents = levels if isinstance(levels, list) else []
    if not any(each in ("ORDERED", "UNORDERED") for each in types):
        return Text((Paragraph(tuple(_runs(words, marks, base, table))),))
    paragraphs: list[Paragraph] = []
    start = 0
    for at, line in enumerate(lines):
        kind = types[at] if at < len(types) else "NONE"
        tag = {"ORDERED": "ol", "UNORDERED": "ul"}.get(str(kind), "")
        level = indents[at] if at < len(indents) and isinstance(indents[at], int) else 1
        runs = tuple(_runs(line, marks[start : start + len(line)], base, table))
        paragraphs.append(Paragraph(runs, tag, max(1, min(int(level), 6)) if tag else 0))
        start += len(line) + 1
    return Text(tuple(paragraphs))


def _runs(words: str, marks: list[Any], base: Node, table: Node) -> Iterator[Run]:
    padded = [each if isinstance(each, int) else 0 for each in marks[: len(words)]]
    padded += [0] * (len(words) - len(padded))
    # Figma counts UTF-16 units, and Python letters: beyond the basic plane the marks would slip.
    if any(ord(each) > 0xFFFF for each in words):
        units: list[int] = []
        position = 0
        for each in words:
            units.append(
                marks[position] if position < len(marks) and isinstance(marks[position], int) else 0
            )
            position += 2 if ord(each) > 0xFFFF else 1
        padded = units
    start = 0
    for mark, group in groupby(padded):
        count = len(list(group))
        part, style = words[start : start + count], child(table, str(mark)) if mark else {}
        start += count
        yield _run(part, style, base)


def _run(part: str, style: Node, base: Node) -> Run:
    href = link(style)
    found = tuple(_changes(style, base))
    if not style or not (found or href):
        return Run(part)
    weight, usual = number(style, "fontWeight"), number(base, "fontWeight", 400)
    if href:
        return Run(part, found, "a", href)
    if weight >= 600 > usual:
        return Run(part, found, "strong")
    if style.get("italic") is True and base.get("italic") is not True:
        return Run(part, found, "em")
    return Run(part, found, "span")


def _changes(style: Node, base: Node) -> Iterator[Declaration]:
    """What a run has that the text round it has not."""
    usual = {each.property: each.value for each in type_style(base)}
    merged = {**base, **style}
    for each in type_style(merged):
        if usual.get(each.property) != each.value:
            yield each
    for paint in visible_paints(style)[-1:]:
        if text(paint, "type") == "SOLID":
            yield Declaration("color", colour(paint), origin=bound(paint, "color"))


def type_style(style: Node, origin: str = "") -> Iterator[Declaration]:
    """Font, size, weight, line height and spacing of a type style."""
    family = text(style, "fontFamily")
    if family:
        yield Declaration("font-family", clean(family)[:80])
    size = number(style, "fontSize")
    if size > 0:
        yield Declaration("font-size", px(size), origin=origin)
    yield Declaration("font-weight", str(round(number(style, "fontWeight", 400))))
    # A font's own line height comes in px too, and that is what Figma laid out.
    height = number(style, "lineHeightPx")
    if height > 0:
        yield Declaration("line-height", px(height))
    spacing = number(style, "letterSpacing")
    if size > 0 and abs(spacing / size) >= 0.001:
        yield Declaration("letter-spacing", f"{round(spacing / size, 4):g}em")
    if style.get("italic") is True:
        yield Declaration("font-style", "italic")
    if case := _CASES.get(text(style, "textCase")):
        yield Declaration("text-transform", case)
    elif text(style, "textCase").startswith("SMALL_CAPS"):
        yield Declaration("font-variant-caps", "small-caps")
    if decoration := _DECORATIONS.get(text(style, "textDecoration")):
        yield Declaration("text-decoration-line", decoration)


def text_declarations(node: Node, box: Box) -> Iterator[Declaration]:
    """The style of a text as a whole."""
    style = child(node, "style")
    origin = bound({"styles": node.get("styles")}, "text")
    yield from type_style(style, origin)
    yield from _ink(node, box)
    words = letters(node)
    is_turned = is_right_to_left(words)
    align = _ALIGNED.get(text(style, "textAlignHorizontal"), "left" if is_turned else "")
    if align and not (is_turned and align == "right"):
        yield Declaration("text-align", align)
    if is_list(node):
        return
    limit = round(number(style, "maxLines") or number(node, "maxLines"))
    is_cut = "ENDING" in (text(style, "textTruncation"), text(node, "textTruncation"))
    if is_cut or _resize(node) == "TRUNCATE":
        if limit < 1 and number(style, "lineHeightPx") > 0:
            limit = max(1, round(box.height / number(style, "lineHeightPx")))
        yield Declaration("line-clamp", str(max(1, limit)))
    if "\n" in words or "  " in words or words != words.strip():
        yield Declaration("white-space", "pre-wrap")
    vertical = {"CENTER": "center", "BOTTOM": "end"}.get(text(style, "textAlignVertical"))
    if vertical and _resize(node) in ("", "NONE"):
        yield Declaration("align-content", vertical)


def _ink(node: Node, box: Box) -> Iterator[Declaration]:
    paints = visible_paints(node)
    if not paints:
        return
    top = paints[-1]
    if text(top, "type") == "SOLID":
        origin = bound(top, "color") or bound({"styles": node.get("styles")}, "fill", "fills")
        yield Declaration("color", colour(top), origin=origin)
    elif gradient := css_gradient(top, box):
        yield Declaration("background-image", gradient)
        yield Declaration("background-clip", "text")
        yield Declaration("color", "transparent")


def is_list(node: Node) -> bool:
    kinds = node.get("lineTypes")
    return isinstance(kinds, list) and any(each in ("ORDERED", "UNORDERED") for each in kinds)


def _resize(node: Node) -> str:
    return text(child(node, "style"), "textAutoResize") or text(node, "textAutoResize")


def hugs_width(node: Node) -> bool:
    """Whether a text is as wide as its words."""
    return _resize(node) == "WIDTH_AND_HEIGHT"


def hugs_height(node: Node) -> bool:
    return _resize(node) in ("WIDTH_AND_HEIGHT", "HEIGHT")


def size_of_type(node: Node) -> float:
    return number(child(node, "style"), "fontSize")


def has_letters(words: str) -> bool:
    return any(each.isalpha() for each in words)


def has_own_words(node: Node) -> bool:
    """Whether a layer of any type says something by itself: FigJam's notes do."""
    return bool(letters(node).strip())


def all_texts(node: Node) -> Iterator[Node]:
    """The layers with words of a tree, from the top."""
    if text(node, "type") == "TEXT" or has_own_words(node):
        yield node
    for each in children(node):
        yield from all_texts(each)
