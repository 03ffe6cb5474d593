// The try-out page: a drawing with our `figma` behind it, and the plugin beside it as Figma would run
// it. Changes stay in this tab.

import { draw } from "./drawing.ts";
import { StandIn } from "./figma.ts";
import { checkout, hardCases, large } from "./samples.ts";
import type { Design } from "./tree.ts";

const SAMPLES: Record<string, () => Design> = { checkout, "hard-cases": hardCases, large: () => large(1500) };
/** Figma's colours, as it puts them into a plugin's page. */
const THEMES = {
  light: "--figma-color-bg:#ffffff;--figma-color-bg-secondary:#f5f5f5;--figma-color-bg-brand:#0d99ff;--figma-color-text:#000000e5;--figma-color-text-danger:#dc3412;--figma-color-text-success:#009951;--figma-color-text-warning:#b86200;--figma-color-border:#e6e6e6",
  dark: "--figma-color-bg:#2c2c2c;--figma-color-bg-secondary:#383838;--figma-color-bg-brand:#0c8ce9;--figma-color-text:#ffffff;--figma-color-text-danger:#fca397;--figma-color-text-success:#79d297;--figma-color-text-warning:#f7d15f;--figma-color-border:#444444",
};
type Theme = keyof typeof THEMES;

/** Where the clientStorage of the real plugin would be: on this machine. */
const STORE = "plugin-storage";

interface Parts {
  canvas: HTMLElement;
  frame: HTMLIFrameElement;
  main: string;
  ui: string;
}

class Run {
  readonly standIn: StandIn;
  private readonly parts: Parts;
  private theme: Theme;
  private isDrawn = false;

  constructor(parts: Parts, design: Design, theme: Theme) {
    this.parts = parts;
    this.theme = theme;
    this.standIn = new StandIn(design, {
      showUi: (html) => this.show(html),
      toUi: (message) => parts.frame.contentWindow?.postMessage({ pluginMessage: message, pluginId: "local" }, "*"),
      open: (url) => void window.open(url, "_blank", "noopener"),
      redraw: () => this.redraw(),
    });
    Object.assign(this.standIn.stored, JSON.parse(localStorage.getItem(STORE) ?? "{}"));
    this.redraw();
    // As Figma does it: the code sees `figma` and its page, and nothing of this page by name.
    new Function("figma", "__html__", "window", "document", "fetch", "localStorage", "URL", "crypto", "TextEncoder", parts.main)(this.standIn.figma, parts.ui);
  }

  receive(event: MessageEvent): void {
    if (event.source !== this.parts.frame.contentWindow) return;
    this.standIn.receive((event.data as { pluginMessage?: unknown }).pluginMessage);
    setTimeout(() => localStorage.setItem(STORE, JSON.stringify(this.standIn.stored)), 50);
  }

  private show(html: string): void {
    const style = `<style id="figma-style">:root{${THEMES[this.theme]}}</style>`;
    this.parts.frame.srcdoc = html.replace('<html lang="en">', `<html lang="en" class="figma-${this.theme}">`).replace("</title>", `</title>${style}`);
  }

  private redraw(): void {
    if (this.isDrawn) return;
    this.isDrawn = true;
    requestAnimationFrame(() => {
      this.isDrawn = false;
      draw(this.parts.canvas, this.standIn);
    });
  }
}

async function start(): Promise<void> {
  const [main, ui] = await Promise.all(["main.js", "ui.html"].map(async (name) => (await fetch(`/plugin/build/${name}`)).text()));
  const canvas = document.querySelector<HTMLElement>("#canvas")!;
  const frame = document.querySelector<HTMLIFrameElement>("#plugin")!;
  const [design, theme] = ["#design", "#theme"].map((each) => document.querySelector<HTMLSelectElement>(each)!) as [HTMLSelectElement, HTMLSelectElement];
  let run: Run;
  const restart = async (): Promise<void> => {
    const link = design.selectedOptions[0]?.dataset["link"] ?? "";
    const shown = document.querySelector<HTMLElement>("#file-link")!;
    shown.hidden = !link;
    shown.querySelector("code")!.textContent = link;
    const sample = SAMPLES[design.value];
    const made = sample ? sample() : ((await (await fetch(`/plugin/files/${design.value}`)).json()) as Design);
    run = new Run({ canvas, frame, main: main!, ui: ui! }, made, theme.value as Theme);
    (window as unknown as Record<string, unknown>)["standIn"] = run.standIn;
  };
  addEventListener("message", (event) => run.receive(event));
  design.addEventListener("change", () => void restart());
  theme.addEventListener("change", () => void restart());
  document.querySelector("#restart")?.addEventListener("click", () => void restart());
  await restart();
}

void start();
