// Where a layer of an instance is drawn: it is mended there once, for all instances.

import { findLayer, isInInstance, nearestInstance } from "./tree.ts";

export interface Origin {
  where: "here" | "library" | "unknown";
  name: string;
  layer: SceneNode | null;
}

/** The component behind a layer, and the layer's twin in it if the component is in this file. */
export async function findOrigin(id: string): Promise<Origin> {
  const node = await findLayer(id);
  const instance = node && (node.type === "INSTANCE" && !isInInstance(node) ? node : nearestInstance(node));
  const component = await instance?.getMainComponentAsync();
  if (!node || !component) return { where: "unknown", name: "", layer: null };
  const name = component.parent?.type === "COMPONENT_SET" ? component.parent.name : component.name;
  if (component.remote) return { where: "library", name, layer: null };
  // `I12:3;9:11` is layer 9:11 of the component that instance 12:3 shows.
  const twin = isInInstance(node) ? await findLayer(node.id.slice(node.id.lastIndexOf(";") + 1)) : null;
  return { where: "here", name, layer: twin ?? component };
}
