// Signs in by a hand-over: the plugin makes a secret, the browser agrees to its fingerprint, and the
// plugin collects its session. https: no redirect can reach a plugin.

import { exactly, object, text } from "../shared/checks.ts";
import type { Session } from "../shared/messages.ts";
import { Refusal, call, me, nothing, site } from "./api.ts";
import { send } from "./bridge.ts";
import { state, update } from "./store.ts";

const POLL_MS = 2000;
const MOST_MS = 10 * 60_000;
const collected = object({ token: text, expires_at: text });
const stillWaiting = object({ status: exactly("waiting") });
const either = (value: unknown): value is Session | { status: "waiting" } => collected(value) || stillWaiting(value);
/** A new attempt ends the one before. */
let attempt = 0;

export async function signIn(): Promise<void> {
  attempt += 1;
  const own = attempt;
  const secret = base64url(crypto.getRandomValues(new Uint8Array(32)));
  const challenge = base64url(await sha256(secret));
  const digits = [...(await sha256(challenge)).slice(0, 4)].map((each) => each.toString(16).padStart(2, "0")).join("").toUpperCase();
  const link = `${site}/api/auth/plugin?challenge=${challenge}`;
  const signing = { code: `${digits.slice(0, 4)}-${digits.slice(4)}`, link, state: "waiting", isOffline: false } as const;
  update({ signing, notice: null });
  send({ kind: "open", url: link });
  await poll(secret, () => own === attempt);
}

export function cancelSignIn(): void {
  attempt += 1;
  update({ signing: null });
}

async function poll(secret: string, isCurrent: () => boolean): Promise<void> {
  const end = Date.now() + MOST_MS;
  while (Date.now() < end) {
    const pause = await collect(secret, isCurrent);
    if (pause === null || !isCurrent()) return;
    await new Promise((resolve) => setTimeout(resolve, pause));
    if (!isCurrent()) return;
  }
  tell({ state: "slow" });
}

/** Ask once. Returns the pause until the next time in ms, or null when it is over. */
async function collect(secret: string, isCurrent: () => boolean): Promise<number | null> {
  try {
    const { json } = await call("POST", "/api/auth/plugin/session", either, { body: JSON.stringify({ secret }) });
    if (!isCurrent()) return null;
    tell({ isOffline: false });
    if (!("token" in json)) return POLL_MS;
    keep(json);
    return null;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    if (error.status === 410) {
      if (isCurrent()) tell({ state: "over" });
      return null;
    }
    if (isCurrent()) tell({ isOffline: error.isOffline });
    return Math.max(POLL_MS, error.retryAfter * 1000);
  }
}

function tell(change: Partial<NonNullable<typeof state.signing>>): void {
  if (state.signing) update({ signing: { ...state.signing, ...change } });
}

function keep(session: Session): void {
  send({ kind: "keep-session", session });
  update({ session, signing: null, notice: null });
  void readAccount();
}

/** Who is signed in and what is left. A session that is over signs out. */
export async function readAccount(): Promise<void> {
  try {
    const { json } = await call("GET", "/api/user/me", me, { token: state.session?.token });
    update({ me: json });
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    if (!noticeEnd(error)) update({ notice: { tone: "problem", text: error.message } });
  }
}

/** Whether the refusal means that the session is over. Then the person is signed out, and told why. */
export function noticeEnd(refusal: Refusal): boolean {
  if (refusal.status !== 401) return false;
  const isExpired = state.session !== null && Date.parse(state.session.expires_at) < Date.now();
  const why = isExpired
    ? "Your sign-in has run out after 30 days. Sign in again; nothing is lost."
    : "Your sign-in has ended: it was not used for a while, or you ended it in the browser. Sign in again; nothing is lost.";
  forget();
  update({ notice: { tone: "problem", text: why } });
  return true;
}

export async function signOut(): Promise<void> {
  const token = state.session?.token;
  forget();
  update({ review: null, notice: { tone: "good", text: "You are signed out, and nothing of your sign-in is left on this machine." } });
  // If the service cannot be reached, the session ends by itself when it is not used.
  await call("POST", "/api/auth/logout", nothing, { token }).catch(() => undefined);
}

function forget(): void {
  send({ kind: "keep-session", session: null });
  update({ session: null, me: null, signing: null });
}

async function sha256(words: string): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(words)));
}

function base64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
