// Designs to try the plugin on, with flaws on purpose. The tests stand on them, too.

import { type Design, type Json, rgb } from "./tree.ts";

type Place = [x: number, y: number, width: number, height: number];

const INK = "#1e1e2e";
const WHITE = "#ffffff";
const PALETTE = [
  { id: "VariableID:1:1", name: "Text/Primary", color: INK },
  { id: "VariableID:1:2", name: "Text/Secondary", color: "#5b6170" },
  { id: "VariableID:1:3", name: "Text/Placeholder", color: "#b8bdc9" },
  { id: "VariableID:1:4", name: "Surface/Default", color: WHITE },
  { id: "VariableID:1:5", name: "Surface/Sunken", color: "#f3f4f7" },
  { id: "VariableID:1:6", name: "Brand/Action", color: "#1d4ed8" },
  { id: "VariableID:1:7", name: "Border/Control", color: "#767c8a" },
  { id: "VariableID:9:1", name: "Library/Danger", color: "#b3261e", remote: true },
];
const STYLES = [
  { id: "S:hint", name: "Text/Hint", color: "#b8bdc9" },
  { id: "S:brand", name: "Brand/Action", color: "#1d4ed8" },
  { id: "S:quiet", name: "Text/Quiet", color: "#9aa1b0" },
];

function layer(type: string, id: string, name: string, [x, y, width, height]: Place, fill: string | null, more: Json = {}): Json {
  const box = { x, y, width, height };
  return {
    id, name, type, blendMode: "PASS_THROUGH", absoluteBoundingBox: box, absoluteRenderBounds: { ...box },
    fills: fill ? [{ type: "SOLID", blendMode: "NORMAL", color: { ...rgb(fill), a: 1 } }] : [],
    strokes: [], strokeWeight: 1, strokeAlign: "INSIDE", effects: [], ...more,
  };
}

function frame(id: string, name: string, place: Place, fill: string | null, children: Json[], more: Json = {}): Json {
  return layer(more["type"] ?? "FRAME", id, name, place, fill, { clipsContent: true, ...more, children });
}

function words(id: string, characters: string, place: Place, size: number, fill: string, more: Json = {}): Json {
  const { weight = 400, align = "LEFT", family = "Inter", ...rest } = more;
  return layer("TEXT", id, characters.slice(0, 40), place, fill, {
    characters,
    style: {
      fontFamily: family, fontWeight: weight, fontSize: size, lineHeightPx: Math.round(size * 1.4), lineHeightUnit: "PIXELS",
      letterSpacing: 0, textAlignHorizontal: align, textAlignVertical: "TOP",
    },
    characterStyleOverrides: [], styleOverrideTable: {}, ...rest,
  });
}

function bound(variable: string): Json {
  return { fills: [{ type: "VARIABLE_ALIAS", id: variable }] };
}

function withVariable(node: Json, variable: string): Json {
  node["boundVariables"] = bound(variable);
  node["fills"][0]["boundVariables"] = { color: { type: "VARIABLE_ALIAS", id: variable } };
  return node;
}

function edge(color: string): Json {
  return { strokes: [{ type: "SOLID", blendMode: "NORMAL", color: { ...rgb(color), a: 1 } }] };
}

function stack(mode: "VERTICAL" | "HORIZONTAL", itemSpacing: number, [top, right, bottom, left]: Place): Json {
  return { layoutMode: mode, itemSpacing, paddingTop: top, paddingRight: right, paddingBottom: bottom, paddingLeft: left, primaryAxisAlignItems: "MIN", counterAxisAlignItems: "MIN" };
}

function page(id: string, name: string, children: Json[]): Json {
  return { id, name, type: "CANVAS", backgroundColor: { ...rgb("#eceef2"), a: 1 }, children };
}

function document(...pages: Json[]): Json {
  return { id: "0:0", name: "Document", type: "DOCUMENT", children: pages };
}

function order(n: number, name: string, price: string, y: number): Json {
  return frame(`1:4${n}`, "Order row", [24, y, 342, 48], WHITE, [
    words(`1:4${n}1`, name, [24, y + 4, 220, 20], 14, "#a3a9b6"),
    words(`1:4${n}2`, price, [286, y + 4, 80, 20], 14, INK, { align: "RIGHT", weight: 600 }),
  ], { clipsContent: false, ...stack("HORIZONTAL", 18, [0, 0, 0, 0]) });
}

