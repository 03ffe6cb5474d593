// The properties a suggestion may change: how each is read, written and put back in Figma.
// Names come as the REST API has them (`style.fontSize`) or as plugins do (`fontSize`).

import { isObject } from "../shared/checks.ts";
import { readColour } from "../shared/colours.ts";
import type { Reason, Token } from "../shared/messages.ts";

/** It cannot be changed; `detail` names what stands in the way. */
export class CannotChange extends Error {
  readonly reason: Reason;
  readonly detail: string;
  constructor(reason: Reason, detail = "") {
    super(reason);
    this.reason = reason;
    this.detail = detail;
  }
}

export interface Property {
  /** The value now, in the form in which suggestions give it. Raises CannotChange for mixed values. */
  read(): unknown;
  /** Change it. Returns what puts exactly this back. */
  write(value: unknown, token: Token | null): Promise<() => Promise<void>>;
  /** Whether Figma wants the fonts of a text loaded before. */
  needsFonts: boolean;
}

type Fields = Record<string, unknown>;

const PLAIN: Readonly<Record<string, string>> = {
  fontSize: "fontSize", opacity: "opacity", strokeWeight: "strokeWeight", cornerRadius: "cornerRadius",
  itemSpacing: "itemSpacing", counterAxisSpacing: "counterAxisSpacing",
  paddingLeft: "paddingLeft", paddingRight: "paddingRight", paddingTop: "paddingTop", paddingBottom: "paddingBottom",
  minWidth: "minWidth", minHeight: "minHeight", maxWidth: "maxWidth", maxHeight: "maxHeight",
  gridRowGap: "gridRowGap", gridColumnGap: "gridColumnGap",
  x: "x", y: "y",
  "rectangleCornerRadii[0]": "topLeftRadius", "rectangleCornerRadii[1]": "topRightRadius",
  "rectangleCornerRadii[2]": "bottomRightRadius", "rectangleCornerRadii[3]": "bottomLeftRadius",
  topLeftRadius: "topLeftRadius", topRightRadius: "topRightRadius",
  bottomRightRadius: "bottomRightRadius", bottomLeftRadius: "bottomLeftRadius",
};
const TEXT_ONLY = new Set(["fontSize", "lineHeightPx", "letterSpacing"]);

export function propertyOf(node: SceneNode, path: string): Property {
  const name = path.replace(/^(style|absoluteBoundingBox|size)\./, "");
  const paint = /^(fills|strokes)\[(\d+)\]\.(color|opacity)$/.exec(name);
  if (paint) return new PaintProperty(node, paint[1] as "fills" | "strokes", Number(paint[2]), paint[3] as "color" | "opacity");
  if (name === "width" || name === "height") return new SideProperty(node, name);
  if (name === "lineHeightPx" || name === "letterSpacing") return new TextMeasure(node, name);
  const plain = PLAIN[name];
  if (plain && plain in node) return new PlainProperty(node, plain);
  throw new CannotChange("unknown-property", path);
}

/** Whether two values are the same to people: Figma keeps floats of 32 bits and colours of 8. */
export function isSame(left: unknown, right: unknown): boolean {
  if (typeof left === "number" && typeof right === "number") return Math.abs(left - right) < 0.01;
  const [a, b] = [readColour(left), readColour(right)];
  return a !== null && b !== null ? a === b : left === right;
}

class PlainProperty implements Property {
  readonly needsFonts: boolean;
  private readonly fields: Fields;
  private readonly name: string;
  constructor(node: SceneNode, name: string) {
    this.fields = node as unknown as Fields;
    this.name = name;
    this.needsFonts = TEXT_ONLY.has(name);
  }

  read(): unknown {
    return notMixed(this.fields[this.name]);
  }

  async write(value: unknown): Promise<() => Promise<void>> {
    const bound = this.fields["boundVariables"];
    if (isObject(bound) && this.name in bound) throw new CannotChange("bound", await variableName(bound[this.name]));
    const before = this.read();
    this.fields[this.name] = value;
    return async () => {
      this.fields[this.name] = before;
    };
  }
}

/** Width or height. Auto layout may give a layer its size, and then this does nothing. */
class SideProperty implements Property {
  readonly needsFonts = false;
  private readonly node: Pick<LayoutMixin, "width" | "height" | "resize">;
  private readonly side: "width" | "height";
  constructor(node: SceneNode, side: "width" | "height") {
    if (!("resize" in node)) throw new CannotChange("unknown-property", side);
    this.node = node;
    this.side = side;
  }

  read(): unknown {
    return this.node[this.side];
  }

  async write(value: unknown): Promise<() => Promise<void>> {
    const { width, height } = this.node;
    const size = { width, height, [this.side]: Number(value) };
    this.node.resize(size.width, size.height);
    return async () => {
      const now = { width: this.node.width, height: this.node.height, [this.side]: this.side === "width" ? width : height };
      this.node.resize(now.width, now.height);
    };
  }
}

/** Line height in pixels, or the space between letters in pixels. */
class TextMeasure implements Property {
  readonly needsFonts = true;
  private readonly node: TextNode;
  private readonly name: "lineHeightPx" | "letterSpacing";
  constructor(node: SceneNode, name: "lineHeightPx" | "letterSpacing") {
    if (node.type !== "TEXT") throw new CannotChange("unknown-property", name);
    this.node = node;
    this.name = name;
  }

