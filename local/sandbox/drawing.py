"""A node tree as a picture: SVG for the page and vector exports, pixels for PNG, JPG and PDF."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup, escape
from PIL import Image, ImageDraw, ImageFont

Json = dict[str, Any]
Box = tuple[float, float, float, float]
# A pin attaches to the nearest of these, never to a single text or rectangle inside.
CONTAINERS = ("FRAME", "COMPONENT", "INSTANCE", "GROUP", "SECTION", "STICKY")
MEDIA = {"png": "image/png", "jpg": "image/jpeg", "pdf": "application/pdf", "svg": "image/svg+xml"}


@dataclass(frozen=True)
class Shape:
    """The painting of one node: box in file coordinates, colours as ``#rrggbb`` or None."""

    kind: str
    box: Box
    fill: str | None
    stroke: str | None
    radius: float
    lines: tuple[str, ...] = ()
    size: float = 0
    line_height: float = 0
    weight: int = 400
    align: str = "LEFT"


def box_of(node: Json) -> Box:
    bounds = node["absoluteBoundingBox"]
    return bounds["x"], bounds["y"], bounds["width"], bounds["height"]


def bounds_of(nodes: list[Json], margin: float = 0) -> Box:
    """The bounding box of several nodes: x, y, width, height."""
    boxes = [box_of(node) for node in nodes]
    left, top = min(b[0] for b in boxes) - margin, min(b[1] for b in boxes) - margin
    right, bottom = max(b[0] + b[2] for b in boxes), max(b[1] + b[3] for b in boxes)
    return left, top, right + margin - left, bottom + margin - top


def shape_of(node: Json) -> Shape:
    style = node.get("style", {})
    lines = tuple(node.get("characters", "").split("\n")) if node.get("characters") else ()
    size = style.get("fontSize", 15)
    return Shape(
        kind="ELLIPSE" if node["type"] == "ELLIPSE" else node["type"],
        box=box_of(node),
        fill=_paint(node.get("fills", [])),
        stroke=_paint(node.get("strokes", [])),
        radius=node.get("cornerRadius", 4 if node["type"] == "STICKY" else 0),
        lines=_wrap(lines, box_of(node)[2] - 32, size) if node["type"] == "STICKY" else lines,
        size=size,
        line_height=style.get("lineHeightPx", 21),
        weight=style.get("fontWeight", 400),
        align=style.get("textAlignHorizontal", "LEFT"),
    )


def _paint(paints: list[Json]) -> str | None:
    for paint in paints:
        if paint["type"] == "SOLID" and paint.get("visible", True):
            return "#" + "".join(f"{round(paint['color'][c] * 255):02x}" for c in "rgb")
    return None


def _wrap(lines: tuple[str, ...], width: float, size: float) -> tuple[str, ...]:
    wrapped: list[str] = []
    for line in lines:
        row = ""
        for word in line.split():
            if row and len(row + word) * size * 0.52 > width:
                wrapped.append(row)
                row = ""
            row = f"{row} {word}".strip()
        wrapped.append(row)
    return tuple(wrapped)


def draw_svg(nodes: list[Json], margin: float = 0) -> Markup:
    """An ``<svg>`` of the nodes; containers are groups with their node id and origin."""
    x, y, width, height = bounds_of(nodes, margin)
    inside = Markup("").join(_svg_node(node) for node in nodes)
    return Markup(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="{} {} {} {}" width="{}" height="{}" '
        'font-family="Inter, system-ui, sans-serif">{}</svg>'
    ).format(x, y, width, height, width, height, inside)


def _svg_node(node: Json) -> Markup:
    if not node.get("visible", True):
        return Markup("")
    shape = shape_of(node)
    inside = Markup("").join(_svg_node(child) for child in node.get("children", ()))
    painted = _svg_shape(shape) + inside
    if node["type"] not in CONTAINERS:
        return painted
    return Markup('<g data-node="{}" data-name="{}" data-x="{}" data-y="{}">{}</g>').format(
        node["id"], node["name"], shape.box[0], shape.box[1], painted
    )


