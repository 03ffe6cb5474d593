// The account page: its forms call the JSON API and show what came of it, without a reload.

const notice = document.querySelector("#notice");
const webhooks = document.querySelector("#webhooks");
const guidance = document.querySelector("#guidance");
const conflict = document.querySelector("#conflict");
const WORDS = { creating: ["Being set up", "waiting"], active: ["On", "good"], paused: ["Paused", "muted"] };
const UNHEARD = { waiting: ["Waiting for Figma", "waiting"], none: ["No word from Figma yet", "waiting"] };
const WAITING = "[data-state=active][data-contact=waiting]";
const SIGNED_OUT =
  "You are signed out, so nothing was changed. Sign in again in another tab, come back here and try again: " +
  "what you have typed stays.";
const MANAGE = "/api/webhook/manage";

class Refusal extends Error {
  constructor(status, body) {
    super(body.message || "The service cannot be reached. Check your connection and try again.");
    this.status = status;
    this.body = body;
  }
}

async function call(method, path, { body, version } = {}) {
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

function say(text, isProblem = false) {
  show(text, isProblem);
  if (text) notice.scrollIntoView({ block: "nearest" });
}

/** As say, where nobody has just clicked: the page stays where it is. */
function show(text, isProblem = false) {
  notice.textContent = text;
  notice.classList.toggle("problem", isProblem);
  notice.hidden = !text;
}

/** Run an action with its control switched off meanwhile; a refusal is told, not thrown. */
async function during(control, action, tell = (refusal) => say(refusal.message, true)) {
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

function showError(element, input, text) {
  element.textContent = text;
  element.hidden = !text;
  input?.toggleAttribute("aria-invalid", Boolean(text));
  if (text) input?.focus();
}

// Where the buddy is on

function showWebhook(row, webhook) {
  const { state, contact, guest_rule: guestRule, preview } = webhook;
  Object.assign(row.dataset, { state, contact, guestRule, preview });
  const pill = row.querySelector(".pill");
  const isTheirs = webhook.is_paused_by_operator;
  const words = (state === "active" && UNHEARD[contact]) || WORDS[state];
  const isBuddys = webhook.paused_because === "unconfirmed_deliveries";
  const [word, colour] = isTheirs ? [isBuddys ? "Paused by the buddy" : "Paused by support", "problem"] : words;
  [pill.textContent, pill.className] = [word, `pill ${colour}`];
  const toggle = row.querySelector("[data-action=toggle]");
  toggle.textContent = state === "paused" ? "Resume" : "Pause";
  toggle.hidden = isTheirs;
  row.querySelector(".by-support").hidden = !isTheirs || isBuddys;
  row.querySelector(".by-buddy").hidden = !isBuddys;
  row.querySelector(".unheard").hidden = state !== "active" || contact !== "none";
  row.querySelector("[data-action=guest-rule]").value = guestRule;
  row.querySelector("[data-action=preview]").value = preview;
  row.querySelector(".owner-pays").hidden = guestRule !== "owner_pays";
}

// Figma's first message makes an On of "Waiting for Figma", as a rule within seconds. After its first
// minute the service itself says that there was none.
const READ_AGAIN_MS = 1500;
const MOST_READS = 60;
let timer;

function watch(reads = 0) {
  clearTimeout(timer);
  if (reads < MOST_READS && webhooks.querySelector(WAITING)) timer = setTimeout(readAgain, READ_AGAIN_MS, reads + 1);
}

async function readAgain(reads) {
  try {
    const found = await call("GET", MANAGE);
    for (const webhook of found.webhooks) {
      const row = webhooks.querySelector(`[data-id="${webhook.id}"]${WAITING}`);
      if (row && webhook.contact !== "waiting") showArrival(row, webhook);
    }
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
  }
  watch(reads);
}

function showArrival(row, webhook) {
  showWebhook(row, webhook);
  const isHeard = webhook.contact === "heard";
  if (isHeard) row.querySelector(".last").textContent = "just now";
  if (notice.textContent !== row.dataset.told) return;
  show(isHeard ? `The buddy is now on in ${row.querySelector(".title a").textContent}.` : "");
}

function addWebhook(webhook, link) {
  let row = webhooks.querySelector(`[data-id="${webhook.id}"]`);
  if (!row) {
    row = document.querySelector("#webhook-row").content.firstElementChild.cloneNode(true);
    row.dataset.id = webhook.id;
    const title = row.querySelector(".title a");
    title.textContent = webhook.label;
    if (/^https?:/.test(link)) title.href = link;
    const kind = webhook.context;
    row.querySelector(".kind").textContent = kind[0].toUpperCase() + kind.slice(1);
    row.querySelector(".last").textContent = webhook.last_event_at ? "just now" : "never";
    webhooks.append(row);
  }
  showWebhook(row, webhook);
  showEmpty();
  return row;
}

function showEmpty() {
  document.querySelector("#webhooks + .empty").hidden = webhooks.children.length > 0;
}

document.querySelector("#switch-on").addEventListener("submit", (event) => {
  event.preventDefault();
  const form = event.currentTarget;
  const [input, error] = [form.elements.link, document.querySelector("#link-error")];
  const link = input.value.trim();
  showError(error, input, link ? "" : "Paste the link of a Figma file or team first.");
  if (!link) return;
  during(form.querySelector("button"), async () => {
    const { message, webhook } = await call("POST", MANAGE, { body: { link } });
    if (webhook.is_mine) addWebhook(webhook, link).dataset.told = message;
    say(message);
    watch();
    form.reset();
  }, (refusal) => showError(error, input, refusal.message));
});

webhooks.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-action]");
  if (!button) return;
  const row = button.closest("li");
  const name = row.querySelector(".title a").textContent;
  if (button.dataset.action === "remove") {
    if (!confirm(`Remove the buddy from “${name}”?`)) return;
    during(button, async () => {
      const { message } = await call("DELETE", `${MANAGE}?id=${row.dataset.id}`);
      row.remove();
      showEmpty();
      say(message ?? `The buddy is no longer on in ${name}.`, Boolean(message));
    });
  } else {
    const state = row.dataset.state === "paused" ? "active" : "paused";
    during(button, async () => {
      const { webhook, message } = await call("PATCH", MANAGE, { body: { id: row.dataset.id, state } });
      showWebhook(row, webhook);
      if (webhook.is_paused_by_operator) return say("");
      if (message) return say(message, true);
      say(state === "paused" ? `Paused in ${name}.` : `The buddy listens again in ${name}.`);
    });
  }
});

