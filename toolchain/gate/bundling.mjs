// A candidate and its mutants as one script, and its CSS.
import fs from "node:fs";
import path from "node:path";

import { rolldown } from "rolldown";
import { compile } from "tailwindcss";

import { FOLDER, TOOLS } from "./job.mjs";
import { mutated } from "./operators.mjs";

/** A script that sets `window.show(key, props)`; the key is "", a mutant's id, or the folder of the floor, if there is
 * one. Of each, nothing runs before it is shown. */
export async function bundled(files, mutants, component, floor) {
  const byId = new Map(mutants.map((each) => [String(each.id), each]));
  const keys = ["", ...byId.keys()];
  const entry = [
    'import { createRoot } from "react-dom/client";',
    'import { flushSync } from "react-dom";',
    `const all = { ${keys.map((key) => `${JSON.stringify(key)}: () => import("./${component}.tsx${key && `?m=${key}`}")`).join(", ")} };`,
    ...(floor ? [`all.${floor} = () => import("./${floor}/${component}.tsx");`] : []),
    "let root;",
    "window.show = async (key, props) => {",
    `  const { ${component}: Shown } = await all[key]();`,
    "  root?.unmount();",
    '  root = createRoot(document.getElementById("root"));',
    "  flushSync(() => root.render(<Shown {...props} />));",
    "};",
  ].join("\n");
  fs.writeFileSync(path.join(FOLDER, "gate_entry.tsx"), entry);
  const plugin = {
    name: "mutants",
    resolveId(source, importer) {
      const id = source.match(/\?m=(\d+)$/)?.[1] ?? importer?.match(/\?m=(\d+)$/)?.[1];
      if (!id || !source.startsWith(".")) return null;
      const base = path.resolve(path.dirname(importer), source.replace(/\?.*/, ""));
      const full = [base, `${base}.tsx`, `${base}.ts`].find((each) => fs.existsSync(each) && fs.statSync(each).isFile());
      return full?.endsWith(".tsx") ? `${full}?m=${id}` : null;
    },
    load(id) {
      const [full, number] = id.split("?m=");
      if (!number) return null;
      const mutant = byId.get(number);
      const name = path.relative(FOLDER, full);
      const code = mutant?.path === name ? mutated(files, mutant) : fs.readFileSync(full, "utf8");
      return { code, moduleType: "tsx" };
    },
  };
  const build = await rolldown({
    input: path.join(FOLDER, "gate_entry.tsx"), cwd: FOLDER, logLevel: "silent", plugins: [plugin], platform: "browser",
    transform: { jsx: { runtime: "automatic" }, define: { "process.env.NODE_ENV": '"development"' } },
  });
  const { output } = await build.generate({ format: "iife", name: "gate", codeSplitting: false });
  await build.close();
  return output.map((each) => each.code ?? "").join("\n");
}

const TAILWIND = fs.readFileSync(path.join(TOOLS, "node_modules", "tailwindcss", "index.css"), "utf8");

/** A function that builds CSS for the words of texts; with each call, also those of the calls before. */
export async function stylist(theme) {
  const { build } = await compile(`@import "tailwindcss";\n${theme}`, {
    loadStylesheet: async (id, base) => ({ path: id, base, content: TAILWIND }),
  });
  return (texts) => build([...new Set(texts.flatMap((each) => each.split(/[\s"'`{}]+/)))]);
}

/** The font of the designs, as a rule of CSS. */
export function fontRule() {
  const files = path.join(TOOLS, "node_modules", "@fontsource-variable", "inter", "files");
  const rules = ["latin", "latin-ext"].map((each) => {
    const data = fs.readFileSync(path.join(files, `inter-${each}-wght-normal.woff2`)).toString("base64");
    const range = each === "latin" ? "U+0000-00FF,U+0131,U+0152-0153,U+02BB-02BC,U+02C6,U+02DA,U+02DC,U+2000-206F,U+20AC,U+2122,U+2191,U+2193,U+2212,U+2215,U+FEFF,U+FFFD" : "U+0100-02BA,U+1E00-1E9F,U+1EF2-1EFF,U+2020,U+20A0-20AB";
    return `@font-face { font-family: Inter; font-weight: 100 900; unicode-range: ${range}; src: url(data:font/woff2;base64,${data}); }`;
  });
  return rules.join("\n");
}
