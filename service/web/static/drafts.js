// Answers that wait for their owner, and the uses that are left beside them.

import { call, during, notice, say, show, showError } from "./calls.js";

const previews = document.querySelector("#previews");
const drafts = previews.querySelector("ul");
const uses = document.querySelector("#uses");
const PREVIEWS = "/api/previews";
const ME = "/api/user/me";
const LOOK_MS = 30_000;
const SLOWEST_LOOK_MS = 600_000;
const decided = new Set();
let lookWait = LOOK_MS;
let lookedAt = Date.now();
let lookTimer;

/** "30 November, 06:15 UTC", as the page writes it. */
function inUtc(moment) {
  const part = (options) => new Intl.DateTimeFormat("en-GB", { ...options, timeZone: "UTC" }).format(new Date(moment));
  return `${part({ day: "numeric", month: "long" })}, ${part({ hour: "2-digit", minute: "2-digit" })} UTC`;
}

function countDrafts() {
  const count = drafts.children.length;
  previews.hidden = !count;
  previews.querySelector("h2").textContent = `${count === 1 ? "One answer waits" : `${count} answers wait`} for you`;
}

function addDraft(draft) {
  const row = document.querySelector("#preview-row").content.firstElementChild.cloneNode(true);
  const put = (part, text) => { row.querySelector(part).textContent = text; };
  row.dataset.id = draft.answer_id;
  row.querySelector(".title a").href = `${previews.dataset.designs}${encodeURIComponent(draft.file_key)}#${encodeURIComponent(draft.root_comment_id)}`;
  put(".title bdi", draft.file_name || "Open in Figma");
  put(".asker", draft.author_handle);
  put(".asked", `on ${inUtc(draft.asked_at)}`);
  put(".until", inUtc(draft.until));
  put(".question", draft.question);
  const words = row.querySelector("textarea");
  words.id = row.querySelector("label").htmlFor = `preview-${draft.answer_id}`;
  words.defaultValue = draft.body;
  drafts.append(row);
}

/** Each draft has taken a use, and a dropped one gives it back. */
function showUses({ is_unlimited: isUnlimited, used, left, limit }) {
  const count = (number) => number.toLocaleString("en-US");
  uses.querySelector("strong").textContent = count(isUnlimited ? used : left);
  uses.querySelector("span").textContent = isUnlimited ? `${used === 1 ? "answer" : "answers"} used` : `of ${count(limit)} uses left`;
  const meter = document.querySelector("#uses + meter");
  if (meter && !isUnlimited) Object.assign(meter, { max: limit, value: left, low: limit * 0.2, textContent: `${left} of ${limit}` });
}

/** As call, but signed out it is null: leaving the page would lose what was typed here. */
async function read(path) {
  const answer = await fetch(path, { headers: { Accept: "application/json" } });
  if (answer.status === 401) return null;
  if (!answer.ok) throw new Error(answer.status);
  return answer.json();
}

async function readUses() {
  const me = await read(ME);
  if (me) showUses(me.usage);
}

/** Adds what is new. What was decided elsewhere goes, unless somebody is at it here.
 *  Gives whether anything came or went. */
function showDrafts(found) {
  const waiting = new Map(found.filter((each) => !decided.has(each.answer_id)).map((each) => [each.answer_id, each]));
  const gone = [...drafts.children].filter((row) => {
    const words = row.querySelector("textarea");
    const isTouched = words.value !== words.defaultValue || row.contains(document.activeElement);
    return !waiting.delete(row.dataset.id) && !isTouched;
  });
  for (const row of gone) row.remove();
  for (const draft of waiting.values()) addDraft(draft);
  countDrafts();
  if (waiting.size && notice.hidden) show("A drafted answer waits for you at the top of this page.");
  return waiting.size + gone.length > 0;
}

/** No webhook asks first: no look. Signed out: none either. */
async function look() {
  lookedAt = Date.now();
  if (document.querySelector("#webhooks li:not([data-preview=off])") || drafts.children.length) {
    try {
      const found = await read(PREVIEWS);
      if (!found) return;
      if (showDrafts(found.previews)) await readUses();
      lookWait = LOOK_MS;
    } catch {
      lookWait = Math.min(2 * lookWait, SLOWEST_LOOK_MS);
    }
  }
  planLook();
}

function planLook() {
  clearTimeout(lookTimer);
  if (!document.hidden) lookTimer = setTimeout(look, Math.max(0, lookedAt + lookWait - Date.now()));
}

document.addEventListener("visibilitychange", planLook);
planLook();

previews.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-action]");
  if (!button) return;
  const row = button.closest("li");
  const [words, error] = [row.querySelector("textarea"), row.querySelector(".field-error")];
  const choice = button.dataset.action;
  if (choice === "post" && !words.value.trim()) return showError(error, words, "Write what to post, or drop it.");
  showError(error, words, "");
  const isEdited = choice === "post" && words.value !== words.defaultValue;
  during(button, async () => {
    const { body } = await call("POST", `${PREVIEWS}/${row.dataset.id}`, { body: isEdited ? { choice, body: words.value } : { choice } });
    decided.add(row.dataset.id);
    row.remove();
    countDrafts();
    const isCleaned = body && body !== words.value.trim();
    const posted = isCleaned ? `It is being posted, without mentions and unknown links: ${body}` : "It is being posted.";
    say(choice === "post" ? posted : "Dropped: nothing is posted, and no use is taken.");
    await readUses().catch(() => {});
  }, (refusal) => showError(error, null, refusal.message));
});
