// The answer of a review, as the service gives it.

import { type Checked, anything, bool, exactly, list, maybe, number, object, text } from "../shared/checks.ts";
import { token } from "../shared/messages.ts";

const patch = object({
  changes: list(object({ element_id: text, property: text, old: anything, new: anything, token: maybe(token) })),
  measured: maybe(object({ value: text })),
});
const suggestion = object({
  element_id: text, element_name: text, element_ids: list(text), count: number,
  rule: text, kind: text, severity: exactly(["problem", "hint", "info"]), sure: maybe(text),
  fact: object({ value: text, threshold: text, source: text, source_url: text, detail: text }),
  words: maybe(text), fingerprint: maybe(text), ref: maybe(number), patch: maybe(patch),
});
export type Suggestion = Checked<typeof suggestion>;

export const analysis = object({
  id: maybe(text), source: exactly(["model", "measured"]), model: maybe(text), cached: maybe(bool),
  summary: maybe(text), suggestions: list(suggestion), not_measurable: list(suggestion), notes: list(text),
  file: maybe(object({ grid: maybe(number), palette: maybe(list(text)), type_sizes: maybe(list(number)) })),
  use: maybe(object({ left: maybe(number), limit: maybe(number) })),
});
export type Analysis = Checked<typeof analysis>;
export type ReviewType = "design-analysis" | "color-suggestion" | "layout-optimization";
export type Platform = "web" | "ios" | "android";
