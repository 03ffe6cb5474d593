"""One tree of layers becomes one tree of elements: boxes, texts, pictures, and their layout."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import pairwise

from service.pipelines.spec.arranging import Cell, alignment, arrange, evenly
from service.pipelines.spec.elements import Asset, Bounds, Declaration, Element
from service.pipelines.spec.lettering import (
    all_texts,
    clean,
    is_right_to_left,
    letters,
    link,
    set_text,
    text_declarations,
)
from service.pipelines.spec.paints import (
    UNDRAWABLE,
    Edges,
    backgrounds,
    bound,
    colour,
    corners,
    effects,
    fading,
    paint_origin,
    px,
    strokes,
    visible_paints,
)
from service.pipelines.spec.placing import (
    Spot,
    angle_of,
    box_or_size,
    is_cut,
    margin,
    overflows,
    padding,
    padding_of,
    placed,
    size_of,
    sizing,
    straightened,
)
from service.pipelines.spec.semantics import says_control
from service.review.tree import Box, Node, box_of, child, children, number, text

# Deeper or larger designs are cut off there, with a note.
DEEPEST = 40
MOST = 4000
# The largest container of vectors that is one icon, in px.
_ICON = 64
_VECTORS = {"VECTOR", "STAR", "REGULAR_POLYGON", "BOOLEAN_OPERATION", "LINE"}
_DRAWN = {*_VECTORS, "ELLIPSE", "RECTANGLE"}
_MAIN = {"CENTER": "center", "MAX": "flex-end", "SPACE_BETWEEN": "space-between"}
_CROSS = {"CENTER": "center", "MAX": "flex-end", "BASELINE": "baseline"}
_GRID_ALIGN = {"CENTER": "center", "MAX": "end", "MIN": "start"}
_FITS = {"FILL": "cover", "FIT": "contain", "STRETCH": "fill"}


@dataclass
class Reading:
    """What is noticed on the way, for one root."""

    origin: Box
    # The component's own properties. Layers in an instance refer to those of other components.
    properties: frozenset[str] = frozenset()
    notes: list[str] = field(default_factory=list)
    count: int = 0

    def note(self, node: Node, words: str) -> None:
        line = f"{text(node, 'id')[:80]}: {words}"
        if line not in self.notes and len(self.notes) < 200:
            self.notes.append(line)

    def bounds(self, box: Box) -> Bounds:
        return Bounds(
            round(box.x - self.origin.x, 2) + 0.0,
            round(box.y - self.origin.y, 2) + 0.0,
            round(box.width, 2),
            round(box.height, 2),
        )


def assemble(
    node: Node, spot: Spot, parent: Node | None, reading: Reading, depth: int = 0
) -> Element | None:
    """The element of a layer; None for one without a place, or past the limits."""
    box = box_or_size(node)
    if box is None:
        return None
    reading.count += 1
    if reading.count > MOST or depth > DEEPEST:
        reading.note(node, "left out: the design is too large or too deep")
        return None
    kind = text(node, "type")
    if kind == "TEXT":
        return _text(node, spot, parent, box, reading)
    if is_picture(node, box) and spot.mode != "root":
        return _picture(node, spot, parent, box, reading)
    if (image := _only_image(node)) is not None:
        return _image(node, image, spot, parent, box, reading)
    if kind == "LINE":
        return _line(node, spot, box, reading)
    return _box(node, spot, parent, box, reading, depth)


def _element(
    node: Node, kind: str, box: Box, declarations: list[Declaration], reading: Reading
) -> Element:
    refers = child(node, "componentPropertyReferences")
    own = {key: text(refers, key) for key in refers if text(refers, key) in reading.properties}
    return Element(
        id=text(node, "id")[:80],
        name=clean(text(node, "name"))[:200],
        kind=kind,
        tag="",
        reason="",
        bounds=reading.bounds(box_of(node, "_seen") or box),
        declarations=last_of_each(_with_one_shadow(declarations)),
        visible_prop=own.get("visible", ""),
        prop=own.get("characters") or own.get("mainComponent") or own.get("slot") or "",
        component=text(node, "componentId")[:80] if text(node, "type") == "INSTANCE" else "",
    )


def _with_one_shadow(declarations: list[Declaration]) -> list[Declaration]:
    """A stroke that is drawn as a shadow stands in one list with the layer's shadows."""
    shadows = [each for each in declarations if each.property == "box-shadow"]
    if len(shadows) < 2:
        return declarations
    rest = [each for each in declarations if each.property != "box-shadow"]
    return [*rest, Declaration("box-shadow", ", ".join(each.value for each in shadows))]


