"""Tags that a person chose for layers, in the place of what was guessed."""

import re
from collections.abc import Mapping

from service.pipelines.spec.elements import Element

MOST_OVERRIDES = 200
# The reason of a tag that a person chose.
CHOSEN = "somebody said so"
OVERRULING = frozenset(
    {"button", "a", "nav", "header", "footer", "aside", "article", "ul", "ol", "li", "form"}
    | {"section", "main", "div", "span", "p", "label", "figure", "input"}
    | {f"h{level}" for level in range(1, 7)}
)
# "1:23", and in an instance "I1:23;4:56". Addresses have "-" for ":".
_LAYER = re.compile(r"I?\d{1,12}[:-]\d{1,12}(?:;\d{1,12}[:-]\d{1,12}){0,20}", re.ASCII)


class BadOverride(ValueError):
    """A choice of tags that cannot be taken. The text is for people; ``code`` is
    "bad_override"."""

    code = "bad_override"


def read_overrides(given: object) -> dict[str, str]:
    """Tags by layer, from a request's ``{"1:23": "nav"}``; {} for None. Raises BadOverride."""
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        raise BadOverride('Overrides are an object of layer ids and tags, as {"1:23": "nav"}.')
    if len(given) > MOST_OVERRIDES:
        raise BadOverride(f"At most {MOST_OVERRIDES} layers can be overruled; these are more.")
    return {read_layer(layer): read_tag(tag) for layer, tag in given.items()}


def read_layer(given: object) -> str:
    """The id of a layer as specs have it. Raises BadOverride."""
    if not isinstance(given, str) or not _LAYER.fullmatch(given):
        raise BadOverride(
            f"{_shown(given)} is no id of a layer. An id looks like 1:23: it stands in the "
            "address of a layer's link, with a hyphen there."
        )
    return given.replace("-", ":")


def read_tag(given: object) -> str:
    """What a layer is to become. Raises BadOverride."""
    if not isinstance(given, str) or given not in OVERRULING:
        raise BadOverride(
            f"A layer cannot become {_shown(given)}. Choose one of: "
            f"{', '.join(sorted(OVERRULING))}."
        )
    return given


def not_followed(root: Element, overrides: Mapping[str, str]) -> list[str]:
    """Notes about choices that could not be followed, and why."""
    tags = {each.id: each for each in root.walk()}
    notes: list[str] = []
    for layer, tag in sorted(overrides.items())[:MOST_OVERRIDES]:
        found = tags.get(layer)
        layer, tag = layer[:80], tag[:20]
        if found is None:
            notes.append(f"{layer}: there is no element of this id that could become {tag}")
        elif found.tag != tag and not _is_field(found, tag):
            why = f": {found.reason}" if found.reason else ""
            notes.append(f"{layer}: it cannot be {tag} there, and stays {found.tag}{why}")
    return notes


def _is_field(element: Element, tag: str) -> bool:
    """A box with its words becomes an input with a label round it."""
    return tag == "input" and element.tag == "label" and element.reason == CHOSEN


def _shown(value: object) -> str:
    """Enough of somebody's input to recognise it."""
    plain = re.sub(r"[^\w :;/.-]", "", str(value)[:40])
    return f'"{plain}"'
