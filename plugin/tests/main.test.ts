// What the main code reads, changes and takes back, run as Figma runs it.

import assert from "node:assert/strict";
import test from "node:test";
import { GROUPS } from "../src/shared/fields.ts";
import { checkout, hardCases, large } from "../stand_in/samples.ts";
import type { Json } from "../stand_in/tree.ts";
import { read, run } from "./sandbox.ts";

const FIELDS = new Set(Object.values(GROUPS).join(" ").split(" "));
const BLUE = "#1d4ed8";

function change(element_id: string, property: string, old: unknown, now: unknown, token: unknown = null): Json {
  return { element_id, property, old, new: now, token };
}

async function apply(running: ReturnType<typeof run>, ...changes: Json[]): Promise<Json> {
  const answer = await running.ask({ kind: "apply", findings: [{ ref: 1, changes }] }, "applied");
  return answer["outcomes"][0];
}

async function undo(running: ReturnType<typeof run>): Promise<Json> {
  return (await running.ask({ kind: "undo", refs: [1] }, "undone"))["outcomes"][0];
}

function reasons(outcome: Json): string[] {
  return outcome["failures"].map((each: Json) => each["reason"]);
}

function* nodesOf(elements: Json[]): Generator<Json> {
  for (const each of elements) {
    yield each;
    yield* nodesOf(each["children"] ?? []);
  }
}

test("a selection is read as the REST API gives it, and nothing but the wanted fields leaves", async () => {
  const running = run(checkout());
  running.standIn.edit("1:3", (node) => Object.assign(node, { reactions: [], sharedPluginData: { other_plugin: { a: "b" } }, devStatus: "READY" }));
  const reading = await read(running, ["1:2"]);
  const nodes = [...nodesOf(reading["data"]["elements"])];
  assert.equal(nodes.length, reading["layers"]);
  for (const node of nodes) {
    assert.deepEqual(Object.keys(node).filter((name) => name !== "children" && !FIELDS.has(name)), []);
  }
  assert.equal(nodes.find((node) => node["id"] === "1:71")!["characters"], "Pay now");
  assert.equal(nodes.find((node) => node["id"] === "1:71")!["style"]["fontSize"], 16);
});

test("what a selection lies on goes along without what else is in it, the page first", async () => {
  const running = run(checkout());
  const { data } = await read(running, ["1:51", "1:53"]);
  assert.deepEqual(data["ancestors"].map((each: Json) => each["type"]), ["CANVAS", "FRAME", "FRAME"]);
  assert.deepEqual(data["ancestors"][0]["backgroundColor"].a, 1);
  assert.deepEqual(data["ancestors"][1]["fills"][0]["color"], { r: 1, g: 1, b: 1, a: 1 });
  assert.ok(data["ancestors"].every((each: Json) => !("children" in each)));
});

test("layers inside other selected layers come once", async () => {
  const { roots, data } = await read(run(checkout()), ["1:50", "1:51", "1:52", "1:3"]);
  assert.deepEqual(roots.map((each: Json) => each["id"]), ["1:50", "1:3"]);
  assert.equal(data["elements"].length, 2);
});

test("the palette is the file's variables and styles, and the library's that are in use", async () => {
  const running = run(checkout());
  const before = (await read(running, ["1:2"]))["data"]["palette"];
  assert.deepEqual(before[0], { id: "VariableID:1:1", name: "Text/Primary", color: "#1e1e2e", kind: "variable" });
  assert.deepEqual(before.at(-1), { id: "S:quiet", name: "Text/Quiet", color: "#9aa1b0", kind: "style" });
  assert.ok(!before.some((each: Json) => each["id"] === "VariableID:9:1"));
  running.standIn.edit("1:4", (node) => {
    node["boundVariables"] = { fills: [{ type: "VARIABLE_ALIAS", id: "VariableID:9:1" }] };
  });
  const after = (await read(running, ["1:2"]))["data"]["palette"];
  assert.ok(after.some((each: Json) => each["id"] === "VariableID:9:1"));
});