def last_of_each(declarations: list[Declaration]) -> tuple[Declaration, ...]:
    """Each property once, with the value that was said last."""
    found: dict[tuple[str, str], Declaration] = {}
    for each in declarations:
        found.pop((each.property, each.state), None)
        found[each.property, each.state] = each
    return tuple(found.values())


def _text(node: Node, spot: Spot, parent: Node | None, box: Box, reading: Reading) -> Element:
    found = list(placed(node, spot, box, parent, False))
    found += text_declarations(node, box)
    found += [*effects(node), *fading(node)]
    if text(child(node, "style"), "leadingTrim") == "CAP_HEIGHT":
        reading.note(node, "its line height is not trimmed to the capitals")
    if number(child(node, "style"), "paragraphSpacing") or number(node, "paragraphSpacing"):
        reading.note(node, "the space between its paragraphs is not kept")
    words = letters(node)
    attributes = (("dir", "rtl"),) if is_right_to_left(words) else ()
    href = link(child(node, "style"))
    if href:
        attributes = (*attributes, ("href", href))
    # A wrapping text knows its longest word only; what hugs its words in a row keeps to one line.
    element = _element(node, "text", box, found, reading)
    return replace(element, texts=(set_text(node),), attributes=attributes)


def is_picture(node: Node, box: Box) -> bool:
    """Whether a layer is to be exported: drawn outlines, what CSS cannot draw, and icons."""
    kind = text(node, "type")
    if kind in _VECTORS - {"LINE"}:
        return True
    if kind == "ELLIPSE" and _is_part_of_ellipse(node):
        return True
    if any(text(each, "type") in UNDRAWABLE for each in visible_paints(node)):
        return not any(True for _ in all_texts(node))
    if any(
        text(each, "type") in ("TEXTURE", "NOISE", "GLASS") for each in children(node, "effects")
    ):
        return not any(True for _ in all_texts(node))
    inner = children(node)
    if not inner or any(True for _ in all_texts(node)):
        return False
    if any(each.get("isMask") is True for each in inner) and _clip_of(inner) is None:
        return True
    leaves = list(_leaves(node))
    if not all(text(each, "type") in _DRAWN for each in leaves) or not any(
        text(each, "type") in _VECTORS or _is_part_of_ellipse(each) for each in leaves
    ):
        return False
    if any(text(paint, "type") == "IMAGE" for each in leaves for paint in visible_paints(each)):
        return False
    is_bare = not (visible_paints(node) or visible_paints(node, "strokes") or any(padding_of(node)))
    if says_control(text(node, "name")):
        return False
    is_small = max(box.width, box.height) <= _ICON
    return is_bare and (is_small or kind == "GROUP")


def _leaves(node: Node) -> Iterator[Node]:
    inner = [each for each in children(node) if each.get("visible") is not False]
    if not inner or text(node, "type") == "BOOLEAN_OPERATION":
        yield node
        return
    for each in inner:
        yield from _leaves(each)


def _is_part_of_ellipse(node: Node) -> bool:
    arc = child(node, "arcData")
    if not arc:
        return False
    sweep = abs(number(arc, "endingAngle", 6.2832) - number(arc, "startingAngle"))
    return number(arc, "innerRadius") > 0 or sweep < 6.27