/** A phone screen whose flaws are those that designers meet: pale texts, small targets, odd gaps. */
export function checkout(): Design {
  const screen = frame("1:2", "Checkout / Mobile", [0, 0, 390, 760], WHITE, [
    withVariable(words("1:3", "Checkout", [24, 52, 240, 34], 24, INK, { weight: 700 }), "VariableID:1:1"),
    words("1:4", "Two things left. We deliver tomorrow.", [24, 98, 342, 22], 15, "#a3a9b6"),
    order(0, "Linen shirt, sand", "$59.00", 142),
    order(1, "Canvas bag", "$24.00", 202),
    order(2, "Wool socks, 2 pairs", "$18.00", 262),
    frame("1:50", "Promo code", [24, 334, 342, 44], null, [
      frame("1:51", "Input field", [24, 334, 255, 44], WHITE, [
        words("1:52", "Promo code", [40, 345, 180, 20], 14, "#b8bdc9", { styles: { fill: "S:hint" } }),
      ], { cornerRadius: 8, ...edge("#e3e6ec") }),
      words("1:53", "Apply", [298, 345, 64, 20], 14, "#8fb0ff", { weight: 600 }),
    ], stack("HORIZONTAL", 19, [0, 0, 0, 0])),
    words("1:60", "Deliver to a pick-up point", [56, 402, 260, 22], 15, INK),
    layer("ELLIPSE", "1:61", "Checkbox", [24, 405, 16, 16], WHITE, edge("#c8ccd6")),
    words("1:62", "Total", [24, 452, 120, 28], 18, INK, { weight: 700 }),
    words("1:63", "$101.00", [246, 452, 120, 28], 18, INK, { weight: 700, align: "RIGHT" }),
    frame("1:70", "Pay button", [24, 506, 342, 48], "#8fb0ff", [
      words("1:71", "Pay now", [24, 519, 342, 22], 16, WHITE, { weight: 600, align: "CENTER" }),
    ], { cornerRadius: 10 }),
    words("1:80", "By paying you accept our terms.", [24, 574, 342, 16], 11, "#b8bdc9", { align: "CENTER" }),
  ]);
  const good = frame("2:2", "Confirmation / Mobile", [450, 0, 390, 760], WHITE, [
    withVariable(words("2:3", "Thank you, Ada", [474, 240, 342, 34], 24, INK, { weight: 700, align: "CENTER" }), "VariableID:1:1"),
    withVariable(words("2:4", "Your order is on its way.", [474, 290, 342, 24], 16, "#5b6170", { align: "CENTER" }), "VariableID:1:2"),
    frame("2:5", "Button / Track my order", [474, 354, 342, 48], "#1d4ed8", [
      words("2:6", "Track my order", [474, 367, 342, 22], 16, WHITE, { weight: 600, align: "CENTER" }),
    ], { cornerRadius: 10, styles: { fill: "S:brand" } }),
  ]);
  return { name: "Checkout (sample)", document: document(page("0:1", "Screens", [screen, good])), variables: PALETTE, styles: STYLES };
}

/** One layer for each reason why something cannot be changed, and the plain one beside them. */
export function hardCases(): Design {
  const pale = "#b8bdc9";
  const line = (n: number): Place => [24, 64 + n * 44, 342, 22];
  const button = (id: string, inner: string, place: Place, component: string): Json =>
    frame(id, "Button", place, "#8fb0ff", [
      words(inner, "Buy", [place[0], place[1] + 12, place[2], 22], 16, pale, { align: "CENTER" }),
    ], { type: id === "9:10" ? "COMPONENT" : "INSTANCE", ...(id === "9:10" ? {} : { componentId: component }), cornerRadius: 8 });
  const screen = frame("3:2", "Hard cases / Mobile", [0, 0, 390, 640], WHITE, [
    words("3:9", "Hard cases", [24, 20, 240, 28], 20, INK, { weight: 700 }),
    words("3:10", "Plain: can be changed", line(0), 14, pale),
    words("3:11", "Locked by somebody", line(1), 14, pale, { locked: true }),
    words("3:12", "In a font that is missing here", line(2), 11, pale, { family: "Nowhere Sans" }),
    words("3:13", "Mixed colours in one text", line(3), 14, pale, {
      characterStyleOverrides: [1, 1, 1, 1, 1],
      styleOverrideTable: { 1: { fontSize: 11, fills: [{ type: "SOLID", blendMode: "NORMAL", color: { ...rgb("#d0d4dd"), a: 1 } }] } },
    }),
    withVariable(words("3:14", "Colour from a variable", line(4), 14, pale), "VariableID:1:3"),
    words("3:15", "Colour from a style", line(5), 14, "#9aa1b0", { styles: { fill: "S:quiet" } }),
    button("3:20", "I3:20;9:11", [24, 340, 160, 46], "9:10"),
    button("3:21", "I3:21;8:11", [206, 340, 160, 46], "8:10"),
    frame("3:30", "Was a card once", [24, 410, 342, 80], "#f3f4f7", [
      words("3:31", "Detached from a library", [40, 426, 240, 20], 13, INK),
    ], { detachedInfo: { type: "library", componentKey: "c0de" }, cornerRadius: 8 }),
    frame("3:40", "Row that hugs", [24, 510, 342, 18], null, [
      frame("3:41", "Icon button", [24, 510, 18, 18], "#767c8a", [], { layoutSizingHorizontal: "HUG", layoutSizingVertical: "HUG" }),
    ], stack("HORIZONTAL", 7, [0, 0, 0, 0])),
  ], { inferredVariables: { fills: [[{ type: "VARIABLE_ALIAS", id: "VariableID:1:4" }]] } });
  const parts = frame("9:2", "Parts", [450, 0, 320, 200], WHITE, [button("9:10", "9:11", [474, 40, 160, 46], "")]);
  return {
    name: "Hard cases (sample)",
    document: document(page("0:1", "Screens", [screen]), page("0:2", "Components", [parts])),
    components: {
      "8:10": { key: "abc", name: "Button / Library", remote: true },
      "9:10": { key: "def", name: "Button", remote: false },
    },
    variables: PALETTE,
    styles: STYLES,
    missingFonts: ["Nowhere Sans"],
  };
}

/** A page of `count` layers, for what large selections do. */
export function large(count: number): Design {
  const rows: Json[] = [];
  for (let n = 1; n < count; n += 2) {
    const at: Place = [(n % 40) * 60, Math.floor(n / 40) * 30, 50, 24];
    rows.push(frame(`5:${n}`, "Cell", at, "#f3f4f7", [words(`5:${n + 1}`, `Cell ${n}`, at, 12, "#9aa1b0")]));
  }
  return { name: "Large", document: document(page("0:1", "Page", [frame("5:0", "Table", [0, 0, 2400, 1600], WHITE, rows.slice(0, Math.floor((count - 1) / 2)))])), variables: PALETTE };
}
