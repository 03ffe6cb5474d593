"""The parts of a spec: frozen records that go to JSON and come back the same.

Lengths are CSS pixels. A style is a list of CSS declarations, so that a generator can write classes
from it, and a test can ask a browser whether the element has them.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cache

from pydantic import TypeAdapter

SPEC_VERSION = 1

# For each prop, the values for which something holds. () holds always.
Condition = tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True)
class Bounds:
    """Where a layer lies, from the left upper corner of the root, in px. Turned layers: the box
    around."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Declaration:
    """One CSS property of an element.

    ``token``: the name of the token that has this value. ``state``: a pseudo-class ("hover",
    "disabled" …) or a screen narrower than a step ("max-md"). ``when``: the variants for which it
    holds. ``origin``: the style or variable that the designer bound, as Figma names it; only until
    tokens are named.
    """

    property: str
    value: str
    token: str = ""
    state: str = ""
    when: Condition = ()
    origin: str = ""


@dataclass(frozen=True)
class Run:
    """Letters of one style. ``tag``: "" for plain text, else span, strong, em or a."""

    text: str
    declarations: tuple[Declaration, ...] = ()
    tag: str = ""
    href: str = ""


@dataclass(frozen=True)
class Paragraph:
    """One list item, or all of a text that is no list. ``list``: "", "ul" or "ol"; ``level`` from
    1."""

    runs: tuple[Run, ...]
    list: str = ""
    level: int = 0


@dataclass(frozen=True)
class Text:
    """What an element says, and for which variants. ``typed``: of a field, whether somebody typed
    it; else it is the text that people type over."""

    paragraphs: tuple[Paragraph, ...]
    when: Condition = ()
    typed: bool = False

    @property
    def plain(self) -> str:
        """The letters alone. List items are on lines of their own."""
        return "\n".join(
            "".join(run.text for run in paragraph.runs) for paragraph in self.paragraphs
        )


@dataclass(frozen=True)
class Asset:
    """A picture to be fetched. ``format``: svg, png, or fill (the file of ``image_ref``,
    uncropped)."""

    node_id: str
    format: str
    name: str
    width: float
    height: float
    image_ref: str = ""


@dataclass(frozen=True)
class Element:
    """One element of the page.

    ``id`` is the layer's; a wrapper that no layer asked for has "". ``kind``: box, text, field (a
    text that people type over), picture (an exported vector), image, or slot. ``reason`` says why
    it has its tag. ``attributes`` are HTML's. ``shown``: the variants in which it is there; ()
    means all. ``visible_prop``: a boolean that hides it; ``prop``: the text or node that replaces
    its content. ``component``: the id of the component that it is an instance of.
    """

    id: str
    name: str
    kind: str
    tag: str
    reason: str
    bounds: Bounds
    declarations: tuple[Declaration, ...] = ()
    attributes: tuple[tuple[str, str], ...] = ()
    texts: tuple[Text, ...] = ()
    children: "tuple[Element, ...]" = ()
    shown: tuple[Condition, ...] = ()
    visible_prop: str = ""
    prop: str = ""
    component: str = ""
    asset: Asset | None = None

    def walk(self) -> "Iterator[Element]":
        """This element and all below it, from the top."""
        yield self
        for each in self.children:
            yield from each.walk()

    def attribute(self, name: str) -> str:
        return dict(self.attributes).get(name, "")

    def saying(self, text: Text) -> "Element":
        """The field with one of its texts: as its value if somebody typed it, else to type over."""
        kept = [pair for pair in self.attributes if pair[0] not in ("placeholder", "value")]
        if text.plain:
            kept.append(("value" if text.typed else "placeholder", text.plain))
        return replace(self, texts=(text,), attributes=tuple(kept))

    def value(self, name: str, state: str = "") -> str:
        """The value that a property has in every variant; "" if it has none."""
        for each in self.declarations:
            if each.property == name and each.state == state and not each.when:
                return each.value
        return ""


@dataclass(frozen=True)
class Prop:
    """What a user of the component sets. ``kind``: variant, boolean, text, slot, disabled, entry
    (what stands in a field at first), or handler.

    ``source`` is the name in the design, ``element`` the layer whose event a handler hears, or the
    field of an entry.
    """

    name: str
    kind: str
    values: tuple[str, ...] = ()
    default: str = ""
    source: str = ""
    element: str = ""


@dataclass(frozen=True)
class Token:
    """A named value. ``type`` is one of the Design Tokens Community Group's, ``origin``: style,
    variable or role (named by us, for what it does). ``uses`` counts declarations. ``parts``: a
    text style's others.

    https://www.designtokens.org/tr/drafts/format/
    """

    name: str
    type: str
    value: str
    origin: str
    uses: int
    parts: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Rendering:
    """One variant as it was designed: its props, its size, and where each element lies in it."""

    node_id: str
    props: tuple[tuple[str, str], ...]
    bounds: tuple[tuple[str, Bounds], ...]
    texts: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Spec:
    """All that a generator, a test writer and a gate need to know of a design.

    ``lost``: layers whose words are in no element. Such a design is never built as a whole.
    """

    name: str
    root: Element
    props: tuple[Prop, ...] = ()
    tokens: tuple[Token, ...] = ()
    assets: tuple[Asset, ...] = ()
    renderings: tuple[Rendering, ...] = ()
    components: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    version: int = field(default=SPEC_VERSION)

    def to_json(self) -> str:
        """Canonical: the same spec is always the same text."""
        return _adapter().dump_json(self).decode()

    @staticmethod
    def from_json(text: str) -> "Spec":
        """Raises ValueError for a text that is no spec, or one of another version."""
        spec = _adapter().validate_json(text)
        if spec.version != SPEC_VERSION:
            raise ValueError(f"This spec has version {spec.version}, and {SPEC_VERSION} is read.")
        return spec


@cache
def _adapter() -> TypeAdapter[Spec]:
    return TypeAdapter(Spec)
