"""Exported SVGs as JSX: only shapes and paint, by allow-list.

An SVG is a document that may hold scripts, links and styles. What is not listed here is left out.
"""

import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator

_TAGS = {
    "svg", "g", "path", "rect", "circle", "ellipse", "line", "polyline", "polygon", "defs",
    "clipPath",
    "mask", "linearGradient", "radialGradient", "stop",
}  # fmt: skip
_ATTRIBUTES = {
    "d", "fill", "stroke", "stroke-width", "stroke-linecap", "stroke-linejoin", "stroke-dasharray",
    "stroke-miterlimit", "stroke-opacity", "fill-rule", "clip-rule", "fill-opacity", "opacity",
    "transform", "viewBox", "x", "y", "x1", "x2", "y1", "y2", "cx", "cy", "r", "rx", "ry", "fx",
    "fy",
    "width", "height", "points", "id", "clip-path", "mask", "gradientUnits", "gradientTransform",
    "offset", "stop-color", "stop-opacity", "maskUnits", "clipPathUnits", "preserveAspectRatio",
}  # fmt: skip
_VALUE = re.compile(r"[\w\s.,#%()+\-]*\Z")
_URL = re.compile(r"url\(#([\w\-]+)\)\Z")
_LONGEST, _DEEPEST, _MOST = 60_000, 12, 600


def drawing(svg: str, attributes: str, prefix: str, colour: str, indent: str) -> str | None:
    """The SVG as JSX with our attributes at its root; None if it cannot be read or is too large.

    ``colour``: the only colour in it, "#rrggbb", which becomes ``currentColor``; "" if it has
    several. ``prefix`` makes its ids those of this drawing alone.
    """
    if len(svg) > _LONGEST or "<!DOCTYPE" in svg.upper() or "<!ENTITY" in svg.upper():
        return None
    try:
        root = ET.fromstring(svg)
    except (ET.ParseError, ValueError):
        return None
    box = root.get("viewBox", "")
    if _name(root) != "svg" or not re.fullmatch(r"[\d\s.\-]+", box):
        return None
    if sum(1 for _ in root.iter()) > _MOST:
        return None
    lines = [f'{indent}<svg viewBox="{box}" fill="none"{attributes}>']
    for each in root:
        lines += _lines(each, prefix, colour, indent + "  ", 0)
    lines.append(f"{indent}</svg>")
    return "\n".join(lines)


def _name(element: "ET.Element[str]") -> str:
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _lines(
    element: "ET.Element[str]", prefix: str, colour: str, indent: str, depth: int
) -> Iterator[str]:
    name = _name(element)
    if name not in _TAGS or depth > _DEEPEST:
        return
    attributes = "".join(_attributes(element, prefix, colour))
    inner = [
        line for each in element for line in _lines(each, prefix, colour, indent + "  ", depth + 1)
    ]
    if not inner:
        yield f"{indent}<{name}{attributes} />"
        return
    yield f"{indent}<{name}{attributes}>"
    yield from inner
    yield f"{indent}</{name}>"


def _attributes(element: "ET.Element[str]", prefix: str, colour: str) -> Iterator[str]:
    for raw, value in sorted(element.attrib.items()):
        if raw not in _ATTRIBUTES:
            continue
        if raw == "id":
            value = f"{prefix}-{value}"
        elif url := _URL.match(value):
            value = f"url(#{prefix}-{url[1]})"
        elif raw in ("fill", "stroke") and colour and _hex(value) == colour:
            value = "currentColor"
        if _URL.match(value) or _VALUE.match(value):
            camel = re.sub(r"-(\w)", lambda found: found[1].upper(), raw)
            yield (
                f" {camel}={{{json.dumps(value)}}}"
                if '"' in value
                else f' {camel}="{" ".join(value.split())}"'
            )


_NAMED = {"black": "#000000", "white": "#ffffff"}


def _hex(value: str) -> str:
    lowered = _NAMED.get(value.strip().lower(), value.strip().lower())
    if re.fullmatch(r"#[0-9a-f]{3}", lowered):
        return "#" + "".join(each * 2 for each in lowered[1:])
    return lowered


def blank(attributes: str, width: float, height: float, paint: str, indent: str) -> str:
    """What stands for a drawing that is not there yet: its place, filled with ``paint``."""
    wide, high = max(1, round(width)), max(1, round(height))
    return (
        f'{indent}<svg viewBox="0 0 {wide} {high}" fill="{paint}"{attributes}>\n'
        f'{indent}  <path d="M0 0h{wide}v{high}H0z" />\n'
        f"{indent}</svg>"
    )
