// What the page knows, in one place. Each change draws the page anew.

import type { Checked } from "../shared/checks.ts";
import type { FileLink, Ignored, Session } from "../shared/messages.ts";
import type { Outcome, Reading, Selection } from "../shared/to_ui.ts";
import type { Analysis, Platform, ReviewType, Suggestion } from "./analysis.ts";
import type { Refusal, me } from "./api.ts";
import type { Guidance } from "./guidance.tsx";

export type Tab = "review" | "guidance" | "files" | "account";

export interface Note {
  mood: "problem" | "good" | "info";
  text: string;
}

export const bad = (text: string): Note => ({ mood: "problem", text });
export const good = (text: string): Note => ({ mood: "good", text });

/** One finding on the page. */
export interface Finding {
  /** Ours, and never used twice. The service numbers each answer anew. */
  key: number;
  /** The service's number in the answer `Review.id`; null if that answer did not have it. */
  ref: number | null;
  about: Suggestion;
  status: "open" | "applied" | "undone" | "ignored";
  /** The last measurement no longer found it. */
  isGone: boolean;
  /** It was not there in the first measurement. */
  isNew: boolean;
  outcome: Outcome | null;
}

export interface Review {
  phase: "reading" | "measuring" | "asking" | "done";
  type: ReviewType;
  since: number;
  /** Layers looked at so far, while reading. */
  layers: number;
  reading: Reading | null;
  id: string | null;
  answer: Analysis | null;
  findings: Finding[];
  hidden: Suggestion[];
  ignored: Ignored[];
  problem: Refusal | null;
  /** What the last measurement after a change found. */
  again: string;
}

export interface State {
  isReady: boolean;
  session: Session | null;
  /** A sign-in under way: `over` says why it came to nothing. */
  signing: { code: string; link: string; over: string; isOffline: boolean } | null;
  note: Note | null;
  tab: Tab;
  me: Checked<typeof me> | null;
  selection: Selection | null;
  file: FileLink | null;
  type: ReviewType;
  platform: Platform;
  question: string;
  review: Review | null;
  /** The finding for which a reason to ignore it is being written, and what is wrong with it. */
  excusing: { key: number; problem: string } | null;
  isSentShown: boolean;
  /** No review before this moment (ms), as the service asked. */
  waitUntil: number;
  guidance: Guidance | null;
  filesNote: Note | null;
}

export const state: State = {
  isReady: false, session: null, signing: null, note: null, tab: "review", me: null, selection: null, file: null,
  type: "design-analysis", platform: "web", question: "", review: null, excusing: null, isSentShown: false, waitUntil: 0,
  guidance: null, filesNote: null,
};

let draw = (): void => undefined;

export function onChange(action: () => void): void {
  draw = action;
}

export function update(change: Partial<State>): void {
  Object.assign(state, change);
  draw();
}

export function updateReview(change: Partial<Review>): void {
  if (state.review) update({ review: { ...state.review, ...change } });
}
