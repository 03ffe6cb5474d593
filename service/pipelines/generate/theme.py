"""The tokens as a Tailwind theme and as the JSON of the Design Tokens Community Group.

https://www.designtokens.org/tr/2025.10/format/ and https://tailwindcss.com/docs/theme
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from service.pipelines.spec.elements import Token
from service.pipelines.spec.scales import PHONE, length
from service.pipelines.spec.tokens import font_stack

# The namespace of Tailwind's theme, and the group and type of the JSON.
_KINDS = {
    "color": ("color", "color", "color"),
    "fontFamily": ("font", "font", "fontFamily"),
    "fontSize": ("text", "text", "dimension"),
    "radius": ("radius", "radius", "dimension"),
    "shadow": ("shadow", "shadow", "shadow"),
    "gradient": ("background-image", "gradient", "gradient"),
    "letterSpacing": ("tracking", "tracking", "dimension"),
    "spacing": ("spacing", "spacing", "dimension"),
}


def by_key(tokens: Iterable[Token]) -> dict[str, Token]:
    """Tokens by "type:name", as classes ask for them."""
    return {f"{each.type}:{each.name}": each for each in tokens}


def theme_css(tokens: Iterable[Token], *, has_phone: bool = False) -> str:
    """One ``@theme`` block, to be imported after Tailwind. ``has_phone``: "max-xs" is used."""
    lines = [f"--breakpoint-xs: {PHONE / 16:g}rem;"] if has_phone else []
    lines += [line for each in tokens for line in _variables(each)]
    body = "".join(f"  {line}\n" for line in lines)
    return f"@theme {{\n{body}}}\n"


def _variables(token: Token) -> Iterator[str]:
    name = f"--{_KINDS[token.type][0]}-{token.name}"
    value = font_stack(token.value) if token.type == "fontFamily" else token.value
    yield f"{name}: {value};"
    for part, said in token.parts:
        yield f"{name}--{part}: {said};"


def tokens_json(tokens: Iterable[Token]) -> str:
    """Design tokens, grouped by kind. ``$extensions`` says where a name is from and how often it is
    used."""
    groups: dict[str, dict[str, Any]] = {}
    for each in tokens:
        _, group, kind = _KINDS[each.type]
        said: dict[str, Any] = {"$type": kind, "$value": _value(each)}
        if each.parts:
            said = {"$type": "typography", "$value": _typography(each)}
        said["$extensions"] = {"buddy": {"origin": each.origin, "uses": each.uses}}
        if each.type in ("shadow", "gradient"):
            # Written as CSS, as the format has no way to say several layers in one value.
            said["$extensions"]["buddy"]["css"] = each.value
            said.pop("$type")
            said["$value"] = each.value
        groups.setdefault(group, {})[each.name] = said
    return json.dumps(groups, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def _value(token: Token) -> object:
    if token.type == "color":
        return _colour(token.value)
    if token.type == "fontFamily":
        return token.value
    return _dimension(token.value)


def _colour(value: str) -> Mapping[str, object]:
    if not value.startswith("#"):
        return {"colorSpace": "srgb", "components": [0, 0, 0], "alpha": 0}
    parts = [int(value[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    said: dict[str, object] = {
        "colorSpace": "srgb",
        "components": [round(part, 4) for part in parts],
        "hex": value[:7],
    }
    if len(value) == 9:
        said["alpha"] = round(int(value[7:], 16) / 255, 3)
    return said


def _dimension(value: str) -> object:
    size = length(value)
    if size is None:
        return (
            {"value": float(value.removesuffix("em")), "unit": "em"}
            if value.endswith("em")
            else value
        )
    return {"value": size, "unit": "px"}


def _typography(token: Token) -> dict[str, object]:
    parts = dict(token.parts)
    said: dict[str, object] = {"fontSize": _dimension(token.value)}
    if "font-weight" in parts:
        said["fontWeight"] = int(parts["font-weight"])
    if "letter-spacing" in parts:
        said["letterSpacing"] = _dimension(parts["letter-spacing"])
    if "line-height" in parts:
        high, size = length(parts["line-height"]), length(token.value)
        if high and size:
            said["lineHeight"] = round(high / size, 4)
    return said
