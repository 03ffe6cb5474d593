"""Where an element stands in its parent, and how large it is there.

Fixed widths give way when the screen is narrow: a width is never more than the parent's, and what
is wide may shrink.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from service.pipelines.spec.elements import Declaration
from service.pipelines.spec.lettering import hugs_height, hugs_width
from service.pipelines.spec.paints import Edges, bound, px
from service.review.tree import Box, Node, box_of, child, children, number, text

# Icons, avatars and the like keep their size, in px.
SMALL = 96
# The narrowest screen that is promised, in px.
NARROW = 360
_SIZES = {"FIXED", "HUG", "FILL"}
_SCREENS = ((1000, 10**6, 0), (744, 834, 640), (320, 430, 560))


@dataclass(frozen=True)
class Spot:
    """The place that a parent gives. ``mode``: root, row, column, grid, stack or absolute.

    ``area``: the parent's inside, on the canvas. ``stretch``: fills the parent's other axis.
    ``crowded``: the parent's children do not fit into it, and must not be squeezed. ``clipped``:
    the parent cuts off what reaches out of it. ``hugs``: the parent is as wide as its children.
    """

    mode: str
    area: Box
    extra: tuple[Declaration, ...] = ()
    stretch: bool = False
    grow: bool = False
    crowded: bool = False
    clipped: bool = False
    hugs: bool = False


def angle_of(node: Node) -> float:
    """How far a layer is turned, in CSS's degrees (clockwise).

    The matrix says it without doubt; ``rotation`` is in radians and counter-clockwise.
    """
    matrix = node.get("relativeTransform")
    try:
        degrees = math.degrees(math.atan2(float(matrix[1][0]), float(matrix[0][0])))  # type: ignore[index]
    except (TypeError, ValueError, IndexError, KeyError, OverflowError):
        degrees = -math.degrees(number(node, "rotation"))
    if not math.isfinite(degrees) or abs(degrees) < 0.05:
        return 0.0
    return round((degrees + 180) % 360 - 180, 1) + 0.0


def size_of(node: Node, box: Box) -> tuple[float, float]:
    """Width and height before the layer was turned.

    At 45° the box does not tell: any size with the same sum has it. The squarest is taken.
    """
    turned = math.radians(angle_of(node))
    across, down = abs(math.cos(turned)), abs(math.sin(turned))
    if down < 0.001:
        return box.width, box.height
    own = child(node, "size")
    if number(own, "x") > 0 or number(own, "y") > 0:
        return max(0.0, number(own, "x")), max(0.0, number(own, "y"))
    if across < 0.001:
        return box.height, box.width
    difference = across**2 - down**2
    if abs(difference) < 0.05:
        side = (box.width + box.height) / 2 / (across + down)
        return side, side
    return (
        max(0.0, (box.width * across - box.height * down) / difference),
        max(0.0, (box.height * across - box.width * down) / difference),
    )


def sizing(node: Node, axis: str, parent: Node | None) -> str:
    """FIXED, HUG or FILL on "x" or "y". Older layers say it with ``layoutGrow`` and
    ``layoutAlign``."""
    said = text(node, "layoutSizingHorizontal" if axis == "x" else "layoutSizingVertical")
    if text(node, "type") == "TEXT" and said in ("", "FIXED", "HUG"):
        hugs = hugs_width(node) if axis == "x" else hugs_height(node)
        if hugs:
            return "HUG" if said != "FIXED" or axis == "y" else "FIXED"
    if said in _SIZES:
        return said
    direction = text(parent, "layoutMode") if parent else ""
    if direction in ("HORIZONTAL", "VERTICAL"):
        is_main = (direction == "HORIZONTAL") == (axis == "x")
        if is_main and number(node, "layoutGrow") == 1:
            return "FILL"
        if not is_main and text(node, "layoutAlign") == "STRETCH":
            return "FILL"
    own = text(node, "layoutMode")
    if own in ("HORIZONTAL", "VERTICAL"):
        is_main = (own == "HORIZONTAL") == (axis == "x")
        key = "primaryAxisSizingMode" if is_main else "counterAxisSizingMode"
        # Absent is AUTO, and AUTO hugs.
        return "FIXED" if text(node, key) == "FIXED" else "HUG"
    return "FIXED"


def straightened(node: Node, box: Box, angle: float) -> Node:
    """A turned layer with its children's boxes as they were before it was turned."""
    back = math.radians(-angle)
    cos, sin = math.cos(back), math.sin(back)
    middle_x, middle_y = box.centre

    def turned_back(each: Node) -> Node:
        seen = box_of(each)
        if seen is None:
            return each
        x, y = seen.centre
        across, down = x - middle_x, y - middle_y
        centre = (middle_x + across * cos - down * sin, middle_y + across * sin + down * cos)
        # What the box is round: the layer turned by its own angle and by its parent's.
        width, height = size_of(
            {"rotation": -math.radians(angle_of(each) + angle), "size": each.get("size")}, seen
        )
        own = math.radians(angle_of(each))
        wide = width * abs(math.cos(own)) + height * abs(math.sin(own))
        high = width * abs(math.sin(own)) + height * abs(math.cos(own))
        upright = {
            "x": centre[0] - wide / 2,
            "y": centre[1] - high / 2,
            "width": wide,
            "height": high,
        }
        inner = [turned_back(part) for part in children(each)] if children(each) else []
        first = each.get("_seen") or {
            "x": seen.x,
            "y": seen.y,
            "width": seen.width,
            "height": seen.height,
        }
        return {**each, "absoluteBoundingBox": upright, "_seen": first, "children": inner}

    return {**node, "children": [turned_back(each) for each in children(node)]}


