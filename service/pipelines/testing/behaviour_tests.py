"""The tests of behaviour: what a component says, has and does."""

import json
from collections.abc import Iterator, Mapping

from service.pipelines.generate.markup import BLANK_PAINT, literal
from service.pipelines.spec.elements import Rendering, Spec
from service.pipelines.testing.event_tests import event_tests
from service.pipelines.testing.given_props import LARGEST, in_brackets, props_given, props_told
from service.pipelines.testing.outlines import (
    Part,
    defaults,
    off_by_default,
    parts,
    variant_of,
)
from service.pipelines.testing.prop_tests import prop_tests
from service.pipelines.testing.said_parts import key_of, numbered, squeezed, tags_of

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
        lines += event_tests(spec, props, shown, seen)
        seen.update(key_of(part) for part in shown)
    there = list(parts(variant_of(spec.root, defaults(spec), off_by_default(spec))))
    for prop in spec.props:
        lines += prop_tests(spec, prop, there)
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


def _shows(spec: Spec, rendering: Rendering) -> list[str]:
    props = dict(rendering.props)
    there = list(parts(variant_of(spec.root, props, off_by_default(spec))))
    name = props_told(props)
    return [
        f"  it({literal('says what was designed' + in_brackets(name))}, () => {{",
        f"    const {{ container }} = render(<{spec.name}{props_given(spec, props)} />);",
        f"    expect(said(container)).toBe({literal(squeezed(there))});",
        f"    expect(tags(container)).toEqual({json.dumps(tags_of(there))});",
        "  });",
        "",
    ]


def _attributes(
    spec: Spec, props: Mapping[str, str], there: list[Part], seen: set[str]
) -> list[str]:
    checks: list[str] = []
    for part, number in numbered(there):
        if key_of(part) in seen:
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
        if part.element.tag == "label" and any(each.tag == "input" for each in part.element.walk()):
            checks.append(
                f'expect({place}.querySelectorAll("input, textarea, select").length).toBe(1);'
            )
            words = "".join("".join(each.text.split()) for each in parts(part.element))
            if words:
                checks.append(f"expect(said({place})).toBe({literal(words)});")
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
