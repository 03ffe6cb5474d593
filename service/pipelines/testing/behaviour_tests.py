"""The tests of behaviour: what a component says, has and does."""

import json
from collections.abc import Iterator, Mapping

from service.pipelines.generate.markup import BLANK_PAINT, literal
from service.pipelines.spec.elements import Element, Prop, Rendering, Spec
from service.pipelines.testing.given_props import LARGEST, in_brackets, props_given, props_told
from service.pipelines.testing.outlines import (
    SILENT,
    Part,
    defaults,
    off_by_default,
    parts,
    variant_of,
)

_IMPORTS = """\
import { cleanup, createEvent, fireEvent, render } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { NAME } from "./NAME";

const silent = new Set(["div", "span"]);
/** All elements but the insides of drawings, as the page has them. */
const elements = (container: Element) =>
  [...container.querySelectorAll("*")].filter((each) => !each.parentElement?.closest("svg"));
const tags = (container: Element) =>
  elements(container).map((each) => each.localName).filter((each) => !silent.has(each));
const said = (container: Element) => (container.textContent ?? "").replace(/\\s+/g, "");
const links = (container: Element) =>
  [...container.querySelectorAll("a")].map((each) => each.getAttribute("href"));
const nth = (container: Element, tag: string, at: number) => {
  const found = elements(container).filter((each) => each.localName === tag)[at];
  if (!found) throw new Error(`There is no ${tag} number ${at + 1}.`);
  return found as HTMLElement;
};
"""
_HOOKS = """\
  const problems: unknown[] = [];
  const hear = (event: ErrorEvent) => {
    problems.push(event.error ?? event.message);
  };

  beforeEach(() => {
    problems.length = 0;
    window.addEventListener("error", hear);
    vi.spyOn(console, "error").mockImplementation((...words: unknown[]) => {
      problems.push(words);
    });
  });

  afterEach(() => {
    cleanup();
    window.removeEventListener("error", hear);
    vi.restoreAllMocks();
    // An error in a handler fails no test by itself.
    expect(problems).toEqual([]);
  });
"""
# A shape of a drawing has one of these.
_DRAWN = "[d], [points], [r], [rx], [width], [x2]"


def behaviour_tests(spec: Spec) -> str:
    lines = [_IMPORTS.replace("NAME", spec.name), f'describe("{spec.name}", () => {{', _HOOKS]
    for rendering in spec.renderings:
        if sum(map(len, lines)) < LARGEST:
            lines += _shows(spec, rendering)
    seen: set[str] = set()
    for props in [defaults(spec), *(dict(each.props) for each in spec.renderings)]:
        # What only some variants have is tried in the first that has it.
        shown = list(parts(variant_of(spec.root, props, off_by_default(spec))))
        lines += _attributes(spec, props, shown, seen)
        lines += _events(spec, props, shown, seen)
        seen.update(_key(part) for part in shown)
    there = list(parts(variant_of(spec.root, defaults(spec), off_by_default(spec))))
    for prop in spec.props:
        lines += _prop(spec, prop, there)
    lines += _default_variant(spec)
    lines += [
        '  it("takes further classes", () => {',
        f'    const {{ container }} = render(<{spec.name} className="mine" />);',
        '    expect(container.children[0]?.classList.contains("mine")).toBe(true);',
        "  });",
        "});",
        "",
    ]
    return "\n".join(lines)


def _default_variant(spec: Spec) -> list[str]:
    props = defaults(spec)
    if not props:
        return []
    return [
        '  it("is the default variant if nothing is said", () => {',
        f"    const plain = render(<{spec.name} />).container.cloneNode(true);",
        "    cleanup();",
        f"    const told = render(<{spec.name}{props_given(spec, props)} />).container;",
        "    expect(told.isEqualNode(plain)).toBe(true);",
        "  });",
        "",
    ]


def _squeezed(there: list[Part]) -> str:
    return "".join("".join(part.text.split()) for part in there)


