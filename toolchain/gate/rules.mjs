// What code may not do. It is decided on the syntax tree; the sandbox holds whatever slips through.
import { lineOf, nameOf, parse, resolve, walk } from "./syntax.mjs";

const PACKAGES = new Set(["react", "class-variance-authority", "clsx", "tailwind-merge"]);
const OF_TESTS = new Set([...PACKAGES, "vitest", "@testing-library/react", "@testing-library/user-event"]);
const OF_STORIES = new Set([...PACKAGES, "@storybook/react"]);
// Names that lead out of a component: to the network, the page, the process, or to running text.
const NAMES = new Set(
  ("eval Function fetch XMLHttpRequest WebSocket EventSource WebTransport RTCPeerConnection Worker " +
    "SharedWorker BroadcastChannel MessageChannel importScripts process globalThis global self frames parent " +
    "opener location history navigator localStorage sessionStorage indexedDB caches cookieStore require " +
    "module exports Buffer Reflect Proxy WebAssembly JSON Object Symbol DOMParser setImmediate queueMicrotask " +
    "postMessage open alert").split(" "),
);
const OF_THE_PAGE = new Set(["window", "document", "top"]);
// Properties that lead from any value to its constructor, its page, or to markup from text.
const PROPERTIES = new Set(
  ("constructor __proto__ prototype __defineGetter__ __defineSetter__ __lookupGetter__ __lookupSetter__ eval " +
    "Function dangerouslySetInnerHTML innerHTML outerHTML insertAdjacentHTML setHTMLUnsafe srcdoc srcDoc write " +
    "writeln createContextualFragment createElement createElementNS ownerDocument defaultView contentWindow " +
    "contentDocument view setAttribute setAttributeNS caller callee fetch").split(" "),
);
const TAGS = new Set(
  "script iframe object embed applet base link meta style frame frameset html head body noscript".split(" "),
);
const OF_REACT = new Set(["createElement", "cloneElement", "createFactory", "jsx", "jsxs"]);

/** [{path, line, message}] for the files of a candidate, or its tests. */
export function problems(files, all, kind) {
  const found = [];
  for (const [path, text] of Object.entries(files)) {
    const say = (at, message) => found.push({ path, line: lineOf(text, at), message });
    if (path.endsWith(".css")) css(text, say);
    else if (path.endsWith(".json")) json(text, say);
    else code(path, text, all, kind, say);
  }
  return found;
}

function json(text, say) {
  try {
    JSON.parse(text);
  } catch (error) {
    say(0, `This is no JSON: ${error.message}`);
  }
}

