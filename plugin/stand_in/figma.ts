// Our own `figma`, as far as the plugin uses it, over a design in the form of the REST API. It throws
// where Figma throws: synchronous calls under `dynamic-page`, texts whose fonts are not loaded,
// frozen lists, sizes inside instances, layers that are gone. The tests and the try-out page use it.

import { type Design, type Json, type NamedVariable, Tree, rgb, toPluginPaint, toRestPaint } from "./tree.ts";

/** What the plugin uses of Figma's API. An update of the typings that changes one of these shows here. */
export type Used = Pick<
  PluginAPI,
  | "mixed" | "root" | "currentPage" | "setCurrentPageAsync" | "getNodeByIdAsync" | "on" | "ui" | "showUI" | "viewport"
  | "clientStorage" | "variables" | "getStyleByIdAsync" | "getLocalPaintStylesAsync" | "loadFontAsync" | "commitUndo"
  | "openExternal" | "skipInvisibleInstanceChildren"
>;

export interface Events {
  /** A message for the plugin's page. */
  toUi(message: unknown): void;
  showUi(html: string, options: Json): void;
  open(url: string): void;
  /** A person would see another drawing or another selection now. */
  redraw(): void;
  /** Called at each read of a layer: a test's clock goes on by it. */
  tick(): void;
  later(action: () => void): void;
}

const PLAIN = new Set([
  "id", "name", "visible", "locked", "opacity", "strokeWeight", "cornerRadius", "itemSpacing", "counterAxisSpacing",
  "paddingLeft", "paddingRight", "paddingTop", "paddingBottom", "minWidth", "minHeight", "maxWidth", "maxHeight",
  "layoutMode", "layoutSizingHorizontal", "layoutSizingVertical", "layoutPositioning", "clipsContent",
]);
const DEFAULTS: Json = { visible: true, locked: false, opacity: 1, cornerRadius: 0, layoutMode: "NONE", strokeWeight: 1 };
const SPACES = new Set(["itemSpacing", "paddingLeft", "paddingRight", "paddingTop", "paddingBottom", "counterAxisSpacing"]);
const CORNERS = ["topLeftRadius", "topRightRadius", "bottomRightRadius", "bottomLeftRadius"];
const HOLDERS = new Set(["FRAME", "GROUP", "COMPONENT", "COMPONENT_SET", "INSTANCE", "SECTION", "SLOT"]);
const TEXT = new Set(["characters", "fontSize", "fontName", "fontWeight", "lineHeight", "letterSpacing", "hasMissingFont"]);
/** What an instance lets somebody override in its layers. */
const OVERRIDES = new Set(["fills", "strokes", "opacity", "visible", "characters", "fontSize", "lineHeight", "letterSpacing"]);
const SYNC = new Set(["getNodeById", "getStyleById", "getLocalPaintStyles"]);

export class StandIn {
  readonly figma: Used;
  readonly tree: Tree;
  readonly design: Design;
  /** How often a step of undo was closed, and what was loaded and stored. */
  commits = 0;
  readonly fonts = new Set<string>();
  readonly stored: Json = {};
  readonly mixed = Symbol("figma.mixed");
  selection: string[] = [];
  private page: Json;
  private readonly proxies = new Map<string, any>();
  private readonly listeners: { type: string; page: string | null; hear: (event: any) => void }[] = [];
  private readonly events: Events;
  private onmessage: ((message: unknown) => void) | undefined;
  private changed = new Set<string>();

  constructor(design: Design, events: Partial<Events> = {}) {
    const nothing = (): void => undefined;
    this.events = {
      toUi: nothing, showUi: nothing, open: nothing, redraw: nothing, tick: nothing,
      later: (action) => void setTimeout(action, 0),
      ...events,
    };
    this.design = design;
    this.tree = new Tree(design.document);
    this.page = this.tree.pages[0]!;
    this.figma = this.makeFigma() as unknown as Used;
  }

  /** What the plugin's page sends arrives here. */
  receive(message: unknown): void {
    this.onmessage?.(structuredClone(message));
  }

  /** As a person does it on the canvas. */
  select(ids: string[]): void {
    this.selection = ids;
    this.events.redraw();
    this.emit("selectionchange");
  }

  /** An edit by the person, which Figma tells plugins about. */
  edit(id: string, change: (node: Json) => void): void {
    change(this.tree.nodes.get(id)!);
    this.touch(id);
  }

