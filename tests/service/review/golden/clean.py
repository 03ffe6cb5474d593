"""Clean screens: nothing is to be called a problem here, and hardly anything is a hint."""

from tests.service.review.golden.parts import (
    BAD,
    BRAND,
    GOOD,
    INK,
    LINE,
    MIST,
    MUTED,
    PAPER,
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

BODY = (
    "Your order leaves our house within two days. We write to you as soon as it is on its way, "
    "with a link to follow it."
)


def row(title: str, value: str = "") -> Node:
    words = stack(label(title), label(value or "On", 14, MUTED), name="Words", gap=4, width=287)
    return stack(words, icon("Icon / chevron"), name="List row", gap=16, padding=16, across=True,
                 width=343)  # fmt: skip


def app_bar(title: str) -> Node:
    return stack(icon("Icon / back"), label(title, 20, weight=600), name="App bar", gap=16,
                 across=True, padding=12)  # fmt: skip


def variant(state: str) -> Node:
    return button("Save", name=f"State={state}", type="COMPONENT")


SIGN_IN = screen(
    label("Welcome back", 32, weight=700, name="Title"),
    label("Sign in to see your orders.", colour=MUTED),
    text_field("Email"),
    text_field("Password"),
    button("Sign in"),
    name="Sign in",
)
SETTINGS = screen(
    app_bar("Settings"),
    stack(row("Notifications"), row("Language", "English"), row("Privacy"), name="List", gap=8),
    name="Settings",
)
DASHBOARD = screen(
    label("Today", 24, weight=700, name="Heading"),
    *(
        card(label(title, 14, MUTED), label(figure, 32, weight=700))
        for title, figure in (("Orders", "128"), ("Sales", "€ 4,210"), ("Visitors", "1,902"))
    ),
    name="Dashboard",
    fill=MIST,
)
ARTICLE = screen(
    label("How we ship", 32, weight=700, name="Title", height=38, lines=2, width=343),
    *(label(BODY, width=343, lines=3, name="Paragraph") for _ in range(3)),
    name="Article",
)
# A picture under a heading: words lie on it only through a scrim.
SCRIM = shape("RECTANGLE", 375, 240, None, name="Scrim") | {"fills": [raw("#000000", 0.7)]}
ONBOARDING = group(
    (0, 0, picture(375, 240)),
    (0, 0, SCRIM),
    (16, 160, label("Find your next home", 24, PAPER, weight=700)),
    (
        16,
        264,
        stack(
            label("Search by street or by town.", colour=MUTED),
            button("Start"),
            name="Below",
            gap=32,
        ),
    ),
    name="Onboarding",
    width=375,
    height=812,
    fill=PAPER,
)
# Badges hang out, knobs leave their track.
NOTICES = screen(
    stack(
        group(
            (0, 0, icon("Icon / bell", 48)),
            (36, -8, stack(label("3", 12, PAPER, weight=700), name="Badge", padding=1, sides=8,
                           across=True, fill=BAD)),
            name="Bell",
            width=48,
            height=48,
        ),
        name="Header",
    ),
    label("Three messages wait for you", 20, weight=600),
    name="Notices",
)  # fmt: skip
VOLUME = screen(
    label("Volume", 20, weight=600, name="Heading"),
    group(
        (0, 20, shape("RECTANGLE", 343, 4, LINE, name="Track", cornerRadius=2)),
        (331, 10, shape("ELLIPSE", 24, 24, BRAND, name="Knob")),
        name="Slider track",
        width=343,
        height=44,
        clipsContent=True,
    ),
    name="Sound",
)
TABLE = screen(
    label("Invoices", 24, weight=700, name="Heading"),
    stack(
        *(
            stack(
                *(
                    stack(label(each, 14), name="Cell", padding=8, fill=shade, width=104)
                    for each in line
                ),
                name="Table row",
                gap=0,
                across=True,
            )
            for line, shade in (
                (("Number", "Date", "Sum"), MIST),
                (("1001", "3 May", "€ 120"), PAPER),
                (("1002", "9 May", "€ 80"), MIST),
            )
        ),
        name="Table",
        gap=0,
    ),
    name="Invoices",
)
BUTTONS = {
    "name": "Button",
    "type": "COMPONENT_SET",
    "fills": [],
    "absoluteBoundingBox": {"x": 0, "y": 0, "width": 200, "height": 400},
    "children": [
        moved(variant(each), 16, 16 + at * 72)
        for at, each in enumerate(("Default", "Hover", "Pressed", "Focus", "Disabled"))
    ],
}
BADGES = {
    "name": "Badge",
    "type": "COMPONENT_SET",
    "fills": [],
    "absoluteBoundingBox": {"x": 0, "y": 0, "width": 200, "height": 100},
    "children": [
        stack(label("New", 12, PAPER), name=f"Tone={tone}", padding=4, sides=8, fill=fill,
              across=True, type="COMPONENT", cornerRadius=13)
        for tone, fill in (("Good", GOOD), ("Bad", BAD))
    ],
}  # fmt: skip
# Gaps that no grid has, all from variables: they are on the scale by definition.
BOUND = {"itemSpacing": {"type": "VARIABLE_ALIAS", "id": "VariableID:2:1"}}
OWN_SCALE = screen(
    *(
        stack(label("Name", 14, MUTED), label("Ada Lovelace"), name="Pair", gap=2,
              boundVariables=BOUND)
        for _ in range(4)
    ),
    name="Profile",
)  # fmt: skip
# Everything in steps of 6: that is this file's own grid.
SIXES = stack(
    *(
        stack(label("Lesson", 14, MUTED), label("Verbs of motion"), name="Lesson", gap=6,
              padding=18, fill=MIST, width=339)
        for _ in range(5)
    ),
    name="Course", gap=18, padding=18, fill=PAPER, width=375,
)  # fmt: skip
HIDDEN_SWITCHES = screen(
    *(
        button("Save") | {"children": [*button("Save")["children"], icon() | {"visible": False}]}
        for _ in range(6)
    ),
    name="Buttons in use",
)
DIALOG = group(
    (0, 0, shape("RECTANGLE", 375, 812, None, name="Overlay") | {"fills": [raw("#000000", 0.5)]}),
    (16, 240, stack(
        label("Delete this project?", 20, weight=600, name="Title"),
        label("Nobody can bring it back.", colour=MUTED),
        stack(button("Keep"), button("Delete", fill=BAD), name="Actions", gap=16, across=True),
        name="Dialog", padding=24, gap=16, fill=PAPER, cornerRadius=12, width=343,
    )),
    name="Confirm",
    width=375,
    height=812,
    fill=MIST,
)  # fmt: skip
# Cards side by side that run out of the screen: they are scrolled.
CAROUSEL = screen(
    label("New in", 24, weight=700, name="Heading"),
    stack(*(card(label("Lamp"), label("€ 49", 14, MUTED), width=160) for _ in range(4)),
          name="Products", gap=16, across=True),
    name="Shop",
    clipsContent=True,
)  # fmt: skip
CHART = screen(
    label("Sales by month", 20, weight=600, name="Heading"),
    group(
        *((at * 28.5, 160 - at * 11, shape("RECTANGLE", 20, at * 11 + 4, BRAND, name="Bar"))
          for at in range(12)),
        *((at * 28.5, 168, label("J", 10, MUTED, name="Tick")) for at in range(12)),
        name="Chart",
        width=343,
        height=188,
    ),
    name="Report",
)  # fmt: skip
DARK = screen(
    label("Now playing", 14, PAPER),
    shape("RECTANGLE", 343, 343, BRAND, name="Cover", cornerRadius=12),
    label("Blue in Green", 24, PAPER, weight=700, name="Title"),
    stack(*(icon(f"Icon / {each}", 48, PAPER) for each in ("back", "play", "next")),
          name="Transport", gap=32, across=True),
    name="Player",
    fill=INK,
)  # fmt: skip
DISABLED = screen(
    label("Delivery", 24, weight=700, name="Heading"),
    text_field("Street"),
    text_field("Floor", edge=LINE, name="Field disabled"),
    button("Save", fill=LINE, colour=PAPER, name="Button disabled"),
    name="Delivery",
)
# The page of a desktop site: header, side bar and content touch, as panels do.
DESKTOP = group(
    (0, 0, stack(label("Acme", 20, weight=700), name="Header", padding=16, width=1440,
                 height=64, fill=PAPER)),
    (0, 64, stack(label("Reports"), label("Team"), name="Sidebar", padding=24, width=240,
                  height=836, fill=MIST)),
    (240, 64, stack(label("Reports", 32, weight=700, name="Title"),
                    label(BODY, width=600, lines=2, name="Intro"),
                    name="Content", padding=32, width=1200, height=836, fill=PAPER)),
    name="Desktop",
    width=1440,
    height=900,
    fill=PAPER,
)  # fmt: skip
STATUS = screen(
    label("Servers", 24, weight=700, name="Heading"),
    *(
        stack(
            shape("ELLIPSE", 12, 12, colour, name="Status dot"),
            label(word), name="Server", gap=8, across=True,
        )
        for word, colour in (("Running", GOOD), ("Stopped", BAD), ("Running", GOOD))
    ),
    name="Servers",
)  # fmt: skip
LEGAL = screen(
    label("Pay € 49.00", 24, weight=700, name="Heading"),
    button("Pay now"),
    label("By paying you agree to our terms. © 2030 Acme", 11, MUTED, name="Legal line",
          styles={"text": "S:legal"}),
    name="Pay",
)  # fmt: skip
CODE = screen(
    label("Install", 24, weight=700, name="Heading"),
    stack(
        label("python -m pip install --upgrade " + "acme-client-library " * 16, 14, PAPER,
              width=1360, lines=3, name="Snippet"),
        name="Code block", padding=16, fill=INK,
    ),
    name="Docs",
    width=1440,
)  # fmt: skip
# A picture drawn of many shapes, none of which has a token.
ILLUSTRATION = screen(
    group(
        *((at * 20, at % 3 * 31 + 1, shape("VECTOR", 40, 40, f"#{at + 3:x}0{at + 4:x}0f0",
                                           name="Vector"))
          for at in range(10)),
        name="Illustration",
        width=260,
        height=120,
    ),
    label("Nothing here yet", 20, weight=600, name="Title"),
    label("Add your first project.", colour=MUTED),
    button("Add a project"),
    name="Empty state",
)  # fmt: skip
NESTED = screen(
    stack(
        shape("RECTANGLE", 311, 120, MIST, name="Preview", cornerRadius=8),
        label("Rounded inside rounded"),
        name="Tile", padding=8, gap=8, fill=PAPER, cornerRadius=16,
        strokes=[paint(LINE)], strokeWeight=1,
    ),
    name="Tiles",
)  # fmt: skip

CLEAN = tuple(
    Golden(name, numbered(document))
    for name, document in {
        "sign in": SIGN_IN,
        "settings": SETTINGS,
        "dashboard": DASHBOARD,
        "article": ARTICLE,
        "onboarding": ONBOARDING,
        "notices": NOTICES,
        "volume": VOLUME,
        "table": TABLE,
        "buttons": BUTTONS,
        "badges": BADGES,
        "a scale of its own": OWN_SCALE,
        "steps of six": SIXES,
        "hidden switches": HIDDEN_SWITCHES,
        "dialog": DIALOG,
        "carousel": CAROUSEL,
        "chart": CHART,
        "dark": DARK,
        "disabled": DISABLED,
        "desktop": DESKTOP,
        "status": STATUS,
        "legal": LEGAL,
        "code": CODE,
        "illustration": ILLUSTRATION,
        "nested corners": NESTED,
    }.items()
)