def _picture(node: Node, spot: Spot, parent: Node | None, box: Box, reading: Reading) -> Element:
    # The export has the layer turned already, so that its box is what takes the room.
    flat = {**node, "rotation": 0, "relativeTransform": None, "size": None}
    found = list(placed(flat, spot, box, parent, False))
    if "width" not in {each.property for each in found} and box.width > 0:
        found.append(Declaration("width", px(box.width)))
    if not {"height", "min-height"} & {each.property for each in found} and box.height > 0:
        found.append(Declaration("height", px(box.height)))
    if box.width <= 2 * _ICON:
        found.append(Declaration("flex-shrink", "0"))
    shades = {
        (colour(paint), paint_origin(each, paint, key))
        for each in _leaves(node)
        for key in ("fill", "stroke")
        for paint in visible_paints(each, f"{key}s")
        if text(paint, "type") == "SOLID"
    }
    plain = all(
        text(paint, "type") == "SOLID"
        for each in _leaves(node)
        for key in ("fills", "strokes")
        for paint in visible_paints(each, key)
    )
    if len({shade for shade, _ in shades}) == 1 and plain and number(node, "opacity", 1.0) == 1:
        shade, origin = max(shades)
        found.append(Declaration("color", shade, origin=origin))
    is_flat = not any(
        text(each, "type") in ("TEXTURE", "NOISE", "GLASS", "BACKGROUND_BLUR")
        for each in children(node, "effects")
    )
    asset = Asset(
        text(node, "id")[:80],
        "svg" if is_flat else "png",
        clean(text(node, "name"))[:80],
        round(box.width, 2),
        round(box.height, 2),
    )
    if any(each.get("isMask") is True for each in children(node)):
        reading.note(node, "masked layers are exported as one picture")
    return replace(_element(node, "picture", box, found, reading), asset=asset)


def _only_image(node: Node) -> Node | None:
    """The image that is all there is to see of a layer."""
    paints = visible_paints(node)
    if len(paints) == 1 and text(paints[0], "type") == "IMAGE" and not children(node):
        return paints[0]
    return None


def _image(
    node: Node, paint: Node, spot: Spot, parent: Node | None, box: Box, reading: Reading
) -> Element:
    found = list(placed(node, spot, box, parent, False))
    found += _image_style(node, paint, reading)
    found += [*corners(node, box), *strokes(node, None)[0], *effects(node), *fading(node)]
    return replace(
        _element(node, "image", box, found, reading), asset=_image_asset(node, paint, box)
    )


def _image_asset(node: Node, paint: Node, box: Box) -> Asset:
    """The image's own file, or the layer as a picture where the design shows a part of it."""
    is_whole = text(paint, "scaleMode") in ("FILL", "FIT") and not paint.get("filters")
    is_whole = is_whole and not number(paint, "rotation") and bool(text(paint, "imageRef"))
    return Asset(
        text(node, "id")[:80],
        "fill" if is_whole else "png",
        clean(text(node, "name"))[:80],
        round(box.width, 2),
        round(box.height, 2),
        text(paint, "imageRef")[:200],
    )


def _image_style(node: Node, paint: Node, reading: Reading) -> Iterator[Declaration]:
    mode = text(paint, "scaleMode")
    if mode not in ("FILL", "FIT"):
        reading.note(node, "its image is cropped or tiled, and exported as it is seen")
    yield Declaration("object-fit", _FITS.get(mode, "cover"))
    if number(paint, "opacity", 1.0) < 0.999:
        yield Declaration("opacity", f"{round(number(paint, 'opacity'), 2):g}")


