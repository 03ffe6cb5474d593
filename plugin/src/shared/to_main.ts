// What the plugin's page asks of the main code.

import { type Checked, anything, list, number, object, orNull, tagged, text } from "./checks.ts";
import { file, ignored, session, token } from "./messages.ts";

const change = object({ element_id: text, property: text, old: anything, new: anything, token: orNull(token) });
export type Change = Checked<typeof change>;

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