def is_screen(node: Node, box: Box) -> bool:
    """Whether a root is a whole screen, which is as wide as the window, and not a part of one."""
    if text(node, "type") not in ("FRAME", "SECTION"):
        return False
    return any(low <= box.width <= high and box.height >= tall for low, high, tall in _SCREENS)


def placed(
    node: Node, spot: Spot, box: Box, parent: Node | None, holds: bool
) -> Iterator[Declaration]:
    """Position and size. ``holds``: it has children in its flow, and must grow with them."""
    width, height = size_of(node, box)
    put = list(spot.extra)
    yield from put
    if spot.mode == "root":
        yield from _root(node, box, holds)
        return
    if spot.mode == "absolute":
        yield from _absolute(node, spot.area, box)
    elif spot.mode == "stack":
        stacked = list(_stacked(node, spot.area, box))
        yield from stacked
        put += stacked
    wide = _horizontal(node, parent, spot)
    high = sizing(node, "y", parent)
    if spot.mode == "absolute" and text(child(node, "constraints"), "vertical") == "TOP_BOTTOM":
        high = "NONE"
    if wide == "FIXED" and width > 0:
        yield from _fixed_width(node, spot, box, width)
    elif wide == "FILL":
        if spot.mode == "row":
            yield Declaration("flex", "1 1 0%")
            yield Declaration("min-width", "0px")
        elif spot.mode in ("column", "grid"):
            name = "align-self" if spot.mode == "column" else "justify-self"
            yield Declaration(name, "stretch")
    if high == "FIXED" and height > 0:
        grows = (holds and not is_cut(node, box)) or text(node, "type") == "TEXT"
        name = "min-height" if grows else "height"
        yield Declaration(name, px(height), origin=bound(node, "height"))
        if spot.mode == "column" and not grows:
            yield Declaration("flex-shrink", "0")
    elif high == "FILL":
        if spot.mode == "column":
            yield Declaration("flex", "1 1 0%")
        elif spot.mode in ("row", "grid", "stack"):
            yield Declaration("align-self", "stretch")
    yield from _limits(node)
    if angle := angle_of(node):
        yield Declaration("rotate", f"{angle:g}deg")
        if spot.mode != "absolute":
            # In Figma the box round the turned layer takes the room, in CSS the layer before it.
            yield from turned_margins(put, box, width, height)


def turned_margins(
    put: Sequence[Declaration], box: Box, width: float, height: float
) -> Iterator[Declaration]:
    """Added to the margins that its place, ``put``, has already."""
    for sides, by in (
        (("left", "right"), (box.width - width) / 2),
        (("top", "bottom"), (box.height - height) / 2),
    ):
        for side in sides:
            usual = next((each.value for each in put if each.property == f"margin-{side}"), "0px")
            if usual != "auto" and abs(by) >= 0.25:
                yield Declaration(f"margin-{side}", px(float(usual.removesuffix("px")) + by))