def _line(node: Node, spot: Spot, box: Box, reading: Reading) -> Element:
    """A line has no height in Figma, and takes none here: its border is taken off its margin."""
    weight = max(1.0, number(node, "strokeWeight", 1.0))
    is_upright = box.height > box.width
    side, back = ("left", "left") if is_upright else ("top", "top")
    flat = {**node, "rotation": 0, "relativeTransform": None}
    found = [
        each
        for each in placed(flat, spot, box, None, False)
        if each.property not in ("height" if not is_upright else "width", "rotate", "min-height")
    ]
    found += [each for each in strokes(node, None)[0] if "color" in each.property]
    shades = [replace(each, property="border-color") for each in found if "color" in each.property]
    found = [each for each in found if "color" not in each.property]
    taken = next((each.value for each in found if each.property == f"margin-{back}"), "0px")
    found += [
        Declaration(f"border-{side}-width", px(weight)),
        Declaration("border-style", "dashed" if node.get("strokeDashes") else "solid"),
        *shades[:1],
        Declaration(
            f"margin-{back}",
            px((0.0 if taken == "auto" else float(taken.removesuffix("px"))) - weight),
        ),
        *fading(node),
    ]
    if abs(angle_of(node)) % 90 > 0.1:
        reading.note(node, "a slanting line is drawn upright or flat")
    return _element(node, "line", box, found, reading)


def _box(
    node: Node, spot: Spot, parent: Node | None, box: Box, reading: Reading, depth: int
) -> Element:
    width, height = size_of(node, box)
    own = Box(box.x + (box.width - width) / 2, box.y + (box.height - height) / 2, width, height)
    if angle := angle_of(node):
        node = straightened(node, box, angle)
    inner = _shown_children(node, reading)
    is_laid_out = text(node, "layoutMode") in ("HORIZONTAL", "VERTICAL", "GRID")
    inside = padding_of(node) if is_laid_out else None
    edge, room = strokes(node, inside)
    holds = any(text(each, "layoutPositioning") != "ABSOLUTE" for each in inner)
    found = list(placed(node, spot, box, parent, holds))
    if is_laid_out:
        layout, built = _auto_layout(node, inner, own, room, reading, depth)
    else:
        layout, built = _loose_layout(node, inner, own, room, reading, depth)
    found += layout
    found += [*backgrounds(node, own), *edge, *corners(node, own), *effects(node), *fading(node)]
    found += _clipping(node, own, built)
    image = _image_behind(node, own, reading)
    if image is not None:
        built.insert(0, image)
        found += [Declaration("position", "relative"), Declaration("isolation", "isolate")]
    if any(each.value("position") == "absolute" for each in built):
        positions = {each.property for each in found}
        if "position" not in positions:
            found.append(Declaration("position", "relative"))
    element = _element(node, "slot" if text(node, "type") == "SLOT" else "box", box, found, reading)
    return replace(element, children=tuple(built))


def _image_behind(node: Node, own: Box, reading: Reading) -> Element | None:
    images = [each for each in visible_paints(node) if text(each, "type") == "IMAGE"]
    if not images:
        return None
    if len(images) > 1:
        reading.note(node, "of several images behind it, the one on top is kept")
    found = [
        Declaration("position", "absolute"),
        *(Declaration(side, "0px") for side in ("top", "right", "bottom", "left")),
        Declaration("z-index", "-1"),
        Declaration("width", "100%"),
        Declaration("height", "100%"),
        *_image_style(node, images[-1], reading),
        *corners(node, own),
    ]
    base = _element({"name": text(node, "name")}, "image", own, found, reading)
    asset = _image_asset(node, images[-1], own)
    # The layer's own export would have its children in it: only the image's file will do.
    return replace(base, asset=replace(asset, format="fill" if asset.image_ref else "png"))


def _clipping(node: Node, own: Box, built: list[Element]) -> Iterator[Declaration]:
    scrolls = text(node, "overflowDirection")
    if "HORIZONTAL" in scrolls:
        yield Declaration("overflow-x", "auto")
    elif node.get("clipsContent") is True and built:
        is_round = bool(number(node, "cornerRadius") or node.get("rectangleCornerRadii"))
        if overflows(node, own) or (is_round and _reaches_corner(node, own)):
            yield Declaration("overflow", "hidden")


