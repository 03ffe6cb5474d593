// Talks to the main code. Figma passes messages through the window that holds this frame.

import type { ToMain } from "../shared/to_main.ts";
import { type Reading, type ToUi, toUi } from "../shared/to_ui.ts";
import { Refusal } from "./api.ts";
import { UNREADABLE_WORDS } from "./words.ts";

type Kind = ToUi["kind"];
type Of<K extends Kind> = Extract<ToUi, { kind: K }>;
const hearers: ((message: ToUi) => void)[] = [];
let requests = 0;

export function listen(hear: (message: ToUi) => void): () => void {
  hearers.push(hear);
  return () => void hearers.splice(hearers.indexOf(hear), 1);
}

export function send(message: ToMain): void {
  parent.postMessage({ pluginMessage: message }, "*");
}

type Request = Extract<ToMain, { request: number }>;
type Unnumbered<T> = T extends Request ? Omit<T, "request"> : never;

/** Send a request and wait for its answer, which may be of several kinds. */
function ask<K extends Kind>(message: Unnumbered<Request>, ...kinds: K[]): Promise<Of<K>> {
  requests += 1;
  const request = requests;
  return new Promise((resolve) => {
    const stop = listen((answer) => {
      if (!("request" in answer) || answer.request !== request || !(kinds as string[]).includes(answer.kind)) return;
      stop();
      resolve(answer as Of<K>);
    });
    send({ ...message, request } as ToMain);
  });
}

/** The selection, or these layers again. Raises Refusal when they cannot be read. */
export async function read(ids: string[] | null): Promise<Reading> {
  const answer = await ask({ kind: "read", ids }, "reading", "unreadable");
  if (answer.kind === "unreadable") throw new Refusal(400, { message: UNREADABLE_WORDS[answer.why] });
  return answer.reading;
}

export const apply = (findings: Extract<ToMain, { kind: "apply" }>["findings"]): Promise<Of<"applied">> =>
  ask({ kind: "apply", findings }, "applied");
export const undo = (refs: number[]): Promise<Of<"undone">> => ask({ kind: "undo", refs }, "undone");
export const ignore = (ids: string[], item: Extract<ToMain, { kind: "ignore" }>["item"]): Promise<Of<"ignoring">> =>
  ask({ kind: "ignore", ids, item }, "ignoring");
export const stopIgnoring = (ids: string[], fingerprint: string): Promise<Of<"ignoring">> =>
  ask({ kind: "stop-ignoring", ids, fingerprint }, "ignoring");

addEventListener("message", (event: MessageEvent<unknown>) => {
  const data = event.data;
  const message: unknown = typeof data === "object" && data !== null ? (data as Record<string, unknown>)["pluginMessage"] : null;
  if (toUi(message)) for (const hear of [...hearers]) hear(message);
});
