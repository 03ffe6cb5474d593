"""The canonical form of a request: what two requests must share to get the same answer.

Where the selection lies, float noise, the order of the selected layers and their ids do not matter.
The quantised layers are what is measured, or else equal requests would have different facts.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import service.review
from service.analysis.request import MAX_DEPTH, MAX_LAYERS, AnalysisRequest, AnalysisType
from service.analysis.versions import PROMPT_VERSION, SCHEMA_VERSION
from service.review.facts import KINDS, Fact, Facts, Kind
from service.review.house_rules import with_house_rules
from service.review.measure import look_at, measure_screen
from service.review.palette import PaletteColour, Token
from service.review.patches import Patch, patches_for
from service.review.screen import Options, Screen

Layer = dict[str, Any]

# The topics of each type of analysis; design-analysis has all of them.
TOPICS: Mapping[AnalysisType, frozenset[Kind]] = {
    "color-suggestion": frozenset({"contrast", "non_text_contrast", "colour", "tokens"}),
    "layout-optimization": frozenset({"target_size", "type_size", "spacing", "layout"}),
}
# To 0.001; everything else is in px, to 0.01.
_FINE = frozenset({"opacity", "rotation", "position", "startingAngle", "endingAngle"})
_BOXES = frozenset({"absoluteBoundingBox", "absoluteRenderBounds"})
_COLOURS = frozenset({"color", "backgroundColor"})
# What tokens give: a "color" in it is a name.
_NAMES = frozenset({"boundVariables", "inferredVariables", "styles"})
# Of the layers around the selection: what shows through, and names, which can say "disabled".
_AROUND = frozenset(
    {
        *("id", "name", "type", "visible", "opacity", "blendMode", "clipsContent", "fills"),
        *("absoluteBoundingBox", "cornerRadius", "rectangleCornerRadii", "backgroundColor"),
        *("effects", "rotation", "componentId", "overflowDirection"),
    }
)
_ALL = "Selection"
# Stands for an id in stored answers. Names and words never contain it: it cannot be printed.
PLACE_MARK = "\ue000"
_ID_IN_TEXT = re.compile(rf"\((I?\d+:\d+(?:;\d+:\d+)*|{PLACE_MARK}\d+)\)")


@dataclass
class Prepared:
    """A request, ready to be measured and answered.

    ``document`` is the quantised tree with the asker's own ids, ``ids`` its selected layers and
    those in them in canonical order: the position in it, from 1, is the short number by which a
    model and the cache know a layer. ``around`` are the ids of the layers around them.
    ``cache_key`` is SHA-256 in hex.
    """

    request: AnalysisRequest
    document: Layer
    ids: tuple[str, ...]
    around: tuple[str, ...]
    cache_key: str
    options: Options
    model: str | None = None

    @cached_property
    def refs(self) -> dict[str, int]:
        """The short number of each layer."""
        return {identity: at for at, identity in enumerate(self.ids, 1)}

    @cached_property
    def short_names(self) -> dict[str, str]:
        """The short number of each layer as text; 0 for the layers around."""
        return dict.fromkeys(self.around, "0") | {each: str(ref) for each, ref in self.refs.items()}

    @property
    def root(self) -> str:
        """The id of the outermost layer."""
        return str(self.document["id"])

    @cached_property
    def screen(self) -> Screen:
        return look_at(
            self.document,
            options=self.options,
            max_nodes=MAX_LAYERS + MAX_DEPTH + 1,
            max_depth=2 * MAX_DEPTH + 1,
        )

    @cached_property
    def facts(self) -> Facts:
        """The facts about the selected layers, for the topics of the type. It takes about 0.1 ms
        per layer. Those about the whole are told of the first selected layer."""
        found = self.measured
        about = [
            each
            if each.node_id in self.refs
            else replace(each, node_id=self.ids[0], node_name=_ALL)
            for each in found.facts
            if each.node_id in self.refs or not each.cause
        ]
        return Facts(tuple(about), found.notes, found.scope, found.scale)

    @cached_property
    def measured(self) -> Facts:
        """All that was measured, the layers around the selection included."""
        return measure_screen(self.screen, TOPICS.get(self.request.type, KINDS))

    @cached_property
    def patches(self) -> dict[Fact, Patch]:
        """What would remove each finding, measured."""
        return patches_for(self.facts, self.screen, self.palette, before=self.measured)

    @cached_property
    def palette(self) -> list[PaletteColour]:
        """The colours of the file, each with the token that gives it."""
        return [
            PaletteColour(each.color, Token(each.id, each.name, each.kind))
            for each in self.request.data.palette
        ]


def prepare(
    request: AnalysisRequest,
    *,
    context_version: str = "",
    model: str | None = None,
    house_rules: str = "",
) -> Prepared:
    """Bring a request into its canonical form. Nothing is measured yet.

    ``context_version`` names the saved guidance that the answer goes by, ``model`` the
    ``provider/model`` that it chooses. ``house_rules`` are its design-system rules, which may
    switch rules off and set the grid; so may the request's own instructions.
    """
    data = request.data
    x, y = _origin(data.elements)
    roots = [_clean(dict(each), x, y) for each in data.elements]
    around = [
        _clean({key: each[key] for key in each if key in _AROUND}, x, y)  # type: ignore[literal-required]
        for each in data.ancestors
    ]
    _hold(around, roots)
    roots = _ordered(roots)
    options = Options(
        platform=request.context.platform,
        ignored=frozenset(data.ignored),
        tokens={each.id: each.name for each in data.palette},
        token_colours={each.id: each.color for each in data.palette},
    )
    options = with_house_rules(options, f"{house_rules}\n{request.context.instructions}")
    told = {
        "code": code_version(),
        "prompt": PROMPT_VERSION,
        "schema": SCHEMA_VERSION,
        "type": request.type,
        "question": request.question,
        "instructions": request.context.instructions,
        "context": context_version,
        "model": model or "",
        "platform": request.context.platform,
        "off": sorted(options.off),
        "grid": options.grid,
        "palette": sorted([each.id, each.name, each.color, each.kind] for each in data.palette),
        "ignored": sorted(set(data.ignored)),
        "around": [_without_ids(each) for each in around],
        "elements": _shared_causes(roots),
    }
    key = hashlib.sha256(_dump(told).encode()).hexdigest()
    document = _tree(around, roots)
    ids = tuple(layer["id"] for root in roots for layer in walk_layers(root))
    outer = tuple(each["id"] for each in around) if around else ("0:0",)
    return Prepared(request, document, ids, outer, key, options, model)


def walk_layers(root: Layer) -> Iterator[Layer]:
    """A layer and all in it, in drawing order."""
    stack = [root]
    while stack:
        layer = stack.pop()
        yield layer
        stack.extend(reversed(layer.get("children", ())))


def swap_ids(text: str, names: Mapping[str, str]) -> str:
    """The text with each "(1:23)" replaced by its name in brackets, if it has one."""
    return _ID_IN_TEXT.sub(lambda found: f"({names.get(found[1], found[1])})", text)


@cache
def code_version() -> str:
    """A short hash of the code that measures and of this room, so that no change of a rule or of a
    suggestion can be forgotten."""
    rooms = (Path(service.review.__file__).parent, Path(__file__).parent)
    digest = hashlib.sha256()
    for path in sorted(each for room in rooms for each in room.rglob("*.py")):
        digest.update(path.name.encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _origin(elements: Sequence[Mapping[str, Any]]) -> tuple[float, float]:
    """The left upper corner of the selection."""
    boxes = [box for each in elements if (box := each.get("absoluteBoundingBox"))]
    return (
        min((box.get("x") or 0.0 for box in boxes), default=0.0),
        min((box.get("y") or 0.0 for box in boxes), default=0.0),
    )


def _clean(layer: Layer, x: float, y: float) -> Layer:
    """The layer and all in it, quantised, seen from the origin, without empty fields."""
    kept: Layer = {}
    for key, value in layer.items():
        if value is None:
            continue
        if key == "children":
            kept[key] = [_clean(each, x, y) for each in value]
        elif key in _BOXES:
            kept[key] = _moved(value, x, y)
        elif key == "relativeTransform":
            kept[key] = _turned(value)
        elif key == "transitionNodeID":
            # That it leads somewhere, not where to.
            kept[key] = "1:1"
        else:
            kept[key] = _quantised(value, key)
    return kept


def _quantised(value: Any, key: str) -> Any:
    if isinstance(value, float):
        # "+ 0.0" turns -0.0 into 0.0.
        return round(value, 3 if key in _FINE else 2) + 0.0
    if key in _NAMES:
        return value
    if isinstance(value, dict):
        if key in _COLOURS:
            return _eight_bit(value)
        return {name: _quantised(each, name) for name, each in value.items() if each is not None}
    if isinstance(value, list):
        return [_quantised(each, key) for each in value]
    return value


def _eight_bit(colour: Mapping[str, float]) -> dict[str, float]:
    kept = {key: round(min(max(colour.get(key, 0.0), 0.0), 1.0) * 255) / 255 for key in "rgb"}
    return kept | {"a": round(colour.get("a", 1.0), 3) + 0.0}


def _moved(box: Mapping[str, float | None], x: float, y: float) -> dict[str, float]:
    from_origin = {"x": x, "y": y}
    return {
        key: round(value - from_origin.get(key, 0.0), 2) + 0.0
        for key, value in box.items()
        if value is not None
    }


def _turned(matrix: list[list[float]]) -> list[list[float]]:
    """The linear part of a transform: where its parent lies does not matter."""
    return [[*(round(each, 3) + 0.0 for each in row[:2]), 0.0] for row in matrix]


def _hold(around: list[Layer], roots: list[Layer]) -> None:
    """Where the selection lies in a layer that holds all of it does not matter: such a layer gets
    the box of the selection."""
    boxes = [box for root in roots if (box := root.get("absoluteBoundingBox"))]
    if not boxes or any(len(box) < 4 for box in boxes):
        return
    right = max(box["x"] + box["width"] for box in boxes)
    bottom = max(box["y"] + box["height"] for box in boxes)
    for layer in around:
        box = layer.get("absoluteBoundingBox")
        if box and len(box) == 4 and _holds(layer, box, right, bottom):
            layer["absoluteBoundingBox"] = {"x": 0.0, "y": 0.0, "width": right, "height": bottom}
            layer.pop("cornerRadius", None)
            layer.pop("rectangleCornerRadii", None)


def _holds(layer: Layer, box: Mapping[str, float], right: float, bottom: float) -> bool:
    """Whether a layer around holds all of the selection, and none of it in its round corners."""
    radius = max([layer.get("cornerRadius", 0.0), *layer.get("rectangleCornerRadii", ())])
    return (
        not layer.get("rotation")
        and box["x"] + radius <= 0
        and box["y"] + radius <= 0
        and box["x"] + box["width"] - radius >= right
        and box["y"] + box["height"] - radius >= bottom
    )


def _ordered(roots: list[Layer]) -> list[Layer]:
    """The roots in one order, however they were selected."""
    groups: dict[tuple[float, ...], list[Layer]] = {}
    for root in roots:
        groups.setdefault(_drawing_order(root), []).append(root)
    for group in groups.values():
        if len(group) > 1:
            group.sort(key=lambda root: (_dump(_without_ids(root)), root["id"]))
    return [root for order in sorted(groups) for root in groups[order]]


def _drawing_order(root: Layer) -> tuple[float, ...]:
    """The order in which selected layers are taken to be drawn. Figma does not tell it; what holds
    other layers is larger than they are."""
    box = root.get("absoluteBoundingBox", {})
    area = box.get("width", 0.0) * box.get("height", 0.0)
    return (-area, box.get("y", 0.0), box.get("x", 0.0))


def _without_ids(layer: Layer) -> Layer:
    rest = {key: value for key, value in layer.items() if key != "id"}
    if "children" in layer:
        rest["children"] = [_without_ids(each) for each in layer["children"]]
    return rest


def _shared_causes(roots: Sequence[Layer]) -> list[Any]:
    """The layers with numbers for ids: layers with the same number are the same layer of one
    component, and their findings are joined. "I" marks the layers in an instance."""
    numbers: dict[str, int] = {}

    def numbered(layer: Layer) -> Layer:
        identity = layer["id"]
        cause = identity.rpartition(";")[2]
        number = numbers.setdefault(cause, len(numbers))
        rest = layer | {"id": f"I{number}" if identity.startswith("I") else f"{number}"}
        if "children" in layer:
            rest["children"] = [numbered(each) for each in layer["children"]]
        return rest

    return [numbered(root) for root in roots]


def _tree(around: list[Layer], roots: list[Layer]) -> Layer:
    """The roots in the layers around them. Several roots alone lie on a page without a colour."""
    if not around and len(roots) == 1:
        return roots[0]
    if not around:
        return {"id": "0:0", "name": _ALL, "type": "CANVAS", "children": roots}
    below = roots
    for layer in reversed(around):
        layer["children"] = below
        below = [layer]
    return around[0]


def _dump(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
