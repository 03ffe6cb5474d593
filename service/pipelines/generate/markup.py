"""Elements as TSX."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from service.pipelines.generate.classes import STATES, Styled, classes, prefixed
from service.pipelines.generate.drawings import blank, drawing
from service.pipelines.generate.reuse import Hole, Part, reused, with_holes
from service.pipelines.spec.code_names import camel, distinct, kebab
from service.pipelines.spec.elements import (
    Condition,
    Element,
    Paragraph,
    Prop,
    Run,
    Text,
    Token,
)

_VOID = {"img", "input", "hr", "br"}
# Variants that say whether a switch or box is on.
_CHECKED = {"checked", "selected", "on", "isOn", "isChecked", "active", "isActive", "enabled"}
# How attributes of HTML are called in React.
_REACT = {"value": "defaultValue"}
BLANK_PAINT = "#d4d4d8"
# What stands for an image that is not there yet.
BLANK_IMAGE = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 1 1'%3E"
    "%3Crect width='1' height='1' fill='%23d4d4d8'/%3E%3C/svg%3E"
)


_PLAIN_WORDS = re.compile(r"""[^\s{}<>&'"`\\]+(?: [^\s{}<>&'"`\\]+)*""")
_COMMENT = re.compile(r"//|/\*")


def literal(words: str) -> str:
    """A JSON string, in which nothing ends a script, a comment or a template."""
    plain = json.dumps(words, ensure_ascii=False)
    return (
        plain.replace("</", "<\\/")
        .replace("<!--", "<\\!--")
        .replace("\u2028", "\\u2028")
        .replace("\u2029", "\\u2029")
        .replace("\x7f", "\\u007f")
    )


def between_tags(words: str) -> str:
    """The words themselves where JSX says them unchanged, else a string in braces. JSX trims lines,
    reads entities; linters object to quotes, and to what looks like a comment or an escape."""
    is_plain = _PLAIN_WORDS.fullmatch(words) and words.isprintable()
    return words if is_plain and not _COMMENT.search(words) else f"{{{literal(words)}}}"


