"""Small node trees in Figma's own shape, and the one fact measured on a node of them."""

from typing import Any

from service.review import Facts


def solid(hex_colour: str, **more: Any) -> dict[str, Any]:
    red, green, blue = (int(hex_colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return {"type": "SOLID", "color": {"r": red, "g": green, "b": blue, "a": 1}, **more}


def box(x: float, y: float, width: float, height: float) -> dict[str, float]:
    return {"x": x, "y": y, "width": width, "height": height}


def text_node(colour: str = "#000000", size: float = 16, **more: Any) -> dict[str, Any]:
    node = {
        "id": "1:9",
        "name": "Label",
        "type": "TEXT",
        "characters": "Pay now",
        "style": {"fontFamily": "Inter", "fontSize": size, "fontWeight": 400},
        "fills": [solid(colour)],
        "absoluteBoundingBox": box(20, 20, 60, 20),
    }
    return node | more


def frame(*below: dict[str, Any], fill: str | None = "#ffffff", **more: Any) -> dict[str, Any]:
    node = {
        "id": "1:1",
        "name": "Screen",
        "type": "FRAME",
        "fills": [solid(fill)] if fill else [],
        "absoluteBoundingBox": box(0, 0, 400, 800),
        "children": list(below),
    }
    return node | more


def only(facts: Facts, kind: str, node_id: str = "1:9") -> Any:
    found = [fact for fact in facts.of(kind) if fact.node_id == node_id]
    assert len(found) == 1, found
    return found[0]


def control(name: str, width: float, height: float, x: float = 0, **more: Any) -> dict[str, Any]:
    node = {
        "id": more.pop("id", "1:9"),
        "name": name,
        "type": "INSTANCE",
        "absoluteBoundingBox": box(x, 100, width, height),
    }
    return node | more
