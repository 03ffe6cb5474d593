"""Every exemption of a rule: a design that it excuses, beside one that differs in this alone and
is called out."""

from collections.abc import Mapping
from typing import Any

import pytest

from service.review import Fact, Options, measure
from service.review.rules import RULES
from tests.service.review.golden.parts import (
    BAD,
    BRAND,
    INK,
    LINE,
    MIST,
    MUTED,
    PAPER,
    Node,
    button,
    card,
    group,
    icon,
    label,
    moved,
    numbered,
    paint,
    picture,
    raw,
    screen,
    shape,
    stack,
)

LONG = (
    "We write to you as soon as your parcel is on its way. It will reach you within two days, and "
    "somebody has to sign for it, so choose a place where somebody is at home all day. "
)
WEB, IOS = Options(), Options(platform="ios")
GUM = {"boundVariables": {"itemSpacing": {"type": "VARIABLE_ALIAS", "id": "V:1"}}}
ROUND = {"boundVariables": {"cornerRadius": {"type": "VARIABLE_ALIAS", "id": "V:2"}}}
# A page whose ground has a colour set by hand.
GROUND = {"fills": [raw("#e8e4f0")]}
LINK = {"interactions": [{"trigger": {"type": "ON_CLICK"}}]}
# What the rules of shapes and contrast are excused from is tried in their own tests.
ELSEWHERE = {
    *("contrast-text", "contrast-control", "invisible-text", "target-size", "target-overlap"),
    # Pills, pictures and what else has no finding in itself: see the clean screens.
    "token-use",
}


def page(*parts: Node, **more: Any) -> Node:
    return screen(label("Orders", 24, weight=700, name="Heading"), *parts, name="Orders", **more)


def by_hand(*parts: tuple[float, float, Node], **more: Any) -> Node:
    return group(*parts, **{"name": "Part", "width": 343, "height": 600, "fill": PAPER} | more)


def chars(count: int, **more: Any) -> Node:
    """A paragraph of four lines of so many characters."""
    words = ("a table of code " * count)[: 4 * count - 10].strip()
    return label(words, width=count * 8, lines=4, name=more.pop("name", "Paragraph"), **more)


def lines(height: float, **more: Any) -> Node:
    return label(LONG, width=343, lines=5, height=height, name="Paragraph", **more)


def auto(node: Node) -> Node:
    return node | {"style": node["style"] | {"lineHeightUnit": "INTRINSIC_%"}}


def thumbs(x: float, parts: list[Node]) -> Node:
    """Three things in a column, the second out of line."""
    return by_hand(*((16 if at != 1 else 16 + x, 16 + 160 * at, each)
                     for at, each in enumerate(parts)))  # fmt: skip


def tiles(kind: str = "FRAME", **more: Any) -> list[Node]:
    return [shape(kind, size, 100, MIST, name=f"Tile {size}") | more for size in (160, 140, 120)]


def marked(colour: str, *beside: Node, name: str = "Status dot", around: str = "Server") -> Node:
    dot = shape("ELLIPSE", 12, 12, None, name=name) | {"fills": [raw(colour)]}
    return stack(stack(dot, *beside, name="Mark", across=True), name=around)


def controls(*states: str, name: str = "Button") -> Node:
    return group(
        *((16, 16 + 72 * at, button("Save", name=f"State={each}", type="COMPONENT"))
          for at, each in enumerate(states)),
        name=name, width=300, height=600, type="COMPONENT_SET",
    )  # fmt: skip


def column(parts: list[Node], **more: Any) -> Node:
    return by_hand(*((16, 16 + 64 * at, each) for at, each in enumerate(parts)), **more)


def chips(height: float) -> list[Node]:
    return [
        shape("RECTANGLE", 80, height, MIST, name="Chip", cornerRadius=radius)
        for radius in (13, 13, 14)
    ]


def tinted(colour: str) -> Node:
    """Three white tiles and one that is nearly so."""
    tiles = [shape("RECTANGLE", 80, 80, fills=[raw(each)]) for each in (*["#ffffff"] * 3, colour)]
    return stack(*tiles, name="Tiles")


def words(*more: str) -> list[Node]:
    return [label(each) for each in (more or ("One", "Two", "Three"))]


def leftovers(count: int = 6) -> list[Node]:
    return [label(f"Old {at}", visible=False) for at in range(count)]