def _horizontal(node: Node, parent: Node | None, spot: Spot) -> str:
    wide = sizing(node, "x", parent)
    if spot.stretch and spot.mode == "column":
        return "FILL"
    if spot.grow and spot.mode == "row":
        return "FILL"
    if spot.mode in ("absolute", "stack") and wide == "FIXED":
        side = text(child(node, "constraints"), "horizontal")
        return "NONE" if side == "LEFT_RIGHT" and not angle_of(node) else wide
    return wide


def _fixed_width(node: Node, spot: Spot, box: Box, width: float) -> Iterator[Declaration]:
    share = spot.mode in ("absolute", "stack") and is_shared(node, spot.area, box)
    if share:
        yield Declaration("width", fraction(width, spot.area.width))
        return
    moved = any(each.property == "margin-left" for each in spot.extra)
    if spot.mode == "column" and moved and not angle_of(node) and not spot.clipped:
        # A width in per cent knows nothing of margins; what is stretched does.
        yield Declaration("align-self", "stretch")
        yield Declaration("max-width", px(width))
        return
    yield Declaration("width", px(width), origin=bound(node, "width"))
    if spot.crowded or (width <= SMALL and spot.mode == "row"):
        yield Declaration("flex-shrink", "0")
    elif spot.mode == "row":
        yield Declaration("min-width", "0px")
    elif width > SMALL and not (spot.clipped and width > spot.area.width + 1):
        yield Declaration("max-width", "100%")


def _root(node: Node, box: Box, holds: bool) -> Iterator[Declaration]:
    if sizing(node, "x", None) == "HUG" and text(node, "type") != "TEXT":
        yield Declaration("width", "fit-content")
        yield Declaration("max-width", "100%")
    else:
        yield Declaration("width", "100%")
        if not is_screen(node, box) and box.width > 0:
            yield Declaration("max-width", px(box.width))
    if sizing(node, "y", None) != "HUG" and box.height > 0:
        grows = holds and not is_cut(node, box)
        yield Declaration("min-height" if grows else "height", px(box.height))
    yield Declaration("overflow-wrap", "anywhere")
    if angle := angle_of(node):
        yield Declaration("rotate", f"{angle:g}deg")


def _limits(node: Node) -> Iterator[Declaration]:
    for name in ("min-width", "max-width", "min-height", "max-height"):
        key = name[:3] + name[4:].capitalize()
        value = number(node, key)
        if value > 0:
            yield Declaration(name, px(value), origin=bound(node, key))


def is_shared(node: Node, area: Box, box: Box) -> bool:
    """Whether a place is told in parts of the parent: by SCALE, or as it would leave a narrow
    screen."""
    side = text(child(node, "constraints"), "horizontal")
    if area.width <= 0:
        return False
    if side == "SCALE":
        return True
    if side in ("RIGHT", "CENTER", "LEFT_RIGHT"):
        return False
    return area.width > NARROW and box.x + box.width - area.x > NARROW - 32


def fraction(part: float, whole: float) -> str:
    """A share as ``calc`` of two whole numbers of px, so that it is exact at the designed width."""
    return f"{round(part)}/{max(1, round(whole))}"


