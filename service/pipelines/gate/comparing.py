"""What a browser shows beside what the spec demands: boxes, texts, colours and other styles."""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from coloraide import Color

from service.pipelines.spec import Bounds, Rendering

# Within so many px, or this share of the side, a box is where it was designed.
NEAR_PX, NEAR_SHARE = 2.0, 0.02
# CIEDE2000: no eye tells such colours apart. Tailwind's own are in OKLCH.
SAME_COLOUR = 1.2


def misplaced(rendering: Rendering, layers: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """(node, is, should) of each layer whose box is not where it was designed. ``layers`` by node:
    {"box": [x, y, width, height]}. The first layer is the root, from which all are measured."""
    origin = None
    for node_id, bounds in rendering.bounds:
        found = layers.get(node_id)
        should = _told(bounds.x, bounds.y, bounds.width, bounds.height)
        if found is None:
            yield node_id, "not there", should
            continue
        x, y, width, height = found["box"]
        if origin is None:
            origin = (x - bounds.x, y - bounds.y)
        box = (x - origin[0], y - origin[1], width, height)
        if not _is_near(box, bounds):
            yield node_id, _told(*box), should


def _is_near(box: tuple[float, float, float, float], bounds: Bounds) -> bool:
    should = (bounds.x, bounds.y, bounds.width, bounds.height)
    sides = (bounds.width, bounds.height, bounds.width, bounds.height)
    return all(
        abs(a - b) <= max(NEAR_PX, NEAR_SHARE * side)
        for a, b, side in zip(box, should, sides, strict=True)
    )


def _told(x: float, y: float, width: float, height: float) -> str:
    return f"{x:.1f}, {y:.1f}, {width:.1f} × {height:.1f}"


def is_alike(value: str | None, wanted: str) -> bool:
    """Whether a computed value is as good as the wanted one."""
    if value == wanted:
        return True
    if not value:
        return False
    if "px " in wanted:
        return _are_shadows_alike(value, wanted)
    if wanted.endswith("px") and value.endswith("px"):
        return abs(_pixels(value) - _pixels(wanted)) <= 0.5
    return "rgb" in wanted and _are_colours_alike(value, wanted)


@lru_cache(4096)
def _are_colours_alike(value: str, wanted: str) -> bool:
    first, second = _colour(value), _colour(wanted)
    if first is None or second is None or abs(first.alpha() - second.alpha()) > 0.005:
        return False
    return delta(value, wanted) < SAME_COLOUR


@lru_cache(4096)
def delta(value: str | None, wanted: str) -> float:
    """CIEDE2000 between two colours of CSS; 100 where one of them is none."""
    first, second = _colour(value or ""), _colour(wanted)
    if first is None or second is None:
        return 100.0
    return float(first.delta_e(second, method="2000"))


def _are_shadows_alike(value: str, wanted: str) -> bool:
    one, other = _shadows(value), _shadows(wanted)
    return len(one) == len(other) and all(
        a[0] == b[0]
        and len(a[1]) == len(b[1])
        and all(abs(x - y) <= 0.5 for x, y in zip(a[1], b[1], strict=True))
        and _are_colours_alike(a[2], b[2])
        for a, b in zip(one, other, strict=True)
    )


def _shadows(value: str) -> list[tuple[bool, list[float], str]]:
    """(is inset, lengths, colour) of each shadow that can be seen. Browsers name the colour first,
    and Tailwind puts invisible shadows before ours."""
    found = []
    for each in re.split(r",(?![^(]*\))", value):
        lengths = [float(size) for size in re.findall(r"(-?[\d.]+)px", each)]
        colour = re.sub(r"-?[\d.]+px|\binset\b", "", each).strip()
        if lengths and any([*lengths, 0.0]):
            found.append(("inset" in each, [*lengths, *[0.0] * (4 - len(lengths))], colour))
    return found


def _pixels(value: str) -> float:
    try:
        return float(value.removesuffix("px"))
    except ValueError:
        # "1px 2px"
        return float("inf")


def _colour(value: str) -> Color | None:
    try:
        return Color(value)
    except ValueError:
        return None


def percentile(values: list[float], share: float) -> float | None:
    """The nearest rank; None of nothing."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else None
