// The only fields of a layer that leave Figma. The data-use text is written from this list, so what
// it says and what is sent are one thing.

/** What each group of fields is for people, and the fields as Figma's REST API names them. */
export const SENT: readonly { words: string; fields: readonly string[] }[] = [
  {
    words: "which layer it is: its id, name and type, and whether it is shown or locked",
    fields: ["id", "name", "type", "visible", "locked"],
  },
  {
    words: "where it is and how large: position, size, rotation, and whether it cuts its content or is a mask",
    fields: [
      "absoluteBoundingBox", "absoluteRenderBounds", "relativeTransform", "size", "rotation", "clipsContent",
      "isMask", "maskType", "constraints",
    ],
  },
  {
    words: "how it is painted: fills, strokes, effects, opacity and corners",
    fields: [
      "fills", "strokes", "strokeWeight", "strokeAlign", "individualStrokeWeights", "strokesIncludedInLayout", "effects",
      "opacity", "blendMode", "cornerRadius", "rectangleCornerRadii", "cornerSmoothing", "arcData", "backgroundColor",
    ],
  },
  {
    words: "how it is laid out: auto layout, gaps, padding and sizing",
    fields: [
      "layoutMode", "layoutWrap", "layoutPositioning", "layoutAlign", "layoutGrow", "layoutSizingHorizontal",
      "layoutSizingVertical", "primaryAxisSizingMode", "counterAxisSizingMode", "primaryAxisAlignItems",
      "counterAxisAlignItems", "counterAxisAlignContent", "itemSpacing", "counterAxisSpacing", "itemReverseZIndex",
      "paddingLeft", "paddingRight", "paddingTop", "paddingBottom", "minWidth", "maxWidth", "minHeight", "maxHeight",
      "gridRowCount", "gridColumnCount", "gridRowGap", "gridColumnGap",
    ],
  },
  {
    words: "its text and the style of it",
    fields: ["characters", "style", "characterStyleOverrides", "styleOverrideTable", "lineTypes"],
  },
  {
    words: "what it is made from: its component, styles and variables, and whether a click on it leads somewhere",
    fields: [
      "componentId", "componentProperties", "styles", "boundVariables", "interactions", "transitionNodeID",
    ],
  },
  {
    words:
      "three things only a plugin can see: what it was detached from, which variables have its values, and whether it can be changed",
    fields: ["detachedInfo", "inferredVariables", "writable"],
  },
];

export const FIELDS: ReadonlySet<string> = new Set(SENT.flatMap((group) => group.fields));

/** Of each layer around the selection: enough to know what the selection lies on. */
export const AROUND = ["id", "name", "type", "absoluteBoundingBox", "fills", "opacity", "clipsContent", "backgroundColor"] as const;

/** Of each colour the file has a name for. */
export const COLOUR = ["id", "name", "color", "kind"] as const;

/** What goes along with the layers. */
export const ALONG: readonly string[] = [
  "of the frames around the selection, up to the page: their names, places, fills and opacity, without what else is in them",
  "the names and values of the colours the file has as variables or styles",
  "the marks of findings that were ignored in this file, without the reasons",
  "your question, the type of review and the platform",
];

/** What is never read or sent. */
export const NEVER: readonly string[] = [
  "pictures: of an image fill only that there is one",
  "other pages, and layers outside the selection",
  "comments, version history, the file's link (unless you paste it yourself) and who else is in the file",
];