function css(text, say) {
  const bare = text.replace(/\/\*[\s\S]*?\*\//g, "");
  if (!/^\s*@theme(\s+(static|inline))?\s*\{(\s*--[\w*-]+\s*:[^;{}]+;)*\s*\}\s*$/.test(bare)) {
    say(0, "A theme is one @theme block of custom properties, and nothing else.");
  }
  if (/url\(|@import|<|expression\(/i.test(bare)) say(0, "A theme loads nothing.");
}

function code(path, text, all, kind, say) {
  const { program, comments, error } = parse(path, text);
  if (error) return say(0, `This cannot be read: ${error}`);
  for (const each of comments) {
    if (/^\/\s*</.test(each.value)) say(each.start, "Files are not referred to in comments.");
    if (/@ts-|@vite|@jsx|@vitest/.test(each.value)) say(each.start, "Comments do not steer tools.");
  }
  const isStory = path.endsWith(".stories.tsx");
  const packages = kind === "tests" ? OF_TESTS : isStory ? OF_STORIES : PACKAGES;
  const tables = new Set();
  const handed = new Set();
  walk(program, (node) => {
    if (node.type === "VariableDeclarator" && node.id.type === "Identifier" && isTable(node.init)) tables.add(node.id.name);
    if (/Function/.test(node.type)) for (const each of node.params ?? []) whole(each).forEach((name) => handed.add(name));
  });
  const link = (node, source) => {
    if (source.startsWith(".")) {
      if (!resolve(path, source, all)) say(node.start, `There is no file ${source} in the folder.`);
    } else if (!packages.has(source)) say(node.start, `${source} is not imported: only ${[...packages].join(", ")} and own files are.`);
  };
  walk(program, (node, ancestors) => {
    const parent = ancestors.at(-1);
    switch (node.type) {
      case "ImportDeclaration":
      case "ExportNamedDeclaration":
      case "ExportAllDeclaration":
        if (node.source) link(node, node.source.value);
        break;
      case "ImportSpecifier":
        if (OF_REACT.has(node.imported.name ?? node.imported.value)) say(node.start, "Elements are written as tags.");
        break;
      case "TSImportType":
        link(node, node.source?.value ?? node.argument?.literal?.value ?? "?");
        break;
      case "ImportExpression":
        say(node.start, "There is no dynamic import.");
        break;
      case "MetaProperty":
        say(node.start, "import.meta is not used.");
        break;
      case "TSAnyKeyword":
        say(node.start, "any is no type.");
        break;
      case "TSModuleDeclaration":
      case "TSGlobalDeclaration":
      case "TSImportEqualsDeclaration":
      case "TSExportAssignment":
        say(node.start, "Modules are not declared.");
        break;
      case "Identifier":
        if (
          (NAMES.has(node.name) || (kind !== "tests" && OF_THE_PAGE.has(node.name))) &&
          isReference(node, parent) &&
          !ancestors.some((each) => declared(each).has(node.name))
        )
          say(node.start, `${node.name} is not used.`);
        break;
      case "MemberExpression":
        member(node, parent, tables, say, kind);
        break;
      case "Property":
        if (node.computed && node.key.type !== "Literal") say(node.start, "Keys are not computed.");
        if (PROPERTIES.has(String(node.key.name ?? node.key.value)) && !isProp(node, ancestors)) say(node.start, `${node.key.name ?? node.key.value} is not used.`);
        break;
      case "CallExpression":
        if (/^set(Timeout|Interval)$/.test(nameOf(node.callee)) && !/Function/.test(node.arguments[0]?.type ?? ""))
          say(node.start, "A timer gets a function.");
        break;
      case "WithStatement":
      case "DebuggerStatement":
        say(node.start, "This statement is not used.");
        break;
      case "JSXOpeningElement": {
        const name = nameOf(node.name);
        if (node.name.type === "JSXMemberExpression" || TAGS.has(name.toLowerCase()) || name.includes(":"))
          say(node.start, `<${name || "…"}> is not used.`);
        break;
      }
      case "JSXSpreadAttribute":
        if (!(node.argument.type === "Identifier" && handed.has(node.argument.name)))
          say(node.start, "Only the rest of the props is spread.");
        break;
      case "JSXAttribute":
        attribute(node, say);
        break;
    }
  });
}

/** An object or a list that is written out, so that looking something up in it leads nowhere else. */
function isTable(node) {
  if (node?.type === "TSAsExpression" || node?.type === "TSSatisfiesExpression") return isTable(node.expression);
  return node?.type === "ObjectExpression" || node?.type === "ArrayExpression";
}

/** What a function gets as a whole, or as the rest of it. */
function whole(node) {
  if (node.type === "Identifier") return [node.name];
  if (node.type !== "ObjectPattern") return [];
  return node.properties.filter((each) => each.type === "RestElement").map((each) => each.argument.name);
}

/** Whether a key names a prop of a component: layers are called as people like, and whoever uses the component
 * gives the value. */
function isProp(node, ancestors) {
  const [owner, pattern] = ancestors.slice(-2);
  const name = String(node.key.name ?? node.key.value);
  return (
    pattern?.type === "ObjectPattern" && owner.type === "FunctionDeclaration" && /^[A-Z]/.test(owner.id?.name ?? "") &&
    owner.params[0] === pattern && !/^(constructor|__\w+__)$/.test(name)
  );
}

const scopes = new WeakMap();

/** The names that a function, a block or the file itself introduces. */
function declared(node) {
  let names = scopes.get(node);
  if (names) return names;
  names = new Set();
  scopes.set(node, names);
  const pattern = (each) => {
    if (!each) return;
    if (each.type === "Identifier") names.add(each.name);
    else if (each.type === "AssignmentPattern") pattern(each.left);
    else if (each.type === "RestElement") pattern(each.argument);
    else if (each.type === "ArrayPattern") each.elements.forEach(pattern);
    else if (each.type === "ObjectPattern") each.properties.forEach((one) => pattern(one.value ?? one));
  };
  const statement = (each) => {
    const inner = each.declaration ?? each;
    if (inner.type === "VariableDeclaration") inner.declarations.forEach((one) => pattern(one.id));
    else if (inner.type === "ImportDeclaration") inner.specifiers.forEach((one) => pattern(one.local));
    else if (inner.id) pattern(inner.id);
  };
  if (/Function/.test(node.type)) (node.params?.items ?? node.params ?? []).forEach(pattern);
  if (node.type === "CatchClause") pattern(node.param);
  if (node.type === "Program" || node.type === "BlockStatement" || node.type === "FunctionBody")
    (node.body ?? []).forEach(statement);
  for (const each of [node.init, node.left]) if (each?.type === "VariableDeclaration") statement(each);
  return names;
}

function isReference(node, parent) {
  if (parent?.type === "MemberExpression" && parent.property === node) return parent.computed;
  if (parent?.type === "Property" && parent.key === node) return parent.computed || parent.shorthand;
  if (/^TS(PropertySignature|TypeReference|QualifiedName|MethodSignature|InterfaceHeritage|Enum)/.test(parent?.type ?? "")) return false;
  return true;
}

/** Tests may read the markup that was made. */
const isRead = (node, parent) => node.property.name === "innerHTML" && !/^(Assignment|Update)Expression$/.test(parent.type);

function member(node, parent, tables, say, kind) {
  if (node.computed) {
    const key = node.property;
    const isNumber = key.type === "Literal" && typeof key.value === "number";
    const isWord = key.type === "Literal" && typeof key.value === "string" && !PROPERTIES.has(key.value) && !NAMES.has(key.value);
    const isLookUp = node.object.type === "Identifier" && tables.has(node.object.name);
    // Tests look up elements by number; their words come from the spec.
    if (!isNumber && !isWord && !isLookUp && kind !== "tests") say(node.start, "Only a table or a list is looked up.");
  } else if (PROPERTIES.has(node.property.name) && !(kind === "tests" && isRead(node, parent))) say(node.start, `${node.property.name} is not used.`);
}

function attribute(node, say) {
  const name = nameOf(node.name);
  if (PROPERTIES.has(name)) say(node.start, `${name} is not used.`);
  const value = node.value?.type === "JSXExpressionContainer" ? node.value.expression : node.value;
  const told = value?.type === "Literal" && typeof value.value === "string" ? value.value : "";
  const bare = told.replace(/[\s\x00-\x1f]/g, "").toLowerCase();
  if (/^(href|src|action|formaction|xlinkhref|xlink:href|data|poster|srcset)$/i.test(name)) {
    if (/^(javascript|vbscript):/.test(bare) || /^data:(?!image\/)/.test(bare)) say(node.start, `${name} runs text.`);
    if (!/^(href|action|formaction)$/i.test(name) && /(^|,)(https?:)?\/\//.test(bare)) say(node.start, `${name} loads from elsewhere.`);
  }
  if (name === "className" && /url\((?!["']?data:image)/.test(bare)) say(node.start, "A class loads from elsewhere.");
}