  remove(id: string): void {
    this.tree.remove(id);
    this.selection = this.selection.filter((each) => !this.tree.removed.has(each));
    this.touch(id);
  }

  node(id: string): any {
    const known = this.proxies.get(id);
    if (known) return known;
    const proxy = this.makeProxy(id);
    this.proxies.set(id, proxy);
    return proxy;
  }

  private touch(id: string): void {
    this.changed.add(id);
    this.events.redraw();
    if (this.changed.size > 1) return;
    this.events.later(() => {
      const nodeChanges = [...this.changed].map((each) => ({ id: each, node: { id: each }, type: "PROPERTY_CHANGE", origin: "LOCAL" }));
      this.changed = new Set();
      this.emit("nodechange", { nodeChanges });
    });
  }

  private emit(type: string, event?: Json): void {
    for (const each of [...this.listeners]) {
      if (each.type === type && (each.page === null || each.page === this.page["id"])) each.hear(event);
    }
  }

  private makeFigma(): object {
    const self = this;
    const figma = {
      mixed: this.mixed,
      editorType: "figma",
      skipInvisibleInstanceChildren: false,
      get root() {
        return self.node(self.tree.root["id"]);
      },
      get currentPage() {
        return self.node(self.page["id"]);
      },
      set currentPage(_page: unknown) {
        throw new Error("Cannot set currentPage with documentAccess: dynamic-page. Use figma.setCurrentPageAsync instead.");
      },
      async setCurrentPageAsync(page: { id: string }) {
        self.page = self.tree.nodes.get(page.id)!;
        self.selection = [];
        self.events.redraw();
        self.emit("currentpagechange");
      },
      async getNodeByIdAsync(id: string) {
        return self.tree.nodes.has(id) && !self.tree.removed.has(id) ? self.node(id) : null;
      },
      on: (type: string, hear: (event: any) => void) => void self.listeners.push({ type, page: null, hear }),
      ui: {
        postMessage: (message: unknown) => self.events.toUi(structuredClone(message)),
        get onmessage() {
          return self.onmessage;
        },
        set onmessage(hear: any) {
          self.onmessage = hear;
        },
      },
      showUI: (html: string, options: Json) => self.events.showUi(html, options),
      viewport: { scrollAndZoomIntoView: () => self.events.redraw() },
      openExternal: (url: string) => self.events.open(url),
      clientStorage: {
        getAsync: async (key: string) => self.stored[key],
        setAsync: async (key: string, value: unknown) => {
          self.stored[key] = structuredClone(value);
        },
        deleteAsync: async (key: string) => {
          delete self.stored[key];
        },
      },
      variables: {
        getLocalVariablesAsync: async () => self.variables().filter((each) => !each.remote),
        getVariableByIdAsync: async (id: string) => self.variables().find((each) => each.id === id) ?? null,
        setBoundVariableForPaint: (paint: Json, field: string, variable: Json) => ({
          ...paint,
          color: rgb(variable["hex"]),
          boundVariables: { ...paint["boundVariables"], [field]: { type: "VARIABLE_ALIAS", id: variable["id"] } },
        }),
      },
      getStyleByIdAsync: async (id: string) => self.styles().find((each) => each["id"] === id) ?? null,
      getLocalPaintStylesAsync: async () => self.styles(),
      async loadFontAsync({ family, style }: FontName) {
        if (self.design.missingFonts?.includes(family)) throw new Error(`The font "${family} ${style}" could not be loaded`);
        self.fonts.add(`${family} ${style}`);
      },
      commitUndo: () => {
        self.commits += 1;
      },
      triggerUndo: () => {
        throw new Error("It would undo the last step, whoever made it.");
      },
    };
    return new Proxy(figma, {
      get(target, name: string) {
        if (SYNC.has(name)) {
          return () => {
            throw new Error(`Cannot call figma.${name} with documentAccess: dynamic-page. Use ${name}Async instead.`);
          };
        }
        if (!(name in target) && typeof name === "string") throw new Error(`The stand-in has no figma.${name}.`);
        return Reflect.get(target, name);
      },
    });
  }

  private variables(): (NamedVariable & Json)[] {
    return (this.design.variables ?? []).map((each) => ({
      ...each,
      hex: each.color,
      resolvedType: "COLOR",
      resolveForConsumer: () => ({ value: { ...rgb(each.color), a: 1 }, resolvedType: "COLOR" }),
    }));
  }