webhooks.addEventListener("change", (event) => {
  const row = event.target.closest("li");
  const select = event.target;
  const isPreview = select.dataset.action === "preview";
  const body = { id: row.dataset.id, [isPreview ? "preview" : "guest_rule"]: select.value };
  during(select, async () => {
    const { webhook } = await call("PATCH", MANAGE, { body });
    showWebhook(row, webhook);
    say("Saved.");
  }, (refusal) => {
    select.value = isPreview ? row.dataset.preview : row.dataset.guestRule;
    say(refusal.message, true);
  });
});

watch();

// Answers that wait for their owner

const previews = document.querySelector("#previews");
const drafts = previews.querySelector("ul");
const PREVIEWS = "/api/previews";
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

/** Adds what is new. What was decided elsewhere goes, unless somebody is at it here. */
function showDrafts(found) {
  const waiting = new Map(found.filter((each) => !decided.has(each.answer_id)).map((each) => [each.answer_id, each]));
  for (const row of [...drafts.children]) {
    const words = row.querySelector("textarea");
    const isTouched = words.value !== words.defaultValue || row.contains(document.activeElement);
    if (!waiting.delete(row.dataset.id) && !isTouched) row.remove();
  }
  for (const draft of waiting.values()) addDraft(draft);
  countDrafts();
  if (waiting.size && notice.hidden) show("A drafted answer waits for you at the top of this page.");
}

/** No webhook asks first: no look. Signed out: none either, as leaving would lose what was typed here. */
async function look() {
  lookedAt = Date.now();
  if (webhooks.querySelector("li:not([data-preview=off])") || drafts.children.length) {
    try {
      const answer = await fetch(PREVIEWS, { headers: { Accept: "application/json" } });
      if (answer.status === 401) return;
      if (!answer.ok) throw new Error(answer.status);
      showDrafts((await answer.json()).previews);
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
  }, (refusal) => showError(error, null, refusal.message));
});

// Guidance

function readGuidance() {
  const data = new FormData(guidance);
  const fields = Object.fromEntries(data);
  const areas = fields.focus_areas.split(",").map((area) => area.trim()).filter(Boolean);
  return { ...fields, focus_areas: areas, shared_with_guests: data.getAll("shared_with_guests") };
}

function showGuidance(context) {
  const { shared_with_guests: shared, ...fields } = context;
  for (const box of guidance.elements.shared_with_guests) box.checked = shared.includes(box.value);
  for (const [name, value] of Object.entries(fields)) {
    const field = guidance.elements[name];
    if (field) field.value = Array.isArray(value) ? value.join(", ") : value;
  }
  showVersion(context, "shown now");
}

