"""Component sheets: the sets of a small design system with their states."""

from typing import Any

from bench.review.designs.drawing import Draft
from bench.review.designs.kit import Kit

STATES = ("Default", "Hover", "Pressed", "Focus", "Disabled")


def _set(kit: Kit, name: str, make: Any) -> Draft:
    variants = []
    for state in STATES:
        node = make(state)
        ring = {"strokes": [kit.paint("border/focus")], "strokeWeight": 2.0}
        variants.append(
            node | {"type": "COMPONENT", "name": f"State={state}"}
            | (ring if state == "Focus" else {})
        )  # fmt: skip
    own = kit.row(name, *variants, gap=24, pad=24)
    return own | {
        "type": "COMPONENT_SET",
        "componentPropertyDefinitions": {
            "State": {"type": "VARIANT", "defaultValue": "Default", "variantOptions": [*STATES]}
        },
    }


def _plain(kit: Kit, label: str, fill: str, ink: str, radius: int = 8) -> Any:
    def make(state: str) -> Draft:
        shades = {"Hover": "brand/hover", "Pressed": "brand/pressed", "Disabled": "fill/disabled"}
        is_brand = fill == "brand/fill"
        ground = shades.get(state, fill) if is_brand else fill
        colour = "text/secondary" if state == "Disabled" else ink
        return kit.row("", kit.text(label, "strong", colour), pad=(24, 12), fill=ground,
                       line="" if is_brand else "border/control", radius=radius)  # fmt: skip

    return make


def _page(kit: Kit, name: str, *sets: Draft) -> Draft:
    return kit.column(name, kit.text(name, "title"), *sets, gap=32, pad=48, fill="surface/card")


def buttons(kit: Kit) -> Draft:
    return _page(
        kit, "Actions",
        _set(kit, "Button", _plain(kit, "Save", "brand/fill", "text/on-brand")),
        _set(kit, "Button secondary", _plain(kit, "Cancel", "surface/card", "text/primary")),
        _set(kit, "Link", _plain(kit, "Read more", "surface/card", "brand/fill")),
        _set(kit, "Tab", _plain(kit, "Profile", "surface/card", "text/primary")),
        _set(kit, "Chip", _plain(kit, "Lamps", "surface/card", "text/primary", 999)),
    )  # fmt: skip


def fields(kit: Kit) -> Draft:
    return _page(
        kit, "Fields",
        _set(kit, "Input", _plain(kit, "Your name", "surface/card", "text/secondary")),
        _set(kit, "Select", _plain(kit, "Germany", "surface/card", "text/primary")),
        _set(kit, "Checkbox", _plain(kit, "I agree", "surface/card", "text/primary")),
        _set(kit, "Switch", _plain(kit, "Sounds", "surface/card", "text/primary", 999)),
        _set(kit, "Menu item", _plain(kit, "Settings", "surface/card", "text/primary")),
    )  # fmt: skip


def display_only(kit: Kit) -> Draft:
    """What nobody can press needs no states."""
    badges = [
        kit.badge("Paid") | {"type": "COMPONENT", "name": "Kind=Success"},
        kit.badge("Late", "danger") | {"type": "COMPONENT", "name": "Kind=Danger"},
    ]
    for each in badges:
        each.pop("componentId", None)
    badge_set = kit.row("Badge", *badges, gap=24, pad=24) | {
        "type": "COMPONENT_SET",
        "componentPropertyDefinitions": {
            "Kind": {"type": "VARIANT", "defaultValue": "Success",
                     "variantOptions": ["Success", "Danger"]}
        },
    }  # fmt: skip
    return _page(kit, "Labels", badge_set)
