// The values that a suggestion may change: how each is read, written and put back in Figma.

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
  /** The value now as suggestions give it; undefined if Figma does not say. Raises CannotChange if mixed. */
  read(): unknown;
  /** Change it. Returns what puts exactly this back. */
  write(value: unknown, token: Token | null): Promise<() => Promise<void>>;
  /** Whether Figma wants the fonts of a text loaded before. */
  needsFonts: boolean;
}

type Fields = Record<string, unknown>;

const PLAIN = [
  "fontSize", "cornerRadius", "itemSpacing", "counterAxisSpacing", "gridRowGap", "gridColumnGap",
  "paddingLeft", "paddingRight", "paddingTop", "paddingBottom", "x", "y",
];

/** Names are Figma's: `fills[0].color`, `fontSize`, `lineHeight` in px, `itemSpacing`, `width` … */
export function propertyOf(node: SceneNode, name: string): Property {
  const paint = /^(fills|strokes)\[(\d+)\]\.color$/.exec(name);
  if (paint && paint[1]! in node) return paintProperty(node, paint[1] as "fills" | "strokes", Number(paint[2]));
  if ((name === "width" || name === "height") && "resize" in node) return sideProperty(node, name);
  if (name === "lineHeight" && node.type === "TEXT") return lineHeightProperty(node);
  if (PLAIN.includes(name) && name in node) return plainProperty(node as unknown as Fields, name);
  throw new CannotChange("unknown-property", name);
}

/** Whether two values are the same to people: Figma keeps floats of 32 bits and colours of 8. */
export function isSame(left: unknown, right: unknown): boolean {
  if (typeof left === "number" && typeof right === "number") return Math.abs(left - right) < 0.01;
  const colour = readColour(left);
  return colour !== null ? colour === readColour(right) : left === right;
}

function plainProperty(fields: Fields, name: string): Property {
  const read = (): unknown => notMixed(fields[name]);
  return {
    needsFonts: name === "fontSize",
    read,
    async write(value) {
      const bound = fields["boundVariables"];
      if (isObject(bound) && name in bound) throw new CannotChange("bound", await variableName(bound[name]));
      const before = read();
      fields[name] = value;
      return async () => {
        fields[name] = before;
      };
    },
  };
}

/** Auto layout may give a layer its size, and then a write does nothing. */
function sideProperty(node: Pick<LayoutMixin, "width" | "height" | "resize">, side: "width" | "height"): Property {
  const set = (value: number): void => node.resize(side === "width" ? value : node.width, side === "height" ? value : node.height);
  return {
    needsFonts: false,
    read: () => node[side],
    async write(value) {
      const before = node[side];
      set(Number(value));
      return async () => set(before);
    },
  };
}

function lineHeightProperty(node: TextNode): Property {
  const now = (): LineHeight => notMixed(node.lineHeight) as LineHeight;
  return {
    needsFonts: true,
    read() {
      const found = now();
      // Without a value of its own the font decides, and Figma does not say how.
      if (found.unit === "AUTO") return undefined;
      return found.unit === "PIXELS" ? found.value : ((notMixed(node.fontSize) as number) * found.value) / 100;
    },
    async write(value) {
      const before = now();
      node.lineHeight = { unit: "PIXELS", value: Number(value) };
      return async () => {
        node.lineHeight = before;
      };
    },
  };
}

/** The colour of one paint. The list of paints is frozen and replaced as a whole. */
function paintProperty(layer: SceneNode, list: "fills" | "strokes", at: number): Property {
  const node = layer as unknown as MinimalFillsMixin & MinimalStrokesMixin;
  const paint = (): SolidPaint => {
    const found = (notMixed(node[list]) as readonly Paint[])[at];
    if (found?.type !== "SOLID") throw new CannotChange("changed-meanwhile");
    return found;
  };
  const replace = (change: (paint: SolidPaint) => SolidPaint): void => {
    const paints = copy(node[list] as readonly Paint[]) as Paint[];
    paints[at] = change(paints[at] as SolidPaint);
    node[list] = paints;
  };
  const styleId = (): string => (notMixed(list === "fills" ? node.fillStyleId : node.strokeStyleId) as string) || "";
  const setStyle = (id: string): Promise<void> => (list === "fills" ? node.setFillStyleIdAsync(id) : node.setStrokeStyleIdAsync(id));
  return {
    needsFonts: false,
    read: () => paint().color,
    async write(value, token) {
      const before = copy(paint());
      const styleBefore = styleId();
      if (token?.kind === "style") {
        if (!(await figma.getStyleByIdAsync(token.id))) throw new CannotChange("token-gone", token.name);
        await setStyle(token.id);
      } else if (token) {
        const variable = await figma.variables.getVariableByIdAsync(token.id);
        if (!variable) throw new CannotChange("token-gone", token.name);
        replace((each) => figma.variables.setBoundVariableForPaint(each, "color", variable));
      } else {
        // A plain colour over a variable or style would cut the layer off from it.
        const bound = before.boundVariables?.color;
        if (bound) throw new CannotChange("bound", await variableName(bound));
        if (styleBefore) throw new CannotChange("styled", (await figma.getStyleByIdAsync(styleBefore))?.name);
        const hex = readColour(value);
        if (hex === null) throw new CannotChange("unknown-property");
        const channel = (from: number): number => parseInt(hex.slice(from, from + 2), 16) / 255;
        replace((each) => ({ ...each, color: { r: channel(0), g: channel(2), b: channel(4) } }));
      }
      return async () => {
        if (styleBefore) return setStyle(styleBefore);
        if (token?.kind === "style") await setStyle("");
        replace(() => before);
      };
    },
  };
}

function copy<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}

function notMixed(value: unknown): unknown {
  if (value === figma.mixed) throw new CannotChange("mixed");
  return value;
}

async function variableName(alias: unknown): Promise<string> {
  const first: unknown = Array.isArray(alias) ? alias[0] : alias;
  return (isObject(first) && (await figma.variables.getVariableByIdAsync(String(first["id"])))?.name) || "";
}
