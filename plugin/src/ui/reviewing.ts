// A review from the selection to the findings, and what is done with them.

import { type Check, list, object, text } from "../shared/checks.ts";
import { MOST_BYTES } from "../shared/limits.ts";
import { type Ignored, ignored } from "../shared/messages.ts";
import type { Outcome, Reading } from "../shared/to_ui.ts";
import { type Analysis, analysis } from "./analysis.ts";
import { Refusal, call } from "./api.ts";
import * as bridge from "./bridge.ts";
import { idsOf, measuredAgain, newFinding, withWords } from "./matching.ts";
import { noticeEnd, whatever } from "./signing.ts";
import { bad, type Finding, type Review, state, update, updateReview } from "./store.ts";
import { TOO_LARGE, cutName } from "./words.ts";

const MEASURE = "/api/analyze/measure";
const ANALYZE = "/api/analyze";
/** How long the design is left in peace before it is measured again, and how often at most. */
const QUIET_MS = 1500;
const MEASURE_EVERY_MS = 12_000;
const LONGEST_MS = 5 * 60_000;
let run = 0;
let lastMeasured = "";
let lastMeasuredAt = 0;
let timer: ReturnType<typeof setTimeout> | undefined;

/** The very text that is sent: the page shows it under "Show what is sent". */
export function bodyOf(reading: Reading, review: Pick<Review, "type">): string {
  const question = state.question.trim();
  return JSON.stringify({
    type: review.type, data: reading.data, ...(question ? { question } : {}), context: { platform: state.platform },
  });
}

/** Measure the selection, and ask for words about what was measured unless `isFree`. */
export async function review(isFree: boolean): Promise<void> {
  run += 1;
  const own = run;
  const isCurrent = (): boolean => own === run;
  clearTimeout(timer);
  const { type } = state;
  update({
    note: null, excusing: null,
    review: {
      phase: "reading", type, since: Date.now(), layers: 0, reading: null, id: null, answer: null, findings: [], hidden: [], ignored: [],
      problem: null, again: "",
    },
  });
  try {
    const reading = await bridge.read(null);
    if (!isCurrent()) return;
    updateReview({ reading, ignored: reading.ignored, phase: "measuring" });
    const body = bodyOf(reading, { type });
    if (new Blob([body]).size > MOST_BYTES) return end(new Refusal(413, { message: TOO_LARGE }));
    const measured = await measure(body);
    if (!isCurrent()) return;
    updateReview({ answer: measured, findings: measured.suggestions.map((each) => newFinding(each)), hidden: measured.not_measurable });
    if (!isFree) {
      updateReview({ phase: "asking" });
      const answer = await ask(body, isCurrent);
      if (!answer || !state.review) return;
      updateReview({ answer, id: answer.id ?? null, findings: withWords(state.review.findings, answer), hidden: answer.not_measurable });
    }
    end(null);
  } catch (error) {
    if (isCurrent()) end(problemOf(error));
  }
}

function end(problem: Refusal | null): void {
  updateReview({ phase: "done", problem });
}

/** What to say about it; null if somebody is signed out by it, who is told that instead. */
function problemOf(error: unknown): Refusal | null {
  if (!(error instanceof Refusal)) throw error;
  if (noticeEnd(error)) return null;
  if (error.status === 429) update({ waitUntil: Date.now() + Math.max(1, error.retryAfter) * 1000 });
  return error;
}

async function measure(body: string): Promise<Analysis> {
  const { json } = await call("POST", MEASURE, analysis, { body });
  lastMeasured = body;
  lastMeasuredAt = Date.now();
  countUse(json);
  return json;
}

const queued = object({ id: text });
const doneOrQueued: Check<Analysis | { id: string }> = (value): value is Analysis | { id: string } => analysis(value) || queued(value);

/** The answer, which may take a while; null if nobody waits for it any more. */
async function ask(body: string, isCurrent: () => boolean): Promise<Analysis | null> {
  const giveUp = Date.now() + LONGEST_MS;
  let { json, retryAfter } = await call("POST", ANALYZE, doneOrQueued, { body });
  while (isCurrent()) {
    if ("suggestions" in json) {
      countUse(json);
      return json;
    }
    if (Date.now() > giveUp) throw new Refusal(504, { message: "No words came within five minutes. What was measured stands below; ask again later." });
    await new Promise((resolve) => setTimeout(resolve, Math.max(1, retryAfter) * 1000));
    ({ json, retryAfter } = await call("GET", `${ANALYZE}/${json.id}`, doneOrQueued));
  }
  return null;
}

function countUse({ use }: Analysis): void {
  if (use && state.me) update({ me: { ...state.me, usage: { ...state.me.usage, left: use.left, limit: use.limit } } });
}

/** The design changed: measure it again for free once it is quiet. */
export function measureLater(delay = QUIET_MS): void {
  clearTimeout(timer);
  const soonest = Math.max(lastMeasuredAt + MEASURE_EVERY_MS, state.waitUntil) - Date.now();
  timer = setTimeout(() => void measureAgain(), Math.max(delay, soonest));
}

