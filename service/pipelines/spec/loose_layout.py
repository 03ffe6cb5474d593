"""Layers without auto layout: the rows, columns and stacks that are found in them."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

from service.pipelines.spec.arranging import SAME, Cell, alignment, arrange, evenly
from service.pipelines.spec.drawn_layers import clip_of, is_picture
from service.pipelines.spec.elements import Declaration, Element
from service.pipelines.spec.layer_elements import Reading, plain_element, shown_children
from service.pipelines.spec.lettering import hugs_width
from service.pipelines.spec.paints import Edges, px
from service.pipelines.spec.placing import (
    Spot,
    angle_of,
    box_or_size,
    is_cut,
    margin,
    padding,
)
from service.review.tree import Box, Node, child, children, number, text

# What grows with its parent if it reaches from side to side.
_FLUID = {"FRAME", "INSTANCE", "COMPONENT", "TEXT", "SLOT", "RECTANGLE"}
# More room below is a height, and no padding, in px.
_FOOT = 64


def loose_layout(
    node: Node, inner: list[Node], own: Box, room: Edges, reading: Reading, depth: int
) -> tuple[list[Declaration], list[Element]]:
    """The declarations of the box, and the elements in it. ``room``: what its border takes."""
    cells = [
        Cell("layer", box, each, order=order)
        for order, each in enumerate(_ungrouped(inner, reading))
        if (box := box_or_size(each)) is not None
    ]
    if not cells:
        return [], []
    hole = Box(
        own.x + room.left, own.y + room.top,
        max(0.0, own.width - room.left - room.right), max(0.0, own.height - room.top - room.bottom),
    )  # fmt: skip
    clip = clip_of([each.node for each in cells if each.node is not None])
    if clip is not None:
        cells = _masked(cells, clip)
    return _laid(arrange(cells), hole, reading, depth, is_cut(node, own))


def _ungrouped(inner: list[Node], reading: Reading) -> Iterator[Node]:
    """A group has no place of its own: its layers join the frame round it. One that fades as a
    whole, or is turned, is kept, as its layers would shine through each other."""
    for each in inner:
        is_plain = number(each, "opacity", 1.0) > 0.999 and not angle_of(each)
        plain_group = text(each, "type") == "GROUP" and is_plain and not children(each, "effects")
        has_mask = any(inside.get("isMask") is True for inside in children(each))
        refers = bool(child(each, "componentPropertyReferences"))
        box = box_or_size(each)
        if plain_group and not (has_mask or refers or (box and is_picture(each, box))):
            yield from _ungrouped(shown_children(each, reading), reading)
        else:
            yield each


def _masked(cells: list[Cell], clip: Node) -> list[Cell]:
    """A mask covers the layers after it. They become its children, and it cuts them off."""
    at = next(position for position, each in enumerate(cells) if each.node is clip)
    covered = [each.node for each in cells[at + 1 :] if each.node is not None]
    holder = {**clip, "type": "FRAME", "isMask": False, "fills": [], "children": covered}
    holder["clipsContent"] = True
    if text(clip, "type") == "ELLIPSE":
        holder["cornerRadius"] = 9999
    return [*cells[:at], Cell("layer", cells[at].box, holder, order=cells[at].order)]


def _laid(
    cell: Cell, area: Box, reading: Reading, depth: int, clipped: bool = False
) -> tuple[list[Declaration], list[Element]]:
    """The layout of a box that holds the cells, and the elements in it."""
    if cell.kind == "stack":
        found = [
            Declaration("display", "grid"),
            Declaration("grid-template-columns", "repeat(1, minmax(0, 1fr))"),
        ]
        return found, [
            each
            for part in cell.cells
            if (each := _stacked_cell(part, area, reading, depth, clipped)) is not None
        ]
    cells = list(cell.cells) or [cell]
    return _line_up(Line(cells, area, cell.kind == "row"), reading, depth, clipped)


def _stacked_cell(
    cell: Cell, area: Box, reading: Reading, depth: int, clipped: bool
) -> Element | None:
    if cell.node is not None:
        spot = Spot("stack", area, clipped=clipped)
        return reading.assemble(cell.node, spot, None, reading, depth + 1)
    # What stands on a background is laid out in all of its area.
    found, inner = _laid(cell, area, reading, depth + 1)
    place = [
        Declaration("grid-column-start", "1"),
        Declaration("grid-row-start", "1"),
        *found,
    ]
    return replace(plain_element({}, "box", area, place, reading), children=tuple(inner))


@dataclass(frozen=True)
class Line:
    """Cells beside or below each other in an area: what lies between them and round them, in px."""

    cells: list[Cell]
    area: Box
    is_row: bool

    @cached_property
    def boxes(self) -> list[Box]:
        return [each.box for each in self.cells]

    @cached_property
    def around(self) -> Edges:
        """From the area's sides to the cells; negative where these reach out."""
        area, boxes = self.area, self.boxes
        return Edges(
            min(each.y for each in boxes) - area.y,
            area.x + area.width - max(each.x + each.width for each in boxes),
            area.y + area.height - max(each.y + each.height for each in boxes),
            min(each.x for each in boxes) - area.x,
        )

    @cached_property
    def gaps(self) -> list[float]:
        if self.is_row:
            return [b.x - a.x - a.width for a, b in pairwise(self.boxes)]
        return [b.y - a.y - a.height for a, b in pairwise(self.boxes)]

    @cached_property
    def content(self) -> Box:
        """The area within the padding."""
        top, right, bottom, left = (max(0.0, each) for each in self.around)
        return Box(
            self.area.x + left,
            self.area.y + top,
            max(0.0, self.area.width - left - right),
            max(0.0, self.area.height - top - bottom),
        )

    @cached_property
    def starts_right(self) -> bool:
        """All keep to the right side."""
        return self.is_row and _side(self.cells[0], "horizontal") == "RIGHT"

    @cached_property
    def is_middle(self) -> bool:
        """A lone layer in the middle stays there; a padding would fix it to one side."""
        is_even = abs(self.around.left - self.around.right) <= 2
        return not self.is_row and is_even and _side_of_all(self.cells, "CENTER")

    @cached_property
    def across(self) -> str:
        """How the cells stand across the line: start, center, end, or "" for each on its own."""
        if self.is_middle:
            return "center"
        content = self.content
        low = max(each.y + each.height for each in self.boxes)
        if self.is_row:
            content = Box(content.x, content.y, content.width, low - content.y)
        return alignment(self.boxes, content, self.is_row)

    @cached_property
    def pushed(self) -> list[bool]:
        return [self.is_row and _is_pushed(self.cells, at) for at in range(len(self.cells))]

    @cached_property
    def gap(self) -> float | None:
        """The gap between all that are not pushed away; None if they differ."""
        counted = [gap for gap, far in zip(self.gaps, self.pushed[1:], strict=True) if not far]
        return evenly(counted)

    @cached_property
    def padding(self) -> Edges:
        top, right, bottom, left = (max(0.0, each) for each in self.around)
        if self.is_row:
            keeps = self.starts_right or any(self.pushed)
            # What is centred stands in the middle of what the padding leaves.
            foot = bottom if self.across in ("center", "end") else 0.0
            return Edges(top, right if keeps else 0.0, foot, 0.0 if self.starts_right else left)
        bottom = bottom if bottom <= _FOOT else 0.0
        if self.is_middle:
            return Edges(top, 0.0, bottom, 0.0)
        # Without anything that reaches to the right side, what lies there is room to give way.
        keeps = self.across in ("center", "end") or any(self.stretches(each) for each in self.cells)
        return Edges(top, right if keeps else 0.0, bottom, left)

    def stretches(self, cell: Cell) -> bool:
        """Whether a cell of a column reaches from side to side, and goes on doing so."""
        start, end = cell.box.x, cell.box.x + cell.box.width
        spans = (
            abs(start - self.content.x) <= 1 and abs(end - self.content.x - self.content.width) <= 1
        )
        if self.is_row or not (spans or cell.node is None):
            return False
        if cell.node is None:
            return True
        kind, node = text(cell.node, "type"), cell.node
        if kind == "TEXT" and hugs_width(node):
            return False
        is_fluid = kind in _FLUID or _side(cell, "horizontal") == "LEFT_RIGHT"
        return is_fluid and not angle_of(node)

    def margins(self, at: int) -> Iterator[Declaration]:
        """What holds a cell away from those before it, and from the side."""
        box, before, aside = self.boxes[at], 0.0, 0.0
        low_x, low_y = min(b.x for b in self.boxes), min(b.y for b in self.boxes)
        # There is no padding for what reaches out of the box, to the left or above.
        out_x, out_y = min(0.0, self.around.left), min(0.0, self.around.top)
        if not at:
            before = out_x if self.is_row else out_y
        elif self.gap is None:
            before = self.gaps[at - 1]
        if self.across in ("", "start"):
            aside = out_y if self.is_row else out_x
        if not self.across:
            aside += box.y - low_y if self.is_row else box.x - low_x
        if self.pushed[at]:
            yield Declaration("margin-left", "auto")
        else:
            yield from margin("left" if self.is_row else "top", before)
        yield from margin("top" if self.is_row else "left", aside)
        # What reaches out below does not make the box higher.
        below = self.area.y + self.area.height - box.y - box.height
        if below < -SAME and (self.is_row or at == len(self.cells) - 1):
            yield from margin("bottom", below)


