"""What a variant of a component consists of, once its conditions are worked out."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from service.pipelines.spec.elements import Condition, Element, Spec
from service.pipelines.spec.specifying import holds

# Tags that say nothing by themselves: a page may have more or fewer of them.
SILENT = {"div", "span"}


@dataclass(frozen=True)
class Part:
    """An element in one variant. ``path``: the places among the children, from the root."""

    element: Element
    path: tuple[int, ...]
    text: str


def is_shown(
    element: Element, props: Mapping[str, str], hidden: frozenset[str] = frozenset()
) -> bool:
    """Whether an element is there. ``hidden``: boolean props that are off."""
    if element.visible_prop in hidden:
        return False
    return not element.shown or any(holds(each, props) for each in element.shown)


def variant_of(
    element: Element, props: Mapping[str, str], hidden: frozenset[str] = frozenset()
) -> Element:
    """The element as it is in one variant: only what is there, with the declarations that hold."""
    said = [each for each in element.texts if holds(each.when, props)][:1] or element.texts[-1:]
    if element.kind == "field" and len(element.texts) > 1:
        element = element.saying(said[0])
    return replace(
        element,
        declarations=tuple(each for each in element.declarations if holds(each.when, props)),
        texts=tuple(said),
        children=tuple(
            variant_of(each, props, hidden)
            for each in element.children
            if is_shown(each, props, hidden)
        ),
    )


def parts(root: Element) -> Iterator[Part]:
    """The elements of a variant from the top, with their paths and own texts."""
    yield from _parts(root, ())


def _parts(element: Element, path: tuple[int, ...]) -> Iterator[Part]:
    own = element.texts[0].plain if element.texts and element.kind == "text" else ""
    yield Part(element, path, own)
    for at, each in enumerate(element.children):
        yield from _parts(each, (*path, at))


def defaults(spec: Spec) -> dict[str, str]:
    """The variant that is shown without any props."""
    return {each.name: each.default for each in spec.props if each.kind == "variant"}


def off_by_default(spec: Spec) -> frozenset[str]:
    """Boolean props that are false by default."""
    return frozenset(
        each.name for each in spec.props if each.kind == "boolean" and each.default == "false"
    )


def tells(when: Condition) -> str:
    """A condition in words."""
    return ", ".join(f"{name} {' or '.join(values)}" for name, values in when)
