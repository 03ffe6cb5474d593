// The findings of a review, grouped by what they are about.

import type { JSX } from "preact";
import { readColour } from "../shared/colours.ts";
import { MOST_REASON } from "../shared/limits.ts";
import type { Suggestion } from "./analysis.ts";
import { send } from "./bridge.ts";
import { idsOf, whyNoColour } from "./matching.ts";
import { Button, Link, Row, Soft, valueOf } from "./parts.tsx";
import { applyAll, canApply, ignore, stopIgnoring, undo } from "./reviewing.ts";
import { type Finding, type Review, state, update } from "./store.ts";
import { failureWords, many, nameWords, propertyWords, reasonWords } from "./words.ts";

const ORDER = ["problem", "hint", "info"];
const MOST_ROWS = 3;

export function Findings({ review }: { review: Review }): JSX.Element {
  const shown = review.findings.filter((each) => each.status !== "ignored");
  const open = shown.filter(canApply);
  return (
    <>
      {open.length > 1 && <Row><Button look="main" act={() => applyAll(open)}>Apply all {open.length}</Button></Row>}
      {[...new Set(shown.map((each) => each.about.kind))].map((kind) => <Group kind={kind} findings={shown.filter((each) => each.about.kind === kind)} />)}
      {review.hidden.length > 0 && (
        <details>
          <summary>Not measurable ({review.hidden.length})</summary>
          <Soft>The layers do not tell whether these are right. Look at them yourself.</Soft>
          <ul class="lines">{review.hidden.map((each) => <li><LayerButton about={each} /><Soft>{each.fact.detail || each.fact.threshold}</Soft></li>)}</ul>
        </details>
      )}
      {review.ignored.length > 0 && (
        <details>
          <summary>Ignored in this frame ({review.ignored.length})</summary>
          <ul class="lines">
            {review.ignored.map((each) => (
              <li><strong>{each.element_name}</strong> <small>{each.rule}</small><p>{each.reason}</p>
                <Button look="quiet" what={`Stop ignoring ${each.element_name}`} act={() => stopIgnoring(each.fingerprint)}>Stop ignoring</Button></li>
            ))}
          </ul>
        </details>
      )}
    </>
  );
}

function Group({ kind, findings }: { kind: string; findings: Finding[] }): JSX.Element {
  const open = findings.filter(canApply);
  const left = findings.filter((each) => !each.isGone).length;
  const words = nameWords(kind);
  return (
    <section aria-label={words}>
      <h2 class="top">
        <span>{words} <small>{left < findings.length && `${left} of `}{findings.length}</small></span>
        {open.length > 1 && <Button what={`Apply ${open.length} in ${words}`} act={() => applyAll(open)}>Apply {open.length}</Button>}
      </h2>
      <ul>
        {[...findings].sort((a, b) => ORDER.indexOf(a.about.severity) - ORDER.indexOf(b.about.severity)).map((each) => <Card key={each.key} finding={each} />)}
      </ul>
    </section>
  );
}

function LayerButton({ about, isGone }: { about: Suggestion; isGone?: boolean }): JSX.Element {
  const { count, element_name: name } = about;
  return (
    <button type="button" class="layer" aria-label={`Select ${name}${count > 1 ? ` × ${count}` : ""}`} onClick={() => send({ kind: "select", ids: idsOf(about) })}>
      {isGone ? <s>{name}</s> : name}{count > 1 && <small> × {count}</small>}
    </button>
  );
}