def touching(first: Node, second: Node, **more: Any) -> Node:
    return stack(first, second, **{"name": "Foot", "gap": 0, "padding": 16} | more)


def filled(name: str, colour: str = MIST, **more: Any) -> Node:
    return stack(label(name), name=name, padding=12, fill=colour, width=200) | more


def clipping(part: Node, x: float = 16, y: float = 16, **more: Any) -> Node:
    frame = by_hand((x, y, part), height=200, clipsContent=True, **more)
    # Not the screen itself: below its edge people scroll.
    return page(frame)


def size_once(size: float, **more: Any) -> Node:
    return page(*words(), label("Sofa", size, **{"styles": {}, "name": "Odd one"} | more))


def on_photo(alpha: float) -> Node:
    scrim = shape("RECTANGLE", 343, 240, None, name="Scrim") | {"fills": [raw("#000000", alpha)]}
    return by_hand((0, 0, picture(343, 240)), (0, 0, scrim), (16, 180, label("Home", 24, PAPER)))


def near(node: Node, **more: Any) -> Node:
    return page(label("2 of 3", colour=MUTED), node | more)


def token_named(name: str, node: Node, key: str = "fill") -> tuple[Node, Options]:
    return page(node | {"styles": {key: "S:1"}}), Options(tokens={"S:1": name})