test("what only a plugin sees is added: detached, inferred, and why a layer cannot be changed", async () => {
  const running = run(hardCases());
  const { data, unwritable } = await read(running, ["3:2"]);
  const nodes = new Map([...nodesOf(data["elements"])].map((each) => [each["id"], each]));
  assert.equal(nodes.get("3:30")!["detachedInfo"].type, "library");
  assert.equal(nodes.get("3:2")!["inferredVariables"].fills[0][0].id, "VariableID:1:4");
  assert.deepEqual(unwritable, { "3:11": "locked", "3:12": "missing-font", "I3:20;9:11": "instance", "I3:21;8:11": "instance" });
  for (const id of Object.keys(unwritable)) assert.equal(nodes.get(id)!["writable"], false);
  assert.ok(!("writable" in nodes.get("3:10")!));
});

test("a layer under a locked frame is locked", async () => {
  const running = run(checkout());
  running.standIn.edit("1:50", (node) => Object.assign(node, { locked: true }));
  const { unwritable } = await read(running, ["1:52"]);
  assert.deepEqual(unwritable, { "1:52": "locked" });
  assert.deepEqual(reasons(await apply(running, change("1:52", "fontSize", 14, 16))), ["locked"]);
});

test("2,000 layers are read without stopping the editor for 50 ms", async () => {
  const running = run(large(2000));
  const reading = await read(running, ["5:0"]);
  assert.ok(reading["layers"] > 1990);
  assert.ok(running.clock.longest <= 50, `${running.clock.longest} ms at a stretch`);
  // The clock is no idle one: in one go it would have been far longer.
  assert.ok(running.clock.now - 1_000_000 > 200);
  assert.ok(running.messages.some((each) => each["kind"] === "progress"));
});

test("too much is refused in words, and before it is exported", async () => {
  const running = run(large(2400));
  running.standIn.select(["5:0"]);
  assert.equal((await running.ask({ kind: "read", ids: null }, "unreadable"))["why"], "too-many-layers");
  running.standIn.select([...Array(51).keys()].map((n) => `5:${2 * n + 1}`));
  assert.equal((await running.ask({ kind: "read", ids: null }, "unreadable"))["why"], "too-many-roots");
  running.standIn.select([]);
  assert.equal((await running.ask({ kind: "read", ids: null }, "unreadable"))["why"], "nothing");
  assert.ok(running.clock.longest <= 50);
});

test("a tree that is too deep is refused", async () => {
  const design = checkout();
  let node: Json = design.document["children"][0].children[0];
  for (let level = 0; level < 70; level += 1) {
    const inner: Json = { ...structuredClone({ ...node, children: [] }), id: `7:${level}` };
    node["children"] = [...(node["children"] ?? []), inner];
    node = inner;
  }
  const running = run(design);
  running.standIn.select(["1:2"]);
  assert.equal((await running.ask({ kind: "read", ids: null }, "unreadable"))["why"], "too-deep");
});

test("the selection is told with its layers counted, and again when it changes", async () => {
  const running = run(checkout());
  await running.ask({ kind: "ready" }, "start");
  const counted = running.next("selection").then(() => running.next("selection"));
  running.standIn.select(["1:50"]);
  const { selection } = await counted;
  assert.deepEqual(selection, { roots: [{ id: "1:50", name: "Promo code" }], count: 1, layers: 4, problem: null });
});

test("a plain colour is written where the old one still is, as one step of undo", async () => {
  const running = run(checkout());
  await read(running, ["1:2"]);
  const outcome = await apply(running, change("1:4", "fills[0].color", "#a3a9b6", "#5b6170"));
  assert.deepEqual(outcome, { ref: 1, done: 1, failures: [] });
  assert.equal(running.standIn.commits, 2);
  const { color } = running.standIn.tree.nodes.get("1:4")!["fills"][0];
  assert.deepEqual([color.r, color.g, color.b].map((each: number) => Math.round(each * 255)), [0x5b, 0x61, 0x70]);
});

test("a change whose old value is gone is not made", async () => {
  const running = run(checkout());
  const outcome = await apply(running, change("1:4", "fills[0].color", "#000000", "#5b6170"), change("1:4", "fontSize", 99, 16));
  assert.deepEqual(reasons(outcome), ["changed-meanwhile", "changed-meanwhile"]);
  assert.equal(running.standIn.tree.nodes.get("1:4")!["style"]["fontSize"], 15);
});

