"""What tokens are called: by the designer's own names, without the words that their classes say
already; else by what they do. None is a class of Tailwind's own."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from service.pipelines.spec.code_names import kebab
from service.pipelines.spec.scales import length

# Words that make a class of Tailwind's own, and words that one of those begins with.
_OWN = {
    "2xl", "3xl", "4xl", "5xl", "6xl", "7xl", "8xl", "9xl", "auto", "balance", "base", "black",
    "bold", "bottom", "center", "clip", "collapse", "color", "contain", "cover", "current",
    "dashed", "dotted", "double", "ellipsis", "end", "extrabold", "extralight", "fit", "fixed",
    "full", "hidden", "inherit", "inner", "justify", "left", "lg", "light", "local", "max",
    "md", "medium", "min", "mono", "none", "normal", "nowrap", "pretty", "px", "repeat",
    "right", "sans", "screen", "scroll", "semibold", "separate", "serif", "sm", "solid",
    "start", "style", "thin", "tight", "tighter", "top", "transparent", "weight", "white",
    "wide", "wider", "widest", "wrap", "xl", "xs",
}  # fmt: skip
_OWN_STARTS = {
    "b", "bl", "blend", "br", "clip", "conic", "e", "gradient", "inset", "l", "linear",
    "offset", "opacity", "origin", "position", "r", "radial", "repeat", "s", "shadow",
    "spacing", "stretch", "t", "tl", "tr", "x", "y",
}  # fmt: skip
_CALLED = {
    "color": "tone", "fontFamily": "face", "fontSize": "type", "radius": "corner",
    "shadow": "depth",
    "gradient": "fade", "letterSpacing": "spaced", "spacing": "room",
}  # fmt: skip
# Words that the class of a property says already: "text-text-primary" says it twice.
_COLOUR_WORDS = {"color", "colors", "colour", "colours"}
_EDGE_WORDS = {"border", "borders", "stroke", "outline"}
_SAID_BY = {
    "color": {"text", "fg", "foreground", "font"},
    "background-color": {"bg", "background", "backgrounds", "fill"},
    "border-color": _EDGE_WORDS, "outline-color": _EDGE_WORDS,
    "fontSize": {"text", "font", "type", "typography"}, "fontFamily": {"font", "family"},
    "radius": {"radius", "radii", "rounded", "corner", "corners"},
    "shadow": {"shadow", "shadows"}, "gradient": {"gradient", "gradients"},
    "letterSpacing": {"tracking"}, "spacing": {"spacing", "space"},
}  # fmt: skip


@dataclass
class Use:
    """A value with what it is used for."""

    type: str
    value: str
    origin: str
    properties: Counter[str] = field(default_factory=Counter)
    on_button: int = 0
    parts: tuple[tuple[str, str], ...] = ()

    @property
    def count(self) -> int:
        return sum(self.properties.values())


def all_names(styles: Mapping[str, str], variables: Mapping[str, str]) -> dict[str, str]:
    """What the designer calls styles ("S:" and its key) and variables ("V:")."""
    found = {f"S:{key}": name for key, name in styles.items()}
    found.update({f"V:{key}": name for key, name in variables.items()})
    # A name in letters that no class can have is none.
    return {key: name for key, name in found.items() if kebab(name)}


def same_names(names: Mapping[str, str]) -> dict[str, str]:
    """For each style or variable, the first that makes the same name."""
    first: dict[str, str] = {}
    return {key: first.setdefault(kebab(names[key]), key) for key in sorted(names)}


def designers_names(uses: list[Use], names: Mapping[str, str]) -> dict[int, str]:
    """What the designer calls each use, by its id, without what its class says already: so long as
    no other has that name."""
    whole = {id(each): kebab(names[each.origin]) for each in uses if names.get(each.origin)}
    short = {id(each): _shorter(whole[id(each)], each) for each in uses if id(each) in whole}
    origins: dict[str, set[str]] = {}
    for each in uses:
        for name in {whole.get(id(each), ""), short.get(id(each), "")}:
            origins.setdefault(name, set()).add(each.origin)
    return {
        key: short[key] if len(origins[short[key]]) == 1 else name for key, name in whole.items()
    }


def _shorter(name: str, use: Use) -> str:
    parts = name.split("-")
    if use.type == "color":
        if len(parts) > 1 and parts[0] in _COLOUR_WORDS:
            parts = parts[1:]
        spoken = set.intersection(*(_SAID_BY[each] for each in use.properties))
    else:
        spoken = _SAID_BY.get(use.type, set())
    return "-".join(parts[1:] if len(parts) > 1 and parts[0] in spoken else parts)


def clear_name(name: str, kind: str) -> str:
    """A name that makes no class of Tailwind's own: "text-sm" is a size, whatever a colour is
    called."""
    first = name.split("-")[0]
    if name in _OWN or name.isdigit() or first in _OWN_STARTS or first.isdigit():
        return f"{_CALLED.get(kind, 'value')}-{name}"[:48]
    return name


def role_name(use: Use) -> str:
    """A name for what a value does."""
    if use.type == "color":
        usual = max(sorted(use.properties), key=lambda each: use.properties[each])
        if usual == "background-color":
            return "accent" if use.on_button * 2 > use.count else "surface"
        return "ink" if usual == "color" else "line"
    if use.type == "fontFamily":
        return kebab(use.value) or "text"
    size = length(use.value)
    number = f"{size:g}".replace(".", "-").replace("-", "", 1) if size is not None else ""
    return {
        "fontSize": f"size-{number}",
        "radius": f"corner-{number}",
        "shadow": "edge" if use.value.startswith("inset") else "raised",
        "gradient": "fade",
        "letterSpacing": "spaced",
    }.get(use.type, "value")
