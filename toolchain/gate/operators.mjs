// Mutants: small changes of a candidate that its tests should notice.
import { lineOf, nameOf, parse, walk } from "./syntax.mjs";

const SILENT = new Set(["div", "span", "svg"]);
const VOID = new Set(["img", "input", "hr", "br"]);
// What is no behaviour: the look, the trace of the layer, React's own.
const UNTOUCHED = /^(className|data-node|nodes|key|ref|style)$/;
const JOINING = /^(cx|clsx|cn|twMerge|twJoin)$/;

/** Every mutant of a candidate's files: {kind, operator, path, start, end, put, line, node, change}. */
export function mutants(files) {
  const found = [];
  for (const [path, text] of Object.entries(files)) {
    if (path.endsWith(".tsx") && !/\.(stories|test)\.tsx$/.test(path)) ofCode(path, text, found);
    else if (path.endsWith(".css")) ofTheme(path, text, found);
  }
  const seen = new Set();
  return found.filter((each) => {
    const key = JSON.stringify([each.path, each.start, each.end, each.put]);
    const isNew = !seen.has(key) && files[each.path].slice(each.start, each.end) !== each.put;
    seen.add(key);
    return isNew;
  });
}

function ofCode(path, text, found) {
  const { program, error } = parse(path, text);
  if (error) return;
  const source = (node) => text.slice(node.start, node.end);
  walk(program, (node, ancestors) => {
    const add = (kind, operator, at, put, change) =>
      found.push({
        kind, operator, path, start: at.start, end: at.end, put,
        line: lineOf(text, at.start), node: layerOf([...ancestors, node]), change,
      });
    const parent = ancestors.at(-1);
    const isDrawn = ancestors.some((each) => each.type === "JSXElement" && nameOf(each.openingElement.name) === "svg");
    const isStyled = inStyle(node, ancestors);
    switch (node.type) {
      case "JSXText":
        if (node.value.trim() && !isDrawn) add("behaviour", "text", node, "Mutant", `"${short(node.value)}" → "Mutant"`);
        break;
      case "Literal":
        literal(node, parent, ancestors, isDrawn, isStyled, add, source);
        break;
      case "JSXAttribute":
        attribute(node, parent, ancestors, isDrawn, add);
        break;
      case "JSXElement":
        element(node, isDrawn, add, text);
        break;
      case "JSXExpressionContainer":
        container(node, parent, add, source);
        break;
      case "LogicalExpression":
        // A class under a condition belongs to the look, and its letters are tried there.
        if (node.operator === "&&" && !isStyled) add("behaviour", "guard", node, "false", `${short(source(node.left))} → false`);
        break;
      case "IfStatement":
        add("behaviour", "guard", node.test, "false", `if (${short(source(node.test))}) → if (false)`);
        break;
      case "ConditionalExpression":
        if (isStyled) break;
        add("behaviour", "branch", node, `(${source(node.consequent)})`, `${short(source(node.test))} → true`);
        add("behaviour", "branch", node, `(${source(node.alternate)})`, `${short(source(node.test))} → false`);
        break;
      case "AssignmentPattern":
        preset(node, add, source);
        break;
      case "ExpressionStatement":
        statement(node, ancestors, add, source);
        break;
    }
  });
}

function literal(node, parent, ancestors, isDrawn, isStyled, add, source) {
  if (typeof node.value === "boolean" && !isStyled && parent.type !== "AssignmentPattern") {
    if (ancestors.some((each) => each.type === "JSXElement") || ancestors.some((each) => nameOf(each.callee) === "useState"))
      add("behaviour", "boolean", node, String(!node.value), `${node.value} → ${!node.value}`);
    return;
  }
  if (typeof node.value !== "string" || isDrawn) return;
  if (isStyled) return tokens(node, parent, add);
  const inner = [...ancestors].reverse().find((each) => /^JSX(Attribute|ExpressionContainer|Element)$/.test(each.type));
  if (inner?.type !== "JSXExpressionContainer" || parent.type === "BinaryExpression" || parent.type === "MemberExpression") return;
  const owner = ancestors[ancestors.indexOf(inner) - 1];
  if (/^JSX(Element|Fragment)$/.test(owner?.type ?? "") && node.value.trim())
    add("behaviour", "text", node, '"Mutant"', `"${short(node.value)}" → "Mutant"`);
}

