// The only fields of a layer that leave Figma, in groups: those that measuring reads. The data-use text
// has a sentence for each group (data_use.ts), so what it says and what is sent are one thing.

export const GROUPS = {
  which: "id name type visible locked",
  where: "absoluteBoundingBox absoluteRenderBounds relativeTransform size rotation clipsContent isMask",
  paint:
    "fills strokes strokeWeight effects opacity blendMode cornerRadius rectangleCornerRadii arcData " +
    "backgroundColor",
  layout:
    "layoutMode layoutWrap layoutPositioning layoutSizingHorizontal layoutSizingVertical " +
    "primaryAxisSizingMode counterAxisSizingMode primaryAxisAlignItems counterAxisAlignContent " +
    "itemSpacing counterAxisSpacing itemReverseZIndex paddingLeft paddingRight paddingTop paddingBottom " +
    "gridRowCount gridColumnCount gridRowGap gridColumnGap",
  text: "characters style characterStyleOverrides styleOverrideTable",
  origin: "componentId componentProperties styles boundVariables interactions reactions transitionNodeID",
  plugin: "detachedInfo inferredVariables writable",
};

export type Group = keyof typeof GROUPS;