  private styles(): Json[] {
    return (this.design.styles ?? []).map((each) => ({
      id: each.id, name: each.name, hex: each.color,
      paints: Object.freeze([{ type: "SOLID", color: rgb(each.color), opacity: 1 }]),
    }));
  }

  private makeProxy(id: string): any {
    const self = this;
    return new Proxy({} as Json, {
      get(_, name: string) {
        self.events.tick();
        return self.read(id, name);
      },
      has: (_, name: string) => self.has(id, name),
      set(_, name: string, value: unknown) {
        self.write(id, name, value);
        return true;
      },
    });
  }

  private json(id: string, doing: string): Json {
    if (this.tree.removed.has(id)) throw new Error(`in ${doing}: The node with id "${id}" does not exist`);
    return this.tree.nodes.get(id)!;
  }

  private has(id: string, name: string): boolean {
    const type = this.tree.nodes.get(id)!["type"];
    if (name === "children" || name === "clipsContent" || name === "detachedInfo") return HOLDERS.has(type) || (name === "children" && type === "CANVAS");
    if (SPACES.has(name)) return HOLDERS.has(type) && type !== "GROUP";
    if (TEXT.has(name)) return type === "TEXT";
    if (["fills", "strokes", "absoluteBoundingBox", "opacity", "resize", "locked", "cornerRadius", "x", "y", ...CORNERS].includes(name)) {
      return type !== "CANVAS" && type !== "DOCUMENT";
    }
    return PLAIN.has(name);
  }

  private read(id: string, name: string): unknown {
    if (name === "removed") return this.tree.removed.has(id);
    if (name === "id") return id;
    if (name === "then") return undefined;
    const node = this.json(id, `get_${name}`);
    const type: string = node["type"];
    const box = node["absoluteBoundingBox"];
    const parent = this.tree.parents.get(id);
    switch (name) {
      case "type":
        return type === "CANVAS" ? "PAGE" : type;
      case "parent":
        return parent ? this.node(parent["id"]) : null;
      case "children":
        return this.has(id, name) ? Object.freeze((node["children"] ?? []).filter((each: Json) => this.isReachable(node, each)).map((each: Json) => this.node(each["id"]))) : undefined;
      case "selection":
        return Object.freeze(this.selection.map((each) => this.node(each)));
      case "backgrounds":
        return Object.freeze([{ type: "SOLID", color: rgb("#f5f5f5"), ...(node["backgroundColor"] ? { color: dropAlpha(node["backgroundColor"]) } : {}) }]);
      case "fills":
      case "strokes":
        if (name === "fills" && this.isMixed(node, "fills")) return this.mixed;
        return freeze((node[name] ?? []).map(toPluginPaint));
      case "fillStyleId":
        return node["styles"]?.["fill"] ?? node["styles"]?.["fills"] ?? "";
      case "strokeStyleId":
        return node["styles"]?.["stroke"] ?? "";
      case "boundVariables":
      case "inferredVariables":
        return freeze(structuredClone(node[name] ?? {}));
      case "detachedInfo":
        return node["detachedInfo"] ?? null;
      case "absoluteBoundingBox":
        return freeze({ ...box });
      case "width":
      case "height":
        return box[name];
      case "x":
      case "y":
        return box[name] - (parent?.["absoluteBoundingBox"]?.[name] ?? 0);
      case "characters":
        return node["characters"];
      case "fontSize":
        return this.isMixed(node, "fontSize") ? this.mixed : node["style"]["fontSize"];
      case "fontName":
        return this.isMixed(node, "fontFamily") ? this.mixed : fontsOf(node)[0];
      case "hasMissingFont":
        return type === "TEXT" && fontsOf(node).some((font) => this.design.missingFonts?.includes(font.family));
      case "getRangeAllFontNames":
        return () => fontsOf(node);
      case "lineHeight":
        return node["style"]["lineHeightUnit"] === "PIXELS" ? { unit: "PIXELS", value: node["style"]["lineHeightPx"] } : { unit: "AUTO" };
      case "letterSpacing":
        return { unit: "PIXELS", value: node["style"]["letterSpacing"] ?? 0 };
      case "mainComponent":
        throw new Error("Cannot read mainComponent with documentAccess: dynamic-page. Use node.getMainComponentAsync instead.");
      case "getMainComponentAsync":
        return async () => this.mainComponent(node);
      case "exportAsync":
        return async (settings: Json) => this.exportNode(node, settings);
      case "resize":
        return (width: number, height: number) => this.resize(node, width, height);
      case "setFillStyleIdAsync":
      case "setStrokeStyleIdAsync":
        return async (style: string) => this.setStyle(node, name === "setFillStyleIdAsync" ? "fill" : "stroke", style);
      case "getSharedPluginData":
        return (space: string, key: string) => node["sharedPluginData"]?.[space]?.[key] ?? "";
      case "setSharedPluginData":
        return (space: string, key: string, value: string) => this.setShared(node, space, key, value);
      case "on":
        return (kind: string, hear: (event: any) => void) => void this.listeners.push({ type: kind, page: id, hear });
      case "off":
        return (kind: string, hear: unknown) => {
          const at = this.listeners.findIndex((each) => each.type === kind && each.page === id && each.hear === hear);
          if (at >= 0) this.listeners.splice(at, 1);
        };
      case "findAll":
      case "findOne":
        if (type === "DOCUMENT") throw new Error(`Cannot call ${name} on the root with documentAccess: dynamic-page before figma.loadAllPagesAsync.`);
        throw new Error(`The stand-in has no ${name}: it blocks the editor on large files.`);
      default:
        if (CORNERS.includes(name)) return node["rectangleCornerRadii"]?.[CORNERS.indexOf(name)] ?? node["cornerRadius"] ?? 0;
        if (name === "cornerRadius" && node["rectangleCornerRadii"] && new Set(node["rectangleCornerRadii"]).size > 1) return this.mixed;
        if (name === "name" && type === "DOCUMENT") return this.design.name;
        if (PLAIN.has(name)) return node[name] ?? DEFAULTS[name] ?? (SPACES.has(name) ? 0 : null);
        return undefined;
    }
  }

