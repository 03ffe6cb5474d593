"""The drawings in the seeded files: mostly good screens, with flaws that reviewers look for.

Checkout has low contrast, small touch targets, spacing off the 8-pixel grid, mixed type sizes, and
component instances with and without styles.
"""

from typing import NamedTuple

from local.sandbox.nodes import (
    Json,
    box,
    component,
    document,
    ellipse,
    frame,
    instance,
    page,
    stack,
    sticky,
    stroke,
    style,
    text,
)

INK, BODY, BRAND, LINE = "#14213d", "#4a5568", "#1d4ed8", "#e2e8f0"
STYLES = {
    "S:ink": style("f0a1" * 10, "Text/Primary", "FILL"),
    "S:brand": style("f0a2" * 10, "Brand/Action", "FILL"),
    "S:title": style("f0a3" * 10, "Heading/Title", "TEXT"),
    "S:body": style("f0a4" * 10, "Body/Regular", "TEXT"),
}
COMPONENTS = {
    "9:10": component("c0de01" * 6 + "aaaa", "Button/Primary", "The one main action of a screen"),
    "9:20": component("c0de02" * 6 + "aaaa", "Input/Text", "Label above, 48 px high"),
}
TITLE: Json = {"styles": {"fill": "S:ink", "text": "S:title"}}
TEXT: Json = {"styles": {"fill": "S:ink", "text": "S:body"}}
# How a layer follows its frame when that gets wider, and a frame that keeps its size.
FILL: Json = {"layoutSizingHorizontal": "FILL"}
KEPT: Json = {"primaryAxisSizingMode": "FIXED", "counterAxisSizingMode": "FIXED"}


class Design(NamedTuple):
    document: Json
    components: Json
    styles: Json


def _design(*pages: Json) -> Design:
    return Design(document(*pages), COMPONENTS, STYLES)


def _button(id: str, label: str, at: tuple[float, ...], fill: str = BRAND, **more: object) -> Json:
    x, y, width, height = at
    place = (x, y + height / 2 - 11, width, 22)
    words = text(f"I{id};9:11", label, place, 16, "#ffffff", 600, "CENTER")
    return instance(
        id, "Button/Primary", at, "9:10", words, fill=fill, cornerRadius=8.0, **more
    )  # fmt: skip


def _input(
    id: str, label: str, value: str, x: float, y: float, width: float, **more: object
) -> Json:
    field = (x, y + 24, width, 48)
    return instance(
        id, "Input/Text", (x, y, width, 72), "9:20",
        text(f"I{id};9:21", label, (x, y, width, 20), 14, BODY, **TEXT),
        box(f"I{id};9:22", "Field", field, "#ffffff", 8, **stroke("#94a3b8")),
        text(f"I{id};9:23", value, (x + 16, y + 37, width - 32, 22), 16, INK, **TEXT),
        **more,
    )  # fmt: skip


def checkout() -> Design:
    """A phone checkout full of flaws, and a confirmation screen without flaws."""
    return _design(page("0:1", "Screens", _checkout_phone(), _confirmation_phone()))


def _row(id: str, name: str, place: tuple[float, ...], gap: float, *parts: Json) -> Json:
    row = stack("HORIZONTAL", gap, 0, 0, 0, 0) | {"primaryAxisSizingMode": "FIXED"}
    return frame(id, name, place, *parts, **row, **FILL)


def _order_line(
    id: str, words: str, price: str, y: float, size: float, colour: str, weight: int
) -> Json:
    """Of a width of 308: words on the left, 35 px of gap, the price on the right."""
    height = round(size * 1.4)
    at = int(id.partition(":")[2])
    return _row(
        f"1:{at + 60}", words, (41, y, 308, height), 35,
        text(id, words, (41, y, 180, height), size, colour, weight, **FILL),
        text(f"1:{at + 1}", price, (256, y, 93, height), size, colour, weight, "RIGHT"),
    )  # fmt: skip


