// Step 2: strict TypeScript over everything. In: files, tests. Out: errors.
import { spawnSync } from "node:child_process";
import path from "node:path";

import { answer, lay, readJob, TOOLS } from "./job.mjs";

// The story is not run, only typed.
const STORYBOOK = `declare module "@storybook/react" {
  export interface Meta<T> { component: T; title?: string; tags?: string[]; args?: object; parameters?: object }
  export interface StoryObj<T> {
    name?: string;
    args?: T extends (props: infer P) => unknown ? Partial<P> : never;
  }
}
declare module "*.css";
`;
const OPTIONS = {
  strict: true, noUncheckedIndexedAccess: true, noEmit: true, jsx: "react-jsx", module: "esnext",
  moduleResolution: "bundler", target: "es2022", lib: ["es2023", "dom", "dom.iterable"], skipLibCheck: true,
  types: [], resolveJsonModule: true,
};

const { files, tests } = readJob();
lay({
  ...files, ...tests,
  "storybook.d.ts": STORYBOOK,
  "tsconfig.json": JSON.stringify({ compilerOptions: OPTIONS, include: ["**/*.ts", "**/*.tsx"] }),
});
// The compiler itself: its script would start Node once more only to find it. Its memory is gone with it anyway, so it
// collects none below a limit.
const { default: compilerPath } = await import(path.join(TOOLS, "node_modules", "typescript", "lib", "getExePath.js"));
const done = spawnSync(compilerPath(), ["-p", ".", "--pretty", "false", "--singleThreaded"], { encoding: "utf8", env: { GOGC: "off", GOMEMLIMIT: "1GiB", GOMAXPROCS: "1" } });
const errors = [...done.stdout.matchAll(/^(.+?)\((\d+),\d+\): error (TS\d+: .*)$/gm)];
if (done.status && !errors.length) throw new Error(`tsc ended with ${done.status}: ${done.stdout}${done.stderr}`);
answer({ errors: errors.map(([, file, line, message]) => ({ path: file, line: Number(line), message })) });