function showVersion(context, words) {
  guidance.dataset.version = context.version;
  document.querySelector("#guidance-state").textContent = `Version ${context.version}, ${words}`;
  conflict.hidden = true;
}

let newer;

function save(button) {
  const error = document.querySelector("#guidance-error");
  showError(error, null, "");
  return during(button, async () => {
    const options = { body: readGuidance(), version: guidance.dataset.version };
    showVersion(await call("PUT", "/api/user/context", options), "saved just now");
  }, (refusal) => {
    if (refusal.status !== 412) return showError(error, null, refusal.message);
    newer = refusal.body.current;
    conflict.querySelector("p").textContent = refusal.message;
    conflict.hidden = false;
  });
}

guidance.addEventListener("submit", (event) => {
  event.preventDefault();
  save(event.submitter ?? guidance.querySelector("button:not([type])"));
});

conflict.addEventListener("click", (event) => {
  const action = event.target.dataset.action;
  if (action === "take-theirs") showGuidance(newer);
  if (action === "keep-mine") {
    guidance.dataset.version = newer.version;
    save(event.target);
  }
});

// What leaves for AI models

const sharing = document.querySelector("#model-sharing-form");

sharing.addEventListener("change", (event) => {
  const error = document.querySelector("#model-sharing-error");
  showError(error, null, "");
  const before = sharing.dataset.level;
  during(event.target, async () => {
    const { level, set_by: by } = await call("PUT", "/api/model-sharing", { body: { level: event.target.value } });
    sharing.dataset.level = level;
    document.querySelector("#model-sharing-by").textContent = by ? ` Chosen by ${by} just now.` : "";
    say("Saved. It counts from the next question on.");
  }, (refusal) => {
    sharing.elements.level.value = before;
    showError(error, null, refusal.message);
  });
});

// What would it have said?

const REHEARSALS = "/api/user/rehearsals";
const rehearsal = document.querySelector("#rehearsal");
const rehearsalError = document.querySelector("#rehearsal-error");
const rehearsalState = document.querySelector("#rehearsal-state");
const rehearsed = document.querySelector("#rehearsed");
const PENDING = { waiting: "Waits for its turn …", asking: "Being answered …" };
const FAILED = {
  ceiling_reached: "Not tried: the questions before it cost as much as one trial may.",
  day_spend: "Not tried: what the buddy may spend on models today is reached. Try again tomorrow.",
  worker_lost: "It was interrupted, and is not asked twice. Try again.",
};
const REHEARSAL_MS = 1000;
const SLOWEST_REHEARSAL_MS = 15_000;

/** Micro-dollars in words: rounded up to cents, as nobody decides by less. */
function inDollars(microusd) {
  if (microusd === null) return "cost not known before";
  if (microusd < 10_000) return "less than a cent";
  return `about $${(Math.ceil(microusd / 10_000) / 100).toFixed(2)}`;
}

async function offerRehearsal() {
  const offer = await call("GET", `${REHEARSALS}/offer`);
  const row = document.querySelector("#rehearsal-offer");
  row.hidden = !offer.questions || !offer.left;
  if (!offer.questions) rehearsalState.textContent = "There is no answered question of yours yet to try it on.";
  else if (!offer.left) rehearsalState.textContent = "Tried five times in 24 hours, which is the most. Try again tomorrow.";
  row.querySelector("select").replaceChildren(...offer.choices.map(({ questions, cost_microusd: cost }) => {
    const words = questions === 1 ? "Last question" : `Last ${questions}`;
    return new Option(`${words}: ${inDollars(cost)}`, questions);
  }));
}

const tellRehearsal = (refusal) => showError(rehearsalError, null, refusal.message);

rehearsal.addEventListener("toggle", () => {
  if (rehearsal.open && !rehearsed.children.length) during(rehearsal.querySelector("button"), offerRehearsal, tellRehearsal);
});

rehearsal.querySelector("button").addEventListener("click", (event) => {
  showError(rehearsalError, null, "");
  during(event.currentTarget, async () => {
    const questions = Number(document.querySelector("#rehearsal-questions").value);
    const { id } = await call("POST", REHEARSALS, { body: { guidance: readGuidance(), questions } });
    rehearsed.replaceChildren();
    await followRehearsal(id);
    await offerRehearsal();
  }, tellRehearsal);
});

