// Step 3: the tests on the component, and on its mutants. In: files, tests, mutants, cases, component.
// Out: baseline {failed, is_stuck}, verdicts {id: killed | survived | equivalent}, stray errors.
import { spawn } from "node:child_process";
import fs from "node:fs";
import path from "node:path";

import { answer, cpuOf, lay, readJob } from "./job.mjs";

// A test that takes so much CPU time without coming to an end will not come to one. Not wall clock:
// the machine may be busy.
const HUNG_MS = 6_000;
// After so many the rest is not judged.
const MOST_HUNG = 5;
// CPU time of one run in ms; the sandbox stops a process somewhat later.
const BUDGET_MS = 60_000;

const { files, tests, mutants, cases, component } = readJob();
lay({
  ...files, ...tests, "package.json": '{"type": "module"}', "gate_cases.json": JSON.stringify(cases),
  "gate_probe.tsx": fs.readFileSync(path.join(import.meta.dirname, "probe.tsx"), "utf8"),
});
const names = Object.keys(tests);
const style = names.filter((each) => each.includes(".style.test."));
const behaviour = names.filter((each) => !style.includes(each));
// Both kinds in turns: where the time does not do for all, it does for some of each.
const turn = (each) => mutants.filter((one) => one.kind === each.kind).indexOf(each);
const judged = mutants.filter((each) => each.operator !== "token changed" && (each.kind === "behaviour" || style.length)).sort((a, b) => turn(a) - turn(b));

/** One run. Returns {failed: Map, done: Set, same: Set, current, hasEnded, stray}. */
async function run(ids) {
  fs.writeFileSync("notes", "");
  fs.writeFileSync("plan.json", JSON.stringify({ files, mutants: judged, ids, behaviour, style, component, budget_ms: BUDGET_MS }));
  const child = spawn(process.execPath, ["--max-old-space-size=1024", path.join(import.meta.dirname, "run_tests.mjs")], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  let said = "";
  child.stderr.on("data", (data) => (said = (said + data).slice(-4000)));
  let size = 0;
  let since = 0;
  let isHung = false;
  const watch = setInterval(() => {
    try {
      const grown = fs.statSync("notes").size;
      const used = cpuOf(child.pid);
      if (grown !== size) [size, since] = [grown, used];
      else if (used - since > HUNG_MS) {
        isHung = true;
        child.kill("SIGKILL");
      }
    } catch {
      // It has just ended.
    }
  }, 250);
  await new Promise((resolve) => child.on("close", resolve));
  clearInterval(watch);
  const found = { failed: new Map(), done: new Set(), same: new Set(), current: null, hasEnded: false, isHung, stray: [], said };
  for (const line of fs.readFileSync("notes", "utf8").split("\n").filter(Boolean)) {
    const note = JSON.parse(line);
    if (note.starts !== undefined) found.current = note.starts;
    if (note.failed !== undefined) found.failed.set(note.failed, [...(found.failed.get(note.failed) ?? []), note]);
    if (note.done !== undefined) found.done.add(note.done);
    if (note.same !== undefined) found.same.add(note.same);
    if (note.stray !== undefined) found.stray.push(note.stray);
    if (note.ended) found.hasEnded = true;
  }
  return found;
}

const verdicts = {};
let baseline = null;
let stray = [];
let left = judged.map((each) => each.id);
for (let runs = 0; runs <= MOST_HUNG && (left.length || !baseline); runs++) {
  const found = await run([0, ...left]);
  if (!baseline) {
    const failed = (found.failed.get(0) ?? []).map(({ name, message }) => ({ name, message }));
    const isStuck = !found.hasEnded && !found.done.has(0);
    if (isStuck)
      failed.push({ name: "all", message: found.current === null ? `The tests did not start: ${found.said}` : "The component or its tests come to no end." });
    baseline = { failed, is_stuck: isStuck };
    stray = found.stray;
    if (failed.length) break;
  }
  for (const id of left) {
    if (found.failed.has(id)) verdicts[id] = "killed";
    else if (found.same.has(id)) verdicts[id] = "equivalent";
    else if (found.done.has(id)) verdicts[id] = "survived";
  }
  if (!found.hasEnded && found.current) verdicts[found.current] = "killed";
  else if (!found.hasEnded) break;
  left = left.filter((id) => !verdicts[id]);
  if (found.hasEnded) break;
}
answer({ baseline, verdicts, stray });