test("a token is bound and not copied: a variable, and a style", async () => {
  const running = run(checkout());
  const variable = { id: "VariableID:1:6", name: "Brand/Action", kind: "variable" };
  const style = { id: "S:brand", name: "Brand/Action", kind: "style" };
  const outcome = await apply(
    running, change("1:53", "fills[0].color", "#8fb0ff", BLUE, variable), change("1:70", "fills[0].color", "#8fb0ff", BLUE, style),
  );
  assert.equal(outcome["done"], 2);
  assert.equal(running.standIn.tree.nodes.get("1:53")!["fills"][0].boundVariables.color.id, "VariableID:1:6");
  assert.equal(running.standIn.tree.nodes.get("1:70")!["styles"].fill, "S:brand");
  await undo(running);
  assert.equal(running.standIn.tree.nodes.get("1:53")!["fills"][0].boundVariables, undefined);
  assert.equal(running.standIn.tree.nodes.get("1:70")!["styles"].fill, undefined);
});

test("a colour that comes from a variable or a style is not overwritten by a plain one", async () => {
  const running = run(hardCases());
  const outcome = await apply(running, change("3:14", "fills[0].color", "#b8bdc9", "#5b6170"), change("3:15", "fills[0].color", "#9aa1b0", "#5b6170"));
  assert.deepEqual(outcome["failures"].map((each: Json) => [each["reason"], each["detail"]]), [["bound", "Text/Placeholder"], ["styled", "Text/Quiet"]]);
});

test("it goes to another token, and undo brings the first token back", async () => {
  const running = run(hardCases());
  const token = { id: "VariableID:1:2", name: "Text/Secondary", kind: "variable" };
  const outcome = await apply(running, change("3:14", "fills[0].color", "#b8bdc9", "#5b6170", token), change("3:15", "fills[0].color", "#9aa1b0", "#5b6170", token));
  assert.equal(outcome["done"], 2);
  assert.equal(running.standIn.tree.nodes.get("3:15")!["styles"].fill, undefined);
  assert.equal((await undo(running))["done"], 2);
  assert.equal(running.standIn.tree.nodes.get("3:14")!["fills"][0].boundVariables.color.id, "VariableID:1:3");
  assert.equal(running.standIn.tree.nodes.get("3:15")!["styles"].fill, "S:quiet");
});

test("a token that is no longer there is told by its name", async () => {
  const running = run(checkout());
  const outcome = await apply(running, change("1:53", "fills[0].color", "#8fb0ff", BLUE, { id: "VariableID:0:0", name: "Gone", kind: "variable" }));
  assert.deepEqual(outcome["failures"].map((each: Json) => [each["reason"], each["detail"]]), [["token-gone", "Gone"]]);
});

test("each case that cannot be changed has its own reason", async () => {
  const running = run(hardCases());
  const outcome = await apply(
    running,
    change("3:11", "fontSize", 14, 16), change("3:12", "fontSize", 11, 12), change("3:13", "fontSize", 14, 16),
    change("3:13", "fills[0].color", "#b8bdc9", "#5b6170"), change("I3:20;9:11", "width", 160, 180), change("0:77", "fontSize", 14, 16),
    change("3:41", "width", 18, 24), change("3:10", "characters", "a", "b"), change("3:40", "itemSpacing", 0, 5),
  );
  assert.deepEqual(reasons(outcome), ["locked", "missing-font", "mixed", "mixed", "instance", "gone", "set-by-layout", "unknown-property", "changed-meanwhile"]);
  assert.equal(running.standIn.tree.nodes.get("3:41")!["absoluteBoundingBox"].width, 18);
});

test("a layer that a layout places is put back where it was, and another is moved", async () => {
  const running = run(checkout());
  assert.deepEqual(reasons(await apply(running, change("1:51", "x", 0, 7))), ["set-by-layout"]);
  assert.equal((await apply(running, change("1:60", "x", 56, 54.5)))["done"], 1);
  assert.equal(running.standIn.tree.nodes.get("1:60")!["absoluteBoundingBox"].x, 54.5);
});

