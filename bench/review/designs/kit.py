"""A small design system, made up for these designs: tokens, type styles and components.

Every colour pair used here has the contrast that it needs, each control is 44 px high or more, and
each value is bound to a token.
"""

from dataclasses import dataclass
from typing import Any

from bench.review.designs.drawing import Draft, Size, frame

# Name: (size, weight, line height).
TYPE = {
    "display": (40, 700, 48),
    "title": (24, 600, 32),
    "heading": (20, 600, 28),
    "body": (16, 400, 24),
    "strong": (16, 600, 24),
    "small": (14, 400, 20),
    "caption": (14, 600, 20),
}
SPACES = (4, 8, 12, 16, 20, 24, 32, 40, 48, 64)
RADII = (8, 16, 999)
_LIGHT = {
    "surface/page": "#f5f6f8", "surface/card": "#ffffff", "surface/tint": "#e8f0fe",
    "text/primary": "#1b1f24", "text/secondary": "#57606a", "text/on-brand": "#ffffff",
    "brand/fill": "#1a56c4", "border/control": "#6e7781", "border/line": "#d5dae0",
    "status/danger": "#b3261e", "status/success": "#176f30", "status/danger-tint": "#fdecea",
    "status/success-tint": "#e6f4ea", "brand/hover": "#143f92", "brand/pressed": "#0f2f6e",
    "fill/disabled": "#d5dae0", "fill/track": "#6e7781", "fill/rail": "#d5dae0",
    "icon/muted": "#57606a", "icon/on-brand": "#ffffff", "border/focus": "#1b1f24",
}  # fmt: skip
_DARK = {
    "surface/page": "#101418", "surface/card": "#1b2128", "surface/tint": "#22344f",
    "text/primary": "#f2f4f7", "text/secondary": "#a9b4c0", "text/on-brand": "#0c1116",
    "brand/fill": "#8ab4f8", "border/control": "#8c97a3", "border/line": "#38424d",
    "status/danger": "#ff9c94", "status/success": "#7bd88f", "status/danger-tint": "#4a211e",
    "status/success-tint": "#1c3b26", "brand/hover": "#a8c7fa", "brand/pressed": "#c4d9fc",
    "fill/disabled": "#38424d", "fill/track": "#8c97a3", "fill/rail": "#38424d",
    "icon/muted": "#a9b4c0", "icon/on-brand": "#0c1116", "border/focus": "#f2f4f7",
}  # fmt: skip
_WARM = _LIGHT | {
    "surface/page": "#fbf7f1", "surface/tint": "#f9e8d2", "text/primary": "#2b2118",
    "text/secondary": "#665848", "brand/fill": "#8a3a12", "border/control": "#85735f",
    "border/line": "#e4d9ca", "brand/hover": "#6e2e0e", "brand/pressed": "#54230b",
    "fill/disabled": "#e4d9ca", "fill/track": "#85735f", "fill/rail": "#e4d9ca",
    "icon/muted": "#665848", "border/focus": "#2b2118",
}  # fmt: skip
_SCOPES = {
    "surface": ["FRAME_FILL", "SHAPE_FILL"], "text": ["TEXT_FILL"], "border": ["STROKE_COLOR"],
    "brand": ["ALL_SCOPES"], "status": ["ALL_SCOPES"], "fill": ["FRAME_FILL", "SHAPE_FILL"],
    "icon": ["SHAPE_FILL", "STROKE_COLOR"],
}  # fmt: skip
COMPONENTS = (
    "Button", "Button/Secondary", "Button/Danger", "Input", "Checkbox", "Switch", "Tab", "Icon",
    "Avatar", "Badge", "Chip", "Menu item", "Logo", "Select", "Icon button", "Radio", "Search",
)  # fmt: skip


def rgb(colour: str) -> dict[str, float]:
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return {"r": red, "g": green, "b": blue, "a": 1.0}


def alias(variable: str) -> dict[str, str]:
    return {"type": "VARIABLE_ALIAS", "id": variable}


