"""The layers of a request: the fields of a node that measuring reads, and nothing else.

``exportAsync({format: 'JSON_REST_V1'})`` gives nodes in the shape of the REST API. Fields that are
not listed here are dropped.
https://developers.figma.com/docs/rest-api/file-node-types/
"""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, StringConstraints
from typing_extensions import TypedDict

MAX_TEXT = 50_000
_NAME_CHARS = 200
_MOST = 1_000
_STRICT = ConfigDict(strict=True, extra="ignore")


def _cut_name(name: str) -> str:
    """One line that can be shown. The default name of a text layer is its text."""
    cut = name[:_NAME_CHARS]
    return cut if cut.isprintable() else "".join(one if one.isprintable() else " " for one in cut)


def _first(limit: int) -> Any:
    def few(value: object) -> object:
        return value[:limit] if isinstance(value, list) else value

    return BeforeValidator(few)


Number = Annotated[float, Field(ge=-1e7, le=1e7, allow_inf_nan=False)]
# With room for float noise.
Share = Annotated[float, Field(ge=-1e-4, le=1 + 1e-4, allow_inf_nan=False)]
Word = Annotated[str, StringConstraints(max_length=64)]
Identity = Annotated[str, StringConstraints(min_length=1, max_length=300)]
Name = Annotated[str, StringConstraints(max_length=MAX_TEXT), AfterValidator(_cut_name)]


def _bindings(value: object) -> object:
    """Which variable gives a value: only the ids of aliases, however they are nested."""
    if not isinstance(value, Mapping):
        return value
    return {
        name: found
        for name, each in list(value.items())[:_MOST]
        if isinstance(name, str) and (found := _alias(each, 3)) is not None
    }


def _alias(value: object, levels: int) -> Any:
    if isinstance(value, list) and levels:
        return [_alias(each, levels - 1) for each in value[:50]]
    if not isinstance(value, Mapping):
        return None
    identity = value.get("id")
    if isinstance(identity, str):
        return {"type": "VARIABLE_ALIAS", "id": identity[:300]}
    if not levels:
        return None
    inner = {
        name: found
        for name, each in list(value.items())[:50]
        if isinstance(name, str) and (found := _alias(each, levels - 1)) is not None
    }
    return inner or None


def _triggers(value: object) -> object:
    """Of the prototype's connections, only how each begins."""
    if not isinstance(value, list):
        return value
    kept: list[dict[str, Any]] = []
    for each in value[:20]:
        trigger = each.get("trigger") if isinstance(each, Mapping) else None
        kind = trigger.get("type") if isinstance(trigger, Mapping) else None
        kept.append({"trigger": {"type": kind[:64]}} if isinstance(kind, str) else {})
    return kept


def _properties(value: object) -> object:
    """Of a component's properties, only their plain values."""
    if not isinstance(value, Mapping):
        return value
    plain = ("type", "value", "defaultValue")
    return {
        name[:_NAME_CHARS]: {
            key: each[key][:_NAME_CHARS] if isinstance(each[key], str) else each[key]
            for key in plain
            if isinstance(each.get(key), str | bool)
        }
        | ({"variantOptions": options} if (options := _options(each)) else {})
        for name, each in list(value.items())[:100]
        if isinstance(name, str) and isinstance(each, Mapping)
    }


def _options(each: Mapping[str, Any]) -> list[str]:
    given = each.get("variantOptions")
    listed = given[:100] if isinstance(given, list) else []
    return [option[:_NAME_CHARS] for option in listed if isinstance(option, str)]


Bindings = Annotated[dict[str, Any], BeforeValidator(_bindings)]
Properties = Annotated[dict[str, Any], BeforeValidator(_properties)]
Connections = Annotated[list[dict[str, Any]], BeforeValidator(_triggers)]


class Vector(TypedDict, total=False):
    __pydantic_config__ = _STRICT  # type: ignore[misc]
    x: Number | None
    y: Number | None


class Rectangle(TypedDict, total=False):
    __pydantic_config__ = _STRICT  # type: ignore[misc]
    x: Number | None
    y: Number | None
    width: Number | None
    height: Number | None


class Colour(TypedDict, total=False):
    __pydantic_config__ = _STRICT  # type: ignore[misc]
    r: Share
    g: Share
    b: Share
    a: Share


class Stop(TypedDict, total=False):
    __pydantic_config__ = _STRICT  # type: ignore[misc]
    position: Number
    color: Colour
    boundVariables: Bindings | None


class Paint(TypedDict, total=False):
    __pydantic_config__ = _STRICT  # type: ignore[misc]
    type: Word
    visible: bool | None
    opacity: Share | None
    blendMode: Word | None
    color: Colour | None
    gradientStops: Annotated[list[Stop], Field(max_length=100)] | None
    gradientHandlePositions: Annotated[list[Vector], Field(max_length=10)] | None
    scaleMode: Word | None
    boundVariables: Bindings | None


class Effect(TypedDict, total=False):
    __pydantic_config__ = _STRICT  # type: ignore[misc]
    type: Word
    visible: bool | None
    color: Colour | None
    radius: Number | None
    startRadius: Number | None
    spread: Number | None
    offset: Vector | None
    blendMode: Word | None
    blurType: Word | None
    showShadowBehindNode: bool | None
    boundVariables: Bindings | None


