"""A draft: the files that are made of a spec, as text."""

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from service.pipelines.generate.markup import BLANK_IMAGE, Writer, image_name, is_switch, literal
from service.pipelines.generate.theme import by_key, theme_css, tokens_json
from service.pipelines.spec.elements import Prop, Spec

# No file of a draft is larger, in characters.
LARGEST = 200_000
_KINDS_OF_IMAGE = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
)


@dataclass(frozen=True)
class Draft:
    """Files by path. ``notes``: what was left out and why."""

    name: str
    files: Mapping[str, str]
    notes: tuple[str, ...] = field(default=())


def generate(
    spec: Spec, assets: Mapping[str, bytes] | None = None, *, traced: bool = False
) -> Draft:
    """The component, its types, story, theme and tokens.

    ``assets``: what Figma exported, by node id. What is missing gets a grey place of its size.
    ``traced``: each element says its layer in ``data-node``, so that a rendering can be compared
    with the design.
    """
    notes = list(spec.notes)
    drawings, images, sources = _assets(spec, assets or {}, notes)
    writer = Writer(
        {each.name: each for each in spec.props},
        by_key(spec.tokens),
        drawings,
        images,
        traced,
        spec.root,
        components=dict(spec.components),
        names={spec.name, "blankImage", *(each.name for each in spec.props), *images.values()},
    )
    functions = [writer.part(each) for each in writer.parts]
    body = writer.element(spec.root, "    ")
    files = {
        f"{spec.name}.tsx": _component(spec, writer, functions, body),
        "types.ts": _types(spec),
        f"{spec.name}.stories.tsx": _story(spec),
        "theme.css": theme_css(spec.tokens, has_phone=_has_phone(spec)),
        "tokens.json": tokens_json(spec.tokens),
    }
    if writer.used_images:
        files["assets.ts"] = "".join(
            f"export const {name} =\n  {literal(sources[name])};\n"
            for name in sorted({*writer.used_images})
        )
    for path in [path for path, text in files.items() if len(text) > LARGEST]:
        notes.append(f"{path} would be larger than {LARGEST // 1000} kB and is left out")
        del files[path]
    return Draft(spec.name, dict(sorted(files.items())), tuple(notes))


def _has_phone(spec: Spec) -> bool:
    return any(each.state == "max-xs" for part in spec.root.walk() for each in part.declarations)


def _assets(
    spec: Spec, assets: Mapping[str, bytes], notes: list[str]
) -> tuple[dict[str, str], dict[str, str], dict[str, str]]:
    """Drawings by node id; the constants of images by node id; and what these hold."""
    drawings: dict[str, str] = {}
    images: dict[str, str] = {}
    sources: dict[str, str] = {}
    room = LARGEST - 2_000
    for element in spec.root.walk():
        asset = element.asset
        data = assets.get(asset.node_id) if asset else None
        if asset is None or data is None:
            continue
        if element.kind == "picture" and data.lstrip()[:1] == b"<":
            drawings[asset.node_id] = data.decode("utf-8", "replace")
            continue
        kind = next((kind for start, kind in _KINDS_OF_IMAGE if data.startswith(start)), "")
        url = f"data:{kind};base64,{base64.b64encode(data).decode()}" if kind else ""
        if not url or len(url) > room:
            notes.append(f"{asset.node_id}: its image is too large, or none that a page can show")
            continue
        room -= len(url) + 100
        name = image_name(element, set(sources))
        images[asset.node_id], sources[name] = name, url
    return drawings, images, sources


def _component(spec: Spec, writer: Writer, functions: list[str], body: str) -> str:
    named = ["cx"]
    named = ["cva", *named] if writer.styles else named
    lines = [f'import {{ {", ".join(named)} }} from "class-variance-authority";']
    if writer.used_images:
        lines.append(f'import {{ {", ".join(sorted({*writer.used_images}))} }} from "./assets";')
    lines.append(f'import type {{ {spec.name}Props }} from "./types";')
    lines.append("")
    if writer.has_blank:
        lines += [f"const blankImage =\n  {literal(BLANK_IMAGE)};", ""]
    for each in writer.styles:
        lines += [each, ""]
    for each in functions:
        lines += [each, ""]
    names = [_parameter(each) for each in spec.props]
    given = ", ".join([*names, "className"])
    if len(given) > 80:
        given = "\n  " + ",\n  ".join([*names, "className"]) + ",\n"
        lines.append(f"export function {spec.name}({{{given}}}: {spec.name}Props) {{")
    else:
        lines.append(f"export function {spec.name}({{ {given} }}: {spec.name}Props) {{")
    lines += ["  return (", body, "  );", "}", ""]
    return "\n".join(lines)


def _parameter(prop: Prop) -> str:
    if prop.kind == "variant":
        default = prop.default if is_switch(prop) else literal(prop.default)
        return f"{prop.name} = {default}"
    if prop.kind in ("boolean", "disabled"):
        return f"{prop.name} = {prop.default or 'false'}"
    return prop.name


def type_of(prop: Prop) -> str:
    """The TypeScript type of a prop."""
    if prop.kind == "variant":
        return "boolean" if is_switch(prop) else " | ".join(literal(each) for each in prop.values)
    if prop.kind in ("boolean", "disabled"):
        return "boolean"
    if prop.kind in ("text", "entry"):
        return "string"
    if prop.kind == "slot":
        return "ReactNode"
    return "(value: string) => void" if prop.name.endswith("Change") else "() => void"


def _types(spec: Spec) -> str:
    lines = []
    if any(each.kind == "slot" for each in spec.props):
        lines += ['import type { ReactNode } from "react";', ""]
    lines.append(f"export interface {spec.name}Props {{")
    lines += [f"  {each.name}?: {type_of(each)};" for each in spec.props]
    lines += [
        "  /** Further classes for the outermost element. */",
        "  className?: string;",
        "}",
        "",
    ]
    return "\n".join(lines)


def _story(spec: Spec) -> str:
    lines = [
        'import type { Meta, StoryObj } from "@storybook/react";',
        "",
        f'import {{ {spec.name} }} from "./{spec.name}";',
        "",
        f"const meta: Meta<typeof {spec.name}> = {{ component: {spec.name} }};",
        "",
        "export default meta;",
        "",
        f"type Story = StoryObj<typeof {spec.name}>;",
        "",
        "export const Default: Story = {};",
    ]
    taken = {"Default", spec.name, "Story", "Meta", "StoryObj"}
    variants = {each.name: each for each in spec.props if each.kind == "variant"}
    for each in spec.renderings[1:24]:
        told = [(name, value) for name, value in each.props if name in variants]
        name = "".join(re.sub(r"[^A-Za-z0-9]", "", value.title()) for _, value in told)
        name = name if name and name[0].isalpha() else f"Variant{name}"
        number = 2
        base = name
        while name in taken:
            name, number = f"{base}{number}", number + 1
        taken.add(name)
        said = ", ".join(
            f"{key}: {value if is_switch(variants[key]) else literal(value)}" for key, value in told
        )
        lines.append(f"export const {name}: Story = {{ args: {{ {said} }} }};")
    if any(each.kind == "disabled" for each in spec.props):
        lines.append(
            "export const Disabled: Story = { args: { disabled: true } };"
            if "Disabled" not in taken
            else ""
        )
    return "\n".join(lines).rstrip() + "\n"
