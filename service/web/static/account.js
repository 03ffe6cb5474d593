// The account page: its forms call the JSON API and show what came of it, without a reload.

import { Refusal, call, during, notice, say, show, showError } from "./calls.js";
import "./drafts.js";
import "./guidance.js";

const webhooks = document.querySelector("#webhooks");
const WORDS = { creating: ["Being set up", "waiting"], active: ["On", "good"], paused: ["Paused", "muted"] };
const UNHEARD = { waiting: ["Waiting for Figma", "waiting"], none: ["No word from Figma yet", "waiting"] };
const WAITING = "[data-state=active][data-contact=waiting]";
const MANAGE = "/api/webhook/manage";

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

// What leaves for AI models

const sharing = document.querySelector("#model-sharing-form");

sharing.addEventListener("change", (event) => {
  const error = document.querySelector("#model-sharing-error");
  showError(error, null, "");
  const before = sharing.dataset.level;
  during(event.target, async () => {
    const { level, set_by: by } = await call("PUT", "/api/model-sharing", { body: { level: event.target.value } });
    sharing.dataset.level = level;
    document.querySelector("#model-sharing-by").textContent = by ? ` Chosen by ${by}.` : "";
    say("Saved. It counts from the next question on.");
  }, (refusal) => {
    sharing.elements.level.value = before;
    showError(error, null, refusal.message);
  });
});

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
