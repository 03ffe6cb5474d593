"""Screens whose layers are placed by hand, as in many real files."""

from bench.review.designs.drawing import Draft, frame
from bench.review.designs.kit import Kit


def _at(node: Draft, x: float, y: float) -> Draft:
    return node | {"at": (x, y)}


def gallery(kit: Kit) -> Draft:
    """A title, and six cards in three columns and two rows."""
    cards = []
    for at in range(6):
        card = kit.card(f"Place {at + 1} card", kit.picture(f"Photo {at + 1}", "fill", 160, 8),
                        kit.text(("Harbour", "Old town", "Forest", "Lake", "Hills",
                                  "Coast")[at], "heading"), size=(352.0, "hug"))  # fmt: skip
        cards.append(_at(card, 80 + (at % 3) * 384, 160 + (at // 3) * 320))
    title = _at(kit.text("Where to go in spring", "display"), 80, 64)
    return frame("Gallery", title, *cards, size=(1280.0, 860.0), fills=[kit.paint("surface/page")],
                 clipsContent=True)  # fmt: skip


def contact(kit: Kit) -> Draft:
    """A form on the left, an address on the right."""
    left = [
        _at(kit.text("Write to us", "title"), 80, 80),
        _at(kit.field("Name", "Your name", width=480.0), 80, 144),
        _at(kit.field("Email", "name@company.example", width=480.0), 80, 248),
        _at(kit.field("What is it about?", "A few words", width=480.0), 80, 352),
        _at(kit.button("Send"), 80, 464),
    ]
    right = [
        _at(kit.text("Visit us", "title"), 720, 80),
        _at(kit.text("Lampworks, 12 Brick Lane", "body"), 720, 144),
        _at(kit.text("Monday to Friday, nine to five", "body"), 720, 184),
        _at(kit.picture("Map of the street", 480.0, 240), 720, 248),
    ]
    return frame("Contact", *left, *right, size=(1280.0, 640.0), fills=[kit.paint("surface/card")],
                 clipsContent=True)  # fmt: skip


def poster(kit: Kit) -> Draft:
    """A landing page with figures under a hero."""
    hero = [
        _at(kit.text("Know what your designs cost people", "display"), 96, 96),
        _at(kit.text("Measured facts beside each layer, and words that help.", "body",
                     "text/secondary"), 96, 168),
        _at(kit.button("Try it"), 96, 224),
        _at(kit.button("See how it works", "secondary"), 224, 224),
    ]  # fmt: skip
    facts = []
    for at, (value, what) in enumerate((("97 %", "of flaws found"), ("6 ms", "for fifty layers"),
                                        ("0", "false alarms"))):  # fmt: skip
        facts += [
            _at(kit.text(value, "title"), 96 + at * 320, 352),
            _at(kit.text(what, "body", "text/secondary"), 96 + at * 320, 392),
        ]
    return frame("Poster", *hero, *facts, size=(1280.0, 520.0), fills=[kit.paint("surface/card")],
                 clipsContent=True)  # fmt: skip


def watch(kit: Kit) -> Draft:
    """A card of a phone widget: four shortcuts in two rows."""
    tiles = []
    for at, label in enumerate(("Lights", "Heating", "Doors", "Music")):
        tile = kit.column("Tile", kit.icon(label), kit.text(label, "strong"), gap=12, pad=16,
                          size=(163.0, "hug"), fill="surface/card", radius=16)  # fmt: skip
        tiles.append(_at(tile, 24 + (at % 2) * 179, 96 + (at // 2) * 116))
    return frame("Home", _at(kit.text("Home", "title"), 24, 40), *tiles, size=(390.0, 360.0),
                 fills=[kit.paint("surface/page")], clipsContent=True)  # fmt: skip
