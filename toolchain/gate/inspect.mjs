// Step 1: reads the files without running them. In: files, tests, seed, most.
// Out: problems (not allowed), weak (tests that prove nothing), mutants.
import { answer, readJob } from "./job.mjs";
import { mutants, sample } from "./operators.mjs";
import { problems } from "./rules.mjs";
import { weakTests } from "./weak_tests.mjs";

const { files, tests, seed, most } = readJob();
const all = new Set([...Object.keys(files), ...Object.keys(tests)]);
answer({
  problems: [...problems(files, all, "code"), ...problems(tests, all, "tests")],
  weak: weakTests(tests),
  mutants: sample(mutants(files), most, seed).map((each, at) => ({ id: at + 1, ...each })),
});
