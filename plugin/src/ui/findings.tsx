// The findings of a review, grouped by what they are about.

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { readColour } from "../shared/colours.ts";
import { MOST_REASON } from "../shared/limits.ts";
import type { Suggestion } from "./analysis.ts";
import { send } from "./bridge.ts";
import { idsOf } from "./matching.ts";
import { Button, Link } from "./parts.tsx";
import { applyAll, canApply, ignore, stopIgnoring, undo } from "./reviewing.ts";
import { type Finding, type Review, state } from "./store.ts";
import { REASON_WORDS, SEVERITY_WORDS, SURE_WORDS, failureWords, kindWords, many, propertyWords } from "./words.ts";

const ORDER = { problem: 0, hint: 1, info: 2 };

export function Findings({ review }: { review: Review }): JSX.Element {
  const shown = review.findings.filter((each) => each.status !== "ignored");
  const kinds = [...new Set(shown.map((each) => each.about.kind))];
  const open = shown.filter(canApply);
  return (
    <>
      {open.length > 1 && (
        <p class="row">
          <Button kind="main" action={() => applyAll(open)}>{`Apply all ${open.length}`}</Button>
          <span class="hint">Each can be taken back by itself.</span>
        </p>
      )}
      {kinds.map((kind) => (
        <Group key={kind} kind={kind} findings={shown.filter((each) => each.about.kind === kind)} />
      ))}
      {review.notMeasurable.length > 0 && (
        <details class="fold">
          <summary>{`Not measurable (${review.notMeasurable.length})`}</summary>
          <p class="hint">Neither right nor wrong can be told from the layers. Look at these yourself.</p>
          <ul class="plain">
            {review.notMeasurable.map((each, at) => (
              <li key={at}><LayerButton about={each} /><p class="hint">{each.fact.detail || each.fact.threshold}</p></li>
            ))}
          </ul>
        </details>
      )}
      {review.ignored.length > 0 && (
        <details class="fold">
          <summary>{`Ignored in this frame (${review.ignored.length})`}</summary>
          <ul class="plain">
            {review.ignored.map((each) => (
              <li key={each.fingerprint}>
                <strong>{each.element_name}</strong> <span class="hint">{each.rule}</span>
                <p>{each.reason}</p>
                <Button kind="quiet" label={`Stop ignoring ${each.element_name}`} action={() => stopIgnoring(each.fingerprint)}>Stop ignoring</Button>
              </li>
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
  const sorted = [...findings].sort((a, b) => ORDER[a.about.severity] - ORDER[b.about.severity]);
  return (
    <section class="group" aria-label={kindWords(kind)}>
      <header>
        <h2>{kindWords(kind)} <span class="count">{left === findings.length ? left : `${left} of ${findings.length}`}</span></h2>
        {open.length > 1 && <Button label={`Apply ${open.length} in ${kindWords(kind)}`} action={() => applyAll(open)}>{`Apply ${open.length}`}</Button>}
      </header>
      <ul class="findings">{sorted.map((each) => <Card key={each.key} finding={each} />)}</ul>
    </section>
  );
}

function LayerButton({ about, isGone = false }: { about: Suggestion; isGone?: boolean }): JSX.Element {
  const more = about.count > 1 ? ` × ${about.count}` : "";
  const name = about.element_name || "Unnamed layer";
  return (
    <button type="button" class="layer" title="Select in Figma" aria-label={`Select ${name}${about.count > 1 ? ` and ${about.count - 1} like it` : ""}`} onClick={() => send({ kind: "select", ids: idsOf(about) })}>
      {isGone ? <s>{name}</s> : name}{more && <span class="count">{more}</span>}
    </button>
  );
}

function Card({ finding }: { finding: Finding }): JSX.Element {
  const [isIgnoring, setIgnoring] = useState(false);
  const { about, isGone, outcome } = finding;
  const { fact } = about;
  return (
    <li class={isGone ? "card gone" : "card"}>
      <p class="top">
        <LayerButton about={about} isGone={isGone} />
        <span class={`mark ${isGone ? "good" : about.severity}`} title={SURE_WORDS[about.sure ?? ""]}>
          {isGone ? "Gone" : SEVERITY_WORDS[about.severity]}{finding.isNew && !isGone ? " · new" : ""}
        </span>
      </p>
      {!isGone && (
        <>
          <p class="fact"><strong>{fact.value}</strong> <span class="hint">{fact.threshold}</span></p>
          <p>{about.words || fact.detail}</p>
        </>
      )}
      {!isGone && finding.status !== "applied" && <Patch about={about} />}
      {outcome && <OutcomeWords finding={finding} />}
      <WhyNot finding={finding} />
      <p class="row">
        {canApply(finding) && <Button kind="main" label={`Apply to ${about.element_name}`} action={() => applyAll([finding])}>Apply</Button>}
        {finding.status === "applied" && <Button label={`Undo for ${about.element_name}`} action={() => undo(finding)}>Undo this one</Button>}
        {!isGone && finding.status !== "applied" && !isIgnoring && (
          <Button kind="quiet" label={`Ignore ${about.element_name}`} action={() => setIgnoring(true)}>Ignore…</Button>
        )}
        {!isGone && fact.source && (fact.source_url ? <Link href={fact.source_url}>{fact.source}</Link> : <span class="hint">{fact.source}</span>)}
      </p>
      {isIgnoring && <Ignore finding={finding} close={() => setIgnoring(false)} />}
    </li>
  );
}

function Patch({ about }: { about: Suggestion }): JSX.Element | null {
  if (!about.patch?.changes.length) return null;
  // Forty layers with one cause have one before and one after.
  const rows = new Map(about.patch.changes.map((each) => [`${each.property} ${JSON.stringify([each.old, each.new, each.token?.id])}`, each]));
  return (
    <dl class="patch">
      {[...rows].map(([key, { property, old, new: now, token }]) => (
        <div key={key}>
          <dt>{propertyWords(property)}</dt>
          <dd><Value value={old} /><span aria-hidden="true"> → </span><span class="unseen"> becomes </span><Value value={now} />{token && <span class="hint">{` ${token.name}`}</span>}</dd>
        </div>
      ))}
      {about.patch.measured && <div><dt>Measured</dt><dd>{`${about.fact.value} → `}<strong>{about.patch.measured.value}</strong></dd></div>}
    </dl>
  );
}

function Value({ value }: { value: unknown }): JSX.Element {
  const hex = readColour(value);
  if (hex) return <span class="value"><span class="swatch" style={{ background: `#${hex}` }} />{`#${hex}`}</span>;
  return <span class="value">{typeof value === "number" ? String(Math.round(value * 100) / 100) : typeof value === "string" ? value : JSON.stringify(value)}</span>;
}

function OutcomeWords({ finding }: { finding: Finding }): JSX.Element {
  const { done, failures } = finding.outcome!;
  const verb = finding.status === "undone" ? "Taken back" : "Applied";
  return (
    <div class="outcome" role="status">
      {done > 0 && <p>{`${verb}${done > 1 || failures.length ? `: ${many(done, "change")}` : ""}.`}</p>}
      {failures.slice(0, 3).map((each) => <p key={each.id + each.reason}>{failureWords(each)}</p>)}
      {failures.length > 3 && <p>{`And ${failures.length - 3} more.`}</p>}
    </div>
  );
}

/** Why there is no Apply, where the layers say why. */
function WhyNot({ finding }: { finding: Finding }): JSX.Element | null {
  const { about, isGone, status } = finding;
  if (isGone || status === "applied" || about.patch?.changes.length) return null;
  const unwritable = state.review?.reading?.unwritable ?? {};
  const id = idsOf(about).find((each) => unwritable[each]);
  const reason = id === undefined ? undefined : unwritable[id];
  if (id === undefined || !reason) return null;
  return (
    <div class="outcome">
      <p>{REASON_WORDS[reason]("")}</p>
      {reason === "instance" && <Button kind="quiet" label={`Go to the component of ${about.element_name}`} action={() => send({ kind: "go-to-component", id })}>Go to the component</Button>}
    </div>
  );
}

function Ignore({ finding, close }: { finding: Finding; close: () => void }): JSX.Element {
  const [reason, setReason] = useState("");
  const [problem, setProblem] = useState("");
  const id = `reason-${finding.key}`;
  const keep = async (): Promise<void> => {
    if (!reason.trim()) return setProblem("Say why, so that the next person knows.");
    const refused = await ignore(finding, reason.trim());
    if (refused) return setProblem(refused);
    close();
  };
  return (
    <form class="inset" onSubmit={(event) => { event.preventDefault(); void keep(); }}>
      <label for={id}>Why is this no fault?</label>
      <input id={id} value={reason} maxLength={MOST_REASON} autocomplete="off" aria-describedby={`${id}-hint`} aria-invalid={Boolean(problem)}
        ref={(field) => { if (field && !field.dataset["seen"]) { field.dataset["seen"] = "1"; field.focus(); } }}
        onInput={(event) => setReason(event.currentTarget.value)} onKeyDown={(event) => { if (event.key === "Escape") close(); }} />
      {problem && <p class="error" role="alert">{problem}</p>}
      <p class="hint" id={`${id}-hint`}>Kept in this file, where everybody who can edit it can read it.</p>
      <p class="row"><Button kind="main" action={keep}>Ignore</Button><Button kind="quiet" action={close}>Cancel</Button></p>
    </form>
  );
}
