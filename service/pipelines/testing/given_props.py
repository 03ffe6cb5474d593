"""How a test calls the component, and how it is named after the props."""

from collections.abc import Mapping

from service.pipelines.generate.markup import is_switch, literal
from service.pipelines.spec.elements import Spec

# A file of tests gets no further variants after so many letters.
LARGEST = 120_000


def props_given(spec: Spec, props: Mapping[str, str]) -> str:
    kinds = {each.name: each for each in spec.props}
    made = [
        f"{name}={{{value if is_switch(kinds[name]) else literal(value)}}}"
        for name, value in props.items()
        if name in kinds
    ]
    return "".join(f" {each}" for each in made)


def props_told(props: Mapping[str, str]) -> str:
    return ", ".join(f"{key} {value}" for key, value in props.items())


def in_brackets(name: str) -> str:
    return f" ({name})" if name else ""
