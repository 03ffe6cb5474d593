"""The tests of style: each property of the look, of which one of several classes is enough."""

import json
from collections.abc import Iterator
from typing import Any

from service.pipelines.generate.classes import Styled, prefixed, ways
from service.pipelines.generate.markup import literal
from service.pipelines.generate.theme import by_key
from service.pipelines.spec.elements import Element, Spec
from service.pipelines.testing.given_props import LARGEST, in_brackets, props_given, props_told
from service.pipelines.testing.outlines import (
    off_by_default,
    parts,
    variant_of,
)

_STYLE = """\
import { cleanup, render } from "@testing-library/react";
import { afterEach, describe, expect, it } from "vitest";

import { NAME } from "./NAME";

/** The element at a path of places among children; "" is the root. */
const at = (container: Element, path: string) =>
  path
    .split("/")
    .filter(Boolean)
    .reduce<Element | undefined>(
      (found, step) => found?.children[Number(step)],
      container.children[0],
    );
/** Of each demand, one way is enough; a way may need several classes. */
const has = (element: Element | undefined, way: string) =>
  way.split(" ").every((each) => element?.classList.contains(each));
const missing = (element: Element | undefined, demands: string[][]) =>
  demands.filter((ways) => !ways.some((way) => has(element, way)));
/** The elements that lack something, each with what it lacks. */
const lacking = (container: Element, wanted: [string, string[][]][]) =>
  wanted
    .map(([path, demands]) => ({ path, lacks: missing(at(container, path), demands) }))
    .filter((each) => each.lacks.length > 0);
"""


def style_tests(spec: Spec) -> str:
    lines = [
        _STYLE.replace("NAME", spec.name),
        f'describe("{spec.name}, as it looks", () => {{',
        "  afterEach(cleanup);",
        "",
    ]
    for rendering in spec.renderings:
        props = dict(rendering.props)
        root = variant_of(spec.root, props, off_by_default(spec))
        rows: list[Any] = []
        for part in parts(root):
            demands = list(
                _demands(spec, part.element, part.element.id == spec.root.id and not part.path)
            )
            if demands:
                rows.append(["/".join(map(str, part.path)), demands])
            for at, mark in _marks(part.element):
                rows.append(["/".join(map(str, (*part.path, at))), [[mark]]])
        if not rows:
            continue
        if sum(map(len, lines)) > LARGEST:
            # What the variants share has been tried by now.
            break
        name = props_told(props)
        table = ",\n".join(f"      {json.dumps(each, ensure_ascii=False)}" for each in rows)
        lines += [
            f"  it({literal('looks as designed' + in_brackets(name))}, () => {{",
            f"    const {{ container }} = render(<{spec.name}{props_given(spec, props)} />);",
            f"    const wanted: [string, string[][]][] = [\n{table},\n    ];",
            "    expect(lacking(container, wanted)).toEqual([]);",
            "  });",
            "",
        ]
    lines += ["});", ""]
    return "\n".join(lines)


def _marks(element: Element) -> Iterator[tuple[int, str]]:
    """The lists in a text: at which place, and how their items are marked."""
    if element.kind != "text" or not element.texts:
        return
    place, before = -1, ""
    for paragraph in element.texts[0].paragraphs:
        if not paragraph.list or paragraph.list != before:
            place += 1
            if paragraph.list:
                yield place, "list-disc" if paragraph.list == "ul" else "list-decimal"
        before = paragraph.list


def _demands(spec: Spec, element: Element, is_root: bool) -> Iterator[list[str]]:
    """For each declaration, the classes of which one is enough."""
    tokens = by_key(spec.tokens)
    for each in element.declarations:
        found = ways(each, tokens, element.declarations)
        if found:
            yield [
                prefixed(Styled(name, each.state, each.when, (each,)), spec.root, is_root)
                for name in found
            ]
