// Tests that prove nothing: none at all, what always holds, snapshots, "it is something".
import { lineOf, nameOf, parse, walk } from "./syntax.mjs";

const WEAK = /^(toBeTruthy|toBeDefined|toBeInTheDocument|toMatchSnapshot|toMatchInlineSnapshot|toMatchFileSnapshot|toThrowErrorMatchingSnapshot)$/;
const HOOKS = /^(beforeEach|afterEach|beforeAll|afterAll)$/;

/** [{path, line, message}] for test files. */
export function weakTests(tests) {
  const found = [];
  if (!Object.keys(tests).length) found.push({ path: "", line: 0, message: "There are no tests." });
  for (const [path, text] of Object.entries(tests)) {
    const { program, error } = parse(path, text);
    if (error) continue;
    const say = (node, message) => found.push({ path, line: lineOf(text, node?.start ?? 0), message });
    const cases = [];
    walk(program, (node, ancestors) => {
      if (node.type !== "CallExpression") return;
      const called = names(node.callee);
      if (/^(it|test|describe)$/.test(called[0])) {
        const odd = called.find((each) => /^(skip|only|todo|skipIf|runIf|fails)$/.test(each));
        if (odd) say(node, `${called[0]}.${odd}: every test is to run, and to pass.`);
        const body = node.arguments.find((each) => /Function/.test(each.type));
        if (called[0] !== "describe" && body) cases.push({ node, body, strong: 0, all: 0 });
      }
    });
    walk(program, (node, ancestors) => {
      if (node.type !== "CallExpression" || nameOf(node.callee) !== "expect") return;
      const said = chain(node, ancestors);
      const given = node.arguments[0];
      const wanted = said.call?.arguments[0];
      const source = (each) => (each ? text.slice(each.start, each.end) : "");
      const inHook = ancestors.some((each) => each.type === "CallExpression" && HOOKS.test(nameOf(each.callee)));
      const owner = cases.find((each) => ancestors.includes(each.body));
      if (owner) owner.all += 1;
      if (!said.call) return say(node, "This expectation asks for nothing.");
      if (!given || isConstant(given) || (wanted && source(given) === source(wanted)))
        return say(node, "This expectation always holds.");
      if (/(className|getAttribute\(["']class["']\))$/.test(source(given)) && /^(toBe|toEqual|toStrictEqual)$/.test(said.name))
        return say(node, "A whole class string is copied.");
      if (owner && !inHook && !WEAK.test(said.name)) owner.strong += 1;
    });
    if (!cases.length) say(program, "This file holds no test.");
    for (const each of cases) {
      if (!each.all) say(each.node, "This test expects nothing.");
      else if (!each.strong) say(each.node, "This test holds for nearly anything: it only asks for something, or for a snapshot.");
    }
  }
  return found;
}

/** "it.each" and the like, from the left. */
function names(node) {
  if (node.type === "CallExpression" || node.type === "TSInstantiationExpression") return names(node.callee ?? node.expression);
  if (node.type === "TaggedTemplateExpression") return names(node.tag);
  if (node.type === "MemberExpression") return [...names(node.object), nameOf(node.property)];
  return [nameOf(node)];
}

/** The matcher that ends `expect(…)`. */
function chain(node, ancestors) {
  let name = "";
  let inner = node;
  for (const each of [...ancestors].reverse()) {
    if (each.type === "MemberExpression" && each.object === inner) {
      name = nameOf(each.property);
      inner = each;
    } else if (each.type === "CallExpression" && each.callee === inner) return { name, call: each };
    else break;
  }
  return { name, call: null };
}

function isConstant(node) {
  let constant = true;
  walk(node, (each) => {
    if (/^(Identifier|CallExpression|ThisExpression|JSXElement|JSXFragment)$/.test(each.type)) constant = false;
  });
  return constant;
}