def _order_summary() -> Json:
    return frame(
        "1:30", "Order summary", (24, 461, 342, 147),
        text("1:31", "Order summary", (41, 474, 308, 21), 15, INK, 600),
        _order_line("1:32", "Linen shirt, sand, M", "$59.00", 504, 13, "#6b7280", 400),
        _order_line("1:34", "Delivery", "$4.90", 531, 13, "#6b7280", 400),
        box("1:36", "Divider", (41, 558, 308, 1), LINE, **FILL),
        _order_line("1:37", "Total", "$63.90", 568, 18, INK, 700),
        fill="#f8fafc", cornerRadius=10.0, **stack("VERTICAL", 9, 17, 17, 13, 15), **FILL,
    )  # fmt: skip


def _promo_code() -> Json:
    field = frame(
        "1:41", "Field", (24, 623, 263, 40),
        text("1:42", "Promo code", (37, 634, 160, 18), 13, "#c4cad4"),
        fill="#ffffff", cornerRadius=6.0, **stroke("#d1d5db"),
        **stack("HORIZONTAL", 0, 13, 13, 11, 11) | {"primaryAxisSizingMode": "FIXED"}, **FILL,
    )  # fmt: skip
    apply = text("1:43", "Apply", (302, 623, 64, 20), 14, "#93b4ff", 600, "CENTER")
    return _row("1:40", "Promo code", (24, 623, 342, 40), 15, field, apply)


def _steps() -> Json:
    return _row(
        "1:10", "Steps", (24, 103, 342, 17), 29,
        text("1:11", "1 Address", (24, 103, 80, 17), 11, INK, 600),
        text("1:12", "2 Payment", (133, 103, 80, 17), 11, "#b8bfca"),
        text("1:13", "3 Review", (242, 103, 80, 17), 11, "#b8bfca"),
    )  # fmt: skip


def _header() -> Json:
    return frame(
        "1:3", "Header", (24, 44, 342, 44),
        ellipse("1:4", "Back", (24, 56, 20, 20), "#e5e7eb"),
        text("1:5", "Checkout", (60, 52, 270, 28), 20, INK, 700, **TITLE, **FILL),
        ellipse("1:6", "Help", (346, 56, 20, 20), "#e5e7eb"),
        **stack("HORIZONTAL", 16, 0, 0, 8, 8)
        | {"counterAxisAlignItems": "CENTER", "primaryAxisSizingMode": "FIXED"}, **FILL,
    )  # fmt: skip


def _checkout_phone() -> Json:
    """Each layer stands where auto layout puts it: 15 px below the one before."""
    return frame(
        "1:2", "Checkout / Mobile", (0, 0, 390, 844), _header(), _steps(),
        _input("1:20", "Full name", "Ada Okafor", 24, 135, 342, **FILL),
        _input("1:21", "Street and number", "Harbour Street 12", 24, 222, 342, **FILL),
        _row(
            "1:28", "Place", (24, 309, 342, 72), 15,
            _input("1:22", "Postal code", "20457", 24, 309, 120),
            _input("1:23", "City", "Hamburg", 159, 309, 207, **FILL),
        ),
        text("1:24", "We deliver inside the EU only", (24, 396, 342, 15), 11, "#aeb6c2"),
        _row(
            "1:29", "Delivery", (24, 426, 342, 20), 34,
            text("1:25", "Standard delivery, 3 to 5 days", (24, 426, 260, 20), 14, BODY, **FILL),
            text("1:26", "Change", (318, 426, 48, 16), 12, "#8fb0ff", 600, "RIGHT"),
        ),
        _order_summary(), _promo_code(),
        _button("1:50", "Pay now", (24, 678, 342, 38), "#ffb454", **FILL),
        text("1:51", "By paying you accept our terms and the return policy.",
             (24, 731, 342, 14), 10, "#c0c6d0", 400, "CENTER", **FILL),
        fill="#ffffff", **stack("VERTICAL", 15, 24, 24, 44, 19), **KEPT,
    )  # fmt: skip


