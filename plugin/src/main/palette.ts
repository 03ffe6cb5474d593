// The colours the file has a name for: its variables and styles, and the library's that are in use.

import { MOST_COLOURS } from "../shared/limits.ts";
import type { Slices } from "./slices.ts";

export interface NamedColour {
  id: string;
  name: string;
  color: string;
  kind: "variable" | "style";
}

/** Each named colour as `#rrggbb`, as it is in the modes of `root`. See-through colours are left out. */
export async function readPalette(root: SceneNode, used: ReadonlySet<string>, slices: Slices): Promise<NamedColour[]> {
  const variables = await figma.variables.getLocalVariablesAsync("COLOR");
  const known = new Set(variables.map((each) => each.id));
  const foreign = await Promise.all(
    [...used].filter((id) => !known.has(id)).map((id) => figma.variables.getVariableByIdAsync(id).catch(() => null)),
  );
  const colours: NamedColour[] = [];
  for (const variable of [...variables, ...foreign]) {
    if (slices.isDue) await slices.rest();
    if (colours.length >= MOST_COLOURS) return colours;
    const color = variable?.resolvedType === "COLOR" ? resolve(variable, root) : null;
    if (variable && color) colours.push({ id: variable.id, name: variable.name, color, kind: "variable" });
  }
  for (const style of await figma.getLocalPaintStylesAsync()) {
    if (slices.isDue) await slices.rest();
    if (colours.length >= MOST_COLOURS) return colours;
    const paint = style.paints[0];
    const isPlain = style.paints.length === 1 && paint?.type === "SOLID" && paint.visible !== false;
    const color = isPlain ? hex({ ...paint.color, a: paint.opacity ?? 1 }) : null;
    if (color) colours.push({ id: style.id, name: style.name, color, kind: "style" });
  }
  return colours;
}

function resolve(variable: Variable, root: SceneNode): string | null {
  try {
    const { value } = variable.resolveForConsumer(root);
    return typeof value === "object" && "r" in value ? hex({ a: 1, ...value }) : null;
  } catch {
    // A variable of a library that was taken away.
    return null;
  }
}

function hex(color: RGBA): string | null {
  if (color.a < 1) return null;
  const channel = (value: number): string => Math.round(value * 255).toString(16).padStart(2, "0");
  return `#${channel(color.r)}${channel(color.g)}${channel(color.b)}`;
}
