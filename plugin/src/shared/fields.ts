// The only fields of a layer that leave Figma, in groups. The data-use text has a sentence for each
// group (data_use.ts), so what it says and what is sent are one thing.

export const GROUPS = {
  which: ["id", "name", "type", "visible", "locked"],
  where: [
    "absoluteBoundingBox", "absoluteRenderBounds", "relativeTransform", "size", "rotation", "clipsContent", "isMask", "maskType",
  ],
  paint: [
    "fills", "strokes", "strokeWeight", "strokeAlign", "individualStrokeWeights", "strokesIncludedInLayout", "effects", "opacity",
    "blendMode", "cornerRadius", "rectangleCornerRadii", "arcData", "backgroundColor",
  ],
  layout: [
    "layoutMode", "layoutWrap", "layoutPositioning", "layoutAlign", "layoutGrow", "layoutSizingHorizontal", "layoutSizingVertical",
    "primaryAxisSizingMode", "counterAxisSizingMode", "primaryAxisAlignItems", "counterAxisAlignItems", "counterAxisAlignContent",
    "itemSpacing", "counterAxisSpacing", "itemReverseZIndex", "paddingLeft", "paddingRight", "paddingTop", "paddingBottom", "minWidth",
    "maxWidth", "minHeight", "maxHeight", "gridRowCount", "gridColumnCount", "gridRowGap", "gridColumnGap",
  ],
  text: ["characters", "style", "characterStyleOverrides", "styleOverrideTable"],
  origin: [
    "componentId", "componentProperties", "styles", "boundVariables",
    "interactions", "reactions", "transitionNodeID",
  ],
  plugin: ["detachedInfo", "inferredVariables", "writable"],
} as const;

export type Group = keyof typeof GROUPS;
