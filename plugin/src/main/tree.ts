// Small questions about where a layer stands.

export type Live = SceneNode & Partial<ChildrenMixin>;

/** From the layer's parent up to its page. */
export function* above(node: BaseNode): Generator<BaseNode & ChildrenMixin> {
  let parent = node.parent;
  while (parent && parent.type !== "DOCUMENT") {
    yield parent;
    parent = parent.parent;
  }
}

export function isLocked(node: SceneNode): boolean {
  if (node.locked) return true;
  for (const each of above(node)) if ("locked" in each && each.locked) return true;
  return false;
}

/** Whether it belongs to the component that an instance shows, and not to the file's own layers. */
export function isInInstance(node: BaseNode): boolean {
  return node.id.startsWith("I");
}

export function nearestInstance(node: BaseNode): InstanceNode | null {
  for (const each of above(node)) if (each.type === "INSTANCE") return each;
  return null;
}

/** The frame directly on the page that holds the layer; the layer itself if it lies there. */
export function topFrame(node: SceneNode): SceneNode {
  let top: BaseNode = node;
  for (const each of above(node)) if (each.type !== "PAGE") top = each;
  return top as SceneNode;
}

export async function findLayer(id: string): Promise<SceneNode | null> {
  const node = await figma.getNodeByIdAsync(id);
  return node && !node.removed && node.type !== "DOCUMENT" && node.type !== "PAGE" ? (node as SceneNode) : null;
}

/** The layers with these ids that are still there, in their order. */
export async function findLayers(ids: readonly string[]): Promise<SceneNode[]> {
  const found = await Promise.all(ids.map((id) => findLayer(id)));
  return found.filter((node) => node !== null);
}
