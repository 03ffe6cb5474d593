// Which finding of a new measurement is which of the page's. A fingerprint names the value too, so
// a finding that got better or worse is known by its rule and its layers.

import type { Reason } from "../shared/messages.ts";
import type { Analysis, Suggestion } from "./analysis.ts";
import type { Finding } from "./store.ts";

let keys = 0;

export function newFinding(about: Suggestion, more: Partial<Finding> = {}): Finding {
  keys += 1;
  return { key: keys, ref: null, about, status: "open", isGone: false, isNew: false, outcome: null, ...more };
}

/** The same rule on some of the same layers. */
function isAlike(left: Suggestion, right: Suggestion): boolean {
  return left.rule === right.rule && idsOf(right).some((id) => idsOf(left).includes(id));
}

function isSame(left: Suggestion, right: Suggestion): boolean {
  const mark = ({ fingerprint, fact }: Suggestion): string => fingerprint ?? fact.value;
  return mark(left) === mark(right) && isAlike(left, right);
}

export function idsOf(about: Suggestion): string[] {
  return about.element_ids.length ? about.element_ids : [about.element_id];
}

/** What this page sent itself, as far as it is looked at here. */
interface Sent { elements?: readonly SentLayer[] }
interface SentLayer {
  id: string;
  children?: readonly SentLayer[];
  styles?: { fill?: string; fills?: string };
  boundVariables?: { fills?: unknown };
  characterStyleOverrides?: readonly number[];
}

/** Why a text that can be written gets no other colour: its colour was decided on, or it has several. */
export function whyNoColour(ids: readonly string[], data: unknown): Reason | null {
  const waiting = [(data as Sent | undefined)?.elements];
  for (const layers of waiting) {
    for (const layer of layers ?? []) {
      waiting.push(layer.children);
      if (!ids.includes(layer.id)) continue;
      if (layer.styles?.fill ?? layer.styles?.fills) return "styled";
      if (layer.boundVariables?.fills) return "bound";
      if (layer.characterStyleOverrides?.some(Boolean)) return "mixed";
    }
  }
  return null;
}

/** The findings with the words and numbers of a model's answer. Those it left out stay, after the others. */
export function withWords(findings: readonly Finding[], answer: Analysis): Finding[] {
  const rest = [...findings];
  const worded = answer.suggestions.map((about) => {
    const at = rest.findIndex((each) => isSame(each.about, about));
    const ref = answer.id ? (about.ref ?? null) : null;
    const known = at >= 0 ? rest.splice(at, 1)[0] : undefined;
    return known ? { ...known, about, ref } : newFinding(about, { ref });
  });
  return [...worded, ...rest];
}

/** The findings after another measurement: what is gone, what stays with which values, what is new. */
export function measuredAgain(findings: readonly Finding[], { suggestions }: Analysis): { findings: Finding[]; added: number } {
  // What is exactly as before belongs to that finding, and not to another one of its rule.
  const left = new Set(suggestions.filter((each) => !findings.some(({ about }) => isSame(about, each))));
  const kept = findings.map((finding): Finding => {
    const changed = [...left].filter((each) => isAlike(finding.about, each));
    const now = suggestions.find((each) => isSame(finding.about, each)) ?? changed[0];
    changed.forEach((each) => left.delete(each));
    if (!now) return finding.status === "ignored" ? finding : { ...finding, isGone: true };
    const status = finding.status === "ignored" ? "open" : finding.status;
    return { ...finding, about: { ...now, words: finding.about.words }, isGone: false, status };
  });
  return { findings: [...kept, ...[...left].map((about) => newFinding(about, { isNew: true }))], added: left.size };
}
