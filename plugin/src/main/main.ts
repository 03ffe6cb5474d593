// The half of the plugin that sees the file. It has no network and no page, only `figma`.

import { type FileLink, type Session, session as sessionShape } from "../shared/messages.ts";
import { type ToMain, toMain } from "../shared/to_main.ts";
import type { ToUi } from "../shared/to_ui.ts";
import { MOST_LAYERS, MOST_ROOTS } from "../shared/limits.ts";
import { Changes } from "./applying.ts";
import { findOrigin } from "./components.ts";
import { NAMESPACE, ignore, readIgnored, stopIgnoring } from "./ignoring.ts";
import { CannotRead, countLayers, outermost, readLayers } from "./reading.ts";
import { findLayers } from "./tree.ts";

const SESSION = "session";
const FILE = "file";
const changes = new Changes();
/** Grows with each new selection, so that work for an older one can stop. */
let selected = 0;
/** The layers of the last review: what happens to others does not matter to it. */
let reviewed: ReadonlySet<string> = new Set();
let unwatch = (): void => undefined;

function tell(message: ToUi): void {
  figma.ui.postMessage(message);
}

async function handle(message: ToMain): Promise<void> {
  switch (message.kind) {
    case "ready":
      tell({ kind: "start", session: await storedSession(), file: storedFile() });
      return tellSelection();
    case "keep-session":
      return keepSession(message.session);
    case "read":
      return read(message.request, message.ids);
    case "apply":
      return tell({ kind: "applied", request: message.request, outcomes: await changes.apply(message.findings) });
    case "undo":
      return tell({ kind: "undone", request: message.request, outcomes: await changes.undo(message.refs) });
    case "ignore":
    case "stop-ignoring": {
      const roots = await findLayers(message.ids);
      const problem = message.kind === "ignore" ? ignore(roots, message.item) : stopIgnoring(roots, message.fingerprint);
      return tell({ kind: "ignoring", request: message.request, ignored: readIgnored(roots), problem });
    }
    case "select":
      return select(await findLayers(message.ids));
    case "go-to-component":
      return goToComponent(message.id);
    case "open":
      return figma.openExternal(message.url);
    case "keep-file":
      return keepFile(message.file);
  }
}

async function read(request: number, ids: string[] | null): Promise<void> {
  try {
    const roots = ids ? await findLayers(ids) : outermost(figma.currentPage.selection);
    if (ids && roots.length === 0) throw new CannotRead("gone");
    const reading = await readLayers(roots, (layers) => tell({ kind: "progress", request, layers }));
    if (!ids) changes.forget();
    reviewed = idsIn(reading.data);
    tell({ kind: "reading", request, reading });
  } catch (error) {
    const [why, detail] = error instanceof CannotRead ? [error.why, error.message] : (["failed", String(error)] as const);
    tell({ kind: "unreadable", request, why, detail });
  }
}

function idsIn(elements: unknown): Set<string> {
  return new Set([...JSON.stringify(elements).matchAll(/"id":"([^"]+)"/g)].map((found) => found[1]!));
}

async function tellSelection(): Promise<void> {
  selected += 1;
  const own = selected;
  const roots = outermost(figma.currentPage.selection);
  const shown = roots.slice(0, MOST_ROOTS).map(({ id, name }) => ({ id, name }));
  const about = { roots: shown, count: roots.length, layers: null };
  if (roots.length === 0) return tell({ kind: "selection", selection: { ...about, layers: 0, problem: "nothing" } });
  if (roots.length > MOST_ROOTS) return tell({ kind: "selection", selection: { ...about, problem: "too-many-roots" } });
  tell({ kind: "selection", selection: { ...about, problem: null } });
  const layers = await countLayers(roots, () => own !== selected);
  if (layers === null) return;
  tell({ kind: "selection", selection: { ...about, layers, problem: layers > MOST_LAYERS ? "too-many-layers" : null } });
}

function watchPage(): void {
  unwatch();
  const page = figma.currentPage;
  const hear = (event: NodeChangeEvent): void => {
    if (event.nodeChanges.some((each) => reviewed.has(each.node.id))) tell({ kind: "changed" });
  };
  page.on("nodechange", hear);
  unwatch = () => page.off("nodechange", hear);
}

async function select(nodes: SceneNode[]): Promise<void> {
  const first = nodes[0];
  if (!first) return;
  const page = pageOf(first);
  if (page && page.id !== figma.currentPage.id) await figma.setCurrentPageAsync(page);
  figma.currentPage.selection = nodes.filter((node) => pageOf(node)?.id === figma.currentPage.id);
  figma.viewport.scrollAndZoomIntoView(nodes);
}

function pageOf(node: BaseNode): PageNode | null {
  let each: BaseNode | null = node;
  while (each && each.type !== "PAGE") each = each.parent;
  return each;
}

async function goToComponent(id: string): Promise<void> {
  const { where, name, layer } = await findOrigin(id);
  if (layer) await select([layer]);
  tell({ kind: "component", where, name });
}

async function storedSession(): Promise<Session | null> {
  const stored: unknown = await figma.clientStorage.getAsync(SESSION);
  return sessionShape(stored) ? stored : null;
}

async function keepSession(session: Session | null): Promise<void> {
  if (session) await figma.clientStorage.setAsync(SESSION, session);
  else await figma.clientStorage.deleteAsync(SESSION);
}

/**
 * The link that somebody pasted for this file. A public plugin is not told it. A copy of the file has
 * the note of its original, but another name: then it does not count.
 */
function storedFile(): FileLink | null {
  try {
    const kept = JSON.parse(figma.root.getSharedPluginData(NAMESPACE, FILE) || "{}") as Record<string, unknown>;
    const { key, link, name } = kept;
    return typeof key === "string" && typeof link === "string" && name === figma.root.name ? { key, link } : null;
  } catch {
    return null;
  }
}

function keepFile(file: FileLink | null): void {
  const note = file ? JSON.stringify({ ...file, name: figma.root.name }) : "";
  try {
    figma.root.setSharedPluginData(NAMESPACE, FILE, note);
  } catch {
    // Without edit access the link is asked for again next time.
  }
}

figma.skipInvisibleInstanceChildren = true;
figma.showUI(__html__, { width: 360, height: 640, themeColors: true });
figma.ui.onmessage = (message: unknown): void => {
  if (toMain(message)) void handle(message);
};
figma.on("selectionchange", () => void tellSelection());
figma.on("currentpagechange", () => {
  watchPage();
  void tellSelection();
});
watchPage();