class Arc(TypedDict, total=False):
    __pydantic_config__ = _STRICT  # type: ignore[misc]
    startingAngle: Number | None
    endingAngle: Number | None
    innerRadius: Number | None


class Sides(TypedDict, total=False):
    __pydantic_config__ = _STRICT  # type: ignore[misc]
    top: Number | None
    right: Number | None
    bottom: Number | None
    left: Number | None


class Constraints(TypedDict, total=False):
    __pydantic_config__ = _STRICT  # type: ignore[misc]
    vertical: Word | None
    horizontal: Word | None


class Detached(TypedDict, total=False):
    __pydantic_config__ = _STRICT  # type: ignore[misc]
    type: Word
    componentId: Identity | None
    componentKey: Identity | None


Paints = Annotated[list[Paint], Field(max_length=100)]
Effects = Annotated[list[Effect], Field(max_length=100)]


class TextStyle(TypedDict, total=False):
    __pydantic_config__ = _STRICT  # type: ignore[misc]
    fontFamily: Name | None
    fontPostScriptName: Name | None
    fontStyle: Name | None
    fontWeight: Number | None
    fontSize: Number | None
    italic: bool | None
    textCase: Word | None
    textDecoration: Word | None
    textAlignHorizontal: Word | None
    textAlignVertical: Word | None
    textAutoResize: Word | None
    textTruncation: Word | None
    maxLines: Number | None
    letterSpacing: Number | None
    lineHeightPx: Number | None
    lineHeightPercent: Number | None
    lineHeightPercentFontSize: Number | None
    lineHeightUnit: Word | None
    paragraphSpacing: Number | None
    paragraphIndent: Number | None
    fills: Paints | None
    boundVariables: Bindings | None


class Node(TypedDict, total=False):
    __pydantic_config__ = _STRICT  # type: ignore[misc]
    id: Identity
    name: Name
    type: Word
    children: "list[Node] | None"
    # Whether and how it is drawn
    visible: bool | None
    opacity: Share | None
    blendMode: Word | None
    isMask: bool | None
    maskType: Word | None
    clipsContent: bool | None
    locked: bool | None
    fills: Paints | None
    strokes: Paints | None
    background: Paints | None
    backgroundColor: Colour | None
    strokeWeight: Number | None
    individualStrokeWeights: Sides | None
    strokeAlign: Word | None
    cornerRadius: Number | None
    cornerSmoothing: Number | None
    rectangleCornerRadii: Annotated[list[Number], Field(max_length=4)] | None
    effects: Effects | None
    arcData: Arc | None
    booleanOperation: Word | None
    # Where it is
    absoluteBoundingBox: Rectangle | None
    absoluteRenderBounds: Rectangle | None
    size: Vector | None
    rotation: Number | None
    relativeTransform: (
        Annotated[list[Annotated[list[Number], Field(max_length=3)]], Field(max_length=2)] | None
    )
    minWidth: Number | None
    maxWidth: Number | None
    minHeight: Number | None
    maxHeight: Number | None
    constraints: Constraints | None
    # Layout
    layoutMode: Word | None
    layoutWrap: Word | None
    layoutAlign: Word | None
    layoutGrow: Number | None
    layoutPositioning: Word | None
    layoutSizingHorizontal: Word | None
    layoutSizingVertical: Word | None
    primaryAxisAlignItems: Word | None
    primaryAxisSizingMode: Word | None
    counterAxisAlignItems: Word | None
    counterAxisAlignContent: Word | None
    counterAxisSizingMode: Word | None
    itemSpacing: Number | None
    counterAxisSpacing: Number | None
    paddingLeft: Number | None
    paddingRight: Number | None
    paddingTop: Number | None
    paddingBottom: Number | None
    itemReverseZIndex: bool | None
    strokesIncludedInLayout: bool | None
    gridRowCount: Number | None
    gridColumnCount: Number | None
    gridRowGap: Number | None
    gridColumnGap: Number | None
    gridRowSpan: Number | None
    gridColumnSpan: Number | None
    gridRowAnchorIndex: Number | None
    gridColumnAnchorIndex: Number | None
    overflowDirection: Word | None
    scrollBehavior: Word | None
    isFixed: bool | None
    # Text
    characters: Annotated[str, StringConstraints(max_length=MAX_TEXT)] | None
    style: TextStyle | None
    characterStyleOverrides: Annotated[list[int], _first(MAX_TEXT)] | None
    styleOverrideTable: dict[str, TextStyle] | None
    # Components, tokens, prototype
    componentId: Identity | None
    componentProperties: Properties | None
    componentPropertyDefinitions: Properties | None
    componentPropertyReferences: dict[str, Name] | None
    styles: dict[str, Identity] | None
    boundVariables: Bindings | None
    interactions: Connections | None
    reactions: Connections | None
    transitionNodeID: Identity | None
    # What only a plugin knows
    detachedInfo: Detached | None
    inferredVariables: Bindings | None
    writable: bool | None