def _reaches_corner(node: Node, own: Box) -> bool:
    for each in children(node):
        inner = box_of(each)
        if (
            inner
            and not inner.grown(-1).contains(own.grown(-8))
            and (
                (abs(inner.x - own.x) < 2 and abs(inner.y - own.y) < 2)
                or (
                    abs(inner.x + inner.width - own.x - own.width) < 2
                    and abs(inner.y + inner.height - own.y - own.height) < 2
                )
            )
        ):
            return True
        if inner and inner.contains(own, 1.0):
            return True
    return False


def _shown_children(node: Node, reading: Reading) -> list[Node]:
    """Children that are seen, or that a property of the component shows."""
    return [
        each
        for each in children(node)
        if (
            (each.get("visible") is not False and number(each, "opacity", 1.0) > 0)
            or text(child(each, "componentPropertyReferences"), "visible") in reading.properties
        )
        and box_or_size(each) is not None
    ]


# --- Auto layout ---


def _auto_layout(
    node: Node, inner: list[Node], own: Box, room: Edges, reading: Reading, depth: int
) -> tuple[list[Declaration], list[Element]]:
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
    position = 0
    for each in inner:
        if text(each, "layoutPositioning") == "ABSOLUTE":
            made = assemble(each, Spot("absolute", hole), node, reading, depth + 1)
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
        spot = Spot(direction, own, tuple(extra), crowded=crowded)
        made = assemble(each, spot, node, reading, depth + 1)
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


# --- Layers that were only put somewhere ---


def _loose_layout(
    node: Node, inner: list[Node], own: Box, room: Edges, reading: Reading, depth: int
) -> tuple[list[Declaration], list[Element]]:
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
    clip = _clip_of([each.node for each in cells if each.node is not None])
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
            yield from _ungrouped(_shown_children(each, reading), reading)
        else:
            yield each


def _clip_of(inner: list[Node]) -> Node | None:
    """A mask that only cuts off: an opaque upright rectangle or ellipse."""
    masks = [each for each in inner if each.get("isMask") is True]
    if len(masks) != 1 or text(masks[0], "type") not in ("RECTANGLE", "ELLIPSE"):
        return None
    mask = masks[0]
    paints = visible_paints(mask)
    is_opaque = bool(paints) and all(
        text(each, "type") == "SOLID" and len(colour(each)) == 7 for each in paints
    )
    is_whole = number(mask, "opacity", 1.0) > 0.999 and not _is_part_of_ellipse(mask)
    return mask if is_opaque and is_whole and not angle_of(mask) else None


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
    return _line_up(cells, area, cell.kind == "row", reading, depth)


def _stacked_cell(
    cell: Cell, area: Box, reading: Reading, depth: int, clipped: bool
) -> Element | None:
    if cell.node is not None:
        spot = Spot("stack", area, clipped=clipped)
        return assemble(cell.node, spot, None, reading, depth + 1)
    # What stands on a background is laid out in all of its area.
    found, inner = _laid(cell, area, reading, depth + 1)
    place = [
        Declaration("grid-column-start", "1"),
        Declaration("grid-row-start", "1"),
        *found,
    ]
    return replace(_element({}, "box", area, place, reading), children=tuple(inner))


