// What a selection lies on: the frames around it, in the form of Figma's REST API.
// They are written here field by field. An export of them would hold everything else in them, too.

import { above } from "./tree.ts";

type Json = Record<string, unknown>;

/** The ancestors that all roots share, the page first. */
export function sharedAncestors(roots: readonly SceneNode[]): BaseNode[] {
  const chains = roots.map((root) => [...above(root)].reverse());
  const first = chains[0] ?? [];
  const shared = first.findIndex((each, at) => chains.some((chain) => chain[at]?.id !== each.id));
  return shared === -1 ? first : first.slice(0, shared);
}

export function describeAncestor(node: BaseNode): Json {
  if (node.type === "PAGE") {
    const ground = node.backgrounds[0];
    const isSolid = ground?.type === "SOLID" && ground.visible !== false;
    return {
      id: node.id, name: node.name, type: "CANVAS",
      ...(isSolid ? { backgroundColor: { ...ground.color, a: ground.opacity ?? 1 } } : {}),
    };
  }
  const json: Json = { id: node.id, name: node.name, type: node.type };
  if ("absoluteBoundingBox" in node) json["absoluteBoundingBox"] = node.absoluteBoundingBox;
  if ("fills" in node && node.fills !== figma.mixed) json["fills"] = node.fills.map(restPaint);
  if ("opacity" in node) json["opacity"] = node.opacity;
  if ("clipsContent" in node) json["clipsContent"] = node.clipsContent;
  return json;
}

/** A paint as the REST API gives it: colours have an alpha of their own there. */
function restPaint(paint: Paint): Json {
  const json: Json = { type: paint.type };
  if (paint.visible === false) json["visible"] = false;
  if (paint.opacity !== undefined) json["opacity"] = paint.opacity;
  if (paint.blendMode !== undefined) json["blendMode"] = paint.blendMode;
  if (paint.type === "SOLID") json["color"] = { ...paint.color, a: 1 };
  if ("gradientStops" in paint) {
    json["gradientStops"] = paint.gradientStops.map((stop) => ({ position: stop.position, color: { ...stop.color } }));
  }
  return json;
}