def _svg_shape(shape: Shape) -> Markup:
    x, y, width, height = shape.box
    line = Markup(' stroke="{}"').format(shape.stroke) if shape.stroke else Markup("")
    if shape.kind == "TEXT":
        return _svg_text(shape)
    # A frame without a fill must still receive clicks.
    fill = shape.fill or "transparent"
    if shape.kind == "ELLIPSE":
        radii = (x + width / 2, y + height / 2, width / 2, height / 2)
        return Markup('<ellipse cx="{}" cy="{}" rx="{}" ry="{}" fill="{}"{}/>').format(
            *radii, fill, line
        )
    box = Markup('<rect x="{}" y="{}" width="{}" height="{}" rx="{}" fill="{}"{}/>').format(
        x, y, width, height, shape.radius, fill, line
    )
    return box + (_svg_text(shape) if shape.lines else Markup(""))


def _svg_text(shape: Shape) -> Markup:
    anchor = {"CENTER": "middle", "RIGHT": "end"}.get(shape.align, "start")
    rows = Markup("").join(
        Markup('<tspan x="{}" y="{}">{}</tspan>').format(x, round(y, 2), escape(line))
        for line, x, y in _rows(shape)
    )
    return Markup(
        '<text font-size="{}" font-weight="{}" fill="{}" text-anchor="{}">{}</text>'
    ).format(shape.size, shape.weight, _text_color(shape), anchor, rows)


def _text_color(shape: Shape) -> str:
    return "#1f2937" if shape.kind == "STICKY" else shape.fill or "#000000"


def _rows(shape: Shape) -> Iterator[tuple[str, float, float]]:
    """Each line of text with its anchor and baseline."""
    x, y, width, _ = shape.box
    inset = 16 if shape.kind == "STICKY" else 0
    start = {"CENTER": x + width / 2, "RIGHT": x + width}.get(shape.align, x + inset)
    first = y + inset + (shape.line_height + shape.size * 0.72) / 2
    for number, line in enumerate(shape.lines):
        yield line, start, first + number * shape.line_height


def draw_picture(node: Json, kind: str, scale: float) -> bytes:
    """The node as the bytes of a ``png``, ``jpg``, ``pdf`` or ``svg`` file."""
    if kind == "svg":
        return draw_svg([node]).encode()
    left, top, width, height = box_of(node)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    image = Image.new("RGBA" if kind == "png" else "RGB", size, None if kind == "png" else "white")
    canvas = ImageDraw.Draw(image)
    for shape in _walk(node):
        _paint_shape(canvas, shape, (left, top), scale)
    out = io.BytesIO()
    image.save(out, {"png": "PNG", "jpg": "JPEG", "pdf": "PDF"}[kind])
    return out.getvalue()


def _walk(node: Json) -> Iterator[Shape]:
    if node.get("visible", True):
        yield shape_of(node)
        for child in node.get("children", ()):
            yield from _walk(child)


def _paint_shape(
    canvas: ImageDraw.ImageDraw, shape: Shape, origin: tuple[float, float], scale: float
) -> None:
    x, y = (shape.box[0] - origin[0]) * scale, (shape.box[1] - origin[1]) * scale
    area = (x, y, x + shape.box[2] * scale, y + shape.box[3] * scale)
    if shape.kind == "ELLIPSE":
        canvas.ellipse(area, fill=shape.fill, outline=shape.stroke)
    elif shape.kind != "TEXT" and (shape.fill or shape.stroke):
        canvas.rounded_rectangle(area, shape.radius * scale, shape.fill, shape.stroke)
    anchor = {"CENTER": "ms", "RIGHT": "rs"}.get(shape.align, "ls")
    for line, at_x, at_y in _rows(shape):
        place = ((at_x - origin[0]) * scale, (at_y - origin[1]) * scale)
        font = ImageFont.load_default(max(1, shape.size * scale))
        canvas.text(place, line, fill=_text_color(shape), font=font, anchor=anchor)
