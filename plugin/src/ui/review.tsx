// The first view: what is selected, what to ask, and what was found.

import type { JSX } from "preact";
import { MOST_QUESTION } from "../shared/limits.ts";
import type { Platform, ReviewType } from "./analysis.ts";
import type { Refusal } from "./api.ts";
import { send } from "./bridge.ts";
import { Findings } from "./findings.tsx";
import { Bullets, Button, NoteWords, Row, Soft, Words } from "./parts.tsx";
import { bodyOf, measureAgain, review as start } from "./reviewing.ts";
import { type Review, bad, state, update } from "./store.ts";
import { NO_WORDS, PLATFORM_WORDS, TYPE_WORDS, UNREADABLE_WORDS, USED_UP, clock, many } from "./words.ts";

export function ReviewView(): JSX.Element {
  const { review, selection, type, platform } = state;
  const seconds = Math.ceil((state.waitUntil - Date.now()) / 1000);
  const isOff = (review !== null && review.phase !== "done") || seconds > 0 || !selection || selection.problem !== null;
  const isUsedUp = state.me?.usage.left === 0;
  const ask = (): unknown => isOff || isUsedUp || start(false);
  return (
    <>
      <h1>{selectionWords()}</h1>
      <fieldset class="choice" aria-label="What to look at">
        {(Object.keys(TYPE_WORDS) as ReviewType[]).map((each) => (
          <label><input type="radio" name="type" checked={each === type} onChange={() => update({ type: each })} /><span>{TYPE_WORDS[each]}</span></label>
        ))}
      </fieldset>
      <label for="question">Question <small>if you have one</small></label>
      <textarea id="question" rows={2} maxLength={MOST_QUESTION} value={state.question}
        onInput={(event) => update({ question: event.currentTarget.value })} onKeyDown={(event) => event.key === "Enter" && (event.ctrlKey || event.metaKey) && ask()} />
      <Row>
        <label for="platform">Made for</label>
        <select id="platform" onChange={(event) => update({ platform: event.currentTarget.value as Platform })}>
          {(Object.keys(PLATFORM_WORDS) as Platform[]).map((each) => <option value={each} selected={each === platform}>{PLATFORM_WORDS[each]}</option>)}
        </select>
      </Row>
      <Row>
        <Button look="main" off={isOff || isUsedUp} act={ask}>Ask the buddy · 1 use</Button>
        <Button off={isOff} act={() => start(true)}>Measure · free</Button>
      </Row>
      {isUsedUp && <Soft>{USED_UP}</Soft>}
      {seconds > 0 && <Soft>Go on in {clock(seconds)}.</Soft>}
      {review && <Result review={review} />}
    </>
  );
}

function selectionWords(): JSX.Element | string {
  const { selection } = state;
  if (!selection) return "…";
  if (selection.problem) return UNREADABLE_WORDS[selection.problem];
  const name = selection.count === 1 ? selection.roots[0]?.name : many(selection.count, "thing");
  return <>{name} <small>selected{selection.layers !== null && ` · ${many(selection.layers, "layer")}`}</small></>;
}

function Result({ review }: { review: Review }): JSX.Element {
  const { answer, reading, phase } = review;
  const isDone = phase === "done";
  return (
    <section class="result" aria-label="Findings" aria-busy={!isDone}>
      <div role="status">{!isDone && <Progress review={review} />}{isDone && review.again && <p class="again">{review.again}</p>}</div>
      {review.problem && <ProblemWords problem={review.problem} />}
      {isDone && reading && !isSelected(review) && (
        <Row><small>Of “{reading.roots[0]?.name}”, not selected now.</small><Button look="quiet" act={() => send({ kind: "select", ids: reading.roots.map((each) => each.id) })}>Select it</Button></Row>
      )}
      {answer && <Summary review={review} />}
      {answer && <Findings review={review} />}
      {answer && <Bullets lines={answer.notes} />}
      {answer && isDone && <Row><Button look="quiet" act={measureAgain}>Measure again</Button></Row>}
      {reading && <Sent review={review} />}
    </section>
  );
}

function isSelected({ reading }: Review): boolean {
  const ids = (roots: { id: string }[] = []): string => roots.map((each) => each.id).sort().join();
  return ids(reading?.roots) === ids(state.selection?.roots);
}

function Progress({ review }: { review: Review }): JSX.Element {
  if (review.phase === "reading") return <Soft>Reading: {many(review.layers, "layer")} …</Soft>;
  if (review.phase === "measuring") return <Soft>Measuring …</Soft>;
  const seconds = Math.floor((Date.now() - review.since) / 1000);
  return <Soft>Measured. The buddy is writing … {seconds > 2 && clock(seconds)}</Soft>;
}

function Summary({ review }: { review: Review }): JSX.Element {
  const answer = review.answer!;
  const open = review.findings.filter((each) => !each.isGone && each.status !== "ignored");
  const problems = open.filter((each) => each.about.severity === "problem").length;
  const { grid, palette, type_sizes: sizes } = answer.file ?? {};
  const own = [grid && `a grid of ${grid} px`, palette?.length && many(palette.length, "colour"), sizes?.length && many(sizes.length, "text size")].filter(Boolean);
  return (
    <div>
      <Row><span class="tag">{answer.source === "measured" ? "Measured, without a model" : `Words by ${answer.model ?? "a model"}`}</span>{answer.cached && <span class="tag">Asked before: no use taken</span>}</Row>
      {review.id && answer.source === "measured" && <p>{NO_WORDS}</p>}
      {answer.summary && <p><Words text={answer.summary} /></p>}
      <p><strong>{open.length ? many(problems, "problem") : "Nothing to mend was found."}</strong>{open.length > problems && `, ${many(open.length - problems, "hint")}`}</p>
      {own.length > 0 && <Soft>Found here: {own.join(", ")}.</Soft>}
    </div>
  );
}

function ProblemWords({ problem: { status, message, fields, body } }: { problem: Refusal }): JSX.Element {
  return (
    <NoteWords note={bad(message)}>
      {status === 402 && <p>{USED_UP}</p>}
      <Bullets lines={fields.map((each) => `${each.path}: ${each.message}`)} />
      {status === 0 && <Button act={() => start(true)}>Try again</Button>}
      {status >= 500 && <Soft>Number for support: {String(body["request_id"])}</Soft>}
    </NoteWords>
  );
}

/** Word for word what goes to the service. */
function Sent({ review }: { review: Review }): JSX.Element {
  return (
    <details onToggle={(event) => update({ isSentShown: event.currentTarget.open })}>
      <summary>Show what is sent</summary>
      <Soft>This and your sign-in, to the service and nobody else. {state.me?.model_sharing === "nothing" ? "Nothing" : "If you ask, an outline"} goes on to an AI model.</Soft>
      {state.isSentShown && <textarea class="code" readOnly rows={12} aria-label="What is sent" value={JSON.stringify(JSON.parse(bodyOf(review.reading!, review)), null, 1)} />}
    </details>
  );
}
