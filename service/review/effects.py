"""Effects of layers: what they do to the colours that are seen.

https://developers.figma.com/docs/rest-api/file-property-types/#effect-type
"""

from service.review.tree import Node, Place, children, is_visible, number, text

# A blur below this is not seen.
_LEAST_BLUR_PX = 0.5
_SHADOWS = {"DROP_SHADOW", "INNER_SHADOW"}
_PLAIN = {*_SHADOWS, "LAYER_BLUR", "BACKGROUND_BLUR"}


def layer_blur(node: Node) -> float:
    """How far a layer's blur spreads, in px; 0 without one."""
    return _radius(node, "LAYER_BLUR")


def blurs_background(node: Node) -> bool:
    return _radius(node, "BACKGROUND_BLUR") > 0


def has_unknown_effect(node: Node) -> bool:
    """Noise, texture, glass and whatever comes next: the fill is not what is seen."""
    return any(text(each, "type") not in _PLAIN for each in _effects(node))


def obstacle_of_text(place: Place, *, is_stroked: bool) -> str:
    """Why the letters of a text are not seen in their own colour alone, or ""."""
    if is_stroked:
        return "a stroke round its letters"
    if _effects(place.node):
        return "an effect on its letters"
    for around in place.ancestors():
        # A frame without a fill casts the shadow of what is in it.
        if any(is_visible(each) for each in children(around.node, "fills")):
            break
        if any(text(each, "type") in _SHADOWS for each in _effects(around.node)):
            return f"the shadow of the layer {around.name} ({around.id})"
    return ""


def _effects(node: Node) -> list[Node]:
    return [each for each in children(node, "effects") if each.get("visible") is not False]


def _radius(node: Node, kind: str) -> float:
    radii = (
        max(number(each, "radius"), number(each, "startRadius"))
        for each in _effects(node)
        if text(each, "type") == kind
    )
    radius = max(radii, default=0.0)
    return radius if radius >= _LEAST_BLUR_PX else 0.0
