// What the page says and how it tells two measurements apart: the parts that need no browser.

import assert from "node:assert/strict";
import test from "node:test";
import { tagged, text } from "../src/shared/checks.ts";
import { SENT } from "../src/shared/data_use.ts";
import { GROUPS } from "../src/shared/fields.ts";
import { REASONS, UNREADABLE } from "../src/shared/messages.ts";
import type { Analysis, Suggestion } from "../src/ui/analysis.ts";
import { measuredAgain, newFinding, whyNoColour, withWords } from "../src/ui/matching.ts";
import { UNREADABLE_WORDS, clock, cutName, failureWords, many, nameWords, propertyWords, reasonWords } from "../src/ui/words.ts";

function finding(rule: string, ids: string[], value = "2:1", more: Partial<Suggestion> = {}): Suggestion {
  return {
    element_id: ids[0]!, element_name: ids[0]!, element_ids: ids, count: ids.length, rule, kind: "contrast", severity: "problem", sure: "A",
    fact: { value, threshold: "at least 4.5:1", source: "WCAG", source_url: "https://www.w3.org", detail: "" },
    words: "", fingerprint: `${rule} ${value}`, ref: 1, patch: null, ...more,
  };
}

function answer(...suggestions: Suggestion[]): Analysis {
  return { id: null, source: "measured", model: null, cached: false, summary: "", suggestions, not_measurable: [], notes: [], file: null, use: null };
}

test("each reason and each refusal is a whole sentence, with and without a name", () => {
  const said = [
    ...REASONS.flatMap((each) => [reasonWords(each), reasonWords(each, "Text/Primary")]),
    ...UNREADABLE.map((each) => UNREADABLE_WORDS[each]),
  ];
  for (const words of said) assert.match(words, /^[A-Z][^*]+\.$/);
  assert.match(failureWords({ id: "1:2", name: "Pay", reason: "bound", detail: "Brand" }), /^Pay: .*\(Brand\)/);
});

test("each group of fields that is sent has its words, and no field stands in two", () => {
  assert.deepEqual(Object.keys(SENT), Object.keys(GROUPS));
  const names = Object.values(GROUPS).join(" ").split(" ");
  assert.equal(new Set(names).size, names.length);
});

test("a long name is not cut through an emoji", () => {
  const name = "x".repeat(199);
  assert.deepEqual([`${name}😀`, `${name}yz`, "Pay 😀"].map(cutName), [name, `${name}y`, "Pay 😀"]);
});

test("names of kinds and properties are words for people", () => {
  assert.deepEqual(["type_size", "itemSpacing", "contrast", "paddingLeft"].map(nameWords), ["Type size", "Gap", "Text contrast", "Padding left"]);
  assert.deepEqual(["fills[0].color", "strokes[1].color", "fontSize"].map(propertyWords), ["Fill", "Stroke", "Font size"]);
  assert.deepEqual([many(1, "layer"), many(2, "layer"), clock(125)], ["1 layer", "2 layers", "2:05"]);
});

test("a finding that is measured no more is gone, one with another value stays, one of another layer is new", () => {
  const before = [finding("contrast", ["1:1"]), finding("contrast", ["1:2"], "3:1"), finding("target", ["1:1"])].map((each) => newFinding(each));
  const { findings, added } = measuredAgain(before, answer(finding("contrast", ["1:2"], "4:1"), finding("target", ["9:9"]), finding("target", ["1:1"])));
  assert.deepEqual(findings.map((each) => [each.about.element_id, each.about.fact.value, each.isGone, each.isNew]), [
    ["1:1", "2:1", true, false], ["1:2", "4:1", false, false], ["1:1", "2:1", false, false], ["9:9", "2:1", false, true],
  ]);
  assert.equal(added, 1);
});

test("a text with a colour of a style, of a variable or with several colours says why it gets no other one", () => {
  const children = [
    { id: "1:2", styles: { fill: "S:1" } }, { id: "1:3", boundVariables: { fills: [{ id: "V:1" }] } },
    { id: "1:4", characterStyleOverrides: [0, 2] }, { id: "1:5", styles: { text: "S:2" }, characterStyleOverrides: [] },
  ];
  const data = { elements: [{ id: "1:1", children }] };
  assert.deepEqual(["1:2", "1:3", "1:4", "1:5", "9:9"].map((id) => whyNoColour([id], data)), ["styled", "bound", "mixed", null, null]);
  assert.equal(whyNoColour(["1:2"], null), null);
});

test("two findings of one rule on one layer are not taken for each other", () => {
  const before = [finding("tokens", ["0:1"], "15 colours"), finding("tokens", ["0:1"], "15 texts")].map((each) => newFinding(each));
  const { findings } = measuredAgain(before, answer(finding("tokens", ["0:1"], "15 texts")));
  assert.deepEqual(findings.map((each) => each.isGone), [true, false]);
});

test("of a group what is left stays that group, with the words it had", () => {
  const before = [newFinding(finding("contrast", ["1:1", "1:2", "1:3"], "2:1", { words: "Too pale." }))];
  const { findings, added } = measuredAgain(before, answer(finding("contrast", ["1:2"], "2:2"), finding("contrast", ["1:3"], "2:4")));
  assert.deepEqual([findings.length, added, findings[0]!.about.count, findings[0]!.about.words], [1, 0, 1, "Too pale."]);
});

test("a finding that was ignored and is measured again is open again", () => {
  const before = [newFinding(finding("contrast", ["1:1"]), { status: "ignored" })];
  assert.equal(measuredAgain(before, answer()).findings[0]!.status, "ignored");
  assert.equal(measuredAgain(before, answer(finding("contrast", ["1:1"]))).findings[0]!.status, "open");
});

test("a model's words go to what was measured, and what they leave out stays after it", () => {
  const before = [finding("contrast", ["1:1"]), finding("target", ["1:1"], "16 px")].map((each) => newFinding(each));
  const words = { ...answer(finding("target", ["1:1"], "16 px", { words: "Too small.", ref: 7 })), id: "an id" };
  const findings = withWords(before, words);
  assert.deepEqual(findings.map((each) => [each.about.rule, each.about.words, each.ref, each.key]), [
    ["target", "Too small.", 7, before[1]!.key], ["contrast", "", null, before[0]!.key],
  ]);
});

test("a message of an unknown kind, or without its fields, is none", () => {
  const check = tagged({ open: { url: text } });
  assert.ok(check({ kind: "open", url: "https://www.w3.org" }));
  for (const wrong of [null, [], { kind: "open" }, { kind: "open", url: 1 }, { kind: "constructor" }, { kind: "__proto__" }]) assert.ok(!check(wrong));
});