function attribute(node, opening, ancestors, isDrawn, add) {
  const name = nameOf(node.name);
  const tag = nameOf(opening.name);
  if (UNTOUCHED.test(name) || /ClassName$/.test(name)) return;
  const isPart = /^[A-Z]/.test(tag);
  // The insides of drawings are exported, not written.
  const drawings = ancestors.filter((each) => each.type === "JSXElement" && nameOf(each.openingElement.name) === "svg");
  if (isDrawn && !(tag === "svg" && drawings.length === 1)) return;
  if (/^on[A-Z]/.test(name)) return add("behaviour", "handler", node, "", `${name} removed`);
  const value = node.value?.type === "JSXExpressionContainer" ? node.value.expression : node.value;
  if (isPart && value?.type === "Literal" && typeof value.value === "string")
    return add("behaviour", "text", value, '"Mutant"', `${name}="${short(value.value)}" → "Mutant"`);
  add("behaviour", "attribute", node, "", `${name} removed`);
}

function element(node, isDrawn, add, text) {
  const tag = nameOf(node.openingElement.name);
  if (!/^[a-z]/.test(tag) || SILENT.has(tag) || isDrawn) return;
  const put = text.slice(node.start, node.end).replace(/^<[\w-]+/, "<div");
  const whole = node.closingElement ? put.replace(/<\/[\w-]+\s*>$/, "</div>") : put;
  // React refuses what a div does not have; then it is the attribute that is noticed, and not the tag.
  const fair = VOID.has(tag) ? '<div data-was="void" />' : whole;
  add("behaviour", "tag", node, fair, `<${tag}> → <div>`);
}

function container(node, parent, add, source) {
  if (!/^JSX(Element|Fragment)$/.test(parent.type)) return;
  const inner = node.expression;
  if (inner.type === "Identifier") add("behaviour", "slot", node, "{null}", `{${inner.name}} → nothing`);
  if (inner.type === "LogicalExpression" && inner.operator === "??") {
    add("behaviour", "slot", inner, "null", `{${short(source(inner))}} → nothing`);
    add("behaviour", "slot", inner, source(inner.right), `${short(source(inner.left))} ignored`);
  }
}

function preset(node, add, source) {
  const right = node.right;
  if (right.type !== "Literal") return;
  if (typeof right.value === "boolean")
    add("behaviour", "default", right, String(!right.value), `${source(node)} → ${!right.value}`);
  else if (typeof right.value === "string") add("behaviour", "default", right, '"mutant"', `${source(node)} → "mutant"`);
}

function statement(node, ancestors, add, source) {
  const called = node.expression.type === "CallExpression" ? nameOf(node.expression.callee) : "";
  if (/^use(Layout)?Effect$/.test(called)) return add("behaviour", "effect", node, ";", `${called} removed`);
  const isInHandler = ancestors.some((each) => each.type === "JSXAttribute" && /^on[A-Z]/.test(nameOf(each.name)));
  if (isInHandler) add("behaviour", "handler", node, ";", `${short(source(node))} removed`);
}

// --- The look ---

/** Whether a string holds classes: className, cva, cx and the like. */
function inStyle(node, ancestors) {
  for (const each of [...ancestors].reverse()) {
    if (each.type === "JSXAttribute") return /^(className|.*ClassName)$/.test(nameOf(each.name));
    if (each.type === "CallExpression" && (nameOf(each.callee) === "cva" || JOINING.test(nameOf(each.callee)))) return true;
    if (each.type === "JSXElement" || /Function/.test(each.type)) return false;
  }
  return false;
}

const OTHER = new Map([
  ["flex-col", "flex-row"], ["items-start", "items-end"], ["items-center", "items-start"], ["items-end", "items-start"],
  ["justify-between", "justify-start"], ["justify-center", "justify-start"], ["justify-end", "justify-start"],
  ["text-sm", "text-lg"], ["text-base", "text-xl"], ["text-lg", "text-sm"], ["text-xl", "text-sm"], ["text-2xl", "text-sm"],
  ["font-medium", "font-bold"], ["font-semibold", "font-normal"], ["font-bold", "font-normal"], ["text-white", "text-black"],
  ["bg-white", "bg-black"], ["rounded-full", "rounded-none"], ["rounded-lg", "rounded-3xl"], ["flex", "block"], ["grid", "block"],
]);

