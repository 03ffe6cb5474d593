"""The ways in which a component is called to see what it shows and does."""

from collections.abc import Iterator
from typing import Any

from service.pipelines.generate.markup import is_switch
from service.pipelines.spec import Rendering, Spec

# Beyond these, further variants say little more.
_MOST = 16


def props_of(spec: Spec, rendering: Rendering) -> dict[str, Any]:
    """A variant's props as a page passes them."""
    kinds = {each.name: each for each in spec.props}
    return {
        name: value == "true" if is_switch(kinds[name]) else value
        for name, value in rendering.props
        if name in kinds
    }


def calls(spec: Spec) -> list[dict[str, Any]]:
    """Each as {component, props, handlers, slots}."""
    return list(_calls(spec))[:_MOST]


def _calls(spec: Spec) -> Iterator[dict[str, Any]]:
    handlers = [each.name for each in spec.props if each.kind == "handler"]
    plain = {"component": spec.name, "props": {}, "handlers": handlers, "slots": []}
    yield plain
    yield {**plain, "handlers": []}
    for each in spec.props:
        if each.kind in ("boolean", "disabled"):
            yield {**plain, "props": {each.name: each.default != "true"}}
        elif each.kind in ("text", "entry"):
            yield {**plain, "props": {each.name: "Other words"}}
        elif each.kind == "slot":
            yield {**plain, "slots": [each.name]}
    for rendering in spec.renderings[1:]:
        yield {**plain, "props": props_of(spec, rendering)}
