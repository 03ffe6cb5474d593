"""A compact outline of a Figma node tree for a prompt, of limited size: one indented line per
layer."""

from collections.abc import Mapping
from typing import Any

_MAX_LAYERS = 400
_MAX_DEPTH = 12
_NAME_CHARS = 40
_TEXT_CHARS = 120


def outline(
    document: Mapping[str, Any] | None, limit: int, refs: Mapping[str, int] | None = None
) -> str:
    """Visible layers as "TYPE name (id) 120x48 #ffffff gap 8 'text'", in at most ``limit``
    characters. With ``refs`` each layer has its short number instead of its id, and layers without
    one have nothing.

    If there is too little space, upper layers are kept before deeper ones. The last line says how
    many layers were left out.
    """
    layers = _layers(document)
    lines = [_line(node, depth, refs) for _, depth, node in layers]
    room = limit - 60
    kept: set[int] = set()
    for index in sorted(range(len(lines)), key=lambda at: (layers[at][1], at)):
        room -= len(lines[index]) + 1
        if room < 0:
            break
        kept.add(index)
    shown = [lines[index] for index in sorted(kept)]
    if len(shown) < len(lines):
        shown.append(f"({len(lines) - len(shown)} more layers are left out.)")
    return "\n".join(shown)


def _layers(document: object) -> list[tuple[int, int, Mapping[str, Any]]]:
    """(position, depth, node) of visible layers in drawing order, within fixed limits."""
    found: list[tuple[int, int, Mapping[str, Any]]] = []
    stack: list[tuple[object, int]] = [(document, 0)]
    while stack and len(found) < _MAX_LAYERS:
        node, depth = stack.pop()
        if not isinstance(node, Mapping) or node.get("visible") is False:
            continue
        found.append((len(found), depth, node))
        below = node.get("children")
        if isinstance(below, list) and depth < _MAX_DEPTH:
            stack.extend((each, depth + 1) for each in reversed(below))
    return found


def _line(node: Mapping[str, Any], depth: int, refs: Mapping[str, int] | None) -> str:
    box = node.get("absoluteBoundingBox")
    identity: object = _text(node.get("id"), 60)
    if refs is not None:
        identity = refs.get(str(node.get("id")), "")
    parts = [
        _text(node.get("type"), 20) or "LAYER",
        _text(node.get("name"), _NAME_CHARS),
        "" if identity == "" and refs is not None else f"({identity})",
        f"{_size(box.get('width'))}x{_size(box.get('height'))}" if isinstance(box, Mapping) else "",
        " ".join(_colours(node.get("fills"))),
        _type_style(node.get("style")),
        _layout(node),
    ]
    words = _text(node.get("characters"), _TEXT_CHARS)
    if words:
        parts.append(f'"{words}"')
    return "  " * depth + " ".join(part for part in parts if part)


def _colours(fills: object) -> list[str]:
    shown: list[str] = []
    for paint in fills[:4] if isinstance(fills, list) else []:
        if not isinstance(paint, Mapping) or paint.get("visible") is False:
            continue
        colour = paint.get("color")
        if paint.get("type") == "SOLID" and isinstance(colour, Mapping):
            shown.append("#" + "".join(_channel(colour.get(key)) for key in "rgb"))
        else:
            shown.append(_text(paint.get("type"), 20).lower())
    return shown


def _channel(value: object) -> str:
    return f"{round(min(max(_finite(value), 0.0), 1.0) * 255):02x}"


def _type_style(style: object) -> str:
    if not isinstance(style, Mapping) or not _finite(style.get("fontSize")):
        return ""
    weight = f"/{_finite(style.get('fontWeight')):g}" if style.get("fontWeight") else ""
    return (
        f"{_text(style.get('fontFamily'), 30)} {_finite(style.get('fontSize')):g}{weight}".strip()
    )


def _layout(node: Mapping[str, Any]) -> str:
    mode = node.get("layoutMode")
    if mode not in ("HORIZONTAL", "VERTICAL", "GRID"):
        return ""
    padding = [
        f"{_finite(node.get('padding' + side)):g}" for side in ("Top", "Right", "Bottom", "Left")
    ]
    gap = f" gap {_finite(node.get('itemSpacing')):g}"
    return (
        str(mode).lower() + gap + (f" padding {' '.join(padding)}" if set(padding) != {"0"} else "")
    )


def _size(value: object) -> str:
    return f"{_finite(value):.4g}"


def _finite(value: object) -> float:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number and -1e7 < value < 1e7 else 0.0  # type: ignore[operator, arg-type]


def _text(value: object, limit: int) -> str:
    text = " ".join(value.split()) if isinstance(value, str) else ""
    return text if len(text) <= limit else text[: limit - 1] + "…"