test("a line height that the font decides is set, and given back to the font", async () => {
  const running = run(checkout());
  running.standIn.edit("1:4", (node) => Object.assign(node["style"], { lineHeightUnit: "INTRINSIC_%", lineHeightPx: 17.6 }));
  assert.equal((await apply(running, change("1:4", "lineHeight", 17.6, 23)))["done"], 1);
  assert.equal(running.standIn.tree.nodes.get("1:4")!["style"].lineHeightPx, 23);
  await undo(running);
  assert.equal(running.standIn.tree.nodes.get("1:4")!["style"].lineHeightUnit, "INTRINSIC_%");
});

test("fonts are loaded before a text is changed, and sizes, gaps and corners are written", async () => {
  const running = run(checkout());
  const outcome = await apply(
    running, change("1:80", "fontSize", 11, 12), change("1:80", "lineHeight", 15, 18), change("1:50", "itemSpacing", 19, 20),
    change("1:61", "width", 16, 24), change("1:61", "height", 16, 24), change("1:70", "cornerRadius", 10, 8),
  );
  assert.deepEqual(outcome["failures"], []);
  assert.deepEqual([...running.standIn.fonts], ["Inter Regular"]);
  assert.equal(running.standIn.tree.nodes.get("1:53")!["absoluteBoundingBox"].x, 299);
  assert.equal((await undo(running))["done"], 6);
  assert.equal(running.standIn.tree.nodes.get("1:80")!["style"].fontSize, 11);
  assert.equal(running.standIn.tree.nodes.get("1:53")!["absoluteBoundingBox"].x, 298);
});

test("undo leaves what somebody changed since, and the paints beside its own", async () => {
  const running = run(checkout());
  await apply(running, change("1:4", "fills[0].color", "#a3a9b6", "#5b6170"), change("1:80", "fontSize", 11, 12));
  running.standIn.edit("1:80", (node) => Object.assign(node, { style: { ...node["style"], fontSize: 13 } }));
  running.standIn.edit("1:4", (node) => node["fills"].push({ type: "SOLID", color: { r: 0, g: 0, b: 0, a: 1 }, visible: false }));
  const outcome = await undo(running);
  assert.deepEqual([outcome["done"], reasons(outcome)], [1, ["changed-meanwhile"]]);
  assert.equal(running.standIn.tree.nodes.get("1:80")!["style"].fontSize, 13);
  assert.equal(running.standIn.tree.nodes.get("1:4")!["fills"].length, 2);
});

test("an undo that was in somebody's way can be tried again", async () => {
  const running = run(checkout());
  await apply(running, change("1:80", "fontSize", 11, 12));
  running.standIn.edit("1:80", (node) => Object.assign(node, { locked: true }));
  assert.deepEqual(reasons(await undo(running)), ["locked"]);
  running.standIn.edit("1:80", (node) => Object.assign(node, { locked: false }));
  assert.equal((await undo(running))["done"], 1);
  assert.equal(running.standIn.tree.nodes.get("1:80")!["style"].fontSize, 11);
});

test("undo of a layer that was deleted says so", async () => {
  const running = run(checkout());
  await apply(running, change("1:80", "fontSize", 11, 12));
  running.standIn.remove("1:80");
  assert.deepEqual(reasons(await undo(running)), ["gone"]);
});

test("an ignored finding stands on the frame that holds the layer, and is sent by its mark alone", async () => {
  const running = run(checkout());
  const item = { fingerprint: "0123456789abcdef", rule: "contrast-text", reason: "brand colour", element_name: "Apply" };
  const kept = await running.ask({ kind: "ignore", ids: ["1:53"], item }, "ignoring");
  assert.deepEqual([kept["ignored"], kept["problem"]], [[item], null]);
  assert.ok(running.standIn.tree.nodes.get("1:2")!["sharedPluginData"]["figma_ai_buddy"]["ignored"].includes("brand colour"));
  const reading = await read(running, ["1:2"]);
  assert.deepEqual(reading["data"]["ignored"], ["0123456789abcdef"]);
  assert.ok(!JSON.stringify(reading["data"]).includes("brand colour"));
  const left = await running.ask({ kind: "stop-ignoring", ids: ["1:53"], fingerprint: item.fingerprint }, "ignoring");
  assert.deepEqual(left["ignored"], []);
});

