// What the parts of the account page share: calls of the JSON API, and telling what came of them.

export const notice = document.querySelector("#notice");
const SIGNED_OUT =
  "You are signed out, so nothing was changed. Sign in again in another tab, come back here and try again: " +
  "what you have typed stays.";

export class Refusal extends Error {
  constructor(status, body) {
    super(body.message || "The service cannot be reached. Check your connection and try again.");
    this.status = status;
    this.body = body;
  }
}

export async function call(method, path, { body, version } = {}) {
  const headers = { Accept: "application/json" };
  if (body) headers["Content-Type"] = "application/json";
  if (version) headers["If-Match"] = `"v${version}"`;
  let answer;
  try {
    answer = await fetch(path, { method, headers, body: body && JSON.stringify(body) });
  } catch {
    throw new Refusal(0, {});
  }
  const json = await answer.json().catch(() => ({}));
  if (answer.ok) return json;
  if (answer.status === 401 && json.error === "sign_in_needed") {
    // Leaving the page would lose what somebody has typed here.
    if (method === "GET") location.assign("/");
    else json.message = SIGNED_OUT;
  }
  throw new Refusal(answer.status, json);
}

export function say(text, isProblem = false) {
  show(text, isProblem);
  if (text) notice.scrollIntoView({ block: "nearest" });
}

/** As say, where nobody has just clicked: the page stays where it is. */
export function show(text, isProblem = false) {
  notice.textContent = text;
  notice.classList.toggle("problem", isProblem);
  notice.hidden = !text;
}

/** Run an action with its control switched off meanwhile; a refusal is told, not thrown. */
export async function during(control, action, tell = (refusal) => say(refusal.message, true)) {
  control.disabled = true;
  control.setAttribute("aria-busy", "true");
  try {
    return await action();
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
    tell(refusal);
  } finally {
    control.disabled = false;
    control.removeAttribute("aria-busy");
  }
}

export function showError(element, input, text) {
  element.textContent = text;
  element.hidden = !text;
  input?.setAttribute("aria-invalid", Boolean(text));
  if (text) input?.focus();
}