function tokens(node, parent, add) {
  // A key, or the condition of a compound variant.
  if (parent.type === "BinaryExpression" || parent.type === "MemberExpression") return;
  if (parent.type === "Property" && (parent.key === node || nameOf(parent.key) === "" && typeof parent.key.value !== "string")) return;
  const raw = node.raw.slice(1, -1);
  if (raw.includes("\\") || !/[a-z]/.test(raw)) return;
  for (const found of raw.matchAll(/\S+/g)) {
    const token = found[0];
    if (token === "group" || token === "peer") continue;
    const start = node.start + 1 + found.index;
    const at = { start, end: start + token.length };
    add("style", "class removed", at, "", `class ${token} removed`);
    const [, before, bare] = token.match(/^((?:[\w-]+:)*)(.*)$/) ?? [];
    const stepped = bare.match(/^(-?(?:[mp][trblxy]?|gap(?:-[xy])?|w|h|size|max-w|min-h|top|left|right|bottom|border|opacity))-(\d+(?:\.5)?)$/);
    const put = OTHER.get(bare) ?? (stepped ? `${stepped[1]}-${Number(stepped[2]) * 2 + 1}` : "");
    if (put) add("style", "class changed", at, before + put, `class ${token} → ${before}${put}`);
  }
}

function ofTheme(path, text, found) {
  for (const each of text.matchAll(/(--[\w-]+):\s*([^;{}]+);/g)) {
    const put = otherValue(each[1], each[2]);
    if (!put) continue;
    const start = each.index + each[0].indexOf(each[2], each[1].length + 1);
    found.push({
      kind: "style", operator: "token changed", path, start, end: start + each[2].length, put,
      line: lineOf(text, start), node: "", change: `${each[1]}: ${short(each[2])} → ${put}`,
    });
  }
}

function otherValue(name, value) {
  if (/^--(font|breakpoint)/.test(name)) return "";
  if (/^#[0-9a-f]{6}/i.test(value)) {
    const other = [1, 3, 5].map((at) => (Number.parseInt(value.slice(at, at + 2), 16) ^ 0x80).toString(16).padStart(2, "0"));
    return `#${other.join("")}${value.slice(7)}`;
  }
  if (/^-?[\d.]+(px|rem|em)$/.test(value)) return value.replace(/[\d.]+/, (size) => String(Number(size) * 1.5 + 1));
  if (/^\d+$/.test(value)) return value === "400" ? "700" : "400";
  if (/^--shadow/.test(name)) return "0px 9px 9px 9px #ff000080";
  return "";
}

// --- Where ---

const short = (text) => (text.trim().length > 60 ? `${text.trim().slice(0, 57)}…` : text.trim());

/** The layer of the nearest element that says it. */
function layerOf(ancestors) {
  for (const each of [...ancestors].reverse()) {
    if (each.type !== "JSXElement") continue;
    for (const one of each.openingElement.attributes) {
      if (one.type !== "JSXAttribute" || nameOf(one.name) !== "data-node") continue;
      const value = one.value?.type === "JSXExpressionContainer" ? one.value.expression : one.value;
      return typeof value?.value === "string" ? value.value : "";
    }
  }
  return "";
}

// --- Which ---

/** At most `most`, half of each kind where there are as many; each operator gets its turn. The same seed chooses
 * the same. */
export function sample(all, most, seed) {
  const random = generator(seed);
  const byKind = ["behaviour", "style"].map((kind) => inTurns(all.filter((each) => each.kind === kind), random));
  const half = Math.floor(most / 2);
  const [first, second] = byKind;
  const ofFirst = first.slice(0, Math.max(half, most - second.length));
  return [...ofFirst, ...second.slice(0, most - ofFirst.length)];
}

function inTurns(all, random) {
  const groups = new Map();
  for (const each of all) groups.set(each.operator, [...(groups.get(each.operator) ?? []), each]);
  const queues = [...groups.keys()].sort().map((key) => shuffled(groups.get(key), random));
  const chosen = [];
  while (queues.some((each) => each.length)) for (const each of queues) if (each.length) chosen.push(each.pop());
  return chosen;
}

function shuffled(list, random) {
  const mixed = [...list];
  for (let at = mixed.length - 1; at > 0; at--) {
    const other = Math.floor(random() * (at + 1));
    [mixed[at], mixed[other]] = [mixed[other], mixed[at]];
  }
  return mixed;
}

/** mulberry32: small, and the same on every machine. */
function generator(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

export const mutated = (files, mutant) => {
  const text = files[mutant.path];
  return text.slice(0, mutant.start) + mutant.put + text.slice(mutant.end);
};
