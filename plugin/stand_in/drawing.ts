// Draws a page of the stand-in as HTML boxes. A click selects a layer, with Shift several.

import type { StandIn } from "./figma.ts";
import type { Json } from "./tree.ts";

const MARGIN = 40;

export function draw(canvas: HTMLElement, standIn: StandIn): void {
  const page = standIn.tree.nodes.get((standIn.figma.currentPage as unknown as Json)["id"])!;
  const boxes: Json[] = page["children"].map((each: Json) => each["absoluteBoundingBox"]);
  const left = Math.min(...boxes.map((each) => each["x"])) - MARGIN;
  const top = Math.min(...boxes.map((each) => each["y"])) - MARGIN;
  const width = Math.max(...boxes.map((each) => each["x"] + each["width"])) + MARGIN - left;
  const height = Math.max(...boxes.map((each) => each["y"] + each["height"])) + MARGIN - top;
  const sheet = document.createElement("div");
  sheet.className = "sheet";
  Object.assign(sheet.style, { width: `${width}px`, height: `${height}px` });
  for (const child of page["children"]) sheet.append(paint(child, { x: left, y: top }, standIn));
  canvas.replaceChildren(sheet);
  canvas.onclick = (event) => click(event, standIn);
}

function click(event: MouseEvent, standIn: StandIn): void {
  const layer = (event.target as HTMLElement).closest<HTMLElement>("[data-id]");
  const id = layer?.dataset["id"];
  if (!id) return standIn.select([]);
  if (!event.shiftKey) return standIn.select([id]);
  const others = standIn.selection.filter((each) => each !== id);
  standIn.select(others.length < standIn.selection.length ? others : [...others, id]);
}

function paint(node: Json, origin: Json, standIn: StandIn): HTMLElement {
  const box = node["absoluteBoundingBox"];
  const element = document.createElement("div");
  element.dataset["id"] = node["id"];
  element.title = node["name"];
  element.className = standIn.selection.includes(node["id"]) ? "layer selected" : "layer";
  const stroke = colour((node["strokes"] ?? [])[0]);
  const radii: number[] = node["rectangleCornerRadii"] ?? Array(4).fill(node["cornerRadius"] ?? 0);
  Object.assign(element.style, {
    left: `${box["x"] - origin["x"]}px`, top: `${box["y"] - origin["y"]}px`, width: `${box["width"]}px`, height: `${box["height"]}px`,
    opacity: String(node["opacity"] ?? 1),
    borderRadius: node["type"] === "ELLIPSE" ? "50%" : radii.map((each) => `${each}px`).join(" "),
    overflow: node["clipsContent"] ? "hidden" : "visible",
    ...(stroke ? { boxShadow: `inset 0 0 0 ${node["strokeWeight"] ?? 1}px ${stroke}` } : {}),
    ...(node["visible"] === false ? { display: "none" } : {}),
  });
  if (node["type"] === "TEXT") writeText(element, node);
  else element.style.background = colour(shownPaint(node)) ?? "transparent";
  for (const child of node["children"] ?? []) element.append(paint(child, box, standIn));
  return element;
}

function writeText(element: HTMLElement, node: Json): void {
  const { style } = node;
  element.textContent = node["characters"];
  Object.assign(element.style, {
    color: colour(shownPaint(node)) ?? "transparent",
    font: `${style["fontWeight"] ?? 400} ${style["fontSize"]}px/${style["lineHeightPx"]}px ${style["fontFamily"]}, Inter, system-ui, sans-serif`,
    textAlign: String(style["textAlignHorizontal"] ?? "LEFT").toLowerCase(),
    letterSpacing: `${style["letterSpacing"] ?? 0}px`,
    whiteSpace: "pre-wrap",
  });
}

function shownPaint(node: Json): Json | undefined {
  return (node["fills"] ?? []).filter((each: Json) => each["visible"] !== false).at(-1);
}

function colour(paint: Json | undefined): string | null {
  if (!paint || paint["visible"] === false) return null;
  const part = (value: number): number => Math.round(value * 255);
  const one = (c: Json, opacity: number): string => `rgb(${part(c["r"])} ${part(c["g"])} ${part(c["b"])} / ${(c["a"] ?? 1) * opacity})`;
  const opacity = paint["opacity"] ?? 1;
  if (paint["type"] === "SOLID") return one(paint["color"], opacity);
  if (paint["gradientStops"]) return `linear-gradient(${paint["gradientStops"].map((each: Json) => one(each["color"], opacity)).join(", ")})`;
  return paint["type"] === "IMAGE" ? "#b9c0cc" : null;
}