def _tags(there: list[Part]) -> list[str]:
    found: list[str] = []
    for part in there:
        if part.element.tag not in SILENT:
            found.append(part.element.tag)
        found += _inner_tags(part.element)
    return found


def _inner_tags(element: Element) -> Iterator[str]:
    """Tags that a text's runs and lists bring along."""
    if element.kind != "text" or not element.texts:
        return
    paragraphs = element.texts[0].paragraphs
    before = ""
    for paragraph in paragraphs:
        if paragraph.list and paragraph.list != before:
            yield paragraph.list
        if paragraph.list:
            yield "li"
        elif len(paragraphs) > 1 and paragraph is not paragraphs[-1]:
            yield "p"
        yield from (run.tag for run in paragraph.runs if run.text and run.tag not in ("", "span"))
        before = paragraph.list


def _shows(spec: Spec, rendering: Rendering) -> list[str]:
    props = dict(rendering.props)
    there = list(parts(variant_of(spec.root, props, off_by_default(spec))))
    name = props_told(props)
    return [
        f"  it({literal('says what was designed' + in_brackets(name))}, () => {{",
        f"    const {{ container }} = render(<{spec.name}{props_given(spec, props)} />);",
        f"    expect(said(container)).toBe({literal(_squeezed(there))});",
        f"    expect(tags(container)).toEqual({json.dumps(_tags(there))});",
        "  });",
        "",
    ]


def _numbered(there: list[Part]) -> Iterator[tuple[Part, int]]:
    """Each part, with how many of its tag come before it."""
    seen: dict[str, int] = {}
    for part in there:
        tag = part.element.tag
        yield part, seen.get(tag, 0)
        seen[tag] = seen.get(tag, 0) + 1
        for inner in _all_inner(part.element):
            seen[inner] = seen.get(inner, 0) + 1


def _all_inner(element: Element) -> Iterator[str]:
    yield from _inner_tags(element)
    if element.kind == "text" and element.texts:
        for paragraph in element.texts[0].paragraphs:
            yield from (run.tag for run in paragraph.runs if run.tag == "span" and run.text)


def _key(part: Part) -> str:
    return part.element.id or "/".join(map(str, part.path))


def _attributes(
    spec: Spec, props: Mapping[str, str], there: list[Part], seen: set[str]
) -> list[str]:
    checks: list[str] = []
    for part, number in _numbered(there):
        if _key(part) in seen:
            continue
        place = f"nth(container, {literal(part.element.tag)}, {number})"
        for name, value in part.element.attributes:
            if name == "aria-checked":
                checks.append(
                    f"expect({place}.getAttribute({literal(name)})).toMatch(/^(true|false)$/);"
                )
                continue
            checks.append(f"expect({place}.getAttribute({literal(name)})).toBe({literal(value)});")
        if part.element.kind == "image":
            checks.append(
                f'expect({place}.getAttribute("src")).toMatch(/^(data:image|https:|\\/|\\.)/);'
            )
        if part.element.kind == "picture":
            checks.append(f'expect({place}.getAttribute("viewBox")).toMatch(/^[-\\d. ]+$/);')
            checks.append(
                f'expect({place}.getAttribute("fill")).toMatch(/^(none|currentColor|{BLANK_PAINT})$/);'
            )
            checks.append(f"expect({place}.querySelector({literal(_DRAWN)})).not.toBeNull();")
        checks += [
            f"expect(links(container)).toContain({literal(href)});" for href in _run_links(part)
        ]
    if not checks:
        return []
    title = "says the same to assistive technology" + in_brackets(props_told(props))
    return [
        f"  it({literal(title)}, () => {{",
        f"    const {{ container }} = render(<{spec.name}{props_given(spec, props)} />);",
        *(f"    {each}" for each in checks),
        "  });",
        "",
    ]


def _run_links(part: Part) -> Iterator[str]:
    for text in part.element.texts[:1]:
        for paragraph in text.paragraphs:
            yield from (run.href for run in paragraph.runs if run.href)