def _confirmation_phone() -> Json:
    return frame(
        "2:2", "Confirmation / Mobile", (470, 0, 390, 844),
        ellipse("2:3", "Success", (617, 152, 96, 96), "#0b7a53"),
        text("2:4", "Thank you, Ada", (494, 272, 342, 34), 24, INK, 700, "CENTER", **TITLE, **FILL),
        text("2:5", "Your order 4711 is on its way.\nWe sent the receipt to your e-mail.",
             (494, 330, 342, 48), 16, BODY, 400, "CENTER", line_height=24, **TEXT, **FILL),
        _button("2:6", "Track my order", (494, 402, 342, 48), styles={"fill": "S:brand"}, **FILL),
        text("2:7", "Continue shopping", (494, 474, 342, 24), 16, BRAND, 600, "CENTER",
             styles={"fill": "S:brand", "text": "S:body"}, **FILL),
        fill="#ffffff", **KEPT,
        **stack("VERTICAL", 24, 24, 24, 152, 48) | {"counterAxisAlignItems": "CENTER"},
    )  # fmt: skip


def design_system() -> Design:
    """Swatches, type and two components, with one off-palette swatch."""
    colors = (BRAND, INK, BODY, "#0b7a53", "#b3382c", "#f59e0b")
    swatches = [
        box(f"3:{10 + n}", f"Swatch {n + 1}", (32 + n * 96, 96, 80, 80), each, 12)
        for n, each in enumerate(colors)
    ]
    sheet = frame(
        "3:2", "Foundations", (0, 0, 640, 560),
        text("3:3", "Foundations", (32, 32, 300, 40), 28, INK, 700, **TITLE),
        *swatches,
        text("3:20", "Heading", (32, 216, 300, 34), 24, INK, 700, **TITLE),
        text("3:21", "Body text, sixteen over twenty-four", (32, 264, 400, 24), 16, BODY, **TEXT),
        text("3:22", "Caption on a tint", (32, 304, 300, 18), 12, "#9ca3af"),
        frame("9:10", "Button/Primary", (32, 360, 200, 48),
              text("9:11", "Button", (32, 373, 200, 22), 16, "#ffffff", 600, "CENTER"),
              kind="COMPONENT", fill=BRAND, cornerRadius=8.0, styles={"fill": "S:brand"}),
        frame("9:20", "Input/Text", (264, 360, 280, 72),
              text("9:21", "Label", (264, 360, 280, 20), 14, BODY, **TEXT),
              box("9:22", "Field", (264, 384, 280, 48), "#ffffff", 8, **stroke("#94a3b8")),
              text("9:23", "Value", (280, 397, 248, 22), 16, INK, **TEXT), kind="COMPONENT"),
        _button("3:40", "Detached colour", (32, 464, 200, 48), "#e11d48"),
        fill="#ffffff",
    )  # fmt: skip
    return _design(page("0:1", "Foundations", sheet))


