// The first view: what is selected, what to ask, and what was found.

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { MOST_QUESTION } from "../shared/limits.ts";
import { PLATFORMS, type Platform } from "./analysis.ts";
import { send } from "./bridge.ts";
import { Findings } from "./findings.tsx";
import { Button, Choice, Notice, Words } from "./parts.tsx";
import { bodyOf, measureAgain, review as start, stopWaiting } from "./reviewing.ts";
import { type Problem, type Review, state, update } from "./store.ts";
import { PLATFORM_WORDS, TYPE_WORDS, UNREADABLE_WORDS, USED_UP_NOTE, clock, many } from "./words.ts";

export function ReviewView(): JSX.Element {
  const { review, selection } = state;
  const seconds = useCountdown(state.waitUntil);
  const isBusy = review !== null && review.phase !== "done";
  const isBlocked = isBusy || seconds > 0 || !selection || selection.problem !== null;
  const left = state.me?.usage.left;
  const keys = (event: KeyboardEvent): void => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !isBlocked) void start(false);
  };
  return (
    <>
      <section aria-label="Ask">
        <SelectionWords />
        <Choice name="type" legend="What to look at" words={TYPE_WORDS} value={state.type} pick={(type) => update({ type })} />
        <label for="question">Question <span class="hint">optional</span></label>
        <textarea id="question" rows={2} maxLength={MOST_QUESTION} value={state.question} placeholder="Is this readable outdoors?"
          onInput={(event) => update({ question: event.currentTarget.value })} onKeyDown={keys} />
        <p class="row">
          <label for="platform" class="inline">Made for</label>
          <select id="platform" value={state.platform} onChange={(event) => update({ platform: event.currentTarget.value as Platform })}>
            {PLATFORMS.map((each) => <option key={each} value={each}>{PLATFORM_WORDS[each]}</option>)}
          </select>
        </p>
        <p class="row">
          <Button kind="main" disabled={isBlocked || left === 0} action={() => start(false)}>Ask the buddy · 1 use</Button>
          <Button disabled={isBlocked} action={() => start(true)}>Measure · free</Button>
        </p>
        {left === 0 && <p class="hint">{`No uses are left. ${USED_UP_NOTE}`}</p>}
        {seconds > 0 && <p class="hint" role="timer">{`That was much in a short time. Go on in ${clock(seconds)}.`}</p>}
      </section>
      {review && <Result review={review} />}
    </>
  );
}

function SelectionWords(): JSX.Element {
  const { selection } = state;
  if (!selection) return <p class="selection hint">Looking at the selection …</p>;
  if (selection.problem) return <p class="selection hint">{UNREADABLE_WORDS[selection.problem]}</p>;
  const name = selection.count === 1 ? (selection.roots[0]?.name ?? "") : many(selection.count, "thing");
  const layers = selection.layers === null ? "counting layers …" : many(selection.layers, "layer");
  return <p class="selection"><strong>{name}</strong> <span class="hint">{`selected · ${layers}`}</span></p>;
}

function Result({ review }: { review: Review }): JSX.Element {
  const { answer, reading, phase } = review;
  const other = reading && !isSelected(review);
  return (
    <section class="result" aria-label="Findings" aria-busy={phase !== "done"}>
      <div role="status" aria-live="polite">{phase !== "done" && <Progress review={review} />}</div>
      {review.problem && <ProblemWords problem={review.problem} hasFindings={answer !== null} />}
      {phase === "done" && other && (
        <p class="row hint">{`Of ${reading.roots.map((each) => `“${each.name}”`).slice(0, 2).join(", ")}${reading.roots.length > 2 ? " …" : ""}, which is not selected now.`}
          <Button kind="quiet" action={() => send({ kind: "select", ids: reading.roots.map((each) => each.id) })}>Select it</Button></p>
      )}
      {answer && <Summary review={review} />}
      {review.again && phase === "done" && (
        <p class="again" role="status">{`Measured again: ${review.again.gone} gone, ${review.again.left} left, ${review.again.added} new.`}</p>
      )}
      {answer && <Findings review={review} />}
      {answer && answer.notes.length > 0 && <ul class="notes">{answer.notes.map((each, at) => <li key={at}>{each}</li>)}</ul>}
      {answer && phase === "done" && (
        <p class="row"><Button kind="quiet" action={measureAgain}>Measure again</Button><span class="hint">Free, as often as you like.</span></p>
      )}
      {reading && <Sent review={review} />}
    </section>
  );
}