def component_id(name: str) -> str:
    return f"4:{100 + COMPONENTS.index(name)}"


@dataclass(frozen=True)
class Kit:
    """The design system in one theme. Without ``is_bound`` it is drawn with raw values, as in a
    file that has no library."""

    colours: dict[str, str]
    is_bound: bool = True

    # ---- tokens ---------------------------------------------------------------------------------
    def paint(self, name: str) -> dict[str, Any]:
        paint: dict[str, Any] = {"type": "SOLID", "color": rgb(self.colours[name])}
        if self.is_bound:
            paint["boundVariables"] = {"color": alias(self.variable(name))}
        return paint

    def variable(self, name: str) -> str:
        return f"VariableID:2:{list(self.colours).index(name) + 1}"

    def tokens(self) -> tuple[dict[str, Any], ...]:
        """The variables, as the plugin gives them."""
        if not self.is_bound:
            return ()
        colours = [
            {
                "id": self.variable(name), "name": name, "color": colour, "kind": "variable",
                "scopes": _SCOPES[name.partition("/")[0]],
            }
            for name, colour in self.colours.items()
        ]  # fmt: skip
        return tuple(colours)

    def styles(self) -> dict[str, dict[str, Any]]:
        return {
            f"3:{at}": {"key": f"k{at}", "name": f"Text/{name.capitalize()}", "styleType": "TEXT"}
            for at, name in enumerate(TYPE, 1)
        }

    def _bound(self, **values: float) -> dict[str, Any]:
        """The fields with their bindings: spaces and radii are variables too."""
        aliases = {
            key: alias(f"VariableID:5:{int(value)}") for key, value in values.items() if value
        }
        return {**values, **({"boundVariables": aliases} if self.is_bound and aliases else {})}

    # ---- layers ---------------------------------------------------------------------------------
    def text(
        self, characters: str, style: str = "body", colour: str = "text/primary",
        width: Size = "hug", **more: Any,
    ) -> Draft:  # fmt: skip
        size, weight, line = TYPE[style]
        node: Draft = {
            "name": characters[:40], "type": "TEXT", "characters": characters,
            "size": (width, "hug"), "fills": [self.paint(colour)],
            "style": {
                "fontFamily": "Inter", "fontSize": float(size), "fontWeight": weight,
                "lineHeightPx": float(line), "lineHeightUnit": "PIXELS", "letterSpacing": 0.0,
            },
        }  # fmt: skip
        if self.is_bound:
            node["styles"] = {"text": f"3:{list(TYPE).index(style) + 1}"}
        return node | more

    def column(self, name: str, *children: Draft, **more: Any) -> Draft:
        return self._box(name, "VERTICAL", children, **more)

    def row(self, name: str, *children: Draft, **more: Any) -> Draft:
        return self._box(name, "HORIZONTAL", children, **{"across": "CENTER"} | more)

    def _box(
        self, name: str, mode: str, children: tuple[Draft, ...], *, gap: int = 0,
        pad: int | tuple[int, int] = 0, fill: str = "", line: str = "", radius: int = 0,
        size: tuple[Size, Size] = ("hug", "hug"), across: str = "MIN", along: str = "MIN",
        **more: Any,
    ) -> Draft:  # fmt: skip
        sides, ends = pad if isinstance(pad, tuple) else (pad, pad)
        values = {
            "itemSpacing": gap if len(children) > 1 and along != "SPACE_BETWEEN" else 0,
            "paddingLeft": sides, "paddingRight": sides, "paddingTop": ends, "paddingBottom": ends,
        }  # fmt: skip
        bound = self._bound(**{key: float(value) for key, value in values.items() if value})
        node = frame(
            name, *children, size=size, layoutMode=mode, counterAxisAlignItems=across,
            primaryAxisAlignItems=along, **bound,
        )  # fmt: skip
        self._paint_box(node, fill, line, radius)
        return node | more

    def _paint_box(self, node: Draft, fill: str, line: str, radius: int) -> None:
        if fill:
            node["fills"] = [self.paint(fill)]
        if line:
            node |= {"strokes": [self.paint(line)], "strokeWeight": 1.0, "strokeAlign": "INSIDE"}
        if radius:
            node["cornerRadius"] = float(radius)
            if self.is_bound:
                corners = ("topLeftRadius", "topRightRadius", "bottomLeftRadius",
                           "bottomRightRadius")  # fmt: skip
                bound = {corner: alias(f"VariableID:6:{radius}") for corner in corners}
                node["boundVariables"] = node.get("boundVariables", {}) | bound

    def shape(self, name: str, width: float, height: float, fill: str, *, kind: str = "RECTANGLE",
              radius: int = 0, **more: Any) -> Draft:  # fmt: skip
        node: Draft = {"name": name, "type": kind, "size": (width, height), "fills": []}
        self._paint_box(node, fill, "", radius)
        return node | more

    def divider(self) -> Draft:
        return {
            "name": "Divider", "type": "LINE", "size": ("fill", 0.0), "fills": [],
            "strokes": [self.paint("border/line")], "strokeWeight": 1.0,
        }  # fmt: skip

    def picture(self, name: str, width: Size, height: float, radius: int = 0) -> Draft:
        node: Draft = {"name": name, "type": "RECTANGLE", "size": (width, height)}
        self._paint_box(node, "", "", radius)
        return node | {"fills": [{"type": "IMAGE", "scaleMode": "FILL", "imageRef": "ab12"}]}

    # ---- components -----------------------------------------------------------------------------
    def instance(self, component: str, node: Draft) -> Draft:
        if not self.is_bound:
            return node
        return node | {"type": "INSTANCE", "componentId": component_id(component)}

    def button(self, label: str, kind: str = "primary", width: Size = "hug", **more: Any) -> Draft:
        component, fill, ink, line = {
            "primary": ("Button", "brand/fill", "text/on-brand", ""),
            "secondary": ("Button/Secondary", "surface/card", "text/primary", "border/control"),
            "danger": ("Button/Danger", "surface/card", "status/danger", "status/danger"),
        }[kind]
        node = self.row(
            "Button", self.text(label, "strong", ink), pad=(24, 12), fill=fill, line=line,
            radius=8, size=(width, "hug"), along="CENTER", **_leads(),
        )  # fmt: skip
        return self.instance(component, node | more)

    def field(self, label: str, value: str, *, width: Size = "fill", help_text: str = "") -> Draft:
        box = self.row(
            "Input", self.text(value, "body", "text/secondary", "fill"), pad=(16, 12),
            fill="surface/card", line="border/control", radius=8, size=("fill", "hug"),
        )  # fmt: skip
        parts = [self.text(label, "caption"), self.instance("Input", box)]
        if help_text:
            parts.append(self.text(help_text, "small", "text/secondary", "fill"))
        return self.column("Field", *parts, gap=8, size=(width, "hug"))

    def select(self, label: str, value: str, width: Size = "fill") -> Draft:
        box = self.row(
            "Select", self.text(value, "body", "text/primary", "fill"), self.icon("Chevron"),
            gap=8, pad=(16, 12), fill="surface/card", line="border/control", radius=8,
            size=("fill", "hug"),
        )  # fmt: skip
        parts = (self.text(label, "caption"), self.instance("Select", box))
        return self.column("Field", *parts, gap=8, size=(width, "hug"))

    def search(self, prompt: str, width: Size = "fill") -> Draft:
        box = self.row(
            "Search input", self.icon("Magnifier"),
            self.text(prompt, "body", "text/secondary", "fill"), gap=8, pad=(16, 12),
            fill="surface/card", line="border/control", radius=8, size=(width, "hug"),
        )  # fmt: skip
        return self.instance("Search", box)

    def check(self, label: str, *, is_on: bool = False, kind: str = "Checkbox") -> Draft:
        """A box or a circle with its label; the whole row is the target."""
        shape = self.row(
            "Box", *([self.shape("Mark", 12, 12, "icon/on-brand", kind="VECTOR")] if is_on else []),
            size=(24.0, 24.0), fill="brand/fill" if is_on else "surface/card",
            line="border/control", radius=8 if kind == "Checkbox" else 999, along="CENTER",
        )  # fmt: skip
        row = self.row(
            kind, shape, self.text(label, "body", "text/primary", "fill"), gap=12, pad=(0, 12),
            size=("fill", "hug"),
        )  # fmt: skip
        return self.instance(kind, row)

    def toggle(self, label: str, detail: str, *, is_on: bool = True) -> Draft:
        knob = self.shape("Knob", 20, 20, "surface/card", kind="ELLIPSE")
        track = self.row(
            "Track", knob, pad=(4, 4), size=(52.0, 28.0), radius=999,
            fill="brand/fill" if is_on else "fill/track", along="MAX" if is_on else "MIN",
        )  # fmt: skip
        words = self.column(
            "Words", self.text(label, "strong"),
            self.text(detail, "small", "text/secondary", "fill"), gap=4, size=("fill", "hug"),
        )  # fmt: skip
        row = self.row("Switch", words, track, gap=16, pad=(0, 12), size=("fill", "hug"))
        return self.instance("Switch", row)

    def icon(self, name: str, colour: str = "icon/muted", size: float = 24) -> Draft:
        vector = self.shape("Vector", size - 4, size - 4, colour, kind="VECTOR", at=(2.0, 2.0))
        return self.instance("Icon", frame(name, vector, size=(size, size)))

    def icon_button(self, name: str) -> Draft:
        node = self.row(
            f"{name} button", self.icon(name), size=(48.0, 48.0), along="CENTER", radius=8,
            fill="surface/card", line="border/control", **_leads(),
        )  # fmt: skip
        return self.instance("Icon button", node)

    def avatar(self, initials: str) -> Draft:
        node = self.row(
            "Avatar", self.text(initials, "caption", "text/primary"), size=(40.0, 40.0),
            along="CENTER", fill="surface/tint", radius=999,
        )  # fmt: skip
        return self.instance("Avatar", node)

    def badge(self, label: str, kind: str = "success") -> Draft:
        node = self.row(
            "Badge", self.text(label, "caption", f"status/{kind}"), pad=(12, 4),
            fill=f"status/{kind}-tint", radius=999,
        )  # fmt: skip
        return self.instance("Badge", node)

    def chip(self, label: str) -> Draft:
        node = self.row(
            "Chip", self.text(label, "small"), pad=(16, 12), radius=999, fill="surface/card",
            line="border/control", **_leads(),
        )  # fmt: skip
        return self.instance("Chip", node)

    def tab(self, label: str, *, is_on: bool = False, width: Size = "hug") -> Draft:
        node = self.row(
            "Tab", self.text(label, "strong", "brand/fill" if is_on else "text/secondary"),
            pad=(16, 12), size=(width, "hug"), along="CENTER", **_leads(),
        )  # fmt: skip
        return self.instance("Tab", node)

    def menu_item(self, label: str, icon: str, *, is_on: bool = False) -> Draft:
        node = self.row(
            "Menu item", self.icon(icon), self.text(label, "body", "text/primary", "fill"),
            gap=12, pad=(12, 12), size=("fill", "hug"), radius=8,
            fill="surface/tint" if is_on else "", **_leads(),
        )  # fmt: skip
        return self.instance("Menu item", node)

    def card(self, name: str, *children: Draft, **more: Any) -> Draft:
        look = {"gap": 16, "pad": 24, "fill": "surface/card", "radius": 16, "line": "border/line"}
        return self.column(name, *children, **look | {"size": ("fill", "hug")} | more)


def _leads() -> dict[str, Any]:
    """A prototype link."""
    action = {"type": "NODE", "destinationId": "0:9", "navigation": "NAVIGATE"}
    return {"interactions": [{"trigger": {"type": "ON_CLICK"}, "actions": [action]}]}


LIGHT, DARK, WARM = Kit(_LIGHT), Kit(_DARK), Kit(_WARM)
RAW = Kit(_LIGHT, is_bound=False)
