// Reading code as a syntax tree, and walking through it.
import { parseSync } from "oxc-parser";

/** The tree of a file, or what is wrong with its syntax. */
export function parse(path, text) {
  const { program, comments, errors } = parseSync(path, text, { sourceType: "module" });
  return { program, comments, error: errors[0]?.message ?? "" };
}

/** Calls `visit(node, ancestors)` for each node from the top; the nearest ancestor is the last. */
export function walk(node, visit, ancestors = []) {
  visit(node, ancestors);
  const inner = [...ancestors, node];
  for (const key of Object.keys(node)) {
    if (key === "parent") continue;
    for (const each of Array.isArray(node[key]) ? node[key] : [node[key]]) {
      if (each && typeof each.type === "string") walk(each, visit, inner);
    }
  }
}

export const lineOf = (text, at) => text.slice(0, at).split("\n").length;

/** The name of a tag or attribute. */
export const nameOf = (node) =>
  node?.type === "JSXIdentifier" || node?.type === "Identifier"
    ? node.name
    : node?.type === "JSXNamespacedName"
      ? `${node.namespace.name}:${node.name.name}`
      : "";

/** Where a relative import leads among the paths, or null. */
export function resolve(from, source, paths) {
  const parts = from.split("/").slice(0, -1);
  for (const step of source.split("/")) {
    if (step === "..") {
      if (!parts.length) return null;
      parts.pop();
    } else if (step !== ".") parts.push(step);
  }
  const base = parts.join("/");
  const tries = [base, `${base}.tsx`, `${base}.ts`, `${base}.json`, `${base}/index.tsx`, `${base}/index.ts`];
  return tries.find((each) => paths.has(each)) ?? null;
}