function isSelected({ reading }: Review): boolean {
  const selected = new Set(state.selection?.roots.map((each) => each.id));
  return reading?.roots.length === selected.size && reading.roots.every((each) => selected.has(each.id));
}

function Progress({ review }: { review: Review }): JSX.Element {
  const [since] = useState(Date.now);
  const seconds = Math.max(0, Math.floor((useNow(review.phase === "asking") - since) / 1000));
  if (review.phase === "reading") return <p class="progress">{review.layers ? `Reading: ${many(review.layers, "layer")} so far …` : "Reading the layers …"}</p>;
  if (review.phase === "measuring") return <p class="progress">Measuring …</p>;
  return (
    <div class="progress">
      <p>{seconds >= 3 ? `Measured. The buddy is writing … ${clock(seconds)}` : "Measured. The buddy is writing …"}</p>
      {seconds >= 5 && <Button kind="quiet" action={stopWaiting}>Do not wait</Button>}
    </div>
  );
}

function Summary({ review }: { review: Review }): JSX.Element {
  const { answer } = review;
  const isMeasured = answer?.source === "measured";
  const problems = review.findings.filter((each) => each.about.severity === "problem" && !each.isGone && each.status !== "ignored").length;
  const others = review.findings.filter((each) => each.about.severity !== "problem" && !each.isGone && each.status !== "ignored").length;
  const own = fileWords(answer?.file);
  return (
    <div class="summary">
      <p class="row"><span class="source">{isMeasured ? "Measured, without a model" : `Words by ${answer?.model ?? "a model"}`}</span>
        {answer?.cached && <span class="source">Asked before: no use taken</span>}</p>
      {answer?.summary && !(isMeasured && review.phase !== "done") && <p><Words text={answer.summary} /></p>}
      {!problems && !others ? <p><strong>Nothing to mend was found.</strong></p> : <p><strong>{many(problems, "problem")}</strong>{`, ${many(others, "hint or note", "hints and notes")}`}</p>}
      {own && <p class="hint">{own}</p>}
    </div>
  );
}

function fileWords(file: NonNullable<Review["answer"]>["file"]): string {
  if (!file) return "";
  const parts = [
    file.grid ? `a grid of ${file.grid} px` : "",
    file.palette?.length ? many(file.palette.length, "colour") : "",
    file.type_sizes?.length ? many(file.type_sizes.length, "text size") : "",
  ].filter(Boolean);
  return parts.length ? `This selection has ${parts.join(", ")}.` : "";
}

function ProblemWords({ problem, hasFindings }: { problem: Problem; hasFindings: boolean }): JSX.Element {
  return (
    <Notice tone={problem.kind === "used-up" ? "info" : "problem"} role="alert">
      <p><Words text={problem.text} /></p>
      {problem.kind === "used-up" && <p>{hasFindings ? "What was measured stands below." : USED_UP_NOTE}</p>}
      {problem.fields && problem.fields.length > 0 && (
        <ul>{problem.fields.slice(0, 5).map((each) => <li key={each.path}><code>{each.path}</code>{`: ${each.message}`}</li>)}</ul>
      )}
      {problem.kind === "offline" && <Button action={() => start(true)}>Try again</Button>}
      {problem.kind === "failed" && problem.requestId && <p class="hint">{`Number for support: ${problem.requestId}`}</p>}
    </Notice>
  );
}

/** Word for word what goes to the service. */
function Sent({ review }: { review: Review }): JSX.Element {
  const [isOpen, setOpen] = useState(false);
  const body = isOpen && review.reading ? JSON.stringify(JSON.parse(bodyOf(review.reading, review)), null, 1) : "";
  return (
    <details class="fold" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>Show what is sent</summary>
      <p class="hint">This and your sign-in go to the service you signed in to, and nothing else. It has no pictures.</p>
      <textarea class="code" readOnly rows={12} aria-label="What is sent" value={body} />
    </details>
  );
}

function useNow(isRunning: boolean): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    if (!isRunning) return undefined;
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, [isRunning]);
  return now;
}

function useCountdown(until: number): number {
  const now = useNow(until > Date.now());
  return Math.max(0, Math.ceil((until - Math.max(now, Date.now() - 1000)) / 1000));
}
