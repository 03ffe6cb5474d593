// What both halves of the plugin say to each other, in its parts. The messages themselves stand in
// to_main.ts and to_ui.ts, so that each half brings the checks of what it hears and no others.
// Only plain data passes between them: `figma.mixed` is a symbol and would be lost.

import { type Checked, exactly, object, text } from "./checks.ts";

/** Why a layer or a value cannot be changed; the words for people are in ui/words.ts. */
export const REASONS = [
  "locked", "instance", "missing-font", "mixed", "bound", "styled", "token-gone", "gone", "changed-meanwhile",
  "set-by-layout", "unknown-property", "refused",
] as const;
export type Reason = (typeof REASONS)[number];

/** Why a selection cannot be reviewed. */
export const UNREADABLE = ["nothing", "too-many-roots", "too-many-layers", "too-deep", "gone", "failed"] as const;
export type Unreadable = (typeof UNREADABLE)[number];

export const token = object({ id: text, name: text, kind: exactly(["variable", "style"]) });
export type Token = Checked<typeof token>;

export const session = object({ token: text, expires_at: text });
export type Session = Checked<typeof session>;

export const ignored = object({ fingerprint: text, rule: text, reason: text, element_name: text });
export type Ignored = Checked<typeof ignored>;

export const file = object({ key: text, link: text });
export type FileLink = Checked<typeof file>;