  private write(id: string, name: string, value: any): void {
    const node = this.json(id, `set_${name}`);
    if (name === "selection") {
      this.selection = [...value].map((each) => each.id);
      this.events.redraw();
      this.events.later(() => this.emit("selectionchange"));
      return;
    }
    if (name === "fillStyleId" || name === "strokeStyleId" || name === "textStyleId") {
      throw new Error(`Cannot write to ${name} with documentAccess: dynamic-page. Use the asynchronous setter instead.`);
    }
    if (id.startsWith("I") && !OVERRIDES.has(name)) throw new Error(`in set_${name}: This property cannot be overridden in an instance`);
    if (TEXT.has(name)) this.needFonts(node);
    if (name === "fills" || name === "strokes") {
      node[name] = [...value].map(toRestPaint);
      if (node["styles"]) delete node["styles"][name === "fills" ? "fill" : "stroke"];
      this.bindPaints(node, name);
    } else if (name === "fontSize") node["style"] = { ...node["style"], fontSize: value };
    else if (name === "lineHeight") {
      node["style"] = { ...node["style"], lineHeightUnit: value.unit === "AUTO" ? "INTRINSIC_%" : value.unit, ...(value.unit === "PIXELS" ? { lineHeightPx: value.value } : {}) };
    } else if (name === "letterSpacing") node["style"] = { ...node["style"], letterSpacing: value.value };
    else if (SPACES.has(name)) this.tree.setSpace(node, name, value);
    else if (CORNERS.includes(name)) {
      const radii = node["rectangleCornerRadii"] ?? Array(4).fill(node["cornerRadius"] ?? 0);
      radii[CORNERS.indexOf(name)] = value;
      node["rectangleCornerRadii"] = radii;
    } else if (name === "x" || name === "y") {
      // In an auto layout the position is the layout's, and Figma ignores the write.
      if (this.isLaidOut(node)) return;
      const by = value - (this.read(id, name) as number);
      this.tree.move(node, name === "x" ? by : 0, name === "y" ? by : 0);
    } else if (PLAIN.has(name) && name !== "id") node[name] = value;
    else throw new Error(`in set_${name}: Cannot add property ${name}, object is not extensible`);
    this.touch(id);
  }

  private isReachable(parent: Json, child: Json): boolean {
    const skips = (this.figma as unknown as Json)["skipInvisibleInstanceChildren"];
    return !skips || child["visible"] !== false || !(parent["type"] === "INSTANCE" || parent["id"].startsWith("I"));
  }

