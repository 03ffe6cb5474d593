// A review from the selection to the findings, and what is done with them.

import { type Check } from "../shared/checks.ts";
import { MOST_BYTES } from "../shared/limits.ts";
import type { Outcome, Reading } from "../shared/messages.ts";
import { type Analysis, isDone, waiting } from "./analysis.ts";
import { type Answer, Refusal, call, nothing } from "./api.ts";
import * as bridge from "./bridge.ts";
import { idsOf, measuredAgain, newFinding, withWords } from "./matching.ts";
import { noticeEnd } from "./signing.ts";
import { type Finding, type Problem, type Review, state, update, updateReview } from "./store.ts";
import { TOO_LARGE, UNREADABLE_WORDS } from "./words.ts";

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
    notice: null,
    review: {
      phase: "reading", type, layers: 0, reading: null, id: null, answer: null, findings: [], notMeasurable: [], ignored: [],
      problem: null, again: null, isMeasuringAgain: false,
    },
  });
  try {
    const reading = await bridge.read(null);
    if (!isCurrent()) return;
    updateReview({ reading, ignored: reading.ignored, phase: "measuring" });
    const body = bodyOf(reading, { type });
    if (new Blob([body]).size > MOST_BYTES) return end({ kind: "too-large", text: TOO_LARGE });
    const measured = await measure(body);
    if (!isCurrent()) return;
    updateReview({ answer: measured, findings: measured.suggestions.map((each) => newFinding(each)), notMeasurable: measured.not_measurable });
    if (!isFree) {
      updateReview({ phase: "asking" });
      const answer = await ask(body, isCurrent);
      if (!answer || !isCurrent()) return;
      const { findings } = state.review!;
      updateReview({ answer, id: answer.id ?? null, findings: withWords(findings, answer), notMeasurable: answer.not_measurable });
    }
    end(null);
  } catch (error) {
    if (isCurrent()) end(problemOf(error));
  }
}

/** Stop waiting for words. What was measured stays. */
export function stopWaiting(): void {
  run += 1;
  updateReview({ phase: "done" });
}

function end(problem: Problem | null): void {
  updateReview({ phase: "done", problem });
}

export function problemOf(error: unknown): Problem {
  if (error instanceof bridge.Unread) return { kind: "reading", text: UNREADABLE_WORDS[error.why] };
  if (!(error instanceof Refusal)) throw error;
  const about = { text: error.message, fields: error.fields, requestId: error.requestId };
  if (noticeEnd(error)) return { ...about, kind: "failed" };
  if (error.isOffline) return { ...about, kind: "offline" };
  if (error.status === 402) return { ...about, kind: "used-up" };
  if (error.status === 413) return { ...about, kind: "too-large" };
  if (error.status === 422) return { ...about, kind: "invalid" };
  if (error.status === 429) {
    update({ waitUntil: Date.now() + Math.max(1, error.retryAfter) * 1000 });
    return { ...about, kind: "slow-down" };
  }
  return { ...about, kind: "failed" };
}

async function measure(body: string): Promise<Analysis> {
  const { json } = await call("POST", MEASURE, isDone, { body, token: state.session?.token });
  lastMeasured = body;
  lastMeasuredAt = Date.now();
  countUse(json);
  return json;
}

const doneOrWaiting: Check<unknown> = (value): value is unknown => isDone(value) || waiting(value);

/** The answer, which may take a while; null if nobody waits for it any more. */
async function ask(body: string, isCurrent: () => boolean): Promise<Analysis | null> {
  const token = state.session?.token;
  let answer: Answer<unknown> = await call("POST", ANALYZE, doneOrWaiting, { body, token });
  const giveUp = Date.now() + LONGEST_MS;
  while (!isDone(answer.json)) {
    if (Date.now() > giveUp) {
      throw new Refusal(504, { error: "too_slow", message: "No words came within five minutes. What was measured stands below; ask again later." });
    }
    const where = (answer.json as { id: string }).id;
    await new Promise((resolve) => setTimeout(resolve, Math.max(1, answer.retryAfter) * 1000));
    if (!isCurrent()) return null;
    answer = await call("GET", `${ANALYZE}/${encodeURIComponent(where)}`, doneOrWaiting, { token });
  }
  countUse(answer.json);
  return answer.json;
}

function countUse({ use }: Analysis): void {
  if (!use || !state.me) return;
  const usage = { ...state.me.usage, left: use.left ?? null, limit: use.limit ?? null };
  update({ me: { ...state.me, usage } });
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
  const current = state.review;
  if (!current?.reading || current.phase !== "done" || current.isMeasuringAgain) return;
  updateReview({ isMeasuringAgain: true });
  try {
    const reading = await bridge.read(current.reading.roots.map((each) => each.id));
    const body = bodyOf(reading, current);
    // An edit may change nothing that is measured: then there is nothing to ask.
    const answer = body === lastMeasured ? null : await measure(body);
    if (own !== run || !state.review) return;
    if (answer) {
      const { findings, added } = measuredAgain(state.review.findings, answer);
      const gone = findings.filter((each) => each.isGone).length;
      const left = findings.filter((each) => !each.isGone && each.status !== "ignored").length;
      updateReview({ findings, notMeasurable: answer.not_measurable, again: { gone, left, added } });
    }
    updateReview({ reading, ignored: reading.ignored, problem: null });
  } catch (error) {
    if (own === run) updateReview({ problem: problemOf(error) });
  } finally {
    if (own === run) updateReview({ isMeasuringAgain: false });
  }
}

export function canApply(finding: Finding): boolean {
  return Boolean(finding.about.patch?.changes.length) && !finding.isGone && (finding.status === "open" || finding.status === "undone");
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
export async function ignore(finding: Finding, reason: string): Promise<string | null> {
  const { about } = finding;
  const item = { fingerprint: about.fingerprint, rule: about.rule, reason, element_name: about.element_name };
  const { ignored, problem } = await bridge.ignore(idsOf(about), item);
  if (problem) return problem;
  set(finding.key, { status: "ignored" });
  updateReview({ ignored });
  report([{ finding, outcome: "ignored", reason }]);
  shareIgnored("PUT", [item]);
  return null;
}

export async function stopIgnoring(fingerprint: string): Promise<void> {
  const roots = state.review?.reading?.roots.map((each) => each.id) ?? [];
  const item = state.review?.ignored.find((each) => each.fingerprint === fingerprint);
  const { ignored, problem } = await bridge.stopIgnoring(roots, fingerprint);
  if (problem) return update({ notice: { tone: "problem", text: problem } });
  updateReview({ ignored });
  if (item) shareIgnored("DELETE", [item]);
  await measureAgain();
}

/** Answers in comments leave it out, too. The file itself has the list, so a failure costs little. */
function shareIgnored(method: "PUT" | "DELETE", items: object[]): void {
  if (!state.file) return;
  const body = JSON.stringify({ file_key: state.file.key, items });
  void call(method, "/api/ignores", nothing, { body, token: state.session?.token }).catch(() => undefined);
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
  const body = JSON.stringify({ outcomes });
  void call("POST", `${ANALYZE}/${encodeURIComponent(id)}/outcomes`, nothing, { body, token: state.session?.token }).catch(() => undefined);
}