test("a list of ignored findings that another plugin broke counts as empty", async () => {
  const running = run(checkout());
  for (const broken of ["{", '{"a":1}', '[{"fingerprint":1}]', '[{"fingerprint":"no","rule":"","reason":"","element_name":""}]']) {
    running.standIn.edit("1:2", (node) => Object.assign(node, { sharedPluginData: { figma_ai_buddy: { ignored: broken } } }));
    assert.deepEqual((await read(running, ["1:2"]))["data"]["ignored"], []);
  }
});

test("more than Figma stores is refused in words", async () => {
  const running = run(checkout());
  const item = { fingerprint: "f".repeat(16), rule: "r", reason: "x".repeat(95_000), element_name: "Apply" };
  assert.match((await running.ask({ kind: "ignore", ids: ["1:53"], item }, "ignoring"))["problem"], /stores no more/);
});

test("a click selects the layers, on their page", async () => {
  const running = run(hardCases());
  const settled = running.next("selection").then(() => running.next("selection"));
  running.standIn.receive({ kind: "select", ids: ["9:10", "0:404"] });
  await settled;
  assert.deepEqual(running.standIn.selection, ["9:10"]);
});

test("a layer of an instance leads to its component here, or names the library's", async () => {
  const running = run(hardCases());
  const here = await running.ask({ kind: "go-to-component", id: "I3:20;9:11" }, "component");
  assert.deepEqual([here["where"], here["name"], running.standIn.selection], ["here", "Button", ["9:11"]]);
  const library = await running.ask({ kind: "go-to-component", id: "I3:21;8:11" }, "component");
  assert.deepEqual([library["where"], library["name"], running.standIn.selection], ["library", "Button / Library", ["9:11"]]);
});

test("a change in the reviewed layers is told, one elsewhere is not", async () => {
  const running = run(checkout());
  await read(running, ["1:2"]);
  running.standIn.edit("2:4", (node) => Object.assign(node, { name: "Elsewhere" }));
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.ok(!running.messages.some((each) => each["kind"] === "changed"));
  const told = running.next("changed");
  running.standIn.edit("1:4", (node) => Object.assign(node, { name: "Here" }));
  await told;
});

test("layers that are gone cannot be measured again", async () => {
  const running = run(checkout());
  await read(running, ["1:50"]);
  running.standIn.remove("1:50");
  assert.equal((await running.ask({ kind: "read", ids: ["1:50"] }, "unreadable"))["why"], "gone");
});

test("the session is kept on this machine until it is given up, and a broken one counts as none", async () => {
  const running = run(checkout());
  const session = { token: "t", expires_at: "2030-01-01T00:00:00Z" };
  running.standIn.receive({ kind: "keep-session", session });
  assert.deepEqual((await running.ask({ kind: "ready" }, "start"))["session"], session);
  running.standIn.receive({ kind: "keep-session", session: null });
  assert.equal((await running.ask({ kind: "ready" }, "start"))["session"], null);
  running.standIn.stored["session"] = { token: 7 };
  assert.equal((await running.ask({ kind: "ready" }, "start"))["session"], null);
});

test("the link of a file is kept in it, and does not count in a copy of it", async () => {
  const running = run(checkout());
  const file = { key: "abc", link: "https://www.figma.com/design/abc" };
  running.standIn.receive({ kind: "keep-file", file });
  assert.deepEqual((await running.ask({ kind: "ready" }, "start"))["file"], file);
  running.standIn.design.name = "Checkout (Copy)";
  assert.equal((await running.ask({ kind: "ready" }, "start"))["file"], null);
});

test("what is no message of the plugin's page is let pass", async () => {
  const running = run(checkout());
  for (const message of [null, "read", {}, { kind: "toString" }, { kind: "read" }, { kind: "apply", request: 1, findings: [{}] }, { kind: "open", url: 4 }]) {
    running.standIn.receive(message);
  }
  assert.equal((await running.ask({ kind: "ready" }, "start"))["kind"], "start");
  assert.deepEqual(running.opened, []);
});
