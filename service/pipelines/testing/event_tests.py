"""The tests of handlers: each is told, and none is needed."""

from collections.abc import Mapping
from dataclasses import dataclass

from service.pipelines.generate.markup import literal
from service.pipelines.spec.elements import Spec
from service.pipelines.testing.given_props import props_given
from service.pipelines.testing.outlines import Part
from service.pipelines.testing.said_parts import key_of, numbered


@dataclass(frozen=True)
class _Heard:
    """An element with a handler: the handler's name, the tag, how many of its tag come before it,
    and what stands in it."""

    name: str
    tag: str
    number: int
    value: str


def event_tests(
    spec: Spec, props: Mapping[str, str], there: list[Part], seen: set[str]
) -> list[str]:
    handlers = {each.element: each.name for each in spec.props if each.kind == "handler"}
    heard = [
        _Heard(handlers[part.element.id], part.element.tag, number, part.element.attribute("value"))
        for part, number in numbered(there)
        if part.element.id in handlers and key_of(part) not in seen
    ]
    if not heard:
        return []
    given = props_given(spec, props)
    if len(heard) > _FEW:
        return _all_events(spec, given, heard)
    lines: list[str] = []
    for each in heard:
        name = each.name
        lines += [
            f"  it({literal(f'tells {name}')}, async () => {{",
            "    const heard = vi.fn();",
            f"    const {{ container }} = render(<{spec.name}{given} {name}={{heard}} />);",
            *_tells("heard", each),
            "  });",
            "",
            f"  it({literal(f'needs no {name}')}, async () => {{",
            f"    const {{ container }} = render(<{spec.name}{given} />);",
            *_does(each),
            "    expect(problems).toEqual([]);",
            "  });",
            "",
        ]
    return lines


# So many handlers are tried one by one; for more, the whole would be drawn too often.
_FEW = 6


def _all_events(spec: Spec, given: str, heard: list[_Heard]) -> list[str]:
    names = "".join(f" {each.name}={{heard.{each.name}}}" for each in heard)
    table = ", ".join(f"{each.name}: vi.fn()" for each in heard)
    return [
        '  it("tells each of its handlers", async () => {',
        f"    const heard = {{ {table} }};",
        f"    const {{ container }} = render(<{spec.name}{given}{names} />);",
        *(
            line
            for each in heard
            for line in ["    {", *_tells(f"heard.{each.name}", each), "    }"]
        ),
        "  });",
        "",
        '  it("needs none of its handlers", async () => {',
        f"    const {{ container }} = render(<{spec.name}{given} />);",
        *(line for each in heard for line in _does(each)),
        "    expect(problems).toEqual([]);",
        "  });",
        "",
    ]


def _place(tag: str, number: int) -> str:
    return f"nth(container, {literal(tag)}, {number})"


def _tells(heard: str, each: _Heard) -> list[str]:
    """What is done to an element, and what its handler must have heard."""
    if each.tag == "input":
        return [
            *_does(each),
            f"    expect({heard}).toHaveBeenCalledWith({literal(each.value + '7')});",
        ]
    if each.tag == "form":
        place = _place(each.tag, each.number)
        return [
            f"    const sent = createEvent.submit({place});",
            f"    fireEvent({place}, sent);",
            f"    expect({heard}).toHaveBeenCalledTimes(1);",
            "    expect(sent.defaultPrevented).toBe(true);",
        ]
    return [*_does(each), f"    expect({heard}).toHaveBeenCalledTimes(1);"]


def _does(each: _Heard) -> list[str]:
    place = _place(each.tag, each.number)
    if each.tag == "input":
        # What is typed comes after what stands there, and stays.
        return [
            f'    await userEvent.type({place}, "7");',
            f"    expect(({place} as HTMLInputElement).value).toBe({literal(each.value + '7')});",
        ]
    if each.tag == "form":
        return [f"    fireEvent.submit({place});"]
    return [f"    await userEvent.click({place});"]