@dataclass
class Writer:
    """What is needed to write the elements of one component, and what they turned out to need."""

    props: Mapping[str, Prop]
    tokens: Mapping[str, Token]
    drawings: Mapping[str, str]
    images: Mapping[str, str]
    traced: bool
    root: Element
    handlers: dict[str, str] = field(default_factory=dict)
    entries: dict[str, str] = field(default_factory=dict)
    styles: list[str] = field(default_factory=list)
    used_images: list[str] = field(default_factory=list)
    names: set[str] = field(default_factory=set)
    has_blank: bool = False
    is_group: bool = False
    components: Mapping[str, str] = field(default_factory=dict)
    parts: list[Part] = field(default_factory=list)
    # What is given from outside, while the template of a part is written.
    holes: Mapping[int, Hole] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.handlers = {
            each.element: each.name for each in self.props.values() if each.kind == "handler"
        }
        self.entries = {
            each.element: each.name for each in self.props.values() if each.kind == "entry"
        }
        self.is_group = needs_group(self.root)
        pictures = {**self.drawings, **self.images}
        self.parts = reused(self.root, self.components, self.handlers, pictures, self.names)
        self.names.update(each.name for each in self.parts)

    # --- Elements ---

    def element(self, element: Element, indent: str) -> str:
        """The element as lines of TSX, with the conditions under which it is there."""
        for part in self.parts:
            if any(each is element for each in part.instances) and not self.holes:
                return self._use(part, element, indent)
        shown = self.condition(element.shown)
        tests = [each for each in (element.visible_prop, shown) if each]
        replaced = element.prop if element.kind not in ("text", "field", "slot") else ""
        if not tests and not replaced:
            return self._plain(element, indent)
        made = self._plain(element, indent + "  ")
        if not tests:
            return f"{indent}{{{replaced} ?? (\n{made}\n{indent})}}"
        start = f"({replaced} ?? (" if replaced else "("
        return (
            f"{indent}{{{' && '.join(tests)} && {start}\n{made}\n{indent}{')' * start.count('(')}}}"
        )

    def _use(self, part: Part, instance: Element, indent: str) -> str:
        given: list[str] = []
        if self.traced:
            given.append(f"nodes={{{json.dumps([each.id for each in instance.walk()])}}}")
        for hole, element in with_holes(part, instance):
            if hole.text:
                given.append(f"{hole.text}={{{literal(_simple(element.texts[0]) or '')}}}")
            given += [
                f"{prop}={_quoted(element.attribute(name))}"
                for name, prop in hole.attributes.items()
            ]
            if hole.handler:
                given.append(f"{hole.handler}={{{self.handlers[element.id]}}}")
            if hole.image:
                given.append(f"{hole.image}={{{self._image(element)}}}")
            if hole.takes_class:
                own = [
                    prefixed(each, self.root, False)
                    for each in classes(part.own(instance), self.tokens)
                ]
                given.append(f"className={_quoted(' '.join(name for name in own if name))}")
        return f"{indent}<{part.name}{''.join(f' {each}' for each in given)} />"

    def part(self, part: Part) -> str:
        """The function of a part, with the type of its props."""
        self.holes = part.holes
        template = replace(part.template, declarations=part.shared)
        # The outermost element is a copy now, and must be found by its own identity.
        self.holes = {**part.holes, id(template): part.holes[id(part.template)]}
        body = self._plain(template, "    ")
        self.holes = {}
        types = dict(part.types)
        if any(each.takes_class for each in part.holes.values()):
            types["className"] = "string"
        if self.traced:
            types["nodes"] = "string[]"
        names, told = ", ".join(types), "; ".join(f"{name}: {kind}" for name, kind in types.items())
        given = f"{{ {names} }}: {{ {told} }}" if types else ""
        return f"function {part.name}({given}) {{\n  return (\n{body}\n  );\n}}"

    def condition(self, shown: tuple[Condition, ...]) -> str:
        """JavaScript for "one of these"; "" for always."""
        if not shown or () in shown:
            return ""
        parts = [self._all(each) for each in shown]
        return parts[0] if len(parts) == 1 else "(" + " || ".join(parts) + ")"

    def _all(self, when: Condition) -> str:
        parts = []
        for name, values in when:
            prop = self.props.get(name)
            if prop is None:
                continue
            options = [self._is(prop, value) for value in values]
            parts.append(options[0] if len(options) == 1 else "(" + " || ".join(options) + ")")
        return " && ".join(parts) if len(parts) < 2 else "(" + " && ".join(parts) + ")"

    def _is(self, prop: Prop, value: str) -> str:
        if is_switch(prop):
            return prop.name if value == "true" else f"!{prop.name}"
        return f"{prop.name} === {literal(value)}"

    def _plain(self, element: Element, indent: str) -> str:
        attributes = self._attributes(element)
        if element.kind == "picture":
            return self._drawing(element, attributes, indent)
        if element.kind == "image":
            return f"{indent}<img{attributes} />"
        if element.tag in _VOID:
            return f"{indent}<{element.tag}{attributes} />"
        if element.kind == "text":
            inner = self._text(element, indent + "  ")
        else:
            inner = "\n".join(self.element(each, indent + "  ") for each in element.children)
            if element.kind == "slot" and element.prop:
                inner = self._slot(element.prop, inner, indent + "  ")
        if not inner:
            return f"{indent}<{element.tag}{attributes} />"
        if "\n" not in inner and len(inner.strip()) + len(attributes) < 90:
            return f"{indent}<{element.tag}{attributes}>{inner.strip()}</{element.tag}>"
        return f"{indent}<{element.tag}{attributes}>\n{inner}\n{indent}</{element.tag}>"

    def _slot(self, prop: str, inner: str, indent: str) -> str:
        """What is given, or what the design has there."""
        if not inner:
            return f"{indent}{{{prop}}}"
        return f"{indent}{{{prop} ?? (\n{indent}  <>\n{inner}\n{indent}  </>\n{indent})}}"

    def _drawing(self, element: Element, attributes: str, indent: str) -> str:
        ink = element.value("color")
        svg = self.drawings.get(element.asset.node_id, "") if element.asset else ""
        prefix = "d" + re.sub(r"[^A-Za-z0-9]", "-", element.id)
        made = drawing(svg, attributes, prefix, ink[:7], indent) if svg else None
        if made:
            return made
        has_ink = any(each.property == "color" for each in element.declarations)
        paint = "currentColor" if has_ink else BLANK_PAINT
        return blank(attributes, element.bounds.width, element.bounds.height, paint, indent)

    # --- Attributes ---

    def _attributes(self, element: Element) -> str:
        parts: list[str] = []
        hole = self.holes.get(id(element))
        if self.traced and hole:
            parts.append(f"data-node={{nodes[{hole.number}]}}")
        elif self.traced and element.id:
            parts.append(f"data-node={_quoted(element.id)}")
        styled = self._class_name(element)
        if styled:
            parts.append(styled)
        if element.kind == "image" and element.asset:
            parts.append(f"src={{{hole.image if hole and hole.image else self._image(element)}}}")
        checked = next(
            (
                each.name
                for each in self.props.values()
                if is_switch(each) and each.name in _CHECKED
            ),
            "",
        )
        entry = self.entries.get(element.id, "") if element.kind == "field" else ""
        for name, value in element.attributes:
            if hole and name in hole.attributes:
                parts.append(f"{_REACT.get(name, name)}={{{hole.attributes[name]}}}")
                continue
            if name == "aria-checked" and checked:
                parts.append(f"aria-checked={{{checked}}}")
                continue
            if name == "tabindex":
                parts.append(f"tabIndex={{{value}}}")
                continue
            if name == "value" and entry:
                continue
            if name in ("placeholder", "value") and len(element.texts) > 1:
                parts.append(f"{_REACT.get(name, name)}={{{self._words_of_field(element, name)}}}")
                continue
            if name in ("placeholder", "value") and element.prop:
                parts.append(f"{_REACT.get(name, name)}={{{element.prop} ?? {literal(value)}}}")
                continue
            parts.append(f"{_REACT.get(name, name)}={_quoted(value)}")
        if entry:
            parts.append(f"defaultValue={{{self._first_entry(element, entry)}}}")
        parts += self._events(element)
        return "".join(f" {each}" for each in parts)

    def _image(self, element: Element) -> str:
        """The constant of an image, or of what stands for it."""
        name = self.images.get(element.asset.node_id) if element.asset else None
        if name is None:
            self.has_blank = True
            return "blankImage"
        self.used_images.append(name)
        return name

    def _events(self, element: Element) -> list[str]:
        handler, can_disable = self.handlers.get(element.id, ""), "disabled" in self.props
        if (hole := self.holes.get(id(element))) is not None:
            handler, can_disable = hole.handler, False
        found: list[str] = []
        if element is self.root and can_disable and element.tag not in ("button", "input"):
            found.append("data-disabled={disabled || undefined}")
        if can_disable and element.tag in ("button", "input"):
            found.append("disabled={disabled}")
        if handler and element.tag == "button":
            found.append(f"onClick={{{handler}}}")
        elif handler and element.tag == "input":
            found.append(f"onChange={{(event) => {handler}?.(event.target.value)}}")
        elif handler and element.tag == "form":
            found.append(f"onSubmit={{(event) => {{ event.preventDefault(); {handler}?.(); }}}}")
        return found

    def _class_name(self, element: Element) -> str:
        is_root = element is self.root
        styled = classes(element.declarations, self.tokens)
        base = [prefixed(each, self.root, is_root) for each in styled if not each.when]
        hole = self.holes.get(id(element))
        if is_root and self.is_group:
            base.insert(0, "group")
        varying = [each for each in styled if each.when]
        plain = " ".join(name for name in base if name)
        if not varying:
            if is_root:
                return f"className={{cx({literal(plain)}, className)}}"
            if hole and hole.takes_class:
                return f"className={{cx({literal(plain)}, className)}}"
            return f'className="{plain}"' if plain else ""
        name = distinct(f"{camel(element.name, 'part')}Styles", self.names)
        self.names.add(name)
        used = self._cva(name, plain, varying, is_root)
        call = f"{name}({{ {', '.join(used)} }})"
        return f"className={{cx({call}, className)}}" if is_root else f"className={{{call}}}"

    def _cva(self, name: str, plain: str, varying: list[Styled], is_root: bool) -> list[str]:
        single: dict[str, dict[str, list[str]]] = {}
        several: dict[Condition, list[str]] = {}
        for each in varying:
            made = prefixed(each, self.root, is_root)
            if not made:
                continue
            if len(each.when) == 1:
                prop, values = each.when[0]
                for value in values:
                    single.setdefault(prop, {}).setdefault(value, []).append(made)
            else:
                several.setdefault(each.when, []).append(made)
        used = sorted({*single, *(prop for when in several for prop, _ in when)})
        lines = [f"const {name} = cva({literal(plain)}, {{", "  variants: {"]
        for prop in used:
            lines.append(f"    {prop}: {{")
            for value in self.props[prop].values:
                made = " ".join(single.get(prop, {}).get(value, []))
                lines.append(f"      {_key(value)}: {literal(made)},")
            lines.append("    },")
        lines.append("  },")
        if several:
            lines.append("  compoundVariants: [")
            for when, names in several.items():
                told = ", ".join(f"{prop}: {self._value(prop, values)}" for prop, values in when)
                lines.append(f"    {{ {told}, class: {literal(' '.join(names))} }},")
            lines.append("  ],")
        lines.append("});")
        self.styles.append("\n".join(lines))
        return used

    def _value(self, prop: str, values: tuple[str, ...]) -> str:
        made = [value if is_switch(self.props[prop]) else literal(value) for value in values]
        return made[0] if len(made) == 1 else f"[{', '.join(made)}]"

    # --- Texts ---

    def _text(self, element: Element, indent: str) -> str:
        texts = element.texts
        hole = self.holes.get(id(element))
        if hole and hole.text:
            return f"{indent}{{{hole.text}}}"
        if not texts:
            return f"{indent}{{{element.prop}}}" if element.prop else ""
        if len(texts) == 1:
            simple = _simple(texts[0])
            if element.prop and simple is not None:
                return f"{indent}{{{element.prop} ?? {literal(simple)}}}"
            if element.prop:
                return f"{indent}{{{element.prop} ?? {self._expression(texts[0], indent)}}}"
            return self._paragraphs(texts[0], indent)
        chosen = self._choice(texts, indent)
        start = f"{element.prop} ?? (" if element.prop else ""
        return f"{indent}{{{start}{chosen}{')' if start else ''}}}"

    def _choice(self, texts: tuple[Text, ...], indent: str) -> str:
        return self._chosen(texts, [self._expression(each, indent) for each in texts])

    def _chosen(self, texts: tuple[Text, ...], said: list[str]) -> str:
        """What is said in a variant, the last one where no other fits."""
        rest = len(said) - 1
        while rest and said[rest - 1] == said[-1]:
            rest -= 1
        parts = [
            f"{self.condition((text.when,)) or 'true'} ? {each} : "
            for text, each in zip(texts[:rest], said, strict=False)
        ]
        return "".join(parts) + said[-1]

    def _words_of_field(self, element: Element, name: str) -> str:
        """The value of a field, or the text that people type over, where variants differ in it."""
        start = f"{element.prop} ?? " if element.prop else ""
        said = [
            f"{start}{literal(each.plain)}" if each.typed == (name == "value") else "undefined"
            for each in element.texts
        ]
        # What follows a "??" belongs to it, unless it is held together.
        said = [f"({each})" if start and each != "undefined" else each for each in said]
        return self._chosen(element.texts, said)

    def _first_entry(self, element: Element, entry: str) -> str:
        """What the user of the component says, else what was designed."""
        designed = element.attribute("value")
        if not designed:
            return entry
        if len(element.texts) == 1:
            return f"{entry} ?? {literal(designed)}"
        return f"{entry} ?? ({self._words_of_field(element, 'value')})"

    def _expression(self, text: Text, indent: str) -> str:
        simple = _simple(text)
        if simple is not None:
            return literal(simple)
        return f"(<>\n{self._paragraphs(text, indent)}\n{indent}</>)"

    def _paragraphs(self, text: Text, indent: str) -> str:
        lines: list[str] = []
        at = 0
        while at < len(text.paragraphs):
            kind = text.paragraphs[at].list
            if not kind:
                following = at + 1 < len(text.paragraphs)
                lines.append(
                    self._runs(text.paragraphs[at], indent, following and len(text.paragraphs) > 1)
                )
                at += 1
                continue
            group = []
            while at < len(text.paragraphs) and text.paragraphs[at].list == kind:
                group.append(text.paragraphs[at])
                at += 1
            mark = "list-disc" if kind == "ul" else "list-decimal"
            lines.append(f'{indent}<{kind} className="{mark} pl-6">')
            for each in group:
                deeper = f' className="ml-{(each.level - 1) * 6}"' if each.level > 1 else ""
                said = self._runs(each, indent + "    ", False)
                lines.append(f"{indent}  <li{deeper}>\n{said}\n{indent}  </li>")
            lines.append(f"{indent}</{kind}>")
        return "\n".join(lines)

    def _runs(self, paragraph: Paragraph, indent: str, is_block: bool) -> str:
        if is_block:
            inner = self._runs(paragraph, indent + "  ", False)
            return f"{indent}<p>\n{inner}\n{indent}</p>"
        runs = [run for run in paragraph.runs if run.text]
        return "\n".join(f"{indent}{self._run(run, len(runs) == 1)}" for run in runs)

    def _run(self, run: Run, is_alone: bool) -> str:
        """What stands between lines of runs has to be in braces: JSX leaves out their spaces."""
        said = between_tags(run.text) if is_alone or run.tag else f"{{{literal(run.text)}}}"
        if not run.tag:
            return said
        # The tag says it already.
        said_by_tag = "font-style" if run.tag == "em" else ""
        told = [each for each in run.declarations if each.property != said_by_tag]
        styled = classes(told, self.tokens)
        names = " ".join(each.name for each in styled if each.name)
        link = f" href={_quoted(run.href)}" if run.href else ""
        named = f' className="{names}"' if names else ""
        return f"<{run.tag}{link}{named}>{said}</{run.tag}>"


