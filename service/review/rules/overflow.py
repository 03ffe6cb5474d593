"""What does not fit: layers that a frame cuts off, and texts that are higher than their box."""

from collections.abc import Iterator

from service.review.facts import Fact, Source
from service.review.layers import is_mask
from service.review.lines import lines_of
from service.review.roles import is_a, is_in_a, is_shape
from service.review.rule import Rule
from service.review.screen import Screen
from service.review.tree import Box, Place, child, children, number, text

# Badges may hang out this far by design.
_BADGE_PX = 12.0
_TEXT_PX = 2.0
_ROW = 3
_MAX_CHILDREN = 200
_PAGES = {"CANVAS", "DOCUMENT", "SECTION"}


def measure(rule: Rule, screen: Screen) -> Iterator[Fact]:
    """A fact for each layer that is cut off, and each text that leaves its box."""
    for parent, below in screen.below.items():
        box = parent.box
        if box is None or parent.type in _PAGES or not box.width * box.height:
            continue
        is_clipping = parent.node.get("clipsContent") is True and not _scrolls(parent)
        for place in below[:_MAX_CHILDREN]:
            if (is_clipping and (found := _cut_off(rule, screen, place, parent, box))) or (
                place.is_text and (found := _too_high(rule, place, parent, box))
            ):
                yield found


def _scrolls(place: Place) -> bool:
    direction = text(place.node, "overflowDirection")
    return direction not in ("", "NONE") or is_a(place, "carousel")


def _cut_off(rule: Rule, screen: Screen, place: Place, parent: Place, frame: Box) -> Fact | None:
    box = place.box
    if box is None or frame.contains(box) or is_mask(place) or is_a(place, "carousel"):
        return None
    if place.node.get("rotation") and is_shape(place.node):
        return None
    right = box.x + box.width - (frame.x + frame.width)
    bottom = box.y + box.height - (frame.y + frame.height)
    if parent.parent is None or parent.parent.type in _PAGES:
        # The screen itself: what is below its lower edge is scrolled to.
        bottom = 0.0
    over = {
        "left": frame.x - box.x, "right": right, "top": frame.y - box.y, "bottom": bottom,
    }  # fmt: skip
    side = max(over, key=lambda each: over[each])
    if over[side] <= (_TEXT_PX if place.is_text else _BADGE_PX):
        return None
    is_gone = not frame.overlaps(box)
    if not (is_gone or _has_text(screen, place)) or (
        is_gone and bottom == 0 and side != "left" and over["top"] < 0 and right <= 0
    ):
        return None
    if not is_gone and _is_row_to_scroll(place, side):
        return None
    where = "is outside" if is_gone else f"is cut by {over[side]:.4g} px at the {side} of"
    return rule.fact(
        place,
        "outside its frame" if is_gone else f"cut by {over[side]:.4g} px at the {side}",
        "info" if is_gone else "problem",
        f"It {where} {parent.name} ({parent.id}), which clips its content.",
        numbers=(round(over[side], 2),),
        weight=over[side],
        # All that lies outside one frame is one finding.
        cause=parent.cause if is_gone else place.cause,
    )


def _has_text(screen: Screen, place: Place) -> bool:
    """Whether cutting it off hides words: pictures and shapes are often cut on purpose."""
    if place.is_text:
        return bool(text(place.node, "characters").strip())
    waiting, seen = [place], 0
    while waiting and seen < _MAX_CHILDREN:
        step = waiting.pop()
        seen += 1
        if step.is_text and text(step.node, "characters").strip():
            return True
        waiting += screen.below.get(step, ())
    return False


def _is_row_to_scroll(place: Place, side: str) -> bool:
    """A row of things at the edge of a screen is scrolled, or a hint that it can be."""
    if side not in ("left", "right") or place.is_text:
        return False
    own = text(place.node, "layoutMode") == "HORIZONTAL" and len(children(place.node)) >= _ROW
    around = children(place.parent.node) if place.parent else []
    alike = sum(text(each, "type") == place.type for each in around[:_MAX_CHILDREN])
    is_row = place.parent is not None and text(place.parent.node, "layoutMode") == "HORIZONTAL"
    return own or (is_row and alike >= _ROW)


def _too_high(rule: Rule, place: Place, parent: Place, frame: Box) -> Fact | None:
    box = place.box
    drawn = number(child(place.node, "absoluteRenderBounds"), "height")
    if box is None or (drawn <= box.height and frame.contains(box)):
        return None
    lines = lines_of(place)
    if lines is None or is_in_a(place, "code", "chart"):
        return None
    line = lines.height or lines.size * 1.2
    resize = text(child(place.node, "style"), "textAutoResize")
    if resize in ("", "NONE") and drawn > box.height + line / 2:
        over, what = drawn - box.height, "its own box"
    elif parent.type == "GROUP" or text(parent.node, "layoutSizingVertical") == "HUG":
        return None
    else:
        # The space above and below the letters may hang out.
        spare = max(_TEXT_PX, (line - lines.size) / 2 + 0.5)
        below = box.y + box.height - (frame.y + frame.height)
        above = frame.y - box.y
        over, what = max(above, below), f"{parent.name} ({parent.id})"
        is_beside = not frame.overlaps(box) or box.width > frame.width * 1.5
        if over <= spare or is_beside or not _has_edge(parent):
            return None
    return rule.fact(
        place,
        f"{over:.3g} px higher than its frame",
        "problem",
        f"{lines.count} lines do not fit into {what}.",
        numbers=(round(over, 2),),
        weight=over,
    )


def _has_edge(place: Place) -> bool:
    return any(
        each.get("visible") is not False
        for key in ("fills", "strokes")
        for each in children(place.node, key)
    )


RULE = Rule(
    id="overflow",
    title="Content that does not fit",
    kind="layout",
    measures="Layers that reach over the edge of a frame which clips its content, and texts that "
    "are higher than their box or than the frame around them.",
    threshold="inside its frame",
    source=Source(
        "House rule; for zoomed text WCAG 2.2 SC 1.4.4",
        "https://www.w3.org/WAI/WCAG22/Understanding/resize-text.html",
    ),
    exemptions=(
        "Frames that scroll, rows at the edge of a screen, carousels, and what is below a screen.",
        "Knobs of sliders.",
        "Badges that hang out by up to 12 px.",
        "Shadows.",
        "Pictures and shapes that are cut.",
    ),
    sure="B",
    measuring=measure,
)
