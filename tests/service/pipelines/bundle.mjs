// Bundles drafts for a page that shows them one at a time, and builds the CSS of each.
// node bundle.mjs <tool-chain folder> <folder with one folder for each draft>
import { createRequire } from "node:module";
import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";

const [tools, work] = process.argv.slice(2).map((each) => path.resolve(each));
const require = createRequire(path.join(tools, "package.json"));
const load = (name) => import(pathToFileURL(require.resolve(name)).href);
const { build } = await load("vite");
const tailwind = await load("tailwindcss");
const compile = tailwind.compile ?? tailwind.default.compile;

const modules = path.join(tools, "node_modules");
const link = path.join(work, "node_modules");
if (!fs.existsSync(link)) fs.symlinkSync(modules, link);
const names = fs.readdirSync(work).filter((each) => fs.existsSync(path.join(work, each, "draft.json")));
const drafts = names.map((name) => ({ name, ...JSON.parse(fs.readFileSync(path.join(work, name, "draft.json"))) }));
fs.writeFileSync(
  path.join(work, "entry.tsx"),
  [
    'import { createRoot } from "react-dom/client";',
    'import { flushSync } from "react-dom";',
    ...drafts.map((each, at) => `import { ${each.component} as C${at} } from "./${each.name}/${each.component}";`),
    `const all: Record<string, React.ComponentType<any>> = { ${drafts.map((each, at) => `${JSON.stringify(each.name)}: C${at}`).join(", ")} };`,
    "let root: ReturnType<typeof createRoot> | undefined;",
    "(window as any).show = (name: string, props: object) => {",
    "  root?.unmount();",
    '  root = createRoot(document.getElementById("root")!);',
    "  const Shown = all[name]!;",
    "  flushSync(() => root!.render(<Shown {...props} />));",
    "};",
  ].join("\n"),
);
await build({
  root: work,
  configFile: false,
  cacheDir: path.join(work, ".cache"),
  logLevel: "error",
  oxc: { jsx: { runtime: "automatic" } },
  define: { "process.env.NODE_ENV": '"development"' },
  build: {
    outDir: path.join(work, "out"), emptyOutDir: true, minify: false,
    lib: { entry: path.join(work, "entry.tsx"), formats: ["iife"], name: "drafts", fileName: () => "bundle.js" },
  },
});
const base = fs.readFileSync(path.join(modules, "tailwindcss", "index.css"), "utf8");
for (const each of drafts) {
  const folder = path.join(work, each.name);
  const theme = fs.readFileSync(path.join(folder, "theme.css"), "utf8");
  const { build: css } = await compile(`@import "tailwindcss";\n${theme}`, {
    loadStylesheet: async (id, from) => ({ path: id, base: from, content: base }),
  });
  const text = fs.readFileSync(path.join(folder, `${each.component}.tsx`), "utf8");
  const words = new Set(text.split(/[\s"'`{}]+/));
  fs.writeFileSync(path.join(work, "out", `${each.name}.css`), css([...words]));
}
