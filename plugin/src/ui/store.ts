// What the page knows, in one place. Each change draws the page anew.

import type { Checked } from "../shared/checks.ts";
import type { FileLink, Ignored, Outcome, Reading, Selection, Session } from "../shared/messages.ts";
import type { Analysis, Platform, ReviewType, Suggestion } from "./analysis.ts";
import type { BadField, me } from "./api.ts";

export type Tab = "review" | "guidance" | "files" | "account";
export type Me = Checked<typeof me>;

export interface Problem {
  /** What is wrong, so that the page can offer the right way out. */
  kind: "offline" | "used-up" | "slow-down" | "too-large" | "invalid" | "failed" | "reading";
  text: string;
  fields?: BadField[];
  requestId?: string;
}

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
  /** Layers looked at so far, while reading. */
  layers: number;
  reading: Reading | null;
  id: string | null;
  answer: Analysis | null;
  findings: Finding[];
  notMeasurable: Suggestion[];
  ignored: Ignored[];
  problem: Problem | null;
  /** What the last measurement after a change found. */
  again: { gone: number; left: number; added: number } | null;
  isMeasuringAgain: boolean;
}

export interface Signing {
  code: string;
  link: string;
  state: "waiting" | "over" | "slow";
  isOffline: boolean;
}

export interface State {
  isReady: boolean;
  session: Session | null;
  signing: Signing | null;
  /** Why somebody was signed out, or what went wrong outside a review. */
  notice: { tone: "problem" | "good"; text: string } | null;
  tab: Tab;
  me: Me | null;
  selection: Selection | null;
  file: FileLink | null;
  type: ReviewType;
  platform: Platform;
  question: string;
  review: Review | null;
  /** No review before this moment (ms), as the service asked. */
  waitUntil: number;
}

export const state: State = {
  isReady: false, session: null, signing: null, notice: null, tab: "review", me: null, selection: null, file: null,
  type: "design-analysis", platform: "web", question: "", review: null, waitUntil: 0,
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
