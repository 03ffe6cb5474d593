// Reads the selected layers into what the service measures, and nothing else.

import { GROUPS } from "../shared/fields.ts";
import { isObject } from "../shared/checks.ts";
import { MOST_LAYERS, MOST_LEVELS, MOST_ROOTS } from "../shared/limits.ts";
import type { Reason, Unreadable } from "../shared/messages.ts";
import type { Reading } from "../shared/to_ui.ts";
import { describeAncestor, sharedAncestors } from "./around.ts";
import { readIgnored } from "./ignoring.ts";
import { readPalette } from "./palette.ts";
import { Slices } from "./slices.ts";
import { type Live, isInInstance, isLocked } from "./tree.ts";

type Json = Record<string, unknown>;
const FIELDS: readonly string[] = Object.values(GROUPS).join(" ").split(" ");

export class CannotRead extends Error {
  readonly why: Unreadable;
  constructor(why: Unreadable, detail = "") {
    super(detail);
    this.why = why;
  }
}

/** What a plugin alone can see of the layers, by id. */
interface Survey {
  extras: Map<string, Json>;
  unwritable: Record<string, Reason>;
}

/** Layers that lie in other selected layers come with those. A huge selection is not looked through. */
export function outermost(nodes: readonly SceneNode[]): readonly SceneNode[] {
  if (nodes.length > 10 * MOST_ROOTS) return nodes;
  const ids = new Set(nodes.map((node) => node.id));
  return nodes.filter((node) => {
    for (let parent = node.parent; parent; parent = parent.parent) if (ids.has(parent.id)) return false;
    return true;
  });
}

/**
 * Everything of `roots` that is to be sent. Never works for longer than a slice at a time.
 * `progress` hears how many layers were looked at. Raises CannotRead.
 */
export async function readLayers(roots: readonly SceneNode[], progress: (layers: number) => void): Promise<Reading> {
  if (roots.length === 0) throw new CannotRead("nothing");
  if (roots.length > MOST_ROOTS) throw new CannotRead("too-many-roots", String(roots.length));
  const slices = new Slices();
  const survey = await look(roots, slices, progress);
  const used = new Set<string>();
  const elements: Json[] = [];
  for (const root of roots) {
    const exported = await exportRoot(root);
    elements.push(await strip(exported, survey, used, slices));
  }
  const ignored = readIgnored(roots);
  return {
    roots: roots.map(({ id, name }) => ({ id, name })),
    layers: survey.extras.size,
    data: {
      elements,
      ancestors: sharedAncestors(roots).map(describeAncestor),
      palette: await readPalette(roots[0]!, used, slices),
      ignored: ignored.map((each) => each.fingerprint),
    },
    unwritable: survey.unwritable,
    ignored,
  };
}

/** How many layers there are, counted no further than one more than are allowed; null if `isOver`. */
export async function countLayers(roots: readonly SceneNode[], isOver: () => boolean): Promise<number | null> {
  const slices = new Slices();
  let count = 0;
  const waiting: Live[] = [...roots];
  while (waiting.length && count <= MOST_LAYERS) {
    if (slices.isDue) await slices.rest();
    if (isOver()) return null;
    count += 1;
    waiting.push(...childrenOf(waiting.pop()!));
  }
  return count;
}

async function look(roots: readonly SceneNode[], slices: Slices, progress: (layers: number) => void): Promise<Survey> {
  const survey: Survey = { extras: new Map(), unwritable: {} };
  const waiting: [Live, boolean, number][] = roots.map((root) => [root, isLocked(root), 1]);
  for (let layers = 0; waiting.length; ) {
    if (slices.isDue) {
      progress(layers);
      await slices.rest();
    }
    const [node, isParentLocked, level] = waiting.pop()!;
    layers += 1;
    check(layers, level);
    try {
      const locked = isParentLocked || node.locked;
      survey.extras.set(node.id, extrasOf(node));
      const reason = whyUnwritable(node, locked);
      if (reason) survey.unwritable[node.id] = reason;
      for (const child of childrenOf(node)) waiting.push([child, locked, level + 1]);
    } catch {
      // It was removed while we were at it: nothing can be said about it.
    }
  }
  return survey;
}

function check(layers: number, level: number): void {
  if (layers > MOST_LAYERS) throw new CannotRead("too-many-layers");
  if (level > MOST_LEVELS) throw new CannotRead("too-deep");
}

function childrenOf(node: Live): readonly SceneNode[] {
  return node.removed ? [] : (node.children ?? []);
}

function whyUnwritable(node: Live, locked: boolean): Reason | null {
  if (locked) return "locked";
  if (isInInstance(node)) return "instance";
  if (node.type === "TEXT" && node.hasMissingFont) return "missing-font";
  return null;
}

function extrasOf(node: Live): Json {
  const extras: Json = {};
  if ("detachedInfo" in node && node.detachedInfo) extras["detachedInfo"] = node.detachedInfo;
  const inferred = node.inferredVariables;
  if (inferred && Object.keys(inferred).length) extras["inferredVariables"] = inferred;
  return extras;
}

async function exportRoot(root: SceneNode): Promise<Json> {
  try {
    const answer: unknown = await root.exportAsync({ format: "JSON_REST_V1" });
    if (isObject(answer) && isObject(answer["document"])) return answer["document"];
  } catch (error) {
    if (root.removed) throw new CannotRead("gone");
    throw new CannotRead("failed", String(error));
  }
  throw new CannotRead("failed", "Figma gave no layers.");
}

/** The wanted fields alone, with what only a plugin sees. Collects the variables in use. */
async function strip(document: Json, survey: Survey, used: Set<string>, slices: Slices): Promise<Json> {
  const top: Json = {};
  const waiting: [Json, Json, number][] = [[document, top, 1]];
  let layers = 0;
  while (waiting.length) {
    if (slices.isDue) await slices.rest();
    const [from, to, level] = waiting.pop()!;
    layers += 1;
    check(layers, level);
    for (const name of FIELDS) if (name in from) to[name] = from[name];
    const id = String(from["id"]);
    Object.assign(to, survey.extras.get(id));
    if (survey.unwritable[id]) to["writable"] = false;
    collectVariables(to["boundVariables"], used);
    collectVariables(to["fills"], used);
    const children = Array.isArray(from["children"]) ? from["children"].filter(isObject) : [];
    if (children.length) {
      const below: Json[] = children.map(() => ({}));
      to["children"] = below;
      children.forEach((child, at) => waiting.push([child, below[at]!, level + 1]));
    }
  }
  return top;
}

function collectVariables(value: unknown, used: Set<string>): void {
  if (Array.isArray(value)) for (const each of value) collectVariables(each, used);
  else if (isObject(value)) {
    if (value["type"] === "VARIABLE_ALIAS" && typeof value["id"] === "string") used.add(value["id"]);
    else if (isObject(value["boundVariables"])) collectVariables(value["boundVariables"], used);
    else if (!("type" in value)) for (const each of Object.values(value)) collectVariables(each, used);
  }
}