RIGHT = label("Where", colour=INK, fills=[raw(INK)], name="Words")
WIDE = label("A very long title that nobody has tried in this card", width=420, name="Long")
NESTED_ICON = by_hand(
    *((8, 7 + at * 11, shape("RECTANGLE", 30, 4, INK, name="Bar")) for at in range(3)),
    width=48, height=48, name="Menu sign",
)  # fmt: skip
Case = Node | tuple[Node, Options]
# (rule, exemption): pairs of what is excused and what is not.
CASES: Mapping[tuple[str, str], tuple[tuple[Case, Case], ...]] = {
    ("text-on-image", "A scrim of at least 60 %."): ((on_photo(0.6), on_photo(0.5)),),
    ("apca", "Text that WCAG already calls a problem."): (
        (
            page(label("It leaves our house soon.", colour="#8a8a8a")),
            page(label("It leaves our house soon.", colour="#767676")),
        ),
    ),
    ("apca", "Short texts."): (
        (
            page(label("It leaves soon.", colour="#767676")),
            page(label("It leaves our house soon.", colour="#767676")),
        ),
    ),
    ("apca", "Designs for iOS and Android: its licence is for the web."): (
        (
            (page(label("It leaves our house soon.", colour="#767676")), IOS),
            (page(label("It leaves our house soon.", colour="#767676")), WEB),
        ),
    ),
    ("text-size", "The legal line."): (
        (
            page(label("Terms apply", 10, name="Legal")),
            page(label("Terms apply", 10, name="Terms apply")),
        ),
        (page(label("© 2030 Acme", 10)), page(label("2030 Acme", 10))),
    ),
    ("text-size", "Ticks and labels of a chart."): (
        (
            page(stack(label("May", 10), name="Bar chart")),
            page(stack(label("May", 10), name="Months")),
        ),
    ),
    ("text-size", "The number in a badge."): (
        (
            page(stack(label("9+", 10), name="Badge")),
            page(stack(label("New", 10), name="Badge")),
        ),
    ),
    ("text-size", "A sign used as an icon."): (
        (page(label("★", 10, name="Rating")), page(label("A", 10, name="Rating"))),
    ),
    ("line-height", "Text on one line."): (
        (page(label("Arrives", height=16)), page(lines(16))),
    ),
    ("line-height", "Headings from 24 px."): (
        (
            page(label(LONG, 24, lines=8, height=26, width=343)),
            page(label(LONG, 23, lines=8, height=25, width=343)),
        ),
    ),
    ("line-height", "The hint below 1.5: text of fewer than three lines."): (
        (
            page(label("It leaves our house within two days.", width=160, lines=2, height=21)),
            page(label("It leaves our house within two days.", width=110, lines=3, height=21)),
        ),
    ),
    ("line-height", "A line height left to the font is a hint at most."): (
        (page(auto(lines(18))), page(lines(18))),
    ),
    ("line-length", "Code."): (
        (page(stack(chars(100), name="Code block"), width=1440), page(chars(100), width=1440)),
        (
            page(chars(100, style=chars(100)["style"] | {"fontFamily": "Fira Code"}), width=1440),
            page(chars(100, name="a table of code a table of"), width=1440),
        ),
    ),
    ("line-length", "Tables."): (
        (page(stack(chars(100), name="Table cell"), width=1440), page(chars(100), width=1440)),
    ),
    ("type-scale", "A size from a text style or a variable."): (
        (size_once(15, styles={"text": "S:1"}), size_once(15)),
    ),
    ("heading-order", "Prices and other figures."): (
        (
            page(label("Total"), label("€ 1,249.00", 40), label("Pay now")),
            page(label("Total"), label("Your order", 40), label("Pay now")),
        ),
    ),
    ("heading-order", "Initials of people."): (
        (
            page(label("Ada"), label("AL", 40), label("Pay now")),
            page(label("Ada"), label("Ada Lovelace", 40), label("Pay now")),
        ),
    ),
    ("heading-order", "Navigation bars, logos, charts."): (
        (
            page(stack(label("Acme", 40), name="Logo"), label("One"), label("Two")),
            page(stack(label("Acme", 40), name="Panel"), label("One"), label("Two")),
        ),
    ),
    ("spacing-grid", "A value from a variable."): (
        (
            page(stack(*words(), name="List", gap=11) | GUM),
            page(stack(*words(), name="List", gap=11)),
        ),
    ),
    ("spacing-grid", "Gaps in icons of up to 48 px."): (
        (page(NESTED_ICON), page(NESTED_ICON | {"absoluteBoundingBox": {
            "x": 0, "y": 0, "width": 49, "height": 48}})),
        (
            page(stack(shape("VECTOR", 20, 20), shape("VECTOR", 20, 20), name="Sign", gap=3)),
            page(stack(shape("VECTOR", 40, 40), shape("VECTOR", 40, 40), name="Sign", gap=3)),
        ),
    ),
    ("spacing-grid", "1 or 2 px in a badge or another part of up to 24 px."): (
        (
            page(stack(label("New", 12), name="Badge", padding=2, sides=8, height=30)),
            page(stack(label("New", 12), name="Card", padding=2, sides=8, height=30)),
        ),
        (
            page(stack(label("New", 12), name="Mark", padding=2, sides=8, height=22)),
            page(stack(label("New", 12), name="Mark", padding=3, sides=8, height=24)),
        ),
    ),
    ("spacing-grid", "Half steps up to 12 px on an 8 px grid that nobody has set."): (
        (
            page(*(stack(*words(), name="List", gap=8, padding=16) for _ in range(5)),
                 stack(*words(), name="Tight", gap=8, padding=16, paddingTop=12)),
            page(*(stack(*words(), name="List", gap=8, padding=16) for _ in range(5)),
                 stack(*words(), name="Tight", gap=8, padding=16, paddingTop=20)),
        ),
        (
            page(stack(*words(), name="List", gap=4)),
            (page(stack(*words(), name="List", gap=4)), Options(grid=8)),
        ),
    ),
    ("spacing-grid", "Children that share the free space."): (
        (
            page(stack(*words(), name="List", gap=11, primaryAxisAlignItems="SPACE_BETWEEN")),
            page(stack(*words(), name="List", gap=11)),
        ),
    ),
    ("spacing-grid", "Free space above 96 px between layers placed by hand."): (
        (column(words()[:2]) | {"children": [*column(words())["children"][:2],
                                            moved(label("Last"), 16, 301)]},
         column(words()[:2]) | {"children": [*column(words())["children"][:2],
                                            moved(label("Last"), 16, 151)]}),
    ),
    ("overflow", "Frames that scroll, rows at the edge of a screen, carousels, and what is below a "
     "screen."): (
        (clipping(WIDE, overflowDirection="HORIZONTAL_SCROLLING"), clipping(WIDE)),
        (clipping(WIDE, name="Carousel"), clipping(WIDE)),
        (
            clipping(stack(*(card(label("Lamp")) for _ in range(3)), name="Row", across=True)),
            clipping(stack(card(label("Lamp"), width=600), name="Row", across=True)),
        ),
        (
            by_hand((16, 700, label("Below", name="Long")), clipsContent=True, name="Screen"),
            by_hand((-40, 500, label("Beside", name="Long")), clipsContent=True, name="Screen"),
        ),
    ),
    ("overflow", "Knobs of sliders."): (
        (
            clipping(stack(label("60"), name="Knob", fill=MIST), x=340),
            clipping(stack(label("60"), name="Value", fill=MIST), x=340),
        ),
    ),
    ("overflow", "Badges that hang out by up to 12 px."): (
        (
            clipping(stack(label("3", 12), name="Badge", padding=8, fill=BAD), x=333),
            clipping(stack(label("3", 12), name="Badge", padding=8, fill=BAD), x=337),
        ),
    ),
    ("overflow", "Pictures and shapes that are cut."): (
        (clipping(picture(600, 100)), clipping(WIDE)),
    ),
    ("alignment", "Auto layout."): (
        (
            thumbs(1.5, tiles()) | {"layoutMode": "VERTICAL"},
            thumbs(1.5, tiles()),
        ),
    ),
    ("alignment", "Layers in an instance."): (
        (thumbs(1.5, tiles()) | {"type": "INSTANCE"}, thumbs(1.5, tiles())),
    ),
    ("alignment", "Rotated layers, vectors, icons, charts and illustrations."): (
        (thumbs(1.5, tiles(rotation=0.3)), thumbs(1.5, tiles())),
        (thumbs(1.5, tiles("VECTOR")), thumbs(1.5, tiles())),
        (thumbs(1.5, tiles()) | {"name": "Chart"}, thumbs(1.5, tiles())),
        (thumbs(1.5, tiles()) | {"name": "Illustration"}, thumbs(1.5, tiles())),
    ),
    ("alignment", "A layer that shares another edge or the centre."): (
        (
            thumbs(1.5, [shape("RECTANGLE", 160, 100), shape("RECTANGLE", 157, 100),
                         shape("RECTANGLE", 160, 100)]),
            thumbs(1.5, [shape("RECTANGLE", 160, 100), shape("RECTANGLE", 150, 100),
                         shape("RECTANGLE", 160, 100)]),
        ),
    ),
    ("alignment", "Centres of odd and even sizes, 0.5 px apart."): (
        (
            thumbs(2.0, [shape("RECTANGLE", 160, 100), shape("RECTANGLE", 155, 100),
                         shape("RECTANGLE", 160, 100)]),
            thumbs(2.0, [shape("RECTANGLE", 160, 100), shape("RECTANGLE", 153, 100),
                         shape("RECTANGLE", 160, 100)]),
        ),
    ),
    ("alignment", "The tops of texts of different sizes."): (
        (
            by_hand((16, 100, label("One")), (90, 100, label("Two")), (160, 102, label("cm", 12))),
            by_hand((16, 100, label("One")), (90, 100, label("Two")), (160, 102, label("cm"))),
        ),
    ),
    ("radii", "Pills, whose radius is half their height."): (
        (page(*chips(26)), page(*chips(60))),
    ),
    ("radii", "A radius from a variable."): (
        (
            page(*(card(label("A"), **ROUND) for _ in range(3)),
                 card(label("C"), cornerRadius=10, **ROUND)),
            page(*(card(label("A"), **ROUND) for _ in range(3)),
                 card(label("C"), cornerRadius=10)),
        ),
    ),
    ("radii", "Layers in an instance."): (
        (
            page(stack(card(label("A")), card(label("B")), card(label("C"), cornerRadius=10),
                       name="Cards", type="INSTANCE")),
            page(stack(card(label("A")), card(label("B")), card(label("C"), cornerRadius=10),
                       name="Cards")),
        ),
    ),
    ("radii", "Radii that differ by more than 2 px."): (
        (
            page(card(label("A")), card(label("B")), card(label("C"), cornerRadius=9)),
            page(card(label("A")), card(label("B")), card(label("C"), cornerRadius=10)),
        ),
    ),
    ("touching", "Lists, tables, tabs, toolbars and segmented controls."): (
        (
            page(touching(filled("Day"), filled("Week", BRAND), name="Segmented control")),
            page(touching(filled("Day"), filled("Week", BRAND))),
        ),
    ),
    ("touching", "Layers of one component or name."): (
        (
            page(touching(filled("Item 1"), filled("Item 2", BRAND))),
            page(touching(filled("Item 1"), filled("Total", BRAND))),
        ),
    ),
    ("touching", "Sections and panels: what lies at two edges of its frame or more."): (
        (
            page(touching(filled("Head"), filled("Body", BRAND), padding=0)),
            page(touching(filled("Head"), filled("Body", BRAND), padding=16)),
        ),
    ),
    ("auto-layout", "Shapes."): (
        (column(tiles("RECTANGLE")), column(words())),
    ),
    ("auto-layout", "Layers that overlap."): (
        (by_hand(*((16, 16 + at * 10, each) for at, each in enumerate(words()))), column(words())),
    ),
    ("auto-layout", "Charts and illustrations."): (
        (column(words()) | {"name": "Chart"}, column(words())),
    ),
    ("auto-layout", "Layers in an instance."): (
        (stack(column(words()), name="Card", type="INSTANCE"),
         stack(column(words()), name="Card")),
    ),
    ("auto-layout", "Frames that hold whole screens."): (
        (
            by_hand(*((400 * at, 0, screen(*words(), name=f"Screen {at}", height=800))
                      for at in range(3)), width=1200, height=800),
            by_hand(*((400 * at, 0, screen(*words(), name=f"Screen {at}", height=200))
                      for at in range(3)), width=1200, height=800),
        ),
    ),
    ("near-duplicate-colour", "Two colours from tokens."): (
        (
            near(label("When", fills=[raw("#5d5766") | {"boundVariables": {
                "color": {"type": "VARIABLE_ALIAS", "id": "V:9"}}}])),
            near(label("When", fills=[raw("#5d5766")])),
        ),
    ),
    ("near-duplicate-colour", "Gradients and pictures."): (
        (
            near(shape("RECTANGLE", 80, 80, None), fills=[{
                "type": "GRADIENT_LINEAR",
                "gradientStops": [{"position": 0, "color": raw("#5d5766")["color"]},
                                  {"position": 1, "color": raw("#5e5766")["color"]}]}]),
            near(shape("RECTANGLE", 80, 80, None), fills=[raw("#5d5766")]),
        ),
    ),
    ("near-duplicate-colour", "Translucent colours."): (
        (
            near(shape("RECTANGLE", 80, 80, None), fills=[raw("#5d5766", 0.5)]),
            near(shape("RECTANGLE", 80, 80, None), fills=[raw("#5d5766")]),
        ),
    ),
    (
        "near-duplicate-colour",
        "Tints of white and shades of black from ΔE00 1, where these are no tokens.",
    ): (
        (page(tinted("#f8f9fa"), **GROUND), page(tinted("#fefefe"), **GROUND)),
        (page(tinted("#f8f9fa"), **GROUND), page(tinted("#f8f9fa"))),
    ),
    ("near-duplicate-colour", "Illustrations and logos."): (
        (
            near(stack(shape("VECTOR", 80, 80, "#5d5766"), name="Logo")),
            near(stack(shape("VECTOR", 80, 80, "#5d5766"), name="Box")),
        ),
    ),
    ("colour-alone", "A text or an icon beside it."): (
        (
            page(marked("#b3261e", label("Down")), marked("#146c2e", label("Up"))),
            page(marked("#b3261e"), marked("#146c2e")),
        ),
        (
            page(marked("#b3261e", icon("Icon / cross")), marked("#146c2e", icon("Icon / tick"))),
            page(marked("#b3261e"), marked("#146c2e")),
        ),
    ),
    ("colour-alone", "Charts and illustrations."): (
        (
            page(stack(marked("#b3261e"), marked("#146c2e"), name="Chart")),
            page(stack(marked("#b3261e"), marked("#146c2e"), name="Servers")),
        ),
    ),
    ("colour-alone", "Marks of more than 16 colours."): (
        (
            page(marked("#b3261e"), marked("#146c2e"),
                 *(marked(f"#0000{16 * at:02x}") for at in range(15))),
            page(marked("#b3261e"), marked("#146c2e"),
                 *(marked(f"#0000{16 * at:02x}") for at in range(14))),
        ),
    ),
    ("unbound-value", "A file without tokens."): (
        (
            screen(label("One", fills=[raw(MUTED)]), label("Two", fills=[raw(MUTED)]), name="A"),
            screen(label("One", fills=[raw(MUTED)]), label("Two", colour=MUTED), name="A"),
        ),
    ),
    ("unbound-value", "Illustrations, logos and pictures."): (
        (
            page(stack(shape("VECTOR", 80, 80, fills=[raw(BRAND)]), name="Logo"), button()),
            page(stack(shape("VECTOR", 80, 80, fills=[raw(BRAND)]), name="Box"), button()),
        ),
    ),
    ("unbound-value", "A value that no token has."): (
        (page(label("One", fills=[raw("#123456")])), page(label("One", fills=[raw(INK)]))),
    ),
    ("wrong-token", "A token whose name says nothing, or several things."): (
        (token_named("Grey/200", RIGHT), token_named("Background/200", RIGHT)),
        (token_named("Text/On background", RIGHT), token_named("Surface", RIGHT)),
    ),
    ("wrong-token", "Shapes and icons."): (
        (
            token_named("Text/Muted", shape("VECTOR", 24, 24, fills=[raw(MUTED)])),
            token_named("Text/Muted", shape("RECTANGLE", 24, 24, fills=[raw(MUTED)])),
        ),
    ),
    ("wrong-token", "Lines drawn as a thin box, for tokens of borders."): (
        (
            token_named("Border", shape("RECTANGLE", 343, 1, fills=[raw(LINE)])),
            token_named("Border", shape("RECTANGLE", 343, 80, fills=[raw(LINE)])),
        ),
    ),
    ("wrong-token", "A token for backgrounds on a border: the ring of an avatar."): (
        (
            token_named("Surface", card(label("A")), "stroke"),
            token_named("Text/Muted", card(label("A")), "stroke"),
        ),
    ),
    ("wrong-token", "Variables whose names are not known."): (
        (
            (page(label("One", colour=MUTED)), WEB),
            (page(label("One", colour=MUTED)), Options(tokens={"VariableID:1:2": "Surface"})),
        ),
    ),
    ("detached", "Layers in a component of the library itself."): (
        (
            page(filled("Send", detachedInfo={"type": "local", "componentId": "7:1"}))
            | {"type": "COMPONENT"},
            page(filled("Send", detachedInfo={"type": "local", "componentId": "7:1"})),
        ),
    ),
    ("empty-layer", "Slots."): (
        (
            page(stack(name="Extra", width=80, height=80, type="SLOT")),
            page(stack(name="Extra", width=80, height=80)),
        ),
    ),
    ("empty-layer", "Spacers, by their name."): (
        (
            page(stack(name="Spacer", width=80, height=80)),
            page(stack(name="Extra", width=80, height=80)),
        ),
    ),
    ("empty-layer", "Lines and vectors."): (
        (page(shape("LINE", 80, 0)), page(shape("RECTANGLE", 80, 0))),
    ),
    ("empty-layer", "Layers in an instance, and layers that were not read."): (
        (
            page(stack(stack(name="Extra", width=80, height=80), name="Row", type="INSTANCE")),
            page(stack(stack(name="Extra", width=80, height=80), name="Row")),
        ),
    ),
    ("empty-layer", "Areas with a prototype link."): (
        (
            page(stack(name="Extra", width=80, height=80) | LINK),
            page(stack(name="Extra", width=80, height=80)),
        ),
    ),
    ("hidden-layers", "Layers in an instance or a component: they are its switches."): (
        (
            page(stack(*leftovers(), name="Row", type="INSTANCE")),
            page(stack(*leftovers(), name="Row")),
        ),
        (
            page(stack(*leftovers(), name="Row", type="COMPONENT")),
            page(stack(*leftovers(), name="Row")),
        ),
    ),
    ("naming", "Layers in an instance."): (
        (
            page(stack(stack(label("One"), name="Frame 3") | LINK, name="Row", type="INSTANCE")),
            page(stack(stack(label("One"), name="Frame 3") | LINK, name="Row")),
        ),
    ),
    ("naming", "Vectors."): (
        (
            page(shape("VECTOR", 24, 24, name="Vector 3") | LINK),
            page(shape("RECTANGLE", 24, 24, name="Rectangle 3") | LINK),
        ),
    ),
    ("naming", "Texts: their text is their name."): (
        (
            page(label("Frame 3") | LINK),
            page(stack(label("One"), name="Frame 3") | LINK),
        ),
    ),
    ("states", "Components that only show something: badges, avatars, cards."): (
        (controls("Default", name="Badge"), controls("Default")),
        (controls("Default", name="Button group"), controls("Default")),
    ),
    ("states", "Single components and instances."): (
        (page(button()), controls("Default")),
    ),
    ("states", "Focus on iOS and Android is a hint at most."): (
        ((controls("Default"), IOS), (controls("Default"), WEB)),
    ),
}  # fmt: skip
# Sentences that say how grave a finding is, and not that there is none.
MILDER = {
    "A line height left to the font is a hint at most.",
    "Sizes, and values of several tokens, are a hint at most.",
    "Focus on iOS and Android is a hint at most.",
}
# Sentences without a finding to compare with.
BY_NATURE = {
    ("overflow", "Shadows."),
    ("type-scale", "Display sizes from 40 px are not counted."),
    ("unbound-value", "Sizes, and values of several tokens, are a hint at most."),
}