def _events(spec: Spec, props: Mapping[str, str], there: list[Part], seen: set[str]) -> list[str]:
    handlers = {each.element: each.name for each in spec.props if each.kind == "handler"}
    heard = [
        (handlers[part.element.id], part.element.tag, number)
        for part, number in _numbered(there)
        if part.element.id in handlers and _key(part) not in seen
    ]
    if not heard:
        return []
    given = props_given(spec, props)
    if len(heard) > _FEW:
        return _all_events(spec, given, heard)
    lines: list[str] = []
    for name, tag, number in heard:
        lines += [
            f"  it({literal(f'tells {name}')}, async () => {{",
            "    const heard = vi.fn();",
            f"    const {{ container }} = render(<{spec.name}{given} {name}={{heard}} />);",
            *_tells("heard", tag, number),
            "  });",
            "",
            f"  it({literal(f'needs no {name}')}, async () => {{",
            f"    const {{ container }} = render(<{spec.name}{given} />);",
            *_does(tag, number),
            "    expect(problems).toEqual([]);",
            "  });",
            "",
        ]
    return lines


# So many handlers are tried one by one; for more, the whole would be drawn too often.
_FEW = 6


def _all_events(spec: Spec, given: str, heard: list[tuple[str, str, int]]) -> list[str]:
    names = "".join(f" {name}={{heard.{name}}}" for name, _, _ in heard)
    table = ", ".join(f"{name}: vi.fn()" for name, _, _ in heard)
    return [
        '  it("tells each of its handlers", async () => {',
        f"    const heard = {{ {table} }};",
        f"    const {{ container }} = render(<{spec.name}{given}{names} />);",
        *(
            line
            for name, tag, number in heard
            for line in ["    {", *_tells(f"heard.{name}", tag, number), "    }"]
        ),
        "  });",
        "",
        '  it("needs none of its handlers", async () => {',
        f"    const {{ container }} = render(<{spec.name}{given} />);",
        *(line for _, tag, number in heard for line in _does(tag, number)),
        "    expect(problems).toEqual([]);",
        "  });",
        "",
    ]


def _place(tag: str, number: int) -> str:
    return f"nth(container, {literal(tag)}, {number})"


def _tells(heard: str, tag: str, number: int) -> list[str]:
    """What is done to an element, and what its handler must have heard."""
    if tag == "input":
        return [*_does(tag, number), f'    expect({heard}).toHaveBeenCalledWith("7");']
    if tag == "form":
        return [
            f"    const sent = createEvent.submit({_place(tag, number)});",
            f"    fireEvent({_place(tag, number)}, sent);",
            f"    expect({heard}).toHaveBeenCalledTimes(1);",
            "    expect(sent.defaultPrevented).toBe(true);",
        ]
    return [*_does(tag, number), f"    expect({heard}).toHaveBeenCalledTimes(1);"]


def _does(tag: str, number: int) -> list[str]:
    if tag == "input":
        return [f'    await userEvent.type({_place(tag, number)}, "7");']
    if tag == "form":
        return [f"    fireEvent.submit({_place(tag, number)});"]
    return [f"    await userEvent.click({_place(tag, number)});"]


def _prop(spec: Spec, prop: Prop, there: list[Part]) -> list[str]:
    if prop.kind == "text":
        return _text_prop(spec, prop, there)
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
        check = (
            'expect(nth(container, "input", 0).getAttribute("placeholder")).toBe("Other words");'
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


def _boolean_prop(spec: Spec, prop: Prop) -> list[str]:
    lines: list[str] = []
    for value, word in (("true", "shows"), ("false", "hides")):
        hidden = off_by_default(spec) - {prop.name} | ({prop.name} if value == "false" else set())
        there = list(parts(variant_of(spec.root, defaults(spec), frozenset(hidden))))
        lines += [
            f"  it({literal(f'{word} what {prop.name} is for')}, () => {{",
            f"    const {{ container }} = render(<{spec.name} {prop.name}={{{value}}} />);",
            f"    expect(said(container)).toBe({literal(_squeezed(there))});",
            f"    expect(tags(container)).toEqual({json.dumps(_tags(there))});",
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
            for part, number in _numbered(there)
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