/** Until it is done: also over moments in which the service cannot be reached. */
async function followRehearsal(id) {
  let wait = REHEARSAL_MS;
  for (;;) {
    try {
      const found = await call("GET", `${REHEARSALS}/${id}`);
      showRehearsal(found);
      if (found.state === "done") return;
      wait = REHEARSAL_MS;
    } catch (refusal) {
      if (!(refusal instanceof Refusal) || (refusal.status && refusal.status < 500)) throw refusal;
      rehearsalState.textContent = "The service cannot be reached at the moment. This page goes on trying.";
      wait = Math.min(2 * wait, SLOWEST_REHEARSAL_MS);
    }
    await new Promise((resolve) => setTimeout(resolve, wait));
  }
}

function showRehearsal({ state, answers, cost_microusd: cost, unpriced }) {
  for (const answer of answers) showRehearsed(answer);
  const ended = answers.filter((each) => ["done", "failed"].includes(each.state)).length;
  const dear = `It cost ${unpriced ? "at least " : ""}${inDollars(cost)}.`;
  rehearsalState.textContent = state === "done" ? `All ${answers.length} tried. ${dear}` : `${ended} of ${answers.length} tried …`;
}

function showRehearsed(answer) {
  let row = rehearsed.querySelector(`[data-number="${answer.number}"]`);
  if (!row) {
    row = document.querySelector("#rehearsed-row").content.firstElementChild.cloneNode(true);
    row.dataset.number = answer.number;
    rehearsed.append(row);
  }
  const put = (part, text) => { row.querySelector(part).textContent = text; };
  put(".file", answer.file_name || "A Figma file");
  put(".question", answer.question);
  put(".then", `Said with version ${answer.said_version}`);
  put(".said-then", answer.said || "Its words are no longer kept.");
  put(".now", answer.source === "measured" ? "Would say, by measuring alone" : "Would say");
  put(".would-say", answer.would_say || PENDING[answer.state] || FAILED[answer.code] || "It failed. Try again.");
  const pill = row.querySelector(".pill");
  pill.hidden = answer.state !== "done" || answer.would_say !== answer.said;
  pill.textContent = "The same";
}

// Where you are signed in

const SESSIONS = "/api/user/sessions";
const sessions = document.querySelector("#sessions");
const endOthers = document.querySelector("[data-action=end-others]");

function showSessions() {
  endOthers.parentElement.hidden = sessions.children.length < 2;
}

sessions.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-action=end]");
  if (!button) return;
  const row = button.closest("li");
  during(button, async () => {
    await call("DELETE", `${SESSIONS}/${row.dataset.id}`);
    row.remove();
    showSessions();
    say(`Signed out there: ${row.querySelector(".name").textContent}.`);
  });
});

endOthers.addEventListener("click", () => {
  during(endOthers, async () => {
    const { ended } = await call("DELETE", SESSIONS);
    for (const row of sessions.querySelectorAll("li:has([data-action=end])")) row.remove();
    showSessions();
    say(ended ? "You are signed out everywhere but here." : "You were signed in nowhere else.");
  });
});

// Leaving

document.querySelector("[data-action=sign-out]").addEventListener("click", (event) => {
  during(event.currentTarget, async () => {
    await call("POST", "/api/auth/logout");
    location.assign("/");
  });
});

const deletion = document.querySelector("#delete-account");
const deleteButton = deletion.querySelector("button");
const isConfirmed = () => deletion.elements.confirm.value.trim().toLowerCase() === "delete";

deletion.addEventListener("input", () => { deleteButton.disabled = !isConfirmed(); });

/** What Figma did not let us remove, and of which of it we go on trying. */
function describeLeft(left) {
  const name = (rows) => rows.map((each) => each.label).join(", ");
  const [tried, kept] = [left.filter((each) => each.is_tried), left.filter((each) => !each.is_tried)];
  const parts = ["Your account is deleted, and the buddy answers nobody for you any more."];
  if (tried.length) parts.push(`Figma did not let us remove these webhooks yet, and we go on trying for seven days: ${name(tried)}.`);
  if (kept.length) parts.push(`These webhooks stay in Figma, and what they send is ignored: ${name(kept)}.`);
  return parts.join(" ");
}

deletion.addEventListener("submit", (event) => {
  event.preventDefault();
  if (!isConfirmed()) return;
  during(deleteButton, async () => {
    const { webhooks_left: left } = await call("DELETE", "/api/user/me");
    if (left.length) alert(describeLeft(left));
    location.assign("/");
  });
});