def found(rule: str, case: Case) -> list[Fact]:
    document, options = case if isinstance(case, tuple) else (case, WEB)
    facts = measure(numbered(document), options=options).facts
    return [each for each in facts if each.rule == rule and each.verdict != "ok" and each.cause]


@pytest.mark.parametrize(
    ("rule", "exemption", "excused", "accused"),
    [(*key, *pair) for key, pairs in CASES.items() for pair in pairs],
)
def test_an_exemption_excuses_and_what_differs_in_it_is_found(
    rule: str, exemption: str, excused: Case, accused: Case
) -> None:
    if exemption in MILDER:
        assert {each.verdict for each in found(rule, excused)} == {"info"}
        assert "problem" in {each.verdict for each in found(rule, accused)}
    else:
        assert found(rule, excused) == []
        assert found(rule, accused)


def test_every_exemption_has_been_tried() -> None:
    said = {
        (rule.id, each) for rule in RULES if rule.id not in ELSEWHERE for each in rule.exemptions
    }
    assert said - BY_NATURE == set(CASES)


def test_display_sizes_do_not_count_as_many() -> None:
    sizes = [12, 14, 16, 20, 24, 28]
    usual = page(*(label("Words", each) for each in sizes))
    shown = page(*(label("Words", each) for each in (*sizes, 48, 64)))
    many = page(*(label("Words", each) for each in (*sizes, 32)))

    def verdict(document: Node) -> str:
        facts = measure(numbered(document)).facts
        return next(each.verdict for each in facts if each.rule == "type-scale" and not each.cause)

    assert (verdict(usual), verdict(shown), verdict(many)) == ("ok", "ok", "info")


