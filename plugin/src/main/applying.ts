// Applies suggestions and takes them back, one by one.

import type { Change } from "../shared/to_main.ts";
import type { Failure, Outcome } from "../shared/to_ui.ts";
import { isObject } from "../shared/checks.ts";
import { CannotChange, isSame, propertyOf } from "./properties.ts";
import { Slices } from "./slices.ts";
import { findLayer, isLocked } from "./tree.ts";

interface Suggested {
  ref: number;
  changes: readonly Change[];
}

/** One change that was made, and how to put back what was there. */
interface Done {
  id: string;
  name: string;
  path: string;
  wrote: unknown;
  putBack: () => Promise<void>;
}

/** What this run of the plugin has changed, by the finding's number. */
export class Changes {
  private readonly done = new Map<number, Done[]>();

  /** Change what can be changed, and say of the rest why not. One step in Figma's own undo. */
  async apply(findings: readonly Suggested[]): Promise<Outcome[]> {
    const slices = new Slices();
    figma.commitUndo();
    const outcomes: Outcome[] = [];
    for (const { ref, changes } of findings) {
      const done: Done[] = [];
      const failures: Failure[] = [];
      for (const change of changes) {
        if (slices.isDue) await slices.rest();
        try {
          done.push(await applyOne(change));
        } catch (error) {
          failures.push(await explain(change.element_id, error));
        }
      }
      if (done.length) this.done.set(ref, [...(this.done.get(ref) ?? []), ...done]);
      outcomes.push({ ref, done: done.length, failures });
    }
    figma.commitUndo();
    return outcomes;
  }

  /**
   * Put back what was there, where the new value still is. Figma's own undo would take back
   * whatever came last, a person's edit too.
   */
  async undo(refs: readonly number[]): Promise<Outcome[]> {
    figma.commitUndo();
    const outcomes: Outcome[] = [];
    for (const ref of refs) {
      const failures: Failure[] = [];
      const done = this.done.get(ref) ?? [];
      const left: Done[] = [];
      for (const each of [...done].reverse()) {
        try {
          await undoOne(each);
        } catch (error) {
          left.unshift(each);
          failures.push({ ...(await explain(each.id, error)), name: each.name });
        }
      }
      // What stands in the way may go away: then it can be tried again.
      this.done.set(ref, left);
      outcomes.push({ ref, done: done.length - left.length, failures });
    }
    figma.commitUndo();
    return outcomes;
  }

  /** A new review numbers its findings anew. */
  forget(): void {
    this.done.clear();
  }
}

async function applyOne(change: Change): Promise<Done> {
  const node = await findLayer(change.element_id);
  if (!node) throw new CannotChange("gone");
  // Figma would let a plugin do it. Whoever locked a layer meant it.
  if (isLocked(node)) throw new CannotChange("locked");
  const property = propertyOf(node, change.property);
  const before = property.read();
  if (before !== undefined && !isSame(before, change.old)) throw new CannotChange("changed-meanwhile");
  if (node.type === "TEXT" && property.needsFonts) await loadFonts(node);
  const putBack = await property.write(change.new, change.token);
  const wrote = property.read();
  if (!isSame(wrote, change.new)) {
    await putBack();
    throw new CannotChange("set-by-layout");
  }
  return { id: node.id, name: node.name, path: change.property, wrote, putBack };
}

async function undoOne({ id, path, wrote, putBack }: Done): Promise<void> {
  const node = await findLayer(id);
  if (!node) throw new CannotChange("gone");
  if (isLocked(node)) throw new CannotChange("locked");
  const property = propertyOf(node, path);
  if (!isSame(property.read(), wrote)) throw new CannotChange("changed-meanwhile");
  if (node.type === "TEXT" && property.needsFonts) await loadFonts(node);
  await putBack();
}

/** Figma changes no text before each of its fonts is loaded. */
async function loadFonts(node: TextNode): Promise<void> {
  if (node.hasMissingFont) throw new CannotChange("missing-font");
  const fonts = node.characters ? node.getRangeAllFontNames(0, node.characters.length) : [node.fontName as FontName];
  try {
    await Promise.all(fonts.map((font) => figma.loadFontAsync(font)));
  } catch {
    throw new CannotChange("missing-font");
  }
}

async function explain(id: string, error: unknown): Promise<Failure> {
  const node = await findLayer(id).catch(() => null);
  const name = node?.name ?? "";
  if (error instanceof CannotChange) return { id, name, reason: error.reason, detail: error.detail };
  // Figma's own refusal. In an instance it means that the component decides.
  const detail = isObject(error) ? String(error["message"] ?? "") : "";
  return { id, name, reason: id.startsWith("I") ? "instance" : "refused", detail };
}
