"""A small stand-in of the analysis: it finds pale texts and odd gaps, so that states can be shown.

It answers for the service where a test needs an answer that the service gives rarely or slowly.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

Json = dict[str, Any]
# What is too pale on white, what replaces it, and both contrasts.
PALE = {
    "#a3a9b6": ("#5b6170", "2.37:1", "6.18:1"),
    "#b8bdc9": ("#5b6170", "1.89:1", "6.18:1"),
    "#8fb0ff": ("#1d4ed8", "2.15:1", "6.70:1"),
    "#9aa1b0": ("#5b6170", "2.62:1", "6.18:1"),
}


def answer(body: Json, **more: Any) -> Json:
    """The answer to a body of POST /api/analyze/measure."""
    data = body["data"]
    tokens = {each["color"]: each for each in data["palette"] if each["kind"] == "variable"}
    groups: dict[tuple[str, str], list[Json]] = defaultdict(list)
    for node in _nodes(data["elements"]):
        fills = node.get("fills") or []
        if node["type"] == "TEXT" and fills and _hex(fills[0]["color"]) in PALE:
            groups[node["name"][:4], _hex(fills[0]["color"])].append(node)
    found = [_pale(name, colour, nodes, tokens) for (name, colour), nodes in groups.items()]
    for node in _nodes(data["elements"]):
        gap = node.get("itemSpacing")
        if gap and gap % 4:
            found.append(_gap(node, gap))
    kept = [each for each in found if each["fingerprint"] not in data["ignored"]]
    for ref, each in enumerate(kept, 1):
        each["ref"] = ref
    return {
        "state": "done",
        "source": "measured",
        "model": None,
        "cached": False,
        "summary": "",
        "suggestions": kept,
        "not_measurable": [
            _finding(node, [node], "contrast-text", "contrast", "info", "not measurable")
            for node in _nodes(data["elements"])
            if node.get("characterStyleOverrides")
        ],
        "notes": [],
        "file": {"grid": 4, "palette": list(tokens), "type_sizes": [11, 14, 15, 16, 18, 24]},
        "use": {"charged": False, "left": 10, "limit": 10, "plan": "trial"},
        **more,
    }


def with_words(body: Json) -> Json:
    """The same as a model's answer."""
    given = answer(
        body,
        id="6f2f6a34-1111-4222-8333-944444444444",
        source="model",
        model="openai/gpt-5-mini",
        summary="The texts are too pale to read outdoors. Start with the prices.",
        use={"charged": True, "left": 9, "limit": 10, "plan": "trial"},
    )
    for each in given["suggestions"]:
        each["words"] = (
            f"“{each['element_name']}” fades on a phone in the sun. Take the darker one."
        )
    return given


def _pale(name: str, colour: str, nodes: list[Json], tokens: dict[str, Json]) -> Json:
    new, before, after = PALE[colour]
    finding = _finding(nodes[0], nodes, "contrast-text", "contrast", "problem", before)
    token = tokens.get(new)
    changes = [
        {
            "element_id": node["id"],
            "property": "fills[0].color",
            "old": colour,
            "new": new,
            "token": token and {name: token[name] for name in ("id", "name", "kind")},
        }
        for node in nodes
    ]
    if all(node.get("writable") is not False for node in nodes):
        finding["patch"] = {"changes": changes, "measured": {"value": after}}
    return finding


def _gap(node: Json, gap: float) -> Json:
    finding = _finding(node, [node], "spacing-grid", "spacing", "hint", f"{gap} px")
    new = round(gap / 4) * 4
    change = {
        "element_id": node["id"],
        "property": "itemSpacing",
        "old": gap,
        "new": new,
        "token": None,
    }
    finding["patch"] = {"changes": [change], "measured": {"value": f"{new} px"}}
    return finding


def _finding(
    node: Json, nodes: list[Json], rule: str, kind: str, severity: str, value: str
) -> Json:
    is_text = kind == "contrast"
    cause = f"{rule}:{node['name'][:4]}:{value}"
    return {
        "element_id": node["id"],
        "element_name": node["name"],
        "element_ids": [each["id"] for each in nodes],
        "count": len(nodes),
        "rule": rule,
        "kind": kind,
        "severity": severity,
        "sure": "A",
        "fact": {
            "value": value,
            "threshold": "at least 4.5:1" if is_text else "a multiple of 4 px",
            "source": "WCAG 2.2 SC 1.4.3" if is_text else "Grid of this file",
            "source_url": "https://www.w3.org/TR/WCAG22/#contrast-minimum",
            "detail": "Several colours in one text." if value == "not measurable" else "",
        },
        "words": "",
        "fingerprint": hashlib.sha256(cause.encode()).hexdigest()[:16],
        "patch": None,
    }


def _nodes(elements: list[Json]) -> Iterator[Json]:
    for each in elements:
        yield each
        yield from _nodes(each.get("children", []))


def _hex(colour: Json) -> str:
    return "#" + "".join(f"{round(colour[channel] * 255):02x}" for channel in "rgb")
