// Signs in by a hand-over: the plugin makes a secret, the browser agrees to its fingerprint, and the
// plugin collects its session. No redirect can reach a plugin.

import { type Check, object, text } from "../shared/checks.ts";
import { type Session, session as sessionShape } from "../shared/messages.ts";
import { Refusal, call, me, site } from "./api.ts";
import { send } from "./bridge.ts";
import { bad, good, state, update } from "./store.ts";

const POLL_MS = 2000;
const MOST_MS = 10 * 60_000;
const waiting = object({ status: text });
const answered: Check<Session | { status: string }> = (value): value is Session | { status: string } => sessionShape(value) || waiting(value);
export const whatever: Check<unknown> = (value): value is unknown => value !== undefined;
/** A new attempt ends the one before. */
let attempt = 0;

export async function signIn(): Promise<void> {
  attempt += 1;
  const own = attempt;
  const secret = base64url(crypto.getRandomValues(new Uint8Array(32)));
  const challenge = base64url(await sha256(secret));
  const digits = [...(await sha256(challenge))].slice(0, 4).map((each) => each.toString(16).padStart(2, "0").toUpperCase()).join("");
  const link = `${site}/api/auth/plugin?challenge=${challenge}`;
  update({ note: null, signing: { code: `${digits.slice(0, 4)}-${digits.slice(4)}`, link, over: "", isOffline: false } });
  send({ kind: "open", url: link });
  void poll(secret, () => own === attempt);
}

export function cancelSignIn(): void {
  attempt += 1;
  update({ signing: null });
}

async function poll(secret: string, isCurrent: () => boolean): Promise<void> {
  const end = Date.now() + MOST_MS;
  for (let pause = 0; isCurrent(); ) {
    await new Promise((resolve) => setTimeout(resolve, pause));
    if (!isCurrent()) return;
    if (Date.now() > end) return tell({ over: "Nobody agreed within ten minutes." });
    pause = POLL_MS;
    try {
      const { json } = await call("POST", "/api/auth/plugin/session", answered, { body: { secret } });
      if (!isCurrent()) return;
      if ("token" in json) return keep(json);
      tell({ isOffline: false });
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      if (!isCurrent()) return;
      if (error.status === 410) return tell({ over: "This sign-in is over: it was declined, or used already." });
      tell({ isOffline: error.status === 0 });
      pause = Math.max(POLL_MS, error.retryAfter * 1000);
    }
  }
}

function tell(change: Partial<NonNullable<typeof state.signing>>): void {
  if (state.signing) update({ signing: { ...state.signing, ...change } });
}

function keep(session: Session): void {
  send({ kind: "keep-session", session });
  update({ session, signing: null, note: null });
  void readAccount();
}

/** Who is signed in and what is left. A session that is over signs out. */
export async function readAccount(): Promise<void> {
  try {
    update({ me: (await call("GET", "/api/user/me", me)).json });
  } catch (error) {
    orEnd(error, ({ message }) => update({ note: bad(message) }));
  }
}

/** Tell a refusal, unless it means that the session is over. What is no refusal is a fault of ours. */
export function orEnd(error: unknown, tell: (refusal: Refusal) => void): void {
  if (!(error instanceof Refusal)) throw error;
  if (!noticeEnd(error)) tell(error);
}

/** Whether the refusal means that the session is over. Then the person is signed out, and told why. */
export function noticeEnd(refusal: Refusal): boolean {
  if (refusal.status !== 401) return false;
  const isExpired = state.session !== null && Date.parse(state.session.expires_at) < Date.now();
  const why = isExpired ? "has run out" : "has ended: it was not used for a while, or somebody ended it in the browser";
  forget();
  update({ note: bad(`Your sign-in ${why}. Sign in again. What was found stays.`) });
  return true;
}

export async function signOut(): Promise<void> {
  // If the service cannot be reached, the session ends by itself when it is not used.
  await call("POST", "/api/auth/logout", whatever).catch(() => undefined);
  forget();
  update({ review: null, tab: "review", note: good("You are signed out. Nothing of it is left on this machine.") });
}

function forget(): void {
  send({ kind: "keep-session", session: null });
  update({ session: null, me: null, signing: null });
}

async function sha256(words: string): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(words)));
}

function base64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes)).replace(/\+/g, "-").replace(/\//g, "_").replace(/=/g, "");
}
