// A design as Figma's REST API gives it, and what changes when one value of it does.

export type Json = Record<string, any>;

export interface NamedStyle {
  id: string;
  name: string;
  color: string;
}

export interface NamedVariable {
  id: string;
  name: string;
  color: string;
  remote?: boolean;
}

export interface Design {
  name: string;
  document: Json;
  components?: Json;
  variables?: NamedVariable[];
  styles?: NamedStyle[];
  /** Fonts this machine does not have, by family. */
  missingFonts?: string[];
}

export class Tree {
  readonly root: Json;
  readonly nodes = new Map<string, Json>();
  readonly parents = new Map<string, Json>();
  readonly removed = new Set<string>();

  constructor(document: Json) {
    this.root = document;
    const waiting: Json[] = [document];
    while (waiting.length) {
      const node = waiting.pop()!;
      this.nodes.set(node["id"], node);
      for (const child of node["children"] ?? []) {
        this.parents.set(child["id"], node);
        waiting.push(child);
      }
    }
  }

  get pages(): Json[] {
    return this.root["children"];
  }

  remove(id: string): void {
    const parent = this.parents.get(id);
    if (parent) parent["children"] = parent["children"].filter((each: Json) => each["id"] !== id);
    for (const each of this.below(this.nodes.get(id)!)) this.removed.add(each["id"]);
  }

  *below(node: Json): Generator<Json> {
    yield node;
    for (const child of node["children"] ?? []) yield* this.below(child);
  }

  /** Move a layer with all that is in it. */
  move(node: Json, dx: number, dy: number): void {
    for (const each of this.below(node)) {
      for (const box of [each["absoluteBoundingBox"], each["absoluteRenderBounds"]]) {
        if (!box) continue;
        box["x"] += dx;
        box["y"] += dy;
      }
    }
  }

  /** The gap or padding of an auto layout changed: its children make room. */
  setSpace(node: Json, name: string, value: number): void {
    const by = value - (node[name] ?? 0);
    node[name] = value;
    const isDown = node["layoutMode"] === "VERTICAL";
    const children: Json[] = (node["children"] ?? []).filter((each: Json) => each["layoutPositioning"] !== "ABSOLUTE");
    children.forEach((child, at) => {
      const steps = name === "itemSpacing" ? at : 1;
      if (name === "itemSpacing") this.move(child, isDown ? 0 : by * steps, isDown ? by * steps : 0);
      if (name === "paddingLeft") this.move(child, by, 0);
      if (name === "paddingTop") this.move(child, 0, by);
    });
  }

  /** A layer has another size: what follows it in an auto layout moves along. */
  setSize(node: Json, width: number, height: number): void {
    const box = node["absoluteBoundingBox"];
    const [dx, dy] = [width - box["width"], height - box["height"]];
    box["width"] = width;
    box["height"] = height;
    if (node["size"]) node["size"] = { x: width, y: height };
    const parent = this.parents.get(node["id"]);
    const mode = parent?.["layoutMode"];
    if (mode !== "VERTICAL" && mode !== "HORIZONTAL") return;
    const siblings: Json[] = parent!["children"];
    for (const later of siblings.slice(siblings.indexOf(node) + 1)) {
      this.move(later, mode === "HORIZONTAL" ? dx : 0, mode === "VERTICAL" ? dy : 0);
    }
  }
}

export function toPluginPaint(paint: Json): Json {
  const { color, gradientStops, ...rest } = paint;
  if (paint["type"] !== "SOLID") return { ...rest, ...(gradientStops ? { gradientStops } : {}) };
  return { ...rest, color: { r: color["r"], g: color["g"], b: color["b"] }, opacity: paint["opacity"] ?? color["a"] ?? 1 };
}

export function toRestPaint(paint: Json): Json {
  if (paint["type"] !== "SOLID") return { ...paint };
  const { opacity, color, ...rest } = paint;
  return { ...rest, color: { ...color, a: 1 }, ...(opacity !== undefined && opacity !== 1 ? { opacity } : {}) };
}

export function rgb(hex: string): Json {
  const channel = (at: number): number => parseInt(hex.slice(at, at + 2), 16) / 255;
  return { r: channel(1), g: channel(3), b: channel(5) };
}
