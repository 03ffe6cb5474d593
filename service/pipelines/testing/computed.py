"""What a browser must compute for each layer: the style check that knows nothing of classes."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from service.pipelines.spec.elements import Declaration, Element, Rendering, Spec
from service.pipelines.testing.outlines import off_by_default, parts, variant_of

# Properties whose computed value is what was declared, or as good as that.
_PLAIN = {
    "display", "flex-direction", "flex-wrap", "justify-content", "align-items", "position",
    "opacity",
    "font-weight", "font-style", "text-align", "text-transform", "object-fit", "mix-blend-mode",
    "z-index", "white-space", "text-decoration-line", "box-shadow",
}  # fmt: skip
_COLOURS = {"color", "background-color", "outline-color"}
_LENGTH = re.compile(
    r"(padding-\w+|row-gap|column-gap|font-size|line-height|border-\w+-width|outline-width|min-height"
    r"|border-radius)\Z"
)
_BLOCKS = {"label": "flex"}


@dataclass(frozen=True)
class Expectation:
    """A layer, a property, and what ``getComputedStyle`` must say of it."""

    node_id: str
    property: str
    value: str


def computed_styles(spec: Spec, rendering: Rendering) -> tuple[Expectation, ...]:
    """Expectations for one variant at its designed width. Colours are "rgb(r, g, b)" or "rgba(…)";
    lengths are px, and a browser's may differ by half a pixel."""
    root = variant_of(spec.root, dict(rendering.props), off_by_default(spec))
    return tuple(found for part in parts(root) if part.element.id for found in _of(part.element))


def _of(element: Element) -> Iterator[Expectation]:
    for each in element.declarations:
        if each.state:
            continue
        if value := _computed(each, element):
            name = each.property
            if name == "border-color":
                side = next(
                    (
                        s
                        for s in ("top", "right", "bottom", "left")
                        if element.value(f"border-{s}-width")
                    ),
                    "top",
                )
                name = f"border-{side}-color"
            elif name == "border-radius":
                name = "border-top-left-radius"
            yield Expectation(element.id, name, value)


def _computed(each: Declaration, element: Element) -> str:
    if each.property in _COLOURS or each.property == "border-color":
        return _rgb(each.value)
    if each.property in _PLAIN:
        return each.value
    if _LENGTH.match(each.property) and each.value.endswith("px") and each.value != "9999px":
        return each.value
    return ""


def _rgb(value: str) -> str:
    if not value.startswith("#"):
        return ""
    red, green, blue = (int(value[at : at + 2], 16) for at in (1, 3, 5))
    if len(value) == 7:
        return f"rgb({red}, {green}, {blue})"
    return f"rgba({red}, {green}, {blue}, {round(int(value[7:], 16) / 255, 3):g})"
