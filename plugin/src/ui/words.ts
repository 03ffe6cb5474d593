// What the plugin says to people. Each sentence says what happened, why, and what to do next.

import { MOST_LAYERS, MOST_LEVELS, MOST_ROOTS } from "../shared/limits.ts";
import type { Reason, Unreadable } from "../shared/messages.ts";
import type { Failure } from "../shared/to_ui.ts";
import type { Platform, ReviewType } from "./analysis.ts";

export const TYPE_WORDS: Record<ReviewType, string> = {
  "design-analysis": "Everything", "color-suggestion": "Colours", "layout-optimization": "Layout",
};
export const PLATFORM_WORDS: Record<Platform, string> = { web: "Web", ios: "iOS", android: "Android" };
const MOST_NAME = 200;
const KIND_WORDS: Record<string, string> = {
  contrast: "Text contrast", non_text_contrast: "Contrast of controls", target_size: "Size of targets",
  tokens: "Styles and variables", itemSpacing: "Gap", counterAxisSpacing: "Gap across",
};

/** The name of a kind of finding or of a property: `type_size` is "Type size", `fontSize` "Font size". */
export function nameWords(name: string): string {
  const plain = name.replace(/([A-Z])/g, " $1").replace(/[_-]/g, " ").toLowerCase();
  return KIND_WORDS[name] ?? plain.charAt(0).toUpperCase() + plain.slice(1);
}

/** A name as short as the service takes it, without half of an emoji at its end: it takes none with one. */
export function cutName(name: string): string {
  return name.slice(0, MOST_NAME).replace(/[\ud800-\udbff]$/, "");
}

export function propertyWords(property: string): string {
  const paint = /^(fill|stroke)s\[/.exec(property)?.[1];
  return nameWords(paint ?? property);
}

/** Why a layer is as it is. `detail` names the variable, style or property. */
const REASON_WORDS: Record<Reason, string> = {
  locked: "It is locked. Unlock it to change it.",
  instance: "It belongs to a component. Change it there, once for all instances.",
  "missing-font": "Its font is missing here, and Figma changes no text without it. Install or replace it first.",
  mixed: "It has several values in one layer. Select a part in Figma and change it there.",
  bound: "Its value comes from a variable (*). Change that, or bind another one.",
  styled: "Its value comes from a style (*). Change that, or choose another one.",
  "token-gone": "The variable or style to use (*) is gone. Measure again.",
  gone: "The layer was deleted.",
  "changed-meanwhile": "It was changed meanwhile, so it was left as it is. Measure again.",
  "set-by-layout": "Auto layout sets this value. Change the sizing of the layer or its frame.",
  "unknown-property": "The plugin cannot make this change. Make it by hand.",
  refused: "Figma did not allow it (*). Make the change by hand.",
};

export function reasonWords(reason: Reason, detail = ""): string {
  return REASON_WORDS[reason].replace(" (*)", detail ? ` (${detail})` : "");
}

export function failureWords({ name, reason, detail }: Failure): string {
  return (name ? `${name}: ` : "") + reasonWords(reason, detail);
}

/** Where words were asked for. */
export const NO_WORDS =
  "No AI model wrote an answer, so no use was taken. Rules cannot read a question: this is what they measured.";

export const UNREADABLE_WORDS: Record<Unreadable, string> = {
  nothing: "Nothing is selected. Select a frame or some layers in Figma.",
  "too-many-roots": `More than ${MOST_ROOTS} things are selected. Select fewer, or the frame that holds them.`,
  "too-many-layers": `The selection has more than ${MOST_LAYERS} layers. Select a part of it.`,
  "too-deep": `The layers are nested more than ${MOST_LEVELS} levels deep. Select a part further inside.`,
  gone: "What was reviewed is no longer there. Select something else.",
  failed: "Figma could not read the selection. Try again, or select a smaller part.",
};

export const TOO_LARGE = "The selection is larger than one megabyte. Select a part of it.";
export const USED_UP = "No uses are left. Measuring stays free.";

export function many(count: number, one: string): string {
  return `${count} ${one}${count === 1 ? "" : "s"}`;
}

/** "2:05" for 125 seconds. */
export function clock(seconds: number): string {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