def _line_up(
    line: Line, reading: Reading, depth: int, clipped: bool
) -> tuple[list[Declaration], list[Element]]:
    found = [Declaration("display", "flex")]
    if not line.is_row:
        found.append(Declaration("flex-direction", "column"))
    found += padding(line.padding)
    if line.gap:
        found.append(Declaration("column-gap" if line.is_row else "row-gap", px(line.gap)))
    ends = {"center": "center", "end": "flex-end"}
    found.append(Declaration("align-items", ends.get(line.across, "flex-start")))
    if line.starts_right:
        found.append(Declaration("justify-content", "flex-end"))
    built = [
        made
        for at in range(len(line.cells))
        if (made := _lined_up_cell(line, at, reading, depth, clipped)) is not None
    ]
    return found, built


def _lined_up_cell(
    line: Line, at: int, reading: Reading, depth: int, clipped: bool
) -> Element | None:
    cell, extra = line.cells[at], tuple(line.margins(at))
    if cell.node is not None:
        grow = line.is_row and _side(cell, "horizontal") == "LEFT_RIGHT" and not angle_of(cell.node)
        mode = "row" if line.is_row else "column"
        spot = Spot(mode, line.content, extra, line.stretches(cell), grow, clipped=clipped)
        return reading.assemble(cell.node, spot, None, reading, depth + 1)
    place, area = list(extra), cell.box
    if not line.is_row:
        place.append(Declaration("align-self", "stretch"))
        moved = any(each.property == "margin-left" for each in extra)
        left, end = cell.box.x if moved else line.content.x, line.content.x + line.content.width
        area = Box(left, cell.box.y, max(0.0, end - left), cell.box.height)
    elif any(_side(each, "horizontal") == "LEFT_RIGHT" for each in _all(cell)):
        place += [Declaration("flex", "1 1 0%"), Declaration("min-width", "0px")]
    else:
        place += [Declaration("width", px(cell.box.width)), Declaration("min-width", "0px")]
    if cell.kind == "stack":
        # What keeps to the foot of a stack needs one.
        place.append(Declaration("min-height", px(cell.box.height)))
    found, inner = _laid(cell, area, reading, depth + 1)
    wrapper = plain_element({}, "box", area, [*place, *found], reading)
    return replace(wrapper, children=tuple(inner))


def _all(cell: Cell) -> Iterator[Cell]:
    yield cell
    for each in cell.cells:
        yield from _all(each)


def _side(cell: Cell, axis: str) -> str:
    """The constraint of a cell; of several layers, the one that they share."""
    if cell.node is not None:
        return text(child(cell.node, "constraints"), axis)
    sides = {_side(each, axis) for each in cell.cells}
    return sides.pop() if len(sides) == 1 else ""


def _side_of_all(cells: list[Cell], side: str) -> bool:
    return all(_side(each, "horizontal") == side for each in cells)


def _is_pushed(cells: list[Cell], at: int) -> bool:
    """The first of the last cells that keep to the right side."""
    if at == 0:
        return False
    after = all(_side(each, "horizontal") == "RIGHT" for each in cells[at:])
    return after and _side(cells[at - 1], "horizontal") != "RIGHT"