def test_a_value_of_several_tokens_is_a_hint() -> None:
    alias = {"type": "VARIABLE_ALIAS", "id": "V:1"}, {"type": "VARIABLE_ALIAS", "id": "V:2"}
    one = page(label("One", fills=[raw("#123456")], inferredVariables={"fills": [[alias[0]]]}))
    two = page(label("One", fills=[raw("#123456")], inferredVariables={"fills": [[*alias]]}))
    assert [each.verdict for each in found("unbound-value", one)] == ["problem"]
    assert [each.verdict for each in found("unbound-value", two)] == ["info"]


def test_shadows_do_not_reach_out_of_a_frame() -> None:
    shadow = {"type": "DROP_SHADOW", "visible": True, "radius": 40, "offset": {"x": 0, "y": 40}}
    inside = stack(label("Lamp"), name="Tile", padding=8, fill=MIST, effects=[shadow])
    assert found("overflow", clipping(inside, x=260)) == []


@pytest.mark.parametrize("paints", [[paint(PAPER)], []])
def test_a_frame_with_paint_is_not_empty(paints: list[Node]) -> None:
    document = page(stack(name="Extra", width=80, height=80, fills=paints))
    assert bool(found("empty-layer", document)) is not bool(paints)


@pytest.mark.parametrize("name", ["Chart card", "Table of contents page", "Logo picker"])
def test_what_holds_a_chart_or_a_logo_is_not_excused_with_it(name: str) -> None:
    assert found("text-size", page(stack(label("May", 10), name=name)))
    assert found("auto-layout", column(words()) | {"name": name})


@pytest.mark.parametrize("name", ["Bar chart", "Chart / Sales by month", "Charts", "Chart 3"])
def test_a_chart_is_known_by_the_last_word_of_a_part_of_its_name(name: str) -> None:
    assert found("text-size", page(stack(label("May", 10), name=name))) == []


def test_corners_are_read_one_by_one_too() -> None:
    def tile(*radii: float) -> Node:
        return shape("RECTANGLE", 80, 80, MIST, name="Tile", rectangleCornerRadii=[*radii])

    usual = [tile(8, 8, 8, 8), tile(8, 8, 8, 8)]
    assert found("radii", page(*usual, tile(10, 10, 10, 10)))
    assert found("radii", page(*usual, tile(10, 10, 0, 0))) == []