  private isLaidOut(node: Json): boolean {
    const mode = this.tree.parents.get(node["id"])?.["layoutMode"];
    return (mode === "VERTICAL" || mode === "HORIZONTAL") && node["layoutPositioning"] !== "ABSOLUTE";
  }

  private resize(node: Json, width: number, height: number): void {
    if (node["id"].startsWith("I")) throw new Error("in resize: Cannot resize a layer inside an instance");
    // A side that hugs its content or fills its parent keeps its size.
    const box = node["absoluteBoundingBox"];
    const isFree = (side: "Horizontal" | "Vertical"): boolean => !["HUG", "FILL"].includes(node[`layoutSizing${side}`]);
    this.tree.setSize(node, isFree("Horizontal") ? width : box["width"], isFree("Vertical") ? height : box["height"]);
    this.touch(node["id"]);
  }

  private needFonts(node: Json): void {
    const font = fontsOf(node).find((each) => !this.fonts.has(`${each.family} ${each.style}`));
    if (!font) return;
    throw new Error(
      `Cannot write to node with unloaded font "${font.family} ${font.style}". Please call figma.loadFontAsync({ family: "${font.family}", style: "${font.style}" }) and await the returned promise first.`,
    );
  }

  private isMixed(node: Json, name: string): boolean {
    return Object.values<Json>(node["styleOverrideTable"] ?? {}).some((each) => name in each);
  }

  private bindPaints(node: Json, name: string): void {
    const aliases = node[name].map((each: Json) => each["boundVariables"]?.["color"]).filter(Boolean);
    const { [name]: _, ...others } = node["boundVariables"] ?? {};
    node["boundVariables"] = aliases.length ? { ...others, [name]: aliases } : others;
  }

  private setStyle(node: Json, kind: "fill" | "stroke", id: string): void {
    const style = this.styles().find((each) => each["id"] === id);
    if (id && !style) throw new Error(`in setFillStyleIdAsync: There is no style "${id}"`);
    const { [kind]: _, ...others } = node["styles"] ?? {};
    node["styles"] = id ? { ...others, [kind]: id } : others;
    if (style) node[kind === "fill" ? "fills" : "strokes"] = style["paints"].map(toRestPaint);
    this.touch(node["id"]);
  }

  private setShared(node: Json, space: string, key: string, value: string): void {
    if (!/^[A-Za-z0-9_.]{3,}$/.test(space)) throw new Error("in setSharedPluginData: The namespace must be at least 3 alphanumeric characters");
    if (space.length + key.length + value.length > 100_000) throw new Error("in setSharedPluginData: The entry is larger than 100 kB");
    node["sharedPluginData"] ??= {};
    const data = (node["sharedPluginData"][space] ??= {});
    if (value) data[key] = value;
    else delete data[key];
  }

  private mainComponent(node: Json): unknown {
    const id = node["componentId"];
    if (this.tree.nodes.has(id)) return new Proxy(this.node(id), { get: (target, name) => (name === "remote" ? false : target[name as string]) });
    const known = this.design.components?.[id];
    return known ? { id, name: known["name"], remote: true, type: "COMPONENT", parent: null } : null;
  }

  private exportNode(node: Json, settings: Json): Json {
    if (settings["format"] !== "JSON_REST_V1") throw new Error("The stand-in exports JSON_REST_V1 alone.");
    this.json(node["id"], "exportAsync");
    const { sharedPluginData: _, ...document } = structuredClone(node);
    for (const each of new Tree(document).nodes.values()) {
      for (const name of ["sharedPluginData", "inferredVariables", "detachedInfo"]) delete each[name];
    }
    return { document, components: this.design.components ?? {}, styles: {} };
  }
}

function fontsOf(node: Json): { family: string; style: string }[] {
  const style = node["style"];
  const first = { family: style["fontFamily"], style: (style["fontWeight"] ?? 400) >= 600 ? "Bold" : "Regular" };
  const others = Object.values<Json>(node["styleOverrideTable"] ?? {})
    .filter((each) => each["fontFamily"] || each["fontWeight"])
    .map((each) => ({ family: each["fontFamily"] ?? first.family, style: (each["fontWeight"] ?? 400) >= 600 ? "Bold" : "Regular" }));
  return [first, ...others];
}

function dropAlpha({ r, g, b }: Json): Json {
  return { r, g, b };
}

function freeze<T>(value: T): T {
  if (typeof value === "object" && value !== null) {
    for (const each of Object.values(value)) freeze(each);
    Object.freeze(value);
  }
  return value;
}
