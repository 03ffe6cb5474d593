// Runs the tests on the component and on all mutants, in one run of Vitest. Its reports are lines in `notes`.
// node run_tests.mjs, in a job's folder that has `plan.json`: {files, mutants, ids, behaviour, style, component}.
import fs from "node:fs";
import path from "node:path";

import { startVitest } from "vitest/node";

import { FOLDER } from "./job.mjs";
import { mutated } from "./operators.mjs";

const plan = JSON.parse(fs.readFileSync("plan.json", "utf8"));
const byId = new Map(plan.mutants.map((each) => [String(each.id), each]));
const kindOf = (id) => byId.get(String(id))?.kind ?? "";

const block = (id) => {
  const tests = id === 0 ? [...plan.behaviour, ...plan.style] : plan[kindOf(id)];
  const loads = tests.map((each) => `    await import("./${each}?m=${id}");`).join("\n");
  const probe = id === 0 || kindOf(id) === "behaviour";
  return `describe("m${id}", async () => {
  note({ starts: ${id} });
  try {
${loads}
  } catch (error) {
    it("loads", () => { throw error; });
  }
  it("~", async () => {
    ${probe ? `await probed(${id}, () => import("./${plan.component}?m=${id}"));` : ""}
    note({ done: ${id} });
  });
});`;
};

fs.writeFileSync(
  "gate.test.tsx",
  `import fs from "node:fs";
import { afterAll, afterEach, beforeEach, describe, it } from "vitest";
import { probe } from "./gate_probe";

const note = (what) => fs.appendFileSync("notes", JSON.stringify(what) + "\\n");
const failed = new Set();
// Something large is tried with fewer changes.
const isSpent = () => {
  const { user, system } = process.cpuUsage();
  return user + system > ${plan.budget_ms} * 1000;
};
const owner = (task) => {
  let suite = task.suite;
  while (suite?.suite && !/^m\\d+$/.test(suite.name)) suite = suite.suite;
  return Number(suite.name.slice(1));
};
let original = "";
const probed = async (id, load) => {
  const found = await probe(load);
  if (id === 0) original = found;
  else if (found === original) note({ same: id });
};
// React reports an error in a handler to the window: no test fails by itself.
const heard = [];
window.addEventListener("error", (event) => heard.push(event.error ?? event.message));
beforeEach((context) => {
  const id = owner(context.task);
  note({ starts: id });
  if (id !== 0 && (failed.has(0) || failed.has(id) || isSpent())) return context.skip();
  context.onTestFailed(() => {
    failed.add(id);
    const error = context.task.result?.errors?.[0];
    note({ failed: id, name: context.task.name, message: String(error?.message ?? "").slice(0, 2000) });
  });
});
afterEach(() => {
  const [first] = heard.splice(0);
  if (first) throw first;
});
afterAll(() => note({ ended: true }));
${plan.ids.map(block).join("\n")}
`,
);

const files = plan.files;
const plugin = {
  name: "mutants",
  enforce: "pre",
  resolveId(source, importer) {
    const id = importer?.match(/\?m=(\d+)$/)?.[1];
    if (!id || !source.startsWith(".")) return null;
    const base = path.resolve(path.dirname(importer), source.replace(/\?.*/, ""));
    const full = [base, `${base}.tsx`, `${base}.ts`].find((each) => fs.existsSync(each) && fs.statSync(each).isFile());
    return full?.endsWith(".tsx") ? `${full}?m=${id}` : null;
  },
  load(id) {
    const [full, number] = id.split("?m=");
    if (!number) return null;
    const name = path.relative(FOLDER, full);
    const mutant = byId.get(number);
    return mutant?.path === name ? mutated(files, mutant) : fs.readFileSync(full, "utf8");
  },
};

const vitest = await startVitest(
  "test",
  [],
  {
    root: FOLDER, config: false, watch: false, reporters: [{}], environment: "happy-dom", isolate: false,
    pool: "threads", maxWorkers: 1, fileParallelism: false, include: ["gate.test.tsx"], testTimeout: 20_000,
    hookTimeout: 20_000, teardownTimeout: 5_000, cache: false, fsModuleCache: false, css: false, silent: true,
  },
  {
    root: FOLDER, configFile: false, cacheDir: path.join(FOLDER, ".cache"), logLevel: "silent", plugins: [plugin],
    oxc: { jsx: { runtime: "automatic" } }, server: { watch: null, fs: { strict: false } },
  },
);
const errors = vitest?.state.getUnhandledErrors() ?? [];
for (const each of errors) fs.appendFileSync("notes", `${JSON.stringify({ stray: String(each?.message ?? each).slice(0, 500) })}\n`);
await vitest?.close();
process.exit(0);
