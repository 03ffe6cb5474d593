"""Fills, strokes, corners and effects of a layer as CSS declarations.

Figma draws the last fill on top, CSS the first background. A gradient's handles are in units of the
box, so that its angle depends on the box's shape:
https://developers.figma.com/docs/rest-api/file-property-types/
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from service.pipelines.spec.elements import Declaration
from service.review.tree import Box, Node, child, children, number, text

_BLENDS = {
    "MULTIPLY", "SCREEN", "OVERLAY", "DARKEN", "LIGHTEN", "COLOR_DODGE", "COLOR_BURN", "HARD_LIGHT",
    "SOFT_LIGHT", "DIFFERENCE", "EXCLUSION", "HUE", "SATURATION", "COLOR", "LUMINOSITY",
}  # fmt: skip
_SIDES = ("top", "right", "bottom", "left")
# What no CSS background can draw: these layers are exported as pictures.
UNDRAWABLE = {"GRADIENT_DIAMOND", "VIDEO", "PATTERN", "NOISE"}


def px(value: float) -> str:
    """A length to a hundredth of a pixel, without needless digits."""
    return f"{round(value, 2) + 0.0:g}px" if abs(value) < 1e5 else f"{round(value)}px"


def colour(paint: Node, extra: float = 1.0) -> str:
    """``#rrggbb``, or ``#rrggbbaa`` if something shines through."""
    raw = child(paint, "color")
    parts = [_byte(number(raw, each)) for each in ("r", "g", "b")]
    alpha = number(raw, "a", 1.0) * number(paint, "opacity", 1.0) * extra
    if alpha < 0.999:
        parts.append(_byte(alpha))
    return "#" + "".join(f"{each:02x}" for each in parts)


def _byte(share: float) -> int:
    return round(min(1.0, max(0.0, share)) * 255)


def visible_paints(node: Node, key: str = "fills") -> list[Node]:
    """The paints that are seen, the lowest first."""
    return [
        each
        for each in children(node, key)
        if each.get("visible") is not False and number(each, "opacity", 1.0) > 0
    ]


def bound(node: Node, *keys: str) -> str:
    """The style or variable that a property is bound to: "S:id" or "V:id", "" for neither.

    ``keys``: names in ``styles`` (fill, stroke …) or in ``boundVariables`` (fills, itemSpacing …).
    """
    variables, styles = child(node, "boundVariables"), child(node, "styles")
    for key in keys:
        alias = variables.get(key)
        if isinstance(alias, list):
            alias = alias[0] if alias else None
        if identifier := text(alias, "id"):
            return f"V:{identifier}"
    for key in keys:
        if identifier := text(styles, key):
            return f"S:{identifier}"
    return ""


def paint_origin(node: Node, paint: Node, key: str) -> str:
    """What a paint is bound to: its own variable, or the style of the whole property."""
    return (
        bound(paint, "color")
        or bound(node, f"{key}s")
        or bound({"styles": node.get("styles")}, key, f"{key}s")
    )


def backgrounds(node: Node, box: Box) -> Iterator[Declaration]:
    """The fills as one background. Images are elements of their own, and not here."""
    paints = [each for each in visible_paints(node) if text(each, "type") != "IMAGE"]
    if len(paints) > 1 and (mixed := _mixed(paints)):
        yield Declaration("background-color", mixed)
        return
    layers: list[str] = []
    blends: list[str] = []
    for position, paint in enumerate(paints):
        kind = text(paint, "type")
        if kind == "SOLID":
            shade = colour(paint)
            if position == 0:
                yield Declaration(
                    "background-color", shade, origin=paint_origin(node, paint, "fill")
                )
                continue
            layers.insert(0, f"linear-gradient({shade}, {shade})")
        elif gradient := css_gradient(paint, box):
            layers.insert(0, gradient)
        else:
            continue
        blends.insert(0, blend(paint) or "normal")
    if layers:
        origin = bound({"styles": node.get("styles")}, "fill", "fills") if layers[:1] else ""
        yield Declaration("background-image", ", ".join(layers), origin=origin)
        if set(blends) != {"normal"}:
            yield Declaration("background-blend-mode", ", ".join(blends))


def _mixed(paints: list[Node]) -> str:
    """Plain colours on top of each other as the one that they make; "" where one is no plain
    colour."""
    if any(text(each, "type") != "SOLID" or blend(each) for each in paints):
        return ""
    red, green, blue, cover = 0.0, 0.0, 0.0, 0.0
    for each in paints:
        raw = child(each, "color")
        alpha = number(raw, "a", 1.0) * number(each, "opacity", 1.0)
        total = alpha + cover * (1 - alpha)
        if total <= 0:
            continue
        red, green, blue = (
            (number(raw, key) * alpha + old * cover * (1 - alpha)) / total
            for key, old in (("r", red), ("g", green), ("b", blue))
        )
        cover = total
    return colour({"color": {"r": red, "g": green, "b": blue, "a": cover}})