def _simple(text: Text) -> str | None:
    """The letters of a text that is one string; None for one with runs or lists."""
    if len(text.paragraphs) != 1 or text.paragraphs[0].list:
        return None
    runs = text.paragraphs[0].runs
    if any(each.tag for each in runs):
        return None
    return "".join(each.text for each in runs)


def needs_group(root: Element) -> bool:
    """Whether parts of the component follow the state of its root."""
    return any(
        each.state in STATES
        for element in root.walk()
        if element is not root
        for each in element.declarations
    )


def is_switch(prop: Prop) -> bool:
    """Whether a variant is a boolean in code."""
    return prop.kind == "variant" and set(prop.values) == {"true", "false"}


def _key(value: str) -> str:
    return value if re.fullmatch(r"[a-z][a-z0-9]*", value) else literal(value)


def _quoted(value: str) -> str:
    """An attribute's value: plain in quotes if nothing in it needs care."""
    return (
        f'"{value}"'
        if re.fullmatch(r"[\w #:;/.,\-]*", value, re.ASCII)
        else f"{{{literal(value)}}}"
    )


def image_name(element: Element, taken: set[str]) -> str:
    """The constant under which an image is kept."""
    return distinct(
        f"{camel(element.name, 'image')}Image" if kebab(element.name) else "image", taken
    )
