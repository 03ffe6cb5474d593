// The plugin's main code as Figma runs it: one bundled file in a bare context, with our `figma`.

import vm from "node:vm";
import { buildMain } from "../build.mjs";
import { StandIn } from "../stand_in/figma.ts";
import type { Design, Json } from "../stand_in/tree.ts";

const code: string = await buildMain();
/** What one read of a layer costs on the tests' clock, in milliseconds. */
const READ_MS = 0.02;

/** A clock that goes on as layers are read. Editors can draw whenever a timer lets them. */
export class Clock {
  now = 1_000_000;
  longest = 0;
  private since = this.now;

  tick(): void {
    this.now += READ_MS;
    this.longest = Math.max(this.longest, this.now - this.since);
  }

  drawn(): void {
    this.since = this.now;
  }
}

export interface Running {
  standIn: StandIn;
  clock: Clock;
  messages: Json[];
  opened: string[];
  /** Send a message and wait for the answer of this kind. */
  ask(message: Json, kind: string): Promise<Json>;
  /** The next message of a kind from now on. */
  next(kind: string): Promise<Json>;
}

let requests = 0;

export function run(design: Design): Running {
  const clock = new Clock();
  const messages: Json[] = [];
  const opened: string[] = [];
  const waiting: { kind: string; hear: (message: Json) => void }[] = [];
  const standIn = new StandIn(design, {
    tick: () => clock.tick(),
    open: (url) => void opened.push(url),
    toUi: (message) => {
      const told = message as Json;
      messages.push(told);
      const at = waiting.findIndex((each) => each.kind === told["kind"]);
      if (at >= 0) waiting.splice(at, 1)[0]!.hear(told);
    },
  });
  const timer = (action: () => void, ms: number): unknown =>
    setTimeout(() => {
      clock.drawn();
      action();
    }, ms);
  const context = vm.createContext({ figma: standIn.figma, __html__: "<html></html>", console, setTimeout: timer, clearTimeout });
  context["clockNow"] = () => clock.now;
  vm.runInContext("Date.now = clockNow; delete globalThis.clockNow;", context);
  vm.runInContext(code, context, { filename: "main.js" });
  const next = (kind: string): Promise<Json> => new Promise((hear) => waiting.push({ kind, hear }));
  const ask = (message: Json, kind: string): Promise<Json> => {
    const answer = next(kind);
    clock.drawn();
    requests += 1;
    standIn.receive({ request: requests, ...message });
    return answer;
  };
  return { standIn, clock, messages, opened, ask, next };
}

/** As the plugin does: select, then read. */
export async function read(running: Running, ids: string[]): Promise<Json> {
  running.standIn.select(ids);
  return (await running.ask({ kind: "read", ids: null }, "reading"))["reading"];
}