  read(): unknown {
    const found = this.name === "letterSpacing" ? this.node.letterSpacing : this.node.lineHeight;
    if (found === figma.mixed) throw new CannotChange("mixed");
    if (found.unit === "AUTO") return null;
    if (found.unit === "PIXELS") return found.value;
    const size = notMixed(this.node.fontSize) as number;
    return (size * found.value) / 100;
  }

  async write(value: unknown): Promise<() => Promise<void>> {
    const { node } = this;
    const pixels = { unit: "PIXELS", value: Number(value) } as const;
    if (this.name === "letterSpacing") {
      const before = node.letterSpacing as LetterSpacing;
      node.letterSpacing = pixels;
      return async () => {
        node.letterSpacing = before;
      };
    }
    const before = node.lineHeight as LineHeight;
    node.lineHeight = pixels;
    return async () => {
      node.lineHeight = before;
    };
  }
}

/** The colour or opacity of one paint. The list of paints is frozen and replaced as a whole. */
class PaintProperty implements Property {
  readonly needsFonts = false;
  private readonly node: MinimalFillsMixin & MinimalStrokesMixin;
  private readonly list: "fills" | "strokes";
  private readonly at: number;
  private readonly part: "color" | "opacity";
  constructor(node: SceneNode, list: "fills" | "strokes", at: number, part: "color" | "opacity") {
    if (!(list in node)) throw new CannotChange("unknown-property", list);
    this.node = node as unknown as MinimalFillsMixin & MinimalStrokesMixin;
    this.list = list;
    this.at = at;
    this.part = part;
  }

  read(): unknown {
    const paint = this.paint();
    return this.part === "color" ? paint.color : (paint.opacity ?? 1);
  }

  async write(value: unknown, token: Token | null): Promise<() => Promise<void>> {
    const before = JSON.parse(JSON.stringify(this.paint())) as SolidPaint;
    const styleBefore = this.styleId();
    if (token?.kind === "style") {
      const style = await figma.getStyleByIdAsync(token.id);
      if (!style) throw new CannotChange("token-gone", token.name);
      await this.setStyle(style.id);
    } else if (token) {
      const variable = await figma.variables.getVariableByIdAsync(token.id);
      if (!variable) throw new CannotChange("token-gone", token.name);
      this.replace((paint) => figma.variables.setBoundVariableForPaint(paint, "color", variable));
    } else {
      await this.refuseBound(before);
      this.replace((paint) => ({ ...paint, ...this.value(value) }));
    }
    return async () => {
      // A style that was chosen since is somebody's decision, and stays.
      if (styleBefore) await this.setStyle(styleBefore);
      else {
        if (token?.kind === "style") await this.setStyle("");
        this.replace(() => before);
      }
    };
  }

  /** A plain colour over a variable or style would cut the layer off from it. */
  private async refuseBound(paint: SolidPaint): Promise<void> {
    const bound = this.part === "color" ? paint.boundVariables?.color : undefined;
    if (bound) throw new CannotChange("bound", await variableName(bound));
    const style = this.styleId();
    if (style) throw new CannotChange("styled", (await figma.getStyleByIdAsync(style))?.name ?? "");
  }

  private value(value: unknown): Partial<SolidPaint> {
    if (this.part === "opacity") return { opacity: Number(value) };
    const hex = readColour(value);
    if (hex === null) throw new CannotChange("unknown-property", JSON.stringify(value));
    const channel = (at: number): number => parseInt(hex.slice(at, at + 2), 16) / 255;
    return { color: { r: channel(0), g: channel(2), b: channel(4) } };
  }

  private paint(): SolidPaint {
    const paints: unknown = this.node[this.list];
    if (paints === figma.mixed) throw new CannotChange("mixed");
    const paint = (paints as readonly Paint[])[this.at];
    if (paint?.type !== "SOLID") throw new CannotChange("changed-meanwhile");
    return paint;
  }

  private replace(change: (paint: SolidPaint) => SolidPaint): void {
    const paints = JSON.parse(JSON.stringify(this.node[this.list])) as Paint[];
    paints[this.at] = change(paints[this.at] as SolidPaint);
    this.node[this.list] = paints;
  }

  private styleId(): string {
    const id: unknown = this.list === "fills" ? this.node.fillStyleId : this.node.strokeStyleId;
    if (id === figma.mixed) throw new CannotChange("mixed");
    return typeof id === "string" ? id : "";
  }

  private async setStyle(id: string): Promise<void> {
    await (this.list === "fills" ? this.node.setFillStyleIdAsync(id) : this.node.setStrokeStyleIdAsync(id));
  }
}

function notMixed(value: unknown): unknown {
  if (value === figma.mixed) throw new CannotChange("mixed");
  return value;
}

async function variableName(alias: unknown): Promise<string> {
  const first: unknown = Array.isArray(alias) ? alias[0] : alias;
  if (!isObject(first) || typeof first["id"] !== "string") return "";
  return (await figma.variables.getVariableByIdAsync(first["id"]))?.name ?? "";
}
