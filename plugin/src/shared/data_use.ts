// What leaves Figma, in words: for the plugin's own page, its listing and its privacy text.

import type { Group } from "./fields.ts";

/** Of each selected layer. */
export const SENT: Record<Group, string> = {
  which: "which layer it is: id, name, type, shown or hidden, locked or not",
  where: "where it is and how large: position, size, rotation, masks and clipping",
  paint: "how it is painted: fills, strokes, effects, opacity, corners",
  layout: "how it is laid out: auto layout, gaps, padding, sizing",
  text: "its text and text style",
  origin: "what it is made from: component, styles, variables, and whether a click leads somewhere",
  plugin: "what it was detached from, which variables have its values, and whether it can be changed",
};

export const ALONG: readonly string[] = [
  "names, places, fills and opacity of the frames around the selection",
  "names and values of the file’s colour variables and styles",
  "marks of the findings ignored here, without their reasons",
  "your question, the type of review, the platform",
];

export const NEVER: readonly string[] = [
  "pictures: of an image only that there is one",
  "layers outside the selection, other pages",
  "comments, history, other people; the file’s link only if you paste it",
];
