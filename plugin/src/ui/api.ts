// The only way to the service: JSON over https, with the session as a bearer token.

import { type Check, isObject, maybe, number, object, text } from "../shared/checks.ts";
import { state } from "./store.ts";

declare const API: string;
declare const SITE: string;
/** Where people open pages of the service. */
export const site = SITE;

const PATIENCE_MS = 60_000;
const badField = object({ path: text, message: text });
export type BadField = { path: string; message: string };

/** The service refused, or could not be reached (status 0). `message` is for people. */
export class Refusal extends Error {
  readonly status: number;
  readonly body: Record<string, unknown>;
  readonly retryAfter: number;

  constructor(status: number, body: Record<string, unknown>, retryAfter = 0) {
    super(typeof body["message"] === "string" ? body["message"] : "The service did not answer as expected. Try again.");
    this.status = status;
    this.body = body;
    this.retryAfter = retryAfter;
  }

  /** Which parts of the request the service did not take, the first few. */
  get fields(): BadField[] {
    const { fields } = this.body;
    return Array.isArray(fields) ? fields.filter(badField).slice(0, 5) : [];
  }

}

export interface Answer<T> {
  json: T;
  retryAfter: number;
}

interface Asked {
  /** Text goes as it is, so that what is shown and what is sent are the same. */
  body?: string | object;
  version?: string;
}

/** Raises Refusal for whatever is not a success in the expected form. */
export async function call<T>(method: string, path: string, check: Check<T>, { body, version }: Asked = {}): Promise<Answer<T>> {
  const headers: Record<string, string> = {};
  if (body) headers["Content-Type"] = "application/json";
  if (version) headers["If-Match"] = version;
  if (state.session) headers["Authorization"] = `Bearer ${state.session.token}`;
  try {
    const answer = await fetch(API + path, { method, headers, body: typeof body === "object" ? JSON.stringify(body) : (body ?? null), signal: AbortSignal.timeout(PATIENCE_MS) });
    const json: unknown = await answer.json().catch(() => null);
    const retryAfter = Number(answer.headers.get("Retry-After")) || 0;
    if (!answer.ok) throw new Refusal(answer.status, isObject(json) ? json : {}, retryAfter);
    if (!check(json)) throw new Refusal(answer.status, { message: "The plugin does not understand the service. Open it again to get the newest version." });
    return { json, retryAfter };
  } catch (error) {
    if (error instanceof Refusal) throw error;
    throw new Refusal(0, { message: `${new URL(API).host} cannot be reached. Check your connection and try again.` });
  }
}

export const me = object({
  user: object({ handle: text }),
  usage: object({ plan_name: text, limit: maybe(number), left: maybe(number), used: number }),
  // What the service lets go on to providers of AI models for this person.
  model_sharing: maybe(text),
});
