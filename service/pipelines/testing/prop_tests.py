"""The tests of props: words, what is shown or hidden, slots, disabled."""

import json

from service.pipelines.generate.markup import literal
from service.pipelines.spec.elements import Prop, Spec
from service.pipelines.testing.outlines import (
    Part,
    defaults,
    off_by_default,
    parts,
    variant_of,
)
from service.pipelines.testing.said_parts import numbered, squeezed, tags_of


def prop_tests(spec: Spec, prop: Prop, there: list[Part]) -> list[str]:
    if prop.kind == "text":
        return _text_prop(spec, prop, there)
    if prop.kind == "entry":
        return _entry_prop(spec, prop, there)
    if prop.kind == "boolean":
        return _boolean_prop(spec, prop)
    if prop.kind == "slot":
        return _slot_prop(spec, prop, there)
    if prop.kind == "disabled":
        return _disabled_prop(spec, there)
    return []


def _text_prop(spec: Spec, prop: Prop, there: list[Part]) -> list[str]:
    owner = next((part for part in there if part.element.prop == prop.name), None)
    if owner is None:
        return []
    if owner.element.kind == "field":
        number = next(at for part, at in numbered(there) if part is owner)
        name = "value" if owner.element.attribute("value") else "placeholder"
        check = (
            f'expect(nth(container, "input", {number}).getAttribute("{name}")).toBe("Other words");'
        )
    else:
        words = "".join(
            "Otherwords" if part.element.prop == prop.name else "".join(part.text.split())
            for part in there
        )
        check = f"expect(said(container)).toBe({literal(words)});"
    return [
        f"  it({literal(f'says {prop.name}')}, () => {{",
        f'    const {{ container }} = render(<{spec.name} {prop.name}="Other words" />);',
        f"    {check}",
        "  });",
        "",
    ]


def _entry_prop(spec: Spec, prop: Prop, there: list[Part]) -> list[str]:
    number = next((at for part, at in numbered(there) if part.element.id == prop.element), None)
    if number is None:
        return []
    place = f'nth(container, "input", {number})'
    return [
        f"  it({literal(f'begins with {prop.name}, and can be typed into')}, async () => {{",
        f'    const {{ container }} = render(<{spec.name} {prop.name}="Other words" />);',
        f'    expect({place}.getAttribute("value")).toBe("Other words");',
        f'    await userEvent.type({place}, "7");',
        f'    expect(({place} as HTMLInputElement).value).toBe("Other words7");',
        "  });",
        "",
    ]


def _boolean_prop(spec: Spec, prop: Prop) -> list[str]:
    lines: list[str] = []
    for value, word in (("true", "shows"), ("false", "hides")):
        hidden = off_by_default(spec) - {prop.name} | ({prop.name} if value == "false" else set())
        there = list(parts(variant_of(spec.root, defaults(spec), frozenset(hidden))))
        lines += [
            f"  it({literal(f'{word} what {prop.name} is for')}, () => {{",
            f"    const {{ container }} = render(<{spec.name} {prop.name}={{{value}}} />);",
            f"    expect(said(container)).toBe({literal(squeezed(there))});",
            f"    expect(tags(container)).toEqual({json.dumps(tags_of(there))});",
            "  });",
            "",
        ]
    return lines


def _slot_prop(spec: Spec, prop: Prop, there: list[Part]) -> list[str]:
    owner = next((part for part in there if part.element.prop == prop.name), None)
    if owner is None:
        return []
    inside = {part.path for part in there if part.path[: len(owner.path)] == owner.path}
    words = "".join(
        "Something"
        if part.path == owner.path
        else ("" if part.path in inside else "".join(part.text.split()))
        for part in there
    )
    given = (
        f"<{spec.name}><b>Something</b></{spec.name}>"
        if prop.name == "children"
        else f"<{spec.name} {prop.name}={{<b>Something</b>}} />"
    )
    return [
        f"  it({literal(f'holds {prop.name}')}, () => {{",
        f"    const {{ container }} = render({given});",
        f"    expect(said(container)).toBe({literal(words)});",
        '    expect(tags(container)).toContain("b");',
        "  });",
        "",
    ]


def _disabled_prop(spec: Spec, there: list[Part]) -> list[str]:
    lines = ['  it("can be disabled", async () => {']
    handler = next((each for each in spec.props if each.kind == "handler"), None)
    control = next(
        (
            (part, number)
            for part, number in numbered(there)
            if part.element.tag in ("button", "input")
        ),
        None,
    )
    if control is None:
        return [
            *lines,
            f"    const {{ container }} = render(<{spec.name} disabled />);",
            '    expect(container.children[0]?.hasAttribute("data-disabled")).toBe(true);',
            "  });",
            "",
        ]
    place = f"nth(container, {literal(control[0].element.tag)}, {control[1]}) as HTMLButtonElement"
    heard = f" {handler.name}={{heard}}" if handler else ""
    lines += ["    const heard = vi.fn();"] if handler else []
    lines += [
        f"    const {{ container }} = render(<{spec.name} disabled{heard} />);",
        f"    const control = {place};",
        "    expect(control.disabled).toBe(true);",
    ]
    if spec.root.tag not in ("button", "input"):
        lines.append('    expect(container.children[0]?.hasAttribute("data-disabled")).toBe(true);')
    if handler:
        lines += [
            "    await userEvent.click(control);",
            "    expect(heard).not.toHaveBeenCalled();",
        ]
    lines += [
        "    cleanup();",
        f"    const other = render(<{spec.name} />).container;",
        f"    expect(({place.replace('container', 'other')}).disabled).toBe(false);",
        "  });",
        "",
    ]
    return lines