function Card({ finding }: { finding: Finding }): JSX.Element {
  const { about, isGone, outcome, status } = finding;
  const { fact, element_name: name } = about;
  const isApplied = status === "applied";
  const isIgnoring = state.excusing?.key === finding.key;
  return (
    <li class={isGone ? "card gone" : "card"}>
      <p class="top">
        <LayerButton about={about} isGone={isGone} />
        <span class={`mark ${isGone ? "good" : about.severity}`}>{isGone ? "Gone" : nameWords(about.severity)}{finding.isNew && !isGone && " · new"}</span>
      </p>
      {!isGone && <><p class="fact"><strong>{fact.value}</strong> <small>{fact.threshold}</small></p><p>{about.words || fact.detail}</p></>}
      {!isGone && !isApplied && <Patch about={about} />}
      {outcome && (
        <div class="aside" role="status">
          {outcome.done > 0 && <p>{status === "undone" ? "Taken back" : "Applied"}: {many(outcome.done, "change")}.</p>}
          {outcome.failures.slice(0, MOST_ROWS).map((each) => <p>{failureWords(each)}</p>)}
          <More count={outcome.failures.length} />
        </div>
      )}
      {!isGone && !isApplied && !about.patch && <WhyNot about={about} />}
      <Row>
        {canApply(finding) && <Button look="main" what={`Apply to ${name}`} act={() => applyAll([finding])}>Apply</Button>}
        {isApplied && <Button what={`Undo this one for ${name}`} act={() => undo(finding)}>Undo this one</Button>}
        {!isGone && !isApplied && !isIgnoring && about.fingerprint && <Button look="quiet" what={`Ignore ${name}`} act={() => update({ excusing: { key: finding.key, problem: "" } })}>Ignore …</Button>}
        {!isGone && <Link href={fact.source_url}>{fact.source}</Link>}
      </Row>
      {isIgnoring && <Ignore finding={finding} />}
    </li>
  );
}

function More({ count }: { count: number }): JSX.Element | null {
  return count > MOST_ROWS ? <Soft>and {count - MOST_ROWS} more</Soft> : null;
}

/** Before and after. Forty layers with one cause have one of each. */
function Patch({ about: { patch, fact } }: { about: Suggestion }): JSX.Element | null {
  if (!patch) return null;
  const rows = [...new Map(patch.changes.map((each) => [JSON.stringify([each.property, each.old, each.new, each.token]), each])).values()];
  return (
    <dl class="patch">
      {rows.slice(0, MOST_ROWS).map((each) => (
        <div><dt>{propertyWords(each.property)}</dt><dd><Value value={each.old} /> → <Value value={each.new} /> {each.token && <small>{each.token.name}</small>}</dd></div>
      ))}
      {patch.measured && <div><dt>Measured</dt><dd>{fact.value} → <strong>{patch.measured.value}</strong></dd></div>}
      <More count={rows.length} />
    </dl>
  );
}

function Value({ value }: { value: unknown }): JSX.Element {
  const hex = readColour(value);
  return <span class="value">{hex && <i style={{ background: `#${hex}` }} />}{hex ? `#${hex}` : String(value)}</span>;
}

/** Why there is no Apply, where the layers say why. */
function WhyNot({ about }: { about: Suggestion }): JSX.Element | null {
  const reasons = state.review?.reading?.unwritable ?? {};
  const id = idsOf(about).find((each) => reasons[each]);
  if (!id) {
    const why = about.kind === "contrast" && whyNoColour(idsOf(about), state.review?.reading?.data);
    return why ? <div class="aside"><p>{reasonWords(why)}</p></div> : null;
  }
  return (
    <div class="aside">
      <p>{reasonWords(reasons[id]!)}</p>
      {reasons[id] === "instance" && <Button look="quiet" what={`Go to the component of ${about.element_name}`} act={() => send({ kind: "go-to-component", id })}>Go to the component</Button>}
    </div>
  );
}

const focus = (field: HTMLInputElement | null): void => field?.focus();

function Ignore({ finding }: { finding: Finding }): JSX.Element {
  const close = (): void => update({ excusing: null });
  const keep = (): Promise<void> => ignore(finding, valueOf("reason"));
  return (
    <div class="inset">
      <label for="reason">Why is this no fault?</label>
      <input id="reason" maxLength={MOST_REASON} autocomplete="off" ref={focus} aria-describedby="reason-hint" onKeyDown={(event) => (event.key === "Escape" ? close() : event.key === "Enter" && void keep())} />
      <p class="error" role="alert">{state.excusing?.problem}</p>
      <Soft id="reason-hint">Kept in this file: everybody who can edit it can read it.</Soft>
      <Row><Button look="main" act={keep}>Ignore</Button><Button look="quiet" act={close}>Cancel</Button></Row>
    </div>
  );
}
