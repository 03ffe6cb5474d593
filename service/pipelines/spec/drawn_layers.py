"""Which layers are exported as pictures: icons, and what CSS cannot draw."""

from collections.abc import Iterator

from service.pipelines.spec.lettering import all_texts
from service.pipelines.spec.paints import UNDRAWABLE, colour, visible_paints
from service.pipelines.spec.placing import angle_of, padding_of
from service.pipelines.spec.semantics import says_control
from service.review.tree import Box, Node, child, children, number, text

# The largest container of vectors that is one icon, in px.
ICON = 64
_VECTORS = {"VECTOR", "STAR", "REGULAR_POLYGON", "BOOLEAN_OPERATION", "LINE"}
_UNDRAWN = {"TEXTURE", "NOISE", "GLASS"}
_DRAWN = {*_VECTORS, "ELLIPSE", "RECTANGLE"}


def is_picture(node: Node, box: Box) -> bool:
    """Whether a layer is to be exported: drawn outlines, what CSS cannot draw, and icons."""
    kind = text(node, "type")
    if kind in _VECTORS - {"LINE"}:
        return True
    if kind == "ELLIPSE" and is_part_of_ellipse(node):
        return True
    if any(text(each, "type") in UNDRAWABLE for each in visible_paints(node)):
        return not any(True for _ in all_texts(node))
    if any(text(each, "type") in _UNDRAWN for each in children(node, "effects")):
        return not any(True for _ in all_texts(node))
    inner = children(node)
    if not inner or any(True for _ in all_texts(node)):
        return False
    if any(each.get("isMask") is True for each in inner) and clip_of(inner) is None:
        return True
    parts = list(leaves(node))
    if not all(text(each, "type") in _DRAWN for each in parts) or not any(
        text(each, "type") in _VECTORS or is_part_of_ellipse(each) for each in parts
    ):
        return False
    if any(text(paint, "type") == "IMAGE" for each in parts for paint in visible_paints(each)):
        return False
    is_bare = not (visible_paints(node) or visible_paints(node, "strokes") or any(padding_of(node)))
    if says_control(text(node, "name")):
        return False
    is_small = max(box.width, box.height) <= ICON
    return is_bare and (is_small or kind == "GROUP")


def losses(node: Node) -> Iterator[str]:
    """What a layer has that CSS can only come near to, or not draw behind words."""
    if number(node, "cornerSmoothing") > 0:
        yield "its corners are round, not smoothed"
    if isinstance(node.get("strokeDashes"), list) and node["strokeDashes"]:
        yield "its dashes have the browser's length"
    if any(text(each, "type") != "SOLID" for each in visible_paints(node, "strokes")):
        yield "its stroke has one colour of the gradient"
    if any(text(each, "type") in UNDRAWABLE for each in visible_paints(node)):
        yield "a fill that CSS cannot draw is left out, as there are words on it"
    if any(text(each, "type") in _UNDRAWN for each in children(node, "effects")):
        yield "an effect that CSS cannot draw is left out, as there are words on it"


def leaves(node: Node) -> Iterator[Node]:
    inner = [each for each in children(node) if each.get("visible") is not False]
    if not inner or text(node, "type") == "BOOLEAN_OPERATION":
        yield node
        return
    for each in inner:
        yield from leaves(each)


def is_part_of_ellipse(node: Node) -> bool:
    arc = child(node, "arcData")
    if not arc:
        return False
    sweep = abs(number(arc, "endingAngle", 6.2832) - number(arc, "startingAngle"))
    return number(arc, "innerRadius") > 0 or sweep < 6.27


def clip_of(inner: list[Node]) -> Node | None:
    """A mask that only cuts off: an opaque upright rectangle or ellipse."""
    masks = [each for each in inner if each.get("isMask") is True]
    if len(masks) != 1 or text(masks[0], "type") not in ("RECTANGLE", "ELLIPSE"):
        return None
    mask = masks[0]
    paints = visible_paints(mask)
    is_opaque = bool(paints) and all(
        text(each, "type") == "SOLID" and len(colour(each)) == 7 for each in paints
    )
    is_whole = number(mask, "opacity", 1.0) > 0.999 and not is_part_of_ellipse(mask)
    return mask if is_opaque and is_whole and not angle_of(mask) else None