def _line_up(
    cells: list[Cell], area: Box, is_row: bool, reading: Reading, depth: int
) -> tuple[list[Declaration], list[Element]]:
    boxes = [each.box for each in cells]
    found = [Declaration("display", "flex")]
    if not is_row:
        found.append(Declaration("flex-direction", "column"))
    left = max(0.0, min(each.x for each in boxes) - area.x)
    top = max(0.0, min(each.y for each in boxes) - area.y)
    right = max(0.0, area.x + area.width - max(each.x + each.width for each in boxes))
    bottom = max(0.0, area.y + area.height - max(each.y + each.height for each in boxes))
    pushed = [is_row and _is_pushed(cells, at) for at in range(len(cells))]
    if is_row:
        gaps = [b.x - a.x - a.width for a, b in pairwise(boxes)]
        starts_right = _side(cells[0], "horizontal") == "RIGHT" and len(cells) > 0
        pads = Edges(
            top, right if any(pushed) or starts_right else 0.0, 0.0, 0.0 if starts_right else left
        )
        across = alignment(
            boxes,
            Box(
                area.x,
                area.y + top,
                area.width,
                max(each.y + each.height for each in boxes) - area.y - top,
            ),
            True,
        )
    else:
        gaps = [b.y - a.y - a.height for a, b in pairwise(boxes)]
        starts_right = False
        # A lone layer in the middle stays there; a padding on one side would fix it to that side.
        is_middle = abs(left - right) <= 2 and _side_of_all(cells, "CENTER")
        pads = Edges(
            top,
            0.0 if is_middle else right,
            bottom if bottom <= 64 else 0.0,
            0.0 if is_middle else left,
        )
        across = (
            "center"
            if is_middle
            else alignment(
                boxes, Box(area.x + left, area.y, area.width - left - right, area.height), False
            )
        )
    counted = [gap for gap, is_far in zip(gaps, pushed[1:], strict=True) if not is_far]
    gap = evenly(counted)
    found += padding(pads)
    if gap:
        found.append(Declaration("column-gap" if is_row else "row-gap", px(gap)))
    found.append(
        Declaration(
            "align-items", {"center": "center", "end": "flex-end"}.get(across, "flex-start")
        )
    )
    if starts_right:
        found.append(Declaration("justify-content", "flex-end"))
    content = Box(
        area.x + left, area.y + top,
        max(0.0, area.width - left - right), max(0.0, area.height - top - bottom),
    )  # fmt: skip
    low = min(each.y for each in boxes), min(each.x for each in boxes)
    built: list[Element] = []
    for at, each in enumerate(cells):
        extra: list[Declaration] = []
        if pushed[at]:
            extra.append(Declaration("margin-left", "auto"))
        elif at and gap is None:
            extra += margin("left" if is_row else "top", gaps[at - 1])
        if not across:
            extra += (
                margin("top", each.box.y - low[0])
                if is_row
                else margin("left", each.box.x - low[1])
            )
        made = _lined_up_cell(each, content, tuple(extra), is_row, reading, depth)
        built += [made] if made else []
    return found, built


def _lined_up_cell(
    cell: Cell,
    content: Box,
    extra: tuple[Declaration, ...],
    is_row: bool,
    reading: Reading,
    depth: int,
) -> Element | None:
    spans = (
        abs(cell.box.x - content.x) <= 1
        and abs(cell.box.x + cell.box.width - content.x - content.width) <= 1
    )
    mode = "row" if is_row else "column"
    if cell.node is not None:
        side = _side(cell, "horizontal")
        kind = text(cell.node, "type")
        is_fluid = kind in ("FRAME", "INSTANCE", "COMPONENT", "TEXT", "SLOT", "RECTANGLE")
        upright = not angle_of(cell.node)
        stretch = not is_row and spans and upright and (side == "LEFT_RIGHT" or is_fluid)
        if (
            stretch
            and kind == "TEXT"
            and text(child(cell.node, "style"), "textAutoResize") == "WIDTH_AND_HEIGHT"
        ):
            stretch = False
        grow = is_row and side == "LEFT_RIGHT" and upright
        spot = Spot(mode, content, extra, True, stretch, grow)
        return assemble(cell.node, spot, None, reading, depth + 1)
    grows = is_row and any(_side(each, "horizontal") == "LEFT_RIGHT" for each in _all(cell))
    place = list(extra)
    if is_row:
        if grows:
            place += [Declaration("flex", "1 1 0%"), Declaration("min-width", "0px")]
        else:
            place += [Declaration("width", px(cell.box.width)), Declaration("min-width", "0px")]
        area = cell.box
    else:
        place.append(Declaration("align-self", "stretch"))
        moved = next((each for each in extra if each.property == "margin-left"), None)
        left = cell.box.x if moved else content.x
        area = Box(left, cell.box.y, content.x + content.width - left, cell.box.height)
    found, inner = _laid(cell, area, reading, depth + 1)
    return replace(_element({}, "box", area, [*place, *found], reading), children=tuple(inner))


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