def blend(node: Node) -> str:
    """CSS's name of a blend mode; "" for the usual one."""
    mode = text(node, "blendMode")
    return mode.lower().replace("_", "-") if mode in _BLENDS else ""


def css_gradient(paint: Node, box: Box) -> str:
    """A gradient as CSS; "" for one that CSS has no equal of."""
    kind = text(paint, "type")
    handles = [
        (number(each, "x") * box.width, number(each, "y") * box.height)
        for each in children(paint, "gradientHandlePositions")
    ]
    stops = [
        (number(each, "position"), colour({**each, "opacity": number(paint, "opacity", 1.0)}))
        for each in children(paint, "gradientStops")
    ]
    if len(handles) < 2 or not stops or box.width <= 0 or box.height <= 0:
        return ""
    if kind == "GRADIENT_LINEAR":
        return _linear(handles, stops, box)
    if kind == "GRADIENT_RADIAL":
        return _radial(handles, stops, box)
    if kind == "GRADIENT_ANGULAR":
        return _conic(handles, stops, box)
    return ""


Stops = list[tuple[float, str]]
Handles = list[tuple[float, float]]


def _linear(handles: Handles, stops: Stops, box: Box) -> str:
    """Colours run at right angles to the line from the first to the third handle, in px."""
    (x0, y0), (x1, y1) = handles[:2]
    across, down = x1 - x0, y1 - y0
    if len(handles) > 2:
        side_x, side_y = handles[2][0] - x0, handles[2][1] - y0
        turned = (side_y, -side_x) if side_y * across - side_x * down > 0 else (-side_y, side_x)
        if math.hypot(*turned) > 0.01 and abs(turned[0] * across + turned[1] * down) > 0.01:
            across, down = turned
    length = math.hypot(across, down)
    if length < 0.01:
        return ""
    across, down = across / length, down / length
    # CSS's gradient line reaches from corner to corner.
    reach = abs(box.width * across) + abs(box.height * down)

    def along(x: float, y: float) -> float:
        return ((x - box.width / 2) * across + (y - box.height / 2) * down) / reach + 0.5

    first, last = along(x0, y0), along(x1, y1)
    angle = math.degrees(math.atan2(across, -down)) % 360
    listed = ", ".join(f"{shade} {_percent(first + at * (last - first))}" for at, shade in stops)
    return f"linear-gradient({round(angle, 1):g}deg, {listed})"


def _radial(handles: Handles, stops: Stops, box: Box) -> str:
    (x0, y0), first = handles[0], handles[1]
    second = handles[2] if len(handles) > 2 else (x0, y0 + math.dist(handles[0], first))
    wide, high = math.dist((x0, y0), first), math.dist((x0, y0), second)
    if abs(first[0] - x0) < abs(first[1] - y0):
        wide, high = high, wide
    if min(wide, high) < 0.01:
        return ""
    size = f"{_percent(wide / box.width)} {_percent(high / box.height)}"
    place = f"{_percent(x0 / box.width)} {_percent(y0 / box.height)}"
    return f"radial-gradient({size} at {place}, {_listed(stops)})"


def _conic(handles: Handles, stops: Stops, box: Box) -> str:
    (x0, y0), (x1, y1) = handles[:2]
    angle = math.degrees(math.atan2(x1 - x0, -(y1 - y0))) % 360
    place = f"{_percent(x0 / box.width)} {_percent(y0 / box.height)}"
    # Figma goes on to the first colour after the last stop; CSS stays with the last.
    if stops[-1][0] < 1:
        stops = [*stops, (1.0, stops[0][1])]
    return f"conic-gradient(from {round(angle, 1):g}deg at {place}, {_listed(stops)})"


def _listed(stops: Stops) -> str:
    return ", ".join(f"{shade} {_percent(at)}" for at, shade in stops)


def _percent(share: float) -> str:
    return f"{round(share * 100, 1) + 0.0:g}%"


@dataclass(frozen=True)
class Edges:
    """What surrounds a box, in px, clockwise from the top."""

    top: float = 0.0
    right: float = 0.0
    bottom: float = 0.0
    left: float = 0.0

    def __iter__(self) -> Iterator[float]:
        return iter((self.top, self.right, self.bottom, self.left))


