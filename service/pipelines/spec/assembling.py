"""One tree of layers becomes one tree of elements: boxes, texts, pictures, and their layout."""

from collections.abc import Iterator
from dataclasses import replace

from service.pipelines.spec.drawn_layers import ICON, is_picture, leaves, losses
from service.pipelines.spec.elements import Asset, Declaration, Element
from service.pipelines.spec.flex_layout import auto_layout
from service.pipelines.spec.layer_elements import (
    DEEPEST,
    MOST,
    Reading,
    plain_element,
    shown_children,
)
from service.pipelines.spec.lettering import (
    clean,
    hugs_width,
    is_right_to_left,
    letters,
    link,
    set_text,
    text_declarations,
)
from service.pipelines.spec.loose_layout import loose_layout
from service.pipelines.spec.paints import (
    backgrounds,
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
    overflows,
    padding_of,
    placed,
    size_of,
    straightened,
)
from service.pipelines.spec.worded_layers import has_words, worded
from service.review.tree import Box, Node, box_of, child, children, number, text

# A text that takes more of its parent's width than this is a tight fit.
_TIGHT = 0.92
# The longest label that is kept on one line, in px.
_LABEL = 240
_FITS = {"FILL": "cover", "FIT": "contain", "STRETCH": "fill"}


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
    if has_words(node):
        return worded(node, spot, parent, box, reading)
    if is_picture(node, box) and spot.mode != "root":
        return _picture(node, spot, parent, box, reading)
    if (image := _only_image(node)) is not None:
        return _image(node, image, spot, parent, box, reading)
    if kind == "LINE":
        return _line(node, spot, box, reading)
    return _box(node, spot, parent, box, reading, depth)


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
    is_tight = box.width > spot.area.width * _TIGHT and not spot.hugs and spot.mode != "root"
    if is_tight and hugs_width(node) and box.width <= _LABEL and "\n" not in words:
        # A browser's letters may be a hair wider, and the last word would fall down.
        found.append(Declaration("white-space", "nowrap"))
    element = plain_element(node, "text", box, found, reading)
    return replace(element, texts=(set_text(node),), attributes=attributes)


def _picture(node: Node, spot: Spot, parent: Node | None, box: Box, reading: Reading) -> Element:
    # The export has the layer turned already, so that its box is what takes the room.
    flat = {**node, "rotation": 0, "relativeTransform": None, "size": None}
    found = list(placed(flat, spot, box, parent, False))
    if "width" not in {each.property for each in found} and box.width > 0:
        found.append(Declaration("width", px(box.width)))
    if not {"height", "min-height"} & {each.property for each in found} and box.height > 0:
        found.append(Declaration("height", px(box.height)))
    if box.width <= 2 * ICON:
        found.append(Declaration("flex-shrink", "0"))
    shades = {
        (colour(paint), paint_origin(each, paint, key))
        for each in leaves(node)
        for key in ("fill", "stroke")
        for paint in visible_paints(each, f"{key}s")
        if text(paint, "type") == "SOLID"
    }
    plain = all(
        text(paint, "type") == "SOLID"
        for each in leaves(node)
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
    return replace(plain_element(node, "picture", box, found, reading), asset=asset)


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
        plain_element(node, "image", box, found, reading), asset=_image_asset(node, paint, box)
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
    return plain_element(node, "line", box, found, reading)


def _box(
    node: Node, spot: Spot, parent: Node | None, box: Box, reading: Reading, depth: int
) -> Element:
    width, height = size_of(node, box)
    own = Box(box.x + (box.width - width) / 2, box.y + (box.height - height) / 2, width, height)
    if angle := angle_of(node):
        node = straightened(node, box, angle)
    inner = shown_children(node, reading)
    is_laid_out = text(node, "layoutMode") in ("HORIZONTAL", "VERTICAL", "GRID")
    inside = padding_of(node) if is_laid_out else None
    edge, room = strokes(node, inside)
    for words in losses(node):
        reading.note(node, words)
    holds = any(text(each, "layoutPositioning") != "ABSOLUTE" for each in inner)
    found = list(placed(node, spot, box, parent, holds))
    if is_laid_out:
        layout, built = auto_layout(node, inner, own, room, reading, depth)
    else:
        layout, built = loose_layout(node, inner, own, room, reading, depth)
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
    element = plain_element(
        node, "slot" if text(node, "type") == "SLOT" else "box", box, found, reading
    )
    # What scrolls must be reached by the keyboard.
    scrolls = any(each.property == "overflow-x" for each in found)
    attributes = (("tabindex", "0"),) if scrolls else ()
    return replace(element, children=tuple(built), attributes=attributes)


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
    base = plain_element({"name": text(node, "name")}, "image", own, found, reading)
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
