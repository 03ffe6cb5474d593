"""Short builders for Figma nodes: each returns a node with all required fields of its type.

Coordinates are absolute, in pixels. Field list: https://developers.figma.com/docs/rest-api/file-node-types/
"""

from typing import Any

Json = dict[str, Any]


def color(hex_color: str) -> Json:
    """``#rrggbb`` as Figma's ``{r, g, b, a}`` with channels from 0 to 1."""
    red, green, blue = (int(hex_color[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return {"r": red, "g": green, "b": blue, "a": 1.0}


def solid(hex_color: str) -> Json:
    return {"type": "SOLID", "blendMode": "NORMAL", "color": color(hex_color)}


def layer(
    kind: str, id: str, name: str, box: tuple[float, ...], fill: str | None, **more: Any
) -> Json:
    x, y, width, height = box
    bounds = {"x": x, "y": y, "width": width, "height": height}
    return {
        "id": id,
        "name": name,
        "type": kind,
        "scrollBehavior": "SCROLLS",
        "blendMode": "PASS_THROUGH",
        "absoluteBoundingBox": bounds,
        "absoluteRenderBounds": bounds,
        "constraints": {"vertical": "TOP", "horizontal": "LEFT"},
        "fills": [solid(fill)] if fill else [],
        "strokes": [],
        "strokeWeight": 1.0,
        "strokeAlign": "INSIDE",
        "effects": [],
        **more,
    }


def stroke(hex_color: str, weight: float = 1.0) -> Json:
    return {"strokes": [solid(hex_color)], "strokeWeight": weight}


def frame(
    id: str,
    name: str,
    box: tuple[float, ...],
    *children: Json,
    fill: str | None = None,
    **more: Any,
) -> Json:
    """A FRAME; ``kind`` makes it a GROUP, COMPONENT, COMPONENT_SET or INSTANCE."""
    kind = more.pop("kind", "FRAME")
    return layer(kind, id, name, box, fill, clipsContent=kind == "FRAME", **more) | {
        "children": list(children)
    }


def stack(direction: str, gap: float, *padding: float) -> Json:
    """Auto layout: padding is left, right, top, bottom."""
    sides = dict(zip(("Left", "Right", "Top", "Bottom"), padding, strict=True))
    return {
        "layoutMode": direction,
        "itemSpacing": gap,
        **{f"padding{side}": value for side, value in sides.items()},
        "primaryAxisAlignItems": "MIN",
        "counterAxisAlignItems": "MIN",
    }


def instance(
    id: str, name: str, box: tuple[float, ...], component: str, *children: Json, **more: Any
) -> Json:
    return frame(
        id, name, box, *children, kind="INSTANCE", componentId=component, overrides=[], **more
    )


def text(
    id: str, characters: str, box: tuple[float, ...], size: float, fill: str, weight: int = 400,
    align: str = "LEFT", **more: Any,
) -> Json:  # fmt: skip
    """A TEXT node, named after its text; line height is 1.4 times the size unless given."""
    line_height = more.pop("line_height", round(size * 1.4, 2))
    style = {
        "fontFamily": "Inter",
        "fontPostScriptName": "Inter-Bold" if weight >= 600 else "Inter-Regular",
        "fontWeight": weight,
        "fontSize": size,
        "lineHeightPx": line_height,
        "lineHeightUnit": "PIXELS",
        "letterSpacing": 0.0,
        "textAlignHorizontal": align,
        "textAlignVertical": "TOP",
    }
    return layer(
        "TEXT", id, more.pop("name", characters.split("\n")[0][:40]), box, fill,
        characters=characters, style=style, characterStyleOverrides=[], styleOverrideTable={},
        lineTypes=["NONE"] * (characters.count("\n") + 1),
        lineIndentations=[0] * (characters.count("\n") + 1), **more,
    )  # fmt: skip


def box(
    id: str, name: str, bounds: tuple[float, ...], fill: str, radius: float = 0, **more: Any
) -> Json:
    return layer("RECTANGLE", id, name, bounds, fill, cornerRadius=radius, **more)


def ellipse(id: str, name: str, bounds: tuple[float, ...], fill: str, **more: Any) -> Json:
    arc = {"startingAngle": 0.0, "endingAngle": 6.2831854820251465, "innerRadius": 0.0}
    return layer("ELLIPSE", id, name, bounds, fill, arcData=arc, **more)


def sticky(id: str, characters: str, bounds: tuple[float, ...], fill: str) -> Json:
    """A FigJam note."""
    return layer("STICKY", id, "Sticky", bounds, fill, characters=characters, authorVisible=True)


def page(id: str, name: str, *children: Json, background: str = "#f5f5f5") -> Json:
    return {
        "id": id,
        "name": name,
        "type": "CANVAS",
        "scrollBehavior": "SCROLLS",
        "children": list(children),
        "backgroundColor": color(background),
        "prototypeStartNodeID": None,
        "flowStartingPoints": [],
        "prototypeDevice": {"type": "NONE", "rotation": "NONE"},
    }


def document(*pages: Json) -> Json:
    return {
        "id": "0:0",
        "name": "Document",
        "type": "DOCUMENT",
        "scrollBehavior": "SCROLLS",
        "children": list(pages),
    }


def component(key: str, name: str, description: str = "") -> Json:
    """The entry of a component in a response's ``components``."""
    return {
        "key": key,
        "name": name,
        "description": description,
        "remote": False,
        "documentationLinks": [],
    }


def style(key: str, name: str, kind: str) -> Json:
    """The entry of a style in a response's ``styles``; ``kind`` is FILL, TEXT, EFFECT or GRID."""
    return {"key": key, "name": name, "description": "", "remote": False, "styleType": kind}