def strokes(node: Node, padding: Edges | None) -> tuple[list[Declaration], Edges]:
    """The stroke, and how much room its border takes inside the box.

    A stroke takes no room in Figma, and a CSS border does: it is taken off the padding, and where
    the padding is too narrow, an outline is drawn inwards. ``padding`` None: nothing is laid out in
    the box.
    """
    paints, weight = visible_paints(node, "strokes"), number(node, "strokeWeight")
    sides = _weights(node, weight)
    if not paints or not any(sides):
        return [], Edges()
    paint = paints[-1]
    if text(paint, "type") == "SOLID":
        shade = colour(paint)
    else:
        stops = children(paint, "gradientStops")
        shade = colour(stops[0]) if stops else "#000000"
    origin = paint_origin(node, paint, "stroke")
    dashed = isinstance(node.get("strokeDashes"), list) and bool(node["strokeDashes"])
    is_same = len({*sides}) == 1
    align = text(node, "strokeAlign") or "INSIDE"
    takes_room = node.get("strokesIncludedInLayout") is True
    fits = padding is None or all(
        room + 0.01 >= side for room, side in zip(padding, sides, strict=True)
    )
    if is_same and (align != "INSIDE" or not (fits or takes_room)):
        offset = {"OUTSIDE": 0.0, "CENTER": -weight / 2}.get(align, -weight)
        found = [
            Declaration("outline-width", px(weight)),
            Declaration("outline-style", "dashed" if dashed else "solid"),
            Declaration("outline-color", shade, origin=origin),
            Declaration("outline-offset", px(math.ceil(offset) if align == "CENTER" else offset)),
        ]
        return found, Edges()
    if not fits and not takes_room:
        # Shadows inwards take no room either, and each side can have its own.
        reach = {"top": (0, 1), "right": (-1, 0), "bottom": (0, -1), "left": (1, 0)}
        edges = [
            f"inset {px(reach[side][0] * wide)} {px(reach[side][1] * wide)} {px(0)} {shade}"
            for side, wide in zip(_SIDES, sides, strict=True)
            if wide
        ]
        return [Declaration("box-shadow", ", ".join(edges))], Edges()
    found = [
        Declaration(f"border-{side}-width", px(wide))
        for side, wide in zip(_SIDES, sides, strict=True)
        if wide
    ]
    found += [
        Declaration("border-style", "dashed" if dashed else "solid"),
        Declaration("border-color", shade, origin=origin),
    ]
    return found, Edges() if takes_room else Edges(*sides)


def _weights(node: Node, weight: float) -> list[float]:
    single = child(node, "individualStrokeWeights")
    if single:
        return [max(0.0, number(single, side)) for side in _SIDES]
    return [max(0.0, weight)] * 4


def corners(node: Node, box: Box) -> Iterator[Declaration]:
    """Round corners, clockwise from the left upper one. An ellipse is round all over."""
    names = ("top-left", "top-right", "bottom-right", "bottom-left")
    if text(node, "type") == "ELLIPSE":
        yield Declaration("border-radius", "9999px" if box.width == box.height else "50%")
        return
    raw = node.get("rectangleCornerRadii")
    radii = [max(0.0, number(node, "cornerRadius"))] * 4
    if isinstance(raw, list) and len(raw) == 4:
        radii = [max(0.0, number(dict(enumerate(raw)), at)) for at in range(4)]  # type: ignore[arg-type]
    round_at = min(box.width, box.height) / 2
    # More than half of the box is a pill, whatever its size becomes.
    values = ["9999px" if each >= round_at > 0 else px(each) for each in radii]
    if len({*values}) == 1:
        if radii[0]:
            origin = bound(node, "cornerRadius", "topLeftRadius", "rectangleCornerRadii")
            yield Declaration("border-radius", values[0], origin=origin)
        return
    for name, value, radius in zip(names, values, radii, strict=True):
        if radius:
            yield Declaration(f"border-{name}-radius", value)


def effects(node: Node) -> Iterator[Declaration]:
    """Shadows as one list, the first on top as in Figma's last, and blurs with half of Figma's
    radius."""
    shown = [each for each in children(node, "effects") if each.get("visible") is not False]
    is_text = text(node, "type") == "TEXT"
    shadows = [_shadow(each, is_text) for each in reversed(shown) if "SHADOW" in text(each, "type")]
    origin = bound({"styles": node.get("styles")}, "effect") or bound(node, "effects")
    if shadows:
        name = "text-shadow" if is_text else "box-shadow"
        yield Declaration(name, ", ".join(shadows), origin=origin)
    for each in shown:
        radius = number(each, "radius") / 2
        if text(each, "type") == "LAYER_BLUR" and radius > 0:
            yield Declaration("filter", f"blur({px(radius)})")
        elif text(each, "type") == "BACKGROUND_BLUR" and radius > 0:
            yield Declaration("backdrop-filter", f"blur({px(radius)})")


def _shadow(effect: Node, is_text: bool) -> str:
    offset = child(effect, "offset")
    parts = [px(number(offset, "x")), px(number(offset, "y")), px(number(effect, "radius"))]
    if number(effect, "spread") and not is_text:
        parts.append(px(number(effect, "spread")))
    inset = ["inset"] if text(effect, "type") == "INNER_SHADOW" and not is_text else []
    return " ".join([*inset, *parts, colour(effect)])


def fading(node: Node) -> Iterator[Declaration]:
    """Opacity and blend mode of the layer as a whole."""
    opacity = number(node, "opacity", 1.0)
    if opacity < 0.999:
        yield Declaration("opacity", f"{round(max(0.0, opacity), 2):g}")
    if mode := blend(node):
        yield Declaration("mix-blend-mode", mode)
