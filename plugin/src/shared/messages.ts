// What the two halves of the plugin say to each other. Each message is checked where it arrives.
// Only plain data passes between them: `figma.mixed` is a symbol and would be lost.

import {
  type Checked, anything, bool, exactly, list, number, object, orNull, record, tagged, text,
} from "./checks.ts";

/** Why a layer or a value cannot be changed; the words for people are in ui/words.ts. */
export const REASONS = [
  "locked", "instance", "missing-font", "mixed", "bound", "styled", "token-gone", "gone", "changed-meanwhile",
  "set-by-layout", "unknown-property", "refused",
] as const;
export type Reason = (typeof REASONS)[number];
const reason = exactly(...REASONS);

/** Why a selection cannot be reviewed. */
export const UNREADABLE = ["nothing", "too-many-roots", "too-many-layers", "too-deep", "gone", "failed"] as const;
export type Unreadable = (typeof UNREADABLE)[number];

export const token = object({ id: text, name: text, kind: exactly("variable", "style") });
export const change = object({
  element_id: text, property: text, old: anything, new: anything, token: orNull(token),
});
export type Change = Checked<typeof change>;
export type Token = Checked<typeof token>;

export const session = object({ token: text, expires_at: text });
export type Session = Checked<typeof session>;

export const ignored = object({ fingerprint: text, rule: text, reason: text, element_name: text });
export type Ignored = Checked<typeof ignored>;

const layer = object({ id: text, name: text });
export type Layer = Checked<typeof layer>;

const selection = object({
  roots: list(layer),
  count: number,
  // Null while they are being counted.
  layers: orNull(number),
  problem: orNull(exactly(...UNREADABLE)),
});
export type Selection = Checked<typeof selection>;

const reading = object({
  roots: list(layer),
  layers: number,
  data: object({ elements: list(anything), ancestors: list(anything), palette: list(anything), ignored: list(text) }),
  // Layer by id: why it cannot be changed.
  unwritable: record(reason),
  ignored: list(ignored),
});
export type Reading = Checked<typeof reading>;

const failure = object({ id: text, name: text, reason, detail: text });
export type Failure = Checked<typeof failure>;

/** What became of the changes of one finding. */
const outcome = object({ ref: number, done: number, failures: list(failure) });
export type Outcome = Checked<typeof outcome>;

const file = object({ key: text, link: text });
export type FileLink = Checked<typeof file>;

export const toMain = tagged({
  ready: {},
  "keep-session": { session: orNull(session) },
  read: { request: number, ids: orNull(list(text)) },
  apply: { request: number, findings: list(object({ ref: number, changes: list(change) })) },
  undo: { request: number, refs: list(number) },
  ignore: { request: number, ids: list(text), item: ignored },
  "stop-ignoring": { request: number, ids: list(text), fingerprint: text },
  select: { ids: list(text) },
  "go-to-component": { id: text },
  open: { url: text },
  "keep-file": { file: orNull(file) },
});
export type ToMain = Checked<typeof toMain>;

export const toUi = tagged({
  start: { session: orNull(session), file: orNull(file) },
  selection: { selection },
  progress: { request: number, layers: number },
  reading: { request: number, reading },
  unreadable: { request: number, why: exactly(...UNREADABLE), detail: text },
  applied: { request: number, outcomes: list(outcome) },
  undone: { request: number, outcomes: list(outcome) },
  ignoring: { request: number, ignored: list(ignored), problem: orNull(text) },
  component: { where: exactly("here", "library", "unknown"), name: text, isSelected: bool },
  changed: {},
});
export type ToUi = Checked<typeof toUi>;
