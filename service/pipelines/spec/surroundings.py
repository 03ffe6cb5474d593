"""What is known where an element stands, when it is said what it is."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from service.pipelines.spec.elements import Element

HEADING = re.compile(r"h[1-6]\Z")


@dataclass(frozen=True)
class Around:
    """What an element stands in. ``phrasing``: only text-like elements may stand there."""

    phrasing: bool = False
    interactive: bool = False
    parent: str = ""
    is_root: bool = False
    in_form: bool = False
    label: str = ""


@dataclass(frozen=True)
class Known:
    """What is known of the whole design.

    ``clicked``: tag and address by layer, from a prototype (see ``connections``).
    ``levels``: heading level by font size; ``body``: the size of most letters; both in px.
    """

    components: Mapping[str, str]
    overrides: Mapping[str, str]
    levels: Mapping[float, int]
    body: float
    clicked: Mapping[str, tuple[str, str]] = field(default_factory=dict)


def merged(
    first: Iterable[tuple[str, str]], second: Iterable[tuple[str, str]]
) -> tuple[tuple[str, str], ...]:
    return tuple(sorted({**dict(first), **dict(second)}.items()))


def accessible_name(element: Element) -> str:
    return " ".join(element.name.split()) or "Unnamed"
