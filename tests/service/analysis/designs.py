"""Small selections as a plugin sends them, good and broken, and requests made of them."""

import copy
from typing import Any

from service.analysis.canonical import Prepared, prepare
from service.analysis.request import AnalysisRequest
from tests.service.review.nodes import box, control, frame, solid, text_node

GREY = {"id": "VariableID:1:1", "name": "Text/Secondary", "color": "#595959", "kind": "variable"}
INK = {"id": "VariableID:1:2", "name": "Text/Primary", "color": "#1e1e1e", "kind": "variable"}
BRAND = {"id": "VariableID:1:3", "name": "Brand", "color": "#0044cc", "kind": "variable"}
HINT = {"id": "S:abc,", "name": "Hint", "color": "#6b6b6b", "kind": "style"}
PALETTE = [GREY, INK, BRAND]


def pale_text(at: int = 0, **more: Any) -> dict[str, Any]:
    """A card with a text that is hard to read."""
    return frame(
        text_node(
            "#b3b3b3", id=f"{at}:2", name="Price",
            absoluteBoundingBox=box(20 + at, 20, 60, 20),
        ),
        id=f"{at}:1",
        name="Card",
        absoluteBoundingBox=box(at, 0, 200, 120),
        **more,
    )  # fmt: skip


def off_grid(at: int = 0, **more: Any) -> dict[str, Any]:
    """A row whose gap and padding are off the grid."""
    texts = (
        text_node(id=f"{at}:{12 + each}", absoluteBoundingBox=box(at + 60.0 * each, 300, 50, 20))
        for each in range(2)
    )
    return frame(
        *texts,
        id=f"{at}:11",
        name="Row",
        absoluteBoundingBox=box(at, 300, 200, 40),
        layoutMode="HORIZONTAL",
        itemSpacing=7,
        paddingLeft=5,
        **more,
    )


def small_targets(at: int = 0) -> dict[str, Any]:
    """Two buttons that are too small and too near to each other."""
    return frame(
        control("Button", 20, 20, x=at, id=f"{at}:22"),
        control("Button", 20, 20, x=at + 20, id=f"{at}:23"),
        id=f"{at}:21",
        name="Actions",
        absoluteBoundingBox=box(at, 90, 300, 60),
    )


def clean_card(at: int = 0) -> dict[str, Any]:
    """Nothing is wrong with it."""
    return frame(
        text_node(
            "#1e1e1e", id=f"{at}:32", name="Title", styles={"fill": "S:1", "text": "S:2"},
            absoluteBoundingBox=box(at + 16, 516, 100, 20),
        ),
        fill=None,
        id=f"{at}:31",
        name="Clean card",
        fills=[solid("#ffffff", boundVariables={"color": {"id": "VariableID:9:9"}})],
        absoluteBoundingBox=box(at, 500, 200, 52),
    )  # fmt: skip


def screen(*parts: dict[str, Any]) -> dict[str, Any]:
    below = parts or (pale_text(), off_grid(), small_targets(), clean_card())
    return frame(*below, id="9:1", name="Screen", absoluteBoundingBox=box(0, 0, 400, 800))


def body(*elements: dict[str, Any], **more: Any) -> dict[str, Any]:
    """The body of a request. ``more``: its other fields; those of ``data`` with ``data_``."""
    data = {"elements": copy.deepcopy(list(elements or (screen(),))), "palette": PALETTE}
    data |= {key[5:]: more.pop(key) for key in list(more) if key.startswith("data_")}
    return {"type": "design-analysis", "data": data, **more}


def request(*elements: dict[str, Any], **more: Any) -> AnalysisRequest:
    return AnalysisRequest.model_validate(body(*elements, **more))


def prepared(*elements: dict[str, Any], **more: Any) -> Prepared:
    return prepare(request(*elements, **more))
