// What the main code tells the plugin's page.

import { type Checked, anything, exactly, list, number, object, orNull, record, tagged, text } from "./checks.ts";
import { REASONS, UNREADABLE, file, ignored, session } from "./messages.ts";

const reason = exactly(REASONS);
const layer = object({ id: text, name: text });

const selection = object({
  roots: list(layer),
  count: number,
  // Null while they are being counted.
  layers: orNull(number),
  problem: orNull(exactly(UNREADABLE)),
});
export type Selection = Checked<typeof selection>;

const reading = object({
  roots: list(layer),
  layers: number,
  data: anything,
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

export const toUi = tagged({
  start: { session: orNull(session), file: orNull(file) },
  selection: { selection },
  progress: { request: number, layers: number },
  reading: { request: number, reading },
  unreadable: { request: number, why: exactly(UNREADABLE), detail: text },
  applied: { request: number, outcomes: list(outcome) },
  undone: { request: number, outcomes: list(outcome) },
  ignoring: { request: number, ignored: list(ignored), problem: orNull(text) },
  component: { where: exactly(["here", "library", "unknown"]), name: text },
  changed: {},
});
export type ToUi = Checked<typeof toUi>;
