// Findings that somebody chose to ignore. They belong to the design and its team, so they stand in
// the file, on the frame that holds the layers, where every collaborator can read them.

import { type Ignored, ignored as ignoredShape } from "../shared/messages.ts";
import { list } from "../shared/checks.ts";
import { MOST_IGNORED } from "../shared/limits.ts";
import { topFrame } from "./tree.ts";

export const NAMESPACE = "figma_ai_buddy";
const KEY = "ignored";
/** Figma takes 100 kB for each entry, its names included. */
const MOST_CHARS = 90_000;
const isList = list(ignoredShape);
const MARK = /^[0-9a-f]{16}$/;

function framesOf(roots: readonly SceneNode[]): SceneNode[] {
  return [...new Map(roots.map((root) => [topFrame(root).id, topFrame(root)])).values()];
}

/** What is ignored in the frames of these layers. What another plugin or an older version wrote wrongly counts as nothing. */
export function readIgnored(roots: readonly SceneNode[]): Ignored[] {
  const found = new Map<string, Ignored>();
  for (const frame of framesOf(roots)) for (const each of read(frame)) found.set(each.fingerprint, each);
  return [...found.values()].slice(0, MOST_IGNORED);
}

/** Why it could not be stored, in words; null if it is. */
export function ignore(roots: readonly SceneNode[], item: Ignored): string | null {
  for (const frame of framesOf(roots)) {
    const kept = read(frame).filter((each) => each.fingerprint !== item.fingerprint);
    const json = JSON.stringify([...kept, item]);
    if (kept.length >= MOST_IGNORED || json.length > MOST_CHARS) {
      return `Figma stores no more for “${frame.name}”. Stop ignoring something there first.`;
    }
    const refused = write(frame, json);
    if (refused) return refused;
  }
  return null;
}

export function stopIgnoring(roots: readonly SceneNode[], fingerprint: string): string | null {
  for (const frame of framesOf(roots)) {
    const kept = read(frame).filter((each) => each.fingerprint !== fingerprint);
    const refused = write(frame, kept.length ? JSON.stringify(kept) : "");
    if (refused) return refused;
  }
  return null;
}

function write(frame: SceneNode, json: string): string | null {
  try {
    frame.setSharedPluginData(NAMESPACE, KEY, json);
    return null;
  } catch {
    return "You cannot edit this file, so nothing was kept. Ask somebody who can.";
  }
}

function read(frame: SceneNode): Ignored[] {
  try {
    const found: unknown = JSON.parse(frame.getSharedPluginData(NAMESPACE, KEY) || "[]");
    return isList(found) ? found.filter((each) => MARK.test(each.fingerprint)) : [];
  } catch {
    return [];
  }
}
