// Which finding of a new measurement is which of the page's. A fingerprint names the value too, so
// a finding that got better or worse is known by its rule and its layers.

import type { Analysis, Suggestion } from "./analysis.ts";
import type { Finding } from "./store.ts";

let keys = 0;

export function newFinding(about: Suggestion, more: Partial<Finding> = {}): Finding {
  keys += 1;
  return { key: keys, ref: null, about, status: "open", isGone: false, isNew: false, outcome: null, ...more };
}

function isSameFinding(left: Suggestion, right: Suggestion): boolean {
  if (left.fingerprint && left.fingerprint === right.fingerprint) return true;
  const ids = new Set(idsOf(left));
  return left.rule === right.rule && idsOf(right).some((id) => ids.has(id));
}

export function idsOf(about: Suggestion): string[] {
  return about.element_ids.length ? about.element_ids : [about.element_id];
}

/** The findings with the words and numbers of a model's answer. Those it left out stay, after the others. */
export function withWords(findings: readonly Finding[], answer: Analysis): Finding[] {
  const rest = [...findings];
  const worded = answer.suggestions.map((about) => {
    const at = rest.findIndex((each) => isSameFinding(each.about, about));
    const ref = answer.id ? (about.ref ?? null) : null;
    const known = at >= 0 ? rest.splice(at, 1)[0] : undefined;
    return known ? { ...known, about, ref } : newFinding(about, { ref });
  });
  return [...worded, ...rest];
}

/** The findings after another measurement: what is gone, what stays with which values, what is new. */
export function measuredAgain(findings: readonly Finding[], answer: Analysis): { findings: Finding[]; added: number } {
  const matched = new Set<Suggestion>();
  const kept = findings.map((finding) => {
    const found = answer.suggestions.filter((each) => isSameFinding(finding.about, each));
    found.forEach((each) => matched.add(each));
    const now = found[0];
    if (!now) return finding.status === "ignored" ? finding : { ...finding, isGone: true };
    const about = { ...now, words: finding.about.words };
    return { ...finding, about, isGone: false, status: finding.status === "ignored" ? "open" : finding.status } as Finding;
  });
  const added = answer.suggestions.filter((each) => !matched.has(each)).map((about) => newFinding(about, { isNew: true }));
  return { findings: [...kept, ...added], added: added.length };
}