def _absolute(node: Node, area: Box, box: Box) -> Iterator[Declaration]:
    width, height = size_of(node, box)
    # A turned layer is placed by its own sides, which its box surrounds.
    x = box.x - area.x + (box.width - width) / 2
    y = box.y - area.y + (box.height - height) / 2
    right, bottom = area.width - x - width, area.height - y - height
    rules = child(node, "constraints")
    yield Declaration("position", "absolute")
    side = text(rules, "horizontal")
    if is_shared(node, area, box):
        yield Declaration("left", fraction(x, area.width))
    elif side == "RIGHT":
        yield Declaration("right", px(right))
    elif side == "LEFT_RIGHT":
        yield Declaration("left", px(x))
        yield Declaration("right", px(right))
    elif side == "CENTER":
        yield Declaration("left", "1/2")
        yield Declaration("translate-x", "-50%")
        off = x + width / 2 - area.width / 2
        if abs(off) >= 0.5:
            yield Declaration("margin-left", px(off))
    else:
        yield Declaration("left", px(x))
    side = text(rules, "vertical")
    if side == "BOTTOM":
        yield Declaration("bottom", px(bottom))
    elif side == "TOP_BOTTOM":
        yield Declaration("top", px(y))
        yield Declaration("bottom", px(bottom))
    elif side == "CENTER":
        yield Declaration("top", "1/2")
        yield Declaration("translate-y", "-50%")
        off = y + height / 2 - area.height / 2
        if abs(off) >= 0.5:
            yield Declaration("margin-top", px(off))
    elif side == "SCALE" and area.height > 0:
        yield Declaration("top", fraction(y, area.height))
    else:
        yield Declaration("top", px(y))


def _stacked(node: Node, area: Box, box: Box) -> Iterator[Declaration]:
    """One of several in the same grid cell: no absolute place, so that the parent grows with it."""
    x, y = box.x - area.x, box.y - area.y
    right, bottom = area.width - x - box.width, area.height - y - box.height
    rules = child(node, "constraints")
    yield Declaration("grid-column-start", "1")
    yield Declaration("grid-row-start", "1")
    side = text(rules, "horizontal")
    if is_shared(node, area, box):
        yield Declaration("justify-self", "start")
        if abs(x) >= 0.5:
            yield Declaration("position", "relative")
            yield Declaration("left", fraction(x, area.width))
    elif side == "RIGHT":
        yield Declaration("justify-self", "end")
        yield from margin("right", right)
    elif side == "CENTER":
        yield Declaration("justify-self", "center")
        yield from _moved("left", x + box.width / 2 - area.width / 2)
    elif side == "LEFT_RIGHT":
        yield Declaration("justify-self", "stretch")
        yield from margin("left", x)
        yield from margin("right", right)
    else:
        yield Declaration("justify-self", "start")
        yield from margin("left", x)
    side = text(rules, "vertical")
    if side == "BOTTOM":
        yield Declaration("align-self", "end")
        yield from margin("bottom", bottom)
    elif side == "CENTER":
        yield Declaration("align-self", "center")
        yield from _moved("top", y + box.height / 2 - area.height / 2)
    else:
        yield Declaration("align-self", "start")
        yield from margin("top", y)
        # What reaches out of the parent does not make it higher.
        yield from margin("bottom", min(0.0, bottom))


def _moved(side: str, by: float) -> Iterator[Declaration]:
    """Moved without taking more room."""
    if abs(by) >= 0.5:
        yield Declaration("position", "relative")
        yield Declaration(side, px(by))


def margin(side: str, value: float) -> Iterator[Declaration]:
    if abs(value) >= 0.25:
        yield Declaration(f"margin-{side}", px(value))


def padding_of(node: Node) -> Edges:
    """The padding of a layer with auto layout."""
    return Edges(
        *(max(0.0, number(node, f"padding{side}")) for side in ("Top", "Right", "Bottom", "Left"))
    )


def padding(
    edges: Edges, origins: tuple[str, str, str, str] = ("", "", "", "")
) -> Iterator[Declaration]:
    for side, value, origin in zip(("top", "right", "bottom", "left"), edges, origins, strict=True):
        if value >= 0.25:
            yield Declaration(f"padding-{side}", px(value), origin=origin)


def box_or_size(node: Node) -> Box | None:
    """The layer's box; for one that Figma gives no box, its size at the canvas' corner."""
    box = box_of(node)
    if box is None and (size := child(node, "size")):
        box = Box(0.0, 0.0, max(0.0, number(size, "x")), max(0.0, number(size, "y")))
    return box


def is_cut(node: Node, box: Box) -> bool:
    """Whether a layer cuts off children that reach out of it, and so keeps its height."""
    return node.get("clipsContent") is True and overflows(node, box)


def overflows(node: Node, box: Box) -> bool:
    """Whether a child reaches out of the layer."""
    return any(
        (inner := box_of(each)) is not None and not box.contains(inner, 1.0)
        for each in children(node)
        if each.get("visible") is not False
    )