/** Measure the same layers again. What was found before and is no more is struck through. */
export async function measureAgain(): Promise<void> {
  clearTimeout(timer);
  const own = run;
  const before = state.review?.reading;
  if (!before || state.review?.phase !== "done") return;
  try {
    const reading = await bridge.read(before.roots.map((each) => each.id));
    if (own !== run) return;
    updateReview({ reading, ignored: reading.ignored, problem: null });
    const body = bodyOf(reading, state.review);
    // An edit may change nothing that is measured: then there is nothing to ask.
    if (body === lastMeasured) return;
    const answer = await measure(body);
    if (own !== run) return;
    const { findings, added } = measuredAgain(state.review.findings, answer);
    const shown = findings.filter((each) => each.status !== "ignored");
    const gone = shown.filter((each) => each.isGone).length;
    // A model's words stay: they are what was asked for.
    if (state.review.answer?.source !== "model") updateReview({ answer });
    updateReview({ findings, hidden: answer.not_measurable, again: `Measured again: ${gone} gone, ${shown.length - gone} left, ${added} new.` });
  } catch (error) {
    if (own === run) updateReview({ problem: problemOf(error) });
  }
}

export function canApply(finding: Finding): boolean {
  return Boolean(finding.about.patch) && !finding.isGone && (finding.status === "open" || finding.status === "undone");
}

export async function applyAll(findings: readonly Finding[]): Promise<void> {
  const wanted = findings.filter(canApply).map(({ key, about }) => ({
    ref: key,
    changes: about.patch!.changes.map((each) => ({ ...each, token: each.token ?? null })),
  }));
  const { outcomes } = await bridge.apply(wanted);
  note(outcomes, (outcome) => (outcome.done ? "applied" : null));
  await measureAgain();
}

export async function undo(finding: Finding): Promise<void> {
  const { outcomes } = await bridge.undo([finding.key]);
  note(outcomes, (outcome) => (outcome.done || outcome.failures.every((each) => each.reason === "gone") ? "undone" : null));
  await measureAgain();
}

/** Keep in the file, and with the service where it knows the file, that this is no fault here. */
export async function ignore(finding: Finding, reason: string): Promise<void> {
  const { about, key } = finding;
  if (!reason) return update({ excusing: { key, problem: "Say why, so that the next person knows." } });
  const item = { fingerprint: about.fingerprint!, rule: about.rule, reason, element_name: cutName(about.element_name) };
  const { ignored: now, problem: refused } = await bridge.ignore(idsOf(about), item);
  if (refused) return update({ excusing: { key, problem: refused } });
  set(key, { status: "ignored" });
  updateReview({ ignored: now });
  update({ excusing: null });
  report([{ finding, outcome: "ignored", reason }]);
  void shareIgnored(item.fingerprint, item);
}

export async function stopIgnoring(fingerprint: string): Promise<void> {
  const { ignored: now, problem: refused } = await bridge.stopIgnoring(state.review!.reading!.roots.map((each) => each.id), fingerprint);
  if (refused) return update({ note: bad(refused) });
  updateReview({ ignored: now });
  void shareIgnored(fingerprint);
  await measureAgain();
}

const shared = object({ items: list(ignored) });

/**
 * Answers in comments go by it, too. The service has one list a file, and another frame's findings stand
 * in it as well. The file itself has its own, so a failure costs little.
 */
async function shareIgnored(fingerprint: string, added?: Ignored): Promise<void> {
  const key = state.file?.key;
  if (!key) return;
  try {
    const { items } = (await call("GET", `/api/ignores?file_key=${key}`, shared)).json;
    const kept = items.filter((each) => each.fingerprint !== fingerprint);
    // Since when is the service's own.
    const all = [...kept, ...(added ? [added] : [])].map((each) => ({ ...each, ignored_at: undefined }));
    await call("PUT", "/api/ignores", whatever, { body: { file_key: key, items: all } });
  } catch {
    // It is asked for again with the next one.
  }
}

function note(outcomes: Outcome[], statusOf: (outcome: Outcome) => "applied" | "undone" | null): void {
  const told: Told[] = [];
  for (const outcome of outcomes) {
    const finding = state.review?.findings.find((each) => each.key === outcome.ref);
    if (!finding) continue;
    const status = statusOf(outcome);
    set(finding.key, { outcome, ...(status ? { status } : {}) });
    if (status) told.push({ finding, outcome: status });
  }
  report(told);
}

function set(key: number, change: Partial<Finding>): void {
  updateReview({ findings: (state.review?.findings ?? []).map((each) => (each.key === key ? { ...each, ...change } : each)) });
}

interface Told {
  finding: Finding;
  outcome: "applied" | "undone" | "ignored";
  reason?: string;
}

/** What became of suggestions, so that the service learns which are of use. Nobody waits for it. */
function report(told: Told[]): void {
  const id = state.review?.id;
  const outcomes = told.flatMap(({ finding, outcome, reason }) => (finding.ref === null ? [] : [{ ref: finding.ref, outcome, ...(reason ? { reason } : {}) }]));
  if (!id || !outcomes.length) return;
  void call("POST", `${ANALYZE}/${id}/outcomes`, whatever, { body: { outcomes: outcomes.slice(0, 200) } }).catch(() => undefined);
}
