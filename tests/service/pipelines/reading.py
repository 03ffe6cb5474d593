"""Short ways to ask a spec about its elements."""

from typing import Any

from service.pipelines.spec import Element, Spec, build_spec
from tests.service.pipelines.fixtures.layers import Node, column, design, frame, row


def spec_of(document: Node, **maps: Any) -> Spec:
    return build_spec(design(document, **maps))


def named(spec: Spec, name: str) -> Element:
    """The first element of a layer's name."""
    return next(each for each in spec.root.walk() if each.name == name)


def css(element: Element, state: str = "") -> dict[str, str]:
    return {each.property: each.value for each in element.declarations if each.state == state}


def in_row(*children: Node, **more: Any) -> Spec:
    return spec_of(row("Root", *children, **{"w": 400, "h": 100, **more}))


def in_column(*children: Node, **more: Any) -> Spec:
    return spec_of(column("Root", *children, **{"w": 400, **more}))


def loose(*children: Node, **more: Any) -> Spec:
    """Layers in a frame without auto layout."""
    return spec_of(frame("Root", *children, **{"w": 400, "h": 300, **more}))