def workshop() -> Design:
    """A FigJam board with six notes."""
    notes = (
        ("Guests drop out at the address form", "#fde68a"),
        ("Nobody finds the promo code", "#fde68a"),
        ("Pay with one tap", "#bbf7d0"),
        ("Show delivery costs earlier", "#bbf7d0"),
        ("Is the pay button readable outdoors?", "#fecaca"),
        ("Ask five customers next week", "#bfdbfe"),
    )
    board = [
        sticky(f"4:{10 + n}", words, (40 + n % 3 * 220, 40 + n // 3 * 220, 200, 200), fill)
        for n, (words, fill) in enumerate(notes)
    ]
    return _design(page("0:1", "Board", *board, background="#ffffff"))


def pricing() -> Design:
    """Three price cards, in an invite-only project."""
    cards = [
        frame(f"5:{n}0", name, (40 + n * 240, 120, 216, 240),
              text(f"5:{n}1", name, (64 + n * 240, 144, 160, 24), 16, BODY, 600, **TEXT),
              text(f"5:{n}2", price, (64 + n * 240, 184, 160, 45), 32, INK, 700, **TITLE),
              _button(f"5:{n}3", "Choose", (64 + n * 240, 288, 168, 48), BRAND),
              fill="#ffffff", cornerRadius=16.0, **stroke(LINE))
        for n, (name, price) in enumerate((("Solo", "$9"), ("Team", "$29"), ("Firm", "$99")))
    ]  # fmt: skip
    sheet = frame(
        "5:2", "Pricing / Desktop", (0, 0, 776, 420),
        text("5:3", "Simple prices", (40, 40, 400, 45), 32, INK, 700, **TITLE), *cards,
        fill="#f8fafc",
    )  # fmt: skip
    return _design(page("0:1", "Pricing", sheet))


def draft() -> Design:
    """One idea, in Ada's drafts: in no project and no team."""
    card = frame(
        "6:2", "Gift card idea", (0, 0, 360, 220),
        text("6:3", "Gift card", (24, 24, 200, 34), 24, "#ffffff", 700),
        text("6:4", "Up to $200, delivered today", (24, 168, 300, 20), 14, "#dbeafe"),
        fill="#6d46c9", cornerRadius=20.0,
    )  # fmt: skip
    return _design(page("0:1", "Ideas", card))


def banking() -> Design:
    """An account screen of the organisation's."""
    rows = [
        frame(f"7:{20 + n}", "Transaction", (16, 288 + n * 72, 358, 64),
              ellipse(f"7:{30 + n}", "Logo", (24, 300 + n * 72, 40, 40), "#ddd6fe"),
              text(f"7:{40 + n}", name, (80, 300 + n * 72, 180, 22), 16, INK, **TEXT),
              text(f"7:{50 + n}", "Yesterday", (80, 324 + n * 72, 180, 17), 12, "#a1a1aa"),
              text(f"7:{60 + n}", amount, (264, 309 + n * 72, 102, 22), 16, INK, 600, "RIGHT"))
        for n, (name, amount) in enumerate(
            (("Bakery Roth", "- $7.40"), ("Salary", "+ $3,120.00"), ("City rail", "- $49.00")))
    ]  # fmt: skip
    screen = frame(
        "7:2", "Account / Mobile", (0, 0, 390, 640),
        text("7:3", "Current account", (16, 56, 240, 34), 24, INK, 700, **TITLE),
        frame("7:10", "Balance", (16, 112, 358, 136),
              text("7:11", "Balance", (40, 136, 160, 20), 14, "#ede9fe"),
              text("7:12", "$4,208.16", (40, 168, 300, 45), 32, "#ffffff", 700),
              fill="#6d46c9", cornerRadius=16.0),
        *rows, fill="#ffffff",
    )  # fmt: skip
    return _design(page("0:1", "Accounts", screen))


def portfolio() -> Design:
    """A freelancer's home page on the free plan."""
    tiles = [
        box(f"8:{10 + n}", f"Work {n + 1}", (40 + n * 210, 200, 190, 140), fill, 12)
        for n, fill in enumerate(("#fca5a5", "#fcd34d", "#6ee7b7"))
    ]
    sheet = frame(
        "8:2", "Home / Desktop", (0, 0, 680, 400),
        text("8:3", "Inês Duarte", (40, 48, 400, 56), 40, INK, 700),
        text("8:4", "Illustration for books and brands", (40, 120, 400, 25), 18, "#9ca3af"),
        *tiles, text("8:5", "Say hello", (40, 360, 100, 17), 12, "#d1d5db", 600),
        fill="#fffbeb",
    )  # fmt: skip
    return _design(page("0:1", "Home", sheet))
