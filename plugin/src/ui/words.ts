// What the plugin says to people. Each sentence says what happened, why, and what to do next.

import { MOST_LAYERS, MOST_LEVELS, MOST_ROOTS } from "../shared/limits.ts";
import type { Failure, Reason, Unreadable } from "../shared/messages.ts";
import type { Platform, ReviewType } from "./analysis.ts";

export const TYPE_WORDS: Record<ReviewType, string> = {
  "design-analysis": "Everything",
  "color-suggestion": "Colours",
  "layout-optimization": "Layout",
};

export const PLATFORM_WORDS: Record<Platform, string> = { web: "Web", ios: "iOS", android: "Android" };

export const SEVERITY_WORDS = { problem: "Problem", hint: "Hint", info: "Note" } as const;

export const SURE_WORDS: Record<string, string> = {
  A: "Near certain: measured, with no exception that applies.",
  B: "Sure as far as the layers tell; look whether an exception applies.",
  C: "A question rather than a fault: your call.",
};

const KIND_WORDS: Record<string, string> = {
  contrast: "Text contrast",
  non_text_contrast: "Contrast of controls",
  target_size: "Size of targets",
  type_size: "Type",
  spacing: "Spacing",
  tokens: "Styles and variables",
};

export function kindWords(kind: string): string {
  const plain = kind.replaceAll(/[_-]+/g, " ");
  return KIND_WORDS[kind] ?? plain.charAt(0).toUpperCase() + plain.slice(1);
}

/** Why a layer is as it is. `detail` names the variable, style or property. */
export const REASON_WORDS: Record<Reason, (detail: string) => string> = {
  locked: () => "It is locked, and the plugin leaves locked layers alone. Unlock it to change it.",
  instance: () => "It belongs to a component. Change it there, once for all instances.",
  "missing-font": () => "Its font is not on this machine, so Figma changes nothing about the text. Install or replace the font first.",
  mixed: () => "It has several values in one layer. Select the part in Figma and change it there.",
  bound: (name) => `Its value comes from the variable${quoted(name)}. Change the variable, or bind another one.`,
  styled: (name) => `Its value comes from the style${quoted(name)}. Change the style, or choose another one.`,
  "token-gone": (name) => `The file no longer has${quoted(name)}. Measure again for another suggestion.`,
  gone: () => "The layer was deleted.",
  "changed-meanwhile": () => "It was changed meanwhile, so it was left as it is. Measure again.",
  "set-by-layout": () => "Auto layout sets this value, so it stays as it is. Change the sizing of the layer or its frame.",
  "unknown-property": () => "This version of the plugin cannot make this change. Make it by hand.",
  refused: (detail) => `Figma did not allow it${detail ? `: ${detail}` : "."}`,
};

function quoted(name: string): string {
  return name ? ` “${name}”` : " it names";
}

export function failureWords({ name, reason, detail }: Failure): string {
  const words = REASON_WORDS[reason](detail);
  return name ? `${name}: ${words}` : words;
}

export const UNREADABLE_WORDS: Record<Unreadable, string> = {
  nothing: "Nothing is selected. Select a frame or some layers in Figma.",
  "too-many-roots": `More than ${MOST_ROOTS} things are selected. Select fewer, or the frame that holds them.`,
  "too-many-layers": `There are more than ${MOST_LAYERS.toLocaleString("en")} layers in the selection. Select a part of it, one screen for instance.`,
  "too-deep": `The layers are nested more than ${MOST_LEVELS} levels deep. Select a part further inside.`,
  gone: "What was reviewed is no longer there. Select something else.",
  failed: "Figma could not read the selection. Try again; if it stays so, select a smaller part.",
};

export const TOO_LARGE = "The selection is larger than the megabyte that is taken at once. Select a part of it, one screen for instance.";
export const USED_UP_NOTE = "Measuring stays free: choose Measure.";

const PROPERTY_WORDS: Record<string, string> = {
  fontSize: "Size", lineHeightPx: "Line height", letterSpacing: "Letter spacing", itemSpacing: "Gap", counterAxisSpacing: "Gap across",
  cornerRadius: "Radius", width: "Width", height: "Height", opacity: "Opacity", strokeWeight: "Stroke",
  paddingLeft: "Padding left", paddingRight: "Padding right", paddingTop: "Padding top", paddingBottom: "Padding bottom",
  minWidth: "Least width", minHeight: "Least height", x: "Left", y: "Top",
};

export function propertyWords(property: string): string {
  if (property.startsWith("fills")) return property.endsWith("opacity") ? "Fill opacity" : "Fill";
  if (property.startsWith("strokes")) return property.endsWith("opacity") ? "Stroke opacity" : "Stroke";
  if (property.startsWith("rectangleCornerRadii")) return "Radius";
  const name = property.replace(/^.*\./, "");
  return PROPERTY_WORDS[name] ?? name;
}

export function many(count: number, one: string, more = `${one}s`): string {
  return `${count.toLocaleString("en")} ${count === 1 ? one : more}`;
}

/** "2:05" for 125 seconds. */
export function clock(seconds: number): string {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
