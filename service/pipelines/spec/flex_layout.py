"""Auto layout: rows, columns, wrapped rows and grids, as the designer made them."""

from collections.abc import Iterator

from service.pipelines.spec.elements import Declaration, Element
from service.pipelines.spec.layer_elements import Reading
from service.pipelines.spec.paints import Edges, bound, px
from service.pipelines.spec.placing import Spot, is_cut, padding, padding_of, sizing
from service.review.tree import Box, Node, box_of, number, text

_MAIN = {"CENTER": "center", "MAX": "flex-end", "SPACE_BETWEEN": "space-between"}
_CROSS = {"CENTER": "center", "MAX": "flex-end", "BASELINE": "baseline"}
_GRID_ALIGN = {"CENTER": "center", "MAX": "end", "MIN": "start"}


def auto_layout(
    node: Node, inner: list[Node], own: Box, room: Edges, reading: Reading, depth: int
) -> tuple[list[Declaration], list[Element]]:
    """The declarations of the box, and the elements in it. ``room``: what its border takes."""
    mode = text(node, "layoutMode")
    pads = padding_of(node)
    origins = tuple(bound(node, f"padding{side}") for side in ("Top", "Right", "Bottom", "Left"))
    less = Edges(*(max(0.0, pad - edge) for pad, edge in zip(pads, room, strict=True)))
    found = [*_display(node, mode), *padding(less, origins)]  # type: ignore[arg-type]
    flowing = [each for each in inner if text(each, "layoutPositioning") != "ABSOLUTE"]
    wraps = text(node, "layoutWrap") == "WRAP" and mode == "HORIZONTAL"
    direction = {"HORIZONTAL": "row", "VERTICAL": "column"}.get(mode, "grid")
    gap = number(node, "itemSpacing")
    is_spread = text(node, "primaryAxisAlignItems") == "SPACE_BETWEEN"
    crowded = not wraps and mode == "HORIZONTAL" and _is_crowded(node, flowing, own, pads)
    # Absolute layers are measured from inside the border.
    hole = Box(
        own.x + room.left, own.y + room.top,
        own.width - room.left - room.right, own.height - room.top - room.bottom,
    )  # fmt: skip
    built: list[Element] = []
    position, cuts, hugs = 0, is_cut(node, own), sizing(node, "x", None) == "HUG"
    inside = Box(
        own.x + pads.left,
        own.y + pads.top,
        max(0.0, own.width - pads.left - pads.right),
        max(0.0, own.height - pads.top - pads.bottom),
    )
    for each in inner:
        if text(each, "layoutPositioning") == "ABSOLUTE":
            made = reading.assemble(each, Spot("absolute", hole), node, reading, depth + 1)
            built += [made] if made else []
            continue
        extra: list[Declaration] = []
        if gap < 0 and not is_spread and position > 0 and direction != "grid":
            side = "left" if direction == "row" else "top"
            extra.append(Declaration(f"margin-{side}", px(gap), origin=bound(node, "itemSpacing")))
        if node.get("itemReverseZIndex") is True and gap < 0:
            extra += [
                Declaration("position", "relative"),
                Declaration("z-index", str(len(flowing) - position)),
            ]
        if direction == "grid":
            extra += _cell(each)
        spot = Spot(direction, inside, tuple(extra), crowded=crowded, clipped=cuts, hugs=hugs)
        made = reading.assemble(each, spot, node, reading, depth + 1)
        position += 1
        built += [made] if made else []
    if node.get("itemReverseZIndex") is True and gap < 0:
        found.append(Declaration("isolation", "isolate"))
    return found, built


def _display(node: Node, mode: str) -> Iterator[Declaration]:
    gap, main = number(node, "itemSpacing"), text(node, "primaryAxisAlignItems")
    if mode == "GRID":
        yield from _grid(node)
        return
    is_row = mode == "HORIZONTAL"
    wraps = is_row and text(node, "layoutWrap") == "WRAP"
    yield Declaration("display", "flex")
    if not is_row:
        yield Declaration("flex-direction", "column")
    if wraps:
        yield Declaration("flex-wrap", "wrap")
    # Figma keeps an old number when the items are spread.
    if gap > 0 and main != "SPACE_BETWEEN":
        name = "column-gap" if is_row else "row-gap"
        yield Declaration(name, px(gap), origin=bound(node, "itemSpacing"))
    if wraps:
        if text(node, "counterAxisAlignContent") == "SPACE_BETWEEN":
            yield Declaration("align-content", "space-between")
        elif (across := number(node, "counterAxisSpacing", max(0.0, gap))) > 0:
            yield Declaration("row-gap", px(across), origin=bound(node, "counterAxisSpacing"))
            yield Declaration("align-content", "flex-start")
    if main in _MAIN:
        yield Declaration("justify-content", _MAIN[main])
    yield Declaration("align-items", _CROSS.get(text(node, "counterAxisAlignItems"), "flex-start"))


def _grid(node: Node) -> Iterator[Declaration]:
    columns, rows = number(node, "gridColumnCount"), number(node, "gridRowCount")
    yield Declaration("display", "grid")
    if columns >= 1:
        sizes = text(node, "gridColumnsSizing")
        yield Declaration("grid-template-columns", _tracks(sizes, round(columns)))
    row_sizes = text(node, "gridRowsSizing")
    if rows >= 1 and "px" in row_sizes:
        yield Declaration("grid-template-rows", _tracks(row_sizes, round(rows)))
    for name, key in (("column-gap", "gridColumnGap"), ("row-gap", "gridRowGap")):
        if number(node, key) > 0:
            yield Declaration(name, px(number(node, key)), origin=bound(node, key))
    yield Declaration("align-items", "flex-start")
    yield Declaration("justify-items", "start")


def _tracks(sizes: str, count: int) -> str:
    """``repeat(n, minmax(0, 1fr))``, or the sizes as Figma writes them where they are plain CSS."""
    allowed = set("0123456789.,()prxfminaetco -")
    plain = sizes.strip().lower()
    even = f"repeat({min(count, 48)}, minmax(0, 1fr))"
    if not plain or not set(plain) <= allowed or "px" not in plain:
        return even
    return plain[:200]


def _cell(node: Node) -> Iterator[Declaration]:
    for axis, name in (("Column", "column"), ("Row", "row")):
        anchor, span = number(node, f"grid{axis}AnchorIndex", -1), number(node, f"grid{axis}Span")
        if anchor >= 0:
            yield Declaration(f"grid-{name}-start", str(round(anchor) + 1))
        if span > 1:
            yield Declaration(f"grid-{name}-end", f"span {round(span)}")
    for name, key in (
        ("justify-self", "gridChildHorizontalAlign"),
        ("align-self", "gridChildVerticalAlign"),
    ):
        if side := _GRID_ALIGN.get(text(node, key)):
            yield Declaration(name, side)


def _is_crowded(node: Node, flowing: list[Node], own: Box, pads: Edges) -> bool:
    boxes = [box for each in flowing if (box := box_of(each))]
    if not boxes or sizing(node, "x", None) == "HUG":
        return False
    needed = sum(each.width for each in boxes)
    if text(node, "primaryAxisAlignItems") != "SPACE_BETWEEN":
        needed += number(node, "itemSpacing") * (len(boxes) - 1)
    return needed > own.width - pads.left - pads.right + 1
