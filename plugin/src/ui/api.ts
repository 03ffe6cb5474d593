// The only way to the service: JSON over https, with the session as a bearer token.

import { type Check, isObject, list, maybe, number, object, text } from "../shared/checks.ts";

declare const API: string;
declare const SITE: string;
/** Where the plugin calls, and where people open pages. */
export const api = API;
export const site = SITE;

const PATIENCE_MS = 60_000;
const badField = object({ path: text, message: text });

export interface BadField {
  path: string;
  message: string;
}

/** The service refused, or could not be reached (status 0). `message` is for people. */
export class Refusal extends Error {
  readonly status: number;
  readonly code: string;
  readonly retryAfter: number;
  readonly fields: BadField[];
  readonly current: unknown;
  readonly requestId: string;

  constructor(status: number, body: Record<string, unknown>, retryAfter = 0) {
    super(typeof body["message"] === "string" ? body["message"] : "The service did not answer as expected. Try again in a moment.");
    this.status = status;
    this.code = typeof body["error"] === "string" ? body["error"] : "";
    this.retryAfter = retryAfter;
    this.fields = Array.isArray(body["fields"]) ? body["fields"].filter(badField) : [];
    this.current = body["current"];
    this.requestId = typeof body["request_id"] === "string" ? body["request_id"] : "";
  }

  get isOffline(): boolean {
    return this.status === 0;
  }
}

export interface Answer<T> {
  status: number;
  json: T;
  retryAfter: number;
  location: string;
  version: string;
}

export interface Asked {
  /** JSON as text, so that what is shown and what is sent are the same. */
  body?: string;
  version?: string;
  token?: string | undefined;
}

/** Raises Refusal for whatever is not a success in the expected form. */
export async function call<T>(method: string, path: string, check: Check<T>, asked: Asked = {}): Promise<Answer<T>> {
  const headers: Record<string, string> = { Accept: "application/json" };
  if (asked.body !== undefined) headers["Content-Type"] = "application/json";
  if (asked.version) headers["If-Match"] = asked.version;
  if (asked.token) headers["Authorization"] = `Bearer ${asked.token}`;
  const answer = await reach(path, { method, headers, ...(asked.body === undefined ? {} : { body: asked.body }) });
  const json: unknown = await answer.json().catch(() => null);
  const retryAfter = Number(answer.headers.get("Retry-After")) || 0;
  if (!answer.ok) throw new Refusal(answer.status, isObject(json) ? json : {}, retryAfter);
  if (answer.status !== 204 && !check(json)) {
    throw new Refusal(answer.status, { error: "unknown_answer", message: "The service answered in a form that this version of the plugin does not know. Close the plugin and open it again to get the newest one." });
  }
  return {
    status: answer.status, json: json as T, retryAfter,
    location: answer.headers.get("Location") ?? "", version: answer.headers.get("ETag") ?? "",
  };
}

async function reach(path: string, options: RequestInit): Promise<Response> {
  const ends = new AbortController();
  const timer = setTimeout(() => ends.abort(), PATIENCE_MS);
  try {
    return await fetch(`${API}${path}`, { ...options, signal: ends.signal, credentials: "omit", redirect: "error" });
  } catch {
    throw new Refusal(0, { error: "offline", message: `${new URL(API).host} cannot be reached. Check your connection and try again; what you see here stays.` });
  } finally {
    clearTimeout(timer);
  }
}

export const nothing: Check<unknown> = (value): value is unknown => value !== undefined || value === undefined;

export const me = object({
  user: object({ handle: text, state: text }),
  usage: object({ plan_name: text, limit: maybe(number), left: maybe(number), used: number, resets_at: maybe(text) }),
});

export const webhooks = object({
  webhooks: list(object({ id: maybe(text), context: text, context_id: text, label: text, state: text, contact: text, guest_rule: text })),
});
