"""Rows and columns found in layers that were only put somewhere.

Layers are cut where a straight line goes through none of them, first into rows from the top, then
into columns, again and again. What overlaps is a stack.
https://dl.acm.org/doi/10.1145/1010614.1010616 (XY cut)
"""

from collections.abc import Callable
from dataclasses import dataclass

from service.review.tree import Box, Node

# Layers may reach into each other by so much, in px, and still stand side by side.
_SLACK = 0.5
# Distances that differ by less are meant to be the same, in px.
SAME = 1.0


@dataclass(frozen=True)
class Cell:
    """A layer, or several in a row, a column or a stack. ``order``: its place in the design."""

    kind: str
    box: Box
    node: Node | None = None
    cells: "tuple[Cell, ...]" = ()
    order: int = 0


def arrange(cells: list[Cell]) -> Cell:
    """One cell for all. ``cells`` are in the order in which they are drawn; at least one."""
    if len(cells) == 1:
        return cells[0]
    box = _around(cells)
    for kind, start, length in (
        ("column", lambda each: each.y, lambda each: each.height),
        ("row", lambda each: each.x, lambda each: each.width),
    ):
        groups = _cut(cells, start, length)
        if len(groups) > 1:
            return Cell(kind, box, None, tuple(arrange(group) for group in groups), cells[0].order)
    lowest, rest = cells[0], cells[1:]
    if all(lowest.box.contains(each.box) for each in rest):
        # A background, and what stands on it.
        return Cell("stack", box, None, (lowest, arrange(rest)), lowest.order)
    return Cell("stack", box, None, tuple(cells), lowest.order)


def _cut(
    cells: list[Cell], start: Callable[[Box], float], length: Callable[[Box], float]
) -> list[list[Cell]]:
    """Groups with a gap between them. In a group, the order of drawing is kept."""
    groups: list[list[Cell]] = []
    end = 0.0
    for each in sorted(cells, key=lambda cell: (start(cell.box), cell.order)):
        if groups and start(each.box) < end - _SLACK:
            groups[-1].append(each)
        else:
            groups.append([each])
        end = (
            max(end, start(each.box) + length(each.box))
            if len(groups) > 1 or end
            else (start(each.box) + length(each.box))
        )
    return [sorted(group, key=lambda cell: cell.order) for group in groups]


def _around(cells: list[Cell]) -> Box:
    box = cells[0].box
    for each in cells[1:]:
        left, top = min(box.x, each.box.x), min(box.y, each.box.y)
        right = max(box.x + box.width, each.box.x + each.box.width)
        bottom = max(box.y + box.height, each.box.y + each.box.height)
        box = Box(left, top, right - left, bottom - top)
    return box


def evenly(gaps: list[float]) -> float | None:
    """The gap that all have; None if they differ."""
    if not gaps:
        return 0.0
    return (
        round(sum(gaps) / len(gaps), 2)
        if max(gaps) - min(gaps) <= SAME and min(gaps) > -SAME
        else None
    )


def alignment(boxes: list[Box], area: Box, is_row: bool) -> str:
    """How cells stand across their row or column: start, center or end; "" if each on its own."""
    if is_row:
        starts = [each.y - area.y for each in boxes]
        ends = [area.y + area.height - each.y - each.height for each in boxes]
    else:
        starts = [each.x - area.x for each in boxes]
        ends = [area.x + area.width - each.x - each.width for each in boxes]
    if max(starts) - min(starts) <= SAME and min(starts) <= SAME:
        return "start"
    if all(abs(first - last) <= 2 * SAME for first, last in zip(starts, ends, strict=True)):
        return "center"
    if max(ends) - min(ends) <= SAME and min(ends) <= SAME:
        return "end"
    return ""
