"""Broken screens: each with the findings that a careful designer would name, and no others."""

from typing import Any

from tests.service.review.golden.parts import (
    BRAND,
    FIELD,
    INK,
    LINE,
    MIST,
    MUTED,
    PAPER,
    TOKENS,
    Golden,
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
    text_field,
)

LONG = (
    "We write to you as soon as your parcel is on its way. It will reach you within two days, and "
    "somebody has to sign for it, so choose a place where somebody is at home all day. "
)


def broken(
    name: str,
    document: Node,
    *problems: str,
    hints: tuple[str, ...] = (),
    styles: dict[str, Any] | None = None,
) -> Golden:
    return Golden(
        name, numbered(document), tuple(sorted(problems)), tuple(sorted(hints)), styles or {}
    )


def title(words: str = "Orders") -> Node:
    return label(words, 24, weight=700, name="Heading")


def alias(token: str) -> Node:
    return {"type": "VARIABLE_ALIAS", "id": token}


GREY_TEXT = broken(
    "grey text",
    screen(title(), label("Arrives on Monday", colour="#b3b3b3", name="When"), name="Orders"),
    "contrast-text: When",
)
PALE_FIELD = broken(
    "a field with a pale edge",
    screen(title("Address"), text_field("Street", edge=LINE), name="Address"),
    "contrast-control: Input",
)
TIGHT_LINES = broken(
    "tight lines",
    screen(
        title(),
        label(LONG, width=343, lines=5, height=17, name="Intro"),
        name="Orders",
    ),
    "line-height: Intro",
)
CLOSE_LINES = broken(
    "lines that could be wider apart",
    screen(title(), label(LONG, width=343, lines=5, height=21, name="Intro"), name="Orders"),
    hints=("line-height: Intro",),
)
LONG_LINES = broken(
    "long lines",
    screen(
        title("Terms"),
        label(LONG * 3, width=1100, lines=4, name="Paragraph"),
        name="Terms",
        width=1440,
    ),
    hints=("line-length: Paragraph",),
)
LONG_CJK = broken(
    "long lines in Japanese",
    screen(
        title("規約"),
        label("商品は二日以内に届きます。" * 16, width=960, lines=4, name="Paragraph"),
        name="Terms",
        width=1440,
    ),
    hints=("line-length: Paragraph",),
)
ODD_SIZE = broken(
    "one odd text size",
    screen(
        title(),
        *(label(each) for each in ("Lamp", "Table", "Chair")),
        label("Sofa", 15, styles={}, name="Odd one"),
        name="Orders",
    ),
    "type-scale: Odd one",
)
SMALL_TEXT = broken(
    "small text",
    screen(title(), label("Only two left", 10, name="Stock"), name="Product"),
    hints=("text-size: Stock",),
)
OFF_GRID = broken(
    "off the grid",
    screen(
        title(),
        *(card(label("Lamp"), label("€ 49", 14, MUTED)) for _ in range(3)),
        card(label("Sofa"), label("€ 900", 14, MUTED), name="Odd card", itemSpacing=11),
        name="Orders",
        fill=MIST,
    ),
    "spacing-grid: Odd card",
)
OFF_ITS_EIGHT = broken(
    "off a grid of eight",
    stack(
        *(
            stack(label("Lamp"), label("€ 49", 14, MUTED), name="Card", gap=8, padding=16,
                  fill=PAPER, width=343)
            for _ in range(5)
        ),
        stack(label("Sofa"), label("€ 900", 14, MUTED), name="Odd card", gap=8, padding=16,
              paddingTop=20, fill=PAPER, width=343),
        name="Orders", gap=24, padding=16, fill=MIST, width=375,
    ),
    "spacing-grid: Odd card",
)  # fmt: skip
OUT_OF_LINE = broken(
    "out of line",
    group(
        (16, 24, title()),
        (16, 80, picture(160, 120, name="One")),
        (17.5, 240, picture(160, 120, name="Two")),
        (16, 400, picture(140, 100, name="Three")),
        name="Gallery",
        width=375,
        height=812,
        fill=PAPER,
    ),
    "alignment: Two",
)
MIXED_RADII = broken(
    "mixed radii",
    screen(
        title(),
        *(card(label("Lamp")) for _ in range(3)),
        card(label("Sofa")) | {"cornerRadius": 10},
        name="Orders",
    ),
    "radii: Card",
)
BAD_NESTING = broken(
    "corners that do not nest",
    screen(
        stack(
            shape("RECTANGLE", 311, 120, MIST, name="Preview", cornerRadius=14),
            label("A picture of it"),
            name="Tile",
            padding=8,
            gap=8,
            fill=PAPER,
            cornerRadius=16,
            strokes=[paint(LINE)],
            strokeWeight=1,
        ),
        name="Tiles",
    ),
    hints=("radii: Preview",),
)
NEAR_DUPLICATE = broken(
    "a colour that nearly is a token",
    screen(
        title(), label("Arrives on Monday", colour="#5d5766"), label("2 of 3", colour=MUTED),
        name="Orders",
    ),
    "near-duplicate-colour: Arrives on Monday",
)  # fmt: skip
RAW_VALUE = broken(
    "a raw value that is a token",
    screen(
        title(), label("Arrives on Monday", fills=[raw(MUTED)]), label("2 of 3", colour=MUTED),
        name="Orders",
    ),
    "unbound-value: Arrives on Monday",
)  # fmt: skip
PROPOSED = broken(
    "values for which Figma proposes a variable",
    screen(
        title(),
        label("Arrives on Monday", fills=[raw("#123456")], name="When",
              inferredVariables={"fills": [[alias(TOKENS[INK])]]}),
        stack(label("One"), label("Two"), name="List", gap=8,
              inferredVariables={"itemSpacing": [alias("VariableID:2:2")]}),
        name="Orders",
    ),
    "unbound-value: When",
    hints=("unbound-value: List",),
)  # fmt: skip
STYLES = {
    "S:bg": {"name": "Background/Raised", "styleType": "FILL"},
    "S:text": {"name": "Text/Muted", "styleType": "FILL"},
    "S:edge": {"name": "Border/Default", "styleType": "FILL"},
}
WRONG_TOKENS = broken(
    "tokens on the wrong property",
    screen(
        title(),
        label("Arrives on Monday", styles={"fill": "S:bg", "text": "S:body"}, name="When"),
        stack(label("2 of 3", colour=PAPER, fills=[raw(PAPER)]), name="Panel", padding=16,
              styles={"fill": "S:text"}, fills=[raw(MUTED)]),
        name="Orders",
    ),
    "wrong-token: When",
    "wrong-token: Panel",
    styles=STYLES,
)  # fmt: skip
DETACHED = broken(
    "a detached button",
    screen(
        title(),
        button("Save"),
        stack(label("Send", colour=PAPER, weight=600), name="Send", padding=12, sides=24,
              fill=BRAND, across=True, cornerRadius=8,
              detachedInfo={"type": "library", "componentKey": "abc"}),
        name="Orders",
    ),
    "detached: Send",
)  # fmt: skip
BY_HAND = broken(
    "a list placed by hand",
    group(
        (16, 24, title()),
        (16, 88, label("Lamp")),
        (16, 136, label("Table")),
        (16, 184, label("Chair")),
        name="Orders",
        width=375,
        height=812,
        fill=PAPER,
    ),
    hints=("auto-layout: Orders",),
)
LEFTOVERS = broken(
    "hidden leftovers",
    screen(
        title(),
        label("Arrives on Monday"),
        *(label(f"Old text {at}", visible=False) for at in range(6)),
        name="Orders",
    )
    | {"itemSpacing": 24},
    hints=("hidden-layers: Old text 0",),
)
NOTHING_IN_IT = broken(
    "an empty frame",
    screen(
        title(),
        stack(name="Old promo", width=343, height=80),
        label("Arrives on Monday"),
        name="Orders",
    ),
    hints=("empty-layer: Old promo",),
)
CUT_OFF = broken(
    "a text that is cut off",
    screen(
        title(),
        stack(
            label("A very long title that nobody has tried in this card", width=420, name="Long"),
            name="Tile", padding=16, width=343, fill=MIST, clipsContent=True,
        ),
        name="Orders",
    ),
    "overflow: Long",
)  # fmt: skip
TOO_HIGH = broken(
    "a text that is higher than its chip",
    screen(
        title(),
        group(
            (16, 8, label("Free delivery to any address", width=120, lines=2, name="Words")),
            name="Promise",
            width=152,
            height=40,
            fill=MIST,
        ),
        name="Orders",
    ),
    "overflow: Words",
    # Half of the words lie on the chip and half on the screen.
    hints=("contrast-text: Words",),
)
EDGE_TO_EDGE = broken(
    "boxes edge to edge",
    screen(
        title(),
        stack(
            stack(label("Total"), name="Total", padding=12, fill=MIST, width=200),
            stack(label("Pay", colour=PAPER), name="Pay", padding=12, fill=BRAND, width=200),
            name="Foot",
            gap=0,
            padding=16,
        ),
        name="Basket",
    ),
    hints=("touching: Pay",),
)
UPSIDE_DOWN = broken(
    "a text larger than the title",
    screen(
        label("Your basket", 24, weight=700, name="Title"),
        label("Three things are in it."),
        label("You may also like", 32, weight=700, name="More"),
        label("Lamp"),
        name="Basket",
    ),
    hints=("heading-order: More",),
)
UNNAMED = broken(
    "nobody named it",
    screen(title(), label("Arrives on Monday"), name="Frame 12"),
    hints=("naming: Frame 12",),
)
NO_FOCUS = broken(
    "a button without focus",
    {
        "name": "Button",
        "type": "COMPONENT_SET",
        "fills": [],
        "absoluteBoundingBox": {"x": 0, "y": 0, "width": 200, "height": 300},
        "children": [
            moved(button("Save", name=f"State={each}", type="COMPONENT"), 16, 16 + at * 72)
            for at, each in enumerate(("Default", "Hover", "Disabled"))
        ],
    },
    "states: Button",
)
RED_OR_GREEN = broken(
    "red or green",
    screen(
        title("Servers"),
        *(
            stack(
                stack(
                    shape("ELLIPSE", 12, 12, None, name="Status dot") | {"fills": [raw(colour)]},
                    name="Mark",
                ),
                stack(label(server), name="Words"),
                name="Server",
                gap=8,
                across=True,
            )
            for server, colour in (("Lima", "#b3261e"), ("Oslo", "#146c2e"), ("Rome", "#146c2e"))
        ),
        name="Servers",
    ),
    hints=("colour-alone: Status dot",),
)
ON_PHOTO = broken(
    "words on a photo",
    group(
        (0, 0, picture(375, 240)),
        (16, 180, label("Find your next home", 24, PAPER, weight=700, name="Promise")),
        (16, 264, label("Search by street or by town.", colour=MUTED)),
        name="Home",
        width=375,
        height=812,
        fill=PAPER,
    ),
    hints=("contrast-text: Promise", "text-on-image: Promise"),
)
WEAK = broken(
    "a text that just passes",
    screen(
        title(),
        label("It leaves our house within two days.", colour="#767676", name="Weak"),
        name="Orders",
    ),
    hints=("apca: Weak",),
)
SMALL_TARGETS = broken(
    "icons too close to tap",
    screen(
        title("Edit"),
        stack(
            *(icon(f"Icon button / {each}", 16) | {"type": "INSTANCE", "componentId": f"9:{at}"}
              for at, each in enumerate(("copy", "paste", "cut"), start=10)),
            name="Tools", gap=4, across=True,
        ),
        name="Editor",
    ),
    "target-size: Icon button / copy",
    "target-size: Icon button / cut",
    "target-size: Icon button / paste",
)  # fmt: skip
# Everything at once, as it happens.
A_MESS = broken(
    "a mess",
    group(
        (16, 24, label("Checkout", 24, weight=700, name="Title")),
        (16, 72, label("Delivery on Monday", colour="#a9a9a9", name="When")),
        (16, 112, label("Name on the card", 13.5, styles={}, name="Hint")),
        (18, 160, stack(label("Pay now", colour=PAPER), name="Button", padding=7, sides=13,
                        fill=FIELD, across=True, cornerRadius=8)),
        name="Frame 7",
        width=375,
        height=812,
        fill=PAPER,
    ),
    "contrast-text: When",
    "contrast-text: Pay now",
    "alignment: Button",
    "spacing-grid: Button",
    hints=("naming: Frame 7", "auto-layout: Frame 7"),
)  # fmt: skip

BROKEN = tuple(each for each in list(globals().values()) if isinstance(each, Golden))
